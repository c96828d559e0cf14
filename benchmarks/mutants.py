"""Do the tests bite? Small faults in `course_utils`, one at a time: does a test see them?

Takes about two hours for 320 faults on two cores; a second run goes on where the first one stopped.
It needs one package more: `python -m pip install "cosmic-ray>=8.7,<9"`, which makes the faults. All
happens in a clone of the last commit, in FOLDER:

    python benchmarks/mutants.py FOLDER [--faults 320] [--seed 2026] [--tests tests/test_x.py ...]

First the quick tests run once; which lines and branches they reach is printed, and which of them
reaches each line is noted. (A process that a test starts counts for nothing here.) Then faults are
drawn by chance: first a place in the code, then one of the faults that cosmic-ray knows for it
(annotations are left out: such a fault stops every import). Each is judged by the tests that reach
its line, the fastest first, `LIMIT` seconds of them at most. FOLDER/faults.csv has a row for each;
whoever survived is read by a person. A fault that survives here may be seen by a notebook, or by a
test in a process of its own.
"""

import argparse
import ast
import csv
import json
import os
import random
import sqlite3
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 150
"""Seconds of tests, as they took without a fault."""

COSMIC_RAY = """[cosmic-ray]
module-path = ["course_utils"]
timeout = 900.0
excluded-modules = []
test-command = "true"
[cosmic-ray.distributor]
name = "local"
"""
CONTEXTS = """import coverage

def pytest_runtest_logstart(nodeid, location):
    coverage.Coverage.current().switch_context(nodeid)
"""


def prepare(folder: Path, tests: list) -> None:
    """A clone, the tests that reach each line of it, and all faults that there could be."""
    clone = folder / "clone"
    if not clone.exists():
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        (clone / "contexts.py").write_text(CONTEXTS)
        (clone / "cosmic-ray.toml").write_text(COSMIC_RAY)
    if not (folder / "reached.json").exists():
        of_pytest = ["-m", "pytest", "-p", "contexts", "-q", "--junitxml", folder / "seconds.xml"]
        measure = ["-m", "coverage", "run", "--branch", "--source=course_utils"]
        command = [*measure, *of_pytest, *(tests or ["tests"])]
        subprocess.run([sys.executable, *command], cwd=clone, env=environment(clone), check=False)
        subprocess.run([sys.executable, "-m", "coverage", "report"], cwd=clone, check=False)
        (folder / "reached.json").write_text(json.dumps(reached(clone)))
    if not (folder / "faults.sqlite").exists():
        command = ["-m", "cosmic_ray.cli", "init", "cosmic-ray.toml", folder / "faults.sqlite"]
        subprocess.run([sys.executable, *command], cwd=clone, check=True)


def environment(clone: Path) -> dict:
    """What the tests run in: the clone's own code, one thread, no compiled files of a fault."""
    path = os.pathsep.join(filter(None, [str(clone), os.environ.get("PYTHONPATH")]))
    own = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    return {**os.environ, **own, "TQDM_DISABLE": "1"}


def reached(clone: Path) -> dict:
    """File -> line -> the tests that reach it."""
    from coverage import CoverageData

    data = CoverageData(str(clone / ".coverage"))
    data.read()
    return {
        Path(file).relative_to(clone).as_posix(): {
            line: sorted(filter(None, tests))
            for line, tests in data.contexts_by_lineno(file).items()
        }
        for file in data.measured_files()
    }


def seconds_of_tests(report: Path) -> dict:
    """The name of a test -> how long it took."""
    seconds = defaultdict(float)
    for case in ElementTree.parse(report).iter("testcase"):
        seconds[f"{case.get('classname').replace('.', '/')}.py::{case.get('name')}"] += float(
            case.get("time")
        )
    return seconds


