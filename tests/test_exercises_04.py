"""Notebook 04: each check praises the solution, and names what is wrong with a wrong answer."""

import pytest
import torch

from course_utils import (
    check,
    load_classifier,
    load_tokenizer,
    plot_batch,
    plot_token_lengths,
    show_hint,
)

THREE = ["Great!", "I left before the end.", "Too long for me."]
PAIR = ["I love this!", "I waited for two long hours, and nothing at all happened in this film."]


@pytest.fixture(scope="module")
def tokenizer():
    return load_tokenizer("minilm")


@pytest.fixture
def say(capsys):
    """Call a check and return what it prints."""

    def run(number, **answers):
        check(number, **answers)
        return capsys.readouterr().out.strip()

    return run


# --- 4.1: a batch by hand ---


@pytest.fixture
def by_hand(tokenizer):
    """The solution of 4.1, which the tests then spoil."""
    rows = tokenizer(THREE)["input_ids"]
    longest = max(len(row) for row in rows)
    return {
        "three": THREE,
        "input_ids": [row + [0] * (longest - len(row)) for row in rows],
        "attention_mask": [[1] * len(row) + [0] * (longest - len(row)) for row in rows],
    }


def test_batch_by_hand_solved(say, by_hand):
    assert say("4.1", **by_hand).startswith("✔ 19 tokens, 5 positions of padding")


@pytest.mark.parametrize("shape", [torch.tensor, lambda rows: torch.tensor(rows).numpy(), tuple])
def test_batch_by_hand_in_other_containers(say, by_hand, shape):
    for name in ("input_ids", "attention_mask"):
        by_hand[name] = shape(by_hand[name])
    assert "✔" in say("4.1", **by_hand)


def test_batch_by_hand_with_truth_values_and_other_texts(say, tokenizer):
    texts = ["Dull.", "An unforgettable film!"]
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    mask = batch["attention_mask"].bool()
    assert "✔" in say("4.1", three=texts, input_ids=batch["input_ids"], attention_mask=mask)


@pytest.mark.parametrize(
    ("open_answers", "message"),
    [
        (["input_ids", "attention_mask"], "give `input_ids` and `attention_mask` a value."),
        (["attention_mask"], "give `attention_mask` a value."),
    ],
)
def test_batch_by_hand_not_answered(say, by_hand, open_answers, message):
    by_hand.update({name: ... for name in open_answers})
    assert say("4.1", **by_hand).startswith(f"Not answered yet: {message}")


def test_rows_that_were_filled_up_themselves(say, by_hand):
    by_hand["attention_mask"] = [[1] * len(row) for row in by_hand["input_ids"]]
    assert "Did your loop fill up `rows` itself?" in say("4.1", **by_hand)


def not_padded(rows):
    return [[number for number in row if number] for row in rows]


WRONG_IDS = {
    "a number": (lambda rows: 8, "`input_ids` is 8 (int), expected a list of 3 lists."),
    "one row": (lambda rows: rows[0], "expected a list of 3 lists."),
    "not padded": (not_padded, "have the lengths 4, 8, 7, expected 8 for each"),
    "padded to 32": (
        lambda rows: [row + [0] * 24 for row in rows],
        "has shape (3, 32), expected (3, 8)",
    ),
    "cut to the shortest": (
        lambda rows: [row[:4] for row in rows],
        "has shape (3, 4), expected (3, 8)",
    ),
    "a text is missing": (lambda rows: rows[:2], "has shape (2, 8), expected (3, 8)"),
    "padded on the left": (
        lambda rows: [[0] * (8 - len(row)) + row for row in not_padded(rows)],
        "Row 0 of `input_ids` begins with its padding, expected the tokens first",
    ),
    "padded with [SEP]": (
        lambda rows: [[number or 102 for number in row] for row in rows],
        "Row 0 of `input_ids` is filled up with 102, expected 0, the id of [PAD].",
    ),
    "in another order": (
        lambda rows: rows[::-1],
        "Row 0 of `input_ids` is [101, 2205, 2146, 2005, 2033, 1012, 102, 0], expected to begin",
    ),
}


@pytest.mark.parametrize("spoil, message", WRONG_IDS.values(), ids=WRONG_IDS)
def test_batch_by_hand_wrong_ids(say, by_hand, spoil, message):
    by_hand["input_ids"] = spoil(by_hand["input_ids"])
    said = say("4.1", **by_hand)
    assert said.startswith("✘") and message in said and 'show_hint("4.1")' in said


WRONG_MASKS = {
    "inverted": (
        lambda rows: [[1 - place for place in row] for row in rows],
        "the wrong way round: expected 1 for a token, 0 for padding.",
    ),
    "all ones": (lambda rows: [[1] * 8] * 3, "is 1 everywhere, expected 0 where there is padding"),
    "without [CLS] and [SEP]": (
        lambda rows: [[0] + [1] * (sum(row) - 2) + [0] * (9 - sum(row)) for row in rows],
        "Row 0 of `attention_mask` is [0, 1, 1, 0, 0, 0, 0, 0], expected [1, 1, 1, 1, 0, 0, 0, 0]",
    ),
    "not padded": (not_padded, "The rows of `attention_mask` have the lengths 4, 8, 7"),
    "words": (lambda rows: "1111", "`attention_mask` is '1111' (str), expected a list of 3 lists"),
}


@pytest.mark.parametrize("spoil, message", WRONG_MASKS.values(), ids=WRONG_MASKS)
def test_batch_by_hand_wrong_mask(say, by_hand, spoil, message):
    by_hand["attention_mask"] = spoil(by_hand["attention_mask"])
    said = say("4.1", **by_hand)
    assert said.startswith("✘") and message in said


# --- 4.2: mask matters ---


