"""Fill a folder with all that a class installs: `python course.py wheelhouse OUT [options]`.

OUT, for example a folder on a USB stick, receives every wheel of the student's environment, in the
versions of constraints.txt, for three systems and three versions of Python:

    --system linux,windows,macos     some of them only
    --python 3.11,3.12,3.13          some of them only

`python course.py lab --from OUT` then installs without a network (see `stick.py`). What is there
is not fetched again, so a second start goes on where the first one stopped.

pip can fetch wheels for another system, but it asks *this* computer which dependencies apply. So
pip fetches single wheels here, and we read in them what they need there.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

from packaging import tags
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

import course
from tools import CPU_INDEX, PYTHONS, ROOT, Problem
from tools.stick import LIST, SUMS, WHEELS, read_list, read_sums, sha256

# Linux from 2018 on (glibc 2.28), as PyTorch wants it.
LINUX = [f"manylinux_2_{minor}_x86_64" for minor in range(28, 16, -1)]
LINUX += ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"]
# System -> its platforms, the newest first, and what a marker such as `os_name == "nt"` asks for.
SYSTEMS = {
    "linux": (
        LINUX,
        {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix",
         "platform_machine": "x86_64"},
    ),
    "windows": (
        ["win_amd64"],
        {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt",
         "platform_machine": "AMD64"},
    ),
    "macos": (
        list(tags.mac_platforms((14, 0), "arm64")),
        {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix",
         "platform_machine": "arm64"},
    ),
}  # fmt: skip
NAMES = {"linux": "Linux x86_64", "windows": "Windows x86_64", "macos": "macOS 14, Apple silicon"}
# pip says one of these when the network fails. Without them, a wheel does not exist.
NETWORK = "Retrying \\(|Could not fetch URL|ConnectionError|timed out|SSLError|IncompleteRead"


class Target:
    """One system with one Python.

    Args:
        system: a key of SYSTEMS.
        python: "3.11", "3.12" or "3.13".
    """

    def __init__(self, system: str, python: str) -> None:
        self.platforms, markers = SYSTEMS[system]
        self.system, self.python, self.key = system, python, f"{system} {python}"
        version = tuple(map(int, python.split(".")))
        nodot = "cp" + python.replace(".", "")
        self.tags = {
            *tags.cpython_tags(version, [nodot], self.platforms),
            *tags.compatible_tags(version, nodot, self.platforms),
        }
        self.markers = {
            **markers,
            "python_version": python,
            "python_full_version": f"{python}.0",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
        }

    def needs(self, requirement: Requirement, extras=("",)) -> bool:
        """Whether a requirement applies there, for a package with these extras."""
        marker = requirement.marker
        return marker is None or any(
            marker.evaluate({**self.markers, "extra": extra}) for extra in extras
        )

    def pip_options(self) -> list[str]:
        """What makes pip fetch wheels for this target."""
        platforms = [word for name in self.platforms for word in ("--platform", name)]
        return ["--only-binary=:all:", "--python-version", self.python, *platforms]


class MissingWheel(Exception):
    """There is no wheel of this requirement for a target."""


class Wheelhouse:
    """The folder OUT.

    Attributes:
        sums: file -> SHA-256 of what is in it and whole.
        complete: target -> its wheels, for each target that has all of them.
    """

    def __init__(self, folder, torch_index: str) -> None:
        self.folder, self.torch_index = Path(folder), torch_index
        self.exact = exact_versions()
        self.complete, self.missing = {}, {}
        if (self.folder / LIST).exists():
            listed = read_list(self.folder)
            if listed["fingerprint"] == course.fingerprint():
                self.complete = listed["complete"]
        elif self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise Problem(
                f"{self.folder} has other things in it: name a new folder, such as"
                f" {self.folder / 'wheelhouse'}."
            )
        self.wheels = self.folder / WHEELS
        self.wheels.mkdir(parents=True, exist_ok=True)
        self.sums = self.check_files()
        self.complete = {
            key: names
            for key, names in self.complete.items()
            if all(f"{WHEELS}/{name}" in self.sums for name in names)
        }
        self.write()

    def check_files(self) -> dict[str, str]:
        """Read every wheel that is there; remove those that are not what they should be."""
        said, whole = read_sums(self.folder), {}
        for path in sorted(self.wheels.glob("*.whl")):
            name, found = f"{WHEELS}/{path.name}", sha256(path)
            if found == said.get(name):
                whole[name] = found
            else:
                print(f"{path.name} is not whole: it is fetched again.")
                path.unlink()
        return whole

    def write(self) -> None:
        """Write down what is there, each file in one step."""
        listed = {"fingerprint": course.fingerprint(), "complete": self.complete}
        write(self.folder / LIST, json.dumps(listed, indent=1, sort_keys=True) + "\n")
        sums = {**self.sums, LIST: sha256(self.folder / LIST)}
        write(self.folder / SUMS, "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)))

    # --- one target ---

    def fill(self, target: Target) -> None:
        """Fetch what is not there yet for a target, and write down whether it is complete."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
        # The course is installed from its own folder, so what builds it has to be there; pip is
        # for an environment that uv makes.
        first = [*project["project"]["dependencies"], *project["build-system"]["requires"], "pip"]
        wanted = [one for one in map(Requirement, first) if target.needs(one)]
        known, names, missing = {}, {}, []
        while wanted:
            new = []
            for one in map(self.pinned, wanted):
                extras = known.get(canonicalize_name(one.name))
                if extras is None or not one.extras <= extras:
                    new.append(one)
                    known[canonicalize_name(one.name)] = one.extras | (extras or set())
            found, lost = self.get(new, target)
            names.update(found)
            missing += lost
            wanted = [
                deeper
                for one in new
                if canonicalize_name(one.name) in found
                for deeper in requirements(self.wheels / found[canonicalize_name(one.name)])
                if target.needs(deeper, one.extras or ("",))
            ]
        self.missing.pop(target.key, None)
        self.complete.pop(target.key, None)
        if missing:
            self.missing[target.key] = sorted(set(missing))
        else:
            self.complete[target.key] = sorted(names.values())
        self.write()
        files = [self.wheels / name for name in set(names.values())]
        lack = f", but no wheel of {', '.join(missing)} exists" if missing else ""
        print(f"{target.key}: {len(files)} wheels, {megabytes(files):.0f} MB{lack}.", flush=True)

    def pinned(self, requirement: Requirement) -> Requirement:
        """The requirement with the one version that was tested, if constraints.txt names it."""
        pinned = Requirement(str(requirement))
        version = self.exact.get(canonicalize_name(requirement.name))
        if version:
            pinned.specifier = SpecifierSet(f"=={version}")
        return pinned

    def get(self, wanted, target: Target) -> tuple[dict[str, str], list[str]]:
        """Fetch the wheels that are not there.

        Returns:
            Name of the package -> file; and what no wheel exists of.
        """
        found = {canonicalize_name(one.name): self.find(one, target) for one in wanted}
        new = [one for one in wanted if not found[canonicalize_name(one.name)]]
        # PyTorch's default build for Linux would bring several gigabytes of NVIDIA's libraries.
        cpu = [one for one in new if one.name == "torch" and target.system == "linux"]
        lost = self.fetch([one for one in new if one not in cpu], target)
        lost += self.fetch(cpu, target, ["--index-url", self.torch_index])
        for one in new:
            found[canonicalize_name(one.name)] = self.find(one, target)
        return {name: file for name, file in found.items() if file}, lost

    def find(self, wanted: Requirement, target: Target) -> str | None:
        """The file of a wheel that is there and fits, or None."""
        for path in sorted(self.wheels.glob("*.whl")):
            try:
                name, version, _, fits = parse_wheel_filename(path.name)
            except InvalidWheelFilename:
                continue
            if (
                name == canonicalize_name(wanted.name)
                and wanted.specifier.contains(version, prereleases=True)
                and fits & target.tags
            ):
                return path.name
        return None

    def fetch(self, wanted, target: Target, where=()) -> list[str]:
        """Let pip fetch wheels, all at once; if that fails, one by one to see which are missing.

        Returns:
            The requirements that no wheel exists of.
        """
        if not wanted:
            return []
        try:
            self.download(wanted, target, where)
            return []
        except MissingWheel:
            if len(wanted) == 1:
                return [without_extras(wanted[0])]
        return [lost for one in wanted for lost in self.fetch([one], target, where)]

    def download(self, wanted, target: Target, where) -> None:
        """Fetch wheels into a draft, then move each to its place: it is whole or not there."""
        with_draft = self.folder / "unfinished"
        shutil.rmtree(with_draft, ignore_errors=True)
        with_draft.mkdir()
        command = [
            sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet",
            "--no-deps", "--dest", str(with_draft), *target.pip_options(), *where,
            *map(without_extras, wanted),
        ]  # fmt: skip
        print(f"{target.key}: wheels to fetch: {len(wanted)}", flush=True)
        ended = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        try:
            if ended.returncode == 0:
                for path in with_draft.glob("*.whl"):
                    self.sums[f"{WHEELS}/{path.name}"] = sha256(path)
                    os.replace(path, self.wheels / path.name)
                self.write()
                return
        finally:
            shutil.rmtree(with_draft, ignore_errors=True)
        if ended.returncode < 0 or ended.returncode == 130:
            raise KeyboardInterrupt
        if re.search(NETWORK, ended.stderr):
            place = where[-1] if where else "the package index"
            raise Problem(
                f"The network failed while wheels for {target.key} were fetched from {place}: run"
                " the same command again, and it goes on from here."
            )
        if "No matching distribution found" not in ended.stderr:
            raise Problem(f"pip could not fetch wheels for {target.key}: {last_line(ended.stderr)}")
        raise MissingWheel

    # --- at the end ---

    def remove_unused(self) -> None:
        """Remove wheels that no target needs, left from other versions of the course."""
        used = {f"{WHEELS}/{name}" for names in self.complete.values() for name in names}
        if self.missing:  # what is there of a target may serve the next try
            return
        for name in sorted(set(self.sums) - used):
            (self.folder / name).unlink()
            del self.sums[name]
        self.write()

    def write_readme(self) -> None:
        """Say in the folder what it is and how to use it."""
        template = (ROOT / "instructor" / "wheelhouse" / "README.txt").read_text("utf-8")
        rows = []
        for system, name in NAMES.items():
            for python in PYTHONS:
                names = self.complete.get(f"{system} {python}")
                if names:
                    size = megabytes([self.wheels / file for file in names])
                    rows.append(
                        f"  {name:<24}  Python {python}  {len(names):>4} wheels  {size:>5.0f} MB"
                    )
        for key, lost in sorted(self.missing.items()):
            rows.append(f"  {key} is not complete: there is no wheel of {', '.join(lost)}.")
        total = megabytes(self.wheels.glob("*.whl"))
        rows.append(f"  All of it, what several share counted once: {total:.0f} MB.")
        write(self.folder / "README.txt", template.replace("{contents}", "\n".join(rows)))


