"""The one command of the course.

    python course.py env              make or update the environment in .venv/
    python course.py lab              open the notebooks in JupyterLab
    python course.py run [NN ...]     run notebooks without a browser, into build/run/
    python course.py test             run the tests (--all: the long ones and the browser too)
    python course.py test-browser     run the tests that need Chromium: every notebook in JupyterLab
    python course.py build [NN ...]   for instructors: make the notebooks from instructor/lessons/,
                                      and from them the slides and the site
    python course.py slides [NN ...]  for instructors: make the slides again, in build/slides/
    python course.py site             for instructors: make the site again, in build/site/
    python course.py record [NAME]    for instructors: complete a recorded experiment, or all of
                                      them; to make one anew, move its two files away first
    python course.py bench            compare speed with transformers' Trainer; status 1 below a bar
    python course.py timings [NN ...] measure what each notebook takes, for README and the headers
    python course.py release OUT      for instructors: write a folder for a class, without solutions
                                      (--nbgrader: notebook 07 for nbgrader too, in OUT-nbgrader)

Every command makes the environment first if it is missing or out of date. `lab` and `test` hand
further arguments on: `lab --port 9000`, `test -k tokenizer`.

This file uses the standard library only and stays readable for an old Python, so that a wrong
Python gets a sentence instead of a SyntaxError.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "course.json"  # written last: an environment without it is not complete
NOTEBOOKS = ROOT / "notebooks"
MY_NOTEBOOKS = ROOT / "my_notebooks"
BUILD = ROOT / "build"

PYTHONS = ("3.11", "3.12", "3.13")  # the first is the one that every test runs on
DISK_GB = 3.0  # measured: 2.2 GB with the CPU build of PyTorch, and room for what pip unpacks
NVIDIA_GB = 6.0  # more, about, for the libraries that PyTorch's default build for Linux needs
CPU_INDEX = "https://download.pytorch.org/whl/cpu"


class Problem(Exception):
    """Something the user can mend. The message is all that is shown."""


# --- Which Python ---------------------------------------------------------------------------

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


MAKE_VENV = """
import sys, venv
try:
    venv.main(sys.argv[1:])
except KeyboardInterrupt:
    sys.exit(130)
"""


def probe(command: list[str]) -> dict | None:
    """Ask a Python what it is; None if it does not answer."""
    try:
        answer = subprocess.run(
            [*command, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60
        )
        return json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def installed_pythons() -> list[list[str]]:
    """Commands that may start a suitable Python, the tested version first."""
    if os.name == "nt" and shutil.which("py"):
        return [["py", "-" + version] for version in PYTHONS]
    return [["python" + version] for version in PYTHONS if shutil.which("python" + version)]


def find_python() -> dict:
    """Choose the Python to build the environment with: the running one, or one on the PATH.

    Raises:
        Problem: if no suitable Python is here.
    """
    running = probe([sys.executable])
    if running and running["version"] in PYTHONS:
        return checked(running)
    this = f"This is Python {running['version']}" if running else "This Python does not answer"
    for command in installed_pythons():
        other = probe(command)
        if other and other["version"] in PYTHONS:
            print(f"{this}; the course uses {other['path']}.")
            return checked(other)
    raise Problem(
        f"{this}, and the course needs {PYTHONS[0]} to {PYTHONS[-1]}. Install Python {PYTHONS[1]}"
        " from https://www.python.org/downloads/, then run this again."
    )


def checked(python: dict) -> dict:
    """Return `python` if an environment with PyTorch can be made with it, else say why not."""
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


def intel_mac() -> str:
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


# --- The environment ------------------------------------------------------------------------


def venv_python() -> Path:
    """The Python inside the environment."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint() -> str:
    """Changes when the list of dependencies does, and not with the settings of tools below it."""
    # git on Windows may have changed the line ends; the dependencies are the same.
    project, exact = (
        (ROOT / name).read_bytes().replace(b"\r\n", b"\n")
        for name in ("pyproject.toml", "constraints.txt")
    )
    dependencies = project.partition(b"\n[tool.")[0]
    return hashlib.sha256(dependencies + b"\0" + exact).hexdigest()


