"""Starting other programs, and waiting for them.

An old Python has to read this file: standard library only, no annotations.
"""

import os
import signal
import subprocess
import sys

from tools import ROOT


def call(command, variables):
    """Run a program to its end and return its exit status; 130 if Ctrl-C made it fail.

    Ctrl-C reaches the program as well as us; it decides what to do, and we wait for it.
    """
    process = subprocess.Popen(command, cwd=ROOT, env=variables)
    interrupts = []
    # No KeyboardInterrupt here: it could fall just where the status of the program is taken.
    heard = {
        signal.SIGTERM: lambda *_: process.terminate(),
        signal.SIGINT: lambda *_: interrupts.append(True),
    }
    before = {number: signal.signal(number, handler) for number, handler in heard.items()}
    try:
        code = process.wait()
        if code and interrupts:
            return 130
        return code if code >= 0 else 128 - code
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_program(name):
    """Run a program of the course, a path from its folder, and return its exit status."""
    sys.stdout.flush()
    return call([sys.executable, str(ROOT / name)], dict(os.environ))


def run_all(names):
    """Run programs one after the other; the first that fails ends it, with its status."""
    return next(filter(None, map(run_program, names)), 0)
