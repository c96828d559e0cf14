"""Cells run in any order and any number of times, as students run them: nothing breaks.

A cell runs twice, a notebook runs twice in one kernel and once more after a restart, ■ stops a
cell at any moment. What a cell answers then is what the notebook stores, by nbval's rules.
"""

import ast
import asyncio
import copy
import random
import re
import shutil
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbval.plugin import IPyNbFile
from two_shells import Kernel

from tools.runner import clean_environment, run_cells

ROOT = Path(__file__).resolve().parent.parent
STUDENT = sorted((ROOT / "notebooks").glob("*.ipynb"))
SECONDS_PER_CELL = 600
MORE_MEMORY = 1.15  # times what the kernel held after the first run, at most, after the second
LONG = 2  # seconds: whoever waits longer for a cell may lose patience
HELD = """
import ctypes, gc, psutil
gc.collect()
ctypes.CDLL(None).malloc_trim(0)  # what was freed and Linux left with us is not held
print(psutil.Process().memory_full_info().uss / 1e9)
"""

REMEMBERS = ("count = count + 1", "course_utils.load_or_train(")
"""What rightly says something else the second time: 00 adds one, 06 and 08 find a saved model."""

GOES_ON = (
    "optimizer.step()",  # 05: a second step of the slides' cell
    "loss_and_positive(model)",  # 05: dropout
    "different ones:",  # 05: dropout
    "classmates_accuracy(model,",  # 06: dropout, one of the faults to be found there
)
"""Cells that rightly show other digits when they run again."""

TRAIN = ("02", "05", "06", "07", "08", "09")
"""In each of these, a cell takes longer than two seconds on any computer."""

STOPPED = re.compile(r"KeyboardInterrupt|-> CourseError: The run was interrupted")
"""How a stopped cell may end; the sentence comes where 09 would save half a run with an adapter."""

pytestmark = pytest.mark.slow
each_notebook = pytest.mark.parametrize(
    "path", STUDENT, ids=lambda path: path.stem[:2], scope="module"
)


def code_cells(path) -> list:
    """Those of a stored notebook, with their outputs."""
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def run(cells, folder, **options) -> tuple:
    """Run copies of these cells in a fresh kernel; return them, and what each took in seconds.

    Args:
        cells: each may be a cell or its source.
        folder: where the kernel works, and keeps its models.
    """
    make = nbformat.v4.new_code_cell
    cells = [make(cell if isinstance(cell, str) else cell.source) for cell in cells]
    notebook = nbformat.v4.new_notebook(cells=cells)
    env = clean_environment(folder / "models") | {"PYTHONPATH": str(ROOT)}
    options = {"seconds_per_cell": SECONDS_PER_CELL, "go_on": True, "env": env} | options
    return cells, run_cells(notebook, folder, "rerun", **options)


def errors(cells) -> list:
    return [
        f"{cell.source}\n-> {output.ename}: {output.evalue}"
        for cell in cells
        for output in cell.outputs
        if output.output_type == "error"
    ]


def shown(cell) -> list:
    """Text and pictures that a cell shows; a view is a widget with a new number each time."""
    return [
        (output.get("text"), {k: v for k, v in output.get("data", {}).items() if "widget" not in k})
        for output in cell.outputs
        if output.get("name") != "stderr"
    ]


@pytest.fixture
def differences(request, path):
    """Called with cells that ran: where they do not answer what the notebook stores.

    And, with cells that ran before on this computer: where they do not show the same as those, to
    the last digit. (What the notebook stores may come from another computer.)
    """
    file = IPyNbFile.from_parent(request.session, path=path)
    stored = list(file.collect())
    file.setup_sanitize_files()
    for cell in stored:
        cell.options["check"] &= not any(word in cell.cell.source for word in REMEMBERS)

    def compare(cells, before=None) -> list:
        found = errors(cells)
        for number, (ran, cell) in enumerate(zip(cells, stored, strict=True)):
            if not cell.options["check"]:
                continue
            if not cell.compare_outputs(ran.outputs, copy.deepcopy(cell.cell.outputs)):
                found.append("\n".join([ran.source, *cell.comparison_traceback]))
            goes_on = any(word in ran.source for word in GOES_ON)
            if before and not goes_on and shown(ran) != shown(before[number]):
                found.append(f"{ran.source}\n-> {shown(before[number])}\n-> {shown(ran)}"[:3_000])
        return found

    return compare


@pytest.fixture(scope="module")
def twice(path, tmp_path_factory):
    """All cells run, and run again in the same kernel, the held memory printed after each time.

    Returns:
        The cells that ran; what each took, in seconds; and the folder with the saved models.
    """
    cells, folder = code_cells(path), tmp_path_factory.mktemp("twice")
    return *run([*cells, HELD, *cells, HELD], folder), folder


@each_notebook
def test_each_cell_twice_in_a_row(path, tmp_path, differences):
    cells = code_cells(path)
    ran, _ = run([cell for cell in cells for _ in range(2)], tmp_path)
    found = differences(ran[::2]) + differences(ran[1::2], before=ran[::2])
    assert not found, "\n\n".join(found)


