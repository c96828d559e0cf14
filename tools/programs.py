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
    before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    interrupted = False
    try:
        while True:
            try:
                code = process.wait()
                break
            except KeyboardInterrupt:
                interrupted = True
        if code and interrupted:
            return 130
        return code if code >= 0 else 128 - code
    finally:
        signal.signal(signal.SIGTERM, before)


def run_program(name):
    """Run a program of the course, a path from its folder, and return its exit status."""
    sys.stdout.flush()
    return call([sys.executable, str(ROOT / name)], dict(os.environ))


def run_all(names):
    """Run programs one after the other; the first that fails ends it, with its status."""
    return next(filter(None, map(run_program, names)), 0)
