"""Names of labels and texts in figures and views: any script, any length, any number of them."""

import html
import io
import logging
import re
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from figure_form import check_form
from matplotlib import font_manager
from matplotlib.text import Text
from PIL import Image

import course_utils
from course_utils.errors import DataError
from course_utils.judge.evaluation import Evaluation
from course_utils.look.attention import Attention
from course_utils.look.figures import base, letters
from course_utils.look.views import results
from course_utils.look.views import texts as text_views

NAMES = {
    "dollars": ("$", "$$", "$$$", "$5 to $10", r"\frac{1}", "_x"),
    "chinese": ("好评", "差评", "中评, ok"),
    "hindi": ("सकारात्मक", "नकारात्मक", "ठीक है"),
    "arabic": ("ممتاز", "سيئ جدا", "متوسط 3"),
    "odd": (
        "<b>bold</b>",
        "a\nb\tc",
        "👨‍👩‍👧 🎉",
        "\u202eabc",
        "e\u0301" * 9,
        "",
        "\x00",
        "\U0001f9ff",
    ),
    "long": tuple(f"{'complaint about the delivery of my order, ' * 2}{n}" for n in range(9)),
    "15": tuple(f"intent number {n}" for n in range(15)),
    "20": tuple(f"intent_{n}" for n in range(20)),
    "150": tuple(f"第{n}个很长很长很长很长很长很长很长的标签" for n in range(150)),
}


def judged(names, name="fine-tuned BERT", each=4):
    """An evaluation that is right in about half of its texts."""
    labels = np.arange(each * len(names)) % len(names)
    random = np.random.default_rng(seed=0)
    shares = random.dirichlet(np.ones(len(names)), len(labels))
    shares[random.random(len(labels)) < 0.5] /= 9
    shares[np.arange(len(labels)), labels] += random.random(len(labels))
    data = course_utils.LabeledTexts([f"t {n}" for n in range(len(labels))], labels, names)
    return Evaluation(name, data, shares / shares.sum(axis=1, keepdims=True))


def probed():
    shares = {"accuracy": 0.6, "low": 0.5, "high": 0.7, "control": 0.3, "chance": 0.3}
    table = pd.DataFrame([{**shares, "texts": 50}] * 2, pd.RangeIndex(2, name="layer"))
    table.attrs["correct"] = [[True] * 30 + [False] * 20] * 2
    return table


def blanks(names):
    table = pd.DataFrame({"word": names, "probability": np.linspace(0.5, 0.1, len(names))})
    table.attrs["text"] = f"[MASK] {' '.join(names)}"
    return table


def map_of(names):
    labels = np.arange(4 * len(names)) % len(names)
    vectors = np.random.default_rng(seed=0).normal(size=(2, len(labels), 5))
    return course_utils.plot_sentence_map(*vectors, labels, names)


def attention_of(names):
    tokens = list(names)[:30]
    return Attention(tokens, np.full((1, 1, len(tokens), len(tokens)), 1 / len(tokens)))


def lines_of(names):
    return {name: [0.1, 0.2] for name in names[:4]}


def senses_of(names):
    vectors = np.random.default_rng(seed=0).normal(size=(4, 3, 5))
    return {name: vectors for name in names[:2]}


FIGURES = {
    "confusion": lambda names: course_utils.plot_confusion(judged(names)),
    "accuracies": lambda names: course_utils.plot_accuracies(
        [judged(("a", "b"), n) for n in names[:5]]
    ),
    "calibration": lambda names: course_utils.plot_calibration(
        [judged(("a", "b"), n) for n in names[:4]]
    ),
    "sentence map": map_of,
    "probes": lambda names: course_utils.plot_probes(
        {names[0]: {name: probed() for name in names[:4]}}
    ),
    "attention": lambda names: course_utils.plot_attention(attention_of(names), 1),
    "agreements": lambda names: course_utils.plot_agreements(
        {name: [0.2, 0.4] for name in names[:9]}
    ),
    "blanks": lambda names: course_utils.plot_blanks(blanks(names[:5])),
    "by layer": lambda names: course_utils.plot_by_layer(lines_of(names), "similarity"),
    "separation": lambda names: course_utils.plot_separation(
        {name: senses_of(names) for name in names[:3]}, 1
    ),
    "weighted mean": lambda names: course_utils.plot_weighted_mean(
        names[:9], np.full(len(names[:9]), 1 / len(names[:9])), np.eye(len(names[:9]))
    ),
}


