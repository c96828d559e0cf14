"""The interactive views: what they show, and what is left of them in a stored notebook."""

import re

import numpy as np
import pytest

import course_utils
from course_utils.errors import DataError
from course_utils.judge.evaluation import Evaluation
from course_utils.look.attention import Attention
from course_utils.look.views import base, results, texts
from course_utils.model.batches import Batches

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
    assert "<b>" not in base.bars([0.5, 0.5], ["<b>", "positive"])


def test_bars_are_as_long_as_their_shares():
    drawn = base.bars([0.25, 1.0], ["a quarter", "all"])
    assert re.findall(r"height:100%;width:([\d.]+)%", drawn) == ["25.0", "100.0"]


def test_words_in_colour_follow_the_text(classifier):
    box, answer = parts(course_utils.live_prediction(*classifier, words=True))
    box.value = "I had an <b>awesome</b> day!"
    found = course_utils.occlusion(*classifier, box.value)
    assert found._repr_html_() in answer.value and "<b>" not in answer.value
    box.value = "\u200b"  # a text without a token
    assert "is empty: give it at least one word" in answer.value


def test_words_are_coloured_if_wanted_only(classifier):
    box, answer = parts(course_utils.live_prediction(*classifier))
    box.value = "I had an awesome day!"
    assert "awesome" not in answer.value


def test_a_screen_reader_hears_short_sentences_only(classifier, attention):
    """A status is read out as a whole after each key: no picture, no list of tokens in it."""
    tokenizer = classifier[1]
    views = [
        course_utils.live_prediction(*classifier, words=True),
        course_utils.live_tokens(tokenizer),
        course_utils.batch_builder(tokenizer, ["a b c", "d"]),
        course_utils.class_results(course_utils.load_record("fine_tuning"), live={11: 0.7}),
    ]
    for view in views:
        told = re.findall(r'role="status">(.*?)</p>', view.children[-1].value, re.S)
        assert told and all(len(sentence) < 250 and "<" not in sentence for sentence in told)
    assert "role=" not in course_utils.attention_chooser(attention).children[-1].value


def test_long_texts_are_cut_and_it_is_said(classifier):
    model, tokenizer = classifier
    box, answer = parts(course_utils.live_prediction(*classifier, words=True))
    box.value = "good " * 24
    assert "gets colours" in answer.value and "characters" not in answer.value
    box.value = "good " * 23
    assert "gets colours" not in answer.value
    box.value = "good " * 100
    assert "Only the first 300 characters are read." in answer.value
    short = course_utils.predict(model, tokenizer, ["good " * 60], max_length=512, quiet=True)[0]
    assert f"{100 * short[1]:.1f} %" in answer.value
    box, answer = parts(course_utils.live_tokens(tokenizer, "good " * 61))
    assert "62 tokens" in answer.value and "first 300 characters" in answer.value


def test_what_goes_wrong_is_said():
    """An exception in a view would vanish, and leave the old answer there."""

    def draw(text):
        return f"{3 / len(text)} tokens"

    box = base.text_box("Text:", "Type", value="good")
    _, answer = parts(base.follow([box], draw, "", ""))
    box.value = ""
    assert "This cannot be shown: division by zero" in answer.value and "0.75" not in answer.value
    box.value = "goo"
    assert "1.0 tokens" in answer.value


# --- tokens ---


def test_tokens_follow_the_text():
    tokenizer = course_utils.load_tokenizer()
    view = course_utils.live_tokens(tokenizer, "unbelievably <b>")
    box, answer = parts(view)
    assert box.value == "unbelievably <b>" and box.description and box.tooltip
    for token, number in (("[CLS]", 101), ("&lt;", 1026), ("[SEP]", 102)):
        assert token in answer.value and f">{number}</span>" in answer.value
    assert "<b>" not in answer.value
    box.value = "good films"
    assert "4 tokens with [CLS] and [SEP]; 0 go on with a word (##); 0 unknown." in answer.value
    box.value = "tokenization \U0001f600"
    assert "##ization" in answer.value
    assert "; 1 go on with a word (##); 1 unknown." in answer.value
    bundle = view._repr_mimebundle_()
    assert VIEW in bundle and "&lt;" in bundle["text/html"] and "<b>" not in bundle["text/html"]


# --- the gap ---


@pytest.fixture(scope="module")
def gap_model():
    tokenizer, model = course_utils.load_masked_lm()
    return model, tokenizer


