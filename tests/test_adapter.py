"""The sentiment model that comes with the course: small, intact, and as good as its facts say."""

import json
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import course_utils
from course_utils import settings
from course_utils.errors import DamagedFile
from course_utils.model import adapter


@pytest.fixture(scope="module")
def both():
    return course_utils.load_sentiment_model()


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of both files, for a test that spoils one."""
    for path in (adapter.ADAPTER, adapter.ADAPTER.with_suffix(".json")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(adapter, "ADAPTER", tmp_path / adapter.ADAPTER.name)
    return tmp_path / adapter.ADAPTER.name


def test_it_is_a_plain_pair(both):
    model, tokenizer = both
    assert type(model).__name__ == "BertForSequenceClassification" and not model.training
    assert model.dtype == torch.float32
    assert model.config.id2label == {0: "negative", 1: "positive"}
    assert tokenizer.model_max_length == 64


def test_the_file_is_small_and_its_facts_are_true():
    facts = adapter.read_facts()
    assert adapter.ADAPTER.stat().st_size == facts["bytes"] <= 3_000_000
    assert sha256(adapter.ADAPTER.read_bytes()).hexdigest() == facts["sha256"]
    low, high = course_utils.accuracy_interval(
        round(facts["accuracy"] * facts["test_texts"]), facts["test_texts"]
    )
    assert facts["interval"] == pytest.approx([low, high])
    # What the short form costs is less than what other test reviews would change.
    assert abs(facts["accuracy"] - facts["accuracy_before_it_was_cut"]) < 0.01


def test_it_is_as_good_on_some_reviews_as_on_all(both):
    test = course_utils.load_reviews(quiet=True)[2].sample(200)
    found = course_utils.evaluate(*both, test).accuracy
    assert found == pytest.approx(adapter.read_facts()["accuracy"], abs=0.08)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I had an awesome day!", 1),
        ("I loved every minute of it!", 1),
        ("The food was delicious.", 1),
        ("My new phone is great.", 1),
        ("I had an awful day!", 0),
        ("The service was slow.", 0),
        ("I am so disappointed.", 0),
        ("The food was cold and the waiter was rude.", 0),
    ],
)
def test_plain_sentences(both, text, label):
    assert course_utils.predict(*both, [text])[0, label] > 0.6


def test_the_pipeline_of_transformers_says_the_same(both):
    from transformers import pipeline

    model, tokenizer = both
    texts = ["I had an awesome day!", "The service was slow.", "a film"]
    answers = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")(texts)
    ours = course_utils.predict(model, tokenizer, texts)
    for answer, row in zip(answers, ours, strict=True):
        assert answer["label"] == model.config.id2label[int(row.argmax())]
        assert answer["score"] == pytest.approx(row.max(), abs=1e-5)


def test_what_is_added_is_what_is_stored(both):
    """By hand: a matrix of low rank, a vector, the head, and what was not trained."""
    stored, weights = load_file(adapter.ADAPTER), dict(both[0].named_parameters())
    plain = dict(course_utils.load_classifier("minilm", quiet=True).named_parameters())
    name = "bert.encoder.layer.3.output.dense.weight"
    left, right = stored[name + ".left"].float(), stored[name + ".right"].float()
    assert left.shape == (384, adapter.read_facts()["rank"]) and right.shape[1] == 1536
    assert torch.allclose(weights[name], plain[name] + left @ right, atol=1e-6)
    bias = "bert.encoder.layer.3.output.dense.bias"
    assert torch.allclose(weights[bias], plain[bias] + stored[bias].float(), atol=1e-6)
    assert torch.equal(weights["classifier.weight"], stored["classifier.weight"].float())
    words = "bert.embeddings.word_embeddings.weight"
    assert torch.equal(weights[words], plain[words])
    known = {name.removesuffix(".left").removesuffix(".right") for name in stored}
    assert known == set(weights) - {words}


def test_random_numbers_stay_as_they_were():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    course_utils.load_sentiment_model()
    assert torch.equal(torch.rand(3), expected)


def test_the_switch_of_another_checkpoint_is_mentioned(both, monkeypatch, capsys):
    other = replace(settings.current(), checkpoint="bert-base-uncased")
    monkeypatch.setattr(settings, "_settings", other)
    model, tokenizer = course_utils.load_sentiment_model()
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "made from minilm; the checkpoint bert-base-uncased" in said
    text = ["I had an awesome day!"]
    np.testing.assert_allclose(
        course_utils.predict(model, tokenizer, text), course_utils.predict(*both, text)
    )


def test_loading_says_nothing_and_the_facts_are_told(monkeypatch, capsys):
    monkeypatch.setattr(settings, "_settings", replace(settings.current(), checkpoint="minilm"))
    course_utils.load_sentiment_model()
    assert capsys.readouterr().out == ""
    course_utils.describe_sentiment_model()
    facts, said = adapter.read_facts(), capsys.readouterr().out
    assert f"it got {100 * facts['accuracy']:.1f} % right" in said and said.count("\n") == 2
    low, high = (100 * bound for bound in facts["interval"])
    assert f"(95 % interval {low:.1f} to {high:.1f})" in said and 50 < low < high < 100


def test_a_file_that_was_changed(copied):
    with copied.open("r+b") as file:
        file.seek(100_000)
        file.write(b"x")
    with pytest.raises(DamagedFile, match="^sentiment_adapter.safetensors is not the file") as said:
        course_utils.load_sentiment_model()
    assert "\n" not in str(said.value)


def test_a_file_that_is_missing(copied):
    copied.unlink()
    with pytest.raises(DamagedFile, match="^sentiment_adapter.safetensors is missing: get the"):
        course_utils.load_sentiment_model()


@pytest.mark.parametrize("call", ["load_sentiment_model", "describe_sentiment_model"])
def test_facts_that_are_missing_or_broken(copied, call):
    facts = copied.with_suffix(".json")
    facts.write_text(json.dumps(["no dictionary"]))
    with pytest.raises(DamagedFile, match="sentiment_adapter.json is not valid JSON: get the"):
        getattr(course_utils, call)()
    facts.unlink()
    with pytest.raises(DamagedFile, match="sentiment_adapter.json is missing: get the folder"):
        getattr(course_utils, call)()
