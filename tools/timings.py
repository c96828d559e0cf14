"""What each notebook takes: `python course.py timings [NN ...]`.

Takes about eight minutes on two cores for all notebooks. Runs each once, from top to bottom, in a
fresh kernel and without a saved model, and writes seconds and peak memory, with the date, into
`instructor/timings.md`. With numbers, the other rows stay as they are. README's table of notebooks
and the first cell of each lesson take their figures from there.
"""

import os
import platform
import re
import subprocess
import sys
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path

import nbformat

from course_utils.progress import in_words
from tools import ROOT, build, lessons
from tools.kernel_memory import peak_memory
from tools.record import expected_time
from tools.run import RunError, find_notebooks
from tools.runner import CellError, clean_environment, run_cells

TIMINGS = ROOT / "instructor" / "timings.md"
README = ROOT / "README.md"
UNKNOWN = "not measured"
ROW = re.compile(
    rf"^\| (\d\d_\w+) \| (\d+) \| (\d+) \| (\d+|{UNKNOWN}) \| (\d{{4}}-\d\d-\d\d) \|$", re.M
)
HEADER = re.compile(r"(?<=\*\*Computer time:\*\* )[^·]+(?= ·)")


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


def read_timings() -> dict:
    """Notebook -> its figures, from `timings.md`."""
    return {
        name: {
            "seconds": int(seconds),
            "slowest": int(slowest),
            "peak_mb": None if peak == UNKNOWN else int(peak),
            "date": day,
        }
        for name, seconds, slowest, peak, day in ROW.findall(TIMINGS.read_text(encoding="utf-8"))
    }


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
    return read_timings()


def computer_time(row: dict) -> str:
    """What a header says: the seconds, rounded up to ten, in words."""
    return in_words(-(-row["seconds"] // 10) * 10)


def with_header(lesson: str, row: dict) -> str:
    """The text of a lesson with the computer time of `row` in its first cell."""
    return HEADER.sub(computer_time(row), lesson, count=1)


def with_row(readme: str, name: str, row: dict) -> str:
    """README with the computer time and the memory of `row` in its table of notebooks."""
    start = re.escape(f"(notebooks/{name}.ipynb)")
    memory = f"{row['peak_mb'] / 1_000:.1f} GB" if row["peak_mb"] else f"memory {UNKNOWN}"
    figures = f"{computer_time(row)}, {memory}"
    return re.sub(rf"({start}[^|]*\|[^|]*\|)[^|]*\|", rf"\g<1> {figures} |", readme, count=1)


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


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
    write(TIMINGS, table(stay | found))
    readme = README.read_text(encoding="utf-8")
    for name, row in found.items():
        lesson = lessons.LESSONS / f"{name}.py"
        write(lesson, with_header(lesson.read_text(encoding="utf-8"), row))
        readme = with_row(readme, name, row)
        try:
            build.rewrite_text(lesson)
        except lessons.BuildError as error:
            print(f"{name}: the header of the lesson is new. {error}")
    write(README, readme)
    print("instructor/timings.md is written; README, lessons and notebooks follow it.")
    return 0
