"""The eight questions: your first answers are kept, to compare with."""

import json
import tomllib
from itertools import count
from pathlib import Path

from course_utils import settings
from course_utils.errors import CourseError, DamagedFile, DataError

LESSONS = Path(__file__).resolve().parent


def record_answers(name: str, answers: dict, choices: str = "abc") -> None:
    """Keep your answers to a set of questions, to compare with them later.

    If the file with your first answers is damaged, it is put aside under another name.

    Args:
        name: of the set, for instance "eight questions".
        answers: question number -> one of the letters in `choices`, or "?" for "I don't know".

    Raises:
        DataError: if an answer is not one of these.
        CourseError: if the folder cannot be written.
    """
    _check_letters(answers, choices)
    path = _answers_file(name)
    try:
        first = _first_answers(path)
    except DamagedFile as damage:
        first = {}
        print(f"{damage} It is kept as {_put_aside(path).name}; today's answers count as first.")
    now = {str(number): answer for number, answer in answers.items()}
    # The first answer to each question stays, to compare with.
    _write(path, now | {number: answer for number, answer in first.items() if answer != "?"})
    given = sum(answer != "?" for answer in answers.values())
    print(f"Kept: {given} of {len(answers)} questions answered, {len(answers) - given} open.")
    changed = [number for number in now if first.get(number, "?") not in ("?", now[number])]
    if changed:
        print(f"Your first answers were others here: {', '.join(changed)}.")


def question_sets() -> dict:
    """For each set of questions: number (as text) -> its right letter, notebook and words."""
    return tomllib.loads((LESSONS / "questions.toml").read_text(encoding="utf-8"))


def compare_answers(name: str, answers: dict, choices: str = "abc") -> None:
    """Set your answers beside your first ones, and say which are right now. Nothing is stored.

    Args:
        name: of the set, as for `record_answers`, which kept your first answers.
        answers: question number -> one of the letters in `choices`, or "?" for "I don't know".

    Raises:
        DataError: if there is no such set or question, or an answer is not one of these.
    """
    keys = question_sets()
    if name not in keys:
        raise DataError(f"There are no questions {name!r}; expected {_or(map(repr, keys))}.")
    _check_letters(answers, choices)
    key = {number: (each["right"], each["notebook"]) for number, each in keys[name].items()}
    now = {str(number): answer for number, answer in answers.items()}
    if set(now) - set(key):
        raise DataError(f"There is no question {min(set(now) - set(key))}: 1 to {len(key)}.")
    try:
        first = _first_answers(_answers_file(name))
    except DamagedFile as damage:
        first = {}
        print(damage)
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
    """Question number (as text) -> the first answer; empty if none was kept.

    Raises:
        DamagedFile: if the file cannot be read.
    """
    if not path.is_file():
        return {}
    try:
        first = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        first = None
    if not isinstance(first, dict) or not all(isinstance(each, str) for each in first.values()):
        raise DamagedFile(f"The file with your first answers, {path.name}, is damaged.")
    return first


def _put_aside(path: Path) -> Path:
    """Give a file another name, that no other file has."""
    names = (path.with_name(f"{path.stem}.damaged{number}.json") for number in count(1))
    return path.rename(next(name for name in names if not name.exists()))


def _write(path: Path, answers: dict) -> None:
    """Write the answers to another file first: a crash leaves the old ones whole."""
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(answers), encoding="utf-8")
        fresh.replace(path)
    except OSError as problem:
        raise CourseError(
            f"Your answers could not be kept in {path.parent} ({problem.strerror or problem}): set "
            "the environment variable COURSE_MODELS to a folder that you may write."
        ) from None


def _or(words) -> str:
    return " or ".join(words)
