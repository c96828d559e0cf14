"""What stands behind the commands of course.py: one module a command, and what they share.

`python course.py COMMAND ...` makes sure of the environment, then runs `python -m tools COMMAND
...` in it (see `__main__.py`). Nothing here is installed with `course_utils`.

An old Python has to read this file, `machine.py` and `programs.py`, as it has to read course.py.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")  # the first is the one that every test runs on
CPU_INDEX = "https://download.pytorch.org/whl/cpu"


class Problem(Exception):
    """Something the user can mend. The message is all that is shown."""


def refuse(arguments):
    """Raise a Problem if there are any: for commands that take no arguments."""
    if arguments:
        raise Problem(f"This command takes no {arguments[0]!r}. See: python course.py --help")
