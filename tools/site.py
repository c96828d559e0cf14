"""Make a site to read from the executed notebooks: `python course.py site`.

`build/site/index.html` opens in any browser, without a network. Nothing is executed: each page is a
notebook as it was built, with the solutions folded below their exercises. The first bold use of a
term on a page leads to its entry in the glossary, and the entry leads back.

The pages are made with Sphinx, myst-nb and sphinx-book-theme; `instructor/site/` has the settings.
"""

import io
import re
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbconvert.filters import strip_ansi
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from tools import ROOT, refuse
from tools.glossary import all_spellings, glossary_page, link_terms, place, read_glossary
from tools.lessons import (
    LESSONS,
    NOTEBOOKS,
    BuildError,
    find_lessons,
    is_for_decks,
    is_proof,
    is_solution,
    read_executed,
    read_lesson,
    solution_notebook,
    student_notebook,
    tags_of,
)
from tools.words import any_of, word

SETTINGS = ROOT / "instructor" / "site"
OUTPUT = ROOT / "build" / "site"
PICTURE = ROOT / "data" / "recorded" / "slide_recipe.png"
FIRST_CELL = {  # what the table of lessons takes from it
    "title": r"^# (.+)$",
    "minutes": rf"\*\*{any_of('time')}:\*\* (\d+) ",
    "objective": r"^\* (.+?)[,.]?(?=\n\*|\n\n|\Z)",
}


# --- pages ---


def lesson_page(lesson, notebooks=NOTEBOOKS) -> nbformat.NotebookNode:
    """Return the student's notebook, with each solution and answer folded below its question.

    Args:
        lesson: path of the lesson; it says in which order the cells stand.
        notebooks: folder of the executed notebooks.

    Raises:
        BuildError: if a notebook is missing, or if the lesson has changed since it was made.
    """
    executed = {}
    # What both notebooks have is shown as a student sees it.
    for folder, fresh in (
        ("solutions", solution_notebook(lesson)),
        (".", student_notebook(lesson)),
    ):
        ran = read_executed(notebooks / folder / f"{lesson.stem}.ipynb").cells
        if [cell.id for cell in ran] != [cell.id for cell in fresh.cells]:
            raise BuildError(
                f"{lesson.name} has changed since its notebooks were made. Make them again: "
                f"python course.py build {lesson.name[:2]} (if only prose has changed, add --text)"
            )
        executed.update((cell.id, cell) for cell in ran)
    page = read_lesson(lesson)
    page.cells = [executed[c.id] for c in page.cells if not (is_for_decks(c) or is_proof(c))]
    for cell in page.cells:
        if is_solution(cell):
            cell.metadata.tags.append("hide-cell")
        elif "solution" in tags_of(cell):
            folded = f"<details><summary>{word('answer')}</summary>\n\n{cell.source}\n\n</details>"
            cell.source = folded
    return page


def link_page(page, number: str, forms: dict[str, str]) -> set[str]:
    """Link the terms of a page to the glossary.

    Args:
        page: the notebook; its Markdown cells are changed.
        number: of the lesson.
        forms: see `glossary.all_spellings`.

    Returns:
        The places to which the glossary can lead back.
    """
    done = set()
    for cell in page.cells:
        if cell.cell_type == "markdown":
            before = set(done)
            text = link_terms(cell.source, forms, done)
            places = [f"({place(number, entry)})=\n" for entry in sorted(done - before)]
            cell.source = "".join(places) + text
    return {place(number, entry) for entry in done}


def table_row(lesson) -> str:
    """What the first page says about a lesson: title, minutes, the first of its objectives.

    Raises:
        BuildError: if the first cell of the lesson does not say so.
    """
    first = read_lesson(lesson).cells[0].source
    core = re.search(rf"\*\*{any_of('core_path')}\*\*", first)
    row = {"core": " ●" if core else "", "page": f"{lesson.stem}.ipynb"}
    for what, pattern in FIRST_CELL.items():
        found = re.search(pattern, first, re.MULTILINE | re.DOTALL if what == "objective" else re.M)
        if found is None:
            raise BuildError(f"{lesson.name} has no {what} in its first cell: add it, as in 00.")
        row[what] = " ".join(found[1].replace("**", "").split())
    return "| [{title}]({page}){core} | {minutes} | {objective} |".format(**row)


