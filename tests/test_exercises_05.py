"""The checks of notebook 05: solutions in several forms, the stub, and typical wrong answers."""

import pytest
import torch

import course_utils


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


def step(model, batch, optimizer):
    loss = model(**batch).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


def step_with_zero_first(model, batch, optimizer):
    optimizer.zero_grad()
    loss = model(**batch).loss
    loss.backward()
    optimizer.step()
    return loss.item()


def step_without_zero(model, batch, optimizer):
    loss = model(**batch).loss
    loss.backward()
    optimizer.step()
    return loss.item()


def step_without_backward(model, batch, optimizer):
    loss = model(**batch).loss
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


def step_that_forgets_first(model, batch, optimizer):
    loss = model(**batch).loss
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


def step_without_step(model, batch, optimizer):
    loss = model(**batch).loss
    loss.backward()
    return loss.item()


def step_before_backward(model, batch, optimizer):
    loss = model(**batch).loss
    optimizer.step()
    loss.backward()
    return loss.item()


def forgetting_instead_of_a_step(model, batch, optimizer):
    loss = model(**batch).loss
    loss.backward()
    optimizer.zero_grad()
    return loss.item()


def step_that_returns_a_tensor(model, batch, optimizer):
    step(model, batch, optimizer)
    return model(**batch).loss


def step_uphill(model, batch, optimizer):
    loss = -model(**batch).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return -loss.item()


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (step, "✔"),
        (lambda *_: ..., "Not answered yet: write the three moves"),
        (step_with_zero_first, "✔"),
        (step_without_zero, "✘ Expected each step to use its own gradients"),
        (
            step_without_backward,
            "✘ Expected new weights after the step, found the old ones: are backward() and",
        ),
        (step_that_forgets_first, "in this order, with no zero_grad() between?"),
        (step_without_step, "✘ Expected new weights after the step, found the old ones: was optim"),
        (
            step_before_backward,
            "found the old ones: was optimizer.step() called, and after backwar",
        ),
        (forgetting_instead_of_a_step, "are backward() and the step both there, in this order"),
        (step_that_returns_a_tensor, "✘ Expected the loss as a number, found a tensor"),
        (step_uphill, "✘ Expected a falling loss"),
    ],
)
def test_training_step(attempt, message, capsys):
    assert message in said(capsys, "5.2", training_step=attempt)