def read_stamp() -> dict:
    """What the last complete installation noted; {} if there is none that works here."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        # A moved folder or a removed Python leaves an environment that cannot be mended.
        return stamp if stamp["root"] == str(ROOT) and venv_python().exists() else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def ensure_environment(torch_index: str | None = None) -> bool:
    """Make `.venv`, or bring it up to date; say nothing if that is not needed.

    Args:
        torch_index: where to get PyTorch from; None keeps to what was used before.

    Returns:
        Whether anything had to be installed.

    Raises:
        Problem: if it cannot be made; what there is then is not taken for complete.
    """
    stamp = read_stamp()
    if torch_index is None:
        torch_index = stamp.get("torch_index", "")
    fits = stamp.get("torch_index") == torch_index
    if fits and stamp.get("fingerprint") == fingerprint():
        return False
    if not fits:
        create_venv(torch_index)
    else:
        print("The list of dependencies has changed: bringing .venv up to date.", flush=True)
    STAMP.unlink(missing_ok=True)
    install(torch_index, undo=stamp if fits else None)
    write_lab_settings()
    write_stamp({"root": str(ROOT), "torch_index": torch_index, "fingerprint": fingerprint()})
    return True


def write_stamp(stamp: dict) -> None:
    """Write the stamp in one step, so that it is there as a whole or not at all."""
    draft = STAMP.with_suffix(".new")
    draft.write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    draft.replace(STAMP)


def write_lab_settings() -> None:
    """No question about news at the first start, no look for updates, pages of text as pages."""
    settings = {
        "@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
        },
        "@jupyterlab/docmanager-extension:plugin": {
            "defaultViewers": {"markdown": "Markdown Preview"},
        },
    }
    folder = VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.d"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "course.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")


def create_venv(torch_index: str) -> None:
    """Make an empty `.venv` in place of whatever was there."""
    python = find_python()
    nvidia = sys.platform == "linux" and not torch_index
    check_disk(nvidia)
    print(
        f"Making the environment in {VENV} with Python {python['version']}. Downloading and"
        " installing takes 2 to 15 minutes; later starts take seconds."
    )
    if nvidia:
        print(
            "By default PyTorch for Linux brings NVIDIA's libraries along (several GB). Without an"
            f" NVIDIA card, stop this (Ctrl-C) and add: --torch-index {CPU_INDEX}"
        )
    sys.stdout.flush()
    code = call([python["path"], "-c", MAKE_VENV, "--clear", str(VENV)], environment())
    if code == 130:
        raise KeyboardInterrupt
    if code:
        raise Problem(
            f"The environment {VENV} could not be made. If JupyterLab is still running from it,"
            " stop it; else delete that folder, and run this again."
        )


def check_disk(nvidia: bool) -> None:
    """Complain early where pip would run out of room late; `nvidia`: its libraries come, too."""
    free = shutil.disk_usage(ROOT).free / 1e9
    needed = DISK_GB + NVIDIA_GB * nvidia
    if free < needed:  # a broken install is removed first, and that makes room
        free += sum(file.lstat().st_size for file in VENV.rglob("*")) / 1e9
    if free < needed:
        cure = f", or, without an NVIDIA card, add --torch-index {CPU_INDEX}" if nvidia else ""
        raise Problem(
            f"{free:.1f} GB are free on the disk of {ROOT}, and the course needs {needed:.0f} GB."
            f" Free some room{cure}; then run this again."
        )


def install(torch_index: str, undo: dict | None = None) -> None:
    """Install the course and all it needs into `.venv`, with pip's own progress on the screen."""
    pip = [str(venv_python()), "-m", "pip", "--disable-pip-version-check", "install"]
    constraints = ["-c", str(ROOT / "constraints.txt")]
    commands = [[*pip, *constraints, "-e", f"{ROOT}[dev]"]]
    if torch_index:
        # Without its dependencies: that index need not have the versions that were tested.
        commands.insert(0, [*pip, "--no-deps", "--index-url", torch_index, torch_requirement()])
    for command in commands:
        code = call(command, environment())
        if code == 130:
            print("The environment is not complete: the next start makes it anew.")
            raise KeyboardInterrupt
        if code == 1 and undo:  # pip says no before it changes anything: what we had still works
            write_stamp(undo)
        if code:
            raise Problem(
                "Installing did not end well: pip's last lines above say why. It needs the"
                " internet (behind a proxy, set HTTPS_PROXY); run the same command again to go on."
            )


