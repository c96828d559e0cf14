"""What a record says about labels and time: mean curves, their bands, how many labels are saved.

`rows` is a part of a record, as a DataFrame. In a record about labels it is one subject, with one
row per method, number of labels and draw. A draw is a random choice of the labelled texts; its
number is the seed. In a record about time there is one row per method, learning rate, seed and
epoch.
"""

from dataclasses import dataclass

import numpy as np

from course_utils.errors import DataError
from course_utils.judge.intervals import FEWEST, Difference, expanded_level, mean_difference

METHODS = {
    "tfidf": "TF-IDF",
    "words": "word embeddings",
    "frozen": "frozen encoder",
    "fine-tuned": "fine-tuned",
}
"""What the records call a method, and what we call it."""


BAND = (0.1, 0.9)
"""A band holds the middle 80 % of the draws: 8 of 10 draws lie inside it."""


def mean_curve(rows, by: str = "labels", value: str = "accuracy"):
    """The mean over all draws at each number of labels, and the band in which most draws lie.

    Args:
        rows: the rows of one method.
        by: the column along which the curve runs.
        value: the column that is averaged.

    Returns:
        A DataFrame, one row per value of `by`: mean, low, high (the band) and draws (how many).
    """
    import pandas as pd

    groups = rows.groupby(by)[value]
    return pd.DataFrame(
        {
            "mean": groups.mean(),
            "low": groups.quantile(BAND[0]),
            "high": groups.quantile(BAND[1]),
            "draws": groups.size(),
        }
    )


def labels_needed(labels, accuracies, accuracy: float) -> float:
    """How many labels a curve needs to reach an accuracy for the first time.

    Between two measured points the curve is taken as straight over the logarithm of the labels.

    Args:
        labels: the measured numbers of labels, rising.
        accuracies: the accuracy at each of them.
        accuracy: what is to be reached.

    Returns:
        The number of labels, not rounded. Infinity if no measured point reaches the accuracy; the
        smallest number that was measured if the first point does already.
    """
    reached = np.flatnonzero(np.asarray(accuracies) >= accuracy)
    if len(reached) == 0:
        return float("inf")
    after = int(reached[0])
    if after == 0:
        return float(labels[0])
    steps = np.log2(np.asarray(labels[after - 1 : after + 1], dtype=float))
    heights = accuracies[after - 1 : after + 1]
    return float(2 ** np.interp(accuracy, heights, steps))


@dataclass(frozen=True)
class Saving:
    """How many times as many labels one method needs for what another reaches with few."""

    method: str
    other: str
    labels: int
    """Labels per class of `method`."""
    accuracy: float
    """What `method` reaches with them, in the mean over all draws."""
    needed: float
    """Labels per class with which `other` reaches the same. Infinity: with none that was tried;
    `least`: with the fewest that were tried, so it may need fewer still."""
    low: float
    high: float
    """95 % interval of `factor`; a bound may be cut off at the most or fewest labels tried."""
    most: int
    """The most labels per class that were tried with `other`."""
    least: int = 0
    """The fewest labels per class that were tried with `other`."""

    @property
    def factor(self) -> float:
        """How many times as many labels `other` needs."""
        return self.needed / self.labels

    def __repr__(self):
        method, other = METHODS.get(self.method, self.method), METHODS.get(self.other, self.other)
        needed = f"{self.needed:.1f}" if np.isfinite(self.needed) else f"more than {self.most:.1f}"
        needed = f"at most {needed}" if self.needed <= self.least else needed
        times = f"{self.times(self.factor)} times as many"
        return (
            f"{method}, {self.labels} labels per class: {100 * self.accuracy:.1f} %. "
            f"With {other} it takes {needed} labels, {times} (95 % interval {self.interval})"
        )

    @property
    def interval(self) -> str:
        """The interval of `factor` in words."""
        if np.isfinite(self.low) and not np.isfinite(self.high):
            return f"{self.times(self.low)} or more"
        return f"{self.times(self.low)} to {self.times(self.high)}"

    def times(self, factor: float) -> str:
        """A factor in words: "more than" the largest that was tried, "at most" the smallest."""
        if not np.isfinite(factor):
            return f"more than {self.most / self.labels:.1f}"
        return f"at most {factor:.2g}" if factor * self.labels <= self.least else f"{factor:.1f}"


