"""One process that trains by itself: what `group.py` does for several, done for one."""

from course_utils.model import prediction
from course_utils.model.class_weights import loss_of


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
