"""A few labels drawn by chance: every method gets the same ones, and is judged on all the rest."""

import numpy as np
import pytest

import course_utils
from course_utils.errors import DataError

NAMES = ("dull", "bright")


def made(words, start, count):
    """Texts of two labels: a word that tells the label, and a number."""
    texts = [f"{words[label]} thing number {start + n}" for n in range(count) for label in (0, 1)]
    return course_utils.LabeledTexts(texts, [0, 1] * count, NAMES)


@pytest.fixture
def parts():
    return [made(NAMES, start, count) for start, count in ((0, 20), (100, 5), (200, 10))]


@pytest.fixture
def vectors(parts):
    """Two numbers for each text: the first one knows the label, and the second knows nothing."""
    noise = np.random.default_rng(0)
    known = {
        text: np.array([5.0 * label, noise.normal()])
        for part in parts
        for text, label in zip(part.texts, part.labels, strict=True)
    }
    return {"words": {text: row[1:] for text, row in known.items()}, "frozen": known}


def test_every_method_meets_the_same_texts(parts, vectors):
    results = course_utils.one_draw(parts, vectors, labels=3, seed=1)
    assert list(results) == ["tfidf", "words", "frozen"]
    train, _, test = parts
    drawn = set(train.sample(6, 1).texts)
    rest = [text for text in train.texts if text not in drawn]
    for result in results.values():
        assert result.data.texts == (*rest, *test.texts)
    assert len(rest) == 40 - 6
    assert results["frozen"].accuracy == 1
    assert results["words"].accuracy < 0.8


def test_another_seed_draws_other_texts(parts, vectors):
    one, other = (course_utils.one_draw(parts, vectors, 3, seed)["tfidf"] for seed in (0, 1))
    assert one.data.texts != other.data.texts


def test_a_text_without_a_vector_is_told(parts, vectors):
    del vectors["frozen"][parts[2].texts[0]]
    with pytest.raises(DataError, match="1 of 5[0-9] texts have no vector.*read_once the same"):
        course_utils.one_draw(parts, vectors, labels=3)


def test_too_few_texts_are_told(parts, vectors):
    with pytest.raises(DataError, match="choose a size up to 40"):
        course_utils.one_draw(parts, vectors, labels=21)
