"""Names of columns and labels, and signs that nobody sees."""

import math
import re
import unicodedata
from functools import lru_cache

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


def in_order(names) -> list:
    """Names in alphabetical order; if all are numbers (1.5 or 1,5), in the order of numbers."""
    names = sorted(names)  # so that equal numbers, such as 1 and 01, have an order, too
    try:
        numbers = {name: float(DECIMAL_COMMA.sub(r"\1.\2", name)) for name in names}
    except ValueError:
        return names
    return sorted(names, key=numbers.get) if all(map(math.isfinite, numbers.values())) else names
