"""Texts with labels, and what is checked before anything is done with them."""

import operator
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from course_utils.data.display import keep_dollars, listed, one_line, shorten, shown_names
from course_utils.data.half_signs import check_whole
from course_utils.errors import DataError

SENTIMENTS = ("negative", "positive")

MANY_LABELS = 15
"""More of them are not told one by one."""

NOTHING = ("None", "nan", "NaN", "<NA>", "NaT")
"""How Python and its tables write that nothing is there."""


@dataclass(frozen=True)
class LabeledTexts:
    """Texts and their labels. A label is a position in `label_names`.

    Args:
        columns: what else is known of each text, such as its customer or its date: the name of a
            column, and one value for each text. `split` can keep customers or dates apart.
        group: the column that says which texts belong together, such as all of one customer;
            `split(..., group=...)` writes it down. Texts of one group are often alike, so intervals
            of accuracies count groups then.
        report: of `read_texts`: what it did with the file.

    Raises:
        DataError: if there is no text, a text is not a string, the lengths differ, a label has no
            name, or the names are not different texts.
    """

    texts: tuple
    labels: tuple
    label_names: tuple = SENTIMENTS
    name: str = "my texts"
    columns: Mapping = field(default_factory=dict, repr=False, compare=False)
    report: object = field(default=None, repr=False, compare=False)
    group: str = field(default=None, repr=False, compare=False)

    def __post_init__(self):
        for column in ("texts", "labels", "label_names"):
            value = getattr(self, column)
            kind = no_list(value)
            if kind:
                raise DataError(f"{column} is {kind}.")
            if not hasattr(value, "__iter__"):
                raise DataError(f"{column} is {value!r}, expected a list.")
            object.__setattr__(self, column, tuple(value))
        check_texts(self.texts)
        check_whole("name", str(self.name))
        object.__setattr__(self, "labels", tuple(as_label(x) for x in self.labels))
        if len(self.texts) != len(self.labels):
            raise DataError(
                f"{len(self.texts)} texts but {len(self.labels)} labels: "
                "each text needs exactly one label."
            )
        for column, values in self.columns.items():
            if len(values) != len(self.texts):
                raise DataError(
                    f"The column '{column}' has {len(values)} values for {len(self.texts)} texts: "
                    "it needs one for each text."
                )
        if not distinct_names(self.label_names):
            raise DataError(
                f"label_names are {first_names(self.label_names)}, expected different names as "
                f"text, for instance ('negative', 'positive').{_doubled(self.label_names)}"
            )
        if self.group is not None and self.group not in self.columns:
            raise DataError(
                f"group={self.group!r}: there is no such column beside texts and labels."
            )
        known = range(len(self.label_names))
        for row, label in enumerate(self.labels):
            if type(label) is not int or label not in known:
                raise DataError(
                    f"Label {row} (counting from 0) is {label!r}, expected a whole number from 0 "
                    f"to {len(known) - 1}: the position of its name in "
                    f"{first_names(self.label_names)}."
                )

    def __len__(self):
        return len(self.texts)

    def counts(self) -> dict:
        """How many texts each label has, by name."""
        found = Counter(self.labels)
        return {name: found[label] for label, name in enumerate(self.label_names)}

    def take(self, rows, name: str = None) -> "LabeledTexts":
        """The texts at these positions, in this order."""
        rows = list(rows)
        return LabeledTexts(
            [self.texts[row] for row in rows],
            [self.labels[row] for row in rows],
            self.label_names,
            name or self.name,
            {column: [values[row] for row in rows] for column, values in self.columns.items()},
            group=self.group,
        )

    def sample(self, size: int, seed: int = 0) -> "LabeledTexts":
        """A random sample with equally many texts of each label (the same for the same seed).

        Args:
            size: number of texts; must be divisible by the number of labels.
            seed: another seed gives another sample.

        Raises:
            DataError: if `size` cannot be shared out equally, or a label has too few texts.
        """
        rarest, size = min(self.counts().values()), as_label(size)
        if type(size) is not int:
            raise DataError(
                f"size={size!r}: expected a whole number of texts, such as "
                f"{rarest * len(self.label_names)}."
            )
        share, rest = divmod(size, len(self.label_names))
        if rest or not 1 <= share <= rarest:
            raise DataError(
                f"A balanced sample of {size} needs {size / len(self.label_names):g} texts of "
                f"each of {len(self.label_names)} labels; there are {rarest} of the rarest: "
                f"choose a size up to {rarest * len(self.label_names)} that shares out equally."
            )
        pick = random.Random(seed)
        rows = []
        for label in range(len(self.label_names)):
            rows += pick.sample([i for i, found in enumerate(self.labels) if found == label], share)
        pick.shuffle(rows)
        return self.take(rows)

    def to_frame(self):
        """The same as a pandas DataFrame with the columns `text` and `label` (its name)."""
        import pandas as pd

        keep_dollars(*self.label_names, *self.texts)
        return pd.DataFrame(
            {"text": self.texts, "label": [self.label_names[label] for label in self.labels]}
        )

    def __repr__(self):
        numbers = self.counts().values()
        named = zip(shown_names(self.label_names, 60), numbers, strict=True)
        counts = ", ".join(f"{count:,} {name}" for name, count in named)
        if len(numbers) > MANY_LABELS:
            counts = f"{len(numbers)} labels, {min(numbers):,} to {max(numbers):,} texts of each"
        return f"{self.name}: {len(self):,} texts ({counts})"


