"""Every place that makes HTML or Markdown of a text, a label or a name that somebody wrote."""

import copy
import re
from functools import cache

import numpy as np
import pandas as pd
from markdown_it import MarkdownIt
from real_model import classifier, new_classifier, tokenizer
from test_figures_names import judged

import course_utils
from course_utils.judge.card import FIELDS
from course_utils.look.attention import Attention
from course_utils.look.figures import base as figures
from course_utils.look.views import base
from course_utils.model.readme import write_readme

PAYLOADS = {
    "script": "<script>f()</script>",
    "picture": "<img src=x onerror=f()>",
    "out of an attribute": '"><img src=x onerror=f()>',
    "out of another one": "'><svg onload=f()>",
    "an attribute": '" onmouseover="f()',
    "out of a table": "</td></table><xss>",
    "out of a figure": "</figcaption><xss>",
    "out of a box": "</textarea><xss>",
    "a link": "<a href=javascript:f()>x",
    "a comment": "<!-- <xss> -->",
    "never closed": "<xss onclick=f() ",
    "escaped already": "&lt;xss&gt; &#60;xss&#62;",
    "as if code": "``<xss>`",
    "as if code, escaped": r"\`<xss>\`",
    "with a blank line": "<xss>\n\n<xss>",
}


def html(shown) -> str:
    return shown._repr_html_()


def stored_and_typed(view, text: str = None) -> str:
    """What a stored notebook keeps of a view, and what it shows once `text` is typed into it."""
    box, *_, answer = view.children
    before = answer.value
    if text is not None:
        box.value = text
    return view._repr_mimebundle_()["text/html"] + before + answer.value


def rendered(markdown: str) -> str:
    """The page that CommonMark makes, with all HTML that it lets through."""
    markdown = re.sub(r"\A---\n.*?\n---\n", "", markdown, flags=re.S)
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)


def data(payload):
    texts = [f"{payload} {n}" for n in range(40)]
    columns = {payload: texts}
    return course_utils.LabeledTexts(texts, [0, 1] * 20, (payload, "other"), payload, columns)


def evaluation(payload, name=None):
    return judged((payload, "other"), name or payload)


@cache
def own_model():
    return new_classifier().eval()


def named_model(payload):
    """One model, whose first label has another name each time."""
    own_model().config.id2label = {0: payload, 1: "b"}
    return own_model()


@cache
def gap_model():
    return course_utils.load_masked_lm("minilm")[1]


def words(payload):
    parts = tuple(payload.split(" "))
    scores = np.linspace(-1, 1, len(parts))
    return course_utils.Attribution(parts, scores, payload, "b", 0.5, payload, None)


def file_report(payload, folder):
    """A file with a payload in its name, its labels, what is repaired, left out and kept."""
    line = " ".join(payload.split()).replace('"', '""')
    rows = "".join(f'"{line} {n}","{line}"\n"fine {n}",other\n' for n in range(10))
    rows += f'"{line}",\n"\0{line}",other\n"lost \ufffd {line}",other\n"{line} 1",other\n'
    path = folder / f"{re.sub('[/ ]+', ' ', line)}.csv"
    path.write_bytes(f"text,label\n{rows}".encode())
    return course_utils.read_texts(path, quiet=True).report


def card(payload):
    fields = {key: payload for key in (*FIELDS, "personal_data")}
    return course_utils.model_card(fields, evaluation(payload), evaluation(payload, "b"))


def readme(payload, folder, **options):
    write_readme(folder / "README.md", payload, named_model(payload), tokenizer(), **options)
    return (folder / "README.md").read_text(encoding="utf-8")


def attention(payload):
    return Attention([payload, "b"], np.full((2, 2, 2, 2), 0.5))


def drawn(payload):
    """Every figure has this form, whatever it draws."""
    record = pd.DataFrame({"a": [1]})
    record.attrs["date"] = payload
    return course_utils.Figure(figures.new_axes()[0], payload, payload, record)


