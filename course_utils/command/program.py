"""From the command line to a command, and from an error to one sentence."""

import os
import sys
import time
import warnings
from importlib import import_module

from course_utils.command.arguments import PROGRAM, STOPPED, parser, understood
from course_utils.command.options import in_options
from course_utils.errors import CourseError, ProcessLost, no_memory
from course_utils.progress import speaks


def main(arguments: list = None) -> int:
    """Run one command.

    Args:
        arguments: the words behind `python -m course_utils`; by default those of this process.

    Returns:
        0 if all went well, 1 after an error, 2 if the words cannot be understood, 130 after Ctrl-C.
    """
    _speak_plainly()
    words = sys.argv[1:] if arguments is None else arguments
    if not words:
        parser().print_help()
        return 2
    options = understood(words)
    options.words = words
    if options.command != "train" and not speaks():
        return 0  # the first process of a group does it alone
    try:
        module = "ray_engine" if getattr(options, "engine", None) else options.command
        return import_module(f"course_utils.command.{module}").run(options)
    except KeyboardInterrupt:
        if speaks():
            print("\nStopped. Nothing was written.", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:  # who reads what we print has gone: `... | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as problem:
        if options.traceback:
            raise
        if not speaks() and not isinstance(problem, ProcessLost):
            time.sleep(1)  # the first process may say the same: torchrun then ends this one
        print(f"{PROGRAM} {options.command}: {said(problem)}", file=sys.stderr)
        return 1


def _speak_plainly() -> None:
    """A console may not have all letters: a question mark stands for those that it lacks."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if not speaks():
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
    if not sys.warnoptions:  # of the libraries; what matters to a reader, we say ourselves
        warnings.simplefilter("ignore")
    if not sys.stderr.isatty():  # in a file, each step of a bar would be a line
        os.environ.setdefault("TQDM_DISABLE", "1")


def said(problem: Exception) -> str:
    """An error as a sentence for somebody who works with files and commands."""
    text = str(problem).strip()
    if isinstance(problem, CourseError):
        return in_options(text)
    if no_memory(problem):
        return "The memory does not suffice: try a smaller --batch-size, or a smaller --max-length."
    if isinstance(problem, OSError):
        where = f" '{problem.filename}'" if problem.filename else ""
        return f"The computer could not read or write{where} ({problem.strerror or text})."
    first = text.splitlines()[0] if text else "no more is known"
    return (
        f"An error that nobody foresaw ({type(problem).__name__}: {first}). The same line with "
        "--traceback shows where."
    )
