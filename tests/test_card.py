"""The model card: what it shows, what it calls open, and that it never replaces a file."""

import dataclasses

import pytest
from test_exercises_07 import FIELDS, RESULT

import course_utils
from course_utils.errors import CourseError, DataError


def test_words_and_measured_numbers():
    other = course_utils.majority_baseline(RESULT.data, RESULT.data)
    page = course_utils.model_card(FIELDS, RESULT, other).markdown()
    assert page.startswith("## Model card: Topics\n\n**What it is for.** Sorting headlines")
    low, high = (100 * bound for bound in RESULT.interval)
    row = f"| mine | 18 | 66.7 ({low:.1f} to {high:.1f}) | {RESULT.macro_f1:.3f} |"
    assert row in page.splitlines()
    assert "| majority label | 18 | 55.6 (" in page
    for text in FIELDS.values():
        assert text in page


def test_open_fields():
    fields = FIELDS | {"purpose": ..., "data": "  ", "weak_spots": "..."}
    del fields["not_for"]
    card = course_utils.model_card(fields, RESULT)
    assert card.open == ["purpose", "not_for", "data", "weak_spots"]
    assert card.markdown().count("*still open*") == 4
    assert repr(card) == "Model card: Topics (purpose, not_for, data, weak_spots still open)"
    assert repr(course_utils.model_card({})) == (
        "Model card: no name yet (name, purpose, not_for, data, result, weak_spots still open)"
    )


def test_a_card_without_evaluations_has_no_table():
    card = course_utils.model_card(FIELDS)
    assert "Measured" not in card.markdown()
    assert card.open == []
    assert repr(card) == "Model card: Topics (nothing still open)"


def test_a_notebook_shows_it_as_a_page():
    card = course_utils.model_card(FIELDS, RESULT)
    page = card._repr_markdown_()
    assert card.markdown().startswith(page) and "How to load" not in page


def test_line_breaks_do_not_break_the_page():
    card = course_utils.model_card(FIELDS | {"data": "two\n  lines,\n\n# one headline"})
    assert "**Data.** two lines, # one headline\n" in card.markdown()


@pytest.mark.parametrize(
    ("fields", "evaluations", "sentence"),
    [
        (["name"], (), "fields is a list, expected a dict: name, purpose"),
        ({"title": "x"}, (), "A model card has no field 'title'; it has name, purpose"),
        ({"name": 3}, (), "The field 'name' is 3, expected a text between quotes."),
        ({"name": None}, (), "The field 'name' is None, expected a text"),
        (FIELDS, (0.95,), "A card takes its numbers from evaluations, found a float"),
    ],
)
def test_what_a_card_refuses(fields, evaluations, sentence):
    with pytest.raises(DataError) as caught:
        course_utils.model_card(fields, *evaluations)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"language": "English"}, "language='English': expected a code of two or three letters"),
        ({"language": ["en", None]}, "language=['en', None]: expected a code"),
        ({"language": 3}, "language=3: expected a code"),
        ({"datasets": ["a b"]}, "datasets=['a b']: expected names on the Hub, such as"),
        ({"datasets": []}, "datasets=[]: expected names on the Hub"),
        ({"datasets": {"a": 1}}, "datasets={'a': 1}: expected names on the Hub"),
        ({"license": "MIT License"}, "license='MIT License': expected the name that the Hub has"),
        ({"license": ["mit", "other"]}, "license=['mit', 'other']: expected the name"),
    ],
)
def test_what_the_hub_could_not_read_is_refused(said, sentence):
    with pytest.raises(DataError) as caught:
        course_utils.model_card(FIELDS, RESULT, **said)
    assert str(caught.value).startswith(sentence)


def test_what_is_said_for_the_hub():
    said = {"language": ("en", "de"), "datasets": "imdb", "license": "apache-2.0"}
    header = course_utils.model_card(FIELDS, **said).hub_header()
    assert header == {"language": ["en", "de"], "datasets": ["imdb"], "license": "apache-2.0"}
    header = course_utils.model_card(FIELDS, RESULT).hub_header()
    assert header["model_name"] == FIELDS["name"] and header["metrics"] == ["accuracy", "f1"]
    assert [told.metric_value for told in header["eval_results"]] == [
        round(RESULT.accuracy, 4), round(RESULT.macro_f1, 4),
    ]  # fmt: skip
    assert course_utils.model_card({}).hub_header() == {}


def test_the_first_dataset_is_that_of_the_numbers():
    header = course_utils.model_card(FIELDS, RESULT, datasets=["imdb", "sst2"]).hub_header()
    assert {told.dataset_type for told in header["eval_results"]} == {"imdb"}


def test_a_card_speaks_of_personal_data_whether_or_not_the_student_does():
    page = course_utils.model_card(FIELDS).markdown()
    assert "**Personal data.** A model can remember words of the texts" in page
    assert "Whether that was done here is *not said*." in page
    said = course_utils.model_card(FIELDS | {"personal_data": "All names\nare made up."})
    assert "numbers. All names are made up.\n" in said.markdown()
    assert "not said" not in said.markdown() and said.open == []
    for still in (..., "...", " "):
        page = course_utils.model_card(FIELDS | {"personal_data": still}).markdown()
        assert "*not said*" in page


def test_print_shows_the_page_and_how_to_load_the_model():
    card = course_utils.model_card(FIELDS, RESULT)
    assert str(card) == card.markdown()
    assert "**How to load it.**\n\n```python\nfrom transformers import pipeline\n" in str(card)


def test_nothing_is_written_unless_asked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    course_utils.model_card(FIELDS, RESULT).markdown()
    assert not list(tmp_path.iterdir())


def test_save(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    card = course_utils.model_card(FIELDS | {"data": "café"}, RESULT)
    card.save()
    assert capsys.readouterr().out == "Saved model_card.md.\n"
    assert (tmp_path / "model_card.md").read_text(encoding="utf-8") == card.markdown()


def test_save_says_what_is_open(tmp_path, capsys):
    course_utils.model_card(FIELDS | {"data": ...}).save(tmp_path / "card.md")
    assert capsys.readouterr().out == "Saved card.md. Still open: data.\n"


def test_a_file_is_never_replaced(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model_card.md").write_text("mine")
    with pytest.raises(CourseError) as caught:
        course_utils.model_card(FIELDS).save()
    assert str(caught.value) == (
        "'model_card.md' is there already, and a card never replaces a file: choose another name, "
        'for instance card.save("model_card_2.md").'
    )
    assert (tmp_path / "model_card.md").read_text() == "mine"


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(CourseError, match="cannot be written .*: choose another folder."):
        course_utils.model_card(FIELDS).save(tmp_path / "no" / "card.md")


def test_names_with_signs_of_markdown_are_shown_as_they_are():
    """Each stands in one cell of one row, and none is a formula, a tag or a link."""
    odd = dataclasses.replace(RESULT, name="$5 | $10\n<b>*[a](b)*</b> `x`")
    rows = course_utils.model_card(FIELDS, odd).markdown().splitlines()
    row = rows[rows.index("|---|---|---|---|") + 1]
    row = row.replace("<span>&#36;</span>", "$")
    assert row.startswith(r"| $5 \| $10 \<b\>\*\[a\](b)\*\</b\> \`x\` | 18 | ")
