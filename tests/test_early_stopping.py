"""A run that stops when validation gets no better, also if it is interrupted on the way."""

import json
import signal

import pytest
import torch
from real_model import fine_tune, new_classifier, small_set, tokenizer, weights
from stop_button import press_at

import course_utils
from course_utils import progress
from course_utils.command.train import _tell_best
from course_utils.model import readme, saving, training
from course_utils.model.history import History
from course_utils.model.run_state import RunState


@pytest.fixture
def scores(monkeypatch):
    """Gives the epochs these scores; returns the weights that each of them was given for."""

    def give(*scores):
        seen, left = [], iter(scores)

        def scores_on(model, *_, **__):
            seen.append(weights(model))
            score = next(left)
            return score if isinstance(score, tuple) else (score,)

        monkeypatch.setattr(training, "scores_on", scores_on)
        return seen

    return give


@pytest.mark.parametrize(
    ("patience", "accuracies", "epochs", "best"),
    [
        (1, [0.5, 0.912, 0.912, 0.95], 3, 2),  # as good is not better
        (1, [0.9, 0.8, 0.95], 2, 1),
        (2, [0.5, 0.9, 0.8, 0.95, 0.9, 0.9, 0.9, 0.9], 6, 4),  # one bad epoch is forgiven
        (3, [0.5, 0.4, 0.4, 0.6, 0.4, 0.4, 0.6, 0.6], 7, 4),
    ],
)
def test_it_stops_after_so_many_epochs_without_a_better_one(
    scores, capsys, patience, accuracies, epochs, best
):
    seen, model = scores(*accuracies), new_classifier()
    data = small_set().sample(4)
    run = fine_tune(model, data, validation=data, epochs=10, patience=patience)
    assert run.validation_accuracies == accuracies[:epochs] and len(run.losses) == epochs
    assert (run.best_epoch, run.stopped_early, run.interrupted) == (best, True, False)
    assert torch.equal(weights(model), seen[best - 1])
    assert not torch.equal(weights(model), seen[-1])
    which = "the first of the 2 best" if accuracies[:epochs].count(accuracies[best - 1]) > 1 else ""
    assert capsys.readouterr().out == (
        f"Stopped after epoch {epochs} of 10: epoch {best} was {which or 'the best'}, "
        f"{100 * accuracies[best - 1]:.1f} % on validation.\n"
    )
    assert repr(run).endswith(f", stopped after epoch {epochs} of 10")


def test_the_line_that_it_says(scores, capsys):
    scores(0.5, 0.7, 0.912, 0.9)
    data = small_set().sample(4)
    fine_tune(new_classifier(), data, validation=data, epochs=10, patience=1)
    assert capsys.readouterr().out == (
        "Stopped after epoch 4 of 10: epoch 3 was the best, 91.2 % on validation.\n"
    )


@pytest.mark.parametrize(
    ("accuracies", "f1s", "said"),
    [
        ([0.9, 0.9], [], "epoch 1 of 2, the first of the 2 best on validation."),
        ([0.8, 0.9], [], "epoch 2 of 2, the best on validation."),
        ([0.9, 0.9], [0.4, 0.5], "epoch 2 of 2, the best on validation."),  # macro F1 decides
        ([0.8, 0.9], [0.5, 0.5], "epoch 1 of 2, the first of the 2 best on validation."),
    ],
)
def test_of_equally_good_epochs_of_an_earlier_save_it_is_the_first(accuracies, f1s, said, capsys):
    run = History(1e-4, 0, texts=4, epochs=2, validation_accuracies=accuracies)
    run.class_weights, run.validation_macro_f1s = [1, 2] if f1s else None, f1s
    _tell_best(run)
    assert capsys.readouterr().out == f"Kept: {said}\n"
    page = readme._more(run)
    assert said.replace(" of 2,", ",") in page


def test_of_equally_good_epochs_the_one_with_the_lowest_loss_is_kept(monkeypatch, capsys):
    """On few texts most epochs are as often right: the first would be the least sure of them."""
    seen, told = [], iter([(0.5, None, 0.1), (1.0, None, 0.6), (1.0, None, 0.2), (1.0, None, 0.4)])

    def scores_on(model, *_):
        seen.append(weights(model))
        return next(told)

    monkeypatch.setattr(training, "scores_on", scores_on)
    model, data = new_classifier(), small_set().sample(4)
    run = fine_tune(model, data, validation=data, epochs=4)
    assert run.best_epoch == 3 and torch.equal(weights(model), seen[2])
    _tell_best(run)
    assert capsys.readouterr().out == (
        "Kept: epoch 3 of 4, of the 3 best the one with the lowest loss on validation.\n"
    )


