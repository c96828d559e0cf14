"""The parts of a BERT: which of them are trained, and how far each one moved."""

import copy

from course_utils.errors import DataError


def blocks(model) -> dict:
    """The weights of a BERT in the order in which a text passes them.

    Args:
        model: a `BertModel` or a `BertForSequenceClassification`.

    Returns:
        Name of the block (embeddings, layer 1, ..., pooler, head) -> its weights, name -> tensor.
        Layer 1 is the one next to the embeddings.
    """
    base = model.base_model
    parts = {"embeddings": base.embeddings}
    parts |= {f"layer {n}": layer for n, layer in enumerate(base.encoder.layer, start=1)}
    if base.pooler is not None:
        parts["pooler"] = base.pooler
    if hasattr(model, "classifier"):
        parts["head"] = model.classifier
    return {name: dict(part.named_parameters()) for name, part in parts.items()}


def freeze(model, top_layers: int = 0) -> None:
    """Train the head only, and if asked for, the top layers with the pooler; freeze the rest.

    Make the optimizer after this call. `unfreeze` undoes it.

    Args:
        model: a classifier; it is changed in place.
        top_layers: how many layers stay trainable, counted from the head.

    Raises:
        DataError: if the model has no head, or not that many layers.
    """
    if not hasattr(model, "classifier"):
        raise DataError(
            "This model has no head, so nothing would be left to train: use load_classifier()."
        )
    layers = model.config.num_hidden_layers
    if not isinstance(top_layers, int) or not 0 <= top_layers <= layers:
        raise DataError(
            f"top_layers={top_layers!r}: expected a whole number from 0 (the head alone) to "
            f"{layers}, all layers of this model."
        )
    trained = {"head"}
    if top_layers:
        trained |= {"pooler"} | {f"layer {layers - n}" for n in range(top_layers)}
    for name, weights in blocks(model).items():
        for weight in weights.values():
            weight.requires_grad = name in trained


def unfreeze(model) -> None:
    """Train every weight again."""
    for weight in model.parameters():
        weight.requires_grad = True


def parameter_table(model):
    """How many weights each block has, and how many of them are trained.

    Returns:
        A DataFrame with the columns weights and trained, one row per block, and the total.
    """
    import pandas as pd

    rows = {
        name: {
            "weights": sum(weight.numel() for weight in weights.values()),
            "trained": sum(w.numel() for w in weights.values() if w.requires_grad),
        }
        for name, weights in blocks(model).items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.loc["total"] = table.sum()
    return table


def movement(model, start):
    """How far each block moved: the distance from its starting point, relative to its own size.

    0 means that no weight changed; 0.01 that the change is as large as one percent of the weights.
    (Both are measured as Euclidean norms over all weights of the block.) It says where training
    changed something, not which block matters.

    Args:
        model: after training.
        start: the same architecture before training, for instance `copy.deepcopy(model)`.

    Returns:
        A pandas Series, block -> relative distance.

    Raises:
        DataError: if the two have different blocks or shapes.
    """
    import pandas as pd

    after, before = blocks(model), blocks(start)
    shapes = [
        [(name, key, tuple(w.shape)) for name, block in found.items() for key, w in block.items()]
        for found in (after, before)
    ]
    if shapes[0] != shapes[1]:
        raise DataError("The two models differ in their blocks or shapes: compare a model with "
                        "a copy of itself from before training.")  # fmt: skip
    moved = {}
    for name in after:
        pairs = [
            (after[name][key].detach().cpu(), before[name][key].detach().cpu())
            for key in after[name]
        ]
        change = sum(((new - old) ** 2).sum().item() for new, old in pairs) ** 0.5
        size = sum((old**2).sum().item() for _, old in pairs) ** 0.5
        moved[name] = change / size
    return pd.Series(moved, name="relative distance")


def with_block_reset(model, start, block: str):
    """A copy of `model` in which one block has its starting weights again.

    Raises:
        DataError: if there is no such block.
    """
    import torch

    mixed = copy.deepcopy(model)
    chosen, origin = blocks(mixed), blocks(start)
    if block not in chosen:
        raise DataError(f"There is no block '{block}': choose one of {', '.join(chosen)}.")
    with torch.no_grad():
        for key, weight in chosen[block].items():
            weight.copy_(origin[block][key])
    return mixed
