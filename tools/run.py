"""Run notebooks without a browser: `python course.py run [NN ...]`.

Each notebook is executed from top to bottom in a fresh kernel and lands in `build/run/`, as a
notebook and as a web page that needs no network. The switches COURSE_CHECKPOINT, COURSE_SIZE and
COURSE_DEVICE count here as they do in JupyterLab. A notebook that fails does not stop the others;
the exit status then is 1.
"""

import errno
import os
import sys
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter

from tools import ROOT, Problem
from tools.runner import CellError, progress, run_cells

NOTEBOOKS = ROOT / "notebooks"
TARGET = ROOT / "build" / "run"
NO_ROOM = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC}

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
    try:
        seconds = run_cells(notebook, target, path.stem, env=kernel_environment())
    except CellError as error:
        what = f" failed.\n{error.details}" if error.raised else f" {error.why}"
        raise RunError(f"{error.where},{what}") from None
    finally:
        nbformat.write(notebook, target / path.name)
        (target / f"{path.stem}.html").write_text(web_page(notebook, path.stem), encoding="utf-8")
    progress(f"{path.stem}: {len(seconds)} cells in {sum(seconds):.0f} s\n")


def kernel_environment() -> dict[str, str]:
    """Our own variables; a model trained here must not take the place of the student's own."""
    return {"COURSE_MODELS": str(TARGET / "models")} | os.environ | {"TQDM_DISABLE": "1"}


def web_page(notebook, title) -> str:
    """The notebook as one HTML file that asks no other host for anything."""
    exporter = HTMLExporter(raw_template=TEMPLATE)
    return exporter.from_notebook_node(notebook, {"metadata": {"name": title}})[0]


def main(numbers) -> int:
    """Run the notebooks with these numbers, or all; return the exit status."""
    failed = []
    try:
        paths = find_notebooks(numbers)
    except RunError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    for path in paths:
        try:
            run_notebook(path)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise Problem(f"{path.stem} could not be run: {error}.") from None
            where = error.filename or TARGET
            raise Problem(f"Nothing can be written in {where}: {error.strerror}.") from None
        except RunError as error:
            print(f"\n{error}\n", file=sys.stderr, flush=True)
            failed.append(path.stem)
    print(f"Notebooks and web pages are in {TARGET.relative_to(ROOT)}.", flush=True)
    if failed:
        print(f"Of {len(paths)} notebooks, these failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0
