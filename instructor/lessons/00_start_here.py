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
# **Time:** 15 minutes, and 6 more for the exercises · **Computer time:** about 20 s · **Core path**
# (00, 01, 04, 05, 06)
#
# You will
#
# * run a program that a slide promised would work, and see what it really does,
# * check that this computer is ready,
# * learn how a notebook works, and how this course talks to you.
#
# You need Python and a little PyTorch (tensors, a training loop). You need no knowledge of
# language processing.

# %% [markdown] tags=["speaker-notes"]
# Do not explain the program yet. Let the class vote first (a, b or c), then run. The point is the
# surprise: real weights, real code from a slide, and an answer like the toss of a coin.
#
# 90 minutes: 00 in 10 (the notebook tour and the eight questions were done at home, the day before,
# together with the installation and the readiness check), 01 in 14, 04 in 14, 05 in 28, 06 in 18, 6
# to spare. At most three votes per notebook; exercises 0.2, 1.1, 1.2, 4.1, 4.2, 5.1, 5.2 and 6.1 to
# 6.4 at home. The notes of each notebook say what goes where.
#
# For the day before, tell them: "Run the first code cell, then jump to 'Is this computer ready?'
# and go on to the end. Leave the program from the slide: we run it together."
#
# Second meeting, 90 minutes: 02 in 22 (without the last figure of part 5), 03 in 18, 07 in 45 (7.3
# at home), 5 to spare. All exercises of 02 and 03 at home.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A program from a slide
#
# Someone shows you a slide: take **BERT**, a model that has already read a lot of text. Give it
# four sentences with labels. Train it a little. Now it can tell whether a new sentence is
# positive or negative.
#
# Here is that program. Do not study it yet. First, we load what it needs.

# %%
import course_utils  # comes first: it prepares torch and transformers
import torch
from transformers import BertForSequenceClassification, BertTokenizer

checkpoint = course_utils.checkpoint_folder()  # a trained model, stored on this computer

# %% [markdown]
# Press **Shift + Enter** to run a cell and move to the next one. The next cell holds the four
# sentences. Label 1 means positive, label 0 negative.

# %%
texts = ["I love this!", "This is terrible.", "Amazing experience!", "Not my cup of tea."]
labels = [1, 0, 1, 0]

# %% [markdown] slideshow={"slide_type": "subslide"}
# And this is the slide's program, put into a function. Its **seed** is the number from which the
# computer draws its random numbers. Same seed, same random numbers.


# %%
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


# %% [markdown] slideshow={"slide_type": "subslide"}
# We run it three times, with seeds 8, 22 and 37. Then we ask: is **"I had an awesome day!"**
# positive?
#
# **Predict** before you run the next cell:
#
# (a) three times positive, nearly sure
# (b) three times positive, but not sure
# (c) the three answers do not agree

# %%
runs = {}
for seed in (8, 22, 37):
    loss, positive = slide_program(seed)
    runs[seed] = positive
    answer = "positive" if positive > 0.5 else "negative"
    print(f"seed {seed}: loss {loss:.3f}, probability of positive {positive:.3f} -> {answer}")

# %% [markdown]
# The right answer is (c). Same program, same sentences, same model. Only the random numbers
# differ, and the answer turns with them. No run is sure of anything: every probability is close
# to one half.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Bad luck, or a bad program?
#
# Three runs are few. So we ran the program with one hundred seeds and kept the results. They are
# in grey and blue below; your three runs are the orange marks.

# %%
record = course_utils.load_record("slide_recipe")
course_utils.plot_slide_recipe(record, live=runs)

# %% [markdown]
# It is the toss of a coin. Yet the program runs without an error, and it prints a loss. If you had
# run it once, and it had said "positive", you would have believed it.

# %% [markdown]
# In notebook 05 you will see the slide's own lines, find three faults in them, and learn why the
# answer is the toss of a coin. By notebook 06 you will know how far to trust what you built.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 0.1: count the coin tosses (3 min, easy)
#
# `record` is a table with one row per run. Its column `positive` holds the probability of
# "positive". In how many of the 100 runs is it above 0.5?
#
# Replace the `...` and run both cells. If you do nothing, the check says so, and the notebook goes
# on. (`record` is a table of pandas. Stuck? `course_utils.show_hint("0.1")` in a new cell helps.)

# %% tags=["student"] slideshow={"slide_type": "skip"}
above_half = ...

# %% tags=["solution"]
above_half = int((record["positive"] > 0.5).sum())

# %% slideshow={"slide_type": "skip"}
course_utils.check("0.1", above_half=above_half)

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 0.2: the loss of a guess (3 min, easy)
#
# A model that knows nothing gives each of two classes the probability 0.5. Its **loss** is then
# minus the natural logarithm of 0.5. Compute it (with `math.log` or `torch.log`), and compare it
# with the three losses above.

