"""The glossary is in order, and holds every term that a lesson puts in bold."""

import re
from functools import cache

import pytest

from tools import build as build_notebooks
from tools import glossary

pytestmark = pytest.mark.lint

ENTRIES = glossary.read_glossary()[1]
FORMS = glossary.all_spellings(ENTRIES)
LESSONS = {path.name[:2]: path for path in build_notebooks.find_lessons([])}
# Bold in the lessons, but no terms: labels and numbers follow a rule, these do not.
NOT_TERMS = {
    # what to do, keys, menus
    *("core path", "predict", "investigate", "modify", "esc", "shift + enter"),
    "kernel → restart kernel and run all cells",
    # the letters of a name
    *("b", "e", "r", "t"),
    # stress
    *("short", "silent", "words", '"not"', '"i had an awesome day!"'),
    *("the loss after the last step", "layer 6 and the head"),
    # names that are explained on the spot and used there only
    *("missing", "unexpected", "frozen body", "the frozen encoder"),
    *("top two layers", "all layers"),
}


def bold_texts(markdown: str) -> list[str]:
    """All bold texts, each on one line."""
    return [" ".join(bold.split()) for bold in glossary.BOLD.findall(markdown) if bold]


@cache
def prose(number):
    """The Markdown of a lesson that students see."""
    cells = build_notebooks.student_notebook(LESSONS[number]).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def is_label(bold):
    """Whether a bold text is a label or a number: "Predict:", "2. Baselines.", "16"."""
    return bold[-1] in ":.?" or (bold[0].isdigit() and bold.lower() not in FORMS)


def occurs(names, number):
    words = re.sub(r"\s+", " ", prose(number).lower())
    forms = {form for name in names for form in glossary.spellings(name)}
    return any(re.search(rf"(?<![\w-]){re.escape(form)}(?![\w-])", words) for form in forms)


def in_bold(names, number):
    found = (FORMS.get(bold.lower()) for bold in bold_texts(prose(number)))
    return names[0] in found


def linked_lessons(about):
    return re.findall(r"\]\((\d\d)_\w+\.ipynb\)", about)


def test_alphabetical_order():
    names = [names[0].lower() for names in ENTRIES]
    assert names == sorted(names)


def test_no_term_has_two_entries():
    text = glossary.GLOSSARY.read_text(encoding="utf-8").lower()
    names = [name for names in re.findall(r"^## (.+)$", text, re.M) for name in names.split(", ")]
    assert sorted(names) == sorted(set(names))
    for form, first in FORMS.items():  # nor two by its plural
        owners = [n for n in ENTRIES if any(form in glossary.spellings(name) for name in n)]
        assert len(owners) == 1, f"{form!r} belongs to {owners}, and links lead to {first!r}"


@pytest.mark.parametrize("names", ENTRIES, ids=lambda names: names[0])
def test_entry_is_short_and_names_its_lessons(names):
    about = ENTRIES[names]
    explanation, _, where = about.rpartition("*First in [")
    assert where, f"{names[0]} does not say where it comes from"
    assert 1 <= len(re.findall(r"[.?!:]\*?(?=\s|$)", explanation)) <= 5
    assert len(explanation.split()) <= 60
    for number, link in re.findall(r"\[(\d\d)\]\(([^)]+)\)", about):
        assert link == f"{LESSONS[number].stem}.ipynb"
        assert occurs(names, number), f"{names[0]} is not in lesson {number}"


@pytest.mark.parametrize("names", ENTRIES, ids=lambda names: names[0])
def test_first_in_is_the_first_lesson_with_the_term_in_bold(names):
    """A term that is bold nowhere comes from the first lesson that uses it."""
    introduced = [number for number in LESSONS if in_bold(names, number)]
    used = [number for number in LESSONS if occurs(names, number)]
    numbers = linked_lessons(ENTRIES[names])
    assert numbers[0] == (introduced or used)[0]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("number", LESSONS)
def test_bold_terms_of_a_lesson_have_an_entry(number):
    bold = {text.lower() for text in bold_texts(prose(number)) if not is_label(text)}
    missing = bold - FORMS.keys() - NOT_TERMS
    assert not missing, "write an entry in notebooks/glossary.md, or add it to NOT_TERMS"


def test_list_of_other_bold_texts_is_up_to_date():
    bold = {text.lower() for number in LESSONS for text in bold_texts(prose(number))}
    assert bold >= NOT_TERMS
    assert not NOT_TERMS & FORMS.keys()


@pytest.mark.parametrize("names", ENTRIES, ids=lambda names: names[0])
def test_bold_words_of_an_entry_have_an_entry(names):
    for bold in bold_texts(ENTRIES[names]):
        assert bold.lower() in FORMS
        assert FORMS[bold.lower()] != names[0], f"{names[0]} refers to itself"


def test_terms_are_found_in_all_their_forms():
    forms = glossary.all_spellings([("token",), ("probability",), ("pre-training", "pre-trained")])
    for form in ("token", "tokens", "probabilities", "pre-trained"):
        assert form in forms
    assert forms["pre-trained"] == "pre-training"


def test_only_the_first_bold_use_becomes_a_link():
    text = "A **Token**, two **tokens**, `**token**`, and an **other** word."
    linked = glossary.link_terms(text, glossary.all_spellings([("token",)]), set())
    assert linked == text.replace("**Token**", "**{term}`Token <token>`**")
