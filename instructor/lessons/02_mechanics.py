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
# # 02 · The mechanics of transfer learning
#
# **Time:** 22 minutes, and 12 more for the exercises (an estimate) ·
# **Computer time:** about 30 s ·
# not on the core path
#
# You will
#
# * see transfer learning in four pictures: body, head, copy, train,
# * say which weights of a loaded model are new, and check it,
# * freeze a part of a network, and prove that it keeps still,
# * compare four ways of training, over ten seeds, and see how far each layer moves.

# %% [markdown] tags=["speaker-notes"]
# **Aim:** know what is copied, what is random, what is trained, and how to check each of them.
#
# Without part 5 you stop after **Is the frozen body to blame?**, and say their result in one
# sentence: no block alone holds what was learned, the layers together do.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. Four pictures
#
# Somebody has trained a network for a task. Call it **task A**.

# %% slideshow={"claim": "Somebody has trained a network for task A", "plan": "3hours"}
import course_utils

course_utils.plot_mechanics(1)

# %% [markdown] tags=["speaker-notes"]
# Draw the teacher of 01 beside it: task A is teaching English.

# %% [markdown] slideshow={"claim": "What of it can we use for task B?", "plan": "3hours"}
# For the checkpoint of this course, task A was: give texts that belong together similar vectors. It
# took a hundred million pairs.
#
# Ours is another task, **task B**: is a film review positive or negative?
#
# **Predict:** in general, what of a network that has learned A can we use for B?
# (a) all of it (b) the lower part (c) the upper part

# %% [markdown] tags=["speaker-notes"]
# **Vote:** what of the network serves task B **Answer:** (b): the lower part, the body; the head
# knows only the answers to task A

# %% slideshow={"claim": "The body serves many tasks, the head only one", "plan": "3hours", "slide_type": "subslide"}
course_utils.plot_mechanics(2)

# %% [markdown] tags=["speaker-notes"]
# Reading and marking are the body, the lesson plans for English are the head.

# %% [markdown]
# (b). The tall part is the **body** (in a BERT it is the **encoder**). What it says about a text is
# useful for many tasks. The small part on top is the **head**. It knows nothing but the answers to
# task A. So we take the body, and leave the head behind. Ours has none to leave: part 2 shows it.

# %% slideshow={"claim": "A new head is random, and has the right shape", "plan": "3hours", "slide_type": "subslide"}
course_utils.plot_mechanics(3)

# %% [markdown] tags=["speaker-notes"]
# Random means: no data has shaped it. It has the right shape, and knows nothing.

# %% [markdown]
# The new head is **random**: no data has shaped it yet. It has two outputs, for task B. Now it has
# to be trained. Either we **freeze** the body, and only the head learns. Or we **fine-tune**
# everything, and the body learns, too.

# %% slideshow={"claim": "Freeze the body, or fine-tune everything", "plan": "3hours", "slide_type": "subslide"}
course_utils.plot_mechanics(4)

# %% [markdown] tags=["speaker-notes"]
# Two ways, one switch. Which one is better is a question for part 4.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. Which weights are new?
#
# `from_pretrained` makes picture 3. It also compares the weights of the model with those in the
# file: the **load report**. The course hides it; here we ask for it.

# %% slideshow={"claim": "The load report names what is new: the head", "plan": "3hours", "lines": [5, 9]}
import torch
from transformers import BertForSequenceClassification

checkpoint = course_utils.checkpoint_folder()
model, report = BertForSequenceClassification.from_pretrained(
    checkpoint, num_labels=2, output_loading_info=True
)
print("missing:   ", sorted(report["missing_keys"]))
print("unexpected:", sorted(report["unexpected_keys"]))

# %% [markdown] tags=["speaker-notes"]
# *Missing* looks like an error, and is the new head. Say it twice.

# %% [markdown]
# **Missing** is what the file does not have: the new head. It starts random.
# **Unexpected** would be the old head of picture 3. There is none: our task A compared the numbers
# of the body themselves, and needed no head.
#
# What differs if we load twice, with two seeds? `blocks` gives the weights, part by part.

