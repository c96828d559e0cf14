"""Why did it say that? The scores, the words they belong to, and what they leave behind."""

import copy
import subprocess
import sys
import warnings
from functools import partial

import numpy as np
import pytest
import torch
from captum.attr import LayerIntegratedGradients
from real_model import classifier, new_classifier, small_set, tokenizer
from scipy.stats import spearmanr

import course_utils
from course_utils.errors import DataError

METHODS = [course_utils.occlusion, course_utils.integrated_gradients]
TEXTS = [
    "I had an awesome day!",
    "a dull, lazy and cynical film",
    "It isn't unwatchable, but the script creaks and the ending left me angry for days...",
    "a joy",
    "A joy",
    'the "superb" cast of this overlong, feel-good comedy is asleep; the music is not.',
]


@pytest.fixture(scope="module")
def trained():
    """A classifier that has learned to tell our sixteen reviews apart."""
    model = new_classifier()
    course_utils.fine_tune(
        model, tokenizer(), small_set(), epochs=4, batch_size=8, learning_rate=3e-4, seed=0
    )
    accuracy = course_utils.evaluate(model, tokenizer(), small_set()).accuracy
    assert accuracy == 1
    return model


def logits(model, ids):
    """What the model itself says: (batch, classes)."""
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits


def ids_of(text):
    return tokenizer()(text, padding=False, return_tensors="pt")["input_ids"]


def masked(text, *words):
    """The ids of a text with some words (or all, between [CLS] and [SEP]) hidden by hand."""
    ids = ids_of(text)
    if not words:
        ids[0, 1:-1] = tokenizer().mask_token_id
    for word in words:
        pieces = tokenizer()(word, add_special_tokens=False)["input_ids"]
        row = ids[0].tolist()
        (place,) = [n for n in range(len(row)) if row[n : n + len(pieces)] == pieces]
        ids[0, place : place + len(pieces)] = tokenizer().mask_token_id
    return ids


def gap(model, ids, text):
    """The logit of the answer to `text` minus the other logit, at these ids."""
    answer = logits(model, ids_of(text))[0].argmax()
    values = logits(model, ids)[0]
    return (values[answer] - values[1 - answer]).item()


# --- scores ---


@pytest.mark.parametrize("text", TEXTS)
def test_integrated_gradients_are_complete(trained, text):
    found = course_utils.integrated_gradients(trained, tokenizer(), text)
    expected = gap(trained, ids_of(text), text) - gap(trained, masked(text), text)
    assert abs(expected) > 0.1  # otherwise this says little
    assert found.total == pytest.approx(expected, abs=1e-4)
    assert found.scores.sum() == pytest.approx(found.total, abs=0.01)


def test_more_steps_make_the_error_smaller(trained):
    errors = []
    for steps in (2, 50):
        found = course_utils.integrated_gradients(trained, tokenizer(), TEXTS[2], steps=steps)
        errors.append(abs(found.scores.sum() - found.total))
    assert errors[0] > 0.02 > 0.01 > errors[1]


def test_frame_of_the_text_gets_exactly_nothing(trained, monkeypatch):
    """[CLS] and [SEP] are the same in text and baseline, so none of the total is lost on them."""
    caught = []
    attribute = LayerIntegratedGradients.attribute

    def catch(*args, **options):
        caught.append(attribute(*args, **options))
        return caught[-1]

    monkeypatch.setattr(LayerIntegratedGradients, "attribute", catch)
    course_utils.integrated_gradients(trained, tokenizer(), TEXTS[2])
    ((tokens,),) = caught  # (sequence, hidden)
    assert torch.all(tokens[[0, -1]] == 0)
    assert torch.all(tokens[1:-1].abs().sum(dim=-1) > 0)


def test_score_of_a_word_is_the_sum_over_its_pieces(trained):
    """The integral by hand: gradients at the middle of many small steps."""
    text = "this film is unwatchable"
    found = course_utils.integrated_gradients(trained, tokenizer(), text)
    table = trained.get_input_embeddings()
    start, end = (table(ids).detach() for ids in (masked(text), ids_of(text)))
    slopes = torch.zeros_like(end)
    for share in (np.arange(200) + 0.5) / 200:
        point = (start + float(share) * (end - start)).requires_grad_()
        values = trained(inputs_embeds=point).logits[0]
        sign = 1 if found.label == "positive" else -1
        slopes += torch.autograd.grad(sign * (values[1] - values[0]), point)[0] / 200
    by_token = ((end - start) * slopes).sum(dim=-1)[0].numpy()  # (sequence,)
    assert found.words == ("this", "film", "is", "unwatchable")
    assert len(by_token) > len(found.words) + 2
    assert np.allclose(found.scores[:3], by_token[1:4], atol=2e-3)
    assert found.scores[3] == pytest.approx(by_token[4:-1].sum(), abs=2e-3)


