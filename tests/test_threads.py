"""A view asks the model in a second thread while a cell trains it: neither disturbs the other."""

import copy
import gc
import itertools
import threading
import time
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest
import torch
from real_model import new_classifier, small_set, tokenizer

import course_utils
from course_utils.errors import ModelBusy
from course_utils.look.views import base
from course_utils.model import prediction, speed, training, turns
from course_utils.model.mirror import at_rest

BUSY = "Training: try again afterwards."
TEXTS = [*small_set().texts, "Not my cup of tea."]


def tiny(seed: int = 0):
    """A BERT classifier that takes a millisecond a step, with random weights and dropout."""
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(tokenizer()),
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        initializer_range=0.1,
        intermediate_size=64,
        label2id={"negative": 0, "positive": 1},
        id2label={0: "negative", 1: "positive"},
    )
    return BertForSequenceClassification(config).eval()


def train(model, **options):
    """Forty steps; with dropout, so that each random number that is drawn elsewhere counts."""
    data = small_set()
    options = {"epochs": 20, "batch_size": 8, "learning_rate": 1e-3, "dropout": True} | options
    return course_utils.fine_tune(model, tokenizer(), data, data, **options)


@contextmanager
def again_and_again(ask):
    """Within the block a second thread calls `ask`; what came of it stands in the list."""
    came, stop = [], threading.Event()

    def asking():
        while not stop.is_set():
            try:
                came.append(ask())
            except Exception as problem:
                came.append(problem)
                time.sleep(0.001)  # as a person who types, it lets others go on

    thread = threading.Thread(target=asking, daemon=True)
    thread.start()
    try:
        yield came
    finally:
        stop.set()
        thread.join(timeout=20)  # in a test that fails, it may wait for us


def wait_for(came: list) -> None:
    """Until something came, or 20 seconds are over."""
    deadline = time.monotonic() + 20
    while not came and time.monotonic() < deadline:
        time.sleep(0.01)
    assert came


READERS = {
    "predict": lambda m: course_utils.predict(m, tokenizer(), TEXTS[:3], quiet=True),
    "the encoder": lambda m: course_utils.sentence_vectors(m.base_model, tokenizer(), TEXTS[:3]),
    "attention": lambda m: course_utils.attention_weights(m, tokenizer(), TEXTS[0]).weights,
    "occlusion": lambda m: course_utils.occlusion(m, tokenizer(), TEXTS[0]).scores,
    "gradients": lambda m: course_utils.integrated_gradients(m, tokenizer(), TEXTS[0], 5).scores,
    "context": lambda m: course_utils.context_vectors(m.base_model, tokenizer(), "a joy", "joy"),
    "first position": lambda m: first_position(m),
}


def first_position(model):
    with course_utils.first_position_only(model):
        return np.zeros(1)


@pytest.fixture(scope="module")
def undisturbed():
    model = tiny()
    return model, train(model)


@pytest.mark.parametrize("reader", READERS)
def test_who_asks_during_training_changes_no_loss(undisturbed, reader):
    same, history = undisturbed
    model = tiny()
    with again_and_again(lambda: READERS[reader](model)) as came:
        time.sleep(0.05)
        disturbed = train(model)
        assert not any(part.training for part in model.modules())
        time.sleep(0.05)
    assert disturbed.losses == history.losses
    assert disturbed.validation_accuracies == history.validation_accuracies
    for name, weight in same.state_dict().items():
        assert torch.equal(weight, model.state_dict()[name]), name
    refused = [answer for answer in came if isinstance(answer, Exception)]
    assert refused and all(type(each) is ModelBusy and str(each) == BUSY for each in refused)
    right = [READERS[reader](tiny()), READERS[reader](same)]
    for answer in came:
        if not isinstance(answer, Exception):
            assert any(np.allclose(answer, one, atol=1e-6) for one in right)
    assert "forward" not in vars(model.bert.encoder.layer[-1])
    assert model.config._attn_implementation == "sdpa"


def test_two_threads_predict_and_both_are_right():
    """Also on a model that trains in a loop of one's own: its mode comes back."""
    model = tiny().train()
    readers = [READERS[name] for name in ("predict", "attention", "the encoder", "gradients")]
    right = [reader(model) for reader in readers]
    with again_and_again(lambda: [reader(model) for reader in readers]) as came:
        for _ in range(20):
            came.append([reader(model) for reader in readers])
    assert len(came) > 20
    for found in came:
        for answer, one in zip(found, right, strict=True):
            assert np.allclose(answer, one, atol=1e-6)
    assert all(part.training for part in model.modules())


