"""Attention weights: whose they are, that padding gets none, and that the model stays as it was."""

import numpy as np
import pytest
import torch
from real_model import classifier, minilm_folder, new_classifier, tokenizer

import course_utils
from course_utils.errors import DataError
from course_utils.look import attention
from course_utils.look.attention import Attention

SWIM = "We walked to the bank to swim in the river."
TEXTS = ["a joy", SWIM, "It is, I fear, the dullest film of the whole year, and the longest."]


@pytest.fixture(scope="module")
def encoder():
    return course_utils.load_encoder("minilm")


@pytest.fixture(scope="module")
def eager():
    """The same encoder, loaded by transformers itself with the plain attention."""
    from transformers import BertModel

    return BertModel.from_pretrained(
        minilm_folder(), attn_implementation="eager", dtype=torch.float32
    ).eval()


@pytest.fixture(scope="module")
def swim(encoder):
    return course_utils.attention_weights(encoder, tokenizer(), SWIM)


def made_up(tokens=("[CLS]", "good", "!", "?", "[SEP]")):
    """Two layers of three heads whose weights are all different."""
    random = np.random.default_rng(seed=0)
    weights = random.dirichlet(np.ones(len(tokens)), size=(2, 3, len(tokens)))
    return Attention(list(tokens), weights)


def test_shape_and_tokens(swim):
    words = "we walked to the bank to swim in the river .".split()
    assert swim.tokens == ["[CLS]", *words, "[SEP]"]
    assert swim.weights.shape == (6, 12, 13, 13)
    assert repr(swim) == "Attention: 6 layers, 12 heads, 13 tokens"


def test_each_token_shares_out_all_of_its_attention(swim):
    assert swim.weights.min() >= 0
    np.testing.assert_allclose(swim.weights.sum(axis=3), 1, atol=1e-5)
    assert np.abs(swim.weights.sum(axis=2) - 1).max() > 0.5  # what a token receives is not 1


def test_they_are_what_transformers_computes(swim, eager):
    with torch.no_grad():
        output = eager(**tokenizer()(SWIM, return_tensors="pt"), output_attentions=True)
    for layer, expected in enumerate(output.attentions):
        np.testing.assert_allclose(swim.weights[layer], expected[0].numpy(), atol=1e-5)


def test_the_first_layer_by_hand(encoder, swim):
    """From queries, to keys: the softmax of their products, in each head."""
    with torch.no_grad():
        hidden = encoder.embeddings(tokenizer()(SWIM, return_tensors="pt")["input_ids"])
        layer = encoder.encoder.layer[0].attention.self
        query, key = (part(hidden)[0].view(13, 12, 32) for part in (layer.query, layer.key))
        products = torch.einsum("fhd,thd->hft", query, key) / 32**0.5
    np.testing.assert_allclose(swim.weights[0], products.softmax(dim=-1), atol=1e-5)


def test_head_3_of_layer_1_reads_the_token_before(swim):
    """What notebook 08 says of the default checkpoint; the first token has none before it."""
    before = swim.one(1, 3)
    assert (before[1:].argmax(axis=1) == np.arange(12)).all()
    assert before.diagonal(-1).min() > 0.99


