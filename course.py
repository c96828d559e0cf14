"""The one command of the course.

    python course.py env              make or update the environment in .venv/
                                      (--all: for tests and all other commands, too)
    python course.py lab              open the notebooks in JupyterLab
    python course.py run [NN ...]     run notebooks without a browser, into build/run/
    python course.py test             run the tests (--all: the long ones and the browser too)
    python course.py test-browser     run the tests that need Chromium: every notebook in JupyterLab
    python course.py build [NN ...]   for instructors: make the notebooks from instructor/lessons/,
                                      and from them the slides and the site
    python course.py slides [NN ...]  for instructors: make the slides again, in build/slides/
                                      (--plan 90min: one deck for a whole timetable)
    python course.py site             for instructors: make the site again, in build/site/
    python course.py record [NAME]    for instructors: complete a recorded experiment, or all of
                                      them; to make one anew, move its two files away first
    python course.py bench            compare speed with transformers' Trainer; status 1 below a bar
    python course.py timings [NN ...] measure what each notebook takes, for README and the headers
    python course.py release OUT      for instructors: write a folder for a class, without solutions
                                      (--lessons 00,01: only these; --nbgrader: assignments;
                                      --quizzes: for a learning platform; --colab: for Colab;
                                      --stripped: for a class server, without outputs)
    python course.py grades IN OUT    for instructors: a table of passed checks, from a folder of
                                      collected notebooks (--run: run them first)
    python course.py wheelhouse OUT   for instructors: fill a folder, such as a USB stick, with all
                                      packages, for `env --from OUT` and `lab --from OUT` offline
    python course.py supply [WORD]    for maintainers: versions with hashes, licences, a bill of
                                      materials, known vulnerabilities (lock licences sbom audit)

Every command makes the environment first if it is missing or out of date. `lab` and `test` hand
further arguments on: `lab --port 9000`, `test -k tokenizer`. What the other commands do stands in
the folder tools/, one module for each.

This file uses the standard library only and can be read by an old Python (3.6), so that a wrong
Python gets a sentence instead of a SyntaxError. So it has no annotations: docstrings say the types.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import sys
from pathlib import Path

from tools import CPU_INDEX, PYTHONS, Problem, installer, refuse, stick
from tools.machine import check_disk, check_python, check_writable, installed_pythons, probe
from tools.programs import call

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "course.json"  # written last: an environment without it is not complete

# What can be installed, each set holds those before it: the dependencies of pyproject.toml, and
# two of its extras.
SETS = ("student", "test", "dev")
# Two workers with one thread each (conftest.py) take half the time of one with two threads. A
# notebook stays in one worker; the long ones, which are collected first, begin first.
WORKERS = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
# Command -> the set of packages it needs, and what it works on that a class's folder may lack.
COMMANDS = {
    "env": ("student", "."), "lab": ("student", "."), "run": ("student", "."),
    "test": ("test", "tests"), "test-browser": ("dev", "tests"),
    "build": ("dev", "instructor/lessons"), "slides": ("dev", "instructor/lessons"),
    "site": ("dev", "instructor/lessons"), "record": ("dev", "benchmarks"),
    "bench": ("dev", "benchmarks"), "timings": ("dev", "instructor/lessons"),
    "release": ("dev", "instructor/lessons"), "grades": ("dev", "instructor/lessons"),
    "wheelhouse": ("student", "instructor/lessons"), "supply": ("dev", "instructor/supply"),
}  # fmt: skip


# --- Which Python ---------------------------------------------------------------------------


def find_python():
    """Choose the Python to build the environment with: the running one, or one on the PATH.

    Raises:
        Problem: if no suitable Python is here.
    """
    running = probe([sys.executable])
    if running and running["version"] in PYTHONS:
        return check_python(running)
    this = f"This is Python {running['version']}" if running else "This Python does not answer"
    for command in installed_pythons():
        other = probe(command)
        if other and other["version"] in PYTHONS:
            print(f"{this}; the course uses {other['path']}.")
            return check_python(other)
    raise Problem(
        f"{this}, and the course needs {PYTHONS[0]} to {PYTHONS[-1]}. Install Python {PYTHONS[1]}"
        " from https://www.python.org/downloads/, then run this again."
    )


# --- The environment ------------------------------------------------------------------------


def venv_python():
    """The Python inside the environment."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint():
    """Changes when the list of dependencies does, and not with the settings of tools below it."""
    # git on Windows may have changed the line ends; the dependencies are the same.
    project, exact = (
        (ROOT / name).read_bytes().replace(b"\r\n", b"\n")
        for name in ("pyproject.toml", "constraints.txt")
    )
    dependencies = project.partition(b"\n[tool.")[0]
    return hashlib.sha256(dependencies + b"\0" + exact).hexdigest()


