"""The figures of `python course.py bench`: computed from rounds, held against their bars."""

import json
import os
import platform
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import course_utils
from course_utils import settings
from course_utils.model import precision

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def bench(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [str(ROOT / "benchmarks"), *sys.path])
    import bench

    # Its programs turn switches: whatever they were, they come back.
    monkeypatch.setattr(settings, "_settings", settings.Settings("minilm", "default", "cpu"))
    rounds = {"reviews": 3, "prediction": 3, "neighbour": 3, "group": 3}
    monkeypatch.setattr(bench, "ROUNDS", rounds)
    monkeypatch.setattr(bench, "recorded_bound", lambda: 0.0)
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(bench, "UNFINISHED", tmp_path / "results" / "unfinished.json")
    return bench


def rounds(kind, **speeds):
    return [
        {"kind": kind, "round": number, "contender": name, "texts_per_second": speed, "accuracy": 1}
        for name, three in speeds.items()
        for number, speed in enumerate(three)
    ]


ROWS = [
    *(
        {"kind": "reviews", "round": n, "contender": "peak", "operations_per_second": 200.0}
        for n in range(3)
    ),
    # The third round met a busy moment: all were slow, and the ratio is the one of the others.
    *rounds(
        "reviews",
        slide_scaled_up=[20, 20, 2],
        trainer_default=[30, 30, 3],
        trainer_grouped=[45, 50, 5],
        same_recipe=[54, 54, 5.4],
        best_recipe=[72, 72, 7.2],
        trainer_best=[60, 60, 6],
    ),
    *rounds(
        "prediction",
        predict=[200, 220, 40],
        pipeline=[50, 50, 10],
        pipeline_batched=[100] * 3,
        predict_bf16=[400, 400, 80],
    ),
    *rounds(
        "neighbour",
        alone=[95, 95, 9.5],
        alone_spinning=[100, 100, 10],
        two_at_once=[76, 76, 7.6],
        two_spinning=[38, 38, 3.8],
    ),
    *rounds(
        "group",
        one_process=[50, 50, 5],
        one_process_two_threads=[75, 75, 7.5],
        two_processes=[90, 90, 9],
    ),
]


def test_figures_are_medians_of_the_ratios_within_a_round(bench):
    found = bench.figures(ROWS, operations=1.5, memory=1_200)
    assert list(found) == list(bench.BARS)
    assert found == pytest.approx(
        {
            "same_recipe vs trainer_default": 1.8,
            "same_recipe vs trainer_grouped": 1.08,
            "best_recipe vs trainer_default": 2.4,
            "best_recipe vs trainer_grouped": 1.44,
            "best_recipe vs slide_scaled_up": 3.6,
            "predict vs pipeline": 4.0,
            "predict vs pipeline_batched": 2.0,
            "predict_bf16 vs pipeline": 8.0,
            "predict_bf16 vs pipeline_batched": 4.0,
            "alone vs alone_spinning": 0.95,
            "two_at_once vs two_spinning": 2.0,
            "two_at_once vs alone": 0.8,
            "two_processes vs one_process": 1.8,
            "two_processes vs one_process_two_threads": 1.2,
            "flops_vs_matmul_peak": 72 * 1.5 / 200,
            "peak_rss_mb": 1_200,
            "accuracy_difference_lower_bound": 0.0,
        }
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("predict vs pipeline", 3.5, []),
        ("predict vs pipeline", 3.4, ["predict vs pipeline is 3.400, and should be at least 3.5."]),
        ("peak_rss_mb", 1_500, []),
        ("peak_rss_mb", 1_501, ["peak_rss_mb is 1501.000, and should be at most 1500."]),
        (
            "accuracy_difference_lower_bound",
            -0.01,
            ["accuracy_difference_lower_bound is -0.010, and should be more than -0.01."],
        ),
    ],
)
def test_missed_bars_are_named(bench, name, value, expected):
    found = bench.figures(ROWS, operations=1.5, memory=1_200) | {name: value}
    assert bench.missed(found) == expected


