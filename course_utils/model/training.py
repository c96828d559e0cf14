"""Fine-tuning: the training loop of the slides, grown up."""

from contextlib import contextmanager

from course_utils.data.reading import note_length, reading_length
from course_utils.data.texts import LabeledTexts, check_several_labels
from course_utils.errors import DataError
from course_utils.model.batches import Batches
from course_utils.model.class_weights import on_average_one, weights_by_label
from course_utils.model.device import pick_device
from course_utils.model.history import History, check_history
from course_utils.model.known import learning_rate_for
from course_utils.model.layers import check_tokens
from course_utils.model.lora import has_adapter, trains_adapter
from course_utils.model.prediction import check_fit, scores_on
from course_utils.model.processes import group_on
from course_utils.model.run_state import RunState
from course_utils.model.seen import keep_past, note_of, past_of
from course_utils.model.speed import first_position_only
from course_utils.model.tokenizing import check_kind
from course_utils.model.turns import training
from course_utils.progress import StepBar, finish_first

ADAPTER_TIMES = 20
"""How many times as fast an adapter learns: so far from the rate of all weights is the rate that
validation chose for `minilm` with LoRA on all layers."""


def fine_tune(
    model,
    tokenizer,
    train: LabeledTexts,
    validation: LabeledTexts = None,
    *,
    epochs: int = 1,
    learning_rate: float = None,
    batch_size: int = 32,
    max_length: int = None,
    warmup: float = 0.1,
    seed: int = 0,
    dropout: bool = False,
    patience: int = None,
    class_weights=None,
    device: str = None,
    after_epoch=None,
) -> History:
    """Fine-tune every weight of `model` that has `requires_grad`.

    Forward, loss, backward, step, as on the slide; around it shuffled batches of similar length,
    a learning rate that warms up and then falls to zero, gradients clipped to norm 1, a last layer
    that computes only what the head reads (`first_position_only`), and a progress bar. Stop it (■
    in the toolbar) whenever you like: the model keeps what it learned. `save` it with its history,
    and `resume` goes on where the run stopped.

    Started by torchrun, several processes train one model together, each on its share of every
    batch: the losses are those of one process, and all of them end with the same weights.

    Args:
        model: from `load_classifier`; it is changed in place, and left in `eval()` mode.
        tokenizer: the tokenizer of the same checkpoint; it notes `max_length`.
        train: the texts to learn from.
        validation: if given, the accuracy on these is measured after each epoch, and of several
            epochs the model ends with the weights of the best: that of the highest accuracy or,
            with `class_weights`, of the highest macro F1; of several equally good, of the lowest
            loss.
        epochs: passes over `train`.
        learning_rate: peak of the schedule; by default the one that suits the checkpoint that
            `load_classifier` noted in the model: 1e-4 for `minilm`, and 2e-5 for
            `bert-base-uncased`, for any other, and for a model without such a note. Twenty times
            that if an adapter (LoRA) is what trains, which starts from nothing:
            data/recorded/lora.csv.
        batch_size: texts per batch.
        max_length: how many tokens of each text are read, [CLS] and [SEP] included; by default
            `tokenizer.model_max_length`, 64 if it comes from `load_tokenizer`. The tokenizer notes
            it, and from then on the model is judged and explained with the same number.
        warmup: share of all steps in which the learning rate rises.
        seed: fixes the order of the batches and the dropout.
        dropout: train with the dropout of the checkpoint. Without it an epoch is faster and, with
            `minilm` on film reviews, no worse, be it one epoch or three: data/recorded/recipes.csv.
        patience: stop after so many epochs in a row that bring nothing better on `validation`. The
            learning rate is planned for all `epochs` all the same: a run that stops early never
            had its lowest rates, with which the last points are often won. So let `epochs` be what
            you would wait for, not a hundred; and if a run stopped early, one with as many
            `epochs` as its best is worth a try.
        class_weights: None, and each text counts the same; "balanced", and each label does
            (n / (classes * count), as in scikit-learn); or numbers of your own: a list in the
            order of the label names, or a dict by name (not named: 1). Only their ratios count.
            With one topic in 5 % of the headlines, "balanced" found 80 of 100 rare ones instead of
            69, was right in 69 instead of 84 of 100 that it called rare, and left accuracy and
            macro F1 where they were: data/recorded/imbalance.csv.
        device: see `pick_device`. On an NVIDIA GPU that has it, the arithmetic is bf16, and so it
            is on a processor that has it after use(precision="bf16"); the weights stay fp32.
        after_epoch: called with model, tokenizer and `History` after each epoch but the last. With
            `functools.partial(save, "mine")`, `resume` goes on from there if the computer stops;
            a model with an adapter is kept as it is then, and its run cannot go on. Of several
            processes, each calls it.

    Returns:
        The `History` of the run.

    Raises:
        DataError: if the model is no classifier or frozen completely, the labels of `train` are not
            those of its head or all the same, an argument is out of range, there is `patience`
            but no `validation`, or `class_weights` do not fit the labels.
        DeviceUnavailable: if the device is not in this computer, or cannot do what the `precision`
            switch asks for.
        ModelBusy: if another thread trains the model. (Until the end of this run, it is this one
            that has the model: a view that asks it meanwhile says so.)
    """
    _check(model, tokenizer, train, validation, patience)
    rate = default_learning_rate(model) if learning_rate is None else learning_rate
    max_length = reading_length(tokenizer, max_length, model)
    recipe = (rate, seed, len(train), epochs, batch_size, max_length, warmup, dropout)
    run = History(*recipe, patience=patience, class_weights=class_weights)
    return go_on(model, tokenizer, train, validation, run, device, after_epoch)


