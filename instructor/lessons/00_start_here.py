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
# # 00 · Start here
#
# **Time:** 18 minutes, and 6 more for the exercises (an estimate) ·
# **Computer time:** about 10 s · **Core path**
# (the shortest way: 00, 01, 04, 05, 06)
#
# You will
#
# * ask a trained model about a sentence of your own,
# * run a program from a lecture's slide, and see what it really does,
# * learn how a notebook works.
#
# You need Python and a little PyTorch (tensors, a training loop), and no knowledge of language
# processing.

# %% [markdown] tags=["speaker-notes"]
# **Aim:** a trained model answers one's own sentence; a program that runs without an error tosses a
# coin. Why?
#
# Done the day before, each at home: **Ask a trained model**, **How a notebook works**, and all from
# **Is this computer ready?** to the end. The program from the slide and the hundred runs are for
# the class. You run on the projector (with the deck: →), they run the same cell on theirs, after
# the vote.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Ask a trained model
#
# This page is a notebook: text, and cells with code. Click into the next cell and press
# **Shift + Enter**: it runs.

# %% slideshow={"claim": "A trained model knows what an awesome day is", "plan": "90min", "lines": [4, 6]}
import course_utils  # comes first: it prepares torch and transformers
from transformers import pipeline

model, tokenizer = course_utils.load_sentiment_model()
judge = pipeline("text-classification", model=model, tokenizer=tokenizer)
judge("I had an awesome day!")

# %% [markdown] tags=["speaker-notes"]
# One cell, one answer: everybody runs it. Say only that this model was trained, and that today we
# find out what that took.

# %% [markdown]
# The model says that this sentence is positive. `score` is the probability that it gives to its
# answer: near 1, it is sure.
#
# Now you. Replace the sentence about the soup by your own, and press Shift + Enter.

# %% slideshow={"claim": "It answers your sentence, too", "plan": "90min"}
my_sentence = "The soup was cold, and nobody smiled."
judge(my_sentence)

# %% [markdown] tags=["speaker-notes"]
# In JupyterLab, one minute. Everybody types a sentence, and they shout what they typed. Ask for
# one that fools it.

# %% [markdown] slideshow={"slide_type": "subslide"}
# It is a BERT, a network that reads text (a small one, *minilm*), trained further (*fine-tuned*)
# with film reviews that somebody had marked as positive or negative: film sentences suit it best.
# How often is it right on sentences that it was not trained with?

# %% slideshow={"claim": "It is right on four of five reviews, give or take", "plan": "3hours"}
course_utils.describe_sentiment_model()

# %% [markdown] tags=["speaker-notes"]
# `describe_sentiment_model()` says how many of the test reviews it has right, and how far that may
# be off. The interval comes back in 01, made by hand.

# %% [markdown]
# The **interval** says how far the number may be off, because the test is only a sample of all such
# sentences. In notebook 01 you make such an interval yourself.
#
# **Modify** your sentence: find one that it gets wrong. Try irony, or "not".

# %% [markdown] tags=["solution"]
# **Answer.** "Great, my train is late again.": it says positive, because the words praise; but the
# speaker does not. "I would not call it bad.": it says negative. It learned from film reviews, so
# it knows little of trains. One such sentence does not say how often it is wrong; for that there
# are the test reviews.

# %% tags=["proof"]
wrong = judge(["Great, my train is late again.", "I would not call it bad."])
assert [answer["label"] for answer in wrong] == ["positive", "negative"]
assert judge("I had an awesome day!")[0]["label"] == "positive"

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A program from a slide
#
# Now somebody shows you a slide: take a BERT that has already read a lot of text. Give it four
# sentences with labels: 1 means positive, 0 negative. Train it a little. Then it can tell whether a
# new sentence is positive.

# %% slideshow={"claim": "A slide promises: four sentences are enough", "plan": "90min", "lines": [4, 6]}
import torch
from transformers import BertForSequenceClassification, BertTokenizer

checkpoint = course_utils.checkpoint_folder()  # a pre-trained BERT, stored on this computer
texts = ["I love this!", "This is terrible.", "Amazing experience!", "Not my cup of tea."]
labels = [1, 0, 1, 0]

# %% [markdown] tags=["speaker-notes"]
# Say: somebody shows this on a slide, and promises a program that tells praise from blame. 1 is
# positive, 0 negative. These four are all the training there is. Explain no more.

