"""Keeping a fine-tuned model on this computer, and loading it."""

import glob
import json
import os
import shutil
import time
from contextlib import suppress
from dataclasses import fields
from datetime import date
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from course_utils import settings
from course_utils.errors import CheckpointNotFound, CourseError, DamagedFile
from course_utils.model.checkpoints import check_bert, load_weights
from course_utils.model.history import History
from course_utils.model.known import ABOUT, checkpoint_note, note_slug
from course_utils.model.layers import check_classifier
from course_utils.model.run_state import UNFINISHED, write_state
from course_utils.model.tokenizing import read_tokenizer

WRITTEN = (
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    UNFINISHED,
    ABOUT,
)
"""What `save` wrote in versions that did not list their files in `course.json`."""

HOUR = 3_600  # seconds


def save(name: str, model, tokenizer, history: History = None) -> None:
    """Keep a fine-tuned model on this computer. An older save is replaced only at the very end.

    The folder is one that `from_pretrained` of transformers reads, too. What you put into it
    yourself (notes, a .git) stays there: only files that an earlier `save` wrote are replaced.

    Args:
        name: a short name such as "reviews" (kept in `models/` beside the notebooks or in the
            folder that COURSE_MODELS names, for the checkpoint that the model comes from and the
            size of the switch), or the path of a folder: new, empty, or one that `save` made.
        model, tokenizer: what to keep.
        history: kept beside the weights. With that of an interrupted run, `resume` can go on.

    Raises:
        CourseError: if the folder cannot be written, or holds files that `save` did not write and
            would have to replace; what is there stays as it was.
    """
    from safetensors import SafetensorError

    now = settings.current()
    checkpoint = getattr(model.config, "course_checkpoint", checkpoint_note(now.checkpoint))
    folder = model_folder(name, checkpoint).resolve()
    _check_target(folder)
    _clear_up(folder)
    # Names that nobody else uses: what is removed below was made here.
    fresh = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}.save")
    old = folder.with_name(f"{fresh.name}.old")
    try:
        fresh.mkdir(parents=True)
        model.save_pretrained(fresh)
        tokenizer.save_pretrained(fresh)
        _write_about(fresh, model, checkpoint, history)
        _check_own_files(folder, fresh)
        megabytes = sum(file.stat().st_size for file in fresh.iterdir()) / 1e6
        if folder.exists():
            folder.rename(old)
            os.utime(old)  # moved aside now: no other program takes it for left over
        fresh.rename(folder)
    except (OSError, SafetensorError) as problem:
        raise CourseError(_why_not_saved(name, problem)) from None
    finally:  # also after an interrupt: no half save, and the older one in its place
        shutil.rmtree(fresh, ignore_errors=True)
        if old.exists() and not folder.exists():
            old.rename(folder)
        _retire(old, folder)
    print(f"Saved '{name}' ({megabytes:.0f} MB): safetensors weights, tokenizer, label names.")
    if folder != model_folder(name).resolve():
        name = folder.as_posix()  # finds it whatever the switch says
        print(f"It comes from {checkpoint}, the switch says {now.checkpoint}: {_where(folder)}.")
    if history is not None and history.state:
        print(f"The run was interrupted: {how_to_go_on(name, history.state)}.")


def _clear_up(folder: Path) -> None:
    """Put back what a killed save had moved aside, or end that; remove what it left half written.

    Only what is old enough: another program may be saving right now.
    """
    for path in folder.parent.glob(f".{glob.escape(folder.name)}.????????.save*"):
        if time.time() - path.stat().st_mtime < HOUR:
            continue
        if not path.name.endswith(".old"):
            shutil.rmtree(path, ignore_errors=True)
        elif folder.exists():
            _retire(path, folder)
        else:
            path.rename(folder)


def _retire(old: Path, folder: Path) -> None:
    """Remove an older save, file by file; what the student put into it moves over to the new one.

    If something cannot be moved, all of `old` stays, and a later `save` tries again.
    """
    if not old.is_dir():
        return
    for path in _own_files(old):
        with suppress(OSError):
            if not os.path.lexists(folder / path.name):
                path.rename(folder / path.name)
    kept = _own_files(old)
    if kept:
        why = "in use, or there already"
        print(f"Not moved ({why}): {_list(kept)}. For now look in the folder {old.name}.")
        return
    with suppress(OSError):
        for path in old.iterdir():
            path.unlink()
        old.rmdir()  # which removes an empty folder only


