"""Every notebook runs to its end with a checkpoint that nobody has measured.

Its weights are random, so whatever `minilm` has learned is not there: a result may be told, but
it must not stop a cell. A stub that is not filled in, or a check that finds a solution wrong for
such a model, says so in a sentence.
"""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from stand_in import make_checkpoint

ROOT = Path(__file__).resolve().parent.parent
STUDENT = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb"))
SECONDS_PER_CELL = 300
QUICK = (("03", False), ("08", False))
"""03 and 08 look deepest into a model: they run each time, the others with `--all`."""

WHICH = "import course_utils.settings\nprint(course_utils.settings.current().checkpoint)"


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    """With a head for masked language modelling? -> the folder of such a checkpoint."""
    folder = tmp_path_factory.mktemp("checkpoints")
    return {
        True: make_checkpoint(folder / "stand-in-with-head", with_head=True),
        False: make_checkpoint(folder / "stand-in", with_head=False),
    }


def run_all_cells(path, checkpoint, folder):
    """Run a notebook with a checkpoint, to its end whatever happens; return it.

    Args:
        path: of the notebook, which stays as it is.
        checkpoint: a folder.
        folder: where the kernel works, and keeps the models that it trains.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    notebook.cells.append(nbformat.v4.new_code_cell(WHICH))
    switches = {
        "COURSE_CHECKPOINT": str(checkpoint),
        "COURSE_MODELS": str(folder),
        "PYTHONPATH": str(ROOT),  # the course beside this test, wherever another one is installed
    }
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        allow_errors=True,  # the next cells may have errors of their own: all are told
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        store_widget_state=False,
    )
    client.execute(env=os.environ | switches)
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


def test_no_cell_stops(path, with_head, checkpoints, tmp_path):
    notebook = run_all_cells(path, checkpoints[with_head], tmp_path)
    assert not stops(notebook), "\n\n".join(stops(notebook))
    said = printed(notebook)
    assert said.endswith(f"{checkpoints[with_head]}\n"), "it was not the stand-in that ran"
    assert "Your code stopped with" not in said, "the check of an exercise stopped"
    if path.name.startswith("03"):
        assert ("stand-in has no language-modelling head" in said) != with_head


def pytest_generate_tests(metafunc):
    """All notebooks and both checkpoints. Only notebook 03 asks for the head, and needs both."""
    if "path" not in metafunc.fixturenames:
        return
    cases = []
    for path in STUDENT + SOLUTIONS:
        for with_head in (False, True):
            quick = path in STUDENT and (path.name[:2], with_head) in QUICK
            name = f"{path.relative_to(ROOT / 'notebooks').with_suffix('')}"
            cases.append(
                pytest.param(
                    path,
                    with_head,
                    id=f"{name}, {'with' if with_head else 'without'} a head",
                    marks=() if quick else pytest.mark.slow,
                )
            )
    metafunc.parametrize(("path", "with_head"), cases)
