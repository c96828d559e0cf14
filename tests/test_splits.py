"""Train, validation and test: which text lands where, and what never stands on two sides."""

import contextlib
import datetime
import io
import random
from collections import Counter
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import course_utils
from course_utils import LabeledTexts
from course_utils.data import copies, splits
from course_utils.data.dates import as_dates
from course_utils.data.strata import cut
from course_utils.errors import DataError

WORDS = (
    "amber bridge candle desert engine forest garden harbour island jacket kitchen ladder "
    "marble needle orange pencil quartz ribbon saddle tunnel umbrella valley window yellow zebra"
).split()


def sentences(count: int, start: int = 0) -> list:
    """Texts of three words each; no two of them are near-copies."""
    return [" ".join(words) for words in list(combinations(WORDS, 3))[start : start + count]]


def texts_of(*sizes, columns=None, name="mine") -> LabeledTexts:
    """Different texts: so many of the label "a", so many of "b", ..."""
    labels = [label for label, size in enumerate(sizes) for _ in range(size)]
    names = [chr(ord("a") + label) for label in range(len(sizes))]
    return LabeledTexts(sentences(len(labels)), labels, names, name, columns or {})


def sides(parts, key=lambda text: text) -> dict:
    """In which parts each key stands."""
    found = {}
    for number, part in enumerate(parts):
        for text in part.texts:
            found.setdefault(key(text), set()).add(number)
    return found


def error_of(*arguments, **options) -> str:
    with pytest.raises(DataError) as caught:
        course_utils.split(*arguments, **options)
    return str(caught.value)


# --- each text decides ---


@pytest.mark.parametrize(
    "same",
    ["I love this!", "i LOVE this!", "  I love\tthis!\n", "I love\u00a0this!", "I ｌｏｖｅ this！"],
)
def test_split_depends_on_the_words_only(same):
    assert splits.split_number(same) == 33


def test_split_numbers_are_spread_evenly():
    numbers = [splits.split_number(f"text {i}") for i in range(10_000)]
    assert set(numbers) == set(range(100))
    assert 0.73 < sum(number < 75 for number in numbers) / len(numbers) < 0.77


def test_of_many_texts_each_decides_alone():
    data = texts_of(400, 300)
    parts = course_utils.split(data)
    assert [part.name for part in parts] == ["mine, train", "mine, validation", "mine, test"]
    for part, low, high in zip(parts, (0, 75, 85), (75, 85, 100), strict=True):
        assert all(low <= splits.split_number(text) < high for text in part.texts)
        assert part.label_names == ("a", "b")
        assert list(part.texts) == [text for text in data.texts if text in set(part.texts)]
    assert course_utils.split(data, "yours")[2].name == "yours, test"


def test_every_text_once_and_copies_together():
    texts = [change(text) for text in sentences(300) for change in (str, str.upper, " {} ".format)]
    parts = course_utils.split(LabeledTexts(texts, [0, 1, 0] * 300))
    assert sorted(text for part in parts for text in part.texts) == sorted(texts)
    assert all(len(found) == 1 for found in sides(parts, splits.plain).values())


def test_the_first_of_several_copies_is_kept():
    data = LabeledTexts(["One", "two", " one ", "ONE", "Two!"], [0, 1, 0, 0, 1])
    kept = copies.without_copies(data)
    assert (kept.texts, kept.labels) == (("One", "two", "Two!"), (0, 1, 1))


def test_the_columns_come_along():
    data = texts_of(40, 40, columns={"row": list(range(80))})
    for part in course_utils.split(data):
        assert [data.texts[row] for row in part.columns["row"]] == list(part.texts)


# --- few texts of a label ---


@pytest.mark.parametrize(
    ("each", "expected"),
    [(3, (1, 1, 1)), (4, (2, 1, 1)), (10, (7, 1, 2)), (30, (22, 3, 5)), (40, (30, 4, 6))],
)
def test_few_texts_of_many_labels_are_shared_out(each, expected):
    parts = course_utils.split(texts_of(*[each] * 20))
    for part, size in zip(parts, expected, strict=True):
        assert set(part.counts().values()) == {size}


