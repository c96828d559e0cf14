"""The interactive views: what they show, and what is left of them in a stored notebook."""

import numpy as np
import pytest

import course_utils
from course_utils import widgets
from course_utils.attention import Attention
from course_utils.errors import DataError

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def classifier():
    return course_utils.load_classifier(quiet=True), course_utils.load_tokenizer()


def parts(view):
    box, answer = view.children
    return box, answer


def test_bars_follow_the_text(classifier):
    box, answer = parts(course_utils.live_prediction(*classifier))
    waiting = answer.value
    box.value = "I had an awesome day!"
    first = answer.value
    probabilities = course_utils.predict(*classifier, ["I had an awesome day!"])[0]
    for name, value in zip(("negative", "positive"), probabilities, strict=True):
        assert name in first and f"{100 * value:.1f} %" in first
    box.value = "This is terrible."
    assert answer.value not in (first, waiting)
    box.value = "   "
    assert answer.value == waiting


def test_box_is_labelled(classifier):
    box, _ = parts(course_utils.live_prediction(*classifier))
    assert box.placeholder == "Type a sentence" and box.description and box.tooltip


def test_stored_notebook_keeps_a_table(classifier):
    view = course_utils.live_prediction(*classifier, examples=("A fine film.", "<script>"))
    bundle = view._repr_mimebundle_()
    assert VIEW in bundle
    assert "A fine film." in bundle["text/html"] and "&lt;script&gt;" in bundle["text/html"]
    assert "<script>" not in bundle["text/html"]
    assert "VBox" not in bundle["text/plain"]


def test_names_are_escaped():
    assert "<b>" not in widgets._bars([0.5, 0.5], ["<b>", "positive"])


# --- attention ---


@pytest.fixture(scope="module")
def attention(classifier):
    return course_utils.attention_weights(*classifier, "I had an awesome day!")


def chooser_parts(view):
    lists, picture = view.children
    layer, head = lists.children
    return layer, head, picture


def shown_by(figure):
    """What the picture must hold: the pixels are told by the figure's own html."""
    return f'<div role="status">{figure._repr_html_()}</div>'


def test_heat_map_follows_both_lists(attention):
    layer, head, picture = chooser_parts(course_utils.attention_chooser(attention))
    for number, of_it in ((1, 1), (4, 1), (4, 12), (4, None), (6, None), (1, 1)):
        layer.value, head.value = number, of_it
        assert picture.value == shown_by(course_utils.plot_attention(attention, number, of_it))
    assert 'alt="Heat map of 8 tokens. Layer 1, head 1: on average ' in picture.value


def test_lists_are_labelled_and_complete(attention):
    layer, head, _ = chooser_parts(course_utils.attention_chooser(attention))
    assert (layer.description, head.description) == ("Layer:", "Head:")
    assert layer.tooltip and head.tooltip
    assert list(layer.options) == [1, 2, 3, 4, 5, 6]
    assert head.options == (("mean over all", None), *((str(n), n) for n in range(1, 13)))


def test_stored_notebook_keeps_the_first_heat_map(attention):
    view = course_utils.attention_chooser(attention, layer=3, head=5)
    layer, head, picture = chooser_parts(view)
    assert (layer.value, head.value) == (3, 5)
    bundle = view._repr_mimebundle_()
    first = course_utils.plot_attention(attention, 3, 5)
    assert VIEW in bundle
    assert bundle["text/html"] == first._repr_html_()
    assert picture.value == shown_by(first)
    assert first.alt in bundle["text/plain"] and "VBox" not in bundle["text/plain"]


def test_tokens_are_escaped():
    weights = np.full((1, 2, 2, 2), 0.5)
    view = course_utils.attention_chooser(Attention(["<script>", "<b>"], weights))
    *_, picture = chooser_parts(view)
    for html in (picture.value, view._repr_mimebundle_()["text/html"]):
        assert "<script>" not in html and "<b>" not in html
        assert "&lt;script&gt;" in html


def test_what_cannot_be_chosen(attention):
    with pytest.raises(DataError, match="^layer=7: expected a whole number from 1 to 6.$"):
        course_utils.attention_chooser(attention, layer=7)
    with pytest.raises(DataError, match="^head=13: expected a whole number from 1 to 12, or None"):
        course_utils.attention_chooser(attention, head=13)
