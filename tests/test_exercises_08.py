"""The checks of notebook 08: each gets its solution, its stub, and wrong answers."""

import numpy as np
import pytest
import real_model
import torch

import course_utils


def said(capsys, number, **answers) -> str:
    course_utils.check(number, **answers)
    return capsys.readouterr().out


# --- 8.1 ---


@pytest.mark.parametrize("answer", ["b", "B", " b "])
def test_claim_is_praised(capsys, answer):
    assert said(capsys, "8.1", test_of_claim=answer).startswith("✔ Change the word")


def test_claim_not_answered(capsys):
    assert said(capsys, "8.1", test_of_claim=...).startswith("Not answered yet: ")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("a", "found more attention weights"),
        ("c", "found a probe"),
        ("d", 'Expected "a", "b" or "c", found \'d\'.'),
        (2, 'Expected "a", "b" or "c", found 2.'),
    ],
)
def test_claim_wrong(capsys, wrong, message):
    out = said(capsys, "8.1", test_of_claim=wrong)
    assert out.startswith("✘") and message in out


# --- 8.2 ---


def positive(model, tokenizer, texts):
    return course_utils.predict(model, tokenizer, texts, quiet=True)[:, 1]


def make_importance(hide, judge=positive):
    """The solution of the lesson; `hide` puts a fault into it."""

    def importance(model, tokenizer, text):
        words = text.split()
        texts = [text, *(hide(text, words, place) for place in range(len(words)))]
        found = judge(model, tokenizer, texts)
        return found[0] - found[1:]

    return importance


def mask(_text, words, place, sign="[MASK]"):
    return " ".join([*words[:place], sign, *words[place + 1 :]])


def one_by_one(model, tokenizer, text):
    """Another right answer: a list, text by text, with the model called by hand."""
    model.eval()
    found = []
    for changed in [text, *(mask(text, text.split(), i) for i in range(len(text.split())))]:
        with torch.no_grad():
            logits = model(**tokenizer(changed, return_tensors="pt").to(model.device)).logits
        found.append(torch.softmax(logits, dim=-1)[0, 1].item())
    return [found[0] - one for one in found[1:]]


def forgotten(model, tokenizer, text):
    """Never puts a word back."""
    words, texts = text.split(), [text]
    for place in range(len(words)):
        words[place] = "[MASK]"
        texts.append(" ".join(words))
    found = positive(model, tokenizer, texts)
    return found[0] - found[1:]


def logits(model, tokenizer, texts):
    probabilities = course_utils.predict(model, tokenizer, texts, quiet=True)
    return np.log(probabilities[:, 1] / probabilities[:, 0])


def check_importance(capsys, answer):
    model, tokenizer = real_model.classifier(), real_model.tokenizer()
    return said(capsys, "8.2", importance=answer, model=model, tokenizer=tokenizer)


RIGHT = make_importance(mask)


@pytest.mark.parametrize(
    "right",
    [RIGHT, one_by_one, lambda *given: torch.tensor(RIGHT(*given))],
    ids=["array", "one by one", "tensor"],
)
def test_importance_is_praised(capsys, right):
    out = check_importance(capsys, right)
    assert out == "✔ 9 words, 9 numbers: this is occlusion, made by you.\n"


@pytest.mark.parametrize("stub", [..., lambda model, tokenizer, text: ...])
def test_importance_not_answered(capsys, stub):
    assert check_importance(capsys, stub).startswith("Not answered yet: ")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda *given: -RIGHT(*given), "found the signs the other way round"),
        (make_importance(mask, lambda *a: 1 - positive(*a)), "the signs the other way round"),
        (forgotten, "found that the words before stayed hidden"),
        (make_importance(lambda t, w, i: " ".join(w[:i] + w[i + 1 :])), "the word left out"),
        (make_importance(lambda t, w, i: mask(t, w, i, "MASK")), "found MASK"),
        (make_importance(lambda t, w, i: t.replace(w[i], "[MASK]")), "parts of longer words"),
        (make_importance(lambda t, w, i: t), "found 0 for every word"),
        (make_importance(mask, logits), "is it the probability of positive"),
        (lambda *given: RIGHT(*given)[1:], "Expected 9 numbers"),
        (lambda *given: RIGHT(*given)[0], "Expected a list of 9 numbers"),
        (lambda *given: None, "found None"),
        (lambda text: [0.0], "Your code stopped with TypeError"),
        ([0.1] * 9, "Expected a function, found a list"),
    ],
)
def test_importance_wrong(capsys, wrong, message):
    out = check_importance(capsys, wrong)
    assert out.startswith("✘") and message in out


def test_both_places_hidden(capsys):
    def hide(_text, words, place):
        return " ".join("[MASK]" if word == words[place] else word for word in words)

    out = check_importance(capsys, make_importance(hide))
    assert "was hidden in both" in out and "parts of longer words" not in out


def test_the_changed_text_alone(capsys):
    def changed(model, tokenizer, text):
        return positive(model, tokenizer, [text])[0] - RIGHT(model, tokenizer, text)

    assert "Expected the *loss* of probability" in check_importance(capsys, changed)


def test_no_mistake_looks_like_another_one():
    """Each message belongs to numbers of its own: far from those that are right, and different."""
    from course_utils.lessons.lesson_08 import exercises as lesson_08

    words = lesson_08.TEXT.split()
    right, mistakes = lesson_08._by_hand(real_model.classifier(), real_model.tokenizer(), words)
    kinds = [right, *mistakes.values()]
    for number, one in enumerate(kinds):
        assert one.shape == (len(words),)
        for other in kinds[number + 1 :]:
            assert np.abs(one - other).max() > (0.2 if number == 0 else 0.1) * np.abs(right).max()
