"""`python course.py timings`: what it measures, and that README and the notebooks quote it."""

import re
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
ROW = {"seconds": 71, "slowest": 30, "peak_mb": 1_234}


@pytest.fixture
def timings(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "instructor"), *sys.path])
    import time_notebooks

    return time_notebooks


def test_seconds_and_memory_of_a_notebook(timings, tmp_path):
    code = ["import time; time.sleep(1)", "block = b'x' * 300_000_000", "block = None"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in code])
    nbformat.write(notebook, tmp_path / "01_small.ipynb")
    found = timings.measure(tmp_path / "01_small.ipynb")
    assert 1 <= found["slowest"] <= found["seconds"] < 20
    assert 300 < found["peak_mb"] < 600


def test_the_table_can_be_read_back(timings, tmp_path, monkeypatch):
    found = {"00_start": ROW, "01_next": {"seconds": 8, "slowest": 2, "peak_mb": 640}}
    monkeypatch.setattr(timings, "TIMINGS", tmp_path / "timings.md")
    timings.TIMINGS.write_text(timings.table(found), encoding="utf-8")
    assert timings.read_timings() == found


@pytest.mark.parametrize(
    ("seconds", "words"), [(8, "about 10 s"), (71, "about 80 s"), (90, "about 2 min")]
)
def test_computer_time_in_words(timings, seconds, words):
    assert timings.computer_time({"seconds": seconds}) == words


def test_figures_are_put_where_they_belong(timings):
    lesson = "# **Time:** 5 minutes · **Computer time:** about 1 s ·\n# core path\n"
    assert "**Computer time:** about 80 s ·\n# core" in timings.with_header(lesson, ROW)
    readme = "| [01 A](notebooks/01_a.ipynb) (core path) | 20 | about 1 s, 0.1 GB | look |\n"
    changed = timings.with_row(readme, "01_a", ROW)
    assert changed == readme.replace("about 1 s, 0.1 GB", "about 80 s, 1.2 GB")
    assert timings.with_row(readme, "02_b", ROW) == readme


def test_readme_and_notebooks_quote_the_timings(timings):
    measured = timings.read_timings()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert list(measured) == [path.stem for path in notebooks]
    for path in notebooks:
        row = measured[path.stem]
        assert timings.with_row(readme, path.stem, row) == readme, path.stem
        (header,) = re.findall(
            r"\*\*Computer time:\*\* ([^·]+) ·", nbformat.read(path, as_version=4).cells[0].source
        )
        assert header == timings.computer_time(row), path.stem


def test_every_notebook_keeps_its_budget(timings):
    """Two minutes and 1.5 GB a notebook at most, eight minutes for all of them."""
    measured = timings.read_timings().values()
    assert max(row["seconds"] for row in measured) <= 120
    assert sum(row["seconds"] for row in measured) <= 480
    assert max(row["peak_mb"] for row in measured) < 1_500
