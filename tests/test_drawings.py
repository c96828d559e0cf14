"""What the figures draw, sign by sign, is what somebody has looked at.

`tests/drawings.txt` holds each figure as text: its size, and the places, colours and words of all
lines, marks, bars and letters. Whoever changes a figure looks at it, and then draws the page anew:
`python tests/test_drawings.py`.
"""

import difflib
import sys
from pathlib import Path

import numpy as np
import pytest
from real_model import classifier, tokenizer

import course_utils
from course_utils.look.figures import base
from course_utils.model.history import History

APPROVED = Path(__file__).with_suffix("").with_name("drawings.txt")
LENGTHS = [*np.random.default_rng(0).integers(4, 63, size=200).tolist(), 70]
TEXTS = ["I love this!", "This is terrible.", "Amazing experience!", "Not my cup of tea."]


def judged(name: str, seed: int):
    rng = np.random.default_rng(seed)
    sure = rng.uniform(0.5, 1, size=300)
    right = rng.random(300) < sure - 0.05
    labels = rng.integers(0, 2, size=300)
    called = np.where(right, labels, 1 - labels)
    probabilities = np.where(called[:, None] == [[0, 1]], sure[:, None], 1 - sure[:, None])
    texts = [f"text {n}" for n in range(300)]
    data = course_utils.LabeledTexts(texts, labels.tolist(), ("negative", "positive"), "reviews")
    return course_utils.Evaluation(name, data, probabilities)


def record(name):
    return course_utils.load_record(name)


def own_draw():
    results = {"tfidf": 0.38, "words": 0.63, "frozen": 0.76}
    return course_utils.plot_labels_saved(record("label_efficiency"), {"headlines": {8: results}})


def batch():
    return course_utils.plot_batch(
        tokenizer(), tokenizer()(TEXTS, padding=True, return_tensors="pt")
    )


def agreements():
    found = {f"draw {n}": list(np.random.default_rng(n).uniform(0, 1, size=10)) for n in range(3)}
    return course_utils.plot_agreements(found)


FIGURES = {
    "labels saved": own_draw,
    "time to accuracy": lambda: course_utils.plot_time_to_accuracy(record("time_to_accuracy")),
    "articles": lambda: course_utils.plot_articles(record("articles")),
    "related task": lambda: course_utils.plot_related_task(
        record("related_task"), record("fine_tuning")
    ),
    "slide recipe": lambda: course_utils.plot_slide_recipe(record("slide_recipe"), {0: 0.49}),
    "epochs": lambda: course_utils.plot_epochs(record("epochs")),
    "fair race": lambda: course_utils.plot_fair_race(record("fair_race")),
    "learning rates": lambda: course_utils.plot_learning_rates(record("fine_tuning"), {1e-4: 0.79}),
    "seeds": lambda: course_utils.plot_seeds(record("fine_tuning"), {0: 0.79}),
    "strategies": lambda: course_utils.plot_strategies(record("strategies")),
    "far or good": lambda: course_utils.plot_far_or_good(record("strategies")),
    "put back": lambda: course_utils.plot_put_back(record("put_back")),
    "two parts": lambda: course_utils.plot_two_parts(record("fine_tuning"), (0.79, 0.77)),
    "two chances": lambda: course_utils.plot_two_chances(judged("BERT", 0), record("fine_tuning")),
    "language": lambda: course_utils.plot_language_learning(record("masked_lm")),
    "accuracies": lambda: course_utils.plot_accuracies([judged("a", 0), judged("b", 1)]),
    "calibration": lambda: course_utils.plot_calibration([judged("a", 0), judged("b", 1)]),
    "confusion": lambda: course_utils.plot_confusion(judged("a", 0)),
    "padding": lambda: course_utils.plot_padding(
        LENGTHS, {"given order": range(32), "others": range(32, 64)}
    ),
    "token lengths": lambda: course_utils.plot_token_lengths(LENGTHS, limits=(32, 64)),
    "batch": batch,
    "agreements": agreements,
    "history": lambda: course_utils.plot_history(
        History(
            losses=list(np.linspace(0.7, 0.4, 63)),
            learning_rate=1e-4,
            seed=0,
            texts=2_000,
            epochs=1,
        )
    ),
    "layers": lambda: course_utils.plot_layers(classifier().base_model),
    "weighted mean": lambda: course_utils.plot_weighted_mean(
        ["the", "river", "bank"],
        np.array([0.2, 0.3, 0.5]),
        np.random.default_rng(1).normal(size=(3, 32)),
    ),
    "by layer": lambda: course_utils.plot_by_layer(
        {"one": np.random.default_rng(2).uniform(size=(18, 7)), "two": np.linspace(0, 1, 7)},
        "share",
        chance=0.5,
    ),
    **{f"mechanics {n}": lambda n=n: course_utils.plot_mechanics(n) for n in (1, 2, 3, 4)},
}


