"""What a training will cost: operations, memory and hours, against the real model."""

import statistics
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
import transformers
from figure_form import catch_axes, check_form
from peft import LoraConfig
from real_model import new_classifier, tokenizer
from torch.utils.flop_counter import FlopCounterMode

import course_utils
from course_utils import settings
from course_utils.errors import DataError
from course_utils.look.figures import cost as figures
from course_utils.model import cost, run_state
from course_utils.model.batches import Batches
from course_utils.model.cost import Shape, Speed, shape_of, what_trains

BASE = Shape(12, 768, 3072)
HERE = Speed("this computer", 1_000.0, 1e11, 8.0, 4)
ADAPTER = {"target_modules": "all-linear", "modules_to_save": ["classifier"]}


def prepared(trains):
    model = new_classifier().eval()
    if trains == "adapter":
        model.add_adapter(LoraConfig(r=8, **ADAPTER))
    elif trains == "head":
        course_utils.freeze(model)
    return model


def batch(texts, tokens):
    ids = torch.full((texts, tokens), 2_000)
    labels = torch.zeros(texts, dtype=torch.long)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}


def test_weights_are_those_of_the_real_checkpoints():
    assert BASE.weights == 109_482_240  # of a BertModel; the 110 M of its authors
    sizes = cost.known()["checkpoints"]
    model = new_classifier()
    assert Shape(**sizes["minilm"]) == shape_of(model)
    assert shape_of(model).weights == sum(w.numel() for w in model.bert.parameters())
    assert Shape(**sizes["bert-base-uncased"]) == BASE
    large = Shape(**sizes["bert-large-uncased"])
    config = transformers.BertConfig(
        num_hidden_layers=large.layers,
        hidden_size=large.hidden,
        intermediate_size=large.inner,
        num_attention_heads=16,
    )
    with torch.device("meta"):
        built = transformers.BertModel(config)
    assert large.weights == sum(w.numel() for w in built.parameters())


def test_operations_of_bert_base():
    """0.524 * 10^9 per token of 128; the weights alone make 0.510, six each."""
    assert round(BASE.operations(128) / 1e9, 3) == 0.524
    assert BASE.operations(0.0) == 6 * 84_934_656
    assert BASE.operations(0.0, "nothing") == 2 * 84_934_656


@pytest.mark.parametrize("tokens", [16, 128])
@pytest.mark.parametrize("trains", ["all", "adapter", "head"])
def test_operations_are_those_that_torch_counts(trains, tokens):
    model, texts = prepared(trains), 4
    model.set_attn_implementation("eager")  # torch does not count its own attention on a CPU
    with FlopCounterMode(display=False) as counter:
        model(**batch(texts, tokens)).loss.backward()
    estimate = texts * tokens * shape_of(model).operations(tokens, what_trains(model))
    assert counter.get_total_flops() == pytest.approx(estimate, rel=0.05)


@pytest.mark.parametrize("trains", ["all", "adapter"])
def test_memory_of_a_step_is_what_torch_keeps_for_the_way_back(trains):
    model = prepared(trains)
    own, kept = {w.data_ptr() for w in model.parameters()}, {}

    def note(tensor):
        store = tensor.untyped_storage()
        if store.data_ptr() not in own:
            kept[store.data_ptr()] = store.nbytes()
        alive.append(tensor)  # or another one would take its place
        return tensor

    alive = []
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        model(**batch(4, 128))
    shape = shape_of(model)
    weights = shape.gigabytes(0, trains)
    assert sum(kept.values()) / 1e9 == pytest.approx(
        shape.gigabytes(4 * 128, trains) - weights, rel=0.1
    )
    if trains == "all":
        assert weights == pytest.approx(16 * shape.weights / 1e9)


def test_memory_of_a_step_by_hand():
    """Of one small layer: 16 bytes for each weight, then 8 · 6 + 2 · 10 + 2 · 6 numbers a token."""
    shape = replace(BASE, layers=1, hidden=6, inner=10)
    kept = shape.gigabytes(1, "all") - 16 * shape.weights / 1e9
    assert kept == pytest.approx(4 * 80 / 1e9)


def test_what_trains_is_seen_in_the_model():
    for trains in ("all", "adapter", "head"):
        assert what_trains(prepared(trains)) == trains
    model = new_classifier()
    course_utils.freeze_word_embeddings(model)
    assert what_trains(model) == "all"


