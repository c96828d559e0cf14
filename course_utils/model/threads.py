"""One model, several threads: JupyterLab lets a view ask a model while a cell works with it.

Views run in a thread of their own. So nobody may switch a model's modes or replace its parts where
another thread can see it, and training and prediction of one model wait for each other.
"""

import copy
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from course_utils.errors import ModelBusy

_uses = WeakKeyDictionary()  # body of a model -> who uses it; copies of a model have their own
_guard = threading.Lock()
PATIENCE = 0.2  # seconds between two looks at who uses a model


@dataclass
class _Use:
    lock: threading.RLock = field(default_factory=threading.RLock)
    training: bool = False


@contextmanager
def alone_with(model, training: bool = False):
    """Within the block, no other thread trains this model or predicts with it.

    A cell waits until it can begin. A view does not wait for a training: it would be as long.

    Args:
        model: a classifier or an encoder; a classifier and its own encoder count as one.
        training: whether the block changes weights.

    Raises:
        ModelBusy: in any thread but the main one, while another thread trains the model.
    """
    with _guard:
        use = _uses.setdefault(getattr(model, "base_model", model), _Use())
    in_cell = threading.current_thread() is threading.main_thread()
    while not use.lock.acquire(timeout=PATIENCE):
        if use.training and not in_cell:
            raise ModelBusy("The model is being trained: try again afterwards.")
    before, use.training = use.training, use.training or training
    try:
        yield
    finally:
        use.training = before
        use.lock.release()


def mirror(model):
    """A second model on the same weights: its modes and parts are its own.

    What is switched there, train or eval, dropout, a kind of attention, the original never sees. A
    weight that changes, changes in both. It is made in a millisecond.
    """
    made = {}

    def same(module):
        if id(module) not in made:
            twin = made[id(module)] = object.__new__(type(module))
            for name, value in vars(module).items():
                if ("hook" in name and isinstance(value, dict)) or name == "_modules":
                    value = value.copy()  # a hook of the mirror is none of the model
                elif name == "config":
                    value = made.setdefault(id(value), copy.copy(value))
                vars(twin)[name] = value  # weights, above all: they are shared
            for name, part in module._modules.items():
                twin._modules[name] = None if part is None else same(part)
        return made[id(module)]

    return same(model)


@contextmanager
def at_rest(model):
    """Within the block: a mirror of the model without dropout, and nobody trains the model.

    Ask what the block is given, not the model, which stays in its mode.
    """
    with alone_with(model):
        yield mirror(model).eval()