def own_tokenizer(payload):
    """One that has the payload as a token: minilm's cuts each into single signs."""
    own = copy.deepcopy(tokenizer())
    own.add_tokens([payload.strip()])
    return own


def plot_batch(payload):
    own = own_tokenizer(payload)
    return course_utils.plot_batch(own, own([payload], return_tensors="pt"))


def report(payload):
    return course_utils.data_report(data(payload), tokenizer=tokenizer(), max_length=4)


def failing_view():
    """A view that says what went wrong, in the words of an error that quotes what was typed."""
    box = base.text_box("Text:", "Type")

    def draw(text):
        if text:
            raise ValueError(text)
        return ""

    return base.follow([box], draw, "", "")


PLACES = {
    # place: (what makes its page of a payload and a folder, is the payload to be read there)
    "figure: its form": (lambda p, _: html(drawn(p)), True),
    "figure: many labels": (
        lambda p, _: html(course_utils.plot_confusion(judged([p, *map(str, range(30))], p))),
        True,
    ),
    "figure: a batch": (lambda p, _: html(plot_batch(p)), True),
    "what a file held": (lambda p, folder: html(file_report(p, folder)), True),
    "what a file held, a table": (lambda p, folder: html(file_report(p, folder).table()), True),
    "before training": (lambda p, _: html(report(p)), True),
    "before training, turned": (lambda p, _: html(report(p).turned()), True),
    "texts": (lambda p, _: html(data(p).to_frame()), True),
    "confusion": (lambda p, _: html(evaluation(p).confusion()), True),
    "worst confusions": (lambda p, _: html(evaluation(p).worst_confusions()), True),
    "per class": (lambda p, _: html(evaluation(p).per_class()), True),
    "errors": (
        lambda p, _: html(
            course_utils.Evaluation(p, data(p), np.tile([0.4, 0.6], (40, 1))).largest_errors()
        ),
        True,
    ),
    "words in colour": (lambda p, _: html(words(p)), True),
    "several in colour": (lambda p, _: html(course_utils.show_words(words(p), words(p))), True),
    "another word": (
        lambda p, _: html(
            course_utils.counterfactual(classifier(), tokenizer(), f"{p} film", "film", [p])
        ),
        True,
    ),
    "occlusion": (
        lambda p, _: html(course_utils.occlusion(named_model(p), tokenizer(), f"{p} film")),
        True,
    ),
    "view: prediction": (
        lambda p, _: stored_and_typed(
            course_utils.live_prediction(named_model(p), tokenizer(), [p], words=True), p
        ),
        True,
    ),
    "view: tokens": (
        lambda p, _: stored_and_typed(course_utils.live_tokens(own_tokenizer(p), p), f"{p} b"),
        True,
    ),
    "view: gap": (
        lambda p, _: stored_and_typed(
            course_utils.live_blank(gap_model(), tokenizer(), f"{p} [MASK]"), f"{p} b"
        ),
        True,
    ),
    "view: padding": (
        lambda p, _: stored_and_typed(course_utils.batch_builder(tokenizer(), [p] * 9, 4)),
        False,
    ),
    "view: threshold": (
        lambda p, _: stored_and_typed(course_utils.threshold_slider(evaluation(p))),
        True,
    ),
    "view: attention": (
        lambda p, _: stored_and_typed(course_utils.attention_chooser(attention(p))),
        True,
    ),
    "view: a class": (
        lambda p, _: stored_and_typed(
            course_utils.class_results(course_utils.load_record("fine_tuning")), p
        ),
        False,
    ),
    "view: an error": (lambda p, _: stored_and_typed(failing_view(), p), True),
    "card": (lambda p, _: rendered(card(p)._repr_markdown_()), True),
    "card in a file": (lambda p, _: rendered(card(p).markdown()), True),
    "page of a saved model": (lambda p, folder: rendered(readme(p, folder)), True),
    "page with a card": (
        lambda p, folder: rendered(
            readme(p, folder, card=course_utils.model_card({"name": p, "data": p}))
        ),
        True,
    ),
}
