"""Texts in capitals, of the Baltic states, and of Turkish DOS: read right, or told as a guess."""

import languages
import pytest
from test_read import written

import course_utils

assert written  # a fixture

LITHUANIAN = """
Kava skani, bet aptarnavimas lėtas
Telefonas sugedo po savaitės
Ačiū, viskas veikia puikiai
Viešbutyje šalta ir nešvaru
Knyga nuobodi, nebaigiau skaityti
Žaislas greitai sulūžo, vaikas verkė
Pinigų iki šiol negrąžino
Gražus vaizdas pro langą
"""

LATVIAN = """
Kafija garšīga, bet apkalpošana lēna
Tālrunis salūza pēc nedēļas
Paldies, viss strādā lieliski
Viesnīcā auksti un netīri
Grāmata garlaicīga, līdz galam neizlasīju
Rotaļlieta ātri salūza, bērns raudāja
Naudu vēl nav atdevuši
Skaists skats pa logu, ļoti ņipri suņi
"""


def read(written, texts: list, codec: str) -> tuple:
    """The texts that are read, and whether that is told as a guess."""
    rows = "".join(f"{text}\t{n}\n" for n, text in enumerate(texts))
    data = course_utils.read_texts(
        written(("text\tnumber\n" + rows).encode(codec)), label=None, quiet=True
    )
    return data, data.report.notes[0].startswith("A guess: saved as ")


@pytest.mark.parametrize(
    ("language", "codec"),
    [
        *(("RUSSIAN", codec) for codec in ("cp1251", "koi8_r", "cp866", "iso8859_5")),
        *(("UKRAINIAN", codec) for codec in ("cp1251", "koi8_u")),
        *(("GREEK", codec) for codec in ("cp1253", "iso8859_7")),
    ],
)
def test_capitals_of_other_scripts(written, language, codec):
    texts = [text.upper() for text in languages.lines(getattr(languages, language))]
    assert read(written, texts, codec)[0] == texts
    for many in (1, 4, 8):
        for start in range(0, len(texts), many):
            some = texts[start : start + many]
            data, guess = read(written, some, codec)
            assert guess or data == some


@pytest.mark.parametrize("capitals", [False, True])
@pytest.mark.parametrize(
    ("texts", "codec"),
    [(languages.TURKISH, "cp857"), (LITHUANIAN, "cp1257"), (LATVIAN, "cp1257")],
)
def test_turkish_of_dos_and_the_languages_of_the_baltic(written, texts, codec, capitals):
    texts = languages.lines(texts)
    if capitals:
        texts = [text.replace("i", "İ" if codec == "cp857" else "I").upper() for text in texts]
    data, guess = read(written, texts, codec)
    assert data == texts and not guess
    for text in texts:
        if not text.isascii():
            data, guess = read(written, [text], codec)
            assert guess or data == [text]


def test_small_hebrew_letters_are_no_russian_capitals(written):
    texts = ["ההזמנה הגיעה אתמול והקופסה היתה מעוכה", "המוכר הסביר הכל בסבלנות"]
    texts += ["האפליקציה נתקעת בזמן התשלום", "המרק היה קר והמלצר עייף"]
    data, guess = read(written, texts * 8, "cp1255")
    assert data == texts * 8 and not guess
