"""The tokenizer that a checkpoint names: WordPiece or not, and never one that does not fit."""

import json

import numpy as np
import pytest
import tokenizers
import transformers
from real_model import copy_of_minilm, minilm_folder, small_set, tokenizer
from unigram_stand_in import make_checkpoint, make_tokenizer

import course_utils
from course_utils.errors import CourseError, DamagedFile, DataError

TEXT = "a dull film, don't see it, it is a bore"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_checkpoint(tmp_path_factory.mktemp("checkpoints") / "unigram")


@pytest.fixture(scope="module")
def tuned(folder):
    model, words = (
        course_utils.load_classifier(folder, quiet=True),
        course_utils.load_tokenizer(folder),
    )
    course_utils.fine_tune(
        model, words, small_set(), epochs=60, batch_size=8, learning_rate=2e-3, warmup=0.0
    )
    return model, words


def test_it_is_read_as_it_was_made(folder):
    words = course_utils.load_tokenizer(folder)
    made = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    for text in (*small_set().texts, "Ein schöner Film 😀"):
        assert words(text)["input_ids"] == made.encode(text).ids
    tokens = words.tokenize(TEXT)
    assert words.model_max_length == 64 and "▁film" in tokens
    assert tokens.count("<unk>") < 3  # and not every word


def test_it_learns_is_kept_and_comes_back(tuned, tmp_path):
    assert course_utils.evaluate(*tuned, small_set()).accuracy > 0.9
    course_utils.save(tmp_path / "kept", *tuned)
    again = course_utils.load(tmp_path / "kept")
    texts = [TEXT, *small_set().texts]
    expected = course_utils.predict(*tuned, texts)
    np.testing.assert_allclose(course_utils.predict(*again, texts), expected, atol=1e-6)
    pipe = transformers.pipeline("text-classification", str(tmp_path / "kept"), truncation=True)
    scores = [row["score"] for row in pipe(texts)]
    np.testing.assert_allclose(scores, expected.max(axis=1), atol=1e-5)


@pytest.mark.parametrize("text", [TEXT, "  two  blanks, then a film ", "film", "a \u200b joy 😀"])
def test_words_of_an_explanation(tuned, text):
    for method in (course_utils.occlusion, course_utils.integrated_gradients):
        found = method(*tuned, text)
        assert "".join(found.words).split() == "".join(text.split()).split()
        assert all(word == word.strip() and word for word in found.words)
    shares = course_utils.attention_to_words(*tuned, text)
    assert shares.shape == found.scores.shape and (shares >= 0).all()


def test_the_score_stands_at_its_word(tuned):
    """Hide a word by hand: the gap falls by the score that stands beside it."""
    import torch

    model, words = tuned
    found = course_utils.occlusion(model, words, "such a dull film")
    assert found.words == ("such", "a", "dull", "film")
    encoded = words("such a dull film", return_tensors="pt")
    hidden = encoded["input_ids"].clone()
    hidden[0, [place for place, word in enumerate(encoded.word_ids()) if word == 2]] = (
        words.mask_token_id
    )
    with torch.inference_mode():
        both = model(input_ids=torch.cat([encoded["input_ids"], hidden])).logits
    gaps = (both[:, 0] - both[:, 1]).abs() if found.label == "negative" else both[:, 1] - both[:, 0]
    assert found.scores[2] == pytest.approx((gaps[0] - gaps[1]).item(), abs=1e-4)


def test_empty_texts_are_one_sentence(tuned):
    for text in ("", "   "):
        with pytest.raises(DataError, match="is empty: give it at least one word"):
            course_utils.occlusion(*tuned, text)


def test_context_of_a_word(folder):
    import torch

    words, encoder = course_utils.load_tokenizer(folder), course_utils.load_encoder(folder)
    encoded = words(TEXT, return_tensors="pt")
    with torch.inference_mode():
        states = encoder(**encoded, output_hidden_states=True).hidden_states
    place = words.convert_ids_to_tokens(encoded["input_ids"][0].tolist()).index("▁film")
    found = course_utils.context_vectors(encoder, words, TEXT, "film")
    expected = np.stack([state[0, place].numpy() for state in states])
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_views_and_gaps(tmp_path, tuned):
    view = course_utils.live_tokens(tuned[1], "a dull film")
    _, answer = view.children
    count = len(tuned[1].tokenize("a dull film"))
    told = f"{count + 2} tokens with <s> and </s>; {count - 3} go on with a word; 0 unknown."
    assert told in answer.value.replace("&lt;", "<").replace("&gt;", ">")
    box, answer = course_utils.live_prediction(*tuned, words=True).children
    box.value = "a dull film"
    assert "cannot be shown" not in answer.value
    folder = make_checkpoint(tmp_path / "gaps", transformers.BertForMaskedLM)
    words, reader = course_utils.load_masked_lm(folder)
    assert len(course_utils.fill_blank(reader, words, "a dull <mask>")) == 5
    with pytest.raises(DataError, match="Expected one <mask> where a word is missing, found 0"):
        course_utils.fill_blank(reader, words, "a dull [MASK]")


