"""The folder for a class, and the assignment for nbgrader: what is in them, and what is not."""

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

import course
from tools import __main__ as handed_on
from tools import release as build_release
from tools.lessons import BuildError, is_solution, read_lesson, student_notebook, tags_of

ROOT = Path(__file__).resolve().parent.parent

LESSON = ROOT / "instructor" / "lessons" / "07_lets_practice.py"
# Not COURSE_...: conftest.py removes the switches of whoever runs the tests.
NBGRADER_PYTHON = os.environ.get("NBGRADER_PYTHON")

pytestmark = pytest.mark.skipif(
    not shutil.which("git") or not (ROOT / ".git").exists(),
    reason="a release is made from a clone, with git",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder for a class, and beside it the one for nbgrader."""
    return build_release.release(tmp_path_factory.mktemp("release") / "class", nbgrader=True)


@pytest.fixture(scope="module")
def folder(made):
    """The folder for a class."""
    return made[0]


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def cells(path, cell_type):
    notebook = nbformat.read(path, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == cell_type]


def stripped(text):
    """The text without its indentation, so that code is found at any depth."""
    return "\n".join(line.strip() for line in text.strip().splitlines())


def everything_written(folder):
    """Name and text of each page, program and notebook cell."""
    for name in sorted(files(folder)):
        if name.endswith((".py", ".md")):
            yield name, stripped((folder / name).read_text(encoding="utf-8"))
        elif name.endswith(".ipynb"):
            for source in cells(folder / name, "code") + cells(folder / name, "markdown"):
                yield name, stripped(source)


def solutions():
    """Each solution of the lessons, with the lesson's name."""
    for lesson in sorted((ROOT / "instructor" / "lessons").glob("*.py")):
        for cell in read_lesson(lesson).cells:
            if "solution" in tags_of(cell):
                yield lesson.stem, stripped(cell.source)


# --- what is in the folder ---


def test_students_get_what_they_need_and_no_more(folder):
    names = files(folder)
    tracked = build_release.tracked_files()
    for part in ("course_utils/", "data/"):
        wanted = {name for name in tracked if name.startswith(part)}
        assert wanted and wanted == {name for name in names if name.startswith(part)}
    rest = {name for name in names if not name.startswith(("course_utils/", "data/", "notebooks/"))}
    assert rest == {
        ".gitattributes", ".gitignore", "CITATION.cff", "LICENSE", "MANIFEST.in", "README.md",
        "constraints.txt", "course.py", "environment.yml", "pyproject.toml", "setup.py",
        "tools/__init__.py", "tools/__main__.py", "tools/lab.py", "tools/lab_settings.json",
        "tools/machine.py", "tools/my_notebooks.py", "tools/programs.py", "tools/run.py",
        "tools/runner.py",
    }  # fmt: skip
    wanted = {n for n in tracked if re.fullmatch(r"notebooks/[^/]+\.(ipynb|md|py)", n)}
    assert len(wanted) >= 12 and wanted == {n for n in names if n.startswith("notebooks/")}
    assert not [name for name in names if "__pycache__" in name or "solutions" in name]


def test_files_are_the_same_but_for_what_is_said_otherwise(folder):
    for name in files(folder) - {"README.md", *build_release.REWORDED}:
        assert (folder / name).read_bytes() == (ROOT / name).read_bytes(), name


def test_no_solution_of_any_exercise_is_in_it(folder):
    written = list(everything_written(folder))
    found = list(solutions())
    assert len(found) >= 15
    for lesson, solution in found:
        for name, text in written:
            assert solution not in text, f"{name} has a solution of {lesson}: {solution}"
    for path in folder.rglob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        assert not [cell for cell in notebook.cells if "solution" in tags_of(cell)], path.name


def test_no_page_speaks_of_the_solutions_as_if_they_were_there(folder):
    for path in sorted((folder / "notebooks").iterdir()):
        texts = cells(path, "markdown") if path.suffix == ".ipynb" else [path.read_text("utf-8")]
        for text in texts:
            assert not re.search(r"\bsolutions?\b|instructor", text, re.IGNORECASE), path.name


def test_every_link_leads_to_a_file_of_the_folder(folder):
    links = 0
    for name, text in everything_written(folder):
        if name.endswith(".py"):
            continue
        targets = re.findall(r"\]\(\s*<?([^)>\s]+)", text)
        targets += re.findall(r'\b(?:href|src)="([^"]+)"', text)
        for target in targets:
            if re.match(r"https?://|mailto:|data:|#", target):
                continue
            file = (folder / name).parent / unquote(target.partition("#")[0])
            assert file.exists(), f"{name} links to {target}"
            assert file.resolve().is_relative_to(folder.resolve()), f"{name} links to {target}"
            links += 1
    assert links > 50


def test_the_readme_fits(folder):
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "<!--" not in text
    for word in ("release", "record", "bench", "GUIDE", "git clone", "course.py test"):
        assert word not in text.partition("## The notebooks")[0], word
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Start",
        "## The notebooks",
        "## Switches",
        "## Hardware and services",
        "## If something does not work",
        "## Licences",
    ]
    rows = re.findall(r"\(notebooks/(\d\d_\w+)\.ipynb\)[^|]*\| \d+ \|", text)
    assert rows == sorted(path.stem for path in (folder / "notebooks").glob("*.ipynb"))


