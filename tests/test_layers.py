"""The blocks of a real BERT: what is frozen stays, what moved is measured, one block goes back."""

import copy
import math

import pytest
import torch
from real_model import classifier, new_classifier, small_set, tokenizer

import course_utils
from course_utils.errors import DataError

NAMES = ["embeddings", *(f"layer {n}" for n in range(1, 7)), "pooler", "head"]
FROZEN_LAYERS = ["embeddings", *(f"layer {n}" for n in range(1, 5))]


@pytest.fixture(scope="module")
def encoder():
    return course_utils.load_encoder("minilm")


@pytest.fixture(scope="module")
def trained():
    """A classifier after three steps on the small set, and the same one before."""
    model = new_classifier(seed=1)
    start = copy.deepcopy(model)
    data = small_set()
    course_utils.fine_tune(
        model, tokenizer(), data, epochs=3, batch_size=16, learning_rate=1e-3, seed=1
    )
    return model, start


def trained_blocks(model):
    """Names of the blocks that are trained; a block that is trained in part would be an error."""
    found = {}
    for name, weights in course_utils.blocks(model).items():
        states = {weight.requires_grad for weight in weights.values()}
        assert len(states) == 1
        found[name] = states.pop()
    return [name for name, is_trained in found.items() if is_trained]


def equal_blocks(one, other):
    """Names of the blocks that are the same to the last bit."""
    pairs = zip(course_utils.blocks(one).items(), course_utils.blocks(other).values(), strict=True)
    return [
        name
        for (name, first), second in pairs
        if all(torch.equal(weight, second[key]) for key, weight in first.items())
    ]


# --- blocks ---


def test_blocks_in_the_order_of_a_text():
    assert list(course_utils.blocks(classifier())) == NAMES


def test_every_weight_is_in_exactly_one_block(encoder):
    for model in (classifier(), encoder):
        found = [id(w) for block in course_utils.blocks(model).values() for w in block.values()]
        assert len(found) == len(set(found))
        assert set(found) == {id(weight) for weight in model.parameters()}


def test_layer_one_is_next_to_the_embeddings():
    first = course_utils.blocks(classifier())["layer 1"]
    assert first.keys() == dict(classifier().bert.encoder.layer[0].named_parameters()).keys()
    key = "attention.self.query.weight"
    assert first[key] is classifier().bert.encoder.layer[0].attention.self.query.weight


def test_encoder_alone_has_no_head(encoder):
    assert list(course_utils.blocks(encoder)) == NAMES[:-1]


def test_any_head_on_a_bert_is_found():
    """A masked language model has another head, no pooler, and shares a table with its body."""
    from transformers import BertConfig, BertForMaskedLM

    config = BertConfig(
        vocab_size=20,
        hidden_size=8,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=8,
    )
    model = BertForMaskedLM(config)
    found = course_utils.blocks(model)
    assert list(found) == ["embeddings", "layer 1", "layer 2", "head"]
    total = course_utils.parameter_table(model).loc["total", "weights"]
    assert total == sum(weight.numel() for weight in model.parameters())


@pytest.mark.parametrize("model", [torch.nn.Linear(2, 2), "minilm", None, ...])
def test_only_a_bert_has_these_blocks(model):
    with pytest.raises(DataError) as caught:
        course_utils.blocks(model)
    assert str(caught.value) == (
        f"Expected a BERT, found a {type(model).__name__}: load one with load_classifier()."
    )


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: course_utils.attention_weights(model, tokenizer(), "a joy"),
        lambda model: course_utils.context_vectors(model, tokenizer(), "a joy", "joy"),
        lambda model: course_utils.layer_vectors(model, tokenizer(), ["a joy"]),
        lambda model: course_utils.pooler_and_mean(model, tokenizer(), ["a joy"]),
        lambda model: course_utils.sentence_vectors(model, tokenizer(), ["a joy"]),
        lambda model: course_utils.word_vectors(model, tokenizer(), ["a joy"]),
        lambda model: course_utils.fill_blank(model, tokenizer(), "a [MASK]"),
        lambda model: course_utils.fine_tune(model, tokenizer(), small_set()),
        lambda model: course_utils.live_prediction(model, tokenizer()),
    ],
)
@pytest.mark.parametrize("model", [None, ...])
def test_a_model_that_a_cell_has_set_to_none_is_one_sentence(ask, model):
    """Whoever goes back in 02 or 08, past the cell that makes room, reads which cell to run."""
    with pytest.raises(DataError, match=f"^Expected a .*, found a {type(model).__name__}: "):
        ask(model)


