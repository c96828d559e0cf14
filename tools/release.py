"""Make a folder for a class: `python course.py release OUT [--stripped] [--nbgrader]`.

OUT receives what a student needs for `python course.py env`, `lab` and `run`, and nothing else: no
solutions, lessons, tests or benchmarks. It is made from the files that git tracks, as they are now
on the disk.

`--stripped` is for a class server. The notebooks of OUT have no outputs, so that nobody sees an
answer before the vote, and OUT/class_server/ holds what a hub needs: its settings, and the
notebooks as a git repository for nbgitpuller. Such an OUT may be made again; the repository then
gets one commit more, and who clicks the class's link again gets what has changed.

`--nbgrader` also makes OUT-nbgrader, which is for the instructor alone because it holds solutions:
notebook 07 as the source of an assignment, and the settings for nbgrader. nbgrader itself is not
part of the course: it switches on extensions of the Jupyter server that no student needs.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

import nbformat

from tools import ROOT
from tools.lessons import (
    LESSONS,
    BuildError,
    is_note,
    is_proof,
    is_solution,
    read_lesson,
    tags_of,
)
from tools.my_notebooks import without_outputs

TEMPLATES = ROOT / "instructor" / "release"
CLASS_SERVER = ROOT / "instructor" / "class_server"
REPOSITORY = Path("class_server", "notebooks.git")  # in the folder for a class server
USAGE = "write: python course.py release OUT [--stripped] [--nbgrader]"
OPTIONS = ("--nbgrader", "--stripped")

# What students get; here `*` stands for subfolders, too.
TAKEN = (
    ".gitattributes",
    ".gitignore",
    "CITATION.cff",
    "LICENSE",
    "MANIFEST.in",
    "constraints.txt",
    "course.py",
    "course_utils/*",
    "data/*",
    "environment.yml",
    "notebooks/*",
    "pyproject.toml",
    "setup.py",
    # what `python course.py env`, `lab` and `run` need
    "tools/__init__.py",
    "tools/__main__.py",
    "tools/lab.py",
    "tools/lab_settings.json",
    "tools/machine.py",
    "tools/my_notebooks.py",
    "tools/programs.py",
    "tools/run.py",
    "tools/runner.py",
)
LEFT_OUT = ("notebooks/solutions/*",)

# Sentences that are not true in a folder without solutions, and what stands there instead.
REWORDED = {
    "notebooks/00_start_here.ipynb": {
        "Each exercise has hints, and a solution in the notebook of the same name in the folder "
        "`solutions` (file list, at the left).": "Each exercise has two hints or more.",
        "* ask for help: `?`, `show_hint`, the solutions,": "* ask for help: `?`, `show_hint`,",
    }
}

ASSIGNMENT = "07_lets_practice"
# Points by exercise, all graded by their checks. So is the model card, 7.5: its check reads facts
# (each field has words; accuracy, interval and number of texts are those of the evaluation). No
# program can say whether the words help a stranger. For that the guide has its table of points.
POINTS = {"7.1": 4, "7.2": 2, "7.3": 2, "7.4": 2, "7.5": 2, "7.6": 2}


# --- the folder for a class ---


def tracked_files(root=ROOT) -> list[str]:
    """Return the files that git tracks, as paths from `root` with forward slashes.

    Args:
        root: the folder of the course.

    Raises:
        BuildError: if git is not installed, or the folder is not a clone of the course.
    """
    command = ["git", "-C", str(root), "ls-files", "-z"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        listed = b""
    names = sorted(set(filter(None, os.fsdecode(listed).split("\0"))))
    if "course.py" not in names:
        raise BuildError(
            "git does not list the files of the course: install git, and run this in a clone of "
            "the repository."
        )
    return names


def is_for_students(name) -> bool:
    """Whether a class gets the file of this name, a path as `tracked_files` returns it."""
    return any(fnmatch(name, pattern) for pattern in TAKEN) and not any(
        fnmatch(name, pattern) for pattern in LEFT_OUT
    )


def write_class_folder(folder, root=ROOT) -> None:
    """Fill an empty folder with what students need.

    Args:
        folder: path of the folder.
        root: the folder of the course.

    Raises:
        BuildError: if a tracked file is missing, or a text that is changed here reads otherwise.
    """
    for name in filter(is_for_students, tracked_files(root)):
        source, target = Path(root, name), Path(folder, name)
        if not source.is_file():
            raise BuildError(
                f"git tracks {name}, but it is not there: get it back with git checkout {name}, "
                "or remove it with git rm."
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
        if name in REWORDED:
            reword(target, REWORDED[name])
    readme = Path(root, "README.md").read_text(encoding="utf-8")
    Path(folder, "README.md").write_text(class_readme(readme), encoding="utf-8")


def reword(path, sentences) -> None:
    """Change sentences in the text cells of a notebook.

    Args:
        path: the notebook; it is written anew.
        sentences: old sentence -> new sentence. Line breaks in the notebook do not matter.

    Raises:
        BuildError: if an old sentence does not stand in exactly one cell.
    """
    notebook = nbformat.read(path, as_version=4)
    for old, new in sentences.items():
        pattern = r"\s+".join(map(re.escape, old.split()))
        found = [
            cell
            for cell in notebook.cells
            if cell.cell_type == "markdown" and re.search(pattern, cell.source)
        ]
        if len(found) != 1:
            raise BuildError(
                f"{path.name} should say once {old!r}, and {len(found)} cells say it: "
                "change REWORDED in tools/release.py."
            )
        found[0].source = re.sub(pattern, lambda _, new=new: new, found[0].source)
    nbformat.write(notebook, path)


def class_readme(readme) -> str:
    """Return the README of a class: our template, filled with sections of the course's README.

    Args:
        readme: text of the course's README.

    Raises:
        BuildError: if a section is missing.
    """
    template = (TEMPLATES / "README.md").read_text(encoding="utf-8")

    def section(place) -> str:
        title, only_table = place[1], place[2]
        found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", readme, re.M | re.S)
        if not found:
            raise BuildError(
                f"README.md has no section {title!r}: change instructor/release/README.md."
            )
        if only_table:
            return "".join(re.findall(r"^\|.*\n", found[1], re.M)).strip()
        return found[0].strip()

    return re.sub(r"<!-- README: (.*?)(, its table)? -->", section, template)


# --- the folder for a class server ---


def write_server_folder(folder, before=None) -> None:
    """Fill an empty folder with what a class server shows to all.

    Args:
        folder: path of the folder.
        before: the folder of an earlier release, if there is one; its history goes on.

    Raises:
        BuildError: as `write_class_folder`, and if git fails.
    """
    write_class_folder(folder)
    notebooks = Path(folder, "notebooks")
    for notebook in notebooks.glob("*.ipynb"):
        notebook.write_bytes(without_outputs(notebook.read_bytes()))
    here = Path(folder, "class_server")
    shutil.copytree(CLASS_SERVER / "for_students", here / "for_students")
    shutil.copy(CLASS_SERVER / "course_hub.py", here)
    defaults = here / "for_students" / "everybody" / "labconfig" / "default_setting_overrides.json"
    defaults.parent.mkdir()
    shutil.copy(ROOT / "tools" / "lab_settings.json", defaults)
    write_repository(Path(folder, REPOSITORY), notebooks, before and Path(before, REPOSITORY))


def write_repository(repository, notebooks, before=None) -> None:
    """Make a bare git repository of the files of a folder: one commit, after those of `before`.

    Raises:
        BuildError: if git fails.
    """
    with tempfile.TemporaryDirectory() as clone:
        work = ["-C", clone, f"--work-tree={notebooks}"]
        if before and before.is_dir():
            run_git("clone", "--quiet", "--no-checkout", str(before), clone)
        else:
            run_git("init", "--quiet", "--initial-branch=main", clone)
        run_git(*work, "add", "--all", ".")
        author = ["-c", "user.name=The course", "-c", "user.email=course@localhost"]
        # The same notebooks again are no news, but a commit all the same.
        run_git(
            *work, *author, "commit", "--quiet", "--allow-empty", "-m", "Notebooks of the class"
        )
        run_git("init", "--quiet", "--bare", "--initial-branch=main", str(repository))
        run_git("-C", clone, "push", "--quiet", str(repository), "HEAD:main")


def run_git(*arguments) -> None:
    """Run git.

    Raises:
        BuildError: with what git said, if it fails.
    """
    # Some programs, such as hooks, tell git by variables which repository is meant.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-c", "safe.directory=*", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=alone)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it did not say why"]
        raise BuildError(f"git could not make the repository of the notebooks: {said[-1]}")


# --- the assignment for nbgrader ---


def write_nbgrader_folder(folder) -> None:
    """Fill an empty folder with the assignment and the settings that nbgrader starts from."""
    source = Path(folder, "source", ASSIGNMENT, f"{ASSIGNMENT}.ipynb")
    source.parent.mkdir(parents=True)
    nbformat.write(nbgrader_notebook(LESSONS / f"{ASSIGNMENT}.py"), source)
    shutil.copy(TEMPLATES / "nbgrader_config.py", folder)


def nbgrader_notebook(lesson) -> nbformat.NotebookNode:
    """Return the source notebook of an assignment, with solutions and tests.

    Args:
        lesson: path of the lesson. Each of its checks needs an entry in POINTS.
    """
    notebook = read_lesson(lesson)
    cells, stub, answers = [], None, 0
    for cell in notebook.cells:
        if is_note(cell) or is_proof(cell):
            continue
        if "student" in tags_of(cell):
            stub = cell
        elif is_solution(cell):
            answers += 1
            cells.append(answer_cell(stub, cell, f"answer-{answers}"))
        elif "solution" not in tags_of(cell):
            cells.append(cell)
            checked = re.match(r'course_utils\.check\(\s*"([\d.]+)"', cell.source)
            if checked:
                cells.append(grading_cell(cell, checked[1]))
    notebook.cells = cells
    return notebook


def answer_cell(stub, solution, name) -> nbformat.NotebookNode:
    """Return one cell for nbgrader from the two of an exercise.

    nbgrader puts the same text in place of every solution; ours is empty (nbgrader_config.py). So
    the stub stands above the solution, which overrides it, and the stub is what remains.
    """
    source = f"{stub.source}\n### BEGIN SOLUTION\n{solution.source}\n### END SOLUTION"
    cell = nbformat.v4.new_code_cell(source, id=stub.id)
    cell.metadata["nbgrader"] = nbgrader_metadata(name, solution=True)
    return cell


def grading_cell(check, number) -> nbformat.NotebookNode:
    """Return the cell with the points of an exercise.

    The lesson's check stays in the cell above, and says to students what is wrong. What raises an
    error is hidden from them: all cells of their notebook run, solved or not.
    """
    required = check.source.replace("course_utils.check(", "course_utils.require(")
    source = (
        f"# Exercise {number}: {POINTS[number]} points. They are given when you hand this in.\n"
        f"### BEGIN HIDDEN TESTS\n{required}\n### END HIDDEN TESTS"
    )
    cell = nbformat.v4.new_code_cell(source, id=f"{check.id}-points")
    name = f"exercise-{number.replace('.', '-')}"
    cell.metadata["nbgrader"] = nbgrader_metadata(name, grade=True, points=POINTS[number])
    return cell


def nbgrader_metadata(name, solution=False, grade=False, **points) -> dict:
    """Return what nbgrader wants to know of a cell (version 3 of its format)."""
    return {
        "schema_version": 3,
        "grade_id": name,
        "cell_type": "code",
        "solution": solution,
        "grade": grade,
        "locked": grade,  # the grader's version of a test counts, whatever is handed in
        "task": False,
        **points,
    }


# --- the command ---


def release(out, nbgrader=False, stripped=False) -> list[Path]:
    """Make the folders, all or none of them.

    Args:
        out: path of the folder for the class; it must not exist, or be empty, or be an earlier
            one for a class server, if that is what is made.
        stripped: whether it is for a class server.
        nbgrader: whether to make OUT-nbgrader, too.

    Returns:
        The folders that were made.

    Raises:
        BuildError: if a folder is there already and not empty, or cannot be filled.
        OSError: if it cannot be written.
    """
    out = Path(out)
    makers = {out: partial(write_server_folder, before=out) if stripped else write_class_folder}
    if nbgrader:
        makers[out.with_name(f"{out.name}-nbgrader")] = write_nbgrader_folder
    renewed = stripped and (out / REPOSITORY).is_dir()
    for folder in makers:
        if not (renewed and folder == out):
            refuse_what_is_there(folder)
    out.parent.mkdir(parents=True, exist_ok=True)
    # An interrupt leaves no half release: each is moved to its place when all are complete.
    with tempfile.TemporaryDirectory(prefix=".release-", dir=out.parent) as drafts:
        for folder, fill in makers.items():
            Path(drafts, folder.name).mkdir()
            fill(Path(drafts, folder.name))
        for folder in makers:
            if folder.exists():
                os.replace(folder, Path(drafts, f"{folder.name}-before"))
            os.replace(Path(drafts, folder.name), folder)
    return list(makers)


def refuse_what_is_there(folder) -> None:
    """Raise a BuildError unless a release may be written there."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if os.path.lexists(folder):
        raise BuildError(
            f"{folder} exists and is not an empty folder: name a new one, or remove it."
        )


