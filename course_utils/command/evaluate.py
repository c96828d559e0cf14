"""`evaluate MODEL DATA`: how often a model is right on labelled texts."""

from collections import Counter

from course_utils.command.inputs import places_of
from course_utils.command.options import in_options
from course_utils.data.findings import shown
from course_utils.data.names import label_key
from course_utils.data.read import read_texts
from course_utils.data.sources import open_table
from course_utils.errors import DataError
from course_utils.progress import progress_bar


def run(options) -> int:
    """Test a model as the options say; see `--help`."""
    written = labels_in(options.data, options.text, options.label)
    from course_utils.command import models, results
    from course_utils.judge.evaluation import Evaluation

    folder = models.folder_of(options.model)
    model, tokenizer = models.load_any(folder, options.device)
    names = models.label_names(model)
    if models.are_named(names):
        _check_labels(options.data, written, names)
    data = read_texts(
        *(options.data, options.text, options.label),
        label_names=names if models.are_named(names) else None,
        strict=options.strict,
        numbers=options.numbers,
        quiet=True,
    )
    print(in_options(str(data.report)))
    if len(data.label_names) != len(names):
        raise DataError(
            f"{options.data} has {len(data.label_names)} labels, the model chooses between "
            f"{len(names)}, which have no names: give texts of each label."
        )
    probabilities = _predict(model, tokenizer, data.texts, options)
    print()
    results.tell(Evaluation(folder.name, data, probabilities))
    _tell_majority(data)
    return 0


def labels_in(path, text: str, label: str) -> Counter:
    """How often each label stands in a file; and a proof that it has the two columns.

    Raises:
        DataError: if there is no column of such a name.
    """
    with open_table(path, text, label) as table:
        _, place = places_of(table, {"--text": text, "--label": label})
        return Counter(cells[place] for _, cells in table if cells and cells[place].strip())


def _check_labels(path: str, written: Counter, names: tuple) -> None:
    """Raise a DataError if a label is none of the model's."""
    known = {label_key(name) for name in names}
    other = [label for label, _ in written.most_common() if label_key(label) not in known]
    if other:
        first = ", ".join(f"'{shown(label, 30)}'" for label in other[:5])
        more = f" and {len(other) - 5} more" if len(other) > 5 else ""
        rows = sum(written[label] for label in other)
        raise DataError(
            f"{path} has labels that the model does not know ({first}{more}; {rows:,} rows): it "
            f"knows {', '.join(names[:12])}{', …' if len(names) > 12 else ''}. Change the spelling "
            "in the file, or leave these rows out."
        )


def _predict(model, tokenizer, texts, options):
    """Probabilities, of shape (texts, classes)."""
    from course_utils.data.reading import reading_length
    from course_utils.model.prediction import answers

    length = reading_length(tokenizer, options.max_length, model)
    with progress_bar(len(texts), "texts", "Predicting") as bar:
        return answers(model, tokenizer, texts, options.batch_size, length, bar)


def _tell_majority(data) -> None:
    name, most = max(data.counts().items(), key=lambda item: item[1])
    print(f"Always answering '{name}' would be right on {100 * most / len(data):.1f} %.")
