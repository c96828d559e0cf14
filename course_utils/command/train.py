"""`train DATA`: from a file with labelled texts to a saved model, with a page about it."""

import io
import os
import sys
import time
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from course_utils.command.arguments import PROGRAM, STOPPED, UNSURE, quoted, typed
from course_utils.command.evaluate import labels_in, left_out
from course_utils.command.hints import hints
from course_utils.command.options import in_options
from course_utils.command.remarks import foreign_to, how_split, much_left_out, with_another
from course_utils.command.stopping import check_same_run, stopped_once
from course_utils.data.findings import EMPTY_ROW, listed
from course_utils.data.labels import RARE
from course_utils.data.read import read_texts
from course_utils.errors import CourseError, DataError
from course_utils.judge.card import said_for_the_hub
from course_utils.progress import finish_first, in_group, speaks

KEEP_EVERY = 60
"""Seconds: so long after a save, the next epoch is not kept, for a save may have 400 MB."""


FEW, SOME = 500, 2_000
"""Below `SOME` texts, all are read twice, in small batches; far below `FEW`, more often."""


def run(options) -> int:
    """Train as the options say; see `--help`."""
    out = _folder(options)
    said_for_the_hub(language=options.language)  # before any work
    # Where the columns are not there, this says so.
    written = labels_in(options.data, options.text, options.label, options.encoding)
    choices = {name: getattr(options, name) for name in ("strict", "numbers", "encoding")}
    data = read_texts(options.data, options.text, options.label, quiet=True, **choices)
    print(in_options(str(data.report)))
    missing = left_out(written, data.label_names)
    besides = [kind for kind in data.report.left_out if kind.what not in (RARE, EMPTY_ROW)]
    omitted = ", ".join(filter(None, (missing, listed(besides))))
    told = [f"Labels left out: {missing}."] * bool(missing)
    told += much_left_out(data.report)
    print(*told, *([] if options.resume else hints(data, options)), "", sep="\n")
    from course_utils.data.splits import split

    parts = split(data, **_given(group=options.group, time=options.time))
    kept, name = "", options.out or out.name  # as somebody would type it
    try:
        with stopped_once():
            model, tokenizer, history = _learn(options, parts, out)
            if not speaks():
                return 0  # the first process of a group saves and tests, and answers for all
            # The loop holds Ctrl-C from its last step on: what was learned is not lost.
            _tell_best(history)
            if history.interrupted:
                return _keep_unfinished(out, model, tokenizer, history)
            _save(out, model, tokenizer, history)  # whatever may happen now, it is safe
            kept = f"The model is saved in {name}, but not tested."
            _remove_unfinished(_unfinished(out))
        foreign = foreign_to(options, data)
        card, advice, useful = _test(model, tokenizer, parts, data.name, omitted, options, foreign)
        with finish_first():
            _save(out, model, tokenizer, history, card)
            kept = f"The model is saved in {name}, and tested: its page is {name}/README.md"
    except KeyboardInterrupt:
        if not kept:
            raise
        print(f"\nStopped. {kept}", file=sys.stderr)
        return STOPPED
    except Exception:
        print(kept, end="\n" * bool(kept), file=sys.stderr)
        raise
    column = "" if options.text == "text" else f" --text {quoted(options.text)}"
    print(f"\nSaved in the folder {name}. Fill in what is open in its page, README.md.")
    sure = card.evaluations[0].probabilities.max(axis=1)  # (test texts,)
    print(advice)
    if useful and sure.max() < UNSURE:
        column += f" --unsure {int(100 * sorted(sure)[len(sure) // 2]) / 100:g}"
        print(f"No answer on the test reached {UNSURE}; half of them are above this --unsure:")
    print(typed(f"Next: {PROGRAM} predict {quoted(name)} NEW-FILE ANSWERS.csv{column}"))
    return 0


def _given(**options) -> dict:
    """The options that somebody gave."""
    return {name: value for name, value in options.items() if value is not None}


