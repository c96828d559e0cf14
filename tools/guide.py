"""Bring what is said in class into the instructor's pages: `python course.py build` calls it.

There is one source for it, and the decks have it, too:

* the **speaker notes** of the lessons make a chapter of `instructor/GUIDE.md` for each lesson;
* `instructor/plans.toml` makes the timetables, there and in `instructor/CLASS.md`.

In both pages the parts that are made stand between `<!-- made: NAME -->` and `<!-- end -->`.

A lesson's first note, under the title, holds its aim. The last note, under the last heading, holds
what goes wrong, what students ask, answers, exercises, and what to leave out. A note below a
question says `**Vote:** question **Answer:** answer`. Each other note is what to say under the
heading before it.
"""

import os
import re
from textwrap import fill

from tools import ROOT
from tools.headers import minutes_in_header
from tools.lessons import LESSONS, BuildError, find_lessons, is_note, read_lesson, slide_type
from tools.plans import find_plan, plans_of, read_plans, table

PAGES = (ROOT / "instructor" / "GUIDE.md", ROOT / "instructor" / "CLASS.md")
MADE = re.compile(r"(<!-- made: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)
VOTE = re.compile(r"\*\*Vote:\*\* (.+?)\.? \*\*Answer:\*\* (.+)", re.DOTALL)


def refresh(pages=PAGES) -> None:
    """Write the made parts of the instructor's pages anew; a page that is up to date stays.

    Raises:
        BuildError: if a page asks for a part that does not exist, or a note cannot be read.
    """
    for page in pages:
        before = page.read_text(encoding="utf-8")
        after = renewed(before)
        if after != before:
            partial = page.with_suffix(".partial")
            partial.write_text(after, encoding="utf-8")
            os.replace(partial, page)


def renewed(text: str) -> str:
    """The text of a page, with its made parts as they are today."""
    return MADE.sub(lambda found: found[1] + part(found[2]) + "\n" + found[3], text)


def part(name: str) -> str:
    """The made part with this name: "chapters", "timetables", or "times of the class"."""
    makers = {
        "chapters": lambda: "\n\n".join(chapter(lesson) for lesson in find_lessons([], LESSONS)),
        "timetables": timetables,
        "times of the class": lambda: timetables(last="in your class"),
    }
    if name not in makers:
        raise BuildError(f"No part is called {name!r}: choose from {', '.join(makers)}.")
    return makers[name]()


def timetables(numbers=None, last="") -> str:
    """The timetables as Markdown.

    Args:
        numbers: of the lessons that they hold; None for all.
        last: as in `tools.plans.table`.
    """
    parts = []
    for plan in read_plans() if numbers is None else plans_of(numbers):
        parts.append(f"### {plan.title}")
        for number, day in enumerate(plan.days, start=1):
            if len(plan.days) > 1:
                parts.append(f"Day {number}")
            parts.append(table(day, last))
    return "\n\n".join(parts)


# --- a chapter ---


def chapter(lesson) -> str:
    """The chapter of the guide on one lesson, made of its speaker notes."""
    notes = read_notes(lesson)
    (title, aim), *said, (_last, closing) = notes
    votes = [(under, vote) for under, text in said if (vote := VOTE.fullmatch(text))]
    rest = [(under, text) for under, text in said if not VOTE.fullmatch(text)]
    rows = [f"| {one_line(vote[1])} | {one_line(vote[2])} |" for _under, vote in votes]
    blocks = [
        f"## {title_of(lesson)}",
        links(lesson),
        aim,
        minutes_line(lesson),
        "**What to say**",
        "\n".join(
            bullet("At the start" if under == title else plain(under), texts)
            for under, texts in together(rest)
        ),
    ]
    if rows:
        blocks.append("\n".join(["| Predict | answer |", "|---|---|", *rows]))
    return "\n\n".join([*blocks, closing])


def read_notes(lesson) -> list[tuple[str, str]]:
    """The speaker notes of a lesson in order, each with the heading above it.

    Raises:
        BuildError: if there are fewer than three: what to aim at, what to say, how to close.
    """
    notes, heading = [], ""
    for cell in read_lesson(lesson).cells:
        if is_note(cell):
            notes.append((heading, cell.source.strip()))
        elif cell.cell_type == "markdown" and slide_type(cell) != "skip":
            found = re.findall(r"^#+ (.+)$", cell.source, re.MULTILINE)
            heading = found[-1] if found else heading
    if len(notes) < 3:
        raise BuildError(f"{lesson.name} has {len(notes)} speaker notes; it needs three or more.")
    return notes


def together(notes) -> list[tuple[str, list[str]]]:
    """Bring the notes under one heading together; the order stays."""
    found = {}
    for heading, text in notes:
        found.setdefault(heading, []).append(text)
    return list(found.items())


def bullet(heading: str, texts: list[str]) -> str:
    """One point of "What to say"."""
    words = f"* **{heading}**: {' '.join(texts)}"
    return fill(words, 100, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)


def one_line(text: str) -> str:
    """A text without its line ends."""
    return " ".join(text.split())


def plain(heading: str) -> str:
    """A heading without the minutes of an exercise and the signs of code."""
    return re.sub(r" \(\d+ min.*\)$", "", heading)


def title_of(lesson) -> str:
    """The title of a lesson: "05 · Fine-tuning"."""
    return read_lesson(lesson).cells[0].source.partition("\n")[0].lstrip("# ")


def links(lesson) -> str:
    """Where the lesson and its two notebooks lie, and whether it is on the core path."""
    name = lesson.stem
    core = ["Core path."] if find_plan("90min").minutes_of(name[:2]) else []
    targets = [
        f"[Lesson](lessons/{name}.py),",
        f"[notebook](../notebooks/{name}.ipynb),",
        f"[solved](../notebooks/solutions/{name}.ipynb).",
    ]
    return "\n".join([*targets, *core])


def minutes_line(lesson) -> str:
    """How long the lesson takes, alone and in each plan that holds it."""
    alone, exercises = minutes_in_header(lesson)
    planned = [
        f"{minutes} in {plan.title.partition(':')[0].lower()}"
        for plan in read_plans()
        if (minutes := plan.minutes_of(lesson.name[:2]))
    ]
    told = ", ".join([f"{alone} alone and {exercises} for the exercises", *planned])
    line = f"**Minutes:** {told}. Computer time: [timings.md](timings.md)."
    return fill(line, 100, break_on_hyphens=False, break_long_words=False)
