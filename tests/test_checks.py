"""The machinery of exercises, hints, ranges and questions."""

import json
import os
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import course_utils
from course_utils.lessons import checks, exercises, questions
from course_utils.lessons.ranges import known_ranges


def test_unknown_exercise_lists_the_known_ones():
    with pytest.raises(course_utils.CourseError, match="no exercise '5.9'; expected one of .*5.1"):
        course_utils.check("5.9", x=1)


def test_wrong_names_say_how_to_call():
    with pytest.raises(course_utils.CourseError, match=r'check\("0.2", guessing_loss=...\)'):
        course_utils.check("0.2", loss=1)


# --- for graders ---


def test_what_is_required_and_solved_is_silent(capsys):
    course_utils.require("0.2", guessing_loss=0.6931)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("loss", [..., 0.5, "none"])
def test_what_is_required_and_not_solved_raises_what_check_prints(loss, capsys):
    with pytest.raises(course_utils.NotSolved) as raised:
        course_utils.require("0.2", guessing_loss=loss)
    course_utils.check("0.2", guessing_loss=loss)
    assert f"{raised.value}\n" == capsys.readouterr().out


def test_required_with_wrong_names_says_how_to_call():
    with pytest.raises(course_utils.CourseError, match=r"guessing_loss=\.\.\.") as raised:
        course_utils.require("0.2", loss=1)
    assert not isinstance(raised.value, course_utils.NotSolved)


def test_a_warning_of_the_answer_is_no_fault_for_a_grader(monkeypatch, capsys):
    task = exercises.Exercise(("answer",), lambda answer: answer(), ("one", "two"))
    monkeypatch.setattr(checks, "find_exercise", lambda _: task)
    course_utils.require("9.9", answer=lambda: print("old function", file=sys.stderr) or "Good.")
    assert capsys.readouterr() == ("", "")


@pytest.fixture
def judged_by(monkeypatch, capsys):
    """What `check` prints for an exercise that calls its answer."""
    task = exercises.Exercise(("answer",), lambda answer: answer(), ("one", "two"))
    monkeypatch.setattr(checks, "find_exercise", lambda _: task)

    def printed(answer):
        course_utils.check("9.9", answer=answer)
        return capsys.readouterr().out

    return printed


def test_a_fault_in_an_answer_tells_its_line_and_the_help(judged_by):
    said = judged_by(lambda: {}["key of a student"])
    assert said.startswith(
        "✘ Your code stopped with KeyError: 'key of a student'. The line: `said = "
    )
    assert said.endswith('(Help: course_utils.show_hint("9.9"))\n')


def test_a_fault_in_a_library_tells_the_students_line(judged_by):
    said = judged_by(lambda: json.loads("no json"))  # this line
    assert said.startswith("✘ Your code stopped with JSONDecodeError") and "# this line" in said


def test_a_fault_in_a_library_of_the_user_tells_the_students_line(judged_by, tmp_path):
    library = tmp_path / "site-packages" / "lib.py"
    library.parent.mkdir()
    library.write_text("def of_a_library():\n    return 1 / 0\n")  # its lines can be read, too
    made = {}
    exec(compile(library.read_text(), str(library), "exec"), made)
    said = judged_by(lambda: made["of_a_library"]())  # this line
    assert "ZeroDivisionError" in said and "# this line" in said


def test_a_fault_in_python_itself_tells_the_students_line(judged_by):
    said = judged_by(lambda: os.environ["no such variable"])  # this line
    assert said.startswith("✘ Your code stopped with KeyError: 'no such") and "# this line" in said


def test_a_fault_of_our_own_gets_no_cure(monkeypatch, capsys):
    """A cure speaks of what a student wrote."""
    monkeypatch.setattr(checks, "_students_line", lambda problem: "")
    course_utils.check("3.2", sense_of=lambda text: bool(torch.ones(2)))
    assert "✘ Your code stopped with RuntimeError: Boolean value" in capsys.readouterr().out


def test_a_fault_in_the_call_has_no_line(capsys):
    course_utils.check("3.2", sense_of=lambda: "illness")
    said = capsys.readouterr().out
    assert "stopped with TypeError" in said and "The line" not in said


@pytest.mark.parametrize(
    "answer", [lambda: max(np.ones(2), np.ones(2)), lambda: bool(torch.ones(2))]
)
def test_several_numbers_where_one_is_compared(judged_by, answer):
    assert judged_by(answer).startswith("✘ Expected one number where two are compared")