@pytest.mark.parametrize(("labels", "each"), [(77, 30), (150, 40)])
def test_many_labels_whose_texts_differ_in_numbers_only(labels, each, capsys):
    """Such texts are all near-copies of each other; here digits tell them apart, so they count."""
    data = LabeledTexts(
        [f"please do thing {i} variant {k}" for i in range(labels) for k in range(each)],
        [i for i in range(labels) for k in range(each)],
        [f"intent {i}" for i in range(labels)],
        "intents",
    )
    parts = course_utils.split(data)
    assert sum(len(part) for part in parts) == len(data)
    assert all(
        set(part.counts().values()) == {each * share // 100}
        for part, share in zip(parts[1:2], (10,), strict=True)
    )
    assert capsys.readouterr().out == (
        "intents: texts that differ only in digits, case or punctuation may stand on two sides; "
        "otherwise these labels would be missing from a part: 'intent 0', 'intent 1', "
        "'intent 2', 'intent 3', 'intent 4' "
        f"and {labels - 5} more.\n"
    )


def test_a_rare_label_is_shared_out_and_the_others_stay():
    data = texts_of(600, 12)
    parts = course_utils.split(data)
    assert [part.counts()["b"] for part in parts] == [9, 1, 2]
    for part, low, high in zip(parts, (0, 75, 85), (75, 85, 100), strict=True):
        assert all(
            low <= splits.split_number(text) < high
            for text, label in zip(part.texts, part.labels, strict=True)
            if label == 0
        )


def test_more_texts_move_few_of_the_old_ones():
    before = sides(course_utils.split(texts_of(60)))
    after = sides(course_utils.split(texts_of(70)))
    assert sum(after[text] != there for text, there in before.items()) <= 6


def test_too_few_texts_of_some_labels():
    texts = [*sentences(50), "one", "ONE", "one ", "two", "three", "four"]
    labels = [0] * 50 + [1] * 4 + [2] * 2
    data = LabeledTexts(texts, labels, ("a", "b", "c", "d"), "mine")
    assert error_of(data) == (
        "mine: each label needs 3 different texts at least, one for each part. These have fewer: "
        "'b' (4 texts, 2 different), 'c' (2 texts, 2 different), 'd' (0 texts, 0 different): bring "
        "more, about 30 of each label, or leave them out."
    )


def test_split_of_something_else():
    assert error_of(["a", "b"]).startswith("data is a list, expected LabeledTexts")


def test_by_something_else_than_the_text():
    data = texts_of(30, 30, columns={"key": [f"key {row // 2}" for row in range(60)]})
    for by in ("key", data.columns["key"], pd.Series(data.columns["key"])):
        parts = course_utils.split(data, by=by)
        keys = [set(part.columns["key"]) for part in parts]
        assert not keys[0] & keys[1] and not keys[0] & keys[2] and not keys[1] & keys[2]


# --- near-copies ---


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Order 17 is late", "order 1,234 is late!!"),
        ("re-drafted", "Re drafted"),
        ("你好！", "你好 2"),
        ("नमस्ते।", "नमस्ते"),
        ("😂 good", "😂… Good"),
    ],
)
def test_near_copies(text, other):
    assert copies.words_only(text) == copies.words_only(other) != ""


@pytest.mark.parametrize(
    ("text", "other"),
    [("5!", "6!"), ("!!!", "???"), ("so 😂", "so 😡"), ("नमस्ते", "नमस्ता"), ("", "1")],
)
def test_no_near_copies(text, other):
    assert copies.words_only(text) != copies.words_only(other)


def test_near_copies_stay_on_one_side(capsys):
    texts = [f"{text} {number}" for text in sentences(300) for number in (1, 22, 333)]
    parts = course_utils.split(LabeledTexts(texts, [0, 1, 1] * 300))
    assert all(len(found) == 1 for found in sides(parts, copies.words_only).values())
    assert capsys.readouterr().out == ""


def test_one_template_does_not_become_the_test():
    """A third of the texts are one, but for a number: they go to train."""
    texts = sentences(200) + [f"your parcel {number} is here" for number in range(100)]
    for draw in range(20):
        data = LabeledTexts([f"{text} {chr(97 + draw)}" for text in texts], [0] * 300, ["all"])
        train, validation, test = course_utils.split(data)
        assert sum("parcel" in text for text in train.texts) == 100
        assert len(validation) >= 15 and len(test) >= 22


# --- groups ---


def tickets(customers: int = 40, each: int = 15) -> LabeledTexts:
    count = customers * each
    draw = random.Random(3)
    return LabeledTexts(
        sentences(count),
        [draw.choice([0, 0, 0, 1, 1, 2]) for _ in range(count)],
        ("invoice", "login", "refund"),
        "tickets",
        {"customer": [f"C{row % customers}" for row in range(count)]},
    )


