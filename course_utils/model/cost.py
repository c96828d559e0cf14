"""What a training will cost: hours, memory and money, estimated before it begins."""

import copy
import math
import random
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from course_utils.data.texts import check_labeled
from course_utils.errors import DataError, did_you_mean
from course_utils.model.batches import Batches
from course_utils.model.device import pick_device
from course_utils.model.lora import trains_adapter
from course_utils.model.machine import memory_gigabytes
from course_utils.model.precision import pick_precision
from course_utils.model.training import fine_tune

OPERATIONS = {"all": 6, "adapter": 4, "head": 2, "nothing": 2}
"""What is trained -> operations per weight and token. Forward takes 2, a product and a sum; the
way back takes 2 for what reached a layer, and 2 for its weights if they are trained. Below a head
that is trained alone nothing goes back. "nothing" is a prediction."""

TRAINED = {"all": 1.0, "adapter": 0.02, "head": 0.0, "nothing": 0.0}
"""The share of the weights that are trained, for the memory; an adapter has about so many."""

REACHED = (0.2, 0.4)
"""The share of its printed peak that a GPU reaches. NVIDIA's own program for BERT-large made 36
texts of 384 tokens a second in fine-tuning, and 172 of 128 tokens in pre-training, on a V100 with a
printed peak of 125 * 10^12: 21 and 32 %.

Source: https://github.com/NVIDIA/DeepLearningExamples, PyTorch/LanguageModeling/BERT, 2020
"""

LAUNCH = 5e-6
"""Seconds until a GPU has begun a small computation; an estimate. However small a batch is, a step
takes as long as its computations need to begin."""

LAUNCHES = 15
"""So many computations a layer begins in a step, about, for each operation of `OPERATIONS`: 30 on
the way forward, 90 in a whole training. An estimate, too: nobody counted them on a GPU."""

NEAR = 0.25
"""How far a training on this computer may be from its estimate, after `measure_speed`."""

PROBE = 192  # texts


@dataclass(frozen=True)
class Shape:
    """The sizes of a BERT that its cost depends on."""

    layers: int
    hidden: int
    inner: int
    words: int = 30_522
    positions: int = 512

    @property
    def layer_weights(self) -> int:
        """The weights of all layers that every token is multiplied with."""
        return self.layers * (4 * self.hidden**2 + 2 * self.hidden * self.inner)

    @property
    def weights(self) -> int:
        """All weights of the encoder, with embeddings, biases, layer norms and pooler."""
        table = (self.words + self.positions + 2 + 2) * self.hidden
        small = self.layers * (9 * self.hidden + self.inner)
        return table + self.layer_weights + small + self.hidden**2 + self.hidden

    def operations(self, tokens: float, trains: str = "all") -> float:
        """Operations per token of a text of so many tokens, attention included.

        Each token meets all others twice, in the scores and in the sum: on the way forward 4
        operations per token, hidden number and layer. They grow with the length of the text. For
        BERT-base and 128 tokens, 0.524 * 10^9.
        """
        both_ways = 1 if OPERATIONS[trains] == 2 else 3
        attention = both_ways * 4 * self.layers * self.hidden * tokens
        return OPERATIONS[trains] * self.layer_weights + attention

    def gigabytes(self, batch_tokens: float, trains: str = "all", number: int = 4) -> float:
        """Memory of one step, without the program itself (another 0.5 GB or so).

        A weight takes 4 bytes; if it is trained, 4 more for its gradient and 8 for AdamW. What the
        layers computed is kept for the way back: for each token 8 vectors of the hidden size and 2
        of the inner one per layer, counted in transformers' BERT without dropout.

        Args:
            batch_tokens: of all texts of a batch, padding included.
            trains: see `training_cost`.
            number: bytes of a number that a layer computes: 4, or 2 in bf16, where a copy of the
                weights in bf16 is kept, too.
        """
        copies = 4 + 12 * TRAINED[trains] + (2 if number == 2 else 0)
        kept = self.layers if TRAINED[trains] else 1  # else only one layer's at a time
        vectors = kept * (8 * self.hidden + 2 * self.inner) + 2 * self.hidden
        return (copies * self.weights + number * vectors * batch_tokens) / 1e9


