"""What an evaluation says, in lines for a terminal."""

MOST = 20
"""So many labels have their line; of more, those with the lowest F1."""

WORST = 8
"""Confusions that are told."""


THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def tell(result) -> None:
    """Print accuracy, macro F1, a line for each label, what is confused, and what is unsure.

    Args:
        result: an `Evaluation`.
    """
    print(f"{result}, macro F1 {result.macro_f1:.3f}")
    print()
    table = result.per_class()
    if len(table) > MOST:
        print(f"The {MOST} labels of {len(table)} with the lowest F1:")
        table = table[table["texts"] > 0].sort_values("f1", kind="stable").head(MOST)
    print(table.rename_axis(None).to_string())
    _tell_never(result)
    _tell_confusions(result)
    _tell_unsure(result)


def tell_seen(result, seen: list | None) -> None:
    """Print how many of the texts the model was trained on, and how good it is on the others.

    Args:
        result: an `Evaluation`.
        seen: for each text whether it was; None if nobody knows.
    """
    print()
    if seen is None:
        print("The model does not say which texts it was trained on. On those, this says nothing.")
        return
    if not any(seen):
        print("The model was trained on none of these texts.")
        return
    others = [row for row, known in enumerate(seen) if not known]
    print(
        f"Beware: {sum(seen):,} of {len(seen):,} texts are among those that the model was trained "
        "on. It may know these by heart, so what stands above is too good."
    )
    if others:
        rest = result.take(others, f"{result.name}, on the others")
        print(f"{rest}, macro F1 {rest.macro_f1:.3f}")


def _tell_never(result) -> None:
    """Print which labels of the texts are never an answer, if there are such."""
    names = result.data.label_names
    never = [names[label] for label in sorted({*result.data.labels} - {*result.predicted})]
    if never:
        listed = ", ".join(f"'{name}'" for name in never[:WORST]) + ", …" * (len(never) > WORST)
        print(
            f"\nNever an answer: {listed}. More texts with such a label may help, or training with "
            "more --epochs."
        )


def _tell_confusions(result) -> None:
    worst = result.worst_confusions(WORST)
    if len(worst):
        print("\nConfused most often:")
    for row in worst.itertuples():
        print(f"{row.texts:6,} x '{row.true}' was called '{row.predicted}'")


def _tell_unsure(result) -> None:
    print("\nIf a person looks at the unsure answers:")
    for threshold in THRESHOLDS:
        sure = result.probabilities.max(axis=1) >= threshold
        line = f"  --unsure {threshold:<4g}  {100 * sure.mean():5.1f} % of the answers are sure"
        right = f", {100 * result.correct[sure].mean():.1f} % of them right" if sure.any() else ""
        print(line + right)
