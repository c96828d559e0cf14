"""A program is killed at any moment, as by a power cut: the old or the new is there, and whole.

The moments are drawn over the whole of a run, whose length is measured first; and once more each
step in the file system is taken as a moment, for some moments are too short to be hit by chance.
"""

import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
from multiprocessing import forkserver
from pathlib import Path

import pandas as pd
import pytest
import stand_in

import course_utils
from course_utils.command import train

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="forks what has loaded torch"),
]
KILLS, TRIES = 50, 400
TINY = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2)
ROOT = Path(__file__).resolve().parent.parent
WORDS = "invoice password login refund door light printer broken wrong late".split()


@pytest.fixture(scope="module")
def forked():
    """Starts works in processes that need not import anything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["kill_run"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "tests")]))
        patch.setenv("OMP_NUM_THREADS", "1")
        forkserver.ensure_running()
    return context


def run(forked, work, *arguments, moment: float = None, step: int = None) -> tuple:
    """Do a work; kill it `moment` seconds after its beginning, or before a step.

    Returns:
        exit code, seconds that it took, steps that it took.
    """
    import kill_run

    told, tell = forked.Pipe(duplex=False)
    process = forked.Process(target=kill_run.start, args=(tell, work, arguments, step))
    process.start()
    tell.close()
    assert told.recv() == "begins"
    begin = time.perf_counter()
    if moment is not None:
        time.sleep(moment)
        process.kill()
    process.join(120)
    seconds = time.perf_counter() - begin
    steps = told.recv() if process.exitcode == 0 else None
    return process.exitcode, seconds, steps


def kills(forked, work, *arguments, seed: int, prepare=lambda: None, enough=lambda: True):
    """Kill a work at random moments, until `KILLS` have hit and it is enough; yields after each."""
    prepare()
    code, length, _ = run(forked, work, *arguments)
    assert code == 0
    pick, hits = random.Random(seed), 0
    for _ in range(TRIES):
        prepare()
        code, _, _ = run(forked, work, *arguments, moment=pick.uniform(0, length))
        assert code in (0, -signal.SIGKILL)
        hits += code != 0
        yield code
        if hits >= KILLS and enough():
            return
    pytest.fail(f"{hits} kills hit in {TRIES} tries, and these were not enough")


def kills_at_each_step(forked, work, *arguments, prepare=lambda: None):
    """Kill a work before each of its steps in the file system; yields after each."""
    prepare()
    code, _, steps = run(forked, work, *arguments)
    assert code == 0 and steps > 3
    for step in range(1, steps + 1):
        prepare()
        code, _, _ = run(forked, work, *arguments, step=step)
        assert code == -signal.SIGKILL
        yield code


# --- save ---


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return stand_in.make_checkpoint(tmp_path_factory.mktemp("checkpoints") / "tiny", False, **TINY)


@pytest.fixture(scope="module")
def old_and_new(checkpoint, tmp_path_factory):
    """Two saves of different weights, for `library` and its labels."""
    folder = tmp_path_factory.mktemp("saves")
    for seed, name in enumerate(("old", "new")):
        names = ("complaint", "praise", "question")
        model = course_utils.load_classifier(checkpoint, names, seed=seed, quiet=True)
        tokenizer = course_utils.load_tokenizer(checkpoint)
        course_utils.save(str(folder / name), model, tokenizer)
    return folder / "old", folder / "new"


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def load_whole(folder: Path) -> bytes:
    """The weights of a save; `load` compares each file with what `save` noted of it."""
    course_utils.load(str(folder))
    return weights(folder)


@pytest.mark.parametrize("killing", [kills_at_each_step, kills])
def test_save(killing, forked, old_and_new, tmp_path):
    """The older model or the new one loads, the notes in its folder are there, and saving works."""
    old, new = old_and_new
    target, found, both = tmp_path / "mine", [], {weights(old), weights(new)}

    def prepare():
        for path in tmp_path.iterdir():
            shutil.rmtree(path)
        shutil.copytree(old, target)
        (target / "notes.txt").write_text("mine")

    random_only = {"seed": 1, "enough": lambda: set(found) == both}
    choice = random_only if killing is kills else {}
    for _ in killing(forked, "save", str(new), str(target), prepare=prepare, **choice):
        found.append(load_whole(target))
        assert [path.read_text() for path in tmp_path.rglob("notes.txt")] == ["mine"]
        for path in tmp_path.glob(".mine.*"):  # an hour later
            os.utime(path, (1, 1))
        course_utils.save(str(target), *course_utils.load(str(new)))
        assert load_whole(target) == weights(new)
        assert [path.name for path in tmp_path.iterdir()] == ["mine"]
        assert (target / "notes.txt").read_text() == "mine"
    assert set(found) == both


# --- python -m course_utils train ---


@pytest.mark.parametrize("killing", [kills_at_each_step, kills])
def test_train(killing, forked, checkpoint, old_and_new, tmp_path):
    """The older model or the new one loads; what was kept of the run, too; and it comes to an end.

    With --resume where an epoch was kept: the weights are those of a run that nobody killed.
    """
    source, out, found = course_utils.example_csv(), tmp_path / "model", []
    line = ["train", source, "--checkpoint", checkpoint, "--epochs", 2, "--out", out, "--overwrite"]
    shutil.copytree(old_and_new[0], out)
    assert run(forked, "command", *line)[0] == 0
    whole = load_whole(out)
    kept = train._unfinished(out)

    def prepare():
        for path in tmp_path.iterdir():
            shutil.rmtree(path)
        shutil.copytree(old_and_new[0], out)

    choice = {"seed": 2} if killing is kills else {}
    for _ in killing(forked, "command", *line, prepare=prepare, **choice):
        found.append((load_whole(out) == whole, kept.exists()))
        assert load_whole(out) in (whole, weights(old_and_new[0]))
        if kept.exists():
            load_whole(kept)
        more = ["--resume"] if kept.exists() else []
        assert run(forked, "command", *line, *more)[0] == 0
        assert load_whole(out) == whole and not kept.exists()
        assert "Of 18 texts that it had not seen" in (out / "README.md").read_text("utf-8")
    assert len(set(found)) > 1  # the kills hit before and after something was kept


# --- python -m course_utils predict ---


@pytest.mark.parametrize("kind", ["csv", "jsonl", "xlsx", "parquet"])
@pytest.mark.parametrize("killing", [kills_at_each_step, kills])
def test_predict(killing, kind, forked, old_and_new, tmp_path, monkeypatch):
    """There is no file of answers, or a whole one; the same line goes on: each row comes once.

    Where there is one already, the line with --overwrite puts another in its place, and nothing is
    left beside it.
    """
    monkeypatch.setattr(sys.modules[__name__], "KILLS", 14)  # of each kind: more than 50 of all
    source, out, found = tmp_path / "in.csv", tmp_path / f"out.{kind}", []
    pick = random.Random(3)
    texts = [" ".join(pick.choices(WORDS, k=pick.randint(1, 9))) for _ in range(800)]
    pd.DataFrame({"text": texts, "id": range(800)}).to_csv(source, index=False)
    line = ["predict", old_and_new[0], source, out]
    assert run(forked, "command", *line)[0] == 0
    whole = rows(out)
    assert len(whole) == 800

    def prepare():
        for path in {*tmp_path.iterdir()} - {source}:
            path.unlink()

    choice = {"seed": 3} if killing is kills else {}
    for _ in killing(forked, "command", *line, prepare=prepare, **choice):
        found.append(out.exists())
        assert not out.exists() or rows(out) == whole
        more = ["--overwrite"] if out.exists() else []
        assert run(forked, "command", *line, *more)[0] == 0
        assert {path.name for path in tmp_path.iterdir()} == {source.name, out.name}
        assert rows(out) == whole
    assert False in found


def rows(path: Path) -> list:
    read = {".csv": pd.read_csv, ".xlsx": pd.read_excel, ".parquet": pd.read_parquet}
    if path.suffix == ".jsonl":
        return path.read_text("utf-8").splitlines()
    return read[path.suffix](path).astype(str).values.tolist()
