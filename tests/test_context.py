"""Context vectors: the right word and layer, and what a reader from left to right can know."""

import numpy as np
import pytest
import torch
from real_model import minilm_folder, tokenizer

import course_utils
from course_utils.errors import CourseError, DataError
from course_utils.look import context

SWIM = "We walked to the bank to swim in the river."
BORROW = "We walked to the bank to borrow some money."


@pytest.fixture(scope="module")
def encoder():
    return course_utils.load_encoder("minilm")


def vectors(encoder, text, word, **options):
    return course_utils.context_vectors(encoder, tokenizer(), text, word, **options)


def all_states(encoder, text):
    """What the model itself says: tokens, and the states (layers + 1, sequence, hidden)."""
    batch = tokenizer()(text, return_tensors="pt")
    with torch.inference_mode():
        states = encoder(**batch, output_hidden_states=True).hidden_states
    tokens = tokenizer().convert_ids_to_tokens(batch["input_ids"][0].tolist())
    return tokens, torch.stack(states)[:, 0].numpy()


def test_they_are_the_hidden_states_of_this_word(encoder):
    tokens, states = all_states(encoder, SWIM)
    found = vectors(encoder, SWIM, "bank")
    assert found.shape == (7, 384)
    assert np.allclose(found, states[:, tokens.index("bank")], atol=1e-5)
    assert np.allclose(vectors(encoder, SWIM, "."), states[:, tokens.index(".")], atol=1e-5)


def test_case_does_not_count_and_the_first_of_two_is_taken(encoder):
    tokens, states = all_states(encoder, "The bank of the river.")
    assert np.allclose(vectors(encoder, "The bank of the river.", "the"), states[:, 1], atol=1e-5)
    assert np.allclose(vectors(encoder, "The bank of the river.", "BANK"), states[:, 2], atol=1e-5)


def test_a_word_of_several_pieces_is_their_mean(encoder):
    text = "This film is unwatchable, sadly."
    tokens, states = all_states(encoder, text)
    pieces = [n for n, token in enumerate(tokens) if token in tokenizer().tokenize("unwatchable")]
    assert len(pieces) > 1
    expected = states[:, pieces].mean(axis=1)
    assert np.allclose(vectors(encoder, text, "unwatchable"), expected, atol=1e-5)


def test_part_of_a_longer_word_does_not_count(encoder):
    text = "The banker sat on the bank."
    tokens, states = all_states(encoder, text)
    assert np.allclose(vectors(encoder, text, "bank"), states[:, tokens.index("bank")], atol=1e-5)
    with pytest.raises(DataError, match="The word 'bank' does not stand in the text 'The banker"):
        vectors(encoder, "The banker sat.", "bank")


@pytest.mark.parametrize("word", ["", " ", None, 3])
def test_a_word_must_be_a_word(encoder, word):
    with pytest.raises(DataError, match="expected a word of the text"):
        vectors(encoder, SWIM, word)


def test_blanks_around_a_word_do_not_count(encoder):
    expected = vectors(encoder, SWIM, "bank")
    np.testing.assert_array_equal(vectors(encoder, SWIM, " bank\n"), expected)


def test_a_word_without_a_token_is_one_sentence(encoder):
    with pytest.raises(DataError, match="makes no token of '\u200b': take another word"):
        vectors(encoder, "a \u200b joy", "\u200b")


def test_texts_that_are_no_texts(encoder):
    with pytest.raises(CourseError):
        vectors(encoder, 3, "bank")


def test_a_word_behind_the_limit_is_an_error(encoder):
    with pytest.raises(DataError, match="'bank' stands after the 512 tokens"):
        vectors(encoder, "very " * 600 + "bank", "bank")


def test_the_end_changes_the_beginning(encoder):
    alike = course_utils.similarity(
        vectors(encoder, SWIM, "bank"), vectors(encoder, BORROW, "bank")
    )
    assert alike.shape == (7,)
    assert alike[0] > 0.99999
    assert alike[1:].max() < 0.97


def test_from_left_to_right_it_does_not(encoder):
    ways = [vectors(encoder, text, "bank", left_to_right=True) for text in (SWIM, BORROW)]
    assert np.abs(ways[0] - ways[1]).max() < 1e-4
    cut = vectors(encoder, "We walked to the bank", "bank", left_to_right=True)
    assert np.abs(ways[0] - cut).max() < 1e-4
    other = vectors(encoder, "They walked to the bank to swim.", "bank", left_to_right=True)
    assert np.abs(ways[0] - other).max() > 0.01


def test_left_to_right_is_what_a_decoder_does(encoder):
    """transformers builds the same mask itself if the configuration calls the model a decoder."""
    from transformers import BertModel

    decoder = BertModel.from_pretrained(
        minilm_folder(), is_decoder=True, dtype=torch.float32
    ).eval()
    tokens, states = all_states(decoder, SWIM)
    found = vectors(encoder, SWIM, "bank", left_to_right=True)
    assert np.allclose(found, states[:, tokens.index("bank")], atol=1e-4)


def test_both_kinds_of_attention_take_the_mask(encoder):
    from transformers import BertModel

    eager = BertModel.from_pretrained(
        minilm_folder(), attn_implementation="eager", dtype=torch.float32
    ).eval()
    for way in (False, True):
        one, other = (vectors(model, SWIM, "bank", left_to_right=way) for model in (encoder, eager))
        assert np.allclose(one, other, atol=1e-4)


def test_mode_and_weights_stay(encoder):
    before = {name: weight.clone() for name, weight in encoder.named_parameters()}
    quiet = vectors(encoder, SWIM, "bank")
    encoder.train()
    try:
        assert np.allclose(vectors(encoder, SWIM, "bank"), quiet, atol=1e-5)  # without dropout
        assert encoder.training
    finally:
        encoder.eval()
    assert all(torch.equal(before[name], weight) for name, weight in encoder.named_parameters())


