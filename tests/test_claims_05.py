"""What notebook 05 says about recorded results is what the records say."""

import json
import math
import re
import statistics
from pathlib import Path

import pytest

import course_utils

pytestmark = pytest.mark.lint

ROOT = Path(__file__).resolve().parent.parent
LESSON = (ROOT / "instructor" / "lessons" / "05_fine_tuning.py").read_text(encoding="utf-8")
PROSE = " ".join(LESSON.replace("\n# ", " ").split())


@pytest.fixture(scope="module")
def runs():
    return course_utils.load_record("fine_tuning").query("size == 'default'")


@pytest.fixture(scope="module")
def epochs():
    return course_utils.load_record("epochs")


@pytest.fixture(scope="module")
def few():
    return course_utils.race(course_utils.load_record("fair_race"), 2_000)


@pytest.fixture(scope="module")
def all_():
    return course_utils.race(course_utils.load_record("fair_race"), 6_376)


# --- the slide ---


def test_dropout_decides_some_answers_and_the_head_the_others():
    assert "For these 12, yes. The others depend on the seed" in PROSE
    record = course_utils.load_record("slide_recipe")
    positive = record["positive_after"] > 0.5  # with dropout off
    assert (positive != (record["positive"] > 0.5)).sum() == 12
    assert 0.3 < positive.mean() < 0.7
    assert (record["positive_after"] - record["positive_before"]).abs().mean() < 0.001


# --- the two savings ---


def test_both_savings_may_cost_nothing_or_as_much_as_low():
    assert "the accuracy may move by anything from `low` to `high`" in PROSE
    records = [course_utils.load_record(name) for name in ("recipes", "fine_tuning")]
    gains = course_utils.recipe_gains(*records)
    assert list(gains.index) == ["no dropout", "no dropout, words frozen"]
    assert (gains["low"] < 0).all() and (gains["high"] > 0).all()
    assert (gains["seeds"] >= 5).all()


def test_two_savings_make_an_epoch_about_a_quarter_faster(monkeypatch):
    """The ratios within a round, all else equal: a quarter lies among them, and is the nearest."""
    assert "an epoch is about a quarter faster" in PROSE
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
    assert min(ratios) < 1.25 < max(ratios)
    assert round(4 * (statistics.median(ratios) - 1)) == 1


# --- six epochs ---


def test_six_epochs_overfit(epochs):
    """On train the loss falls on and on; on validation it rises from some epoch on: every run."""
    assert sorted(set(epochs["epoch"])) == [1, 2, 3, 4, 5, 6]
    for _, run in epochs.sort_values("epoch").groupby("seed"):
        assert (run["train_loss"].diff().dropna() < 0).all()
        found = run["validation_loss"].to_numpy()
        assert found[-1] > found[0] and found.argmin() < 3


def test_six_epochs_learn_by_heart_and_the_accuracy_even_rises(epochs):
    assert "the accuracy on validation even rises: fewer answers are wrong" in PROSE
    assert "(a wrong 99 % costs a loss of 4.6)" in PROSE and round(-math.log(0.01), 1) == 4.6
    means = epochs.groupby("epoch").mean(numeric_only=True)
    assert means["train_accuracy"][6] > 0.99 and means["train_loss"][6] < 0.05
    assert means["validation_loss"][6] > 1.5 * means["validation_loss"].min()
    assert "five more bring two or three points" in PROSE
    assert 0.02 < means["validation_accuracy"][6] - means["validation_accuracy"][1] < 0.03


def test_the_guide_says_what_six_epochs_bring(epochs):
    accuracy = 100 * epochs.pivot(index="epoch", columns="seed", values="validation_accuracy")
    gains = accuracy.loc[6] - accuracy.loc[1]
    guide = " ".join((ROOT / "instructor" / "GUIDE.md").read_text(encoding="utf-8").split())
    assert len(gains) == 3
    assert (
        f"From {accuracy.loc[1].mean():.1f} to {accuracy.loc[6].mean():.1f} %, the mean of three "
        f"seeds on 864 reviews; one seed gains {gains.min():.1f} points, another {gains.max():.1f}."
    ) in guide


