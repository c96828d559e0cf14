"""The timetables, `instructor/plans.toml`: who teaches what, and when.

The tables of the guide and of the page for the class are made from it (`tools/guide.py`), and the
decks by the clock (`tools/clock_deck.py`).
"""

import tomllib
from dataclasses import dataclass, field, replace

from tools import ROOT, Problem

PLANS = ROOT / "instructor" / "plans.toml"
DEPTHS = ("90min", "3hours", "2days")  # each shows the slides of those before it, and more
PAUSES = ("break", "lunch")


@dataclass(frozen=True)
class Row:
    """One line of a timetable.

    Args:
        start: minutes after the beginning of the day.
        minutes: how long it takes.
        what: what the table says.
        lesson: number of the lesson that it teaches, "05"; "" if none.
        aims: those of the lesson that the row reaches; "" for all of them.
        show: what its slide shows below `what`; "" for the title and aims of the lesson.
        say: the speaker notes of that slide.
        kind: "break", "lunch" or "spare", where nobody teaches; else "".
    """

    start: int
    minutes: int
    what: str
    lesson: str = ""
    aims: str = ""
    show: str = ""
    say: str = ""
    kind: str = ""

    @property
    def end(self) -> int:
        """Minutes after the beginning of the day."""
        return self.start + self.minutes


@dataclass(frozen=True)
class Plan:
    """A timetable: its name on the command line, its title, the depth of its slides, its days."""

    name: str
    title: str
    depth: str
    days: list[list[Row]] = field(repr=False)

    def minutes_of(self, lesson: str) -> int:
        """The minutes that the plan gives to a lesson, exercises in class included."""
        return sum(row.minutes for day in self.days for row in day if row.lesson == lesson)


def read_plans(path=PLANS) -> list[Plan]:
    """Read all timetables.

    Raises:
        Problem: if a plan has a depth that does not exist, or a row an unknown key.
    """
    plans = []
    for plan in tomllib.loads(path.read_text(encoding="utf-8"))["plan"]:
        if plan["depth"] not in DEPTHS:
            raise Problem(
                f"{path.name}: plan {plan['name']} has the depth {plan['depth']!r}; choose from "
                f"{', '.join(DEPTHS)}."
            )
        days = [_clocked(day["rows"], plan["name"], path) for day in plan["day"]]
        plans.append(Plan(plan["name"], plan["title"], plan["depth"], days))
    return plans


def plans_of(numbers) -> list[Plan]:
    """The timetables of a choice of lessons: rows of others go, and later rows move up.

    A plan of which no lesson is left goes, too.
    """
    chosen = []
    for plan in read_plans():
        days = [
            _without_gaps(row for row in day if row.lesson in ("", *numbers)) for day in plan.days
        ]
        if any(row.lesson for day in days for row in day):
            chosen.append(replace(plan, days=days))
    return chosen


def _without_gaps(rows) -> list[Row]:
    """The rows, each beginning where the one before it ends."""
    moved, start = [], 0
    for row in rows:
        moved.append(replace(row, start=start))
        start = moved[-1].end
    return moved


def _clocked(rows, plan, path) -> list[Row]:
    """Give each row its start: the end of the row above it."""
    clocked, start = [], 0
    for row in rows:
        try:
            clocked.append(Row(start, **row))
        except TypeError as error:
            raise Problem(f"{path.name}: a row of plan {plan} cannot be read: {error}.") from None
        start = clocked[-1].end
    return clocked


def find_plan(name: str) -> Plan:
    """The plan with this name.

    Raises:
        Problem: if there is none; the message names all.
    """
    plans = {plan.name: plan for plan in read_plans()}
    if name not in plans:
        raise Problem(f"There is no plan {name!r}: choose from {', '.join(plans)}.")
    return plans[name]


def clock(minutes: int) -> str:
    """Hours and minutes after the beginning: 65 gives "1:05"."""
    return f"{minutes // 60}:{minutes % 60:02}"


def table(rows, last="") -> str:
    """A Markdown table of one day.

    Args:
        rows: the rows of the day.
        last: heading of an empty column, to be filled in by hand; "" for none.
    """
    heads = ["from", "to", "minutes", "what", *filter(None, [last])]
    empty = [""] if last else []
    lines = [heads, ["---"] * len(heads)]
    for row in rows:
        cells = [clock(row.start), clock(row.end), str(row.minutes), row.what]
        lines.append([*cells, *empty])
    total = sum(row.minutes for row in rows)
    lines.append(["", "", f"**{total}**", "**total**", *empty])
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
