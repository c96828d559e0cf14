"""The three questions at the end of a notebook, with an answer to each choice."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from course_utils.errors import CourseError

LESSONS = Path(__file__).resolve().parent
LETTERS = "abc"


@dataclass(frozen=True)
class Question:
    """A question with three choices; each choice has a reply, right or wrong."""

    text: str
    choices: tuple
    replies: tuple
    right: str

    def reply(self, letter: str) -> str:
        """What to say to somebody who has chosen this letter."""
        mark = "✔" if letter == self.right else "✘"
        return f"{mark} {self.replies[LETTERS.index(letter)]}"


def quiz_of(lesson: str) -> tuple:
    """The questions of a notebook, from the `quiz.toml` of its lesson.

    Args:
        lesson: its number, such as "05".

    Raises:
        CourseError: if it has none.
    """
    file = LESSONS / f"lesson_{str(lesson).zfill(2)}" / "quiz.toml"
    if not file.is_file():
        known = (path.parent.name[-2:] for path in sorted(LESSONS.glob("lesson_*/quiz.toml")))
        raise CourseError(f"There is no quiz {lesson!r}; expected one of {', '.join(known)}.")
    found = tomllib.loads(file.read_text(encoding="utf-8"))["question"]
    return tuple(
        Question(each["text"], tuple(each["choices"]), tuple(each["replies"]), each["right"])
        for each in found
    )


def grade_quiz(lesson: str, answers: str) -> None:
    """Print the replies to your answers: the quiz without a mouse, and without widgets.

    Args:
        lesson: see `quiz_of`.
        answers: one letter for each question, for instance "bac"; "?" leaves one out.

    Raises:
        CourseError: if there is no such quiz, or an answer is no letter of it.
    """
    questions = quiz_of(lesson)
    given = str(answers).strip().lower()
    if len(given) != len(questions) or not set(given) <= set(f"{LETTERS}?"):
        raise CourseError(
            f"answers={answers!r}: expected {len(questions)} letters from a to {LETTERS[-1]}, "
            'such as "bac"; "?" leaves a question out.'
        )
    for number, (question, letter) in enumerate(zip(questions, given, strict=True), start=1):
        print(f"{number}. " + ("open" if letter == "?" else question.reply(letter)))
    right = sum(q.right == letter for q, letter in zip(questions, given, strict=True))
    print(f"Right: {right} of {len(questions)}.")
