"""Writes the tables of RESULTS.md and README's figure from the records in data/recorded/.

Takes seconds. A test compares RESULTS.md with what `results_tables` returns.
"""

import json
import statistics
from pathlib import Path

import bf16
from lora import best_rate

import course_utils
from course_utils.judge.curves import best_rates
from course_utils.judge.intervals import Difference, mean_difference
from course_utils.judge.records import gain_of
from course_utils.model.cost import Shape, known

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "RESULTS.md"
FIGURE = ROOT / "data" / "recorded" / "slide_recipe.png"
BEGIN, END = "<!-- results: python course.py record results -->\n", "<!-- end of results -->"


def newest_bench(folder: Path = ROOT / "benchmarks" / "results") -> Path:
    """The last run of `bench` with the default checkpoint on a CPU: what RESULTS.md quotes."""
    return max(folder.glob("*-cpu.json"))  # their names begin with their dates


BENCH = newest_bench()


def results_tables() -> str:
    """All tables of RESULTS.md, from the records of the default checkpoint."""
    tables = [
        *(_reviews(), _race(), _related(), _epochs(), _headlines(), _articles(), _imbalance()),
        *(_strategies(), _lora(), _time(), _bf16(), _speed()),
    ]
    return "\n".join(tables)


def _reviews() -> str:
    slide = course_utils.load_record("slide_recipe")
    runs = course_utils.load_record("fine_tuning")
    tests = runs["test_texts"].iloc[0]
    lines = [
        "## Film reviews",
        "",
        "| what | result | runs | made by |",
        "|---|---|---|---|",
        f'| the slide\'s program on `minilm`, asked about "{slide.attrs["text"]}" | '
        f'"positive" {(slide["positive"] > 0.5).sum()} times of {len(slide)} | '
        f"{len(slide)} seeds | `record slide_recipe` |",
    ]
    for size in ("default", "full"):
        rows = runs[(runs["size"] == size) & (runs["learning_rate"] == 1e-4)]
        if rows.empty:
            continue
        texts = f"{rows['texts'].iloc[0]:,} reviews"
        tfidf = rows["tfidf"].iloc[0]
        low, high = course_utils.accuracy_interval(round(tfidf * tests), int(tests))
        lines += [
            f"| TF-IDF + logistic regression, tuned, {texts} | {_percent(tfidf, low, high)} | 1 | "
            "`record fine_tuning` |",
            f"| BERT (`minilm`) fine-tuned, one epoch, {texts} | {_seeds(rows)} | "
            f"{len(rows)} seeds | `record fine_tuning` |",
            f"| the difference, on the same test reviews | {_difference(rows)} | "
            f"{len(rows)} seeds | `record fine_tuning` |",
        ]
    for rate in (1e-5, 1e-3):
        rows = runs[(runs["size"] == "default") & (runs["learning_rate"] == rate)]
        lines.append(
            f"| BERT fine-tuned on 2,000 reviews, learning rate {rate:.0e} instead | "
            f"{_seeds(rows)} | "
            f"{len(rows)} seeds | `record fine_tuning` |"
        )
    about = runs.attrs
    lines += [
        "",
        f"Accuracies are on {tests:,} test reviews. An interval covers 95 % and the chance in the "
        f"choice of these reviews. Measured on: {about['device']}, torch {about['torch']}, "
        f"transformers {about['transformers']}, {about['date']}.",
    ]
    return "\n".join(lines) + "\n"


RACE = {
    "majority": "the more frequent label of train",
    "naive Bayes": "naive Bayes",
    "TF-IDF, words": "TF-IDF + logistic regression",
    "TF-IDF, words and characters": "the same, with pairs of words and pieces of words",
    "NB-SVM": "NB-SVM",
    "frozen + logistic regression": "frozen BERT (`minilm`) + logistic regression",
    "fine-tuned": "BERT (`minilm`) fine-tuned, one epoch",
}


