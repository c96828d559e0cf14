"""A trained sentiment model that comes with the course: `minilm` and a small difference."""

import json
from pathlib import Path

from course_utils import files
from course_utils.errors import DamagedFile
from course_utils.model.checkpoints import load_classifier, load_tokenizer, named
from course_utils.model.seen import keep_past

ADAPTER = files.shipped("sentiment_adapter.safetensors")
"""What `benchmarks/sentiment_adapter.py` made: what fine-tuning added to the weights of `minilm`,
in a short form. Its facts stand in the .json beside it."""

BASE, HEAD = "minilm", "classifier."
"""Where the difference belongs, and how the names of the head begin, which is stored whole."""

LEFT, RIGHT = ".left", ".right"

CURE = (
    "get the folder data/ of the course again, for instance with `git checkout data`, or install "
    "the course again."
)


def load_sentiment_model() -> tuple:
    """A model that says how likely an English sentence is negative or positive. It is trained.

    It is `minilm`, fine-tuned by this course on film reviews, in two steps: long ones of IMDb, then
    sentences. What the training added to each matrix of weights is kept as a product of two narrow
    matrices, so that it fits into 3 MB; here it is added to the weights of `minilm` again. How
    good it is: `describe_sentiment_model()`.

    It is always made from `minilm`: if the switch names another checkpoint, a sentence says so.
    Random numbers of torch stay as they were.

    Returns:
        model, tokenizer: a plain `BertForSequenceClassification` (fp32, `eval()` mode, on the CPU;
        its labels are "negative" and "positive") and its tokenizer, which reads 64 tokens. All of
        the course works with them, and so does transformers' `pipeline("text-classification")`.

    Raises:
        DamagedFile: if a file of it is missing or was changed.

    Source: the short form is that of LoRA, Hu et al. (2022), https://arxiv.org/abs/2106.09685, made
    after the training by a singular value decomposition.
    """
    path = files.verify(ADAPTER, read_facts()["sha256"], CURE)
    import torch
    from safetensors.torch import load_file

    active = named(None)  # what the switch says
    if active != BASE:
        print(
            f"The sentiment model of this course is made from {BASE}; the checkpoint {active} "
            "changes nothing about it."
        )
    with torch.random.fork_rng(devices=[]):
        model = load_classifier(BASE, quiet=True)
    add_difference(model, load_file(path))
    keep_past(model, None)  # the film reviews that it learned from are marked nowhere
    return model.eval(), load_tokenizer(BASE)


def add_difference(model, stored: dict) -> None:
    """Add a stored difference to the weights of a model, in place.

    Args:
        model: a classifier of the checkpoint that the difference was taken from.
        stored: name of a weight -> what is added, in its shape; or, under the name with ".left" and
            ".right", two matrices of shapes (rows, rank) and (rank, columns), of which the product
            is added. The head of the model is random: what is stored of it stands in its place.
    """
    import torch

    weights = dict(model.named_parameters())
    with torch.no_grad():
        for name, value in stored.items():
            if name.endswith(RIGHT):
                continue
            own, added = name.removesuffix(LEFT), value.float()
            if name.endswith(LEFT):
                added = added @ stored[own + RIGHT].float()  # (rows, columns)
            if own.startswith(HEAD):
                weights[own].zero_()
            weights[own].add_(added)


def read_facts() -> dict:
    """What is known of the sentiment model: how it was made, and how good it is.

    Raises:
        DamagedFile: if the file with it is missing or cannot be read.
    """
    path = Path(ADAPTER).with_suffix(".json")
    if not path.is_file():
        raise DamagedFile(f"{path.name} is missing: {CURE}")
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise DamagedFile(f"{path.name} is not valid JSON: {CURE}") from None


def describe_sentiment_model() -> None:
    """Print what the sentiment model learned from, and how good it is on texts it never saw.

    Raises:
        DamagedFile: see `read_facts`.
    """
    facts = read_facts()
    low, high = (100 * bound for bound in facts["interval"])
    print(
        f"{facts['base']}, fine-tuned on {facts['imdb_reviews']:,} long film reviews from IMDb, "
        f"then on {facts['reviews']:,} sentences from film reviews."
    )
    print(
        f"Of {facts['test_texts']:,} test sentences that it never saw, it got "
        f"{100 * facts['accuracy']:.1f} % right "
        f"(95 % interval {low:.1f} to {high:.1f})."
    )
