"""The table of passed checks: every student, every exercise, nothing lost in silence."""

import csv
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from tools import Problem, grades

ROOT = Path(__file__).resolve().parent.parent
SOLVED = ROOT / "notebooks" / "solutions"
EMPTY = ROOT / "notebooks"
TOKENIZATION, EVALUATION = "04_tokenization.ipynb", "06_evaluation.ipynb"


@pytest.fixture
def folder(tmp_path):
    """A folder for collected notebooks."""
    made = tmp_path / "collected"
    made.mkdir()
    return made


def hand_in(source, student, change=lambda notebook: None):
    """Put a notebook into a student's folder."""
    student.mkdir(exist_ok=True)
    notebook = nbformat.read(source, as_version=4)
    change(notebook)
    nbformat.write(notebook, student / source.name)


def check_of(notebook, number):
    (cell,) = (c for c in notebook.cells if grades.CHECK.findall(c.source) == [number])
    return cell


def read(folder, *switches):
    """Student -> column -> cell, of the table that the command writes."""
    out = folder.parent / "grades.csv"
    out.unlink(missing_ok=True)
    assert grades.main([str(folder), str(out), *switches]) == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        return {row.pop("student"): row for row in csv.DictReader(file)}


def test_every_exercise_of_the_course_is_known():
    found = grades.exercises_of()
    assert found["00_start_here"] == ["0.1", "0.2"] and len(found) == 10
    for name, numbers in found.items():
        lesson = (ROOT / "instructor" / "lessons" / f"{name}.py").read_text(encoding="utf-8")
        assert numbers == re.findall(r"^# ### Exercise (\d\.\d)", lesson, re.M)


def test_solved_and_empty_notebooks(folder):
    for name in (TOKENIZATION, EVALUATION):
        hand_in(SOLVED / name, folder / "anna")
        hand_in(EMPTY / name, folder / "bert")
    table = read(folder)
    numbers = ["4.1", "4.2", "6.1", "6.2", "6.3", "6.4"]
    assert list(table["anna"]) == [*numbers, "passed", "of", "notes"]
    assert [table["anna"][number] for number in numbers] == ["✔"] * 6
    assert [table["bert"][number] for number in numbers] == ["not answered"] * 6
    assert (table["anna"]["passed"], table["bert"]["passed"], table["bert"]["of"]) == (
        "6",
        "0",
        "6",
    )
    assert table["anna"]["notes"] == table["bert"]["notes"] == ""


def test_every_stored_notebook_is_read_right(folder):
    """What `check` has printed in all our notebooks is understood."""
    for path in EMPTY.glob("*.ipynb"):
        hand_in(path, folder / "empty")
        hand_in(SOLVED / path.name, folder / "solved")
    table = read(folder)
    exercises = sum(grades.exercises_of().values(), [])
    assert table["solved"]["passed"] == table["solved"]["of"] == str(len(exercises))
    open_ones = {n for n, cell in table["empty"].items() if cell == "not answered"}
    # 5.1 has a stub with a fault in it, which the check finds
    assert {n for n in table["empty"] if re.match(r"\d", n)} - open_ones <= {"5.1"}


def test_wrong_not_run_stopped_and_gone_are_told_apart(folder):
    def spoil(notebook):
        check_of(notebook, "6.1").outputs = [
            nbformat.v4.new_output("stream", text="✘ Expected 1.\n")
        ]
        check_of(notebook, "6.2").outputs = []
        check_of(notebook, "6.3").outputs = []
        before = notebook.cells[notebook.cells.index(check_of(notebook, "6.3")) - 1]
        before.outputs = [nbformat.v4.new_output("error", ename="NameError")]
        notebook.cells.remove(check_of(notebook, "6.4"))

    hand_in(SOLVED / EVALUATION, folder / "anna", spoil)
    row = read(folder)["anna"]
    assert [row[n] for n in ("6.1", "6.2", "6.3", "6.4")] == ["✘", "not run", "stopped", "no cell"]
    assert (row["passed"], row["of"], row["notes"]) == ("0", "4", "")


def test_the_marks_are_those_of_check(capsys):
    import course_utils

    for answer, mark in ((..., "not answered"), (1.0, "✘"), (0.6931, "✔")):
        course_utils.check("0.2", guessing_loss=answer)
        said = grades.SAID.findall(capsys.readouterr().out)
        assert len(said) == 1 and (said[0] == mark or mark == grades.OPEN)