@pytest.fixture
def drawn(monkeypatch):
    """Every figure as matplotlib has it, after it was drawn."""
    found, write = [], letters.write_all_letters
    monkeypatch.setattr(
        base, "write_all_letters", lambda figure: found.append(figure) or write(figure)
    )
    return found


def written(figure) -> list:
    """All texts of a figure, as they were drawn last."""
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("plot", FIGURES)
def test_names_do_no_harm(plot, kind, drawn, caplog):
    """No warning, no formula, a picture of a bounded size, and few words about it."""
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("error")
        begin = time.process_time()
        figure = FIGURES[plot](NAMES[kind])
        assert time.process_time() - begin < 5
    assert not caplog.records
    check_form(figure)
    wide, high = Image.open(io.BytesIO(figure.png)).size
    assert wide < 1_500 + (300 if plot == "attention" else 0) and high < 2_000
    assert len(figure.alt) < (2_600 if len(NAMES[kind]) < 16 else 1_900)
    assert not any(text.get_parse_math() for text in drawn[0].findobj(Text) if text.get_text())
    for line in (figure.alt, figure.summary):
        assert not re.search(r"[\x00-\x1f\u202e\ud800-\udfff]", line)
    assert "<b>" not in figure._repr_html_() and r"\frac" not in str(figure.key)


# --- dollars ---


def test_dollars_are_written_as_they_are(drawn):
    course_utils.plot_confusion(judged(NAMES["dollars"]))
    assert set(NAMES["dollars"]) <= set(written(drawn[0]))


def test_a_notebook_makes_no_formula_of_dollars():
    """The class that MathJax leaves alone; not where there is no dollar."""
    page = course_utils.plot_confusion(judged(NAMES["dollars"]))._repr_html_()
    assert page.startswith('<div class="mathjax_ignore tex2jax_ignore"><figure')
    assert course_utils.plot_confusion(judged(("a", "b")))._repr_html_().startswith("<figure")
    view = course_utils.threshold_slider(judged(("$5", "$10")))
    assert "mathjax_ignore" in view._repr_mimebundle_()["text/html"]
    words = course_utils.Attribution(("$5", "to"), np.array([1.0, 0]), "a", "b", 0.5, "m", None)
    assert "mathjax_ignore" in words._repr_html_()


# --- letters ---


def no_font_but(monkeypatch, *families):
    """As on a computer with only these fonts."""
    monkeypatch.setattr(letters, "_installed", lambda: {
        font.name: font.fname for font in font_manager.fontManager.ttflist
        if font.name in families and font.style == "normal" and font.weight == 400
    })  # fmt: skip
    letters._families.cache_clear()


@pytest.fixture(autouse=True)
def forget():
    yield
    letters._families.cache_clear()


def test_what_no_font_has_gets_a_number(drawn, monkeypatch):
    no_font_but(monkeypatch)
    names = ("好评", "第1类/差评", "ok", "好评 好评, 1")
    figure = course_utils.plot_confusion(judged(names))
    shown = written(drawn[0])
    numbers = {key.partition(" ")[2]: key.partition(" ")[0] for key in figure.key}
    assert set(numbers) == {"好评", "第1类", "差评", "好评 好评"}
    told = {"ok"} | {
        numbers["好评"],
        f"{numbers['第1类']}/{numbers['差评']}",
        f"{numbers['好评 好评']}, 1",
    }
    assert told <= set(shown)
    assert not any("\u4e00" <= sign <= "\u9fff" for text in shown for sign in text)
    for key in figure.key:
        assert key in figure.alt and f"{html.escape(key)}" in figure._repr_html_()
    assert "好评 called ok" in figure.alt  # a screen reader and a browser need no font of ours


