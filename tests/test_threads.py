"""A view may ask a model while a cell trains it: neither of them notices the other."""

import copy
import threading
import time
from contextlib import nullcontext

import ipywidgets
import pytest
import torch
from jupyter_client import KernelManager
from real_model import small_set, tokenizer
from stand_in import make_checkpoint

import course_utils
from course_utils.errors import ModelBusy
from course_utils.look.views import base
from course_utils.model import prediction, speed, threads, training


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return make_checkpoint(tmp_path_factory.mktemp("threads") / "small", with_head=False)


@pytest.fixture
def new(checkpoint):
    """Makes the same small classifier, again and again."""
    return lambda: course_utils.load_classifier(checkpoint, quiet=True)


def train(model, **options):
    return course_utils.fine_tune(
        model,
        tokenizer(),
        small_set(),
        **{"epochs": 12, "batch_size": 4, "dropout": True, **options},
    ).losses


def ask(model):
    return course_utils.predict(model, tokenizer(), ["a warm, funny film", "dull"], quiet=True)


class Asking(threading.Thread):
    """Asks something without a pause, as a view does while somebody types."""

    def __init__(self, question):
        super().__init__()
        self.question, self.over = question, threading.Event()
        self.answered = self.refused = 0
        self.failed = []

    def run(self):
        while not self.over.is_set():
            try:
                self.question()
                self.answered += 1
            except ModelBusy:
                self.refused += 1
            except Exception as problem:
                self.failed.append(repr(problem))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


# --- a mirror ---


def test_what_is_switched_in_a_mirror_the_model_does_not_see(new):
    model = new().train()
    before = {name: id(weight) for name, weight in model.named_parameters()}
    mirror = threads.mirror(model).eval()
    mirror.set_attn_implementation("eager")
    mirror.bert.encoder.layer[0].attention.self.dropout.p = 0.9
    mirror.register_forward_hook(lambda *_: pytest.fail("this hook is not the model's"))
    assert all(module.training for module in model.modules())
    assert not any(module.training for module in mirror.modules())
    assert model.config._attn_implementation == "sdpa"
    assert model.bert.encoder.layer[0].attention.self.dropout.p == 0.1
    assert {name: id(weight) for name, weight in mirror.named_parameters()} == before
    model(**tokenizer()("a film", return_tensors="pt"))


def test_a_mirror_answers_as_its_model_does_and_follows_its_weights(new):
    model, batch = new().eval(), tokenizer()(["a film"], return_tensors="pt")
    mirror = threads.mirror(model)
    assert torch.equal(mirror(**batch).logits, model(**batch).logits)
    with torch.no_grad():
        model.classifier.bias += 1
    assert torch.equal(mirror(**batch).logits, model(**batch).logits)


@pytest.mark.parametrize("part", ["bert", "classifier"])
def test_a_part_in_another_mode_keeps_it(new, part):
    """An encoder at rest below a head that learns, or the reverse."""
    model = new().train()
    getattr(model, part).eval()
    modes = [module.training for module in model.modules()]
    ask(model)
    course_utils.sentence_vectors(model, tokenizer(), ["a film"])
    course_utils.attention_weights(model, tokenizer(), "a film")
    assert [module.training for module in model.modules()] == modes


# --- a view while a cell trains ---


def test_views_do_not_change_what_is_learned(new):
    alone = train(new())
    model = new()
    with Asking(lambda: ask(model)) as view:
        disturbed = train(model)
    assert disturbed == alone  # to the last digit
    assert view.refused and not view.failed
    assert not model.training


def test_nor_do_they_when_a_loop_is_written_by_hand(new):
    """Nobody tells us of such a loop, so no lock helps: the view works on a mirror."""

    def loop(model):
        torch.manual_seed(0)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
        batch = tokenizer()(list(small_set().texts), padding=True, return_tensors="pt")
        batch["labels"] = torch.tensor(small_set().labels)
        model.train()
        losses = []
        for _ in range(25):
            loss = model(**batch).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            assert model.training
        return losses

    alone, model = loop(new()), new()
    with Asking(lambda: course_utils.occlusion(model, tokenizer(), "a warm film")) as view:
        assert loop(model) == alone
    assert view.answered and not view.failed


