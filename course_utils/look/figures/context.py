"""Figures of notebook 03: who reads what, context vectors by layer, the layers of a BERT."""

import numpy as np

from course_utils.data.display import isolated, one_line, shorten, shown_names
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
from course_utils.look.words import whole_word, words_in

PALE = "#D0D0D0"


@course_style
def plot_readers(text: str, word: str) -> Figure:
    """Which words may change the vector of one word: read in both directions, or left to right.

    Args:
        text: a short sentence; signs are left out. Of languages without blanks between words,
            such as Chinese, each letter is drawn.
        word: one of its words.

    Raises:
        DataError: if the word does not stand in the text.
    """
    found = whole_word(word).search(text)
    if not found or not words_in(word) or len(word.split()) > 1:
        raise DataError(f"The word '{word}' does not stand in the text '{text}'.")
    before, after = words_in(text[: found.start()]), words_in(text[found.end() :])
    words, place = [*before, found[0], *after], len(before)
    figure, panels = new_axes(9, 4.6, nrows=2)
    titles = (
        f"BERT, in both directions: {word} looks at all words",
        f"Left to right: {word} looks at itself and at the words before",
    )
    for axes, title, last in zip(panels, titles, (len(words), place + 1), strict=True):
        for n, token in enumerate(words):
            seen = n < last
            if seen:
                axes.annotate(
                    "",
                    (place, 0.86),
                    (n, 0.24),
                    arrowprops={"arrowstyle": "-|>", "color": BLUE, "linewidth": 2.2},
                )
            colour = "black" if seen else GREY
            axes.text(n, 0, token, ha="center", va="bottom", fontsize=16, color=colour)
        axes.text(
            place, 0.92, word, ha="center", va="bottom", fontsize=16, color=BLUE, weight="bold"
        )
        axes.set_title(title, fontsize=15)
        axes.set_xlim(-0.6, len(words) - 0.4)
        axes.set_ylim(-0.05, 1.22)
        axes.axis("off")
    unseen = ", ".join(words[place + 1 :])
    summary = (
        f"The new vector of {word}: BERT makes it from all {len(words)} words. A reader from left "
        f"to right makes it from {', '.join(words[: place + 1])}"
        + (f", without {unseen}." if unseen else ", too: nothing comes after it.")
    )
    alt = f"Two pictures with arrows from the words of a sentence to {word}. {summary}"
    return Figure(figure, alt, summary)


