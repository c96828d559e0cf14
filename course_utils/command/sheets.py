"""The file that is written: CSV piece by piece, Excel and Parquet at the end.

JSON Lines, too, are written piece by piece; at the end, if the objects of a source are kept.
"""

import csv
import io
import json
import re
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from course_utils.data.formats import INSTALL, as_cell
from course_utils.data.half_signs import whole_signs
from course_utils.data.names import INVISIBLE, name_key
from course_utils.data.sources import excel_values_of
from course_utils.errors import CourseError, MissingPackage

ANSWERS = ("label", "probability", "unsure")

NEEDS = {".csv": None, ".tsv": None, ".jsonl": None, ".parquet": "pyarrow", ".xlsx": "openpyxl"}
"""What can be written, and with which package."""

EXCEL_ROWS, EXCEL_LETTERS = 1_048_576, 32_767
"""The most rows of a sheet, and letters of a cell, that Excel takes."""

NUMBER = re.compile(r"0|-?[1-9]\d{0,14}")
"""A whole number that is the same again as text."""

AT_ONCE = 8_192
"""Rows that are in memory while they are converted."""


def check_format(out: Path) -> None:
    """Raise a CourseError unless a file of that name can be written here."""
    kind = out.suffix.lower()
    if kind not in NEEDS:
        raise CourseError(
            f"'{out.name}' does not say what it is to be: let its name end with one of "
            f"{', '.join(NEEDS)}."
        )
    if NEEDS[kind] and find_spec(NEEDS[kind]) is None:
        raise MissingPackage(
            f"To write {kind}, the package {NEEDS[kind]} is needed: run `{INSTALL}`, or write .csv."
        )


def answer_names(columns: list, nested: bool = False) -> list:
    """The names of the three new columns: with `predicted_` in front if a name is taken.

    Args:
        nested: is `a.b` what stands in an object `a`? Then `a` is taken as well.
    """
    taken, names = {name_key(name) for name in columns}, []
    taken |= {name_key(name.partition(".")[0]) for name in columns if nested}
    for name in ANSWERS:
        if name in taken:
            name = f"predicted_{name}"
        names.append(_free(name, taken))
        taken.add(names[-1])
    return names


def _free(name: str, taken) -> str:
    """The name itself, or with the first number that makes it a new one."""
    free, number = name, 2
    while name_key(free) in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _different(columns: list) -> list:
    """The names of the columns, a second of the same name with a number behind it."""
    names = []
    for name in columns:
        names.append(name if name not in names else _free(name, set(map(name_key, names))))
    return names


class Sheet:
    """How rows become bytes.

    Args:
        kind: ".csv", ".tsv", ".jsonl", ".parquet" or ".xlsx".
        columns: the names of all columns, the three new ones last.
        separator: between the cells of a CSV file.
        source: the file that is labelled; from Parquet to Parquet, and from Excel to Excel, the
            cells keep their kinds.
        names_row: the row with the names of the columns there.
        place: the column with the texts.
        objects: yields the objects of a JSON file; in JSON Lines they stay as they are.
        labels: that the model knows; if all are whole numbers, they are numbers in Excel, too.
    """

    def __init__(
        self,
        kind,
        columns,
        separator=",",
        source: Path = None,
        names_row=1,
        place=None,
        objects=None,
        labels=(),
    ):
        self.kind, self.columns, self.source = kind, columns, source
        self.names_row, self.place = names_row, place
        self.objects = objects if kind == ".jsonl" else None
        self.numbers = bool(labels) and all(map(NUMBER.fullmatch, labels))
        self.separator = "\t" if kind == ".tsv" else separator
        if kind in (".jsonl", ".parquet"):
            self.columns = _different(columns)

    def head(self) -> bytes:
        """What stands before the first row."""
        if self.kind == ".csv":  # Excel knows UTF-8 by this mark only
            return "\ufeff".encode() + self.lines([self.columns])
        return self.lines([self.columns]) if self.kind == ".tsv" else b""

    def lines(self, rows: list) -> bytes:
        """Whole rows. A cell is text, a number, True, False, or None for nothing."""
        return _encoded(self._table(rows) if self.kind in (".csv", ".tsv") else self._objects(rows))

    def _table(self, rows: list) -> str:
        if self.separator == ";":
            rows = [[_with_comma(cell) for cell in row] for row in rows]
        held = io.StringIO(newline="")
        # With both signs at the end of a row, Python puts quotes around cells that hold one.
        csv.writer(held, delimiter=self.separator, lineterminator="\r\n").writerows(rows)
        return held.getvalue()

    def _objects(self, rows: list) -> str:
        """One object in each line; a list, if that is to be converted at the end."""
        if not self.converts:
            rows = [dict(zip(self.columns, row, strict=True)) for row in rows]
        return "".join(map(_json_line, rows))

    @property
    def converts(self) -> bool:
        """Is the file made at the end only?"""
        return self.kind in (".parquet", ".xlsx") or self.objects is not None

    def convert(self, part: Path, target: Path) -> None:
        """Make the file of the lines that were written; some thousand rows are in memory."""
        with part.open(encoding="utf-8", newline="\n") as lines:
            rows = (json.loads(line) for line in lines)
            if self.kind == ".xlsx":
                values = excel_values_of(self.source, self.names_row) if self.source else None
                _write_excel(self.columns, rows, target, values, self.place, self.numbers)
            elif self.objects:
                _add_to_objects(self.objects(), self.columns, rows, target)
            elif self.source and self.source.suffix.lower() == ".parquet":
                _add_to_parquet(self.source, self.columns, rows, target)
            else:
                _write_parquet(self.columns, rows, target)


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # half an emoji
        return whole_signs(text).encode()


