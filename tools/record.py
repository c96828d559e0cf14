"""Complete the recorded experiments: `python course.py record [NAME]`.

The programs in `benchmarks/` make the files of `data/recorded/`; what is recorded already is not
made again.
"""

import ast
import os
import re
from pathlib import Path

from tools import ROOT, Problem
from tools.programs import run_program

SPEED = ("bench", "mutants", "views")  # programs that compare or measure, and record nothing
ABOUT_MINILM = ("continued_pretraining", "masked_lm", "sentiment_adapter")
"""No record of another checkpoint."""


def main(arguments: list[str]) -> int:
    """Run the experiments with these names, or all; return the exit status.

    Raises:
        Problem: if there is no such experiment.
    """
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
    # Without a name: everything that is not complete yet, and the page of results at the end.
    for name in arguments or sorted(known, key=lambda name: name == "results"):
        takes = expected_time(folder / f"{name}.py")
        print(f"{name}: {takes} Ctrl-C stops it; next time it goes on.")
        code = run_program(f"benchmarks/{name}.py")
        if code:
            return code
    return 0


def expected_time(program) -> str:
    """The sentence in which a program says how long it takes: "Takes about two minutes."."""
    about = ast.get_docstring(ast.parse(Path(program).read_text(encoding="utf-8"))) or ""
    found = re.search(r"\bTakes\b[^.]*\.", about)
    return " ".join(found.group().split()) if found else "Nobody has said how long it takes."
