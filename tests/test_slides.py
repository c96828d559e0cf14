"""The decks of tools/slides.py: what is on the slides, and that they need no network.

How they look, and whether everything fits, only a browser can tell: tests/browser/slides.py.
"""

import ast
import re
from functools import cache
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from tools import slides as build_slides
from tools.lessons import BuildError, student_notebook

ROOT = Path(__file__).resolve().parent.parent

LESSONS = sorted((ROOT / "instructor" / "lessons").glob("[0-9][0-9]_*.py"))
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)

SMALL_LESSON = """# %% [markdown] slideshow={"slide_type": "slide"}
# # 99 · A throw-away lesson
# Nothing to learn here.

# %% [markdown] tags=["speaker-notes"]
# Whisper this.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A question
# **Predict:** what is six times seven? (a) 41 (b) 42

# %%
6 * 7

# %% [markdown]
# (b), as everybody knows. More on [a page](https://example.org).

# %% tags=["student"]
answer = ...

# %% tags=["solution"]
answer = "the secret solution"

# %% tags=["proof"]
assert answer

# %%
course_utils.check("9.9", answer=answer)

# %% [markdown] slideshow={"slide_type": "skip"}
# ### An exercise for home

# %% [markdown] tags=["speaker-notes"] slideshow={"slide_type": "skip"}
# A note for the guide alone.

# %%
print("belongs to the exercise")

# %% [markdown] slideshow={"slide_type": "subslide"}
# The end.
"""


def show(text):
    return nbformat.v4.new_output("execute_result", {"text/plain": text}, execution_count=1)