# %% tags=["student"] slideshow={"slide_type": "skip"}
guessing_loss = ...

# %% tags=["solution"]
import math

guessing_loss = -math.log(0.5)

# %% slideshow={"slide_type": "skip"}
course_utils.check("0.2", guessing_loss=guessing_loss)

# %% [markdown]
# Stuck? Run `course_utils.show_hint("0.2")` in a new cell (press **Esc**, then **B**). Each
# exercise
# has hints, and a solution in the same notebook of the folder `solutions` (file list, at the left).

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What is "our checkpoint"?
#
# A **checkpoint** is a trained model, saved to files. The slide uses `bert-base-uncased`. It has
# to be downloaded. So that you can work without a network, this course starts with a smaller one
# that is already installed. (You need not know all the words below yet.)

# %%
course_utils.describe_checkpoint()

# %% [markdown]
# Let us be exact about the family:
#
# ```
# BERT, the kind of network: layers of attention
# ├── bert-base-uncased: 12 layers, trained to fill in masked words   (the slide's)
# └── MiniLM: fewer and thinner layers, trained to imitate a larger model
#     └── all-MiniLM-L6-v2: 6 layers, then trained to compare sentences   (ours)
# ```

# %% [markdown]
# Same kind of network, same vocabulary of 30,522 tokens, smaller, trained differently. When a
# result
# depends on that, we say so.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Is this computer ready?
#
# The next cell looks. Each line should start with ✔. A line with ✘ tells you what to do.

# %% tags=["nbval-ignore-output"]
course_utils.check_machine()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How a notebook works
#
# Skip this part if you know notebooks.
#
# A notebook is a row of **cells**. Behind it runs a Python process, the **kernel**. It remembers
# every variable until you restart it. Run the next cell once.

# %%
count = 1
count

# %% [markdown]
# The last line of a cell is shown without `print`. The number in `[ ]` at the left says in which
# order cells ran; `[*]` means that a cell is still working. **Predict:** what does the next cell
# show if you run it three times? (Ctrl + Enter runs a cell and stays on it.)

# %%
count = count + 1
count

# %% [markdown]
# The first time it shows 2, then 3, then 4: the kernel remembers. So the order in which you run
# cells matters. When in doubt: menu **Kernel → Restart Kernel and Run All Cells**.
#
# * The square ■ in the toolbar stops a cell that takes too long. Your variables stay.
# * Your changes are safe: you work on a copy in the folder `my_notebooks`.
# * Five pages lie beside the notebooks, in the list of files on the left: `glossary`,
#   `cheat_sheet`, `common_errors`, `jupyter_in_five_minutes` and, for later, `use_your_model`. A
#   double click opens them.

# %% [markdown]
# **Investigate:** every function of the course explains itself. Type `course_utils.fine_tune?` in
# a new cell to read what it does, and `course_utils.fine_tune??` to read its code.
#
# And if you mistype a name, you get one sentence, not a page of red. Try
# `course_utils.use(size="huge")`.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Three switches
#
# The course runs on any laptop. If you have a faster computer or more time, one line makes use of
# it. `use()` alone shows how the switches stand.

# %%
course_utils.use()

# %% [markdown]
# | to | write at the top of a notebook, right after `import course_utils` |
# |---|---|
# | take the slide's model (440 MB, once) | `course_utils.use(checkpoint="bert-base-uncased")` |
# | train on all reviews, not on 2,000 | `course_utils.use(size="full")` |
# | choose the device yourself | `course_utils.use(device="cpu")` |
#
# If you change a switch, your numbers will differ from the printed ones. That is fine.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Eight questions
#
# Write `"a"`, `"b"` or `"c"` in place of `"?"`, where you know. Nobody grades this. Notebook 07
# asks again: your first answers are kept, and you will see what changed.

# %% [markdown]
# **1.** Transfer learning means (a) moving data to a GPU, (b) using what was learned on one task
# for another, (c) training two models at once.
#
# **2.** BERT reads a sentence (a) from left to right, (b) from right to left, (c) all words
# together.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **3.** A tokenizer (a) turns text into numbers of a fixed vocabulary, (b) translates, (c) corrects
# spelling.
#
# **4.** The attention mask says (a) which words matter most, (b) which positions are real and
# which are padding, (c) which words are secret.
#
# **5.** A new classification head starts with (a) zeros, (b) weights from the checkpoint,
# (c) random weights.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **6.** `model.eval()` (a) computes the accuracy, (b) stops gradients, (c) switches dropout off.
#
# **7.** A model is right on 80 of 100 test texts. On all such texts, its accuracy is (a) 80 %
# exactly, (b) probably between 71 and 87 %, (c) unknown.
#
# **8.** The test set is for (a) choosing the learning rate, (b) judging once, at the end,
# (c) training when data is short.

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
