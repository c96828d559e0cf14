"""`python -m course_utils`: a file goes in, a file comes out, whatever happens in between."""

import csv
import gzip
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import real_model
import stand_in
import torch
import transformers

import course_utils
from course_utils import settings
from course_utils.command import journal, models, results, sheets, stopping
from course_utils.command.arguments import PROGRAM, parser, typed
from course_utils.command.models import are_named
from course_utils.command.options import in_options
from course_utils.command.program import main
from course_utils.data.findings import shown
from course_utils.judge.evaluation import Evaluation

ROOT = Path(__file__).resolve().parent.parent
LABELS = ("billing", "login", "other things")
SHAPE = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2)
WIDE = 0.5  # of the random weights: the answers differ

ODD = [
    "a plain text",
    'a "quoted" word, and a comma; a semicolon\tand a tab',
    "two\nlines",
    "",
    "   ",
    "=1+1",
    "smörgåsbord, 東京, 🙂, ‘curly’",
    "null",
    "-5",
    '"',
    "ends with a backslash\\",
    "long " * 400,
]
"""Texts that break programs which write CSV by hand."""


def make_classifier(folder: Path, seed: int = 0, kind=transformers.BertForSequenceClassification):
    """A tiny classifier of random weights that gives different answers, some of them sure."""
    names = dict(enumerate(LABELS))
    if kind is transformers.BertForSequenceClassification:
        config = transformers.BertConfig(vocab_size=30_522, initializer_range=WIDE, **SHAPE)
    else:
        config = transformers.DistilBertConfig(
            vocab_size=30_522, dim=16, hidden_dim=32, n_layers=1, n_heads=2, initializer_range=WIDE
        )
    config.id2label, config.label2id = names, {name: n for n, name in names.items()}
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        model = kind(config)
        model.classifier.weight *= 3
    model.save_pretrained(folder)
    real_model.tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return make_classifier(tmp_path_factory.mktemp("models") / "tickets")


@pytest.mark.parametrize("said", [b"{", b"\xff", b"[]"])
def test_a_config_that_nobody_can_read_is_left_to_those_who_load(said, tmp_path):
    (tmp_path / "config.json").write_bytes(said)
    assert models._config(tmp_path) == {}


@pytest.fixture(autouse=True)
def python_is_this_one(monkeypatch):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)


def write_csv(path: Path, rows, columns=("id", "text", "date"), **options) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, **options).writerows([columns, *rows])
    return path


@pytest.fixture
def odd(tmp_path):
    """A file with odd texts."""
    rows = [[f"00{n}", text, f"2024-01-{n:02}"] for n, text in enumerate(ODD, 1)]
    return write_csv(tmp_path / "in.csv", rows)


def many(path: Path, rows: int) -> Path:
    """A file with many short texts, some of them odd."""
    pick = random.Random(7)
    words = "invoice password login refund door light printer broken wrong late".split()
    texts = (" ".join(pick.choices(words, k=pick.randint(1, 9))) for _ in range(rows))
    odd = ('a "quote"', "two\nlines", "", "semi;colon, comma")
    lines = ([n, odd[n % 4] if n % 50 == 0 else text] for n, text in enumerate(texts))
    return write_csv(path, lines, ("id", "text"))


def call(*words) -> int:
    """The command, in this process; a mistake in the words ends it as argparse does."""
    try:
        return main([str(word) for word in words])
    except SystemExit as end:
        return end.code


def command(*words) -> list:
    return [sys.executable, "-m", "course_utils", *map(str, words)]


def environment(**more) -> dict:
    kept = {name: value for name, value in os.environ.items() if name != "TQDM_DISABLE"}
    return kept | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | more


def in_a_shell(*words, **options) -> subprocess.CompletedProcess:
    """The command, as somebody starts it."""
    return subprocess.run(
        command(*words),
        capture_output=True,
        env=environment(**options.pop("env", {})),
        timeout=120,
        **options,
    )


def read_csv(path: Path, delimiter: str = ",") -> list:
    """What Python reads: rows of cells."""
    with path.open(newline="", encoding="utf-8-sig") as stream:
        return list(csv.reader(stream, delimiter=delimiter))


def input_of(path: Path) -> tuple:
    """Columns and rows of a file, as the course reads it."""
    from course_utils.data.sources import open_table

    with open_table(path) as table:
        return list(table.columns), [cells for _, cells in table]


def beside(folder: Path) -> set:
    return {path.name for path in folder.iterdir()}


# What it says


@pytest.mark.parametrize(
    "words", [["--help"], ["train", "-h"], ["evaluate", "-h"], ["predict", "-h"]]
)
def test_help_comes_at_once(words):
    program = (
        "import sys; from course_utils.command.program import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "slow = {'torch', 'transformers', 'pandas', 'numpy'} & set(sys.modules)\n"
        "assert not slow, slow"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, env=environment(), text=True
    )
    assert done.returncode == 0, done.stderr
    assert "  python -m course_utils" in done.stdout  # an example


def test_help_says_that_shares_are_about_so_large(capsys):
    assert call("train", "--help") == 0
    assert "about 75 % to learn from" in " ".join(capsys.readouterr().out.split())


def test_help_names_each_default():
    commands = parser()._subparsers._group_actions[0].choices
    for name, one in commands.items():
        for action in one._actions:
            if action.option_strings and action.nargs != 0 and action.default is not None:
                assert f"default: {action.default})" in action.help, (name, action.dest)


@pytest.mark.parametrize("name", ["env", "my env"])
def test_lines_to_type_name_the_python_that_has_the_course(name, tmp_path, monkeypatch, capsys):
    for folder in (name, "other"):  # an environment's Python is a link to the system's
        (tmp_path / folder / "bin").mkdir(parents=True)
        (tmp_path / folder / "bin" / "python").symlink_to(sys.executable)
    own = tmp_path / name / "bin" / "python"
    monkeypatch.setattr(sys, "executable", str(own))
    monkeypatch.setenv("PATH", str(own.parent))
    assert typed(PROGRAM) == PROGRAM
    for path in (tmp_path / "other" / "bin", tmp_path):  # another `python`, and none
        monkeypatch.setenv("PATH", str(path))
        monkeypatch.chdir(tmp_path)
        assert shlex.split(typed(PROGRAM)) == [f"{name}/bin/python", *PROGRAM.split()[1:]]
        for folder in (own.parent, tmp_path / "other"):
            monkeypatch.chdir(folder)
            assert shlex.split(typed(PROGRAM)) == [str(own), *PROGRAM.split()[1:]]
    line = shlex.join([str(own), *PROGRAM.split()[1:]])
    assert call("predict") == 2
    assert f"({line} predict --help explains it.)" in capsys.readouterr().err
    assert call("predict", "--help") == 0
    assert f"\n  {line} predict tickets-model new.csv answers.csv\n" in capsys.readouterr().out


def test_without_words_it_explains_itself(capsys):
    assert call() == 2
    assert "predict" in capsys.readouterr().out


def test_sentences_speak_of_options():
    said = (
        'expected a length. Say text="its name", max_length=64 or use(device="cpu"): strict=True.'
    )
    assert in_options(said) == (
        'expected a length. Say --text "its name", --max-length 64 or --device "cpu": --strict.'
    )


MISTAKES = [
    (["predict"], 2, "required: MODEL, IN, OUT"),
    (["predikt"], 2, "invalid choice: 'predikt'"),
    (["train", "IN", "--epoch", "3"], 2, "Did you mean '--epochs'? (python -m course_utils train"),
    (["evaluate", "MODEL", "IN", "--wrong-flag"], 2, "--wrong-flag. (python -m course_utils evalu"),
    (["evaluate", "MODEL", "IN", "--batch_size=8"], 2, "Did you mean '--batch-size'?"),
    (["predict", "MODEL", "IN", "o.csv", "more"], 2, "course_utils predict --help explains it.)"),
    (["export", "MODEL", "o.onnx", "--int"], 2, "(python -m course_utils export --help explains"),
    (
        ["predict", "MODEL", "IN", "out.csv", "--unsure", "80"],
        2,
        "'80' is not a number from 0 to 1",
    ),
    (["predict", "MODEL", "IN", "out.csv", "--batch-size", "0"], 2, "'0' is not a whole number"),
    (["predict", "MODEL", "IN", "out.csv", "--max-length", "600"], 1, "--max-length 600"),
    (["predict", "MODEL", "IN", "out.csv", "--device", "cuda"], 1, '--device "cpu"'),
    (["predict", "MODEL", "IN", "out.csv", "--device", "gpu"], 1, "--device 'gpu' is not known"),
    (["predict", "MODEL", "IN", "out.pdf"], 1, ".csv, .tsv, .jsonl, .parquet, .xlsx"),
    (["predict", "MODEL", "IN", "out"], 1, "does not say what it is to be"),
    (["predict", "MODEL", "IN", "nowhere/out.csv"], 1, "There is no folder"),
    (["predict", "MODEL", "IN", "folder.csv"], 1, "is a folder"),
    (["predict", "MODEL", "IN", "labelled.csv"], 1, "labelled.csv' is there already"),
    (["predict", "MODEL", "IN", "in.csv"], 1, "'in.csv' is to be read and to be written: give"),
    (["predict", "in.csv", "tickets", "out.csv"], 1, "MODEL and IN look swapped; the order is pr"),
    (["evaluate", "in.csv", "tickets"], 1, "swapped; the order is evaluate MODEL DATA."),
    (["predict", "MODEL", "IN", "in.csv", "--overwrite"], 1, "give OUT another name"),
    (["predict", "MODEL", "inn.csv", "out.csv"], 1, "There is no file 'inn.csv'"),
    (["predict", "MODEL", "out.csv", "in.csv"], 1, "There is no file 'out.csv': give its path"),
    (["predict", "MODEL", "IN", "out.csv", "--text", "tex"], 1, "Did you mean 'text'?"),
    (["predict", "ticket", "IN", "out.csv"], 1, "Did you mean 'tickets'?"),
    (["predict", "folder.csv", "IN", "out.csv"], 1, "The folder 'folder.csv' is empty"),
    (
        ["predict", "folder", "IN", "out.csv"],
        1,
        "'folder' has no config.json, so it is no model",
    ),
    (["predict", ".", "IN", "out.csv"], 1, "models lie in it: give one of them, such as ./encoder"),
    (["predict", "in.csv", "IN", "out.csv"], 1, "'in.csv' is a file: give MODEL as the folder"),
    (["predict", "adapter", "IN", "out.csv"], 1, "adapter (PEFT, such as LoRA), which is only a"),
    (["predict", "encoder", "IN", "out.csv"], 1, "has no head that was trained to classify texts"),
    (
        ["predict", "google/bert_tiny", "IN", "out.csv"],
        1,
        "fetch it first: hf download google/bert_tiny --local-dir bert_tiny",
    ),
    (["predict", "MODEL", "labeled.csv", "out.csv"], 1, "Did you mean 'labelled.csv'?"),
    (["evaluate", "MODEL", "IN"], 1, "no column 'label'; its columns are 'id', 'text', 'date'"),
    (
        ["evaluate", "MODEL", "IN", "--label", "id"],
        1,
        "in 12 of 12 rows: '001' (row 2), ",
    ),
    (["train", "IN"], 1, "Say which one it is with --label NAME"),
    (["train", "IN", "--text", "a"], 1, "no column 'a' and no column 'label'; its columns are"),
    (["train", "IN", "--text", "a"], 1, "with --text NAME and --label NAME."),
    (["train", "IN", "--label", "date"], 1, "9 × label on one or two rows only"),
    (["train", "IN", "--label", "date", "--out", "folder"], 1, "holds other files"),
    (["train", "IN", "--label", "date", "--resume"], 1, "no stopped training"),
    (["train", "empty.csv"], 1, "empty.csv is empty: it must hold the names of the columns, and"),
    (["predict", "MODEL", "empty.csv", "out.csv"], 1, "empty.csv is empty: it must hold the"),
    (["evaluate", "MODEL", "numbers.csv"], 1, "right column? If it is, say --numbers."),
    (
        ["train", "mail.csv"],
        1,
        "(utf_7, made for mails): open it in your spreadsheet and save it as",
    ),
    (["train", "mail.csv"], 1, 'save it as UTF-8, or say --encoding "utf_7".'),
    (["train", "numbers.csv"], 1, "right column? If it is, say --numbers."),
    (
        ["train", "labelled.csv", "--language", "German"],
        1,
        "--language 'German': expected a code of",
    ),
    (
        ["train", "labelled.csv", "--group", "a person", "--time", "day"],
        1,
        "choose one of --group 'a person' and --time 'day'.",
    ),
    (["train", "labelled.csv", "--epochs", "0"], 2, "'0' is not a whole number from 1 on"),
    (["train", "labelled.csv", "--checkpoint", "folder"], 1, "has no config.json"),
]


