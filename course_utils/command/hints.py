"""What a file suggests: options that one may not know yet, told only where they are certain."""

import re

from course_utils.data.findings import shown
from course_utils.data.reports import ENOUGH_TEXTS
from course_utils.data.splits import owners

RARE, TIMES = 0.05, 4
"""A label is rare below that share of the texts, if another one has so many times its texts."""

GROUPS = 20
"""Fewer different values are kinds, such as "new" and "old" customers, and no persons."""

OWNER = re.compile(
    r"customer|client|kund|user|nutzer|author|autor|sender|patient|member|mitglied|account|thread"
    r"|conversation|session|ticket",
    re.IGNORECASE,
)
"""Stands in the name of a column that says whose, or of what conversation, a text is."""


def hints(data, options) -> list:
    """Sentences that name an option of `train` which this file may need, and which was not given.

    Args:
        data: the labelled texts, with all columns of their file.
        options: of the command.
    """
    about_labels = [] if options.class_weights else _about_rare_labels(data)
    return about_labels + ([] if options.group or options.time else _about_owners(data))


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
    for name in filter(OWNER.search, data.columns):
        found = [owner for owner in owners(data, name) if isinstance(owner, str)]
        if GROUPS <= len(set(found)) < len(found):
            return [
                f"The {len(found):,} texts come from {len(set(found)):,} different values of the "
                f"column '{shown(name, 30)}'. If texts of the same one are alike, the test is too "
                f'easy: --group "{shown(name, 30)}" keeps them on one side.'
            ]
    return []
