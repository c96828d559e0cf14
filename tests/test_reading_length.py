"""How far a text is read is one number: training sets it, and all that comes after obeys it.

The deciding word of each text stands after its 64th token.
"""

import inspect
import logging
import random
from functools import partial

import numpy as np
import pandas as pd
import pytest
import transformers
from real_model import classifier, copy_of_minilm, minilm_folder, new_classifier, small_set
from stand_in import make_checkpoint

import course_utils
from course_utils import progress
from course_utils.errors import DataError

FILLER = "the of and to in a is that for it as was with be by on not he i this are or".split()
LABELS = {"awful": 0, "superb": 1}


def late(size: int, seed: int) -> course_utils.LabeledTexts:
    """Texts of 80 words and more that say nothing, and one at their end that decides."""
    draw, words = random.Random(seed), [*LABELS] * (size // 2)
    texts = [" ".join([*draw.choices(FILLER, k=draw.randint(80, 95)), word]) for word in words]
    return course_utils.LabeledTexts(texts, [LABELS[word] for word in words], name="late")


@pytest.fixture(scope="module")
def tuned(tmp_path_factory):
    """A small model that was trained with 128 tokens, and its tokenizer.

    Not for long: where it is quite sure, the gradients of its lead are nearly zero.
    """
    small = make_checkpoint(tmp_path_factory.mktemp("checkpoints") / "small", with_head=False)
    model = course_utils.load_classifier(small, quiet=True)
    tokenizer = course_utils.load_tokenizer("minilm")
    course_utils.fine_tune(
        *(model, tokenizer, late(64, 0), late(16, 1)),
        **{"epochs": 10, "batch_size": 8, "learning_rate": 3e-3, "max_length": 128},
    )
    return model, tokenizer


@pytest.fixture(scope="module")
def saved(tuned, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "late"
    course_utils.save(folder, *tuned)
    return folder


def test_judged_as_it_was_trained(tuned):
    test = late(20, 2)
    assert course_utils.evaluate(*tuned, test).accuracy == 1
    assert 0.2 < course_utils.evaluate(*tuned, test, max_length=64).accuracy < 0.8  # it cannot know


@pytest.mark.parametrize(
    "method", [course_utils.occlusion, partial(course_utils.integrated_gradients, steps=10)]
)
def test_explained_as_it_was_trained(tuned, method):
    for text in late(2, 3).texts:
        answer = course_utils.predict(*tuned, [text])[0]
        found = method(*tuned, text)
        assert found.probability == pytest.approx(answer.max(), abs=1e-5)
        assert found.words[np.argmax(found.scores)] == text.split()[-1]
        short = method(*tuned, text, max_length=64)
        answer = course_utils.predict(*tuned, [text], max_length=64)[0]
        assert short.probability == pytest.approx(answer.max(), abs=1e-5)
        assert short.words == found.words
        assert (short.scores[62:] == 0).all() and (short.scores[:62] != 0).any()


def test_all_others_agree(tuned):
    model, tokenizer = tuned
    text, other = late(2, 4).texts
    answers = course_utils.predict(*tuned, [text, text.replace("awful", "superb")])
    table = course_utils.counterfactual(*tuned, text, "awful", ["superb"])
    np.testing.assert_allclose(table[["negative", "positive"]], answers, atol=6e-4)
    with pytest.raises(DataError, match="'awful' stands after the 64 tokens that are read"):
        course_utils.counterfactual(*tuned, text, "awful", ["superb"], max_length=64)
    shown = course_utils.live_prediction(*tuned, examples=[text])._repr_mimebundle_()["text/html"]
    assert f"{100 * answers[0, 0]:.1f} %" in shown
    assert course_utils.attention_to_words(*tuned, text)[-1] > 0
    assert course_utils.attention_to_words(*tuned, text, max_length=64)[-1] == 0
    for vectors in (
        course_utils.sentence_vectors,
        course_utils.word_vectors,
        lambda *inputs, **options: course_utils.layer_vectors(*inputs, **options)[-1],
    ):
        by_default, as_trained = vectors(*tuned, [text]), vectors(*tuned, [text], max_length=128)
        np.testing.assert_array_equal(by_default, as_trained)
        assert not np.allclose(by_default, vectors(*tuned, [text], max_length=64))
    report = course_utils.data_report(late(4, 3), tokenizer=tokenizer)
    assert report["% cut at 128"].tolist() == [0]
    report = course_utils.data_report(late(4, 3), tokenizer=tokenizer, max_length=64)
    assert report["% cut at 64"].tolist() == [100]


def test_a_view_says_what_it_does_not_read(tuned):
    box, answer = course_utils.live_prediction(*tuned).children
    box.value = "a b c d " * 35  # 140 tokens, fewer characters than a view reads
    assert "Only the first 128 of 142 tokens are read." in answer.value
    box.value = "a b c d " * 30
    assert "are read" not in answer.value


def test_a_saved_model_reads_as_far(tuned, saved):
    model, tokenizer = course_utils.load(saved)
    assert tokenizer.model_max_length == 128
    texts = [*late(4, 5).texts, "a joy", "superb " * 300]
    expected = course_utils.predict(*tuned, texts)
    np.testing.assert_allclose(course_utils.predict(model, tokenizer, texts), expected, atol=1e-6)
    assert course_utils.load_tokenizer(saved).model_max_length == 128


def test_the_pipeline_of_transformers_gives_the_same(tuned, saved):
    """A plain one: nobody tells it how far to read."""
    texts = [*late(4, 6).texts, "a joy", "superb " * 600, *small_set().texts]
    pipe = transformers.pipeline("text-classification", model=str(saved), truncation=True)
    answers = pipe(texts, top_k=None)
    found = [sorted(rows, key=lambda row: row["label"]) for rows in answers]  # negative comes first
    found = [[row["score"] for row in rows] for rows in found]
    np.testing.assert_allclose(found, course_utils.predict(*tuned, texts), atol=1e-5)


def test_a_run_that_goes_on_reads_as_far(tmp_path, monkeypatch):
    model, tokenizer = new_classifier(), course_utils.load_tokenizer("minilm")
    data = late(16, 7)

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(progress.StepBar, "step", stop)
        run = course_utils.fine_tune(model, tokenizer, data, batch_size=8, max_length=100)
    assert run.interrupted
    course_utils.save(tmp_path / "late", model, tokenizer, run)
    _, tokenizer, run = course_utils.resume(tmp_path / "late", data)
    assert run.max_length == tokenizer.model_max_length == 100


def test_validation_reads_what_training_reads(tuned, monkeypatch):
    lengths = []
    inner = course_utils.predict

    def spy(model, tokenizer, texts, **options):
        lengths.append(options.get("max_length") or tokenizer.model_max_length)
        return inner(model, tokenizer, texts, **options)

    monkeypatch.setattr("course_utils.model.prediction.predict", spy)
    model, tokenizer = new_classifier(), course_utils.load_tokenizer("minilm")
    course_utils.fine_tune(model, tokenizer, late(8, 8), late(4, 9), max_length=90)
    assert lengths == [90]


def test_what_is_wrong_does_not_change_the_tokenizer():
    model, tokenizer = new_classifier(), course_utils.load_tokenizer("minilm")
    with pytest.raises(DataError):
        course_utils.fine_tune(model, tokenizer, small_set(), max_length=96, epochs=0)
    assert tokenizer.model_max_length == 64


# --- what is noted at first ---


def test_the_length_of_the_course_and_no_warning(caplog):
    tokenizer = course_utils.load_tokenizer("minilm")
    assert tokenizer.model_max_length == 64
    text = "good " * 600
    with caplog.at_level(logging.WARNING):
        transformers.logging.enable_propagation()
        try:
            assert len(tokenizer(text, truncation=True)["input_ids"]) == 64
            assert len(tokenizer(text)["input_ids"]) == 602
            assert len(tokenizer(text, truncation=True, max_length=512)["input_ids"]) == 512
        finally:
            transformers.logging.disable_propagation()
    assert not caplog.records


@pytest.mark.parametrize(("noted", "read"), [(512, 512), (int(1e30), 512), (48, 48)])
def test_a_tokenizer_that_somebody_else_loaded(noted, read):
    tokenizer = transformers.AutoTokenizer.from_pretrained(minilm_folder(), model_max_length=noted)
    text = "very " * 700
    found = course_utils.predict(classifier(), tokenizer, [text])
    expected = course_utils.predict(classifier(), tokenizer, [text], max_length=read)
    np.testing.assert_array_equal(found, expected)
    assert tokenizer.model_max_length == noted  # only training writes it


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A checkpoint that can read 40 tokens, though its tokenizer says 512."""
    folder = copy_of_minilm(tmp_path_factory.mktemp("small") / "forty")
    config = transformers.BertConfig.from_pretrained(
        folder, max_position_embeddings=40, num_hidden_layers=1
    )
    transformers.BertForMaskedLM(config).save_pretrained(folder)
    return folder


def test_no_further_than_the_model_can(small):
    tokenizer, model = course_utils.load_tokenizer(small), course_utils.load_classifier(small)
    assert tokenizer.model_max_length == 40
    text = "very " * 100
    assert course_utils.predict(model, tokenizer, [text]).shape == (1, 2)
    sentence = (
        "max_length=41: expected a whole number of tokens from 3 to 40, .* this model can read"
    )
    data = course_utils.LabeledTexts([text, text], [0, 1])
    for call in (
        lambda: course_utils.predict(model, tokenizer, [text], max_length=41),
        lambda: course_utils.evaluate(model, tokenizer, data, max_length=41),
        lambda: course_utils.fine_tune(model, tokenizer, data, max_length=41),
        lambda: course_utils.occlusion(model, tokenizer, text, max_length=41),
        lambda: course_utils.sentence_vectors(model, tokenizer, [text], max_length=41),
        lambda: course_utils.layer_vectors(model, tokenizer, [text], max_length=41),
        lambda: course_utils.word_vectors(model, tokenizer, [text], max_length=41),
    ):
        with pytest.raises(DataError, match=sentence):
            call()


def test_looks_at_one_text_stop_where_the_model_stops(small):
    tokenizer, encoder = course_utils.load_tokenizer(small), course_utils.load_encoder(small)
    assert len(course_utils.attention_weights(encoder, tokenizer, "very " * 100).tokens) == 40
    with pytest.raises(DataError, match="'bank' stands after the 40 tokens that this model can"):
        course_utils.context_vectors(encoder, tokenizer, "very " * 100 + "bank", "bank")
    tokenizer, reader = course_utils.load_masked_lm(small)
    with pytest.raises(DataError, match="stands after the 40 tokens that this model can read"):
        course_utils.fill_blank(reader, tokenizer, "very " * 100 + "[MASK]")


def test_no_other_default_is_hidden():
    """Where a public function reads texts, the length is None: the tokenizer's own."""
    for name in course_utils.__all__:
        function = getattr(course_utils, name)
        if inspect.isfunction(function):
            found = inspect.signature(function).parameters.get("max_length")
            assert found is None or found.default is None, name


def test_not_a_tokenizer():
    for call in (course_utils.predict, course_utils.sentence_vectors, course_utils.word_vectors):
        with pytest.raises(DataError, match="Expected a tokenizer, found a NoneType"):
            call(classifier(), None, ["a joy"])
    with pytest.raises(DataError, match="Expected a tokenizer, found a Series"):
        course_utils.data_report(small_set(), tokenizer=pd.Series(["a"]))


@pytest.mark.parametrize("length", [1, 2, 0, -5, 513, 12.5])
def test_every_reader_wants_a_length_that_it_can_read(length):
    tokenizer = course_utils.load_tokenizer("minilm")
    for call in (
        lambda: course_utils.word_vectors(classifier(), tokenizer, ["a joy"], max_length=length),
        lambda: course_utils.data_report(small_set(), tokenizer=tokenizer, max_length=length),
        lambda: course_utils.batch_builder(tokenizer, ["a joy"], max_length=length),
    ):
        with pytest.raises(DataError, match="expected a whole number of tokens from 3 to 512"):
            call()
