"""`predict MODEL IN OUT`: a label for each text of a file."""

import sys
from collections import Counter
from pathlib import Path

from course_utils.command.arguments import STOPPED
from course_utils.command.inputs import (
    check_not_written,
    check_order,
    given,
    look_through,
    mark_of,
    readable,
    rows_of,
)
from course_utils.command.journal import Journal, only_one
from course_utils.command.options import in_options
from course_utils.command.sheets import (
    EXCEL_LETTERS,
    EXCEL_ROWS,
    Sheet,
    answer_names,
    check_format,
    in_pieces,
)
from course_utils.data.findings import counted
from course_utils.data.packed import existing_file
from course_utils.errors import CourseError
from course_utils.progress import progress_bar

PIECE_TOKENS = 32_768
"""So many tokens at most are between two entries of the journal: seconds of work."""

SHOWN = 12
"""Labels whose number is told."""


def run(options) -> int:
    """Label a file as the options say; see `--help`."""
    if options.address:
        raise CourseError("--address names a cluster of Ray: add --engine ray, or leave it out.")
    check_order(options.model, options.source, "predict MODEL IN OUT")
    if options.source != "-":
        existing_file(options.source)  # before a word on --overwrite: OUT may be the source
    check_not_written(options.source, Path(options.out).expanduser().resolve())
    out = _checked_output(options.out, options.overwrite)
    with only_one(out), given(options.source, out) as source:
        survey = look_through(source, options.text, options.encoding)
        if out.suffix.lower() == ".xlsx" and survey.rows >= EXCEL_ROWS:
            raise CourseError(
                f"{survey.rows:,} rows and the names of the columns are more than the "
                f"{EXCEL_ROWS:,} rows of an Excel sheet: let OUT end with .csv."
            )
        if survey.report.found_something:
            print(in_options(str(survey.report)))
        return _predict(options, source, survey, out)


def _checked_output(name: str, overwrite: bool) -> Path:
    """The path of the file that will be written.

    Raises:
        CourseError: if that cannot be, or it is there already; before any work.
    """
    out = Path(name).expanduser().resolve()
    check_format(out)
    if out.is_dir():
        raise CourseError(f"'{name}' is a folder: give OUT the name of a file.")
    if not out.parent.is_dir():
        raise CourseError(f"There is no folder '{out.parent}': make it first.")
    _check_free(out, overwrite)
    return out


def _check_free(out: Path, overwrite: bool) -> None:
    if out.exists() and not overwrite:
        raise CourseError(
            f"'{out.name}' is there already: add --overwrite to replace it, or choose another name."
        )


