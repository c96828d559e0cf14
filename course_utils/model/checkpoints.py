"""From the name of a checkpoint to its tokenizer, its encoder, or a classifier on top of it."""

import json
import os
from contextlib import contextmanager
from pathlib import Path

from course_utils import files, settings
from course_utils.data import reviews
from course_utils.data.reading import COURSE_LENGTH, note_length
from course_utils.data.texts import distinct_names, no_list
from course_utils.errors import CheckpointNotFound, DamagedFile, DataError, no_memory
from course_utils.model.hub import from_hub
from course_utils.model.known import ABOUT, CHECKPOINTS, Checkpoint, checkpoint_note
from course_utils.model.save_folder import bring_back, what_stands_there
from course_utils.model.seen import NOTHING, keep_past, past_of_folder
from course_utils.model.tokenizing import how_to_mend, in_short, read_tokenizer


def checkpoint_folder(name: str = None, fetch: bool = True) -> Path:
    """The folder on this computer that holds a checkpoint; fetched from the Hub if need be.

    Args:
        name: a known checkpoint, a folder, or the id of a BERT on the Hugging Face Hub; by
            default the `checkpoint` switch of the course.
        fetch: ask the Hub for a checkpoint that is not here; if False, only look.

    Returns:
        A folder that `from_pretrained` of transformers accepts.

    Raises:
        CheckpointNotFound: if there is no such checkpoint, or it is not a BERT in safetensors.
        HubUnreachable: if it has to be fetched and the Hub does not answer within two seconds.
        DamagedFile: if a file is missing or is not the one that was tested.
    """
    name = named(name)
    record = CHECKPOINTS.get(name)
    if record and record.package and _installed(record):
        return _from_package(record)
    path = Path(os.path.expanduser(name))  # which leaves ~nobody as it is
    if record is None and (bring_back(path).is_dir() or _looks_like_a_path(name)):
        return _from_folder(path, name)
    folder = check_bert(from_hub(record.hub_id if record else name, name, fetch), name)
    if record:
        _verify(folder, record, "delete it from the Hub's cache, and load it again.")
    return folder


def load_tokenizer(name: str = None):
    """The tokenizer that belongs to a checkpoint (for a known one, a `BertTokenizer`).

    It notes how much of a text is read: `tokenizer.model_max_length`, in tokens, with [CLS] and
    [SEP]. That is 64 at first; `fine_tune(max_length=...)` sets it, `save` keeps it. `predict` and
    all other functions of the course read so far unless they are told otherwise, and so does a call
    by hand, `tokenizer(texts, truncation=True)`. Without `truncation=True`, nothing is cut off,
    and a text may be longer than the 512 tokens that a BERT can read.
    """
    folder = checkpoint_folder(name)
    tokenizer = read_tokenizer(folder)
    if not (folder / ABOUT).is_file():  # a model that `save` kept has its own length
        note_length(tokenizer, min(COURSE_LENGTH, tokenizer.model_max_length))
    return tokenizer


def load_encoder(name: str = None):
    """The pre-trained encoder alone, without a head (a `BertModel`, fp32, in `eval()` mode)."""
    folder = checkpoint_folder(name)  # a wrong name is noticed before slow imports
    from transformers import BertModel

    model, _ = load_weights(BertModel, folder)
    return model.eval()


def load_classifier(name: str = None, label_names=None, seed: int = 0, quiet: bool = False):
    """A pre-trained encoder with a new head: ready to be fine-tuned.

    It sets torch's random numbers to `seed` and draws the head from them: whoever draws afterwards
    goes on from there.

    Args:
        name: see `checkpoint_folder`.
        label_names: one name per class; a label is the position of its name. By default negative
            and positive, or the two of `use(data=...)`.
        seed: the new head is random; the same seed gives the same head.
        quiet: do not print which weights are new.

    Returns:
        A `BertForSequenceClassification` in fp32. Its logits have shape (batch, classes).

    Raises:
        DataError: unless there are two label names or more, all different, and all text.
    """
    label_names = reviews.label_names() if label_names is None else label_names
    _check_label_names(label_names)
    folder = checkpoint_folder(name)
    import torch
    from transformers import BertForSequenceClassification

    torch.manual_seed(seed)
    model, new = load_weights(BertForSequenceClassification, folder, **_names(label_names))
    if not quiet:
        _tell_new_weights(model, new)
    return _noted(model, name)


def load_scratch_twin(name: str = None, label_names=None, seed: int = 0):
    """The same network as `load_classifier` gives, but every weight is random: it has read nothing.

    Args:
        name: the checkpoint whose architecture is copied; see `checkpoint_folder`.
        label_names: see `load_classifier`.
        seed: of the random weights.

    Returns:
        A `BertForSequenceClassification` in fp32.
    """
    label_names = reviews.label_names() if label_names is None else label_names
    _check_label_names(label_names)
    folder = checkpoint_folder(name)
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(seed)
    config = BertConfig.from_pretrained(folder, **_names(label_names))
    return keep_past(_noted(BertForSequenceClassification(config), name), NOTHING)


def _names(label_names) -> dict:
    """The labels of a classifier, as its configuration keeps them.

    `problem_type` may come from another head of the same encoder (a regression): it is forgotten.
    """
    return {
        "problem_type": None,
        "id2label": dict(enumerate(label_names)),
        "label2id": {label: i for i, label in enumerate(label_names)},
    }


def _noted(model, name: str):
    """The model, with two notes in its configuration.

    `course_checkpoint` says what it was loaded from (see `checkpoint_note`): `save` files by it.
    `course_origin` says what a model that `save` kept was at first: its learning rate suits that.
    """
    config = model.config
    first = getattr(config, "course_origin", getattr(config, "course_checkpoint", None))
    config.course_checkpoint = checkpoint_note(named(name))
    if first:
        config.course_origin = first
    return model


