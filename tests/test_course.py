"""course.py, and what it hands on to: tools/run.py, record.py, lab.py, my_notebooks.py.

Making a real environment takes minutes, so pip and venv are stood in for by a function that notes
what it was asked; everything else is real.
"""

import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import course
from tools import __main__ as handed_on
from tools import browser, build, lab, my_notebooks, programs, record, site, slides, stick
from tools import run as run_notebooks

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CONSTRAINTS = [
    line
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
GOOD_PYTHON = {
    "path": sys.executable,
    "version": "3.11",
    "bits": 64,
    "build": "linux-x86_64",
    "system": "Linux",
    "machine": "x86_64",
    "macos": "",
    "venv": True,
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty copy of the project's folder that course.py takes for its own."""
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    for _, name in course.COMMANDS.values():
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "lab_settings.json", tmp_path / "tools")
    for module in (browser, programs, record):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(course, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(course, "STAMP", tmp_path / ".venv" / "course.json")
    monkeypatch.setattr(course, "find_python", lambda: GOOD_PYTHON)
    monkeypatch.setenv("COURSE_INSTALLER", "pip")  # tests/test_installer.py is about uv
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 0, 1e11))
    return tmp_path


@pytest.fixture
def calls(folder, monkeypatch):
    """What would have been run, in words; `calls.codes` says how the next ones shall end."""

    class Calls(list):
        codes = []

    calls = Calls()

    def call(command, variables):
        calls.append(" ".join(map(str, command)))
        if "--clear" in command:
            course.venv_python().parent.mkdir(parents=True, exist_ok=True)
            course.venv_python().touch()
        return calls.codes.pop(0) if calls.codes else 0

    monkeypatch.setattr(course, "call", call)
    monkeypatch.setattr(programs, "call", call)
    return calls


# --- the lists of dependencies ---


def test_course_names_the_pythons_that_pyproject_allows():
    allowed = SpecifierSet(PYPROJECT["requires-python"])
    minors = [f"3.{minor}" for minor in range(8, 30)]
    assert tuple(minor for minor in minors if f"{minor}.9" in allowed) == course.PYTHONS


OLD_READS = (
    "course.py",
    "tools/__init__.py",
    "tools/installer.py",
    "tools/machine.py",
    "tools/programs.py",
    "tools/stick.py",
)


@pytest.mark.parametrize("name", OLD_READS)
def test_an_old_python_can_read_course(name):
    source = (ROOT / name).read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 6))
    imported = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import)
        for alias in node.names
    }  # fmt: skip
    assert imported <= sys.stdlib_module_names
    inside = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert inside <= {"pathlib", *(n.removesuffix(".py").replace("/", ".") for n in OLD_READS)} | {
        "tools"
    }
    # An old Python computes annotations when it defines a function, and fails at `list[str]`.
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert not [f.name for f in functions if f.returns or any(a.annotation for a in f.args.args)]


@pytest.mark.skipif(os.name == "nt", reason="old Pythons have other names there")
@pytest.mark.parametrize("minor", range(6, 11))
def test_an_old_python_gets_one_sentence(minor, tmp_path):
    """Where there is one; elsewhere the test above has to do."""
    old = shutil.which(f"python3.{minor}")
    if not old or subprocess.run([old, "-c", ""], capture_output=True).returncode:
        pytest.skip(f"there is no Python 3.{minor} here")
    old = subprocess.check_output([old, "-c", "import sys; print(sys.executable)"], text=True)
    ended = subprocess.run(
        [old.strip(), ROOT / "course.py", "lab"],
        env={"PATH": str(tmp_path)},  # no other Python on it
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"\ncourse.py: This is Python 3.{minor}, and the course needs")


def test_constraints_are_exact_and_fit_every_machine():
    for line in CONSTRAINTS:
        assert re.fullmatch(r"[\w.-]+==[\w.]+", line), f"constraints.txt: {line}"


def test_every_dependency_has_a_tested_version_within_its_bounds():
    tested = {
        re.sub(r"[-_.]+", "-", name).lower(): version
        for name, version in (line.split("==") for line in CONSTRAINTS)
    }
    extras = PYPROJECT["optional-dependencies"]
    for text in sum(extras.values(), PYPROJECT["dependencies"]):
        wanted = Requirement(text)
        if wanted.name == PYPROJECT["name"]:  # "and what this other set has"
            assert wanted.extras <= set(extras)
            continue
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        assert tested[name] in wanted.specifier, text
        assert any(s.operator in ("<", "==") for s in wanted.specifier), f"{text}: no upper bound"


def names(requirements):
    return {Requirement(text).name for text in requirements} - {PYPROJECT["name"]}


def test_a_student_gets_no_tools_of_developers():
    extras = PYPROJECT["optional-dependencies"]
    student = names(PYPROJECT["dependencies"])
    for tool in ("sphinx", "playwright", "ruff", "jupytext", "nbval", "pytest"):
        assert tool in names(sum(extras.values(), [])) - student
    binder = (ROOT / "environment.yml").read_text("utf-8")
    assert "- -e .[notebooks]" in binder and names(extras["notebooks"]) >= {"pytest", "nbval"}


