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
    assert card._repr_markdown_() == card.markdown()


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