def test_status_follows_the_bars(bench, monkeypatch, tmp_path, capsys):
    bench.RESULTS.mkdir()
    monkeypatch.setattr(bench, "measure", lambda about: ROWS)
    monkeypatch.setattr(bench, "operations_per_text", lambda: 1.5)
    for memory, status in ((1_200, 0), (1_900, 1)):
        monkeypatch.setattr(bench, "peak_memory", lambda memory=memory: memory)
        assert bench.main() == status
        lines = capsys.readouterr().out.splitlines()
        assert [line.partition(": ")[0] for line in lines] == list(bench.BARS)
        assert f"peak_rss_mb: {memory}.000" in lines
    (path,) = bench.RESULTS.iterdir()
    stored = json.loads(path.read_text())
    assert {"checkpoint", "device", "torch", "date", "figures", "rows"} <= set(stored)


@pytest.mark.slow
def test_it_goes_on_after_a_stop(bench, monkeypatch):
    """Every contender once in each round, whatever was measured before on the same machine.

    The date does not count: a run may be stopped before midnight and go on after it.
    """
    rounds = {"imdb": 1, "reviews": 2, "prediction": 1, "neighbour": 0, "group": 1}
    monkeypatch.setattr(bench, "ROUNDS", rounds)
    monkeypatch.setattr(bench, "has_bf16", lambda device: False)
    monkeypatch.setattr(bench.group, "trained_by", lambda *_: 3.0)
    monkeypatch.setattr(bench, "train_once", lambda *_, **__: {"texts_per_second": 1.0})
    calls = []

    def predict_once(name, *_):
        calls.append(name)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return {"texts_per_second": 2.0}

    monkeypatch.setattr(bench, "predict_once", predict_once)
    with pytest.raises(KeyboardInterrupt):
        bench.measure({"device": "mine", "date": "2026-11-24"})
    rows = bench.measure({"device": "mine", "date": "2026-11-25"})
    assert calls == ["predict", "pipeline", "pipeline", "pipeline_batched"]
    assert [(row["kind"], row["round"], row["contender"]) for row in rows] == bench.todo()
    assert len(bench.measure({"device": "another", "date": "2026-11-25"})) == len(rows)
    assert calls[4:] == ["predict", "pipeline", "pipeline_batched"]  # nothing of mine was taken


@pytest.mark.slow
@pytest.mark.parametrize("name", ["one_process", "one_process_two_threads", "two_processes"])
def test_each_group_trains(bench, name):
    assert bench.group.trained_by(name, texts=32, batch=16) > 0


def test_without_bf16_nothing_is_said_of_it(bench):
    rows = [row for row in ROWS if row["contender"] != "predict_bf16"]
    found = bench.figures(rows, operations=1.5, memory=1_200)
    assert [name for name in bench.BARS if name not in found] == [
        "predict_bf16 vs pipeline",
        "predict_bf16 vs pipeline_batched",
    ]
    assert bench.missed(found) == []


@pytest.mark.parametrize(
    ("load", "said"),
    [
        (0.5, ""),
        (None, ""),
        (1.23, "Not a quiet computer: 1.2 other programs were at work as this began."),
    ],
)
def test_a_result_tells_whether_the_computer_was_quiet(bench, monkeypatch, capsys, load, said):
    bench.RESULTS.mkdir()
    monkeypatch.setattr(bench, "measure", lambda about: ROWS)
    monkeypatch.setattr(bench, "operations_per_text", lambda: 1.5)
    monkeypatch.setattr(bench, "peak_memory", lambda: 1_200)
    loads = iter([load, 2.5])
    monkeypatch.setattr(bench, "load", lambda: next(loads))
    assert bench.main() == 0
    (path,) = bench.RESULTS.iterdir()
    assert json.loads(path.read_text())["load"] == {"before": load, "after": 2.5}
    last = capsys.readouterr().err.splitlines()[-1]
    assert (last == said) if said else "Not a quiet computer" not in last


