"""Your own texts, from the file that you have."""

import re
from pathlib import Path

from course_utils import files
from course_utils.data.findings import (
    CONTRADICTION,
    EMPTY_ROW,
    PERHAPS_NONE,
    Findings,
    ReadReport,
    shown,
)
from course_utils.data.half_signs import HALF_SIGN, whole_signs
from course_utils.data.labels import checked_names, clean_labels, without_swallowed
from course_utils.data.names import INVISIBLE, tidy
from course_utils.data.sources import Table, open_table
from course_utils.data.splits import plain
from course_utils.data.texts import LabeledTexts
from course_utils.errors import DataError

A_NUMBER = re.compile(r"[+-]?\d[\d.,]*%?")


NO_TEXT = frozenset("n/a #n/a n.a. na nan <na> null (null) none - -- --- – — . ?".split())
"""What people and programs write where there is no text: a whole cell, in any case."""


def says_nothing(text: str) -> bool:
    """Does a cell only say that there is no text?"""
    return text.casefold() in NO_TEXT


NO_ANSWER = frozenset(
    "k a/keine angabe/keine angaben/kein kommentar/siehe anhang/s anhang/siehe anlage/siehe oben"
    "/siehe bild/siehe foto/siehe mail/see attachment/see attached/see above/see below/see picture"
    "/see photo/see screenshot/see email/no answer/no comment/no text/not applicable/not specified"
    "/not available/sans réponse/voir pièce jointe/voir ci joint/sin respuesta/ver adjunto".split(
        "/"
    )
)
"""What people write who answer nothing, or elsewhere: a whole cell, in any case, with any signs."""


def note_no_answer(text: str, number: int, found: Findings) -> None:
    """Note that a text may be none: it is kept, for who wrote it may have meant what it says."""
    if len(text) < 40 and " ".join(re.findall(r"\w+", text.casefold())) in NO_ANSWER:
        found.note("kept", f"'{tidy(text)}', {PERHAPS_NONE}", number)


class Texts(list):
    """Texts without labels: a list, with the other columns of its file, and a report."""

    name: str = "my texts"
    columns: dict
    report: ReadReport


def read_texts(
    source,
    text: str = "text",
    label: str | None = "label",
    *,
    label_names=None,
    strict: bool = False,
    encoding: str = None,
    numbers: bool = False,
    quiet: bool = False,
):
    """Your own texts from a file or a DataFrame, with one text and one label per row.

    It reads what a person would read, and says what it did: `.report` of the result is a table of
    everything that was repaired or left out, and in which rows. What would be a guess is refused,
    with all its rows at once.

    Args:
        source: the path of a CSV or TSV file, JSON Lines, JSON, an Excel file (.xlsx; the first
            sheet), or Parquet; it may be packed (.gz, .bz2, .xz, or .zip with one file). Or a
            pandas DataFrame.
        text, label: the names of the two columns that are used; of a long name the beginning will
            do, or what a message shows of it. `label=None` reads texts that have
            no label yet; then plain lines (.txt) will do, too.
        label_names: the labels that may occur; by default those that do, in alphabetical order
            (numbers in the order of numbers).
        strict: leave nothing out. By default, rows without a text or a label, labels on one or two
            rows only, and texts that stand there with two labels are left out, and counted.
        encoding: of a text file, for instance "cp1252", if the one that was recognised is wrong.
        numbers: the texts may all be numbers. By default that is refused: mostly, it is the wrong
            column.
        quiet: do not print what was repaired or left out.

    Returns:
        A `LabeledTexts`; `split` makes train, validation and test of it. With `label=None`, a list
        of texts. Both have `.report`, and in `.columns` what stands in the other columns.

    Raises:
        DataError: if something cannot be read without a guess; it names the rows as a spreadsheet
            counts them (the names of the columns are row 1).
    """
    _check_arguments(text, label)
    label_names = checked_names(label_names)
    with open_table(source, text, label, encoding) as table:
        places = _places(table, text, label)
        rows = list(table)
    rows = without_swallowed(rows, None if label is None else places[1], table)
    if not rows:
        table.findings.check(table.name)
        raise DataError(f"{table.name} has no row below the names of its columns: add some.")
    found = table.findings
    kept = [(number, cells) for number, cells in rows if _says_something(number, cells, found)]
    kept = _with_texts(kept, places[0], found)
    if not numbers:
        _refuse_numbers(kept, places[0], found)
    if label is not None:
        kept, label_names = clean_labels(kept, places[1], label_names, table)
        kept = _without_contradictions(kept, places, found)
    for number, cells in kept:
        note_no_answer(cells[places[0]], number, found)
    found.check(table.name, ("refused", "left out") if strict else ("refused",))
    if not kept:
        raise DataError(f"{table.name} has no row that can be used. {found.summary()}")
    result = _result(table, kept, places, label_names)
    report = ReadReport.of(table, len(rows), len(kept))
    object.__setattr__(result, "report", report)  # the texts themselves stay as they are
    if not quiet and report.found_something:
        print(report)
    return result


