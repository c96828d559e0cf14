"""Figures of notebooks 00 and 05: the toss of a coin, the loss, epochs, learning rates, seeds."""

import numpy as np

from course_utils.errors import DataError
from course_utils.judge.records import unmeasured
from course_utils.look.figures.base import BLUE, GREY, ORANGE, RED, Figure, course_style, new_axes
from course_utils.model.history import COUNTS
from course_utils.model.known import learning_rate_for


@course_style
def plot_slide_recipe(record, live: dict = None) -> Figure:
    """What the slide's program answers, over many seeds: the probability of "positive".

    Args:
        record: `load_record("slide_recipe")`.
        live: seed -> probability of the runs that you made yourself; drawn in orange, the seed
            above the mark.
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
        label = axes.annotate(seed, (value, 1.07 * height), ha="center", fontsize=11)
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
def plot_epochs(record) -> Figure:
    """What more epochs bring: loss and accuracy on train and on validation, epoch by epoch.

    A thin line is one run, a thick one the mean of all.

    Args:
        record: `load_record("epochs")`: seed, epoch, train_loss, train_accuracy, validation_loss,
            validation_accuracy, the last four measured after that epoch.
    """
    figure, panels = new_axes(10, 3.8, ncols=2)
    means = record.groupby("epoch").mean(numeric_only=True)
    lines = (("train", GREY, "--s", "on train"), ("validation", BLUE, "-o", "on validation"))
    for axes, name, factor in zip(panels, ("loss", "accuracy"), (1, 100), strict=True):
        for part, colour, style, label in lines:
            column = f"{part}_{name}"
            for _, run in record.groupby("seed"):
                axes.plot(run["epoch"], factor * run[column], color=colour, linewidth=1, alpha=0.35)
            axes.plot(means.index, factor * means[column], style, color=colour, label=label)
        axes.set_xlabel("epochs")
        axes.set_xticks(means.index)
    panels[0].set_ylabel("loss")
    panels[1].set_ylabel("accuracy (%)")
    panels[0].legend(loc="best")
    summary = _epochs_in_words(means, record)
    return Figure(figure, f"Two panels, lines against the epochs. {summary}", summary, record)


def _epochs_in_words(means, record) -> str:
    if means.empty:
        return f"What more epochs bring was {unmeasured(record)}."
    seeds = record["seed"].nunique()
    first, last, loss = means.index[0], means.index[-1], means["validation_loss"]
    accuracy = 100 * means["validation_accuracy"]
    runs = f"Mean of {seeds} seeds (thick lines)" if seeds > 1 else "One seed"
    return (
        f"{runs}, epoch {first} and epoch {last}: the loss on train goes from "
        f"{means['train_loss'][first]:.2f} to {means['train_loss'][last]:.2f}, that on validation "
        f"from {loss[first]:.2f} to {loss[last]:.2f} (its lowest after epoch {loss.idxmin()}), the "
        f"accuracy on validation from {accuracy[first]:.1f} to {accuracy[last]:.1f} %."
    )


@course_style
def plot_learning_rates(record, live: dict = None) -> Figure:
    """Validation accuracy against the learning rate: recorded runs in grey, yours in orange.

    Each rate has its own place. Within it, the dots stand side by side, so that none hides another.

    Args:
        record: `load_record("fine_tuning")`.
        live: learning rate -> accuracy of your own runs.
    """
    live = live or {}
    figure, axes = new_axes(8, 4)
    rows = record[record["size"] == "default"]
    rates = sorted({*rows["learning_rate"], *live})
    told = {}
    for place, rate in enumerate(rates):
        found = 100 * rows.loc[rows["learning_rate"] == rate, "validation_accuracy"]
        axes.axvspan(place - 0.36, place + 0.36, color=GREY, alpha=0.12, linewidth=0)
        beside = place + 0.04 * (np.arange(len(found)) - (len(found) - 1) / 2)
        label = None if told else "recorded, one dot per seed"
        if len(found):
            axes.plot(beside, found, "o", color=GREY, alpha=0.7, label=label)
            told[rate] = f"{rate:.0e}: {found.mean():.1f} % ({len(found)} seeds)"
    mine = {"color": ORANGE, "markersize": 11, "markeredgecolor": "black", "label": "your run"}
    if live:
        beside = [rates.index(rate) + 0.28 for rate in live]  # at the right of the grey ones
        axes.plot(beside, [100 * value for value in live.values()], "D", **mine)
    axes.axhline(50, color=RED, linestyle="--", linewidth=1.5, label="guessing")
    axes.set_xticks(
        range(len(rates)),
        [np.format_float_scientific(rate, trim="-", exp_digits=1) for rate in rates],
    )
    axes.set_xlim(-0.6, max(len(rates), 1) - 0.4)
    axes.grid(visible=False, axis="x")  # three rates were tried, and none between them
    axes.set_xlabel("learning rate (marks side by side have the same one)")
    axes.set_ylabel("accuracy on validation (%)")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 0.12))
    means = ", ".join(told.values())
    summary = f"Mean accuracy after one epoch, by learning rate: {means or unmeasured(record)}."
    return Figure(figure, f"Dots of accuracy, by learning rate. {summary}", summary, record)


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
    mine = 100 * np.array([*live.values()], dtype=float)
    axes.plot(recorded, 1 + _above(recorded), "o", color=GREY, markersize=9, alpha=0.7)
    axes.plot(
        mine,
        _above(mine),
        "D",
        color=ORANGE,
        markersize=11,
        markeredgecolor="black",
    )
    axes.set_yticks([0, 1], ["your runs", f"recorded, {len(recorded)} seeds"])
    axes.set_ylim(-0.6, 1.6)
    axes.set_xlabel("accuracy on validation (%)")
    summary = f"Only your own runs: this recipe was {unmeasured(record)}."
    if len(recorded):
        summary = (
            f"One recipe, {len(recorded)} seeds: from {recorded.min():.1f} to "
            f"{recorded.max():.1f} %, standard deviation {recorded.std(ddof=1):.1f} points."
        )
    return Figure(figure, f"Dots of accuracy, one per seed. {summary}", summary, record)


def _above(values, near: float = 0.1) -> np.ndarray:
    """How high each dot stands, so that values closer than `near` do not hide one another."""
    heights = np.zeros(len(values))
    for place, one in enumerate(values):
        heights[place] = 0.18 * np.sum(np.abs(values[:place] - one) < near)
    return heights
