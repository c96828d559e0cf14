"""The timetables, and the decks that follow them."""

import re
from functools import cache

import pytest

from tools import Problem, clock_deck, plans
from tools.lessons import BuildError, is_note, slide_type
from tools.plans import DEPTHS, PAUSES, Plan, Row, clock, find_plan, read_plans

PLANS = read_plans()
PROMISED = {"90min": [90], "second": [90], "3hours": [180], "2days": [360, 360]}
each_plan = pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)


# --- timetables ---


@each_plan
def test_a_day_is_as_long_as_promised(plan):
    assert [day[-1].end for day in plan.days] == PROMISED[plan.name]


@each_plan
def test_parts_of_a_row_add_up(plan):
    """ "05: the slide 4, faults 7", or "02 (25), Exercises 2.1 and 2.2 (12)"."""
    for row in (row for day in plan.days for row in day):
        listed = re.findall(r" (\d+)(?=,|$)", row.what.partition(": ")[2])
        in_brackets = re.findall(r"\((\d+)\)", row.what)
        for parts in filter(None, (listed if row.lesson else [], in_brackets)):
            assert sum(map(int, parts)) == row.minutes, row.what


@each_plan
def test_nobody_sits_for_more_than_90_minutes_and_60_on_average(plan):
    for day in plan.days:
        pauses = [row for row in day if row.kind in PAUSES]
        starts = [0, *(row.end for row in pauses)]
        ends = [*(row.start for row in pauses), day[-1].end]
        sitting = [end - start for start, end in zip(starts, ends, strict=True)]
        assert max(sitting) <= 90
        assert not pauses or sum(sitting) / len(sitting) <= 60


@each_plan
def test_a_plan_has_a_welcome_a_closing_and_time_to_spare(plan):
    rows = [row for day in plan.days for row in day]
    for word in ("Welcome", "Closing"):
        assert any(row.what.startswith(word) for row in rows), word
    taught = sum(row.minutes for row in rows if row.kind not in PAUSES)
    spare = sum(row.minutes for row in rows if row.kind == "spare")
    assert spare / taught >= (10 / 90 if len(plan.days) == 1 else 0.07)


def test_90_minutes_are_the_core_path():
    (day,) = find_plan("90min").days
    assert [row.lesson for row in day if row.lesson] == ["00", "01", "04", "05", "06"]


def test_a_clock_and_a_table():
    rows = [Row(0, 65, "talk"), Row(65, 5, "rest")]
    assert clock(65) == "1:05"
    assert plans.table(rows, last="yours").splitlines()[2:] == [
        "| 0:00 | 1:05 | 65 | talk |  |",
        "| 1:05 | 1:10 | 5 | rest |  |",
        "|  |  | **70** | **total** |  |",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('depth = "1hour"', "plan x has the depth '1hour'; choose from 90min, "),
        ('depth = "90min"\n[[plan.day]]\nrows = [{ minutes = 1, who = "me" }]', "plan x cannot"),
    ],
)
def test_a_plan_that_cannot_be_read_gives_one_sentence(tmp_path, text, words):
    path = tmp_path / "plans.toml"
    path.write_text(f'[[plan]]\nname = "x"\ntitle = "X"\n{text}\n', encoding="utf-8")
    with pytest.raises(Problem, match=words):
        read_plans(path)


def test_an_unknown_plan_gives_one_sentence():
    with pytest.raises(Problem, match="no plan '1week': choose from 90min, second, 3hours, 2days"):
        find_plan("1week")


# --- decks ---


@cache
def deck(name):
    return clock_deck.clock_notebook(find_plan(name)).cells


def cells_of_columns(name):
    """The cells of each column of a deck."""
    columns = []
    for cell in deck(name):
        if slide_type(cell) == "slide":
            columns.append([])
        columns[-1].append(cell)
    return columns


def on_the_slide(column):
    """The cells of the planned slide: those above what the notebook has besides."""
    below = [i for i, cell in enumerate(column) if slide_type(cell) == "subslide"]
    return column[: below[0]] if below else column


@each_plan
def test_every_planned_slide_has_something_to_say(plan):
    for column in cells_of_columns(plan.name):
        notes = [c for c in on_the_slide(column) if is_note(c) and PLACE not in c.source]
        assert notes and all(cell.source.strip() for cell in notes), column[0].source


@each_plan
def test_a_planned_slide_is_a_claim_and_one_thing(plan):
    for column in cells_of_columns(plan.name):
        title, *shown = [cell for cell in on_the_slide(column) if not is_note(cell)]
        first, *rest = title.source.splitlines()
        if first.startswith("# "):  # opens a row of the timetable
            assert not shown
            continue
        assert first.startswith("### ") and not rest and len(first) <= 75, first
        (one,) = shown
        if one.cell_type == "markdown":
            assert not re.match(r"\([a-e]\)|#", one.source), one.source
            assert len(one.source.split()) <= 75, one.source
        elif not one.metadata.get("transient"):
            assert len(one.source.splitlines()) <= clock_deck.MOST_LINES


