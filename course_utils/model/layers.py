"""The parts of a BERT: which of them are trained, and how far each one moved."""

import copy
import math

from course_utils.data.reading import check_tokenizer
from course_utils.errors import DataError
from course_utils.model.turns import alone


def blocks(model) -> dict:
    """The weights of a BERT in the order in which a text passes them.

    Args:
        model: from `load_classifier` or `load_encoder`, or any other BERT of transformers.

    Returns:
        Name of the block (embeddings, layer 1, ..., pooler, head) -> its weights, name -> tensor.
        Layer 1 is the one next to the embeddings. The head is all that stands on the encoder; an
        encoder alone has none. Every weight is in exactly one block.

    Raises:
        DataError: if the model is not a BERT.
    """
    base = getattr(model, "base_model", None)
    if not hasattr(getattr(base, "encoder", None), "layer") or not hasattr(base, "embeddings"):
        raise DataError(
            f"Expected a BERT, found a {type(model).__name__}: load one with load_classifier()."
        )
    parts = {"embeddings": base.embeddings}
    parts |= {f"layer {n}": layer for n, layer in enumerate(base.encoder.layer, start=1)}
    if getattr(base, "pooler", None) is not None:
        parts["pooler"] = base.pooler
    found = {name: dict(part.named_parameters()) for name, part in parts.items()}
    body = {id(weight) for weight in base.parameters()}
    head = {key: weight for key, weight in model.named_parameters() if id(weight) not in body}
    return found | ({"head": head} if head else {})


def check_classifier(model) -> None:
    """Raise a DataError unless the model is a BERT with a head that chooses one of some labels."""
    from transformers import BertForSequenceClassification

    if hasattr(model, "merge_and_unload"):
        raise DataError(
            f"peft has wrapped this model into a {type(model).__name__}: take the model itself and "
            "model.add_adapter(LoraConfig(...)) instead of get_peft_model; or, after the training, "
            "what its merge_and_unload() returns."
        )
    if not isinstance(model, BertForSequenceClassification):
        raise DataError(
            f"Expected a BERT with a head that classifies, found a {type(model).__name__}: load "
            "one with load_classifier() or load_or_train()."
        )
    check_choice(model)


def check_choice(model) -> None:
    """Raise a DataError unless the head of a model, of any kind, chooses one of some labels."""
    cure = "load its encoder with a new head, load_classifier(folder, label_names=[...])"
    if model.config.num_labels < 2 or model.config.problem_type == "regression":
        raise DataError(
            f"The head of this model gives a number (a regression), not one of some labels: {cure}."
        )
    if model.config.problem_type == "multi_label_classification":
        raise DataError(
            "The head of this model may give a text several labels at once (multi-label), and here "
            f"each text has one: {cure}."
        )


def check_model(model) -> None:
    """Raise a DataError unless it is a model: a cell may have set it to None, to make room."""
    if not hasattr(model, "get_input_embeddings"):
        raise DataError(
            f"Expected a model, found a {type(model).__name__}: run the cell again in which it is "
            "made, or load one with load_classifier() or load_encoder()."
        )


def check_tokens(model, tokenizer) -> None:
    """Raise a DataError if the tokenizer has tokens that the model has no vector for.

    Args:
        model: any BERT; if it is none, a DataError says so.
        tokenizer: one that was loaded for it, perhaps with more tokens since.
    """
    check_model(model)
    check_tokenizer(tokenizer)
    known = model.get_input_embeddings().num_embeddings
    if len(tokenizer) > known:
        raise DataError(
            f"The tokenizer has {len(tokenizer):,} tokens, the model knows {known:,}: after "
            "tokenizer.add_tokens(...) call model.resize_token_embeddings(len(tokenizer)), or load "
            "both from the same checkpoint."
        )


def check_answers(logits) -> None:
    """Raise a DataError if a model answers with something that is no number ("nan")."""
    if not logits.isfinite().all():
        raise DataError(
            "The model answers with numbers that are none (nan or infinite), so its weights are "
            "damaged: load it again, and fine-tune it with a smaller learning rate."
        )