@dataclass(frozen=True)
class Speed:
    """How fast this computer trains: what `measure_speed` found."""

    device: str
    tokens_per_second: float
    """Padding included."""
    operations_per_second: float
    gigabytes: float | None
    """Free memory; None if nobody could say."""
    number: int
    """Bytes of a number that a layer computes; see `Shape.gigabytes`."""

    def __str__(self):
        return (
            f"{self.device}: {self.tokens_per_second:,.0f} tokens a second, "
            f"{self.operations_per_second / 1e9:,.0f} * 10^9 operations."
        )


@cache
def known() -> dict:
    """The printed figures of a few devices and the shapes of a few checkpoints."""
    return tomllib.loads(Path(__file__).with_name("costs.toml").read_text(encoding="utf-8"))


def measure_speed(model, tokenizer, train, device: str = None) -> Speed:
    """How fast `fine_tune` runs on this computer, now: a copy of the model learns some texts twice.

    Takes about ten seconds for `minilm`; the first time is for warming up. What else the computer
    does meanwhile counts, too.

    Args:
        model: from `load_classifier`, with what you want to freeze frozen, or with its adapter. It
            stays as it is.
        tokenizer: of the same checkpoint.
        train: texts as long as those that you will train on.
        device: see `pick_device`.

    Raises:
        DataError: as `fine_tune`.
    """
    import torch

    device = pick_device(device, quiet=True)
    some = _some(train)
    with torch.random.fork_rng():
        twin = copy.deepcopy(model)
        for _ in ("warm up", "count"):
            run = fine_tune(twin, tokenizer, some, device=str(device))
            if run.interrupted:
                raise KeyboardInterrupt
    # With padding: few texts need much, the many of a training hardly any.
    tokens = sum(batch["input_ids"].numel() for _, batch in Batches(tokenizer, some))
    rate = tokens / run.seconds
    operations = rate * shape_of(model).operations(tokens / len(some), what_trains(model))
    number = 2 if pick_precision(device, training=True) == "bf16" else 4
    if device.type == "cuda":
        memory = torch.cuda.mem_get_info(device)[0] / 1e9
        return Speed(torch.cuda.get_device_name(device), rate, operations, memory, number)
    return Speed("this computer", rate, operations, memory_gigabytes(), number)


def _some(train):
    """A few texts: one of each label, which `fine_tune` wants, and others by chance."""
    check_labeled("train", train)
    each = {label: row for row, label in enumerate(train.labels)}.values()
    by_chance = random.Random(0).sample(range(len(train)), min(PROBE, len(train)))
    return train.take([*each, *by_chance][:PROBE])


def shape_of(model) -> Shape:
    """The shape of a BERT."""
    found = model.config
    return Shape(
        found.num_hidden_layers,
        found.hidden_size,
        found.intermediate_size,
        found.vocab_size,
        found.max_position_embeddings,
    )


def what_trains(model) -> str:
    """What `fine_tune` would train in a model: a word of `OPERATIONS`."""
    layers = [w for name, w in model.named_parameters() if ".layer." in name and w.requires_grad]
    if not layers:
        return "head"
    return "adapter" if trains_adapter(model) else "all"


