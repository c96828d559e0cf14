"""The checks of notebook 07: solutions in several forms, the stubs, and typical wrong answers."""

import math
from functools import cache

import numpy as np
import pytest
import torch
from real_model import minilm_folder, new_classifier, small_set, tokenizer
from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizer

import course_utils
from course_utils.judge.evaluation import Evaluation
from course_utils.lessons import exercises
from course_utils.lessons.lesson_07.load_and_train import small_model


def said(capsys, number, **answers) -> str:
    course_utils.check(number, **answers)
    return capsys.readouterr().out


@pytest.mark.parametrize("number", ["7.1", "7.2", "7.3", "7.4", "7.5", "7.6"])
def test_hints(number):
    assert len(exercises.find_exercise(number).hints) >= 2


# --- 7.1: load, tokenise, train ---


@cache
def model():
    return BertForSequenceClassification.from_pretrained(minilm_folder(), num_labels=2)


def encoded(**options):
    texts = list(small_set().texts)
    batch = tokenizer()(texts, padding=True, truncation=True, max_length=64, return_tensors="pt")
    batch["labels"] = torch.tensor(small_set().labels)
    return batch | options


def optimizer_of(model, rate=1e-4):
    return torch.optim.AdamW(model.parameters(), lr=rate)


def at_rest(model, inputs):
    model.eval()
    with torch.no_grad():
        return model(**inputs).loss.item()


def train(model, inputs, epochs, rate=1e-4):
    optimizer = optimizer_of(model, rate)
    model.train()
    for _epoch in range(epochs):
        loss = model(**inputs).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return at_rest(model, inputs)


def train_in_other_words(model, inputs, epochs):
    """zero_grad first and set to zero, gradients clipped, loss computed by hand, a slower rate."""
    optimizer = optimizer_of(model, 5e-5)
    labels = inputs["labels"]
    for _epoch in range(epochs):
        model.train()
        optimizer.zero_grad(set_to_none=False)
        outputs = model(inputs["input_ids"], inputs["attention_mask"])
        torch.nn.functional.cross_entropy(outputs.logits, labels).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses = at_rest(model, inputs)
    return losses


def train_forgets_train_mode(model, inputs, epochs):
    optimizer = optimizer_of(model)
    for _epoch in range(epochs):
        model(**inputs).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return at_rest(model, inputs)


def train_without_zero(model, inputs, epochs):
    optimizer = optimizer_of(model)
    model.train()
    for _epoch in range(epochs):
        model(**inputs).loss.backward()
        optimizer.step()
    return at_rest(model, inputs)


def train_without_step(model, inputs, epochs):
    optimizer = optimizer_of(model)
    model.train()
    for _epoch in range(epochs):
        model(**inputs).loss.backward()
        optimizer.zero_grad()
    return at_rest(model, inputs)


def train_without_backward(model, inputs, epochs):
    optimizer = optimizer_of(model)
    model.train()
    for _epoch in range(epochs):
        model(**inputs)
        optimizer.step()
    return at_rest(model, inputs)


def train_another_model(_model, inputs, epochs):
    return train(new_classifier(), inputs, epochs)


def train_with_the_optimizer_of_another_model(model, inputs, epochs):
    optimizer = optimizer_of(new_classifier())
    model.train()
    for _epoch in range(epochs):
        model(**inputs).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return at_rest(model, inputs)


def train_the_head_only(model, inputs, epochs):
    model.bert.requires_grad_(False)
    return train(model, inputs, epochs)


def train_without_mask(model, inputs, epochs):
    inputs = {name: inputs[name] for name in ("input_ids", "labels")}
    return train(model, inputs, epochs)


def train_one_step(model, inputs, epochs):
    return train(model, inputs, 1)


def train_uphill(model, inputs, epochs):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, maximize=True)
    model.train()
    for _epoch in range(epochs):
        model(**inputs).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return at_rest(model, inputs)


