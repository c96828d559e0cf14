"""`export MODEL OUT`: a model as one ONNX file, for programs without torch."""

from pathlib import Path

from course_utils.command.inputs import places_of
from course_utils.data.read import read_texts
from course_utils.data.sources import open_table
from course_utils.errors import CourseError

TEXTS = 500
"""The texts on which the file and the model are compared."""


def run(options) -> int:
    """Export a model as the options say; see `--help`."""
    out = check_out(options.out, options.overwrite)
    from course_utils.command import models
    from course_utils.model.onnx_file import TooManyChanged, export_onnx

    texts = texts_to_compare(options.texts, options.text)
    model, tokenizer = models.load_any(models.folder_of(options.model), "cpu")
    print(f"{options.model} -> {out.name}: half a minute or so ...", flush=True)
    try:
        print(export_onnx(model, tokenizer, out, texts, int8=options.int8))
    except TooManyChanged as refused:
        if options.texts:
            raise
        raise CourseError(
            "Without --texts, the file is compared on film reviews, which a model of other texts "
            f"may find hard. Compare on your own: --texts FILE --text COLUMN. ({refused})"
        ) from None
    if not options.texts:
        print("These were film reviews. Compare on your own: --texts FILE --text COLUMN.")
    return 0


def check_out(out: str, overwrite: bool) -> Path:
    """The file to write.

    Raises:
        CourseError: if its name does not end with .onnx, its folder is missing, it is there, or it
            is a folder.
    """
    path = Path(out).expanduser()
    if path.suffix.lower() != ".onnx":
        raise CourseError(f"'{path.name}' will be an ONNX file: let its name end with .onnx.")
    if not path.parent.is_dir():
        raise CourseError(f"There is no folder '{path.parent}': make it first.")
    if path.is_dir():
        raise CourseError(f"'{out}' is a folder: give OUT the name of a file.")
    if path.exists() and not overwrite:
        raise CourseError(f"{path.name} is there already: choose another name, or add --overwrite.")
    return path


def texts_to_compare(source: str | None, column: str | None) -> list:
    """Some texts of a file; without one, film reviews: they show whether the file computes right.

    Raises:
        CourseError: if there is a column and no file.
        DataError: if the file cannot be read, or there is no text in it.
    """
    if source is None and column:
        raise CourseError("--text is a column of the file that --texts names: add --texts FILE.")
    if source is None:
        from course_utils.data.reviews import film_reviews

        return film_reviews(quiet=True)[2].texts[:TEXTS]
    column = column or "text"
    with open_table(source, column) as table:
        places_of(table, {"--text": column})
    return list(read_texts(source, column, None, numbers=True, quiet=True))[:TEXTS]
