"""The page "Use your model": what it tells to type works, outside the course as well."""

import csv
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from real_model import new_classifier, small_set

import course_utils
from course_utils.command.arguments import understood

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "notebooks" / "use_your_model.md").read_text(encoding="utf-8")
FORM = ROOT / "notebooks" / "web_form.py"
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.S | re.M)
PYTHON = [block for kind, block in BLOCKS if kind == "python"]
SHELL = [line for kind, block in BLOCKS if not kind for line in block.splitlines()]


@pytest.fixture(scope="module")
def mine():
    """What a student holds at the end of 07."""
    model, tokenizer = new_classifier(), course_utils.load_tokenizer("minilm")
    history = course_utils.fine_tune(model, tokenizer, small_set(), batch_size=4)
    result = course_utils.evaluate(model, tokenizer, small_set(), quiet=True)
    card = course_utils.model_card({"name": "Mine"}, result)
    return {"model": model, "tokenizer": tokenizer, "history": history, "card": card}


def test_the_code_runs_in_order_and_answers_as_predict(mine, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {"course_utils": course_utils, **mine}
    run = [block for block in PYTHON if not block.startswith("# Needs Colab")]
    assert len(PYTHON) == 5 and len(run) == 4
    for block in run:
        exec(compile(block, "use_your_model.md", "exec"), names)
    expected = course_utils.predict(mine["model"], mine["tokenizer"], names["texts"])
    np.testing.assert_allclose(names["probabilities"], expected, atol=1e-5, rtol=0)
    said = capsys.readouterr().out
    for row, text, answer in zip(expected, names["texts"], names["answers"], strict=True):
        label = ("negative", "positive")[row.argmax()]
        assert answer == {"label": label, "score": pytest.approx(row.max(), abs=1e-5)}
        assert f"{label} ({row.max():.0%}): {text}\n" in said


def test_the_code_for_colab_is_python():
    (block,) = [block for block in PYTHON if block.startswith("# Needs Colab")]
    compile(block, "use_your_model.md", "exec")


def test_every_line_for_a_terminal_is_tried_somewhere():
    """The form: tests/browser/form.py. Logging in and sending need a person, and the Hub."""
    train, evaluate, predict, install, form, scale, export, login, upload = SHELL
    for line in (train, evaluate, predict, export):
        understood(shlex.split(line)[3:])  # tests/test_command.py runs them
    assert predict == "python -m course_utils predict ./my-model new.csv answers.csv"
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (gradio,) = extras["optional-dependencies"]["app"]
    assert shlex.split(install) == ["python", "-m", "pip", "install", gradio]
    assert gradio in FORM.read_text(encoding="utf-8")
    assert shlex.split(scale)[-1] == "bert-transfer-course[scale]"
    assert export == "python -m course_utils export ./my-model my-model.onnx"  # tests/test_onnx.py
    assert form == f"python {FORM.name} ./my-model"
    assert login == "hf auth login"
    assert shlex.split(upload)[:5] == ["hf", "upload", "YOUR-NAME/my-model", "./my-model", "."]
    assert "--exclude course.json" in upload  # anybody could ask it for texts of the training


def test_the_line_for_a_whole_file(mine, tmp_path):
    if not (ROOT / "course_utils" / "__main__.py").is_file():
        pytest.skip("python -m course_utils is not there yet")
    course_utils.save(str(tmp_path / "my-model"), *list(mine.values())[:3])
    (tmp_path / "new.csv").write_text("no,text\n1,a joy\n2,a bore\n", encoding="utf-8")
    command = [sys.executable, *shlex.split(SHELL[2])[1:]]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["no"] for row in rows] == ["1", "2"]
    expected = course_utils.predict(mine["model"], mine["tokenizer"], ["a joy", "a bore"])
    labels = ("negative", "positive")
    assert [row["label"] for row in rows] == [labels[row.argmax()] for row in expected]
    assert all({"probability", "unsure"} <= set(row) for row in rows)


def test_the_hub_has_the_command_and_its_options():
    """Nothing is sent: only the help is asked, of the version that the course installs."""
    command = [sys.executable, "-m", "huggingface_hub.cli.hf"]
    for words in (["auth", "login"], ["upload"]):
        done = subprocess.run([*command, *words, "--help"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert "--private" in done.stdout and "--exclude" in done.stdout


def test_the_form_is_short_and_keeps_to_itself():
    form = FORM.read_text(encoding="utf-8")
    assert len(form.splitlines()) <= 25
    for word in (
        'server_name="127.0.0.1"', "share=False", "analytics_enabled=False",
        'flagging_mode="never"', "run_history=False",
    ):  # fmt: skip
        assert word in form
    assert "course_utils" not in form


def test_the_page_is_short():
    assert len(PAGE.split()) <= 700
