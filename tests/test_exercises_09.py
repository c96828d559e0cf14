"""The checks of notebook 09: each gets its solution, its stub, and wrong answers."""

import pytest

import course_utils
from course_utils.lessons.lesson_09 import packages


def said(capsys, number, **answers) -> str:
    course_utils.check(number, **answers)
    return capsys.readouterr().out


# --- 9.1 ---


def share(compute):
    """An answer; `compute` gets the losses of the process, all rows and processes."""
    return lambda losses, rank, size: compute(losses[rank::size], len(losses), size)


def by_mean(mine, rows, size):
    return mine.mean() * len(mine) * size / rows if len(mine) else 0.0


@pytest.mark.parametrize(
    "right",
    [
        lambda mine, rows, size: mine.sum() * size / rows,
        by_mean,
        lambda mine, rows, size: float(mine.sum()) / rows * size,
    ],
    ids=["sum", "mean", "number"],
)
def test_share_is_praised(capsys, right):
    assert said(capsys, "9.1", share_of_loss=share(right)).startswith("✔ However the rows")


@pytest.mark.parametrize("stub", [..., lambda losses, rank, size: ...])
def test_share_not_answered(capsys, stub):
    assert said(capsys, "9.1", share_of_loss=stub).startswith("Not answered yet: ")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda mine, rows, size: mine.mean(), "It has to count by its rows"),
        (lambda mine, rows, size: mine.sum() / rows, "multiply with `size` before"),
        (lambda mine, rows, size: mine.sum() * size, "divide by the number of all rows"),
        (lambda mine, rows, size: mine.sum(), "These are the plain sums"),
        (lambda mine, rows, size: mine.mean() * len(mine) * size / rows, "found nan"),
        (lambda mine, rows, size: mine, "Expected one number"),
        (lambda mine, rows, size: mine.sum() * rows, "expected 0.6800"),
    ],
)
def test_share_wrong(capsys, wrong, message):
    out = said(capsys, "9.1", share_of_loss=share(wrong))
    assert out.startswith("✘") and message in out


def test_share_is_no_function(capsys):
    assert "Expected a function, found 3 (int)" in said(capsys, "9.1", share_of_loss=3)


# --- 9.2 ---


def layer_of(compute):
    return lambda layer, width: compute(layer.in_features, layer.out_features, width)


def test_weights_are_praised(capsys):
    answer = layer_of(lambda inputs, outputs, width: width * (inputs + outputs))
    assert said(capsys, "9.2", adapter_weights=answer).startswith("✔ Added up over all layers")


@pytest.mark.parametrize("stub", [..., lambda layer, width: ...])
def test_weights_not_answered(capsys, stub):
    assert said(capsys, "9.2", adapter_weights=stub).startswith("Not answered yet: ")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda i, o, w: i * o, "That is the frozen matrix itself"),
        (lambda i, o, w: 2 * w * i, "384 inputs, 1536 outputs, width 8: expected 15,360 weights"),
        (lambda i, o, w: w * i, "There is a second matrix"),
        (lambda i, o, w: w * i * o, "Add inputs and outputs"),
        (lambda i, o, w: w * i * w * o, "Add the two matrices"),
        (lambda i, o, w: w * (i + o) + o, "have no bias"),
        (lambda i, o, w: w * (i + o) + o + w, "have no bias"),
        (lambda i, o, w: None, "Expected one number"),
    ],
)
def test_weights_wrong(capsys, wrong, message):
    out = said(capsys, "9.2", adapter_weights=layer_of(wrong))
    assert out.startswith("✘") and message in out


def test_the_weights_of_all_layers_are_those_that_the_check_names():
    """The model has 37 of them; its head of 770 is trained whole."""
    import torch

    layers = [
        each
        for each in course_utils.load_classifier(quiet=True).bert.modules()
        if isinstance(each, torch.nn.Linear)
    ]
    assert sum(8 * (each.in_features + each.out_features) for each in layers) + 770 == 338_690
    assert sum(each.in_features + each.out_features for each in layers) == 42_240


# --- 9.3 ---


@pytest.mark.parametrize("hours", [10_000_000 / 300 / 3_600, 9.2, 9.3])
def test_rent_is_praised(capsys, hours):
    assert said(capsys, "9.3", hours=hours, machines=10).startswith("✔ One machine and a night")


def test_rent_not_answered(capsys):
    assert said(capsys, "9.3", hours=..., machines=...).startswith("Not answered yet: give `hours`")


@pytest.mark.parametrize(
    ("hours", "machines", "message"),
    [
        (33_333, 10, "Are these seconds?"),
        (556, 10, "Are these minutes?"),
        (0.3858, 10, "Are these days?"),
        (1, 10, "Expected about 9.3 as `hours`, found 1."),
        (9.26, 9, "so many do not finish within the hour"),
        (9.26, 11, "fewer will do"),
        (9.26, 9.26, "a part of a machine cannot be rented"),
        ("nine", 10, "Expected one number as `hours`"),
    ],
)
def test_rent_wrong(capsys, hours, machines, message):
    out = said(capsys, "9.3", hours=hours, machines=machines)
    assert out.startswith("✘") and message in out


# --- the packages ---


def test_missing_packages_are_one_sentence(monkeypatch):
    monkeypatch.setattr(packages, "NEEDED", ("numpy", "no_such_one", "nor_this"))
    with pytest.raises(course_utils.MissingPackage) as caught:
        course_utils.check_scale_packages()
    assert str(caught.value) == (
        "Notebook 09 needs no_such_one and nor_this: run %pip install "
        '"bert-transfer-course[scale]" in a new cell, then restart the kernel.'
    )
    monkeypatch.setattr(packages, "NEEDED", ("numpy",))
    course_utils.check_scale_packages()
