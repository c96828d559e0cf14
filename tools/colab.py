"""The students' notebooks for Colab and Kaggle, which do not have the course.

`python course.py release OUT --colab [URL]` writes them to OUT-colab. Each has one more first cell:
it installs the course from URL, and its data, which come as packages. What such a service brings
along, above all PyTorch and its own notebook server, stays as it is.
"""

import re
import tomllib
from pathlib import Path

import nbformat
from packaging.requirements import Requirement

from tools import ROOT
from tools.my_notebooks import without_outputs

# What a service's own notebooks run on: never to be replaced there.
THEIRS = {"jupyterlab", "ipykernel", "ipython", "nbclient", "nbconvert", "nbformat"}
UNKNOWN = "THE ADDRESS OF THE COURSE"

CELL = """\
# Colab or Kaggle: run this cell first. It installs the course, which takes a minute or two.
# If it asks you to restart the session (the kernel), do so, and go on with the next cell.
COURSE = "{address}"  # git+https://... of a repository, or https://... of a wheel
assert "://" in COURSE, "Put the address of the course between the quotes of COURSE, above."
%pip install --quiet --no-deps "{{COURSE}}"
%pip install --quiet {needs}
"""


def known_address(root=ROOT) -> str:
    """The repository's address from pyproject.toml, for pip; UNKNOWN if it names none."""
    project = tomllib.loads(Path(root, "pyproject.toml").read_text("utf-8"))["project"]
    urls = {name.lower(): url for name, url in project.get("urls", {}).items()}
    for name in ("repository", "source", "homepage"):
        if name in urls:
            return f"git+{urls[name]}"
    return UNKNOWN


def first_cell(address: str, root=ROOT) -> nbformat.NotebookNode:
    """The cell that installs the course from an address."""
    project = tomllib.loads(Path(root, "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [one for one in map(Requirement, project["dependencies"]) if one.name not in THEIRS]
    for one in wanted:
        if one.name == "torch":  # another build of gigabytes would take the place of theirs
            one.specifier = type(one.specifier)("")
    needs = " ".join(f'"{one}"' for one in wanted)
    return nbformat.v4.new_code_cell(
        CELL.format(address=address, needs=needs).rstrip(), id="install-the-course"
    )


def write_colab_folder(folder, address: str, names, change, root=ROOT) -> None:
    """Fill an empty folder with the students' notebooks, without outputs.

    Args:
        folder: path of the folder.
        address: where pip gets the course from; "" for what pyproject.toml says.
        names: the notebooks, as paths from `root`.
        change: called with each new file and the name of its notebook, to reword it.
        root: the folder of the course.
    """
    cell = first_cell(address or known_address(root), root)
    for name in names:
        source, target = Path(root, name), Path(folder, Path(name).name)
        target.write_bytes(without_outputs(source.read_bytes()))
        change(target, name)
        notebook = nbformat.read(target, as_version=4)
        notebook.cells.insert(0, cell)
        nbformat.write(notebook, target)


def is_notebook(name: str) -> bool:
    """Whether a tracked file is one of the students' notebooks."""
    return bool(re.fullmatch(r"notebooks/[^/]+\.ipynb", name))
