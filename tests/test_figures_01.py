"""The figures of notebook 01: the curves, the bands, your own dots, and what is said about them."""

import math

import numpy as np
import pandas as pd
import pytest
from figure_form import catch_axes, check_form

import course_utils
from course_utils.judge.curves import pretraining_seconds
from course_utils.look.figures import base, cost_of_transfer, label_efficiency, related_task
from course_utils.look.figures.base import ORANGE

SIZES = (1, 4, 16, 64)
LIFT = {"tfidf": 0.0, "words": 0.1, "frozen": 0.2, "fine-tuned": 0.25}
STARTS = {"imdb": 0.78, "none": 0.52, "topics": 0.52}


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
    made = pd.DataFrame(rows, columns=columns)
    made.attrs["texts"] = 2_000
    return made


@pytest.fixture
def related():
    """Three sources; from the long reviews, nothing is won by more labels until the last size."""
    rows = []
    for source, start in STARTS.items():
        for place, labels in enumerate((0, 16, 64, 256, 1_024, 6_376)):
            if source == "imdb" or labels:
                accuracy = max(start, 0.46 + 0.06 * place)
                rows += [
                    {"source": source, "labels": labels, "learning_rate": 1e-4 if labels else 0.0}
                    | {"seed": seed, "test_texts": 1_290}
                    | {"accuracy": accuracy + 0.002 * seed}
                    for seed in range(3)
                    if source != "topics" or labels < 6_376
                ]
    rows.append(rows[3] | {"learning_rate": 2e-5})  # imdb, 16 labels, seed 0
    return pd.DataFrame(rows)


@pytest.fixture
def drawn(monkeypatch):
    """The axes of each figure, caught before the figure is closed."""
    return catch_axes(monkeypatch, label_efficiency, cost_of_transfer, related_task)


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


def arrows(axes):
    """From where to where each arrow goes, and its height."""
    found = [text for text in axes.texts if text.get_text() == "" and text.arrow_patch]
    assert all(arrow.xy[1] == arrow.xyann[1] for arrow in found)
    return [(arrow.xyann[0], arrow.xy[0], arrow.xy[1]) for arrow in found]


def test_curves_are_the_means_of_the_draws(record, drawn):
    figure = course_utils.plot_labels_saved(record)
    check_form(figure)
    for axes, subject in zip(drawn[0][1], ("headlines", "reviews"), strict=True):
        points, _, _ = curves(axes)[label_efficiency.STYLES["frozen"][0]]
        rows = record[(record["subject"] == subject) & (record["method"] == "frozen")]
        means = rows.groupby("labels")["accuracy"].mean()
        assert np.allclose(points, np.column_stack([means.index, 100 * means]))
    told = f"{100 * means[1]:.1f} % with 1, {100 * means[64]:.1f} % with 64 labels per class."
    assert f"frozen encoder: {told}" in figure.alt and told not in figure.summary


def test_curves_differ_in_colour_line_and_marker(record, drawn):
    course_utils.plot_labels_saved(record)
    shown = curves(drawn[0][1][0])
    assert len(shown) == 3
    assert len({line for _, line, _ in shown.values()}) == 3
    assert len({marker for _, _, marker in shown.values()}) == 3
    assert ORANGE not in shown  # kept for what is yours


def test_the_axis_doubles_and_shows_plain_numbers(record, drawn):
    course_utils.plot_labels_saved(record)
    for axes in drawn[0][1]:
        assert axes.get_xscale() == "log"
        assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "4", "16", "64"]


def test_names_stand_beside_their_curves_and_not_on_each_other(record, drawn):
    record.loc[record["method"] == "words", "accuracy"] += 0.1  # on top of the frozen encoder
    course_utils.plot_labels_saved(record)
    heights = names(drawn[0][1][0])
    assert set(heights) == {"TF-IDF", "word embeddings", "frozen encoder"}
    assert np.diff(sorted(heights.values())).min() > 0.055
    assert 0 < min(heights.values()) and max(heights.values()) < 1


