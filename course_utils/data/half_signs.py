"""Half of a sign beyond the first 65,536, such as an emoji: no tokenizer and no file takes it."""

import re

from course_utils.errors import DataError

HALF_SIGN = re.compile("[\ud800-\udfff]")


def check_whole(where: str, text: str) -> None:
    """Raise a DataError if a text, called `where`, holds half a sign."""
    half = HALF_SIGN.search(text)
    if half:
        raise DataError(
            f"{where} holds half a sign ({ascii(half[0])[1:-1]}), such as an emoji that was cut in "
            'two: write all of it, or remove it with text.encode("utf-8", "ignore").decode().'
        )


def whole_signs(text: str) -> str:
    """The text with "�" for each half of a sign: for what somebody types, which must not break.

    (UTF-16 writes such signs in halves, so there two that belong together become one again.)
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
