"""The letters of languages, and how well what is read with an encoding looks like one of them."""

from collections import Counter

WESTERN = "äåæàáâãçèéêëìíîïñòóôõöøœßùúûü"
CENTRAL = (
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýžôľĺŕä",  # Czech, Slovak
    "áéíóöőúüű",  # Hungarian
    "ăâîşţ",  # Romanian
    "čćđšž",  # Croatian, Slovenian
)

ALPHABETS = (
    ("cp1252", WESTERN),
    *(("cp1250", letters) for letters in CENTRAL),
    ("cp1254", "çğıöşüâîûİ"),
    ("mac_roman", WESTERN),
    ("cp850", WESTERN),
    *(("iso8859_2", letters) for letters in CENTRAL),
    *(("cp852", letters) for letters in CENTRAL),
)
"""Letters of the languages of Western and Central Europe, and Turkish; one byte stands for each.
Spreadsheets on a Mac save a CSV file in Mac Roman, and as "MS-DOS" in DOS 850."""

LATIN = tuple(dict.fromkeys(codec for codec, _ in ALPHABETS))

CYRILLIC, GREEK = "оеаинтсрвлкмдпуяі", "αοιετσνηυρπκμλςάέήίόύΆ"
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

SIGNS = "“”„‘’‚–—…•€£§°«»¿¡™®©´\xa0"

QUOTES = bytes(range(0x91, 0x98))
"""‘’“”•–— in all encodings of Windows."""

MANY = 20
"""Letters beyond ASCII that make a text long."""


def frequent_letters(sample: bytes, codec: str) -> int:
    """How many letters are among the frequent ones of the script of this encoding."""
    letters = sample.decode(codec, "ignore")
    return sum(map(letters.count, SCRIPTS[codec]))


def known_letters(sample: bytes, codec: str) -> tuple:
    """How much of what is not ASCII looks like one language of this encoding: ten points a letter.

    What stands where no word has it counts two, and half what may as well be a quote of Windows
    (“don’t” as Mac Roman is ìdonítî). The second number decides between equal ones: in a longer
    text, the language with fewer letters, for it says more.
    """
    text = sample.decode(codec, "ignore")
    usual, odd = Counter(), Counter()
    for before, sign, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if not sign.isascii():
            (odd if _is_odd(before, sign, after) else usual)[sign] += 1
    found, quotes = [], set(QUOTES.decode(codec, "ignore")) - set(SIGNS)
    for letters in (letters for each, letters in ALPHABETS if each == codec):
        there = {*letters, *letters.upper(), *SIGNS}
        points = sum(
            (10 * usual[sign] + 2 * odd[sign]) // (2 if sign in quotes else 1) for sign in there
        )
        enough = sum(usual[letter] for letter in letters) > MANY
        found.append((points, -len(letters) if enough and letters != WESTERN else -99))
    return max(found)


def _is_odd(before: str, sign: str, after: str) -> bool:
    """A capital or a sign in the middle of a word (caf£s), or a capital alone (£5, read as Ł5)."""
    if sign.isupper():
        return before.islower() or not (before.isalpha() or after.isalpha())
    return before.islower() and after.isalpha() and not sign.isalpha() and sign != "’"
