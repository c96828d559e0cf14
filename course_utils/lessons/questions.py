"""The eight questions: your first answers are kept, to compare with."""

import json
import tomllib
from pathlib import Path

from course_utils import settings
from course_utils.errors import DataError

LESSONS = Path(__file__).resolve().parent


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


def _keys() -> dict:
    """For each set of questions: number (as text) -> the right letter, and the notebook."""
    return tomllib.loads((LESSONS / "questions.toml").read_text(encoding="utf-8"))


def compare_answers(name: str, answers: dict, choices: str = "abc") -> None:
    """Set your answers beside your first ones, and say which are right now. Nothing is stored.

    Args:
        name: of the set, as for `record_answers`, which kept your first answers.
        answers: question number -> one of the letters in `choices`, or "?" for "I don't know".

    Raises:
        DataError: if there is no such set or question, or an answer is not one of these.
    """
    keys = _keys()
    if name not in keys:
        raise DataError(f"There are no questions {name!r}; expected {_or(map(repr, keys))}.")
    _check_letters(answers, choices)
    key = {number: (each["right"], each["notebook"]) for number, each in keys[name].items()}
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


def _or(words) -> str:
    return " or ".join(words)
