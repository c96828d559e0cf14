"""What all figures share: colours, style, and the form in which a figure is shown."""

import base64
import functools
import html
import io

from course_utils.data.display import isolated, no_formula
from course_utils.look.figures.letters import write_all_letters

# Okabe and Ito (2008): eight colours that colour-blind readers can tell apart. ORANGE is for what
# is the reader's own. It is pale, so it always has a black edge.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#8C8C8C"

LINES = ((BLUE, "o"), (RED, "s"), (GREEN, "D"), (GREY, "^"))
"""Colours and markers of up to four models in one figure."""

STYLE = {
    "figure.facecolor": "white",  # also in dark themes: the axes' labels are black
    "axes.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "font.size": 13,
    "axes.titlesize": 14,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "lines.linewidth": 2.2,
    "text.parse_math": False,  # a label "$5 to $10" is no formula
}


class Figure:
    """A picture with its alt text (for those who cannot see it) and its summary (for all).

    JupyterLab shows the HTML form, text-only readers the alt text. If the numbers come from a
    `record` (see `load_record`), the caption says when they were measured. For names that no font
    of this computer can write, there are numbers in the picture, and `key` says what they stand
    for.
    """

    def __init__(self, figure, alt: str, summary: str, record=None):
        numbers = write_all_letters(figure)
        self.key = [f"[{number}] {isolated(name)}" for name, number in numbers.items()]
        known = f" In the picture: {'; '.join(self.key)}." if self.key else ""
        self.alt, self.summary = alt + known, summary
        date = {} if record is None or record.empty else record.attrs
        self.recorded = f" Runs recorded on {date['date']}." if "date" in date else ""
        self.png = _small_png(figure)

    def _repr_html_(self) -> str:
        picture = base64.b64encode(self.png).decode()
        key = f"<p>{html.escape(' · '.join(self.key))}</p>" if self.key else ""
        return no_formula(
            '<figure style="margin:0;max-width:820px">'
            f'<img src="data:image/png;base64,{picture}" alt="{html.escape(self.alt)}" '
            f'style="width:100%;background:white">{key}'
            f"<figcaption>{html.escape(self.summary + self.recorded)}</figcaption></figure>"
        )

    def __repr__(self):
        return f"Figure: {self.alt}"


def _small_png(figure) -> bytes:
    """The picture with 256 colours: a third of the bytes, and no difference to see."""
    from PIL import Image

    drawn, small = io.BytesIO(), io.BytesIO()
    # Packing it well comes last; at this point it would take time for nothing.
    figure.savefig(
        drawn, format="png", dpi=130, bbox_inches="tight", pil_kwargs={"compress_level": 0}
    )
    picture = Image.open(drawn).convert("RGB")
    few = picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(small, "PNG")  # white stays white
    return small.getvalue()


def course_style(plot):
    """Decorator of every plotting function: draws in the style of the course."""

    @functools.wraps(plot)
    def styled(*args, **options):
        import matplotlib

        with matplotlib.rc_context(STYLE):
            return plot(*args, **options)

    return styled


def new_axes(width: float = 8, height: float = 4, **options):
    """A new figure, in no window and on no list of open figures. Returns (figure, axes)."""
    import matplotlib.figure

    figure = matplotlib.figure.Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(**options)
