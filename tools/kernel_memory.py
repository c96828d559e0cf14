"""How much memory the kernel of a notebook has held."""

import sys
from pathlib import Path

import psutil

# What a kernel can say about itself, in GB: macOS counts in bytes, other systems in kilobytes.
ASK = (
    "__import__('resource').getrusage(0).ru_maxrss"
    " / (1e9 if __import__('sys').platform == 'darwin' else 1e6)"
)


def peak_memory(kernel_manager) -> float | None:
    """Most memory (GB) that a running kernel has held so far; None where it cannot be measured.

    Args:
        kernel_manager: that of nbclient or nbval, with its kernel still running.
    """
    pid = getattr(getattr(kernel_manager, "provisioner", None), "pid", None)
    if pid is None:
        return None
    try:
        if sys.platform == "win32":  # there, python.exe of an environment starts the real one
            process = psutil.Process(pid)
            family = [process, *process.children(recursive=True)]
            return max(one.memory_info().peak_wset for one in family) / 1e9
        if sys.platform == "linux":  # there, a kernel's own answer may count its parent's memory
            status = Path(f"/proc/{pid}/status").read_text()
            lines = dict(line.split(":", 1) for line in status.splitlines())
            return int(lines["VmHWM"].split()[0]) / 1e6
        return _ask(kernel_manager)
    except (OSError, psutil.Error, KeyError):  # a kernel that died, above all
        return None


def _ask(kernel_manager) -> float:
    """Let the kernel say it; its variables and the numbers of its cells stay as they are."""
    client = kernel_manager.blocking_client()
    client.start_channels(iopub=False, stdin=False, hb=False, control=False)
    try:
        reply = client.execute(
            "", silent=True, user_expressions={"peak": ASK}, reply=True, timeout=10
        )
    finally:
        client.stop_channels()
    return float(reply["content"]["user_expressions"]["peak"]["data"]["text/plain"])