# --- small things ---


def exact_versions() -> dict[str, str]:
    """Name of a package -> the version in constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def requirements(wheel: Path) -> list[Requirement]:
    """What a wheel says that it needs, on any computer."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (
            name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)
        )
        about = Parser().parsestr(archive.read(name).decode("utf-8"), headersonly=True)
    return [Requirement(text) for text in about.get_all("Requires-Dist", [])]


def without_extras(requirement: Requirement) -> str:
    """Name and versions of a requirement, as pip takes them."""
    return f"{requirement.name}{requirement.specifier}"


def megabytes(files) -> float:
    """The size of files together, in megabytes (1,000,000 bytes)."""
    return sum(path.stat().st_size for path in files) / 1e6


def last_line(text) -> str:
    """The last line in which something stands."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def write(path: Path, text) -> None:
    """Write a file in one step."""
    draft = path.with_name(path.name + ".new")
    draft.write_text(text, encoding="utf-8", newline="\n")
    os.replace(draft, path)


# --- the command ---


def read_arguments(arguments) -> tuple[Path, list[Target]]:
    """Return OUT and what it shall serve; a relative OUT is meant from where the user is.

    Raises:
        Problem: if an argument does not fit.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("out", nargs="*")
    parser.add_argument("--system", default=",".join(SYSTEMS))
    parser.add_argument("--python", default=",".join(PYTHONS))
    usage = "write: python course.py wheelhouse OUT [--python 3.11,3.12] [--system linux,macos]"
    try:
        asked, unknown = parser.parse_known_args(arguments)
    except argparse.ArgumentError as error:
        raise Problem(f"{error}: {usage}.") from None
    strange = unknown + asked.out[1:]
    if strange:
        raise Problem(f"{strange[0]!r} is one argument too many: {usage}.")
    if not asked.out:
        raise Problem(f"The folder to fill is missing: {usage}.")
    systems, pythons = asked.system.split(","), asked.python.split(",")
    for given, known in ((systems, SYSTEMS), (pythons, PYTHONS)):
        wrong = [name for name in given if name not in known]
        if wrong:
            raise Problem(f"{wrong[0]!r} is not one of {', '.join(known)}: {usage}.")
    out = Path(os.environ.get("COURSE_CALLED_FROM", ""), asked.out[0]).resolve()
    return out, [Target(system, python) for system in systems for python in pythons]


def main(arguments: list[str]) -> int:
    """Fill the folder; return the exit status: 1 if a target is not complete."""
    out, targets = read_arguments(arguments)
    try:
        house = Wheelhouse(out, course.read_stamp().get("torch_index") or CPU_INDEX)
        for target in targets:
            house.fill(target)
        house.remove_unused()
        house.write_readme()
    except OSError as error:
        raise Problem(f"{out} could not be filled: {error}. Is the disk full?") from None
    print(f"In {out}: {', '.join(sorted(house.complete))}. How to use it: README.txt there.")
    return 1 if house.missing else 0
