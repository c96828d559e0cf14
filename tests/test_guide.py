"""The instructor's guide follows the lessons: links, minutes, timetables, answers, headings."""

import ast
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.lint

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "instructor" / "GUIDE.md"
TEXT = GUIDE.read_text(encoding="utf-8")
LESSONS = {path.stem[:2]: path for path in sorted((ROOT / "instructor/lessons").glob("*.py"))}
NOTEBOOK_FOLDERS = ("../notebooks", "../notebooks/solutions")
LINKS = sorted(set(re.findall(r"\]\(([^)#]+)\)", TEXT)))

each_lesson = pytest.mark.parametrize("number", LESSONS)


def section(title: str) -> str:
    """The text below the heading of level 2 that starts with `title`, up to the next one."""
    found = re.findall(rf"^## ({re.escape(title)}.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert len(found) == 1, f"{len(found)} sections {title!r}"
    return found[0]


def tables(text: str) -> list[list[list[str]]]:
    """The Markdown tables of a text: header first, then rows of stripped cells."""
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    found = [[split_row(line) for line in block.splitlines()] for block in blocks]
    return [[table[0], *table[2:]] for table in found]


def split_row(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def lesson(number: str) -> str:
    return LESSONS[number].read_text(encoding="utf-8")


def minutes_of(clock: str) -> int:
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def timetables() -> list[tuple[int, list[list[str]]]]:
    """Each timetable with the minutes that the heading above it promises, lunch and all."""
    promised = {"### 90 minutes": 90, "### 3 hours": 180, "### 2 days": 360}
    found = []
    for part in re.split(r"(?m)^(?=### )", section("Timetables"))[1:]:
        minutes = next(value for name, value in promised.items() if part.startswith(name))
        found += [(minutes, table[1:]) for table in tables(part)]
    return found


def plan(text: str) -> dict[str, int]:
    """Minutes per lesson in a sentence such as "00 in 10 (at home ...), 01 in 14"."""
    return {number: int(minutes) for number, minutes in re.findall(r"\b(0\d) in (\d+)", text)}


def test_one_title_and_short_lines():
    prose = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    assert len(re.findall(r"^# ", prose, re.MULTILINE)) == 1
    assert not [line for line in TEXT.splitlines() if len(line) > 110 and line[0] != "|"]


@pytest.mark.parametrize("target", LINKS)
def test_links_lead_somewhere(target):
    assert target.startswith("http") or (GUIDE.parent / target).exists()


@each_lesson
def test_each_lesson_has_its_section_and_links(number):
    text = section(f"{number} ·")
    title = re.search(r"^# # (.*)$", lesson(number), re.MULTILINE).group(1)
    assert text.startswith(title + "\n")
    stem = LESSONS[number].stem
    for target in (
        f"lessons/{stem}.py",
        *(f"{folder}/{stem}.ipynb" for folder in NOTEBOOK_FOLDERS),
    ):
        assert f"]({target})" in text
    for part in ("**Aim:**", "**What to say**", "**What goes wrong**", "**Exercises", "**Late?**"):
        assert part in text, part


@each_lesson
def test_each_predict_has_an_answer(number):
    answers = [t for t in tables(section(f"{number} ·")) if t[0] == ["Predict", "answer"]]
    assert len(answers) == 1
    rows = answers[0][1:]
    assert all(len(row) == 2 and all(row) for row in rows)
    assert len(rows) == lesson(number).count("**Predict")


@each_lesson
def test_each_other_prompt_and_exercise_is_named(number):
    text = section(f"{number} ·")
    for prompt in ("**Investigate", "**Modify", "**Make"):
        assert text.count(prompt) == lesson(number).count(prompt), prompt
    for exercise in re.findall(r"^# ### Exercise (\d\.\d)", lesson(number), re.MULTILINE):
        assert exercise in text.partition("**Exercises")[2].partition("**Late?**")[0], exercise


@each_lesson
def test_the_cells_named_are_headings_of_the_lesson(number):
    headings = re.findall(r"^# ##+ (.*)$", lesson(number), re.MULTILINE)
    said = section(f"{number} ·").partition("**What to say**")[2].partition("|")[0]
    named = [
        name
        for bullet in re.findall(r"^\* (\*\*.+?\*\*)(?::| were)\s", said, re.MULTILINE | re.DOTALL)
        for name in re.findall(r"\*\*(.+?)\*\*", bullet.replace("\n", " "))
    ]
    assert len(named) >= 4
    assert not [name for name in named if name not in headings]


@each_lesson
def test_minutes_are_those_of_the_lesson(number):
    here = re.search(r"\*\*Minutes:\*\* (\d+) alone", section(f"{number} ·")).group(1)
    assert here == re.search(r"\*\*Time:\*\* (\d+) minutes", lesson(number)).group(1)
    assert "](timings.md)" in section(f"{number} ·")


def test_no_seconds_are_typed():
    assert not re.findall(r"\d+ ?(?:s|sec|seconds)\b", TEXT)


def test_timetables_add_up():
    found = timetables()
    assert [minutes for minutes, _ in found] == [90, 90, 180, 360, 360]
    for promised, (*rows, total) in found:
        clock = 0
        for start, end, minutes, _ in rows:
            assert minutes_of(start) == clock, f"{start} is not where the row above ends"
            clock += int(minutes)
            assert minutes_of(end) == clock, f"{start} to {end} are not {minutes} minutes"
        assert total[2:] == [f"**{promised}**", "**total**"] and clock == promised


def test_90_minutes_follow_the_speaker_notes():
    notes = lesson("00").partition('tags=["speaker-notes"]')[2].partition("# %%")[0]
    for part, (_, rows) in zip(notes.split("Second meeting"), timetables(), strict=False):
        assert plan(part) == {r[3][:2]: int(r[2]) for r in rows if r[3][0] == "0"}


def test_90_minutes_are_parted_as_the_speaker_notes_part_them():
    """A row such as "05: the slide 5, faults 8": its parts stand in the notes of the lesson."""
    (_, (*rows, _)), *_ = timetables()
    for _, _, _, what in rows[:-1]:
        number, _, parts = what.partition(": ")
        notes = lesson(number).partition('tags=["speaker-notes"]')[2].partition("# %%")[0]
        notes = " ".join(notes.replace("\n#", " ").replace(" minutes", "").split())
        assert not [part for part in parts.split(", ") if part not in notes], number


def test_minutes_within_a_lesson_add_up():
    for _, rows in timetables():
        for _, _, minutes, what in rows:
            listed = re.findall(r" (\d+)(?=,|$)", what.partition(": ")[2])  # 05: the slide 6, ...
            in_brackets = re.findall(r"\((\d+)\)", what)  # 02 (25), Exercises ... (10)
            for parts in filter(None, (listed, in_brackets)):
                assert sum(map(int, parts)) == int(minutes), what


@pytest.mark.parametrize("number", ["00", "07"])
def test_the_eight_questions_and_their_letters(number):
    (table,) = tables(section("The eight questions"))
    given = {int(row[0]): re.match(r"\(([abc])\) ", row[2]).group(1) for row in table[1:]}
    solution = re.findall(r"^answers = (\{.*\})$", lesson(number), re.MULTILINE)[-1]
    assert list(given) == list(range(1, 9)) and given == ast.literal_eval(solution)
    assert all(row[3] for row in table[1:])


def test_the_box_that_pools_the_seeds_is_that_of_the_lesson():
    text = section("The class is the experiment")
    assert "plot_seeds(runs, live=live)" in text
    (heading,) = re.findall(r"In \*\*(.*?)\*\* type them into the box", text)
    after = lesson("05").partition(f"### {heading}\n")[2]
    assert "course_utils.class_results(runs" in after.partition("# ##")[0]


def test_what_does_not_exist_is_not_promised():
    assert not re.findall(r"\bslide deck|web ?site|notebooks? 10", TEXT, re.IGNORECASE)
