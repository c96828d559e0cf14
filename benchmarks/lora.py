"""LoRA: narrow matrices beside the frozen ones, on the film reviews; how much is left to send?

Takes about twenty minutes on two cores. Writes data/recorded/lora.csv. Each method has the rate
that did best on validation with seed 0; with that, all seeds are run. The recipe is that
of `fair_race`, whose fine-tuned models met the same test reviews.

Source: Hu et al. (2022), https://arxiv.org/abs/2106.09685
"""

import tempfile
from pathlib import Path

from _recording import Record, bits

import course_utils

RANK = 8
METHODS = {"all linear layers": "all-linear", "query and value": ["query", "value"]}
"""Method -> which layers get narrow matrices. The head is trained whole in both."""

RATES = (5e-4, 1e-3, 2e-3, 4e-3, 8e-3)
CHOSEN_ON, SEEDS = range(1), range(10)


def with_adapter(method: str, seed: int):
    """A classifier of which the adapter and the head are trained, and nothing else."""
    from peft import LoraConfig

    model = course_utils.load_classifier(seed=seed, quiet=True)
    layers = METHODS[method]
    model.add_adapter(LoraConfig(r=RANK, target_modules=layers, modules_to_save=["classifier"]))
    return model


def megabytes(model) -> float:
    """The size of the file that one sends: the adapter and the head."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        return (Path(folder) / "adapter_model.safetensors").stat().st_size / 1e6


def run(checkpoint: str, method: str, learning_rate: float, seed: int) -> dict:
    """Fine-tune once on 2,000 reviews; judge it on validation and on the test reviews."""
    course_utils.use(checkpoint=checkpoint, size="default")
    train, validation, test = course_utils.load_reviews(quiet=True)
    tokenizer, model = course_utils.load_tokenizer(), with_adapter(method, seed)
    course_utils.fine_tune(model, tokenizer, train, learning_rate=learning_rate, seed=seed)
    result = course_utils.evaluate(model, tokenizer, test)
    return {
        "weights_trained": sum(w.numel() for w in model.parameters() if w.requires_grad),
        "megabytes": megabytes(model),
        "validation_accuracy": course_utils.evaluate(model, tokenizer, validation).accuracy,
        "accuracy": result.accuracy,
        "test_texts": len(result.data),
        "correct": bits(result.correct),
    }


def best_rate(rows: list, method: str) -> float:
    """The rate with the best mean on validation; the test reviews have no say."""

    def score(rate: float) -> float:
        runs = [r for r in rows if (r["method"], r["learning_rate"]) == (method, rate)]
        return sum(r["validation_accuracy"] for r in runs if r["seed"] in CHOSEN_ON)

    return max(RATES, key=score)


def main():
    checkpoint = course_utils.current().checkpoint
    keys = ["checkpoint", "method", "learning_rate", "seed"]
    record = Record(__file__, keys, epochs=1, batch_size=32, max_length=64, rank=RANK, labels=2_000)
    grid = [(method, rate, seed) for seed in CHOSEN_ON for method in METHODS for rate in RATES]
    record.fill([dict(zip(keys, (checkpoint, *one), strict=True)) for one in grid], run)
    chosen = {method: best_rate(record.rows, method) for method in METHODS}
    rest = [(method, chosen[method], seed) for seed in SEEDS for method in METHODS]
    record.fill([dict(zip(keys, (checkpoint, *one), strict=True)) for one in rest], run)


if __name__ == "__main__":
    main()