def _json_line(item) -> str:
    return json.dumps(item, ensure_ascii=False) + "\n"


def _add_to_objects(objects, columns: list, rows, target: Path) -> None:
    """The objects of a JSON file as they are, each with its answers behind the rest."""
    names = columns[-len(ANSWERS) :]
    with target.open("wb") as stream:
        for item, row in zip(objects, rows, strict=True):
            answers = dict(zip(names, row[-len(ANSWERS) :], strict=True))
            stream.write(_encoded(_json_line(item | answers)))


def _with_comma(cell):
    """A number as Excel writes it in countries where CSV files have semicolons."""
    return str(cell).replace(".", ",") if isinstance(cell, float) else cell


def _write_parquet(columns: list, rows, target: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = [pa.field(name, pa.string()) for name in columns[: -len(ANSWERS)]]
    schema = pa.schema([*texts, *_answer_fields(columns)])
    with pq.ParquetWriter(target, schema) as writer:
        for piece in in_pieces(rows, AT_ONCE):
            writer.write_table(pa.Table.from_arrays(_arrays(piece, schema), schema=schema))


def _add_to_parquet(source: Path, columns: list, rows, target: Path) -> None:
    """The rows of a Parquet file as they are, each with its answers behind it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file, answers = pq.ParquetFile(source), _answer_fields(columns)
    old = [field.with_name(name) for field, name in zip(file.schema_arrow, columns, strict=False)]
    schema = pa.schema([*old, *answers], metadata=file.schema_arrow.metadata)
    with pq.ParquetWriter(target, schema) as writer:
        for batch in file.iter_batches(AT_ONCE):
            behind = [row[-len(ANSWERS) :] for row in islice(rows, len(batch))]
            new = _arrays(behind, pa.schema(answers))
            writer.write_table(pa.Table.from_arrays([*batch.columns, *new], schema=schema))


def _answer_fields(columns: list) -> list:
    """The names and kinds of the three new columns."""
    import pyarrow as pa

    kinds = (pa.string(), pa.float64(), pa.bool_())
    return [pa.field(*pair) for pair in zip(columns[-len(ANSWERS) :], kinds, strict=True)]


def _arrays(rows: list, schema) -> list:
    """Rows as columns of Arrow."""
    import pyarrow as pa

    columns = zip(*rows, strict=True)
    return [pa.array(cells, field.type) for cells, field in zip(columns, schema, strict=True)]


WIDE, USUAL = 60, 20
"""The widths of the columns in an Excel file, in letters: that of the texts, and the others."""


def _write_excel(columns: list, rows, target: Path, values, place: int, numbers: bool) -> None:
    """Write all rows.

    Args:
        values: the rows of an Excel file, whose numbers and dates stay what they are; or None.
        place: the column with the texts.
        numbers: are the labels whole numbers?
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("predictions")

    def cell(value):
        if not isinstance(value, str) or not value:
            return None if value == "" else value
        made = WriteOnlyCell(sheet, INVISIBLE.sub("", value)[:EXCEL_LETTERS])
        made.data_type = "s"  # text, even if it begins with "=": never a formula
        return made

    def as_it_was(text, value, shown_as: str):
        """A number or a date of the source, if it is what was read as this text; or an error."""
        if isinstance(value, str) and value and not text:  # #N/A: to a reader it is empty
            return value
        if value is None or isinstance(value, str) or as_cell(value, "Excel") != text:
            return cell(text)
        made = WriteOnlyCell(sheet, value)
        made.number_format = shown_as
        return made

    for number in range(len(columns)):
        width = WIDE if number == place else USUAL
        sheet.column_dimensions[get_column_letter(number + 1)].width = width
    sheet.append([cell(name) for name in columns])
    for row in rows:
        if numbers and row[-len(ANSWERS)]:
            row[-len(ANSWERS)] = int(row[-len(ANSWERS)])
        before = next(values, []) if values else []
        kept = [
            as_it_was(text, *was) for text, was in zip(row[: -len(ANSWERS)], before, strict=False)
        ]
        sheet.append([*kept, *map(cell, row[len(kept) :])])
    book.save(target)


def in_pieces(items, size: int):
    """Yield lists of so many items; the last one may be shorter."""
    piece = []
    for item in items:
        piece.append(item)
        if len(piece) == size:
            yield piece
            piece = []
    if piece:
        yield piece
