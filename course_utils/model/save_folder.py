"""The folder of a save: what `save` wrote into it, and what is the student's own and stays."""

import glob
import json
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from course_utils import files
from course_utils.errors import CourseError
from course_utils.model.known import ABOUT
from course_utils.model.run_state import UNFINISHED

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

README = "README.md"
"""The page that `save` writes; from the moment on that a student changes it, it is theirs."""

HOUR = 3_600  # seconds

AT_ONCE = 0.5
"""Seconds. A program that has moved a save aside, and lives, puts the new one there much faster."""


def check_target(folder: Path) -> None:
    """Raise a CourseError unless the folder is new, empty, or an earlier save of ours.

    Nor may it be the folder that the kernel works in, or one around that.

    A save of ours is known by its `course.json`: config and weights alone may be anybody's.
    """
    if folder == Path.cwd() or folder in Path.cwd().parents:
        raise CourseError(
            f"'{folder.name}' is the folder that you work in, and saving would replace it: choose "
            'a new one in it, for instance save("./my-model", ...).'
        )
    ours = {"label_names", "checkpoint"} <= set(what_stands_there(folder))
    if folder.exists() and not ours and (folder.is_file() or any(folder.iterdir())):
        raise CourseError(
            f"'{folder.name}' holds other files already, and saving would replace them: "
            'choose another name, for instance save("my-model", ...).'
        )


def check_writable(folder: Path) -> None:
    """Raise a CourseError if nothing can be saved there: better now than after the training."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        raise CourseError(
            f"Nothing can be saved in '{folder}' ({problem.strerror}): choose another --out."
        ) from None


def clear_up(folder: Path) -> None:
    """Put back what a killed save had moved aside, or end that; remove what it left half written.

    Only what is old enough: another program may be saving right now.
    """
    for path in folder.parent.glob(f".{glob.escape(folder.name)}.????????.save*"):
        if time.time() - path.stat().st_mtime < HOUR:
            continue
        if not path.name.endswith(".old"):
            shutil.rmtree(path, ignore_errors=True)
        else:
            retire(path, folder)


def bring_back(folder: Path) -> Path:
    """The folder of a save: if a program was killed just as it had moved it aside, it is back."""
    if folder.exists():
        return folder
    for old in folder.parent.glob(f".{glob.escape(folder.name)}.????????.save.old"):
        age = time.time() - old.stat().st_mtime  # below 0 if the clock was set back
        time.sleep(min(AT_ONCE, max(0, AT_ONCE - age)))
        half_removed = any(not (old / name).is_file() for name in _listed(old, [ABOUT]))
        with suppress(OSError):
            if not half_removed and not folder.exists():
                old.rename(folder)
    return folder


def move_aside(folder: Path, to: Path) -> None:
    """Give a save the name of one that is old; `retire` ends that."""
    folder.rename(to)
    os.utime(to)  # now: no other program takes it for left over


def retire(old: Path, folder: Path) -> None:
    """Remove an older save, file by file; what the student put into it moves over to the new one.

    If something cannot be moved, all of `old` stays, and a later `save` tries again.
    """
    if not old.is_dir():
        return
    for path in own_files(old):
        with suppress(OSError):
            if not os.path.lexists(folder / path.name):
                path.rename(folder / path.name)
    kept = own_files(old)
    if kept:
        why = "in use, or there already"
        print(f"Not moved ({why}): {_list(kept)}. For now look in the folder {old.name}.")
        return
    with suppress(OSError):
        for path in sorted(old.iterdir(), key=lambda path: path.name == ABOUT):
            path.unlink()  # last what says which files are ours: a kill may come in between
        old.rmdir()  # which removes an empty folder only


def own_files(folder: Path) -> list:
    """What lies in the folder of a save and was not written so by `save`: the student's own."""
    if not folder.is_dir():
        return []
    about, written = what_stands_there(folder), _listed(folder, WRITTEN)
    there = sorted(folder.iterdir())
    return [
        path
        for path in there
        if path.name not in written
        or not path.is_file()
        or (path.name == README and files.sha256(path) != about.get("readme"))
    ]


def _listed(folder: Path, otherwise):
    """The names of the files that `save` wrote, as it noted them."""
    listed = what_stands_there(folder).get("files")
    return listed if isinstance(listed, list) else otherwise


def has_own_page(folder: Path) -> bool:
    """Whether a README.md lies there that `save` did not write, or that was changed since."""
    return README in {path.name for path in own_files(folder)}


def check_own_files(folder: Path, fresh: Path) -> None:
    """Raise a CourseError if the student's own file would be replaced by one of the new save."""
    taken = [path for path in own_files(folder) if os.path.lexists(fresh / path.name)]
    if taken:
        raise CourseError(
            f"'{folder.name}' holds files that saving would replace, though it did not write them "
            f"({_list(taken)}): move them to another folder, or choose another name."
        )


def _list(paths) -> str:
    return ", ".join(path.name for path in paths)


def what_stands_there(folder: Path) -> dict:
    """What `save` wrote beside the weights; empty if it did not, or if nobody can read it."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}