def torch_requirement() -> str:
    """The version of PyTorch, read from the one list of dependencies."""
    return re.search(r'"(torch==[^"]+)"', (ROOT / "pyproject.toml").read_text("utf-8")).group(1)


# --- Running things -------------------------------------------------------------------------


def environment(**extra: str) -> dict[str, str]:
    """The variables for a program of the environment."""
    variables = dict(os.environ)
    for name in ("PYTHONHOME", "PYTHONPATH", "PIP_USER"):  # would lead outside .venv
        variables.pop(name, None)
    variables["PYTHONUTF8"] = "1"  # the notebooks print more than Windows' code pages hold
    variables["JUPYTER_PREFER_ENV_PATH"] = "1"  # our kernel, not another python3 of the user
    scripts = str(venv_python().parent)
    variables["PATH"] = os.pathsep.join([scripts, variables.get("PATH", os.defpath)])
    variables.update(extra)
    return variables


def call(command: list[str], variables: dict[str, str]) -> int:
    """Run a program to its end and return its exit status; 130 if Ctrl-C made it fail.

    Ctrl-C reaches the program as well as us; it decides what to do, and we wait for it.
    """
    process = subprocess.Popen(command, cwd=ROOT, env=variables)
    before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    interrupted = False
    try:
        while True:
            try:
                code = process.wait()
                break
            except KeyboardInterrupt:
                interrupted = True
        if code and interrupted:
            return 130
        return code if code >= 0 else 128 - code
    finally:
        signal.signal(signal.SIGTERM, before)


def call_python(*arguments: str, **extra: str) -> int:
    """Run the environment's Python."""
    sys.stdout.flush()
    return call([str(venv_python()), *map(str, arguments)], environment(**extra))


# --- Commands -------------------------------------------------------------------------------


def env(arguments: list[str]) -> int:
    """Say that the environment is ready."""
    refuse(arguments)
    lines = (
        "import platform, importlib.metadata as metadata",
        "print('The environment .venv is ready: Python', platform.python_version(),"
        " 'and PyTorch', metadata.version('torch') + '.')",
        "print('Open the course with: python course.py lab')",
    )
    return call_python("-c", "\n".join(lines))


def lab(arguments: list[str]) -> int:
    """Give the student the notebooks and open JupyterLab on the first."""
    for source, target in (
        (NOTEBOOKS, MY_NOTEBOOKS),
        (NOTEBOOKS / "solutions", MY_NOTEBOOKS / "solutions"),
    ):
        if not source.is_dir():  # a folder for a class has no solutions
            continue
        for line in copy_notebooks(source, target):
            print(line)
    print("Starting JupyterLab. Stop it with Ctrl-C, pressed twice.")
    if no_screen():
        print("There is no screen here: open the last address below in a browser.")
    if is_root():
        print("You are root, as in many containers: JupyterLab is started with --allow-root.")
    return call_python(*lab_arguments(MY_NOTEBOOKS), *arguments)


def lab_arguments(folder: Path) -> list[str]:
    """What to start JupyterLab with, so that it shows `folder` and asks nobody for news."""
    arguments = [
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder}",
        "--LabApp.default_url=/lab/tree/00_start_here.ipynb",
        # Open tabs are remembered here, apart from those of the student's other work.
        f"--LabApp.workspaces_dir={folder / '.workspaces'}",
        "--KernelManager.transport_encryption=auto",  # else each kernel warns on the terminal
        "--Application.log_level=ERROR",  # the address, and what goes wrong
    ]
    if no_screen():
        arguments.append("--no-browser")
    if is_root():
        arguments.append("--allow-root")
    return arguments


def no_screen() -> bool:
    """Whether a browser opened from here would be seen by nobody."""
    if os.environ.get("SSH_CONNECTION"):
        return True
    wanted = ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
    return sys.platform.startswith("linux") and not any(map(os.environ.get, wanted))


