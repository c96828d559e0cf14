"""Figures of notebook 01: how many labels, how much time, and where transfer does not pay."""

from course_utils.curves import METHODS, best_rates, mean_curve
from course_utils.errors import DataError
from course_utils.plotting.base import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    Figure,
    course_style,
    new_axes,
)

BLACK, PURPLE = "#404040", "#AA3377"
STYLES = {
    # method: colour, line, marker; told apart by any one of the three
    "tfidf": (BLACK, ":", "^"),
    "words": (GREEN, "--", "s"),
    "frozen": (BLUE, "-", "o"),
    "fine-tuned": (PURPLE, "-.", "D"),
}
SUBJECTS = {
    # name in the record: what is asked, accuracy of a guess
    "headlines": ("topic of a headline, 5 classes", 20),
    "reviews": ("sentiment of a review, 2 classes", 50),
}


@course_style
def plot_label_efficiency(
    record, subject: str = "headlines", live: dict = None, saved=None
) -> Figure:
    """Accuracy against the number of labels: one curve per method, with the band of its draws.

    Args:
        record: `load_record("label_efficiency")`.
        subject: "headlines" or "reviews".
        live: labels per class -> {method: accuracy} of your own draws; drawn in orange.
        saved: from `labels_saved`; drawn as an arrow from the one curve to the other.
    """
    figure, axes = new_axes(8.6, 5.2)
    told = _draw_curves(axes, record, subject, live or {})
    if saved is not None:
        _draw_saving(axes, saved)
    axes.set_ylabel("accuracy (%)")
    size = saved.labels if saved else next(iter(live or {}), 4)
    summary = _at(told, size) or "Only your own draw: not measured with this checkpoint."
    alt = f"Accuracy against labels per class, log scale. {summary} {_from_to(told)}"
    return Figure(figure, alt.strip(), summary, record)


@course_style
def plot_two_subjects(record, live: dict = None) -> Figure:
    """The curves of two subjects side by side: the same encoder, the same methods.

    Args:
        record: `load_record("label_efficiency")`.
        live: subject -> {labels: {method: accuracy}} of your own draws.
    """
    figure, panels = new_axes(12, 5.2, ncols=2)
    short, long = [], []
    for axes, (subject, (title, _)) in zip(panels, SUBJECTS.items(), strict=True):
        told = _draw_curves(axes, record, subject, (live or {}).get(subject, {}))
        axes.set_title(title, fontweight="bold")
        short.append(f"{subject.capitalize()}: {_at(told, 64) or 'not measured.'}")
        long.append(f"{subject.capitalize()}: {_from_to(told)}")
    panels[0].set_ylabel("accuracy (%)")
    summary = " ".join(short)
    alt = f"Two charts of accuracy against labels per class. {summary} {' '.join(long)}"
    return Figure(figure, alt, summary, record)


def _draw_curves(axes, record, subject: str, live: dict) -> list:
    """One subject's curves, bands and live dots. Returns (method, its curve) for the alt text."""
    if subject not in SUBJECTS:
        raise DataError(f"subject={subject!r}: choose one of {', '.join(SUBJECTS)}.")
    unknown = {method for results in live.values() for method in results} - set(STYLES)
    if unknown:
        raise DataError(f"{unknown.pop()!r} is no method here: choose from {', '.join(STYLES)}.")
    _, guess = SUBJECTS[subject]
    rows = record[record["subject"] == subject]
    told, ends, sizes = [], [], {1, *live}
    for method, (colour, line, marker) in STYLES.items():
        curve = mean_curve(rows[rows["method"] == method])
        if curve.empty:
            continue
        axes.fill_between(
            curve.index, 100 * curve["low"], 100 * curve["high"], color=colour, alpha=0.14, lw=0
        )
        axes.plot(curve.index, 100 * curve["mean"], line, color=colour, marker=marker, markersize=6)
        ends.append((curve.index[-1], 100 * curve["mean"].iloc[-1], METHODS[method], colour))
        told.append((method, curve))
        sizes |= set(curve.index)
    for labels, results in live.items():
        for method, accuracy in results.items():
            axes.plot(
                labels,
                100 * accuracy,
                STYLES[method][2],
                color=ORANGE,
                markersize=12,
                markeredgecolor="black",
                zorder=5,
            )
    axes.axhline(guess, color=GREY, linewidth=1.2)
    axes.text(max(sizes), guess + 0.8, "guessing", color="#666666", fontsize=11, ha="right")
    axes.set_xscale("log", base=2)
    axes.set_xticks(sorted(sizes), [str(size) for size in sorted(sizes)])
    axes.minorticks_off()
    axes.tick_params(axis="x", labelsize=11)
    # Guessing at the same height for every subject, and all right at the top.
    axes.set_ylim(guess - 0.08 * (100 - guess), 100)
    axes.set_xlabel("labels per class")
    _name_the_ends(axes, ends)
    if live:
        axes.plot([], [], "o", color=ORANGE, markersize=11, markeredgecolor="black", label="yours")
        axes.legend(loc="upper left")
    return told


