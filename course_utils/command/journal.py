"""Rows that are safe on the disk, and a note of how many: so work goes on after a kill.

Beside `answers.csv` stand, while it is made, `answers.csv.part` (the rows) and
`answers.csv.part.json` (the note). The note is written after the rows are on the disk, and never
half. So rows behind the last note may be there, whole or half: they are cut off and made again.
"""

import json
import os
from contextlib import contextmanager, suppress
from pathlib import Path

from course_utils.errors import CourseError
from course_utils.progress import finish_first


@contextmanager
def only_one(out: Path):
    """Within the block, no other program of ours writes this file.

    The system ends the lock with the program, even if that is killed.

    Raises:
        CourseError: if one does.
    """
    from filelock import FileLock, Timeout

    path = out.with_name(out.name + ".lock")
    if path.exists() and path.stat().st_size:  # ours is empty
        raise CourseError(f"'{path.name}' is no file of ours: move it away, or rename OUT.")
    try:
        with FileLock(path, timeout=0):
            try:
                yield
            finally:
                with suppress(OSError):  # Windows keeps it until the lock is released
                    path.unlink(missing_ok=True)
    except Timeout:
        raise CourseError(
            f"Another program is just writing '{out.name}': wait for it, or choose another name."
        ) from None


class Journal:
    """The rows of one job, and how many of them are done.

    Args:
        out: the file that the job makes.
        job: what the rows depend on, name -> value; with another one, the work begins anew.
        head: what stands before the first row.
        tally: what is counted along, as it is at first.
        anew: begin anew where an earlier run cannot go on.
    """

    def __init__(self, out: Path, job: dict, head: bytes, tally: dict, anew: bool = False):
        self.part = out.with_name(out.name + ".part")
        self.note = out.with_name(out.name + ".part.json")
        self.job, self.head, self.first_tally = job, head, tally
        self.rows, self.size, self.tally, self.stream = 0, 0, dict(tally), None
        self.anew, self.why, self.done = anew, "", False

    def __enter__(self) -> "Journal":
        """Take up what an earlier run has left, or begin; `why` says why rows of it are not used.

        Raises:
            CourseError: if it has left rows that would be lost, and `anew` does not allow it.
        """
        found = self._read()
        self.why = self._lost() if found is None else self._misfit(found)
        if found is None or self.why:
            self._check_nothing_lost(found)
            with suppress(OSError):
                self.note.unlink()  # first: a note never belongs to other rows
            self.stream = self.part.open("wb")
            self.add(self.head, 0, {})
        else:
            self.rows, self.size, self.tally = found["rows"], found["bytes"], found["tally"]
            self.stream = self.part.open("r+b")
            self.stream.truncate(self.size)
            self.stream.seek(self.size)
        return self

    def __exit__(self, *_):
        self.stream.close()

    def _read(self) -> dict | None:
        """The note of an earlier run; None if there is none, or none that can be used."""
        try:
            found = json.loads(self.note.read_text(encoding="utf-8"))
            whole = self.part.stat().st_size >= found["bytes"]
            kept = {"rows", "tally", "job"} <= set(found) and isinstance(found["job"], dict)
            return found if whole and kept else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _misfit(self, found: dict) -> str:
        """What has changed since the earlier run, in words."""
        differ = ", ".join(name for name in self.job if found["job"].get(name) != self.job[name])
        return f"now differs: {differ}" if differ else ""

    def _lost(self) -> str:
        """Why rows without a note that can be used are no help, in words; nothing without rows."""
        if not self.note.exists() and not _more_than(self.part, self.head):
            return ""
        return "its note is lost or does not fit its rows"

    def _check_nothing_lost(self, found: dict | None) -> None:
        """Raise a CourseError if rows would be lost that somebody may want."""
        if self.anew or not self.part.exists():
            return
        if found is not None and found["rows"]:
            raise CourseError(
                f"'{self.part.name}' holds {found['rows']:,} rows of a run that was stopped, and "
                f"{self.why}. To go on with it, give the same line as then; to begin anew, add "
                "--overwrite; or choose another name for OUT."
            )
        if not self.note.exists() and self.why:
            raise CourseError(
                f"'{self.part.name}' would be replaced, and there is no note that it is ours: move "
                "it away, or choose another name for OUT. (With --overwrite it is replaced.)"
            )

    def add(self, lines: bytes, rows: int, counts: dict) -> None:
        """Some more whole rows. When this returns, they are safe.

        Args:
            lines: the rows.
            rows: how many they are.
            counts: what is added to the tally; for an inner dict, name by name.
        """
        with finish_first():
            self.stream.write(lines)
            self.stream.flush()
            os.fsync(self.stream.fileno())
            self.rows, self.size = self.rows + rows, self.size + len(lines)
            self.tally = _sum(self.tally, counts)
            note = {"rows": self.rows, "bytes": self.size, "tally": self.tally, "job": self.job}
            fresh = self.note.with_name(self.note.name + ".new")
            with fresh.open("w", encoding="utf-8") as stream:
                json.dump(note, stream)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(fresh, self.note)

    def finish(self, out: Path, sheet) -> None:
        """All rows are `done`: `out` appears, whole, and what stood beside it goes."""
        self.stream.close()
        ready = self.part
        if sheet.converts:
            ready = out.with_name(f".{out.stem}.new{out.suffix}")
            sheet.convert(self.part, ready)
            with ready.open("r+b") as stream:
                os.fsync(stream.fileno())
        with finish_first():
            os.replace(ready, out)
            self.done = True
            for path in (self.note, self.part):
                with suppress(OSError):
                    path.unlink()


def _more_than(part: Path, head: bytes) -> bool:
    """Does a file hold anything but the beginning of what stands before the first row?"""
    try:
        with part.open("rb") as stream:
            return not head.startswith(stream.read(len(head) + 1))
    except OSError:
        return False


def _sum(first: dict, second: dict) -> dict:
    """Two tallies added up."""
    total = dict(first)
    for name, count in second.items():
        if isinstance(count, dict):
            total[name] = _sum(total.get(name, {}), count)
        else:
            total[name] = total.get(name, 0) + count
    return total
