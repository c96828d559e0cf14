"""Checks of notebook 01: your own draw, and how many labels are saved."""

import math
from functools import lru_cache

from course_utils import settings
from course_utils.judge.curves import gain_over_draws, labels_saved
from course_utils.judge.draws import one_draw, read_once
from course_utils.judge.records import load_record
from course_utils.lessons.exercises import Wrong, exercise, one_number

LABELS = 16


TOLERANCE = 0.002
"""A few headlines of 1,800: another processor may tip those that stand on the edge."""


@lru_cache(maxsize=1)
def _read(checkpoint: str) -> tuple:
    """The headlines, and for each of them what the frozen encoder and the word table say."""
    from course_utils import load_encoder, load_headlines, load_tokenizer

    parts = load_headlines(quiet=True)
    encoder, tokenizer = load_encoder(checkpoint), load_tokenizer(checkpoint)
    return parts, read_once(encoder, tokenizer, parts, quiet=True)


def _accuracies(labels: int, seed: int) -> dict:
    """The accuracy of each method for one draw, on all headlines that were not drawn."""
    results = one_draw(*_read(settings.current().checkpoint), labels, seed)
    return {name: result.accuracy for name, result in results.items()}


@exercise(
    "1.1",
    "my_seed",
    "my_gain",
    hints=(
        "course_utils.one_draw(headlines, vectors, labels=..., seed=...) does the work. What does "
        "it return?",
        'It returns a dictionary: the accuracy of TF-IDF is results["tfidf"].accuracy. The gain is '
        'that of results["frozen"] minus it.',
    ),
)
def own_draw(my_seed, my_gain):
    """The gain of the frozen encoder over TF-IDF, 16 labels per topic, for any seed."""
    if not isinstance(my_seed, int) or isinstance(my_seed, bool):
        raise Wrong(f"Expected a whole number as `my_seed`, found {my_seed!r:.40}.")
    gain = one_number("my_gain", getattr(my_gain, "value", my_gain))
    truth = _accuracies(LABELS, my_seed)
    expected = truth["frozen"] - truth["tfidf"]
    if _same(gain, expected):
        return f"{100 * gain:+.1f} points with seed {my_seed}.{_recorded_gain()}"
    if _same(gain, -expected):
        raise Wrong(
            f"Expected frozen encoder minus TF-IDF, found {gain:.3f}: it is the other way round."
        )
    if _same(gain / 100, expected):
        raise Wrong(f"Expected a fraction, found {gain:.1f}: ten points are 0.10.")
    for name, what in (("frozen", "the frozen encoder"), ("tfidf", "TF-IDF")):
        if _same(gain, truth[name]):
            raise Wrong(f"Expected a difference, found {gain:.3f}: the accuracy of {what} alone.")
    if _same(gain, truth["frozen"] - truth["words"]):
        raise Wrong(f"Expected the gain over TF-IDF, found {gain:.3f}: that over word embeddings.")
    if _same(gain, truth["words"] - truth["tfidf"]):
        raise Wrong(f"Expected the gain of the frozen encoder, found {gain:.3f}: that of words.")
    fewer = _accuracies(8, my_seed)
    if _same(gain, fewer["frozen"] - fewer["tfidf"]):
        raise Wrong(
            f"Expected {LABELS} labels per topic, found {gain:.3f}: the gain with 8 per topic."
        )
    raise Wrong(
        f"Expected another gain for seed {my_seed}, found {gain:.3f}, which is too "
        f"{'high' if gain > expected else 'low'}: is it the same seed in both places, and "
        f"{LABELS} labels per topic?"
    )


def _recorded_gain() -> str:
    record = load_record("label_efficiency")
    if record.empty:
        return ""
    rows = record[record["subject"] == "headlines"]
    mean = gain_over_draws(rows, "frozen", "tfidf", LABELS).value
    return f" The mean of the recorded draws is {100 * mean:+.1f}."


@exercise(
    "1.2",
    "needed",
    "times_as_many",
    hints=(
        "Start at the 2 below the picture and go up to the line of the frozen encoder. From there "
        "go right, at the same height, until you meet TF-IDF. Go down, and read the labels.",
        "Between 32 and 64 the axis is not even: a third of the way is about 40. Then divide by "
        "the 2 labels of the encoder. Or let the computer read: `saved = course_utils.labels_saved("
        'record[record["subject"] == "headlines"], "frozen", "tfidf", labels=2)`, then '
        "`saved.needed` and `saved.factor`.",
    ),
)
def read_the_curve(needed, times_as_many):
    """How many labels TF-IDF needs for what the frozen encoder reaches with two."""
    found, times = one_number("needed", needed), one_number("times_as_many", times_as_many)
    record = load_record("label_efficiency")
    if record.empty:
        return "Nothing to read: this checkpoint was not measured."
    saved = labels_saved(record[record["subject"] == "headlines"], "frozen", "tfidf", labels=2)
    right = saved.needed
    if math.isclose(found, right / 2, rel_tol=0.1):
        raise Wrong(
            f"Expected in `needed` the labels that TF-IDF needs, found {found:g}: that is already "
            "the factor."
        )
    if min(abs(found - 100 * saved.accuracy), abs(found - saved.accuracy)) < 0.5:
        raise Wrong(
            f"Expected labels per topic in `needed`, found {found:g}: that is the accuracy. Read "
            "the other axis."
        )
    if not right / 1.25 <= found <= right * 1.25:
        raise Wrong(
            f"Expected about {right:.0f} labels in `needed`, found {found:g}: start at 2 labels, "
            "go up to the encoder's line, then right to that of TF-IDF, then down."
        )
    if math.isclose(times, found, rel_tol=1e-6):
        raise Wrong(
            f"Expected in `times_as_many` how many times as many, found {times:g} again: divide "
            "by the 2 labels of the encoder."
        )
    if math.isclose(times, 2 / found, rel_tol=0.1):
        raise Wrong(f"Expected `needed` / 2, found {times:g}: divide the other way round.")
    if not math.isclose(times, found / 2, rel_tol=0.1):
        raise Wrong(f"Expected `needed` / 2 = {found / 2:g} in `times_as_many`, found {times:g}.")
    return (
        f"Computed: {right:.1f} labels, {saved.factor:.1f} times as many "
        f"(95 % interval {saved.interval})."
    )


def _same(found: float, expected: float) -> bool:
    """Is it this number? With two digits, it may be rounded."""
    rounded = 0.005 if found == round(found, 2) else 0.0
    return math.isclose(found, expected, abs_tol=TOLERANCE + rounded)
