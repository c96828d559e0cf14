"""Figures of notebooks 00 and 05: the toss of a coin, the loss, learning rates, seeds, cost."""

from itertools import cycle

import numpy as np

from course_utils.errors import DataError
from course_utils.look.figures.base import BLUE, GREY, ORANGE, RED, Figure, course_style, new_axes
from course_utils.model.history import COUNTS
from course_utils.model.known import learning_rate_for


@course_style
def plot_slide_recipe(record, live: dict = None) -> Figure:
    """What the slide's program answers, over many seeds: the probability of "positive".

    Args:
        record: `load_record("slide_recipe")`.
        live: seed -> probability of the runs that you made yourself; drawn in orange.
    """
    live = live or {}
    figure, axes = new_axes(8, 3.6)
    values = record["positive"].to_numpy()
    if len(values):
        half = max(0.03, np.abs(values - 0.5).max())
        edges = np.linspace(0.5 - half, 0.5 + half, 31)
        axes.hist(values[values < 0.5], edges, color=GREY, hatch="//", edgecolor="white")
        axes.hist(values[values >= 0.5], edges, color=BLUE, edgecolor="white")
        top = axes.get_ylim()[1] * 1.3
        axes.set_ylim(0, top)
        axes.text(0.4985, top * 0.98, "says negative ", ha="right", va="top")
        axes.text(0.5015, top * 0.98, " says positive", ha="left", va="top")
    axes.axvline(0.5, color="black", linewidth=1.5)
    height = 0.72 * axes.get_ylim()[1]
    for seed, value in live.items():
        axes.plot([value, value], [0, height], color="black", linewidth=1, zorder=3)
        axes.plot(value, height, "v", color=ORANGE, markersize=12, markeredgecolor="black")
        label = axes.annotate(f"seed {seed}", (value, 1.07 * height), ha="center", fontsize=11)
        label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})
    axes.set_xlabel('probability of "positive"')
    axes.set_ylabel("runs")
    positive = int((values >= 0.5).sum())
    summary = (
        f"The slide's program, {len(values)} seeds: {positive} times positive, "
        f"{len(values) - positive} times negative."
        if len(values)
        else "Your own runs of the slide's program."
    )
    return Figure(figure, f"Histogram of the probability of positive. {summary}", summary, record)


@course_style
def plot_history(history) -> Figure:
    """The loss of each step of a fine-tuning run, and its mean over ten steps.

    The dashed line is the loss of a guess: the logarithm of the number of classes. It is missing
    for a run that was saved before its history noted them.
    """
    if not history.losses:
        raise DataError("This run stopped before its first step: there is no loss to draw.")
    losses = np.array(history.losses)
    figure, axes = new_axes(8, 3.6)
    steps = np.arange(1, len(losses) + 1)
    axes.plot(steps, losses, "o", color=GREY, markersize=5, label="each step")
    window = min(10, len(losses))
    smooth = np.convolve(losses, np.ones(window) / window, mode="valid")
    axes.plot(steps[window - 1 :], smooth, color=BLUE, label=f"mean of {COUNTS[window]}")
    if history.classes:
        guess = {"color": RED, "linestyle": "--", "linewidth": 1.5}
        axes.axhline(np.log(history.classes), label=f"guessing: ln {history.classes}", **guess)
    axes.set_xlabel("step")
    axes.set_ylabel("training loss")
    axes.legend()
    summary = f"The training loss goes {history.way}."
    return Figure(figure, f"Line of the loss against the step. {summary}", summary)


@course_style
def plot_learning_rates(record, live: dict = None) -> Figure:
    """Validation accuracy against the learning rate: recorded runs in grey, yours in orange.

    Args:
        record: `load_record("fine_tuning")`.
        live: learning rate -> accuracy of your own runs.
    """
    figure, axes = new_axes(8, 4)
    rows = record[record["size"] == "default"]
    rates = sorted(rows["learning_rate"].unique())
    spread = rows.groupby("learning_rate")["validation_accuracy"]
    sideways = np.linspace(0.9, 1.1, 5)[rows.groupby("learning_rate").cumcount() % 5]
    axes.plot(
        rows["learning_rate"] * sideways,  # side by side, so that no dot hides another
        100 * rows["validation_accuracy"],
        "o",
        color=GREY,
        alpha=0.7,
        label="recorded, one dot per seed",
    )
    for number, (rate, accuracy) in enumerate((live or {}).items()):
        axes.plot(
            rate,
            100 * accuracy,
            "D",
            color=ORANGE,
            markersize=11,
            markeredgecolor="black",
            label=None if number else "your run",
        )
    axes.axhline(50, color=RED, linestyle="--", linewidth=1.5, label="guessing")
    if len(rows) or live:  # a log scale wants a number
        axes.set_xscale("log")
        for label in axes.get_xticklabels(which="both"):
            label.set_parse_math(True)  # the powers of ten are formulas
    axes.set_xlabel("learning rate")
    axes.set_ylabel("accuracy on validation (%)")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 0.12))
    means = ", ".join(f"{rate:.0e}: {100 * spread.mean()[rate]:.1f} %" for rate in rates)
    summary = f"Mean accuracy after one epoch, by learning rate: {means or 'not measured'}."
    return Figure(figure, f"Accuracy against learning rate, log scale. {summary}", summary, record)


