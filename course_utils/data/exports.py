"""An export as the owner of a ticket system has it: real texts, and faults that we put in."""

import csv
import io
import random
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from course_utils import files
from course_utils.data.copies import words_only
from course_utils.data.news import TOPICS, load_articles
from course_utils.data.reviews import reviews_file
from course_utils.data.splits import split_number
from course_utils.errors import CourseError

THREADS = {
    "sports": 320,
    "business": 270,
    "politics": 210,
    "entertainment": 170,
    "tech": 140,
    "film": 50,
}
"""How many threads each topic has. A thread holds one to three tickets, so film is rare."""

NEW_THREADS = {topic: 14 for topic in TOPICS} | {"film": 6}

FAULTS = {
    "repeats the names of the columns": 3,
    "empty row": 12,
    "no text": 17,
    "no label": 11,
    "label on one or two rows only": 2,
    "the same text has different labels": 48,
    "copy": 40,
    "copy in capitals": 15,
    "near-copy": 15,
    "label in another spelling": 150,
    "signs that nobody sees, taken out of the text": 9,
    "text goes on in columns without a name": 8,
}
"""Rows of each kind in `messy_export`. (Of copies and near-copies: without the row they repeat.)

The texts that are cut off, and the threads that hold several tickets, are no faults, only traps."""

NAMES = ("ticket", "created", "thread", "topic", "text")

START = datetime(2025, 1, 7, 8, 0)

FIRST_OF_TEST = 85
"""Of `split_number`: those of 85 and more are what `load_imdb` gives."""

WHOLE = 0.16
"""The share of threads that are one ticket: the whole article, or the whole review."""


def messy_export(folder="tickets") -> Path:
    """Write `tickets.csv`, the messy export of a ticket system, and return its path.

    The texts are real: passages of the BBC's articles, and of film reviews from IMDb. What belongs
    to one article has the same `thread`. The faults are ours, the same in each copy of the file:

    * Windows-1252, semicolons, a first line `sep=;`, and two nameless columns at the end
    * 3 rows repeat the names of the columns, 12 are blank
    * 17 tickets have no text, 11 no topic, and 2 a topic that no other has (`polticis`, `test`)
    * 24 texts stand there twice, with two topics: 48 rows
    * 40 rows copy another one, 15 in capitals, and 15 with other punctuation marks
    * 150 topics are written with other capitals or with blanks
    * 9 texts hold a sign that nobody sees (NUL, or a soft hyphen)
    * 8 texts hold a semicolon without quotes, and so go on in the nameless columns
    * 9 % of the tickets hold a whole article or review, longer than a course model reads
    * `film` is rare: 4 % of the texts

    Args:
        folder: where to write; it is made if it is not there.

    Raises:
        CourseError: if the folder cannot be written, or holds another file of that name.
        MissingPackage, DamagedFile: if the texts are not on this computer, or changed.
    """
    pick = random.Random(7)
    rows = _tickets(pick, THREADS, skip=0)
    rows = _with_copies(pick, rows)
    pick.shuffle(rows)
    _spoil(pick, rows)
    lines = ["sep=;\r\n"] + _lines(pick, rows, NAMES, first_ticket=1)
    for place in sorted(pick.sample(range(200, len(lines)), FAULTS["empty row"]), reverse=True):
        lines.insert(place, _line([""] * len(NAMES), beyond=2))
    for place in (1_800, 1_200, 600):  # each page of the export begins with the names
        lines.insert(place, _line(NAMES, beyond=2))
    return _write(Path(folder), "tickets.csv", "".join(lines))


def new_export(folder="tickets") -> Path:
    """Write `new_tickets.csv` and return its path: tickets of next month, without a topic.

    They are passages of articles and reviews that `messy_export` does not hold. 20 of them belong
    to no topic: they are messages to a library. Each of these is a thread of its own.

    Args:
        folder: as in `messy_export`.
    """
    pick = random.Random(8)
    rows = _tickets(pick, NEW_THREADS, skip=max(THREADS.values()))
    with files.shipped("library_messages.csv").open(encoding="utf-8") as file:
        strange = pick.sample(sorted({row["text"] for row in csv.DictReader(file)}), 20)
    rows += [{"thread": f"M-{i:03}", "topic": "", "text": text} for i, text in enumerate(strange)]
    pick.shuffle(rows)
    names = [name for name in NAMES if name != "topic"]
    lines = _lines(pick, rows, names, first_ticket=4_001, start=START + timedelta(days=400))
    return _write(Path(folder), "new_tickets.csv", "".join(lines))


# --- the texts ---


def _tickets(pick, threads: dict, skip: int) -> list:
    """Tickets of so many threads of each topic; the first `skip` threads are for somebody else."""
    rows, seen = [], set()
    for topic, sources in _sources().items():
        wanted = sources[skip : skip + threads[topic]]
        for number, source in enumerate(wanted, start=skip):
            for text in _passages(pick, source):
                if words_only(text) not in seen:  # copies are put in later, and counted
                    seen.add(words_only(text))
                    row = {"thread": f"{topic[:2].upper()}-{number:03}", "topic": topic}
                    rows.append(row | {"text": text})
    return rows


