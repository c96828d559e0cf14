"""The figures of notebook 06: what they show, and what they say about it."""

import re

import numpy as np
import pandas as pd
import pytest
from figure_form import catch_axes, check_form

import course_utils
from course_utils.judge.evaluation import Evaluation
from course_utils.look.figures import chance, confusion, evaluation


def make(name, labels, positive, label_names=("negative", "positive")):
    texts = [f"text {number}" for number in range(len(labels))]
    data = course_utils.LabeledTexts(texts, labels, label_names)
    positive = np.array(positive, dtype=float)
    return Evaluation(name, data, np.stack([1 - positive, positive], axis=1))


@pytest.fixture
def good():
    """6 negative (2 called positive) and 4 positive (1 called negative): 70 % right."""
    positive = [0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.9, 0.8, 0.7, 0.45]
    return make("good", [0] * 6 + [1] * 4, positive)


@pytest.fixture
def poor():
    return make("poor", [0] * 6 + [1] * 4, [0.4] * 10)


@pytest.fixture
def drawn(monkeypatch):
    """The axes of each figure, caught before the figure is closed."""
    return catch_axes(monkeypatch, evaluation, confusion)


def test_accuracies(good, poor, drawn):
    figure = course_utils.plot_accuracies([poor, good])
    check_form(figure)
    assert figure.summary == "Accuracy: poor 60.0 % (31.3 to 83.2); good 70.0 % (39.7 to 89.2)."
    _, axes = drawn[0]
    dots = [bar.lines[0].get_xydata()[0].tolist() for bar in axes.containers]
    assert np.allclose(dots, [[60, 0], [70, 1]])
    ends = [bar.lines[2][0].get_segments()[0][:, 0] for bar in axes.containers]
    bounds = [100 * np.array(result.interval) for result in (poor, good)]
    assert np.allclose(ends, bounds)
    assert [text.get_text() for text in axes.texts] == ["60.0", "70.0"]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["poor\n10 texts", "good\n10 texts"]


def test_accuracies_at_the_end_of_the_scale():
    perfect = make("perfect", [0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])
    figure = course_utils.plot_accuracies([perfect])
    check_form(figure)
    assert "perfect 100.0 % (51.0 to 100.0)" in figure.summary


def test_confusion_writes_counts_and_shares(good, drawn):
    figure = course_utils.plot_confusion(good)
    check_form(figure)
    _, axes = drawn[0]
    cells = {text.get_position(): text.get_text() for text in axes.texts}
    assert cells == {
        (0, 0): "4\n66.7 %",
        (1, 0): "2\n33.3 %",
        (0, 1): "1\n25.0 %",
        (1, 1): "3\n75.0 %",
    }
    assert np.allclose(axes.images[0].get_array(), [[66.667, 33.333], [25, 75]], atol=0.01)
    assert axes.get_ylabel() == "true label" and axes.get_xlabel() == "predicted label"
    for share in ("66.7 % of negative called negative", "25.0 % of positive called negative"):
        assert share in figure.alt


def test_confusion_of_many_labels_has_a_short_caption():
    labels = [0, 0, 1, 1, 2]
    data = course_utils.LabeledTexts([f"text {n}" for n in range(5)], labels, ("a", "b", "c"))
    figure = course_utils.plot_confusion(Evaluation("three", data, np.eye(3)[[0, 1, 1, 1, 2]]))
    check_form(figure)
    assert figure.summary == "three, found: 50.0 % of a, 100.0 % of b, 100.0 % of c."
    assert "50.0 % of a called b" in figure.alt and "0.0 % of c called a" in figure.alt


def test_confusion_of_a_label_without_texts():
    figure = course_utils.plot_confusion(make("half", [0, 0], [0.2, 0.8]))
    check_form(figure)
    assert "0.0 % of positive called positive" in figure.alt


def test_calibration(good, drawn):
    figure = course_utils.plot_calibration(good, bins=2)
    check_form(figure)
    _, axes = drawn[0]
    (bar,) = axes.containers
    table = good.calibration(2)
    assert np.allclose(bar.lines[0].get_xdata(), 100 * table["confidence"])
    assert np.allclose(bar.lines[0].get_ydata(), 100 * table["accuracy"])
    segment = bar.lines[2][0].get_segments()[0]
    texts = table["texts"][0]
    hits = round(table["accuracy"][0] * texts)
    assert np.allclose(segment[:, 1], 100 * np.array(course_utils.accuracy_interval(hits, texts)))
    says, right = 100 * table["confidence"][0], 100 * table["accuracy"][0]
    assert f"good: {says:.1f} → {right:.1f}, " in figure.summary
    low, high = axes.get_ylim()
    assert low < segment[:, 1].min() and high >= 100


