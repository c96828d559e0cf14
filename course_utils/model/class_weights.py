"""Weights of the labels, for texts of which some labels are rare."""

from collections.abc import Iterable, Mapping
from numbers import Real

from course_utils.data.texts import no_list
from course_utils.errors import DataError, did_you_mean


def weights_by_label(given, train) -> list:
    """The weights that `fine_tune(class_weights=...)` means: one number for each label name.

    Args:
        given: None; "balanced"; a weight for each label name, in their order; or a dict (or pandas
            Series) of them by name, in which a label that is not named keeps 1.
        train: the `LabeledTexts` that are trained on.

    Returns:
        None, or a list of positive numbers.

    Raises:
        DataError: if `given` is something else, or names a label that there is not; or if it is
            "balanced" and a label has no text.
    """
    if given is None:
        return None
    if isinstance(given, str):
        return _balanced(given, train)
    if hasattr(given, "to_dict") and not no_list(given):  # a Series may be in any order
        given = given.to_dict()
    names = train.label_names
    if isinstance(given, Mapping):
        unknown = [name for name in given if name not in names]
        if unknown:
            raise DataError(
                f"class_weights names {unknown[0]!r}, expected labels of train: {', '.join(names)}."
                f"{did_you_mean(str(unknown[0]), names)}"
            )
        given = [given.get(name, 1.0) for name in names]
    return _checked(given, names)


def _balanced(given: str, train) -> list:
    """n / (classes * count), as in scikit-learn: with these, every label counts as much."""
    if given != "balanced":
        raise DataError(
            f'class_weights={given!r}: expected None, "balanced", or a number for each label.'
            f"{did_you_mean(given, ['balanced'])}"
        )
    counts = train.counts()
    missing = [name for name, count in counts.items() if not count]
    if missing:
        raise DataError(
            f'No text of train has the label {missing[0]}, so class_weights="balanced" cannot '
            "tell its weight: bring some, or give the weights yourself, such as "
            f"{{{next(name for name in counts if counts[name])!r}: 2}}."
        )
    return [len(train) / (len(counts) * count) for count in counts.values()]


def _checked(given, names: tuple) -> list:
    """The weights as plain numbers; a DataError unless they are positive, one for each name."""
    if no_list(given) or not isinstance(given, Iterable):
        raise DataError(
            f'class_weights is a {type(given).__name__}, expected None, "balanced", or a number '
            "for each label: a list, or a dict by name."
        )
    weights = list(given.tolist() if hasattr(given, "tolist") else given)
    if len(weights) != len(names):
        raise DataError(
            f"class_weights has {len(weights)} numbers for {len(names)} labels: one for each, in "
            f"the order {', '.join(names)}, or a dict by name."
        )
    for name, weight in zip(names, weights, strict=True):
        if not isinstance(weight, Real) or not 0 < weight < float("inf"):
            raise DataError(
                f"The class weight of {name} is {weight!r}, expected a number above 0, such as 2 "
                "for a label that shall count twice."
            )
    return [float(weight) for weight in weights]


def on_average_one(weights: list, labels, device):
    """The weights as a tensor of shape (classes,), scaled so that those of all texts have mean 1.

    So only their ratios count, and the loss, the clipping and the learning rate keep their measure.

    Args:
        weights: from `weights_by_label`; with None, the answer is None.
        labels: of the texts that are trained on.
    """
    import torch

    if weights is None:
        return None
    found = torch.tensor(weights, dtype=torch.float32, device=device)
    return found / found[torch.tensor(labels, device=device)].mean()


def loss_of(model, batch, weights=None):
    """The loss of a batch: the model's own, which is the mean cross-entropy of its texts.

    With class weights, the cross-entropy of each text counts as much as its label: a mean again.
    (PyTorch's own mean with `weight=` divides by the *weights* of the batch instead of its texts,
    and so takes part of them back: in a batch of one text, all.)

    Args:
        batch: what the model takes, `labels` of shape (batch,) among it.
        weights: shape (classes,), from `on_average_one`; or None.
    """
    from torch.nn.functional import cross_entropy

    outputs, labels = model(**batch), batch["labels"]
    if weights is None:
        return outputs.loss
    return cross_entropy(outputs.logits, labels, weights, reduction="sum") / len(labels)
