"""Checks of notebook 00."""

import math
from collections.abc import Sized

from course_utils.judge.records import load_record
from course_utils.lessons.exercises import Wrong, exercise, one_number


@exercise(
    "0.1",
    "above_half",
    hints=(
        'record["positive"] > 0.5 gives one True or False per run.',
        "Summed up, True counts as 1 and False as 0: (...).sum()",
    ),
)
def _count(above_half):
    positive = load_record("slide_recipe")["positive"]
    if positive.empty:
        return "Nothing to count: this checkpoint was not measured."
    expected = int((positive > 0.5).sum())
    try:
        found = one_number("above_half", above_half)
    except Wrong:
        if isinstance(above_half, Sized) and not isinstance(above_half, str):
            several = f"Expected one number, found {len(above_half)}: add them up with .sum()."
            raise Wrong(several) from None
        raise
    if 0 < found < 1:
        raise Wrong(f"Expected a number of runs, found {found:.2f}: use .sum(), not .mean().")
    if found != expected:
        raise Wrong(f"Expected the runs with a probability above 0.5, found {found:g} of them.")
    return f"{expected} of 100: as good as a coin."


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
