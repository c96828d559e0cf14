"""The machinery of exercises, hints, ranges and questions."""

import json
import re
from pathlib import Path

import pytest

import course_utils
from course_utils import checks


def test_unknown_exercise_lists_the_known_ones():
    with pytest.raises(course_utils.CourseError, match="no exercise '5.9'; expected one of .*5.1"):
        course_utils.check("5.9", x=1)


def test_wrong_names_say_how_to_call():
    with pytest.raises(course_utils.CourseError, match=r'check\("0.2", guessing_loss=...\)'):
        course_utils.check("0.2", loss=1)


def test_hints_come_one_after_the_other_and_begin_again(capsys):
    checks._shown.clear()
    for _ in range(3):
        course_utils.show_hint("0.2")
    lines = capsys.readouterr().out.splitlines()
    assert [line[:11] for line in lines] == ["Hint 1 of 2", "Hint 2 of 2", "Hint 1 of 2"]
    with pytest.raises(course_utils.CourseError, match="has 2 hints: choose 1 to 2"):
        course_utils.show_hint("0.2", 3)


def test_every_exercise_has_two_hints_or_more():
    for number in ("0.1", "0.2", "4.1", "4.2", "5.1", "5.2", "6.1", "6.2"):
        assert len(checks.find_exercise(number).hints) >= 2, number


def test_expect_inside_and_outside(capsys):
    low, high = course_utils.CHECKPOINTS["minilm"].expected["accuracy"]
    course_utils.expect("accuracy", (low + high) / 2)
    course_utils.expect("accuracy", low - 0.01)
    inside, outside = capsys.readouterr().out.splitlines()
    assert inside.startswith("✔ accuracy") and outside.startswith("✘ accuracy")


@pytest.mark.parametrize("switch", [{"checkpoint": "bert-base-uncased"}, {"size": "full"}])
def test_expect_without_a_record_never_fails(switch, capsys, monkeypatch):
    monkeypatch.setattr("course_utils.settings._settings", None)
    course_utils.use(**switch)
    course_utils.expect("accuracy", 0.1)
    assert "not measured before" in capsys.readouterr().out
    course_utils.use(checkpoint="minilm", size="default")


def test_ranges_of_the_record_hold_what_was_recorded():
    expected = course_utils.CHECKPOINTS["minilm"].expected
    runs = course_utils.load_record("fine_tuning")
    runs = runs[(runs["size"] == "default") & (runs["learning_rate"] == 1e-4)]
    assert len(runs) >= 3
    for name, column in (
        ("accuracy", "accuracy"),
        ("validation accuracy", "validation_accuracy"),
        ("first loss", "first_loss"),
        ("last loss", "last_loss"),
    ):
        low, high = expected[name]
        assert low < runs[column].min() and runs[column].max() < high, name


def test_ranges_hold_the_recorded_weak_spots():
    expected = course_utils.CHECKPOINTS["minilm"].expected
    runs = course_utils.load_record("weak_spots").drop(columns=["checkpoint", "seed"])
    assert len(runs) >= 5
    for name in runs:
        low, high = expected[name]
        assert low < runs[name].min() and runs[name].max() < high, name


def test_every_range_that_a_lesson_asks_for_exists():
    lessons = Path(__file__).resolve().parent.parent / "instructor" / "lessons"
    text = "".join(path.read_text(encoding="utf-8") for path in lessons.glob("*.py"))
    asked = set(re.findall(r'expect\("([^"]+)"', text))
    assert asked == set(course_utils.CHECKPOINTS["minilm"].expected)


def test_answers_are_kept(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_MODELS", str(tmp_path))
    course_utils.record_answers("eight questions", {1: "a", 2: "?"})
    assert "1 of 2 questions answered, 1 open" in capsys.readouterr().out
    assert json.loads((tmp_path / "eight_questions.json").read_text()) == {"1": "a", "2": "?"}


@pytest.mark.parametrize("answer", ["d", "ab", 1, None])
def test_answers_that_do_not_exist(answer, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_MODELS", str(tmp_path))
    with pytest.raises(course_utils.DataError, match="expected one of 'a' or 'b' or 'c'"):
        course_utils.record_answers("eight questions", {1: answer})
    assert not list(tmp_path.iterdir())