def _name_the_ends(axes, ends, gap: float = 0.06) -> None:
    """The name of each curve beside its end, right of the axes, none on top of another.

    A curve that ends before the others has its name above its end.
    """
    low, high = axes.get_ylim()
    last = max((end[0] for end in ends), default=0)
    for x, y, name, colour in ends:
        if x < last:
            _name_above(axes, (x, y), name, colour)
    ends = sorted((end for end in ends if end[0] == last), key=lambda end: end[1])
    heights = [(y - low) / (high - low) for _, y, _, _ in ends]
    for row in range(1, len(ends)):  # from below: push up what is too close
        heights[row] = max(heights[row], heights[row - 1] + gap)
    highest = 0.98
    for row in reversed(range(len(ends))):  # from above: push down what went over the top
        heights[row] = highest = min(heights[row], highest)
        highest -= gap
    for (x, y, name, colour), height in zip(ends, heights, strict=True):
        line = {"arrowstyle": "-", "color": colour, "linewidth": 0.8, "alpha": 0.6}
        axes.annotate(
            name,
            (x, y),
            xytext=(1.03, height),
            textcoords="axes fraction",
            color=colour,
            fontweight="bold",
            va="center",
            annotation_clip=False,
            arrowprops=line | {"relpos": (0, 0.5)},
        )


def _name_above(axes, point, name, colour) -> None:
    axes.annotate(
        name,
        point,
        xytext=(0, 12),
        textcoords="offset points",
        color=colour,
        fontweight="bold",
        ha="center",
    )


def _draw_saving(axes, saved) -> None:
    """An arrow at the height of one accuracy, from few labels to many; lines down to the axis."""
    height = 100 * saved.accuracy
    end = min(saved.needed, saved.most)
    axes.vlines([saved.labels, end], 0, height, color="black", linestyle=":", linewidth=1.2)
    axes.annotate(
        "",
        (end, height),
        xytext=(saved.labels, height),
        arrowprops={"arrowstyle": "->", "color": "black", "linewidth": 2, "shrinkA": 4},
        zorder=6,
    )
    label = axes.annotate(
        f"{saved.times(saved.factor)} times",
        (saved.labels * (end / saved.labels) ** 0.84, height),
        xytext=(0, -7),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=12,
        zorder=7,
    )
    label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85})


def _at(told, size: int) -> str:
    """The mean of each curve at one number of labels (or at its nearest), and how many draws."""
    if not told:
        return ""
    most = max(curve["draws"].max() for _, curve in told)
    parts = []
    for method, curve in told:
        nearest = min(curve.index, key=lambda measured: abs(measured - size))
        row = curve.loc[nearest]
        where = "" if nearest == size else f" with {nearest}"
        few = "" if row["draws"] == most else f" ({row['draws']:.0f} draws)"
        parts.append(f"{METHODS[method]} {100 * row['mean']:.1f} %{where}{few}")
    return (
        f"Mean of {most} draws with {size} labels per class: {', '.join(parts)}. "
        "A band holds 8 of 10 draws."
    )


def _from_to(told) -> str:
    """From where to where each curve goes."""
    return " ".join(
        f"{METHODS[method]}: {100 * curve['mean'].iloc[0]:.1f} % with {curve.index[0]}, "
        f"{100 * curve['mean'].iloc[-1]:.1f} % with {curve.index[-1]} labels per class."
        for method, curve in told
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
