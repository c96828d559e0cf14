"""The figures of notebook 03: what they show, and what they say about it."""

import numpy as np
import pytest
from figure_form import catch_axes, check_form
from matplotlib.backends.backend_agg import FigureCanvasAgg
from scipy import stats

import course_utils
from course_utils.errors import DataError
from course_utils.look.figures import context


@pytest.fixture
def drawn(monkeypatch):
    """The axes of each figure, caught before the figure is closed."""
    return catch_axes(monkeypatch, context)


@pytest.fixture(scope="module")
def senses():
    """Two senses in three layers: no difference at first, a clear one at the end."""
    random = np.random.default_rng(seed=0)
    vectors = random.normal(size=(10, 3, 20))
    vectors[:5, 2] += 3 * random.normal(size=20)
    vectors[5:, 2] += 3 * random.normal(size=20)
    return {"one": vectors[:5], "other": vectors[5:]}


def test_by_layer(drawn):
    lines = {"both": [1.0, 0.5, 0.25], "one way": [1.0, 1.0, 1.0]}
    figure = course_utils.plot_by_layer(lines, "similarity", chance=0.5)
    check_form(figure)
    _, axes = drawn[0]
    assert axes.lines[0].get_ydata().tolist() == [1.0, 0.5, 0.25]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [*lines, "chance"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["embedding", "1", "2"]
    assert axes.get_ylabel() == "similarity"
    assert "embedding to layer 2: both 1.00, 0.50, 0.25; one way 1.00" in figure.summary


def test_many_cases_are_a_mean_with_its_interval(drawn):
    cases = np.array([[0.5, 0.6], [0.5, 0.8], [0.5, 1.0]])
    figure = course_utils.plot_by_layer({"words": cases}, "similarity")
    check_form(figure)
    _, axes = drawn[0]
    assert axes.lines[0].get_ydata() == pytest.approx([0.5, 0.8])
    corners = axes.collections[0].get_paths()[0].vertices
    half = stats.t.ppf(0.975, 2) * stats.sem(cases[:, 1])
    heights = corners[corners[:, 0] == 1][:, 1]
    assert [heights.min(), heights.max()] == pytest.approx([0.8 - half, 0.8 + half])
    assert "words 0.50, 0.80" in figure.summary and "95 % intervals" in figure.summary


def test_weighted_mean(drawn):
    values = np.array([[1.0, -2.0], [3.0, 0.0], [0.0, 4.0]])
    shares = np.array([0.25, 0.5, 0.25])
    figure = course_utils.plot_weighted_mean(["the", "river", "bank"], shares, values)
    check_form(figure)
    _, (left, right) = drawn[0]
    assert [bar.get_width() for bar in left.patches] == pytest.approx([25, 50, 25])
    shown = right.images[0].get_array()
    np.testing.assert_allclose(shown[:3], values)
    np.testing.assert_allclose(shown[-1], [1.75, 0.5])
    assert "25 % of “the”, 50 % of “river”, 25 % of “bank”" in figure.summary


def test_weighted_mean_of_things_that_do_not_fit():
    with pytest.raises(DataError, match="expected one share and one row of values for each word"):
        course_utils.plot_weighted_mean(["the", "bank"], [0.2, 0.3, 0.5], np.ones((3, 2)))
    with pytest.raises(DataError, match="expected one share and one row of values for each word"):
        course_utils.plot_weighted_mean(["the", "bank"], [0.2, 0.8], np.ones(2))


def dots_of(axes):
    """The dots of the words, without those of the legend."""
    return [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata())]


def test_separation(senses, drawn):
    figure = course_utils.plot_separation({"bank": senses, "cold": senses}, layer=2)
    check_form(figure)
    _, axes = drawn[0]
    value = 100 * course_utils.sense_separation(senses)[2]
    assert value > 90
    dots = dots_of(axes)
    assert [float(dot.get_xdata()[0]) for dot in dots] == [value, value]
    assert [round(float(dot.get_ydata()[0])) for dot in dots] == [0, 1]
    chance = 100 * course_utils.chance_separation(senses)[:, 2]
    bar = axes.lines[0].get_xdata()
    assert np.allclose(bar, np.quantile(chance, [0.05, 0.95]))
    assert {text.get_text() for text in drawn[0][0].legends[0].get_texts()} == {
        *("the two senses", "could be chance", "chance"),
        "nine in ten groupings that ignore the sense",
    }
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["bank: one / other", "cold: one / other"]
    assert "Layer 2, how often" in figure.summary
    assert f"bank {value:.1f} % at best, cold {value:.1f} % at worst" in figure.summary
    assert "2 of 2 lie to the right of the grey" in figure.summary


def test_the_clearest_word_stands_at_the_top(senses, drawn):
    """The same vectors, one set without its senses: it comes last, whatever the order."""
    known = np.concatenate(list(senses.values()))
    mixed = {"one": known[::2], "other": known[1::2]}
    figure = course_utils.plot_separation({"mixed": mixed, "spring": senses}, layer=2)
    _, axes = drawn[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["spring: one / other", "mixed: one / other"]
    faces = [dot.get_markerfacecolor() for dot in dots_of(axes)]
    assert faces == [context.BLUE, "white"]  # the mixed one lies inside its grey bar
    assert "1 of 2 lie to the right of the grey" in figure.summary
    assert "All: spring " in figure.alt and "All:" not in figure.summary


def test_no_dot_hides_the_end_of_its_bar(drawn):
    """Eighteen words stand as close as in the lesson, and each dot at an end of its grey bar."""
    random = np.random.default_rng(seed=1)
    words = {f"word {number}": random.normal(size=(10, 1, 20)) for number in range(18)}
    senses = {word: {"one": v[:5], "other": v[5:]} for word, v in words.items()}
    course_utils.plot_separation(senses, layer=0)
    figure, axes = drawn[0]
    FigureCanvasAgg(figure).draw()
    to_points = 72 / figure.dpi
    bars = [line for line in axes.lines if line.get_linewidth() == 8 and len(line.get_xdata())]
    dots = dots_of(axes)
    assert len(bars) == len(dots) == 18
    edges = []  # of bars and dots, from the top: below each other, in points
    for bar, dot in zip(bars, dots, strict=True):
        for line, half in ((bar, 4), (dot, 5)):  # half of the width, half of the size and its edge
            middle = -to_points * axes.transData.transform((50, line.get_ydata()[0]))[1]
            edges += [middle - half, middle + half]
    assert edges == sorted(edges)


@pytest.mark.parametrize("layers", [2, 12])
def test_layers_follow_the_configuration(layers, drawn):
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=50,
        hidden_size=12,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=24,
    )
    model = BertModel(config)
    figure = course_utils.plot_layers(model, words=("so", "it", "goes"))
    check_form(figure)
    _, axes = drawn[0]
    written = [text.get_text() for text in axes.texts]
    assert [text for text in written if text.isdigit()] == [str(n + 1) for n in range(layers)]
    assert {"so", "it", "goes", "head\nfor one task"} < set(written)
    table = course_utils.parameter_table(model)["weights"]
    in_layers = sum(table[f"layer {n + 1}"] for n in range(layers))
    assert (
        f"embeddings ({table['embeddings']:,} weights), then {layers} layers ({in_layers:,} w"
        in (figure.summary)
    )
    assert "12 numbers come out" in figure.summary


def test_names_are_public():
    for name in ("by_layer", "layers", "separation", "weighted_mean"):
        assert f"plot_{name}" in course_utils.__all__
        assert getattr(course_utils, f"plot_{name}").__doc__
