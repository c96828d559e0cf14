"""Probes: what a linear model can read from the vectors of each layer."""

import numpy as np

from course_utils.data.reading import reading_length
from course_utils.errors import DataError
from course_utils.judge.intervals import accuracy_interval
from course_utils.model.batches import Batches
from course_utils.model.vectors import mean_over_text, read_batches


def layer_vectors(
    model, tokenizer, texts, batch_size: int = 32, max_length: int = None, quiet: bool = False
):
    """One vector per text and layer: the mean of what the layer says at each real position.

    Args:
        model: an encoder from `load_encoder`, or a classifier, of which the head is not used; it
            stays on its device, and no weight changes.
        tokenizer: the tokenizer of the same checkpoint.
        texts: a list of strings.
        batch_size, max_length: see `Batches`.
        quiet: show no progress bar. (For a single batch there is none anyway.)

    Returns:
        A numpy array of shape (layers + 1, texts, hidden). Row 0 is the embedding: no layer was
        used yet. The last row, scaled to length 1, is what `sentence_vectors` gives.
    """
    import torch

    def pooled(output, batch):
        mask = batch["attention_mask"]
        return torch.stack([mean_over_text(state, mask) for state in output.hidden_states], dim=1)

    max_length = reading_length(tokenizer, max_length, model)
    batches = Batches(tokenizer, texts, batch_size=batch_size, max_length=max_length)
    vectors = read_batches(model, batches, pooled, quiet, output_hidden_states=True)
    return np.ascontiguousarray(vectors.swapaxes(0, 1))


STRENGTH = 0.003
"""The C of every probe, on standardised numbers. It was chosen once, on validation texts, for both
tasks and all layers together; from 0.001 to 0.03 the mean accuracy differs by one point."""


CONTROLS = 10
"""How often labels are drawn at random: enough for a mean that is steady to about one point."""


def probe(vectors, labels, test_vectors, test_labels):
    """How well a linear model can read the labels from the vectors of each layer.

    The probe is a logistic regression on numbers that are standardised with the mean and spread of
    `vectors`, with the same fixed strength of regularisation (`STRENGTH`) in every layer. It says
    what a layer *holds* in a form that is easy to read, not what the model uses.

    The control has the same vectors and the same probe, but the labels are shuffled, those of the
    test texts too. There is nothing to read, so it must come out at chance in every layer; if not,
    something is wrong with the measurement. (In the paper a word keeps its random label, which can
    be learned by heart. Here no text comes twice, so that is not possible.)

    Args:
        vectors, test_vectors: from `layer_vectors`, of shape (layers + 1, texts, hidden). Use texts
            on which the model itself was not trained, for both.
        labels, test_labels: one for each text.

    Returns:
        A DataFrame with one row per layer, 0 for the embedding. Its columns hold shares: accuracy,
        low and high (its 95 % interval), control (the mean over ten shufflings), chance (that of
        the most frequent test label); and texts, the number of test texts. Its `attrs["correct"]`,
        a list for each layer, says which texts were read right: two models that read the
        same texts can be compared text by text.

    Raises:
        DataError: if vectors and labels do not fit together, or there is one label only.

    Source: Alain and Bengio (2017), "Understanding intermediate layers using linear classifier
    probes", ICLR workshop; the control after Hewitt and Liang (2019), "Designing and interpreting
    probes with control tasks", proceedings of EMNLP.
    """
    import pandas as pd

    vectors, labels = _checked("vectors", vectors, "labels", labels)
    test_vectors, test_labels = _checked("test_vectors", test_vectors, "test_labels", test_labels)
    _check_fit(vectors, test_vectors)
    chance = np.unique(test_labels, return_counts=True)[1].max() / len(test_labels)
    pairs = zip(vectors, test_vectors, strict=True)  # one of each layer
    rows = [_row(layer, labels, test_layer, test_labels) for layer, test_layer in pairs]
    table = pd.DataFrame(rows, pd.RangeIndex(len(rows), name="layer"))
    correct = np.stack(table.pop("correct").to_list())  # (layers + 1, texts)
    table = table.assign(chance=chance, texts=len(test_labels))
    table.attrs["correct"] = correct.tolist()  # pandas compares attrs when tables are joined
    return table


def _row(vectors, labels, test_vectors, test_labels) -> dict:
    """The accuracy of one layer, of shape (texts, hidden), its interval, and its control."""
    correct = _correct(vectors, labels, test_vectors, test_labels)
    low, high = accuracy_interval(int(correct.sum()), len(correct))
    control = [_shuffled(vectors, labels, test_vectors, test_labels, s) for s in range(CONTROLS)]
    shares = {"accuracy": correct.mean(), "low": low, "high": high, "control": np.mean(control)}
    return {**shares, "correct": correct}


