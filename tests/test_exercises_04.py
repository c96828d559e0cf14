"""Notebook 04: each check praises the solution, and names what is wrong with a wrong answer."""

import pytest
import torch
from figure_form import catch_axes, check_form

from course_utils import (
    check,
    learn_vocabulary,
    load_classifier,
    load_reviews,
    load_tokenizer,
    plot_batch,
    plot_padding,
    plot_token_lengths,
    show_hint,
)
from course_utils.errors import DataError
from course_utils.look.figures import tokens
from course_utils.look.views import texts

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
    assert "25 % are longer than 32 tokens" in figure.summary
    assert "50 % are longer than 20 tokens" in figure.summary
    assert figure.summary.endswith("The longest has 40.")
    one = plot_token_lengths([10] * 1_999 + [40], limits=(32,))
    assert "0.05 % are longer than 32 tokens" in one.summary


@pytest.fixture
def drawn(monkeypatch):
    """The axes of each figure, caught before the figure is closed."""
    return catch_axes(monkeypatch, tokens)


def test_plot_padding_draws_both_batches_on_one_scale(drawn):
    """Half as wide is half of the work; drawn each on its own scale, nobody would see it."""
    lengths = [2, 8, 3, 4, 4, 4]
    figure = plot_padding(lengths, {"given order": [0, 1, 2], "by length": [3, 4, 5]})
    check_form(figure)
    assert figure.summary == (
        "One batch of each: given order, 24 positions for 13 tokens; by length, 12 positions for "
        "12 tokens."
    )
    _, (above, below) = drawn[0]
    assert above.get_xlim() == below.get_xlim() == (0, 8)
    widths = [[bar.get_width() for bar in axes.patches] for axes in (above, below)]
    assert widths == [[8, 8, 8, 2, 8, 3], [4, 4, 4, 4, 4, 4]]  # positions, then tokens
    assert above.get_title(loc="left") == "given order: 24 positions for 13 tokens"


@pytest.mark.parametrize("batches", [{}, {"given order": []}])
def test_plot_padding_needs_a_batch(batches):
    with pytest.raises(DataError) as caught:
        plot_padding([1, 2], batches)
    assert str(caught.value) == (
        "There is nothing to draw: expected a dictionary of batches, such as "
        '{"given order": [0, 1, 2]}, each with at least one row number.'
    )


@pytest.mark.parametrize(
    ("lengths", "limits"), [([10, 26, 70], (32, 64)), ([99, 273, 1440], (64, 512))]
)
def test_a_limit_is_named_at_the_side_of_what_it_cuts(lengths, limits, drawn):
    plot_token_lengths(lengths, limits)
    figure, axes = drawn[0]
    figure.draw_without_rendering()
    lines = [line.get_window_extent().x0 for line in axes.lines]
    names = [text.get_window_extent() for text in axes.texts]
    assert len(lines) == len(names) == 2
    assert all(name.x0 > line for name, line in zip(names, lines, strict=True))
    assert names[0].x1 < lines[1] and names[1].x1 <= figure.bbox.x1


# --- a vocabulary of one's own ---


@pytest.fixture(scope="module")
def small():
    return learn_vocabulary(load_reviews(quiet=True)[0].texts, 500)


def test_pieces_stand_in_the_order_in_which_they_were_made(small):
    """Each longer piece joins two that stand before it, or is made again inside a word."""
    pieces = [piece.replace("##", "") for piece in small.convert_ids_to_tokens(range(500))]
    assert pieces[0] == "[UNK]" and len(set(small.get_vocab())) == 500
    for place, piece in enumerate(pieces[1:], start=1):
        if len(piece) > 1:
            before = set(pieces[:place])
            assert any({piece[:cut], piece[cut:]} <= before for cut in range(1, len(piece)))


def test_a_word_is_cut_into_the_longest_pieces_from_the_left(small):
    known = small.get_vocab()
    for word in ("beautiful", "unwatchable", "tokenization"):
        rest, expected, sign = word, [], ""
        while rest:
            end = max(end for end in range(1, len(rest) + 1) if sign + rest[:end] in known)
            expected.append(sign + rest[:end])
            rest, sign = rest[end:], "##"
        assert small.tokenize(word) == expected


def test_the_same_texts_give_the_same_vocabulary():
    texts = ["a good film", "a bad film", "good and bad"]
    one, other = (learn_vocabulary(texts, 40).get_vocab() for _ in range(2))
    assert one == other and "film" in one


@pytest.mark.parametrize("size", [0, 5, "500", 500.0, True, None])
def test_a_vocabulary_has_room_for_the_letters(size):
    with pytest.raises(DataError) as caught:
        learn_vocabulary(["a bad film"], size)
    assert str(caught.value).startswith(f"size={size!r}: expected a whole number from 15 on")


def test_a_vocabulary_needs_texts():
    with pytest.raises(DataError, match="found one text"):
        learn_vocabulary("a bad film", 40)


# --- what the lesson says of its numbers ---


def test_the_settings_that_the_lesson_asks_for(tokenizer):
    """Fewer than 54,500 positions, at most 1 % cut: the box, and 56."""
    ids = tokenizer(list(load_reviews(quiet=True)[0].texts))["input_ids"]
    lengths = [len(row) for row in ids]
    read = {
        (limit, together): texts.padding(lengths, 32, limit, together)[1:]
        for limit in range(8, 129, 8)
        for together in (False, True)
    }
    good = [key for key, (positions, cut) in read.items() if positions < 54_500 and cut <= 0.01]
    assert good == [(56, True)]
    assert read[56, True][0] == 54_432
    assert max(limit for (limit, box), (n, _) in read.items() if not box and n < 54_500) == 24
    assert read[24, False][1] > 0.5
