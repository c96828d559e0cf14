"""Tables that are not CSV: the columns, and the rows with each cell as text."""

import json
import math
from collections.abc import Mapping
from datetime import date, datetime

from course_utils.data.findings import shown
from course_utils.data.names import tidy
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


def parquet_rows(stream, name: str) -> tuple:
    """The columns of a Parquet file, and its rows, some thousands of them in memory at a time."""
    need("pyarrow", "a Parquet file", name)
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
    """The columns of a JSON Lines file, those of all its objects; its rows, one per line; and what
    yields the objects as they are.

    Args:
        open_stream: opens the file, once for the names of the columns and once for the rows.
        findings: takes the lines that are no objects.
    """
    columns = {}
    with open_stream() as stream:
        for _, item in _objects(stream, findings):
            columns |= dict.fromkeys(flat(item))

    def rows():
        with open_stream() as stream:
            for number, item in _objects(stream):
                yield number, _cells(item, columns)

    def objects():
        with open_stream() as stream:
            yield from (item for _, item in _objects(stream))

    return list(columns), rows(), objects


def _cells(item: dict, columns) -> list:
    """An object as a row of cells."""
    item = flat(item)
    return [as_cell(item.get(column), "JSON") for column in columns]


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
            yield number, item
        elif findings is not None:
            what = 'not an object, expected one in each line, such as {"text": "..."}'
            findings.note("refused", what, number, line)


def json_rows(stream, name: str) -> tuple:
    """The columns and rows of a JSON file, and its objects: a list, alone or under one key."""
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
    columns = list(dict.fromkeys(key for item in found for key in flat(item)))
    rows = ((number, _cells(item, columns)) for number, item in enumerate(found, start=1))
    return columns, rows, lambda: iter(found)


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


def need(package: str, what: str, name: str) -> None:
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise MissingPackage(
            f"{name} is {what}, and the package {package} is not installed: run `{INSTALL}`, or "
            "save it as CSV."
        )