@pytest.mark.parametrize("word", ["unwatchable", "script", "isn't", "..."])
def test_occlusion_is_the_gap_that_is_lost(trained, word):
    text = "It isn't unwatchable, but the script creaks and the ending is a bore..."
    found = course_utils.occlusion(trained, tokenizer(), text)
    expected = gap(trained, ids_of(text), text) - gap(trained, masked(text, word), text)
    assert abs(expected) > 1e-3
    assert found.scores[found.words.index(word)] == pytest.approx(expected, abs=1e-4)
    assert found.total is None


def test_occlusion_of_a_repeated_word_hides_one_at_a_time(trained):
    found = course_utils.occlusion(trained, tokenizer(), "awful music, awful script")
    assert found.words == ("awful", "music", ",", "awful", "script")
    for place, score in ((1, found.scores[0]), (4, found.scores[3])):
        ids = ids_of("awful music, awful script")
        ids[0, place] = tokenizer().mask_token_id
        text = "awful music, awful script"
        expected = gap(trained, ids_of(text), text) - gap(trained, ids, text)
        assert score == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_answer_is_that_of_predict(trained, method):
    for text in TEXTS:
        found = method(trained, tokenizer(), text)
        probabilities = course_utils.predict(trained, tokenizer(), [text])[0]
        assert found.label == ("negative", "positive")[probabilities.argmax()]
        assert {found.label, found.rival} == {"negative", "positive"}
        assert found.probability == pytest.approx(probabilities.max(), abs=1e-5)
        assert found.scores.shape == (len(found.words),)


@pytest.mark.parametrize("method", METHODS)
def test_words_that_decide_have_the_right_sign(trained, method):
    for text, word in (("a joy", "joy"), ("a bore", "bore"), ("I loved every minute!", "loved")):
        found = method(trained, tokenizer(), text)
        assert found.words[found.scores.argmax()] == word
        assert found.scores.max() > 0.2
    found = method(trained, tokenizer(), "brilliant and superb, a joy, but dull")
    assert found.label == "positive" and found.scores[-1] < 0


def test_with_several_labels_the_rival_is_the_runner_up():
    model = new_classifier(label_names=("sport", "tech", "politics")).eval()
    text = "Ministers plan new rules for phones"
    values = logits(model, ids_of(text))[0]
    best, second, _ = values.argsort(descending=True).tolist()
    found = course_utils.integrated_gradients(model, tokenizer(), text)
    names = ("sport", "tech", "politics")
    assert (found.label, found.rival) == (names[best], names[second])
    base = logits(model, masked(text))[0]
    expected = (values[best] - values[second]) - (base[best] - base[second])
    assert found.total == pytest.approx(expected.item(), abs=1e-5)
    hidden = logits(model, masked(text, "phones"))[0]
    lost = (values[best] - values[second]) - (hidden[best] - hidden[second])
    found = course_utils.occlusion(model, tokenizer(), text)
    assert found.scores[-1] == pytest.approx(lost.item(), abs=1e-5)


# --- words ---


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I don’t, it's OK.", ["I", "don’t", ",", "it's", "OK", "."]),
        ("feel-good -- and... !!!", ["feel-good", "--", "and", "...", "!!!"]),
        ('the "best" of 3.5 (or 1,000)', 'the|"|best|"|of|3.5|(|or|1,000|)'.split("|")),
        ("  a\tjoy \n", ["a", "joy"]),
        ("Café, cafe\u0301s", ["Café", ",", "cafe\u0301s"]),
        ("good😀 😀 ❤️!", ["good😀", "😀", "❤️!"]),  # good😀 is one [UNK]
        ("bad bad [MASK] [SEP] bad", ["bad", "bad", "[MASK]", "[SEP]", "bad"]),
        ("a\u200bb \u200b c\x00d", ["a\u200bb", "\u200b", "c\x00d"]),
        ("<script>alert(1)</script>", "<|script|>|alert|(|1|)</|script|>".split("|")),
        ("यह बहुत अच्छी फिल्म है", ["यह", "बहुत", "अच्छी", "फिल्म", "है"]),
        ("这部电影很好看", list("这部电影很好看")),
        ("とても面白い映画でした。", list("とても面白い映画でした。")),
        ("한국어 영화가 좋다", ["한국어", "영화가", "좋다"]),
        ("فيلم رائع، جدا", ["فيلم", "رائع", "،", "جدا"]),
        ("so好look good 3.5好", ["so", "好", "look", "good", "3.5", "好"]),
    ],
)
def test_words_are_a_partition_of_the_text(trained, text, words):
    for method in METHODS:
        found = method(trained, tokenizer(), text)
        assert list(found.words) == words
        assert "".join(found.words) == "".join(text.split())
        assert found.scores.shape == (len(words),) and np.isfinite(found.scores).all()
    assert found.scores.sum() == pytest.approx(found.total, abs=0.01)  # no token is left out


