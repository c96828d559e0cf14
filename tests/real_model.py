"""The real small model and a handful of reviews of our own, shared by the tests."""

import shutil
from functools import cache
from pathlib import Path

import torch

import course_utils

POSITIVE = [
    "a warm, funny and generous film",
    "I loved every minute of it!",
    "brilliant acting, and a script that sparkles",
    "one of the best films of the year, moving from its first picture to its last",
    "a joy",
    "clever, tender and beautifully shot",
    "what a wonderful surprise this little comedy is",
    "the cast is superb and the ending left me smiling for days",
]
NEGATIVE = [
    "a dull, lazy and cynical film",
    "I hated every minute of it!",
    "wooden acting, and a script that creaks",
    "one of the worst films of the year, tedious from its first picture to its last",
    "a bore",
    "clumsy, cold and badly shot",
    "what a dreadful disappointment this little comedy is",
    "the cast is asleep and the ending left me angry for days",
]


def small_set() -> course_utils.LabeledTexts:
    """Sixteen short reviews of different lengths, eight of each kind."""
    return course_utils.LabeledTexts(
        NEGATIVE + POSITIVE, [0] * len(NEGATIVE) + [1] * len(POSITIVE), name="small set"
    )


@cache
def tokenizer():
    return course_utils.load_tokenizer("minilm")


@cache
def classifier():
    """A classifier that no test may change; one to be trained comes from `new_classifier`."""
    return new_classifier().eval()


def new_classifier(**options):
    return course_utils.load_classifier("minilm", quiet=True, **options)


def fine_tune(model, data=None, **options) -> course_utils.History:
    """A short run on a few texts, unless the options say something else."""
    options = {"batch_size": 4, "learning_rate": 1e-4} | options
    return course_utils.fine_tune(model, tokenizer(), data or small_set(), **options)


def weights(model) -> torch.Tensor:
    """All weights of a model in one row."""
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


@cache
def minilm_folder() -> Path:
    return course_utils.checkpoint_folder("minilm")


def copy_of_minilm(target: Path, without=(), **contents) -> Path:
    """A folder with the files of minilm; the keywords `config`, `vocab`, ... replace a content."""
    names = {
        "config": "config.json",
        "weights": "model.safetensors",
        "tokenizer": "tokenizer.json",
        "tokenizer_config": "tokenizer_config.json",
        "vocab": "vocab.txt",
    }
    target.mkdir(parents=True)
    for key, name in names.items():
        if key in contents:
            (target / name).write_bytes(contents[key])
        elif key not in without:
            shutil.copyfile(minilm_folder() / name, target / name)
    return target
