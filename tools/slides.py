"""Make a reveal.js deck of each lesson: `python course.py slides [NN ...]`.

`slides --plan NAME` makes one deck for a timetable instead: see `clock_deck.py`.

A deck, `build/slides/NN_name.html`, is one file with all that it needs, pictures and reveal.js
included: it opens from a USB stick, without a network. It shows the cells of the lesson with the
outputs of the executed notebook, `notebooks/NN_name.ipynb`, and the speaker notes.

nbconvert writes the file, with the template in `instructor/slides/`. There, `deck.js` cuts the
lesson into slides, in the browser: only that knows how much room a text takes.
"""

import argparse
import os
import re
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter

from tools import ROOT
from tools.lessons import (
    LESSONS,
    NOTEBOOKS,
    WIDGET_VIEW,
    BuildError,
    find_lessons,
    is_note,
    read_executed,
    read_lesson,
    slide_type,
    tags_of,
)
from tools.plans import find_plan
from tools.words import in_any_language, language

SLIDES = ROOT / "build" / "slides"
LIVE = "<p><em>(Try this one live in the notebook.)</em></p>"
# They answer a student. On a slide nobody has written anything yet.
ANSWERS = tuple(f"course_utils.{name}(" for name in ("check", "record_answers", "compare_answers"))


def deck_notebook(lesson, notebooks=NOTEBOOKS, by_the_clock=False) -> nbformat.NotebookNode:
    """Return what the deck shows: cells and speaker notes of the lesson, outputs of the notebook.

    Args:
        lesson: path of a lesson, `NN_name.py`.
        notebooks: the folder with the executed notebooks.
        by_the_clock: also with what only the decks of timetables show, tagged `deck-only`.

    Raises:
        BuildError: if the notebook is missing, or was made from other code than the lesson's.
    """
    lesson = Path(lesson)
    deck = read_lesson(lesson)
    if not deck.cells or not deck.cells[0].source.startswith("# "):
        raise BuildError(f"{lesson.name} needs a title in its first cell: # NN · Name")
    left_out = {"solution", "proof", *([] if by_the_clock else ["deck-only"])}
    deck.cells = [c for c in deck.cells if not left_out & set(tags_of(c))]
    add_outputs(deck, Path(notebooks) / f"{lesson.stem}.ipynb")
    deck.cells = without_skipped(deck.cells)
    for cell in deck.cells:
        if is_note(cell):
            cell.metadata["slideshow"] = {"slide_type": "notes"}
        elif slide_type(cell) == "fragment":  # deck.js itself decides what waits for a key
            del cell.metadata["slideshow"]
    deck.metadata["title"] = title_of(deck)
    return deck


def for_javascript(word: str) -> str:
    """The word as part of a regular expression; JavaScript allows no needless backslash."""
    return re.sub(r"([.*+?^${}()|\[\]\\/])", r"\\\1", word)


def add_outputs(deck, path) -> None:
    """Give each code cell the outputs of its twin in the executed notebook."""
    cells, twins = (
        [cell for cell in notebook.cells if cell.cell_type == "code"]
        for notebook in (deck, read_executed(path))
    )
    if [cell.source for cell in cells] != [twin.source for twin in twins]:
        raise BuildError(
            f"{path.name} was made from other code than its lesson now has: build it first, with: "
            f"python course.py build {path.name[:2]}"
        )
    for cell, twin in zip(cells, twins, strict=True):
        cell.outputs = [] if cell.source.startswith(ANSWERS) else twin.outputs
        replace_widgets(cell.outputs)


def replace_widgets(outputs) -> None:
    """Put a sentence in the place of a widget that has no other form to be shown in."""
    for output in outputs:
        data = output.get("data", {})
        if data.pop(WIDGET_VIEW, None) and data.keys() <= {"text/plain"}:
            data["text/html"] = LIVE


def without_skipped(cells) -> list:
    """Leave out what is marked "skip"; a heading takes along all that stands under it.

    Speaker notes stay, and go to the slide before, unless they are marked themselves.
    """
    kept, under_skipped = [], False
    for cell in cells:
        kind = slide_type(cell)
        is_heading = cell.cell_type == "markdown" and cell.source.startswith("#")
        is_heading = is_heading and not is_note(cell)
        if is_heading or kind in ("slide", "subslide"):
            under_skipped = is_heading and kind == "skip"
        if kind != "skip" and (is_note(cell) or not under_skipped):
            kept.append(cell)
    return kept


def title_of(notebook) -> str:
    """The notebook's first heading."""
    return notebook.cells[0].source.partition("\n")[0].lstrip("# ")


@cache
def exporter() -> SlidesExporter:
    """nbconvert's exporter, with our template and the reveal.js that sphinx_revealjs carries."""
    reveal = Path(find_spec("sphinx_revealjs").origin).parent / "_static" / "revealjs"
    return SlidesExporter(
        template_name="slides",
        extra_template_basedirs=[str(ROOT / "instructor")],
        extra_template_paths=[str(reveal)],
        exclude_anchor_links=True,
        language_code=language(),
        embed_images=True,
    )


def build(lesson, notebooks=NOTEBOOKS, slides=SLIDES, change=lambda deck: None) -> Path:
    """Write the deck of one lesson, and return its path.

    Args:
        lesson: path of the lesson.
        notebooks: the folder with the executed notebooks.
        slides: the folder for the deck.
        change: called with what the deck shows, before it is written.
    """
    lesson = Path(lesson)
    deck = deck_notebook(lesson, notebooks)
    change(deck)
    return write_deck(deck, Path(slides) / f"{lesson.stem}.html", notebooks)


def build_plan(plan, slides=SLIDES, change=lambda deck: None) -> Path:
    """Write the deck of a timetable, a `tools.plans.Plan`, and return its path.

    Args:
        plan: the timetable.
        slides: the folder for the deck.
        change: called with what the deck shows, before it is written.

    Raises:
        BuildError: if a notebook is missing, or a mark in a lesson cannot be followed.
    """
    from tools.clock_deck import clock_notebook  # it takes what is above from here

    deck = clock_notebook(plan)
    change(deck)
    return write_deck(deck, Path(slides) / f"{plan.name}.html", ROOT)


def write_deck(deck, path, pictures) -> Path:
    """Write a deck to its path, in one step: an interrupt leaves the old one.

    Args:
        deck: the notebook to show.
        path: of the deck.
        pictures: the folder in which pictures are looked for, and below it.
    """
    deck.metadata["vote"], deck.metadata["tasks"] = (
        "|".join(map(for_javascript, in_any_language(name))) for name in ("vote", "tasks")
    )
    here = {"metadata": {"path": str(pictures)}}
    html, _resources = exporter().from_notebook_node(deck, here)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(html, encoding="utf-8")
    os.replace(partial, path)
    return path


def main(arguments) -> int:
    """Build the decks of the lessons with these numbers, or all, or of a plan; give the status."""
    parser = argparse.ArgumentParser(prog="course.py slides", description="Make decks of slides.")
    parser.add_argument("numbers", nargs="*", metavar="NN", help="lessons; none for all")
    parser.add_argument("--plan", help="a timetable of instructor/plans.toml, such as 90min")
    options = parser.parse_args(arguments)
    try:
        if options.plan:
            tell(build_plan(find_plan(options.plan)))
            return 0
        for lesson in find_lessons(options.numbers, LESSONS):
            tell(build(lesson))
    except BuildError as error:
        print(f"\nNo slides: {error}", file=sys.stderr)
        return 1
    return 0


def tell(path) -> None:
    """Say where a deck lies, and how large it is."""
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB", flush=True)
