"""The recorded results: complete, and honest about what was not measured."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import course_utils
from course_utils import records, settings
from course_utils.errors import DamagedFile

ROOT = Path(__file__).resolve().parent.parent
NAMES = sorted(path.stem for path in records.FOLDER.glob("*.csv"))


@pytest.fixture(autouse=True)
def switch(monkeypatch):
    def choose(checkpoint):
        chosen = replace(settings.current(), checkpoint=checkpoint)
        monkeypatch.setattr(settings, "_settings", chosen)

    choose("minilm")
    return choose


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with one small record."""
    table = pd.DataFrame({"checkpoint": ["other", "minilm", "minilm"], "loss": [1.0, 2.0, 3.0]})
    table.to_csv(tmp_path / "small.csv", index=False)
    (tmp_path / "small.json").write_text('{"program": "benchmarks/small.py", "seeds": 2}')
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    return tmp_path


def test_rows_of_the_current_checkpoint(folder, switch, capsys):
    rows = course_utils.load_record("small")
    assert rows.to_dict("list") == {"checkpoint": ["minilm", "minilm"], "loss": [2.0, 3.0]}
    assert list(rows.index) == [0, 1]
    assert rows.attrs == {"program": "benchmarks/small.py", "seeds": 2}
    assert capsys.readouterr().out == ""
    switch("other")
    assert course_utils.load_record("small")["loss"].tolist() == [1.0]


def test_checkpoint_that_was_not_measured(folder, switch, capsys):
    switch("someone/tiny-bert")
    rows = course_utils.load_record("small")
    assert capsys.readouterr().out == "'small' was not measured with someone/tiny-bert.\n"
    assert len(rows) == 0
    assert list(rows.columns) == ["checkpoint", "loss"]
    assert rows.attrs["program"] == "benchmarks/small.py"


def test_unknown_record_lists_the_known_ones(folder):
    with pytest.raises(DamagedFile) as caught:
        course_utils.load_record("smal")
    assert str(caught.value) == "There is no record 'smal' in data/recorded/: it holds small."


def test_there_are_records():
    assert "slide_recipe" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_record_says_where_it_comes_from(name):
    rows = course_utils.load_record(name)
    assert len(rows) > 0
    about = rows.attrs
    assert (ROOT / about["program"]).is_file()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", about["date"])
    assert {"device", "python", "torch", "transformers"} <= set(about)
    assert about["torch"].partition("+")[2] == ""


@pytest.mark.parametrize("name", NAMES)
def test_record_is_complete(name):
    table = pd.read_csv(records.FOLDER / f"{name}.csv")
    assert not table.isna().all(axis=1).any()
    assert not table.duplicated().any()
    json.loads((records.FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def test_slide_recipe_was_recorded_with_every_seed():
    rows = course_utils.load_record("slide_recipe")
    assert rows["seed"].tolist() == list(range(rows.attrs["seeds"])) == list(range(100))
