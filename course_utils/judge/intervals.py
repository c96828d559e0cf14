"""How far to trust a number: intervals of an accuracy, and of a difference."""

from dataclasses import dataclass

import numpy as np

from course_utils.data.texts import as_label
from course_utils.errors import DataError


def accuracy_interval(correct: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """The Wilson score interval of an accuracy.

    It stays between 0 and 1 and is honest for small tests: 4 of 4 correct gives 0.51 to 1.00.

    Args:
        correct: number of correct predictions, 0 <= correct <= total.
        total: number of predictions, at least 1.
        confidence: between 0 and 1.

    Returns:
        Lower and upper bound, as fractions.

    Raises:
        DataError: if the counts do not fit together.

    Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    from scipy.stats import binomtest

    correct, total = as_label(correct), as_label(total)
    whole = type(correct) is int and type(total) is int
    if not whole or not 0 <= correct <= total or total < 1 or not 0 < confidence < 1:
        raise DataError(
            f"correct={correct}, total={total}, confidence={confidence}: expected whole numbers "
            "(how many are right, not the share), 0 <= correct <= total, at least one prediction, "
            "and a confidence between 0 and 1."
        )
    bounds = binomtest(correct, total).proportion_ci(confidence, method="wilson")
    return float(bounds.low), float(bounds.high)


@dataclass(frozen=True)
class Difference:
    """How much better the first method is than the second, with its 95 % interval."""

    value: float
    low: float
    high: float

    def __repr__(self):
        return (
            f"{100 * self.value:+.1f} points "
            f"(95 % interval {100 * self.low:+.1f} to {100 * self.high:+.1f})"
        )


def paired_bootstrap(first, second, resamples: int = 10_000, seed: int = 0) -> Difference:
    """The difference of two accuracies on the same texts, and how sure we can be of it.

    Both methods met the same easy and the same hard texts. So we draw *texts*, with both answers,
    again and again with replacement, and look at how the difference varies. This measures the
    chance in the choice of test texts, not the chance in training (for that, change the seed).

    Raises:
        DataError: if the two were not evaluated on the same texts.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap; percentile interval.
    """
    from scipy.stats import bootstrap

    if first.data.texts != second.data.texts or first.data.labels != second.data.labels:
        raise DataError("The two methods were not evaluated on the same texts: use one test set.")
    gain = first.correct.astype(float) - second.correct.astype(float)
    if np.ptp(gain) == 0:  # the same on every text: nothing varies
        return Difference(*[float(gain[0])] * 3)
    interval = bootstrap(
        (gain,), np.mean, n_resamples=resamples, method="percentile", batch=1_000, rng=seed
    ).confidence_interval
    return Difference(float(gain.mean()), float(interval.low), float(interval.high))
