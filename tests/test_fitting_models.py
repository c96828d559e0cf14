"""Models whose answers mean something else, or that do not fit their tokenizer: one sentence."""

import copy

import pytest
from real_model import classifier, minilm_folder, new_classifier, small_set, tokenizer
from transformers import BertForSequenceClassification

import course_utils
from course_utils.errors import DataError

TEXT = "a joy from beginning to end"
USES = {
    "predict": lambda model, words: course_utils.predict(model, words, [TEXT]),
    "evaluate": lambda model, words: course_utils.evaluate(model, words, small_set()),
    "fine_tune": lambda model, words: course_utils.fine_tune(model, words, small_set()),
    "occlusion": lambda model, words: course_utils.occlusion(model, words, TEXT),
    "gradients": lambda model, words: course_utils.integrated_gradients(model, words, TEXT),
    "other word": lambda model, words: course_utils.counterfactual(
        model, words, TEXT, "joy", ["bore"]
    ),
    "view": lambda model, words: course_utils.live_prediction(model, words),
}
READERS = {
    "sentences": lambda model, words: course_utils.sentence_vectors(model, words, [TEXT]),
    "words": lambda model, words: course_utils.word_vectors(model, words, [TEXT]),
    "layers": lambda model, words: course_utils.layer_vectors(model, words, [TEXT]),
    "attention": lambda model, words: course_utils.attention_weights(model, words, TEXT),
    "context": lambda model, words: course_utils.context_vectors(model.bert, words, TEXT, "joy"),
}


def other_head(**options):
    return BertForSequenceClassification.from_pretrained(minilm_folder(), **options).eval()


@pytest.fixture(
    scope="module",
    params=[
        ({"num_labels": 1}, r"gives a number \(a regression\), not one of some labels"),
        ({"num_labels": 2, "problem_type": "regression"}, "gives a number"),
        (
            {"num_labels": 3, "problem_type": "multi_label_classification"},
            r"several labels at once \(multi-label\)",
        ),
    ],
    ids=["one output", "several numbers", "several labels"],
)
def misfit(request):
    options, sentence = request.param
    return other_head(**options), sentence


@pytest.mark.parametrize("use", USES)
def test_a_head_that_does_not_choose_is_one_sentence(misfit, use):
    model, sentence = misfit
    with pytest.raises(DataError, match=sentence):
        USES[use](model, tokenizer())


def test_such_a_head_is_told_on_loading_and_can_be_replaced(misfit, tmp_path):
    model, sentence = misfit
    model.save_pretrained(tmp_path / "stars")
    tokenizer().save_pretrained(tmp_path / "stars")
    with pytest.raises(DataError, match=sentence):
        course_utils.load(tmp_path / "stars")
    fresh = course_utils.load_classifier(tmp_path / "stars", quiet=True)  # as the sentence says
    course_utils.fine_tune(fresh, tokenizer(), small_set())
    assert course_utils.predict(fresh, tokenizer(), [TEXT]).shape == (1, 2)


@pytest.mark.parametrize("use", [*USES, *READERS])
def test_tokens_that_were_added_need_vectors(use):
    words, model = copy.deepcopy(tokenizer()), new_classifier().eval()
    words.add_tokens(["😃"])
    call = (USES | READERS)[use]
    with pytest.raises(DataError, match="has 30,523 tokens, the model knows 30,522: .*resize"):
        call(model, words)
    model.resize_token_embeddings(len(words))  # as the sentence says
    call(model, words)


def test_a_model_with_more_rows_than_tokens_is_as_good_as_any():
    model = new_classifier().eval()
    expected = course_utils.predict(model, tokenizer(), [TEXT])
    model.resize_token_embeddings(30_528)  # some checkpoints fill up to a multiple of 8 or 64
    assert (course_utils.predict(model, tokenizer(), [TEXT]) == expected).all()


@pytest.mark.parametrize("use", [name for name in USES if name != "fine_tune"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_answers_that_are_no_numbers_are_no_answers(use, value):
    model = copy.deepcopy(classifier())
    model.classifier.weight.data[0, 0] = value
    with pytest.raises(DataError, match="answers with numbers that are none .*smaller learning"):
        USES[use](model, tokenizer())
