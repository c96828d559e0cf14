"""What the records of notebook 01 are made to say: mean curves, bands, labels saved, seconds."""

import math

import numpy as np
import pandas as pd
import pytest

import course_utils
from course_utils.errors import DataError
from course_utils.judge.curves import best_rates, labels_needed

SIZES = (1, 2, 4, 8, 16, 32, 64)


def record(**curves):
    """A record in which method `name` has the accuracy curves[name](labels, draw)."""
    return pd.DataFrame(
        [
            {"method": name, "labels": labels, "draw": draw, "accuracy": curve(labels, draw)}
            for name, curve in curves.items()
            for labels in SIZES
            for draw in range(20)
        ]
    )


def straight(labels, draw=0):
    """Straight over the logarithm: ten points with every doubling."""
    return 0.2 + 0.1 * math.log2(labels)


def later(labels, draw=0):
    """The same accuracy with eight times the labels."""
    return straight(labels / 8)


# --- mean curves ---


def test_mean_curve_and_its_band():
    rows = record(one=lambda labels, draw: labels / 100 + draw / 1_000)
    curve = course_utils.mean_curve(rows)
    assert curve.index.tolist() == list(SIZES)
    assert curve["draws"].tolist() == [20] * len(SIZES)
    assert curve["mean"].tolist() == pytest.approx([size / 100 + 0.0095 for size in SIZES])
    inside = rows[rows["labels"] == 1]["accuracy"].between(curve["low"][1], curve["high"][1])
    assert inside.sum() == 16  # 8 of 10 draws


def test_mean_curve_of_nothing_and_of_a_single_draw():
    rows = record(one=straight)
    assert course_utils.mean_curve(rows.iloc[:0]).empty
    single = course_utils.mean_curve(rows[rows["draw"] == 0])
    assert single["mean"].tolist() == single["low"].tolist() == single["high"].tolist()


# --- how many labels ---


@pytest.mark.parametrize(
    ("accuracy", "needed"),
    [(0.2, 1), (0.25, 2**0.5), (0.3, 2), (0.5, 8), (0.79, 2**5.9), (0.8, 64), (0.1, 1)],
)
def test_between_two_points_the_curve_is_straight_over_the_logarithm(accuracy, needed):
    curve = [straight(size) for size in SIZES]
    assert labels_needed(SIZES, curve, accuracy) == pytest.approx(needed)


def test_an_accuracy_that_is_never_reached():
    assert labels_needed(SIZES, [straight(size) for size in SIZES], 0.81) == float("inf")


def test_the_first_time_counts():
    """A curve with a dip: what was reached before the dip was reached."""
    assert labels_needed([1, 2, 4, 8], [0.2, 0.4, 0.3, 0.5], 0.4) == pytest.approx(2)
    assert labels_needed([1, 2, 4, 8], [0.2, 0.4, 0.3, 0.5], 0.35) == pytest.approx(2**0.75)


def test_a_known_factor():
    rows = record(frozen=straight, tfidf=later)
    for labels in (1, 2, 4, 8):
        saved = course_utils.labels_saved(rows, "frozen", "tfidf", labels, resamples=50)
        assert saved.accuracy == pytest.approx(straight(labels))
        assert (saved.needed, saved.factor) == pytest.approx((8 * labels, 8))
        assert (saved.low, saved.high) == pytest.approx((8, 8))  # every draw is the same
    assert repr(saved) == (
        "frozen encoder, 8 labels per class: 50.0 %. With TF-IDF it takes 64.0, 8.0 times as many "
        "(95 % interval 8.0 to 8.0)"
    )


def test_a_factor_that_no_size_reaches():
    saved = course_utils.labels_saved(
        record(frozen=straight, tfidf=later), "frozen", "tfidf", 16, resamples=50
    )
    assert saved.needed == saved.low == saved.high == float("inf")
    assert "With TF-IDF it takes more than 64.0, more than 4.0 times as many" in repr(saved)
    assert "(95 % interval more than 4.0 to more than 4.0)" in repr(saved)


def test_a_method_that_saves_nothing():
    saved = course_utils.labels_saved(
        record(frozen=straight, tfidf=straight), "frozen", "tfidf", 4, resamples=50
    )
    assert saved.factor == pytest.approx(1)


def noisy(draw):
    """A record with chance in it: some draws are good for both methods, some for one."""
    shared, own = draw.normal(0, 0.03, 20), draw.normal(0, 0.02, (2, len(SIZES), 20))
    return record(
        frozen=lambda n, d: straight(n) + shared[d] + own[0, SIZES.index(n), d],
        tfidf=lambda n, d: later(n) + shared[d] + own[1, SIZES.index(n), d],
    )


def test_the_interval_holds_what_it_promises():
    """Of 100 records with a true factor of 8, about 95 have it in their interval."""
    draw = np.random.default_rng(0)
    hits = 0
    for _ in range(100):
        saved = course_utils.labels_saved(noisy(draw), "frozen", "tfidf", 4, resamples=200)
        assert saved.low < saved.factor < saved.high
        hits += saved.low <= 8 <= saved.high
    assert 86 <= hits <= 99


