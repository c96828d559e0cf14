"""Files of Western Europe are read as such, in Windows-1252: the usual encoding of a CSV file."""

import languages
import pytest
from test_read import written

import course_utils

assert written  # a fixture

WEST = (
    "GERMAN FRENCH ITALIAN SPANISH PORTUGUESE DUTCH FINNISH SWEDISH DANISH NORWEGIAN ICELANDIC"
).split()


def check_read(written, texts: list, many: int):
    """So many texts in a row, from each place on: read right, and never told to be another's."""
    for start in range(len(texts)):
        some = [texts[(start + n) % len(texts)] for n in range(many)]
        content = "text\tnumber\n" + "".join(f"{text}\t{n}\n" for n, text in enumerate(some))
        data = course_utils.read_texts(written(content.encode("cp1252")), label=None, quiet=True)
        assert data == some
        if not content.isascii():
            assert data.report.notes[0].split(". Are")[0] in (
                "Saved as Windows-1252, not UTF-8",
                "A guess: saved as Windows-1252",
            )


@pytest.mark.parametrize("many", [1, 4, 16, 40])
@pytest.mark.parametrize("language", WEST)
def test_the_languages_of_the_west(written, language, many):
    check_read(written, languages.lines(getattr(languages, language)), many)


@pytest.mark.parametrize("many", [1, 4, 16, 40])
@pytest.mark.parametrize("kind", languages.ENGLISH)
def test_signs_in_english(written, kind, many):
    check_read(written, languages.english(kind, 12), many)


@pytest.mark.parametrize("language", WEST[:-1])  # Icelandic is not all in DOS 850 or Mac Roman
@pytest.mark.parametrize("codec", ["mac_roman", "cp850"])
def test_sixteen_texts_in_the_encodings_of_dos_and_mac(written, language, codec):
    texts = languages.lines(getattr(languages, language))
    for start in range(len(texts)):
        some = [texts[(start + n) % len(texts)].replace("’", "'") for n in range(16)]
        content = "text\tnumber\n" + "".join(f"{text}\t{n}\n" for n, text in enumerate(some))
        data = course_utils.read_texts(written(content.encode(codec)), label=None, quiet=True)
        assert data == some


@pytest.mark.parametrize("codec", ["mac_roman", "cp850", "cp852", "cp1250", "iso8859_2"])
def test_one_kind_of_letter_makes_no_other_encoding_sure(written, codec):
    letter = "é" if codec in ("mac_roman", "cp850") else "ń"
    content = ("text\n" + f"ko{letter} ma{letter}ko\n" * 30).encode(codec)
    data = course_utils.read_texts(written(content, "my.txt"), label=None, quiet=True)
    assert data.report.notes[0].startswith("A guess: saved as ")


@pytest.mark.parametrize("text", ["não, irmão", "på tå", "kød, øl", "così, lunedì", "tämä"])
def test_few_kinds_of_letters_are_those_of_the_usual_encoding(written, text):
    content = ("text\n" + f"{text}\n" * 30).encode("cp1252")
    data = course_utils.read_texts(written(content, "my.txt"), label=None, quiet=True)
    assert data[0] == text


@pytest.mark.parametrize("text", ["£5", "5¢", "±5", "3 × 4", "5 µm"])
def test_signs_beside_numbers(written, text):
    """Read with other encodings, £5 is ú5, and that is no word."""
    content = ("text\n" + f"{text}\n" * 30).encode("cp1252")
    data = course_utils.read_texts(written(content, "my.txt"), label=None, quiet=True)
    assert data[0] == text
    sure = data.report.notes[0].startswith("Saved as Windows-1252")
    assert sure or text in ("3 × 4", "5 µm")


def test_short_turkish_is_not_icelandic(written):
    for text in languages.lines(languages.TURKISH):
        path = written(("text\n" + text).encode("cp1254"), "my.txt")
        assert course_utils.read_texts(path, label=None, quiet=True) == [text]
