"""A masked language model: it guesses the word behind [MASK] from the words on both sides."""

import json
from pathlib import Path

import numpy as np

from course_utils import files
from course_utils.data.reading import check_mask, longest
from course_utils.data.texts import check_texts
from course_utils.errors import CheckpointNotFound, DamagedFile, DataError
from course_utils.model.batches import Batches
from course_utils.model.checkpoints import checkpoint_folder, load_weights, named
from course_utils.model.tokenizing import read_tokenizer
from course_utils.model.turns import encode
from course_utils.model.vectors import read_batches

FOLDER = files.shipped("masked_lm")
"""What `benchmarks/masked_lm.py` made: the weights that differ from `minilm`, and their card."""

CURE = (
    "get the folder data/masked_lm of the course again, for instance with `git checkout data`, "
    "or install the course again."
)


def load_masked_lm(name: str = None) -> tuple:
    """The tokenizer and the masked language model of a checkpoint.

    `minilm` has no language-modelling head of its own, and was not trained by masking. In its
    place, this course ships what it became by continued pre-training on film reviews: all layers
    have changed since, so this is another encoder than the one that `load_classifier` gives. Any
    other checkpoint brings its own head, or has none. If the one that the switch names has none,
    that of the course stands in for it, and a sentence says so.

    Args:
        name: see `checkpoint_folder`.

    Returns:
        (tokenizer, model): a `BertTokenizer`, and a `BertForMaskedLM` in fp32 and `eval()` mode.
        Its logits have shape (batch, sequence, vocabulary).

    Raises:
        CheckpointNotFound: if the checkpoint `name` has no language-modelling head.
        DamagedFile: if a file is missing or is not the one that was tested.
    """
    asked, name = name, named(name)
    folder = checkpoint_folder(name)
    tokenizer = read_tokenizer(folder)
    from transformers import BertForMaskedLM

    model, new = load_weights(BertForMaskedLM, folder)
    if name == "minilm":
        _continue(model)
    elif any("transform" in key for key in new):  # the rest of a head may be shared, or be a bias
        if not asked:
            print(
                f"{Path(name).name} has no language-modelling head, so it cannot fill in words. "
                "The masked language model of this course, made from minilm, stands in for it."
            )
            return load_masked_lm("minilm")
        raise CheckpointNotFound(
            f"'{name}' has no language-modelling head, so it cannot fill in words: take "
            '"minilm", for which this course brings one, or "bert-base-uncased".'
        )
    return tokenizer, model.eval()


def _continue(model) -> None:
    """Put the weights of the continued pre-training into a `BertForMaskedLM` of `minilm`."""
    import torch
    from safetensors.torch import load_file

    if not (FOLDER / "about.json").is_file():
        raise DamagedFile(f"about.json is missing: {CURE}")
    about = json.loads((FOLDER / "about.json").read_text(encoding="utf-8"))
    path = files.verify(FOLDER / "model.safetensors", about["sha256"], CURE)
    weights = {key: weight.float() for key, weight in load_file(path).items()}
    left, right = weights.pop("decoder.left"), weights.pop("decoder.right")
    table = model.get_input_embeddings().weight.detach()  # (vocabulary, hidden)
    model.config.tie_word_embeddings = False
    model.cls.predictions.decoder.weight = torch.nn.Parameter(table + left @ right)
    model.load_state_dict(weights, strict=False)


def fill_blank(model, tokenizer, text: str, top: int = 5):
    """The likeliest words for the gap of a text.

    Args:
        model, tokenizer: from `load_masked_lm`.
        text: with [MASK] where one word is missing.
        top: how many words.

    Returns:
        A DataFrame with the columns word and probability, the likeliest word first. A piece of a
        word begins with ##. The text stands in its `attrs`.

    Raises:
        DataError: if the text has no gap, or more than one, or `top` is out of range.
    """
    import pandas as pd

    size = len(tokenizer)
    if type(top) is not int or not 1 <= top <= size:
        raise DataError(f"top={top!r}: expected a whole number of words from 1 to {size:,}.")
    probabilities = _gap_probabilities(model, tokenizer, [text])[0]
    best = np.argsort(-probabilities, kind="stable")[:top]
    table = pd.DataFrame(
        {"word": tokenizer.convert_ids_to_tokens(best.tolist()), "probability": probabilities[best]}
    )
    table.attrs["text"] = text
    return table


def word_probabilities(model, tokenizer, text: str, words) -> dict:
    """How likely each of some words is in the gap of a text.

    Args:
        model, tokenizer, text: see `fill_blank`.
        words: each one must be a single token of the vocabulary.

    Raises:
        DataError: if a word is not in the vocabulary; see also `fill_blank`.
    """
    words = check_texts(words)
    known = tokenizer.get_vocab()
    spelled = {word: word if word in known else word.lower() for word in words}
    missing = [word for word in words if spelled[word] not in known]
    if missing:
        raise DataError(
            f"'{missing[0]}' is not in the vocabulary as one token, so it cannot fill one gap: "
            "take a more frequent word."
        )
    probabilities = _gap_probabilities(model, tokenizer, [text])[0]
    return {word: float(probabilities[known[spelled[word]]]) for word in words}


def _gap_probabilities(model, tokenizer, texts):
    """The probability of each word in the gap of each text: (texts, vocabulary)."""
    texts = check_texts(texts)
    _check_gaps(tokenizer, texts, longest(model))

    def pooled(output, batch):
        gap = batch["input_ids"] == tokenizer.mask_token_id  # (batch, sequence)
        # The head is half of the work, and only the gap needs it.
        return model.cls(output.last_hidden_state[gap]).float().softmax(dim=-1)

    return read_batches(model, Batches(tokenizer, texts, max_length=longest(model)), pooled, True)


def _check_gaps(tokenizer, texts, most: int) -> None:
    """Each text needs exactly one [MASK] within the `most` tokens that the model can read."""
    check_mask(tokenizer)
    gap = tokenizer.mask_token
    how = "in capital letters and square brackets" if gap == "[MASK]" else "exactly so"
    for text in texts:
        if text.count(gap) != 1:
            raise DataError(
                f"Expected one {gap} where a word is missing, found {text.count(gap)} in "
                f"'{text[:60]}': write it once, {how}."
            )
        ids = encode(tokenizer, text, truncation=True, max_length=most)["input_ids"]
        if tokenizer.mask_token_id not in ids:
            raise DataError(
                f"The {gap} in '{text[:60]}...' stands after the {most} tokens that this model can "
                "read: cut the text."
            )