def _correct(vectors, labels, test_vectors, test_labels):
    """Where a probe of one layer, of shape (texts, hidden), is right: (test texts,)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    reader = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=1_000))
    return reader.fit(vectors, labels).predict(test_vectors) == test_labels


def _shuffled(vectors, labels, test_vectors, test_labels, seed: int) -> float:
    """The accuracy of a probe whose labels say nothing: each label is as frequent as before."""
    random = np.random.default_rng(seed)
    shuffled, test_shuffled = random.permutation(labels), random.permutation(test_labels)
    return _correct(vectors, shuffled, test_vectors, test_shuffled).mean()


def probe_gain(before, after):
    """By how much a second probe reads the same texts better than a first one, layer by layer.

    Both read the same texts, so the difference is taken text by text. Two texts are added, one won
    by each, so that no interval has the width zero.

    Args:
        before, after: tables from `probe`, on the same test texts.

    Returns:
        A DataFrame with one row per layer: gain, low and high (its 95 % interval), as shares.

    Raises:
        DataError: if the two did not read the same number of texts in as many layers.

    Source: Bonett and Price (2012), Adjusted Wald Confidence Interval for a Difference of Binomial
    Proportions Based on Paired Data, J. Educ. Behav. Stat. 37, 479-488.
    """
    import pandas as pd

    first, second = (np.array(each.attrs["correct"], dtype=int) for each in (before, after))
    if first.shape != second.shape:
        raise DataError(
            f"The first probe read {first.shape[1]} texts in {first.shape[0]} layers, the second "
            f"{second.shape[1]} in {second.shape[0]}: take the same texts and models of one size."
        )
    gains = second - first  # of each text -1, 0 or 1: (layers + 1, texts)
    added = np.hstack([gains, np.tile([1, -1], (len(gains), 1))])
    half = 1.96 * added.std(axis=1) / np.sqrt(added.shape[1])
    middle = added.mean(axis=1)
    columns = {"gain": gains.mean(axis=1), "low": middle - half, "high": middle + half}
    return pd.DataFrame(columns, before.index)


def same_label_neighbours(vectors, labels) -> float:
    """The share of texts whose nearest neighbour has the same label.

    It measures in all dimensions what a map shows in two: how well the labels lie apart. A text is
    never its own neighbour. The neighbour is the text with the highest cosine similarity.

    Args:
        vectors: an array of shape (texts, hidden), for instance from `sentence_vectors`.
        labels: one for each text, in the same order.

    Returns:
        A share from 0 to 1. If the labels were dealt out at random, `chance_neighbours(labels)`.

    Raises:
        DataError: if vectors and labels do not fit together, or there is one label only.
    """
    vectors, labels = _checked("vectors", vectors, "labels", labels, dimensions=2)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths == 0, 1, lengths)
    similar = unit @ unit.T  # (texts, texts)
    np.fill_diagonal(similar, -np.inf)
    return float((labels[similar.argmax(axis=1)] == labels).mean())


def chance_neighbours(labels) -> float:
    """What `same_label_neighbours` would be on average if the labels were dealt out at random."""
    _, counts = np.unique(labels, return_counts=True)
    total = counts.sum()
    return float((counts * (counts - 1)).sum() / (total * (total - 1)))


def _checked(name: str, vectors, name_of_labels: str, labels, dimensions: int = 3) -> tuple:
    """Both as arrays, if there is one label for each text, and more than one kind of label."""
    vectors, labels = np.asarray(vectors), np.asarray(labels)
    if vectors.ndim != dimensions:
        shape = "(layers + 1, texts, hidden)" if dimensions == 3 else "(texts, hidden)"
        raise DataError(f"{name} has the shape {vectors.shape}, expected {shape}.")
    if labels.shape != vectors.shape[-2:-1]:
        raise DataError(
            f"{name} holds {vectors.shape[-2]} texts, {name_of_labels} has {labels.size} labels: "
            "each text needs exactly one label."
        )
    if len(np.unique(labels)) < 2:
        raise DataError(f"{name_of_labels} has one label only: bring some texts of another label.")
    return vectors, labels


def _check_fit(vectors, test_vectors) -> None:
    shapes = [(len(array), array.shape[2]) for array in (vectors, test_vectors)]
    if shapes[0] != shapes[1]:
        raise DataError(
            f"vectors has {shapes[0][0]} layers of {shapes[0][1]} numbers, test_vectors "
            f"{shapes[1][0]} of {shapes[1][1]}: read both with the same model."
        )
