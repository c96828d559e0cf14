"""Views of results: a threshold, the seeds of a class."""

import asyncio
import re

import numpy as np

from course_utils.data.display import shown_names
from course_utils.data.texts import as_label
from course_utils.errors import DataError
from course_utils.judge.class_folder import hand_in, handed_in
from course_utils.look.views.base import bars, follow, sentence, table
from course_utils.settings import class_folder


def threshold_slider(result, label: int = 1, threshold: float = 0.5):
    """From which probability on is a text called positive? The confusion matrix follows.

    Args:
        result: an `Evaluation` of a model with two labels.
        label: the one that a text gets at the threshold or above.
        threshold: what is chosen at first, from 0.05 to 0.95.

    Returns:
        The view; leave it as the last line of a cell.

    Raises:
        DataError: if there are more labels than two.
    """
    import ipywidgets

    names, label = shown_names(result.data.label_names), as_label(label)
    if len(names) != 2 or label not in (0, 1):
        raise DataError(f"A threshold needs two labels, and one of them; found {len(names)}.")
    slider = ipywidgets.FloatSlider(
        value=threshold,
        min=0.05,
        max=0.95,
        step=0.05,
        description="threshold:",
        tooltip=f"Probability of {names[label]} from which on a text is called so",
    )

    def draw(threshold):
        counts = at_threshold(result, label, threshold)  # (2, 2)
        head = ["true label", *(f"called {name}" for name in names)]
        of_row = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        rows = [
            [name, *(f"{n:.1f} %" for n in row)] for name, row in zip(names, of_row, strict=True)
        ]
        called, true = counts[:, label].sum(), counts[label].sum()
        shares = [counts[label, label] / max(called, 1), counts[label, label] / max(true, 1)]
        told = [f"{100 * shares[0]:.1f} %" if called else "none called", f"{100 * shares[1]:.1f} %"]
        meaning = (
            f"Precision: of the texts called {names[label]}, how many are. Recall: of those that "
            "are, how many are called so."
        )
        return table(head, rows) + bars(shares, ["precision", "recall"], told) + sentence(meaning)

    stored = "".join(sentence(f"threshold {t:.2f}") + draw(t) for t in (slider.value, 0.8))
    return follow([slider], draw, stored, f"From which probability on is a text {names[label]}?")


def at_threshold(result, label: int, threshold: float) -> np.ndarray:
    """Counts of shape (2, 2), from the true label of the row to the answer of the column."""
    called = np.where(result.probabilities[:, label] >= threshold, label, 1 - label)
    counts = np.zeros((2, 2), dtype=int)
    np.add.at(counts, (np.asarray(result.data.labels), called), 1)
    return counts


def class_results(record, live: dict = None):
    """Paste what a whole class found, one line each: seat number and accuracy.

    With a folder for the class (COURSE_CLASS_FOLDER), `live` is handed in there, without a name.
    Who may list that folder, the instructor, sees in the box what everybody has handed in, and
    each new seat as it comes.

    Args:
        record: `load_record("fine_tuning")`.
        live: seat -> accuracy, for instance your own; it stands in the box at first.

    Returns:
        The view; leave it as the last line of a cell.
    """
    import ipywidgets

    from course_utils.look.figures.training import plot_seeds

    folder = class_folder()
    told = _hand_in_all(folder, live or {}) if folder else ""
    box = ipywidgets.Textarea(
        value="\n".join(_line(seat, value) for seat, value in (live or {}).items()),
        description="seat, accuracy:",
        placeholder="11 0.779\n12 0.764",
        tooltip="One line for each person: the seat number, then the accuracy",
        layout=ipywidgets.Layout(width="24em", height="8em"),
        style={"description_width": "initial"},
    )

    def draw(text):
        try:
            found = read_results(text)
        except DataError as problem:
            return sentence(str(problem))
        shown = plot_seeds(record, live=found)._repr_html_()
        return shown + sentence(_spread(found) + told)

    if folder:
        _fill_from(folder, box)
    return follow([box], draw, draw(box.value), "Paste the results of the class")


def _line(seat: int, accuracy: float) -> str:
    """A line of the box."""
    return f"{seat} {round(accuracy, 4):g}"


def _hand_in_all(folder, live: dict) -> str:
    """Hand in each seat, and say what became of it."""
    told = ""
    for seat, accuracy in live.items():
        try:
            hand_in(folder, seat, accuracy)
            told += f" Handed in to the class, without your name: {_line(seat, accuracy)}."
        except DataError as problem:
            told += f" {problem}"
    return told


def _fill_from(folder, box) -> None:
    """Put into a box what a class hands in, now and every two seconds, if we may list its folder.

    A line that somebody has typed there stays.
    """
    lines = {}  # seat -> the line that stands for it in the box

    def look() -> None:
        found, _ = handed_in(folder)
        text = box.value
        for seat, accuracy in found.items():
            line = _line(seat, accuracy)
            if lines.get(seat) in text.splitlines():
                text = "\n".join(line if one == lines[seat] else one for one in text.splitlines())
            elif not re.search(rf"^\s*{seat}\b", text, re.M):
                text = f"{text.rstrip()}\n{line}".lstrip()
            lines[seat] = line
        box.value = text

    async def look_on() -> None:
        while box.comm is not None:  # until the widget is closed
            await asyncio.sleep(2)
            look()

    try:
        look()
        loop = asyncio.get_running_loop()  # a kernel has one
    except (OSError, RuntimeError):
        return
    _WATCHES.add(loop.create_task(look_on()))


_WATCHES = set()  # asyncio itself holds a task weakly


def read_results(text: str) -> dict:
    """Seat -> accuracy (a fraction), from lines such as "11 0.779", "12: 76.4 %" or "13, 0,764".

    Raises:
        DataError: if a line is something else; it is named.
    """
    found = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = re.fullmatch(r"\s*(\d{1,6})[\s,;:]+(\d{1,3}(?:[.,]\d+)?)\s*(%?)\s*", line)
        value = float(match.group(2).replace(",", ".")) if match else None
        if value is not None and (value > 1 or match.group(3)):
            value /= 100
        if value is None or value > 1:
            raise DataError(
                f"Line {number}, '{line.strip()[:40]}': expected a seat number and an accuracy, "
                "such as 11 0.779."
            )
        seat = int(match.group(1))
        if seat in found:
            raise DataError(
                f"Line {number}: seat {seat} stands there twice. Each person needs a seat of "
                "their own, or one would be lost."
            )
        found[seat] = value
    return found


def _spread(found: dict) -> str:
    values = 100 * np.array(list(found.values()))
    if len(values) < 2:
        return "Two seats or more show a spread."
    return (
        f"{len(values)} seats: from {values.min():.1f} to {values.max():.1f} %, mean "
        f"{values.mean():.1f} %, standard deviation {values.std(ddof=1):.1f} points."
    )
