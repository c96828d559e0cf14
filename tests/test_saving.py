"""Saving a fine-tuned model, loading it again, and going on with a run that was interrupted."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from real_model import fine_tune, new_classifier, small_set, tokenizer, weights
from safetensors.torch import load_file, save_file
from stop_button import press_at

import course_utils
from course_utils import LabeledTexts, settings
from course_utils.errors import CheckpointNotFound, CourseError, DamagedFile, DataError
from course_utils.lessons import your_model
from course_utils.model import run_state as run_files
from course_utils.model import save_folder, saving

ROOT = Path(__file__).resolve().parent.parent


def predict(model):
    return course_utils.predict(model, tokenizer(), small_set().texts)


# --- save and load ---


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
    assert {"config.json", "model.safetensors", "tokenizer.json", "course.json"} <= set(files)
    assert not [name for name in files if name.endswith((".bin", ".pkl", ".pt", ".py"))]
    about = json.loads((models / "mine-minilm-default" / "course.json").read_text())
    assert about["label_names"] == ["bad", "good"]
    assert (about["checkpoint"], about["size"]) == ("minilm", "default")
    assert set(about["versions"]) == {"torch", "transformers"}
    assert about["history"]["losses"] == history.losses
    assert about["history"]["learning_rate"] == 1e-4
    assert "unfinished" not in about


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_colleague_can_read_each_file_of_the_mode_that_new_ones_have(trained, tmp_path):
    before = os.umask(0o022)
    try:
        course_utils.save(str(tmp_path / "mine"), trained[0], tokenizer())
    finally:
        os.umask(before)
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "mine").iterdir()}
    assert "model.safetensors" in modes and set(modes.values()) == {"0o644"}


def test_folder_of_ones_own(models, trained, tmp_path):
    course_utils.save(str(tmp_path / "here"), trained[0], tokenizer())
    again, _ = course_utils.load(str(tmp_path / "here"))
    assert torch.equal(weights(again), weights(trained[0]))
    assert not models.exists()
    assert "history" not in json.loads((tmp_path / "here" / "course.json").read_text())


def test_students_own_folders_beside_a_save_stay(trained, tmp_path, monkeypatch):
    model, _ = trained
    for name in ("mybert.new", "mybert.old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "notes.txt").write_text("mine")
    save_pretrained = model.save_pretrained

    def full(folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model, "save_pretrained", full)
    with pytest.raises(CourseError, match="could not be saved"):
        course_utils.save(str(tmp_path / "mybert"), model, tokenizer())
    assert names_in(tmp_path) == ["mybert.new", "mybert.old"]
    monkeypatch.setattr(model, "save_pretrained", save_pretrained)
    for _ in range(2):  # the second replaces the first
        course_utils.save(str(tmp_path / "mybert"), model, tokenizer())
    assert names_in(tmp_path) == ["mybert", "mybert.new", "mybert.old"]
    assert all(
        (tmp_path / name / "notes.txt").read_text() == "mine"
        for name in ("mybert.new", "mybert.old")
    )


MINE = {"notes.txt": "mine", "data/reviews.csv": "text,label", ".git/HEAD": "ref: refs/heads/main"}


def put_files_of_ones_own(folder, files=None):
    for name, content in (files or MINE).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def assert_files_of_ones_own_are_there(folder):
    assert {name: (folder / name).read_text() for name in MINE} == MINE


@pytest.mark.parametrize(
    "more",
    [
        {"model.safetensors": "", "config.json": "{}"},  # a save of transformers
        {"model.safetensors": "", "config.json": "{}", "course.json": '{"python": "3.11"}'},
        {"course.json": "[]"},
        {"course.json": "{"},
        {},
    ],
)
def test_a_folder_that_save_did_not_make_is_never_replaced(trained, tmp_path, more):
    put_files_of_ones_own(tmp_path / "here", MINE | more)
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}
    with pytest.raises(CourseError, match="'here' holds other files already, and saving would rep"):
        course_utils.save(str(tmp_path / "here"), trained[0], tokenizer())
    assert {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")} == before


def test_an_empty_folder_may_be_taken(trained, tmp_path):
    (tmp_path / "here").mkdir()
    course_utils.save(str(tmp_path / "here"), trained[0], tokenizer())
    assert names_in(tmp_path) == ["here"]


@pytest.mark.parametrize("listed", [True, False])
def test_what_a_student_put_into_a_save_outlives_the_next(models, trained, listed):
    for _ in range(2):
        course_utils.save("mine", trained[0], tokenizer())
        folder = models / "mine-minilm-default"
        put_files_of_ones_own(folder)
        if not listed:  # an earlier version did not list what it wrote
            about = json.loads((folder / saving.ABOUT).read_text())
            del about["files"]
            (folder / saving.ABOUT).write_text(json.dumps(about))
    course_utils.save("mine", trained[0], tokenizer())
    assert names_in(models) == ["mine-minilm-default"]
    assert_files_of_ones_own_are_there(folder)
    course_utils.load("mine")


def test_ones_own_file_with_a_name_that_save_needs(models, older, trained):
    folder = models / "mine-minilm-default"
    about = json.loads((folder / saving.ABOUT).read_text())
    about["files"].remove("tokenizer.json")  # so it counts as the student's
    (folder / saving.ABOUT).write_text(json.dumps(about))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(CourseError, match=r"did not write them \(tokenizer.json\): move them"):
        course_utils.save("mine", trained[0], tokenizer())
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert names_in(models) == ["mine-minilm-default"]


def test_files_of_ones_own_that_cannot_be_moved(models, older, trained, monkeypatch, capsys):
    """As on Windows while another program has them open; the next save moves them."""
    folder, rename = models / "mine-minilm-default", Path.rename
    put_files_of_ones_own(folder)

    def refuse_notes(path, target):
        if path.name == "notes.txt":
            raise PermissionError(13, "in use")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse_notes)
    course_utils.save("mine", trained[0], tokenizer())
    aside = next(models.glob(".mine*.old"))
    assert (
        f"Not moved (in use, or there already): notes.txt. For now look in the folder {aside.name}."
        in (capsys.readouterr().out)
    )
    monkeypatch.setattr(Path, "rename", rename)
    os.utime(aside, (1, 1))
    course_utils.save("mine", trained[0], tokenizer())
    assert names_in(models) == ["mine-minilm-default"]
    assert_files_of_ones_own_are_there(folder)


def test_each_checkpoint_and_size_has_its_own_folder(models, monkeypatch):
    folders = set()
    for checkpoint in ("minilm", "someone/tiny-bert"):
        for size in settings.SIZES:
            switches = settings.Settings(checkpoint, size, "cpu")
            monkeypatch.setattr(settings, "_settings", switches)
            folders.add(saving.model_folder("reviews"))
    assert len(folders) == 4
    assert {folder.parent for folder in folders} == {models}


def test_two_checkpoints_share_no_save(models, monkeypatch, tmp_path):
    """Wherever a folder called bert lies, and on the Hub; the names of older saves are kept."""
    for folder in ("here/bert", "here/google/bert", "bert", "my bert", "my+bert"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    near = ["./bert", "../bert", "~/bert", "/bert", "google/bert", "../my bert", "../my+bert"]
    checkpoints = [*near, "C:\\models\\bert", "models/google/bert", "minilm", "bert-base-uncased"]

    def folder_of(checkpoint):
        switches = settings.Settings(checkpoint, "default", "cpu")
        monkeypatch.setattr(settings, "_settings", switches)
        return saving.model_folder("reviews")

    folders = [folder_of(checkpoint) for checkpoint in checkpoints]
    assert len({folder.name.lower() for folder in folders}) == len(checkpoints)
    assert all(folder.parent == models for folder in folders)
    assert all(re.fullmatch(r"reviews-[\w.-]+-default", folder.name) for folder in folders)
    assert folder_of("bert") == folder_of(str(tmp_path / "here" / "bert")) == folders[0]
    known = ["reviews-minilm-default", "reviews-bert-base-uncased-default"]
    assert [folder.name for folder in folders[-2:]] == known
    (tmp_path / "here" / "minilm").mkdir()  # the course's own name goes before a folder
    assert folder_of("minilm").name == known[0]
    assert folder_of("someone/tiny-bert").name == "reviews-someone--tiny-bert-default"


def test_a_model_is_filed_under_its_own_checkpoint(models, trained, monkeypatch, capsys):
    """Not under the switch, which may have changed since it was loaded."""
    there = settings.Settings("someone/bert", "full", "cpu")
    monkeypatch.setattr(settings, "_settings", there)
    course_utils.save("mine", trained[0], tokenizer())
    assert names_in(models) == ["mine-minilm-full"]
    about = json.loads((models / "mine-minilm-full" / saving.ABOUT).read_text())
    assert (about["checkpoint"], about["size"]) == ("minilm", "full")
    path = (models / "mine-minilm-full").as_posix()
    assert (
        f'It comes from minilm, the switch says someone/bert: load("{path}") loads it.\n'
    ) in capsys.readouterr().out
    for name in ("mine-minilm", "mine2", "m[i]ne"):
        course_utils.save(name, trained[0], tokenizer())
    with pytest.raises(CheckpointNotFound) as caught:
        course_utils.load("mine")
    assert str(caught.value) == (
        "Nothing is saved under 'mine' for these switches: it was saved for checkpoint minilm, "
        f'size full (load("{path}") loads it). For these switches call save("mine", model, '
        "tokenizer) first."
    )
    course_utils.load(path)
    with pytest.raises(CheckpointNotFound, match="for these switches: it was saved for checkpoint"):
        course_utils.load("m[i]ne")


def test_a_model_of_a_folder_is_found_again(models, trained, tmp_path, monkeypatch):
    """Also if the folder is a save, whose own note says minilm: no other save is replaced."""
    course_utils.save("mine", trained[0], tokenizer())
    course_utils.save(str(tmp_path / "minilm"), trained[0], tokenizer())
    switches = settings.Settings(str(tmp_path / "minilm"), "default", "cpu")
    monkeypatch.setattr(settings, "_settings", switches)
    model = course_utils.load_classifier(label_names=("a", "b", "c"), quiet=True)
    course_utils.save("mine", model, tokenizer())
    assert len(names_in(models)) == 2
    assert course_utils.load("mine")[0].num_labels == 3
    monkeypatch.setattr(settings, "_settings", settings.Settings("minilm", "default", "cpu"))
    assert course_utils.load("mine")[0].num_labels == 2


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


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (PermissionError(13, "Permission denied"), CourseError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_last_step_of_a_save_fails(models, older, trained, monkeypatch, problem, error):
    """The older save has been moved aside, and the new one cannot take its place."""
    rename = Path.rename

    def refuse_new(path, target):
        if path.name.endswith(".save"):
            raise problem
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse_new)
    with pytest.raises(error) as caught:
        course_utils.save("mine", trained[0], tokenizer())
    assert error is KeyboardInterrupt or "An older save is as it was" in str(caught.value)
    assert_older_save_is_intact(models, older)


def test_a_killed_save_is_cleaned_up_by_the_next_one(models, trained):
    half, old, new, other = (
        models / f".{name}-minilm-default.{end}"
        for name, end in (
            ("mine", "0123abcd.save"),
            ("mine", "4567abcd.save.old"),
            ("mine", "89abcdef.save"),  # of another program, which is saving right now
            ("other", "0123abcd.save"),
        )
    )
    for folder in (half, old, new, other):
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(b"half")
        if folder is not new:
            os.utime(folder, (1, 1))
    course_utils.save("mine", trained[0], tokenizer())
    assert names_in(models) == sorted([new.name, other.name, "mine-minilm-default"])


def test_an_older_save_that_was_moved_aside_comes_back(models, trained, monkeypatch):
    """The program was killed between the two last steps of a save; and the next save fails."""
    course_utils.save("mine", trained[0], tokenizer())
    folder = models / "mine-minilm-default"
    put_files_of_ones_own(folder)
    folder.rename(models / ".mine-minilm-default.0123abcd.save.old")
    os.utime(models / ".mine-minilm-default.0123abcd.save.old", (1, 1))
    monkeypatch.setattr(trained[0], "save_pretrained", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        course_utils.save("mine", trained[0], tokenizer())
    assert names_in(models) == ["mine-minilm-default"]
    assert torch.equal(weights(course_utils.load("mine")[0]), weights(trained[0]))
    assert_files_of_ones_own_are_there(folder)


def test_a_killed_save_is_no_loss(models, older, trained):
    """The program was killed between the two last steps of a save: `load` finds the older one."""
    folder = models / "mine-minilm-default"
    aside = models / ".mine-minilm-default.0123abcd.save.old"
    folder.rename(aside)
    assert course_utils.load("mine")[0].num_labels == 2
    assert_older_save_is_intact(models, older)
    folder.rename(aside)
    (aside / "tokenizer.json").unlink()  # that is one which was half removed
    with pytest.raises(CheckpointNotFound, match="Nothing is saved under 'mine'"):
        course_utils.load("mine")


@pytest.mark.parametrize("jump", [-86_400, 86_400], ids=["back", "forward"])
def test_the_clock_jumps_after_a_kill(jump, models, older, monkeypatch):
    """`load` finds the older save, and does not wait for the clock to come round."""
    folder = models / "mine-minilm-default"
    aside = models / ".mine-minilm-default.0123abcd.save.old"
    folder.rename(aside)
    moment = time.time() - jump  # when it was moved aside, as the clock says now
    os.utime(aside, (moment, moment))
    waited = []
    monkeypatch.setattr(time, "sleep", waited.append)
    assert course_utils.load("mine")[0].num_labels == 2
    assert_older_save_is_intact(models, older)
    assert sum(waited) <= save_folder.AT_ONCE


def test_a_clock_that_jumps_all_the_time(models, trained, monkeypatch):
    """Training, saving and loading go on, and say that no time ran backwards."""
    real, jumps = time.time, itertools.cycle([0, 86_400, -86_400])
    monkeypatch.setattr(time, "time", lambda: real() + next(jumps))
    model = new_classifier(label_names=("bad", "good"))
    data = LabeledTexts(small_set().texts, small_set().labels, ("bad", "good"))
    history = fine_tune(model, data)
    assert torch.equal(weights(model), weights(trained[0])) and 0 < history.seconds < 3_600
    for _ in range(2):
        course_utils.save("mine", model, tokenizer(), history)
    assert torch.equal(weights(course_utils.load("mine")[0]), weights(model))
    assert names_in(models) == ["mine-minilm-default"]


def test_a_kill_while_an_older_save_is_removed(models, older, monkeypatch):
    """What was there says to the end which files are ours: none is kept as if it were yours."""
    folder, unlink, left = models / "mine-minilm-default", Path.unlink, []
    aside = Path(shutil.copytree(folder, models / ".mine-minilm-default.0123abcd.save.old"))

    def watch(path):
        left.append(save_folder.own_files(aside))
        unlink(path)

    monkeypatch.setattr(Path, "unlink", watch)
    save_folder.retire(aside, folder)
    assert left == [[]] * len(older) and not aside.exists()
    assert_older_save_is_intact(models, older)


def test_home_of_nobody():
    with pytest.raises(CourseError, match="'~nobody/x'"):
        course_utils.load("~nobody/x")


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
    with pytest.raises(DamagedFile, match="model.safetensors is not the file that save wrote"):
        course_utils.load("mine")


def test_load_without_weights(models, older):
    (models / "mine-minilm-default" / "model.safetensors").unlink()
    with pytest.raises(CourseError, match="'mine' has no model.safetensors"):
        course_utils.load("mine")


def test_load_an_encoder_without_a_head(models, older, trained):
    trained[0].bert.save_pretrained(models / "mine-minilm-default")
    (models / "mine-minilm-default" / saving.ABOUT).unlink()  # so nothing says that it was changed
    with pytest.raises(DamagedFile, match="'mine' was saved without its head: fine-tune and save"):
        course_utils.load("mine")


def test_save_what_nobody_could_load(models, trained):
    with pytest.raises(DataError, match="Expected a BERT with a head that classifies, found a B"):
        course_utils.save("mine", trained[0].bert, tokenizer())
    more = course_utils.load_tokenizer()
    more.add_tokens(["😃"])
    with pytest.raises(DataError, match="has 30,523 tokens, the model knows 30,522: after"):
        course_utils.save("mine", trained[0], more)
    assert not models.exists()


def test_load_a_folder_that_lies_here(models, trained, tmp_path, monkeypatch):
    """A short name is one of `models/`; `load_classifier` takes the same word for the folder."""
    monkeypatch.chdir(tmp_path)
    course_utils.save("./mine", trained[0], tokenizer())
    with pytest.raises(CheckpointNotFound) as caught:
        course_utils.load("mine")
    assert str(caught.value) == (
        "Nothing is saved under 'mine' for these switches: "
        'call save("mine", model, tokenizer) first. '
        'There is a folder of that name here, though: load("./mine") loads it.'
    )
    assert torch.equal(weights(course_utils.load("./mine")[0]), weights(trained[0]))


# --- resume ---

RECIPE = {"epochs": 3, "seed": 5, "dropout": True}


@pytest.fixture(scope="module")
def whole():
    """The weights and the history of a run that nobody stopped."""
    model = new_classifier()
    history = fine_tune(model, validation=small_set().sample(6), **RECIPE)
    return weights(model), history


@pytest.mark.parametrize("step", [1, 3, 7, 12])
def test_resumed_run_ends_like_one_that_nobody_stopped(models, whole, monkeypatch, step, capsys):
    model, validation = new_classifier(), small_set().sample(6)
    press_at(monkeypatch, step)
    stopped = fine_tune(model, validation=validation, **RECIPE)
    assert stopped.interrupted and len(stopped.losses) == step - 1
    course_utils.save("mine", model, tokenizer(), stopped)
    call = 'go on with resume("mine", train, validation).'
    assert f"The run was interrupted: {call}\n" in capsys.readouterr().out
    again, its_tokenizer, history = course_utils.resume("mine", small_set(), validation)
    assert f"Going on after {step - 1} steps." in capsys.readouterr().out
    assert torch.allclose(weights(again), whole[0], atol=1e-5)
    assert history.losses == pytest.approx(whole[1].losses, abs=1e-5)
    assert history.validation_accuracies == whole[1].validation_accuracies
    assert not history.interrupted and history.state is None
    assert its_tokenizer.tokenize("Awesome!") == ["awesome", "!"]


def test_frozen_weights_stay_frozen_after_resume(models, monkeypatch):
    model = new_classifier()
    course_utils.freeze(model, top_layers=1)
    press_at(monkeypatch, 2)
    course_utils.save("mine", model, tokenizer(), fine_tune(model))
    again, _, history = course_utils.resume("mine", small_set())
    assert len(history.losses) == 4
    frozen = {name for name, weight in again.named_parameters() if not weight.requires_grad}
    assert frozen == {name for name, w in model.named_parameters() if not w.requires_grad}
    assert torch.equal(again.bert.embeddings.word_embeddings.weight,
                       new_classifier().bert.embeddings.word_embeddings.weight)  # fmt: skip


def test_resume_in_another_process(models, whole, monkeypatch):
    model = new_classifier()
    press_at(monkeypatch, 7)
    validation = small_set().sample(6)
    course_utils.save("mine", model, tokenizer(), fine_tune(model, validation=validation, **RECIPE))
    program = (
        "import sys, torch; sys.path.insert(0, 'tests')\n"
        f"torch.set_num_threads({torch.get_num_threads()})\n"
        "import course_utils; from real_model import small_set\n"
        "model, t, h = course_utils.resume('mine', small_set(), small_set().sample(6))\n"
        "course_utils.save('mine', model, t, h)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True)
    assert torch.allclose(weights(course_utils.load("mine")[0]), whole[0], atol=1e-5)
    assert names_in(models) == ["mine-minilm-default"]
    assert run_files.UNFINISHED not in names_in(models / "mine-minilm-default")


@pytest.fixture
def half_done(models, monkeypatch):
    """The save of a run that was interrupted; returns its folder."""
    model = new_classifier()
    press_at(monkeypatch, 3)
    course_utils.save("mine", model, tokenizer(), fine_tune(model))
    return models / "mine-minilm-default"


def test_resume_what_an_earlier_version_saved(half_done):
    """It kept the random numbers of the CPU alone, and noted neither validation nor classes.

    Nor did it know patience and class weights.
    """
    tensors = load_file(half_done / run_files.UNFINISHED)
    tensors["random"] = tensors.pop("random/cpu")
    save_file(tensors, half_done / run_files.UNFINISHED)
    about = json.loads((half_done / saving.ABOUT).read_text())
    assert about["unfinished"].pop("validated") is False
    del about["unfinished"]["sha256"]
    assert about["history"].pop("classes") == 2
    later = ("patience", "class_weights", "validation_macro_f1s", "validation_losses")
    assert [about["history"].pop(name) for name in later] == [None, None, [], []]
    (half_done / saving.ABOUT).write_text(json.dumps(about))
    again, _, history = course_utils.resume("mine", small_set())
    assert history.classes == 2
    whole = new_classifier()
    assert history.losses == pytest.approx(fine_tune(whole).losses, abs=1e-5)
    assert torch.allclose(weights(again), weights(whole), atol=1e-5)


def test_resume_with_other_texts(half_done):
    other = small_set().sample(12)
    with pytest.raises(DataError, match="The run was interrupted on other texts: give the same"):
        course_utils.resume("mine", other)
    with pytest.raises(DataError, match="The run was interrupted on other texts"):
        course_utils.resume("mine", small_set(), validation=other)
    assert course_utils.resume("mine", small_set())[2].interrupted is False  # nothing was lost


def test_resume_what_has_come_to_its_end(models, trained):
    course_utils.save("mine", trained[0], tokenizer(), trained[1])
    with pytest.raises(CourseError, match=r"nothing to go on with: use it with load\("):
        course_utils.resume("mine", small_set())
    with pytest.raises(CheckpointNotFound, match="Nothing is saved under 'yours'"):
        course_utils.resume("yours", small_set())


def test_resume_from_a_damaged_save(half_done):
    path = half_done / run_files.UNFINISHED
    path.write_bytes(path.read_bytes()[:1_000_000])
    with pytest.raises(DamagedFile, match="unfinished.safetensors is not the file that save"):
        course_utils.resume("mine", small_set())
    assert course_utils.load("mine")[0].num_labels == 2  # the model itself is whole
    (half_done / saving.ABOUT).write_text('{"history": ')
    with pytest.raises(DamagedFile, match="course.json of 'mine' is not valid JSON, or not what"):
        course_utils.resume("mine", small_set())


@pytest.mark.parametrize(
    ("part", "change", "why"),
    [
        ("history", {"optimizer": "adam"}, "unexpected keyword argument 'optimizer'"),
        ("history", {"epochs": "three"}, "epochs='three'"),
    ],
)
def test_resume_what_another_version_saved(half_done, part, change, why):
    about = json.loads((half_done / saving.ABOUT).read_text())
    about[part] |= change
    (half_done / saving.ABOUT).write_text(json.dumps(about))
    with pytest.raises(DamagedFile) as caught:
        course_utils.resume("mine", small_set())
    assert why in str(caught.value)
    assert "course.json of 'mine' does not describe a run as this version does" in str(caught.value)
    assert str(caught.value).endswith('but the model itself may be loaded with load("mine").')
    course_utils.load("mine")
    for key in ("history", "unfinished"):
        for rest in ([], {}, "x", 5):
            (half_done / saving.ABOUT).write_text(json.dumps(about | {key: rest}))
            with pytest.raises(CourseError):
                course_utils.resume("mine", small_set())
    (half_done / saving.ABOUT).write_text("[1, 2]")
    with pytest.raises(DamagedFile, match="course.json of 'mine' is not"):
        course_utils.resume("mine", small_set())


def test_students_read_of_one_way_to_go_on():
    """`history=` of fine_tune is for `resume`; two ways would be one too many."""
    pages = [*ROOT.glob("instructor/lessons/*.py"), *ROOT.glob("notebooks/**/*.ipynb")]
    pages += [ROOT / "instructor/GUIDE.md", *ROOT.glob("notebooks/*.md")]
    assert len(pages) > 20
    for page in pages:
        assert "history=history" not in page.read_text(encoding="utf-8"), page
    assert 'resume("reviews", train)' in (ROOT / "instructor/GUIDE.md").read_text(encoding="utf-8")


# --- load_or_train ---


@pytest.fixture
def few_reviews(models, monkeypatch):
    """load_or_train takes a small set for the reviews; returns how often it asked for them."""
    asked = []

    def load_reviews(quiet=False):
        asked.append(quiet)
        return small_set(), None, None

    monkeypatch.setattr(your_model, "load_reviews", load_reviews)
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
    course_utils.freeze_word_embeddings(by_hand)
    course_utils.fine_tune(by_hand, tokenizer(), small_set())
    assert torch.equal(weights(by_hand), weights(cold))  # the recipe of notebook 05


def test_load_or_train_keeps_nothing_when_it_is_interrupted(models, few_reviews, monkeypatch):
    press_at(monkeypatch, 1)
    model, _ = course_utils.load_or_train()
    assert predict(model).shape == (16, 2)
    assert not models.exists()


@pytest.mark.parametrize("validation", [None, small_set().sample(4)])
def test_save_and_load_or_train_say_how_to_go_on(
    models, few_reviews, monkeypatch, capsys, validation
):
    model = new_classifier()
    press_at(monkeypatch, 3)
    course_utils.save("reviews", model, tokenizer(), fine_tune(model, validation=validation))
    call = f'go on with resume("reviews", train{", validation" if validation else ""})'
    assert f"The run was interrupted: {call}.\n" in capsys.readouterr().out
    course_utils.load_or_train()
    assert f"seed 0, interrupted: {call}).\n" in capsys.readouterr().out

    path = models / "reviews-minilm-default" / saving.ABOUT
    about = json.loads(path.read_text())
    del about["unfinished"]["validated"]  # an earlier version did not note it
    path.write_text(json.dumps(about))
    course_utils.load_or_train()
    assert 'go on with resume("reviews", train)).\n' in capsys.readouterr().out


def test_load_or_train_tells_of_a_damaged_save(models, few_reviews, trained):
    course_utils.save("reviews", trained[0], tokenizer())
    (models / "reviews-minilm-default" / "model.safetensors").write_bytes(b"")
    with pytest.raises(DamagedFile, match="model.safetensors is not the file that save wrote"):
        course_utils.load_or_train()
    assert few_reviews == []


def test_load_or_train_without_a_recipe(models):
    with pytest.raises(CheckpointNotFound, match="no recipe for 'news': the course has 'reviews'"):
        course_utils.load_or_train("news")


def test_the_folder_that_one_works_in_is_not_replaced(tmp_path, monkeypatch):
    """The kernel would stand in a folder that is gone."""
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    for name in (".", "..", str(tmp_path)):
        with pytest.raises(CourseError, match="is the folder that you work in"):
            course_utils.save(name, new_classifier(), tokenizer())
    assert Path.cwd() == tmp_path / "inner"


def test_a_save_that_was_moved_aside_just_now_is_not_left_over(tmp_path, monkeypatch):
    """A rename keeps the time of a folder: an old save looked as if a program had left it."""
    model, folder = new_classifier(), tmp_path / "mine"
    course_utils.save(str(folder), model, tokenizer())
    os.utime(folder, (1, 1))
    ages, rename = [], Path.rename

    def watch(path, target):
        if path.name.endswith(".save"):
            aside = next(tmp_path.glob(".mine.*.save.old"))
            ages.append(time.time() - aside.stat().st_mtime)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", watch)
    course_utils.save(str(folder), model, tokenizer())
    assert ages and ages[0] < 60
