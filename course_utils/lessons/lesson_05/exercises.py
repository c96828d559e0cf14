"""Checks of notebook 05."""

import warnings
from functools import cache

from course_utils.data.texts import SENTIMENTS
from course_utils.lessons.exercises import Unanswered, Wrong, exercise

_SENTENCES = [
    "A wonderful film, moving and funny.",
    "Dull.",
    "The worst two hours of my life, and I have been to the dentist.",
    "I loved every minute.",
]


def _small_classifier():
    """A classifier whose answers to the sentences differ, its tokenizer, and these answers."""
    import torch

    from course_utils import load_classifier, load_tokenizer

    model, tokenizer = load_classifier("minilm", seed=0, quiet=True), load_tokenizer("minilm")
    batch = tokenizer(_SENTENCES, padding=True, truncation=True, max_length=64, return_tensors="pt")
    with torch.no_grad():
        model.eval()
        logits = model(**batch).logits  # (batch, classes)
        # Move the border between the classes into the middle of these four sentences.
        gap = logits[:, 1] - logits[:, 0]
        model.classifier.bias[1] -= gap.median() + 1e-3
        model.classifier.weight.mul_(5), model.classifier.bias.mul_(5)
        truth = model(**batch).logits.argmax(dim=-1).tolist()
    return model, tokenizer, truth


@exercise(
    "5.1",
    "predict_labels",
    hints=(
        "Which mode switches dropout off: model.train() or model.eval()?",
        "logits has the shape (batch, classes). The answer is the position of the largest value "
        "along the last dimension: argmax(dim=-1), then .tolist().",
    ),
)
def _repair(predict_labels):
    model, tokenizer, truth = _small_classifier()
    model.train()  # as after training: whoever never says eval() must be seen
    found = predict_labels(model, tokenizer, list(_SENTENCES))
    if found is ...:
        raise Unanswered("return the labels in place of `...`.")
    found = _as_list(found)
    if not isinstance(found, list) or len(found) != len(_SENTENCES):
        raise Wrong(
            f"Expected one label for each of {len(_SENTENCES)} sentences, found {found!r}: "
            "did argmax get its `dim`?"
        )
    if any(isinstance(label, list) for label in found):
        raise Wrong("Expected one label per sentence, found a row of numbers: take the argmax.")
    if any(isinstance(label, str) or label not in (0, 1) for label in found):
        raise Wrong(f"Expected labels 0 or 1, found {found[0]!r}: the position, not the name.")
    if model.training:
        raise Wrong("Expected the model in eval mode, found it in train mode: dropout is still on.")
    if found != truth:
        raise Wrong(
            f"Expected the labels {truth}, found {found}: along which dimension did you go?"
        )
    single = _as_list(predict_labels(model, tokenizer, [_SENTENCES[0]]))
    if single != truth[:1]:
        raise Wrong(f"For a list with one sentence, expected {truth[:1]}, found {single!r}.")
    return "One label per sentence, the same each time."


def _as_list(answer):
    """Tensors and arrays as lists, also if a list holds them."""
    answer = answer.tolist() if hasattr(answer, "tolist") else answer
    return [_as_list(part) for part in answer] if isinstance(answer, (list, tuple)) else answer


def reviews_for_the_loop(how_many: int = 128):
    """The shortest real reviews of train: four batches of them cost little time."""
    from course_utils.data.reviews import film_reviews

    train, _, _ = film_reviews(quiet=True)
    return train.take(sorted(range(len(train)), key=lambda row: len(train.texts[row]))[:how_many])


def model_for_the_loop():
    """A classifier without dropout, its word table frozen, as notebook 05 trains it."""
    import torch

    from course_utils import freeze_word_embeddings, load_classifier

    model = load_classifier("minilm", SENTIMENTS, seed=0, quiet=True)
    freeze_word_embeddings(model)
    for part in model.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0
    return model


@cache
def _losses_of_fine_tune() -> list:
    from course_utils import fine_tune, load_tokenizer

    model, tokenizer = model_for_the_loop(), load_tokenizer("minilm")
    return fine_tune(model, tokenizer, reviews_for_the_loop(), learning_rate=1e-4).losses


@exercise(
    "5.2",
    "train_by_hand",
    hints=(
        "Forward gives the loss: model(**batch.to(model.device)).loss. Then loss.backward() "
        "computes the gradients. Who uses them, and who forgets them?",
        "In this order: forward, loss.backward(), the line that clips, optimizer.step(), "
        "schedule.step(), optimizer.zero_grad(), losses.append(loss.item()). Return losses.",
    ),
)
def _loop(train_by_hand):
    import numpy as np
    import torch

    from course_utils import load_tokenizer

    model, tokenizer, data = model_for_the_loop(), load_tokenizer("minilm"), reviews_for_the_loop()
    weight = model.classifier.weight
    before = weight.detach().clone()
    with warnings.catch_warnings():  # a loop with a gap: the check says what is missing, not torch
        warnings.simplefilter("ignore")
        found = train_by_hand(model, tokenizer, data)
    if found is ... or found is None:
        raise Unanswered("fill in the moves, and return the losses.")
    if not isinstance(found, list):
        raise Wrong(f"Expected a list of losses, found a {type(found).__name__}: return losses.")
    if any(isinstance(loss, torch.Tensor) for loss in found):
        raise Wrong("Expected each loss as a number, found a tensor: append loss.item().")
    if len(found) != len(data) // 32 or not all(isinstance(loss, float) for loss in found):
        raise Wrong(
            f"Expected one loss for each of {len(data) // 32} batches, found {found!r}: append it "
            "in the inner loop."
        )
    expected = _losses_of_fine_tune()
    if not np.allclose(found, expected, atol=1e-4):
        raise Wrong(_where_it_differs(found, expected, weight, torch.equal(before, weight)))
    numbers = " ".join(f"{loss:.4f}" for loss in found)
    return f"{len(data)} real reviews, {len(found)} steps: {numbers}. fine_tune has the same."


def _where_it_differs(found: list, expected: list, weight, unmoved: bool) -> str:
    """In one sentence, what is wrong with a loop whose losses are not those of `fine_tune`."""
    if unmoved:
        return "Expected new weights after the steps, found the old ones: " + _why(weight)
    if abs(found[0] - expected[0]) > 1e-4:
        return (
            f"Expected {expected[0]:.4f} as the loss of the first batch, found {found[0]:.4f}: "
            "forward is model(**batch).loss, and it comes before the step."
        )
    if weight.grad is not None and weight.grad.abs().sum() > 0:
        return (
            "Expected each step to use its own gradients, found old ones left over: the order is "
            "forward, backward, step, zero_grad."
        )
    return (
        f"Expected the losses {expected[0]:.4f}, {expected[1]:.4f}, ..., found {found[0]:.4f}, "
        f"{found[1]:.4f}, ...: is each move there once in the inner loop, and schedule.step() "
        "after optimizer.step()?"
    )


def _why(weight) -> str:
    if weight.grad is None or weight.grad.abs().sum() == 0:
        return "are backward() and the step both there, in this order, with no zero_grad() between?"
    return "was optimizer.step() called, and after backward()?"
