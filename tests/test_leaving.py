"""A saved model leaves the course: plain transformers gives the same answers, where it is alone."""

import copy
import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import ModelCard as HubCard
from huggingface_hub import metadata_load
from huggingface_hub.repocard_data import model_index_to_eval_results
from real_model import new_classifier, tokenizer
from transformers import BertConfig, BertForSequenceClassification

import course_utils
from course_utils import LabeledTexts
from course_utils.errors import CourseError, DataError
from course_utils.model import readme
from course_utils.model.history import History

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("1", "$5", "中文 `标签`")
TEXTS = [
    "good film",
    "",
    "film " * 40 + "bad",  # longer than is read
    "so so " * 700,  # longer than any BERT can read
    "中文 😃 Ünïcode\t\x00 é",
    "x" * 3_000,
    "What a wonderful surprise this little comedy is, and how it ends!",
]

# Runs where the course is not installed. Says what it was answered, for each way to ask.
PROGRAM = """
import json, os, re, sys
sys.modules["course_utils"] = None  # as if it was not installed
folder, texts = sys.argv[1], json.loads(sys.argv[2])
names, answers = json.loads(sys.argv[3]), {}

from transformers import pipeline
every = pipeline("text-classification", model=folder, truncation=True, top_k=None)
for size in (1, 3):
    found = [{one["label"]: one["score"] for one in each} for each in every(texts, batch_size=size)]
    answers[f"pipeline, batches of {size}"] = [[each[name] for name in names] for each in found]

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForSequenceClassification.from_pretrained(folder)
batch = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
answers["four lines"] = model(**batch).logits.softmax(dim=-1).tolist()

os.chdir(folder)  # what the page beside the model says, to the letter
(lines,) = re.findall(r"```python\\n(.*?)```", open("README.md", encoding="utf-8").read(), re.S)
exec(lines)
best = [(one["label"], one["score"]) for one in classify(texts)]
assert not model.training and not [name for name in sys.modules if name.startswith("course_utils.")]
print(json.dumps({"answers": answers, "best": best}))
"""