# --- the site ---


def write_sources(folder, lessons=LESSONS, notebooks=NOTEBOOKS, numbers=()) -> None:
    """Write all that Sphinx needs into a new folder: a file for each page, and the picture."""
    folder.mkdir()
    for path in [*notebooks.glob("*.md"), *notebooks.glob("*.py"), PICTURE]:
        shutil.copy(path, folder)
    forms = all_spellings(read_glossary()[1])
    places, rows = set(), []
    for lesson in find_lessons(numbers, lessons):
        page = lesson_page(lesson, notebooks)
        rows.append(table_row(lesson))
        places |= link_page(page, lesson.name[:2], forms)
        nbformat.write(page, folder / f"{lesson.stem}.ipynb")
    index = (SETTINGS / "index.md").read_text(encoding="utf-8")
    index = index.replace("{{ lessons }}", "\n".join(rows))
    (folder / "index.md").write_text(index, encoding="utf-8")
    (folder / "glossary.md").write_text(glossary_page(places), encoding="utf-8")


def run_sphinx(source, output, doctrees) -> None:
    """Turn the sources into HTML.

    Raises:
        BuildError: at any warning of Sphinx; the message names the page.
    """
    warnings = io.StringIO()
    try:
        with patch_docutils(SETTINGS), docutils_namespace():
            Sphinx(
                source, SETTINGS, output, doctrees, "html", status=None, warning=warnings
            ).build()
    except (SphinxError, OSError) as error:
        raise BuildError(f"Sphinx stopped: {error}") from error
    lines = strip_ansi(warnings.getvalue()).strip().splitlines()
    if lines:
        where, what = re.split("(?:WARNING|ERROR|CRITICAL|SEVERE): |$", lines[0], maxsplit=1)
        page = Path(re.split(r"\.ipynb|\.md", where)[0]).name or "conf.py"
        raise BuildError(
            f"Page {page} has a fault: {what} (lines of warnings in all: {len(lines)})"
        )


def put_in_place(new, output, old) -> None:
    """Give the new site the place of the old one, which goes to `old`; all on one disk.

    Raises:
        BuildError: if that is not allowed; the old site then is where it was.
    """
    try:
        if output.exists():
            output.rename(old)
        new.rename(output)
    except OSError as error:
        if old.exists() and not output.exists():
            old.rename(output)
        raise BuildError(
            f"{output.name} is in use: close it in your browser, then run this again."
        ) from error


def build_site(
    output=OUTPUT, lessons=LESSONS, notebooks=NOTEBOOKS, numbers=(), change=lambda page: None
) -> None:
    """Make the whole site; if that fails, the old one stays.

    Args:
        output: folder of the site; what is in it is replaced.
        lessons: folder of the lessons.
        notebooks: folder of the executed notebooks.
        numbers: of the lessons to show; none for all of them.
        change: called with the path of each page before Sphinx reads it.

    Raises:
        BuildError: if a notebook is missing or a page has a fault.
    """
    output = Path(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=".site-", dir=output.parent, ignore_cleanup_errors=True
    ) as folder:
        work = Path(folder)
        write_sources(work / "source", Path(lessons), Path(notebooks), numbers)
        for page in sorted((work / "source").iterdir()):
            change(page)
        run_sphinx(work / "source", work / "html", work / "doctrees")
        put_in_place(work / "html", output, work / "old")


def main(arguments=()) -> int:
    """Build the site; return the exit status."""
    refuse(arguments)
    try:
        build_site()
    except BuildError as error:
        print(f"\nSite not built: {error}", file=sys.stderr)
        return 1
    print(f"The site is ready: open {OUTPUT.relative_to(ROOT).as_posix()}/index.html in a browser.")
    return 0
