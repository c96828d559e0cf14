"""The figures of notebook 08: what they show, and what they say about it."""

import numpy as np
import pandas as pd
import pytest
from figure_form import catch_axes, check_form
from scipy import stats

import course_utils
from course_utils.errors import DataError
from course_utils.look.attention import Attention
from course_utils.look.figures import base, inside, maps

TOKENS = ["[CLS]", "good", "##ness", "!", "[SEP]"]


@pytest.fixture
def drawn(monkeypatch):
    """The axes of each figure, caught before the figure is closed."""
    return catch_axes(monkeypatch, inside, maps)


def made_up(tokens=TOKENS):
    """Two layers of three heads whose weights are all different."""
    random = np.random.default_rng(seed=0)
    weights = random.dirichlet(np.full(len(tokens), 0.3), size=(2, 3, len(tokens)))
    return Attention(list(tokens), weights)


# --- attention ---


@pytest.mark.parametrize("head", [3, None])
def test_heat_map(head, drawn):
    known = made_up()
    figure = course_utils.plot_attention(known, 2, head)
    check_form(figure)
    _, axes = drawn[0]
    weights = known.weights[1].mean(axis=0) if head is None else known.weights[1, head - 1]
    np.testing.assert_allclose(axes.images[0].get_array(), 100 * weights)
    assert axes.images[0].get_clim() == (0, 100)
    for side in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert [label.get_text() for label in side] == TOKENS
    assert axes.get_ylabel() == "from" and axes.get_xlabel() == "to"  # rows attend to columns
    expected = {
        (to, start): f"{100 * weight:.0f}"
        for (start, to), weight in np.ndenumerate(weights)
        if weight >= 0.005
    }
    assert {text.get_position(): text.get_text() for text in axes.texts} == expected
    name = "layer 2, " + ("mean over all heads" if head is None else "head 3")
    assert axes.get_title(loc="left") == name
    assert figure.summary.startswith(f"{name.capitalize()}: on average ")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ([0.5, 0.2504, 0.2496], "50.0 % of a token's attention goes to a."),
        ([0.5, 0.251, 0.249], "50.0 % of a token's attention goes to a and 25.1 % to b."),
    ],
)
def test_a_tie_names_nobody(row, told):
    """Another computer rounds differently, and would name the other token."""
    weights = np.array([row, row, row])[None, None]
    figure = course_utils.plot_attention(Attention(["a", "b", "c"], weights), 1, 1)
    assert figure.summary.endswith(told)


def test_words_of_the_heat_map():
    weights = np.array([[0.7, 0.2, 0.1], [0.0, 0.1, 0.9], [0.5, 0.25, 0.25]])
    known = Attention(["[CLS]", "so", "[SEP]"], weights[None, None])
    figure = course_utils.plot_attention(known, 1, 1)
    assert figure.summary == (
        "Layer 1, head 1: on average 41.7 % of a token's attention goes to [SEP] and 40.0 % to "
        "[CLS]."
    )
    most = "[CLS]: [CLS] 70.0 %; so: [SEP] 90.0 %; [SEP]: [CLS] 50.0 %."
    assert f"Each token, and what it attends to most: {most}" in figure.alt


def test_numbers_are_left_out_where_they_would_not_fit(drawn):
    for length in (16, 17, 32):
        check_form(course_utils.plot_attention(made_up(["word"] * length), 1, 1))
    assert [len(axes.texts) > 0 for _, axes in drawn] == [True, False, False]


def test_numbers_can_be_read_on_their_ground(drawn):
    weights = np.array([[0.9, 0.1], [0.4, 0.6]])
    course_utils.plot_attention(Attention(["a", "b"], weights[None, None]), 1, 1)
    inks = {text.get_text(): text.get_color() for text in drawn[0][1].texts}
    assert inks == {"90": "white", "10": "black", "40": "black", "60": "white"}


