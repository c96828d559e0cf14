"""A checkpoint that nobody has measured: it knows nothing, and is smaller than minilm."""

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


def make_checkpoint(folder: Path, with_head: bool, **shape) -> Path:
    """Write a small BERT of random weights, with minilm's tokenizer, into a new folder.

    Args:
        folder: its name is the name of the checkpoint.
        with_head: with a head for masked language modelling, as bert-base-uncased has one.
        shape: what is to be smaller still.
    """
    tokenizer = real_model.tokenizer()
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
