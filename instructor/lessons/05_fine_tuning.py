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
# # 05 · Fine-tuning
#
# **Time:** 21 minutes, and 14 more for the exercises (an estimate) ·
# **Computer time:** about 40 s ·
# **Core path** (00, 01, 04, 05, 06)
#
# You will
#
# * run the slide's program, and find its three faults,
# * write a training loop that learns from film reviews,
# * see overfitting, and a fair race against simple methods,
# * turn the main dial, doubt a lucky seed, keep your model.

# %% [markdown] tags=["speaker-notes"]
# **Aim:** find three faults in a program, then write a loop that learns, and doubt what it says.
#
# Give each laptop a seat number before: it becomes the seed in the cell of the real epoch. How to
# collect the numbers, in GUIDE.md: [The class is the experiment](#the-class-is-the-experiment). In
# 90 minutes the two savings and the learning rate are for home, and Exercise 5.2 is written
# together on the board: it is then two minutes of typing at home.

# %% slideshow={"slide_type": "subslide"}
import course_utils
import torch
from transformers import BertForSequenceClassification, BertTokenizer

checkpoint = course_utils.checkpoint_folder()

# %% [markdown] tags=["speaker-notes"]
# Everybody runs this cell now. It only loads.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Part 1: the slide, step by step
#
# First the **device**: the processor that does the arithmetic. A GPU is faster. The CPU is enough.
#
# `num_labels=2` puts a new **head** on the pre-trained **encoder**: one layer that makes two
# numbers, the **logits**, of what it read. The head is random: the seed decides.

# %% [markdown] tags=["deck-only"] slideshow={"claim": "A new head on a body that can read", "plan": "90min"}
# ![The network: word embeddings, six layers and the pooler come from the checkpoint; above them the
# head, 384 numbers in and 2 out, starts at random.](instructor/slides/body_and_head.svg)

# %% [markdown] tags=["speaker-notes"]
# Point at the dashed box, the head: one new layer, and two numbers, the logits. These weights have
# seen nothing. All below comes from the checkpoint: it has read a lot of text.

# %% slideshow={"claim": "The body comes from the file, the head from the seed", "plan": "90min", "lines": [2, 4]}
device = course_utils.pick_device()
torch.manual_seed(0)
tokenizer = BertTokenizer.from_pretrained(checkpoint)
model = BertForSequenceClassification.from_pretrained(checkpoint, num_labels=2)
model.to(device)
model.classifier

# %% [markdown] tags=["speaker-notes"]
# The last line makes the head, so the seed stands before it. Then model *and* batch go to the same
# device.

# %% [markdown]
# Four sentences become one **batch**, as in 04. Model *and* batch must be on the same device.

# %% slideshow={"claim": "Four sentences become one batch", "plan": "90min"}
texts = ["I love this!", "This is terrible.", "Amazing experience!", "Not my cup of tea."]
inputs = tokenizer(texts, padding=True, truncation=True, return_tensors="pt", max_length=32)
inputs["labels"] = torch.tensor([1, 0, 1, 0])
inputs = inputs.to(device)
inputs["input_ids"].shape  # (batch, sequence)

# %% [markdown] tags=["speaker-notes"]
# Four sentences, one tensor, as in 04. The labels travel with them.

# %% [markdown] slideshow={"claim": "Which loss does a guess cost?", "plan": "90min", "slide_type": "subslide"}
# The four moves of training: **forward** (compute the loss), **backward** (compute the
# gradients), **step** (change the weights), **zero_grad** (forget the gradients).
#
# **Predict:** two classes, nothing learned yet. Which loss does guessing cost? (a) about 0.0 (b)
# about 0.7 (c) about 10

# %% [markdown] tags=["speaker-notes"]
# **Vote:** loss of two classes, nothing learned **Answer:** (b): a guess costs ln 2, about 0.693;
# whoever remembers the losses of 00 may say why they were near 0.7

# %% slideshow={"claim": "Four moves, and the loss of a guess", "plan": "90min", "lines": [4, 8]}
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)
model.train()
for epoch in range(1):
    outputs = model(**inputs)
    loss = outputs.loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(f"Epoch: {epoch + 1}, Loss: {loss.item():.4f}")

