"""The page that lies beside a saved model: README.md, with the header that the Hub reads."""

import re
from pathlib import Path

from course_utils.data.display import in_markdown
from course_utils.errors import DataError
from course_utils.model.history import History
from course_utils.model.known import CHECKPOINTS
from course_utils.model.prediction import check_fit, label_names

HOW_TO_LOAD = """\
```python
from transformers import pipeline

folder = "."  # where the model lies: its folder, or its name on the Hugging Face Hub
classify = pipeline("text-classification", model=folder, truncation=True)
print(classify(["A first text.", "And a second one."]))
```
"""
"""Four lines of plain transformers; a test runs them where the course is not installed."""

REMEMBERS = (
    "A model can remember words of the texts that it was trained on. Whoever shares it, or texts "
    "from its tests, first takes out what says who somebody is: names, addresses, numbers."
)

MOST_LABELS = 20
"""Labels that a page names one by one; config.json names all of them."""


def check_card(card, model) -> None:
    """Raise a DataError unless `card` is None, or a model card of a model with these labels."""
    if card is None:
        return
    if not all(hasattr(card, part) for part in ("markdown", "hub_header", "evaluations")):
        raise DataError(
            f"card is a {type(card).__name__}, expected what model_card(...) returned: "
            "save(name, model, tokenizer, card=model_card(fields, result))."
        )
    for evaluation in card.evaluations[:1]:  # those after it are of baselines
        check_fit(model, "the first evaluation on the card", evaluation.data)


def write_readme(
    path: Path, title: str, model, tokenizer, history: History = None, card=None
) -> None:
    """Write the page of a saved model.

    Args:
        path: of the new file.
        title: what the model is called if no card says it.
        model, tokenizer, history, card: see `save`.
    """
    from huggingface_hub import ModelCardData

    said = card.hub_header() if card else {}
    if said.get("eval_results"):
        said.setdefault("model_name", title)
    header = ModelCardData(
        library_name="transformers",
        pipeline_tag="text-classification",
        base_model=base_model(model.config),
        tags=["bert", "transfer-learning"],
        **said,
    )
    parts = [f"---\n{header.to_yaml()}\n---\n"]
    # The title of a page is a heading of the first level; a notebook has that already.
    parts.append(re.sub("^## ", "# ", card.markdown()) if card else _not_judged(title))
    parts.append(f"## Labels and recipe\n\n{_labels(model)}\n\n{_recipe(tokenizer, history)}\n")
    path.write_bytes("\n".join(parts).encode())  # the same on every system


def base_model(config) -> str | None:
    """The id on the Hub of the checkpoint that a model was made from; None if nobody knows it."""
    noted = getattr(config, "course_checkpoint", None)
    note = getattr(config, "course_origin", noted)
    if note in CHECKPOINTS:
        return CHECKPOINTS[note].hub_id
    # A folder is noted with eight digits for where it lay: see `checkpoint_note`.
    return None if note is None or re.search(r"-[0-9a-f]{8}$", note) else note


def _not_judged(title: str) -> str:
    """What a page says as long as there is no card."""
    return "\n\n".join(
        (
            f"# {in_markdown(title)}",
            "**Not judged yet.** Nobody has written down what this model is for, what it is not "
            "for, and how often it is right. Until then, do not rely on it.",
            f"**Personal data.** {REMEMBERS}",
            f"**How to load it.**\n\n{HOW_TO_LOAD}",
        )
    )


def _labels(model) -> str:
    names = label_names(model)
    # As code: what is Markdown in a name, such as * or $, stays a sign.
    shown = ", ".join(
        f"`{' '.join(name.replace('`', chr(39)).split())}`" for name in names[:MOST_LABELS]
    )
    if len(names) > MOST_LABELS:
        shown += f" and {len(names) - MOST_LABELS} more (all of them in config.json)"
    return f"A BERT that gives each text one of {len(names)} labels: {shown}."


def _recipe(tokenizer, history) -> str:
    length = (
        f"It reads the first {tokenizer.model_max_length} tokens of a text; `truncation=True` "
        "cuts off the rest."
    )
    if history is None:
        return length
    return (
        f"Fine-tuned on {history.texts:,} texts: epochs {history.epochs}, learning rate "
        f"{history.learning_rate:g}, batch size {history.batch_size}, seed {history.seed}"
        f"{', interrupted before its end' * history.interrupted}. {_more(history)}{length} (All of "
        "the run stands in course.json, and marks by which evaluate knows the texts again: share "
        "the model without it.)"
    )


def _more(history) -> str:
    """What else a recipe holds, in sentences: which epoch counts, and what labels weigh."""
    said, best = "", history.best_epoch
    if best and len(history.validation_accuracies) > 1:
        said += f"Its weights are those of epoch {best}, {history.the_best} on validation. "
    if history.patience is not None:
        judged = len(history.validation_accuracies)
        stop = f"stopped after epoch {judged}" if history.stopped_early else "not needed"
        said += f"Early stopping: patience {history.patience}, {stop}. "
    if history.class_weights:
        low, high = min(history.class_weights), max(history.class_weights)
        said += f"Class weights: from {low:.3g} to {high:.3g}. "
    return said
