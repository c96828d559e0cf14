"""Half an emoji, as cutting a text by UTF-16 leaves it: one sentence, and typing never breaks."""

import json
from functools import cache

import pytest
from real_model import classifier, tokenizer

import course_utils
from course_utils.errors import CourseError, DataError

HALF = json.loads('"so happy \\ud83d"')
WHOLE = "so happy \U0001f603"


@cache
def gap_model():
    return course_utils.load_masked_lm("minilm")[1]


def card(text):
    return course_utils.model_card({"name": text})


ENTRANCES = {
    "texts": lambda text: course_utils.LabeledTexts([text], [0]),
    "names of labels": lambda text: course_utils.LabeledTexts(["a"], [0], ("a", text)),
    "name": lambda text: course_utils.LabeledTexts(["a"], [0], name=text),
    "a new head": lambda text: course_utils.load_classifier("minilm", label_names=("a", text)),
    "predict": lambda text: course_utils.predict(classifier(), tokenizer(), [text]),
    "predict, a stream": lambda text: course_utils.predict(classifier(), tokenizer(), iter([text])),
    "sentences": lambda text: course_utils.sentence_vectors(classifier(), tokenizer(), [text]),
    "words": lambda text: course_utils.word_vectors(classifier(), tokenizer(), [text]),
    "layers": lambda text: course_utils.layer_vectors(classifier(), tokenizer(), [text]),
    "occlusion": lambda text: course_utils.occlusion(classifier(), tokenizer(), text),
    "gradients": lambda text: course_utils.integrated_gradients(classifier(), tokenizer(), text),
    "attention": lambda text: course_utils.attention_weights(classifier(), tokenizer(), text),
    "shares": lambda text: course_utils.attention_to_words(classifier(), tokenizer(), text),
    "context": lambda text: course_utils.context_vectors(
        classifier().bert, tokenizer(), text, "happy"
    ),
    "another text": lambda text: course_utils.counterfactual(
        classifier(), tokenizer(), text, "happy", ["sad"]
    ),
    "another word": lambda text: course_utils.counterfactual(
        classifier(), tokenizer(), "so happy", "happy", [text]
    ),
    "the gap": lambda text: course_utils.fill_blank(gap_model(), tokenizer(), f"{text} [MASK]"),
    "words for the gap": lambda text: course_utils.word_probabilities(
        gap_model(), tokenizer(), "so [MASK]", [text]
    ),
    "batches": lambda text: course_utils.batch_builder(tokenizer(), [text]),
    "examples": lambda text: course_utils.live_prediction(classifier(), tokenizer(), [text]),
    "a card": card,
}


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_half_a_sign_is_one_sentence(entrance):
    with pytest.raises(DataError, match=r"holds half a sign \(\\ud83d\)") as caught:
        ENTRANCES[entrance](HALF)
    str(caught.value).encode()  # it can be printed


def test_the_row_is_named_and_the_advice_helps():
    with pytest.raises(DataError, match=r"Text 2 \(counting from 0\) holds half"):
        course_utils.LabeledTexts(["a", WHOLE, HALF], [0, 0, 1])
    texts = [text.encode("utf-8", "ignore").decode() for text in ("a", WHOLE, HALF)]
    assert course_utils.LabeledTexts(texts, [0, 0, 1]).texts == ("a", WHOLE, "so happy ")


def test_a_word_that_is_not_there_can_be_printed():
    for look in (course_utils.occlusion, course_utils.attention_to_words):
        with pytest.raises(CourseError) as caught:
            look(classifier(), tokenizer(), HALF)
        str(caught.value).encode()
    with pytest.raises(DataError, match="does not stand in the text") as caught:
        course_utils.counterfactual(classifier(), tokenizer(), "so happy", HALF, ["sad"])
    str(caught.value).encode()


def test_keys_may_hold_halves():
    data = course_utils.LabeledTexts([f"text {n}" for n in range(400)], [0, 1] * 200)
    parts = course_utils.split(data, by=[f"title {n} {HALF}" for n in range(400)])
    assert sum(map(len, parts)) == 400


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_with_half_a_sign(tmp_path, encoding):
    rows = "text,label\n" + f"good,a\n{HALF},a\nfine,a\nbad,b\nworse,b\nno,b\n"
    (tmp_path / "cut.csv").write_bytes(rows.encode(encoding, "surrogatepass"))
    data = course_utils.from_csv(tmp_path / "cut.csv")
    assert len(data) == 6 and "\ufffd" in data.texts[1]
    assert [kind.rows for kind in data.report.to_see] == [[3]]


@pytest.mark.parametrize(
    "view",
    [
        lambda: course_utils.live_prediction(classifier(), tokenizer(), words=True),
        lambda: course_utils.live_tokens(tokenizer(), HALF),
        lambda: course_utils.live_blank(gap_model(), tokenizer(), f"{HALF} [MASK]"),
        lambda: course_utils.class_results(course_utils.load_record("fine_tuning")),
    ],
    ids=["prediction", "tokens", "gap", "class"],
)
def test_typing_never_breaks(view):
    shown = view()
    box, answer = shown.children
    for text in (HALF, f"{HALF} [MASK]", "\udc00"):
        box.value = text
        assert "cannot be shown" not in answer.value and "half a sign" not in answer.value
        answer.value.encode()
    for form in shown._repr_mimebundle_().values():
        str(form).encode()


def test_two_halves_that_were_typed_are_the_sign_again():
    box, answer = course_utils.live_tokens(tokenizer(), "").children
    box.value = WHOLE
    expected = answer.value
    box.value = "so happy \ud83d\ude03"
    assert answer.value == expected
