"""Fine-tuning the real small model on a few texts, and going on after an interrupt."""

import ast
import inspect
import re
import shutil
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from real_model import (
    copy_of_minilm,
    fine_tune,
    minilm_folder,
    new_classifier,
    small_set,
    tokenizer,
    weights,
)
from stop_button import press_at
from transformers import BertConfig, BertForSequenceClassification

import course_utils
from course_utils import LabeledTexts, settings
from course_utils.errors import CheckpointNotFound, DataError, DeviceUnavailable
from course_utils.model import training
from course_utils.model.history import History
from course_utils.model.run_state import RunState


def go_on(model, history, data=None):
    return training.go_on(model, tokenizer(), data or small_set(), None, history)


def predict(model):
    return course_utils.predict(model, tokenizer(), small_set().texts)


@pytest.fixture
def recorder(monkeypatch):
    """Notes the learning rate and the norm of the gradient at each step of the optimizer."""
    steps = []

    class Recorder(torch.optim.AdamW):
        def step(self, *args, **kwargs):
            group = self.param_groups[0]
            norms = [p.grad.norm() for p in group["params"] if p.grad is not None]
            steps.append((group["lr"], torch.stack(norms).norm().item()))
            return super().step(*args, **kwargs)

    monkeypatch.setattr(torch.optim, "AdamW", Recorder)
    return steps


@pytest.fixture
def interrupt(monkeypatch):
    """Presses the stop button in the middle of the step that it is given."""
    return lambda step: press_at(monkeypatch, step)


# --- the loop ---


def test_the_loop_is_short():
    """All of `fine_tune` that is no docstring: 46 lines, the turn that it takes included."""
    lines = 0
    for function in (course_utils.fine_tune, training.go_on, training._train):
        source = textwrap.dedent(inspect.getsource(function))
        body = ast.parse(source).body[0].body[1:]  # without the docstring
        shown = source.splitlines()[body[0].lineno - 1 : body[-1].end_lineno]
        lines += len([line for line in shown if line.strip()])
    assert lines <= 49


def test_loss_falls_and_the_history_tells_it():
    model = new_classifier()
    data = small_set()
    history = fine_tune(model, data, validation=data, epochs=4, learning_rate=3e-4)
    assert len(history.losses) == 4 * 4
    assert np.mean(history.losses[-4:]) < 0.5 * np.mean(history.losses[:4])
    assert len(history.validation_accuracies) == 4
    assert history.validation_accuracies[-1] >= 0.9
    assert (history.texts, history.epochs, history.seed) == (16, 4, 0)
    assert history.learning_rate == 3e-4
    assert history.seconds > 0
    assert not history.interrupted
    assert repr(history).startswith("16 steps on 16 texts, loss from 0.")


def test_head_and_encoder_change_and_the_model_is_ready_to_predict():
    model = new_classifier()
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    fine_tune(model)
    unchanged = [n for n, weight in model.named_parameters() if torch.equal(weight, before[n])]
    assert unchanged == []
    assert not any(module.training for module in model.modules())
    assert {weight.device.type for weight in model.parameters()} == {"cpu"}
    assert all(weight.grad is None for weight in model.parameters())


def test_frozen_weights_stay_as_they_are():
    model = new_classifier()
    model.bert.requires_grad_(False)
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    fine_tune(model)
    changed = [n for n, weight in model.named_parameters() if not torch.equal(weight, before[n])]
    assert changed == ["classifier.weight", "classifier.bias"]


def test_same_seed_same_weights():
    trained = []
    for seed in (1, 1, 2):
        model = new_classifier()
        history = fine_tune(model, small_set(), seed=seed)
        trained.append((weights(model), history.losses))
    assert torch.equal(trained[0][0], trained[1][0])
    assert trained[0][1] == trained[1][1]
    assert not torch.equal(trained[0][0], trained[2][0])
    assert trained[0][1] != trained[2][1]


