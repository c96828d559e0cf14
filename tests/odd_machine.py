"""Machines that are small, full, read-only or strange, for tests: a program runs on one of them.

Nothing is pretended inside of Python: the kernel of Linux lays down the limits, the mounts and the
missing network, in namespaces that belong to one program and end with it.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 1800  # seconds, so that a test ends where a program hangs
SPACE = ["unshare", "--map-root-user", "--mount", "--pid", "--mount-proc", "--kill-child"]
"""What stands before a command that may mount; where it is killed, all that it started ends too."""
ALONE = [*SPACE, "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
"""What stands before a command that shall have no network but loopback."""


@dataclass(frozen=True)
class Machine:
    """What is odd about it: lines for the shell before the program starts, and variables."""

    setup: str = ""
    variables: dict = field(default_factory=dict)


def full(folder: str) -> str:
    """The folder is a disk of one page, and that page is taken."""
    return f"mount -t tmpfs -o size=4k none {folder} && head -c 4096 /dev/zero > {folder}/taken"


def read_only(folder: str) -> str:
    return f"mount --bind {folder} {folder} && mount -o remount,bind,ro {folder}"


HOME, WORK, TEMPORARY, MODELS, COURSE = (
    '"$HOME"',
    '"$PWD"',
    '"$TMPDIR"',
    '"$COURSE_MODELS"',
    "COURSE",
)
MACHINES = {
    "2 GB of memory": Machine("ulimit -d 2000000"),
    "one core": Machine("taskset -p 1 $$ >&2"),
    "no home folder": Machine(variables={"HOME": "/proc/nobody"}),
    "a home that is read-only": Machine(read_only(HOME)),
    "a course that is read-only": Machine(read_only(shlex.quote(str(ROOT)))),
    "a home without room": Machine(full(HOME)),
    "a working folder without room": Machine(f"{full(WORK)} && cd {WORK}"),
    "a folder of models without room": Machine(full(MODELS)),
    "a temporary folder without room": Machine(full(TEMPORARY)),
    "no shared memory": Machine("mount -t tmpfs -o ro none /dev/shm"),
    "plain C": Machine(variables={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}),
    "Latin-1": Machine(
        'localedef -i de_DE -f ISO-8859-1 "$LOCPATH/de_DE.ISO-8859-1"',
        {"LC_ALL": "de_DE.ISO-8859-1", "PYTHONUTF8": "0"},
    ),
    "a proxy that leads nowhere": Machine(
        variables=dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    ),
}


NAMELESS = Machine('unset HOME && exec unshare --map-user=54321 --map-group=54321 "$@"')
"""A user whom no list of users knows, as a container may have: nobody can say where home is."""


@cache
def needs_namespaces() -> None:
    """Skip the test where this system does not let a program have namespaces of its own.

    Where the variable NAMESPACES is "needed", as in the weekly run, that is an error.
    """
    without = pytest.fail if os.environ.get("NAMESPACES") == "needed" else pytest.skip
    if not shutil.which("unshare"):
        without("namespaces are Linux's, and their program unshare is not here")
    asked = subprocess.run([*ALONE, "true"], capture_output=True, text=True)
    if asked.returncode:
        without(f"this system gives no namespaces: {asked.stderr.strip()}")


def run_on(machine: Machine, folder: Path, *command, root=ROOT, **variables):
    """Run a command on a machine, in `folder/work`, and return what came of it."""
    places = {"HOME": "home", "TMPDIR": "temporary", "COURSE_MODELS": "models", "LOCPATH": "locale"}
    env = {n: v for n, v in os.environ.items() if not n.startswith(("COURSE_", "XDG_"))}
    env |= {name: str(folder / place) for name, place in places.items()}
    for place in (*places.values(), "work"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    env |= {"PYTHONPATH": str(root), "COURSE_DEVICE": "cpu", "TQDM_DISABLE": "1"}
    env |= machine.variables | variables
    lines = f'{machine.setup or ":"} && exec "$@"'
    return subprocess.run(
        [*SPACE, "sh", "-c", lines, "sh", *map(str, command)],
        cwd=folder / "work", env=env, capture_output=True, text=True, errors="replace",
        timeout=PATIENCE,
    )  # fmt: skip


def stops_of(machine: Machine, folder: Path, notebook: Path, root=ROOT, **variables) -> list:
    """Run a notebook on a machine; return the sentences of the cells that stopped."""
    program = (sys.executable, root / "tests" / "notebook_run.py", notebook, folder / "work")
    done = run_on(machine, folder, *program, root=root, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])
