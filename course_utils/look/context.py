"""Context vectors: what a BERT says about one word of a text, layer by layer."""

import itertools

import numpy as np

from course_utils.data.reading import check_offsets, longest
from course_utils.data.texts import check_texts
from course_utils.errors import DataError
from course_utils.look.words import whole_word
from course_utils.model.layers import check_tokens
from course_utils.model.mirror import at_rest
from course_utils.model.turns import encode


def context_vectors(encoder, tokenizer, text: str, word: str, left_to_right: bool = False):
    """The vectors of one word of a text: before the first layer, and after each layer.

    Args:
        encoder: from `load_encoder`; it stays on its device, and no weight changes.
        tokenizer: the tokenizer of the same checkpoint.
        text: a sentence. It is read as far as the model can, 512 tokens for most.
        word: a word (or a sign) of the text; if it stands there twice, the first one counts. The
            vector of a word that the tokenizer cuts into pieces is the mean over its pieces.
        left_to_right: each word sees only itself and what stands before it. (The encoder was not
            trained to read like that.)

    Returns:
        A numpy array of shape (layers + 1, hidden). Row 0 is the embedding: no layer was used yet.

    Raises:
        DataError: if the word does not stand in the text, or after what the model can read.
    """
    check_texts([text])
    return vectors_in(encoder, tokenizer, [text], [word], left_to_right)[0]


def vectors_in(encoder, tokenizer, texts, words, left_to_right: bool = False):
    """The context vectors of one word in each text: (texts, layers + 1, hidden)."""
    import torch

    check_tokens(encoder, tokenizer)
    check_offsets(tokenizer)
    batch = encode(
        tokenizer,
        texts,
        padding=True,
        truncation=True,
        max_length=longest(encoder),
        return_offsets_mapping=True,
        return_tensors="pt",
    )
    offsets = batch.pop("offset_mapping").tolist()  # where each token begins and ends in its text
    pieces = [_pieces(*each, longest(encoder)) for each in zip(texts, words, offsets, strict=True)]
    if left_to_right:
        batch["attention_mask"] = _only_what_came_before(batch["attention_mask"])
    with at_rest(encoder) as still, torch.inference_mode():
        states = still(**batch.to(encoder.device), output_hidden_states=True).hidden_states
    states = torch.stack(states, dim=1).float().cpu().numpy()  # (texts, layers + 1, tokens, hidden)
    return np.stack([row[:, here].mean(axis=1) for row, here in zip(states, pieces, strict=True)])


def _pieces(text: str, word: str, offsets: list, most: int) -> list:
    """The positions of the tokens of a word; a part of a longer word does not count."""
    if not isinstance(word, str) or not word.strip():
        raise DataError(f"word={word!r}: expected a word of the text.")
    word = word.strip()
    found = whole_word(word).search(text)
    if not found:
        raise DataError(f"The word '{word}' does not stand in the text '{text}'.")
    pieces = [n for n, (a, b) in enumerate(offsets) if a < found.end() and b > found.start()]
    if not pieces and found.start() < max(b for _, b in offsets):
        raise DataError(f"The tokenizer makes no token of '{word}': take another word.")
    if not pieces:
        raise DataError(
            f"'{word}' stands after the {most} tokens that this model can read: cut the text."
        )
    return pieces


def _only_what_came_before(mask):
    """From a mask of padding (batch, sequence) to one that also hides what comes later.

    It is added to the attention of each position to each other: 0, or "never look there".
    """
    import torch

    earlier = torch.ones(mask.shape[1], mask.shape[1]).tril().bool()
    seen = earlier & mask.bool()[:, None, None]  # (batch, head, from, to)
    return torch.zeros(seen.shape).masked_fill(~seen, torch.finfo(torch.float32).min)


def similarity(first, second):
    """Cosine similarity of two vectors: 1 for the same direction, 0 for nothing in common.

    Args:
        first, second: arrays whose last dimension is `hidden`. For two results of
            `context_vectors`, the answer holds one number per layer.
    """
    first, second = np.asarray(first), np.asarray(second)
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    return (first * second).sum(axis=-1) / lengths


def _sense_pairs(vectors: dict) -> tuple:
    """The similarity of each pair of sentences, layer by layer.

    Args:
        vectors: two senses, from `sense_vectors`.

    Returns:
        Two arrays of shape (pairs, layers + 1): pairs with the same sense, with different senses.
    """
    return _divide(*_all_pairs(vectors), range(len(next(iter(vectors.values())))))


def sense_separation(vectors: dict):
    """How well the similarity tells two senses apart, layer by layer.

    Take one pair with the same sense and one pair with different senses: how often is the first
    pair the more similar one? 1 means always, 0.5 is chance. (A tie counts half.)

    Returns:
        An array of shape (layers + 1,).
    """
    return _separation(*_sense_pairs(vectors))


def chance_separation(vectors: dict):
    """The separation of the same sentences when they are grouped without looking at the sense.

    Every other way to divide them into two groups of these sizes takes part: 125 for five and five
    sentences. What the true senses reach counts only if hardly any of these reaches it.

    Returns:
        An array of shape (groupings, layers + 1).
    """
    one, other = (len(group) for group in vectors.values())
    similarities, pairs = _all_pairs(vectors)
    groups = list(itertools.combinations(range(one + other), one))[1:]  # the first: the true one
    if one == other:  # each grouping comes twice, with its groups exchanged
        groups = [group for group in groups if group[0] == 0]
    return np.stack([_separation(*_divide(similarities, pairs, group)) for group in groups])


def _all_pairs(vectors: dict) -> tuple:
    """The similarity of each pair of all sentences, and which two sentences each pair joins."""
    together = np.concatenate(list(vectors.values()))
    pairs = np.array(list(itertools.combinations(range(len(together)), 2)))
    return similarity(together[pairs[:, 0]], together[pairs[:, 1]]), pairs


def _divide(similarities, pairs, group) -> tuple:
    """The pairs inside one of two groups, and those that join the groups."""
    inside = np.isin(pairs, list(group)).sum(axis=1) != 1
    return similarities[inside], similarities[~inside]


def _separation(same, different):
    gaps = same[:, None] - different[None]  # (same pairs, different pairs, layers + 1)
    return (gaps > 0).mean(axis=(0, 1)) + (gaps == 0).mean(axis=(0, 1)) / 2
