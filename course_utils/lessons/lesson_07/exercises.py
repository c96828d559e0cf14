"""Checks of notebook 07: the whole path once more, on your own."""

import math
import re
from collections.abc import Mapping

import numpy as np

from course_utils.lessons.exercises import Unanswered, Wrong, exercise, one_number

_EPOCHS = 6


@exercise(
    "7.1",
    "reviews",
    "tokenizer",
    "model",
    "inputs",
    "train",
    hints=(
        "Loading: both classes have from_pretrained(checkpoint); the model wants num_labels=2 too. "
        "Labels: [list(reviews.label_names).index(word) for word in words], as a torch.tensor.",
        "In the loop: loss = model(**inputs).loss, then backward, step, zero_grad. After the loop: "
        "model.eval(), and the loss once more inside `with torch.no_grad():`.",
    ),
)
def _load_and_train(reviews, tokenizer, model, inputs, train):
    _judge_loading(tokenizer, model)
    _judge_inputs(reviews, tokenizer, inputs)
    before, after = _judge_training(train)
    return (
        f"Loaded, tokenised, and trained: {_EPOCHS} steps of your loop took the loss of a small "
        f"model of ours from {before:.3f} to {after:.3f}."
    )


def _judge_loading(tokenizer, model):
    from transformers import BertForSequenceClassification, PreTrainedTokenizerBase

    if not isinstance(tokenizer, PreTrainedTokenizerBase):
        raise Wrong(
            f"Expected `tokenizer` to be a tokenizer, found a {type(tokenizer).__name__}: "
            "BertTokenizer.from_pretrained(checkpoint) makes one."
        )
    if tokenizer.unk_token in tokenizer.tokenize("a good film"):
        raise Wrong(
            "Expected `tokenizer` to know the words of 'a good film', found [UNK]: load it with "
            "from_pretrained(checkpoint), which reads the vocabulary too."
        )
    if not isinstance(model, BertForSequenceClassification):
        raise Wrong(
            "Expected `model` to be a BertForSequenceClassification, a BERT with a head, found a "
            f"{type(model).__name__}."
        )
    if model.config.num_labels != 2:
        raise Wrong(f"Expected a head for 2 labels, found one for {model.config.num_labels}.")
    if bool((model.bert.embeddings.LayerNorm.weight == 1).all()):  # so it begins, in every BERT
        raise Wrong(
            "Expected pre-trained weights, found random ones: nothing is transferred. Use "
            "from_pretrained(checkpoint, num_labels=2)."
        )


def _judge_inputs(reviews, tokenizer, inputs):
    import torch

    if not isinstance(inputs, Mapping) or "input_ids" not in inputs:
        raise Wrong(
            "Expected `inputs` to be what the tokenizer returns, with input_ids and more, found a "
            f"{type(inputs).__name__}: tokenizer(texts, padding=True, ...)."
        )
    ids, size = inputs["input_ids"], len(reviews)
    if not isinstance(ids, torch.Tensor):
        raise Wrong(f"Expected tensors, found a {type(ids).__name__}: add return_tensors='pt'.")
    if ids.shape[0] != size:
        raise Wrong(f"Expected one row for each of {size} reviews, found {ids.shape[0]} rows.")
    # The first tokens are the same at every max_length; the last one here may be [SEP].
    first = tokenizer(list(reviews.texts), truncation=True, max_length=8)["input_ids"]
    if any(row[: len(r) - 1].tolist() != r[:-1] for row, r in zip(ids, first, strict=True)):
        raise Wrong("Expected the reviews in their order, found other ids: tokenise `texts`.")
    if "attention_mask" not in inputs:
        raise Wrong(
            "Expected an attention_mask in `inputs`, found none: without it, padding counts as "
            "text. Keep everything that the tokenizer returns."
        )
    if not torch.equal(inputs["attention_mask"] == 0, ids == tokenizer.pad_token_id):
        raise Wrong("Expected an attention_mask of 0 at padding only, found another one.")
    _judge_labels(reviews, inputs.get("labels"))


def _judge_labels(reviews, labels):
    import torch

    if labels is None:
        raise Wrong('Expected inputs["labels"], found none: without labels there is no loss.')
    if not isinstance(labels, torch.Tensor):
        what = "a list"
        if isinstance(labels, list | tuple) and any(isinstance(x, str) for x in labels):
            what = "words"
        raise Wrong(
            f"Expected the labels as a tensor of numbers, found {what}: give each word its "
            "position in reviews.label_names, then torch.tensor(...)."
        )
    if labels.dtype != torch.long:
        raise Wrong(f"Expected whole numbers (torch.int64) as labels, found {labels.dtype}.")
    if tuple(labels.shape) != (len(reviews),):
        raise Wrong(f"Expected labels of shape ({len(reviews)},), found {tuple(labels.shape)}.")
    if labels.tolist() == [1 - label for label in reviews.labels]:
        raise Wrong("Expected 0 for negative and 1 for positive, found them the wrong way round.")
    if labels.tolist() != list(reviews.labels):
        raise Wrong("Expected the label of each review in its order, found another order.")


