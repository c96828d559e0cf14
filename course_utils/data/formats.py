"""Tables that are not CSV: the columns, and the rows with each cell as text."""

import io
import json
import math
import zipfile
from collections.abc import Mapping
from datetime import date, datetime

from course_utils.data.findings import shown
from course_utils.data.names import name_key, tidy
from course_utils.errors import DataError, MissingPackage

INSTALL = 'pip install "bert-transfer-course[tables]"'

TITLE_ROWS = 20
"""So many rows may stand above the names of the columns: a title, a date, remarks."""


YES_NO = {
    "Excel": {True: "TRUE", False: "FALSE"},
    "JSON": {True: "true", False: "false"},
    "Python": {True: "True", False: "False"},
}
"""How a person sees yes and no in such a table, and how it stands in a CSV file made of it."""

SHORT = ("float16", "float32")
"""Numbers with so few digits that Python's own, with 16 digits, show more than was ever meant."""

NOT_EMPTY = "is empty: it must hold the names of the columns, and rows below them"


def names_below(number: int, above: list) -> str:
    """What to note if the names of the columns stand in this row, and these rows above it."""
    said = next(cell for row in above for cell in row if tidy(cell))
    return (
        f"The names of the columns stand in row {number}; what stands above was not read: "
        f"'{shown(said, 40)}'{' and more' * (sum(bool(tidy(c)) for r in above for c in r) > 1)}."
    )


def as_cell(value, seen_in: str = "Python") -> str:
    """One value of a table as text; nothing for what is missing (None, NaN, NaT).

    A whole number that became a float, because a cell of its column is empty, is whole again. A
    date is written as in ISO 8601.

    Args:
        seen_in: "Excel", "JSON" or "Python": each writes yes and no in its own way.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return YES_NO[seen_in][value]
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        at_midnight = value == value and not (value.hour or value.minute or value.second)
        return str(value.date() if at_midnight else value).replace("NaT", "")
    if isinstance(value, date | int):
        return str(value)
    if str(getattr(value, "dtype", "")) in SHORT and not getattr(value, "ndim", 0):
        return as_cell(float(str(value)))  # 0.1, and not the 0.10000000149 that it is to Python
    if hasattr(value, "tolist"):  # what numpy holds, one number or several
        value = value.tolist()
        return json.dumps(value) if isinstance(value, list) else as_cell(value, seen_in)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple | Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if str(value) in ("<NA>", "NaT") else str(value)


def frame_rows(frame) -> tuple:
    """The columns of a DataFrame, and its rows, numbered as in a spreadsheet made of it."""
    columns = [tidy(str(name)) for name in frame.columns]
    values = [_values(frame.iloc[:, place]) for place in range(len(columns))]
    rows = (
        (number, [as_cell(value) for value in row])
        for number, row in enumerate(zip(*values, strict=True), start=2)
    )
    return columns, rows


def _values(column):
    """The values of a column; short numbers stay short, which a Series makes long ones."""
    kind = getattr(column.dtype, "categories", column).dtype  # of the categories, if it has some
    short = str(kind).lower()
    return column.to_numpy(dtype=short, na_value=math.nan) if short in SHORT else column


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

    _need("openpyxl", "an Excel file", name)
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
    keys = {name_key(name) for name in wanted}
    below = range(first, min(len(table), first + TITLE_ROWS))
    named = next((place for place in below if keys <= set(map(name_key, table[place]))), None)
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
        is_text = bool(wanted) and name_key(columns[place]) == name_key(wanted[0])
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


def parquet_rows(stream, name: str) -> tuple:
    """The columns of a Parquet file, and its rows, some thousands of them in memory at a time."""
    _need("pyarrow", "a Parquet file", name)
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(stream if stream.seekable() else pa.BufferReader(stream.read()))
    except (pa.ArrowException, OSError) as problem:
        raise DataError(
            f"{name} cannot be read as a Parquet file ({str(problem).splitlines()[0]}): download "
            "or save it again."
        ) from None
    columns = [tidy(column) for column in file.schema_arrow.names]

    def rows():
        number = 1
        for batch in file.iter_batches(4_096):
            for row in zip(*map(_listed, batch.columns), strict=True):
                number += 1
                yield number, [as_cell(value) for value in row]

    return columns, rows()


def _listed(column) -> list:
    """The values of a column of Parquet; short numbers stay short, as in `frame_rows`."""
    if hasattr(column, "dictionary"):
        column = column.dictionary_decode()
    short = str(column.type) in ("halffloat", "float")  # as Arrow calls them
    return list(column.to_numpy(zero_copy_only=False)) if short else column.to_pylist()


def json_lines(open_stream, name: str, findings) -> tuple:
    """The columns of a JSON Lines file, those of all its objects; and its rows, one per line.

    Args:
        open_stream: opens the file, once for the names of the columns and once for the rows.
        findings: takes the lines that are no objects.
    """
    columns = {}
    with open_stream() as stream:
        for _, item in _objects(stream, findings):
            columns |= dict.fromkeys(item)

    def rows():
        with open_stream() as stream:
            for number, item in _objects(stream):
                yield number, [as_cell(item.get(column), "JSON") for column in columns]

    return list(columns), rows()


def _objects(stream, findings=None):
    """Yield the number of each line, and its object. Blank lines are no rows."""
    for number, line in enumerate(stream, start=1):
        line = line.strip("\ufeff \t\r\n")
        if not line:
            continue
        try:
            item = json.loads(line)
        except ValueError:
            item = None
        if isinstance(item, dict):
            yield number, flat(item)
        elif findings is not None:
            what = 'not an object, expected one in each line, such as {"text": "..."}'
            findings.note("refused", what, number, line)


def json_rows(stream, name: str) -> tuple:
    """The columns and rows of a JSON file: a list of objects, alone or under one key."""
    expected = 'expected a list of objects, [{"text": "...", "label": "..."}, ...]'
    try:
        found = json.loads(stream.read().lstrip("\ufeff"))
    except ValueError as problem:
        raise DataError(f"{name} is not valid JSON ({problem}): {expected}.") from None
    if _maps(found):
        lists = {key: value for key, value in found.items() if _are_objects(value)}
        if len(lists) > 1:  # the answer of a server: its rows, and what it says about them
            lists = {key: lists[key] for key in lists if key in ("rows", "data")}
        found = next(iter(lists.values())) if len(lists) == 1 else [found]
    if _are_objects(found) and all(_maps(item.get("row")) for item in found):
        found = [item["row"] for item in found]  # as the server of Hugging Face's data sets answers
    if not _are_objects(found):
        raise DataError(f"{name} holds JSON in another shape: {expected}.")
    found = list(map(flat, found))
    columns = list(dict.fromkeys(key for item in found for key in item))
    rows = (
        (number, [as_cell(item.get(column), "JSON") for column in columns])
        for number, item in enumerate(found, start=1)
    )
    return columns, rows


def flat(item: dict, before: str = "") -> dict:
    """An object without objects in it: {"data": {"text": "a"}} is {"data.text": "a"}."""
    result = {}
    for key, value in item.items():
        inside = flat(value, f"{before}{key}.") if _maps(value) else {before + key: value}
        result |= inside
    return result


def _maps(found) -> bool:
    return isinstance(found, dict)


def _are_objects(value) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_maps, value))


def _need(package: str, what: str, name: str) -> None:
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise MissingPackage(
            f"{name} is {what}, and the package {package} is not installed: run `{INSTALL}`, or "
            "save it as CSV."
        )
