"""Letters of all languages in a figure: a font that has them, or a number where none has.

matplotlib writes with one font. What that font lacks becomes an empty box and a warning. So for
each text of a figure we look for installed fonts that have its letters. If there is none, as on a
computer without Chinese fonts, [1] stands in the picture, and below it what [1] stands for: the
browser has a font for it.
"""

import unicodedata
from functools import cache, lru_cache

import regex

from course_utils.data.display import END_ISOLATE, ISOLATE, shorten

UNSEEN = regex.compile(r"[\p{Cc}\p{Cf}\p{Variation_Selector}\s]")
"""Signs for which nothing is drawn."""

NO_FONT = regex.compile(r"last ?resort|blank", regex.IGNORECASE)
"""Fonts that "have" every letter: as the same box."""

SHAPED = regex.compile(r"[\p{Mc}\u0900-\u109f\u1780-\u17ff]")
"""Letters of India and its neighbours, which change their form and their order in a word."""

MISSING = regex.compile(r"[.x]*x[.x]*(?: +[.x]*x[.x]*)*")
"""Words with a letter (x) that no font has, and their neighbours of the same kind."""


def in_legend(name: str) -> str:
    """A name for a legend: matplotlib leaves out those that begin with "_"."""
    return f" {name}" if name.startswith("_") else name


def write_all_letters(figure) -> dict:
    """Give every text of a figure fonts that have its letters; what no font has gets a number.

    Returns:
        What got a number, as it was -> its number, from 1 on.
    """
    from matplotlib.text import Text

    numbers = {}
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            _write_ticks(axis, numbers)
    for text in figure.findobj(Text):
        if not text.get_text().isascii():
            text.set_text(_written(text, text.get_text(), numbers))
    return numbers


def _write_ticks(axis, numbers: dict) -> None:
    """Ticks get their text anew each time they are drawn, so it is changed where it comes from."""
    from matplotlib.ticker import FixedFormatter, FuncFormatter

    if not isinstance(axis.get_major_formatter(), FixedFormatter | FuncFormatter):
        return  # only numbers
    labels = axis.get_ticklabels()
    old = [label.get_text() for label in labels]
    new = [_written(label, text, numbers) for label, text in zip(labels, old, strict=True)]
    if new != old:
        axis.set_ticks(axis.get_ticklocs(), new)


def _written(look, text: str, numbers: dict) -> str:
    """The text as it can be drawn; `look`, the matplotlib text, gets the fonts for it."""
    if text.isascii():
        return text
    families = list(look.get_fontfamily())
    lacking = _lacking(look, families, text)
    if lacking:
        families += [name for name in _families(frozenset(lacking)) if name not in families]
        look.set_fontfamily(families)
        lacking = _lacking(look, families, text)
    return _numbered(text, lacking, numbers) if lacking else text


def _lacking(look, families: list, text: str) -> set:
    """The signs of a text that none of these families has, in the weight of this text."""
    from matplotlib.font_manager import findfont, get_font

    faces = []
    for family in families:
        wanted = look.get_fontproperties().copy()
        wanted.set_family(family)
        faces.append(get_font(findfont(wanted)))
    signs = {sign for sign in text if not UNSEEN.match(sign)}
    return {
        sign
        for sign in signs
        if not _can_be_shaped(sign) or not any(face.get_char_index(ord(sign)) for face in faces)
    }


@cache
def _families(signs: frozenset) -> tuple:
    """The fewest installed families, or nearly so, that have as many of the signs as possible."""
    from matplotlib.font_manager import get_font

    chosen, left = [], set(signs)
    having = {}
    for name, path in _installed().items():
        face = get_font(path)
        having[name] = {sign for sign in signs if face.get_char_index(ord(sign))}
    while left:
        name = max(having, key=lambda name: len(having[name] & left), default=None)
        if name is None or not having[name] & left:
            break
        chosen.append(name)
        left -= having[name]
    return tuple(chosen)


@lru_cache(maxsize=1)
def _installed() -> dict:
    """Family -> file of its upright face that is nearest to regular; those without serifs first."""
    from matplotlib.font_manager import fontManager

    upright = [font for font in fontManager.ttflist if font.style == "normal"]
    names = {}
    for font in sorted(upright, key=_rank):
        if not NO_FONT.search(font.name):
            names.setdefault(font.name, font.fname)
    return names


def _rank(font) -> tuple:
    from matplotlib.font_manager import weight_dict

    weight, name = weight_dict.get(font.weight, font.weight), font.name
    sans = ("Noto Sans" not in name, "Sans" not in name, "Mono" in name)
    return (*sans, name, abs(weight - 400), str(font.fname))


def _can_be_shaped(sign: str) -> bool:
    """Can this matplotlib write it? Before 3.11 it neither joined letters nor read to the left."""
    from matplotlib import ft2font

    if hasattr(ft2font, "__libraqm_version__"):
        return True
    return unicodedata.bidirectional(sign) not in ("R", "AL") and not SHAPED.match(sign)


def _kind(letter: str, lacking: set) -> str:
    """x for a letter that no font has, . for any other, the sign itself between words."""
    if lacking & set(letter):
        return "x"
    return letter[0] if regex.match(r"[\s\p{P}→]", letter) else "."


def _numbered(text: str, lacking: set, numbers: dict) -> str:
    """The text with a number for each piece of it that no font has."""
    letters = regex.findall(r"\X", text)
    missing = [_kind(letter, lacking) for letter in letters]
    parts, end = [], 0
    for found in MISSING.finditer("".join(missing)):
        piece = "".join(letters[found.start() : found.end()]).strip(ISOLATE + END_ISOLATE)
        piece = shorten(piece, 60)
        number = numbers.setdefault(piece, len(numbers) + 1)
        parts += [*letters[end : found.start()], f"[{number}]"]
        end = found.end()
    return "".join([*parts, *letters[end:]])
