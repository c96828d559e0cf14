"""What a model has to beat: the most frequent label, and linear models."""

from functools import lru_cache
from tempfile import TemporaryDirectory

import numpy as np

from course_utils.data.texts import (
    LabeledTexts,
    check_labeled,
    check_labels,
    check_several_labels,
)
from course_utils.errors import DataError, did_you_mean
from course_utils.judge.evaluation import Evaluation

STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0)
"""What is tried for `C` of a logistic regression: the smaller, the stronger it is regularised."""


def majority_baseline(train: LabeledTexts, test: LabeledTexts) -> Evaluation:
    """Answer every text with the most frequent label of `train`. Nobody should do worse.

    Raises:
        DataError: if `test` has other labels than `train`.
    """
    from sklearn.dummy import DummyClassifier

    _check_parts(train, test=test)
    dummy = DummyClassifier(strategy="prior").fit(train.texts, train.labels)
    return Evaluation("majority label", test, _all_classes(dummy, test.texts, test))


def tfidf_baseline(train: LabeledTexts, validation: LabeledTexts, test: LabeledTexts) -> Evaluation:
    """Count words, weigh rare ones up, fit a logistic regression. It takes a second or two.

    Single words or also pairs, and the strength of the regularisation, are chosen on
    `validation`; `test` is used once. To see how it does on validation, beside a model that is
    still being chosen, give `validation` in the place of `test`: what was fitted last is kept.
    `linear_baseline` has stronger relatives.

    Raises:
        DataError: if the parts have different labels, all texts of `train` have the same one, or
            they hold no word of two letters or more.
    """
    found = linear_baseline("TF-IDF, words", train, validation, test)
    return Evaluation("TF-IDF + logistic regression", test, found.probabilities)


def linear_baseline(
    kind: str, train: LabeledTexts, validation: LabeledTexts, test: LabeledTexts
) -> Evaluation:
    """A method that counts words and knows nothing before it meets `train`, tuned on `validation`.

    Args:
        kind: "naive Bayes": which words stand in a text, each counted once, and how often each
            stands in texts of each label.
            "TF-IDF, words": words weighed by how rare they are, and a logistic regression.
            "TF-IDF, words and characters": words, pairs of words, and pieces of two to five
            letters, so that "boring" and "boredom" share something.
            "NB-SVM": a linear model on words that stand there or not, each weighed by what naive
            Bayes has learned about it. In the place of the support vector machine stands a logistic
            regression, which gives probabilities; each label is told from all others.
        train, validation, test: the parts. Single words, pairs or also triples, and how strongly
            the method is smoothed or regularised, are chosen on `validation`; `test` is used once.

    Returns:
        An `Evaluation` on `test`.

    Raises:
        DataError: if there is no such kind, the parts have different labels, all texts of `train`
            have the same one, or they hold no word of two letters or more.

    Source: Wang and Manning (2012), "Baselines and Bigrams: Simple, Good Sentiment and Topic
    Classification", proceedings of ACL (naive Bayes and NB-SVM).
    """
    if kind not in KINDS:
        raise DataError(
            f"kind={kind!r} is not a baseline of this course: choose one of "
            f"{', '.join(map(repr, KINDS))}.{did_you_mean(str(kind), KINDS)}"
        )
    _check_parts(train, validation=validation, test=test)
    check_several_labels("train", train)
    probabilities = _all_classes(_fitted(kind, train, validation), test.texts, test)
    return Evaluation(kind, test, probabilities)


