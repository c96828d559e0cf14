"""A second model on the same weights, whose modes and parts are its own.

What is switched in a mirror (train or eval, a faster last layer, another kind of attention), the
model never sees, nor does a cell that trains it with a loop of its own.
"""

import copy
import types
from contextlib import contextmanager

from course_utils.model.turns import alone


@contextmanager
def at_rest(model):
    """Within the block: the model without dropout, and no other thread uses it.

    Ask what the block is given, a mirror, not the model, which stays in its mode. A model that
    another library has wrapped is switched itself, and then gets back the mode of each part.

    Args:
        model: a classifier or an encoder.

    Raises:
        ModelBusy: if another thread trains it.
    """
    with alone(model):
        if not _wrapped(model):
            yield mirror(model).eval()
            return
        modes = [(part, part.training) for part in model.modules()]
        try:
            yield model.eval()
        finally:
            for part, was_training in modes:
                part.training = was_training


def _wrapped(model) -> bool:
    """Does a part have a forward pass from elsewhere? It would lead back to the model itself."""
    replaced = (vars(part)["forward"] for part in model.modules() if "forward" in vars(part))
    return not all(isinstance(forward, types.MethodType) for forward in replaced)


def mirror(model):
    """A second model on the same weights; it is made in a millisecond.

    A weight that changes, changes in both. The mirror of a compiled model is not compiled.
    """
    return _twin(model, {})


def _twin(module, made: dict):
    """A module like this one, with twins of its parts; `made`: those that are made already."""
    # No inner function: it would hold itself, and all that is made, until Python cleans up.
    if id(module) in made:
        return made[id(module)]
    twin = made[id(module)] = object.__new__(type(module))
    for name, value in list(vars(module).items()):
        if ("hook" in name and isinstance(value, dict)) or name == "_modules":
            value = value.copy()  # a hook of the mirror is none of the model
        elif name == "config":
            value = made.setdefault(id(value), copy.copy(value))
        elif name == "_compiled_call_impl":
            value = None
        elif isinstance(value, types.MethodType) and value.__self__ is module:
            value = types.MethodType(value.__func__, twin)
        vars(twin)[name] = value  # weights, above all: they are shared
    for name, part in twin._modules.items():
        twin._modules[name] = None if part is None else _twin(part, made)
    return twin
