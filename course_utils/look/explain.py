"""Why did it say that? How much each word of a text speaks for the answer of a classifier."""

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np

from course_utils.data.display import keep_dollars, own_columns
from course_utils.data.reading import check_mask
from course_utils.data.texts import check_texts
from course_utils.errors import DataError
from course_utils.look.attention import weights_in
from course_utils.look.words import encoded_words, read_words, whole_word
from course_utils.model.layers import check_answers
from course_utils.model.mirror import at_rest
from course_utils.model.prediction import predict
from course_utils.model.speed import first_position_only

TOKENS = 1_024
"""Tokens that are read at a time, so that the memory stays flat for long texts."""


@dataclass(frozen=True)
class Attribution:
    """The words of a text, and how much each of them speaks for the answer of a model.

    A score above 0 speaks for `label`, a score below 0 for `rival`. Both methods explain the same
    number, the *gap*: the logit of the predicted label minus the logit of the runner-up. (With two
    labels, the runner-up is the other one.) A gap of 0 is undecided, and a gap of 1 means that the
    answer is e = 2.7 times as probable as its rival. "Why this and not the other?" is a question
    that has an answer also where there are many labels.

    Source of asking for one label against another: Jacovi et al. (2021), Contrastive Explanations
    for Model Interpretability, proceedings of EMNLP.
    """

    words: tuple
    """As they stand in the text, in its order. Signs such as "..." are words of their own."""
    scores: np.ndarray
    """One number for each word, shape (words,), in units of the gap."""
    label: str
    """The name of the predicted label."""
    rival: str
    """The name of the runner-up."""
    probability: float
    """Of the predicted label, between 0 and 1."""
    method: str
    total: float | None
    """What the scores must add up to: the gap of the text minus the gap of the baseline. None for
    occlusion, where no rule says what they add up to: words that say the same cover for each other.
    """

    def _repr_html_(self) -> str:
        return Words((self,))._repr_html_()

    def __repr__(self):
        title = f"{self.method}: {self.label} rather than {self.rival}"
        lines = [f"{s:+9.3f}  {word}" for word, s in zip(self.words, self.scores, strict=True)]
        return "\n".join([title, f"{self.probability:9.3f}  is the probability", *lines])


@dataclass(frozen=True)
class Words:
    """Attributions beneath each other, as `show_words` returns them."""

    attributions: tuple

    def _repr_html_(self) -> str:
        from course_utils.look.figures.words import words_html

        return words_html(self.attributions)

    def __repr__(self):
        return "\n\n".join(map(repr, self.attributions))


def show_words(*attributions) -> Words:
    """Show the words of several attributions in colour, beneath each other, with one legend.

    Raises:
        DataError: if there is none, or something else among them.
    """
    for each in attributions or [None]:
        if not isinstance(each, Attribution):
            raise DataError(
                f"Expected attributions, found a {type(each).__name__}: give show_words what "
                "occlusion or integrated_gradients returned."
            )
    return Words(attributions)


def occlusion(model, tokenizer, text: str, max_length: int = None) -> Attribution:
    """Hide one word after the other, and see by how much the gap of the answer falls.

    All tokens of the word become [MASK]. Nothing is taken out, so every other word stays at its
    position. The text is read once for each of its words.

    Args:
        model: a classifier; it stays on its device, and no weight changes. Dropout is off.
        tokenizer: the tokenizer of the same checkpoint.
        text: a sentence.
        max_length: how many of its tokens are read; see `predict`, whose answer is explained.

    Returns:
        An `Attribution`. A word that stands in the text twice is hidden in one place at a time. A
        word after the end of what is read gets 0: without it the answer is the same.

    Raises:
        DataError: if the model is no BERT classifier, or the text is empty.

    Source: Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks, who hid
    a patch of an image; Li, Monroe and Jurafsky (2016), Understanding Neural Networks through
    Representation Erasure, who did it with words.
    """
    import torch

    words, owner, ids = read_words(model, tokenizer, text, max_length)
    read, batches = _each_word_hidden(tokenizer, owner, ids)
    with _predicting(model) as still, torch.inference_mode():
        pair, probability = _answer(still, ids)
        gaps = torch.cat([_gap(still, pair, batch) for batch in batches])
    scores = np.zeros(len(words), dtype=np.float32)
    scores[read] = (gaps[0] - gaps[1:]).cpu().numpy()
    names = map(model.config.id2label.get, pair)
    return Attribution(words, scores, *names, probability, "occlusion", None)


