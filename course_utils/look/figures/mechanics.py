"""The four pictures of notebook 02: a network, its parts, a copy, and two ways of training it."""

import numpy as np

from course_utils.errors import DataError
from course_utils.look.figures.base import (
    BLUE,
    GREEN,
    GREY,
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
    },
    "trained on B": {"facecolor": "#CDEBE0", "edgecolor": GREEN, "linewidth": 4},
    "left behind": {"facecolor": "white", "edgecolor": GREY, "linewidth": 1.5, "linestyle": ":"},
}

WIDTH, BODY, HEAD = 2.9, 2.3, 0.8  # of a network; the height of its body and of its head
BOTTOM, STRIP = 0.7, 0.42  # where a body begins; how wide its layers are drawn at each side


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
    _whole_network(axes, 3.0, "A", "trained on A")
    _write(axes, 5.0, 2.4, "One network,\ntrained for task A:\nmuch text, much time,\nonce.")


def _draw_body_and_head(axes):
    _network(axes, 3.0, "A", body="trained on A", head="trained on A", gap=0.3)
    _write(axes, 5.0, 3.75, "head: turns these numbers\ninto answers to task A")
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
        "A text of task A goes in at the bottom, an answer comes out at the top. What lies between "
        "is drawn as one piece, trained on task A, with much text.",
    ),
    2: (
        _draw_body_and_head,
        "It has a body and a head",
        "The same network, taken apart: a tall body of six layers, a small head above it. "
        "The body turns a text into numbers that say much about it. The head turns these numbers "
        "into the answers of task A.",
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


def _whole_network(axes, x, task, state):
    """Body and head as one piece, as somebody sees the network who has not looked inside."""
    from matplotlib.patches import Polygon

    top = BOTTOM + BODY
    corners = [(-1, BOTTOM), (1, BOTTOM), (1, top), (0.62, top + HEAD), (-0.62, top + HEAD)]
    corners.append((-1, top))
    axes.add_patch(Polygon([(x + dx * WIDTH / 2, y) for dx, y in corners], **LOOKS[state]))
    _label(axes, x, BOTTOM + (BODY + HEAD) / 2, f"network\n{state}")
    _way_in_and_out(axes, x, top + HEAD, task)


def _network(axes, x, task, body, head, gap=0.0):
    """A body made of layers, a head on it, and arrows: text in at the bottom, answer out."""
    from matplotlib.patches import Polygon, Rectangle

    left, top, look = x - WIDTH / 2, BOTTOM + BODY, LOOKS[body]
    plain = {name: value for name, value in look.items() if name != "hatch"}
    axes.add_patch(Rectangle((left, BOTTOM), WIDTH, BODY, **plain))
    for edge in (left, left + WIDTH - STRIP):  # layers and hatching; the words stand between
        if "hatch" in look:
            axes.add_patch(Rectangle((edge, BOTTOM), STRIP, BODY, **look | {"linewidth": 0}))
        for y in np.linspace(BOTTOM, top, 7)[1:-1]:  # between six layers
            axes.plot([edge, edge + STRIP], [y, y], color=look["edgecolor"], linewidth=1.5)
    foot = top + gap
    corners = [(-1, 0), (1, 0), (0.62, HEAD), (-0.62, HEAD)]
    shape = [(x + dx * WIDTH / 2, foot + dy) for dx, dy in corners]
    axes.add_patch(Polygon(shape, **LOOKS[head]))
    _label(axes, x, BOTTOM + BODY / 2, f"body\n{body}")
    _label(axes, x, foot + HEAD / 2, f"head\n{head}")
    _way_in_and_out(axes, x, foot + HEAD, task, answers=head != "left behind")


def _way_in_and_out(axes, x, top, task, answers=True):
    """The arrow of the text below a network, and that of the answer above it."""
    _arrow(axes, (x, 0.32), (x, BOTTOM), color="black", width=2)
    axes.text(x, 0.0, f"text of task {task}", ha="center", fontsize=17)
    if answers:
        _arrow(axes, (x, top), (x, top + 0.4), color="black", width=2)
        axes.text(x, top + 0.48, f"answer to task {task}", ha="center", fontsize=17)


def _label(axes, x, y, words, size=17):
    axes.text(x, y, words, ha="center", va="center", fontsize=size, linespacing=1.1)


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
