"""What each notebook takes: `python course.py timings`.

Takes about eight minutes on two cores. Runs every notebook once, from top to bottom, in a fresh
kernel and without a saved model, and writes seconds and peak memory into `instructor/timings.md`.
README's table of notebooks and the first cell of each lesson take their figures from there.
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

from course_utils.progress import in_words

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
TIMINGS = ROOT / "instructor" / "timings.md"
README = ROOT / "README.md"
ROW = re.compile(r"^\| (\d\d_\w+) \| (\d+) \| (\d+) \| (\d+) \|$", re.M)
HEADER = re.compile(r"(?<=\*\*Computer time:\*\* )[^·]+(?= ·)")


def measure(path) -> dict:
    """Execute one notebook; seconds of all its cells and of the slowest, peak memory in MB."""
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
        "peak_mb": round(1_000 * peak),
    }


def table(found: dict) -> str:
    """The text of `timings.md`."""
    lines = [
        "# What each notebook takes",
        "",
        "Made by `python course.py timings`: every cell of a notebook, run from top to bottom in a",
        "fresh kernel, without a saved model. Time to read and to think comes on top.",
        "",
        "| notebook | all cells (s) | slowest cell (s) | peak memory (MB) |",
        "|---|---|---|---|",
        *(
            f"| {name} | {row['seconds']} | {row['slowest']} | {row['peak_mb']} |"
            for name, row in found.items()
        ),
        "",
        f"Measured on: CPU, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"torch {version('torch').partition('+')[0]}, {date.today().isoformat()}.",
    ]
    return "\n".join(lines) + "\n"


def read_timings() -> dict:
    """Notebook -> its figures, from `timings.md`."""
    names = ("seconds", "slowest", "peak_mb")
    return {
        name: dict(zip(names, map(int, values), strict=True))
        for name, *values in ROW.findall(TIMINGS.read_text(encoding="utf-8"))
    }


def computer_time(row: dict) -> str:
    """What a header says: the seconds, rounded up to ten, in words."""
    return in_words(-(-row["seconds"] // 10) * 10)


def with_header(lesson: str, row: dict) -> str:
    """The text of a lesson with the computer time of `row` in its first cell."""
    return HEADER.sub(computer_time(row), lesson, count=1)


def with_row(readme: str, name: str, row: dict) -> str:
    """README with the computer time and the memory of `row` in its table of notebooks."""
    start = re.escape(f"(notebooks/{name}.ipynb)")
    figures = f"{computer_time(row)}, {row['peak_mb'] / 1_000:.1f} GB"
    return re.sub(rf"({start}[^|]*\|[^|]*\|)[^|]*\|", rf"\g<1> {figures} |", readme, count=1)


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def main() -> int:
    found = {}
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        found[path.stem] = measure(path)
        print(f"{path.stem}: {found[path.stem]}", flush=True)
    write(TIMINGS, table(found))
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
    sys.exit(main())