# --- course.py there ---


@pytest.fixture
def there(folder, monkeypatch):
    """The course.py of the folder, as a module; it makes no environment."""
    spec = importlib.util.spec_from_file_location("course_of_the_class", folder / "course.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ensure_environment", lambda *_: False)
    assert folder == module.ROOT
    return module


def in_folder(folder, code):
    """Run Python there, as course.py does, and return what it prints."""
    ended = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_lab_copies_the_notebooks(folder, tmp_path):
    there = tmp_path / "class"
    shutil.copytree(folder, there)
    in_folder(there, "from tools.my_notebooks import give_notebooks; give_notebooks()")
    copies = {path.name for path in (there / "my_notebooks").iterdir()} - {".origins.json"}
    assert copies == {path.name for path in (folder / "notebooks").iterdir()}
    in_folder(there, "import tools.lab")


def test_env_and_run_find_what_they_start(there, folder, monkeypatch):
    started = []
    call = lambda *arguments, **_: started.append(arguments[:3]) or 0  # noqa: E731
    monkeypatch.setattr(there, "call_python", call)
    assert there.main(["env"]) == there.main(["run", "04"]) == there.main(["lab"]) == 0
    assert started[0][0] == "-c"
    assert started[1:] == [("-m", "tools", "run"), ("-m", "tools", "lab")]
    in_folder(folder, "import tools.__main__, tools.run, tools.lab")


NEEDS_MORE = sorted(name for name, (_, needs) in course.COMMANDS.items() if needs != ".")


@pytest.mark.parametrize("command", NEEDS_MORE)
def test_other_commands_say_one_sentence(there, command, capsys):
    assert there.main([command]) == 1
    said = capsys.readouterr().err.strip()
    assert re.fullmatch(rf"course.py: `{command}` works on the folder .* full course\.", said)


def test_every_command_works_there_or_says_why_not(there):
    assert set(course.COMMANDS) == {"env", "lab", "run", *NEEDS_MORE}


# --- what is refused ---


@pytest.mark.parametrize("taken", ["class", "class-nbgrader"])
def test_a_folder_with_something_in_it_is_left_alone(tmp_path, taken, capsys):
    mine = tmp_path / taken / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")
    assert build_release.main([str(tmp_path / "class"), "--nbgrader"]) == 1
    assert f"{taken} exists and is not an empty folder: name a new one" in capsys.readouterr().err
    assert files(tmp_path) == {f"{taken}/mine.txt"}
    assert mine.read_text(encoding="utf-8") == "mine"


def test_a_file_is_left_alone(tmp_path, capsys):
    (tmp_path / "class").write_text("mine", encoding="utf-8")
    assert build_release.main([str(tmp_path / "class")]) == 1
    assert "exists and is not an empty folder" in capsys.readouterr().err
    assert files(tmp_path) == {"class"}


def test_an_empty_folder_is_filled_and_solutions_lie_beside_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        build_release, "write_class_folder", lambda folder: (folder / "filled").touch()
    )
    (tmp_path / "class").mkdir()
    assert build_release.main(["--nbgrader", str(tmp_path / "class")]) == 0
    assert files(tmp_path) == {
        "class/filled",
        "class-nbgrader/nbgrader_config.py",
        "class-nbgrader/source/07_lets_practice/07_lets_practice.ipynb",
    }
    said = capsys.readouterr().out
    assert "For the class: " in said and "For you, with solutions: " in said


