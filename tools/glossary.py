"""The glossary, `notebooks/glossary.md`, and the links from bold terms to its entries.

An entry is a heading of level 2 with the names of the term, and its explanation below:

    ## interval, confidence interval

    The values that fit ... *First in [01](01_what_is_transfer_learning.ipynb).*
"""

import re
from pathlib import Path

from tools import ROOT

GLOSSARY = ROOT / "notebooks" / "glossary.md"
# Code comes first, so that no bold text is found inside it.
BOLD = re.compile(r"```.*?```|`[^`\n]*`|\*\*([^*]+)\*\*", re.DOTALL)
LESSON_LINK = re.compile(r"\]\((\d\d)_\w+\.ipynb\)")


def read_glossary(path=GLOSSARY) -> tuple[str, dict[tuple[str, ...], str]]:
    """Read the glossary.

    Returns:
        The introduction, with the title; and the entries in their order: names -> explanation.
    """
    text = Path(path).read_text(encoding="utf-8")
    introduction, *parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    entries = zip(parts[::2], parts[1::2], strict=True)
    return introduction, {tuple(names.split(", ")): about.strip() for names, about in entries}


def spellings(name: str) -> set[str]:
    """The forms, in lower case, in which a text may use a term: "token" and "tokens"."""
    name = name.lower()
    return {name, name + "s", name + "es", name + "d", re.sub("y$", "ies", name)}


def all_spellings(entries) -> dict[str, str]:
    """Return every form of every term, with the first name of its entry."""
    return {form: names[0] for names in entries for name in names for form in spellings(name)}


def link_terms(markdown: str, forms: dict[str, str], done: set[str]) -> str:
    """Turn bold terms into links to their entries.

    Args:
        markdown: a text.
        forms: see `all_spellings`.
        done: entries that need no link any more; those that get one are added.
    """

    def link(found):
        words = " ".join((found[1] or "").split())
        entry = forms.get(words.lower())
        if entry is None or entry in done:
            return found[0]
        done.add(entry)
        return f"**{{term}}`{words} <{entry}>`**"

    return BOLD.sub(link, markdown)


def place(lesson: str, entry: str) -> str:
    """Name the place in a lesson where a term is first in bold: "in-04-attention-mask".

    Args:
        lesson: number of the lesson.
        entry: first name of the term.
    """
    return "-".join(["in", lesson, *re.findall(r"\w+", entry.lower())])


def glossary_page(places: set[str], path=GLOSSARY) -> str:
    """Make the page of the glossary: the same text, as a list that Sphinx can link to.

    Args:
        places: those that exist, see `place`; the links to lessons lead there.
        path: the glossary.
    """
    introduction, entries = read_glossary(path)
    forms = all_spellings(entries)
    lines = [introduction, "```{glossary}"]
    for names, about in entries.items():
        about = link_terms(about, forms, done={names[0]}).replace("**", "")
        about = lead_to_places(about, names[0], places)
        lines += [*names, *("  " + line for line in about.splitlines()), ""]
    return "\n".join([*lines, "```", ""])


def lead_to_places(about: str, entry: str, places: set[str]) -> str:
    """Let the links of an entry to lessons lead to the very place, where there is one."""

    def target(link):
        name = place(link[1], entry)
        return f"](#{name})" if name in places else link[0]

    return LESSON_LINK.sub(target, about)