# %% slideshow={"claim": "Two seeds differ in the head alone", "plan": "3hours", "slide_type": "subslide"}
first = course_utils.load_classifier(seed=1, quiet=True)
second = course_utils.load_classifier(seed=2, quiet=True)
for name, weights in course_utils.blocks(first).items():
    others = course_utils.blocks(second)[name]
    same = all(torch.equal(weight, others[key]) for key, weight in weights.items())
    print(f"{name:11} {'the same, to the last bit' if same else 'different'}")

# %% [markdown] tags=["speaker-notes"]
# Only the head differs. That is one reason why equal programs give different results.

# %% [markdown] slideshow={"claim": "Was the layer below the head ever trained?", "plan": "3hours", "slide_type": "subslide"}
# Only the heads differ: one reason why equal programs give different results.
#
# ### A layer with a secret
#
# The body gives a vector for each token of a text (see 04). Below the head sits the **pooler**: it
# reads the first of them only. Were its weights trained, too?
#
# **Predict**, then look for a trace: biases start at 0, and training moves them.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** was the pooler trained? **Answer:** it does not look so: its biases are still at their
# start, 0

# %% slideshow={"claim": "The pooler looks like a layer that never learned", "plan": "3hours"}
for name in list(course_utils.blocks(first))[-4:]:  # the last four blocks
    weights = course_utils.blocks(first)[name]
    biases = torch.cat([weights[key].flatten() for key in weights if key.endswith("bias")])
    print(f"{name:8} {len(biases):5,} biases, the largest {biases.abs().max().item():.3g}")

# %% [markdown] tags=["speaker-notes"]
# The best vote of the lesson. To come from a checkpoint is not to have learned.

# %% [markdown]
# Our pooler looks untrained: task A took the *mean* over all tokens, not the pooler.
#
# *It comes from the checkpoint* and *it has learned something* are two claims. Remember this for
# part 4.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 2.1: a head for five topics (4 min, easy)
#
# We put a head for five topics on the same body. Which `shape` will its table of weights have, as
# `(rows, columns)`? And how many `new_weights` will there be, biases included? Look at the head for
# two classes, `course_utils.load_classifier().classifier`.

# %% tags=["student"] slideshow={"slide_type": "skip"}
shape = ...
new_weights = ...

# %% tags=["solution"] slideshow={"slide_type": "skip"}
five = course_utils.load_classifier(label_names=("a", "b", "c", "d", "e"), quiet=True)
shape = five.classifier.weight.shape
new_weights = sum(weight.numel() for weight in five.classifier.parameters())

# %% slideshow={"slide_type": "skip"}
course_utils.check("2.1", shape=shape, new_weights=new_weights)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. Freezing is one word
#
# Each weight of PyTorch carries a switch: `requires_grad`. `False` means that the weight
# is **frozen**. `freeze` switches off everything below the head.

# %%
first = course_utils.load_classifier(seed=1, quiet=True)  # fresh, each time this cell runs
course_utils.freeze(first)
course_utils.parameter_table(first).map("{:,}".format)

# %% [markdown] tags=["speaker-notes"]
# `requires_grad`, and no more magic. Look at the last column of the table.

# %% [markdown] slideshow={"claim": "Frozen: 770 of 22.7 million weights will learn", "plan": "3hours"}
# More than half of all weights are **embeddings**: a row for each known token, and for each place
# in a text. Of 22.7 million weights, 770 will be trained: those of the head.
#
# Now one training step, with four texts. The optimizer is given *all* weights.

# %% [markdown] tags=["speaker-notes"]
# Read the two numbers aloud: 22.7 million, and 770.

# %%
import copy

tokenizer = course_utils.load_tokenizer()
texts = ["I love this!", "This is terrible.", "Amazing experience!", "Not my cup of tea."]
inputs = tokenizer(texts, padding=True, truncation=True, max_length=32, return_tensors="pt")
inputs["labels"] = torch.tensor([1, 0, 1, 0])

untouched = copy.deepcopy(first)  # to compare with
optimizer = torch.optim.AdamW(first.parameters(), lr=1e-3)
first(**inputs).loss.backward()
optimizer.step()

# %% [markdown] tags=["speaker-notes"]
# The optimizer is given all weights. That is the trap of the next vote.

