"""A model from a folder: ours, or any that transformers can use to classify texts."""

import hashlib
import json
import re
from pathlib import Path

from course_utils.data.english import looks_foreign
from course_utils.data.reading import note_length
from course_utils.errors import CheckpointNotFound, DataError, did_you_mean
from course_utils.model.checkpoints import load_weights
from course_utils.model.device import pick_device
from course_utils.model.known import CHECKPOINTS
from course_utils.model.layers import check_choice, check_tokens
from course_utils.model.readme import base_model
from course_utils.model.save_folder import bring_back, what_stands_there
from course_utils.model.saving import load, model_folder
from course_utils.model.tokenizing import read_tokenizer

WEIGHTS = ("*.safetensors", "*.json", "*.txt", "*.model")
"""The files on which the answers of a model depend."""


def folder_of(name: str) -> Path:
    """The folder of a model: that folder, or the one where a notebook saved it under that name.

    Raises:
        CheckpointNotFound: if there is neither, or no model in it.
    """
    for folder in (bring_back(Path(name).expanduser()), model_folder(name)):
        if folder.is_dir():
            _check_model(folder.resolve(), name)
            return folder.resolve()
    if Path(name).expanduser().is_file():
        raise CheckpointNotFound(
            f"'{name}' is a file: give MODEL as the folder that holds config.json and the weights."
        )
    there = sorted(path.parent.name for path in Path.cwd().glob("*/config.json"))
    saved = sorted({path.parent.name for path in model_folder("any").parent.glob("*/config.json")})
    near = did_you_mean(name, [*there, *saved])
    models = ", ".join(there) or "none"
    if re.fullmatch(r"[\w.-]+/[\w.-]+", name) and not Path(name).parent.exists():
        near += (
            f" If it is a model on the Hugging Face Hub, fetch it first: hf download {name} "
            f"--local-dir {name.partition('/')[2]}"
        )
    raise CheckpointNotFound(
        f"There is no folder '{name}', and no notebook saved a model under that name. Models in "
        f"this folder: {models}.{near}"
    )


def _check_model(folder: Path, name: str) -> None:
    """Raise a CheckpointNotFound if a folder holds no whole model, and say what it holds."""
    there = {path.name for path in folder.iterdir()}
    within = sorted(path.parent.name for path in folder.glob("*/config.json"))
    if "config.json" in there:
        return
    if "adapter_config.json" in there:
        raise CheckpointNotFound(
            f"'{name}' holds an adapter (PEFT, such as LoRA), which is only a part of a model: "
            "where it was trained, join it with model.merge_and_unload(), and save that with "
            "save_pretrained."
        )
    if not there:
        raise CheckpointNotFound(f"The folder '{name}' is empty: give the folder of a model.")
    if within:
        found = f"models lie in it: give one of them, such as {name.rstrip('/')}/{within[0]}"
    else:
        found = "give the folder of a model, as train or a notebook saved it"
    raise CheckpointNotFound(f"'{name}' has no config.json, so it is no model: {found}.")


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
    _check_head(folder)
    ours = _config(folder).get("model_type", "bert") == "bert"
    model, tokenizer = load(str(folder)) if ours else _load_other(folder)
    check_choice(model)
    check_tokens(model, tokenizer)
    return model.to(device), tokenizer


def tell_unfinished(folder: Path) -> None:
    """Print that a model is one whose training was stopped, if it is."""
    if "unfinished" in what_stands_there(folder):
        print(
            f"Beware: the training of {folder.name} was stopped before its end, and the model was "
            "never tested: `train` with --resume goes on with it."
        )


def tell_language(model, texts) -> None:
    """Print that a model began with a checkpoint of English, and the texts look foreign."""
    origin = base_model(model.config)
    known = {record.hub_id: name for name, record in CHECKPOINTS.items()}
    if origin in known and looks_foreign(texts):
        print(
            f"Beware: these texts do not look English, and this model began with {known[origin]}, "
            "which has learned English: look at some answers before you rely on them. For another "
            "language, train with --checkpoint bert-base-multilingual-cased."
        )


def are_named(names: tuple) -> bool:
    """Do the labels have names? A head that was saved without has LABEL_0, LABEL_1, ..."""
    return any(name != f"LABEL_{number}" for number, name in enumerate(names))


def _config(folder: Path) -> dict:
    """What stands in config.json; empty if nobody can read it, for `load` tells why."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}


def _check_head(folder: Path) -> None:
    """Raise a DataError if config.json says that the model was saved without a head to classify."""
    kinds = _config(folder).get("architectures") or []
    if kinds and not any("ForSequenceClassification" in str(kind) for kind in kinds):
        raise DataError(
            f"The model in {folder.name} is a {kinds[0]}: it has no head that was trained to "
            "classify texts. Give one that train has made; this one may be its beginning "
            "(train DATA --checkpoint FOLDER)."
        )


def _load_other(folder: Path) -> tuple:
    """A model of another kind than BERT, such as DistilBERT or RoBERTa."""
    from transformers import AutoModelForSequenceClassification

    model, new = load_weights(AutoModelForSequenceClassification, folder)
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
