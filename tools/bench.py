"""Compare the speed of the course with others', and time the views: `python course.py bench`.

The exit status is 1 if a bar is missed; the first program that fails ends it.
"""

import sys

from tools import ROOT, refuse
from tools.programs import run_program
from tools.record import SPEED, expected_time


def main(arguments: list[str]) -> int:
    """Run both programs; return the exit status."""
    refuse(arguments)
    for name in SPEED:
        program = f"benchmarks/{name}.py"
        print(f"{name}: {expected_time(ROOT / program)}", file=sys.stderr)
        code = run_program(program)
        if code:
            return code
    return 0
