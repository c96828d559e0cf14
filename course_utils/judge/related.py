"""Knowledge from a related task: what a record says that was made with several starts.

`rows` is the record "related_task": one row for each source (which task a model learned first),
number of labels and seed, with the answers to the same test texts.
"""

import numpy as np

from course_utils.errors import DataError
from course_utils.judge.intervals import FEWEST, Difference


def right_answers(rows) -> np.ndarray:
    """Which test texts each run got right, of shape (runs, texts).

    Raises:
        DataError: if the runs were not judged on equally many texts.
    """
    if rows["test_texts"].nunique() != 1:
        raise DataError("These runs were not judged on the same test texts: choose one test set.")
    count = int(rows["test_texts"].iloc[0])
    bits = [np.frombuffer(bytes.fromhex(digits), np.uint8) for digits in rows["correct"]]
    return np.stack([np.unpackbits(each, count=count) for each in bits]).astype(bool)


def source_gain(
    rows, source: str, labels: int, other: str = "none", resamples: int = 2_000, seed: int = 0
) -> Difference:
    """How much better it is to learn `source` first than `other`, with so many labels.

    Each pair has the same seed, so the same labelled texts, and the same test texts. For the
    interval we draw test texts again, with replacement, and where there are 5 seeds or more also
    the seeds. So it covers the chance in which texts were judged, and then that in which were
    labelled, too.

    Args:
        rows: the record "related_task".
        source, other: as in the column `source`.
        labels: as in the column `labels`.
        resamples, seed: of the bootstrap.

    Raises:
        DataError: if the two share no seed with so many labels.

    Source: Owen (2007), The Pigeonhole Bootstrap, The Annals of Applied Statistics 1, 386-411.
    """
    of_size = rows[rows["labels"] == labels].sort_values("seed")
    first, second = (of_size[of_size["source"] == name] for name in (source, other))
    shared = set(first["seed"]) & set(second["seed"])
    if not shared:
        raise DataError(f"'{source}' and '{other}' share no run with {labels} labels.")
    first, second = (right_answers(part[part["seed"].isin(shared)]) for part in (first, second))
    gain = first.astype(float) - second  # (seeds, texts): 1, 0 or -1
    seeds, texts = gain.shape
    draw = np.random.default_rng(seed)
    means = []
    for _ in range(resamples):
        again = draw.integers(seeds, size=seeds) if seeds >= FEWEST else np.arange(seeds)
        means.append(gain[again].mean(axis=0)[draw.integers(texts, size=texts)].mean())
    low, high = np.quantile(means, (0.025, 0.975))
    return Difference(float(gain.mean()), float(low), float(high))


def source_gains(rows) -> dict:
    """The gain of each source over none, wherever both were measured; see `source_gain`.

    Args:
        rows: the record "related_task".

    Returns:
        A dictionary from (source, labels) to the `Difference`; the related source comes first.
    """
    gains = {}
    for source in (name for name in ("imdb", "topics") if name in set(rows["source"])):
        plain, own = (rows[rows["source"] == name] for name in ("none", source))
        runs = set(zip(plain["labels"], plain["seed"], strict=True))
        runs &= set(zip(own["labels"], own["seed"], strict=True))
        for labels in sorted({labels for labels, _ in runs}):
            gains[source, labels] = source_gain(rows, source, labels)
    return gains