@course_style
def plot_seeds(record, live: dict = None) -> Figure:
    """The same recipe with different seeds: how far the accuracies lie apart.

    Args:
        record: `load_record("fine_tuning")`.
        live: seed -> validation accuracy of your own runs, or of a whole class.
    """
    live = live or {}
    figure, axes = new_axes(8, 2.8)
    suits = record["learning_rate"] == record["checkpoint"].map(learning_rate_for)
    rows = record[(record["size"] == "default") & suits]
    recorded = 100 * rows["validation_accuracy"].to_numpy()
    axes.plot(recorded, np.full(len(recorded), 1.0), "o", color=GREY, markersize=9, alpha=0.7)
    axes.plot(
        [100 * value for value in live.values()],
        np.full(len(live), 0.0),
        "D",
        color=ORANGE,
        markersize=11,
        markeredgecolor="black",
    )
    axes.set_yticks([0, 1], ["your runs", f"recorded, {len(recorded)} seeds"])
    axes.set_ylim(-0.6, 1.6)
    axes.set_xlabel("accuracy on validation (%)")
    summary = "Only your own runs: this recipe was not measured with this checkpoint."
    if len(recorded):
        summary = (
            f"One recipe, {len(recorded)} seeds: from {recorded.min():.1f} to "
            f"{recorded.max():.1f} %, standard deviation {recorded.std(ddof=1):.1f} points."
        )
    return Figure(figure, f"Dots of accuracy, one per seed. {summary}", summary, record)


LENGTHS = (
    {"linestyle": "none", "marker": "o", "color": BLUE, "markersize": 9},
    {
        "linestyle": "none",
        "marker": "D",
        "color": ORANGE,
        "markeredgecolor": "black",
        "markersize": 9,
    },
)
"""How the runs with the shortest texts are drawn, and those with longer ones."""


@course_style
def plot_cost(record) -> Figure:
    """What more work costs: seconds and memory of one epoch, against the tokens in it.

    Args:
        record: `load_record("cost")`.
    """
    figure, (time, memory) = new_axes(10, 3.8, ncols=2)
    tokens = record["tokens"] / 1_000
    for axes, name in ((time, "seconds"), (memory, "peak_mb")):
        runs = record.groupby("max_length")
        for (length, rows), style in zip(runs, cycle(LENGTHS), strict=False):
            values = rows[name] / (1_000 if name == "peak_mb" else 1)
            axes.plot(tokens[rows.index], values, label=f"cut to {length} tokens", **style)
        axes.set_xlabel("tokens in one epoch (thousands)")
    time.set_ylabel("seconds")
    memory.set_ylabel("peak memory (GB)")
    if len(record):
        rate = record["seconds"].sum() / tokens.sum()
        line = np.array([0, tokens.max()])
        time.plot(line, rate * line, "--", color=GREY, label=f"{rate:.2f} s per thousand tokens")
        time.legend(loc="upper left")
        memory.legend(loc="lower right")
        for axes in (time, memory):
            axes.set_xlim(0, 1.05 * tokens.max())
            axes.set_ylim(0, 1.15 * axes.dataLim.y1)
    summary = _cost_in_words(record)
    return Figure(figure, f"Two panels, dots against tokens. {summary}", summary, record)


def _cost_in_words(record) -> str:
    """The most reviews against the fewest, both cut to the shortest length."""
    if record.empty:
        return "What an epoch costs was not measured with this checkpoint."
    numbers = record[["texts", "tokens", "seconds", "peak_mb"]]
    shortest = numbers[record["max_length"] == record["max_length"].min()].sort_values("texts")
    least, most = shortest.iloc[0], shortest.iloc[-1]
    grown = most / least
    return (
        f"{int(most['texts']):,} reviews hold {grown['tokens']:.0f} times the tokens of "
        f"{int(least['texts']):,}; they take {grown['seconds']:.0f} times as long and "
        f"{grown['peak_mb']:.1f} times the memory."
    )
