"""Same seed, same machine, same versions: the same numbers, to the last digit.

`one_run.py` goes from a file to a saved model and its answers, and digests all that comes out.
What another machine may change is in `LAST_DIGITS`: sums in another order, nothing else.
"""

import json
import os
import random
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import torch
from one_run import everything
from stand_in import make_checkpoint

ROOT = Path(__file__).resolve().parent.parent
LAST_DIGITS = {"losses", "validation", "weights", "probabilities", "alone", "words", "vectors"}
LAST_DIGITS |= {"saved", "answers", "numbers"}  # they hold weights and probabilities
SPIN = "import sys; print(flush=True)\nwhile True: pass"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A checkpoint that takes no time."""
    return str(make_checkpoint(tmp_path_factory.mktemp("small") / "small", with_head=False))


@pytest.fixture(scope="module")
def once(small, tmp_path_factory):
    """One run in this process."""
    return as_json(everything(small, tmp_path_factory.mktemp("once") / "out"))


def as_json(found: dict) -> dict:
    return json.loads(json.dumps(found))


def in_another_process(checkpoint: str, out: Path, **environment) -> dict:
    """The same as `everything`, in a new Python."""
    run = subprocess.run(
        [sys.executable, ROOT / "tests" / "one_run.py", checkpoint, out],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        cwd=out.parent,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout)


def check_same(one: dict, other: dict, but=frozenset()) -> None:
    """All that two runs found is the same: the keys that differ are named."""
    differing = {key for key in one.keys() | other.keys() if one[key] != other[key]}
    assert differing <= but, {key: (one[key], other[key]) for key in differing - but}


def threads() -> dict:
    return {"OMP_NUM_THREADS": str(torch.get_num_threads())}


def test_again_in_the_same_process(small, once, tmp_path):
    """Who runs the cells a second time gets the same, whatever drew random numbers in between."""
    random.seed(7), np.random.seed(7), torch.manual_seed(7)
    torch.rand(3), random.random(), np.random.random()
    check_same(as_json(everything(small, tmp_path / "out")), once)


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2", "TZ": "Pacific/Auckland", "LC_ALL": "C", "COLUMNS": "40"},
    ],
    ids=["hashes", "elsewhere"],
)
def test_in_another_process(small, once, environment, tmp_path):
    """After a restart of the kernel; no order of a set, no clock and no language decides."""
    check_same(in_another_process(small, tmp_path / "out", **threads(), **environment), once)


@pytest.fixture(scope="module")
def on_two(tmp_path_factory):
    """A run of minilm in two threads."""
    out = tmp_path_factory.mktemp("two") / "out"
    return in_another_process("minilm", out, OMP_NUM_THREADS="2")


@pytest.mark.slow
def test_beside_busy_cores(on_two, tmp_path):
    """Two threads that wait for their turn at a core make the same sums as two that do not."""
    with ExitStack() as stack:
        for _ in range(os.cpu_count()):
            spinning = subprocess.Popen([sys.executable, "-c", SPIN], stdout=subprocess.PIPE)
            stack.enter_context(spinning)  # waits for its end, which comes before
            stack.callback(spinning.kill)
            spinning.stdout.readline()  # it has begun
        beside = in_another_process("minilm", tmp_path / "out", OMP_NUM_THREADS="2")
    check_same(on_two, beside)


@pytest.mark.slow
def test_another_number_of_cores_changes_last_digits_only(on_two, tmp_path):
    """As another machine does: sums in another order. Parts, reports and baselines are the same."""
    on_one = in_another_process("minilm", tmp_path / "out", OMP_NUM_THREADS="1")
    check_same(on_one, on_two, but=LAST_DIGITS)
    losses = [[float.fromhex(loss) for loss in run["losses"]] for run in (on_one, on_two)]
    np.testing.assert_allclose(*losses, rtol=0, atol=1e-3)
    for one, other in zip(on_one["numbers"], on_two["numbers"], strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-3)
    assert on_one["saved"].keys() == on_two["saved"].keys()
