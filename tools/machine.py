"""What this computer has, and what keeps it from running the course, said before any download.

An old Python has to read this file: standard library only, no annotations.
"""

import json
import os
import shutil
import subprocess
import tempfile

from tools import CPU_INDEX, PYTHONS, Problem

DISK_GB = 3.0  # the CPU build of PyTorch: 1.9 measured, with all tools 2.2; and what pip unpacks
NVIDIA_GB = 6.0  # more, about, for the libraries that PyTorch's default build for Linux needs


PROBE = """
import importlib.util, json, platform, sys, sysconfig
print(json.dumps({
    "path": sys.executable,
    "version": "%d.%d" % sys.version_info[:2],
    "bits": 64 if sys.maxsize > 2**32 else 32,
    "build": sysconfig.get_platform(),
    "system": platform.system(),
    "machine": platform.machine(),
    "macos": platform.mac_ver()[0],
    "venv": all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")),
}))
"""


def probe(command):
    """Ask a Python what it is; None if it does not answer."""
    try:
        answer = subprocess.run(
            [*command, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60
        )
        return json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def installed_pythons():
    """Commands that may start a suitable Python, the tested version first."""
    if os.name == "nt" and shutil.which("py"):
        return [["py", "-" + version] for version in PYTHONS]
    return [["python" + version] for version in PYTHONS if shutil.which("python" + version)]


def check_python(python):
    """Return `python`, as `probe` describes it, if it can have PyTorch, else say why not."""
    if python["bits"] == 32 or python["build"] == "win-arm64":
        raise Problem(
            f"PyTorch has no package for this kind of Python ({python['build']}). Install the"
            f" 64-bit (x86-64) Python {PYTHONS[1]} from https://www.python.org/downloads/."
        )
    if python["system"] == "Darwin" and python["machine"] == "x86_64":
        raise Problem(intel_mac())
    if python["system"] == "Darwin" and int(python["macos"].split(".")[0]) < 14:
        raise Problem(
            f"This is macOS {python['macos']}, and PyTorch needs macOS 14 or newer."
            " Update macOS, or use another computer."
        )
    if not python["venv"]:
        raise Problem(
            f"{python['path']} cannot make environments: its modules venv or ensurepip are missing."
            f" On Debian and Ubuntu run: sudo apt install python{python['version']}-venv"
        )
    return python


def intel_mac():
    """What to say where PyTorch has no package for the processor."""
    translated = subprocess.run(
        ["sysctl", "-n", "sysctl.proc_translated"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    if translated.stdout.strip() == b"1":
        return (
            "This Mac has Apple silicon, but this Python is one for Intel, and PyTorch has no"
            " package for it. Install Python from https://www.python.org/downloads/ and start"
            " course.py with that one."
        )
    return (
        "PyTorch no longer makes packages for Macs with an Intel processor. Use another computer,"
        " or Linux in a virtual machine on this one."
    )


def check_writable(root):
    """Raise a Problem if no file can be made in this folder, as on a disk that is only read."""
    try:
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError as error:
        raise Problem(
            f"Nothing can be written in {root} ({error.strerror}): copy the course to a folder of"
            " yours, and start it there."
        ) from None


def check_disk(root, venv, nvidia):
    """Complain early where pip would run out of room late.

    Args:
        root: the folder of the course.
        venv: that of the environment, which may hold a broken one.
        nvidia: whether NVIDIA's libraries come, too.

    Raises:
        Problem: if there is not enough room.
    """
    free = shutil.disk_usage(root).free / 1e9
    needed = DISK_GB + NVIDIA_GB * nvidia
    if free < needed:  # a broken install is removed first, and that makes room
        free += sum(file.lstat().st_size for file in venv.rglob("*")) / 1e9
    if free < needed:
        cure = f", or, without an NVIDIA card, add --torch-index {CPU_INDEX}" if nvidia else ""
        raise Problem(
            f"{free:.1f} GB are free on the disk of {root}, and the course needs {needed:.0f} GB."
            f" Free some room{cure}; then run this again."
        )
