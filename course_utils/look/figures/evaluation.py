"""Figures of notebook 06: accuracies, confusion, calibration."""

import numpy as np

from course_utils.errors import DataError
from course_utils.look.figures.base import BLUE, GREEN, GREY, RED, Figure, course_style, new_axes


@course_style
def plot_accuracies(evaluations) -> Figure:
    """One dot per method, with the 95 % interval of its accuracy.

    Args:
        evaluations: a list of `Evaluation`, from `evaluate` or a baseline.
    """
    rows = range(len(evaluations))
    figure, axes = new_axes(8, 0.9 + 0.65 * len(evaluations))
    told = []
    for row, result in zip(rows, evaluations, strict=True):
        value, low, high = (100 * number for number in (result.accuracy, *result.interval))
        colour = BLUE if "BERT" in result.name else GREY
        axes.errorbar(
            value, row, xerr=[[value - low], [high - value]], fmt="o", color=colour, capsize=5
        )
        axes.annotate(f"{value:.1f}", (value, row + 0.14), ha="center", fontsize=12)
        told.append(f"{result.name} {value:.1f} % ({low:.1f} to {high:.1f})")
    axes.set_yticks(rows, [f"{result.name}\n{len(result.data):,} texts" for result in evaluations])
    axes.set_ylim(-0.5, len(evaluations) - 0.35)
    axes.set_xlabel("accuracy (%), with 95 % interval")
    summary = f"Accuracy: {'; '.join(told)}."
    return Figure(figure, f"Dots with intervals, one per method. {summary}", summary)


@course_style
def plot_confusion(evaluation) -> Figure:
    """True labels in rows, predicted labels in columns; in each cell the count and its share.

    The share is that of the row: of all texts with this true label, how many got this answer?
    """
    counts = evaluation.confusion()
    shares = 100 * counts.div(counts.sum(axis=1).clip(lower=1), axis=0)
    names = list(counts.columns)
    figure, axes = new_axes(8, 1.2 + 1.0 * len(names))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=100, aspect="auto")
    told = []
    for row, true in enumerate(names):
        for column, answer in enumerate(names):
            share = shares.iat[row, column]
            axes.text(
                column,
                row,
                f"{counts.iat[row, column]:,}\n{share:.1f} %",
                ha="center",
                va="center",
                color="white" if share > 55 else "black",
            )
            told.append(f"{share:.1f} % of {true} called {answer}")
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted label")
    axes.set_ylabel("true label")
    axes.grid(False)
    summary, every_cell = f"{evaluation.name}: {'; '.join(told)}.", ""
    if len(names) > 2:  # too many cells for a caption: what was found of each label
        found = ", ".join(f"{shares.iat[i, i]:.1f} % of {name}" for i, name in enumerate(names))
        summary, every_cell = f"{evaluation.name}, found: {found}.", f" Cells: {'; '.join(told)}."
    alt = f"Table of true against predicted labels. {summary}{every_cell}"
    return Figure(figure, alt, summary)


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
    if len(evaluations) > 4:
        raise DataError(f"Expected at most 4 evaluations in one figure, found {len(evaluations)}.")
    figure, axes = new_axes(7, 4.6)
    axes.plot([0, 100], [0, 100], "--", color="black", linewidth=1.2, label="as often as it says")
    told, lowest = [], 100.0
    styles = zip((BLUE, RED, GREEN, GREY), "osD^", strict=True)
    for result, (colour, marker) in zip(evaluations, styles, strict=False):
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
            label=result.name,
        )
        pairs = (f"{a:.1f} → {b:.1f}" for a, b in zip(says, right, strict=True))
        told.append(f"{result.name}: {', '.join(pairs)}")
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
