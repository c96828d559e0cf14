"""A model, and a tokenizer, is used by one thread at a time.

JupyterLab may run what a view does in a second thread, while a cell runs in the first. Two
predictions wait for each other; nobody waits for a training, which may take minutes. A tokenizer
keeps in itself how it cuts and pads: a call in one thread would change what another one gets.

Only the functions of this package take turns. A training loop in a cell of your own does not, so
predictions work on a mirror of the model, too: see `mirror.py`.
"""

import threading
import time
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from course_utils.errors import ModelBusy

LOOK_AGAIN = 0.02  # seconds: how often a thread that waits looks again


class _Turn:
    """Who has a model: one thread, by its number; None for nobody."""

    def __init__(self):
        self.owner = None
        self.trainer = None  # the thread that trains the model, or is about to

    def take(self, me: int) -> None:
        """Wait until nobody has it; do not wait for another thread that trains it."""
        while True:
            with _guard:
                if self.trainer not in (None, me):
                    raise ModelBusy("Training: try again afterwards.")
                if self.owner is None:
                    self.owner = me
                    return
            time.sleep(LOOK_AGAIN)


_turns = WeakKeyDictionary()  # not kept in the model: so a copy of it, or a save, has none
_guard = threading.Lock()


def _turn_of(model) -> _Turn:
    """An encoder and every classifier that stands on it are one model."""
    with _guard:
        return _turns.setdefault(getattr(model, "base_model", model), _Turn())


@contextmanager
def alone(model):
    """Within the block, no other thread uses the model. A block within a block has it already.

    Args:
        model: a classifier or an encoder; or a tokenizer.

    Raises:
        ModelBusy: if another thread trains it.
    """
    turn, me = _turn_of(model), threading.get_ident()
    if turn.owner == me:
        yield
        return
    try:
        turn.take(me)
        yield
    finally:
        if turn.owner == me:  # no call before this: an interrupt cannot come between
            turn.owner = None


@contextmanager
def training(model):
    """As `alone`; and every other thread that asks for the model meanwhile gets a `ModelBusy`."""
    turn, me = _turn_of(model), threading.get_ident()
    before = turn.trainer
    try:
        with _guard:
            if before is None:  # said before the wait: who predicts all the time lets us in
                turn.trainer = me
        with alone(model):
            yield
    finally:
        if before is None and turn.trainer == me:
            turn.trainer = None


def encode(tokenizer, texts, **options):
    """What `tokenizer(texts, **options)` gives, alone with the tokenizer."""
    with alone(tokenizer):
        return tokenizer(texts, **options)
