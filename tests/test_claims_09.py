"""What notebook 09 says in prose is what the records, the estimate and its stored cells say."""

import json
import re
import statistics
from functools import cache
from pathlib import Path

import nbformat
import pytest

import course_utils
from course_utils.lessons.lesson_09.exercises import PER_SECOND
from course_utils.model.cost import REACHED, Shape, known

ROOT = Path(__file__).resolve().parent.parent
SOLVED = ROOT / "notebooks" / "solutions" / "09_scaling_up.ipynb"
STUDENT = ROOT / "notebooks" / "09_scaling_up.ipynb"
both = pytest.mark.parametrize("path", [STUDENT, SOLVED], ids=["student", "solution"])


@cache
def prose(path) -> str:
    """All that a reader reads, in one line."""
    cells = nbformat.read(path, as_version=4).cells
    return " ".join(" ".join(c.source for c in cells if c.cell_type == "markdown").split())


def printed(path, code: str) -> str:
    """What the cell that holds `code` printed."""
    cells = nbformat.read(path, as_version=4).cells
    (cell,) = [c for c in cells if c.cell_type == "code" and code in c.source]
    return "".join(output.get("text", "") for output in cell.outputs)


# --- what grows ---


def test_each_fourfold_of_labels_brings_fewer_points():
    record = course_utils.load_record("label_efficiency")
    rows = record[(record["subject"] == "headlines") & (record["method"] == "fine-tuned")]
    mean = 100 * course_utils.mean_curve(rows)["mean"]
    assert list(mean.index) == [1, 4, 16, 64]
    assert "finds the topic of 73 % of the headlines" in prose(STUDENT) and round(mean[4]) == 73
    assert "With 16 it is 81 %: eight points more" in prose(STUDENT)
    assert round(mean[16]) == 81 and "fewer points: 30, 8, 4." in prose(STUDENT)
    assert mean.diff().dropna().round().tolist() == [30, 8, 4]


def test_an_hour_of_labels():
    """Four headlines a minute, five topics."""
    assert "240 headlines: one hour" in prose(SOLVED) and 5 * (64 - 16) == 240 == 4 * 60
    assert "960 more: four hours" in prose(SOLVED) and 5 * (256 - 64) == 960 == 4 * 60 * 4


def test_five_times_the_weights_are_eight_times_the_work():
    from course_utils.model.cost import Shape, known

    small, base = (Shape(**known()["checkpoints"][x]) for x in ("minilm", "bert-base-uncased"))
    assert round(base.weights / small.weights) == 5
    assert round(base.operations(64) / small.operations(64)) == 8
    table = [shape.words * shape.hidden / shape.weights for shape in (small, base)]
    said = "This table holds half of the weights of `minilm`, but a fifth of those of `bert-base"
    assert said in prose(STUDENT) and table == pytest.approx([1 / 2, 1 / 5], rel=0.1)


def test_a_large_model_takes_days_here_and_an_hour_on_a_gpu_the_small_one_an_evening():
    """With the speed that the bench found here, in texts of the film reviews' length."""
    from course_utils.model.cost import Shape, Speed, known

    work = Shape(**known()["checkpoints"]["minilm"]).operations(25)
    here = Speed("here", 25 * 89, 25 * 89 * work, None, 4)
    costs = course_utils.training_cost(texts=100_000, tokens=64, epochs=3, here=here)
    hours = costs.set_index(["checkpoint", "device"])["hours"]
    assert 1 < hours["minilm"]["here"] < 6
    assert hours["bert-large-uncased"]["here"] > 48
    gpus = hours["bert-large-uncased"].drop("here")
    assert gpus.max() < 1.5
    assert f"{100 * REACHED[0]:.0f} to {100 * REACHED[1]:.0f} % of the speed" in prose(STUDENT)


@both
def test_the_stored_figure_shows_an_evening_and_days(path):
    """Built on a busy computer, it would not: then build 09 again."""
    cells = nbformat.read(path, as_version=4).cells
    (cell,) = [c for c in cells if c.cell_type == "code" and "plot_cost" in c.source]
    shown = cell.outputs[0].data["text/plain"]
    small, unit = re.search(r"minilm ([\d.]+) (\w+) \(this computer\)", shown).groups()
    large = re.search(r"bert-large-uncased ([\d.]+) days \(this computer\)", shown)[1]
    assert "The small one is done in an evening" in prose(path)
    assert unit == "h" and 1 < float(small) < 6 and 1 < float(large) < 7


# --- two processes ---


@both
def test_eleven_batches_in_two_processes_are_those_of_one(path):
    said = printed(path, "--nproc-per-node")
    assert "11 batches, equal to five digits: True" in said
    for alone, together in re.findall(r"alone (\S+), together (\S+)", said):
        assert float(alone) == pytest.approx(float(together), abs=2e-6)
    assert "One batch has 9 reviews" in prose(path) and 329 % 32 == 9


