"""Files that come with the course or a package: where they lie, and whether they are intact."""

import hashlib
import importlib.util
from functools import lru_cache
from pathlib import Path

from course_utils.errors import DamagedFile, MissingPackage


def shipped(name: str) -> Path:
    """A file or folder that travels with the course: `data/` of a checkout.

    In an installed wheel the same files lie inside the package, in `shipped/`.
    """
    package = Path(__file__).resolve().parent
    inside = package / "shipped"
    return (inside if inside.is_dir() else package.parent / "data") / name


def package_folder(package: str, distribution: str) -> Path:
    """The folder of an installed package, found without importing (and so running) it.

    Raises:
        MissingPackage: if it is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingPackage(
            f"The package {distribution} is not installed in this environment: "
            "run `python course.py env` once while you have a network, then restart the kernel."
        )
    return Path(next(iter(spec.submodule_search_locations)))


TESTED = "that this course was tested with"


def verify(path: Path, expected: str, cure: str, which: str = TESTED) -> Path:
    """Return `path` if its content has the sha256 `expected`, that of the file `which` says.

    Raises:
        DamagedFile: if it is missing or has another content; the message ends with `cure`.
    """
    if not path.is_file():
        raise DamagedFile(f"{path.name} is missing: {cure}")
    found = sha256(path)
    if found != expected:
        raise DamagedFile(
            f"{path.name} is not the file {which} "
            f"(its sha256 begins with {found[:8]}, expected {expected[:8]}): {cure}"
        )
    return path


def verify_folder(folder: Path, pattern: str, expected: str, cure: str) -> list:
    """Return the files of `folder` that match `pattern`, if all have the content we tested with.

    Args:
        expected: sha256 over the name and the sha256 of each file, in the order of their names.

    Raises:
        DamagedFile: if a file is missing, was added or changed; the message ends with `cure`.
    """
    found = sorted(folder.glob(pattern), key=lambda path: path.relative_to(folder).as_posix())
    total = hashlib.sha256()
    for path in found:
        total.update(path.relative_to(folder).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    if total.hexdigest() != expected:
        raise DamagedFile(
            f"The {len(found):,} files in {folder.parent.name} are not those that this course was "
            f"tested with: {cure}"
        )
    return found


def sha256(path: Path) -> str:
    """The sha256 of a file; a large one does not have to fit into the memory."""
    state = path.stat()
    return _sha256(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=64)
def _sha256(path: Path, size: int, modified: int) -> str:
    # Size and time are part of the key: a file that changes is read again, others only once.
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
