"""Which program installs, pip or uv, and the words it is called with.

uv does in seconds what takes pip a minute or more, but it does not read pip's settings: where those
say from where packages come, pip installs. An old Python has to read this file: standard library
only, no annotations.
"""

import re
import shutil
import subprocess

from tools import Problem
from tools.stick import options

# Settings of pip, in pip.conf or as PIP_..., that uv would not follow.
MATTERS = (
    "index-url", "extra-index-url", "find-links", "no-index", "cert", "client-cert",
    "trusted-host", "proxy", "constraint", "keyring-provider", "only-binary", "no-binary",
)  # fmt: skip

MAKE_VENV = """
import sys, venv
try:
    venv.main(sys.argv[1:])
except KeyboardInterrupt:
    sys.exit(130)
"""


def choose(python, variables, source=None):
    """Decide what installs, and say so if that is not what one would expect.

    Args:
        python: path of a Python whose pip can be asked for its settings.
        variables: those of the environment; COURSE_INSTALLER may say `pip` or `uv`.
        source: a folder of wheels; with it, no settings count.

    Returns:
        The path of uv, or None for pip.

    Raises:
        Problem: if COURSE_INSTALLER says something else, or uv is wished and not there.
    """
    wish, uv = variables.get("COURSE_INSTALLER", ""), shutil.which("uv")
    if wish not in ("", "pip", "uv"):
        raise Problem(f"COURSE_INSTALLER is {wish!r}: expected pip or uv.")
    if wish == "uv" and not uv:
        raise Problem(
            "COURSE_INSTALLER says uv, but uv is not on the PATH: install it, or say pip."
        )
    if wish or not uv or source:
        return None if wish == "pip" else uv
    settings = pip_settings(python, variables)
    if settings is None:  # this Python has no pip that could be asked
        return None
    if settings:
        print(
            f"pip installs, and not uv, which does not follow pip's settings"
            f" ({', '.join(settings)}). COURSE_INSTALLER=uv would take uv all the same."
        )
        return None
    return uv


def pip_settings(python, variables):
    """The names of those settings of pip that matter here; None if there is no pip to ask."""
    try:
        answer = subprocess.run(
            [python, "-m", "pip", "config", "list"],
            env=variables,
            timeout=60,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if answer.returncode:
        return None
    said = answer.stdout.decode("utf-8", "replace")
    # Lines such as global.index-url='https://...' and :env:.cert='/...'.
    names = re.findall(r"^(?:global|install|:env:)\.([\w-]+)=", said, re.MULTILINE)
    return sorted({name for name in names if name in MATTERS})


def making(uv, python, folder):
    """The command that makes an empty environment; pip is in it, or `installing` adds it."""
    if uv:
        return [uv, "venv", "--quiet", "--clear", "--python", python, str(folder)]
    return [python, "-c", MAKE_VENV, "--clear", str(folder)]


def installing(uv, python, project, constraints, torch=None, source=None):
    """The commands that install the course, in an environment that is there.

    Args:
        uv: path of uv, or None for pip.
        python: that of the environment.
        project: the course's folder, with the set of packages in brackets.
        constraints: path of the list of exact versions.
        torch: an index and the requirement that is taken from it first, or None.
        source: a folder of wheels that all comes from.
    """
    if uv:  # compiled as pip does it: else the first start of each notebook would do it
        install = [uv, "pip", "install", "--compile-bytecode", "--python", python]
    else:
        install = [python, "-m", "pip", "--disable-pip-version-check", "install"]
    where = options(source) if source else []
    pip = ["pip"] if uv else []  # pages of the course say "python -m pip install"
    commands = [[*install, *where, "-c", constraints, *pip, "-e", project]]
    if torch and not source:
        index, requirement = torch
        # Without its dependencies: that index need not have the versions that were tested.
        alone = ["--default-index", index, "--index", index] if uv else ["--index-url", index]
        commands.insert(0, [*install, "--no-deps", *alone, requirement])
    return commands


def failed(uv, source):
    """What to say when installing did not end well."""
    if source:
        return (
            f"Installing from {source} did not end well: the last lines above say why. Copy that"
            " folder again, or install without --from, with a network."
        )
    tool = "uv" if uv else "pip"
    way = ", or with COURSE_INSTALLER=pip to let pip install instead" if uv else ""
    return (
        f"Installing did not end well: {tool}'s last lines above say why. It needs the internet"
        f" (behind a proxy, set HTTPS_PROXY); run the same command again to go on{way}."
    )
