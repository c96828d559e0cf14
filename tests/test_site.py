"""`python course.py site`: pages, folded solutions, glossary, search, and nothing from outside."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "instructor" / "lessons").glob("[0-9][0-9]_*.py"))
NEW_LESSON = """# %% [markdown]
# # 99 · A throw-away lesson
#
# **Time:** 7 minutes · **Core path**
#
# You will
#
# * see a page of your own,
# * throw it away.

# %% [markdown] tags=["speaker-notes"]
# Secretly, the speaker knows.

# %% [markdown]
# A **token** and many **tokens**.

# %% tags=["student"]
answer = ...

# %% tags=["solution"]
answer = "folded"

# %% [markdown] tags=["solution"]
# **Answer.** Folded prose.

# %% tags=["proof"]
assert answer == "for the machine"
"""
PRINTED = "a text of somebody: <xss onclick=f()> & </pre><xss>\n"
SCHEMES = ("http", "https", "ws", "wss", "ftp")
# myst-parser and sphinx-book-theme use parts of Sphinx that will change one day.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


@pytest.fixture(scope="module")
def site():
    """The module; it is slow to import, so only these tests do."""
    from tools import site

    return site


@pytest.fixture(scope="module")
def course(site, tmp_path_factory):
    """Folders of lessons and of notebooks: those of the course, and one more."""
    folder = tmp_path_factory.mktemp("course")
    lessons, notebooks = folder / "lessons", folder / "notebooks"
    shutil.copytree(ROOT / "instructor" / "lessons", lessons)
    shutil.copytree(ROOT / "notebooks", notebooks)
    new = lessons / "99_new.py"
    new.write_text(NEW_LESSON, encoding="utf-8")
    from tools.lessons import solution_notebook, student_notebook

    student = student_notebook(new)
    code = next(cell for cell in student.cells if cell.cell_type == "code")
    code.outputs = [nbformat.v4.new_output("stream", text=PRINTED)]
    nbformat.write(student, notebooks / "99_new.ipynb")
    nbformat.write(solution_notebook(new), notebooks / "solutions" / "99_new.ipynb")
    return lessons, notebooks


@pytest.fixture(scope="module")
def built(site, course, tmp_path_factory):
    output = tmp_path_factory.mktemp("built") / "site"
    site.build_site(output, *course)
    return output


class Page(HTMLParser):
    """What the tests want to know about a page."""

    def __init__(self, path):
        super().__init__()
        self.path, self.tags, self.folded, self.open_details = path, [], "", []
        self.unfolded, self.headings, self.in_article = "", [], False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        if tag == "details":
            self.open_details.append("open" in attributes)
        self.in_article = tag == "article" or self.in_article
        if re.fullmatch("h[1-6]", tag) and self.in_article:
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag):
        if tag == "details":
            self.open_details.pop()
        if tag == "article":
            self.in_article = False

    def handle_data(self, data):
        if False in self.open_details:
            self.folded += data
        else:
            self.unfolded += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def ids(self):
        return {attributes["id"] for _, attributes in self.tags if "id" in attributes}


@pytest.fixture(scope="module")
def pages(built):
    return {path.stem: Page(path) for path in sorted(built.glob("*.html"))}


def cells(lesson, version, tag=None):
    """The code cells of a notebook of the course; those with a tag."""
    folder = ROOT / "notebooks" / ("solutions" if version == "solution" else "")
    for cell in nbformat.read(folder / f"{lesson.stem}.ipynb", as_version=4).cells:
        if cell.cell_type == "code" and tag in (None, *cell.metadata.get("tags", [])):
            yield cell


# --- pages ---


def test_what_a_cell_prints_is_shown_and_never_run(pages):
    page = pages["99_new"]
    assert page.unfolded.count(PRINTED) == 1 and not page.all("xss")


def test_each_lesson_has_a_page_in_the_table_and_in_the_menu(pages):
    table = (pages["index"].path).read_text(encoding="utf-8").partition("<table")[2]
    for stem in [lesson.stem for lesson in LESSONS] + ["99_new"]:
        assert stem in pages
        assert f'href="{stem}.html"' in table
        assert any(link.get("href") == f"{stem}.html" for link in pages["glossary"].all("a"))
    assert "7" in table and "see a page of your own" in table


def test_pages_beside_the_notebooks_are_there_too(pages):
    names = {path.stem for path in (ROOT / "notebooks").glob("*.md")}
    assert "glossary" in names and names <= pages.keys()


def test_tables_in_outputs_are_tables(pages):
    cells = [attributes.get("class", "") for attributes in pages["07_lets_practice"].all("table")]
    assert len(cells) == 4
    for page in pages.values():
        assert "|---" not in page.unfolded.replace("—", "---"), page.path.name


def test_stubs_are_open_and_solutions_folded(pages):
    for lesson in LESSONS:
        page = pages[lesson.stem]
        stubs = list(cells(lesson, "student", "student"))
        solutions = list(cells(lesson, "solution", "solution"))
        # (The replies of a quiz are folded, too, in a fold of their own.)
        folds = [attributes.get("class", "") for attributes in page.all("details")]
        assert sum("admonition" in fold for fold in folds) == len(solutions)
        for cell in stubs:
            assert cell.source in page.unfolded
        for cell in solutions:
            assert cell.source in page.folded
            assert cell.source not in page.unfolded


def test_other_outputs_are_those_that_a_student_sees(pages):
    for lesson in LESSONS:
        for version, seen in (("student", True), ("solution", False)):
            for cell in cells(lesson, version):
                if "course_utils.check(" in cell.source:
                    said = cell.outputs[0].text.splitlines()[0]
                    assert (said in pages[lesson.stem].unfolded) == seen


def test_every_cell_is_there_and_no_speaker_note(pages):
    for lesson in LESSONS:
        for cell in cells(lesson, "student"):
            assert cell.source in pages[lesson.stem].unfolded
    assert "Secretly" not in pages["99_new"].unfolded + pages["99_new"].folded
    assert 'answer = "folded"' in pages["99_new"].folded
    assert "Folded prose." in pages["99_new"].folded
    assert "Folded prose." not in pages["99_new"].unfolded
    assert "for the machine" not in pages["99_new"].unfolded + pages["99_new"].folded


def test_headings_have_no_gaps_and_the_language_is_told(pages):
    for page in (page for name, page in pages.items() if name != "search"):
        assert page.headings[:1] == [1] and page.headings.count(1) == 1, page.path.name
        steps = zip(page.headings, page.headings[1:], strict=False)
        assert all(deeper <= level + 1 for level, deeper in steps), page.path.name
        assert page.all("html")[0]["lang"] == "en"


def test_pictures_have_a_text(pages):
    pictures = [(page, picture) for page in pages.values() for picture in page.all("img")]
    assert len(pictures) > 30
    for page, picture in pictures:
        assert picture.get("alt"), f"{page.path.name}: {str(picture)[:80]}"


# --- the glossary ---


def test_terms_lead_to_the_glossary_and_back(pages):
    glossary = pages["glossary"]
    for stem in [lesson.stem for lesson in LESSONS if lesson.name[:2] != "07"] + ["99_new"]:
        links = [a.get("href", "") for a in pages[stem].all("a")]
        terms = [link for link in links if link.startswith("glossary.html#term-")]
        assert terms and len(terms) == len(set(terms))
        assert {link.partition("#")[2] for link in terms} <= glossary.ids
    back = [a["href"] for a in glossary.all("a") if "#in-04-attention-mask" in a.get("href", "")]
    assert back == ["04_tokenization.html#in-04-attention-mask"]
    assert pages["99_new"].path.read_text(encoding="utf-8").count("#term-token") == 1


def test_links_lead_somewhere(pages):
    for page in pages.values():
        for link in page.all("a"):
            url = urlsplit(link.get("href", ""))
            if url.scheme:
                continue
            if url.path.endswith(".py"):  # a program, to keep
                assert (page.path.parent / unquote(url.path)).is_file(), link
                continue
            target = pages[Path(unquote(url.path)).stem] if url.path else page
            name = unquote(url.fragment)
            assert not name or name in target.ids, f"{page.path.name}: {link['href']}"


# --- offline ---


def test_pages_load_nothing_from_outside(pages):
    for page in pages.values():
        for tag, attribute in LOADS.items():
            for attributes in page.all(tag):
                url = urlsplit(attributes.get(attribute) or "")
                assert url.scheme in ("", "data") and not url.netloc, f"{page.path.name}: {url}"
                if not url.scheme and url.path:
                    assert (page.path.parent / unquote(url.path)).is_file(), url.path


def test_styles_load_nothing_from_outside(built):
    sheets = sorted(built.rglob("*.css"))
    assert built / "_static" / "custom.css" in sheets
    for sheet in sheets:
        text = sheet.read_text(encoding="utf-8")
        wanted = re.findall(r"url\(\s*['\"]?([^'\")]+)", text)
        wanted += re.findall(r"@import\s+['\"]([^'\"]+)", text)
        for url in map(urlsplit, wanted):
            assert url.scheme not in SCHEMES and not url.netloc, f"{sheet.name}: {url}"


def test_search_finds_a_word_of_lesson_04(built):
    text = (built / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    found = index["terms"]["wordpiec"]  # the stem of WordPiece
    names = {index["docnames"][n] for n in (found if isinstance(found, list) else [found])}
    assert names == {"04_tokenization", "glossary"}
    assert not any(len(word) > 100 for word in index["terms"]), "a picture is in the index"


def test_no_path_of_this_machine(built, course):
    here = {str(ROOT), str(built), str(course[0].parent), str(Path.home() / "")}
    for path in built.rglob("*"):
        if path.suffix in (".html", ".js", ".css", ".inv"):
            text = path.read_text(encoding="utf-8", errors="replace")
            for folder in here:
                assert not re.search(rf"(?<![\w.+/]){re.escape(folder)}(?!\w)", text), path.name


# --- faults ---


@pytest.fixture
def small(site, course, tmp_path):
    """Folders with the throw-away lesson alone; its notebooks may be changed."""
    lessons, notebooks = tmp_path / "lessons", tmp_path / "notebooks"
    lessons.mkdir()
    (notebooks / "solutions").mkdir(parents=True)
    shutil.copy(course[0] / "99_new.py", lessons)
    for folder in (".", "solutions"):
        shutil.copy(course[1] / folder / "99_new.ipynb", notebooks / folder)
    return lessons, notebooks


@pytest.mark.parametrize("folder", [".", "solutions"])
def test_a_missing_notebook_gives_one_sentence(site, small, tmp_path, folder):
    (small[1] / folder / "99_new.ipynb").unlink()
    with pytest.raises(site.BuildError) as error:
        site.build_site(tmp_path / "site", *small)
    assert str(error.value) == (
        "99_new.ipynb is not there yet: build it first, with: python course.py build 99"
    )


def test_a_damaged_notebook_gives_one_sentence(site, small, tmp_path):
    (small[1] / "99_new.ipynb").write_text("<<<<<<< HEAD")
    with pytest.raises(site.BuildError, match="99_new.ipynb is damaged: build it first, with: "):
        site.build_site(tmp_path / "site", *small)


CHANGES = {
    "a word": lambda text: text.replace("many", "several"),
    "a cell less": lambda text: text[: text.rindex("# %%")],
    "another tag": lambda text: text.replace('tags=["student"]', 'tags=["solution"]', 1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_lesson_gives_one_sentence(site, small, tmp_path, change):
    assert change(NEW_LESSON) != NEW_LESSON
    (small[0] / "99_new.py").write_text(change(NEW_LESSON), encoding="utf-8")
    with pytest.raises(site.BuildError, match="99_new.py has changed .* python course.py build 99"):
        site.build_site(tmp_path / "site", *small)


def test_a_site_in_use_stays_where_it_is(site, tmp_path, monkeypatch):
    new, output = tmp_path / "new", tmp_path / "site"
    for folder in (new, output):
        folder.mkdir()
        (folder / "index.html").write_text(folder.name)
    rename = Path.rename

    def refuse(path, target):
        if path == new:
            raise PermissionError("in use")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(site.BuildError, match="site is in use: close it in your browser"):
        site.put_in_place(new, output, tmp_path / "old")
    assert (output / "index.html").read_text() == "site"
    monkeypatch.undo()
    site.put_in_place(new, output, tmp_path / "old")
    assert (output / "index.html").read_text() == "new" and not new.exists()


def test_a_first_cell_without_minutes_gives_one_sentence(site, small):
    lesson = small[0] / "99_new.py"
    lesson.write_text(NEW_LESSON.replace("**Time:** 7", "**Time:** some"), encoding="utf-8")
    with pytest.raises(site.BuildError, match="99_new.py has no minutes in its first cell"):
        site.table_row(lesson)


def test_a_fault_in_a_page_names_it_and_keeps_the_old_site(site, small, tmp_path):
    output = tmp_path / "site"
    output.mkdir()
    (output / "index.html").write_text("old")
    for path in small[1].rglob("99_new.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[1].source += " [Nowhere](98_nowhere.ipynb)"
        nbformat.write(notebook, path)
    with pytest.raises(site.BuildError, match="98_nowhere") as error:
        site.build_site(output, *small)
    assert "99_new" in str(error.value) and "\n" not in str(error.value)
    assert (output / "index.html").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"site", "lessons", "notebooks"}
