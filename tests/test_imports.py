"""■ while a library is imported: it is imported all the same, then the cell stops."""

import importlib
import subprocess
import sys
import time

import pytest

import course_utils
from course_utils import imports

STOPPED = "import signal\nsignal.raise_signal(signal.SIGINT)\nwhole = True\n"


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A library in whose middle somebody presses ■; `half_made.part` is a module of it."""
    package = tmp_path / "half_made"
    package.mkdir()
    (package / "__init__.py").write_text(STOPPED)
    (package / "part.py").write_text("whole = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(imports, "LIBRARIES", {"half_made"})
    yield package
    for name in ("half_made", "half_made.part", "around_it"):
        sys.modules.pop(name, None)


def stopped(name):
    """Import it; the KeyboardInterrupt comes afterwards."""
    with pytest.raises(KeyboardInterrupt):
        importlib.import_module(name)
        time.sleep(10)


def test_a_library_is_there_after_the_interrupt(library):
    stopped("half_made")
    assert sys.modules["half_made"].whole and importlib.import_module("half_made.part").whole


def test_the_library_that_imports_it_is_there_too(library, monkeypatch):
    (library.parent / "around_it.py").write_text("import half_made\nwhole = True\n")
    monkeypatch.setattr(imports, "LIBRARIES", {"half_made", "around_it"})
    stopped("around_it")
    assert sys.modules["around_it"].whole and sys.modules["half_made"].whole


def test_a_module_of_ones_own_stops_at_once(library, monkeypatch):
    monkeypatch.setattr(imports, "LIBRARIES", set())
    with pytest.raises(KeyboardInterrupt):
        importlib.import_module("half_made")
    assert "half_made" not in sys.modules


def test_what_is_not_there_is_not_there(library):
    with pytest.raises(ModuleNotFoundError, match="half_made.nothing"):
        (library / "__init__.py").write_text("")
        importlib.import_module("half_made.nothing")


def test_asked_for_twice_it_is_there_once():
    course_utils.imports.import_whole()
    assert sys.meta_path.count(imports._Whole) == 1


REAL = """
import course_utils, signal, sys, time
class Press:
    def find_spec(name, path=None, target=None):
        if name == "torch.nn":  # in the middle of torch
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Press)
try:
    course_utils.load_tokenizer()
    time.sleep(60)
except KeyboardInterrupt:
    sys.meta_path.remove(Press)
from transformers import pipeline
model, tokenizer = course_utils.load_sentiment_model()
print(pipeline("text-classification", model=model, tokenizer=tokenizer)("a joy")[0]["label"])
"""


@pytest.mark.slow
def test_torch_works_after_an_interrupt_of_its_import():
    """The first cell of 00, stopped in its first second and run again."""
    done = subprocess.run([sys.executable, "-c", REAL], capture_output=True, text=True)
    assert done.stdout == "positive\n", done.stderr
