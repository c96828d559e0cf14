"""A model, and a tokenizer, is used by one thread at a time.

JupyterLab may run what a view does in a second thread, while a cell runs in the first. Training and
prediction both change a model for a moment (its mode, a faster last layer, another kind of
attention), so whoever uses a model has it alone. Two predictions wait for each other; nobody waits
for a training, which may take minutes. A tokenizer keeps in itself how it cuts and pads: a call in
one thread would change what another one gets.

Only the functions of this package take turns. A training loop in a cell of your own does not.
"""

import threading
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from course_utils.errors import ModelBusy

LOOK_AGAIN = 0.1  # seconds: a thread that waits for a prediction sees if a training follows it


class _Turn:
    """Who has a model: one thread, which may take it again inside of a block."""

    def __init__(self):
        self.lock = threading.RLock()
        self.owner = None  # the thread that holds the lock
        self.trainer = None  # the thread that trains the model, or is about to

    def take(self) -> None:
        """Wait for the lock; a block within a block has it already."""
        me = threading.get_ident()
        while True:
            if self.owner != me and self.trainer not in (None, me):
                raise ModelBusy("Training: try again afterwards.")
            if self.lock.acquire(timeout=LOOK_AGAIN):
                return


_turns = WeakKeyDictionary()  # not kept in the model: so a copy of it, or a save, has none
_guard = threading.Lock()


def _turn_of(model) -> _Turn:
    """An encoder and every classifier that stands on it are one model."""
    with _guard:
        return _turns.setdefault(getattr(model, "base_model", model), _Turn())


@contextmanager
def alone(model):
    """Within the block, no other thread uses the model.

    Args:
        model: a classifier or an encoder; or a tokenizer.

    Raises:
        ModelBusy: if another thread trains it.
    """
    turn = _turn_of(model)
    turn.take()
    before, turn.owner = turn.owner, threading.get_ident()
    try:
        yield
    finally:
        turn.owner = before
        turn.lock.release()


@contextmanager
def training(model):
    """As `alone`; and every other thread that asks for the model meanwhile gets a `ModelBusy`."""
    turn, me = _turn_of(model), threading.get_ident()
    with _guard:
        before = turn.trainer
        if before is None:  # said before the wait: who predicts all the time lets us in
            turn.trainer = me
    try:
        with alone(model):
            yield
    finally:
        if turn.trainer == me:
            turn.trainer = before


def encode(tokenizer, texts, **options):
    """What `tokenizer(texts, **options)` gives, alone with the tokenizer."""
    with alone(tokenizer):
        return tokenizer(texts, **options)
