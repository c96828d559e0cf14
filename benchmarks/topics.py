"""Five topics from the headline alone: learning rates and epochs, against tuned TF-IDF.

Takes about a quarter of an hour on two cores. Writes data/recorded/topics.csv. No notebook quotes
it: notebook 07 lets its readers choose a recipe themselves, for passages in place of headlines.
"""

from functools import cache

import numpy as np
from _recording import Record

import course_utils

RUNS = (
    # (learning rate, epochs, seed): the recipe of the notebook first, then its neighbours
    *((3e-4, 2, seed) for seed in range(3)),
    *((rate, 2, seed) for rate in (1e-4, 1e-3) for seed in range(3)),
    *((3e-4, epochs, seed) for epochs in (1, 3) for seed in range(3)),
    *((3e-4, 2, seed) for seed in range(3, 5)),
)
NEIGHBOURS = ("business", "politics", "sports")


@cache
def baseline():
    """TF-IDF on the same headlines."""
    return course_utils.tfidf_baseline(*course_utils.load_headlines(quiet=True))


def run(checkpoint: str, learning_rate: float, epochs: int, seed: int) -> dict:
    """Fine-tune once on all training headlines; choose on validation, report on test."""
    course_utils.use(checkpoint=checkpoint)
    train, validation, test = course_utils.load_headlines(quiet=True)
    tfidf = baseline()
    tokenizer = course_utils.load_tokenizer()
    model = course_utils.load_classifier(label_names=train.label_names, seed=seed, quiet=True)
    history = course_utils.fine_tune(
        model, tokenizer, train, epochs=epochs, learning_rate=learning_rate, seed=seed
    )
    on_validation = course_utils.evaluate(model, tokenizer, validation)
    on_test = course_utils.evaluate(model, tokenizer, test)
    gain = course_utils.paired_bootstrap(on_test, tfidf)
    names = np.array(test.label_names)
    true, answer = names[list(test.labels)], names[on_test.predicted]
    among = np.isin(true, NEIGHBOURS) & np.isin(answer, NEIGHBOURS)
    return {
        "validation_accuracy": on_validation.accuracy,
        "accuracy": on_test.accuracy,
        "low": on_test.interval[0],
        "high": on_test.interval[1],
        "macro_f1": on_test.macro_f1,
        "tfidf": tfidf.accuracy,
        "difference": gain.value,
        "difference_low": gain.low,
        "difference_high": gain.high,
        "mistakes_among_neighbours": among[~on_test.correct].mean(),
        "first_loss": np.mean(history.losses[:10]),
        "last_loss": np.mean(history.losses[-10:]),
    }


def main():
    checkpoint = course_utils.current().checkpoint
    keys = ["checkpoint", "learning_rate", "epochs", "seed"]
    record = Record(
        __file__,
        keys,
        batch_size=32,
        max_length=64,
        test_texts=len(course_utils.load_headlines(quiet=True)[2]),
    )
    record.fill([dict(zip(keys, (checkpoint, *one), strict=True)) for one in RUNS], run)


if __name__ == "__main__":
    main()
