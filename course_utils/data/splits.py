"""Train, validation and test: decided by each text itself, copies always together."""

from collections import Counter
from dataclasses import replace

from course_utils.data.copies import groups_of_labels, plain, tied, words_only
from course_utils.data.dates import as_dates
from course_utils.data.findings import shown
from course_utils.data.names import columns_near, fitting, label_key, taken_for
from course_utils.data.strata import FEW, PARTS, assign, cut, mark
from course_utils.data.texts import LabeledTexts, check_labeled, no_list
from course_utils.errors import DataError

OF_A_GROUP = b"\xff"
"""Stands before the name of a group where it is hashed: no text begins like this in UTF-8."""


def told(parts, quiet: bool) -> tuple:
    if not quiet:
        for part in parts:
            print(part)
    return tuple(parts)


def split(data: LabeledTexts, name: str = None, by=None, *, group=None, time=None) -> tuple:
    """75 % train, 10 % validation, 15 % test: the same on every computer, whatever the order.

    Each text itself decides where it lands. Copies, and near-copies (the same words but for digits,
    case and punctuation), are never on two sides. A label of fewer than 100 different texts is
    shared out as exactly as possible.

    Args:
        data: all texts.
        name: how the parts are called; by default as `data`.
        by: for each text, what decides where it lands instead of the text; near-copies are not
            looked for then.
        group: keeps together what belongs together, such as all texts of one customer: the name of
            a column in `data.columns`, or a list with one value for each text. Groups that share a
            text, or nearly so, count as one. A text without a value is a group of its own. The
            parts know their groups: intervals of what is measured on them are by group.
        time: the oldest 75 % to train, the newest 15 % to test: the name of a column with dates, or
            a list with one for each text. Texts of the same moment stay together. Later copies and
            near-copies of a text in an earlier part are left out, and counted.

    Returns:
        train, validation and test, three `LabeledTexts`.

    Raises:
        DataError: if a label would be missing from a part (by time: from train).
    """
    check_labeled("data", data)
    name = name or data.name
    ways = {"by": by, "group": group, "time": time}
    given = [f"{way}={shown(what, 30)!r}" for way, what in ways.items() if what is not None]
    if len(given) > 1:
        raise DataError(
            f"A split can go by one thing at a time: choose one of {' and '.join(given)}. (For "
            "groups in time, split by time, then leave out the test texts of groups that are in "
            "train.)"
        )
    if time is not None:
        rows = _rows_by_time(data, name, time)
    else:
        rows = _rows_by_hash(data, name, by, group)
    if group is not None:
        data = _with_groups(data, group)
    return tuple(
        data.take(chosen, f"{name}, {part}") for part, chosen in zip(PARTS, rows, strict=True)
    )


def split_number(text: str) -> int:
    """A number from 0 to 99 that depends on the words of a text, not on case or white space."""
    return mark(plain(text))[0]


# --- by what the texts are ---


def _rows_by_hash(data: LabeledTexts, name: str, by, group) -> list:
    """The rows of train, validation and test."""
    if by is not None:
        keys = [plain(str(key)) for key in values_of(data, "by", by)]
        marks, groups = [mark(key) for key in keys], tied(keys)
    else:
        keys = [plain(text) for text in data.texts]
        near = [words_only(text) for text in data.texts]
        marks, of_groups = [mark(key) for key in keys], []
        if group is not None:
            of_groups = [_owners(data, name, group)]
            marks = [
                mark(owner, OF_A_GROUP) if isinstance(owner, str) else of_the_text
                for owner, of_the_text in zip(of_groups[0], marks, strict=True)
            ]
        groups = tied(keys, near, *of_groups)
        too_few = _too_few(data, groups)
        if too_few:
            # What tells such texts apart are digits and signs, so here these count.
            alike = {groups[row] for row, label in enumerate(data.labels) if label in too_few}
            near = [
                (key,) if found in alike else words
                for key, words, found in zip(keys, near, groups, strict=True)
            ]
            groups = tied(keys, near, *of_groups)
            if not _too_few(data, groups):
                print(
                    f"{name}: texts that differ only in digits, case or punctuation may stand on "
                    "two sides; otherwise these labels would be missing from a part: "
                    f"{_listed(data, too_few)}."
                )
        if of_groups:
            _tell_of_the_largest(data, name, groups, of_groups[0])
    _check_enough(data, name, groups, group)
    first = {}
    for found, own in zip(groups, marks, strict=True):
        first[found] = min(own, first.get(found, own), key=lambda each: each[1])
    parts, missing = assign(data.labels, groups, first, FEW if group is None else len(data) + 1)
    if missing:
        raise DataError(
            f"{name}: no way was found to bring these labels into each part without taking a group "
            f"apart: {_listed(data, missing)}. Leave them out, or bring texts of other groups."
        )
    return [[row for row, x in enumerate(groups) if parts[x] == part] for part in range(3)]


