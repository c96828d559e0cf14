"""Batches: every row once, the mask always, little padding, an order that the seed fixes."""

import random

import pytest
import torch
from real_model import tokenizer

from course_utils.errors import DataError
from course_utils.model.batches import Batches


def words(count, seed=0):
    """Texts of 1 to 30 words, in no order."""
    pick = random.Random(seed)
    return [" ".join(["film"] * pick.randint(1, 30)) for _ in range(count)]


@pytest.mark.parametrize("seed", [None, 0])
@pytest.mark.parametrize("count", [1, 7, 8, 9, 100, 300])
def test_every_row_comes_once_in_each_epoch(count, seed):
    batches = Batches(tokenizer(), words(count), batch_size=8, seed=seed)
    for _epoch in range(2):
        order = batches.order()
        assert len(order) == len(batches) == -(-count // 8)
        assert sorted(row for rows in order for row in rows) == list(range(count))
        assert all(1 <= len(rows) <= 8 for rows in order)


def test_seed_fixes_the_order_and_epochs_differ():
    first, again, other = (Batches(tokenizer(), words(200), seed=seed) for seed in (5, 5, 6))
    epochs = [first.order(), first.order()]
    assert epochs == [again.order(), again.order()]
    assert epochs[0] != epochs[1]
    assert epochs[0] != other.order()


def test_shuffling_leaves_the_other_random_numbers_alone():
    random.seed(1)
    before = random.getstate()
    Batches(tokenizer(), words(50), seed=3).order()
    assert random.getstate() == before


def test_neighbours_change_between_epochs():
    batches = Batches(tokenizer(), words(2000), batch_size=8, seed=0)
    company = [{frozenset(rows) for rows in batches.order()} for _ in range(2)]
    assert len(company[0] & company[1]) < 10


def test_without_a_seed_the_order_is_by_length():
    batches = Batches(tokenizer(), words(100), batch_size=8)
    lengths = [batches.lengths[row] for rows in batches.order() for row in rows]
    assert lengths == sorted(lengths)
    assert batches.order() == batches.order()


def test_batch_holds_the_tokens_the_mask_and_the_labels():
    texts = ["good", "a very good film indeed", "bad"]
    batches = Batches(tokenizer(), texts, [1, 1, 0], batch_size=3)
    ((rows, batch),) = list(batches)
    assert sorted(rows) == [0, 1, 2]
    assert batch["input_ids"].shape == batch["attention_mask"].shape == (3, 7)
    assert batch["labels"].tolist() == [[1, 1, 0][row] for row in rows]
    assert batch["labels"].dtype == torch.int64
    for row, ids, mask in zip(rows, batch["input_ids"], batch["attention_mask"], strict=True):
        expected = tokenizer()(texts[row])["input_ids"]
        assert ids.tolist() == expected + [0] * (7 - len(expected))
        assert mask.tolist() == [1] * len(expected) + [0] * (7 - len(expected))


def test_padding_is_always_masked_and_only_padding():
    batches = Batches(tokenizer(), words(300), batch_size=8, seed=0)
    seen = 0
    for rows, batch in batches:
        assert torch.equal(batch["attention_mask"], (batch["input_ids"] != 0).long())
        assert batch["attention_mask"].sum(1).tolist() == [batches.lengths[row] for row in rows]
        assert batch["attention_mask"].sum(1).max() == batch["input_ids"].shape[1]  # no longer
        assert "labels" not in batch
        seen += len(rows)
    assert seen == 300


def test_little_of_a_batch_is_padding():
    batches = Batches(tokenizer(), words(600), batch_size=8, seed=0)
    positions = sum(batch["input_ids"].numel() for _, batch in batches)
    assert sum(batches.lengths) > 0.98 * positions


@pytest.mark.parametrize("length", [3, 10, 64, 512])
def test_long_texts_are_cut_off(length):
    batches = Batches(tokenizer(), ["film " * 600, "good"], max_length=length)
    ((_, batch),) = list(batches)
    assert batch["input_ids"].shape == (2, length)
    assert batch["input_ids"][1, -1] == tokenizer().sep_token_id


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ([], "The list of texts is empty"),
        ("one text", "Expected a list of texts, found one text: put it in"),
        (["a", 7], "Text 1 .counting from 0. is 7 of type int, expected a string"),
    ],
)
def test_wrong_texts(texts, sentence):
    with pytest.raises(DataError, match=sentence):
        Batches(tokenizer(), texts)


@pytest.mark.parametrize("size", [0, -1, 1.5, "8", None])
def test_wrong_batch_size(size):
    with pytest.raises(DataError, match=f"batch_size={size!r}: expected a whole number from 1 on"):
        Batches(tokenizer(), ["a"], batch_size=size)


@pytest.mark.parametrize("length", [0, 2, 513, 64.0, "64"])
def test_wrong_length(length):
    with pytest.raises(DataError, match=f"max_length={length!r}: expected .* from 3 to 512"):
        Batches(tokenizer(), ["a"], max_length=length)


def test_many_texts_are_tokenised_piece_by_piece(monkeypatch):
    """The same tokens, and nothing of the tokenizer's long answers stays in memory."""
    texts = words(250)
    whole = Batches(tokenizer(), texts)
    sizes = []

    def counted(piece, **options):
        sizes.append(len(piece))
        return tokenizer()(piece, **options)

    counted.model_max_length = 64
    monkeypatch.setattr("course_utils.model.batches.PIECE", 100)
    pieces = Batches(counted, texts)
    assert sizes == [100, 100, 50]
    for ids, same in zip(pieces.ids, whole.ids, strict=True):
        assert ids.tolist() == same.tolist()
    assert sum(ids.nbytes for ids in whole.ids) == 4 * sum(whole.lengths)