def _race() -> str:
    """All methods on the same reviews, each against fine-tuning."""
    record = course_utils.load_record("fair_race")
    sizes = sorted(record["labels"].unique())
    lines = [
        "## The fair race",
        "",
        f"Accuracy in % on {record['test_texts'].iloc[0]:,} test reviews, and what fine-tuning "
        "gains over this method on the same reviews (95 % interval over reviews and seeds, as in "
        "notebook 05). All settings were chosen on the same validation reviews, the recipe of "
        "fine-tuning, too. `record fair_race`, `record full_epoch`",
        "",
        f"| method | {' | '.join(f'{n:,} reviews | fine-tuning gains' for n in sizes)} |",
        "|---|" + "---|---|" * len(sizes),
    ]
    tables = {labels: course_utils.race(record, labels) for labels in sizes}
    for method, name in RACE.items():
        cells = []
        for labels, table in tables.items():
            own = record[(record["labels"] == labels) & (record["method"] == method)]
            gain = Difference(*table.loc[method, ["behind", "behind_low", "behind_high"]])
            cells.append(_percent_of_seeds(own))
            cells.append("" if method == "fine-tuned" else _points(gain))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _percent_of_seeds(rows) -> str:
    """The accuracy of a method; of several seeds, their mean and range."""
    accuracy = 100 * rows["accuracy"]
    if len(rows) == 1:
        return f"{accuracy.iloc[0]:.1f}"
    return (
        f"{accuracy.mean():.1f} ({len(rows)} seeds, {accuracy.min():.1f} to {accuracy.max():.1f})"
    )


def _points(gain) -> str:
    return f"{100 * gain.value:+.1f} ({100 * gain.low:+.1f} to {100 * gain.high:+.1f})"


STARTS = (
    # (source, learning rate, name)
    ("none", 1e-4, "`minilm` as it comes"),
    ("topics", 1e-4, "`minilm` that learned the topics of news first (the control)"),
    ("imdb", 1e-4, "`minilm` that learned IMDb's long reviews first"),
    ("imdb", 2e-5, "the same, a fifth of the learning rate"),
)


def _related() -> str:
    """Knowledge from a related task, by labels of our own task."""
    record = course_utils.load_record("related_task")
    sizes, about = sorted(record["labels"].unique()), record.attrs
    lines = [
        "## Knowledge from a related task",
        "",
        f"Accuracy in % on {record['test_texts'].iloc[0]:,} one-sentence test reviews, by how many "
        "labels of such reviews were used: the mean over seeds, in brackets their number; then "
        "the difference to `minilm` as it comes, on the same reviews and with the same number of "
        f"labels (95 % interval over reviews). The source is {about['imdb_texts']:,} labelled "
        f"reviews of IMDb, or {about['topic_texts']:,} headlines and articles with their topics. "
        "`record related_task`, `record full_epoch`",
        "",
        f"| start | {' | '.join(f'{n:,} labels' for n in sizes)} |",
        "|---|" + "---|" * len(sizes),
    ]
    runs = dict(list(record.groupby(["source", "labels", "learning_rate"])))
    for source, rate, name in STARTS:
        cells = []
        for labels in sizes:
            # Without a label nothing is trained: its rate is 0, and stands in the first row.
            own = runs.get((source, labels, rate if labels or rate < 1e-4 else 0.0))
            plain = runs.get(("none", labels, 1e-4))
            cells.append(_mean_and_gain(own, None if source == "none" else plain))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _mean_and_gain(own, plain) -> str:
    """Mean accuracy and number of runs; the gain over other runs, if there are any."""
    if own is None:
        return ""
    said = f"{100 * own['accuracy'].mean():.1f} ({len(own)})"
    return said if plain is None else f"{said}: {_points(gain_of(own, plain))}"


def _epochs() -> str:
    """What six epochs do on 2,000 reviews."""
    record = course_utils.load_record("epochs")
    about, seeds = record.attrs, record["seed"].nunique()
    lines = [
        "## Six epochs",
        "",
        f"{about['texts']:,} reviews to learn from, {about['validation_texts']} to validate on; "
        f"{f'the mean of {seeds} seeds' if seeds > 1 else 'one seed'}. `record epochs`",
        "",
        "| epoch | loss on train | loss on validation | accuracy on train | on validation |",
        "|---|---|---|---|---|",
    ]
    for epoch, row in record.groupby("epoch").mean(numeric_only=True).iterrows():
        lines.append(
            f"| {epoch} | {row['train_loss']:.3f} | {row['validation_loss']:.3f} | "
            f"{100 * row['train_accuracy']:.1f} % | {100 * row['validation_accuracy']:.1f} % |"
        )
    return "\n".join(lines) + "\n"


