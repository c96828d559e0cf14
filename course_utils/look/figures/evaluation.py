"""Figures of notebook 06: accuracies, two kinds of chance, confusion, calibration."""

import numpy as np

from course_utils.data.display import shown_names
from course_utils.errors import DataError
from course_utils.look.figures.base import BLUE, GREY, LINES, RED, Figure, course_style, new_axes
from course_utils.look.figures.confusion import draw_cells, draw_worst
from course_utils.look.figures.letters import in_legend

MANY = 15
"""More labels than that are no table that one can read."""


@course_style
def plot_accuracies(evaluations, guess: float = None) -> Figure:
    """One dot per method, with the 95 % interval of its accuracy.

    Args:
        evaluations: a list of `Evaluation`, from `evaluate` or a baseline.
        guess: accuracy of a guess, between 0 and 1, for a dashed line; by default there is none.
    """
    rows = range(len(evaluations))
    names = shown_names([result.name for result in evaluations], 40)
    figure, axes = new_axes(8, 0.9 + 0.65 * len(evaluations))
    told = []
    for row, result, name in zip(rows, evaluations, names, strict=True):
        value, low, high = (100 * number for number in (result.accuracy, *result.interval))
        colour = BLUE if "BERT" in result.name else GREY
        axes.errorbar(
            value, row, xerr=[[value - low], [high - value]], fmt="o", color=colour, capsize=5
        )
        axes.annotate(f"{value:.1f}", (value, row + 0.14), ha="center", fontsize=12)
        told.append(f"{name} {value:.1f} % ({low:.1f} to {high:.1f})")
    if guess is not None:
        axes.axvline(100 * guess, color=RED, linestyle="--", linewidth=1.5)
        axes.annotate(" guessing", (100 * guess, -0.45), color=RED, fontsize=12)
    sizes = [f"{len(result.data):,} texts" for result in evaluations]
    axes.set_yticks(rows, map("\n".join, zip(names, sizes, strict=True)))
    axes.set_ylim(-0.5, len(evaluations) - 0.35)
    # The same axis for all such figures: what is as far apart looks as far apart.
    axes.set_xlim(40 if all(result.interval[0] > 0.4 for result in evaluations) else 0, 101)
    kinds = {result.by for result in evaluations}
    by = f" by {shown_names(kinds, 30)[0]}" if len(kinds) == 1 and kinds != {""} else ""
    axes.set_xlabel(f"accuracy (%), with 95 % interval{by}")
    summary = f"Accuracy{by and f' (95 % intervals{by})'}: {'; '.join(told)}."
    return Figure(figure, f"Dots with intervals, one per method. {summary}", summary)


@course_style
def plot_confusion(evaluation) -> Figure:
    """True labels in rows, predicted labels in columns; in each cell the count and its share.

    The share is that of the row: of all texts with this true label, how many got this answer?

    With more than 15 labels, the most frequent confusions instead, as bars: see
    `Evaluation.worst_confusions` for all of them.
    """
    many = len(evaluation.data.label_names) > MANY
    return (draw_worst if many else draw_cells)(evaluation)


@course_style
def plot_calibration(evaluations, bins: int = 5) -> Figure:
    """How sure the model says it is, against how often it is right; intervals are 95 %.

    Args:
        evaluations: one `Evaluation`, or a list of at most four.
        bins: groups of texts, sorted by confidence, equally large but for ties; see
            `Evaluation.calibration`.

    Raises:
        DataError: if there are more than four.
    """
    from course_utils.judge.intervals import accuracy_interval

    evaluations = evaluations if isinstance(evaluations, (list, tuple)) else [evaluations]
    if len(evaluations) > len(LINES):
        raise DataError(
            f"Expected at most {len(LINES)} evaluations in one figure, found {len(evaluations)}."
        )
    figure, axes = new_axes(7, 4.6)
    axes.plot([0, 100], [0, 100], "--", color="black", linewidth=1.2, label="as often as it says")
    told, lowest = [], 100.0
    names = shown_names([result.name for result in evaluations])
    for result, name, (colour, marker) in zip(evaluations, names, LINES, strict=False):
        table = result.calibration(bins)
        says, right = 100 * table["confidence"], 100 * table["accuracy"]
        hits = (table["accuracy"] * table["texts"]).round().astype(int)
        bounds = [accuracy_interval(*pair) for pair in zip(hits, table["texts"], strict=True)]
        low, high = 100 * np.array(bounds).T
        axes.errorbar(
            says,
            right,
            yerr=[right - low, high - right],
            fmt=f"-{marker}",
            color=colour,
            capsize=4,
            linewidth=1.5,
            label=in_legend(name),
        )
        pairs = (f"{a:.1f} → {b:.1f}" for a, b in zip(says, right, strict=True))
        told.append(f"{name}: {', '.join(pairs)}")
        lowest = min(lowest, says.min(), low.min())
    axes.set_xlim(lowest - 3, 101)
    axes.set_ylim(lowest - 3, 101)
    axes.set_xlabel("confidence (%): how sure it says it is")
    axes.set_ylabel("accuracy (%): how often it is right")
    axes.legend(loc="upper left")
    summary = f"Confidence → accuracy in %, from unsure to sure. {'; '.join(told)}."
    return Figure(
        figure, f"Dots of accuracy against confidence, with the diagonal. {summary}", summary
    )
