"""Figures of notebook 04: a batch with its mask, the lengths of texts."""

import numpy as np

from course_utils.data.display import shown_names
from course_utils.errors import DataError
from course_utils.look.figures.base import BLUE, GREY, RED, Figure, course_style, new_axes

EMPTY = "#D9D9D9"
"""The colour of padding."""


@course_style
def plot_batch(tokenizer, batch) -> Figure:
    """One batch as two heat maps: what stands at each position, and the attention mask.

    Args:
        tokenizer: the tokenizer that made the batch.
        batch: holds `input_ids` and `attention_mask`, both of shape (batch, sequence). Tokens are
            written into the map if it has at most 16 positions and 10 texts.
    """
    from matplotlib.patches import Patch

    ids, mask = (
        np.asarray(part.cpu() if hasattr(part, "cpu") else part)  # a batch may be on a GPU
        for part in (batch["input_ids"], batch["attention_mask"])
    )
    is_padding = ids == tokenizer.pad_token_id
    is_frame = np.isin(ids, [tokenizer.cls_token_id, tokenizer.sep_token_id])
    kinds = np.where(is_padding, 0, np.where(is_frame, 2, 1))
    texts, positions = ids.shape
    readable = positions <= 16 and texts <= 10
    height = 2 * max(1.6, (0.5 if readable else 0.07) * texts) + 1.2
    figure, (above, below) = new_axes(max(8, 1.05 * positions) if readable else 8, height, nrows=2)
    colours = [EMPTY, "#9CCDEB", "#F6CF7F"]  # padding, words, [CLS] and [SEP]
    _cells(above, kinds, colours, "what stands there")
    _cells(below, mask, ["#FFFFFF", BLUE], "attention mask")
    below.set_xlabel("position")
    rows = [shown_names(tokenizer.convert_ids_to_tokens(row.tolist()), 16) for row in ids]
    if readable:
        for (row, place), value in np.ndenumerate(mask):
            token = rows[row][place]
            above.text(place, row, token, ha="center", va="center", fontsize=12)
            ink = "white" if value else "black"
            below.text(place, row, int(value), ha="center", va="center", fontsize=12, color=ink)
    names = dict(zip(colours, ("padding", "token of the text", "[CLS] or [SEP]"), strict=True))
    handles = [Patch(facecolor=c, edgecolor=GREY, label=name) for c, name in names.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    summary = (
        f"{int(is_padding.sum()):,} of {ids.size:,} positions hold padding; "
        f"the attention mask is 0 at {int((mask == 0).sum()):,} positions."
    )
    written = "; ".join(" ".join(row) for row in rows) if readable else ""
    alt = f"Two heat maps of {texts} texts and {positions} positions. {summary} {written}".strip()
    return Figure(figure, alt, summary)


def _cells(axes, values, colours, title) -> None:
    """Small coloured cells with white lines between them, one row per text."""
    from matplotlib.colors import ListedColormap

    texts, positions = values.shape
    axes.imshow(values, ListedColormap(colours), vmin=0, vmax=len(colours) - 1, aspect="auto")
    axes.set_title(title)
    axes.set_ylabel("text")
    if texts <= 10:
        axes.set_yticks(range(texts))
    if positions <= 16:
        axes.set_xticks(range(positions))
        axes.set_xticks(np.arange(positions + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(texts + 1) - 0.5, minor=True)
        axes.grid(which="minor", color=GREY, linewidth=1)
        axes.tick_params(which="minor", length=0)
    axes.grid(False, which="major")


@course_style
def plot_padding(lengths, batches: dict) -> Figure:
    """Batches one below the other on one scale: what the model computes, and what of it is text.

    Args:
        lengths: number of tokens of each text.
        batches: name -> the row numbers of the texts in this batch.

    Raises:
        DataError: if there is no batch, or one is empty.
    """
    from matplotlib.patches import Patch

    if not batches or not all(len(rows) for rows in batches.values()):
        raise DataError(
            "There is nothing to draw: expected a dictionary of batches, such as "
            '{"given order": [0, 1, 2]}, each with at least one row number.'
        )
    found = {name: np.asarray(lengths)[list(rows)] for name, rows in batches.items()}
    widest = max(counts.max() for counts in found.values())
    figure, all_axes = new_axes(8, 2.2 * len(found) + 0.6, nrows=len(found), sharex=True)
    told = []
    for axes, (name, counts) in zip(np.atleast_1d(all_axes), found.items(), strict=True):
        texts, positions, tokens = len(counts), len(counts) * counts.max(), counts.sum()
        axes.barh(range(texts), counts.max(), color=EMPTY, height=1, align="edge")
        axes.barh(range(texts), counts, color=BLUE, height=0.82, align="edge")
        axes.set_xlim(0, widest)
        axes.set_ylim(texts, 0)
        axes.set_ylabel(f"{texts} texts")
        axes.set_yticks([])
        words = f"{positions:,} positions for {tokens:,} tokens"
        axes.set_title(f"{shown_names([name])[0]}: {words}")
        told.append(f"{name}, {words}")
    axes.set_xlabel("position")
    handles = [Patch(color=BLUE, label="token"), Patch(color=EMPTY, label="padding")]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    summary = f"One batch of each: {'; '.join(told)}."
    return Figure(figure, f"Bars, one for each text, on one scale. {summary}", summary)


@course_style
def plot_token_lengths(lengths, limits=(32, 64)) -> Figure:
    """How long texts are in tokens, and which share of them a limit would cut off.

    Args:
        lengths: number of tokens of each text.
        limits: values of `max_length` to compare.
    """
    lengths = np.asarray(lengths)
    figure, axes = new_axes(8, 3.8)
    step = max(1, int(lengths.max()) // 60)
    edges = np.arange(-0.5, lengths.max() + 2 * step, step)  # a bar stands above its number
    axes.hist(lengths, edges, color=BLUE, edgecolor="white")
    top = 1.35 * axes.get_ylim()[1]
    axes.set_ylim(0, top)
    told = []
    for number, limit in enumerate(sorted(limits)):
        share = 100 * float((lengths > limit).mean())
        axes.axvline(limit + 0.5, color=RED, linestyle="--", linewidth=2)
        label = f"max_length {limit}\n{share:.3g} % cut"
        place = (limit + 0.5, top * (0.98 - 0.2 * number))
        offset = {"xytext": (6, 0), "textcoords": "offset points"}
        text = axes.annotate(label, place, va="top", **offset)  # at the side of what is cut
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})
        told.append(f"{share:.3g} % are longer than {limit} tokens")
    axes.set_xlim(0, max(1.05 * lengths.max(), 1.35 * max(limits)))  # the last label needs room
    axes.set_xlabel("tokens in a text, [CLS] and [SEP] included")
    axes.set_ylabel("texts")
    summary = f"Of {len(lengths):,} texts, {', '.join(told)}. The longest has {lengths.max():,}."
    alt = f"Histogram of text lengths, median {np.median(lengths):.0f} tokens. {summary}"
    return Figure(figure, alt, summary)