# %% [markdown] tags=["speaker-notes"]
# Let them say the four moves aloud: forward, backward, step, zero_grad. Then look at the number: it
# is that of a guess.

# %% [markdown]
# (b). A guess between two classes costs -ln 0.5, about 0.693.
#
# Now a new sentence. **softmax** turns the two logits into probabilities. **argmax** gives the
# position of the largest one: 0 or 1.

# %% slideshow={"claim": "Then the slide asks its new sentence", "plan": "90min", "lines": [3, 6]}
new_text = "I had an awesome day!"
input_eval = tokenizer(new_text, return_tensors="pt", truncation=True, max_length=128).to(device)
outputs_eval = model(**input_eval)
predictions = torch.nn.functional.softmax(outputs_eval.logits, dim=-1)
predicted_label = "positive" if torch.argmax(predictions) > 0 else "negative"
print(f"Text: {new_text}\nSentiment: {predicted_label}")

# %% [markdown] tags=["speaker-notes"]
# Softmax makes probabilities, argmax picks a place. Read the answer aloud, and ask nothing yet.

# %% [markdown] slideshow={"claim": "It runs. And it has three faults.", "plan": "90min", "slide_type": "slide"}
# ## Part 2: three faults
#
# The last two code cells run, but have three faults. Write down what you suspect.

# %% [markdown] tags=["speaker-notes"]
# One minute of silence, with the last two code cells. They scroll up until **Fault 1** is off the
# screen, and write down what they suspect; collect before anybody scrolls. For you: an old loss,
# dropout left on, `argmax` without `dim`. From this slide, ← once and ↓ once shows the second cell;
# ← three times and ↓ once the first. Back: ↑, then → until this title.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Fault 1: the loss is too old
#
# The loss was computed *before* `optimizer.step()`. What did the step change? We compare with a
# fresh copy. `torch.no_grad()`: keep nothing for a backward pass.


# %% slideshow={"claim": "The step came after the loss, and hardly moved anything", "plan": "90min", "lines": [9, 11]}
def loss_and_positive(model):
    model.eval()
    with torch.no_grad():
        loss = model(**inputs).loss.item()
        probabilities = torch.softmax(model(**input_eval).logits, dim=-1)
    return loss, probabilities[0, 1].item()


fresh = course_utils.load_classifier(seed=0, quiet=True).to(device)
print("before the step: loss {:.4f}, positive {:.4f}".format(*loss_and_positive(fresh)))
print("after the step:  loss {:.4f}, positive {:.4f}".format(*loss_and_positive(model)))

# %% [markdown] tags=["speaker-notes"]
# The printed loss is that of the model *before* its step. And with a rate of 0.00001, a step is
# tiny. Somebody sees 0.6961 there and 0.6944 here? Wait for fault 2: dropout was on.

# %% [markdown] slideshow={"claim": "One sentence, five readings: how many answers?", "plan": "90min", "slide_type": "subslide"}
# The printed loss was that of the model *before* its step. The cure: compute it again. (0.696
# there, 0.694 here? That is fault 2.) And the probability has hardly moved: with a **learning
# rate** of 0.00001, a step is tiny.
#
# ### Fault 2: it answers in training mode
#
# `model.train()` starts *training mode*: **dropout** makes one value in ten zero, at random, so
# that a network relies on none of them. The slide never leaves this mode.
#
# **Predict:** one sentence, read five times in training mode. How many different probabilities?
# (a) one (b) five

# %% [markdown] tags=["speaker-notes"]
# The slide never leaves training mode. Vote; only then the reason: in that mode, **dropout** makes
# one value in ten zero, at random, so that a network relies on none of them.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** one sentence, read five times **Answer:** (b): five probabilities, since dropout is on

# %% slideshow={"claim": "In training mode the same sentence gets five answers", "plan": "90min", "lines": [1, 6]}
for mode in ("train", "eval"):
    model.train(mode == "train")
    with torch.no_grad():
        five = [torch.softmax(model(**input_eval).logits, dim=-1)[0, 1].item() for _ in range(5)]
    print(f"model.{mode}():", *(f"{positive:.4f}" for positive in five))
    print("different ones:", len(set(five)))

# %% [markdown] tags=["speaker-notes"]
# The cure is one call, `model.eval()`: then all five agree.

