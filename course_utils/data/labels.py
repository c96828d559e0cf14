"""The labels of a file: what is one label in several spellings, and what is none."""

import re
from collections import Counter, defaultdict

from course_utils.data.findings import Findings, shown
from course_utils.data.names import DECIMAL_COMMA, in_order, label_key, tidy
from course_utils.errors import DataError, did_you_mean

FEWEST = 3
"""Rows that a label needs: one for each part of a split."""

FAR_MORE = 10
"""So many times as frequent is a label that another may be a slip of."""

RARE = "label on one or two rows only"

NO_LABEL = ("n/a", "#n/a", "nan", "<na>", "null", "(null)", "-", "--", "?")
"""What may be a label, and more likely says that there is none. ("none" is often one.)"""

A_LIST = re.compile(r"\[.*\]|\{.*\}|\(.*[,;'\"].*\)")
WHOLE = re.compile(r"[+-]?\d+")
ALONE = re.compile(r"""[\[{(]\s*(["'])([^"',;|]+)\1\s*,?\s*[\])}]""")


def checked_names(label_names) -> list | None:
    """The names that labels may have, as a list of different texts.

    Raises:
        DataError: if they are something else.
    """
    if label_names is None:
        return None
    if isinstance(label_names, str) or not hasattr(label_names, "__iter__"):
        raise DataError(f"label_names={label_names!r}: expected a list of at least two names.")
    names = [tidy(str(name)) for name in label_names]
    if len(names) < 2 or len(set(names)) < len(names):
        raise DataError(f"label_names={names}: expected at least two names, each once.")
    return names


def clean_labels(rows: list, place: int, names: list | None, table) -> tuple:
    """The rows that have a label, each in one spelling; and the names of the labels.

    Args:
        rows: number and cells of each.
        place: the column of the label.
        names: the labels that may occur; None for those that do.
        table: takes what was found. What is refused makes `table.findings.check` raise.
    """
    found = table.findings
    rows = list(_labelled(rows, place, found))
    spelled = _spellings(rows, place, names)
    _refuse_lists(rows, place, found)
    _check_joined(table, rows, place)
    kept = []
    for number, cells in rows:
        written, name = cells[place], spelled[label_key(cells[place])]
        if names is not None and name not in names:
            near = did_you_mean(written, names).strip()
            what = f"{shown(written, 40)!r} is not one of {shown(', '.join(names), 200)}"
            found.note("refused", f"{what}. {near}" if near else what, number)
            continue
        if name != written:
            found.note(
                "repaired", f"label in another spelling, now {shown(name, 40)!r}", number, written
            )
            cells = _with(cells, place, name)
        kept.append((number, cells))
    if names is not None:
        return kept, names
    return _frequent(kept, place, table)


def _labelled(rows: list, place: int, found: Findings):
    """The rows that have a label, without invisible signs and needless blanks around it."""
    for number, cells in rows:
        label = tidy(cells[place])
        alone = ALONE.fullmatch(label)
        if alone:
            found.note("repaired", "label alone in a list", number, label)
            label = alone[2].strip()
        if label.casefold() in NO_LABEL:
            found.note("kept", f"the label {label!r} may say that there is none", number)
        if label in ("", "[]"):
            found.note("left out", "no label", number)
        else:
            yield number, cells if label == cells[place] else _with(cells, place, label)


def _with(cells: list, place: int, value: str) -> list:
    return [*cells[:place], value, *cells[place + 1 :]]


def _spellings(rows: list, place: int, names: list | None) -> dict:
    """For each label, whatever its case and blanks, the spelling that counts: the most frequent;
    of whole numbers, the one without a point, as a person writes them."""
    written = defaultdict(Counter)
    for _, cells in rows:
        written[label_key(cells[place])][cells[place]] += 1
    spelled = {
        key: max(found, key=lambda name: (WHOLE.fullmatch(name) is not None, found[name], name))
        for key, found in written.items()
    }
    return spelled | {label_key(name): name for name in names or []}