def test_an_interval_with_one_open_end():
    """Some resamples reach the accuracy within the measured sizes, some do not."""
    rows = noisy(np.random.default_rng(1))
    saved = course_utils.labels_saved(rows, "frozen", "tfidf", 8, resamples=400)
    assert saved.low < 8 and saved.high == float("inf")
    assert repr(saved).endswith(f"(95 % interval {saved.low:.1f} to more than 8.0)")


def test_the_seed_fixes_the_interval():
    rows = noisy(np.random.default_rng(2))
    one, again, other = (
        course_utils.labels_saved(rows, "frozen", "tfidf", 4, resamples=200, seed=seed)
        for seed in (1, 1, 2)
    )
    assert one == again != other
    assert one.factor == other.factor


def test_a_size_that_is_still_being_recorded_is_left_out():
    rows = record(frozen=straight, tfidf=later)
    partial = rows.drop(rows[(rows["labels"] == 64) & (rows["draw"] > 3)].index)
    saved = course_utils.labels_saved(partial, "frozen", "tfidf", 4, resamples=50)
    assert (saved.factor, saved.most) == (pytest.approx(8), 32)


@pytest.mark.parametrize(
    ("method", "other", "labels", "missing"),
    [
        ("frozen", "words", 4, "'words' was not measured"),
        ("frozen", "tfidf", 3, "'frozen' with 3 labels was not measured"),
        ("nobody", "tfidf", 4, "'nobody' with 4 labels was not measured"),
    ],
)
def test_what_was_not_measured_is_said(method, other, labels, missing):
    rows = record(frozen=straight, tfidf=later)
    with pytest.raises(DataError, match=missing):
        course_utils.labels_saved(rows, method, other, labels)


# --- gains ---


def test_gain_is_paired_by_draw():
    """Both methods vary by 20 points over the draws, but always together: no doubt is left."""
    rows = record(
        frozen=lambda labels, draw: 0.5 + 0.01 * draw, tfidf=lambda labels, draw: 0.4 + 0.01 * draw
    )
    gain = course_utils.gain_over_draws(rows, "frozen", "tfidf", 4)
    assert (gain.value, gain.low, gain.high) == pytest.approx((0.1, 0.1, 0.1))
    assert repr(gain) == "+10.0 points (95 % interval +10.0 to +10.0)"


def test_gain_with_chance():
    rows = noisy(np.random.default_rng(3))
    gain = course_utils.gain_over_draws(rows, "frozen", "tfidf", 4)
    assert gain.low < 0.3 < gain.high  # three doublings are thirty points
    assert 0.005 < gain.high - gain.low < 0.05
    assert course_utils.gain_over_draws(rows, "tfidf", "frozen", 4).value == -gain.value


def test_gain_uses_the_draws_that_both_have():
    rows = record(frozen=straight, tfidf=later)
    rows = rows.drop(rows[(rows["method"] == "frozen") & (rows["draw"] > 4)].index)
    assert course_utils.gain_over_draws(rows, "frozen", "tfidf", 4).value == pytest.approx(0.3)


@pytest.mark.parametrize("labels", [3, 240])
def test_gain_that_was_not_measured(labels):
    with pytest.raises(DataError, match=f"not both measured with {labels} labels"):
        course_utils.gain_over_draws(record(a=straight, b=later), "a", "b", labels)


def test_gain_of_a_single_draw():
    rows = record(a=straight, b=later)
    with pytest.raises(DataError, match="Too few draws"):
        course_utils.gain_over_draws(rows[rows["draw"] == 0], "a", "b", 4)


# --- seconds ---


def timed():
    """Two runs of a slow method, one of a fast one, one with a poor learning rate."""
    rows = [("slow", 1e-4, 0, n, 10 * n, right) for n, right in enumerate((0.5, 0.7, 0.8), 1)]
    rows += [("slow", 1e-4, 1, n, 12 * n, right) for n, right in enumerate((0.7, 0.75, 0.76), 1)]
    rows += [("slow", 1e-3, 0, n, 10 * n, right) for n, right in enumerate((0.71, 0.5, 0.5), 1)]
    rows += [("fast", 0.0, 0, 1, 1, 0.72)]
    rows += [("never", 1e-4, 0, 1, 9, 0.5), ("never", 1e-4, 1, 1, 9, 0.9)]
    columns = ["method", "learning_rate", "seed", "epoch", "seconds", "validation_accuracy"]
    return pd.DataFrame(rows, columns=columns)


def test_seconds_to_an_accuracy():
    found = course_utils.seconds_to(timed(), 0.7)
    assert found.to_dict() == {"fast": 1, "slow": 16, "never": float("inf")}
    assert list(found.index) == ["fast", "slow", "never"]
    assert course_utils.seconds_to(timed().iloc[:0], 0.7).empty


def test_the_best_learning_rate_is_the_one_that_ends_highest():
    kept = best_rates(timed())
    assert kept.groupby("method")["learning_rate"].unique().map(list).to_dict() == {
        "fast": [0.0],
        "never": [1e-4],
        "slow": [1e-4],
    }
    assert len(kept) == len(timed()) - 3