def number(value) -> str:
    return f"{round(float(value), 6) + 0.0:.3g}" if np.isfinite(value) else str(value)


def numbers(values) -> str:
    """All numbers of a small array; of a large one the first, and what they add up to."""
    flat = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).ravel()
    shown = " ".join(map(number, flat[:60]))
    return shown if len(flat) <= 60 else f"{shown} ... {len(flat)}, sum {np.nansum(flat):.3g}"


def what(artist) -> str:
    """One line about something that is drawn: its kind, place, form and colour."""
    from matplotlib.collections import Collection
    from matplotlib.colors import to_hex
    from matplotlib.image import AxesImage
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.text import Text

    kind = type(artist).__name__
    if isinstance(artist, Text):
        place = "" if kind == "Title" else numbers(artist.get_position())
        about = (place, to_hex(artist.get_color()), f"{artist.get_fontsize():.3g}")
        arrow = getattr(artist, "xyann", ())
        return f"{kind} {artist.get_text()!r} {' '.join(about)} {numbers(arrow)}".rstrip()
    if isinstance(artist, Line2D):
        look = (artist.get_linestyle(), artist.get_marker(), number(artist.get_linewidth()))
        colour = to_hex(artist.get_color())
        return f"{kind} {numbers(artist.get_xydata())} {colour} {' '.join(map(str, look))}"
    if isinstance(artist, Patch):
        path = artist.get_patch_transform().transform_path(artist.get_path())
        return f"{kind} {numbers(path.vertices)} {to_hex(artist.get_facecolor(), True)}"
    if isinstance(artist, AxesImage):
        return f"{kind} {numbers(artist.get_array())} {numbers(artist.get_clim())}"
    if isinstance(artist, Collection):
        paths = [path.vertices for path in artist.get_paths()]
        places = np.concatenate([*paths, artist.get_offsets()]) if paths else artist.get_offsets()
        colours = " ".join(to_hex(one, True) for one in artist.get_facecolor()[:3])
        return f"{kind} {numbers(places)} {colours}"
    return kind


def drawn(figure) -> list:
    """A figure of matplotlib as lines of text."""
    from matplotlib.axis import Axis
    from matplotlib.spines import Spine

    lines = [f"  size {numbers(figure.get_size_inches())}"]
    for axes in figure.axes:
        ratios = axes.get_gridspec()
        shares = numbers(ratios.get_width_ratios() or [1]) if ratios else ""
        lines.append(f"  axes {numbers([*axes.get_xlim(), *axes.get_ylim()])} widths {shares}")
        for axis in (axes.xaxis, axes.yaxis):
            ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
            told = " ".join(f"{number(place)}={label.get_text()!r}" for place, label in ticks)
            grid = any(line.get_visible() for line in axis.get_gridlines())
            lines.append(
                f"    {axis.axis_name}: {axis.get_label().get_text()!r} {told} grid {grid}"
            )
        for artist in axes.get_children():
            if not isinstance(artist, (Axis, Spine)) and artist is not axes.patch:
                lines.append(f"    {what(artist)}")
    return lines


def page() -> list:
    """All figures as lines of text."""
    caught, form = [], base._small_png
    base._small_png = lambda figure: caught.append(figure) or form(figure)
    try:
        lines = []
        for name, draw in FIGURES.items():
            draw()
            lines += [name, *drawn(caught[-1])]
    finally:
        base._small_png = form
    return lines


@pytest.fixture(scope="module")
def new():
    return page()


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_the_one_that_was_looked_at(name, new):
    old = APPROVED.read_text(encoding="utf-8").splitlines()
    changes = list(difflib.unified_diff(part(old, name), part(new, name), "seen", "now", n=0))
    changed = "\n".join(line[:300] for line in changes)
    assert not changes, f"look at it, then: python tests/test_drawings.py\n{changed}"


def part(lines: list, name: str) -> list:
    """The lines of one figure."""
    begin = lines.index(name)
    end = next((n for n in range(begin + 1, len(lines)) if lines[n][:1] != " "), len(lines))
    return lines[begin:end]


if __name__ == "__main__":
    APPROVED.write_text("\n".join(page()) + "\n", encoding="utf-8")
    sys.exit(f"{APPROVED.name} holds {len(FIGURES)} figures. Have you looked at them?")
