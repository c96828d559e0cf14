"""Which group of texts goes to which part, so that each label is in each part."""

import hashlib

from course_utils.data.copies import groups_of_labels

PARTS = ("train", "validation", "test")
SHARES = (75, 10, 15)  # percent
FEW = 100
"""With fewer different texts than that, chance alone would share a label out too unevenly."""
TRIES = 100


def mark(key: str, kind: bytes = b"") -> tuple:
    """A number from 0 to 99 that decides where a key belongs, and a longer one for the order.

    Both depend on the key alone, so they are the same on every computer.
    """
    content = kind + key.encode("utf-8", "surrogatepass")  # half an emoji decides, too
    number = int.from_bytes(hashlib.sha256(content).digest()[:8], "big")
    return number % 100, number


def part_of(place: float) -> int:
    """The part of a place from 0 to 100: 0 for train, 1 for validation, 2 for test."""
    return 0 if place < SHARES[0] else 1 if place < 100 - SHARES[2] else 2


def assign(labels, groups, marks: dict, few: float = FEW) -> tuple:
    """A part for each group.

    The mark of a group decides. But labels of few groups, and those whose share of a part would be
    less than half or more than one and a half of what it should be, are shared out: their groups
    are put in the order of their marks, and cut at 75 and 85 % of the texts.

    Args:
        labels, groups: of each text.
        marks: of each group, see `mark`.
        few: labels of fewer groups are always shared out.

    Returns:
        The part of each group (0, 1 or 2), as a dict, and the labels that are missing from a part
        although many orders were tried (they may be so entangled that no order will do).
    """
    holds = groups_of_labels(labels, groups)
    rarest_first = sorted(holds, key=lambda label: (len(holds[label]), label))
    order = marks
    for attempt in range(TRIES):
        parts = {group: part_of(place) for group, (place, _) in marks.items()}
        fixed = set()  # what was done for a rare label, a more frequent one does not undo
        for label in rarest_first:
            if len(holds[label]) < few or not _fair(holds[label], parts):
                parts |= _share_out(holds[label], parts, fixed, order)
                fixed |= set(holds[label])
        missing = [x for x in rarest_first if len({parts[group] for group in holds[x]}) < 3]
        if not missing:
            break
        order = {group: mark(f"{attempt} {number}") for group, (_, number) in marks.items()}
    return parts, missing


def _fair(sizes: dict, parts: dict) -> bool:
    """Does each part have between a half and one and a half of its share of a label?"""
    total = sum(sizes.values())
    for part, share in enumerate(SHARES):
        here = sum(size for group, size in sizes.items() if parts[group] == part)
        if not share / 2 <= 100 * here / total <= 1.5 * share:
            return False
    return True


def _share_out(sizes: dict, parts: dict, fixed: set, order: dict) -> dict:
    """Parts for those groups of a label that are not fixed.

    Args:
        sizes: of each group of the label, how many of its texts it holds.
    """
    here = [
        sum(n for group, n in sizes.items() if group in fixed and parts[group] == part)
        for part in range(3)
    ]
    total = sum(sizes.values())
    free = [group for group in sizes if group not in fixed]
    # A group that is larger than the smallest part goes to train before all others.
    large = total * min(SHARES) / 100
    free.sort(key=lambda group: (-sizes[group] if sizes[group] > large else 0, order[group]))
    wanted = [max(0, total * share / 100 - n) for share, n in zip(SHARES, here, strict=True)]
    first, second = cut([sizes[group] for group in free], wanted, [n == 0 for n in here])
    return {
        group: 0 if place < first else 1 if place < second else 2
        for place, group in enumerate(free)
    }


def cut(sizes: list, wanted=SHARES, at_least=(1, 1, 1)) -> tuple:
    """Where to cut a row of things into three parts: two positions.

    A thing belongs where its middle lies.

    Args:
        sizes: of the things, in their order.
        wanted: how much each part should hold, in any unit.
        at_least: how many things each part must hold, as far as there are enough.
    """
    unit = sum(sizes) / (sum(wanted) or 1)
    before, counts = 0, [0, 0]
    for size in sizes:
        middle = before + size / 2
        counts[0] += middle < unit * wanted[0]
        counts[1] += middle < unit * (wanted[0] + wanted[1])
        before += size
    most = max(0, len(sizes) - at_least[1] - at_least[2])
    first = min(max(counts[0], at_least[0]), most)
    second = min(max(counts[1], first + at_least[1]), max(first, len(sizes) - at_least[2]))
    return first, second