def test_a_font_that_has_the_letters_is_taken(drawn, monkeypatch):
    """The other script is written, and the rest stays in the font of the course."""
    ours = font_manager.findfont("STIXGeneral")  # matplotlib brings it along: "Ꙩ" is not in it
    only = next(
        sign
        for sign in map(chr, range(0x2100, 0x1D7FF))
        if font_manager.get_font(ours).get_char_index(ord(sign))
        and not font_manager.get_font(font_manager.findfont("DejaVu Sans")).get_char_index(
            ord(sign)
        )
    )
    no_font_but(monkeypatch, "STIXGeneral")
    figure = course_utils.plot_confusion(judged((f"{only} good", "bad")))
    assert figure.key == [] and f"{only} good" in written(drawn[0])
    fonts = {text.get_text(): text.get_fontfamily() for text in drawn[0].findobj(Text)}
    assert fonts[f"{only} good"][-1] == "STIXGeneral" and "STIXGeneral" not in fonts["bad"]
    no_font_but(monkeypatch)
    assert course_utils.plot_confusion(judged((f"{only} good", "bad"))).key == [f"[1] {only}"]


def test_a_font_of_boxes_is_no_font():
    for name in ("Last Resort", ".LastResort", "LastResort High-Efficiency", "Adobe Blank"):
        assert letters.NO_FONT.search(name)
    assert letters._installed()["DejaVu Sans"]


def test_an_older_matplotlib_writes_no_arabic(monkeypatch, drawn):
    from matplotlib import ft2font

    monkeypatch.delattr(ft2font, "__libraqm_version__", raising=False)
    figure = course_utils.plot_confusion(judged(("ممتاز", "good")))
    assert figure.key == ["[1] \u2068ممتاز\u2069"] and "[1]" in written(drawn[0])


def test_names_with_a_line_below_are_in_the_legend(drawn):
    """matplotlib leaves out names that begin with "_"."""
    map_of(("_a", "_b"))
    (legend,) = drawn[0].legends
    assert [text.get_text().strip() for text in legend.get_texts()] == ["_a", "_b"]


# --- many labels ---


@pytest.mark.parametrize(("labels", "bars"), [(15, 0), (16, 12), (150, 12)])
def test_many_labels_are_bars(labels, bars, drawn):
    names = [f"intent {n}" for n in range(labels)]
    result = judged(names, each=12)
    figure = course_utils.plot_confusion(result)
    (axes,) = drawn[0].axes
    assert len(axes.patches) == bars and len(axes.images) == (not bars)
    if bars:
        worst = result.worst_confusions(12)
        assert [bar.get_width() for bar in axes.patches] == worst["texts"].to_list()
        first = worst.iloc[0]
        assert f"{first.true} → {first.predicted}" in written(drawn[0])
        assert f"{first.texts} × {first.true} called {first.predicted}" in figure.summary
        assert f"{first.texts} ({100 * first.share:.0f} %)" in written(drawn[0])
        last = worst.iloc[-1]
        assert f"{last.texts} × {last.true} called {last.predicted}" in figure.alt


def test_many_labels_without_a_mistake():
    names = [f"intent {n}" for n in range(20)]
    data = course_utils.LabeledTexts([f"t {n}" for n in range(20)], range(20), names)
    figure = course_utils.plot_confusion(Evaluation("mine", data, np.eye(20)))
    check_form(figure)
    assert "100.0 % of 20 texts found. The most frequent confusions: none." in figure.alt


@pytest.mark.parametrize("count", [3, 6, 9, 15])
def test_names_below_the_columns_do_not_meet(count, drawn):
    course_utils.plot_confusion(judged([f"number {n} of the labels" for n in range(count)]))
    drawn[0].canvas.draw()
    (axes,) = drawn[0].axes
    boxes = [label.get_window_extent() for label in axes.get_xticklabels()]
    if axes.get_xticklabels()[0].get_rotation():
        # Slanted: lines that begin further apart than a line is high cannot meet.
        ends = np.array([box.x1 for box in boxes])
        assert np.diff(ends).min() * np.sin(np.radians(40)) > 13 * drawn[0].dpi / 72 * 0.9
    else:
        assert all(one.x1 < other.x0 for one, other in zip(boxes, boxes[1:], strict=False))


@pytest.mark.parametrize("count", [3, 6, 8, 10, 15])
def test_numbers_stay_in_their_cells(count, drawn):
    data = course_utils.LabeledTexts(
        ["t"] * 2_000 * count, np.repeat(range(count), 2_000), list("abcdefghijklmno"[:count])
    )
    course_utils.plot_confusion(Evaluation("mine", data, np.eye(count)[list(data.labels)]))
    drawn[0].canvas.draw()
    (axes,) = drawn[0].axes
    cell = axes.get_window_extent()
    for text in axes.texts:
        box = text.get_window_extent()
        assert box.width < cell.width / count and box.height < cell.height / count


