"""Remarks of `train`: on the language, on what was left out, on the split."""

from course_utils.command.arguments import PROGRAM, quoted, typed
from course_utils.data.findings import EMPTY_ROW

MANY_LANGUAGES = "bert-base-multilingual-cased"
"""A checkpoint on the Hub that has read the Wikipedias of 104 languages."""


def much_left_out(report) -> list:
    """A loud sentence if more than half of the rows, empty ones apart, were left out."""
    rows = report.rows - sum(kind.count for kind in report.left_out if kind.what == EMPTY_ROW)
    gone = rows - report.kept
    if 2 * gone <= rows:
        return []
    return [
        f"BEWARE: {gone:,} of {rows:,} rows were left out, more than half. See above why, and mend "
        "the file first: what is left may not be like the rest."
    ]


def foreign_to(options, data) -> str:
    """A sentence if the texts are in a language that the checkpoint has not learned, else nothing.

    All checkpoints that we know have learned English; of others nobody knows it.
    """
    from course_utils.data.english import looks_foreign
    from course_utils.model.checkpoints import named
    from course_utils.model.known import CHECKPOINTS

    name = named(options.checkpoint)
    if name not in CHECKPOINTS or options.language == "en":
        return ""
    if options.language:
        return f"the texts are not English ({options.language}), and {name} has learned English."
    return f"the texts do not look English, and {name} has learned it." * looks_foreign(data.texts)


def with_another(options) -> str:
    """The line that trains with a checkpoint of many languages."""
    words = list(options.words)
    if "--checkpoint" in words:
        place = words.index("--checkpoint")
        del words[place : place + 2]
    words += ["--checkpoint", MANY_LANGUAGES]
    words += ["--overwrite"] * ("--overwrite" not in words)
    line = " ".join(map(quoted, words))
    return typed(f"This line takes a checkpoint that knows 104 languages:\n{PROGRAM} {line}")


def how_split(options) -> str:
    """By what the test texts were chosen, in words."""
    if options.time:
        return f"The test texts are the latest ones, by the column '{options.time}'."
    if options.group:
        return (
            f"Texts with the same value of the column '{options.group}' stand on one side: none is "
            "in the test and in what was learned from."
        )
    return "Which texts are for the test was left to chance."
