"""What to look at before training: a table, and sentences."""

import re

import numpy as np
import pandas as pd
import pytest
import unigram_stand_in
from real_model import tokenizer

import course_utils
from course_utils import LabeledTexts
from course_utils.data.reports import padded_tokens
from course_utils.errors import DataError

WORDS = "one two three four five six seven eight nine ten eleven twelve".split()


def report_of(*parts, **options):
    return course_utils.data_report(*parts, **{"tokenizer": tokenizer()} | options)


def different(count: int) -> list:
    """Texts of three tokens each, [CLS] and [SEP] not counted; no two are near-copies."""
    return [f"{a} {b} {c}" for a in WORDS for b in WORDS for c in WORDS][:count]


# --- the table ---


def test_data_report():
    parts = [
        LabeledTexts(["one", "One ", "two words", "one!"], [0, 0, 1, 0], ("no", "yes"), "train"),
        LabeledTexts(
            ["ONE", "four more words here", "two words 2", "one 2"],
            [1, 1, 1, 0],
            ("no", "yes"),
            "test",
        ),
    ]
    table = report_of(*parts, max_length=4)
    assert list(table.index) == ["train", "test"]
    assert table.to_dict("list") == {
        "texts": [4, 4],
        "no": [3, 1],
        "yes": [1, 3],
        "median tokens": [4, 4],  # [CLS] and [SEP] are counted; 4.5 rounds to the even 4
        "longest": [4, 6],
        "% cut at 4": [0.0, 50.0],
        "% [UNK]": [0.0, 0.0],
        "contradictions": [0, 1],
        "copies": [1, 0],
        "near-copies": [1, 1],  # "one!" and "one 2": each is the second "one" in its part
        "in earlier parts": [0, 1],
        "nearly in earlier parts": [0, 2],
    }
    assert all("int" in str(table[column].dtype) for column in table if "%" not in column)


def test_it_is_shown_with_one_column_for_each_part():
    data = LabeledTexts(different(60), [0, 1] * 30, ("<no>", "yes"), "mine")
    report = report_of(*course_utils.split(data), max_length=4)
    lines = repr(report).splitlines()
    assert lines[0].split() == "mine, train mine, validation mine, test".split()
    assert lines[1].split() == ["texts", "44", "6", "10"]
    assert lines[-1] == report.notes[-1]
    shown = report._repr_html_()
    rows = [re.findall(r"<t[hd]>(.*?)</t[hd]>", row) for row in shown.split("<tr")[2:]]
    assert len(rows) == 12
    assert rows[1] == ["&lt;no&gt;", "22", "3", "5"]
    assert "<no>" not in shown and "<p>2 labels have fewer than 30 texts in mine, train" in shown
    assert isinstance(report.astype(object).T, pd.DataFrame)


def test_many_labels_do_not_make_many_columns():
    names = [f"topic {number}" for number in range(149)] + ["x" * 75]
    labels = [number % 149 for number in range(1490)] + [149] * 3 + [7]
    data = LabeledTexts(different(len(labels)), labels, names, "mine")
    report = report_of(data)
    assert len(report.columns) == 13
    facts = report.iloc[0]
    assert (facts["labels"], facts["most frequent"]) == (150, "topic 7 (11)")
    assert facts["rarest"] == "x" * 29 + "… (3)"
    (note,) = report.notes
    assert note.startswith(f"150 labels have fewer than 30 texts in mine: {'x' * 29}… (3), topic")
    assert note.endswith("and 145 more. That is little to learn from: bring more, or join labels.")
    assert len(note) < 250


def test_six_labels_are_counted_one_by_one():
    names = [f"topic {number}" for number in range(6)]
    labels = [number % 6 for number in range(12)]
    facts = report_of(LabeledTexts(different(12), labels, names, "mine")).iloc[0]
    assert "most frequent" not in facts and all(name in facts for name in names)


def test_data_report_of_headlines_finds_nothing_to_worry_about():
    report = report_of(*course_utils.load_headlines(quiet=True))
    assert report[["copies", "in earlier parts", "% cut at 64"]].to_numpy().sum() == 0
    assert report["median tokens"].between(8, 10).all()
    assert all("int" in str(report[column].dtype) for column in report if "%" not in column)
    assert report.notes == []
    assert list(report["nearly in earlier parts"]) == [0, 0, 1]  # it differs in a hyphen


def test_data_report_with_names_that_get_into_each_others_way():
    """Labels called like a column, and two parts of one name."""
    data = LabeledTexts(["a", "b"], [0, 1], ("texts", "longest"), "mine")
    report = report_of(data, data)
    assert list(report.index) == ["mine", "mine"]
    assert list(report["texts"]) == [2, 2]
    assert list(report["label texts"]) == list(report["label longest"]) == [1, 1]
    assert list(report["in earlier parts"]) == [0, 2]


@pytest.mark.parametrize("names", [("texts", "label texts"), ("label texts", "texts")])
def test_a_label_called_like_another_one_that_was_renamed(names):
    report = report_of(LabeledTexts(["a", "b", "c"], [0, 1, 1], names))
    counts = {names[0]: 1, names[1]: 2}
    assert report["label texts"].tolist() == [counts["label texts"]]
    assert report["label label texts"].tolist() == [counts["texts"]]
    assert report["texts"].tolist() == [3]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [((), "at least one part"), ((["a"],), "each part is a list, expected LabeledTexts")],
)
def test_data_report_of_something_else(parts, sentence):
    with pytest.raises(DataError, match=sentence):
        report_of(*parts)


