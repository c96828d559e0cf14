"""The switches of the course: checkpoint, how much data and which, device, how many bits."""

import os
import re
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from course_utils.errors import SettingsError

SIZES = {"default": 2_000, "full": None}
"""How many training reviews each size uses; None means all of them."""

DEVICES = ("auto", "cpu", "cuda", "mps")

PRECISIONS = ("auto", "fp32", "bf16")

REVIEWS = "reviews"
"""The data of the course: film reviews."""

DEFAULTS = {
    "checkpoint": "minilm",
    "size": "default",
    "device": "auto",
    "precision": "auto",
    "data": REVIEWS,
}


@dataclass(frozen=True)
class Settings:
    """The switches as they stand now."""

    checkpoint: str
    size: str
    device: str
    precision: str = "auto"
    data: object = REVIEWS
    """"reviews", the path of a file, or a `LabeledTexts`."""

    def __post_init__(self):
        for switch, value in vars(self).items():
            _check(switch, value, switch)


def _check(switch: str, value, called: str) -> None:
    """Raise a SettingsError unless the switch may have this value; `called` is its name there."""
    if switch == "size" and value not in SIZES:
        raise SettingsError(
            f"{called}={value!r} is not a size of this course: choose one of {', '.join(SIZES)}."
        )
    if switch == "device" and value not in DEVICES and not re.fullmatch("cuda:[0-9]+", value):
        raise SettingsError(f"{called}={value!r} is not known: choose one of {', '.join(DEVICES)}.")
    if switch == "precision" and value not in PRECISIONS:
        raise SettingsError(
            f"{called}={value!r} is not known: choose one of {', '.join(PRECISIONS)}."
        )
    if switch == "data" and not (value == REVIEWS or has_texts(value) or os.path.isfile(value)):
        raise SettingsError(
            f"{called}={value!r}: there is no such file in {Path.cwd()}. Write the path of a table "
            'with texts and labels, or "reviews".'
        )
    if switch == "checkpoint" and not value:
        raise SettingsError('The checkpoint has no name: try use(checkpoint="minilm").')


_settings = None


def current() -> Settings:
    """The switches in force, at first from COURSE_CHECKPOINT, COURSE_SIZE, COURSE_DEVICE,
    COURSE_PRECISION and COURSE_DATA."""
    global _settings
    if _settings is None:
        _settings = _at_first({})
    return _settings


def _at_first(chosen: dict) -> Settings:
    """The switches in `chosen`, and the others from outside: a wrong variable can be overruled."""
    values = DEFAULTS | chosen
    for switch in DEFAULTS:
        variable = f"COURSE_{switch.upper()}"
        value = os.environ.get(variable)
        if value and switch not in chosen:  # an empty variable counts as not set
            _check(switch, value, f"The environment variable {variable}")
            values[switch] = value
    return Settings(**values)


def use(
    checkpoint: str = None,
    size: str = None,
    device: str = None,
    precision: str = None,
    data=None,
) -> None:
    """Set one or more switches for the rest of this notebook, and print how they stand.

    Args:
        checkpoint: "minilm" (comes with the course), "bert-base-uncased", the id of any BERT on
            the Hugging Face Hub, or a folder.
        size: "default" (2,000 training reviews) or "full" (all of them).
        device: "auto", "cpu", "cuda" or "mps".
        precision: "fp32"; "bf16", with which some processors predict more than twice as fast and
            train faster, with other digits; or "auto": fp32, and on an NVIDIA GPU that has bf16,
            bf16 for training. Only if it is not "auto", it is printed.
        data: a table with texts and two labels, in place of the film reviews of 05 and 06: the path
            of a file with the columns `text` and `label`, or what `read_texts` returns, which knows
            other names; "reviews" takes the film reviews again. Printed if it is not that.

    Raises:
        SettingsError: if a value does not exist. The switches then stay as they were.
    """
    global _settings
    asked = {"checkpoint": checkpoint, "size": size, "device": device, "precision": precision}
    asked["data"] = None if has_texts(data) else data
    for name, value in asked.items():
        if value is not None and not isinstance(value, (str, os.PathLike)):
            raise SettingsError(f"{name}={value!r} is not a text: write it between quotes.")
    chosen = {name: as_text(value) for name, value in asked.items() if value is not None}
    chosen |= {"data": data} if has_texts(data) else {}
    _settings = replace(_settings, **chosen) if _settings else _at_first(chosen)
    s = _settings
    bits = "" if s.precision == "auto" else f"   precision: {s.precision}"
    told = "" if s.data == REVIEWS else f"   data: {s.data.name if has_texts(s.data) else s.data}"
    print(f"checkpoint: {s.checkpoint}   size: {s.size}   device: {s.device}{bits}{told}")


def has_texts(data) -> bool:
    """Is it texts with labels, and not the path of a file? (`LabeledTexts` is on a floor above.)"""
    return hasattr(data, "texts") and hasattr(data, "label_names")


def as_text(checkpoint) -> str:
    """The name of a checkpoint as text; a `Path` is a folder: Path("minilm") gives "./minilm"."""
    text = str(checkpoint)
    named = isinstance(checkpoint, str) or text.startswith((".", "~")) or os.path.isabs(text)
    return text if named else os.path.join(".", text)


@cache
def _writable(folder: Path) -> bool:
    """Can a file be made there? Windows does not say so of a folder before one tries."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def models_folder() -> Path:
    """Where fine-tuned models and first answers are kept.

    The folder COURSE_MODELS; else `models/` beside the notebooks; else, if this package was
    installed without them or nobody may write there, the user's data folder of the system.
    """
    import platformdirs

    chosen, course = os.environ.get("COURSE_MODELS"), Path(__file__).resolve().parent.parent
    if chosen:
        return Path(os.path.expanduser(chosen))
    models = course / "models"
    beside = (course / "course.py").is_file() and (course / "notebooks").is_dir()
    if beside and _writable(models if models.exists() else course):
        return models
    return platformdirs.user_data_path("bert-transfer-course", appauthor=False)


def class_folder() -> Path | None:
    """Where the results of a class meet: the folder COURSE_CLASS_FOLDER, if there is one."""
    chosen = os.environ.get("COURSE_CLASS_FOLDER")
    folder = Path(os.path.expanduser(chosen)) if chosen else None
    return folder if folder and folder.is_dir() else None
