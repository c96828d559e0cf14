"""What a notebook's first cell says of time; README and the guide (`tools/guide.py`) quote it.

The computer's time is measured (`timings.md`). The reader's is an estimate, for somebody who reads
150 words a minute, looks at each cell for 8 seconds and thinks about each Predict for 45; no class
has been timed yet. Exercises stand beside it, with the minutes that their headings give.
"""

import re

from course_utils.progress import in_words
from tools import ROOT
from tools.lessons import BuildError, student_notebook
from tools.words import any_of, word

TIMINGS = ROOT / "instructor" / "timings.md"
README = ROOT / "README.md"
UNKNOWN = "not measured"
ROW = re.compile(
    rf"^\| (\d\d_\w+) \| (\d+) \| (\d+) \| (\d+|{UNKNOWN}) \| (\d{{4}}-\d\d-\d\d) \|$", re.M
)
TIME = re.compile(
    rf"\*\*{any_of('time')}:\*\*\s[^·]+?·\s(?:#\s)?"
    rf"\*\*{any_of('computer_time')}:\*\*\s[^·]+?·(?=\s)",
    re.DOTALL,
)
VOTE = re.compile(rf"\*\*{any_of('vote')}")
WORDS_A_MINUTE, SECONDS_A_CELL, SECONDS_A_VOTE = 150, 8, 45
WORD = re.compile(r"[A-Za-z0-9']+")
EXERCISE = re.compile(r"^### .*\d\.\d.*\((\d+) min, ", re.M)


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


def computer_time(row: dict) -> str:
    """What a header says: the seconds, rounded up to ten, in words."""
    return in_words(-(-row["seconds"] // 10) * 10)


def size(notebook) -> dict:
    """How much a student meets: number of `cells`, `words` of prose and `votes` (Predicts)."""
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return {
        "cells": len(notebook.cells),
        "words": sum(len(WORD.findall(text)) for text in prose),
        "votes": sum(len(VOTE.findall(text)) for text in prose),
    }


def minutes(notebook, seconds: int) -> tuple[int, int]:
    """An estimate of the minutes a notebook takes, and of those its exercises add.

    Args:
        notebook: the student's.
        seconds: what its cells compute.
    """
    found = size(notebook)
    reading = found["words"] / WORDS_A_MINUTE
    looking = (found["cells"] * SECONDS_A_CELL + found["votes"] * SECONDS_A_VOTE + seconds) / 60
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    return round(reading + looking), sum(map(int, EXERCISE.findall(prose)))


def header(own: int, exercises: int, row: dict) -> str:
    """The line of the first cell."""
    times = word("times").format(own=own, exercises=exercises)
    return f"**{word('time')}:** {times} ·\n# **{word('computer_time')}:** {computer_time(row)} ·"


def refresh(lesson, row: dict) -> None:
    """Write the times of a lesson into its first cell and README's table.

    Args:
        lesson: path of the lesson.
        row: what `timings.md` says of it; see `read_timings`.

    Raises:
        BuildError: if one of them has no place for them; then none is written.
    """
    own, exercises = minutes(student_notebook(lesson), row["seconds"])
    written = {}
    for path, pattern, new in (
        (lesson, TIME, header(own, exercises, row)),
        (README, readme_row(lesson.stem), rf"\g<1> {own} | {in_readme(row)} |"),
    ):
        written[path], found = pattern.subn(new, path.read_text(encoding="utf-8"), count=1)
        if not found:
            raise BuildError(
                f"{path.name} has no place for the times of {lesson.stem}: write it as "
                "another notebook has it, with any numbers."
            )
    for path, text in written.items():
        write(path, text)


def readme_row(name: str) -> re.Pattern:
    """A notebook's row in README's table; group 1 ends where its minutes begin."""
    return re.compile(rf"(\(notebooks/{re.escape(name)}\.ipynb\)[^|]*\|)[^|]*\|[^|]*\|")


def in_readme(row: dict) -> str:
    """Time and memory, as README's table tells them."""
    memory = f"{row['peak_mb'] / 1_000:.1f} GB" if row["peak_mb"] else f"memory {UNKNOWN}"
    return f"{computer_time(row)}, {memory}"


def minutes_in_header(lesson) -> tuple[int, int]:
    """The minutes that the first cell of a lesson states: alone, and for the exercises."""
    text = " ".join(lesson.read_text(encoding="utf-8").replace("\n#", " ").split())
    own, exercises = re.search(r"\*\*Time:\*\* (\d+) minutes, and (\d+) more", text).groups()
    return int(own), int(exercises)


def write(path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
