"""A race of methods, and what recipes gain: out of records that hold every answer or every seed."""

import numpy as np
import pandas as pd
import pytest

import course_utils
from course_utils.errors import DataError

TEXTS = 400


def row(method, right, labels=10, seed=0):
    correct = np.packbits(right).tobytes().hex()
    return {
        "checkpoint": "minilm",
        "method": method,
        "labels": labels,
        "seed": seed,
        "test_texts": len(right),
        "correct": correct,
    }


def first(share, size=TEXTS):
    """Right on the first texts, wrong on the others."""
    return np.arange(size) < share * size


@pytest.fixture
def record():
    rows = [row("majority", first(0.5)), row("words", first(0.7))]
    rows += [row("fine-tuned", first(share), seed=n) for n, share in enumerate((0.75, 0.8, 0.85))]
    return pd.DataFrame(rows + [row("fine-tuned", first(0.9), labels=20)])


def test_race_says_who_is_how_far_behind(record):
    table = course_utils.race(record, 10)
    assert list(table.index) == ["majority", "words", "fine-tuned"]
    assert table["accuracy"].tolist() == pytest.approx([0.5, 0.7, 0.8])
    assert table["behind"].tolist() == pytest.approx([0.3, 0.1, 0.0])
    assert table["seeds"].tolist() == [1, 1, 3]
    assert (table["behind_low"]["fine-tuned"], table["behind_high"]["fine-tuned"]) == (0, 0)


def test_an_interval_of_one_run_is_that_of_the_texts(record):
    words = course_utils.race(record, 10).loc["words"]
    low, high = course_utils.accuracy_interval(280, TEXTS)
    assert (words["low"], words["high"]) == pytest.approx((low, high), abs=0.01)


def test_a_difference_is_paired(record):
    """On the same texts the gain of 0.3 varies less than two accuracies would."""
    one = record[(record["method"] != "fine-tuned") | (record["seed"] == 1)]
    behind = course_utils.race(one, 10).loc["majority"]
    width = behind["behind_high"] - behind["behind_low"]
    expected = 2 * 1.96 * np.sqrt(0.3 * 0.7 / TEXTS)  # 30 of 100 texts were won, none was lost
    assert width == pytest.approx(expected, rel=0.08)


def test_an_interval_of_several_runs_holds_the_chance_of_seeds_too(record):
    """Without the draw of seeds it would be that of the texts alone."""
    wide, narrow = record.copy(), record.copy()
    runs = (narrow["method"] == "fine-tuned") & (narrow["labels"] == 10)
    narrow.loc[runs, "correct"] = row("", first(0.8))["correct"]
    widths = [
        course_utils.race(rows, 10).loc["fine-tuned"].pipe(lambda one: one["high"] - one["low"])
        for rows in (wide, narrow)
    ]
    assert widths[0] > 1.1 * widths[1]


def test_intervals_hold_the_true_difference():
    """Texts and seeds are both drawn anew, and seeds scatter as much as texts do."""
    draw, held, texts, seeds = np.random.default_rng(0), [], 200, 10
    for _ in range(200):
        easy = draw.choice([-0.2, 0.2], texts)
        luck = draw.normal(0, 0.08, (seeds, 1))
        right = draw.random((seeds, texts)) < 0.7 + easy + luck
        rows = [row("words", draw.random(texts) < 0.6 + easy)]
        rows += [row("fine-tuned", one, seed=seed) for seed, one in enumerate(right)]
        words = course_utils.race(pd.DataFrame(rows), 10, resamples=500).loc["words"]
        held.append(words["behind_low"] < 0.1 < words["behind_high"])
    assert np.mean(held) > 0.9


def test_an_empty_record_gives_no_rows(record):
    assert course_utils.race(record.iloc[:0], 10).empty


def test_what_was_not_measured_is_said(record):
    with pytest.raises(DataError, match="'fine-tuned' was not measured with 30 labels: .* 10, 20"):
        course_utils.race(record, 30)
    with pytest.raises(DataError, match="'bert' was not measured .* majority, words, fine-tuned"):
        course_utils.race(record, 10, winner="bert")


def recipes(*gains):
    rows = []
    for seed, gain in enumerate(gains):
        rows += [("default", "as the checkpoint comes", seed, 0.78)]
        rows += [("default", "lean", seed, 0.78 + gain), ("full", "lean", seed, 0.9)]
    return pd.DataFrame(rows, columns=["size", "recipe", "seed", "validation_accuracy"])


def test_gains_of_a_recipe_are_paired_by_seed():
    table = course_utils.recipe_gains(recipes(0.01, -0.01, 0.02, 0.0, -0.02).sample(frac=1))
    assert list(table.index) == ["lean"]
    seeds, gain, low, high = table.loc["lean"]
    assert (seeds, gain) == (5, 0)
    reach = 100 * 2.776 * np.std([0.01, -0.01, 0.02, 0.0, -0.02], ddof=1) / np.sqrt(5)
    assert (low, high) == (pytest.approx(-reach, abs=0.051), pytest.approx(reach, abs=0.051))
    assert course_utils.recipe_gains(recipes().iloc[:0]).empty


def test_further_seeds_of_the_recipe_of_the_course_count():
    rows = recipes(0.01, -0.01, 0.02, 0.0, -0.02, 0.05)
    rows.loc[rows["recipe"] == "lean", "recipe"] = "no dropout, words frozen"
    lean = (rows["recipe"] == "no dropout, words frozen") & (rows["size"] == "default")
    more = rows[lean].assign(checkpoint="minilm", learning_rate=1e-4)
    other = more.assign(learning_rate=1e-3, validation_accuracy=0.0)
    few = rows[~(lean & (rows["seed"] == 5))]
    assert course_utils.recipe_gains(few)["seeds"].tolist() == [5]
    table = course_utils.recipe_gains(few, pd.concat([other, more]))
    assert table.equals(course_utils.recipe_gains(rows))
    assert table["seeds"].tolist() == [6]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (recipes(0.01, 0.02).query("recipe == 'lean' or seed == 0"), "share 1 seeds: two or more"),
        (recipes(0.01, 0.02).query("recipe == 'lean'"), "share 0 seeds: two or more are needed"),
        (recipes(0.0, 0.0), r"gains \+0.0 points over .* with each of 2 seeds"),
    ],
)
def test_gains_that_nobody_can_judge_are_one_sentence(rows, sentence):
    with pytest.raises(DataError, match=sentence):
        course_utils.recipe_gains(rows)
