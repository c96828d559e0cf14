"""Checks of notebook 00."""

import math
from collections.abc import Sized

from course_utils.judge.records import load_record
from course_utils.lessons.exercises import Wrong, exercise, one_number

ROUNDED = 6e-4
"""Three decimals are enough."""


@exercise(
    "0.1",
    "farthest",
    hints=(
        'record["positive"] - 0.5 gives one difference for each run, above or below zero.',
        "The distance in either direction is (...).abs(), and the largest of them is .max().",
    ),
)
def _farthest(farthest):
    positive = load_record("slide_recipe")["positive"]
    if positive.empty:
        return "Nothing to measure: this checkpoint was not measured."
    gaps = (positive - 0.5).abs()
    try:
        found = one_number("farthest", farthest)
    except Wrong:
        if isinstance(farthest, Sized) and not isinstance(farthest, str):
            several = f"Expected one number, found {len(farthest)}: take the largest with .max()."
            raise Wrong(several) from None
        raise
    for wrong, what in (
        (-gaps.max(), "a distance has no sign: take .abs() first."),
        (gaps.mean(), "that is the mean distance; expected the largest."),
        (100 * gaps.max(), "give it as a fraction, as in the column."),
        *(
            (end, "that is the probability; expected its distance from 0.5.")
            for end in (positive.max(), positive.min())
        ),
        *(
            (abs(end - 0.5), "that is the largest one in one direction only: take .abs() first.")
            for end in (positive.max(), positive.min())
            if abs(end - 0.5) < gaps.max()
        ),
    ):
        if math.isclose(found, wrong, abs_tol=ROUNDED):
            raise Wrong(f"Found {found:.3f}: {what}")
    if not math.isclose(found, gaps.max(), abs_tol=ROUNDED):
        raise Wrong(f"Expected the largest distance from 0.5, found {found:.3f}.")
    return f"{gaps.max():.3f}: even the surest of {len(positive)} runs is hardly sure."


@exercise(
    "0.2",
    "guessing_loss",
    hints=(
        "import math; math.log is the natural logarithm.",
        "The logarithm of a number below 1 is negative, and the loss has a minus in front of it.",
    ),
)
def _guess(guessing_loss):
    found = one_number("guessing_loss", guessing_loss)
    if math.isclose(found, -math.log(2), abs_tol=5e-3):
        raise Wrong(f"Expected a positive number, found {found:.3f}: a loss has a minus in front.")
    for base, name in ((2, "2"), (10, "10")):
        if math.isclose(found, math.log(2) / math.log(base), abs_tol=5e-3):
            raise Wrong(f"Found {found:.3f}, a logarithm to base {name}; expected the natural one.")
    if not math.isclose(found, math.log(2), abs_tol=5e-4):
        raise Wrong(f"Expected minus the natural logarithm of 0.5, found {found:.3f}.")
    return f"ln 2 = {math.log(2):.3f}. The slide's losses are that of a guess."