def _headlines() -> str:
    """Accuracy against labels per topic, one row per method."""
    record = course_utils.load_record("label_efficiency").query("subject == 'headlines'")
    sizes = (1, 4, 16, 64)
    names = {
        "fine-tuned": "BERT (`minilm`) fine-tuned",
        "frozen": "the same BERT, frozen, + logistic regression",
        "words": "its word embeddings alone, averaged, + logistic regression",
        "tfidf": "TF-IDF + logistic regression, tuned",
    }
    lines = [
        "## Five topics of news, from the headline",
        "",
        "Accuracy in % against labels per topic: "
        f"mean of {record['draw'].nunique()} draws of labels (± standard deviation between draws), "
        "on all headlines that were not used. `record label_efficiency`",
        "",
        "| method | " + " | ".join(f"{n} label{'s' * (n > 1)}" for n in sizes) + " |",
        "|---|" + "---|" * len(sizes),
    ]
    for method, name in names.items():
        rows = record[record["method"] == method].groupby("labels")["accuracy"]
        cells = [f"{100 * rows.mean()[n]:.1f} ± {100 * rows.std()[n]:.1f}" for n in sizes]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _articles() -> str:
    """Whole articles: each method with what it may read."""
    record = course_utils.load_record("articles")
    sizes = {4: "4 labels", 16: "16 labels", 64: "64 labels", 0: "all labels"}
    methods = (
        ("tfidf", 0, "TF-IDF, the whole article"),
        ("tfidf", 64, "TF-IDF, 64 tokens"),
        ("frozen", 64, "frozen BERT, 64 tokens"),
        ("fine-tuned", 64, "fine-tuned BERT, 64 tokens"),
        ("tfidf", 256, "TF-IDF, 256 tokens"),
        ("frozen", 256, "frozen BERT, 256 tokens"),
    )
    lines = [
        "## The same topics, from the article",
        "",
        "Accuracy in % on "
        f"{record.attrs['test_texts']} test articles, by labels per topic and by how much of the "
        "article a method may read (in brackets: draws). Transfer does not always pay. "
        "`record articles`",
        "",
        "| method | " + " | ".join(sizes.values()) + " |",
        "|---|" + "---|" * len(sizes),
    ]
    for method, tokens, name in methods:
        rows = record[(record["method"] == method) & (record["tokens"] == tokens)]
        rows = rows.groupby("labels")["accuracy"]
        mean, draws = 100 * rows.mean(), rows.size()
        cells = [f"{mean[n]:.1f} ({draws[n]})" if n in mean else "not measured" for n in sizes]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


IMBALANCE = {
    # method: (its name, what it is compared with)
    "TF-IDF": ("TF-IDF + logistic regression, tuned", None),
    "TF-IDF, balanced": ("the same, labels weighed", "TF-IDF"),
    "frozen": ("frozen BERT + logistic regression, tuned", None),
    "frozen, balanced": ("the same, labels weighed", "frozen"),
    "plain": ("BERT (`minilm`) fine-tuned", None),
    "class weights": ('the same, `class_weights="balanced"`', "plain"),
    "over-sampled": ("the same, rare texts repeated", "plain"),
    "plain, shares taken out": ("the same model, shares of the labels divided out", "plain"),
}


