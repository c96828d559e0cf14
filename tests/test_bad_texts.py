"""Texts as the world sends them: whatever a text holds, its answer is that of the text alone."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from real_model import classifier, tokenizer
from stand_in import make_checkpoint

import course_utils
from course_utils.errors import DataError

TEXTS = {
    "empty": "",
    "blanks": " \t\n\u00a0\u2003",
    "one letter": "a",
    "100,000 words": "a good film " * 33_334,
    "one word of 100,000 letters": "x" * 100_000,
    "emoji": "so happy 😀 👩🏽‍🚀 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪",
    "right to left": "فيلم ممتاز، סרט טוב",
    "bidi marks": "good \u202e dab \u202c \u2066 fine \u2069 \u200f",
    "null and control": "go\0od\x01 \x1b[31mred\x7f\x85\u2028 film",
    "signs that nobody sees": "\u200b\ufeff\u00ad\u2060",
    "accents without end": "a" + "\u0301" * 5_000,
    "no sign of Unicode": "\ufffe\uffff\U0010ffff",
    "the tokenizer's own": "[CLS] [SEP] [PAD] [MASK] [UNK] ##ing",
    "HTML": "<script>alert(1)</script> <b onclick='x()'>bold</b> &lt;i&gt;",
    "Markdown and LaTeX": r"**good** `x` [a](b) | $x^2$ \(y\) \begin{align}z\end{align}",
    "a spreadsheet's": "=1+1",
    "Chinese": "这部电影很好看，我非常喜欢。",
}
PIECES = st.one_of(st.sampled_from(list(TEXTS.values())[4:]), st.text(max_size=30))
ANY_TEXT = st.lists(PIECES, max_size=4).map(" ".join)

HALVES = st.integers(0xD800, 0xDFFF).map(chr)
NO_TEXT = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True),
    st.binary(max_size=300),
    st.sampled_from([pd.NA, pd.NaT, object(), np.ones((9, 99)), torch.ones(40, 9), print]),
    st.lists(ANY_TEXT, max_size=30),
    st.dictionaries(ANY_TEXT, st.none(), max_size=9),
)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """`predict` with a BERT so small that hundreds of texts take no time."""
    folder = make_checkpoint(tmp_path_factory.mktemp("small") / "small", with_head=False)
    model = course_utils.load_classifier(str(folder), quiet=True).eval()
    with torch.no_grad():
        model.classifier.weight *= 20  # its answers differ, so a wrong order would show
    own = course_utils.load_tokenizer(str(folder))
    return lambda texts, **options: course_utils.predict(model, own, texts, quiet=True, **options)


@cache
def of_minilm(text: str) -> np.ndarray:
    """The answer to one text that stands alone, shape (1, 2)."""
    return course_utils.predict(classifier(), tokenizer(), [text])


def check_answers(found, expected) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=0, atol=1e-5)


# --- whatever is in a text ---


@pytest.mark.parametrize("kind", TEXTS)
def test_any_text_gets_probabilities(kind):
    """The user sees an answer, no error, and it sums to one."""
    (answer,) = of_minilm(TEXTS[kind])
    assert np.isfinite(answer).all() and (answer >= 0).all() and abs(answer.sum() - 1) < 1e-6


@pytest.mark.parametrize("size", [5, 32])
def test_neighbours_order_and_padding_change_nothing(size):
    """Each text gets what it gets alone, in batches of any size and in any order."""
    alone = {text: of_minilm(text)[0] for text in TEXTS.values()}
    assert np.ptp([answer[1] for answer in alone.values()]) > 1e-3  # a wrong order would show
    for texts in (sorted(alone), [*alone][::-1]):
        found = course_utils.predict(classifier(), tokenizer(), texts, size, quiet=True)
        check_answers(found, [alone[text] for text in texts])


@given(st.lists(ANY_TEXT, min_size=1, max_size=12), st.integers(1, 13), st.randoms())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_texts_in_any_order(small, texts, size, random):
    """Order, neighbours and batches change no answer, whatever hypothesis puts into the texts."""
    alone = np.concatenate([small([text]) for text in texts])
    order = random.sample(range(len(texts)), len(texts))
    check_answers(small(texts, batch_size=size), alone)
    check_answers(small([texts[n] for n in order], batch_size=size), alone[order])
    check_answers(small([*texts, "long " * 200], batch_size=99)[:-1], alone)
    check_answers(small(iter(texts), batch_size=size), alone)


def test_wrong_order_would_show(small):
    """Else the test above proves nothing."""
    assert np.ptp(small(list(TEXTS.values()))[:, 1]) > 0.01


# --- what is no text ---


def refused(call) -> str:
    with pytest.raises(DataError) as caught:
        call()
    said = str(caught.value)
    assert len(said) < 250 and len(said.splitlines()) == 1 and said.isprintable(), said
    return said


@given(st.lists(ANY_TEXT, min_size=1, max_size=6), NO_TEXT, st.data())
@settings(max_examples=50, deadline=None)
def test_what_is_no_text_is_named_in_one_sentence(small, texts, value, data):
    """ "Text 3 (counting from 0) is ... of type ..., expected a string: ...", never a trace."""
    place = data.draw(st.integers(0, len(texts)))
    texts = [*texts[:place], value, *texts[place:]]
    begin = f"Text {place} (counting from 0) is "
    for call in (
        lambda: small(texts),
        lambda: small(iter(texts)),
        lambda: small(tuple(texts)),
        lambda: course_utils.LabeledTexts(texts, [0] * len(texts)),
    ):
        said = refused(call)
        assert said.startswith(begin) and f"of type {type(value).__name__}, expected a" in said


@given(st.lists(ANY_TEXT, min_size=1, max_size=6), ANY_TEXT, HALVES, ANY_TEXT, st.data())
@settings(max_examples=50, deadline=None)
def test_half_a_sign_is_named_wherever_it_stands(small, texts, before, half, after, data):
    """A lone surrogate, at any place of any text: its text is named, and it can be printed."""
    place = data.draw(st.integers(0, len(texts)))
    said = refused(lambda: small([*texts[:place], before + half + after, *texts[place:]]))
    assert said.startswith(f"Text {place} (counting from 0) holds half a sign (\\u")


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (b"abc", 'write .decode("utf-8") behind it.'),
        (bytearray(b"abc"), 'write .decode("utf-8") behind it.'),
        (None, "nothing is there, so remove it."),
        (float("nan"), "nothing is there, so remove it."),
        (pd.NA, "nothing is there, so remove it."),
        (pd.NaT, "nothing is there, so remove it."),
        (7, "remove it or write str(...) around it."),
    ],
)
def test_the_advice_fits(value, advice):
    """`str(b"abc")` would be "b'abc'", and `str(None)` a text that nobody wrote."""
    said = refused(lambda: course_utils.LabeledTexts(["a", value], [0, 1]))
    assert said.endswith(advice)


@pytest.mark.parametrize(
    "texts", [np.array("good"), np.array([["good", "bad"]]), np.array([[["good"]]])]
)
def test_an_array_that_is_no_list(small, texts):
    """Neither a TypeError of numpy nor the advice to write str(...) around each row."""
    for call in (lambda: small(texts), lambda: course_utils.LabeledTexts(texts, [0])):
        assert f"an array of {texts.ndim} dimensions" in refused(call)


@pytest.mark.parametrize("kind", [list, tuple, pd.Series, pd.Index, np.array, iter, pd.Categorical])
def test_lists_of_any_kind_are_one(small, kind):
    """What holds texts in an order is a list, also numpy's own kind of text."""
    texts = ["good", "a bad film", "ممتاز"]
    np.testing.assert_array_equal(small(kind(texts)), small(texts))


def test_every_sign_of_unicode():
    """Each sign there is, in the middle of a word: the tokenizer takes it, and none is refused."""
    signs = "".join(chr(n) for n in range(0x110000) if not 0xD800 <= n <= 0xDFFF)
    texts = [signs[start : start + 4_000] for start in range(0, len(signs), 4_000)]
    course_utils.LabeledTexts(texts, [0] * len(texts))
    batches = course_utils.model.batches.Batches(tokenizer(), texts)
    assert len(batches.lengths) == len(texts) and max(batches.lengths) <= 64
