"""Results that were recorded earlier by the programs in `benchmarks/`."""

import json
from pathlib import Path

from course_utils import files, settings
from course_utils.errors import DamagedFile, DataError
from course_utils.judge.intervals import Difference, mean_difference
from course_utils.model.known import checkpoint_slug

FOLDER = files.shipped("recorded")


NOT_THIS_DATA = "not measured for this data"

HELD_ELSEWHERE = {
    "related_task": {
        "source": "none",
        "source_seed": 0,
        "labels": 6_376,
        "learning_rate": 1e-4,
    },
    "fair_race": {"method": "fine-tuned", "labels": 6_376},
}
"""Records whose run on all reviews is in full_epoch, and what it is called in them. No run is
stored twice: `load_record` joins them."""


OF_REVIEWS = frozenset(
    "bf16 epochs fair_race fine_tuning full_epoch imbalance lora put_back recipes related_task "
    "strategies weak_spots".split()
)
"""Records of models that read the film reviews: they say nothing about other data."""


def record_file(name: str, checkpoint: str) -> Path:
    """Where a record is kept: each checkpoint has its own, which may be of another machine.

    Args:
        name: of the program in `benchmarks/` that makes it.
        checkpoint: its name, its id on the Hub or its folder. All but the default one have a
            folder of their own, such as "google--bert_uncased" for "google/bert_uncased".
    """
    if checkpoint == "minilm":
        return FOLDER / f"{name}.csv"
    return FOLDER / checkpoint_slug(checkpoint) / f"{name}.csv"


def load_record(name: str):
    """The rows of a record that were measured with the current checkpoint.

    Args:
        name: of a file in `data/recorded/`, without its ending.

    Returns:
        A pandas DataFrame; its `attrs` say which program made it, when, and on what. It is empty
        if this checkpoint was not measured, or other data is in use, and a sentence says so.

    Raises:
        DamagedFile: if there is no such record.
    """
    import pandas as pd

    default = record_file(name, "minilm")
    if not default.is_file():
        known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.csv")))
        raise DamagedFile(f"There is no record '{name}' in data/recorded/: it holds {known}.")
    now = settings.current()
    checkpoint = now.checkpoint
    path = record_file(name, checkpoint)
    if name in OF_REVIEWS and now.data != settings.REVIEWS:
        print(f"'{name}' was {NOT_THIS_DATA}.")
        rows = pd.read_csv(default).iloc[:0]
        rows.attrs = {"unmeasured": NOT_THIS_DATA}
        return rows
    if not path.is_file():
        print(f"'{name}' was not measured with {checkpoint}.")
        return pd.read_csv(default).iloc[:0]
    rows = pd.read_csv(path)
    other = record_file("full_epoch", checkpoint)
    if name in HELD_ELSEWHERE and other.is_file():
        runs = pd.read_csv(other).query("contender == 'best_recipe'").assign(**HELD_ELSEWHERE[name])
        rows = pd.concat([rows, runs[rows.columns]], ignore_index=True)
    rows.attrs = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return rows


def unmeasured(record) -> str:
    """Why a record has no rows, as the end of a sentence: "The race was ..."."""
    return record.attrs.get("unmeasured", "not measured with this checkpoint")


def right_answers(rows):
    """Which test texts each run of a record got right.

    Args:
        rows: of a record with the columns `correct` (one bit for each test text, as hexadecimal
            digits) and `test_texts`.

    Returns:
        A numpy array of 0 and 1, of shape (runs, test texts). Its mean over the texts is the
        accuracy of each run; two methods that met the same texts are compared column by column.
    """
    import numpy as np

    digits = zip(rows["correct"], rows["test_texts"], strict=True)
    return np.array(
        [np.unpackbits(np.frombuffer(bytes.fromhex(one), np.uint8), count=n) for one, n in digits],
        dtype=float,
    )


def gain_of(first, second) -> Difference:
    """How much better one method of a record is than another on the same test texts.

    Of several runs of a method, each text counts with the share of runs that got it right. The
    interval covers the chance in the choice of test texts: a t interval over the gain of each text,
    which with a thousand texts is that of `paired_bootstrap`. It does not cover the chance in
    training beyond that.

    Args:
        first, second: rows of each method, with the columns that `right_answers` reads.

    Returns:
        The `Difference`, first minus second.

    Raises:
        DataError: if there are no rows, they were judged on different numbers of texts, or no text
            tells one method from the other.
    """
    texts = sorted({*first["test_texts"], *second["test_texts"]})
    if len(first) == 0 or len(second) == 0 or len(texts) > 1:
        raise DataError(
            f"{len(first)} and {len(second)} runs, judged on {texts} texts: expected at least one "
            "run of each method, all on the same test texts."
        )
    gains = right_answers(first).mean(axis=0) - right_answers(second).mean(axis=0)  # (texts,)
    if gains.min() == gains.max():
        raise DataError(
            f"The two methods differ by {100 * gains[0]:+.1f} points on each of {len(gains):,} "
            "texts: without any scatter there is no interval. Are these the same runs?"
        )
    return mean_difference(gains)
