"""Probes: the vectors of each layer, what is read from them, and that shuffled labels are not."""

import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from real_model import classifier, tokenizer

import course_utils
from course_utils.errors import DataError
from course_utils.look import probes

# The longest comes first. Batches are made in the order of length, from the other end.
TEXTS = ["a film " * 40, "so " * 25 + "good", "not a good film at all, I think", "bad!", "good"]


@pytest.fixture(scope="module")
def encoder():
    return course_utils.load_encoder("minilm")


def read(model, texts, **options):
    return course_utils.layer_vectors(model, tokenizer(), texts, quiet=True, **options)


@pytest.fixture(scope="module")
def topics(encoder):
    """Vectors and labels of 300 headlines to learn from, and of 150 to be tested on."""
    train, _, test = course_utils.load_headlines(quiet=True)
    train, test = train.sample(300), test.sample(150)
    return read(encoder, train.texts), train.labels, read(encoder, test.texts), test.labels


def easy(texts=60, seed=0):
    """Three layers: nothing to read in the first, the label in the second, half of it in the third.

    Chance is 50 %.
    """
    random = np.random.default_rng(seed)
    labels = np.arange(texts) % 2
    vectors = random.normal(size=(3, texts, 4))
    vectors[1, :, 0] += 8 * labels
    vectors[2, :, 0] += 8 * labels * (random.random(texts) < 0.5)
    return vectors, labels


# --- vectors ---


def test_shape(encoder):
    vectors = read(encoder, TEXTS)
    assert vectors.shape == (7, 5, 384) and vectors.dtype == np.float32


def test_each_layer_by_hand(encoder):
    """The mean over the positions of the text, in batches with padding as if it were alone."""
    vectors = read(encoder, TEXTS)
    for number, text in enumerate(TEXTS):
        inputs = tokenizer()(text, truncation=True, max_length=64, return_tensors="pt")
        with torch.no_grad():
            states = encoder(**inputs, output_hidden_states=True).hidden_states
        means = torch.stack(states)[:, 0].mean(dim=1).numpy()  # (layers + 1, hidden)
        np.testing.assert_allclose(vectors[:, number], means, atol=1e-5)


