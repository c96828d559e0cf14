"""For whoever presents a notebook: everything large enough for the back row."""

STYLE = """<style>
.jp-Notebook, .jp-mod-presentationMode .jp-Notebook {
  --jp-content-font-size0: 20px; --jp-content-font-size1: 24px; --jp-content-font-size2: 28px;
  --jp-content-font-size3: 34px; --jp-content-font-size4: 40px; --jp-content-font-size5: 48px;
  --jp-code-font-size: 22px; --jp-ui-font-size1: 20px; --jp-widgets-font-size: 22px;
  --jp-widgets-inline-height: 44px; --jp-cell-prompt-width: 48px;
}
.jp-Notebook figure { max-width: 1400px !important; }
.jp-Notebook figcaption { font-size: 20px; }
</style>"""


class PresentationMode:
    """What the notebook shows in its place: the large letters, and how to get the usual ones."""

    def __init__(self, on: bool):
        self.on = on

    def _repr_html_(self) -> str:
        return (STYLE if self.on else "") + f"<p>{self}</p>"

    def __repr__(self):
        if not self.on:
            return "Letters and figures have their usual size again."
        return (
            "Letters and figures are large now. Menu View > Appearance: Simple Interface and "
            "Fullscreen Mode make room for them. presentation_mode(False) takes it back."
        )


def presentation_mode(on: bool = True) -> PresentationMode:
    """Enlarge letters and figures of this notebook, for a projector.

    It must be the last line of its cell. It lasts while the output of that cell is there.

    Args:
        on: False brings the usual size back (run it in the cell where you switched it on).
    """
    return PresentationMode(on)