def read_arguments(arguments) -> tuple[str, set]:
    """Return OUT, and which of the options are wanted.

    A relative OUT is meant from where the user is: course.py starts us in the course's folder.

    Raises:
        BuildError: if OUT is missing, or there is more than that.
    """
    options = [argument for argument in arguments if argument.startswith("-")]
    names = [argument for argument in arguments if not argument.startswith("-")]
    unknown = [option for option in options if option not in OPTIONS] + names[1:]
    if unknown:
        raise BuildError(f"{unknown[0]!r} is one argument too many: {USAGE}.")
    if not names:
        raise BuildError(f"The folder to write is missing: {USAGE}.")
    return os.path.join(os.environ.get("COURSE_CALLED_FROM", ""), names[0]), set(options)


def main(arguments) -> int:
    """Make what the arguments ask for; return the exit status."""
    try:
        out, options = read_arguments(arguments)
        made = release(out, nbgrader="--nbgrader" in options, stripped="--stripped" in options)
    except (BuildError, OSError) as error:
        print(f"\nNot released: {error}", file=sys.stderr)
        return 1
    print(f"For the class: {made[0]}")
    if "--stripped" in options:
        print(f"What the class's link brings: {made[0] / REPOSITORY}")
    for folder in made[1:]:
        print(f"For you, with solutions: {folder}")
    return 0
