"""One epoch on the film reviews: learning rates, seeds, sizes, against tuned TF-IDF.

Takes about twenty minutes on two cores. Writes data/recorded/fine_tuning.csv, which notebooks 05
and 06 draw and RESULTS.md quotes. Every row is one run, judged on the same test reviews.
"""

from functools import cache

from _recording import Record

import course_utils

RATES = (1e-5, 1e-4, 1e-3)
RUNS = (
    # (size, learning rate, seed), the ones that claims rest on first
    *(("default", 1e-4, seed) for seed in range(3)),
    *(("default", rate, seed) for rate in (1e-5, 1e-3) for seed in range(3)),
    *(("full", 1e-4, seed) for seed in range(3)),
    *(("default", 1e-4, seed) for seed in range(3, 10)),
)


@cache
def baseline(size: str):
    """TF-IDF on the same reviews."""
    return course_utils.tfidf_baseline(*course_utils.load_reviews(quiet=True))


def run(checkpoint: str, size: str, learning_rate: float, seed: int) -> dict:
    """Fine-tune once, evaluate on the whole test split, compare with TF-IDF on the same reviews."""
    course_utils.use(checkpoint=checkpoint, size=size)
    train, validation, test = course_utils.load_reviews(quiet=True)
    tfidf = baseline(size)
    tokenizer = course_utils.load_tokenizer()
    model = course_utils.load_classifier(seed=seed, quiet=True)
    course_utils.freeze_word_embeddings(model)
    history = course_utils.fine_tune(
        model, tokenizer, train, learning_rate=learning_rate, seed=seed
    )
    on_validation = course_utils.evaluate(model, tokenizer, validation)
    result = course_utils.evaluate(model, tokenizer, test)
    difference = course_utils.paired_bootstrap(result, tfidf)
    low, high = result.interval
    return {
        "texts": len(train),
        "validation_accuracy": on_validation.accuracy,
        "test_texts": len(test),
        "accuracy": result.accuracy,
        "low": low,
        "high": high,
        "tfidf": tfidf.accuracy,
        "difference": difference.value,
        "difference_low": difference.low,
        "difference_high": difference.high,
        "calibration_error": result.calibration_error,
        "first_loss": sum(history.losses[:10]) / 10,
        "last_loss": sum(history.losses[-10:]) / 10,
    }


def main():
    checkpoint = course_utils.current().checkpoint
    keys = ["checkpoint", "size", "learning_rate", "seed"]
    recipe = {"epochs": 1, "batch_size": 32, "max_length": 64, "dropout": False, "words": "frozen"}
    record = Record(__file__, keys, **recipe)
    record.fill([dict(zip(keys, (checkpoint, *one), strict=True)) for one in RUNS], run)


if __name__ == "__main__":
    main()
