"""The checks of notebook 06: each gets its solution, its stub, and wrong answers."""

import math

import numpy as np
import pytest
import torch

import course_utils
from course_utils.judge.evaluation import Evaluation
from course_utils.lessons.lesson_06 import exercises as lesson_06


def said(capsys, number, **answers):
    course_utils.check(number, **answers)
    return capsys.readouterr().out


# --- 6.1 ---


def make_accuracy(
    train_mode=False, dim=-1, gradients=False, mean_of_batches=False, times=1, size=32
):
    """The solution of the lesson; each option puts one fault into it."""

    def accuracy_of(model, tokenizer, data):
        model.train(train_mode)
        counts = []
        for start in range(0, len(data), size):
            part = data.take(range(start, min(start + size, len(data))))
            batch = tokenizer(list(part.texts), padding=True, return_tensors="pt")
            with torch.set_grad_enabled(gradients):
                logits = model(**batch).logits
            predicted = torch.argmax(logits) if dim is None else torch.argmax(logits, dim=dim)
            counts.append((predicted == torch.tensor(part.labels)).float())
        if mean_of_batches:
            return times * sum(right.mean().item() for right in counts) / len(counts)
        return times * torch.cat(counts).mean().item()

    return accuracy_of


@pytest.mark.parametrize("size", [1, 5, 32, 64])
def test_accuracy_is_praised(capsys, size):
    out = said(capsys, "6.1", accuracy_of=make_accuracy(size=size))
    assert out == "✔ 32 of 33 right: every text counts the same, and the model is at rest.\n"


def shares_over_texts(model, tokenizer, data):
    """Shares of batches of eight, added up, divided by the number of texts."""
    accuracy_of = make_accuracy(mean_of_batches=True, size=8)
    return accuracy_of(model, tokenizer, data) * math.ceil(len(data) / 8) / len(data)


def test_course_utils_itself_solves_it(capsys):
    def accuracy_of(model, tokenizer, data):
        return course_utils.evaluate(model, tokenizer, data).accuracy

    assert said(capsys, "6.1", accuracy_of=accuracy_of).startswith("✔")


@pytest.mark.parametrize("stub", [..., lambda model, tokenizer, data: ...])
def test_accuracy_not_answered(capsys, stub):
    assert said(capsys, "6.1", accuracy_of=stub).startswith("Not answered yet: ")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (make_accuracy(train_mode=True), "Expected the model in eval mode"),
        (make_accuracy(dim=None), "did argmax get its `dim`?"),
        (make_accuracy(dim=0), "The size of tensor a (2) must match"),
        (make_accuracy(gradients=True), "found that gradients are kept"),
        (make_accuracy(mean_of_batches=True, gradients=True), "found 0.500: count the right"),
        (shares_over_texts, "found 0.125, an eighth: are shares of batches added up"),
        (make_accuracy(mean_of_batches=True), "found 0.500: count the right answers over all"),
        (make_accuracy(mean_of_batches=True, size=16), "found 0.667: count the right answers"),
        (make_accuracy(times=100), "Expected a fraction between 0 and 1, found 100."),
        (lambda model, tokenizer, data: 1.0, "it was never called"),
        (lambda model, tokenizer, data: None, "found None (NoneType)"),
        (lambda model, tokenizer: 1.0, "Your code stopped with TypeError"),
        (0.77, "Expected a function, found a float"),
    ],
)
def test_accuracy_wrong(capsys, wrong, message):
    out = said(capsys, "6.1", accuracy_of=wrong)
    assert out.startswith("✘")
    assert message in out


# --- 6.2 ---


def test_reading(capsys):
    assert said(capsys, "6.2", reading="a").startswith("✔")
    assert said(capsys, "6.2", reading=" A ").startswith("✔")
    assert said(capsys, "6.2", reading=...).startswith("Not answered yet: give `reading` a value.")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("b", "the bootstrap trained nothing again"),
        ("c", "no hotel review was drawn"),
        ("d", 'Expected "a", "b" or "c", found \'d\''),
        (1, 'Expected "a", "b" or "c", found 1'),
        (None, "found None"),
    ],
)
def test_reading_wrong(capsys, wrong, message):
    out = said(capsys, "6.2", reading=wrong)
    assert out.startswith("✘")
    assert message in out


# --- 6.3 ---

TOTAL, PART = 100, 40


@pytest.fixture(scope="module")
def result():
    """80 of 100 right; the first 40 are the part, with 28 right."""
    texts = [f"text {number}" for number in range(TOTAL)]
    right = np.zeros(TOTAL, dtype=bool)
    right[:28] = right[40:92] = True
    probabilities = np.where(right[:, None], [0.3, 0.7], [0.7, 0.3])
    data = course_utils.LabeledTexts(texts, [1] * TOTAL)
    return Evaluation("a method", data, probabilities)


PARTS = [np.arange(TOTAL) < PART, list(range(PART))]
GOOD = {
    "right": 28,
    "accuracy": 28 / PART,
    "interval": course_utils.accuracy_interval(28, PART),
}


@pytest.mark.parametrize("part", PARTS, ids=["True and False", "rows"])
def test_part(capsys, result, part):
    assert result.correct.sum() == 80
    out = said(capsys, "6.3", result=result, part=part, **GOOD)
    assert out.startswith("✔ 70.0 % with a negation (54.6 to 81.9), 80.0 % over all reviews.")
    arrays = {name: np.array(value) for name, value in GOOD.items()}
    assert said(capsys, "6.3", result=result, part=part, **arrays).startswith("✔")


