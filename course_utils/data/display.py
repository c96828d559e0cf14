"""Names as they are shown: on one line, short, each different from the others, in its direction."""

import unicodedata

import regex

LONGEST = 28
"""Columns of a name in a figure or a sentence: `Sehr geehrte Damen…Anhang.`"""

MOST_SIGNS = 10
"""Code points of one letter. With all its signs it may have hundreds, and cover half a page."""

NAMELESS = "(no name)"

JOINERS = "\u200c\u200d"
"""Signs that nobody sees, but that join or part the letters of Hindi, Persian and emoji."""

RIGHT_TO_LEFT = ("R", "AL")

ISOLATE, END_ISOLATE = "\u2068", "\u2069"

MARKDOWN = regex.compile(r"([\\`*_{}\[\]<>|~]|&(?=[#\w]))")

DOLLAR = "<span>&#36;</span>"
"""One that neither JupyterLab nor GitHub pairs with another. (They do so with an escaped one.)"""

BACKSLASH = "<span>&#92;</span>"
"""One that begins no formula with the bracket behind it."""

CODE_OR_TAG = regex.compile(
    r"(?P<ticks>`+)(?!`)(?P<code>.*?)(?<!`)(?P=ticks)(?!`)"
    r"|<https?://[^\s<>]*>"  # a link
    r"|\\?<|\$|\\+(?=[(\[]|begin\b)|\\.|`+",
    regex.DOTALL,
)
"""What Markdown may take for code, for the begin of a tag or of a formula, or for an escape."""


def one_line(text: str) -> str:
    """A text with one blank for white space of any kind, and without signs that nobody sees."""
    blanks = "".join(" " if sign.isspace() else sign for sign in str(text))
    seen = (s for s in blanks if unicodedata.category(s) not in ("Cc", "Cf") or s in JOINERS)
    return " ".join("".join(seen).split())


def width(text: str) -> int:
    """The columns that a text takes: Chinese letters and most emoji are two wide, accents none."""
    wide = sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)
    return wide - sum(unicodedata.category(sign) in ("Mn", "Me", "Cf") for sign in text)


def shorten(text: str, longest: int = LONGEST) -> str:
    """At most so many columns: "…" stands for the middle, and no letter is parted from its signs.

    (Names often differ at their end: "delivery, too late" and "delivery, damaged".)
    """
    letters = _letters(text)
    if width("".join(letters)) <= longest:
        return "".join(letters)
    end = _as_many(letters[::-1], (longest - 1) * 2 // 5)[::-1]
    start = _as_many(letters, longest - 1 - width("".join(end)))
    return "".join(start).rstrip(" …") + "…" + "".join(end).lstrip(" …")


def _letters(text: str) -> list:
    """The letters of a text, each with its accents and the like."""
    if len(text) > 2_000:  # nothing else of it can be seen
        text = text[:1_000] + text[-1_000:]
    return [letter[:MOST_SIGNS] for letter in regex.findall(r"\X", text)]


def _as_many(letters, room: int) -> list:
    """As many of the letters as there is room for."""
    taken = []
    for letter in letters:
        room -= width(letter)
        if room < 0:
            break
        taken.append(letter)
    return taken


def shown_names(names, longest: int = LONGEST) -> list:
    """How names are shown: on one line, short; and different names stay different.

    Args:
        names: texts; one that comes again is shown in the same way again.
        longest: columns of each, see `width`.
    """
    found, whole = {}, {}  # name -> how it is shown; and that -> the name on one line
    for name in names:
        if name not in found:
            line = one_line(name) or NAMELESS
            found[name] = _unlike(line, whole, longest)
            whole[found[name]] = line
    return [isolated(found[name]) for name in names]


def _unlike(line: str, whole: dict, longest: int) -> str:
    """The name, short, but like none that is shown already (`whole`: what is shown -> its line).

    If it would be, the place is shown where the two differ; if there is none to see, a number.
    """
    short = shorten(line, longest)
    if short in whole:
        pair = zip(_letters(line), _letters(whole[short]), strict=False)
        same = next((place for place, (one, other) in enumerate(pair) if one != other), 0)
        letters = _letters(line)[max(same - 8, 0) :]
        short = f"…{''.join(_as_many(letters, longest - 2))}…" if same else short
    look, number = short, 1
    while look in whole:
        number += 1
        look = f"{shorten(short, longest - 4)} ({number})"
    return look


def isolated(text: str) -> str:
    """A text that reads from right to left, set apart from what stands around it.

    Else a browser, and matplotlib too, would put the number behind an Arabic name in front of it.
    """
    if any(unicodedata.bidirectional(sign) in RIGHT_TO_LEFT for sign in text):
        return f"{ISOLATE}{text}{END_ISOLATE}"
    return text


def listed(names, most: int = 10) -> str:
    """The first names, short, and how many more there are."""
    names = list(names)
    more = len(names) - most
    told = ", ".join(shown_names(names[:most]))
    return f"{told} and {more:,} more" if more > 0 else told


def own_columns(names, *taken: str) -> list:
    """Labels as columns of a table that has others, too: one called like these is "label ..."."""
    used = {*names, *taken}
    columns = list(names)
    for place, name in enumerate(columns):
        if name in taken:
            while name in used:
                name = f"label {name}"
            used.add(name)
            columns[place] = name
    return columns


def in_markdown(text: str) -> str:
    """A name for a page in Markdown: its signs are signs, no formula, no table, no HTML."""
    return MARKDOWN.sub(r"\\\1", one_line(text)).replace("$", DOLLAR)


def said_in_markdown(text: str) -> str:
    """Sentences for a page in Markdown: they may hold bold words, links and code, but no formula
    and no HTML."""
    return CODE_OR_TAG.sub(_as_signs, text)


def _as_signs(found) -> str:
    """A piece of `CODE_OR_TAG` that is neither a tag nor a formula, whatever stands around it.

    Markdown has the last word about what is code: in "[a](b`c) <i>`" it is none. So a "<" stays
    only in a link. Code that holds one becomes HTML's own, with all its signs escaped.
    """
    sign = found[0]
    if found["ticks"]:
        return f"<code>{in_markdown(found['code'])}</code>" if "<" in sign else sign
    if sign.endswith("<"):
        return "&lt;"
    if set(sign) == {"\\"}:
        return BACKSLASH * len(sign)
    return DOLLAR if sign == "$" else sign


def no_formula(shown: str) -> str:
    """HTML whose dollars stay dollars: JupyterLab takes what stands between two for a formula."""
    if "$" not in shown and "\\" not in shown:
        return shown
    return f'<div class="mathjax_ignore tex2jax_ignore">{shown}</div>'


def table_html(table, **options) -> str:
    """A pandas DataFrame as HTML: what stands in it is text, no formula and no HTML."""
    return no_formula(table.to_html(**options))


def keep_dollars(*texts) -> None:
    """Let a notebook show the dollars of a table as dollars.

    JupyterLab takes what stands between two of them for a formula: "$5 to $10" becomes a cursive
    "5to10". pandas can forbid it, for all its tables at once. So that is done when a table of ours
    holds dollars, and not before.
    """
    if any("$" in text or "\\" in text for text in map(str, texts)):
        import pandas as pd

        pd.set_option("display.html.use_mathjax", False)