_SENTENCES = {
    "A wonderful film, moving and funny.": 1,
    "Dull.": 0,
    "The worst two hours of my life, and I have been to the dentist.": 0,
    "I loved every minute.": 1,
    "What a joy!": 1,
    "Lazy, loud and far too long.": 0,
    "Clever, tender and beautifully shot.": 1,
    "Nobody laughed.": 0,
}


class _Diary:
    """What happens while a model is trained: each forward pass, and what its gradients were."""

    def __init__(self, model):
        self.passes = []
        self.adds_up = False
        self.bias = model.classifier.bias
        model.register_forward_pre_hook(self.before, with_kwargs=True)
        model.register_forward_hook(self.after)
        self.bias.register_hook(self.backward)
        self.bias.register_post_accumulate_grad_hook(self.summed)

    def before(self, model, args, kwargs):
        mask = kwargs.get("attention_mask", args[1] if len(args) > 1 else None)
        self.passes.append(
            {
                "training": model.training,
                "masked": mask is not None and not bool(mask.all()),
                "bias": self.bias.detach().clone(),
                "learned": False,
                "loss": None,
            }
        )

    def after(self, _model, _args, output):
        loss = getattr(output, "loss", None)
        self.passes[-1]["loss"] = None if loss is None else loss.item()

    def backward(self, gradient):
        self.passes[-1]["learned"] = True
        self.gradient = gradient.detach().clone()

    def summed(self, bias):
        import torch

        self.adds_up |= not torch.equal(bias.grad, self.gradient)


def _small_model(label_names):
    """A very small BERT that has learned nothing (in `eval()` mode), and its tokenizer."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    from course_utils import load_tokenizer

    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = BertConfig(
            **small,
            num_attention_heads=2,
            initializer_range=0.5,
            id2label=dict(enumerate(label_names)),
            label2id={name: i for i, name in enumerate(label_names)},
        )
        return BertForSequenceClassification(config).eval(), load_tokenizer("minilm")


def _judge_training(train) -> tuple:
    """Let the student's function train a model of ours; return its loss before and after."""
    import torch

    if not callable(train):
        raise Wrong(f"Expected `train` to be a function, found a {type(train).__name__}.")
    model, tokenizer = _small_model(("negative", "positive"))  # in eval mode, as from_pretrained
    batch = tokenizer(list(_SENTENCES), padding=True, return_tensors="pt")
    batch["labels"] = torch.tensor(list(_SENTENCES.values()))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        before, samples = _loss(model, batch), _samples(model)
        diary = _Diary(model)
        found = train(model, batch, _EPOCHS)
    passes = list(diary.passes)
    _judge_answer(found)
    _judge_steps(model, samples, diary, passes)
    after = _loss(model, batch)
    if not after < before:
        raise Wrong(f"Expected a falling loss, found {before:.3f} before and {after:.3f} after.")
    _judge_loss(found, after, passes, diary.bias)
    return before, after


def _loss(model, batch) -> float:
    import torch

    model.eval()
    with torch.no_grad():
        return model(**batch).loss.item()


def _samples(model) -> dict:
    """A copy of the largest matrix of each block."""
    from course_utils.model.layers import blocks

    return {
        name: max(weights.values(), key=lambda weight: weight.numel()).detach().clone()
        for name, weights in blocks(model).items()
    }


def _judge_answer(found):
    import torch

    if found is ...:
        raise Unanswered("fill in the loop of `train`, and return the loss after it.")
    if isinstance(found, torch.Tensor):
        raise Wrong("Expected the loss as a number, found a tensor: return loss.item().")
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise Wrong(f"Expected `train` to return one number, the loss, found {found!r:.60}.")