# %% [markdown] slideshow={"claim": "Four sentences: how many answers?", "plan": "90min", "slide_type": "subslide"}
# (b). The cure: `model.eval()`. Dropout is also why the same weights had two losses above.
#
# ### Fault 3: `argmax` has no `dim`
#
# **Predict:** how many answers come for four sentences, without `dim` and with it? (a) four and
# four (b) one and four (c) an error

# %% [markdown] tags=["speaker-notes"]
# The third fault stands in the slide's last lines. Write `argmax(p)` and `argmax(p, dim=-1)` on the
# board. Now four sentences in place of one.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** answers for four sentences **Answer:** (b): one and four; without `dim` the table is one
# long row

# %% slideshow={"claim": "Without `dim`, four sentences get one answer", "plan": "90min"}
with torch.no_grad():
    predictions = torch.softmax(model(**inputs).logits, dim=-1)  # (batch, classes) = (4, 2)
print("answers without dim:", torch.argmax(predictions).numel())
print("answers with dim=-1:", torch.argmax(predictions, dim=-1).numel())

# %% [markdown] tags=["speaker-notes"]
# Draw the table, four rows of two, as one row of eight numbers. The slide asks whether the position
# of the largest is above 0: true for seven of them. Before →: was dropout the reason for the coin?

# %% [markdown] slideshow={"slide_type": "subslide"}
# (b). Without `dim`, the table is one long row of eight numbers. The slide asks whether the
# position of the largest is above 0: true for seven of eight positions. One sentence has only two
# positions, so there it works.
#
# ### Did dropout toss the coin?
#
# In 00, about half of a hundred models said "positive". We asked each with dropout and without:

# %% slideshow={"claim": "Dropout decided some answers; the random head the others", "plan": "90min", "lines": [4, 5]}
record = course_utils.load_record("slide_recipe")
# positive: with dropout (the slide's answer); positive_before, positive_after: without
moved = (record["positive_after"] - record["positive_before"]).abs().mean()
other = (record["positive"] > 0.5) != (record["positive_after"] > 0.5)  # with dropout, without
print(f"the step moves the probability by {moved:.4f} on average")
print(f"dropout alone decided {other.sum()} of {len(record)} answers")

# %% [markdown] tags=["speaker-notes"]
# Dropout was the reason for some seeds only: the random head decided the others. Go back to
# **Why?** on the board: the head is random, and one tiny step on four sentences leaves it so. The
# cure: more data, more steps, larger steps.

# %% [markdown]
# For these 12, yes. The others depend on the seed: the head starts at random, and one tiny step
# hardly changes it. The cure: more data, more steps, larger steps.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 5.1: repair the prediction (6 min, medium)
#
# Return one label, 0 or 1, for each sentence of a list: the same ones each time.


# %% tags=["student"] slideshow={"slide_type": "skip"}
def predict_labels(model, tokenizer, sentences):
    model.train()  # is this the right mode?
    batch = tokenizer(sentences, padding=True, truncation=True, max_length=64, return_tensors="pt")
    with torch.no_grad():
        logits = model(**batch.to(model.device)).logits  # (batch, classes)
    return ...


# %% tags=["solution"]
def predict_labels(model, tokenizer, sentences):
    model.eval()
    batch = tokenizer(sentences, padding=True, truncation=True, max_length=64, return_tensors="pt")
    with torch.no_grad():
        logits = model(**batch.to(model.device)).logits  # (batch, classes)
    return logits.argmax(dim=-1).tolist()


# %% slideshow={"slide_type": "skip"}
course_utils.check("5.1", predict_labels=predict_labels)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Part 3: real reviews
#
# Film reviews of one sentence: **train** to learn from, **validation** to make choices, **test** to
# judge at the end, once.
#
# **Investigate:** could you tell the label without the word in front?

# %% slideshow={"claim": "Real reviews: could you tell the label?", "plan": "90min", "lines": [3, 5]}
model = fresh = optimizer = outputs = outputs_eval = loss = None  # room for the next model
train, validation, test = course_utils.load_reviews()
some = train.sample(4)
for text, label in zip(some.texts, some.labels, strict=True):
    print(f"{some.label_names[label]}: {text}")

# %% [markdown] tags=["speaker-notes"]
# Train to learn from, validation to choose, test to judge, once. Before the output, read aloud:
# "the message is that even the most unlikely can link together to conquer all kinds of obstacles".
# Could they tell?

