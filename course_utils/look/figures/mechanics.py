"""Figures of notebook 02: a network in four states, four strategies, how far each block moved."""

import numpy as np

from course_utils.errors import DataError
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

# How a part of the network is drawn. Each look also has its word, so no colour is needed.
LOOKS = {
    "trained on A": {"facecolor": "#D6E8F5", "edgecolor": BLUE, "linewidth": 2.5},
    "copied": {"facecolor": "#D6E8F5", "edgecolor": BLUE, "linewidth": 2.5},
    "frozen": {"facecolor": "#D6E8F5", "edgecolor": "#8FB8D6", "linewidth": 2.5, "hatch": "//"},
    "new, random": {
        "facecolor": "#FFF6E0",
        "edgecolor": RED,
        "linewidth": 2.5,
        "linestyle": "--",
        "hatch": "..",
    },
    "trained on B": {"facecolor": "#CDEBE0", "edgecolor": GREEN, "linewidth": 4},
    "left behind": {"facecolor": "white", "edgecolor": GREY, "linewidth": 1.5, "linestyle": ":"},
}

WIDTH, BODY, HEAD = 2.9, 2.3, 0.8  # of a network; the height of its body and of its head


@course_style
def plot_mechanics(state: int) -> Figure:
    """Transfer learning in four pictures.

    Args:
        state: 1 a network is trained on task A; 2 its body and its head; 3 the body is copied and
            gets a new head; 4 two ways of training it on task B.

    Raises:
        DataError: if there is no such state.
    """
    if type(state) is not int or state not in _STATES:
        raise DataError(f"state={state!r}: expected 1, 2, 3 or 4, one of the four pictures.")
    draw, title, summary = _STATES[state]
    figure, axes = new_axes(10, 5.2)
    axes.set_axis_off()
    axes.set_xlim(0, 10)
    axes.set_ylim(-0.15, 4.95)
    axes.set_aspect("equal")
    axes.set_title(f"{state}  {title}", fontsize=20, fontweight="bold")
    draw(axes)
    return Figure(figure, f"Diagram {state} of 4. {summary}", summary)


def _draw_source_task(axes):
    _network(axes, 3.0, "A", body="trained on A", head="trained on A")
    _write(axes, 5.0, 2.9, "One network,\ntrained for task A:\nmuch text, much time,\nonce.")


def _draw_body_and_head(axes):
    _network(axes, 3.0, "A", body="trained on A", head="trained on A", gap=0.35)
    _write(axes, 5.0, 3.85, "head: turns these numbers\ninto answers to task A")
    _write(axes, 5.0, 1.85, "body: turns a text into\nnumbers that say much\nabout it")


def _draw_copy(axes):
    _network(axes, 2.0, "A", body="trained on A", head="left behind", gap=0.35)
    _network(axes, 8.0, "B", body="copied", head="new, random")
    _arrow(axes, (3.7, 1.85), (6.3, 1.85), color=BLUE, width=4)
    axes.text(5.0, 2.1, "copy", ha="center", fontsize=19)


def _draw_two_ways(axes):
    _network(axes, 2.0, "B", body="frozen", head="trained on B")
    _network(axes, 7.0, "B", body="trained on B", head="trained on B")
    _lock(axes, 0.95, 2.62)
    ways = ((3.75, 3.0, "gradients\nstop here"), (8.75, 0.75, "gradients\ngo all\nthe way"))
    for x, low, words in ways:
        _arrow(axes, (x, 3.85), (x, low), color="black", width=2.5)
        _write(axes, x + 0.15, (3.85 + low) / 2, words, size=16)
    axes.plot([3.5, 4.0], [2.97, 2.97], color="black", linewidth=4)


_STATES = {
    1: (
        _draw_source_task,
        "Somebody trains a network on task A",
        "A text of task A goes in at the bottom, through a tall body and a small head; an answer "
        "comes out at the top. Both parts were trained on task A, with much text.",
    ),
    2: (
        _draw_body_and_head,
        "It has a body and a head",
        "The same network, its parts drawn apart. The body turns a text into numbers that say much "
        "about it. The head turns these numbers into the answers of task A.",
    ),
    3: (
        _draw_copy,
        "We copy the body and put a new head on it",
        "On the left the network of task A; its head is left behind. An arrow copies the body to "
        "the right. There the body is copied, and the head for task B is new and random.",
    ),
    4: (
        _draw_two_ways,
        "We train it on task B, in one of two ways",
        "Left: the body is frozen, only the head is trained; the gradients stop at the body. "
        "Right: body and head are both trained; the gradients go all the way.",
    ),
}

