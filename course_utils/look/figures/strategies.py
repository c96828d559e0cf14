"""Figures of notebook 02: four strategies, how far each block moved, what each block holds."""

import numpy as np

from course_utils.judge.intervals import mean_difference
from course_utils.look.figures.base import (
    BLUE,
    GREY,
    ORANGE,
    RED,
    Figure,
    course_style,
    new_axes,
)

STRATEGIES = ("from scratch", "frozen body", "top two layers", "all layers")
EVERYTHING = STRATEGIES[-1]


@course_style
def plot_strategies(record) -> Figure:
    """The recorded runs of the four strategies; beside them, what all layers gain, seed by seed.

    Args:
        record: `load_record("strategies")`; its runs on the test reviews are drawn.
    """
    runs = record[record["part"] == "test"]
    accuracy = 100 * runs.pivot(index="seed", columns="strategy", values="accuracy")
    figure, (left, right) = new_axes(10.5, 4.2, ncols=2, sharey=True, width_ratios=(5, 4))
    names, means, told = [], [], []
    for row, name in enumerate(STRATEGIES):
        mine = runs[runs["strategy"] == name]
        names.append(_name_and_price(name, mine))
        if len(mine):
            values = accuracy[name]
            _seeds(left, values, row)
            left.plot([values.mean()] * 2, [row - 0.34, row + 0.34], color="black", linewidth=2.5)
            means.append(f"{name} {values.mean():.1f}")
        if len(mine) and name != EVERYTHING:
            gains = accuracy[EVERYTHING] - values
            _seeds(right, gains, row)
            told.append(f"{name} {_mean_and_interval(right, gains, row)}")
    for axes, place, words in ((left, 50, "guessing"), (right, 0, "no difference")):
        axes.axvline(place, color=RED, linestyle="--", linewidth=1.5)
        axes.text(place, -0.53, words, color=RED, ha="center", va="bottom", fontsize=12)
    left.set_yticks(range(len(STRATEGIES)), names)
    left.set_ylim(len(STRATEGIES) - 0.5, -0.5)
    left.set_xlabel("accuracy on the test reviews (%)")
    right.set_xlabel("all layers minus this row (points)")
    summary = "Accuracy of four strategies: not measured."
    if told:
        summary = (
            f"Accuracy in %, mean of {len(accuracy)} seeds: {', '.join(means)}. "
            f"All layers gain, in points with 95 % intervals, over {', '.join(told)}."
        )
    return Figure(figure, f"Dots in four rows, one for each seed. {summary}", summary, record)


def _name_and_price(name, runs) -> str:
    """What a strategy is called, the weights that it trains and the time that it takes."""
    if runs.empty:
        return name
    seconds = runs["seconds"].mean()
    return f"{name}\n{runs['trained'].iloc[0]:,} weights, {seconds:.0f} s"


def _seeds(axes, values, row):
    """One grey dot for each seed, one above the other, so that none hides another."""
    height = row + np.linspace(-0.24, 0.24, len(values))
    axes.plot(values, height, "o", color=GREY, alpha=0.8, markersize=7)


def _mean_and_interval(axes, values, row) -> str:
    """A black diamond at the mean of some points, with its t interval; the same in words."""
    if np.ptp(values) == 0:  # no scatter, so there is no interval
        axes.plot(values.iloc[:1], [row], "D", color="black", markersize=7)
        return f"{values.iloc[0]:+.1f} in all {len(values)} runs"
    mean = mean_difference(values.to_numpy() / 100)
    value, low, high = (100 * number for number in (mean.value, mean.low, mean.high))
    ends = [[value - low], [high - value]]
    look = {"fmt": "D", "color": "black", "markersize": 7, "capsize": 5, "linewidth": 2}
    axes.errorbar(value, row, xerr=ends, **look)
    return f"{value:+.1f} ({low:+.1f} to {high:+.1f})"