def train_and_return_the_old_loss(model, inputs, epochs):
    optimizer = optimizer_of(model)
    model.train()
    for _epoch in range(epochs):
        loss = model(**inputs).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()
    return loss.item()


def train_and_forget_eval(model, inputs, epochs):
    train(model, inputs, epochs)
    model.train()
    with torch.no_grad():
        return model(**inputs).loss.item()


def train_and_return_a_tensor(model, inputs, epochs):
    train(model, inputs, epochs)
    return model(**inputs).loss


def loading(capsys, **changes):
    answers = {
        "reviews": small_set(),
        "tokenizer": tokenizer(),
        "model": model(),
        "inputs": encoded(),
        "fit": train,
    }
    return said(capsys, "7.1", **answers | changes)


@pytest.mark.parametrize("attempt", [train, train_in_other_words])
def test_a_loop_that_trains_passes_in_any_spelling(attempt, capsys):
    assert loading(capsys, fit=attempt).startswith("✔ Loaded, tokenised, and trained")


def test_the_slides_rate_will_do(capsys):
    assert "✔" in loading(capsys, fit=lambda *parts: train(*parts, rate=1e-5))


def test_a_longer_row_of_padding_will_do(capsys):
    inputs = encoded()
    more = tokenizer().pad({k: v for k, v in inputs.items() if k != "labels"}, "max_length", 64)
    assert "✔" in loading(capsys, inputs=more | {"labels": inputs["labels"]})


def test_the_students_model_stays_as_it_is(capsys):
    before = model().classifier.weight.clone()
    loading(capsys)
    assert torch.equal(before, model().classifier.weight)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (..., "Not answered yet: give `fit` a value."),
        (lambda *_: ..., "Not answered yet: fill in the loop of `fit`"),
        (0.5, "✘ Expected `fit` to be a function, found a float."),
        (lambda *_: None, "✘ Expected `fit` to return one number, the loss, found None"),
        (lambda *_: 0.5, "✘ Expected the model to be called, found that it never was"),
        (train_and_return_a_tensor, "✘ Expected the loss as a number, found a tensor"),
        (train_without_step, "found the old ones: was optimizer.step() called, between"),
        (train_with_the_optimizer_of_another_model, "found the old ones: was optimizer.step()"),
        (train_without_backward, "found the old ones: was loss.backward() called?"),
        (train_another_model, "✘ Expected the model to be called, found that it never was"),
        (train_the_head_only, "✘ Expected all blocks to be trained, found no change in embedd"),
        (
            train_forgets_train_mode,
            "✘ Expected the model in train mode while it learns, as on the slide",
        ),
        (train_without_mask, "✘ Expected the attention_mask in each pass"),
        (train_without_zero, "✘ Expected each step to use its own gradients, found that they"),
        (train_one_step, "✘ Expected 6 steps for epochs=6, found 1. Is `return` inside"),
        (train_uphill, "✘ Expected a falling loss"),
        (train_and_return_the_old_loss, "the loss from before a step (fault 1 of the slide)"),
        (train_and_forget_eval, "with dropout on: call model.eval() after the loop"),
        (lambda *parts: train(*parts) + 1, "✘ Expected the loss after the last step, "),
        (lambda model, inputs: 0.5, "✘ Your code stopped with TypeError"),
    ],
)
def test_loops_with_a_fault(attempt, message, capsys):
    assert message in loading(capsys, fit=attempt)


def without(name):
    return {key: value for key, value in encoded().items() if key != name}


