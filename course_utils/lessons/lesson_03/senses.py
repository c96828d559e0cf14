"""Words with two senses, ten sentences each, five for each sense: our own, in `senses.csv`.

They were written before anything was measured with them, and none was left out afterwards.
"""

import csv
from pathlib import Path

import numpy as np

from course_utils.errors import DataError
from course_utils.look.context import sense_separation, vectors_in


def _read() -> dict:
    """Word -> sense -> its sentences."""
    found = {}
    with (Path(__file__).resolve().parent / "senses.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["word"], {}).setdefault(row["sense"], []).append(row["sentence"])
    return {
        word: {sense: tuple(texts) for sense, texts in senses.items()}
        for word, senses in found.items()
    }


SENSES = _read()


def sense_vectors(encoder, tokenizer, word: str, last_sign: bool = False) -> dict:
    """The context vectors of a word in each of its example sentences (`SENSES`).

    Args:
        encoder, tokenizer: see `context_vectors`.
        word: one of the words in `SENSES`.
        last_sign: not the word, but the "." or "?" at the end of the same sentences.

    Returns:
        Sense -> a numpy array of shape (sentences, layers + 1, hidden).

    Raises:
        DataError: if there are no sentences for this word.
    """
    if word not in SENSES:
        raise DataError(f"There are no sentences for {word!r}: choose one of {', '.join(SENSES)}.")
    one, other = SENSES[word].values()
    texts = [*one, *other]
    words = [text[-1] if last_sign else word for text in texts]
    vectors = vectors_in(encoder, tokenizer, texts, words)
    return dict(zip(SENSES[word], np.split(vectors, [len(one)]), strict=True))


def sense_separations(encoder, tokenizer, last_sign: bool = False) -> np.ndarray:
    """How well the similarity tells the two senses of each word in `SENSES` apart.

    Args:
        encoder, tokenizer, last_sign: see `sense_vectors`.

    Returns:
        Shape (words, layers + 1), in the order of `SENSES`: `sense_separation` of each word.
    """
    found = [sense_vectors(encoder, tokenizer, word, last_sign) for word in SENSES]
    return np.stack([sense_separation(vectors) for vectors in found])
