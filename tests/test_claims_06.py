"""What notebook 06 says about recorded results is what the records say."""

import re
from pathlib import Path

import pytest
from scipy.stats import chi2

import course_utils
from course_utils.look.figures.chance import default_runs

pytestmark = pytest.mark.lint

ROOT = Path(__file__).resolve().parent.parent
LESSON = (ROOT / "instructor" / "lessons" / "06_evaluation.py").read_text(encoding="utf-8")
PROSE = " ".join(LESSON.replace("\n# ", " ").split())


@pytest.fixture(scope="module")
def runs():
    return default_runs(course_utils.load_record("fine_tuning")).set_index("seed")


@pytest.fixture(scope="module")
def weak():
    return course_utils.load_record("weak_spots")


def test_seat_0_has_these_two_numbers(runs):
    said = re.search(r"Seat 0 has (\d+\.\d) % on validation, (\d+\.\d) on test;", PROSE).groups()
    found = 100 * runs.loc[0, ["validation_accuracy", "accuracy"]]
    assert [f"{value:.1f}" for value in found] == list(said)


def test_the_best_on_validation_were_lucky_there(runs):
    """On test, each of them is below the mean of all, or next to it."""
    assert "The lines cross. The best on validation were lucky *there*" in PROSE
    best = runs[runs["validation_accuracy"] == runs["validation_accuracy"].max()]
    assert 0 in best.index
    assert (best["accuracy"] < runs["accuracy"].mean() + 0.002).all()
    assert abs(runs["validation_accuracy"].mean() - runs["accuracy"].mean()) < 0.01


def test_ten_seeds_cannot_tell_which_chance_is_larger(runs):
    """The standard deviation that the reviews give lies in the interval of that of the seeds."""
    assert "(c): the interval of the seeds, 0.6 to 1.6, holds 1.2." in PROSE
    accuracy = runs["accuracy"]
    of_reviews = (accuracy.mean() * (1 - accuracy.mean()) / 1290) ** 0.5
    free = len(accuracy) - 1
    low, high = (accuracy.std() * (free / chi2.ppf(p, free)) ** 0.5 for p in (0.975, 0.025))
    assert len(accuracy) == 10 and low < of_reviews < high
    in_points = [round(100 * value, 1) for value in (accuracy.std(), low, high, of_reviews)]
    assert in_points == [0.9, 0.6, 1.6, 1.2]


def test_all_five_do_worse_on_imdb_and_miss_praise(weak):
    assert (
        "All five miss praise more often than blame (one hardly), and call too few positive"
        in PROSE
    )
    assert len(weak) == 5
    assert "by 5 points on average" in PROSE
    assert round(100 * weak["accuracy lost on IMDb"].mean()) == 5
    assert weak["missed praise minus missed blame"].min() < 0.05
    assert (weak["accuracy lost on IMDb"] > 0).all()
    assert (weak["missed praise minus missed blame"] > 0).all()


def test_with_a_negation_far_too_few_are_called_positive(weak):
    _, _, test = course_utils.load_reviews(quiet=True)
    words = {"not", "no", "never", "nothing", "nor", "neither"}
    negated = [bool(words & set(text.split())) or "n't" in text for text in test.texts]
    true = sum(label for label, one in zip(test.labels, negated, strict=True) if one) / sum(negated)
    assert weak["called positive with a negation"].max() + 0.1 < true


def test_not_bad_is_blame_to_every_model(weak):
    assert 'For the model, "not bad" is blame' in PROSE
    assert weak["not bad"].max() < 0.2


def test_wilson_and_the_exact_interval_hardly_differ_from_40_texts_on():
    for total in (40, 100):
        for right in range(total + 1):
            pairs = zip(
                course_utils.accuracy_interval(right, total),
                course_utils.accuracy_interval(right, total, exact=True),
                strict=True,
            )
            assert all(abs(one - other) < 0.05 for one, other in pairs)
