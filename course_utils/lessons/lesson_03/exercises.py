"""Checks of notebook 03: which cold, and a question made of a text."""

from course_utils.lessons.exercises import Unanswered, Wrong, exercise, shortened
from course_utils.model.checkpoints import load_encoder, load_tokenizer

# Not among the examples, and clear: each is nearer to its own sense in every layer from 2 on.
_COLD = {
    "The cold kept her at home with a runny nose.": "illness",
    "The water is too cold for a bath.": "temperature",
    "She went to the doctor because of a bad cold.": "illness",
    "It was cold and windy in the mountains.": "temperature",
    "My sister gave me her cold.": "illness",
    "The night was cold and the ground was frozen.": "temperature",
    "He has had a cold for three days.": "illness",
    "Our hands were cold after the walk in the snow.": "temperature",
}

_ENOUGH = 7


@exercise(
    "3.1",
    "sense_of",
    hints=(
        "`vectors[3]` is the vector after layer 3. The same layer of all examples of one sense: "
        "`examples[sense][:, 3]`. `course_utils.similarity` compares the one with the others.",
        "For each sense, take the mean: `course_utils.similarity(vectors[3], "
        "examples[sense][:, 3]).mean()`. Return the sense with the larger one.",
    ),
)
def which_cold(sense_of):
    """A new sentence belongs to the sense whose examples are nearest, in some layer."""
    found = [sense_of(text) for text in _COLD]
    if all(answer is ... for answer in found):
        raise Unanswered("return the name of the sense in place of `...`.")
    expected = list(_COLD.values())
    for answer in found:
        if not isinstance(answer, str) or answer not in expected:
            raise Wrong(
                f'Expected "temperature" or "illness", found {shortened(answer)}: return the '
                "name of the sense, not its similarity."
            )
    if len(set(found)) == 1:
        raise Wrong(
            f'For {len(found)} new sentences, expected both senses, found only "{found[0]}": does '
            "your function compare the sentence that it was given?"
        )
    right = sum(one == other for one, other in zip(found, expected, strict=True))
    if right <= len(found) - _ENOUGH:
        raise Wrong(
            f"Expected the sense that is *more* similar, found the other one in "
            f"{len(found) - right} of {len(found)} new sentences: max or min?"
        )
    if found == _by_embedding():
        raise Wrong(
            f"Expected at least {_ENOUGH} of {len(found)} new sentences to be right, found "
            f"{right}: row 0 is the embedding, which knows nothing of the sentence. Take a later "
            "row."
        )
    if right < _ENOUGH:
        missed = next(text for text, answer in zip(_COLD, found, strict=True)
                      if answer != _COLD[text])  # fmt: skip
        raise Wrong(
            f"Expected at least {_ENOUGH} of {len(found)} new sentences to be right, found "
            f'{right}. One that is not: "{missed}" Do both sides come from the same layer?'
        )
    return f"{right} of {len(found)} new sentences are right, and no weight was trained for this."


def _by_embedding() -> list:
    """What one answers who compares row 0, by the mean similarity."""
    from course_utils.lessons.lesson_03.senses import sense_vectors
    from course_utils.look.context import context_vectors, similarity

    encoder, tokenizer = load_encoder(), load_tokenizer()
    examples = sense_vectors(encoder, tokenizer, "cold")
    answers = []
    for text in _COLD:
        row = context_vectors(encoder, tokenizer, text, "cold")[0]
        alike = {
            sense: similarity(row, vectors[:, 0]).mean() for sense, vectors in examples.items()
        }
        answers.append(max(alike, key=alike.get))
    return answers


_WORDS = ["a", "warm", "and", "funny", "film", ",", "and", "a", "short", "one"]


@exercise(
    "3.2",
    "hide_word",
    hints=(
        "`list(words)` makes a new list with the same words. Then change one place of it.",
        'After `question = list(words)`, write `question[place] = "[MASK]"`. Return both: '
        "`return question, words[place]`.",
    ),
)
def make_a_question(hide_word):
    """A copy of the words with one of them hidden, and the hidden word."""
    for place in (1, 6, 9, 0):
        _judge_question(hide_word, place)
    return "A question and its answer, made of nothing but text. BERT got billions of them."


def _judge_question(hide_word, place):
    words = list(_WORDS)
    found = hide_word(words, place)
    if found is ...:
        raise Unanswered("return the new list and the hidden word in place of `...`.")
    if words != _WORDS:
        raise Wrong("Expected `words` to stay as it was, found it changed: make a new list first.")
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise Wrong(
            f"Expected two things, the new list and the hidden word, found {shortened(found)}."
        )
    question, answer = found
    if isinstance(question, str) and isinstance(answer, (list, tuple)):
        raise Wrong("Expected the list first and the hidden word second, found them exchanged.")
    if not isinstance(question, (list, tuple)):
        raise Wrong(f"Expected a list of words as the question, found {shortened(question)}.")
    question = list(question)
    if len(question) != len(_WORDS):
        raise Wrong(
            f"Expected {len(_WORDS)} entries in the new list, found {len(question)}: put the mask "
            "in the place of the word, and keep the others."
        )
    hidden = [number for number, word in enumerate(question) if word != _WORDS[number]]
    if not hidden:
        raise Wrong(f'Expected "[MASK]" at place {place}, found no word hidden.')
    if len(hidden) > 1:
        raise Wrong(
            f"Expected one word hidden, found {len(hidden)} changed: the same word may stand at "
            "another place too, and must stay there."
        )
    if hidden != [place]:
        raise Wrong(
            f"Expected the word at place {place} to be hidden, found the one at {hidden[0]}: "
            "Python counts from 0."
        )
    if question[place] != "[MASK]":
        raise Wrong(f'Expected "[MASK]" at place {place}, found {shortened(question[place])}.')
    if answer != _WORDS[place]:
        raise Wrong(
            f'Expected the hidden word "{_WORDS[place]}" as the answer, found {shortened(answer)}.'
        )