def test_row_0_is_the_embedding(encoder):
    ids = tokenizer()("good", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        embedded = encoder.embeddings(ids)[0].mean(dim=0).numpy()
    np.testing.assert_allclose(read(encoder, ["good"])[0, 0], embedded, atol=1e-6)


def test_the_last_layer_is_the_sentence_vector(encoder):
    last = read(encoder, TEXTS)[-1]
    assert np.abs(np.linalg.norm(last, axis=1) - 1).min() > 0.1  # before it is scaled
    scaled = last / np.linalg.norm(last, axis=1, keepdims=True)
    expected = course_utils.sentence_vectors(encoder, tokenizer(), TEXTS, quiet=True)
    np.testing.assert_allclose(scaled, expected, atol=1e-6)


def test_options_count(encoder):
    assert np.allclose(read(encoder, TEXTS, batch_size=2), read(encoder, TEXTS), atol=1e-5)
    short = read(encoder, ["film " * 10], max_length=12)
    np.testing.assert_array_equal(read(encoder, ["film " * 30], max_length=12), short)


def test_a_classifier_is_read_below_its_head(encoder):
    np.testing.assert_allclose(read(classifier(), TEXTS), read(encoder, TEXTS), atol=1e-5)


def test_mode_and_weights_stay(encoder):
    before = {name: weight.clone() for name, weight in encoder.named_parameters()}
    quiet = read(encoder, TEXTS)
    encoder.train()
    try:
        np.testing.assert_array_equal(read(encoder, TEXTS), quiet)  # without dropout
        assert encoder.training
    finally:
        encoder.eval()
    for name, weight in encoder.named_parameters():
        assert torch.equal(weight, before[name]) and weight.grad is None, name


def test_what_is_no_list_of_texts(encoder):
    with pytest.raises(DataError, match="found one text"):
        read(encoder, "one text")
    with pytest.raises(DataError, match="empty"):
        read(encoder, [])


# --- probes ---


def test_real_topics_are_read_and_shuffled_ones_are_not(topics):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the probe must converge
        table = course_utils.probe(*topics)
    assert list(table.columns) == ["accuracy", "low", "high", "control", "chance", "texts"]
    assert table.index.name == "layer" and list(table.index) == list(range(7))
    assert table["accuracy"].min() > 0.6
    assert (table["chance"] == 0.2).all() and (table["texts"] == 150).all()
    assert (table["control"] - 0.2).abs().max() < 0.06
    assert abs(table["control"].mean() - 0.2) < 0.03


def test_known_vectors():
    table = course_utils.probe(*easy(200), *easy(200, seed=1))
    assert abs(table["accuracy"][0] - 0.5) < 0.12
    assert table["accuracy"][1] == 1
    assert 0.65 < table["accuracy"][2] < 0.85
    assert (table["control"] - 0.5).abs().max() < 0.08


def test_which_texts_were_read_right():
    table = course_utils.probe(*easy(100), *easy(50, seed=1))
    correct = np.array(table.attrs["correct"])
    assert correct.shape == (3, 50) and correct.dtype == bool
    assert correct.mean(axis=1) == pytest.approx(table["accuracy"].to_numpy())
    # In the third layer, every text with a label 1 that can be read is read right.
    vectors, labels = easy(50, seed=1)
    assert correct[2][vectors[2, :, 0] > 6].all() and not correct[2].all()
    assert correct[1].all() and labels.any()
    both = pd.concat({"before": table, "after": table})  # what one does with two tables
    assert len(both) == 6


def right_at(*layers):
    """A table of a probe that read these texts right, layer by layer."""
    table = pd.DataFrame({"accuracy": np.mean(layers, axis=1)}, pd.RangeIndex(len(layers)))
    table.attrs["correct"] = [list(map(bool, layer)) for layer in layers]
    return table


def test_the_gain_is_taken_text_by_text():
    """Won 3, lost 1 of 8, with the interval of Bonett and Price worked out by hand."""
    before = right_at([0, 0, 0, 1, 1, 1, 0, 0], [1] * 8)
    after = right_at([1, 1, 1, 0, 1, 1, 0, 0], [1] * 8)
    found = course_utils.probe_gain(before, after)
    won, lost, texts = 3 + 1, 1 + 1, 8 + 2
    middle = (won - lost) / texts
    half = 1.96 * np.sqrt(((won + lost) / texts - middle**2) / texts)
    assert found.loc[0].tolist() == pytest.approx([2 / 8, middle - half, middle + half])
    assert found.loc[1, "gain"] == 0 and found.loc[1, "low"] < 0 < found.loc[1, "high"]


def test_gains_of_other_texts_are_refused():
    with pytest.raises(DataError, match="read 2 texts in 1 layers, the second 3 in 1: take the sa"):
        course_utils.probe_gain(right_at([0, 1]), right_at([0, 1, 1]))


def test_the_interval_is_that_of_the_accuracy():
    table = course_utils.probe(*easy(100), *easy(50, seed=1))
    for row in table.itertuples():
        expected = course_utils.accuracy_interval(round(50 * row.accuracy), 50)
        assert (row.low, row.high) == pytest.approx(expected)


def test_the_scale_of_a_layer_does_not_count():
    """Layers differ in size; standardised, they are on an equal footing."""
    vectors, labels = easy(80)
    test, test_labels = easy(40, seed=1)
    one, other = (
        course_utils.probe(size * vectors + 5, labels, size * test + 5, test_labels)
        for size in (1, 1_000)
    )
    np.testing.assert_allclose(one, other)


def test_chance_is_the_most_frequent_test_label():
    vectors, labels = easy(60)
    uneven = labels.copy()
    uneven[:20] = 1  # of 40 test texts, 30
    table = course_utils.probe(vectors, labels, vectors[:, :40], uneven[:40])
    assert (table["chance"] == 0.75).all()


def test_the_control_shuffles_the_labels_of_both(monkeypatch):
    """As frequent as before, in another order for each seed, and the same in every layer."""
    seen = []

    def watch(vectors, labels, test_vectors, test_labels):
        seen.append((labels.copy(), test_labels.copy()))
        return np.ones(len(test_labels), dtype=bool)

    monkeypatch.setattr(probes, "_correct", watch)
    vectors, labels = easy(60)
    test, test_labels = easy(40, seed=1)
    course_utils.probe(vectors[:1], labels, test[:1], test_labels)
    (true, test_true), *shuffled = seen
    np.testing.assert_array_equal(true, labels)
    np.testing.assert_array_equal(test_true, test_labels)
    assert len(shuffled) == probes.CONTROLS
    assert len({each.tobytes() for each, _ in shuffled}) == probes.CONTROLS
    assert len({each.tobytes() for _, each in shuffled}) == probes.CONTROLS
    for each, test_each in shuffled:
        assert np.bincount(each).tolist() == [30, 30]
        assert np.bincount(test_each).tolist() == [20, 20]
        assert 0.2 < (each == labels).mean() < 0.8
        assert 0.2 < (test_each == test_labels).mean() < 0.8


def test_labels_may_be_names():
    vectors, labels = easy(60)
    named = np.array(["bad", "good"])[labels].tolist()
    assert course_utils.probe(vectors, named, vectors, named)["accuracy"][1] == 1


@pytest.mark.parametrize("number", [1, 3])
def test_each_text_needs_a_label(number):
    known = [*easy(60), *easy(40)]
    known[number] = known[number][:-1]
    name = "labels" if number == 1 else "test_labels"
    with pytest.raises(DataError, match=rf"texts, {name} has \d+ labels: each text needs exactly"):
        course_utils.probe(*known)


@pytest.mark.parametrize("number", [1, 3])
def test_one_label_only(number):
    known = [*easy(60), *easy(40)]
    known[number] = np.zeros_like(known[number])
    name = "labels" if number == 1 else "test_labels"
    with pytest.raises(DataError, match=f"^{name} has one label only: bring some texts of another"):
        course_utils.probe(*known)


def test_vectors_of_another_shape():
    vectors, labels = easy(60)
    with pytest.raises(DataError, match=r"vectors has the shape .60, 4., expected .layers . 1"):
        course_utils.probe(vectors[0], labels, vectors, labels)
    with pytest.raises(DataError, match="3 layers of 4 numbers, test_vectors 2 of 4: read both"):
        course_utils.probe(vectors, labels, vectors[:2], labels)


# --- neighbours ---


def test_neighbours_of_known_vectors():
    angles = np.radians([0, 5, 20, 90, 96, 104])  # two bundles
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert course_utils.same_label_neighbours(vectors, [0, 0, 0, 1, 1, 1]) == 1
    assert course_utils.same_label_neighbours(vectors, [0, 1, 0, 1, 0, 1]) == pytest.approx(0)
    assert course_utils.same_label_neighbours(vectors, [0, 0, 1, 1, 0, 1]) == pytest.approx(1 / 3)
    longer = vectors * np.array([[1], [50], [1], [3], [1], [9]])  # only the direction counts
    assert course_utils.same_label_neighbours(longer, [0, 0, 0, 1, 1, 1]) == 1


def test_scikit_learn_finds_the_same_neighbours(topics):
    from sklearn.neighbors import KNeighborsClassifier

    vectors, labels = topics[2][-1], np.array(topics[3])
    expected = np.mean(
        [
            KNeighborsClassifier(1, metric="cosine")
            .fit(np.delete(vectors, row, axis=0), np.delete(labels, row))
            .predict(vectors[row : row + 1])
            == labels[row]
            for row in range(len(labels))
        ]
    )
    assert course_utils.same_label_neighbours(vectors, labels) == pytest.approx(expected)
    assert expected > 0.5


def test_chance_neighbours():
    assert course_utils.chance_neighbours([0, 1]) == 0
    assert course_utils.chance_neighbours([0, 0, 1, 1]) == pytest.approx(1 / 3)
    random = np.random.default_rng(seed=0)
    labels, vectors = np.repeat([0, 1, 2], [60, 30, 10]), random.normal(size=(100, 8))
    shuffled = [
        course_utils.same_label_neighbours(vectors, random.permutation(labels)) for _ in range(200)
    ]
    assert np.mean(shuffled) == pytest.approx(course_utils.chance_neighbours(labels), abs=0.02)


def test_neighbours_that_do_not_fit():
    with pytest.raises(DataError, match="holds 3 texts, labels has 2 labels"):
        course_utils.same_label_neighbours(np.eye(3), [0, 1])
    with pytest.raises(DataError, match="labels has one label only"):
        course_utils.same_label_neighbours(np.eye(3), [1, 1, 1])
    with pytest.raises(DataError, match=r"expected .texts, hidden."):
        course_utils.same_label_neighbours(np.zeros((2, 3, 4)), [0, 1, 0])


def test_names_are_public():
    for name in ("layer_vectors", "probe", "same_label_neighbours", "chance_neighbours"):
        assert name in course_utils.__all__
        assert getattr(course_utils, name).__doc__
