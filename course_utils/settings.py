"""The three switches of the course: which checkpoint, how much data, which device."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from course_utils.errors import SettingsError

SIZES = {"default": 2_000, "full": None}
"""How many training reviews each size uses; None means all of them."""

DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True)
class Settings:
    """The switches as they stand now."""

    checkpoint: str
    size: str
    device: str

    def __post_init__(self):
        if self.size not in SIZES:
            raise SettingsError(
                f"size={self.size!r} is not a size of this course: "
                f"choose one of {', '.join(SIZES)}."
            )
        kind, _, index = self.device.partition(":")
        if kind not in DEVICES or (index and not (kind == "cuda" and index.isdigit())):
            raise SettingsError(
                f"device={self.device!r} is not known: choose one of {', '.join(DEVICES)}."
            )
        if not self.checkpoint:
            raise SettingsError('The checkpoint has no name: try use(checkpoint="minilm").')


_settings = None


def current() -> Settings:
    """The switches in force, at first from COURSE_CHECKPOINT, COURSE_SIZE and COURSE_DEVICE."""
    global _settings
    if _settings is None:
        _settings = Settings(
            checkpoint=os.environ.get("COURSE_CHECKPOINT", "minilm"),
            size=os.environ.get("COURSE_SIZE", "default"),
            device=os.environ.get("COURSE_DEVICE", "auto"),
        )
    return _settings


def use(checkpoint: str = None, size: str = None, device: str = None) -> None:
    """Set one or more switches for the rest of this notebook, and print all three.

    Args:
        checkpoint: "minilm" (comes with the course), "bert-base-uncased", the id of any BERT on
            the Hugging Face Hub, or a folder.
        size: "default" (2,000 training reviews) or "full" (all of them).
        device: "auto", "cpu", "cuda" or "mps".

    Raises:
        SettingsError: if a value does not exist. The switches then stay as they were.
    """
    global _settings
    asked = {"checkpoint": checkpoint, "size": size, "device": device}
    for name, value in asked.items():
        if value is not None and not isinstance(value, (str, os.PathLike)):
            raise SettingsError(f"{name}={value!r} is not a text: write it between quotes.")
    chosen = {name: str(value) for name, value in asked.items() if value is not None}
    _settings = replace(current(), **chosen)
    s = _settings
    print(f"checkpoint: {s.checkpoint}   size: {s.size}   device: {s.device}")


def models_folder() -> Path:
    """Where fine-tuned models are kept: `models/` of the course, or the folder COURSE_MODELS."""
    default = Path(__file__).resolve().parent.parent / "models"
    return Path(os.environ.get("COURSE_MODELS") or default)
