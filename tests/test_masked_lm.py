"""The masked language model: loaded quickly, sensible words, and one sentence for a wrong gap."""

import importlib.util
import json
from hashlib import sha256

import numpy as np
import pytest
import torch
from real_model import copy_of_minilm, tokenizer

import course_utils
from course_utils import settings
from course_utils.errors import CheckpointNotFound, DamagedFile, DataError
from course_utils.model import masked_lm

LOVED = "The movie was [MASK], I loved every minute of it."
HATED = "The movie was [MASK], I hated every minute of it."


@pytest.fixture(scope="module")
def reader():
    return course_utils.load_masked_lm("minilm")[1]


def words(reader, text, top=5):
    return course_utils.fill_blank(reader, tokenizer(), text, top)["word"].tolist()


def test_it_is_minilm_with_other_layers_and_a_head_for_words(reader):
    encoder = course_utils.load_encoder("minilm")
    assert type(reader).__name__ == "BertForMaskedLM" and not reader.training
    assert reader.dtype == torch.float32
    table = reader.get_input_embeddings().weight
    assert torch.equal(table, encoder.get_input_embeddings().weight)
    assert not torch.equal(reader.cls.predictions.decoder.weight, table)
    for ours, theirs in zip(reader.bert.encoder.layer, encoder.encoder.layer, strict=True):
        assert not torch.allclose(ours.output.dense.weight, theirs.output.dense.weight, atol=1e-3)


def test_every_weight_in_the_file_is_used(reader):
    from safetensors.torch import load_file

    stored = load_file(masked_lm.FOLDER / "model.safetensors")
    decoder = stored.pop("decoder.left").float() @ stored.pop("decoder.right").float()
    state = reader.state_dict()
    for name, weight in stored.items():
        assert torch.equal(state[name], weight.float()), name
    table = reader.get_input_embeddings().weight
    assert torch.allclose(state["cls.predictions.decoder.weight"], table + decoder, atol=1e-6)
    assert torch.equal(reader.cls.predictions.decoder.bias, reader.cls.predictions.bias)


def test_the_file_is_small_and_its_card_is_true():
    path = masked_lm.FOLDER / "model.safetensors"
    about = json.loads((masked_lm.FOLDER / "about.json").read_text(encoding="utf-8"))
    assert path.stat().st_size == about["bytes"] <= 25_000_000
    assert sha256(path.read_bytes()).hexdigest() == about["sha256"]
    assert about["held_out"] == 2_000
    assert about["accuracy"] >= 0.29


def test_the_page_beside_it_is_the_one_of_the_program(monkeypatch):
    monkeypatch.syspath_prepend(str(masked_lm.FOLDER.parents[1] / "benchmarks"))
    spec = importlib.util.spec_from_file_location(
        "masked_lm_program", masked_lm.FOLDER.parents[1] / "benchmarks" / "masked_lm.py"
    )
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    about = json.loads((masked_lm.FOLDER / "about.json").read_text(encoding="utf-8"))
    assert (masked_lm.FOLDER / "README.md").read_text(encoding="utf-8") == program.card(about)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LOVED, {"great", "good", "excellent", "amazing", "wonderful", "fantastic", "awesome"}),
        (HATED, {"bad", "terrible", "awful", "horrible", "boring", "stupid"}),
        (
            "The acting was terrible and the plot was [MASK].",
            {"bad", "terrible", "awful", "horrible", "boring", "stupid", "ridiculous", "weak"},
        ),
        ("I [MASK] this film, it was wonderful.", {"loved", "liked", "enjoyed", "saw", "watched"}),
    ],
)
def test_sensible_words(reader, text, expected):
    assert len(expected & set(words(reader, text))) >= 2


def test_the_plain_sentence_gets_a_judgement(reader):
    judgements = {"good", "great", "bad", "excellent", "terrible", "awful", "awesome", "boring"}
    assert len(judgements & set(words(reader, "The movie was [MASK]."))) >= 3


def test_words_after_the_gap_decide(reader):
    good = ["good", "great"]
    found = {
        text: course_utils.word_probabilities(reader, tokenizer(), text, [*good, "terrible", "bad"])
        for text in (LOVED, HATED)
    }
    for word in good:
        assert found[LOVED][word] > 1.2 * found[HATED][word]
    for word in ("terrible", "bad"):
        assert found[HATED][word] > 1.2 * found[LOVED][word]
    assert words(reader, LOVED, top=1) == ["good"]
    assert words(reader, HATED, top=1) == ["terrible"]