def test_each_set_holds_the_one_before():
    extras = PYPROJECT["optional-dependencies"]
    for smaller, larger in zip(("notebooks", "test"), course.SETS[1:], strict=True):
        assert f"{PYPROJECT['name']}[{smaller}]" in extras[larger]


def test_torch_requirement_is_the_one_of_pyproject():
    assert course.torch_requirement() in PYPROJECT["dependencies"]


# --- which Python ---


def test_the_running_python_is_described():
    found = course.probe([sys.executable])
    assert found["version"] == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert found["bits"] == 64


def test_a_program_that_is_no_python_is_no_answer():
    assert course.probe(["no-such-python"]) is None
    assert course.probe([sys.executable, "--no-such-option"]) is None


def test_a_wrong_python_is_replaced_by_a_right_one_on_the_path(monkeypatch, capsys):
    answers = {sys.executable: {**GOOD_PYTHON, "version": "3.14"}, "python3.12": None}
    answers["python3.13"] = {**GOOD_PYTHON, "version": "3.13", "path": "/usr/bin/python3.13"}
    monkeypatch.setattr(course, "probe", lambda command: answers[command[0]])
    monkeypatch.setattr(course, "installed_pythons", lambda: [["python3.12"], ["python3.13"]])
    assert course.find_python()["path"] == "/usr/bin/python3.13"
    assert "This is Python 3.14; the course uses /usr/bin/python3.13." in capsys.readouterr().out


def test_no_suitable_python_is_one_sentence(monkeypatch):
    monkeypatch.setattr(course, "probe", lambda command: {**GOOD_PYTHON, "version": "3.9"})
    with pytest.raises(course.Problem, match=r"This is Python 3\.9.*3\.11 to 3\.13.*Install"):
        course.find_python()


def test_a_python_that_does_not_answer_is_passed_over(monkeypatch, capsys):
    other = {**GOOD_PYTHON, "path": "/usr/bin/python3.12", "version": "3.12"}
    monkeypatch.setattr(course, "probe", lambda command: other if "3.12" in command[0] else None)
    monkeypatch.setattr(course, "installed_pythons", lambda: [["python3.12"]])
    assert course.find_python() == other
    assert "does not answer; the course uses /usr/bin/python3.12." in capsys.readouterr().out
    monkeypatch.setattr(course, "installed_pythons", lambda: [])
    with pytest.raises(course.Problem, match=r"does not answer, and the course needs.*Install"):
        course.find_python()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bits": 32, "build": "win32"}, r"win32.*Install the 64-bit"),
        ({"build": "win-arm64", "system": "Windows"}, r"win-arm64.*Install the 64-bit"),
        ({"venv": False}, r"sudo apt install python3\.11-venv"),
        ({"system": "Darwin", "machine": "arm64", "macos": "13.6"}, r"macOS 13\.6.*macOS 14"),
    ],
)
def test_what_pytorch_cannot_run_on_is_said_first(change, message):
    with pytest.raises(course.Problem, match=message):
        course.check_python({**GOOD_PYTHON, **change})


@pytest.mark.parametrize(
    ("translated", "message"), [(b"0\n", "another computer"), (b"1\n", "Apple silicon")]
)
def test_intel_mac(monkeypatch, translated, message):
    answer = subprocess.CompletedProcess([], 0, stdout=translated)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)
    with pytest.raises(course.Problem, match=message):
        course.check_python(
            {**GOOD_PYTHON, "system": "Darwin", "machine": "x86_64", "macos": "15.1"}
        )


def test_a_half_made_environment_makes_room(folder, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 2.5e9))
    with pytest.raises(course.Problem, match="2.5 GB are free"):
        course.check_disk(folder, course.VENV, nvidia=False)
    course.VENV.mkdir(exist_ok=True)
    with open(course.VENV / "torch.whl", "wb") as file:
        file.truncate(1_000_000_000)  # takes no room in truth
    course.check_disk(folder, course.VENV, nvidia=False)


@pytest.mark.parametrize(
    ("platform", "index", "free", "message"),
    [
        ("linux", "", 8.5, r"8\.5 GB are free.*needs 9 GB.*add --torch-index.*run this again"),
        ("linux", "https://example.org/cpu", 1.5, r"1\.5 GB are free.*needs 3 GB"),
        ("linux", "https://example.org/cpu", 8.5, None),
        ("darwin", "", 1.5, r"1\.5 GB are free.*needs 3 GB\. Free some room; then run"),
        ("darwin", "", 8.5, None),
    ],
)
def test_a_full_disk_is_said_first(folder, calls, monkeypatch, platform, index, free, message):
    """NVIDIA's libraries, which come with PyTorch's default build for Linux, need room as well."""
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, free * 1e9))
    if message is None:
        assert course.ensure_environment(index)
    else:
        with pytest.raises(course.Problem, match=message):
            course.ensure_environment(index)
        assert not calls


