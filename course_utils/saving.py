"""Keeping a fine-tuned model on this computer, loading it, and going on with an interrupted run."""

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

from course_utils import checkpoints, layers, settings
from course_utils.datasets import load_reviews
from course_utils.errors import CheckpointNotFound, CourseError, DamagedFile
from course_utils.history import History
from course_utils.records import checkpoint_slug
from course_utils.training import fine_tune

ABOUT = "course.json"
"""How the weights beside it were made: labels, switches, recipe, losses, accuracies, versions."""

HOUR = 3_600  # seconds

UNFINISHED = "unfinished.safetensors"
"""What an interrupted run needs to go on: moments of the optimizer, weights of the best epoch."""


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
            about["unfinished"] = _write_state(folder, history.state)
    (folder / ABOUT).write_text(json.dumps(about, indent=1, default=float), encoding="utf-8")


def _write_state(folder: Path, state: dict) -> dict:
    """Write the tensors of a `RunState`; return the rest, which is for JSON."""
    from safetensors.torch import save_file

    tensors = {"last": state["last"]}
    tensors |= {f"random/{device}": numbers for device, numbers in state["random"].items()}
    tensors |= {f"best/{name}": weight for name, weight in state["best"].items()}
    for number, moments in state["optimizer"]["state"].items():
        tensors |= {f"optimizer/{number}/{key}": value for key, value in moments.items()}
    save_file(
        {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}, folder / UNFINISHED
    )
    return {key: state[key] for key in ("data", "validated", "trained", "schedule")} | {
        "param_groups": state["optimizer"]["param_groups"]
    }


def _read_state(folder: Path, rest: dict) -> dict:
    """What `_write_state` wrote, as `RunState` wants it."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(folder / UNFINISHED)
    except (OSError, SafetensorError, EOFError) as problem:
        raise DamagedFile(
            f"{UNFINISHED} of the interrupted run cannot be read ({problem}): the model itself may "
            "be loaded with load(), but its run cannot go on."
        ) from None
    state = {key: rest[key] for key in ("data", "trained", "schedule")}
    state |= {"last": tensors.pop("last"), "random": {}, "best": {}}
    state["optimizer"] = {"state": {}, "param_groups": rest["param_groups"]}
    for name, tensor in tensors.items():
        kind, _, key = name.partition("/")
        if kind != "optimizer":
            state[kind][key or "cpu"] = tensor  # earlier versions kept the CPU's alone: "random"
        else:
            number, _, moment = key.partition("/")
            state["optimizer"]["state"].setdefault(int(number), {})[moment] = tensor
    return state


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
    checkpoints.check_bert(folder, name)
    from transformers import BertForSequenceClassification

    model, new = checkpoints.load_weights(BertForSequenceClassification, folder)
    if new:
        raise DamagedFile(f"'{name}' was saved without its head: fine-tune and save it again.")
    return model.eval(), checkpoints.read_tokenizer(folder)


def resume(name: str, train, validation=None, device: str = None) -> tuple:
    """Go on with an interrupted run that `save` kept, to the end that it would have had.

    Order of the batches, optimizer, learning rate and dropout go on where they were. On the CPU the
    weights end where those of an uninterrupted run end.

    Args:
        name: as it was given to `save`.
        train, validation: the same texts as in `fine_tune`.
        device: see `pick_device`.

    Returns:
        model, tokenizer and `History`. Nothing is saved: call `save` again.

    Raises:
        CheckpointNotFound: if nothing was saved under that name.
        CourseError: if its run was not interrupted.
        DataError: if the texts are others.
        DamagedFile: if what was saved cannot be read.
    """
    model, tokenizer = load(name)
    about = read_about(name)
    if not about.get("unfinished"):
        raise CourseError(
            f"'{name}' was not saved in the middle of a run, so there is nothing to go on with: "
            f'use it with load("{name}").'
        )
    state = _read_state(model_folder(name), about["unfinished"])
    history = History(**about["history"], state=state)
    for key, weight in model.named_parameters():
        weight.requires_grad = key in state["trained"]
    print(f"Going on after {len(history.losses)} steps.")
    fine_tune(model, tokenizer, train, validation, device=device, history=history)
    return model, tokenizer, history


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


def load_or_train(name: str = "reviews") -> tuple:
    """Your own model from notebook 05; if there is none yet, train it now with the same recipe.

    Returns:
        model (in `eval()` mode) and tokenizer.
    """
    if name != "reviews":
        raise CheckpointNotFound(f"There is no recipe for '{name}': the course has 'reviews'.")
    if model_folder(name).is_dir():
        print(f"Loading the model that you saved in notebook 05{_what_was_saved(name)}.")
        return load(name)
    train, _, _ = load_reviews(quiet=True)
    print(
        f"No model is saved yet: fine-tuning one on {len(train):,} reviews, as notebook 05 does. "
        "The bar says how long it takes."
    )
    model, tokenizer = checkpoints.load_classifier(quiet=True), checkpoints.load_tokenizer()
    layers.freeze_word_embeddings(model)
    history = fine_tune(model, tokenizer, train)
    if not history.interrupted:
        save(name, model, tokenizer, history)
    return model, tokenizer


def _what_was_saved(name: str) -> str:
    """The recipe of a saved model, in words; nothing if it was saved without its history."""
    about = read_about(name)
    run, state = about.get("history"), about.get("unfinished")
    if run is None:
        return ""
    rest = f", interrupted: {_how_to_go_on(name, state)}" if state else ""
    return (
        f" ({run['texts']:,} texts, learning rate {run['learning_rate']:g}, "
        f"seed {run['seed']}{rest})"
    )


def model_folder(name: str) -> Path:
    """Where `save` keeps a model: one folder per name, checkpoint and size."""
    if Path(name).name != str(name):
        return Path(os.path.expanduser(name))
    now = settings.current()
    return settings.models_folder() / f"{name}-{checkpoint_slug(now.checkpoint)}-{now.size}"
