"""Knowledge from a related task: IMDb's long reviews first, then the one-sentence reviews.

Takes about two hours on two cores. Writes data/recorded/related_task.csv, which notebook 01 draws.
A model first learns a source: `imdb`, 8,000 labelled long reviews, the same question about other
texts; `topics`, the BBC's headlines and articles, in 196 steps instead of 250, another question
(the control); or `none`. Then it learns from some labels of the one-sentence reviews, or from none
of them, and is judged on the same test reviews. The models of the sources are kept in the folder of
models, so that a program that was stopped goes on.

The head of `imdb` goes along, for its question stays the same. `topics` has five labels, so it gets
a new head; without labels, a new head could only guess: that is not measured.
"""

import math

from _recording import Record, bits

import course_utils
from course_utils.data import reviews, splits
from course_utils.data.news import TOPICS
from course_utils.model import saving
from course_utils.settings import models_folder

RATE, GENTLE = 1e-4, 2e-5
"""Learning rates: that of notebook 05, and one that changes less of what a model knows already. It
is also measured where there is something to lose: few labels after IMDb."""

STEPS = 60
"""Fewest steps on the reviews, however few the labels."""

SOURCE_LENGTH = {"imdb": 128, "topics": 64}
"""Tokens of a source's text."""

IMDB, TOPIC_TEXTS, TOPIC_EPOCHS = 8_000, 3_138, 2
"""Long reviews of a source, read once; all headlines and articles of train, twice."""

ALL = 6_376
FEW = (64, 16, 256, 1_024)
"""Labels: all of train, and balanced samples of it."""

SOURCES = ("none", "imdb", "topics")

RUNS = (
    # (source, source_seed, labels, learning rate, seed), the ones that claims rest on first
    ("imdb", 0, 0, 0.0, 0),
    *(("imdb", 0, ALL, RATE, seed) for seed in range(3)),
    *((source, 0, n, RATE, 0) for n in FEW for source in SOURCES[:2]),
    *(("imdb", 0, n, GENTLE, 0) for n in FEW),
    *(("topics", 0, n, RATE, 0) for n in FEW),
    *((source, 0, n, RATE, seed) for seed in (1, 2) for n in FEW for source in SOURCES),
    *(("imdb", 0, n, GENTLE, seed) for seed in (1, 2) for n in FEW),
    *((source, 0, n, RATE, seed) for seed in range(3, 10) for n in FEW for source in SOURCES[:2]),
)
"""All labels without a source are not run again: full_epoch.csv has them (`load_record` adds them).
"""


def source_texts(source: str):
    """The labelled texts of a source: none of them is a one-sentence review."""
    if source == "imdb":
        imdb = reviews.read_reviews("imdb")
        return splits.split(imdb, "IMDb", by=imdb.texts)[0].sample(IMDB)
    parts = course_utils.load_headlines(quiet=True)[0], course_utils.load_articles(quiet=True)[0]
    texts, labels = ([*a, *b] for a, b in zip(*((p.texts, p.labels) for p in parts), strict=True))
    return course_utils.LabeledTexts(texts, labels, TOPICS, "topics")


def source_folder(source: str, seed: int):
    """Where the model of a source is kept between two runs."""
    checkpoint = course_utils.current().checkpoint
    return models_folder() / f"source-{source}-{seed}-{checkpoint.replace('/', '--')}"


def train_source(source: str, seed: int) -> None:
    """Fine-tune the checkpoint on a source, and keep it; nothing if it is there already."""
    folder = source_folder(source, seed)
    if folder.is_dir():
        return
    texts, tokenizer = source_texts(source), course_utils.load_tokenizer()
    model = course_utils.load_classifier(label_names=texts.label_names, seed=seed, quiet=True)
    course_utils.freeze_word_embeddings(model)
    history = course_utils.fine_tune(
        model, tokenizer, texts, learning_rate=RATE, max_length=SOURCE_LENGTH[source], seed=seed,
        epochs=TOPIC_EPOCHS if source == "topics" else 1,
    )  # fmt: skip
    course_utils.save(str(folder), model, tokenizer, history)


def start(source: str, source_seed: int, seed: int):
    """The model before it meets the reviews' labels: 05's, or one that knows a source.

    A source with other labels than ours gives its encoder; the head is new.
    """
    if source == "none":
        model = course_utils.load_classifier(seed=seed, quiet=True)
    elif source == "imdb":
        model, _ = saving.load(str(source_folder(source, source_seed)))
    else:
        folder = str(source_folder(source, source_seed))
        model = course_utils.load_classifier(folder, seed=seed, quiet=True)
    course_utils.freeze_word_embeddings(model)
    return model


def learn(source: str, source_seed: int, labels: int, learning_rate: float, seed: int) -> tuple:
    """Learn from so many labels of the reviews, with the recipe of notebook 05.

    `seed` draws the labels, the order of the batches, and the head if that is new.

    Returns:
        model, tokenizer.
    """
    course_utils.use(size="full")
    train = course_utils.load_reviews(quiet=True)[0]
    tokenizer, model = course_utils.load_tokenizer(), start(source, source_seed, seed)
    if labels:
        drawn = train if labels == ALL else train.sample(labels, seed)
        batch_size = min(32, labels)
        epochs = math.ceil(STEPS / math.ceil(labels / batch_size))
        course_utils.fine_tune(
            model, tokenizer, drawn,
            epochs=epochs, learning_rate=learning_rate, batch_size=batch_size, seed=seed,
        )  # fmt: skip
    return model, tokenizer


def run(
    checkpoint: str, source: str, source_seed: int, labels: int, learning_rate: float, seed: int
) -> dict:
    """Learn, then judge on the test reviews."""
    course_utils.use(checkpoint=checkpoint)
    test = course_utils.load_reviews(quiet=True)[2]
    result = course_utils.evaluate(*learn(source, source_seed, labels, learning_rate, seed), test)
    return {"accuracy": result.accuracy, "test_texts": len(test), "correct": bits(result.correct)}


def main():
    checkpoint = course_utils.current().checkpoint
    keys = ["checkpoint", "source", "source_seed", "labels", "learning_rate", "seed"]
    record = Record(
        __file__, keys, max_length=64, least_steps=STEPS, words="frozen",
        dropout=False, imdb_texts=IMDB, imdb_max_length=SOURCE_LENGTH["imdb"],
        topic_texts=TOPIC_TEXTS, topic_epochs=TOPIC_EPOCHS,
        topic_max_length=SOURCE_LENGTH["topics"],
    )  # fmt: skip
    for source, seed in sorted({(source, seed) for source, seed, *_ in RUNS if source != "none"}):
        train_source(source, seed)
    record.fill([dict(zip(keys, (checkpoint, *one), strict=True)) for one in RUNS], run)


if __name__ == "__main__":
    main()
