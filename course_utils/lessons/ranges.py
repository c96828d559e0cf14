"""Is my result normal? The ranges in which we saw it lie."""

import tomllib
from pathlib import Path

from course_utils import settings

LESSONS = Path(__file__).resolve().parent


def known_ranges(checkpoint: str) -> dict:
    """Name of a result -> [least, most], from the `expected.toml` of every lesson.

    Args:
        checkpoint: the ranges belong to one; another has none, or its own.
    """
    found = {}
    for file in sorted(LESSONS.glob("lesson_*/expected.toml")):
        found |= tomllib.loads(file.read_text(encoding="utf-8")).get(checkpoint, {})
    return found


def expect(name: str, value: float) -> None:
    """Say whether a result lies where we saw it lie, with this checkpoint, the film reviews
    and the default size.

    A range, because results differ with seed and computer. Outside it, something is different:
    another recipe, an interrupted run, a mistake of yours or of ours.

    Args:
        name: of the result, as in a lesson's `expected.toml`, for instance "accuracy".
        value: what you measured.
    """
    now = settings.current()
    ranges = known_ranges(now.checkpoint)
    if now.data != settings.REVIEWS:
        print(f"{name} {value:.3f}: not measured for this data.")
        return
    if name not in ranges or now.size != "default":
        print(f"{name} {value:.3f}: not measured before with {now.checkpoint}, size {now.size}.")
        return
    low, high = ranges[name]
    if low <= value <= high:
        print(f"✔ {name} {value:.3f} lies in the expected range, {low} to {high}.")
    else:
        print(
            f"✘ {name} {value:.3f} lies outside the expected range, {low} to {high}: "
            "run the notebook again from the top, and compare the recipe."
        )