def test_a_run_that_went_on_was_as_quiet_as_its_louder_part(bench, monkeypatch):
    monkeypatch.setattr(bench, "todo", lambda: [])
    bench.RESULTS.mkdir()
    for before, now, expected in ((3.0, 0.1, 3.0), (0.1, 3.0, 3.0), (None, 0.1, 0.1)):
        stored = {"about": {"device": "mine", "load": before}, "rows": ROWS}
        bench.UNFINISHED.write_text(json.dumps(stored))
        about = {"device": "mine", "load": now}
        assert bench.measure(about) == ROWS and about["load"] == expected


@pytest.mark.parametrize("name", ["predict", "predict_bf16", "pipeline", "pipeline_batched"])
def test_each_way_to_predict_runs(bench, monkeypatch, name):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    from real_model import classifier, small_set, tokenizer

    texts = list(small_set().texts)
    assert bench.predict_once(name, classifier(), tokenizer(), texts)["texts_per_second"] > 0


@pytest.mark.slow
def test_contenders_train_the_same_model_from_the_same_start(bench):
    """Each of them learns: the real small model, a few texts, one step or two."""
    from real_model import new_classifier, small_set, tokenizer

    heads = {}
    for name, train in bench.contenders.TRAINING.items():
        model = new_classifier()
        before = model.classifier.weight.clone()
        train(model, tokenizer(), small_set(), 64, 0)
        heads[name] = (model.classifier.weight - before).abs().max().item()
        words = model.bert.embeddings.word_embeddings.weight
        frozen = torch.equal(words, new_classifier().bert.embeddings.word_embeddings.weight)
        assert frozen == (name in ("best_recipe", "trainer_best")), name
    assert min(heads.values()) > 0, heads


def test_operations_are_those_of_the_architecture(bench):
    """Six operations per weight and token, without the word table, and attention on top.

    The last layer makes keys and values for every token, and the rest for the first one only.
    """
    per_text = bench.operations_per_text()
    weights, tokens = 5 * 1.77e6 + 2 * 384**2, 27
    assert 0.9 * 6 * weights * tokens < per_text < 1.3 * 6 * weights * tokens


@pytest.mark.slow
def test_trainings_side_by_side(bench):
    """The real programs: each says when it is ready and when it has ended."""
    assert bench.neighbour.trained_at_once("two_at_once", texts=32) > 0
    with pytest.raises(SystemExit, match="ended before it was ready"):
        bench.neighbour.trained_at_once("alone", texts=-1)


# --- on a GPU: everything runs where `pick_device` says, and the figures are filed under it ---


@pytest.fixture
def device(bench, monkeypatch):
    """Pretend that this is the device of the course. "meta" stands in for a GPU: no numbers."""
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"Model T {device.index}")

    def pretend(name):
        chosen = torch.device(name)
        monkeypatch.setattr(course_utils, "pick_device", lambda *_, **__: chosen)

    return pretend


@pytest.mark.parametrize("name", ["cpu", "meta"])
def test_the_slides_code_and_the_matrix_product_run_on_the_device(bench, device, monkeypatch, name):
    from real_model import small_set, tokenizer

    class Model(torch.nn.Linear):
        def forward(self, input_ids, labels, **others):
            seen.update(tensor.device.type for tensor in (input_ids, labels, *others.values()))
            return SimpleNamespace(loss=super().forward(input_ids[:, :1].float()).sum())

    device(name)
    seen, waited = set(), []
    model = Model(1, 1)
    bench.contenders.slide_scaled_up(model, tokenizer(), small_set(), 64, 0)
    assert seen == {model.weight.device.type} == {name}

    multiplied = []
    monkeypatch.setattr(torch.accelerator, "synchronize", waited.append)
    monkeypatch.setattr(torch.Tensor, "__matmul__", lambda *both: multiplied.extend(both))
    bench.matmul_peak()
    assert {matrix.device.type for matrix in multiplied} == {name}
    assert bool(waited) == (name != "cpu")  # the clock waits for the end of each product