def test_what_cannot_be_drawn():
    plot = course_utils.plot_attention
    with pytest.raises(DataError, match="^layer=3: expected a whole number from 1 to 2.$"):
        plot(made_up(), 3, 1)
    with pytest.raises(DataError, match="^head=0: expected a whole number from 1 to 3, or None"):
        plot(made_up(), 1, 0)
    with pytest.raises(DataError, match="has 33 tokens, and a figure can show 32: choose a short"):
        plot(made_up(["word"] * 33), 1, 1)


def test_odd_tokens_are_letters_like_others(recwarn):
    """Dollars mean mathematics to matplotlib, and angle brackets a tag to a browser."""
    figure = course_utils.plot_attention(made_up(["$x^$", "_$\\frac$", "<script>", '"', "&"]), 1, 1)
    check_form(figure)
    assert not recwarn.list
    html = figure._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html


# --- probes ---


def table(*accuracy, control=0.5, chance=0.5, texts=200):
    accuracy = np.array(accuracy) / 100
    ends = {"low": accuracy - 0.05, "high": accuracy + 0.04}
    rows = {"accuracy": accuracy, **ends, "control": control}
    frame = pd.DataFrame(rows, pd.RangeIndex(len(accuracy), name="layer"))
    right = [[n < round(share * texts) for n in range(texts)] for share in accuracy]
    frame.attrs["correct"] = right  # of each layer the first texts, so the pairs are known
    return frame.assign(chance=chance, texts=texts)


@pytest.fixture
def tables():
    return {
        "topic": {
            "before": table(60, 70, 80, control=0.21, chance=0.25, texts=1_000),
            "after": table(60, 66, 62, control=0.19, chance=0.25, texts=1_000),
        },
        "sentiment": {"before": table(70, 69, 68), "after": table(70, 75, 74.5)},
    }


def test_probes(tables, drawn):
    figure = course_utils.plot_probes(tables)
    check_form(figure)
    _, (panels, _) = drawn[0]
    for axes, models in zip(panels, tables.values(), strict=True):
        controls = [line for line in axes.lines if line.get_label() == "shuffled labels"]
        for model, control in zip(models, controls, strict=True):
            shown = models[model]
            (line,) = [line for line in axes.lines if line.get_label() == model]
            np.testing.assert_allclose(line.get_ydata(), 100 * shown["accuracy"])
            np.testing.assert_allclose(control.get_ydata(), 100 * shown["control"])
            assert (control.get_color(), control.get_linestyle()) == (base.GREY, "--")
        (chance,) = [line for line in axes.lines if line.get_label() == "most frequent label"]
        assert set(chance.get_ydata()) == {100 * models["before"]["chance"][0]}
    titles = [axes.get_title(loc="left") for axes in panels]
    assert titles == ["topic, 1,000 test texts", "sentiment, 200 test texts"]


def test_the_difference_of_two_probes_is_drawn_with_its_interval(tables, drawn):
    """Bands of their own hide it: both read the same texts."""
    course_utils.plot_probes(tables)
    _, (_, panels) = drawn[0]
    for axes, models in zip(panels, tables.values(), strict=True):
        gains = 100 * course_utils.probe_gain(*models.values())
        dots, _, (bars,) = axes.containers[0]
        shown = np.asarray(dots.get_ydata(), dtype=float)
        np.testing.assert_allclose(shown, gains["gain"], atol=1e-9)
        ends = np.array([segment[:, 1] for segment in bars.get_segments()])
        np.testing.assert_allclose(ends, gains[["low", "high"]])
        assert [label.get_text() for label in axes.get_xticklabels()] == ["emb.", "1", "2"]
    assert panels[0].get_ylabel() == "after minus\nbefore (points)"


