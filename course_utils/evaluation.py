"""Predictions, and how far to trust the number that sums them up."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from course_utils.batches import Batches, check_sizes
from course_utils.datasets import LabeledTexts, as_label, check_labeled, check_texts
from course_utils.device import keep_freed_memory
from course_utils.errors import DataError
from course_utils.layers import at_rest, check_classifier, first_position_only
from course_utils.progress import progress_bar

PIECE = 8_192
"""Texts that are tokenised and sorted together while predicting: a few MB of tokens."""


def predict(
    model, tokenizer, texts, batch_size: int = 32, max_length: int = 64, quiet: bool = False
):
    """The probability of each class for each text.

    Dropout is switched off while predicting, no gradient is kept, every batch carries its attention
    mask, and the last layer computes only what the head reads. Afterwards the model is in the mode
    in which it came.

    Args:
        model: a classifier; it stays on its device.
        tokenizer: the tokenizer of the same checkpoint.
        texts: a list of strings; or any other iterable of them, such as an open file or a
            generator, which is read piece by piece and may be longer than the memory.
        batch_size, max_length: see `Batches`.
        quiet: show no progress bar. (For a single batch there is none anyway.)

    Returns:
        A numpy array of shape (texts, classes); each row sums to 1, in the order of `texts`.

    Raises:
        DataError: if the model is no classifier, the list is empty, or it holds something that is
            not a string.
    """
    check_classifier(model)
    check_sizes(batch_size, max_length)
    known = hasattr(texts, "__len__")
    if known or not hasattr(texts, "__iter__"):
        check_texts(texts)
    one_batch = known and len(texts) <= batch_size
    bar = progress_bar(len(texts) if known else None, "texts", "Predicting", quiet or one_batch)
    found = []
    try:
        with at_rest(model), first_position_only(model), keep_freed_memory():
            for piece in _pieces(texts, PIECE):
                batches = Batches(tokenizer, piece, batch_size=batch_size, max_length=max_length)
                probabilities = np.empty((len(piece), model.config.num_labels), dtype=np.float32)
                answer = partial(_answer, model, batches)
                for rows, answers in _one_per_core(answer, batches.order(), model.device):
                    probabilities[rows] = answers
                    bar.update(len(rows))
                found.append(probabilities)
    finally:
        bar.close()
    if not found:
        check_texts([])
    return np.concatenate(found)


def _answer(model, batches: Batches, rows: list) -> tuple:
    """The rows of one batch, and their probabilities, of shape (batch, classes)."""
    import torch

    with torch.inference_mode():
        logits = model(**batches.batch(rows).to(model.device)).logits  # (batch, classes)
        return rows, torch.softmax(logits.float(), dim=-1).cpu().numpy()


def _one_per_core(function, items: list, device):
    """The results of `function`, in the order of `items`; on a CPU, each core has its own item.

    So no core waits for the others after each operation, as it does where all share one batch.
    """
    import torch

    cores = torch.get_num_threads()
    if device.type != "cpu" or min(cores, len(items)) == 1:
        yield from map(function, items)
        return
    pool = ThreadPoolExecutor(cores, initializer=torch.set_num_threads, initargs=(1,))
    try:
        yield from pool.map(function, items)
    finally:  # also after an interrupt: do not begin what has not begun
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(cores)


def _pieces(texts, size: int):
    """Lists of so many texts that they can be sorted by length, and so few that they fit."""
    texts = iter(texts)
    for number in itertools.count():
        piece = list(itertools.islice(texts, size))
        if not piece:
            return
        check_texts(piece, first=number * size)
        yield piece


@dataclass(frozen=True)
class Evaluation:
    """The predictions of one method on labelled texts, and the numbers that follow from them."""

    name: str
    data: LabeledTexts
    probabilities: np.ndarray
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
        """The 95 % Wilson interval of the accuracy."""
        return accuracy_interval(int(self.correct.sum()), len(self.data))

    def confusion(self):
        """How often each true label (rows) was predicted as each label (columns)."""
        import pandas as pd
        from sklearn.metrics import confusion_matrix

        names = list(self.data.label_names)
        counts = confusion_matrix(self.data.labels, self.predicted, labels=range(len(names)))
        return pd.DataFrame(counts, pd.Index(names, name="true"), pd.Index(names, name="predicted"))

    @property
    def macro_f1(self) -> float:
        """The mean of the F1 scores of all labels: each label counts the same, rare ones too."""
        from sklearn.metrics import f1_score

        labels = range(len(self.data.label_names))
        return float(
            f1_score(
                self.data.labels, self.predicted, labels=labels, average="macro", zero_division=0
            )
        )

    def per_class(self):
        """Precision, recall, F1 and number of texts of each label, as a DataFrame."""
        import pandas as pd
        from sklearn.metrics import precision_recall_fscore_support

        names = list(self.data.label_names)
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
        `bins` groups of equal size.

        Returns:
            A DataFrame with one row per group: confidence (mean), accuracy, texts.
        """
        import pandas as pd

        confidence = self.probabilities.max(axis=1)
        order = np.argsort(confidence, kind="stable")
        groups = [
            {
                "confidence": float(confidence[rows].mean()),
                "accuracy": float(self.correct[rows].mean()),
                "texts": len(rows),
            }
            for rows in np.array_split(order, min(bins, len(order)))
        ]
        return pd.DataFrame(groups)

    @property
    def calibration_error(self) -> float:
        """Mean gap between confidence and accuracy over ten groups of equal size.

        Source: Naeini, Cooper and Hauskrecht (2015), proceedings of AAAI.
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
        names = self.data.label_names
        return pd.DataFrame(
            {
                "text": [self.data.texts[row] for row in worst],
                "true": [names[self.data.labels[row]] for row in worst],
                "predicted": [names[self.predicted[row]] for row in worst],
                "confidence": confidence[worst].round(3),
            }
        )

    def __repr__(self):
        low, high = self.interval
        return (
            f"{self.name}: {100 * self.accuracy:.1f} % of {len(self.data):,} texts correct "
            f"(95 % interval {100 * low:.1f} to {100 * high:.1f})"
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


def check_fit(model, name: str, data) -> None:
    """Raise a DataError unless `data` (called `name`) has the labels of the model's head.

    A head that was loaded without names (LABEL_0, LABEL_1, ...) takes any, if their number fits.
    """
    check_classifier(model)
    check_labeled(name, data)
    known = tuple(label for _, label in sorted(model.config.id2label.items()))
    unnamed = all(label == f"LABEL_{number}" for number, label in enumerate(known))
    if data.label_names != known and not (unnamed and len(data.label_names) == len(known)):
        raise DataError(
            f"{name} has the labels {', '.join(data.label_names)}, the head of the model has "
            f"{', '.join(known)}: load a classifier with label_names={data.label_names}, or take "
            "texts with the labels of the model."
        )


def accuracy_interval(correct: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """The Wilson score interval of an accuracy.

    It stays between 0 and 1 and is honest for small tests: 4 of 4 correct gives 0.51 to 1.00.

    Args:
        correct: number of correct predictions, 0 <= correct <= total.
        total: number of predictions, at least 1.
        confidence: between 0 and 1.

    Returns:
        Lower and upper bound, as fractions.

    Raises:
        DataError: if the counts do not fit together.

    Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    from scipy.stats import binomtest

    correct, total = as_label(correct), as_label(total)
    whole = type(correct) is int and type(total) is int
    if not whole or not 0 <= correct <= total or total < 1 or not 0 < confidence < 1:
        raise DataError(
            f"correct={correct}, total={total}, confidence={confidence}: expected whole numbers "
            "(how many are right, not the share), 0 <= correct <= total, at least one prediction, "
            "and a confidence between 0 and 1."
        )
    bounds = binomtest(correct, total).proportion_ci(confidence, method="wilson")
    return float(bounds.low), float(bounds.high)


