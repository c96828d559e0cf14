"""One training in several processes, on one machine or on many; torchrun starts them.

Each process computes its share of every batch, and all of them make the same step. The engine is
accelerate, with PyTorch's DistributedDataParallel: it averages the gradients while the backward
pass still runs. Imported only where there is a group, so that nobody else needs accelerate.
"""

import os
import re
import signal
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import fields

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object

from course_utils.errors import DataError, ProcessLost
from course_utils.model import prediction
from course_utils.model.alone import Alone
from course_utils.progress import hold_from_now_on

LOST = "Connection (reset|closed|was likely closed)|Broken pipe|Timed out|remote process"
"""What gloo, NCCL and the store say when the other end of a connection is gone."""


@contextmanager
def _one_sentence(met: bool = True):
    """Within the block, what PyTorch says of a lost connection becomes one sentence.

    Args:
        met: False while the processes still look for each other.
    """
    try:
        yield
    except RuntimeError as problem:
        why = str(problem)
        ours = isinstance(problem, torch.distributed.DistError) or "gloo" in why
        if not ours or (met and not re.search(LOST, why)):
            raise
        told = (
            "Another process of this training is gone (killed, or its machine cannot be reached), "
            "so this one ends, too. Start the same line again; with --max-restarts 1, torchrun "
            "does that itself."
        )
        if not met:
            told = (
                "The processes of this training did not find each other. Check address and port, "
                "and that GLOO_SOCKET_IFNAME, if it is set, names a network device of this machine."
            )
        raise ProcessLost(f"{told} PyTorch says: {why.splitlines()[0]}") from None


def _meet(backend: str) -> None:
    """Find the other processes, unless they are found already.

    Through all its restarts, torchrun keeps the addresses that they have left with it. So each
    start has a shelf of its own: nobody waits for a process that is gone.
    """
    if torch.distributed.is_initialized():
        return
    store, rank, size = next(torch.distributed.rendezvous("env://"))
    start = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    store = torch.distributed.PrefixStore(f"start {start}", store)
    torch.distributed.init_process_group(backend, store=store, rank=rank, world_size=size)


class Group(Alone):
    """The processes of one training, seen from one of them.

    A batch is that of a run alone, and so are its loss and its step. Ctrl-C at one process stops
    all of them after the same step: that somebody pressed it travels with the loss.

    Args:
        device: of a run alone; of several GPUs, each process gets its own.
    """

    def __init__(self, device):
        on_cpu = device.type == "cpu"
        with _one_sentence(met=False):
            _meet("gloo" if on_cpu else "nccl")
            # Not what ACCELERATE_MIXED_PRECISION says: `Alone` chooses the arithmetic.
            self.accelerator = Accelerator(cpu=on_cpu, mixed_precision="no")
        super().__init__(device if on_cpu else self.accelerator.device)
        self.rank, self.size = self.accelerator.process_index, self.accelerator.num_processes
        self.asked = False  # was this process told to stop?
        self.agreed = False  # do all know that one was?
        self.open = ExitStack()

    def __enter__(self):
        self.open.enter_context(_one_sentence())
        self.before = signal.getsignal(signal.SIGINT)
        in_main = threading.current_thread() is threading.main_thread()  # no other can set handlers
        if in_main and callable(self.before):
            signal.signal(signal.SIGINT, self._ask)
            self.open.push(self._as_before)
        return self

    def __exit__(self, *problem):
        return self.open.__exit__(*problem)

    def _ask(self, *arguments) -> None:
        """What Ctrl-C does: once all know it, what it does alone."""
        self.asked = True
        if self.agreed:
            self.before(*arguments)

    def _as_before(self, kind, *_) -> None:
        if kind is None:
            hold_from_now_on(self.before)
        signal.signal(signal.SIGINT, self.before)
        if kind is None and self.asked and not self.agreed:  # it came too late for this training
            signal.raise_signal(signal.SIGINT)

    def learner(self, model, state):
        """`model`, whose backward pass averages the gradients of all processes.

        Raises:
            DataError: if the processes do not train the same.
        """
        run = state.run
        same = [state.data, list(state.trained), self.precision]
        compared = {item.name for item in fields(run) if item.compare} - {"seconds"}
        same += [getattr(run, name) for name in sorted(compared)]
        if len(set(gather_object([str(same)]))) > 1:
            raise DataError(
                "The processes of this group do not train the same: give all of them the same "
                "texts and options and, to go on with a stopped run, a folder that all can read."
            )
        if self.rank:  # another dropout than that of the first one, which draws as if alone
            torch.manual_seed(hash((run.seed, self.rank, len(run.losses))))
        return self.accelerator.prepare_model(model)

    def loss_of(self, learner, batches, rows: list, weights):
        """The share of the loss, so large that the mean over the group is the loss of all rows.

        A process without a row computes one that does not count: the others wait for it.
        """
        mine = rows[self.rank :: self.size]
        share = len(mine) * self.size / len(rows)
        return super().loss_of(learner, batches, mine or rows[:1], weights) * share

    def mean(self, loss) -> float:
        """The loss of the whole batch. If somebody pressed Ctrl-C, it is pressed here, too."""
        return self._sum(loss.detach()).item() / self.size

    def predict(self, model, tokenizer, texts):
        """As `predict`: every process answers its share of the texts, and all get all answers."""
        found = torch.zeros(len(texts), model.config.num_labels, device=self.device)
        if mine := texts[self.rank :: self.size]:
            answers = torch.from_numpy(
                prediction.predict(model, tokenizer, mine)
            )  # (mine, classes)
            found[self.rank :: self.size] = answers.to(self.device)
        return self._sum(found).cpu().numpy()

    def _sum(self, numbers):
        """The sum over the group of a tensor, which keeps its shape."""
        sent = torch.cat([numbers.flatten(), numbers.new_tensor([self.asked])])
        found = self.accelerator.reduce(sent, "sum")
        if found[-1] and not self.agreed:
            self.agreed = True
            signal.raise_signal(signal.SIGINT)
        return found[:-1].reshape(numbers.shape)
