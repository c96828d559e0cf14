"""Views in which you type a text: what a model says, how it is cut, what fits into a gap."""

import html

import numpy as np

from course_utils.data.display import isolated, one_line, own_columns, shorten, shown_names
from course_utils.data.half_signs import whole_signs
from course_utils.data.reading import reading_length
from course_utils.data.texts import check_texts
from course_utils.errors import DataError
from course_utils.look.figures.base import GREY
from course_utils.look.views.base import bars, follow, own_tokenizer, sentence, table, text_box
from course_utils.model.batches import check_batch_size
from course_utils.model.layers import check_classifier
from course_utils.model.prediction import predict

EXAMPLES = ("What a lovely surprise.", "What a waste of two hours.", "Not my cup of tea.")


MOST_LABELS = 8
"""Labels that have a bar of their own, or a column in a table."""

LONGEST, COLOURED = 300, 25
"""Characters that are read while somebody types, and tokens that get colours: each word of them
costs a pass through the model. More would make people wait."""


def live_prediction(model, tokenizer, examples=EXAMPLES, words: bool = False):
    """A box to type a sentence into; the bars below follow while you type.

    Args:
        model, tokenizer: a fine-tuned classifier.
        examples: sentences for the table that stands in for the box where no kernel is running.
        words: show which words the answer hangs on, too (see `occlusion`).

    Returns:
        The view; leave it as the last line of a cell.
    """
    check_classifier(model)
    examples = check_texts(examples)
    names = [model.config.id2label[i] for i in range(model.config.num_labels)]
    own = own_tokenizer(tokenizer)

    def draw(text):
        if not text.strip():
            return sentence("The probabilities appear here.")
        short = text.strip()[:LONGEST]
        shown = _likeliest(predict_one(model, own(), short), names) + _cut(text.strip())
        tokens, most = len(own()(short)["input_ids"]), reading_length(tokenizer, None, model)
        if tokens > most:
            shown += sentence(f"Only the first {most} of {tokens} tokens are read.")
        return shown + (_coloured(model, own(), short) if words else "")

    box = text_box(
        "Sentence:",
        "Type a sentence; the probabilities below follow",
        placeholder="Type a sentence",
    )
    answers = [predict_one(model, tokenizer, text) for text in examples]
    shown = _answers_table(examples, answers, names)
    return follow([box], draw, shown, "Type a sentence: live prediction")


def _likeliest(probabilities, names: list) -> str:
    """A bar for each label; of many, for the likeliest, and one for all others together."""
    if len(names) <= MOST_LABELS:
        return bars(probabilities, names)
    order = np.argsort(-probabilities, kind="stable")[: MOST_LABELS - 1]
    rest = max(1 - float(probabilities[order].sum()), 0)
    others = f"{len(names) - len(order):,} other labels"
    return bars([*probabilities[order], rest], [*(names[label] for label in order), others])


def _answers_table(examples, answers: list, names: list) -> str:
    """The probability of each label for each text; of many labels, the answer and its own."""
    if len(names) <= MOST_LABELS:
        head = ["sentence", *own_columns(names, "sentence")]
        told = [[f"{100 * value:.1f} %" for value in answer] for answer in answers]
    else:
        head = ["sentence", "answer", "probability"]
        short = shown_names(names)
        told = [[short[each.argmax()], f"{100 * each.max():.1f} %"] for each in answers]
    return table(head, [[_short(text), *row] for text, row in zip(examples, told, strict=True)])


def predict_one(model, tokenizer, text: str):
    """The probabilities of one text, shape (classes,), without a progress bar."""
    return predict(model, tokenizer, [text], quiet=True)[0]


def _short(text: str) -> str:
    return isolated(shorten(one_line(text), LONGEST))


def _cut(text: str) -> str:
    """Say so if a text is longer than what is read."""
    return sentence(f"Only the first {LONGEST} characters are read.") if len(text) > LONGEST else ""


def _coloured(model, tokenizer, text: str) -> str:
    """The words of a text in colour; nothing while it has none that the model reads."""
    from course_utils.look.explain import occlusion

    if len(tokenizer(text)["input_ids"]) > COLOURED:
        return sentence(f"A text of up to {COLOURED} tokens gets colours.")
    try:
        return occlusion(model, tokenizer, text)._repr_html_()
    except DataError as problem:
        return sentence(str(problem))