@dataclass(frozen=True)
class Difference:
    """How much better the first method is than the second, with its 95 % interval."""

    value: float
    low: float
    high: float

    def __repr__(self):
        return (
            f"{100 * self.value:+.1f} points "
            f"(95 % interval {100 * self.low:+.1f} to {100 * self.high:+.1f})"
        )


def paired_bootstrap(
    first: Evaluation, second: Evaluation, resamples: int = 10_000, seed: int = 0
) -> Difference:
    """The difference of two accuracies on the same texts, and how sure we can be of it.

    Both methods met the same easy and the same hard texts. So we draw *texts*, with both answers,
    again and again with replacement, and look at how the difference varies. This measures the
    chance in the choice of test texts, not the chance in training (for that, change the seed).

    Raises:
        DataError: if the two were not evaluated on the same texts.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap; percentile interval.
    """
    from scipy.stats import bootstrap

    if first.data.texts != second.data.texts or first.data.labels != second.data.labels:
        raise DataError("The two methods were not evaluated on the same texts: use one test set.")
    gain = first.correct.astype(float) - second.correct.astype(float)
    if np.ptp(gain) == 0:  # the same on every text: nothing varies
        return Difference(*[float(gain[0])] * 3)
    interval = bootstrap(
        (gain,), np.mean, n_resamples=resamples, method="percentile", batch=1_000, rng=seed
    ).confidence_interval
    return Difference(float(gain.mean()), float(interval.low), float(interval.high))