# --- the environment ---


def installed(call):
    """The set of packages that pip was asked for; "student" if no more than those."""
    found = re.search(rf"-e {re.escape(str(course.ROOT))}(?:\[(\w+)\])?$", call)
    return found and (found[1] or "student")


def test_a_second_start_installs_nothing(calls):
    assert course.ensure_environment()
    assert [("--clear" in calls[0]), installed(calls[1])] == [True, "student"]
    assert "constraints.txt" in calls[1] and len(calls) == 2
    assert not course.ensure_environment()
    assert len(calls) == 2


def test_what_is_needed_is_added_once_and_nothing_is_taken_away(calls, capsys):
    for command, adds in (
        (["lab"], "student"),
        (["run", "04"], None),
        (["test"], "test"),
        (["test"], None),
        (["lab"], None),
        (["site"], "dev"),
        (["test", "--all"], None),
        (["env"], None),
    ):
        calls.clear()
        assert course.main(command) == 0
        assert [installed(call) for call in calls if "install" in call] == ([adds] if adds else [])
    said = capsys.readouterr().out
    assert said.count("Adding what the tests need to .venv: only this once") == 1
    assert said.count("Adding what all commands need to .venv") == 1


def test_a_wrong_word_is_refused_before_anything_is_installed(monkeypatch, capsys):
    monkeypatch.setattr(course, "ensure_environment", lambda *_: pytest.fail("it installs"))
    assert course.main(["env", "--al"]) == 1
    assert "takes no '--al'" in capsys.readouterr().err


def test_the_tests_run_in_two_workers_unless_told_otherwise(monkeypatch):
    """pytest takes the last of several -n."""
    calls = []
    monkeypatch.setattr(course, "call_python", lambda *given, **_: calls.append(given) or 0)
    course.test(["-k", "settings", "-n", "0"])
    course.test(["--all"])
    pytest_with_workers = ("-m", "pytest", *course.WORKERS)
    assert calls[0] == (*pytest_with_workers, "-k", "settings", "-n", "0")
    assert calls[1] == (*pytest_with_workers, "-m", "")
    assert calls[2] == ("-m", "tools", "test-browser")  # handed on


@pytest.mark.parametrize("command", [["env", "--all"], ["test", "--all"], ["build"]])
def test_everything_can_be_prepared_at_once(calls, command):
    assert course.main(command) == 0
    assert [installed(call) for call in calls if "install" in call] == ["dev"]
    calls.clear()
    for later in (["env"], ["lab"], ["test"], ["build"]):
        assert course.main(later) == 0
    assert not [call for call in calls if "install" in call]


def test_an_update_keeps_what_had_been_added(folder, calls):
    course.ensure_environment(wanted="test")
    (folder / "constraints.txt").write_text("something==1\n", encoding="utf-8")
    calls.clear()
    assert course.ensure_environment()
    assert installed(calls[0]) == "test"
    calls.clear()
    course.ensure_environment("https://example.org/cpu")  # a new environment, with the same in it
    assert installed(calls[-1]) == "test"


def test_an_environment_from_before_there_were_sets_has_everything(calls):
    course.ensure_environment()
    stamp = json.loads(course.STAMP.read_text("utf-8"))
    del stamp["set"]
    course.STAMP.write_text(json.dumps(stamp | {"fingerprint": "old"}), encoding="utf-8")
    calls.clear()
    assert course.ensure_environment()
    assert [installed(call) for call in calls] == ["dev"]


def test_lab_still_works_where_nothing_could_be_added(calls):
    course.ensure_environment()
    calls.codes = [1]  # pip, without a network
    assert course.main(["test"]) == 1
    calls.clear()
    assert course.main(["lab"]) == 0
    assert not [call for call in calls if "install" in call]


def test_new_dependencies_are_installed_into_what_is_there(folder, calls):
    course.ensure_environment()
    with open(folder / "constraints.txt", "a", encoding="utf-8") as file:
        file.write("something==1\n")
    calls.clear()
    assert course.ensure_environment()
    assert len(calls) == 1 and installed(calls[0]) == "student"


def test_line_ends_of_windows_are_no_change(folder):
    before = course.fingerprint()
    for name in ("pyproject.toml", "constraints.txt"):
        text = (folder / name).read_bytes()
        (folder / name).write_bytes(text.replace(b"\n", b"\r\n"))
    assert course.fingerprint() == before


@pytest.mark.parametrize(
    ("code", "error"), [(1, course.Problem), (2, course.Problem), (130, KeyboardInterrupt)]
)
def test_a_first_installation_that_failed_starts_afresh(calls, code, error):
    calls.codes = [0, code]
    with pytest.raises(error):
        course.ensure_environment()
    assert not course.STAMP.exists()
    calls.clear()
    course.ensure_environment()
    assert "--clear" in calls[0]