def write_small(folder, lesson=SMALL_LESSON, outputs=("42", None, "Not answered yet", "printed")):
    """Write a lesson, and its notebook with these outputs; returns the lesson's path."""
    path = folder / "99_small.py"
    path.write_text(SMALL_LESSON, encoding="utf-8")
    notebook = student_notebook(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, output in zip(code, outputs, strict=True):
        cell.outputs = [output if isinstance(output, dict) else show(output)] if output else []
    nbformat.write(notebook, folder / "99_small.ipynb")
    path.write_text(lesson, encoding="utf-8")
    return path


def build_small(folder, **options):
    """The deck of `write_small`, parsed."""
    path = build_slides.build(write_small(folder, **options), folder, folder / "slides")
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("slides")


@cache
def deck_of(lesson, folder):
    """The deck of a real lesson, as text and parsed."""
    try:
        html = build_slides.build(lesson, slides=folder).read_text("utf-8")
    except BuildError as error:
        pytest.fail(str(error))
    return html, BeautifulSoup(html, "html.parser")


def slides(deck):
    """The vertical sections, that is every "slide" and "subslide" of the lesson."""
    return deck.select(".slides > section > section")


def words(text):
    return " ".join(text.split())


# --- real lessons ---


ANSWERED_AT_HOME = {"answers"}  # the eight questions of 00


def names_in(source, kind) -> set:
    """The names that a cell stores (`kind` is `ast.Store`) or reads; imports and defs store."""
    tree = ast.parse(re.sub(r"^[!%].*$", "", source, flags=re.M))
    found = {
        node.id
        for node in ast.walk(tree)
        if isinstance(getattr(node, "ctx", None), kind) and isinstance(node, ast.Name)
    }
    if kind is ast.Store:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                found.add(node.name)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                found |= {(one.asname or one.name).partition(".")[0] for one in node.names}
    return found


@each_lesson
def test_who_leaves_out_what_the_slides_leave_out_can_go_on(lesson):
    """No cell of the deck reads a name that only cells for home have stored.

    The first code cell is run by everybody, on a slide or not.
    """
    cells = [
        cell
        for cell in build_slides.read_lesson(lesson).cells
        if not {"solution", "proof"} & set(cell.metadata.get("tags", []))
    ]
    shown = {id(cell) for cell in build_slides.without_skipped(cells)}
    first, *others = [cell for cell in cells if cell.cell_type == "code"]
    at_home, stored = set(), names_in(first.source, ast.Store) | ANSWERED_AT_HOME
    for cell in others:
        new = names_in(cell.source, ast.Store)
        if id(cell) in shown:
            stored |= new
            missing = names_in(cell.source, ast.Load) & at_home - stored
            assert not missing, f"{missing}, in: {cell.source}"
        else:
            at_home |= new


@each_lesson
def test_each_slide_of_the_lesson_is_there(lesson, folder):
    _html, deck = deck_of(lesson, folder)
    kinds = [build_slides.slide_type(cell) for cell in build_slides.deck_notebook(lesson).cells]
    assert kinds[0] == "slide"
    assert len(deck.select(".slides > section")) == kinds.count("slide")
    assert len(slides(deck)) == kinds.count("slide") + kinds.count("subslide")
    assert all(slide.select_one(".text, .code") for slide in slides(deck))


@each_lesson
def test_all_notes_are_there_and_nobody_sees_them(lesson, folder):
    _html, deck = deck_of(lesson, folder)
    written = [
        cell
        for cell in build_slides.read_lesson(lesson).cells
        if build_slides.is_note(cell) and build_slides.slide_type(cell) != "skip"
    ]
    notes = deck.select("aside.notes")  # what reveal.js hides
    assert len(notes) == len(written) > 0
    for note, cell in zip(notes, written, strict=True):
        first = re.sub(r"[*`]", "", cell.source).split()[:3]
        assert words(note.text).split()[:3] == first
    seen = words(deck.text)
    for note in notes:
        seen = seen.replace(words(note.text), "", 1)
    for cell in written:
        assert words(cell.source)[:40] not in seen


@each_lesson
def test_each_slide_has_something_to_say(lesson, folder):
    _html, deck = deck_of(lesson, folder)
    for slide in slides(deck):
        assert slide.select("aside.notes"), words(slide.text)[:60]


@each_lesson
def test_outputs_are_those_of_the_notebook(lesson, folder):
    _html, deck = deck_of(lesson, folder)
    cells = [c for c in build_slides.deck_notebook(lesson).cells if c.cell_type == "code"]
    assert [words(code.text) for code in deck.select(".code")] == [words(c.source) for c in cells]
    assert len(deck.select(".output")) == sum(len(cell.outputs) for cell in cells) > 0
    notebook = nbformat.read(ROOT / "notebooks" / f"{lesson.stem}.ipynb", as_version=4)
    stored = [str(output) for c in notebook.cells for output in c.get("outputs", [])]
    assert all(str(output) in stored for cell in cells for output in cell.outputs)


@each_lesson
def test_solutions_are_left_out(lesson, folder):
    _html, deck = deck_of(lesson, folder)
    shown = [words(code.text) for code in deck.select(".code")]
    solutions = [
        cell
        for cell in build_slides.read_lesson(lesson).cells
        if {"solution", "proof"} & set(cell.metadata.get("tags", []))
    ]
    assert solutions
    assert not [cell.source for cell in solutions if words(cell.source) in shown]


@each_lesson
def test_nothing_comes_from_elsewhere(lesson, folder):
    html, deck = deck_of(lesson, folder)
    for tag in deck.select("[src], link[href], [srcset], object[data]"):
        address = tag.get("src") or tag.get("href") or tag.get("srcset") or tag.get("data")
        assert address.startswith("data:"), f"<{tag.name}> loads {address[:80]}"
    for style in deck.select("style"):
        assert "@import" not in style.text
        assert set(re.findall(r"url\(['\"]?(\w+):", style.text)) <= {"data"}
    assert not deck.select("iframe, script[src], base")
    assert "MathJax" not in html and "require.min" not in html


@each_lesson
def test_a_reader_who_cannot_see_it_is_not_forgotten(lesson, folder):
    _html, deck = deck_of(lesson, folder)
    title = deck.select_one("h1").text
    assert deck.html["lang"] == "en"
    assert deck.title.text == title
    assert title in deck.main["aria-label"]
    assert all(len(picture.get("alt", "")) > 40 for picture in deck.select(".slides img"))


@each_lesson
def test_there_are_no_prompts(lesson, folder):
    _html, deck = deck_of(lesson, folder)
    assert not re.search(r"(In|Out)\s*\[[\d\s]*\]:|¶", deck.select_one(".slides").text)


# --- a throw-away lesson ---


def test_a_new_lesson_becomes_a_deck(tmp_path):
    deck = build_small(tmp_path)
    assert [slide.get_text(" ", strip=True)[:10] for slide in slides(deck)] == [
        "99 · A thr",
        "A question",
        "The end.",
    ]
    assert deck.select_one("section aside.notes").text.strip() == "Whisper this."
    assert [output.text.strip() for output in deck.select(".output")] == ["42"]
    assert deck.select_one(".slides a")["href"] == "https://example.org"
    text = deck.select_one(".slides").text
    assert "answer = ..." in text and "9.9" in text
    for hidden in ("secret solution", "Not answered yet", "exercise", "printed", "guide alone"):
        assert hidden not in text


def test_the_question_stands_before_its_answer(tmp_path):
    text = build_small(tmp_path).select_one(".slides").text
    places = [text.index(part) for part in ("Predict", "6 * 7", "42\n\n", "as everybody knows")]
    assert places == sorted(places)


def test_a_widget_leaves_a_sentence(tmp_path):
    data = {build_slides.WIDGET_VIEW: {"model_id": "1"}, "text/plain": "VBox(children=())"}
    widget = nbformat.v4.new_output("display_data", data)
    deck = build_small(tmp_path, outputs=(widget, None, None, None))
    assert deck.select_one(".output").text.strip() == "(Try this one live in the notebook.)"


def test_a_widget_with_a_picture_shows_the_picture(tmp_path):
    data = {build_slides.WIDGET_VIEW: {"model_id": "1"}, "text/html": "<b>a table</b>"}
    widget = nbformat.v4.new_output("display_data", data)
    deck = build_small(tmp_path, outputs=(widget, None, None, None))
    assert deck.select_one(".output").text.strip() == "a table"


def test_a_missing_notebook_gives_one_sentence(tmp_path, monkeypatch, capsys):
    write_small(tmp_path).with_suffix(".ipynb").unlink()
    monkeypatch.setattr(build_slides, "LESSONS", tmp_path)
    assert build_slides.main(["99"]) == 1
    said = capsys.readouterr().err.strip()
    assert said.startswith("No slides: 99_small.ipynb is not there yet: build it first")
    assert "\n" not in said


def test_changed_code_gives_one_sentence(tmp_path):
    lesson = write_small(tmp_path, lesson=SMALL_LESSON.replace("6 * 7", "6 * 8"))
    with pytest.raises(BuildError, match=r"^99_small.ipynb .* other code .* build it first[^\n]*$"):
        build_slides.build(lesson, tmp_path, tmp_path)
    assert not list(tmp_path.glob("*.html"))


def test_changed_prose_needs_no_new_notebook(tmp_path):
    deck = build_small(tmp_path, lesson=SMALL_LESSON.replace("The end.", "Good night."))
    assert slides(deck)[-1].text.strip() == "Good night."


def test_an_unknown_number_gives_one_sentence(capsys):
    assert build_slides.main(["77"]) == 1
    assert capsys.readouterr().err.startswith("\nNo slides: There is no lesson 77: choose from 00")