# %% [markdown] slideshow={"slide_type": "subslide"}
# Here are the slide's lines, put into a function. It returns the loss and the probability of
# positive. Something in it is drawn by chance (05 shows what). The **seed** is the number from
# which the computer draws: same seed, same random numbers. You need not understand each line yet.
# Does anything look wrong?


# %% slideshow={"claim": "The program looks right, line by line", "plan": "90min", "lines": [8, 13]}
def slide_program(seed):
    torch.manual_seed(seed)
    tokenizer = BertTokenizer.from_pretrained(checkpoint)
    model = BertForSequenceClassification.from_pretrained(checkpoint, num_labels=2)
    inputs = tokenizer(texts, padding=True, truncation=True, return_tensors="pt", max_length=32)
    inputs["labels"] = torch.tensor(labels)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.00001)
    model.train()
    for _epoch in range(1):
        loss = model(**inputs).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    new = tokenizer("I had an awesome day!", return_tensors="pt")
    probabilities = torch.softmax(model(**new).logits, dim=-1)
    return loss.item(), probabilities[0, 1].item()


# %% [markdown] tags=["speaker-notes"]
# ↓ shows the whole function. Half a minute of silence: does anything look wrong? Collect nothing
# yet. 05 takes these lines apart.

# %% [markdown] slideshow={"claim": "Seeds 0, 1, 2: is an awesome day positive?", "plan": "90min", "slide_type": "subslide"}
# We run it with the seeds 0, 1 and 2. Is **"I had an awesome day!"** positive?
#
# **Predict** before you run the next cell:
#
# (a) three times positive, nearly sure
# (b) three times positive, but not sure
# (c) something else

# %% [markdown] tags=["speaker-notes"]
# A **seed** is the number from which the computer draws its random numbers. We run seeds 0, 1 and
# 2, and ask about "I had an awesome day!". Count the hands aloud, then →.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** seeds 0, 1, 2: positive? **Answer:** (c): negative three times, and hardly less than one
# half each time

# %% slideshow={"claim": "An awesome day is negative, three times", "plan": "90min", "lines": [2, 6]}
runs = {}
for seed in (0, 1, 2):
    loss, positive = slide_program(seed)
    runs[seed] = positive
    answer = "positive" if positive > 0.5 else "negative"
    print(f"seed {seed}: loss {loss:.3f}, probability of positive {positive:.3f} -> {answer}")

# %% [markdown] tags=["speaker-notes"]
# The surprise is the lesson: every probability is near one half. No run is sure of anything.

# %% [markdown]
# (c). Negative, three times. But all probabilities are close to one half: no run is sure of
# anything.

# %% [markdown] slideshow={"claim": "Does it always say “negative”?", "plan": "90min", "slide_type": "slide"}
# ## Does it always say "negative"?
#
# Three runs are few. So we ran the program with one hundred seeds, on this course's checkpoint.
# Your three are among them: the orange marks, each with its seed.
#
# **Predict:** how many of the hundred say "positive"? (a) none or nearly none (b) about half
# (c) nearly all

# %% [markdown] tags=["speaker-notes"]
# Three runs are few, so here are a hundred, on this course's checkpoint, the model that it starts
# from. The slide starts from `bert-base-uncased`, which we did not run: say so.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** how many of a hundred say "positive"? **Answer:** (b): about half, as a coin would;
# three times the same side is one try in four

# %% slideshow={"claim": "A hundred runs toss a coin", "plan": "90min"}
record = course_utils.load_record("slide_recipe")
course_utils.plot_slide_recipe(record, live=runs)

# %% [markdown] tags=["speaker-notes"]
# The orange marks are our three runs. Collect guesses why, and promise the reason for 05.

# %% [markdown]
# (b). It is the toss of a coin. Three heads or three tails come one time in four: no surprise. And
# the program runs without an error: with a seed that says "positive", it would look right.

# %% tags=["proof"]
count = int((record["positive"] > 0.5).sum())
if len(record):
    low, high = course_utils.accuracy_interval(count, len(record))
    assert low < 0.5 < high, "the interval of the share holds the coin"

# %% [markdown] slideshow={"claim": "Two models of one kind: one knows, one guesses", "plan": "90min", "slide_type": "subslide"}
# So one program answers your own sentences, and the other tosses a coin. Both are a BERT, and both
# were trained with labels. **Why?** Too few sentences? Too short a training? A fault in the lines?
# Notebook 05 takes the slide's lines apart. By notebook 06 you will know how far to trust what you
# built.

