"""Fewer labels: what the records say about accuracy and labels, drawn."""

from matplotlib.legend_handler import HandlerTuple

from course_utils.errors import DataError
from course_utils.judge.curves import METHODS, labels_needed, mean_curve
from course_utils.look.figures.base import BLUE, GREEN, GREY, ORANGE, Figure, course_style, new_axes

BLACK, PURPLE = "#404040", "#AA3377"

STYLES = {
    # method: colour, line, marker; told apart by any one of the three
    "tfidf": (BLACK, ":", "^"),
    "words": (GREEN, "--", "s"),
    "frozen": (BLUE, "-", "o"),
}

SUBJECTS = {
    # name in the record: what is asked, accuracy of a guess, top of the axis
    "headlines": ("topic of a headline, 5 classes", 20, 100),
    "reviews": ("sentiment of a review, 2 classes", 50, 80),
}

READ_AT = (4, 8, 16)
"""Labels per class at which the figure is read sideways."""


@course_style
def plot_labels_saved(record, live: dict = None) -> Figure:
    """Accuracy against labels, read sideways: what takes TF-IDF how many times as many labels?

    Two subjects. A line is the mean of all draws, and 8 of 10 draws lie in its band. Each arrow
    begins at what the frozen encoder reaches with 4, 8 or 16 labels per class, and ends where
    TF-IDF reaches the same.

    Args:
        record: `load_record("label_efficiency")`.
        live: subject -> {labels per class: {method: accuracy}} of your own draws, in orange.

    Raises:
        DataError: if `live` has a subject or a method that is not drawn.
    """
    live = live or {}
    _check_names("subject", live, SUBJECTS)
    figure, panels = new_axes(12.5, 5.4, ncols=2)
    told, long = [], []
    for axes, (subject, (title, *_)) in zip(panels, SUBJECTS.items(), strict=True):
        curves = _draw_curves(axes, record, subject, live.get(subject, {}))
        axes.set_title(title, fontweight="bold")
        told += _draw_savings(axes, subject, curves)
        long += [f"{subject.capitalize()}, {_from_to(curves)}"] if curves else []
    panels[0].set_ylabel("accuracy (%)")
    summary = (
        f"How many times as many labels TF-IDF needs. {' '.join(told)} A band holds 8 of 10 draws."
        if told
        else "Not measured with this checkpoint."
    )
    alt = " ".join(["Two charts of accuracy against labels per class, log scale.", summary, *long])
    return Figure(figure, alt, summary, record)


def _draw_curves(axes, record, subject: str, live: dict) -> dict:
    """One subject's curves, bands and live marks. Returns method -> its curve."""
    _, guess, top = SUBJECTS[subject]
    rows = record[record["subject"] == subject]
    curves, ends, sizes = {}, [], {1, *live}
    for method, (colour, line, marker) in STYLES.items():
        curve = mean_curve(rows[rows["method"] == method])
        if curve.empty:
            continue
        low, high, mean = (100 * curve[column] for column in ("low", "high", "mean"))
        axes.fill_between(curve.index, low, high, color=colour, alpha=0.14, lw=0)
        axes.plot(curve.index, mean, line, color=colour, marker=marker, markersize=6)
        ends.append((curve.index[-1], mean.iloc[-1], METHODS[method], colour))
        curves[method] = curve
        sizes |= set(curve.index)
    axes.axhline(guess, color=GREY, linewidth=1.2)
    axes.text(max(sizes), guess - 0.8, "guessing", color="#666666", ha="right", va="top", size=11)
    axes.set_xscale("log", base=2)
    axes.set_xticks(sorted(sizes), [str(size) for size in sorted(sizes)])
    axes.minorticks_off()
    axes.tick_params(axis="x", labelsize=11)
    axes.set_ylim(guess - 0.1 * (top - guess), top)
    axes.set_xlabel("labels per class (each step about doubles them)")
    name_the_ends(axes, ends)
    _draw_live(axes, live)
    return curves


