"""What all interactive views share: their form in a stored notebook, and how numbers are shown."""

import copy
import html

from course_utils.data.display import no_formula, shown_names
from course_utils.data.half_signs import whole_signs
from course_utils.errors import ModelBusy
from course_utils.look.figures.base import BLUE, GREY

_of_cell = {}
"""The cell of a notebook -> its last run, and the widgets that this run made."""


def with_fallback(view, shown: str, description: str):
    """Give a widget an HTML form too, for stored notebooks, and a plain-text form.

    Args:
        view: the widget.
        shown: the HTML that stands in for it where no kernel is running.
        description: the plain text.
    """

    class View(type(view)):
        def _repr_mimebundle_(self, **options):
            bundle = super()._repr_mimebundle_(**options)
            return {**bundle, "text/html": no_formula(shown), "text/plain": description}

    view.__class__ = View
    return view


def sentence(text: str) -> str:
    """One sentence, escaped; a screen reader tells it when it changes."""
    return f'<p role="status">{html.escape(text)}</p>'


def bars(values, names, texts=None) -> str:
    """One line per value: name, bar, number. Readable without colour.

    Args:
        values: shares from 0 to 1, the lengths of the bars.
        names: one for each value.
        texts: what stands at the end of each bar; by default the share in per cent.
    """
    names = shown_names(names)
    texts = texts or [f"{100 * value:.1f} %" for value in values]
    return "".join(
        '<div style="display:flex;align-items:center;gap:8px;margin:2px 0">'
        f'<span style="width:11em">{html.escape(name)}</span>'
        f'<span style="flex:1;border:1px solid {GREY};height:1.1em">'
        f'<span style="display:block;height:100%;width:{100 * value:.1f}%;background:{BLUE}">'
        f'</span></span><span style="width:9em;text-align:right">{html.escape(text)}</span></div>'
        for name, value, text in zip(names, values, texts, strict=True)
    )


def table(head, rows) -> str:
    """A small HTML table; the first column holds text, the others numbers."""
    titles = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in shown_names(head, 40))
    body = "".join(
        f'<tr><th scope="row" style="text-align:left;font-weight:normal">{html.escape(name)}</th>'
        + "".join(f"<td>{html.escape(value)}</td>" for value in values)
        + "</tr>"
        for name, *values in rows
    )
    return f"<table><tr>{titles}</tr>{body}</table>"


def text_box(description: str, tooltip: str, value: str = "", placeholder: str = ""):
    """A line to type into; its view follows while you type."""
    import ipywidgets

    return ipywidgets.Text(
        value=value,
        placeholder=placeholder,
        description=description,
        continuous_update=True,
        layout=ipywidgets.Layout(width="90%"),
        style={"description_width": "initial"},
        tooltip=tooltip,
    )


def own_tokenizer(tokenizer):
    """A function that gives a view its own copy of a tokenizer, with the length of the original.

    A tokenizer notes where it cuts a text, and each call notes it anew. A view may run in another
    thread: with the same tokenizer, it would change where a cell cuts the rest of its texts.
    """
    own = copy.deepcopy(tokenizer)

    def current():
        own.model_max_length = tokenizer.model_max_length  # fine_tune may have set it since
        return own

    return current


def follow(inputs: list, draw, shown: str, description: str, width: str = "50em"):
    """The view of some inputs, above what `draw` makes of their values.

    Args:
        inputs: widgets with a `value`.
        draw: takes the values, returns HTML. It is called at once, and after each change.
        shown, description: see `with_fallback`.
        width: of that HTML at most, as in CSS: lines of text should be short, a figure may be wide.
    """
    import ipywidgets

    answer = ipywidgets.HTML()

    def show():
        values = (each.value for each in inputs)
        content = draw(*(whole_signs(v) if isinstance(v, str) else v for v in values))
        answer.value = f'<div style="max-width:{width}">{content}</div>'

    def update(_):
        try:
            show()
        except ModelBusy as busy:  # a cell trains the model; this view runs in another thread
            answer.value = sentence(str(busy))
        except Exception as problem:  # it would vanish, and an old answer look like the new one
            answer.value = sentence(f"This cannot be shown: {problem}")

    for each in inputs:
        each.observe(update, names="value")
    show()
    view = with_fallback(ipywidgets.VBox([*inputs, answer]), shown, description)
    _take_the_place([*inputs, answer, view])
    return view


def _take_the_place(widgets: list) -> None:
    """Close what an earlier run of the same cell showed: nobody sees it, and it holds a model."""
    cell, run = _what_runs()
    before, older = _of_cell.get(cell, (run, []))
    if run != before:
        for widget in older:
            widget.unobserve_all()
            widget.close()
        older = []
    _of_cell[cell] = run, [*older, *widgets] if run else []


def _what_runs() -> tuple:
    """The cell that runs, and the number of this run; None and None outside of a notebook."""
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return None, None
    request = kernel.get_parent("shell")
    # JupyterLab says which cell it is; without that, the same code is taken for the same cell
    cell = request.get("metadata", {}).get("cellId") or request["content"]["code"]
    return cell, request["header"]["msg_id"]
