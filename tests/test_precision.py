"""bf16: where it is used, that it is asked for, and what it changes."""

import re
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from real_model import classifier, fine_tune, new_classifier, small_set, tokenizer, weights

import course_utils
from course_utils.command.program import main
from course_utils.errors import DeviceUnavailable
from course_utils.model import alone, precision, prediction

CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)


@pytest.fixture(autouse=True)
def switches(models):
    """As at the beginning."""


@pytest.fixture
def bf16(monkeypatch):
    """A processor that has it: PyTorch computes the same anywhere, only slower."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    course_utils.use(precision="bf16")


@pytest.fixture
def gpu(monkeypatch):
    """Pretend that the GPU has bf16, or that it has not."""

    def pretend(has):
        def supported(including_emulation=True):
            return has or including_emulation

        monkeypatch.setattr(torch.cuda, "device", nullcontext)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)

    return pretend


def predict(texts=None) -> np.ndarray:
    return course_utils.predict(classifier(), tokenizer(), texts or small_set(), batch_size=4)


# --- which one ---


@pytest.mark.parametrize(
    ("found", "has"),
    [
        ({"avx512_bf16": True, "amx_bf16": False}, True),
        ({"avx512_bf16": False, "amx_bf16": True}, True),
        ({"avx512_bf16": False, "avx2": True}, False),
        ({"architecture": "aarch64", "neon": True}, False),
    ],
)
def test_processors(monkeypatch, found, has):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found)
    assert precision.has_bf16(CPU) == has
    assert not precision.has_bf16(torch.device("mps"))  # not tried


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="Linux tells its flags there")
def test_this_processor_has_what_the_system_says():
    flags = set(re.findall(r"\b(?:avx512|amx)_bf16\b", Path("/proc/cpuinfo").read_text()))
    assert precision.has_bf16(CPU) == bool(flags)


@pytest.mark.parametrize("training", [True, False])
def test_a_processor_computes_fp32_unless_it_is_asked(bf16, training):
    """Whatever it has: so each computer prints the same numbers."""
    assert precision.pick_precision(CPU, training) == "bf16"
    for wish in ("auto", "fp32"):
        course_utils.use(precision=wish)
        assert precision.pick_precision(CPU, training) == "fp32"


@pytest.mark.parametrize("has", [True, False])
def test_a_gpu_trains_in_bf16_if_it_has_it(gpu, has):
    """One that only emulates it is slower with it."""
    gpu(has)
    assert precision.pick_precision(GPU, training=True) == ("bf16" if has else "fp32")
    assert precision.pick_precision(GPU) == "fp32"
    course_utils.use(precision="fp32")
    assert precision.pick_precision(GPU, training=True) == "fp32"


def test_the_loop_asks_what_to_train_in(gpu):
    """Not what to predict in: on a GPU that differs."""
    gpu(True)
    assert alone.Alone(GPU).precision == "bf16"


@pytest.mark.parametrize(("device", "name"), [(CPU, "processor"), (GPU, "GPU")])
def test_what_is_not_there_is_not_promised(monkeypatch, gpu, device, name):
    gpu(False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    course_utils.use(precision="bf16")
    with pytest.raises(DeviceUnavailable) as caught:
        precision.pick_precision(device)
    assert str(caught.value) == (
        f"precision='bf16' was asked for, but this computer's {name} has no arithmetic for it: "
        'choose "auto" or "fp32", with use(precision="auto") or the variable COURSE_PRECISION.'
    )
    if device == CPU:
        for ask in (predict, lambda: fine_tune(new_classifier())):
            with pytest.raises(DeviceUnavailable, match="this computer's processor has no"):
                ask()


# --- what it does ---


def test_answers_are_nearly_those_of_fp32(bf16):
    found = predict()
    course_utils.use(precision="fp32")
    exact = predict()
    course_utils.use(precision="auto")
    np.testing.assert_array_equal(predict(), exact)
    assert found.dtype == exact.dtype == np.float32
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-6)
    assert 1e-6 < np.abs(found - exact).max() < 0.02


def test_each_core_computes_so(bf16, two_cores):
    """PyTorch keeps the precision for each thread by itself."""
    found = predict()
    torch.set_num_threads(1)
    np.testing.assert_allclose(found, predict(), atol=1e-6)


def test_what_is_compared_with_another_file_is_exact(bf16):
    """`answers`, which an exported model is held against, takes its precision as an argument."""
    from course_utils.progress import progress_bar

    texts = list(small_set().texts)
    bar = progress_bar(len(texts), "texts", "Predicting", quiet=True)
    exact = prediction.answers(classifier(), tokenizer(), texts, 4, 64, bar)
    found = predict()
    assert np.abs(found - exact).max() > 1e-6
    course_utils.use(precision="fp32")
    np.testing.assert_array_equal(exact, predict())


def test_the_command_follows_the_switch(bf16, tmp_path):
    """Which is the variable COURSE_PRECISION there."""
    folder, table = tmp_path / "model", tmp_path / "in.csv"
    course_utils.save(str(folder), classifier(), tokenizer())
    pd.DataFrame({"text": small_set().texts}).to_csv(table, index=False)
    found = {}
    for wish in ("bf16", "fp32"):
        course_utils.use(precision=wish)
        out = tmp_path / f"{wish}.csv"
        assert main(["predict", str(folder), str(table), str(out)]) == 0
        found[wish] = pd.read_csv(out)["probability"]
    assert 1e-6 < (found["bf16"] - found["fp32"]).abs().max() < 0.02


def test_training_keeps_its_weights_in_fp32(bf16):
    model, exact = new_classifier(), new_classifier()
    run = fine_tune(model, validation=small_set())
    course_utils.use(precision="fp32")
    plain = fine_tune(exact, validation=small_set())
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert run.losses != plain.losses and run.losses == pytest.approx(plain.losses, abs=0.02)
    assert not torch.equal(weights(model), weights(exact))
    assert torch.allclose(weights(model), weights(exact), atol=2e-3)


def test_class_weights_count_as_before(bf16):
    run = fine_tune(new_classifier(), class_weights=[1, 3])
    course_utils.use(precision="fp32")
    plain = fine_tune(new_classifier(), class_weights=[1, 3])
    assert run.losses != plain.losses and run.losses == pytest.approx(plain.losses, abs=0.05)
