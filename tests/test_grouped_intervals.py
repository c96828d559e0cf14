"""Intervals where texts belong together: of one customer, one thread, one article."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
from figure_form import catch_axes
from hypothesis import given, settings
from hypothesis import strategies as st
from real_model import new_classifier, small_set, tokenizer
from scipy.stats import binom

import course_utils
from course_utils import Difference, Evaluation, LabeledTexts
from course_utils.command import train as command
from course_utils.errors import DataError
from course_utils.judge.intervals import expanded_level, grouped_interval
from course_utils.look.figures import evaluation


def answers(correct, customers=None, name="method"):
    """An evaluation that is right where `correct` is True; all labels are 0."""
    texts, labels = [f"text {i}" for i in range(len(correct))], [0] * len(correct)
    known = {} if customers is None else {"customer": list(customers)}
    group = None if customers is None else "customer"
    data = LabeledTexts(texts, labels, columns=known, group=group)
    return Evaluation(name, data, np.eye(2)[np.where(correct, 0, 1)])


def bounds(difference):
    return difference.low, difference.high


def width(interval):
    return interval[1] - interval[0]


# --- the difference of two methods ---

right = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=5, max_size=60)
few_draws = settings(max_examples=25, deadline=None, derandomize=True)


@few_draws
@given(right)
def test_every_text_its_own_group_is_the_interval_without_groups(pairs):
    first, second = (answers(each) for each in zip(*pairs, strict=True))
    plain = course_utils.paired_bootstrap(first, second, resamples=200)
    alone = course_utils.paired_bootstrap(first, second, resamples=200, group=range(len(pairs)))
    assert bounds(alone) == bounds(plain) and alone == plain  # the same draws, too


@few_draws
@given(right, st.integers(2, 4))
def test_copies_in_one_group_tell_no_more_than_one_of_them(pairs, times):
    """Whole groups that answer alike: the interval is that of one text for each group."""
    one = [answers(each) for each in zip(*pairs, strict=True)]
    customers = np.repeat(np.arange(len(pairs)), times)
    many = [answers(np.repeat(each, times), customers) for each in zip(*pairs, strict=True)]
    found = course_utils.paired_bootstrap(*many, resamples=200)
    plain = course_utils.paired_bootstrap(*one, resamples=200)
    assert bounds(found) == pytest.approx(bounds(plain))
    assert found.value == pytest.approx(plain.value)


@few_draws
@given(right, st.randoms(use_true_random=False))
def test_the_names_of_groups_do_not_count_nor_the_order_within_them(pairs, chance):
    customers = sorted(chance.randrange(8) for _ in pairs)
    customers[:5] = range(-5, 0)
    first, second = (answers(each) for each in zip(*pairs, strict=True))
    named = [f"customer {each}" for each in customers]
    numbers = course_utils.paired_bootstrap(first, second, resamples=200, group=customers)
    names = course_utils.paired_bootstrap(first, second, resamples=200, group=named)
    assert bounds(numbers) == bounds(names)
    rows = sorted(range(len(pairs)), key=lambda row: (customers[row], chance.random()))
    mixed = [answers([pairs[row][which] for row in rows]) for which in (0, 1)]
    again = course_utils.paired_bootstrap(*mixed, resamples=200, group=customers)
    assert bounds(again) == bounds(numbers)


def enumerated(sums, sizes):
    """The exact interval: every way to draw as many groups as there are, each with its chance."""
    count, typical = len(sums) + 2, np.mean(sizes)
    sums, sizes = [*sums, typical, -typical], [*sizes, typical, typical]
    means, chances = [], []
    for drawn in itertools.combinations_with_replacement(range(count), count):
        times = np.bincount(drawn, minlength=count)
        ways = math.factorial(count) / np.prod([math.factorial(each) for each in times])
        means.append(times @ sums / (times @ sizes))
        chances.append(ways / count**count)
    order = np.argsort(means)
    below = np.cumsum(np.array(chances)[order])
    outside = (1 - expanded_level(count)) / 2
    ends = [np.searchsorted(below, edge) for edge in (outside, 1 - outside)]
    return [np.array(means)[order][end] for end in ends], np.array(means), np.array(chances)


@pytest.mark.parametrize(
    ("groups", "gains"),
    [
        ([0, 0, 0, 1, 1, 2, 3, 4], [1, 1, 1, 0, -1, 0, 1, 0]),
        ([0, 0, 1, 1, 2, 2, 3, 3, 4, 4], [1, 0, 1, 1, 0, 0, -1, 0, 1, 1]),
        ([0] * 6 + [1, 2, 3, 4], [1] * 6 + [0, -1, 0, 0]),
    ],
)
def test_small_cases_are_those_of_all_draws(groups, gains):
    first, second = np.array(gains) > 0, np.array(gains) < 0
    found = course_utils.paired_bootstrap(
        answers(first), answers(second), resamples=200_000, group=groups
    )
    sums = np.bincount(groups, np.array(first, float) - second)
    (low, high), means, chances = enumerated(sums, np.bincount(groups))
    assert chances.sum() == pytest.approx(1)
    assert found.value == pytest.approx(np.mean(gains))
    # An end of the interval may be any of the means about whose place the draws are not sure.
    for bound, exact in ((found.low, low), (found.high, high)):
        between = (means > min(bound, exact) + 1e-9) & (means < max(bound, exact) - 1e-9)
        assert chances[between].sum() < 4e-4, (bound, exact)


def test_groups_that_answer_alike_widen_it():
    """30 customers with four texts each; the first method is right on two of three customers."""
    customers = np.repeat(np.arange(30), 4)
    alike, second = customers % 3 > 0, np.zeros(120, bool)
    mixed = np.arange(120) % 3 > 0  # as many right ones, but spread over all customers
    by_text = course_utils.paired_bootstrap(answers(alike), answers(second))
    wide = course_utils.paired_bootstrap(answers(alike, customers), answers(second, customers))
    narrow = course_utils.paired_bootstrap(answers(mixed, customers), answers(second, customers))
    assert wide.value == narrow.value == by_text.value
    assert width(bounds(wide)) > 1.6 * width(bounds(by_text))
    assert width(bounds(narrow)) < 0.75 * width(bounds(wide))


def test_the_interval_by_group_holds_what_it_promises_and_that_by_text_does_not():
    """Two methods that are equally good, 40 customers, three texts each, all alike."""
    draw = np.random.default_rng(1)
    customers, held = np.repeat(np.arange(40), 3), {"group": 0, "text": 0}
    for _ in range(200):
        pair = [np.repeat(draw.random(40) < 0.7, 3) for _ in range(2)]
        for kind, group in (("group", customers), ("text", range(120))):
            found = course_utils.paired_bootstrap(*map(answers, pair), resamples=300, group=group)
            held[kind] += found.low <= 0 <= found.high
    assert held["group"] >= 183 and held["text"] <= 170


def test_a_column_may_stand_for_the_list():
    customers = [0, 0, 1, 2, 3, 4, 4, 5]
    correct = [True, True, False, True, True, False, False, True]
    first, second = answers(correct, customers), answers([True] * 8, customers)
    by_name = course_utils.paired_bootstrap(first, second, group="customer")
    assert by_name == course_utils.paired_bootstrap(first, second)  # the texts know their groups
    assert bounds(by_name) == bounds(
        course_utils.paired_bootstrap(answers(correct), answers([True] * 8), group=customers)
    )
    assert repr(by_name).endswith(")") and "(95 % interval by customer " in repr(by_name)


def test_a_text_without_a_group_is_one_of_its_own():
    correct, wrong = [True] * 4 + [False] * 4, [False] * 8
    missing = [None, "", float("nan"), "a", "a", "b", "b", "A "]
    numbers = [1, 2, 3, 4, 4, 5, 5, 4]
    assert bounds(
        course_utils.paired_bootstrap(answers(correct), answers(wrong), group=missing)
    ) == bounds(course_utils.paired_bootstrap(answers(correct), answers(wrong), group=numbers))


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ("custmer", r"^group='custmer': my texts has no such column .* Did you mean 'customer'\?"),
        ([1, 2, 3], "^group has 3 values for 8 texts: give one for each text"),
        (7, "^group is 7. Expected the name of a column, or a list"),
        ([1, 1, 1, 2, 2, 3, 3, 4], "^4 groups are too few to compare two methods: at least 5 are"),
        (["a"] * 8, "^1 groups are too few to compare"),
    ],
)
def test_groups_that_are_none_are_one_sentence(group, said):
    first = answers([True] * 8, [1, 1, 2, 3, 4, 5, 6, 7])
    with pytest.raises(DataError, match=said):
        course_utils.paired_bootstrap(first, first, group=group)


def test_one_of_two_that_knows_the_groups_is_enough():
    customers = np.repeat(np.arange(20), 3)
    right = customers % 3 > 0, customers % 4 > 0
    plain, by = [answers(each) for each in right], [answers(each, customers) for each in right]
    expected = course_utils.paired_bootstrap(*by, resamples=200)
    for pair in ((by[0], plain[1]), (plain[0], by[1])):
        found = course_utils.paired_bootstrap(*pair, resamples=200)
        named = course_utils.paired_bootstrap(*pair, resamples=200, group="customer")
        assert found == named == expected and found.by == "customer"


def test_two_that_were_split_by_different_groups_are_not_compared():
    customers = np.repeat(np.arange(20), 3)
    first, second = (
        answers(customers % 3 > 0, customers),
        answers(customers % 4 > 0, customers[::-1] // 2),
    )
    with pytest.raises(DataError, match=r"split by different groups \('customer' and 'customer'\)"):
        course_utils.paired_bootstrap(first, second)
    chosen = course_utils.paired_bootstrap(first, second, resamples=200, group=customers)
    assert chosen.by == "group"


def test_a_difference_tells_what_was_drawn():
    assert repr(Difference(0.05, -0.003, 0.104, "thread")) == (
        "+5.0 points (95 % interval by thread -0.3 to +10.4)"
    )


# --- one accuracy ---


@few_draws
@given(st.lists(st.booleans(), min_size=2, max_size=80))
def test_accuracy_of_texts_alone_has_wilsons_interval(correct):
    assert grouped_interval(correct, range(len(correct))) == pytest.approx(
        course_utils.accuracy_interval(sum(correct), len(correct)), abs=1e-9
    )


@few_draws
@given(st.lists(st.booleans(), min_size=5, max_size=40), st.integers(2, 4))
def test_copies_in_one_group_are_no_more_texts(correct, times):
    found = grouped_interval(np.repeat(correct, times), np.repeat(np.arange(len(correct)), times))
    low, high = course_utils.accuracy_interval(sum(correct), len(correct))
    assert found[0] <= low + 1e-9 and high - 1e-9 <= found[1]
    assert width(found) < 1.4 * (high - low) + 1e-9


@few_draws
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=60))
def test_an_interval_by_group_is_inside_0_and_1_and_holds_the_accuracy(rows):
    groups, correct = zip(*rows, strict=True)
    low, high = grouped_interval(correct, groups)
    by_text = course_utils.accuracy_interval(sum(correct), len(correct))
    assert 0 <= low <= np.mean(correct) + 1e-12 and np.mean(correct) - 1e-12 <= high <= 1
    assert high - low >= width(by_text) - 1e-9  # never the narrower one


def test_an_accuracy_by_hand():
    """Six groups of two texts: in four both are right, in one none, in one the first.

    9 of 12 are right. The hits are off 1.5 by 0.5 four times, by 1.5 once and by 0.5 once: squares
    3.5 in all, times 6 / 5, over 144: 0.02917. So these tell as much as 0.1875 / 0.02917 + 1 = 7.43
    texts, and 5.446 after the factor of t: (2.2010 / 2.5706) ** 2 = 0.7331.
    """
    correct = [True] * 8 + [False, False, True, False]
    few, share, z2 = 5.446, 0.75, 1.95996**2
    middle = (share + z2 / (2 * few)) / (1 + z2 / few)
    half = (z2 * (share * (1 - share) / few + z2 / (4 * few**2))) ** 0.5 / (1 + z2 / few)
    expected = middle - half, middle + half
    assert grouped_interval(correct, np.repeat(range(6), 2)) == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("share", [0.5, 0.75, 0.9])
@pytest.mark.parametrize("count", [6, 12, 40])
def test_coverage_where_all_of_a_group_answer_alike(count, share):
    """Summed over every result that may happen. By text, three alike each, far fewer hold it."""
    groups, held, naive = np.repeat(np.arange(count), 3), 0.0, 0.0
    for hits in range(count + 1):
        correct = np.repeat(np.arange(count) < hits, 3)
        low, high = grouped_interval(correct, groups)
        chance = binom.pmf(hits, count, share)
        held += chance * (low <= share <= high)
        low, high = course_utils.accuracy_interval(3 * hits, 3 * count)
        naive += chance * (low <= share <= high)
    assert held >= 0.93 and naive < held - 0.05


def drawn_tests(sizes, share: float, alike: float, times: int = 300):
    """Answers and groups of tests whose groups are right with different chances (a beta)."""
    rng, total = np.random.default_rng(7), 1 / alike - 1
    for _ in range(times):
        counts = sizes(rng)
        chances = rng.beta(share * total, (1 - share) * total, len(counts))
        groups = np.repeat(np.arange(len(counts)), counts)
        yield rng.random(len(groups)) < chances[groups], groups.tolist()


@pytest.mark.parametrize(
    ("sizes", "share", "fewest"),
    [
        (lambda rng: np.r_[60, np.full(20, 3)], 0.6, 0.95),
        (lambda rng: np.r_[60, np.full(20, 3)], 0.9, 0.95),
        (lambda rng: np.minimum(rng.zipf(1.6, 30), 200), 0.6, 0.93),
        (lambda rng: np.minimum(rng.zipf(1.6, 30), 200), 0.9, 0.93),
        (lambda rng: rng.geometric(0.1, 20), 0.6, 0.93),
    ],
    ids=["one large", "one large, often right", "zipf", "zipf, often right", "geometric"],
)
def test_coverage_where_groups_differ_in_size(sizes, share, fewest):
    intervals = [grouped_interval(*test) for test in drawn_tests(sizes, share, alike=0.1)]
    assert np.mean([low <= share <= high for low, high in intervals]) >= fewest


def test_the_groups_that_count_are_those_that_hold_the_texts():
    """All right: one group of 60 and 20 of 3 tell as much as 120**2 / (60**2 + 20 * 9) = 3.81."""
    groups = np.repeat(np.arange(21), [60, *[3] * 20])
    low, high = grouped_interval([True] * 120, groups)
    assert (low, high) == (pytest.approx(3.8095 / (3.8095 + 1.95996**2), abs=1e-4), 1)


@pytest.mark.parametrize("sizes", [[4] * 16, [30, *[2] * 17]], ids=["equal", "one large"])
def test_one_wrong_answer_never_lifts_the_lower_bound(sizes):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    lows = []
    for wrong in range(len(groups) + 1):  # from the last group to the first
        low, high = grouped_interval(np.arange(len(groups)) < len(groups) - wrong, groups)
        assert grouped_interval(np.arange(len(groups)) >= len(groups) - wrong, groups) == (
            pytest.approx((1 - high, 1 - low))
        )
        lows.append(low)
    assert lows[0] == max(lows)


def test_one_group_tells_next_to_nothing():
    low, high = grouped_interval([True] * 9 + [False], [0] * 10)
    assert high - low > 0.75
    assert grouped_interval([True] * 9, [0] * 9)[0] < 0.25


# --- the parts of a split know their groups, and what is measured on them says so ---


def grouped_texts():
    texts = [f"message {'abcdefghij'[i % 10]} {'klmnopqrst'[i // 10 % 10]} {i}" for i in range(300)]
    customers = [f"C-{i // 3}" for i in range(300)]
    return LabeledTexts(texts, [i % 2 for i in range(300)], columns={"customer": customers})


def test_parts_of_a_split_by_group_know_it():
    data = grouped_texts()
    for part in course_utils.split(data, group="customer"):
        assert part.group == "customer" and part.sample(10).group == "customer"
    listed = course_utils.split(data, group=[i // 3 for i in range(300)])
    assert all(part.group == "group" and len(part.columns["group"]) == len(part) for part in listed)
    assert all(part.group is None for part in course_utils.split(data))
    assert data.group is None


def test_a_list_of_groups_never_replaces_a_column():
    data = LabeledTexts(grouped_texts().texts, grouped_texts().labels, columns={"group": [1] * 300})
    parts = course_utils.split(data, group=[i // 3 for i in range(300)])
    assert {part.group for part in parts} == {"group_"}
    assert {value for part in parts for value in part.columns["group"]} == {1}


def test_a_group_without_its_column_is_refused():
    with pytest.raises(DataError, match="^group='customer': there is no such column"):
        LabeledTexts(["a", "b"], [0, 1], group="customer")


def test_an_evaluation_counts_groups_and_says_so():
    customers = np.repeat(np.arange(30), 4)
    alike = answers(customers % 3 > 0, customers)
    assert width(alike.interval) > 1.7 * width(answers(customers % 3 > 0).interval)
    assert "(95 % interval by customer " in repr(alike)
    assert alike.interval == grouped_interval(alike.correct, alike.groups)
    alone = answers([True, False] * 5, range(10))
    assert alone.by == "" and "by" not in repr(alone)
    assert alone.interval == course_utils.accuracy_interval(5, 10)


def test_figure_and_card_say_what_their_intervals_count(monkeypatch):
    drawn = catch_axes(monkeypatch, evaluation)
    customers = np.repeat(np.arange(30), 4)
    results = [answers(customers % 3 > 0, customers, name) for name in ("first", "second")]
    figure = course_utils.plot_accuracies(results)
    assert figure.summary.startswith("Accuracy (95 % intervals by customer): first 66.7 % (")
    _, axes = drawn[0]
    assert axes.get_xlabel() == "accuracy (%), with 95 % interval by customer"
    fields = dict.fromkeys(("name", "purpose", "not_for", "data", "result", "weak_spots"), "x")
    table = course_utils.model_card(fields, *results).markdown()
    assert "| accuracy % (95 % interval by customer) |" in table
    low, high = (100 * bound for bound in results[0].interval)
    assert f"66.7 ({low:.1f} to {high:.1f})" in table


def test_some_texts_of_an_evaluation():
    customers = np.repeat(np.arange(30), 4)
    result = answers(customers % 3 > 0, customers)
    sure = np.arange(120) % 2 == 0
    taken = result.take(sure)
    assert len(taken.data) == 60 and taken.by == "customer" and taken.name == result.name
    assert taken == result.take(np.flatnonzero(sure)) == result.take(list(range(0, 120, 2)))
    np.testing.assert_array_equal(taken.correct, result.correct[sure])
    with pytest.raises(DataError, match="^rows has 3 times True or False for 120 texts"):
        result.take([True, False, True])
    with pytest.raises(DataError, match="^No text is left"):
        result.take(np.zeros(120, bool))


OPTIONS = SimpleNamespace(language=None, class_weights=None, group="customer", time=None)


def parts_of_real_texts(group):
    data, rows = small_set(), list(range(16))
    columns = {"customer": [row // 2 for row in rows]}
    data = LabeledTexts(data.texts, data.labels, data.label_names, columns=columns, group=group)
    return data, data, data


def test_the_command_counts_groups(capsys):
    """`train --group`: what it prints and the card say by what the intervals are."""
    parts = parts_of_real_texts("customer")
    card, *_ = command._test(*(new_classifier(), tokenizer()), parts, "mine", "", OPTIONS, "")
    said = capsys.readouterr().out
    assert "BERT minus 'counting words (TF-IDF)': " in said
    assert said.count("(95 % interval by customer ") == 4
    assert "are right (95 % interval by customer " in card.fields["result"]


def test_the_command_with_few_groups_prints_no_interval_of_a_difference(capsys):
    data = parts_of_real_texts(None)[0]
    few = LabeledTexts(
        *(data.texts, data.labels, data.label_names),
        columns={"customer": [row // 4 for row in range(16)]},
        group="customer",
    )
    command._test(*(new_classifier(), tokenizer()), (few, few, few), "mine", "", OPTIONS, "")
    assert "BERT minus" not in capsys.readouterr().out