def test_as_good_is_not_better_for_patience(monkeypatch):
    told = iter([(1.0, None, 0.6), (1.0, None, 0.4), (1.0, None, 0.5)])
    monkeypatch.setattr(training, "scores_on", lambda *_: next(told))
    data = small_set().sample(4)
    run = fine_tune(new_classifier(), data, validation=data, epochs=9, patience=2)
    assert (run.best_epoch, len(run.validation_losses), run.stopped_early) == (2, 3, True)


@pytest.mark.parametrize("patience", [None, 1, 5])
def test_the_last_epoch_of_the_plan_is_no_early_stop(scores, capsys, patience):
    scores(0.5, 0.9, 0.8)
    data = small_set().sample(4)
    run = fine_tune(new_classifier(), data, validation=data, epochs=3, patience=patience)
    assert len(run.losses) == 3 and not run.stopped_early
    assert capsys.readouterr().out == ""
    assert repr(run).endswith("(last)")


def test_up_to_the_stop_it_learns_as_without_patience(scores):
    """The learning rate is planned for all epochs, whether they come or not."""
    data, runs = small_set().sample(8), []
    for patience in (1, None):
        scores(0.5, 0.9, 0.8, 0.8)
        options = {"epochs": 4, "patience": patience, "validation": data}
        runs.append(fine_tune(new_classifier(), data, **options))
    assert [len(run.losses) for run in runs] == [6, 8]
    assert runs[0].losses == runs[1].losses[:6]


def test_with_class_weights_the_macro_f1_decides(scores, capsys):
    seen, model = scores((0.95, 0.4), (0.9, 0.71234), (0.99, 0.7)), new_classifier()
    data = small_set().sample(4)
    options = {"epochs": 5, "patience": 1, "class_weights": "balanced"}
    run = fine_tune(model, data, validation=data, **options)
    assert run.validation_accuracies == [0.95, 0.9, 0.99]
    assert run.validation_macro_f1s == [0.4, 0.71234, 0.7]
    assert run.best_epoch == 2 and torch.equal(weights(model), seen[1])
    assert capsys.readouterr().out == (
        "Stopped after epoch 3 of 5: epoch 2 was the best, macro F1 0.712 on validation.\n"
    )


# --- interrupted on the way ---

RECIPE = {
    "epochs": 8,
    "patience": 1,
    "class_weights": [1, 2],
    "learning_rate": 3e-4,
    "dropout": True,
}


def few():
    """Two of six labels are wrong: the surer the model, the larger its loss on them."""
    data = small_set().sample(6)
    labels = [1 - label if row < 2 else label for row, label in enumerate(data.labels)]
    return course_utils.LabeledTexts(data.texts, labels, data.label_names)


@pytest.fixture(scope="module")
def whole():
    """The weights and the history of a run that stopped by itself."""
    model = new_classifier()
    run = fine_tune(model, small_set(), validation=few(), **RECIPE)
    assert run.stopped_early and 1 < run.best_epoch < len(run.validation_accuracies) < 8
    return weights(model), run


def assert_the_same(model, run, whole):
    """Bit for bit: on one computer, with as many threads, the arithmetic is the same."""
    assert torch.equal(weights(model), whole[0])
    assert run.losses == whole[1].losses
    assert run.validation_accuracies == whole[1].validation_accuracies
    assert run.validation_macro_f1s == whole[1].validation_macro_f1s
    assert (run.patience, run.class_weights) == (1, [1.0, 2.0])
    assert run.stopped_early and not run.interrupted and run.state is None