def test_words_for_the_gap_follow_the_text(gap_model):
    view = course_utils.live_blank(*gap_model)
    box, answer = parts(view)
    assert box.value == "The movie was [MASK]." and box.description and box.tooltip
    for text in ("The movie was [MASK].", "I [MASK] this film."):
        box.value = text
        for word, share in course_utils.fill_blank(*gap_model, text).to_numpy():
            assert f">{word}</span>" in answer.value and f"{100 * share:.1f} %" in answer.value
    box.value = "No gap."
    assert "Expected one [MASK] where a word is missing, found 0" in answer.value
    for text in ("It was [MASK]. " + "So " * 100, "No gap. " * 40):
        box.value = text
        assert "Only the first 300 characters are read." in answer.value
    assert "The movie was [MASK]." in view._repr_mimebundle_()["text/html"]


# --- padding ---


def test_padding_by_hand():
    lengths = [4, 10, 4, 10]
    assert texts.padding(lengths, 2, 64, together=False) == (28, 40, 0)
    assert texts.padding(lengths, 2, 64, together=True) == (28, 28, 0)
    assert texts.padding(lengths, 2, 8, together=False) == (24, 32, 0.5)
    assert texts.padding(lengths, 3, 64, together=True) == (28, 40, 0)  # a last, smaller batch
    assert texts.padding(lengths, 2, 10, together=False) == (28, 40, 0)  # it fits exactly


def test_batch_builder_follows_both_inputs():
    reviews = course_utils.load_reviews(quiet=True)[1].texts[:100]
    tokenizer = course_utils.load_tokenizer()
    slider, together, answer = course_utils.batch_builder(tokenizer, reviews).children
    lengths = [len(ids) for ids in tokenizer(list(reviews))["input_ids"]]
    for size, sort in ((64, False), (64, True), (16, True)):
        slider.value, together.value = size, sort
        real, read, cut = texts.padding(lengths, 32, size, sort)
        assert f"the model reads {read:,} positions" in answer.value
        assert f"{100 * (1 - real / read):.1f} % of them are padding" in answer.value
        assert f"{100 * cut:.3g} % of the texts lose their end" in answer.value
        assert f"{real:,}</span>" in answer.value and f"{read - real:,}</span>" in answer.value
    assert slider.description and slider.tooltip and together.description and together.tooltip


def test_batch_builder_reads_as_batches_do():
    """The sum is that of the class that makes the batches for training."""
    reviews = course_utils.load_reviews(quiet=True)[1].texts[:100]
    tokenizer = course_utils.load_tokenizer()
    batches = Batches(tokenizer, reviews, max_length=32)
    read = sum(batch["input_ids"].numel() for _, batch in batches)
    lengths = [len(ids) for ids in tokenizer(list(reviews))["input_ids"]]
    assert texts.padding(lengths, 32, 32, together=True)[:2] == (sum(batches.lengths), read)


def test_batch_builder_bad_input():
    with pytest.raises(DataError, match="found one text"):
        course_utils.batch_builder(course_utils.load_tokenizer(), "one text")
    with pytest.raises(DataError, match="batch_size=0"):
        course_utils.batch_builder(course_utils.load_tokenizer(), ["a"], batch_size=0)


# --- the threshold ---


@pytest.fixture
def judged():
    """Six texts, four of them positive; positive with 0.1, 0.4, 0.5, 0.6, 0.8 and 0.9."""
    data = course_utils.LabeledTexts(list("abcdef"), [0, 1, 1, 0, 1, 1])
    positive = np.array([0.1, 0.4, 0.5, 0.6, 0.8, 0.9])
    return Evaluation("model", data, np.stack([1 - positive, positive], axis=1))


def test_counts_at_a_threshold(judged):
    assert results.at_threshold(judged, 1, 0.5).tolist() == [[1, 1], [1, 3]]
    assert results.at_threshold(judged, 1, 0.85).tolist() == [[2, 0], [3, 1]]
    assert results.at_threshold(judged, 0, 0.55).tolist() == [[1, 1], [1, 3]]


def test_threshold_slider_follows(judged):
    view = course_utils.threshold_slider(judged)
    slider, answer = view.children
    assert "75.0 %</span>" in answer.value  # 3 of 4, for both
    # of the two negative texts one is called so, of the four positive ones three: rows, not columns
    assert re.findall(r">([\d.]+ %)</td>", answer.value) == ["50.0 %", "50.0 %", "25.0 %", "75.0 %"]
    slider.value = 0.85
    precision, recall = re.findall(r">(precision|recall)</span>.*?([\d.]+ %)</span>", answer.value)
    assert precision == ("precision", "100.0 %") and recall == ("recall", "25.0 %")
    slider.value = 0.95
    assert "none called" in answer.value and "0.0 %</span>" in answer.value
    assert slider.description and "positive" in slider.tooltip
    assert "threshold 0.50" in view._repr_mimebundle_()["text/html"]


