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
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

import build_notebooks
import nbformat
from kernel_memory import peak_memory
from nbclient import NotebookClient
from run_notebooks import RunError, find_notebooks

from course_utils.progress import in_words

ROOT = Path(__file__).resolve().parent.parent
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
    client = NotebookClient(
        notebook, timeout=None, kernel_name="python3", resources={"metadata": {"path": path.parent}}
    )
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source]
    seconds = []
    with tempfile.TemporaryDirectory(prefix="course-models-") as models:
        environment = build_notebooks.kernel_environment(models)
        with client.setup_kernel(env=environment, stderr=subprocess.DEVNULL):
            for index in code:
                start = time.perf_counter()
                client.execute_cell(notebook.cells[index], index)
                seconds.append(time.perf_counter() - start)
            peak = peak_memory(client.km)
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
    try:
        stay, paths = rows_that_stay(numbers), find_notebooks(numbers)
    except RunError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    found = {}
    for path in paths:
        found[path.stem] = measure(path)
        print(f"{path.stem}: {found[path.stem]}", flush=True)
    write(TIMINGS, table(stay | found))
    readme = README.read_text(encoding="utf-8")
    for name, row in found.items():
        lesson = build_notebooks.LESSONS / f"{name}.py"
        write(lesson, with_header(lesson.read_text(encoding="utf-8"), row))
        readme = with_row(readme, name, row)
        try:
            build_notebooks.rewrite_text(lesson)
        except build_notebooks.BuildError as error:
            print(f"{name}: the header of the lesson is new. {error}")
    write(README, readme)
    print("instructor/timings.md is written; README, lessons and notebooks follow it.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