# %% [markdown] slideshow={"claim": "After a step, what does a frozen weight have?", "plan": "3hours", "slide_type": "subslide"}
# **Predict:** after this step, a frozen weight has
# (a) a gradient of zero, and the same value (b) no gradient, and the same value
# (c) a small gradient, and nearly the same value

# %% [markdown] tags=["speaker-notes"]
# **Vote:** a frozen weight after a step **Answer:** (b): no gradient at all, so the optimizer skips
# it

# %% slideshow={"claim": "No gradient at all, and so no change", "plan": "3hours"}
for name, weights in course_utils.blocks(first).items():
    before = course_utils.blocks(untouched)[name]
    gradients = any(weight.grad is not None for weight in weights.values())
    changed = any(not torch.equal(weight, before[key]) for key, weight in weights.items())
    print(f"{name:11} gradient: {'yes' if gradients else 'none':5} changed: {changed}")

# %% [markdown] tags=["speaker-notes"]
# Not zero: none. Ask what would happen if one unfroze it now.

# %% [markdown]
# (b). There is no gradient at all: it is `None`. An optimizer skips such a weight.
#
# **Modify:** in the cell of the table, change the second line to
# `course_utils.freeze(first, top_layers=2)`, and run from there.
#
# **Investigate** (*at home*): make the optimizer with `first.classifier.parameters()`, then call
# `course_utils.unfreeze(first)` before `backward()`. Run from the table again. Which blocks get
# gradients, and which change?

# %% [markdown] tags=["solution"]
# **Answer.** With `top_layers=2`, layers 5 and 6, the pooler and the head get gradients and change.
# Nothing below does.
#
# With the other optimizer, all blocks get gradients, and only the head changes. The optimizer moves
# the weights that it was given, and no others. Nobody is told. So make a new optimizer after you
# unfreeze.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 2.2: freeze by hand (8 min, medium)
#
# Write a function that makes **layer 6 and the head** trainable, and freezes everything else, also
# the pooler. (Gradients pass through it to layer 6.) It returns how many weights are trained. Do it
# with `model.named_parameters()` alone. Print the names in
# `course_utils.load_classifier(quiet=True)` first: PyTorch counts layers from 0. A weight knows its
# size, `weight.numel()`.


# %% tags=["student"] slideshow={"slide_type": "skip"}
def train_layer_6_and_head(model):
    # switch requires_grad on or off, weight by weight
    return ...  # how many weights are trained now?


# %% tags=["solution"] slideshow={"slide_type": "skip"}
def train_layer_6_and_head(model):
    for name, weight in model.named_parameters():
        weight.requires_grad = name.startswith(("bert.encoder.layer.5.", "classifier."))
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


# %% slideshow={"slide_type": "skip"}
course_utils.check("2.2", train_layer_6_and_head=train_layer_6_and_head)

# %% [markdown] slideshow={"claim": "Four strategies: which order?", "plan": "3hours", "slide_type": "slide"}
# ## 4. Four strategies
#
# | strategy | starts from | what is trained |
# |---|---|---|
# | **all layers** | the checkpoint | everything |
# | **frozen body** | the checkpoint | the head |
# | **from scratch** | random numbers | everything |
# | **top two layers** | the checkpoint | layers 5 and 6, pooler, head |
#
# Each reads the same 600 reviews once: 19 steps of 32. Below, a grey dot is one seed, a black mark
# the mean of ten.
#
# **Predict:** order the four, from the lowest accuracy to the highest.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** order of the four strategies **Answer:** scratch, frozen body, top two, all layers: by
# the mean; ten seeds do not tell the last two apart

# %% slideshow={"claim": "More training helps; the last step is not shown", "plan": "3hours"}
model = first = second = untouched = optimizer = None  # make room: these models are gone now
record = course_utils.load_record("strategies")
course_utils.plot_strategies(record)

# %% [markdown] tags=["speaker-notes"]
# Point at the left half first: one recipe, ten seeds, far apart. Then at the right half: zero lies
# inside the lowest interval. It reports on test reviews, and nothing was chosen by it.

# %% [markdown]
# By the mean: from scratch, frozen body, top two layers, all layers. On the right stands what *all
# layers* gain, with a **95 % interval**: the values that fit what we saw (more in 06). That of *top
# two layers* holds 0: ten seeds do not tell these two apart.
#
# Seeds of one row lie up to eleven points apart. Freezing saves time: see the seconds.