def words():
    return list(small_set().to_frame()["label"])


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (lambda: ..., "Not answered yet: give `inputs` a value."),
        (lambda: encoded()["input_ids"], "✘ Expected `inputs` to be what the tokenizer returns"),
        (lambda: encoded(input_ids=[[101, 102]]), "✘ Expected tensors, found a list: add return_"),
        (lambda: {k: v[:4] for k, v in encoded().items()}, "✘ Expected one row for each of 16 rev"),
        (lambda: {k: v.flip(0) for k, v in encoded().items()}, "✘ Expected the reviews in their o"),
        (lambda: without("attention_mask"), "✘ Expected an attention_mask in `inputs`, found none"),
        (
            lambda: encoded(attention_mask=torch.ones_like(encoded()["input_ids"])),
            "✘ Expected an attention_mask of 0 at padding only",
        ),
        (lambda: without("labels"), '✘ Expected inputs["labels"], found none'),
        (lambda: encoded(labels=words()), "a tensor of numbers, found words: give each word its"),
        (lambda: encoded(labels=[0] * 16), "✘ Expected the labels as a tensor of numbers, found a"),
        (lambda: encoded(labels=encoded()["labels"].float()), "found torch.float32"),
        (lambda: encoded(labels=torch.zeros(4, dtype=torch.long)), "found (4,)"),
        (lambda: encoded(labels=1 - encoded()["labels"]), "found them the wrong way round"),
        (lambda: encoded(labels=encoded()["labels"].roll(3)), "✘ Expected the label of each revi"),
    ],
)
def test_inputs_with_a_fault(inputs, message, capsys):
    assert message in loading(capsys, inputs=inputs())


@pytest.mark.parametrize(
    ("name", "part", "message"),
    [
        ("tokenizer", lambda: ..., "Not answered yet: give `tokenizer` a value."),
        ("tokenizer", lambda: "minilm", "✘ Expected `tokenizer` to be a tokenizer, found a str"),
        (
            "tokenizer",
            lambda: BertTokenizer(vocab_file=str(minilm_folder() / "vocab.txt")),
            "found [UNK]: load it with from_pretrained(checkpoint)",
        ),
        (
            "model",
            lambda: BertModel.from_pretrained(minilm_folder()),
            "✘ Expected `model` to be a BertForSequenceClassification, a BERT with a head",
        ),
        (
            "model",
            lambda: new_classifier(label_names=("a", "b", "c")),
            "✘ Expected a head for 2 labels, found one for 3.",
        ),
        (
            "model",
            lambda: BertForSequenceClassification(
                BertConfig(hidden_size=32, num_attention_heads=2, num_hidden_layers=1)
            ),
            "✘ Expected pre-trained weights, found random ones",
        ),
    ],
)
def test_parts_with_a_fault(name, part, message, capsys):
    assert message in loading(capsys, **{name: part()})


# --- 7.2: evaluate ---


def logits_of(model, tokenizer, sentences, mask=True):
    batch = tokenizer(sentences, padding=True, truncation=True, max_length=64, return_tensors="pt")
    return model(**batch).logits if mask else model(batch["input_ids"]).logits


def judge(model, tokenizer, sentences):
    model.eval()
    with torch.no_grad():
        best = torch.softmax(logits_of(model, tokenizer, sentences), dim=-1).max(dim=-1)
    return [model.config.id2label[i] for i in best.indices.tolist()], best.values.tolist()


def judge_as_tensors(model, tokenizer, sentences):
    labels, probabilities = judge(model, tokenizer, sentences)
    return labels, torch.tensor(probabilities)


def judge_one_by_one(model, tokenizer, sentences):
    pairs = [judge(model, tokenizer, [sentence]) for sentence in sentences]
    return [label for (label,), _ in pairs], [value for _, (value,) in pairs]


def judge_in_training(model, tokenizer, sentences):
    model.train()
    with torch.no_grad():
        best = torch.softmax(logits_of(model, tokenizer, sentences), dim=-1).max(dim=-1)
    return [model.config.id2label[i] for i in best.indices.tolist()], best.values.tolist()


def judge_with_gradients(model, tokenizer, sentences):
    model.eval()
    best = torch.softmax(logits_of(model, tokenizer, sentences), dim=-1).max(dim=-1)
    return [model.config.id2label[i] for i in best.indices.tolist()], best.values.tolist()


