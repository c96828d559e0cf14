"""README says what the records say, and its links lead somewhere."""

import re
import sys
from pathlib import Path

import pytest

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


def test_one_run_of_the_slide_agrees_with_the_record(benchmarks):
    """Records must not drift from the code: one cheap point is measured again."""
    import slide_recipe

    import course_utils

    record = course_utils.load_record("slide_recipe").set_index("seed").loc[8]
    again = slide_recipe.run("minilm", seed=8)
    # Without dropout, every computer computes the same; dropout differs between makers of CPUs.
    assert again["positive_before"] == pytest.approx(record["positive_before"], abs=2e-4)
    assert again["positive"] < 0.5 and record["positive"] < 0.5
    assert again["loss"] == pytest.approx(record["loss"], abs=0.03)


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