def _folder(options) -> Path:
    """Where the model will be saved.

    Raises:
        CourseError: if that cannot be, or would replace something; before any work.
    """
    from course_utils.model.save_folder import bring_back, check_target, check_writable
    from course_utils.model.saving import read_about

    name = options.out or f"{Path(options.data).name.partition('.')[0] or 'my'}-model"
    out = bring_back(Path(name).expanduser().resolve())
    bring_back(_unfinished(out))
    there = _holds_something(out)
    if there and not read_about(str(out)).get("label_names"):
        raise CourseError(f"'{name}' holds other files, not a model of ours: choose another --out.")
    begun = _is_begun(_unfinished(out))
    if there and begun and not options.overwrite:
        raise CourseError(
            f"There is a model in '{name}', and a training that was stopped in "
            f"'{_unfinished(out).name}': --resume --overwrite goes on with it, --overwrite alone "
            "begins anew."
        )
    if there and not options.overwrite:
        raise CourseError(
            f"There is a model in '{name}' already: add --overwrite to replace it, or choose "
            "another --out."
        )
    options.resume = options.resume or (begun and _restarted())
    if begun and not options.resume and not options.overwrite:
        raise CourseError(
            f"'{_unfinished(out).name}' holds a training that was stopped: add --resume to go on "
            "with it, or --overwrite to begin anew."
        )
    if options.resume and not begun:
        raise CourseError(f"There is no stopped training for '{name}': leave --resume out.")
    if not begun and _holds_something(_unfinished(out)):
        raise CourseError(
            f"'{_unfinished(out).name}' is where Ctrl-C would keep this training, and it holds "
            "something else: choose another --out."
        )
    check_target(out)
    check_writable(out.parent)
    return out


def _restarted() -> bool:
    """Has torchrun started this again, because a process was gone?"""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT") or 0) > 0


def _unfinished(out: Path) -> Path:
    """Where a training lies that was stopped."""
    return out.with_name(f"{out.name}-unfinished")


def _holds_something(folder: Path) -> bool:
    return folder.exists() and (folder.is_file() or any(folder.iterdir()))


def _is_begun(folder: Path) -> bool:
    """Has `save` kept a training there that was stopped? Not if it is a model, or not ours."""
    from course_utils.model.save_folder import what_stands_there

    return {"label_names", "checkpoint", "unfinished"} <= set(what_stands_there(folder))


def _learn(options, parts: tuple, out: Path) -> tuple:
    """Model, tokenizer and `History`: of a new run, or of one that was stopped."""
    from course_utils.data.reports import data_report
    from course_utils.model.checkpoints import load_classifier, load_tokenizer
    from course_utils.model.resuming import resume
    from course_utils.model.training import fine_tune

    train, validation, _ = parts
    if options.resume:
        folder = _unfinished(out)
        check_same_run(options, folder, (train, validation))
        found = resume(str(folder), train, validation, options.device, _keeper(out))
        print(f"Epochs: {found[-1].epochs}. Texts in a batch: {found[-1].batch_size}.")
        return found
    if in_group() and speaks():  # if torchrun starts this again, it shall find what this one kept
        _remove_unfinished(_unfinished(out))
    tokenizer = load_tokenizer(options.checkpoint)
    report = data_report(*parts, tokenizer=tokenizer, max_length=options.max_length)
    notes = getattr(report, "notes", [])
    report.index = [name.rpartition(", ")[2] for name in report.index]  # "train"
    print(report.astype(object).T.to_string(), "", *map(in_options, notes), "", sep="\n")
    seed = options.seed or 0
    model = load_classifier(
        options.checkpoint, label_names=train.label_names, seed=seed, quiet=True
    )
    recipe = _given(
        learning_rate=options.learning_rate,
        max_length=options.max_length,
        device=options.device,
        class_weights=options.class_weights,
        patience=options.patience,
    )
    some = len(train) < SOME
    recipe["epochs"] = options.epochs or max(2 if some else 1, FEW // len(train))
    recipe["batch_size"] = options.batch_size or (8 if some else 32)
    print(f"Epochs: {recipe['epochs']}. Texts in a batch: {recipe['batch_size']}.")
    if foreign := foreign_to(options, train):
        print(f"Beware: {foreign} {with_another(options)}")
    recipe["after_epoch"] = _keeper(out)
    history = fine_tune(model, tokenizer, train, validation, seed=seed, **recipe)
    return model, tokenizer, history


def _keeper(out: Path):
    """What keeps an epoch, so that the run can go on even if the computer stops.

    The first epoch is kept, and then not more than one each `KEEP_EVERY` seconds.
    """
    last = None

    def keep(model, tokenizer, history) -> None:
        nonlocal last
        if last is not None and time.monotonic() - last < KEEP_EVERY:
            return
        try:
            _save(_unfinished(out), model, tokenizer, history)
        except CourseError as problem:  # a full disk, say: no reason to lose what goes on
            print(f"\nThis epoch is not kept, the training goes on: {problem}", file=sys.stderr)
        else:
            last = time.monotonic()

    return keep


def _tell_best(history) -> None:
    """Print which epoch's weights the model has, if there was a choice."""
    if len(history.validation_accuracies) > 1 and not history.interrupted:
        kept = f"epoch {history.best_epoch} of {history.epochs}"
        print(f"Kept: {kept}, {history.the_best} on validation.")


def _keep_unfinished(out: Path, model, tokenizer, history) -> int:
    """Ctrl-C: keep the run, so that it can go on. A model that is saved already stays."""
    _save(_unfinished(out), model, tokenizer, history)
    print(
        f"\nStopped after {history.made}. What was learned is kept in '{_unfinished(out).name}': "
        "the same line with --resume goes on.",
        file=sys.stderr,
    )
    return STOPPED


def _remove_unfinished(folder: Path) -> None:
    """The run has come to its end; what `save` wrote is removed, in one step."""
    from course_utils.model.save_folder import move_aside, own_files, retire

    if not _is_begun(folder):
        return
    aside = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}.save.old")
    move_aside(folder, aside)
    if own_files(aside):
        folder.mkdir()
    retire(aside, folder)


