"""Names of columns and labels, and signs that nobody sees."""

import math
import re
import unicodedata
from functools import lru_cache

from course_utils.errors import did_you_mean

INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b\u200e\u200f\u2060\ufeff\ufffe]")
"""Control characters and signs without width. (Not those that join letters of Hindi and emoji.)"""

DECIMAL_COMMA = re.compile(r"([+-]?\d+),(\d+)")
"""As Excel writes a number in most countries whose spreadsheets have semicolons in CSV files."""

WHOLE_NUMBER = re.compile(r"[+-]?\d+(\.0+)?")


def tidy(name: str) -> str:
    """A name without signs that nobody sees; any white space in it is one blank."""
    return " ".join(INVISIBLE.sub("", name).replace("\xa0", " ").split())


@lru_cache(10_000)
def name_key(name: str) -> str:
    """What two spellings of one name have in common: all but case, blanks and invisible signs."""
    return unicodedata.normalize("NFKC", tidy(name)).casefold()


@lru_cache(10_000)
def label_key(name: str) -> str:
    """As `name_key`; and `1.0` is the same label as `1`."""
    key = name_key(name)
    if WHOLE_NUMBER.fullmatch(key):
        return key.partition(".")[0]
    return key


LONG = 20
"""The beginning of a name with so many letters is no slip, and no word by chance."""


def fitting(wanted: str, names) -> list:
    """The positions of the names that may be meant.

    The name itself; if it is not there, those that differ in case, blanks and invisible signs; else
    those that begin so, if `wanted` is long or was cut.
    """
    key, keys = name_key(wanted), [name_key(name) for name in names]
    exact = [place for place, name in enumerate(names) if name == wanted]
    same = exact or [place for place, found in enumerate(keys) if found == key]
    beginning = key.removesuffix("...").rstrip()  # what "…" is in a key
    if same or not beginning or (beginning == key and len(key) < LONG):
        return same
    return [place for place, found in enumerate(keys) if found.startswith(beginning)]


def taken_for(wanted: str, name: str) -> str:
    """A sentence if only the beginning of a name was given; else nothing."""
    return "" if name_key(wanted) == name_key(name) else f"'{wanted}' is the column '{name}'."


def columns_near(wanted: str, names) -> str:
    """For an error: which columns may be meant, as a sentence; nothing if none is near.

    Those that begin so, else those that hold the word, else the most alike.
    """
    key = name_key(wanted)
    several = [names[place] for place in fitting(wanted, names)]
    if len(several) > 1 and name_key(several[0]) != key:
        listed = ", ".join(f"'{name}'" for name in several)
        return f" Several columns begin like '{wanted}': {listed}. Give more of the name."
    begin = [name for name in names if name_key(name).startswith(key)]
    inside = [name for name in names if len(key) > 2 and key in name_key(name)]
    found = " or ".join(f"'{name}'" for name in (begin or inside)[:3])
    return f" Did you mean {found}?" if found else did_you_mean(wanted, names)


def in_order(names) -> list:
    """Names in alphabetical order; if all are numbers (1.5 or 1,5), in the order of numbers."""
    names = sorted(names)  # so that equal numbers, such as 1 and 01, have an order, too
    try:
        numbers = {name: float(DECIMAL_COMMA.sub(r"\1.\2", name)) for name in names}
    except ValueError:
        return names
    return sorted(names, key=numbers.get) if all(map(math.isfinite, numbers.values())) else names
