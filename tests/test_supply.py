"""What the course is installed from: hashes and licences are as new as constraints.txt."""

import csv
import re
import shutil
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import Problem, supply

ROOT = Path(__file__).resolve().parent.parent
AGAIN = "run `python course.py supply lock licences`"


def exact_versions():
    """Name -> version, as constraints.txt has it."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def entries(name):
    """The requirements of a lock, each with its hashes."""
    text = re.sub(r"^#.*\n", "", (ROOT / name).read_text("utf-8"), flags=re.M)
    for entry in re.split(r"\n(?=\S)", text.strip()):
        requirement, *hashes = re.split(r"\s+\\\s+--hash=", entry)
        yield Requirement(requirement), hashes


LOCKED = [*entries(supply.LOCK), *entries(supply.LOCK_TORCH)]


def test_every_tested_version_is_locked():
    locked = {canonicalize_name(one.name): str(one.specifier)[2:] for one, _ in LOCKED}
    stale = {name for name, version in exact_versions().items() if locked.get(name) != version}
    assert not stale, f"constraints.txt and the lock differ: {AGAIN}"


def test_nothing_else_is_locked_but_for_other_systems_and_cards():
    """On the Python and system of the tests, the lock brings no package that was not tested."""
    here = {"python_full_version": "3.11.9", "sys_platform": "linux", "platform_machine": "x86_64"}
    used = [one for one, _ in entries(supply.LOCK) if not one.marker or one.marker.evaluate(here)]
    assert {canonicalize_name(one.name) for one in used} <= set(exact_versions())


def test_every_entry_has_hashes():
    for requirement, hashes in LOCKED:
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), requirement


def test_pytorch_stands_apart():
    """Its hashes are those of PyPI: the CPU build from elsewhere would be refused."""
    apart = {one.name for one, _ in entries(supply.LOCK_TORCH)}
    assert "torch" in apart
    assert not apart & {one.name for one, _ in entries(supply.LOCK)}
    assert not apart & (set(exact_versions()) - {"torch"})


def test_every_tested_version_has_a_licence():
    with open(ROOT / supply.LICENCES, encoding="utf-8", newline="") as file:
        rows = {canonicalize_name(row["Name"]): row for row in csv.DictReader(file)}
    for name, version in exact_versions().items():
        assert name in rows, f"{name} has no licence in the list: {AGAIN}"
        assert rows[name]["Version"].partition("+")[0] == version, f"{name}: {AGAIN}"
    assert not [name for name, row in rows.items() if row["License"] in ("", "UNKNOWN")]


def test_no_file_names_an_index_of_somebody():
    for path in (ROOT / supply.FOLDER).iterdir():
        assert "://" not in path.read_text("utf-8"), path.name
    hosts = re.findall(r"https?://([\w.-]+)", " ".join(supply.COMMANDS.values()))
    assert set(hosts) == {"pypi.org"}


def test_pytorch_and_its_libraries_are_parted_from_the_rest():
    names = ("torchlike", "torch", "nvidia-cublas")
    one, torch, library = (f"{name}==1.0 \\\n    --hash=sha256:0\n" for name in names)
    assert supply.split(f"# a head\n{one}{library}{torch}") == ([one], [library, torch])


def test_what_is_wrong_is_said_in_one_sentence(monkeypatch):
    monkeypatch.setattr(supply, "call", lambda *_: pytest.fail("nothing may be started"))
    with pytest.raises(Problem, match="knows no 'lick': expected some of lock, licences"):
        supply.main(["lick"])
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Problem, match="needs uv"):
        supply.main([])


def test_the_first_failure_ends_it(monkeypatch, tmp_path):
    started = []
    monkeypatch.setattr(supply, "ROOT", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(supply, "call", lambda command, _: started.append(command) or 3)
    assert supply.main(["audit", "sbom"]) == 3
    assert len(started) == 1 and "--strict" in started[0]