def ask(python, folder, texts, names, cwd) -> dict:
    """What plain transformers answers; the program sees neither the checkout nor the network."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [python, "-I", "-c", PROGRAM, folder, json.dumps(texts), json.dumps(names)],
        cwd=cwd, env=env | {"HF_HUB_OFFLINE": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def assert_same(told, probabilities, names):
    """The same probabilities, to 1e-5, and the same labels."""
    assert len(told["answers"]) == 3
    for way, answer in told["answers"].items():
        np.testing.assert_allclose(answer, probabilities, atol=1e-5, rtol=0, err_msg=way)
    labels, scores = zip(*told["best"], strict=True)
    assert list(labels) == [names[label] for label in probabilities.argmax(axis=1)]
    np.testing.assert_allclose(scores, probabilities.max(axis=1), atol=1e-5, rtol=0)


@pytest.fixture(scope="module")
def three():
    """A model that tells three odd labels apart, and its tokenizer, which reads 48 tokens."""
    model, own = new_classifier(label_names=NAMES), course_utils.load_tokenizer("minilm")
    data = LabeledTexts(["good film", "bad film", "so so film"] * 4, [0, 1, 2] * 4, NAMES)
    recipe = {"batch_size": 4, "max_length": 48, "epochs": 3, "learning_rate": 5e-4}
    return model, own, course_utils.fine_tune(model, own, data, **recipe), data


@pytest.fixture
def saved(three, tmp_path):
    course_utils.save(str(tmp_path / "model"), *three[:3])
    return tmp_path / "model"


def test_plain_transformers_gives_the_same(saved, three, tmp_path):
    probabilities = course_utils.predict(*three[:2], TEXTS)
    assert probabilities.max() > 0.5  # it is sure of something
    assert_same(ask(sys.executable, saved, TEXTS, NAMES, tmp_path), probabilities, NAMES)


@pytest.mark.slow
def test_plain_transformers_gives_the_same_in_an_environment_of_its_own(saved, three, tmp_path):
    """With torch, transformers and what they need, and nothing else."""
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    # The tests live behind a proxy that leads nowhere (conftest.py); this one asks an index.
    env = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    fetched = subprocess.run(
        [*pip, "install", "--quiet", "-c", ROOT / "constraints.txt", "torch", "transformers"],
        cwd=tmp_path, env=env, capture_output=True, text=True,
    )  # fmt: skip
    unreachable = "NewConnectionError|NameResolutionError|ConnectTimeout|ProxyError"
    if fetched.returncode and re.search(unreachable, fetched.stderr):
        pytest.skip("fetches torch and transformers from the package index, which does not answer")
    assert fetched.returncode == 0, fetched.stderr
    there = subprocess.run([*pip, "list"], cwd=tmp_path, capture_output=True, text=True).stdout
    assert "transformers" in there and not re.search("course|pandas|scikit|jupyter|captum", there)
    probabilities = course_utils.predict(*three[:2], TEXTS)
    assert_same(ask(python, saved, TEXTS, NAMES, tmp_path), probabilities, NAMES)


def small_model(names, **config):
    """A BERT of a few thousand weights, which reads the words of minilm."""
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = BertConfig(intermediate_size=64, **sizes, **config)
    config.id2label = dict(enumerate(names))
    config.label2id = {name: number for number, name in enumerate(names)}
    return BertForSequenceClassification(config).eval()


@pytest.mark.parametrize("length", [512, 10**30])
def test_texts_that_are_longer_than_a_model_can_read(tmp_path, length):
    """A tokenizer that was loaded by hand may claim to read for ever."""
    model, own = small_model(NAMES), course_utils.load_tokenizer("minilm")
    own.model_max_length = length
    course_utils.save(str(tmp_path / "model"), model, own)
    told = ask(sys.executable, tmp_path / "model", TEXTS, NAMES, tmp_path)
    assert_same(told, course_utils.predict(model, own, TEXTS), NAMES)


def test_a_model_of_fewer_positions(tmp_path):
    model, own = small_model(NAMES, max_position_embeddings=32), course_utils.load_tokenizer()
    course_utils.save(str(tmp_path / "model"), model, own)
    told = ask(sys.executable, tmp_path / "model", TEXTS, NAMES, tmp_path)
    assert_same(told, course_utils.predict(model, own, TEXTS), NAMES)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened_by_both(tmp_path, dtype):
    model = small_model(NAMES).to(dtype)
    course_utils.save(str(tmp_path / "model"), model, course_utils.load_tokenizer())
    told = ask(sys.executable, tmp_path / "model", TEXTS, NAMES, tmp_path)
    assert_same(
        told, course_utils.predict(*course_utils.load(str(tmp_path / "model")), TEXTS), NAMES
    )
    assert model.dtype == dtype  # what the student holds is as it was


def test_labels_that_were_renamed_by_hand(tmp_path):
    """Two tables say the same in config.json; who changes one by hand forgets the other."""
    model = small_model(("LABEL_0", "LABEL_1"))
    model.config.id2label = {1: "good", 0: "bad"}
    course_utils.save(str(tmp_path / "model"), model, course_utils.load_tokenizer())
    config = json.loads((tmp_path / "model" / "config.json").read_text(encoding="utf-8"))
    assert config["label2id"] == {"bad": 0, "good": 1}
    about = json.loads((tmp_path / "model" / "course.json").read_text(encoding="utf-8"))
    assert about["label_names"] == ["bad", "good"]


def test_what_stands_in_the_folder(saved):
    config = json.loads((saved / "config.json").read_text(encoding="utf-8"))
    assert config["id2label"] == {str(number): name for number, name in enumerate(NAMES)}
    assert config["label2id"] == {name: number for number, name in enumerate(NAMES)}
    assert config["architectures"] == ["BertForSequenceClassification"]
    assert config["problem_type"] == "single_label_classification"
    assert (config["dtype"], config["hidden_dropout_prob"]) == ("float32", 0.1)
    reads = json.loads((saved / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert (reads["model_max_length"], reads["tokenizer_class"]) == (48, "BertTokenizer")
    assert [reads[f"{kind}_token"] for kind in ("cls", "sep", "pad", "unk", "mask")] == [
        "[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]",
    ]  # fmt: skip
    for path in saved.iterdir():  # where somebody's home lies is nobody's business
        assert str(Path.home()).encode() + b"/" not in path.read_bytes(), path.name
        assert str(ROOT).encode() not in path.read_bytes(), path.name


# --- the page beside the model ---

FIELDS = {
    "name": "Prices: # 1 --- 猫 'and' \"more\"",
    "purpose": "Sorting messages of our shop, as a first guess.",
    "not_for": "Deciding about people.",
    "data": "Twelve texts that we made up.",
    "result": "Right for 12 of 12.",
    "weak_spots": "All other words.",
}


@pytest.fixture
def card(three):
    model, own, _, data = three
    result = course_utils.evaluate(model, own, data, quiet=True)
    baseline = course_utils.majority_baseline(data, data)
    options = {"language": "en", "datasets": ["shop/messages"], "license": "mit"}
    return course_utils.model_card(FIELDS, result, baseline, **options)


def test_the_card_is_the_page_and_the_hub_reads_its_header(three, card, tmp_path, capsys):
    course_utils.save(str(tmp_path / "model"), *three[:3], card=card)
    assert "\nIts README.md is the card.\n" in capsys.readouterr().out
    page = tmp_path / "model" / "README.md"
    header = metadata_load(page)
    results = header.pop("model-index")
    assert header == {
        "base_model": "sentence-transformers/all-MiniLM-L6-v2",
        "datasets": ["shop/messages"],
        "language": ["en"],
        "library_name": "transformers",
        "license": "mit",
        "metrics": ["accuracy", "f1"],
        "pipeline_tag": "text-classification",
        "tags": ["bert", "transfer-learning"],
    }
    name, (accuracy, macro) = model_index_to_eval_results(results)
    result = card.evaluations[0]
    assert name == FIELDS["name"]
    assert (accuracy.metric_type, accuracy.metric_value) == ("accuracy", round(result.accuracy, 4))
    assert (macro.metric_type, macro.metric_value) == ("f1", round(result.macro_f1, 4))
    assert macro.metric_args == {"average": "macro"}
    for told in (accuracy, macro):
        assert told.task_type == "text-classification"
        assert told.dataset_name == "my texts (12 texts)" and told.dataset_type == "shop/messages"
    hub = HubCard.load(page)  # refuses what is no header
    assert metadata_load(page) == hub.data.to_dict()
    assert hub.text.lstrip().startswith(f"# Model card: {FIELDS['name']}\n\n**What it is for.**")
    assert card.markdown().removeprefix("## ") in hub.text
    assert "gives each text one of 3 labels: `1`, `$5`, `中文 '标签'`." in hub.text
    assert (
        "Fine-tuned on 12 texts: epochs 3, learning rate 0.0005, batch size 4, seed 0. It reads "
        "the first 48 tokens of a text; `truncation=True` cuts off the rest." in hub.text
    )


def test_without_a_card_the_page_says_so(saved):
    hub = HubCard.load(saved / "README.md")
    assert hub.data.to_dict() == {
        "base_model": "sentence-transformers/all-MiniLM-L6-v2",
        "library_name": "transformers",
        "pipeline_tag": "text-classification",
        "tags": ["bert", "transfer-learning"],
    }
    assert hub.text.lstrip().startswith("# model\n\n**Not judged yet.** Nobody has written down")
    for words in ("names, addresses, numbers", readme.HOW_TO_LOAD, "one of 3 labels"):
        assert words in hub.text


def test_of_one_epoch_none_is_the_best():
    run = History(1e-4, 0, 10, 1, validation_accuracies=[0.75], losses=[0.5])
    assert run.best_epoch == 1 and "epoch" not in readme._more(run)
    assert not run.dropout  # what an older course.json leaves open


def test_the_page_tells_what_else_the_recipe_holds(three, tmp_path):
    _, own, _, data = three
    model = small_model(NAMES)
    recipe = {"epochs": 9, "patience": 1, "batch_size": 4, "learning_rate": 1e-6}
    weights = {"class_weights": [1, 2, 0.5]}
    run = course_utils.fine_tune(model, own, data, validation=data, **recipe, **weights)
    assert run.stopped_early
    course_utils.save(str(tmp_path / "model"), model, own, run)
    page = " ".join((tmp_path / "model" / "README.md").read_text(encoding="utf-8").split())
    judged = len(run.validation_accuracies)
    assert f"Its weights are those of epoch {run.best_epoch}, {run.the_best} on validation." in page
    assert f"Early stopping: patience 1, stopped after epoch {judged}. Class weights: from" in page
    low, high = min(run.class_weights), max(run.class_weights)
    assert f"Class weights: from {low:.3g} to {high:.3g}. It reads" in page


def test_marks_of_texts_tell_which_were_seen_and_nothing_else(three, tmp_path):
    from course_utils.model.seen import note_of, seen

    model, own, history, data = three
    course_utils.save(str(tmp_path / "model"), model, own, history)
    about = json.loads((tmp_path / "model" / "course.json").read_text(encoding="utf-8"))
    assert about["seen"] == note_of(data.texts) == note_of(data.texts[::-1])
    assert len(about["seen"]["marks"]) == 8 * len(set(data.texts))
    text = data.texts[0]
    asked = [text, f" {text.upper()}\n", f"{text} more", ""]
    assert seen(asked, about["seen"]) == [True, True, False, False]
    new = [f"a new text, number {number}" for number in range(5_000)]
    assert sum(seen(new, note_of(f"an old text, number {n}" for n in range(5_000)))) == 0
    for broken in (None, {}, [], {"salt": "zz", "marks": ""}, {"salt": 1, "marks": 2}):
        assert seen(asked, broken) is None
    marks = [note_of([text, other])["marks"] for other in ("one", "two")]
    assert len({mark[place : place + 8] for mark in marks for place in (0, 8)}) == 4  # salted


def some_texts(word: str) -> LabeledTexts:
    """Six texts with that word in each, of all three labels."""
    return LabeledTexts([f"{word} film {n}" for n in range(6)], [0, 1, 2] * 2, NAMES)


def test_a_second_training_knows_the_texts_of_the_first(three, tmp_path):
    """On the same model, on one that was saved, and on a copy; an untrained copy knows none."""
    from course_utils.model.seen import note_of, past_of, seen

    first, second = some_texts("first"), some_texts("second")
    model, own = small_model(NAMES), three[1]
    before = copy.deepcopy(model)
    run = course_utils.fine_tune(model, own, first)
    assert run.seen == note_of(first.texts)
    again = course_utils.fine_tune(copy.deepcopy(model), own, second)
    assert all(seen(first.texts + second.texts, again.seen))
    assert course_utils.fine_tune(before, own, second).seen == note_of(second.texts)

    course_utils.save(str(tmp_path / "first"), model, own, run)
    for later in (
        course_utils.load(str(tmp_path / "first"))[0],
        course_utils.load_classifier(str(tmp_path / "first"), NAMES, quiet=True),
    ):
        assert seen(first.texts, past_of(later)) == [True] * 6
        history = course_utils.fine_tune(later, own, second)
        assert history.seen == again.seen
    assert not any(seen(some_texts("third").texts, again.seen))
    twin = course_utils.load_scratch_twin(str(tmp_path / "first"), NAMES)
    assert course_utils.fine_tune(twin, own, second).seen == note_of(second.texts)


def test_a_model_with_an_unknown_past_stays_one(three, tmp_path):
    """What nobody noted is not said to be nothing."""
    own, data = three[1], some_texts("any")
    small_model(NAMES).save_pretrained(tmp_path / "other")
    own.save_pretrained(tmp_path / "other")
    by_hand = BertForSequenceClassification.from_pretrained(tmp_path / "other")
    loaded = course_utils.load_classifier(str(tmp_path / "other"), NAMES, quiet=True)
    for model in (by_hand, loaded):
        assert course_utils.fine_tune(model, own, data).seen is None
    course_utils.save(str(tmp_path / "model"), small_model(NAMES), own)  # without a history
    model, own = course_utils.load(str(tmp_path / "model"))
    run = course_utils.fine_tune(model, own, data)
    course_utils.save(str(tmp_path / "model"), model, own, run)
    assert "seen" not in json.loads((tmp_path / "model" / "course.json").read_text("utf-8"))
    sentiment, own = course_utils.load_sentiment_model()
    from course_utils.model.seen import past_of

    assert past_of(sentiment) is None and past_of(three[0]) == three[2].seen


def test_a_card_that_is_half_open(three, tmp_path, capsys):
    card = course_utils.model_card({"purpose": "Sorting."})
    course_utils.save(str(tmp_path / "model"), *three[:3], card=card)
    left = "Still open: name, not_for, data, result, weak_spots."
    assert f"\nIts README.md is the card. {left}\n" in capsys.readouterr().out
    assert "model-index" not in metadata_load(tmp_path / "model" / "README.md")
    result = course_utils.evaluate(*three[:2], three[3], quiet=True)
    card = course_utils.model_card({}, result)
    course_utils.save(str(tmp_path / "model"), *three[:3], card=card)
    header = metadata_load(tmp_path / "model" / "README.md")
    assert header["model-index"][0]["name"] == "model"
    assert header["model-index"][0]["results"][0]["dataset"]["type"] == "my-texts"


def test_a_card_of_another_model(three, card, tmp_path):
    other = small_model(("bad", "good"))
    with pytest.raises(DataError, match="first evaluation on the card has the labels 1, .5,"):
        course_utils.save(str(tmp_path / "model"), other, tokenizer(), card=card)
    for wrong in ("# My card", FIELDS):
        with pytest.raises(DataError, match=r"card is a \w+, expected what model_card\(\.\.\.\)"):
            course_utils.save(str(tmp_path / "model"), other, tokenizer(), card=wrong)
    assert not (tmp_path / "model").exists()


def test_a_page_of_ones_own_is_never_replaced(three, saved, card, capsys):
    """Also one that `save` wrote and somebody changed; until then it is renewed."""
    course_utils.save(str(saved), *three[:3], card=card)
    assert (saved / "README.md").read_text(encoding="utf-8").count("# Model card: Prices") == 1
    mine = (saved / "README.md").read_text(encoding="utf-8") + "\nAsk me: Ada.\n"
    (saved / "README.md").write_text(mine, encoding="utf-8")
    for _ in range(2):
        capsys.readouterr()
        course_utils.save(str(saved), *three[:3], card=card)
        assert (saved / "README.md").read_text(encoding="utf-8") == mine
        said = "README.md in it is your own, and stays as it is, without the card.\n"
        assert said in capsys.readouterr().out
    course_utils.save(str(saved), *three[:3])
    assert "README.md in it is your own, and stays as it is.\n" in capsys.readouterr().out
    assert sorted(path.name for path in saved.parent.iterdir()) == ["model"]
    (saved / "README.md").unlink()
    course_utils.save(str(saved), *three[:3])
    assert "Not judged yet" in (saved / "README.md").read_text(encoding="utf-8")


def test_a_page_in_a_save_of_an_earlier_version(three, saved):
    """It wrote none, so what lies there is the student's."""
    about = json.loads((saved / "course.json").read_text(encoding="utf-8"))
    del about["readme"], about["files"]
    (saved / "course.json").write_text(json.dumps(about), encoding="utf-8")
    (saved / "README.md").write_text("mine", encoding="utf-8")
    course_utils.save(str(saved), *three[:3])
    assert (saved / "README.md").read_text(encoding="utf-8") == "mine"


