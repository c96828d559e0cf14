"""Assignments for nbgrader: `python course.py release OUT --nbgrader`.

OUT-nbgrader holds every notebook with exercises as the source of an assignment, and the settings.
It is for the instructor alone, because it holds solutions. nbgrader itself is not part of the
course: it switches on extensions of the Jupyter server that no student needs.
"""

import re
import shutil
from pathlib import Path

import nbformat

from tools import ROOT
from tools.lessons import is_for_decks, is_proof, is_solution, read_lesson, tags_of

SETTINGS = ROOT / "instructor" / "release" / "nbgrader_config.py"
CHECK = re.compile(r'course_utils\.check\(\s*"([\d.]+)"')
# Points of an exercise, all or nothing: its check gives them. So it is with the model card, 7.5,
# whose check reads facts: each field has words; accuracy, interval and number of texts are those of
# the evaluation. Whether the words help a stranger no program can say: the guide has a table.
POINTS = 2
MORE_POINTS = {"7.1": 4}


def points_of(number: str) -> int:
    """The points of an exercise, such as "7.1"."""
    return MORE_POINTS.get(number, POINTS)


def write_assignments(folder, lessons) -> None:
    """Fill an empty folder with the assignments of these lessons, and the settings of nbgrader."""
    for lesson in lessons:
        source = Path(folder, "source", lesson.stem, f"{lesson.stem}.ipynb")
        source.parent.mkdir(parents=True)
        nbformat.write(nbgrader_notebook(lesson), source)
    shutil.copy(SETTINGS, folder)


def nbgrader_notebook(lesson) -> nbformat.NotebookNode:
    """Return the source notebook of an assignment, with solutions and tests.

    Args:
        lesson: path of the lesson. What `check` looks at gets points.
    """
    notebook = read_lesson(lesson)
    cells, stub, answers = [], None, 0
    for cell in notebook.cells:
        if is_for_decks(cell) or is_proof(cell):
            continue
        if "student" in tags_of(cell):
            stub = cell
        elif is_solution(cell):
            answers += 1
            cells.append(answer_cell(stub, cell, f"answer-{answers}"))
        elif "solution" not in tags_of(cell):
            cells.append(cell)
            checked = CHECK.match(cell.source)
            if checked:
                cells.append(grading_cell(cell, checked[1]))
    notebook.cells = cells
    return notebook


def answer_cell(stub, solution, name) -> nbformat.NotebookNode:
    """Return one cell for nbgrader from the two of an exercise.

    nbgrader puts the same text in place of every solution; ours is empty (nbgrader_config.py). So
    the stub stands above the solution, which overrides it, and the stub is what remains.
    """
    source = f"{stub.source}\n### BEGIN SOLUTION\n{solution.source}\n### END SOLUTION"
    cell = nbformat.v4.new_code_cell(source, id=stub.id)
    cell.metadata["nbgrader"] = nbgrader_metadata(name, solution=True)
    return cell


def grading_cell(check, number) -> nbformat.NotebookNode:
    """Return the cell with the points of an exercise.

    The lesson's check stays in the cell above, and says to students what is wrong. What raises an
    error is hidden from them: all cells of their notebook run, solved or not.
    """
    required = check.source.replace("course_utils.check(", "course_utils.require(")
    points = points_of(number)
    source = (
        f"# Exercise {number}: {points} points. They are given when you hand this in.\n"
        f"### BEGIN HIDDEN TESTS\n{required}\n### END HIDDEN TESTS"
    )
    cell = nbformat.v4.new_code_cell(source, id=f"{check.id}-points")
    name = f"exercise-{number.replace('.', '-')}"
    cell.metadata["nbgrader"] = nbgrader_metadata(name, grade=True, points=points)
    return cell


def nbgrader_metadata(name, solution=False, grade=False, **points) -> dict:
    """Return what nbgrader wants to know of a cell (version 3 of its format)."""
    return {
        "schema_version": 3,
        "grade_id": name,
        "cell_type": "code",
        "solution": solution,
        "grade": grade,
        "locked": grade,  # the grader's version of a test counts, whatever is handed in
        "task": False,
        **points,
    }