def test_all_texts_of_a_group_stand_on_one_side():
    data = tickets()
    parts = course_utils.split(data, group="customer")
    customers = [set(part.columns["customer"]) for part in parts]
    assert sum(len(found) for found in customers) == 40
    assert sum(len(part) for part in parts) == len(data)
    for label, total in data.counts().items():
        shares = [part.counts()[label] / total for part in parts]
        assert shares == pytest.approx((0.75, 0.10, 0.15), abs=0.08)
    for given_ in (tuple(data.columns["customer"]), pd.Series(data.columns["customer"])):
        assert course_utils.split(data, group=given_) == parts


def test_the_name_of_a_group_decides_and_not_its_texts():
    data = texts_of(400, columns={"customer": [f"C{row % 200}" for row in range(400)]})
    other = LabeledTexts(
        sentences(400, start=400), data.labels, data.label_names, "others", data.columns
    )
    parts, again = (course_utils.split(each, group="customer") for each in (data, other))
    assert [part.columns for part in parts] == [part.columns for part in again]
    assert [len(part) for part in parts] == [300, 40, 60]  # exactly, for a group may be large


def test_what_was_done_for_a_rare_label_is_not_undone():
    """Five of forty customers ask for a refund, all of them send invoices."""
    for salt in range(20):
        names = [f"{salt} {row % 40}" for row in range(400)] + [f"{salt} {row}" for row in range(5)]
        parts = course_utils.split(texts_of(400, 5), group=names)
        assert [part.counts()["b"] for part in parts] == [3, 1, 1]
        assert [part.counts()["a"] for part in parts] == pytest.approx([300, 40, 60], abs=20)


def test_groups_that_stand_somewhere_already_are_counted():
    """Three large customers have the rare label: then validation and test have enough of both."""
    names = [f"large {row % 3}" for row in range(180)] + [f"small {row}" for row in range(220)]
    parts = course_utils.split(texts_of(400, 3), group=[*names, "large 0", "large 1", "large 2"])
    assert [part.counts() for part in parts] == [
        {"a": 280, "b": 1},
        {"a": 60, "b": 1},
        {"a": 60, "b": 1},
    ]


def test_another_spelling_of_a_group_is_the_same_group():
    data = tickets()
    spellings = [
        f" {name.lower()}" if row % 2 else name for row, name in enumerate(data.columns["customer"])
    ]
    assert course_utils.split(data, group=spellings) == course_utils.split(data, group="customer")


def test_groups_that_share_a_text_are_one(capsys):
    data = tickets()
    texts = [
        f"Thanks, {row}!" if data.columns["customer"][row] in ("C1", "C2", "C3") and row < 40 else x
        for row, x in enumerate(data.texts)
    ]
    data = LabeledTexts(texts, data.labels, data.label_names, "tickets", data.columns)
    parts = course_utils.split(data, group="customer")
    where = [{"C1", "C2", "C3"} & set(part.columns["customer"]) for part in parts]
    assert sorted(map(len, where)) == [0, 0, 3]


def thankful(customers: int, thanks: str = "Thanks!") -> LabeledTexts:
    """Tickets, where the first text of so many customers is the same."""
    data = tickets()
    texts = [thanks.format(row) if row < customers else x for row, x in enumerate(data.texts)]
    return LabeledTexts(texts, data.labels, data.label_names, "tickets", data.columns)


def test_a_text_that_nearly_everybody_writes_ties_their_groups(capsys):
    parts = course_utils.split(thankful(38), group="customer")
    assert [len(part) for part in parts] == [570, 15, 15]
    assert capsys.readouterr().out == (
        "tickets: 38 groups share texts, so they count as one, which holds 95 % of the texts. "
        "38 of them have 'Thanks!': leave such texts out before you split.\n"
    )
    assert "'refund' (95 texts, 1 groups)" in error_of(thankful(40), group="customer")
    assert "tickets: 40 groups share texts" in capsys.readouterr().out
    parts = course_utils.split(thankful(40, "Thanks, {}!"), group="customer")
    assert len(parts[0]) < 500  # near-copies alone are no reason to give up
    assert "'refund'" in capsys.readouterr().out


def test_texts_without_a_group_stand_alone(capsys):
    values = [None, float("nan"), pd.NA, pd.NaT, "", " "] * 10 + ["Nan"] * 60
    parts = course_utils.split(texts_of(120), group=values)
    assert capsys.readouterr().out == (
        "mine: 60 texts have no group; each counts as a group of its own.\n"
    )
    assert len(parts[0]) > 60  # those of Nan are one large group, the others are shared out
    last = sentences(60, 60)
    assert {frozenset(sides(parts)[text]) for text in last} == {frozenset({0})}


