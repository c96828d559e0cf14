"""The probability of each class, for any number of texts."""

import itertools
from functools import partial

import numpy as np

from course_utils.data.reading import reading_length
from course_utils.data.texts import check_labeled, check_labels, check_texts, first_names
from course_utils.model.batches import Batches, check_batch_size
from course_utils.model.layers import check_answers, check_classifier, check_tokens
from course_utils.model.mirror import at_rest
from course_utils.model.precision import arithmetic, pick_precision
from course_utils.model.speed import first_position_only, keep_freed_memory, one_per_core
from course_utils.progress import progress_bar

PIECE = 8_192
"""Texts that are tokenised and sorted together while predicting: a few MB of tokens."""


def predict(
    model, tokenizer, texts, batch_size: int = 32, max_length: int = None, quiet: bool = False
):
    """The probability of each class for each text.

    Dropout is switched off while predicting, no gradient is kept, every batch carries its attention
    mask, and the last layer computes only what the head reads. The model itself stays in its mode.
    The arithmetic is fp32; use(precision="bf16") makes it faster on a processor or GPU that has it,
    and changes the second or third digit of a probability.

    Args:
        model: a classifier; it stays on its device.
        tokenizer: the tokenizer of the same checkpoint.
        texts: a list of strings, a pandas Series, or a `LabeledTexts`, which stands for its texts;
            or any other iterable of strings, such as an open file or a generator, which is read
            piece by piece and may be longer than the memory.
        batch_size: texts per batch.
        max_length: how many tokens of each text are read, [CLS] and [SEP] included; by default as
            many as in training: `tokenizer.model_max_length`, which `fine_tune` sets.
        quiet: show no progress bar. (For a single batch there is none anyway.)

    Returns:
        A numpy array of shape (texts, classes); each row sums to 1, in the order of `texts`.

    Raises:
        DataError: if the model is no classifier, its answers are no numbers, the tokenizer has
            tokens that it does not know, `texts` is no list of texts (but a DataFrame, a
            dict, a set or one text), it is empty, or it holds something that is not a string.
        DeviceUnavailable: if the device cannot do what the `precision` switch asks for.
    """
    check_classifier(model)
    check_tokens(model, tokenizer)
    batch_size = check_batch_size(batch_size)
    max_length = reading_length(tokenizer, max_length, model)
    precision = pick_precision(model.device)
    known = hasattr(texts, "__len__")
    if known or not hasattr(texts, "__iter__"):
        texts = check_texts(texts)
    one_batch = known and len(texts) <= batch_size
    bar = progress_bar(len(texts) if known else None, "texts", "Predicting", quiet or one_batch)
    try:
        return answers(model, tokenizer, texts, batch_size, max_length, bar, precision)
    finally:
        bar.close()


def answers(
    model, tokenizer, texts, batch_size: int, max_length: int, bar, precision: str = "fp32"
):
    """As `predict`, without its checks: for any classifier of transformers.

    Args:
        bar: of tqdm; it is moved on by each batch, and stays open.
        precision: from `pick_precision`.
    """
    found = []
    with at_rest(model) as still, first_position_only(still), keep_freed_memory():
        for piece in _pieces(texts, PIECE):
            batches = Batches(tokenizer, piece, batch_size=batch_size, max_length=max_length)
            probabilities = np.empty((len(piece), model.config.num_labels), dtype=np.float32)
            answer = partial(_answer, still, batches, precision)
            for rows, answered in one_per_core(answer, batches.order(), model.device):
                probabilities[rows] = answered
                bar.update(len(rows))
            found.append(probabilities)
    if not found:
        check_texts([])
    return np.concatenate(found)


def _answer(model, batches: Batches, precision: str, rows: list) -> tuple:
    """The rows of one batch, and their probabilities, of shape (batch, classes)."""
    import torch

    with torch.inference_mode(), arithmetic(model.device, precision):
        logits = model(**batches.batch(rows).to(model.device)).logits  # (batch, classes)
        check_answers(logits)
        return rows, torch.softmax(logits.float(), dim=-1).cpu().numpy()


def _pieces(texts, size: int):
    """Lists of so many texts that they can be sorted by length, and so few that they fit."""
    texts = iter(texts)
    for number in itertools.count():
        piece = list(itertools.islice(texts, size))
        if not piece:
            return
        check_texts(piece, first=number * size)
        yield piece


def scores_on(model, tokenizer, data, weights, group) -> tuple:
    """How well a model does on labelled texts, as training asks after each epoch.

    Args:
        weights: of the labels; without them (None), accuracy alone is asked for.
        group: who predicts: see `alone.Alone`.

    Returns:
        The accuracy; with `weights`, the macro F1 (as `Evaluation.macro_f1` has it), else None; and
        the loss, the mean negative log of the probability of the true label.
    """
    probabilities, labels = group.predict(model, tokenizer, data.texts), np.array(data.labels)
    predicted = probabilities.argmax(axis=1)
    accuracy = float((predicted == labels).mean())
    of_the_label = probabilities[np.arange(len(labels)), labels].clip(1e-12)
    loss = float(-np.log(of_the_label).mean())
    if weights is None:
        return accuracy, None, loss
    from sklearn.metrics import f1_score

    return accuracy, float(f1_score(labels, predicted, average="macro", zero_division=0)), loss


def label_names(model) -> tuple:
    """The names of a classifier's labels, in the order of its probabilities."""
    return tuple(str(name) for _, name in sorted(model.config.id2label.items()))


def check_fit(model, name: str, data) -> None:
    """Raise a DataError unless `data` (called `name`) has the labels of the model's head.

    A head that was loaded without names (LABEL_0, LABEL_1, ...) takes any, if their number fits.
    """
    check_classifier(model)
    check_labeled(name, data)
    known = label_names(model)
    unnamed = all(label == f"LABEL_{number}" for number, label in enumerate(known))
    if unnamed and len(data.label_names) == len(known):
        return
    check_labels(
        *(name, data, known, "the head of the model"),
        f"load a classifier with label_names={first_names(data.label_names)}, or take texts with "
        "the labels of the model",
    )
