"""Checks that help: exercises, hints, expected ranges, and the eight questions."""

import contextlib
import importlib
import io
import json
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from course_utils import settings
from course_utils.checkpoints import CHECKPOINTS
from course_utils.errors import CourseError, DataError, NotSolved


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
        importlib.import_module(f"course_utils.exercises.lesson_{lesson}")
    except ModuleNotFoundError:
        pass  # no exercises in that lesson: said below
    if number not in _exercises:
        known = ", ".join(sorted(_exercises)) or "none here"
        raise CourseError(f"There is no exercise {number!r}; expected one of {known}.")
    return _exercises[number]


def check(number: str, **answers) -> None:
    """Say whether the answers to an exercise are right; if not, what was expected and found.

    Args:
        number: of the exercise, for instance "4.1".
        answers: by name. `...` means "not answered yet".
    """
    print(_verdict(number, answers)[1])


def require(number: str, **answers) -> None:
    """For graders: raise an error if an exercise is not solved. Says nothing if it is.

    Args:
        number: of the exercise, for instance "4.1".
        answers: by name, as for `check`.

    Raises:
        NotSolved: with the sentence that `check` prints.
        CourseError: if there is no such exercise, or if it wants other answers.
    """
    # nbgrader takes anything on stderr for a failed test, and a warning is no wrong answer.
    with contextlib.redirect_stderr(io.StringIO()):
        solved, message = _verdict(number, answers)
    if not solved:
        raise NotSolved(message)


def _verdict(number: str, answers: dict) -> tuple[bool, str]:
    """Is the exercise solved? With the sentence that says so, or what is missing or wrong."""
    task = find_exercise(number)
    unknown = set(answers) - set(task.wants)
    if unknown or set(task.wants) - set(answers):
        wanted = ", ".join(f"{name}=..." for name in task.wants)
        raise CourseError(f'Exercise {number} is checked with check("{number}", {wanted}).')
    missing = [name for name in task.wants if _open(answers[name])]
    pointer = f'  (Help: course_utils.show_hint("{number}"))'
    if missing:
        names = _and(f"`{name}`" for name in missing)
        return False, f"Not answered yet: give {names} a value.{pointer}"
    try:
        return True, f"✔ {task.judge(**answers)}"
    except Unanswered as message:
        return False, f"Not answered yet: {message}{pointer}"
    except Wrong as message:
        return False, f"✘ {message}{pointer}"
    except CourseError as problem:
        return False, f"✘ {problem}"
    except Exception as problem:  # a student's function may fail in any way: no traceback
        return False, f"✘ {_stopped(problem)}{pointer}"


def _open(answer) -> bool:
    """Is it still the `...` of the stub, or a dictionary that holds some?"""
    return answer is ... or isinstance(answer, dict) and any(x is ... for x in answer.values())


def _stopped(problem: Exception) -> str:
    """What can be done about an exception in a student's function, and the line it comes from."""
    said, line = f"{type(problem).__name__}: {problem}", _students_line(problem)
    if not line:  # so the call failed, above all
        return f"Your code stopped with {said}."
    cures = (cure for (sign, part), cure in CURES.items() if sign in said and part in line)
    return f"{next(cures, f'Your code stopped with {said}.')} The line: `{line}`"


def _students_line(problem: Exception) -> str:
    """The last line of the traceback that is neither ours nor that of a library; "" if none."""
    installed = (str(Path(__file__).parent), sys.prefix, sys.base_prefix)
    for frame in reversed(traceback.extract_tb(problem.__traceback__)):
        theirs = frame.filename.startswith(installed) or "site-packages" in frame.filename
        if not theirs and frame.line:  # parts of Python itself have no lines
            return frame.line
    return ""


_SEVERAL = (
    "Expected one number where two are compared, found several: make one of them first, for "
    "instance with .mean()."
)
CURES = {
    ("Expected all tensors to be on the same device", ""): (
        "Expected the model and the batch on one device, found two: hand the batch over with "
        "batch.to(model.device)."
    ),
    ("too many dimensions 'str'", ""): (
        "Expected labels as numbers, found words: give each label name its position, such as 0 for "
        "negative and 1 for positive."
    ),
    ("The truth value of an array with more than one element is ambiguous", ""): _SEVERAL,
    ("Boolean value of Tensor with more than one value is ambiguous", ""): _SEVERAL,
    ("elements cannot be converted to Scalar", ".item()"): (
        "Expected a tensor with one number for .item(), found more: .tolist() makes a list of them,"
        " .sum() adds them up."
    ),
    ("KeyError: tensor(", ""): (
        "Expected a plain number as the key, found a tensor: .tolist() makes plain numbers of it "
        "first."
    ),
}
"""What Python, numpy or PyTorch says, and what stands in the line -> what a student can do."""


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


