"""Open the notebooks in JupyterLab: `python course.py lab`."""

import os
import sys
from pathlib import Path

from tools.my_notebooks import MY_NOTEBOOKS, NOTEBOOKS, give_notebooks
from tools.programs import call


def main(arguments: list[str]) -> int:
    """Give the student the notebooks and open JupyterLab on the first."""
    for line in give_notebooks():
        print(line)
    print("Starting JupyterLab. Stop it with Ctrl-C, pressed twice.")
    if no_screen():
        print("There is no screen here: open the last address below in a browser.")
    if is_root():
        print("You are root, as in many containers: JupyterLab is started with --allow-root.")
    sys.stdout.flush()
    command = [sys.executable, *lab_arguments(MY_NOTEBOOKS), *arguments]
    return call(command, dict(os.environ))


def lab_arguments(folder: Path) -> list[str]:
    """What to start JupyterLab with, so that it shows `folder` and asks nobody for news."""
    first = min(path.name for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))  # a class may lack 00
    arguments = [
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{first}",
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
