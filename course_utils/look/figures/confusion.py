"""Which labels are taken for which: a table of cells for a few labels, bars for many."""

import textwrap

from course_utils.data.display import shown_names, width
from course_utils.look.figures.base import BLUE, Figure, new_axes

FEW_CELLS = 25
"""So many are all told in the alt text; of more, those of the right answers and the worst ones."""

LETTER = 0.09
"""The width of a letter, in inches; a little less than the mean, and there is room between."""

BARS = 12
"""Confusions that are drawn where there are many labels."""


def draw_cells(evaluation) -> Figure:
    """True labels in rows, predicted labels in columns; see `plot_confusion`."""
    counts = evaluation.confusion()
    shares = 100 * counts.div(counts.sum(axis=1).clip(lower=1), axis=0)
    names = shown_names(counts.columns)
    few = len(names) <= 6
    size = 13 if few else 11 if len(names) <= 10 else 9
    inches = 8 if len(names) <= 8 else 10
    columns, slanted = _below_columns(names, inches)
    below = 0.05 * max(map(width, names)) if slanted else 0
    figure, axes = new_axes(inches, 1.2 + (1.0 if few else 0.6) * len(names) + below)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=100, aspect="auto")
    told = []
    for row, true in enumerate(names):
        for column, answer in enumerate(names):
            share = shares.iat[row, column]
            axes.text(
                column,
                row,
                f"{counts.iat[row, column]:,}\n{share:.{1 if few else 0}f} %",
                ha="center",
                va="center",
                color="white" if share > 55 else "black",
                size=size,
            )
            told.append(f"{share:.1f} % of {true} called {answer}")
    axes.set_xticks(range(len(names)), columns, **slanted)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted label")
    axes.set_ylabel("true label")
    axes.grid(False)
    name = shown_names([evaluation.name], 40)[0]
    summary, every_cell = f"{name}: {'; '.join(told)}.", ""
    if len(names) > 2:  # too many cells for a caption: what was found of each label
        found = ", ".join(f"{shares.iat[i, i]:.1f} % of {label}" for i, label in enumerate(names))
        summary = f"{name}, found: {found}."
        every_cell = f" Cells: {'; '.join(told)}."
    if len(told) > FEW_CELLS:
        worst = "; ".join(_worst_in_words(evaluation, 5)) or "none"
        every_cell = f" The most frequent confusions: {worst}."
    alt = f"Table of true against predicted labels. {summary}{every_cell}"
    return Figure(figure, alt, summary)


def _below_columns(names, inches: float) -> tuple:
    """The names below the columns; where they would meet, on two lines, or slanted.

    Returns:
        What is written, and how it is turned.
    """
    left = 0.6 + LETTER * max(map(width, names))  # where the names of the rows stand
    room = (inches - left) / len(names) / LETTER
    small = 0.8 * room  # two names beside each other fill their lines
    lines = [textwrap.wrap(name, max(int(small), 1), break_long_words=False) for name in names]
    if all(width(name) <= room for name in names):
        return names, {}
    if all(len(each) <= 2 and max(map(width, each)) <= small for each in lines):
        return ["\n".join(each) for each in lines], {}
    return names, {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}


def draw_worst(evaluation) -> Figure:
    """The most frequent confusions as bars, the worst at the top."""
    worst = evaluation.worst_confusions(BARS)
    names = evaluation.data.label_names
    short = dict(zip(names, shown_names(names, 24), strict=True))
    figure, axes = new_axes(9.5, 1.2 + 0.42 * max(len(worst), 3))
    bars = axes.barh(range(len(worst)), worst["texts"], color=BLUE, height=0.7)
    told = [
        f"{count:,} ({100 * share:.0f} %)"
        for count, share in zip(worst["texts"], worst["share"], strict=True)
    ]
    axes.bar_label(bars, told, padding=4)
    pairs = zip(worst["true"], worst["predicted"], strict=True)
    axes.set_yticks(range(len(worst)), [f"{short[a]} → {short[b]}" for a, b in pairs])
    axes.set_ylim(max(len(worst), 3) - 0.5, -0.5)  # the most frequent at the top
    axes.set_xlim(0, 1.3 * max(worst["texts"], default=1))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlabel("texts (share of those with the true label)")
    axes.set_title("true label → predicted label")
    axes.grid(axis="y", visible=False)
    name = shown_names([evaluation.name], 40)[0]
    found = f"{100 * evaluation.accuracy:.1f} % of {len(evaluation.data):,} texts found"
    begin = f"{name}, {len(names):,} labels: {found}."
    told = _worst_in_words(evaluation, BARS)
    summary = f"{begin} The most frequent confusions: {'; '.join(told[:3]) or 'none'}."
    more = f" Then {'; '.join(told[3:])}." if told[3:] else ""
    return Figure(figure, f"Bars, one for each confusion. {summary}{more}", summary)


def _worst_in_words(evaluation, n: int) -> list:
    """The most frequent confusions, the worst first."""
    names = evaluation.data.label_names
    short = dict(zip(names, shown_names(names, 24), strict=True))
    return [
        f"{row.texts:,} × {short[row.true]} called {short[row.predicted]}"
        for row in evaluation.worst_confusions(n).itertuples()
    ]