@pytest.mark.parametrize("name", ["cpu", "cuda", "mps"])
def test_transformers_uses_the_same_device(bench, device, monkeypatch, name):
    from real_model import classifier, small_set, tokenizer

    device(name)
    monkeypatch.setattr(precision, "has_bf16", lambda device: device.type == "cuda")
    asked = {}
    trainer = SimpleNamespace(train=lambda: None)
    monkeypatch.setattr(bench.contenders, "Trainer", lambda *_, **__: trainer)
    monkeypatch.setattr(
        bench.contenders, "TrainingArguments", lambda *_, **options: asked.update(options)
    )
    bench.contenders.trainer_default(classifier(), tokenizer(), small_set(), 64, 0)
    assert (asked["use_cpu"], asked["bf16"]) == (name == "cpu", name == "cuda")

    def pipeline(*_, **options):
        asked.update(options)
        return lambda *_, **__: None

    monkeypatch.setattr(bench, "pipeline", pipeline)
    bench.predict_once("pipeline", classifier(), tokenizer(), ["a film"])
    assert asked["device"] == torch.device(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cpu", f"CPU, {os.cpu_count()} cores"),
        ("cuda:1", "Model T 1, bf16"),
        ("mps", "Apple GPU"),
    ],
)
@pytest.mark.parametrize("cuda", [True, False])
def test_figures_belong_to_the_device_that_was_used(
    bench, device, monkeypatch, tmp_path, name, expected, cuda
):
    """Not to a GPU that this computer has and that COURSE_DEVICE leaves alone."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(precision, "has_bf16", lambda device: True)
    device(name)
    assert bench.machine()["device"] == f"{expected}, {platform.system()} {platform.machine()}"

    bench.RESULTS.mkdir()
    monkeypatch.setattr(bench, "measure", lambda about: ROWS)
    monkeypatch.setattr(bench, "operations_per_text", lambda: 1.5)
    monkeypatch.setattr(bench, "peak_memory", lambda: 1_200)
    bench.main()
    (path,) = bench.RESULTS.iterdir()
    assert path.stem.endswith("-cpu" if name == "cpu" else "-gpu")


# --- what RESULTS.md and the records do with it ---


def test_the_results_quote_the_newest_run_with_the_default_checkpoint_on_a_cpu(bench, tmp_path):
    import results

    runs = ("2026-11-24-cpu", "2026-12-01-cpu", "2026-12-02-gpu", "2026-12-03-cpu-someone--bert")
    for name in runs:
        (tmp_path / f"{name}.json").write_text("{}", encoding="utf-8")
    assert results.newest_bench(tmp_path).stem == "2026-12-01-cpu"
    assert results.BENCH.parent.name == "results" and results.BENCH.stem.endswith("-cpu")


def test_the_results_say_what_a_newer_run_also_measured(bench):
    import results

    old = {"figures": {"predict vs pipeline": 3.5}}
    assert results._sentences(old) == []
    figures = bench.figures(ROWS, operations=1.5, memory=1_200)
    said = results._sentences({"figures": figures, "load": {"before": 1.26, "after": None}})
    assert said == [
        "",
        "Other programs at work as it began: 1.3.",
        "",
        "Two trainings at once get through 0.80 times the texts of one alone; that is 2.00 times "
        "what they do where a thread that waits keeps its core busy.",
        "",
        "In bf16, `predict` is 8.00 times as fast as the `pipeline`, and 4.00 times as fast as "
        "that with 32 texts at once, both in fp32.",
        "",
        "Two processes of one thread each, at batch 64: each does 0.90 of what one does alone; "
        "together 1.20 times the texts of one process with two threads.",
    ]
    assert results._sentences({**old, "load": {"before": None, "after": None}}) == []


def test_the_gap_game_is_recorded_for_minilm_alone(bench, monkeypatch):
    """Else the curve of minilm would be filed as that of another, and its weights be replaced."""
    import masked_lm

    def start(*_):
        raise AssertionError("it has started")

    monkeypatch.setattr(course_utils, "load_tokenizer", start)
    other = settings.Settings("bert-base-uncased", "default", "cpu")
    monkeypatch.setattr(settings, "_settings", other)
    with pytest.raises(SystemExit, match="trains minilm, and the checkpoint is bert-base-uncased"):
        masked_lm.main()
