"""Checks of notebook 06: evaluation."""

import math

from course_utils.data.reviews import noun
from course_utils.lessons.exercises import Unanswered, Wrong, exercise, judge_choice, one_number

_PEOPLE = ("a child", "a baker", "the doctor", "my neighbour", "a sailor", "the teacher")

_THINGS = ("reads a book", "hates this film", "sings at night", "found it dull", "waits", "left")


def _known_answers():
    """A model, its tokenizer, and 33 texts: the first 32 answers are right, the last is wrong.

    The model is a very small BERT that has learned nothing: its answers are what we say they are.
    """
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    from course_utils import LabeledTexts, load_tokenizer

    texts = [f"{who} {what}" for who in _PEOPLE for what in _THINGS][:33]
    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = BertConfig(**small, num_attention_heads=2, initializer_range=0.5)
        model, tokenizer = BertForSequenceClassification(config), load_tokenizer("minilm")
    batch = tokenizer(texts, padding=True, truncation=True, max_length=64, return_tensors="pt")
    with torch.no_grad():
        logits = model.eval()(**batch).logits  # (texts, classes)
        # The border between the classes goes where half of the texts lie on each side.
        gaps = (logits[:, 1] - logits[:, 0]).sort().values
        model.classifier.bias[1] -= (gaps[15] + gaps[16]) / 2
        labels = model(**batch).logits.argmax(dim=-1).tolist()
    return model, tokenizer, LabeledTexts(texts, labels[:-1] + [1 - labels[-1]])


class _Watch:
    """Remembers in which mode a model was used, and whether gradients were kept."""

    def __init__(self, model):
        self.trained = self.kept_gradients = self.used = False
        model.register_forward_pre_hook(self.look)

    def look(self, model, _inputs):
        import torch

        self.used = True
        self.trained |= any(part.training for part in model.modules())
        self.kept_gradients |= torch.is_grad_enabled()


@exercise(
    "6.1",
    "accuracy_of",
    hints=(
        "Three lines come from 05: model.eval(), torch.no_grad() around the model, and "
        "argmax with dim=-1.",
        "Count the right answers over all batches, `right += (...).sum().item()`, and divide once, "
        "at the end, by len(data).",
    ),
)
def _accuracy(accuracy_of):
    if not callable(accuracy_of):
        raise Wrong(f"Expected a function, found a {type(accuracy_of).__name__}.")
    model, tokenizer, data = _known_answers()
    watch = _Watch(model)
    model.train()
    eight = accuracy_of(model, tokenizer, data.take(range(8)))
    if eight is ...:
        raise Unanswered("write the repaired lines, and return the accuracy.")
    eight = one_number("accuracy_of", eight)
    if not watch.used:
        raise Wrong("Expected the answers of the model, found that it was never called.")
    if watch.trained:
        raise Wrong("Expected the model in eval mode, found it in train mode: dropout is still on.")
    if math.isclose(eight, 8) or math.isclose(eight, 100):
        raise Wrong(f"Expected a fraction between 0 and 1, found {eight:g}.")
    if math.isclose(eight, 1 / 8):
        raise Wrong(
            "Expected 1.000 for eight texts that are all right, found 0.125, an eighth: are shares "
            "of batches added up, and divided by the number of texts? Add up right answers."
        )
    if not math.isclose(eight, 1, abs_tol=1e-6):
        raise Wrong(
            f"Expected 1.000 for eight texts that are all right, found {eight:.3f}: "
            "did argmax get its `dim`?"
        )
    everything = one_number("accuracy_of", accuracy_of(model, tokenizer, data))
    if not math.isclose(everything, 32 / 33, abs_tol=1e-6):
        raise Wrong(
            f"Expected 32 of 33 right = {32 / 33:.3f}, found {everything:.3f}: count the right "
            "answers over all batches, and divide once. A mean of batches counts a small batch "
            "as much as a full one."
        )
    if watch.kept_gradients:
        raise Wrong(
            "The number is right, but memory is wasted: expected the model inside "
            "`with torch.no_grad():`, found that gradients are kept."
        )
    return "32 of 33 right: every text counts the same, and the model is at rest."


@exercise(
    "6.2",
    "reading",
    hints=(
        "What did the bootstrap draw again and again: reviews, models, or topics?",
        "It drew reviews from our test reviews. So it speaks about reviews like these, and about "
        "the one model that read them.",
    ),
)
def _reading(reading):
    texts = noun()
    judge_choice(
        reading,
        wrong={
            "b": f"Expected a sentence about other {texts}, found one about other seeds: "
            "the bootstrap trained nothing again.",
            "c": f"Expected a sentence about {texts} of this kind, found one about hotels: "
            "no hotel review was drawn.",
        },
    )
    return f"The interval speaks about other {texts} of this kind, and about this one model."


