"""What a notebook asks of a student: minutes in its header, and the budget of cells and words."""

import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from tools import headers
from tools.lessons import BuildError, solution_notebook, student_notebook

pytestmark = pytest.mark.lint

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "instructor" / "lessons").glob("[0-9][0-9]_*.py"))
ROW = {"seconds": 71, "slowest": 30, "peak_mb": 1_234, "date": "2026-11-24"}
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


def notebook(*prose, code=0):
    new = nbformat.v4
    cells = [new.new_markdown_cell(text) for text in prose]
    return new.new_notebook(cells=cells + [new.new_code_cell("1") for _ in range(code)])


# --- the header ---


@pytest.mark.parametrize(
    ("seconds", "words"), [(8, "about 10 s"), (71, "about 80 s"), (90, "about 2 min")]
)
def test_computer_time_in_words(seconds, words):
    assert headers.computer_time({"seconds": seconds}) == words


def test_minutes_count_words_cells_votes_computing_and_exercises():
    def estimate(book, seconds=0):
        return headers.minutes(book, seconds)

    assert estimate(notebook("word " * 1_500)) == (10, 0)
    assert estimate(notebook(code=75)) == (10, 0)
    assert estimate(notebook(*["**Predict:** a, b?"] * 8)) == (round((8 * 53 + 9.6) / 60), 0)
    assert estimate(notebook(), seconds=600) == (10, 0)
    title = "### Exercise 1.1: your own draw (4 min, easy)"
    other = "### Exercise 1.2: at night (7 min, hard, *at home*)"
    assert estimate(notebook(title, other))[1] == 11


def test_times_are_put_where_they_belong(tmp_path, monkeypatch):
    lesson = tmp_path / "01_next.py"
    monkeypatch.setattr(headers, "README", tmp_path / "README")
    before = "| [00 A](notebooks/00_a.ipynb) | 1 | about 1 s, 0.1 GB | look |\n"
    headers.write(headers.README, before + before.replace("00_a", "01_next"))
    top = "# %% [markdown]\n# # 01 · Next\n# **Time:** 5 minutes (parts: 15 more) ·\n"
    rest = " core path\n#\n# ### Exercise 1.1: one (4 min, easy)\n"
    headers.write(lesson, f"{top}# **Computer time:** about 1 s ·{rest}")
    headers.refresh(lesson, ROW)
    assert headers.header(1, 4, ROW) + rest in lesson.read_text(encoding="utf-8")
    shown = headers.README.read_text(encoding="utf-8").splitlines()
    assert shown[0] == before.strip()
    assert shown[1] == "| [00 A](notebooks/01_next.ipynb) | 1 | about 80 s, 1.2 GB | look |"
    assert headers.minutes_in_header(lesson) == (1, 4)
    assert headers.in_readme(ROW | {"peak_mb": None}) == "about 80 s, memory not measured"


@pytest.mark.parametrize("missing", ["lesson", "README"])
def test_times_that_have_no_place_are_told(missing, tmp_path, monkeypatch):
    """Nothing is written then, also where there is a place."""
    lesson = tmp_path / "01_next.py"
    monkeypatch.setattr(headers, "README", tmp_path / "README")
    texts = {
        lesson: "# # 01 · Next\n# **Time:** 5 minutes ·\n# **Computer time:** about 1 s · end\n",
        headers.README: "| [01 A](notebooks/01_next.ipynb) | 1 | about 1 s, 0.1 GB | look |\n",
    }
    without = lesson if missing == "lesson" else getattr(headers, missing)
    texts[without] = "# # 01 · Next\n"
    for path, text in texts.items():
        headers.write(path, text)
    with pytest.raises(BuildError, match=f"^{without.name} has no place for the times of 01_next"):
        headers.refresh(lesson, ROW)
    assert all(path.read_text(encoding="utf-8") == text for path, text in texts.items())


@each_lesson
def test_header_and_readme_say_the_same(lesson):
    row = headers.read_timings()[lesson.stem]
    own, exercises = headers.minutes(student_notebook(lesson), row["seconds"])
    assert headers.header(own, exercises, row) in lesson.read_text(encoding="utf-8")
    readme = headers.README.read_text(encoding="utf-8")
    found = headers.readme_row(lesson.stem).search(readme)
    assert found[0] == f"{found[1]} {own} | {headers.in_readme(row)} |"


def test_every_notebook_is_timed():
    assert list(headers.read_timings()) == [lesson.stem for lesson in LESSONS]


# --- the budget ---


@each_lesson
def test_a_notebook_keeps_its_budget_of_cells_words_and_questions(lesson):
    cells, words = (60, 1_600) if lesson.name[:2] in ("02", "06", "07") else (55, 1_400)
    found = headers.size(student_notebook(lesson))
    assert found["cells"] <= cells and found["words"] <= words and found["votes"] <= 5, found


def test_all_notebooks_keep_their_budget_of_time_and_memory():
    """Six minutes for all of them, two for one, 1.3 GB a kernel, on two cores."""
    measured = headers.read_timings().values()
    assert max(row["seconds"] for row in measured) <= 120
    assert sum(row["seconds"] for row in measured) <= 360
    assert max(row["peak_mb"] or 0 for row in measured) < 1_300


@each_lesson
def test_the_course_checks_itself_out_of_sight(lesson):
    code = [cell.source for cell in student_notebook(lesson).cells if cell.cell_type == "code"]
    assert not re.findall(r"^\s*assert\b", "\n".join(code), re.M)
    assert len(re.findall(r"\bexpect\(", "\n".join(code))) <= 3


@each_lesson
def test_each_modify_and_investigate_is_answered(lesson):
    """Right below the question, or below the code that it is about."""
    waiting = None
    for cell in [*solution_notebook(lesson).cells, SimpleNamespace(source="**Modify", metadata={})]:
        if "solution" in cell.metadata.get("tags", []) and cell.source.startswith("**Answer"):
            waiting = None
        elif re.search(r"\*\*(Modify|Investigate)", cell.source):
            assert waiting is None, waiting
            waiting = cell.source
