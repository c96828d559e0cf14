# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # 09 · Scaling up
#
# **Time:** 22 minutes, and 14 more for the exercises (an estimate) ·
# **Computer time:** about 2 min ·
# optional
#
# You will
#
# * see what more labels, a larger model and another device cost,
# * train one model in two processes, and compare,
# * make a model small enough to send,
# * kill a program that labels a file, and let it go on.

# %% [markdown] tags=["speaker-notes"]
# **Aim:** grow what hurts, and nothing else; and know before you pay.
#
# What grows 7 minutes, two processes 6, LoRA 5, int8 4, ten million rows 4, when not to scale 1. It
# needs the extra `scale`: install it the day before. Run parts 1 and 3 before the class: they
# train. Write the four things that can hurt on the board: too few labels, too slow, too large, too
# many rows.

# %% [markdown] slideshow={"slide_type": "slide"}
# This notebook needs some more packages. In a new cell, once:
#
# `%pip install "bert-transfer-course[scale]"`
#
# All files go to the folder `scaling`. `run` starts a program, as a terminal would.

# %% [markdown] tags=["speaker-notes"]
# The sentence to remember: grow what hurts, and nothing else.

# %% slideshow={"slide_type": "skip"}
import subprocess
import sys
from pathlib import Path

import course_utils

course_utils.check_scale_packages()
folder = Path("scaling")
folder.mkdir(exist_ok=True)


