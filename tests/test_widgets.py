"""The live prediction: what it shows, and what is left of it in a stored notebook."""

import pytest

import course_utils
from course_utils import widgets

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
