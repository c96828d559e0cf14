"""How names are shown: on one line, short, each different from the others."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.data import display
from course_utils.data.display import END_ISOLATE, ISOLATE, LONGEST, shown_names, width

NAMES = st.lists(
    st.one_of(
        st.text(max_size=200),
        st.text("ab \n\u200b\u0301\u202e好ممت", max_size=120),
        st.integers(0, 10**6).map(lambda n: f"{'very ' * 12}long, number {n}, {'and more ' * 9}"),
    ),
    max_size=40,
    unique=True,
)


@given(NAMES, st.integers(16, 60))
@settings(max_examples=300, deadline=None)
def test_names_are_short_and_stay_different(names, longest):
    shown = shown_names(names, longest)
    assert len(set(shown)) == len(names)
    for name in shown:
        assert name and width(name) <= longest + 3  # a number of three digits
        assert name.count(ISOLATE) == name.count(END_ISOLATE) <= 1
        signs = name.strip(ISOLATE + END_ISOLATE)
        assert not any(unicodedata.category(sign) == "Cc" for sign in signs)
        assert "\u202e" not in signs and "\n" not in signs
        assert len(signs) <= display.MOST_SIGNS * (longest + 3)


def test_ordinary_names_are_as_they_are():
    names = [
        "negative",
        "C++ & C#",
        "$5 to $10",
        "_other",
        "<b>",
        "好评",
        "है",
        "नमस्ते",
        "👨‍👩‍👧",
        "🇩🇪",
    ]
    assert shown_names(names) == names
    assert shown_names(["b", "a", "b"]) == ["b", "a", "b"]  # the same name is no other one


def test_long_names_keep_both_ends():
    long = "Beschwerde über die Lieferung, die zu spät ankam"
    (shown,) = shown_names([long])
    assert shown == "Beschwerde über d…spät ankam" and width(shown) == LONGEST


def test_names_that_differ_in_the_middle_show_where():
    names = [f"complaints about the delivery of order {n}, which came too late" for n in range(3)]
    assert shown_names(names) == [
        "complaints about…e too late",
        "…f order 1, which came too …",
        "…f order 2, which came too …",
    ]


def test_names_with_nothing_to_see_get_a_number():
    assert shown_names(["", "\u200b", "a", "a\u200b"]) == [
        "(no name)",
        "(no name) (2)",
        "a",
        "a (2)",
    ]


def test_no_letter_is_parted_from_its_signs():
    for letter in ("कि", "e\u0301", "👨‍👩‍👧"):
        short = display.shorten(letter * 60, 20)
        assert short.replace("…", "").replace(letter, "") == ""
    assert len(display.shorten("a" + "\u0301" * 5_000)) <= display.MOST_SIGNS


def test_wide_letters_count_twice():
    assert width("好评 ok") == 7 and width("e\u0301") == 1
    assert width(shown_names(["好" * 80])[0]) <= LONGEST


def test_what_reads_to_the_left_is_set_apart():
    assert shown_names(["ممتاز", "שלום", "good"]) == [
        f"{ISOLATE}ممتاز{END_ISOLATE}",
        f"{ISOLATE}שלום{END_ISOLATE}",
        "good",
    ]
    assert shown_names(["abc\u202edef"]) == ["abcdef"]  # nobody turns what comes after the name


def test_a_list_of_many_names():
    assert display.listed(["a", "b"]) == "a, b"
    assert display.listed([f"n{i}" for i in range(2_000)], 2) == "n0, n1 and 1,998 more"


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (("code", "text"), ["code", "label text"]),
        (("text", "label text"), ["label label text", "label text"]),
        (("a", "b"), ["a", "b"]),
    ],
)
def test_columns_of_labels(names, columns):
    assert display.own_columns(names, "text", "word") == columns


def test_signs_of_markdown():
    assert display.in_markdown("fine-tuned BERT (run 2)") == "fine-tuned BERT (run 2)"
    assert display.in_markdown("R&D & &amp; $x$\n|") == r"R\&D & \&amp; @x@ \|".replace(
        "@", display.DOLLAR
    )
