"""Once installed, nobody is asked: no look-up of a name, no connection beyond this computer.

A request that cannot succeed may wait for minutes until it gives up. So attempts are counted, by
Python (`watched/`, in the kernel of every notebook that is tested, see `conftest.py`) and by the
kernel of Linux, which also sees what libraries in C++ and Rust do. Where there is no attempt,
nothing waits for an answer.
"""

import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from odd_machine import ALONE, PATIENCE, ROOT, needs_namespaces

WATCHED = ROOT / "tests" / "watched"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TO_MACHINE = re.compile(r'(?:connect|send\w*)\(.*sin6?_port=htons\((\d+)\).*?"([0-9a-f.:]+)"')
"""A line of strace with an address of the internet: its port, and the computer."""

OUTSIDE = {
    "a name": "socket.getaddrinfo('huggingface.co', 443)",
    "a name in bytes": "socket.getaddrinfo(b'huggingface.co', 443)",
    "a name, the old way": "socket.gethostbyname('pypi.org')",
    "a number": "socket.socket().connect(('192.0.2.1', 443))",
    "a number of six": "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 443))",
    "a datagram": "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 53))",
    "through a proxy": "urllib.request.urlopen('https://pypi.org')",
}
AT_HOME = {
    "loopback": "socket.socket().connect(('127.0.0.1', 8888))",
    "its name": "socket.getaddrinfo('localhost', 8888)",
    "to listen": "socket.getaddrinfo(None, 8888)",
    "a file": "socket.socket(socket.AF_UNIX).connect('/nothing/here')",
}


def asked_by(code, file, *before):
    """What the watch writes down while a Python, with no network, runs these lines."""
    lines = f"import socket, urllib.request\ntry: {code}\nexcept OSError: pass"
    env = os.environ | {"PYTHONPATH": str(WATCHED), "WATCHED_BY": str(file)}
    subprocess.run([*before, sys.executable, "-c", lines], env=env, check=True)
    return file.read_text(encoding="utf-8") if file.exists() else ""


@pytest.mark.parametrize("what", OUTSIDE | AT_HOME)
def test_the_watch_notes_what_leads_outside(what, tmp_path):
    """No notebook could fail else: whoever asks outside is seen, whoever stays at home is not."""
    needs_namespaces()  # so that this test, too, asks nobody
    asked = asked_by((OUTSIDE | AT_HOME)[what], tmp_path / "asked", *ALONE)
    assert bool(asked) == (what in OUTSIDE), asked


@pytest.mark.slow
@pytest.mark.parametrize("code", [OUTSIDE["through a proxy"], "len('nobody is asked')"])
def test_a_notebook_that_asks_turns_red(code, tmp_path):
    """A cell that hides its failure is found all the same, after the last cell."""
    lines = f"import socket, urllib.request\ntry:\n    {code}\nexcept OSError:\n    pass"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(lines)])
    nbformat.write(notebook, tmp_path / "asks.ipynb")
    words = ["-m", "pytest", "-q", "-c", ROOT / "pyproject.toml", "-p", "conftest", tmp_path]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert run.returncode == ("urlopen" in code), run.stdout
    assert ("asked other computers" in run.stdout) == ("urlopen" in code)


def outside(trace: str) -> list:
    """The lines of strace that lead to another computer, or to a server of names on this one."""
    found = [(line, TO_MACHINE.search(line)) for line in trace.splitlines()]
    return [
        line
        for line, to in found
        if to and (to[1] == "53" or not to[2].startswith(("127.", "::1", "0.0.0.0", "::ffff:127.")))
    ]


def run_alone(folder, *command):
    """Run a command with no network but loopback and no proxy; return what it asked outside."""
    needs_namespaces()
    trace = folder / "trace"
    seen = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg"]
    seen = [*seen, "-o", trace] if shutil.which("strace") else []
    own = ("HF_", "XDG_")  # a folder with models from the Hub, or "offline", would hide who asks
    env = {n: v for n, v in os.environ.items() if not n.lower().endswith("_proxy")}
    env = {n: v for n, v in env.items() if not n.startswith(own)} | {"HOME": str(folder)}
    env |= {"PYTHONPATH": f"{WATCHED}{os.pathsep}{ROOT}", "WATCHED_BY": str(folder / "asked")}
    env |= {"COURSE_MODELS": str(folder / "models")}
    done = subprocess.run(
        [*ALONE, *map(str, [*seen, *command])],
        cwd=folder, env=env, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    by_python = folder / "asked"
    asked = by_python.read_text(encoding="utf-8").splitlines() if by_python.exists() else []
    return done, asked + (outside(trace.read_text(errors="replace")) if seen else [])


IN_C = {
    "a number": "c.connect(s, bytes.fromhex('020001bbc0000201') + bytes(8), 16)",  # 192.0.2.1:443
    "a name": "c.getaddrinfo(b'huggingface.co', b'443', None, ctypes.byref(ctypes.c_void_p()))",
    "loopback": "c.connect(s, bytes.fromhex('020022b87f000001') + bytes(8), 16)",  # port 8888
}


@pytest.mark.parametrize("what", IN_C)
def test_what_a_library_in_c_asks_is_seen(what, tmp_path):
    """Python's own watch knows nothing of it."""
    if not shutil.which("strace"):
        pytest.skip("strace, which shows what libraries in C++ and Rust ask, is not here")
    begin = (
        "import ctypes, socket; c = ctypes.CDLL(None); kept = socket.socket(); s = kept.fileno()"
    )
    _, asked = run_alone(tmp_path, sys.executable, "-c", f"{begin}; {IN_C[what]}")
    assert bool(asked) == (what != "loopback"), asked


TOGETHER, FOR_NAMES = "09", "sin_port=htons(53)"
"""Processes that meet ask the server of names what 127.0.0.1 is called: torch does so, in C++, for
its own messages, and nothing turns it off. Without a network this fails at once; a server of names
that is silent costs each start about twenty seconds (`RES_OPTIONS="timeout:1 attempts:1"`: two)."""


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_without_a_network(path, tmp_path):
    """Every cell comes to its end on a computer that has only itself, and nobody else is asked."""
    program = ROOT / "tests" / "notebook_run.py"
    done, asked = run_alone(tmp_path, sys.executable, program, path, tmp_path)
    assert done.stdout.splitlines()[-1] == "[]"
    if path.name.startswith(TOGETHER):
        asked = [line for line in asked if FOR_NAMES not in line]
    assert asked == []


@pytest.mark.slow
def test_the_command_line_without_a_network(tmp_path):
    """`train` and `predict` with the model that comes with the course ask nobody."""
    rows = [f"invoice {n} is wrong,billing\nno login for {n},login\n" for n in range(30)]
    (tmp_path / "t.csv").write_text("text,label\n" + "".join(rows))
    program = (sys.executable, "-m", "course_utils")
    for words in ("train t.csv --epochs 1", "predict t-model t.csv out.csv"):
        _, asked = run_alone(tmp_path, *program, *words.split())
        assert asked == []
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 61