# --- small enough to send ---


@both
def test_what_is_trained_and_what_is_sent(path):
    assert printed(path, "trained = sum(").startswith("trained: 338,690 of 23,0")
    said = printed(path, "save_pretrained")
    whole, adapter = re.findall(r"^([\d.]+) MB", said, re.M)
    assert "a file of 91 MB" in prose(path) and round(float(whole)) == 91
    assert float(adapter) == pytest.approx(1.4, abs=0.05)
    assert "the same probabilities: True" in printed(path, "load_adapter")


def test_an_adapter_learns_at_twenty_times_the_rate():
    from course_utils.model.known import learning_rate_for
    from course_utils.model.training import ADAPTER_TIMES

    own = learning_rate_for("minilm")
    assert f"a larger learning rate, {ADAPTER_TIMES * own:g} in place of {own:.4f}." in prose(
        STUDENT
    )


def test_few_weights_lose_nothing_that_one_could_see_and_which_does_not_matter():
    assert "Both intervals hold zero, and their lower ends are less than a point away." in prose(
        STUDENT
    )
    record, race = course_utils.load_record("lora"), course_utils.load_record("fair_race")
    everything = race[(race["method"] == "fine-tuned") & (race["labels"] == 2_000)]
    kinds = []
    for _, runs in record.groupby("method"):
        best = runs.loc[runs["validation_accuracy"].idxmax(), "learning_rate"]
        kinds.append(runs[runs["learning_rate"] == best])
    assert [len(runs) for runs in kinds] == [10, 10]
    for one, other in [(kinds[0], everything), (kinds[1], everything), (kinds[1], kinds[0])]:
        gain = course_utils.gain_of(one, other)
        assert -0.01 < gain.low < 0 < gain.high
    # The rate of each method was chosen where only one seed was tried with the others.
    seeds = record.groupby(["method", "learning_rate"])["seed"].nunique()
    assert sorted(seeds)[:-2] == [1] * (len(seeds) - 2)


# --- 8 bits, and many rows ---


@both
def test_what_8_bits_change_was_unsure(path):
    said = printed(path, "run_onnx(folder")
    size, changed = re.search(r"^(\d+) MB; (\d+) of 500 answers changed", said, re.M).groups()
    rows = re.findall(r"^(negative|positive) (\d\.\d{3}) (\d\.\d{3})  \S", said, re.M)
    assert 20 < int(size) < 30 and len(rows) == int(changed) <= 25
    assert all(abs(float(before) - 0.5) < 0.3 for _, before, _ in rows)


@both
def test_the_changed_answers_are_of_both_labels(path):
    said = printed(path, "run_onnx(folder")
    assert set(re.findall(r"^(negative|positive) \d", said, re.M)) == {"negative", "positive"}
    before, after = map(float, re.search(r"right: (.+)% before, (.+)% after", said).groups())
    assert "In our sample, more answers became right than wrong" in prose(SOLVED) and before < after
    reviews = course_utils.load_reviews(quiet=True)[2]
    shown = re.findall(r"^(\w+) \d\.\d\d \d\.\d\d  (.+)$", said, re.M)
    known = dict(zip(reviews.texts, reviews.labels, strict=True))
    assert all(reviews.label_names[known[text]] == label for label, text in shown)  # whole texts


@both
def test_no_row_is_lost(path):
    from course_utils.command.predict import PIECE_TOKENS

    said = printed(path, "first.kill()")
    noted = int(re.match(r"rows noted: (\d+) \| answers.csv there: False", said)[1])
    assert noted == PIECE_TOKENS // 64 and f"in pieces of {noted}," in prose(path)
    said = printed(path, "table = pd.read_csv(answers)")
    assert said.startswith(f"Going on after {noted} rows of an earlier run.\n1000 rows, each once")
    assert said.rstrip().endswith("True")


def test_so_many_rows_a_second_stand_in_the_bench(monkeypatch):
    said = f"On our two cores, `predict` labelled about {PER_SECOND} short reviews a second"
    assert said in prose(STUDENT)
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import results

    rows = json.loads(results.BENCH.read_text(encoding="utf-8"))["rows"]
    found = [row["texts_per_second"] for row in rows if row.get("contender") == "predict"]
    assert statistics.median(found) == pytest.approx(PER_SECOND, rel=0.15)


@both
def test_without_the_table_of_words_11_and_86_million_weights_remain(path):
    assert "So 11 and 86 million remain." in prose(path)
    shapes = {name: Shape(**size) for name, size in known()["checkpoints"].items()}
    rest = [
        round((shapes[name].weights - shapes[name].words * shapes[name].hidden) / 1e6)
        for name in ("minilm", "bert-base-uncased")
    ]
    assert rest == [11, 86]