def judge_without_mask(model, tokenizer, sentences):
    model.eval()
    with torch.no_grad():
        logits = logits_of(model, tokenizer, sentences, mask=False)
    best = torch.softmax(logits, dim=-1).max(dim=-1)
    return [model.config.id2label[i] for i in best.indices.tolist()], best.values.tolist()


def at_rest_logits(model, tokenizer, sentences):
    model.eval()
    with torch.no_grad():
        return logits_of(model, tokenizer, sentences)


def names(model, positions):
    return [model.config.id2label[i] for i in positions.tolist()]


def judge_without_dim(model, tokenizer, sentences):
    probabilities = torch.softmax(at_rest_logits(model, tokenizer, sentences), dim=-1)
    return probabilities.argmax(), probabilities.max()


def judge_names_without_dim(model, tokenizer, sentences):
    logits = at_rest_logits(model, tokenizer, sentences)
    best = logits.argmax().item()
    return [model.config.id2label[best]] * len(sentences), torch.softmax(logits, -1).max(-1).values


def judge_with_another_key(model, tokenizer, sentences):
    at_rest_logits(model, tokenizer, sentences)
    return {}["label"], [0.5] * len(sentences)


def judge_along_the_batch(model, tokenizer, sentences):
    logits = at_rest_logits(model, tokenizer, sentences)
    return names(model, logits.argmax(-1)), torch.softmax(logits, dim=0).max(-1).values


def judge_with_logits(model, tokenizer, sentences):
    best = at_rest_logits(model, tokenizer, sentences).max(-1)
    return names(model, best.indices), best.values


def judge_with_rows(model, tokenizer, sentences):
    logits = at_rest_logits(model, tokenizer, sentences)
    return names(model, logits.argmax(-1)), torch.softmax(logits, -1)


def judge_one_class(model, tokenizer, sentences):
    logits = at_rest_logits(model, tokenizer, sentences)
    return names(model, logits.argmax(-1)), torch.softmax(logits, -1)[:, 1]


def judge_by_position(model, tokenizer, sentences):
    best = torch.softmax(at_rest_logits(model, tokenizer, sentences), -1).max(-1)
    return best.indices, best.values


def judge_by_the_slide(model, tokenizer, sentences):
    """argmax > 0, as on the slide: it works for two labels only."""
    best = torch.softmax(at_rest_logits(model, tokenizer, sentences), -1).max(-1)
    return ["praise" if i > 0 else "complaint" for i in best.indices], best.values


def judge_with_other_names(model, tokenizer, sentences):
    best = torch.softmax(at_rest_logits(model, tokenizer, sentences), -1).max(-1)
    return ["positive" if i > 0 else "negative" for i in best.indices], best.values


def judge_by_tensors(model, tokenizer, sentences):
    best = torch.softmax(at_rest_logits(model, tokenizer, sentences), -1).max(-1)
    return [model.config.id2label[i] for i in best.indices], best.values