@pytest.mark.parametrize(
    "words, code, sentence",
    MISTAKES,
    ids=lambda x: " ".join(x)[:40] if isinstance(x, list) else None,
)
def test_a_mistake_is_one_sentence(
    words, code, sentence, model, odd, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(odd.parent)
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "empty.csv").touch()
    (tmp_path / "mail.csv").write_bytes("text,label\nGrößen für Füße,a\n".encode("utf_7"))
    numbers = "".join(f"{n},{('billing', 'login')[n % 2]}\n" for n in range(12))
    (tmp_path / "numbers.csv").write_text("text,label\n" + numbers)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("mine")
    (tmp_path / "labelled.csv").write_bytes(course_utils.example_csv().read_bytes())
    (tmp_path / "tickets").mkdir()
    (tmp_path / "tickets" / "config.json").write_text("{}")
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "adapter_config.json").write_text("{}")
    transformers.BertModel.from_pretrained(model).save_pretrained(tmp_path / "encoder")
    before = beside(tmp_path)
    words = [{"MODEL": str(model), "IN": "in.csv"}.get(word, word) for word in words]
    assert call(*words) == code
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1 and said.startswith("python -m course_utils")
    assert beside(tmp_path) == before


def test_an_error_that_nobody_foresaw_is_a_sentence_too(model, odd, monkeypatch, capsys):
    from course_utils.command import models

    def fail(_):
        raise ValueError("five heads\nand a second line")

    monkeypatch.setattr(models, "fingerprint", fail)
    words = ["predict", model, odd, odd.with_name("out.csv")]
    assert call(*words) == 1
    said = capsys.readouterr().err
    assert "--traceback shows where" in said and len(said.splitlines()) == 1
    with pytest.raises(ValueError, match="heads"):
        call(*words, "--traceback")


# What it writes


def test_the_answers_are_those_of_a_notebook(model, odd, tmp_path):
    assert call("predict", model, odd, tmp_path / "out.csv") == 0
    columns, *rows = read_csv(tmp_path / "out.csv")
    assert columns == ["id", "text", "date", "label", "probability", "unsure"]
    asked = [text for text in ODD if text.strip() and text != "null"]
    expected = course_utils.predict(*course_utils.load(str(model)), asked)
    answered = [row for row in rows if row[3]]
    assert [row[3] for row in answered] == [LABELS[best] for best in expected.argmax(axis=1)]
    np.testing.assert_allclose([float(row[4]) for row in answered], expected.max(axis=1), atol=1e-6)
    assert [row[5] for row in answered] == [str(p < 0.8) for p in expected.max(axis=1)]
    assert len({row[3] for row in answered}) > 1 and len({row[5] for row in answered}) == 2


@pytest.mark.parametrize("kind", [".csv", ".tsv", ".jsonl", ".parquet", ".xlsx"])
def test_every_cell_comes_back(kind, model, odd, tmp_path, capsys):
    out = tmp_path / f"out{kind}"
    assert call("predict", model, odd, out) == 0
    columns, cells = input_of(odd)
    written = {
        ".csv": lambda: read_csv(out)[1:],
        ".tsv": lambda: read_csv(out, "\t")[1:],
        ".jsonl": lambda: [list(json.loads(x).values()) for x in out.open(encoding="utf-8")],
        ".parquet": lambda: [list(row.values()) for row in pq.read_table(out).to_pylist()],
        ".xlsx": lambda: pd.read_excel(out, dtype=object, na_filter=False).values.tolist(),
    }[kind]()
    assert [list(map(str, row[:3])) for row in written] == cells
    again, read = input_of(out)
    assert again == [*columns, "label", "probability", "unsure"]
    assert [row[:3] for row in read] == cells
    nothing = [row[3:] for row in written if not row[1].strip() or row[1] == "null"]
    assert nothing == [["" if kind in (".csv", ".tsv", ".xlsx") else None] * 3] * 3
    said = capsys.readouterr().out
    assert f"{len(ODD)} rows, {len(ODD) - 3} texts." in said  # two are empty, one is "null"
    assert "1 × only 'null' in place of a text, so no answer" in said
    assert "Without a text, so without an answer: 3." in said
    assert beside(tmp_path) == {"in.csv", out.name}


@pytest.mark.parametrize("kind", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_signs_that_break_rows(kind, model, tmp_path):
    """A carriage return comes back; half an emoji cannot be written, so "�" stands for it."""
    source, out = tmp_path / "in.jsonl", tmp_path / f"out{kind}"
    cells = ["one\rtwo\r\nthree", "half \ud83d", "a\x00b", "a\u2028b\x85c"]
    lines = (json.dumps({"text": text, "more": "'\" "}) for text in cells)
    source.write_text("\n".join(lines))
    assert call("predict", model, source, out) == 0
    written = {
        ".csv": lambda: read_csv(out)[1:],
        ".tsv": lambda: read_csv(out, "\t")[1:],
        ".jsonl": lambda: [list(json.loads(x).values()) for x in out.open(encoding="utf-8")],
        ".parquet": lambda: [list(row.values()) for row in pq.read_table(out).to_pylist()],
    }[kind]()
    assert [row[:2] for row in written] == [
        [cell.replace("\ud83d", "\ufffd"), "'\" "] for cell in cells
    ]


def test_a_formula_is_told_in_csv_and_is_text_in_excel(model, odd, tmp_path, capsys):
    from openpyxl import load_workbook

    call("predict", model, odd, tmp_path / "out.csv")
    assert "a cell begins with =, +, - or @: 1." in capsys.readouterr().out  # and -5 is a number
    call("predict", model, odd, tmp_path / "out.xlsx")
    assert "begins with =" not in capsys.readouterr().out
    sheet = load_workbook(tmp_path / "out.xlsx").active
    cell = sheet.cell(1 + 1 + ODD.index("=1+1"), 2)
    assert (cell.value, cell.data_type) == ("=1+1", "s")


@pytest.mark.parametrize("name", ["in.jsonl", "in.jsonl.gz", "in.json"])
def test_from_json_to_json_lines_objects_stay_as_they_are(name, model, tmp_path):
    items = [
        {"id": 7, "text": "hello", "ok": False, "price": 9.5, "who": {"name": "Jörg", "age": None}},
        {"id": 12345678901234567890, "text": None, "tags": ["a", 1], "label": {"old": "x"}},
        {"text": {"en": "in an object"}, "emoji": "🙂 and half \ud83d", "unsure": 0},
        {"text": "bye", "who": None, "price": 1.0},
    ]
    lines = json.dumps(items) if name == "in.json" else "\n".join(map(json.dumps, items))
    opened = gzip.open if name.endswith(".gz") else open
    with opened(tmp_path / name, "wt") as stream:
        stream.write(lines)
    assert call("predict", model, tmp_path / name, tmp_path / "out.jsonl") == 0
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").open(encoding="utf-8")]
    new = ("predicted_label", "probability", "predicted_unsure")
    assert [tuple(item)[-3:] for item in found] == [new] * 4
    answers = [[item.pop(name) for name in new] for item in found]
    items[2]["emoji"] = "🙂 and half �"
    assert list(map(repr, found)) == list(map(repr, items))
    assert [label in LABELS for label, *_ in answers] == [True, False, False, True]


def test_what_excel_cannot_hold_is_told(model, tmp_path, capsys):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"text": "a\x01b " + "x" * 40_000}))
    assert call("predict", model, source, tmp_path / "out.xlsx") == 0
    assert "cut after 32,767 letters, the most that Excel takes: 1." in capsys.readouterr().out
    assert pd.read_excel(tmp_path / "out.xlsx")["text"][0].startswith("ab xx")
    assert call("predict", model, source, tmp_path / "out.csv") == 0
    assert "cut after" not in capsys.readouterr().out


def test_a_csv_file_opens_in_a_spreadsheet(model, tmp_path):
    source = write_csv(tmp_path / "in.csv", [["1", "größer; teurer", ""]], delimiter=";")
    call("predict", model, source, tmp_path / "out.csv")
    written = (tmp_path / "out.csv").read_bytes()
    assert written.startswith(b'\xef\xbb\xbfid;text;date;label;probability;unsure\r\n1;"gr\xc3\xb6')
    (row,) = read_csv(tmp_path / "out.csv", ";")[1:]
    assert re.fullmatch(r"0,\d+", row[4]) and row[5] in ("True", "False")
    call("predict", model, source, tmp_path / "out.tsv")
    assert (tmp_path / "out.tsv").read_bytes().startswith(b"id\ttext\tdate\tlabel")
    (same,) = read_csv(tmp_path / "out.tsv", "\t")[1:]
    assert same[4] == row[4].replace(",", ".")