@each_notebook
def test_all_cells_twice_and_again_after_a_restart(path, twice, differences):
    """After the second run, hardly more memory is held; the restart finds saved models."""
    ran, _, folder = twice
    cells = code_cells(path)
    restarted, _ = run(cells, folder)
    count = len(cells)
    found = differences(first := ran[:count])
    found += differences(ran[count + 1 : -1], before=first) + differences(restarted, before=first)
    assert not found, "\n\n".join(found)
    once, again = (float(cell.outputs[0].text) for cell in (ran[count], ran[-1]))
    print(f"{path.stem}: {once:.2f} GB, then {again:.2f} GB")
    assert again < MORE_MEMORY * once, f"{again:.2f} GB after the second run, {once:.2f} before"


@each_notebook
def test_a_stopped_cell_runs_again(path, twice, tmp_path, differences):
    """■ at three moments of each long cell, which then runs to its end, and so do the next ones.

    The stopped cell itself ends with KeyboardInterrupt or goes on; of errors it may only have the
    sentence that the run was interrupted.
    """
    first, seconds, _ = twice
    cells = code_cells(path)
    chance = random.Random(path.stem)
    plan, when, hit = [], {}, []
    for cell, took in zip(cells, seconds, strict=False):  # of the first time
        for moment in sorted(chance.uniform(0, took) for _ in range(3 if took > LONG else 0)):
            when[len(plan)] = moment
            plan.append(cell)
        plan.append(cell)
    ran, _ = run(plan, tmp_path, around=lambda manager, place: stop(manager, when.get(place), hit))
    kept = [cell for place, cell in enumerate(ran) if place not in when]
    found = differences(kept, before=first[: len(cells)])
    for place, moment in when.items():
        said = [line for line in errors([ran[place]]) if not STOPPED.search(line)]
        found += [f"stopped after {moment:.2f} s: {line}" for line in said]
    stopped = sum("KeyboardInterrupt" in str(cell.outputs) for cell in ran)
    print(f"{path.stem}: {len(hit)} of {len(when)} interrupts hit, {stopped} KeyboardInterrupts")
    assert not found, "\n\n".join(found)
    # Of the three tries some come too late: what a cell imports is there the second time.
    assert len(hit) >= (3 if path.stem[:2] in TRAIN else bool(when))


@contextmanager
def stop(manager, seconds, hit):
    """Within the block, after so many seconds, what the ■ of JupyterLab does; None: never.

    Args:
        hit: gets an entry when it is done and the block is not over.
    """
    over = threading.Event()

    def press():
        if not over.wait(seconds):
            asyncio.run(manager.interrupt_kernel())
            hit.append(seconds)

    if seconds is None:
        yield
        return
    presses = threading.Thread(target=press)
    presses.start()
    try:
        yield
    finally:
        over.set()
        presses.join()


WITH_VIEWS = [path for path in STUDENT if path.stem[:2] in ("03", "04", "05", "06", "08")]
BOXES = """{box.model_id: list(getattr(box, "options", ())) or (
    ["a joy " + "!" * n for n in range(20)] if isinstance(box.value, str) else [box.value, 0])
    for box in _widgets if hasattr(box, "value") and hasattr(box, "disabled")}"""
WIDGETS = """
import gc, ipywidgets
_widgets = [one for one in gc.get_objects() if isinstance(one, ipywidgets.Widget)]
"""
WEIGHTS = """[w.double().sum().item().hex() for w in model.parameters()] if hasattr(
    globals().get("model"), "parameters") else None"""
SHOWN = "[each.value for each in _widgets if isinstance(each, ipywidgets.HTML)]"


def empty(folder) -> None:
    """06 and 08 would load what they have trained before."""
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("path", WITH_VIEWS, ids=lambda path: path.stem[:2])
def test_views_are_moved_while_the_longest_cell_runs_again(path, tmp_path):
    """Type into each box of the notebook, move each slider: the cell ends as if nobody had.

    In 05, 06 and 08 it trains, and the weights are the same to the last digit.
    """
    models = tmp_path / "models"
    env = clean_environment(models) | {"PYTHONPATH": str(ROOT)}
    kernel = Kernel(cwd=tmp_path, env=env)
    try:
        times = {}
        for cell in code_cells(path):
            begin = time.perf_counter()
            kernel.run(cell.source)
            times[cell.source] = time.perf_counter() - begin
        longest = max(times, key=times.get)
        empty(models)
        alone = kernel.run(longest, weights=WEIGHTS)["weights"]
        assert alone != "None" or path.stem[:2] not in TRAIN
        boxes = ast.literal_eval(kernel.run(WIDGETS, boxes=BOXES)["boxes"])
        assert boxes
        empty(models)
        kernel.change_until_done(kernel.start(longest), boxes)
        assert kernel.run("", weights=WEIGHTS)["weights"] == alone
        kernel.run("", kernel.subshell)  # all that was typed is answered
        says = ast.literal_eval(kernel.run("", shown=SHOWN)["shown"])
        assert not [text for text in says if "cannot be shown" in text]
    finally:
        kernel.close()