@pytest.mark.parametrize("solution", [judge, judge_as_tensors, judge_one_by_one])
def test_judging_passes_in_any_spelling(solution, capsys):
    assert "✔ 6 sentences, each with its label" in said(capsys, "7.2", judge=solution)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (..., "Not answered yet: give `judge` a value."),
        (lambda *_: (..., ...), "Not answered yet: fill in `judge`"),
        (lambda *_: ..., "Not answered yet: fill in `judge`"),
        ("judge", "✘ Expected a function, found a str."),
        (lambda *_: None, "✘ Expected two lists, labels and probabilities, found None"),
        (lambda *_: (["praise"] * 6, [0.9] * 6), "✘ Expected the answers of the model, found that"),
        (judge_in_training, "✘ Expected the model in eval mode, found it in train mode"),
        (judge_without_mask, "✘ Expected the attention_mask with the batch"),
        (judge_without_dim, "✘ Expected one of the labels for each of 6 sentences"),
        (
            judge_names_without_dim,
            "labels, 0 to 2, found 13: without `dim`, argmax counts through all",
        ),
        (judge_with_another_key, "✘ Your code stopped with KeyError"),
        (judge_by_position, "✘ Expected the names of the labels, found the positions"),
        (judge_by_the_slide, "✘ Expected the labels ["),
        (judge_with_other_names, "✘ Expected labels of this model, complaint, praise, question, f"),
        (judge_by_tensors, "✘ Expected a plain number as the key, found a tensor: .tolist() makes"),
        (judge_with_rows, "✘ Expected one probability per sentence, found a row"),
        (judge_with_logits, "found logits: softmax is missing"),
        (judge_along_the_batch, "found dim=0: use dim=-1"),
        (judge_one_class, "found always that of the same label"),
        (judge_with_gradients, "✘ All answers are right, but memory is wasted"),
        (lambda *_: 1 / 0, "✘ Your code stopped with ZeroDivisionError"),
    ],
)
def test_judging_with_a_fault(attempt, message, capsys):
    assert message in said(capsys, "7.2", judge=attempt)


def test_all_three_labels_are_somebodys_answer():
    from course_utils.lessons.lesson_07 import judge as judging

    model, small_tokenizer, _ = judging._three_labels()
    labels, _ = judge(model, small_tokenizer, list(judging._MESSAGES))
    assert set(labels) == set(judging._LABELS)


# --- 7.3: macro F1 ---

TOPICS = ("arts", "money", "sports")


def make(true, answered):
    data = course_utils.LabeledTexts([f"text {i}" for i in range(len(true))], true, TOPICS)
    return Evaluation("mine", data, np.eye(3)[answered])


RESULT = make([0] * 10 + [1] * 6 + [2] * 2, [0] * 8 + [1] * 2 + [1] * 3 + [0] * 3 + [2, 1])


def parts(result=RESULT):
    table = result.confusion().to_numpy()
    return table.diagonal() / table.sum(axis=0), table.diagonal() / table.sum(axis=1)


def right_f1():
    precision, recall = parts()
    return dict(zip(TOPICS, 2 * precision * recall / (precision + recall), strict=True))


def named(values):
    return dict(zip(TOPICS, values, strict=True))


def plain_mean(f1):
    return sum(f1.values()) / len(f1)


GOOD_PARTS = dict(zip(("precision", "recall"), map(named, parts()), strict=True))


def macro(capsys, result=RESULT, **changes):
    answers = GOOD_PARTS | {"f1": right_f1(), "macro": plain_mean(right_f1())} | changes
    return said(capsys, "7.3", result=result, **answers)


def test_macro_f1_by_hand_and_from_the_table(capsys):
    assert macro(capsys).startswith(f"✔ Macro F1 {RESULT.macro_f1:.3f}")
    table = RESULT.per_class()
    columns = {name: table[name] for name in ("precision", "recall", "f1")}
    assert "✔" in macro(capsys, **columns)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"macro": ...}, "Not answered yet: give `macro` a value."),
        ({"f1": dict.fromkeys(TOPICS, ...)}, "Not answered yet: give `f1` a value."),
        (
            {"recall": right_f1() | {"arts": ...}, "macro": ...},
            "Not answered yet: give `recall` and `macro` a value.",
        ),
        ({"f1": [0.1, 0.2]}, "✘ Expected `f1` with one number for each of arts, money, sports."),
        ({"recall": {}}, "✘ Expected `recall` with one number for each of arts, money, sports."),
        ({"f1": named(["a", "b", "c"])}, "✘ Expected one number as `f1['arts']`, found 'a' (str)"),
        (
            {"precision": named(parts()[1]), "recall": named(parts()[0])},
            "✘ Expected `precision`, found recall: divide by the sum of the column",
        ),
        ({"recall": named(parts()[0])}, "✘ Expected `recall`, found precision: divide by the sum"),
        ({"recall": named(100 * parts()[1])}, "✘ Expected `recall` as fractions, found it in perc"),
        ({"recall": named([0.8, 0.5, 0.1])}, "✘ Expected another recall for sports, found 0.100"),
        ({"f1": named(sum(parts()) / 2)}, "found the mean of precision and recall"),
        ({"f1": named(parts()[0])}, "found precision alone"),
        ({"f1": named(parts()[1])}, "found recall alone"),
        ({"f1": named([100 * f for f in right_f1().values()])}, "found F1 in percent"),
        ({"f1": named([0.1, 0.2, 0.3])}, "✘ Expected another F1 for arts, found 0.100"),
        ({"macro": 100 * plain_mean(right_f1())}, "found 64.3: not in percent"),
        ({"macro": sum(right_f1().values())}, "found their sum"),
        ({"macro": RESULT.accuracy}, "found the accuracy"),
        (
            {"macro": float(np.average(list(right_f1().values()), weights=[10, 6, 2]))},
            "one in which large topics count more",
        ),
        ({"macro": 0.123}, "✘ Expected the mean of the F1 as `macro`, found 0.123."),
        ({"macro": None}, "✘ Expected one number as `macro`, found None (NoneType)"),
    ],
)
def test_macro_f1_with_a_fault(changes, message, capsys):
    assert message in macro(capsys, **changes)


