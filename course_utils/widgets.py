"""Interactive views, each with a table that stays readable when no kernel is running."""

import html

from course_utils.evaluation import predict

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
