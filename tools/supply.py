"""What the course is installed from, under which licences: `python course.py supply [WORD ...]`.

    lock        `lock.txt` and `lock_torch.txt`: the versions of constraints.txt, with hashes
    licences    `licences.csv`: name, version and licence of all that is installed here, and of
                what only other systems have; complete where the extra `ray` is installed, too
    sbom        `build/sbom.json`: the same as a CycloneDX bill of materials
    audit       ask PyPI for known vulnerabilities of what is locked

Without a word, all of them. The first three files lie in `instructor/supply/`. Other people's
programs do the work; uv runs each in an environment of its own, so that none describes itself.
"""

import os
import re
import shutil
import sys
from pathlib import Path

from tools import PYTHONS, ROOT, Problem
from tools.programs import call

FOLDER = "instructor/supply"
LOCK, LOCK_TORCH = f"{FOLDER}/lock.txt", f"{FOLDER}/lock_torch.txt"
LICENCES = f"{FOLDER}/licences.csv"
DRAFT = "build/lock.txt"
HEADS = {
    LOCK: "All that any set of packages installs, but for PyTorch: see lock_torch.txt.",
    LOCK_TORCH: "PyTorch as PyPI has it: for Linux the build for NVIDIA cards, with libraries.",
}
# PyTorch, and what only its build for NVIDIA cards needs. A computer without such a card takes
# PyTorch from elsewhere, where the files have other hashes, and saves gigabytes.
TORCH = re.compile(r"(torch|triton|cuda-[\w-]+|nvidia-[\w-]+)==")
# Windows and macOS have them, the Linux that the list is made on has not: what their pages say.
ELSEWHERE = {"appnope": "BSD-2-Clause", "colorama": "BSD License", "pywinpty": "MIT"}
COMMANDS = {
    "lock": (
        "uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-config"
        " --quiet --no-header --no-annotate --default-index https://pypi.org/simple"
        f" --python-version {PYTHONS[0]} -c constraints.txt -o {DRAFT}"
    ),
    "licences": (
        "uvx pip-licenses==5.5.5 --python {python} --from mixed --with-system --format csv"
        " --ignore-packages bert-transfer-course --output-file " + LICENCES
    ),
    "sbom": (
        "uvx --from cyclonedx-bom==7.5.0 cyclonedx-py environment {python} --output-reproducible"
        " --pyproject pyproject.toml -o build/sbom.json"
    ),
    # --strict: what PyPI does not answer for is a failure, not a package without faults.
    "audit": (
        f"uvx pip-audit==2.10.1 --strict --disable-pip --require-hashes -r {LOCK} -r {LOCK_TORCH}"
    ),
}


def main(arguments: list[str]) -> int:
    """Make what these words name, or everything; return the first exit status that is not 0.

    Raises:
        Problem: if there is no such word, or no uv.
    """
    wrong = [word for word in arguments if word not in COMMANDS]
    if wrong:
        raise Problem(f"`supply` knows no {wrong[0]!r}: expected some of {', '.join(COMMANDS)}.")
    if not shutil.which("uv"):
        raise Problem(
            "`supply` needs uv, and it is not on the PATH: https://docs.astral.sh/uv says how to"
            " install it."
        )
    (ROOT / "build").mkdir(exist_ok=True)
    for word in arguments or COMMANDS:
        print(f"supply {word}", flush=True)
        code = call(COMMANDS[word].format(python=sys.executable).split(), dict(os.environ))
        if code:
            return code
        if word == "lock":
            write_locks((ROOT / DRAFT).read_text("utf-8"))
        if word == "licences":
            add_elsewhere()
    return 0


def write_locks(compiled: str) -> None:
    """Write the two files from what uv made: `split` says what goes where."""
    for name, entries in zip(HEADS, split(compiled), strict=True):
        head = f"# {HEADS[name]}\n# Made by `python course.py supply lock`.\n"
        Path(ROOT, name).write_text(head + "".join(entries), encoding="utf-8", newline="\n")


def split(compiled: str) -> tuple[list[str], list[str]]:
    """Part PyTorch and its libraries from everything else.

    Args:
        compiled: a list of requirements, each followed by its indented hashes.

    Returns:
        The entries of everything else, and those of PyTorch.
    """
    entries = re.findall(r"^[^\s#].*\n(?:[ \t].*\n)*", compiled, re.M)
    torch = [entry for entry in entries if TORCH.match(entry)]
    return [entry for entry in entries if entry not in torch], torch


def add_elsewhere() -> None:
    """Complete the list of licences by what is not installed on this system."""
    exact = (ROOT / "constraints.txt").read_text("utf-8")
    listed = (ROOT / LICENCES).read_text("utf-8")
    for name, licence in ELSEWHERE.items():
        version = re.search(rf"^{name}==(\S+)", exact, re.M)
        if version and f'"{name}"' not in listed:
            listed += f'"{name}","{version[1]}","{licence}"\n'
    (ROOT / LICENCES).write_text(listed, encoding="utf-8", newline="\n")