# --- views ---


@pytest.fixture(scope="module")
def asked():
    """A classifier with 150 labels."""
    names = tuple(f"<b>intent</b> {n}" for n in range(150))
    model = course_utils.load_classifier(label_names=names, quiet=True)
    return model, course_utils.load_tokenizer(), names


def test_live_prediction_of_many_labels(asked):
    model, tokenizer, names = asked
    view = course_utils.live_prediction(model, tokenizer, examples=["A fine film.", "x " * 900])
    box, answer = view.children
    box.value = "A fine film."
    assert answer.value.count("display:flex") == text_views.MOST_LABELS
    probabilities = course_utils.predict(model, tokenizer, [box.value], quiet=True)[0]
    best = html.escape(names[probabilities.argmax()])
    assert best in answer.value and "143 other labels" in answer.value
    shares = [float(share) for share in re.findall(r">([\d.]+) %</span>", answer.value)]
    assert sum(shares) == pytest.approx(100, abs=0.5)
    page = view._repr_mimebundle_()["text/html"]
    assert "<b>" not in page and len(page) < 2_000
    assert best in page and page.count('<th scope="col">') == 3


def test_a_label_may_be_called_sentence():
    names = ("sentence", "x" * 75)
    model = course_utils.load_classifier(label_names=names, quiet=True)
    page = course_utils.live_prediction(model, course_utils.load_tokenizer())._repr_mimebundle_()
    heads = re.findall(r"<th scope=\"col\">(.*?)</th>", page["text/html"])
    assert heads[:2] == ["sentence", "label sentence"] and len(heads[2]) <= 40


@pytest.mark.parametrize("kind", ["dollars", "arabic", "odd", "long"])
def test_names_in_the_threshold(kind):
    names = NAMES[kind][:2]
    slider, answer = course_utils.threshold_slider(judged(names)).children
    slider.value = 0.8
    assert "<b>" not in answer.value and "\n" not in answer.value
    assert all(len(cell) < 60 for cell in re.findall(r"<th[^>]*>(.*?)</th>", answer.value))
    assert results.shown_names(names)[1] in html.unescape(answer.value)


def test_a_long_text_is_shown_in_short():
    view = course_utils.live_tokens(course_utils.load_tokenizer(), "word " * 2_000)
    assert len(view._repr_mimebundle_()["text/plain"]) < 400


# --- words in colour ---


def attribution(words, label="positive", rival="negative"):
    scores = np.linspace(1, 2, len(words))
    return course_utils.Attribution(tuple(words), scores, label, rival, 0.9, "occlusion", None)


def test_arabic_words_go_on_to_the_left():
    assert '<div dir="auto"><span' in attribution("فيلم رائع".split())._repr_html_()
    assert "dir=" not in attribution("a film".split())._repr_html_()


def test_long_words_are_broken():
    page = attribution(["x" * 500, "y"])._repr_html_()
    assert "overflow-wrap:anywhere" in page and "x" * 500 in page
    caption = re.search("<figcaption>(.*?)</figcaption>", page)[1]
    assert "…" in caption and len(caption) < 300
    assert "overflow-wrap" not in attribution(["a", "b"])._repr_html_()


def test_labels_in_the_caption_are_short_and_stay_different():
    page = attribution(["a"], label=f"{'a' * 300}1", rival=f"{'a' * 300}2")._repr_html_()
    first, second = re.search("answer is “(.*?)” .* not “(.*?)”", page).groups()
    assert first != second and max(len(first), len(second)) <= 45


def test_what_is_wrong_with_many_names_is_told_in_short():
    with pytest.raises(DataError) as caught:
        names = [f"intent {n}" for n in range(150)]
        course_utils.plot_sentence_map(np.eye(4), np.eye(4), [0, 1, 0, 700], names)
    assert "and 140 more" in str(caught.value) and len(str(caught.value)) < 300


def test_every_figure_goes_through_one_place():
    """No figure turns formulas on again, or saves a picture on its own."""
    for module in Path(base.__file__).parent.glob("*.py"):
        source = module.read_text(encoding="utf-8")
        assert "savefig" not in source or module.name == "base.py"
        assert "parse_math" not in source or module.name in ("base.py", "training.py")
