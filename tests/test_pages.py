"""The pages beside the notebooks: their code runs, their errors are the real ones."""

import re
from pathlib import Path

import pandas as pd
import pytest
import torch

import course_utils

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
PAGES = sorted(NOTEBOOKS.glob("*.md"))
ERRORS = (NOTEBOOKS / "common_errors.md").read_text(encoding="utf-8")
TWO_DEVICES = "Expected all tensors to be on the same device"  # needs a GPU to be seen
STOPS = re.findall(r"^\| `([^`]+)` \|", ERRORS.partition("## The program runs, and")[0], re.M)
TEXTS = ["I love this film!", "bad"]
LABELS = torch.tensor([1, 0])


@pytest.fixture(scope="module")
def model():
    return course_utils.load_classifier(quiet=True)


@pytest.fixture(scope="module")
def tokenizer():
    return course_utils.load_tokenizer()


@pytest.fixture
def batch(tokenizer):
    return dict(tokenizer(TEXTS, padding=True, return_tensors="pt"))


def test_the_code_of_the_cheat_sheet_runs_in_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = pd.read_csv(course_utils.example_csv()).rename(
        columns={"text": "message", "label": "topic"}
    )
    table.assign(customer=range(120), created="2026-01-01").to_csv("my_file.csv")
    blocks = re.findall(
        r"```python\n(.*?)```", (NOTEBOOKS / "cheat_sheet.md").read_text("utf-8"), re.S
    )
    assert len(blocks) == 4
    names = {}
    for block in blocks[:2]:
        exec(compile(block, "cheat_sheet.md", "exec"), names)
    assert names["probabilities"].shape == (4, 2) and names["predicted"].shape == (4,)
    assert len(names["result"].data) == 864 and len(names["history"].losses) == 2
    for block in blocks[2:]:
        exec(compile(block, "cheat_sheet.md", "exec"), names)
    (answer,) = names["classify"](["When do you open on Sunday?"])
    assert answer["label"] in ("complaint", "praise", "question")
    assert names["history"].max_length == 128


def test_the_cheat_sheet_names_functions_that_there_are():
    page = (NOTEBOOKS / "cheat_sheet.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^`|]+ \| (.+) \|$", page.partition("you want to")[2], re.M)
    calls = [name for row in rows for name in re.findall(r"`(\w+)\(", row)]
    assert len(calls) > 15
    assert [name for name in calls if not hasattr(course_utils, name)] == []