@pytest.mark.parametrize(
    ("value", "found"),
    [("much", "'much' (str)"), (None, "None (NoneType)"), ([1, 2], "[1, 2] (list)")],
)
def test_one_number(value, found):
    for number in (0.5, np.float64(0.5), np.array([0.5]), pd.Series([0.5]), torch.tensor([0.5])):
        assert exercises.one_number("gain", number) == 0.5
    with pytest.raises(
        exercises.Wrong, match=f"^{re.escape(f'Expected one number as `gain`, found {found}.')}$"
    ):
        exercises.one_number("gain", value)
    with pytest.raises(exercises.Wrong, match="found tensor"):
        exercises.one_number("gain", torch.ones(2))


def test_one_number_of_something_that_fails_in_its_own_way():
    class Odd:
        def __float__(self):
            raise RuntimeError("as torch did, and may do again")

    with pytest.raises(exercises.Wrong, match="^Expected one number as `gain`"):
        exercises.one_number("gain", Odd())


# --- hints and ranges ---


def test_hint_without_quotes(capsys):
    exercises._shown.clear()
    course_utils.show_hint(4.1)
    course_utils.show_hint("4.1")  # goes on
    assert [line[:11] for line in capsys.readouterr().out.splitlines()] == [
        "Hint 1 of 2",
        "Hint 2 of 2",
    ]


def test_hints_come_one_after_the_other_and_begin_again(capsys):
    exercises._shown.clear()
    for _ in range(3):
        course_utils.show_hint("0.2")
    lines = capsys.readouterr().out.splitlines()
    assert [line[:11] for line in lines] == ["Hint 1 of 2", "Hint 2 of 2", "Hint 1 of 2"]
    with pytest.raises(course_utils.CourseError, match="has 2 hints: choose 1 to 2"):
        course_utils.show_hint("0.2", 3)


def test_every_exercise_has_two_hints_or_more():
    for number in ("0.1", "0.2", "4.1", "4.2", "5.1", "5.2", "6.1", "6.2"):
        assert len(exercises.find_exercise(number).hints) >= 2, number


def test_expect_inside_and_outside(capsys):
    low, high = known_ranges("minilm")["accuracy"]
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
    expected = known_ranges("minilm")
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
    expected = known_ranges("minilm")
    runs = course_utils.load_record("weak_spots").drop(columns=["checkpoint", "seed"])
    assert len(runs) >= 5
    asked = [name for name in runs if name in expected]  # of the others, 06 reads the record
    assert len(asked) >= 2
    for name in asked:
        low, high = expected[name]
        assert low < runs[name].min() and runs[name].max() < high, name


def test_every_range_that_a_lesson_asks_for_exists():
    lessons = Path(__file__).resolve().parent.parent / "instructor" / "lessons"
    text = "".join(path.read_text(encoding="utf-8") for path in lessons.glob("*.py"))
    asked = set(re.findall(r'expect\("([^"]+)"', text))
    assert asked == set(known_ranges("minilm"))


