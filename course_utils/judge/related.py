"""Knowledge from a related task: what the record says that was made with several starts."""

from course_utils.judge.records import gain_of

RATE, GENTLE = 1e-4, 2e-5
"""Learning rates of the record: that of notebook 05, and one that changes less."""


def starts(rows) -> dict:
    """The runs of the record "related_task" by how they began and went on.

    Args:
        rows: the record, with the columns source, labels and learning_rate.

    Returns:
        A dictionary of parts of `rows`, without those that are empty: "imdb" and "topics" (learned
        first), "none" (nothing first), and "imdb, gently": after it, the smaller learning rate.
        What "imdb" gives without a label of ours belongs to both of its parts.
    """
    usual = (rows["learning_rate"] == RATE) | (rows["labels"] == 0)
    gentle = (rows["learning_rate"] == GENTLE) | (rows["labels"] == 0)
    parts = {
        "imdb": rows[usual & (rows["source"] == "imdb")],
        "imdb, gently": rows[gentle & (rows["source"] == "imdb")],
        "topics": rows[usual & (rows["source"] == "topics")],
        "none": rows[usual & (rows["source"] == "none")],
    }
    return {name: part for name, part in parts.items() if len(part)}


def source_gains(rows) -> dict:
    """How much better it is to learn another task first, by start and by labels of our own.

    Runs are paired: the same seed, so the same labelled texts, and the same test texts. For the
    interval see `gain_of`: it covers the chance in which texts were judged.

    Args:
        rows: the record "related_task".

    Returns:
        A dictionary from (start, labels) to the `Difference` to nothing first, wherever both were
        measured with the same seeds. For the names of the starts see `starts`.
    """
    gains, parts = {}, starts(rows)
    for name in [name for name in parts if name != "none" and "none" in parts]:
        for labels in sorted(set(rows["labels"])):
            pair = [parts[key][parts[key]["labels"] == labels] for key in (name, "none")]
            shared = set.intersection(*(set(part["seed"]) for part in pair))
            if shared:
                own, plain = (part[part["seed"].isin(shared)] for part in pair)
                gains[name, int(labels)] = gain_of(own, plain)
    return gains