def test_calibration_of_several(good, poor, drawn):
    figure = course_utils.plot_calibration([good, poor])
    check_form(figure)
    _, axes = drawn[0]
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["as often as it says", "good", "poor"]
    colours = {bar.lines[0].get_color() for bar in axes.containers}
    assert len(colours) == 2


def test_calibration_of_too_many(good):
    with pytest.raises(course_utils.DataError, match="at most 4 evaluations .*, found 5"):
        course_utils.plot_calibration([good] * 5)


def test_names_are_public():
    for name in ("plot_accuracies", "plot_confusion", "plot_calibration"):
        assert name in course_utils.__all__
        assert getattr(course_utils, name).__doc__


# --- chance ---


RACE = pd.DataFrame(
    [
        {
            "method": method,
            "labels": labels,
            "seed": seed,
            "test_texts": 200,
            "correct": np.packbits(np.arange(200) < right).tobytes().hex(),
        }
        for labels, found in ((10, (100, 140, 150)), (20, (100, 150, 180)))
        for method, right in zip(("majority", "TF-IDF, words", "fine-tuned"), found, strict=True)
        for seed in range(2 if method == "fine-tuned" else 1)
    ]
)


def test_fair_race_has_one_scale_and_tells_the_gap(monkeypatch):
    drawn = catch_axes(monkeypatch, chance)
    figure = course_utils.plot_fair_race(RACE)
    check_form(figure)
    assert figure.summary.startswith(
        "With 10 labels, one epoch of fine-tuning reaches 75.0 %. The next best, TF-IDF, words, is "
        "5.0 points behind ("
    )
    assert "With 20 labels, one epoch of fine-tuning reaches 90.0 %" in figure.summary
    ((_, panels),) = drawn
    assert len({axes.get_xlim() for axes in panels}) == 1
    dots = [[bar.lines[0].get_xdata()[0] for bar in axes.containers] for axes in panels]
    assert np.allclose(dots, [[50, 70, 75], [50, 75, 90]])
    told = [text.get_text() for text in panels[0].texts]
    assert "75.0" in told and any(text.startswith("+5.0 (+") for text in told)
    assert "was not measured" in course_utils.plot_fair_race(RACE.iloc[:0]).summary


RUNS = pd.DataFrame(
    {
        "checkpoint": "minilm",
        "size": "default",
        "learning_rate": [1e-4, 1e-4, 1e-4, 1e-5],
        "seed": [0, 1, 2, 0],
        "validation_accuracy": [0.79, 0.77, 0.79, 0.9],
        "accuracy": [0.76, 0.79, 0.78, 0.9],
    }
)


def test_two_parts_tell_where_the_best_of_validation_ends(monkeypatch):
    drawn = catch_axes(monkeypatch, chance)
    figure = course_utils.plot_two_parts(RUNS, live=(0.78, 0.77))
    check_form(figure)
    assert figure.summary == (
        "3 seeds: 78.3 % on validation, 77.7 % on test, on average. Best on validation: seeds 0 "
        "and 2; on test they are number 3 and 2 of 3."
    )
    lines = drawn[0][1].lines
    assert np.allclose([line.get_ydata() for line in lines[:3]], [[79, 76], [77, 79], [79, 78]])
    assert [line.get_color() == chance.RED for line in lines[:3]] == [True, False, True]
    assert "not measured" in course_utils.plot_two_parts(RUNS.iloc[:0], live=(0.7, 0.7)).summary


def test_two_chances_have_one_measure(good, monkeypatch):
    drawn = catch_axes(monkeypatch, chance)
    figure = course_utils.plot_two_chances(good, RUNS)
    check_form(figure)
    found = [float(x) for x in re.findall(r": (\d+\.\d) points", figure.summary)]
    right, seeds = 100 * good.correct, 100 * np.array([0.76, 0.79, 0.78])
    assert found[0] == pytest.approx(right.std() / np.sqrt(len(right)), rel=0.05)
    assert found[1] == pytest.approx(seeds.std(ddof=1), abs=0.05)
    bars = [line.get_xdata() for line in drawn[0][1].lines if line.get_alpha()]
    assert np.allclose(np.ptp(bars[1]), 4 * seeds.std(ddof=1))
    assert "other seeds" not in course_utils.plot_two_chances(good, RUNS.iloc[:0]).summary


def test_all_accuracies_have_one_axis(good, drawn):
    high = make("high", [0] * 50, [0.1] * 40 + [0.9] * 10)
    course_utils.plot_accuracies([high])
    course_utils.plot_accuracies([high, make("other", [0] * 80, [0.1] * 50 + [0.9] * 30)])
    course_utils.plot_accuracies([good, high])  # one interval goes down to 39.7 %
    assert [axes.get_xlim()[0] for _, axes in drawn] == [40, 40, 0]
    assert len({axes.get_xlim()[1] for _, axes in drawn}) == 1
