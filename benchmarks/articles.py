"""Where transfer does not pay: whole news articles, with the same tokens for every method.

Takes about half an hour on two cores. Writes data/recorded/articles.csv, which notebook 01 draws.
`tokens` is what a method may read of each article (0: everything, which only TF-IDF can). `labels`
is per class (0: all 1,546 training articles). Judged on the test split.
"""

import math
from functools import cached_property

from _recording import Record

import course_utils
from course_utils.data.texts import LabeledTexts

SIZES = (1, 4, 16, 64, 0)
DRAWS = range(20)
FINE_TUNED = (
    # (tokens, labels, draws)
    (64, 0, 1),
    (64, 16, 3),
)
STEPS = 60


def shorten(data: LabeledTexts, tokenizer, tokens: int) -> LabeledTexts:
    """What a tokenizer keeps of each text, as words again; everything if `tokens` is 0."""
    if not tokens:
        return data
    ids = tokenizer(list(data.texts), truncation=True, max_length=tokens)["input_ids"]
    texts = tokenizer.batch_decode(ids, skip_special_tokens=True)
    return LabeledTexts(texts, data.labels, data.label_names, data.name)


class Vectors:
    """The vectors of all parts from the frozen encoder, made when they are first needed."""

    def __init__(self, encoder, tokenizer, parts, tokens: int):
        self.encoder, self.tokenizer, self.parts, self.tokens = encoder, tokenizer, parts, tokens

    @cached_property
    def of_parts(self) -> list:
        return [
            course_utils.sentence_vectors(
                self.encoder, self.tokenizer, part.texts, max_length=self.tokens
            )
            for part in self.parts
        ]

    def of_draw(self, rows: list) -> list:
        """Those of the drawn training articles, and of validation and test."""
        train, validation, test = self.of_parts
        return [train[rows], validation, test]


def rows_of(train: LabeledTexts, labels: int, seed: int) -> list:
    """The rows of one draw, so that texts and vectors are drawn alike."""
    if not labels:
        return list(range(len(train)))
    numbered = LabeledTexts(
        [str(row) for row in range(len(train))], train.labels, train.label_names
    )
    return [int(row) for row in numbered.sample(labels * len(train.label_names), seed).texts]


def fine_tuned(tokenizer, parts, tokens: int, labels: int, seed: int) -> float:
    """Fine-tune every weight on one draw: 60 steps, or one epoch of all texts if that is more."""
    drawn = parts[0].take(rows_of(parts[0], labels, seed))
    model = course_utils.load_classifier(label_names=drawn.label_names, seed=seed, quiet=True)
    batch_size = min(32, len(drawn))
    epochs = math.ceil(STEPS / math.ceil(len(drawn) / batch_size))
    course_utils.fine_tune(
        model,
        tokenizer,
        drawn,
        epochs=epochs,
        batch_size=batch_size,
        max_length=tokens,
        seed=seed,
        learning_rate=1e-4,
        dropout=True,
    )
    return course_utils.evaluate(model, tokenizer, parts[2], max_length=tokens).accuracy


def main():
    checkpoint = course_utils.current().checkpoint
    tokenizer, encoder = course_utils.load_tokenizer(), course_utils.load_encoder()
    whole = course_utils.load_articles(quiet=True)
    keys = ["checkpoint", "method", "tokens", "labels", "draw"]
    record = Record(__file__, keys, draws=len(DRAWS), test_texts=len(whole[2]), steps=STEPS)

    def measure(method, tokens, labels, draw, accuracy):
        key = dict(zip(keys, (checkpoint, method, tokens, labels, draw), strict=True))
        if not record.has(**key):
            record.add(**key, accuracy=accuracy())

    for tokens in (64, 256, 0):
        parts = [shorten(part, tokenizer, tokens) for part in whole]
        vectors = Vectors(encoder, tokenizer, parts, tokens)
        for labels in SIZES:
            for draw in DRAWS if labels else range(1):
                rows = rows_of(parts[0], labels, draw)
                drawn = [parts[0].take(rows), *parts[1:]]
                measure(
                    "tfidf", tokens, labels, draw,
                    lambda drawn=drawn: course_utils.tfidf_baseline(*drawn).accuracy,
                )  # fmt: skip
                if tokens:
                    measure(
                        "frozen", tokens, labels, draw,
                        lambda v=vectors, rows=rows, drawn=drawn: course_utils.vector_baseline(
                            "frozen", v.of_draw(rows), *drawn
                        ).accuracy,
                    )  # fmt: skip
    for tokens, labels, draws in FINE_TUNED:
        for draw in range(draws):
            measure(
                "fine-tuned", tokens, labels, draw,
                lambda t=tokens, n=labels, d=draw: fine_tuned(tokenizer, whole, t, n, d),
            )  # fmt: skip


if __name__ == "__main__":
    main()