def named(name) -> str:
    """The name of a checkpoint as text; by default the one of the switch."""
    return settings.as_text(name or settings.current().checkpoint)


def _check_label_names(label_names) -> None:
    if not isinstance(label_names, str) and no_list(label_names):
        raise DataError(f"label_names is {no_list(label_names)}.")
    several = hasattr(label_names, "__len__") and not isinstance(label_names, str)
    if several and not all(isinstance(name, str) for name in label_names):
        raise DataError(
            f"label_names={label_names!r}: names of labels are text, such as "
            f"{tuple(str(name) for name in label_names)}."
        )
    if not several or len(label_names) < 2 or not distinct_names(label_names):
        raise DataError(
            f"label_names={label_names!r}: a classifier needs at least two different names, "
            'for instance label_names=("negative", "positive").'
        )


def _tell_new_weights(model, new: set) -> None:
    sizes = {key: weight.numel() for key, weight in model.named_parameters()}
    fresh = sum(sizes[key] for key in new)
    print(
        f"{sum(sizes.values()) - fresh:,} weights come from the checkpoint; "
        f"{fresh:,} are new and random: {', '.join(sorted(new)) or 'none'}."
    )


def load_weights(architecture, folder: Path, **config):
    """Load weights quietly; return the model and the names of the weights that are new."""
    import torch

    try:
        with _quiet_transformers():
            model, report = architecture.from_pretrained(
                folder,
                dtype=torch.float32,
                use_safetensors=True,
                local_files_only=True,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # reported below, in a sentence
                trust_remote_code=False,  # nor is anybody asked whether to run code of the folder
                **config,
            )
    except Exception as problem:  # of safetensors, and whatever a strange config.json brings about
        if no_memory(problem):
            raise
        raise DamagedFile(
            f"The model in {folder.name} cannot be read ({in_short(problem)}): "
            f"{how_to_mend(folder)}"
        ) from None
    head = {key for key, *_ in report["mismatched_keys"] if key.startswith("classifier.")}
    misfits = sorted({key for key, *_ in report["mismatched_keys"]} - head)
    if misfits:
        raise DamagedFile(
            f"The weights in {folder.name} do not fit its config.json (the first is {misfits[0]}): "
            "fetch or save both again."
        )
    missing = set(report["missing_keys"]) | head  # a head for other classes is a new head
    lost = sorted(key for key in missing if "encoder." in key or "embeddings." in key)
    if lost:
        raise DamagedFile(
            f"The weights in {folder.name} lack {len(lost)} tensors of a BERT encoder "
            f"(the first is {lost[0]}): fetch or save them again."
        )
    return keep_past(model, past_of_folder(Path(folder))), missing


@contextmanager
def _quiet_transformers():
    """Without the load report and the bar of transformers; we say it in one sentence instead."""
    from transformers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _installed(record: Checkpoint) -> bool:
    import importlib.util

    return importlib.util.find_spec(record.package[0]) is not None


def _from_package(record: Checkpoint) -> Path:
    module, distribution, inside = record.package
    folder = files.package_folder(module, distribution) / inside
    return _verify(
        folder, record, "close Jupyter, delete the folder .venv, and run `python course.py env`."
    )


def _verify(folder: Path, record: Checkpoint, cure: str) -> Path:
    for name, expected in record.sha256.items():
        files.verify(folder / name, expected, cure)
    return folder


def _looks_like_a_path(name: str) -> bool:
    return name.startswith((".", "/", "~")) or "\\" in name or name.count("/") > 1


def _from_folder(path: Path, name: str) -> Path:
    if not path.is_dir():
        raise CheckpointNotFound(f"The folder '{name}' does not exist: check its spelling.")
    return check_bert(path, name)


def check_bert(path: Path, name: str) -> Path:
    """A folder must hold a BERT, its weights as safetensors, and its vocabulary."""
    if not (path / "config.json").is_file():
        raise CheckpointNotFound(f"'{name}' has no config.json: it is not a checkpoint folder.")
    try:
        kind = json.loads((path / "config.json").read_text(encoding="utf-8")).get("model_type")
    except (ValueError, AttributeError):
        raise DamagedFile(f"config.json of '{name}' is not valid JSON: save it again.") from None
    if kind != "bert":
        raise CheckpointNotFound(
            f"'{name}' is a model of type {kind!r}; this course loads BERT checkpoints only, "
            'for instance use(checkpoint="bert-base-uncased").'
        )
    if not (path / "model.safetensors").is_file():
        raise CheckpointNotFound(
            f"'{name}' has no model.safetensors: this course reads weights in that format only, "
            "because other formats can run code while they load."
        )
    if not ((path / "tokenizer.json").is_file() or (path / "vocab.txt").is_file()):
        raise CheckpointNotFound(
            f"'{name}' has neither tokenizer.json nor vocab.txt: save the tokenizer there too, "
            "with tokenizer.save_pretrained(folder)."
        )
    _check_as_saved(path)
    return path


def _check_as_saved(path: Path) -> None:
    """What `save` wrote must be as it left it: with one wrong bit, a model still answers."""
    noted = what_stands_there(path).get("sha256")
    cure = (
        f"copy the folder {path.name} again, or save the model again; if you changed that file "
        f'yourself, take it out of "sha256" in {ABOUT}.'
    )
    for name, expected in (noted if isinstance(noted, dict) else {}).items():
        files.verify(path / name, expected, cure, "that save wrote")
