"""Six epochs on 2,000 reviews: loss and accuracy on train and on validation, after each.

Takes about a quarter of an hour on two cores. Writes data/recorded/epochs.csv, which notebook 05
draws: from some epoch on, a model learns its training texts by heart, and validation shows it. The
recipe is that of notebook 05, with a learning rate that falls to zero over all six epochs. The loss
is the mean negative log probability of the true label.
"""

from contextlib import contextmanager

import numpy as np
from _recording import Record

import course_utils
from course_utils.model import training

SEEDS = range(3)
EPOCHS = 6


def measured(model, tokenizer, data, part: str) -> dict:
    """Loss and accuracy on one part of the reviews."""
    result = course_utils.evaluate(model, tokenizer, data)
    of_the_label = result.probabilities[np.arange(len(data)), data.labels]
    return {
        f"{part}_loss": float(-np.log(of_the_label).mean()),
        f"{part}_accuracy": result.accuracy,
    }


@contextmanager
def measuring_after_each_epoch(train):
    """Within the block, `fine_tune` also measures loss and accuracy on both parts.

    Yields:
        A list, to which each epoch adds a dictionary.
    """
    plain, found = training.scores_on, []

    def scores_on(model, tokenizer, validation, *_):
        found.append(
            measured(model, tokenizer, train, "train")
            | measured(model, tokenizer, validation, "validation")
        )
        return (found[-1]["validation_accuracy"],)

    training.scores_on = scores_on
    try:
        yield found
    finally:
        training.scores_on = plain


def run(checkpoint: str, seed: int, epochs: int = EPOCHS) -> list:
    """Train once; return a dictionary for each epoch."""
    course_utils.use(checkpoint=checkpoint, size="default")
    train, validation, _ = course_utils.load_reviews(quiet=True)
    tokenizer = course_utils.load_tokenizer()
    model = course_utils.load_classifier(seed=seed, quiet=True)
    course_utils.freeze_word_embeddings(model)
    with measuring_after_each_epoch(train) as found:
        course_utils.fine_tune(
            model, tokenizer, train, validation, epochs=epochs, learning_rate=1e-4, seed=seed
        )
    return found


def main():
    keys = ["checkpoint", "seed", "epoch"]
    checkpoint = course_utils.current().checkpoint
    record = Record(
        __file__, keys, texts=2_000, validation_texts=864, epochs=EPOCHS, batch_size=32,
        max_length=64, learning_rate=1e-4, dropout=False, words="frozen",
    )  # fmt: skip
    for seed in SEEDS:
        if record.has(checkpoint=checkpoint, seed=seed, epoch=EPOCHS):
            continue
        for epoch, row in enumerate(run(checkpoint, seed), start=1):
            record.add(checkpoint=checkpoint, seed=seed, epoch=epoch, **row)


if __name__ == "__main__":
    main()