def _imbalance() -> str:
    """A rare topic: what it gains and costs to weigh labels."""
    record = course_utils.load_record("imbalance")
    measures = {
        "accuracy": "accuracy",
        "macro_f1": "macro F1",
        "rare_recall": "recall, rare topic",
        "rare_precision": "precision, rare topic",
    }
    lines = [
        "## One topic is rare",
        "",
        "Headlines, one topic thinned out. In %: the mean of "
        f"{record['seed'].nunique()} seeds (each topic is the rare one in two of them), with its "
        "95 % t interval; for what weighs labels, the gain over the same without, seed by seed, "
        "and its interval. `record imbalance`",
    ]
    for share, rows in sorted(record.groupby("share"), reverse=True):
        few = rows["rare_texts"]
        lines += [
            "",
            f"| {100 * share:.0f} % rare ({few.min()} to {few.max()} headlines of "
            f"{rows['texts'].min():,} to {rows['texts'].max():,}) | "
            f"{' | '.join(measures.values())} |",
            "|---|" + "---|" * len(measures),
        ]
        values = rows.set_index(["method", "seed"]).sort_index()
        for method, (name, plain) in IMBALANCE.items():
            cells = [_mean_or_gain(values[measure], method, plain) for measure in measures]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _mean_or_gain(values, method: str, plain: str) -> str:
    """A mean and its interval; of a method that is compared with another, the gain over that."""
    own = values[method]
    if not plain:
        mean = mean_difference(own.to_numpy())
        return f"{100 * mean.value:.1f} ({100 * mean.low:.1f} to {100 * mean.high:.1f})"
    gain = mean_difference((own - values[plain]).to_numpy())
    return (
        f"{100 * own.mean():.1f}: {100 * gain.value:+.1f} "
        f"({100 * gain.low:+.1f} to {100 * gain.high:+.1f})"
    )


def _strategies() -> str:
    """What to train, on 600 reviews."""
    record = course_utils.load_record("strategies").query("part == 'test'")
    about = record.attrs
    lines = [
        "## What to train",
        "",
        f"One epoch on {about['texts']} film reviews, accuracy on "
        f"{about['test_texts']:,} test reviews. `record strategies`",
        "",
        "| trained | weights trained | learning rate | accuracy |",
        "|---|---|---|---|",
    ]
    for strategy in ("from scratch", "frozen body", "top two layers", "all layers"):
        rows = record[record["strategy"] == strategy]
        accuracy = 100 * rows["accuracy"]
        lines.append(
            f"| {strategy} | {rows['trained'].iloc[0]:,} | {rows['learning_rate'].iloc[0]:.0e} | "
            f"mean {accuracy.mean():.1f} %, {len(rows)} seeds {accuracy.min():.1f} to "
            f"{accuracy.max():.1f} % |"
        )
    return "\n".join(lines) + "\n"


def _lora() -> str:
    """A narrow matrix beside each frozen one, against all weights."""
    record, race = course_utils.load_record("lora"), course_utils.load_record("fair_race")
    tuned = race[(race["method"] == "fine-tuned") & (race["labels"] == record.attrs["labels"])]
    shape, head = Shape(**known()["checkpoints"]["minilm"]), 770
    rates = record["learning_rate"]
    lines = [
        "## LoRA: little to train, little to send",
        "",
        f"{record.attrs['labels']:,} reviews, rank {record.attrs['rank']}, the head trained whole. "
        f"Accuracy in % on {record['test_texts'].iloc[0]:,} test reviews, and the gain over "
        "fine-tuning on the same reviews (95 % interval over reviews, with the mean of the seeds "
        f"for each). Rates were chosen on validation with seed 0, from {rates.min():.0e} to "
        f"{rates.max():.0e}. `record lora`, `record fair_race`",
        "",
        "| trained | weights trained | to send, MB | learning rate | accuracy | gain |",
        "|---|---|---|---|---|---|",
        f"| all but the word table | {shape.weights - shape.words * shape.hidden + head:,} | "
        f"{4 * (shape.weights + head) / 1e6:.0f} | {race.attrs['learning_rate']:.0e} | "
        f"{_percent_of_seeds(tuned)} |  |",
    ]
    for method, rows in record.groupby("method"):
        rate = best_rate(rows.to_dict("records"), method)
        rows = rows[rows["learning_rate"] == rate]
        lines.append(
            f"| LoRA, {method} | {rows['weights_trained'].iloc[0]:,} | "
            f"{rows['megabytes'].iloc[0]:.1f} | {rate:.0e} | "
            f"{_percent_of_seeds(rows)}{' (1 seed)' * (len(rows) == 1)} | "
            f"{_points(gain_of(rows, tuned))} |"
        )
    return "\n".join(lines) + "\n"