def training_cost(
    texts: int,
    tokens: float,
    *,
    epochs: int = 1,
    trains: str = "all",
    batch_size: int = 32,
    here: Speed = None,
    price_per_hour: dict = None,
):
    """Hours, memory and money for each known checkpoint on a few devices: an estimate.

    The work is 6 operations per weight and token (see `OPERATIONS`), and attention on top. A GPU
    does between 20 and 40 % of its printed peak in bf16 (see `REACHED`), for a prediction, too: it
    takes use(precision="bf16") there. No step is shorter than its computations need to begin (see
    `LAUNCH`). This computer does what `measure_speed` found, which holds for the checkpoint that
    was measured, and less well for others. Reading files, tokenising and judging are not counted.

    Args:
        texts: how many to learn from.
        tokens: of a text, on average, [CLS] and [SEP] included, cut off where you cut them off: 512
            at most.
        epochs: passes over the texts.
        trains: "all", "adapter" (LoRA on all layers), "head", or "nothing" for a prediction.
        batch_size: texts per batch; it counts for the memory.
        here: what `measure_speed` found.
        price_per_hour: name of a device -> what an hour costs there, in any currency.

    Returns:
        A DataFrame, one row per checkpoint and device: gigaflop_per_token (10^9 operations),
        gigabytes (of one step), fits (whether the device has them; None if nobody knows),
        hours_least, hours_most and hours (the middle), all with two digits, and money for the
        middle, if there are prices.

    Raises:
        DataError: if a number is not positive, a text is longer than the checkpoints read, or a
            word or a device is not known.
    """
    import pandas as pd

    _check_numbers(texts=texts, tokens=tokens, epochs=epochs, batch_size=batch_size)
    if tokens > Shape.positions:
        raise DataError(
            f"tokens={tokens}: these checkpoints read {Shape.positions} of a text at most. Give "
            "the mean of what is left when longer texts are cut off there."
        )
    _check_word("trains", trains, OPERATIONS)
    devices = _devices(here)
    _check_prices(price_per_hour, devices)
    rows, steps = [], math.ceil(texts / batch_size) * epochs
    for checkpoint, sizes in known()["checkpoints"].items():
        shape = Shape(**sizes)
        work = shape.operations(tokens, trains)
        for device, (slow, fast, memory, number) in devices.items():
            seconds = texts * tokens * epochs * work
            bound = 0 if here and device == here.device else LAUNCH * LAUNCHES * OPERATIONS[trains]
            times = [seconds / speed for speed in (fast, slow, (slow * fast) ** 0.5)]
            hours = [_two_digits(max(time, steps * shape.layers * bound) / 3_600) for time in times]
            need = shape.gigabytes(batch_size * tokens, trains, number)
            row = {
                "checkpoint": checkpoint,
                "device": device,
                "gigaflop_per_token": round(work / 1e9, 3),
                "gigabytes": _two_digits(need),
                "fits": None if memory is None else need < memory,
                # Last, where a narrow screen shows them.
                **dict(zip(("hours_least", "hours_most", "hours"), hours, strict=True)),
            }
            if price_per_hour:
                row["money"] = hours[-1] * price_per_hour.get(device, float("nan"))
            rows.append(row)
    return pd.DataFrame(rows)


def _two_digits(number: float) -> float:
    return float(f"{number:.2g}")


def _devices(here: Speed) -> dict:
    """Name -> slowest and fastest operations per second, gigabytes, bytes of a number."""
    found = {}
    if here is not None:
        speed = here.operations_per_second
        found[here.device] = (speed / (1 + NEAR), speed * (1 + NEAR), here.gigabytes, here.number)
    for name, about in known()["devices"].items():
        slow, fast = (share * about["teraflops"] * 1e12 for share in REACHED)
        found.setdefault(name, (slow, fast, about["gigabytes"], 2))
    return found


def _check_prices(prices, devices: dict) -> None:
    if prices is not None and not isinstance(prices, dict):
        raise DataError(
            f"price_per_hour={prices!r}: expected a dict, such as {{{list(devices)[-1]!r}: 3.0}}."
        )
    for name in prices or {}:
        _check_word("price_per_hour", name, devices)
    _check_numbers(**(prices or {}))


def _check_numbers(**numbers) -> None:
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise DataError(f"{name}={value!r}: expected a number above 0.")


def _check_word(name: str, word: str, choices) -> None:
    if word not in choices:
        raise DataError(
            f"{name}: {word!r} is none of {', '.join(choices)}.{did_you_mean(str(word), choices)}"
        )
