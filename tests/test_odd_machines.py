"""Small, full, read-only and strange machines: the course works there, or says one sentence.

What is odd about each stands in `odd_machine.py`, and Linux itself sees to it.
"""

import os
import shlex
import shutil
import sys
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from odd_machine import (
    HOME,
    MACHINES,
    MODELS,
    NAMELESS,
    ROOT,
    Machine,
    full,
    needs_namespaces,
    read_only,
    run_on,
    stops_of,
)
from stand_in import make_checkpoint

START, TOKENS, TUNING = (
    next((ROOT / "notebooks").glob(f"{number}_*.ipynb")) for number in ("00", "04", "05")
)
NO_KERNEL = "its kernel did not start. Is the disk full that has your home folder?"
SAID = {
    # (machine, notebook): what the one cell that stops says
    ("a home without room", START): NO_KERNEL,
    ("a home without room", TOKENS): NO_KERNEL,
    ("a folder of models without room", START): "Your answers could not be kept in",
}
COLUMNS = ("--text", "text", "--label", "label")
STRANGE = 'it\'s "my" Kurs für 東京 $HOME'


@pytest.fixture(autouse=True)
def namespaces():
    needs_namespaces()


def needs_locale(name):
    if name == "Latin-1" and not shutil.which("localedef"):
        pytest.skip("this system cannot make a locale with Latin-1")


@pytest.mark.slow
@pytest.mark.parametrize("notebook", [START, TOKENS], ids=lambda path: path.stem)
@pytest.mark.parametrize("name", MACHINES)
def test_a_notebook_on_an_odd_machine(name, notebook, tmp_path):
    """Every cell runs to its end; where that cannot be, one sentence says why."""
    needs_locale(name)
    stops = stops_of(MACHINES[name], tmp_path, notebook)
    expected = SAID.get((name, notebook))
    assert len(stops) == bool(expected) and (not expected or expected in stops[0]), stops


@pytest.fixture
def two_gigabytes():
    """A machine on which a program is killed as soon as it holds more.

    (`ulimit -d` of MACHINES is stricter: it counts what torch reserves, and never touches.)
    """
    for root, limit in (("memory", "memory.limit_in_bytes"), ("", "memory.max")):
        group = Path("/sys/fs/cgroup", root, f"course-{os.getpid()}")
        try:
            group.mkdir()
            (group / limit).write_text("2000000000")
        except OSError:
            continue
        yield Machine(f"echo $$ > {group}/cgroup.procs")
        with suppress(OSError):  # a program in it may just be ending
            group.rmdir()
        return
    pytest.skip("this user may not bound the memory of a program here")


@pytest.mark.slow
def test_fine_tuning_with_2_gigabytes(two_gigabytes, tmp_path):
    """Notebook 05 trains, judges and explains; one that asks for more is killed there."""
    assert stops_of(two_gigabytes, tmp_path, TUNING) == []
    greedy = "x = bytearray(2_100_000_000); print('never said')"
    assert run_on(two_gigabytes, tmp_path, sys.executable, "-c", greedy).returncode


@pytest.mark.slow
def test_a_folder_with_a_strange_name(tmp_path):
    """Spaces, quotes, a dollar and letters that are not ASCII in the path of the course."""
    skip = shutil.ignore_patterns(".*", "__pycache__", "build", "models", "my_notebooks")
    course = shutil.copytree(ROOT, tmp_path / STRANGE, ignore=skip)
    for notebook in (START, TOKENS):
        copied = course / notebook.relative_to(ROOT)
        assert stops_of(Machine(), tmp_path / "in", copied, root=course) == []