def test_part_not_answered(capsys, result):
    stub = dict.fromkeys(GOOD, ...)
    out = said(capsys, "6.3", result=result, part=PARTS[0], **stub)
    assert out.startswith("Not answered yet: give `right`")
    out = said(capsys, "6.3", result=result, part=PARTS[0], **(GOOD | {"interval": ...}))
    assert out.startswith("Not answered yet: give `interval` a value.")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"right": 80}, "found all: use correct[negated]"),
        ({"right": 12}, "these are the wrong ones"),
        ({"right": 0.7}, "found 0.7"),
        ({"right": [True] * 28}, "(list)"),
        ({"accuracy": 70.0}, "not in percent"),
        ({"accuracy": 28 / TOTAL}, "found right / 100"),
        ({"accuracy": 0.8}, "Expected `accuracy` = right / 40, found 0.800"),
        ({"interval": course_utils.accuracy_interval(80, TOTAL)}, "found that of all test reviews"),
        ({"interval": course_utils.accuracy_interval(28, TOTAL)}, "found 0.201 to 0.375: use"),
        ({"interval": (54.6, 81.9)}, "✘ Expected the bounds as fractions, as they come"),
        ({"interval": 0.7}, "Expected `interval` to hold two bounds, found 0.7"),
        ({"interval": (torch.ones(2), 0.9)}, "✘ Expected one number as `interval[0]`, found tens"),
        ({"interval": (0.5, 0.6, 0.7)}, "Expected `interval` to hold two bounds"),
    ],
)
def test_part_wrong(capsys, result, wrong, message):
    out = said(capsys, "6.3", result=result, part=PARTS[0], **(GOOD | wrong))
    assert out.startswith("✘")
    assert message in out


# --- 6.4 ---


def judged(*pairs):
    """An evaluation of texts with these probabilities of positive, and their labels."""
    positive, labels = (np.array(each) for each in zip(*pairs, strict=True))
    data = course_utils.LabeledTexts([f"text {n}" for n in range(len(labels))], labels.tolist())
    return Evaluation("model", data, np.stack([1 - positive, positive], axis=1))


# On validation 0.6 is enough (8 of 9); on test it takes 0.7.
FEW = [(0.95, 1)] * 8
ON_VALIDATION = judged(*FEW, (0.62, 0), (0.57, 0), (0.52, 0), (0.2, 0))
ON_TEST = judged(*FEW, (0.72, 0), (0.67, 0), (0.66, 0), (0.2, 1))


def choose(capsys, **answers):
    return said(capsys, "6.4", validation=ON_VALIDATION, test=ON_TEST, **answers)


@pytest.mark.parametrize("chosen", [0.6, np.float64(0.6), torch.tensor(0.6)])
def test_choice_is_praised(capsys, chosen):
    out = choose(capsys, chosen=chosen, reported=100 * 8 / 11)
    assert out == "✔ Chosen on validation, 0.6; reported once, on test: 72.7 %.\n"


def test_choice_where_nothing_is_printed_on_test(capsys):
    """`poster` gives no number then, and so does the solution of the lesson."""
    unsure = judged((0.55, 1), (0.2, 0))
    answers = {"validation": ON_VALIDATION, "test": unsure, "chosen": 0.6}
    assert "✔ Chosen on validation, 0.6; on test nothing is pr" in said(
        capsys, "6.4", **answers, reported=math.nan
    )
    assert "✘" in said(capsys, "6.4", **answers, reported=100)


def test_choice_not_answered(capsys):
    out = choose(capsys, chosen=0.6, reported=...)
    assert out.startswith("Not answered yet: give `reported` a value.")


@pytest.mark.parametrize(
    ("chosen", "reported", "message"),
    [
        (0.7, 100 * 8 / 9, "found 0.7, that of test: whoever chooses on test reports luck"),
        (0.5, 72.7, "the smallest threshold that reaches 85 % on validation (or the last one"),
        (0.5, 72.7, "found 0.5, where 72.7 % are positive."),
        (0.9, 100, "found 0.9, where 100.0 % are positive."),
        (0.6, 100 * 8 / 9, "found 88.9, that on validation: the threshold was chosen there"),
        (0.6, 8 / 11, "Expected `reported` in per cent, found 0.727: a fraction."),
        (0.6, 50, "Expected the precision on test at your threshold, in per cent, found 50.0: `po"),
        (0.62, 72.7, "Expected one of the thresholds as `chosen`, found 0.62."),
        ("0.6, I think", 72.7, "Expected one number as `chosen`, found '0.6, I think' (str)"),
        ((72.7, 40.0), 72.7, "Expected one number as `chosen`, found (72.7, 40.0) (tuple)"),
    ],
)
def test_choice_wrong(capsys, chosen, reported, message):
    out = choose(capsys, chosen=chosen, reported=reported)
    assert out.startswith("✘") and message in out


def test_when_no_threshold_keeps_the_promise(capsys):
    poor = judged((0.95, 0), (0.95, 1))
    out = said(capsys, "6.4", validation=poor, test=poor, chosen=0.9, reported=50)
    assert out.startswith("✔")


# --- hints ---


@pytest.mark.parametrize("number", ["6.1", "6.2", "6.3", "6.4"])
def test_hints(capsys, number):
    for which in (1, 2):
        course_utils.show_hint(number, which)
        assert capsys.readouterr().out.startswith(f"Hint {which} of 2: ")


def test_the_known_answers_hold_both_labels():
    """With one label only, a forgotten `dim` could pass by luck."""
    _, _, data = lesson_06._known_answers()
    assert len(data) == 33
    assert set(data.labels[:8]) == {0, 1}
    assert all(count >= 10 for count in data.counts().values())