@pytest.mark.parametrize(("code", "afresh"), [(1, False), (130, True)])
def test_an_update_that_failed_keeps_what_worked_unless_it_was_interrupted(
    folder, calls, code, afresh
):
    course.ensure_environment()
    (folder / "constraints.txt").write_text("something==1\n", encoding="utf-8")
    calls.clear()
    calls.codes = [code]
    with pytest.raises((course.Problem, KeyboardInterrupt)):
        course.ensure_environment()
    calls.clear()
    course.ensure_environment()
    assert ("--clear" in calls[0]) == afresh


def test_a_locked_folder_is_one_sentence(calls):
    calls.codes = [1]
    with pytest.raises(course.Problem, match="still running"):
        course.ensure_environment()


def test_torch_comes_from_its_index_and_the_index_is_remembered(folder, calls):
    course.ensure_environment("https://example.org/cpu")
    assert "--no-deps --index-url https://example.org/cpu torch==" in calls[1]
    assert installed(calls[2]) == "student" and "example.org" not in calls[2]
    assert not course.ensure_environment()
    assert not course.ensure_environment("https://example.org/cpu")
    calls.clear()
    assert course.ensure_environment("https://example.org/other")
    assert "--clear" in calls[0]


@pytest.fixture
def from_stick(folder, monkeypatch):
    """A folder of wheels that would pass, and what it was asked for."""
    asked = []
    monkeypatch.setattr(stick, "check", lambda *given: asked.append(given))
    (folder / "wheelhouse.json").write_text(
        json.dumps({"fingerprint": course.fingerprint(), "complete": {}}), encoding="utf-8"
    )
    return asked


def test_from_a_folder_nothing_asks_for_a_network_then_or_later(
    calls, folder, from_stick, monkeypatch
):
    variables = []
    call = course.call
    monkeypatch.setattr(course, "call", lambda *given: variables.append(given[1]) or call(*given))
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example.org")
    monkeypatch.chdir(folder.parent)
    assert course.main(["env", "--from", folder.name, "--torch-index", "https://x.org"]) == 0
    assert from_stick == [(str(folder), GOOD_PYTHON, course.fingerprint())]
    (pip,) = [call for call in calls if "install" in call]
    assert f"--no-index --find-links {folder / 'wheels'} -c" in pip and "x.org" not in pip
    assert "PIP_INDEX_URL" not in variables[1] and variables[1]["PIP_CONFIG_FILE"] == os.devnull
    assert json.loads(course.STAMP.read_text("utf-8"))["from"] == str(folder)
    calls.clear()
    for command in (["lab"], ["run", "04"], ["lab", "--from", folder.name]):
        assert course.main([*command, "--torch-index", "https://x.org"]) == 0
    assert not [call for call in calls if "install" in call]
    assert variables[-1]["PIP_INDEX_URL"] == "https://mirror.example.org"  # only once without


def test_an_update_comes_from_the_folder_again_if_it_still_fits(calls, folder, from_stick):
    assert course.main(["env", "--from", str(folder)]) == 0
    with open(folder / "constraints.txt", "a", encoding="utf-8") as file:
        file.write("something==1\n")
    calls.clear()
    listed = json.dumps({"fingerprint": course.fingerprint(), "complete": {}})
    (folder / "wheelhouse.json").write_text(listed, encoding="utf-8")
    assert course.main(["lab"]) == 0 and "--no-index" in calls[0]
    with open(folder / "constraints.txt", "a", encoding="utf-8") as file:
        file.write("more==1\n")  # now the folder is of an earlier version
    calls.clear()
    assert course.main(["lab"]) == 0 and "--no-index" not in calls[0]


@pytest.mark.parametrize("command", [["test"], ["env", "--all"], ["site"]])
def test_a_folder_has_no_tools_for_instructors(calls, folder, from_stick, command, capsys):
    assert course.main([*command, "--from", str(folder)]) == 1
    assert "has what students need, and no more" in capsys.readouterr().err
    assert not calls


def test_a_folder_that_does_not_fit_changes_nothing(calls, folder, capsys):
    assert course.main(["lab", "--from", str(folder / "no_stick")]) == 1
    assert "no_stick is not a folder of wheels" in capsys.readouterr().err
    assert not calls and not course.VENV.exists()


@pytest.mark.parametrize(("code", "afresh"), [(1, False), (2, False), (130, True)])
def test_uv_makes_it_where_it_is_and_says_so_when_it_fails(
    calls, folder, monkeypatch, code, afresh, capsys
):
    monkeypatch.setenv("COURSE_INSTALLER", "uv")
    monkeypatch.setattr(shutil, "which", lambda name: f"/there/{name}")
    assert course.main(["env"]) == 0
    assert calls[0].startswith("/there/uv venv ") and calls[1].startswith("/there/uv pip install")
    assert "with Python 3.11 and uv" in capsys.readouterr().out
    calls.clear()
    calls.codes = [code]
    (folder / "constraints.txt").write_text("something==1\n", encoding="utf-8")
    assert course.main(["lab"]) == (130 if code == 130 else 1)
    if code != 130:
        assert "or with COURSE_INSTALLER=pip to let pip install" in capsys.readouterr().err
    calls.clear()
    assert course.main(["lab"]) == 0
    assert ("--clear" in calls[0]) == afresh


