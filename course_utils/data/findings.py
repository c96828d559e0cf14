"""What was found in a file that somebody brought: repaired, left out, or refused."""

from dataclasses import dataclass, field

from course_utils.data.display import keep_dollars, no_formula, table_html
from course_utils.errors import DataError

FIRST = 5
"""Rows of one kind that are named; the others are counted."""

MOST_KINDS = 12
"""Kinds of faults that a message lists: each wrong label is one of its own."""


@dataclass
class Finding:
    """One kind of thing that was found, and in which rows, as a spreadsheet counts them."""

    what: str
    done: str
    """ "repaired", "left out", "kept" (as it is, but worth a look) or "refused"."""
    count: int = 0
    rows: list = field(default_factory=list)
    example: str = ""

    @property
    def first_rows(self) -> str:
        """The numbers of the first rows."""
        more = ", …" if self.count > len(self.rows) else ""
        return ", ".join(map(str, self.rows)) + more


class Findings:
    """All that was found in one file, in the order of the rows."""

    def __init__(self):
        self._kinds = {}

    def note(self, done: str, what: str, row: int = None, example: str = "") -> None:
        """One more row in which `what` was found."""
        kind = self._kinds.setdefault((done, what), Finding(what, done, example=shown(example)))
        kind.count += 1
        if row is not None and len(kind.rows) < FIRST:
            kind.rows.append(row)

    def of(self, done: str) -> list:
        return [kind for kind in self._kinds.values() if kind.done == done]

    def check(self, name: str, refused=("refused",)) -> None:
        """Raise a DataError that names everything that is refused, not only the first."""
        kinds = [kind for done in refused for kind in self.of(done) if kind.what != EMPTY_ROW]
        said = [_sentence(kind) for kind in kinds[:MOST_KINDS]]
        if len(said) == 1:
            raise DataError(f"{name}, {said[0]}")
        if said:
            listed = "\n".join(f"  {number}. {line}" for number, line in enumerate(said, 1))
            more = "\n  …" if len(kinds) > MOST_KINDS else ""
            raise DataError(f"{name} has {len(kinds):,} kinds of faults:\n{listed}{more}")

    def summary(self) -> str:
        """What was left out, and how often, as a sentence."""
        return _counted("Left out", self.of("left out"))


EMPTY_ROW = "empty row"
CONTRADICTION = "the same text has different labels"
PERHAPS_NONE = "which may say that there is no text"


def _where(kind: Finding) -> str:
    """The first rows of what somebody has to look up: which label is right, is it a text?"""
    look = kind.what.endswith((CONTRADICTION, PERHAPS_NONE))
    return f" (row{'s' * (kind.count > 1)} {kind.first_rows})" * look


def _counted(title: str, kinds) -> str:
    said = listed(kinds)
    return f"{title}: {said}." if said else ""


def listed(kinds) -> str:
    """How often each kind of thing was found, in words."""
    return ", ".join(f"{kind.count:,} × {kind.what}{_where(kind)}" for kind in kinds)


def _sentence(kind: Finding) -> str:
    what = kind.what + (f" ({kind.example})" if kind.example else "")
    what += "" if what.endswith((".", "?")) else "."
    if not kind.rows:
        return what
    if kind.count == 1:
        return f"row {kind.rows[0]}: {what}"
    return f"{kind.count:,} rows ({kind.first_rows}): {what}"


def counted(many: int, thing: str) -> str:
    """Such as "1 row" and "2 rows"."""
    return f"{many:,} {thing}{'s' * (many != 1)}"


def shown(cell: str, most: int = 60) -> str:
    """A cell on one line, shortened, for a message or a table."""
    line = " ".join(str(cell).split())
    return line if len(line) <= most else line[: most - 1] + "…"


@dataclass(frozen=True)
class ReadReport:
    """What `read_texts` did with a file. The last line of a cell shows it as a table.

    Every row is accounted for: `rows` is `kept` plus the rows that were left out.
    """

    name: str
    rows: int
    """Rows below the names of the columns, empty ones included."""
    kept: int
    notes: tuple
    """What holds for the whole file, such as its encoding: sentences."""
    left_out: tuple
    repaired: tuple
    to_see: tuple
    """Kept as it is, but worth a look."""

    @classmethod
    def of(cls, table, rows: int, kept: int) -> "ReadReport":
        """The report on a `Table` that was read to its end."""
        kinds = (tuple(table.findings.of(done)) for done in ("left out", "repaired", "kept"))
        return cls(table.name, rows, kept, tuple(table.notes), *kinds)

    @property
    def found_something(self) -> bool:
        """Is there anything to tell?"""
        return bool(self.notes or self.left_out or self.repaired or self.to_see)

    def table(self):
        """A pandas DataFrame: what was found, what was done, in how many rows, and in which."""
        import pandas as pd

        kinds = [*self.left_out, *self.repaired, *self.to_see]
        columns = ["found", "done", "rows", "first rows", "example"]
        cells = [
            (kind.what, kind.done, kind.count, kind.first_rows, kind.example) for kind in kinds
        ]
        keep_dollars(*(cell for row in cells for cell in row))
        return pd.DataFrame(cells, columns=columns)

    def _counts(self) -> str:
        return f"{counted(self.rows, 'row')}, {counted(self.kept, 'text')}"

    def __str__(self):
        said = [
            f"{self.name}: {self._counts()}.",
            _counted("Left out", self.left_out),
            _counted("Repaired", self.repaired),
            _counted("Kept as it is", self.to_see),
            *self.notes,
        ]
        return "\n".join(line for line in said if line)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from html import escape

        title = f"{self.name}: {self._counts()}"
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        table = self.table()
        found = table_html(table, index=False) if len(table) else "<p>Nothing to repair.</p>"
        return no_formula(f"<p><b>{escape(title)}</b></p>{notes}") + found