def test_a_cell_waits_for_a_view_and_a_view_for_another_one(new):
    model, order = new(), []

    def look():
        with threads.alone_with(model):
            order.append("view begins")
            time.sleep(3 * threads.PATIENCE)
            order.append("view ends")

    views = [threading.Thread(target=look) for _ in range(2)]
    for view in views:
        view.start()
    while not order:
        time.sleep(0.01)
    with threads.alone_with(model.bert):  # the encoder of a classifier is the same model
        order.append("cell")
    for view in views:
        view.join()
    assert order.count("view begins") == 2 and "cell" in order
    for begin in (n for n, what in enumerate(order) if what == "view begins"):
        assert order[begin + 1] == "view ends"


def test_a_copy_of_a_model_is_another_model(new):

    model = new()
    with (
        threads.alone_with(model, training=True),
        Asking(lambda: ask(copy.deepcopy(model))) as view,
    ):
        while not view.answered and not view.failed:
            time.sleep(0.01)
    assert not view.failed and not view.refused


def test_a_view_says_that_it_has_to_wait(new):
    model = new()
    box = ipywidgets.Text(value="a film")
    view = base.follow([box], lambda text: str(ask(model)), "stored", "described")
    with threads.alone_with(model, training=True):
        typing = threading.Thread(target=lambda: setattr(box, "value", "another film"))
        typing.start()
        typing.join()
    assert "The model is being trained: try again afterwards." in view.children[-1].value
    box.value = "a third film"
    assert "trained" not in view.children[-1].value


def test_without_the_levers_all_is_the_same_but_slower(new, monkeypatch):
    texts = list(small_set().texts) * 6

    def work():
        return course_utils.predict(new(), tokenizer(), texts, batch_size=5), train(
            new(), dropout=False
        )

    answers, losses = work()
    for module in (prediction, training):
        monkeypatch.setattr(module, "first_position_only", nullcontext)
    monkeypatch.setattr(prediction, "keep_freed_memory", nullcontext)
    monkeypatch.setattr(prediction, "one_per_core", lambda function, items, _: map(function, items))
    monkeypatch.setattr(speed, "_set_malloc", lambda *_, **__: None)
    slower_answers, slower_losses = work()
    assert abs(answers - slower_answers).max() < 1e-6
    assert losses == pytest.approx(slower_losses, abs=1e-5)


# --- the same in a real kernel ---

SETUP = """
import course_utils
texts = ["a warm and funny film", "a dull and lazy film"] * 8
train = course_utils.LabeledTexts(texts, [1, 0] * 8)
tokenizer = course_utils.load_tokenizer({checkpoint!r})
models = [course_utils.load_classifier({checkpoint!r}, quiet=True) for _ in range(2)]
def learn(model):
    history = course_utils.fine_tune(model, tokenizer, train, epochs=40, batch_size=4, dropout=True)
    return history.losses
alone = learn(models[0])
view = course_utils.live_prediction(models[1], tokenizer)
box, answer = view.children
over, said = False, []
"""
TYPE = """
while not over:
    box.value = f"film number {len(said)}"
    said.append(answer.value)
"""
LEARN = """
losses = learn(models[1])
over = True
refused = sum("being trained" in text for text in said)
failed = sum("cannot be shown" in text for text in said)
print("same losses:", losses == alone, "| in train mode:", models[1].training)
print("refused some:", refused > 0, "| failed:", failed)
"""


def run(client, code: str) -> str:
    """Run a cell in a kernel, and return what it printed."""
    said = []
    reply = client.execute_interactive(
        code, timeout=120, output_hook=lambda each: said.append(each["content"].get("text", ""))
    )
    assert reply["content"]["status"] == "ok", reply["content"]
    return "".join(said)


def test_a_view_in_the_subshell_of_a_real_kernel(checkpoint):
    """JupyterLab sends what a widget tells into a subshell: a second thread of the kernel."""
    manager = KernelManager()
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        assert run(client, SETUP.format(checkpoint=str(checkpoint))) == ""
        client.control_channel.send(client.session.msg("create_subshell_request"))
        subshell = client.get_control_msg(timeout=30)["content"]["subshell_id"]
        typing = client.session.msg("execute_request", {"code": TYPE, "silent": False})
        typing["header"]["subshell_id"] = subshell
        client.shell_channel.send(typing)
        assert run(client, LEARN).splitlines() == [
            "same losses: True | in train mode: False",
            "refused some: True | failed: 0",
        ]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
