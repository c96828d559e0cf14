"""The figures of notebook 01: the curves, the bands, your own dots, and what is said about them."""

import math

import numpy as np
import pandas as pd
import pytest
from figure_form import catch_axes, check_form

import course_utils
from course_utils.look.figures import base, cost_of_transfer, label_efficiency
from course_utils.look.figures.base import ORANGE

SIZES = (1, 4, 16, 64)
LIFT = {"tfidf": 0.0, "words": 0.1, "frozen": 0.2, "fine-tuned": 0.25}


def one_row(method, labels, draw, **more):
    accuracy = 0.25 + LIFT[method] + 0.06 * math.log2(labels or 256) / 2 + 0.002 * draw
    return {"method": method, "labels": labels, "draw": draw, "accuracy": accuracy, **more}


@pytest.fixture
def record():
    return pd.DataFrame(
        one_row(method, labels, draw, subject=subject)
        for subject in ("headlines", "reviews")
        for method in LIFT
        for labels in SIZES
        for draw in range(10)
        if (subject, method) != ("reviews", "fine-tuned")
    )


@pytest.fixture
def articles():
    return pd.DataFrame(
        one_row(method, labels, draw, tokens=tokens)
        for tokens in (64, 256, 0)
        for method in LIFT
        for labels in (*SIZES, 0)
        for draw in range(10 if labels else 1)
        if method != "words" and (tokens or method == "tfidf")
        if (method, tokens) != ("fine-tuned", 256)
    )


@pytest.fixture
def timed():
    rows = [("TF-IDF", 0.0, 0, 1, 2.0, 0.72)]
    for seed in (0, 1):
        rows += [("pre-trained", 1e-4, seed, n, 60.0 * n, 0.76 + (n + seed) / 100) for n in (1, 2)]
        rows += [("from scratch", 5e-4, seed, n, 50.0 * n, 0.5 + 0.02 * n) for n in range(1, 7)]
    rows += [("from scratch", 1e-4, 0, n, 50.0 * n, 0.5) for n in range(1, 7)]  # a poor rate
    columns = ["method", "learning_rate", "seed", "epoch", "seconds", "validation_accuracy"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture
def drawn(monkeypatch):
    """The axes of each figure, caught before the figure is closed."""
    return catch_axes(monkeypatch, label_efficiency, cost_of_transfer)


def curves(axes):
    """The drawn curves by their colour: points, line style and marker."""
    lines = [line for line in axes.lines if len(line.get_xdata()) > 1 and line.get_marker() != ""]
    return {
        line.get_color(): (line.get_xydata(), line.get_linestyle(), line.get_marker())
        for line in lines
        if line.get_marker() not in ("None", None)
    }


def names(axes):
    """The names beside the curves, with their heights."""
    return {
        text.get_text(): text.xyann[1]
        for text in axes.texts
        if getattr(text, "xyann", (0, 0))[0] == 1.03
    }


# --- labels ---


def test_curves_are_the_means_of_the_draws(record, drawn):
    figure = course_utils.plot_label_efficiency(record)
    check_form(figure)
    _, axes = drawn[0]
    points, _, _ = curves(axes)[label_efficiency.STYLES["frozen"][0]]
    rows = record[(record["subject"] == "headlines") & (record["method"] == "frozen")]
    means = rows.groupby("labels")["accuracy"].mean()
    assert np.allclose(points, np.column_stack([means.index, 100 * means]))
    assert f"frozen encoder {100 * means[4]:.1f} %" in figure.summary
    assert figure.summary.startswith("Mean of 10 draws with 4 labels per class: ")
    told = f"{100 * means[1]:.1f} % with 1, {100 * means[64]:.1f} % with 64 labels per class."
    assert f"frozen encoder: {told}" in figure.alt


def test_fewer_draws_are_said(record):
    few = record.drop(record[(record["method"] == "fine-tuned") & (record["draw"] > 6)].index)
    summary = course_utils.plot_label_efficiency(few).summary
    assert summary.count("draws)") == 1 and "% (7 draws)" in summary


def test_curves_differ_in_colour_line_and_marker(record, drawn):
    course_utils.plot_label_efficiency(record)
    shown = curves(drawn[0][1])
    assert len(shown) == 4
    assert len({line for _, line, _ in shown.values()}) == 4
    assert len({marker for _, _, marker in shown.values()}) == 4
    assert ORANGE not in shown  # kept for what is yours


def test_the_axis_doubles_and_shows_plain_numbers(record, drawn):
    course_utils.plot_label_efficiency(record)
    _, axes = drawn[0]
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "4", "16", "64"]