@pytest.mark.parametrize(
    "stamp", ["", "[]", "{}", '{"root": "/elsewhere", "torch_index": ""}', "other set"]
)
def test_a_moved_or_damaged_environment_is_made_afresh(calls, stamp):
    course.ensure_environment()
    if stamp == "other set":
        stamp = course.STAMP.read_text("utf-8").replace("student", "nonsense")
    course.STAMP.write_text(stamp, encoding="utf-8")
    calls.clear()
    assert course.ensure_environment()
    assert "--clear" in calls[0]


def test_an_environment_whose_python_is_gone_is_made_afresh(calls):
    course.ensure_environment()
    course.venv_python().unlink()
    calls.clear()
    assert course.ensure_environment()
    assert "--clear" in calls[0]


def test_jupyterlab_is_told_not_to_ask_for_news(calls):
    course.ensure_environment()
    [settings] = course.VENV.glob("share/jupyter/lab/settings/overrides.d/*.json")
    values = json.loads(settings.read_text("utf-8"))
    assert values["@jupyterlab/apputils-extension:notification"] == {
        "fetchNews": "false",
        "checkForUpdates": False,
    }
    assert "Markdown Preview" in str(values["@jupyterlab/docmanager-extension:plugin"])


# --- running things ---


def test_variables_that_lead_outside_do_not_reach_the_environment(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    variables = course.environment(COURSE_DEVICE="cpu")
    assert "PYTHONPATH" not in variables and variables["COURSE_DEVICE"] == "cpu"
    assert variables["PATH"].split(os.pathsep)[0] == str(course.venv_python().parent)


@pytest.mark.parametrize(("own", "expected"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_kernels_inherit_threads_that_sleep_while_they_wait(monkeypatch, own, expected):
    """A notebook that imports torch before course_utils has them, too."""
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    if own:
        monkeypatch.setenv("OMP_WAIT_POLICY", own)
    assert course.environment()["OMP_WAIT_POLICY"] == expected


def test_a_pip_conf_with_user_does_not_break_the_environment(tmp_path, monkeypatch):
    """The real pip in a real, small environment: without our variable it refuses to install."""
    monkeypatch.setattr(course, "VENV", tmp_path / ".venv")
    subprocess.run([sys.executable, "-m", "venv", course.VENV], check=True)
    (tmp_path / "pip.conf").write_text("[install]\nuser = true\n", encoding="utf-8")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "pyproject.toml").write_text(SMALLEST_PROJECT, encoding="utf-8")
    (tmp_path / "here" / "backend.py").write_text(SMALLEST_BACKEND, encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_USER", "1")
    pip = [str(course.venv_python()), "-m", "pip", "install", "--no-index", tmp_path / "here"]
    assert subprocess.run(pip, capture_output=True).returncode
    assert course.call(list(map(str, pip)), course.environment()) == 0
    where = "import smallest, sys; print(smallest.__file__.startswith(sys.prefix))"
    ended = subprocess.run([course.venv_python(), "-c", where], capture_output=True, text=True)
    assert ended.stdout == "True\n"


# A package that can be installed without a network: its backend needs nothing.
SMALLEST_PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
SMALLEST_BACKEND = """\
import zipfile, os

def build_wheel(folder, settings=None, metadata=None):
    about = "smallest-1.dist-info"
    with zipfile.ZipFile(os.path.join(folder, "smallest-1-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("smallest.py", "")
        for name, text in {
            "METADATA": "Metadata-Version: 2.1\\nName: smallest\\nVersion: 1\\n",
            "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
            "RECORD": "",
        }.items():
            wheel.writestr(f"{about}/{name}", text)
    return "smallest-1-py3-none-any.whl"
"""


@pytest.mark.parametrize(("code", "status"), [("raise SystemExit(3)", 3), ("pass", 0)])
def test_exit_status_passes_through(code, status):
    assert course.call([sys.executable, "-c", code], dict(os.environ)) == status


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals between processes")
def test_a_killed_program_has_the_status_that_shells_give_it():
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert course.call([sys.executable, "-c", code], dict(os.environ)) == 128 + signal.SIGKILL


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals between processes")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_stops_the_program_without_a_traceback_of_ours(name):
    child = "import time; print('started', flush=True); time.sleep(60)"
    call = f"course.call([sys.executable, '-c', {child!r}], dict(os.environ))"
    # Where the tests run in the background, Ctrl-C may be ignored: then our program has to hear it.
    hear = "signal.signal(signal.SIGINT, signal.default_int_handler)"
    parent = f"import course, os, signal, sys; {hear}; sys.exit({call})"
    process = subprocess.Popen(
        [sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout.readline() == "started\n"
    if name == "SIGINT":  # a terminal sends Ctrl-C to both
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.terminate()
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 128 + signal.Signals[name]
    assert "course.py" not in errors  # the child may say what it likes


# --- commands ---


@pytest.fixture
def ready(calls):
    """As `calls`, with the environment made."""
    course.ensure_environment(wanted="dev")
    calls.clear()
    return calls


WORKERS = " ".join(course.WORKERS)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["test", "-k", "tokenizer", "tests/test_course.py"],
            f"-m pytest {WORKERS} -k tokenizer tests/",
        ),
        (["test", "--all", "-x"], f"-m pytest {WORKERS} -m  -x"),
        (["build", "05"], "-m tools build 05"),
        (["run", "5"], "-m tools run 5"),
        (["timings", "03", "08"], "-m tools timings 03 08"),
        (["lab", "--port", "9000"], "-m tools lab --port 9000"),
    ],
)
def test_arguments_are_handed_on(ready, folder, arguments, expected):
    assert course.main(arguments) == 0
    assert expected in ready[0]


@pytest.mark.parametrize("command", sorted(set(course.COMMANDS) - {"env", "test"}))
def test_what_is_handed_on_has_its_module(command):
    assert (ROOT / "tools" / f"{handed_on.MODULES.get(command, command)}.py").is_file()


def test_all_tests_end_in_the_browser_unless_one_failed(ready):
    assert course.main(["test", "--all"]) == 0
    assert ready[1].endswith("-m tools test-browser") and len(ready) == 2
    ready.clear()
    ready.codes = [1]
    assert course.main(["test", "--all"]) == 1
    assert len(ready) == 1


def test_the_first_fault_in_the_browser_ends_it(ready, folder):
    (folder / "tests" / "browser").mkdir(parents=True)
    for name in ("_chromium.py", "slides.py", "smoke.py"):
        (folder / "tests" / "browser" / name).touch()
    assert handed_on.main(["test-browser"]) == 0
    assert [Path(call.split()[-1]).name for call in ready] == ["slides.py", "smoke.py"]
    ready.clear()
    ready.codes = [1]
    assert handed_on.main(["test-browser"]) == 1
    assert len(ready) == 1


def test_slides_and_site_follow_a_build(monkeypatch, capsys):
    done, codes = [], {}
    for name, module in (("slides", slides), ("site", site)):
        answer = lambda given, name=name: done.append((name, given)) or codes.get(name, 0)  # noqa: E731
        monkeypatch.setattr(module, "main", answer)
    monkeypatch.setattr(build.headers, "refresh", lambda lesson, row: done.append("header"))
    monkeypatch.setattr(build, "rewrite_text", lambda lesson: done.append(lesson.name[:2]))
    assert build.main(["--text", "05"]) == 0
    assert done == ["header", "05", ("slides", ["05"]), ("site", [])]
    codes["site"] = 1
    assert build.main(["--text", "05"]) == 1
    assert "only the site waits" in capsys.readouterr().err
    codes["slides"] = 1
    done.clear()
    assert build.main(["--text", "05"]) == 1
    assert done == ["header", "05", ("slides", ["05"])]
    done.clear()
    assert build.main(["--text", "77"]) == 1
    assert done == []


def test_record_lists_the_experiments(ready, folder, capsys):
    (folder / "benchmarks" / "slide_seeds.py").touch()
    assert handed_on.main(["record", "nonsense"]) == 1
    assert "slide_seeds" in capsys.readouterr().err
    ready.codes = [5]
    assert handed_on.main(["record", "slide_seeds"]) == 5
    assert "benchmarks/slide_seeds.py" in ready[0]


def test_record_without_a_name_makes_all_records_and_then_the_results(ready, folder, capsys):
    for name in ("_shared", "articles", "results", "zebra"):
        about = f"What {name} measures.\n\nTakes about ten\nminutes. Writes a file."
        (folder / "benchmarks" / f"{name}.py").write_text(f'"""{about}"""\n')
    assert handed_on.main(["record"]) == 0
    programs = [re.search(r"benchmarks/(\w+)\.py", command)[1] for command in ready]
    assert programs == ["articles", "zebra", "results"]
    assert "zebra: Takes about ten minutes. Ctrl-C stops it" in capsys.readouterr().out


def test_another_checkpoint_has_no_record_of_what_only_minilm_does(
    ready, folder, monkeypatch, capsys
):
    for name in ("articles", *record.ABOUT_MINILM):
        assert (ROOT / "benchmarks" / f"{name}.py").is_file()
        (folder / "benchmarks" / f"{name}.py").touch()
    monkeypatch.setenv("COURSE_CHECKPOINT", "bert-base-uncased")
    assert handed_on.main(["record"]) == 0
    assert [command.split("/")[-1] for command in ready] == ["articles.py"]
    assert handed_on.main(["record", "masked_lm"]) == 1
    assert "no experiment 'masked_lm' with bert-base-uncased" in capsys.readouterr().err
    monkeypatch.delenv("COURSE_CHECKPOINT")
    assert handed_on.main(["record", "masked_lm"]) == 0


def test_every_experiment_says_how_long_it_takes():
    for program in (ROOT / "benchmarks").glob("[!_]*.py"):
        assert record.expected_time(program).startswith("Takes "), program.name


def test_env_takes_no_arguments(ready, capsys):
    assert course.main(["env", "now"]) == 1
    assert "'now'" in capsys.readouterr().err


def test_an_unknown_command_names_the_known_ones(capsys):
    with pytest.raises(SystemExit) as stop:
        course.main(["start"])
    assert stop.value.code == 2
    assert "lab" in capsys.readouterr().err


def test_ctrl_c_between_two_programs_is_one_word(monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(course, "ensure_environment", interrupt)
    assert course.main(["env"]) == 130
    assert capsys.readouterr().err == "\nStopped.\n"


# --- lab ---


def write(folder, **contents):
    """Notebooks with one cell each, which was run."""
    folder.mkdir(exist_ok=True)
    for name, text in contents.items():
        cell = {"cell_type": "code", "source": text, "outputs": ["answer"], "execution_count": 1}
        (folder / f"{name}.ipynb").write_text(json.dumps({"cells": [cell]}), encoding="utf-8")


def read(path):
    [cell] = json.loads(path.read_text("utf-8"))["cells"]
    return cell["source"], cell["outputs"]


def test_notebooks_are_copied_once_and_never_overwritten(tmp_path):
    source, target = tmp_path / "notebooks", tmp_path / "my_notebooks"
    write(source, a="first a", b="first b")
    assert my_notebooks.copy_notebooks(source, target) == [
        "Copied to my_notebooks: a.ipynb, b.ipynb."
    ]
    # Without outputs: the student predicts before the answer is on the screen.
    assert read(target / "a.ipynb") == ("first a", [])
    assert read(source / "a.ipynb") == ("first a", ["answer"])

    write(target, a="the student's a")
    [said] = my_notebooks.copy_notebooks(source, target)
    assert said.startswith("Kept as you left them in my_notebooks: a.ipynb, b.ipynb")

    write(source, a="second a")
    said = my_notebooks.copy_notebooks(source, target)
    assert "newer version: a.ipynb" in said[1] and "rename yours" in said[1]
    assert read(target / "a.ipynb") == ("the student's a", ["answer"])

    (target / "a.ipynb").rename(target / "mine.ipynb")
    assert my_notebooks.copy_notebooks(source, target)[0] == "Copied to my_notebooks: a.ipynb."
    assert read(target / "a.ipynb") == ("second a", [])
    assert read(target / "mine.ipynb")[0] == "the student's a"


def test_pages_of_text_are_copied_as_they_are(tmp_path):
    source, target = tmp_path / "notebooks", tmp_path / "my_notebooks"
    write(source, a="first a")
    (source / "glossary.md").write_text("# Glossary\n", encoding="utf-8")
    assert my_notebooks.copy_notebooks(source, target) == [
        "Copied to my_notebooks: a.ipynb, glossary.md."
    ]
    assert (target / "glossary.md").read_text(encoding="utf-8") == "# Glossary\n"


def test_a_damaged_memory_of_copies_harms_no_notebook(tmp_path):
    source, target = tmp_path / "notebooks", tmp_path / "my_notebooks"
    write(source, a="the course's")
    write(target, a="the student's")
    (target / ".origins.json").write_text("{", encoding="utf-8")
    my_notebooks.copy_notebooks(source, target)
    assert read(target / "a.ipynb")[0] == "the student's"


@pytest.mark.parametrize("left", ["", '{"cells": [{"cell_type": "code", "sou', "[]", "null", "{}"])
def test_a_copy_that_a_crash_has_cut_is_put_aside_and_replaced(tmp_path, left):
    source, target = tmp_path / "notebooks", tmp_path / "my_notebooks"
    write(source, a="the course's", b="the course's")
    write(target, b="the student's")
    for number in (1, 2):
        (target / "a.ipynb").write_text(left, encoding="utf-8")
        said = my_notebooks.copy_notebooks(source, target)
        aside = f"a_damaged_{number}.ipynb"
        assert said[0].startswith("a.ipynb in my_notebooks is damaged") and aside in said[0]
        assert said[1:] == [
            "Copied to my_notebooks: a.ipynb.",
            "Kept as you left them in my_notebooks: b.ipynb.",
        ]
        assert (target / aside).read_text("utf-8") == left
        assert read(target / "a.ipynb") == ("the course's", [])
    assert read(target / "b.ipynb") == ("the student's", ["answer"])


def test_a_crash_while_copying_leaves_no_cut_notebook(tmp_path, monkeypatch):
    source, target = tmp_path / "notebooks", tmp_path / "my_notebooks"
    write(source, a="the course's")

    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            my_notebooks.copy_notebooks(source, target)
    assert not (target / "a.ipynb").exists()
    assert my_notebooks.copy_notebooks(source, target) == ["Copied to my_notebooks: a.ipynb."]
    assert {path.name for path in target.iterdir()} == {"a.ipynb", ".origins.json"}


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path, capsys, monkeypatch):
    (tmp_path / "my_notebooks").write_text("a file, not a folder", encoding="utf-8")
    asked = lambda: my_notebooks.give_notebooks(tmp_path / "my_notebooks")  # noqa: E731
    monkeypatch.setattr(lab, "give_notebooks", asked)
    assert handed_on.main(["lab"]) == 1
    assert "course.py: The notebooks could not be copied: " in capsys.readouterr().err


def test_lab_starts_also_as_root_and_without_a_screen(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "is_root", lambda: True)
    monkeypatch.setattr(lab, "no_screen", lambda: True)
    assert {"--allow-root", "--no-browser"} <= set(lab.lab_arguments(tmp_path))
    monkeypatch.setattr(lab, "is_root", lambda: False)
    monkeypatch.setattr(lab, "no_screen", lambda: False)
    assert not {"--allow-root", "--no-browser"} & set(lab.lab_arguments(tmp_path))


def test_lab_leaves_the_token_on(tmp_path):
    arguments = " ".join(lab.lab_arguments(tmp_path))
    assert not re.search("token=|password|IdentityProvider", arguments)


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, True),
        ("linux", {"DISPLAY": ":0"}, False),
        ("linux", {"DISPLAY": ":10", "SSH_CONNECTION": "there"}, True),
        ("darwin", {}, False),
        ("win32", {}, False),
    ],
)
def test_no_screen(monkeypatch, platform, variables, expected):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert lab.no_screen() == expected


