"""A choice of lessons, for `python course.py release OUT --lessons 00,01,04`: what follows from it.

A page that stays may lead to a notebook that does not: such links become plain words. The guide
keeps the chapters of the chosen lessons, and its timetables their rows, with new clock times.
"""

import re
import shutil
from pathlib import Path

import nbformat

from tools import ROOT
from tools.lessons import NOTEBOOKS, find_lessons

GUIDE = ROOT / "instructor" / "GUIDE.md"
TIMINGS = ROOT / "instructor" / "timings.md"
LINK = re.compile(r"\[([^\][]+)\]\(([^)\s]+)\)")
NUMBER = re.compile(r"(?<![\d.,:])0\d(?![\d:])")  # of a lesson, in prose
ROW = re.compile(r"^\| \d+:\d\d \| \d+:\d\d \| (\d+) \| (.+) \|$")
TOTAL = re.compile(r"^\| \| \| \*\*\d+\*\* \| (.+) \|$")


def left_out(numbers) -> set[str]:
    """The names of the lessons, such as "02_mechanics", that are not among these numbers.

    Raises:
        BuildError: if a number is none of a lesson. No number at all stands for every lesson.
    """
    chosen = {lesson.stem for lesson in find_lessons(numbers)}
    return {lesson.stem for lesson in find_lessons([])} - chosen


def without_links(text: str, leads_on) -> str:
    """The text with plain words in place of some links.

    Args:
        text: Markdown.
        leads_on: called with the target of a link; False makes it plain words.
    """
    return LINK.sub(lambda link: link[0] if leads_on(link[2]) else link[1], text)


def unlink(text: str, gone) -> str:
    """The text with plain words in place of links to these lessons or their notebooks."""
    return without_links(text, lambda target: Path(target.partition("#")[0]).stem not in gone)


def unlink_page(path, gone) -> None:
    """Do the same in a Markdown page or a notebook; one that has no such link stays as it is."""
    if path.suffix == ".md":
        before = path.read_text(encoding="utf-8")
        after = unlink(before, gone)
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
    elif path.suffix == ".ipynb":
        notebook = nbformat.read(path, as_version=4)
        if unlink_cells(notebook, gone):
            nbformat.write(notebook, path)


def unlink_cells(notebook, gone) -> bool:
    """Do the same in the text cells of a notebook; return whether any of them has changed."""
    changed = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = unlink(cell.source, gone)
            changed |= text != cell.source
            cell.source = text
    return changed


# --- for the instructor ---


def write_instructor_folder(folder, numbers, class_folder) -> None:
    """Fill an empty folder with what somebody needs who teaches these lessons.

    That is the guide, the lessons with their speaker notes, the solved notebooks, decks and site.

    Args:
        folder: path of the folder.
        numbers: of the lessons.
        class_folder: name of the folder for the class, beside this one.

    Raises:
        BuildError: if a deck or the site cannot be made.
    """
    from tools import site, slides  # slow to import, and not every release needs them

    folder, gone = Path(folder), left_out(numbers)
    for lesson in find_lessons(numbers):
        for source, target in (
            (lesson, "lessons"),
            (NOTEBOOKS / "solutions" / f"{lesson.stem}.ipynb", "solutions"),
        ):
            (folder / target).mkdir(exist_ok=True)
            shutil.copy(source, folder / target)
            unlink_page(folder / target / source.name, gone)
        slides.build(lesson, slides=folder / "slides", change=lambda deck: unlink_cells(deck, gone))
    site.build_site(folder / "site", numbers=numbers, change=lambda path: unlink_page(path, gone))
    shutil.copy(TIMINGS, folder)
    guide = shorter_guide(GUIDE.read_text(encoding="utf-8"), numbers, class_folder)
    here = without_links(guide, lambda target: leads_somewhere(target, folder))
    (folder / "GUIDE.md").write_text(here, encoding="utf-8", newline="\n")


def leads_somewhere(target: str, folder) -> bool:
    """Whether a link of a page in this folder has a place to lead to."""
    return target.startswith(("http", "#")) or (folder / target.partition("#")[0]).exists()


def shorter_guide(guide: str, numbers, class_folder: str) -> str:
    """The guide to a choice of lessons; its links fit `write_instructor_folder`.

    Args:
        guide: text of the guide to all lessons.
        numbers: of the lessons.
        class_folder: name of the folder for the class.
    """
    gone = left_out(numbers)
    kept = [lesson.name[:2] for lesson in find_lessons(numbers)]
    title, *parts = re.split(r"^(?=## )", guide, flags=re.M)
    chapters = [
        shorter_timetables(part, kept) if part.startswith("## Timetables") else part
        for part in parts
        if not re.match(r"## \d\d ·", part) or part[3:5] in kept
    ]
    note = (
        f"**This guide is for a choice of lessons:** {', '.join(kept)}. Chapters about the others\n"
        "are left out; so are their rows in the timetables, whose clock times follow.\n\n"
    )
    heading, _, rest = title.partition("\n\n")
    text = "".join([heading, "\n\n", note, rest, *chapters])
    for old, new in (
        ("](../notebooks/solutions", "](solutions"),
        ("](../notebooks", f"](../{class_folder}/notebooks"),
    ):
        text = text.replace(old, new)
    return unlink(text, gone)


def shorter_timetables(chapter: str, kept) -> str:
    """The chapter without what is about other lessons: rows, paragraphs, tables with no lesson.

    Args:
        chapter: paragraphs, headings and tables.
        kept: numbers of the lessons that stay, such as "04".
    """
    blocks = []
    for block in chapter.split("\n\n"):
        if block.startswith("| from |"):
            lines = shorter_table(block.splitlines(), kept)
            if any(lesson_of(line) for line in lines):
                blocks.append("\n".join(lines))
        elif block.startswith("#") or set(NUMBER.findall(block)) <= set(kept):
            blocks.append(block)
    return "\n\n".join(blocks).rstrip() + "\n\n"


def shorter_table(lines, kept) -> list[str]:
    """The lines of a timetable without the rows about other lessons; later rows move up."""
    shorter, clock = [], 0
    for line in lines:
        row, total, lesson = ROW.match(line), TOTAL.match(line), lesson_of(line)
        if lesson and lesson not in kept:
            continue
        if row:
            begin, clock = clock, clock + int(row[1])
            line = f"| {as_clock(begin)} | {as_clock(clock)} | {row[1]} | {row[2]} |"
        elif total:
            line = f"| | | **{clock}** | {total[1]} |"
        shorter.append(line)
    return shorter


def lesson_of(line: str) -> str:
    """The number of the lesson that a row of a timetable is about; "" if there is none."""
    row = ROW.match(line)
    about = re.match(r"\d\d\b", row[2]) if row else None
    return about[0] if about else ""


def as_clock(minutes: int) -> str:
    """Minutes after the start as hours and minutes: 75 is "1:15"."""
    return f"{minutes // 60}:{minutes % 60:02}"
