"""Knowledge from a related task: what the record says that was made with several starts."""

from course_utils.judge.records import gain_of


def source_gains(rows) -> dict:
    """How much better it is to learn another task first, by task and by labels of our own.

    Runs are paired: the same seed, so the same labelled texts, and the same test texts. For the
    interval see `gain_of`: it covers the chance in which texts were judged.

    Args:
        rows: the record "related_task".

    Returns:
        A dictionary from (source, labels) to the `Difference` to nothing first, wherever both were
        measured with the same seeds; the related task comes first.
    """
    gains = {}
    for source in ("imdb", "topics"):
        for labels in sorted(set(rows["labels"])):
            of_size = rows[rows["labels"] == labels].sort_values("seed")
            own, plain = (of_size[of_size["source"] == name] for name in (source, "none"))
            shared = set(own["seed"]) & set(plain["seed"])
            if shared:
                pair = (part[part["seed"].isin(shared)] for part in (own, plain))
                gains[source, int(labels)] = gain_of(*pair)
    return gains
