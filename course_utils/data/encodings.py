"""In which encoding a text file was saved: what its bytes stand for."""

import codecs
import re

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
    "cp1251": "Windows-1251",
    "gb18030": "GBK",
    "big5": "Big5",
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "cp949": "EUC-KR",
}
"""The encodings without a mark that are tried, as Python calls them, and as spreadsheets do."""

ALPHABETS = {
    "cp1252": "äåæàáâãçèéêëìíîïñòóôõöøœßùúûüÄÅÆÀÁÂÃÇÈÉÊËÍÎÑÓÔÕÖØŒÙÚÜ",
    "cp1250": "ąćęłńóśźżáčďéěíňřšťúůýžôľĺŕäöüőűăâîşţĄĆĘŁŃÓŚŹŻÁČĎÉĚÍŇŘŠŤÚŮÝŽÖÜŐŰ",
    "cp1254": "çğıöşüâîûÇĞİÖŞÜ",
}
"""Letters of the languages of Western and Central Europe, and Turkish; one byte stands for each."""

SIGNS = "“”„‘’‚–—…•€£§°«»¿¡™®©´\xa0"

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


def encoding_of(open_bytes) -> tuple:
    """The encoding of a file, found by reading all of it once, line by line.

    Args:
        open_bytes: opens the file, and gives its bytes.

    Returns:
        the name that Python's `open` understands; and what a reader should be told of it, empty
        for UTF-8.
    """
    with open_bytes() as stream:
        head = stream.read(HEAD)
    marked = next((codec for mark, codec in MARKS if head.startswith(mark)), None) or _wide(head)
    if marked:
        return marked, "" if marked == "utf-8-sig" else f"Saved as {marked[:6].upper()}."
    sound, broken, sample = 0, 0, bytearray()
    with open_bytes() as stream:
        for line in stream:
            if line.isascii():
                continue
            try:
                line.decode("utf-8", "surrogatepass")
                sound += 1
            except UnicodeDecodeError:
                broken += 1
                if len(sample) < HEAD:
                    sample += line
    if not broken:
        return "utf-8", ""
    if sound >= broken:
        letters = _odd_words(bytes(sample).decode("utf-8", OTHER_BYTES))
        return "utf-8", (
            f"Saved as UTF-8, but with letters of Windows-1252 in {broken:,} "
            f"line{'s' * (broken > 1)}: {letters}."
        )
    codec = _recognised(bytes(sample))
    letters = _odd_words(bytes(sample).decode(codec, OTHER_BYTES))
    return codec, (
        f"Saved as {CALLED[codec]}, not UTF-8. Are these letters right? {letters}. If not, say "
        'read_texts(..., encoding="cp1250") or another.'
    )


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


def _recognised(sample: bytes) -> str:
    """The encoding that makes the most sense of some lines."""
    runs = re.findall(rb"[\x80-\xff]+", sample)
    length = sum(map(len, runs)) / len(runs)
    best = max(ALPHABETS, key=lambda codec: _known(sample, codec))  # the first, if they are equal
    if length <= 1.5 or (length <= 2 and _known(sample, best) == sum(map(len, runs))):
        return best  # the odd letters stand alone, among those of ASCII
    if not any(len(run) % 2 for run in runs):
        leads = [byte for run in runs for byte in run[::2]]
        for codec, first, last, share in EAST_ASIAN:
            if sum(first <= byte <= last for byte in leads) > share * len(leads):
                return codec
    from charset_normalizer import from_bytes

    others = [codec for codec in CALLED if codec not in ALPHABETS]
    found = from_bytes(sample, cp_isolation=others, threshold=0.4).best()
    return found.encoding if found and found.encoding in others else "cp1252"


def _known(sample: bytes, codec: str) -> int:
    """How many letters beyond ASCII belong to the languages of this encoding."""
    usual = ALPHABETS[codec] + SIGNS
    return sum(letter in usual for letter in sample.decode(codec, "ignore"))


def _odd_words(text: str) -> str:
    """Three words with a letter beyond ASCII: whether they are right, a reader sees at once."""
    words = [word[:20] for word in re.findall(r'[^\s,;|"]*[^\x00-\x7f][^\s,;|"]*', text)]
    return ", ".join(list(dict.fromkeys(words))[:3])