@lru_cache(maxsize=1)
def _fitted(kind: str, train: LabeledTexts, validation: LabeledTexts):
    """The method of `linear_baseline`: a pipeline of scikit-learn that was fitted to train."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    words_of = TfidfVectorizer().build_analyzer()
    if not any(words_of(text) for text in train.texts):
        raise DataError(
            f"The texts of train hold no word of two letters or more, so {kind.partition(',')[0]} "
            "has nothing to count: bring texts with words, or take majority_baseline."
        )
    with TemporaryDirectory() as counted:  # texts are counted once, not for each strength
        steps, choices = KINDS[kind]()
        return _best(
            *(steps.set_params(memory=counted), choices),
            *([*train.texts, *validation.texts], train.labels, validation.labels),
        )


def _naive_bayes() -> tuple:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import Pipeline

    steps = Pipeline([("count", CountVectorizer(binary=True)), ("fit", MultinomialNB())])
    return steps, {"count__ngram_range": [(1, 1), (1, 2)], "fit__alpha": (0.3, 1.0, 3.0)}


def _words() -> tuple:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import Pipeline

    steps = [("count", TfidfVectorizer(sublinear_tf=True)), ("fit", _regression())]
    return Pipeline(steps), {"count__ngram_range": [(1, 1), (1, 2)], "fit__C": STRENGTHS}


def _words_and_characters() -> tuple:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion, Pipeline

    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2))
    pieces = TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 5))
    both = FeatureUnion([("words", words), ("pieces", pieces)])
    return Pipeline([("count", both), ("fit", _regression())]), {"fit__C": STRENGTHS}


def _nb_svm() -> tuple:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import Pipeline

    from course_utils.judge.naive_bayes import NaiveBayesWeights

    one = Pipeline([("weigh", NaiveBayesWeights()), ("fit", _regression())])
    steps = [("count", CountVectorizer(binary=True)), ("fit", OneVsRestClassifier(one))]
    choices = {
        "count__ngram_range": [(1, 2), (1, 3)],
        "fit__estimator__fit__C": (0.03, 0.1, *STRENGTHS),
    }
    return Pipeline(steps), choices


KINDS = {
    "naive Bayes": _naive_bayes,
    "TF-IDF, words": _words,
    "TF-IDF, words and characters": _words_and_characters,
    "NB-SVM": _nb_svm,
}
"""Kind of `linear_baseline` -> a function that gives its pipeline, and what is tried for it."""


def _regression():
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1_000)


def vector_baseline(name: str, vectors, train, validation, test) -> Evaluation:
    """A logistic regression on vectors of texts, its strength chosen on `validation`.

    Args:
        name: how tables and figures call this method.
        vectors: three arrays of shape (texts, features), for train, validation and test; see
            `sentence_vectors` and `word_vectors`.
        train, validation, test: the `LabeledTexts` that the vectors belong to.

    Raises:
        DataError: if the parts have different labels, all texts of `train` have the same one, or
            the number of vectors is not that of the texts.
    """
    _check_parts(train, validation=validation, test=test)
    check_several_labels("train", train)
    parts = (train, validation, test)
    if [len(array) for array in vectors] != [len(part) for part in parts]:
        raise DataError(
            f"There are {', '.join(str(len(array)) for array in vectors)} vectors for "
            f"{', '.join(str(len(part)) for part in parts)} texts: one vector for each text of "
            "train, validation and test."
        )
    method = fit_linear(vectors[0], train.labels, vectors[1], validation.labels)
    return Evaluation(name, test, _all_classes(method, vectors[2], test))


def fit_linear(inputs, labels, validation_inputs, validation_labels):
    """The logistic regression with the regularisation that does best on validation.

    Of two that do equally well, the stronger regularisation is taken.
    """
    from sklearn.linear_model import LogisticRegression

    both = np.concatenate([inputs, validation_inputs])
    method = LogisticRegression(max_iter=1_000)
    return _best(method, {"C": STRENGTHS}, both, labels, validation_labels)


def _best(method, choices: dict, inputs, labels, validation_labels):
    """`method` with the choices that do best on validation, fitted to train alone.

    Of choices that do equally well, the first is taken.

    Args:
        method: an estimator of scikit-learn.
        choices: parameter -> what is tried for it.
        inputs: those of train, then those of validation.
        labels, validation_labels: of the two parts.
    """
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV, PredefinedSplit

    size = len(labels)
    parts = PredefinedSplit([-1] * size + [0] * len(validation_labels))  # -1: never judged on
    # refit would learn from validation, too, which the other methods do not
    search = GridSearchCV(method, choices, cv=parts, refit=False, error_score="raise")
    search.fit(inputs, [*labels, *validation_labels])
    return clone(method).set_params(**search.best_params_).fit(inputs[:size], labels)


def _check_parts(train, **others) -> None:
    """Raise a DataError unless all parts are `LabeledTexts` with the labels of `train`."""
    for name, part in {"train": train, **others}.items():
        check_labeled(name, part)
        check_labels(
            *(name, part, train.label_names, "train"),
            "give it the names of train: from_csv(..., label_names=train.label_names), or "
            "LabeledTexts(texts, labels, train.label_names)",
        )


def _all_classes(method, inputs, test) -> np.ndarray:
    """Probabilities with one column per label name, also for a label that `method` never met."""
    probabilities = np.zeros((len(test), len(test.label_names)))
    probabilities[:, method.classes_] = method.predict_proba(inputs)
    return probabilities
