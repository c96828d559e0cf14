"""Checks of notebook 08: looking inside."""

import numpy as np

from course_utils.lessons.exercises import Unanswered, Wrong, exercise, judge_choice

TEXT = "not a bad film and not a dull one"
"""Some of its words stand there twice: hiding both at once is a mistake that shows."""


@exercise(
    "8.1",
    "test_of_claim",
    hints=(
        "The claim is about the *answer*: it would be another one for another word. Which of the "
        "three looks at answers?",
        "A weight says where a number came from. A probe says what a layer holds. To see whether "
        "the answer hangs on a word, change the word.",
    ),
)
def _test_of_claim(test_of_claim):
    judge_choice(
        test_of_claim,
        wrong={
            "a": "Expected a test of the answers, found more attention weights: they say where "
            "numbers came from, in ten reviews as in one.",
            "c": "Expected a test of the answers, found a probe: it says that a layer holds "
            "something, not that the model uses it.",
        },
    )
    return "Change the word, and look at the answers, of many reviews."


@exercise(
    "8.2",
    "importance",
    "model",
    "tokenizer",
    hints=(
        "One text for each word, each with one [MASK], and the whole text: give all to predict at "
        "once. To hide a word, change a *copy* of the list `words`, and join it with blanks.",
        "predict returns a row for each text, a column for each label. Column 1 is positive. The "
        "loss is the number of the whole text minus that of each changed one.",
    ),
)
def _importance(importance, model, tokenizer):
    if not callable(importance):
        raise Wrong(f"Expected a function, found a {type(importance).__name__}.")
    given = importance(model, tokenizer, TEXT)
    if given is ...:
        raise Unanswered("return one number for each word.")
    words = TEXT.split()
    found = _numbers(given, len(words))
    right, mistakes = _by_hand(model, tokenizer, words)
    distances = {message: np.abs(found - values).max() for message, values in mistakes.items()}
    distances[None] = np.abs(found - right).max()
    nearest = min(distances, key=distances.get)
    if distances[nearest] < 0.1 * np.abs(right).max():  # room for a GPU that calculates coarsely
        if nearest:
            raise Wrong(nearest)
        return f"{len(words)} words, {len(words)} numbers: this is occlusion, made by you."
    place = int(np.abs(found - right).argmax())
    raise Wrong(
        f"Expected {right[place]:+.4f} for word {place + 1}, '{words[place]}', found "
        f"{found[place]:+.4f}: is it the probability of positive of the whole text, minus that of "
        "the text with [MASK] in this place?"
    )


def _by_hand(model, tokenizer, words: list) -> tuple:
    """The right numbers for "8.2", and what some mistakes would give: message -> numbers."""
    from course_utils import predict

    def put(place, sign):
        return [*words[:place], *sign, *words[place + 1 :]]

    places = range(len(words))
    changed = {
        "right": [put(place, ["[MASK]"]) for place in places],
        "left out": [put(place, []) for place in places],
        "no brackets": [put(place, ["MASK"]) for place in places],
        "never put back": [["[MASK]"] * (place + 1) + words[place + 1 :] for place in places],
        "both places": [["[MASK]" if one == word else one for one in words] for word in words],
    }
    texts = [" ".join(words), *(" ".join(words) for each in changed.values() for words in each)]
    texts += [texts[0].replace(word, "[MASK]") for word in words]
    positive = predict(model, tokenizer, texts, quiet=True)[:, 1]
    whole, others = positive[0], np.split(positive[1:], len(changed) + 1)  # each (words,)
    right, left_out, no_brackets, never_back, both, replaced = (whole - one for one in others)
    twice = (
        "Expected one place to be hidden at a time, found that a word that stands there twice was "
        "hidden in both: change `words[i]`, not the text with `replace`."
    )
    return right, {
        "Expected the loss, whole text minus changed text, found the signs the other way round. "
        "(Or did you take column 0, the probability of negative? Positive is 1.)": -right,
        "Expected the *loss* of probability, found the probability of each changed text: subtract "
        "it from that of the whole text.": whole - right,
        "Expected one place to be hidden at a time, found that the words before stayed hidden: "
        "make a fresh copy, `list(words)`, for each place.": never_back,
        "Expected [MASK] in place of the word, found the text with the word left out.": left_out,
        "Expected [MASK] with its brackets, found MASK: only with them is it one token.": (
            no_brackets
        ),
        twice: both,
        f"{twice} (And `replace` also changes parts of longer words.)": replaced,
        "Expected numbers that differ, found 0 for every word: was the model given the changed "
        "text, or the whole one again?": np.zeros(len(words)),
    }


def _numbers(given, length: int) -> np.ndarray:
    """The answer as an array (words,)."""
    try:
        found = np.asarray([float(one) for one in given])
    except (TypeError, ValueError, RuntimeError):
        raise Wrong(
            f"Expected a list of {length} numbers, one for each word of text.split(), found "
            f"{given!r:.60}."
        ) from None
    if len(found) != length:
        raise Wrong(
            f"Expected {length} numbers, one for each word of text.split(), found {len(found)}."
        )
    return found
