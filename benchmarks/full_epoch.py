"""Accuracy after one epoch on all film reviews: transformers' Trainer against our best recipe.

Takes about a quarter of an hour on two cores. Writes data/recorded/full_epoch.csv. Which of the
test reviews were answered correctly is kept, so that the two can be compared review by review.
"""

import numpy as np
from _contenders import TRAINING
from _recording import Record, bits
from scipy.stats import bootstrap

import course_utils
from course_utils.judge.records import right_answers

CONTENDERS = ("trainer_default", "best_recipe")
SEEDS = range(3)


def run(checkpoint: str, contender: str, seed: int) -> dict:
    """Fine-tune once; `correct` has one bit for each test review, as hexadecimal digits."""
    course_utils.use(checkpoint=checkpoint, size="full")
    train, _, test = course_utils.load_reviews(quiet=True)
    tokenizer = course_utils.load_tokenizer()
    model = course_utils.load_classifier(seed=seed, quiet=True)
    TRAINING[contender](model, tokenizer, train, 64, seed)
    result = course_utils.evaluate(model, tokenizer, test)
    return {
        "texts": len(train),
        "test_texts": len(test),
        "accuracy": result.accuracy,
        "correct": bits(result.correct),
    }


def difference(rows) -> tuple:
    """Best recipe minus Trainer: mean over seeds, and its 95 % interval over the test reviews.

    Both methods met the same reviews, so reviews are drawn, each with the mean of what the seeds
    made of it. Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap.

    Args:
        rows: a DataFrame with the rows of this record.
    """
    rows = rows.sort_values("seed")
    ours, theirs = (right_answers(rows[rows["contender"] == name]) for name in CONTENDERS[::-1])
    gain = ours.mean(axis=0) - theirs.mean(axis=0)  # (test reviews,)
    interval = bootstrap(
        (gain,), np.mean, n_resamples=10_000, method="percentile", batch=1_000, rng=0
    ).confidence_interval
    return float(gain.mean()), float(interval.low), float(interval.high)


def main():
    keys = ["checkpoint", "contender", "seed"]
    checkpoint = course_utils.current().checkpoint
    record = Record(__file__, keys, epochs=1, batch_size=32, max_length=64, learning_rate=1e-4)
    todo = [(checkpoint, contender, seed) for seed in SEEDS for contender in CONTENDERS]
    record.fill([dict(zip(keys, key, strict=True)) for key in todo], run)
    mean, low, high = difference(course_utils.load_record("full_epoch"))
    print(f"best recipe minus Trainer: {mean:+.4f} ({low:+.4f} to {high:+.4f})")


if __name__ == "__main__":
    main()
