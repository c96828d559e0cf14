"""`python course.py timings`: what it measures, and that README and the notebooks quote it."""

import re
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

import conftest
from tools import headers

ROOT = Path(__file__).resolve().parent.parent
ROW = {"seconds": 71, "slowest": 30, "peak_mb": 1_234, "date": "2026-11-24"}
UNKNOWN = {"seconds": 8, "slowest": 2, "peak_mb": None, "date": "2026-11-25"}


@pytest.fixture
def timings():
    from tools import timings

    return timings


def test_seconds_and_memory_of_a_notebook(timings, tmp_path):
    code = ["import time; time.sleep(1)", "block = b'x' * 300_000_000", "block = None"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in code])
    nbformat.write(notebook, tmp_path / "01_small.ipynb")
    found = timings.measure(tmp_path / "01_small.ipynb")
    assert 1 <= found["slowest"] <= found["seconds"] < 20
    if found["peak_mb"] is None:
        pytest.skip("memory is not measured on this system")
    assert 300 < found["peak_mb"] < 600


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells it without asking the kernel")
def test_memory_of_a_kernel_where_only_the_kernel_itself_can_tell(timings, tmp_path, monkeypatch):
    """As on macOS. No upper bound: on Linux the answer may count the memory of these tests."""
    memory = sys.modules["tools.kernel_memory"]
    monkeypatch.setattr(memory, "sys", SimpleNamespace(platform="darwin"))
    monkeypatch.setattr(memory, "Path", lambda path: Path(f"/nowhere{path}"))  # no /proc
    cell = nbformat.v4.new_code_cell("block = b'x' * 300_000_000; block = None")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "01_small.ipynb")
    assert 300 < timings.measure(tmp_path / "01_small.ipynb")["peak_mb"] < 10_000


def test_memory_that_cannot_be_measured_is_none(timings):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for provisioner in (None, SimpleNamespace(pid=None), SimpleNamespace(pid=gone.pid)):
        manager = SimpleNamespace(provisioner=provisioner, blocking_client=no_kernel)
        assert timings.peak_memory(manager) is None


def no_kernel():
    raise TimeoutError("Timeout waiting for reply")


@pytest.mark.parametrize(
    ("peak", "line"),
    [(None, "05: 0 s, memory not measured"), (1.2, "05: 0 s, 1.20 GB at its peak"), (1.6, None)],
)
def test_too_much_memory_is_an_error_and_an_unknown_one_is_none(monkeypatch, tmp_path, peak, line):
    monkeypatch.setattr(conftest, "peak_memory", lambda _: peak)
    monkeypatch.setattr(conftest, "_teardown", lambda _: None)
    monkeypatch.setattr(conftest, "MEASURED", [])
    kernel = SimpleNamespace(km=None)
    nobody = tmp_path / "asked"
    notebook = SimpleNamespace(kernel=kernel, nodeid="05", begin=time.monotonic(), asked=nobody)
    if line:
        conftest.teardown(notebook)
        assert conftest.MEASURED == [line]
    else:
        with pytest.raises(AssertionError, match=r"05 took 1\.60 of 1\.5 GB"):
            conftest.teardown(notebook)


def test_the_table_can_be_read_back(timings, tmp_path, monkeypatch):
    found = {"00_start": ROW, "01_next": UNKNOWN}
    monkeypatch.setattr(headers, "TIMINGS", tmp_path / "timings.md")
    headers.TIMINGS.write_text(timings.table(found), encoding="utf-8")
    assert headers.read_timings() == found


def test_some_notebooks_are_measured_and_the_others_keep_their_rows(
    timings, tmp_path, monkeypatch, capsys
):
    for module in (timings, headers):
        monkeypatch.setattr(module, "TIMINGS", tmp_path / "timings.md")
    told = []
    monkeypatch.setattr(timings.headers, "refresh", lambda lesson, row: told.append((lesson, row)))
    asked = []
    monkeypatch.setattr(timings, "measure", lambda path: asked.append(path.stem[:2]) or new)
    monkeypatch.setattr(timings, "find_notebooks", lambda numbers: [Path("08_looking_inside")])
    monkeypatch.setattr(timings.lessons, "LESSONS", tmp_path)
    monkeypatch.setattr(timings.build, "rewrite_text", lambda lesson: None)
    new = ROW | {"seconds": 80, "date": "2026-11-25"}

    before = {"03_meet_bert": ROW, "08_looking_inside": ROW}
    headers.write(headers.TIMINGS, timings.table(before))
    assert timings.main(["08"]) == 0
    assert asked == ["08"] and told == [(tmp_path / "08_looking_inside.py", new)]
    assert headers.read_timings() == before | {"08_looking_inside": new}

    other = timings.table(before).replace("CPU, ", "CPU, 99")  # these rows are of another computer
    headers.write(headers.TIMINGS, other)
    assert timings.main(["08"]) == 1
    assert "measure all notebooks" in capsys.readouterr().err
    assert asked == ["08"] and timings.TIMINGS.read_text(encoding="utf-8") == other


def test_the_page_is_one_that_the_program_writes(timings, monkeypatch):
    page = timings.TIMINGS.read_text(encoding="utf-8")
    (where,) = re.findall(r"^Measured on: (.+)\.$", page, re.M)
    monkeypatch.setattr(timings, "machine", lambda: where)
    assert timings.table(headers.read_timings()) == page
