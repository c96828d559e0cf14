"""Fewer labels: what the records say about accuracy and labels, drawn."""

from course_utils.errors import DataError
from course_utils.judge.curves import METHODS, mean_curve
from course_utils.look.figures.base import BLUE, GREEN, GREY, ORANGE, Figure, course_style, new_axes

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
        if told:
            long.append(f"{subject.capitalize()}: {_from_to(told)}")
    panels[0].set_ylabel("accuracy (%)")
    summary = " ".join(short)
    alt = " ".join(["Two charts of accuracy against labels per class.", summary, *long])
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
