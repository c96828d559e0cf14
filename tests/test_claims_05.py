"""What notebook 05 says about recorded results is what the records say."""

import pytest

import course_utils


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


def test_time_follows_the_tokens(cost):
    per_token = cost["seconds"] / cost["tokens"]
    assert per_token.max() / per_token.min() < 1.15


def test_memory_stays_nearly_flat(cost):
    memory = cost["peak_mb"]
    assert memory[2_000, 32] / memory[500, 32] < 1.35
    assert memory[500, 128] > memory[500, 32]  # longer texts, larger batches
    assert memory.max() < 1_500
