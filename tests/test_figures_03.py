"""The figures of notebook 03: what they show, and what they say about it."""

import numpy as np
import pytest
from figure_form import catch_axes, check_form

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


def arrows(axes):
    return [text for text in axes.texts if getattr(text, "arrow_patch", None) is not None]


def test_readers(drawn):
    figure = course_utils.plot_readers("We walked to the bank to swim.", "bank")
    check_form(figure)
    _, (both, one_way) = drawn[0]
    assert len(arrows(both)) == 7
    assert [arrow.xyann[0] for arrow in arrows(one_way)] == [0, 1, 2, 3, 4]
    assert "makes it from We, walked, to, the, bank, without to, swim." in figure.summary


def test_readers_of_the_last_word(drawn):
    figure = course_utils.plot_readers("We sat on the bank.", "bank")
    check_form(figure)
    assert "from We, sat, on, the, bank, too: nothing comes after it." in figure.summary


def test_readers_of_a_word_that_is_not_there():
    with pytest.raises(DataError, match="The word 'ban' does not stand in the text"):
        course_utils.plot_readers("We sat on the bank.", "ban")


def test_readers_of_languages_without_blanks(drawn):
    figure = course_utils.plot_readers("我昨天去银行取钱了。", "银行")
    assert "makes it from 我, 昨, 天, 去, 银行, without 取, 钱, 了." in figure.summary
    _, (both, one_way) = drawn[0]
    assert len(arrows(both)) == 8 and len(arrows(one_way)) == 5


def test_readers_of_words_with_signs_in_them():
    summary = course_utils.plot_readers("“I don't like it, at 3.5 stars!”", "It").summary
    assert "makes it from I, don't, like, it, without at, 3.5, stars." in summary
    for word in (",", "", "like it"):
        with pytest.raises(DataError, match="does not stand in the text"):
            course_utils.plot_readers("I don't like it, at", word)


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


def test_senses(senses, drawn):
    figure = course_utils.plot_senses("bank", senses)
    check_form(figure)
    _, axes = drawn[0]
    same, different = course_utils.sense_pairs(senses)
    shown = {line.get_label(): line for line in axes.lines}
    assert np.allclose(shown["same sense, mean"].get_ydata(), same.mean(axis=0))
    assert np.allclose(shown["different senses, mean"].get_ydata(), different.mean(axis=0))
    dots = sorted(len(line.get_ydata()) for line in axes.lines)
    assert dots == [3, 3, 20 * 3, 25 * 3]
    assert f"same sense {same.mean(axis=0)[0]:.2f}, " in figure.summary


def test_separation(senses, drawn):
    figure = course_utils.plot_separation({"bank": senses, "cold": senses}, layer=2)
    check_form(figure)
    _, axes = drawn[0]
    value = 100 * course_utils.sense_separation(senses)[2]
    assert value > 90
    dots = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert [dot.get_xydata()[0].tolist() for dot in dots] == [[value, 0], [value, 1]]
    chance = 100 * course_utils.chance_separation(senses)[:, 2]
    bar = axes.lines[0].get_xdata()
    assert np.allclose(bar, np.quantile(chance, [0.05, 0.95]))
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["bank: one / other", "cold: one / other"]
    assert "Layer 2, how often" in figure.summary and f"bank {value:.1f} %" in figure.summary


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
    assert {"so", "it", "goes"} < set(written)
    table = course_utils.parameter_table(model)["weights"]
    in_layers = sum(table[f"layer {n + 1}"] for n in range(layers))
    assert (
        f"embeddings ({table['embeddings']:,} weights), then {layers} layers ({in_layers:,} w"
        in (figure.summary)
    )
    assert "12 numbers come out" in figure.summary


def test_names_are_public():
    for name in ("by_layer", "layers", "readers", "senses", "separation"):
        assert f"plot_{name}" in course_utils.__all__
        assert getattr(course_utils, f"plot_{name}").__doc__