def freeze(model, top_layers: int = 0) -> None:
    """Train the head only, and if asked for, the top layers with the pooler; freeze the rest.

    Freezing lasts until the next call of `freeze` or `unfreeze`. An optimizer that was made before
    may stay: it leaves alone what gets no gradient. (Gradients that are there already are forgotten
    here, because a step would still use them.)

    Args:
        model: a classifier; it is changed in place.
        top_layers: how many layers stay trainable, counted from the head.

    Raises:
        DataError: if the model has no head, or not that many layers.
    """
    found = blocks(model)
    if "head" not in found:
        raise DataError(
            "This model has no head, so nothing would be left to train: use load_classifier()."
        )
    layers = [name for name in found if name.startswith("layer ")]
    if type(top_layers) is not int or not 0 <= top_layers <= len(layers):
        raise DataError(
            f"top_layers={top_layers!r}: expected a whole number from 0 (the head alone) to "
            f"{len(layers)}, all layers of this model."
        )
    trained = {"head"}
    if top_layers:
        trained |= {"pooler", *layers[-top_layers:]}
    for name, weights in found.items():
        for weight in weights.values():
            weight.requires_grad = name in trained
            if name not in trained:
                weight.grad = None


def freeze_word_embeddings(model) -> None:
    """Keep the word table as it is, half of the weights of a small BERT, and train all the rest.

    Fine-tuning hardly moves it, and without it a step is faster and needs less memory. Like
    `freeze`, it lasts until the next call of `freeze` or `unfreeze`.

    Args:
        model: a BERT; it is changed in place.

    Raises:
        DataError: if the model is not a BERT.
    """
    table = blocks(model)["embeddings"]["word_embeddings.weight"]
    table.requires_grad, table.grad = False, None


def unfreeze(model) -> None:
    """Train every weight again. Make a new optimizer if the old one was given a part of them."""
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
    """How far each block moved from its start, relative to how large its weights were there.

    0 means that no weight changed; 0.01 that the change is as large as one percent of the weights.
    (Both are measured as Euclidean norms over all weights of the block.) It says where training
    changed something, not which block matters.

    Args:
        model: after training.
        start: the same model before training: `copy.deepcopy(model)`, made before `fine_tune`.

    Returns:
        A pandas Series, block -> relative distance. (A block that started with nothing but zeros
        has no size: infinity, if it moved.)

    Raises:
        DataError: if the two have different blocks or shapes, or are one and the same model.
    """
    import pandas as pd

    after, before = _same_blocks(model, start)
    moved = {}
    for name in after:
        pairs = [
            (weight.detach().cpu().float(), before[name][key].detach().cpu().float())
            for key, weight in after[name].items()
        ]
        change = sum(((new - old) ** 2).sum().item() for new, old in pairs) ** 0.5
        size = sum((old**2).sum().item() for _, old in pairs) ** 0.5
        moved[name] = change / size if size else (math.inf if change else 0.0)
    return pd.Series(moved, name="relative distance")


def with_block_reset(model, start, block: str):
    """A copy of `model` in which one block has its starting weights again; `model` stays as it is.

    Args:
        model: after training.
        start: the same model before training, see `movement`.
        block: a name from `blocks`, for instance "layer 3".

    Raises:
        DataError: if there is no such block, or the two do not fit together, see `movement`.
    """
    import torch

    found, origin = _same_blocks(model, start)
    if block not in found:
        raise DataError(f"There is no block {block!r}: choose one of {', '.join(found)}.")
    with alone(model):  # not in the middle of what a view does with it
        mixed = copy.deepcopy(model)
    with torch.no_grad():
        for key, weight in blocks(mixed)[block].items():
            weight.copy_(origin[block][key])
    return mixed


def _same_blocks(model, start) -> tuple[dict, dict]:
    """The blocks of a model after and before training, which must differ in their values only."""
    after, before = blocks(model), blocks(start)
    shapes = [
        [(name, key, tuple(w.shape)) for name, block in found.items() for key, w in block.items()]
        for found in (after, before)
    ]
    if shapes[0] != shapes[1]:
        raise DataError(
            "The two models differ in their blocks or shapes: compare a model with a copy of "
            "itself from before training."
        )
    if any(after[name][key] is before[name][key] for name, key, _ in shapes[0]):
        raise DataError(
            "`start` is the trained model itself, not a copy from before: write "
            "start = copy.deepcopy(model) before you train."
        )
    return after, before
