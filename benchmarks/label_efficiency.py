"""How many labels each method needs: headlines by topic, reviews by sentiment.

Takes about half an hour on two cores. Writes data/recorded/label_efficiency.csv, which notebook 01
draws. A row is one draw of labels: 1 to 240 per class, 20 draws. Every method is judged on all
headlines that were neither drawn nor used for choosing (reviews: on the test split). All methods
choose their settings on the same validation split, which a real project with eight labels would
not have: it is the same favour for all.
"""

import math
from functools import cached_property

from _recording import Record

import course_utils

DRAWS = range(20)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 240)
FINE_TUNED_SIZES = (1, 4, 16, 64)
STEPS = 60
"""Steps of fine-tuning, however few the labels: a handful of texts is read again and again."""


class Subject:
    """The texts of one subject, and their vectors, which do not depend on a draw."""

    def __init__(self, name: str, load, tokenizer, encoder):
        self.name, self.tokenizer, self.encoder = name, tokenizer, encoder
        self.train, self.validation, self.test = load(quiet=True)

    @cached_property
    def vectors(self) -> dict:
        """Text -> its vector from the frozen encoder, and from the word embeddings."""
        found = {}
        for part in (self.train, self.validation, self.test):
            frozen = course_utils.sentence_vectors(self.encoder, self.tokenizer, part.texts)
            words = course_utils.word_vectors(self.encoder, self.tokenizer, part.texts)
            found |= dict(zip(part.texts, zip(frozen, words, strict=True), strict=True))
        return found

    def draw(self, labels: int, seed: int) -> tuple:
        """The texts to learn from, and those to be judged on."""
        drawn = self.train.sample(labels * len(self.train.label_names), seed)
        if self.name == "reviews":
            return drawn, self.test
        taken = set(drawn.texts)
        rest = [row for row, text in enumerate(self.train.texts) if text not in taken]
        left = self.train.take(rest)
        judged = course_utils.LabeledTexts(
            left.texts + self.test.texts, left.labels + self.test.labels, self.train.label_names
        )
        return drawn, judged

    def of(self, data, kind: int) -> list:
        """The vectors of some texts; kind 0: of the frozen encoder, 1: of the word embeddings."""
        return [self.vectors[text][kind] for text in data.texts]


def linear(subject, method: str, labels: int, seed: int) -> dict:
    """One draw for TF-IDF, or for a logistic regression on frozen vectors."""
    drawn, judged = subject.draw(labels, seed)
    if method == "tfidf":
        result = course_utils.tfidf_baseline(drawn, subject.validation, judged)
    else:
        parts = (drawn, subject.validation, judged)
        vectors = [subject.of(part, ("frozen", "words").index(method)) for part in parts]
        result = course_utils.vector_baseline(method, vectors, *parts)
    return {"texts": len(judged), "accuracy": result.accuracy}


def fine_tuned(subject, tokenizer, labels: int, seed: int) -> dict:
    """One draw for fine-tuning: every weight, a fixed number of steps, nothing chosen."""
    drawn, judged = subject.draw(labels, seed)
    model = course_utils.load_classifier(label_names=drawn.label_names, seed=seed, quiet=True)
    batch_size = min(32, len(drawn))
    epochs = math.ceil(STEPS / math.ceil(len(drawn) / batch_size))
    course_utils.fine_tune(
        model, tokenizer, drawn, epochs=epochs, batch_size=batch_size, learning_rate=1e-4,
        dropout=True, seed=seed,
    )  # fmt: skip
    result = course_utils.evaluate(model, tokenizer, judged)
    return {"texts": len(judged), "accuracy": result.accuracy}


def main():
    checkpoint = course_utils.current().checkpoint
    course_utils.use(size="full")
    tokenizer, encoder = course_utils.load_tokenizer(), course_utils.load_encoder()
    subjects = [
        Subject("headlines", course_utils.load_headlines, tokenizer, encoder),
        Subject("reviews", course_utils.load_reviews, tokenizer, encoder),
    ]
    keys = ["checkpoint", "subject", "method", "labels", "draw"]
    record = Record(__file__, keys, draws=len(DRAWS), fine_tuning_steps=STEPS)
    for subject in subjects:
        for method in ("frozen", "words", "tfidf"):
            for labels in SIZES:
                for draw in DRAWS:
                    key = (checkpoint, subject.name, method, labels, draw)
                    key = dict(zip(keys, key, strict=True))
                    if not record.has(**key):
                        record.add(**key, **linear(subject, method, labels, draw))
    for draw in DRAWS:
        for labels in FINE_TUNED_SIZES:
            key = dict(
                zip(keys, (checkpoint, "headlines", "fine-tuned", labels, draw), strict=True)
            )
            if not record.has(**key):
                record.add(**key, **fine_tuned(subjects[0], tokenizer, labels, draw))


if __name__ == "__main__":
    main()
