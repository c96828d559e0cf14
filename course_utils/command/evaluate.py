"""`evaluate MODEL DATA`: how often a model is right on labelled texts."""

from dataclasses import replace
from difflib import get_close_matches

from course_utils.command.inputs import check_order, places_of
from course_utils.command.options import in_options
from course_utils.data.findings import FIRST, shown
from course_utils.data.labels import ALONE
from course_utils.data.names import label_key, tidy
from course_utils.data.read import read_texts
from course_utils.data.sources import open_table
from course_utils.errors import DataError
from course_utils.progress import progress_bar

SHOWN = 5
"""Labels that a sentence names, each with its rows."""


def run(options) -> int:
    """Test a model as the options say; see `--help`."""
    check_order(options.model, options.data, "evaluate MODEL DATA")
    written = labels_in(options.data, options.text, options.label, options.encoding)
    from course_utils.command import models, results
    from course_utils.judge.evaluation import Evaluation
    from course_utils.model.prediction import label_names

    folder = models.folder_of(options.model)
    model, tokenizer = models.load_any(folder, options.device)
    models.tell_unfinished(folder)
    names = _names(options, label_names(model), written)
    spelled = _spelled(options, names, written)
    data = replace(_read(options, spelled, _unknown(options, written, spelled)), label_names=names)
    seen = _seen(folder, data.texts)
    probabilities = _predict(model, tokenizer, data.texts, options)
    print()
    result = Evaluation(folder.name, data, probabilities)
    results.tell(result)
    _tell_majority(data)
    results.tell_seen(result, seen)
    return 0


def labels_in(path, text: str, label: str, encoding: str = None) -> dict:
    """The labels of a file, each with the numbers of its rows, as a spreadsheet counts them.

    It is also the proof that the file has the two columns.

    Raises:
        DataError: if there is no column of such a name.
    """
    found, spelled = {}, {}
    with open_table(path, text, label, encoding) as table:
        _, place = places_of(table, {"--text": text, "--label": label})
        for number, cells in table:
            name = tidy(cells[place]) if cells else ""
            alone = ALONE.fullmatch(name)  # read_texts takes it out of its list, too
            name = alone[2].strip() if alone else name
            if name:
                found.setdefault(spelled.setdefault(label_key(name), name), []).append(number)
    return found


def left_out(written: dict, names) -> str:
    """The labels of a file that are not among `names`, with their rows, in words."""
    return _with_rows(_others(written, names), names)


def _others(written: dict, names) -> dict:
    """The labels of a file that are not among `names`, with their rows."""
    known = {label_key(name) for name in names}
    return {name: rows for name, rows in written.items() if label_key(name) not in known}


def _with_rows(labels: dict, names) -> str:
    """Some labels and their rows in words, the most frequent first; and what may be meant."""
    ordered = sorted(labels.items(), key=lambda item: -len(item[1]))
    keys, said = {label_key(name): name for name in names}, []
    for name, rows in ordered[:SHOWN]:
        first = ", ".join(map(str, rows[:FIRST])) + ", …" * (len(rows) > FIRST)
        count = f"{len(rows):,} rows: {first}" if len(rows) > 1 else f"row {first}"
        near = get_close_matches(label_key(name), keys, n=1, cutoff=0.75)
        meant = f"; did you mean '{keys[near[0]]}'?" if near else ""
        said.append(f"'{shown(name, 30)}' ({count}{meant})")
    more = len(ordered) - SHOWN
    return ", ".join(said) + f" and {more:,} more labels" * (more > 0)