def _test(model, tokenizer, parts: tuple, name: str, missing: str, options, foreign: str) -> tuple:
    """Judge the model on test, beside two cheap methods.

    Args:
        missing: the labels and rows that were left out, in words; nothing if none was.
        foreign: a sentence about the language of the texts, or nothing.

    Returns:
        a card with the numbers; what they mean, in words; and whether the model may be used.
    """
    from course_utils.command import results
    from course_utils.command.verdict import verdict
    from course_utils.judge.baselines import majority_baseline, tfidf_baseline
    from course_utils.judge.card import model_card
    from course_utils.judge.evaluation import evaluate
    from course_utils.judge.intervals import FEWEST, paired_bootstrap

    train, _, test = parts
    on_test = evaluate(model, tokenizer, test)
    others = [replace(majority_baseline(train, test), name="always the most frequent label")]
    counting = None
    try:
        counting = replace(tfidf_baseline(*parts), name="counting words (TF-IDF)")
        others.insert(0, counting)
    except DataError as problem:  # texts without words of two letters, such as Chinese
        print(f"\nNo TF-IDF: {problem}")
    print("", *others, sep="\n")
    results.tell(on_test)
    if len(set(on_test.groups)) >= FEWEST:
        print(f"\nBERT minus '{others[0].name}': {paired_bootstrap(on_test, others[0])}")
    low, high = (100 * bound for bound in on_test.interval)
    by = f" by {on_test.by}" if on_test.by else ""
    advice, useful = verdict(on_test, counting, others[-1], bool(options.class_weights))
    more = [
        how_split(options),
        f"Left out: {missing}." if missing else "",
        foreign[:1].upper() + foreign[1:],
    ]
    fields = {
        "name": name,
        "data": f"{len(train):,} texts to learn from, {len(test):,} for the test, with the labels "
        f"{', '.join(train.label_names)}. {' '.join(filter(None, more))}",
        "result": f"Of {len(test):,} texts that it had not seen, {100 * on_test.accuracy:.1f} % "
        f"are right (95 % interval{by} {low:.1f} to {high:.1f}). {advice}",
    }
    card = model_card(fields, on_test, *others, language=options.language)
    return card, advice, useful


def _save(folder: Path, model, tokenizer, history, card=None) -> None:
    """As `save` of a notebook, whose words speak to a cell."""
    from course_utils.model.saving import save

    with redirect_stdout(io.StringIO()):
        save(str(folder), model, tokenizer, history, **_given(card=card))
