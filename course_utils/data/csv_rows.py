"""The rows of a CSV file, as a person would read them: separators, quotes, broken lines."""

import csv
import re
from contextlib import contextmanager
from itertools import islice

from course_utils.data.formats import TITLE_ROWS, names_below
from course_utils.data.headings import (
    begins_table,
    is_title,
    names_all,
    rows_of,
    says_something,
    separator_of,
)
from course_utils.data.names import fitting, name_key, tidy

QUOTE_IN_QUOTES = re.compile(r'(^|[,;\t|])"[^"\n]*\\"[^\s,;|"]', re.MULTILINE)
"""A cell with a quote inside that is written \\" (as databases do), and not "" as usual."""

NOTHING = "\\N"
"""What MySQL and PostgreSQL write where a table holds nothing."""

QUOTE_ADVICE = (
    "a double quote is out of place: put the whole text between double quotes, and write each "
    'quote inside it twice, like ""'
)


@contextmanager
def cells_of_any_length():
    """Within the block, `csv` reads a whole book from one cell: a BERT reads its beginning.

    The limit is one for all of Python, so it is put back.
    """
    before = csv.field_size_limit(2**31 - 1)  # more does not fit everywhere
    try:
        yield
    finally:
        csv.field_size_limit(before)


class Lines:
    """The lines of a file; some can be put back, and are read once more."""

    def __init__(self, stream, backslashes: bool = False):
        self.stream, self.back, self.taken = iter(stream), [], []
        self.backslashes = backslashes  # does one stand before each quote inside a cell?
        self.broken = False  # did a lone carriage return stand in one of the lines taken?

    def __iter__(self):
        return self

    def __next__(self):
        if self.back:
            line = self.back.pop()
        else:
            line = next(self.stream)
            body = line.rstrip("\r\n")
            if "\r" in body:  # the end of a line on old Macs; here, something in a text
                self.broken, body = True, body.replace("\r", " ")
            if self.backslashes:
                body = _usual_quotes(body)
            line = body + "\n"
        self.taken.append(line)
        return line

    def start_row(self) -> None:
        self.taken, self.broken = [], False

    def put_back_all_but_first(self) -> str:
        """Only the first line of this row counts; the others will be read again."""
        first, *others = self.taken
        self.back += reversed(others)
        self.taken = [first]
        return first