def from_csv(
    path, text: str = "text", label: str = "label", label_names=None, strict: bool = False
) -> LabeledTexts:
    """Your own texts from a CSV file: `read_texts`, which reads other formats, too."""
    return read_texts(path, text, label, label_names=label_names, strict=strict)


def example_csv():
    """The path of a CSV file of our own: 120 messages to a library, in three classes."""
    return files.shipped("library_messages.csv")


def _check_arguments(text, label) -> None:
    if not isinstance(text, str) or not isinstance(label, str | None) or text == label:
        raise DataError("text and label: expected the names of two different columns.")


def _places(table: Table, text: str, label: str | None) -> list:
    """The positions of the two columns.

    Raises:
        DataError: if one is not there, or there twice; it says what is there.
    """
    shown_names = ", ".join(shown(name, 30) for name in table.columns[:8]) or "nothing"
    if len(table.columns) == 1:
        shown_names += " (only one: commas, semicolons or tabs stand between columns)"
    wanted = {"text": text} | ({} if label is None else {"label": label})
    places = [table.place_of(name) for name in wanted.values()]
    twice = [name for name in wanted.values() if table.columns.count(name) > 1]
    if twice:
        raise DataError(
            f"{table.name} has several columns called '{twice[0]}': rename all but one."
        )
    missing = [kind for kind, place in zip(wanted, places, strict=True) if place is None]
    if not missing:
        return places
    names = " and ".join(f"'{wanted[kind]}'" for kind in missing)
    near = table.near([wanted[kind] for kind in missing])
    say = ", ".join(f'{kind}="its name"' for kind in missing)
    message = (
        f"{table.name}, row {table.names_row}, must hold the names of the columns; found "
        f"{shown_names}; expected {names} among them. If yours are called otherwise, say {say}."
    )
    if missing == ["label"]:
        message += " Are there no labels yet? Then say label=None."
    raise DataError(message + near + table.of_sheets)


def _says_something(number: int, cells: list | None, found: Findings) -> bool:
    """Is this a row of texts? Not if it is empty; None is one that only repeats the names."""
    if cells is not None and not any(map(tidy, cells)):
        found.note("left out", EMPTY_ROW, number)
        return False
    return cells is not None


def _with_texts(rows: list, place: int, found: Findings) -> list:
    """The rows that have a text, each text without signs that break programs."""
    kept = []
    for number, cells in rows:
        text = cells[place]
        if HALF_SIGN.search(text):
            found.note(
                "repaired", "half a sign, such as an emoji that was cut, now �", number, text
            )
            text = whole_signs(text)
        clean = INVISIBLE.sub("", text)
        if clean != text:
            found.note("repaired", "signs that nobody sees, taken out of the text", number, clean)
        if "\ufffd" in clean and clean == cells[place]:
            found.note("kept", "letters that were lost before, shown as �", number, clean)
        clean = clean.strip()
        if says_nothing(clean):
            found.note("left out", f"no text, only '{clean}'", number)
        elif clean:
            same = clean == cells[place]
            kept.append((number, cells if same else [*cells[:place], clean, *cells[place + 1 :]]))
        else:
            found.note("left out", "no text", number)
    return kept


def _refuse_numbers(rows: list, place: int, found: Findings) -> None:
    """A column of numbers is a list of prices or customers rather than one of texts."""
    if len(rows) > 9 and all(A_NUMBER.fullmatch(cells[place]) for _, cells in rows):
        found.note(
            "refused",
            f"every text is a number, such as {rows[0][1][place]}: is it the right column? If it "
            "is, say numbers=True.",
        )


def _without_contradictions(rows: list, places: list, found: Findings) -> list:
    """The rows without texts that have two labels: no model can be right on both."""
    labels, keys = {}, [plain(cells[places[0]]) for _, cells in rows]
    for key, (_, cells) in zip(keys, rows, strict=True):
        labels.setdefault(key, set()).add(cells[places[1]])
    kept = []
    for key, (number, cells) in zip(keys, rows, strict=True):
        both = labels[key]
        if len(both) == 1:
            kept.append((number, cells))
        else:
            example = f"{' / '.join(sorted(both))}: {cells[places[0]]}"
            found.note("left out", CONTRADICTION, number, example)
    return kept


def _result(table: Table, kept: list, places: list, label_names):
    """What was read, as `LabeledTexts` or, without labels, as `Texts`."""
    texts = [cells[places[0]] for _, cells in kept]
    columns = {}
    for place, name in enumerate(table.columns):
        if place not in places:
            while name in columns:
                name += "_"
            columns[name] = [cells[place] for _, cells in kept]
    name = Path(table.name).stem
    if label_names is None:
        texts = Texts(texts)
        texts.name, texts.columns = name, columns
        return texts
    number_of = {label: number for number, label in enumerate(label_names)}
    numbers = [number_of[cells[places[1]]] for _, cells in kept]
    return LabeledTexts(texts, numbers, label_names, name, columns)
