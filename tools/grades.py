"""A table of passed checks: `python course.py grades FOLDER OUT.csv [--run]`.

FOLDER holds collected notebooks: a folder for each student, with all that this student handed in,
or notebooks side by side, such as `anna_05_fine_tuning.ipynb`. OUT.csv has a row for each student
and a column for each exercise:

    ✔ or ✘          what `check` said
    not answered    the stub is still there
    not run         the cell with `check` has no output
    stopped         it, or a cell before it, raised an error
    no cell         the notebook was handed in, and its cell with `check` is gone
    (empty)         the notebook was not handed in

Of several answers to an exercise the best counts. What could not be read stands in the column
`notes`, so no student and no file is lost. Outputs are believed as they were saved; with --run each
notebook is run first, from top to bottom, in a fresh kernel without the student's models.
"""

import csv
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from tools import Problem
from tools.assignments import CHECK
from tools.lessons import NOTEBOOKS
from tools.runner import CellError, clean_environment, run_cells

USAGE = "write: python course.py grades FOLDER OUT.csv [--run]"
RIGHT, WRONG, OPEN = "✔", "✘", "not answered"
SAID = re.compile(r"^(✔|✘|Not answered yet)", re.M)  # how a line of `check` begins
# From the best to the worst; of several answers to an exercise the best counts.
VERDICTS = (RIGHT, WRONG, OPEN, "stopped", "not run", "no cell")
SECONDS_PER_CELL = 900
COPIES = (".", "__MACOSX")  # folders in which Jupyter and macOS keep copies begin like this


@dataclass
class Student:
    """What one student handed in."""

    name: str
    verdicts: dict = field(default_factory=dict)
    """Number of an exercise -> one of VERDICTS."""
    notes: list = field(default_factory=list)


def exercises_of(notebooks=NOTEBOOKS) -> dict[str, list[str]]:
    """Name of a notebook, such as "05_fine_tuning" -> its exercises, in their order."""
    return {
        path.stem: [number for cell in code_of(path) for number in CHECK.findall(cell.source)]
        for path in sorted(notebooks.glob("[0-9][0-9]_*.ipynb"))
    }


def code_of(path) -> list:
    """The code cells of a notebook."""
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


# --- what is in a folder ---


def collected(folder, known) -> dict[str, list[Path]]:
    """Name of a student -> all files that belong to this student.

    Args:
        folder: each folder in it is a student; so is what a file of its own begins with.
        known: names of our notebooks, such as "05_fine_tuning".

    Raises:
        Problem: if there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise Problem(f"There is no folder {folder}: {USAGE}.")
    found = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if any(part.startswith(COPIES) for part in inside):
            continue
        if path.is_dir():
            if len(inside) == 1:
                found.setdefault(inside[0], [])
        else:
            name = inside[0] if len(inside) > 1 else student_in(path.stem, known)
            found.setdefault(name, []).append(path)
    if not found:
        raise Problem(f"There is nothing in {folder}: it should hold a folder for each student.")
    return found


def student_in(stem: str, known) -> str:
    """The name in front of, or behind, that of a notebook: "anna" of "anna_05_fine_tuning"."""
    for name in known:
        before, there, behind = stem.partition(name)
        if there:
            return before.strip(" _-.") or behind.strip(" _-.") or stem
    return stem


# --- what a student has done ---


def judge(name: str, paths, exercises, run: bool) -> Student:
    """Read all files of one student.

    Args:
        name: of the student.
        paths: the files.
        exercises: see `exercises_of`.
        run: whether to run the notebooks first.
    """
    student, judged = Student(name), set()
    for path in paths:
        if path.suffix != ".ipynb":
            student.notes.append(f"{path.name} is no notebook")
            continue
        try:
            notebook = nbformat.read(path, as_version=4)
            found = [(cell, CHECK.findall(cell.source)) for cell in notebook.cells]
        except (ValueError, AttributeError, KeyError, TypeError, OSError) as error:
            student.notes.append(f"{path.name} cannot be read ({type(error).__name__})")
            continue
        wanted = expected(path, [number for _, numbers in found for number in numbers], exercises)
        if not wanted:
            student.notes.append(f"{path.name} has no exercise of this course")
            continue
        if judged & set(wanted):
            student.notes.append(f"{path.name} is not the only one: the better answers count")
        judged.update(wanted)
        if run:
            student.notes += run_all(notebook, path)
        for number, verdict in verdicts(notebook, wanted).items():
            before = student.verdicts.get(number, verdict)
            student.verdicts[number] = min(before, verdict, key=VERDICTS.index)
    if not judged and not student.notes:
        student.notes.append("no notebook")
    return student


def expected(path, numbers, exercises) -> list[str]:
    """The exercises of a notebook's lessons: by the checks in it, and by the name of the file."""
    lessons = {number.partition(".")[0].zfill(2) for number in numbers}
    return [
        number
        for name, all_of_it in exercises.items()
        if name[:2] in lessons or name in path.stem
        for number in all_of_it
    ]