class CsvRows:
    """The rows of one CSV file: number as a spreadsheet counts them, and cells.

    A row that repeats the names of the columns has None in the place of cells.

    Args:
        stream: the open file, as text.
        head: its beginning.
        findings: takes what was repaired and what is refused.
        text: the column with the texts: a text may go on where no column has a name.
        label: the column with the labels, if there is one.
        as_read: leave the cells of other columns than the text as they stand there.
    """

    def __init__(self, stream, head: str, findings, text: str, label=None, as_read=False):
        backslashes = bool(QUOTE_IN_QUOTES.search(head))
        self.findings, self.lines = findings, Lines(stream, backslashes)
        self.separator, self.number, self.columns = "", 0, ()
        self.suspects, self.joined, self.notes = [], [], []
        self.labelled, wanted = label is not None, (text, label or text)
        self.as_read = as_read
        if backslashes:
            head = _usual_quotes(head)
            self.notes.append('Quotes inside a text are written \\" here; the \\ were taken out.')
        first = self._first_line(head, wanted)
        self.separator = self.separator or separator_of(first, wanted)
        self.quote = "'" if _in_single_quotes(first, self.separator) else '"'
        if self.quote == "'":
            findings.note("repaired", "cells stand between single quotes", self.number)
        blank = re.compile(rf"(^|{re.escape(self.separator)}) +{self.quote}", re.MULTILINE)
        self.blanks = bool(blank.search(head))
        self.reader = self._reader()
        self.lines.back.append(first)
        self.names_row = self.number
        self.number -= 1
        names = [tidy(name) for name in self._next_cells() or []]
        if self._is_one_short(names):
            names = ["", *names]
            self.notes.append("The first column has no name: it numbers the rows.")
        while names and not names[-1]:
            names.pop()
        self.columns = [name or f"column {place}" for place, name in enumerate(names, 1)]
        self.keys = [name_key(name) for name in self.columns]
        self.text_place = next(iter(fitting(text, self.columns)), None)

    def _first_line(self, head: str, wanted) -> str:
        """The line with the names of the columns: not blank, and not the `sep=;` of Excel.

        A title or remarks may stand above it, if a line below has all the wanted names.
        """
        top = head.split("\n" if "\n" in head else "\r")
        says = re.fullmatch(r'\ufeff?"?sep=(.|\\t)"?\s*', top[0], re.IGNORECASE)
        if says:
            self.separator, top[0] = says[1].replace("\\t", "\t"), ""
        filled = [place for place, line in enumerate(top) if says_something(line)] or [0]
        titles = filled[:TITLE_ROWS]
        named = next((place for place in titles if names_all(top[place], wanted)), filled[0])
        if is_title(top[named], wanted):  # none of the names: then a person looks for several
            tables = (place for place in titles if begins_table(top[place : place + 4]))
            named = next(tables, named)
        above = rows_of(top[:named], self.separator or separator_of(top[named], wanted))
        self.number = len(above) + (not says)  # a spreadsheet does not show nor count that line
        if named > filled[0]:
            self.notes.append(names_below(self.number, above))
        self.below = top[named + 1 : named + 4]
        return "".join(list(islice(self.lines, named + 1))[named:])

    def _is_one_short(self, names: list) -> bool:
        """Do the rows begin with a number that has no name, as R writes them?"""
        below = [line.replace("\r", " ") for line in self.below if line.strip()]
        rows = list(csv.reader(below, delimiter=self.separator, quotechar=self.quote))
        numbers = {row[0] for row in rows if len(row) == len(names) + 1 and row[0].isdigit()}
        return bool(rows) and len(numbers) == len(rows)

    def _reader(self):
        return csv.reader(
            self.lines,
            delimiter=self.separator,
            quotechar=self.quote,
            skipinitialspace=self.blanks,
            strict=True,
        )

    def _plain(self, line: str) -> list:
        """The cells of one line whose quotes are signs like others."""
        line = line.rstrip("\r\n")
        return next(csv.reader([line], delimiter=self.separator, quoting=csv.QUOTE_NONE), [])

    def _next_cells(self):
        """The cells of the next row; None at the end of the file."""
        while True:
            self.lines.start_row()
            self.number += 1
            try:
                cells = next(self.reader)
                if self.lines.broken:
                    self.findings.note(
                        "repaired", "line break in the middle of a text", self.number
                    )
                return cells
            except StopIteration:
                return None
            except csv.Error:
                cells = self._plain(self.lines.put_back_all_but_first())
                self.reader = self._reader()
                if len(cells) == len(self.columns):
                    self.findings.note("repaired", "double quotes read as plain signs", self.number)
                    return [_without_quotes(cell, self.quote) for cell in cells]
                self.findings.note("refused", QUOTE_ADVICE, self.number)

    def __iter__(self):
        while (cells := self._next_cells()) is not None:
            if len(self.lines.taken) > 1:
                self._note_suspect([self._plain(line) for line in self.lines.taken])
            yield from self._fitted(cells)

    def _note_suspect(self, lines: list) -> None:
        """One row over several lines: a text of several lines, or rows that a quote swallowed?"""
        if all(len(cells) == len(self.columns) > 1 for cells in lines):
            self.suspects.append((self.number, lines))

    def _fitted(self, cells: list):
        """The row with as many cells as there are columns."""
        many = len(self.columns)
        if NOTHING in cells:
            cells = self._without_nothing(cells)
        beyond = cells[many:]
        if any(cell.strip() for cell in beyond):
            cells = self._joined(cells)
        if cells is not None:
            if self._repeats_names(cells[:many]):
                self.findings.note("left out", "repeats the names of the columns", self.number)
                yield self.number, None
            else:
                yield self.number, cells[:many] + [""] * (many - len(cells))

    def _without_nothing(self, cells: list) -> list:
        """The cells, empty where a database holds nothing."""
        empty = {place for place, cell in enumerate(cells) if cell == NOTHING}
        if self.as_read:  # all but the text, and what no column has
            empty -= set(range(len(self.columns))) - {self.text_place}
        if empty:
            self.findings.note("repaired", f"{NOTHING} of a database, an empty cell", self.number)
        return ["" if place in empty else cell for place, cell in enumerate(cells)]

    def _repeats_names(self, cells: list) -> bool:
        keys = map(name_key, cells)  # nearly always, the first one tells
        same = len(cells) == len(self.keys) and all(map(str.__eq__, keys, self.keys))
        if same and len(self.keys) == 1:  # a text may say just that
            self.findings.note("kept", "says the same as the name of the column", self.number)
        return same and len(self.keys) > 1

    def _joined(self, cells: list):
        """The text goes on where no column has a name: one cell again, if there is no doubt."""
        many = len(self.columns)
        while not cells[-1].strip():
            cells = cells[:-1]
        more, place = len(cells) - many, self.text_place
        if place == many - 1:
            self.findings.note("repaired", "text goes on in columns without a name", self.number)
        elif place is not None and many == 2 and self.labelled:  # the label will tell
            self.joined.append(self.number)
        else:
            self.findings.note(
                "refused",
                f"more cells than the {many} columns: put a text that contains "
                f"'{self.separator}' between double quotes",
                self.number,
            )
            return None
        whole = self.separator.join(cells[place : place + more + 1])
        return [*cells[:place], whole, *cells[place + more + 1 :]]


def _usual_quotes(lines: str) -> str:
    """Lines where a quote inside a cell is written twice, and no longer with a backslash."""
    return re.sub(r'\\(["\\])', lambda sign: {'"': '""'}.get(sign[1], sign[1]), lines)


def _without_quotes(cell: str, quote: str) -> str:
    """A cell without the quotes around it, if there are two."""
    cell = cell.strip()
    if len(cell) > 1 and cell[0] == cell[-1] == quote:
        cell = cell[1:-1].replace(2 * quote, quote)
    return cell


def _in_single_quotes(line: str, separator: str) -> bool:
    cells = [cell.strip() for cell in line.strip("\ufeff \r\n").split(separator)]
    return len(cells) > 1 and all(len(c) > 1 and c[0] == c[-1] == "'" for c in cells)
