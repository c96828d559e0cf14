"""Predictions, and the numbers that say how far to trust them."""

import functools

import numpy as np
import pandas as pd
import pytest
import torch
from real_model import classifier, new_classifier, small_set, tokenizer
from scipy.stats import multinomial
from sklearn.linear_model import LogisticRegression

import course_utils
from course_utils import Difference, Evaluation, LabeledTexts
from course_utils.errors import DataError
from course_utils.judge.baselines import fit_linear
from course_utils.model import prediction

# The longest comes first. Batches are made in the order of length, from the other end.
SHUFFLED = ["a film " * 40, "so " * 25 + "good", "not a good film at all, I think", "bad!", "good"]


def predict(texts, **options):
    return course_utils.predict(classifier(), tokenizer(), texts, **options)


# --- predict ---


def test_probabilities_come_in_the_order_of_the_texts():
    together = predict(SHUFFLED, batch_size=2)
    one_by_one = np.concatenate([predict([text]) for text in SHUFFLED])
    assert together.shape == (5, 2)
    assert np.ptp(together[:, 1]) > 1e-3  # they differ, so a wrong order would show
    np.testing.assert_allclose(together, one_by_one, atol=1e-5)
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-6)


def test_probabilities_are_the_softmax_of_the_logits():
    text = "I had an awesome day!"
    inputs = tokenizer()(text, return_tensors="pt")
    with torch.no_grad():
        expected = torch.softmax(classifier()(**inputs).logits, dim=-1).numpy()
    np.testing.assert_allclose(predict([text]), expected, atol=1e-6)


def test_padding_is_invisible():
    alone = predict(["good"])
    np.testing.assert_allclose(predict(["good", "film " * 60])[:1], alone, atol=1e-5)


def test_max_length_is_obeyed():
    np.testing.assert_array_equal(
        predict(["film " * 30], max_length=12), predict(["film " * 10], max_length=12)
    )


@pytest.mark.parametrize("training", [True, False])
def test_dropout_is_off_and_the_mode_comes_back(training):
    model = classifier()
    modes = []
    hook = model.register_forward_pre_hook(lambda module, _: modes.append(module.training))
    try:
        model.train(training)
        first, second = predict(SHUFFLED), predict(SHUFFLED)
        assert model.training == training
        assert all(module.training == training for module in model.modules())
    finally:
        hook.remove()
        model.eval()
    np.testing.assert_array_equal(first, second)
    assert not any(modes)


def test_mode_comes_back_after_an_error(monkeypatch):
    model = classifier().train()

    def fail(**_):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(model, "forward", fail)
    with pytest.raises(RuntimeError):
        predict(["good"])
    assert model.training
    model.eval()


def test_nothing_is_left_of_gradients():
    predict(["good"])
    assert all(weight.grad is None for weight in classifier().parameters())


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ([], "The list of texts is empty: give it at least one text."),
        ("good", "Expected a list of texts, found one text: put it in [ ]."),
        (["good", None], "Text 1 (counting from 0) is None of type NoneType, expected a string"),
        ([3], "Text 0 (counting from 0) is 3 of type int, expected a string: remove it or write"),
        (None, ""),
        (5, ""),
        (..., ""),
    ],
)
def test_wrong_texts(texts, sentence):
    with pytest.raises(DataError) as caught:
        predict(texts)
    assert sentence in str(caught.value)


# --- predict, piece by piece ---


def test_iterator_of_texts_gives_the_same_in_the_same_order(monkeypatch):
    monkeypatch.setattr(prediction, "PIECE", 7)  # so that 50 texts are several pieces
    texts = [f"{'very ' * (number * 7 % 11)}good film number {number}" for number in range(50)]
    pieces = []
    real = prediction.Batches
    monkeypatch.setattr(
        prediction,
        "Batches",
        lambda t, texts, **o: pieces.append(len(texts)) or real(t, texts, **o),
    )
    from_list, lazily = predict(texts), predict(text for text in texts)
    assert pieces == 2 * [7, 7, 7, 7, 7, 7, 7, 1]
    np.testing.assert_array_equal(from_list, lazily)
    alone = np.concatenate([predict([text]) for text in texts])
    np.testing.assert_allclose(lazily, alone, atol=1e-5)


def test_texts_are_read_only_when_they_are_needed(monkeypatch):
    """A million texts must never be in memory at once: no more than a piece is read ahead."""
    monkeypatch.setattr(prediction, "PIECE", 8)
    given, open_texts = [], []

    def texts():
        for number in range(40):
            given.append(number)
            yield "good"

    real = prediction.Batches

    def batches(tokenizer, piece, **options):
        open_texts.append(len(given))
        return real(tokenizer, piece, **options)

    monkeypatch.setattr(prediction, "Batches", batches)
    assert predict(texts()).shape == (40, 2)
    assert open_texts == [8, 16, 24, 32, 40]


def test_wrong_text_far_down_an_iterator(monkeypatch):
    monkeypatch.setattr(prediction, "PIECE", 8)
    with pytest.raises(DataError, match=r"Text 20 \(counting from 0\) is 7 of type int"):
        predict(7 if number == 20 else "good" for number in range(40))
    with pytest.raises(DataError, match="The list of texts is empty"):
        predict(iter([]))


