"""README is short and gives nothing away, RESULTS.md says what the records say."""

import re
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.lint


ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "RESULTS.md", "data/README.md", "instructor/MAINTAINING.md")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_no_placeholder_is_left():
    for name in ("README.md", "RESULTS.md", "instructor/MAINTAINING.md", "instructor/GUIDE.md"):
        page = re.sub(r"`[^`]*`", "", (ROOT / name).read_text(encoding="utf-8"))
        assert not re.findall(r"\b[A-Z]{3,}_[A-Z_]+\b", page), name


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "benchmarks"), *sys.path])


def test_the_tables_of_results_follow_the_records(benchmarks):
    import results

    text = results.PAGE.read_text(encoding="utf-8")
    assert results.PAGE == ROOT / "RESULTS.md"
    assert results.with_tables(text, results.results_tables()) == text


def test_only_what_stands_between_the_marks_is_written(benchmarks):
    import results

    page = f"before\n{results.BEGIN}\nold\n\n{results.END}\nafter\n"
    assert results.with_tables(page, "new\n") == page.replace("old", "new")
    for mark in (results.BEGIN, results.END):
        with pytest.raises(SystemExit, match=r"RESULTS\.md has lost its two marks"):
            results.with_tables(page.replace(mark, ""), "new\n")


def test_readme_is_short():
    assert len(README.splitlines()) <= 100
    assert len(README.split()) <= 900


def test_readme_gives_no_result_away(benchmarks):
    """Notebooks 00 to 02 ask for them. RESULTS.md has them, and README warns of it."""
    import course_utils

    assert not re.search(r"\d\s*(%|per ?cent|points?\b)", README)
    assert not re.search(r"\b0\.\d\d|\d+ (times )?of (\d|one hundred)", README)
    positive = (course_utils.load_record("slide_recipe")["positive"] > 0.5).sum()  # a vote
    assert not re.search(rf"\b{positive}\b|forty-nine", README)
    assert "[RESULTS.md](RESULTS.md),\nwhich **gives away answers**" in README
    results = (ROOT / "RESULTS.md").read_text(encoding="utf-8")
    assert results.index("gives away answers") < results.index("|---")


def test_the_picture_says_with_which_checkpoint_it_was_made():
    picture, caption = README.partition('<img src="')[2].split("\n\n")[:2]
    assert (ROOT / picture.partition('"')[0]).is_file() and 'alt="' in picture
    assert "on this course's checkpoint" in " ".join(caption.split())


def test_the_site_says_so_too():
    page = (ROOT / "instructor" / "site" / "index.md").read_text(encoding="utf-8")
    caption = page.partition("(slide_recipe.png)")[2].split("\n\n")[1]
    assert "on this course's checkpoint" in " ".join(caption.split())


def test_what_is_to_be_copied_stands_alone():
    commands = [block.strip() for block in re.findall(r"```\n(python .*?)```", README, re.DOTALL)]
    index = "https://download.pytorch.org/whl/cpu"
    lab, test = "python course.py lab", "python course.py test"
    assert commands == [lab, test, f"{lab} --torch-index {index}"]
    assert not re.search(r"<(the|its|your) ", README)  # nothing to be filled in


@pytest.mark.parametrize("size", ["default", "full"])
def test_fine_tuning_beats_tfidf_with_the_first_three_seeds(size):
    import course_utils

    runs = course_utils.load_record("fine_tuning").query("learning_rate == 1e-4")
    first = runs[(runs["size"] == size) & (runs["seed"] < 3)]
    assert len(first) == 3 and (first["difference_low"] > 0).all()


def test_minutes_are_those_of_the_notebooks():
    import nbformat

    rows = re.findall(r"\(notebooks/(\d\d_\w+)\.ipynb\)[^|]*\| (\d+) \|", README)
    notebooks = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {name for name, _ in rows} == notebooks
    for name, minutes in rows:
        first = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells[0].source
        assert f"{minutes} minutes" in first, name


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    document = ROOT / name
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), f"{name} links to {target}"


def test_the_core_path_is_bold():
    import nbformat

    for path in (ROOT / "notebooks").glob("*.ipynb"):
        first = nbformat.read(path, as_version=4).cells[0].source
        core = re.search(r"\| (\*\*)?\[[^|]*" + re.escape(f"(notebooks/{path.name})"), README)[1]
        assert bool(core) == ("**Core path**" in first), path.stem


def test_maintainers_find_all_commands():
    """The table has the commands that course.py tells of when it is called without one."""
    course = (ROOT / "course.py").read_text(encoding="utf-8")
    told = re.findall(r"^ {4}python course\.py ([\w-]+)", course, re.M)
    page = (ROOT / "instructor" / "MAINTAINING.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([\w-]+)", page.partition("\n## Commands\n")[2], re.M)
    assert len(told) >= 11 and set(told) == set(listed)
