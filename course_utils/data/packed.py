"""Opening a file: where it is, what is packed in it, and what it is not."""

import bz2
import contextlib
import gzip
import io
import lzma
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path

from course_utils.data.encodings import HEAD
from course_utils.data.findings import shown
from course_utils.errors import DataError, did_you_mean

PACKED = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", lzma.open))
"""Files that hold one other file: how they begin, and what opens them."""

ZIP = b"PK\x03\x04"

OLD_OFFICE = b"\xd0\xcf\x11\xe0"
"""How files of Office before 2007 begin, whatever they hold; and so do those with a password."""

IN_OFFICE = (
    ("WordDocument", "is a Word document of an old kind (.doc): copy its table into a spreadsheet"),
    ("PowerPoint Document", "holds slides (.ppt), not a table: give the file with the texts"),
    ("EncryptedPackage", "needs a password: save it without one"),
    ("Workbook", "is a spreadsheet of an old kind (.xls): save it as .xlsx or CSV"),
    ("", "is an Office file of an old kind (.xls or .doc): save its table as .xlsx or CSV"),
)
"""What such a file holds: the name of a part in it, what it is, and what to do."""

NO_TABLES = (
    (b"version https://git-lfs", "is only a pointer to the file (Git LFS): download the file"),
    (b"%PDF", "is a PDF, not a table: copy its texts into a spreadsheet"),
    (b"\x80\x02", "is a pickle, which can run any program: save the table as CSV or Parquet"),
    (b"\x80\x03", "is a pickle, which can run any program: save the table as CSV or Parquet"),
    (b"\x80\x04", "is a pickle, which can run any program: save the table as CSV or Parquet"),
    (b"\x80\x05", "is a pickle, which can run any program: save the table as CSV or Parquet"),
    (b"\x93NUMPY", "is a numpy array, not a table: save it with pandas as CSV or Parquet"),
    (b"ARROW1", "is an Arrow file: save it with pandas as Parquet (frame.to_parquet)"),
    (b"SQLite format 3", "is a database: export the table as CSV"),
    (b"7z\xbc\xaf", "is a packed file (7z): unpack it first"),
    (b"Rar!", "is a packed file (rar): unpack it first"),
    (b"\x28\xb5\x2f\xfd", "is a packed file (zstd): unpack it first"),
    (b"\x89PNG", "is a picture, not a table: give the file with the texts"),
    (b"\xff\xd8\xff", "is a picture, not a table: give the file with the texts"),
)
"""What people download by mistake: how it begins, what it is, and what to do."""


def existing_file(path) -> Path:
    """The path of a file that is there; if not, say what is."""
    if not isinstance(path, str | Path):
        raise DataError(
            "Expected the path of a file, or a DataFrame of pandas; found a "
            f"{type(path).__name__}{', say .to_pandas()' * hasattr(path, 'to_pandas')}."
        )
    if str(path).lower().startswith(("http:/", "https:/", "ftp:/", "s3:/", "hf:/")):
        raise DataError(f"'{path}' is an address: download the file first, then give its name.")
    try:
        path = Path(path).expanduser()
        path.stat()
    except RuntimeError:  # ~somebody who has no home here
        raise DataError(f"There is no folder '{path}': give the path without ~.") from None
    except FileNotFoundError:
        pass  # told below, with the files that are there
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise DataError(
            f"'{shown(path)}' is no path that can be opened ({reason}): give the name of a file."
        ) from None
    folder = path if path.is_dir() else path.parent
    ends = (".csv", ".tsv", ".txt", ".jsonl", ".json", ".xlsx", ".parquet", ".gz", ".zip")
    there = sorted(file.name for file in folder.glob("*") if file.suffix.lower() in ends)
    near = ", ".join(there[:5]) + ", …" * (len(there) > 5)
    if path.is_dir():
        raise DataError(
            f"'{path}' is a folder, expected a file: add the name of the file"
            + (f" (there are {near})." if near else ".")
        )
    if path.exists() and not path.is_file():
        raise DataError(f"'{path}' is a device, not a file: save the table in a file first.")
    if not path.is_file():
        raise DataError(
            f"There is no file '{path}': give its path as seen from the folder of this notebook"
            + (f" (files there: {near})." if near else ".")
            + did_you_mean(path.name, there)
        )
    return path


