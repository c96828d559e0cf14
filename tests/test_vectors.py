"""Texts as vectors: what is averaged, what is left out, and that nothing is trained."""

import numpy as np
import pytest
import torch
from real_model import classifier, minilm_folder, tokenizer

import course_utils
from course_utils.errors import DataError

# The longest comes first. Batches are made in the order of length, from the other end.
TEXTS = ["a film " * 40, "so " * 25 + "good", "not a good film at all, I think", "bad!", "good"]


@pytest.fixture(scope="module")
def encoder():
    return course_utils.load_encoder("minilm")


def sentences(encoder, texts, **options):
    return course_utils.sentence_vectors(encoder, tokenizer(), texts, quiet=True, **options)


def words(encoder, texts, **options):
    return course_utils.word_vectors(encoder, tokenizer(), texts, **options)


# --- sentence vectors ---


def test_shape_and_length(encoder):
    vectors = sentences(encoder, TEXTS)
    assert vectors.shape == (5, 384) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_the_mean_of_the_last_layer_by_hand(encoder):
    """Every token of the text counts, [CLS] and [SEP] included, and no padding."""
    for text, vector in zip(TEXTS, sentences(encoder, TEXTS), strict=True):
        inputs = tokenizer()(text, truncation=True, max_length=64, return_tensors="pt")
        with torch.no_grad():
            hidden = encoder(**inputs).last_hidden_state[0]  # (sequence, hidden)
        mean = hidden.mean(dim=0).numpy()
        np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-5)


def test_the_makers_of_the_checkpoint_compute_the_same(encoder):
    """An independent program with its own pooling and its own tokenizer."""
    other = pytest.importorskip("sentence_transformers")
    theirs = other.SentenceTransformer(str(minilm_folder()), device="cpu").encode(TEXTS[1:])
    np.testing.assert_allclose(sentences(encoder, TEXTS[1:]), theirs, atol=1e-5)


def test_vectors_come_in_the_order_of_the_texts(encoder):
    together = sentences(encoder, TEXTS, batch_size=2)
    one_by_one = np.concatenate([sentences(encoder, [text]) for text in TEXTS])
    np.testing.assert_allclose(together, one_by_one, atol=1e-5)
    backwards = sentences(encoder, TEXTS[::-1], batch_size=2)
    np.testing.assert_allclose(backwards[::-1], together, atol=1e-5)


def test_similar_sentences_are_near(encoder):
    first, near, far = sentences(
        encoder, ["Shares fall on Wall Street", "Stock market drops again", "He broke his leg"]
    )
    assert first @ near > 0.4 > 0.2 > first @ far


def test_max_length_is_obeyed(encoder):
    long, short = ["film " * 30], ["film " * 10]
    np.testing.assert_array_equal(
        sentences(encoder, long, max_length=12), sentences(encoder, short, max_length=12)
    )
    assert not np.allclose(sentences(encoder, long), sentences(encoder, short))


@pytest.mark.parametrize("training", [True, False])
def test_frozen_means_frozen(encoder, training):
    """Dropout is off while reading, no weight changes, no gradient is kept, the mode comes back."""
    before = {name: weight.clone() for name, weight in encoder.named_parameters()}
    try:
        encoder.train(training)
        first, second = sentences(encoder, TEXTS), sentences(encoder, TEXTS)
        assert encoder.training == training
    finally:
        encoder.eval()
    np.testing.assert_array_equal(first, second)
    for name, weight in encoder.named_parameters():
        assert torch.equal(weight, before[name]) and weight.grad is None, name


def test_the_mode_comes_back_after_an_error(encoder):
    encoder.train()

    def stop(*_):
        raise KeyboardInterrupt

    hook = encoder.register_forward_pre_hook(stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            sentences(encoder, TEXTS)
        assert encoder.training
    finally:
        hook.remove()
        encoder.eval()


def test_a_classifier_is_read_below_its_head(encoder):
    """A new classifier has the encoder of the checkpoint, so its vectors are the same."""
    np.testing.assert_allclose(sentences(classifier(), TEXTS), sentences(encoder, TEXTS), atol=1e-5)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("one text", "Expected a list of texts, found one text"),
        ([], "The list of texts is empty"),
        (["a", None], "Text 1 .counting from 0. is None"),
    ],
)
@pytest.mark.parametrize("read", [sentences, words])
def test_what_is_no_list_of_texts(encoder, read, texts, message):
    with pytest.raises(DataError, match=message):
        read(encoder, texts)


