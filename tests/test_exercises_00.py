"""The checks of notebook 00: the solution, the stub, and typical wrong answers."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

import course_utils

POSITIVE = course_utils.load_record("slide_recipe")["positive"]
FARTHEST = (POSITIVE - 0.5).abs().max()
ONE_WAY = min(POSITIVE.max() - 0.5, 0.5 - POSITIVE.min())


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (..., "Not answered yet: give `farthest` a value."),
        (-FARTHEST, "✘ Found -0.021: a distance has no sign: take .abs() first."),
        (100 * FARTHEST, "✘ Found 2.067: give it as a fraction, as in the column."),
        ((POSITIVE - 0.5).abs().mean(), "that is the mean distance; expected the largest."),
        (POSITIVE.max(), "that is the probability; expected its distance from 0.5."),
        (POSITIVE.min(), "that is the probability; expected its distance from 0.5."),
        (ONE_WAY, "that is the largest one in one direction only: take .abs() first."),
        (0.3, "✘ Expected the largest distance from 0.5, found 0.300."),
        ("far", "✘ Expected one number as `farthest`, found 'far' (str)"),
        ([0.1, 0.2], "✘ Expected one number, found 2: take the largest with .max()."),
        (pd.Series([0.1, 0.2]), "✘ Expected one number, found 2: take the largest with .max()."),
    ],
)
def test_the_surest_run(answer, message, capsys):
    course_utils.check("0.1", farthest=answer)
    assert message in capsys.readouterr().out


def test_the_surest_run_solved(capsys):
    """A numpy number is fine, and so is any other single one; three decimals are enough."""
    for answer in (
        FARTHEST,
        np.array(FARTHEST),
        np.array([FARTHEST]),
        torch.tensor(FARTHEST),
        0.021,
    ):
        course_utils.check("0.1", farthest=answer)
        assert "✔ 0.021: even the surest of 100 runs" in capsys.readouterr().out


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
