"""The figures of language modelling: what they show, and what they say about it."""

import pandas as pd
import pytest
from figure_form import catch_axes, check_form

import course_utils
from course_utils.errors import DataError
from course_utils.look.figures import language


@pytest.fixture
def drawn(monkeypatch):
    """The axes of each figure, caught before the figure is closed."""
    return catch_axes(monkeypatch, language)


def blank(text, **words):
    table = pd.DataFrame({"word": list(words), "probability": list(words.values())})
    table.attrs["text"] = text
    return table


def test_blanks(drawn):
    first = blank("It was [MASK].", good=0.5, bad=0.25)
    figure = course_utils.plot_blanks(first, blank("A [MASK] day.", fine=0.125))
    check_form(figure)
    left, right = drawn[0][1][0]
    assert [bar.get_width() for bar in left.patches] == [50, 25]
    assert [label.get_text() for label in left.get_yticklabels()] == ["good", "bad"]
    assert left.get_ylim()[0] > left.get_ylim()[1]  # the likeliest at the top
    assert left.get_title(loc="left") == "It was ____."
    assert [bar.get_width() for bar in right.patches] == [12.5]
    assert left.get_xlim() == right.get_xlim()
    assert '"It was [MASK].": good 50.0 %, bad 25.0 %. "A [MASK] day.": fine 12.5 %' in figure.alt


def test_blanks_are_one_to_three():
    table = blank("It was [MASK].", good=0.5)
    for tables in ((), (table,) * 4):
        with pytest.raises(DataError, match="Expected one to three tables of fill_blank, found"):
            course_utils.plot_blanks(*tables)


def learning(**curves):
    rows = [
        (start.replace("_", "-"), tokens, tokens + 7, accuracy)
        for start, curve in curves.items()
        for tokens, accuracy in curve.items()
    ]
    return pd.DataFrame(rows, columns=["start", "budget", "tokens", "accuracy"])


def test_language_learning(drawn):
    record = learning(
        pre_trained={0: 0.0, 1_000: 0.1, 2_000: 0.2, 4_000_000: 0.3},
        random={0: 0.0, 1_000: 0.04, 2_000: 0.05},
    )
    figure = course_utils.plot_language_learning(record)
    check_form(figure)
    axes = drawn[0][1]
    first, second = axes.lines
    assert first.get_xdata().tolist() == [1_000, 2_000, 4_000_000]
    assert first.get_ydata().tolist() == [10, 20, 30]
    assert second.get_ydata().tolist() == [4, 5]
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1 k", "4.0 M"]
    assert figure.summary == (
        "After 2,000 tokens, 20.0 % when the layers start pre-trained and 5.0 % when the layers "
        "start random; after 4,000,000, 30.0 %."
    )


def test_language_learning_that_was_not_measured():
    figure = course_utils.plot_language_learning(learning())
    check_form(figure)
    assert "was not measured with this checkpoint" in figure.summary
