"""The figures of notebook 02, and what its lesson says about the record of the strategies."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from figure_form import catch_axes, check_form
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.container import ErrorbarContainer

import course_utils
from course_utils.errors import DataError
from course_utils.judge.evaluation import Evaluation
from course_utils.judge.intervals import Difference
from course_utils.lessons.ranges import known_ranges
from course_utils.look.figures import mechanics

BLOCKS = ["embeddings", "layer 1", "layer 2", "pooler", "head"]
TRAINED = {
    "from scratch": 22_713_986,
    "frozen body": 770,
    "top two layers": 3_697_538,
    "all layers": 22_713_986,
}


@pytest.fixture
def drawn(monkeypatch):
    """The axes of each figure, caught before the figure is closed."""
    return catch_axes(monkeypatch, mechanics)


@pytest.fixture
def record():
    """Three seeds per strategy, and a search for the learning rate, which is not to be drawn."""
    rows = []
    for number, (strategy, trained) in enumerate(TRAINED.items()):
        for seed in range(3):
            row = {"part": "test", "strategy": strategy, "seed": seed, "trained": trained}
            row |= {"accuracy": 0.5 + 0.05 * number + 0.01 * seed}
            row |= {f"moved {block}": 0.01 * seed for block in BLOCKS}
            rows.append(row)
    rows.append(rows[0] | {"part": "validation", "accuracy": 0.99})
    return pd.DataFrame(rows)


def result(correct, total):
    data = course_utils.LabeledTexts([f"text {n}" for n in range(total)], [1] * total)
    positive = np.array([1.0] * correct + [0.0] * (total - correct))
    return Evaluation("yours", data, np.stack([1 - positive, positive], axis=1))


def words_of(axes):
    return [text.get_text().replace("\n", " ") for text in axes.texts]


# --- four pictures ---


@pytest.mark.parametrize(
    ("state", "parts"),
    [
        (1, ["body trained on A", "head trained on A"]),
        (2, ["body trained on A", "head trained on A"]),
        (3, ["body trained on A", "head left behind", "body copied", "head new, random"]),
        (4, ["body frozen", "head trained on B", "body trained on B", "head trained on B"]),
    ],
)
def test_each_part_carries_its_word(state, parts, drawn):
    figure = course_utils.plot_mechanics(state)
    check_form(figure)
    assert figure.alt.startswith(f"Diagram {state} of 4. ")
    _, axes = drawn[0]
    said = [words for words in words_of(axes) if words.startswith(("body ", "head "))]
    assert said == parts
    assert axes.get_title(loc="left").startswith(f"{state}  ")


def test_words_can_be_read_from_the_back_row(drawn):
    for state in (1, 2, 3, 4):
        course_utils.plot_mechanics(state)
    for _, axes in drawn:
        assert min(text.get_fontsize() for text in axes.texts if text.get_text()) >= 16


def test_no_word_lies_outside_the_picture_or_on_another(drawn):
    for state in (1, 2, 3, 4):
        course_utils.plot_mechanics(state)
    for figure, axes in drawn:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        shown = [text for text in axes.texts if text.get_text()]
        boxes = [text.get_window_extent(canvas.get_renderer()) for text in shown]
        for box in boxes:
            assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1
            assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1
        for number, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[number + 1 :])


def test_looks_differ_without_colour():
    """In grey, a part still shows by its line, its hatching or its shade; and it has its word."""
    looks = mechanics.LOOKS
    assert looks["trained on A"] == looks["copied"]  # a copy looks like what it was copied from
    seen = {
        (
            look.get("hatch"),
            look.get("linestyle", "-"),
            look["linewidth"],
            round(float(np.dot(to_rgb(look["facecolor"]), (0.3, 0.59, 0.11))), 1),
        )
        for name, look in looks.items()
        if name != "copied"
    }
    assert len(seen) == len(looks) - 1


@pytest.mark.parametrize("state", [0, 5, "1", 1.0, None, True])
def test_there_are_four_pictures(state):
    with pytest.raises(DataError) as caught:
        course_utils.plot_mechanics(state)
    assert str(caught.value) == (
        f"state={state!r}: expected 1, 2, 3 or 4, one of the four pictures."
    )


# --- four strategies ---


def test_strategies(record, drawn):
    live = {"frozen body": result(3, 4), "all layers": result(40, 50)}
    figure = course_utils.plot_strategies(record, live)
    check_form(figure)
    _, axes = drawn[0]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [np.round(line.get_xdata(), 6).tolist() for line in dots] == [
        [50, 51, 52],
        [55, 56, 57],
        [60, 61, 62],
        [65, 66, 67],
    ]
    assert [round(line.get_ydata().mean()) for line in dots] == [0, 1, 2, 3]
    bars = axes.containers
    assert [bar.lines[0].get_xdata()[0] for bar in bars] == [75, 80]
    ends = [bar.lines[2][0].get_segments()[0][:, 0] for bar in bars]
    bounds = [100 * np.array(course_utils.accuracy_interval(*pair)) for pair in ((3, 4), (40, 50))]
    assert np.allclose(ends, bounds)
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == [f"{name}\n{count:,} trained" for name, count in TRAINED.items()]
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert sorted(legend) == [
        "guessing",
        "recorded, 3 seeds",
        "their mean",
        "your run, 95 % interval",
    ]
    assert figure.summary == (
        "Accuracy by what is trained: from scratch 51.0 % (50.0 to 52.0); frozen body 56.0 % "
        "(55.0 to 57.0); your run of frozen body 75.0 %; top two layers 61.0 % (60.0 to 62.0); "
        "all layers 66.0 % (65.0 to 67.0); your run of all layers 80.0 %."
    )


def test_strategies_without_a_record(record, drawn):
    figure = course_utils.plot_strategies(record.iloc[:0], {"all layers": result(3, 4)})
    check_form(figure)
    assert figure.summary == "Accuracy by what is trained: your run of all layers 75.0 %."
    _, axes = drawn[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(TRAINED)


def test_strategies_of_another_checkpoint(monkeypatch, capsys):
    switches = course_utils.settings.Settings("bert-base-uncased", "default", "cpu")
    monkeypatch.setattr(course_utils.settings, "_settings", switches)
    figure = course_utils.plot_strategies(course_utils.load_record("strategies"))
    assert "was not measured with bert-base-uncased" in capsys.readouterr().out
    assert figure.summary == "Accuracy by what is trained: not measured."


def test_unknown_strategy(record):
    with pytest.raises(DataError) as caught:
        course_utils.plot_strategies(record, {"frozen": result(3, 4)})
    assert str(caught.value) == (
        "There is no strategy 'frozen': choose one of from scratch, frozen body, top two layers, "
        "all layers."
    )


# --- how far the blocks moved ---


@pytest.fixture
def moved():
    return pd.Series([0.001, 0.01, 0.011, 0.08, 0.03], BLOCKS)


def test_movement(moved, record, drawn):
    figure = course_utils.plot_movement(moved, record)
    check_form(figure)
    assert figure.summary == (
        "Distance moved: embeddings 0.10 %, layer 1 1.00 %, layer 2 1.10 %, pooler 8.00 %, "
        "head 3.00 %."
    )
    _, axes = drawn[0]
    assert np.allclose([bar.get_width() for bar in axes.patches], 100 * moved)
    assert [label.get_text() for label in axes.get_yticklabels()] == BLOCKS  # from the bottom
    assert np.allclose([line.get_xdata() for line in axes.lines], [[0, 1, 2]] * len(BLOCKS))
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert sorted(legend) == ["recorded, 3 seeds", "your run"]


@pytest.mark.parametrize("kind", ["none", "empty"])
def test_movement_without_a_record(moved, record, kind, drawn):
    figure = course_utils.plot_movement(moved, None if kind == "none" else record.iloc[:0])
    check_form(figure)
    _, axes = drawn[0]
    assert len(axes.lines) == 0


def test_movement_beside_what_is_lost(moved, record, drawn):
    lost = {
        "embeddings": Difference(0.0, -0.02, 0.02),
        ("layer 1", "layer 2"): Difference(0.1, 0.05, 0.15),
        "head": Difference(0.04, 0.02, 0.05),
    }
    figure = course_utils.plot_movement(moved, record, lost)
    check_form(figure)
    assert figure.summary.endswith(
        "Points lost if it goes back: embeddings +0.0, layer 1 to layer 2 +10.0, head +4.0."
    )
    _, (_, right) = drawn[0]
    assert np.allclose([bar.get_width() for bar in right.patches], [0, 10, 4])
    middles = [bar.get_y() + bar.get_height() / 2 for bar in right.patches]
    assert np.allclose(middles, [0, 1.5, 4])
    assert right.patches[1].get_height() > 1 > right.patches[2].get_height()
    bars = [found for found in right.containers if isinstance(found, ErrorbarContainer)]
    errors = [bar.lines[2][0].get_segments()[0] for bar in bars]
    assert np.allclose([ends[:, 0] for ends in errors], [[-2, 2], [5, 15], [2, 5]])


def test_lost_of_an_unknown_block(moved):
    with pytest.raises(DataError) as caught:
        course_utils.plot_movement(moved, None, {("layer 1", "layer 9"): Difference(0, 0, 0)})
    assert str(caught.value) == (
        "'layer 9' did not move: choose among embeddings, layer 1, layer 2, pooler, head."
    )


def test_names_are_public():
    for name in ("plot_mechanics", "plot_strategies", "plot_movement"):
        assert name in course_utils.__all__
        assert getattr(course_utils, name).__doc__


# --- what the lesson says in words must be in the record ---

LESSON = Path(__file__).resolve().parent.parent / "instructor" / "lessons" / "02_mechanics.py"


@pytest.fixture
def measured():
    return course_utils.load_record("strategies")


def test_the_lesson_trains_as_the_record_did(measured):
    search = measured[measured["part"] == "validation"]
    best = search.loc[search.groupby("strategy")["accuracy"].idxmax()].set_index("strategy")
    found = re.findall(r"fine_tune\((\w+), .*?learning_rate=([\d.e-]+)", LESSON.read_text("utf-8"))
    assert {name: float(rate) for name, rate in found} == {
        "frozen": best.loc["frozen body", "learning_rate"],
        "tuned": best.loc["all layers", "learning_rate"],
    }
    assert measured.attrs["texts"] == 600


def test_each_strategy_was_searched_with_three_rates_or_more_and_run_with_ten_seeds(measured):
    counts = measured.groupby(["part", "strategy"]).size()
    assert set(measured["strategy"]) == set(mechanics.STRATEGIES)
    assert counts["validation"].min() >= 3 and set(counts["test"]) == {10}


def test_the_best_rate_of_what_learns_lies_inside_the_tried_ones(measured):
    search = measured[(measured["part"] == "validation") & (measured["strategy"] != "from scratch")]
    for _, tried in search.groupby("strategy"):
        best = tried.loc[tried["accuracy"].idxmax(), "learning_rate"]
        assert tried["learning_rate"].min() < best < tried["learning_rate"].max()


def test_seeds_lie_far_apart(measured):
    spread = measured[measured["part"] == "test"].groupby("strategy")["accuracy"].agg(np.ptp)
    assert 0.095 < spread.max() < 0.115  # "up to ten points apart"
    assert 0.055 < spread["all layers"] < 0.07  # "six points apart on test"


def test_the_worst_run_moved_as_far_as_the_best(measured):
    runs = measured[(measured["part"] == "test") & (measured["strategy"] == "all layers")]
    runs = runs.sort_values("accuracy")
    for block in ("layer 1", "layer 6", "pooler"):
        assert runs[f"moved {block}"].iloc[0] == pytest.approx(
            runs[f"moved {block}"].iloc[-1], rel=0.25
        )


def test_recorded_movement_lies_in_the_expected_ranges(measured):
    runs = measured[(measured["part"] == "test") & (measured["strategy"] == "all layers")]
    expected = known_ranges("minilm")
    for name, ratio in (
        ("pooler moved, times the last layer", runs["moved pooler"] / runs["moved layer 6"]),
        ("embeddings moved, times layer 1", runs["moved embeddings"] / runs["moved layer 1"]),
    ):
        low, high = expected[name]
        assert ratio.between(low, high).all()