STRATEGIES = ("from scratch", "frozen body", "top two layers", "all layers")


@course_style
def plot_strategies(record, live: dict = None) -> Figure:
    """Accuracy of the four strategies: recorded runs in grey, yours in orange with its interval.

    Args:
        record: `load_record("strategies")`; the runs on the test reviews are drawn.
        live: name of a strategy -> `Evaluation` of your own run.

    Raises:
        DataError: if a name in `live` is not one of the four.
    """
    live = live or {}
    unknown = set(live) - set(STRATEGIES)
    if unknown:
        raise DataError(
            f"There is no strategy {unknown.pop()!r}: choose one of {', '.join(STRATEGIES)}."
        )
    figure, axes = new_axes(8, 4.2)
    runs = record[record["part"] == "test"] if len(record) else record
    told, names = [], []
    for row, name in enumerate(STRATEGIES):
        mine = runs[runs["strategy"] == name] if len(runs) else runs
        names.append(f"{name}\n{mine['trained'].iloc[0]:,} trained" if len(mine) else name)
        if len(mine):
            accuracy = 100 * mine["accuracy"]
            _recorded(axes, accuracy, row)
            low, high = accuracy.min(), accuracy.max()
            told.append(f"{name} {accuracy.mean():.1f} % ({low:.1f} to {high:.1f})")
        if name in live:
            _yours(axes, live[name], row)
            told.append(f"your run of {name} {100 * live[name].accuracy:.1f} %")
    axes.axvline(50, color=RED, linestyle="--", linewidth=1.5, label="guessing")
    axes.set_yticks(range(len(STRATEGIES)), names)
    axes.set_ylim(len(STRATEGIES) - 0.35, -0.5)
    axes.set_xlabel("accuracy (%)")
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.18), ncols=4, columnspacing=1.2)
    summary = f"Accuracy by what is trained: {'; '.join(told) or 'not measured'}."
    return Figure(figure, f"Dots of accuracy, one row per strategy. {summary}", summary, record)


def _recorded(axes, values, row):
    """One grey dot per seed, one above the other, and a black bar at their mean."""
    first = not axes.lines  # a legend names each kind once
    high = row + np.linspace(-0.22, 0.22, len(values))
    dots = f"recorded, {len(values)} seeds" if first else None
    axes.plot(values, high, "o", color=GREY, alpha=0.7, markersize=8, label=dots)
    mean, ends = values.mean(), [row - 0.3, row + 0.3]
    axes.plot([mean, mean], ends, color="black", label="their mean" if first else None)


def _yours(axes, result, row):
    """A run of one's own, with the interval of its accuracy, a little below the recorded ones."""
    value, low, high = (100 * number for number in (result.accuracy, *result.interval))
    axes.errorbar(
        value,
        row + 0.38,
        xerr=[[value - low], [high - value]],
        fmt="D",
        color=ORANGE,
        ecolor="black",
        markersize=11,
        markeredgecolor="black",
        capsize=5,
        linewidth=1.5,
        label=None if axes.containers else "your run, 95 % interval",
    )


@course_style
def plot_movement(moved, record=None, lost: dict = None) -> Figure:
    """How far each block moved; beside it, how much is lost if a part goes back to its start.

    Args:
        moved: from `movement`.
        record: `load_record("strategies")`: its runs of all layers are drawn in grey.
        lost: part -> `Difference`: the accuracy of the trained model minus its accuracy with this
            part put back. A part is a block, or a tuple of neighbouring blocks.

    Raises:
        DataError: if a part names a block that `moved` does not have.
    """
    names = list(moved.index)
    figure, axes = new_axes(9 if lost else 8, 4.8, ncols=2 if lost else 1, sharey=True)
    left = axes[0] if lost else axes
    left.barh(range(len(names)), 100 * moved, color=BLUE, height=0.62, label="your run")
    if record is not None and len(record):
        _draw_recorded_movement(left, names, record)
    left.set_yticks(range(len(names)), names)
    left.set_xlabel("distance moved (% of its size)")
    told = ", ".join(f"{name} {100 * moved[name]:.2f} %" for name in names)
    summary = f"Distance moved: {told}."
    if lost:
        summary += f" Points lost if it goes back: {_draw_lost(axes[1], names, lost)}."
    return Figure(
        figure, f"Bars, one per block, the text's way from below. {summary}", summary, record
    )