# %% [markdown]
# **Investigate:** why do the dots of *from scratch* stand in two columns? Add the two accuracies.

# %% [markdown] tags=["solution"]
# **Answer.** Each of these models gives all reviews the same label; one of them gives a single
# review the other one. Of the 1,290 test reviews, 656 are negative: "always negative" gets 50.9 %,
# "always positive" 49.1 %, and together they make 100. Nineteen steps are hopeless for a start from
# zero.

# %% [markdown] slideshow={"slide_type": "subslide"}
# The picture reports on *test* reviews; all settings were chosen on validation. Now you measure on
# validation reviews: run *frozen body* and *all layers*, with one of the ten seeds. The head alone
# needs a larger learning rate.

# %% slideshow={"claim": "The head alone needs larger steps", "plan": "2days", "lines": [5, 9]}
train, validation, _test = course_utils.load_reviews(quiet=True)
some, judges = train.sample(600), validation.sample(400)
seed = 0  # your own, if you like

frozen = course_utils.load_classifier(seed=seed, quiet=True)
course_utils.freeze(frozen)
course_utils.fine_tune(frozen, tokenizer, some, learning_rate=3e-2, seed=seed)
frozen_body = course_utils.evaluate(frozen, tokenizer, judges, name="frozen body, 19 steps")
frozen_body

# %% [markdown] tags=["speaker-notes"]
# Let half of the room take seed 7, and half seed 5: the luckiest and the unluckiest of the record.
# Then compare.

# %% slideshow={"claim": "One run of each: the difference has an interval", "plan": "2days", "lines": [2, 6]}
frozen = None  # make room
tuned = course_utils.load_classifier(seed=seed, quiet=True)
course_utils.fine_tune(tuned, tokenizer, some, learning_rate=4e-4, seed=seed)
all_layers = course_utils.evaluate(tuned, tokenizer, judges, name="all layers")
print(all_layers)
# the difference is taken before rounding, so its last digit may surprise you
print("minus frozen body:", course_utils.paired_bootstrap(all_layers, frozen_body))

# %% [markdown] tags=["speaker-notes"]
# The difference with its interval: does it hold zero?

# %% tags=["proof"]
course_utils.expect("frozen body, 600 reviews", frozen_body.accuracy)
course_utils.expect("all layers, 600 reviews", all_layers.accuracy)

# %% [markdown]
# One seed, other reviews: this gain need not be that of the picture. The interval covers the chance
# in the reviews, not that of the seed.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Is the frozen body to blame?
#
# Its head read a pooler that looks untrained, and learned for 19 steps only.
#
# So we ask the same body again. A logistic regression is a head, too, but it learns until it gets
# no better. First it reads the pooler, then the *mean* over all tokens.

# %% slideshow={"claim": "The same frozen body does better with another head", "plan": "3hours"}
start = course_utils.load_classifier(seed=seed, quiet=True)  # the same seed: the same start
pooler, mean = course_utils.pooler_and_mean(start, tokenizer, some.texts)
pooler_2, mean_2 = course_utils.pooler_and_mean(start, tokenizer, judges.texts)
fit = course_utils.vector_baseline
heads = [
    frozen_body,
    # the 400 reviews also choose how small the weights are: both fits may look a little too good
    fit("pooler, until it fits", (pooler, pooler_2, pooler_2), some, judges, judges),
    fit("mean, until it fits", (mean, mean_2, mean_2), some, judges, judges),
]
course_utils.plot_accuracies(heads, guess=0.5)

# %% [markdown] tags=["speaker-notes"]
# "Frozen is weak" is wrong. *Frozen, with this head,* is weak.

# %% slideshow={"claim": "Both changes together help clearly", "plan": "3hours", "lines": [2, 5]}
steps, on_pooler, on_mean = heads
print("pooler, fitted minus 19 steps:", course_utils.paired_bootstrap(on_pooler, steps))
print("fitted, mean minus pooler:    ", course_utils.paired_bootstrap(on_mean, on_pooler))
print("both changes together:        ", course_utils.paired_bootstrap(on_mean, steps))
print("mean, fitted minus all layers:", course_utils.paired_bootstrap(on_mean, all_layers))

