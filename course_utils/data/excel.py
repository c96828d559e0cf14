"""Excel files: the sheet that is read, merged cells, and values as they are."""

import io
import zipfile

from course_utils.data.findings import shown
from course_utils.data.formats import NOT_EMPTY, TITLE_ROWS, as_cell, names_below, need
from course_utils.data.names import fitting, tidy
from course_utils.errors import DataError

ONE_SHEET = "Only the first sheet was read"


def excel_rows(open_bytes, name: str, wanted=(), findings=None) -> tuple:
    """The first sheet of an Excel file that is not hidden: columns, rows, what to note, and
    the row of the names.

    Args:
        wanted: names of columns, that of the texts first: the row that has them all is the one
            with the names.
        findings: takes the cells that were filled because they are merged.
    """
    import pandas as pd

    need("openpyxl", "an Excel file", name)
    try:
        with open_bytes() as stream:
            content = stream.read()
            book = pd.ExcelFile(io.BytesIO(content), engine="openpyxl")
            sheets = book.book.worksheets
            seen = [sheet.title for sheet in sheets if sheet.sheet_state == "visible"]
            frame = pd.read_excel(book, seen[0], header=None, dtype=object, na_filter=False)
            merged = _merged_downwards(content, seen[0])
    except Exception as problem:  # openpyxl raises what it meets: KeyError, BadZipFile, ...
        raise DataError(
            f"{name} cannot be read as an Excel file ({type(problem).__name__}): open it in your "
            "spreadsheet and save it again, as .xlsx or CSV."
        ) from None
    more = ", ".join(f"'{title}'" for title in seen[1:4]) + ", …" * (len(seen) > 4)
    move = f"; if your texts are in {more}, move that sheet to the front" * bool(more)
    only = f"{ONE_SHEET}, '{seen[0]}'{move}."
    notes = [only] if len(book.sheet_names) > 1 else []
    sheet = frame.itertuples(index=False, name=None)
    table = [[as_cell(value, "Excel") for value in row] for row in sheet]
    first = next((place for place, row in enumerate(table) if any(map(tidy, row))), None)
    if first is None:
        raise DataError(" ".join([f"{name} {NOT_EMPTY}.", *notes]))
    below = range(first, min(len(table), first + TITLE_ROWS))
    named = next(
        (place for place in below if all(fitting(name, table[place]) for name in wanted)), None
    )
    if named is None:  # so the names are others: the first row of several cells may be theirs
        named = next(
            (place for place in below if sum(map(bool, map(tidy, table[place]))) > 1), first
        )
    if named > first:
        notes.append(names_below(named + 1, table[first:named]))
        first = named
    names = [tidy(cell) for cell in table[first]]
    used = max(place for place, cell in enumerate(names, 1) if cell)
    columns = [cell or f"column {place}" for place, cell in enumerate(names[:used], 1)]
    if merged and findings is not None:
        _fill_down(table, merged, first, columns, wanted, findings)
    rows = ((number, row[:used]) for number, row in enumerate(table[first + 1 :], first + 2))
    return columns, rows, notes, first + 1


def _merged_downwards(content: bytes, title: str) -> list:
    """Cells that are merged over several rows: column, first and last row, counted from 0."""
    from openpyxl import load_workbook

    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheets = [part for part in parts.namelist() if part.startswith("xl/worksheets/")]
        if not any(b"mergeCell " in parts.read(part) for part in sheets):
            return []  # nearly always; to look closer takes memory
    sheet = load_workbook(io.BytesIO(content), data_only=True)[title]
    found = (area.bounds for area in sheet.merged_cells.ranges)
    return sorted((left - 1, top - 1, end - 1) for left, top, _, end in found if end > top)


def _fill_down(table: list, merged: list, names: int, columns: list, wanted, findings) -> None:
    """Write what stands in a merged cell into each of its rows, as a person reads it.

    Not a text: it is one, however many rows it was given. Nor in a row where nothing else stands.

    Args:
        table: the cells of all rows, which are changed in place.
        merged: as `_merged_downwards` finds them.
        names: the row with the names of the columns, counted from 0.
        wanted: the names of the columns that are used, that of the texts first.
    """
    filled = [any(map(tidy, row)) for row in table]
    for place, top, end in merged:
        if top <= names or place >= len(columns) or not tidy(table[top][place]):
            continue
        is_text = bool(wanted) and place in fitting(wanted[0], columns)
        for row in range(top + 1, min(end + 1, len(table))):
            if is_text:
                what = "the text is merged with the one above, and was read once"
                findings.note("kept", what, row + 1, table[top][place])
            elif filled[row]:
                table[row] = [*table[row]]
                table[row][place] = table[top][place]
                what = f"merged cell of the column '{shown(columns[place], 30)}', filled down"
                findings.note("repaired", what, row + 1, table[top][place])


def excel_values(content: bytes, below: int):
    """Yield the rows of the first sheet that is not hidden: of each cell its value, as a number, a
    date or a text, and how it is to be shown.

    Args:
        content: of the file.
        below: the number of the row with the names of the columns.
    """
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    sheet = next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")
    sheet.reset_dimensions()  # some programs write wrong ones
    for row in sheet.iter_rows(min_row=below + 1):
        yield [(cell.value, getattr(cell, "number_format", "General")) for cell in row]
