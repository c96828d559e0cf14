"""Writes the records that stand behind the notebooks: `data/recorded/NAME.csv` and `NAME.json`.

Another checkpoint, `COURSE_CHECKPOINT=bert-base-uncased python course.py record NAME`, has its own
folder there, with a date and a device of its own.

A program that was stopped goes on where it was: rows that are there already are not measured again.
"""

import json
import multiprocessing
import os
import platform
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

import course_utils
from course_utils.judge import records
from course_utils.model.precision import pick_precision


def machine() -> dict:
    """The date, the device and the versions that a figure belongs to."""
    import torch

    device = course_utils.pick_device(quiet=True)
    name = f"CPU, {os.cpu_count()} cores"
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
    elif device.type == "mps":
        name = "Apple GPU"
    if pick_precision(device, training=True) == "bf16":
        name += ", bf16"
    return {
        "date": date.today().isoformat(),
        "device": f"{name}, {platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "torch": version("torch").partition("+")[0],
        "transformers": version("transformers"),
        "scikit-learn": version("scikit-learn"),
    }


class Record:
    """A table on disk, one row per run, with a file beside it that says how it was made."""

    def __init__(self, program: str, keys: list, **about):
        self.name = Path(program).stem
        self.keys = keys
        self.path = records.record_file(self.name, course_utils.current().checkpoint)
        self.rows = pd.read_csv(self.path).to_dict("records") if self.path.exists() else []
        self.about = {"program": f"benchmarks/{self.name}.py", **machine(), **about}
        self._check_same_machine()

    def _check_same_machine(self) -> None:
        """One record, one machine and one set of versions: else nobody knows what was measured."""
        path = self.path.with_suffix(".json")
        before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else self.about
        for name in (before.keys() | self.about.keys()) - {"date", "python"}:
            if before.get(name) != self.about.get(name):
                raise SystemExit(
                    f"{path.name} was recorded with {name} = {before.get(name)}, this is "
                    f"{self.about.get(name)}: move both files of the record away, then start again."
                )

    def has(self, **key) -> bool:
        """Was this run recorded already?"""
        return any(all(row[name] == value for name, value in key.items()) for row in self.rows)

    def add(self, **row) -> None:
        """Append one run and write both files at once."""
        self.rows.append(row)
        table = pd.DataFrame(self.rows).sort_values(self.keys)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")  # an interrupt must not cost the record
        table.to_csv(partial, index=False, float_format="%.6g", lineterminator="\n")
        os.replace(partial, self.path)
        about = json.dumps(self.about, indent=2, ensure_ascii=False) + "\n"
        self.path.with_suffix(".json").write_text(about, encoding="utf-8")
        print("  ".join(f"{name}={value}" for name, value in row.items()), flush=True)

    def fill(self, keys: list, run) -> None:
        """Make all runs that are missing: one on each core at a time, with one thread each.

        The variable RECORD_WORKERS leaves cores to other work: so many run side by side.

        Two runs side by side take less time than two runs one after the other on two cores. Not for
        runs whose seconds on the clock count.

        Args:
            keys: one dictionary per run, with the keys of this record.
            run: a function of the program that takes such a key and returns the rest of the row.
        """
        spawn = multiprocessing.get_context("spawn")  # a fork after torch has started may hang
        workers = int(os.environ.get("RECORD_WORKERS") or os.cpu_count())  # fewer, if you must
        with ProcessPoolExecutor(workers, spawn, initializer=_one_thread) as pool:
            runs = {pool.submit(run, **key): key for key in keys if not self.has(**key)}
            for done in as_completed(runs):
                self.add(**runs[done], **done.result())


def bits(correct) -> str:
    """One bit for each test text, 1 if its answer is right, as hexadecimal digits.

    `course_utils.judge.records.right_answers` reads them.
    """
    return np.packbits(correct).tobytes().hex()


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)
