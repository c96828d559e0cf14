"""Train, validation and test: decided by each text itself, copies always together."""

import hashlib
import re
import unicodedata
from collections import Counter

from course_utils.data.texts import LabeledTexts, check_labeled
from course_utils.errors import DataError


def without_copies(data: LabeledTexts) -> LabeledTexts:
    """The first of each group of texts that differ in case and white space only."""
    return data.take(first_of_each(data.texts))


def first_of_each(texts) -> list:
    """The row of the first of each group of texts that differ in case and white space only."""
    first = {}
    for row, text in enumerate(texts):
        first.setdefault(plain(text), row)
    return list(first.values())


def told(parts, quiet: bool) -> tuple:
    if not quiet:
        for part in parts:
            print(part)
    return tuple(parts)


def split(data: LabeledTexts, name: str = None, by=None) -> tuple:
    """75 % train, 10 % validation, 15 % test, decided by each text itself.

    A text lands in the same part on every computer and in every year, and two copies of one
    text can never stand on both sides.

    Args:
        data: all texts.
        name: how the parts are called; by default as `data`.
        by: for each text, what decides where it lands; by default the text itself.

    Returns:
        train, validation and test, three `LabeledTexts`.

    Raises:
        DataError: if a label would be missing from a part.
    """
    check_labeled("data", data)
    rows = {"train": [], "validation": [], "test": []}
    for row, key in enumerate(data.texts if by is None else by):
        place = split_number(key)
        part = "train" if place < 75 else "validation" if place < 85 else "test"
        rows[part].append(row)
    for part, chosen in rows.items():
        there = Counter(data.labels[row] for row in chosen)
        for label, label_name in enumerate(data.label_names):
            if not there[label]:
                raise DataError(
                    f"{name or data.name} has {data.counts()[label_name]} texts of the label "
                    f"'{label_name}', and none of them falls into the part '{part}': bring more, "
                    "about 30 of each label at least."
                )
    return tuple(data.take(rows[part], f"{name or data.name}, {part}") for part in rows)


def split_number(text: str) -> int:
    """A number from 0 to 99 that depends on the words of a text, not on case or white space."""
    content = plain(text).encode("utf-8", "surrogatepass")  # half an emoji decides, too
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big") % 100


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).lower()).strip()
