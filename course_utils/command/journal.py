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
    """

    def __init__(self, out: Path, job: dict, head: bytes, tally: dict):
        self.part = out.with_name(out.name + ".part")
        self.note = out.with_name(out.name + ".part.json")
        self.job, self.head, self.first_tally = job, head, tally
        self.rows, self.size, self.tally, self.stream = 0, 0, dict(tally), None

    def __enter__(self) -> "Journal":
        """Take up what an earlier run has left; `why` says what keeps us from it, or nothing."""
        found = self._read()
        self.why = "" if found is None else self._misfit(found)
        if found is None or self.why:
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
            return found if whole and {"rows", "tally", "job"} <= set(found) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _misfit(self, found: dict) -> str:
        """What has changed since the earlier run, in words."""
        job = found["job"] if isinstance(found["job"], dict) else {}
        return ", ".join(name for name in self.job if job.get(name) != self.job[name])

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
        """All rows are done: `out` appears, whole, and what stood beside it goes."""
        self.stream.close()
        ready = self.part
        if sheet.converts:
            ready = out.with_name(f".{out.stem}.new{out.suffix}")
            sheet.convert(self.part, ready)
            with ready.open("r+b") as stream:
                os.fsync(stream.fileno())
        os.replace(ready, out)
        for path in (self.note, self.part):
            with suppress(OSError):
                path.unlink()


def _sum(first: dict, second: dict) -> dict:
    """Two tallies added up."""
    total = dict(first)
    for name, count in second.items():
        if isinstance(count, dict):
            total[name] = _sum(total.get(name, {}), count)
        else:
            total[name] = total.get(name, 0) + count
    return total