def _sources() -> dict:
    """For each topic, articles or reviews in an order of their own. 60 % of tech is 200 or more."""
    sources = {topic: [] for topic in (*TOPICS, "film")}
    for part in load_articles(quiet=True):
        for text, label in zip(part.texts, part.labels, strict=True):
            sources[part.label_names[label]].append(text.partition("\n")[2])
    sources["film"] = _some_reviews(400)
    for texts in sources.values():
        texts[:] = [_typed(text) for text in texts]
        random.Random(3).shuffle(texts)
    return sources


def _some_reviews(wanted: int) -> list:
    """The first reviews of `load_imdb`, without the 24,000 others in memory."""
    import pandas as pd

    found = []
    with pd.read_csv(reviews_file(), chunksize=1_000) as pieces:
        for piece in pieces:
            texts = piece["text"][piece["source"] == "imdb"]
            found += [text for text in texts if split_number(text) >= FIRST_OF_TEST]
            if len(found) >= wanted:
                break
    return found[:wanted]


def _typed(text: str) -> str:
    """A text as a word processor types it: round quotes, and no signs beyond Windows-1252."""
    text = re.sub(r"<br ?/?>", " ", text).replace("'", "’").replace(";", ",")
    text = re.sub(r'"(?=\w)', "“", text).replace('"', "”")
    text = text.encode("cp1252", "ignore").decode("cp1252")
    return "\n".join(" ".join(line.split()) for line in text.split("\n") if line.strip())


def _passages(pick, source: str) -> list:
    """One to three tickets of one article or review: a sentence or two each, or all of it."""
    if pick.random() < WHOLE:
        return [source]
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z])", source.replace("\n", " "))
    sentences = [sentence for sentence in sentences if 6 <= len(sentence.split()) <= 40]
    tickets, place = [], 0
    for _ in range(pick.randint(1, 3)):
        size = pick.randint(1, 2)
        tickets.append(" ".join(sentences[place : place + size]))
        place += size + pick.randint(0, 2)
    return [text for text in tickets if text]


# --- the faults ---


def _with_copies(pick, rows: list) -> list:
    """The rows, and the copies, near-copies and contradictions of some of them."""
    short = [row for row in rows if len(row["text"].split()) < 60 and row["topic"] != "film"]
    pick.shuffle(short)
    for _ in range(FAULTS["the same text has different labels"] // 2):
        row = short.pop()
        other = pick.choice([topic for topic in TOPICS if topic != row["topic"]])
        rows.append(row | {"topic": other})
    for fault, changed in (
        ("copy", str),
        ("copy in capitals", str.upper),
        ("near-copy", lambda text: text.rstrip(".!?”") + " !!"),
    ):
        for _ in range(FAULTS[fault]):
            row = short.pop()
            rows.append(row | {"text": changed(row["text"])})
    copied = Counter(words_only(row["text"]) for row in rows)
    for row in rows:
        row["touched"] = copied[words_only(row["text"])] > 1
    return rows


def _spoil(pick, rows: list) -> None:
    """Put the other faults into rows that have none yet, in place: at most one in each."""
    free = [row for row in rows if not row["touched"] and row["topic"] != "film"]
    short = [row for row in free if len(row["text"].split()) < 60]
    pick.shuffle(short)

    def some(fault: str) -> list:
        chosen, short[:] = short[: FAULTS[fault]], short[FAULTS[fault] :]
        return chosen

    for row in some("no text"):
        row["text"] = pick.choice(["", " ", "   "])
    for row in some("no label"):
        row["topic"] = ""
    for row, label in zip(some("label on one or two rows only"), ("polticis", "test"), strict=True):
        row["topic"] = label
    for row in some("label in another spelling"):
        name = row["topic"]
        row["topic"] = pick.choice([name.upper(), name.title(), f"{name.title()} ", name.upper()])
    for number, row in enumerate(some("signs that nobody sees, taken out of the text")):
        words = row["text"].split(" ")
        words[2] = "\0\xad"[number % 2].join([words[2][:2], words[2][2:]])
        row["text"] = " ".join(words)
    for row in some("text goes on in columns without a name"):
        words = row["text"].split(" ")
        row["text"], row["bare"] = f"{words[0]} {words[1]}; {' '.join(words[2:])}", True


# --- the file ---


def _lines(pick, rows: list, names, first_ticket: int, start: datetime = START) -> list:
    """The names of the columns, and a line for each row, the oldest first."""
    beyond = 2 if "topic" in names else 0
    lines, created = [_line(names, beyond)], start
    for ticket, row in enumerate(rows, first_ticket):
        created += timedelta(minutes=pick.randint(5, 400))
        cells = row | {"ticket": str(ticket), "created": f"{created:%Y-%m-%d %H:%M}"}
        lines.append(_line([cells[name] for name in names], beyond, row.get("bare", False)))
    return lines


def _line(cells, beyond: int = 0, bare: bool = False) -> str:
    """A line of the file. `bare`: nothing is put between quotes, whatever it holds."""
    if bare:
        return ";".join([*cells, ""]) + "\r\n"
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow([*cells, *[""] * beyond])
    return line.getvalue()


def _write(folder: Path, name: str, content: str) -> Path:
    """Write the file, unless it is there already; one that somebody changed stays as it is."""
    path, content = folder / name, content.encode("cp1252")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(content)
        elif path.read_bytes() != content:
            raise CourseError(
                f"'{path}' is not the file that the course wrote: rename yours, or delete it, and "
                "run this cell again."
            )
    except OSError as problem:
        raise CourseError(
            f"'{path}' cannot be written ({problem.strerror}): choose another folder."
        ) from None
    return path
