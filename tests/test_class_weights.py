"""Class weights: what they are, what the loss becomes, and what a rare label gains."""

import numpy as np
import pandas as pd
import pytest
import torch
from real_model import NEGATIVE, POSITIVE, new_classifier, small_set, tokenizer, weights
from sklearn.utils.class_weight import compute_class_weight

import course_utils
from course_utils import LabeledTexts
from course_utils.errors import DataError
from course_utils.model import alone
from course_utils.model.batches import Batches
from course_utils.model.class_weights import on_average_one, weights_by_label
from course_utils.model.history import History

NAMES = ("business", "sport", "tech")
NEWS = LabeledTexts(["shares fell", "they won", "a new phone", "they lost"], [0, 1, 2, 1], NAMES)
RARE = LabeledTexts(NEGATIVE + POSITIVE[:2], [0] * 8 + [1] * 2)
"""Eight negative reviews, two positive ones."""


def fine_tune(model, data=RARE, **options):
    options = {"batch_size": 4, "learning_rate": 1e-4} | options
    return course_utils.fine_tune(model, tokenizer(), data, **options)


def test_balanced_is_what_scikit_learn_calls_so():
    expected = compute_class_weight("balanced", classes=np.arange(3), y=np.array(NEWS.labels))
    assert weights_by_label("balanced", NEWS) == pytest.approx(expected)
    assert weights_by_label("balanced", NEWS) == pytest.approx([4 / 3, 2 / 3, 4 / 3])
    assert weights_by_label("balanced", RARE) == [10 / 16, 10 / 4]


@pytest.mark.parametrize(
    "given",
    [
        [1, 2, 0.5],
        (1.0, 2.0, 0.5),
        np.array([1, 2, 0.5]),
        torch.tensor([1, 2, 0.5]),
        iter([1, 2, 0.5]),
        {"business": 1, "sport": 2, "tech": 0.5},
        {"tech": np.float32(0.5), "sport": np.int64(2)},  # a label that is not named keeps 1
        pd.Series([0.5, 1, 2], ["tech", "business", "sport"]),
    ],
)
def test_weights_by_name_or_in_the_order_of_the_names(given):
    found = weights_by_label(given, NEWS)
    assert found == [1.0, 2.0, 0.5] and {type(weight) for weight in found} == {float}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("balance", "class_weights='balance': expected None, \"balanced\", or a number for each "
         "label. Did you mean 'balanced'?"),
        ({"sports": 2}, "class_weights names 'sports', expected labels of train: business, sport, "
         "tech. Did you mean 'sport'?"),
        ({1: 2}, "class_weights names 1, expected labels of train: business, sport, tech."),
        (pd.Series([1, 2, 3]), "class_weights names 0, expected labels of train: business, sport"),
        ({"sport": -1}, "The class weight of sport is -1, expected a number above 0, such as 2 fo"),
        ({"sport": 0}, "The class weight of sport is 0, expected a number above 0"),
        ([1, 2, float("nan")], "The class weight of tech is nan, expected a number above 0"),
        ([1, 2, float("inf")], "The class weight of tech is inf, expected a number above 0"),
        ([1, "2", 3], "The class weight of sport is '2', expected a number above 0"),
        ([1, None, 3], "The class weight of sport is None, expected a number above 0"),
        ([1, 2], "class_weights has 2 numbers for 3 labels: one for each, in the order business, "
         "sport, tech, or a dict by name."),
        ([], "class_weights has 0 numbers for 3 labels"),
        ({1.0, 2.0, 3.0}, "class_weights is a set, expected None, \"balanced\", or a number for"),
        (2, "class_weights is a int, expected None, \"balanced\", or a number for each label"),
        (True, "class_weights is a bool, expected None, \"balanced\", or a number for each"),
        (pd.DataFrame({"w": [1, 2, 3]}), "class_weights is a DataFrame, expected None"),
        (b"balanced", "class_weights is a bytes, expected None"),
    ],
)  # fmt: skip
def test_one_sentence_for_what_are_no_weights(given, sentence):
    model = new_classifier(label_names=NAMES)
    before = weights(model)
    with pytest.raises(DataError) as caught:
        fine_tune(model, NEWS, class_weights=given)
    assert str(caught.value).startswith(sentence)
    assert torch.equal(weights(model), before)


def test_a_label_without_texts_cannot_be_balanced():
    data = LabeledTexts(["shares fell", "they won"], [0, 1], NAMES)
    with pytest.raises(DataError) as caught:
        fine_tune(new_classifier(label_names=NAMES), data, class_weights="balanced")
    assert str(caught.value) == (
        'No text of train has the label tech, so class_weights="balanced" cannot tell its weight: '
        "bring some, or give the weights yourself, such as {'business': 2}."
    )
    run = fine_tune(new_classifier(label_names=NAMES), data, class_weights={"business": 2})
    assert run.class_weights == [2, 1, 1] and np.isfinite(run.losses).all()


