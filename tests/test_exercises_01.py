"""The checks of notebook 01: solutions in several forms, the stub, and typical wrong answers."""

import pandas as pd
import pytest

import course_utils
from course_utils.lessons.lesson_01 import exercises as lesson_01

GAINS = {
    # labels per topic -> accuracies, as if they had been measured
    16: {"tfidf": 0.41, "words": 0.66, "frozen": 0.79},
    8: {"tfidf": 0.34, "words": 0.58, "frozen": 0.73},
}


def said(capsys, number, **answers) -> str:
    course_utils.check(number, **answers)
    return capsys.readouterr().out


@pytest.fixture
def measured(monkeypatch):
    monkeypatch.setattr(lesson_01, "_accuracies", lambda labels, seed: GAINS[labels])


@pytest.fixture
def nothing_recorded(monkeypatch):
    empty = pd.DataFrame(columns=["subject", "method", "labels", "draw", "accuracy"])
    monkeypatch.setattr(lesson_01, "load_record", lambda name: empty)


# --- 1.1 ---


@pytest.mark.slow  # the solved notebook does the same, and its output is compared
def test_the_solution_of_the_lesson_with_the_real_encoder(capsys):
    """The check computes what the benchmark recorded, and takes it as an answer."""
    record = course_utils.load_record("label_efficiency")
    rows = record[(record["subject"] == "headlines") & (record["labels"] == 16)]
    recorded = rows[rows["draw"] == 7].set_index("method")["accuracy"]
    gain = recorded["frozen"] - recorded["tfidf"]
    answer = said(capsys, "1.1", my_seed=7, my_gain=gain)
    assert "✔" in answer and "with seed 7" in answer
    whole = course_utils.Difference(gain, gain - 0.02, gain + 0.02)
    assert "✔" in said(capsys, "1.1", my_seed=7, my_gain=whole)  # from paired_bootstrap


@pytest.mark.parametrize(
    ("seed", "gain", "message"),
    [
        (7, 0.38, "✔ +38.0 points with seed 7. The mean of the recorded draws is +"),
        (7, 0.3811, "✔"),
        (..., ..., "Not answered yet: give `my_seed` and `my_gain` a value."),
        (7, ..., "Not answered yet: give `my_gain` a value."),
        ("7", 0.38, "✘ Expected a whole number as `my_seed`, found '7'"),
        (7, -0.38, "✘ Expected frozen encoder minus TF-IDF, found -0.380: it is the other way"),
        (7, 38.0, "✘ Expected a fraction, found 38.0: ten points are 0.10."),
        (7, 38, "✘ Expected a fraction, found 38.0: ten points are 0.10."),
        (7, 0.79, "✘ Expected a difference, found 0.790: the accuracy of the frozen encoder alone"),
        (7, 0.41, "✘ Expected a difference, found 0.410: the accuracy of TF-IDF alone."),
        (7, 0.13, "found 0.130: that over word embeddings."),
        (7, 0.25, "found 0.250: that of words."),
        (7, 0.39, "✘ Expected 16 labels per topic, found 0.390: the gain with 8 per topic."),
        (7, 0.37, "✘ Expected another gain for seed 7, found 0.370, which is too low: is it the"),
        (7, 0.50, "✘ Expected another gain for seed 7, found 0.500, which is too high"),
        (7, "much", "✘ Expected one number as `my_gain`, found 'much' (str)"),
    ],
)
def test_own_draw(measured, seed, gain, message, capsys):
    assert message in said(capsys, "1.1", my_seed=seed, my_gain=gain)


@pytest.mark.parametrize(
    ("gain", "message"),
    [
        (0.32, "✔"),
        (0.31, "✔"),
        (0.3, "✘"),
        (0.312, "✘"),
        (32, "✘ Expected a fraction"),
        (-0.32, "other way"),
    ],
)
def test_own_draw_with_two_digits_may_be_rounded(monkeypatch, gain, message, capsys):
    made = {"tfidf": 0.4, "words": 0.5, "frozen": 0.7155}
    monkeypatch.setattr(lesson_01, "_accuracies", lambda labels, seed: made)
    assert message in said(capsys, "1.1", my_seed=7, my_gain=gain)


def test_own_draw_without_a_record(measured, nothing_recorded, capsys):
    assert said(capsys, "1.1", my_seed=7, my_gain=0.38) == "✔ +38.0 points with seed 7.\n"


# --- 1.2 ---


@pytest.fixture
def saved():
    record = course_utils.load_record("label_efficiency")
    rows = record[record["subject"] == "headlines"]
    return course_utils.labels_saved(rows, "frozen", "tfidf", labels=2)


def test_reading_computed_and_by_eye(saved, capsys):
    for needed in (saved.needed, 40, 36, 45):
        assert "✔ Computed: " in said(capsys, "1.2", needed=needed, times_as_many=needed / 2)
    rounded = said(capsys, "1.2", needed=41, times_as_many=20)
    assert "✔" in rounded


@pytest.mark.parametrize(
    ("needed", "times", "message"),
    [
        (..., ..., "Not answered yet: give `needed` and `times_as_many` a value."),
        (20, 10, "found 20: that is already the factor."),
        (54.3, 27, "found 54.3: that is the accuracy. Read the other axis."),
        (0.543, 0.27, "found 0.543: that is the accuracy."),
        (6, 3, "labels in `needed`, found 6: start at 2 labels"),
        (64, 32, "labels in `needed`, found 64: start at 2 labels"),
        (40, 40, "found 40 again: divide by the 2 labels of the encoder."),
        (40, 0.05, "✘ Expected `needed` / 2, found 0.05: divide the other way round."),
        (40, 10, "✘ Expected `needed` / 2 = 20 in `times_as_many`, found 10."),
        ("forty", 20, "✘ Expected one number as `needed`, found 'forty' (str)"),
    ],
)
def test_wrong_readings(needed, times, message, capsys):
    assert message in said(capsys, "1.2", needed=needed, times_as_many=times)


def test_reading_without_a_record(nothing_recorded, capsys):
    answer = said(capsys, "1.2", needed=1, times_as_many=1)
    assert answer == "✔ Nothing to read: this checkpoint was not measured.\n"
