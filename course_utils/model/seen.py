"""Which texts a model was trained on: marks of them, so that a test notices what it has seen.

A mark is a hash of 32 bits. No text can be read from it, but who guesses a text to the letter can
ask whether it was there: so a model that is shared goes without `course.json`.
"""

import hashlib

from course_utils.data.copies import plain

BYTES = 4
"""Of a mark. Of 100,000 new texts, about two are taken for one of 100,000 that were trained on."""


def note_of(texts) -> dict:
    """What a save notes of the texts that its model was trained on; for JSON.

    Copies count once. The order of the marks says nothing about that of the texts.
    """
    whole = hashlib.sha256()
    for text in sorted(set(map(plain, texts))):
        whole.update(f"{text}\n".encode())
    salt = whole.digest()[:8]  # the same texts in another set have other marks
    return {"salt": salt.hex(), "marks": b"".join(sorted(_marks(texts, salt))).hex()}


def seen(texts, note: dict | None) -> list | None:
    """For each text whether it is one of those that were noted, but for case and white space.

    None if there is no note, or none that can be read.
    """
    try:
        salt, marks = bytes.fromhex(note["salt"]), bytes.fromhex(note["marks"])
    except (TypeError, KeyError, ValueError):
        return None
    known = {marks[begin : begin + BYTES] for begin in range(0, len(marks), BYTES)}
    return [_mark(text, salt) in known for text in texts]


def _marks(texts, salt: bytes) -> set:
    return {_mark(text, salt) for text in texts}


def _mark(text: str, salt: bytes) -> bytes:
    return hashlib.blake2b(plain(text).encode(), digest_size=BYTES, key=salt).digest()