def test_what_the_tokenizer_drops_scores_nothing(trained):
    for method in METHODS:
        found = method(trained, tokenizer(), "a \u200b joy")
        assert found.words == ("a", "\u200b", "joy")
        assert found.scores[1] == pytest.approx(0, abs=1e-5)
        assert found.scores[2] > 0.2


@pytest.mark.parametrize("method", METHODS)
def test_padding_and_earlier_texts_do_not_count(trained, method):
    alone = method(trained, tokenizer(), TEXTS[2])
    tokenizer()(["a joy"], padding="max_length", max_length=12, truncation=True)
    again = method(trained, tokenizer(), TEXTS[2])
    assert again.words == alone.words
    assert np.array_equal(again.scores, alone.scores)


@pytest.mark.parametrize("method", METHODS)
def test_reading_in_smaller_batches_gives_the_same(trained, method, monkeypatch):
    together = method(trained, tokenizer(), TEXTS[2]).scores
    monkeypatch.setattr("course_utils.look.explain.TOKENS", 70)
    assert np.allclose(method(trained, tokenizer(), TEXTS[2]).scores, together, atol=1e-4)


# --- what is left behind ---


@pytest.mark.parametrize("method", METHODS)
def test_model_is_as_it_was(trained, method):
    model = copy.deepcopy(trained)
    course_utils.freeze_word_embeddings(model)
    model.classifier.weight.grad = torch.ones_like(model.classifier.weight)
    flags = {name: weight.requires_grad for name, weight in model.named_parameters()}
    before = copy.deepcopy(model.state_dict())
    expected = method(trained, tokenizer(), TEXTS[2]).scores
    model.train()
    random_state = torch.get_rng_state()
    numpy_state = np.random.get_state()[1].copy()
    with torch.no_grad():  # as in many a notebook
        found = method(model, tokenizer(), TEXTS[2]).scores
        assert not torch.is_grad_enabled()
    assert np.allclose(found, expected, atol=1e-5)  # without dropout
    assert all(module.training for module in model.modules())
    assert torch.equal(torch.get_rng_state(), random_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)
    assert flags == {name: weight.requires_grad for name, weight in model.named_parameters()}
    assert all(torch.equal(before[name], weight) for name, weight in model.state_dict().items())
    gradients = {name for name, weight in model.named_parameters() if weight.grad is not None}
    assert gradients == {"classifier.weight"}
    assert torch.all(model.classifier.weight.grad == 1)
    assert not any(module._forward_hooks for module in model.modules())
    model.eval()
    method(model, tokenizer(), "a joy")
    assert not model.training


def test_captum_loads_when_it_is_needed_and_says_nothing(trained):
    code = "import course_utils, sys; course_utils.occlusion; assert 'captum' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        course_utils.integrated_gradients(trained, tokenizer(), "a joy")


# --- does it explain the model? ---


@pytest.mark.parametrize(
    "method", [course_utils.occlusion, partial(course_utils.integrated_gradients, steps=10)]
)
def test_scores_follow_the_weights(trained, method):
    """Adebayo et al. (2018), Sanity Checks for Saliency Maps: other weights, other scores.

    All weights are random here. A random head alone is a weak check: it may well read the one
    direction, from bad to good, that fine-tuning has taught the body.
    """
    texts = [text for text in small_set().texts if len(text) > 24]

    def agreement(model):
        pairs = [
            [method(one, tokenizer(), text).scores for one in (trained, model)] for text in texts
        ]
        return np.mean([spearmanr(*pair).statistic for pair in pairs])

    assert agreement(copy.deepcopy(trained)) == pytest.approx(1)
    assert abs(agreement(course_utils.load_scratch_twin("minilm", seed=2))) < 0.3


