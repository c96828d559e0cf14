"""What the figures draw, sign by sign, is what somebody has looked at.

`tests/drawings.txt` holds each figure as text: what a screen reader says of it, its size, and the
places, colours and words of all lines, marks, bars and letters. Whoever changes a figure looks at
it, and then draws the page anew: `python tests/test_drawings.py`.
"""

import difflib
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from real_model import classifier, tokenizer

import course_utils
from course_utils.look.attention import Attention
from course_utils.look.figures import base
from course_utils.model.cost import Speed
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


def batch(*texts):
    return course_utils.plot_batch(
        tokenizer(), tokenizer()(list(texts), padding=True, return_tensors="pt")
    )


def confusion_of(labels: int):
    """As many answers for each label, one in three of them wrong."""
    rng = np.random.default_rng(0)
    true = np.arange(30 * labels) % labels
    called = np.where(rng.random(len(true)) < 0.67, true, rng.integers(0, labels, len(true)))
    names = [f"topic {n}" for n in range(labels)]
    data = course_utils.LabeledTexts([f"text {n}" for n in range(len(true))], true.tolist(), names)
    return course_utils.plot_confusion(
        course_utils.Evaluation("model", data, np.eye(labels)[called])
    )


def cost():
    here = Speed("this computer", 1_000.0, 1e11, 8.0, 4)
    return course_utils.plot_cost(course_utils.training_cost(100_000, 64, epochs=3, here=here))


def separation():
    rng = np.random.default_rng(3)
    near, far = rng.normal(size=(2, 2, 5, 3, 8))
    senses = {"bank": {"river": near[0], "money": -near[0]}, "cold": {"ill": far[0], "ice": far[1]}}
    return course_utils.plot_separation(senses, layer=2)


def sentence_map():
    rng = np.random.default_rng(4)
    labels = np.arange(60) % 3
    before, after = rng.normal(size=(2, 60, 10))
    after[:, :3] += 5 * np.eye(3)[labels]
    return course_utils.plot_sentence_map(before, after, labels, ["one", "two", "three"])


def movement():
    record = course_utils.load_record("put_back")
    names = [name.removeprefix("moved ") for name in record if name.startswith("moved ")]
    return course_utils.plot_movement(pd.Series(np.linspace(0.001, 0.1, len(names)), names), record)


def blanks():
    words = {"word": ["see", "rent"], "probability": [0.25, 0.125]}
    tables = [pd.DataFrame(words), pd.DataFrame({**words, "word": ["give", "call"]})]
    for table, end in zip(tables, ("again.", "a 10."), strict=True):
        table.attrs["text"] = f"I would [MASK] it {end}"
    return course_utils.plot_blanks(*tables)


def probes():
    """Of each layer the first texts are right, so it is known which pairs agree."""
    tables = {}
    for model, shares in {"before": (0.6, 0.7, 0.8), "after": (0.6, 0.66, 0.62)}.items():
        accuracy = np.array(shares)
        ends = {"low": accuracy - 0.05, "high": accuracy + 0.04}
        rows = {"accuracy": accuracy, **ends, "control": 0.5, "chance": 0.5, "texts": 200}
        tables[model] = pd.DataFrame(rows, pd.RangeIndex(3, name="layer"))
        tables[model].attrs["correct"] = [[n < 200 * share for n in range(200)] for share in shares]
    return course_utils.plot_probes({"topic": tables, "sentiment": tables})


def words_in_colour():
    scores = np.array([0.1, 2.0, -1.0, 0.5, 0.0])
    words = ("a", "warm", "but", "long", "film")
    return course_utils.Attribution(words, scores, "positive", "negative", 0.9, "occlusion", None)


def attention(tokens: int):
    weights = np.random.default_rng(5).dirichlet(np.full(tokens, 0.3), size=(2, 3, tokens))
    return course_utils.plot_attention(Attention([f"word{n}" for n in range(tokens)], weights), 2)


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
    "long texts": lambda: course_utils.plot_token_lengths([5, 7, 60, 118], limits=(32, 64)),
    "batch": lambda: batch(*TEXTS),
    "batch of ten": lambda: batch(*(TEXTS[:2] * 5)),
    "large batch": lambda: batch(*([" ".join(TEXTS), TEXTS[0]] * 6)),
    "five labels": lambda: confusion_of(5),
    "six labels": lambda: confusion_of(6),
    "cost": cost,
    "separation": separation,
    "sentence map": sentence_map,
    "movement": movement,
    "blanks": blanks,
    "probes": probes,
    "words in colour": words_in_colour,
    "attention": lambda: attention(5),
    "attention of many": lambda: attention(20),
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
            shown = draw()
            if isinstance(shown, base.Figure):
                lines += [name, f"  alt {shown.alt}", *drawn(caught[-1])]
            else:
                lines += [name, *(f"  {tag}" for tag in shown._repr_html_().split("><"))]
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
