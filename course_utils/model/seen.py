"""Which texts a model was trained on: marks of them, so that a test notices what it has seen.

A mark is a hash of 32 bits. No text can be read from it, but who guesses a text to the letter can
ask whether it was there: so a model that is shared goes without `course.json`.
"""

import hashlib
import json
from pathlib import Path

from course_utils.data.copies import plain
from course_utils.model.known import ABOUT

BYTES = 4
"""Of a mark. Of 100,000 new texts, about two are taken for one of 100,000 that were trained on."""


NOTHING = {}
"""The note of weights that no labelled text has changed yet. None: nobody knows what has."""

OWN = "course_seen"
"""The attribute of a model that keeps its note. It is no part of config.json."""


def note_of(texts, before: dict | None = NOTHING) -> dict | None:
    """What a save notes of all texts that its model was trained on; for JSON.

    Copies count once. The order of the marks says nothing about that of the texts.

    Args:
        texts: of this training.
        before: the note of the model that it began with; see `past_of`.

    Returns:
        A note of both; None if nobody knows what came before.
    """
    if before == NOTHING:
        whole = hashlib.sha256()
        for text in sorted(set(map(plain, texts))):
            whole.update(f"{text}\n".encode())
        salt, marks = whole.digest()[:8], set()  # the same texts in another set: other marks
    elif (found := _read(before)) is None:
        return None
    else:
        salt, marks = found
    marks |= {_mark(text, salt) for text in texts}
    return {"salt": salt.hex(), "marks": b"".join(sorted(marks)).hex()}


def seen(texts, note: dict | None) -> list | None:
    """For each text whether it is one of those that were noted, but for case and white space.

    None if there is no note, or none that can be read.
    """
    found = _read(note)
    if found is None:
        return None
    salt, known = found
    return [_mark(text, salt) in known for text in texts]


def past_of(model) -> dict | None:
    """The note of the texts that a model was trained on so far: `NOTHING`, or None if nobody knows.

    A model that was loaded without this course may have learned from anything.
    """
    return getattr(model, OWN, None if getattr(model, "name_or_path", "") else NOTHING)


def keep_past(model, note: dict | None):
    """The model, with its note: a training that begins with it takes that over."""
    setattr(model, OWN, note)
    return model


def past_of_folder(folder: Path) -> dict | None:
    """The note of the weights in a folder; see `past_of`.

    Without `course.json` it depends on the head: one that sorts texts was trained, nobody knows on
    which; other checkpoints are only pre-trained, without labels.
    """
    about = _json(folder / ABOUT)
    if about or (folder / ABOUT).is_file():
        return about.get("seen") or None
    heads = _json(folder / "config.json").get("architectures") or []
    trained = any("ForSequenceClassification" in str(head) for head in heads)
    return None if trained else NOTHING


def _json(path: Path) -> dict:
    """What stands in a file; empty if there is none, or nobody can read it."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _read(note) -> tuple | None:
    """Salt and marks of a note; None if it is none."""
    try:
        salt, marks = bytes.fromhex(note["salt"]), bytes.fromhex(note["marks"])
    except (TypeError, KeyError, ValueError):
        return None
    return salt, {marks[begin : begin + BYTES] for begin in range(0, len(marks), BYTES)}


def _mark(text: str, salt: bytes) -> bytes:
    return hashlib.blake2b(plain(text).encode(), digest_size=BYTES, key=salt).digest()