# --- what does not fit ---


def named(folder, kind: str):
    """The checkpoint, whose files now say that its tokenizer is of this kind."""
    path = folder / "tokenizer_config.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**known, "tokenizer_class": kind}), encoding="utf-8")
    return folder


def test_the_kind_that_older_versions_name(tmp_path):
    folder = named(make_checkpoint(tmp_path / "older"), "PreTrainedTokenizerFast")
    made = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert course_utils.load_tokenizer(folder)(TEXT)["input_ids"] == made.encode(TEXT).ids


def test_a_tokenizer_that_does_not_know_its_own_words(tmp_path):
    folder = named(make_checkpoint(tmp_path / "misnamed"), "BertTokenizer")
    with pytest.raises(DamagedFile, match="in misnamed does not know .* % of the words of its own"):
        course_utils.load_tokenizer(folder)


def test_a_vocabulary_of_another_kind(tmp_path):
    """WordPiece is given a list of words in capitals, and makes all letters small."""
    listed = "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "GOOD", "BAD", "FILM"])
    folder = copy_of_minilm(
        tmp_path / "loud", without=["tokenizer", "tokenizer_config"], vocab=listed.encode()
    )
    with pytest.raises(DamagedFile, match="does not know 100 % of the words of its own"):
        course_utils.load_tokenizer(folder)


def test_a_tokenizer_without_marks(tmp_path):
    folder = make_checkpoint(tmp_path / "bare")
    inner = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    inner.post_processor = tokenizers.processors.ByteLevel()
    inner.save(str(folder / "tokenizer.json"))
    with pytest.raises(DamagedFile, match="does not put a text between two marks"):
        course_utils.load_tokenizer(folder)


def test_code_of_a_checkpoint_is_never_run(tmp_path):
    folder = copy_of_minilm(tmp_path / "evil")
    path = folder / "tokenizer_config.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    known |= {"tokenizer_class": "Mine", "auto_map": {"AutoTokenizer": ["evil.Mine", None]}}
    path.write_text(json.dumps(known), encoding="utf-8")
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Mine: pass\n")
    try:
        course_utils.load_tokenizer(folder)
    except CourseError as problem:
        assert "cannot be read" in str(problem)
    assert not (tmp_path / "ran").exists()


def test_minilm_is_read_as_before():
    before = transformers.BertTokenizer.from_pretrained(minilm_folder(), local_files_only=True)
    now = course_utils.load_tokenizer("minilm")
    texts = [*small_set().texts, "Don't! 😀 naïve 中文 3.5 [MASK]", "", "x" * 300]
    assert type(now) is type(before)
    assert now(texts)["input_ids"] == before(texts)["input_ids"]


def test_without_places_or_mask_no_word_is_looked_at(tuned):
    model, _ = tuned
    slow = type("Slow", (), {"is_fast": False, "model_max_length": 64, "__len__": lambda self: 9})()
    for look in (
        lambda: course_utils.occlusion(model, slow, TEXT),
        lambda: course_utils.context_vectors(model.bert, slow, TEXT, "film"),
    ):
        with pytest.raises(DataError, match="A Slow does not say where its tokens stand"):
            look()
    bare = make_tokenizer()
    bare.mask_token = None
    for method in (course_utils.occlusion, course_utils.integrated_gradients):
        with pytest.raises(DataError, match=r"no token such as \[MASK\]"):
            method(model, bare, TEXT)
    assert tokenizer().is_fast


def test_a_tokenizer_of_another_kind_does_not_train(tmp_path):
    """As the slide loads it: `BertTokenizer`, whatever the checkpoint's vocabulary."""
    folder = make_checkpoint(tmp_path / "many-languages")
    model = course_utils.load_classifier(str(folder), quiet=True)
    slide = transformers.BertTokenizer.from_pretrained(folder)
    with pytest.raises(DataError, match="is of another kind.*load_tokenizer"):
        course_utils.fine_tune(model, slide, small_set(), batch_size=4)
    own = course_utils.load_tokenizer(str(folder))
    history = course_utils.fine_tune(model, own, small_set(), batch_size=4)
    assert len(history.losses) == 4
