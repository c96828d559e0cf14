"""Figures of language modelling: the words for a gap, and how fast a model learns to find them."""

import textwrap

from course_utils.data.display import isolated, one_line, shorten, shown_names
from course_utils.errors import DataError
from course_utils.look.figures.base import BLUE, RED, Figure, course_style, new_axes

STARTS = {
    "pre-trained": ("the layers start pre-trained", BLUE, "-o"),
    "random": ("the layers start random", RED, "--s"),
}
"""What the record calls a start, what we call it, and its line."""


@course_style
def plot_blanks(*tables) -> Figure:
    """The likeliest words for the gaps of one to three texts, as bars side by side.

    Args:
        tables: each from `fill_blank`.

    Raises:
        DataError: if there is no table, or more than three.
    """
    if not 1 <= len(tables) <= 3:
        raise DataError(f"Expected one to three tables of fill_blank, found {len(tables)}.")
    rows = max(map(len, tables))
    figure, panels = new_axes(
        4 * len(tables), 1.5 + 0.42 * rows, ncols=len(tables), sharex=True, squeeze=False
    )
    told = []
    for axes, table in zip(panels[0], tables, strict=True):
        text, words = isolated(shorten(one_line(table.attrs["text"]), 200)), _words(table)
        percent = 100 * table["probability"]
        bars = axes.barh(range(len(table)), percent, color=BLUE, height=0.7)
        axes.bar_label(bars, [f"{value:.0f} %" for value in percent], padding=4)
        axes.set_yticks(range(len(table)), words, fontsize=14)
        axes.set_ylim(rows - 0.5, -0.5)  # the likeliest at the top
        axes.set_title(textwrap.fill(text.replace("[MASK]", "____"), 26))
        axes.tick_params(left=False, bottom=False, labelbottom=False)
        axes.spines[["bottom"]].set_visible(False)
        axes.grid(False)
        told.append(f'"{text}": ' + ", ".join(_with_percent(table)))
    figure.get_layout_engine().set(wspace=0.12)  # the words of a panel keep off its neighbour
    panels[0][0].set_xlim(0, 130 * max(table["probability"].max() for table in tables))
    summary = f"The likeliest words for the gap. {'. '.join(told)}."
    return Figure(figure, f"Bars, one for each word. {summary}", summary)


def _words(table) -> list:
    return shown_names(table["word"], 20)


def _with_percent(table) -> list:
    return [
        f"{word} {100 * share:.1f} %"
        for word, share in zip(_words(table), table["probability"], strict=True)
    ]


@course_style
def plot_language_learning(record) -> Figure:
    """Two learning curves: how many hidden words a model guesses, against the tokens it has read.

    Args:
        record: `load_record("masked_lm")`.
    """
    figure, axes = new_axes(8, 4.4)
    points = record[record["budget"] > 0]  # none at zero: the axis is logarithmic
    for start, rows in points.groupby("start", sort=False):
        name, colour, line = STARTS[start]
        accuracies = 100 * rows["accuracy"]
        axes.plot(rows["budget"], accuracies, line, color=colour, markersize=8, label=name)
    if len(points):
        axes.set_xscale("log")
        axes.set_xticks(*_ticks(points["budget"]))
        axes.minorticks_off()
        axes.legend(loc="upper left")
    axes.set_xlabel("tokens of film reviews read")
    axes.set_ylabel("hidden words guessed (%)")
    axes.set_ylim(0, 1.15 * axes.dataLim.y1 if len(points) else 1)
    summary = _learning_in_words(points)
    return Figure(figure, f"Two curves over the tokens read. {summary}", summary, record)


def _learning_in_words(points) -> str:
    """Both starts where both were judged last, and the longer one at its end."""
    if points.empty:
        return "How fast it learns to fill gaps was not measured with this checkpoint."
    both = points.pivot(index="budget", columns="start", values="accuracy").dropna().iloc[-1]
    told = [f"{100 * both[start]:.1f} % when {STARTS[start][0]}" for start in both.index]
    end = points.loc[points["budget"].idxmax()]
    return (
        f"After {int(both.name):,} tokens, {' and '.join(told)}; "
        f"after {int(end['budget']):,}, {100 * end['accuracy']:.1f} %."
    )


def _ticks(tokens) -> tuple:
    """Every second point, in thousands or millions."""
    found = sorted(set(tokens))[::2]
    return found, [f"{n / 1e6:.1f} M" if n >= 1e6 else f"{n // 1000:,} k" for n in found]
