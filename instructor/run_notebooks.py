"""Run notebooks without a browser: `python course.py run [NN ...]`.

Each notebook is executed from top to bottom in a fresh kernel and lands in `build/run/`, as a
notebook and as a web page that needs no network. The switches COURSE_CHECKPOINT, COURSE_SIZE and
COURSE_DEVICE count here as they do in JupyterLab.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter
from nbconvert.filters import strip_ansi

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
TARGET = ROOT / "build" / "run"

# nbconvert's own page, less the scripts it would fetch from other hosts.
TEMPLATE = """
{%- extends "lab/index.html.j2" -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
"""


class RunError(Exception):
    """What stopped a run; the message says where and why."""


def find_notebooks(numbers, folder=NOTEBOOKS) -> list[Path]:
    """Return the notebooks with these numbers ("05"; "5" will do), or all of them for none."""
    known = {path.name[:2]: path for path in sorted(Path(folder).glob("[0-9][0-9]_*.ipynb"))}
    wanted = [number.zfill(2) for number in numbers] or list(known)
    unknown = [number for number in wanted if number not in known]
    if unknown or not known:
        raise RunError(
            f"There is no notebook {', '.join(unknown)}: choose from {', '.join(known)}."
            if known
            else f"There are no notebooks in {folder}: make them with python course.py build."
        )
    return [known[number] for number in wanted]


def run_notebook(path, target=TARGET) -> None:
    """Execute one notebook and write it to `target`, also when a cell fails.

    Raises:
        RunError: with the text of the cell that failed and its error.
    """
    path, target = Path(path), Path(target)
    target.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    watch = Progress(path.stem, notebook)
    client = NotebookClient(
        notebook,
        timeout=None,
        kernel_name="python3",
        resources={"metadata": {"path": str(target)}},
        on_cell_start=watch.start,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        store_widget_state=False,
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise RunError(f"{watch.where} failed.\n{strip_ansi(error.traceback).strip()}") from None
    except DeadKernelError:
        raise RunError(f"{watch.where} killed its kernel (out of memory?).") from None
    finally:
        nbformat.write(notebook, target / path.name)
        (target / f"{path.stem}.html").write_text(web_page(notebook, path.stem), encoding="utf-8")
    watch.finish()


def web_page(notebook, title) -> str:
    """The notebook as one HTML file that asks no other host for anything."""
    exporter = HTMLExporter(raw_template=TEMPLATE)
    return exporter.from_notebook_node(notebook, {"metadata": {"name": title}})[0]


class Progress:
    """Tells on the terminal which cell is running and what a notebook took."""

    def __init__(self, name, notebook):
        self.name = name
        self.code = [i for i, c in enumerate(notebook.cells) if c.cell_type == "code" and c.source]
        self.begin = time.perf_counter()
        self.where = name

    def start(self, cell, cell_index):
        """Called by nbclient before each cell."""
        if cell_index in self.code:
            number = self.code.index(cell_index) + 1
            self.where = f"{self.name}, code cell {number} of {len(self.code)},"
            self.show(f"{self.name}: cell {number} of {len(self.code)}", end="")

    def finish(self):
        """Say how long the notebook took."""
        seconds = time.perf_counter() - self.begin
        self.show(f"{self.name}: {len(self.code)} cells in {seconds:.0f} s", end="\n")

    def show(self, text, end):
        """Write over the last line on a terminal; in a log, one line per notebook is enough."""
        if sys.stdout.isatty():
            print(f"\r\x1b[K{text}", end=end, flush=True)
        elif end:
            print(text, flush=True)


def main(numbers) -> int:
    """Run the notebooks with these numbers, or all; return the exit status."""
    try:
        for path in find_notebooks(numbers):
            run_notebook(path)
    except RunError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    print(f"Notebooks and web pages are in {TARGET.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
