"""What `train` suggests: an option where the file shows that it may be needed, else nothing."""

from types import SimpleNamespace

import pytest
from test_command import COLUMNS, call, checkpoint, library  # noqa: F401

from course_utils.command.hints import hints
from course_utils.data.texts import LabeledTexts


def told(counts: dict, columns: dict = None, **given) -> str:
    """The hints for so many texts of each label."""
    labels = [label for label, count in enumerate(counts.values()) for _ in range(count)]
    texts = [f"text number {row}" for row in range(len(labels))]
    options = {"class_weights": None, "group": None, "time": None, "label": "topic"} | given
    data = LabeledTexts(texts, labels, tuple(counts), columns=columns or {})
    return "\n".join(hints(data, SimpleNamespace(**options)))


@pytest.mark.parametrize(
    "counts, rare",
    [
        ({"bill": 200, "refund": 29}, "refund"),  # fewer than 30
        ({"bill": 200, "refund": 30}, None),
        ({"bill": 900, "refund": 44}, "refund"),  # less than 5 %
        ({"bill": 900, "refund": 48}, None),
        ({"bill": 100, "login": 95, "refund": 25}, "refund"),
        ({"bill": 60, "refund": 20}, None),  # few, but not rare beside the other
        ({f"label {n}": 20 for n in range(150)}, None),  # all alike: nothing to weigh
    ],
)
def test_rare_labels(counts, rare):
    said = told(counts)
    assert ("--class-weights balanced" in said) == (rare is not None)
    if rare:
        assert f"The label '{rare}' has {counts[rare]} of {sum(counts.values())} texts, " in said
    assert not told(counts, class_weights="balanced")


def some(values, rows=90) -> list:
    return [f"K-{row % values:03}" for row in range(rows)]


@pytest.mark.parametrize(
    "name, values, certain",
    [
        ("customer_id", some(30), True),
        ("Kundennummer", some(85), True),
        ("Kundennummer", some(86), False),  # nearly each has one text: nothing to keep together
        ("Thread", some(30), True),
        ("customer_id", some(90), False),  # each has one text
        ("customer kind", some(3), False),
        ("customer_id", ["", *some(88, 88), ""], False),  # no name is no customer
        ("city", some(30), False),
        ("date", some(30), False),
        ("user", [f"{row % 30}.0" for row in range(90)], True),  # as pandas saves a gap
        ("ticket", [f"{row % 30}.50" for row in range(90)], False),  # a price
        ("ticket", [f"€ {row % 30},50" for row in range(90)], False),
        ("session", [f"{row % 30}.5 min" for row in range(90)], False),
        ("last session", [f"2024-05-{row % 30 + 1:02} 14:05" for row in range(90)], False),
        ("sender", [f"anna{row % 30}.5@example.org" for row in range(90)], True),
    ],
)
def test_whose_a_text_is(name, values, certain):
    said = told({"a": 45, "b": 45}, {name: values})
    assert (f'--group "{name}"' in said) == certain == bool(said)
    assert not told({"a": 45, "b": 45}, {name: values}, group=name)
    assert not told({"a": 45, "b": 45}, {name: values}, time="date")


@pytest.mark.parametrize(
    "names, each, said",
    [
        ([f"2026-05-{day:02}" for day in range(1, 6)], 30, "holds dates, such as '2026-05-01'"),
        (["1.5.2026", "2.5.2026"], 30, "holds dates"),
        ([f"K-{n}" for n in range(40)], 4, "holds 40 different labels for 160 texts, such as"),
        ([f"K-{n}" for n in range(40)], 6, None),
        (["bill", "login", "refund"], 4, None),
        (["2026-05-01", "none"], 30, None),
    ],
)
def test_a_column_that_holds_no_labels(names, each, said):
    found = told(dict.fromkeys(names, each), class_weights="balanced")
    assert (said in found and "--label" in found) if said else not found


OWNERS = (
    "customer_id, CustomerID, Kundennummer, Kunden-Nr., KUNDE, thread, user, userId, username, "
    "Benutzername, author, Review author, Autor, ticket id, Ticketnummer, data.user.id, Absender, "
    "Patienten-ID, Mitgliedsnummer, conversation, session key, account no., Customer #, Cliente"
)
NO_OWNERS = (
    "Sekunden, Dauer in Sekunden, userfriendly, UserFriendly, authorised amount, authority, "
    "tickets sold, tickets, Sessions_until, session minutes, account balance, user rating, "
    "membership, customer city, orders per customer, unauthorised, threadbare, patience, Urkunde"
)


@pytest.mark.parametrize("name", OWNERS.split(", "))
def test_names_that_say_whose_a_text_is(name):
    assert f'--group "{name}"' in told({"a": 45, "b": 45}, {name: some(30)})


@pytest.mark.parametrize("name", NO_OWNERS.split(", "))
def test_names_that_only_hold_such_a_word(name):
    assert not told({"a": 45, "b": 45}, {name: some(30)})


def test_train_tells_both_before_it_learns(library, checkpoint, capsys):  # noqa: F811
    rows = library.read_text("utf-8").splitlines()
    kept = [row for row in rows[1:] if not row.endswith(",praise")] + [
        row for row in rows[1:] if row.endswith(",praise")
    ][:9]
    lines = [f"{row},C-{n % 25}" for n, row in enumerate(kept)]
    library.write_text("\n".join([f"{rows[0]},customer", *lines]), "utf-8")
    words = ["train", "library.csv", *COLUMNS, "--checkpoint", checkpoint, "--epochs", 1]
    assert call(*words) == 0
    said = capsys.readouterr().out
    begin = said.partition("median tokens")[0]
    assert "The label 'praise' has 9 of 89 texts, the most frequent 40." in begin
    assert "89 texts come from 25 different values of the column 'customer'" in begin
