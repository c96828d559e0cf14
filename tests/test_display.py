"""How names are shown: on one line, short, each different from the others."""

import re
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from real_model import classifier, tokenizer

import course_utils
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


# --- what somebody wrote is text, wherever it is shown ---

PRICES = "$5 and $10"
SCRIPT = "<script>alert(1)</script>"
ODD = f"{PRICES} {SCRIPT}"
OTHER = rf"\(x\) {SCRIPT}"


def odd_data():
    texts = [f"{ODD} {n}" for n in range(30)]
    return course_utils.LabeledTexts(texts, [0, 1] * 15, (ODD, OTHER), ODD)


def odd_evaluation():
    shares = np.random.default_rng(0).dirichlet(np.ones(2), 30)
    return course_utils.Evaluation(ODD, odd_data(), shares)


def odd_file(folder):
    """Repaired, left out and kept: one row each; a note; and a name of a file."""
    rows = "".join(f"{ODD} {n},{ODD}\nfine {n},{OTHER}\n" for n in range(10))
    rows += f"{ODD},{ODD.upper()}\n\0{ODD},$1 or $2\nlost \ufffd {ODD},{OTHER}\n"
    path = folder / "$5 and $10.csv"
    path.write_bytes(("text,label\n" + rows).encode())
    return course_utils.read_texts(path, quiet=True)


def odd_words():
    words = tuple(ODD.split())
    return course_utils.Attribution(
        words, np.linspace(-1, 1, len(words)), ODD, OTHER, 0.5, ODD, None
    )


HTML = {
    "what was read": lambda folder: odd_file(folder).report,
    "what was read, as a table": lambda folder: odd_file(folder).report.table(),
    "before training": lambda _: course_utils.data_report(odd_data(), tokenizer=tokenizer()),
    "before training, as a table": lambda _: course_utils.data_report(
        odd_data(), tokenizer=tokenizer()
    ).turned(),
    "texts": lambda _: odd_data().to_frame(),
    "confusion": lambda _: odd_evaluation().confusion(),
    "worst confusions": lambda _: odd_evaluation().worst_confusions(),
    "per class": lambda _: odd_evaluation().per_class(),
    "errors": lambda _: odd_evaluation().largest_errors(),
    "another word": lambda _: course_utils.counterfactual(
        classifier(), tokenizer(), ODD, "script", [PRICES, SCRIPT]
    ),
    "words": lambda _: odd_words(),
    "a figure": lambda _: course_utils.plot_confusion(odd_evaluation()),
}

VIEWS = {
    "prediction": lambda: course_utils.live_prediction(
        classifier(), tokenizer(), [ODD], words=True
    ),
    "tokens": lambda: course_utils.live_tokens(tokenizer(), ODD),
    "thresholds": lambda: course_utils.threshold_slider(odd_evaluation()),
}


def check_page(page: str):
    """No formula and no tag of somebody else's; the words themselves are there."""
    assert "<script" not in page and "&lt;" in page
    assert "mathjax_ignore" in page
    outside = re.sub(r"<(div|table)[^>]*mathjax_ignore.*</\1>", "", page, flags=re.S)
    assert "$" not in outside and "\\(" not in outside


@pytest.mark.parametrize("make", HTML.values(), ids=HTML)
def test_no_text_becomes_a_formula_or_a_tag(make, tmp_path):
    with pd.option_context("display.html.use_mathjax", True, "display.max_colwidth", 200):
        check_page(make(tmp_path)._repr_html_())


@pytest.mark.parametrize("make", VIEWS.values(), ids=VIEWS)
def test_no_text_becomes_a_formula_or_a_tag_in_a_view(make):
    check_page(make()._repr_mimebundle_()["text/html"])


def test_no_text_becomes_a_formula_or_a_tag_on_a_card():
    card = course_utils.model_card(
        {"name": ODD, "purpose": ODD, "data": OTHER, "personal_data": ODD}, odd_evaluation()
    )
    for page in (card._repr_markdown_(), card.markdown()):
        assert "$" not in page and not re.search(r"(?<!\\)(<script|\\\()", page)
        assert page.count(f"{display.DOLLAR}5 and {display.DOLLAR}10") == 4
        assert page.count("&lt;script>") == 4 and r"\<script\>" in page


def test_what_somebody_says_may_hold_markdown():
    said = "**not** for [this](https://a.b), `$x > b` & <https://c.d>; x > 3"
    assert display.said_in_markdown(said) == said
    assert display.said_in_markdown("a < b `$` $") == f"a &lt; b `$` {display.DOLLAR}"
    # Code with a tag becomes HTML's own: what Markdown takes for code depends on what is around it.
    assert display.said_in_markdown("`a <b> *`") == r"<code>a \<b\> \*</code>"


@pytest.mark.parametrize("said", [r"\(x\)", r"\\(x\\)", r"\[x\]", r"\begin{align}x\end{align}"])
def test_no_backslash_of_a_sentence_begins_a_formula(said):
    shown = display.said_in_markdown(said)
    assert not re.search(r"\\(\(|\[|begin)", shown) and display.BACKSLASH in shown


@pytest.mark.parametrize("cell", ["$5 or $6", r"\(x\)"])
def test_only_a_table_with_a_formula_changes_what_pandas_does(cell):
    for text, shown in ((cell, False), ("five", True)):
        with pd.option_context("display.html.use_mathjax", True):
            display.keep_dollars("a", text, 5)
            assert pd.get_option("display.html.use_mathjax") is shown
