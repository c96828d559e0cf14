"""A deck by the clock: `python course.py slides --plan NAME` makes one for a whole timetable.

A lesson marks, in the slide metadata of a cell, what is shown and what it says:

    # %% slideshow={"claim": "One step hardly moves the answer", "plan": "90min"}

`claim` becomes the title. `plan` is the shortest plan in which it is shown. Of a code cell the
audience sees its figure, or its code and what it prints; of long code only `lines`, such as
`"lines": [3, 8]`, the first and the last. Of a question they see the question alone; of other text
all but its heading, and without an answer "(b)." at its beginning.

About one such slide a minute stands in a row: the key → leads through them. All that the lesson has
besides stands below the slide before it, behind the key ↓. At the foot of a slide and in its notes
stands which part of the notebook it shows; the notes say what has to be run before it.
"""

import copy
import html
import re
from textwrap import dedent

import nbformat
from nbformat.v4 import new_markdown_cell

from tools.lessons import (
    BuildError,
    find_lessons,
    is_note,
    read_lesson,
    slide_type,
    tags_of,
)
from tools.plans import DEPTHS, PAUSES, clock
from tools.slides import deck_notebook, title_of
from tools.words import any_of

# From the word of a vote to the end of its paragraph, or of the next one with the options.
QUESTION = re.compile(
    rf"\*\*{any_of('vote')}\b(?:.(?!\n\n))*.(?:\n\n\(a\)(?:.(?!\n\n))*.)?", re.DOTALL
)
FIRST = "Everybody has {} open, and runs its first cell."
CHANGE = "Everybody shuts down the notebook before, opens {}, and runs its first cell."
MOST_LINES = 6
OPENING = (
    "→ the next slide; ↓ what the notebook has besides, ↑ back. S: notes in a second window. This "
    "timetable has not been taught yet: note your real minutes in CLASS.md, and tell us."
)
FIGURE = re.compile(r"<img|<svg")
PART = re.compile(r"^##+ (.*)", re.M)
RUN_ON = "First everybody runs on, Shift + Enter; the last cell to run begins with `{}`."
HEADING = re.compile(r"\A(?:.*\n)*?#+ .*\n+", re.M)  # up to the last heading
ANSWER = re.compile(r"\A\([a-e]\)[.,] ?")


def clock_notebook(plan) -> nbformat.NotebookNode:
    """What the deck of a plan shows, as one notebook.

    Args:
        plan: a `tools.plans.Plan`.

    Raises:
        BuildError: if a notebook is missing or out of date, or a mark cannot be followed.
    """
    deck = nbformat.v4.new_notebook(metadata={"title": plan.title, "clock": True})
    taught = set()  # of a lesson with several rows, all slides stand under the first
    for number, day in enumerate(plan.days, start=1):
        title = plan.title if len(plan.days) == 1 else f"{plan.title} · Day {number}"
        deck.cells += [text_slide(f"# {title}\n\n{agenda(day)}"), note(OPENING)]
        for row in day:
            if row.kind == "spare":  # a slide would plan it
                continue
            deck.cells += row_slide(row, taught)
            if row.lesson and row.lesson not in taught:
                deck.cells += columns(row.lesson, plan.depth)
                taught.add(row.lesson)
    return deck


def agenda(day) -> str:
    """The lessons of a day, each once, and its lunch, as a list with clock times."""
    starts = {}
    for row in day:
        if row.lesson or row.kind == "lunch":
            starts.setdefault(lesson_title(row.lesson) if row.lesson else row.what, row.start)
    return "\n".join(f"* **{clock(start)}** {name}" for name, start in starts.items())


def lesson_title(number: str) -> str:
    """The title of the lesson with this number."""
    return title_of(read_lesson(*find_lessons([number])))


def row_slide(row, taught) -> list:
    """The slide that opens a row of the timetable, with its time and its notes.

    Args:
        row: of the timetable.
        taught: numbers of the lessons that the rows before it taught.
    """
    until = f"{clock(row.start)} to {clock(row.end)}"
    if row.kind in PAUSES:
        show, say = (
            f"We go on at **{clock(row.end)}**.",
            "Are you late? The guide says what to skip.",
        )
    elif row.lesson and not row.show:
        show = row.aims or objectives(row.lesson)
        say = f"{row.what}. {which_notebook(row.lesson, taught)}"
    else:
        show, say = row.show, row.say
    title = lesson_title(row.lesson) if row.lesson and not row.show else row.what
    return [text_slide(f"# {title}\n\n{show}"), note(f"{until}. {say}")]


def which_notebook(number: str, taught) -> str:
    """What everybody does as a lesson begins; "" where it goes on."""
    if number in taught:
        return ""
    return (CHANGE if taught else FIRST).format(number)