def majority_baseline(train: LabeledTexts, test: LabeledTexts) -> Evaluation:
    """Answer every text with the most frequent label of `train`. Nobody should do worse."""
    from sklearn.dummy import DummyClassifier

    dummy = DummyClassifier(strategy="prior").fit(train.texts, train.labels)
    return Evaluation("majority label", test, _all_classes(dummy, test.texts, test))


def tfidf_baseline(train: LabeledTexts, validation: LabeledTexts, test: LabeledTexts) -> Evaluation:
    """Count words, weigh rare ones up, fit a logistic regression. It takes a second or two.

    Single words or also pairs, and the strength of the regularisation, are chosen on
    `validation`; `test` is used once.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    best_score = -1.0
    for longest in (1, 2):
        counter = TfidfVectorizer(ngram_range=(1, longest), sublinear_tf=True)
        counted, chosen_on = counter.fit_transform(train.texts), counter.transform(validation.texts)
        method = fit_linear(counted, train.labels, chosen_on, validation.labels)
        score = method.score(chosen_on, validation.labels)
        if score > best_score:
            best_score, best_counter, best = score, counter, method
    probabilities = _all_classes(best, best_counter.transform(test.texts), test)
    return Evaluation("TF-IDF + logistic regression", test, probabilities)


def vector_baseline(name: str, vectors, train, validation, test) -> Evaluation:
    """A logistic regression on vectors of texts, its strength chosen on `validation`.

    Args:
        name: how tables and figures call this method.
        vectors: three arrays of shape (texts, features), for train, validation and test; see
            `sentence_vectors` and `word_vectors`.
        train, validation, test: the `LabeledTexts` that the vectors belong to.
    """
    parts = (train, validation, test)
    if [len(array) for array in vectors] != [len(part) for part in parts]:
        raise DataError(
            f"There are {', '.join(str(len(array)) for array in vectors)} vectors for "
            f"{', '.join(str(len(part)) for part in parts)} texts: one vector for each text of "
            "train, validation and test."
        )
    method = fit_linear(vectors[0], train.labels, vectors[1], validation.labels)
    return Evaluation(name, test, _all_classes(method, vectors[2], test))


def fit_linear(inputs, labels, validation_inputs, validation_labels):
    """The logistic regression with the regularisation that does best on validation.

    Of two that do equally well, the stronger regularisation is taken.

    Raises:
        DataError: if all `labels` are the same.
    """
    from sklearn.linear_model import LogisticRegression

    if len(set(labels)) < 2:
        raise DataError("The texts to learn from have one label only: bring some of another label.")
    methods = [
        LogisticRegression(C=strength, max_iter=1_000).fit(inputs, labels)
        for strength in (0.3, 1.0, 3.0, 10.0, 30.0)
    ]
    return max(methods, key=lambda m: m.score(validation_inputs, validation_labels))


def _all_classes(method, inputs, test) -> np.ndarray:
    """Probabilities with one column per label name, also for a label that `method` never met."""
    probabilities = np.zeros((len(test), len(test.label_names)))
    probabilities[:, method.classes_] = method.predict_proba(inputs)
    return probabilities
