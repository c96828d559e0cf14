"""Figures of notebooks 05 and 06: a fair race, and two kinds of chance in one accuracy."""

import numpy as np

from course_utils.judge.races import race
from course_utils.judge.records import unmeasured
from course_utils.look.figures.base import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    Figure,
    course_style,
    new_axes,
)
from course_utils.model.known import learning_rate_for

ONE_EPOCH = "fine-tuned, one epoch"
LOOKS = {"fine-tuned": (BLUE, "D"), "frozen + logistic regression": (GREEN, "s")}
"""How methods that know more than these labels are drawn; all others are grey dots."""


@course_style
def plot_fair_race(record) -> Figure:
    """Each method on the same test texts, with few labels and with all: how far is it behind?

    The numbers at the right are the differences to fine-tuning, in points, paired, with their 95 %
    intervals; see `race`. All panels have one scale.

    Args:
        record: `load_record("fair_race")`.
    """
    sizes = sorted(set(record["labels"][record["method"] == "fine-tuned"]))
    figure, panels = new_axes(9, 0.8 + 3.5 * max(len(sizes), 1), nrows=max(len(sizes), 1))
    told = []
    for labels, axes in zip(sizes, np.atleast_1d(panels), strict=False):
        table = race(record, labels)
        for row, (name, one) in enumerate(table.iterrows()):
            colour, marker = LOOKS.get(name, (GREY, "o"))
            value, low, high = 100 * one[["accuracy", "low", "high"]].to_numpy(dtype=float)
            reach = [[value - low], [high - value]]
            axes.errorbar(value, row, xerr=reach, fmt=marker, color=colour, capsize=5)
            axes.annotate(f"{value:.1f}", (value, row + 0.16), ha="center", fontsize=11)
            told_at = axes.annotate(_behind(one), (95, row), ha="center", va="center", fontsize=11)
            told_at.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
        axes.annotate("fine-tuned ahead by", (95, len(table) - 0.35), ha="center", fontsize=11)
        names = [ONE_EPOCH if name == "fine-tuned" else name for name in table.index]
        axes.set_yticks(range(len(table)), names)
        axes.set_ylim(-0.5, len(table) + 0.15)
        axes.set_xlim(46, 104)
        axes.set_xticks(range(50, 90, 5))
        axes.set_title(f"{labels:,} labels")
        told.append(_race_in_words(table, labels))
    if sizes:
        axes.set_xlabel("accuracy on test (%), with 95 % interval")
    summary = " ".join(told) or f"The race was {unmeasured(record)}."
    return Figure(figure, f"Dots with intervals, one per method. {summary}", summary, record)


def _behind(one) -> str:
    """How far a method is behind, in points, with its interval; nothing for the winner itself."""
    if one["behind"] == one["behind_low"] == one["behind_high"] == 0:
        return ""
    numbers = 100 * one[["behind", "behind_low", "behind_high"]].to_numpy(dtype=float)
    return "{:+.1f} ({:+.1f} to {:+.1f})".format(*numbers)


def _race_in_words(table, labels: int) -> str:
    others = table.drop(index="fine-tuned")
    best = others.iloc[-1]
    return (
        f"With {labels:,} labels, one epoch of fine-tuning reaches "
        f"{100 * table['accuracy']['fine-tuned']:.1f} %. The next best, {best.name}, is "
        f"{100 * best['behind']:.1f} points behind "
        f"({100 * best['behind_low']:.1f} to {100 * best['behind_high']:.1f})."
    )


def default_runs(record):
    """The rows of `load_record("fine_tuning")` with the recipe of the course: one per seed."""
    suits = record["learning_rate"] == record["checkpoint"].map(learning_rate_for)
    return record[(record["size"] == "default") & suits].sort_values("seed")


