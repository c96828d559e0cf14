"""Every notebook runs to its end with a checkpoint that nobody has measured, and with all data.

Its weights are random, so whatever `minilm` has learned is not there: a result may be told, but
it must not stop a cell. A stub that is not filled in, or a check that finds a solution wrong for
such a model, says so in a sentence.
"""

from pathlib import Path

import nbformat
import pytest
from stand_in import cased_tokenizer, make_checkpoint, multilingual_tokenizer

from tools.runner import clean_environment, run_cells

ROOT = Path(__file__).resolve().parent.parent
STUDENT = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb"))
SECONDS_PER_CELL = 300
KINDS = {
    "a head": lambda: {"with_head": True},
    "no head": lambda: {"with_head": False},
    "12 layers": lambda: {"with_head": True, "num_hidden_layers": 12, "hidden_size": 48},
    "cased": lambda: {"with_head": True, "tokenizer": cased_tokenizer()},
    "multilingual": lambda: {"with_head": True, "tokenizer": multilingual_tokenizer()},
    "all data": lambda: {"with_head": False},
}
"""What the stand-in is like -> how it is made. With "all data", all reviews are there to train."""

QUICK = {("03", "no head"), ("08", "no head")}
"""03 and 08 look deepest into a model: they run each time, the others with `--all`."""

WHICH = "import course_utils.settings\nprint(course_utils.settings.current())"


@pytest.fixture(scope="module")
def checkpoint(request, tmp_path_factory):
    """The folder of a stand-in of this kind."""
    folder = tmp_path_factory.mktemp("checkpoints") / f"stand-in, {request.param}"
    return make_checkpoint(folder, **KINDS[request.param]())


def run_all_cells(path, checkpoint, folder, **switches):
    """Run a notebook with a checkpoint, to its end whatever happens; return it.

    Args:
        path: of the notebook, which stays as it is.
        checkpoint: a folder.
        folder: where the kernel works, and keeps the models that it trains.
        **switches: variables of the environment.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    notebook.cells.append(nbformat.v4.new_code_cell(WHICH))
    switches |= {
        "COURSE_CHECKPOINT": str(checkpoint),
        "PYTHONPATH": str(ROOT),  # the course beside this test, wherever another one is installed
    }
    env = clean_environment(folder / "models") | switches
    # The next cells may have errors of their own: all are told.
    run_cells(notebook, folder, path.stem, seconds_per_cell=SECONDS_PER_CELL, go_on=True, env=env)
    return notebook


def stops(notebook) -> list:
    """The cells with an error, and what it says."""
    return [
        f"{cell.source}\n-> {output.ename}: {output.evalue}"
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    ]


def printed(notebook) -> str:
    """What the cells print."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return "".join(output.get("text", "") for cell in code for output in cell.outputs)


def test_no_cell_stops(path, kind, checkpoint, tmp_path):
    size = "full" if kind == "all data" else "default"
    notebook = run_all_cells(path, checkpoint, tmp_path, COURSE_SIZE=size)
    assert not stops(notebook), "\n\n".join(stops(notebook))
    said = printed(notebook)
    assert f"{str(checkpoint)!r}, size={size!r}" in said, "it was not the stand-in that ran"
    assert "Your code stopped with" not in said, "the check of an exercise stopped"
    if path.name.startswith("03"):
        assert ("has no language-modelling head" in said) != KINDS[kind]()["with_head"]


def pytest_generate_tests(metafunc):
    """All notebooks and all kinds of checkpoints; the solutions with the first two kinds."""
    if "path" not in metafunc.fixturenames:
        return
    cases = []
    for path in STUDENT + SOLUTIONS:
        for kind in list(KINDS)[: None if path in STUDENT else 2]:
            quick = path in STUDENT and (path.name[:2], kind) in QUICK
            name = f"{path.relative_to(ROOT / 'notebooks').with_suffix('')}"
            marks = () if quick else pytest.mark.slow
            cases.append(pytest.param(path, kind, kind, id=f"{name}, {kind}", marks=marks))
    metafunc.parametrize(("path", "kind", "checkpoint"), cases, indirect=["checkpoint"])