def test_probabilities_are_those_of_the_model(reader):
    batch = tokenizer()(LOVED, return_tensors="pt")
    gap = batch["input_ids"][0].tolist().index(tokenizer().mask_token_id)
    with torch.inference_mode():
        expected = torch.softmax(reader(**batch).logits[0, gap], dim=-1)
    table = course_utils.fill_blank(reader, tokenizer(), LOVED, top=30_522)
    assert table["probability"].sum() == pytest.approx(1, abs=1e-4)
    assert table["probability"].is_monotonic_decreasing
    ids = tokenizer().convert_tokens_to_ids(table["word"].tolist())
    assert np.allclose(table["probability"], expected[ids], atol=1e-6)
    assert table.attrs["text"] == LOVED
    found = course_utils.word_probabilities(reader, tokenizer(), LOVED, ["Great", "bad"])
    great = tokenizer().convert_tokens_to_ids("great")
    assert found["Great"] == pytest.approx(expected[great].item(), abs=1e-6)


def test_a_vocabulary_with_capitals_keeps_them(reader, monkeypatch):
    """A cased checkpoint knows Paris, and perhaps another word paris."""
    known = tokenizer().get_vocab()
    cased = type("Cased", (), {"__getattr__": lambda self, name: getattr(tokenizer(), name)})
    cased.get_vocab = lambda self: known | {"Great": known["bad"]}
    cased.__len__ = lambda self: len(known)
    cased.__call__ = lambda self, *texts, **options: tokenizer()(*texts, **options)
    both = course_utils.word_probabilities(reader, cased(), LOVED, ["Great", "great", "bad"])
    assert both["Great"] == both["bad"] != both["great"]


@pytest.mark.parametrize("training", [True, False])
def test_the_model_stays_as_it_was(reader, training):
    reader.train(training)
    try:
        first, second = words(reader, LOVED), words(reader, LOVED)
        assert first == second
        assert reader.training == training
        assert all(weight.grad is None for weight in reader.parameters())
    finally:
        reader.eval()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("The movie was good.", r"Expected one \[MASK\] where a word is missing, found 0"),
        ("The movie was [mask].", r"found 0 in 'The movie was \[mask\]\.': write it once, in cap"),
        ("[MASK] [MASK]", "found 2"),
        ("word " * 600 + "[MASK]", "stands after the 512 tokens"),
        ("", "found 0"),
    ],
)
def test_a_wrong_gap(reader, text, message):
    with pytest.raises(DataError, match=message) as error:
        course_utils.fill_blank(reader, tokenizer(), text)
    assert str(error.value).count("\n") == 0


@pytest.mark.parametrize("top", [0, -1, 2.5, "5", True, 40_000])
def test_a_wrong_number_of_words(reader, top):
    with pytest.raises(DataError, match="expected a whole number of words from 1 to 30,522"):
        course_utils.fill_blank(reader, tokenizer(), LOVED, top)


def test_a_word_that_is_not_one_token(reader):
    with pytest.raises(DataError, match="'unwatchable' is not in the vocabulary as one token"):
        course_utils.word_probabilities(reader, tokenizer(), LOVED, ["great", "unwatchable"])


def test_a_checkpoint_without_such_a_head(tmp_path):
    folder = copy_of_minilm(tmp_path / "other")
    with pytest.raises(CheckpointNotFound, match="has no language-modelling head"):
        course_utils.load_masked_lm(str(folder))


def test_the_course_s_own_stands_in_where_the_switch_names_one_without_a_head(
    reader, tmp_path, monkeypatch, capsys
):
    folder = copy_of_minilm(tmp_path / "headless")
    monkeypatch.setattr(settings, "_settings", None)
    monkeypatch.setenv("COURSE_CHECKPOINT", str(folder))
    _, loaded = course_utils.load_masked_lm()
    said = capsys.readouterr().out
    assert said.startswith("headless has no language-modelling head") and said.count("\n") == 1
    assert "made from minilm, stands in for it" in said and str(tmp_path) not in said
    assert words(loaded, LOVED) == words(reader, LOVED)


def test_a_checkpoint_with_its_own_head(reader, tmp_path):
    reader.save_pretrained(tmp_path / "own")
    tokenizer().save_pretrained(tmp_path / "own")
    _, loaded = course_utils.load_masked_lm(str(tmp_path / "own"))
    assert words(loaded, LOVED) == words(reader, LOVED)


def test_a_damaged_file(tmp_path, monkeypatch):
    for name in ("model.safetensors", "about.json"):
        (tmp_path / name).write_bytes((masked_lm.FOLDER / name).read_bytes())
    with (tmp_path / "model.safetensors").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"x")
    monkeypatch.setattr(masked_lm, "FOLDER", tmp_path)
    with pytest.raises(DamagedFile, match="model.safetensors is not the file that this course"):
        course_utils.load_masked_lm("minilm")
    (tmp_path / "about.json").unlink()
    with pytest.raises(DamagedFile, match="about.json is missing: get the folder data/masked_lm"):
        course_utils.load_masked_lm("minilm")
