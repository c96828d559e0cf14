"""From a lesson, `instructor/lessons/NN_name.py`, to a notebook that has not run.

A lesson holds the cells of two notebooks: the students' without those tagged `solution` or
`proof`, the solved one without those tagged `student`. A `solution` is the code that solves an
exercise, or the text that answers a question. A `proof` is code with which the course checks itself
(`assert`, `expect`); the solved notebook shows it collapsed. Speaker notes (cells tagged
`speaker-notes`, or with the slide type "notes") go into the guide and the decks; a cell tagged
`deck-only` goes into the decks alone.
"""

import hashlib
from pathlib import Path

import nbformat

from tools import ROOT

LESSONS = ROOT / "instructor" / "lessons"
NOTEBOOKS = ROOT / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class BuildError(Exception):
    """A lesson that cannot become a notebook; the message says where and why."""


def student_notebook(lesson) -> nbformat.NotebookNode:
    """Return what students open, not executed.

    Args:
        lesson: path of a lesson, `NN_name.py` in jupytext's percent format.
    """
    return _without(read_lesson(lesson), "solution", "proof")


def solution_notebook(lesson) -> nbformat.NotebookNode:
    """Return the notebook with the exercises solved, not executed; see `student_notebook`."""
    notebook = _without(read_lesson(lesson), "student")
    for cell in notebook.cells:
        if is_proof(cell):
            cell.metadata["jupyter"] = {"source_hidden": True, "outputs_hidden": True}
    return notebook


def read_lesson(lesson) -> nbformat.NotebookNode:
    """Read a lesson with everything in it; every cell gets an id that only its own text changes."""
    import jupytext  # late: a class server makes its folder without it

    lesson = Path(lesson)
    notebook = jupytext.read(lesson, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen = {}
    for cell in notebook.cells:
        text = f"{cell.cell_type}:{cell.source}"
        name = f"{lesson.name[:2]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        seen[name] = seen.get(name, 0) + 1
        cell.id = name if seen[name] == 1 else f"{name}-{seen[name]}"
    return notebook


def read_executed(path) -> nbformat.NotebookNode:
    """Read a notebook that was built.

    Raises:
        BuildError: if it is missing or damaged; the message says how to make it.
    """
    mend = f"build it first, with: python course.py build {path.name[:2]}"
    if not path.is_file():
        raise BuildError(f"{path.name} is not there yet: {mend}")
    try:
        return nbformat.read(path, as_version=4)
    except (ValueError, AttributeError) as error:  # the latter: JSON, but no notebook
        raise BuildError(f"{path.name} is damaged: {mend}") from error


def tags_of(cell) -> list:
    """The tags of a cell."""
    return cell.metadata.get("tags", [])


def slide_type(cell) -> str:
    """What the lesson says about the cell's place among the slides; "" if nothing."""
    return cell.metadata.get("slideshow", {}).get("slide_type", "")


def is_note(cell) -> bool:
    """Whether the cell is for the speaker alone."""
    return slide_type(cell) == "notes" or "speaker-notes" in tags_of(cell)


def is_for_decks(cell) -> bool:
    """Whether no notebook has the cell: a note, or a slide that only decks by the clock have."""
    return is_note(cell) or "deck-only" in tags_of(cell)


def is_proof(cell) -> bool:
    """Whether the course checks itself with the cell; no student need see it."""
    return "proof" in tags_of(cell)


def is_solution(cell) -> bool:
    """Whether the cell is code that solves an exercise (the answer to a question is text)."""
    return "solution" in tags_of(cell) and cell.cell_type == "code"


def _without(notebook, *left_out):
    notebook.cells = [
        cell
        for cell in notebook.cells
        if not (is_for_decks(cell) or set(left_out) & set(tags_of(cell)))
    ]
    for cell in notebook.cells:  # what the decks by the clock say gives away answers
        if "slideshow" in cell.metadata:
            cell.metadata["slideshow"] = {"slide_type": slide_type(cell)}
            if not slide_type(cell):
                del cell.metadata["slideshow"]
    return notebook


def find_lessons(numbers, folder=LESSONS):
    """Return the lessons with these numbers ("04"; "4" will do), or all of them for none."""
    lessons = {path.name[:2]: path for path in sorted(folder.glob("[0-9][0-9]_*.py"))}
    wanted = [number.zfill(2) for number in numbers] or list(lessons)
    unknown = [number for number in wanted if number not in lessons]
    if unknown:
        raise BuildError(
            f"There is no lesson {', '.join(unknown)}: choose from {', '.join(lessons)}."
        )
    return [lessons[number] for number in wanted]
