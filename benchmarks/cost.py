"""What more work costs: seconds and memory of one epoch, against the number of tokens.

Takes about twelve minutes on two cores. Writes data/recorded/cost.csv, which notebook 05 draws.
The texts are long film reviews from IMDb, cut to so many tokens. Every run has its own process, so
that its memory is its own; seconds are those of the wall clock.
"""

import multiprocessing

from _contenders import peak_rss_mb
from _recording import Record

import course_utils
from course_utils.data.reviews import read_reviews
from course_utils.model.batches import Batches

RUNS = (
    # (texts, longest text in tokens)
    (500, 32),
    (500, 128),
    (2_000, 32),
    (25_000, 32),
)


def run(checkpoint: str, texts: int, max_length: int) -> dict:
    """One epoch on so many texts; called in a process of its own."""
    course_utils.use(checkpoint=checkpoint)
    train = read_reviews("imdb").sample(texts)
    tokenizer = course_utils.load_tokenizer()
    model = course_utils.load_classifier(quiet=True)
    course_utils.freeze_word_embeddings(model)
    history = course_utils.fine_tune(model, tokenizer, train, max_length=max_length)
    tokens = sum(Batches(tokenizer, train.texts, max_length=max_length).lengths)
    return {"tokens": tokens, "seconds": round(history.seconds, 1), "peak_mb": round(peak_rss_mb())}


def main():
    keys = ["checkpoint", "texts", "max_length"]
    record = Record(__file__, keys, epochs=1, batch_size=32)
    checkpoint = course_utils.current().checkpoint
    for texts, max_length in RUNS:
        key = dict(zip(keys, (checkpoint, texts, max_length), strict=True))
        if not record.has(**key):
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                record.add(**key, **pool.apply(run, (), key))


if __name__ == "__main__":
    main()