def run(line):
    """Run `python -m` and this line; return what it prints."""
    done = subprocess.run([sys.executable, "-m", *line.split()], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. What grows, and what it brings
#
# Five topics of news, from a record of 01. With 4 labels for each topic, a fine-tuned model finds
# the topic of 73 % of the headlines. With 16 it is 81 %: eight points more.
#
# **Predict:** and from 16 to 64 labels? (a) eight points more · (b) about half of that · (c)
# nothing

# %% [markdown] tags=["speaker-notes"]
# **Vote:** from 16 to 64 labels for each topic **Answer:** (b): four points after eight; each line
# costs four times as much

# %%
record = course_utils.load_record("label_efficiency")
rows = record[(record["subject"] == "headlines") & (record["method"] == "fine-tuned")]
curve = 100 * course_utils.mean_curve(rows)[["mean", "low", "high"]]  # accuracy, in %
curve["points more"] = curve["mean"].diff()
curve.round(1)

# %% [markdown] tags=["speaker-notes"]
# Cover the last line of the table, vote, uncover. Then ask what an hour of theirs costs.

# %% [markdown]
# (b). Each line costs four times as many labels as the line above, and brings fewer points: 30, 8,
# 4. Between `low` and `high` lie 8 of 10 draws of labels.
#
# **Investigate:** somebody labels four headlines a minute. How long for the step from 16 to 64, in
# all five topics? And for the next one, to 256?

# %% [markdown] tags=["solution"]
# **Answer.** 48 more for each of five topics are 240 headlines: one hour. The next step needs 960
# more: four hours. If the pattern goes on, they bring about two points.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### A larger model, another device
#
# The cost of a training can be computed before. In the layers, each token meets each weight: six
# operations, a product and a sum forward, four backward. A billion of them are a *gigaflop*.
#
# **Predict:** `bert-base-uncased` has five times as many weights as `minilm`. How many times as
# much work is each token? (a) five · (b) eight · (c) twenty-five

# %% [markdown] tags=["speaker-notes"]
# **Vote:** BERT-base: work for each token **Answer:** (b): eight times; the word table counts among
# the weights, and costs nothing

# %%
costs = course_utils.training_cost(texts=100_000, tokens=64, epochs=3)
costs.groupby("checkpoint", sort=False)["gigaflop_per_token"].first().round(3)

# %% [markdown] tags=["speaker-notes"]
# Six operations, on the board: forward a product and a sum, backward the same twice.

# %% [markdown]
# (b). In the table of word embeddings a token only looks up its row: no operation. This table holds
# half of the weights of `minilm`, but a fifth of those of `bert-base-uncased`. So 11 and 86 million
# remain.

# %% [markdown]
# Now the time for 100,000 texts and three epochs. `measure_speed` trains for some seconds on your
# computer. GPUs were not measured here: we take 20 to 40 % of the speed that their makers print.

# %% tags=["nbval-ignore-output"]
tokenizer = course_utils.load_tokenizer()
train, validation, test = course_utils.load_reviews(quiet=True)
model = course_utils.load_classifier(seed=0, quiet=True)
course_utils.freeze_word_embeddings(model)  # as in 05: no step for the largest table
speed = course_utils.measure_speed(model, tokenizer, train)
costs = course_utils.training_cost(texts=100_000, tokens=64, epochs=3, here=speed)
course_utils.plot_cost(costs)

# %% [markdown] tags=["speaker-notes"]
# Say that no GPU was measured here, and that the picture knows nothing of accuracy.

# %% tags=["proof"]
hours = costs.set_index(["checkpoint", "device"])["hours"]
assert hours["minilm"][speed.device] < hours["bert-base-uncased"][speed.device] / 5
assert 0 < hours["minilm"]["NVIDIA H100"] < hours["minilm"][speed.device]

# %% [markdown]
# On our two cores a large model needs days, on a GPU minutes. The small one is done in an evening.
# Only the small one was measured here; what the others need is an estimate.
#
# Is the larger model *better*? Only a test on your task can say.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. One training, two processes
#
# A **process** is a running program with its own memory. Several can train one model together:
# **data parallel**.
#
# 1. All start with the same weights.
# 2. Each takes its share of every batch, and computes loss and gradients.
# 3. The gradients are averaged over the processes.
# 4. So all make the same step, and stay the same.

# %% [markdown] tags=["speaker-notes"]
# Two students play the processes: five cards with losses, three and two. Is the mean of their means
# the mean of all?

# %% [markdown]
# The loop of 05 as a program, without clipping, schedule and dropout. Which lines are new?

# %%
program = """
import course_utils
import torch
from course_utils.model.batches import Batches
torch.distributed.init_process_group("gloo")  # how processes talk if there is no GPU
rank, size = torch.distributed.get_rank(), torch.distributed.get_world_size()
data = course_utils.load_reviews(quiet=True)[0].take(range(329))  # ten batches of 32, and one of 9
batches = Batches(course_utils.load_tokenizer(), data.texts, data.labels, seed=0)
model = course_utils.load_classifier(seed=0, quiet=True)
learner = torch.nn.parallel.DistributedDataParallel(model)  # averages gradients in backward
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
for rows in batches.order():  # the row numbers of each batch; below, `batch` makes tensors of mine
    mine = rows[rank::size]  # process 0 of 2: rows 0, 2, 4, ...; process 1: rows 1, 3, 5, ...
    loss = learner(**batches.batch(mine)).loss * len(mine) * size / len(rows)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    torch.distributed.all_reduce(loss.detach())  # in place: `loss` is the sum over all processes
    if rank == 0:
        print(f"{loss.item() / size:.6f}")"""

# %% [markdown] tags=["speaker-notes"]
# Let them find the new lines: the group, `mine`, the factor behind `.loss`, the learner,
# `all_reduce`.

# %% [markdown]
# New are the group with `rank` and `size`, the row numbers and `mine`, the factor behind `.loss`,
# the learner and `all_reduce`.
#
# Why the factor? `.loss` is the mean over `mine`. One batch has 9 reviews: 5 for one process,
# 4 for the other. Times 5 or 4, it is a sum; divided by 9, each review counts alike. The learner
# will divide by `size`, so we multiply with it.

# %% [markdown]
# `torchrun` starts the processes, and tells each its number, the `rank`.
#
# **Predict:** the losses of one process, and of two, are (a) equal, but for the last digit · (b)
# equal at first, then further and further apart · (c) half as large with two

# %% [markdown] tags=["speaker-notes"]
# **Vote:** losses of one process and of two **Answer:** (a): at most the last digit differs, the
# same sum in another order

# %%
(folder / "together.py").write_text(program, encoding="utf-8")
printed = {}
for size in (1, 2):  # `python -m torch.distributed.run` is `torchrun`
    start = f"torch.distributed.run --standalone --nproc-per-node {size}"
    printed[size] = [float(loss) for loss in run(f"{start} scaling/together.py").split()]
for alone, together in list(zip(printed[1], printed[2], strict=True))[:3]:
    print(f"alone {alone:.6f}, together {together:.6f}")
difference = max(abs(a - b) for a, b in zip(printed[1], printed[2], strict=True))
print(f"{len(printed[2])} batches, equal to five digits:", difference < 1e-5)

# %% [markdown]
# (a). The same training; the last digit may differ: the sums are made in another order.
#
# `fine_tune` does all this if `torchrun` starts it:
#
# `torchrun --standalone --nproc-per-node 2 -m course_utils train reviews.csv`
#
# More processes pay if an epoch takes hours and each has own cores or a card (page `scaling_up`).

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 9.1: a fair share (6 min, medium)
#
# `losses` is a tensor with the loss of each row of a batch. Return what process `rank` hands to
# `backward`: the *mean over the processes* of these numbers must be the mean over all rows. Mind a
# process that has no row: a batch of one row, two processes. The mean of nothing is `nan`.


# %% tags=["student"] slideshow={"slide_type": "skip"}
def share_of_loss(losses, rank, size):
    mine = losses[rank::size]
    return ...


# %% tags=["solution"]
def share_of_loss(losses, rank, size):
    mine = losses[rank::size]
    return mine.sum() * size / len(losses)


# %% slideshow={"slide_type": "skip"}
course_utils.check("9.1", share_of_loss=share_of_loss)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. Small enough to send
#
# Your model of 05 is a file of 91 MB. All its layers have moved, so they must be sent. What if they
# stay as in `minilm`, which the other person has?
#
# **LoRA** leaves each weight matrix frozen and trains two narrow ones beside it, the *adapter*.
# With width 8, 384 numbers go down to 8, and up again to 384. The result is added to that of the
# frozen matrix.

# %% [markdown] tags=["speaker-notes"]
# Draw one square and two narrow strips beside it.

# %%
from peft import LoraConfig


def with_adapter(width):
    model = course_utils.load_classifier(seed=0, quiet=True)
    layers = LoraConfig(r=width, target_modules="all-linear", modules_to_save=["classifier"])
    model.add_adapter(layers)  # modules_to_save: the new head is trained whole, and sent, too
    return model


model = with_adapter(8)
trained = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
print(f"trained: {trained:,} of {sum(weight.numel() for weight in model.parameters()):,} weights")

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 9.2: narrow matrices (4 min, easy)
#
# How many weights does LoRA train beside `layer`, a `torch.nn.Linear`? It knows its `in_features`
# and `out_features`. One narrow matrix leads from the inputs to `width` numbers, the
# other from these to the outputs.


# %% tags=["student"] slideshow={"slide_type": "skip"}
def adapter_weights(layer, width):
    return ...


# %% tags=["solution"]
def adapter_weights(layer, width):
    return width * (layer.in_features + layer.out_features)


# %% slideshow={"slide_type": "skip"}
course_utils.check("9.2", adapter_weights=adapter_weights)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Train it, send it
#
# You call `fine_tune` as always. It sees the adapter and takes a larger learning rate, 0.002 in
# place of 0.0001. `save` adds the product of each pair to the matrix beside it, and writes a plain
# model.

# %%
model = with_adapter(8)  # anew each time: fine_tune goes on with what it gets
history = course_utils.fine_tune(model, tokenizer, train, seed=0)
print(course_utils.evaluate(model, tokenizer, validation))
course_utils.save("scaling/whole", model, tokenizer, history)
model.save_pretrained(folder / "adapter")  # the narrow matrices and the head alone
for file in ("whole/model.safetensors", "adapter/adapter_model.safetensors"):
    print(f"{(folder / file).stat().st_size / 1e6:.1f} MB  {file}")

# %% tags=["proof"]
accuracy = course_utils.evaluate(model, tokenizer, validation).accuracy
course_utils.expect("LoRA, validation accuracy", accuracy)

# %% [markdown]
# Who has `minilm` already needs only the small file. Let us be that person:

# %%
elsewhere = course_utils.load_classifier(seed=1, quiet=True)  # another head, by chance
elsewhere.load_adapter(str(folder / "adapter"))
some = test.sample(100).texts
ours = course_utils.predict(model, tokenizer, some, quiet=True)
theirs = course_utils.predict(elsewhere, tokenizer, some, quiet=True)
print("the same probabilities:", abs(ours - theirs).max() < 1e-5)
elsewhere = None  # make room

# %% [markdown] tags=["speaker-notes"]
# The receiver's cell is the point: another head by chance, and the same answers.

# %% [markdown] slideshow={"slide_type": "subslide"}
# Do so few weights cost accuracy? Recorded on the test reviews of 06: each kind of LoRA, and below
# it how much better it is than fine-tuning as in 05. *Query and value*: only the matrices that make
# queries and values (03) have narrow ones beside them.

# %%
record = course_utils.load_record("lora")
race = course_utils.load_record("fair_race")
usual = race[(race["method"] == "fine-tuned") & (race["labels"] == 2_000)]
for method, runs in record.groupby("method"):
    tried = runs[runs["seed"] == 0]  # seed 0 chose the learning rate, on validation
    best = tried.loc[tried["validation_accuracy"].idxmax(), "learning_rate"]
    runs = runs[runs["learning_rate"] == best]
    print(f"LoRA, {method}: {100 * runs['accuracy'].mean():.1f} %, number of seeds: {len(runs)}")
    print(course_utils.gain_of(runs, usual))

# %% [markdown] tags=["speaker-notes"]
# Read both intervals aloud. Nobody may say "as good as": say how much worse it may be.

# %% [markdown]
# Both intervals hold zero, and their lower ends are less than a point away. So the few weights lose
# nothing that one can see.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. The whole model, smaller: 8 bits
#
# **ONNX** is a file format for models: other programs run it, without torch (`use_your_model.md`).
# And a weight can be stored in 8 bits in place of 32, **int8**: rounded to one of 256 numbers. So
# every weight is a little wrong.

# %% [markdown]
# **Predict:** in which texts does the answer change? (a) in any, by chance · (b) in long ones · (c)
# where the model was unsure

# %% [markdown] tags=["speaker-notes"]
# **Vote:** which answers do 8 bits change? **Answer:** (c): those near one half

# %% tags=["nbval-ignore-output"]
from course_utils.model.onnx_file import run_onnx

run("course_utils export scaling/whole scaling/whole.onnx --int8 --overwrite")
sample = test.sample(500)  # 250 reviews of each label
before = course_utils.predict(model, tokenizer, sample.texts, quiet=True)  # (texts, classes)
after = run_onnx(folder / "whole.onnx", sample.texts)
changed = (before.argmax(axis=1) != after.argmax(axis=1)).nonzero()[0]
unsure = abs(before[:, 1] - 0.5) < 0.15  # probability between 0.35 and 0.65
size = (folder / "whole.onnx").stat().st_size / 1e6
right = [(each.argmax(axis=1) == sample.labels).mean() for each in (before, after)]
print("right: {:.1%} before, {:.1%} after".format(*right))
better = (after.argmax(axis=1) == sample.labels)[changed].sum()
print(f"{size:.0f} MB; {len(changed)} of {len(sample)} answers changed, {better} became right")
print(f"changed where unsure: {unsure[changed].sum()} of {unsure.sum()}")
print(f"changed where sure:   {(~unsure[changed]).sum()} of {(~unsure).sum()}")
print("label, probability of positive before and after, review:")
for row in changed:
    label = sample.label_names[sample.labels[row]]
    print(f"{label} {before[row, 1]:.3f} {after[row, 1]:.3f}  {sample.texts[row]}")

# %% [markdown] tags=["speaker-notes"]
# The vote, then read the changed texts aloud, one by one.

# %% tags=["proof"]
assert len(changed) <= 0.05 * len(sample) and size < 70
assert all(abs(before[changed, 1] - 0.5) < 0.3)

# %% [markdown]
# (c). Where the model was sure, a small error does not turn the answer. Here more became right than
# wrong. But rounding has seen no label: do not expect it elsewhere. 500 reviews tell an accuracy to
# 4 points only.
#
# **Investigate:** read the changed reviews. Would you have known?

# %% [markdown] tags=["solution"]
# **Answer.** Often you cannot say either. In our sample, more answers became right than wrong. On
# other reviews it may be the reverse.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. Ten million rows
#
# On our two cores, `predict` labelled about 300 short reviews a second.

# %% [markdown] tags=["speaker-notes"]
# First the division, on paper. Then the kill.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 9.3: before you rent (4 min, easy)
#
# Ten million rows, 300 a second. How many `hours` does one machine take? And how many `machines`
# must share the rows so that all is done within one hour?

# %% tags=["student"] slideshow={"slide_type": "skip"}
hours = ...
machines = ...

# %% tags=["solution"]
import math

hours = 10_000_000 / 300 / 3_600
machines = math.ceil(hours)

# %% slideshow={"slide_type": "skip"}
course_utils.check("9.3", hours=hours, machines=machines)

# %% [markdown] slideshow={"slide_type": "subslide"}
# In a night the power may fail. We try that with a thousand rows, and *kill* the program.
#
# **Predict:** what is lost? (a) all · (b) at most the last few seconds of work · (c) nothing at all

# %% [markdown] tags=["speaker-notes"]
# **Vote:** what is lost when it is killed **Answer:** (b): the rows behind the last note, a few
# seconds of work

# %%
import json
import time

import pandas as pd

pd.DataFrame({"number": range(1_000), "text": test.texts[:1_000]}).to_csv(folder / "rows.csv")
answers, note = folder / "answers.csv", folder / "answers.csv.part.json"
answers.unlink(missing_ok=True)
line = "course_utils predict scaling/whole scaling/rows.csv scaling/answers.csv"
# `Popen` starts it, and does not wait for its end
first = subprocess.Popen([sys.executable, "-m", *line.split()], stdout=subprocess.DEVNULL)
try:  # wait until the note says that some rows are safe
    while first.poll() is None and not (note.exists() and json.loads(note.read_text())["rows"]):
        time.sleep(0.05)
finally:  # also after ■
    first.kill()
    first.wait()
print("rows noted:", json.loads(note.read_text())["rows"], "| answers.csv there:", answers.exists())

# %% [markdown]
# (b). The rows go to the disk in pieces of 512, and a note says how many are safe. `answers.csv`
# appears at the end, and whole. The same line again:

# %%
if not answers.exists():  # else this cell has done it already
    said = run(line)
print(said.splitlines()[0])
table = pd.read_csv(answers)
print(len(table), "rows, each once and in order:", list(table["number"]) == list(range(1_000)))

# %% [markdown] tags=["speaker-notes"]
# Ask what half a file is worth.

# %% [markdown]
# One machine and one night are enough for ten million short texts. More machines: `many_rows.md`.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 6. When *not* to scale
#
# | what hurts | what helps | look at this first |
# |---|---|---|
# | it is wrong too often | more labels; perhaps a larger model | are the labels right? |
# | the training takes an evening | nothing: let it run | is it done once, or every day? |
# | the training takes days | a GPU; then several processes | the estimate of part 1 |
# | the model is too large to send | an adapter | who has the checkpoint? |
# | it must run where there is no torch | ONNX, int8 | the answers that change |
# | ten million rows | one machine, a program that goes on | rows a second, by arithmetic |

# %% [markdown] tags=["speaker-notes"]
# Let each name what hurts in a project of theirs, and find its line.

# %% [markdown]
# Each of these makes a program harder to run and to mend. If nothing hurts, do nothing.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Check yourself (2 min)

# %% slideshow={"slide_type": "skip"}
course_utils.quiz("09")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# * say what the next labels bring, and what a training costs, before you pay,
# * train in several processes, and check that nothing else has changed,
# * send an adapter in place of a model, and show what int8 changes,
# * label a large file with a program that may be killed.

# %% [markdown] tags=["speaker-notes"]
# One round: what would you *not* scale, now?

# %% [markdown] tags=["speaker-notes"]
# **What goes wrong**
#
# * "Two processes, so two models." They stay the same from the first step to the last.
# * "Twice the processes, so half the time." Here not at all: loading torch takes longer than eleven
#   steps.
# * "LoRA trains 1.5 % of the weights, so it is sixty times as fast." No: of six operations four are
#   left. What shrinks is what one sends, and the memory of the optimizer.
# * "Only a few answers changed, so int8 is as good." Ask *which* ones, and who is hurt by them.
# * "It has 0.3 GB, so it fits." The picture counts one step, not the program around it.
# * An adapter without its checkpoint is worth nothing; with another checkpoint it loads, or not,
#   and answers nonsense.
#
# **What they ask**
#
# * "What is *rank* in LoRA?" What the notebook calls width. In part 2 `rank` is the number of a
#   process.
# * "What if the model does not fit into one GPU?" Then its weights are shared out, too (FSDP). A
#   BERT fits, so we have not tried that.
# * "Why not always int8?" It must be tested on your texts. And training needs more than 256 steps.
#
# **Investigate** (an hour of labelling): 48 more headlines for each of five topics are 240, one
# hour; the next step takes four hours, for about two points. **Investigate** (which answer is
# right?): often nobody can say; some become right, some wrong, and which are more is luck.
#
# **Exercises**, at home: 9.1: a mean of means counts a small share too much; and the mean of
# nothing is `nan`. 9.2: add the two matrices; no bias. 9.3: divide, then round up. **Late?** Skip
# **4. The whole model, smaller: 8 bits**, and show **5. Ten million rows** without the exercise.