def test_the_terminal_line_of_the_cheat_sheet_is_one_that_there_is():
    from course_utils.command.arguments import parser

    page = (NOTEBOOKS / "cheat_sheet.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"`python -m course_utils (.+?)`", page)
    options = parser().parse_args(line.split())
    assert (options.command, options.model, options.text) == ("predict", "./my-model", "message")


OWN_FILE = re.findall(
    r"^\| `([^`]+)` \|", ERRORS.partition("## Your own file")[2].partition("\n## ")[0], re.M
)


def read_own(folder, content: str, encoding: str = "utf-8") -> str:
    (folder / "my.csv").write_bytes(content.encode(encoding))
    return str(course_utils.read_texts(folder / "my.csv", quiet=True).report)


def report_on(tokenizer, *texts) -> str:
    data = course_utils.LabeledTexts(texts, [0] * len(texts))
    return str(course_utils.data_report(data, tokenizer=tokenizer).notes)


ROWS = "text,label\n" + "".join(f"good {n},praise\nbad {n},complaint\n" for n in range(6))
OWN = {
    "'utf-8'": lambda folder, _: (
        read_own(folder, ROWS + "Größe,praise\n", "cp1252")
        and (folder / "my.csv").read_text(encoding="utf-8")
    ),
    "Are these": lambda folder, _: read_own(folder, ROWS + "Größe,praise\n", "cp1252"),
    "must hold": lambda folder, _: read_own(folder, ROWS.replace("label", "topic")),
    "more cells": lambda folder, _: read_own(folder, ROWS + "Well, no,neither\n"),
    "the cell": lambda folder, _: read_own(folder, ROWS + 'x,"praise, complaint"\n'),
    "every text": lambda folder, _: read_own(folder, re.sub("good |bad ", "1", ROWS)),
    "are cut at": lambda _, tokenizer: report_on(tokenizer, "film " * 100, "film " * 99),
    "expected a whole number of tokens": lambda _, tokenizer: course_utils.data_report(
        course_utils.LabeledTexts(["a"], [0]), tokenizer=tokenizer, max_length=600
    ),
}


@pytest.mark.parametrize("message", OWN_FILE)
def test_what_is_said_of_an_own_file_is_the_real_message(message, tmp_path, tokenizer):
    (provoke,) = [do for begin, do in OWN.items() if message.startswith(begin)]
    try:
        said = provoke(tmp_path, tokenizer)
    except (course_utils.CourseError, UnicodeDecodeError) as problem:
        said = str(problem)
    assert message in said
    assert len(OWN_FILE) == len(OWN)


def fresh(labels=None, batch=None):
    """A model that has seen no labels yet, or these: it remembers of which kind the first were."""
    model = course_utils.load_classifier(quiet=True)
    if labels is not None:
        model(**batch, labels=labels)
    return model


def twice(model, batch):
    loss = model(**batch, labels=LABELS).loss
    loss.backward()
    loss.backward()


def frozen(model, batch):
    with torch.no_grad():
        loss = model(**batch, labels=LABELS).loss
    loss.backward()


PROVOKE = {
    "name 'tokenizer'": lambda model, batch, tokenizer: eval("tokenizer", {}),
    "No module": lambda *_: exec("import course_utils.nothing", {}),
    "too many dimensions": lambda *_: torch.tensor(["positive", "negative"]),
    "Target 2": lambda model, batch, _: model(**batch, labels=torch.tensor([1, 2])),
    "must be the": lambda model, batch, _: fresh()(**batch, labels=torch.tensor([1.0, 0.0])),
    "expected target": lambda model, batch, _: fresh(LABELS, batch)(
        **batch, labels=torch.tensor([1.0, 0.0])
    ),
    "Expected input": lambda model, batch, _: model(**batch, labels=torch.tensor([1, 0, 1])),
    "Unable to create": lambda model, batch, tokenizer: tokenizer(TEXTS, return_tensors="pt"),
    "'list' object": lambda model, batch, tokenizer: model(**tokenizer(TEXTS, padding=True)),
    "The size of": lambda model, batch, tokenizer: model(
        **tokenizer(["film " * 600], return_tensors="pt")
    ),
    "'NoneType' object": lambda model, batch, _: model(**batch).loss.backward(),
    "element 0": lambda model, batch, _: frozen(model, batch),
    "Trying to": lambda model, batch, _: twice(model, batch),
    "optimizer got": lambda *_: torch.optim.AdamW([]),
    "Can't call": lambda model, batch, _: model(**batch).logits.numpy(),
}
"""The beginning of each message, and what a student did."""


@pytest.mark.parametrize("message", [text for text in STOPS if text != TWO_DEVICES])
def test_common_error_is_the_real_one(message, model, batch, tokenizer):
    (provoke,) = [do for begin, do in PROVOKE.items() if message.startswith(begin)]
    with pytest.raises(Exception) as caught:
        provoke(model, batch, tokenizer)
    model.zero_grad()
    said = str(caught.value).replace("course_utils.nothing", "course_utils")
    assert message in said


def test_each_error_is_in_the_table():
    assert TWO_DEVICES in STOPS and len(STOPS) == len(PROVOKE) + 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_reads_well(page):
    text = page.read_text(encoding="utf-8")
    levels = [
        len(marks)
        for marks in re.findall(r"^(#+) ", re.sub(r"```.*?```", "", text, flags=re.S), re.M)
    ]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert target.startswith("https://") or (page.parent / target).exists(), target
