"""Texts as vectors, made by an encoder that is not trained any further ("frozen")."""

import numpy as np

from course_utils.data.reading import reading_length
from course_utils.data.texts import check_texts
from course_utils.errors import DataError
from course_utils.model.batches import Batches
from course_utils.model.layers import check_model, check_tokens
from course_utils.model.mirror import at_rest
from course_utils.model.turns import encode
from course_utils.progress import progress_bar


def sentence_vectors(
    encoder, tokenizer, texts, batch_size: int = 32, max_length: int = None, quiet: bool = False
):
    """One vector per text: the mean of what the encoder's last layer says at each real position.

    Args:
        encoder: from `load_encoder`, or a classifier, of which the head is not used; it stays on
            its device, and no weight changes.
        tokenizer: the tokenizer of the same checkpoint.
        texts: a list of strings.
        batch_size, max_length: see `Batches`.
        quiet: show no progress bar. (For a single batch there is none anyway.)

    Returns:
        A numpy array of shape (texts, hidden); each row has length 1.
    """
    import torch

    def pooled(output, batch):
        means = mean_over_text(output.last_hidden_state, batch["attention_mask"])
        return torch.nn.functional.normalize(means, dim=-1)  # (batch, hidden)

    max_length = reading_length(tokenizer, max_length, encoder)
    batches = Batches(tokenizer, texts, batch_size=batch_size, max_length=max_length)
    return read_batches(encoder, batches, pooled, quiet)


def pooler_and_mean(
    model, tokenizer, texts, batch_size: int = 32, max_length: int = None, quiet: bool = False
):
    """Two vectors per text, read at once: what the pooler makes of [CLS], and the mean.

    The first is what the head of a BERT reads; the second is that of `sentence_vectors`.

    Args:
        model: a classifier or an encoder with a pooler; no weight changes.
        tokenizer, texts, batch_size, max_length, quiet: see `sentence_vectors`.

    Returns:
        Two numpy arrays of shape (texts, hidden).

    Raises:
        DataError: if the model has no pooler.
    """
    import torch

    check_model(model)
    if getattr(model.base_model, "pooler", None) is None:
        raise DataError(
            "This model has no pooler, so nothing comes out of it: load one with "
            "load_classifier(), or ask for sentence_vectors()."
        )

    def both(output, batch):
        means = mean_over_text(output.last_hidden_state, batch["attention_mask"])
        means = torch.nn.functional.normalize(means, dim=-1)
        return torch.stack([output.pooler_output.float(), means], dim=1)  # (batch, 2, hidden)

    max_length = reading_length(tokenizer, max_length, model)
    batches = Batches(tokenizer, texts, batch_size=batch_size, max_length=max_length)
    found = read_batches(model, batches, both, quiet)
    return found[:, 0], found[:, 1]


def mean_over_text(hidden, mask):
    """The mean of hidden states (batch, sequence, hidden) where the mask (batch, sequence) is 1."""
    mask = mask.unsqueeze(-1)  # (batch, sequence, 1)
    return (hidden.float() * mask).sum(dim=1) / mask.sum(dim=1)  # (batch, hidden)


def read_batches(model, batches: Batches, pooled, quiet: bool = False, **options):
    """Let an encoder read every batch, and keep what `pooled` makes of its output.

    Dropout is switched off while reading, and no gradient is kept. The model stays in its mode.

    Args:
        model: an encoder, or a classifier, of which the head is not used.
        batches: without labels.
        pooled: a function of the encoder's output and of the batch; its answer, a tensor, has one
            row for each text of the batch.
        quiet: show no progress bar.
        options: what else the encoder is asked for, such as output_hidden_states=True.

    Returns:
        A numpy array with one row for each text, in the order in which the texts were given.
    """
    import torch

    check_tokens(model, batches.tokenizer)
    encoder = model.base_model  # of a classifier, the part below its head
    total = len(batches.lengths)
    bar = progress_bar(total, "texts", "Reading", quiet or len(batches) == 1)
    found = None
    try:
        with at_rest(encoder) as still, torch.inference_mode():
            for rows, batch in batches:
                batch = batch.to(encoder.device)
                answer = pooled(still(**batch, **options), batch).cpu().numpy()
                if found is None:  # the first batch tells the form of one row
                    found = np.empty((total, *answer.shape[1:]), dtype=answer.dtype)
                found[rows] = answer
                bar.update(len(rows))
    finally:
        bar.close()
    return found


def word_vectors(encoder, tokenizer, texts, max_length: int = None):
    """One vector per text: the mean of its tokens in the encoder's table of word embeddings.

    No layer is used, so a token has the same vector in every sentence, and the order of the
    tokens does not count. [CLS] and [SEP] are left out.

    Args:
        encoder, tokenizer, texts: see `sentence_vectors`.
        max_length: as in `sentence_vectors`, so that both read the same: two less than so many
            tokens of each text count.

    Returns:
        A numpy array of shape (texts, hidden); each row has length 1 (or 0 without any token).
    """
    check_tokens(encoder, tokenizer)
    texts, most = check_texts(texts), reading_length(tokenizer, max_length, encoder) - 2
    table = encoder.get_input_embeddings().weight.detach().float().cpu().numpy()
    cut = {"truncation": True, "max_length": most}
    ids = encode(tokenizer, texts, **cut, add_special_tokens=False)["input_ids"]
    means = np.stack([table[row].mean(axis=0) if row else np.zeros_like(table[0]) for row in ids])
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    return means / np.where(lengths == 0, 1, lengths)
