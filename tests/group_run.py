"""A script as a user writes it, for torchrun: fine-tunes a small model, and notes what came of it.

`python group_run.py CHECKPOINT OUT OPTIONS`: options of `fine_tune` as JSON, and of this script:
"validate", "press" (at this step, process 1 gets Ctrl-C), "same" (eight equal texts), "other"
(the processes read different texts), "mine" (more options of `fine_tune`, for process 1 alone),
"talk" (each prints a line after each epoch, and saves nothing).
"""

import json
import os
import signal
import sys
from functools import partial

import real_model
import torch

import course_utils


def main(checkpoint: str, out: str, options: str) -> None:
    options, rank = json.loads(options), int(os.environ.get("RANK", 0))
    names = ("validate", "press", "same", "other", "mine", "talk")
    wanted = {name: options.pop(name, None) for name in names}
    if rank == 1:
        options |= wanted["mine"] or {}
    data = real_model.small_set()
    if wanted["same"]:
        data = course_utils.LabeledTexts([data.texts[0]] * 8, [0] * 7 + [1], data.label_names)
    if wanted["other"]:
        data = data.take(range(rank, 12 + rank))
    model = course_utils.load_classifier(checkpoint, quiet=True)
    tokenizer = course_utils.load_tokenizer(checkpoint)
    mine = []  # the losses of this process, before they are shared

    def note(module, given, outputs):
        if module.training:
            mine.append(outputs.loss.item())
            if rank == 1 and len(mine) == wanted["press"]:
                signal.raise_signal(signal.SIGINT)

    model.register_forward_hook(note)
    validation = data.take(range(5, 12)) if wanted["validate"] else None
    after = (lambda *_: print("mine")) if wanted["talk"] else partial(course_utils.save, out)
    history = course_utils.fine_tune(
        model, tokenizer, data, validation, after_epoch=after, **options
    )
    found = {name: getattr(history, name) for name in ("losses", "interrupted")}
    found |= {"weights": real_model.weights(model), "mine": mine, "model": model.state_dict()}
    found |= {"accuracies": history.validation_accuracies}
    found |= {"wrapped": "forward" in vars(model)}
    found |= {"in_group": "course_utils.model.group" in sys.modules}
    torch.save(found, f"{out}.{rank}.pt")


if __name__ == "__main__":
    main(*sys.argv[1:])
