"""Figures of notebooks 00 and 05: their data, their words, and how they are shown."""

import html
import re
from pathlib import Path

import matplotlib.colors
import numpy as np
import pandas as pd
import pytest
from figure_form import catch_axes, check_form

import course_utils
from course_utils.look.figures import base, training
from course_utils.model.history import History

MODULES = sorted(Path(base.__file__).parent.glob("*.py"))


def contrast_with_white(colour):
    """As WCAG 2 defines it; pictures need 3, letters 4.5."""
    parts = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05)


@pytest.mark.parametrize("name", ["BLUE", "GREEN", "RED", "GREY"])
def test_lines_stand_out_from_the_paper(name):
    assert contrast_with_white(getattr(base, name)) >= 3


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_pale_orange_has_a_black_edge_or_is_an_area(module):
    lines = module.read_text(encoding="utf-8").splitlines()
    assert contrast_with_white(base.ORANGE) < 3
    for number, line in enumerate(lines):
        if re.search(r"\bORANGE\b", line) and not re.match(r" +\"?ORANGE\"?,|from |BLUE, ", line):
            around = "\n".join(lines[number : number + 5])
            assert "black" in around or "_box(" in line or "_tint(" in line, f"line {number + 1}"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_letters_can_be_read(module):
    for colour in re.findall(r'color="(#[0-9A-Fa-f]{6})"', module.read_text(encoding="utf-8")):
        assert contrast_with_white(colour) >= 4.5, colour


RUNS = pd.DataFrame(
    {
        "checkpoint": "minilm",
        "size": "default",
        "learning_rate": [1e-5, 1e-4, 1e-4],
        "validation_accuracy": [0.55, 0.77, 0.79],
    }
)


@pytest.fixture
def slide():
    record = pd.DataFrame({"positive": [0.49, 0.495, 0.51]})
    record.attrs = {"date": "2026-11-23"}
    return record


def test_slide_recipe_counts_both_answers(slide):
    figure = course_utils.plot_slide_recipe(slide, live={1: 0.49})
    assert "3 seeds: 1 times positive, 2 times negative" in figure.summary


def test_slide_recipe_draws_every_run(monkeypatch):
    """Another checkpoint may be surer: no run may fall out of the histogram."""
    caught = catch_axes(monkeypatch, training)
    course_utils.plot_slide_recipe(pd.DataFrame({"positive": [0.3, 0.49, 0.51, 0.65]}))
    ((_, axes),) = caught
    assert sum(bar.get_height() for bar in axes.patches) == 4
    edges = {bar.get_x() for bar in axes.patches}
    assert any(abs(edge - 0.5) < 1e-9 for edge in edges)  # no bar says both


def test_history_tells_first_and_last_loss():
    losses = list(np.linspace(0.7, 0.4, 30))
    figure = course_utils.plot_history(History(1e-4, 0, 960, 1, losses=losses))
    first, last = np.mean(losses[:10]), np.mean(losses[-10:])
    assert f"{first:.3f}" in figure.summary and f"{last:.3f}" in figure.summary


def test_history_of_an_interrupted_run_with_few_steps():
    figure = course_utils.plot_history(History(1e-4, 0, 960, 1, losses=[0.7, 0.6]))
    assert figure.png
    assert figure.summary == "The training loss goes from 0.700 (first step) to 0.600 (last)."


@pytest.mark.parametrize("classes", [2, 5])
def test_history_shows_the_loss_of_a_guess_between_its_classes(monkeypatch, classes):
    drawn = catch_axes(monkeypatch, training)
    course_utils.plot_history(History(1e-4, 0, 960, 1, losses=[1.6, 1.5], classes=classes))
    (_, axes) = drawn[0]
    (line,) = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert line.get_ydata()[0] == pytest.approx(np.log(classes))
    assert f"guessing: ln {classes}" in [text.get_text() for text in axes.get_legend().get_texts()]


def test_history_that_does_not_know_its_classes_shows_no_guess(monkeypatch):
    drawn = catch_axes(monkeypatch, training)
    course_utils.plot_history(History(1e-4, 0, 960, 1, losses=[0.7, 0.6]))
    assert not [line for line in drawn[0][1].lines if line.get_linestyle() == "--"]


def test_learning_rates_tell_the_means():
    figure = course_utils.plot_learning_rates(RUNS, live={1e-4: 0.78})
    assert "1e-05: 55.0 %" in figure.summary and "1e-04: 78.0 %" in figure.summary


def test_seeds_tell_the_spread():
    figure = course_utils.plot_seeds(RUNS, live={7: 0.78})
    assert "2 seeds: from 77.0 to 79.0 %" in figure.summary


