"""In which encoding a text file was saved: what its bytes stand for."""

import codecs
import io
import re
import unicodedata
from collections import Counter

from course_utils.data.alphabets import LATIN, SCRIPTS, frequent_letters, known_letters
from course_utils.errors import DataError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""What some programs write at the beginning; that of UTF-32 begins with that of UTF-16."""

CALLED = {
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1254": "Windows-1254",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850",
    "iso8859_2": "ISO-8859-2",
    "cp852": "DOS 852",
    "cp857": "DOS 857",
    "cp1257": "Windows-1257",
    "cp1251": "Windows-1251",
    "koi8_r": "KOI8-R",
    "koi8_u": "KOI8-U",
    "iso8859_5": "ISO-8859-5",
    "cp866": "DOS Cyrillic",
    "mac_cyrillic": "Mac Cyrillic",
    "cp1253": "Windows-1253",
    "iso8859_7": "ISO-8859-7",
    "cp1255": "Windows-1255",
    "cp1256": "Windows-1256",
    "iso8859_6": "ISO-8859-6",
    "cp874": "Windows-874",
    "gb18030": "GBK",
    "big5": "Big5",
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "cp949": "EUC-KR",
}
"""The encodings without a mark that are tried, as Python calls them, and as spreadsheets do."""

ENOUGH = 0.62
"""The share of the letters beyond ASCII that are frequent ones of their script. In 32 texts each of
Russian, Ukrainian, Greek, Hebrew, Arabic and Thai it was 0.80 to 0.85; read with the encoding of
another script, 0.60 at most."""

FEW = 8
"""So few letters that one encoding makes more sense of than the next, and it is a guess."""

FEW_SIGNS = 20
"""So few signs of two bytes, and it is a guess."""

SEVERAL = 3
"""Fewer different letters beyond ASCII, and another encoding than the usual one is a guess; fewer
different words in letters of ASCII, and they are what they seem."""

UNSEEN = re.compile("[\x80-\x9f]")
"""Control characters: ISO-8859 has them where Windows has €, quotes and dashes."""

HEAD = 65_536
"""Bytes that are looked at to recognise a file."""

EAST_ASIAN = (
    ("euc_jp", 0xA4, 0xA5, 0.3),
    ("cp949", 0xB0, 0xC8, 0.85),
    ("gb18030", 0xB0, 0xD7, 0.85),
)
"""Signs of two bytes: between which two the first byte of the usual ones lies; the share of them
that is enough. (Kana of Japanese; the syllables of Korean; the 3,755 usual signs of Chinese.)"""

OTHER_BYTES = "course_other_bytes"


HALVES = re.compile(rb"(\xed[\xa0-\xbf][\x80-\xbf])+")
"""Halves of signs such as emoji, each written as if it were a sign: some programs do so."""


def _other_bytes(problem):
    """What a byte that is not UTF-8 in a UTF-8 file stands for: Windows-1252, most of the time."""
    halves = HALVES.match(problem.object, problem.start)
    if halves:
        signs = halves[0].decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
        return signs.decode("utf-16-le", "replace"), halves.end()
    wrong = problem.object[problem.start : problem.end]
    letters = [bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in wrong]
    return "".join(letters), problem.end


codecs.register_error(OTHER_BYTES, _other_bytes)

HALF_READ = re.compile(rb"\xed([\xa0-\xaf]([\x80-\xbf](\xed[\xb0-\xbf]?)?)?)?\Z")
"""The beginning of two such halves, where a piece of a file ends."""


class _WholeSigns(io.BufferedIOBase):
    """The bytes of a file, in pieces that do not end between the halves of a sign."""

    def __init__(self, stream):
        self.stream = stream

    def readable(self):
        return True

    def read(self, size=-1):
        piece = self.stream.read(size)
        while HALF_READ.search(piece[-5:]) and (more := self.stream.read(1)):
            piece += more
        return piece

    read1 = read


def decoded(stream, codec: str, newline: str) -> io.TextIOWrapper:
    """The text that the bytes of a file stand for."""
    return io.TextIOWrapper(_WholeSigns(stream), codec, errors=errors_of(codec), newline=newline)


AFTER_PLUS = re.compile(rb"\+([A-Za-z0-9+/]+)")
WORD = re.compile(rb"[A-Z]?[a-z]+|(?!A[MNOP])[A-Z]+|[0-9]+")
"""A word or a number with a plus sign before it, such as +100, may be UTF-7 by chance. (AMA to AP8
are À to ÿ.)"""

BY_MAIL = (("iso2022_jp", 0), ("utf_7", 0.9))
"""Encodings that write all letters with those of ASCII. A file is in one if it can be read with it,
and this share of what then stands there is of one script (by chance, "Plus+C4o" can be)."""


def errors_of(codec: str) -> str:
    """What becomes of bytes that stand for nothing: in Western files a letter, elsewhere "�"."""
    return OTHER_BYTES if codec in ("utf-8", "cp1252") else "replace"


def encoding_of(open_bytes, name: str = "The file") -> tuple:
    """The encoding of a file, found by reading all of it once, line by line.

    Args:
        open_bytes: opens the file, and gives its bytes.
        name: of the file, for an error.

    Raises:
        DataError: if all letters are written with those of ASCII, as in mails.

    Returns:
        the name that Python's `open` understands; and what a reader should be told of it, empty
        for UTF-8.
    """
    with open_bytes() as stream:
        head = stream.read(HEAD)
    marked = next((codec for mark, codec in MARKS if head.startswith(mark)), None) or _wide(head)
    if marked:
        return marked, "" if marked == "utf-8-sig" else f"Saved as {marked[:6].upper()}."
    sound, broken, sample, plain = 0, 0, bytearray(), bytearray()
    with open_bytes() as stream:
        for line in stream:
            if line.isascii():
                if (b"+" in line or b"\x1b" in line) and len(plain) < HEAD:
                    plain += line
                continue
            if fits_utf8(line):
                sound += 1
            else:
                broken += 1
                if len(sample) < HEAD:
                    sample += line
    if not sound + broken:
        _check_mail(bytes(plain), name)
    if not broken:
        return "utf-8", ""
    if sound >= broken:
        letters = odd_words(bytes(sample).decode("utf-8", OTHER_BYTES))
        return "utf-8", (
            f"Saved as UTF-8, but with letters of Windows-1252 in {broken:,} "
            f"line{'s' * (broken > 1)}: {letters}."
        )
    codec, other, sure = _recognised(bytes(sample))
    letters = odd_words(bytes(sample).decode(codec, errors_of(codec)))
    saved = (
        f"Saved as {CALLED[codec]}, not UTF-8." if sure else f"A guess: saved as {CALLED[codec]}."
    )
    return codec, (
        f"{saved} Are these letters right? {letters}. If not, say "
        f'read_texts(..., encoding="{other}") or another.'
    )


def fits_utf8(line: bytes) -> bool:
    """Are these bytes UTF-8? (Halves of signs are, too.)"""
    try:
        return line.decode("utf-8", "surrogatepass") is not None
    except UnicodeDecodeError:
        return False


def _check_mail(plain: bytes, name: str) -> None:
    """Raise a DataError if lines of ASCII hold other letters, as mails wrote them once."""
    for codec, of_one_script in BY_MAIL:
        try:
            plain.decode(codec)
            letters = AFTER_PLUS.sub(_no_word, plain).decode(codec)
        except UnicodeDecodeError:  # a plus sign is a plus sign
            continue
        words = re.findall(r"[^\W\x00-\x7f]+", letters)
        scripts = Counter(map(_script, "".join(words)))
        several = len(set(words)) >= SEVERAL and scripts.total() >= 5
        if several and max(scripts.values()) >= of_one_script * scripts.total():
            first = ", ".join(word[:20] for word in words[:3])
            raise DataError(
                f"{name} writes {first} with letters of ASCII ({codec}, made for mails): open it "
                f'in your spreadsheet and save it as UTF-8, or say encoding="{codec}".'
            )


def _no_word(run) -> bytes:
    """What follows a plus sign, if it is no word and no number."""
    return b" " if WORD.fullmatch(run[1]) else run[0]


def _script(letter: str) -> str:
    """Such as LATIN or GREEK; Japanese writes in three at once."""
    script = unicodedata.name(letter, "?").split()[0]
    return "CJK" if script.startswith(("HIRAGANA", "KATAKANA")) else script


def _wide(head: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: in Latin letters, most bytes are zero, in one rhythm."""
    half = len(head) // 4 * 4
    if half < 8 or head.count(0) < half / 4:
        return None
    filled = [half / 4 - head[place:half:4].count(0) for place in range(4)]
    rhythm = "".join("x" if count > half / 16 else "0" for count in filled)
    return {"x000": "utf-32-le", "000x": "utf-32-be", "x0x0": "utf-16-le", "0x0x": "utf-16-be"}.get(
        rhythm
    )


