"""What is given in the place of a list of texts: it is read as meant, or refused in a sentence."""

import numpy as np
import pandas as pd
import pytest
from real_model import classifier, new_classifier, small_set, tokenizer

import course_utils
from course_utils.errors import DataError

FRAME = pd.DataFrame({"text": ["a joy", "a bore", "so so"], "label": [1, 0, 0]})
NO_LISTS = {
    "a DataFrame: take one column of it": FRAME,
    "a dict: give what it holds": {"text": ["a joy", "a bore"]},
    "one text: put it in": "a joy",
    "bytes: make a text of them": b"a joy",
    "a set, which has no order": {"a joy", "a bore"},
}
READERS = {
    "predict": lambda texts: course_utils.predict(classifier(), tokenizer(), texts),
    "sentence_vectors": lambda texts: course_utils.sentence_vectors(
        classifier(), tokenizer(), texts
    ),
    "word_vectors": lambda texts: course_utils.word_vectors(classifier(), tokenizer(), texts),
    "layer_vectors": lambda texts: course_utils.layer_vectors(classifier(), tokenizer(), texts),
    "live_prediction": lambda texts: course_utils.live_prediction(classifier(), tokenizer(), texts),
    "batch_builder": lambda texts: course_utils.batch_builder(tokenizer(), texts),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("told", NO_LISTS)
def test_no_list_is_one_sentence(reader, told):
    with pytest.raises(DataError, match=f"Expected a list of texts, found {told}"):
        READERS[reader](NO_LISTS[told])


@pytest.mark.parametrize("told", NO_LISTS)
def test_labelled_texts_want_lists_too(told):
    with pytest.raises(DataError, match=f"^texts is {told}"):
        course_utils.LabeledTexts(NO_LISTS[told], [1, 0])
    with pytest.raises(DataError, match=f"^label_names is {told}"):
        course_utils.LabeledTexts(["a joy"], [0], NO_LISTS[told])


@pytest.mark.parametrize("reader", [name for name in READERS if "vectors" in name or "p" in name])
def test_a_series_is_a_list_and_labelled_texts_stand_for_theirs(reader):
    texts = [*small_set().texts[:3], "a joy"]
    expected = READERS[reader](texts)
    series = pd.Series(texts, index=[7, 7, 2, 9])  # an index that no list has
    data = course_utils.LabeledTexts(texts, [0, 0, 0, 1])
    for same in (series, data, tuple(texts), np.array(texts)):
        found = READERS[reader](same)
        if isinstance(expected, np.ndarray):
            np.testing.assert_array_equal(found, expected)
        else:
            described = [each._repr_mimebundle_()["text/html"] for each in (found, expected)]
            assert described[0] == described[1]


def test_a_series_with_a_hole_says_which_row():
    with pytest.raises(DataError, match="Text 1 .* is nan of type float"):
        READERS["predict"](pd.Series(["a joy", float("nan")]))


def test_whole_numbers_of_numpy_are_whole_numbers():
    longest = pd.Series(small_set().texts).str.len().max()  # an np.int64
    assert isinstance(longest, np.integer)
    READERS["sentence_vectors"](["a joy"])
    found = course_utils.predict(
        classifier(), tokenizer(), ["a joy"], batch_size=np.int64(2), max_length=longest
    )
    assert found.shape == (1, 2)
    run = course_utils.fine_tune(
        new_classifier(),
        tokenizer(),
        small_set(),
        epochs=np.int32(1),
        batch_size=np.int64(8),
        seed=np.int64(3),
        max_length=np.int64(64),
    )
    numbers = (run.epochs, run.batch_size, run.seed, run.max_length)
    assert numbers == (1, 8, 3, 64) and all(type(number) is int for number in numbers)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([0, 1], r"names of labels are text, such as \('0', '1'\)"),
        ({0: "no", 1: "yes"}, r"label_names is a dict: give what it holds, list\(it.values\(\)\)"),
        ({"no", "yes"}, "label_names is a set, which has no order"),
        (["no"], "at least two different names"),
        (("yes", "yes"), "at least two different names"),
    ],
)
def test_names_of_labels(names, sentence):
    with pytest.raises(DataError, match=sentence):
        new_classifier(label_names=names)