# --- errors ---


@pytest.mark.parametrize("method", METHODS)
def test_bad_input_is_one_sentence(trained, method):
    encoder = course_utils.load_encoder("minilm")
    with pytest.raises(DataError, match="a head that classifies, found a BertModel: load one"):
        method(encoder, tokenizer(), "a joy")
    for text in ("", "  \n", "\u200b"):
        with pytest.raises(DataError, match="is empty: give it at least one word"):
            method(trained, tokenizer(), text)
    for text in (None, 3, ["a joy"]):
        with pytest.raises(DataError, match="Expected one text between quotes"):
            method(trained, tokenizer(), text)
    for length in (2, 513, 64.5, "64"):
        with pytest.raises(DataError, match="expected a whole number of tokens from 3 to 512"):
            method(trained, tokenizer(), "a joy", max_length=length)


@pytest.mark.parametrize("steps", [0, -1, 2.5, "50", True, None])
def test_steps_must_be_a_number(trained, steps):
    with pytest.raises(DataError, match="expected a whole number from 1 on"):
        course_utils.integrated_gradients(trained, tokenizer(), "a joy", steps=steps)


def test_longest_text_is_read_to_its_end_if_asked(trained):
    text = "very " * 509 + "bad"
    found = course_utils.integrated_gradients(trained, tokenizer(), text, 1, max_length=512)
    assert len(found.words) == 510 and found.scores[-1] != 0


# --- counterfactual ---


def test_counterfactual_replaces_and_predicts(trained):
    table = course_utils.counterfactual(
        trained, tokenizer(), "A dull film with a dull end.", "dull", ["fine", r"\1 & <b>", ""]
    )
    assert list(table.columns) == ["text", "negative", "positive"]
    assert list(table.index) == ["dull", "fine", r"\1 & <b>", ""]
    assert list(table["text"]) == [
        "A dull film with a dull end.",
        "A fine film with a fine end.",
        r"A \1 & <b> film with a \1 & <b> end.",
        "A  film with a  end.",
    ]
    for text, *row in table.itertuples(index=False):
        expected = course_utils.predict(trained, tokenizer(), [text])[0]
        assert row == pytest.approx(list(expected), abs=6e-4)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("ART", "The - is in artful art's start!"),
        ("!", "The art is in artful art's start-"),
        ("art is", "The - in artful art's start!"),
    ],
)
def test_counterfactual_takes_whole_words(trained, word, expected):
    text = "The art is in artful art's start!"
    table = course_utils.counterfactual(trained, tokenizer(), text, word, ["-"])
    if word == "ART":
        expected = expected.replace("art's", "-'s")
    assert table["text"].iloc[1] == expected


@pytest.mark.parametrize("word", ["fine ", " fine", "\tfine\n"])
def test_blanks_around_a_word_do_not_count(trained, word):
    table = course_utils.counterfactual(trained, tokenizer(), "a fine film", word, ["dull"])
    assert table.index.tolist() == ["fine", "dull"]
    assert table["text"].tolist() == ["a fine film", "a dull film"]


def test_nothing_left_is_one_sentence(trained):
    with pytest.raises(DataError, match="is empty: give it at least one word"):
        course_utils.counterfactual(trained, tokenizer(), "fine", "fine", [""])


def test_counterfactual_with_a_label_called_text():
    model = new_classifier(label_names=("code", "text")).eval()
    table = course_utils.counterfactual(model, tokenizer(), "print the page", "page", ["book"])
    assert list(table.columns) == ["text", "code", "label text"]
    assert list(table["text"]) == ["print the page", "print the book"]
    assert np.allclose(table["code"] + table["label text"], 1, atol=2e-3)


def test_counterfactual_errors(trained):
    def change(text="a fine film", word="fine", replacements=("dull",), model=trained):
        course_utils.counterfactual(model, tokenizer(), text, word, replacements)

    with pytest.raises(DataError, match="The word 'fin' does not stand in the text 'a fine film'"):
        change(word="fin")
    for word in ("", " ", None, 3):
        with pytest.raises(DataError, match="expected a word of the text"):
            change(word=word)
    with pytest.raises(DataError, match=r"found one text: put it in \[ \]"):
        change(replacements="dull")
    with pytest.raises(DataError, match="list of texts is empty"):
        change(replacements=[])
    with pytest.raises(DataError, match="'fine' stands after the 64 tokens that are read"):
        change(text="very " * 62 + "fine")
    with pytest.raises(DataError):
        change(text=None)
    with pytest.raises(DataError, match="a head that classifies"):
        change(model=course_utils.load_encoder("minilm"))


