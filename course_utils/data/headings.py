"""The line with the names of the columns of a CSV file: which one it is, and what parts them."""

import csv
import re

from course_utils.data.names import fitting, name_key, tidy

SEPARATORS = ",;\t|"


def separator_of(line: str, wanted) -> str:
    """The sign between the columns: the one that finds most wanted columns, or most columns."""
    wanted = {name_key(name): name for name in wanted}.values()

    if re.fullmatch(r'\ufeff?("[^"]*" )+"[^"]*"\s*', line):
        return " "  # as R writes a table

    def found(separator):
        names = _names(line, separator)
        return sum(bool(fitting(name, names)) for name in wanted), len(names)

    return max(SEPARATORS, key=found)


def names_all(line: str, wanted) -> bool:
    """Is this a line of several names, with all that are wanted?"""
    for separator in SEPARATORS:
        names = _names(line, separator)
        if len(set(map(name_key, names))) > 1 and all(fitting(name, names) for name in wanted):
            return True
    return False


def begins_table(lines: list) -> bool:
    """Has the first line several filled cells, and each other one that is filled as many cells?"""
    for separator in SEPARATORS:
        rows = [_cells(line, separator) for line in lines if line.strip()]
        if rows and sum(map(bool, map(tidy, rows[0]))) > 1 and len(set(map(len, rows))) == 1:
            return True
    return False


def says_something(line: str) -> bool:
    """Does more stand in this line than separators, quotes and what nobody sees?"""
    return bool(tidy(re.sub("[,;|\"']", "", line)))


def is_title(line: str, wanted) -> bool:
    """Is this a line of one filled cell, and none of the wanted names?

    Names in one cell, since a quote before them was never closed, are no title.
    """
    only = [line.strip(SEPARATORS + "\"' \r\ufeff")]
    names = any(fitting(name, only) for name in wanted) or names_all(line.replace('"', ""), wanted)
    return not begins_table([line]) and not names


def rows_of(lines: list, separator: str) -> list:
    """The rows that some lines are to a spreadsheet: a cell between quotes may hold several."""
    try:
        lines_ended = [line + "\n" for line in lines]
        return list(csv.reader(lines_ended, delimiter=separator, strict=True))
    except csv.Error:  # a quote like any other sign
        return [[line] for line in lines]


def _names(line: str, separator: str) -> list:
    """The cells of a line as names, without the single quotes of some programs."""
    return [name.strip().strip("'") for name in _cells(line, separator)]


def _cells(line: str, separator: str) -> list:
    try:
        return next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return line.split(separator)
