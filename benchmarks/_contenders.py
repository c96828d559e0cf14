"""Six ways to fine-tune a BERT for one epoch: the slide's, transformers' Trainer, and ours.

All start from the same weights and take the same texts, batch size, learning rate, schedule and
clipping; where one differs, it says so. Each takes (model, tokenizer, train, max_length, seed) and
changes the model in place.
"""

import sys
import tempfile

import torch
from transformers import Trainer, TrainingArguments

import course_utils
from course_utils.model.precision import pick_precision

RATE, BATCH, WARMUP = 1e-4, 32, 0.1


def slide_scaled_up(model, tokenizer, train, max_length, seed):
    """The slide's code with batches around it: all texts padded at once, a constant rate."""
    inputs = tokenizer(
        train.texts, padding=True, truncation=True, return_tensors="pt", max_length=max_length
    )
    inputs["labels"] = torch.tensor(train.labels)
    device = course_utils.pick_device(quiet=True)
    model.to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE)
    model.train()
    torch.manual_seed(seed)
    for rows in torch.randperm(len(train)).split(BATCH):
        outputs = model(**{name: tensor[rows].to(device) for name, tensor in inputs.items()})
        loss = outputs.loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()


def trainer_default(model, tokenizer, train, max_length, seed, **options):
    """transformers' Trainer, with our batch size, rate and warm-up instead of its own."""
    encoded = tokenizer(train.texts, truncation=True, max_length=max_length)
    rows = [
        {"input_ids": ids, "attention_mask": mask, "label": label}
        for ids, mask, label in zip(
            encoded["input_ids"], encoded["attention_mask"], train.labels, strict=True
        )
    ]
    device = course_utils.pick_device(quiet=True)
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder,
            num_train_epochs=1,
            per_device_train_batch_size=BATCH,
            learning_rate=RATE,
            warmup_steps=int(WARMUP * -(-len(train) // BATCH)),
            weight_decay=0.01,
            seed=seed,
            use_cpu=device.type == "cpu",
            bf16=pick_precision(device, training=True) == "bf16",
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            dataloader_pin_memory=False,
            **options,
        )
        Trainer(model, arguments, train_dataset=rows, processing_class=tokenizer).train()


def trainer_grouped(model, tokenizer, train, max_length, seed):
    """The Trainer, with texts of similar length in one batch."""
    options = {"train_sampling_strategy": "group_by_length"}
    trainer_default(model, tokenizer, train, max_length, seed, **options)


def trainer_best(model, tokenizer, train, max_length, seed):
    """The Trainer with all of our best recipe that it can take."""
    for layer in model.modules():
        if isinstance(layer, torch.nn.Dropout):
            layer.p = 0.0
    course_utils.freeze_word_embeddings(model)
    trainer_grouped(model, tokenizer, train, max_length, seed)


def same_recipe(model, tokenizer, train, max_length, seed):
    """Ours with the recipe of the Trainer: dropout on, every weight trained."""
    ours(model, tokenizer, train, max_length, seed, dropout=True)


def best_recipe(model, tokenizer, train, max_length, seed):
    """Ours without dropout and with the word embeddings frozen: see data/recorded/recipes.csv."""
    course_utils.freeze_word_embeddings(model)
    ours(model, tokenizer, train, max_length, seed)


def ours(model, tokenizer, train, max_length, seed, **options):
    """`fine_tune` with what all contenders share."""
    course_utils.fine_tune(
        model, tokenizer, train, learning_rate=RATE, batch_size=BATCH, warmup=WARMUP,
        max_length=max_length, seed=seed, **options,
    )  # fmt: skip


TRAINING = {
    way.__name__: way
    for way in (
        slide_scaled_up, trainer_default, trainer_grouped, same_recipe, best_recipe, trainer_best,
    )
}  # fmt: skip


def peak_rss_mb() -> float:
    """Most memory (MB) that this process has held so far."""
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset / 1e6
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)  # bytes there, kilobytes elsewhere
