"""A model from a folder: ours, or any that transformers can use to classify texts."""

import hashlib
import json
from pathlib import Path

from course_utils.data.reading import note_length
from course_utils.errors import CheckpointNotFound, DamagedFile, DataError, did_you_mean
from course_utils.model.checkpoints import load_weights
from course_utils.model.device import pick_device
from course_utils.model.layers import check_choice, check_tokens
from course_utils.model.saving import load, model_folder
from course_utils.model.tokenizing import read_tokenizer

WEIGHTS = ("*.safetensors", "*.json", "*.txt", "*.model")
"""The files on which the answers of a model depend."""


def folder_of(name: str) -> Path:
    """The folder of a model: that folder, or the one where a notebook saved it under that name.

    Raises:
        CheckpointNotFound: if there is neither.
    """
    for folder in (Path(name).expanduser(), model_folder(name)):
        if folder.is_dir():
            return folder.resolve()
    there = sorted(path.parent.name for path in Path.cwd().glob("*/config.json"))
    saved = sorted({path.parent.name for path in model_folder("any").parent.glob("*/config.json")})
    near = did_you_mean(name, [*there, *saved])
    models = ", ".join(there) or "none"
    raise CheckpointNotFound(
        f"There is no folder '{name}', and no notebook saved a model under that name. Models in "
        f"this folder: {models}.{near}"
    )


def load_any(folder: Path, device: str = None) -> tuple:
    """A classifier and its tokenizer, ready on a device.

    Args:
        folder: of a model that `save`, or transformers, has written.
        device: see `pick_device`.

    Raises:
        CheckpointNotFound, DamagedFile: if there is no model in it that can be read.
        DataError: if its head does not choose one of some labels.
        DeviceUnavailable: if the device is not in this computer.
    """
    device = pick_device(device, quiet=True)
    model, tokenizer = _load_other(folder) if _kind(folder) != "bert" else load(str(folder))
    check_choice(model)
    check_tokens(model, tokenizer)
    return model.to(device), tokenizer


def label_names(model) -> tuple:
    """The names of the labels, in the order of the probabilities."""
    return tuple(str(name) for _, name in sorted(model.config.id2label.items()))


def are_named(names: tuple) -> bool:
    """Do the labels have names? A head that was saved without has LABEL_0, LABEL_1, ..."""
    return any(name != f"LABEL_{number}" for number, name in enumerate(names))


def _kind(folder: Path) -> str:
    """The kind of a model, such as "bert"; "bert" too if nobody can tell, for `load` tells why."""
    try:
        return json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, KeyError, TypeError):
        return "bert"


def _load_other(folder: Path) -> tuple:
    """A model of another kind than BERT, such as DistilBERT or RoBERTa."""
    from transformers import AutoModelForSequenceClassification

    try:
        model, new = load_weights(AutoModelForSequenceClassification, folder)
    except (OSError, ValueError, ImportError) as problem:
        why = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise DamagedFile(
            f"{folder.name} cannot be read as a model that classifies texts ({why}): save both "
            "model and tokenizer again, with save_pretrained."
        ) from None
    if new:
        raise DataError(
            f"The model in {folder.name} has no head that was trained (new: {sorted(new)[0]}): "
            "fine-tune it to classify texts first."
        )
    tokenizer = read_tokenizer(folder)
    # RoBERTa counts its positions from behind that of the padding.
    begin = getattr(getattr(model.base_model, "embeddings", None), "padding_idx", None)
    if begin is not None:
        most = model.config.max_position_embeddings - begin - 1
        note_length(tokenizer, min(tokenizer.model_max_length, most))
    return model.eval(), tokenizer


def fingerprint(folder: Path) -> str:
    """A sha256 over all files of a model that its answers depend on."""
    total = hashlib.sha256()
    found = {path for pattern in WEIGHTS for path in folder.glob(pattern)}
    for path in sorted(found):
        if path.name != "course.json":  # when and how it was trained
            with path.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").hexdigest()
            total.update(f"{path.name} {content}\n".encode())
    return total.hexdigest()