# --- run ---


def save(path, *sources):
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        cells=[nbformat.v4.new_markdown_cell("# Title")]
        + [nbformat.v4.new_code_cell(source) for source in sources],
    )
    nbformat.write(notebook, path)


def test_run_writes_a_notebook_and_a_page_that_needs_no_network(tmp_path, capsys):
    save(tmp_path / "01_sum.ipynb", "x = 40", "x + 2")
    run_notebooks.run_notebook(tmp_path / "01_sum.ipynb", tmp_path / "run")
    done = nbformat.read(tmp_path / "run" / "01_sum.ipynb", as_version=4)
    assert done.cells[2].outputs[0].data["text/plain"] == "42"
    page = (tmp_path / "run" / "01_sum.html").read_text("utf-8")
    assert "42" in page and not re.search(r"""(src|href)=["']https?:|import\(|@import""", page)
    assert "01_sum: 2 cells in" in capsys.readouterr().out


def test_run_shows_the_cell_that_failed_and_keeps_what_was_done(tmp_path):
    save(tmp_path / "01_sum.ipynb", "x = 40", "y = x / 0", "x")
    with pytest.raises(run_notebooks.RunError) as stop:
        run_notebooks.run_notebook(tmp_path / "01_sum.ipynb", tmp_path / "run")
    message = str(stop.value)
    assert message.startswith("01_sum, code cell 2 of 3, failed.")
    assert "y = x / 0" in message and "ZeroDivisionError: division by zero" in message
    assert "ZeroDivisionError" in (tmp_path / "run" / "01_sum.html").read_text("utf-8")


