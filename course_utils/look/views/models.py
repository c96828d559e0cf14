"""Views of a model: its attention, and what freezing does."""

from functools import cache, partial

from course_utils.look.figures.inside import plot_attention
from course_utils.look.views.base import bars, follow, sentence
from course_utils.model.layers import blocks


def attention_chooser(attention, layer: int = 1, head: int = 1):
    """Two sliders to choose a layer and a head with; the heat map below follows.

    (Not lists: JupyterLab takes the arrow keys of a list for its own, those of a slider it leaves.)

    Args:
        attention: from `attention_weights`, of at most 32 tokens.
        layer, head: what is shown at first, counted from 1, and what stands in for the view where
            no kernel is running.

    Returns:
        The view; leave it as the last line of a cell.

    Raises:
        DataError: if there is no such layer or head, or the text is too long for a figure.
    """
    import ipywidgets

    draw = cache(partial(plot_attention, attention))  # going back to a head takes no time
    first = draw(layer, head)
    layers, heads = attention.weights.shape[:2]
    which = ipywidgets.SelectionSlider(
        options=range(1, layers + 1), value=layer, description="Layer:", tooltip="Choose a layer"
    )
    of_it = ipywidgets.SelectionSlider(
        options=[("mean over all", 0), *((str(n), n) for n in range(1, heads + 1))],
        value=head or 0,
        description="Head:",
        tooltip="Choose a head of this layer",
    )

    def show(layer, head):
        return draw(layer, head or None)._repr_html_()

    described = f"Choose a layer and a head: {first.alt}"
    return follow([which, of_it], show, first._repr_html_(), described, width="100%")


def freeze_slider(model, record=None):
    """How many top layers are trained: the weights that move, and the time that it takes.

    Nothing is frozen by it: see `freeze`.

    Args:
        model: a classifier.
        record: `load_record("strategies")`, for the time: measured for the head alone, two layers
            and all weights; between them a straight line.

    Returns:
        The view; leave it as the last line of a cell.

    Raises:
        DataError: if the model is no BERT.
    """
    import ipywidgets

    sizes = {name: sum(w.numel() for w in part.values()) for name, part in blocks(model).items()}
    layers = sum(name.startswith("layer ") for name in sizes)
    slider = ipywidgets.IntSlider(
        value=layers,
        min=0,
        max=layers,
        description="top layers:",
        tooltip="How many layers, counted from the head, are trained",
    )
    everything = ipywidgets.Checkbox(
        value=False, description="embeddings, too", tooltip="Only if all layers are trained"
    )
    times = _measured(record, layers)

    def draw(top, embeddings):
        trained = trained_weights(sizes, top, embeddings and top == layers)
        total = sum(sizes.values())
        shown = bars([trained / total], ["weights that move"], [f"{trained:,}"])
        told = f"{100 * trained / total:.3g} % of {total:,} weights."
        if embeddings and top < layers:
            told += " The embeddings come below all layers, so they stay frozen here."
        if times:
            steps = top + int(embeddings and top == layers)
            shown += bars([_time(times, steps)], ["time of one epoch"])
            told += " Time: of that for all weights."
        return shown + sentence(told)

    stored = "".join(sentence(f"top layers: {top}") + draw(top, False) for top in (0, 2, layers))
    return follow([slider, everything], draw, stored, "How many layers are trained")


def trained_weights(sizes: dict, top: int, embeddings: bool) -> int:
    """The weights that `freeze(model, top)` leaves to be trained, or all but the embeddings.

    Args:
        sizes: block -> number of weights, see `blocks`.
        top: how many layers are trained, counted from the head; the pooler goes with them.
        embeddings: whether the embeddings are trained, too.
    """
    layers = [name for name in sizes if name.startswith("layer ")]
    trained = ["head", *(["pooler"] if top else []), *layers[len(layers) - top :]]
    return sum(sizes[name] for name in trained + ["embeddings"] * embeddings)


def _measured(record, layers: int) -> dict:
    """What is trained -> processor time, as a share of that of everything; empty if unknown.

    0 is the head alone, 2 the top two layers, and one more than all layers the embeddings, too.
    """
    if record is None or record.empty:
        return {}
    seconds = record[record["part"] == "test"].groupby("strategy")["seconds"].mean()
    known = {0: "frozen body", 2: "top two layers", layers + 1: "all layers"}
    return {top: seconds[name] / seconds["all layers"] for top, name in known.items()}


def _time(times: dict, steps: int) -> float:
    """Between what was measured, a straight line."""
    import numpy as np

    known = sorted(times)
    return float(np.interp(steps, known, [times[step] for step in known]))
