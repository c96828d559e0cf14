"""Fine-tuning: the training loop of the slides, grown up. Saving and loading the result."""

import json
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from course_utils import checkpoints, settings
from course_utils.batches import Batches
from course_utils.datasets import LabeledTexts, check_labeled, load_reviews
from course_utils.device import pick_device
from course_utils.errors import CheckpointNotFound, CourseError, DamagedFile, DataError
from course_utils.progress import progress_bar


@dataclass
class History:
    """What happened during fine-tuning: one entry per step, and one accuracy per epoch."""

    learning_rate: float
    seed: int
    texts: int
    epochs: int
    losses: list = field(default_factory=list)
    validation_accuracies: list = field(default_factory=list)
    seconds: float = 0.0
    interrupted: bool = False

    def __repr__(self):
        first, last = _mean(self.losses[:10]), _mean(self.losses[-10:])
        return (
            f"{len(self.losses)} steps on {self.texts:,} texts, "
            f"loss from {first:.3f} (first ten steps) to {last:.3f} (last ten)"
            + (", interrupted" if self.interrupted else "")
        )


def _mean(values) -> float:
    return sum(values) / max(1, len(values))


def fine_tune(
    model,
    tokenizer,
    train: LabeledTexts,
    validation: LabeledTexts = None,
    *,
    epochs: int = 1,
    learning_rate: float = None,
    batch_size: int = 32,
    max_length: int = 64,
    warmup: float = 0.1,
    seed: int = 0,
    device: str = None,
) -> History:
    """Fine-tune every weight of `model` that has `requires_grad`.

    Forward, loss, backward, step, as on the slide; around it shuffled batches of similar length,
    a learning rate that warms up and then falls to zero, gradients clipped to norm 1, and a
    progress bar. Stop it (■ in the toolbar) whenever you like: the model keeps what it learned.

    Args:
        model: from `load_classifier`; it is changed in place, and left in `eval()` mode.
        tokenizer: the tokenizer of the same checkpoint.
        train: the texts to learn from.
        validation: if given, the accuracy on these is measured after each epoch.
        epochs: passes over `train`.
        learning_rate: peak of the schedule; by default the one that suits the checkpoint.
        batch_size, max_length: see `Batches`.
        warmup: share of all steps in which the learning rate rises.
        seed: fixes the order of the batches and the dropout.
        device: see `pick_device`.

    Returns:
        The `History` of the run.

    Raises:
        DataError: if the labels of `train` do not fit the model, or an argument is out of range.
        DeviceUnavailable: if the device is not in this computer.
    """
    import torch
    from transformers import get_linear_schedule_with_warmup

    from course_utils.evaluation import evaluate

    learning_rate = default_learning_rate() if learning_rate is None else learning_rate
    _check_run(model, train, validation, epochs, learning_rate, warmup)
    device = pick_device(device, quiet=True)
    torch.manual_seed(seed)
    batches = Batches(tokenizer, train.texts, train.labels, batch_size, max_length, seed)
    steps = epochs * len(batches)
    model.to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, fused=True)
    schedule = get_linear_schedule_with_warmup(optimizer, int(warmup * steps), steps)
    history = History(learning_rate, seed, len(train), epochs)
    bar = progress_bar(epochs * len(train), "texts", "Fine-tuning")
    start = time.perf_counter()
    try:
        for _epoch in range(epochs):
            model.train()
            for rows, batch in batches:
                loss = model(**batch.to(device)).loss
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                optimizer.zero_grad()
                history.losses.append(loss.item())
                bar.set_postfix(loss=f"{_mean(history.losses[-10:]):.3f}", refresh=False)
                bar.update(len(rows))
            if validation is not None:
                accuracy = evaluate(model, tokenizer, validation, max_length=max_length).accuracy
                history.validation_accuracies.append(accuracy)
    except KeyboardInterrupt:
        history.interrupted = True
        optimizer.zero_grad()
        print(f"Interrupted after {len(history.losses)} of {steps} steps. The model is usable.")
    finally:
        history.seconds = time.perf_counter() - start
        bar.close()
        model.eval()
    return history


def default_learning_rate() -> float:
    """The learning rate that suits the current checkpoint; 2e-5 for one that we do not know."""
    record = checkpoints.CHECKPOINTS.get(settings.current().checkpoint)
    return record.learning_rate if record else 2e-5


def _check_run(model, train, validation, epochs, learning_rate, warmup) -> None:
    classes = model.config.num_labels
    for name, data in (("train", train), ("validation", validation)):
        if name == "validation" and data is None:
            continue
        check_labeled(name, data)
        if len(data.label_names) != classes:
            raise DataError(
                f"The data has {len(data.label_names)} classes, the head of the model has "
                f"{classes}: load it with label_names={data.label_names}."
            )
    if not isinstance(epochs, int) or epochs < 1:
        raise DataError(f"epochs={epochs!r}: expected a whole number from 1 on.")
    if not isinstance(learning_rate, float | int) or not 0 < learning_rate < 1:
        raise DataError(
            f"learning_rate={learning_rate!r}: expected a number between 0 and 1, such as 1e-4."
        )
    if not isinstance(warmup, float | int) or not 0 <= warmup <= 1:
        raise DataError(f"warmup={warmup!r}: expected a share from 0 to 1, such as 0.1.")


