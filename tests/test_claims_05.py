"""What notebook 05 says about recorded results is what the records say."""

import json
import statistics
from pathlib import Path

import pytest

import course_utils

pytestmark = pytest.mark.lint

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def recipes():
    record = course_utils.load_record("recipes").query("size == 'default'")
    return record.groupby("recipe", sort=False)["validation_accuracy"].agg(["mean", "min", "max"])


@pytest.fixture(scope="module")
def runs():
    return course_utils.load_record("fine_tuning").query("size == 'default'")


@pytest.fixture(scope="module")
def cost():
    return course_utils.load_record("cost").set_index(["texts", "max_length"])


def test_two_savings_cost_no_accuracy_that_one_can_see(recipes):
    assert list(recipes.index)[1:] == ["no dropout", "no dropout, words frozen"]
    assert recipes["min"].max() < recipes["max"].min()  # the ranges overlap
    assert recipes["mean"].max() - recipes["mean"].min() < 0.01


def test_five_seeds_a_recipe():
    rows = course_utils.load_record("recipes").query("size == 'default'")
    assert (rows.groupby("recipe").size() == 5).all()


def test_too_small_a_rate_learns_little_and_too_large_a_rate_breaks_the_training(runs):
    accuracy = runs.groupby("learning_rate")["validation_accuracy"]
    assert accuracy.max()[1e-5] + 0.05 < accuracy.min()[1e-4]
    assert accuracy.max()[1e-3] < 0.54  # where guessing is


def test_too_large_a_rate_gives_one_answer_for_all(runs):
    """All its runs have the accuracy of a model that calls every review positive."""
    course_utils.use(size="default")
    _, validation, _ = course_utils.load_reviews(quiet=True)
    found = runs[runs["learning_rate"] == 1e-3]["validation_accuracy"]
    share = validation.counts()["positive"] / len(validation)
    assert f"{100 * share:.1f} %" == "48.7 %"
    assert found.tolist() == pytest.approx([share] * len(found), abs=1e-5)


def test_the_three_low_points_lie_far_apart(runs):
    low = runs[runs["learning_rate"] == 1e-5]["accuracy"]
    found = runs[runs["learning_rate"] == 1e-5]["validation_accuracy"]
    assert len(low) == 3 and 0.13 < found.max() - found.min() < 0.15  # GUIDE: "14 points apart"


def test_two_savings_make_an_epoch_faster(monkeypatch):
    """The median of the ratios within a round, all else equal: "about a quarter faster"."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import results

    rows = json.loads(results.BENCH.read_text(encoding="utf-8"))["rows"]
    speed = {
        (row["contender"], row["round"]): row["texts_per_second"]
        for row in rows
        if row["kind"] == "reviews" and "texts_per_second" in row
    }
    rounds = {number for _, number in speed}
    ratios = [speed["best_recipe", n] / speed["same_recipe", n] for n in rounds]
    assert 1.2 < statistics.median(ratios) < 1.35


def test_more_reviews_bring_accuracy():
    runs = course_utils.load_record("fine_tuning")
    runs = runs[runs["learning_rate"] == 1e-4].groupby("size")["validation_accuracy"]
    assert runs.mean().mul(100).round(1).to_dict() == {"default": 78.0, "full": 81.1}
    assert runs.size().to_dict() == {"default": 10, "full": 3}


def test_time_follows_the_tokens(cost):
    per_token = cost["seconds"] / cost["tokens"]
    assert per_token.max() / per_token.min() < 1.3  # over fifty times as many tokens


def test_memory_stays_nearly_flat(cost):
    memory = cost["peak_mb"]
    assert memory[25_000, 32] / memory[500, 32] < 1.35
    assert 0.9 < cost["tokens"][500, 128] / cost["tokens"][2_000, 32] < 1.1
    assert 0.9 < cost["seconds"][500, 128] / cost["seconds"][2_000, 32] < 1.1
    assert memory[500, 128] > memory[500, 32]  # longer texts, larger batches
    assert memory.max() < 1_500
