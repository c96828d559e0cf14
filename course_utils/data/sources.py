"""Any table that somebody brings, row by row: the cells as text, and where they stand."""

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import compress, islice

from course_utils.data import excel, formats
from course_utils.data.csv_rows import CsvRows, cells_of_any_length
from course_utils.data.encodings import HEAD, decoded, encoding_of
from course_utils.data.findings import Findings
from course_utils.data.named_encoding import named_encoding
from course_utils.data.names import columns_near, fitting, name_key, taken_for, tidy
from course_utils.data.packed import ZIP, existing_file, unpacked

SOME = 1_000
"""Rows that tell whether a column is empty."""


@dataclass
class Table:
    """An open table. Walk through it once: `for number, cells in table`."""

    name: str
    """Of the file, without what packed it."""
    columns: list
    """The names of the columns."""
    rows: object
    """Yields the number of a row, as a spreadsheet counts (the names of the columns are row 1),
    and as many cells as there are columns, all of them text. None stands for the cells of a row
    that repeats the names of the columns."""
    notes: list = field(default_factory=list)
    """What holds for the whole file, such as its encoding: sentences."""
    findings: Findings = field(default_factory=Findings)
    """What was found in single rows so far."""
    names_row: int = 1
    """The row with the names of the columns."""
    objects: object = None
    """Of JSON: yields the objects of the rows as they are, with all that is nested in them."""

    def __iter__(self):
        return iter(self.rows)

    @property
    def of_sheets(self) -> str:
        """For an error: that a workbook has other sheets, too."""
        return "".join(f" {note}" for note in self.notes if note.startswith(excel.ONE_SHEET))

    def place_of(self, wanted: str):
        """The position of the only column that `fitting` finds. None if there is none."""
        places = fitting(wanted, self.columns)
        if len(places) != 1:
            return None
        self.notes += filter(None, [taken_for(wanted, self.columns[places[0]])])
        return places[0]

    def near(self, wanted: list) -> str:
        """For an error: the columns that may be meant. One without anything in it is not."""
        rows = [cells for _, cells in islice(self.rows, SOME) if cells]
        filled = [any(tidy(row[place]) for row in rows) for place in range(len(self.columns))]
        names = list(compress(self.columns, filled)) or self.columns
        return "".join(columns_near(name, names) for name in wanted)


@contextmanager
def open_table(source, text: str = "text", label: str = None, encoding: str = None, as_read=False):
    """Open a table, whatever it is; a context manager that gives a `Table`.

    A CSV file, JSON Lines, Parquet and plain lines are read piece by piece, so they may be longer
    than the memory.

    Args:
        source: the path of a CSV or TSV file, JSON Lines, JSON, an Excel file (.xlsx), Parquet, or
            plain lines (.txt); it may be packed (.gz, .bz2, .xz, or .zip with one file). Or a
            pandas DataFrame.
        text, label: the columns that will be used: a separator is right if it finds them.
        encoding: of a text file, if it is known; by default it is recognised.
        as_read: leave "\\N" of a database as it is, except in the text. By default it is empty.

    Raises:
        DataError: if it is not there, cannot be read, or is no table; MissingPackage: if a package
            for its format is not installed.
    """
    if hasattr(source, "columns") and hasattr(source, "itertuples"):
        columns, rows = formats.frame_rows(source)
        yield Table("the DataFrame", columns, rows)
        return
    wanted = (text, label or text)
    path = existing_file(source)
    name, open_bytes = unpacked(path)
    with open_bytes() as stream:
        head = stream.read(HEAD)
    if head.startswith(ZIP):
        findings = Findings()
        columns, rows, notes, row = excel.excel_rows(open_bytes, name, wanted, findings)
        yield Table(name, columns, rows, notes, findings, row)
    elif head.startswith(b"PAR1"):
        with open_bytes() as stream:
            columns, rows = formats.parquet_rows(stream, name)
            yield Table(name, columns, rows)
    else:
        if encoding:
            codec, note = named_encoding(open_bytes, encoding, name)
        else:
            codec, note = encoding_of(open_bytes, name)
        with _text_table(open_bytes, codec, name, text, label, as_read) as table:
            table.notes += [note] if note else []
            yield table


def excel_values_of(path, below: int):
    """The values of an Excel file as they are (see `excel_values`); None if it is another file."""
    _, open_bytes = unpacked(existing_file(path))
    with open_bytes() as stream:
        content = stream.read()
    return excel.excel_values(content, below) if content.startswith(ZIP) else None


def _text_opener(open_bytes, codec: str) -> tuple:
    """The beginning of a text file, and a function that opens it.

    Lines end with a line feed only (or, in files of old Macs, with a carriage return), so that a
    carriage return in the middle of a text is seen.
    """
    with open_bytes() as stream:
        beginning = decoded(stream, codec, newline="").read(HEAD)
    end = "\r" if "\r" in beginning and "\n" not in beginning else "\n"

    @contextmanager
    def opened():
        with open_bytes() as stream:
            yield decoded(stream, codec, newline=end)

    return beginning, opened


@contextmanager
def _text_table(open_bytes, codec: str, name: str, text: str, label: str, as_read: bool):
    """A table in a text file: JSON, plain lines, or CSV."""
    beginning, opened = _text_opener(open_bytes, codec)
    start, findings = beginning.lstrip("\ufeff \t\r\n"), Findings()
    lines = start.startswith("{") and _has_json_lines(opened, name)
    if lines:
        columns, rows, objects = formats.json_lines(opened, name, findings)
        yield Table(name, columns, rows, findings=findings, objects=objects)
        return
    with opened() as stream, cells_of_any_length():
        if re.match(r'\[\s*\{\s*"', start) or (start[:1] in ("[", "{") and _called_json(name)):
            columns, rows, objects = formats.json_rows(stream, name)
            yield Table(name, columns, rows, objects=objects)
        elif name.lower().endswith(".txt") and label is None and not _names(start, text):
            rows = ((number, [line.rstrip("\r\n")]) for number, line in enumerate(stream, 1))
            yield Table(name, [text], rows, ["Every line is one text."])
        else:
            rows = CsvRows(stream, beginning, findings, text, label, as_read)
            yield Table(name, rows.columns, rows, rows.notes, findings, rows.names_row)


def _called_json(name: str) -> bool:
    return name.lower().endswith((".json", ".jsonl", ".ndjson"))


def _has_json_lines(opened, name: str) -> bool:
    """Is the first line an object? If it is the only one, a .json file is one object."""
    with opened() as stream:
        lines = (line.strip("\ufeff \t\r\n") for line in stream)
        first, second = [*islice(filter(None, lines), 2), ""][:2]
    return _is_object(first) and bool(second or not name.lower().endswith(".json"))


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _names(start: str, text: str) -> bool:
    """Does the first line look like the names of columns, one of them `text`?"""
    first = start.splitlines()[0] if start else ""
    return name_key(text) in [name_key(cell.strip("\"' ")) for cell in re.split("[,;\t|]", first)]