def labels_saved(
    rows, method: str, other: str, labels: int, resamples: int = 2_000, seed: int = 0
) -> Saving:
    """How many times as many labels `other` needs for what `method` reaches with `labels`.

    The accuracy comes from the mean curve of `method`, the labels from the mean curve of `other`;
    see `labels_needed`. For the interval we draw the draws again, with replacement, both curves
    from the same ones. So it covers the chance in *which* texts were labelled. It does not cover
    the chance in the texts that were judged, and it says nothing about other subjects.

    Where a curve reaches the accuracy outside the measured sizes, a bound is cut off there: it is
    told as "at most" or "more than". The percentiles lie as far out as those of a t interval; see
    `expanded_level`. Of 100 intervals from 20 or 10 draws, about 93 hold the truth; from 5, 88.

    Args:
        rows: of one subject.
        method, other: as in the column `method`.
        labels: labels per class of `method`.
        resamples, seed: of the bootstrap.

    Raises:
        DataError: if one of the two was not measured, or in fewer than 5 draws.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap; percentile interval,
    expanded as Hesterberg (2015) does.
    """
    first = _by_draw(rows, method)
    second = _by_draw(rows, other).dropna(axis="columns")  # only sizes with every draw
    if labels not in first.columns or second.empty:
        missing = f"'{other}'" if labels in first.columns else f"'{method}' with {labels} labels"
        raise DataError(f"{missing} was not measured: choose a method and a size of the record.")
    draws = first[labels].dropna().index.intersection(second.index)
    _check_draws(len(draws), labels)
    reached, curves = first.loc[draws, labels].to_numpy(), second.loc[draws].to_numpy()
    sizes = list(second.columns)

    pick = np.random.default_rng(seed).integers(len(draws), size=(resamples, len(draws)))
    again = [
        labels_needed(sizes, curve, accuracy)
        for curve, accuracy in zip(
            curves[pick].mean(axis=1), reached[pick].mean(axis=1), strict=True
        )
    ]
    outside = (1 - expanded_level(len(draws))) / 2
    # No interpolation between two resamples: one of them may be infinite.
    low, high = np.quantile(again, (outside, 1 - outside), method="closest_observation")
    return Saving(
        method,
        other,
        labels,
        accuracy=float(reached.mean()),
        needed=labels_needed(sizes, curves.mean(axis=0), reached.mean()),
        low=float(low) / labels,
        high=float(high) / labels,
        most=int(sizes[-1]),
        least=int(sizes[0]),
    )


def gain_over_draws(rows, method: str, other: str, labels: int) -> Difference:
    """The mean difference of two methods over the draws, each pair on the same labelled texts.

    The interval is that of `mean_difference`. It covers the chance in which texts were labelled,
    not the chance in the texts that were judged.

    Args:
        rows: of one subject.
        method, other: as in the column `method`.
        labels: labels per class.

    Returns:
        The `Difference`, `method` minus `other`.

    Raises:
        DataError: if the two were not both measured with so many labels, in fewer than 5 draws, or
            with the same gain in every draw.
    """
    both = [_by_draw(rows, name) for name in (method, other)]
    if any(labels not in table.columns for table in both):
        raise DataError(f"'{method}' and '{other}' were not both measured with {labels} labels.")
    gains = (both[0][labels] - both[1][labels]).dropna().to_numpy()
    _check_draws(len(gains), labels)
    return mean_difference(gains)


def _check_draws(draws: int, labels: int) -> None:
    if draws < FEWEST:
        raise DataError(
            f"Too few draws, {draws}, were measured with {labels} labels to compare the two: at "
            f"least {FEWEST} are needed."
        )


def _by_draw(rows, method: str):
    """One row per draw, one column per number of labels."""
    chosen = rows[rows["method"] == method]
    if chosen.duplicated(["draw", "labels"]).any():
        raise DataError(
            "These rows hold several curves of one method: choose one subject, for instance "
            'record[record["subject"] == "headlines"].'
        )
    return chosen.pivot(index="draw", columns="labels", values="accuracy")


def best_rates(rows):
    """The rows of each method with the learning rate that does best on validation.

    The rates of one method are compared after the same epoch: the last one that all its runs have
    reached. So a rate that was given up early, or is still running, is neither left out nor judged
    by an epoch that the others had longer to prepare for.

    Args:
        rows: a record with the columns method, learning_rate, seed, epoch and validation_accuracy.
    """
    if rows.empty:
        return rows
    last = rows.groupby(["method", "learning_rate", "seed"])["epoch"].max()
    shared = rows["method"].map(last.groupby("method").min())
    compared = rows[rows["epoch"] == shared].groupby(["method", "learning_rate"])
    best = set(compared["validation_accuracy"].mean().groupby("method").idxmax())
    keep = [pair in best for pair in zip(rows["method"], rows["learning_rate"], strict=True)]
    return rows[keep]


def seconds_to(rows, accuracy: float):
    """How many processor seconds each method works until it reaches an accuracy.

    A method that was tried with several learning rates is judged by its best; see `best_rates`.

    Args:
        rows: a record with the columns method, learning_rate, seed, epoch, seconds and
            validation_accuracy.
        accuracy: to be reached on validation, at the end of an epoch.

    Returns:
        A pandas Series, method -> mean over the seeds; infinity if a seed never reached it.

    Raises:
        DataError: if the accuracy is not a fraction.
    """
    if not 0 < accuracy <= 1:
        raise DataError(f"accuracy={accuracy!r}: expected a fraction, such as 0.70 for 70 %.")
    rows = best_rates(rows)
    reached = rows[rows["validation_accuracy"] >= accuracy]
    first = reached.groupby(["method", "seed"])["seconds"].min().astype(float)
    runs = rows.groupby(["method", "seed"])["seconds"].size().index
    return first.reindex(runs, fill_value=float("inf")).groupby("method").mean().sort_values()


PAIRS = 100_000 * 1_024
"""Pairs of sentences on which `minilm` was trained before we came: 100,000 steps, each with a batch
of 1,024 pairs.

Source: the model card, https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2
"""


def pretraining_seconds(rows) -> float:
    """How many processor seconds the pre-training of `minilm` would take here, by an estimate.

    Each of its texts is taken to be as long as one of our reviews, and to cost the same. What it
    had learned before (to imitate a larger model) does not count.

    Args:
        rows: the record "time_to_accuracy".

    Returns:
        Seconds; not a number (nan) if `rows` holds no run of the pre-trained model.
    """
    first = rows[(rows["method"] == "pre-trained") & (rows["epoch"] == 1)]
    return float(2 * PAIRS * first["seconds"].mean() / rows.attrs.get("texts", np.nan))
