"""A lesson in another language: headers, slides and site find its words, and write their own."""

import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from tools import headers, slides, words
from tools.lessons import solution_notebook, student_notebook

ROOT = Path(__file__).resolve().parent.parent
LESSON = """# %% [markdown] slideshow={"slide_type": "slide"}
# # 99 · Eine Lektion auf Deutsch
#
# **Zeit:** 7 Minuten, und 3 für die Aufgaben (geschätzt) ·
# **Rechenzeit:** about 10 s ·
# **Kernpfad**
#
# Du wirst
#
# * eine Seite sehen,
# * sie wegwerfen.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Eine Frage
#
# **Was kommt heraus?** Sechs mal sieben ist (a) 41 (b) 42

# %%
6 * 7

# %% [markdown]
# ### Aufgabe 9.1: teilen (3 min, leicht)

# %% tags=["student"]
answer = ...

# %% tags=["solution"]
answer = "gefaltet"

# %% [markdown] tags=["solution"]
# Gefaltete Prosa.
"""
ROW = {"seconds": 12, "slowest": 3, "peak_mb": 500, "date": "2026-11-28"}
# myst-parser and sphinx-book-theme use parts of Sphinx that will change one day.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")


@pytest.fixture
def course(tmp_path):
    """Folders of lessons and notebooks that hold the German lesson alone."""
    lessons, notebooks = tmp_path / "lessons", tmp_path / "notebooks"
    lessons.mkdir()
    (notebooks / "solutions").mkdir(parents=True)
    lesson = lessons / "99_deutsch.py"
    lesson.write_text(LESSON, encoding="utf-8")
    nbformat.write(student_notebook(lesson), notebooks / "99_deutsch.ipynb")
    nbformat.write(solution_notebook(lesson), notebooks / "solutions" / "99_deutsch.ipynb")
    return lessons, notebooks


@pytest.fixture
def in_german(monkeypatch, tmp_path):
    """The tools write German."""
    text = words.FILE.read_text(encoding="utf-8")
    german = tmp_path / "words.toml"
    german.write_text(text.replace('language = "en"', 'language = "de"'), encoding="utf-8")
    monkeypatch.setattr(words, "FILE", german)


def test_every_language_has_every_word():
    table = words.read_words()
    assert table.pop("language") == "en" and {"en", "de"} <= set(table)
    for language in table.values():
        assert set(language) == set(table["en"])
        assert {"{own}", "{exercises}"} == set(re.findall(r"{\w+}", language["times"]))


def test_minutes_and_votes_are_counted(course):
    notebook = nbformat.read(course[1] / "99_deutsch.ipynb", as_version=4)
    assert headers.size(notebook)["votes"] == 1
    assert headers.minutes(notebook, 0)[1] == 3
    assert headers.TIME.search(LESSON)


def test_the_header_is_written_in_the_language_of_the_course(in_german):
    written = headers.header(8, 4, ROW)
    assert written.startswith("**Zeit:** 8 Minuten, und 4 für die Aufgaben (geschätzt) ·\n")
    assert headers.TIME.match(f"{written} ") and len(headers.TIME.findall(LESSON)) == 1


def test_the_deck_knows_the_words(course, in_german, tmp_path):
    slides.exporter.cache_clear()
    path = slides.build(course[0] / "99_deutsch.py", course[1], tmp_path / "slides")
    slides.exporter.cache_clear()
    deck = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    assert deck.html["lang"] == "de"
    (found,) = deck.select("div.slides")
    vote, tasks = (re.compile(f"^(?:{found[name]})") for name in ("data-vote", "data-tasks"))
    asked = [strong.get_text() for strong in deck.select(".text strong")]
    assert [text for text in asked if vote.match(text)] == ["Was kommt heraus?"]
    assert vote.match("Predict:") and tasks.match("Ändere:") and tasks.match("Modify:")
    assert not tasks.match("Zeit:")


def test_the_site_folds_and_lists_it(course, in_german, tmp_path, monkeypatch):
    from tools import site

    monkeypatch.setattr(
        site,
        "glossary_page",
        lambda places: "# Glossar\n\n```{glossary}\ncheckpoint\n  Ein Stand.\n```\n",
    )
    site.build_site(tmp_path / "site", *course)
    page = BeautifulSoup((tmp_path / "site" / "99_deutsch.html").read_text("utf-8"), "html.parser")
    assert page.html["lang"] == "de"
    folded = [each.summary.get_text(" ", strip=True) for each in page.select("article details")]
    assert "Antwort" in folded and any("Lösung zeigen" in text for text in folded)
    index = BeautifulSoup((tmp_path / "site" / "index.html").read_text("utf-8"), "html.parser")
    (row,) = [tr for tr in index.select("table tr") if tr.select("a")]
    assert [td.get_text() for td in row.select("td")] == [
        "99 · Eine Lektion auf Deutsch ●", "7", "eine Seite sehen",
    ]  # fmt: skip