def owners(data: LabeledTexts, group) -> list:
    """The group of each text, as text; its row for one that has none.

    Args:
        group: the name of a column in `data.columns`, or one value for each text.

    Raises:
        DataError: if there is no such column, or it is not one value for each text.
    """
    values = [label_key(_text_of(value)) for value in values_of(data, "group", group)]
    return [value or row for row, value in enumerate(values)]


def _owners(data: LabeledTexts, name: str, group) -> list:
    """As `owners`, and it is told how many texts have no group."""
    found = owners(data, group)
    missing = sum(isinstance(owner, int) for owner in found)
    if missing:
        print(f"{name}: {missing:,} texts have no group; each counts as a group of its own.")
    return found


def _with_groups(data: LabeledTexts, group) -> LabeledTexts:
    """The same texts, and the column of their groups is written down; a list becomes a column."""
    if isinstance(group, str):
        return replace(data, group=column_called(data, group))
    column = "group"
    while column in data.columns:
        column += "_"
    return replace(data, columns={**data.columns, column: list(group)}, group=column)


def _text_of(value) -> str:
    """A value as text; nothing for what pandas and Python write where none is."""
    absent = value is None or (not isinstance(value, str) and str(value) in ("nan", "NaT", "<NA>"))
    return "" if absent else str(value)


def _tell_of_the_largest(data: LabeledTexts, name: str, groups: list, owners: list) -> None:
    """Print why half of all texts or more belong together, if texts such as "Thanks!" tie them."""
    largest, size = Counter(groups).most_common(1)[0]
    rows = [row for row, group in enumerate(groups) if group == largest]
    if 2 * size < len(groups) or len({owners[row] for row in rows}) == 1:
        return
    shared = {}
    for row in rows:
        shared.setdefault(words_only(data.texts[row]), {})[owners[row]] = row
    most = max(shared.values(), key=len)
    print(
        f"{name}: {len({owners[row] for row in rows}):,} groups share texts, so they count as one, "
        f"which holds {100 * size / len(groups):.0f} % of the texts. {len(most):,} of them have "
        f"'{shown(data.texts[min(most.values())])}': leave such texts out before you split."
    )


def _too_few(data: LabeledTexts, groups: list) -> list:
    """The labels with texts of fewer than three groups: they cannot be in each part."""
    holds = groups_of_labels(data.labels, groups)
    return [label for label in range(len(data.label_names)) if len(holds.get(label, ())) < 3]


def _check_enough(data: LabeledTexts, name: str, groups: list, group) -> None:
    """Raise a DataError that names all labels with texts of fewer than three groups."""
    too_few = _too_few(data, groups)
    if not too_few:
        return
    holds = groups_of_labels(data.labels, groups)
    kind = "different" if group is None else "groups"
    said = [
        f"'{data.label_names[label]}' ({data.labels.count(label):,} texts, "
        f"{len(holds.get(label, ())):,} {kind})"
        for label in too_few
    ]
    if group is None:
        need, cure = "3 different texts", "bring more, about 30 of each label, or leave them out."
    else:
        need = "texts of 3 groups (those that share a text count as one)"
        cure = "bring texts of other groups, leave these labels out, or split without group."
    raise DataError(
        f"{name}: each label needs {need} at least, one for each part. These have fewer: "
        f"{', '.join(said)}: {cure}"
    )


