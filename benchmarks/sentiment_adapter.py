"""The sentiment model of notebook 00: trained here, and stored as a small difference to `minilm`.

Takes about a quarter of an hour on two cores. Writes data/sentiment_adapter.safetensors, which
`load_sentiment_model` reads, and its facts to data/sentiment_adapter.json.

The model learns from 8,000 long reviews, then from all 6,376 sentences, with three seeds; their
weights are averaged. What that added to each matrix is cut down to a low rank, the highest with
which the file stays under 3 MB. Nothing is chosen here: validation only tells, and test is used
once for the averaged model and once for what is shipped.
"""

import json
from hashlib import sha256
from pathlib import Path

import torch
from _recording import machine
from related_task import ALL, IMDB, RATE, learn, train_source
from safetensors.torch import save, save_file

import course_utils
from course_utils.model import adapter

SEEDS = range(3)
MOST_BYTES = 3_000_000
KEPT_WHOLE = 4
"""Matrices with fewer rows or columns than so many (those of the head) are not cut down."""


def average(models):
    """One model with the mean of the weights of several, which began as the same one.

    Source: Wortsman et al. (2022), "Model soups", https://arxiv.org/abs/2203.05482
    """
    first, *_ = models
    states = [dict(model.named_parameters()) for model in models]
    with torch.no_grad():
        for name, weight in first.named_parameters():
            if not weight.requires_grad:  # frozen: the same in all, but for what rounding would add
                continue
            weight.copy_(torch.stack([state[name] for state in states]).mean(dim=0))
    return first


def difference(model) -> dict:
    """Name -> what training added to this weight of `minilm`; of the head, the weights as they are.

    Weights that were not trained are left out. A large matrix comes as its singular values and
    vectors (left, values, right).
    """
    before = dict(course_utils.load_classifier(adapter.BASE, quiet=True).named_parameters())
    found = {}
    for name, weight in model.named_parameters():
        head = name.startswith(adapter.HEAD)
        added = weight.detach() if head else weight.detach() - before[name].detach()
        if not added.any():
            continue
        if added.ndim == 2 and min(added.shape) >= KEPT_WHOLE:
            found[name] = torch.linalg.svd(added, full_matrices=False)
        else:
            found[name] = added
    return found


def cut(added: dict, rank: int) -> dict:
    """What is stored: half precision, each large matrix as the product of two narrow ones.

    The product is the nearest matrix of this rank (Eckart and Young, 1936).
    """
    stored = {}
    for name, value in added.items():
        if isinstance(value, torch.Tensor):
            stored[name] = value.half()
            continue
        left, sizes, right = value
        root = sizes[:rank].sqrt()
        stored[name + adapter.LEFT] = (left[:, :rank] * root).half().contiguous()
        stored[name + adapter.RIGHT] = (root[:, None] * right[:rank]).half().contiguous()
    return stored


def highest_rank(added: dict) -> tuple:
    """The highest rank with which the file is small enough, and what is stored then."""
    for rank in range(60, 0, -1):
        stored = cut(added, rank)
        if len(save(stored)) <= MOST_BYTES:
            return rank, stored
    raise SystemExit(f"No rank fits into {MOST_BYTES:,} bytes.")


def main():
    checkpoint = course_utils.current().checkpoint
    if checkpoint != adapter.BASE:
        raise SystemExit(
            f"sentiment_adapter is made from {adapter.BASE}, and the checkpoint is {checkpoint}: "
            "unset COURSE_CHECKPOINT, then start again."
        )
    if adapter.ADAPTER.is_file():
        print(f"{adapter.ADAPTER.name} is there already: move it away to make it anew.")
        return
    train_source("imdb", 0)
    models = [learn("imdb", 0, ALL, RATE, seed)[0] for seed in SEEDS]
    tokenizer = course_utils.load_tokenizer()
    train, validation, test = course_utils.load_reviews(quiet=True)
    whole = average(models)
    undiminished = course_utils.evaluate(whole, tokenizer, test)
    rank, stored = highest_rank(difference(whole))
    save_file(stored, adapter.ADAPTER)
    adapter.ADAPTER.chmod(0o644)  # safetensors writes it for the owner only
    shipped = course_utils.load_classifier(quiet=True)
    adapter.add_difference(shipped, stored)
    result = course_utils.evaluate(shipped, tokenizer, test)
    facts = {
        "program": "benchmarks/sentiment_adapter.py",
        **machine(),
        "base": adapter.BASE,
        "imdb_reviews": IMDB,
        "reviews": len(train),
        "learning_rate": RATE,
        "seeds": len(SEEDS),
        "rank": rank,
        "bytes": adapter.ADAPTER.stat().st_size,
        "sha256": sha256(adapter.ADAPTER.read_bytes()).hexdigest(),
        "validation_accuracy": course_utils.evaluate(shipped, tokenizer, validation).accuracy,
        "test_texts": len(test),
        "accuracy": result.accuracy,
        "interval": result.interval,
        "accuracy_before_it_was_cut": undiminished.accuracy,
    }
    text = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    Path(adapter.ADAPTER).with_suffix(".json").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
