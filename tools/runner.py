"""The one runner of notebooks: `build`, `run` and `timings` all run their cells with it."""

import os
import sys
import time
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.filters import strip_ansi


class CellError(Exception):
    """A cell did not come to its end.

    Attributes:
        where: the notebook and the number of the cell.
        why: what happened, for example "raised ZeroDivisionError: division by zero".
        details: the traceback, which begins with the text of the cell; else that text alone.
        raised: whether it was an error of the cell's own.
    """

    def __init__(self, where, why, details, raised=False):
        super().__init__(f"{where}, {why}\n{details}")
        self.where, self.why, self.details, self.raised = where, why, details, raised


def run_cells(
    notebook,
    folder,
    label,
    *,
    seconds_per_cell=None,
    around=None,
    at_end=None,
    go_on=False,
    **kernel,
) -> list[float]:
    """Run the code of a notebook from top to bottom in a fresh kernel.

    Args:
        notebook: it receives the outputs, also those from before a failure.
        folder: the folder in which the kernel works.
        label: what progress and errors call this notebook.
        seconds_per_cell: how long a cell may run; None for as long as it likes.
        around: called with the manager of the kernel and the place of a cell in the notebook;
            the cell runs within the context that it returns.
        at_end: called with the manager of the kernel while that still runs.
        go_on: run the cells after one that raised an error, too.
        **kernel: how to start its process: `env`, the variables; `stderr`, as for `subprocess`.

    Returns:
        Seconds that each cell with code took, in their order.

    Raises:
        CellError: if a cell fails, and so the cells after it are not run.
    """
    client = NotebookClient(
        notebook,
        timeout=seconds_per_cell,
        kernel_name="python3",
        resources={"metadata": {"path": str(Path(folder))}},
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        force_raise_errors=not go_on,
        allow_errors=go_on,
        record_timing=False,
        store_widget_state=False,
    )
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source]
    seconds = []
    client.reset_execution_trackers()
    try:
        with _started(client, label, {"env": dict(os.environ)} | kernel):
            for number, index in enumerate(code, start=1):
                progress(f"{label}: cell {number} of {len(code)}")
                begin = time.perf_counter()
                with around(client.km, index) if around else nullcontext():
                    _run_cell(client, index, f"{label}, code cell {number} of {len(code)}")
                seconds.append(time.perf_counter() - begin)
            if at_end:
                at_end(client.km)
    finally:
        progress("")
    return seconds


@contextmanager
def _started(client, label, options):
    """The block has a kernel; one that dies before it answers is a CellError."""
    with ExitStack() as stack:
        try:
            stack.enter_context(client.setup_kernel(**options))
        except RuntimeError as error:  # "Kernel died before replying", or no answer for a minute
            why = "its kernel did not start. Is the disk full that has your home folder?"
            raise CellError(label, why, str(error)) from None
        yield


def _run_cell(client, index, where) -> None:
    cell = client.nb.cells[index]
    try:
        client.execute_cell(cell, index)
    except CellExecutionError as error:
        why = f"raised {error.ename}: {error.evalue}"
        raise CellError(where, why, strip_ansi(error.traceback).strip(), raised=True) from None
    except CellTimeoutError:
        why = f"was still running after {client.timeout} s."
        raise CellError(where, why, cell.source) from None
    except DeadKernelError:
        raise CellError(where, "killed its kernel (out of memory?).", cell.source) from None


def clean_environment(models) -> dict[str, str]:
    """The variables of a kernel: the course's defaults on a CPU, no bars, no models from before.

    Args:
        models: an empty folder, for the models that the notebook saves.
    """
    ours = {"COURSE_MODELS": str(models), "COURSE_DEVICE": "cpu", "TQDM_DISABLE": "1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    return kept | ours


def progress(message) -> None:
    """Write over the last line on a terminal; elsewhere keep only the lines that are finished."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{message}", end="", flush=True)
    elif message.endswith("\n"):
        print(message, end="", flush=True)