def test_taken_names_get_a_word_in_front(model, odd, tmp_path):
    source, found = odd, []
    for number in range(3):
        out = tmp_path / f"out{number}.csv"
        assert call("predict", model, source, out) == 0
        source, found = out, read_csv(out)
    new = ["label", "probability", "unsure"]
    assert found[0] == [
        *("id", "text", "date", *new),
        *(f"predicted_{name}" for name in new),
        *(f"predicted_{name}_2" for name in new),
    ]
    assert all(row[3:6] == row[6:9] == row[9:12] for row in found[1:])


def test_names_that_differ_in_case_are_taken_too():
    assert sheets.answer_names(["Label ", "text"]) == ["predicted_label", "probability", "unsure"]


@pytest.mark.parametrize("kind", [".csv", ".jsonl"])
def test_two_columns_of_one_name(kind, model, tmp_path):
    source = write_csv(tmp_path / "in.csv", [["1", "hello", "2"]], ("a", "text", "a"))
    assert call("predict", model, source, tmp_path / f"out{kind}") == 0
    columns, rows = input_of(tmp_path / f"out{kind}")
    assert rows[0][:3] == ["1", "hello", "2"]
    assert columns[:3] == ["a", "text", "a" if kind == ".csv" else "a_2"]


def test_lines_and_a_pipe(model, tmp_path):
    lines = "hello\n\n  the printer is broken  \nlast line without an end"
    (tmp_path / "in.txt").write_text(lines)
    assert call("predict", model, tmp_path / "in.txt", tmp_path / "a.csv") == 0
    rows = read_csv(tmp_path / "a.csv")
    assert rows[0][0] == "text" and [row[0] for row in rows[1:]] == lines.split("\n")
    done = in_a_shell("predict", model, "-", tmp_path / "b.csv", input=lines.encode())
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "b.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()
    assert beside(tmp_path) == {"in.txt", "a.csv", "b.csv"}


def test_a_pipe_touches_no_file_of_yours(model, tmp_path):
    (tmp_path / "b.csv.stdin.txt").write_text("mine")
    (tmp_path / ".b.csv.12345678").mkdir()  # of a run that was killed
    (tmp_path / ".b.csv.12345678" / "pipe.txt").write_text("hello")
    (tmp_path / ".b.csv.abcdefgh").mkdir()
    (tmp_path / ".b.csv.abcdefgh" / "mine.txt").write_text("mine")
    done = in_a_shell("predict", model, "-", tmp_path / "b.csv", input=b"hello\n")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "b.csv.stdin.txt").read_text() == "mine"
    assert beside(tmp_path) == {"b.csv", "b.csv.stdin.txt", ".b.csv.abcdefgh"}


def test_a_text_may_say_the_name_of_the_only_column(model, tmp_path, capsys):
    (tmp_path / "in.csv").write_text("text\nhello\nText\nbye\n")
    assert call("predict", model, tmp_path / "in.csv", tmp_path / "out.csv") == 0
    assert [row[0] for row in read_csv(tmp_path / "out.csv")] == ["text", "hello", "Text", "bye"]
    assert "3 rows, 3 texts." in (said := capsys.readouterr().out)
    assert "Kept as it is: 1 × says the same as the name of the column." in said


@pytest.mark.parametrize("kind", ["csv.gz", "tsv", "jsonl", "json", "xlsx", "parquet"])
def test_any_format_goes_in(kind, model, odd, tmp_path):
    frame = pd.read_csv(odd, dtype=str, keep_default_na=False)
    frame = frame[frame["text"] != "=1+1"]  # pandas would make a formula of it, without a value
    frame = frame.reset_index(drop=True)
    frame.to_csv(odd, index=False)
    source = tmp_path / f"other.{kind}"
    write = {
        "csv.gz": lambda: frame.to_csv(source, index=False),
        "tsv": lambda: frame.to_csv(source, index=False, sep="\t"),
        "jsonl": lambda: frame.to_json(source, orient="records", lines=True, force_ascii=False),
        "json": lambda: frame.to_json(source, orient="records"),
        "xlsx": lambda: frame.to_excel(source, index=False),
        "parquet": lambda: frame.to_parquet(source),
    }
    write[kind]()
    assert call("predict", model, odd, tmp_path / "a.csv") == 0
    assert call("predict", model, source, tmp_path / "b.csv") == 0
    assert read_csv(tmp_path / "a.csv") == read_csv(tmp_path / "b.csv")


def test_from_parquet_to_parquet_columns_keep_their_kinds(model, tmp_path):
    days = pd.to_datetime(["2026-01-01 10:00", None, "2026-03-01 00:30"])
    frame = pd.DataFrame({"id": [1, 2, 3], "text": ["good", "", "bad"], "day": days})
    frame["kind"] = pd.Categorical(["a", "b", "a"])
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    frame.to_parquet(source)
    assert call("predict", model, source, out) == 0
    written = pd.read_parquet(out)
    pd.testing.assert_frame_equal(written[list(frame.columns)], frame)
    assert list(written.columns[4:]) == ["label", "probability", "unsure"]
    assert written["label"].isna().tolist() == [False, True, False]


