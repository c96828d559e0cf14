"""A real kernel: a cell trains in its main shell, and views are used in a subshell meanwhile.

That is what JupyterLab does with `commsOverSubshells`: the messages of widgets go to a second
thread of the kernel, so they are answered while a cell runs.
"""

import ast

import pytest
from real_model import small_set
from two_shells import Kernel

SETUP = f"""
import threading, time, torch
from transformers import BertConfig, BertForSequenceClassification
import course_utils

def tiny():
    torch.manual_seed(0)
    sizes = dict(hidden_size=32, num_hidden_layers=3, num_attention_heads=2, intermediate_size=64)
    names = {{0: "negative", 1: "positive"}}
    config = BertConfig(vocab_size=len(tokenizer), initializer_range=0.1, id2label=names, **sizes)
    return BertForSequenceClassification(config).eval()

def train(model):
    options = dict(epochs=30, batch_size=8, learning_rate=1e-3, dropout=True)
    return course_utils.fine_tune(model, tokenizer, data, data, **options)

tokenizer = course_utils.load_tokenizer("minilm")
data = course_utils.LabeledTexts({list(small_set().texts)!r}, {list(small_set().labels)!r})
"""

VIEW = """
model, seen = tiny(), []
view = course_utils.live_prediction(model, tokenizer, words=True)
box, answer = view.children

def note(change):
    where = threading.current_thread() is threading.main_thread()
    seen.append((where, "training" if "Training: try again" in change.new else change.new))

answer.observe(note, "value")
"""

RESULT = """
def told(found):
    return [found.losses, found.validation_accuracies, sum(w.double().sum().item()
            for w in model.parameters()), any(part.training for part in model.modules())]
"""


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    kernel.run(SETUP + RESULT)
    yield kernel
    kernel.close()


RUN = "history = train(model)"


@pytest.fixture(scope="module")
def undisturbed(kernel):
    kernel.run(VIEW + RUN)
    return ast.literal_eval(kernel.run("", told="told(history)")["told"])


def test_a_view_in_a_subshell_and_a_training_do_not_disturb_each_other(kernel, undisturbed):
    box = ast.literal_eval(kernel.run(VIEW, box="box.model_id")["box"])
    # The first message is answered in the shell where the widget was made, the next ones in that
    # which they name (so ipykernel 7.4).
    typed = ["a joy " + "!" * count for count in range(20)]
    kernel.change(box, "a")
    kernel.run("")  # it was answered
    kernel.change_until_done(kernel.start(RUN), {box: typed})
    kernel.change(box, "a bore")
    kernel.run("", kernel.subshell)  # answered after what was typed last
    assert ast.literal_eval(kernel.run("", told="told(history)")["told"]) == undisturbed
    seen = ast.literal_eval(kernel.run("", seen="seen")["seen"])
    in_subshell = [shown for main, shown in seen if not main]
    assert "training" in in_subshell and "negative" in in_subshell[-1]
    assert not any("cannot be shown" in shown for shown in in_subshell)


ASK = """
answers = []
for _ in range(100):
    try:
        answers.append(course_utils.predict(model, tokenizer, ["a joy"], quiet=True).shape)
    except course_utils.ModelBusy as busy:
        answers.append(str(busy))
        time.sleep(0.001)
"""


def test_code_in_a_subshell_is_refused_with_one_sentence(kernel, undisturbed):
    kernel.run(VIEW)
    training = kernel.start(RUN)
    kernel.run(ASK, kernel.subshell)
    kernel.reply(training)
    assert ast.literal_eval(kernel.run("", told="told(history)")["told"]) == undisturbed
    answers = set(ast.literal_eval(kernel.run("", answers="answers")["answers"]))
    busy = "Training: try again afterwards."
    assert busy in answers and answers <= {busy, (1, 2)}


def test_a_cell_that_runs_again_lets_go_of_its_older_views(kernel):
    """Each view holds a model; those of other cells, and both of one run, stay."""
    cell = """
for model in (tiny(), tiny()):
    kept.append(weakref.ref(model))
    view = course_utils.live_prediction(model, tokenizer)
"""
    kernel.run("import gc, weakref; kept = []")
    for code in (cell, "# another cell" + cell, cell):
        kernel.run(code)
    alive = kernel.run(
        "model = view = None; gc.collect()", kept="[one() is not None for one in kept]"
    )
    assert ast.literal_eval(alive["kept"]) == [False, False, True, True, True, True]