@pytest.mark.parametrize("none", [0.0, math.nan])
def test_topic_that_was_never_answered(none, capsys):
    result = make([0, 0, 1, 2], [0, 0, 1, 1])
    f1 = {"arts": 1.0, "money": 2 / 3, "sports": none}
    answers = {"precision": named([1.0, 0.5, none]), "recall": named([1.0, 1.0, 0.0]), "f1": f1}
    mean = plain_mean(f1 | {"sports": 0.0})
    assert "✔ Macro F1 " in macro(capsys, result, **answers, macro=mean)
    if math.isnan(none):  # what the solution of the lesson gives
        told = macro(capsys, result, **answers, macro=plain_mean(f1))
        assert "✔ Each F1 is right. But sports was never right, and 0 / 0 makes" in told
        assert f"the mean is {mean:.3f}." in told


def test_topic_that_was_answered_and_never_right(capsys):
    result = make([0, 0, 1, 2], [0, 0, 2, 1])  # precision and recall 0: F1 is 0 / 0
    f1 = {"arts": 1.0, "money": math.nan, "sports": math.nan}
    answers = {"precision": named([1.0, 0, 0]), "recall": named([1.0, 0, 0]), "f1": f1}
    assert "✔ Each F1 is right. But money" in macro(capsys, result, **answers, macro=math.nan)
    wrong = f1 | {"arts": math.nan}
    told = macro(capsys, result, **(answers | {"f1": wrong}), macro=math.nan)
    assert "✘ Expected another F1 for arts, found nan" in told


# --- 7.4: when a person is asked ---

CONFIDENCE = np.array([0.4, 0.55, 0.65, 0.75, 0.85, 0.95])
HITS = [0, 1, 0, 1, 1, 1]
JUDGED = Evaluation(
    "mine",
    course_utils.LabeledTexts([f"text {i}" for i in range(6)], [1 - hit for hit in HITS]),
    np.stack([CONFIDENCE, 1 - CONFIDENCE], axis=1),
)
# (0.4 is the second label's loss: there the model says the second label, with 0.6)
SURE = {t: JUDGED.probabilities.max(axis=1) >= t for t in (0.0, 0.6, 0.9)}
ANSWERED = {t: sure.mean() for t, sure in SURE.items()}
RIGHT = {t: JUDGED.correct[sure].mean() for t, sure in SURE.items()}


def asking(capsys, **changes):
    answers = {"answered": ANSWERED, "right": RIGHT} | changes
    return said(capsys, "7.4", result=JUDGED, **answers)