def _draw_live(axes, live: dict) -> None:
    """The reader's own draws: orange, with the marker of the method."""
    for labels, results in live.items():
        _check_names("method", results, STYLES)
        for method, accuracy in results.items():
            own = {"color": ORANGE, "markersize": 12, "markeredgecolor": "black", "zorder": 5}
            axes.plot(labels, 100 * accuracy, STYLES[method][2], **own)
    if live:
        own = {"color": ORANGE, "markersize": 10, "markeredgecolor": "black", "linestyle": ""}
        used = {STYLES[method][2] for results in live.values() for method in results}
        marks = tuple(axes.plot([], [], mark, **own)[0] for mark in sorted(used))
        side_by_side = {tuple: HandlerTuple(ndivide=None)}
        axes.legend(
            [marks], ["your draw"], loc="upper left", handlelength=4, handler_map=side_by_side
        )


def _draw_savings(axes, subject: str, curves: dict) -> list:
    """Arrows from the frozen encoder to TF-IDF; what they say, in one sentence at most."""
    if not {"tfidf", "frozen"} <= set(curves):
        return []
    frozen, tfidf = curves["frozen"]["mean"], curves["tfidf"]["mean"]
    told = []
    for labels in [size for size in READ_AT if size in frozen.index]:
        needed = labels_needed(list(tfidf.index), tfidf.to_numpy(), frozen[labels])
        end = min(needed, tfidf.index[-1])
        times = f"{end / labels:.1f}" if end == needed else f"more than {end / labels:.1f}"
        draw_arrow(axes, labels, end, 100 * frozen[labels], f"{times} times")
        told.append(f"{labels} labels: {times}")
    return [f"{subject.capitalize()}, from {'; '.join(told)}."]


def draw_arrow(axes, start: float, end: float, height: float, text: str, above=False) -> None:
    """An arrow at the height of one accuracy, from few labels to many.

    Args:
        axes: what it is drawn on.
        start, end, height: where the arrow is, in data.
        text: what stands below its end, or, with `above`, above its beginning.
        above: for a short arrow between two curves, where there is no room below.
    """
    arrow = {"arrowstyle": "->", "color": "black", "linewidth": 1.8, "shrinkA": 4}
    axes.annotate("", (end, height), xytext=(start, height), arrowprops=arrow, zorder=6)
    label = axes.annotate(
        text,
        (start if above else end, height),
        xytext=(-6, 6) if above else (-12, -3),
        textcoords="offset points",
        ha="right",
        va="bottom" if above else "top",
        fontsize=11,
        zorder=7,
    )
    label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.85})


def name_the_ends(axes, ends, gap: float = 0.06) -> None:
    """The name of each curve beside its end, right of the axes, none on top of another.

    A curve that ends before the others has its name above its end.

    Args:
        axes: with the limits that they keep.
        ends: (x, y, name, colour) of the last point of each curve.
        gap: between two names, as a share of the height.
    """
    low, high = axes.get_ylim()
    last = max((end[0] for end in ends), default=0)
    for x, y, name, colour in ends:
        if x < last:
            name_above(axes, (x, y), name, colour)
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


def name_above(axes, point, name, colour) -> None:
    """The name of a curve above one of its points."""
    axes.annotate(
        name,
        point,
        xytext=(0, 12),
        textcoords="offset points",
        color=colour,
        fontweight="bold",
        ha="center",
    )


def _from_to(curves: dict) -> str:
    """From where to where each curve goes."""
    return " ".join(
        f"{METHODS[method]}: {100 * curve['mean'].iloc[0]:.1f} % with {curve.index[0]}, "
        f"{100 * curve['mean'].iloc[-1]:.1f} % with {curve.index[-1]} labels per class."
        for method, curve in curves.items()
    )


def _check_names(what: str, names, known) -> None:
    unknown = set(names) - set(known)
    if unknown:
        raise DataError(f"{unknown.pop()!r} is no {what} here: choose from {', '.join(known)}.")
