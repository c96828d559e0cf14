"""Libraries are imported whole: a ■ that falls into an import waits for its end.

Half an import of torch or numpy cannot be made again: the next try meets the compiled parts of the
first. Every cell would fail until the kernel is restarted.
"""

import _thread
import signal
import sys
import threading
from importlib.machinery import PathFinder

from course_utils.progress import finish_first

LIBRARIES = {
    "captum",
    "matplotlib",
    "numpy",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "pandas",
    "peft",
    "pyarrow",
    "scipy",
    "sklearn",
    "tokenizers",
    "torch",
    "transformers",
}

SOON = 0.05  # seconds: Python has then noted that the module is there


class _Whole:
    """Finds what Python finds, for modules of these libraries; their code runs to its end."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] not in LIBRARIES:
            return None
        spec = PathFinder.find_spec(name, path, target)
        run = getattr(spec and spec.loader, "exec_module", None)
        if run is None:  # not installed, or a folder without code
            return spec

        def run_whole(module):
            with finish_first(press_again=_interrupt_soon):
                run(module)

        spec.loader.exec_module = run_whole
        return spec


def _interrupt_soon() -> None:
    """Not at once: an error in the code of a module makes Python forget the module."""
    timer = threading.Timer(SOON, _interrupt)
    timer.daemon = True
    timer.start()


def _interrupt() -> None:
    """Stop the main thread, also one that sleeps or waits (on Windows: when it has waited)."""
    if hasattr(signal, "pthread_kill") and callable(signal.getsignal(signal.SIGINT)):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    else:
        _thread.interrupt_main()


def import_whole() -> None:
    """From now on, an interrupt waits while a library is imported. A second call changes nothing.

    What is imported already, or by a thread that no interrupt reaches, is as before.
    """
    if _Whole not in sys.meta_path:
        sys.meta_path.insert(0, _Whole)