# --- the loss ---


@pytest.mark.parametrize("dropout", [False, True])
def test_without_weights_the_loss_is_the_model_s_own_bit_for_bit(monkeypatch, dropout):
    runs, models = [], []
    for own in (False, True):
        if own:  # as the loop was before there were class weights
            monkeypatch.setattr(alone, "loss_of", lambda model, batch, _: model(**batch).loss)
        models.append(new_classifier())
        options = {"epochs": 2, "dropout": dropout, "validation": RARE}
        runs.append(fine_tune(models[-1], **options))
    assert runs[0].losses == runs[1].losses
    assert torch.equal(weights(models[0]), weights(models[1]))
    assert runs[0].validation_accuracies == runs[1].validation_accuracies
    assert runs[0].class_weights is None and runs[0].validation_macro_f1s == []


def test_first_loss_by_hand():
    """Each text's cross-entropy times its label's weight, in the mean: no text is lost."""
    given, model = {"negative": 1, "positive": 6}, new_classifier()
    rows = Batches(tokenizer(), RARE.texts, batch_size=8, seed=0).order()[0]
    texts, labels = [RARE.texts[row] for row in rows], [RARE.labels[row] for row in rows]
    p = course_utils.predict(model, tokenizer(), texts)
    mean = (8 * 1 + 2 * 6) / 10  # of the weights, over all texts
    by_hand = [-np.log(p[i, y]) * (6 if y else 1) / mean for i, y in enumerate(labels)]
    assert len(set(labels)) == 2  # the batch has both
    run = fine_tune(model, batch_size=8, class_weights=given)
    assert run.losses[0] == pytest.approx(np.mean(by_hand), rel=1e-5)
    assert run.class_weights == [1.0, 6.0]


def test_a_weight_counts_in_a_batch_of_one_text_too():
    """Divided by the weights of the batch, the weight of a single text would cancel out."""
    plain, weighted = (
        fine_tune(new_classifier(), batch_size=1, class_weights=given).losses[0]
        for given in (None, [1, 4])
    )
    first = Batches(tokenizer(), RARE.texts, batch_size=1, seed=0).order()[0][0]
    weight = [1, 4][RARE.labels[first]] / 1.6
    assert weighted == pytest.approx(weight * plain, rel=1e-5)


def test_only_the_ratios_count():
    assert on_average_one([3, 3], RARE.labels, "cpu").tolist() == pytest.approx([1, 1])
    assert on_average_one(weights_by_label("balanced", RARE), RARE.labels, "cpu").tolist() == (
        pytest.approx([10 / 16, 10 / 4])
    )  # they have the mean 1 already
    small, large = (
        fine_tune(new_classifier(), class_weights=given).losses for given in ([1, 3], [10, 30])
    )
    assert small == pytest.approx(large, rel=1e-4)
    plain, same = (
        fine_tune(new_classifier(), class_weights=given).losses for given in (None, [7, 7])
    )
    assert plain == pytest.approx(same, rel=1e-4)


def test_a_rare_label_gains():
    """What it is for: two positive reviews among ten pull as much as the eight negative ones."""
    found = []
    for given in (None, "balanced"):
        model = new_classifier()
        fine_tune(model, epochs=4, class_weights=given)
        found.append(course_utils.predict(model, tokenizer(), POSITIVE)[:, 1].mean())
    assert found[1] > found[0] + 0.1


# --- the note in the history ---


def test_the_history_notes_the_weights_and_the_macro_f1():
    model, validation = new_classifier(), small_set()
    run = fine_tune(model, validation=validation, class_weights="balanced")
    assert run.class_weights == [0.625, 2.5]
    assert repr(run).endswith("(last), class weights 0.625 to 2.5")
    result = course_utils.evaluate(model, tokenizer(), validation)
    assert run.validation_macro_f1s == [pytest.approx(result.macro_f1)]
    assert run.validation_accuracies == [pytest.approx(result.accuracy)]


def test_the_best_epoch_is_one_for_the_rare_label_if_it_was_weighed():
    scores = {"validation_accuracies": [0.9, 0.8], "validation_macro_f1s": [0.5, 0.7]}
    assert History(1e-4, 0, 10, 2, class_weights=[1.0, 4.0], **scores).best_epoch == 2
    assert History(1e-4, 0, 10, 2, **scores).best_epoch == 1
