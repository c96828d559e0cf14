"""Batches of similar length: little padding, and the attention mask always with them."""

import random

import numpy as np

from course_utils.data.reading import reading_length
from course_utils.data.texts import as_label, check_texts
from course_utils.errors import DataError
from course_utils.model.turns import encode

PIECE = 1_000
"""Texts that are tokenised at a time: a tokenizer's own answer needs some 60 kB for a long text."""


class Batches:
    """Tokenised texts, served in batches that are padded to their own longest text.

    The texts are tokenised once. Each pass over a `Batches` object shuffles anew: texts of the same
    length in their order, then the batches in theirs. So hardly any position is padding, and which
    texts travel together changes from epoch to epoch.

    Args:
        tokenizer: the tokenizer of the model.
        texts: a list of strings, a pandas Series, or a `LabeledTexts`, which stands for its texts.
        labels: one whole number for each text, or None.
        batch_size: texts per batch.
        max_length: longest text in tokens, [CLS] and [SEP] included; the rest is cut off. By
            default what the tokenizer notes, `tokenizer.model_max_length`: 64 if it comes from
            `load_tokenizer`, and after `fine_tune` what that was told.
        seed: fixes the order of the batches; None keeps the order of length (for predictions).
    """

    def __init__(self, tokenizer, texts, labels=None, batch_size=32, max_length=None, seed=None):
        texts = check_texts(texts)
        batch_size, max_length = check_batch_size(batch_size), reading_length(tokenizer, max_length)
        self.tokenizer = tokenizer
        self.labels = labels
        self.batch_size = batch_size
        self.ids = []  # of each text, and nothing else: memory stays flat for many texts
        for start in range(0, len(texts), PIECE):
            piece = texts[start : start + PIECE]
            encoded = encode(tokenizer, piece, truncation=True, max_length=max_length)["input_ids"]
            self.ids += [np.array(ids, dtype=np.int32) for ids in encoded]
        self.lengths = [len(ids) for ids in self.ids]
        self.shuffle = None if seed is None else random.Random(seed)

    def __len__(self):
        return -(-len(self.lengths) // self.batch_size)

    def __iter__(self):
        for rows in self.order():
            yield rows, self.batch(rows)

    def order(self) -> list:
        """The rows of each batch, for one pass over the data."""
        rows = list(range(len(self.lengths)))
        if self.shuffle:
            self.shuffle.shuffle(rows)
        rows.sort(key=self.lengths.__getitem__)  # a stable sort: equal lengths stay shuffled
        batches = [rows[i : i + self.batch_size] for i in range(0, len(rows), self.batch_size)]
        if self.shuffle:
            self.shuffle.shuffle(batches)
        return batches

    def batch(self, rows):
        """The tensors of these rows: input_ids and attention_mask, of shape (batch, sequence)."""
        import torch

        fields = {"input_ids": [self.ids[row] for row in rows]}
        batch = self.tokenizer.pad(fields, padding=True, return_tensors="pt")  # and the mask
        if self.labels is not None:
            batch["labels"] = torch.tensor([self.labels[row] for row in rows])  # (batch,)
        return batch


def check_batch_size(batch_size) -> int:
    """The number of texts in a batch, as a plain number; a DataError unless it is one."""
    number = as_label(batch_size)
    if not isinstance(number, int) or number < 1:
        raise DataError(f"batch_size={batch_size!r}: expected a whole number from 1 on.")
    return number