def test_answers_are_kept(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_MODELS", str(tmp_path / "my" / "models"))  # not there yet
    course_utils.record_answers("eight questions", {1: "a", 2: "?"})
    assert "1 of 2 questions answered, 1 open" in capsys.readouterr().out
    assert json.loads((tmp_path / "my" / "models" / "eight_questions.json").read_text()) == {
        "1": "a",
        "2": "?",
    }


@pytest.mark.parametrize("content", [b'{"1": "a', b"[1]", b'{"1": {}}', b"\xff\xfe", b""])
def test_damaged_answers_are_put_aside(tmp_path, monkeypatch, capsys, content):
    monkeypatch.setenv("COURSE_MODELS", str(tmp_path))
    path = tmp_path / "eight_questions.json"
    for number in (1, 2):
        path.write_bytes(content)
        course_utils.compare_answers("eight questions", {1: "b"})  # which changes no file
        said = "The file with your first answers, eight_questions.json, is damaged."
        assert capsys.readouterr().out.startswith(f"{said}\nNo first answers are kept")
        course_utils.record_answers("eight questions", {1: "a"})
        aside = tmp_path / f"eight_questions.damaged{number}.json"
        assert capsys.readouterr().out == (
            f"{said} It is kept as {aside.name}; today's answers count as first.\n"
            "Kept: 1 of 1 questions answered, 0 open.\n"
        )
        assert aside.read_bytes() == content
        assert json.loads(path.read_text()) == {"1": "a"}
    assert len(list(tmp_path.iterdir())) == 3


def test_answers_that_cannot_be_kept_are_not_said_to_be(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("COURSE_MODELS", str(tmp_path / "file"))
    with pytest.raises(course_utils.CourseError, match="could not be kept in .*COURSE_MODELS"):
        course_utils.record_answers("eight questions", {1: "a"})
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("answer", ["d", "ab", 1, None])
def test_answers_that_do_not_exist(answer, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_MODELS", str(tmp_path))
    with pytest.raises(course_utils.DataError, match="expected one of 'a' or 'b' or 'c'"):
        course_utils.record_answers("eight questions", {1: answer})
    assert not list(tmp_path.iterdir())


# --- the eight questions, asked again ---

ALL_RIGHT = {1: "b", 2: "c", 3: "a", 4: "b", 5: "c", 6: "c", 7: "b", 8: "b"}


@pytest.fixture
def compare(tmp_path, monkeypatch, capsys):
    """Stores the first answers, if any, and returns the lines that the comparison prints."""
    monkeypatch.setenv("COURSE_MODELS", str(tmp_path))

    def lines(now, first=None):
        if first:
            course_utils.record_answers("eight questions", first)
        capsys.readouterr()
        before = [(file, file.read_bytes()) for file in tmp_path.iterdir()]
        course_utils.compare_answers("eight questions", now)
        assert before == [(file, file.read_bytes()) for file in tmp_path.iterdir()]
        return capsys.readouterr().out.splitlines()

    return lines


def test_comparison_shows_first_answer_new_answer_and_truth(compare):
    first = ALL_RIGHT | {2: "a", 3: "?", 5: "a"}
    assert compare(ALL_RIGHT | {2: "c", 5: "b", 6: "?"}, first) == [
        "question   first   now   right?",
        "       1     b      b    yes",
        "       2     a      c    yes",
        "       3     ?      a    yes",
        "       4     b      b    yes",
        "       5     a      b    no: see 05",
        "       6     c      ?    open: see 05",
        "       7     b      b    yes",
        "       8     b      b    yes",
        "",
        "Right now: 6 of 8; at first: 5.",
    ]


def test_comparison_without_first_answers(compare):
    said = compare(ALL_RIGHT)
    assert said[0] == "No first answers are kept on this computer (notebook 00 does that)."
    assert said[3] == "       1     -      b    yes"
    assert said[-1] == "Right now: 8 of 8."


def test_comparison_of_open_answers(compare):
    said = compare(dict.fromkeys(range(1, 9), "?"), {1: "a"})
    assert said[1] == "       1     a      ?    open: see 01"
    assert said[2] == "       2     -      ?    open: see 03"
    assert said[-1] == "Right now: 0 of 8; at first: 0."
    assert compare({})[-1] == "Right now: 0 of 8; at first: 0."


@pytest.mark.parametrize(
    ("name", "answers", "sentence"),
    [
        ("nine questions", {}, "There are no questions 'nine questions'; expected 'eight question"),
        ("eight questions", {9: "a"}, "There is no question 9: 1 to 8."),
        ("eight questions", {1: "d"}, "Question 1 has the answer 'd', expected one of 'a' or 'b'"),
        ("eight questions", {1: ...}, "Question 1 has the answer Ellipsis, expected one of 'a'"),
    ],
)
def test_comparison_of_something_else(name, answers, sentence):
    with pytest.raises(course_utils.DataError) as caught:
        course_utils.compare_answers(name, answers)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("lesson", ["00_start_here", "07_lets_practice"])
def test_right_answers_are_those_of_the_solutions(lesson):
    asked = questions.question_sets()["eight questions"]
    key = {int(number): each["right"] for number, each in asked.items()}
    lessons = Path(__file__).resolve().parent.parent / "instructor" / "lessons"
    text = (lessons / f"{lesson}.py").read_text(encoding="utf-8")
    solved = re.findall(r"^answers = (\{.*\"a\".*\})$", text, re.M)
    assert [eval(answers) for answers in solved] == [key]


def test_questions_point_to_notebooks_of_this_course():
    lessons = Path(__file__).resolve().parent.parent / "instructor" / "lessons"
    numbers = {path.name[:2] for path in lessons.glob("[0-9][0-9]_*.py")}
    asked = questions.question_sets()["eight questions"].values()
    assert {each["notebook"] for each in asked} <= numbers


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (
            "Expected all tensors to be on the same device, but got index is on cpu, different "
            "from other tensors on cuda:0",
            "✘ Expected the model and the batch on one device, found two: hand the batch over",
        ),
        ("too many dimensions 'str'", "✘ Expected labels as numbers, found words"),
    ],
)
def test_what_pytorch_says_becomes_advice(capsys, raised, told):
    def predict_labels(model, tokenizer, sentences):
        raise RuntimeError(raised)

    course_utils.check("5.1", predict_labels=predict_labels)
    assert capsys.readouterr().out.startswith(told)


def test_pytorch_still_says_so_about_labels_that_are_words(capsys):
    import torch

    def predict_labels(model, tokenizer, sentences):
        return torch.tensor(["positive"])

    course_utils.check("5.1", predict_labels=predict_labels)
    assert "Expected labels as numbers, found words" in capsys.readouterr().out