def _judge_steps(model, samples, diary, passes):
    """Did the weights move, all of them, in the right mode, and each step on its own gradients?"""
    import torch

    learned = [one for one in passes if one["learned"]]
    if not passes:
        raise Wrong("Expected the model to be called, found that it never was: model(**inputs).")
    now = _samples(model)
    still = [name for name, old in samples.items() if torch.equal(old, now[name])]
    if len(still) == len(samples):
        why = "was optimizer.step() called, between backward() and zero_grad()?"
        if not learned:
            why = "was loss.backward() called?"
        raise Wrong(f"Expected new weights, found the old ones: {why}")
    if still:
        raise Wrong(
            f"Expected all blocks to be trained, found no change in {still[0]} "
            f"({len(still)} of {len(samples)} blocks): what was frozen, and what does the "
            "optimizer hold? Give it model.parameters()."
        )
    if not all(one["training"] for one in learned):
        raise Wrong(
            "Expected the model in train mode while it learns, as on the slide, found it in eval "
            "mode (from_pretrained leaves it so): call model.train() first."
        )
    if not all(one["masked"] for one in passes):
        raise Wrong("Expected the attention_mask in each pass, found none: model(**inputs).")
    if diary.adds_up:
        raise Wrong(
            "Expected each step to use its own gradients, found that they add up over the steps: "
            "call optimizer.zero_grad() in the loop."
        )
    if len(learned) != _EPOCHS:
        cure = " Is `return` inside the loop?" if len(learned) == 1 else ""
        raise Wrong(f"Expected {_EPOCHS} steps for epochs={_EPOCHS}, found {len(learned)}.{cure}")


def _judge_loss(found, after, passes, bias):
    """The returned loss must be that of the trained model, at rest."""
    import torch

    if math.isclose(found, after, abs_tol=1e-4):
        return
    matching = [one for one in passes if one["loss"] is not None]
    matching = [one for one in matching if math.isclose(found, one["loss"], abs_tol=1e-6)]
    if any(one["training"] and torch.equal(one["bias"], bias) for one in matching):
        raise Wrong(
            f"Expected the loss of the model at rest, {after:.3f}, found {found:.3f}, with dropout "
            "on: call model.eval() after the loop."
        )
    if matching:
        raise Wrong(
            f"Expected the loss after the last step, {after:.3f}, found {found:.3f}, the loss from "
            "before a step (fault 1 of the slide): compute it once more after the loop."
        )
    raise Wrong(f"Expected the loss after the last step, {after:.3f}, found {found:.3f}.")


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

    model, tokenizer = _small_model(_LABELS)
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
    names, values = _two_lists(judge(model, tokenizer, list(_MESSAGES)), len(_MESSAGES))
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
        ("recall", "precision", "the row of a topic, all headlines with it"),
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


@exercise(
    "7.4",
    "card",
    "result",
    hints=(
        "card.open lists the fields that still hold `...`. Write a sentence for each.",
        'The numbers come from the evaluation: f"{100 * on_test.accuracy:.1f} % of '
        '{len(test_news)} headlines", and the bounds from `low, high = on_test.interval`.',
    ),
)
def _card(card, result):
    from course_utils.judge.card import FIELDS, ModelCard

    if not isinstance(card, ModelCard):
        raise Wrong(
            f"Expected a card, found a {type(card).__name__}: course_utils.model_card makes one."
        )
    if card.open:
        raise Unanswered(
            f"the card is still open at {', '.join(card.open)}. (Filled in already? Then run the "
            "cell `card = ...` again.)"
        )
    for key in ("purpose", "not_for", "data", "weak_spots"):
        if len(card.fields[key].split()) < 4:
            raise Wrong(f"Expected a sentence in `{key}`, found {card.fields[key]!r}.")
    if card.fields["purpose"] == card.fields["not_for"]:
        raise Wrong("Expected `not_for` to say something else than `purpose`, found the same.")
    if not any(one is result for one in card.evaluations):
        raise Wrong(
            "Expected the evaluation of your model among the measured numbers, found "
            f"{len(card.evaluations)} others: course_utils.model_card(fields, on_test, ...)."
        )
    said = card.fields["result"]
    numbers = [float(found.replace(",", ".")) for found in re.findall(r"\d+(?:[.,]\d+)?", said)]
    low, high = result.interval
    if not _says(numbers, result.accuracy):
        raise Wrong(
            f"Expected the accuracy, {100 * result.accuracy:.1f} %, in `result`, found {said!r:.80}"
        )
    for bound in (low, high):
        if not _says(numbers, bound):
            raise Wrong(
                f"Expected the interval beside the accuracy, {100 * low:.1f} to {100 * high:.1f}, "
                f"found {said!r:.80}"
            )
    if len(result.data) not in numbers and f"{len(result.data):,}" not in said:
        raise Wrong(f"Expected the number of test texts, {len(result.data):,}, in `result`.")
    return f"All {len(FIELDS)} fields are filled in, and the accuracy stands with its interval."


def _says(numbers, fraction) -> bool:
    """Is the fraction among the numbers, in percent or as it is, rounded or not?"""
    return any(
        math.isclose(number, 100 * fraction, abs_tol=0.06)
        or number == round(100 * fraction)
        or (number <= 1 and math.isclose(number, fraction, abs_tol=6e-4))
        or number == round(fraction, 2)
        for number in numbers
    )