@exercise(
    "6.3",
    "result",
    "part",
    "right",
    "accuracy",
    "interval",
    hints=(
        "on_test.correct[negated] is the part of the answers that you need. True counts as 1.",
        "course_utils.accuracy_interval(right, total) gives the interval. Here `total` is the "
        "number of reviews with a negation, negated.sum().",
    ),
)
def _part(result, part, right, accuracy, interval):
    from course_utils import accuracy_interval

    chosen, texts = result.correct[part], noun()
    expected, total = int(chosen.sum()), len(chosen)
    if total == 0:
        raise Wrong(f"Expected some {texts} in this part, found none: which words mark them?")
    right, accuracy = one_number("right", right), one_number("accuracy", accuracy)
    if right == int(result.correct.sum()) != expected:
        raise Wrong(f"Expected the {texts} with a negation only, found all: use correct[negated].")
    if right == total - expected != expected:
        raise Wrong(f"Expected the right answers, found {right:g}: these are the wrong ones.")
    if right != expected:
        raise Wrong(f"Expected `right` = the number of True in correct[negated], found {right:g}.")
    if math.isclose(accuracy, 100 * expected / total, abs_tol=0.1):
        raise Wrong(f"Expected `accuracy` as a fraction, found {accuracy:.1f}: not in percent.")
    if math.isclose(accuracy, expected / len(result.correct), abs_tol=1e-4):
        raise Wrong(
            f"Expected `accuracy` = right / {total}, found right / {len(result.correct)}: "
            f"divide by the number of {texts} with a negation."
        )
    if not math.isclose(accuracy, expected / total, abs_tol=1e-4):
        raise Wrong(f"Expected `accuracy` = right / {total}, found {accuracy:.3f}.")
    low, high = _pair(interval)
    if math.isclose(low, result.interval[0]) and math.isclose(high, result.interval[1]):
        raise Wrong(f"Expected the interval of this part, found that of all test {texts}.")
    bounds = accuracy_interval(expected, total)
    if all(math.isclose(a, 100 * b, abs_tol=0.1) for a, b in zip((low, high), bounds, strict=True)):
        raise Wrong("Expected the bounds as fractions, as they come, found them in per cent.")
    if not all(math.isclose(*pair, abs_tol=1e-4) for pair in zip((low, high), bounds, strict=True)):
        raise Wrong(
            f"Expected the 95 % interval of `right` out of {total}, found "
            f"{low:.3f} to {high:.3f}: use course_utils.accuracy_interval."
        )
    return (
        f"{100 * accuracy:.1f} % with a negation ({100 * low:.1f} to {100 * high:.1f}), "
        f"{100 * result.accuracy:.1f} % over all {texts}."
    )


THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(9))


PROMISE = 85
"""Per cent of the printed reviews that shall be positive, in "6.4"."""


@exercise(
    "6.4",
    "validation",
    "test",
    "chosen",
    "reported",
    hints=(
        "`poster(on_validation, t)[0]` is the precision at the threshold t. Go from the smallest "
        "to the largest, and stop at the first that reaches 85.",
        "A choice is made on validation. What was chosen there looks a little too good there. So "
        "the number for the report comes from `poster(on_test, chosen)[0]`.",
    ),
)
def _choose(validation, test, chosen, reported):
    chosen, reported = one_number("chosen", chosen), one_number("reported", reported)
    nearest = min(THRESHOLDS, key=lambda threshold: abs(threshold - chosen))
    if not math.isclose(chosen, nearest, abs_tol=1e-4):
        raise Wrong(f"Expected one of the thresholds as `chosen`, found {chosen:g}.")
    chosen = nearest
    right, on_test = _smallest(validation), _smallest(test)
    if not math.isclose(chosen, right):
        if math.isclose(chosen, on_test):
            raise Wrong(
                f"Expected the choice that *validation* makes, found {chosen:g}, that of test: "
                "whoever chooses on test reports luck."
            )
        precision = _precision(validation, chosen)
        there = "nothing is printed" if math.isnan(precision) else f"{precision:.1f} % are positive"
        raise Wrong(
            f"Expected the smallest threshold that reaches {PROMISE} % on validation (or the last "
            f"one, if none does), found {chosen:g}, where {there}."
        )
    there, here = _precision(validation, chosen), _precision(test, chosen)
    if math.isnan(reported) and math.isnan(here):
        return f"Chosen on validation, {chosen:g}; on test nothing is printed, so report just that."
    if math.isclose(100 * reported, here, abs_tol=0.1):
        raise Wrong(f"Expected `reported` in per cent, found {reported:.3f}: a fraction.")
    if math.isclose(reported, there, abs_tol=0.05) and not math.isclose(there, here, abs_tol=0.05):
        raise Wrong(
            f"Expected the precision on test, found {reported:.1f}, that on validation: the "
            "threshold was chosen there, so it looks too good there."
        )
    if not math.isclose(reported, here, abs_tol=0.1):
        raise Wrong(
            f"Expected the precision on test at your threshold, in per cent, found {reported:.1f}: "
            "`poster` takes an evaluation and the threshold."
        )
    return f"Chosen on validation, {chosen:g}; reported once, on test: {here:.1f} %."


def _precision(result, threshold: float) -> float:
    """Per cent of the texts with this probability of label 1, or more, that have this label."""
    printed = result.probabilities[:, 1] >= threshold
    positive = [label == 1 for label, here in zip(result.data.labels, printed, strict=True) if here]
    return 100 * sum(positive) / len(positive) if positive else math.nan


def _smallest(result) -> float:
    """The smallest threshold that keeps the promise, or the last one."""
    kept = (t for t in THRESHOLDS if _precision(result, t) >= PROMISE)
    return next(kept, THRESHOLDS[-1])


def _pair(interval) -> tuple:
    try:
        low, high = interval
    except (TypeError, ValueError):
        raise Wrong(
            f"Expected `interval` to hold two bounds, found {interval!r:.60}: "
            "course_utils.accuracy_interval returns both."
        ) from None
    return one_number("interval[0]", low), one_number("interval[1]", high)