def test_similarity():
    assert course_utils.similarity([3, 0], [5, 0]) == pytest.approx(1)
    assert course_utils.similarity([3, 0], [0, 2]) == pytest.approx(0)
    assert course_utils.similarity([1, 1], [-1, -1]) == pytest.approx(-1)
    rows = course_utils.similarity([[1, 0], [1, 1]], [[1, 0], [1, 0]])
    assert rows == pytest.approx([1, 2**-0.5])
    one_against_many = course_utils.similarity([1, 0], [[1, 0], [0, 1], [-1, 0]])
    assert one_against_many == pytest.approx([1, 0, -1])


# --- senses ---


def test_sentences_are_complete():
    assert len(course_utils.SENSES) == 18
    for word, senses in course_utils.SENSES.items():
        assert len(senses) == 2, word
        for texts in senses.values():
            assert len(set(texts)) == 5, word
            for text in texts:
                plain = "".join(sign if sign.isalpha() else " " for sign in text.lower())
                assert plain.split().count(word) == 1, text
                assert text[-1] in ".?" and text == text.strip(), text


def test_sense_vectors_are_those_of_each_sentence(encoder):
    found = course_utils.sense_vectors(encoder, tokenizer(), "bank")
    signs = course_utils.sense_vectors(encoder, tokenizer(), "bank", last_sign=True)
    assert list(found) == list(signs) == ["money", "river"]
    for sense, texts in course_utils.SENSES["bank"].items():
        assert found[sense].shape == (5, 7, 384)
        for row, text in enumerate(texts):  # in a batch with padding, the same as alone
            assert np.allclose(found[sense][row], vectors(encoder, text, "bank"), atol=1e-4)
            assert np.allclose(signs[sense][row], vectors(encoder, text, "."), atol=1e-4)


def test_unknown_word(encoder):
    with pytest.raises(DataError, match="no sentences for 'banana': choose one of bank, bat"):
        course_utils.sense_vectors(encoder, tokenizer(), "banana")


def made_up(one, other):
    """Vectors with one layer, given by their angles in degrees."""

    def group(angles):
        angles = np.radians(np.array(angles, dtype=float))
        return np.stack([np.cos(angles), np.sin(angles)], axis=-1)[:, None]

    return {"one": group(one), "other": group(other)}


def test_pairs_of_known_vectors():
    same, different = context._sense_pairs(made_up([0, 60], [90, 90]))
    assert same.shape == (2, 1) and different.shape == (4, 1)
    assert sorted(same.ravel()) == pytest.approx([0.5, 1])
    cosines = np.cos(np.radians([90, 90, 30, 30]))
    assert sorted(different.ravel()) == pytest.approx(sorted(cosines), abs=1e-6)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([0, 10, 20], [90, 100, 110], 1.0),  # two bundles
        ([0, 90], [10, 100], 0.25),  # right angles inside, and only one wider angle between
        ([0, 0], [0, 0], 0.5),  # all alike: ties
    ],
)
def test_separation_of_known_vectors(one, other, expected):
    vectors = made_up(one, other)
    same, different = context._sense_pairs(vectors)
    wins = [(a > b) + 0.5 * (a == b) for a in same.ravel() for b in different.ravel()]
    found = course_utils.sense_separation(vectors)
    assert found.shape == (1,)
    assert found[0] == pytest.approx(np.mean(wins))
    assert found[0] == pytest.approx(expected)


def test_chance_leaves_the_true_grouping_out_and_takes_each_other_once(monkeypatch):
    seen = []
    divide = context._divide

    def watch(similarities, pairs, group):
        seen.append(frozenset(group))
        return divide(similarities, pairs, group)

    monkeypatch.setattr(context, "_divide", watch)
    vectors = made_up([0, 10, 20], [90, 100, 110])
    found = course_utils.chance_separation(vectors)
    assert found.shape == (9, 1)  # 20 ways to choose three of six, half of them the same, minus one
    groupings = {frozenset([group, frozenset(range(6)) - group]) for group in seen}
    assert len(groupings) == 9
    assert frozenset([frozenset([0, 1, 2]), frozenset([3, 4, 5])]) not in groupings
    assert found.max() < course_utils.sense_separation(vectors)[0] == 1


def test_chance_with_groups_of_different_size():
    assert course_utils.chance_separation(made_up([0, 10], [90, 100, 110])).shape == (9, 1)


def test_the_senses_of_the_course(encoder):
    """What notebook 03 says: no sense at the embedding, most in the middle, not for every word."""
    words = {
        word: course_utils.sense_vectors(encoder, tokenizer(), word) for word in course_utils.SENSES
    }
    found = {word: course_utils.sense_separation(senses) for word, senses in words.items()}
    mean = np.mean(list(found.values()), axis=0)
    assert abs(mean[0] - 0.5) < 0.03
    assert 0.82 < mean[3] < 0.87
    beyond = [
        found[word][3] > np.quantile(context.chance_separation(senses)[:, 3], 0.95)
        for word, senses in words.items()
    ]
    assert sum(beyond) >= 15
    assert max(found["book"][3], found["chicken"][3]) < 0.67


@pytest.mark.parametrize("seed", [0, 1])
def test_random_weights_know_no_sense(seed):
    untrained = course_utils.load_scratch_twin("minilm", seed=seed).base_model
    found = [
        course_utils.sense_separation(course_utils.sense_vectors(untrained, tokenizer(), word))
        for word in course_utils.SENSES
    ]
    assert np.abs(np.mean(found, axis=0) - 0.5).max() < 0.04
