"""A folder of wheels for a class: filling it from a small index, and installing from it."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from index_stand_in import index, make_wheel

import course
from tools import Problem, stick, wheelhouse
from tools import __main__ as handed_on

ROOT = Path(__file__).resolve().parent.parent
THIS = f"{sys.version_info.major}.{sys.version_info.minor}"
LINUX_TORCH = "manylinux_2_28_x86_64"
PROJECT = """
[build-system]
requires = ["builder>=1"]

[project]
dependencies = ["torch==2.0", "alpha>=1", "beta[more]"]
"""
EXACT = "# tested\ntorch==2.0\nalpha==1.0\nbeta==1.0\ngamma==1.0\n"


def make_wheels(folder):
    """What the index offers: of each kind one package, and newer ones that nobody tested."""
    for python in ("cp311", "cp312"):
        for platform in ("win_amd64", "macosx_11_0_arm64"):
            make_wheel(folder, "torch", "2.0", tag=f"{python}-{python}-{platform}")
    needs = [
        'gamma; sys_platform == "win32"',
        'old; python_version < "3.12"',
        'never; extra == "test"',
    ]
    make_wheel(folder, "alpha", "1.0", needs)
    make_wheel(folder, "alpha", "2.0", ["untested"])
    make_wheel(folder, "beta", "1.0", ['alpha; extra == "more"', 'extra_one; extra == "more"'])
    for name in ("gamma", "old", "extra_one", "builder", "pip"):
        make_wheel(folder, name)


@pytest.fixture
def offered(tmp_path, monkeypatch):
    """The server of the index; the course's lists and pip's settings lead to it alone."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    project = tmp_path / "course"
    for name, text in (("pyproject.toml", PROJECT), ("constraints.txt", EXACT)):
        project.mkdir(exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "instructor" / "wheelhouse", project / "instructor" / "wheelhouse")
    monkeypatch.setattr(wheelhouse, "ROOT", project)
    monkeypatch.setattr(course, "ROOT", project)
    make_wheels(tmp_path / "made")
    make_wheel(tmp_path / "cpu", "torch", "2.0+cpu", tag=f"cp311-cp311-{LINUX_TORCH}")
    with (
        index(tmp_path / "made", tmp_path / "simple") as server,
        index(tmp_path / "cpu", tmp_path / "cpu_simple") as cpu,
    ):
        server.cpu = cpu
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", server.url)
        monkeypatch.setenv("PIP_RETRIES", "1")
        monkeypatch.setattr(course, "read_stamp", lambda: {"torch_index": cpu.url})
        yield server


def names(out, key):
    """The wheels of a target, less version and tag."""
    return {name.partition("-")[0] for name in stick.read_list(out)["complete"][key]}


TWO = ["--system", "linux,windows"]
COMMON = {"torch", "alpha", "beta", "extra_one", "builder", "pip"}


def test_each_system_gets_what_it_needs_and_no_more(offered, tmp_path, capsys):
    out = tmp_path / "out"
    assert handed_on.main(["wheelhouse", str(out), "--python", "3.11,3.12", *TWO]) == 1
    listed = stick.read_list(out)["complete"]
    assert set(listed) == {"linux 3.11", "windows 3.11", "windows 3.12"}
    assert names(out, "linux 3.11") == COMMON | {"old"}
    assert names(out, "windows 3.11") == COMMON | {"old", "gamma"}
    assert names(out, "windows 3.12") == COMMON | {"gamma"}
    assert f"torch-2.0+cpu-cp311-cp311-{LINUX_TORCH}.whl" in listed["linux 3.11"]
    assert not [file for files in listed.values() for file in files if "alpha-2.0" in file]
    said = capsys.readouterr().out
    assert "linux 3.12: 5 wheels" in said and "no wheel of torch==2.0 exists" in said
    readme = (out / "README.txt").read_text("utf-8")
    assert "linux 3.12 is not complete: there is no wheel of torch==2.0." in readme
    assert "Windows x86_64            Python 3.12     7 wheels" in readme
    assert "{contents}" not in readme and str(ROOT) not in readme


def test_the_list_of_hashes_is_what_sha256sum_reads(offered, tmp_path):
    out = tmp_path / "out"
    assert handed_on.main(["wheelhouse", str(out), "--python", "3.12", "--system", "macos"]) == 0
    assert names(out, "macos 3.12") == COMMON
    sums = stick.read_sums(out)
    files = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert set(sums) == files - {"SHA256SUMS", "README.txt"}
    for name, expected in sums.items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == expected
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=out, check=True, capture_output=True)


