"""Attention: from which tokens each token of a text takes what it says next."""

from dataclasses import dataclass

import numpy as np

from course_utils.data.reading import longest
from course_utils.data.texts import as_label, check_texts
from course_utils.errors import DataError
from course_utils.model.layers import check_tokens
from course_utils.model.mirror import at_rest
from course_utils.model.turns import encode


@dataclass(frozen=True, eq=False)
class Attention:
    """The attention weights of one text: shares, not per cent."""

    tokens: list
    """What stands at each position, [CLS] and [SEP] included."""
    weights: np.ndarray
    """Shape (layers, heads, from, to). Each row, from one token to all of them, sums to 1."""

    def one(self, layer: int, head: int = None) -> np.ndarray:
        """The weights (from, to) of one head; layers and heads are counted from 1.

        Args:
            layer: the first is 1.
            head: the first is 1; None for the mean over the heads of this layer.

        Raises:
            DataError: if there is no such layer or head.
        """
        layers, heads = self.weights.shape[:2]
        chosen = self.weights[_counted("layer", layer, layers)]  # (heads, from, to)
        if head is None:
            return chosen.mean(axis=0)
        return chosen[_counted("head", head, heads, ", or None for the mean over all heads")]

    def __repr__(self):
        layers, heads = self.weights.shape[:2]
        return f"Attention: {layers} layers, {heads} heads, {len(self.tokens)} tokens"


def _counted(name: str, number, last: int, more: str = "") -> int:
    """The position of a layer or head that people count from 1."""
    place = as_label(number)
    if type(place) is not int or not 1 <= place <= last:
        raise DataError(f"{name}={number!r}: expected a whole number from 1 to {last}{more}.")
    return place - 1


def attention_weights(model, tokenizer, text: str) -> Attention:
    """How much each token of a text attends to each other, in every head of every layer.

    The fast attention of PyTorch ("sdpa") never writes its weights down. So the plain one
    ("eager") is used here, which computes the same. The model stays as it is.

    Args:
        model: a classifier, or an encoder from `load_encoder`; it stays on its device.
        tokenizer: the tokenizer of the same checkpoint.
        text: a sentence; it is read as far as the model can, 512 tokens for most.

    Returns:
        An `Attention`: the tokens, and weights of shape (layers, heads, from, to).

    Raises:
        DataError: if the text is empty, or no text.

    Source: Clark et al. (2019), "What does BERT look at?", BlackboxNLP workshop.
    """
    check_texts([text])
    if not text.strip():
        raise DataError("The text is empty: write a sentence.")
    ids, _, weights = weights_in(model, tokenizer, [text], longest(model))
    return Attention(tokenizer.convert_ids_to_tokens(ids[0].tolist()), weights[0])


def weights_in(model, tokenizer, texts: list, most: int) -> tuple:
    """Of a batch with padding: ids and mask (texts, sequence), and the weights.

    Of each text, `most` tokens are read. The weights have the shape (texts, layers, heads, from,
    to).
    """
    import torch

    check_tokens(model, tokenizer)
    options = {"padding": True, "truncation": True, "max_length": most}
    batch = encode(tokenizer, texts, **options, return_tensors="pt")
    encoder = model.base_model  # of a classifier, the part below its head
    with at_rest(encoder) as still, torch.inference_mode():
        still.set_attn_implementation("eager")
        layers = still(**batch.to(encoder.device), output_attentions=True).attentions
    weights = torch.stack(layers, dim=1).float().cpu().numpy()
    return batch["input_ids"].cpu().numpy(), batch["attention_mask"].cpu().numpy(), weights


def attention_shares(attention: Attention):
    """Where the attention of each layer goes: to [CLS], to [SEP], to signs, to words.

    A weight says from where a head takes numbers, not why the model answers as it does. Much of
    the attention goes to tokens that stand in every text ([SEP] in the BERT of the paper), and
    other weights can lead to the same answer.

    Args:
        attention: from `attention_weights`.

    Returns:
        A DataFrame of shares with one row per layer, each the mean over all heads and positions.
        The last row says what each would get if every token got the same.

    Source: Clark et al. (2019), see `attention_weights`; Jain and Wallace (2019), "Attention is
    not explanation", proceedings of NAACL.
    """
    import pandas as pd

    received = attention.weights.mean(axis=(1, 2))  # (layers, to)
    even = np.full((1, len(attention.tokens)), 1 / len(attention.tokens))
    rows = [f"layer {number}" for number in range(1, len(received) + 1)] + ["spread evenly"]
    table = pd.DataFrame(np.concatenate([received, even]), rows)
    kinds = np.array([_kind(token) for token in attention.tokens])
    return pd.DataFrame({kind: table.loc[:, kinds == kind].sum(axis=1) for kind in KINDS})


KINDS = ("[CLS]", "[SEP]", "punctuation", "words")


def _kind(token: str) -> str:
    """Which of the KINDS a token belongs to; a part of a word counts as a word."""
    if token in KINDS[:2]:
        return token
    return "words" if any(sign.isalnum() for sign in token) else "punctuation"
