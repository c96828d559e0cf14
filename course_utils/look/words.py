"""The words of a text as people see them, and which tokens each of them has."""

import numpy as np
import regex

from course_utils.data.reading import check_offsets, reading_length
from course_utils.data.texts import check_texts
from course_utils.errors import DataError
from course_utils.model.layers import check_classifier, check_tokens
from course_utils.model.turns import encode

NO_BLANKS = r"[\p{Han}\p{Hiragana}\p{Katakana}ーｰ\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
"""Letters of Chinese, Japanese and others that put no blanks between their words."""

LETTER = rf"(?:(?!{NO_BLANKS})\w)"

WORD = regex.compile(
    rf"{NO_BLANKS}\p{{M}}*|{LETTER}+(?:['’-]{LETTER}+|(?<=\d)[.,]\d+)*|(?:[^\w\s]\p{{M}}*)+"
)
"""A word with its apostrophes and hyphens (don't, feel-good), a number (3.5), or a run of signs.

Of languages without blanks it is a letter. A vowel sign of Hindi is a part of its word: that is so
for `\\w` of regex, not for that of Python's re.
"""

EDGE = rf"(?:(?<!\w)|(?!\w)|(?<={NO_BLANKS})|(?={NO_BLANKS}))"
"""A place where no word is cut in two."""


def whole_word(word: str):
    """A pattern that finds a word, but not as a part of a longer one; case does not count."""
    return regex.compile(rf"{EDGE}{regex.escape(word)}(?!\p{{M}}){EDGE}", regex.IGNORECASE)


def read_words(model, tokenizer, text, max_length) -> tuple:
    """The words of a text; the word of each token between [CLS] and [SEP]; ids (1, sequence)."""
    import torch

    encoded = encoded_words(model, tokenizer, text, max_length)
    words, owner = cut_words(text, encoded["offset_mapping"][1:-1], encoded.word_ids()[1:-1])
    return words, owner, torch.tensor([encoded["input_ids"]], device=model.device)


def encoded_words(model, tokenizer, text, max_length):
    """What the tokenizer makes of a text, as far as it is read, without padding."""
    check_classifier(model)
    check_tokens(model, tokenizer)
    if not isinstance(text, str):
        raise DataError(f"Expected one text between quotes, found {text!r}.")
    check_texts([text])
    check_offsets(tokenizer)
    max_length = reading_length(tokenizer, max_length, model)
    options = {"truncation": True, "max_length": max_length}
    encoded = encode(tokenizer, text, **options, return_offsets_mapping=True)
    if len(encoded["input_ids"]) == 2 or not text.strip():
        raise DataError(f"The text {text!r} is empty: give it at least one word.")
    return encoded


def cut_words(text: str, offsets, parents) -> tuple:
    """Cut a text into words that read well, and say which of them each token belongs to.

    BERT's own words are short: "don't" is three of them, and so is "...". But there is never a cut
    inside of one: it sees "good😀" as a single unknown word. What the tokenizer drops, such as a
    control character, is shown, too, and gets the score 0 if it stands alone.

    Args:
        offsets: where each token begins and ends in the text.
        parents: the number of the word that BERT has cut each token from.
    """
    offsets = [(_first_sign(text, begin, end), end) for begin, end in offsets]
    spans = {}
    for place, ((begin, end), parent) in enumerate(zip(offsets, parents, strict=True)):
        if regex.search(NO_BLANKS, text[begin:end]):
            parent = f"token {place}"  # may be a word, whatever stands beside it without a blank
        spans[parent] = (spans.get(parent, (begin,))[0], end)
    inside = {place for begin, end in spans.values() for place in range(begin + 1, end)}
    starts = [found.start() for found in WORD.finditer(text) if found.start() not in inside]
    ends = [*starts[1:], len(text)]
    words = tuple(text[a:b].rstrip() for a, b in zip(starts, ends, strict=True))
    owner = np.searchsorted(starts, [begin for begin, _ in offsets], side="right") - 1
    return words, np.maximum(owner, 0)  # a token of blanks alone, before the first word


def _first_sign(text: str, begin: int, end: int) -> int:
    """Where a token begins without blanks: for some tokenizers, "▁film" has one before it."""
    return next((place for place in range(begin, end) if not text[place].isspace()), end)
