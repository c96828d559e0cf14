"""The predictions of one method on labelled texts, and the numbers that sum them up."""

from dataclasses import dataclass, field

import numpy as np

from course_utils.data.display import keep_dollars
from course_utils.data.splits import owners
from course_utils.data.texts import LabeledTexts, as_label
from course_utils.errors import DataError
from course_utils.judge.intervals import accuracy_interval, grouped_interval, hold_several
from course_utils.model.prediction import check_fit, predict


@dataclass(frozen=True)
class Evaluation:
    """The predictions of one method on labelled texts, and the numbers that follow from them."""

    name: str
    data: LabeledTexts
    probabilities: np.ndarray = field(hash=False)
    """Shape (texts, classes)."""

    @property
    def predicted(self) -> np.ndarray:
        """The label with the highest probability, for each text."""
        return self.probabilities.argmax(axis=1)

    @property
    def correct(self) -> np.ndarray:
        """True where the predicted label is the true one."""
        return self.predicted == np.array(self.data.labels)

    @property
    def accuracy(self) -> float:
        """The share of texts that were predicted correctly."""
        return float(self.correct.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy, Wilson's. With a handful of texts it is a little
        short: see `accuracy_interval`, which has an exact one, too.

        Where texts have groups (see `split`), groups count: see `grouped_interval`."""
        if self.by:
            return grouped_interval(self.correct, self.groups)
        return accuracy_interval(int(self.correct.sum()), len(self.data))

    @property
    def groups(self) -> list:
        """The group of each text. Without groups, each text is one of its own."""
        group = self.data.group
        return list(range(len(self.data))) if group is None else owners(self.data, group)

    @property
    def by(self) -> str:
        """What the interval counts: a column such as "customer"; nothing where it is texts."""
        return self.data.group if self.data.group and hold_several(self.groups) else ""

    def take(self, rows, name: str = None) -> "Evaluation":
        """The same method on some of the texts.

        Args:
            rows: their positions, or True or False for each text.
            name: how tables and figures call it; by default as before.

        Raises:
            DataError: if no text is left, or there is not one True or False for each text.
        """
        rows = np.asarray(rows)
        if rows.dtype == bool and rows.shape != (len(self.data),):
            raise DataError(
                f"rows has {len(rows):,} times True or False for {len(self.data):,} texts: give "
                "one for each text, or positions."
            )
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(int)
        if not len(rows):
            raise DataError("No text is left: take at least one.")
        return Evaluation(name or self.name, self.data.take(rows), self.probabilities[rows])

    def confusion(self):
        """How often each true label (rows) was predicted as each label (columns)."""
        import pandas as pd
        from sklearn.metrics import confusion_matrix

        names = list(self.data.label_names)
        keep_dollars(*names)
        counts = confusion_matrix(self.data.labels, self.predicted, labels=range(len(names)))
        return pd.DataFrame(counts, pd.Index(names, name="true"), pd.Index(names, name="predicted"))

    def worst_confusions(self, n: int = 10):
        """Which labels were taken for which, the most frequent confusion first, as a DataFrame.

        It stays short where there are many labels, and a confusion matrix fills the page.

        Args:
            n: rows at most.

        Returns:
            A DataFrame: true, predicted, texts (how many) and share (of the texts with this true
            label; three decimals). No rows if nothing was confused.

        Raises:
            DataError: if `n` is not a whole number from 1 on.
        """
        import pandas as pd

        n = as_label(n)
        if type(n) is not int or n < 1:
            raise DataError(f"n={n!r}: expected a whole number of confusions, from 1 on.")
        counts = self.confusion().to_numpy()  # (labels, labels)
        shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
        wrong = np.argwhere((counts > 0) & ~np.eye(len(counts), dtype=bool))
        order = np.lexsort((-shares[*wrong.T], -counts[*wrong.T]))[:n]  # the last key counts first
        true, predicted = wrong[order].T
        names = self.data.label_names
        return pd.DataFrame(
            {
                "true": [names[label] for label in true],
                "predicted": [names[label] for label in predicted],
                "texts": counts[true, predicted],
                "share": shares[true, predicted].round(3),
            }
        )

    @property
    def macro_f1(self) -> float:
        """The mean of the F1 scores of the labels that occur: each counts the same, rare ones too.

        A label that no text has and that is never predicted has no F1, and is left out, as
        scikit-learn's `f1_score(..., average="macro")` does. (With a 0 for it, a test without a
        mistake would not reach 1.) So compare macro F1 of two methods on the same texts only.
        """
        from sklearn.metrics import f1_score

        return float(f1_score(self.data.labels, self.predicted, average="macro", zero_division=0))

    def per_class(self):
        """Precision, recall, F1 (three decimals) and number of texts of each label, as a DataFrame.

        0 also stands where there is nothing to divide by: the precision of a label that was never
        predicted, the recall of one that no text has.
        """
        import pandas as pd
        from sklearn.metrics import precision_recall_fscore_support

        names = list(self.data.label_names)
        keep_dollars(*names)
        columns = precision_recall_fscore_support(
            self.data.labels, self.predicted, labels=range(len(names)), zero_division=0
        )
        table = pd.DataFrame(
            dict(zip(("precision", "recall", "f1", "texts"), columns, strict=True)),
            pd.Index(names, name="label"),
        )
        return table.round(3)

    def calibration(self, bins: int = 5):
        """Is the model right as often as it says?

        The texts are sorted by the model's confidence (its highest probability) and cut into
        `bins` groups of equal size (or one text more). Texts of the same confidence stay together,
        whatever their order in the data: so a group may be larger, or missing.

        Returns:
            A DataFrame with one row per group: confidence (mean), accuracy, texts.
        """
        import pandas as pd

        confidence = self.probabilities.max(axis=1)
        parts = np.array_split(np.sort(confidence), min(bins, len(confidence)))
        begins = np.unique([part[0] for part in parts])  # the lowest confidence of each group
        group = np.searchsorted(begins, confidence, side="right")  # of each text, from 1 on
        return pd.DataFrame(
            {
                "confidence": float(confidence[group == number].mean()),
                "accuracy": float(self.correct[group == number].mean()),
                "texts": int((group == number).sum()),
            }
            for number in range(1, len(begins) + 1)
        )

    @property
    def calibration_error(self) -> float:
        """The mean gap between confidence and accuracy over ten groups, weighed by their texts.

        The groups are those of `calibration`: equally many texts in each, save for ties. With
        groups of equal *width*, as in Guo et al. (2017), it is another number. By chance alone it
        is above zero even for a model that is right as often as it says.

        Source: Naeini, Cooper and Hauskrecht (2015), proceedings of AAAI: expected calibration
        error.
        """
        table = self.calibration(bins=10)
        gap = (table["confidence"] - table["accuracy"]).abs()
        return float((gap * table["texts"]).sum() / table["texts"].sum())

    def largest_errors(self, n: int = 5):
        """The wrong predictions of which the model was most sure, as a DataFrame."""
        import pandas as pd

        confidence = self.probabilities.max(axis=1)
        wrong = np.flatnonzero(~self.correct)
        worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:n]
        names, texts = self.data.label_names, [self.data.texts[row] for row in worst]
        keep_dollars(*names, *texts)
        return pd.DataFrame(
            {
                "text": texts,
                "true": [names[self.data.labels[row]] for row in worst],
                "predicted": [names[self.predicted[row]] for row in worst],
                "confidence": confidence[worst].round(3),
            }
        )

    def __eq__(self, other):
        """The same name, the same texts with the same labels, the same probabilities."""
        if not isinstance(other, Evaluation):
            return NotImplemented
        same = (self.name, self.data) == (other.name, other.data)
        return same and np.array_equal(self.probabilities, other.probabilities)

    def __repr__(self):
        (low, high), by = self.interval, f" by {self.by}" if self.by else ""
        return (
            f"{self.name}: {100 * self.accuracy:.1f} % of {len(self.data):,} texts correct "
            f"(95 % interval{by} {100 * low:.1f} to {100 * high:.1f})"
        )


def evaluate(model, tokenizer, data: LabeledTexts, name: str = "fine-tuned BERT", **options):
    """Predict every text of `data` and keep what is needed to judge the model.

    Args:
        model, tokenizer: see `predict`; `options` go there too.
        data: labelled texts that the model was not trained on.
        name: how tables and figures call this model.

    Returns:
        An `Evaluation`.

    Raises:
        DataError: if the model is no classifier, or the labels of `data` are not those of its head.
    """
    check_fit(model, "data", data)
    return Evaluation(name, data, predict(model, tokenizer, data.texts, **options))
