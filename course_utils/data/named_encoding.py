"""The encoding of a text file that somebody named: whether its bytes fit."""

import codecs
import io
import re

from course_utils.data.encodings import HEAD, encoding_of, fits_utf8, odd_words
from course_utils.errors import DataError


def named_encoding(open_bytes, named: str, name: str = "The file") -> tuple:
    """The encoding that somebody named, if all bytes of the file fit it.

    Args:
        open_bytes, name: see `encoding_of`.
        named: as Python or a spreadsheet spells it: "utf8", "cp1252", "windows-1252".

    Raises:
        DataError: if Python knows no such encoding, or the file has bytes that do not fit: they
            would become other letters, or none.

    Returns:
        as `encoding_of`; letters to look at, unless it is UTF-8.
    """
    try:
        codec = codecs.lookup(io.TextIOWrapper(io.BytesIO(), named).encoding).name
        whole = "surrogatepass" if re.match("utf-(8|16|32)", codec) else "strict"
        decoder = codecs.getincrementaldecoder(codec)(whole)
    except LookupError:
        raise DataError(
            f"encoding={named!r} is none that Python knows: try 'utf-8' or 'cp1252'."
        ) from None
    seen, is_utf8, odd, number = "", True, False, 0
    try:
        with open_bytes() as stream:
            for line in stream:
                number += 1
                letters = decoder.decode(line)
                seen += letters * (not letters.isascii() and len(seen) < HEAD)
                odd = odd or not line.isascii()
                is_utf8 = is_utf8 and fits_utf8(line)
        decoder.decode(b"", final=True)
    except UnicodeError:
        likely = encoding_of(open_bytes, name)[0]
        looks = f" (it looks like {likely})" * (likely != codec)
        raise DataError(
            f"{name} is not {named} (the first odd byte is in line {number:,}): leave "
            f"encoding={named!r} out{looks}."
        ) from None
    if not seen or codec.startswith("utf-8"):
        return codec, ""
    words = odd_words(seen)
    if odd and is_utf8:
        return codec, f"This file is UTF-8: leave encoding={named!r} out, it makes {words} of it."
    return codec, f"Are these letters right? {words}. If not, leave encoding={named!r} out."
