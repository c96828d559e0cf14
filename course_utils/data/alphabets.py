"""The letters of languages, and how well what is read with an encoding looks like one of them."""

from collections import Counter

ICELANDIC = "áæéíðóöúýþ"
WESTERN = (
    "äöüß",  # German
    "àâæçèéêëîïôœùûü",  # French
    "àèéìíîòóùú",  # Italian
    "áéíñóúü",  # Spanish
    "àáâãçéêíóôõú",  # Portuguese
    "áèéêëïíóöü",  # Dutch
    "äåéö",  # Swedish, Finnish
    "àåæéèêòóôø",  # Danish, Norwegian
    ICELANDIC,
)
MIXED = "äåæàáâãçèéêëìíîïñòóôõöøœßùúûü"
"""Texts in several languages, or with words of several."""

CENTRAL = (
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýžôľĺŕä",  # Czech, Slovak
    "áéíóöőúüű",  # Hungarian
    "ăâîşţ",  # Romanian
    "čćđšž",  # Croatian, Slovenian
)

BALTIC = (
    "ąčęėįšųūž",  # Lithuanian
    "āčēģīķļņšūž",  # Latvian
    "äõöüšž",  # Estonian
)
TURKISH = "çğıöşüâîûİ"

ALPHABETS = {
    "cp1252": (*WESTERN, MIXED),
    "cp1250": CENTRAL,
    "cp1254": (TURKISH,),
    "mac_roman": (*WESTERN, MIXED),
    "cp850": (*WESTERN, MIXED),
    "iso8859_2": CENTRAL,
    "cp852": CENTRAL,
    "cp857": (TURKISH,),
    "cp1257": BALTIC,
}
"""Letters of the languages of Europe that write with Latin ones; one byte stands for each.
The first is by far the most frequent in the West. Spreadsheets on a Mac save a CSV file in Mac
Roman, and as "MS-DOS" in DOS 850."""

LATIN = tuple(ALPHABETS)

CYRILLIC, GREEK = "оеаинтсрвлкмдпуяіё", "αοιετσνηυρπκμλςάέήίόύΆ"
ARABIC = "اليمونرتبعدهسفكقأة"

SCRIPTS = {
    "cp1251": CYRILLIC,
    "koi8_r": CYRILLIC,
    "koi8_u": CYRILLIC,
    "iso8859_5": CYRILLIC,
    "cp866": CYRILLIC,
    "mac_cyrillic": CYRILLIC,
    "cp1253": GREEK,
    "iso8859_7": GREEK,
    "cp1255": "יוהלארבמתשנחקד",
    "cp1256": ARABIC,
    "iso8859_6": ARABIC,
    "cp874": "านรอกเง่มยลวดทสต้ปบคัีไแะิ",
}
"""The most frequent letters of other scripts, where one byte stands for each letter, too."""

BETWEEN = "’…·\xa0\xad"
"""Signs that may stand between two words, or within one, without a blank."""

BEFORE_QUOTE, BEHIND_QUOTE = "cdjlmnostuy", "dlmrstv"
"""The letters beside the ’ in l’été, qu’il, c’est, o’clock, he’d, I’m, we’re, it’s."""

ALONE = "ÀÁÅÈÉÍÓÖ"
"""Capitals that are words, such as È in Italian."""

OF_NUMBERS = "½¼¾±×÷°µ²³ªº¢¥"
"""Signs that belong to a number, or to a unit: no letter stands beside most of them."""

SIGNS = BETWEEN + OF_NUMBERS + "“”„‘‚–—•€£§«»¿¡™®©´"

QUOTES = bytes(range(0x91, 0x98))
"""‘’“”•–— in all encodings of Windows."""

MANY = 20
"""Letters beyond ASCII that make a text long."""


def frequent_letters(sample: bytes, codec: str) -> int:
    """How many letters are among the frequent ones of the script of this encoding: ten points each.

    A capital counts nine, and nothing behind a small letter: no word is written like that.
    """
    text = sample.decode(codec, "ignore")
    small = set(SCRIPTS[codec])
    capitals = set(SCRIPTS[codec].upper()) - small
    return sum(
        10 if sign in small else 9 if sign in capitals and not before.islower() else 0
        for before, sign in zip(" " + text, text, strict=False)
    )


def known_letters(sample: bytes, codec: str) -> tuple:
    """How much of what is not ASCII looks like one language of this encoding: ten points a letter.

    What stands where no word has it counts two, and half what may as well be a quote of Windows
    (“don’t” as Mac Roman is ìdonítî). The second number decides between equal ones. Windows-1252
    is the usual encoding: if what it reads is one language of the West, it wins; in a longer text,
    a mixture of all comes last.
    """
    text = sample.decode(codec, "ignore")
    worth, many = Counter(), 0
    for before, sign, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if not sign.isascii():
            worth[sign] += _worth(before, sign, after)
            many += 1
    found, quotes = [], set(QUOTES.decode(codec, "ignore")) - set(SIGNS)
    for letters in ALPHABETS[codec]:
        there = {*letters, *letters.upper(), *SIGNS}
        points = sum(worth[sign] // (2 if sign in quotes else 1) for sign in there)
        found.append((points, _rank(codec, letters, many > MANY)))
    return max(found)


def _rank(codec: str, letters: str, long: bool) -> int:
    """What decides between two readings that are equally good: the highest wins."""
    if not long:  # Icelandic and Turkish share bytes, and few of us write Icelandic
        return 1 if letters == ICELANDIC else {"cp1252": 3, "cp1254": 2}.get(codec, 0)
    return -99 if letters == MIXED else 0


def _worth(before: str, sign: str, after: str) -> int:
    """The points of one sign: 2 if it is odd there, 5 if it may be ó or í of Mac Roman."""
    dash = sign == "—" and (before.isalpha() or after.isalpha())
    inside = sign == "’" and before.islower() and after.islower()
    if dash or (inside and before not in BEFORE_QUOTE and after not in BEHIND_QUOTE):
        return 5
    return 2 if _is_odd(before, sign, after) else 10


def _is_odd(before: str, sign: str, after: str) -> bool:
    """Does this stand where no text has it? In the middle of a word, a capital or a sign (caf£s);
    a letter beside a number, or a capital alone (£5, read as Ł5); ½ beside a letter."""
    if sign in BETWEEN:
        return False
    if sign in OF_NUMBERS:
        beside = "mnN" if sign in "°²³ªº" else ""  # m², n°, Nº
        return (before.isalpha() and before not in beside) or (after.islower() and sign != "µ")
    if sign.isalpha() and (before.isdecimal() or after.isdecimal()):
        return True
    if sign.isupper():
        return before.islower() or not (sign in ALONE or before.isalpha() or after.isalpha())
    if sign in "•ğ":  # a bullet behind a word; ğ at its end is mostly ð of Icelandic
        return before.isalpha() and not (sign == "ğ" and after.isalpha())
    return before.islower() and after.isalpha() and not sign.isalpha()
