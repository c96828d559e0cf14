"""Where the arithmetic runs."""

from course_utils import settings
from course_utils.errors import DeviceUnavailable
from course_utils.model.speed import return_freed_memory


def pick_device(prefer: str = None, quiet: bool = False):
    """Choose the device: an NVIDIA GPU, else an Apple GPU, else the CPU.

    On Linux it also has memory given back to the system as soon as it is freed, which makes
    fine-tuning smaller: see `model/speed.py`.

    Args:
        prefer: "auto", "cpu", "cuda" or "mps"; by default the `device` switch of the course.
        quiet: do not print which device was chosen and why.

    Returns:
        A `torch.device`. Send the model *and* every batch to it with `.to(device)`.

    Raises:
        DeviceUnavailable: if the device that was asked for is not in this computer.
    """
    import torch

    return_freed_memory()
    wish = str(prefer or settings.current().device)
    if prefer:
        settings.Settings(checkpoint="any", size="default", device=wish)  # checks the spelling
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    kind = wish.partition(":")[0]
    if kind in found and not found[kind]:
        raise DeviceUnavailable(
            f"device={wish!r} was asked for, but PyTorch finds no such GPU in this computer: "
            'write use(device="cpu"), or use(device="auto") to take the best there is.'
        )
    if ":" in wish and int(wish.partition(":")[2]) >= torch.cuda.device_count():
        raise DeviceUnavailable(
            f"device={wish!r} was asked for, but the GPUs here are numbered 0 to "
            f'{torch.cuda.device_count() - 1}: write use(device="cuda:0").'
        )
    if wish == "auto":
        wish = next((name for name, here in found.items() if here), "cpu")
    device = torch.device(wish)
    if not quiet:
        print(f"Device: {device} ({_reason(device)})")
    return device


def _reason(device) -> str:
    if device.type == "cuda":
        import torch

        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "the GPU of this Apple computer"
    return "every computer has one, and this course is made for it"
