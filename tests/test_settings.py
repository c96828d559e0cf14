"""The switches, the errors, and the package as a whole."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import course_utils
from course_utils import settings
from course_utils.errors import CourseError, SettingsError

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def fresh_settings(monkeypatch):
    for name in ("COURSE_CHECKPOINT", "COURSE_SIZE", "COURSE_DEVICE", "COURSE_PRECISION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(settings, "_settings", None)


def test_defaults():
    assert settings.current() == settings.Settings("minilm", "default", "auto")


def test_switches_from_outside(monkeypatch):
    monkeypatch.setenv("COURSE_CHECKPOINT", "bert-base-uncased")
    monkeypatch.setenv("COURSE_SIZE", "full")
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    assert settings.current() == settings.Settings("bert-base-uncased", "full", "cpu")


def test_use_sets_what_is_given_and_prints_all(capsys):
    course_utils.use(size="full")
    course_utils.use(device="cpu")
    assert settings.current() == settings.Settings("minilm", "full", "cpu")
    assert capsys.readouterr().out.splitlines()[-1] == (
        "checkpoint: minilm   size: full   device: cpu"
    )


def test_use_accepts_a_path(tmp_path):
    course_utils.use(checkpoint=tmp_path)
    assert settings.current().checkpoint == str(tmp_path)


def test_devices_with_a_number():
    course_utils.use(device="cuda:1")
    assert settings.current().device == "cuda:1"


def test_precision_is_told_where_it_is_not_the_usual_one(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PRECISION", "bf16")
    course_utils.use()
    course_utils.use(precision="auto")
    usual = "checkpoint: minilm   size: default   device: auto"
    assert capsys.readouterr().out.splitlines() == [f"{usual}   precision: bf16", usual]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"size": "fulll"}, "size='fulll' is not a size of this course: choose one of default"),
        ({"device": "gpu"}, "device='gpu' is not known: choose one of auto, cpu, cuda, mps"),
        ({"device": "cpu:1"}, "device='cpu:1' is not known: choose one of"),
        ({"device": "cpu:"}, "device='cpu:' is not known: choose one of"),
        ({"device": "cuda:"}, "device='cuda:' is not known: choose one of"),
        ({"device": "cuda:²"}, "device='cuda:²' is not known: choose one of"),
        ({"device": "cuda:x"}, "device='cuda:x' is not known: choose one of"),
        ({"checkpoint": ""}, 'The checkpoint has no name: try use(checkpoint="minilm")'),
        ({"precision": "fp16"}, "precision='fp16' is not known: choose one of auto, fp32, bf16"),
        ({"checkpoint": 7}, "checkpoint=7 is not a text: write it between quotes"),
        ({"size": 2000}, "size=2000 is not a text: write it between quotes"),
    ],
)
def test_wrong_switch_changes_nothing(asked, sentence):
    course_utils.use(size="full")
    with pytest.raises(SettingsError) as caught:
        course_utils.use(**asked)
    assert sentence in str(caught.value)
    assert settings.current() == settings.Settings("minilm", "full", "auto")


def test_one_wrong_switch_holds_the_others_back():
    with pytest.raises(SettingsError):
        course_utils.use(checkpoint="bert-base-uncased", size="huge")
    assert settings.current().checkpoint == "minilm"


def test_wrong_switch_from_outside(monkeypatch):
    monkeypatch.setenv("COURSE_SIZE", "huge")
    for ask in (settings.current, lambda: course_utils.use(device="cpu")):
        with pytest.raises(SettingsError) as caught:
            ask()
        assert str(caught.value) == (
            "The environment variable COURSE_SIZE='huge' is not a size of this course: "
            "choose one of default, full."
        )
    course_utils.use(size="default")
    assert settings.current() == settings.Settings("minilm", "default", "auto")


def test_wrong_device_from_outside(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "gpu")
    with pytest.raises(SettingsError, match="variable COURSE_DEVICE='gpu' is not known: choose"):
        settings.current()
    course_utils.use(device="cpu")
    assert settings.current() == settings.Settings("minilm", "default", "cpu")


def test_empty_variable_counts_as_not_set(monkeypatch):
    for name in ("COURSE_CHECKPOINT", "COURSE_SIZE", "COURSE_DEVICE", "COURSE_PRECISION"):
        monkeypatch.setenv(name, "")
    assert settings.current() == settings.Settings("minilm", "default", "auto")


def test_models_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_MODELS", str(tmp_path))
    assert settings.models_folder() == tmp_path
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("COURSE_MODELS", "~/m")
    assert settings.models_folder() == tmp_path / "m"
    monkeypatch.delenv("COURSE_MODELS")
    assert settings.models_folder() == ROOT / "models"


# --- errors ---


def test_error_shows_one_sentence_in_a_notebook():
    assert SettingsError("Say it.")._render_traceback_() == ["SettingsError: Say it."]


def test_every_error_is_a_course_error():
    from course_utils import errors

    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    assert len(classes) == 11
    assert all(issubclass(value, CourseError) for value in classes)


# --- the package ---


def test_importing_the_package_is_cheap():
    heavy = ["torch", "transformers", "numpy", "pandas", "sklearn", "matplotlib", "huggingface_hub"]
    program = (
        "import sys, course_utils\n"
        "course_utils.use(size='full')\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines()[-1] == "[]"


def test_environment_is_set_before_the_libraries_load():
    program = (
        "import os, course_utils\n"
        "names = ['TOKENIZERS_PARALLELISM', 'HF_HUB_DISABLE_TELEMETRY', 'TRANSFORMERS_VERBOSITY']\n"
        "print([os.environ.get(name) for name in names])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines()[-1] == "['false', '1', 'error']"


@pytest.mark.skipif(sys.platform != "linux", reason="asks the OpenMP that torch for Linux has")
@pytest.mark.parametrize(
    ("imports", "asked", "rounds"),
    [
        ("course_utils, torch", {}, "0"),
        ("course_utils, torch", {"OMP_WAIT_POLICY": "ACTIVE"}, "30000000000"),  # the user's counts
        ("torch, course_utils", {}, "300000"),  # too late: torch's own
    ],
)
def test_threads_that_wait_sleep_unless_the_user_wants_otherwise(imports, asked, rounds):
    """OpenMP itself tells how many rounds a thread turns before it goes to sleep."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    run = subprocess.run(
        [sys.executable, "-c", f"import {imports}"],
        env={**others, "OMP_NUM_THREADS": "2", "OMP_DISPLAY_ENV": "VERBOSE", **asked},
        **{"cwd": ROOT, "capture_output": True, "text": True, "check": True},
    )
    assert re.findall(r"GOMP_SPINCOUNT = '(\d+)'", run.stderr) == [rounds], run.stderr


def test_every_public_name_resolves_and_says_what_it_is():
    missing = [name for name in course_utils.__all__ if not hasattr(course_utils, name)]
    assert missing == []
    values = {name: getattr(course_utils, name) for name in course_utils.__all__}
    assert [name for name, it in values.items() if callable(it) and not it.__doc__] == []
    assert dir(course_utils) == course_utils.__all__


def test_unknown_name_is_told_the_nearest_one():
    said = r"course_utils has no 'finetune'\. Did you mean 'fine_tune'\? dir\(course_utils\) lists"
    with pytest.raises(AttributeError, match=said):
        _ = course_utils.finetune
