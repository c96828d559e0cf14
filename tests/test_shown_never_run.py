"""HTML and scripts in a text or a label are shown, and never run, wherever this project shows them.

Each page of `shown_places.py` is parsed, and must hold no element of the payload, and no attribute
that runs something.
"""

import re
from pathlib import Path

import nbformat.v4 as v4
import pytest
import yaml
from bs4 import BeautifulSoup
from bs4.element import PreformattedString
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shown_places import PAYLOADS, PLACES, evaluation, html, readme, rendered, words
from test_figures_names import FIGURES

import course_utils
from course_utils.data import display
from course_utils.look.figures import base as figures
from course_utils.look.views import base
from tools import run, slides

ROOT = Path(__file__).resolve().parent.parent
OURS = set(
    "b br code div em figcaption figure h1 h2 img p pre span strong style table tbody td th thead "
    "tr".split()
)
COSTLY = {
    "view: prediction",
    "view: gap",
    "another word",
    "occlusion",
    "figure: a batch",
    "view: tokens",
}
"""They ask a model, or draw much: a few payloads have to do."""
OUR_ATTRIBUTES = set("style class border alt src dir role scope scoped colspan".split())


@pytest.fixture(autouse=True, scope="module")
def no_pixels():
    """They hold no HTML, and cost most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "_small_png", lambda _: b"")
        yield


def check_page(page: str) -> BeautifulSoup:
    """No element, attribute or comment but those that our own pages have. (`style`: of pandas.)"""
    soup = BeautifulSoup(page, "html.parser")
    for tag in soup.find_all(True):
        assert tag.name in OURS, tag
        assert set(tag.attrs) <= OUR_ATTRIBUTES, tag
        assert tag.get("src", "data:image/png;").startswith("data:image/png;"), tag
    assert not soup.find_all(string=lambda text: isinstance(text, PreformattedString))  # comments
    return soup


def in_words(soup: BeautifulSoup) -> str:
    """What can be read or heard on a page, on one line."""
    heard = [tag["alt"] for tag in soup.find_all(alt=True)]
    return " ".join(" ".join([soup.get_text(), *heard]).split())


def without_ticks(text: str) -> str:
    """Where Markdown may be written, it takes "`" for code, and a backslash for an escape."""
    return re.sub(r"[`'\\]", "", text)


PRINTED = "<xss onclick=f()> & </pre><xss>"


def notebook_that_shows(text: str):
    error = {"ename": "DataError", "evalue": text, "traceback": [text]}
    shown = [
        v4.new_output("stream", text=text),
        v4.new_output("execute_result", {"text/plain": text}, execution_count=1),
        v4.new_output("error", **error),
    ]
    cell = v4.new_code_cell("show(text)", outputs=shown, execution_count=1)
    cell.metadata["slideshow"] = {"slide_type": "slide"}
    return v4.new_notebook(cells=[cell], metadata={"vote": "Predict", "tasks": "Tasks"})


@pytest.mark.parametrize("place", PLACES)
def test_shown_and_never_run(place, tmp_path):
    """Whoever opens the notebook sees the signs of the payload, and nothing happens."""
    make, seen = PLACES[place]
    for kind in list(PAYLOADS)[:: 4 if place in COSTLY else 1]:
        folder = tmp_path / kind
        folder.mkdir()
        payload = PAYLOADS[kind]
        soup = check_page(make(payload, folder))
        begin = without_ticks(" ".join(payload.split()))[:5]  # figures shorten names
        assert not seen or begin in without_ticks(in_words(soup)), f"{kind} is not to be seen"


@pytest.mark.parametrize("plot", FIGURES)
def test_figures_and_their_words(plot):
    """A name in the picture, in its caption and in its alt text is a name."""
    soup = check_page(html(FIGURES[plot](tuple(PAYLOADS.values()))))
    assert "<script>" in in_words(soup)


def of_slides(notebook) -> str:
    return slides.exporter().from_notebook_node(notebook)[0]


@pytest.mark.parametrize("kind", ["run", "slides"])
def test_what_a_cell_prints_is_shown_on_the_pages_of_a_notebook(kind):
    """`print(text)`, a last line and an error: on the page of `run`, and on a slide."""
    notebook = notebook_that_shows(PRINTED)
    page = run.web_page(notebook, PRINTED) if kind == "run" else of_slides(notebook)
    soup = BeautifulSoup(page, "html.parser")
    assert soup.get_text().count(PRINTED) >= 3
    assert not soup.find("xss") and not soup.find(onclick=True)


# --- the same, whatever hypothesis thinks of ---

SIGNS = st.sampled_from(["<", ">", "`", "``", "\\", "[", "](", ")", "<xss>", "&", "&lt;", '"', "'"])
MORE = st.sampled_from(["<https://a.b", "<!--", "-->", "<?", "~~~", "|", "\n", " ", "a", "$", "*"])
MARKUP = st.lists(st.one_of(SIGNS, MORE), max_size=14).map("".join)


@given(MARKUP)
@example("[a](b`c) <xss>`")
@example("<https://a`b> <xss>`")
@example(r"\\`a` <xss> `b`")
@example("`a``<xss>`")
@settings(max_examples=200, deadline=None)
def test_no_markdown_lets_a_tag_through(said):
    """What CommonMark takes for code, a link or an escape differs from what it seems to be."""
    said = " ".join(said.split())  # as a card does
    for shown in (display.in_markdown(said), display.said_in_markdown(said)):
        for page in (f"# {shown}\n", f"**Data.** {shown}\n", f"| a |\n|---|\n| {shown} |\n"):
            assert not BeautifulSoup(rendered(page), "html.parser").find("xss"), shown


@given(MARKUP)
@settings(max_examples=50, deadline=None)
def test_no_part_of_a_page_lets_a_tag_through(said):
    """The parts that all views and figures are made of."""
    for page in (
        base.sentence(said),
        base.bars([0.5], [said], [said]),
        base.table([said, "b"], [[said, said]]),
        html(words(said)),
    ):
        check_page(page)


# --- nothing is forgotten ---

MAKERS = re.compile(
    r"_repr_(html|markdown|mimebundle)_|in_markdown|\.to_html\(|</\w+>|ipywidgets\.HTML"
)
KNOWN = {
    "data/display.py", "data/findings.py", "data/reports.py", "judge/card.py", "look/explain.py",
    "look/figures/base.py", "look/figures/words.py", "look/views/base.py", "look/views/models.py",
    "look/views/results.py", "look/views/texts.py", "model/readme.py",
    # These show words of the course alone:
    "lessons/quiz_view.py", "look/presentation.py",
}  # fmt: skip


def test_every_module_that_makes_a_page_is_known():
    """A new place that makes HTML or Markdown needs a row in `PLACES`."""
    package = ROOT / "course_utils"
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if MAKERS.search(path.read_text(encoding="utf-8"))
    }
    assert found == KNOWN


@pytest.mark.parametrize("kind", PAYLOADS)
def test_the_header_of_a_page_is_one(kind, tmp_path):
    """Its YAML, which the Hugging Face Hub reads, holds the payload as a name, and no key of it."""
    name = f"{PAYLOADS[kind]}\n---\nlicense: mit"
    page = readme("mine", tmp_path, card=course_utils.model_card({"name": name}, evaluation(name)))
    header = yaml.safe_load(page.split("\n---\n")[0].removeprefix("---\n"))
    (result,) = header["model-index"]
    assert result["name"] == " ".join(name.split()) and "license" not in header