def test_names_stand_beside_their_curves_and_not_on_each_other(record, drawn):
    record.loc[record["method"] == "words", "accuracy"] += 0.1  # on top of the frozen encoder
    course_utils.plot_label_efficiency(record)
    heights = names(drawn[0][1])
    assert set(heights) == {"TF-IDF", "word embeddings", "frozen encoder", "fine-tuned"}
    assert np.diff(sorted(heights.values())).min() > 0.055
    assert 0 < min(heights.values()) and max(heights.values()) < 1


def test_a_curve_that_ends_early_is_named_above_its_end(record, drawn):
    early = record.drop(record[(record["method"] == "fine-tuned") & (record["labels"] > 4)].index)
    course_utils.plot_label_efficiency(early)
    _, axes = drawn[0]
    assert "fine-tuned" not in names(axes)
    (name,) = [text for text in axes.texts if text.get_text() == "fine-tuned"]
    end = 100 * early[(early["method"] == "fine-tuned") & (early["labels"] == 4)]["accuracy"].mean()
    assert name.xy == pytest.approx((4, end)) and name.xyann[1] > 0


def test_band_holds_most_draws(record, drawn):
    course_utils.plot_label_efficiency(record)
    _, axes = drawn[0]
    band = axes.collections[0].get_paths()[0].vertices  # the first method drawn is TF-IDF
    rows = record[(record["subject"] == "headlines") & (record["method"] == "tfidf")]
    one = 100 * rows[rows["labels"] == 1]["accuracy"]
    low, high = band[band[:, 0] == 1][:, 1].min(), band[band[:, 0] == 1][:, 1].max()
    assert one.between(low, high).sum() == 8


def test_your_dots_are_orange(record, drawn):
    figure = course_utils.plot_label_efficiency(record, live={8: {"frozen": 0.7, "tfidf": 0.3}})
    check_form(figure)
    _, axes = drawn[0]
    mine = [line for line in axes.lines if line.get_color() == ORANGE and len(line.get_xdata())]
    assert sorted(line.get_xydata()[0].tolist() for line in mine) == [[8, 30], [8, 70]]
    assert {line.get_marker() for line in mine} == {"o", "^"}  # the marker of the method
    assert "8" in [label.get_text() for label in axes.get_xticklabels()]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["yours"]


def test_the_saving_is_an_arrow(record, drawn):
    rows = record[record["subject"] == "headlines"]
    saved = course_utils.labels_saved(rows, "frozen", "words", 1, resamples=20)
    check_form(course_utils.plot_label_efficiency(record, saved=saved))
    _, axes = drawn[0]
    (arrow,) = [text for text in axes.texts if text.get_text() == "" and text.arrow_patch]
    assert arrow.xy == pytest.approx((saved.needed, 100 * saved.accuracy))
    assert arrow.xyann == pytest.approx((1, 100 * saved.accuracy))
    told = [text.get_text() for text in axes.texts]
    assert f"{saved.factor:.1f} times" in told


def test_a_saving_without_an_end(record, drawn):
    rows = record[record["subject"] == "headlines"]
    saved = course_utils.labels_saved(rows, "frozen", "tfidf", 64, resamples=20)
    check_form(course_utils.plot_label_efficiency(record, saved=saved))
    assert "more than 1.0 times" in [text.get_text() for text in drawn[0][1].texts]


def test_two_subjects(record, drawn):
    live = {"reviews": {4: {"frozen": 0.6}}}
    figure = course_utils.plot_two_subjects(record, live=live)
    check_form(figure)
    _, (left, right) = drawn[0]
    assert (len(curves(left)), len(names(left)), len(names(right))) == (4, 4, 3)
    assert left.get_title(loc="left") == "topic of a headline, 5 classes"
    assert "Headlines: Mean of 10 draws with 64 labels per class" in figure.summary
    assert "Reviews: Mean of 10 draws with 64 labels per class" in figure.summary
    # Guessing lies at the same height, all right at the top: the two can be compared by eye.
    places = [
        axes.transLimits.transform((0, guess))[1] for axes, guess in ((left, 20), (right, 50))
    ]
    assert places[0] == pytest.approx(places[1])
    assert left.get_ylim()[1] == right.get_ylim()[1] == 100


# --- time ---


