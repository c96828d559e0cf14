"""Which recipe for the film reviews? Dropout, frozen words, rate, pooling, epochs, weight decay.

Takes a good hour on two cores. Writes data/recorded/recipes.csv. Everything is judged on
validation, so that a choice made here does not touch the test split. The loss is the mean negative
log probability of the true label: with a few hundred texts it varies less than the accuracy.
"""

from contextlib import contextmanager, nullcontext

import numpy as np
import torch
from _recording import Record

import course_utils

PLAIN = {
    "dropout": True,
    "words": "trained",
    "pooling": "pooler",
    "epochs": 1,
    "rate": 1e-4,
    "decay": "all weights",
}
LEAN = PLAIN | {"dropout": False, "words": "frozen"}
RECIPES = {
    "as the checkpoint comes": PLAIN,
    "no dropout": PLAIN | {"dropout": False},
    "no dropout, words frozen": LEAN,
    "no dropout, words frozen, rate 2e-4": LEAN | {"rate": 2e-4},
    "no dropout, words frozen, mean pooling": LEAN | {"pooling": "mean"},
    "no dropout, words frozen, pooler passes through": LEAN | {"pooling": "identity"},
    "no dropout, words frozen, three epochs": LEAN | {"epochs": 3},
    "words frozen, three epochs": LEAN | {"epochs": 3, "dropout": True},
    "no dropout, words frozen, no decay of biases": LEAN | {"decay": "matrices"},
}
RUNS = (
    # (size, recipe, seed): what the defaults rest on first
    *(("full", name, seed) for seed in range(3) for name in list(RECIPES)[:6]),
    *(("default", name, seed) for seed in range(5) for name in list(RECIPES)[:3]),
    *(("full", name, seed) for seed in range(3) for name in list(RECIPES)[6:]),
    *(("default", "as the checkpoint comes", seed) for seed in range(5, 10)),
)
"""Ten seeds of the first recipe. Those of "no dropout, words frozen" are in fine_tuning.csv, which
has this recipe, and the same accuracies on validation: five of them are not run again."""


class MeanPooling(torch.nn.Module):
    """A head on the mean of all last hidden states, instead of on the pooler."""

    def __init__(self, model):
        super().__init__()
        self.bert, self.dropout, self.classifier = model.bert, model.dropout, model.classifier
        self.config, self.device = model.config, model.device

    def forward(self, labels=None, **batch):
        hidden = self.bert(**batch).last_hidden_state  # (batch, sequence, hidden)
        mask = batch["attention_mask"].unsqueeze(-1)
        pooled = (hidden * mask).sum(1) / mask.sum(1)  # (batch, hidden)
        logits = self.classifier(self.dropout(pooled))
        loss = None if labels is None else torch.nn.functional.cross_entropy(logits, labels)
        return type("Output", (), {"loss": loss, "logits": logits})


@contextmanager
def decay_of_matrices_alone():
    """Within the block, AdamW shrinks no biases and no layer norms, as in transformers' Trainer."""
    plain = torch.optim.AdamW

    def grouped(weights, **options):
        groups = {True: [], False: []}
        for weight in weights:
            groups[weight.ndim > 1].append(weight)
        rest = {"params": groups[False], "weight_decay": 0.0}
        return plain([{"params": groups[True]}, rest], **options)

    torch.optim.AdamW = grouped
    try:
        yield
    finally:
        torch.optim.AdamW = plain


def run(checkpoint: str, size: str, recipe: str, seed: int) -> dict:
    """Fine-tune once, and judge on validation after the last epoch, or after the best of three."""
    course_utils.use(checkpoint=checkpoint, size=size)
    train, validation, _ = course_utils.load_reviews(quiet=True)
    tokenizer, how = course_utils.load_tokenizer(), RECIPES[recipe]
    model = course_utils.load_classifier(seed=seed, quiet=True)
    if how["words"] == "frozen":
        course_utils.freeze_word_embeddings(model)
    if how["pooling"] == "mean":
        model.bert.pooler.requires_grad_(False)  # nothing reads it
        model = MeanPooling(model)
    if how["pooling"] == "identity":  # minilm's pooler was never trained: start it as tanh([CLS])
        with torch.no_grad():
            model.bert.pooler.dense.weight.copy_(torch.eye(model.config.hidden_size))
            model.bert.pooler.dense.bias.zero_()
    with decay_of_matrices_alone() if how["decay"] == "matrices" else nullcontext():
        history = course_utils.fine_tune(
            model, tokenizer, train, validation,
            epochs=how["epochs"], learning_rate=how["rate"], dropout=how["dropout"], seed=seed,
        )  # fmt: skip
    result = course_utils.evaluate(model, tokenizer, validation)
    right = result.probabilities[np.arange(len(validation)), validation.labels]
    return {
        "texts": len(train),
        "validation_accuracy": result.accuracy,
        "validation_loss": float(-np.log(right).mean()),
        "best_epoch": history.best_epoch,
    }


def main():
    keys = ["checkpoint", "size", "recipe", "seed"]
    checkpoint = course_utils.current().checkpoint
    record = Record(__file__, keys, batch_size=32, max_length=64, validation_texts=864)
    record.fill([dict(zip(keys, (checkpoint, *one), strict=True)) for one in RUNS], run)


if __name__ == "__main__":
    main()
