"""Checkpoints that nobody has measured: they know nothing, and are smaller than minilm."""

from functools import cache
from pathlib import Path

import languages
import real_model
import torch
import transformers
from tokenizers.implementations import BertWordPieceTokenizer

import course_utils

SHAPE = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
}


def make_checkpoint(folder: Path, with_head: bool, tokenizer=None, **shape) -> Path:
    """Write a small BERT of random weights into a new folder.

    Args:
        folder: its name is the name of the checkpoint.
        with_head: with a head for masked language modelling, as bert-base-uncased has one.
        tokenizer: by default that of minilm.
        **shape: what is another one than in `SHAPE`.
    """
    tokenizer = tokenizer or real_model.tokenizer()
    config = transformers.BertConfig(vocab_size=len(tokenizer), **SHAPE | shape)
    kind = transformers.BertForMaskedLM if with_head else transformers.BertModel
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        model = kind(config)
        for weight in model.parameters():  # as after training: no bias is 0, no scale is 1
            weight += 0.02 * torch.randn(weight.shape)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@cache
def cased_tokenizer() -> transformers.BertTokenizer:
    """One that tells "We" from "we", with a vocabulary of its own: of English films and news."""
    reviews, news = course_utils.load_reviews(quiet=True), course_utils.load_headlines(quiet=True)
    return _learned([*reviews[0].texts, *news[0].texts], 6_000)


@cache
def multilingual_tokenizer() -> transformers.BertTokenizer:
    """One for many languages and scripts: English has a small share of its vocabulary."""
    reviews = course_utils.load_reviews(quiet=True)[0].texts[:500]
    others = [value for name, value in vars(languages).items() if name.isupper()]
    return _learned([*reviews, *(text for text in others if isinstance(text, str))], 4_000)


def _learned(texts, size) -> transformers.BertTokenizer:
    trainer = BertWordPieceTokenizer(lowercase=False, strip_accents=False)
    trainer.train_from_iterator(texts, vocab_size=size, min_frequency=1, show_progress=False)
    return transformers.BertTokenizer(trainer.get_vocab(), do_lower_case=False)