# %% [markdown] tags=["speaker-notes"]
# Do not answer. Write the question **Why?** on the board, and leave it there until 05.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What is a checkpoint, and which is ours?
#
# A **checkpoint** is a trained model, saved to files. The slide uses `bert-base-uncased`, which has
# to be downloaded. This course starts with a smaller one that is already installed, so the hundred
# runs were made with ours. The family:

# %% [markdown] slideshow={"claim": "Ours is a BERT by its build, not by its training", "plan": "3hours"}
# ```
# BERT, the kind of network: layers that read text, one above the other
# ├── bert-base-uncased: 12 layers, trained to fill gaps in text             (the slide's)
# └── MiniLM: 12 narrower layers, trained to imitate a larger model
#     └── all-MiniLM-L6-v2: every second of these layers, so 6; then trained
#         to find out which sentences belong together              (ours, "minilm")
# ```
#
# Ours, fine-tuned, judged your sentence.

# %% [markdown] tags=["speaker-notes"]
# The family tree, one minute. Whatever we find is about *this* checkpoint.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## How a notebook works
#
# A notebook is a row of **cells**. Behind it runs a Python process, the **kernel**. It
# remembers every variable until you restart it. Run the next cell once.

# %%
count = 1
count

# %% [markdown]
# The last line of a cell is shown without `print`. The number in `[ ]` at the left says in which
# order cells ran; `[*]` means that a cell is still working. **Predict:** what does the next cell
# show if you run it three times? (Ctrl + Enter runs a cell and stays on it.)

# %% [markdown] tags=["speaker-notes"] slideshow={"slide_type": "skip"}
# **Vote:** `count = count + 1`, run three times **Answer:** 2, then 3, then 4: the kernel remembers

# %%
count = count + 1
count

# %% [markdown]
# It shows 2, then 3, then 4: the kernel remembers. So the order in which you run cells matters.
# When in doubt: menu **Kernel → Restart Kernel and Run All Cells**.
#
# * The square ■ in the toolbar stops a cell that takes too long. Your variables stay.
# * **Esc**, then **B** makes a new cell below this one.
# * Your changes are safe: you work on a copy in the folder `my_notebooks`.

# %% [markdown]
# Pages lie beside the notebooks, in the list of files on the left: `glossary`, `cheat_sheet`,
# `common_errors`, `jupyter_in_five_minutes` and, for later, `use_your_model`.
#
# **Investigate:** every function of the course explains itself. In a new cell, type
# `course_utils.accuracy_interval?` to read what it does, and with `??` to read its code. Then give
# a function a wrong value: `course_utils.use(size="huge")`. What does it say?

# %% [markdown] tags=["solution"]
# **Answer.** `?` shows what goes in, what comes out, and where the method is from; `??` adds the
# code, which is short enough to read. The slip gets one sentence that says what was wrong and what
# is possible, not a page of red.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 0.1: the surest run (3 min, easy)
#
# `record["positive"]` holds the probability of each run. It has `.abs()` and `.max()`, like a
# tensor. How far from 0.5 is the run that is farthest away, in either direction?
#
# Replace the `...` and run both cells. Stuck? `course_utils.show_hint("0.1")` in a new cell helps.

# %% tags=["student"] slideshow={"slide_type": "skip"}
farthest = ...

# %% tags=["solution"]
farthest = (record["positive"] - 0.5).abs().max()

# %% slideshow={"slide_type": "skip"}
course_utils.check("0.1", farthest=farthest)

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 0.2: the loss of a guess (3 min, easy)
#
# A model that knows nothing gives each of two classes the probability 0.5. Its **loss** is then
# minus the natural logarithm of 0.5. Compute it (with `math.log` or `torch.log`), and compare it
# with the three losses of the slide's program.

# %% tags=["student"] slideshow={"slide_type": "skip"}
guessing_loss = ...

# %% tags=["solution"]
import math

guessing_loss = -math.log(0.5)

# %% slideshow={"slide_type": "skip"}
course_utils.check("0.2", guessing_loss=guessing_loss)

# %% [markdown]
# Each exercise has hints, and a solution in the notebook of the same name in the folder `solutions`
# (file list, at the left).

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Is this computer ready?
#
# The next cell looks. All lines but the last should start with ✔. One with ✘ tells you what to do.

# %% tags=["nbval-ignore-output"]
course_utils.check_machine()

# %% [markdown] tags=["speaker-notes"]
# Done the day before. A line with ✘ says what to do.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Switches
#
# The course runs on any laptop; a graphics card is used if there is one. With a faster computer, or
# more time, take a larger model or more data. `use()` alone shows how the switches stand.

