"""The instructor's guide follows the lessons: links, minutes, timetables, answers, headings."""

import ast
import re
from pathlib import Path

import pytest

from tools import guide
from tools.lessons import BuildError

pytestmark = pytest.mark.lint

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "instructor" / "GUIDE.md"
TEXT = GUIDE.read_text(encoding="utf-8")
LESSONS = {path.stem[:2]: path for path in sorted((ROOT / "instructor/lessons").glob("*.py"))}
NOTEBOOK_FOLDERS = ("../notebooks", "../notebooks/solutions")
LINKS = sorted(set(re.findall(r"\]\(([^)#]+)\)", TEXT)))

each_lesson = pytest.mark.parametrize("number", LESSONS)


def section(title: str) -> str:
    """The text below the heading of level 2 that starts with `title`, up to the next one."""
    found = re.findall(rf"^## ({re.escape(title)}.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert len(found) == 1, f"{len(found)} sections {title!r}"
    return found[0]


def tables(text: str) -> list[list[list[str]]]:
    """The Markdown tables of a text: header first, then rows of stripped cells."""
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    found = [[split_row(line) for line in block.splitlines()] for block in blocks]
    return [[table[0], *table[2:]] for table in found]


def split_row(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def lesson(number: str) -> str:
    """The text of a lesson without its speaker notes, of which the page is made."""
    text = LESSONS[number].read_text(encoding="utf-8")
    return re.sub(
        r'^# %% \[markdown\] tags=\["speaker-notes"\].*?(?=^# %%|\Z)', "", text, flags=re.M | re.S
    )


@pytest.mark.parametrize("page", guide.PAGES, ids=lambda page: page.name)
def test_the_made_parts_are_those_of_today(page):
    """After a change of notes or timetables: python course.py build --text."""
    text = page.read_text(encoding="utf-8")
    assert text.count("<!-- made: ") == text.count("<!-- end -->") > 0
    assert guide.renewed(text) == text


def test_an_unknown_part_gives_one_sentence():
    with pytest.raises(BuildError, match="No part is called 'jokes': choose from chapters, "):
        guide.renewed("<!-- made: jokes -->\n<!-- end -->")


@each_lesson
def test_lines_of_a_lesson_are_short(number):
    """All but the metadata of a cell, which cannot be broken."""
    lines = lesson(number).splitlines()
    assert not [line for line in lines if len(line) > 100 and not line.startswith("# %%")]


@each_lesson
def test_notes_are_short_enough_to_say(number):
    """Between the first and the last one, which are for the evening before."""
    (_, aim), *said, (_, closing) = guide.read_notes(LESSONS[number])
    assert aim.startswith("**Aim:** ") and closing.startswith("**What goes wrong**")
    for heading, text in said:
        assert 3 <= len(text.split()) <= 70, (heading, text)
        assert ("**Vote:**" in text) == bool(guide.VOTE.fullmatch(text)), text


def test_one_title_and_short_lines():
    prose = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    assert len(re.findall(r"^# ", prose, re.MULTILINE)) == 1
    assert not [line for line in TEXT.splitlines() if len(line) > 110 and line[0] != "|"]


@pytest.mark.parametrize("target", LINKS)
def test_links_lead_somewhere(target):
    assert target.startswith("http") or (GUIDE.parent / target).exists()


@each_lesson
def test_each_lesson_has_its_section_and_links(number):
    text = section(f"{number} ·")
    title = re.search(r"^# # (.*)$", lesson(number), re.MULTILINE).group(1)
    assert text.startswith(title + "\n")
    stem = LESSONS[number].stem
    for target in (
        f"lessons/{stem}.py",
        *(f"{folder}/{stem}.ipynb" for folder in NOTEBOOK_FOLDERS),
    ):
        assert f"]({target})" in text
    for part in ("**Aim:**", "**What to say**", "**What goes wrong**", "**Exercises", "**Late?**"):
        assert part in text, part


@each_lesson
def test_each_predict_has_an_answer(number):
    answers = [t for t in tables(section(f"{number} ·")) if t[0] == ["Predict", "answer"]]
    assert len(answers) == 1
    rows = answers[0][1:]
    assert all(len(row) == 2 and all(row) for row in rows)
    assert len(rows) == lesson(number).count("**Predict")


@each_lesson
def test_each_other_prompt_and_exercise_is_named(number):
    text = section(f"{number} ·")
    for prompt in ("**Investigate", "**Modify", "**Make"):
        assert text.count(prompt) == lesson(number).count(prompt), prompt
    for exercise in re.findall(r"^# ### Exercise (\d\.\d)", lesson(number), re.MULTILINE):
        assert exercise in text.partition("**Exercises")[2].partition("**Late?**")[0], exercise


def test_no_seconds_are_typed():
    assert not re.findall(r"\d+ ?(?:s|sec|seconds)\b", TEXT)


@pytest.mark.parametrize("number", ["00", "07"])
def test_the_eight_questions_and_their_letters(number):
    (table,) = tables(section("The eight questions"))
    given = {int(row[0]): re.match(r"\(([abc])\) ", row[2]).group(1) for row in table[1:]}
    solution = re.findall(r"^answers = (\{.*\})$", lesson(number), re.MULTILINE)[-1]
    assert list(given) == list(range(1, 9)) and given == ast.literal_eval(solution)
    assert all(row[3] for row in table[1:])


def test_the_box_that_pools_the_seeds_is_that_of_the_lesson():
    text = section("The class is the experiment")
    assert "plot_seeds(runs, live=live)" in text
    (heading,) = re.findall(r"In \*\*(.*?)\*\* type them into the box", text)
    after = lesson("05").partition(f"### {heading}\n")[2]
    assert "course_utils.class_results(runs" in after.partition("# ##")[0]


def test_what_does_not_exist_is_not_promised():
    assert not re.findall(r"\bslide deck|web ?site|notebooks? 10", TEXT, re.IGNORECASE)


def test_slides_to_skip_are_those_of_the_deck():
    """By their titles, below the timetables."""
    late = section("Timetables").partition("**Late, in 90 minutes?**")[2]
    rows = re.findall(r"^\* (\d\d): (.+)$", late, re.M)
    assert [number for number, _titles in rows] == ["00", "01", "04", "05", "06"]
    for number, titles in rows:
        shown = re.findall(r'"claim": "([^"]+)", "plan": "90min"', lesson(number))
        named = re.findall(r"\*(.+?)\*", titles)
        assert named and set(named) <= set(shown), number