@course_style
def plot_movement(moved, record=None) -> Figure:
    """How far each block moved, in percent of how large its weights were: yours, and recorded ones.

    Args:
        moved: from `movement`.
        record: `load_record("put_back")`: its runs are drawn in grey, below your bars.
    """
    names = list(moved.index)
    figure, axes = new_axes(8, 4.6)
    rows = np.arange(len(names))
    look = {"color": ORANGE, "edgecolor": "black", "height": 0.36}
    axes.barh(rows + 0.2, 100 * moved, label="your run", **look)
    found = [] if record is None or record.empty else record
    for row, name in enumerate(names):
        if len(found) and f"moved {name}" in found:
            values = 100 * found[f"moved {name}"]
            height = row - 0.2 + np.linspace(-0.14, 0.14, len(values))
            label = f"recorded, {len(values)} seeds" if row == 0 else None
            axes.plot(values, height, "o", color=GREY, markersize=5, label=label)
    axes.set_yticks(rows, names)
    axes.set_xlabel("distance moved (% of how large the weights were)")
    axes.legend(loc="lower right")
    summary = f"Distance moved: {', '.join(f'{name} {100 * moved[name]:.2f} %' for name in names)}."
    alt = f"Bars, one for each block; the text goes in at the lowest. {summary}"
    return Figure(figure, alt, summary, record)


@course_style
def plot_far_or_good(record) -> Figure:
    """One dot for each recorded run of all layers: how far its layers moved, how good it became.

    The distance is the mean over the layers. The correlation r has the interval of Fisher's z.

    Args:
        record: `load_record("strategies")`; its runs on the test reviews are drawn.

    Source: Fisher (1921), On the "probable error" of a coefficient of correlation, Metron 1, 3-32.
    """
    from scipy.stats import pearsonr

    runs = record[(record["part"] == "test") & (record["strategy"] == EVERYTHING)]
    figure, axes = new_axes(8, 4)
    axes.set_xlabel("distance moved, mean of the layers (% of how large the weights were)")
    axes.set_ylabel("accuracy on the\ntest reviews (%)")
    if runs.empty:
        return Figure(figure, "An empty figure: not measured.", "Not measured.")
    moved = 100 * runs.filter(regex=r"^moved layer \d+$").mean(axis=1)
    accuracy = 100 * runs["accuracy"]
    axes.plot(moved, accuracy, "o", color=BLUE, markersize=10)
    for x, y, seed in zip(moved, accuracy, runs["seed"], strict=True):
        axes.annotate(f"{seed}", (x, y), (7, 5), textcoords="offset points", fontsize=11)
    found = pearsonr(moved, accuracy)
    low, high = found.confidence_interval(0.95)
    summary = (
        f"{len(runs)} runs, one for each seed. The layers moved {moved.min():.2f} to "
        f"{moved.max():.2f} %, the accuracy is {accuracy.min():.1f} to {accuracy.max():.1f} %; "
        f"correlation r = {found.statistic:.2f} (95 % interval {low:.2f} to {high:.2f})."
    )
    return Figure(figure, f"Dots of accuracy against distance. {summary}", summary, record)


@course_style
def plot_put_back(record) -> Figure:
    """How far each block moved, and what is lost if it goes back to its starting weights.

    Each block goes back alone. The row at the top is another test: all layers at once.

    Args:
        record: `load_record("put_back")`.
    """
    blocks = [name.removeprefix("moved ") for name in record if name.startswith("moved ")]
    together = f"all {sum(name.startswith('layer ') for name in blocks)} layers"
    columns = {**{name: name for name in blocks}, together: "all layers"}
    figure, (left, right) = new_axes(10.5, 5.2, ncols=2, sharey=True)
    told = []
    for row, (name, column) in enumerate(columns.items() if len(record) else []):
        if name in blocks:
            _seeds(left, 100 * record[f"moved {name}"], row)
        lost = 100 * (record["accuracy"] - record[f"back {column}"])
        _seeds(right, lost, row)
        told.append(f"{name} {_mean_and_interval(right, lost, row)}")
    right.axvline(0, color=RED, linestyle="--", linewidth=1.5)
    right.axhline(len(blocks) - 0.5, color="black", linewidth=0.8)
    left.axhline(len(blocks) - 0.5, color="black", linewidth=0.8)
    left.set_yticks(range(len(columns)), [*blocks, f"{together}\ntogether"])
    left.set_xlabel("distance moved\n(% of how large the weights were)")
    right.set_xlabel("accuracy lost\nif it goes back (points)")
    summary = "Points lost: not measured."
    if told:
        summary = (
            f"Points lost, mean of {len(record)} seeds with 95 % intervals: {', '.join(told)} "
            "together."
        )
    return Figure(figure, f"Dots in rows, one row for each block. {summary}", summary, record)
