"""Checks of notebook 05."""

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


@exercise(
    "5.2",
    "training_step",
    hints=(
        "First loss.backward(), which computes the gradients. Who uses them?",
        "backward, step, zero_grad; then return loss.item(). (zero_grad may also come first.)",
    ),
)
def _loop(training_step):
    import torch

    model, tokenizer, _ = _small_classifier()
    batch = tokenizer(_SENTENCES, padding=True, truncation=True, max_length=64, return_tensors="pt")
    batch["labels"] = torch.tensor([1, 0, 0, 1])
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    weight = model.classifier.weight
    before = weight.detach().clone()
    first = training_step(model, batch, optimizer)
    if first is ...:
        raise Unanswered("write the three moves, and return the loss.")
    if isinstance(first, torch.Tensor):
        raise Wrong("Expected the loss as a number, found a tensor: return loss.item().")
    if not isinstance(first, float):
        raise Wrong(f"Expected the loss as a number, found {first!r}.")
    if torch.equal(before, weight):
        raise Wrong("Expected new weights after the step, found the old ones: " + _why(weight))
    if _adds_up(training_step, model, batch):
        raise Wrong(
            "Expected each step to use its own gradients, found that they add up over the steps: "
            "who forgets the old ones?"
        )
    losses = [first] + [training_step(model, batch, optimizer) for _ in range(8)]
    if not losses[-1] < losses[0]:
        raise Wrong(f"Expected a falling loss, found {losses[0]:.3f} first, {losses[-1]:.3f} last.")
    return "The weights move, the gradients are forgotten, the loss falls."


def _adds_up(training_step, model, batch) -> bool:
    """Does a step use gradients that are left from before? We leave a huge one and look."""
    import copy

    import torch

    model = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    training_step(model, batch, optimizer)
    bias = model.classifier.bias
    if bias.grad is not None and bias.grad.abs().sum() > 0:  # not forgotten yet, perhaps later
        bias.grad.fill_(1e6)
    before = bias.detach().clone()
    training_step(model, batch, optimizer)
    return bool((bias - before).abs().max() > 100)


def _why(weight) -> str:
    if weight.grad is None or weight.grad.abs().sum() == 0:
        return "are backward() and the step both there, in this order, with no zero_grad() between?"
    return "was optimizer.step() called, and after backward()?"