def test_a_curve_that_ends_early_is_named_above_its_end(record, drawn):
    early = record.drop(record[(record["method"] == "words") & (record["labels"] > 4)].index)
    course_utils.plot_labels_saved(early)
    axes = drawn[0][1][0]
    assert "word embeddings" not in names(axes)
    (name,) = [text for text in axes.texts if text.get_text() == "word embeddings"]
    rows = early[(early["method"] == "words") & (early["subject"] == "headlines")]
    end = 100 * rows[rows["labels"] == 4]["accuracy"].mean()
    assert name.xy == pytest.approx((4, end)) and name.xyann[1] > 0


def test_band_holds_most_draws(record, drawn):
    course_utils.plot_labels_saved(record)
    axes = drawn[0][1][0]
    band = axes.collections[0].get_paths()[0].vertices  # the first method drawn is TF-IDF
    rows = record[(record["subject"] == "headlines") & (record["method"] == "tfidf")]
    one = 100 * rows[rows["labels"] == 1]["accuracy"]
    low, high = band[band[:, 0] == 1][:, 1].min(), band[band[:, 0] == 1][:, 1].max()
    assert one.between(low, high).sum() == 8


def test_your_marks_are_orange(record, drawn):
    live = {"headlines": {8: {"frozen": 0.7, "tfidf": 0.3}}}
    check_form(course_utils.plot_labels_saved(record, live=live))
    axes, other = drawn[0][1]
    mine = [line for line in axes.lines if line.get_color() == ORANGE and len(line.get_xdata())]
    assert sorted(line.get_xydata()[0].tolist() for line in mine) == [[8, 30], [8, 70]]
    assert {line.get_marker() for line in mine} == {"o", "^"}  # the marker of the method
    assert "8" in [label.get_text() for label in axes.get_xticklabels()]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["your draw"]
    assert other.get_legend() is None


def test_each_saving_is_an_arrow(record, drawn):
    """From 4 and 16 labels of the frozen encoder, as far as TF-IDF needs for the same."""
    figure = course_utils.plot_labels_saved(record)
    axes = drawn[0][1][0]
    rows = record[record["subject"] == "headlines"]
    saved = course_utils.labels_saved(rows, "frozen", "tfidf", 4, resamples=20)
    first, second = arrows(axes)  # the record has no 8
    assert not np.isfinite(saved.needed)  # TF-IDF does not get there: as far as was measured
    assert first == pytest.approx((4, 64, 100 * saved.accuracy))
    assert second[:2] == (16, 64)
    told = [text.get_text() for text in axes.texts]
    assert {"more than 16.0 times", "more than 4.0 times"} <= set(told)
    assert "Headlines, from 4 labels: more than 16.0; 16 labels: more than 4.0." in figure.summary


def test_an_arrow_ends_where_tfidf_reaches_the_same(record, drawn):
    record.loc[record["method"] == "frozen", "accuracy"] -= 0.12
    course_utils.plot_labels_saved(record)
    rows = record[record["subject"] == "headlines"]
    saved = course_utils.labels_saved(rows, "frozen", "tfidf", 4, resamples=20)
    assert 4 < saved.needed < 64
    assert arrows(drawn[0][1][0])[0] == pytest.approx((4, saved.needed, 100 * saved.accuracy))
    assert f"{saved.factor:.1f} times" in [text.get_text() for text in drawn[0][1][0].texts]


# --- time ---


def test_time_joins_the_means_of_the_seeds(timed, drawn):
    figure = course_utils.plot_time_to_accuracy(timed)
    check_form(figure)
    _, axes = drawn[0]
    assert axes.get_xscale() == "log"
    means = [line.get_xydata() for line in axes.lines if line.get_color() == "#AA3377"][-2]
    assert np.allclose(means, [[60, 77.5], [120, 78.5]])
    twin = [line.get_xydata() for line in axes.lines if line.get_color() == base.RED][-1]
    assert np.allclose(twin[-1], [300, 62])  # with its best learning rate
    told = {text.get_text().strip() for text in axes.texts}
    assert {"TF-IDF", "pre-trained, then fine-tuned", "from scratch"} <= told
    assert "TF-IDF: 72.0 % after 2.0 s" in figure.summary
    heights = [line.get_ydata()[0] for line in axes.lines if line.get_color() == base.GREY]
    assert heights == [50, 70]  # guessing, and where one reads sideways