def draw(folder: Path, count: int, seed: int) -> list:
    """Some faults, drawn by chance: (file, operator, occurrence, line) each."""
    columns = "module_path, operator_name, occurrence, start_pos_row, start_pos_col"
    with sqlite3.connect(folder / "faults.sqlite") as known:
        rows = known.execute(f"SELECT {columns} FROM mutation_specs ORDER BY {columns}").fetchall()
    places, annotated = defaultdict(list), {}
    for file, operator, occurrence, line, column in rows:
        if file not in annotated:
            annotated[file] = annotations((folder / "clone" / file).read_text(encoding="utf-8"))
        if not any(begin <= (line, column) <= end for begin, end in annotated[file]):
            kind = operator.split("_")[0]  # all that one operator may become is one place
            places[file, line, column, kind].append((file, operator, occurrence, line))
    print(f"{len(rows):,} faults at {len(places):,} places, those in annotations left out")
    chance = random.Random(seed)
    chosen = chance.sample(sorted(places), min(count, len(places)))
    return [chance.choice(places[place]) for place in chosen]


def annotations(source: str) -> list:
    """Begin and end (line, column) of each annotation of a module."""
    nodes = list(ast.walk(ast.parse(source)))
    found = [getattr(node, name, None) for node in nodes for name in ("annotation", "returns")]
    return [
        ((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset))
        for node in filter(None, found)
    ]


def lines_that_tell(source: str, line: int) -> range | None:
    """The lines whose tests judge a fault: its statement; for a signature, the function.

    None for what stands outside all functions: that runs at the import, for every test.
    """
    nodes = [n for n in ast.walk(ast.parse(source)) if getattr(n, "lineno", line + 1) <= line]
    nodes = [node for node in nodes if line <= node.end_lineno]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    if not functions:
        return None
    function = max(functions, key=lambda node: node.lineno)
    if line < function.body[0].lineno:
        return range(function.body[0].lineno, function.end_lineno + 1)
    statements = [node for node in nodes if isinstance(node, ast.stmt)]
    inner = min(statements, key=lambda node: node.end_lineno - node.lineno)
    body = getattr(inner, "body", None)
    return range(inner.lineno, body[0].lineno if body else inner.end_lineno + 1)


def judge(clone: Path, fault: tuple, known: dict, seconds: dict) -> str:
    """Make a fault, run the tests that reach it, and take it back. Says what became of it."""
    file, operator, occurrence, line = fault
    lines = lines_that_tell((clone / file).read_text(encoding="utf-8"), line)
    wanted = known.keys() if lines is None else map(str, lines)
    tests, total = [], 0.0
    for test in sorted({t for n in wanted for t in known.get(n, ())}, key=lambda t: seconds[t]):
        total += seconds[test]
        if not tests or total < LIMIT:
            tests.append(test)
    if not tests:
        return "no test"
    listed = clone / "tests.txt"
    listed.write_text("\n".join(tests) + "\n", encoding="utf-8")
    apply = ["-m", "cosmic_ray.cli", "apply", file, operator, str(occurrence)]
    pytest = ["-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"@{listed}"]
    quiet = {"cwd": clone, "env": environment(clone), "stdout": subprocess.DEVNULL}
    try:
        subprocess.run([sys.executable, *apply], check=True, **quiet)
        run = subprocess.run([sys.executable, *pytest], timeout=120 + 6 * LIMIT, **quiet)
        return "seen" if run.returncode else "survived"
    except subprocess.TimeoutExpired:
        return "seen (never ended)"
    finally:
        subprocess.run(["git", "checkout", "--quiet", "course_utils"], cwd=clone, check=True)


def main(arguments: list = None) -> int:
    """Draw faults, judge those that were not judged yet, and count."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--faults", type=int, default=320)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--tests", nargs="*", help="run these only (default: all quick ones)")
    options = parser.parse_args(arguments)
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    prepare(folder, options.tests)
    known = json.loads((folder / "reached.json").read_text())
    seconds, results = seconds_of_tests(folder / "seconds.xml"), folder / "faults.csv"
    done = list(csv.reader(results.open())) if results.exists() else []
    judged = {tuple(row[:4]) for row in done}
    for fault in draw(folder, options.faults, options.seed):
        if tuple(map(str, fault)) not in judged:
            outcome = judge(folder / "clone", fault, known.get(fault[0], {}), seconds)
            done.append([*fault, outcome])
            with results.open("a", newline="") as file:
                csv.writer(file).writerow(done[-1])
            print(*done[-1], flush=True)
    print(*(f"{outcome}: {count}" for outcome, count in Counter(r[4] for r in done).items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
