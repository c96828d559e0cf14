"""How long until it is good: a pre-trained BERT, its scratch twin, and TF-IDF, on 2,000 reviews.

Takes about twenty minutes on two cores. Writes data/recorded/time_to_accuracy.csv, which notebook
01 draws. Seconds are processor seconds: what all cores worked, added up, so that a busy computer
counts as much as an idle one. Accuracy is on validation after each epoch. Dropout is on, for the
sake of the twin: without it, it hardly left the 50 % of guessing in three epochs (two seeds: 51.3
and 55.7 %), while the pre-trained one got on as well (77.9 and 78.0 % after one).
"""

import time

from _recording import Record

import course_utils

SEEDS = range(2)
EPOCHS = {"pre-trained": 2, "from scratch": 3}
SCRATCH_RATES = (1e-4, 5e-4)
"""The scratch twin tries both with seed 0, and goes on with the better one."""


def run(method: str, epochs: int, rate: float, seed: int, parts) -> list:
    """Train once; return a dictionary for each epoch."""
    train, validation, test = parts
    tokenizer = course_utils.load_tokenizer()
    if method == "pre-trained":
        model = course_utils.load_classifier(seed=seed, quiet=True)
    else:
        model = course_utils.load_scratch_twin(seed=seed)
    start = time.process_time()
    history = course_utils.fine_tune(
        model, tokenizer, train, validation,
        epochs=epochs, learning_rate=rate, seed=seed, dropout=True,
    )  # fmt: skip
    both = time.process_time() - start
    start = time.process_time()
    course_utils.evaluate(model, tokenizer, validation)
    training = both - epochs * (time.process_time() - start)
    accuracies = history.validation_accuracies
    return [
        {
            "epoch": epoch,
            "seconds": round(training * epoch / epochs, 1),
            "validation_accuracy": accuracy,
        }
        for epoch, accuracy in enumerate(accuracies, start=1)
    ]


def run_tfidf(parts) -> list:
    """TF-IDF with its search for the best settings, timed the same way."""
    train, validation, _ = parts
    start = time.process_time()
    result = course_utils.tfidf_baseline(train, validation, validation)
    seconds = time.process_time() - start
    return [
        {"epoch": 1, "seconds": round(seconds, 1), "validation_accuracy": result.accuracy},
    ]


def best_rate(rows: list) -> float:
    """The learning rate with which the scratch twin ended best, with seed 0."""
    last = [
        row
        for row in rows
        if (row["method"], row["seed"], row["epoch"]) == ("from scratch", 0, EPOCHS["from scratch"])
    ]
    return max(last, key=lambda row: row["validation_accuracy"])["learning_rate"]


def main():
    checkpoint = course_utils.current().checkpoint
    course_utils.use(size="default")
    parts = course_utils.load_reviews(quiet=True)
    keys = ["checkpoint", "method", "learning_rate", "seed", "epoch"]
    record = Record(__file__, keys, texts=len(parts[0]), validation_texts=len(parts[1]))

    def measure(method, rate, seed):
        key = {
            "checkpoint": checkpoint,
            "method": method,
            "learning_rate": rate,
            "seed": seed,
        }
        if record.has(**key, epoch=EPOCHS.get(method, 1)):
            return
        if method == "TF-IDF":
            rows = run_tfidf(parts)
        else:
            rows = run(method, EPOCHS[method], rate, seed, parts)
        for row in rows:
            if not record.has(**key, epoch=row["epoch"]):  # an interrupt came between two epochs
                record.add(**key, **row)

    measure("TF-IDF", 0.0, 0)
    for seed in SEEDS:
        measure("pre-trained", 1e-4, seed)
        for rate in SCRATCH_RATES if seed == 0 else (best_rate(record.rows),):
            measure("from scratch", rate, seed)


if __name__ == "__main__":
    main()