def test_untrained_head_is_explained_too():
    found = course_utils.integrated_gradients(classifier(), tokenizer(), "a joy")
    assert found.scores.sum() == pytest.approx(found.total, abs=1e-4)


def test_attention_to_words(trained):
    """The weights of [CLS] in the last layer, summed over the pieces of each word."""
    text = "An unfathomable, don't-miss film!"
    shares = course_utils.attention_to_words(trained, tokenizer(), text)
    words = course_utils.occlusion(trained, tokenizer(), text).words
    assert words == ("An", "unfathomable", ",", "don't-miss", "film", "!")
    attention = course_utils.attention_weights(trained, tokenizer(), text)
    row = attention.one(6)[0]  # (sequence,)
    assert shares.shape == (6,) and shares.sum() == pytest.approx(1 - row[0] - row[-1], abs=1e-5)
    assert shares[0] == pytest.approx(row[attention.tokens.index("an")], abs=1e-6)
    begin, end = attention.tokens.index("don"), attention.tokens.index("film")
    assert shares[3] == pytest.approx(row[begin:end].sum(), abs=1e-6)
    with pytest.raises(DataError, match="is empty"):
        course_utils.attention_to_words(trained, tokenizer(), " ")


def test_vector_shifts_are_what_the_head_would_see(trained):
    """By hand: the vector under the head, of the text and of the text with one word hidden."""
    text = "a dull, lazy and cynical film"
    shifts = course_utils.vector_shifts(trained, tokenizer(), text)
    words = course_utils.occlusion(trained, tokenizer(), text).words
    with torch.no_grad():
        whole, hidden = (
            trained.bert(input_ids=ids, attention_mask=torch.ones_like(ids)).pooler_output[0]
            for ids in (ids_of(text), masked(text, "lazy"))
        )
    assert shifts.shape == (len(words),) and (shifts > 0).all()
    assert shifts[words.index("lazy")] == pytest.approx((hidden - whole).norm().item(), rel=1e-4)


def test_vector_shifts_do_not_ask_the_head(trained):
    changed = copy.deepcopy(trained)
    with torch.no_grad():
        changed.classifier.weight.normal_()
    for text in TEXTS:
        one, other = (course_utils.vector_shifts(m, tokenizer(), text) for m in (trained, changed))
        np.testing.assert_array_equal(one, other)
    with pytest.raises(DataError, match="is empty"):
        course_utils.vector_shifts(trained, tokenizer(), " ")


def test_counterfactual_word_with_blanks_around_it(trained):
    table = course_utils.counterfactual(trained, tokenizer(), "a good film", " good ", ["bad"])
    assert table["text"].tolist() == ["a good film", "a bad film"]
    assert table.index.tolist() == ["good", "bad"]


@pytest.mark.parametrize(
    ("text", "word", "new", "expected"),
    [
        ("这部电影很好看", "好", "坏", "这部电影很坏看"),
        ("यह फिल्म है", "फिल्म", "है", "यह है है"),
        ("यह फिल्म है", "फिल", "है", None),  # a part of a word: its sign goes on below it
        ("यह फिल्म है", "ह", "है", None),
        ("หนังดีมาก", "ด", "ม", None),
    ],
)
def test_counterfactual_in_other_scripts(trained, text, word, new, expected):
    if expected is None:
        with pytest.raises(DataError, match="does not stand in the text"):
            course_utils.counterfactual(trained, tokenizer(), text, word, [new])
    else:
        table = course_utils.counterfactual(trained, tokenizer(), text, word, [new])
        assert list(table["text"]) == [text, expected]


def test_a_label_may_be_called_like_a_column():
    model = course_utils.load_classifier(label_names=("text", "label text"), quiet=True)
    table = course_utils.counterfactual(model, tokenizer(), "print the page", "page", ["book"])
    assert list(table.columns) == ["text", "label label text", "label text"]
    assert np.allclose(table.iloc[:, 1:].sum(axis=1), 1, atol=0.002)