def test_a_label_of_too_few_groups():
    data = texts_of(
        60,
        30,
        30,
        columns={"customer": [f"C{row % 20}" for row in range(60)] + ["X", "Y"] * 15 + ["Z"] * 30},
        name="tickets",
    )
    assert error_of(data, group="customer") == (
        "tickets: each label needs texts of 3 groups (those that share a text count as one) at "
        "least, one for each part. These have fewer: 'b' (30 texts, 2 groups), 'c' (30 texts, 1 "
        "groups): bring texts of other groups, leave these labels out, or split without group."
    )


def test_groups_and_labels_that_are_entangled():
    """The first order of the groups will not do; another one does."""
    for salt in range(40):
        rows = [("a", 1), ("a", 2), ("a", 3), ("b", 4), ("b", 5), ("b", 6)]
        rows += [("c", 1), ("c", 4), ("c", 7)]
        names = [f"{salt} {number}" for _, number in rows]
        data = LabeledTexts(sentences(9), ["abc".index(x) for x, _ in rows], tuple("abc"))
        for part in course_utils.split(data, group=names):
            assert set(part.counts().values()) == {1}


def test_groups_that_cannot_be_put_anywhere():
    """Each two of four groups would have to be apart, and there are three parts."""
    rows = [(label, group) for label in range(4) for group in range(4) if group != label]
    data = LabeledTexts(sentences(12), [label for label, _ in rows], tuple("abcd"), "mine")
    message = error_of(data, group=[f"group {group}" for _, group in rows])
    assert message.startswith("mine: no way was found to bring these labels into each part without")


# --- by time ---


def dated(count: int = 200) -> LabeledTexts:
    first = datetime.date(2024, 1, 1)
    days = [str(first + datetime.timedelta(days=row)) for row in range(count)]
    order = random.Random(1).sample(range(count), count)
    data = LabeledTexts(sentences(count), [0, 1] * (count // 2), name="mine")
    data = LabeledTexts(data.texts, data.labels, name="mine", columns={"created": days})
    return data.take(order)


def test_the_newest_texts_are_the_test():
    data = dated()
    parts = course_utils.split(data, time="created")
    assert [len(part) for part in parts] == [150, 20, 30]
    ends = [(min(part.columns["created"]), max(part.columns["created"])) for part in parts]
    assert ends[0][1] < ends[1][0] and ends[1][1] < ends[2][0]
    given_ = pd.to_datetime(pd.Series(data.columns["created"]))
    for dates in (given_, given_.tolist(), given_.to_numpy(), [day.date() for day in given_]):
        assert course_utils.split(data, time=dates) == parts


def test_texts_of_the_same_moment_stay_together():
    data = dated()
    months = [day[:7] for day in data.columns["created"]]  # 31, 29, 31, 30, 31, 30, 18 texts
    parts = course_utils.split(data, time=months)
    assert [len(part) for part in parts] == [152, 30, 18]


def test_later_copies_are_left_out_and_counted(capsys):
    data = dated()
    order = np.argsort(data.columns["created"])
    texts = list(data.texts)
    for place in (190, 191):
        texts[order[place]] = f"{texts[order[0]]} {place}!".upper()
    texts[order[155]] = texts[order[3]]
    texts[order[2]] = texts[order[3]]  # two in train: they may stay
    copied = LabeledTexts(texts, data.labels, name="mine", columns=data.columns)
    parts = course_utils.split(copied, time="created")
    assert [len(part) for part in parts] == [150, 19, 28]
    assert capsys.readouterr().out == (
        "mine: 1 of 20 texts left out of validation: copies or near-copies of older texts.\n"
        "mine: 2 of 30 texts left out of test: copies or near-copies of older texts.\n"
    )


def test_only_copies_are_left():
    data = LabeledTexts([f"again {i}" for i in range(9)], [0, 1, 0] * 3, name="mine")
    message = error_of(data, time=[f"2024-01-0{i}" for i in range(1, 10)])
    assert message.startswith("mine: each text of validation is a copy or near-copy of an older on")


def test_labels_that_come_and_go(capsys):
    data = texts_of(150, 20, 30)
    days = pd.date_range("2024-01-01", periods=200)
    assert error_of(data, time=days) == (
        "mine: no text of 'b', 'c' is among the oldest 75 %, so it cannot be learned: leave this "
        "label out, or split without time."
    )
    course_utils.split(data, time=[*days[-50:], *days[:150]])
    assert capsys.readouterr().out == (
        "mine: validation has no text of 'b', 'c'.\nmine: test has no text of 'b', 'c'.\n"
    )


def test_too_few_moments():
    message = error_of(texts_of(10), time=["2024-01-01"] * 5 + ["2024-01-02"] * 5)
    assert message == (
        "mine: the texts are of 2 different moments; three parts need at least three."
    )


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-03-01", "2024-03-01"),
        ("2024/3/1", "2024-03-01"),
        ("20240301", "2024-03-01"),
        ("2024-03", "2024-03-01"),
        ("2015-02-24 11:35:52 -0800", "2015-02-24 19:35:52"),
        ("2024-03-01T10:11:12Z", "2024-03-01 10:11:12"),
        ("1.3.2024", "2024-03-01"),
        ("01.03.24 14:05", "2024-03-01 14:05"),
        ("31/3/2024 5:07 PM", "2024-03-31 17:07"),
        ("3/31/24", "2024-03-31"),
        ("31-Mar-24", "2024-03-31"),
        ("Mar 1, 2024", "2024-03-01"),
        ("1 March 2024 10:30", "2024-03-01 10:30"),
        ("Tue Feb 24 11:35:52 +0000 2015", "2015-02-24 11:35:52"),
        ("Sat, 28 Nov 2026 06:39:58 +0100", "2026-11-28 05:39:58"),
    ],
)
def test_dates_as_people_write_them(written, day):
    assert as_dates([written], "created") == [pd.Timestamp(day, tz="UTC")]


