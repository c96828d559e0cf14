"""Exercise 7.1: load, tokenise, train."""

import math
from collections.abc import Mapping

from course_utils.lessons.exercises import Unanswered, Wrong, exercise

_EPOCHS = 6


@exercise(
    "7.1",
    "reviews",
    "tokenizer",
    "model",
    "inputs",
    "fit",
    hints=(
        "Loading: both classes have from_pretrained(checkpoint); the model wants num_labels=2 too. "
        "Labels: [list(reviews.label_names).index(word) for word in words], as a torch.tensor.",
        "In the loop: loss = model(**inputs).loss, then backward, step, zero_grad. After the loop: "
        "model.eval(), and the loss once more inside `with torch.no_grad():`.",
    ),
)
def _load_and_train(reviews, tokenizer, model, inputs, fit):
    _judge_loading(tokenizer, model)
    _judge_inputs(reviews, tokenizer, inputs)
    before, after = _judge_training(fit)
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


def small_model(label_names):
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


def _judge_training(fit) -> tuple:
    """Let the student's function train a model of ours; return its loss before and after."""
    import torch

    if not callable(fit):
        raise Wrong(f"Expected `fit` to be a function, found a {type(fit).__name__}.")
    model, tokenizer = small_model(("negative", "positive"))  # in eval mode, as from_pretrained
    batch = tokenizer(list(_SENTENCES), padding=True, return_tensors="pt")
    batch["labels"] = torch.tensor(list(_SENTENCES.values()))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        before, samples = _loss(model, batch), _samples(model)
        diary = _Diary(model)
        found = fit(model, batch, _EPOCHS)
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
        raise Unanswered("fill in the loop of `fit`, and return the loss after it.")
    if isinstance(found, torch.Tensor):
        raise Wrong("Expected the loss as a number, found a tensor: return loss.item().")
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise Wrong(f"Expected `fit` to return one number, the loss, found {found!r:.60}.")


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
