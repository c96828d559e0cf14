"""Who trains together: one process, or the group of them that torchrun has started."""

import os
import sys

from course_utils.errors import MissingPackage
from course_utils.model import prediction
from course_utils.model.class_weights import loss_of
from course_utils.progress import in_group

INSTALL = 'pip install "bert-transfer-course[scale]"'
UNNOTICED = {"ACCELERATE_MIXED_PRECISION", "MASTER_ADDR"}
"""`accelerate launch --num_processes 2` sets both of them, and without a GPU it starts one process,
which has no WORLD_SIZE."""


class Alone:
    """A group of one, to be used in a `with`: all rows of each batch are its own.

    Args:
        device: where it computes.
    """

    def __init__(self, device):
        self.device = device

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def learner(self, model, state):
        """What computes the logits in training: `model`, whose run has this `RunState`."""
        return model

    def loss_of(self, learner, batches, rows: list, weights):
        """The loss of these rows, as a tensor: see `class_weights.loss_of`."""
        return loss_of(learner, batches.batch(rows).to(self.device), weights)

    def mean(self, loss) -> float:
        """The loss of the whole batch."""
        return loss.item()

    def predict(self, model, tokenizer, texts):
        """As `predict`."""
        return prediction.predict(model, tokenizer, texts)


def group_on(device) -> Alone:
    """The group that this process belongs to.

    Raises:
        MissingPackage: if there are several processes, and accelerate is not installed.
        ProcessLost: if they do not find each other.
    """
    if not in_group():
        if UNNOTICED <= set(os.environ):
            print(
                "`accelerate launch` starts a single process on a computer without a GPU, and it "
                "trains alone: for more of them, type torchrun --nproc-per-node 2 in its place.",
                file=sys.stderr,
            )
        return Alone(device)
    try:
        from course_utils.model.group import Group
    except ImportError as problem:
        raise MissingPackage(
            f"To train in several processes, {problem.name} has to be installed: {INSTALL}."
        ) from None
    return Group(device)
