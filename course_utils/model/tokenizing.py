"""The tokenizer of a checkpoint: the one that it names, and a proof that its files fit together."""

import json
import re
from importlib.metadata import version
from pathlib import Path
from textwrap import shorten

from course_utils.data.reading import BERT_LENGTH, note_length
from course_utils.errors import DamagedFile, DataError

SAMPLE, TOO_MANY = 500, 0.25
"""Words of its own vocabulary that a tokenizer is asked, and the share that it may not know."""


def read_tokenizer(folder: Path):
    """The tokenizer in a folder. It reads as far as its files say, and no further than the model.

    It is of the kind that the checkpoint names: WordPiece for an English BERT, another one for some
    multilingual models.

    Raises:
        DamagedFile: if its files cannot be read, or do not fit together.
    """
    from transformers import AutoTokenizer

    try:
        # Code that comes with a checkpoint is never run.
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except Exception as problem:  # each reader of these files has errors of its own
        raise DamagedFile(
            f"The tokenizer in {folder.name} cannot be read ({in_short(problem)}): "
            f"{how_to_mend(folder)}"
        ) from None
    _check_frame(tokenizer, folder.name)
    unknown = unknown_words(tokenizer)
    if unknown > TOO_MANY:
        raise DamagedFile(
            f"The tokenizer in {folder.name} does not know {100 * unknown:.0f} % of the words of "
            "its own vocabulary, so its files do not fit together: fetch the checkpoint again, or "
            "save its tokenizer with tokenizer.save_pretrained(folder)."
        )
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    most = config.get("max_position_embeddings", BERT_LENGTH)
    note_length(tokenizer, min(tokenizer.model_max_length, most))
    return tokenizer


def _check_frame(tokenizer, name: str) -> None:
    """A BERT expects one token before each text, one behind it, and one that fills up."""
    frame = [tokenizer.cls_token_id, tokenizer.sep_token_id]
    if None in (*frame, tokenizer.pad_token_id) or tokenizer("")["input_ids"] != frame:
        raise DamagedFile(
            f"The tokenizer in {name} does not put a text between two marks such as [CLS] and "
            "[SEP], or has no mark for padding: fetch the checkpoint again, or save the tokenizer "
            "with which the model was trained."
        )


def check_kind(tokenizer) -> None:
    """Raise a DataError if a tokenizer cuts in another way than its vocabulary was made for.

    So does transformers' `BertTokenizer`, loaded where the vocabulary of a checkpoint is no
    WordPiece.
    """
    unknown = unknown_words(tokenizer)
    if unknown > TOO_MANY:
        raise DataError(
            f"This tokenizer does not know {100 * unknown:.0f} % of the words of its own "
            "vocabulary, so it is of another kind than its checkpoint: load it with "
            "course_utils.load_tokenizer()."
        )


def unknown_words(tokenizer) -> float:
    """The share of words of its own vocabulary that a tokenizer does not find."""
    size = len(tokenizer)
    entries = tokenizer.convert_ids_to_tokens(list(range(0, size, max(1, size // SAMPLE))))
    marked = [entry for entry in entries if entry.startswith(("▁", "Ġ"))]  # so begins a word, or
    words = [entry.lstrip("▁Ġ") for entry in marked] or [e for e in entries if e[:2] != "##"]
    words = [word for word in words if word.isalpha()]
    # Single letters stand in each vocabulary, whatever its kind; in Chinese they are all there is.
    words = [word for word in words if len(word) > 1] or words
    if not words:
        return 0.0
    found = tokenizer(words, add_special_tokens=False)["input_ids"]
    return sum(tokenizer.unk_token_id in ids or not ids for ids in found) / len(words)


WHY = 160
"""Letters that are shown of what a library says: its first sentence or two."""


def in_short(problem: Exception) -> str:
    """What a library says of a folder that it cannot read, on one line."""
    said = shorten(str(problem), WHY, placeholder=" …").rstrip(".")
    return said if " " in said else f"{type(problem).__name__}: {said}"


def how_to_mend(folder: Path) -> str:
    """What helps with a folder that cannot be read: a newer transformers if such a one wrote it."""
    try:
        written = json.loads((folder / "config.json").read_text("utf-8"))["transformers_version"]
    except (OSError, ValueError, LookupError, TypeError):
        written = ""
    here = version("transformers")
    if _numbers(written) <= _numbers(here):
        return "fetch or save it again."
    return (
        f"it was saved with transformers {written}, and here is {here}, so update that, or save it "
        "again with this one."
    )


def _numbers(written) -> list:
    """A version as numbers, which can be compared: [5, 23, 0] of "5.23.0.dev0"."""
    return [int(number) for number in re.findall(r"\d+", str(written))[:3]]
