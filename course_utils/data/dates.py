"""Dates as people write them: understood if there is one way to read them, refused otherwise."""

import re

from course_utils.errors import DataError

YEAR_FIRST = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b.*")
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})[-/.](?:\d{4}|\d{2})(?!\d).*")
MONTH_IN_LETTERS = re.compile(
    r"(?i)(?=.*\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
    r"(?=.*\b\d{4}\b|.*\d\W+[a-z]+\W+\d{2}\b).*"
)
HOW = 'expected dates such as 2024-01-31 or "2024-01-31 14:05"'


def as_dates(values, name: str) -> list:
    """The dates as pandas' Timestamps, all of them in UTC (which is also taken for granted).

    Args:
        values: text, or dates of Python, numpy or pandas. ISO 8601 (2024-01-31) and what
            spreadsheets and mails make of it (31.1.2024, 1/31/24 2:05 PM, 31 Jan 2024).
        name: what the caller calls them, for an error.

    Raises:
        DataError: if one is missing or no date, or if days and months could be exchanged.
    """
    import pandas as pd

    texts = pd.Series([str(value).strip() for value in values], dtype=object)
    dates = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=True)
    rest = texts[dates.isna()]
    day_first = _day_first([text for text in rest if YEAR_LAST.fullmatch(text)], name)
    for pattern, first in (
        (YEAR_FIRST, False),
        (YEAR_LAST, day_first),
        (MONTH_IN_LETTERS, True),
    ):
        some = rest[[bool(pattern.fullmatch(text)) for text in rest]]
        read = pd.to_datetime(some, format="mixed", dayfirst=first, errors="coerce", utc=True)
        dates = dates.fillna(read)
    _check_all_read(texts, dates, name)
    return dates.tolist()


def _day_first(texts, name: str) -> bool:
    """Does the day stand before the month in these dates, such as 31.1.2024?"""
    found = [YEAR_LAST.fullmatch(text) for text in texts]
    first = next((match[0] for match in found if int(match[1]) > 12), None)
    second = next((match[0] for match in found if int(match[3]) > 12), None)
    cure = (
        "write the year first (2024-01-31), or read them yourself and give split the result: "
        "time=pandas.to_datetime(values, dayfirst=True), or dayfirst=False."
    )
    if first and second:
        raise DataError(
            f"{name}: in '{first}' the day stands first, in '{second}' the month: {cure}"
        )
    in_question = [match[0] for match in found if int(match[1]) != int(match[3])]
    if first or second or not in_question:
        return bool(first)
    if all(match[2] == "." for match in found):
        return True  # with full stops, nobody writes the month first
    raise DataError(
        f"{name}: is '{in_question[0]}' day/month/year or month/day/year? No date there has a day "
        f"after the 12th, which would tell: {cure}"
    )


def _check_all_read(texts, dates, name: str) -> None:
    """Raise a DataError that counts the texts without a date, and quotes the first."""
    missing = texts[dates.isna()]
    if len(missing):
        count, row = len(missing), missing.index[0]
        said = f"no date ('{missing.iloc[0][:40]}')" if missing.iloc[0] else "no date"
        raise DataError(
            f"{name}: {count:,} of {len(texts):,} texts {'has' if count == 1 else 'have'} {said}, "
            f"the first one is text {row} (counting from 0): {HOW}; or leave these texts out."
        )
