"""Checks of notebook 09: scaling up."""

import math

from course_utils.lessons.exercises import Unanswered, Wrong, exercise, one_number, shortened

LOSSES = (0.2, 0.9, 0.4, 1.6, 0.3)
"""The losses of a batch of five rows: on two processes, three and two of them."""

PLACES = [(rows, size) for rows in (5, 4, 1) for size in (2, 3, 1)]
"""Rows of a batch and processes that share them; also fewer rows than processes."""


@exercise(
    "9.1",
    "share_of_loss",
    hints=(
        "With five rows and two processes: process 0 has three rows, process 1 two. The group "
        "takes the mean of two numbers: divide their sum by 2. What must their sum be, so that "
        "this is the sum of five losses, divided by 5?",
        "`mine.sum()` is 0 for no rows, where `mine.mean()` is nan. Which number must each sum be "
        "multiplied with, and which divided by?",
    ),
)
def _share_of_loss(share_of_loss):
    import torch

    _check_function(share_of_loss)
    for rows, size in PLACES:
        losses = torch.tensor(LOSSES[:rows])
        shares = [_share(share_of_loss, losses, rank, size) for rank in range(size)]
        mean, found = losses.mean().item(), sum(shares) / size
        if any(map(math.isnan, shares)):
            raise Wrong(
                f"Expected 0 from a process that has no row, found nan ({size} processes, "
                f"{rows} row): the mean of nothing is no number, its sum is 0."
            )
        if abs(found - mean) > 1e-5:
            raise Wrong(
                f"{rows} rows, {size} processes: expected {mean:.4f}, the mean of all losses, as "
                f"the mean over the processes, found {found:.4f}.{_mistake(shares, losses, size)}"
            )
    return "However the rows are shared, and even with too few of them, it is the same loss."


def _share(share_of_loss, losses, rank: int, size: int) -> float:
    given = share_of_loss(losses, rank, size)
    if given is ...:
        raise Unanswered("return what the process hands to backward.")
    return one_number("share_of_loss(losses, rank, size)", given)


MISTAKES = {
    "Does each process count alike? It has to count by its rows.": lambda part, rows, size: (
        part.mean()
    ),
    "The group divides by the number of processes: multiply with `size` before.": (
        lambda part, rows, size: part.sum() / rows
    ),
    "These are sums: divide by the number of all rows, `len(losses)`.": (
        lambda part, rows, size: part.sum() * size
    ),
    "These are the plain sums: how many rows has the batch, and how many processes share it?": (
        lambda part, rows, size: part.sum()
    ),
}
"""What is said -> what a process would hand over whose losses are `part`."""


def _mistake(shares: list, losses, size: int) -> str:
    """What may have gone wrong, as a sentence; nothing if nobody knows."""
    for said, wrong in MISTAKES.items():
        parts = [wrong(losses[rank::size], len(losses), size).item() for rank in range(size)]
        if all(abs(one - other) < 1e-5 for one, other in zip(shares, parts, strict=True)):
            return f" {said}"
    return ""


def _check_function(given) -> None:
    if not callable(given):
        raise Wrong(f"Expected a function, found {shortened(given)}.")


SHAPES = ((384, 1536, 8), (384, 384, 8), (1536, 384, 4), (384, 2, 1))
"""Inputs, outputs and width of the layers that are asked about."""


@exercise(
    "9.2",
    "adapter_weights",
    hints=(
        "A matrix from 384 numbers to 8 has 384 * 8 weights. Which sizes has the other one?",
        "`layer.in_features` numbers go to `width`, and `width` numbers to `layer.out_features`. "
        "Add the weights of both matrices.",
    ),
)
def _adapter_weights(adapter_weights):
    import torch

    _check_function(adapter_weights)
    for inputs, outputs, width in SHAPES:
        given = adapter_weights(torch.nn.Linear(inputs, outputs), width)
        if given is ...:
            raise Unanswered("return the number of weights of both narrow matrices.")
        found = one_number("adapter_weights(layer, width)", given)
        right = width * (inputs + outputs)
        if found != right:
            hint = {
                width * inputs: " There is a second matrix, up to the outputs.",
                width * outputs: " There is a first matrix, down from the inputs.",
                inputs * outputs: " That is the frozen matrix itself.",
                width * inputs * outputs: " Add inputs and outputs, do not multiply them.",
                width * inputs * width * outputs: " Add the two matrices, do not multiply them.",
                right + outputs: " The narrow matrices have no bias.",
                right + outputs + width: " The narrow matrices have no bias.",
            }.get(found, "")
            raise Wrong(
                f"{inputs} inputs, {outputs} outputs, width {width}: expected {right:,} weights, "
                f"found {found:,g}.{hint}"
            )
    return "Added up over all layers, and with the head, these are the 338,690 of above."


ROWS, PER_SECOND = 10_000_000, 300


@exercise(
    "9.3",
    "hours",
    "machines",
    hints=(
        "Rows, divided by rows per second, are seconds. An hour has 3,600 of them.",
        "With two machines each has half of the hours. How many until it is one hour or less? A "
        "part of a machine cannot be rented: `math.ceil` rounds up.",
    ),
)
def _before_you_rent(hours, machines):
    found, right = one_number("hours", hours), ROWS / PER_SECOND / 3_600
    if abs(found - right) > 0.1:
        unit = {60 * right: "minutes", 3_600 * right: "seconds", right / 24: "days"}
        said = next((name for value, name in unit.items() if abs(found / value - 1) < 0.02), "")
        told = f" Are these {said}?" if said else " Rows divided by rows per second are seconds."
        raise Wrong(f"Expected about {right:.1f} as `hours`, found {found:g}.{told}")
    count = one_number("machines", machines)
    if count != math.ceil(right):
        why = "so many do not finish within the hour" if count < right else "fewer will do"
        if count % 1:
            why = "a part of a machine cannot be rented"
        raise Wrong(
            f"Expected the fewest `machines` that finish within an hour, found {count:g}: {why}."
        )
    return "One machine and a night, or ten machines and an hour. The price is about the same."
