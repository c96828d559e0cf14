"""What a training will cost, drawn."""

from course_utils.look.figures.base import LINES, Figure, course_style, new_axes
from course_utils.look.figures.cost_of_transfer import CLOCK


@course_style
def plot_cost(costs) -> Figure:
    """Hours on each device, one line per checkpoint from the least to the most, log scale.

    The mark is the middle. It is hollow where a step needs more memory than the device has.

    Args:
        costs: from `training_cost`, or some of its rows.

    Returns:
        A figure; its `.png` holds the bytes: `Path("cost.png").write_bytes(figure.png)` keeps it.
    """
    checkpoints, devices = (list(dict.fromkeys(costs[key])) for key in ("checkpoint", "device"))
    figure, axes = new_axes(9.5, 1.5 + 0.28 * len(costs))
    for number, checkpoint in enumerate(checkpoints):
        colour, marker = LINES[number % len(LINES)]
        axes.plot([], [], marker, color=colour, markersize=9, label=checkpoint)  # for the legend
        below = 0.75 * ((number + 0.5) / len(checkpoints) - 0.5)
        for row in costs[costs["checkpoint"] == checkpoint].to_dict("records"):
            _draw(axes, row, devices.index(row["device"]) + below, colour, marker)
    _finish(axes, costs, devices)
    summary = (
        f"How long a training takes, estimated: {'; '.join(_ends(costs))}. A bar goes from the "
        "shortest time to the longest, the mark is the estimate; beside it, the memory of one step "
        "(less on a GPU, which computes with shorter numbers, bf16). Where a bar is short or "
        "missing, the model is too small for that GPU: most of the time it waits for the next "
        "computation to begin."
    )
    each = "; ".join(
        f"{row['checkpoint']}, {row['device']}: {_words(row)}" for row in costs.to_dict("records")
    )
    return Figure(figure, f"Time on each device, log scale. {summary} {each}.", summary)


def _draw(axes, row: dict, height: float, colour: str, marker: str) -> None:
    """One line from the least to the most, its mark, and the memory beside it."""
    least, middle, most = (3_600 * row[key] for key in ("hours_least", "hours", "hours_most"))
    axes.plot([least, most], [height, height], color=colour, linewidth=3, alpha=0.5)
    inside = "white" if row["fits"] is False else colour
    axes.plot(middle, height, marker, color=colour, mfc=inside, markersize=9, mew=2)
    axes.annotate(f"  {_notes(row)}", (most, height), va="center", fontsize=10, color="#404040")


def _ends(costs) -> list:
    """Where each checkpoint takes longest, and where shortest."""
    told = []
    for checkpoint, rows in costs.groupby("checkpoint", sort=False):
        ends = [rows.loc[rows["hours"].idxmax()], rows.loc[rows["hours"].idxmin()]]
        times = [f"{_time(3_600 * end['hours'])} ({end['device']})" for end in ends]
        told.append(f"{checkpoint} {' to '.join(dict.fromkeys(times))}")
    return told


def _words(row: dict) -> str:
    least, most = (_time(3_600 * row[key]) for key in ("hours_least", "hours_most"))
    return f"{least} to {most}, {_notes(row)}"


def _finish(axes, costs, devices: list) -> None:
    """Names, ticks and room for the words beside the lines."""
    shortest, longest = 3_600 * costs["hours_least"].min(), 3_600 * costs["hours_most"].max()
    ticks = [tick for tick in CLOCK if shortest / 9 <= tick <= longest * 9]
    axes.set_xscale("log")
    axes.set_xticks(ticks, [CLOCK[tick] for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(shortest / 2, longest * (longest / shortest) ** 0.4 * 2)
    axes.set_yticks(range(len(devices)), devices)
    axes.set_ylim(len(devices) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("time for the training (log scale), estimated")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(LINES))


def _notes(row: dict) -> str:
    """Memory and money, in a few words."""
    said = f"{row['gigabytes']:.2g} GB"
    if row["fits"] is False:
        said += ", too much for it"
    money = row.get("money")
    return said if money is None or money != money else f"{said}, costs {money:,.2f}"


def _time(seconds: float) -> str:
    """A time in the largest unit of which it has one or more, with two digits."""
    for name, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{float(f'{seconds / size:.2g}'):,g} {name}"
    return f"{seconds:.2g} s"
