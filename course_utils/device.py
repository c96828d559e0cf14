"""Where the arithmetic runs, and whether this computer is ready for the course."""

import ctypes
import importlib.util
import os
import platform
import shutil
import sys
from contextlib import contextmanager

from course_utils import settings
from course_utils.errors import DeviceUnavailable


def pick_device(prefer: str = None, quiet: bool = False):
    """Choose the device: an NVIDIA GPU, else an Apple GPU, else the CPU.

    Args:
        prefer: "auto", "cpu", "cuda" or "mps"; by default the `device` switch of the course.
        quiet: do not print which device was chosen and why.

    Returns:
        A `torch.device`. Send the model *and* every batch to it with `.to(device)`.

    Raises:
        DeviceUnavailable: if the device that was asked for is not in this computer.
    """
    import torch

    _return_freed_memory()
    wish = str(prefer or settings.current().device)
    if prefer:
        settings.Settings(checkpoint="any", size="default", device=wish)  # checks the spelling
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    kind = wish.partition(":")[0]
    if kind in found and not found[kind]:
        raise DeviceUnavailable(
            f"device={wish!r} was asked for, but PyTorch finds no such GPU in this computer: "
            'write use(device="cpu"), or use(device="auto") to take the best there is.'
        )
    if ":" in wish and int(wish.partition(":")[2]) >= torch.cuda.device_count():
        raise DeviceUnavailable(
            f"device={wish!r} was asked for, but the GPUs here are numbered 0 to "
            f'{torch.cuda.device_count() - 1}: write use(device="cuda:0").'
        )
    if wish == "auto":
        wish = next((name for name, here in found.items() if here), "cpu")
    device = torch.device(wish)
    if not quiet:
        print(f"Device: {device} ({_reason(device)})")
    return device


def _return_freed_memory() -> None:
    """Have Linux take memory back as soon as a tensor is freed.

    Each batch has another length. By default the C library keeps the freed pieces of all of them,
    and fine-tuning needs about a third more memory than its largest batch does.
    """
    _set_malloc(mmap_threshold=1 << 20, trim_threshold=128 << 10)


@contextmanager
def keep_freed_memory():
    """Within the block, Linux leaves freed memory with us: for predictions, which need little.

    They are made and freed thousands of times, and asking the system for each takes a fifth of the
    time. Afterwards all of it is given back.
    """
    _set_malloc(mmap_threshold=8 << 20, trim_threshold=64 << 20)
    try:
        yield
    finally:
        _return_freed_memory()


def _set_malloc(mmap_threshold: int, trim_threshold: int) -> None:
    """From how many bytes on freed memory goes back to the system: whole pieces, and the rest."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(-3, mmap_threshold)  # M_MMAP_THRESHOLD in malloc.h
        libc.mallopt(-1, trim_threshold)  # M_TRIM_THRESHOLD
        libc.malloc_trim(0)  # and what was freed before


def _reason(device) -> str:
    if device.type == "cuda":
        import torch

        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "the GPU of this Apple computer"
    return "every computer has one, and this course is made for it"


def check_machine() -> None:
    """Print whether this computer is ready: Python, packages, weights, texts, memory, disk.

    Each line begins with ✔ (ready) or ✘ (with the cure).
    """
    from course_utils import checkpoints, datasets
    from course_utils.errors import CourseError

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
    known = checkpoints.CHECKPOINTS.get(name)
    hashes = known and known.sha256  # without them, nothing is compared
    for what, look, compared in (
        (f"checkpoint {name}", lambda: checkpoints.checkpoint_folder(name, fetch=False), hashes),
        ("film reviews", datasets.reviews_file, True),
        ("news", datasets.news_files, True),
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
    memory = _memory_gigabytes()
    if memory is not None:
        _line(
            memory > 2,
            f"{memory:.1f} GB of free memory",
            f"only {memory:.1f} GB of free memory: close other programs, the course needs 2 GB",
        )
    try:
        pick_device()
    except CourseError as problem:
        _line(False, "", str(problem))


def _line(ready: bool, good: str, bad: str) -> None:
    print(f"✔ {good}" if ready else f"✘ {bad}")


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def _memory_gigabytes():
    """Free memory in GB; psutil comes with the notebook kernel. None if it cannot be asked."""
    try:
        import psutil
    except ImportError:
        return None
    return psutil.virtual_memory().available / 1e9