def check_texts(texts, first: int = 0) -> list:
    """The texts as a list of strings: of a list or tuple, a pandas Series, or a `LabeledTexts`.

    Args:
        texts: at least one.
        first: the number of the first one, as an error counts.

    Raises:
        DataError: if it is something else.
    """
    if isinstance(texts, LabeledTexts):
        return list(texts.texts)
    kind = no_list(texts)
    if kind:
        raise DataError(f"Expected a list of texts, found {kind}.")
    if not hasattr(texts, "__len__") or not hasattr(texts, "__iter__"):
        raise DataError(f"Expected a list of texts, found {texts!r}.")
    if len(texts) == 0:
        raise DataError("The list of texts is empty: give it at least one text.")
    for row, text in enumerate(texts, first):
        if not isinstance(text, str):
            raise DataError(
                f"Text {row} (counting from 0) is {shorten(one_line(repr(text)), 60)} of type "
                f"{type(text).__name__}, expected a string: {_cure(text)}."
            )
        check_whole(f"Text {row} (counting from 0)", text)
    return list(texts)


def _cure(value) -> str:
    """What to do about a value that is no text."""
    if isinstance(value, bytes | bytearray):
        return 'write .decode("utf-8") behind it'
    if str(value) in NOTHING:
        return "nothing is there, so remove it"
    return "remove it or write str(...) around it"


def no_list(value) -> str:
    """What somebody gave in the place of a list, and the cure; nothing if it may be a list.

    All of these can be walked through, but what comes out is not what was meant: letters, the
    names of columns, keys, texts in any order.
    """
    if isinstance(value, str):
        return "one text: put it in [ ]"
    if isinstance(value, bytes | bytearray):
        return 'bytes: make a text of them with .decode("utf-8"), and put it in [ ]'
    if hasattr(value, "columns") and hasattr(value, "iloc"):
        return 'a DataFrame: take one column of it, such as frame["text"]'
    if getattr(value, "ndim", 1) != 1:
        return f"an array of {value.ndim} dimensions: give one column of it, as a list"
    if isinstance(value, Mapping):
        return "a dict: give what it holds, list(it.values()), or the list under one of its keys"
    if isinstance(value, set | frozenset):
        return f"a {type(value).__name__}, which has no order: put the same in [ ]"
    return ""


def check_labeled(name: str, data) -> None:
    """Raise a DataError unless `data` is a `LabeledTexts`."""
    if not isinstance(data, LabeledTexts):
        raise DataError(
            f"{name} is a {type(data).__name__}, expected LabeledTexts: for lists, write "
            "course_utils.LabeledTexts(texts, labels)."
        )


def check_labels(name: str, data, known: tuple, owner: str, advice: str) -> None:
    """Raise a DataError unless `data` has the labels `known`, in the same order.

    Args:
        name: what the caller calls `data`.
        known: the names of the labels that `owner` has.
        owner: who has them, in words: "train", "the head of the model".
        advice: what to do about it.
    """
    if data.label_names != tuple(known):
        raise DataError(
            f"{name} has the labels {listed(data.label_names)}, {owner} has {listed(known)}"
            f"{_difference(data.label_names, known)}: {advice}."
        )


def _difference(names: tuple, known: tuple) -> str:
    """Where there are many labels, what tells the two lists apart."""
    if max(len(names), len(known)) <= 10:
        return ""
    more, fewer = (
        [name for name in one if name not in other]
        for one, other in ((names, known), (known, names))
    )
    if not more and not fewer:
        return " (the same in another order)"
    return f" (only in the first: {listed(more) or 'none'}; only here: {listed(fewer) or 'none'})"


def check_several_labels(name: str, data) -> None:
    """Raise a DataError if all texts of `data` (called `name`) have the same label."""
    found = set(data.labels)
    if len(found) == 1:
        raise DataError(
            f"All texts of {name} have one label only, {data.label_names[found.pop()]}: bring some "
            "of another label."
        )


def distinct_names(names) -> bool:
    """Are these names of labels, each of them text, and no two the same?"""
    for number, name in enumerate(names):
        if isinstance(name, str):
            check_whole(f"Name {number} (counting from 0) of the labels", name)
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)


def first_names(names: tuple) -> str:
    """The names as Python writes them; of many, the first."""
    if len(names) <= MANY_LABELS:
        return str(names)
    begin = ", ".join(map(repr, names[:5]))
    return f"({begin}, ... {len(names) - 5:,} more)"


def _doubled(names: tuple) -> str:
    """A sentence about the names that stand there more than once, all of them."""
    twice = [name for name, count in Counter(map(str, names)).items() if count > 1]
    return f" More than once: {listed(twice)}." if twice else ""


def as_label(label):
    """A whole number (numpy's and torch's too) as a plain int; anything else as it is."""
    try:
        return operator.index(label)
    except TypeError:
        return label