def test_hours_by_hand():
    costs = course_utils.training_cost(
        *(1_000_000, 100),
        epochs=2,
        batch_size=512,
        here=HERE,
        price_per_hour={"NVIDIA H100": 3.0},
    ).set_index(["checkpoint", "device"])
    here = costs.loc["bert-base-uncased", "this computer"]
    work = 2e8 * BASE.operations(100)
    middle = work / 1e11 / 3_600
    for column, hours in (("hours", 1), ("hours_least", 1 / 1.25), ("hours_most", 1.25)):
        assert here[column] == float(f"{hours * middle:.2g}")
    there = costs.loc["bert-base-uncased", "NVIDIA H100"]
    for column, share in (("hours_most", 0.2), ("hours_least", 0.4)):
        assert there[column] == float(f"{work / (share * 989e12) / 3_600:.2g}")
    assert there["money"] == pytest.approx(3 * there["hours"])
    assert pd.isna(here["money"])
    assert costs["gigaflop_per_token"].loc["bert-base-uncased"].nunique() == 1


def test_a_small_job_takes_as_long_as_its_steps_need_to_begin():
    """Ten steps of `minilm` on the fastest GPU: 6 layers begin 90 computations each, of 5 µs."""
    costs = course_utils.training_cost(320, 64, here=HERE).set_index(["checkpoint", "device"])
    there = costs.loc["minilm", "NVIDIA H100"]
    for column in ("hours_least", "hours", "hours_most"):
        assert there[column] == float(f"{10 * 6 * 90 * 5e-6 / 3_600:.2g}")
    here = 320 * 64 * Shape(6, 384, 1536).operations(64) / 1e11 / 3_600
    assert costs.loc["minilm", "this computer"]["hours"] == float(f"{here:.2g}")


@pytest.mark.parametrize("prices", [None, {"NVIDIA H100": 3.0}])
def test_a_terminal_shows_the_hours(prices):
    costs = course_utils.training_cost(100_000, 64, here=HERE, price_per_hour=prices)
    with pd.option_context("display.width", 80, "display.max_columns", 0):
        assert " hours" in str(costs).splitlines()[0]


def test_a_batch_that_is_too_large_does_not_fit():
    few, many = (
        course_utils.training_cost(1, 512, batch_size=size, here=HERE).set_index(
            ["checkpoint", "device"]
        )["fits"]
        for size in (8, 256)
    )
    large = ("bert-large-uncased", "NVIDIA L4")
    assert few[large] and not many[large]
    assert few["minilm"].all()
    nobody_knows = Speed("this computer", 1_000.0, 1e11, None, 4)
    costs = course_utils.training_cost(1, 512, here=nobody_knows)
    assert costs["fits"].iloc[0] is None


def test_less_is_trained_in_less_time_and_memory():
    costs = {
        trains: course_utils.training_cost(1_000, 64, trains=trains)[["hours", "gigabytes"]]
        for trains in ("all", "adapter", "head")
    }
    for more, less in (("all", "adapter"), ("adapter", "head")):
        assert (costs[more] > costs[less]).all().all()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"texts": 0}, "texts=0: expected a number above 0"),
        ({"tokens": float("nan")}, "tokens=nan: expected a number above 0"),
        ({"tokens": 600}, "tokens=600: these checkpoints read 512 of a text at most"),
        ({"epochs": "3"}, "epochs='3': expected a number above 0"),
        (
            {"trains": "heads"},
            "'heads' is none of all, adapter, head, nothing. Did you mean 'head'",
        ),
        ({"price_per_hour": {"H100": 3}}, "'H100' is none of NVIDIA L4"),
        ({"price_per_hour": {"NVIDIA H10": 3}}, "Did you mean 'NVIDIA H100'"),
        ({"price_per_hour": {"NVIDIA H100": -1}}, "NVIDIA H100=-1: expected a number above 0"),
        ({"price_per_hour": 3}, "price_per_hour=3: expected a dict"),
    ],
)
def test_bad_input_is_one_sentence(change, sentence):
    with pytest.raises(DataError, match=sentence):
        course_utils.training_cost(**{"texts": 10, "tokens": 10, **change})