# --- the fair race ---


def test_with_few_labels_most_of_the_gain_comes_without_fine_tuning(few):
    words, frozen = few.loc["TF-IDF, words"], few.loc["frozen + logistic regression"]
    assert words["behind"] - frozen["behind"] > words["behind"] / 2
    points = 100 * frozen[["behind_low", "behind_high"]]
    ahead = f"one epoch of fine-tuning is {100 * words['behind']:.1f} points ahead of TF-IDF"
    assert ahead in PROSE
    assert f"but only {100 * frozen['behind']:.1f} ahead of the frozen encoder" in PROSE
    assert "its interval, {:+.1f} to {:+.1f}, just holds zero".format(*points) in PROSE
    assert -0.005 < frozen["behind_low"] < 0 < frozen["behind_high"]


def test_the_notebook_and_the_page_of_results_say_the_same_intervals(few, all_):
    """One claim has one interval: that of `race`, over reviews and seeds."""
    page = (ROOT / "RESULTS.md").read_text(encoding="utf-8").split("## The fair race")[1]
    table = re.findall(r"^\| .*", page.split("\n## ")[0], re.MULTILINE)[1:]  # without its head
    notebook = (ROOT / "notebooks" / "05_fine_tuning.ipynb").read_text(encoding="utf-8")
    number = r"([+-]\d+\.\d) \(([+-]\d+\.\d) to ([+-]\d+\.\d)\)"
    for race, column in ((few, 3), (all_, 5)):
        found = {re.findall(number, line.split("|")[column] + "|")[0] for line in table[:-1]}
        points = 100 * race.drop(index="fine-tuned")[["behind", "behind_low", "behind_high"]]
        assert found == {tuple(f"{one:+.1f}" for one in row) for row in points.to_numpy()}
        closest = points.iloc[-1]
        said = "is {:.1f} points behind ({:.1f} to {:.1f}).".format(*closest)
        assert f"The next best, {closest.name}, {said}" in notebook


def test_with_all_labels_good_word_counts_overtake_the_frozen_encoder(few, all_):
    frozen = "frozen + logistic regression"
    assert "the frozen encoder stands still, good word counts overtake it" in PROSE
    assert abs(all_["accuracy"][frozen] - few["accuracy"][frozen]) < 0.015
    assert few["accuracy"].drop(index="fine-tuned").idxmax() == frozen
    assert all_["accuracy"]["NB-SVM"] > all_["accuracy"][frozen]


def test_with_all_labels_fine_tuning_is_ahead_of_each(all_):
    assert "fine-tuning is ahead of all" in PROSE
    assert (all_["behind_low"].drop(index="fine-tuned") > 0).all()
    assert len(all_) == 7


# --- the dial ---


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
    assert found.tolist() == pytest.approx([share] * len(found), abs=1e-5)


def test_the_three_low_points_lie_far_apart(runs):
    found = runs[runs["learning_rate"] == 1e-5]["validation_accuracy"]
    (points,) = re.findall(r"the three recorded seeds at 1e-5 are (\d+) points apart", PROSE)
    assert len(found) == 3 and round(100 * (found.max() - found.min())) == int(points)


def test_half_a_point_is_less_than_seeds_differ(runs):
    assert "gains half a point with one seed, that says little: seeds differ by more" in PROSE
    accuracy = runs[runs["learning_rate"] == 1e-4]["validation_accuracy"]
    assert accuracy.std() > 0.01
    quiz = (ROOT / "course_utils" / "lessons" / "lesson_05" / "quiz.toml").read_text("utf-8")
    assert "Ten seeds of one recipe were more than four points apart." in quiz
    assert len(accuracy) == 10 and accuracy.max() - accuracy.min() > 0.04
