"""Notebook 7, the other front end of Jupyter, in a real browser: notebooks 00 and 05.

    .venv/bin/python tests/browser/notebook7.py

As smoke.py does it in JupyterLab: every cell runs through the menu, and the view of 05 answers.
"""

import contextlib
import sys
import tempfile
from pathlib import Path

from _chromium import open_page
from _lab import (
    BrowserError,
    notebooks,
    open_notebook,
    refuse_outside,
    run_all,
    served,
    use_widget,
)

from tools import my_notebooks


@contextlib.contextmanager
def notebook7(folder):
    """Start Notebook 7 on a copy of the notebooks in `folder`; gives the address of 00."""
    copies = folder / "my_notebooks"
    my_notebooks.copy_notebooks(my_notebooks.NOTEBOOKS, copies)
    arguments = [
        *("-m", "notebook", "--no-browser", "--allow-root"),
        *(f"--ServerApp.root_dir={copies}", "--ServerApp.port=0"),
        *("--JupyterNotebookApp.expose_app_in_browser=True", "--LabApp.news_url=None"),
    ]
    with served(arguments, folder) as begin:
        yield begin.replace("/tree", "/notebooks/00_start_here.ipynb")


def main():
    with tempfile.TemporaryDirectory(prefix="course-browser-") as folder:
        with notebook7(Path(folder)) as begin, open_page() as (page, outside):
            page.set_default_timeout(60_000)
            names = notebooks()
            for number in ("00", "05"):
                open_notebook(page, begin, names[number])
                run_all(page, names[number])
            use_widget(page, names["05"])
    refuse_outside(outside)
    print("Notebook 7: notebooks 00 and 05 run, the view answers, no outside request.")


if __name__ == "__main__":
    try:
        main()
    except BrowserError as error:
        print(f"Notebook 7: {error}", file=sys.stderr)
        sys.exit(1)
