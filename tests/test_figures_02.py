"""The figures of notebook 02, and what its lesson says about the record of the strategies."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from figure_form import catch_axes, check_form
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

import course_utils
from course_utils.errors import DataError
from course_utils.judge.evaluation import Evaluation
from course_utils.judge.intervals import mean_difference
from course_utils.lessons.ranges import known_ranges
from course_utils.look.figures import evaluation, mechanics, strategies

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
    return catch_axes(monkeypatch, mechanics, strategies, evaluation)


@pytest.fixture
def record():
    """Three seeds per strategy, and a search for the learning rate, which is not to be drawn."""
    rows = []
    for number, (strategy, trained) in enumerate(TRAINED.items()):
        for seed in range(3):
            row = {"part": "test", "strategy": strategy, "seed": seed, "trained": trained}
            row |= {"accuracy": 0.5 + 0.05 * number + 0.01 * (number + 1) * seed, "seconds": 5.0}
            row |= {f"moved {block}": 0.01 + 0.001 * seed**2 for block in BLOCKS}
            rows.append(row)
    rows.append(rows[0] | {"part": "validation", "accuracy": 0.99})
    return pd.DataFrame(rows)


@pytest.fixture
def put_back():
    """Three seeds: what each block moved, and the accuracy without what it learned."""
    rows = []
    for seed in range(3):
        row = {"seed": seed, "accuracy": 0.7 + 0.01 * seed}
        row |= {f"moved {block}": 0.01 * (seed + 1) for block in BLOCKS}
        row |= {f"back {block}": 0.69 + 0.02 * seed for block in BLOCKS}
        rows.append(row | {"back all layers": 0.5 + 0.02 * seed})
    return pd.DataFrame(rows)


def words_of(axes):
    return [text.get_text().replace("\n", " ") for text in axes.texts]


# --- four pictures ---


@pytest.mark.parametrize(
    ("state", "parts"),
    [
        (1, ["network trained on A"]),
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
    said = [words for words in words_of(axes) if words.startswith(("network ", "body ", "head "))]
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


def test_the_first_picture_is_not_the_second(drawn):
    """One piece for somebody who has not looked inside; then body and head, with a gap between."""
    for state in (1, 2):
        course_utils.plot_mechanics(state)
    (_, one), (_, two) = drawn
    outline = [
        len(patch.get_path().vertices) for patch in one.patches if patch.get_path().vertices.size
    ]
    assert len(one.patches) < len(two.patches) and max(outline) == 7  # one closed outline
    head, body = sorted((p.get_window_extent() for p in two.patches[:2]), key=lambda box: -box.y1)
    assert head.y0 > body.y1


def test_no_box_is_cut_out_of_a_body(drawn):
    """The words stand on the colour of their part, where no line and no hatching is drawn."""
    for state in (1, 2, 3, 4):
        course_utils.plot_mechanics(state)
    for figure, axes in drawn:
        FigureCanvasAgg(figure).draw()
        assert not [text for text in axes.texts if text.get_bbox_patch()]
        lines = [line.get_window_extent() for line in axes.lines if len(line.get_xdata()) == 2]
        hatched = [patch.get_window_extent() for patch in axes.patches if patch.get_hatch()]
        for text in axes.texts:
            box = text.get_window_extent()
            if text.get_text():
                assert not any(box.overlaps(other) for other in [*lines, *hatched])


# --- four strategies ---


def dots(axes):
    return [line for line in axes.lines if line.get_marker() == "o"]


def test_strategies(record, drawn):
    figure = course_utils.plot_strategies(record)
    check_form(figure)
    _, (left, right) = drawn[0]
    assert [np.round(line.get_xdata(), 6).tolist() for line in dots(left)] == [
        [50, 51, 52],
        [55, 57, 59],
        [60, 63, 66],
        [65, 69, 73],
    ]
    assert [round(line.get_ydata().mean()) for line in dots(left)] == [0, 1, 2, 3]
    labels = [label.get_text() for label in left.get_yticklabels()]
    assert labels == [f"{name}\n{count:,} weights, 5 s" for name, count in TRAINED.items()]
    assert words_of(left) == ["guessing"] and words_of(right) == ["no difference"]
    assert "test reviews" in left.get_xlabel()


def test_strategies_are_compared_seed_by_seed(record, drawn):
    figure = course_utils.plot_strategies(record)
    _, (_, right) = drawn[0]
    gains = [np.round(line.get_xdata(), 6).tolist() for line in dots(right)]
    assert gains == [[15, 18, 21], [10, 12, 14], [5, 6, 7]]
    expected = [mean_difference(np.array(gain) / 100) for gain in gains]
    ends = [bar.lines[2][0].get_segments()[0][:, 0] for bar in right.containers]
    assert np.allclose(ends, [[100 * gap.low, 100 * gap.high] for gap in expected])
    assert "top two layers 63.0, all layers 69.0. All layers gain" in figure.summary
    assert "top two layers +6.0 (+3.5 to +8.5)." in figure.summary


def test_strategies_without_a_record(record, drawn):
    figure = course_utils.plot_strategies(record.iloc[:0])
    check_form(figure)
    assert figure.summary.endswith("not measured.")
    _, (left, _) = drawn[0]
    assert [label.get_text() for label in left.get_yticklabels()] == list(TRAINED)


FIGURES = [
    (course_utils.plot_strategies, "strategies"),
    (course_utils.plot_far_or_good, "strategies"),
    (course_utils.plot_put_back, "put_back"),
]


@pytest.mark.parametrize(("plot", "name"), FIGURES)
def test_another_checkpoint_was_not_measured(plot, name, monkeypatch, capsys):
    switches = course_utils.settings.Settings("bert-base-uncased", "default", "cpu")
    monkeypatch.setattr(course_utils.settings, "_settings", switches)
    figure = plot(course_utils.load_record(name))
    assert "was not measured with bert-base-uncased" in capsys.readouterr().out
    assert figure.summary.lower().endswith("not measured.")


@pytest.mark.parametrize("guess", [None, 0.5])
def test_three_heads_stand_beside_a_guess(guess, drawn):
    data = course_utils.LabeledTexts(list("abcdefgh"), [0, 1] * 4)
    one = Evaluation("one", data, np.tile([0.4, 0.6], (8, 1)))
    check_form(course_utils.plot_accuracies([one], guess=guess))
    _, axes = drawn[0]
    lines = [line.get_xdata() for line in axes.lines if line.get_linestyle() == "--"]
    assert lines == ([[50, 50]] if guess else [])
    assert (" guessing" in words_of(axes)) == bool(guess)


# --- how far the blocks moved ---


@pytest.fixture
def moved():
    return pd.Series([0.001, 0.01, 0.011, 0.08, 0.03], BLOCKS)


def test_movement(moved, put_back, drawn):
    figure = course_utils.plot_movement(moved, put_back)
    check_form(figure)
    assert figure.summary == (
        "Distance moved: embeddings 0.10 %, layer 1 1.00 %, layer 2 1.10 %, pooler 8.00 %, "
        "head 3.00 %."
    )
    _, axes = drawn[0]
    assert np.allclose([bar.get_width() for bar in axes.patches], 100 * moved)
    assert [label.get_text() for label in axes.get_yticklabels()] == BLOCKS  # from the bottom
    assert np.allclose([line.get_xdata() for line in axes.lines], [[1, 2, 3]] * len(BLOCKS))
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert sorted(legend) == ["recorded, 3 seeds", "your run"]


def test_no_dot_of_the_record_lies_on_a_bar(moved, put_back, drawn):
    course_utils.plot_movement(moved, put_back)
    _, axes = drawn[0]
    for bar, line in zip(axes.patches, axes.lines, strict=True):
        assert (line.get_ydata() < bar.get_y()).all()


@pytest.mark.parametrize("kind", ["none", "empty"])
def test_movement_without_a_record(moved, put_back, kind, drawn):
    figure = course_utils.plot_movement(moved, None if kind == "none" else put_back.iloc[:0])
    check_form(figure)
    _, axes = drawn[0]
    assert len(axes.lines) == 0


def test_far_or_good(record, drawn):
    figure = course_utils.plot_far_or_good(record)
    check_form(figure)
    _, axes = drawn[0]
    (line,) = dots(axes)
    assert np.allclose(line.get_xdata(), [1.0, 1.1, 1.4]) and np.allclose(
        line.get_ydata(), [65, 69, 73]
    )
    assert words_of(axes) == ["0", "1", "2"]  # each dot names its seed
    assert "correlation r = 0.96" in figure.summary


def test_a_block_that_never_matters_has_no_interval(put_back, drawn):
    put_back["back head"] = put_back["accuracy"] - 0.01
    figure = course_utils.plot_put_back(put_back)
    check_form(figure)
    assert "head +1.0 in all 3 runs" in figure.summary
    _, (_, right) = drawn[0]
    assert len(right.containers) == len(BLOCKS)


def test_put_back(put_back, drawn):
    figure = course_utils.plot_put_back(put_back)
    check_form(figure)
    _, (left, right) = drawn[0]
    names = [label.get_text() for label in left.get_yticklabels()]
    assert names == [*BLOCKS, "all 2 layers\ntogether"]
    assert len(dots(left)) == len(BLOCKS) and len(dots(right)) == len(BLOCKS) + 1
    assert np.allclose(dots(right)[0].get_xdata(), [1, 0, -1])
    assert np.allclose(dots(right)[-1].get_xdata(), [20, 19, 18])
    assert [round(float(bar.lines[0].get_xdata()[0])) for bar in right.containers] == [0] * 5 + [19]
    assert (
        "mean of 3 seeds" in figure.summary
        and "all 2 layers +19.0 (+16.5 to +21.5) together." in figure.summary
    )


def test_names_are_public():
    for name in (
        *("plot_mechanics", "plot_strategies", "plot_movement"),
        *("plot_far_or_good", "plot_put_back"),
    ):
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
    assert set(measured["strategy"]) == set(strategies.STRATEGIES)
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


def test_recorded_movement_lies_in_the_expected_ranges(measured):
    runs = measured[(measured["part"] == "test") & (measured["strategy"] == "all layers")]
    expected = known_ranges("minilm")
    for name, ratio in (
        ("pooler moved, times the last layer", runs["moved pooler"] / runs["moved layer 6"]),
        ("embeddings moved, times layer 1", runs["moved embeddings"] / runs["moved layer 1"]),
    ):
        low, high = expected[name]
        assert ratio.between(low, high).all()
