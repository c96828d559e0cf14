"""What `test_kills.py` kills. One process imports all of it once; each run is forked from that."""

import os
import signal
import sys

import pandas  # noqa: F401  (what a run would spend its time with)
import sklearn.linear_model  # noqa: F401
import sklearn.pipeline  # noqa: F401
import transformers.models.auto.tokenization_auto  # noqa: F401
import transformers.models.bert.modeling_bert  # noqa: F401

import course_utils
from course_utils.command import predict, train
from course_utils.command.program import main

STEPS = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.utime", "os.chmod", "os.truncate"}
"""What changes names and folders, as Python's audit hooks call it, before it happens."""


def start(tell, work: str, arguments: tuple, step: int | None) -> None:
    """Do a work; tell by the pipe that it begins and, if all went well, how many steps it took.

    Args:
        step: kill this process just before so many steps in the file system; None: never.
    """
    train.KEEP_EVERY = 0  # each epoch is kept
    predict.PIECE_TOKENS = 2_048  # many notes of the journal
    sys.stdout = sys.stderr = open(os.devnull, "w")
    do = WORKS[work](*arguments)
    taken = []

    def count(event, _):
        if event in STEPS:
            taken.append(event)
            if len(taken) == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    tell.send("begins")
    code = do()
    tell.send(len(taken))
    os._exit(code or 0)


def saving(source: str, target: str):
    """Save a model anew elsewhere."""
    model, tokenizer = course_utils.load(source)
    return lambda: course_utils.save(target, model, tokenizer)


def commanding(*words):
    """A line for `python -m course_utils`."""
    return lambda: main([str(word) for word in words])


WORKS = {"save": saving, "command": commanding}
