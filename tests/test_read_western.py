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
