"""Keeping a fine-tuned model on this computer, and loading it."""

import glob
import json
import os
import shutil
import time
from dataclasses import fields
from datetime import date
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from course_utils import settings
from course_utils.errors import CheckpointNotFound, CourseError, DamagedFile
from course_utils.model.checkpoints import check_bert, load_weights, read_tokenizer
from course_utils.model.history import History, write_state
from course_utils.model.known import checkpoint_slug

ABOUT = "course.json"
"""How the weights beside it were made: labels, switches, recipe, losses, accuracies, versions."""

HOUR = 3_600  # seconds


def save(name: str, model, tokenizer, history: History = None) -> None:
    """Keep a fine-tuned model on this computer. An older save is replaced only at the very end.

    The folder is one that `from_pretrained` of transformers reads, too.

    Args:
        name: a short name such as "reviews" (kept in the folder `models/` of the course), or the
            path of a folder.
        model, tokenizer: what to keep.
        history: kept beside the weights. With that of an interrupted run, `resume` can go on.

    Raises:
        CourseError: if the folder cannot be written; an older save stays as it was.
    """
    from safetensors import SafetensorError

    folder = model_folder(name).resolve()
    _check_target(folder)
    _clear_up(folder)
    # Names that nobody else uses: what is removed below was made here.
    fresh = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}.save")
    old = folder.with_name(f"{fresh.name}.old")
    try:
        fresh.mkdir(parents=True)
        model.save_pretrained(fresh)
        tokenizer.save_pretrained(fresh)
        _write_about(fresh, model, history)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except (OSError, SafetensorError) as problem:
        raise CourseError(_why_not_saved(name, problem)) from None
    finally:  # also after an interrupt: no half save, and the older one in its place
        shutil.rmtree(fresh, ignore_errors=True)
        if old.exists() and not folder.exists():
            old.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    megabytes = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    print(f"Saved '{name}' ({megabytes:.0f} MB): safetensors weights, tokenizer, label names.")
    if history is not None and history.state:
        print(f"The run was interrupted: {_how_to_go_on(name, history.state)}.")


def _clear_up(folder: Path) -> None:
    """Put back what a killed save had moved aside, and remove what it left half written.

    Only what is old enough: another program may be saving right now.
    """
    for path in folder.parent.glob(f".{glob.escape(folder.name)}.????????.save*"):
        if time.time() - path.stat().st_mtime < HOUR:
            continue
        if path.name.endswith(".old") and not folder.exists():
            path.rename(folder)
        else:
            shutil.rmtree(path, ignore_errors=True)


def _how_to_go_on(name: str, state: dict) -> str:
    """The call that takes up a run again; saves of earlier versions do not say "validated"."""
    texts = "train, validation" if state.get("validated") else "train"
    return f'go on with resume("{name}", {texts})'


def _write_about(folder: Path, model, history: History) -> None:
    now = settings.current()
    about = {
        "label_names": list(model.config.id2label.values()),
        "checkpoint": getattr(model.config, "course_checkpoint", now.checkpoint),
        "size": now.size,
        "date": date.today().isoformat(),
        "versions": {name: version(name).partition("+")[0] for name in ("torch", "transformers")},
    }
    if history is not None:
        about["history"] = {
            item.name: getattr(history, item.name)
            for item in fields(history)
            if item.name != "state"
        }
        if history.state:
            about["unfinished"] = write_state(folder, history.state)
    (folder / ABOUT).write_text(json.dumps(about, indent=1, default=float), encoding="utf-8")


def _why_not_saved(name: str, problem: Exception) -> str:
    why = getattr(problem, "strerror", None) or problem
    cure = "free some disk space, or choose another folder"
    if isinstance(problem, PermissionError):  # Windows, too, while a loaded save is in use
        cure = "choose another folder, or restart the kernel if a loaded model is still in use"
    return f"'{name}' could not be saved ({why}): {cure}. An older save is as it was."


def _check_target(folder: Path) -> None:
    """Never write over a folder that holds anything but an earlier save of ours."""
    ours = (folder / "model.safetensors").is_file() and (folder / "config.json").is_file()
    if folder.exists() and not ours and (folder.is_file() or any(folder.iterdir())):
        raise CourseError(
            f"'{folder.name}' holds other files already, and saving would replace them: "
            'choose another name, for instance save("my-model", ...).'
        )


def load(name: str) -> tuple:
    """Load a model that `save` kept.

    Returns:
        model (in `eval()` mode, on the CPU) and tokenizer.

    Raises:
        CheckpointNotFound: if nothing was saved under that name.
        DamagedFile: if what was saved cannot be read.
    """
    folder = model_folder(name)
    if not folder.is_dir():
        raise CheckpointNotFound(
            f"Nothing is saved under '{name}' for these switches: "
            f'call save("{name}", model, tokenizer) first.'
        )
    check_bert(folder, name)
    from transformers import BertForSequenceClassification

    model, new = load_weights(BertForSequenceClassification, folder)
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
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise DamagedFile(f"{ABOUT} of '{name}' is not valid JSON: save the model again.") from None


def model_folder(name: str) -> Path:
    """Where `save` keeps a model: one folder per name, checkpoint and size."""
    if Path(name).name != str(name):
        return Path(os.path.expanduser(name))
    now = settings.current()
    return settings.models_folder() / f"{name}-{checkpoint_slug(now.checkpoint)}-{now.size}"
