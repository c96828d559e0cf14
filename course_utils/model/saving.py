"""Keeping a fine-tuned model on this computer, and loading it."""

import copy
import glob
import json
import os
import shutil
from dataclasses import fields
from datetime import date
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from course_utils import files, settings
from course_utils.data.reading import note_length, reading_length
from course_utils.data.reviews import data_note
from course_utils.errors import CheckpointNotFound, CourseError, DamagedFile
from course_utils.model.checkpoints import check_bert, load_weights
from course_utils.model.history import History
from course_utils.model.known import ABOUT, checkpoint_note, note_slug
from course_utils.model.layers import check_classifier, check_tokens
from course_utils.model.lora import check_whole, merged
from course_utils.model.prediction import label_names
from course_utils.model.readme import check_card, write_readme
from course_utils.model.run_state import UNFINISHED, write_state
from course_utils.model.save_folder import (
    README,
    bring_back,
    check_own_files,
    check_target,
    clear_up,
    has_own_page,
    move_aside,
    retire,
    what_stands_there,
)
from course_utils.model.tokenizing import read_tokenizer
from course_utils.progress import speaks


def save(name: str, model, tokenizer, history: History = None, card=None) -> None:
    """Keep a fine-tuned model on this computer. An older save is replaced only at the very end.

    The folder is a complete model of transformers: its `from_pretrained` and its `pipeline` read
    it where this course is not installed, and answer as `predict` does. Its README.md says so, and
    what else one should know. What you put into the folder yourself (notes, a .git, a README.md
    of yours) stays there: only files that an earlier `save` wrote are replaced.

    Of several processes that train together, only the first one writes: what reads the folder
    afterwards is its task, too.

    A model with an adapter (LoRA) is saved whole, the adapter added to its weights: nobody needs
    peft to load it. What is small enough to send is the adapter itself. It goes with the head if
    the head is named in `modules_to_save`, and only then::

        from peft import LoraConfig
        model = course_utils.load_classifier()
        layers = LoraConfig(r=8, target_modules="all-linear", modules_to_save=["classifier"])
        model.add_adapter(layers)
        course_utils.fine_tune(model, tokenizer, train)
        model.save_pretrained("./my-adapter")  # adapter and head: 1.4 MB for minilm

        elsewhere = course_utils.load_classifier()
        elsewhere.load_adapter("./my-adapter")  # answers as `model` does

    If the labels have other names than negative and positive, give both calls of `load_classifier`
    the same `label_names`.

    Args:
        name: a short name such as "reviews" (kept in `models/` beside the notebooks or in the
            folder that COURSE_MODELS names, for the checkpoint that the model comes from and the
            size of the switch), or the path of a folder: new, empty, or one that `save` made.
        model, tokenizer: what to keep.
        history: kept beside the weights. With that of an interrupted run, `resume` can go on.
        card: what `model_card` made of this model. Then README.md is that card, with the header
            that the Hugging Face Hub reads. Nothing is sent anywhere.

    Raises:
        CourseError: if the folder cannot be written, or holds files that `save` did not write and
            would have to replace; what is there stays as it was. Or if the run was interrupted and
            the model has an adapter.
        DataError: if the model is no classifier, the tokenizer has tokens that it does not know, or
            the card is none, or one of a model with other labels.
    """
    from safetensors import SafetensorError

    check_classifier(model)
    check_tokens(model, tokenizer)
    check_card(card, model)
    check_whole(model, history)
    if not speaks():
        return
    model, now = merged(model), settings.current()
    checkpoint = getattr(model.config, "course_checkpoint", checkpoint_note(now.checkpoint))
    folder = model_folder(name, checkpoint).resolve()
    check_target(folder)
    clear_up(folder)
    # Names that nobody else uses: what is removed below was made here.
    fresh = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}.save")
    old = folder.with_name(f"{fresh.name}.old")
    try:
        fresh.mkdir(parents=True)
        _write_model(fresh, model, tokenizer)
        own_page = has_own_page(folder)
        if not own_page:
            write_readme(fresh / README, Path(name).name, model, tokenizer, history, card)
        _write_about(fresh, model, checkpoint, history)
        for file in fresh.iterdir():  # safetensors writes what only its owner can read
            shutil.copymode(fresh / ABOUT, file)
        check_own_files(folder, fresh)
        megabytes = sum(file.stat().st_size for file in fresh.iterdir()) / 1e6
        if folder.exists():
            move_aside(folder, old)
        fresh.rename(folder)
    except (OSError, SafetensorError) as problem:
        raise CourseError(_why_not_saved(name, problem)) from None
    finally:  # also after an interrupt: no half save, and the older one in its place
        shutil.rmtree(fresh, ignore_errors=True)
        if old.exists() and not folder.exists():
            old.rename(folder)
        retire(old, folder)
    print(f"Saved '{name}' ({megabytes:.0f} MB): safetensors weights, tokenizer, label names.")
    if own_page:
        print(f"{README} in it is your own, and stays as it is{', without the card' * bool(card)}.")
    elif card is not None:
        print(
            f"Its {README} is the card." + f" Still open: {', '.join(card.open)}." * bool(card.open)
        )
    if folder != model_folder(name).resolve():
        name = folder.as_posix()  # finds it whatever the switch says
        print(f"It comes from {checkpoint}, the switch says {now.checkpoint}: {_where(folder)}.")
    if history is not None and history.state:
        print(f"The run was interrupted: {how_to_go_on(name, history.state)}.")


