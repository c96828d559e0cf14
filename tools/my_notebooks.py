"""Give a student the notebooks, as the start of `python course.py lab`: copies in `my_notebooks/`.

What a student has written is never touched. Only the standard library is used.
"""

import hashlib
import json
import os
from pathlib import Path

from tools import ROOT, Problem

NOTEBOOKS = ROOT / "notebooks"
MY_NOTEBOOKS = ROOT / "my_notebooks"


def give_notebooks(target: Path = MY_NOTEBOOKS) -> list[str]:
    """Copy notebooks, pages and solutions; return sentences that say what was done.

    Raises:
        Problem: if that is not possible, for example because the disk is full.
    """
    parts = [part for part in (".", "solutions") if (NOTEBOOKS / part).is_dir()]
    try:  # (a folder for a class has no solutions)
        return [line for part in parts for line in copy_notebooks(NOTEBOOKS / part, target / part)]
    except OSError as error:
        raise Problem(f"The notebooks could not be copied: {error}.") from error


def copy_notebooks(source: Path, target: Path) -> list[str]:
    """Copy the notebooks and pages that `target` lacks, without outputs; never touch one there.

    A copy that is no notebook any more (a crash may cut a file) is kept under another name, and
    replaced. `.origins.json` remembers from which version each copy was made, so that we can tell
    when the course has a newer one.

    Returns:
        Sentences that say what was done.
    """
    target.mkdir(parents=True, exist_ok=True)
    origins_file = target / ".origins.json"
    try:
        origins = dict(json.loads(origins_file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        origins = {}
    new, kept, outdated, aside = [], [], [], []
    for notebook in sorted(
        path for kind in ("ipynb", "md", "py") for path in source.glob(f"*.{kind}")
    ):
        content = notebook.read_bytes()
        version = hashlib.sha256(content).hexdigest()
        copy = target / notebook.name
        if is_damaged(copy):
            aside.append((copy.name, put_aside(copy).name))
        if not copy.exists():
            write_whole(copy, without_outputs(content) if copy.suffix == ".ipynb" else content)
            origins[notebook.name] = version
            new.append(notebook.name)
        elif origins.get(notebook.name, version) != version:
            outdated.append(notebook.name)
        else:
            kept.append(notebook.name)
    write_whole(origins_file, json.dumps(origins, indent=1).encode("utf-8"))
    return report_copies(target.name, new, kept, outdated, aside)


def is_damaged(copy: Path) -> bool:
    """Whether a copy can be read and is no notebook: empty, or cut in the middle."""
    if copy.suffix != ".ipynb":
        return False
    try:
        return not isinstance(json.loads(copy.read_bytes())["cells"], list)
    except OSError:  # not there, or not to be read: then nothing is known against it
        return False
    except (ValueError, KeyError, TypeError, RecursionError):
        return True


def put_aside(copy: Path) -> Path:
    """Give a file a name that nothing has yet, and return it."""
    number = 1
    while os.path.lexists(aside := copy.with_name(f"{copy.stem}_damaged_{number}{copy.suffix}")):
        number += 1
    return copy.rename(aside)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step: a crash leaves the whole of it, or nothing."""
    draft = path.with_name(f".{path.name}.new")
    with open(draft, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # else a computer that loses its power may keep the name alone
    os.replace(draft, path)


def without_outputs(notebook: bytes) -> bytes:
    """The notebook as nobody has run it: a student predicts first, and sees the answer then."""
    content = json.loads(notebook)
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def report_copies(folder: str, new, kept, outdated, aside=()) -> list[str]:
    """Put into words what `copy_notebooks` did."""
    lines = [
        f"{name} in {folder} is damaged, perhaps by a crash: it is now called {other}, and a fresh"
        " copy has taken its place."
        for name, other in aside
    ]
    if new:
        lines.append(f"Copied to {folder}: {', '.join(new)}.")
    if kept:
        lines.append(f"Kept as you left them in {folder}: {', '.join(kept)}.")
    if outdated:
        lines.append(
            f"Kept, though the course now has a newer version: {', '.join(outdated)}."
            " To get it, rename yours and start this again."
        )
    return lines