def _own_files(folder: Path) -> list:
    """What lies in the folder of a save and was not written by `save`: the student's own."""
    if not folder.is_dir():
        return []
    listed = _read_about(folder).get("files")
    written = listed if isinstance(listed, list) else WRITTEN
    there = sorted(folder.iterdir())
    return [path for path in there if path.name not in written or not path.is_file()]


def _list(paths) -> str:
    return ", ".join(path.name for path in paths)


def how_to_go_on(name: str, state: dict) -> str:
    """The call that takes up a run again; saves of earlier versions do not say "validated"."""
    texts = "train, validation" if state.get("validated") else "train"
    return f'go on with resume("{name}", {texts})'


def _where(folder: Path) -> str:
    """How to get at the save of another checkpoint or size."""
    return f'load("{folder.as_posix()}") loads it'


def _write_about(folder: Path, model, checkpoint: str, history: History) -> None:
    about = {
        "label_names": list(model.config.id2label.values()),
        "checkpoint": checkpoint,
        "size": settings.current().size,
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
    about["files"] = sorted([ABOUT, *(path.name for path in folder.iterdir())])
    (folder / ABOUT).write_text(json.dumps(about, indent=1, default=float), encoding="utf-8")


def _why_not_saved(name: str, problem: Exception) -> str:
    why = getattr(problem, "strerror", None) or problem
    cure = "free some disk space, or choose another folder"
    if isinstance(problem, PermissionError):  # Windows, too, while a loaded save is in use
        cure = "choose another folder, or restart the kernel if a loaded model is still in use"
    return f"'{name}' could not be saved ({why}): {cure}. An older save is as it was."


def _check_target(folder: Path) -> None:
    """Raise a CourseError unless the folder is new, empty, or an earlier save of ours.

    Nor may it be the folder that the kernel works in, or one around that.

    A save of ours is known by its `course.json`: config and weights alone may be anybody's.
    """
    if folder == Path.cwd() or folder in Path.cwd().parents:
        raise CourseError(
            f"'{folder.name}' is the folder that you work in, and saving would replace it: choose "
            'a new one in it, for instance save("./my-model", ...).'
        )
    ours = {"label_names", "checkpoint"} <= set(_read_about(folder))
    if folder.exists() and not ours and (folder.is_file() or any(folder.iterdir())):
        raise CourseError(
            f"'{folder.name}' holds other files already, and saving would replace them: "
            'choose another name, for instance save("my-model", ...).'
        )


def _check_own_files(folder: Path, fresh: Path) -> None:
    """Raise a CourseError if the student's own file would be replaced by one of the new save."""
    taken = [path for path in _own_files(folder) if os.path.lexists(fresh / path.name)]
    if taken:
        raise CourseError(
            f"'{folder.name}' holds files that saving would replace, though it did not write them "
            f"({_list(taken)}): move them to another folder, or choose another name."
        )


def _read_about(folder: Path) -> dict:
    """What `save` wrote beside the weights; empty if it did not, or if nobody can read it."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


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
            f'{_elsewhere(name)}call save("{name}", model, tokenizer) first.'
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
        about = _read_about(folder)
        checkpoint, size = str(about.get("checkpoint")), about.get("size")
        if folder.name == f"{name}-{note_slug(checkpoint)}-{size}":
            found.append(f"checkpoint {checkpoint}, size {size} ({_where(folder)})")
    return f"it was saved for {' and for '.join(found)}. For these switches " if found else ""


def model_folder(name: str, checkpoint: str = None) -> Path:
    """Where `save` keeps a model: one folder per name, checkpoint and size.

    Args:
        name: a short name, or the path of a folder.
        checkpoint: what a model has noted; by default that of the switch.
    """
    if not _is_short(name):
        return Path(os.path.expanduser(name))
    now = settings.current()
    slug = note_slug(checkpoint or checkpoint_note(now.checkpoint))
    return settings.models_folder() / f"{name}-{slug}-{now.size}"


def _is_short(name: str) -> bool:
    return Path(name).name == str(name) != ".."