def test_validation_does_not_change_what_is_learned():
    with_it, without, data = new_classifier(), new_classifier(), small_set().sample(4)
    losses = fine_tune(with_it, data, validation=data).losses
    assert losses == fine_tune(without, data).losses
    assert torch.equal(weights(with_it), weights(without))
    first, again = (fine_tune(new_classifier(), data, validation=v, epochs=2) for v in (data, None))
    assert first.losses == again.losses


def test_dropout_is_on_while_it_learns_and_off_while_it_is_measured():
    model = new_classifier()
    modes = []
    model.register_forward_pre_hook(
        lambda module, args, kwargs: modes.append(("labels" in kwargs, module.training)),
        with_kwargs=True,
    )
    fine_tune(model, validation=small_set().sample(2), epochs=2)
    assert modes == 2 * (4 * [(True, True)] + [(False, False)])


def test_gradients_of_earlier_batches_are_gone():
    model = new_classifier()
    left = []
    model.register_forward_pre_hook(lambda *_: left.append(model.classifier.weight.grad))
    fine_tune(model, small_set().sample(8))
    assert left == [None, None]


def test_every_batch_has_its_mask():
    model = new_classifier()
    masks = []
    model.register_forward_pre_hook(
        lambda module, args, kwargs: masks.append((kwargs["input_ids"], kwargs["attention_mask"])),
        with_kwargs=True,
    )
    fine_tune(model)
    assert all(torch.equal(mask, (ids != 0).long()) for ids, mask in masks)
    assert any((mask == 0).any() for _, mask in masks)


def test_learning_rate_warms_up_and_falls_to_zero(recorder):
    fine_tune(new_classifier(), epochs=2, warmup=0.25)
    rising, falling = [0, 5e-5], [1e-4 * (8 - step) / 6 for step in range(2, 8)]
    assert [rate for rate, _ in recorder] == pytest.approx(rising + falling)


def test_gradients_are_clipped(recorder):
    model = new_classifier()
    with torch.no_grad():
        model.classifier.weight *= 100  # so that the gradients are large
    fine_tune(model)
    assert [norm for _, norm in recorder] == pytest.approx([1] * 4, abs=1e-3)


def test_learning_rate_suits_the_checkpoint(monkeypatch, tmp_path):
    mine = tmp_path / "mine"
    new_classifier().save_pretrained(mine)
    about = BertConfig.from_pretrained(mine)
    del about.course_checkpoint
    about.save_pretrained(mine)
    shutil.copyfile(minilm_folder() / "vocab.txt", mine / "vocab.txt")
    # a folder that this course did not make
    unknown = course_utils.load_classifier(mine, quiet=True)
    assert re.fullmatch("mine-[0-9a-f]{8}", unknown.config.course_checkpoint)
    assert training.default_learning_rate(unknown) == 2e-5
    monkeypatch.setattr(settings, "_settings", settings.Settings("someone/bert", "default", "cpu"))
    # a model knows where it comes from, whatever the switch says now; and so does its copy on disk
    model = new_classifier()
    assert training.default_learning_rate(model) == 1e-4
    model.save_pretrained(tmp_path)
    monkeypatch.setattr(settings, "_settings", settings.Settings("minilm", "default", "cpu"))
    other = BertForSequenceClassification.from_pretrained(minilm_folder())
    assert training.default_learning_rate(other) == 2e-5  # nothing is noted: the switch is silent
    other.config.course_checkpoint = "bert-base-uncased"
    assert training.default_learning_rate(other) == 2e-5
    assert BertConfig.from_pretrained(tmp_path).course_checkpoint == "minilm"
    model.config.course_checkpoint = "bert-base-uncased"
    assert course_utils.fine_tune(model, tokenizer(), small_set()).learning_rate == 2e-5


