"""A fair race: several methods on the same test texts, out of a record that holds every answer."""

import numpy as np

from course_utils.errors import DataError
from course_utils.judge.intervals import mean_difference
from course_utils.judge.records import right_answers
from course_utils.model.known import learning_rate_for


def race(record, labels: int, winner: str = "fine-tuned", resamples: int = 10_000, seed: int = 0):
    """The accuracy of each method with so many labels, and how far the winner is ahead of it.

    All methods answered the same test texts, so they are compared text by text. Each resample draws
    the test texts with replacement, the same for all methods; and of a method that was trained with
    several seeds, the seeds, too. So an interval covers both kinds of chance; that of `gain_of`
    covers the texts alone. A few seeds show too little of their scatter, and two draws add
    some that is not there (the interaction of text and seed counts more than once). Simulated with
    3 and 10 seeds that scatter as those of the record, or not at all, 95 to 98 of 100 intervals
    held the true difference.

    Args:
        record: `load_record("fair_race")`: method, labels, seed, test_texts and correct.
        labels: how many labelled texts the methods learned from.
        winner: the method that the others are compared with.
        resamples, seed: of the bootstrap.

    Returns:
        A DataFrame, one row per method, the least accurate first: seeds (how many runs), accuracy,
        low, high (its 95 % interval), behind, behind_low, behind_high (winner minus this method;
        zero for the winner). All but seeds are fractions. No rows if the record has none.

    Raises:
        DataError: if the record has rows, but none with so many labels or none of the winner.

    Source: Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1, 386-411.
    """
    import pandas as pd

    rows = record[record["labels"] == labels]
    columns = ["seeds", "accuracy", "low", "high", "behind", "behind_low", "behind_high"]
    if record.empty:
        return pd.DataFrame(columns=columns)
    if winner not in set(rows["method"]):
        raise DataError(
            f"'{winner}' was not measured with {labels!r} labels: this record has "
            f"{', '.join(f'{n:,}' for n in sorted(set(record['labels'])))} labels, and the methods "
            f"{', '.join(dict.fromkeys(record['method']))}."
        )
    right = {name: right_answers(runs) for name, runs in rows.groupby("method", sort=False)}
    rng = np.random.default_rng(seed)
    parts = [min(BATCH, resamples - done) for done in range(0, resamples, BATCH)]
    again = pd.concat([pd.DataFrame(_again(right, rng, part)) for part in parts])
    found = {
        name: [
            len(runs),
            runs.mean(),
            *np.quantile(again[name], (0.025, 0.975)),
            right[winner].mean() - runs.mean(),
            *np.quantile(again[winner] - again[name], (0.025, 0.975)),
        ]
        for name, runs in right.items()
    }
    table = pd.DataFrame.from_dict(found, orient="index", columns=columns)
    return table.rename_axis("method").sort_values("accuracy", kind="stable")


BATCH = 1_000
"""So many resamples at once: ten thousand of a thousand texts would fill a hundred megabytes."""


def _again(right: dict, rng, resamples: int) -> dict:
    """The accuracy of each method in each resample: its name -> an array of shape (resamples,).

    Args:
        right: of each method the answers of its runs, shape (runs, texts).
    """
    texts = _draws(rng, next(iter(right.values())).shape[1], resamples)  # (resamples, texts)
    return {
        name: np.einsum(
            "rs,st,rt->r", _draws(rng, len(runs), resamples), runs, texts, optimize=True
        )
        for name, runs in right.items()
    }


def _draws(rng, size: int, resamples: int) -> np.ndarray:
    """How often each of `size` things is drawn, as a share: shape (resamples, size)."""
    return rng.multinomial(size, np.full(size, 1 / size), size=resamples) / size


LEAN = "no dropout, words frozen"
"""The recipe of the course, as the record `recipes` calls it."""


def recipe_gains(record, more=None, plain: str = "as the checkpoint comes"):
    """What each recipe gains on validation over the plain one, with the same seed. In points.

    Args:
        record: `load_record("recipes")`: size, recipe, seed, validation_accuracy. Its default size
            counts.
        more: `load_record("fine_tuning")`: its runs are further seeds of the course's recipe.
        plain: the recipe that the others are compared with.

    Returns:
        A DataFrame, one row per recipe: seeds (how many), gain (the mean), low, high (its 95 %
        interval, that of `mean_difference`: it covers the chance in the seeds). No rows if the
        record has none.

    Raises:
        DataError: if a recipe shares fewer than two seeds with the plain one, or gains the same
            with each of them.
    """
    import pandas as pd

    rows = record[record["size"] == "default"]
    if more is not None and len(rows):
        rate = more["checkpoint"].map(learning_rate_for)
        runs = more[(more["size"] == "default") & (more["learning_rate"] == rate)]
        rows = pd.concat([rows, runs.assign(recipe=LEAN)]).drop_duplicates(["recipe", "seed"])
    found = rows.pivot(index="seed", columns="recipe", values="validation_accuracy")
    table = {}
    for recipe in dict.fromkeys(rows["recipe"]):
        if recipe != plain:
            gains = (found[recipe] - found.get(plain, np.nan)).dropna()
            _check_seeds(gains, recipe, plain)
            gain = mean_difference(gains.to_numpy())
            points = [round(100 * bound, 1) for bound in (gain.value, gain.low, gain.high)]
            table[recipe] = [len(gains), *points]
    columns = ["seeds", "gain", "low", "high"]
    return pd.DataFrame.from_dict(table, orient="index", columns=columns).rename_axis("recipe")


def _check_seeds(gains, recipe: str, plain: str) -> None:
    """Raise a DataError unless the gains of a recipe have a scatter."""
    if len(gains) < 2:
        raise DataError(
            f"'{recipe}' and '{plain}' share {len(gains)} seeds: two or more are needed to compare "
            "them, run with the same seeds."
        )
    if np.allclose(gains, gains.iloc[0]):
        raise DataError(
            f"'{recipe}' gains {100 * gains.iloc[0]:+.1f} points over '{plain}' with each of "
            f"{len(gains)} seeds: without any scatter there is no interval. Are these other runs?"
        )
