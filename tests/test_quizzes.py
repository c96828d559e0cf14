"""The quizzes: complete, answered in one way only, and the same with and without widgets."""

import re
from collections import Counter
from dataclasses import replace

import pytest

import course_utils
from course_utils.errors import CourseError
from course_utils.lessons import quiz_view
from course_utils.lessons.quizzes import LESSONS, LETTERS, quiz_of

QUIZZES = {
    path.parent.name[-2:]: quiz_of(path.parent.name[-2:])
    for path in sorted(LESSONS.glob("lesson_*/quiz.toml"))
}

QUESTIONS = [(lesson, question) for lesson, each in QUIZZES.items() for question in each]
every = pytest.mark.parametrize(
    ("lesson", "question"), QUESTIONS, ids=[f"{a}-{q.text[:30]}" for a, q in QUESTIONS]
)


@every
def test_each_choice_has_a_reply_of_its_own(lesson, question):
    assert len(question.choices) == len(question.replies) == len(LETTERS) == 3
    assert question.right in LETTERS
    for texts in (question.choices, question.replies):
        assert len(set(texts)) == 3 and all(text[-1] in ".!?)" or "_" in text for text in texts)
    assert [question.reply(letter)[0] for letter in LETTERS].count("✔") == 1
    assert question.reply(question.right).startswith("✔")
    assert all(len(text.split()) <= 25 for text in (*question.choices, *question.replies))


def test_the_right_letter_cannot_be_guessed():
    counts = Counter(question.right for _, question in QUESTIONS)
    assert set(counts) == set(LETTERS) and max(counts.values()) - min(counts.values()) <= 3
    lengths = [
        len(q.choices[LETTERS.index(q.right)]) == max(map(len, q.choices)) for _, q in QUESTIONS
    ]
    assert sum(lengths) <= 0.7 * len(lengths)  # nor by taking the longest


def test_three_questions_for_each_notebook_from_01():
    assert sorted(QUIZZES) == [f"0{number}" for number in range(1, 10)]
    assert all(len(questions) == 3 for questions in QUIZZES.values())


# --- in text ---


def test_graded_in_text(capsys):
    course_utils.grade_quiz("05", "aab")
    first, second, third, score = capsys.readouterr().out.splitlines()
    assert first.startswith("1. ✔ Loss, gradients") and second.startswith("2. ✘ That would be")
    assert third.startswith("3. ✔ Only then") and score == "Right: 2 of 3."
    course_utils.grade_quiz("5", "A??")
    assert capsys.readouterr().out.splitlines()[1:] == ["2. open", "3. open", "Right: 1 of 3."]


@pytest.mark.parametrize("answers", ["", "ab", "abcd", "abd", 7, None])
def test_answers_that_are_none(answers):
    with pytest.raises(CourseError, match="expected 3 letters from a to c, such as"):
        course_utils.grade_quiz("05", answers)


def test_no_such_quiz():
    for call in (lambda: course_utils.quiz("00"), lambda: course_utils.grade_quiz("12", "abc")):
        with pytest.raises(CourseError, match="There is no quiz '(00|12)'; expected one of 01, 02"):
            call()


# --- with buttons ---


@pytest.mark.parametrize("lesson", QUIZZES)
def test_buttons_get_the_same_replies(lesson, capsys):
    *rows, score = course_utils.quiz(lesson).children
    titles, buttons, replies = rows[0::3], rows[1::3], rows[2::3]
    for number, question in enumerate(QUIZZES[lesson]):
        assert buttons[number].value is None and question.text == buttons[number].tooltip
        assert buttons[number].description == f"Question {number + 1}"
        assert [letter for _, letter in buttons[number].options] == list(LETTERS)
        assert titles[number].value.startswith(f"<b>{number + 1}. ")
    for letters in ("abc", "cab", "bca"):
        course_utils.grade_quiz(lesson, letters)
        *told, right = capsys.readouterr().out.splitlines()
        for button, letter in zip(buttons, letters, strict=True):
            button.value = letter
        for line, reply in zip(told, replies, strict=True):
            assert plain(reply.value) == line[3:]
            assert 'role="status"' in reply.value
        assert plain(score.value) == right


def test_questions_are_escaped(monkeypatch):
    question = replace(QUIZZES["01"][0], text="What is <script>?", choices=("<b>", "<i>", "c"))
    monkeypatch.setattr(quiz_view, "quiz_of", lambda lesson: (question,))
    view = course_utils.quiz("01")
    for shown in (view.children[0].value, view._repr_mimebundle_()["text/html"]):
        assert "&lt;script&gt;" in shown and "<script>" not in shown and "<i>" not in shown


def plain(html_text):
    import html

    return html.unescape(re.sub(r"<[^>]+>", "", html_text))


def test_stored_without_a_kernel():
    bundle = course_utils.quiz("08")._repr_mimebundle_()
    for question in QUIZZES["08"]:
        for shown in (plain(bundle["text/html"]), bundle["text/plain"]):
            assert question.text in shown and all(choice in shown for choice in question.choices)
        assert all(reply in plain(bundle["text/html"]) for reply in question.replies)
        assert not any(reply in bundle["text/plain"] for reply in question.replies)
    assert bundle["text/html"].count("<details>") == 3
    assert 'grade_quiz("08", "???")' in bundle["text/plain"]