def _time() -> str:
    """Time to an accuracy, on 2,000 reviews."""
    record = course_utils.load_record("time_to_accuracy")
    about = record.attrs
    last = record[record["epoch"] == record.groupby("method")["epoch"].transform("max")]
    lines = [
        "## Time and accuracy",
        "",
        f"{about['texts']:,} film reviews, accuracy on "
        f"{about['validation_texts']} validation reviews, in processor seconds. "
        "`record time_to_accuracy`",
        "",
        "| method | epochs | processor seconds | accuracy |",
        "|---|---|---|---|",
    ]
    best = best_rates(record)
    scratch = best[(best["method"] == "from scratch") & (best["epoch"] == best["epoch"].max())]
    first = record[(record["method"] == "pre-trained") & (record["epoch"] == 1)]
    for name, rows in (
        ("TF-IDF + logistic regression, tuned", last[last["method"] == "TF-IDF"]),
        ("BERT (`minilm`), pre-trained by others", first),
        ("the same network from scratch", scratch),
    ):
        accuracy = 100 * rows["validation_accuracy"]
        spread = f", {len(rows)} seeds {accuracy.min():.1f} to {accuracy.max():.1f} %"
        lines.append(
            f"| {name} | {rows['epoch'].iloc[0]} | {rows['seconds'].mean():.0f} | "
            f"{accuracy.mean():.1f} %{spread if len(rows) > 1 else ''} |"
        )
    lines += [
        "",
        f"Measured on: {about['device']}, torch {about['torch']}, transformers "
        f"{about['transformers']}, {about['date']}. What the pre-training cost is not in these "
        "seconds: notebook 01 does that sum.",
    ]
    return "\n".join(lines) + "\n"


def _bf16() -> str:
    """Fewer bits, and what they cost."""
    fewer, exact = bf16.in_pairs()
    by_seed = mean_difference(bf16.difference_by_seed())
    lines = [
        "## Fewer bits",
        "",
        "Accuracy in % on "
        f"{fewer['test_texts'].iloc[0]:,} test reviews after one epoch on 2,000, trained and "
        "judged in one arithmetic, and what bf16 gains (95 % intervals: over reviews, and over "
        "seeds). `record bf16`, `record fair_race`",
        "",
        "| arithmetic | accuracy | gain, over reviews | gain, over seeds |",
        "|---|---|---|---|",
        f"| fp32 | {_percent_of_seeds(exact)} | | |",
        f'| bf16, after `use(precision="bf16")` | {_percent_of_seeds(fewer)} | '
        f"{_points(gain_of(fewer, exact))} | {_points(by_seed)} |",
        "",
        f"Where a model trained in bf16 answers in fp32 instead, {fewer['changed_answers'].min()} "
        f"to {fewer['changed_answers'].max()} of its answers are others, and no probability moves "
        f"by more than {fewer['largest_change'].max():.3f}.",
    ]
    return "\n".join(lines) + "\n"


TRAINING = {
    "best_recipe": "`fine_tune`, word embeddings frozen, no dropout (as in notebook 05)",
    "same_recipe": "`fine_tune` with the Trainer's recipe",
    "trainer_best": "transformers' `Trainer`, grouped by length, with our recipe",
    "trainer_grouped": "transformers' `Trainer`, grouped by length",
    "trainer_default": "transformers' `Trainer`",
    "slide_scaled_up": "the slide's code, scaled up",
}
PREDICTION = {
    "predict": "`predict`",
    "pipeline_batched": "transformers' `pipeline`, 32 texts at once",
    "pipeline": "transformers' `pipeline`",
}


def _speed() -> str:
    """Texts per second of all contenders."""
    bench = json.loads(BENCH.read_text(encoding="utf-8"))
    texts = bench["texts"]
    lines = [
        "## Speed",
        "",
        f"Texts per second: one epoch on {texts['reviews']:,} film reviews, then the "
        f"prediction of {texts['prediction']:,}. The contenders took turns. `bench`",
        "",
        "| what | texts per second: median (least to most) | ours is faster by |",
        "|---|---|---|",
        *_speeds(bench, "reviews", TRAINING),
        *_speeds(bench, "prediction", PREDICTION),
        "",
        f"Measured on: {bench['device']}, torch {bench['torch']}, transformers "
        f"{bench['transformers']}, {bench['date']}. These computers are noisy: what counts is the "
        "ratio within a round, and the last column shows its median.",
        *_sentences(bench),
    ]
    return "\n".join(lines) + "\n"


