"""The checks of notebook 00: the solution, the stub, and typical wrong answers."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

import course_utils


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (..., "Not answered yet: give `above_half` a value."),
        (0.49, "✘ Expected a number of runs, found 0.49: use .sum(), not .mean()."),
        (51, "✘ Expected the runs with a probability above 0.5, found 51 of them."),
        ("many", "✘ Expected one number as `above_half`, found 'many' (str)"),
        ([True, False], "✘ Expected one number, found 2: add them up with .sum()."),
        (pd.Series([True, False]), "✘ Expected one number, found 2: add them up with .sum()."),
    ],
)
def test_counting(answer, message, capsys):
    course_utils.check("0.1", above_half=answer)
    assert message in capsys.readouterr().out


def test_counting_solved(capsys):
    positive = course_utils.load_record("slide_recipe")["positive"]
    count = (positive > 0.5).sum()  # a numpy number is fine, and so is any other single one
    for answer in (count, int(count), np.array(count), np.array([count]), torch.tensor(count)):
        course_utils.check("0.1", above_half=answer)
        assert "✔" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (..., "Not answered yet: give `guessing_loss` a value."),
        (-math.log(0.5), "✔ ln 2 = 0.693"),
        (math.log(0.5), "✘ Expected a positive number, found -0.693"),
        (-math.log2(0.5), "✘ Found 1.000, a logarithm to base 2"),
        (-math.log10(0.5), "✘ Found 0.301, a logarithm to base 10"),
        (0.5, "✘ Expected minus the natural logarithm of 0.5, found 0.500."),
        (None, "✘ Expected one number as `guessing_loss`, found None (NoneType)."),
    ],
)
def test_loss_of_a_guess(answer, message, capsys):
    course_utils.check("0.2", guessing_loss=answer)
    assert message in capsys.readouterr().out
