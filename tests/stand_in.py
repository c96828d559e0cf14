"""A checkpoint that nobody has measured: random weights, fewer layers and heads than minilm."""

from pathlib import Path

import real_model
import torch
import transformers

SHAPE = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
}


def make_checkpoint(folder: Path, with_head: bool) -> Path:
    """Write a small BERT of random weights, with minilm's tokenizer, into a new folder.

    Args:
        folder: its name is the name of the checkpoint.
        with_head: with a head for masked language modelling, as bert-base-uncased has one.
    """
    torch.manual_seed(0)
    tokenizer = real_model.tokenizer()
    config = transformers.BertConfig(vocab_size=len(tokenizer), **SHAPE)
    kind = transformers.BertForMaskedLM if with_head else transformers.BertModel
    kind(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