def test_run_finds_notebooks_by_number(tmp_path):
    for name in ("00_start.ipynb", "05_tune.ipynb", "notes.ipynb"):
        save(tmp_path / name)
    names = [path.name for path in run_notebooks.find_notebooks([], tmp_path)]
    assert names == ["00_start.ipynb", "05_tune.ipynb"]
    assert [path.name for path in run_notebooks.find_notebooks(["5"], tmp_path)] == names[1:]
    with pytest.raises(run_notebooks.RunError, match="no notebook 07: choose from 00, 05"):
        run_notebooks.find_notebooks(["7"], tmp_path)


def test_run_goes_on_after_a_notebook_that_fails(tmp_path, monkeypatch, capsys):
    for name, code in (("01_good", "1 + 1"), ("02_bad", "1 / 0"), ("03_fine", "6 * 7")):
        save(tmp_path / f"{name}.ipynb", code)
    find, run = run_notebooks.find_notebooks, run_notebooks.run_notebook
    monkeypatch.setattr(run_notebooks, "find_notebooks", lambda numbers: find(numbers, tmp_path))
    monkeypatch.setattr(run_notebooks, "run_notebook", lambda path: run(path, tmp_path / "run"))
    assert run_notebooks.main([]) == 1
    said = capsys.readouterr()
    assert "02_bad, code cell 1 of 1, failed." in said.err and "ZeroDivisionError" in said.err
    assert said.err.endswith("Of 3 notebooks, these failed: 02_bad.\n")
    assert "01_good: 1 cells in" in said.out and "03_fine: 1 cells in" in said.out
    done = {path.name for path in (tmp_path / "run").glob("*.html")}
    assert done == {"01_good.html", "02_bad.html", "03_fine.html"}
    assert run_notebooks.main(["1", "3"]) == 0


def test_run_says_that_a_kernel_died(tmp_path):
    save(tmp_path / "01_end.ipynb", "import os; os._exit(1)")
    with pytest.raises(run_notebooks.RunError, match="code cell 1 of 1, killed its kernel"):
        run_notebooks.run_notebook(tmp_path / "01_end.ipynb", tmp_path / "run")
