"""The bar of a training run, and the stop button that waits for the end of a step."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from course_utils import progress
from course_utils.model.history import History


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "about 1 s"), (37.4, "about 37 s"), (89, "about 89 s"), (91, "about 2 min"),
     (600, "about 10 min"), (5_500, "about 1.5 h")],
)  # fmt: skip
def test_in_words(seconds, words):
    assert progress.in_words(seconds) == words


def test_only_python_speaks():
    """Within the block, what a library in C++ writes to the screen is gone; our words are not."""
    program = (
        "import os, sys; from course_utils.progress import only_python_speaks\n"
        "with only_python_speaks():\n"
        "    os.write(2, b'from C++ '); print('from Python', file=sys.stderr)\n"
        "os.write(2, b'afterwards')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr.split()) == (0, ["from", "Python", "afterwards"])


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is told to move; and bars are shown."""
    monkeypatch.setenv("TQDM_DISABLE", "0")
    now = [0.0]
    monkeypatch.setattr(progress.time, "perf_counter", lambda: now[0])
    return now


def test_time_is_announced_after_two_steps_from_their_tokens(clock):
    run = History(1e-4, 0, texts=6, epochs=2, batch_size=2)
    with progress.StepBar([10, 10, 10, 10, 30, 30], run) as bar:
        run.losses.append(0.7)
        clock[0] = 1.0
        bar.step([0, 1])
        assert bar.bar.desc.strip(": ") == "Fine-tuning"
        run.losses.append(0.6)
        clock[0] = 4.0
        bar.step([4, 5])  # 80 tokens in 4 s, and 200 in both epochs
    assert bar.bar.desc.strip(": ") == "Fine-tuning (about 10 s)"


def test_resumed_run_announces_what_is_left(clock):
    run = History(1e-4, 0, texts=8, epochs=1, batch_size=2, losses=[0.7, 0.7])
    with progress.StepBar([10] * 8, run) as bar:
        for seconds in (1.0, 2.0):
            clock[0] = seconds
            run.losses.append(0.6)
            bar.step([0, 1])
    assert bar.bar.desc.strip(": ") == "Fine-tuning (about 2 s)"


@pytest.fixture
def default_handler():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_interrupt_waits_for_the_end_of_the_block(default_handler):
    done = []
    with pytest.raises(KeyboardInterrupt), progress.finish_first():
        signal.raise_signal(signal.SIGINT)
        time.sleep(0.01)
        done.append(True)
    assert done == [True]
    with pytest.raises(KeyboardInterrupt):  # and afterwards it is as before
        signal.raise_signal(signal.SIGINT)


def test_ignored_interrupts_stay_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with progress.finish_first():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_need_no_handler():
    done = []

    def work():
        with progress.finish_first():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
