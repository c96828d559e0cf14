"""The checks of notebook 03: solutions in several forms, the stub, and typical wrong answers."""

import numpy as np
import pytest
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
    assert "✔ 8 of 8" in said(capsys, "3.1", sense_of=answer(layer, compare))


def test_new_sentences_are_new():
    known = [text for texts in course_utils.SENSES["cold"].values() for text in texts]
    assert not set(known) & set(lesson_03._COLD)
    assert set(lesson_03._COLD.values()) == set(course_utils.SENSES["cold"])


def test_embedding_is_told(answer, capsys):
    assert "row 0 is the embedding" in said(capsys, "3.1", sense_of=answer(0))


def test_the_less_similar_one_is_told(answer, capsys):
    text = said(capsys, "3.1", sense_of=answer(3, choose=min))
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
    assert message in said(capsys, "3.1", sense_of=attempt)


# --- a question made of a text ---


def hide(words, place):
    question = list(words)
    question[place] = "[MASK]"
    return question, words[place]


def hide_by_slices(words, place):
    return [*words[:place], "[MASK]", *words[place + 1 :]], words[place]


def in_place(words, place):
    hidden = words[place]
    words[place] = "[MASK]"
    return words, hidden


def every_time(words, place):
    return ["[MASK]" if word == words[place] else word for word in words], words[place]


def lost_word(words, place):
    question = list(words)
    question[place] = "[MASK]"
    return question, question[place]


@pytest.mark.parametrize(
    "solution",
    [hide, hide_by_slices, lambda words, place: tuple(map(tuple, [hide(words, place)[0]])) +
     (words[place],)],
)  # fmt: skip
def test_question_in_any_spelling(solution, capsys):
    assert "✔ A question and its answer" in said(capsys, "3.2", hide_word=solution)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (..., "Not answered yet: give `hide_word` a value."),
        (lambda words, place: ..., "Not answered yet: return the new list and the hidden word"),
        (in_place, "✘ Expected `words` to stay as it was, found it changed"),
        (lambda words, place: hide(words, place)[0], "✘ Expected two things"),
        (lambda words, place: None, "✘ Expected two things, the new list and the hidden word, f"),
        (lambda words, place: hide(words, place)[::-1], "found them exchanged"),
        (
            lambda words, place: (" ".join(hide(words, place)[0]), words[place]),
            "✘ Expected a list of words as the question",
        ),
        (
            lambda words, place: ([*words[:place], *words[place + 1 :]], words[place]),
            "✘ Expected 10 entries in the new list, found 9",
        ),
        (lambda words, place: (list(words), words[place]), "found no word hidden"),
        (every_time, "the same word may stand at another place too"),
        (lambda words, place: hide(words, place - 1), "found the one at 0: Python counts from 0"),
        (
            lambda words, place: ([*words[:place], "___", *words[place + 1 :]], words[place]),
            "✘ Expected \"[MASK]\" at place 1, found '___'",
        ),
        (lost_word, "✘ Expected the hidden word \"warm\" as the answer, found '[MASK]'"),
        (lambda words: words, "✘ Your code stopped with TypeError"),
    ],
)
def test_wrong_questions(attempt, message, capsys):
    assert message in said(capsys, "3.2", hide_word=attempt)


@pytest.mark.parametrize("number", ["3.1", "3.2"])
def test_two_hints_each(number, capsys):
    for which in (1, 2):
        course_utils.show_hint(number, which)
        assert f"Hint {which} of 2" in capsys.readouterr().out