def test_plain_attention_computes_the_same(encoder, eager):
    assert encoder.config._attn_implementation == "sdpa"
    batch = tokenizer()(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        fast, plain = (model(**batch).last_hidden_state for model in (encoder, eager))
    real = batch["attention_mask"].bool()
    assert (fast - plain)[real].abs().max() < 1e-5


def test_padding_is_never_attended(encoder):
    ids, mask, weights = attention.weights_in(encoder, tokenizer(), TEXTS, 512)
    assert weights.shape == (3, 6, 12, ids.shape[1], ids.shape[1])
    assert mask.sum(axis=1).tolist() == [4, 13, ids.shape[1]]
    for text, real, padded in zip(TEXTS, mask.astype(bool), weights, strict=True):
        assert (padded[..., ~real] == 0).all()
        alone = course_utils.attention_weights(encoder, tokenizer(), text)
        assert len(alone.tokens) == real.sum()
        np.testing.assert_allclose(padded[..., real, :][..., real], alone.weights, atol=1e-5)


def test_a_classifier_is_read_below_its_head(swim):
    """A new classifier has the encoder of the checkpoint, so its attention is the same."""
    found = course_utils.attention_weights(classifier(), tokenizer(), SWIM)
    np.testing.assert_allclose(found.weights, swim.weights, atol=1e-5)


@pytest.mark.parametrize("training", [True, False])
def test_the_model_stays_as_it_was(training, swim):
    model = new_classifier().train(training)
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    found = course_utils.attention_weights(model, tokenizer(), SWIM)
    np.testing.assert_allclose(found.weights, swim.weights, atol=1e-5)  # without dropout
    assert {part.training for part in model.modules()} == {training}
    assert {part.config._attn_implementation for part in (model, model.bert)} == {"sdpa"}
    for name, weight in model.named_parameters():
        assert torch.equal(weight, before[name]) and weight.grad is None, name
        assert weight.requires_grad, name


def test_a_model_with_plain_attention_keeps_it(eager, swim):
    found = course_utils.attention_weights(eager, tokenizer(), SWIM)
    np.testing.assert_allclose(found.weights, swim.weights, atol=1e-5)
    assert eager.config._attn_implementation == "eager"


def test_the_model_comes_back_after_an_error(encoder):
    encoder.train()

    def stop(*_):
        raise KeyboardInterrupt

    hook = encoder.register_forward_pre_hook(stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            course_utils.attention_weights(encoder, tokenizer(), SWIM)
        assert encoder.training and encoder.config._attn_implementation == "sdpa"
    finally:
        hook.remove()
        encoder.eval()


def test_a_long_text_is_cut_at_512(encoder):
    found = course_utils.attention_weights(encoder, tokenizer(), "very " * 600)
    assert len(found.tokens) == found.weights.shape[-1] == 512


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "^The text is empty: write a sentence.$"),
        (" \n", "^The text is empty: write a sentence.$"),
        (None, "^Text 0 .counting from 0. is None"),
        (["a", "list"], "^Text 0 .counting from 0. is "),
    ],
)
def test_what_is_no_text(encoder, text, message):
    with pytest.raises(DataError, match=message):
        course_utils.attention_weights(encoder, tokenizer(), text)


# --- one head ---


def test_layers_and_heads_are_counted_from_1():
    known = made_up()
    np.testing.assert_array_equal(known.one(1, 1), known.weights[0, 0])
    np.testing.assert_array_equal(known.one(2, 3), known.weights[1, 2])
    np.testing.assert_array_equal(known.one(np.int64(2), np.int64(1)), known.weights[1, 0])
    np.testing.assert_allclose(known.one(2), sum(known.weights[1]) / 3)


@pytest.mark.parametrize("layer", [0, 3, -1, 1.0, "1", None])
def test_there_is_no_such_layer(layer):
    with pytest.raises(DataError, match="^layer=.*: expected a whole number from 1 to 2.$"):
        made_up().one(layer, 1)


@pytest.mark.parametrize("head", [0, 4, -1, 2.0, "mean"])
def test_there_is_no_such_head(head):
    sentence = (
        "^head=.*: expected a whole number from 1 to 3, or None for the mean over all heads.$"
    )
    with pytest.raises(DataError, match=sentence):
        made_up().one(1, head)


# --- where it goes ---


def test_shares_by_layer():
    known = made_up()
    table = course_utils.attention_shares(known)
    assert list(table.columns) == ["[CLS]", "[SEP]", "punctuation", "words"]
    assert list(table.index) == ["layer 1", "layer 2", "spread evenly"]
    np.testing.assert_allclose(table.sum(axis=1), 1)
    for kind, places in {"[CLS]": [0], "[SEP]": [4], "punctuation": [2, 3], "words": [1]}.items():
        expected = known.weights[..., places].sum(axis=-1).mean(axis=(1, 2))
        np.testing.assert_allclose(table[kind].iloc[:2], expected)
    assert table.loc["spread evenly"].tolist() == pytest.approx([0.2, 0.2, 0.4, 0.2])


def test_parts_of_words_are_words_and_a_text_may_have_no_sign():
    table = course_utils.attention_shares(made_up(("[CLS]", "un", "##able", "3d", "[SEP]")))
    assert table.loc["spread evenly"].tolist() == pytest.approx([0.2, 0.2, 0, 0.6])


def test_where_the_attention_of_the_course_goes(encoder):
    """What notebook 08 says of the default checkpoint: a lot to [CLS], which says nothing."""
    tables = [
        course_utils.attention_shares(course_utils.attention_weights(encoder, tokenizer(), text))
        for text in TEXTS[1:]
    ]
    mean = sum(tables) / len(tables)
    assert (mean["[CLS]"].iloc[1:5] > 0.35).all()
    assert mean["[CLS]"].iloc[1:5].min() > 4 * mean.loc["spread evenly", "[CLS]"]


def test_names_are_public():
    for name in ("weights", "shares"):
        assert f"attention_{name}" in course_utils.__all__
        assert getattr(course_utils, f"attention_{name}").__doc__
