"""Linear methods that count words: each one learns what it should, and complains in a sentence."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

import course_utils
from course_utils.data.texts import LabeledTexts
from course_utils.errors import DataError
from course_utils.judge.baselines import KINDS
from course_utils.judge.naive_bayes import NaiveBayesWeights

ABOUT = ("film", "story", "plot", "actor", "music", "ending")


def made_of(words, labels, names=("negative", "positive")):
    rows = [
        (f"the {about} is {word}", x)
        for about in ABOUT
        for word, x in zip(words, labels, strict=True)
    ]
    return LabeledTexts([text for text, _ in rows], [label for _, label in rows], names)


TRAIN = made_of(["good", "fine", "great", "bad", "poor"], [1, 1, 1, 0, 0])
VALIDATION = made_of(["good", "bad"], [1, 0])
TEST = made_of(["good", "fine", "bad", "poor"], [1, 1, 0, 0])


@pytest.mark.parametrize("kind", KINDS)
def test_words_that_tell_the_label_are_learned(kind):
    result = course_utils.linear_baseline(kind, TRAIN, VALIDATION, TEST)
    assert (result.name, result.data) == (kind, TEST)
    assert result.accuracy == 1
    np.testing.assert_allclose(result.probabilities.sum(axis=1), 1)


@pytest.mark.parametrize("kind", KINDS)
def test_three_labels_of_which_train_lacks_one(kind):
    names = ("business", "sport", "tech")
    for seen in ((0, 2), (1, 2)):
        part = made_of(["good", "bad"], seen, names)
        result = course_utils.linear_baseline(kind, part, part, part)
        assert result.probabilities.shape == (len(part), 3)
        assert result.accuracy == 1


@pytest.mark.parametrize("kind", KINDS)
def test_three_labels(kind):
    part = made_of(["good", "bad", "odd"], (0, 1, 2), ("a", "b", "c"))
    result = course_utils.linear_baseline(kind, part, part, part)
    assert result.accuracy == 1
    np.testing.assert_allclose(result.probabilities.sum(axis=1), 1)


@pytest.mark.parametrize("kind", KINDS)
def test_tuned_on_validation_and_blind_for_the_labels_of_test(kind):
    """Labels of test change nothing; a word that only validation has says nothing."""
    flipped = LabeledTexts(TEST.texts, [1 - label for label in TEST.labels])
    honest, blind = (
        course_utils.linear_baseline(kind, TRAIN, VALIDATION, test).probabilities
        for test in (TEST, flipped)
    )
    np.testing.assert_array_equal(honest, blind)
    validation = made_of(["splendid", "dreadful", "good", "bad"], [1, 0, 1, 0])
    test = LabeledTexts(["splendid", "qqqqqqqq"], [1, 0])
    told = course_utils.linear_baseline(kind, TRAIN, validation, test).probabilities
    if "characters" not in kind:  # pieces of such words may be known
        np.testing.assert_allclose(told[0], told[1])


def test_tfidf_baseline_is_one_of_them():
    old = course_utils.tfidf_baseline(TRAIN, VALIDATION, TEST)
    new = course_utils.linear_baseline("TF-IDF, words", TRAIN, VALIDATION, TEST)
    np.testing.assert_array_equal(old.probabilities, new.probabilities)


def test_pieces_of_words_know_relatives():
    """A word that nobody has seen, of pieces that were: only characters help."""
    train = made_of(["boring", "bored", "amazing", "amazed"], [0, 0, 1, 1])
    test = LabeledTexts(["boredom", "amazement"], [0, 1])
    right = {
        kind: course_utils.linear_baseline(kind, train, train, test).accuracy
        for kind in ("TF-IDF, words", "TF-IDF, words and characters")
    }
    assert right == {"TF-IDF, words": 0.5, "TF-IDF, words and characters": 1}


def test_weights_are_log_count_ratios():
    """Word 0: in 3 of 3 texts for, in 0 of 2 against; one is added to each count."""
    counts = csr_matrix([[1, 0], [1, 1], [1, 0], [0, 1], [0, 1]])
    weigh = NaiveBayesWeights().fit(counts, [1, 1, 1, 0, 0])
    for_it, against = np.array([4, 2]) / 6, np.array([1, 3]) / 4
    np.testing.assert_allclose(weigh.weights_, np.log(for_it / against))
    np.testing.assert_allclose(
        weigh.transform(counts).toarray(), counts.toarray() * np.log(for_it / against)
    )


def test_an_unknown_kind():
    with pytest.raises(DataError, match="kind='NB-SVN' is not a baseline .* Did you mean 'NB-SVM'"):
        course_utils.linear_baseline("NB-SVN", TRAIN, VALIDATION, TEST)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_to_count(kind):
    data = LabeledTexts(["1 2", "3 4"] * 6, [1, 0] * 6)
    with pytest.raises(DataError, match="no word of two letters or more, so "):
        course_utils.linear_baseline(kind, data, data, data)