def test_what_fails_leaves_nothing_behind(tmp_path, monkeypatch, capsys):
    def fail(folder):
        (folder / "half").touch()
        raise BuildError("it failed.")

    monkeypatch.setattr(build_release, "write_nbgrader_folder", fail)
    assert build_release.main([str(tmp_path / "class"), "--nbgrader"]) == 1
    assert capsys.readouterr().err == "\nNot released: it failed.\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "The folder to write is missing: write: python course.py release OUT [--stripped] ["),
        (["--nbgrader"], "The folder to write is missing"),
        (["one", "two"], "'two' is one argument too many"),
        (["one", "--stripe"], "'--stripe' is one argument too many"),
        (["one", "--solutions"], "'--solutions' is one argument too many"),
    ],
)
def test_arguments_that_do_not_fit(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert build_release.main(arguments) == 1
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_relative_folder_is_meant_from_where_the_user_is(tmp_path, monkeypatch):
    started, made = [], []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(course, "ensure_environment", lambda *_: False)
    monkeypatch.setattr(course, "call", lambda *arguments: started.append(arguments) or 0)
    assert course.main(["release", "class", "--nbgrader"]) == 0
    [(command, variables)] = started
    assert command[1:] == ["-m", "tools", "release", "class", "--nbgrader"]

    monkeypatch.chdir(ROOT)  # where course.py starts it
    monkeypatch.setenv("COURSE_CALLED_FROM", variables["COURSE_CALLED_FROM"])
    monkeypatch.setattr(
        build_release, "release", lambda out, **how: made.append((out, how)) or [Path(out)]
    )
    assert handed_on.main(command[3:]) == 0
    assert made == [(str(tmp_path / "class"), {"nbgrader": True, "stripped": False})]


# --- where it comes from ---


@pytest.fixture
def clone(tmp_path):
    """A small clone of a course, with a file of each kind."""
    root = tmp_path / "clone"
    for name in (
        "course.py",
        "course_utils/a.py",
        "notebooks/01_a.ipynb",
        "notebooks/solutions/01_a.ipynb",
        "tests/test_a.py",
        "instructor/lessons/01_a.py",
        "benchmarks/a.py",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("committed", encoding="utf-8")
    shutil.copy(ROOT / "README.md", root)
    for arguments in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", "-C", root, *arguments], check=True, capture_output=True)
    return root


def test_only_tracked_files_come_as_they_are_now(clone, tmp_path):
    (clone / "course_utils" / "a.py").write_text("changed", encoding="utf-8")
    for name in ("course_utils/__pycache__/a.pyc", "course_utils/new.py", "models/m", "build/b"):
        (clone / name).parent.mkdir(exist_ok=True)
        (clone / name).touch()
    build_release.write_class_folder(tmp_path / "out", clone)
    assert files(tmp_path / "out") == {
        "README.md", "course.py", "course_utils/a.py", "notebooks/01_a.ipynb",
    }  # fmt: skip
    assert (tmp_path / "out" / "course_utils" / "a.py").read_text(encoding="utf-8") == "changed"


def test_a_tracked_file_that_is_gone_is_named(clone, tmp_path):
    (clone / "course_utils" / "a.py").unlink()
    with pytest.raises(BuildError, match=r"git tracks course_utils/a\.py, but it is not there"):
        build_release.write_class_folder(tmp_path / "out", clone)


def test_a_folder_that_is_no_clone_is_one_sentence(tmp_path):
    with pytest.raises(BuildError, match="git does not list the files of the course: install git"):
        build_release.tracked_files(tmp_path)


def test_a_sentence_is_changed_across_line_breaks(tmp_path):
    path = tmp_path / "a.ipynb"
    page = nbformat.v4.new_markdown_cell("Now read\nthe solutions. Good.")
    nbformat.write(nbformat.v4.new_notebook(cells=[page]), path)
    build_release.reword(path, {"read the solutions.": "think."})
    assert cells(path, "markdown") == ["Now think. Good."]
    with pytest.raises(BuildError, match=r"should say once 'read the .*change REWORDED"):
        build_release.reword(path, {"read the solutions.": "think."})


def test_a_section_that_is_gone_is_named():
    with pytest.raises(BuildError, match="README.md has no section 'The notebooks'"):
        build_release.class_readme("# Title\n")


# --- nbgrader ---


@pytest.fixture(scope="module")
def assignment(made):
    """The source notebook that nbgrader starts from."""
    path = made[1] / "source" / "07_lets_practice" / "07_lets_practice.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def by_name(notebook):
    """nbgrader's name of a cell -> the cell."""
    return {
        cell.metadata["nbgrader"]["grade_id"]: cell
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }


def solution_of(cell):
    return re.search(r"### BEGIN SOLUTION\n(.*)\n### END SOLUTION$", cell.source, re.S)[1]


def test_stub_and_solution_are_those_of_the_lesson(assignment):
    lesson = read_lesson(LESSON).cells
    answers = [cell for cell in by_name(assignment).values() if cell.metadata["nbgrader"].solution]
    stubs = [cell.source for cell in lesson if "student" in tags_of(cell)]
    assert [cell.source.partition("\n### BEGIN")[0] for cell in answers] == stubs
    wanted = [cell.source for cell in lesson if is_solution(cell)]
    assert [solution_of(cell) for cell in answers] == wanted


def test_without_solutions_and_tests_it_is_the_notebook_of_the_students(assignment):
    hidden = r"\n### BEGIN (SOLUTION|HIDDEN TESTS)\n.*\n### END \1"
    left = [
        re.sub(hidden, "", cell.source, flags=re.S)
        for cell in assignment.cells
        if not cell.metadata.get("nbgrader", {}).get("grade")
    ]
    assert left == [cell.source for cell in student_notebook(LESSON).cells]


def test_each_exercise_has_points_and_a_test_that_students_do_not_see(assignment):
    found = {}
    for cell in by_name(assignment).values():
        notes = cell.metadata["nbgrader"]
        assert notes["locked"] == notes["grade"] != notes["solution"]
        if notes["grade"]:
            seen, _, hidden = cell.source.partition("### BEGIN HIDDEN TESTS\n")
            assert all(line.startswith("# ") for line in seen.splitlines())
            (call,) = ast.parse(hidden).body
            assert ast.unparse(call.value.func) == "course_utils.require"
            found[call.value.args[0].value] = notes["points"]
    assert found == build_release.POINTS
    assert list(found) == re.findall(r"^# ### Exercise (7\.\d)", LESSON.read_text("utf-8"), re.M)


def test_nbgrader_is_no_dependency():
    for name in ("pyproject.toml", "constraints.txt", "environment.yml"):
        assert "nbgrader" not in (ROOT / name).read_text(encoding="utf-8")


def test_nbgrader_without_the_course_is_one_sentence(made):
    """Without it, all cells would fail, and everybody would get no points at all."""
    command = [sys.executable, "-I", "-S", made[1] / "nbgrader_config.py"]  # no packages
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.startswith("The course is not installed beside nbgrader")


SCORES = """
import json
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps({
        work.student.id: {grade.name: grade.score for grade in work.notebooks[0].grades}
        for work in book.assignment_submissions("07_lets_practice")
    }))
"""


@pytest.fixture
def nbgrader(made, tmp_path):
    """Runs nbgrader's Python in a copy of the instructor's folder, and returns what it prints."""
    if not NBGRADER_PYTHON:
        pytest.skip(
            "takes minutes, and needs nbgrader: set NBGRADER_PYTHON to the Python of an environment"
            ' with nbgrader and the packages of the course (instructor/GUIDE.md, "Grading")'
        )
    python = os.path.abspath(NBGRADER_PYTHON)  # of the environment: links are not followed
    shutil.copytree(made[1], tmp_path, dirs_exist_ok=True)
    variables = dict(os.environ, PYTHONPATH=str(made[0]))  # the course_utils of the release
    # nbgrader starts a program of its environment by name.
    variables["PATH"] = os.pathsep.join([os.path.dirname(python), os.environ["PATH"]])

    def run(*arguments):
        ended = subprocess.run(
            [python, *arguments], cwd=tmp_path, env=variables, capture_output=True, text=True
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run


def hand_in(folder, student, released, answers):
    """Write a released notebook with some answers filled in to where nbgrader looks for it."""
    notebook = nbformat.from_dict(json.loads(nbformat.writes(released)))
    for name, source in answers.items():
        by_name(notebook)[name].source = source
    path = folder / "submitted" / student / "07_lets_practice" / "07_lets_practice.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def test_nbgrader_makes_the_assignment_and_grades_it(nbgrader, assignment, tmp_path):
    nbgrader("-m", "nbgrader", "generate_assignment", "07_lets_practice")
    path = tmp_path / "release" / "07_lets_practice" / "07_lets_practice.ipynb"
    released = nbformat.read(path, as_version=4)
    right = {
        name: solution_of(cell)
        for name, cell in by_name(assignment).items()
        if cell.metadata["nbgrader"].solution
    }
    assert not re.search("SOLUTION|HIDDEN|require", path.read_text(encoding="utf-8"))
    for name, solution in right.items():
        assert solution not in by_name(released)[name].source
        stub = by_name(assignment)[name].source.partition("\n### BEGIN")[0]
        assert by_name(released)[name].source.rstrip() == stub

    judge = right["answer-3"]
    wrong = judge.replace("torch.softmax(logits, dim=-1)", "logits")
    assert "def judge" in judge and wrong != judge
    hand_in(tmp_path, "solved", released, right)
    hand_in(tmp_path, "stub", released, {})
    hand_in(tmp_path, "wrong", released, right | {"answer-3": wrong})
    nbgrader("-m", "nbgrader", "autograde", "07_lets_practice")
    full = {f"exercise-{n.replace('.', '-')}": p for n, p in build_release.POINTS.items()}
    assert json.loads(nbgrader("-c", SCORES)) == {
        "solved": full,
        "stub": dict.fromkeys(full, 0),
        "wrong": full | {"exercise-7-2": 0},
    }
