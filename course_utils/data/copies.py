"""Copies, near-copies, and what else ties texts together: they stay on one side of a split."""

import re
import unicodedata
from collections import Counter

from course_utils.data.texts import LabeledTexts


def plain(text: str) -> str:
    """A text without what copies may differ in: case, and how much white space there is."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).lower()).strip()


class _Signs(dict):
    """For `str.translate`: keeps what says something, and makes blanks of the rest."""

    def __missing__(self, code: int) -> int:
        kind = unicodedata.category(chr(code))
        # Letters, marks that belong to letters, and pictures such as emoji.
        self[code] = code if kind[0] in "LM" or kind == "So" else ord(" ")
        return self[code]


_SIGNS = _Signs()


def words_only(text: str) -> str:
    """A text without what near-copies may differ in: digits, case and punctuation.

    Letters of any script stay, and emoji. Where nothing stays ("5!"), it is the plain text.
    """
    whole = plain(text)
    return " ".join(whole.translate(_SIGNS).split()) or whole


def without_copies(data: LabeledTexts) -> LabeledTexts:
    """The first of each group of texts that differ in case and white space only."""
    return data.take(first_of_each(data.texts))


def first_of_each(texts) -> list:
    """The row of the first of each group of texts that differ in case and white space only."""
    first = {}
    for row, text in enumerate(texts):
        first.setdefault(plain(text), row)
    return list(first.values())


def tied(*keys) -> list:
    """For each row the number of its group. Rows that share a value of any key are in one group.

    So groups grow along chains: if A and B share a customer, and B and C a text, then all three
    are in one group.

    Args:
        keys: each a list with one value for each row.
    """
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows = len(keys[0])
    nodes, here, there = {}, [], []  # a graph of the rows and the values: its pieces are the groups
    for kind, values in enumerate(keys):
        for row, value in enumerate(values):
            here.append(row)
            there.append(rows + nodes.setdefault((kind, value), len(nodes)))
    size = rows + len(nodes)
    graph = coo_array((np.ones(len(here)), (here, there)), shape=(size, size))
    return connected_components(graph, directed=False)[1][:rows].tolist()


def groups_of_labels(labels, groups) -> dict:
    """For each label that occurs, a Counter: how many of its texts each group holds."""
    found = {}
    for label, group in zip(labels, groups, strict=True):
        found.setdefault(label, Counter())[group] += 1
    return found
