"""Exercises 7.2 and 7.3: predict, and sum up what came out."""

import math

import numpy as np

from course_utils.lessons.exercises import Unanswered, Wrong, exercise, one_number
from course_utils.lessons.lesson_07.load_and_train import small_model

_LABELS = ("complaint", "praise", "question")

_MESSAGES = (
    "Is the garden open in winter?",
    "The printer is broken again, and nobody at the desk could tell me why.",
    "Thank you!",
    "What a lovely idea to lend umbrellas.",
    "It was cold in there.",
    "When do you close?",
)


def _three_labels() -> tuple:
    """A model that gives each label to some message, its tokenizer, and its logits."""
    import torch

    model, tokenizer = small_model(_LABELS)
    batch = tokenizer(list(_MESSAGES), padding=True, return_tensors="pt")
    with torch.no_grad():
        model.classifier.bias -= model(**batch).logits.mean(dim=0)
        return model, tokenizer, model(**batch).logits  # (texts, classes)


@exercise(
    "7.2",
    "judge",
    hints=(
        "First model.eval(); then tokenise all sentences at once, with padding; then the model "
        "inside `with torch.no_grad():`.",
        "probabilities = torch.softmax(logits, dim=-1); best = probabilities.max(dim=-1) has "
        "best.values and best.indices; best.indices.tolist() makes a list of plain numbers. "
        "model.config.id2label[i] is the name of label i.",
    ),
)
def _evaluate(judge):
    import torch

    if not callable(judge):
        raise Wrong(f"Expected a function, found a {type(judge).__name__}.")
    model, tokenizer, logits = _three_labels()
    seen = {"used": 0, "training": False, "unmasked": False, "gradients": False}

    def look(module, args, kwargs):
        mask = kwargs.get("attention_mask", args[1] if len(args) > 1 else None)
        seen["used"] += 1
        seen["training"] |= any(part.training for part in module.modules())
        seen["unmasked"] |= mask is None
        seen["gradients"] |= torch.is_grad_enabled()

    model.register_forward_pre_hook(look, with_kwargs=True)
    model.train()
    names, values = _two_lists(_answers_of(judge, model, tokenizer), len(_MESSAGES))
    if not seen["used"]:
        raise Wrong("Expected the answers of the model, found that it was never called.")
    if seen["training"]:
        raise Wrong("Expected the model in eval mode, found it in train mode: dropout is still on.")
    if seen["unmasked"]:
        raise Wrong("Expected the attention_mask with the batch, found none: model(**batch).")
    _judge_names(names, logits)
    _judge_probabilities(values, logits)
    if seen["gradients"]:
        raise Wrong(
            "All answers are right, but memory is wasted: expected the model inside "
            "`with torch.no_grad():`, found that gradients are kept."
        )
    one, _ = _two_lists(judge(model, tokenizer, [_MESSAGES[0]]), 1)
    if one != names[:1]:
        raise Wrong(f"For a list with one sentence, expected {names[:1]}, found {one!r:.60}.")
    return f"{len(names)} sentences, each with its label and its probability, the same every time."


def _answers_of(judge, model, tokenizer):
    """What `judge` returns for all messages. A position that no label has is one sentence."""
    try:
        return judge(model, tokenizer, list(_MESSAGES))
    except KeyError as problem:
        position = problem.args[0] if problem.args else None
        if not isinstance(position, int) or position < len(_LABELS):
            raise
        raise Wrong(
            f"Expected positions of labels, 0 to {len(_LABELS) - 1}, found {position}: without "
            f"`dim`, argmax counts through all {len(_MESSAGES)} sentences as if they were one row. "
            "Give argmax (or max) dim=-1: the best of each row."
        ) from None


def _two_lists(answer, size: int) -> tuple:
    if answer is ... or (isinstance(answer, tuple) and any(part is ... for part in answer)):
        raise Unanswered("fill in `judge`, and return labels and probabilities.")
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise Wrong(
            f"Expected two lists, labels and probabilities, found {answer!r:.60}: "
            "return labels, probabilities."
        )
    lists = []
    for name, value in zip(("labels", "probabilities"), answer, strict=True):
        value = value.tolist() if hasattr(value, "tolist") else value
        if not isinstance(value, (list, tuple)) or len(value) != size:
            raise Wrong(
                f"Expected one of the {name} for each of {size} sentences, found {value!r:.60}: "
                "did argmax (or max) get dim=-1?"
            )
        lists.append([x.tolist() if hasattr(x, "tolist") else x for x in value])
    return lists[0], lists[1]


def _judge_names(names, logits):
    right = [_LABELS[i] for i in logits.argmax(dim=-1).tolist()]
    if all(isinstance(name, int) for name in names):
        raise Wrong(
            f"Expected the names of the labels, found the positions {names}: "
            "model.config.id2label[position] is the name."
        )
    unknown = [name for name in names if name not in _LABELS]
    if unknown:
        raise Wrong(
            f"Expected labels of this model, {', '.join(_LABELS)}, found {unknown[0]!r:.40}: take "
            "the names from model.config.id2label, so that it works for any labels."
        )
    if names != right:
        raise Wrong(f"Expected the labels {right}, found {names}: is the argmax along dim=-1?")


