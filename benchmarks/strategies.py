"""What to train: everything from scratch, the head alone, the top two layers, or all layers.

Takes about ten minutes on two cores. Writes data/recorded/strategies.csv, which notebook 02
draws. One epoch on 600 reviews. Each strategy first tries three or four learning rates with one
seed (`part` = "validation"); the best one is then judged on the test split, with ten other seeds.
"""

import copy
import time

from _recording import Record

import course_utils

SEARCH_SEED = 100
SEEDS = range(10)
TEXTS = 600
STRATEGIES = {
    # name: (layers that are trained below the head; None: a scratch twin, learning rates to try)
    "from scratch": (None, (1e-4, 5e-4, 2e-3)),
    "frozen body": (0, (3e-3, 1e-2, 3e-2, 1e-1)),
    "top two layers": (2, (3e-4, 1e-3, 3e-3)),
    "all layers": (6, (1e-4, 2e-4, 4e-4, 8e-4)),
}


def run(checkpoint: str, part: str, strategy: str, learning_rate: float, seed: int) -> dict:
    """Train once, judge, and say how far each block moved."""
    course_utils.use(checkpoint=checkpoint, size="default")
    train, validation, test = course_utils.load_reviews(quiet=True)
    train, judged = train.sample(TEXTS), test if part == "test" else validation
    layers, _ = STRATEGIES[strategy]
    tokenizer = course_utils.load_tokenizer()
    if layers is None:
        model = course_utils.load_scratch_twin(seed=seed)
    else:
        model = course_utils.load_classifier(seed=seed, quiet=True)
    if layers in (0, 2):
        course_utils.freeze(model, layers)
    before = copy.deepcopy(model)
    trained = course_utils.parameter_table(model).loc["total", "trained"]
    start = time.process_time()
    course_utils.fine_tune(model, tokenizer, train, learning_rate=learning_rate, seed=seed)
    seconds = time.process_time() - start
    result = course_utils.evaluate(model, tokenizer, judged)
    moved = course_utils.movement(model, before)
    return {
        "trained": int(trained),
        "seconds": round(seconds, 1),
        "accuracy": result.accuracy,
        **{f"moved {block}": float(distance) for block, distance in moved.items()},
    }


def best_rate(rows: list, strategy: str) -> float:
    """The learning rate that did best on validation."""
    tried = [r for r in rows if (r["part"], r["strategy"]) == ("validation", strategy)]
    return max(tried, key=lambda row: row["accuracy"])["learning_rate"]


def main():
    checkpoint = course_utils.current().checkpoint
    course_utils.use(size="default")
    _, validation, test = course_utils.load_reviews(quiet=True)
    keys = ["checkpoint", "part", "strategy", "learning_rate", "seed"]
    record = Record(
        __file__, keys, texts=TEXTS, validation_texts=len(validation), test_texts=len(test)
    )

    def key(part, strategy, rate, seed):
        return dict(zip(keys, (checkpoint, part, strategy, rate, seed), strict=True))

    record.fill(
        [
            key("validation", strategy, rate, SEARCH_SEED)
            for strategy, (_, rates) in STRATEGIES.items()
            for rate in rates
        ],
        run,
    )
    chosen = {strategy: best_rate(record.rows, strategy) for strategy in STRATEGIES}
    record.fill(
        [key("test", strategy, rate, seed) for seed in SEEDS for strategy, rate in chosen.items()],
        run,
    )


if __name__ == "__main__":
    main()
