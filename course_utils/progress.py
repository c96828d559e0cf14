"""One progress bar for all slow work: a widget in JupyterLab, a line of text in a terminal."""

import os


def progress_bar(total: int, unit: str, description: str = "", quiet: bool = False):
    """A tqdm bar. The environment variable TQDM_DISABLE=1 switches it off."""
    from tqdm.auto import tqdm

    return tqdm(
        total=total,
        unit=f" {unit}",
        desc=description,
        # An explicit value, because the notebook version of tqdm ignores the variable.
        disable=quiet or os.environ.get("TQDM_DISABLE", "") not in ("", "0"),
    )