def test_pooler_of_minilm_shows_no_trace_of_training():
    """Notebook 02 says so: its biases are exactly 0, and those of the layers are not."""
    found = course_utils.blocks(classifier())
    largest = {
        name: max(w.abs().max().item() for key, w in weights.items() if key.endswith("bias"))
        for name, weights in found.items()
        if name != "head"
    }
    assert [name for name, value in largest.items() if value == 0] == ["pooler"]


# --- freeze and unfreeze ---


@pytest.mark.parametrize(
    ("top_layers", "expected"),
    [
        (0, ["head"]),
        (1, ["layer 6", "pooler", "head"]),
        (2, ["layer 5", "layer 6", "pooler", "head"]),
        (6, NAMES[1:]),
    ],
)
def test_freeze_leaves_what_was_asked_for(top_layers, expected):
    model = new_classifier()
    course_utils.freeze(model, top_layers)
    assert trained_blocks(model) == expected
    course_utils.unfreeze(model)
    assert trained_blocks(model) == NAMES


def test_a_second_call_replaces_the_first():
    model = new_classifier()
    course_utils.freeze(model)
    course_utils.freeze(model, top_layers=1)
    assert trained_blocks(model) == ["layer 6", "pooler", "head"]
    course_utils.freeze(model)
    assert trained_blocks(model) == ["head"]


def test_default_is_the_head_alone():
    model = new_classifier()
    course_utils.freeze(model)
    assert trained_blocks(model) == ["head"]


@pytest.mark.parametrize("top_layers", [-1, 7, 1.0, "2", None, True])
def test_freeze_says_what_it_wants(top_layers):
    model = new_classifier()
    with pytest.raises(DataError) as caught:
        course_utils.freeze(model, top_layers)
    assert str(caught.value) == (
        f"top_layers={top_layers!r}: expected a whole number from 0 (the head alone) to 6, "
        "all layers of this model."
    )
    assert trained_blocks(model) == NAMES  # nothing was frozen on the way


def test_freeze_word_embeddings_freezes_the_table_alone():
    model = new_classifier()
    course_utils.freeze_word_embeddings(model)
    frozen = [name for name, weight in model.named_parameters() if not weight.requires_grad]
    assert frozen == ["bert.embeddings.word_embeddings.weight"]
    before = model.bert.embeddings.word_embeddings.weight.clone()
    course_utils.fine_tune(model, tokenizer(), small_set(), batch_size=16, warmup=0, seed=0)
    assert torch.equal(model.bert.embeddings.word_embeddings.weight, before)
    with pytest.raises(DataError, match="Expected a BERT, found a Linear"):
        course_utils.freeze_word_embeddings(torch.nn.Linear(2, 2))


def test_an_encoder_alone_cannot_be_frozen(encoder):
    with pytest.raises(DataError, match=r"has no head, .*use load_classifier\(\)"):
        course_utils.freeze(encoder)


def test_frozen_weights_stay_to_the_last_bit():
    model = new_classifier()
    course_utils.freeze(model, top_layers=2)
    start = copy.deepcopy(model)
    course_utils.fine_tune(model, tokenizer(), small_set(), batch_size=16, warmup=0, seed=0)
    assert equal_blocks(model, start) == FROZEN_LAYERS
    assert all(
        weight.grad is None
        for name in FROZEN_LAYERS
        for weight in course_utils.blocks(model)[name].values()
    )


