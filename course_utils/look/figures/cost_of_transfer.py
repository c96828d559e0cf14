"""Time and long texts: where transfer pays and where it does not, drawn."""

from course_utils.judge.curves import METHODS, best_rates, mean_curve
from course_utils.look.figures.base import GREY, RED, Figure, course_style, new_axes
from course_utils.look.figures.label_efficiency import (
    BLACK,
    PURPLE,
    STYLES,
    _name_above,
    _name_the_ends,
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
def plot_time_to_accuracy(record, bill: float = None) -> Figure:
    """Validation accuracy against processor time, one dot per epoch; lines join the means.

    Each method with its best learning rate.

    Args:
        record: `load_record("time_to_accuracy")`.
        bill: processor seconds of the pre-training; adds a point with the whole price.
    """
    figure, axes = new_axes(9.5, 5)
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
            _name_above(axes, end, name, colour)
        told.append(f"{name}: {heights.iloc[-1]:.1f} % after {seconds.iloc[-1]:.1f} s")
        last = max(last, seconds.max())
        if method == "pre-trained" and bill:
            _draw_bill(axes, seconds.iloc[-1], heights.iloc[-1], bill, colour)
            last = max(last, bill)
            told.append(f"with the pre-training: {bill / 86_400:.1f} days")
    axes.set_xscale("log")
    ticks = [tick for tick in CLOCK if tick <= 3 * last]
    axes.set_xticks(ticks, [CLOCK[tick] for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(0.6, 9 * last)
    axes.axhline(50, color=GREY, linewidth=1.2)
    axes.text(0.7, 50.4, "guessing", color="#666666", fontsize=11)
    best = 100 * record["validation_accuracy"].max() if told else 0
    axes.set_ylim(48, max(86, best + 5))
    axes.set_xlabel("time of one processor core (log scale)")
    axes.set_ylabel("accuracy on validation (%)")
    summary = f"Accuracy at the end: {'; '.join(told)}." if told else "Not measured."
    return Figure(figure, f"Accuracy against processor time, log scale. {summary}", summary, record)


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


@course_style
def plot_articles(record) -> Figure:
    """Whole news articles: every method reads the same first tokens of each.

    In grey, for comparison: TF-IDF on the whole text, which an encoder cannot read.

    Args:
        record: `load_record("articles")`.
    """
    limits = [64, 256]
    figure, panels = new_axes(12, 5.2, ncols=len(limits), sharey=True)
    sizes = sorted(set(record["labels"]) - {0}) + [0] * int((record["labels"] == 0).any())
    shown = [_article_curves(record, tokens) for tokens in limits]
    lowest = [100 * curve["low"].min() for curves in shown for _, curve, _ in curves]
    panels[0].set_ylim(max(0, min(lowest, default=0) - 3), 101)
    short, long = [], []
    for axes, tokens, curves in zip(panels, limits, shown, strict=True):
        told = _draw_articles(axes, curves, sizes)
        axes.set_title(f"the first {tokens} tokens of each article", fontweight="bold")
        for size in sizes if told else []:
            numbers = [f"{name} {means[size]:.1f} %" for name, means in told if size in means]
            sentence = f"{tokens} tokens, {size or 'all'} labels per class: {', '.join(numbers)}."
            (short if size in (4, 0) else long).append(sentence)
    panels[0].set_ylabel("accuracy (%)")
    summary = " ".join(short) or "Not measured."
    alt = f"Two charts of accuracy against labels per class. {summary} {' '.join(long)}"
    return Figure(figure, alt.strip(), summary, record)


def _article_curves(record, tokens: int) -> list:
    """(name, mean curve, style) of every method that read so many tokens, and of the whole text."""
    kinds = [(method, tokens, METHODS[method], style) for method, style in STYLES.items()]
    kinds.append(("tfidf", 0, "TF-IDF, whole text", ("#777777", ":", "^")))
    found = []
    for method, limit, name, style in kinds:
        curve = mean_curve(record[(record["method"] == method) & (record["tokens"] == limit)])
        if not curve.empty:
            found.append((name, curve, style))
    return found


def _draw_articles(axes, curves, sizes) -> list:
    """Curves over equally spaced sizes, all labels (0) at the right. Returns names and means."""
    ends, told = [], []
    for name, curve, (colour, line, marker) in curves:
        curve = curve.loc[[size for size in sizes if size in curve.index]]
        places = [sizes.index(size) for size in curve.index]
        low, high, means = (100 * curve[column] for column in ("low", "high", "mean"))
        axes.fill_between(places, low, high, color=colour, alpha=0.14, lw=0)
        axes.plot(places, means, line, color=colour, marker=marker, markersize=6)
        ends.append((places[-1], means.iloc[-1], name, colour))
        told.append((name, means))
    axes.set_xticks(range(len(sizes)), [str(size or "all") for size in sizes])
    axes.set_xlabel("labels per class")
    _name_the_ends(axes, ends)
    return told
