"""Fine-tuning the real small model on a few texts; saving it, and loading it again."""

import ast
import inspect
import json
import os
import textwrap
import time

import numpy as np
import pytest
import torch
from real_model import new_classifier, small_set, tokenizer

import course_utils
from course_utils import LabeledTexts, settings, training
from course_utils.errors import (
    CheckpointNotFound,
    CourseError,
    DamagedFile,
    DataError,
    DeviceUnavailable,
)


def fine_tune(model, data=None, **options):
    options = {"batch_size": 4, "learning_rate": 1e-4} | options
    return course_utils.fine_tune(model, tokenizer(), data or small_set(), **options)


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
    """Presses the stop button in the middle of a step: the gradient is there, the update not."""

    def at(step):
        clip, calls = torch.nn.utils.clip_grad_norm_, []

        def clip_and_stop(*args, **kwargs):
            calls.append(1)
            if len(calls) == step:
                raise KeyboardInterrupt
            return clip(*args, **kwargs)

        monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", clip_and_stop)
        return clip

    return at


# --- the loop ---


def test_body_is_at_most_40_lines():
    source = textwrap.dedent(inspect.getsource(course_utils.fine_tune))
    body = ast.parse(source).body[0].body[1:]  # without the docstring
    lines = source.splitlines()[body[0].lineno - 1 : body[-1].end_lineno]
    assert len([line for line in lines if line.strip()]) <= 40


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


def weights(model):
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


def test_same_seed_same_weights():
    trained = []
    for seed in (1, 1, 2):
        model = new_classifier()
        history = fine_tune(model, small_set().sample(8), seed=seed)
        trained.append((weights(model), history.losses))
    assert torch.equal(trained[0][0], trained[1][0])
    assert trained[0][1] == trained[1][1]
    assert not torch.equal(trained[0][0], trained[2][0])
    assert trained[0][1] != trained[2][1]


def test_validation_does_not_change_what_is_learned():
    with_it, without, data = new_classifier(), new_classifier(), small_set().sample(4)
    fine_tune(with_it, data, validation=data, epochs=2)
    fine_tune(without, data, epochs=2)
    assert torch.equal(weights(with_it), weights(without))


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


def test_learning_rate_suits_the_checkpoint(monkeypatch):
    assert training.default_learning_rate() == 1e-4
    for checkpoint in ("bert-base-uncased", "someone/tiny-bert"):
        monkeypatch.setattr(settings, "_settings", settings.Settings(checkpoint, "default", "cpu"))
        assert training.default_learning_rate() == 2e-5


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


def test_interrupt_while_it_is_measured(monkeypatch):
    model = new_classifier()

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("course_utils.evaluation.predict", stop)
    history = fine_tune(model, validation=small_set(), epochs=2)
    assert history.interrupted
    assert (len(history.losses), history.validation_accuracies) == (4, [])
    assert not model.training


# --- what it refuses, before anything is changed ---

THREE_CLASSES = LabeledTexts(["a", "b", "c"], [0, 1, 2], ("x", "y", "z"))


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"data": ["good", "bad"]}, DataError, "train is a list, expected LabeledTexts: for lists"),
        ({"data": THREE_CLASSES}, DataError, "The data has 3 classes, the head of the model has 2"),
        ({"validation": THREE_CLASSES}, DataError, "The data has 3 classes, the"),
        ({"validation": ["good", "bad"]}, DataError, "validation is a list, expected LabeledTexts"),
        ({"epochs": 0}, DataError, "epochs=0: expected a whole number from 1 on"),
        ({"epochs": 1.5}, DataError, "epochs=1.5: expected a whole number from 1 on"),
        ({"learning_rate": 0}, DataError, "learning_rate=0: expected a number between 0 and 1"),
        ({"learning_rate": 5}, DataError, "learning_rate=5: expected a number between 0 and 1"),
        ({"learning_rate": "1e-4"}, DataError, "learning_rate='1e-4': expected a number between"),
        ({"warmup": 3}, DataError, "warmup=3: expected"),
        ({"batch_size": 0}, DataError, "batch_size=0: expected a whole number from 1 on"),
        ({"max_length": 600}, DataError, "max_length=600: expected a whole number of tokens"),
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