def _refuse_lists(rows: list, place: int, found: Findings) -> None:
    """Several labels in one cell: this course gives each text exactly one."""
    labels = {label_key(cells[place]) for _, cells in rows}
    what = (
        "the cell holds a list of labels, and this course gives each text exactly one: choose it, "
        "or empty the cell, and the row is left out"
    )
    or_a_number = "two labels, or a number? Of labels, a text has one; a number is written 4.5"
    for number, cells in rows:
        cell = cells[place]
        parts = [label_key(part) for part in re.split("[,;|/]", cell)]
        if A_LIST.fullmatch(cell) or (len(parts) > 1 and labels.issuperset(parts)):
            doubtful = DECIMAL_COMMA.fullmatch(cell)
            found.note("refused", or_a_number if doubtful else what, number, cell)


def _check_joined(table, rows: list, place: int) -> None:
    """A text that was put together from several cells: was it one? The label behind it tells."""
    joined = set(getattr(table.rows, "joined", ()))
    sure = {label_key(cells[place]) for number, cells in rows if number not in joined}
    for number, cells in rows:
        if number in joined and label_key(cells[place]) in sure:
            table.findings.note("repaired", "text goes on after a separator", number)
        elif number in joined:
            table.findings.note(
                "refused",
                f"more cells than the {len(table.columns)} columns: put a text that contains "
                f"'{table.rows.separator}' between double quotes",
                number,
            )


def without_swallowed(rows: list, place: int | None, table) -> list:
    """The rows, where a double quote that nobody meant had made one of several.

    Lines look like rows if each of them has as many cells as there are columns, and a label that
    other rows have, too. Between tabs there is little doubt; elsewhere it would be a guess.

    Args:
        rows: number and cells of each; None stands for the cells of a repeated header.
        place: the column of the label; None if there is none, and so nothing to tell by.
    """
    suspects = dict(getattr(table.rows, "suspects", ()))
    found, whole = table.findings, []
    what = "a double quote opens here and closes in a later line, and what stands between looks "
    if place is None:
        for number in suspects:
            found.note("kept", what + "like rows", number)
        return rows
    sure = {label_key(cells[place]) for number, cells in rows if cells and number not in suspects}
    for number, cells in rows:
        lines = suspects.get(number, ())
        if not lines or not sure.issuperset(label_key(line[place].strip(' "')) for line in lines):
            whole.append((number, cells))
        elif table.rows.separator == "\t":
            found.note("repaired", "double quotes read as plain signs", number)
            whole += [(number, line) for line in lines]
        else:
            found.note("refused", what + "like rows: remove it, or write it twice", number)
    return whole


def _frequent(rows: list, place: int, table) -> tuple:
    """The rows whose label stands on at least three; and their labels in order."""
    found, counts = table.findings, Counter(cells[place] for _, cells in rows)
    if len(rows) >= 10 and 2 * len(counts) > len(rows):
        found.note(
            "refused",
            f"{len(counts)} different labels in {len(rows)} rows; expected a few that come again "
            "and again: is it the right column?",
        )
        return rows, in_order(counts)
    often = {name for name, count in counts.items() if count >= FEWEST}
    for number, cells in rows:
        if cells[place] not in often:
            found.note("left out", RARE, number, cells[place])
    for kind in found.of("left out"):
        if kind.what == RARE:
            kind.example += did_you_mean(kind.example, often)
    _note_slips(rows, place, {name: counts[name] for name in often}, found)
    if len(often) == 1:
        found.note("refused", f"every row says {shown(*often, 40)!r}; expected at least two labels")
    return [row for row in rows if row[1][place] in often], in_order(often)


def _note_slips(rows: list, place: int, counts: dict, found: Findings) -> None:
    """Say which labels look like another one, far more frequent, that somebody wrote wrongly."""
    slips = {}
    for name, count in counts.items():
        near = did_you_mean(name, [other for other in counts if counts[other] >= FAR_MORE * count])
        if near:
            slips[name] = f"label {shown(name, 40)!r} looks like a slip.{near}"
    for number, cells in rows:
        if cells[place] in slips:
            found.note("kept", slips[cells[place]], number)