SAVES = """import course_utils
course_utils.use(checkpoint={!r})
model, tokenizer = course_utils.load_classifier(), course_utils.load_tokenizer()
try:
    course_utils.save("mine", model, tokenizer)
    print(course_utils.load("mine")[0].num_labels, course_utils.model_folder("mine").parent)
except course_utils.CourseError as problem:
    print(problem)
"""
NOWHERE_ELSE = f"{read_only(HOME)} && {read_only(shlex.quote(str(ROOT)))}"
PLACES = {
    # what is odd, where models are kept: (lines before it, COURSE_MODELS, what is said)
    "full": (full(MODELS), None, "could not be saved (No space left on device): free some disk"),
    "read-only course": (read_only(shlex.quote(str(ROOT))), "", "2 {home}"),
    "read-only course and home": (NOWHERE_ELSE, "", "could not be saved"),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", PLACES)
def test_where_models_are_kept(what, checkpoint, tmp_path):
    """`save` by a short name: there, in the next place that one may write, or one sentence."""
    setup, place, said = PLACES[what]
    variables = {} if place is None else {"COURSE_MODELS": place}
    lines = SAVES.format(str(checkpoint))
    done = run_on(Machine(setup), tmp_path, sys.executable, "-c", lines, **variables)
    assert done.returncode == 0, done.stderr
    assert said.format(home=tmp_path / "home") in done.stdout.splitlines()[-1]


# --- the command line ---


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return make_checkpoint(tmp_path_factory.mktemp("tiny") / "tiny", with_head=False)


def table(folder):
    """A small table beside the working folder."""
    rows = [f"invoice {n} is wrong,billing\nno login for {n},login\n" for n in range(30)]
    (folder / "t.csv").write_text("text,label\n" + "".join(rows))
    return folder / "t.csv"


@pytest.mark.slow
@pytest.mark.parametrize("name", MACHINES)
def test_train_and_predict_on_an_odd_machine(name, checkpoint, tmp_path):
    """A model and answers; where OUT has no room, one sentence and no traceback."""
    needs_locale(name)
    course = (sys.executable, "-m", "course_utils")
    words = ("train", table(tmp_path), *COLUMNS, "--epochs", "1", "--checkpoint", checkpoint)
    train = run_on(MACHINES[name], tmp_path, *course, *words)
    assert "Traceback" not in train.stderr
    if name == "a working folder without room":
        assert train.returncode == 1
        assert "could not be saved (No space left on device): free some disk" in train.stderr
        return
    assert train.returncode == 0, train.stderr
    out = tmp_path / "work" / "out.csv"
    words = ("predict", tmp_path / "work" / "t-model", tmp_path / "t.csv", out)
    assert run_on(MACHINES[name], tmp_path, *course, *words).returncode == 0
    assert len(out.read_text().splitlines()) == 61


@pytest.mark.slow
def test_answers_where_there_is_no_room(checkpoint, tmp_path):
    """The disk is full while answers are written: one sentence, and what stands there stays."""
    course = (sys.executable, "-m", "course_utils")
    words = ("train", table(tmp_path), *COLUMNS, "--epochs", "1", "--checkpoint", checkpoint)
    assert run_on(Machine(), tmp_path, *course, *words).returncode == 0
    machine = Machine(f"mkdir out && {full('out')} && cd out")
    words = ("predict", tmp_path / "work" / "t-model", tmp_path / "t.csv", "answers.csv")
    done = run_on(machine, tmp_path, *course, *words)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "(No space left on device)." in done.stderr


@pytest.mark.slow
def test_too_little_memory_is_one_sentence(tmp_path):
    """The system refuses memory: the command says so, and what to make smaller."""
    words = ("-m", "course_utils", "train", table(tmp_path), *COLUMNS, "--epochs", "1")
    done = run_on(Machine("ulimit -d 700000"), tmp_path, sys.executable, *words)
    assert done.returncode == 1 and "The memory does not suffice" in done.stderr, done.stderr


# --- the commands of course.py ---


@pytest.fixture
def course(tmp_path):
    """What course.py needs of the course, with one small notebook."""
    folder = tmp_path / "course"
    shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("course.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    (folder / "notebooks").mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    nbformat.write(notebook, folder / "notebooks" / "00_small.ipynb")
    return folder


SENTENCES = {
    # what is odd, and what for: (lines before the command, the command, what is said)
    "no home, run": (NAMELESS.setup, "run", "This account has no home folder: set the variable"),
    "no home, lab": (NAMELESS.setup, "lab", "This account has no home folder: set the variable"),
    "read-only, run": (
        read_only("../course"),
        "run",
        "Nothing can be written in {}/build: Read-only file system.",
    ),
    "read-only, lab": (
        read_only("../course"),
        "lab",
        "The notebooks could not be copied: [Errno 30] Read-only file system",
    ),
    "read-only, env": (
        read_only("../course"),
        "env",
        "Nothing can be written in {} (Read-only file system): copy the course to a folder of",
    ),
    "full, run": (
        f"mkdir ../course/build && {full('../course/build')}",
        "run",
        "Nothing can be written in {}/build/run: No space left on device.",
    ),
    "full, lab": (
        f"mkdir ../course/my_notebooks && {full('../course/my_notebooks')}",
        "lab",
        "The notebooks could not be copied: [Errno 28] No space left on device",
    ),
    "full home, run": (full(HOME), "run", f"00_small, {NO_KERNEL}"),
}


RUN_FOR_LONG = ("read-only, run", "full, run", "full home, run")


@pytest.mark.parametrize(
    "odd",
    [pytest.param(odd, marks=pytest.mark.slow if odd in RUN_FOR_LONG else ()) for odd in SENTENCES],
)
def test_commands_say_one_sentence(odd, course, tmp_path):
    """`course.py env`, `run` and `lab` where nothing can be written, or where nobody is at home.

    A kernel that dies says why for itself, with its own traceback; our sentence stands below.
    """
    setup, command, sentence = SENTENCES[odd]
    program = (course / "course.py",) if command == "env" else ("-m", "tools")
    done = run_on(Machine(setup), tmp_path, sys.executable, *program, command, root=course)
    assert done.returncode == 1
    before, said, after = done.stderr.partition(sentence.format(course))
    assert said and "Traceback" not in (after if odd == "full home, run" else before + after), (
        before
    )