def run_all(notebook, path) -> list[str]:
    """Run all cells, also those after an error; return a note if the kernel did not survive it."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    with tempfile.TemporaryDirectory(prefix="course-models-") as models:
        try:
            run_cells(
                notebook,
                models,
                path.stem,
                seconds_per_cell=SECONDS_PER_CELL,
                go_on=True,
                env=clean_environment(models),
                stderr=subprocess.DEVNULL,
            )
        except CellError as error:
            return [f"{error.where} {error.why}"]
    return []


def verdicts(notebook, wanted) -> dict[str, str]:
    """Exercise -> the best that a check of it said, or why there is nothing."""
    found, stopped = dict.fromkeys(wanted, "no cell"), False
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        stopped |= any(output.output_type == "error" for output in cell.outputs)
        numbers = [number for number in CHECK.findall(cell.source) if number in found]
        said = SAID.findall("".join(output.get("text", "") for output in cell.outputs))
        for number, verdict in zip(numbers, said + [None] * len(numbers), strict=False):
            if verdict is None:
                verdict = "stopped" if stopped else "not run"
            elif verdict not in (RIGHT, WRONG):
                verdict = OPEN
            found[number] = min(found[number], verdict, key=VERDICTS.index)
    return found


# --- the table ---


def table(students, exercises) -> list[list]:
    """Rows of the CSV file, with the names of the columns first."""
    handed_in = {number for student in students for number in student.verdicts}
    columns = [n for all_of_it in exercises.values() for n in all_of_it if n in handed_in]
    rows = [["student", *columns, "passed", "of", "notes"]]
    for student in students:
        cells = [student.verdicts.get(number, "") for number in columns]
        passed = [cells.count(RIGHT), len(columns)]
        # A name that begins like a formula would be one to a spreadsheet.
        name = f"'{student.name}" if student.name[:1] in "=+-@" else student.name
        rows.append([name, *cells, *passed, "; ".join(student.notes)])
    return rows


def grade(folder, out, run: bool) -> list[Student]:
    """Write the table; return what is in it.

    Raises:
        Problem: if there is nothing to read, or the file is there already or cannot be written.
    """
    if out.exists():
        raise Problem(f"{out} is there already: name a new file, or remove it.")
    exercises = exercises_of()
    found = collected(folder, exercises)
    students = [judge(name, paths, exercises, run) for name, paths in sorted(found.items())]
    try:
        with out.open("x", newline="", encoding="utf-8-sig") as file:  # so Excel reads ✔
            csv.writer(file).writerows(table(students, exercises))
    except OSError as error:
        raise Problem(f"{out} cannot be written: {error.strerror or error}.") from error
    return students


def main(arguments) -> int:
    """Make the table that the arguments ask for; return the exit status."""
    names = [argument for argument in arguments if not argument.startswith("-")]
    switches = [argument for argument in arguments if argument.startswith("-")]
    if len(names) != 2 or set(switches) - {"--run"}:
        raise Problem(f"A folder and the file to write are needed: {USAGE}.")
    folder, out = (Path(os.environ.get("COURSE_CALLED_FROM", ""), name) for name in names)
    students = grade(folder, out, bool(switches))
    noted = sum(bool(student.notes) for student in students)
    print(f"{out}: {len(students)} students, {noted} of them with a note.")
    return 0