def test_one_date_settles_the_order_of_all():
    assert as_dates(["1/2/2024", "13/2/2024"], "x")[0] == pd.Timestamp("2024-02-01", tz="UTC")
    assert as_dates(["1/2/2024", "2/13/2024"], "x")[0] == pd.Timestamp("2024-01-02", tz="UTC")
    assert as_dates(["1/1/2024"], "x") == [pd.Timestamp("2024-01-01", tz="UTC")]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (["3/3/2024", "1/3/2024"], "created: is '1/3/2024' day/month/year or month/day/year? No "),
        (["13/3/2024", "3/13/24"], "created: in '13/3/2024' the day stands first, in '3/13/24' th"),
        (["2024-01-31", "soon"], "created: 1 of 2 texts has no date ('soon'), the first one is t"),
        (["", None, pd.NaT], "created: 3 of 3 texts have no date, the first one is text 0 (count"),
        (["10:30"], "created: 1 of 1 texts has no date ('10:30'), the first one is text 0"),
        (["May"], "created: 1 of 1 texts has no date ('May'), the first one is text 0"),
        ([45000, 45001.5], "created: 2 of 2 texts have no date ('45000'), the first one"),
        (["1424806552"], "created: 1 of 1 texts has no date ('1424806552'), the first one"),
        (["2024-13-45"], "created: 1 of 1 texts has no date ('2024-13-45'), the first one"),
        (["31/31/2024"], "created: in '31/31/2024' the day stands first, in '31/31/2024' the mon"),
    ],
)
def test_dates_that_would_be_a_guess(values, sentence):
    with pytest.raises(DataError) as caught:
        as_dates(values, "created")
    assert str(caught.value).startswith(sentence)
    assert "2024-01-31" in str(caught.value)


# --- what is refused ---


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"group": "customer", "time": "day"},
            "A split can go by one thing at a time: choose one of group='customer' and time='day'.",
        ),
        (
            {"by": ["a"], "group": "customer"},
            "A split can go by one thing at a time: choose one of by=\"['a']\" and group='custo",
        ),
        (
            {"group": "costumer"},
            "group='costumer': mine has no such column beside texts and labels; it has 'customer', "
            "'day'. Did you mean 'customer'?",
        ),
        (
            {"group": "CUST"},
            "group='CUST': mine has no such column beside texts and labels; it has 'customer', "
            "'day'. Did you mean 'customer'?",
        ),
        ({"time": ["2024-01-01"]}, "time has 1 values for 40 texts: give one for each text."),
        ({"by": {"a": 1}}, "by is a dict: give what it holds"),
        ({"group": 3}, "group is 3. Expected the name of a column, or a list."),
        ({"group": pd.DataFrame()}, "group is a DataFrame: take one column of it"),
    ],
)
def test_arguments_that_do_not_fit(options, sentence):
    data = texts_of(20, 20, columns={"customer": ["a"] * 40, "day": ["2024-01-01"] * 40})
    assert error_of(data, **options).startswith(sentence)