def test_time_shows_accuracies_above_those_of_the_small_checkpoint(timed, drawn):
    better = timed.assign(validation_accuracy=timed["validation_accuracy"] + 0.15)
    course_utils.plot_time_to_accuracy(better)
    _, axes = drawn[0]
    assert axes.get_ylim()[1] > 100 * better["validation_accuracy"].max()


def test_the_bill_is_drawn_at_its_place(timed, drawn):
    figure = course_utils.plot_time_to_accuracy(timed)
    check_form(figure)
    _, axes = drawn[0]
    (bill,) = [line for line in axes.lines if line.get_color() == "white"]
    seconds = 2 * 100_000 * 1_024 * 60 / 2_000  # two texts of each pair, at 60 s for 2,000 reviews
    assert pretraining_seconds(timed) == seconds
    assert bill.get_xydata().tolist() == [[seconds, pytest.approx(78.5)]]
    assert f"with the pre-training: about {seconds / 86_400:.0f} days" in figure.summary
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels[0] == "1 s" and {"1 min", "1 hour", "1 day", "30 days"} <= set(labels)
    assert axes.get_xlim()[1] > seconds


# --- a related task ---


def test_related_task_joins_the_means_and_shows_the_seeds(related, drawn):
    figure = course_utils.plot_related_task(related)
    check_form(figure)
    _, axes = drawn[0]
    assert [label.get_text() for label in axes.get_xticklabels()][-2:] == ["1,024", "6,376"]
    lines = [line for line in axes.lines if line.get_alpha() is None and line.get_markersize() == 8]
    assert [line.get_label() for line in lines] == [
        "long reviews first",
        "long reviews first, then gently",
        "news topics first",
        "nothing first",
    ]
    assert [line.get_xdata().tolist() for line in lines] == [
        [0, 1, 2, 3, 4, 5],
        [0, 1],
        [1, 2, 3, 4],
        [1, 2, 3, 4, 5],
    ]
    assert lines[0].get_ydata()[0] == pytest.approx(78.2)
    pale = [line for line in axes.lines if line.get_alpha() == 0.25]
    both = (related["source"] == "imdb") & (related["labels"] == 0)  # begins two lines
    assert sum(len(line.get_xdata()) for line in pale) == len(related) + both.sum()
    told = "Long reviews first: 78.2 % with 0 labels of ours (75.9 to 80.4), 78.2 % with 16 labels"
    assert told in figure.summary
    assert figure.summary.endswith("A point is the mean of 1 to 3 seeds; pale: single seeds.")
    assert "16 labels: long reviews first 78.2 %" in figure.alt


def test_related_task_takes_the_runs_of_05_with_its_recipe(related, drawn):
    """A size that the record lacks; no other learning rate, and no size that it has."""
    columns = ["learning_rate", "texts", "seed", "accuracy", "test_texts"]
    runs = [(1e-4, 2_000, seed, 0.77 + seed / 50, 1_290) for seed in (0, 1)]
    runs += [(1e-3, 2_000, 0, 0.5, 1_290), (1e-4, 6_376, 0, 0.5, 1_290)]
    figure = course_utils.plot_related_task(related, pd.DataFrame(runs, columns=columns))
    _, axes = drawn[0]
    assert [label.get_text() for label in axes.get_xticklabels()][-2:] == ["2,000", "6,376"]
    assert "2,000 labels: nothing first 78.0 %." in figure.alt
    assert "6,376 labels: long reviews first 78.2 %, nothing first 76.2 %." in figure.alt