def live_tokens(tokenizer, text: str = "Tokenization is unbelievably easy!"):
    """A box to type a text into; its tokens and their ids follow while you type.

    Args:
        tokenizer: of a BERT.
        text: what stands in the box at first, and stands in for it where no kernel is running.

    Returns:
        The view; leave it as the last line of a cell.
    """
    own = own_tokenizer(tokenizer)

    text = whole_signs(text)

    def draw(text):
        encoded = own()(text[:LONGEST])
        ids = encoded["input_ids"]
        tokens = tokenizer.convert_ids_to_tokens(ids)
        unknown = tokens.count(tokenizer.unk_token)
        told = (
            f"{len(tokens)} tokens with {tokenizer.cls_token} and {tokenizer.sep_token}; "
            f"{_going_on(tokenizer, encoded, tokens)}; {unknown} unknown."
        )
        return _boxes(tokens, ids) + sentence(told) + _cut(text)

    box = text_box("Text:", "Type a text; its tokens below follow", value=text)
    return follow([box], draw, draw(text), f"Type a text: the tokens of '{_short(text)}'")


def _going_on(tokenizer, encoded, tokens) -> str:
    """How many tokens go on with a word, and how one sees that."""
    if tokenizer.is_fast and type(tokenizer.backend_tokenizer.model).__name__ != "WordPiece":
        words = [word for word in encoded.word_ids() if word is not None]
        return f"{len(words) - len(set(words))} go on with a word"
    return f"{sum(token.startswith('##') for token in tokens)} go on with a word (##)"


def _boxes(tokens, ids) -> str:
    """One box per token, the id below the token."""
    return "".join(
        '<span style="display:inline-block;text-align:center;margin:2px;padding:2px 6px;'
        f'border:1px solid {GREY};border-radius:4px">{html.escape(token)}<br>'
        f'<span style="font-size:0.8em">{number}</span></span>'
        for token, number in zip(tokens, ids, strict=True)
    )


def live_blank(model, tokenizer, text: str = "The movie was [MASK].", top: int = 5):
    """A box to type a sentence with a gap into; the likeliest words follow while you type.

    Args:
        model, tokenizer: from `load_masked_lm`.
        text: what stands in the box at first, with one [MASK].
        top: how many words.

    Returns:
        The view; leave it as the last line of a cell.
    """
    from course_utils.model.masked_lm import fill_blank

    own = own_tokenizer(tokenizer)
    text = whole_signs(text)

    def draw(text):
        try:
            found = fill_blank(model, own(), text[:LONGEST], top)
        except DataError as problem:
            return sentence(str(problem)) + _cut(text)
        return bars(found["probability"], found["word"]) + _cut(text)

    box = text_box("Sentence:", "Type a sentence with one [MASK]; the words follow", value=text)
    return follow([box], draw, sentence(text) + draw(text), f"Fill the gap: {_short(text)}")


def batch_builder(tokenizer, texts, batch_size: int = 32, max_length: int = None):
    """What padding costs: choose the longest text, and whether similar lengths go together.

    Args:
        tokenizer: of a BERT.
        texts: a list of strings, in the order in which they would be read.
        batch_size: texts per batch.
        max_length: what is chosen at first, in tokens: 8, 16, ..., 128; by default what the
            tokenizer notes.

    Returns:
        The view; leave it as the last line of a cell.

    Raises:
        DataError: if `texts` are no texts, or a size is out of range.
    """
    import ipywidgets

    texts = check_texts(texts)
    batch_size, max_length = check_batch_size(batch_size), reading_length(tokenizer, max_length)
    longest = [len(ids) for ids in tokenizer(texts)["input_ids"]]
    slider = ipywidgets.IntSlider(
        value=max_length,
        min=8,
        max=128,
        step=8,
        description="max_length:",
        tooltip="Longest text in tokens; the rest is cut off",
    )
    together = ipywidgets.Checkbox(
        value=False,
        description="similar lengths together",
        tooltip="Sort the texts by length before they are cut into batches",
    )

    def draw(max_length, together):
        real, read, cut = padding(longest, batch_size, max_length, together)
        told = (
            f"{len(longest):,} texts, {batch_size} at a time: the model reads {read:,} positions; "
            f"{100 * (1 - real / read):.1f} % of them are padding, and {100 * cut:.3g} % of the "
            "texts lose their end."
        )
        shares = [real / read, 1 - real / read]
        numbers = [f"{real:,}", f"{read - real:,}"]
        return bars(shares, ["tokens of texts", "padding"], numbers) + sentence(told)

    orders = {"in the given order": False, "similar lengths together": True}
    shown = "".join(sentence(f"{n}:") + draw(slider.value, sort) for n, sort in orders.items())
    return follow([slider, together], draw, shown, "What padding costs")


def padding(lengths, batch_size: int, max_length: int, together: bool) -> tuple:
    """Real tokens, positions that the model reads, and the share of texts that are cut.

    Args:
        lengths: of each text, in tokens.
        batch_size, max_length: see `Batches`.
        together: sorted by length first.
    """
    cut = np.minimum(lengths, max_length)
    order = np.sort(cut) if together else cut
    batches = np.split(order, range(batch_size, len(order), batch_size))
    read = sum(len(batch) * batch.max() for batch in batches)
    return int(cut.sum()), int(read), float(np.mean(np.asarray(lengths) > max_length))
