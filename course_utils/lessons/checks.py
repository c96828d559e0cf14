"""Checks that help: what was expected, what was found, and how to go on."""

import contextlib
import io
import sys
import traceback
from pathlib import Path

from course_utils.errors import CourseError, NotSolved
from course_utils.lessons.exercises import Unanswered, Wrong, find_exercise


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
    installed = (str(Path(__file__).parent.parent), sys.prefix, sys.base_prefix)
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


def _and(words) -> str:
    return " and ".join(words)
