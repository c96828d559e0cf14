"""Who trains together: one process, or the group of them that torchrun has started."""

import os
import sys

from course_utils.errors import MissingPackage
from course_utils.model.alone import Alone
from course_utils.progress import in_group

INSTALL = 'pip install "bert-transfer-course[scale]"'
UNNOTICED = {"ACCELERATE_MIXED_PRECISION", "MASTER_ADDR"}
"""`accelerate launch --num_processes 2` sets both of them, and without a GPU it starts one process,
which has no WORLD_SIZE."""


def group_on(device) -> Alone:
    """The group that this process belongs to.

    Raises:
        MissingPackage: if there are several processes, and accelerate is not installed.
        ProcessLost: if they do not find each other.
    """
    if not in_group():
        if UNNOTICED <= set(os.environ):
            print(
                "`accelerate launch` starts a single process on a computer without a GPU, and it "
                "trains alone: for more of them, type torchrun --nproc-per-node 2 in its place.",
                file=sys.stderr,
            )
        return Alone(device)
    try:
        from course_utils.model.group import Group
    except ImportError as problem:
        raise MissingPackage(
            f"To train in several processes, {problem.name} has to be installed: {INSTALL}."
        ) from None
    return Group(device)
