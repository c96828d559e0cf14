"""Words weighed by what naive Bayes says about them: a step of a scikit-learn pipeline."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.naive_bayes import MultinomialNB


class NaiveBayesWeights(TransformerMixin, BaseEstimator):
    """Multiply each word by how much more likely it is with one label than with the other.

    A word that is four times as likely in positive texts gets the weight log 4; one that is equally
    likely in both says nothing, and gets 0. One is added to each count, as in the paper.

    Source: Wang and Manning (2012), "Baselines and Bigrams", proceedings of ACL, section 2.
    """

    def fit(self, counts, labels):
        """Learn the weights.

        Args:
            counts: a matrix of scipy of shape (texts, words).
            labels: 0 or 1 for each text.
        """
        against, in_favour = MultinomialNB(alpha=1.0).fit(counts, labels).feature_log_prob_
        self.weights_ = in_favour - against  # (words,)
        return self

    def transform(self, counts):
        """The counts, weighed, in the same shape."""
        return counts.multiply(np.asarray(self.weights_)).tocsr()
