"""A mirror shares the weights of a model, and nothing that is switched."""

import copy
import gc
import threading
import weakref

import pytest
import torch
from real_model import small_set, tokenizer
from stand_in import make_checkpoint

import course_utils
from course_utils.model.mirror import at_rest, mirror


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return make_checkpoint(tmp_path_factory.mktemp("mirror") / "small", with_head=False)


@pytest.fixture
def model(checkpoint):
    return course_utils.load_classifier(checkpoint, quiet=True).train()


def batch():
    return tokenizer()(["a warm, funny film"], return_tensors="pt")


def test_what_is_switched_in_a_mirror_the_model_does_not_see(model):
    before = {name: id(weight) for name, weight in model.named_parameters()}
    other = mirror(model).eval()
    other.set_attn_implementation("eager")
    other.bert.encoder.layer[0].attention.self.dropout.p = 0.9
    other.register_forward_hook(lambda *_: pytest.fail("this hook is not the model's"))
    assert all(module.training for module in model.modules())
    assert not any(module.training for module in other.modules())
    assert model.config._attn_implementation == "sdpa"
    assert model.bert.encoder.layer[0].attention.self.dropout.p == 0.1
    assert {name: id(weight) for name, weight in other.named_parameters()} == before
    model(**batch())


def test_a_mirror_answers_as_its_model_does_and_follows_its_weights(model):
    model.eval()
    other = mirror(model)
    assert torch.equal(other(**batch()).logits, model(**batch()).logits)
    with torch.no_grad():
        model.classifier.bias += 1
    assert torch.equal(other(**batch()).logits, model(**batch()).logits)


def test_nothing_is_kept_of_a_model_that_is_gone(model):
    """Its weights would fill the memory until Python cleans up."""
    gc.disable()
    try:
        other = course_utils.with_block_reset(model, copy.deepcopy(model), "head")
        gone = weakref.ref(other.classifier.weight)
        course_utils.predict(other, tokenizer(), ["a film"])
        course_utils.occlusion(other, tokenizer(), "a warm film")
        del other
        assert gone() is None
    finally:
        gc.enable()


def compiled(model):
    model.compile(backend="eager")


def wrapped_by_another_library(model):
    from accelerate.hooks import ModelHook, add_hook_to_module

    add_hook_to_module(model, ModelHook())
    add_hook_to_module(model.bert, ModelHook())


def with_a_method_of_ones_own(model):
    plain = type(model).forward
    model.forward = lambda *given, **named: plain(model, *given, **named)


@pytest.mark.parametrize(
    "change", [compiled, wrapped_by_another_library, with_a_method_of_ones_own]
)
def test_a_model_with_another_forward_pass_rests_too(model, change):
    """It leads back to the model itself, where dropout is on."""
    with at_rest(model) as still, torch.no_grad():
        expected = torch.softmax(still(**batch()).logits, dim=-1).numpy()
    change(model)
    for _ in range(3):
        found = course_utils.predict(model, tokenizer(), ["a warm, funny film"])
        assert found == pytest.approx(expected, abs=1e-5)
    attention = course_utils.attention_weights(model, tokenizer(), "a warm, funny film")
    assert attention.weights.shape[:2] == (4, 4)
    assert all(module.training for module in model.modules())


def test_predictions_within_the_faster_last_layer_rest_too(model):
    expected = course_utils.predict(model, tokenizer(), ["a warm, funny film"])
    with course_utils.first_position_only(model):
        for _ in range(3):
            found = course_utils.predict(model, tokenizer(), ["a warm, funny film"])
            assert found == pytest.approx(expected, abs=1e-6)


def test_dropout_is_on_in_the_training_of_a_compiled_model(model, checkpoint):
    compiled(model)
    losses = {}
    for dropout in (False, True):
        trained = model if dropout else course_utils.load_classifier(checkpoint, quiet=True)
        options = {"epochs": 2, "batch_size": 4, "dropout": dropout}
        losses[dropout] = course_utils.fine_tune(
            trained, tokenizer(), small_set(), **options
        ).losses
    assert max(abs(a - b) for a, b in zip(*losses.values(), strict=True)) > 1e-4


def test_a_loop_written_by_hand_does_not_notice_a_view(checkpoint):
    """Nobody tells us of such a loop, so no lock helps: the view works on a mirror."""

    def loop(model):
        torch.manual_seed(0)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
        rows = tokenizer()(list(small_set().texts), padding=True, return_tensors="pt")
        rows["labels"] = torch.tensor(small_set().labels)
        model.train()
        losses = []
        for _ in range(25):
            loss = model(**rows).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            assert model.training
        return losses

    def view():
        while not over.is_set():
            answers.append(course_utils.occlusion(asked, tokenizer(), "a warm film"))

    alone = loop(course_utils.load_classifier(checkpoint, quiet=True))
    asked, over, answers = (
        course_utils.load_classifier(checkpoint, quiet=True),
        threading.Event(),
        [],
    )
    thread = threading.Thread(target=view)
    thread.start()
    try:
        assert loop(asked) == alone
    finally:
        over.set()
        thread.join()
    assert answers
