"""What lies between two steps of a run: with it, the run goes on as if nobody had stopped it."""

import hashlib
import json
import time
from contextlib import contextmanager
from pathlib import Path

from course_utils import files
from course_utils.errors import DamagedFile, DataError
from course_utils.model.history import History
from course_utils.progress import finish_first, hold_from_now_on, speaks, tells_itself

UNFINISHED = "unfinished.safetensors"
"""What an interrupted run needs to go on: moments of the optimizer, weights of the best epoch."""


class RunState:
    """What lies between two steps: with it, a run goes on as if nobody had stopped it.

    Args:
        run: the `History` of the run; if it was interrupted, its state is taken up.
        trained: name -> weight, of all weights that are trained.
        optimizer, schedule: of the run, as new.
        data: the texts that are trained on and validated on.

    Raises:
        DataError: if `run` has come to its end, or belongs to another model or other texts.
    """

    def __init__(self, run: History, trained: dict, optimizer, schedule, data: tuple):
        import torch

        self.run, self.trained, self.optimizer, self.schedule = run, trained, optimizer, schedule
        self.data, self.validated = fingerprint(data), data[1] is not None
        self.device = next(iter(trained.values())).device
        self.best = {}
        self.start = time.perf_counter() - run.seconds
        torch.manual_seed(run.seed)
        if run.losses or run.interrupted:
            self._take_up(run.state)
        self.random = _random_numbers(self.device)
        run.interrupted, run.state = False, None

    def _take_up(self, state: dict) -> None:
        import torch

        if state is None:
            raise DataError(
                "This run has come to its end: for more epochs, call fine_tune without history."
            )
        if state["data"] != self.data:
            raise DataError(
                "The run was interrupted on other texts: give the same training and validation "
                "texts, in the same order."
            )
        same = list(state["trained"]) == list(self.trained)
        if not same or not torch.equal(state["last"], _last(self.trained)):
            raise DataError(
                "The interrupted run belongs to another model: give the model that it trained, "
                "with the same parts frozen."
            )
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.best = state["best"]
        _go_on_drawing(self.device, state["random"])

    def note_step(self, loss: float) -> None:
        """One step is made: its loss, and where the random numbers of dropout stand."""
        self.run.losses.append(loss)
        self.random = _random_numbers(self.device)

    def note_epoch(self, accuracy: float, macro_f1: float = None, loss: float = None) -> None:
        """One epoch is judged; the weights of the best one are kept if there are several."""
        with finish_first():
            self.run.validation_accuracies.append(accuracy)
            if macro_f1 is not None:
                self.run.validation_macro_f1s.append(macro_f1)
            if loss is not None:
                self.run.validation_losses.append(loss)
            if self.run.epochs > 1 and self.run.best_epoch == len(self.run.validation_accuracies):
                self.best = {name: w.detach().cpu().clone() for name, w in self.trained.items()}

    def finish(self) -> None:
        """The run has come to its end: the model takes the weights of its best epoch."""
        import torch

        with torch.no_grad(), finish_first():
            for name, weight in self.best.items():
                self.trained[name].copy_(weight)
        if self.run.stopped_early and speaks():
            print(self.run.why_stopped)
        self.run.seconds = time.perf_counter() - self.start
        hold_from_now_on()

    @contextmanager
    def as_interrupted(self, can_go_on: bool):
        """Within the block, the history is that of a run that was stopped here: `save` keeps it.

        Args:
            can_go_on: False for a model that `save` merges; its history has no state to go on with.
        """
        now = self._now()
        self.run.interrupted, self.run.state = True, now if can_go_on else None
        try:
            yield
        finally:
            self.run.interrupted, self.run.state = False, None

    def interrupt(self) -> None:
        """The run was stopped: its history takes along what it needs to go on. It says so."""
        self.optimizer.zero_grad()
        self.run.interrupted, self.run.state = True, self._now()
        if speaks() and not tells_itself():
            print(f"Interrupted after {self.run.made}. The model is usable.")

    def _now(self) -> dict:
        self.run.seconds = time.perf_counter() - self.start
        return {
            "data": self.data,
            "validated": self.validated,
            "trained": list(self.trained),
            "last": _last(self.trained),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "random": self.random,
            "best": self.best,
        }


def _random_numbers(device) -> dict:
    """Where the random numbers stand: a GPU draws its dropout from a generator of its own."""
    import torch

    numbers = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        numbers["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        numbers["mps"] = torch.mps.get_rng_state()
    return numbers


def _go_on_drawing(device, numbers: dict) -> None:
    """Draw on from where `numbers` stand; those of another kind of device do not count."""
    import torch

    torch.set_rng_state(numbers["cpu"])
    if device.type == "cuda" and "cuda" in numbers:
        torch.cuda.set_rng_state(numbers["cuda"], device)
    elif device.type == "mps" and "mps" in numbers:
        torch.mps.set_rng_state(numbers["mps"])


def _last(trained: dict):
    """A copy of the weights next to the answer: different in any two models that were trained."""
    import torch

    return torch.cat([w.detach().cpu().flatten() for w in list(trained.values())[-2:]])


def fingerprint(data: tuple) -> str:
    """A sha256 of texts and labels: the same texts in the same order give the same."""
    content = [None if part is None else [part.texts, part.labels] for part in data]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def write_state(folder: Path, state: dict) -> dict:
    """Write the tensors of a `RunState`; return the rest, which is for JSON."""
    from safetensors.torch import save_file

    tensors = {"last": state["last"]}
    tensors |= {f"random/{device}": numbers for device, numbers in state["random"].items()}
    tensors |= {f"best/{name}": weight for name, weight in state["best"].items()}
    for number, moments in state["optimizer"]["state"].items():
        tensors |= {f"optimizer/{number}/{key}": value for key, value in moments.items()}
    save_file(
        {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}, folder / UNFINISHED
    )
    return {key: state[key] for key in ("data", "validated", "trained", "schedule")} | {
        "param_groups": state["optimizer"]["param_groups"],
        "sha256": files.sha256(folder / UNFINISHED),
    }


def read_state(folder: Path, rest: dict) -> dict:
    """What `write_state` wrote, as `RunState` wants it."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    cure = "the model itself may be loaded with load(), but its run cannot go on."
    if "sha256" in rest:  # earlier versions did not note it
        files.verify(folder / UNFINISHED, rest["sha256"], cure, "that save wrote")
    try:
        tensors = load_file(folder / UNFINISHED)
    except (OSError, SafetensorError, EOFError) as problem:
        raise DamagedFile(
            f"{UNFINISHED} of the interrupted run cannot be read ({problem}): {cure}"
        ) from None
    state = {key: rest[key] for key in ("data", "trained", "schedule")}
    state |= {"last": tensors.pop("last"), "random": {}, "best": {}}
    state["optimizer"] = {"state": {}, "param_groups": rest["param_groups"]}
    for name, tensor in tensors.items():
        kind, _, key = name.partition("/")
        if kind != "optimizer":
            state[kind][key or "cpu"] = tensor  # earlier versions kept the CPU's alone: "random"
        else:
            number, _, moment = key.partition("/")
            state["optimizer"]["state"].setdefault(int(number), {})[moment] = tensor
    return state