def test_a_row_that_nobody_can_read_is_told_before_any_work(model, tmp_path, capsys):
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "a"}\n{"text": \n' + '{"text": "b"}\n' * 3)
    assert call("predict", "no model", source, tmp_path / "out.csv") == 1
    assert "row 2" in capsys.readouterr().err
    source = tmp_path / "twice.csv"
    source.write_text("text,id\na,1\ntext,id\nb,2\n")
    assert call("predict", model, source, tmp_path / "out.csv") == 0
    assert "3 rows, 2 texts" in capsys.readouterr().out
    assert [row[:2] for row in read_csv(tmp_path / "out.csv")[1:]] == [["a", "1"], ["b", "2"]]


def test_a_file_without_rows(model, tmp_path, capsys):
    source = write_csv(tmp_path / "in.csv", [])
    assert call("predict", model, source, tmp_path / "out.csv") == 1
    assert "no row below the names" in capsys.readouterr().err
    source = write_csv(tmp_path / "in.csv", [["1", " ", ""]])
    assert call("predict", model, source, tmp_path / "out.csv") == 0
    assert "Labels: none." in capsys.readouterr().out


def test_it_overwrites_only_when_told_and_says_so_first(model, odd, tmp_path, capsys):
    out = tmp_path / "out.csv"
    out.write_text("mine")
    assert call("predict", "no such model", odd, out) == 1
    assert "--overwrite" in capsys.readouterr().err and out.read_text() == "mine"
    assert call("predict", model, odd, out, "--overwrite") == 0
    assert len(read_csv(out)) == 1 + len(ODD)


def test_a_model_of_another_kind(odd, tmp_path):
    kind = transformers.DistilBertForSequenceClassification
    folder = make_classifier(tmp_path / "distil", kind=kind)
    assert call("predict", folder, odd, tmp_path / "out.csv") == 0
    judge = transformers.pipeline("text-classification", model=str(folder), truncation=True)
    for row in read_csv(tmp_path / "out.csv")[1:]:
        if row[1].strip() and row[1] != "null":
            (expected,) = judge([row[1].strip()])
            assert row[3] == expected["label"]
            assert float(row[4]) == pytest.approx(expected["score"], abs=1e-5)


def test_a_model_without_a_trained_head(odd, tmp_path, capsys):
    folder = make_classifier(
        tmp_path / "full", kind=transformers.DistilBertForSequenceClassification
    )
    model = transformers.DistilBertModel.from_pretrained(folder)
    model.save_pretrained(tmp_path / "bare")
    real_model.tokenizer().save_pretrained(tmp_path / "bare")
    assert call("predict", tmp_path / "bare", odd, tmp_path / "out.csv") == 1
    assert "no head that was trained" in capsys.readouterr().err


def test_a_name_under_which_a_notebook_saved(model, odd, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_MODELS", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    course_utils.save("reviews", *course_utils.load(str(model)))
    assert call("predict", "reviews", odd, tmp_path / "out.csv") == 0


# What happens in between


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    return many(tmp_path_factory.mktemp("large") / "in.csv", 20_000)


@pytest.fixture(scope="module")
def uninterrupted(model, large):
    """What comes out if nothing happens."""
    out = large.with_name("whole.jsonl")
    assert call("predict", model, large, out, "--max-length", 512) == 0
    return out.read_bytes()


def rows_done(out: Path) -> int:
    try:
        return json.loads(Path(f"{out}.part.json").read_text())["rows"]
    except (OSError, ValueError):
        return 0


def stopped_after(
    words: list, out: Path, rows: int, wait: float = 0.0, kind=signal.SIGKILL
) -> tuple:
    """Start the command, and send it a signal after so many rows; code and what it printed."""
    started = subprocess.Popen(
        command(*words),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while rows_done(out) < rows and started.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(wait)
    started.send_signal(kind)
    return *started.communicate(timeout=60), started.returncode


@pytest.mark.parametrize(
    "seed, kills", [(0, 2), pytest.param(1, 6, marks=pytest.mark.slow)], ids=["two", "six"]
)
def test_it_goes_on_after_a_kill(seed, kills, model, large, uninterrupted, tmp_path):
    """Killed at moments that nobody chose: not a byte differs."""
    out, pick, before = tmp_path / "out.jsonl", random.Random(seed), 0
    words = ["predict", model, large, out, "--max-length", 512]
    killed = 0
    for _ in range(kills):
        _, _, code = stopped_after(words, out, before + 1, pick.uniform(0, 0.1))
        if code == 0:  # it was faster
            break
        killed += code == -signal.SIGKILL
        assert not out.exists() and rows_done(out) > before
        before = rows_done(out)
    assert killed
    if not out.exists():
        done = in_a_shell(*words)
        assert done.returncode == 0, done.stderr
        assert f"Going on after {before:,} rows".encode() in done.stdout
    assert out.read_bytes() == uninterrupted
    assert beside(tmp_path) == {"out.jsonl"}


@pytest.fixture(scope="module")
def one_kill(model, large, tmp_path_factory):
    """What a run that was killed in the middle has left."""
    out = tmp_path_factory.mktemp("killed") / "out.jsonl"
    *_, code = stopped_after(["predict", model, large, out, "--max-length", 512], out, 1)
    assert code == -signal.SIGKILL and not out.exists()
    return out


@pytest.fixture
def killed(one_kill, model, large, tmp_path):
    """A killed run of our own: its words, its file, and how many rows were done."""
    for path in one_kill.parent.glob("out.jsonl.part*"):
        shutil.copy(path, tmp_path)
    out = tmp_path / "out.jsonl"
    return ["predict", model, large, out, "--max-length", 512], out, rows_done(out)


@pytest.mark.parametrize("many", [False, True])  # fewer bytes than are still to come, or more
def test_rows_behind_the_last_note_are_cut_off(many, killed, uninterrupted, capsys):
    words, out, rows = killed
    with Path(f"{out}.part").open("ab") as stream:
        stream.write(b'{"id": "1", "text": "a whole row"}\n')
        stream.write(uninterrupted * many + b'{"id": "hal')
    Path(f"{out}.part.json.new").write_text('{"ro')
    assert call(*words) == 0
    assert f"Going on after {rows:,} rows" in capsys.readouterr().out
    assert out.read_bytes() == uninterrupted


def test_rows_that_are_lost_are_made_again(killed, uninterrupted, capsys):
    words, out, _ = killed
    part = Path(f"{out}.part")
    os.truncate(part, part.stat().st_size // 2)  # the disk had not kept them
    assert call(*words) == 0
    assert "Going on" not in capsys.readouterr().out
    assert out.read_bytes() == uninterrupted


@pytest.mark.parametrize(
    "damage", ["", "[]", '{"rows": 3}', '{"rows": 1, "bytes": 1, "tally": {}, "job": 1}']
)
def test_a_note_that_nobody_can_read(damage, killed, uninterrupted):
    words, out, _ = killed
    Path(f"{out}.part.json").write_text(damage)
    assert call(*words) == 0
    assert out.read_bytes() == uninterrupted


@pytest.mark.parametrize(
    "what",
    ["the file", "the model", "--unsure", "--batch-size", "--max-length", "COURSE_PRECISION"],
)
def test_what_has_changed_is_asked_first(
    what, killed, uninterrupted, tmp_path, capsys, monkeypatch
):
    """The rows that are done would be lost: only who says so begins anew."""
    words, out, rows = killed
    the_line_as_it_was = list(words)
    if what == "the file":
        other = tmp_path / "in.csv"
        other.write_text(
            words[2].read_text(encoding="utf-8") + "20001,one more\n", encoding="utf-8"
        )
        words[2] = other
    elif what == "the model":
        words[1] = make_classifier(tmp_path / "other", seed=3)
    elif what == "--max-length":
        words[-1] = 256
    elif what == "COURSE_PRECISION":
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
        chosen = settings.Settings("minilm", "default", "cpu", "bf16")
        monkeypatch.setattr(settings, "_settings", chosen)
    else:
        words += [what, "0.5" if what == "--unsure" else "16"]
    before = {path.name: path.read_bytes() for path in tmp_path.glob("out*")}
    assert call(*words) == 1
    said = capsys.readouterr().err
    assert f"holds {rows:,} rows of a run that was stopped, and now differs: {what}. To go" in said
    assert "to begin anew, add --overwrite" in said
    assert {path.name: path.read_bytes() for path in tmp_path.glob("out*")} == before
    if what in ("the model", "--max-length"):  # what differs is of no account for what follows
        assert call(*the_line_as_it_was) == 0
        assert out.read_bytes() == uninterrupted
        return
    assert call(*words, "--overwrite") == 0
    said = capsys.readouterr().out
    assert f"now differs: {what}. So all begins anew." in said
    assert ("Device: cpu, bf16." if what == "COURSE_PRECISION" else "Device: cpu.") in said
    ids = [json.loads(line)["id"] for line in out.open(encoding="utf-8")]
    assert ids == [str(n) for n in range(20_000)] + ["20001"] * (what == "the file")


def test_a_part_that_is_not_ours_is_not_replaced(model, odd, tmp_path, capsys):
    (tmp_path / "out.csv.part").write_text("mine")
    assert call("predict", model, odd, tmp_path / "out.csv") == 1
    assert "no note that it is ours: move it away" in capsys.readouterr().err
    assert (tmp_path / "out.csv.part").read_text() == "mine"
    (tmp_path / "out.csv.part").write_bytes(b"\xef\xbb\xbfid;te")  # killed in the first row
    (tmp_path / "out.csv.lock").write_text("mine")
    assert call("predict", model, odd, tmp_path / "out.csv") == 1
    assert "'out.csv.lock' is no file of ours" in capsys.readouterr().err
    (tmp_path / "out.csv.lock").write_text("")
    assert call("predict", model, odd, tmp_path / "out.csv", "--overwrite") == 0
    assert beside(tmp_path) == {"in.csv", "out.csv"}


def test_a_kill_before_the_first_note_is_no_work_lost(model, odd, tmp_path):
    assert call("predict", model, odd, tmp_path / "out.csv") == 0
    whole = (tmp_path / "out.csv").read_bytes()
    (tmp_path / "out.csv").unlink()
    (tmp_path / "out.csv.part").write_bytes(whole[:9])
    assert call("predict", model, odd, tmp_path / "out.csv") == 0
    assert (tmp_path / "out.csv").read_bytes() == whole


@pytest.mark.parametrize("moment", ["begin", "end"])
def test_ctrl_c_at_the_edges_says_what_is_true(moment, killed, uninterrupted, monkeypatch, capsys):
    """While the journal opens; and while the file gets its name."""
    words, out, rows = killed
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    real = os.replace
    if moment == "begin":
        monkeypatch.setattr(journal.Journal, "_read", lambda _: signal.raise_signal(signal.SIGINT))
    else:

        def replace(source, target):
            real(source, target)
            if target == out:
                signal.raise_signal(signal.SIGINT)

        monkeypatch.setattr(os, "replace", replace)
    try:
        code = call(*words)
    finally:
        signal.signal(signal.SIGINT, before)
    said = capsys.readouterr()
    if moment == "begin":
        assert code == 130 and "Stopped after 0 of 20,000 rows: the same line goes on" in said.err
        assert rows_done(out) == rows
    else:
        assert code == 0 and "out.jsonl: 20,000 rows, with the columns" in said.out
        assert out.read_bytes() == uninterrupted and not list(out.parent.glob("*.part*"))


def test_ctrl_c_is_one_sentence_and_goes_on(model, large, uninterrupted, tmp_path):
    out = tmp_path / "out.jsonl"
    words = ["predict", model, large, out, "--max-length", 512]
    said, error, code = stopped_after(words, out, 1, kind=signal.SIGINT)
    assert code == 130
    assert error.strip().startswith("Stopped after ") and "the same line goes on" in error
    assert len(error.strip().splitlines()) == 1
    assert call(*words) == 0
    assert out.read_bytes() == uninterrupted


def test_a_kill_while_excel_is_written(model, large, tmp_path):
    """The rows are in a file of their own until the last moment."""
    out, half = tmp_path / "out.xlsx", tmp_path / ".out.new.xlsx"
    words = ["predict", model, large, out, "--max-length", 512]
    started = subprocess.Popen(command(*words), env=environment(), stdout=subprocess.DEVNULL)
    while rows_done(out) < 20_000 and started.poll() is None:
        time.sleep(0.002)
    started.kill()  # the next step takes seconds
    started.wait(60)
    assert not out.exists() and rows_done(out) == 20_000
    half.write_bytes(b"PK half")
    assert call(*words) == 0
    frame = pd.read_excel(out, dtype=str, na_filter=False)
    assert list(frame["text"]) == list(pd.read_csv(large, na_filter=False)["text"])
    assert beside(tmp_path) == {"out.xlsx"}


def call_and_meanwhile(words: list, out: Path, act) -> int:
    """The command; after its first rows, somebody else acts."""
    before = rows_done(out)

    def wait_and_act():
        while rows_done(out) == before and not over.is_set():
            time.sleep(0.001)
        act()

    over = threading.Event()
    somebody = threading.Thread(target=wait_and_act)
    somebody.start()
    try:
        return call(*words)
    finally:
        over.set()
        somebody.join()


def test_a_file_that_changes_meanwhile(killed, tmp_path, capsys):
    words, out, _ = killed
    source = tmp_path / "in.csv"
    shutil.copy(words[2], source)
    words[2] = source

    def add_a_row():
        with source.open("a") as stream:
            stream.write("20000,one more\n")

    assert call_and_meanwhile(words, out, add_a_row) == 1
    assert "in.csv was changed meanwhile" in capsys.readouterr().err
    assert not out.exists()


def test_out_appears_meanwhile(killed, capsys):
    words, out, _ = killed
    assert call_and_meanwhile(words, out, lambda: out.write_text("of another program")) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert out.read_text() == "of another program"
    assert call(*words, "--overwrite") == 0


def test_two_programs_do_not_write_one_file(killed, capsys):
    words, out, rows = killed
    with journal.only_one(out):  # another program is at work
        assert call(*words) == 1
    assert "Another program is just writing" in capsys.readouterr().err
    assert rows_done(out) == rows


def test_all_rows_are_done_but_the_name(model, odd, tmp_path):
    """Killed just before the last step."""
    out = tmp_path / "out.csv"
    assert call("predict", model, odd, out) == 0
    whole = out.read_bytes()
    job = {}
    real = journal.Journal.__init__

    def note_job(self, *arguments):
        job["job"], job["tally"] = arguments[1], arguments[3]
        real(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal.Journal, "__init__", note_job)
        call("predict", model, odd, out, "--overwrite")
    out.rename(f"{out}.part")
    note = {"rows": len(ODD), "bytes": len(whole)} | job
    Path(f"{out}.part.json").write_text(json.dumps(note))
    assert call("predict", model, odd, out) == 0
    assert out.read_bytes() == whole


# Where it runs


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "cp1252"},
        pytest.param({"PYTHONIOENCODING": "ascii"}, marks=pytest.mark.slow),
    ],
    ids=["C", "cp1252", "ascii"],
)
def test_consoles_that_lack_letters(env, model, tmp_path):
    folder = tmp_path / "größer 東京"
    folder.mkdir()
    source = write_csv(folder / "in.csv", [["1", "hello", ""], ["1", "東京 ✔", ""]])
    out = folder / "東京.csv"
    done = in_a_shell("predict", model, source, out, env=env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b".csv: 2 rows" in done.stdout
    assert read_csv(out)[2][1] == "東京 ✔"
    done = in_a_shell("predict", model, source, folder / "2.csv", "--text", "größe", env=env)
    assert done.returncode == 1 and b"Traceback" not in done.stderr
    assert b"has no column" in done.stderr


def test_who_reads_may_leave(model, odd, tmp_path):
    words = command("predict", model, odd, tmp_path / "out.csv")
    started = subprocess.Popen(
        words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    started.stdout.close()
    assert started.stderr.read() == b""
    assert started.wait(60) in (0, 1)


def test_a_terminal_shows_a_bar(model, odd, tmp_path):
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    done = subprocess.run(
        command("predict", model, odd, tmp_path / "out.csv"),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 4_096):
            shown += piece
    except OSError:  # so Linux tells the end
        pass
    os.close(ours)
    assert done.returncode == 0
    assert b"Predicting" in shown and b"12/12" in shown


@pytest.mark.slow
def test_memory_stays_flat(model, tmp_path):
    """Ten times the rows, the same memory."""
    program = (
        "import resource, sys; from course_utils.command.program import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    peak = {}
    for rows in (20_000, 200_000):
        source = many(tmp_path / f"{rows}.csv", rows)
        words = ["predict", model, source, tmp_path / f"out{rows}.csv", "--max-length", 64]
        done = subprocess.run(
            [sys.executable, "-c", program, *map(str, words)],
            capture_output=True,
            env=environment(),
            check=True,
            text=True,
        )
        peak[rows] = int(done.stdout.splitlines()[-1])
    assert peak[200_000] - peak[20_000] < 40, peak  # MB


# Training and testing


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return stand_in.make_checkpoint(tmp_path_factory.mktemp("checkpoints") / "small", False)


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "library.csv"
    text = course_utils.example_csv().read_text(encoding="utf-8")
    path.write_text(text.replace("text,label", "message,kind"), encoding="utf-8")
    return path


COLUMNS = ("--text", "message", "--label", "kind")


def test_from_a_file_to_answers(library, checkpoint, tmp_path, capsys):
    train = ["train", "library.csv", *COLUMNS, "--checkpoint", checkpoint, "--epochs", 1]
    assert call(*train) == 0
    said = capsys.readouterr().out
    for part in (
        "120 rows, 120 texts",
        "median tokens",
        "counting words",
        "always the most frequent label",
    ):
        assert part in said
    assert "macro F1" in said and "majority" not in said
    assert "BERT minus 'counting words (TF-IDF)'" in said and "95 % interval" in said
    assert f"Next: {PROGRAM} predict library-model NEW-FILE ANSWERS.csv --text message\n" in said
    card = (tmp_path / "library-model" / "README.md").read_text(encoding="utf-8")
    assert "Of 18 texts that it had not seen" in card and "TF-IDF" in card
    assert call("predict", "library-model", "library.csv", "out.csv", "--text", "message") == 0
    columns, *rows = read_csv(tmp_path / "out.csv")
    assert columns == ["message", "kind", "label", "probability", "unsure"] and len(rows) == 120
    assert {row[2] for row in rows} <= {"complaint", "praise", "question"}

    # It knows again what it has learned from, and says how good it is on the rest.
    capsys.readouterr()
    assert call("evaluate", "library-model", "library.csv", *COLUMNS) == 0
    said = capsys.readouterr().out
    assert "Beware: 90 of 120 texts are among those that the model was trained on." in said
    assert "library-model, on the others: " in said and " of 30 texts correct" in said
    data = course_utils.read_texts("library.csv", "message", "kind", quiet=True)
    about = (tmp_path / "library-model" / "course.json").read_text(encoding="utf-8")
    assert not [text for text in data.texts if text in about]
    test = course_utils.split(data)[2].to_frame()
    test.to_csv("test.csv", index=False)
    assert call("evaluate", "library-model", "test.csv") == 0
    assert "The model was trained on none of these texts." in capsys.readouterr().out
    (tmp_path / "library-model" / "course.json").write_text(about.replace('"seen"', '"other"'))
    assert call("evaluate", "library-model", "test.csv") == 0
    assert "does not say which texts it was trained on" in capsys.readouterr().out
    (tmp_path / "library-model" / "course.json").write_text(about)

    weights = (tmp_path / "library-model" / "model.safetensors").read_bytes()
    assert call(*train) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert call(*train, "--overwrite", "--seed", 3) == 0
    assert (tmp_path / "library-model" / "model.safetensors").read_bytes() != weights


def test_train_says_which_language_and_which_epoch(library, checkpoint, tmp_path, capsys):
    words = ["train", "library.csv", *COLUMNS, "--overwrite", "--epochs"]
    few = library.read_text("utf-8").splitlines()[:61]
    library.write_text("\n".join(few), "utf-8")
    assert call(*words, 2, "--checkpoint", checkpoint) == 0
    said = capsys.readouterr().out
    which = r"(the best|of the 2 best the one with the lowest loss)"
    assert re.search(rf"\nKept: epoch [12] of 2, {which} on validation\.\n", said)
    assert "learned English" not in said
    assert call(*words, 1) == 0  # with minilm, and the texts are English: nothing to say
    said = capsys.readouterr().out
    assert "learned it" not in said and "Kept: " not in said
    assert call(*words, 1, "--language", "de") == 0
    said = capsys.readouterr().out
    assert "Beware: the texts are not English (de), and minilm has learned English." in said
    line = "train library.csv --text message --label kind --overwrite --epochs 1 --language de"
    assert f"{line} --checkpoint bert-base-multilingual-cased\n" in said
    page = (tmp_path / "library-model" / "README.md").read_text("utf-8")
    assert "The texts are not English (de), and minilm" in page


def test_texts_that_do_not_look_english_are_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    german = "Mein Paket ist seit {} Tagen nicht da", "Die Rechnung über {} Euro ist falsch"
    lines = [[f"{german[n % 2].format('x' * n)}", "ab"[n % 2]] for n in range(60)]
    write_csv(tmp_path / "in.csv", lines, ("text", "label"))
    assert call("train", "in.csv", "--epochs", 1) == 0
    said = capsys.readouterr().out
    assert "Beware: the texts do not look English, and minilm has learned it." in said
    assert call("predict", "in-model", "in.csv", "out.csv") == 0
    said = capsys.readouterr().out
    assert "Beware: these texts do not look English, and this model began with minilm" in said
    write_csv(
        tmp_path / "en.csv", [["The parcel is not here and I want to know why"]] * 20, ["text"]
    )
    assert call("predict", "in-model", "en.csv", "out2.csv") == 0
    assert "Beware" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "right, guessed, weighted, said, useful",
    [
        (90, 50, False, "expect 82 to 95 right answers; it is better than counting words", True),
        (
            50,
            50,
            False,
            "no better than always saying 'a' (50.0 % right, and 50.0 %): do not",
            False,
        ),
        (55, 50, False, "cannot be told from always saying 'a' (50.0 % right): do not rely", False),
        (50, 60, True, "With class weights that can be: see in the table", False),
    ],
)
def test_what_a_test_means_is_said_in_words(right, guessed, weighted, said, useful):
    from course_utils.command.verdict import verdict

    labels = [0] * guessed + [1] * (100 - guessed)
    data = course_utils.LabeledTexts([f"text {n}" for n in range(100)], labels, ("a", "b"))

    def answering(predicted):
        return Evaluation("some", data, np.eye(2)[predicted])

    answers = [x if n < right else 1 - x for n, x in enumerate(labels)]
    always = answering([0] * 100)
    advice, found = verdict(answering(answers), always, always, weighted)
    assert said in advice and found == useful


def test_a_label_that_is_never_an_answer_is_told(capsys):
    names = tuple(f"label {n}" for n in range(12))
    data = course_utils.LabeledTexts([f"text {n}" for n in range(11)], range(11), names)
    results.tell(Evaluation("some", data, np.eye(12)[:11]))
    assert "Never" not in capsys.readouterr().out  # the twelfth has no text
    results.tell(Evaluation("some", data, np.eye(12)[[*range(9), 0, 11]]))
    said = "\nNever an answer: 'label 9', 'label 10'. More texts with such a label may help, or tr"
    assert said in capsys.readouterr().out
    results.tell(Evaluation("some", data, np.eye(12)[[0] * 11]))
    assert "'label 8', …. More texts" in capsys.readouterr().out


def test_from_excel_to_excel_numbers_and_dates_stay_what_they_are(model, tmp_path):
    from openpyxl import Workbook, load_workbook

    book = Workbook()
    sheet = book.active
    sheet.append(["An export of May"])
    sheet.append(["day", "text", "euros", "code", "paid"])
    day = pd.Timestamp("2026-05-01").to_pydatetime()
    for n in range(6):
        sheet.append([day, f"text {n}", 12.5 + n, f"00{n}", n % 2 == 0])
    sheet.cell(5, 2).value, sheet.cell(5, 2).data_type = "=1+1", "s"
    sheet.cell(4, 1).number_format = "DD.MM.YYYY"
    sheet.cell(6, 3).value = "#N/A"  # what a formula answers that has found nothing
    book.save(tmp_path / "in.xlsx")
    assert call("predict", model, tmp_path / "in.xlsx", tmp_path / "out.xlsx") == 0
    written = load_workbook(tmp_path / "out.xlsx").active
    cells = list(written.iter_rows(min_row=2, max_col=5))
    assert [row[0].value for row in cells] == [day] * 6
    assert cells[1][0].number_format == "DD.MM.YYYY"
    assert [row[2].value for row in cells] == [12.5, 13.5, 14.5, "#N/A", 16.5, 17.5]
    assert cells[3][2].data_type == "e"
    assert [row[3].value for row in cells] == [f"00{n}" for n in range(6)]
    assert [row[4].value for row in cells] == [True, False] * 3
    assert (cells[2][1].value, cells[2][1].data_type) == ("=1+1", "s")  # never a formula
    assert written.column_dimensions["B"].width == 60


@pytest.mark.parametrize("labels", [(1, 2, 5), ("1", "2", "n/a"), ("1", "2", "03")])
def test_labels_that_are_all_whole_numbers_are_numbers_in_excel(labels, model, tmp_path):
    folder = shutil.copytree(model, tmp_path / "ratings")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["id2label"] = dict(enumerate(map(str, labels)))
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    source = write_csv(tmp_path / "in.csv", [[text] for text in [*ODD, "hello"]], ["text"])
    assert call("predict", folder, source, tmp_path / "out.xlsx") == 0
    answers = set(pd.read_excel(tmp_path / "out.xlsx", dtype=object)["label"].dropna())
    assert answers and answers <= set(labels)
    assert call("predict", folder, source, tmp_path / "out.jsonl") == 0
    for line in (tmp_path / "out.jsonl").open(encoding="utf-8"):
        assert json.loads(line)["label"] in {*map(str, labels), None}


def test_a_model_whose_training_was_stopped_is_told(model, odd, tmp_path, capsys):
    folder = shutil.copytree(model, tmp_path / "m-unfinished")
    about = {"label_names": [], "checkpoint": "x", "unfinished": {"data": "y"}}
    (folder / "course.json").write_text(json.dumps(about), "utf-8")
    assert call("predict", folder, odd, tmp_path / "out.csv") == 0
    assert "Beware: the training of m-unfinished was stopped before" in capsys.readouterr().out


def test_half_of_the_rows_without_a_label_is_told_loudly(library, checkpoint, capsys):
    with library.open("a", encoding="utf-8") as stream:
        stream.writelines(f"text {n},\n" for n in range(121))
    assert call("train", "library.csv", *COLUMNS, "--checkpoint", checkpoint, "--epochs", 1) == 0
    said = capsys.readouterr().out
    assert "BEWARE: 121 of 241 rows were left out, more than half." in said


def test_the_page_says_how_the_test_was_chosen(library, checkpoint, tmp_path):
    rows = library.read_text("utf-8").splitlines()
    lines = [f"{row},2026-01-{n % 28 + 1:02},c{n % 30}" for n, row in enumerate(rows[1:])]
    library.write_text("\n".join([f"{rows[0]},day,customer", *lines]), "utf-8")
    words = ["train", "library.csv", *COLUMNS, "--checkpoint", checkpoint, "--epochs", 1]
    for option, said in (
        (["--time", "day"], "The test texts are the latest ones, by the column 'day'."),
        (["--group", "customer"], "the same value of the column 'customer' stand on one side"),
    ):
        assert call(*words, *option, "--overwrite") == 0
        assert said in (tmp_path / "library-model" / "README.md").read_text("utf-8")


def test_a_model_and_a_stopped_training_are_both_named(
    library, checkpoint, model, tmp_path, capsys
):
    course_utils.save("./library-model", *course_utils.load(str(model)))
    there = tmp_path / "library-model-unfinished"
    there.mkdir()
    about = {"label_names": [], "checkpoint": "x", "unfinished": {"data": "y"}}
    (there / "course.json").write_text(json.dumps(about), "utf-8")
    assert call("train", "library.csv", *COLUMNS, "--checkpoint", checkpoint) == 1
    assert (
        "in 'library-model-unfinished': --resume --overwrite goes on with it, --overwrite alone "
        "begins anew." in capsys.readouterr().err
    )


def test_a_model_that_was_trained_twice_knows_the_texts_of_both(checkpoint, tmp_path, capsys):
    data = course_utils.read_texts(course_utils.example_csv(), quiet=True)
    names = [f"{name}.csv" for name in "ab"]
    for half, name in enumerate(names):
        data.take(range(half, len(data), 2)).to_frame().to_csv(tmp_path / name, index=False)
    words, begin = ["--epochs", 1, "--out"], checkpoint
    for name in names:
        out = tmp_path / f"from-{name}"
        assert call("train", tmp_path / name, "--checkpoint", begin, *words, out) == 0
        begin = out
    for name in names:
        capsys.readouterr()
        assert call("evaluate", begin, tmp_path / name) == 0
        learned = len(course_utils.split(course_utils.read_texts(tmp_path / name, quiet=True))[0])
        assert f"Beware: {learned} of 60 texts are among those" in capsys.readouterr().out


def test_evaluate_says_what_a_notebook_says(library, model, tmp_path, capsys):
    texts = [f"{text} {n}" for n, text in enumerate(real_model.POSITIVE * 3)]
    rows = [[n, text, LABELS[n % 3]] for n, text in enumerate(texts)]
    rows.append([99, "a new one", "Billing "])  # the same label, spelled in another way
    source = write_csv(tmp_path / "in.csv", rows, ("id", "text", "label"))
    assert call("evaluate", model, source) == 0
    said = capsys.readouterr().out
    data = course_utils.read_texts(source, label_names=LABELS, quiet=True)
    expected = course_utils.evaluate(*course_utils.load(str(model)), data, name="tickets")
    assert f"{expected}, macro F1 {expected.macro_f1:.3f}" in said
    assert expected.per_class().rename_axis(None).to_string() in said
    confusion = expected.confusion()
    np.fill_diagonal(most := confusion.values.copy(), 0)
    true, answered = np.unravel_index(most.argmax(), most.shape)
    assert f"{most.max():6,} x '{LABELS[true]}' was called " in said
    assert not any(f"'{name}' was called '{name}'" in said for name in LABELS)
    assert "Always answering 'billing' would be right on" in said
    sure = expected.probabilities.max(axis=1) >= 0.5
    told = f"{100 * sure.mean():5.1f} % of the answers are sure"
    if sure.any():
        told += f", {100 * expected.correct[sure].mean():.1f} % of them right"
    assert f"--unsure 0.5   {told}" in said


def nameless(model: Path, folder: Path) -> Path:
    """The model without the names of its labels."""
    copied, tokenizer = course_utils.load(str(model))
    copied.config.id2label = {n: f"LABEL_{n}" for n in range(3)}
    copied.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_a_head_without_names(model, tmp_path, capsys):
    folder = nameless(model, tmp_path / "nameless")
    rows = [[n, f"{text} {n}", n % 3] for n, text in enumerate(real_model.POSITIVE * 3)]
    source = write_csv(tmp_path / "in.csv", rows, ("id", "text", "label"))
    assert call("evaluate", folder, source) == 0
    assert "24 texts" in capsys.readouterr().out


def test_names_for_a_head_without_names_are_told_or_asked_for(model, tmp_path, capsys):
    """Which name belongs to which number is never a guess."""
    folder = nameless(model, tmp_path / "nameless")
    rows = [[n, f"{text} {n}", n % 3] for n, text in enumerate(real_model.POSITIVE * 3)]
    columns = ("id", "text", "label")
    source = write_csv(tmp_path / "numbers.csv", rows, columns)
    assert call("evaluate", folder, source) == 0
    numbers = capsys.readouterr().out
    assert "LABEL_0 is '0', LABEL_1 is '1', LABEL_2 is '2'." in numbers
    two = [row for row in rows if row[2] < 2]  # those that occur need not be all
    assert call("evaluate", folder, write_csv(tmp_path / "two.csv", two, columns)) == 0

    names = "negative", "neutral", "a mixed one"
    named = [[n, text, names[label]] for n, text, label in rows]
    source = write_csv(tmp_path / "names.csv", named, columns)
    assert call("evaluate", folder, source) == 1
    said = capsys.readouterr().err
    assert "'negative', 'neutral', 'a mixed one': which is which would be a guess." in said
    assert "The labels of this model have no names (LABEL_0 to LABEL_2)" in said
    assert "Say it with --label-names and the names in the order of the numbers" in said
    assert call("evaluate", folder, source, "--label-names", *names) == 0
    said = capsys.readouterr().out
    assert "LABEL_0 is 'negative', LABEL_1 is 'neutral', LABEL_2 is 'a mixed one'." in said
    assert accuracy_in(said) == accuracy_in(numbers)
    assert call("evaluate", folder, source, "--label-names", "a", "b") == 1
    assert "gives 2 names, the model chooses between 3" in capsys.readouterr().err
    stars = [[n, text, label + 1] for n, text, label in rows]  # 1 to 3, and 3 is no number of it
    assert call("evaluate", folder, write_csv(tmp_path / "stars.csv", stars, columns)) == 1
    assert "would be a guess" in capsys.readouterr().err


def accuracy_in(said: str) -> str:
    (found,) = [line for line in said.splitlines() if "texts correct" in line]
    return found


def test_numbers_for_a_head_with_names(model, tmp_path, capsys):
    rows = [[n, f"{text} {n}", n % 3] for n, text in enumerate(real_model.POSITIVE * 3)]
    source = write_csv(tmp_path / "in.csv", rows, ("id", "text", "label"))
    assert call("evaluate", model, source) == 1
    said = capsys.readouterr().err
    assert "If 0 is 'billing', 1 is 'login', 2 is 'other things', add --label-names 0 1 2" in said
    assert call("evaluate", model, source, "--label-names", 0, 1, 2) == 0
    assert "login is '1'" in capsys.readouterr().out


def test_names_for_a_file_and_a_model_that_hold_numbers(model, tmp_path, capsys):
    """Both say 0, 1 and 2: --label-names tells what they are called."""
    numbered = shutil.copytree(model, tmp_path / "numbered")
    config = json.loads((numbered / "config.json").read_text("utf-8"))
    config["id2label"] = {str(number): str(number) for number in range(3)}
    config["label2id"] = {str(number): number for number in range(3)}
    (numbered / "config.json").write_text(json.dumps(config), "utf-8")
    rows = [[n, f"{text} {n}", n % 3] for n, text in enumerate(real_model.POSITIVE * 3)]
    source = write_csv(tmp_path / "in.csv", rows, ("id", "text", "label"))
    assert call("evaluate", numbered, source) == 0
    numbers = capsys.readouterr().out
    assert call("evaluate", numbered, source, "--label-names", "fault", "billing", "question") == 0
    said = capsys.readouterr().out
    assert "0 is 'fault', 1 is 'billing', 2 is 'question'." in said
    assert accuracy_in(said) == accuracy_in(numbers)
    assert "Always answering 'fault' would be right on" in said


def test_evaluate_counts_groups(model, tmp_path, capsys):
    """As train does; the groups stay where rows are left out."""
    texts = [f"{text} {n}" for n, text in enumerate(real_model.POSITIVE * 3)]
    rows = [[f"C-{n // 3}", text, LABELS[n % 3]] for n, text in enumerate(texts)]
    rows += [["C-0", "a new one", "refund"]]
    source = write_csv(tmp_path / "in.csv", rows, ("customer", "text", "label"))
    words = ["evaluate", model, source, "--skip-unknown"]
    assert call(*words, "--group", "customer") == 0
    said = capsys.readouterr().out
    data = course_utils.read_texts(source, label_names=[*LABELS, "refund"], quiet=True)
    data = replace(data.take(range(24)), label_names=LABELS, group="customer")
    expected = course_utils.evaluate(*course_utils.load(str(model)), data, name="tickets")
    assert "(95 % interval by customer " in str(expected) and str(expected) in said
    assert call(*words) == 0
    assert " by customer" not in capsys.readouterr().out
    assert call(*words, "--group", "custmer") == 1
    assert "Did you mean 'customer'?" in capsys.readouterr().err


def test_a_long_name_of_a_column_may_be_cut(model, tmp_path, monkeypatch, capsys):
    asked, of = "Was hat Ihnen heute gefehlt, und wo genau?", "Mit welchem Konto waren Sie hier?"
    rows = [[f"k{n % 6}", f"{text} {n}", LABELS[n % 3]] for n, text in enumerate(ODD * 2)]
    write_csv(tmp_path / "in.csv", rows, (of, asked, "label"))
    monkeypatch.chdir(tmp_path)
    words = [model, "in.csv", "--text"]
    assert call("predict", *words[:2], "out.csv", "--text", "was") == 1
    cut = shown(asked, 30)
    assert f"'{cut}'" in (said := capsys.readouterr().err) and f"Did you mean '{asked}'?" in said
    taken = f"\n'{cut}' is the column '{asked}'.\n"
    assert call("predict", *words[:2], "out.csv", "--text", cut) == 0
    assert taken in capsys.readouterr().out
    assert call("evaluate", *words, cut, "--group", shown(of, 30)) == 0
    said = capsys.readouterr().out
    assert taken in said and f"'{shown(of, 30)}' is the column '{of}'." in said
    assert f"interval by {of}" in said


def test_labels_that_the_model_does_not_know(model, tmp_path, capsys):
    texts = [f"{text} {n}" for n, text in enumerate(real_model.POSITIVE * 3)]
    rows = [[n, text, LABELS[n % 3]] for n, text in enumerate(texts)]
    right = write_csv(tmp_path / "right.csv", rows, ("id", "text", "label"))
    wrong = [[90, "new 1", "Billlng"], [91, "new 2", "refund"], [92, "new 3", "refund"]]
    wrong.append([93, "new 4", "['login']"])  # the reader takes it out of its list
    source = write_csv(tmp_path / "in.csv", rows + wrong, ("id", "text", "label"))
    assert call("evaluate", model, source) == 1
    said = capsys.readouterr().err
    unknown = "'refund' (2 rows: 27, 28), 'Billlng' (row 26; did you mean 'billing'?)"
    assert f"does not know, in 3 of 28 rows: {unknown}. It knows billing, login, other" in said
    assert "or add --skip-unknown to leave these rows out" in said
    assert call("evaluate", model, source, "--skip-unknown") == 0
    said = capsys.readouterr().out
    assert f"Left out besides, 3 texts with labels that the model does not know: {unknown}." in said
    assert "of 25 texts correct" in said
    assert call("evaluate", model, right, "--skip-unknown") == 0
    assert "Left out" not in capsys.readouterr().out


def test_texts_without_words_are_learned_too(checkpoint, tmp_path, monkeypatch, capsys):
    """TF-IDF finds nothing to count; the model is saved all the same."""
    monkeypatch.chdir(tmp_path)
    signs = [chr(0x4E00 + n) for n in range(200)]
    rows = [[n, sign, "ab"[n % 2]] for n, sign in enumerate(signs)]
    write_csv(tmp_path / "in.csv", rows, ("id", "text", "label"))
    assert call("train", "in.csv", "--checkpoint", checkpoint, "--epochs", 1) == 0
    said = capsys.readouterr().out
    assert "No TF-IDF: " in said and "BERT minus 'always the most frequent label'" in said
    assert (tmp_path / "in-model" / "README.md").exists()


@pytest.mark.parametrize("ending", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_a_stopped_training_goes_on(ending, library, checkpoint, tmp_path):
    """Stopped in the middle, then --resume: the weights are those of a run in one go."""
    words = ["train", "library.csv", *COLUMNS, "--checkpoint", checkpoint, "--epochs", 15]
    assert call(*words, "--out", "whole") == 0
    started = subprocess.Popen(
        command(*words, "--out", "stopped"),
        env=environment(TQDM_DISABLE="0"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    seen = b""
    while b"Fine-tuning (" not in seen and started.poll() is None:
        seen += started.stderr.read(20)
    kept = tmp_path / "stopped-unfinished" / "course.json"
    while ending == "SIGKILL" and not kept.exists() and started.poll() is None:
        time.sleep(0.002)  # nobody can save any more: what counts is the last whole epoch
    started.send_signal(getattr(signal, ending))
    _, error = started.communicate(timeout=60)
    if ending == "SIGKILL":
        assert started.returncode == -signal.SIGKILL
    else:
        assert started.returncode == 130
        assert b"the same line with --resume goes on" in error
        assert b" steps. What was learned is kept in 'stopped-unfinished'" in error
    assert not (tmp_path / "stopped").exists() and (tmp_path / "stopped-unfinished").is_dir()
    assert call(*words, "--out", "stopped") == 1  # it asks first
    assert call(*words, "--out", "stopped", "--resume") == 0
    assert not (tmp_path / "stopped-unfinished").exists()
    first, second = (tmp_path / name / "model.safetensors" for name in ("whole", "stopped"))
    assert first.read_bytes() == second.read_bytes()


def test_an_epoch_that_cannot_be_kept_stops_nothing(library, checkpoint, monkeypatch, capsys):
    from course_utils.command import train

    save = train._save

    def full_disk(folder, *rest):
        if folder.name.endswith("-unfinished"):
            raise course_utils.CourseError("No space is left.")
        save(folder, *rest)

    monkeypatch.setattr(train, "_save", full_disk)
    assert call("train", "library.csv", *COLUMNS, "--checkpoint", checkpoint, "--epochs", 3) == 0
    said = "This epoch is not kept, the training goes on: No space is left."
    assert capsys.readouterr().err.count(said) == 2
    assert course_utils.load("./library-model")


@pytest.mark.parametrize(("seconds", "times"), [(60, 1), (0, 3)])
def test_an_epoch_is_kept_once_a_minute(seconds, times, library, checkpoint, tmp_path, monkeypatch):
    from course_utils.command import train
    from course_utils.model import saving

    kept, write_about = [], saving._write_about

    def note(folder, *rest):
        kept.append("-unfinished." in folder.name)
        write_about(folder, *rest)

    monkeypatch.setattr(train, "KEEP_EVERY", seconds)
    monkeypatch.setattr(saving, "_write_about", note)
    assert call("train", "library.csv", *COLUMNS, "--checkpoint", checkpoint, "--epochs", 4) == 0
    assert sum(kept) == times


@pytest.mark.parametrize(("code", "line"), [("de", "\nlanguage:\n- de\n"), (None, None)])
def test_the_page_says_the_language_if_somebody_said_it(code, line, library, checkpoint, tmp_path):
    words = ["train", "library.csv", *COLUMNS, "--checkpoint", checkpoint, "--epochs", 1]
    assert call(*words, *(["--language", code] if code else [])) == 0
    page = (tmp_path / "library-model" / "README.md").read_text("utf-8")
    assert line in page if line else "language" not in page.split("---")[1]


@pytest.fixture
def ctrl_c():
    """Ctrl-C does what it does in a terminal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("moment", ["training ends", "first save", "test", "last save"])
def test_ctrl_c_while_a_training_is_saved(
    moment, library, checkpoint, tmp_path, ctrl_c, monkeypatch, capsys
):
    """What was learned is never lost, and what is said is true."""
    from course_utils.command import train
    from course_utils.model import saving, training

    saves, write_about, test = [], saving._write_about, train._test
    fine_tune = training.fine_tune

    def fine_tune_and_press(*arguments, **options):
        history = fine_tune(*arguments, **options)
        if moment == "training ends":
            ctrl_c()
        return history

    def press_and_write(*arguments):
        saves.append(1)
        if len(saves) == {"first save": 1, "last save": 2}.get(moment):
            ctrl_c()
        write_about(*arguments)

    def press_and_test(*arguments):
        if moment == "test":
            ctrl_c()
        return test(*arguments)

    monkeypatch.setattr(saving, "_write_about", press_and_write)
    monkeypatch.setattr(train, "_test", press_and_test)
    monkeypatch.setattr(training, "fine_tune", fine_tune_and_press)
    assert call("train", "library.csv", *COLUMNS, "--checkpoint", checkpoint, "--epochs", 1) == 130
    said = capsys.readouterr()
    if moment == "last save":
        assert "Stopped. The model is saved in library-model, and tested: its page is" in said.err
        assert "Of 18 texts" in (tmp_path / "library-model" / "README.md").read_text("utf-8")
    else:
        assert "Stopped. The model is saved in library-model, but not tested." in said.err
    assert "Nothing was written" not in said.err
    assert course_utils.load("./library-model")
    assert beside(tmp_path) == {"library.csv", "library-model"}
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_only_the_first_ctrl_c_stops_and_a_late_one_stops_what_follows(ctrl_c):
    done = []
    with pytest.raises(KeyboardInterrupt), stopping.stopped_once():
        try:
            ctrl_c()
        except KeyboardInterrupt:
            ctrl_c()  # while the training puts away what it has
            done.append("put away")
            raise
    with pytest.raises(KeyboardInterrupt):
        with stopping.stopped_once() as stop:
            stop.hold = True
            ctrl_c()
            done.append("saved")
        done.append("tested")
    assert done == ["put away", "saved"]


def test_ctrl_c_pressed_again_and_again(library, checkpoint, tmp_path, ctrl_c, monkeypatch, capsys):
    """In the training, and then while it is kept: so people stop a program that seems not to."""
    from course_utils.model import saving

    write_about, clip, calls = saving._write_about, torch.nn.utils.clip_grad_norm_, []

    def press_and_clip(*arguments):
        calls.append(1)
        if len(calls) == 3:
            ctrl_c()
        return clip(*arguments)

    def press_and_write(*arguments):
        ctrl_c()
        ctrl_c()
        write_about(*arguments)

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", press_and_clip)
    monkeypatch.setattr(saving, "_write_about", press_and_write)
    words = ["train", "library.csv", *COLUMNS, "--checkpoint", checkpoint, "--epochs", 1]
    assert call(*words) == 130
    assert "kept in 'library-model-unfinished': the same line with --resume" in (
        capsys.readouterr().err
    )
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    for options, sentence in (
        (["--epochs", 3], "this one began with --epochs 1: leave --epochs out"),
        (["--seed", 1], "began with --seed 0: leave --seed out"),
        (["--class-weights", "balanced"], "--class-weights not given"),
        (["--learning-rate", "0.5"], "--learning-rate 2e-05"),
        (["--checkpoint", "minilm"], "leave --checkpoint out, or begin anew, with --overwrite"),
        (["--label", "message", "--text", "kind"], ""),
    ):
        assert call(*words, "--resume", *options) == 1
        assert sentence in capsys.readouterr().err
    lines = library.read_text(encoding="utf-8").splitlines()
    library.write_text("\n".join(lines[:-10]), encoding="utf-8")
    assert call(*words, "--resume") == 1
    assert "give the same DATA, --text, --label, --group" in capsys.readouterr().err
    library.write_text("\n".join(lines), encoding="utf-8")
    assert call("train", "library.csv", *COLUMNS, "--resume") == 0  # what it began with, it keeps
    assert "Epochs: 1. Texts in a batch: 8." in capsys.readouterr().out


def test_a_spreadsheet_with_blanks_in_every_name(checkpoint, tmp_path, monkeypatch, capsys):
    """As somebody makes it who never saw the course: a title, umlauts, dates, empty rows."""
    from openpyxl import Workbook

    rows = pd.read_csv(course_utils.example_csv())
    kinds = {"complaint": "Ärger / Beschwerde", "praise": "Lob", "question": "Rückfrage"}
    book = Workbook()
    sheet = book.active
    columns = ["Ticket Nr", "Eingegangen am", "Nachricht des Kunden", "Thema (bitte wählen)"]
    for row in (["Meldungen der Bücherei"], [], columns):
        sheet.append(row)
    for number, (text, label) in enumerate(zip(rows["text"], rows["label"], strict=True)):
        if number % 30 == 7:
            sheet.append([])
        day = pd.Timestamp("2024-01-01 09:30") + pd.Timedelta(hours=7 * number)
        sheet.append([1_000 + number, day.to_pydatetime(), f"{text} Grüße", kinds[label]])
    book.save(tmp_path / "Meldungen 2024.xlsx")
    monkeypatch.chdir(tmp_path)
    assert call("train", "Meldungen", "2024.xlsx") == 2
    assert 'Put it between double quotes: "my file.csv"' in capsys.readouterr().err
    assert call("train", "Meldungen 2024.xlsx", "--text", columns[2]) == 1
    said = capsys.readouterr().err
    assert "has no column 'label'; its columns are" in said and columns[3] in said
    words = ["train", "Meldungen 2024.xlsx", "--text", columns[2].lower(), "--label", columns[3]]
    words += ["--time", columns[1], "--checkpoint", checkpoint, "--epochs", 1]
    assert call(*words, "--out", "mein Ordner/Modell 1") == 0
    (line,) = [x for x in capsys.readouterr().out.splitlines() if x.startswith("Next: ")]
    next_words = shlex.split(line.removeprefix("Next: python -m course_utils "))
    assert next_words[:2] == ["predict", "mein Ordner/Modell 1"]
    given = {"NEW-FILE": "Meldungen 2024.xlsx", "ANSWERS.csv": "Antworten für Jörg.xlsx"}
    assert call(*(given.get(word, word) for word in next_words)) == 0
    answers = pd.read_excel("Antworten für Jörg.xlsx", dtype=str, na_filter=False)
    assert list(answers) == [*columns, "label", "probability", "unsure"] and len(answers) == 124
    assert answers["Eingegangen am"][0] == "2024-01-01 09:30:00"
    assert set(answers["label"]) <= {*kinds.values(), ""}


def test_labels_that_are_left_out_are_named(library, checkpoint, tmp_path, capsys):
    with library.open("a", encoding="utf-8") as stream:
        stream.write("Where is the lift?,questoin\nA lamp is out.,repair\nThe tap drips.,repair\n")
    assert call("train", "library.csv", *COLUMNS, "--checkpoint", checkpoint, "--epochs", 1) == 0
    missing = "'repair' (2 rows: 123, 124), 'questoin' (row 122; did you mean 'question'?)."
    assert f"Labels left out: {missing}" in capsys.readouterr().out
    card = (tmp_path / "library-model" / "README.md").read_text(encoding="utf-8")
    assert f"Left out: {missing}" in card


def test_a_quote_that_may_have_swallowed_rows_is_told(model, tmp_path, capsys):
    source = tmp_path / "in.csv"
    source.write_text('id,text\n1,fine\n2,"She said hi\n3,and it was fine\n4,bye"\n', "utf-8")
    assert call("predict", model, source, tmp_path / "out.csv") == 0
    assert "a double quote opens here and closes in a later line" in capsys.readouterr().out


def test_the_input_is_never_the_file_that_grows(model, tmp_path, capsys):
    source = tmp_path / "out.csv.part"
    source.write_text("text\ngood film\nbad film\n", "utf-8")
    assert call("predict", model, source, tmp_path / "out.csv") == 1
    assert "give OUT another name" in capsys.readouterr().err
    assert source.read_text("utf-8") == "text\ngood film\nbad film\n"


def test_what_a_stopped_training_leaves_is_removed_and_nothing_else(tmp_path):
    from course_utils.command.train import _remove_unfinished

    folder, precious = tmp_path / "m-unfinished", tmp_path / "precious.txt"
    folder.mkdir()
    precious.write_text("mine", "utf-8")
    about = {"label_names": [], "checkpoint": "x", "readme": "of another page"}
    about["unfinished"] = {"data": "of these texts"}
    about["files"] = ["course.json", "config.json", "README.md", "../precious.txt"]
    (folder / "course.json").write_text(json.dumps(about), "utf-8")
    (folder / "config.json").write_text("{}", "utf-8")
    (folder / "README.md").write_text("my own words", "utf-8")
    _remove_unfinished(folder)
    assert precious.exists() and [path.name for path in folder.iterdir()] == ["README.md"]


@pytest.mark.parametrize("holds", ["a file", "notes", "a model"])
def test_where_ctrl_c_would_keep_a_training_nothing_else_may_lie(
    holds, library, checkpoint, model, tmp_path, capsys
):
    """It is said before any work; what lies there stays, also with --overwrite."""
    there = tmp_path / "library-model-unfinished"
    if holds == "a file":
        there.write_text("mine", "utf-8")
    elif holds == "notes":
        there.mkdir()
        (there / "notes.txt").write_text("mine", "utf-8")
    else:
        course_utils.save(str(there), *course_utils.load(str(model)))
    before = [(path, path.is_file() and path.read_bytes()) for path in sorted(tmp_path.rglob("*"))]
    words = ["train", "library.csv", *COLUMNS, "--checkpoint", checkpoint]
    for more in ([], ["--overwrite"]):
        capsys.readouterr()
        assert call(*words, *more) == 1
        said = capsys.readouterr()
        assert (
            "'library-model-unfinished' is where Ctrl-C would keep this training, and" in said.err
        )
        assert "choose another --out" in said.err and not said.out
    assert call(*words, "--resume") == 1
    assert "no stopped training for 'library-model'" in capsys.readouterr().err
    after = [(path, path.is_file() and path.read_bytes()) for path in sorted(tmp_path.rglob("*"))]
    assert after == before


def test_a_model_never_takes_the_folder_that_one_works_in(tmp_path, monkeypatch, capsys):
    write_csv(tmp_path / "in.csv", [[1, "fine"]])
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert call("train", tmp_path / "in.csv", "--out", ".") == 1
    assert "is the folder that you work in" in capsys.readouterr().err


@pytest.mark.parametrize(("codec", "named"), [("cp1252", "windows-1252"), ("utf-8", "cp1252")])
def test_predict_shows_the_letters_of_an_encoding_that_was_named(
    tmp_path, model, capsys, codec, named
):
    source = tmp_path / "in.csv"
    source.write_bytes("id,text\n1,Größe passt\n".encode(codec))
    assert call("predict", model, source, tmp_path / "o.csv", "--encoding", named) == 0
    said = capsys.readouterr().out
    right = f"Are these letters right? Größe. If not, leave --encoding '{named}' out."
    assert (right if codec == "cp1252" else "This file is UTF-8: leave --encoding 'cp1252'") in said


def test_a_slip_in_the_name_of_a_column_in_other_capitals(tmp_path, capsys):
    rows = [[f"text {n}", "ab"[n % 2]] for n in range(20)]
    source = write_csv(tmp_path / "in.csv", rows, ("Text", "Topic"))
    assert call("train", source, "--label", "topc") == 1
    assert capsys.readouterr().err.rstrip().endswith("Did you mean 'Topic'?")


def test_a_language_may_have_a_capital():
    assert parser().parse_args(["train", "my.csv", "--language", "De"]).language == "de"


def test_the_group_of_an_evaluation_is_found_in_any_capitals(tmp_path, model, capsys):
    rows = [[f"c{n % 9}", f"text {n}", LABELS[n % 3]] for n in range(30)]
    source = write_csv(tmp_path / "in.csv", rows, ("Customer", "text", "label"))
    assert call("evaluate", model, source, "--group", "customer") == 0
    assert "by Customer" in capsys.readouterr().out


def test_one_row_is_one_row_and_nobody_looks_at_no_answers(tmp_path, model, capsys):
    source = write_csv(tmp_path / "in.csv", [[1, "fine"], [2, ""]], ("id", "text"))
    assert call("predict", model, source, tmp_path / "o.csv", "--unsure", 0) == 0
    said = capsys.readouterr().out
    assert "in.csv: 2 rows, 1 text.\n" in said
    assert "Unsure (below 0): 0.\n" in said
    source.write_bytes("id,text\n1,Größe passt\n".encode("cp1252"))
    assert call("predict", model, source, tmp_path / "p.csv", "--unsure", 1) == 0
    said = capsys.readouterr().out
    assert "in.csv: 1 row, 1 text.\n" in said and "p.csv: 1 row, with" in said
    assert "Unsure (below 1): 1. Let a person look at these.\n" in said


def test_rows_left_out_have_numbers_and_stand_on_the_page(library, checkpoint, tmp_path, capsys):
    with library.open("a", encoding="utf-8") as stream:
        stream.write("Is it so?,question\nIs it so?,praise\n,praise\n")
    assert call("train", "library.csv", *COLUMNS, "--checkpoint", checkpoint, "--epochs", 1) == 0
    said = capsys.readouterr().out
    twice = "2 × the same text has different labels (rows 122, 123)"
    assert f"Left out: 1 × no text, {twice}." in said
    card = (tmp_path / "library-model" / "README.md").read_text(encoding="utf-8")
    assert f"Left out: 1 × no text, {twice}." in card

    # With so few texts nobody knows whether it is of use: no threshold is advised.
    assert " --unsure 0" not in said.rpartition("Saved in")[2]
    assert re.search(r"(no better than|be told from) always saying '\w+'", said)
    assert re.search(r"(no better than|be told from) always saying '\w+'", card)


def test_a_model_that_is_never_sure_gets_a_threshold(
    library, checkpoint, tmp_path, monkeypatch, capsys
):
    """So little was learned that no answer is sure: the next line keeps half of them."""
    from course_utils.command import verdict

    monkeypatch.setattr(verdict, "verdict", lambda *_: ("It is good.", True))
    assert call("train", "library.csv", *COLUMNS, "--checkpoint", checkpoint, "--epochs", 1) == 0
    said = capsys.readouterr().out
    assert "It is good.\nNo answer on the test reached 0.8; half of them are above this" in said
    threshold = float(said.rpartition(" --unsure ")[2])
    assert 0.3 < threshold < 0.8
    words = ["predict", "library-model", "library.csv", "o.csv", "--text", "message"]
    assert call(*words, "--unsure", threshold) == 0
    assert np.mean([row[4] == "False" for row in read_csv(tmp_path / "o.csv")[1:]]) > 0.2


@pytest.mark.parametrize("names", [("Angry", "Billing"), ("no", "yes"), ("LABEL_1", "LABEL_0")])
def test_labels_with_names(names):
    assert are_named(names)


def test_labels_without_names():
    assert not are_named(("LABEL_0", "LABEL_1", "LABEL_2"))
