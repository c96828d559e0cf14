"""Slow work that shows how far it is, and that can be stopped between two steps."""

import math
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager


def in_group() -> bool:
    """Is this one of several processes that torchrun has started? It tells each its number.

    A size alone is no group: on a cluster, a job script often sets WORLD_SIZE and nothing else.
    """
    numbered = {"RANK", "LOCAL_RANK"} <= set(os.environ)
    return numbered and int(os.environ.get("WORLD_SIZE") or 1) > 1


def speaks() -> bool:
    """Does this process print, show bars and write files? Of a group, only the first one does."""
    return not in_group() or os.environ.get("RANK") == "0"


def progress_bar(total: int, unit: str, description: str = "", quiet: bool = False, done: int = 0):
    """A tqdm bar: a widget in JupyterLab, a line of text in a terminal.

    Args:
        total: how many units the work has; None if nobody knows.
        unit, description: what the bar says.
        quiet: show nothing. The environment variable TQDM_DISABLE=1 does the same.
        done: units that were done before, by a run that was interrupted.
    """
    from tqdm.auto import tqdm

    return tqdm(
        total=total,
        initial=done,
        unit=f" {unit}",
        desc=description,
        # An explicit value, because the notebook version of tqdm ignores the variable.
        disable=quiet or not speaks() or os.environ.get("TQDM_DISABLE", "") not in ("", "0"),
    )


def in_words(seconds: float) -> str:
    """A time to wait, rounded as one would say it: "about 40 s", "about 7 min"."""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    if seconds < 5_400:
        return f"about {round(seconds / 60)} min"
    return f"about {seconds / 3_600:.1f} h"


class StepBar:
    """The bar of a training run: its loss, texts per second, and the time that is left.

    After two steps it announces how long the run will take. It measures by tokens, because that is
    what the time is spent on: a batch of long texts is slow.

    Args:
        lengths: the tokens of each text.
        run: the `History` that the training loop fills.
    """

    def __init__(self, lengths: list, run):
        self.lengths, self.run = lengths, run
        epochs_done = len(run.losses) / math.ceil(len(lengths) / run.batch_size)
        self.left = sum(lengths) * (run.epochs - epochs_done)
        self.steps = self.tokens = 0
        total, done = run.epochs * len(lengths), round(epochs_done * len(lengths))
        self.bar = progress_bar(total, "texts", "Fine-tuning", done=done)
        self.start = time.perf_counter()

    def step(self, rows: list) -> None:
        """One batch was learned: its rows."""
        last = self.run.losses[-10:]
        self.steps += 1
        self.tokens += sum(self.lengths[row] for row in rows)
        if self.steps == 2:
            per_token = (time.perf_counter() - self.start) / self.tokens
            self.bar.set_description(f"Fine-tuning ({in_words(per_token * self.left)})")
        self.bar.set_postfix(loss=f"{sum(last) / len(last):.3f}", refresh=False)
        self.bar.update(len(rows))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.run.stopped_early:  # what was made is all of it: the bar is full
            self.bar.total = self.bar.n
            self.bar.refresh()
        self.bar.close()


def hold_from_now_on(handler=None) -> None:
    """Nothing is stopped any more by a program whose handler of Ctrl-C has `hold`: see `Stop`.

    Called where an interrupt is still caught, it leaves no moment in between.

    Args:
        handler: by default the one that is set.
    """
    handler = handler or signal.getsignal(signal.SIGINT)
    if hasattr(handler, "hold"):
        handler.hold = True


def tells_itself() -> bool:
    """Will a program say by itself what became of a run that was stopped? Its handler of Ctrl-C
    has `tells` then, see `Stop`."""
    return getattr(signal.getsignal(signal.SIGINT), "tells", False)


def _press_again() -> None:
    signal.raise_signal(signal.SIGINT)


@contextmanager
def finish_first(press_again=_press_again):
    """Ctrl-C, and ■ in JupyterLab, wait until the block is done: a step is whole or not made.

    Only for blocks that are soon done: of milliseconds, and in a group until the slowest process
    has made its step, too; or for one that must be whole, such as an import. Without it, an
    interrupt could fall between the new weights and the note that they are new.

    Args:
        press_again: called after the block if somebody wanted to stop it.
    """
    before = signal.getsignal(signal.SIGINT)
    in_main = threading.current_thread() is threading.main_thread()  # no other can set handlers
    if not in_main or not callable(before):
        yield
        return
    pressed = []
    signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        press_again()


@contextmanager
def only_python_speaks():
    """Within the block, what a library written in C++ remarks on stderr is not seen; Python is."""
    kept, python = os.dup(2), sys.stderr
    with open(os.devnull, "w") as nowhere, open(os.dup(2), "w", errors="replace") as screen:
        os.dup2(nowhere.fileno(), 2)
        sys.stderr = screen
        try:
            yield
        finally:
            sys.stderr = python
            os.dup2(kept, 2)
            os.close(kept)
