"""Make the notebooks from the lessons: `python course.py build [NN ...]`.

Each lesson, `instructor/lessons/NN_name.py`, becomes two notebooks. Both are executed from top to
bottom, so that what a reader sees is what the code really answered:

* `notebooks/NN_name.ipynb`, without the cells tagged `solution`;
* `notebooks/solutions/NN_name.ipynb`, without the cells tagged `student`.

`--text` is for a change of prose or of slide types alone: the notebooks keep their outputs, and
nothing runs.

Speaker notes (cells tagged `speaker-notes`, or with the slide type "notes") stay in the lesson.
"""

import copy
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.filters import strip_ansi

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ROOT / "instructor" / "lessons"
NOTEBOOKS = ROOT / "notebooks"
SECONDS_PER_CELL = 900
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class BuildError(Exception):
    """A lesson that cannot become a notebook; the message says where and why."""


# --- from a lesson to a notebook that has not run ---


def student_notebook(lesson) -> nbformat.NotebookNode:
    """Return what students open, not executed.

    Args:
        lesson: path of a lesson, `NN_name.py` in jupytext's percent format.
    """
    return _without(read_lesson(lesson), "solution")


def solution_notebook(lesson) -> nbformat.NotebookNode:
    """Return the notebook with the exercises solved, not executed; see `student_notebook`."""
    return _without(read_lesson(lesson), "student")


def read_lesson(lesson) -> nbformat.NotebookNode:
    """Read a lesson with everything in it; every cell gets an id that only its own text changes."""
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


def _without(notebook, tag):
    notebook.cells = [
        cell for cell in notebook.cells if not (is_note(cell) or tag in tags_of(cell))
    ]
    return notebook


# --- execution ---


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
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source]
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        coalesce_streams=True,
        force_raise_errors=True,
        record_timing=False,
        store_widget_state=False,
    )
    start, slowest = time.perf_counter(), (0.0, 0)
    with tempfile.TemporaryDirectory(prefix="course-models-") as models:
        client.reset_execution_trackers()
        with client.setup_kernel(env=kernel_environment(models), stderr=subprocess.DEVNULL):
            for number, index in enumerate(code, start=1):
                _progress(f"{label}: cell {number} of {len(code)}")
                begin = time.perf_counter()
                _execute_cell(client, index, f"{label}, code cell {number} of {len(code)}")
                slowest = max(slowest, (time.perf_counter() - begin, number))
    _progress(
        f"{label}: {len(code)} cells in {time.perf_counter() - start:.0f} s, "
        f"the slowest is cell {slowest[1]} ({slowest[0]:.0f} s)\n"
    )
    return _clean(notebook, label)


def kernel_environment(models):
    """The variables of a kernel: the course's defaults on a CPU, no bars, no models from before."""
    ours = {"COURSE_MODELS": models, "COURSE_DEVICE": "cpu", "TQDM_DISABLE": "1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    return kept | ours


def _execute_cell(client, index, where):
    cell = client.nb.cells[index]
    try:
        client.execute_cell(cell, index)
    except CellExecutionError as error:
        why = f"raised {error.ename}: {error.evalue}"
        details = strip_ansi(error.traceback).strip()  # begins with the text of the cell
    except CellTimeoutError:
        why, details = f"was still running after {SECONDS_PER_CELL} s.", cell.source
    except DeadKernelError:
        why, details = "killed its kernel (out of memory?).", cell.source
    else:
        return
    raise BuildError(f"{where}, {why}\n{details}") from None


def _progress(message):
    """Write over the last line on a terminal; elsewhere keep only the lines that are finished."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{message}", end="", flush=True)
    elif message.endswith("\n"):
        print(message, end="", flush=True)


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


def main(arguments) -> int:
    """Build the lessons with these numbers, or all; return the exit status."""
    make = rewrite_text if "--text" in arguments else build
    try:
        for lesson in find_lessons([number for number in arguments if number != "--text"]):
            make(lesson)
    except BuildError as error:
        print(f"\nNot built: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