def how_to_go_on(name: str, state: dict) -> str:
    """The call that takes up a run again; saves of earlier versions do not say "validated"."""
    texts = "train, validation" if state.get("validated") else "train"
    return f'go on with resume("{name}", {texts})'


def _where(folder: Path) -> str:
    """How to get at the save of another checkpoint or size."""
    return f'load("{folder.as_posix()}") loads it'


def _write_model(folder: Path, model, tokenizer) -> None:
    """Write what transformers reads, so that it reads it as `load` and `predict` do."""
    import torch

    note_length(tokenizer, reading_length(tokenizer, None, model))  # no further than the model can
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)
    config = copy.deepcopy(model.config)
    config.dtype = torch.float32  # also of a model in half precision, which `load` widens, too
    config.label2id = {label: number for number, label in enumerate(label_names(model))}
    config.save_pretrained(folder)


def _write_about(folder: Path, model, checkpoint: str, history: History) -> None:
    about = {
        "label_names": label_names(model),
        "checkpoint": checkpoint,
        "size": settings.current().size,
        "date": date.today().isoformat(),
        "versions": {name: version(name).partition("+")[0] for name in ("torch", "transformers")},
    }
    if history is not None:
        about["history"] = {
            item.name: getattr(history, item.name)
            for item in fields(history)
            if item.name not in ("state", "seen")
        }
        if history.seen:
            about["seen"] = history.seen
        if history.state:
            about["unfinished"] = write_state(folder, history.state)
    if (folder / README).is_file():
        about["readme"] = files.sha256(folder / README)
    written = sorted(folder.iterdir())
    about["files"] = sorted([ABOUT, *(path.name for path in written)])
    about["sha256"] = {
        path.name: files.sha256(path) for path in written if path.name not in (README, UNFINISHED)
    }
    (folder / ABOUT).write_text(json.dumps(about, indent=1, default=float), encoding="utf-8")


def _why_not_saved(name: str, problem: Exception) -> str:
    why = getattr(problem, "strerror", None) or problem
    cure = "free some disk space, or choose another folder"
    if isinstance(problem, PermissionError):  # Windows, too, while a loaded save is in use
        cure = "choose another folder, or restart the kernel if a loaded model is still in use"
    return f"'{name}' could not be saved ({why}): {cure}. An older save is as it was."


def load(name: str) -> tuple:
    """Load a model that `save` kept.

    Args:
        name: as it was given to `save`. A short name means the save for the checkpoint and the
            size of the switches.

    Returns:
        model (in `eval()` mode, on the CPU) and tokenizer, which reads as far as it did when it was
        saved: its `model_max_length`.

    Raises:
        CheckpointNotFound: if nothing was saved under that name.
        DamagedFile: if what was saved cannot be read.
    """
    folder = model_folder(name)
    if not folder.is_dir():
        raise CheckpointNotFound(
            f"Nothing is saved under '{name}' for these switches: "
            f'{_elsewhere(name)}call save("{name}", model, tokenizer) first.{_here(name)}'
        )
    check_bert(folder, name)
    from transformers import BertForSequenceClassification

    model, new = load_weights(BertForSequenceClassification, folder)
    check_classifier(model)
    if new:
        raise DamagedFile(f"'{name}' was saved without its head: fine-tune and save it again.")
    return model.eval(), read_tokenizer(folder)


def read_about(name: str) -> dict:
    """What `save` wrote beside the weights; empty if they come from elsewhere.

    Raises:
        DamagedFile: if it cannot be read.
    """
    path = model_folder(name) / ABOUT
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise DamagedFile(
            f"{ABOUT} of '{name}' is not valid JSON, or not what save writes: load(\"{name}\") may "
            f"still read the model; delete the folder {path.parent.name} before you save it again."
        ) from None


def _elsewhere(name: str) -> str:
    """Which other checkpoints and sizes have a save of that name; nothing if none has."""
    if not _is_short(name):
        return ""
    found = []
    for folder in sorted(settings.models_folder().glob(f"{glob.escape(name)}-*")):
        about = what_stands_there(folder)
        checkpoint, size = str(about.get("checkpoint")), about.get("size")
        if folder.name == f"{name}-{note_slug(checkpoint)}-{size}":
            found.append(f"checkpoint {checkpoint}, size {size} ({_where(folder)})")
    return f"it was saved for {' and for '.join(found)}. For these switches " if found else ""


def _here(name: str) -> str:
    """That a folder of that name lies where one works; nothing if there is none."""
    if not _is_short(name) or not Path(name).is_dir():
        return ""
    return f' There is a folder of that name here, though: load("./{name}") loads it.'


def model_folder(name: str, checkpoint: str = None) -> Path:
    """Where `save` keeps a model: one folder per name, checkpoint, size, and data of one's own.

    If a program was killed just as it replaced that model, the older one is back there.

    Args:
        name: a short name, or the path of a folder.
        checkpoint: what a model has noted; by default that of the switch.
    """
    if not _is_short(name):
        return bring_back(Path(os.path.expanduser(name)))
    now = settings.current()
    slug = note_slug(checkpoint or checkpoint_note(now.checkpoint))
    return bring_back(settings.models_folder() / f"{name}-{slug}-{now.size}{data_note()}")


def _is_short(name: str) -> bool:
    return Path(name).name == str(name) != ".."