def _draw_recorded_movement(axes, names, record):
    """Grey dots: the recorded runs in which all layers were trained."""
    runs = record[(record["part"] == "test") & (record["strategy"] == "all layers")]
    label = f"recorded, {len(runs)} seeds"
    for row, name in enumerate(names):
        if f"moved {name}" in runs:
            high = row + np.linspace(-0.2, 0.2, len(runs))
            dots = {"color": GREY, "markeredgecolor": "white", "markersize": 7, "zorder": 3}
            axes.plot(100 * runs[f"moved {name}"], high, "o", label=label, **dots)
            label = None
    axes.legend(loc="upper left", bbox_to_anchor=(-0.2, -0.16), ncols=2, columnspacing=1.2)


def _draw_lost(axes, names, lost) -> str:
    """One bar per part, as tall as its blocks, with its interval. Returns the same in words."""
    told = []
    for part, gap in lost.items():
        part = (part,) if isinstance(part, str) else part
        unknown = set(part) - set(names)
        if unknown:
            raise DataError(f"{unknown.pop()!r} did not move: choose among {', '.join(names)}.")
        rows = [names.index(name) for name in part]
        middle, value, low, high = np.mean(rows), 100 * gap.value, 100 * gap.low, 100 * gap.high
        look = {"color": ORANGE, "edgecolor": "black", "hatch": "//"}
        axes.barh(middle, value, height=len(rows) - 0.38, **look)
        ends = [[value - low], [high - value]]
        axes.errorbar(value, middle, xerr=ends, fmt="none", ecolor="black", capsize=5)
        if len(rows) > 1:
            _label(axes, value / 2, middle + 0.3 * len(rows), "together", size=13)
        told.append(f"{part[0]}{f' to {part[-1]}' if len(part) > 1 else ''} {value:+.1f}")
    axes.axvline(0, color="black", linewidth=1.5)
    axes.set_xlabel("accuracy lost if it goes back (points)")
    return ", ".join(told)


def _network(axes, x, task, body, head, gap=0.0):
    """A body made of layers, a head on it, and arrows: text in at the bottom, answer out."""
    from matplotlib.patches import Polygon, Rectangle

    bottom = 0.7
    left, top = x - WIDTH / 2, bottom + BODY
    axes.add_patch(Rectangle((left, bottom), WIDTH, BODY, **LOOKS[body]))
    for y in np.linspace(bottom, top, 7)[1:-1]:  # between six layers
        axes.plot([left, left + WIDTH], [y, y], color=LOOKS[body]["edgecolor"], linewidth=1)
    foot = top + gap
    corners = [(-1, 0), (1, 0), (0.62, HEAD), (-0.62, HEAD)]
    shape = [(x + dx * WIDTH / 2, foot + dy) for dx, dy in corners]
    axes.add_patch(Polygon(shape, **LOOKS[head]))
    _label(axes, x, bottom + BODY / 2, f"body\n{body}")
    _label(axes, x, foot + HEAD / 2, f"head\n{head}")
    _arrow(axes, (x, 0.32), (x, bottom), color="black", width=2)
    axes.text(x, 0.0, f"text of task {task}", ha="center", fontsize=17)
    if head != "left behind":
        _arrow(axes, (x, foot + HEAD), (x, foot + HEAD + 0.4), color="black", width=2)
        axes.text(x, foot + HEAD + 0.48, f"answer to task {task}", ha="center", fontsize=17)


def _label(axes, x, y, words, size=17):
    box = {"facecolor": "white", "edgecolor": "none", "pad": 2.5}
    axes.text(x, y, words, ha="center", va="center", fontsize=size, linespacing=1.1, bbox=box)


def _write(axes, x, y, words, size=18):
    axes.text(x, y, words, va="center", fontsize=size, linespacing=1.25)


def _arrow(axes, start, end, color, width):
    style = {"arrowstyle": "-|>", "linewidth": width, "color": color, "mutation_scale": 8 * width}
    axes.annotate("", end, start, arrowprops=style | {"shrinkA": 0, "shrinkB": 0})


def _lock(axes, x, y):
    """A small padlock: what is frozen cannot change."""
    from matplotlib.patches import Arc, Rectangle

    axes.add_patch(Rectangle((x - 0.17, y - 0.2), 0.34, 0.28, facecolor="black", zorder=4))
    axes.add_patch(Arc((x, y + 0.08), 0.22, 0.3, theta2=180, linewidth=3, color="black", zorder=4))
