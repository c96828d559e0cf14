"""A view of a model: its attention."""

from functools import cache, partial

from course_utils.look.figures.inside import plot_attention
from course_utils.look.views.base import follow


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