def objectives(number: str) -> str:
    """What the first cell of a lesson says that one will be able to do: its list."""
    first = read_lesson(*find_lessons([number])).cells[0].source
    return "\n".join(re.findall(r"^\* .*(?:\n  .*)*", first, re.M))


def columns(number: str, depth: str) -> list:
    """The cells of a lesson: each marked one begins a column, the others stand below it."""
    (lesson,) = find_lessons([number])
    made, on_slide = [], True  # on_slide: what comes next would land on a planned slide
    waiting = []  # what the last planned slide left out: it comes after the notes of that slide
    part, not_shown = "", None  # not_shown: the last cell with code since then
    begun = False  # everybody runs the first cell as the lesson begins
    _title, *cells = deck_notebook(lesson, by_the_clock=True).cells
    for cell in cells:
        if is_note(cell):
            made.append(cell)
            continue
        made += waiting
        on_slide, waiting = on_slide and not waiting, []
        part = [part, *PART.findall(cell.source)][-1] if cell.cell_type == "markdown" else part
        if is_marked(cell, depth, lesson.name):
            slide, waiting = planned(cell, lesson.name)
            made += [*slide, place(part, not_shown)] if part else slide
            on_slide, not_shown = True, None
            begun = begun or cell.cell_type == "code"
        elif "deck-only" not in tags_of(cell):
            begins = on_slide or slide_type(cell) in ("slide", "subslide")
            cell.metadata["slideshow"] = {"slide_type": "subslide"} if begins else {}
            made.append(cell)
            on_slide = False
            if cell.cell_type == "code":
                begun, not_shown = True, cell if begun else None
    return made + waiting


def place(part: str, before=None):
    """The note that says where in the notebook a slide is, and up to which cell to run before."""
    plain = html.escape(re.sub("[`*]", "", part))
    said = f'<p>Notebook: <b class="place">{plain}</b></p>'  # deck.js shows it below the slide, too
    first = before.source.partition("\n")[0] if before else ""
    return note(f"{said}\n\n{RUN_ON.format(first)}" if first else said)


def is_marked(cell, depth: str, name: str) -> bool:
    """Whether a plan of this depth shows the cell.

    Raises:
        BuildError: if the mark names no plan, or has no claim.
    """
    mark = cell.metadata.get("slideshow", {})
    if "plan" not in mark:
        return False
    if mark["plan"] not in DEPTHS or not mark.get("claim"):
        raise BuildError(
            f'{name}: a marked cell needs a "claim", and a "plan" of {", ".join(DEPTHS)}:\n'
            f"{cell.source[:200]}"
        )
    return DEPTHS.index(mark["plan"]) <= DEPTHS.index(depth)


def planned(cell, name: str) -> tuple[list, list]:
    """The cells of one planned slide, and those with what it leaves out."""
    title = text_slide(f"### {cell.metadata['slideshow']['claim']}")
    make = planned_code if cell.cell_type == "code" else planned_text
    body, rest = make(copy.deepcopy(cell), name)
    body.metadata["slideshow"], body.id = {}, f"{cell.id}-planned"
    if rest is None:
        return [title, body], []
    rest.metadata["slideshow"] = {"slide_type": "subslide"}
    return [title, body], [rest]


def planned_code(cell, name):
    """A figure without its code, or a few lines with what they print; and the rest."""
    full = copy.deepcopy(cell)
    figures = [output for output in cell.outputs if FIGURE.search(str(output))]
    if figures:
        cell.metadata["transient"] = {"remove_source": True}
        full.outputs = [output for output in cell.outputs if output not in figures]
        cell.outputs = figures
        return cell, full
    lines = cell.source.splitlines()
    first, last = cell.metadata["slideshow"].get("lines", (1, len(lines)))
    if not 0 <= last - first < MOST_LINES or last > len(lines):
        raise BuildError(
            f'{name}: a slide shows at most {MOST_LINES} lines of code: give the cell "lines": '
            f"[first, last], within its {len(lines)} lines:\n{cell.source[:200]}"
        )
    cell.source = dedent("\n".join(lines[first - 1 : last]))
    return cell, full if last - first + 1 < len(lines) else None


def planned_text(cell, _name):
    """A question alone, or a text without its heading; and the rest."""
    full, text = copy.deepcopy(cell), HEADING.sub("", cell.source)
    question = QUESTION.search(text)
    cell.source = question[0] if question else ANSWER.sub("", text)
    same = " ".join(cell.source.split()) == " ".join(HEADING.sub("", full.source).split())
    return cell, None if same or "deck-only" in tags_of(cell) else full


def text_slide(source):
    """A cell of text that begins a column."""
    return new_markdown_cell(source, metadata={"slideshow": {"slide_type": "slide"}})


def note(source):
    """Speaker notes for the slide before."""
    return new_markdown_cell(source, metadata={"slideshow": {"slide_type": "notes"}})
