"""Your own texts, from a CSV file."""

import csv
import io
import re
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from course_utils import files
from course_utils.data.splits import plain
from course_utils.data.texts import LabeledTexts
from course_utils.errors import DataError, did_you_mean


def from_csv(path, text: str = "text", label: str = "label", label_names=None) -> LabeledTexts:
    """Your own texts from a CSV file with one text and one label per row.

    The columns may be separated by commas, semicolons or tabs, as spreadsheets write them. Other
    columns may stand beside the two; empty rows are left out.

    Args:
        path: of the file. Its first row holds the names of the columns; it is saved as UTF-8.
        text, label: the names of the two columns that are used.
        label_names: the labels that may occur; by default those that do, in alphabetical order.

    Returns:
        A `LabeledTexts`; `split` makes train, validation and test of it.

    Raises:
        DataError: if something is wrong; it names the row as a spreadsheet counts (the names of
            the columns are row 1) and the column.
    """
    if not (isinstance(text, str) and isinstance(label, str)) or text == label:
        raise DataError("text and label: expected the names of two different columns.")
    path = _csv_file(path)
    known = _checked_names(label_names)
    with _cells_of_any_length():
        rows = _read_table(path, text, label)
    for number, *cells in rows:
        for column, cell in zip((text, label), cells, strict=True):
            where = f"{path.name}, row {number}, column '{column}'"
            if not cell:
                raise DataError(f"{where} is empty: fill it in, or delete the row.")
            if NOT_UTF8.search(cell):
                raise DataError(f"{where} holds a letter that is not UTF-8: {SAVE_AGAIN}.")
        if known and cells[1] not in known:
            raise DataError(
                f"{where}: {_short(cells[1])} is not one of {', '.join(known)}."
                + did_you_mean(cells[1], known)
            )
    names = known or _names_of(rows, path.name, label)
    _check_contradictions(rows, path.name, label)
    numbers = [names.index(name) for _, _, name in rows]
    return LabeledTexts([words for _, words, _ in rows], numbers, names, path.stem)


def example_csv() -> Path:
    """The path of a CSV file of our own: 120 messages to a library, in three classes."""
    return files.shipped("library_messages.csv")


SAVE_AGAIN = 'open it in your spreadsheet and save it again as "CSV UTF-8"'


NOT_UTF8 = re.compile("[\udc80-\udcff]")
"""What a byte that is not UTF-8 becomes when it is read with errors="surrogateescape"."""


def _csv_file(path) -> Path:
    """The path of a file that is there; if not, say what is."""
    if not isinstance(path, (str, Path)):
        raise DataError(f"Expected the path of a CSV file, found a {type(path).__name__}.")
    try:
        path = Path(path).expanduser()
    except RuntimeError:  # ~somebody who has no home here
        raise DataError(f"There is no folder '{path}': give the path without ~.") from None
    folder = path if path.is_dir() else path.parent
    near = ", ".join(sorted(file.name for file in folder.glob("*.csv"))[:5])
    if path.is_dir():
        raise DataError(
            f"'{path}' is a folder, expected a CSV file: add the name of the file"
            + (f" (there are {near})." if near else ".")
        )
    if not path.is_file():
        raise DataError(
            f"There is no file '{path}': give its path as seen from the folder of this notebook"
            + (f" (CSV files there: {near})." if near else ".")
        )
    return path


def _checked_names(label_names) -> list | None:
    if label_names is None:
        return None
    if isinstance(label_names, str) or not hasattr(label_names, "__iter__"):
        raise DataError(f"label_names={label_names!r}: expected a list of at least two names.")
    names = [str(name).strip() for name in label_names]
    if len(names) < 2 or len(set(names)) < len(names):
        raise DataError(f"label_names={names}: expected at least two names, each once.")
    return names


@contextmanager
def _cells_of_any_length():
    """Within the block, `csv` reads a whole book from one cell: a BERT reads its beginning.

    The limit is one for all of Python, so it is put back.
    """
    before = csv.field_size_limit(2**31 - 1)  # more does not fit everywhere
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _read_table(path: Path, text: str, label: str) -> list:
    """The rows of a CSV file: number as in a spreadsheet, text, label. Empty rows are left out."""
    content = _read_csv_text(path)
    separator = _separator(content, text, label)
    table = _parse(content, separator, path.name)
    columns = [name.strip() for name in next(table, [])]
    _check_columns(columns, path.name, text, label)
    places = columns.index(text), columns.index(label)
    rows = []
    for number, cells in enumerate(table, start=2):
        if any(cell.strip() for cell in cells[len(columns) :]):
            raise DataError(
                f"{path.name}, row {number}, has {len(cells)} columns, expected {len(columns)}: "
                f"put a text that contains '{separator}' between double quotes."
            )
        if any(cell.strip() for cell in cells):  # spreadsheets leave empty rows at the end
            cells += [""] * (len(columns) - len(cells))
            rows.append((number, *(cells[place].strip() for place in places)))
    if not rows:
        raise DataError(f"{path.name} has no row below the names of its columns: add some.")
    return rows


