"""One topic of five is rare: what class weights gain and cost, against cheaper ways.

Takes about a quarter of an hour on one core. Writes data/recorded/imbalance.csv, which RESULTS.md
and the docstring of `fine_tune` quote. Seed 0 makes business the rare topic, seed 1 entertainment,
and so on: the headlines of one topic are thinned out until they are 5 % of training and of
validation. All rare headlines that nobody saw are in the test, where they count so little each that
they are 5 % of it, too. Every method meets the same headlines, so two methods are compared seed by
seed.
"""

import itertools
import random
from functools import cache

import numpy as np
from _recording import Record

import course_utils
from course_utils.data.news import TOPICS
from course_utils.judge.baselines import STRENGTHS

SEEDS = range(10)
SHARES = (0.05,)
"""Of the rare topic. A further share here adds its rows to the record."""
RECIPE = {"learning_rate": 3e-4, "epochs": 2}
"""That of notebook 07, where it was chosen on validation with five topics that are not rare."""


@cache
def parts_of(share: float, seed: int) -> tuple:
    """Training, validation and test with one rare topic, and the number of that topic."""
    rare = seed % len(TOPICS)
    whole = course_utils.load_headlines(quiet=True)
    (train, unseen), (validation, more) = (thin(part, rare, share, seed) for part in whole[:2])
    texts, labels = list(whole[2].texts), list(whole[2].labels)
    for left in (unseen, more):
        texts, labels = texts + list(left), labels + [rare] * len(left)
    test = course_utils.LabeledTexts(texts, labels, TOPICS, "headlines, a rare topic")
    return train, validation, test, rare


def thin(data, rare: int, share: float, seed: int) -> tuple:
    """All texts but for most of the rare label, which are a share then; and those left out."""
    rows = [row for row, label in enumerate(data.labels) if label == rare]
    kept = round((len(data) - len(rows)) * share / (1 - share))
    random.Random(seed).shuffle(rows)
    out = set(rows[kept:])
    left = [data.texts[row] for row in sorted(out)]
    return data.take(row for row in range(len(data)) if row not in out), left


def judge(probabilities, test, rare: int, share: float) -> dict:
    """Figures of one method, as if the rare headlines were that share of the test."""
    from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

    true, predicted = np.array(test.labels), np.asarray(probabilities).argmax(axis=1)
    is_rare = true == rare
    weight = share / (1 - share) * (~is_rare).sum() / is_rare.sum()
    given = {"sample_weight": np.where(is_rare, weight, 1.0)}
    of_rare = given | {"labels": [rare], "average": "macro", "zero_division": 0}
    return {
        "accuracy": accuracy_score(true, predicted, **given),
        "macro_f1": f1_score(true, predicted, average="macro", zero_division=0, **given),
        "rare_recall": recall_score(true, predicted, **of_rare),
        "rare_precision": precision_score(true, predicted, **of_rare),
    }


def linear(inputs, parts, balanced: bool):
    """A logistic regression, its strength (and the words of TF-IDF) chosen on validation.

    Chosen is what has the highest macro F1, whether the labels are weighed or not.

    Args:
        inputs: of train, validation and test: texts for TF-IDF, or vectors.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score
    from sklearn.pipeline import make_pipeline

    train, validation, _ = parts
    weights, tried = "balanced" if balanced else None, []
    for words in ((1, 1), (1, 2)) if isinstance(inputs[0][0], str) else (None,):
        first = [TfidfVectorizer(sublinear_tf=True, ngram_range=words)] if words else []
        for strength in STRENGTHS:
            last = LogisticRegression(C=strength, class_weight=weights, max_iter=1_000)
            method = make_pipeline(*first, last).fit(inputs[0], train.labels)
            answers = method.predict(inputs[1])
            tried.append((f1_score(validation.labels, answers, average="macro"), method))
    best = max(tried, key=lambda one: one[0])[1]  # of equals, the first
    return best.predict_proba(inputs[2])


@cache
def vector_of_each_headline() -> dict:
    """Headline -> its vector from the frozen encoder."""
    texts = [text for part in course_utils.load_headlines(quiet=True) for text in part.texts]
    tokenizer, encoder = course_utils.load_tokenizer(), course_utils.load_encoder()
    return dict(zip(texts, course_utils.sentence_vectors(encoder, tokenizer, texts), strict=True))


def cheap(method: str, share: float, seed: int):
    """Probabilities of a linear method: "TF-IDF" or "frozen", plain or "balanced"."""
    *parts, _ = parts_of(share, seed)
    inputs = [part.texts for part in parts]
    if method.startswith("frozen"):
        vectors = vector_of_each_headline()
        inputs = [np.array([vectors[text] for text in part.texts]) for part in parts]
    return linear(inputs, parts, balanced=method.endswith("balanced"))


def fine_tuned(method: str, share: float, seed: int):
    """Probabilities of a fine-tuned model: "plain", "class weights" or "over-sampled"."""
    train, _, test, _ = parts_of(share, seed)
    weights = "balanced" if method == "class weights" else None
    if method == "over-sampled":
        train = repeated(train, seed)
    tokenizer = course_utils.load_tokenizer()
    model = course_utils.load_classifier(label_names=TOPICS, seed=seed, quiet=True)
    course_utils.freeze_word_embeddings(model)
    course_utils.fine_tune(model, tokenizer, train, class_weights=weights, seed=seed, **RECIPE)
    return course_utils.predict(model, tokenizer, test)


def repeated(train, seed: int):
    """All texts, and texts of the rarer labels again until each label has equally many."""
    pick, most = random.Random(seed), max(train.counts().values())
    rows = []
    for label in range(len(train.label_names)):
        own = [row for row, found in enumerate(train.labels) if found == label]
        rows += own * (most // len(own)) + pick.sample(own, most % len(own))
    return train.take(rows)


def shares_taken_out(probabilities, share: float, seed: int):
    """A trained model's answers without its leaning to frequent labels: no second training.

    Each probability is divided by the share that its label has in training.

    Source: Saerens, Latinne and Decaestecker (2002), Neural Computation 14, 21-41.
    """
    counts = np.array(list(parts_of(share, seed)[0].counts().values()))
    return probabilities / counts


METHODS = {
    "TF-IDF": cheap,
    "TF-IDF, balanced": cheap,
    "frozen": cheap,
    "frozen, balanced": cheap,
    "plain": fine_tuned,  # and "plain, shares taken out" of the same model
    "class weights": fine_tuned,
    "over-sampled": fine_tuned,
}


def main():
    checkpoint = course_utils.current().checkpoint
    keys = ["checkpoint", "share", "method", "seed"]
    about = {"batch_size": 32, "max_length": 64, "words": "frozen"}
    record = Record(__file__, keys, **about, **RECIPE)
    for share, seed in itertools.product(SHARES, SEEDS):
        train, _, test, rare = parts_of(share, seed)
        texts = {"rare": TOPICS[rare], "rare_texts": train.counts()[TOPICS[rare]]}
        texts |= {"texts": len(train), "test_texts": len(test)}
        for method, probabilities_of in METHODS.items():
            key = {"checkpoint": checkpoint, "share": share, "seed": seed}
            if record.has(**key, method=method):
                continue
            found = {method: probabilities_of(method, share, seed)}
            if method == "plain":
                found["plain, shares taken out"] = shares_taken_out(found["plain"], share, seed)
            for name, probabilities in reversed(found.items()):  # what has() asks for comes last
                record.add(**key, method=name, **texts, **judge(probabilities, test, rare, share))


if __name__ == "__main__":
    main()