def test_seeds_are_those_of_the_learning_rate_of_the_checkpoint():
    runs = RUNS.assign(checkpoint="bert-base-uncased")
    assert "was not measured with this checkpoint" in course_utils.plot_seeds(runs).summary
    rows = runs.assign(learning_rate=2e-5)
    assert f"{len(RUNS)} seeds: from 55.0 to 79.0 %" in course_utils.plot_seeds(rows).summary


def test_no_seed_hides_another(monkeypatch):
    """Two runs of the same accuracy, and a diamond beside its own recorded dot."""
    drawn = catch_axes(monkeypatch, training)
    rows = pd.concat([RUNS, RUNS])
    course_utils.plot_seeds(rows, live={7: 0.78, 8: 0.78})
    for line in drawn[0][1].lines:
        assert len(set(map(tuple, line.get_xydata()))) == len(line.get_xydata())
    course_utils.plot_learning_rates(rows, live={1e-4: 0.79, 3e-4: 0.7})
    axes = drawn[1][1]
    dots = [tuple(dot) for line in axes.lines[:-1] for dot in line.get_xydata()]
    assert len(set(dots)) == len(dots) == len(rows) + 2
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert names == ["1e-5", "1e-4", "3e-4"]
    places = {round(place) for place, _ in dots[: len(rows)]}
    assert places == {0, 1}  # at its own rate, none near another


EPOCHS = pd.DataFrame(
    [
        {
            "seed": seed,
            "epoch": epoch,
            "train_loss": 0.6 / epoch,
            "train_accuracy": 1 - 0.2 / epoch,
            "validation_loss": (0.5, 0.4, 0.6)[epoch - 1] + seed / 100,
            "validation_accuracy": 0.78,
        }
        for seed in (0, 2)
        for epoch in (1, 2, 3)
    ]
)


def test_epochs_tell_where_the_loss_is_lowest(monkeypatch):
    drawn = catch_axes(monkeypatch, training)
    figure = course_utils.plot_epochs(EPOCHS)
    check_form(figure)
    assert figure.summary == (
        "Mean of 2 seeds (thick lines), epoch 1 and epoch 3: the loss on train goes from 0.60 to "
        "0.20, that on validation from 0.51 to 0.61 (its lowest after epoch 2), the accuracy on "
        "validation from 78.0 to 78.0 %."
    )
    ((_, (loss, accuracy)),) = drawn
    means = [line for line in loss.lines if line.get_label() == "on validation"]
    assert np.allclose(means[0].get_ydata(), [0.51, 0.41, 0.61])
    assert len(loss.lines) == len(accuracy.lines) == 6  # two seeds and a mean, for both parts
    assert accuracy.lines[-1].get_ydata().tolist() == [78, 78, 78]


def test_without_a_record_only_the_own_runs_are_drawn():
    nothing = RUNS.iloc[:0]
    assert "not measured" in course_utils.plot_seeds(nothing, live={1: 0.8}).summary
    assert "not measured" in course_utils.plot_learning_rates(nothing, live={1e-4: 0.8}).summary
    assert "not measured" in course_utils.plot_epochs(EPOCHS.iloc[:0]).summary
    empty = pd.DataFrame({"positive": np.array([], dtype=float)})
    assert course_utils.plot_slide_recipe(empty, live={1: 0.5}).summary


def test_figures_are_readable_for_all(slide):
    figure = course_utils.plot_slide_recipe(slide)
    page = figure._repr_html_()
    assert f'alt="{html.escape(figure.alt)}"' in page
    caption = f"{html.escape(figure.summary)} Runs recorded on {slide.attrs['date']}."
    assert f"<figcaption>{caption}</figcaption>" in page
    assert "background:white" in page  # black labels stay readable in a dark theme
    assert repr(figure) == f"Figure: {figure.alt}"
    assert len(figure.png) < 100_000


def test_words_are_escaped():
    import matplotlib.figure

    figure = course_utils.Figure(matplotlib.figure.Figure(), '<script>"', "<b>")
    page = figure._repr_html_()
    assert "<script>" not in page and "<b>" not in page


def test_plotting_leaves_the_students_matplotlib_alone(slide):
    import matplotlib
    import matplotlib.pyplot as plt

    before, backend = matplotlib.rcParams["font.size"], matplotlib.get_backend()
    course_utils.plot_slide_recipe(slide)
    assert matplotlib.rcParams["font.size"] == before
    assert matplotlib.get_backend() == backend
    assert plt.get_fignums() == []