ONE = ["--python", "3.11", "--system", "linux"]


def test_a_second_start_fetches_what_is_not_whole_and_nothing_else(offered, tmp_path, capsys):
    out = tmp_path / "out"
    assert handed_on.main(["wheelhouse", str(out), *ONE]) == 0
    before = stick.read_sums(out)
    offered.asked.clear()
    assert handed_on.main(["wheelhouse", str(out), *ONE]) == 0
    assert offered.asked == []
    (alpha,) = out.glob("wheels/alpha-*")
    alpha.write_bytes(alpha.read_bytes()[:100])
    (out / "wheels" / "beta-1.0-py3-none-any.whl").unlink()
    capsys.readouterr()
    assert handed_on.main(["wheelhouse", str(out), *ONE]) == 0
    assert {path.split("/")[1] for path in offered.asked} == {"alpha", "beta"}
    assert f"{alpha.name} is not whole: it is fetched again." in capsys.readouterr().out
    assert stick.read_sums(out) == before


def test_what_was_fetched_before_the_network_failed_stays(offered, tmp_path, capsys, monkeypatch):
    out = tmp_path / "out"
    monkeypatch.setattr(
        course, "read_stamp", lambda: {"torch_index": "http://127.0.0.1:9/nobody-listens"}
    )
    assert handed_on.main(["wheelhouse", str(out), *ONE]) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert "The network failed while wheels for linux 3.11 were fetched from http://127" in said[0]
    assert stick.read_list(out)["complete"] == {}
    offered.asked.clear()
    monkeypatch.setattr(course, "read_stamp", lambda: {"torch_index": offered.cpu.url})
    assert handed_on.main(["wheelhouse", str(out), *ONE]) == 0
    assert not [path for path in offered.asked if "alpha" in path]
    assert names(out, "linux 3.11") == COMMON | {"old"}
    assert not (out / "unfinished").exists()


def test_another_version_of_the_course_starts_its_lists_anew(offered, tmp_path):
    out = tmp_path / "out"
    assert handed_on.main(["wheelhouse", str(out), *ONE]) == 0
    exact = course.ROOT / "constraints.txt"
    exact.write_text(EXACT.replace("old==1.0\n", "") + "old==1.0\n", encoding="utf-8")
    (course.ROOT / "pyproject.toml").write_text(PROJECT.replace(', "beta[more]"', ""))
    assert handed_on.main(["wheelhouse", str(out), *ONE]) == 0
    there = {path.name.partition("-")[0] for path in out.glob("wheels/*.whl")}
    assert there == (COMMON | {"old"}) - {"beta", "extra_one"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "The folder to fill is missing: write: python course.py wheelhouse OUT"),
        (["one", "two"], "'two' is one argument too many"),
        (["one", "--fast"], "'--fast' is one argument too many"),
        (["one", "--system"], "--system: expected one argument"),
        (["one", "--system", "linux,beos"], "'beos' is not one of linux, windows, macos"),
        (["one", "--python", "3.9"], "'3.9' is not one of 3.11, 3.12, 3.13"),
    ],
)
def test_arguments_that_do_not_fit(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CALLED_FROM", str(tmp_path))
    assert handed_on.main(["wheelhouse", *arguments]) == 1
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_stick_with_other_things_on_it_is_left_alone(offered, tmp_path, capsys):
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "README.txt").write_text("mine")
    assert handed_on.main(["wheelhouse", str(tmp_path / "stick")]) == 1
    assert "has other things in it: name a new folder, such as" in capsys.readouterr().err
    assert (tmp_path / "stick" / "README.txt").read_text() == "mine"


def test_every_package_of_the_environment_has_its_exact_version():
    """Also those that only another system needs, and what builds the course."""
    exact = wheelhouse.exact_versions()
    assert {"colorama", "pywinpty", "appnope", "setuptools", "torch"} <= set(exact)


# --- installing from it ---

PYTHON = {"system": "Linux", "machine": "x86_64", "version": "3.11"}


@pytest.fixture
def filled(tmp_path):
    """A wheelhouse with one package, for two computers."""
    folder = tmp_path / "a stick, with spaces"
    wheel = make_wheel(folder / "wheels", "alpha")
    complete = {"linux 3.11": [wheel.name], "windows 3.12": [wheel.name]}
    listed = json.dumps({"fingerprint": "now", "complete": complete})
    (folder / "wheelhouse.json").write_text(listed, encoding="utf-8")
    files = ["wheelhouse.json", f"wheels/{wheel.name}"]
    (folder / "SHA256SUMS").write_text(
        "".join(f"{stick.sha256(folder / name)}  {name}\n" for name in files), encoding="utf-8"
    )
    return folder