def _predict(options, source: Path, survey, out: Path) -> int:
    from course_utils.command import models
    from course_utils.data.reading import reading_length
    from course_utils.model.precision import pick_precision
    from course_utils.model.prediction import label_names

    folder = models.folder_of(options.model)
    model, tokenizer = models.load_any(folder, options.device)
    models.tell_unfinished(folder)
    models.tell_language(model, survey.sample)
    length = reading_length(tokenizer, options.max_length, model)
    names = answer_names(survey.columns, nested=survey.objects is not None)
    separator = ";" if survey.separator == ";" else ","  # as the spreadsheet here saves and opens
    sheet = Sheet(
        out.suffix.lower(),
        [*survey.columns, *names],
        separator,
        source,
        survey.names_row,
        survey.place,
        survey.objects,
        label_names(model),
    )
    job = {
        "the file": survey.mark,
        "the model": models.fingerprint(folder),
        "--text": options.text,
        "--encoding": options.encoding,
        "--unsure": options.unsure,
        "--batch-size": options.batch_size,
        "--max-length": length,
        "--device": str(model.device),
        "COURSE_PRECISION": pick_precision(model.device),
    }
    piece = max(options.batch_size, PIECE_TOKENS // length)
    judge = Judge(
        *(model, tokenizer, survey.place, options.unsure, options.batch_size, length),
        precision=job["COURSE_PRECISION"],
    )
    tally = {"no text": 0, "unsure": 0, "formulas": 0, "too long": 0, "labels": {}}
    journal = Journal(out, job, sheet.head(), tally, anew=options.overwrite)
    try:
        with journal:
            _tell_begin(journal, survey, model.device, judge.precision)
            rows = rows_of(source, options.text, journal.rows, options.encoding)
            with progress_bar(survey.rows, "rows", "Predicting", done=journal.rows) as bar:
                for cells in in_pieces(rows, piece):
                    answered, counts = judge.answer(cells, bar)
                    journal.add(sheet.lines(answered), len(cells), counts)
            if mark_of(source) != survey.mark:
                raise CourseError(f"{source.name} was changed meanwhile: give the same line again.")
            _check_free(out, options.overwrite)
            journal.finish(out, sheet)
    except KeyboardInterrupt:
        if not journal.done:
            rows = f"{journal.rows:,} of {survey.rows:,} rows"
            print(f"\nStopped after {rows}: the same line goes on.", file=sys.stderr)
            return STOPPED
    tell_end(out.name, journal.rows, journal.tally, names, options.unsure, sheet.kind)
    return 0


class Judge:
    """A model that answers rows.

    Args:
        model, tokenizer, batch_size, max_length: see `predict` of a notebook.
        place: the column with the texts.
        unsure: below this probability an answer is unsure.
        precision: see `pick_precision`.
    """

    def __init__(self, model, tokenizer, place, unsure, batch_size, max_length, precision="fp32"):
        from course_utils.model.prediction import label_names

        self.model, self.tokenizer, self.place, self.unsure = model, tokenizer, place, unsure
        self.batch_size, self.max_length, self.precision = batch_size, max_length, precision
        self.names = label_names(model)

    def answer(self, rows: list, bar) -> tuple:
        """The rows, each with label, probability and unsure behind it; and what was counted."""
        from course_utils.model.prediction import answers

        texts = [readable(row[self.place]) for row in rows]
        asked = [number for number, text in enumerate(texts) if text]
        bar.update(len(texts) - len(asked))
        behind = [(None, None, None)] * len(rows)
        if asked:
            found = answers(
                *(self.model, self.tokenizer, [texts[number] for number in asked]),
                *(self.batch_size, self.max_length, bar, self.precision),
            )  # (asked, classes)
            for number, best, sure in zip(
                asked, found.argmax(axis=1), found.max(axis=1), strict=True
            ):
                sure = round(float(sure), 6)
                behind[number] = (self.names[best], sure, sure < self.unsure)
        counts = {
            "no text": len(texts) - len(asked),
            "unsure": sum(bool(unsure) for _, _, unsure in behind),
            "formulas": sum(any(map(_is_formula, row)) for row in rows),
            "too long": sum(any(len(cell) > EXCEL_LETTERS for cell in row) for row in rows),
            "labels": dict(Counter(label for label, _, _ in behind if label is not None)),
        }
        return [[*row, *more] for row, more in zip(rows, behind, strict=True)], counts


def _is_formula(cell: str) -> bool:
    """Would a spreadsheet that opens a CSV file compute this cell?"""
    if not cell.startswith(("=", "+", "-", "@")):
        return False
    try:
        float(cell)
    except ValueError:
        return True
    return False


def _tell_begin(journal, survey, device, precision: str) -> None:
    if journal.why:
        print(f"An earlier run was stopped, but {journal.why}. So all begins anew.")
    elif journal.rows:
        print(f"Going on after {journal.rows:,} rows of an earlier run.")
    how = f"{device}, bf16" if precision == "bf16" else device
    print(f"Rows: {survey.rows:,}. Device: {how}.")


def tell_end(name: str, rows: int, tally: dict, names: list, unsure: float, kind: str = "") -> None:
    """Say what was written: how many rows, which labels, and what a person should look at.

    Args:
        tally: the counts of a `Judge`, added up.
        names: of the new columns.
        kind: the ending of the file; some have a word of their own.
    """
    print(f"{name}: {counted(rows, 'row')}, with the columns {', '.join(names)}.")
    counts = Counter(tally["labels"]).most_common()
    told = ", ".join(f"{label} {count:,}" for label, count in counts[:SHOWN])
    print(f"Labels: {told or 'none'}{', …' if len(counts) > SHOWN else ''}.")
    look = " Let a person look at these."
    print(f"Unsure (below {unsure:g}): {tally['unsure']:,}." + look * bool(tally["unsure"]))
    if tally["no text"]:
        print(f"Without a text, so without an answer: {tally['no text']:,}.")
    if kind in (".csv", ".tsv") and tally["formulas"]:
        print(
            f"Rows in which a cell begins with =, +, - or @: {tally['formulas']:,}. A spreadsheet "
            "would compute it: if you do not trust the texts, write .xlsx, where they stay text."
        )
    if kind == ".xlsx" and tally["too long"]:
        print(
            f"Rows in which a cell was cut after {EXCEL_LETTERS:,} letters, the most that Excel "
            f"takes: {tally['too long']:,}. A .csv keeps all."
        )