def test_many_labels_are_not_all_on_the_page(tmp_path):
    names = [f"topic, {number}" for number in range(150)]
    course_utils.save(str(tmp_path / "model"), small_model(names), tokenizer())
    page = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "one of 150 labels: `topic, 0`," in page
    assert "`topic, 19` and 130 more (all of them in config.json)." in page


@pytest.mark.parametrize(
    ("notes", "hub_id"),
    [
        ({}, None),
        ({"course_checkpoint": "minilm"}, "sentence-transformers/all-MiniLM-L6-v2"),
        ({"course_checkpoint": "google/bert_tiny"}, "google/bert_tiny"),
        ({"course_checkpoint": "my-bert-0123abcd"}, None),  # a folder
        ({"course_checkpoint": "my-bert-0123abcd", "course_origin": "bert-base-uncased"},
         "bert-base-uncased"),
    ],
)  # fmt: skip
def test_base_model(notes, hub_id):
    assert readme.base_model(BertConfig(**notes)) == hub_id


def test_save_tells_what_is_wrong_before_it_writes(three, tmp_path):
    with pytest.raises(CourseError):
        course_utils.save(str(tmp_path / "model"), torch.nn.Linear(2, 2), three[1])
    assert not list(tmp_path.iterdir())


def test_nothing_is_sent_anywhere():
    """`save` and a card have no way to push: that is a command that a person types."""
    for name in ("model/saving.py", "model/readme.py", "judge/card.py"):
        source = (ROOT / "course_utils" / name).read_text(encoding="utf-8")
        assert not re.search("push_to_hub|upload|HfApi|create_repo", source), name
