"""A slip gets one sentence, wherever it is made: figures, curves, files, cards, records."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import course_utils
from course_utils.errors import CourseError, DataError

ROOT = Path(__file__).resolve().parent.parent
SENSES = {"bank": {"money": np.ones((5, 7, 4)), "river": np.ones((5, 7, 4))}}


@pytest.fixture(scope="module")
def record():
    return course_utils.load_record("label_efficiency")


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda r: course_utils.labels_saved(r, "frozen", "tfidf", labels=2), "choose one subject"),
        (lambda r: course_utils.gain_over_draws(r, "frozen", "tfidf", 4), "choose one subject"),
        (lambda r: course_utils.seconds_to(r, accuracy=70), "expected a fraction, such as 0.70"),
        (
            lambda r: course_utils.plot_labels_saved(r, live={"headline": {}}),
            "'headline' is no subject here: choose from headlines, reviews.",
        ),
        (
            lambda r: course_utils.plot_labels_saved(r, {"headlines": {8: {"TF-IDF": 0.5}}}),
            "'TF-IDF' is no method here: choose from",
        ),
        (lambda r: course_utils.plot_by_layer({}, "x"), "one to four lines, found 0"),
        (lambda r: course_utils.plot_separation(SENSES, layer=7), "layer=7: expected 0"),
        (lambda r: course_utils.from_csv("x.csv", text=["a"]), "two different columns"),
        (lambda r: course_utils.from_csv("x.csv", text="label"), "two different columns"),
        (lambda r: course_utils.from_csv("~nobody-of-this-name/x.csv"), "x.csv'"),
    ],
)
def test_slips(record, call, sentence):
    with pytest.raises(DataError) as caught:
        call(record)
    assert sentence in str(caught.value)


def test_quote_that_is_never_closed(tmp_path):
    path = tmp_path / "open.csv"
    path.write_text('"text,label\n' + "a long text,praise\n" * 10_000, encoding="utf-8")
    with pytest.raises(DataError, match="open.csv, row 1"):
        course_utils.from_csv(path)


def test_card_wants_the_name_of_a_file():
    with pytest.raises(CourseError, match="name of a file, found 3"):
        course_utils.ModelCard.save(object(), 3)


# --- a record that is continued ---


@pytest.fixture
def recording(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [str(ROOT / "benchmarks"), *sys.path])
    import _recording

    monkeypatch.setattr(_recording.records, "FOLDER", tmp_path)
    return _recording


def test_record_goes_on_where_it_was(recording, tmp_path):
    recording.Record("seeds.py", ["seed"], steps=60).add(seed=1, loss=0.5)
    again = recording.Record("seeds.py", ["seed"], steps=60)
    assert again.has(seed=1) and not again.has(seed=0)
    again.add(seed=0, loss=0.25)
    assert pd.read_csv(tmp_path / "seeds.csv")["seed"].tolist() == [0, 1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seeds.csv", "seeds.json"]


def test_record_refuses_another_recipe(recording):
    recording.Record("seeds.py", ["seed"], steps=60).add(seed=1, loss=0.5)
    with pytest.raises(SystemExit, match="recorded with steps = 60, this is 30: move both files"):
        recording.Record("seeds.py", ["seed"], steps=30)


def test_interrupt_while_writing_keeps_the_record(recording, tmp_path, monkeypatch):
    record = recording.Record("seeds.py", ["seed"])
    record.add(seed=1, loss=0.5)
    before = (tmp_path / "seeds.csv").read_bytes()

    def stop(table, path, **options):
        Path(path).write_text("seed,lo")
        raise KeyboardInterrupt

    monkeypatch.setattr(pd.DataFrame, "to_csv", stop)
    with pytest.raises(KeyboardInterrupt):
        record.add(seed=2, loss=0.4)
    assert (tmp_path / "seeds.csv").read_bytes() == before
