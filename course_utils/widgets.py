"""Interactive views, each with a table that stays readable when no kernel is running."""

import html
from functools import cache, partial

from course_utils.evaluation import predict
from course_utils.plotting.inside import plot_attention

EXAMPLES = ("I had an awesome day!", "What a waste of two hours.", "Not my cup of tea.")


def live_prediction(model, tokenizer, examples=EXAMPLES):
    """A box to type a sentence into; the bars below follow while you type.

    Args:
        model, tokenizer: a fine-tuned classifier.
        examples: sentences for the table that stands in for the box where no kernel is running.

    Returns:
        The view; leave it as the last line of a cell.
    """
    import ipywidgets

    names = [model.config.id2label[i] for i in range(model.config.num_labels)]
    box = ipywidgets.Text(
        placeholder="Type a sentence",
        description="Sentence:",
        continuous_update=True,
        layout=ipywidgets.Layout(width="90%"),
        tooltip="Type a sentence; the probabilities below follow",
    )
    answer = ipywidgets.HTML(value=_waiting())

    def follow(change):
        text = change["new"].strip()
        answer.value = _bars(predict_one(model, tokenizer, text), names) if text else _waiting()

    box.observe(follow, names="value")
    table = _table(examples, [predict_one(model, tokenizer, text) for text in examples], names)
    return _with_fallback(ipywidgets.VBox([box, answer]), table, "Type a sentence: live prediction")


def predict_one(model, tokenizer, text: str):
    """The probabilities of one text, shape (classes,), without a progress bar."""
    return predict(model, tokenizer, [text], quiet=True)[0]


def _with_fallback(view, table: str, description: str):
    """Give a widget an HTML form too, for stored notebooks, and a plain-text form."""

    class View(type(view)):
        def _repr_mimebundle_(self, **options):
            bundle = super()._repr_mimebundle_(**options)
            return {**bundle, "text/html": table, "text/plain": description}

    view.__class__ = View
    return view


def _waiting() -> str:
    return "<p>The probabilities appear here.</p>"


def _bars(probabilities, names) -> str:
    """One line per class: name, bar, per cent. Readable without colour."""
    rows = "".join(
        '<div style="display:flex;align-items:center;gap:8px;margin:2px 0">'
        f'<span style="width:9em">{html.escape(name)}</span>'
        '<span style="flex:1;border:1px solid #8C8C8C;height:1.1em">'
        f'<span style="display:block;height:100%;width:{100 * value:.1f}%;background:#0072B2">'
        "</span></span>"
        f'<span style="width:4em;text-align:right">{100 * value:.1f} %</span></div>'
        for name, value in zip(names, probabilities, strict=True)
    )
    return f'<div role="status" style="max-width:40em;font-size:15px">{rows}</div>'


def _table(texts, rows, names) -> str:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in names)
    body = "".join(
        f'<tr><td style="text-align:left">{html.escape(text)}</td>'
        + "".join(f"<td>{100 * value:.1f} %</td>" for value in values)
        + "</tr>"
        for text, values in zip(texts, rows, strict=True)
    )
    return f'<table><tr><th scope="col">sentence</th>{head}</tr>{body}</table>'


def attention_chooser(attention, layer: int = 1, head: int = 1):
    """Two lists to choose a layer and a head from; the heat map below follows.

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
    which = ipywidgets.Dropdown(
        options=range(1, layers + 1), value=layer, description="Layer:", tooltip="Choose a layer"
    )
    of_it = ipywidgets.Dropdown(
        options=[("mean over all", None), *((str(n), n) for n in range(1, heads + 1))],
        value=head,
        description="Head:",
        tooltip="Choose a head of this layer",
    )
    picture = ipywidgets.HTML(value=_shown(first))

    def follow(_):
        picture.value = _shown(draw(which.value, of_it.value))

    which.observe(follow, names="value")
    of_it.observe(follow, names="value")
    view = ipywidgets.VBox([ipywidgets.HBox([which, of_it]), picture])
    return _with_fallback(view, first._repr_html_(), f"Choose a layer and a head: {first.alt}")


def _shown(figure) -> str:
    """A figure whose change a screen reader tells."""
    return f'<div role="status">{figure._repr_html_()}</div>'
