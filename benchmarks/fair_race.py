"""The fair race: all methods on the same film reviews, each tuned on the same validation split.

Takes about five minutes on two cores. Writes data/recorded/fair_race.csv, which notebook 05 draws.
Which of the test reviews were answered correctly is kept, so that two methods can be compared
review by review. Fine-tuning with all reviews is not run again: full_epoch.csv has it, and
`load_record` adds it.
"""

from functools import cache

from _recording import Record, bits

import course_utils
from course_utils.judge.baselines import KINDS

SIZES = {2_000: "default", 6_376: "full"}
"""Labels -> the switch `size`."""

FROZEN, FINE_TUNED = "frozen + logistic regression", "fine-tuned"
METHODS = ("majority", *KINDS, FROZEN)
SEEDS = range(10)
"""Only fine-tuning depends on chance; the others are run once, as seed 0."""


def parts(labels: int) -> tuple:
    """Train, validation and test; validation and test are the same for each size."""
    course_utils.use(size=SIZES[labels])
    return course_utils.load_reviews(quiet=True)


@cache
def frozen_vectors(checkpoint: str, labels: int) -> list:
    """The vectors of the pre-trained encoder that nobody trained any further, for each part."""
    encoder = course_utils.load_encoder(checkpoint)
    tokenizer = course_utils.load_tokenizer(checkpoint)
    return [course_utils.sentence_vectors(encoder, tokenizer, part.texts) for part in parts(labels)]


def judged(checkpoint: str, method: str, labels: int, seed: int):
    """The `Evaluation` of one method on the test reviews."""
    train, validation, test = parts(labels)
    if method == "majority":
        return course_utils.majority_baseline(train, test)
    if method == FROZEN:
        vectors = frozen_vectors(checkpoint, labels)
        return course_utils.vector_baseline(method, vectors, train, validation, test)
    if method in KINDS:
        return course_utils.linear_baseline(method, train, validation, test)
    tokenizer = course_utils.load_tokenizer()
    model = course_utils.load_classifier(seed=seed, quiet=True)
    course_utils.freeze_word_embeddings(model)
    course_utils.fine_tune(model, tokenizer, train, learning_rate=1e-4, seed=seed)
    return course_utils.evaluate(model, tokenizer, test)


def run(checkpoint: str, method: str, labels: int, seed: int) -> dict:
    """Fit one method, and judge it on all test reviews."""
    course_utils.use(checkpoint=checkpoint)
    result = judged(checkpoint, method, labels, seed)
    return {
        "accuracy": result.accuracy,
        "test_texts": len(result.data),
        "correct": bits(result.correct),
    }


def main():
    keys = ["checkpoint", "method", "labels", "seed"]
    checkpoint = course_utils.current().checkpoint
    record = Record(__file__, keys, epochs=1, batch_size=32, max_length=64, learning_rate=1e-4)
    todo = [(checkpoint, method, labels, 0) for method in METHODS for labels in SIZES]
    todo += [(checkpoint, FINE_TUNED, 2_000, seed) for seed in SEEDS]
    record.fill([dict(zip(keys, key, strict=True)) for key in todo], run)


if __name__ == "__main__":
    main()