def test_words_of_the_probes(tables, drawn):
    figure = course_utils.plot_probes(tables)
    topic, sentiment = (
        100 * course_utils.probe_gain(*models.values()).iloc[-1] for models in tables.values()
    )
    assert figure.summary == (
        "What a linear model reads from the last layer: topic, before: 80.0 %; topic, after: "
        f"62.0 %, -18.0 points (95 % interval {topic['low']:+.1f} to {topic['high']:+.1f}); "
        "sentiment, before: 68.0 %; sentiment, after: 74.5 %, +6.5 points (95 % interval "
        f"{sentiment['low']:+.1f} to {sentiment['high']:+.1f})."
    )
    assert "sentiment, after: 70.0, 75.0, 74.5; with shuffled labels: 50.0, 50.0" in figure.alt
    assert "topic, before: 60.0, 70.0, 80.0; with shuffled labels: 21.0, 21.0, 21.0" in figure.alt
    assert "after minus before: 0.0, 6.0, 6.5" in figure.alt
    (legend,) = drawn[0][0].legends
    names = [text.get_text() for text in legend.get_texts()]
    assert names == ["before", "after", "shuffled labels", "most frequent label"]


def test_a_third_model_is_a_line_and_no_difference(tables, drawn):
    for models in tables.values():
        models["random weights"] = table(55, 56, 57)
    figure = course_utils.plot_probes(tables)
    _, (above, below) = drawn[0]
    assert all("random weights" in [x.get_label() for x in axes.lines] for axes in above)
    assert all(len(axes.containers) == 1 for axes in below)
    assert "topic, after: 62.0 %, -18.0 points" in figure.summary


def test_probes_of_one_task_and_one_model(drawn):
    """Nothing to compare with: the accuracy has its own band."""
    shown = table(60, 70)
    check_form(course_utils.plot_probes({"topic": {"before": shown}}))
    figure, ((axes,),) = drawn[0]
    assert len(figure.axes) == 1
    corners = axes.collections[0].get_paths()[0].vertices
    for layer, row in shown.iterrows():
        heights = corners[corners[:, 0] == layer][:, 1]
        assert [heights.min(), heights.max()] == pytest.approx(
            [100 * row["low"], 100 * row["high"]]
        )


def test_the_legend_names_a_model_of_the_second_panel_too(tables, drawn):
    tables["sentiment"]["from scratch"] = table(55, 56, 57)
    course_utils.plot_probes(tables)
    (legend,) = drawn[0][0].legends
    assert "from scratch" in [text.get_text() for text in legend.get_texts()]


@pytest.mark.parametrize("wrong", [{}, None, table(60, 70)])
def test_no_tables(wrong):
    with pytest.raises(DataError, match="^Expected the tables of each task, such as "):
        course_utils.plot_probes(wrong)


@pytest.mark.parametrize("wrong", [table(60), {}, {name: table(60) for name in "abcde"}])
def test_tables_without_a_model(wrong):
    with pytest.raises(DataError, match="^The task 'topic': expected one to 4 tables from probe"):
        course_utils.plot_probes({"topic": wrong})


# --- agreement ---


def test_agreements(drawn):
    known = {"gradients": [0.5, 0.7, 0.9], "a random head": [0.1, -0.1, 0.3]}
    figure = course_utils.plot_agreements(known)
    check_form(figure)
    _, axes = drawn[0]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [list(line.get_xdata()) for line in dots] == list(known.values())
    half = stats.t.ppf(0.975, 2) * stats.sem(known["gradients"])
    assert f"gradients 0.70 ± {half:.2f}; a random head 0.10" in figure.summary
    assert [label.get_text() for label in axes.get_yticklabels()] == list(known)


@pytest.mark.parametrize("wrong", [{}, {"gradients": [0.5]}])
def test_too_few_agreements(wrong):
    with pytest.raises(DataError, match="Expected a name and two numbers or more"):
        course_utils.plot_agreements(wrong)


# --- maps ---


@pytest.fixture
def vectors():
    """Sixty texts with three labels: no difference before, three bundles after."""
    random = np.random.default_rng(seed=0)
    labels = np.arange(60) % 3
    before, after = random.normal(size=(2, 60, 10))
    after += 20 * np.eye(10)[labels]
    return before, after, labels


