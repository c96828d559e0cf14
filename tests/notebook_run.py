"""A program for tests: `python tests/notebook_run.py NOTEBOOK FOLDER` runs a notebook to its end.

It stands apart from pytest because the whole of it, the kernel included, runs on a machine that a
test has made odd. The kernel works in FOLDER. What is printed is one JSON list with the cells that
stopped, as "the cell's number: name of the error: its sentence"; an empty list is the good end.
"""

import json
import os
import sys
from pathlib import Path

import nbformat

from tools.runner import CellError, run_cells


def main(path: str, folder: str) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    try:
        run_cells(notebook, folder, Path(path).stem, go_on=True, env=dict(os.environ))
        found = list(stops(notebook))
    except CellError as error:
        found = [error.why]
    print(json.dumps(found))


def stops(notebook):
    """The cells with an error, and what it says."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=1):
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"{number}: {output.ename}: {output.evalue}"


if __name__ == "__main__":
    main(*sys.argv[1:])