def is_root() -> bool:
    """Whether we run as root, which JupyterLab refuses unless told otherwise."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def copy_notebooks(source: Path, target: Path) -> list[str]:
    """Copy the notebooks and pages that `target` lacks, without outputs; never touch one there.

    `.origins.json` remembers from which version each copy was made, so that we can tell when the
    course has a newer one.

    Returns:
        Sentences that say what was done.
    """
    target.mkdir(parents=True, exist_ok=True)
    origins_file = target / ".origins.json"
    try:
        origins = json.loads(origins_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        origins = {}
    new, kept, outdated = [], [], []
    for notebook in sorted([*source.glob("*.ipynb"), *source.glob("*.md")]):
        content = notebook.read_bytes()
        version = hashlib.sha256(content).hexdigest()
        if not (target / notebook.name).exists():
            fresh = content if notebook.suffix == ".md" else without_outputs(content)
            (target / notebook.name).write_bytes(fresh)
            origins[notebook.name] = version
            new.append(notebook.name)
        elif origins.get(notebook.name, version) != version:
            outdated.append(notebook.name)
        else:
            kept.append(notebook.name)
    origins_file.write_text(json.dumps(origins, indent=1), encoding="utf-8")
    return report_copies(target.name, new, kept, outdated)


def without_outputs(notebook: bytes) -> bytes:
    """The notebook as nobody has run it: a student predicts first, and sees the answer then."""
    content = json.loads(notebook)
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def report_copies(folder: str, new: list[str], kept: list[str], outdated: list[str]) -> list[str]:
    """Put into words what `copy_notebooks` did."""
    lines = []
    if new:
        lines.append(f"Copied to {folder}: {', '.join(new)}.")
    if kept:
        lines.append(f"Kept as you left them in {folder}: {', '.join(kept)}.")
    if outdated:
        lines.append(
            f"Kept, though the course now has a newer version: {', '.join(outdated)}."
            " To get it, rename yours and start this again."
        )
    return lines


def run(arguments: list[str]) -> int:
    """Run notebooks without a browser."""
    return call_python(
        "instructor/run_notebooks.py",
        *arguments,
        # A model trained here must not take the place of the student's own.
        COURSE_MODELS=os.environ.get("COURSE_MODELS", str(BUILD / "run" / "models")),
        TQDM_DISABLE="1",
    )


def test(arguments: list[str]) -> int:
    """Run pytest; with --all the slow tests too, and then the browser."""
    everything = "--all" in arguments
    arguments = [argument for argument in arguments if argument != "--all"]
    if everything:
        arguments = ["-m", "", *arguments]
    code = call_python("-m", "pytest", *arguments, TQDM_DISABLE="1")
    return code or (test_browser([]) if everything else 0)


def test_browser(arguments: list[str]) -> int:
    """Run everything that needs a browser; the first fault ends it."""
    refuse(arguments)
    code = 0
    for program in sorted((ROOT / "tests" / "browser").glob("[!_]*.py")):
        code = code or call_python(program)
    return code


def build(arguments: list[str]) -> int:
    """Make the notebooks from their lessons; slides and site follow."""
    numbers = [argument for argument in arguments if argument != "--text"]
    code = call_python("instructor/build_notebooks.py", *arguments, TQDM_DISABLE="1")
    code = code or slides(numbers)
    if code == 0:
        code = site([])
        if code:
            print("Notebooks and slides are made; only the site waits.", file=sys.stderr)
    return code


def slides(arguments: list[str]) -> int:
    """Make a reveal.js deck of each lesson."""
    return call_python("instructor/build_slides.py", *arguments)


def site(arguments: list[str]) -> int:
    """Make the site to read."""
    refuse(arguments)
    return call_python("instructor/build_site.py")


SPEED = ("bench", "views")  # programs that compare or measure seconds, and record nothing


ABOUT_MINILM = ("continued_pretraining", "masked_lm")  # no record of another checkpoint


def record(arguments: list[str]) -> int:
    """Run the programs that make data/recorded/; what is recorded already is not made again."""
    folder = ROOT / "benchmarks"
    checkpoint = os.environ.get("COURSE_CHECKPOINT") or "minilm"
    left_out = SPEED if checkpoint == "minilm" else SPEED + ABOUT_MINILM
    known = [path.stem for path in sorted(folder.glob("[!_]*.py")) if path.stem not in left_out]
    wrong = [name for name in arguments if name not in known]
    if wrong:
        raise Problem(
            f"There is no experiment {wrong[0]!r} with {checkpoint}: name one of"
            f" {', '.join(known)}."
        )
    # Without a name: everything that is not complete yet, and README's table at the end.
    for name in arguments or sorted(known, key=lambda name: name == "readme"):
        takes = expected_time(folder / f"{name}.py")
        print(f"{name}: {takes} Ctrl-C stops it; next time it goes on.")
        code = call_python(f"benchmarks/{name}.py")
        if code:
            return code
    return 0


def bench(arguments: list[str]) -> int:
    """Compare the speed of the course with others', and time the views."""
    refuse(arguments)
    code = 0
    for name in SPEED:
        print(f"{name}: {expected_time(ROOT / 'benchmarks' / f'{name}.py')}", file=sys.stderr)
        code = code or call_python(f"benchmarks/{name}.py")
    return code