def read_stamp():
    """What the last complete installation noted; {} if there is none that works here."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        # A moved folder or a removed Python leaves an environment that cannot be mended.
        ours = stamp["root"] == str(ROOT) and stamp.get("set", "dev") in SETS
        return stamp if ours and venv_python().exists() else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def ensure_environment(torch_index=None, wanted="student", source=None):
    """Make `.venv`, or bring it up to date; say nothing if that is not needed.

    Args:
        torch_index: where to get PyTorch from; None keeps to what was used before.
        wanted: the set of packages that is needed now; what is installed stays.
        source: a folder of wheels to install from without a network; remembered, too.

    Returns:
        Whether anything had to be installed.

    Raises:
        Problem: if it cannot be made; what there is then is not taken for complete.
    """
    stamp = read_stamp()
    if torch_index is None:
        torch_index = stamp.get("torch_index", "")
    fits = stamp.get("torch_index") == torch_index
    current = stamp.get("fingerprint") == fingerprint()
    # An environment from before there were sets has everything.
    there = stamp.get("set", "dev") if stamp else "student"
    wanted = max(there, wanted, key=SETS.index)
    if fits and current and wanted == there:
        return False
    check_writable(ROOT)
    if source and wanted != "student":
        raise Problem("A folder of wheels has what students need, and no more: leave --from out.")
    source = source or stick.remembered(stamp, wanted, fingerprint())
    python = (probe([str(venv_python())]) if fits else None) or find_python()
    if source:
        stick.check(source, python, fingerprint())
    uv = installer.choose(python["path"], environment(), source)
    if not fits:
        create_venv(python, uv, torch_index, source)
    elif not current:
        print("The list of dependencies has changed: bringing .venv up to date.", flush=True)
    else:
        what = "the tests need" if wanted == "test" else "all commands need"
        print(f"Adding what {what} to .venv: only this once, a few minutes.", flush=True)
    if STAMP.exists():
        STAMP.unlink()
    install(uv, torch_index, wanted, source, undo=stamp if fits else None)
    copy_lab_settings()
    done = {"root": str(ROOT), "torch_index": torch_index, "fingerprint": fingerprint()}
    write_stamp(dict(done, set=wanted, **({"from": source} if source else {})))
    return True


def write_stamp(stamp):
    """Write the stamp in one step, so that it is there as a whole or not at all."""
    draft = STAMP.with_suffix(".new")
    draft.write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    draft.replace(STAMP)


def copy_lab_settings():
    """No question about news at the first start, no look for updates, pages of text as pages."""
    folder = VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.d"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "tools" / "lab_settings.json", folder / "course.json")


def create_venv(python, uv, torch_index, source):
    """Make an empty `.venv` in place of whatever was there."""
    nvidia = sys.platform == "linux" and not torch_index and not source
    check_disk(ROOT, VENV, nvidia)
    takes = "takes a minute or two" if source else "and downloading takes 2 to 15 minutes"
    print(
        f"Making the environment in {VENV} with Python {python['version']}"
        f"{' and uv' if uv else ''}. Installing {takes}; later starts take seconds."
    )
    if nvidia:
        print(
            "By default PyTorch for Linux brings NVIDIA's libraries along (several GB). Without an"
            f" NVIDIA card, stop this (Ctrl-C) and add: --torch-index {CPU_INDEX}"
        )
    sys.stdout.flush()
    code = call(installer.making(uv, python["path"], VENV), environment(source))
    if code == 130:
        raise KeyboardInterrupt
    if code:
        way = " If that does not help, set COURSE_INSTALLER=pip." if uv else ""
        raise Problem(
            f"The environment {VENV} could not be made. If JupyterLab is still running from it,"
            f" stop it; else delete that folder, and run this again.{way}"
        )


def install(uv, torch_index, wanted, source, undo=None):
    """Install the course and all it needs into `.venv`, with the installer's own progress."""
    project = str(ROOT) + ("" if wanted == "student" else f"[{wanted}]")
    torch = (torch_index, torch_requirement()) if torch_index else None
    constraints = str(ROOT / "constraints.txt")
    for command in installer.installing(
        uv, str(venv_python()), project, constraints, torch, source
    ):
        code = call(command, environment(source))
        if code == 130:
            print("The environment is not complete: the next start makes it anew.")
            raise KeyboardInterrupt
        if code in (1, 2 if uv else 1) and undo:  # nearly always a no before anything is changed
            write_stamp(undo)
        if code:
            raise Problem(installer.failed(uv, source))


