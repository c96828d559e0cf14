"""Does continued pre-training help the classifier? `minilm` against what the gap game made of it.

Takes about three hours on two cores. Writes data/recorded/continued_pretraining.csv, which notebook
03 draws on. Both encoders have the same architecture and get the same new heads: `minilm`, and the
layers of the masked language model in data/masked_lm/, which went on to learn from 18,682 film
reviews without labels. Each is fine-tuned on 64, 512 or all labelled reviews. For each encoder and
each number of labels, five learning rates are tried first on validation, with two seeds. The best
one is then judged on the test split, with ten other seeds. A seed decides the labels that are
drawn, the head and the order of the batches: it is the same for both encoders, so their runs are
pairs.
"""

import json
import math

import numpy as np
from _recording import Record

import course_utils
from course_utils.model import masked_lm

ENCODERS = ("minilm", "continued")
RATES = (2.5e-5, 5e-5, 1e-4, 2e-4, 4e-4)
SEARCH_SEEDS = (100, 101)
LABELS = (64, 512, 6_376)
"""How many labelled reviews; 6,376 are all of them. Such a run takes minutes."""

SEEDS = range(10)

STEPS = 60
"""At least so many steps, however few the labels (see label_efficiency.py); at least one epoch."""


def load(encoder: str, seed: int):
    """A classifier with a new head on one of the two encoders."""
    model = course_utils.load_classifier(seed=seed, quiet=True)
    if encoder == "continued":
        _, continued = course_utils.load_masked_lm()
        left = model.bert.load_state_dict(continued.bert.state_dict(), strict=False)
        # The gap game has no use for the pooler: it stays that of `minilm`, for both.
        assert not left.unexpected_keys and all("pooler" in key for key in left.missing_keys)
    course_utils.freeze_word_embeddings(model)  # the masked language model has the same table
    return model


def run(
    checkpoint: str, part: str, encoder: str, labels: int, learning_rate: float, seed: int
) -> dict:
    """Fine-tune once and judge."""
    course_utils.use(checkpoint=checkpoint, size="full")
    train, validation, test = course_utils.load_reviews(quiet=True)
    train = train if labels == len(train) else train.sample(labels, seed)
    judged = test if part == "test" else validation
    tokenizer, model = course_utils.load_tokenizer(), load(encoder, seed)
    epochs = math.ceil(STEPS / math.ceil(len(train) / 32))
    course_utils.fine_tune(
        model, tokenizer, train, epochs=epochs, learning_rate=learning_rate, seed=seed
    )
    result = course_utils.evaluate(model, tokenizer, judged)
    return {"epochs": epochs, "accuracy": result.accuracy}


def best_rate(rows: list, encoder: str, labels: int) -> float:
    """The learning rate that did best on validation, in the mean of the search seeds."""
    found = {rate: [] for rate in RATES}
    for row in rows:
        if (row["part"], row["encoder"], row["labels"]) == ("validation", encoder, labels):
            found[row["learning_rate"]].append(row["accuracy"])
    return max(found, key=lambda rate: np.mean(found[rate]))


def main():
    checkpoint = course_utils.current().checkpoint
    keys = ["checkpoint", "part", "encoder", "labels", "learning_rate", "seed"]
    weights = json.loads((masked_lm.FOLDER / "about.json").read_text(encoding="utf-8"))["sha256"]
    recipe = {"batch_size": 32, "max_length": 64, "dropout": False, "words": "frozen"}
    record = Record(__file__, keys, **recipe, weights=weights)

    def key(part, encoder, labels, rate, seed):
        return dict(zip(keys, (checkpoint, part, encoder, labels, rate, seed), strict=True))

    for labels in LABELS:
        tries = [
            (e, labels, rate, seed) for e in ENCODERS for rate in RATES for seed in SEARCH_SEEDS
        ]
        record.fill([key("validation", *one) for one in tries], run)
        chosen = {encoder: best_rate(record.rows, encoder, labels) for encoder in ENCODERS}
        pairs = [(e, labels, rate, seed) for seed in SEEDS for e, rate in chosen.items()]
        record.fill([key("test", *one) for one in pairs], run)


if __name__ == "__main__":
    main()
