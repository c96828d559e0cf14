"""How far to trust a number: intervals of an accuracy, and of a difference."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from course_utils.data.splits import owners
from course_utils.data.texts import as_label
from course_utils.errors import DataError


def accuracy_interval(
    correct: int, total: int, confidence: float = 0.95, exact: bool = False
) -> tuple[float, float]:
    """An interval of an accuracy: Wilson's, or the exact one of Clopper and Pearson.

    Both stay between 0 and 1. Wilson's is the shorter one: over all true accuracies, it holds 95
    of 100 on average, and fewer for some of them if the test is small. With 4 of 4 correct it is
    0.51 to 1.00, and so leaves out a fair coin, which does that once in 16 tries. The exact one
    never holds fewer than 95: 0.40 to 1.00. From 40 texts on, no bounds of the two are more than
    2 points apart: take the exact one below that.

    Args:
        correct: number of correct predictions, 0 <= correct <= total.
        total: number of predictions. Of none, nothing is known: 0 to 1.
        confidence: between 0 and 1.
        exact: the interval of Clopper and Pearson instead of Wilson's.

    Returns:
        Lower and upper bound, as fractions.

    Raises:
        DataError: if the counts do not fit together.

    Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212; Clopper and
    Pearson (1934), Biometrika 26, 404-413.
    """
    from scipy.stats import binomtest

    correct, total = as_label(correct), as_label(total)
    whole = type(correct) is int and type(total) is int
    if not whole or not 0 <= correct <= total or not 0 < confidence < 1:
        raise DataError(
            f"correct={correct}, total={total}, confidence={confidence}: expected whole numbers "
            "(how many are right, not the share), 0 <= correct <= total, and a confidence between "
            "0 and 1."
        )
    if total == 0:
        return 0.0, 1.0
    method = "exact" if exact else "wilson"
    bounds = binomtest(correct, total).proportion_ci(confidence, method=method)
    return float(bounds.low), float(bounds.high)


def grouped_interval(correct, groups) -> tuple[float, float]:
    """The 95 % interval of an accuracy where the texts of one group are alike, or may be.

    Ten passages of one article tell less than passages of ten articles. How much less is seen in
    how the groups scatter: it gives the number of independent texts that would tell as much. That
    number goes into Wilson's formula in place of the number of texts, and it is never the larger
    one. The scatter is that of the jackknife: how far the accuracy moves if a group is missing. Few
    groups show it badly, so a t distribution makes the number smaller still; and where a few groups
    hold most of the texts, only those count: not how many groups there are, but
    (sum of sizes)**2 / (sum of sizes**2), which is the same for groups of one size. Where all
    answers are right, or all wrong, there is no scatter: then each such group counts once; and one
    wrong answer more never makes the lower bound higher than that.

    With every text a group of its own this is the interval of `accuracy_interval`. It was simulated
    with true accuracies of 0.6, 0.9 and 0.97, with answers of a group that hang together not at
    all, a little (correlation 0.1), half, or wholly, and with 5 or 40 groups of one to three texts,
    20 groups of 10, 5 of 30, 20 of geometric sizes (10 on average), one of 60 and twenty of 3, and
    30 of Zipf sizes (exponent 1.6, 200 at most), each case 600 times: 93 to 100 of 100 intervals
    held the true accuracy.

    Args:
        correct: True or False for each text.
        groups: the group of each text, as `owners` tells it.

    Returns:
        Lower and upper bound, as fractions.

    Source: Korn and Graubard (1998), Survey Methodology 24, 193-201; with Wilson's formula: Franco,
    Little, Louis and Slud (2019), Journal of Survey Statistics and Methodology 7, 334-364; the
    jackknife: Bell and McCaffrey (2002), Survey Methodology 28, 169-181; groups that count: Carter,
    Schnepel and Steigerwald (2017), Review of Economics and Statistics 99, 698-709.
    """
    from scipy.stats import norm, t

    hits, sizes = sums_of_groups(np.asarray(correct, dtype=float), groups)
    texts, count = sizes.sum(), len(sizes)
    share = hits.sum() / texts
    enough = counting = texts**2 / (sizes**2).sum()
    if count > 1 and 0 < share < 1:
        moves = (hits - share * sizes) / (texts - sizes)  # of the accuracy, if a group is missing
        scatter = (count - 1) / count * (moves**2).sum()
        few = (t.ppf(0.975, texts - 1) / t.ppf(0.975, max(counting - 1, 1))) ** 2
        enough = min(few * (share * (1 - share) / scatter + 1), texts) if scatter else float(texts)
    z = norm.ppf(0.975)
    middle = (share + z**2 / (2 * enough)) / (1 + z**2 / enough)
    spread = share * (1 - share) / enough + z**2 / (4 * enough**2)
    half = z * spread**0.5 / (1 + z**2 / enough)
    all_right = counting / (counting + z**2)  # Wilson's lower bound if all answers were right
    low, high = min(middle - half, all_right), max(middle + half, 1 - all_right)
    return float(max(0.0, low)), float(min(1.0, high))


def sums_of_groups(values, groups) -> tuple:
    """For each group the sum of its values, and how many there are: two arrays, (groups,).

    Args:
        values: one number for each text, shape (texts,).
        groups: the group of each text.
    """
    place = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    numbers = [place[group] for group in groups]
    return np.bincount(numbers, values), np.bincount(numbers).astype(float)


def hold_several(groups) -> bool:
    """Does any group hold more than one text?"""
    return max(Counter(groups).values()) > 1


FEWEST = 5
"""So many texts, groups, or draws, are the fewest of which an interval is made."""


@dataclass(frozen=True)
class Difference:
    """How much better the first method is than the second, with its 95 % interval."""

    value: float
    low: float
    high: float
    by: str = ""
    """What was drawn, such as the column "customer"; nothing where it was single texts."""

    def __repr__(self):
        by = f" by {self.by}" if self.by else ""
        # Rounded first, and 0 added: a hair below zero is +0.0, not -0.0.
        value, low, high = (
            f"{round(100 * each, 1) + 0.0:+.1f}" for each in (self.value, self.low, self.high)
        )
        return f"{value} points (95 % interval{by} {low} to {high})"


def paired_bootstrap(
    first, second, resamples: int = 10_000, seed: int = 0, *, group=None
) -> Difference:
    """The difference of two accuracies on the same texts, and how sure we can be of it.

    Both methods met the same easy and the same hard texts. So we draw *texts*, with both answers,
    again and again with replacement, and look at how the difference varies. This measures the
    chance in the choice of test texts, not the chance in training (for that, change the seed).

    A few texts on which no method wins would show no chance at all. So two texts are added before
    drawing, one won by each method (Bonett and Price), and the percentiles lie as far out as those
    of a t interval (Hesterberg). With a thousand texts both change next to nothing. With 5 and
    more, whatever the true difference, at least 93 of 100 intervals hold it. (At 15 to 18 texts
    the plain percentile interval falls to 37 of 100 where one method nearly always wins, and to 53
    where both nearly always agree; BCa, which is not defined if all differences are the same, to
    89.)

    Texts of one customer or one article are often alike: another draw would bring other customers,
    not other texts of these. So where texts have groups, whole *groups* are drawn, and all that was
    said holds for groups in place of texts. The two that are added are as large as the mean group.
    In simulations with 5 to 110 groups of up to seven texts, alike or not, at least 94 of 100
    intervals held the true difference. (With two single texts added, as few as 64 did.)

    Args:
        first, second: the `Evaluation` of each method.
        resamples, seed: of the bootstrap.
        group: what belongs together: the name of a column of the texts, or one value for each text.
            By default that by which the texts of either were split, see `split`; without one, each
            text is drawn for itself.

    Returns:
        The `Difference`, first minus second. Its interval never has the width zero.

    Raises:
        DataError: if the two were not evaluated on the same texts, or on fewer than 5 texts or
            groups, there is no such group, or their texts were split by different ones.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap; Bonett and Price (2012),
    Journal of Educational and Behavioral Statistics 37, 479-488; Hesterberg (2015), The American
    Statistician 69, 371-386. Groups: Davison and Hinkley (1997), Bootstrap Methods and their
    Application, section 3.8; Field and Welsh (2007), Journal of the Royal Statistical Society B 69,
    369-390.
    """
    from scipy.stats import bootstrap

    if first.data.texts != second.data.texts or first.data.labels != second.data.labels:
        raise DataError("The two methods were not evaluated on the same texts: use one test set.")
    gain = first.correct.astype(float) - second.correct.astype(float)
    group, groups = _groups_of(first.data, second.data, group)
    sums, sizes = sums_of_groups(gain, groups)
    several = hold_several(groups)
    if len(sums) < FEWEST:
        raise DataError(
            f"{len(sums)} {'groups' if several else 'texts'} are too few to compare two methods: "
            f"at least {FEWEST} are needed, and a hundred say much more."
        )
    typical = sizes.mean()
    sums, sizes = np.append(sums, [typical, -typical]), np.append(sizes, [typical, typical])
    interval = bootstrap(
        *((sums, sizes), _mean_of_groups),
        paired=True,
        vectorized=True,
        confidence_level=expanded_level(len(sums)),
        n_resamples=resamples,
        method="percentile",
        batch=1_000,
        rng=seed,
    ).confidence_interval
    by = (group if isinstance(group, str) else "group") if several else ""
    return Difference(float(gain.mean()), float(interval.low), float(interval.high), by)


def _groups_of(first, second, group) -> tuple:
    """What texts are drawn by, and the group of each; `None` and their numbers if by nothing.

    Args:
        first, second: the same texts; one may know more of their groups than the other.
        group: as `paired_bootstrap` has it.
    """
    known = [(data.group, owners(data, data.group)) for data in (first, second) if data.group]
    if group is not None:
        knows = isinstance(group, str) and group in second.columns and group not in first.columns
        return group, owners(second if knows else first, group)
    if not known:
        return None, range(len(first))
    if known[0][1] != known[-1][1]:
        raise DataError(
            f"The texts of the two methods were split by different groups ('{known[0][0]}' and "
            f"'{known[-1][0]}'): say by which one to compare, with group=."
        )
    return known[0]


def _mean_of_groups(sums, sizes, axis=-1):
    """The mean over all texts of the groups that were drawn."""
    return sums.sum(axis=axis) / sizes.sum(axis=axis)


def expanded_level(size: int) -> float:
    """The level at which a percentile interval is as wide as a t interval of 95 %.

    Resampled means vary too little, by the factor sqrt((size - 1) / size), and know no t
    distribution. Both matter with few values only: 0.998 for 5 of them, 0.950 for a thousand.

    Source: Hesterberg (2015), What Teachers Should Know About the Bootstrap, The American
    Statistician 69, 371-386.
    """
    from scipy.stats import norm, t

    return float(1 - 2 * norm.cdf(t.ppf(0.025, size - 1) * (size / (size - 1)) ** 0.5))


def mean_difference(gains) -> Difference:
    """The mean of several gains, and its 95 % t interval.

    A bootstrap of 5 gains would be too narrow: it holds the truth 84 times in 100, the t interval
    95 times if the gains scatter like a normal distribution. If single ones lie far off the others,
    it is about 87 with 5 gains, and 94 with 20.

    Args:
        gains: an array of one gain for each draw, as fractions.

    Raises:
        DataError: if there are fewer than two gains, or all are the same.

    Source: Student (1908), The Probable Error of a Mean, Biometrika 6, 1-25.
    """
    from scipy.stats import ttest_1samp

    if len(gains) < 2:
        raise DataError(
            f"{len(gains)} gain{'' if len(gains) == 1 else 's'}: two or more are needed to see how "
            "they scatter."
        )
    if np.allclose(gains, gains[0]):
        raise DataError(
            f"All {len(gains)} draws show the same gain, {100 * gains[0]:+.1f} points: without any "
            "scatter nobody can say how sure it is. Are these different draws?"
        )
    interval = ttest_1samp(gains, 0).confidence_interval(0.95)
    return Difference(float(np.mean(gains)), float(interval.low), float(interval.high))
