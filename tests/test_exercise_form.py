"""Every exercise says how long and how hard it is, has a check, two hints, and its two cells.

What each check says to wrong answers is in test_exercises_NN.py."""

import re
from pathlib import Path

import jupytext
import pytest

from course_utils.lessons.exercises import find_exercise

pytestmark = pytest.mark.lint

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "instructor" / "lessons").glob("*.py"))
HEADING = re.compile(r"^### Exercise (\d\.\d)(.*)$", re.M)


def cells(lesson, kind=None):
    found = jupytext.read(lesson, fmt="py:percent").cells
    return [cell for cell in found if kind in (None, cell.cell_type)]


def prose(lesson) -> str:
    return "\n\n".join(cell.source for cell in cells(lesson, "markdown"))


NUMBERS = [number for lesson in LESSONS for number, _ in HEADING.findall(prose(lesson))]
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


@each_lesson
def test_heading_tells_minutes_and_difficulty(lesson):
    number = int(lesson.name[:2])
    found = HEADING.findall(prose(lesson))
    assert [name for name, _ in found] == [f"{number}.{n + 1}" for n in range(len(found))]
    assert len(found) >= 2
    for name, rest in found:
        assert re.search(r": .+ \(\d+ min, (easy|medium|hard)(, \*at home\*)?\)$", rest), name


@pytest.mark.parametrize("number", NUMBERS)
def test_two_hints_that_open_one_after_the_other(number, capsys):
    import course_utils

    hints = find_exercise(number).hints
    assert len(hints) == 2 and len(set(hints)) == 2
    for which, hint in enumerate(hints, start=1):
        course_utils.show_hint(number, which)
        assert capsys.readouterr().out == f"Hint {which} of 2: {hint}\n"


@each_lesson
def test_stub_solution_and_check_of_each_exercise(lesson):
    checked = set()
    for cell in cells(lesson, "code"):
        checked |= set(re.findall(r'check\(\s*"(\d\.\d)"', cell.source))
    assert checked == {number for number, _ in HEADING.findall(prose(lesson))}
    kinds = [
        kind
        for cell in cells(lesson, "code")
        for kind in cell.metadata.get("tags", [])
        if kind in ("student", "solution")
    ]
    assert kinds == ["student", "solution"] * (len(kinds) // 2)  # always in the same place
    assert len(kinds) // 2 >= len(checked)


@pytest.mark.parametrize("lesson", LESSONS[1:], ids=lambda path: path.stem)
def test_three_small_actions_and_a_quiz(lesson):
    text = prose(lesson)
    actions = sum(text.count(f"**{name}") for name in ("Predict", "Modify", "Investigate", "Make"))
    assert actions >= 3
    quiz = f'course_utils.quiz("{lesson.name[:2]}")'
    assert sum(quiz in cell.source for cell in cells(lesson, "code")) == 1
