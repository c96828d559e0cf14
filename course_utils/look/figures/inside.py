"""Figures of notebook 08: attention, probes by layer."""

import numpy as np

from course_utils.data.display import shown_names
from course_utils.errors import DataError
from course_utils.look.figures.base import BLUE, GREY, LINES, RED, Figure, course_style, new_axes
from course_utils.look.figures.letters import in_legend

MOST_TOKENS = 32
"""More of them cannot be read at the width of a notebook."""


TIE = 0.1
"""Per cent; two means that are nearer than that have no order."""


@course_style
def plot_attention(attention, layer: int, head: int = None) -> Figure:
    """The weights of one head as a heat map: from the token of each row, to that of each column.

    Args:
        attention: from `attention_weights`. With at most 16 tokens, the shares are written down,
            if they round to one per cent or more.
        layer, head: counted from 1; no head means the mean over all heads of the layer.

    Raises:
        DataError: if there is no such layer or head, or the text has more than 32 tokens.
    """
    shares, tokens = 100 * attention.one(layer, head), shown_names(attention.tokens, 16)
    _check_readable(tokens)
    with_numbers = len(tokens) <= 16
    height = 1.2 + max(0.3, 3.6 / len(tokens)) * len(tokens)
    figure, axes = new_axes(7.5 if with_numbers else 9, height)
    figure.set_layout_engine("none")  # a widget waits for it; what sticks out is saved all the same
    picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=100, aspect="auto")
    figure.colorbar(picture, ax=axes, label="share of the attention (%)", pad=0.02)
    look = {"size": 13 if len(tokens) <= 20 else 11}
    slanted = {"rotation": 60, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(range(len(tokens)), tokens, **look, **slanted)
    axes.set_yticks(range(len(tokens)), tokens, **look)
    axes.tick_params(length=0)
    axes.set_ylabel("from")
    axes.set_xlabel("to")
    axes.set_title(_which(layer, head))
    axes.grid(False)
    if with_numbers:
        for row, column in np.argwhere(shares >= 0.5):
            ink = "white" if shares[row, column] > 55 else "black"
            look = {"ha": "center", "va": "center", "color": ink, "size": 12}
            # Outside the layout, for speed: they cannot stick out.
            axes.text(column, row, f"{shares[row, column]:.0f}", **look).set_in_layout(False)
    summary = f"{_which(layer, head).capitalize()}: {_received(tokens, shares)}."
    alt = f"Heat map of {len(tokens)} tokens. {summary} {_strongest(tokens, shares)}"
    return Figure(figure, alt, summary)


def _check_readable(tokens: list) -> None:
    if len(tokens) > MOST_TOKENS:
        raise DataError(
            f"The text has {len(tokens)} tokens, and a figure can show {MOST_TOKENS}: choose a "
            "shorter text."
        )


def _which(layer: int, head: int | None) -> str:
    return f"layer {layer}, " + ("mean over all heads" if head is None else f"head {head}")


def _received(tokens: list, shares) -> str:
    """Which one or two positions get most of the attention, on average over all that attend.

    The second is named only if it is ahead of the third: another computer rounds differently.
    """
    means = shares.mean(axis=0)
    first, second, third = [*np.argsort(-means, kind="stable")[:3], None][:3]
    told = f"on average {means[first]:.1f} % of a token's attention goes to {tokens[first]}"
    if third is None or means[second] - means[third] > TIE:
        told += f" and {means[second]:.1f} % to {tokens[second]}"
    return told


def _strongest(tokens: list, shares) -> str:
    """For each token, where most of its attention goes."""
    told = (
        f"{token}: {tokens[row.argmax()]} {row.max():.1f} %"
        for token, row in zip(tokens, shares, strict=True)
    )
    return f"Each token, and what it attends to most: {'; '.join(told)}."


SHUFFLED, FREQUENT = "shuffled labels", "most frequent label"


@course_style
def plot_probes(tables: dict) -> Figure:
    """What a linear model reads from each layer: one panel per task, one line per model.

    Below it, of a task with two models or more: how many points the second is ahead of the first,
    with the 95 % interval of this difference on the same texts.

    Args:
        tables: task -> model -> a table from `probe`, for instance
            {"topic": {"before": ..., "after": ...}, "sentiment": {...}}; at most four models each,
            and the same number for each task.

    Raises:
        DataError: if there is no table, or a task has more than four.
    """
    _check_tables(tables)
    compared = all(len(models) > 1 for models in tables.values())
    figure, panels = new_axes(
        max(8, 5 * len(tables)), 6.4 if compared else 4.8, nrows=1 + compared, ncols=len(tables),
        sharey="row", sharex="col", squeeze=False, height_ratios=(3, 2)[: 1 + compared],
    )  # fmt: skip
    last, every = [], []
    tasks = shown_names(tables, 24)
    for column, task, models in zip(panels.T, tasks, tables.values(), strict=True):
        axes, names = column[0], shown_names(models)
        for model, table, look in zip(names, models.values(), LINES, strict=False):
            percent = 100 * table[["accuracy", "low", "high", "control"]]
            _draw_probe(axes, model, percent, *look, band=not compared)
            last.append(f"{task}, {model}: {percent['accuracy'].iloc[-1]:.1f} %")
            every.append(f"{task}, {model}: {_numbers(percent['accuracy'])}")
            every.append(f"with shuffled labels: {_numbers(percent['control'])}")
        chance, layers = 100 * table["chance"].iloc[0], list(table.index)
        axes.axhline(chance, color="black", linestyle=":", linewidth=1.6, label=FREQUENT)
        axes.set_title(f"{task}, {table['texts'].iloc[0]:,} test texts")
        column[-1].set_xticks(layers, ["emb.", *layers[1:]])
        column[-1].set_xlabel("after layer")
        every.append(f"most frequent label: {chance:.1f}")
        if compared:
            gains = _draw_gain(column[1], *list(models.values())[:2])
            last[-len(models) + 1] += f", {_with_interval(gains.iloc[-1])}"
            every.append(f"{names[1]} minus {names[0]}: {_numbers(gains['gain'])}")
    panels[0, 0].set_ylabel("accuracy of a linear model (%)")
    if compared:
        panels[1, 0].set_ylabel(f"{names[1]} minus\n{names[0]} (points)")
    _legend_of_all(figure, panels[0])
    summary = f"What a linear model reads from the last layer: {'; '.join(last)}."
    bands = "" if compared else ", with 95 % bands"
    alt = (
        f"Lines over the layers{bands}. {summary} In %, from the embedding to the last layer: "
        f"{'; '.join(every)}."
    )
    return Figure(figure, alt, summary)


def _draw_gain(axes, before, after):
    """By how much the second probe is ahead of the first, in points, layer by layer."""
    from course_utils.look.probes import probe_gain

    points = 100 * probe_gain(before, after)
    ends = [points["gain"] - points["low"], points["high"] - points["gain"]]
    axes.axhline(0, color="black", linewidth=1.2)
    axes.errorbar(points.index, points["gain"], ends, fmt="s", color=RED, markersize=7, capsize=4)
    return points


def _with_interval(row) -> str:
    return f"{row['gain']:+.1f} points (95 % interval {row['low']:+.1f} to {row['high']:+.1f})"


@course_style
def plot_agreements(agreements: dict) -> Figure:
    """How well explanations agree with a first one: one dot per text, and the mean.

    Args:
        agreements: name -> one number per text, from -1 to 1: 1 is the same order of the words, 0
            is what chance gives.

    Raises:
        DataError: if there is none, or one with fewer than two texts.
    """
    from scipy import stats

    if not agreements or any(len(each) < 2 for each in agreements.values()):
        raise DataError("Expected a name and two numbers or more for each explanation.")
    figure, axes = new_axes(8, 1.6 + 0.55 * len(agreements))
    told, names = [], shown_names(agreements, 40)
    for row, (name, values) in enumerate(zip(names, agreements.values(), strict=True)):
        values = np.asarray(values)
        half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
        axes.plot(values, np.full(len(values), row), "o", color=BLUE, alpha=0.35, markersize=7,
                  markeredgewidth=0, label="one text" if row == 0 else None)  # fmt: skip
        axes.errorbar(values.mean(), row, xerr=half, fmt="D", color=RED, markersize=8, capsize=5,
                      label="mean, 95 % interval" if row == 0 else None)  # fmt: skip
        told.append(f"{name} {values.mean():.2f} ± {half:.2f}")
    axes.axvline(0, color="black", linestyle="--", linewidth=1.2)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(right=1.02)
    axes.set_xlabel("agreement with occlusion (1: the same order of words, 0: chance)")
    figure.legend(loc="outside upper center", ncols=2)
    summary = f"Agreement with the first explanation: {'; '.join(told)}."
    return Figure(figure, f"Dots for texts, diamonds for means. {summary}", summary)


def _legend_of_all(figure, panels) -> None:
    """One legend for all panels: each name once, what a probe is compared with at the end."""
    named = {}
    for axes in panels:
        named |= dict(zip(*axes.get_legend_handles_labels()[::-1], strict=True))
    named |= {name: named.pop(name) for name in (SHUFFLED, FREQUENT)}
    columns = 4 if len(panels) == 1 else 5
    look = {"columnspacing": 1.2, "handletextpad": 0.5}
    figure.legend(
        named.values(), named, loc="outside upper center", ncols=min(len(named), columns), **look
    )


def _check_tables(tables: dict) -> None:
    if not isinstance(tables, dict) or not tables:
        raise DataError('Expected the tables of each task, such as {"topic": {"before": table}}.')
    for task, models in tables.items():
        if not isinstance(models, dict) or not 1 <= len(models) <= len(LINES):
            raise DataError(
                f"The task {task!r}: expected one to {len(LINES)} tables from probe, each under "
                'the name of its model, such as {"before": table}.'
            )


def _draw_probe(axes, model: str, percent, colour: str, marker: str, band: bool) -> None:
    """Accuracy, with its band if wanted, and the control below."""
    layers = percent.index
    if band:
        axes.fill_between(layers, percent["low"], percent["high"], color=colour, alpha=0.15)
    look = {"marker": marker, "markersize": 8}
    axes.plot(layers, percent["accuracy"], color=colour, label=in_legend(model), **look)
    look = {"linestyle": "--", "color": GREY, "linewidth": 1.5}
    axes.plot(layers, percent["control"], label=SHUFFLED, **look)


def _numbers(percent) -> str:
    return ", ".join(f"{value:.1f}" for value in percent)