def expect(name: str, value: float) -> None:
    """Say whether a result lies where we saw it lie, with this checkpoint and the default size.

    A range, because results differ with seed and computer. Outside it, something is different:
    another recipe, an interrupted run, a mistake of yours or of ours.

    Args:
        name: of the result, as in the checkpoint's record, for instance "accuracy".
        value: what you measured.
    """
    now = settings.current()
    record = CHECKPOINTS.get(now.checkpoint)
    if record is None or name not in record.expected or now.size != "default":
        print(f"{name} {value:.3f}: not measured before with {now.checkpoint}, size {now.size}.")
        return
    low, high = record.expected[name]
    if low <= value <= high:
        print(f"✔ {name} {value:.3f} lies in the expected range, {low} to {high}.")
    else:
        print(
            f"✘ {name} {value:.3f} lies outside the expected range, {low} to {high}: "
            "run the notebook again from the top, and compare the recipe."
        )


def record_answers(name: str, answers: dict, choices: str = "abc") -> None:
    """Keep your answers to a set of questions, to compare with them later.

    Args:
        name: of the set, for instance "eight questions".
        answers: question number -> one of the letters in `choices`, or "?" for "I don't know".

    Raises:
        DataError: if an answer is not one of these.
    """
    _check_letters(answers, choices)
    path = _answers_file(name)
    given = sum(answer != "?" for answer in answers.values())
    print(f"Kept: {given} of {len(answers)} questions answered, {len(answers) - given} open.")
    answers = {str(number): answer for number, answer in answers.items()}
    first = _first_answers(path)
    changed = [number for number in answers if first.get(number, "?") not in ("?", answers[number])]
    if changed:
        print(f"Your first answers were others here: {', '.join(changed)}.")
    # The first answer to each question stays, to compare with.
    kept = answers | {number: answer for number, answer in first.items() if answer != "?"}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept), encoding="utf-8")


KEYS = {
    "eight questions": {
        1: ("b", "01"),
        2: ("c", "03"),
        3: ("a", "04"),
        4: ("b", "04"),
        5: ("c", "05"),
        6: ("c", "05"),
        7: ("b", "06"),
        8: ("b", "06"),
    }
}
"""For each set of questions: number -> the right letter, and the notebook that explains it."""


def compare_answers(name: str, answers: dict, choices: str = "abc") -> None:
    """Set your answers beside your first ones, and say which are right now. Nothing is stored.

    Args:
        name: of the set, as for `record_answers`, which kept your first answers.
        answers: question number -> one of the letters in `choices`, or "?" for "I don't know".

    Raises:
        DataError: if there is no such set or question, or an answer is not one of these.
    """
    if name not in KEYS:
        raise DataError(f"There are no questions {name!r}; expected {_or(map(repr, KEYS))}.")
    _check_letters(answers, choices)
    key = {str(number): right for number, right in KEYS[name].items()}
    now = {str(number): answer for number, answer in answers.items()}
    if set(now) - set(key):
        raise DataError(f"There is no question {min(set(now) - set(key))}: 1 to {len(key)}.")
    first = _first_answers(_answers_file(name))
    if not first:
        print("No first answers are kept on this computer (notebook 00 does that).\n")
    print("question   first   now   right?")
    for number, (right, notebook) in key.items():
        today = now.get(number, "?")
        verdict = "yes" if today == right else f"{'open' if today == '?' else 'no'}: see {notebook}"
        print(f"{number:>8}   {first.get(number, '-'):^5}   {today:^3}   {verdict}")
    score = sum(now.get(number) == right for number, (right, _) in key.items())
    before = sum(first.get(number) == right for number, (right, _) in key.items())
    print(f"\nRight now: {score} of {len(key)}" + (f"; at first: {before}." if first else "."))


def _check_letters(answers: dict, choices: str) -> None:
    for number, answer in answers.items():
        if answer != "?" and (not isinstance(answer, str) or answer not in set(choices)):
            raise DataError(
                f"Question {number} has the answer {answer!r}, expected one of "
                f'{_or(repr(letter) for letter in choices)}, or "?" if you do not know yet.'
            )


def _answers_file(name: str) -> Path:
    return settings.models_folder() / f"{name.replace(' ', '_')}.json"


def _first_answers(path: Path) -> dict:
    """Question number (as text) -> the first answer; empty if none was kept."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _and(words) -> str:
    return " and ".join(words)


def _or(words) -> str:
    return " or ".join(words)
