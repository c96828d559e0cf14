"""Does accuracy pay for bf16? One epoch on 2,000 film reviews, trained and judged in bf16.

Takes about five minutes on two cores with avx512_bf16. Writes data/recorded/bf16.csv. The same ten
seeds in fp32, with the same recipe and on the same test reviews, are in fair_race.csv.
"""

import numpy as np
from _recording import Record, bits

import course_utils
from course_utils.judge.records import right_answers
from course_utils.model.precision import has_bf16

SEEDS = range(10)


def run(checkpoint: str, seed: int) -> dict:
    """One model: its answers in bf16, and what changes if the same model answers in fp32."""
    course_utils.use(checkpoint=checkpoint, device="cpu", precision="bf16")
    train, _, test = course_utils.load_reviews(quiet=True)
    tokenizer = course_utils.load_tokenizer()
    model = course_utils.load_classifier(seed=seed, quiet=True)
    course_utils.freeze_word_embeddings(model)
    course_utils.fine_tune(model, tokenizer, train, learning_rate=1e-4, seed=seed)
    result = course_utils.evaluate(model, tokenizer, test)
    course_utils.use(precision="fp32")
    exact = course_utils.evaluate(model, tokenizer, test)
    return {
        "accuracy": result.accuracy,
        "test_texts": len(test),
        "changed_answers": int((result.predicted != exact.predicted).sum()),
        "largest_change": float(np.abs(result.probabilities - exact.probabilities).max()),
        "correct": bits(result.correct),
    }


def in_pairs() -> tuple:
    """The rows in bf16, and those of fair_race in fp32, with the same seeds in the same order."""
    of_bf16 = course_utils.load_record("bf16").sort_values("seed")
    race = course_utils.load_record("fair_race").query("method == 'fine-tuned' and labels == 2000")
    return of_bf16, race.set_index("seed").loc[of_bf16["seed"]].reset_index()


def difference_by_seed() -> np.ndarray:
    """bf16 minus fp32 in accuracy, seed by seed; shape (seeds,)."""
    return np.subtract(*(right_answers(rows).mean(axis=1) for rows in in_pairs()))


def main():
    import torch

    course_utils.use(size="default", device="cpu")
    if not has_bf16(course_utils.pick_device(quiet=True)):
        print("This processor has no bf16, so there is nothing to record.")
        return
    keys, checkpoint = ["checkpoint", "seed"], course_utils.current().checkpoint
    recipe = {"epochs": 1, "batch_size": 32, "max_length": 64, "learning_rate": 1e-4}
    found = torch.cpu.get_capabilities()
    has = [name for name in ("amx_bf16", "avx512_bf16") if found.get(name)]
    record = Record(__file__, keys, **recipe, words="frozen", processor=", ".join(has))
    record.fill([dict(zip(keys, (checkpoint, seed), strict=True)) for seed in SEEDS], run)


if __name__ == "__main__":
    main()
