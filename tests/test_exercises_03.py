"""The checks of notebook 03: solutions in several forms, the stub, and typical wrong answers."""

import math

import numpy as np
import pytest
import torch
from real_model import tokenizer

import course_utils
from course_utils.lessons.lesson_03 import exercises as lesson_03


def said(capsys, number, **answers) -> str:
    course_utils.check(number, **answers)
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def encoder():
    return course_utils.load_encoder("minilm")


@pytest.fixture(scope="module")
def examples(encoder):
    return course_utils.sense_vectors(encoder, tokenizer(), "cold")


def by_mean(vectors, known):
    return course_utils.similarity(vectors, known).mean()


def by_centre(vectors, known):
    return course_utils.similarity(vectors, known.mean(axis=0))


def by_nearest(vectors, known):
    return course_utils.similarity(vectors, known).max()


def by_distance(vectors, known):
    return -np.linalg.norm(known - vectors, axis=-1).mean()


@pytest.fixture
def answer(encoder, examples):
    """A function that makes a solution: which layer, how to compare, which one to take."""

    def make(layer, compare=by_mean, choose=max, other_layer=None):
        def sense_of(text):
            vectors = course_utils.context_vectors(encoder, tokenizer(), text, "cold")
            there = layer if other_layer is None else other_layer
            alike = {s: compare(vectors[layer], known[:, there]) for s, known in examples.items()}
            return choose(alike, key=alike.get)

        return sense_of

    return make


@pytest.mark.parametrize("layer", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("compare", [by_mean, by_centre, by_nearest, by_distance])
def test_any_later_layer_and_any_measure_will_do(layer, compare, answer, capsys):
    assert "✔ 8 of 8" in said(capsys, "3.2", sense_of=answer(layer, compare))


def test_new_sentences_are_new():
    known = [text for texts in course_utils.SENSES["cold"].values() for text in texts]
    assert not set(known) & set(lesson_03._COLD)
    assert set(lesson_03._COLD.values()) == set(course_utils.SENSES["cold"])


def test_embedding_is_told(answer, capsys):
    assert "row 0 is the embedding" in said(capsys, "3.2", sense_of=answer(0))


def test_the_less_similar_one_is_told(answer, capsys):
    text = said(capsys, "3.2", sense_of=answer(3, choose=min))
    assert "✘ Expected the sense that is *more* similar, found the other one in 8 of 8" in text


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (..., "Not answered yet: give `sense_of` a value."),
        (lambda text: ..., "Not answered yet: return the name of the sense"),
        (lambda text: 0.93, '✘ Expected "temperature" or "illness", found 0.93'),
        (lambda text: None, '✘ Expected "temperature" or "illness", found None'),
        (lambda text: "ill", "return the name of the sense"),
        (lambda text: "illness", '✘ For 8 new sentences, expected both senses, found only "ill'),
        (
            lambda text: "illness" if " a cold" in text.lower() else "temperature",
            "✘ Expected at least 7 of 8 new sentences to be right, found",
        ),
        (lambda text: 1 / 0, "✘ Your code stopped with ZeroDivisionError"),
        (lambda text: max(np.ones(2), np.zeros(2)), "✘ Expected one number where two are compared"),
        ("illness", "✘ Your code stopped with TypeError"),
    ],
)
def test_wrong_senses(attempt, message, capsys):
    assert message in said(capsys, "3.2", sense_of=attempt)


# --- a reader who cannot look ahead ---


def ahead(scores, diagonal=1):
    return torch.ones_like(scores).triu(diagonal=diagonal).bool()


def look_back(scores):
    return scores.masked_fill(ahead(scores), -math.inf).softmax(dim=-1)


def row_by_row(scores):
    shares = torch.zeros_like(scores)
    for place, row in enumerate(scores):
        shares[place, : place + 1] = row[: place + 1].softmax(dim=0)
    return shares


def by_where(scores):
    return torch.where(ahead(scores), torch.tensor(-1e9), scores).softmax(-1)


def renormed(scores):
    """Another way to the same shares: cut the shares, then make each row 1 again."""
    shares = scores.softmax(dim=-1).masked_fill(ahead(scores), 0)
    return shares / shares.sum(dim=-1, keepdim=True)


@pytest.mark.parametrize("solution", [look_back, row_by_row, by_where, renormed])
def test_no_look_ahead_in_any_spelling(solution, capsys):
    assert "✔ Each word sees itself" in said(capsys, "3.1", look_back=solution)


def in_place(scores):
    return scores.masked_fill_(ahead(scores), -math.inf).softmax(dim=-1)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (..., "Not answered yet: give `look_back` a value."),
        (lambda scores: ..., "Not answered yet: return the shares"),
        (in_place, "✘ Expected `scores` to stay as they were"),
        (lambda scores: None, "✘ Expected shares of shape (4, 4), found None"),
        (
            lambda scores: look_back(scores)[0],
            "shape (4, 4), found shape (4,)",
        ),
        (
            lambda scores: scores.masked_fill(ahead(scores, 0), -math.inf).softmax(dim=-1),
            "The first word must see itself",
        ),
        (lambda scores: scores.softmax(dim=-1), "the shares of a reader who sees all words"),
        (
            lambda scores: scores.masked_fill(ahead(scores), 0).softmax(dim=-1),
            "A 0 is a score like any other",
        ),
        (
            lambda scores: scores.masked_fill(ahead(scores).T, -math.inf).softmax(dim=-1),
            "✘ Expected 0 for each word ahead",
        ),
        (
            lambda scores: scores.softmax(dim=-1).masked_fill(ahead(scores), 0),
            "✘ Expected rows that add up to 1, found 0.25",
        ),
        (
            lambda scores: scores.masked_fill(ahead(scores), -math.inf).softmax(dim=0),
            "✘ Expected rows that add up to 1",
        ),
        (
            lambda scores: (2 * scores).masked_fill(ahead(scores), -math.inf).softmax(dim=-1),
            "other shares in rows that sum to 1",
        ),
        (lambda: None, "✘ Your code stopped with TypeError"),
    ],
)
def test_wrong_shares(attempt, message, capsys):
    assert message in said(capsys, "3.1", look_back=attempt)


@pytest.mark.parametrize("number", ["3.1", "3.2"])
def test_two_hints_each(number, capsys):
    for which in (1, 2):
        course_utils.show_hint(number, which)
        assert f"Hint {which} of 2" in capsys.readouterr().out