# %%
course_utils.use()

# %% [markdown]
# | to | write at the top of a notebook, right after `import course_utils` |
# |---|---|
# | take the slide's model (440 MB, once) | `course_utils.use(checkpoint="bert-base-uncased")` |
# | train on all 6,376 sentences, not on 2,000 (from 02 on) | `course_utils.use(size="full")` |
# | use the processor, though there is a graphics card | `course_utils.use(device="cpu")` |
# | compute with shorter numbers, faster on some computers | `course_utils.use(precision="bf16")` |
#
# With another switch, your numbers will differ from the printed ones.

# %% [markdown] tags=["speaker-notes"]
# Nobody needs them today. Who changes a switch gets other numbers than the room.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Eight questions
#
# Most of these words are new. `"?"` means "I do not know yet", and today it is a good answer. Write
# `"a"`, `"b"` or `"c"` only where you know. Notebook 07 asks again.

# %% [markdown]
# **1.** Transfer learning means (a) moving data to a GPU, (b) using what was learned on one task
# for another, (c) training two models at once.
#
# **2.** BERT reads a sentence (a) from left to right, (b) from right to left, (c) all words
# together.

# %% [markdown] tags=["speaker-notes"]
# At home, the day before. "I do not know yet" is a good answer. 07 asks again.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **3.** A tokenizer (a) turns text into numbers of a fixed vocabulary, (b) translates, (c) corrects
# spelling.
#
# **4.** The attention mask says (a) which words matter most, (b) which positions are real and
# which are padding, (c) which words are secret.
#
# **5.** A new classification head starts with (a) zeros, (b) weights from the checkpoint,
# (c) random weights.

# %% [markdown] tags=["speaker-notes"]
# Do not discuss the answers; each has its notebook.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **6.** `model.eval()` (a) computes the accuracy, (b) stops gradients, (c) switches dropout off.
#
# **7.** A model is right on 80 of 100 test texts. On all such texts, its accuracy is (a) 80 %
# exactly, (b) probably between 71 and 87 %, (c) unknown.
#
# **8.** The test set is for (a) choosing the learning rate, (b) judging once, at the end,
# (c) training when data is short.

# %% [markdown] tags=["speaker-notes"]
# Number 7 and 8 are those that people get wrong at work. Do not say so yet.

# %% tags=["student"] slideshow={"slide_type": "skip"}
answers = {1: "?", 2: "?", 3: "?", 4: "?", 5: "?", 6: "?", 7: "?", 8: "?"}

# %% tags=["solution"]
answers = {1: "b", 2: "c", 3: "a", 4: "b", 5: "c", 6: "c", 7: "b", 8: "b"}

# %%
course_utils.record_answers("eight questions", answers)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# * run, stop and restart a notebook,
# * ask for help: `?`, `show_hint`, the solutions,
# * doubt a program that runs without an error.
#
# In [notebook 01](01_what_is_transfer_learning.ipynb) you will measure what a trained model is
# worth when labels are few.

# %% [markdown] tags=["speaker-notes"]
# **What goes wrong**
#
# * "It always says negative." Three runs say little; the picture of a hundred does.
# * "The loss is near 0.69, so it has learned something." No. Exercise 0.2: that is the loss of a
#   guess.
# * "The checkpoint is bad." The model of the first cells is made of the same checkpoint. Wait for
#   05.
# * "My figures differ from my neighbour's." Normal: computers round differently.
# * They run cells in a wild order. **Kernel → Restart Kernel and Run All Cells**.
#
# **Modify** (a sentence that fools it): free; irony and "not" are good places. **Investigate:** `?`
# shows what a function does, `??` its code. `use(size="huge")` gives one sentence.
#
# **What they ask**
#
# * "Why is this model better than mine?" (00: 82.8 % on test; a seat of 05: 77.5 on average.) It
#   read 8,000 long reviews first, then all 6,376 of ours. Theirs reads 2,000.
# * "'Great, my train is late again.' is positive here, and 0.48 in 06." Two models. Neither sees
#   the irony. (In 00 it stands in the solved notebook, in 06 under **Elsewhere**.)
#
# **Exercises**, at home: 0.1: the largest distance from 0.5, on either side: about 0.02; in class,
# read it off the figure. 0.2: minus the logarithm of 0.5 is about 0.693. **Late?** Skip the
# checkpoint. Never skip the first sentence and the first vote.
