"""The folder where the results of a class meet: one small file for each seat, and no names."""

import json
import math
import os
import re
import stat
import tempfile
from pathlib import Path

from course_utils.errors import DataError

LARGEST = 200  # bytes of such a file


def hand_in(folder: Path, seat: int, accuracy: float) -> None:
    """Put the result of a seat into the folder, in one step; a later result takes its place.

    Args:
        folder: everybody may write there; only the instructor needs to read it.
        seat: the seat number, 1 or more. 0 is what notebook 05 says before anybody has changed it.
        accuracy: a fraction.

    Raises:
        DataError: if seat or accuracy cannot be one, or the file cannot be written; the message
            says what to do.
    """
    _check(seat, accuracy)
    content = json.dumps({"seat": int(seat), "accuracy": round(float(accuracy), 4)})
    draft = None
    try:
        with tempfile.NamedTemporaryFile("w", dir=folder, prefix=".", delete=False) as file:
            draft = file.name
            file.write(content)
        os.chmod(draft, 0o640)  # the folder's group is the instructor's
        os.replace(draft, Path(folder, f"seat-{int(seat)}.json"))
    except OSError as problem:
        if draft:
            Path(draft).unlink(missing_ok=True)
        taken = isinstance(problem, PermissionError) and draft
        why = "somebody else has handed it in" if taken else problem.strerror
        raise DataError(
            f"Seat {seat} did not get to the class ({why}): say your seat and accuracy aloud."
        ) from None


def handed_in(folder: Path) -> tuple[dict, int]:
    """What lies in the folder: seat -> accuracy, by seat; and how many files were left out.

    A file counts only if it is small, a file of its own and no link, and says what its name says.
    What begins with a dot is still being written.

    Raises:
        OSError: if the folder cannot be listed, as by a student of a class server.
    """
    found, left_out = {}, 0
    for name in os.listdir(folder):
        if name.startswith("."):
            continue
        try:
            seat, accuracy = _read(Path(folder, name))
            found[seat] = accuracy
        except (OSError, ValueError, KeyError, TypeError, RecursionError, DataError):
            left_out += 1
    return dict(sorted(found.items())), left_out


def _read(path: Path) -> tuple[int, float]:
    """Seat and accuracy of one file; any of several errors if it is not such a file."""
    # Nothing that another person has put there may lead elsewhere, or make us wait.
    careful = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(os.open(path, os.O_RDONLY | careful), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("no file")
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError("too large")
    said = json.loads(content)
    _check(said["seat"], said["accuracy"])
    if path.name != f"seat-{said['seat']}.json":
        raise ValueError("another seat")
    return said["seat"], float(said["accuracy"])


def _check(seat, accuracy) -> None:
    """Raise a DataError unless these are a seat and an accuracy."""
    if seat == 0:
        raise DataError("Seat 0 is nobody's: type your own seat number, and run from there.")
    if isinstance(seat, bool) or not re.fullmatch(r"[1-9]\d{0,5}", str(seat)):
        raise DataError(f"{seat!r} is not a seat: expected a whole number such as 11.")
    if not isinstance(accuracy, float | int) or not 0 <= accuracy <= 1 or math.isnan(accuracy):
        raise DataError(f"{accuracy!r} is not an accuracy: expected a fraction such as 0.779.")
