"""`python -m tools COMMAND ...`: run one command; the environment is course.py's concern."""

import sys
from importlib import import_module
from pathlib import Path

from tools import Problem

# Commands whose module has another name: pytest would take test_browser.py for tests.
MODULES = {"test-browser": "browser"}


def check_home() -> None:
    """Raise a Problem where nobody could say which folder is home: Jupyter would not start."""
    try:
        Path.home()
    except RuntimeError:
        raise Problem(
            "This account has no home folder: set the variable HOME to a folder that you may write."
        ) from None


def main(arguments: list[str]) -> int:
    """Hand the arguments on to the command's module, and return its exit status."""
    command, *rest = arguments
    try:
        check_home()
        return import_module(f"tools.{MODULES.get(command, command)}").main(rest)
    except Problem as problem:
        print(f"\ncourse.py: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
