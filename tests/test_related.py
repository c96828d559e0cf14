"""Knowledge from a related task: gains over seeds and test texts, with their intervals."""

import numpy as np
import pandas as pd
import pytest

import course_utils
from course_utils.errors import DataError
from course_utils.judge.related import right_answers

TEXTS = 500


def rows(chances: dict, seeds: int = 6, labels: int = 64, start: int = 0):
    """A record as it is stored: source -> how often it is right."""
    draw = np.random.default_rng(start)
    found = []
    for source, chance in chances.items():
        for seed in range(seeds):
            right = draw.random(TEXTS) < chance
            found.append(
                {"source": source, "labels": labels, "seed": seed, "accuracy": right.mean()}
                | {"test_texts": TEXTS, "correct": np.packbits(right).tobytes().hex()}
            )
    return pd.DataFrame(found)


def test_answers_are_read_as_they_were_stored():
    record = rows({"imdb": 0.8})
    assert right_answers(record).shape == (6, TEXTS)
    assert right_answers(record).mean(axis=1) == pytest.approx(record["accuracy"])
    with pytest.raises(DataError, match="not judged on the same test texts"):
        right_answers(record.assign(test_texts=[*[TEXTS] * 5, TEXTS - 1]))


def test_the_gain_is_the_difference_of_the_means():
    record = rows({"none": 0.6, "imdb": 0.8})
    means = record.groupby("source")["accuracy"].mean()
    gain = course_utils.source_gain(record, "imdb", 64)
    assert gain.value == pytest.approx(means["imdb"] - means["none"])
    assert 0.1 < gain.low < gain.value < gain.high < 0.3


def test_runs_are_paired_by_their_seed():
    """A seed that only one of the two has does not count, and the order of the rows neither."""
    record = rows({"none": 0.6, "imdb": 0.8})
    gain = course_utils.source_gain(record, "imdb", 64)
    alone = rows({"imdb": 0.1}, seeds=7).iloc[6:]
    more = pd.concat([record, alone]).sample(frac=1, random_state=0)
    assert course_utils.source_gain(more, "imdb", 64) == gain


def test_the_chance_of_the_seeds_counts_from_five_on():
    """Seeds that differ by twenty points widen the interval; with three of them it cannot know."""
    record = rows({"none": 0.6, "imdb": 0.6})
    lucky = [rows({"imdb": chance}, seeds=1, start=n) for n, chance in enumerate((0.5, 0.7) * 3)]
    lucky = pd.concat(part.assign(seed=n) for n, part in enumerate(lucky))
    uneven = pd.concat([record[record["source"] == "none"], lucky])
    even, wide = (course_utils.source_gain(part, "imdb", 64) for part in (record, uneven))
    assert wide.high - wide.low > 1.5 * (even.high - even.low)
    few = course_utils.source_gain(uneven[uneven["seed"] < 4], "imdb", 64)
    assert few.high - few.low < 0.8 * (wide.high - wide.low)


def test_intervals_hold_the_truth():
    """Nearly always: the pigeonhole bootstrap is wide rather than narrow."""
    held = 0
    for start in range(60):
        record = rows({"none": 0.6, "imdb": 0.7}, start=start)
        gain = course_utils.source_gain(record, "imdb", 64, resamples=300)
        held += gain.low <= 0.1 <= gain.high
    assert held >= 55


def test_all_gains_that_can_be_had():
    record = pd.concat(
        [
            rows({"none": 0.6, "topics": 0.6, "imdb": 0.8}),
            rows({"none": 0.8, "imdb": 0.8}, labels=1_024),
            rows({"imdb": 0.8}, labels=0),
        ]
    )
    gains = course_utils.source_gains(record)
    assert list(gains) == [("imdb", 64), ("imdb", 1_024), ("topics", 64)]
    assert gains["imdb", 64] == course_utils.source_gain(record, "imdb", 64)
    assert course_utils.source_gains(record.iloc[:0]) == {}
    with pytest.raises(DataError, match="'imdb' and 'none' share no run with 0 labels"):
        course_utils.source_gain(record, "imdb", 0)
