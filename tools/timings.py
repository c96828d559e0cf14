"""What each notebook takes: `python course.py timings [NN ...]`.

Takes about eight minutes on two cores for all notebooks. Runs each once, from top to bottom, in a
fresh kernel and without a saved model, and writes seconds and peak memory, with the date, into
`instructor/timings.md`. With numbers, the other rows stay as they are. README's table of notebooks,
the guide and the first cell of each lesson take their figures from there (`headers.py`).
"""

import os
import platform
import subprocess
import sys
import tempfile
from datetime import date
from importlib.metadata import version

import nbformat

from tools import build, guide, headers, lessons
from tools.headers import TIMINGS, UNKNOWN
from tools.kernel_memory import peak_memory
from tools.record import expected_time
from tools.run import RunError, find_notebooks
from tools.runner import CellError, clean_environment, run_cells


def measure(path) -> dict:
    """Execute one notebook: seconds of all its cells and of the slowest, peak memory in MB, date.

    The memory is None where it cannot be measured.
    """
    notebook = nbformat.read(path, as_version=4)
    peaks = []
    with tempfile.TemporaryDirectory(prefix="course-models-") as models:
        seconds = run_cells(
            notebook,
            path.parent,
            path.stem,
            at_end=lambda manager: peaks.append(peak_memory(manager)),
            env=clean_environment(models),
            stderr=subprocess.DEVNULL,
        )
    (peak,) = peaks
    return {
        "seconds": round(sum(seconds)),
        "slowest": round(max(seconds)),
        "peak_mb": None if peak is None else round(1_000 * peak),
        "date": date.today().isoformat(),
    }


def machine() -> str:
    """The computer and the version of PyTorch that all rows belong to."""
    return (
        f"CPU, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"torch {version('torch').partition('+')[0]}"
    )


def table(found: dict) -> str:
    """The text of `timings.md`."""
    lines = [
        "# What each notebook takes",
        "",
        "Made by `python course.py timings`: every cell of a notebook, run from top to bottom in a",
        "fresh kernel, without a saved model. Time to read and to think comes on top.",
        "",
        "| notebook | all cells (s) | slowest cell (s) | peak memory (MB) | date |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {row['seconds']} | {row['slowest']} | {row['peak_mb'] or UNKNOWN} | "
            f"{row['date']} |"
            for name, row in sorted(found.items())
        ),
        "",
        f"Measured on: {machine()}.",
    ]
    return "\n".join(lines) + "\n"


def rows_that_stay(numbers: list) -> dict:
    """The rows of before, if only some notebooks are measured.

    Raises:
        RunError: if they are of another computer.
    """
    if not numbers:
        return {}
    if f"Measured on: {machine()}." not in TIMINGS.read_text(encoding="utf-8"):
        raise RunError(
            f"The rows of {TIMINGS.name} were not measured on {machine()}, as new ones would be: "
            "measure all notebooks, with python course.py timings."
        )
    return headers.read_timings()


def main(numbers: list) -> int:
    """Measure these notebooks, or all, and write what follows from it; return the exit status."""
    print(f"timings: {expected_time(__file__)}", flush=True)
    found = {}
    try:
        stay, paths = rows_that_stay(numbers), find_notebooks(numbers)
        for path in paths:
            found[path.stem] = measure(path)
            print(f"{path.stem}: {found[path.stem]}", flush=True)
    except (RunError, CellError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    headers.write(TIMINGS, table(stay | found))
    for name, row in found.items():
        lesson = lessons.LESSONS / f"{name}.py"
        headers.refresh(lesson, row)
        try:
            build.rewrite_text(lesson)
        except lessons.BuildError as error:
            print(f"{name}: the header of the lesson is new. {error}")
    guide.refresh()
    print("instructor/timings.md is written; README, guide, lessons and notebooks follow it.")
    return 0