@pytest.mark.parametrize("step", [2, 6, 9])
def test_resumed_it_ends_as_if_nobody_had_stopped_it(models, whole, monkeypatch, capsys, step):
    model = new_classifier()
    press_at(monkeypatch, step)
    stopped = fine_tune(model, small_set(), validation=few(), **RECIPE)
    assert stopped.interrupted and len(stopped.losses) == step - 1
    course_utils.save("mine", model, tokenizer(), stopped)
    about = json.loads((models / "mine-minilm-default" / saving.ABOUT).read_text())
    assert about["history"]["patience"] == 1
    assert about["history"]["class_weights"] == [1.0, 2.0]
    again, _, run = course_utils.resume("mine", small_set(), few())
    assert_the_same(again, run, whole)
    assert capsys.readouterr().out.splitlines()[-1] == whole[1].why_stopped


def test_after_each_epoch_but_the_last_a_save_can_go_on(models, whole):
    """As after a stop; and the run that goes on is none the worse for it."""
    epochs = len(whole[1].validation_accuracies)
    steps = len(whole[1].losses) // epochs

    def keep(model, tokenizer, run):
        assert run.interrupted and run.state and run.seconds > 0
        course_utils.save(f"epoch {len(run.validation_accuracies)}", model, tokenizer, run)

    model = new_classifier()
    run = fine_tune(model, small_set(), validation=few(), **RECIPE, after_epoch=keep)
    assert_the_same(model, run, whole)
    kept = sorted(path.name for path in models.iterdir())
    assert kept == [f"epoch {number}-minilm-default" for number in range(1, epochs)]
    for number in range(1, epochs):
        calls = []
        again, _, run = course_utils.resume(
            *(f"epoch {number}", small_set(), few()),
            after_epoch=lambda *made, to=calls: to.append(len(made[-1].losses)),
        )
        assert_the_same(again, run, whole)
        assert calls == [steps * epoch for epoch in range(number + 1, epochs)]


def test_without_validation_the_last_epoch_is_no_matter_for_after_epoch():
    calls, model = [], new_classifier()
    data = small_set().sample(4)
    fine_tune(model, data, epochs=3, after_epoch=lambda *made: calls.append(len(made[-1].losses)))
    assert calls == [1, 2]
    fine_tune(model, data, after_epoch=lambda *made: calls.append("a single one"))
    assert calls == [1, 2]


@pytest.mark.parametrize("moment", ["note_epoch", "finish"])
def test_an_interrupt_between_the_last_epoch_and_the_end(models, whole, monkeypatch, moment):
    """The signal comes while the last score is noted, or while the best weights are put back."""
    epochs, method = len(whole[1].validation_accuracies), getattr(RunState, moment)

    def press(state, *scores):
        if moment == "finish" or len(state.run.validation_accuracies) == epochs - 1:
            with progress.finish_first():
                signal.raise_signal(signal.SIGINT)
                method(state, *scores)
        else:
            method(state, *scores)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(RunState, moment, press)
    try:
        model = new_classifier()
        stopped = fine_tune(model, small_set(), validation=few(), **RECIPE)
    finally:
        signal.signal(signal.SIGINT, before)
        monkeypatch.setattr(RunState, moment, method)
    assert stopped.interrupted and stopped.losses == whole[1].losses
    course_utils.save("mine", model, tokenizer(), stopped)
    again, _, run = course_utils.resume("mine", small_set(), few())
    assert_the_same(again, run, whole)


def test_what_is_saved_after_an_early_stop_is_a_whole_run(models, whole):
    model = new_classifier()
    course_utils.save("mine", model, tokenizer(), whole[1])
    about = json.loads((models / "mine-minilm-default" / saving.ABOUT).read_text())
    assert "unfinished" not in about
    assert History(**about["history"]) == whole[1]


def test_the_bar_of_a_run_that_stopped_early_is_full(monkeypatch):
    """JupyterLab paints one that is not full red, as if something had gone wrong."""
    monkeypatch.setenv("TQDM_DISABLE", "0")
    run = History(1e-4, 0, texts=4, epochs=3, batch_size=2, patience=1, losses=[])
    with progress.StepBar([10] * 4, run) as bar:
        for epoch in range(2):
            for rows in ([0, 1], [2, 3]):
                run.losses.append(0.7)
                bar.step(rows)
            run.validation_accuracies.append(0.9 - epoch / 10)
    assert bar.bar.n == bar.bar.total == 8
    run.patience = None
    with progress.StepBar([10] * 4, run) as bar:  # interrupted: it stays as it is
        pass
    assert (bar.bar.n, bar.bar.total) == (8, 12)
