"""The checks of notebook 05: solutions in several forms, the stub, and typical wrong answers."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from real_model import small_set

import course_utils
from course_utils.lessons.lesson_05 import exercises as lesson_05


def said(capsys, number, **answers) -> str:
    course_utils.check(number, **answers)
    return capsys.readouterr().out


def encode(model, tokenizer, sentences):
    batch = tokenizer(sentences, padding=True, truncation=True, max_length=64, return_tensors="pt")
    return batch.to(model.device)


def repaired(model, tokenizer, sentences):
    model.eval()
    with torch.no_grad():
        return model(**encode(model, tokenizer, sentences)).logits.argmax(dim=-1).tolist()


def repaired_as_tensor(model, tokenizer, sentences):
    model.eval()
    probabilities = torch.softmax(model(**encode(model, tokenizer, sentences)).logits, dim=1)
    return torch.argmax(probabilities, dim=1)


def one_by_one(model, tokenizer, sentences):
    return [repaired(model, tokenizer, [sentence])[0] for sentence in sentences]


def still_training(model, tokenizer, sentences):
    labels = repaired(model, tokenizer, sentences)
    model.train()
    return labels


def mode_forgotten(model, tokenizer, sentences):
    with torch.no_grad():
        return model(**encode(model, tokenizer, sentences)).logits.argmax(dim=-1).tolist()


def single_item(model, tokenizer, sentences):
    model.eval()
    return model(**encode(model, tokenizer, sentences)).logits.argmax(dim=-1).item()


def rows_one_by_one(model, tokenizer, sentences):
    model.eval()
    return [model(**encode(model, tokenizer, [sentence])).logits[0] for sentence in sentences]


def without_dim(model, tokenizer, sentences):
    model.eval()
    return torch.argmax(model(**encode(model, tokenizer, sentences)).logits)


def wrong_dim(model, tokenizer, sentences):
    model.eval()
    return model(**encode(model, tokenizer, sentences)).logits.argmax(dim=0)


def no_argmax(model, tokenizer, sentences):
    model.eval()
    return model(**encode(model, tokenizer, sentences)).logits


def names(model, tokenizer, sentences):
    return [model.config.id2label[label] for label in repaired(model, tokenizer, sentences)]


def upside_down(model, tokenizer, sentences):
    return [1 - label for label in repaired(model, tokenizer, sentences)]


@pytest.mark.parametrize("solution", [repaired, repaired_as_tensor, one_by_one])
def test_repaired_prediction_passes_in_any_spelling(solution, capsys):
    assert "✔" in said(capsys, "5.1", predict_labels=solution)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda *_: ..., "Not answered yet: return the labels"),
        (..., "Not answered yet: give `predict_labels` a value."),
        (still_training, "✘ Expected the model in eval mode"),
        (mode_forgotten, "✘ Expected the model in eval mode"),
        (single_item, ".sum() adds them up. The line: `return model(**encode("),
        (
            rows_one_by_one,
            "✘ Expected one label per sentence, found a row of numbers: take the arg",
        ),
        (without_dim, "✘ Expected one label for each of 4 sentences"),
        (wrong_dim, "✘ Expected one label for each of 4 sentences"),
        (no_argmax, "✘ Expected one label per sentence, found a row of numbers"),
        (names, "the position, not the name"),
        (upside_down, "✘ Expected the labels"),
        (lambda *_: None, "✘ Expected one label for each of 4 sentences, found None"),
        (lambda *_: 1 / 0, "✘ Your code stopped with ZeroDivisionError"),
    ],
)
def test_wrong_predictions(attempt, message, capsys):
    assert message in said(capsys, "5.1", predict_labels=attempt)


LESSON = Path(__file__).resolve().parent.parent / "instructor" / "lessons" / "05_fine_tuning.py"
LOOP = re.search(
    r'# %% tags=\["solution"\]\n(from course_utils.model.batches.*?def train_by_hand.*?)\n\n# %%',
    LESSON.read_text(encoding="utf-8"),
    re.DOTALL,
).group(1)
"""The loop as the lesson solves it."""


def loop(*changes):
    """The function of the lesson, after these changes to its text."""
    source = LOOP
    for old, new in changes:
        assert source.count(old) == 1
        source = source.replace(old, new)
    space = {"torch": torch}
    exec(source, space)
    return space["train_by_hand"]


def test_the_loop_of_the_lesson_is_short():
    body = [line for line in LOOP.partition("def train_by_hand")[2].splitlines() if line.strip()]
    assert 12 <= len(body) - 1 <= 15  # without the line of the def


def test_the_loop_of_the_lesson_has_the_losses_of_fine_tune():
    data = small_set()
    models = [lesson_05.model_for_the_loop() for _ in range(2)]
    tokenizer = course_utils.load_tokenizer("minilm")
    by_hand = loop(("batch_size=32", "batch_size=4"))(models[0], tokenizer, data)
    options = {"batch_size": 4, "learning_rate": 1e-4}
    history = course_utils.fine_tune(models[1], tokenizer, data, **options)
    assert len(by_hand) == 4 and by_hand == pytest.approx(history.losses, abs=1e-5)


ZERO = "        optimizer.zero_grad()\n"
STEP = "        optimizer.step()\n"
BACKWARD = "        loss.backward()\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([], "✔ 128 real reviews, 4 steps: 0."),
        ([(ZERO, ""), (BACKWARD, ZERO + BACKWARD)], "✔"),  # forgetting first is as good
        ([("return losses", "return ...")], "Not answered yet: fill in the moves"),
        ([("return losses", "return None")], "Not answered yet: fill in the moves"),
        ([("return losses", "return losses[-1]")], "✘ Expected a list of losses, found a float"),
        ([("loss.item()", "loss")], "✘ Expected each loss as a number, found a tensor"),
        ([("    return", "        return")], "✘ Expected one loss for each of 4 batches, found ["),
        ([(ZERO, "")], "✘ Expected each step to use its own gradients, found old ones left"),
        ([(STEP, "")], "found the old ones: are backward() and the step both there"),
        ([(STEP, ""), (ZERO, "")], "found the old ones: was optimizer.step() called, and after"),
        ([(BACKWARD, "")], "found the old ones: are backward() and the step both there"),
        ([(STEP, ""), (ZERO, ZERO + STEP)], "in this order, with no zero_grad() between?"),
        ([(STEP, ""), (ZERO, ZERO), (BACKWARD, STEP + BACKWARD)], "with no zero_grad() between?"),
        ([("model(**batch).loss", "-model(**batch).loss")], "as the loss of the first batch"),
        ([(STEP, 2 * STEP)], "is each move there once in the inner loop"),
    ],
)
def test_training_by_hand(changes, message, capsys):
    out = said(capsys, "5.2", train_by_hand=loop(*changes))
    assert message in out and (out[0] == message[0] or out[0] == "✘")


def test_the_learning_rate_of_the_lesson_can_be_another():
    """One word of that cell is changed, on a few reviews: both dots are in the picture."""
    cells = LESSON.read_text(encoding="utf-8").split("\n# %%")
    (cell,) = (cell for cell in cells if "\nanother = None  # Modify: 1e-5," in cell)
    few, seat = small_set(), 0
    known = {
        "course_utils": course_utils,
        "runs": course_utils.load_record("fine_tuning"),
        "tokenizer": course_utils.load_tokenizer("minilm"),
        "train": few,
        "validation": few,
        "seat": seat,
        "history": SimpleNamespace(learning_rate=1e-4),
        "result": SimpleNamespace(accuracy=0.78),
    }
    exec(cell.partition("\n")[2].replace("another = None", "another = 1e-5"), known)
    assert set(known["live"]) == {1e-4, 1e-5} and 0 <= known["live"][1e-5] <= 1
    assert known["other"] is None
