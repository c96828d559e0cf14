"""A folder of Parquet files that grows beside OUT, for `predict --engine ray`.

Until all rows are done, `OUT.part` (the rows, and which are done) and `OUT.part.json` (what they
depend on) lie there. Then OUT appears, whole.
"""

import json
import os
import shutil
from collections import Counter
from pathlib import Path

from course_utils.command.inputs import places_of
from course_utils.command.sheets import NEEDS
from course_utils.data.sources import open_table
from course_utils.errors import CourseError, DataError

ID = "row_hash"
"""The column that Ray makes of a file's path and a row's number: a row has the same in each run.
(A column of the user's own might hold a value twice, and then a row would be lost.)"""


def files_of(source: str) -> list:
    """The Parquet file that was given, or those in the folder that was given."""
    path = Path(source).expanduser().resolve()
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files or not all(file.is_file() and file.suffix == ".parquet" for file in files):
        raise DataError(
            f"'{source}' is no .parquet file, and no folder with such files; --engine ray reads "
            "nothing else: give one, or leave --engine ray out."
        )
    return files


def free(name: str) -> Path:
    """The path of the folder that will be written. Nothing that is there is ever replaced."""
    out = Path(name).expanduser().resolve()
    if out.suffix.lower() in NEEDS:
        raise CourseError(
            f"--engine ray writes a folder of Parquet files: give OUT a name without {out.suffix}."
        )
    if not out.parent.is_dir():
        raise CourseError(f"There is no folder '{out.parent}': make it first.")
    if out.exists():
        raise CourseError(
            f"'{out.name}' is there already. If a run made it, all rows are in it. To label them "
            "again, move it away, or choose another name."
        )
    return out


def look_through(files: list, text: str) -> tuple:
    """The names of the columns, that of the one with the texts, and the number of rows.

    Raises:
        DataError: if there is no such column, there is no row, or the files differ.
    """
    import pyarrow.parquet as pq

    first, rows = None, 0
    for file in files:
        with open_table(file, text) as table:
            (place,) = places_of(table, {"--text": text})
        schema, rows = pq.read_schema(file), rows + pq.read_metadata(file).num_rows
        first = first or schema
        if not schema.equals(first):
            raise DataError(
                f"{file.name} has other columns than {files[0].name}, or other kinds of cells in "
                "them: give one after the other."
            )
    if ID in first.names:
        raise DataError(f"There is a column '{ID}', and Ray makes one: give it another name.")
    if not rows:
        raise DataError(f"{files[0].name} has no row below the names of its columns: add some.")
    return first.names, first.names[place], rows


def marks(files: list) -> list:
    """Path, bytes and time of each file. (To read all once more could take hours.)"""
    return [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in files]


def begin(out: Path, job: dict, overwrite: bool) -> Path:
    """The folder of a run that was stopped, or a new one.

    Raises:
        CourseError: if there is one that is not ours, or of another job and `overwrite` is False.
    """
    part, note = out.with_name(out.name + ".part"), out.with_name(out.name + ".part.json")
    if part.exists() and not (part.is_dir() and note.is_file()):
        raise CourseError(
            f"'{part.name}' is there, without a note that it is ours: move it away, or choose "
            "another name for OUT."
        )
    found = json.loads(note.read_text(encoding="utf-8")) if part.exists() else job
    differ = ", ".join(name for name in job if found.get(name) != job[name])
    if differ and not overwrite:
        raise CourseError(
            f"'{part.name}' holds rows of a run that was stopped, and now differs: {differ}. To "
            "go on with it, give the same line as then; to begin anew, add --overwrite."
        )
    if differ:
        shutil.rmtree(part)
    fresh = note.with_name(note.name + ".new")
    fresh.write_text(json.dumps(job), encoding="utf-8")
    os.replace(fresh, note)  # before the folder: one of ours always has its note
    part.mkdir(exist_ok=True)
    return part


def remove_empty(part: Path) -> None:
    """Remove the folder of a run that has begun nothing, and its note."""
    if not any(part.iterdir()):
        part.rmdir()
        part.with_name(part.name + ".json").unlink()


def done(part: Path) -> int:
    """How many rows are written for good."""
    import pyarrow.parquet as pq

    lists = (path for path in part.glob("done/*.parquet") if ".pending." not in path.name)
    return sum(pq.read_metadata(path).num_rows for path in lists)


def finish(part: Path, out: Path, files: list, job: dict, rows: int, names: list) -> dict:
    """Count the answers, and let OUT appear.

    Returns:
        The counts, as a `Judge` has them.

    Raises:
        CourseError: if not every row is there once, or the files were changed meanwhile.
    """
    from pyarrow import dataset

    written = dataset.dataset(part / "rows")
    if written.count_rows() != rows or marks(files) != job["the files"]:
        raise CourseError(
            f"'{part.name}' holds {written.count_rows():,} rows of {rows:,}, or the files were "
            f"changed meanwhile: remove '{part.name}', and give the same line again."
        )
    (label, _, unsure), labels, below = names, Counter(), 0
    for batch in written.to_batches(columns=[label, unsure]):
        labels.update(batch[label].to_pylist())
        below += batch[unsure].true_count
    os.replace(part / "rows", out)
    shutil.rmtree(part)
    part.with_name(part.name + ".json").unlink()
    return {"no text": labels.pop(None, 0), "unsure": below, "labels": labels}
