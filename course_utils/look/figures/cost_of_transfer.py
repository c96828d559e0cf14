"""Time and long texts: where transfer pays and where it does not, drawn."""

import math

import numpy as np

from course_utils.judge.curves import (
    best_rates,
    labels_saved,
    mean_curve,
    pretraining_seconds,
)
from course_utils.judge.intervals import FEWEST, accuracy_interval
from course_utils.look.figures.base import GREY, RED, Figure, course_style, new_axes
from course_utils.look.figures.label_efficiency import (
    BLACK,
    PURPLE,
    STYLES,
    draw_arrow,
    name_above,
    name_the_ends,
)

TIMED = {
    # method in the record: name, colour, line, marker
    "TF-IDF": ("TF-IDF", BLACK, ":", "^"),
    "pre-trained": ("pre-trained, then fine-tuned", PURPLE, "-.", "D"),
    "from scratch": ("from scratch", RED, "--", "v"),
}

CLOCK = {
    1: "1 s",
    10: "10 s",
    60: "1 min",
    600: "10 min",
    3_600: "1 hour",
    86_400: "1 day",
    30 * 86_400: "30 days",
    365 * 86_400: "1 year",
}


@course_style
def plot_time_to_accuracy(record, accuracy: float = 0.70) -> Figure:
    """Validation accuracy against processor time, one mark per epoch; lines join the means.

    Each method has its best learning rate. The hollow mark is the pre-trained model again, where
    it lies if its pre-training is counted: see `pretraining_seconds`.

    Args:
        record: `load_record("time_to_accuracy")`.
        accuracy: a line at this height, to be read sideways; as a fraction.
    """
    figure, axes = new_axes(9.5, 5)
    bill = pretraining_seconds(record)
    record = best_rates(record)
    told, last = [], 1.0
    for method, (name, colour, line, marker) in TIMED.items():
        rows = record[record["method"] == method]
        if rows.empty:
            continue
        axes.plot(
            rows["seconds"], 100 * rows["validation_accuracy"], marker, color=colour, alpha=0.35
        )
        means = rows.groupby("epoch")[["seconds", "validation_accuracy"]].mean()
        seconds, heights = means["seconds"], 100 * means["validation_accuracy"]
        axes.plot(seconds, heights, line, color=colour, marker=marker, markersize=9)
        end = (seconds.iloc[-1], heights.iloc[-1])
        if method == "from scratch":  # its curve rises: the room is beside it
            axes.annotate(f"  {name}", end, color=colour, fontweight="bold", ha="left", va="center")
        else:
            name_above(axes, end, name, colour)
        told.append(f"{name}: {heights.iloc[-1]:.1f} % after {seconds.iloc[-1]:.1f} s")
        last = max(last, seconds.max())
        if method == "pre-trained" and math.isfinite(bill):
            _draw_bill(axes, seconds.iloc[-1], heights.iloc[-1], bill, colour)
            last = max(last, bill)
            told.append(f"with the pre-training: about {bill / 86_400:.0f} days")
    axes.set_xscale("log")
    ticks = [tick for tick in CLOCK if tick <= 3 * last]
    axes.set_xticks(ticks, [CLOCK[tick] for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(0.6, 9 * last)
    _line(axes, 50, "guessing")
    _line(axes, 100 * accuracy, f"{100 * accuracy:.0f} %")
    best = 100 * record["validation_accuracy"].max() if told else 0
    axes.set_ylim(47, max(86, best + 5))
    axes.set_xlabel("processor seconds, those of all cores added up (log scale)")
    axes.set_ylabel("accuracy on validation (%)")
    summary = "Not measured."
    if told:
        summary = f"Accuracy at the end: {'; '.join(told)}. Pale marks are single seeds."
    return Figure(figure, f"Accuracy against processor time, log scale. {summary}", summary, record)


def _line(axes, height: float, text: str) -> None:
    """A grey line across, with its name at the left."""
    axes.axhline(height, color=GREY, linewidth=1.2)
    axes.text(0.7, height + 0.4, text, color="#666666", fontsize=11)


def _draw_bill(axes, seconds, height, bill, colour) -> None:
    """The same accuracy again, where it lies if the pre-training is counted."""
    axes.plot([seconds, bill], [height, height], ":", color=colour, linewidth=1.5)
    axes.plot(bill, height, "D", color="white", markeredgecolor=colour, markersize=11, mew=2.2)
    axes.annotate(
        "with the pre-training,\nwhich others paid",
        (bill, height),
        xytext=(0, -14),
        textcoords="offset points",
        color=colour,
        fontweight="bold",
        ha="center",
        va="top",
    )


ARTICLES = {
    # (method, tokens that it reads; 0: all): name, style
    ("frozen", 256): ("frozen encoder, 256 tokens", STYLES["frozen"]),
    ("tfidf", 0): ("TF-IDF, whole text", STYLES["tfidf"]),
    ("tfidf", 256): ("TF-IDF, 256 tokens", (GREY, "--", "v")),
}


@course_style
def plot_articles(record, labels: int = 4) -> Figure:
    """Whole news articles, read sideways: the encoder reads 256 tokens, TF-IDF these or all.

    Args:
        record: `load_record("articles")`.
        labels: per class of the encoder, where the arrow to TF-IDF with the whole text begins.
    """
    figure, axes = new_axes(9.5, 5)
    sizes = sorted(set(record["labels"]) - {0}) + [0] * int((record["labels"] == 0).any())
    curves, ends = {}, []
    for (method, tokens), (name, (colour, line, marker)) in ARTICLES.items():
        curve = mean_curve(record[(record["method"] == method) & (record["tokens"] == tokens)])
        if curve.empty:
            continue
        curve = curve.loc[[size for size in sizes if size in curve.index]]  # all labels (0) last
        places = [sizes.index(size) for size in curve.index]
        low, high, means = (100 * curve[column] for column in ("low", "high", "mean"))
        axes.fill_between(places, low, high, color=colour, alpha=0.14, lw=0)
        axes.plot(places, means, line, color=colour, marker=marker, markersize=7)
        ends.append((places[-1], means.iloc[-1], name, colour))
        curves[name] = means
    axes.set_xticks(range(len(sizes)), [str(size or "all") for size in sizes])
    axes.set_xlabel("labels per topic")
    axes.set_ylabel("accuracy (%)")
    axes.set_ylim(15, 101)
    _line_of_guess(axes, len(sizes))
    name_the_ends(axes, ends)
    told = _draw_saving(axes, record, sizes, labels)
    shown = [size for size in (labels, 0) if any(size in means for means in curves.values())]
    texts = record.attrs.get("test_texts")
    told += [_at(curves, size, texts) for size in shown]
    summary = " ".join([*told, "A band holds 8 of 10 draws."]) if told else "Not measured."
    alt = f"Accuracy on whole articles against labels per topic. {summary}"
    return Figure(figure, alt, summary, record)


def _line_of_guess(axes, sizes: int) -> None:
    axes.axhline(20, color=GREY, linewidth=1.2)
    axes.text(max(sizes - 1, 0), 19, "guessing", color="#666666", ha="right", va="top", size=11)


def _draw_saving(axes, record, sizes: list, labels: int) -> list:
    """The arrow from the encoder to TF-IDF on the whole text; what it says, in one sentence."""
    read = [("frozen", 256), ("tfidf", 0)]
    drawn = record[record["labels"] > 0]  # 0 stands for all labels: one run, no draws
    kinds = zip(drawn["method"], drawn["tokens"], strict=True)
    drawn = drawn[np.array([kind in read for kind in kinds], dtype=bool)]
    draws = drawn[drawn["labels"] == labels].groupby("method").size()
    if len(draws) < len(read) or draws.min() < FEWEST:
        return []
    saved = labels_saved(drawn, "frozen", "tfidf", labels)
    told = f"{saved.times(saved.factor)} times"
    if math.isfinite(saved.needed):
        after = next(place for place, size in enumerate(sizes) if size >= saved.needed)
        step = math.log2(sizes[after] / sizes[after - 1])
        # the axis is even between two sizes
        end = after - math.log2(sizes[after] / saved.needed) / step
        draw_arrow(axes, sizes.index(labels), end, 100 * saved.accuracy, told, above=True)
    return [
        f"From {labels} labels per topic, TF-IDF with the whole text needs {told} as many (95 % "
        f"interval {saved.interval})."
    ]


def _at(curves: dict, size: int, texts: int = None) -> str:
    """What each method reaches with so many labels; with all of them (0) each ran once, so there
    the interval is that of so many test texts."""
    numbers = []
    for name, means in curves.items():
        if size in means:
            interval = ""
            if texts and not size:
                hits = round(means[size] / 100 * texts)
                low, high = (100 * bound for bound in accuracy_interval(hits, texts))
                interval = f" ({low:.1f} to {high:.1f})"
            numbers.append(f"{name} {means[size]:.1f} %{interval}")
    runs = "" if size else f", {texts} test articles, 95 % interval" if texts else ""
    return f"With {size or 'all'} labels per topic{runs}: {'; '.join(numbers)}."