def test_time_joins_the_means_of_the_seeds(timed, drawn):
    figure = course_utils.plot_time_to_accuracy(timed)
    check_form(figure)
    _, axes = drawn[0]
    assert axes.get_xscale() == "log"
    means = [line.get_xydata() for line in axes.lines if line.get_color() == "#AA3377"][-1]
    assert np.allclose(means, [[60, 77.5], [120, 78.5]])
    twin = [line.get_xydata() for line in axes.lines if line.get_color() == base.RED][-1]
    assert np.allclose(twin[-1], [300, 62])  # with its best learning rate
    told = {text.get_text().strip() for text in axes.texts}
    assert {"TF-IDF", "pre-trained, then fine-tuned", "from scratch"} <= told
    assert "TF-IDF: 72.0 % after 2.0 s" in figure.summary
    assert "others paid" not in " ".join(told)


def test_time_shows_accuracies_above_those_of_the_small_checkpoint(timed, drawn):
    better = timed.assign(validation_accuracy=timed["validation_accuracy"] + 0.15)
    course_utils.plot_time_to_accuracy(better)
    _, axes = drawn[0]
    assert axes.get_ylim()[1] > 100 * better["validation_accuracy"].max()


def test_the_bill_is_drawn_at_its_place(timed, drawn):
    figure = course_utils.plot_time_to_accuracy(timed, bill=90 * 86_400)
    check_form(figure)
    _, axes = drawn[0]
    (bill,) = [line for line in axes.lines if line.get_color() == "white"]
    assert bill.get_xydata().tolist() == [[90 * 86_400, pytest.approx(78.5)]]
    assert "with the pre-training: 90.0 days" in figure.summary
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels[0] == "1 s" and {"1 min", "1 hour", "1 day", "30 days"} <= set(labels)
    assert axes.get_xlim()[1] > 90 * 86_400


# --- articles ---


def test_articles_compare_the_same_tokens(articles, drawn):
    figure = course_utils.plot_articles(articles)
    check_form(figure)
    _, (left, right) = drawn[0]
    assert set(names(left)) == {"TF-IDF", "frozen encoder", "fine-tuned", "TF-IDF, whole text"}
    assert set(names(right)) == {"TF-IDF", "frozen encoder", "TF-IDF, whole text"}
    assert [label.get_text() for label in left.get_xticklabels()] == ["1", "4", "16", "64", "all"]
    points, _, _ = curves(left)[label_efficiency.STYLES["frozen"][0]]
    rows = articles[(articles["method"] == "frozen") & (articles["tokens"] == 64)]
    means = 100 * rows.groupby("labels")["accuracy"].mean()
    assert np.allclose(points, [[place, means[size]] for place, size in enumerate((*SIZES, 0))])
    assert f"frozen encoder {means[4]:.1f} %" in figure.summary
    assert "256 tokens, all labels per class: " in figure.summary
    assert "64 tokens, 16 labels per class: " in figure.alt


# --- nothing, or not everything, was recorded ---


def test_without_a_record(record, articles, timed):
    live = {8: {"frozen": 0.7}}
    figures = [
        course_utils.plot_label_efficiency(record.iloc[:0], live=live),
        course_utils.plot_label_efficiency(record.iloc[:0]),
        course_utils.plot_two_subjects(record.iloc[:0], live={"headlines": live, "reviews": live}),
        course_utils.plot_articles(articles.iloc[:0]),
        course_utils.plot_time_to_accuracy(timed.iloc[:0]),
        course_utils.plot_time_to_accuracy(timed.iloc[:0], bill=None),
    ]
    for figure in figures:
        assert figure.png and "not measured" in figure.summary.lower()
        assert "Headlines:  " not in figure.alt and not figure.alt.endswith(": "), figure.alt


def test_with_a_part_of_a_record(record, articles, timed):
    for part in (record[record["labels"] == 1], record[record["draw"] == 0], record.iloc[:3]):
        check_form(course_utils.plot_label_efficiency(part))
        assert course_utils.plot_two_subjects(part).png
    check_form(course_utils.plot_articles(articles[articles["tokens"] == 64]))
    check_form(course_utils.plot_articles(articles[articles["labels"] == 0]))
    check_form(course_utils.plot_time_to_accuracy(timed[timed["method"] == "TF-IDF"], bill=1e7))


def test_names_are_public():
    for name in (
        "plot_label_efficiency",
        "plot_two_subjects",
        "plot_time_to_accuracy",
        "plot_articles",
    ):
        assert name in course_utils.__all__
        assert getattr(course_utils, name).__doc__