def _names(options, own: tuple, written: dict) -> list:
    """The names of a model's labels: its own, or those that are given for numbers without names.

    Raises:
        DataError: if it has no names, and nobody can know which label is which number.
    """
    from course_utils.command.models import are_named

    given, numbers = options.label_names, [str(number) for number in range(len(own))]
    if given is not None and len(given) != len(own):
        raise DataError(
            f"--label-names gives {len(given)} names, the model chooses between {len(own)} labels: "
            "give one for each, in the order of their numbers."
        )
    if given is not None:
        names = list(given)
    elif are_named(own) or {label_key(name) for name in own} >= set(map(label_key, written)):
        return list(own)
    elif set(numbers) >= set(map(label_key, written)):
        names = numbers
    else:
        labels = ", ".join(f"'{shown(name, 30)}'" for name in list(written)[:SHOWN])
        raise DataError(
            f"The labels of this model have no names ({own[0]} to {own[-1]}), and {options.data} "
            f"has {labels}{', …' * (len(written) > SHOWN)}: which is which would be a guess. Say "
            "it with --label-names and the names in the order of the numbers, each between quotes; "
            "the page of the model may tell them."
        )
    pairs = ", ".join(f"{one} is '{name}'" for one, name in zip(own, names, strict=True))
    print(f"The names of the labels: {pairs}.")
    return names


def _spelled(options, names: list, written: dict) -> list:
    """The labels as the file writes them: the names, or their numbers if it holds only these.

    That is so only where somebody said by --label-names which name belongs to which number.
    """
    numbers = [str(number) for number in range(len(names))]
    found = set(map(label_key, written))
    counted = options.label_names is not None and found <= set(numbers)
    return numbers if counted and not found <= set(map(label_key, names)) else names


def _unknown(options, written: dict, names: list) -> dict:
    """The labels that are none of the model's, with their rows; only if they may be left out.

    Raises:
        DataError: if they may not, or nothing else is there.
    """
    other = _others(written, names)
    if not other or (options.skip_unknown and len(other) < len(written)):
        return other
    rows, total = sum(map(len, other.values())), sum(map(len, written.values()))
    knows = f"{', '.join(names[:12])}{', …' if len(names) > 12 else ''}"
    cure = "Change the spelling in the file, or add --skip-unknown to leave these rows out."
    numbers = [str(number) for number in range(len(names))]
    if set(map(label_key, written)) == set(numbers):
        pairs = ", ".join(f"{number} is '{shown(name, 30)}'" for number, name in enumerate(names))
        cure = f"If {pairs}, add --label-names {' '.join(numbers)}"
    elif len(other) == len(written):
        cure = "Is it the right column? --label NAME names another one."
    raise DataError(
        f"{options.data} has labels that the model does not know, in {rows:,} of {total:,} rows: "
        f"{_with_rows(other, names)}. It knows {knows}. {cure}"
    )


def _read(options, names: list, other: dict):
    """The labelled texts, and what was done with the file is told."""
    data = read_texts(
        *(options.data, options.text, options.label),
        label_names=[*names, *other],
        strict=options.strict,
        encoding=options.encoding,
        numbers=options.numbers,
        quiet=True,
    )
    print(in_options(str(data.report)))
    if options.group is not None:
        from course_utils.data.splits import column_called, owners

        owners(data, options.group)  # is there such a column?
        data = replace(data, group=column_called(data, options.group))
    if not other:
        return data
    rows = [row for row, label in enumerate(data.labels) if label < len(names)]
    if not rows:
        raise DataError(f"{options.data} has no other text that can be used.")
    print(
        f"Left out besides, {len(data) - len(rows):,} texts with labels that the model does not "
        f"know: {_with_rows(other, names)}."
    )
    return replace(data.take(rows), label_names=names)


def _seen(folder, texts):
    """Which of the texts the model was trained on; None if nobody noted that."""
    from course_utils.model.save_folder import what_stands_there
    from course_utils.model.seen import seen

    return seen(texts, what_stands_there(folder).get("seen"))


def _predict(model, tokenizer, texts, options):
    """Probabilities, of shape (texts, classes)."""
    from course_utils.data.reading import reading_length
    from course_utils.model.precision import pick_precision
    from course_utils.model.prediction import answers

    length = reading_length(tokenizer, options.max_length, model)
    with progress_bar(len(texts), "texts", "Predicting") as bar:
        return answers(
            *(model, tokenizer, texts, options.batch_size, length, bar),
            precision=pick_precision(model.device),
        )


def _tell_majority(data) -> None:
    name, most = max(data.counts().items(), key=lambda item: item[1])
    print(f"Always answering '{name}' would be right on {100 * most / len(data):.1f} %.")
