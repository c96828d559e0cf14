"""What notebook 07 says in prose is what its data and its stored cells say."""

import ast
import builtins
import re
from functools import cache
from pathlib import Path

import nbformat
import pytest

import course_utils

ROOT = Path(__file__).resolve().parent.parent
SOLVED = ROOT / "notebooks" / "solutions" / "07_lets_practice.ipynb"
STUDENT = ROOT / "notebooks" / "07_lets_practice.ipynb"
both = pytest.mark.parametrize("path", [STUDENT, SOLVED], ids=["student", "solution"])
NUMBER = r"([-+]?\d+\.\d+)"


@pytest.fixture(scope="module")
def tickets(tmp_path_factory):
    export = course_utils.messy_export(tmp_path_factory.mktemp("tickets"))
    return course_utils.read_texts(export, text="text", label="topic", quiet=True)


@pytest.fixture(scope="module")
def parts(tickets):
    return course_utils.split(tickets, group="thread")


@pytest.fixture(scope="module")
def tfidf(parts):
    train, validation, _ = parts
    return course_utils.tfidf_baseline(train, validation, validation)


@cache
def prose(path) -> str:
    """All that a reader reads, in one line."""
    cells = nbformat.read(path, as_version=4).cells
    return " ".join(" ".join(c.source for c in cells if c.cell_type == "markdown").split())


def printed(path, code: str) -> str:
    """What the cell that holds `code` printed."""
    cells = nbformat.read(path, as_version=4).cells
    (cell,) = [c for c in cells if c.cell_type == "code" and code in c.source]
    return "".join(output.get("text", "") for output in cell.outputs)


def numbers(line: str, text: str) -> list:
    """The decimals of the line of `text` that begins with `line`."""
    (found,) = re.findall(rf"^{re.escape(line)}(.*)$", text, re.M)
    return [float(number) for number in re.findall(NUMBER, found)]


# --- the file and its parts ---


def test_of_2126_rows_95_percent_become_texts(tickets):
    assert "2,126 rows. How many become texts" in prose(STUDENT)
    assert len(tickets) == 2_033 and 0.94 < 2_033 / 2_126 < 0.97
    told = str(tickets.report)
    assert "2,126" in told and "2,033" in told


def test_half_of_the_test_texts_have_a_sister_unless_one_splits_by_thread(tickets):
    for group, least, most in ((None, 0.4, 0.6), ("thread", 0, 0)):
        train, _, test = course_utils.split(tickets, group=group)
        known = set(train.columns["thread"])
        assert least <= sum(x in known for x in test.columns["thread"]) / len(test) <= most


def test_the_parts_know_their_threads_and_film_is_rare(parts):
    _, validation, test = parts
    assert {part.group for part in parts} == {"thread"}
    assert validation.counts()["film"] == 7 and test.counts()["film"] == 12
    assert "the 7 film reviews" in prose(
        STUDENT
    ) and "12 test texts say little" in SOLVED.read_text("utf-8")


def test_words_alone_are_right_in_86_percent_and_miss_most_film_reviews(tfidf):
    assert "TF-IDF is right in about 86 %" in prose(STUDENT)
    assert round(100 * tfidf.accuracy) == 86 and tfidf.macro_f1 == pytest.approx(0.8, abs=0.02)
    assert tfidf.per_class().loc["film", "recall"] < 0.5


# --- what was printed when the notebooks were made ---


@both
def test_the_gain_by_thread_is_the_wider_one_and_may_be_next_to_nothing(path):
    said = printed(path, "alone = course_utils.paired_bootstrap")
    value, low, high = numbers("fine-tuned minus TF-IDF:", said)
    same, at_least, at_most = numbers("as if each text stood alone:", said)
    assert "by thread" in said and value == same and high - low > at_most - at_least
    assert at_least > 1 and -1 < low < 1 and high > 10
    text = prose(path)
    assert "probably better: by almost nothing, or by up to eleven points" in text


@both
def test_on_validation_each_interval_holds_the_others_accuracy(path):
    told = printed(path, "tell(course_utils.tfidf_baseline"), printed(path, "tell(on_validation)")
    found = [
        re.search(rf"{name}: {NUMBER} % .* by thread {NUMBER} to {NUMBER}\)", text).groups()
        for name, text in zip(("TF-IDF \\+ logistic regression", "BERT"), told, strict=True)
    ]
    (words, low, high), (ours, least, most) = (map(float, each) for each in found)
    assert low < ours < high and least < words < most
    film = [float(re.findall(rf"film found: {NUMBER}", text)[-1]) for text in told]
    assert film[1] > film[0]  # "The model finds more of the 7 film reviews."


@both
def test_of_twelve_film_reviews_words_alone_find_two(path):
    said = printed(path, "alone = course_utils.paired_bootstrap")
    assert f"film found: {100 * 2 / 12:.1f} %" in said and "it finds 2 film reviews of 12" in prose(
        path
    )


@both
def test_more_than_half_of_the_strangers_are_unsure_and_not_all(path):
    """Predict: (b)."""
    said = printed(path, 'table["unsure"]')
    counts = dict(re.findall(r"^(\w+): (\d+ of \d+) are unsure", said, re.M))
    unsure, strangers = map(int, counts["library"].split(" of "))
    assert strangers / 2 < unsure < strangers == 20
    unsure, news = map(int, counts["news"].split(" of "))
    on_test = printed(path, "on_test = course_utils.evaluate")
    answered = float(re.search(rf"{NUMBER} % get an answer", on_test).group(1))
    table = printed(SOLVED, "answered[threshold] = sure.mean()")
    on_validation = numbers("0.8:", table)[0]
    shares = f"13 % of test, {100 * unsure / news:.0f} % of this news"
    assert f"Unsure was {100 - on_validation:.0f} % of validation, {shares}" in prose(path)
    assert round(100 - answered) == 13
    assert f"87 % get an answer ({on_validation:.0f} % on validation)" in prose(path)


def test_the_threshold_of_the_answer_is_that_of_the_table():
    table = printed(SOLVED, "answered[threshold] = sure.mean()")
    right = {line[:3]: numbers(line[:3] + ":", table) for line in table.splitlines()}
    assert right["0.8"][1] >= 90 > right["0.7"][1]
    assert "with 0.8, 91 % of the answers are right on validation, and 94 % of the texts" in prose(
        SOLVED
    )
    assert [round(x) for x in right["0.8"]] == [94, 91] and round(right["0.7"][1]) == 89


@both
def test_the_whole_way_in_one_cell_needs_the_imports_alone(path):
    codes = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    (way,) = [code for code in codes if "course_utils.example_csv()" in code]
    names = [node for node in ast.walk(ast.parse(way)) if isinstance(node, ast.Name)]
    made = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    assert {node.id for node in names} - made - set(dir(builtins)) == {"course_utils"}
