"""Writes README's table of results and its figure from the records in data/recorded/.

Takes seconds. A test compares README with what `results_table` returns.
"""

from pathlib import Path

import course_utils

ROOT = Path(__file__).resolve().parent.parent
FIGURE = ROOT / "data" / "recorded" / "slide_recipe.png"
BEGIN, END = "<!-- results: python course.py record readme -->\n", "<!-- end of results -->"


def results_table() -> str:
    """The rows of README's table, from the records of the default checkpoint."""
    slide = course_utils.load_record("slide_recipe")
    runs = course_utils.load_record("fine_tuning")
    tests = runs["test_texts"].iloc[0]
    lines = [
        "| what | result | runs | made by |",
        "|---|---|---|---|",
        f'| the slide\'s program, asked about "{slide.attrs["text"]}" | '
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


def main():
    course_utils.use(checkpoint="minilm", size="default")
    readme = ROOT / "README.md"
    if not all(mark in readme.read_text(encoding="utf-8") for mark in (BEGIN, END)):
        raise SystemExit("README.md has lost its two marks around the results: put them back.")
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    text = before + BEGIN + "\n" + results_table() + "\n" + END + after
    readme.write_text(text, encoding="utf-8", newline="\n")
    FIGURE.write_bytes(course_utils.plot_slide_recipe(course_utils.load_record("slide_recipe")).png)
    print("README.md and data/recorded/slide_recipe.png follow the records.")


if __name__ == "__main__":
    main()
