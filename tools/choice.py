"""A choice of lessons, for `python course.py release OUT --lessons 00,01,04`: what follows from it.

A page that stays may lead to a notebook that does not: such links become plain words. The guide
keeps the chapters of the chosen lessons, and its timetables their rows, with new clock times.
"""

import re
import shutil
from pathlib import Path

import nbformat

from tools import ROOT
from tools.guide import timetables
from tools.lessons import NOTEBOOKS, find_lessons
from tools.plans import plans_of

GUIDE = ROOT / "instructor" / "GUIDE.md"
TIMINGS = ROOT / "instructor" / "timings.md"
LINK = re.compile(r"\[([^\][]+)\]\(([^)\s]+)\)")
NUMBER = re.compile(r"(?<![\d.,:])0\d(?![\d:])")  # of a lesson, in prose


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
    for plan in plans_of(numbers):
        slides.build_plan(plan, folder / "slides", change=lambda deck: unlink_cells(deck, gone))
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
        with_timetables(part, kept) if part.startswith("## Timetables") else part
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


def with_timetables(chapter: str, kept) -> str:
    """The chapter with timetables of these lessons, without paragraphs about other lessons.

    Args:
        chapter: of the guide to all lessons.
        kept: numbers of the lessons that stay, such as "04".
    """
    table, _, after = chapter.partition("<!-- end -->")
    before = table.partition("<!-- made: timetables -->")[0]
    own = [block for block in after.split("\n\n") if set(NUMBER.findall(block)) <= set(kept)]
    return before + timetables(kept) + "\n\n" + "\n\n".join(own).strip() + "\n\n"