def timings(arguments: list[str]) -> int:
    """Measure seconds and memory of these notebooks, or of all."""
    print(f"timings: {expected_time(ROOT / 'instructor' / 'time_notebooks.py')}")
    return call_python("instructor/time_notebooks.py", *arguments)


def release(arguments: list[str]) -> int:
    """Write a folder for a class."""
    # Programs work in the folder of the course; a relative OUT is meant from where the user is.
    absolute = [name if name.startswith("-") else os.path.abspath(name) for name in arguments]
    return call_python("instructor/build_release.py", *absolute)


def expected_time(program: Path) -> str:
    """The sentence in which a program says how long it takes: "Takes about two minutes."."""
    about = ast.get_docstring(ast.parse(program.read_text(encoding="utf-8"))) or ""
    found = re.search(r"\bTakes\b[^.]*\.", about)
    return " ".join(found.group().split()) if found else "Nobody has said how long it takes."


def refuse(arguments: list[str]) -> None:
    """For commands that take no arguments."""
    if arguments:
        raise Problem(f"This command takes no {arguments[0]!r}. See: python course.py --help")


COMMANDS = {
    "env": env, "lab": lab, "run": run, "test": test, "build": build, "slides": slides,
    "site": site, "record": record, "bench": bench, "timings": timings, "release": release,
    "test-browser": test_browser,
}  # fmt: skip

# What a command works on, where a folder for a class does not have it.
NEEDS = {
    "test": "tests", "test-browser": "tests", "build": "instructor/lessons",
    "slides": "instructor/lessons", "site": "instructor/lessons", "record": "benchmarks",
    "bench": "benchmarks", "timings": "instructor/lessons", "release": "instructor/lessons",
}  # fmt: skip


def check_folder(command: str) -> None:
    """Raise a Problem if this copy of the course lacks the folder that a command works on."""
    folder = NEEDS.get(command)
    if folder and not (ROOT / folder).is_dir():
        raise Problem(
            f"`{command}` works on the folder {folder}, which this copy of the course does not"
            " have: run it in the full course."
        )


def main(argv: list[str] | None = None) -> int:
    """Read the command line and do what it says; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="course.py",
        usage="python course.py [--torch-index URL] {" + ",".join(COMMANDS) + "} ...",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="command", help="one of the above")
    parser.add_argument(
        "--torch-index",
        metavar="URL",
        default=os.environ.get("COURSE_TORCH_INDEX"),
        help="package index for PyTorch (or set COURSE_TORCH_INDEX); remembered. For Linux"
        f" without an NVIDIA card: {CPU_INDEX}",
    )
    options, arguments = parser.parse_known_args(argv)
    try:
        check_folder(options.command)
        ensure_environment(options.torch_index)
        return COMMANDS[options.command](arguments)
    except Problem as problem:
        print(f"\ncourse.py: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