def _sentences(bench: dict) -> list:
    """What a run of `bench` also tells, if it is not an old one: each with an empty line before."""
    found, said = bench["figures"], []
    if bench.get("load", {}).get("before") is not None:  # Windows knows no load
        said += ["", f"Other programs at work as it began: {bench['load']['before']:.1f}."]
    if "two_at_once vs alone" in found:
        said += [
            "",
            f"Two trainings at once get through {found['two_at_once vs alone']:.2f} times the "
            f"texts of one alone; that is {found['two_at_once vs two_spinning']:.2f} times what "
            "they do where a thread that waits keeps its core busy.",
        ]
    if "predict_bf16 vs pipeline" in found:
        said += [
            "",
            f"In bf16, `predict` is {found['predict_bf16 vs pipeline']:.2f} times as fast as the "
            f"`pipeline`, and {found['predict_bf16 vs pipeline_batched']:.2f} times as fast as "
            "that with 32 texts at once, both in fp32.",
        ]
    if "two_processes vs one_process_two_threads" in found:
        each = found["two_processes vs one_process"] / 2
        said += [
            "",
            f"Two processes of one thread each, at batch 64: each does {each:.2f} of what one does "
            f"alone; together {found['two_processes vs one_process_two_threads']:.2f} times the "
            "texts of one process with two threads.",
        ]
    return said


def _speeds(bench: dict, kind: str, contenders: dict) -> list:
    """A row for each contender; the first one is ours."""
    first, lines = next(iter(contenders)), []
    ours = _rates(bench, kind, first)
    for name, what in contenders.items():
        found = _rates(bench, kind, name)
        times = statistics.median(a / b for a, b in zip(ours, found, strict=True))
        compared = "" if name == first else f"{times:.2f}"
        lines.append(
            f"| {what} | {statistics.median(found):.0f} ({min(found):.0f} to {max(found):.0f}) | "
            f"{compared} |"
        )
    return lines


def _rates(bench: dict, kind: str, name: str) -> list:
    """Texts per second of one contender, round by round."""
    rows = [row for row in bench["rows"] if (row["kind"], row["contender"]) == (kind, name)]
    return [row["texts_per_second"] for row in sorted(rows, key=lambda row: row["round"])]


def _percent(value, low, high) -> str:
    return f"{100 * value:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def _seeds(rows) -> str:
    """The mean over seeds, their range, and the interval of the first seed."""
    accuracy = rows["accuracy"]
    first = rows.iloc[0]
    return (
        f"mean {100 * accuracy.mean():.1f} %, seeds {100 * accuracy.min():.1f} to "
        f"{100 * accuracy.max():.1f} %; seed {first['seed']}: "
        f"{_percent(first['accuracy'], first['low'], first['high'])}"
    )


def _difference(rows) -> str:
    worst = rows.loc[rows["difference_low"].idxmin()]
    return (
        f"mean {100 * rows['difference'].mean():+.1f} points; in the weakest seed "
        f"{100 * worst['difference']:+.1f} "
        f"({100 * worst['difference_low']:+.1f} to {100 * worst['difference_high']:+.1f}); "
        f"interval above zero in {(rows['difference_low'] > 0).sum()} of {len(rows)} seeds"
    )


def with_tables(page: str, tables: str) -> str:
    """The page with `tables` between its two marks; all else stays.

    Raises:
        SystemExit: if a mark is missing.
    """
    if not all(mark in page for mark in (BEGIN, END)):
        raise SystemExit("RESULTS.md has lost its two marks around the results: put them back.")
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + "\n" + tables + "\n" + END + rest.partition(END)[2]


def main():
    course_utils.use(checkpoint="minilm", size="default")
    page = with_tables(PAGE.read_text(encoding="utf-8"), results_tables())
    PAGE.write_text(page, encoding="utf-8", newline="\n")
    FIGURE.write_bytes(course_utils.plot_slide_recipe(course_utils.load_record("slide_recipe")).png)
    print("RESULTS.md and data/recorded/slide_recipe.png follow the records.")


if __name__ == "__main__":
    main()