def test_a_whole_folder_passes(filled, capsys):
    stick.check(filled, PYTHON, "now")
    assert "Checking 1 files of" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: next(f.glob("wheels/*")).unlink(), r"wheels/alpha.* is missing in .*copy"),
        (lambda f: next(f.glob("wheels/*")).write_bytes(b"x"), r"wheels/alpha.*SHA-256 differs"),
        (lambda f: (f / "SHA256SUMS").unlink(), r"wheelhouse\.json in .*SHA-256 differs"),
        (lambda f: (f / "wheelhouse.json").unlink(), "is not a folder of wheels"),
        (lambda f: (f / "wheelhouse.json").write_text("[]"), "is not a folder of wheels"),
        (lambda f: shutil.rmtree(f), "is not a folder of wheels"),
    ],
)
def test_what_is_not_as_it_was_is_named(filled, change, message):
    change(filled)
    with pytest.raises(Problem, match=message):
        stick.check(filled, PYTHON, "now")


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ({"version": "3.13"}, "has no wheels for linux 3.13; it has linux 3.11, windows 3.12"),
        ({"system": "Darwin"}, "has no wheels for Darwin x86_64 3.11; it has"),
        ({"machine": "aarch64"}, "has no wheels for Linux aarch64 3.11"),
    ],
)
def test_a_computer_that_it_does_not_serve_is_one_sentence(filled, python, message):
    with pytest.raises(Problem, match=message):
        stick.check(filled, {**PYTHON, **python}, "now")


def test_wheels_of_another_version_of_the_course_are_one_sentence(filled):
    with pytest.raises(Problem, match="was filled for another version of the course"):
        stick.check(filled, PYTHON, "tomorrow")


def test_the_folder_is_remembered_while_it_can_serve(filled):
    stamp = {"from": str(filled)}
    assert stick.remembered(stamp, "student", "now") == str(filled)
    assert stick.remembered(stamp, "test", "now") is None
    assert stick.remembered(stamp, "student", "tomorrow") is None
    shutil.rmtree(filled)
    assert stick.remembered(stamp, "student", "now") is None
    assert stick.remembered({}, "student", "now") is None


def test_pip_takes_all_from_there_whatever_its_settings_say(filled, tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("PIP_FIND_LINKS", "http://127.0.0.1:9/links")
    monkeypatch.setenv("PIP_REQUIRE_HASHES", "1")
    variables = stick.alone(os.environ)
    pip = [sys.executable, "-m", "pip", "install", "--target", tmp_path / "t"]
    ended = subprocess.run(
        [*pip, *stick.options(filled), "alpha"], env=variables, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    assert "127.0.0.1:9" not in ended.stdout + ended.stderr
    assert (tmp_path / "t" / "alpha.py").is_file()


# --- for real ---


@pytest.mark.slow
@pytest.mark.skipif(
    not sys.platform.startswith("linux")
    or os.geteuid() != 0
    or not shutil.which("unshare")
    or not shutil.which("git")
    or not (ROOT / ".git").exists(),
    reason="a network that is not there can be had by root on Linux, in a clone",
)
def test_a_fresh_clone_is_installed_without_a_network(tmp_path):
    """Fetches about 500 MB, then takes the network away. Skipped where there is none to begin."""
    outside = {n: v for n, v in os.environ.items() if not n.lower().endswith("_proxy")}
    outside.pop("PYTHONPATH", None)
    out, clone = tmp_path / "stick", tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    fill = [sys.executable, "-m", "tools", "wheelhouse", out, "--system", "linux"]
    filled = subprocess.run(
        [*fill, "--python", THIS], cwd=clone, env=outside, capture_output=True, text=True
    )
    if "The network failed" in filled.stderr:
        pytest.skip("there is no network to fill the folder from")
    assert filled.returncode == 0, filled.stdout + filled.stderr

    def offline(*command):
        alone = ["unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "-"]
        python = getattr(sys, "_base_executable", sys.executable)
        ended = subprocess.run(
            [*alone, python, *command], cwd=clone, env=outside, capture_output=True, text=True
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    assert "The environment .venv is ready" in offline("course.py", "env", "--from", out)
    shutil.rmtree(out)  # the stick has gone to the next person
    assert "Installing" not in offline("course.py", "env")
    assert "04_tokenization:" in offline("course.py", "run", "04")
    pip = subprocess.run([clone / ".venv/bin/python", "-m", "pip", "--version"])
    assert pip.returncode == 0