# --- what the pooler says ---


def test_pooler_and_mean_are_what_the_head_and_the_others_read():
    """The head of the model, put on the first, gives its logits; the second is known already."""
    model = classifier()
    vectors, means = course_utils.pooler_and_mean(model, tokenizer(), TEXTS, quiet=True)
    assert vectors.shape == (5, 384) and np.abs(vectors).max() <= 1
    np.testing.assert_allclose(means, sentences(model, TEXTS), atol=1e-6)
    inputs = tokenizer()(TEXTS, padding=True, truncation=True, max_length=64, return_tensors="pt")
    with torch.inference_mode():
        expected = model.eval()(**inputs).logits
        found = model.classifier(torch.tensor(vectors))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_without_a_pooler_nothing_comes_out_of_it():
    model = classifier()
    model.bert.pooler = None
    with pytest.raises(DataError) as caught:
        course_utils.pooler_and_mean(model, tokenizer(), TEXTS)
    assert str(caught.value) == (
        "This model has no pooler, so nothing comes out of it: load one with load_classifier(), or "
        "ask for sentence_vectors()."
    )


# --- word vectors ---


def test_word_vectors_are_rows_of_the_table(encoder):
    table = encoder.embeddings.word_embeddings.weight.detach().numpy()
    ids = tokenizer()(TEXTS[2], add_special_tokens=False)["input_ids"]
    mean = table[ids].mean(axis=0)
    (vector,) = words(encoder, [TEXTS[2]])
    np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-6)


def test_word_vectors_have_shape_and_length(encoder):
    vectors = words(encoder, TEXTS)
    assert vectors.shape == (5, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_order_does_not_count_for_words_and_does_for_sentences(encoder):
    texts = ["the dog bites the man", "the man bites the dog"]
    one, other = words(encoder, texts)
    np.testing.assert_allclose(one, other, atol=1e-6)
    one, other = sentences(encoder, texts)
    assert one @ other < 0.999


def test_a_word_has_one_vector_in_every_company(encoder):
    """The mean of two words is the same as the mean of their two vectors."""
    table = encoder.embeddings.word_embeddings.weight.detach().numpy()
    good, film = (table[tokenizer().convert_tokens_to_ids(word)] for word in ("good", "film"))
    mean = (good + film) / 2
    np.testing.assert_allclose(
        words(encoder, ["good film"])[0], mean / np.linalg.norm(mean), atol=1e-6
    )


def test_no_layer_is_used(encoder):
    """With other layers, the word vectors stay, and the sentence vectors do not."""
    other = course_utils.load_encoder("minilm")
    with torch.no_grad():
        for weight in other.encoder.parameters():
            weight.zero_()
    np.testing.assert_array_equal(words(other, TEXTS), words(encoder, TEXTS))
    assert not np.allclose(sentences(other, TEXTS), sentences(encoder, TEXTS), atol=0.01)


def test_words_beyond_max_length_are_cut_as_for_sentences(encoder):
    """Two places are kept for [CLS] and [SEP], so both kinds of vectors see the same words."""
    text = "one two three four five six"
    short = tokenizer().decode(
        tokenizer()(text, truncation=True, max_length=5)["input_ids"], skip_special_tokens=True
    )
    assert short == "one two three"
    np.testing.assert_array_equal(words(encoder, [text], max_length=5), words(encoder, [short]))


def test_a_text_without_a_token_is_zero_and_warns_of_nothing(encoder, recwarn):
    empty, good = words(encoder, ["", "good"])
    assert not empty.any() and np.isclose(np.linalg.norm(good), 1)
    assert not recwarn.list
    assert np.isfinite(sentences(encoder, ["", "good"])).all()