def test_thresholds_in_any_number(capsys):
    assert asking(capsys).startswith("✔ At 0.9, 16.7 % get an answer, and 100.0 % of these")
    one = {t: torch.tensor(value) for t, value in ANSWERED.items()}
    assert "✔" in asking(capsys, answered=one)
    only = {"answered": {0.6: ANSWERED[0.6]}, "right": {0.6: RIGHT[0.6]}}
    assert "✔" in asking(capsys, **only)


def test_a_threshold_that_nobody_reaches(capsys):
    """Of no texts, no share is right: what `mean` makes of it is not counted."""
    answers = {"answered": ANSWERED | {0.99: 0.0}, "right": RIGHT | {0.99: math.nan}}
    assert "✔" in asking(capsys, **answers)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"right": ...}, "Not answered yet: give `right` a value."),
        ({"answered": ANSWERED | {0.6: ...}}, "Not answered yet: give `answered` a value."),
        ({"answered": [0.5]}, "✘ Expected `answered` as a dict with one number for each threshold"),
        ({"right": {0.0: 0.5}}, "✘ Expected `answered` and `right` for the same thresholds."),
        ({"answered": {0.0: ANSWERED[0.0]}}, "✘ Expected `answered` and `right` for the same thr"),
        ({"answered": ANSWERED | {0.9: 0.172}}, "✘ Expected 0.167 as `answered` for the threshold"),
        ({"answered": ANSWERED | {0.9: 5 / 6}}, "found the share that goes to a person"),
        ({"answered": {t: sure.sum() for t, sure in SURE.items()}}, "found a number of texts"),
        ({"answered": {t: 100 * x for t, x in ANSWERED.items()}}, "found a percentage"),
        ({"answered": ANSWERED | {0.9: 0.123}}, "✘ Expected 0.167 as `answered` for the threshold"),
        (
            {"answered": ANSWERED | {0.9: "a"}},
            "✘ Expected one number as `answered[0.9]`, found 'a'",
        ),
        ({"right": RIGHT | {0.9: 1 / 6}}, "found the share of all texts: take correct[sure] first"),
        ({"right": dict.fromkeys(RIGHT, JUDGED.accuracy)}, "found that of all texts."),
        ({"right": RIGHT | {0.9: 0.9}}, "✘ Expected 1.000 as `right` for the threshold 0.9, found"),
    ],
)
def test_thresholds_with_a_fault(changes, message, capsys):
    assert message in asking(capsys, **changes)


# --- 7.5: the card ---

FIELDS = {
    "name": "Topics",
    "purpose": "Sorting headlines into three topics.",
    "not_for": "Anything but English news headlines.",
    "data": "Eighteen headlines that we wrote ourselves.",
    "result": "12 of 18 headlines, 66.7 % (95 % interval 43.7 to 83.7).",
    "weak_spots": "It mixes up arts and money.",
}


def card(evaluations=(RESULT,), **changes):
    return course_utils.model_card(FIELDS | changes, *evaluations)


@pytest.mark.parametrize(
    "result",
    [
        FIELDS["result"],
        "67 % of 18 are right, between 44 and 84 %",
        "0.667 of 18 texts, 0.437 to 0.837",
        "66,7 % von 18, Intervall 43,7 bis 83,7",
        "0.67 of 18 texts, 0.44 to 0.84",
    ],
)
def test_full_card(result, capsys):
    assert "✔ All 6 fields are filled in" in said(
        capsys, "7.5", card=card(result=result), result=RESULT
    )


def test_a_number_of_texts_with_a_comma(capsys):
    large = make([0] * 900 + [1] * 300, [0] * 1200)
    low, high = (100 * bound for bound in large.interval)
    said_so = f"75 % of 1,200 texts, from {low:.1f} to {high:.1f} %"
    told = said(capsys, "7.5", card=card((large,), result=said_so), result=large)
    assert "✔ All 6 fields are filled in" in told


