"""The words that slides, site and headers look for in a lesson: `instructor/words.toml`.

A lesson may be in any language that stands there. What a tool adds by itself, such as "Answer" over
a folded answer, is in the one language that the file names.
"""

import re
import tomllib

from tools import ROOT

FILE = ROOT / "instructor" / "words.toml"


def read_words() -> dict:
    """The file: `language`, and for each language what its words are."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def language() -> str:
    """In which language the tools write, such as "en"."""
    return read_words()["language"]


def word(name: str) -> str:
    """A word, or a sentence, in that language."""
    words = read_words()
    return words[words["language"]][name]


def in_any_language(name: str) -> list[str]:
    """A word in each of the languages; of a list of words, all of them."""
    found = [table[name] for table in read_words().values() if isinstance(table, dict)]
    return sum((each if isinstance(each, list) else [each] for each in found), [])


def any_of(name: str) -> str:
    """A regular expression that finds the word in any of the languages."""
    return f"(?:{'|'.join(map(re.escape, in_any_language(name)))})"