def torch_requirement():
    """The version of PyTorch, read from the one list of dependencies."""
    return re.search(r'"(torch==[^"]+)"', (ROOT / "pyproject.toml").read_text("utf-8")).group(1)


# --- Running things -------------------------------------------------------------------------


def environment(source=None, **extra):
    """The variables for a program of the environment; with a folder of wheels, for no network."""
    variables = stick.alone(os.environ) if source else dict(os.environ)
    for name in ("PYTHONHOME", "PYTHONPATH"):  # would lead outside .venv
        variables.pop(name, None)
    variables["PIP_USER"] = "0"  # stronger than a pip.conf that says user = true
    variables["PYTHONUTF8"] = "1"  # the notebooks print more than Windows' code pages hold
    variables["JUPYTER_PREFER_ENV_PATH"] = "1"  # our kernel, not another python3 of the user
    # As in course_utils, for a notebook that imports torch first: waiting threads sleep.
    variables.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    scripts = str(venv_python().parent)
    variables["PATH"] = os.pathsep.join([scripts, variables.get("PATH", os.defpath)])
    variables.update(extra)
    return variables


def call_python(*arguments, **extra):
    """Run the environment's Python."""
    sys.stdout.flush()
    return call([str(venv_python()), *map(str, arguments)], environment(**extra))


# --- Commands -------------------------------------------------------------------------------


def env(arguments):
    """Say that the environment is ready."""
    lines = (
        "import platform, importlib.metadata as metadata",
        "print('The environment .venv is ready: Python', platform.python_version(),"
        " 'and PyTorch', metadata.version('torch') + '.')",
        "print('Open the course with: python course.py lab')",
    )
    return call_python("-c", "\n".join(lines))


def test(arguments):
    """Run pytest in two workers; with --all the slow tests too, and then the browser."""
    everything = "--all" in arguments
    arguments = [argument for argument in arguments if argument != "--all"]
    if everything:
        arguments = ["-m", "", *arguments]
    code = call_python("-m", "pytest", *WORKERS, *arguments, TQDM_DISABLE="1")
    return code or (hand_on("test-browser", []) if everything else 0)


def hand_on(command, arguments):
    """Let tools/ do it, in .venv and in our folder; it learns where the user is."""
    return call_python("-m", "tools", command, *arguments, COURSE_CALLED_FROM=os.getcwd())


def wanted_set(command, arguments):
    """The name of the set of packages that a command needs."""
    return "dev" if command in ("env", "test") and "--all" in arguments else COMMANDS[command][0]


def check_folder(command):
    """Raise a Problem if this copy of the course lacks the folder that a command works on."""
    folder = COMMANDS[command][1]
    if not (ROOT / folder).is_dir():
        raise Problem(
            f"`{command}` works on the folder {folder}, which this copy of the course does not"
            " have: run it in the full course."
        )


def main(argv=None):
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
    parser.add_argument(
        "--from",
        metavar="FOLDER",
        dest="source",
        help="install from a folder that `wheelhouse` has filled, without a network; remembered",
    )
    options, arguments = parser.parse_known_args(argv)
    try:
        check_folder(options.command)
        if options.command == "env":
            refuse([argument for argument in arguments if argument != "--all"])
        source = options.source and str(Path(options.source).resolve())
        ensure_environment(options.torch_index, wanted_set(options.command, arguments), source)
        ours = {"env": env, "test": test}.get(options.command)
        return ours(arguments) if ours else hand_on(options.command, arguments)
    except Problem as problem:
        print(f"\ncourse.py: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