def _listed(data: LabeledTexts, labels, most: int = 5) -> str:
    names = [f"'{data.label_names[label]}'" for label in labels]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def column_called(data: LabeledTexts, name: str) -> str | None:
    """The only column that `fitting` finds; None if there is none."""
    names = list(data.columns)
    places = fitting(name, names)
    return names[places[0]] if len(places) == 1 else None


def values_of(data: LabeledTexts, argument: str, given) -> list:
    """One value for each text: of a column of `data`, or as given."""
    if isinstance(given, str):
        column = column_called(data, given)
        if column is None:
            there = ", ".join(f"'{column}'" for column in data.columns) or "no columns"
            filled = [name for name, cells in data.columns.items() if any(map(_text_of, cells))]
            raise DataError(
                f"{argument}='{given}': {data.name} has no such column beside texts and labels; it "
                f"has {there}.{columns_near(given, filled)}"
            )
        if said := taken_for(given, column):
            print(said)
        return list(data.columns[column])
    kind = no_list(given)
    if kind or not hasattr(given, "__iter__"):
        raise DataError(
            f"{argument} is {kind or repr(given)}. Expected the name of a column, or a list."
        )
    values = list(given)
    if len(values) != len(data):
        raise DataError(
            f"{argument} has {len(values)} values for {len(data)} texts: give one for each text."
        )
    return values


# --- by time ---


def _rows_by_time(data: LabeledTexts, name: str, time) -> list:
    """The rows of train, validation and test, the oldest first."""
    dates = as_dates(values_of(data, "time", time), time if isinstance(time, str) else "time")
    how_many = sorted(Counter(dates).items())
    if len(how_many) < 3:
        raise DataError(
            f"{name}: the texts are of {len(how_many)} different moments; three parts need at "
            "least three."
        )
    first, second = cut([count for _, count in how_many])
    borders = how_many[first][0], how_many[second][0]
    rows = [[], [], []]
    for row, date in enumerate(dates):
        rows[sum(date >= border for border in borders)].append(row)
    rows = _without_later_copies(data, name, rows)
    _check_labels_in_time(data, name, rows)
    return rows


def _without_later_copies(data: LabeledTexts, name: str, rows: list) -> list:
    """The rows without those whose words stand in an earlier part: their answer is known."""
    seen, kept = set(), []
    for part, chosen in zip(PARTS, rows, strict=True):
        words = {row: words_only(data.texts[row]) for row in chosen}
        kept.append([row for row in chosen if words[row] not in seen])
        seen |= set(words.values())
        if not kept[-1]:
            raise DataError(
                f"{name}: each text of {part} is a copy or near-copy of an older one, so nothing "
                "is left to judge by: bring other texts."
            )
        if len(kept[-1]) < len(chosen):
            print(
                f"{name}: {len(chosen) - len(kept[-1]):,} of {len(chosen):,} texts left out of "
                f"{part}: copies or near-copies of older texts."
            )
    return kept


def _check_labels_in_time(data: LabeledTexts, name: str, rows: list) -> None:
    """A label that is not in train cannot be learned; one that is not in test is not judged."""
    for part, chosen in zip(PARTS, rows, strict=True):
        there = {data.labels[row] for row in chosen}
        missing = [label for label in range(len(data.label_names)) if label not in there]
        if missing and part == "train":
            raise DataError(
                f"{name}: no text of {_listed(data, missing)} is among the oldest 75 %, so it "
                "cannot be learned: leave this label out, or split without time."
            )
        if missing:
            print(f"{name}: {part} has no text of {_listed(data, missing)}.")