def vector_shifts(model, tokenizer, text: str, max_length: int = None) -> np.ndarray:
    """How far the vector that the head reads moves when each word is hidden, in any direction.

    Occlusion without the head: it hides the same words, and asks only whether anything changes.

    Args:
        model, tokenizer, text, max_length: see `occlusion`, also for the errors.

    Returns:
        Shape (words,), for the same words as those of `occlusion`: a length each, 0 or more.
    """
    import torch

    words, owner, ids = read_words(model, tokenizer, text, max_length)
    read, batches = _each_word_hidden(tokenizer, owner, ids)
    with _predicting(model) as still, torch.inference_mode():
        body = still.base_model
        vectors = [
            body(input_ids=b, attention_mask=torch.ones_like(b)).pooler_output for b in batches
        ]
        vectors = torch.cat(vectors).float()  # (1 + words, hidden)
    shifts = np.zeros(len(words), dtype=np.float32)
    shifts[read] = (vectors[1:] - vectors[0]).norm(dim=-1).cpu().numpy()
    return shifts


def _each_word_hidden(tokenizer, owner, ids) -> tuple:
    """The words that have a token; batches of ids: the text, then with each of them hidden."""
    import torch

    check_mask(tokenizer)
    read = np.unique(owner)
    hidden = torch.from_numpy(read[:, None] == owner)  # (words that are read, tokens)
    rows = ids.repeat(len(read), 1)  # (words that are read, sequence)
    rows[:, 1:-1][hidden.to(ids.device)] = tokenizer.mask_token_id
    return read, torch.cat([ids, rows]).split(max(1, TOKENS // ids.shape[1]))


def integrated_gradients(
    model, tokenizer, text: str, steps: int = 50, max_length: int = None
) -> Attribution:
    """Walk from a text without words to the text, and add up how each word moves the gap.

    The walk is a straight line from the word embeddings of [MASK], the baseline, to those of the
    text. At `steps` points on the way the slope of the gap is measured. A word's score is the mean
    slope times the way that its embedding went. So nothing is left over: all scores add up to the
    gap of the text minus the gap of the baseline (`total`). What is missing is the error of the
    mean over so few points: with 50 of them, 0.002 or less for each of forty reviews.

    Args:
        model, tokenizer, text: see `occlusion`.
        steps: points on the way; more make the error smaller, and take longer.
        max_length: see `occlusion`.

    Raises:
        DataError: as `occlusion`; or if `steps` is not a whole number from 1 on.

    Source: Sundararajan, Taly and Yan (2017), Axiomatic Attribution for Deep Networks, ICML.
    """
    if type(steps) is not int or steps < 1:
        raise DataError(f"steps={steps!r}: expected a whole number from 1 on.")
    words, owner, ids = read_words(model, tokenizer, text, max_length)
    check_mask(tokenizer)
    from captum.attr import LayerIntegratedGradients

    # [MASK] is what a BERT learned to read as "here stands some word". [PAD] would be strange to
    # it: the attention mask has always hidden it. [CLS] and [SEP] stay: no word of the text, they
    # go no way at all, so their scores are exactly 0.
    baseline = ids.clone()
    baseline[:, 1:-1] = tokenizer.mask_token_id
    with _predicting(model) as still:
        pair, probability = _answer(still, ids)
        gap = partial(_gap, still, pair)
        method = LayerIntegratedGradients(gap, still.get_input_embeddings())
        found = method.attribute(  # (1, sequence, hidden)
            ids, baseline, n_steps=steps, internal_batch_size=max(1, TOKENS // ids.shape[1])
        )
        total = (gap(ids) - gap(baseline)).item()
    of_tokens = found.detach()[0].sum(dim=-1).cpu().numpy()  # (sequence,)
    scores = np.bincount(owner, of_tokens[1:-1], minlength=len(words))
    names = map(model.config.id2label.get, pair)
    return Attribution(words, scores, *names, probability, "integrated gradients", total)


def attention_to_words(model, tokenizer, text: str, max_length: int = None) -> np.ndarray:
    """The share of attention that each word gets, where the head of a classifier reads.

    That is the last layer, from [CLS], the mean over all attention heads. It is here to be compared
    with the methods above: a share says from where numbers come, not for what they speak.

    Args:
        model, tokenizer, text, max_length: see `occlusion`, also for the errors.

    Returns:
        Shape (words,), for the same words as those of `occlusion`. What [CLS] and [SEP] get
        themselves is left out.
    """
    words, owner, ids = read_words(model, tokenizer, text, max_length)
    weights = weights_in(model, tokenizer, [text], ids.shape[1])[-1][0]  # (layers, heads, from, to)
    row = weights[-1, :, 0].mean(axis=0)  # (sequence,)
    return np.bincount(owner, row[1:-1], minlength=len(words))


@contextmanager
def _predicting(model):
    """Within the block, no dropout and no work that the head does not read, as in `predict`."""
    with at_rest(model) as still, first_position_only(still):
        yield still


def _logits(model, ids):
    """The logits of texts with the same number of tokens: (batch, classes)."""
    import torch

    # No text is padded to the length of another one, so every position is a real one.
    return model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.float()


def _answer(model, ids) -> tuple:
    """The numbers of the predicted label and of the runner-up, and the probability of the first."""
    import torch

    with torch.no_grad():
        logits = _logits(model, ids)
        check_answers(logits)
        probabilities = torch.softmax(logits, dim=-1)[0]  # (classes,)
    pair = probabilities.topk(2).indices.tolist()
    return pair, probabilities.max().item()


def _gap(model, pair, ids):
    """How far the logit of the answer is above that of its rival: (batch,)."""
    answer, rival = pair
    logits = _logits(model, ids)
    return logits[:, answer] - logits[:, rival]


def counterfactual(model, tokenizer, text: str, word: str, replacements, max_length: int = None):
    """What would the model say if another word stood there?

    Args:
        model, tokenizer: see `predict`.
        text: a sentence.
        word: a word (or several, or a sign) of the text; upper and lower case do not count, and a
            part of a longer word does not either. All places where it stands are changed.
        replacements: a list of strings to put there, one at a time.
        max_length: how many tokens of each text are read; see `predict`.

    Returns:
        A DataFrame: the text and the probability of each label (one called "text" becomes "label
        text"). The first row is the original; the index says what stands there.

    Raises:
        DataError: if the word does not stand in the text, or after what is read of it.
    """
    import pandas as pd

    replacements = check_texts(replacements)
    if not isinstance(word, str) or not word.strip():
        raise DataError(f"word={word!r}: expected a word of the text.")
    word = word.strip()
    check_texts([text])
    place = whole_word(word)
    found = place.search(text)
    if not found:
        raise DataError(f"The word '{word}' does not stand in the text '{text}'.")
    encoded = encoded_words(model, tokenizer, text, max_length)
    if found.start() >= encoded["offset_mapping"][-2][1]:
        raise DataError(
            f"The word '{word}' stands after the {len(encoded['input_ids'])} tokens that are read, "
            "so it changes nothing: take one before it, or read more with max_length=..."
        )
    texts = [text, *(place.sub(lambda _, new=new: new, text) for new in replacements)]
    for each in texts:
        encoded_words(model, tokenizer, each, max_length)  # is there a word left?
    probabilities = predict(model, tokenizer, texts, max_length=max_length, quiet=True)
    names = [model.config.id2label[label] for label in range(model.config.num_labels)]
    keep_dollars(word, *replacements, *texts, *names)
    columns = own_columns(names, "text")
    table = pd.DataFrame(probabilities, pd.Index([word, *replacements], name="word"), columns)
    table.insert(0, "text", texts)
    return table.round(3)
