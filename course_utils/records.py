"""Results that were recorded earlier by the programs in `benchmarks/`."""

import json
from pathlib import Path

from course_utils import settings
from course_utils.errors import DamagedFile

FOLDER = Path(__file__).resolve().parent.parent / "data" / "recorded"


def load_record(name: str):
    """The rows of a record that were measured with the current checkpoint.

    Args:
        name: of a file in `data/recorded/`, without its ending.

    Returns:
        A pandas DataFrame; its `attrs` say which program made it, when, and on what. It is empty
        if this checkpoint was not measured, and a sentence says so.

    Raises:
        DamagedFile: if there is no such record.
    """
    import pandas as pd

    path = FOLDER / f"{name}.csv"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.csv")))
        raise DamagedFile(f"There is no record '{name}' in data/recorded/: it holds {known}.")
    table = pd.read_csv(path)
    checkpoint = settings.current().checkpoint
    rows = table[table["checkpoint"] == checkpoint].reset_index(drop=True)
    if rows.empty:
        print(f"'{name}' was not measured with {checkpoint}.")
    rows.attrs = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return rows