OTHER = make([0, 1, 2], [0, 1, 2])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (..., "Not answered yet: give `card` a value."),
        (FIELDS, "✘ Expected a card, found a dict"),
        (card(purpose=..., result="..."), "Not answered yet: the card is still open at purpose, r"),
        (card(weak_spots="none"), "✘ Expected a sentence in `weak_spots`, found 'none'."),
        (card(not_for=FIELDS["purpose"]), "✘ Expected `not_for` to say something else"),
        (card(()), "✘ Expected the evaluation of your model among the measured numbers, found 0"),
        (card((OTHER,)), "among the measured numbers, found 1 others"),
        (card(result="It is quite accurate."), "✘ Expected the accuracy, 66.7 %, in `result`"),
        (card(result="99 % of 18 (43.7 to 83.7)"), "✘ Expected the accuracy, 66.7 %, in `result`"),
        (card(result="66.7 % of 18"), "✘ Expected the interval beside the accuracy, 43.7 to 83.7"),
        (card(result="66.7 % of 18 (60 to 70)"), "✘ Expected the interval beside the accuracy"),
        (card(result="66.7 % of 18 (43.7 to 70)"), "✘ Expected the interval beside the accuracy"),
        (card(result="66.7 % of 18 (60 to 83.7)"), "✘ Expected the interval beside the accuracy"),
        (card(result="66.3 % of 18 (43.7 to 83.7)"), "✘ Expected the accuracy, 66.7 %, in `result"),
        (card(result="66.7 % (43.7 to 83.7)"), "✘ Expected the number of test texts, 18, in"),
    ],
)
def test_card_with_a_fault(answer, message, capsys):
    assert message in said(capsys, "7.5", card=answer, result=RESULT)


# --- 7.6: without the course ---

MESSAGES = ["The match was lost.", "Shares fell on Monday. " * 60, "A new phone."]


@pytest.fixture(scope="module")
def handed_over(tmp_path_factory):
    """A model, its tokenizer, and what transformers alone says of MESSAGES."""
    from transformers import pipeline

    small, words = small_model(TOPICS)
    folder = tmp_path_factory.mktemp("saved") / "model"
    course_utils.save(str(folder), small, words)
    classify = pipeline("text-classification", model=str(folder), truncation=True)
    return small, words, classify(MESSAGES)


def hand_over(capsys, made, answers=None):
    small, words, right = made
    given = right if answers is None else answers(right)
    return said(capsys, "7.6", proposals=given, model=small, tokenizer=words, texts=MESSAGES)


def test_answers_of_plain_transformers(handed_over, capsys):
    assert hand_over(capsys, handed_over).startswith("✔ 3 answers without this course")


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (lambda right: ..., "Not answered yet: give `proposals` a value."),
        (lambda right: right[0], "✘ Expected a list of dicts, found {"),
        (lambda right: right[:2], "✘ Expected one answer for each of 3 texts, found 2."),
        (lambda right: [{"label": "arts"}] * 3, "✘ Expected the keys `label` and `score`"),
        (lambda right: [a | {"label": "LABEL_0"} for a in right], "topics, found 'LABEL_0'"),
        (lambda right: [a | {"score": "0.9"} for a in right], "and scores that differ by up to"),
        (lambda right: [a | {"score": a["score"] - 0.1} for a in right], "differ by up to 0.100"),
        (
            lambda right: [*right[:-1], right[-1] | {"score": right[-1]["score"] - 0.1}],
            "differ by up to 0.100",
        ),
        (
            lambda right: [
                *right[:-1],
                right[-1] | {"label": next(x for x in TOPICS if x != right[-1]["label"])},
            ],
            "✘ Expected the labels of your model, found 66.7 % of them.",
        ),
        (
            lambda right: [
                a | {"label": next(name for name in TOPICS if name != a["label"])} for a in right
            ],
            "✘ Expected the labels of your model, found 0.0 % of them.",
        ),
    ],
)
def test_answers_with_a_fault(handed_over, answers, message, capsys):
    assert message in hand_over(capsys, handed_over, answers)