@pytest.mark.parametrize("name", ["90min", "3hours"])
def test_about_a_slide_a_minute(name):
    """Where the minutes go into talk. In 07 and over two days they go into work."""
    (day,) = find_plan(name).days
    counts, number = {}, None
    titles = {clock_deck.lesson_title(row.lesson): row for row in day if row.lesson}
    for column in cells_of_columns(name):
        title = column[0].source.partition("\n")[0].lstrip("# ")
        number = titles[title].lesson if title in titles else number
        counts[number] = counts.get(number, 0) + 1
    for row in day:
        if row.lesson and row.lesson != "07":
            assert 0.6 <= counts[row.lesson] / row.minutes <= 1.5, (row.lesson, counts, row.minutes)


def test_the_agenda_names_a_lesson_once():
    for day in find_plan("2days").days:
        names = [line.split("** ")[1] for line in clock_deck.agenda(day).splitlines()]
        assert len(names) == len(set(names)) > 2


def test_before_the_first_lesson_there_is_none_to_shut_down():
    said = [cell.source for cell in deck("2days") if "runs its first cell" in cell.source]
    assert "Everybody has 00 open" in said[0] and "shuts down" not in said[0]
    assert [note.count("shuts down the notebook before, opens 0") for note in said[1:]] == [1] * 7


def test_a_longer_plan_shows_no_less():
    short, long = ({c.source for c in deck(name) if c.source[:4] == "### "} for name in DEPTHS[:2])
    assert short <= long


def lesson_with(tmp_path, monkeypatch, text):
    """A plan that teaches one lesson, made of this text and not executed."""
    path = tmp_path / "99_small.py"
    path.write_text(f"# %% [markdown]\n# # 99 · Small\n\n{text}", encoding="utf-8")

    def deck_notebook(lesson, by_the_clock):
        found = clock_deck.read_lesson(lesson)
        for cell in found.cells:
            if is_note(cell):
                cell.metadata["slideshow"] = {"slide_type": "notes"}
        return found

    monkeypatch.setattr(clock_deck, "find_lessons", lambda numbers: [path])
    monkeypatch.setattr(clock_deck, "deck_notebook", deck_notebook)
    return clock_deck.columns("99", "90min")


PLACE = '<b class="place">'
MARK = 'slideshow={"claim": "It works", "plan": "90min"}'


def test_what_is_left_out_stands_below_and_notes_stay_above(tmp_path, monkeypatch):
    text = f"""# %%
import a

# %%
a = 1

# %% [markdown] {MARK}
# ## A heading
#
# (b). Some words. **Predict:** which? (a) this (b) that

# %% [markdown] tags=["speaker-notes"]
# Say it.

# %%
print(a)
"""
    cells = lesson_with(tmp_path, monkeypatch, text)
    assert [(slide_type(cell), cell.source) for cell in cells] == [
        ("subslide", "import a"),
        ("", "a = 1"),
        ("slide", "### It works"),
        ("", "**Predict:** which? (a) this (b) that"),
        ("notes", f"<p>Notebook: {PLACE}A heading</b></p>\n\n{clock_deck.RUN_ON.format('a = 1')}"),
        ("notes", "Say it."),
        ("subslide", "## A heading\n\n(b). Some words. **Predict:** which? (a) this (b) that"),
        ("", "print(a)"),
    ]


def test_of_long_code_the_chosen_lines_are_shown(tmp_path, monkeypatch):
    code = "\n".join(["if True:", *(f"    a{i} = {i}" for i in range(8))])
    mark = MARK.replace("}", ', "lines": [3, 4]}')
    cells = lesson_with(tmp_path, monkeypatch, f"# %% {mark}\n{code}\n")
    assert [cell.source for cell in cells] == ["### It works", "a1 = 1\na2 = 2", code]
    with pytest.raises(BuildError, match="at most 6 lines of code"):
        lesson_with(tmp_path, monkeypatch, f"# %% {MARK}\n{code}\n")


@pytest.mark.parametrize("mark", ['"claim": "x", "plan": "1week"', '"plan": "90min"'])
def test_a_mark_that_cannot_be_followed_gives_one_sentence(tmp_path, monkeypatch, mark):
    with pytest.raises(BuildError, match='needs a "claim", and a "plan" of 90min, 3hours, 2days'):
        lesson_with(tmp_path, monkeypatch, f"# %% slideshow={{{mark}}}\na = 1\n")


def test_minutes_of_a_lesson_are_those_of_all_its_rows():
    plan = Plan("x", "X", "90min", [[Row(0, 5, "a", lesson="01")], [Row(0, 7, "b", lesson="01")]])
    assert plan.minutes_of("01") == 12
