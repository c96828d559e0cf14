"""Exercises: who judges the answers, and what is said of them."""

import importlib
from dataclasses import dataclass

from course_utils.errors import CourseError


class Wrong(Exception):
    """Raised by an exercise's check: the message says what was expected and what was found."""


class Unanswered(Exception):
    """Raised by a check when a function still returns `...`: the message says what to fill in."""


@dataclass(frozen=True)
class Exercise:
    """One exercise: the answers that it wants, the function that judges them, and two hints."""

    wants: tuple
    judge: callable
    hints: tuple


_exercises = {}


def exercise(number: str, *wants: str, hints: tuple):
    """Register a check. The function takes the answers and returns a sentence of praise.

    Args:
        number: as in the notebook, for instance "4.1".
        wants: names of the answers.
        hints: shown one after the other by `show_hint`.
    """

    def register(judge):
        _exercises[number] = Exercise(wants, judge, tuple(hints))
        return judge

    return register


def judge_choice(answer, wrong: dict) -> None:
    """For an exercise with three choices, (a), (b) and (c): is the answer the right one?

    Args:
        answer: a letter, as the student wrote it.
        wrong: letter -> what that choice found instead of what was expected.

    Raises:
        Wrong: if the answer is one of these, or none of the three letters.
    """
    letter = str(answer).strip().lower()
    if letter not in ("a", "b", "c"):
        raise Wrong(f'Expected "a", "b" or "c", found {answer!r:.60}.')
    if letter in wrong:
        raise Wrong(wrong[letter])


def one_number(name: str, value) -> float:
    """An answer as a plain number; a tensor or an array with one number will do as well.

    Raises:
        Wrong: if it is none.
    """
    try:
        return float(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError, RuntimeError):
        raise Wrong(f"Expected one number as `{name}`, found {shortened(value)}.") from None


def shortened(value) -> str:
    """What was found, with its type, in at most 60 characters or so."""
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:60] + '…'} ({type(value).__name__})"


def find_exercise(number: str) -> Exercise:
    """The exercise of that number.

    Raises:
        CourseError: if there is none.
    """
    number = str(number)  # show_hint(4.1), without quotes, is clear enough
    lesson = number.partition(".")[0].zfill(2)
    try:
        importlib.import_module(f"course_utils.lessons.lesson_{lesson}.exercises")
    except ModuleNotFoundError:
        pass  # no exercises in that lesson: said below
    if number not in _exercises:
        known = ", ".join(sorted(_exercises)) or "none here"
        raise CourseError(f"There is no exercise {number!r}; expected one of {known}.")
    return _exercises[number]


def show_hint(number: str, which: int = None) -> None:
    """Show the next hint of an exercise; after the last one, the first again."""
    number, hints = str(number), find_exercise(number).hints
    if which is None:
        which = _shown.get(number, 0) % len(hints) + 1
        _shown[number] = which
    if which not in range(1, len(hints) + 1):
        raise CourseError(f"Exercise {number} has {len(hints)} hints: choose 1 to {len(hints)}.")
    print(f"Hint {which} of {len(hints)}: {hints[which - 1]}")


_shown = {}
