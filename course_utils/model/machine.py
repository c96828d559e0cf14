"""Is this computer ready for the course?"""

import importlib.util
import os
import platform
import shutil
import sys

from course_utils import settings
from course_utils.model.device import pick_device
from course_utils.model.precision import has_bf16


def check_machine() -> None:
    """Print whether this computer is ready: Python, packages, weights, texts, memory, disk.

    Each line begins with ✔ (ready) or ✘ (with the cure).
    """
    from course_utils.data.news import news_files
    from course_utils.data.reviews import reviews_file
    from course_utils.errors import CourseError
    from course_utils.model.checkpoints import checkpoint_folder
    from course_utils.model.known import CHECKPOINTS

    in_environment = sys.prefix != sys.base_prefix or "CONDA_PREFIX" in os.environ
    _line(
        in_environment,
        f"Python {platform.python_version()} in an environment of its own",
        "this notebook runs outside the course's environment: choose Kernel > Change Kernel > "
        "Python 3, or start again with `python course.py lab`",
    )
    for package in ("torch", "transformers"):
        here = importlib.util.find_spec(package) is not None
        version = _version(package) if here else ""
        _line(here, f"{package} {version}", f"{package} is missing: run `python course.py env`")
    name = settings.current().checkpoint
    known = CHECKPOINTS.get(name)
    hashes = known and known.sha256  # without them, nothing is compared
    for what, look, compared in (
        (f"checkpoint {name}", lambda: checkpoint_folder(name, fetch=False), hashes),
        ("film reviews", reviews_file, True),
        ("news", news_files, True),
    ):
        state = "here, and each file is the one we tested"
        if not compared:
            state = "here (its files are not compared)"
        try:
            look()
            _line(True, f"{what}: {state}", "")
        except CourseError as problem:
            _line(False, "", str(problem))
    free = shutil.disk_usage(os.getcwd()).free / 1e9
    _line(
        free > 1, f"{free:.1f} GB of free disk", f"only {free:.1f} GB of disk left: make 1 GB free"
    )
    memory = memory_gigabytes()
    if memory is not None:
        _line(
            memory > 2,
            f"{memory:.1f} GB of free memory",
            f"only {memory:.1f} GB of free memory: close other programs, the course needs 2 GB",
        )
    try:
        device = pick_device(quiet=True)
        if device.type == "cpu" and has_bf16(device):
            _line(True, 'bf16, faster on this processor than fp32: use(precision="bf16")', "")
        pick_device()
    except CourseError as problem:
        _line(False, "", str(problem))


def _line(ready: bool, good: str, bad: str) -> None:
    print(f"✔ {good}" if ready else f"✘ {bad}")


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def memory_gigabytes():
    """Free memory in GB; psutil comes with the notebook kernel. None if it cannot be asked."""
    try:
        import psutil
    except ImportError:
        return None
    return psutil.virtual_memory().available / 1e9