def go_on(
    model, tokenizer, train, validation, run: History, device: str = None, after_epoch=None
) -> History:
    """Make all steps that a run has not made yet: a new one, or one that was interrupted.

    Args:
        model, tokenizer, train, validation, device, after_epoch: see `fine_tune`.
        run: its recipe counts; of an interrupted one, its state, too.

    Raises:
        DataError: as `fine_tune`, or if `run` has come to its end, or is one of another model or of
            other texts.
    """
    _check(model, tokenizer, train, validation, check_history(run).patience)
    run.classes = model.config.num_labels
    run.class_weights = weights_by_label(run.class_weights, train)
    run.seen = note_of(train.texts, past_of(model))
    with training(model), group_on(pick_device(device, quiet=True)) as group:
        return _train(model, tokenizer, train, validation, run, group, after_epoch)


def _train(model, tokenizer, train, validation, run: History, group, after_epoch) -> History:
    """The loop."""
    import torch
    from transformers import get_linear_schedule_with_warmup

    batches = Batches(tokenizer, train, train.labels, run.batch_size, run.max_length, run.seed)
    steps, done = run.epochs * len(batches), len(run.losses)
    trained = {name: w for name, w in model.to(group.device).named_parameters() if w.requires_grad}
    optimizer = torch.optim.AdamW(trained.values(), lr=run.learning_rate, fused=True)
    schedule = get_linear_schedule_with_warmup(optimizer, int(run.warmup * steps), steps)
    state = RunState(run, trained, optimizer, schedule, (train, validation))
    weights = on_average_one(run.class_weights, train.labels, group.device)
    note_length(tokenizer, run.max_length)
    keep_past(model, run.seen)
    learner, bar = group.learner(model, state), StepBar(batches.lengths, run)
    with bar, _dropout(model, run.dropout), first_position_only(model):
        try:
            for epoch in range(run.epochs):
                model.train()
                for rows in batches.order()[max(0, done - epoch * len(batches)) :]:
                    loss = group.loss_of(learner, batches, rows, weights)
                    loss.backward()
                    torch.nn.utils.clip_grad_norm_(trained.values(), 1.0)
                    with finish_first():
                        optimizer.step()
                        schedule.step()
                        optimizer.zero_grad()
                        state.note_step(group.mean(loss))
                    bar.step(rows)
                if validation is not None and len(run.validation_accuracies) == epoch:
                    state.note_epoch(*scores_on(model, tokenizer, validation, weights, group))
                if run.stopped_early:
                    break
                if after_epoch and done < (epoch + 1) * len(batches) < steps:
                    with state.as_interrupted(can_go_on=not has_adapter(model)):
                        after_epoch(model, tokenizer, run)
            state.finish()
        except KeyboardInterrupt:
            state.interrupt()
    return run


@contextmanager
def _dropout(model, on: bool):
    """Within the block, the model trains with its dropout, or without; then all is as before."""
    import torch

    layers = [module for module in model.modules() if isinstance(module, torch.nn.Dropout)]
    before = [layer.p for layer in layers]
    try:
        for layer in layers:
            layer.p = layer.p if on else 0.0
        yield
    finally:
        model.eval()
        for layer, share in zip(layers, before, strict=True):
            layer.p = share


def default_learning_rate(model) -> float:
    """The learning rate that suits the checkpoint of a model; 2e-5 for one that we do not know.

    Args:
        model: from `load_classifier`, which notes its checkpoint. The switches do not count.
    """
    noted = getattr(model.config, "course_checkpoint", None)
    rate = learning_rate_for(getattr(model.config, "course_origin", noted))
    return ADAPTER_TIMES * rate if trains_adapter(model) else rate


def _check(model, tokenizer, train, validation, patience) -> None:
    check_tokens(model, tokenizer)
    check_kind(tokenizer)
    check_fit(model, "train", train)
    check_several_labels("train", train)
    if validation is not None:
        check_fit(model, "validation", validation)
    elif patience is not None:
        raise DataError(
            f"patience={patience!r} waits for a better epoch, and only validation can tell one: "
            "give fine_tune(..., validation=...), too, or leave patience out."
        )
    if not any(weight.requires_grad for weight in model.parameters()):
        raise DataError(
            "Every weight of this model is frozen, so nothing can learn: call "
            "course_utils.unfreeze(model), or freeze(model), which leaves the head."
        )
