"""Pressing the stop button at a chosen moment of a training run."""

import torch


def press_at(monkeypatch, step: int):
    """Interrupt this step in its middle: the gradient is there, the update not.

    Later runs are left alone. Returns the function that was replaced.
    """
    clip, calls = torch.nn.utils.clip_grad_norm_, []

    def clip_and_stop(*args, **kwargs):
        calls.append(1)
        if len(calls) == step:
            raise KeyboardInterrupt
        return clip(*args, **kwargs)

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", clip_and_stop)
    return clip