# --- evaluate ---


def test_evaluate_keeps_predictions_and_sums_them_up():
    data = small_set()
    evaluation = course_utils.evaluate(classifier(), tokenizer(), data, name="untrained")
    np.testing.assert_array_equal(evaluation.probabilities, predict(data.texts))
    assert evaluation.accuracy == evaluation.correct.mean()
    assert evaluation.interval == course_utils.accuracy_interval(evaluation.correct.sum(), 16)
    assert repr(evaluation).startswith(f"untrained: {100 * evaluation.accuracy:.1f} % of 16 texts")


def test_evaluate_hands_its_options_on():
    data = LabeledTexts(["film " * 30], [0])
    short = course_utils.evaluate(classifier(), tokenizer(), data, max_length=12)
    np.testing.assert_array_equal(short.probabilities, predict(data.texts, max_length=12))


def test_evaluate_on_texts_with_other_classes():
    data = LabeledTexts(["a", "b", "c"], [0, 1, 2], ("x", "y", "z"))
    with pytest.raises(DataError, match="data has the labels x, y, z, the head of the model has n"):
        course_utils.evaluate(classifier(), tokenizer(), data)


def test_evaluate_on_the_same_labels_in_another_order():
    data = LabeledTexts(["a", "b"], [0, 1], ("positive", "negative"))
    with pytest.raises(DataError, match="data has the labels positive, negative, the head of the"):
        course_utils.evaluate(classifier(), tokenizer(), data)


def test_predict_with_an_encoder():
    encoder = course_utils.load_encoder("minilm")
    with pytest.raises(DataError, match="^Expected a BERT with a head that classifies, found a B"):
        course_utils.predict(encoder, tokenizer(), ["good"])


def test_evaluate_without_labels():
    with pytest.raises(DataError, match="expected LabeledTexts"):
        course_utils.evaluate(classifier(), tokenizer(), ["good", "bad"])


# --- the interval of an accuracy ---


@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [
        (4, 4, 0.5101, 1.0),
        (0, 4, 0.0, 0.4899),
        # Newcombe (1998), Statistics in Medicine 17, 857-872, table I
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval(correct, total, low, high):
    interval = course_utils.accuracy_interval(correct, total)
    assert interval == pytest.approx((low, high), abs=5e-5)
    assert all(type(bound) is float for bound in interval)


@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [
        (4, 4, 0.025**0.25, 1.0),  # of an accuracy of 0.398, 4 of 4 come in 2.5 % of all tests
        (0, 4, 0.0, 1 - 0.025**0.25),
        # Newcombe (1998), table I
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ],
)
def test_exact_interval(correct, total, low, high):
    interval = course_utils.accuracy_interval(correct, total, exact=True)
    assert interval == pytest.approx((low, high), abs=5e-5)


def test_exact_interval_holds_the_coin_that_wilson_leaves_out():
    assert course_utils.accuracy_interval(4, 4, exact=True)[0] < 0.5
    assert course_utils.accuracy_interval(4, 4)[0] > 0.5


