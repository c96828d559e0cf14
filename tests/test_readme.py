"""README says what the records say, and its links lead somewhere."""

import re
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.lint

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "data/README.md")


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "benchmarks"), *sys.path])


def test_the_table_of_results_follows_the_records(benchmarks):
    import readme

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    stored = text.partition(readme.BEGIN)[2].partition(readme.END)[0]
    assert stored.strip() == readme.results_table().strip()


@pytest.mark.parametrize("size", ["default", "full"])
def test_fine_tuning_beats_tfidf_with_the_first_three_seeds(size):
    import course_utils

    runs = course_utils.load_record("fine_tuning").query("learning_rate == 1e-4")
    first = runs[(runs["size"] == size) & (runs["seed"] < 3)]
    assert len(first) == 3 and (first["difference_low"] > 0).all()


def test_minutes_are_those_of_the_notebooks():
    import nbformat

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"\(notebooks/(\d\d_\w+)\.ipynb\)[^|]*\| (\d+) \|", readme)
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
