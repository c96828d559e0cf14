"""What a part of a trained model holds: put it back to its start, and count the lost points.

Takes about ten minutes on two cores. Writes data/recorded/put_back.csv, which notebook 02 draws.
Each of ten seeds trains all layers as in `strategies.py`. Then one block after the other goes back
to the weights from which it started, and at last all layers together. Judged on 400 validation
reviews, because nothing here is a final result.
"""

import copy

from _recording import Record

import course_utils

SEEDS = range(10)
TEXTS, JUDGES = 600, 400
LEARNING_RATE = 4e-4  # chosen by strategies.py


def run(checkpoint: str, seed: int) -> dict:
    """Train all layers once, then judge the model as it is and with each block put back."""
    course_utils.use(checkpoint=checkpoint, size="default")
    train, validation, _ = course_utils.load_reviews(quiet=True)
    tokenizer, judges = course_utils.load_tokenizer(), validation.sample(JUDGES)
    model = course_utils.load_classifier(seed=seed, quiet=True)
    start = copy.deepcopy(model)
    some = train.sample(TEXTS)
    course_utils.fine_tune(model, tokenizer, some, learning_rate=LEARNING_RATE, seed=seed)

    def judged(*names):
        mixed = model
        for name in names:
            mixed = course_utils.with_block_reset(mixed, start, name)
        return course_utils.evaluate(mixed, tokenizer, judges).accuracy

    names = list(course_utils.blocks(model))
    layers = [name for name in names if name.startswith("layer ")]
    moved = course_utils.movement(model, start)
    return {
        "accuracy": judged(),
        **{f"moved {name}": float(moved[name]) for name in names},
        **{f"back {name}": judged(name) for name in names},
        "back all layers": judged(*layers),
    }


def main():
    checkpoint = course_utils.current().checkpoint
    record = Record(__file__, ["checkpoint", "seed"], texts=TEXTS, validation_texts=JUDGES)
    record.fill([{"checkpoint": checkpoint, "seed": seed} for seed in SEEDS], run)


if __name__ == "__main__":
    main()