# --- unknown signs ---


def test_letters_that_the_checkpoint_does_not_know():
    texts = ["这部电影真的很好看", "演技糟糕", "😂😂😂", "a good film"]
    report = report_of(LabeledTexts(texts, [1, 0, 1, 1], name="films"))
    tokens = [token for text in texts for token in tokenizer().tokenize(text)]
    share = 100 * tokens.count("[UNK]") / len(tokens)
    assert report["% [UNK]"].tolist() == [round(share, 1)]
    assert report.notes[0] == (
        f"{share:.0f} % of the tokens of films are [UNK]: this checkpoint cannot read your "
        "language or signs. Take a multilingual one, such as bert-base-multilingual-cased, or one "
        "that was made for your language."
    )


def test_a_few_unknown_signs_are_counted_only():
    report = report_of(LabeledTexts([*different(100), "😂"], [0, 1] * 50 + [0]))
    assert report["% [UNK]"].tolist() == [0.3]
    assert report.notes == []


def test_another_tokenizer_calls_them_otherwise():
    data = LabeledTexts(["a warm film", "这部"], [0, 1])
    report = report_of(data, tokenizer=unigram_stand_in.make_tokenizer())
    assert report["% <unk>"].item() > 0
    tokens = unigram_stand_in.make_tokenizer()
    tokens.unk_token = None
    assert report_of(data, tokenizer=tokens)["% [UNK]"].item() == 0


# --- lengths ---


def of_lengths(*lengths) -> LabeledTexts:
    """Texts of so many tokens, [CLS] and [SEP] included."""
    texts = [" ".join(["film"] * (length - 2)) for length in lengths]
    return LabeledTexts(texts, [0] * len(texts), ["all"], "mine")


def test_what_a_longer_max_length_would_cost():
    report = report_of(of_lengths(*[10] * 64, *[40] * 30, *[60] * 2), max_length=20)
    assert report["% cut at 20"].tolist() == [33.3]
    # Three batches of 32: two of length 10, one of 20, 40 or 60.
    assert report.notes[-1] == (
        "33 % of the texts of mine are cut at 20 tokens. max_length=40 would read 98 % of them "
        "whole, with 1.5 times the tokens; max_length=60 would read 100 % of them whole, with 2.0 "
        "times the tokens. The training time grows as much, or somewhat more."
    )


def test_texts_that_no_bert_reads_whole():
    data = of_lengths(*[100] * 31, *[900] * 33)
    (note,) = report_of(data, max_length=64).notes
    assert note.startswith("100 % of the texts of mine are cut at 64 tokens. max_length=512 would ")
    assert "read 48 % of them whole, with 8.0 times the tokens. The training" in note
    (note,) = report_of(data, max_length=512).notes
    assert note.endswith("are cut at 512 tokens. That is the most that a BERT can read.")


def test_one_in_twenty_may_be_cut():
    assert report_of(of_lengths(*[10] * 95, *[80] * 5), max_length=64).notes == []
    (note,) = report_of(of_lengths(*[10] * 94, *range(80, 86)), max_length=64).notes
    assert "max_length=80 would read 95 % of them whole" in note


def test_padded_tokens_are_those_of_the_batches():
    """The same as the batches that `fine_tune` and `predict` make."""
    from course_utils.model.batches import Batches

    lengths = np.random.default_rng(0).integers(3, 60, 100)
    batches = Batches(tokenizer(), of_lengths(*lengths).texts, max_length=40)
    computed = sum(batch["input_ids"].numel() for _, batch in batches)
    assert padded_tokens(lengths, 40) == computed


# --- rare labels, copies, contradictions ---


def test_a_rare_label_is_named():
    data = LabeledTexts(different(129), [0] * 100 + [1] * 29, ("often", "rare"), "mine")
    assert report_of(data).notes == [
        "1 label has fewer than 30 texts in mine: rare (29). That is little to learn from: bring "
        "more, or join labels."
    ]
    assert report_of(LabeledTexts(different(60), [0, 1] * 30)).notes == []


def test_one_text_five_times():
    data = LabeledTexts(["the same"] * 5 + ["another"], [0, 1] * 3, ("no", "yes"), "train")
    assert report_of(data)["copies"].tolist() == [4]


def test_copies_in_another_part_are_told():
    train = LabeledTexts(different(100), [0, 1] * 50, name="train")
    test = LabeledTexts([*different(3), "one one four!", "a", "b"], [0, 1, 0, 1, 0, 1], name="test")
    assert report_of(train, test).notes == [
        "3 texts of test stand in an earlier part, too, and 1 of test differ from one there only "
        "in digits or punctuation: a test on what was learned is not honest."
    ]


def test_contradictions_are_told():
    data = LabeledTexts([*different(100), "ONE one one"], [0, 1] * 50 + [1])
    report = report_of(data)
    assert report["contradictions"].tolist() == [2]
    assert report.notes == [
        "2 texts stand there with another label, too: no model can be right about both. Look at "
        "them, and decide."
    ]