# %% [markdown] tags=["speaker-notes"]
# Four differences. Ask which intervals hold zero, before you say what they mean.

# %% tags=["proof"]
course_utils.expect("frozen body, mean, 600 reviews", on_mean.accuracy)

# %% [markdown]
# The body was frozen all three times. So freezing alone is not weak. Weak is a head that reads the
# pooler for 19 steps.
#
# 1. Learning until it fits may help or not: its interval holds 0.
# 2. Reading the mean helps, perhaps little: its interval begins just above 0.
# 3. Both changes together help clearly.
# 4. The fitted head on the mean, or all layers trained? These reviews cannot tell: the interval is
#    wide.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. How far did each layer move?
#
# Back to your run of all layers. `start` has the weights with which it began. For each block we
# measure the distance from start to now, in percent of how large its weights were at the start.

# %% slideshow={"claim": "The pooler moved far, the embeddings hardly", "plan": "2days"}
moved = course_utils.movement(tuned, start)
put_back = course_utils.load_record("put_back")
course_utils.plot_movement(moved, put_back)

# %% [markdown] tags=["speaker-notes"]
# Far is not good, and far is not important: two pictures follow, one for each.

# %% tags=["proof"]
last = max(name for name in moved.index if name.startswith("layer"))
course_utils.expect("pooler moved, times the last layer", moved["pooler"] / moved[last])
course_utils.expect("embeddings moved, times layer 1", moved["embeddings"] / moved["layer 1"])

# %% [markdown]
# The embeddings hardly moved, the pooler moved far: in your run as in the recorded ones.
#
# **Investigate** (*at home*): why the pooler? Compare the mean size of its weights at the start,
# `torch.cat([w.flatten() for w in course_utils.blocks(start)["pooler"].values()]).abs().mean()`,
# with that of layer 6.
#
# Does far mean good? Each dot of the next picture is a recorded run, with its seed.

# %% [markdown] tags=["solution"]
# **Answer.** The weights of the pooler are small: 0.007 on average, against 0.042 in layer 6. The
# optimizer moves each weight about equally far, 0.001 here. For a small weight this is a long way,
# in percent.

# %% tags=["proof"]
layers = start.config.num_hidden_layers
for block in (f"layer {layers}", "pooler"):
    now, then = course_utils.blocks(tuned)[block], course_utils.blocks(start)[block]
    old = torch.cat([then[key].detach().flatten() for key in then])
    new = torch.cat([now[key].detach().cpu().flatten() for key in then])
    print(f"{block:8} size {old.abs().mean():.3f}, moved {(new - old).abs().mean():.3f}")

# %% slideshow={"claim": "Moving far is not doing well", "plan": "2days", "slide_type": "subslide"}
course_utils.plot_far_or_good(record)

# %% [markdown] tags=["speaker-notes"]
# Each dot is a run. Read r aloud, and say what it does not say: why.

# %% [markdown]
# No. In these ten runs, those whose layers moved *farther* tended to do worse: r, the correlation,
# is negative. (1 or -1: all on a line. 0: no straight line.) Ten runs do not say why.

# %% [markdown] slideshow={"claim": "One block put back: which costs clearly?", "plan": "2days", "slide_type": "slide"}
# ### Is far important?
#
# Another test: put one block back to its starting weights, and count the points that are lost.
#
# **Predict:** which one, put back alone, costs clearly? (a) the pooler (b) one of the layers
# (c) none of them
#
# We did it with ten seeds, each judged on your 400 reviews. Black: mean and 95 % interval.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** block that costs clearly, alone **Answer:** (c): none alone costs points that one can
# see; all six layers together cost more than ten

# %% slideshow={"claim": "No block alone matters; all layers together do", "plan": "2days"}
course_utils.plot_put_back(put_back)

# %% [markdown] tags=["speaker-notes"]
# Top row first: all layers. Then cover it, and look for a block that matters alone.

# %% [markdown]
# (c). No block alone costs points that we can see: eight intervals hold 0; that of the embeddings
# ends just below 0, no loss. (Of nine, one may miss 0 by chance.)
#
# The pooler moved farthest. Its mean loss is the highest of the nine, but only because of one run
# that lost 13 points. Even the head may go back to its random start: the layers seem to have
# learned to suit it.
#
# All six together, the top row, cost clearly: what was learned seems to be spread over them.

