"""`use(data=...)`: somebody's own texts, with their own labels, in place of the film reviews."""

import csv
import random
import warnings
from pathlib import Path

import pytest
import real_model
import tokenizers
import torch
import transformers
import unigram_stand_in
from test_other_checkpoint import printed, run_all_cells, stops

import course_utils
from course_utils import settings
from course_utils.data import reviews
from course_utils.errors import DataError, SettingsError

ROOT = Path(__file__).resolve().parent.parent
THINGS = (
    "das Hotel der Bus die Suppe der Kurs das Rad die Jacke der Arzt das Buch die App der Laden"
).split(" ")
GERMAN = {
    "gut": ("gefällt mir sehr", "ist wunderbar", "war pünktlich und freundlich", "macht Freude"),
    "schlecht": ("gefällt mir nicht", "ist kaputt", "war teuer und laut", "macht nur Ärger"),
}


@pytest.fixture(autouse=True)
def fresh_settings(monkeypatch):
    monkeypatch.setattr(settings, "_settings", None)


def german(each: int = 150) -> list:
    """Rows of text and label, so many of each label, no two alike."""
    draw, rows = random.Random(0), set()
    nouns = [" ".join(pair) for pair in zip(THINGS[::2], THINGS[1::2], strict=True)]
    for label, verdicts in GERMAN.items():
        chosen = set()
        while len(chosen) < each:
            one, two = draw.sample(nouns, 2)
            first, second = draw.choice(verdicts), draw.choice(verdicts)
            chosen.add((f"{one.capitalize()} {first}, und {two} {second}.", label))
        rows |= chosen
    return sorted(rows)


def write(path, rows, names=("text", "label")):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([names, *rows])
    return path


@pytest.fixture
def table(tmp_path):
    return write(tmp_path / "meinungen.csv", german())


# --- the switch ---


def test_the_reviews_are_the_default(capsys):
    assert settings.current().data == "reviews" and reviews.own_texts() is None
    train, _, _ = course_utils.load_reviews(quiet=True)
    assert train.name == "reviews, train" and reviews.data_note() == ""
    course_utils.use()
    assert "data" not in capsys.readouterr().out


def test_a_file_with_its_own_labels(table, capsys):
    course_utils.use(data=table)
    assert capsys.readouterr().out.endswith(f"device: cpu   data: {table}\n")
    parts = course_utils.load_reviews()
    assert [part.label_names for part in parts] == [("gut", "schlecht")] * 3
    assert sum(map(len, parts)) == 300
    assert capsys.readouterr().out.startswith("meinungen, train: ")
    model = course_utils.load_classifier("minilm", quiet=True)
    assert model.config.id2label == {0: "gut", 1: "schlecht"}
    course_utils.use(data="reviews")
    assert course_utils.load_reviews(quiet=True)[0].name == "reviews, train"
    assert course_utils.load_classifier("minilm", quiet=True).config.id2label[0] == "negative"


def test_texts_that_were_read_with_other_names(tmp_path, capsys):
    path = write(tmp_path / "post.csv", german(), ("Nachricht", "Urteil"))
    course_utils.use(data=path)
    with pytest.raises(
        DataError, match=r"expected 'text' and 'label'.*use\(data=course_utils.read"
    ):
        course_utils.load_reviews()
    names = ("schlecht", "gut")
    texts = course_utils.read_texts(path, text="Nachricht", label="Urteil", label_names=names)
    course_utils.use(data=texts, size="full")
    assert capsys.readouterr().out.endswith("data: post\n")
    train, _, _ = course_utils.load_reviews(quiet=True)
    assert train.label_names == names == reviews.label_names()


def test_the_variable_names_a_file(table, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(table))
    assert course_utils.load_reviews(quiet=True)[2].name == "meinungen, test"
    monkeypatch.setenv("COURSE_DATA", "missing.csv")
    monkeypatch.setattr(settings, "_settings", None)
    with pytest.raises(SettingsError, match="COURSE_DATA='missing.csv': there is no such file in"):
        settings.current()


@pytest.mark.parametrize("data", ["missing.csv", ".", 7, ["a text"]])
def test_no_such_data_changes_nothing(data):
    course_utils.use(size="full")
    with pytest.raises(SettingsError, match=r"no such file in|is not a text"):
        course_utils.use(data=data)
    assert settings.current().data == "reviews"


def test_a_file_that_changes_is_read_again(table):
    course_utils.use(data=table)
    before, note = course_utils.load_reviews(quiet=True), reviews.data_note()
    assert note.startswith("-meinungen-") and reviews.data_note() == note
    write(table, german(160))
    assert len(course_utils.load_reviews(quiet=True)[0]) > len(before[0])
    assert reviews.data_note() != note