def test_a_long_name_of_a_column_may_be_cut(capsys):
    asked = "Wann war das, und wie lange hat es gedauert?"
    days = [f"2024-01-{row % 9 + 1:02}" for row in range(40)]
    data = texts_of(20, 20, columns={asked: days, "wa": [""] * 40})
    for way in ("group", "time"):
        parts = course_utils.split(data, **{way: "Wann war da…"})
        assert [p.texts for p in parts] == [
            p.texts for p in course_utils.split(data, **{way: asked})
        ]
        assert capsys.readouterr().out == f"'Wann war da…' is the column '{asked}'.\n"
    assert course_utils.split(data, group="Wann war da…")[0].group == asked
    assert error_of(data, group="wan").endswith(f"Did you mean '{asked}'?")


def test_a_column_of_texts_without_columns():
    assert error_of(texts_of(40), group="customer") == (
        "group='customer': mine has no such column beside texts and labels; it has no columns."
    )


# --- whatever comes ---

TEXTS = st.text("ab B1!é你\u0301😂", min_size=1, max_size=4)
ROWS = st.lists(st.tuples(TEXTS, st.integers(0, 2), st.integers(0, 12)), min_size=9, max_size=90)


def parts_of(rows, grouped: bool, order=None):
    """Which part each row lands in; None if it is refused."""
    rows = rows if order is None else [rows[place] for place in order]
    data = LabeledTexts(
        [text for text, _, _ in rows],
        [label for _, label, _ in rows],
        tuple("xyz"),
        columns={"row": list(range(len(rows))) if order is None else order},
    )
    groups = [f"group {group}" for _, _, group in rows]
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            parts = course_utils.split(data, **({"group": groups} if grouped else {}))
    except DataError as problem:
        return str(problem)
    if not said.getvalue():
        assert all(len(found) == 1 for found in sides(parts, copies.words_only).values())
    found = sorted(
        (row, number) for number, part in enumerate(parts) for row in part.columns["row"]
    )
    assert [row for row, _ in found] == list(range(len(rows)))  # each row in exactly one part
    return [number for _, number in found]


@settings(max_examples=300, deadline=None)
@given(rows=ROWS, grouped=st.booleans(), seed=st.integers(0, 99))
def test_no_copy_and_no_group_stands_on_two_sides(rows, grouped, seed):
    found = parts_of(rows, grouped)
    order = random.Random(seed).sample(range(len(rows)), len(rows))
    assert parts_of(rows, grouped, order) == found  # in any order of the rows
    if isinstance(found, str):
        assert "each label needs" in found or "no way was found" in found
        return
    for key in ("text", "group")[: 1 + grouped]:
        there = {}
        for (text, _, group), number in zip(rows, found, strict=True):
            there.setdefault(splits.plain(text) if key == "text" else group, set()).add(number)
        assert all(len(numbers) == 1 for numbers in there.values())
    for label in range(3):
        assert {x for x, row in zip(found, rows, strict=True) if row[1] == label} == {0, 1, 2}


@settings(max_examples=200, deadline=None)
@given(sizes=st.lists(st.integers(1, 50), min_size=3, max_size=60))
def test_three_parts_are_never_empty_and_nearly_right(sizes):
    first, second = cut(sizes)
    assert 1 <= first < second < len(sizes)
    wanted, largest = 0.75 * sum(sizes), max(sizes)
    assert abs(sum(sizes[:first]) - wanted) <= largest or len(sizes) < 10


def test_groups_grow_along_chains():
    assert len(set(copies.tied("abcd", "xxyz", "1233"))) == 2
    assert Counter(copies.tied("aab", "xyz")) == Counter({0: 2, 1: 1})


def test_columns_of_groups_and_dates_are_found_in_any_capitals():
    texts = sentences(60)
    days = [f"2024-03-{1 + n % 28:02}" for n in range(60)]
    columns = {"Customer": [f"c{n % 20}" for n in range(60)], "Day": days}
    data = LabeledTexts(texts, [n % 2 for n in range(60)], ("a", "b"), "my", columns)
    for way, named, column in (("group", "customer ", "Customer"), ("time", "DAY", "Day")):
        found, same = (splits.split(data, **{way: name}) for name in (named, column))
        assert [part.texts for part in found] == [part.texts for part in same]
        assert [part.group for part in found] == [part.group for part in same]
