"""A model as one ONNX file: the same answers without torch, or no file at all."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas
import pytest
import transformers
from test_command import LABELS, make_classifier

import course_utils
from course_utils.command import export
from course_utils.command.program import main
from course_utils.errors import CourseError, DataError
from course_utils.model import onnx_file
from course_utils.model.onnx_file import export_onnx, run_onnx

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ["Login fails.", "", "Why was I billed twice? " * 40, "🙂 東京", "no"] * 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_classifier(tmp_path_factory.mktemp("models") / "tickets")


@pytest.fixture(scope="module")
def pair(folder):
    from course_utils.command import models

    return models.load_any(folder, "cpu")


@pytest.fixture(scope="module")
def file(pair, tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "tickets.onnx"
    made = export_onnx(*pair, path, TEXTS)
    assert (made.texts, made.changed) == (len(TEXTS), 0) and made.farthest < 1e-5
    assert made.megabytes == pytest.approx(path.stat().st_size / 1e6)
    return path


def test_the_file_answers_as_the_model_long_texts_and_odd_signs_too(pair, file):
    ours = course_utils.predict(*pair, TEXTS, quiet=True)
    for size in (1, 3, 32):
        assert np.abs(run_onnx(file, TEXTS, batch_size=size) - ours).max() < 1e-5
    assert len(set(ours.argmax(axis=1))) > 1  # or anything would agree


def test_the_model_is_as_it_was(pair, file):
    model, _ = pair
    assert not model.training and "forward" not in vars(model.bert.encoder.layer[-1])
    assert not list(file.parent.glob("*.part"))


def test_another_kind_of_model(tmp_path):
    from course_utils.command import models

    kind = transformers.DistilBertForSequenceClassification
    pair = models.load_any(make_classifier(tmp_path / "distil", kind=kind), "cpu")
    made = export_onnx(*pair, tmp_path / "distil.onnx", TEXTS)
    assert made.changed == 0 and made.farthest < 1e-5


LINES = (ROOT / "notebooks" / "without_torch.py").read_text(encoding="utf-8")


def test_the_lines_of_the_page_need_no_torch_and_nothing_of_this_course(pair, file, tmp_path):
    shutil.copy(file, tmp_path / "my-model.onnx")
    code = (
        LINES + "\nimport sys; print({'torch', 'transformers', 'course_utils'} & set(sys.modules))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8"
    )
    texts = ["The parcel never came.", "Thank you, all is well!"]
    best = course_utils.predict(*pair, texts, quiet=True).argmax(axis=1)
    assert ended.stdout == f"{[LABELS[number] for number in best]}\nset()\n", ended.stderr


def test_eight_bits_are_smaller_and_close(pair, file, tmp_path):
    made = export_onnx(*pair, tmp_path / "small.onnx", TEXTS, int8=True)
    assert made.megabytes < 0.6 * file.stat().st_size / 1e6
    assert 0 < made.farthest < 0.2  # not the same weights
    assert f"off by more than {made.farthest:.2g}" in str(made)


@pytest.mark.parametrize(
    ("int8", "limit", "value", "sentence"),
    [
        (False, "EXACT", 0.0, "nothing was written. This kind of model cannot be exported"),
        (True, "MOST_CHANGED", -1, "in 8 bits the model gives another label"),
    ],
)
def test_a_file_that_answers_otherwise_is_not_written(
    pair, tmp_path, monkeypatch, int8, limit, value, sentence
):
    monkeypatch.setattr(onnx_file, limit, value)
    path = tmp_path / "tickets.onnx"
    path.write_text("the old file")
    with pytest.raises(CourseError, match=f"(?i){sentence}"):
        export_onnx(*pair, path, TEXTS, int8=int8)
    assert path.read_text() == "the old file" and list(tmp_path.iterdir()) == [path]


def test_one_text_is_enough_and_no_file_beside_is_touched(pair, tmp_path):
    beside = tmp_path / "tickets.onnx.part"
    beside.write_text("mine")
    assert export_onnx(*pair, tmp_path / "tickets.onnx", TEXTS[:1]).changed == 0
    assert beside.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tickets.onnx", beside.name]


def test_what_is_no_classifier_is_refused(pair, tmp_path):
    with pytest.raises(DataError):
        export_onnx(course_utils.load_encoder(), pair[1], tmp_path / "x.onnx", TEXTS)
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_one_sentence(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(course_utils.MissingPackage, match=r"pip install .*\[scale\]"):
        run_onnx(file, TEXTS)


# --- the command ---


def test_export_by_one_line(folder, tmp_path, capsys):
    out = tmp_path / "tickets.onnx"
    lines = tmp_path / "june.csv"
    lines.write_text("id,message\n1,Login fails.\n2,No money came.\n", encoding="utf-8")
    words = ["export", str(folder), str(out), "--texts", str(lines), "--text", "message"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "Asked about 2 texts, it gives the same label each time" in said
    assert "film reviews" not in said
    assert main(words) == 1
    assert "tickets.onnx is there already" in capsys.readouterr().err
    assert main(["export", str(folder), str(tmp_path / "tickets.bin")]) == 1
    assert "let its name end with .onnx" in capsys.readouterr().err
    assert main(["export", str(folder), str(tmp_path / "no" / "x.onnx")]) == 1
    assert "make it first" in capsys.readouterr().err
    (tmp_path / "folder.onnx").mkdir()
    for more in ([], ["--overwrite"]):
        assert main(["export", str(folder), str(tmp_path / "folder.onnx"), *more]) == 1
        assert "folder.onnx' is a folder: give OUT the name of a file" in capsys.readouterr().err


def test_who_is_refused_is_told_on_what_it_was_compared(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(onnx_file, "MOST_CHANGED", -1)
    monkeypatch.setattr(export, "TEXTS", 5)
    words = ["export", str(folder), str(tmp_path / "small.onnx"), "--int8"]
    assert main(words) == 1
    said = capsys.readouterr().err
    assert "Without --texts, the file is compared on film reviews" in said
    assert said.index("Compare on your own: --texts FILE") < said.index("of 5 texts")
    (tmp_path / "mine.csv").write_text("text\nLogin fails.\nNo money came.\n", encoding="utf-8")
    assert main([*words, "--texts", str(tmp_path / "mine.csv")]) == 1
    said = capsys.readouterr().err
    assert "of 2 texts" in said and "film reviews" not in said


def test_what_it_was_compared_on_is_told(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(export, "TEXTS", 5)
    assert main(["export", str(folder), str(tmp_path / "reviews.onnx")]) == 0
    said = capsys.readouterr().out
    assert "Asked about 5 texts" in said and "These were film reviews." in said


def test_a_wrong_column_is_named_as_predict_names_it(folder, tmp_path, capsys):
    lines = tmp_path / "june.parquet"
    pandas.DataFrame({"id": [1], "message": ["Login fails."]}).to_parquet(lines)
    words = ["export", str(folder), str(tmp_path / "x.onnx"), "--texts", str(lines)]
    assert main(words) == 1
    said = capsys.readouterr().err
    assert "june.parquet has no column 'text'; its columns are 'id', 'message'." in said
    assert "--text NAME" in said and "row 1" not in said
    assert main([*words[:3], "--text", "message"]) == 1
    assert "add --texts FILE" in capsys.readouterr().err
    assert not (tmp_path / "x.onnx").exists()


def test_texts_to_compare_may_be_numbers(tmp_path):
    (tmp_path / "numbers.csv").write_text("text\n" + "".join(f"{n * 37}\n" for n in range(30)))
    texts = export.texts_to_compare(str(tmp_path / "numbers.csv"), None)
    assert texts[:3] == ["0", "37", "74"] and len(texts) == 30


def test_the_labels_travel(file):
    import onnxruntime

    about = onnxruntime.InferenceSession(str(file)).get_modelmeta().custom_metadata_map
    assert json.loads(about["labels"]) == list(LABELS)
