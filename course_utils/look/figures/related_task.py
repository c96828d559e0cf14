"""Knowledge from a related task, drawn."""

import numpy as np

from course_utils.judge.curves import labels_needed, mean_curve
from course_utils.judge.intervals import accuracy_interval
from course_utils.judge.related import starts
from course_utils.look.figures.base import BLUE, GREEN, GREY, Figure, course_style, new_axes
from course_utils.look.figures.label_efficiency import BLACK, draw_arrow

STARTS = {
    # name of a start (see `starts`): what the figure calls it, colour, line, marker
    "imdb": ("long reviews first", BLUE, "-", "o"),
    "imdb, gently": ("long reviews first, then gently", "#56B4E9", "-.", "D"),
    "topics": ("news topics first", GREEN, "--", "s"),
    "none": ("nothing first", BLACK, ":", "^"),
}


@course_style
def plot_related_task(record, fine_tuning=None) -> Figure:
    """Accuracy on one-sentence reviews against their labels, by what the model learned first.

    Lines join the means of the seeds, pale marks are single seeds. The arrow begins at what the
    related task gives without any label, and ends where nothing first reaches the same.

    Args:
        record: `load_record("related_task")`.
        fine_tuning: `load_record("fine_tuning")`, the runs of notebook 05 with the same recipe:
            more sizes of nothing first.
    """
    record = _with_runs_of_05(record, fine_tuning)
    figure, axes = new_axes(9.5, 5.2)
    sizes = sorted(set(record["labels"]) | {0})
    curves = {}
    for start, rows in starts(record).items():
        name, colour, line, marker = STARTS[start]
        heights = 100 * mean_curve(rows)["mean"]
        places = [sizes.index(size) for size in heights.index]
        single = [sizes.index(size) for size in rows["labels"]]
        axes.plot(single, 100 * rows["accuracy"], marker, color=colour, alpha=0.25, markersize=5)
        axes.plot(places, heights, line, color=colour, marker=marker, markersize=8, label=name)
        curves[start] = heights
    axes.set_xticks(range(len(sizes)), [f"{size:,}" for size in sizes])
    axes.set_xlabel("labels of one-sentence reviews")
    axes.set_ylabel("accuracy on test (%)")
    axes.axhline(50, color=GREY, linewidth=1.2)
    axes.text(-0.1, 49.6, "guessing", color="#666666", va="top", size=11)
    axes.set_ylim(46, 90)
    if curves:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 0.12))
    told = _without_labels(record) + _draw_worth(axes, curves, sizes) + _how_many(record)
    summary = " ".join(told) or "Not measured."
    more = [sentence for size in sizes[1:] if (sentence := _at(curves, size))]
    alt = " ".join(["Accuracy against labels of one-sentence reviews.", summary, *more])
    return Figure(figure, alt, summary, record)


def _with_runs_of_05(record, runs):
    """The record, and the runs with its recipe of another one, which has nothing learned first."""
    import pandas as pd

    if runs is None or record.empty or runs.empty:
        return record
    same = runs[~runs["texts"].isin(record["labels"])]  # `starts` takes the usual rate only
    same = same.rename(columns={"texts": "labels"}).assign(source="none")
    columns = ["source", "labels", "learning_rate", "seed", "accuracy", "test_texts"]
    joined = pd.concat([record[columns], same[columns]], ignore_index=True)
    joined.attrs = record.attrs
    return joined


def _without_labels(record) -> list:
    """What the related task gives without a label of ours, and with the fewest, with intervals."""
    rows = starts(record).get("imdb")
    if rows is None or rows["labels"].min() > 0:
        return []
    told = []
    for labels in sorted(set(rows["labels"]))[:2]:
        some = rows[rows["labels"] == labels]
        accuracy, texts = some["accuracy"].mean(), int(some["test_texts"].iloc[0])
        low, high = (100 * bound for bound in accuracy_interval(round(accuracy * texts), texts))
        told.append(
            f"{100 * accuracy:.1f} % with {labels} labels of ours ({low:.1f} to {high:.1f})"
        )
    return [f"Long reviews first: {', '.join(told)}; 95 % intervals, {texts:,} test reviews."]


def _how_many(record) -> list:
    """How many seeds stand behind a point of a line, in one sentence."""
    runs = [n for part in starts(record).values() for n in part.groupby("labels").size()]
    if not runs:
        return []
    number = f"{min(runs)}" if min(runs) == max(runs) else f"{min(runs)} to {max(runs)}"
    return [f"A point is the mean of {number} seed{'s' * (max(runs) > 1)}; pale: single seeds."]


def _draw_worth(axes, curves: dict, sizes: list) -> list:
    """The arrow from the related task without labels to nothing first, and what it says."""
    if not {"imdb", "none"} <= set(curves) or 0 not in curves["imdb"]:
        return []
    height, plain = curves["imdb"][0], curves["none"]
    sizes_of_plain, heights = list(plain.index), plain.to_numpy()
    needed = labels_needed(sizes_of_plain, heights, height)
    end = min(needed, plain.index[-1])
    measured = sizes[1:]  # places are even over the logarithm, as in labels_needed
    place = 1 + float(np.interp(np.log2(end), np.log2(measured), range(len(measured))))
    if end == needed:  # one digit, and what half a point less costs: a flat curve tells no more
        most, least = (
            f"{float(f'{labels:.1g}'):,.0f}"
            for labels in (end, labels_needed(sizes_of_plain, heights, height - 0.5))
        )
        worth = f"about {most}" if most == least else f"{least} to {most}"
        told = f"Nothing first needs about {most} labels for the same"
        told += "." if most == least else f", about {least} for half a point less."
    else:
        worth = f"more than {float(f'{end:.2g}'):,.0f}"
        told = f"Nothing first needs {worth} labels for the same."
    draw_arrow(axes, 0, place, height, "")
    axes.text(0.5, height - 0.4, f"as with {worth} labels", fontsize=11, va="top")
    return [told]


def _at(curves: dict, size: int) -> str:
    """What each start reaches with so many labels, in the mean of its seeds."""
    numbers = [
        f"{STARTS[start][0]} {heights[size]:.1f} %"
        for start, heights in curves.items()
        if size in heights
    ]
    return f"{size:,} labels: {', '.join(numbers)}." if numbers else ""