def _judge_probabilities(values, logits):
    import torch

    if any(isinstance(value, (list, tuple)) for value in values):
        raise Wrong("Expected one probability per sentence, found a row: that of the answer only.")
    if not all(isinstance(value, (int, float)) for value in values):
        raise Wrong(f"Expected probabilities as numbers, found {values[0]!r:.60}.")
    rows = torch.softmax(logits, dim=-1)  # (texts, classes)

    def near(other):
        return all(abs(a - b) < 1e-4 for a, b in zip(values, other.tolist(), strict=True))

    if near(rows.max(dim=-1).values):
        return
    if near(logits.max(dim=-1).values):
        raise Wrong("Expected probabilities from 0 to 1, found logits: softmax is missing.")
    if near(torch.softmax(logits, dim=0).gather(1, logits.argmax(-1, keepdim=True))[:, 0]) or near(
        torch.softmax(logits, dim=0).max(dim=-1).values
    ):
        raise Wrong("Expected softmax over the classes of a sentence, found dim=0: use dim=-1.")
    if near(rows[:, -1]) or near(rows[:, 1]) or near(rows[:, 0]):
        raise Wrong("Expected the probability of the answer, found always that of the same label.")
    raise Wrong(
        f"Expected the probability of each answer ({rows.max():.3f} at most), found "
        f"{max(values):.3f} at most."
    )


@exercise(
    "7.3",
    "result",
    "precision",
    "recall",
    "f1",
    "macro",
    hints=(
        "Precision of a topic: `right` divided by the sum of its column, counts[topic].sum(). "
        "Recall: `right` divided by the sum of its row, counts.loc[topic].sum().",
        "F1 is 2 * precision * recall / (precision + recall). The macro F1 is the plain mean of "
        "the F1 of all topics: sum(f1.values()) / len(f1).",
    ),
)
def _macro(result, precision, recall, f1, macro):
    names = list(result.data.label_names)
    given = {"precision": precision, "recall": recall, "f1": f1}
    tables = {name: _by_topic(name, table, names) for name, table in given.items()}
    counts = result.confusion().to_numpy().astype(float)
    hits, rows, columns = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    right = {"precision": hits / columns.clip(min=1), "recall": hits / rows.clip(min=1)}
    # A topic without a right answer may have 0 / 0 somewhere: 0 by convention.
    found = {name: np.where((hits == 0) & np.isnan(t), 0.0, t) for name, t in tables.items()}
    for name, other, where in (
        ("precision", "recall", "the column of a topic, all answers with it"),
        ("recall", "precision", "the row of a topic, all texts with it"),
    ):
        if _near(found[name], right[name]):
            continue
        if _near(found[name], right[other]):
            raise Wrong(f"Expected `{name}`, found {other}: divide by the sum of {where}.")
        if _near(found[name], 100 * right[name]):
            raise Wrong(f"Expected `{name}` as fractions, found it in percent.")
        worst = _farthest(found[name], right[name])
        raise Wrong(
            f"Expected another {name} for {names[worst]}, found {found[name][worst]:.3f}: "
            f"`right` divided by the sum of {where}."
        )
    f1 = 2 * hits / (rows + columns).clip(min=1)
    _judge_f1(found["f1"], f1, right, names)
    macro = one_number("macro", macro)
    if math.isnan(macro) and np.isnan(tables["f1"]).any():
        topic = names[int(hits.argmin())]
        return (
            f"Each F1 is right. But {topic} was never right, and 0 / 0 makes `macro` no number. "
            f"Usually such an F1 counts as 0, and then the mean is {f1.mean():.3f}."
        )
    if not math.isclose(macro, f1.mean(), abs_tol=6e-4):
        _judge_mean(macro, f1, rows, result.accuracy)
    return f"Macro F1 {macro:.3f}, accuracy {result.accuracy:.3f}: every topic counts the same."


def _by_topic(name, table, topics) -> np.ndarray:
    """One number per topic, in their order."""
    table = dict(table.items()) if hasattr(table, "items") else table
    if not isinstance(table, dict) or set(table) != set(topics):
        raise Wrong(f"Expected `{name}` with one number for each of {', '.join(topics)}.")
    return np.array([one_number(f"{name}['{topic}']", table[topic]) for topic in topics])


def _near(one, other) -> bool:
    return np.allclose(one, other, rtol=0, atol=1e-3)


def _farthest(found, right) -> int:
    """The topic whose number is farthest from the right one; no number at all is farther."""
    return int(np.nan_to_num(np.abs(found - right), nan=np.inf).argmax())


def _judge_f1(found, right, parts, names):
    if not _near(found, right):
        for what, other in (
            ("the mean of precision and recall", (parts["precision"] + parts["recall"]) / 2),
            ("precision alone", parts["precision"]),
            ("recall alone", parts["recall"]),
            ("F1 in percent", 100 * right),
        ):
            if _near(found, other):
                raise Wrong(
                    f"Expected the F1 of each topic, found {what}: "
                    "2 * precision * recall / (precision + recall)."
                )
        worst = _farthest(found, right)
        raise Wrong(
            f"Expected another F1 for {names[worst]}, found {found[worst]:.3f}: "
            "2 * precision * recall / (precision + recall)."
        )


def _judge_mean(macro, right, rows, accuracy):
    if math.isclose(macro, 100 * right.mean(), abs_tol=0.06):
        raise Wrong(f"Expected `macro` as a fraction, found {macro:.1f}: not in percent.")
    if math.isclose(macro, right.sum(), abs_tol=1e-3):
        raise Wrong("Expected the mean of the F1, found their sum: divide by the number of topics.")
    if math.isclose(macro, (right * rows).sum() / rows.sum(), abs_tol=1e-4):
        raise Wrong(
            "Expected a mean in which every topic counts the same, found one in which large topics "
            "count more."
        )
    if math.isclose(macro, accuracy, abs_tol=1e-6):
        raise Wrong("Expected the mean of the F1, found the accuracy.")
    raise Wrong(f"Expected the mean of the F1 as `macro`, found {macro:.3f}.")
