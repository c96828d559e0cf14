"""A BERT whose vocabulary is not WordPiece, as the multilingual MiniLM is one: made on the spot."""

from pathlib import Path

import real_model
import tokenizers
import torch
import transformers
from tokenizers import models, normalizers, pre_tokenizers, processors, trainers

MARKS = {"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>"}
SHAPE = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 128,
}


def make_tokenizer() -> transformers.PreTrainedTokenizerFast:
    """A unigram tokenizer ("▁" begins a word) that was trained on the reviews of the tests."""
    inner = tokenizers.Tokenizer(models.Unigram())
    inner.normalizer = normalizers.NFKC()
    inner.pre_tokenizer = pre_tokenizers.Metaspace()
    names = [*MARKS.values(), "<mask>"]
    trainer = trainers.UnigramTrainer(
        vocab_size=200, special_tokens=names, unk_token="<unk>", show_progress=False
    )
    texts = [*real_model.small_set().texts, "Das war ein schöner Film", "un film très ennuyeux"]
    inner.train_from_iterator(texts, trainer)
    inner.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[(name, inner.token_to_id(name)) for name in ("<s>", "</s>")],
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, mask_token="<mask>", **MARKS, model_max_length=512
    )


def make_checkpoint(folder: Path, head=transformers.BertModel) -> Path:
    """Write a small BERT of random weights with such a tokenizer into a new folder."""
    tokenizer = make_tokenizer()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = head(transformers.BertConfig(vocab_size=len(tokenizer), **SHAPE))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