def test_related_task_is_read_sideways(related, drawn):
    """Nothing first reaches 78 % nowhere in this record; lifted, between two sizes."""
    figure = course_utils.plot_related_task(related)
    assert arrows(drawn[0][1]) == [(0, 5, pytest.approx(78.2))]
    assert "Nothing first needs more than 6,400 labels for the same." in figure.summary
    related.loc[related["source"] == "none", "accuracy"] += 0.07
    figure = course_utils.plot_related_task(related)
    ((start, end, height),) = arrows(drawn[1][1])
    share = (78.2 - 77.2) / 6  # 77.2 at 1,024 labels, 83.2 at 6,376
    assert (start, end, height) == pytest.approx((0, 4 + share, 78.2))
    needed = 1_024 * (6_376 / 1_024) ** share
    assert f"Nothing first needs about {float(f'{needed:.1g}'):,.0f} labels" in figure.summary


# --- articles ---


def test_articles_compare_what_each_can_read(articles, drawn):
    articles.attrs["test_texts"] = 321
    figure = course_utils.plot_articles(articles)
    check_form(figure)
    _, axes = drawn[0]
    shown = {"frozen encoder, 256 tokens", "TF-IDF, whole text", "TF-IDF, 256 tokens"}
    assert set(names(axes)) == shown
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "4", "16", "64", "all"]
    points, _, _ = curves(axes)[label_efficiency.STYLES["frozen"][0]]
    rows = articles[(articles["method"] == "frozen") & (articles["tokens"] == 256)]
    means = 100 * rows.groupby("labels")["accuracy"].mean()
    assert np.allclose(points, [[place, means[size]] for place, size in enumerate((*SIZES, 0))])
    assert (
        f"With 4 labels per topic: frozen encoder, 256 tokens {means[4]:.1f} %;" in figure.summary
    )
    hits = round(means[0] / 100 * 321)
    low, high = (100 * bound for bound in course_utils.accuracy_interval(hits, 321))
    told = f"frozen encoder, 256 tokens {means[0]:.1f} % ({low:.1f} to {high:.1f});"
    assert f"With all labels per topic, 321 test articles, 95 % interval: {told}" in figure.summary


def test_articles_are_read_sideways(articles, drawn):
    articles.loc[articles["method"] == "frozen", "accuracy"] -= 0.15
    course_utils.plot_articles(articles)
    # 0.05 above TF-IDF, which gains 0.06 with each factor of 4: the arrow goes 5/6 of a step
    ((start, end, _),) = arrows(drawn[0][1])
    assert (start, end) == (1, pytest.approx(1 + 5 / 6))
    needed = 4 * 4 ** (5 / 6)
    assert f"{needed / 4:.1f} times" in [text.get_text() for text in drawn[0][1].texts]


# --- nothing, or not everything, was recorded ---


def test_without_a_record(record, articles, timed, related):
    live = {"headlines": {8: {"frozen": 0.7}}}
    figures = [
        course_utils.plot_labels_saved(record.iloc[:0], live=live),
        course_utils.plot_labels_saved(record.iloc[:0]),
        course_utils.plot_articles(articles.iloc[:0]),
        course_utils.plot_time_to_accuracy(timed.iloc[:0]),
        course_utils.plot_related_task(related.iloc[:0]),
    ]
    for figure in figures:
        assert figure.png and "not measured" in figure.summary.lower()
        assert not figure.alt.endswith(": "), figure.alt


def test_with_a_part_of_a_record(record, articles, timed, related):
    for part in (record[record["labels"] == 1], record[record["draw"] == 0], record.iloc[:3]):
        assert course_utils.plot_labels_saved(part).png
    check_form(course_utils.plot_articles(articles[articles["labels"] == 0]))
    assert course_utils.plot_articles(articles[articles["tokens"] == 64]).png
    check_form(course_utils.plot_time_to_accuracy(timed[timed["method"] == "TF-IDF"]))
    for source in STARTS:
        assert course_utils.plot_related_task(related[related["source"] == source]).png


def test_names_are_public():
    for name in (
        "plot_labels_saved",
        "plot_related_task",
        "plot_time_to_accuracy",
        "plot_articles",
    ):
        assert name in course_utils.__all__
        assert getattr(course_utils, name).__doc__
