"""LoRA by peft: the course's functions work on such a model, and what is saved has its head."""

import copy
import inspect
import re
import subprocess
import sys
import textwrap
from functools import partial

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from real_model import fine_tune, new_classifier, small_set, tokenizer
from stop_button import press_at

import course_utils
from course_utils.errors import CheckpointNotFound, CourseError, DataError
from course_utils.model.cost import what_trains
from course_utils.model.lora import has_adapter, merged
from course_utils.model.mirror import at_rest, mirror
from course_utils.model.saving import read_about
from course_utils.model.training import default_learning_rate

TEXTS = list(small_set().texts)
HEAD = {"modules_to_save": ["classifier"]}


def with_adapter(layers="all-linear", **options):
    """A classifier with narrow matrices, none of them without effect."""
    model = new_classifier()
    model.add_adapter(LoraConfig(r=8, target_modules=layers, **options))
    return model


def answers(model):
    return course_utils.predict(model, tokenizer(), TEXTS, quiet=True)


@pytest.fixture(scope="module")
def trained():
    """No test may change it."""
    model = with_adapter(**HEAD)
    return model, fine_tune(model, learning_rate=2e-3, epochs=2)


def test_adapter_and_head_are_trained_and_nothing_else(trained):
    model, history = trained
    assert history.losses[-1] < history.losses[0] and not model.training
    start = dict(new_classifier().named_parameters())
    moved = set()
    for name, weight in model.named_parameters():
        own = name.replace(".base_layer", "").replace(".original_module", "")
        if own in start:
            assert torch.equal(weight, start[own]), name
        else:
            moved.add(name.split(".")[-3 if "lora" in name else 0])
            assert weight.requires_grad and weight.abs().max() > 0, name
    assert moved == {"lora_A", "lora_B", "classifier"}
    assert course_utils.parameter_table(model).loc["total", "trained"] == 338_690
    assert not np.allclose(answers(model), answers(new_classifier()), atol=0.02)


def test_the_default_rate_is_the_one_that_validation_chose(trained):
    """On all layers; that of all weights would be far too low, and nobody would notice why."""
    record = course_utils.load_record("lora").query("method == 'all linear layers' and seed == 0")
    best = record.loc[record["validation_accuracy"].idxmax(), "learning_rate"]
    assert default_learning_rate(trained[0]) == pytest.approx(best)
    assert default_learning_rate(merged(trained[0])) == 1e-4


def test_that_rate_is_for_a_run_in_which_the_adapter_trains():
    model = with_adapter(**HEAD)
    assert (what_trains(model), default_learning_rate(model)) == ("adapter", 2e-3)
    for name, weight in model.named_parameters():
        weight.requires_grad = name.startswith("classifier.modules_to_save")
    assert (what_trains(model), default_learning_rate(model)) == ("head", 1e-4)
    course_utils.unfreeze(model)
    assert (what_trains(model), default_learning_rate(model)) == ("all", 1e-4)


def test_query_and_value_alone_are_fewer():
    model = with_adapter(["query", "value"], **HEAD)
    assert course_utils.parameter_table(model).loc["total", "trained"] == 74_498


def test_the_mirror_has_the_adapter_and_its_own_mode(trained):
    model, _ = trained
    batch = tokenizer()(TEXTS, padding=True, return_tensors="pt")
    with torch.inference_mode():
        by_hand = model(**batch).logits.softmax(dim=-1).numpy()
    np.testing.assert_allclose(answers(model), by_hand, atol=1e-6, rtol=0)
    model.train()
    with at_rest(model) as still:
        assert model.training and not any(part.training for part in still.modules())
    model.eval()
    copied = mirror(model)
    own = [weight.data_ptr() for weight in model.parameters()]
    assert [weight.data_ptr() for weight in copied.parameters()] == own


def test_the_merged_model_is_plain_and_answers_the_same(trained):
    model, _ = trained
    plain = merged(model)
    assert has_adapter(model) and not has_adapter(plain)
    assert list(plain.state_dict()) == list(new_classifier().state_dict())
    assert {type(part) for part in plain.modules()} == {
        type(part) for part in new_classifier().modules()
    }
    np.testing.assert_allclose(answers(plain), answers(model), atol=1e-6, rtol=0)
    assert merged(plain) is plain


def test_what_looks_inside_sees_the_adapter(trained):
    model, _ = trained
    result = course_utils.evaluate(model, tokenizer(), small_set(), quiet=True)
    np.testing.assert_allclose(result.probabilities, answers(model), atol=1e-6, rtol=0)
    for explain in (course_utils.occlusion, course_utils.integrated_gradients):
        found, plain = (explain(one, tokenizer(), TEXTS[0]) for one in (model, merged(model)))
        np.testing.assert_allclose(found.scores, plain.scores, atol=2e-3, rtol=0)
    assert course_utils.attention_to_words(model, tokenizer(), TEXTS[0]).shape[0] > 2
    with pytest.raises(DataError, match="differ in their blocks or shapes"):
        course_utils.movement(model, new_classifier())