# %% [markdown]
# **Modify** (*at home*): put a block of your own model back, `mixed =
# course_utils.with_block_reset(tuned, start, "layer 6")`, and evaluate `mixed` on `judges`. In
# `mixed`, put layer 5 back, too, then layer 4, and so on. When does it hurt?

# %% [markdown] tags=["solution"]
# **Answer.** With seed 0, before: 70.2 %. Layer 6 back: 70.0 %, one review of 400 less. Layers 6
# and 5: 68.2 %. Layers 6, 5 and 4: 69.5 %. With four it is 68.5 %, and then it hurts: 61.3 % with
# five, 59.5 % with all six, about 11 points less. Other seeds differ.

# %% tags=["proof"]
mixed = tuned
for number in range(layers, 0, -1):
    mixed = course_utils.with_block_reset(mixed, start, f"layer {number}")
    print(f"layer {number} back, too:", course_utils.evaluate(mixed, tokenizer, judges))

# %% [markdown] slideshow={"claim": "Changed is not the same as important", "plan": "2days", "slide_type": "subslide"}
# **Remember:** how far weights move tells where training *changed* something. It does not tell what
# matters. To find that out, take parts away, and measure.

# %% [markdown] tags=["speaker-notes"]
# Say it slowly, twice. 08 takes words away in the same way.

# %% [markdown] slideshow={"claim": "Which strategy, when? First guesses", "plan": "3hours", "slide_type": "slide"}
# ## Which strategy, when?
#
# | if | try first |
# |---|---|
# | little time, a task near A | frozen body, a fitted head on the mean |
# | many labels, or a task far from A | all layers |
# | too little memory or time for all | top layers |
# | nothing pre-trained for your kind of text | from scratch, with very much data |
#
# Validation decides: rows 1 and 2 were close here.

# %% [markdown] tags=["speaker-notes"]
# Ask for a task of theirs, and for its line in the table.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Check yourself (2 min)
#
# Three questions.

# %% slideshow={"slide_type": "skip"}
course_utils.quiz("02")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# * draw the four pictures: what is copied, what is random,
# * ask whether a copied weight was ever trained,
# * freeze any part of a network, and check it,
# * compare strategies over many seeds, and look at the head before you blame the body,
# * tell *moved far* from *matters*.
#
# Next: what the body says about a word, in [notebook 03](03_meet_bert.ipynb).

# %% [markdown] tags=["speaker-notes"]
# What does the body say about a word? That is 03.

# %% [markdown] tags=["speaker-notes"]
# **What goes wrong**
#
# * "Missing keys: my model is broken." No: it is the new head.
# * "Frozen means gradient zero." No gradient: it is `None`.
# * "My run was best, so this strategy is best." Give half of the room a seed that did badly in the
#   record, and half a good one, then compare. For all layers, 7 is the luckiest seed and 5 the
#   unluckiest, six points apart on test.
# * "The head that learns longer is better." Not shown with 400 reviews: its interval holds zero.
#   With all 864 validation reviews and seed 0 it is +3.5 points (+0.3 to +6.6), and the mean adds
#   6.8 (+3.7 to +10.0).
#
# All answers stand in the solved notebook. **Modify** (`top_layers=2`): layers 5 and 6, pooler and
# head change. **Investigate** (another optimizer): after `unfreeze` the body gets gradients and
# does not change, and nobody is told. **Investigate** (two columns): each model from scratch gives
# all reviews the same label (one of them spares a single review), so the two accuracies add up to
# 100 %. **Investigate** (why the pooler): its weights are small, so the same step is a long way in
# percent. **Modify** (put back more and more layers): with seed 0 little is lost while layers 1 and
# 2 stay trained (70.2 to 68.5 %); with five put back it is 61.3 %, with all six 59.5 %.
#
# **Exercises**, at home: 2.1: shape (5, 384), and 5 × 384 + 5 = 1,925 new weights. 2.2: names that
# start with `bert.encoder.layer.5.` or `classifier.`: PyTorch counts from 0. **Late?** Leave out
# **5. How far did each layer move?** and all that follows, and say the result in one sentence.
