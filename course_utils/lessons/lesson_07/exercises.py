"""Checks of notebook 07: the whole path once more, on your own."""

import math
import re

from course_utils.lessons.exercises import Unanswered, Wrong, exercise

# Importing them registers their exercises.
from course_utils.lessons.lesson_07 import hand_over, judge, load_and_train  # noqa: F401


@exercise(
    "7.5",
    "card",
    "result",
    hints=(
        "card.open lists the fields that still hold `...`. Write a sentence for each.",
        'The numbers come from the evaluation: f"{100 * on_test.accuracy:.1f} % of '
        '{len(test)} texts", and the bounds from `low, high = on_test.interval`.',
    ),
)
def _card(card, result):
    from course_utils.judge.card import FIELDS, ModelCard

    if not isinstance(card, ModelCard):
        raise Wrong(
            f"Expected a card, found a {type(card).__name__}: course_utils.model_card makes one."
        )
    if card.open:
        raise Unanswered(
            f"the card is still open at {', '.join(card.open)}. (Filled in already? Then run the "
            "cell with `fields` again.)"
        )
    for key in ("purpose", "not_for", "data", "weak_spots"):
        if len(card.fields[key].split()) < 4:
            raise Wrong(f"Expected a sentence in `{key}`, found {card.fields[key]!r}.")
    if card.fields["purpose"] == card.fields["not_for"]:
        raise Wrong("Expected `not_for` to say something else than `purpose`, found the same.")
    if not any(one is result for one in card.evaluations):
        raise Wrong(
            "Expected the evaluation of your model among the measured numbers, found "
            f"{len(card.evaluations)} others: course_utils.model_card(fields, on_test, ...)."
        )
    said = card.fields["result"]
    numbers = [float(found.replace(",", ".")) for found in re.findall(r"\d+(?:[.,]\d+)?", said)]
    low, high = result.interval
    if not _says(numbers, result.accuracy):
        raise Wrong(
            f"Expected the accuracy, {100 * result.accuracy:.1f} %, in `result`, found {said!r:.80}"
        )
    for bound in (low, high):
        if not _says(numbers, bound):
            raise Wrong(
                f"Expected the interval beside the accuracy, {100 * low:.1f} to {100 * high:.1f}, "
                f"found {said!r:.80}"
            )
    if len(result.data) not in numbers and f"{len(result.data):,}" not in said:
        raise Wrong(f"Expected the number of test texts, {len(result.data):,}, in `result`.")
    return f"All {len(FIELDS)} fields are filled in, and the accuracy stands with its interval."


def _says(numbers, fraction) -> bool:
    """Is the fraction among the numbers, in percent or as it is, rounded or not?"""
    return any(
        math.isclose(number, 100 * fraction, abs_tol=0.06)
        or number == round(100 * fraction)
        or (number <= 1 and math.isclose(number, fraction, abs_tol=6e-4))
        or number == round(fraction, 2)
        for number in numbers
    )
