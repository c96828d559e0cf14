"""The recorded results: complete, and honest about what was not measured."""

import importlib
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import real_model
import torch

import course_utils
from course_utils import settings
from course_utils.data import reviews, splits
from course_utils.errors import DamagedFile, DataError
from course_utils.judge import records
from course_utils.judge.intervals import mean_difference
from course_utils.judge.records import right_answers
from course_utils.model import masked_lm
from course_utils.model.precision import has_bf16

ROOT = Path(__file__).resolve().parent.parent
NAMES = sorted(path.stem for path in records.FOLDER.glob("*.csv"))


@pytest.fixture(autouse=True)
def switch(monkeypatch):
    def choose(checkpoint):
        chosen = replace(settings.current(), checkpoint=checkpoint)
        monkeypatch.setattr(settings, "_settings", chosen)

    choose("minilm")
    return choose


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with one small record of two checkpoints."""
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    for checkpoint, losses, seeds in (("minilm", [2.0, 3.0], 2), ("someone/other", [1.0], 1)):
        path = records.record_file("small", checkpoint)
        path.parent.mkdir(exist_ok=True)
        table = pd.DataFrame({"checkpoint": checkpoint, "loss": losses})
        table.to_csv(path, index=False)
        path.with_suffix(".json").write_text(
            json.dumps({"program": "benchmarks/small.py", "seeds": seeds})
        )
    return tmp_path


def test_rows_of_the_current_checkpoint(folder, switch, capsys):
    rows = course_utils.load_record("small")
    assert rows.to_dict("list") == {"checkpoint": ["minilm", "minilm"], "loss": [2.0, 3.0]}
    assert rows.attrs == {"program": "benchmarks/small.py", "seeds": 2}
    assert capsys.readouterr().out == ""
    switch("someone/other")
    other = course_utils.load_record("small")
    assert other["loss"].tolist() == [1.0] and other.attrs["seeds"] == 1


def test_checkpoint_that_was_not_measured(folder, switch, capsys):
    switch("someone/tiny-bert")
    rows = course_utils.load_record("small")
    assert capsys.readouterr().out == "'small' was not measured with someone/tiny-bert.\n"
    assert len(rows) == 0 and rows.attrs == {}
    assert list(rows.columns) == ["checkpoint", "loss"]


@pytest.mark.parametrize("other", ["another/other", "someone-other", ".", "tests/other"])
def test_two_checkpoints_share_no_record(folder, other):
    files = [records.record_file("small", name) for name in ("minilm", "someone/other", other)]
    assert len(set(files)) == 3 and files[0].parent == folder
    assert all(file.parent.parent == folder for file in files[1:])


def test_each_checkpoint_is_recorded_apart(folder, switch, program):
    """A machine with a GPU adds a larger checkpoint; what was measured elsewhere stays as it is."""
    before = (folder / "small.csv").read_bytes()
    switch("bert-base-uncased")
    record = program("_recording").Record("small.py", ["checkpoint", "seed"], seeds=1)
    record.add(checkpoint="bert-base-uncased", seed=0, loss=0.5)
    assert (folder / "small.csv").read_bytes() == before
    assert sorted(path.name for path in (folder / "bert-base-uncased").iterdir()) == [
        "small.csv",
        "small.json",
    ]
    assert course_utils.load_record("small")["loss"].tolist() == [0.5]


def test_unknown_record_lists_the_known_ones(folder):
    with pytest.raises(DamagedFile) as caught:
        course_utils.load_record("smal")
    assert str(caught.value) == "There is no record 'smal' in data/recorded/: it holds small."


def test_there_are_records():
    assert "slide_recipe" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_record_says_where_it_comes_from(name):
    rows = course_utils.load_record(name)
    assert len(rows) > 0
    about = rows.attrs
    assert (ROOT / about["program"]).is_file()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", about["date"])
    assert {"device", "python", "torch", "transformers"} <= set(about)
    assert about["torch"].partition("+")[2] == ""


@pytest.mark.parametrize("name", NAMES)
def test_record_is_complete(name):
    table = pd.read_csv(records.FOLDER / f"{name}.csv")
    assert not table.isna().all(axis=1).any()
    assert not table.duplicated().any()
    json.loads((records.FOLDER / f"{name}.json").read_text(encoding="utf-8"))


# --- records must not drift from the code: one cheap point of each is measured again ---


@pytest.fixture
def program(monkeypatch):
    """Import a program of benchmarks/ by name."""
    monkeypatch.setattr(sys, "path", [str(ROOT / "benchmarks"), *sys.path])
    monkeypatch.setattr(settings, "_settings", settings.Settings("minilm", "default", "cpu"))
    return importlib.import_module


def row_of(name, **key):
    """The one row of a record with this key."""
    rows = course_utils.load_record(name)
    for column, value in key.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1, key
    return rows.iloc[0]


def again_slide_recipe(program):
    stored = row_of("slide_recipe", seed=8)
    again = program("slide_recipe").run("minilm", seed=8)
    # Without dropout, every computer computes the same; dropout differs between makers of CPUs.
    assert again["positive_before"] == pytest.approx(stored["positive_before"], abs=2e-4)
    assert again["positive"] < 0.5 and stored["positive"] < 0.5
    assert again["loss"] == pytest.approx(stored["loss"], abs=0.03)


def again_fine_tuning(program):
    """The baseline. The trained model is measured again with its weak spots, below."""
    stored = row_of("fine_tuning", size="default", learning_rate=1e-4, seed=0)["tfidf"]
    parts = course_utils.load_reviews(quiet=True)
    assert course_utils.tfidf_baseline(*parts).accuracy == pytest.approx(stored, abs=2e-3)


def again_weak_spots(program):
    """The slowest of these points, a minute: it stands for the record fine_tuning, too."""
    weak_spots = program("weak_spots")
    model, tokenizer, on_test = weak_spots.train(seed=0)
    runs = row_of("fine_tuning", size="default", learning_rate=1e-4, seed=0)
    assert on_test.accuracy == pytest.approx(runs["accuracy"], abs=0.04)
    again, stored = weak_spots.measure(model, tokenizer, on_test), row_of("weak_spots", seed=0)
    for name, tolerance in (
        ("awesome day", 0.2),
        ("called positive with a negation", 0.08),
        ("calibration error", 0.05),
    ):
        assert again[name] == pytest.approx(stored[name], abs=tolerance), name


def again_label_efficiency(program):
    label_efficiency = program("label_efficiency")
    encoder = course_utils.load_encoder()
    subject = label_efficiency.Subject(
        "headlines", course_utils.load_headlines, real_model.tokenizer(), encoder
    )
    for method in ("frozen", "words", "tfidf"):
        key = {"subject": "headlines", "method": method, "labels": 8, "draw": 3}
        again = label_efficiency.linear(subject, method, 8, 3)
        assert again["texts"] == row_of("label_efficiency", **key)["texts"]
        stored = row_of("label_efficiency", **key)["accuracy"]
        assert again["accuracy"] == pytest.approx(stored, abs=5e-3)


def again_articles(program):
    articles = program("articles")
    tokenizer = real_model.tokenizer()
    parts = [
        articles.shorten(part, tokenizer, 64) for part in course_utils.load_articles(quiet=True)
    ]
    parts[0] = parts[0].take(articles.rows_of(parts[0], labels=16, seed=2))
    key = {"method": "tfidf", "tokens": 64, "labels": 16, "draw": 2}
    again = course_utils.tfidf_baseline(*parts).accuracy
    assert again == pytest.approx(row_of("articles", **key)["accuracy"], abs=5e-3)


def again_time_to_accuracy(program):
    parts = course_utils.load_reviews(quiet=True)
    (again,) = program("time_to_accuracy").run_tfidf(parts)
    stored = row_of("time_to_accuracy", method="TF-IDF")
    assert again["validation_accuracy"] == pytest.approx(stored["validation_accuracy"], abs=5e-3)


def again_strategies(program):
    """The head alone: without a gradient in the body, one run takes seconds."""
    strategies = program("strategies")
    rows = course_utils.load_record("strategies").to_dict("records")
    rate = strategies.best_rate(rows, "frozen body")
    again = strategies.run("minilm", "test", "frozen body", rate, 0)
    stored = row_of("strategies", part="test", strategy="frozen body", seed=0)
    seeds = [row["accuracy"] for row in rows if row["strategy"] == "frozen body"]
    assert again["trained"] == stored["trained"]
    # One epoch of the head alone depends on the order of the batches: anywhere between the seeds.
    assert min(seeds) - 0.02 <= again["accuracy"] <= max(seeds) + 0.02
    assert again["moved head"] == pytest.approx(stored["moved head"], rel=0.2)
    assert again["moved layer 6"] == stored["moved layer 6"] == 0


def again_put_back(program):
    """One seed of the ten: it trains all layers, so it takes a minute."""
    stored, again = row_of("put_back", seed=0), program("put_back").run("minilm", 0)
    assert set(again) == set(stored.index) - {"checkpoint", "seed"}
    for name, value in again.items():
        if name.startswith("moved"):
            assert value == pytest.approx(stored[name], rel=0.1)
    assert again["accuracy"] == pytest.approx(stored["accuracy"], abs=0.04)
    assert again["back all layers"] < again["accuracy"] - 0.03


def again_recipes(program):
    """Half a minute of another kind: a run of the smaller size, without dropout."""
    key = {"size": "default", "recipe": "no dropout, words frozen", "seed": 0}
    stored = row_of("recipes", **key)
    again = program("recipes").run("minilm", **key)
    assert again["texts"] == stored["texts"] == 2_000
    assert again["validation_accuracy"] == pytest.approx(stored["validation_accuracy"], abs=0.04)
    assert again["validation_loss"] == pytest.approx(stored["validation_loss"], abs=0.04)


def again_full_epoch(program):
    """Two full epochs would take minutes: here the bits are counted, and compared with fine_tuning.

    The best recipe is that of fine_tuning, so both records tell the same.
    """
    full_epoch = program("full_epoch")
    rows = course_utils.load_record("full_epoch")
    for row in rows.itertuples():
        right = bytes.fromhex(row.correct)
        right = sum(byte.bit_count() for byte in right)
        assert right / row.test_texts == pytest.approx(row.accuracy, abs=1e-5)
    mean, low, high = full_epoch.difference(rows)
    by_contender = rows.groupby("contender")["accuracy"].mean()
    gap = by_contender["best_recipe"] - by_contender["trainer_default"]
    assert mean == pytest.approx(gap, abs=1e-5)
    assert low < mean < high
    recorded = course_utils.load_record("fine_tuning")
    recorded = recorded[(recorded["size"] == "full")]["accuracy"].mean()
    assert by_contender["best_recipe"] == pytest.approx(recorded, abs=0.005)


def again_topics(program):
    """The baseline; the training takes a minute."""
    stored = row_of("topics", learning_rate=3e-4, epochs=2, seed=0)["tfidf"]
    parts = course_utils.load_headlines(quiet=True)
    assert course_utils.tfidf_baseline(*parts).accuracy == pytest.approx(stored, abs=5e-3)


def again_imbalance(program):
    """TF-IDF with and without weights; and nothing that is tested was trained or chosen on."""
    made = program("imbalance")
    rows = course_utils.load_record("imbalance")
    for (share, seed), found in rows.groupby(["share", "seed"]):
        assert sorted(found["method"]) == sorted([*made.METHODS, "plain, shares taken out"])
        train, validation, test, rare = made.parts_of(share, seed)
        assert found["rare"].unique().tolist() == [test.label_names[rare]]
        counts = [len(train), train.labels.count(rare), len(test)]
        assert found[["texts", "rare_texts", "test_texts"]].drop_duplicates().values.tolist() == [
            counts
        ]
        for part in (train, validation):
            assert part.labels.count(rare) / len(part) == pytest.approx(share, abs=0.003)
            assert not set(part.texts) & set(test.texts)
    *parts, rare = made.parts_of(0.05, 3)
    for method in ("TF-IDF", "TF-IDF, balanced"):
        again = made.judge(made.cheap(method, 0.05, 3), parts[2], rare, 0.05)
        stored = row_of("imbalance", share=0.05, method=method, seed=3)
        for name, value in again.items():
            assert value == pytest.approx(stored[name], abs=5e-3), (method, name)


def test_figures_of_a_rare_label_are_those_of_a_test_with_so_few_of_it(program):
    """Ninety texts of one label, ninety of a rare one: 10 % rare is as if there were ten."""
    made = program("imbalance")
    names = ("common", "rare")
    test = course_utils.LabeledTexts([f"text {n}" for n in range(180)], [0] * 90 + [1] * 90, names)
    answers = np.array([0] * 81 + [1] * 9 + [1] * 45 + [0] * 45)
    found = made.judge(np.eye(2)[answers], test, rare=1, share=0.1)
    few = {"accuracy": (81 + 5) / 100, "rare_recall": 0.5, "rare_precision": 5 / (5 + 9)}
    few["macro_f1"] = (2 * 81 / (2 * 81 + 9 + 5) + 2 * 5 / (2 * 5 + 9 + 5)) / 2
    assert found == pytest.approx(few)


def test_what_fine_tune_says_of_class_weights_is_what_was_recorded():
    record = course_utils.load_record("imbalance").query("share == 0.05")
    assert sorted(record["seed"].unique()) == list(range(10))
    rows = record.set_index(["method", "seed"]).sort_index()
    mean = (100 * rows.groupby("method")[["rare_recall", "rare_precision"]].mean()).round()
    plain, weighed = mean.loc["plain"].astype(int), mean.loc["class weights"].astype(int)
    said = " ".join(course_utils.fine_tune.__doc__.split())
    assert f"found {weighed.rare_recall} of 100 rare ones instead of {plain.rare_recall}" in said
    assert f"right in {weighed.rare_precision} instead of {plain.rare_precision} of 100" in said
    for name, sign in (
        ("rare_recall", 1),
        ("rare_precision", -1),
        ("accuracy", 0),
        ("macro_f1", 0),
    ):
        gain = mean_difference((rows[name]["class weights"] - rows[name]["plain"]).to_numpy())
        assert sign == (gain.low > 0) - (gain.high < 0), name


def again_masked_lm(program):
    """The weights that are shipped guess as many hidden words as the record says."""
    import random

    from safetensors.torch import load_file

    made = program("masked_lm")
    tokenizer, model = real_model.tokenizer(), made.start_model("pre-trained")
    model.load_state_dict(load_file(masked_lm.FOLDER / "model.safetensors"), strict=False)
    test = splits.split(reviews.read_reviews("imdb"))[2]
    held_out = random.Random(0).sample(test.texts, made.HELD_OUT)[: made.FEW]
    pieces = [made.pieces(tokenizer, text, made.JUDGED_LENGTH)[0] for text in held_out]
    judged = made.judge(tokenizer, model, pieces)
    stored = row_of("masked_lm", start="pre-trained", budget=made.BUDGET)
    assert judged["hidden"] == stored["hidden"]
    assert judged["accuracy"] == pytest.approx(stored["accuracy"], abs=5e-3)


def again_continued_pretraining(program):
    """One run with few labels; everything was searched, and the best rate was taken."""
    made = program("continued_pretraining")
    rows = course_utils.load_record("continued_pretraining")
    for (encoder, labels), tested in rows[rows["part"] == "test"].groupby(["encoder", "labels"]):
        best = made.best_rate(rows.to_dict("records"), encoder, labels)
        assert tested["learning_rate"].unique().tolist() == [best]
        assert tested["seed"].tolist() == list(made.SEEDS)
    assert (
        rows.attrs["weights"]
        == json.loads((ROOT / "data" / "masked_lm" / "about.json").read_text(encoding="utf-8"))[
            "sha256"
        ]
    ), "data/masked_lm is another one since: make this record anew"
    one, other = (made.load(encoder, 0).bert for encoder in made.ENCODERS)
    for name in ("encoder.layer.0.output.dense.weight", "encoder.layer.5.output.dense.weight"):
        assert not torch.equal(one.get_parameter(name), other.get_parameter(name))
    assert torch.equal(one.pooler.dense.weight, other.pooler.dense.weight)
    searched = rows[rows["part"] == "validation"].groupby(["encoder", "labels", "learning_rate"])
    assert len(searched) == len(made.ENCODERS) * len(made.LABELS) * len(made.RATES)
    assert (searched["seed"].apply(tuple) == made.SEARCH_SEEDS).all()
    stored = row_of("continued_pretraining", part="test", encoder="continued", labels=64, seed=0)
    again = made.run("minilm", "test", "continued", 64, stored["learning_rate"], 0)
    assert again["epochs"] == stored["epochs"]
    assert again["accuracy"] == pytest.approx(stored["accuracy"], abs=0.04)


def again_related_task(program):
    """A run with few labels (ten seconds), of those that need no source; and who is where."""
    made = program("related_task")
    assert len(made.source_texts("topics")) == made.TOPIC_TEXTS
    assert len(made.source_texts("imdb")) == made.IMDB
    rows = course_utils.load_record("related_task")
    assert right_answers(rows).mean(axis=1) == pytest.approx(rows["accuracy"], abs=1e-5)
    assert not set(made.source_texts("imdb").texts) & set(
        course_utils.load_reviews(quiet=True)[2].texts
    )
    key = {"source": "none", "source_seed": 0, "labels": 16, "learning_rate": 1e-4, "seed": 0}
    stored = row_of("related_task", **key)
    assert made.run("minilm", **key)["accuracy"] == pytest.approx(stored["accuracy"], abs=0.06)


def again_fair_race(program):
    """All methods without training on 2,000 reviews, but the frozen encoder: half a minute."""
    made = program("fair_race")
    rows = course_utils.load_record("fair_race")
    assert set(rows["method"]) == {*made.METHODS, made.FINE_TUNED}
    assert right_answers(rows).mean(axis=1) == pytest.approx(rows["accuracy"], abs=1e-5)
    for method in ("majority", *made.KINDS):
        stored = row_of("fair_race", method=method, labels=2_000)["accuracy"]
        again = made.run("minilm", method, 2_000, 0)["accuracy"]
        assert again == pytest.approx(stored, abs=8e-3), method


def test_fair_race_tells_what_other_records_tell():
    """The same methods on the same reviews, measured by other programs."""
    runs = course_utils.load_record("fine_tuning").query("learning_rate == 1e-4")
    for labels, size in ((2_000, "default"), (6_376, "full")):
        of_size = runs[runs["size"] == size].set_index("seed")
        words = row_of("fair_race", method="TF-IDF, words", labels=labels)["accuracy"]
        assert words == pytest.approx(of_size["tfidf"].iloc[0], abs=2e-3)
        tuned = course_utils.load_record("fair_race").query("method == 'fine-tuned'")
        for row in tuned[tuned["labels"] == labels].itertuples():
            assert row.accuracy == pytest.approx(of_size.loc[row.seed, "accuracy"], abs=0.005)


def again_bf16(program):
    """Trained in fewer bits, a model is as good; one seed again, where a processor has them."""
    made, rows = program("bf16"), course_utils.load_record("bf16")
    assert rows["seed"].tolist() == list(made.SEEDS)
    assert right_answers(rows).mean(axis=1) == pytest.approx(rows["accuracy"], abs=1e-5)
    by_seed = mean_difference(made.difference_by_seed())
    assert by_seed.low > -0.01, by_seed
    assert (rows["changed_answers"] < 0.01 * rows["test_texts"]).all()
    if not has_bf16(torch.device("cpu")):
        return
    again = made.run("minilm", seed=0)
    stored = row_of("bf16", seed=0)
    assert again["accuracy"] == pytest.approx(stored["accuracy"], abs=0.04)


def again_lora(program):
    """One run of the few weights, a minute."""
    made = program("lora")
    rows = course_utils.load_record("lora").to_dict("records")
    method = "query and value"
    key = {"method": method, "learning_rate": made.best_rate(rows, method), "seed": 0}
    stored, again = row_of("lora", **key), made.run("minilm", **key)
    for name in ("accuracy", "validation_accuracy"):
        assert again[name] == pytest.approx(stored[name], abs=0.04), name


def test_the_record_of_fewer_bits_names_what_computes_them_and_no_machine():
    path = Path(__file__).resolve().parents[1] / "data" / "recorded" / "bf16.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    assert set(about["processor"].split(", ")) <= {"avx512_bf16", "amx_bf16"}


def test_lora_has_the_rates_that_validation_chose_and_the_files_that_it_says(program):
    made = program("lora")
    record = course_utils.load_record("lora")
    assert right_answers(record).mean(axis=1) == pytest.approx(record["accuracy"], abs=1e-5)
    for method, rows in record.groupby("method"):
        assert set(rows[rows["seed"] == 0]["learning_rate"]) == set(made.RATES)
        more = rows[~rows["seed"].isin(made.CHOSEN_ON)]["learning_rate"]
        assert set(more) <= {made.best_rate(record.to_dict("records"), method)}
        model = made.with_adapter(method, seed=0)
        trained = sum(w.numel() for w in model.parameters() if w.requires_grad)
        assert rows["weights_trained"].unique().tolist() == [trained]
        assert made.megabytes(model) == pytest.approx(rows["megabytes"].iloc[0], rel=0.01)


def again_epochs(program):
    """Two epochs, two minutes: their schedule is another, so only the sense of it is compared."""
    made = program("epochs")
    rows = course_utils.load_record("epochs")
    for _, run in rows.groupby("seed"):
        assert run["epoch"].tolist() == list(range(1, made.EPOCHS + 1))
        assert (run[["train_loss", "validation_loss"]] > 0).all(axis=None)
        shares = run[["train_accuracy", "validation_accuracy"]]
        assert ((shares > 0.5) & (shares <= 1)).all(axis=None)
    found = made.run("minilm", 0, epochs=2)
    assert {*found[0], "checkpoint", "seed", "epoch"} == {*rows.columns} and len(found) == 2
    for row in found:
        assert row["train_accuracy"] > row["validation_accuracy"] - 0.02 > 0.7


def test_measuring_after_each_epoch_leaves_training_as_it_was(program):
    """Losses and accuracy are those of the parts; afterwards `fine_tune` measures as before."""
    from course_utils.model import training

    made, plain = program("epochs"), training.scores_on
    model, tokenizer = real_model.new_classifier(), real_model.tokenizer()
    data = real_model.small_set()
    with made.measuring_after_each_epoch(data) as found:
        history = course_utils.fine_tune(model, tokenizer, data, data.take(range(6, 10)), epochs=2)
    assert training.scores_on is plain
    assert [row["validation_accuracy"] for row in found] == history.validation_accuracies
    assert len(found) == 2
    alone = real_model.new_classifier()
    course_utils.fine_tune(alone, tokenizer, data, epochs=2)
    last = made.measured(alone, tokenizer, data, "train")
    assert found[-1]["train_loss"] == pytest.approx(last["train_loss"], abs=1e-4)


def test_a_run_that_another_record_holds_is_joined(switch):
    """All labels without a source are in full_epoch: stored once, read in both."""
    held = course_utils.load_record("full_epoch").query("contender == 'best_recipe'")
    for name, about in records.HELD_ELSEWHERE.items():
        stored = pd.read_csv(records.record_file(name, "minilm"))
        rows = course_utils.load_record(name)
        assert len(rows) == len(stored) + len(held)
        joined = rows.iloc[len(stored) :]
        assert list(rows.columns) == list(stored.columns)
        assert joined["correct"].tolist() == held["correct"].tolist()
        for column, value in about.items():
            assert (joined[column] == value).all()
        assert not rows.duplicated(["seed", *about]).any()
    switch("someone/tiny-bert")
    assert len(course_utils.load_record("fair_race")) == 0


def test_bits_come_back_as_they_went(program):
    bits = program("_recording").bits
    right = np.random.default_rng(0).random((3, 1_290)) < 0.7
    rows = pd.DataFrame({"correct": [bits(one) for one in right], "test_texts": 1_290})
    np.testing.assert_array_equal(right_answers(rows), right)


def test_the_gain_of_a_method_is_that_of_the_paired_bootstrap():
    """One run each: the same difference, and next to the same interval."""
    draw, labels = np.random.default_rng(0), [0, 1] * 645
    texts = course_utils.LabeledTexts([f"text {n}" for n in range(1_290)], labels)
    right = [draw.random(1_290) < share for share in (0.8, 0.75)]
    rows = [
        pd.DataFrame({"correct": [np.packbits(one).tobytes().hex()], "test_texts": 1_290})
        for one in right
    ]
    both = [
        course_utils.Evaluation(
            "one", texts, np.eye(2)[np.where(one, labels, 1 - np.array(labels))]
        )
        for one in right
    ]
    gain, expected = course_utils.gain_of(*rows), course_utils.paired_bootstrap(*both)
    assert gain.value == pytest.approx(expected.value)
    assert gain.low == pytest.approx(expected.low, abs=2e-3)
    assert gain.high == pytest.approx(expected.high, abs=2e-3)
    with pytest.raises(DataError, match="0 and 1 runs, judged on"):
        course_utils.gain_of(rows[0].iloc[:0], rows[1])
    with pytest.raises(DataError, match=r"on \[1290, 1291\] texts"):
        course_utils.gain_of(rows[0], rows[1].assign(test_texts=1_291))


def test_methods_that_no_text_tells_apart_have_a_sentence_of_their_own():
    right = np.packbits(np.arange(100) % 3 > 0).tobytes().hex()
    rows = pd.DataFrame({"correct": [right], "test_texts": 100})
    with pytest.raises(DataError, match=r"differ by \+0.0 points on each of 100 texts: without"):
        course_utils.gain_of(rows, rows)


@pytest.mark.parametrize("count", [0, 1])
def test_a_mean_of_no_gains_is_refused(count):
    with pytest.raises(DataError, match=f"^{count} gains?: two or more are needed"):
        mean_difference(np.full(count, 0.1))


# Notebooks 02, 03, 05 and 06 do the like each time, and compare with ranges or word for word.
COSTLY = (
    "bf16",
    "continued_pretraining",
    "epochs",
    "fair_race",
    "lora",
    "masked_lm",
    "put_back",
    "recipes",
    "related_task",
    "strategies",
    "weak_spots",
)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * (name in COSTLY)) for name in NAMES],
)
def test_one_point_measured_again(name, program):
    globals()[f"again_{name}"](program)


def test_each_record_has_its_row_in_the_readme_of_data():
    rows = re.findall(
        r"^\| `(\w+)` \| `python course.py record (\w+)` \|",
        (ROOT / "data" / "README.md").read_text("utf-8"),
        re.M,
    )
    assert sorted(rows) == [(name, name) for name in NAMES]


def test_slide_recipe_was_recorded_with_every_seed():
    rows = course_utils.load_record("slide_recipe")
    assert rows["seed"].tolist() == list(range(rows.attrs["seeds"])) == list(range(100))


@pytest.mark.parametrize(
    ("plot", "name"),
    [
        ("plot_slide_recipe", "slide_recipe"),
        ("plot_learning_rates", "fine_tuning"),
        ("plot_seeds", "fine_tuning"),
        ("plot_strategies", "strategies"),
        ("plot_far_or_good", "strategies"),
        ("plot_put_back", "put_back"),
        ("plot_labels_saved", "label_efficiency"),
        ("plot_time_to_accuracy", "time_to_accuracy"),
        ("plot_articles", "articles"),
        ("plot_epochs", "epochs"),
        ("plot_fair_race", "fair_race"),
        ("plot_two_parts", "fine_tuning"),
        ("plot_language_learning", "masked_lm"),
    ],
)
def test_each_figure_says_when_its_runs_were_recorded(plot, name, switch):
    draw = getattr(course_utils, plot)
    record = course_utils.load_record(name)
    assert f"Runs recorded on {record.attrs['date']}." in draw(record)._repr_html_()
    switch("someone/tiny-bert")  # never recorded: an empty figure, and no date
    assert "recorded on" not in draw(course_utils.load_record(name))._repr_html_()
