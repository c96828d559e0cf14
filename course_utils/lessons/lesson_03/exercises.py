"""Checks of notebook 03: a reader who cannot look ahead, and which cold."""

import math

from course_utils.lessons.exercises import Unanswered, Wrong, exercise, shortened
from course_utils.model.checkpoints import load_encoder, load_tokenizer


@exercise(
    "3.1",
    "look_back",
    hints=(
        "What a word may not see must get the share 0. softmax makes 0 of one score only: minus "
        "infinity. So change the scores first, then make the shares.",
        "`scores.masked_fill(ahead, -math.inf)` puts minus infinity where `ahead` is true. Then "
        "come the shares, as in the cell above: `.softmax(dim=-1)`.",
    ),
)
def no_look_ahead(look_back):
    """Shares of each word over itself and the words before it; other scores than the lesson's."""
    import torch

    scores = torch.tensor(
        [[2.0, -1.0, 0.5, 3.0], [0.0, 1.0, 2.0, -2.0], [1.0, -0.5, 0.0, 1.5], [0.3, 2.0, -1.0, 0.7]]
    )
    kept = scores.clone()
    found = look_back(scores)
    if found is ...:
        raise Unanswered("return the shares in place of `...`.")
    if not torch.equal(scores, kept):
        raise Wrong(
            "Expected `scores` to stay as they were, found them changed: take `masked_fill`, "
            "without `_` at its end, which makes a copy."
        )
    if not isinstance(found, torch.Tensor) or found.shape != scores.shape:
        shape = (
            f"shape {tuple(found.shape)}" if isinstance(found, torch.Tensor) else shortened(found)
        )
        raise Wrong(f"Expected shares of shape {tuple(scores.shape)}, found {shape}.")
    ahead = torch.ones_like(scores).triu(diagonal=1).bool()
    right = scores.masked_fill(ahead, -math.inf).softmax(dim=-1)
    if torch.allclose(found.detach().float(), right, atol=1e-5):
        return "Each word sees itself and what came before. This is how a model that writes reads."
    raise Wrong(_what_is_wrong(found.detach().float(), scores, ahead))


def _what_is_wrong(found, scores, ahead) -> str:
    """One sentence on shares that are not the right ones; see `no_look_ahead`."""
    import torch

    if found.isnan().any():
        return (
            "Expected numbers, found nan: a row where every score is minus infinity has no shares. "
            "The first word must see itself."
        )
    if torch.allclose(found, scores.softmax(dim=-1), atol=1e-5):
        return "Expected 0 for the words ahead, found the shares of a reader who sees all words."
    if found[ahead].abs().max() > 1e-5:
        return (
            f"Expected 0 for each word ahead, found up to {found[ahead].abs().max():.2f}: put "
            "minus infinity in place of those scores. A 0 is a score like any other."
        )
    sums = found.sum(dim=-1)
    if not torch.allclose(sums, torch.ones(len(sums)), atol=1e-4):
        return (
            f"Expected rows that add up to 1, found {', '.join(f'{one:.2f}' for one in sums)}: "
            "take the words ahead away *before* softmax, and let it run along each row (dim=-1)."
        )
    return "Expected softmax of the scores that are left, found other shares in rows that sum to 1."


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
    "3.2",
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
