"""How much memory the kernel of a notebook has held."""

import sys
from pathlib import Path

import psutil


def peak_memory(kernel_manager) -> float:
    """Most memory (GB) that a running kernel has held so far; 0 where the system does not tell.

    Args:
        kernel_manager: that of nbclient or nbval, with its kernel still running.
    """
    pid = getattr(getattr(kernel_manager, "provisioner", None), "pid", None)
    if pid is None:
        return 0.0
    if sys.platform == "win32":  # there, python.exe of an environment starts the real one
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return max(one.memory_info().peak_wset for one in family) / 1e9
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    lines = dict(line.split(":", 1) for line in status.splitlines())
    return int(lines.get("VmHWM", "0 kB").split()[0]) / 1e6