# --- save and load ---


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A folder of its own for the models of one test."""
    monkeypatch.setenv("COURSE_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(settings, "_settings", settings.Settings("minilm", "default", "cpu"))
    return tmp_path / "models"


@pytest.fixture(scope="module")
def trained():
    """A fine-tuned model, which no test may change, and its history."""
    model = new_classifier(label_names=("bad", "good"))
    data = LabeledTexts(small_set().texts, small_set().labels, ("bad", "good"))
    return model, fine_tune(model, data)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_saved_and_loaded_it_predicts_the_same_bit_by_bit(models, trained, capsys):
    model, history = trained
    course_utils.save("mine", model, tokenizer(), history)
    printed = capsys.readouterr().out
    assert printed == "Saved 'mine' (92 MB): safetensors weights, tokenizer, label names.\n"
    again, its_tokenizer = course_utils.load("mine")
    np.testing.assert_array_equal(predict(again), predict(model))
    assert torch.equal(weights(again), weights(model))
    assert again.config.id2label == {0: "bad", 1: "good"}
    assert not again.training
    assert all(weight.dtype == torch.float32 for weight in again.parameters())
    texts = ["I had an AWESOME day!", "film " * 300]
    ids, its_ids = (
        either(texts, truncation=True, max_length=64)["input_ids"]
        for either in (tokenizer(), its_tokenizer)
    )
    assert ids == its_ids


def test_save_leaves_one_folder_with_safe_files(models, trained):
    model, history = trained
    for _ in range(2):  # the second replaces the first
        course_utils.save("mine", model, tokenizer(), history)
    assert names_in(models) == ["mine-minilm-default"]
    files = names_in(models / "mine-minilm-default")
    assert {"config.json", "model.safetensors", "tokenizer.json", "history.json"} <= set(files)
    assert not [name for name in files if name.endswith((".bin", ".pkl", ".pt", ".py"))]
    stored = json.loads((models / "mine-minilm-default" / "history.json").read_text())
    assert stored["losses"] == history.losses


def test_folder_of_ones_own(models, trained, tmp_path):
    course_utils.save(str(tmp_path / "here"), trained[0], tokenizer())
    again, _ = course_utils.load(str(tmp_path / "here"))
    assert torch.equal(weights(again), weights(trained[0]))
    assert not models.exists()
    assert "history.json" not in names_in(tmp_path / "here")


def test_each_checkpoint_and_size_has_its_own_folder(models, monkeypatch):
    folders = set()
    for checkpoint in ("minilm", "someone/tiny-bert"):
        for size in settings.SIZES:
            switches = settings.Settings(checkpoint, size, "cpu")
            monkeypatch.setattr(settings, "_settings", switches)
            folders.add(training.model_folder("reviews"))
    assert len(folders) == 4
    assert {folder.parent for folder in folders} == {models}


@pytest.fixture
def older(models, trained):
    """An older save under the name `mine`; returns what it holds."""
    course_utils.save("mine", trained[0], tokenizer())
    folder = models / "mine-minilm-default"
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def assert_older_save_is_intact(models, older):
    assert names_in(models) == ["mine-minilm-default"]
    folder = models / "mine-minilm-default"
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == older
    assert course_utils.load("mine")[0].num_labels == 2


def test_disk_that_is_full(models, older, trained, monkeypatch):
    model, history = trained

    def half_a_save(folder):
        (folder / "model.safetensors").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model, "save_pretrained", half_a_save)
    with pytest.raises(CourseError) as caught:
        course_utils.save("mine", model, tokenizer(), history)
    assert str(caught.value) == (
        "'mine' could not be saved (No space left on device): free some disk space, "
        "or choose another folder. An older save is as it was."
    )
    assert_older_save_is_intact(models, older)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of a file")
def test_disk_that_is_really_full(models, older, trained):
    """The operating system refuses to write more than 10 MB, as it does when a disk is full."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000_000, before[1]))
    try:
        with pytest.raises(CourseError, match="'mine' could not be saved"):
            course_utils.save("mine", trained[0], tokenizer())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert_older_save_is_intact(models, older)


def test_last_step_of_a_save_fails(models, older, trained, monkeypatch):
    """The older save has been moved aside, and the new one cannot take its place."""
    from pathlib import Path

    rename = Path.rename

    def refuse_new(path, target):
        if path.name.endswith(".new"):
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse_new)
    with pytest.raises(CourseError, match="An older save is as it was"):
        course_utils.save("mine", trained[0], tokenizer())
    assert_older_save_is_intact(models, older)