def save(name: str, model, tokenizer, history: History = None) -> None:
    """Keep a fine-tuned model on this computer. An older save is replaced only at the very end.

    Args:
        name: a short name such as "reviews" (kept in the folder `models/` of the course), or the
            path of a folder.
        model, tokenizer: what to keep.
        history: kept beside the weights if given.

    Raises:
        CourseError: if the folder cannot be written; an older save stays as it was.
    """
    from safetensors import SafetensorError

    folder = model_folder(name).resolve()
    _check_target(folder)
    fresh, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        model.save_pretrained(fresh)
        tokenizer.save_pretrained(fresh)
        if history is not None:
            (fresh / "history.json").write_text(json.dumps(asdict(history)), encoding="utf-8")
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except (OSError, SafetensorError) as problem:
        raise CourseError(_why_not_saved(name, problem)) from None
    finally:  # also after an interrupt: no half save, and the older one in its place
        shutil.rmtree(fresh, ignore_errors=True)
        if old.exists() and not folder.exists():
            old.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    megabytes = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    print(f"Saved '{name}' ({megabytes:.0f} MB): safetensors weights, tokenizer, label names.")


def _why_not_saved(name: str, problem: Exception) -> str:
    why = getattr(problem, "strerror", None) or problem
    cure = "free some disk space, or choose another folder"
    if isinstance(problem, PermissionError):  # Windows, too, while a loaded save is in use
        cure = "choose another folder, or restart the kernel if a loaded model is still in use"
    return f"'{name}' could not be saved ({why}): {cure}. An older save is as it was."


def _check_target(folder: Path) -> None:
    """Never write over a folder that holds anything but an earlier save of ours."""
    ours = (folder / "model.safetensors").is_file() and (folder / "config.json").is_file()
    if folder.exists() and not ours and (folder.is_file() or any(folder.iterdir())):
        raise CourseError(
            f"'{folder.name}' holds other files already, and saving would replace them: "
            'choose another name, for instance save("my-model", ...).'
        )


def load(name: str) -> tuple:
    """Load a model that `save` kept.

    Returns:
        model (in `eval()` mode, on the CPU) and tokenizer.

    Raises:
        CheckpointNotFound: if nothing was saved under that name.
        DamagedFile: if what was saved cannot be read.
    """
    folder = model_folder(name)
    if not folder.is_dir():
        raise CheckpointNotFound(
            f"Nothing is saved under '{name}' for these switches: "
            f'call save("{name}", model, tokenizer) first.'
        )
    checkpoints.check_bert(folder, name)
    from transformers import BertForSequenceClassification

    model, new = checkpoints.load_weights(BertForSequenceClassification, folder)
    if new:
        raise DamagedFile(f"'{name}' was saved without its head: fine-tune and save it again.")
    return model.eval(), checkpoints.read_tokenizer(folder)


def load_or_train(name: str = "reviews") -> tuple:
    """Your own model from notebook 05; if there is none yet, train it now with the same recipe.

    Returns:
        model (in `eval()` mode) and tokenizer.
    """
    if name != "reviews":
        raise CheckpointNotFound(f"There is no recipe for '{name}': the course has 'reviews'.")
    if model_folder(name).is_dir():
        print(f"Loading the model that you saved in notebook 05{_what_was_saved(name)}.")
        return load(name)
    train, _, _ = load_reviews(quiet=True)
    print(
        f"No model is saved yet: fine-tuning one on {len(train):,} reviews, as notebook 05 does. "
        "On a laptop this takes about a minute."
        if settings.current().size == "default"
        else f"No model is saved yet: fine-tuning one on {len(train):,} reviews. "
        "On a laptop this takes a few minutes."
    )
    model, tokenizer = checkpoints.load_classifier(quiet=True), checkpoints.load_tokenizer()
    history = fine_tune(model, tokenizer, train)
    if not history.interrupted:
        save(name, model, tokenizer, history)
    return model, tokenizer


def _what_was_saved(name: str) -> str:
    """The recipe of a saved model, in words; nothing if it was saved without its history."""
    path = model_folder(name) / "history.json"
    if not path.is_file():
        return ""
    run = json.loads(path.read_text(encoding="utf-8"))
    rest = ", interrupted: train and save it again" if run["interrupted"] else ""
    return (
        f" ({run['texts']:,} texts, learning rate {run['learning_rate']:g}, "
        f"seed {run['seed']}{rest})"
    )


def model_folder(name: str) -> Path:
    """Where `save` keeps a model: one folder per name, checkpoint and size."""
    if Path(name).name != str(name):
        return Path(name).expanduser()
    now = settings.current()
    checkpoint = now.checkpoint.strip("./~").replace("/", "--").replace("\\", "--")
    return settings.models_folder() / f"{name}-{checkpoint}-{now.size}"