@pytest.mark.parametrize("moment", ["before the optimizer", "after it", "after a backward"])
def test_the_moment_of_freezing_does_not_matter(moment):
    """AdamW steps every weight that has a gradient, frozen or not: so freezing forgets them."""
    model = new_classifier()
    start = copy.deepcopy(model)
    if moment == "before the optimizer":
        course_utils.freeze(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
    batch = tokenizer()(["good", "bad"], return_tensors="pt")
    batch["labels"] = torch.tensor([1, 0])
    if moment == "after a backward":
        model(**batch).loss.backward()
    course_utils.freeze(model)
    model(**batch).loss.backward()
    optimizer.step()
    assert equal_blocks(model, start) == NAMES[:-1]


# --- parameter_table ---


def test_parameter_table():
    model = new_classifier()
    course_utils.freeze(model, top_layers=1)
    table = course_utils.parameter_table(model)
    assert list(table.index) == [*NAMES, "total"]
    assert table["weights"].tolist() == [11_918_592, *[1_774_464] * 6, 147_840, 770, 22_713_986]
    assert table["trained"].tolist() == [*[0] * 6, 1_774_464, 147_840, 770, 1_923_074]
    assert all(kind.kind == "i" for kind in table.dtypes)  # whole numbers print as such


def test_parameter_table_of_an_encoder(encoder):
    assert course_utils.parameter_table(encoder).loc["total", "weights"] == 22_713_216


# --- movement ---


def test_untrained_copy_has_not_moved():
    moved = course_utils.movement(copy.deepcopy(classifier()), classifier())
    assert list(moved.index) == NAMES
    assert (moved == 0).all()


def test_movement_is_relative_to_the_size_of_the_block():
    model = copy.deepcopy(classifier())
    with torch.no_grad():
        for weight in course_utils.blocks(model)["layer 3"].values():
            weight.mul_(1.01)
        for weight in course_utils.blocks(model)["head"].values():
            weight.neg_()
    moved = course_utils.movement(model, classifier())
    assert moved["layer 3"] == pytest.approx(0.01, rel=1e-3)
    assert moved["head"] == pytest.approx(2)
    assert (moved.drop(["layer 3", "head"]) == 0).all()


def test_training_moves_every_block(trained):
    moved = course_utils.movement(*trained)
    assert (moved > 0).all() and (moved < 1).all()


def test_movement_of_frozen_blocks_is_zero():
    model = new_classifier()
    course_utils.freeze(model, top_layers=2)
    start = copy.deepcopy(model)
    course_utils.fine_tune(model, tokenizer(), small_set(), batch_size=16, warmup=0)
    moved = course_utils.movement(model, start)
    assert moved[moved == 0].index.tolist() == FROZEN_LAYERS


def test_block_of_zeros_has_no_size():
    model, start = copy.deepcopy(classifier()), copy.deepcopy(classifier())
    with torch.no_grad():
        for weight in course_utils.blocks(start)["head"].values():
            weight.zero_()
    assert course_utils.movement(model, start)["head"] == math.inf
    assert course_utils.movement(copy.deepcopy(start), start)["head"] == 0


def test_movement_in_half_precision():
    half = copy.deepcopy(classifier()).bfloat16()
    moved = course_utils.movement(half, copy.deepcopy(half))
    assert (moved == 0).all()


# --- with_block_reset ---


@pytest.mark.parametrize("block", ["embeddings", "layer 6", "head"])
def test_one_block_goes_back_the_others_stay(trained, block):
    model, start = trained
    before = copy.deepcopy(model)
    mixed = course_utils.with_block_reset(model, start, block)
    assert equal_blocks(mixed, start) == [block]
    assert equal_blocks(mixed, model) == [name for name in NAMES if name != block]
    assert equal_blocks(model, before) == NAMES  # the trained model is untouched
    assert mixed.training == model.training


def test_reset_copy_can_be_trained(trained):
    model, start = trained
    mixed = course_utils.with_block_reset(model, start, "layer 2")
    course_utils.fine_tune(mixed, tokenizer(), small_set(), batch_size=16, warmup=0)
    assert equal_blocks(mixed, model) == []


@pytest.mark.parametrize("block", ["layer 0", "layer 7", "classifier", 6])
def test_unknown_block(trained, block):
    with pytest.raises(DataError) as caught:
        course_utils.with_block_reset(*trained, block)
    known = ", ".join(NAMES)
    assert str(caught.value) == f"There is no block {block!r}: choose one of {known}."


# --- two models that do not fit together ---


def other_head():
    return new_classifier(label_names=("a", "b", "c"))


COMPARE = [course_utils.movement, lambda m, s: course_utils.with_block_reset(m, s, "layer 1")]


@pytest.mark.parametrize("compare", COMPARE, ids=["movement", "reset"])
def test_another_model_is_no_start(compare, encoder):
    for start in (other_head(), encoder):
        with pytest.raises(DataError, match="differ in their blocks or shapes: compare a model"):
            compare(classifier(), start)


@pytest.mark.parametrize("compare", COMPARE, ids=["movement", "reset"])
def test_a_second_name_is_not_a_copy(compare):
    """`start = model` is the usual mistake: without this sentence nothing would seem to move."""
    with pytest.raises(DataError, match=r"not a copy from before: write start = copy.deepcopy"):
        compare(classifier(), classifier())


# --- the last layer, where only the first position is read ---


def logits_and_gradients(model, batch):
    """What one backward pass leaves behind, with and without `first_position_only`."""
    model.zero_grad()
    output = model(**batch)
    output.loss.backward()
    gradients = {name: w.grad.clone() for name, w in model.named_parameters()}
    return output.logits.detach(), gradients


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("rows", [(0, 3, 4), (4,)], ids=["padded", "alone"])
def test_first_position_only_changes_no_logit_and_no_gradient(attention, rows):
    model = new_classifier().eval()  # without dropout, so that the two can be compared
    model.set_attn_implementation(attention)
    texts = [small_set().texts[row] for row in rows]
    batch = tokenizer()(texts, padding=True, return_tensors="pt")
    batch["labels"] = torch.tensor([row % 2 for row in rows])
    logits, gradients = logits_and_gradients(model, batch)
    with course_utils.first_position_only(model):
        same_logits, same_gradients = logits_and_gradients(model, batch)
    assert torch.allclose(logits, same_logits, atol=1e-5)
    assert logits.std() > 1e-3
    for name, gradient in gradients.items():
        assert torch.allclose(gradient, same_gradients[name], rtol=1e-3, atol=2e-6), name


def last_hidden_shape(model):
    encoder = model.base_model
    return tuple(encoder(**tokenizer()(["a good film"], return_tensors="pt"))[0].shape)


def test_first_position_only_lasts_as_long_as_its_block():
    model = new_classifier().eval()
    assert last_hidden_shape(model) == (1, 5, 384)
    with course_utils.first_position_only(model):
        assert last_hidden_shape(model) == (1, 1, 384)
        with course_utils.first_position_only(model):  # evaluate within fine_tune
            assert last_hidden_shape(model) == (1, 1, 384)
        assert last_hidden_shape(model) == (1, 1, 384)
    assert last_hidden_shape(model) == (1, 5, 384)
    with pytest.raises(KeyError), course_utils.first_position_only(model):
        raise KeyError
    assert last_hidden_shape(model) == (1, 5, 384)


def test_first_position_only_leaves_other_models_alone(encoder):
    """A head that reads all positions must still find them."""
    with course_utils.first_position_only(encoder):
        assert last_hidden_shape(encoder) == (1, 5, 384)


def test_first_position_only_leaves_another_pooler_alone():
    """The class of the model is the known one, but this pooler reads the mean."""

    class Mean(torch.nn.Module):
        def forward(self, hidden):
            return hidden.mean(1)

    model = new_classifier().eval()
    model.bert.pooler = Mean()
    with course_utils.first_position_only(model):
        assert last_hidden_shape(model) == (1, 5, 384)


def test_a_copy_made_within_the_block_computes_with_its_own_weights():
    model = new_classifier().eval()
    batch = tokenizer()(["a good film"], return_tensors="pt")
    with course_utils.first_position_only(model):
        other = copy.deepcopy(model)
    with torch.no_grad():
        before = other(**batch).logits
        for weight in model.bert.encoder.layer[-1].parameters():
            weight.zero_()
        assert torch.equal(other(**batch).logits, before)


@pytest.mark.parametrize("part", ["attention.self", "attention.output", "output"])
def test_first_position_only_keeps_each_dropout_of_the_last_layer(part):
    model = new_classifier().train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    model.bert.encoder.layer[-1].get_submodule(part).dropout.p = 0.5
    batch = tokenizer()(small_set().texts, padding=True, return_tensors="pt")
    with course_utils.first_position_only(model), torch.no_grad():
        one, other = model(**batch).logits, model(**batch).logits
    assert not torch.allclose(one, other)


def test_fine_tune_and_predict_compute_the_first_position_only():
    model, shapes = new_classifier(), []
    model.bert.encoder.layer[-1].register_forward_hook(
        lambda _module, _inputs, output: shapes.append(tuple(output.shape))
    )
    course_utils.predict(model, tokenizer(), small_set().texts)
    course_utils.fine_tune(model, tokenizer(), small_set(), batch_size=16)
    assert shapes == [(16, 1, 384)] * 2
