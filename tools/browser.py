"""Run everything that needs a browser: `python course.py test-browser`.

The programs lie in `tests/browser/`, and they need Chromium. The first fault ends it.
"""

from tools import ROOT, refuse
from tools.programs import run_all


def main(arguments: list[str]) -> int:
    """Run them all; return the exit status."""
    refuse(arguments)
    programs = sorted((ROOT / "tests" / "browser").glob("[!_]*.py"))
    return run_all(f"tests/browser/{program.name}" for program in programs)