def _recognised(sample: bytes) -> tuple:
    """The encoding that makes the most sense of some lines, another one, and whether it is sure."""
    sample = re.sub(rb"\xa0{2,}", b"\xa0", sample)  # no-break spaces, which lay out a web page
    runs = re.findall(rb"[\x80-\xff]+", sample)
    many = sum(map(len, runs))
    length = many / len(runs)
    known = {codec: known_letters(sample, codec) for codec in LATIN}
    best = max(known, key=known.get)  # the first, if they are equal
    other = _next_best(known, best, sample)
    offer = _offered(known, best, sample)
    if length <= 1.5 or (length <= 2 and known[best][0] == 10 * many):
        # The odd letters stand alone, among those of ASCII.
        clear = best == LATIN[0] or len(set(b"".join(runs))) >= SEVERAL
        return best, offer, clear and known[best][0] - known[other][0] > 5
    if not any(len(run) % 2 for run in runs):
        leads = [byte for run in runs for byte in run[::2]]
        for codec, first, last, share in EAST_ASIAN:
            if sum(first <= byte <= last for byte in leads) > share * len(leads):
                return codec, offer, len(leads) > FEW_SIGNS
    frequent = {codec: frequent_letters(sample, codec) for codec in SCRIPTS}
    best = max(frequent, key=frequent.get)
    if length > 2 and frequent[best] > 10 * ENOUGH * many:
        second = _next_best(frequent, best, sample)
        return best, second, frequent[best] - frequent[second] > 10 * FEW
    from charset_normalizer import from_bytes

    others = [codec for codec in CALLED if codec not in LATIN]
    found = from_bytes(sample, cp_isolation=others, threshold=0.4).best()
    if found and found.encoding in others:
        return found.encoding, offer, False
    return "cp1252", offer, False


def _next_best(points: dict, best: str, sample: bytes) -> str:
    """The encoding with the most points after the best, of those that read something else."""
    read = sample.decode(best, "replace")
    order = sorted(points, key=points.get, reverse=True)
    return next(codec for codec in order if sample.decode(codec, "replace") != read)


def _offered(points: dict, best: str, sample: bytes) -> str:
    """As `_next_best`, of those that read no sign which nobody can see, if there is one."""
    seen = {
        codec: found
        for codec, found in points.items()
        if codec == best or not UNSEEN.search(sample.decode(codec, "replace"))
    }
    try:
        return _next_best(seen, best, sample)
    except StopIteration:
        return _next_best(points, best, sample)


def odd_words(text: str) -> str:
    """Three words with a letter beyond ASCII: whether they are right, a reader sees at once."""
    words = re.findall(r'[^\s,;|"]*[^\x00-\x7f][^\s,;|"]*', text)
    words = [word[:20].strip(".:!?()[]'") for word in words]
    return ", ".join(list(dict.fromkeys(words))[:3])
