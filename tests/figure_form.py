"""What the tests of all figures share: the axes behind a figure, and the form of its words."""

import base64
import io
import re

import matplotlib.image
import matplotlib.pyplot as plt


def catch_axes(monkeypatch, *modules) -> list:
    """The (figure, axes) of every figure that these modules draw from now on."""
    caught = []
    axes = modules[0].new_axes

    def catch(*args, **options):
        caught.append(axes(*args, **options))
        return caught[-1]

    for module in modules:
        monkeypatch.setattr(module, "new_axes", catch)
    return caught


def check_form(figure) -> None:
    """A picture that is not empty, with words for those who cannot see it."""
    html = figure._repr_html_()
    assert re.search(r'<img [^>]*alt="[^"]{20,}"', html)
    assert re.search(r"<figcaption>[^<]{20,}</figcaption>", html)
    assert figure.summary in figure.alt
    picture = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])
    pixels = matplotlib.image.imread(io.BytesIO(picture))
    assert min(pixels.shape[:2]) > 100
    assert pixels[..., :3].std() > 0.02
    assert repr(figure) == f"Figure: {figure.alt}"
    assert not re.search(r"\bnan\b", figure.alt)
    assert plt.get_fignums() == []