@pytest.fixture(scope="module")
def logits(tokenizer):
    """Logits of both texts: alone, in the batch with the mask, and without it."""
    model = load_classifier("minilm", quiet=True).eval()
    alone = [tokenizer([text], return_tensors="pt") for text in PAIR]
    both = tokenizer(PAIR, padding=True, return_tensors="pt")
    with torch.inference_mode():
        found = {
            "alone": torch.cat([model(**one).logits for one in alone]),
            "with": model(**both).logits,
            "without": model(input_ids=both["input_ids"]).logits,
        }
        model.train()
        torch.manual_seed(0)
        return found | {"dropout": model(**both).logits}


def answers(alone, with_mask, without_mask):
    return {
        "logits_alone": alone,
        "logits_with_mask": with_mask,
        "logits_without_mask": without_mask,
    }


def test_mask_matters_solved(say, logits):
    first = {name: rows[0] for name, rows in logits.items()}
    said = say("4.2", **answers(first["alone"], first["with"], first["without"]))
    assert said.startswith("✔ With the mask, the difference is 0.000000")
    as_lists = [first[name].tolist() for name in ("alone", "with", "without")]
    assert "✔" in say("4.2", **answers(*as_lists))


def test_mask_matters_not_answered(say, logits):
    assert say("4.2", **answers(..., ..., ...)).startswith("Not answered yet: give `logits_alone`")
    said = say("4.2", **answers(logits["alone"][0], logits["with"][0], ...))
    assert said.startswith("Not answered yet: give `logits_without_mask` a value.")


WRONG_LOGITS = {
    "all rows": (
        lambda x: (x["alone"][0], x["with"], x["without"]),
        "`logits_with_mask` has shape (2, 2), expected (2,): take the row of the first text",
    ),
    "a batch of one": (
        lambda x: (x["alone"][:1], x["with"][0], x["without"][0]),
        "`logits_alone` has shape (1, 2), expected (2,)",
    ),
    "mask forgotten": (
        lambda x: (x["alone"][0], x["without"][0], x["without"][0]),
        "Did the batch get its attention_mask?",
    ),
    "mask everywhere": (
        lambda x: (x["alone"][0], x["with"][0], x["with"][0]),
        "`logits_without_mask` agrees with `logits_alone`, expected a difference",
    ),
    "exchanged": (
        lambda x: (x["alone"][0], x["without"][0], x["with"][0]),
        "are the two exchanged?",
    ),
    "the neighbour's row": (
        lambda x: (x["alone"][0], x["with"][1], x["without"][1]),
        "Is it the row of the first text?",
    ),
    "dropout is on": (
        lambda x: (x["alone"][0], x["dropout"][0], x["without"][0]),
        "Is the model in eval() mode?",
    ),
    "probabilities": (
        lambda x: [x[name][0].softmax(-1) for name in ("alone", "with", "without")],
        "`logits_alone` sums to 1: these are probabilities, expected the logits",
    ),
    "one number": (
        lambda x: (x["alone"][0, 0], x["with"][0, 0], x["without"][0, 0]),
        "expected the two logits of the first text.",
    ),
    "texts": (lambda x: (["a", "b"], x["with"][0], x["without"][0]), "expected two numbers"),
}


@pytest.mark.parametrize("spoil, message", WRONG_LOGITS.values(), ids=WRONG_LOGITS)
def test_mask_matters_wrong(say, logits, spoil, message):
    said = say("4.2", **answers(*spoil(logits)))
    assert said.startswith("✘") and message in said and 'show_hint("4.2")' in said


@pytest.mark.parametrize("number", ["4.1", "4.2"])
def test_hints(capsys, number):
    for _ in range(3):
        show_hint(number)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Hint 1 of 2") and said[1].startswith("Hint 2 of 2")
    assert said[2] == said[0]


# --- the figures of this notebook ---


def test_plot_batch_of_a_batch_that_lies_on_a_gpu(tokenizer):
    """Such a tensor cannot become an array before it is brought back."""

    class OnGpu:
        def __init__(self, tensor):
            self.tensor = tensor

        def cpu(self):
            return self.tensor

        def __array__(self, *_, **__):
            raise TypeError("can't convert cuda:0 device type tensor to numpy")

    batch = tokenizer(["Great!", "Not my cup of tea."], padding=True, return_tensors="pt")
    moved = {name: OnGpu(part) for name, part in batch.items()}
    assert plot_batch(tokenizer, moved).summary == plot_batch(tokenizer, batch).summary


def test_plot_batch_tells_tokens_and_padding(tokenizer):
    figure = plot_batch(tokenizer, tokenizer(["Great!", "Not my cup of tea."], padding=True))
    assert figure.summary == (
        "4 of 16 positions hold padding; the attention mask is 0 at 4 positions."
    )
    assert "[CLS] great ! [SEP] [PAD] [PAD] [PAD] [PAD]; [CLS] not my cup of tea" in figure.alt


def test_plot_batch_shows_a_wrong_mask_and_a_large_batch(tokenizer):
    batch = tokenizer(["Great!"] * 31 + ["word " * 50], padding=True, return_tensors="pt")
    batch["attention_mask"][:] = 1
    figure = plot_batch(tokenizer, batch)
    assert figure.summary.startswith("1,488 of 1,664 positions hold padding")
    assert figure.summary.endswith("the attention mask is 0 at 0 positions.")
    assert "[PAD]" not in figure.alt


def test_plot_token_lengths_tells_the_shares():
    figure = plot_token_lengths([10, 20, 30, 40], limits=(32, 20))
    assert "25.0 % are longer than 32 tokens" in figure.summary
    assert "50.0 % are longer than 20 tokens" in figure.summary
    assert figure.summary.endswith("The longest has 40.")
