"""How many bits the arithmetic has: fp32, or bf16, which some processors and GPUs multiply faster.

bf16 keeps the range of fp32 and 8 of its 24 bits. The weights stay fp32, and PyTorch's autocast
chooses which operations are bf16. See
https://docs.pytorch.org/docs/stable/amp.html
"""

from course_utils import settings
from course_utils.errors import DeviceUnavailable


def pick_precision(device, training: bool = False) -> str:
    """What to compute in: by default fp32, and on an NVIDIA GPU that has bf16, bf16 for training.

    Why a CPU does not use what it has unless it is asked: then each computer would print other
    numbers, and probabilities would differ from those of transformers' pipeline in the second digit
    after the point instead of the sixth. Accuracy does not pay: data/recorded/bf16.csv.

    Args:
        device: a `torch.device`.
        training: whether to train, or to predict.

    Returns:
        "fp32" or "bf16"; the `precision` switch of the course decides: use(precision="bf16").

    Raises:
        DeviceUnavailable: if the switch says "bf16" and the device has no such arithmetic.
    """
    wish = settings.current().precision
    if wish == "auto":
        return "bf16" if training and device.type == "cuda" and has_bf16(device) else "fp32"
    if wish == "bf16" and not has_bf16(device):
        raise DeviceUnavailable(
            "precision='bf16' was asked for, but this computer's "
            f"{'processor' if device.type == 'cpu' else 'GPU'} has no arithmetic for it: choose "
            '"auto" or "fp32", with use(precision="auto") or the variable COURSE_PRECISION.'
        )
    return wish


def has_bf16(device) -> bool:
    """Whether a device multiplies bf16 in hardware: many NVIDIA GPUs, some CPUs of Intel and AMD.

    (PyTorch computes it anywhere, but elsewhere it is slower than fp32.)
    """
    import torch

    if device.type == "cuda":
        with torch.cuda.device(device):
            return torch.cuda.is_bf16_supported(including_emulation=False)
    found = torch.cpu.get_capabilities()
    return device.type == "cpu" and any(found.get(name) for name in ("avx512_bf16", "amx_bf16"))


def arithmetic(device, precision: str):
    """Within the block, or in a function that it decorates, this thread computes so on a device.

    Only for the forward pass: the backward pass follows it by itself.

    Args:
        device: a `torch.device`.
        precision: "fp32" or "bf16", from `pick_precision`.
    """
    import torch

    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")
