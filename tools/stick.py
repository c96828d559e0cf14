"""Installing from a folder of wheels, such as a USB stick, without any network: `--from FOLDER`.

`python course.py wheelhouse` fills such a folder (see `wheelhouse.py`). An old Python has to read
this file: standard library only, no annotations.
"""

import hashlib
import json
import os
from pathlib import Path

from tools import Problem

WHEELS = "wheels"  # the folder in it that pip and uv look into
LIST = "wheelhouse.json"  # for which computers it is complete, and with which files
SUMS = "SHA256SUMS"  # as `sha256sum -c` reads it
# What Python calls a system and its processor -> what the folder calls it.
SYSTEMS = {
    ("Linux", "x86_64"): "linux",
    ("Windows", "AMD64"): "windows",
    ("Darwin", "arm64"): "macos",
}


def sha256(path):
    """The SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with open(str(path), "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def read_sums(folder):
    """File -> SHA-256, as the folder's own list says; {} if there is none."""
    try:
        lines = Path(folder, SUMS).read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    parts = [line.split("  ", 1) for line in lines]
    return {part[1]: part[0] for part in parts if len(part) == 2}


def read_list(folder):
    """What `wheelhouse.json` says.

    Raises:
        Problem: if the folder is no wheelhouse.
    """
    try:
        listed = json.loads(Path(folder, LIST).read_text(encoding="utf-8"))
        return {"fingerprint": listed["fingerprint"], "complete": dict(listed["complete"])}
    except (OSError, ValueError, KeyError, TypeError):
        raise Problem(
            f"{folder} is not a folder of wheels: it has no {LIST} that can be read. Name the"
            " folder that `python course.py wheelhouse` has filled."
        ) from None


def computer(python):
    """What the folder calls this computer and this Python, as `machine.probe` describes them."""
    kind = (python["system"], python["machine"])
    return f"{SYSTEMS.get(kind, ' '.join(kind))} {python['version']}"


def check(folder, python, fingerprint):
    """Make sure that all can be installed from the folder, before anything is changed.

    Only the files that this computer needs are read: one system and one Python of up to nine.

    Args:
        folder: the wheelhouse.
        python: what `machine.probe` says of the Python that will be used.
        fingerprint: that of this course's list of dependencies.

    Raises:
        Problem: if it is for another course or other computers, or a file is missing or changed.
    """
    listed, ours = read_list(folder), computer(python)
    if listed["fingerprint"] != fingerprint:
        raise Problem(
            f"{folder} was filled for another version of the course: fill it again, with"
            " `python course.py wheelhouse`, or take the version of the course that it belongs to."
        )
    if ours not in listed["complete"]:
        there = ", ".join(sorted(listed["complete"])) or "no system completely"
        raise Problem(
            f"{folder} has no wheels for {ours}; it has {there}. Start course.py with one of these"
            " Pythons, or install without --from."
        )
    sums = read_sums(folder)
    files = [f"{WHEELS}/{name}" for name in listed["complete"][ours]]
    print(f"Checking {len(files)} files of {folder}.", flush=True)
    for name in [LIST] + files:
        path = Path(folder, *name.split("/"))
        if not path.is_file():
            raise Problem(f"{name} is missing in {folder}: copy the folder again.")
        if sha256(path) != sums.get(name):
            raise Problem(
                f"{name} in {folder} is not what was written there (its SHA-256 differs): copy the"
                " folder again."
            )


def remembered(stamp, wanted, fingerprint):
    """The folder that the last installation came from, if it can serve again; else None."""
    folder = stamp.get("from")
    try:
        fits = folder and wanted == "student" and read_list(folder)["fingerprint"] == fingerprint
    except Problem:  # the stick is not plugged in
        return None
    return folder if fits else None


def options(folder):
    """What pip and uv need to take packages from the folder and from nowhere else."""
    return ["--no-index", "--find-links", str(Path(folder, WHEELS))]


def alone(variables):
    """The variables without anybody's settings for pip or uv: those could ask for a network."""
    kept = {
        name: value for name, value in variables.items() if not name.startswith(("PIP_", "UV_"))
    }
    caches = {name: variables[name] for name in ("UV_CACHE_DIR",) if name in variables}
    return dict(
        kept, PIP_CONFIG_FILE=os.devnull, PIP_USER="0", UV_NO_CONFIG="1", UV_OFFLINE="1", **caches
    )
