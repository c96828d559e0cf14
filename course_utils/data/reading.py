"""How far a text is read: one number, which the tokenizer keeps as its `model_max_length`."""

from course_utils.data.texts import as_label
from course_utils.errors import DataError

COURSE_LENGTH = 64
"""Tokens, [CLS] and [SEP] included: nearly all film reviews are shorter (notebook 04)."""

SHORTEST, BERT_LENGTH = 3, 512
"""One token between [CLS] and [SEP]; and the most that a BERT can read, if nothing else is said."""


def longest(model=None) -> int:
    """The most tokens that a model can read: it has one vector for each position."""
    return getattr(getattr(model, "config", None), "max_position_embeddings", BERT_LENGTH)


def check_length(max_length, model=None) -> int:
    """A length as a plain number; a DataError unless it is one that the model can read."""
    number, most = as_label(max_length), longest(model)
    if not isinstance(number, int) or not SHORTEST <= number <= most:
        who = "a BERT" if model is None else "this model"
        raise DataError(
            f"max_length={max_length!r}: expected a whole number of tokens from {SHORTEST} to "
            f"{most}, the longest text that {who} can read."
        )
    return number


def reading_length(tokenizer, max_length: int = None, model=None) -> int:
    """How many tokens of a text are read.

    Args:
        tokenizer: its `model_max_length` counts if nothing else is said. Where somebody else loaded
            it, that may be more than a model can read: then it is what the model can.
        max_length: what else is said, in tokens.
        model: any BERT; None for "whatever a BERT can read".

    Raises:
        DataError: if the model cannot read so many, or `tokenizer` is none.
    """
    check_tokenizer(tokenizer)
    if max_length is None:
        max_length = min(tokenizer.model_max_length, longest(model))
    return check_length(max_length, model)


def check_tokenizer(tokenizer) -> None:
    """Raise a DataError unless it is one."""
    if not hasattr(tokenizer, "model_max_length"):
        raise DataError(
            f"Expected a tokenizer, found a {type(tokenizer).__name__}: load it with "
            "load_tokenizer()."
        )


def check_offsets(tokenizer) -> None:
    """Raise a DataError unless the tokenizer says where its tokens stand in a text."""
    if not tokenizer.is_fast:
        raise DataError(
            f"A {type(tokenizer).__name__} does not say where its tokens stand in a text, so no "
            "single word can be looked at: load a checkpoint that has a tokenizer.json."
        )


def check_mask(tokenizer) -> None:
    """Raise a DataError unless the tokenizer has a token that hides a word."""
    if tokenizer.mask_token is None:
        raise DataError(
            "This tokenizer has no token such as [MASK], so no word can be hidden: take another "
            "checkpoint."
        )


def note_length(tokenizer, max_length: int) -> None:
    """From now on, this tokenizer reads so many tokens of a text; `save` keeps that, too."""
    tokenizer.model_max_length = max_length
    # transformers would warn of indexing errors, once, where a longer text is only counted or cut
    # into tokens. A BERT could read it, up to its own limit; how much is read is our choice.
    tokenizer.deprecation_warnings["sequence-length-is-longer-than-the-specified-maximum"] = True
