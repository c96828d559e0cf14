"""One training in several processes: real ones, which torchrun starts, on a small model."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import stand_in
import torch
from safetensors.torch import load_file
from torch.distributed.run import get_args_parser

import course_utils
from course_utils.command.arguments import parser
from course_utils.errors import MissingPackage, ProcessLost
from course_utils.model.alone import Alone
from course_utils.model.processes import group_on

TESTS = Path(__file__).resolve().parent
SCRIPT = TESTS / "group_run.py"
TORCHRUN = [sys.executable, "-m", "torch.distributed.run"]
TWO = [*TORCHRUN, "--standalone", "--nproc-per-node", "2"]
STEPS = {"epochs": 3, "batch_size": 5, "learning_rate": 1e-3}
"""Sixteen texts in batches of 5, 5, 5 and 1: in the last one, the second process has no text."""
GONE = "Another process of this training is gone"


def environment(**more) -> dict:
    return os.environ | {
        "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}", "OMP_NUM_THREADS": "1",
        "TQDM_DISABLE": "0", **more,
    }  # fmt: skip


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return stand_in.make_checkpoint(tmp_path_factory.mktemp("checkpoints") / "small", False)


@pytest.fixture
def train(checkpoint, tmp_path):
    """Runs the script by itself, or with what starts several; the answer holds what each noted."""

    def run(*starter, name="out", env=None, **options):
        words = [*(starter or [sys.executable]), SCRIPT, checkpoint, tmp_path / name]
        done = subprocess.run(
            [*map(str, words), json.dumps(STEPS | options)],
            capture_output=True, text=True, timeout=300, env=environment(**env or {}),
        )  # fmt: skip
        notes = [torch.load(path) for path in sorted(tmp_path.glob(f"{name}.?.pt"))]
        return SimpleNamespace(code=done.returncode, out=done.stdout, err=done.stderr, notes=notes)

    return run


def the_same(model: dict, other: dict) -> None:
    """The weights agree, but for rounding; it moves those most on which nothing depends."""
    for name, weight in model.items():
        torch.testing.assert_close(weight, other[name], rtol=0, atol=2e-5, msg=name)


# --- the same run ---


def test_two_processes_make_the_run_of_one(train):
    alone, two = train(name="alone", validate=True), train(*TWO, validate=True)
    (one,), (first, second) = alone.notes, two.notes
    assert first["losses"] == pytest.approx(one["losses"], rel=1e-6)
    assert first["accuracies"] == one["accuracies"]
    assert len(one["losses"]) == 12
    for name in ("losses", "accuracies"):
        assert first[name] == second[name]
    assert torch.equal(first["weights"], second["weights"])
    the_same(first["model"], one["model"])
    assert first["in_group"] and not one["in_group"]
    assert two.err.count("| 0/48 [") == alone.err.count("| 0/48 [") == 1  # one bar, not two
    assert two.out == alone.out.replace("alone", "out") and "Saved" in two.out


@pytest.mark.slow
def test_more_processes_than_texts_in_a_batch(train):
    three = [*TORCHRUN, "--standalone", "--nproc-per-node", "3"]
    (one,), many = (
        train(*starter, name=name, batch_size=2, epochs=1, class_weights=[1, 3]).notes
        for starter, name in (([], "alone"), (three, "out"))
    )
    assert len(many) == 3
    for notes in many:
        assert notes["losses"] == pytest.approx(one["losses"], rel=1e-6)
        the_same(notes["model"], one["model"])


@pytest.mark.slow
def test_each_process_has_its_own_dropout(train):
    """Seven of eight rows are the same: without dropout, so is what the two compute of them."""
    for dropout in (False, True):
        options = {"same": True, "batch_size": 2, "epochs": 1, "dropout": dropout}
        first, second = train(*TWO, name=f"dropout-{dropout}", **options).notes
        equal = [a == b for a, b in zip(first["mine"], second["mine"], strict=True)]
        assert sum(equal) == (0 if dropout else 3) and len(equal) == 4
        assert torch.equal(first["weights"], second["weights"])


def test_alone_nothing_is_shared_and_no_number_changes():
    group = group_on(torch.device("cpu"))
    assert type(group) is Alone
    loss, model = torch.tensor(0.1234567), object()
    assert group.mean(loss) == loss.item() and group.learner(model, None) is model


@pytest.mark.parametrize("more", [{}, {"RANK": "1"}, {"LOCAL_RANK": "1"}])
def test_a_size_without_a_number_is_no_group(more, checkpoint, tmp_path, monkeypatch):
    """As a job script of a cluster sets it. Nothing may be left undone in silence."""
    for name, value in {"WORLD_SIZE": "2", **more}.items():
        monkeypatch.setenv(name, value)
    model = course_utils.load_classifier(str(checkpoint), quiet=True)
    tokenizer = course_utils.load_tokenizer(str(checkpoint))
    assert type(group_on(torch.device("cpu"))) is Alone
    course_utils.save(str(tmp_path / "mine"), model, tokenizer)
    assert (tmp_path / "mine" / "model.safetensors").exists()


def test_a_line_of_ones_own_comes_once_from_each_and_ours_once(train):
    told = train(*TWO, talk=True, validate=True, patience=1).out  # ours: it stopped early
    # Two processes write at once, so the end of a line may come after the next one.
    assert (told.count("mine"), told.count("Stopped after epoch 2 of 3")) == (2, 1)


@pytest.mark.slow
def test_no_variable_of_accelerate_changes_the_arithmetic(train):
    (one,) = train(name="alone").notes
    for notes in train(*TWO, env={"ACCELERATE_MIXED_PRECISION": "bf16"}).notes:
        assert notes["losses"] == pytest.approx(one["losses"], rel=1e-6)
        assert not notes["wrapped"]


# --- what goes wrong ---


@pytest.mark.slow
def test_ctrl_c_at_one_process_stops_all_after_the_same_step(train):
    stopped, (one,) = train(*TWO, press=3), train(name="alone").notes
    assert stopped.code == 0
    for notes in stopped.notes:
        assert notes["interrupted"] and notes["losses"] == pytest.approx(
            one["losses"][:3], rel=1e-6
        )
    assert torch.equal(stopped.notes[0]["weights"], stopped.notes[1]["weights"])
    assert stopped.out == "Interrupted after 3 of 12 steps. The model is usable.\n"


@pytest.mark.slow
def test_processes_that_read_different_texts_say_so(train):
    told = train(*TWO, other=True)
    assert told.code == 1 and not told.notes
    assert "DataError: The processes of this group do not train the same: give all" in told.err


@pytest.mark.slow
@pytest.mark.parametrize(
    "mine",
    [{"seed": 1}, {"dropout": True}, {"warmup": 0.5}, {"patience": 2}, {"class_weights": [1, 3]}],
    ids=str,
)
def test_processes_with_different_recipes_say_so(mine, train):
    told = train(*TWO, epochs=1, validate=True, mine=mine)
    assert told.code == 1 and not told.notes
    assert "DataError: The processes of this group do not train the same: give all" in told.err


@pytest.mark.slow
def test_accelerate_launch_starts_one_process_and_it_says_so(train):
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--cpu", "--num_processes"]
    options = {"--mixed_precision": "no", "--num_machines": "1", "--dynamo_backend": "no"}
    more = [word for pair in options.items() for word in pair]
    several = train(*launch, "2", *more)
    assert several.code == 0 and len(several.notes) == 1
    (told,) = [line for line in several.err.splitlines() if "torchrun" in line]
    assert told.startswith("`accelerate launch` starts a single process on a computer without")
    assert "torchrun" not in train(*launch, "1", *more).err  # one was wanted


def test_without_accelerate_one_sentence_names_the_line(monkeypatch):
    for name, value in {"WORLD_SIZE": "2", "RANK": "0", "LOCAL_RANK": "0"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(sys.modules, "accelerate", None)
    monkeypatch.delitem(sys.modules, "course_utils.model.group", raising=False)
    with pytest.raises(MissingPackage) as told:
        group_on(torch.device("cpu"))
    assert str(told.value) == (
        "To train in several processes, accelerate has to be installed: "
        'pip install "bert-transfer-course[scale]".'
    )


def test_other_errors_stay_what_they_are():
    from course_utils.model.group import _one_sentence

    for other in (
        "not enough memory",
        "[enforce fail at gloo/transport/tcp/pair.cc:446] op.preamble.length <= op.nbytes",
    ):
        with pytest.raises(RuntimeError) as told, _one_sentence():
            raise RuntimeError(other)
        assert type(told.value) is RuntimeError and str(told.value) == other
    lost = "[gloo/transport/tcp/pair.cc:537] Connection reset by peer."
    with pytest.raises(ProcessLost, match=GONE) as told, _one_sentence():
        raise RuntimeError(f"{lost}\nand much more")
    assert str(told.value).endswith(f"PyTorch says: {lost}")


def test_who_never_met_hears_why(train):
    told = train(*TWO, env={"GLOO_SOCKET_IFNAME": "nowhere"})
    assert told.code == 1 and GONE not in told.err
    assert "ProcessLost: The processes of this training did not find each other." in told.err
    assert re.search("PyTorch says: .* Unable to find address for: nowhere", told.err)


# --- the command ---


@pytest.fixture
def library(checkpoint, tmp_path, monkeypatch):
    """The words of a training on the messages to a library; it works in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(course_utils.example_csv(), tmp_path / "library.csv")
    words = ["-m", "course_utils", "train", "library.csv", "--checkpoint", str(checkpoint)]
    return [*words, "--epochs", "12", "--out"]