def test_a_training_does_not_wait_for_ever_for_one_who_predicts_all_the_time():
    model = tiny()
    with again_and_again(lambda: READERS["predict"](model)):
        start = time.perf_counter()
        with turns.training(model):
            assert time.perf_counter() - start < 2


def test_who_waits_for_a_prediction_is_told_of_the_training_that_follows():
    model, ready = tiny(), threading.Event()

    def ask():
        ready.set()
        return READERS["predict"](model)

    with turns.alone(model):
        with again_and_again(ask) as came:
            ready.wait()
            time.sleep(0.05)
            assert not came  # it waits
            with turns.training(model):
                time.sleep(3 * turns.LOOK_AGAIN)
                assert came and str(came[0]) == BUSY


def test_a_prediction_that_has_begun_comes_to_its_end():
    """The training waits for it, though the prediction takes the model several times."""
    model, inside, go = tiny(), threading.Event(), threading.Event()
    found = []

    def ask():
        with at_rest(model):
            inside.set()
            go.wait()
            found.append(READERS["occlusion"](model))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    inside.wait()
    trains = threading.Thread(target=train, args=(model,), kwargs={"epochs": 1}, daemon=True)
    trains.start()
    time.sleep(0.1)
    go.set()
    asking.join(timeout=20)
    trains.join(timeout=20)
    assert not trains.is_alive()
    assert np.allclose(found[0], READERS["occlusion"](tiny()), atol=1e-6)


def test_a_second_training_is_refused_and_changes_nothing(undisturbed):
    """Not even the random numbers, from which every training draws."""
    model, other = tiny(), tiny()
    with turns.training(model), again_and_again(lambda: train(model)) as came:
        assert train(other).losses == undisturbed[1].losses
    assert came and all(str(each) == BUSY for each in came)
    assert not model.training


def test_another_model_is_free_and_its_answers_draw_no_random_numbers(undisturbed):
    """Dropout draws from a generator that all models share: nobody else may draw from it."""
    other, model = tiny(1), tiny()

    def ask():
        return [reader(other) for reader in READERS.values()]

    right = ask()
    with again_and_again(ask) as came:
        disturbed = train(model)
    assert disturbed.losses == undisturbed[1].losses
    assert came and not any(isinstance(each, Exception) for each in came)
    for answers in came:
        assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(answers, right, strict=True))


def test_an_encoder_and_the_classifier_around_it_are_one_model():
    model = tiny()
    other = copy.deepcopy(model)
    with turns.training(model):
        with again_and_again(lambda: READERS["the encoder"](model)) as came:
            wait_for(came)
        assert str(came[0]) == BUSY
        with again_and_again(lambda: READERS["the encoder"](other)) as came:  # a copy is free
            wait_for(came)
        assert isinstance(came[0], np.ndarray)
        READERS["predict"](model)  # and so is whoever trains, as after each epoch


def test_nothing_is_kept_of_a_model_that_is_gone():
    model = tiny()
    READERS["predict"](model)
    gc.collect()
    state, before = model.state_dict(), len(turns._turns)
    assert not any("lock" in name for name in [*state, *vars(model), *vars(model.bert)])
    del model
    gc.collect()
    assert len(turns._turns) == before - 1


# --- views ---


def test_a_view_says_that_the_model_is_being_trained():
    model = tiny()
    box, answer = course_utils.live_prediction(model, tokenizer(), words=True).children

    def type_it(text):
        thread = threading.Thread(target=setattr, args=(box, "value", text))
        thread.start()
        thread.join()

    with turns.training(model):
        type_it("a joy")
        assert answer.value.count("<p") == 1 and base.sentence(BUSY) in answer.value
    type_it("a joy!")
    assert "negative" in answer.value and BUSY not in answer.value


def test_a_view_does_not_change_where_a_cell_cuts_its_texts():
    """A tokenizer keeps the length at which it cuts, for all threads."""
    ours = course_utils.load_tokenizer("minilm")
    box, answer = course_utils.live_tokens(ours).children
    numbers = itertools.count()

    def type_it():
        box.value = f"good {next(numbers)}"
        return answer.value

    long = ["a good film " * 100] * 100
    with again_and_again(type_it) as came:
        wait_for(came)
        for _ in range(20):
            ids = ours(long, truncation=True, max_length=64)["input_ids"]
            assert {len(each) for each in ids} == {64}
    assert "cannot be shown" not in "".join(came)


