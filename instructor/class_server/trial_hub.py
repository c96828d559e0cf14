"""A hub of one's own for a trial: accounts, the class's folder, proxy and hub; all undone after.

As root, each student is an account of this computer, and its wall is real. Anybody else gets one
account for all.
"""

import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import requests

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REPOSITORY = "class_server/notebooks.git"  # in the folder that students share


def missing() -> str:
    """What a trial needs and this computer has not; nothing if it is complete."""
    if not sys.platform.startswith("linux"):
        return "a trial of the class server needs Linux"
    if find_spec("jupyterhub") is None or find_spec("jupyterhub_idle_culler") is None:
        return (
            "jupyterhub is not installed: pip install -r instructor/class_server/requirements.txt"
        )
    if not shutil.which("configurable-http-proxy"):
        return "its proxy is not on the PATH: npm install configurable-http-proxy@5"
    return ""


class TrialHub:
    """A hub on this computer, as a context: `with TrialHub(["seat-10"]) as hub`.

    Args:
        names: the students; as root, accounts with these names are made, and removed after.
        python: the Python of the students' environment; by default the one that runs this.
        memory: what a student may have, such as "2G".
    """

    def __init__(self, names, python: str = sys.executable, memory: str = "2G"):
        self.names, self.python, self.memory = list(names), python, memory
        self.password, self.programs = secrets.token_hex(8), {}
        self.accounts, self.made = os.geteuid() == 0, []

    def __enter__(self):
        if self.accounts and not readable_by_all(self.python):
            raise RuntimeError(
                f"Other accounts may not run {self.python}: name a Python with the course that "
                "lies where they may, such as /opt/tljh/user/bin/python."
            )
        self.folder = Path(tempfile.mkdtemp(prefix="class-"))
        self.folder.chmod(0o711)  # students pass through to the course, and cannot list it
        try:
            self.make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for program in ("hub", "proxy"):
            self.end(program)
        end = time.monotonic() + 10
        while (left := self.of_students()) and time.monotonic() < end:
            for process in left:
                stop(process, signal.SIGKILL)
            time.sleep(0.2)
        for name in self.made:
            call("userdel", "--remove", name, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def make(self) -> None:
        """Make what all need, and start both programs."""
        (self.folder / "hub").mkdir(mode=0o700)  # tokens and cookies are kept there
        self.course = self.folder / "course"
        make = [sys.executable, "-m", "tools", "release", str(self.course), "--stripped"]
        subprocess.run(make, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        self.repository = f"{self.course}/{REPOSITORY}"
        safe = f"[safe]\n\tdirectory = {self.repository}\n"
        (self.folder / "gitconfig").write_text(safe, encoding="utf-8")
        self.drop = self.folder / "drop"
        self.drop.mkdir()
        self.drop.chmod(0o3733)  # everybody puts a file there, its owner alone lists and reads
        for name in self.names:
            if self.accounts:
                home = ["--create-home", "--base-dir", str(self.homes()), "-K", "HOME_MODE=0700"]
                call("useradd", *home, name)  # fails if there is one already, and so spares it
                self.made.append(name)
            else:
                (self.homes() / name).mkdir()
        self.port = free_ports()
        self.address = f"http://127.0.0.1:{self.port}"
        self.start_proxy()
        self.start_hub()

    def homes(self) -> Path:
        """The folder with the students' homes."""
        homes = self.folder / "homes"
        homes.mkdir(exist_ok=True)
        homes.chmod(0o711)
        return homes

    def start_proxy(self) -> None:
        """The door: it passes each person to the own server, and everybody else to the hub."""
        self.secret = secrets.token_hex(16)
        command = ["configurable-http-proxy", "--ip=127.0.0.1", f"--port={self.port}"]
        command += ["--api-ip=127.0.0.1", f"--api-port={self.port + 2}"]
        command += [f"--default-target=http://127.0.0.1:{self.port + 1}"]
        self.start("proxy", command, CONFIGPROXY_AUTH_TOKEN=self.secret)

    def start_hub(self) -> None:
        """Start the hub, and wait until it answers.

        Raises:
            RuntimeError: if it does not; the error ends with what it said last.
        """
        command = [sys.executable, "-m", "jupyterhub", "-f", str(HERE / "local_hub.py")]
        self.start(
            "hub",
            command,
            CONFIGPROXY_AUTH_TOKEN=self.secret,
            CLASS_FOLDER=str(self.folder),
            CLASS_PORT=str(self.port),
            CLASS_PASSWORD=self.password,
            CLASS_PYTHON=self.python,
            CLASS_MEMORY=self.memory,
            COURSE_FOLDER=str(self.course),
        )
        end = time.monotonic() + 120
        while time.monotonic() < end and self.programs["hub"].poll() is None:
            try:
                if requests.get(f"{self.address}/hub/health", timeout=5).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.3)
        raise RuntimeError(f"The hub does not answer. It said last: {self.log()[-1500:]}")

    def restart_hub(self) -> None:
        """End the hub, and start it again, as after a change of its settings."""
        self.end("hub")
        self.start_hub()

    def start(self, program: str, command: list, **variables) -> None:
        """Start one of the two programs; what it says goes to a file."""
        with (self.folder / "hub" / f"{program}.log").open("ab") as log:
            self.programs[program] = subprocess.Popen(
                command,
                env={**os.environ, "no_proxy": "127.0.0.1,localhost", **variables},
                cwd=self.folder / "hub",
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def end(self, program: str) -> None:
        """End one of them, and wait for it."""
        process = self.programs.pop(program, None)
        if process is not None:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()

    def log(self) -> str:
        """What the hub has said."""
        return (self.folder / "hub" / "hub.log").read_text(encoding="utf-8", errors="replace")

    def of_students(self) -> dict:
        """The processes of the students: number -> (name of the person, "server" or "kernel")."""
        found = {}
        for process in map(int, filter(str.isdigit, os.listdir("/proc"))):
            try:
                command = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace")
                variables = Path(f"/proc/{process}/environ").read_bytes().decode(errors="replace")
            except OSError:  # it has ended meanwhile
                continue
            kind = "server" if "jupyterhub.singleuser" in command else "kernel"
            if f"COURSE_CLASS_FOLDER={self.drop}\0" not in variables + "\0":
                continue
            if kind == "server" or "ipykernel_launcher" in command:
                owner = variables.partition("\0JUPYTERHUB_USER=")[2].partition("\0")[0]
                found[process] = (owner, kind)
        return found


def readable_by_all(python: str) -> bool:
    """Whether an account that owns nothing can start this Python."""
    command = [python, "-c", "import course_utils, jupyterhub.singleuser.app"]
    return subprocess.run(command, user="nobody", cwd="/", capture_output=True).returncode == 0


def free_ports() -> int:
    """The first of three free ports in a row; at random, for another trial may begin just now."""
    for first in random.sample(range(18_000, 28_000, 10), 100):
        doors = [socket.socket() for _ in range(3)]
        try:
            for number, door in enumerate(doors):
                door.bind(("127.0.0.1", first + number))
            return first
        except OSError:
            continue
        finally:
            for door in doors:
                door.close()
    raise RuntimeError("Three free ports in a row were not found.")


def stop(process: int, how: int) -> None:
    """Send a signal to a process that may be gone."""
    try:
        os.kill(process, how)
    except ProcessLookupError:
        pass


def call(*command, check: bool = True) -> None:
    """Run a program of the system, without a word."""
    subprocess.run(command, check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