def test_threshold_needs_two_labels(judged):
    with pytest.raises(DataError, match="A threshold needs two labels"):
        course_utils.threshold_slider(judged, label=2)
    data = course_utils.LabeledTexts(["a"], [0], ("x", "y", "z"))
    three = Evaluation("model", data, np.array([[0.2, 0.3, 0.5]]))
    with pytest.raises(DataError, match="found 3"):
        course_utils.threshold_slider(three)


# --- a class ---


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("11 0.779", {11: 0.779}),
        ("11 0.779\n\n 12: 76.4 %\n13, 0,764\n14;81%", {11: 0.779, 12: 0.764, 13: 0.764, 14: 0.81}),
        ("7 1", {7: 1.0}),
    ],
)
def test_results_of_a_class(text, found):
    assert results.read_results(text) == pytest.approx(found)


@pytest.mark.parametrize(
    "line", ["eleven 0.7", "11", "11 0.7 0.8", "11 250", "-1 0.5", "1" * 5_000 + " 0.7", "1 1 1%"]
)
def test_a_line_that_is_no_result(line):
    with pytest.raises(DataError, match="Line 2, '.*': expected a seat number and an accuracy"):
        results.read_results(f"11 0.779\n{line}")


def test_one_per_cent_is_not_a_hundred():
    assert results.read_results("11 1%") == {11: 0.01}


def test_no_seat_is_lost():
    with pytest.raises(DataError, match="^Line 3: seat 7 stands there twice."):
        results.read_results("7 0.764\n8 0.7\n7 0.751")


def test_class_results_follow():
    record = course_utils.load_record("fine_tuning")
    assert course_utils.class_results(record, live={7: 0.79166667}).children[0].value == "7 0.7917"
    view = course_utils.class_results(record, live={11: 0.779})
    box, answer = view.children
    assert box.value == "11 0.779" and "Two seats or more show a spread." in answer.value
    box.value = "11 0.77\n12 0.79"
    figure = course_utils.plot_seeds(record, live={11: 0.77, 12: 0.79})
    assert figure._repr_html_() in answer.value
    told = "2 seats: from 77.0 to 79.0 %, mean 78.0 %, standard deviation 1.4 points."
    assert told in answer.value
    box.value = "<b>"
    assert "Line 1, " in answer.value and "<b>" not in answer.value
    assert "<figure" in view._repr_mimebundle_()["text/html"]


# --- attention ---


@pytest.fixture(scope="module")
def attention(classifier):
    return course_utils.attention_weights(*classifier, "I had an awesome day!")


def test_heat_map_follows_both_sliders(attention):
    layer, head, picture = course_utils.attention_chooser(attention).children
    for number, of_it in ((1, 1), (4, 1), (4, 12), (4, None), (6, None), (1, 1)):
        layer.value, head.value = number, of_it or 0
        figure = course_utils.plot_attention(attention, number, of_it)
        assert figure._repr_html_() in picture.value and picture.value.count("<figure") == 1
    assert 'alt="Heat map of 8 tokens. Layer 1, head 1: on average ' in picture.value


def test_sliders_are_labelled_and_complete(attention):
    layer, head, _ = course_utils.attention_chooser(attention).children
    assert (layer.description, head.description) == ("Layer:", "Head:")
    assert layer.tooltip and head.tooltip
    assert list(layer.options) == [1, 2, 3, 4, 5, 6]
    assert head.options == (("mean over all", 0), *((str(n), n) for n in range(1, 13)))


def test_stored_notebook_keeps_the_first_heat_map(attention):
    view = course_utils.attention_chooser(attention, layer=3, head=5)
    layer, head, picture = view.children
    assert (layer.value, head.value) == (3, 5)
    bundle = view._repr_mimebundle_()
    first = course_utils.plot_attention(attention, 3, 5)
    assert VIEW in bundle
    assert bundle["text/html"] == first._repr_html_()
    assert first._repr_html_() in picture.value
    assert first.alt in bundle["text/plain"] and "VBox" not in bundle["text/plain"]


def test_tokens_are_escaped():
    weights = np.full((1, 2, 2, 2), 0.5)
    view = course_utils.attention_chooser(Attention(["<script>", "<b>"], weights))
    *_, picture = view.children
    for html in (picture.value, view._repr_mimebundle_()["text/html"]):
        assert "<script>" not in html and "<b>" not in html
        assert "&lt;script&gt;" in html


def test_what_cannot_be_chosen(attention):
    with pytest.raises(DataError, match="^layer=7: expected a whole number from 1 to 6.$"):
        course_utils.attention_chooser(attention, layer=7)
    with pytest.raises(DataError, match="^head=13: expected a whole number from 1 to 12, or None"):
        course_utils.attention_chooser(attention, head=13)
