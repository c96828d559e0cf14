"""The checks of notebook 02: solutions in several forms, the stub, and typical wrong answers."""

import numpy as np
import pytest
import torch

import course_utils


def said(capsys, number, **answers) -> str:
    course_utils.check(number, **answers)
    return capsys.readouterr().out


# --- 2.1: a head for five topics ---


@pytest.mark.parametrize(
    ("shape", "new_weights"),
    [
        ((5, 384), 1925),
        ([5, 384], np.int64(1925)),
        (torch.Size([5, 384]), torch.tensor(1925)),
    ],
)
def test_five_topics(shape, new_weights, capsys):
    assert "✔ 5 rows of 384 and 5 biases: 1,925 new weights." in said(
        capsys, "2.1", shape=shape, new_weights=new_weights
    )


def test_what_the_solution_of_five_topics_computes(capsys):
    head = course_utils.load_classifier("minilm", label_names=tuple("abcde"), quiet=True).classifier
    count = sum(weight.numel() for weight in head.parameters())
    assert "✔" in said(capsys, "2.1", shape=head.weight.shape, new_weights=count)


@pytest.mark.parametrize(
    ("shape", "new_weights", "message"),
    [
        (..., ..., "Not answered yet: give `shape` and `new_weights` a value."),
        ((5, 384), ..., "Not answered yet: give `new_weights` a value."),
        ((384, 5), 1925, "✘ `shape` is (384, 5), expected one *row* for each topic"),
        ((2, 384), 770, "✘ `shape` is (2, 384), the head for two classes"),
        ((4, 384), 1540, "✘ `shape` has 4 rows, expected one for each of five topics"),
        ((5, 30_522), 1925, "✘ `shape` has 30522 columns, expected 384"),
        (1920, 1925, "✘ `shape` is 1920, expected two whole numbers"),
        ((5,), 1925, "✘ `shape` is (5,), expected two whole numbers"),
        ("(5, 384)", 1925, "expected two whole numbers"),
        (torch.zeros(5, 384), 1925, "✘ `shape` is a tensor, expected its shape"),
        ((5, 384), 1920, "✘ `new_weights` is 1,920, the table of the head."),
        ((5, 384), 770, "✘ `new_weights` is 770, as for two classes"),
        ((5, 384), 22_715_141, "that counts the body, too"),
        ((5, 384), 1926, "✘ `new_weights` is 1,926, expected rows times columns, and the biases"),
        ((5, 384), 1925.0, "✘ `new_weights` is 1925.0, expected a whole number"),
        ((5, 384), None, "✘ `new_weights` is None, expected a whole number"),
        ((5, 384), torch.zeros(5), "expected a whole number"),
        ((None, None), 1925, "✘ `shape` has None rows"),
    ],
)
def test_wrong_heads(shape, new_weights, message, capsys):
    printed = said(capsys, "2.1", shape=shape, new_weights=new_weights)
    assert message in printed
    assert "Your code stopped" not in printed


# --- 2.2: freeze by hand ---

LAYER_6, HEAD = "bert.encoder.layer.5.", "classifier."


def count(model):
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def by_name(*beginnings):
    """A solution that trains the weights whose names begin like this."""

    def attempt(model):
        for name, weight in model.named_parameters():
            weight.requires_grad = name.startswith(beginnings)
        return count(model)

    return attempt


def by_module(model):
    model.requires_grad_(False)
    model.bert.encoder.layer[5].requires_grad_(True)
    model.classifier.requires_grad_(True)
    return count(model)


def by_block(model):
    for name, weights in course_utils.blocks(model).items():
        for weight in weights.values():
            weight.requires_grad = name in ("layer 6", "head")
    return course_utils.parameter_table(model).loc["total", "trained"]


def attribute_of_a_module(model):
    model.bert.requires_grad = False
    model.bert.encoder.layer[5].requires_grad = True
    return count(model)


def name_that_does_not_exist(model):
    for name, weight in model.named_parameters():
        if name.startswith("encoder"):  # the names begin with "bert."
            weight.requires_grad = False
    return count(model)


def on_and_never_off(model):
    for name, weight in model.named_parameters():
        if name.startswith((LAYER_6, HEAD)):
            weight.requires_grad = True
    return count(model)


def with_the_course(model):
    course_utils.freeze(model, top_layers=1)
    return count(model)


def biases_only(model):
    for name, weight in model.named_parameters():
        weight.requires_grad = name.startswith((LAYER_6, HEAD)) and name.endswith("bias")
    return count(model)


def and_returns(value):
    def attempt(model):
        by_name(LAYER_6, HEAD)(model)
        return value(model) if callable(value) else value

    return attempt


def tensors(model):
    return sum(weight.requires_grad for weight in model.parameters())


def everything(model):
    return sum(weight.numel() for weight in model.parameters())


@pytest.mark.parametrize("solution", [by_name(LAYER_6, HEAD), by_module, by_block])
def test_frozen_by_hand_in_any_spelling(solution, capsys):
    printed = said(capsys, "2.2", train_layer_6_and_head=solution)
    assert "✔ 1,775,234 weights are trained: layer 6 and the head." in printed


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (..., "Not answered yet: give `train_layer_6_and_head` a value."),
        (lambda model: ..., "Not answered yet: freeze, then return how many"),
        (count, "found every weight trained: all of them are on at the start, so switch the o"),
        (on_and_never_off, "found every weight trained: all of them are on at the start"),
        (name_that_does_not_exist, "If you do, did any name fit your condition?"),
        (attribute_of_a_module, "found every weight trained: `.requires_grad` was set on a module"),
        (by_name("layer 6", "head"), "✘ Expected layer 6 and the head, found nothing"),
        (by_name(LAYER_6), "✘ The head is frozen, expected it to be trained: it is random"),
        (by_name("bert.encoder.layer.6.", HEAD), "✘ Layer 6 is frozen. PyTorch counts from 0"),
        (by_name("bert.encoder.layer.4.", HEAD), "✘ Layer 6 is frozen, and layer 5 is trained"),
        (with_the_course, "✘ The pooler is trained, too"),
        (by_name(LAYER_6, HEAD, "bert.embed"), "the head alone, found embeddings trained, too"),
        (biases_only, "found only a part of them"),
        (and_returns(None), "the function returned None, expected a number"),
        (and_returns(tensors), "But you return 18, the number of *tensors*"),
        (and_returns(everything), "But you return 22,713,986, which is too many: expected the sum"),
        (and_returns(1_773_312), "But you return 1,773,312, which is too few"),
        (and_returns("many"), "is 'many', expected a whole number"),
        (lambda model: 1 / 0, "✘ Your code stopped with ZeroDivisionError"),
        (1_775_234, "✘ Your code stopped with TypeError"),
    ],
)
def test_wrong_ways_to_freeze(attempt, message, capsys):
    assert message in said(capsys, "2.2", train_layer_6_and_head=attempt)


@pytest.mark.parametrize("number", ["2.1", "2.2"])
def test_hints_come_one_by_one(number, capsys):
    for which in (1, 2):
        course_utils.show_hint(number, which)
        assert f"Hint {which} of 2: " in capsys.readouterr().out
