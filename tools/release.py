"""Make a folder for a class: `python course.py release OUT`, and what an instructor wants besides.

OUT receives what a student needs for `python course.py env`, `lab` and `run`, and nothing else: no
solutions, lessons, tests or benchmarks. It is made from the files that git tracks, as they are now
on the disk. Further folders, beside OUT, are for the instructor alone, because they hold answers:

`--lessons 00,01,04`  OUT has these lessons only, and OUT-instructor has guide, decks and site of
                      the same choice (choice.py)
`--nbgrader`          OUT-nbgrader has an assignment for each notebook (assignments.py)
`--quizzes`           OUT-quizzes has the quizzes for a learning platform (quizzes.py)
`--colab [URL]`       OUT-colab has the notebooks for Colab and Kaggle, without answers (colab.py)
`--stripped`          OUT is for a class server: no outputs, and what a hub needs (server_folder.py)
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import nbformat

from tools import ROOT, choice
from tools.assignments import write_assignments
from tools.colab import UNKNOWN, is_notebook, known_address, write_colab_folder
from tools.lessons import BuildError, find_lessons
from tools.quizzes import write_quizzes
from tools.server_folder import REPOSITORY, make_for_server

TEMPLATES = ROOT / "instructor" / "release"
USAGE = (
    "write: python course.py release OUT [--lessons 00,01,...] [--nbgrader] [--quizzes] "
    "[--colab [URL]] [--stripped]"
)

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
    "tools/installer.py",
    "tools/lab.py",
    "tools/lab_settings.json",
    "tools/machine.py",
    "tools/my_notebooks.py",
    "tools/programs.py",
    "tools/run.py",
    "tools/runner.py",
    "tools/stick.py",
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


def write_class_folder(folder, numbers=(), root=ROOT) -> None:
    """Fill an empty folder with what students need.

    Args:
        folder: path of the folder.
        numbers: of the lessons that the class gets; none for all of them.
        root: the folder of the course.

    Raises:
        BuildError: if a tracked file is missing, or a text that is changed here reads otherwise.
    """
    gone = choice.left_out(numbers) if numbers else set()
    for name in filter(is_for_students, tracked_files(root)):
        if name.startswith("notebooks/") and Path(name).stem in gone:
            continue
        source, target = Path(root, name), Path(folder, name)
        if not source.is_file():
            raise BuildError(
                f"git tracks {name}, but it is not there: get it back with git checkout {name}, "
                "or remove it with git rm."
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
        reword(target, REWORDED.get(name, {}))
        if gone and name.startswith("notebooks/"):
            choice.unlink_page(target, gone)
    readme = class_readme(Path(root, "README.md").read_text(encoding="utf-8"))
    rows = "".join(f"^.*notebooks/{stem}[.]ipynb.*\n|" for stem in gone).rstrip("|")
    readme = re.sub(rows, "", readme, flags=re.M) if rows else readme
    Path(folder, "README.md").write_text(choice.unlink(readme, gone), encoding="utf-8")


def reword(path, sentences) -> None:
    """Change sentences in the text cells of a notebook; without any, leave the file alone.

    Args:
        path: the notebook; it is written anew.
        sentences: old sentence -> new sentence. Line breaks in the notebook do not matter.

    Raises:
        BuildError: if an old sentence does not stand in exactly one cell.
    """
    if not sentences:
        return
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


# --- the command ---


@dataclass(frozen=True)
class Wanted:
    """What the arguments ask for; `colab` is the address of the course, "" if it is not known."""

    out: str
    numbers: tuple = ()
    nbgrader: bool = False
    quizzes: bool = False
    colab: str | None = None
    stripped: bool = False


def release(wanted: Wanted) -> list[Path]:
    """Make the folders, all or none of them.

    Returns:
        The folders that were made, first the one for the class.

    Raises:
        BuildError: if a folder is there already and not empty, or cannot be filled; or if there is
            no lesson of a number.
        OSError: if it cannot be written.
    """
    out, numbers = Path(wanted.out), wanted.numbers
    lessons = find_lessons(numbers)
    makers = {out: lambda folder: write_class_folder(folder, numbers)}
    if wanted.stripped:
        makers = {out: lambda folder: write_server_folder(folder, numbers, before=out)}
    if numbers:
        makers[beside(out, "instructor")] = lambda folder: choice.write_instructor_folder(
            folder, numbers, out.name
        )
    if wanted.nbgrader:
        makers[beside(out, "nbgrader")] = lambda folder: write_assignments(folder, lessons)
    if wanted.quizzes:
        makers[beside(out, "quizzes")] = lambda folder: write_quizzes(folder, lessons)
    if wanted.colab is not None:
        stems = {lesson.stem for lesson in lessons}
        names = [name for name in tracked_files() if is_notebook(name) and Path(name).stem in stems]
        makers[beside(out, "colab")] = lambda folder: write_colab_folder(
            folder, wanted.colab, names, lambda path, name: reword(path, REWORDED.get(name, {}))
        )
    renewed = wanted.stripped and (out / REPOSITORY).is_dir()
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


def write_server_folder(folder, numbers, before) -> None:
    """Fill an empty folder with what a class server shows to all; see `make_for_server`."""
    write_class_folder(folder, numbers)
    make_for_server(folder, before)


def beside(out: Path, what: str) -> Path:
    """The folder beside that of the class."""
    return out.with_name(f"{out.name}-{what}")


def refuse_what_is_there(folder) -> None:
    """Raise a BuildError unless a release may be written there."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if os.path.lexists(folder):
        raise BuildError(
            f"{folder} exists and is not an empty folder: name a new one, or remove it."
        )