def test_a_view_follows_the_length_of_its_tokenizer():
    ours = course_utils.load_tokenizer("minilm")
    own = base.own_tokenizer(ours)
    ours.model_max_length = 128
    assert own().model_max_length == 128 and own() is not ours


# --- modes ---


def modes(model):
    return [part.training for part in model.modules()]


@pytest.mark.parametrize("whole", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("part", ["bert", "bert.encoder.layer.1", "classifier", "dropout"])
def test_each_part_gets_its_own_mode_back(whole, part):
    model = tiny().train(whole)
    model.get_submodule(part).train(not whole)
    before = modes(model)
    for given in (model, model.bert, model.get_submodule(part)):
        with at_rest(given) as still:
            assert not any(modes(still))
            assert modes(model) == before
        assert modes(model) == before
    with pytest.raises(KeyError), at_rest(model):
        raise KeyError
    assert modes(model) == before


@pytest.mark.parametrize("reader", READERS)
def test_readers_leave_each_part_in_its_mode(reader):
    model = tiny().train()
    model.bert.embeddings.eval()
    model.bert.encoder.layer[0].attention.eval()
    before = modes(model)
    numbers = torch.get_rng_state()
    READERS[reader](model)
    assert modes(model) == before
    assert torch.equal(torch.get_rng_state(), numbers)


# --- speed: without the levers, the same numbers ---


def predicted(model):
    return course_utils.predict(model, tokenizer(), TEXTS, batch_size=4, quiet=True)


@contextmanager
def without_levers():
    def one_after_the_other(function, items, device):
        return map(function, items)

    with pytest.MonkeyPatch.context() as patch:
        for module in (prediction, training):
            patch.setattr(module, "first_position_only", nullcontext)
        patch.setattr("course_utils.look.explain.first_position_only", nullcontext)
        patch.setattr(prediction, "keep_freed_memory", nullcontext)
        patch.setattr(prediction, "one_per_core", one_after_the_other)
        yield


@pytest.mark.parametrize("new", [tiny, new_classifier])
def test_without_the_levers_every_result_is_the_same(new):
    model = new()
    plain = copy.deepcopy(model)
    words = course_utils.occlusion(model, tokenizer(), TEXTS[0]).scores
    losses = train(model, epochs=3, dropout=False, learning_rate=1e-4).losses
    with without_levers():
        plain_words = course_utils.occlusion(plain, tokenizer(), TEXTS[0]).scores
        plain_losses = train(plain, epochs=3, dropout=False, learning_rate=1e-4).losses
        plain_answers = predicted(model)
    assert np.allclose(losses, plain_losses, rtol=0, atol=1e-6)
    assert np.allclose(words, plain_words, rtol=0, atol=1e-6)
    assert np.allclose(predicted(model), plain_answers, rtol=0, atol=1e-6)


def test_predictions_are_the_same_on_one_core_and_on_several(two_cores):
    model = new_classifier()
    several = predicted(model)
    torch.set_num_threads(1)
    assert np.allclose(predicted(model), several, rtol=0, atol=1e-6)


def test_cores_are_shared_out_once_and_every_thread_keeps_its_number(two_cores):
    here = torch.device("cpu")

    def threads(_):
        return torch.get_num_threads(), threading.get_ident()

    first = speed.one_per_core(threads, range(6), here)
    assert next(first)[0] == 1
    time.sleep(0.3)  # until the other worker has set its number, too
    second = []

    def elsewhere():
        second.append(torch.get_num_threads())  # a thread that begins meanwhile
        second.extend(speed.one_per_core(threads, range(3), here))
        second.append(threading.get_ident())

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert second[0] == 2 and second[1:-1] == [(2, second[-1])] * 3
    assert {number for number, _ in first} == {1} and torch.get_num_threads() == 2
    assert next(speed.one_per_core(threads, range(6), here))[0] == 1  # and they are free again


def test_memory_is_given_back_with_the_last_of_several_predictions(monkeypatch):
    rules = []
    monkeypatch.setattr(speed, "_set_malloc", lambda **rule: rules.append(rule["trim_threshold"]))
    first, second = speed.keep_freed_memory(), speed.keep_freed_memory()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert rules == [64 << 20]
    second.__exit__(None, None, None)
    assert rules == [64 << 20, 128 << 10]


def test_a_copy_made_within_the_block_reads_all_positions_afterwards():
    model = tiny()
    with course_utils.first_position_only(model):
        other = copy.deepcopy(model)
    assert np.allclose(READERS["the encoder"](other), READERS["the encoder"](model), atol=1e-6)
