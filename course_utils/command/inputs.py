"""The file that is to be labelled: looked through once before any work, then read in pieces."""

import glob
import hashlib
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from course_utils.data.findings import ReadReport, shown
from course_utils.data.formats import NOT_EMPTY
from course_utils.data.half_signs import HALF_SIGN, whole_signs
from course_utils.data.labels import without_swallowed
from course_utils.data.names import INVISIBLE
from course_utils.data.packed import existing_file
from course_utils.data.read import note_no_answer, says_nothing
from course_utils.data.sources import open_table
from course_utils.errors import DataError

SAMPLE = 1_000
"""So many texts tell the language."""

PIPE = "pipe.txt"
"""Where it is kept what came through a pipe."""


@dataclass(frozen=True)
class Survey:
    """What a file holds, found by reading it once."""

    columns: list
    place: int
    """The column with the texts."""
    rows: int
    separator: str
    """Between the cells, if it is a CSV file; else empty."""
    report: ReadReport
    mark: str
    """A sha256 of its content."""
    sample: tuple = ()
    """The first texts."""
    names_row: int = 1
    """The row with the names of the columns."""
    objects: object = None
    """See `Table`."""


@contextmanager
def given(source: str, out: Path):
    """The path of the file that was given; what comes through a pipe is kept in a file meanwhile.

    Raises:
        DataError: if there is none, or it is the one that will be written.
    """
    if source != "-":
        path = existing_file(source)
        check_not_written(source, out)
        yield path
        return
    if sys.stdin.isatty():
        print("Type one text in each line; Ctrl-D (on Windows Ctrl-Z and Enter) ends.")
    _remove_left_over(out)
    # A folder that nobody else has, beside OUT: the disk that takes OUT takes this, too.
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
        path = Path(folder) / PIPE
        with path.open("wb") as kept:
            shutil.copyfileobj(sys.stdin.buffer, kept)
        yield path


def check_order(model: str, source: str, right: str) -> None:
    """Raise a DataError if a file stands where the model should, and a folder where the file."""
    if Path(model).expanduser().is_file() and Path(source).expanduser().is_dir():
        raise DataError(
            f"'{model}' is a file and '{source}' a folder: MODEL and {right.split()[2]} look "
            f"swapped; the order is {right}."
        )


def check_not_written(source: str, out: Path) -> None:
    """Raise a DataError if the file that is to be read is one that will be written."""
    path = Path(source).expanduser()
    ours = [out.with_name(out.name + end) for end in ("", ".part", ".part.json", ".lock")]
    if path.exists() and any(mine.exists() and path.samefile(mine) for mine in ours):
        raise DataError(f"'{source}' is to be read and to be written: give OUT another name.")


def _remove_left_over(out: Path) -> None:
    """Remove what a run that was killed has kept of its pipe. (Only one at a time makes `out`.)"""
    for folder in out.parent.glob(f".{glob.escape(out.name)}.????????"):
        if folder.is_dir() and [path.name for path in folder.iterdir()] == [PIPE]:
            shutil.rmtree(folder, ignore_errors=True)


def look_through(path: Path, text: str, encoding: str = None) -> Survey:
    """Read a file to its end, so that what is wrong with it is known before any work.

    Raises:
        DataError: if there is no column of that name, no row, or a row that nobody can read without
            a guess.
    """
    mark = mark_of(path)
    with open_table(path, text, encoding=encoding, as_read=True) as table:
        (place,) = places_of(table, {"--text": text})
        rows = repeated = without = 0
        sample = []
        for number, cells in table:
            rows += cells is not None
            repeated += cells is None
            if cells is not None and not readable(cells[place]):
                without += 1
                empty = not cells[place].strip()
                what = (
                    "no text" if empty else f"only '{shown(cells[place], 20)}' in place of a text"
                )
                table.findings.note("kept", f"{what}, so no answer", number)
            elif cells is not None:
                note_no_answer(cells[place], number, table.findings)
                sample += [cells[place]] * (len(sample) < SAMPLE)
    without_swallowed([], None, table)  # is there a quote that may have swallowed rows?
    table.findings.check(table.name)
    if not rows:
        raise DataError(f"{table.name} has no row below the names of its columns: add some.")
    report = ReadReport.of(table, rows + repeated, rows - without)
    separator = getattr(table.rows, "separator", "")
    about = (report, mark, tuple(sample), table.names_row, table.objects)
    return Survey(list(table.columns), place, rows, separator, *about)


def mark_of(path: Path) -> str:
    """A sha256 of the content of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def places_of(table, wanted: dict) -> list:
    """The positions of some columns.

    Args:
        table: an open one.
        wanted: option -> the name that it was given, such as {"--text": "message"}.

    Raises:
        DataError: if there is none of a name, or several; it says which there are.
    """
    for name in wanted.values():
        if table.columns.count(name) > 1:
            raise DataError(
                f"{table.name} has several columns called '{name}': rename all but one."
            )
    places = {option: table.place_of(name) for option, name in wanted.items()}
    missing = [option for option, place in places.items() if place is None]
    if not missing:
        return list(places.values())
    if not table.columns:
        raise DataError(f"{table.name} {NOT_EMPTY}.")
    names = ", ".join(f"'{shown(name, 30)}'" for name in table.columns[:8])
    more = ", …" if len(table.columns) > 8 else ""
    near = table.near([wanted[option] for option in missing])
    if len(table.columns) == 1 and len(wanted) > 1:  # a title, or what is no table
        near += (
            " (If a title stands above the names of the columns, that is no harm: with all these "
            "options right, their row is found.)"
        )
    raise DataError(
        f"{table.name} has no column {' and no column '.join(repr(wanted[x]) for x in missing)}; "
        f"its columns are {names}{more}. Say which one it is with "
        f"{' and '.join(f'{option} NAME' for option in missing)}.{near}{table.of_sheets}"
    )


def rows_of(path: Path, text: str, begin: int, encoding: str = None):
    """Yield the cells of each row, from the row number `begin` (counted from 0) on."""
    with open_table(path, text, encoding=encoding, as_read=True) as table:
        number = 0
        for _, cells in table:
            if cells is not None:  # not one that repeats the names of the columns
                if number >= begin:
                    yield cells
                number += 1


def readable(text: str) -> str:
    """A text as `read_texts` would give it to training: without signs that nobody sees.

    Nothing where a cell only says that there is no text.
    """
    if HALF_SIGN.search(text):
        text = whole_signs(text)
    clean = INVISIBLE.sub("", text).strip()
    return "" if says_nothing(clean) else clean
