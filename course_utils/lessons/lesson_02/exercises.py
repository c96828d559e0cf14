"""Checks of notebook 02: the size of a new head, and freezing by hand."""

from course_utils.lessons.exercises import Unanswered, Wrong, exercise


@exercise(
    "2.1",
    "shape",
    "new_weights",
    hints=(
        "Look at the head for two classes: `course_utils.load_classifier().classifier`. Which of "
        "its two numbers belongs to the classes, and which to the body?",
        "One row for each topic. The new weights are all numbers of that table, and one bias for "
        'each topic. `course_utils.load_classifier(label_names=["a", "b", "c", "d", "e"])` tells '
        "how many are new.",
    ),
)
def _five_topics(shape, new_weights):
    hidden = _hidden_size()
    if hasattr(shape, "shape"):
        raise Wrong("`shape` is a tensor, expected its shape: two whole numbers.")
    if not isinstance(shape, (tuple, list)) or len(shape) != 2:
        raise Wrong(f"`shape` is {shape!r}, expected two whole numbers: (rows, columns).")
    found = tuple(shape)
    if found == (hidden, 5):
        raise Wrong(
            f"`shape` is {found}, expected one *row* for each topic: PyTorch writes (out, in)."
        )
    if found == (2, hidden):
        raise Wrong(f"`shape` is {found}, the head for two classes; expected five topics.")
    if found[0] != 5:
        raise Wrong(f"`shape` has {found[0]!r} rows, expected one for each of five topics.")
    if found[1] != hidden:
        raise Wrong(
            f"`shape` has {found[1]!r} columns, expected {hidden}: as many as the numbers that "
            "the body says about a text."
        )
    count = _whole_number("new_weights", new_weights)
    if count == 5 * hidden:
        raise Wrong(
            f"`new_weights` is {count:,}, the table of the head. The head has something else: "
            "expected its biases, too."
        )
    if count == 2 * hidden + 2:
        raise Wrong(f"`new_weights` is {count:,}, as for two classes; expected five topics.")
    if count > 1_000_000:
        raise Wrong(
            f"`new_weights` is {count:,}: that counts the body, too. Expected only what is not "
            "in the file."
        )
    if count != 5 * hidden + 5:
        raise Wrong(f"`new_weights` is {count:,}, expected rows times columns, and the biases.")
    return (
        f"5 rows of {hidden} and 5 biases: {count:,} new weights. The body does not mind how many "
        "classes stand above it."
    )


def _hidden_size() -> int:
    from transformers import BertConfig

    from course_utils import checkpoint_folder

    return BertConfig.from_pretrained(checkpoint_folder()).hidden_size


def _whole_number(name, value) -> int:
    value = value.item() if getattr(value, "ndim", None) == 0 else value  # of numpy or torch
    if not isinstance(value, int) or isinstance(value, bool):
        raise Wrong(f"`{name}` is {value!r}, expected a whole number.")
    return value


@exercise(
    "2.2",
    "train_layer_6_and_head",
    hints=(
        "Print the names: `for name, weight in model.named_parameters(): print(name)`. PyTorch "
        "counts layers from 0, so which number has layer 6? How do the names of the head begin?",
        "For each name and weight: `weight.requires_grad = name.startswith((..., ...))`, with the "
        "two beginnings that shall be trained. A weight knows its size: `weight.numel()`.",
    ),
)
def _freeze_by_hand(train_layer_6_and_head):
    from course_utils import blocks, load_classifier, parameter_table

    model = load_classifier("minilm", quiet=True)
    count = train_layer_6_and_head(model)
    if count is ...:
        raise Unanswered("freeze, then return how many weights are trained.")
    states = {
        name: {weight.requires_grad for weight in weights.values()}
        for name, weights in blocks(model).items()
    }
    _judge_frozen(model, states)
    trained = int(parameter_table(model).loc["total", "trained"])
    if count is None:
        raise Wrong("Frozen as it should be. But the function returned None, expected a number.")
    count = _whole_number("the number that you return", count)
    tensors = sum(weight.requires_grad for weight in model.parameters())
    if count == tensors:
        raise Wrong(
            f"Frozen as it should be. But you return {count}, the number of *tensors*; expected "
            "the number of weights in them: .numel()"
        )
    if count != trained:
        raise Wrong(
            f"Frozen as it should be. But you return {count:,}, which is too "
            f"{'many' if count > trained else 'few'}: expected the sum of weight.numel() over the "
            "weights with requires_grad."
        )
    return f"{count:,} weights are trained: layer 6 and the head. All others keep still."


def _judge_frozen(model, states) -> None:
    """Which blocks are trained, against those that should be."""
    on = [name for name, state in states.items() if True in state]
    if len(on) == len(states) and not any(False in state for state in states.values()):
        raise Wrong(
            f"Expected layer 6 and the head alone, found every weight trained: {_why(model)}"
        )
    if not on:
        raise Wrong("Expected layer 6 and the head, found nothing that is trained at all.")
    if "head" not in on:
        raise Wrong(
            "The head is frozen, expected it to be trained: it is random, and so it would stay."
        )
    if "layer 6" not in on:
        others = f", and {on[0]} is trained instead" if on != ["head"] else ""
        raise Wrong(
            f"Layer 6 is frozen{others}. PyTorch counts from 0: expected the names that begin "
            "with bert.encoder.layer.5."
        )
    if len(states["layer 6"] | states["head"]) > 1:
        raise Wrong("Expected all weights of layer 6 and of the head, found only a part of them.")
    if on == ["layer 6", "pooler", "head"]:
        raise Wrong(
            "The pooler is trained, too; expected layer 6 and the head alone. (course_utils.freeze "
            "leaves the pooler trained. Here you do it by hand.)"
        )
    if on != ["layer 6", "head"]:
        extra = [name for name in on if name not in ("layer 6", "head")]
        raise Wrong(f"Expected layer 6 and the head alone, found {extra[0]} trained, too.")


def _why(model) -> str:
    if any("requires_grad" in vars(module) for module in model.modules()):
        return (
            "`.requires_grad` was set on a module. That only makes a new attribute. Set it on each "
            "of its .parameters(), or call .requires_grad_(False) with the underscore."
        )
    return (
        "all of them are on at the start, so switch the others off, too. If you do, did any name "
        "fit your condition? Print the names of model.named_parameters()."
    )