def test_map(vectors, drawn):
    before, after, labels = vectors
    names = ("one", "two", "three")
    figure = course_utils.plot_sentence_map(before, after, labels, names)
    check_form(figure)
    _, panels = drawn[0]
    for axes, shown in zip(panels, (before, after), strict=True):
        dots = {line.get_label(): line for line in axes.lines}
        assert tuple(dots) == names
        assert len({line.get_marker() for line in axes.lines}) == 3
        assert len({line.get_color() for line in axes.lines}) == 3
        centred = shown - shown.mean(axis=0)
        _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
        flat = np.abs(centred @ directions[:2].T)  # the sign of a direction is arbitrary
        for label, name in enumerate(names):
            found = np.abs(dots[name].get_xydata())
            np.testing.assert_allclose(found, flat[labels == label], atol=1e-8)
        first, second = 100 * (sizes**2 / (sizes**2).sum())[:2]
        assert axes.get_xlabel() == f"first direction: {first:.1f} % of the variance"
        assert axes.get_ylabel() == f"second: {second:.1f} %"
    share = 100 * course_utils.same_label_neighbours(before, labels)
    assert share < 60
    chance = 100 * course_utils.chance_neighbours(labels)
    assert figure.summary == (
        f"60 texts whose nearest neighbour has the same label: {share:.1f} % before and 100.0 % "
        f"after training (by chance {chance:.1f} %)."
    )
    titles = [axes.get_title(loc="left").removesuffix(" next to the same label") for axes in panels]
    assert titles == [f"before: {share:.1f} %", "after: 100.0 %"]
    assert "one, two, three" in figure.alt


def test_map_of_seven_labels(drawn):
    random = np.random.default_rng(seed=0)
    labels = np.arange(70) % 7
    check_form(
        course_utils.plot_sentence_map(*random.normal(size=(2, 70, 4)), labels, list("abcdefg"))
    )
    _, (axes, _) = drawn[0]
    assert len({line.get_marker() for line in axes.lines}) == 7
    assert len({line.get_color() for line in axes.lines}) == 7


def test_map_of_many_labels_shows_the_most_frequent(drawn):
    """The others together: each dot is drawn, and counts for the number above the map."""
    random = np.random.default_rng(seed=0)
    labels = np.array([label for label in range(20) for _ in range(3 + 5 * (label in (4, 19)))])
    vectors = random.normal(size=(2, len(labels), 4))
    names = [f"topic {n}" for n in range(20)]
    figure = course_utils.plot_sentence_map(*vectors, labels, names)
    check_form(figure)
    _, (axes, _) = drawn[0]
    dots = {line.get_label(): len(line.get_xdata()) for line in axes.lines}
    first = {f"topic {n}": 8 if n == 4 else 3 for n in range(5)}
    assert dots == first | {"topic 19": 8, "14 other labels": 42}
    assert "topic 4, topic 19, 14 other labels. 70 texts" in figure.alt
    assert f"{100 * course_utils.same_label_neighbours(vectors[0], labels):.1f} %" in figure.summary


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"after": np.zeros((59, 10))}, r"before has the shape .60, 10., after .59, 10.: expected"),
        ({"labels": np.arange(59) % 3}, "holds 60 texts, labels has 59 labels: each text needs"),
        ({"labels": np.zeros(60, dtype=int)}, "labels has one label only"),
        ({"label_names": ("one", "two")}, "Expected labels from 0 to 1: positions in"),
        ({"label_names": ("one",)}, "Expected two label names or more, found 1"),
    ],
)
def test_maps_that_do_not_fit(vectors, change, message):
    before, after, labels = vectors
    known = {"before": before, "after": after, "labels": labels, "label_names": list("abc")}
    with pytest.raises(DataError, match=message):
        course_utils.plot_sentence_map(**known | change)


def test_names_are_public():
    for name in ("agreements", "attention", "probes", "sentence_map"):
        assert f"plot_{name}" in course_utils.__all__
        assert getattr(course_utils, f"plot_{name}").__doc__
