"""Make the notebooks from the lessons: `python course.py build [NN ...]`.

Each lesson, `instructor/lessons/NN_name.py`, becomes two notebooks. Both are executed from top to
bottom, so that what a reader sees is what the code really answered:

* `notebooks/NN_name.ipynb`, without the cells tagged `solution` or `proof`;
* `notebooks/solutions/NN_name.ipynb`, without the cells tagged `student`.

`--text` is for a change of prose or of slide types alone: the notebooks keep their outputs, and
nothing runs. The guide, the slides and the site follow.
"""

import copy
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from tools import ROOT, guide, headers
from tools.lessons import (
    METADATA,
    NOTEBOOKS,
    WIDGET_VIEW,
    BuildError,
    find_lessons,
    read_executed,
    solution_notebook,
    student_notebook,
)
from tools.runner import CellError, clean_environment, progress, run_cells

SECONDS_PER_CELL = 900


def execute(notebook, folder, label="notebook"):
    """Run every cell in a fresh kernel, as a student would, and return the executed copy.

    Args:
        notebook: the notebook; it is not changed.
        folder: the folder in which the kernel works, the one where the notebook will lie.
        label: what the progress lines and error messages call this notebook.

    Raises:
        BuildError: if a cell raises an error, takes too long, or shows a path of this machine.
    """
    notebook = copy.deepcopy(notebook)
    with tempfile.TemporaryDirectory(prefix="course-models-") as models:
        try:
            seconds = run_cells(
                notebook,
                folder,
                label,
                seconds_per_cell=SECONDS_PER_CELL,
                env=clean_environment(models),
                stderr=subprocess.DEVNULL,
            )
        except CellError as error:
            raise BuildError(str(error)) from None
    slowest = max(seconds, default=0)
    number = seconds.index(slowest) + 1 if seconds else 0
    progress(
        f"{label}: {len(seconds)} cells in {sum(seconds):.0f} s, "
        f"the slowest is cell {number} ({slowest:.0f} s)\n"
    )
    return _clean(notebook, label)


# --- what is kept of the outputs ---


def _clean(notebook, label):
    """Keep what a reader needs: no stderr, no widget that lives only in a kernel, no times."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [kept for output in cell.outputs if (kept := _keep(output, cell, label))]
    return notebook


def _keep(output, cell, label):
    if output.get("name") == "stderr":
        first = output.text.strip().partition("\n")[0]
        print(f"  left out, stderr of cell {cell.execution_count}: {first[:90]}")
        return None
    if "data" in output:
        output.data.pop(WIDGET_VIEW, None)
        if not output.data:
            return None
    for path in machine_paths():
        if re.search(rf"(?<![\w.+/]){re.escape(path)}(?!\w)", str(output)):
            raise BuildError(
                f"{label}, code cell {cell.execution_count}, shows {path}, a path of this machine: "
                f"print something that is the same for every reader.\n{cell.source}"
            )
    return output


def machine_paths():
    """Folders of this machine that no output may name, as written and as `repr` writes them."""
    folders = {Path.home(), ROOT, Path(tempfile.gettempdir()), Path(sys.prefix)}
    names = {str(folder) for folder in folders if len(folder.parts) > 1 and folder != Path("/usr")}
    return sorted(names | {name.replace("\\", "\\\\") for name in names})


# --- the command ---


def build(lesson, notebooks=NOTEBOOKS):
    """Make both notebooks of one lesson; if either fails, neither file changes."""
    lesson, notebooks = Path(lesson), Path(notebooks)
    targets = {
        notebooks / f"{lesson.stem}.ipynb": student_notebook(lesson),
        notebooks / "solutions" / f"{lesson.stem}.ipynb": solution_notebook(lesson),
    }
    finished = {}
    for target, notebook in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        version = "solution" if target.parent.name == "solutions" else "student"
        finished[target] = execute(notebook, target.parent, f"{lesson.stem} ({version})")
        nbformat.validate(finished[target])
    _write(finished)


def _write(notebooks: dict) -> None:
    """Write each notebook to its path, in one step: an interrupt leaves the old file."""
    for target, notebook in notebooks.items():
        partial = target.with_suffix(".partial")
        nbformat.write(notebook, partial)
        os.replace(partial, target)


def rewrite_text(lesson, notebooks=NOTEBOOKS):
    """Give both notebooks the prose of the lesson, and keep their outputs.

    Raises:
        BuildError: if a notebook is missing, or the lesson's code is not the code that made it.
    """
    lesson, notebooks = Path(lesson), Path(notebooks)
    versions = {
        notebooks / f"{lesson.stem}.ipynb": student_notebook(lesson),
        notebooks / "solutions" / f"{lesson.stem}.ipynb": solution_notebook(lesson),
    }
    for path, fresh in versions.items():
        code, ran = (
            [cell for cell in notebook.cells if cell.cell_type == "code"]
            for notebook in (fresh, read_executed(path))
        )
        if [cell.source for cell in code] != [cell.source for cell in ran]:
            raise BuildError(f"The code of lesson {lesson.name} has changed: build without --text.")
        for cell, before in zip(code, ran, strict=True):
            cell.update(outputs=before.outputs, execution_count=before.execution_count)
    _write(versions)
    print(f"{lesson.stem}: prose written, outputs kept.")


def main(arguments) -> int:
    """Build the lessons with these numbers, or all, then slides and site; return the status."""
    from tools import site, slides  # not needed, and so not waited for, before the notebooks stand

    numbers = [number for number in arguments if number != "--text"]
    make = build if "--text" not in arguments else rewrite_text
    measured = headers.read_timings()
    try:
        for lesson in find_lessons(numbers):
            if lesson.stem in measured:  # a new lesson waits for `timings`
                headers.refresh(lesson, measured[lesson.stem])
            make(lesson)
        guide.refresh()
    except BuildError as error:
        print(f"\nNot built: {error}", file=sys.stderr)
        return 1
    if slides.main(numbers):
        return 1
    if site.main([]):
        print("Notebooks and slides are made; only the site waits.", file=sys.stderr)
        return 1
    return 0