def test_large_data_is_sampled_and_full_is_whole(monkeypatch, table):
    monkeypatch.setitem(settings.SIZES, "default", 100)
    course_utils.use(data=table)
    assert course_utils.load_reviews(quiet=True)[0].counts() == {"gut": 50, "schlecht": 50}
    course_utils.use(size="full")
    assert len(course_utils.load_reviews(quiet=True)[0]) > 200


def test_few_texts_and_many_labels_are_refused(tmp_path):
    course_utils.use(data=write(tmp_path / "few.csv", german(40)))
    with pytest.raises(DataError, match="few: notebook 06 draws 9 texts of each label from valid"):
        course_utils.load_reviews()
    rows = [(text, f"{label}{place % 2}") for place, (text, label) in enumerate(german())]
    course_utils.use(data=write(tmp_path / "many.csv", rows))
    with pytest.raises(DataError, match="many has 4 labels: notebooks 05 and 06 tell two apart"):
        course_utils.load_reviews()


# --- what was measured with the film reviews ---


def test_records_and_ranges_say_so(table, capsys):
    course_utils.use(data=table)
    capsys.readouterr()
    record = course_utils.load_record("fine_tuning")
    assert record.empty
    assert capsys.readouterr().out == "'fine_tuning' was not measured for this data.\n"
    for summary in (
        course_utils.plot_seeds(record).summary,
        course_utils.plot_learning_rates(record).summary,
        course_utils.plot_epochs(course_utils.load_record("epochs")).summary,
        course_utils.plot_fair_race(course_utils.load_record("fair_race")).summary,
        course_utils.plot_two_parts(record).summary,
    ):
        assert "not measured for this data" in summary
    capsys.readouterr()
    course_utils.expect("accuracy", 0.77)
    assert capsys.readouterr().out == "accuracy 0.770: not measured for this data.\n"


def test_what_has_nothing_to_do_with_the_data_stays(table):
    course_utils.use(data=table)
    for name in ("slide_recipe", "articles", "masked_lm"):
        assert len(course_utils.load_record(name))


def test_each_record_is_about_the_reviews_or_not():
    """A new record has to be put on one side."""
    from course_utils.judge import records

    other = {
        "articles", "continued_pretraining", "label_efficiency", "masked_lm", "slide_recipe",
        "time_to_accuracy", "topics",
    }  # fmt: skip
    assert {file.stem for file in records.FOLDER.glob("*.csv")} == records.OF_REVIEWS | other


def test_the_loop_of_5_2_is_judged_on_the_reviews(table):
    from course_utils.lessons.lesson_05.exercises import model_for_the_loop, reviews_for_the_loop

    course_utils.use(data=table)
    data = reviews_for_the_loop()
    assert data.name == "reviews, train" and len(data) == 128
    assert tuple(model_for_the_loop().config.id2label.values()) == data.label_names


def test_a_model_of_other_data_is_not_loaded(table):
    course_utils.save("reviews", real_model.new_classifier(), real_model.tokenizer())
    film = course_utils.model_folder("reviews")
    course_utils.use(data=table)
    mine = course_utils.model_folder("reviews")
    assert film.is_dir() and mine != film and not mine.exists()


# --- the notebooks ---


def run(name, table, checkpoint, folder):
    """The notebook, run with this data, and what it prints."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = ROOT / "notebooks" / f"{name}.ipynb"
        notebook = run_all_cells(path, checkpoint, folder, COURSE_DATA=str(table))
    assert not stops(notebook), "\n\n".join(stops(notebook))
    return notebook, printed(notebook)


def german_checkpoint(folder):
    """A small BERT of random weights, whose WordPiece knows German words in capitals and not."""
    inner = tokenizers.BertWordPieceTokenizer(lowercase=False)
    inner.train_from_iterator([text for text, _ in german()], vocab_size=400, show_progress=False)
    marks = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner._tokenizer, model_max_length=512, **marks
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = transformers.BertConfig(vocab_size=len(tokenizer), **unigram_stand_in.SHAPE)
        transformers.BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_05_and_06_run_to_the_end(table, tmp_path):
    """German opinions, with a small checkpoint of random weights that has German words."""
    checkpoint = german_checkpoint(tmp_path / "deutsch")
    notebook, said = run("05_fine_tuning", table, checkpoint, tmp_path)
    assert "meinungen, train: " in said and "gut: " in said
    assert "'fine_tuning' was not measured for this data." in said
    told = str([cell.get("outputs") for cell in notebook.cells])
    assert "only your own runs: this recipe was not measured for this data" in told.lower()
    (saved,) = (tmp_path / "models").glob("reviews-*-meinungen-*")
    notebook, said = run("06_evaluation", table, checkpoint, tmp_path)
    assert said.startswith("Loading the model that you saved in notebook 05")
    told = str([cell.get("outputs") for cell in notebook.cells])
    assert "Other seeds were not measured for this data" in told
    assert "Other test texts" in told and "ther test reviews" not in told
