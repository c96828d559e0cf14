"""What the records of notebook 01 are made to say: mean curves, bands, labels saved, seconds."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import course_utils
from course_utils.errors import DataError
from course_utils.judge.curves import best_rates, labels_needed
from course_utils.judge.intervals import mean_difference

SIZES = (1, 2, 4, 8, 16, 32, 64)


def record(draws=20, /, **curves):
    """A record in which method `name` has the accuracy curves[name](labels, draw)."""
    return pd.DataFrame(
        [
            {"method": name, "labels": labels, "draw": draw, "accuracy": curve(labels, draw)}
            for name, curve in curves.items()
            for labels in SIZES
            for draw in range(draws)
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
        "frozen encoder, 8 labels per class: 50.0 %. With TF-IDF it takes 64.0 labels, 8.0 times "
        "as many (95 % interval 8.0 to 8.0)"
    )


def test_a_factor_that_no_size_reaches():
    saved = course_utils.labels_saved(
        record(frozen=straight, tfidf=later), "frozen", "tfidf", 16, resamples=50
    )
    assert saved.needed == saved.low == saved.high == float("inf")
    assert "With TF-IDF it takes more than 64.0 labels, more than 4.0 times as many" in repr(saved)
    assert "(95 % interval more than 4.0 to more than 4.0)" in repr(saved)


def test_a_method_that_saves_nothing():
    saved = course_utils.labels_saved(
        record(frozen=straight, tfidf=straight), "frozen", "tfidf", 4, resamples=50
    )
    assert saved.factor == pytest.approx(1)


def noisy(draw, draws=20):
    """A record with chance in it: some draws are good for both methods, some for one."""
    shared, own = draw.normal(0, 0.03, draws), draw.normal(0, 0.02, (2, len(SIZES), draws))
    return record(
        draws,
        frozen=lambda n, d: straight(n) + shared[d] + own[0, SIZES.index(n), d],
        tfidf=lambda n, d: later(n) + shared[d] + own[1, SIZES.index(n), d],
    )


@pytest.mark.parametrize("draws", [10, 20])
def test_the_interval_holds_what_it_promises(draws):
    """Of 200 records with a true factor of 8, about 95 % have it in their interval."""
    draw = np.random.default_rng(0)
    hits = 0
    for _ in range(200):
        saved = course_utils.labels_saved(noisy(draw, draws), "frozen", "tfidf", 4, resamples=200)
        assert saved.low < saved.factor < saved.high
        hits += saved.low <= 8 <= saved.high
    assert 184 <= hits <= 199


def test_an_interval_that_is_cut_off_at_the_fewest_labels():
    """TF-IDF with one label is as good as the encoder with one: with a half it may be, too."""
    draw = np.random.default_rng(4)
    low = {d: draw.normal(0, 0.02) for d in range(20)}
    rows = record(frozen=lambda n, d: straight(n) + low[d], tfidf=straight)
    saved = course_utils.labels_saved(rows, "frozen", "tfidf", 1, resamples=200)
    assert saved.low == 1 < saved.high < 1.3
    assert repr(saved).endswith(f"(95 % interval at most 1 to {saved.high:.1f})")
    worse = course_utils.labels_saved(record(a=later, b=straight), "a", "b", 4, resamples=50)
    assert "With b it takes at most 1.0 labels, at most 0.25 times as many" in repr(worse)
    assert repr(worse).endswith("(95 % interval at most 0.25 to at most 0.25)")


def test_a_saving_from_too_few_draws():
    rows = record(frozen=straight, tfidf=later)
    with pytest.raises(DataError, match="Too few draws, 4, .* with 8 labels .* least 5 are needed"):
        course_utils.labels_saved(rows[rows["draw"] < 4], "frozen", "tfidf", 8)


def test_an_interval_with_one_open_end():
    """Some resamples reach the accuracy within the measured sizes, some do not."""
    rows = noisy(np.random.default_rng(1))
    saved = course_utils.labels_saved(rows, "frozen", "tfidf", 8, resamples=400)
    assert saved.low < 8 and saved.high == float("inf")
    assert repr(saved).endswith(f"(95 % interval {saved.low:.1f} or more)")


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
    """Both methods vary by 20 points over the draws, but together: hardly a doubt is left."""
    rows = record(
        frozen=lambda labels, draw: 0.5 + 0.01 * draw + 0.001 * (draw % 2),
        tfidf=lambda labels, draw: 0.4 + 0.01 * draw,
    )
    gain = course_utils.gain_over_draws(rows, "frozen", "tfidf", 4)
    half = 2.093024 * (0.001**2 * 0.25 / 19) ** 0.5  # Student's t with 19 degrees of freedom
    assert (gain.value, gain.low, gain.high) == pytest.approx(
        (0.1005, 0.1005 - half, 0.1005 + half)
    )
    assert repr(gain) == "+10.0 points (95 % interval +10.0 to +10.1)"


@pytest.mark.parametrize("draws", [5, 8, 20])
@pytest.mark.parametrize("scatter", ["normal", "uniform"])
def test_the_interval_of_a_gain_holds_what_it_promises(scatter, draws):
    """Of 1,000 records, about 950 hold the true gain, also with few draws."""
    draw = np.random.default_rng(0)
    chance = {"normal": (draw.normal, 0.1, 0.02), "uniform": (draw.uniform, 0.06, 0.14)}
    make, *shape = chance[scatter]
    found = [mean_difference(make(*shape, draws)) for _ in range(1_000)]
    assert 920 <= sum(gain.low <= 0.1 <= gain.high for gain in found) <= 975


def test_the_interval_of_a_gain_holds_on_what_was_recorded():
    """The 20 recorded draws as the truth, 5 of them as what we see: over all sizes, 92 %."""
    recorded, held = course_utils.load_record("label_efficiency"), []
    choose = np.random.default_rng(0)
    for _, rows in recorded.groupby("subject"):
        table = rows.pivot(index="draw", columns=["method", "labels"], values="accuracy")
        for size in (1, 4, 16, 64, 240):
            gains = (table["frozen", size] - table["tfidf", size]).to_numpy()
            for _ in range(200):
                found = mean_difference(choose.choice(gains, 5))
                held.append(found.low <= gains.mean() <= found.high)
    assert np.mean(held) >= 0.92


def test_gain_without_any_scatter():
    """An interval of width zero would say that nothing is in doubt."""
    rows = record(frozen=straight, tfidf=later)
    with pytest.raises(DataError, match=r"All 20 draws show the same gain, \+30.0 points: without"):
        course_utils.gain_over_draws(rows, "frozen", "tfidf", 4)


def test_gain_with_chance():
    rows = noisy(np.random.default_rng(3))
    gain = course_utils.gain_over_draws(rows, "frozen", "tfidf", 4)
    assert gain.low < 0.3 < gain.high  # three doublings are thirty points
    assert 0.005 < gain.high - gain.low < 0.05
    assert course_utils.gain_over_draws(rows, "tfidf", "frozen", 4).value == -gain.value


def test_gain_uses_the_draws_that_both_have():
    rows = record(frozen=lambda n, d: straight(n) + 0.01 * d, tfidf=later)
    rows = rows.drop(rows[(rows["method"] == "frozen") & (rows["draw"] > 4)].index)
    assert course_utils.gain_over_draws(rows, "frozen", "tfidf", 4).value == pytest.approx(0.32)


@pytest.mark.parametrize("labels", [3, 240])
def test_gain_that_was_not_measured(labels):
    with pytest.raises(DataError, match=f"not both measured with {labels} labels"):
        course_utils.gain_over_draws(record(a=straight, b=later), "a", "b", labels)


@pytest.mark.parametrize("draws", [1, 2, 4])
def test_gain_of_too_few_draws(draws):
    rows = noisy(np.random.default_rng(5))
    with pytest.raises(DataError, match=f"Too few draws, {draws}, .* at least 5 are needed"):
        course_utils.gain_over_draws(rows[rows["draw"] < draws], "frozen", "tfidf", 4)


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


def test_rates_are_compared_after_the_same_epoch():
    """One rate was given up after two epochs; what the other reached after six is no match."""
    rows = [("m", 1e-4, 0, epoch, 0.5 + 0.04 * epoch) for epoch in (1, 2, 3, 4, 5, 6)]
    rows += [("m", 1e-3, 0, epoch, 0.6 + 0.02 * epoch) for epoch in (1, 2)]
    rows += [("other", 1e-4, 0, 9, 0.9)]
    columns = ["method", "learning_rate", "seed", "epoch", "validation_accuracy"]
    kept = best_rates(pd.DataFrame(rows, columns=columns))
    assert kept["learning_rate"].tolist() == [1e-3, 1e-3, 1e-4]
    assert kept["method"].tolist() == ["m", "m", "other"]


def test_an_interval_that_is_open_above():
    saving = course_utils.labels_saved(
        record(frozen=straight, tfidf=straight), "frozen", "tfidf", 4, resamples=50
    )
    assert replace(saving, low=9.0, high=float("inf")).interval == "9.0 or more"
