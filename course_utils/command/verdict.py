"""What a test means, in plain sentences: what to expect of a model, and whether to use it."""

import math

from course_utils.data.findings import shown
from course_utils.judge.intervals import FEWEST, paired_bootstrap


def verdict(result, counting, majority, weighted: bool = False) -> tuple:
    """One or two sentences about a model, and whether it may be used.

    Args:
        result: the `Evaluation` of the model.
        counting: that of counting words; None if nothing could be counted.
        majority: that of always the most frequent label.
        weighted: were rare labels made to count more? Then accuracy is not what was asked for.
    """
    name = shown(majority.data.label_names[majority.predicted[0]], 30)
    right, guessed = (f"{100 * each.accuracy:.1f} %" for each in (result, majority))
    low, high = result.interval
    expected = (
        f"Of 100 new texts of this kind, expect {math.floor(100 * low)} to "
        f"{math.ceil(100 * high)} right answers{_beside(result, counting)}."
    )
    if result.accuracy <= majority.accuracy and weighted:
        return (
            f"{expected} Always saying '{name}' is right more often ({guessed}). With class "
            "weights that can be: see in the table whether the rare labels are found.",
            False,
        )
    if result.accuracy <= majority.accuracy:
        return (
            f"This model is no better than always saying '{name}' ({right} right, and {guessed}): "
            "do not use it. More texts for each label, or other labels, may help.",
            False,
        )
    if low <= majority.accuracy:
        return (
            f"{expected} With so few test texts it cannot be told from always saying '{name}' "
            f"({guessed} right): do not rely on it yet. More texts would tell, and may help.",
            False,
        )
    return expected, True


def _beside(result, counting) -> str:
    """How the model compares with counting words, in words."""
    if counting is None or len(set(result.groups)) < FEWEST:
        return ""
    gain = paired_bootstrap(result, counting)
    how = "better than" if gain.low > 0 else "worse than" if gain.high < 0 else "about as good as"
    return f"; it is {how} counting words (TF-IDF)"