def test_a_folder_called_minilm_is_not_minilm(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    copy_of_minilm(tmp_path / "minilm")
    for name in ("./minilm", str(tmp_path / "minilm"), Path("minilm"), tmp_path / "minilm"):
        for load in (course_utils.load_scratch_twin, course_utils.load_classifier):
            model = load(name)
            assert re.fullmatch("minilm-[0-9a-f]{8}", model.config.course_checkpoint), name
            assert training.default_learning_rate(model) == 2e-5
    with pytest.raises(CheckpointNotFound, match="'./minilm' has no language-modelling head"):
        course_utils.load_masked_lm(Path("minilm"))
    assert new_classifier().config.course_checkpoint == "minilm"  # without a slash: our own


def test_without_dropout_every_forward_pass_is_the_same():
    shares = []
    model = new_classifier()
    model.register_forward_pre_hook(
        lambda used, _: shares.append(
            {m.p for m in used.modules() if isinstance(m, torch.nn.Dropout)}
        )
    )
    first = fine_tune(model, small_set().sample(8)).losses
    assert shares == [{0.0}] * 2
    assert {m.p for m in model.modules() if isinstance(m, torch.nn.Dropout)} == {0.1}  # as before
    assert model.config.hidden_dropout_prob == 0.1
    other = new_classifier()
    assert first == fine_tune(other, small_set().sample(8)).losses
    assert first != fine_tune(new_classifier(), small_set().sample(8), dropout=True).losses


def test_of_several_epochs_the_best_is_kept(monkeypatch):
    """The second of three epochs is called the best; the model must end with its weights."""
    seen, accuracies = [], iter([0.5, 0.9, 0.9])

    def scores_on(model, *_, **__):
        seen.append(weights(model))
        return (next(accuracies),)

    monkeypatch.setattr(training, "scores_on", scores_on)
    model = new_classifier()
    history = fine_tune(model, small_set().sample(8), validation=small_set(), epochs=3)
    assert history.best_epoch == 2
    assert torch.equal(weights(model), seen[1])
    assert not torch.equal(weights(model), seen[2])


def test_without_validation_there_is_no_best_epoch():
    assert fine_tune(new_classifier(), small_set().sample(4)).best_epoch is None


def test_three_classes():
    names = ("business", "sport", "tech")
    data = LabeledTexts(["shares fell", "they won", "a new phone"] * 2, [0, 1, 2] * 2, names)
    history = fine_tune(new_classifier(label_names=names), data, validation=data)
    assert len(history.losses) == 2


# --- the stop button ---


def test_interrupt_keeps_a_model_that_can_be_used(interrupt, capsys):
    model = new_classifier()
    before = weights(model)
    interrupt(3)
    history = fine_tune(model, epochs=2)
    assert history.interrupted
    assert len(history.losses) == 2
    assert "Interrupted after 2 of 8 steps. The model is usable." in capsys.readouterr().out
    assert repr(history).endswith(", interrupted")
    assert not torch.equal(weights(model), before)  # it keeps what it learned
    assert torch.isfinite(weights(model)).all()
    assert not model.training
    assert predict(model).shape == (16, 2)


def test_interrupt_before_the_first_step(interrupt):
    interrupt(1)
    history = fine_tune(new_classifier())
    assert repr(history) == "0 steps on 16 texts, no loss before the first step, interrupted"


def test_interrupt_leaves_no_gradient_behind(interrupt, monkeypatch):
    """A gradient that was left behind would be added to the first one of the next run."""
    model = new_classifier()
    clip = interrupt(1)
    fine_tune(model)
    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", clip)
    fine_tune(model)
    fresh = new_classifier()
    fine_tune(fresh)
    assert torch.equal(weights(model), weights(fresh))


def test_second_call_goes_on_where_the_first_was_stopped(interrupt, monkeypatch):
    whole, model = new_classifier(), new_classifier()
    expected = fine_tune(whole, epochs=2)
    clip = interrupt(6)
    history = fine_tune(model, epochs=2)
    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", clip)
    again = go_on(model, history)
    assert again is history and not again.interrupted
    assert torch.allclose(weights(model), weights(whole), atol=1e-5)
    assert again.losses == pytest.approx(expected.losses, abs=1e-5)


class OnGPU(torch.Tensor):
    """A weight that says that it is on a GPU."""

    device = None


@pytest.mark.parametrize(("kind", "where"), [("cuda", [torch.device("cuda:1")]), ("mps", [])])
def test_random_numbers_of_a_gpu_go_on_too(monkeypatch, kind, where):
    """A GPU draws its dropout itself; here, the state of its generator is a number that rises."""
    asked, put_back, gpu = [], [], getattr(torch, kind)

    def get(*device):
        asked.append([*device])
        return torch.tensor([len(asked)])

    monkeypatch.setattr(gpu, "get_rng_state", get)
    monkeypatch.setattr(gpu, "set_rng_state", lambda *given: put_back.append([*given]))
    monkeypatch.setattr(OnGPU, "device", torch.device(kind, 1))

    def state_of(run, weight):
        optimizer = torch.optim.SGD([torch.zeros(1)])
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer)
        return RunState(run, {"weight": weight}, optimizer, schedule, (small_set(), None))

    run, weight = History(1e-4, 0, 16, 1), torch.ones(2).as_subclass(OnGPU)
    stopped = state_of(run, weight)
    stopped.note_step(0.7)
    stopped.interrupt()
    state = run.state
    state_of(run, weight)
    assert asked == [where] * 3  # at the start, after the step, and after going on
    assert put_back == [[torch.tensor([2]), *where]]
    run.state = state
    state_of(run, torch.ones(2))  # it may go on where there is no GPU
    assert len(put_back) == 1


