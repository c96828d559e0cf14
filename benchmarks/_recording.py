"""Writes the records that stand behind the notebooks: `data/recorded/NAME.csv` and `NAME.json`.

A program that was stopped goes on where it was: rows that are there already are not measured again.
"""

import json
import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).resolve().parent.parent / "data" / "recorded"


class Record:
    """A table on disk, one row per run, with a file beside it that says how it was made."""

    def __init__(self, program: str, keys: list, **about):
        self.name = Path(program).stem
        self.keys = keys
        self.path = FOLDER / f"{self.name}.csv"
        self.rows = pd.read_csv(self.path).to_dict("records") if self.path.exists() else []
        self.about = {
            "program": f"benchmarks/{self.name}.py",
            "date": date.today().isoformat(),
            "device": f"CPU, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "torch": version("torch").partition("+")[0],
            "transformers": version("transformers"),
            "scikit-learn": version("scikit-learn"),
            **about,
        }
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
        FOLDER.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")  # an interrupt must not cost the record
        table.to_csv(partial, index=False, float_format="%.6g", lineterminator="\n")
        os.replace(partial, self.path)
        about = json.dumps(self.about, indent=2, ensure_ascii=False) + "\n"
        self.path.with_suffix(".json").write_text(about, encoding="utf-8")
        print("  ".join(f"{name}={value}" for name, value in row.items()), flush=True)
