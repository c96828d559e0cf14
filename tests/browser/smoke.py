"""Use the course as a student does: JupyterLab in a real browser, notebooks 00 and 05.

    .venv/bin/python tests/browser/smoke.py

JupyterLab starts as `python course.py lab` starts it, on a fresh copy of the notebooks and with
nobody's settings. A headless Chromium runs every cell through the menu and types into the widget
of 05. It is an error if a cell fails, if JupyterLab asks something, or if the page wants anything
from another host. Screenshots are left in build/screenshots/. All notebooks: tour.py.
"""

import sys

from _lab import BrowserError, in_jupyterlab, notebooks, open_notebook, run_all, use_widget


def student(page, lab):
    """What a student does in 00 and 05."""
    names = notebooks()
    open_notebook(page, lab, names["00"])
    run_all(page, names["00"])
    open_notebook(page, lab, names["05"])
    run_all(page, names["05"])
    if not page.evaluate("window.barsSeen"):
        raise BrowserError(f"{names['05']}: no progress bar was seen")
    use_widget(page, names["05"])


if __name__ == "__main__":
    try:
        in_jupyterlab(student)
    except BrowserError as error:
        print(f"Browser smoke test failed: {error}", file=sys.stderr)
        sys.exit(1)
    print("Browser smoke test: notebooks 00 and 05 run, the widget answers, no outside request.")
