"""Words in colour: safe, readable for everyone, and the same on every computer but for decimals."""

import configparser
import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import course_utils
from course_utils.errors import DataError
from course_utils.look.figures import words as module

WORDS = ("a", "warm", "but", "<script>alert(1)</script>", "&", '"film"')


def attribution(scores=(0.1, 2.0, -1.0, 0.5, 0.001, 0.0), **changes):
    made = course_utils.Attribution(
        WORDS, np.array(scores), "positive", "negative", 0.9, "occlusion", None
    )
    return dataclasses.replace(made, **changes)


class Reader(HTMLParser):
    """What a browser finds: tags, their styles, and the text."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.open, self.texts, self.boxes = [], [], [], {}
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag != "br":
            self.open.append((tag, dict(attributes).get("style", "")))
        assert not [name for name, _ in attributes if name.startswith("on")]

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        self.texts.append(data)
        styles = [style for _, style in self.open]
        if "border-top" in "".join(styles):
            self.boxes[data] = styles


def read(*attributions):
    reader = Reader(course_utils.show_words(*attributions)._repr_html_())
    assert not reader.open
    return reader


def thickness(box, side):
    return float(re.search(rf"border-{side}:([\d.]+)px", "".join(box))[1])


# --- escaping ---


def test_everything_is_shown_and_nothing_is_run():
    nasty = '<img src=x onerror="alert(1)"> & "co"'
    reader = read(attribution(label=nasty, rival="<b>", method="<i>"))
    assert set(reader.tags) == {"div", "figure", "figcaption", "span", "br"}
    text = "".join(reader.texts)
    for word in (*WORDS, nasty, "<b>", "<i>"):
        assert word in text


# --- readable ---


def test_lines_and_numbers_say_what_colours_say():
    boxes = read(attribution()).boxes
    assert (
        thickness(boxes["warm"], "bottom") == module.LINE and thickness(boxes["warm"], "top") == 0
    )
    assert thickness(boxes["but"], "top") == module.LINE / 2
    assert thickness(boxes["but"], "bottom") == 0
    assert 0 < thickness(boxes["a"], "bottom") < thickness(boxes['"film"'], "bottom") + 1
    assert "solid" in re.search(r"border-bottom:[^;]*", "".join(boxes["warm"]))[0]
    assert "dashed" in re.search(r"border-top:[^;]*", "".join(boxes["but"]))[0]
    text = " ".join(read(attribution()).texts)
    for shown in ("+2.00", "-1.00", "+0.50", "+0.10", "+0.00"):
        assert shown in text
    assert "-0.00" not in text


def test_words_stand_in_the_order_of_the_text():
    shown = [text for text in read(attribution()).texts if text in WORDS]
    assert shown == list(WORDS)


def test_caption_names_the_strongest_words_only():
    text = next(text for text in read(attribution()).texts if text.startswith("Occlusion"))
    assert text == (
        "Occlusion: the answer is “positive” (probability 0.900), not “negative”; most for it: "
        "“warm” (+2.00), “<script>alert(1)</script>” (+0.50); most against it: “but” (-1.00)."
    )


def test_no_word_against():
    html = attribution(scores=[1, 1, 1, 1, 1, 1])._repr_html_()
    assert "; most against it: no word." in html
    html = attribution(scores=[0, 0, 0, 0, 0, 0])._repr_html_()
    assert "most for it: no word; most against it: no word." in html and "nan" not in html


def luminance(colour):
    """Relative luminance as WCAG 2 defines it."""
    parts = np.asarray(colour, dtype=float) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(first, second):
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def hex_colour(text):
    return np.array(list(bytes.fromhex(text.strip("# "))), dtype=float)


def background(styles):
    """What the reader sees behind a word: its layers of colour on the paper, from outside in."""
    seen = None
    for style in styles:
        for value in re.findall(r"background-color:([^;]+)", style):
            if value.startswith("#"):
                seen = hex_colour(value)
                continue
            *colour, share = map(float, re.fullmatch(r"rgba\((.*)\)", value)[1].split(","))
            seen = (1 - share) * seen + share * np.array(colour)
    return seen


def test_letters_are_dark_enough_at_every_strength():
    ladder = tuple(str(n) for n in range(201))
    scores = np.linspace(-1, 1, 201)
    many = attribution(words=ladder, scores=scores)
    boxes = read(many).boxes
    for word in (*ladder, "speaks for the answer", "speaks against it"):
        ink = hex_colour(re.search(r"(?<![-\w])color:([^;]+)", boxes[word][0])[1])
        assert contrast(ink, background(boxes[word])) >= 4.5, word
    # the stronger, the further from white; and blue stays apart from orange
    strength = [np.linalg.norm(255 - background(boxes[word])) for word in ladder]
    assert np.all(np.diff(strength[:101]) < 0) and np.all(np.diff(strength[100:]) > 0)
    against, speaks_for = background(boxes["0"]), background(boxes["200"])
    assert speaks_for[2] > speaks_for[0] and against[0] > against[2]


# --- several, and as text ---


def test_several_have_one_legend():
    reader = read(attribution(), attribution(method="integrated gradients", total=1.6))
    assert reader.tags.count("figure") == reader.tags.count("figcaption") == 2
    assert reader.texts.count("speaks for the answer") == 1
    assert attribution()._repr_html_().count("speaks against it") == 1


def test_text_form():
    assert repr(attribution(words=("a", "warm", "film"), scores=np.array([0, 1.25, -0.5]))) == (
        "occlusion: positive rather than negative\n"
        "    0.900  is the probability\n"
        "   +0.000  a\n"
        "   +1.250  warm\n"
        "   -0.500  film"
    )
    one = attribution()
    assert repr(course_utils.show_words(one, one)) == f"{one}\n\n{one}"


def test_wrong_things_to_show():
    with pytest.raises(DataError, match="found a str: give show_words what occlusion"):
        course_utils.show_words(attribution(), "a joy")
    with pytest.raises(DataError, match="Expected attributions"):
        course_utils.show_words()


def sanitised(text):
    """What is left for nbval to compare."""
    rules = configparser.RawConfigParser()
    rules.read(Path(__file__).with_name("nbval_sanitize.cfg"))
    for name in rules.sections():
        text = re.sub(rules[name]["regex"], rules[name]["replace"], text)
    return text


def test_another_computer_changes_decimals_only():
    """Scores that are a little different, one of them on the other side of 0."""
    here = attribution(scores=[1.23456, 0.71234, -0.9, 0.01, 0.0004, -0.5])
    there = attribution(scores=[1.23501, 0.71198, -0.9004, 0.0102, -0.0004, -0.4996])
    assert repr(here) != repr(there)
    assert sanitised(repr(here)) == sanitised(repr(there))
    assert here._repr_html_() != there._repr_html_()
    assert sanitised(here._repr_html_()) == sanitised(there._repr_html_())
