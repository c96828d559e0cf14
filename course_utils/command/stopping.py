"""A training that somebody stops with Ctrl-C, and one that goes on."""

import signal
import threading
from contextlib import contextmanager
from pathlib import Path

from course_utils.errors import CourseError


class Stop:
    """What Ctrl-C does: the first one stops the training; none stops what saves it."""

    def __init__(self):
        self.hold = False
        """From now on, nothing is stopped. The training loop sets it when it has ended."""
        self.late = False
        """Did the first one come while nothing could be stopped?"""
        self.pressed = False
        self.tells = True
        """The command says what became of the run: the words for a notebook are not shown."""

    def __call__(self, *_):
        first, self.pressed = not self.pressed, True
        if first and not self.hold:
            raise KeyboardInterrupt
        self.late = self.late or first


ENDINGS = ("SIGTERM", "SIGHUP")
"""What ends programs besides Ctrl-C; Windows has no SIGHUP."""


@contextmanager
def stopped_once():
    """Within the block, Ctrl-C does what a `Stop` says, which the block gets.

    A first one that came late stops what comes after the block. So does what a system sends that
    ends programs: a terminal that closes (SIGHUP), `kill` or a shut-down (SIGTERM).
    """
    before, stop = signal.getsignal(signal.SIGINT), Stop()
    in_main = threading.current_thread() is threading.main_thread()  # no other can set handlers
    if not in_main or not callable(before):
        yield stop
        return
    signal.signal(signal.SIGINT, stop)
    others = [getattr(signal, name) for name in ENDINGS if hasattr(signal, name)]
    changed = {one: signal.getsignal(one) for one in others}
    changed = {one: own for one, own in changed.items() if own == signal.SIG_DFL}  # not nohup's
    for one in changed:  # by way of SIGINT, so that what waits for a whole step waits here, too
        signal.signal(one, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
        for one, own in changed.items():
            signal.signal(one, own)
    if stop.late:
        signal.raise_signal(signal.SIGINT)


RECIPE = ("epochs", "learning_rate", "batch_size", "max_length", "seed", "patience")


def check_same_run(options, folder: Path, data: tuple) -> None:
    """A stopped run goes on as it began: raise a CourseError if something else is asked for.

    Args:
        options: of the command; None where nothing was said.
        folder: where the run is kept.
        data: the texts to learn from, and those of the validation.
    """
    from course_utils.model.checkpoints import named
    from course_utils.model.known import checkpoint_note
    from course_utils.model.run_state import fingerprint
    from course_utils.model.saving import read_about

    about = read_about(str(folder))
    begun = about.get("history", {})
    other = {name: begun[name] for name in RECIPE if _differs(options, begun, name)}
    if options.class_weights and not begun.get("class_weights"):
        other["class_weights"] = None
    if options.checkpoint and checkpoint_note(named(options.checkpoint)) != about.get("checkpoint"):
        other["checkpoint"] = about.get("checkpoint")
    cure = "or begin anew, with --overwrite in the place of --resume."
    if other:
        began = ", ".join(f"{_option(name)} {_said(value)}" for name, value in other.items())
        raise CourseError(
            f"A stopped training goes on as it began, and this one began with {began}: leave "
            f"{', '.join(map(_option, other))} out, {cure}"
        )
    if about.get("unfinished", {}).get("data") not in (None, fingerprint(data)):
        raise CourseError(
            "These are not the texts with which the stopped training began: give the same DATA, "
            f"--text, --label, --group, --time and --strict as then, {cure}"
        )


def _differs(options, begun: dict, name: str) -> bool:
    asked = getattr(options, name)
    return asked is not None and name in begun and asked != begun[name]


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _said(value) -> str:
    if value is None:
        return "not given"
    return f"{value:g}" if isinstance(value, float) else str(value)