def test_a_broken_notebook_gets_a_row_that_says_so(folder):
    hand_in(SOLVED / TOKENIZATION, folder / "anna")
    for name, text in (("ben", "{"), ("cleo", '{"cells": 3}'), ("dora", "[]")):
        (folder / name).mkdir()
        (folder / name / TOKENIZATION).write_text(text, encoding="utf-8")
    (folder / "emil").mkdir()
    (folder / "fritz").mkdir()
    shutil.copy(ROOT / "README.md", folder / "fritz")
    table = read(folder)
    assert list(table) == ["anna", "ben", "cleo", "dora", "emil", "fritz"]
    for name in ("ben", "cleo", "dora"):
        assert "04_tokenization.ipynb cannot be read" in table[name]["notes"]
        assert table[name]["4.1"] == "" and table[name]["passed"] == "0"
    assert table["emil"]["notes"] == "no notebook"
    assert table["fritz"]["notes"] == "README.md is no notebook"


def test_notebooks_side_by_side_and_copies(folder):
    for name in (
        f"anna_{TOKENIZATION}",
        f"ben-12-345_{TOKENIZATION}",
        "04_tokenization-cleo.ipynb",
    ):
        shutil.copy(SOLVED / TOKENIZATION, folder / name)
    shutil.copy(EMPTY / TOKENIZATION, folder / "anna_04_tokenization-1.ipynb")
    hand_in(EMPTY / TOKENIZATION, folder / "deep")
    (folder / "deep" / "part").mkdir()
    shutil.copy(SOLVED / EVALUATION, folder / "deep" / "part")
    for copies in (".ipynb_checkpoints", "__MACOSX"):
        hand_in(SOLVED / TOKENIZATION, folder / "deep" / copies)
    table = read(folder)
    assert list(table) == ["anna", "ben-12-345", "cleo", "deep"]
    assert table["anna"]["4.1"] == "✔" and "is not the only one" in table["anna"]["notes"]
    assert table["deep"]["4.1"] == "not answered" and table["deep"]["6.1"] == "✔"
    assert table["ben-12-345"]["6.1"] == ""


def test_a_notebook_of_another_course_is_named(folder):
    (folder / "anna").mkdir()
    cell = nbformat.v4.new_code_cell("print('✔ hello')")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "anna" / "other.ipynb")
    assert read(folder)["anna"]["notes"] == "other.ipynb has no exercise of this course"


def test_a_name_is_no_formula(folder):
    hand_in(SOLVED / TOKENIZATION, folder / "=1+1")
    assert list(read(folder)) == ["'=1+1"]


def notebook_of(*sources):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])


def test_run_believes_no_stored_output_and_goes_on_after_an_error(folder):
    forged = notebook_of(
        "import course_utils",
        'course_utils.check("0.2", guessing_loss=...)',
        "1 / 0",
        'course_utils.check("0.1", farthest=0.5)',
    )
    forged.cells[1].outputs = [nbformat.v4.new_output("stream", text="✔ Right.\n")]
    (folder / "anna").mkdir()
    nbformat.write(forged, folder / "anna" / "00_start_here.ipynb")
    assert read(folder)["anna"]["0.2"] == "✔"
    row = read(folder, "--run")["anna"]
    assert (row["0.2"], row["0.1"], row["notes"]) == ("not answered", "✘", "")
    kept = nbformat.read(folder / "anna" / "00_start_here.ipynb", as_version=4)
    assert kept.cells[1].outputs[0].text == "✔ Right.\n"  # what was handed in stays as it is


def test_a_kernel_that_dies_is_told(folder):
    dies = notebook_of("import os; os._exit(1)", 'import course_utils; course_utils.check("0.2")')
    (folder / "anna").mkdir()
    nbformat.write(dies, folder / "anna" / "00_start_here.ipynb")
    row = read(folder, "--run")["anna"]
    assert "killed its kernel" in row["notes"] and row["0.2"] == "not run"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "A folder and the file to write are needed: write: python course.py grades"),
        (["one"], "A folder and the file to write are needed"),
        (["one", "two", "--all"], "A folder and the file to write are needed"),
        (["missing", "two.csv"], "There is no folder .*missing"),
        (["empty", "two.csv"], "There is nothing in .*empty"),
        (["empty", "there.csv"], "there.csv is there already: name a new file"),
        (["full", "no/such/two.csv"], "two.csv cannot be written: No such file"),
    ],
)
def test_one_sentence_for_what_does_not_fit(arguments, message, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CALLED_FROM", str(tmp_path))
    (tmp_path / "empty").mkdir()
    (tmp_path / "full" / "anna").mkdir(parents=True)
    (tmp_path / "there.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(Problem, match=message):
        grades.main(arguments)
    assert (tmp_path / "there.csv").read_text(encoding="utf-8") == "mine"
