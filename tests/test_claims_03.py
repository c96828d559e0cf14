"""What the prose of notebook 03 says about recorded runs."""

import numpy as np
import pytest

import course_utils


@pytest.fixture(scope="module")
def differences():
    """Labels -> accuracy of the encoder that went on learning minus that of `minilm`, per seed."""
    runs = course_utils.load_record("continued_pretraining").query("part == 'test'")
    pairs = runs.pivot(index=["labels", "seed"], columns="encoder", values="accuracy").dropna()
    gains = 100 * (pairs["continued"] - pairs["minilm"])
    return {labels: rows.to_numpy() for labels, rows in gains.groupby("labels")}


def test_with_64_labels_the_seeds_differ_more_than_the_encoders(differences):
    gains = differences[64]
    assert len(gains) == 10
    assert abs(gains.mean()) < 1.96 * gains.std(ddof=1) / np.sqrt(len(gains)) < gains.std()


@pytest.mark.parametrize("labels", [512, 6_376])
def test_with_more_labels_it_is_worse_in_every_seed(differences, labels):
    gains = differences[labels]
    assert (gains < 0).all()
    if labels == 512:
        assert round(gains.mean()) == -4  # "on average by about four points"


def test_the_chosen_rates_are_no_accident_of_the_grid():
    """Of the encoder that lost, a higher and a lower rate were worse, too."""
    rows = course_utils.load_record("continued_pretraining").query("part == 'validation'")
    rows = rows[rows["encoder"] == "continued"]
    for _, tried in rows.groupby("labels"):
        means = tried.groupby("learning_rate")["accuracy"].mean()
        assert means.index[0] < means.idxmax() < means.index[-1]
