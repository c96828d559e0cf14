"""What happened during fine-tuning: the recipe of a run, its losses and accuracies."""

import math
from dataclasses import dataclass, field

from course_utils.data.reading import COURSE_LENGTH, check_length
from course_utils.data.texts import as_label
from course_utils.errors import DataError
from course_utils.model.batches import check_batch_size

COUNTS = "no one two three four five six seven eight nine ten".split()
"""Small numbers in words."""


@dataclass
class History:
    """The recipe of a run and what happened: a loss per step, an accuracy per epoch."""

    learning_rate: float
    seed: int
    texts: int
    epochs: int
    batch_size: int = 32
    max_length: int = COURSE_LENGTH
    warmup: float = 0.1
    dropout: bool = False
    losses: list = field(default_factory=list)
    validation_accuracies: list = field(default_factory=list)
    seconds: float = 0.0
    interrupted: bool = False
    classes: int = None
    """Between how many the model chooses; None in a run that was saved before this was noted."""
    patience: int = None
    """The run stops after so many epochs that bring nothing better on validation; None: never."""
    class_weights: list = None
    """What the loss of a text is multiplied with, for each label; None: all count the same."""
    validation_macro_f1s: list = field(default_factory=list)
    """A macro F1 per epoch, if there are class weights: it then chooses the best epoch."""
    validation_losses: list = field(default_factory=list)
    """A loss per epoch: of equally good ones, the lowest is best. (Earlier saves have none.)"""
    seen: dict = field(default=None, repr=False, compare=False)
    """Marks of all texts that the model was trained on: see `note_of`. A save keeps them."""
    state: dict = field(default=None, repr=False, compare=False)
    """What an interrupted run needs to go on: see `resume`."""

    def __post_init__(self):
        self.epochs, self.seed = as_label(self.epochs), as_label(self.seed)  # of numpy, too
        self.batch_size = check_batch_size(self.batch_size)
        self.max_length = check_length(self.max_length)
        if not isinstance(self.epochs, int) or self.epochs < 1:
            raise DataError(f"epochs={self.epochs!r}: expected a whole number from 1 on.")
        if not isinstance(self.learning_rate, float | int) or not 0 < self.learning_rate < 1:
            raise DataError(
                f"learning_rate={self.learning_rate!r}: expected a number between 0 and 1, such "
                "as 1e-4."
            )
        if not isinstance(self.warmup, float | int) or not 0 <= self.warmup <= 1:
            raise DataError(f"warmup={self.warmup!r}: expected a share from 0 to 1, such as 0.1.")
        self.patience = as_label(self.patience)
        if self.patience is not None and not (isinstance(self.patience, int) and self.patience > 0):
            raise DataError(
                f"patience={self.patience!r}: expected None, or a whole number of epochs from 1 on."
            )

    @property
    def best_epoch(self):
        """The epoch (from 1) that did best on validation; None if none was measured.

        What counts is the accuracy, and with class weights the macro F1: who weighs labels wants
        the rare ones to count. Of several that did equally well, as they often do on few texts,
        the one with the lowest loss on validation: it is the surest where it is right.
        """
        scores, losses = self._scores, self.validation_losses
        if len(losses) != len(scores):
            losses = [0.0] * len(scores)
        epochs = range(len(scores))
        return max(epochs, key=lambda each: (scores[each], -losses[each]), default=-1) + 1 or None

    @property
    def _scores(self) -> list:
        return self.validation_macro_f1s if self.class_weights else self.validation_accuracies

    @property
    def the_best(self) -> str:
        """What `best_epoch` is, in words: "the best", or which of several equally good ones."""
        equal = self._scores.count(max(self._scores, default=None))
        if equal < 2:
            return "the best"
        if len(self.validation_losses) != len(self._scores):
            return f"the first of the {equal} best"
        return f"of the {equal} best the one with the lowest loss"

    @property
    def stopped_early(self) -> bool:
        """Has `patience` ended the run, before the last epoch of its plan?"""
        judged = len(self.validation_accuracies)
        if self.patience is None or not judged:
            return False
        since_the_best = judged - 1 - self._scores.index(max(self._scores))  # as good is not better
        return judged < self.epochs and since_the_best >= self.patience

    def __repr__(self):
        loss = f"loss {self.way}" if self.losses else "no loss before the first step"
        steps = f"{len(self.losses)} step{'' if len(self.losses) == 1 else 's'}"
        parts = [f"{steps} on {self.texts:,} texts", loss]
        if self.class_weights:
            least, most = min(self.class_weights), max(self.class_weights)
            parts.append(f"class weights {least:.3g} to {most:.3g}")
        if self.stopped_early:
            parts.append(f"stopped after epoch {len(self.validation_accuracies)} of {self.epochs}")
        return ", ".join(parts + ["interrupted"] * self.interrupted)

    @property
    def made(self) -> str:
        """How many of its steps a run has made, in words."""
        steps = self.epochs * math.ceil(self.texts / self.batch_size)
        return f"{len(self.losses):,} of {steps:,} steps"

    @property
    def why_stopped(self) -> str:
        """The sentence that a run says when `patience` has ended it."""
        best, judged = self.best_epoch, len(self.validation_accuracies)
        score = f"{100 * self.validation_accuracies[best - 1]:.1f} %"
        if self.class_weights:
            score = f"macro F1 {self.validation_macro_f1s[best - 1]:.3f}"
        return (
            f"Stopped after epoch {judged} of {self.epochs}: epoch {best} was {self.the_best}, "
            f"{score} on validation."
        )

    @property
    def way(self) -> str:
        """From where to where the loss went: the means of the first and of the last steps.

        Ten steps each; with fewer than twenty, half of them each, so that none counts twice.
        """
        few = max(1, min(10, len(self.losses) // 2))
        first, last = sum(self.losses[:few]) / few, sum(self.losses[-few:]) / few
        steps, end = (
            ("step", "last") if few == 1 else (f"{COUNTS[few]} steps", f"last {COUNTS[few]}")
        )
        return f"from {first:.3f} (first {steps}) to {last:.3f} ({end})"


def check_history(history) -> History:
    """Raise a DataError unless it is a `History`."""
    if not isinstance(history, History):
        raise DataError(
            f"history is a {type(history).__name__}, expected the History of an interrupted run: "
            "what fine_tune returned."
        )
    return history
