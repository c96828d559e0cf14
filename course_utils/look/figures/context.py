"""Figures of notebook 03: attention as a mean, context vectors by layer, the parts of a BERT."""

import numpy as np

from course_utils.data.display import shown_names
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
from course_utils.look.figures.letters import in_legend

PALE = "#D0D0D0"


@course_style
def plot_by_layer(lines: dict, label: str, chance: float = None) -> Figure:
    """One line per name: a number before the first layer (0), and after each layer.

    Args:
        lines: name -> one number per layer, at most four names; or an array of shape (cases,
            layers + 1): then the line is the mean over the cases, with the 95 % interval of the
            mean as a band.
        label: what the numbers are; it is written at the left.
        chance: a level to compare with, dashed.

    Raises:
        DataError: if there is no line, or more than four.
    """
    if not 1 <= len(lines) <= 4:
        raise DataError(f"Expected one to four lines, found {len(lines)}: choose some of them.")
    figure, axes = new_axes(8, 4)
    told = []
    looks = zip((BLUE, RED, GREEN, GREY), "osD^", strict=True)
    for name, values, (colour, marker) in zip(
        shown_names(lines), lines.values(), looks, strict=False
    ):
        values, half = _mean_and_half(np.asarray(values))
        layers = np.arange(len(values))
        if half is not None:
            axes.fill_between(layers, values - half, values + half, color=colour, alpha=0.15)
        look = {"color": colour, "markersize": 8, "label": in_legend(name)}
        axes.plot(layers, values, f"-{marker}", **look)
        told.append(f"{name} {', '.join(f'{value:.2f}' for value in values)}")
    if chance is not None:
        axes.axhline(chance, color="black", linestyle="--", linewidth=1.2, label="chance")
    axes.set_xticks(layers, ["embedding", *layers[1:]])
    axes.set_xlabel("after layer")
    axes.set_ylabel(label)
    axes.legend()
    axes.margins(y=0.12)
    summary = f"{label.capitalize()}, from the embedding to layer {layers[-1]}: {'; '.join(told)}."
    if half is not None:
        summary += " The bands are 95 % intervals of the means."
    return Figure(figure, f"Lines over the layers. {summary}", summary)


def _mean_and_half(values) -> tuple:
    """Cases (cases, layers + 1) as their mean and half of its 95 % interval (Student's t).

    A single line, (layers + 1,), stays as it is, without an interval.
    """
    from scipy import stats

    if values.ndim == 1:
        return values, None
    return values.mean(axis=0), stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)


@course_style
def plot_separation(vectors: dict, layer: int) -> Figure:
    """How well each word's two senses are told apart, against groupings made by chance.

    The dot of a word stands below its grey bar, so that it hides no end of it; a dot that does not
    get beyond the bar is hollow.

    Args:
        vectors: word -> its `sense_vectors`.
        layer: 0 for the embedding, 1 for the first layer, ...

    Raises:
        DataError: if there is no such layer.
    """
    from course_utils.look.context import chance_separation, sense_separation

    last = min(known.shape[1] for senses in vectors.values() for known in senses.values()) - 1
    if layer not in range(last + 1):
        raise DataError(f"layer={layer!r}: expected 0 (the embedding) to {last}, the last layer.")

    figure, axes = new_axes(8, 1.4 + 0.36 * len(vectors))
    look = {"marker": "o", "linestyle": "", "color": BLUE, "markersize": 8, "markeredgewidth": 2}
    hollow = {**look, "markerfacecolor": "white"}
    told, names, clear = [], [], 0
    shown = zip(shown_names(vectors, 20), vectors.values(), strict=True)
    measured = [(word, senses, 100 * sense_separation(senses)[layer]) for word, senses in shown]
    measured.sort(key=lambda each: -each[2])  # the clearest word at the top
    for row, (word, senses, value) in enumerate(measured):
        low, high = 100 * np.quantile(chance_separation(senses)[:, layer], [0.05, 0.95])
        clear += value > high
        axes.plot([low, high], [row - 0.2] * 2, color=PALE, linewidth=8, solid_capstyle="butt")
        axes.plot(value, row + 0.2, **(look if value > high else hollow))
        names.append(f"{word}: {' / '.join(shown_names(senses, 16))}")
        told.append(f"{word} {value:.1f} %")
    axes.plot([], [], **look, label="the two senses")
    axes.plot([], [], **hollow, label="could be chance")
    axes.plot([], [], color=PALE, linewidth=8, label="nine in ten groupings that ignore the sense")
    axes.axvline(50, color="black", linestyle="--", linewidth=1.2, label="chance")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.7)
    axes.set_xlim(right=101.5)
    axes.set_xlabel("how often the pair with the same sense is more similar (%)")
    figure.legend(loc="outside upper center", ncols=2)
    summary = (
        f"Layer {layer}, how often a pair with the same sense is more similar: {told[0]} at best, "
        f"{told[-1]} at worst, chance is 50 %. {clear} of {len(told)} lie to the right of the grey."
    )
    alt = f"One dot per word, hollow if it could be chance. {summary} All: {', '.join(told)}."
    return Figure(figure, alt, summary)