def start(words) -> subprocess.Popen:
    return subprocess.Popen(
        words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(path: Path, started) -> None:
    while not path.exists():
        assert started.poll() is None, started.communicate()
        time.sleep(0.02)


def model_in(folder: Path) -> dict:
    return load_file(folder / "model.safetensors")


@pytest.fixture
def whole(library, tmp_path):
    subprocess.run([sys.executable, *library, "whole"], env=environment(), check=True, timeout=300)
    return model_in(tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.parametrize("who", [0, 1])
def test_a_process_is_killed_and_torchrun_starts_them_again(who, library, whole, tmp_path):
    started = start([*TWO, "--max-restarts", "1", *library, "out"])
    wait_for(tmp_path / "out-unfinished", started)
    workers = {
        int(worker.environ()["RANK"]): worker
        for worker in psutil.Process(started.pid).children()
        if "RANK" in worker.environ()
    }
    workers[who].kill()
    said, errors = started.communicate(timeout=300)
    assert started.returncode == 0, errors
    assert errors.count(GONE) == 1 and "Traceback" not in errors
    assert "Going on after " in said
    the_same(model_in(tmp_path / "out"), whole)
    assert not (tmp_path / "out-unfinished").exists()


@pytest.mark.slow
def test_ctrl_c_at_torchrun_keeps_the_run_and_one_process_ends_it(library, whole, tmp_path):
    started = start([*TWO, *library, "out"])
    wait_for(tmp_path / "out-unfinished", started)
    started.send_signal(signal.SIGINT)
    _, errors = started.communicate(timeout=60)
    assert errors.count("the same line with --resume goes on") == 1
    assert GONE not in errors and not (tmp_path / "out").exists()
    subprocess.run([sys.executable, *library, "out", "--resume"], env=environment(), check=True)
    the_same(model_in(tmp_path / "out"), whole)


@pytest.mark.slow
def test_a_mistake_is_told_once_and_other_commands_run_in_one_process(library, whole, tmp_path):
    def run(*words):
        return subprocess.run(
            [*TWO, "-m", "course_utils", *words], env=environment(), capture_output=True, text=True
        )

    told = run("train", "library.csv", "--text", "message")
    assert told.returncode == 1 and told.stderr.count("library.csv has no column 'message'") == 1
    told = run("predict", "whole", "library.csv", "answers.csv")
    assert told.returncode == 0 and told.stdout.count("answers.csv") == 1
    assert len((tmp_path / "answers.csv").read_text("utf-8").splitlines()) == 121


def test_the_lines_of_the_page_are_understood():
    page = (TESTS.parent / "notebooks" / "scaling_up.md").read_text("utf-8")
    lines = re.findall(r"torchrun (.+?) -m course_utils (train .+)", page)
    assert len(lines) == 3
    for starter, words in lines:
        options = get_args_parser().parse_args([*starter.split(), "-m", "course_utils"])
        assert options.nproc_per_node == "2" and options.module
        assert parser().parse_args(words.split()).data == "tickets.csv"


# --- two machines ---

ADDRESSES = ("10.213.0.1", "10.213.0.2")


@pytest.fixture
def machines():
    """Two network namespaces, each with its end of a link: what two computers see of each other."""
    if shutil.which("ip") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("needs root, and the program ip")
    names = [f"course{os.getpid()}{end}" for end in "ab"]

    def ip(*words):
        return subprocess.run(["ip", *words], check=True, capture_output=True)

    try:
        for name in names:
            ip("netns", "add", name)
        ip("link", "add", "va", "netns", names[0], "type", "veth", "peer", "vb", "netns", names[1])
        for name, device, address in zip(names, ("va", "vb"), ADDRESSES, strict=True):
            ip("-n", name, "addr", "add", f"{address}/24", "dev", device)
            for up in (device, "lo"):
                ip("-n", name, "link", "set", up, "up")
    except subprocess.CalledProcessError as problem:
        pytest.skip(f"no namespaces here: {problem.stderr.decode().strip()}")
    yield names
    for name in names:
        subprocess.run(["ip", "netns", "del", name])


@pytest.mark.slow
def test_two_machines_make_the_run_of_one(machines, train, checkpoint, tmp_path):
    (one,) = train(name="alone", validate=True).notes
    there = f"--nnodes 2 --nproc-per-node 1 --master-addr {ADDRESSES[0]} --master-port 29555"
    started = [
        subprocess.Popen(
            ["ip", "netns", "exec", name, *TORCHRUN, *there.split(), "--node-rank", str(number)]
            + [str(SCRIPT), str(checkpoint), str(tmp_path / f"machine{number}")]
            + [json.dumps(STEPS | {"validate": True})],
            env=environment(GLOO_SOCKET_IFNAME=device), stderr=subprocess.PIPE, text=True,
        )
        for number, (name, device) in enumerate(zip(machines, ("va", "vb"), strict=True))
    ]  # fmt: skip
    for process in started:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
    first, second = (torch.load(tmp_path / f"machine{rank}.{rank}.pt") for rank in (0, 1))
    assert first["losses"] == second["losses"] == pytest.approx(one["losses"], rel=1e-6)
    assert first["accuracies"] == one["accuracies"]
    the_same(first["model"], one["model"])
    assert not (tmp_path / "machine1").exists()  # the first one alone writes files
