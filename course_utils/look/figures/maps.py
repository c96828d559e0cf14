"""The map of sentences of notebook 08."""

import numpy as np

from course_utils.data.display import listed, shown_names
from course_utils.errors import DataError
from course_utils.look.figures.base import LINES, Figure, course_style, new_axes
from course_utils.look.figures.letters import in_legend

KINDS = (*LINES, ("#CC79A7", "v"), ("#56B4E9", "P"), ("black", "X"))
"""Colour and marker of each label: more of Okabe and Ito's colours, see `figures.base`."""


@course_style
def plot_sentence_map(before, after, labels, label_names) -> Figure:
    """The vectors of the same texts before and after training, each set flattened to a map.

    A map keeps the two directions in which its vectors differ most (PCA), and loses the rest. So
    look at the number, too: how many texts have a nearest neighbour with the same label, in all
    dimensions (`same_label_neighbours`).

    Args:
        before, after: from `sentence_vectors`, of shape (texts, hidden). Use texts on which the
            model was not trained.
        labels: one for each text, a position in `label_names`.
        label_names: two or more names. Of more than seven, the six most frequent labels have
            their own colours.

    Raises:
        DataError: if vectors, labels and names do not fit together.
    """
    from course_utils.look.probes import chance_neighbours

    labels, names = np.asarray(labels), list(label_names)
    _check_map(before, after, labels, names)
    kinds = _kinds_of(labels, names)
    figure, panels = new_axes(10, 5, ncols=2)
    told, kept = [], []
    for axes, time, vectors in zip(panels, ("before", "after"), (before, after), strict=True):
        share, variance = _draw_map(axes, np.asarray(vectors), labels, kinds)
        axes.set_title(f"{time}: {share:.1f} % next to the same label")
        told.append(f"{share:.1f} % {time}")
        kept.append(f"{variance:.1f} % {time}")
    handles, shown = panels[0].get_legend_handles_labels()
    columns = 5 if max(map(len, kinds)) < 16 else 3
    look = {"ncols": min(len(kinds), columns), "markerscale": 1.5, "handletextpad": 0.3}
    figure.legend(handles, shown, loc="outside upper center", **look)
    summary = (
        f"{len(labels):,} texts whose nearest neighbour has the same label: {' and '.join(told)} "
        f"training (by chance {100 * chance_neighbours(labels):.1f} %)."
    )
    alt = (
        f"Two maps of dots, one kind for each of {', '.join(kinds)}. {summary} The maps keep "
        f"{' and '.join(kept)} of the variance."
    )
    return Figure(figure, alt, summary)


def _kinds_of(labels, names: list) -> dict:
    """What the legend says -> the labels that are drawn so: one each, but for the rare of many."""
    short = shown_names(names)
    if len(names) <= len(KINDS):
        return {name: [label] for label, name in enumerate(short)}
    frequent = np.argsort(-np.bincount(labels, minlength=len(names)), kind="stable")
    first = len(KINDS) - 1
    kinds = {short[label]: [label] for label in sorted(frequent[:first])}
    return kinds | {f"{len(names) - first} other labels": list(frequent[first:])}


def _draw_map(axes, vectors, labels, kinds: dict) -> tuple:
    """One panel. Returns the share of texts near their like, and of the variance kept, in %."""
    from sklearn.decomposition import PCA

    from course_utils.look.probes import same_label_neighbours

    share = 100 * same_label_neighbours(vectors, labels)
    flat = PCA(n_components=2, svd_solver="full").fit(vectors)
    places = flat.transform(vectors)  # (texts, 2)
    for (name, members), (colour, marker) in zip(kinds.items(), KINDS, strict=False):
        x, y = places[np.isin(labels, members)].T
        look = {"color": colour, "alpha": 0.65, "markersize": 6, "markeredgewidth": 0}
        axes.plot(x, y, marker, label=in_legend(name), **look)
    first, second = 100 * flat.explained_variance_ratio_
    axes.set_xlabel(f"first direction: {first:.1f} % of the variance")
    axes.set_ylabel(f"second: {second:.1f} %")
    axes.set_xticks([])
    axes.set_yticks([])
    return share, first + second


def _check_map(before, after, labels, names: list) -> None:
    if np.shape(before) != np.shape(after):
        raise DataError(
            f"before has the shape {np.shape(before)}, after {np.shape(after)}: expected vectors "
            "of the same texts."
        )
    if len(names) < 2:
        raise DataError(f"Expected two label names or more, found {len(names)}.")
    if not np.isin(labels, range(len(names))).all():
        raise DataError(
            f"Expected labels from 0 to {len(names) - 1}: positions in the label names "
            f"{listed(names)}."
        )
