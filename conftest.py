"""What every test of this project has around it, the cells of the notebooks included.

This file stands beside `tests/` and `notebooks/`, not inside one of them, because pytest applies a
conftest.py only to the folders below it.
"""

import os
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from queue import Empty

import pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbFile

from tools.kernel_memory import peak_memory

MODELS = Path(tempfile.mkdtemp(prefix="course-models-"))
LONG = ("02", "05", "06", "07", "08", "09")  # notebooks that compute for half a minute or more
NOWHERE = "http://127.0.0.1:9"  # nothing listens there, so a request to the outside fails at once
WATCHED = Path(__file__).parent / "tests" / "watched"  # its sitecustomize.py notes who asks outside
MOST_MEMORY = 1.5  # GB that the kernel of a notebook may hold at its peak
MEASURED = []  # lines of the summary, one per notebook

# Two workers with one thread each take half the time of one worker with two.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["OMP_NUM_THREADS"] = "1"
# Kernels inherit the environment. Switches set by whoever runs the tests do not count.
for _name in [name for name in os.environ if name.startswith("COURSE_")]:
    del os.environ[_name]
os.environ.update(COURSE_MODELS=str(MODELS))
os.environ.update(COURSE_DEVICE="cpu")  # another device computes other numbers
os.environ.update(TQDM_DISABLE="1")  # stored outputs hold no progress bars
# Tests run offline; what asks for the network shall learn it here and not on another machine.
for _name in ("http_proxy", "https_proxy", "all_proxy"):
    os.environ.update({_name: NOWHERE, _name.upper(): NOWHERE})
os.environ.update(no_proxy="127.0.0.1,localhost", NO_PROXY="127.0.0.1,localhost")


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A folder of its own for the models of one test; the switches are as at the beginning."""
    from course_utils import settings

    monkeypatch.setenv("COURSE_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(settings, "_settings", settings.Settings("minilm", "default", "cpu"))
    return tmp_path / "models"


@pytest.fixture
def two_cores():
    """Torch computes on two cores, as at a student's: a worker has one, and a pool needs two."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.hookimpl(tryfirst=True)  # before pytest sorts out what is slow
def pytest_collection_modifyitems(config, items):
    """Of the long notebooks, only the student's runs each time; its solution waits for `--all`.

    What a solution adds are the answers to the exercises, and these have tests of their own.
    """
    for item in items:
        if item.path.parent.name == "solutions" and item.path.name.startswith(LONG):
            item.add_marker("slow")
    if "not slow" not in config.option.markexpr:  # a file goes to one worker: long files first
        slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
        items.sort(key=lambda item: -slow[item.path])


def pytest_collectstart(collector):
    """Leave stderr out of the comparison: libraries warn there, on each machine differently."""
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += ("stderr",)


def pytest_terminal_summary(terminalreporter):
    """Say what each notebook took: the budgets of the course are 2 minutes and 1.5 GB."""
    for line in sorted(MEASURED):
        terminalreporter.write_line(line)


def pytest_sessionfinish(session):
    """A worker hands over what it measured ..."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["measured"] = MEASURED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """... and who started it takes it."""
    MEASURED.extend(getattr(node, "workeroutput", {}).get("measured", []))


def pytest_unconfigure():
    shutil.rmtree(MODELS, ignore_errors=True)


# nbval offers no hooks for what follows, so three of its methods are wrapped.
_setup, _teardown, _get_message = IPyNbFile.setup, IPyNbFile.teardown, RunningKernel.get_message


def setup(notebook):
    """Start every notebook cold: without the models that an earlier notebook has trained."""
    shutil.rmtree(MODELS, ignore_errors=True)
    MODELS.mkdir()
    notebook.begin, notebook.asked = time.monotonic(), MODELS / ".asked"
    with pytest.MonkeyPatch.context() as patch:  # for the kernel, and for nobody after it
        patch.setenv("WATCHED_BY", str(notebook.asked))
        patch.setenv("PYTHONPATH", str(WATCHED), prepend=os.pathsep)
        _setup(notebook)


def teardown(notebook):
    """Measure the notebook; more memory than a student's computer has to spare is an error.

    So is a look-up of a name, or a connection to another computer: one alone may wait for minutes.
    """
    peak = peak_memory(notebook.kernel.km)
    _teardown(notebook)
    seconds = time.monotonic() - notebook.begin
    memory = "memory not measured" if peak is None else f"{peak:.2f} GB at its peak"
    MEASURED.append(f"{notebook.nodeid}: {seconds:.0f} s, {memory}")
    assert (peak or 0) < MOST_MEMORY, f"{notebook.nodeid} took {peak:.2f} of {MOST_MEMORY} GB."
    asked = notebook.asked.read_text(encoding="utf-8") if notebook.asked.exists() else ""
    assert not asked, f"{notebook.nodeid} asked other computers:\n{asked}"


def get_message(kernel, stream, timeout=None):
    """Wait for a message, but not for one from a kernel that died."""
    deadline = time.monotonic() + (float("inf") if timeout is None else timeout)
    while True:
        left = deadline - time.monotonic()
        try:
            return _get_message(kernel, stream, timeout=max(0, min(1, left)))
        except Empty:
            if not kernel.is_alive():
                raise RuntimeError("The kernel died (out of memory?).") from None
            if left <= 1:
                raise


IPyNbFile.setup, IPyNbFile.teardown, RunningKernel.get_message = setup, teardown, get_message