@course_style
def plot_weighted_mean(words, shares, values) -> Figure:
    """Attention as a mean: how much of each word's value goes into the new vector of one word.

    Args:
        words: as they stand in the text.
        shares: one for each word, shape (words,); together they are 1.
        values: the value vectors, shape (words, numbers).

    Raises:
        DataError: if the three do not fit together.
    """
    words, shares, values = shown_names(words, 16), np.asarray(shares), np.asarray(values)
    if values.ndim != 2 or not len(words) == len(shares) == len(values):
        raise DataError(
            f"Found {len(words)} words, {len(shares)} shares and values of shape {values.shape}: "
            "expected one share and one row of values for each word."
        )
    rows = np.vstack([values, np.full(values.shape[1], np.nan), shares @ values])  # a gap, the mean
    figure, (left, right) = new_axes(
        9, 1.5 + 0.5 * len(rows), ncols=2, sharey=True, width_ratios=(1, 2)
    )
    bars = left.barh(range(len(words)), 100 * shares, color=BLUE, height=0.6)
    left.bar_label(bars, [f"{100 * share:.0f} %" for share in shares], padding=4)
    left.set_yticks(range(len(rows)), [*words, "", "weighted mean"], fontsize=15)
    left.set_xlim(0, 130 * shares.max())
    left.set_title("share")
    most = np.abs(values).max()
    picture = right.imshow(rows, cmap="PuOr", vmin=-most, vmax=most, aspect="auto")
    figure.colorbar(picture, ax=right, pad=0.02)
    right.set_title(f"value: {values.shape[1]} numbers")
    for axes in (left, right):
        axes.set_xticks([])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.grid(False)
    parts = ", ".join(f"{100 * s:.0f} % of “{word}”" for word, s in zip(words, shares, strict=True))
    summary = f"The new vector is a mean of the values: {parts}."
    alt = f"Bars for the shares, and the numbers of each value as a strip of colours. {summary}"
    return Figure(figure, alt, summary)


@course_style
def plot_layers(model, words=("The", "bank", "of", "the", "river")) -> Figure:
    """The parts of a BERT in the order in which a text passes them, with their weights.

    Args:
        model: a `BertModel` or a classifier; its configuration says how many layers are drawn. A
            head is drawn in dashes: it comes after the encoder, another one for each task.
        words: written at the left, each with its own line through the layers.
    """
    from course_utils.model.layers import blocks

    sizes = {n: sum(w.numel() for w in block.values()) for n, block in blocks(model).items()}
    in_layers = sum(size for name, size in sizes.items() if name.startswith("layer"))
    layers, hidden = model.config.num_hidden_layers, model.config.hidden_size
    figure, axes = new_axes(10, 4.4)
    rows = np.arange(len(words))[::-1]
    for row, word in zip(rows, words, strict=True):
        arrow = {"arrowstyle": "-|>", "color": GREY, "linewidth": 1.5}
        axes.annotate("", (10.65, row), (0.15, row), arrowprops=arrow, zorder=1)
        axes.text(0.05, row, word, ha="right", va="center", fontsize=15)
        for place in range(6):  # a vector, as a row of small boxes
            axes.add_patch(_box(10.75 + 0.14 * place, row - 0.17, 0.11, 0.34, GREEN))
    axes.add_patch(_box(0.7, -0.5, 1.3, len(words), ORANGE, zorder=2))
    pitch = 8.0 / layers
    for number in range(1, layers + 1):
        left, width = 2.5 + pitch * (number - 1), 0.7 * pitch
        axes.add_patch(_box(left, -0.5, width, len(words), BLUE, zorder=2))
        ends = [left + 0.12 * width, left + 0.88 * width]
        for start in rows:
            axes.plot(ends, [np.full(len(rows), start), rows], color="white",
                      linewidth=0.5, zorder=3)  # fmt: skip
        top = {"ha": "center", "va": "bottom", "fontsize": 15, "weight": "bold"}
        axes.text(left + width / 2, len(words) - 0.42, number, color=BLUE, **top)
    axes.add_patch(_box(12.1, -0.5, 1.3, len(words), "white", zorder=2,
                        edge=RED, linestyle="--", linewidth=2.2))  # fmt: skip
    for row in rows:
        axes.annotate("", (12.05, row), (11.65, row), arrowprops=arrow, zorder=1)
    below = {"y": -0.7, "ha": "center", "va": "top", "fontsize": 13, "linespacing": 1.4}
    axes.text(x=1.35, s=f"embeddings\n{sizes['embeddings'] / 1e6:.1f} M weights", **below)
    axes.text(x=6.4, s=f"{layers} layers\n{in_layers / 1e6:.1f} M weights together", **below)
    axes.text(x=11.0, s=f"{hidden} numbers\nper word", **below)
    axes.text(x=12.75, s="head\nfor one task", **below)
    axes.set_xlim(-0.8, 13.8)
    axes.set_ylim(-1.8, len(words) + 0.1)
    axes.axis("off")
    summary = (
        f"A text passes the embeddings ({sizes['embeddings']:,} weights), then {layers} layers "
        f"({in_layers:,} weights together). For each word, {hidden} numbers come out. A head makes "
        "an answer of them."
    )
    return Figure(figure, f"Boxes from left to right, numbered. {summary}", summary)


def _box(x, y, width, height, colour, edge="white", **options):
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, facecolor=colour, edgecolor=edge, **options)