def test_from_40_texts_on_the_two_intervals_agree():
    for total in (40, 100, 1_290):
        for correct in range(0, total + 1, max(1, total // 40)):
            exact = course_utils.accuracy_interval(correct, total, exact=True)
            assert course_utils.accuracy_interval(correct, total) == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize(("correct", "total"), [(1, 1), (8, 10), (1063, 1290)])
def test_wilson_interval_is_what_its_formula_says(correct, total):
    z, share = 1.959963984540054, correct / total
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = (share * (1 - share) / total + z**2 / (4 * total**2)) ** 0.5 * z / (1 + z**2 / total)
    interval = course_utils.accuracy_interval(correct, total)
    assert interval == pytest.approx((middle - half, middle + half))


def test_higher_confidence_gives_a_wider_interval():
    narrow, wide = (course_utils.accuracy_interval(80, 100, level) for level in (0.8, 0.99))
    assert wide[0] < narrow[0] < 0.8 < narrow[1] < wide[1]


def test_of_no_text_nothing_is_known():
    assert course_utils.accuracy_interval(0, 0) == (0, 1)
    assert course_utils.accuracy_interval(0, 0, exact=True) == (0, 1)


@pytest.mark.parametrize(
    "counts", [(5, 4), (-1, 4), (1, 0), (3, 4, 1.0), (3, 4, 0), (3, 4, 95), (0.77, 1290), (3.0, 4)]
)
def test_counts_that_do_not_fit(counts):
    with pytest.raises(DataError, match=f"correct={counts[0]}, total={counts[1]}, confidence="):
        course_utils.accuracy_interval(*counts)


# --- constructed predictions ---

THREE = LabeledTexts(
    [f"text {i}" for i in range(6)], [0, 0, 1, 1, 2, 2], ("bad", "so-so", "good"), "six texts"
)


def constructed():
    """Right on texts 0, 2, 3 and 5; wrong on 1 (0.6 sure) and on 4 (0.9 sure)."""
    return Evaluation(
        "constructed",
        THREE,
        np.array(
            [
                [0.8, 0.1, 0.1],
                [0.3, 0.1, 0.6],
                [0.2, 0.7, 0.1],
                [0.25, 0.5, 0.25],
                [0.05, 0.9, 0.05],
                [0.0, 0.0, 1.0],
            ]
        ),
    )


def test_accuracy():
    evaluation = constructed()
    assert evaluation.predicted.tolist() == [0, 2, 1, 1, 1, 2]
    assert evaluation.correct.tolist() == [True, False, True, True, False, True]
    assert evaluation.accuracy == pytest.approx(4 / 6)
    assert repr(evaluation) == (
        "constructed: 66.7 % of 6 texts correct (95 % interval 30.0 to 90.3)"
    )


def test_confusion():
    table = constructed().confusion()
    assert table.to_numpy().tolist() == [[1, 0, 1], [0, 2, 0], [0, 1, 1]]
    assert (table.index.name, table.columns.name) == ("true", "predicted")
    assert list(table.index) == list(table.columns) == ["bad", "so-so", "good"]


def test_confusion_shows_a_class_that_never_occurs():
    data = LabeledTexts(["a"], [0], ("x", "y"))
    assert Evaluation("one", data, np.array([[0.9, 0.1]])).confusion().shape == (2, 2)


def test_scores_of_each_label():
    """By hand from the confusion [[1, 0, 1], [0, 2, 0], [0, 1, 1]]."""
    table = constructed().per_class()
    assert list(table.index) == ["bad", "so-so", "good"] and table.index.name == "label"
    assert table["precision"].tolist() == [1.0, 0.667, 0.5]
    assert table["recall"].tolist() == [0.5, 1.0, 0.5]
    assert table["f1"].tolist() == [0.667, 0.8, 0.5]
    assert table["texts"].tolist() == [2, 2, 2]


def test_macro_f1_is_the_mean_over_the_labels():
    assert constructed().macro_f1 == pytest.approx((2 / 3 + 4 / 5 + 1 / 2) / 3)
    assert constructed().macro_f1 == pytest.approx(constructed().per_class()["f1"].mean(), abs=1e-3)
    assert Evaluation("perfect", THREE, np.eye(3)[list(THREE.labels)]).macro_f1 == 1


def test_macro_f1_sees_what_accuracy_hides():
    """Nine of ten texts have one label: whoever always says it is 90 % right, and knows nothing."""
    data = LabeledTexts([f"text {i}" for i in range(10)], [0] * 9 + [1])
    lazy = Evaluation("lazy", data, np.tile([1.0, 0.0], (10, 1)))
    assert lazy.accuracy == 0.9
    assert lazy.macro_f1 == pytest.approx((2 * 0.9 / 1.9 + 0) / 2)  # and no warning is shown
    assert lazy.per_class().loc["positive"].tolist() == [0, 0, 0, 1]


def test_macro_f1_is_that_of_the_labels_that_occur(recwarn):
    """A small test may lack a label: without a mistake, macro F1 is 1 all the same."""
    data = LabeledTexts(list("abcd"), [0, 0, 2, 2], ("business", "sport", "tech"))
    perfect = Evaluation("perfect", data, np.eye(3)[[0, 0, 2, 2]])
    assert perfect.macro_f1 == 1
    invented = Evaluation("says sport once", data, np.eye(3)[[0, 0, 2, 1]])
    assert invented.macro_f1 == pytest.approx((1 + 2 / 3 + 0) / 3)  # wrongly predicted: it occurs
    assert not recwarn.list


def test_per_class_shows_a_label_that_never_occurs(recwarn):
    data = LabeledTexts(["a"], [0], ("x", "y"))
    table = Evaluation("one", data, np.array([[0.9, 0.1]])).per_class()
    assert table.loc["x"].tolist() == [1, 1, 1, 1] and table.loc["y"].tolist() == [0, 0, 0, 0]
    assert not recwarn.list


def test_largest_errors_are_sorted_by_confidence():
    table = constructed().largest_errors()
    assert table.to_dict("list") == {
        "text": ["text 4", "text 1"],
        "true": ["good", "bad"],
        "predicted": ["so-so", "good"],
        "confidence": [0.9, 0.6],
    }
    assert constructed().largest_errors(1)["text"].tolist() == ["text 4"]


def test_no_errors_give_an_empty_table():
    perfect = Evaluation("perfect", THREE, np.eye(3)[list(THREE.labels)])
    assert list(perfect.largest_errors().columns) == ["text", "true", "predicted", "confidence"]
    assert len(perfect.largest_errors()) == 0


def test_calibration_groups_by_confidence():
    table = constructed().calibration(bins=3)  # 0.5 and 0.6, 0.7 and 0.8, 0.9 and 1.0
    assert table["texts"].tolist() == [2, 2, 2]
    assert table["confidence"].tolist() == pytest.approx([0.55, 0.75, 0.95])
    assert table["accuracy"].tolist() == pytest.approx([0.5, 1.0, 0.5])


def test_calibration_with_fewer_texts_than_groups():
    table = constructed().calibration(bins=50)
    assert table["texts"].tolist() == [1] * 6


def test_calibration_has_five_groups():
    assert constructed().calibration()["texts"].tolist() == [2, 1, 1, 1, 1]


def test_calibration_error():
    # One text per group: the gaps are 0.5, 0.6, 0.3, 0.2, 0.9 and 0.0.
    assert constructed().calibration_error == pytest.approx(2.5 / 6)
    perfect = Evaluation("perfect", THREE, np.eye(3)[list(THREE.labels)])
    assert perfect.calibration_error == 0


def test_calibration_error_weighs_groups_by_their_size():
    confidence = np.append(np.full(5, 0.6), np.linspace(0.91, 0.99, 5))  # ties make a group of 5
    data = LabeledTexts([f"text {i}" for i in range(10)], [1] * 4 + [0] + [1] * 5)
    result = Evaluation("some ties", data, np.column_stack([1 - confidence, confidence]))
    assert result.calibration(bins=10)["texts"].tolist() == [5, 1, 1, 1, 1, 1]
    expected = (5 * (0.8 - 0.6) + (1 - confidence[5:]).sum()) / 10
    assert result.calibration_error == pytest.approx(expected)


def test_calibration_does_not_depend_on_the_order_of_the_texts():
    """Four kinds of confidence, 40 texts each: whoever sorts the file changes nothing."""
    confidence = np.repeat([0.6, 0.7, 0.8, 0.9], 40)
    labels = (np.random.default_rng(0).random(160) < confidence).astype(int)
    data = LabeledTexts([f"text {i}" for i in range(160)], labels)
    probabilities = np.column_stack([1 - confidence, confidence])
    orders = [np.argsort(labels), np.argsort(-labels), np.random.default_rng(1).permutation(160)]
    tables, errors = [], []
    for order in orders:
        result = Evaluation("ties", data.take(order), probabilities[order])
        tables.append(result.calibration())
        errors.append(result.calibration_error)
    for table in tables:
        pd.testing.assert_frame_equal(table, tables[0])
    assert errors == pytest.approx([errors[0]] * 3)
    assert tables[0]["texts"].tolist() == [40] * 4


def test_calibration_of_one_confidence():
    """The majority label is always equally sure: one group, one gap."""
    sure = np.tile([0.25, 0.75], (15, 1))
    data = LabeledTexts([f"text {i}" for i in range(15)], [1] * 12 + [0] * 3)
    result = Evaluation("always sure", data, sure)
    assert result.calibration().to_dict("list") == {
        "confidence": [0.75],
        "accuracy": [0.8],
        "texts": [15],
    }
    assert result.calibration_error == pytest.approx(0.05)


def test_two_evaluations_can_be_compared():
    assert constructed() == constructed() and hash(constructed()) == hash(constructed())
    same = constructed()
    assert Evaluation("another name", same.data, same.probabilities) != same
    assert Evaluation(same.name, same.data, same.probabilities[::-1]) != same
    assert Evaluation(same.name, same.data.take(range(5)), same.probabilities[:5]) != same
    assert same != "constructed" and same in [constructed()]


# --- the difference of two methods ---


def answers(correct, name="method", labels=None):
    """An evaluation that is right where `correct` is True."""
    labels = labels or [0] * len(correct)
    data = LabeledTexts([f"text {i}" for i in range(len(correct))], labels)
    predicted = np.where(correct, labels, 1 - np.array(labels))
    return Evaluation(name, data, np.eye(2)[predicted])


def test_identical_methods_do_not_differ_here_and_might_elsewhere():
    """Ten texts on which they agree: methods that differ on every tenth text do that, too."""
    method = answers([True, False] * 5)
    same = course_utils.paired_bootstrap(method, method)
    assert same.value == 0 and same.low < -0.1 and same.high > 0.1


def test_method_that_is_better_on_every_text():
    better = course_utils.paired_bootstrap(answers([True] * 5), answers([False] * 5))
    assert better.value == better.high == 1
    assert -0.3 < better.low < 0.5  # two equal methods that never agree do that once in 32 times


@pytest.mark.parametrize("size", [1, 4])
def test_too_few_texts_to_compare(size):
    method = answers([True] * size)
    with pytest.raises(DataError, match=f"^{size} texts are too few to compare .*: at least 5 are"):
        course_utils.paired_bootstrap(method, method)


def coverage(size, wins, losses):
    """How often the interval holds the true difference of two methods, on `size` texts.

    Not played but summed up: over every result that may happen, times its probability.
    """
    results = [(b, c) for b in range(size + 1) for c in range(size + 1 - b)]
    chances = multinomial.pmf(
        [(b, c, size - b - c) for b, c in results], size, [wins, losses, 1 - wins - losses]
    )
    held = 0.0
    for result, chance in zip(results, chances, strict=True):
        if chance > 1e-5:
            low, high = interval_of(size, *result)
            held += chance * (low - 1e-9 <= wins - losses <= high + 1e-9)
    return held


@functools.cache
def interval_of(size, only_first, only_second):
    neither = size - only_first - only_second
    first = [True] * only_first + [False] * only_second + [True] * neither
    second = [False] * only_first + [True] * only_second + [True] * neither
    gain = course_utils.paired_bootstrap(answers(first), answers(second), resamples=1_000)
    assert gain.low < gain.high and gain.low <= gain.value <= gain.high
    return gain.low, gain.high


@pytest.mark.parametrize("size", [5, 15, 18, 40])
def test_the_interval_of_a_difference_holds_what_it_promises(size):
    """Methods that hardly differ, that differ in part, and that nearly always differ."""
    for wins, losses in (
        *((0.02, 0.02), (0.05, 0.0), (0.1, 0.0), (0.1, 0.02), (0.1, 0.1), (0.2, 0.05)),
        *((0.3, 0.1), (0.4, 0.0), (0.6, 0.2), (0.8, 0.05), (0.9, 0.0), (0.97, 0.0)),
    ):
        assert coverage(size, wins, losses) >= 0.92, (wins, losses)


def test_with_many_texts_it_is_the_plain_bootstrap():
    """What the lessons explain: draw, compute, cut off 2.5 % at each end."""
    draw = np.random.default_rng(0)
    first, second = (answers(draw.random(1_290) < share) for share in (0.77, 0.72))
    gains = first.correct.astype(float) - second.correct
    means = draw.choice(gains, (10_000, 1_290)).mean(axis=1)
    plain = np.quantile(means, (0.025, 0.975))
    found = course_utils.paired_bootstrap(first, second)
    assert (found.low, found.high) == pytest.approx(plain, abs=0.0016)  # two texts of 1,290


def test_known_difference():
    """The first is right on 90, the second on 80 of 100, and right wherever the second is.

    With the formula of Bonett and Price, (11 - 1) / 102 and 1.96 times the root of
    (12 - 100 / 102) / 102 ** 2 on each side, the bounds are 0.034 and 0.162.
    """
    first, second = answers([True] * 90 + [False] * 10), answers([True] * 80 + [False] * 20)
    difference = course_utils.paired_bootstrap(first, second)
    assert difference.value == pytest.approx(0.1)
    assert difference.low == pytest.approx(0.034, abs=0.0101)
    assert difference.high == pytest.approx(0.162, abs=0.0101)
    opposite = course_utils.paired_bootstrap(second, first)
    assert opposite.value == pytest.approx(-0.1)
    assert opposite.low < opposite.high < 0


def test_pairing_counts():
    """Two methods with the same accuracies: the more they agree, the smaller the interval."""
    first = answers([True] * 90 + [False] * 10)
    agreeing = course_utils.paired_bootstrap(first, answers([True] * 80 + [False] * 20))
    disagreeing = course_utils.paired_bootstrap(first, answers([False] * 20 + [True] * 80))
    assert agreeing.value == disagreeing.value == pytest.approx(0.1)
    assert agreeing.high - agreeing.low < 0.7 * (disagreeing.high - disagreeing.low)


def test_seed_fixes_the_bootstrap():
    first, second = answers([True, True, False] * 20), answers([True, False, False] * 20)
    once, again, other = (
        course_utils.paired_bootstrap(first, second, resamples=500, seed=seed) for seed in (1, 1, 2)
    )
    assert once == again
    assert once.value == other.value


def test_interval_holds_what_it_promises():
    """Of 200 experiments in which both methods are equally good, about 95 % include zero."""
    draw = np.random.default_rng(0)
    hits = 0
    for _ in range(200):
        first, second = (answers(draw.random(100) < 0.8) for _ in range(2))
        difference = course_utils.paired_bootstrap(first, second, resamples=400)
        hits += difference.low <= 0 <= difference.high
    assert 180 <= hits <= 199


def test_difference_is_told_in_points():
    assert repr(Difference(0.068, 0.049, 0.087)) == "+6.8 points (95 % interval +4.9 to +8.7)"
    assert repr(Difference(0.009, -0.0004, 0.018)) == "+0.9 points (95 % interval +0.0 to +1.8)"


@pytest.mark.parametrize(
    "other",
    [
        answers([True] * 4),
        answers([True] * 5, labels=[0, 0, 0, 0, 1]),
        Evaluation("same length", LabeledTexts(list("abcde"), [0] * 5), np.eye(2)[[0] * 5]),
    ],
    ids=["shorter", "other labels", "other texts"],
)
def test_methods_on_different_texts_are_not_compared(other):
    with pytest.raises(DataError, match="not evaluated on the same texts: use one test set"):
        course_utils.paired_bootstrap(answers([True] * 5), other)


# --- baselines ---


def made_of(words, labels, label_names=("negative", "positive")):
    """Texts with these words and their labels, many times over in different company."""
    company = ["the film", "this story", "their play", "its plot"]
    rows = [
        (f"{about} is {word}", label)
        for about in company
        for word, label in zip(words, labels, strict=True)
    ]
    return LabeledTexts([text for text, _ in rows], [label for _, label in rows], label_names)


TRAIN = made_of(["good", "fine", "great", "bad", "poor"], [1, 1, 1, 0, 0])
VALIDATION = made_of(["good", "bad"], [1, 0])
TEST = made_of(["good", "fine", "bad", "poor"], [1, 1, 0, 0])


def test_majority_answers_the_most_frequent_label_of_train():
    result = course_utils.majority_baseline(TRAIN, TEST)
    assert (result.name, result.data) == ("majority label", TEST)
    assert result.predicted.tolist() == [1] * len(TEST)
    assert result.accuracy == 0.5
    np.testing.assert_allclose(result.probabilities, np.tile([0.4, 0.6], (len(TEST), 1)))


def test_majority_does_not_look_at_the_labels_of_test():
    mostly_negative = made_of(["good", "bad", "poor"], [1, 0, 0])
    assert course_utils.majority_baseline(TRAIN, mostly_negative).predicted.tolist() == [1] * 12


def test_tfidf_beats_the_majority():
    result = course_utils.tfidf_baseline(TRAIN, VALIDATION, TEST)
    assert (result.name, result.data) == ("TF-IDF + logistic regression", TEST)
    assert result.probabilities.shape == (len(TEST), 2)
    assert result.accuracy == 1


def test_tfidf_is_tuned_on_validation_and_never_sees_the_labels_of_test():
    noisy = TRAIN.take(range(len(TRAIN) - 6))  # uneven, so that it matters which candidate wins
    texts = VALIDATION
    flipped = LabeledTexts(texts.texts, [1 - label for label in texts.labels])
    honest, blind, misled = (
        course_utils.tfidf_baseline(noisy, validation, test).probabilities
        for validation, test in [(texts, texts), (texts, flipped), (flipped, texts)]
    )
    np.testing.assert_array_equal(honest, blind)
    assert not np.array_equal(honest, misled)


def test_words_are_fitted_once_for_validation_and_test():
    from course_utils.judge.baselines import _fitted

    _fitted.cache_clear()
    chosen, told = (
        course_utils.tfidf_baseline(TRAIN, VALIDATION, part) for part in (VALIDATION, TEST)
    )
    assert (_fitted.cache_info().misses, _fitted.cache_info().hits) == (1, 1)
    assert chosen.data is VALIDATION and told.data is TEST
    other = LabeledTexts(TRAIN.texts, [1 - label for label in TRAIN.labels])
    flipped = course_utils.tfidf_baseline(other, VALIDATION, TEST)
    assert _fitted.cache_info().misses == 2
    assert not np.array_equal(flipped.predicted, told.predicted)


def test_nothing_is_learned_from_validation():
    """It chooses, and no more: a word that only validation has says nothing."""
    validation = made_of(["splendid", "dreadful", "good", "bad"], [1, 0, 1, 0])
    test = LabeledTexts(["splendid", "dreadful", "qqq"], [1, 0, 1])
    told = course_utils.tfidf_baseline(TRAIN, validation, test).probabilities
    np.testing.assert_array_equal(told[0], told[2])
    np.testing.assert_array_equal(told[1], told[2])
    near, far = np.array([[0.0], [1.0]] * 4), np.array([[50.0], [99.0]] * 4)
    method = fit_linear(near, [0, 1] * 4, far, [0, 1] * 4)
    alone = LogisticRegression(C=method.C, max_iter=1_000).fit(near, [0, 1] * 4)
    assert method.coef_ == alone.coef_ and method.intercept_ == alone.intercept_


@pytest.mark.parametrize("seen", [(0, 2), (1, 2)])
def test_baselines_when_train_lacks_a_class(seen):
    """With few labels per class a class can be absent; the others must keep their places."""
    names = ("business", "sport", "tech")
    train = made_of(["good", "bad"], seen, names)
    test = made_of(["good", "bad"], seen, names)
    for result in (
        course_utils.majority_baseline(train, test),
        course_utils.tfidf_baseline(train, train, test),
    ):
        assert result.probabilities.shape == (len(test), 3)
        assert set(result.predicted) <= set(seen)
    assert result.accuracy == 1


def test_baselines_are_comparable_with_each_other():
    gain = course_utils.paired_bootstrap(
        course_utils.tfidf_baseline(TRAIN, VALIDATION, TEST),
        course_utils.majority_baseline(TRAIN, TEST),
    )
    assert gain.value == 0.5 and gain.low > 0


# --- baselines on vectors ---


def vectors_of(data, noise=0.0, seed=0):
    """A vector for each text: its label in the first places, chance in the others."""
    draw = np.random.default_rng(seed)
    classes = np.eye(len(data.label_names))[list(data.labels)]
    return np.hstack([classes, draw.normal(0, 1, (len(data), 5))]) + draw.normal(
        0, noise or 1e-9, (len(data), 5 + len(data.label_names))
    )


def test_vectors_that_show_the_label_are_read():
    parts = (TRAIN, VALIDATION, TEST)
    vectors = [vectors_of(part, seed=number) for number, part in enumerate(parts)]
    result = course_utils.vector_baseline("mine", vectors, *parts)
    assert (result.name, result.data, result.accuracy) == ("mine", TEST, 1)
    np.testing.assert_allclose(result.probabilities.sum(axis=1), 1)
    as_lists = course_utils.vector_baseline("mine", [list(v) for v in vectors], *parts)
    np.testing.assert_array_equal(as_lists.probabilities, result.probabilities)


def test_vectors_that_show_nothing_are_not_read():
    parts = (TRAIN, VALIDATION, TEST)
    vectors = [np.zeros((len(part), 4)) for part in parts]
    nothing = course_utils.vector_baseline("nothing", vectors, *parts)
    assert nothing.predicted.tolist() == [1] * len(TEST)  # the most frequent label of TRAIN


def test_vector_baseline_never_sees_the_labels_of_test():
    flipped = LabeledTexts(TEST.texts, [1 - label for label in TEST.labels])
    vectors = [vectors_of(part, noise=0.5) for part in (TRAIN, VALIDATION, TEST)]
    honest, blind = (
        course_utils.vector_baseline("mine", vectors, TRAIN, VALIDATION, test).probabilities
        for test in (TEST, flipped)
    )
    np.testing.assert_array_equal(honest, blind)


def test_each_text_needs_its_vector():
    vectors = [np.zeros((len(part), 4)) for part in (TRAIN, VALIDATION, TRAIN)]
    with pytest.raises(DataError, match="There are 20, 8, 20 vectors for 20, 8, 16 texts"):
        course_utils.vector_baseline("mine", vectors, TRAIN, VALIDATION, TEST)


def test_vector_baseline_when_train_lacks_a_class():
    names = ("business", "sport", "tech")
    train, test = made_of(["good", "bad"], [0, 2], names), made_of(["x", "y"], [0, 2], names)
    vectors = [vectors_of(part) for part in (train, train, test)]
    result = course_utils.vector_baseline("mine", vectors, train, train, test)
    assert result.probabilities.shape == (8, 3) and not result.probabilities[:, 1].any()
    assert result.accuracy == 1


def test_one_label_is_nothing_to_learn_from():
    same = LabeledTexts(["a good film", "a fine film"], [1, 1])
    vectors = [np.zeros((2, 4))] * 3
    with pytest.raises(DataError, match="train have one label only, positive: bring some of an"):
        course_utils.vector_baseline("mine", vectors, same, same, same)
    with pytest.raises(DataError, match="one label only"):
        course_utils.tfidf_baseline(same, same, same)


ABC = ("business", "sport", "tech")
WORDS = ["shares and banks", "goals and teams", "chips and phones"]


@pytest.mark.parametrize(
    ("labels", "names"),
    [([0, 1], ("business", "tech")), ([0, 1, 2], ("tech", "sport", "business"))],
    ids=["one is missing", "another order"],
)
def test_the_labels_of_all_parts_are_compared(labels, names):
    """Else a label that has another place in `test` counts as wrong: 0 %, and not a word."""
    train = made_of(WORDS, [0, 1, 2], ABC)
    other = made_of(WORDS[: len(labels)], labels, names)
    vectors = [vectors_of(part)[:, :3] for part in (train, train, other)]
    said = f"has the labels {', '.join(names)}, train has business, sport, tech: give it the names"
    with pytest.raises(DataError, match=f"test {said}"):
        course_utils.majority_baseline(train, other)
    with pytest.raises(DataError, match=f"test {said}"):
        course_utils.tfidf_baseline(train, train, other)
    with pytest.raises(DataError, match=f"validation {said}"):
        course_utils.tfidf_baseline(train, other, train)
    with pytest.raises(DataError, match=f"test {said}"):
        course_utils.vector_baseline("mine", vectors, train, train, other)
    with pytest.raises(DataError, match=f"validation {said}"):
        course_utils.vector_baseline("mine", vectors, train, other, train)


def test_baselines_want_texts_with_labels():
    with pytest.raises(DataError, match="test is a list, expected LabeledTexts"):
        course_utils.majority_baseline(TRAIN, ["good"])
    with pytest.raises(DataError, match="train is a list, expected LabeledTexts"):
        course_utils.tfidf_baseline(["good"], VALIDATION, TEST)


@pytest.mark.parametrize("texts", [["😀😂", "😡😢"], ["1 2", "3 4"]], ids=["emoji", "digits"])
def test_texts_without_a_word_to_count(texts):
    data = LabeledTexts(texts * 6, [1, 0] * 6)
    with pytest.raises(DataError, match="train hold no word of two letters or more, so TF-IDF"):
        course_utils.tfidf_baseline(data, data, data)


def test_the_strength_is_chosen_on_validation():
    """Noisy labels: weak regularisation learns the noise by heart; validation tells."""
    draw = np.random.default_rng(0)
    inputs, clean = draw.normal(0, 1, (60, 40)), draw.normal(0, 1, (300, 40))
    labels = (inputs[:, 0] + draw.normal(0, 1, 60) > 0).astype(int)
    strong = fit_linear(inputs, labels, clean, (clean[:, 0] > 0).astype(int))
    weak = fit_linear(inputs, labels, inputs, labels)
    assert strong.C < weak.C
    assert strong.score(clean, clean[:, 0] > 0) >= weak.score(clean, clean[:, 0] > 0)


def test_of_equal_strengths_the_stronger_is_taken():
    inputs, labels = np.array([[0.0], [1.0], [10.0], [11.0]]), [0, 0, 1, 1]
    assert fit_linear(inputs, labels, inputs, labels).C == 0.3


def test_frozen_vectors_of_the_real_encoder():
    """Sixteen reviews: the vectors of the checkpoint tell good from bad where words do not."""
    data = small_set()
    encoder = classifier().base_model
    vectors = course_utils.sentence_vectors(encoder, tokenizer(), data.texts)
    learned, judged = [0, 1, 2, 3, 8, 9, 10, 11], [4, 5, 6, 7, 12, 13, 14, 15]
    few, rest = data.take(learned), data.take(judged)
    parts = (vectors[learned], vectors[judged], vectors[judged])
    frozen = course_utils.vector_baseline("frozen", parts, few, rest, rest)
    assert frozen.accuracy >= 0.75


def test_texts_in_another_container_are_the_same_texts():
    frame = pd.DataFrame({"text": list("abcdef"), "label": [0, 1] * 3})
    answered = np.eye(2)[[0, 1] * 3]
    first = Evaluation("frame", LabeledTexts(frame["text"], frame["label"]), answered)
    second = Evaluation("lists", LabeledTexts(list("abcdef"), [0, 1] * 3), answered)
    assert course_utils.paired_bootstrap(first, second).value == 0


def test_each_core_predicts_its_own_batches_and_an_interrupt_stops_all(two_cores):
    """Also after an interrupt, torch has its threads back, and the model its mode."""
    model, seen = new_classifier().train(), []

    def stop(*_):
        seen.append(torch.get_num_threads())
        if len(seen) == 3:
            raise KeyboardInterrupt

    handle = model.register_forward_pre_hook(stop)
    threads = torch.get_num_threads()
    with pytest.raises(KeyboardInterrupt):
        course_utils.predict(model, tokenizer(), ["a film"] * 400, batch_size=4)
    assert len(seen) < 50 and set(seen) == {1}  # each batch had one core of the two
    assert torch.get_num_threads() == threads and model.training
    handle.remove()
    many = course_utils.predict(model, tokenizer(), small_set().texts, batch_size=3)
    one = course_utils.predict(model, tokenizer(), small_set().texts, batch_size=16)
    assert np.allclose(many, one, atol=1e-5)


def confused(names, pairs, each=4):
    """An evaluation with `each` texts of every label, all found but for (true, predicted) pairs."""
    labels = [label for label in range(len(names)) for _ in range(each)]
    predicted = list(labels)
    for true, answer in pairs:
        place = next(n for n, label in enumerate(labels) if label == true and predicted[n] == true)
        predicted[place] = answer
    data = LabeledTexts([f"text {n}" for n in range(len(labels))], labels, names)
    return Evaluation("mine", data, np.eye(len(names))[predicted])


def test_worst_confusions_are_sorted_and_counted():
    result = confused(("a", "b", "c"), [(2, 0), (1, 2), (2, 0), (0, 1), (2, 1)])
    table = result.worst_confusions()
    assert list(table.columns) == ["true", "predicted", "texts", "share"]
    rows = [("c", "a", 2, 0.5), ("a", "b", 1, 0.25), ("b", "c", 1, 0.25), ("c", "b", 1, 0.25)]
    assert [tuple(row) for row in table.to_numpy()] == rows
    assert [tuple(row) for row in result.worst_confusions(1).to_numpy()] == rows[:1]
    counts = result.confusion()
    assert all(counts.loc[row.true, row.predicted] == row.texts for row in table.itertuples())


def test_of_equally_many_the_larger_share_comes_first():
    data = LabeledTexts(list("abcde"), [0, 0, 0, 1, 2], ("x", "y", "z"))
    table = Evaluation("mine", data, np.eye(3)[[1, 0, 0, 2, 2]]).worst_confusions()
    assert [tuple(row) for row in table.to_numpy()] == [("y", "z", 1, 1), ("x", "y", 1, 0.333)]


def test_the_number_of_texts_counts_before_the_share():
    data = LabeledTexts(list("abcdefg"), [0, 0, 0, 0, 0, 0, 1], ("x", "y", "z"))
    table = Evaluation("mine", data, np.eye(3)[[1, 1, 0, 0, 0, 0, 2]]).worst_confusions()
    assert [tuple(row) for row in table.to_numpy()] == [("x", "y", 2, 0.333), ("y", "z", 1, 1)]


def test_worst_confusions_without_a_mistake():
    table = confused(("a", "b"), []).worst_confusions()
    assert table.empty and list(table.columns) == ["true", "predicted", "texts", "share"]


@pytest.mark.parametrize("n", [0, -1, 2.5, "3", None])
def test_a_number_of_confusions_that_is_none(n):
    with pytest.raises(DataError, match="^n=.*: expected a whole number of confusions, from 1 on"):
        confused(("a", "b"), []).worst_confusions(n)


def test_a_table_with_dollars_is_no_formula():
    """JupyterLab asks pandas whether it may look for formulas in a table."""
    with pd.option_context("display.html.use_mathjax", True):
        assert "mathjax_ignore" not in confused(("a", "b"), []).confusion()._repr_html_()
        result = confused(("$5 to $10", "b"), [(0, 1)])
        for make in (result.confusion, result.per_class, result.worst_confusions):
            pd.set_option("display.html.use_mathjax", True)
            assert "mathjax_ignore" in make()._repr_html_()
    with pd.option_context("display.html.use_mathjax", True):
        data = LabeledTexts(["win $100 or $200", "b"], [0, 1])
        errors = Evaluation("mine", data, np.eye(2)[[1, 1]]).largest_errors()
        assert "mathjax_ignore" in errors._repr_html_()


def test_labels_that_differ_are_told_and_not_all_150():
    names = tuple(f"intent {n}" for n in range(150))
    train = confused(names, []).data
    other = confused((*names[:149], "new"), []).data
    with pytest.raises(DataError) as caught:
        course_utils.majority_baseline(train, other)
    said = str(caught.value)
    assert "(only in the first: new; only here: intent 149)" in said and len(said) < 700
    with pytest.raises(DataError, match="the same in another order"):
        course_utils.majority_baseline(train, confused(names[::-1], []).data)
