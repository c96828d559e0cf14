"""A few labels, drawn by chance: what each method learns from them."""

from course_utils.data.texts import LabeledTexts
from course_utils.errors import DataError
from course_utils.judge.baselines import tfidf_baseline, vector_baseline
from course_utils.judge.curves import METHODS
from course_utils.model.vectors import sentence_vectors, word_vectors


def read_once(encoder, tokenizer, parts, quiet: bool = False) -> dict:
    """Read every text once, so that many draws can use its vectors. No weight changes.

    Args:
        encoder, tokenizer: see `sentence_vectors`.
        parts: train, validation and test, as `LabeledTexts`.
        quiet: show no progress bar.

    Returns:
        A dictionary: "words" (see `word_vectors`) and "frozen" (see `sentence_vectors`), each
        with a dictionary from a text to its vector, of shape (hidden,).
    """
    texts = list(dict.fromkeys(text for part in parts for text in part.texts))  # each text once
    words = word_vectors(encoder, tokenizer, texts)
    frozen = sentence_vectors(encoder, tokenizer, texts, quiet=quiet)
    return {
        name: dict(zip(texts, rows, strict=True))
        for name, rows in (("words", words), ("frozen", frozen))
    }


def one_draw(parts, vectors: dict, labels: int, seed: int = 0) -> dict:
    """Draw a few labelled texts, let each method learn from them, and judge it on all the rest.

    Each method is a logistic regression; only the numbers that it reads differ. How closely it
    follows the few texts is chosen on validation. A project with so few labels would have no such
    part: it is the same favour for all methods.

    Args:
        parts: train, validation and test, as `LabeledTexts`.
        vectors: from `read_once`.
        labels: how many texts of each class are drawn from train.
        seed: which ones are drawn.

    Returns:
        A dictionary: "tfidf", "words" and "frozen", each with its `Evaluation`. All of them are
        judged on the same texts: test, and what is left of train.

    Raises:
        DataError: if train holds too few texts for that, or a text has no vector.
    """
    train, validation, test = parts
    few = train.sample(labels * len(train.label_names), seed)
    drawn = set(few.texts)
    rest = train.take(row for row, text in enumerate(train.texts) if text not in drawn)
    judged = LabeledTexts(rest.texts + test.texts, rest.labels + test.labels, train.label_names)
    learned = (few, validation, judged)
    results = {"tfidf": tfidf_baseline(*learned)}
    for name, vector_of in vectors.items():
        inputs = [_vectors(vector_of, part) for part in learned]
        results[name] = vector_baseline(f"{METHODS[name]} + logistic regression", inputs, *learned)
    return results


def _vectors(vector_of: dict, part) -> list:
    missing = [text for text in part.texts if text not in vector_of]
    if missing:
        raise DataError(
            f"{len(missing)} of {len(part)} texts have no vector, the first is {missing[0]!r:.60}: "
            "give read_once the same train, validation and test as one_draw."
        )
    return [vector_of[text] for text in part.texts]