# %% [markdown] tags=["solution"]
# **Answer.** Not always. Some sentences show no verdict at all: their writers gave it in the rest
# of the review. So no model can be right about every one of them, and neither can you.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Exercise 5.2: the loop, by hand (8 min, medium)
#
# Each `batch` has the tokens and labels of 32 reviews, `_rows` is not needed. Two lines are new:
# one *clips* gradients, so no batch pushes too hard; one moves the learning rate up, then down to
# zero. The check, on 128 reviews, expects the course's losses, from *before* each step: enough to
# watch a training.

# %% [markdown] tags=["speaker-notes"]
# The four moves are those of part 1. Nobody looks into the solved notebook.

# %% tags=["student"] slideshow={"claim": "The loop: four moves, for each batch", "plan": "90min", "lines": [12, 17], "slide_type": "subslide"}
from course_utils.model.batches import Batches
from transformers import get_linear_schedule_with_warmup


def train_by_hand(model, tokenizer, data):
    batches = Batches(tokenizer, data.texts, data.labels, batch_size=32, seed=0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    schedule = get_linear_schedule_with_warmup(optimizer, len(batches) // 10, len(batches))
    losses = []
    model.train()  # the model of the check has a dropout of 0, so this switches none on
    for _rows, batch in batches:
        batch = batch.to(model.device)
        # forward, then backward
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        # step
        schedule.step()
        # forget the gradients; append the loss, as a number
    return ...


# %% [markdown] tags=["speaker-notes"]
# Write it together on the board, in place of the comments: the class dictates the four moves. New:
# gradients are clipped, the rate moves. In two slides, `fine_tune` is this loop: the same losses,
# no magic.

# %% tags=["solution"]
from course_utils.model.batches import Batches
from transformers import get_linear_schedule_with_warmup


def train_by_hand(model, tokenizer, data):
    batches = Batches(tokenizer, data.texts, data.labels, batch_size=32, seed=0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    schedule = get_linear_schedule_with_warmup(optimizer, len(batches) // 10, len(batches))
    losses = []
    model.train()  # the model of the check has a dropout of 0, so this switches none on
    for _rows, batch in batches:
        batch = batch.to(model.device)
        loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


# %% slideshow={"slide_type": "skip"}
course_utils.check("5.2", train_by_hand=train_by_hand)

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Two savings
#
# `fine_tune` is that loop with a bar and a stop button (`course_utils.fine_tune??`). We leave out
# work in two places: dropout is 0, and the **word embeddings**, the model's largest table,
# stay **frozen**. Does that cost accuracy? Each recipe against the full one, seed by seed, on
# validation, in points with a 95 % interval:

# %% slideshow={"claim": "Two savings: no loss found, a small one not ruled out", "plan": "3hours"}
runs = course_utils.load_record("fine_tuning")
course_utils.recipe_gains(course_utils.load_record("recipes"), runs)

# %% [markdown] tags=["speaker-notes"]
# No dropout, and **frozen** word embeddings: an epoch is about a quarter faster. An interval that
# holds zero is no proof of "no loss": read `low` aloud.

# %% [markdown] slideshow={"slide_type": "subslide"}
# Both intervals hold zero: the accuracy may move by anything from `low` to `high`. We accept that:
# an epoch is about a quarter faster (measured elsewhere).

# %% [markdown] tags=["speaker-notes"]
# At home in 90 minutes. We take that risk for the time.

# %% [markdown] slideshow={"claim": "How will the loss go?", "plan": "90min", "slide_type": "subslide"}
# ### Now train
#
# In a class, your seat number is your **seed**. One **epoch** reads every review once, in less than
# a minute on two cores. ■ stops it, and nothing is lost: `course_utils.resume?` tells how to go
# on.
#
# **Predict:** how does the loss go? (a) from near 0.69 down, with jumps (b) down in a smooth line
# (c) it stays flat

# %% [markdown] tags=["speaker-notes"]
# One **epoch** reads every review once, in less than a minute on two cores. Draw the three shapes
# on the board.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** how the loss goes **Answer:** (a): from that of a guess downwards, with jumps: batches
# differ

# %% slideshow={"claim": "Now everybody trains, each with a seed", "plan": "90min", "lines": [1, 4]}
seat = 0  # your seat number
model = course_utils.load_classifier(seed=seat, quiet=True)
course_utils.freeze_word_embeddings(model)  # and fine_tune sets dropout to 0 while it trains
history = course_utils.fine_tune(model, tokenizer, train, max_length=64, seed=seat)

# %% [markdown] tags=["speaker-notes"]
# In JupyterLab, everybody types their number into the cell with `seat` (not there yet? click it,
# then Run, Run All Above Selected Cell). More than ten seats? Say that you will ask every third.
# Start together. While it runs, each pair writes down the accuracy that it expects. Frozen word
# embeddings save time: **Two savings**, at home.

# %% slideshow={"claim": "The loss falls, with jumps", "plan": "90min"}
course_utils.plot_history(history)

# %% [markdown] tags=["speaker-notes"]
# The bar showed a mean, so it hid the jumps. Some batches are harder than others.

# %% tags=["proof"]
course_utils.expect("first loss", sum(history.losses[:10]) / 10)
course_utils.expect("last loss", sum(history.losses[-10:]) / 10)

# %% [markdown] slideshow={"slide_type": "slide"}
# (a). Some batches are harder than others.
#
# ### Did it beat a baseline?
#
# On validation, our model meets a small rival. **TF-IDF** counts words and gives rare ones more
# weight; a logistic regression learns which words speak for which label. The settings of
# *both* were chosen on validation. So both numbers may be a little too good, and the difference,
# the last line, is not final: test decides, below.

# %% slideshow={"claim": "It beats counting words; by how much is less sure", "plan": "90min", "lines": [1, 5]}
result = course_utils.evaluate(model, tokenizer, validation)
tfidf = course_utils.tfidf_baseline(train, validation, validation)
print(result)
print(tfidf)
course_utils.paired_bootstrap(result, tfidf)  # rounded at the end: a tenth may seem to be missing

# %% [markdown] tags=["speaker-notes"]
# Read the interval of the difference aloud. Zero inside would mean: perhaps no difference at all.
# With seat 0 it is outside. (The reviews were drawn again 10,000 times.) The settings of both were
# chosen on these reviews; the fair race, soon, is on test. From here they go on by Shift + Enter,
# vote by vote: *Run All Above* would train again.

# %% tags=["proof"]
course_utils.expect("validation accuracy", result.accuracy)
course_utils.expect("tfidf validation accuracy", tfidf.accuracy)

# %% [markdown] slideshow={"claim": "Six epochs: what will the loss on validation do?", "plan": "90min", "slide_type": "subslide"}
# Does the whole interval lie above zero? Then the gain is more than luck in the reviews of
# validation.
#
# ### One epoch, or six?
#
# **Predict:** the model reads its training reviews six times. What does the loss on *validation*
# do? (a) fall on and on (b) fall, then stay (c) rise, from some epoch on

# %% [markdown] tags=["speaker-notes"]
# **Vote:** six epochs, the loss on validation **Answer:** (c): it rises from some epoch on, while
# that on train falls on: overfitting

# %% slideshow={"claim": "On validation the loss turns and rises: overfitting", "plan": "90min"}
# measured after each epoch, on all reviews; the rate falls to zero over all six
course_utils.plot_epochs(course_utils.load_record("epochs"))

# %% [markdown] tags=["speaker-notes"]
# Follow the blue line: lowest after epoch 2, then it rises: *overfitting*. Then the right panel:
# accuracy asks what is right, the loss also how sure.

# %% [markdown] slideshow={"slide_type": "slide"}
# (c). On train the loss nearly vanishes, on validation it rises: the model learns its reviews by
# heart. That is **overfitting**. Yet the accuracy on validation even rises: fewer answers are
# wrong. But these are very sure (a wrong 99 % costs a loss of 4.6): never trust such a confidence.
# To save time we take one epoch; five more bring two or three points.
#
# ### A fair race
#
# All got their settings on validation; fine-tuning trains for one epoch. All meet the same test
# reviews. *Naive Bayes* and *NB-SVM* count words; *characters*: pieces of words, too. *Frozen*: our
# encoder as it came, and a logistic regression on its vectors.

# %%
# majority: the commonest label in train (2,000: a tie, so negative; 6,376: positive)
# fine-tuned: the mean of several seeds
# an interval covers two kinds of chance: which reviews, which seeds
course_utils.plot_fair_race(course_utils.load_record("fair_race"))

# %% [markdown] tags=["speaker-notes"]
# The intervals cover the chance in reviews and in seeds.

# %% [markdown] slideshow={"claim": "With 2,000 labels the frozen encoder is nearly as good", "plan": "90min"}
# With 2,000 labels, one epoch of fine-tuning is 5.8 points ahead of TF-IDF on words, but only 1.9
# ahead of the frozen encoder. That may be chance: its interval, -0.1 to +3.8, just holds zero. With
# all 6,376, the frozen encoder stands still, good word counts overtake it, and fine-tuning is ahead
# of all. So ask how many labels you have.

# %% [markdown] tags=["speaker-notes"]
# The picture is on *their* screens: the rows *fine-tuned*, *frozen* and *TF-IDF, words*, above and
# below. With 2,000 labels, about four of the 5.8 points over TF-IDF come without fine-tuning. With
# all labels, that is over. Ask: how many labels do *you* have?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Part 4: the main dial, and luck
#
# If you turn only one dial, turn the **learning rate**.

# %% slideshow={"claim": "One dial matters most: the learning rate", "plan": "3hours"}
another = None  # Modify: 1e-5, and run the cell again
live = {history.learning_rate: result.accuracy}
if another:
    other = course_utils.load_classifier(seed=seat, quiet=True)
    course_utils.freeze_word_embeddings(other)
    course_utils.fine_tune(other, tokenizer, train, learning_rate=another, max_length=64, seed=seat)
    live[another] = course_utils.evaluate(other, tokenizer, validation).accuracy
    other = None
course_utils.plot_learning_rates(runs, live=live)

# %% [markdown] tags=["speaker-notes"]
# Too small learns too little, too large gives one answer for all. It is chosen on validation, like
# all settings.

# %% [markdown]
# Too small a rate learns too little in one epoch. Too large a rate breaks the training: the model
# says "positive" to every review (48.7 % are). Choose the rate on validation.
#
# **Modify:** where is your seat at 1e-5? Change the cell's first line.

# %% [markdown] tags=["solution"]
# **Answer.** It should lie below all runs with 1e-4. How far is luck: the three recorded seeds at
# 1e-5 are 14 points apart, because so small a rate hardly leaves the random head behind.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### How lucky were you?
#
# The head starts at random, and the batches come in random order. So two people get two models. In
# a class, collect everybody's number in the box. **Standard deviation**: how far numbers typically
# lie from their mean.

# %% [markdown] tags=["speaker-notes"]
# Two people, one program, two models. Why?

# %% slideshow={"claim": "Same program, same data: only the seed differs", "plan": "90min"}
course_utils.class_results(runs, live={seat: result.accuracy})

# %% [markdown] tags=["speaker-notes"]
# Ask: how far apart will we be? Then →: ten recorded seeds, and seat 0. Then JupyterLab: the box
# under **How lucky were you?** shows a line such as `11 0.7791`. Each seat that you ask reads out
# its own; type them into your box. "Nobody worked better: this width is what a seed does. Report
# the best? No: luck."

# %% [markdown] slideshow={"slide_type": "slide"}
# If a trick gains half a point with one seed, that says little: seeds differ by more. Where is
# your seat among the ten? 06 shows it on test.
#
# ## Part 5: keep it, and talk to it
#
# What is not saved is gone when the kernel stops. We save it as *reviews*: a folder in `models/`,
# beside your notebooks. What is in it?

# %% slideshow={"claim": "Saved: a folder that works without this course", "plan": "90min", "lines": [1, 3]}
course_utils.save("reviews", model, tokenizer, history)
folder = course_utils.model_folder("reviews")
print(f"models/{folder.name}:", *sorted(file.name for file in folder.iterdir()))

# %% [markdown] tags=["speaker-notes"]
# Nobody closes the notebook before this cell has run: 06 needs the model.

# %% [markdown]
# `model.safetensors` holds the weights. The folder is a complete model of transformers: it works
# without `course_utils`. Is what you load what you saved?

# %% slideshow={"claim": "Plain transformers gives the same probability", "plan": "3hours", "lines": [3, 7]}
from transformers import pipeline

loaded = pipeline("text-classification", model=folder, device="cpu")
another_text = "What a waste of two hours."
(answer,) = loaded(another_text)
print(f"{another_text} {answer['label']}, {answer['score']:.3f}")
mine = course_utils.predict(model.cpu(), tokenizer, [another_text])
print("the same probability:", abs(answer["score"] - mine.max()) < 1e-5)

# %% [markdown] tags=["speaker-notes"]
# What you load is what you saved, and the course is not needed for it.

# %% tags=["proof"]
awesome = course_utils.predict(model, tokenizer, [new_text])
course_utils.expect("awesome day", float(awesome[0, 1]))

# %% [markdown] slideshow={"claim": "Now fool it", "plan": "90min", "slide_type": "slide"}
# Type a sentence. While the notebook runs, colours say which words speak for its answer (see 08).
#
# **Investigate:** which does your model get right? "Nobody will be bored." "I wanted to love it."
# "It is a film." What would be an honest answer to the last?

# %% [markdown] tags=["speaker-notes"]
# In JupyterLab, let them fool it. "It is a film." is neither: an honest answer would be near one
# half. One minute of fun, then 06.

# %%
course_utils.live_prediction(model, tokenizer, words=True)

# %% [markdown] tags=["solution"]
# **Answer.** "Nobody will be bored." is praise, "I wanted to love it." is blame: read what your
# model says, 06 measures the first kind. "It is a film." is neither. An honest answer would be near
# one half, or "no opinion", and the model has no such class.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Check yourself (2 min)
#
# Three questions. Each choice gets a reply at once.

# %% slideshow={"slide_type": "skip"}
course_utils.quiz("05")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# * write a training loop, and say what each line does,
# * find three faults: an old loss, dropout left on, `argmax` without `dim`,
# * see overfitting, choose a learning rate, doubt a single seed,
# * save a model and load it anywhere.
#
# How far can you trust your one number? [Notebook 06](06_evaluation.ipynb) asks that.

# %% [markdown] tags=["speaker-notes"]
# How far can they trust their one number? That is 06.

# %% [markdown] tags=["speaker-notes"]
# **What goes wrong**
#
# * "Dropout is the reason for the coin." Only for some seeds. The head is random, and one small
#   step hardly changes it.
# * "The loss on validation rises, so the accuracy must fall." No: look at the right panel. Accuracy
#   only asks what is right, the loss also how sure. `fine_tune(..., validation=validation)` keeps
#   the epoch of the best accuracy.
# * "My loss jumps: it is broken." Look at the mean of ten. A rise for some steps is a few hard
#   batches.
# * "My interval includes zero: I failed." No. That seat is the best example for the section on
#   luck.
# * Somebody pressed ■. Nothing is lost: `course_utils.save("reviews", model, tokenizer, history)`,
#   then `model, tokenizer, history = course_utils.resume("reviews", train)` goes on, at once or
#   tomorrow, and ends where it would have ended. `course_utils.save` again.
#
# **What they ask**
#
# * "How many answers did dropout decide?" 12 of 100. The step moves the probability by 0.0003 on
#   average.
# * "AdamW, warm-up, clipping?" Ways to choose the size of a step, and to limit it.
# * "Why one epoch, if six had more right?" From 78.4 to 81.0 %, the mean of three seeds on 864
#   reviews; one seed gains 1.5 points, another 3.8. In class the minutes count. And the confidence
#   got worse.
#
# **Investigate** (four reviews): not always. A sentence need not show the verdict of its whole
# review. **Modify** (`another = 1e-5`): the three grey points lie 14 points apart, so a new seat
# may lie between them, or beside. It should lie below the runs with 1e-4. **Investigate** (three
# sentences): "Nobody will be bored." is praise, "I wanted to love it." is blame. "It is a film." is
# neither: an honest answer would be near one half, or "neither", and the model has no such class.
# All these answers are in the solved notebook, too.
#
# **Exercises:** 5.1 (6 minutes): `eval()`, `argmax(dim=-1)`, a list. 5.2 (8 minutes): forward,
# `backward`, `step`, `zero_grad`, and `loss.item()`; on the board in 90 minutes, typed at home.
# **Late?** Skip the talk about the learning rate, then the race. Never skip the training, the six
# epochs and the seeds.
