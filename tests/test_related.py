"""Knowledge from a related task: the gain of each source, on the same seeds and test texts."""

import numpy as np
import pandas as pd
import pytest

import course_utils
from course_utils.judge.related import starts

TEXTS = 500


def rows(chances: dict, seeds=range(3), labels: int = 64, rate: float = 1e-4):
    """A record as it is stored: source -> how often it is right."""
    draw = np.random.default_rng(0)
    found = []
    for source, chance in chances.items():
        for seed in seeds:
            right = draw.random(TEXTS) < chance
            found.append(
                {"source": source, "labels": labels, "learning_rate": rate if labels else 0.0}
                | {"seed": seed, "accuracy": right.mean()}
                | {"test_texts": TEXTS, "correct": np.packbits(right).tobytes().hex()}
            )
    return pd.DataFrame(found)


def test_the_gain_is_the_difference_of_the_means():
    record = rows({"none": 0.6, "imdb": 0.8})
    means = record.groupby("source")["accuracy"].mean()
    (gain,) = course_utils.source_gains(record).values()
    assert gain.value == pytest.approx(means["imdb"] - means["none"])
    assert 0.1 < gain.low < gain.value < gain.high < 0.3


def test_a_seed_that_only_one_of_the_two_has_does_not_count():
    record = rows({"none": 0.6, "imdb": 0.8})
    alone = rows({"imdb": 0.1}, seeds=[9])
    more = pd.concat([record, alone])
    assert course_utils.source_gains(more) == course_utils.source_gains(record)


def test_all_gains_that_can_be_had():
    record = pd.concat(
        [
            rows({"none": 0.8, "imdb": 0.8}, labels=1_024),
            rows({"none": 0.6, "topics": 0.6, "imdb": 0.8}),
            rows({"imdb": 0.8}, labels=0),
            rows({"none": 0.5}, labels=16, seeds=[0]),
            rows({"topics": 0.5}, labels=16, seeds=[1]),
        ]
    )
    gains = course_utils.source_gains(record)
    assert list(gains) == [("imdb", 64), ("imdb", 1_024), ("topics", 64)]
    assert gains["imdb", 64].low > 0.1 > gains["topics", 64].high
    assert course_utils.source_gains(record.iloc[:0]) == {}


def test_the_gentle_runs_stand_apart():
    """Two learning rates are not averaged; what needs no label of ours begins both."""
    record = pd.concat(
        [
            rows({"none": 0.6, "imdb": 0.65}),
            rows({"imdb": 0.9}, rate=2e-5),
            rows({"imdb": 0.8}, labels=0, seeds=[0]),
        ]
    )
    parts = starts(record)
    assert list(parts) == ["imdb", "imdb, gently", "none"]
    assert [len(part) for part in parts.values()] == [4, 4, 3]
    gains = course_utils.source_gains(record)
    assert list(gains) == [("imdb", 64), ("imdb, gently", 64)]
    assert gains["imdb", 64].high < 0.15 < 0.2 < gains["imdb, gently", 64].low