def test_a_save_needs_no_peft_and_has_the_head(trained, tmp_path, monkeypatch, capsys):
    model, history = trained
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    course_utils.save(str(tmp_path / "mine"), model, tokenizer(), history)
    assert "Saved" in capsys.readouterr().out and has_adapter(model)
    after = model.state_dict()
    assert list(after) == list(before) and all(
        torch.equal(after[key], before[key]) for key in before
    )
    loaded, its_tokenizer = course_utils.load(str(tmp_path / "mine"))
    assert not has_adapter(loaded)
    found = course_utils.predict(loaded, its_tokenizer, TEXTS, quiet=True)
    np.testing.assert_allclose(found, answers(model), atol=1e-6, rtol=0)
    code = (
        "import sys; sys.modules['peft'] = None\n"
        "from transformers import pipeline\n"
        f"print(pipeline('text-classification', model={str(tmp_path / 'mine')!r})({TEXTS[0]!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    score = float(re.search(r"'score': ([\d.]+)", done.stdout)[1])
    assert score == pytest.approx(answers(model)[0].max(), abs=1e-5), done.stderr


def test_an_interrupted_run_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    press_at(monkeypatch, step=2)
    model = with_adapter(**HEAD)
    history = fine_tune(model)
    with pytest.raises(CourseError, match=r"save it as it is with save\(name, model, tokenizer\)"):
        course_utils.save(str(tmp_path / "half"), model, tokenizer(), history)
    assert not list(tmp_path.iterdir())
    course_utils.save(str(tmp_path / "half"), model, tokenizer())
    loaded = course_utils.load(str(tmp_path / "half"))[0]
    np.testing.assert_allclose(answers(loaded), answers(model), atol=1e-6, rtol=0)


def test_a_wrapped_model_is_told_how_to_unwrap_itself():
    config = LoraConfig(r=8, target_modules="all-linear", task_type="SEQ_CLS")
    wrapped = get_peft_model(new_classifier(), config)
    with pytest.raises(DataError, match="peft has wrapped this model .* merge_and_unload"):
        course_utils.predict(wrapped, tokenizer(), TEXTS)
    course_utils.predict(wrapped.merge_and_unload(), tokenizer(), TEXTS, quiet=True)


def test_each_epoch_can_be_kept_but_the_run_cannot_go_on(tmp_path):
    kept = str(tmp_path / "kept")
    keep = partial(course_utils.save, kept)
    history = fine_tune(with_adapter(**HEAD), epochs=2, after_epoch=keep)
    assert len(history.losses) == 8 and not history.interrupted
    about = read_about(kept)["history"]
    assert about["interrupted"] and len(about["losses"]) == 4
    with pytest.raises(CourseError, match="there is nothing to go on with: use it with load"):
        course_utils.resume(kept, small_set())


@pytest.mark.parametrize("head", [{}, HEAD], ids=["adapter", "and head"])
def test_an_adapter_that_is_switched_off_is_not_saved(head, trained, tmp_path):
    model = copy.deepcopy(trained[0]) if head else with_adapter()
    if not head:
        fine_tune(model, learning_rate=2e-3)
    on = answers(model)
    model.disable_adapters()
    expected = answers(model)
    assert np.abs(on - expected).max() > 0.01
    course_utils.save(str(tmp_path / "off"), model, tokenizer())
    loaded = course_utils.load(str(tmp_path / "off"))[0]
    np.testing.assert_allclose(answers(loaded), expected, atol=1e-6, rtol=0)


# --- the adapter alone ---


def test_the_lines_that_save_adapter_and_head_and_load_them_elsewhere(tmp_path, monkeypatch):
    """They stand in the docstring of `save`. Nobody may hang on the head of the same seed."""
    monkeypatch.chdir(tmp_path)
    lines = inspect.getdoc(course_utils.save).partition("only then::\n")[2].partition("\nIf ")[0]
    names = {"course_utils": course_utils, "tokenizer": tokenizer()}
    names["train"] = small_set()
    mine, elsewhere = textwrap.dedent(lines).strip().split("\n\n")
    exec(mine, names)
    exec(elsewhere.replace("load_classifier()", "load_classifier(seed=5)"), names)
    expected = answers(names["model"])
    np.testing.assert_allclose(answers(names["elsewhere"]), expected, atol=1e-6, rtol=0)
    size = (tmp_path / "my-adapter" / "adapter_model.safetensors").stat().st_size
    said = re.search(r"([\d.]+) MB for minilm", lines)[1]
    assert f"{size / 1e6:.1f}" == said
    with pytest.raises(CheckpointNotFound):  # it is no model of its own
        course_utils.load("./my-adapter")


def test_without_its_head_an_adapter_answers_something_else(tmp_path):
    """The trap. What `save` writes has the head all the same."""
    model = with_adapter(["query", "value"])
    fine_tune(model, learning_rate=2e-3)
    model.save_pretrained(tmp_path / "adapter")
    other = new_classifier(seed=5)
    other.load_adapter(str(tmp_path / "adapter"))
    assert np.abs(answers(other) - answers(model)).max() > 0.01
    course_utils.save(str(tmp_path / "whole"), model, tokenizer())
    loaded = course_utils.load(str(tmp_path / "whole"))[0]
    np.testing.assert_allclose(answers(loaded), answers(model), atol=1e-6, rtol=0)