@course_style
def plot_two_parts(record, live: tuple = None) -> Figure:
    """The accuracy of each seed on validation and on test, joined by a line.

    What did best on validation is red, your own model orange.

    Args:
        record: `load_record("fine_tuning")`.
        live: (accuracy on validation, accuracy on test) of your own model, as fractions.
    """
    runs = default_runs(record)
    figure, axes = new_axes(7, 4.4)
    both = 100 * runs[["validation_accuracy", "accuracy"]].to_numpy()  # (seeds, 2)
    best = both[:, 0] == both[:, 0].max(initial=0)
    for pair, first in zip(both, best, strict=True):
        look = {"color": RED, "linewidth": 2.4, "zorder": 3} if first else {"color": GREY}
        axes.plot([0, 1], pair, "-o", **({"linewidth": 1.3} | look))
    names = f"seed{'s' if best.sum() > 1 else ''} {' and '.join(map(str, runs['seed'][best]))}"
    if best.any():
        axes.annotate(f"{names}  ", (0, both[best][0, 0]), ha="right", va="center", color=RED)
    if live:
        mine = {"color": ORANGE, "markeredgecolor": "black", "markersize": 10, "zorder": 4}
        axes.plot([0, 1], [100 * part for part in live], "D", label="your model", **mine)
        axes.legend(loc="lower right")
    axes.set_xticks([0, 1], ["validation (05)", "test (06)"])
    axes.set_xlim(-0.4, 1.3)
    axes.set_ylabel("accuracy (%)")
    summary = f"Other seeds were {unmeasured(record)}."
    if len(both):
        summary = _two_parts_in_words(both, best, names)
    return Figure(figure, f"A line for each seed. {summary}", summary, record)


def _two_parts_in_words(both, best, names: str) -> str:
    validation, test = both.mean(axis=0)
    places = [1 + int((both[:, 1] > one).sum()) for one in both[best, 1]]
    return (
        f"{len(both)} seeds: {validation:.1f} % on validation, {test:.1f} % on test, on average. "
        f"Best on validation: {names}; on test they are number {' and '.join(map(str, places))} of "
        f"{len(both)}."
    )


@course_style
def plot_two_chances(result, record) -> Figure:
    """How far chance moves an accuracy: the choice of test texts, and the seed. One measure.

    The measure is the standard deviation. The dots of the first row are ten tests as large as the
    real one, drawn from its texts with replacement; those of the second are recorded seeds, all on
    the same test texts. A bar reaches two standard deviations to each side of the mean: about 95 of
    100 dots would lie on it.

    Args:
        result: the `Evaluation` of your model on test.
        record: `load_record("fine_tuning")`.
    """
    right = 100 * result.correct
    texts = np.random.default_rng(0).choice(right, size=(1_000, len(right))).mean(axis=1)
    seeds = 100 * default_runs(record)["accuracy"].to_numpy()
    kind = "reviews" if result.data.name.startswith("reviews") else "texts"
    figure, axes = new_axes(8, 3)
    rows = (
        (f"other test {kind},\nthe same model", texts, GREY),
        (f"other seeds,\nthe same {kind}", seeds, BLUE),
    )
    told = []
    for row, (name, values, colour) in enumerate(rows):
        if len(values) < 2:
            continue  # a checkpoint without recorded seeds
        mean, spread = values.mean(), values.std(ddof=1)
        reach = [mean - 2 * spread, mean + 2 * spread]
        axes.plot(reach, [row, row], color=colour, linewidth=9, alpha=0.3, solid_capstyle="butt")
        axes.plot(values[:10], np.full(len(values[:10]), row), "o", color=colour)
        axes.annotate(f"standard deviation {spread:.1f}", (mean, row + 0.2), ha="center")
        told.append(f"{name}: {spread:.1f} points".replace(",\n", ", "))
        if len(values) < 100:  # of a few seeds, the spread itself is unsure
            low, high = _interval_of_spread(values)
            told[-1] += f" (95 % interval {low:.1f} to {high:.1f})"
    axes.set_yticks([0, 1], [name for name, _, _ in rows])
    axes.set_ylim(-0.5, 1.6)
    axes.set_xlabel("accuracy on test (%)")
    summary = f"Standard deviation of the accuracy. {'; '.join(told).capitalize()}."
    return Figure(figure, f"Two rows of dots. {summary}", summary, record)


def _interval_of_spread(values) -> list:
    """The 95 % interval of a standard deviation, by the chi-squared distribution."""
    from scipy.stats import chi2

    free = len(values) - 1
    return [values.std(ddof=1) * (free / chi2.ppf(p, free)) ** 0.5 for p in (0.975, 0.025)]