@course_style
def plot_by_layer(lines: dict, label: str, chance: float = None) -> Figure:
    """One line per name: a number before the first layer (0), and after each layer.

    Args:
        lines: name -> one number per layer, at most four names.
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
        look = {"color": colour, "markersize": 8, "label": in_legend(name)}
        axes.plot(range(len(values)), values, f"-{marker}", **look)
        told.append(f"{name} {', '.join(f'{value:.2f}' for value in values)}")
    if chance is not None:
        axes.axhline(chance, color="black", linestyle="--", linewidth=1.2, label="chance")
    layers = len(values) - 1
    axes.set_xticks(range(layers + 1), ["embedding", *range(1, layers + 1)])
    axes.set_xlabel("after layer")
    axes.set_ylabel(label)
    axes.legend()
    axes.margins(y=0.12)
    summary = f"{label.capitalize()}, from the embedding to layer {layers}: {'; '.join(told)}."
    return Figure(figure, f"Lines over the layers. {summary}", summary)


@course_style
def plot_senses(word: str, vectors: dict) -> Figure:
    """The similarity of one word's vectors: pairs with the same sense, and with different senses.

    Args:
        word: as it is called in the title.
        vectors: from `sense_vectors`.
    """
    from course_utils.look.context import sense_pairs

    figure, axes = new_axes(8, 4.4)
    word, senses = isolated(shorten(one_line(word), 20)), shown_names(vectors, 16)
    same, different = sense_pairs(vectors)
    told = []
    kinds = (
        ("different senses", different, RED, "s", 0.12),
        ("same sense", same, BLUE, "o", -0.12),
    )
    for name, pairs, colour, marker, shift in kinds:
        layers = np.arange(pairs.shape[1])
        axes.plot(
            np.tile(layers + shift, (len(pairs), 1)).ravel(),
            pairs.ravel(),
            marker,
            color=colour,
            alpha=0.3,
            markersize=5,
            markeredgewidth=0,
        )
        means = pairs.mean(axis=0)
        axes.plot(
            layers + shift, means, f"-{marker}", color=colour, markersize=9, label=f"{name}, mean"
        )
        told.append(f"{name} {', '.join(f'{mean:.2f}' for mean in means)}")
    axes.set_xticks(layers, ["embedding", *layers[1:]])
    axes.set_xlabel("after layer")
    axes.set_ylabel("cosine similarity")
    axes.set_title(f'"{word}" as {" or ".join(senses)}: every pair of sentences')
    axes.legend(loc="lower left")
    summary = (
        f"Mean similarity of {word}, from the embedding to layer {layers[-1]}: "
        f"{'; '.join(told[::-1])}."
    )
    return Figure(figure, f"Dots for pairs of sentences, lines for means. {summary}", summary)


@course_style
def plot_separation(vectors: dict, layer: int) -> Figure:
    """How well each word's two senses are told apart, against groupings made by chance.

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
    told, names = [], []
    words = shown_names(vectors, 20)
    for row, (word, senses) in enumerate(zip(words, vectors.values(), strict=True)):
        value = 100 * sense_separation(senses)[layer]
        low, high = 100 * np.quantile(chance_separation(senses)[:, layer], [0.05, 0.95])
        axes.plot([low, high], [row, row], color=PALE, linewidth=9, solid_capstyle="butt")
        axes.plot(value, row, "o", color=BLUE, markersize=9)
        names.append(f"{word}: {' / '.join(shown_names(senses, 16))}")
        told.append(f"{word} {value:.1f} %")
    axes.plot([], [], "o", color=BLUE, markersize=9, label="the two senses")
    axes.plot([], [], color=PALE, linewidth=9, label="nine in ten groupings that ignore the sense")
    axes.axvline(50, color="black", linestyle="--", linewidth=1.2)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(right=101.5)
    axes.set_xlabel("how often the pair with the same sense is more similar (%)")
    figure.legend(loc="outside upper center", ncols=2)
    summary = (
        f"Layer {layer}, how often a pair with the same sense is more similar than one with "
        f"different senses: {', '.join(told)}. Chance is 50 %."
    )
    return Figure(figure, f"One dot per word. {summary}", summary)


@course_style
def plot_layers(model, words=("The", "bank", "of", "the", "river")) -> Figure:
    """The parts of a BERT in the order in which a text passes them, with their weights.

    Args:
        model: a `BertModel` or a classifier; its configuration says how many layers are drawn.
        words: written at the left, each with its own line through the layers.
    """
    from course_utils.model.layers import blocks

    sizes = {n: sum(w.numel() for w in block.values()) for n, block in blocks(model).items()}
    in_layers = sum(size for name, size in sizes.items() if name.startswith("layer"))
    layers, hidden = model.config.num_hidden_layers, model.config.hidden_size
    figure, axes = new_axes(9, 4.4)
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
    below = {"y": -0.7, "ha": "center", "va": "top", "fontsize": 13, "linespacing": 1.4}
    axes.text(x=1.35, s=f"embeddings\n{sizes['embeddings'] / 1e6:.1f} M weights", **below)
    axes.text(x=6.4, s=f"{layers} layers\n{in_layers / 1e6:.1f} M weights together", **below)
    axes.text(x=11.0, s=f"{hidden} numbers\nper word", **below)
    axes.set_xlim(-0.8, 12)
    axes.set_ylim(-1.8, len(words) + 0.1)
    axes.axis("off")
    summary = (
        f"A text passes the embeddings ({sizes['embeddings']:,} weights), then {layers} layers "
        f"({in_layers:,} weights together). For each word, {hidden} numbers come out."
    )
    return Figure(figure, f"Boxes from left to right, numbered. {summary}", summary)


def _box(x, y, width, height, colour, **options):
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, facecolor=colour, edgecolor="white", **options)