def test_interrupt_while_saving(models, older, trained, monkeypatch):
    model, _ = trained

    def stop(folder):
        (folder / "model.safetensors").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(model, "save_pretrained", stop)
    with pytest.raises(KeyboardInterrupt):
        course_utils.save("mine", model, tokenizer())
    assert_older_save_is_intact(models, older)


def test_folder_that_cannot_be_made(models, trained, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("COURSE_MODELS", str(tmp_path / "file"))
    with pytest.raises(CourseError, match="'mine' could not be saved .* choose another folder"):
        course_utils.save("mine", trained[0], tokenizer())
    assert names_in(tmp_path) == ["file"]


def test_folder_that_may_not_be_written(models, trained):
    models.mkdir()
    models.chmod(0o500)
    try:
        if os.access(models, os.W_OK):
            pytest.skip("this user may write everywhere")
        with pytest.raises(CourseError, match="could not be saved .Permission denied."):
            course_utils.save("mine", trained[0], tokenizer())
    finally:
        models.chmod(0o700)
    assert names_in(models) == []


def test_load_what_was_never_saved(models):
    with pytest.raises(CheckpointNotFound) as caught:
        course_utils.load("mine")
    assert str(caught.value) == (
        "Nothing is saved under 'mine' for these switches: "
        'call save("mine", model, tokenizer) first.'
    )


def test_load_damaged_weights(models, older):
    path = models / "mine-minilm-default" / "model.safetensors"
    path.write_bytes(older["model.safetensors"][:5_000_000])
    with pytest.raises(DamagedFile, match="weights in mine-minilm-default cannot be read"):
        course_utils.load("mine")


def test_load_without_weights(models, older):
    (models / "mine-minilm-default" / "model.safetensors").unlink()
    with pytest.raises(CourseError, match="'mine' has no model.safetensors"):
        course_utils.load("mine")


def test_load_an_encoder_without_a_head(models, trained, tmp_path):
    course_utils.save("mine", trained[0].bert, tokenizer())
    with pytest.raises(DamagedFile, match="'mine' was saved without its head: fine-tune and save"):
        course_utils.load("mine")


# --- load_or_train ---


@pytest.fixture
def few_reviews(models, monkeypatch):
    """load_or_train takes a small set for the reviews; returns how often it asked for them."""
    asked = []

    def load_reviews(quiet=False):
        asked.append(quiet)
        return small_set(), None, None

    monkeypatch.setattr(training, "load_reviews", load_reviews)
    return asked


def test_load_or_train_cold_and_warm(models, few_reviews, capsys):
    cold, its_tokenizer = course_utils.load_or_train("reviews")
    assert capsys.readouterr().out.startswith(
        "No model is saved yet: fine-tuning one on 16 reviews, as notebook 05 does."
    )
    assert few_reviews == [True]
    assert names_in(models) == ["reviews-minilm-default"]

    warm, _ = course_utils.load_or_train()
    assert "Loading the model that you saved in notebook 05 (16 texts" in capsys.readouterr().out
    assert len(few_reviews) == 1  # it did not train again
    np.testing.assert_array_equal(predict(warm), predict(cold))
    assert its_tokenizer.tokenize("Awesome!") == ["awesome", "!"]
    assert not warm.training and not cold.training

    by_hand = course_utils.load_classifier(quiet=True)
    course_utils.fine_tune(by_hand, tokenizer(), small_set())
    assert torch.equal(weights(by_hand), weights(cold))  # the recipe of notebook 05


def test_load_or_train_keeps_nothing_when_it_is_interrupted(models, few_reviews, interrupt):
    interrupt(1)
    model, _ = course_utils.load_or_train()
    assert predict(model).shape == (16, 2)
    assert not models.exists()


def test_load_or_train_tells_of_a_damaged_save(models, few_reviews, trained):
    course_utils.save("reviews", trained[0], tokenizer())
    (models / "reviews-minilm-default" / "model.safetensors").write_bytes(b"")
    with pytest.raises(DamagedFile, match="weights in reviews-minilm-default cannot be read"):
        course_utils.load_or_train()
    assert few_reviews == []


def test_load_or_train_without_a_recipe(models):
    with pytest.raises(CheckpointNotFound, match="no recipe for 'news': the course has 'reviews'"):
        course_utils.load_or_train("news")
