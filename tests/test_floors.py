"""The floors of `course_utils`: each uses those below it, and the page for maintainers shows them.

`python tests/test_floors.py` draws them anew.
"""

import ast
import re
import textwrap
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from itertools import zip_longest
from pathlib import Path

import pytest

import course_utils

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "course_utils"
PAGE = ROOT / "instructor" / "MAINTAINING.md"
FLOORS = ("base", "data", "model", "judge", "look", "lessons", "command")  # from the ground up
MOST_LINES = 310
BLOCK = re.compile(r"(?<=```text floors\n).*?(?=```)", re.S)


def modules() -> dict:
    """Name ("model.training") -> its file, but for the front door, the package's own `__init__`."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name:
            found[name] = path
    return found


def imports(path: Path, known) -> set:
    """The modules of the package that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("course_utils"):
            where = node.module.removeprefix("course_utils").removeprefix(".")
            for alias in node.names:
                found.add(home(where, alias.name, known))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("course_utils."):
                    found.add(alias.name.removeprefix("course_utils."))
    return found


def home(where: str, name: str, known) -> str:
    """The module that `from course_utils.where import name` reaches."""
    inside = f"{where}.{name}".removeprefix(".")
    if inside in known:
        return inside
    if where:
        return where
    return next(module for module, names in course_utils._NAMES.items() if name in names)


def floor(module: str) -> str:
    first = module.partition(".")[0].replace("__main__", "command")
    return first if first in FLOORS else "base"


def arrows() -> list:
    """(importing module, imported module) for the whole package."""
    known = modules()
    return sorted((name, used) for name, path in known.items() for used in imports(path, known))


def rooms(level: str) -> list:
    """What stands on a floor, without the modules inside a folder of it."""
    inside = (name.split(".") for name in modules() if floor(name) == level)
    return sorted(
        {parts[0] if len(parts) == 1 else parts[1] for parts in inside if parts != [level]}
    )


def drawing() -> str:
    """Each floor, the highest first: its rooms, and how often it uses what lies below."""
    uses = Counter((floor(a), floor(b)) for a, b in arrows())
    lines = []
    for level in reversed(FLOORS):
        shown = textwrap.wrap(" · ".join(rooms(level)), 90)
        lines += [f"{name:8} {part}" for name, part in zip_longest([level], shown, fillvalue="")]
        below = [each for each in FLOORS[: FLOORS.index(level)] if uses[level, each]]
        if below:
            told = ", ".join(f"{each} {uses[level, each]} times" for each in reversed(below))
            lines.append(f"{'':8} ↓ uses {told}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("level", FLOORS)
def test_no_arrow_points_upwards(level):
    wrong = [
        f"{name} imports {used}"
        for name, used in arrows()
        if floor(name) == level and FLOORS.index(floor(used)) > FLOORS.index(level)
    ]
    assert not wrong


def test_no_two_modules_need_each_other():
    graph = {}
    for name, used in arrows():
        graph.setdefault(name, set()).add(used)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


@pytest.mark.parametrize("name", modules())
def test_a_module_is_short(name):
    lines = len(modules()[name].read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{name} has {lines} lines: one idea a module"


def test_settings_are_read_at_the_edge_only():
    """They fill in defaults where something is loaded or chosen; below that, arguments rule."""
    assert {name for name, used in arrows() if used == "settings"} == EDGE
    asked = re.compile(r"environ\W+(get\W+)?COURSE_")
    reads = [name for name, path in modules().items() if asked.search(code_of(path))]
    assert reads == ["settings"]


def test_no_module_comes_in_by_the_front_door():
    """`import course_utils` inside the package would hide which floor it uses."""
    plain = re.compile(r"^\s*import course_utils\s*$", re.M)
    assert not [name for name, path in modules().items() if plain.search(code_of(path))]


def code_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


EDGE = {
    "data.reviews",  # how many reviews
    "model.known",  # which checkpoint is described
    "model.checkpoints",  # which one is loaded
    "model.device",  # on which device
    "model.precision",  # with how many bits
    "model.machine",
    "look.views.results",  # where a class hands in
    "model.saving",  # under which name a model is kept
    "judge.records",  # whose records are read
    "lessons.ranges",
    "lessons.questions",
    "lessons.lesson_01.exercises",
}


def test_the_page_for_maintainers_shows_the_floors():
    page = PAGE.read_text(encoding="utf-8")
    assert BLOCK.search(page)[0] == drawing(), "draw it anew: python tests/test_floors.py"


if __name__ == "__main__":
    PAGE.write_text(BLOCK.sub(lambda _: drawing(), PAGE.read_text("utf-8")), "utf-8", newline="\n")