def test_history_of_a_run_that_cannot_go_on(interrupt, monkeypatch):
    done = fine_tune(new_classifier())
    with pytest.raises(DataError, match="This run has come to its end: for more epochs"):
        go_on(new_classifier(), done)
    clip = interrupt(3)
    model = new_classifier()
    stopped = fine_tune(model)
    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", clip)
    with pytest.raises(DataError, match="The interrupted run belongs to another model"):
        go_on(new_classifier(), stopped)
    with pytest.raises(DataError, match="The run was interrupted on other texts"):
        go_on(model, stopped, small_set().sample(8))
    with pytest.raises(DataError, match="history is a list, expected the History of an interr"):
        go_on(model, [0.7])
    assert len(go_on(model, stopped).losses) == 4  # and still it can


def test_stop_button_during_an_update_waits_for_its_end(monkeypatch):
    """The signal arrives inside the optimizer: the step is made, and only then the run stops."""
    import signal

    step, calls = torch.optim.AdamW.step, []

    def step_and_stop(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            signal.raise_signal(signal.SIGINT)
        return step(self, *args, **kwargs)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background
    monkeypatch.setattr(torch.optim.AdamW, "step", step_and_stop)
    try:
        history = fine_tune(new_classifier())
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert history.interrupted
    assert len(history.losses) == len(calls) == 2


def test_interrupt_while_it_is_measured(monkeypatch):
    model = new_classifier()

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("course_utils.model.prediction.predict", stop)
    history = fine_tune(model, validation=small_set(), epochs=2)
    assert history.interrupted
    assert (len(history.losses), history.validation_accuracies) == (4, [])
    assert not model.training


# --- what it refuses, before anything is changed ---

THREE_CLASSES = LabeledTexts(["a", "b", "c"], [0, 1, 2], ("x", "y", "z"))
OTHER_NAMES = LabeledTexts(["a", "b"], [0, 1], ("complaint", "praise"))
OTHER_ORDER = LabeledTexts(["a", "b"], [0, 1], ("positive", "negative"))


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"data": ["good", "bad"]}, DataError, "train is a list, expected LabeledTexts: for lists"),
        (
            {"data": THREE_CLASSES},
            DataError,
            "train has the labels x, y, z, the head of the model has ",
        ),
        ({"validation": THREE_CLASSES}, DataError, "validation has the labels x, y, z, the head"),
        ({"data": OTHER_NAMES}, DataError, "train has the labels complaint, praise, the head of t"),
        ({"data": OTHER_ORDER}, DataError, "train has the labels positive, negative, the head of"),
        ({"validation": ["good", "bad"]}, DataError, "validation is a list, expected LabeledTexts"),
        ({"epochs": 0}, DataError, "epochs=0: expected a whole number from 1 on"),
        ({"epochs": 1.5}, DataError, "epochs=1.5: expected a whole number from 1 on"),
        ({"learning_rate": 0}, DataError, "learning_rate=0: expected a number between 0 and 1"),
        ({"learning_rate": 5}, DataError, "learning_rate=5: expected a number between 0 and 1"),
        ({"learning_rate": "1e-4"}, DataError, "learning_rate='1e-4': expected a number between"),
        ({"warmup": 3}, DataError, "warmup=3: expected"),
        ({"batch_size": 0}, DataError, "batch_size=0: expected a whole number from 1 on"),
        ({"max_length": 600}, DataError, "max_length=600: expected a whole number of tokens"),
        (
            {"patience": 1},
            DataError,
            "patience=1 waits for a better epoch, and only validation can",
        ),
        (
            {"patience": 0, "validation": small_set()},
            DataError,
            "patience=0: expected None, or a whole number of epochs from 1 on",
        ),
        (
            {"patience": 1.5, "validation": small_set()},
            DataError,
            "patience=1.5: expected None, or",
        ),
        ({"class_weights": {"good": 2}}, DataError, "class_weights names 'good', expected labels"),
        ({"device": "cuda"}, DeviceUnavailable, "device='cuda' was asked for, but PyTorch"),
    ],
)
def test_wrong_arguments(monkeypatch, options, error, sentence):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    model = new_classifier()
    before = weights(model)
    start = time.perf_counter()
    with pytest.raises(error) as caught:
        fine_tune(model, **options)
    assert str(caught.value).startswith(sentence)
    assert time.perf_counter() - start < 3
    assert torch.equal(weights(model), before)