def unpacked(path: Path) -> tuple:
    """What a file holds: the name of the table, and a function that opens its bytes.

    Raises:
        DataError: if it cannot be read, is no table, or holds several files.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD)
    except OSError as problem:
        raise DataError(
            f"{path.name} cannot be read ({problem.strerror}): is it open in another program?"
        ) from None
    name, opened = path.name, lambda: path.open("rb")
    opener = next((opener for mark, opener in PACKED if head.startswith(mark)), None)
    if opener:
        name = path.stem if path.suffix.lower() in (".gz", ".bz2", ".xz") else path.name
        opened = _telling(path, lambda: opener(path))
    if head.startswith(ZIP):
        inside = _only_file(path)
        if inside:
            name, opened = Path(inside).name, _telling(path, lambda: _open_inside(path, inside))
    with opened() as stream:
        _check_table(name, stream.read(HEAD))
    return name, opened


def _telling(path: Path, open_bytes):
    """Opens a packed file; a DataError if it is damaged, or needs a password."""

    @contextmanager
    def opened():
        with contextlib.ExitStack() as stack:
            with _damage_told(path):
                stream = stack.enter_context(open_bytes())
            yield io.BufferedReader(_Unpacking(stream, path))

    return opened


@contextmanager
def _damage_told(path: Path):
    """Only what happens while a file is unpacked is the file's fault, not what its reader does."""
    try:
        yield
    except (OSError, EOFError, zipfile.BadZipFile, lzma.LZMAError, zlib.error) as problem:
        raise DataError(
            f"{path.name} is damaged and cannot be unpacked ({problem}): download it again."
        ) from None
    except (RuntimeError, NotImplementedError):  # what zipfile says of a password
        raise DataError(
            f"{path.name} needs a password, or was packed in an unusual way: unpack it first."
        ) from None


class _Unpacking(io.RawIOBase):
    """The bytes in a packed file."""

    def __init__(self, stream, path: Path):
        self.stream, self.path = stream, path

    def readable(self):
        return True

    def readinto(self, buffer):
        with _damage_told(self.path):
            piece = self.stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


@contextmanager
def _open_inside(path: Path, inside: str):
    with zipfile.ZipFile(path) as packed, packed.open(inside) as stream:
        yield stream


def _only_file(path: Path) -> str | None:
    """The one file in a zip file; None if the zip file is a spreadsheet."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = [name for name in packed.namelist() if not name.endswith("/")]
    except (OSError, zipfile.BadZipFile):
        raise DataError(f"{path.name} is a damaged zip file: download or save it again.") from None
    if "xl/workbook.xml" in names:
        return None
    if "word/document.xml" in names:
        raise DataError(
            f"{path.name} is a document, not a table: copy its table into a spreadsheet."
        )
    if "mimetype" in names and "content.xml" in names:
        raise DataError(f"{path.name} is an OpenDocument file: save it as .xlsx or CSV.")
    files = [
        name
        for name in names
        if not name.startswith("__MACOSX/") and not Path(name).name.startswith(".")
    ]
    if len(files) != 1:
        listed = ", ".join(files[:5]) or "none"
        raise DataError(
            f"{path.name} holds {len(files)} files ({listed}), expected one: unpack it, and give "
            "the name of one."
        )
    return files[0]


def _check_table(name: str, head: bytes) -> None:
    """Raise a DataError for what is no table at all."""
    if any(head.startswith(mark) for mark, _ in PACKED):
        raise DataError(f"{name} is packed twice: unpack it once.")
    if head.startswith(OLD_OFFICE):
        what = next(what for part, what in IN_OFFICE if part.encode("utf-16-le") in head)
        raise DataError(f"{name} {what}.")
    for mark, what in NO_TABLES:
        if head.startswith(mark):
            raise DataError(f"{name} {what}.")
    if head[257:262] == b"ustar":
        raise DataError(f"{name} is a packed folder (tar): unpack it first.")
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if begin.startswith((b"<!doctype", b"<html", b"<head")):
        raise DataError(
            f"{name} is a web page, not a table: download the file itself (on GitHub: Raw)."
        )
    if begin.startswith(b"<?xml"):
        raise DataError(f"{name} is XML, not a table: export it as CSV.")