def _read_csv_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise DataError(
            f"{path.name} cannot be read ({problem.strerror}): is it open in another program?"
        ) from None
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):  # .xlsx, .ods; .xls
        raise DataError(f"{path.name} is a spreadsheet, not a CSV file: {SAVE_AGAIN}.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        raise DataError(f"{path.name} is not UTF-8 (UTF-16, perhaps): {SAVE_AGAIN}.")
    return content.decode("utf-8-sig", errors="surrogateescape")


def _separator(content: str, text: str, label: str) -> str:
    """The sign between the columns: the one that finds both columns, or else the most of them."""

    def found(separator):
        try:
            header = next(csv.reader(io.StringIO(content, newline=""), delimiter=separator), [])
        except csv.Error:  # a quote that is never closed: `_parse` says so
            return 0, 0
        names = {name.strip() for name in header}
        return len({text, label} & names), len(header)

    return max(",;\t", key=found)


def _parse(content: str, separator: str, file: str):
    """Yield the rows of a CSV file; quotes that do not fit are an error, not a guess."""
    table = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)
    row = 0
    while True:
        row += 1
        try:
            yield next(table)
        except StopIteration:
            return
        except csv.Error:
            raise DataError(
                f"{file}, row {row}, has a double quote out of place: put the whole text between "
                'double quotes, and write each quote inside it twice, like "".'
            ) from None


def _check_columns(columns: list, file: str, text: str, label: str) -> None:
    if NOT_UTF8.search("".join(columns)):
        raise DataError(f"{file}, row 1 (the names of the columns), is not UTF-8: {SAVE_AGAIN}.")
    shown = ", ".join(name[:30] or "(no name)" for name in columns[:8])
    if len(columns) == 1:
        shown += " (only one: commas, semicolons or tabs stand between columns)"
    if not any(columns):
        raise DataError(
            f"{file}, row 1, is empty: it must hold the names of the columns, for instance "
            f"{text},{label}."
        )
    if not {text, label} & set(columns):
        raise DataError(
            f"{file}, row 1, must hold the names of the columns, '{text}' and '{label}' among "
            f"them; found {shown}. If yours have other names, say "
            'from_csv(..., text="...", label="...").'
        )
    for kind, wanted in (("text", text), ("label", label)):
        if columns.count(wanted) > 1:
            raise DataError(
                f"{file}, row 1, names the column '{wanted}' {columns.count(wanted)} times: rename "
                "all but one."
            )
        if wanted not in columns:
            raise DataError(
                f"{file}, row 1, names the columns {shown}; expected one called '{wanted}': "
                f'rename yours, or say from_csv(..., {kind}="its name").'
            )


def _names_of(rows: list, file: str, column: str) -> list:
    """The names of the labels in alphabetical order, if they look like labels."""
    counts = Counter(label for _, _, label in rows)
    first = {}
    for number, _, label in rows:
        first.setdefault(label, number)
    where = f"{file}, column '{column}'"
    if len(counts) == 1:
        raise DataError(f"{where}: every row says {_short(rows[0][2])}; expected at least two.")
    same = {}
    for label in first:
        other = same.setdefault(plain(label), label)
        if other != label:
            raise DataError(
                f"{file}, row {first[label]}, column '{column}': {_short(label)} is written "
                f"{_short(other)} in row {first[other]}: use one spelling."
            )
    if len(rows) >= 10 and 2 * len(counts) > len(rows):
        raise DataError(
            f"{where}: {len(counts)} different labels in {len(rows)} rows; expected a few that "
            "come again and again: is it the right column?"
        )
    rarest, times = counts.most_common()[-1]
    if times < 3:
        raise DataError(
            f"{file}, row {first[rarest]}, column '{column}': {_short(rarest)} stands on {times} "
            f"of {len(rows)} rows, too few to learn from: correct it, add rows, or delete it."
            + did_you_mean(rarest, [name for name in counts if counts[name] > times])
        )
    return sorted(counts)


def _check_contradictions(rows: list, file: str, column: str) -> None:
    """The same text must not have two labels: no model can be right on both."""
    first, clashes = {}, []
    for number, words, label in rows:
        before = first.setdefault(plain(words), (number, label))
        if before[1] != label:
            clashes.append((number, label, *before))
    if clashes:
        number, label, other_number, other = clashes[0]
        more = f" ({len(clashes) - 1} more like this)" if len(clashes) > 1 else ""
        raise DataError(
            f"{file}, row {number}, column '{column}' says {_short(label)}, but row {other_number} "
            f"has the same text with {_short(other)}: keep one of them{more}."
        )


def _short(cell: str) -> str:
    return repr(cell if len(cell) <= 40 else cell[:40] + "…")