def test_an_encoder_is_no_classifier():
    with pytest.raises(DataError, match="^Expected a BERT with a head that classifies, found a B"):
        fine_tune(course_utils.load_encoder("minilm"))


def test_nothing_to_train():
    model = new_classifier()
    model.requires_grad_(False)
    with pytest.raises(DataError, match="^Every weight of this model is frozen, so nothing can"):
        fine_tune(model)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (1, "1 step on 960 texts, loss from 1.000 (first step) to 1.000 (last)"),
        (9, "9 steps on 960 texts, loss from 2.500 (first four steps) to 7.500 (last four)"),
        (19, "19 steps on 960 texts, loss from 5.000 (first nine steps) to 15.000 (last nine)"),
        (30, "30 steps on 960 texts, loss from 5.500 (first ten steps) to 25.500 (last ten)"),
    ],
)
def test_a_history_tells_as_many_steps_as_there_are(steps, said):
    losses = [float(step) for step in range(1, steps + 1)]
    assert repr(History(1e-4, 0, 960, 1, losses=losses)) == said


def test_a_whole_number_of_numpy_is_one():
    numbers = [np.int64(2), np.int32(4), np.uint8(40)]
    run = History(1e-4, 0, 16, numbers[0], numbers[1], numbers[2], patience=numbers[0])
    found = [run.epochs, run.batch_size, run.max_length, run.patience]
    assert found == [2, 4, 40, 2] and {type(number) for number in found} == {int}  # as JSON wants


def test_a_history_knows_the_number_of_classes():
    names = ("a", "b", "c", "d", "e")
    data = course_utils.LabeledTexts([f"text {name}" for name in names], range(5), names)
    assert fine_tune(new_classifier(label_names=names), data).classes == 5


def test_texts_of_one_label_teach_nothing():
    same = course_utils.LabeledTexts(["a good film", "a fine film"], [1, 1])
    with pytest.raises(DataError, match="All texts of train have one label only, positive: bring"):
        fine_tune(new_classifier(), same)


def test_a_head_without_names_takes_any():
    model = BertForSequenceClassification.from_pretrained(minilm_folder(), num_labels=2)
    assert fine_tune(model, small_set()).losses
