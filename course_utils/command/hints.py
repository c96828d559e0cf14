"""What a file suggests: options that one may not know yet, told only where they are certain."""

import re

from course_utils.data.dates import YEAR_FIRST, YEAR_LAST
from course_utils.data.findings import shown
from course_utils.data.reports import ENOUGH_TEXTS
from course_utils.data.splits import owners

RARE, TIMES = 0.05, 4
"""A label is rare below that share of the texts, if another one has so many times its texts."""

REPEATED = 0.05
"""The share of values that stand there more than once: below it, --group would change nothing."""

MANY, ENOUGH_EACH = 10, 6
"""So many labels, with fewer texts each on average, are rather a column of dates or of numbers."""

GROUPS = 20
"""Fewer different values are kinds, such as "new" and "old" customers, and no persons."""

OWNER = re.compile(
    r"(?:[^\W_]+[\W_]+)?"  # one word may stand before it: "review author"
    r"(?:customer|cliente?|kunden?|user|(?:be)?nutzer|author|autor|(?:ab)?sender|patient(?:en)?"
    r"|member|mitglieds?|account|thread|conversation|session|ticket)"
    r"(?:[\W_]*(?:id|uuid|key|no|nr|number|nummer|name))?[\W_]*",
    re.IGNORECASE,
)
"""The whole name of a column that says whose, or of what conversation, a text is."""

NO_OWNERS = (re.compile(r"\W*\d[\d.,]*[.,]\d+\s*\D{0,3}"), YEAR_FIRST, YEAR_LAST)
"""Nobody is called like a number with decimals, perhaps with its unit, nor like a date."""


def hints(data, options) -> list:
    """Sentences that name an option of `train` which this file may need, and which was not given.

    Args:
        data: the labelled texts, with all columns of their file.
        options: of the command.
    """
    about_labels = _about_the_column(data, options.label)
    about_labels += [] if options.class_weights else _about_rare_labels(data)
    return about_labels + ([] if options.group or options.time else _about_owners(data))


def _about_the_column(data, label: str) -> list:
    """Is this column one of labels at all?"""
    names = data.label_names
    dates = all(YEAR_FIRST.fullmatch(name) or YEAR_LAST.fullmatch(name) for name in names)
    if not dates and (len(names) < MANY or len(data) >= ENOUGH_EACH * len(names)):
        return []
    found = "dates" if dates else f"{len(names):,} different labels for {len(data):,} texts"
    return [
        f"The column '{shown(label, 30)}' holds {found}, such as '{shown(names[0], 30)}': is it "
        "the one with the labels? If not, name another one with --label."
    ]


def _about_rare_labels(data) -> list:
    counts = data.counts()
    rarest, most = min(counts, key=counts.get), max(counts.values())
    few = counts[rarest]
    if few * TIMES > most or few >= max(ENOUGH_TEXTS, RARE * len(data)):
        return []
    return [
        f"The label '{shown(rarest, 30)}' has {few:,} of {len(data):,} texts, the most frequent "
        f"{most:,}. If you must not miss the rare ones, --class-weights balanced finds more of "
        "them; more of what it calls so is then wrong."
    ]


def _about_owners(data) -> list:
    for name in filter(OWNER.fullmatch, data.columns):
        found = [owner for owner in owners(data, name) if isinstance(owner, str)]
        different = set(found)
        if any(kind.fullmatch(owner) for kind in NO_OWNERS for owner in different):
            continue
        enough = len(found) - len(different) >= max(1, REPEATED * len(found))
        if GROUPS <= len(different) and enough:
            return [
                f"The {len(found):,} texts come from {len(different):,} different values of the "
                f"column '{shown(name, 30)}'. If texts of the same one are alike, the test is too "
                f'easy: --group "{shown(name, 30)}" keeps them on one side.'
            ]
    return []