def test_the_probe_leaves_the_model_and_the_random_numbers_alone(monkeypatch):
    monkeypatch.setattr(cost, "PROBE", 8)
    train, _, _ = course_utils.load_reviews(quiet=True)
    model = prepared("head")
    before = {key: weight.clone() for key, weight in model.state_dict().items()}
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    speed = course_utils.measure_speed(model, tokenizer(), train)
    assert torch.equal(torch.rand(1), expected)
    assert all(torch.equal(weight, before[key]) for key, weight in model.state_dict().items())
    per_token = speed.operations_per_second / speed.tokens_per_second
    work = [shape_of(model).operations(tokens, "head") for tokens in (2, 64)]
    assert work[0] < per_token < work[1]
    assert str(speed).startswith("this computer: ")


@pytest.mark.parametrize(("precision", "number"), [("fp32", 4), ("bf16", 2)])
def test_the_bytes_of_a_number_are_those_of_the_precision(precision, number, monkeypatch):
    monkeypatch.setattr(cost, "PROBE", 4)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    chosen = settings.Settings("minilm", "default", "cpu", precision)
    monkeypatch.setattr(settings, "_settings", chosen)
    train, _, _ = course_utils.load_reviews(quiet=True)
    assert course_utils.measure_speed(prepared("head"), tokenizer(), train).number == number


def test_ctrl_c_stops_the_probe_at_once(monkeypatch):
    ran = []
    monkeypatch.setattr(
        cost, "fine_tune", lambda *_, **__: ran.append(1) or SimpleNamespace(interrupted=True)
    )
    train, _, _ = course_utils.load_reviews(quiet=True)
    with pytest.raises(KeyboardInterrupt):
        course_utils.measure_speed(prepared("head"), tokenizer(), train)
    assert len(ran) == 1


def test_the_probe_has_texts_of_several_labels():
    texts = [f"text {number}" for number in range(3_000)]
    data = course_utils.LabeledTexts(texts, [0] * 2_999 + [1])
    some = cost._some(data)
    assert set(some.labels) == {0, 1} and len(some) == cost.PROBE


@pytest.fixture
def drawn(monkeypatch):
    return catch_axes(monkeypatch, figures)


def test_the_figure_has_a_line_for_each_row(drawn):
    costs = course_utils.training_cost(
        1_000_000, 512, batch_size=64, here=HERE, price_per_hour={"NVIDIA H100": 3}
    )
    figure = course_utils.plot_cost(costs)
    check_form(figure)
    _, axes = drawn[0]
    lines = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2]
    ends = (3_600 * costs[["hours_least", "hours_most"]]).to_numpy().tolist()
    np.testing.assert_allclose(sorted(map(list, lines)), sorted(ends))
    assert [label.get_text() for label in axes.get_yticklabels()] == list(costs["device"].unique())
    hollow = [line for line in axes.lines if line.get_markerfacecolor() == "white"]
    assert len(hollow) == (costs["fits"] == False).sum() > 0  # noqa: E712
    assert figure.alt.count("too much for it") == len(hollow)
    money = costs["money"].dropna().iloc[-1]
    assert f"costs {money:,.2f}" in figure.alt
    assert "the memory of one step" in figure.summary


def test_the_figure_of_one_row(drawn):
    figure = course_utils.plot_cost(course_utils.training_cost(1_000, 64).head(1))
    check_form(figure)
    assert figure.summary.count("NVIDIA L4") == 1


@pytest.mark.slow
@pytest.mark.parametrize("trains", ["all", "adapter"])
def test_a_training_on_this_computer_takes_about_as_long_as_estimated(trains, monkeypatch):
    """In processor seconds, in which other programs hardly count; probe and training take turns."""
    monkeypatch.setattr(run_state, "time", SimpleNamespace(perf_counter=time.process_time))
    train, _, _ = course_utils.load_reviews(quiet=True)
    train = train.sample(640)
    lengths = Batches(tokenizer(), train).lengths
    ratios = []
    for _ in range(3):
        model = prepared(trains)
        speed = course_utils.measure_speed(model, tokenizer(), train)
        seconds = course_utils.fine_tune(model, tokenizer(), train).seconds
        costs = course_utils.training_cost(
            len(train), sum(lengths) / len(lengths), trains=trains, here=speed
        )
        ratios.append(3_600 * costs["hours"].iloc[0] / seconds)
    assert 1 / (1 + cost.NEAR) < statistics.median(ratios) < 1 + cost.NEAR, ratios