def read_arguments(arguments) -> Wanted:
    """Return what is asked for.

    A relative OUT is meant from where the user is: course.py starts us in the course's folder.

    Raises:
        BuildError: if OUT is missing, or there is more than that.
    """
    switches = {"--nbgrader": False, "--quizzes": False, "--stripped": False}
    names, numbers, colab, rest = [], (), None, list(arguments)
    while rest:
        argument = rest.pop(0)
        option, _, value = argument.partition("=")
        if argument in switches:
            switches[argument] = True
        elif option == "--lessons":
            numbers = numbers_in(value or (rest.pop(0) if rest else ""))
        elif option == "--colab":
            colab = value or (rest.pop(0) if rest and "://" in rest[0] else "")
        elif argument.startswith("-") or names:
            raise BuildError(f"{argument!r} is one argument too many: {USAGE}.")
        else:
            names.append(argument)
    if not names:
        raise BuildError(f"The folder to write is missing: {USAGE}.")
    out = os.path.join(os.environ.get("COURSE_CALLED_FROM", ""), names[0])
    chosen = {name.lstrip("-"): value for name, value in switches.items()}
    return Wanted(out, numbers, colab=colab, **chosen)


def numbers_in(value: str) -> tuple:
    """The numbers of lessons in a list such as "00,01,4", each once, in order.

    Raises:
        BuildError: if there is none.
    """
    numbers = sorted({number.strip().zfill(2) for number in value.split(",") if number.strip()})
    if not numbers:
        raise BuildError(f"--lessons needs numbers, such as 00,01,04: {USAGE}.")
    return tuple(numbers)


def main(arguments) -> int:
    """Make what the arguments ask for; return the exit status."""
    try:
        wanted = read_arguments(arguments)
        made = release(wanted)
    except (BuildError, OSError) as error:
        print(f"\nNot released: {error}", file=sys.stderr)
        return 1
    print(f"For the class: {made[0]}")
    if wanted.stripped:
        print(f"What the class's link brings: {made[0] / REPOSITORY}")
    for folder in made[1:]:
        what = "Colab and Kaggle" if folder.name.endswith("-colab") else "you, with answers"
        print(f"For {what}: {folder}")
    if wanted.colab == "" and known_address() == UNKNOWN:
        print(
            "The course's address is not known: put it into COURSE in each first cell, or add it"
            " here behind --colab, such as git+https://... of your repository."
        )
    return 0
