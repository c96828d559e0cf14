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
# # 08 · Looking inside
#
# **Time:** 30 minutes, and 17 more for the exercises · **Computer time:** about 2 min ·
# optional
#
# You will
#
# * see where each token of a text looks, and why that is not yet an explanation,
# * ask from which layer a simple model can read the topic of a text, or its verdict (positive or
#   negative),
# * see what fine-tuning did to the map of 400 reviews,
# * explain single answers in three ways, and test the explanation itself.

# %% [markdown] tags=["speaker-notes"]
# Plan: start 1 minute, attention 8 (two votes, one head each), probes 7, the map 2, single answers
# 7 (*doesn't*, one mistake, one word), random weights 3, the table of claims 2. Exercises, quiz and
# "Does the attention agree?" are for home. In 20 minutes, leave out parts 2 and 3.
#
# The sentence to remember: an explanation is a claim, and a claim can be tested.

# %% [markdown] slideshow={"slide_type": "slide"}
# Two models, built the same way: `encoder` is `minilm` as it comes. `model` is your fine-tuned
# classifier from 05. If you have none, the next cell trains one, in about a minute; its bar says
# how long.

# %% slideshow={"slide_type": "skip"}
import course_utils

encoder = course_utils.load_encoder()
model, tokenizer = course_utils.load_or_train("reviews")
_, validation, test = course_utils.load_reviews(quiet=True)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. Where does a token look?
#
# In each layer, each token collects numbers from all tokens of its text, more from some, less from
# others. These shares are the **attention weights**. For each token they add up to 1. A layer does
# this several times side by side. Each time is called an **attention head**. (It has nothing to do
# with the head on top.)

# %%
text = "We walked to the bank to swim in the river."
attention = course_utils.attention_weights(encoder, tokenizer, text)
attention

# %% [markdown]
# That is 6 × 12 heads, each with a table of 13 × 13 weights. Here is one of the 72: the one that
# looks most at the token before. Each row is one token. The names at the bottom say where it looks.

# %% slideshow={"slide_type": "subslide"}
import numpy as np


def strongest(shares):  # (layers, heads)
    layer, head = np.unravel_index(shares.argmax(), shares.shape)
    return layer + 1, head + 1  # people count from 1


course_utils.plot_attention(attention, *strongest(course_utils.attention_by_step(attention, -1)))

# %% [markdown]
# Every token looks at the one before it. Nobody told this head to do so: it came out of training.
#
# **Predict:** how many of the 72 heads give more than half of their attention to the token before,
# or more than half to the token after, on average over 50 reviews?
#
# (a) 2 · (b) about 20 · (c) more than 50

# %%
texts = test.texts[:50]
attentions = [course_utils.attention_weights(encoder, tokenizer, review) for review in texts]
steps = np.array(
    [[course_utils.attention_by_step(one, step) for step in (-1, 1)] for one in attentions]
).mean(axis=0)  # (steps, layers, heads)
for step, heads in zip(("before", "after"), steps, strict=True):
    for layer, head in np.argwhere(heads > 0.5) + 1:
        print(f"token {step}: layer {layer}, head {head}: {100 * heads[layer - 1, head - 1]:.1f} %")

# %% [markdown] slideshow={"slide_type": "subslide"}
# (a). Heads that look at one neighbour are rare. (Other jobs we did not count.) Here is the second
# one, drawn with lines. Where it does not look at the next token, it mostly looks at [CLS]:

# %%
course_utils.plot_attention_lines(attention, *strongest(steps[1]))

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Attention is not yet an explanation
#
# It is tempting to read a large weight as a reason: "it looked at *awesome*, so *awesome* is why".
#
# **Predict:** a review has about 20 tokens. How much of all attention goes to the *single* token
# [CLS], over all heads and 50 reviews?
#
# (a) about 5 %, its fair share · (b) about 15 % · (c) about 40 %

# %%
shares = sum(course_utils.attention_shares(one) for one in attentions) / len(attentions)
(100 * shares).round(1)

# %% [markdown]
# (c), as a mean over the layers. The *sign* [CLS] is the same in every text. (Its vector is not: it
# collects from the text, layer by layer.) So a large weight on it names no word as a reason. A
# common reading, not a proof: a head that finds nothing must put its weights somewhere, because
# they add up to 1.

# %% [markdown]
# In the BERT of the paper that found this, [SEP] gets most ([Clark et al.,
# 2019](https://arxiv.org/abs/1906.04341)). Which token it is depends on the training. So a weight
# says at which *positions* a head collects. Whether the answer hangs on them is another question
# ([Jain and Wallace, 2019](https://arxiv.org/abs/1902.10186)). The simplest test: change the text,
# and look at the answer. We do so in part 4.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Investigate:** choose a layer and a head (with the mouse, or with Tab and the arrow keys). Look
# at ten heads. How many of them can you describe in five words?

# %% slideshow={"slide_type": "skip"}
course_utils.attention_chooser(attention)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. From which layer can one read it?
#
# A layer gives one vector for each token. We take their mean: one vector for each text.

# %% [markdown]
# On the vectors of *one* layer we train a simple model, here a logistic regression. That is a
# **probe**. If it can tell the topic of a headline from layer 3, then layer 3 holds the topic, in a
# form that is easy to read.

# %% [markdown]
# We ask for two things, in both models, with texts that your fine-tuning has not used: the *topic*
# of news headlines, and the *verdict* of film reviews.
#
# **Predict:** your model was fine-tuned on verdicts only. In its last layer, is the *topic* of a
# headline
#
# (a) easier to read than before · (b) as easy · (c) harder?

# %%
headlines, _, test_headlines = course_utils.load_headlines(quiet=True)
tasks = {
    "topic": (headlines.sample(600), test_headlines),
    "verdict": (validation.sample(600), test.sample(400)),
}
vectors, probes = {}, {}
for task, (learn, judge) in tasks.items():
    for name, network in (("before", encoder), ("after", model)):
        vectors[task, name] = [  # each (layers + 1, texts, hidden)
            course_utils.layer_vectors(network, tokenizer, part.texts) for part in (learn, judge)
        ]

# %% [markdown]
# Those were the vectors. Now the probes, one for each layer. Each has a **control**: the same
# vectors and the same probe, but the labels are shuffled. There is nothing to read then, so it must
# stay at chance. If it did not, we could not trust the other lines either.

# %% slideshow={"slide_type": "subslide"}
for (task, name), (learned, judged) in vectors.items():
    labels, test_labels = (part.labels for part in tasks[task])
    table = course_utils.probe(learned, labels, judged, test_labels)
    probes.setdefault(task, {})[name] = table
course_utils.plot_probes(probes)

# %% [markdown]
# Start at the left: the embeddings alone, words without any layer, already give much. The layers of
# `minilm` add something for the topic, and for the verdict nothing that 400 reviews could show. The
# control is flat. (Dotted: always the most frequent label. A control that guesses all five topics
# lies a little below it.)

# %% [markdown]
# Now look at the last layer. The bands say how far other test texts would move a line. They
# overlap. But both models read the *same* texts, and so we can compare pairs, as in 06. (± is the
# 95 % interval, by a short formula.)

# %%
gains = {}
for task, tables in probes.items():
    right = {name: np.array(tables[name].attrs["correct"][-1], dtype=int) for name in tables}
    gains[task] = right["after"] - right["before"]  # of each text: -1, 0 or 1
    half = 1.96 * gains[task].std() / len(gains[task]) ** 0.5
    print(
        f"{task:8} after minus before: {100 * gains[task].mean():+5.1f} ± {100 * half:.1f} points"
    )
course_utils.expect("topic in the last layer, after minus before", gains["topic"].mean())
course_utils.expect("verdict in the last layer, after minus before", gains["verdict"].mean())

# %% [markdown]
# In our run it was (c): the verdict became easier to read, the topic a little harder. If an
# interval of yours holds zero, your run cannot tell. In the lower layers the two models lie close
# together.

# %% [markdown]
# A probe says what a layer *holds*. It does not say that the model *uses* it. Your model still
# holds the topic of a headline. Nothing here says that a verdict depends on it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. The map
#
# The mean of the last layer has 384 numbers for each text. A map has two. **PCA** picks the two
# directions in which the texts differ most, and drops the rest.
#
# **Predict:** reviews of the test set, coloured by verdict. Before fine-tuning, do the two colours
# lie apart? And after?

# %%
before, after = (vectors["verdict", name][1][-1] for name in ("before", "after"))  # (texts, hidden)
judge = tasks["verdict"][1]
course_utils.plot_sentence_map(before, after, judge.labels, judge.label_names)

# %% [markdown]
# Before, the colours are mixed: `minilm` puts texts *about the same thing* side by side. After,
# they are further apart, with a broad middle where they still mix. The axes say how much of all
# differences (the *variance*) a direction holds: after fine-tuning, one direction holds most.

# %% [markdown]
# The per cent above a map use all 384 numbers: the share of reviews whose nearest other review has
# the same verdict. By chance it would be about 50 %. By so much it grew (0.1 is ten points):

# %%
closer = course_utils.same_label_neighbours(after, judge.labels)
closer -= course_utils.same_label_neighbours(before, judge.labels)
course_utils.expect("same verdict nearest, after minus before", closer)

# %% [markdown]
# How far did the weights move for that? The unit is per cent: 1 means that the change is as large
# as one per cent of the weights of this part.

# %%
(100 * course_utils.movement(model.base_model, encoder)).round(2)

# %% [markdown]
# Each layer moved by about one per cent, the upper ones a little more. That was enough for a new
# order on the map. (The pooler is a small layer between layer 6 and the head. Why it moved so far,
# 02 tells.)

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 8.1: a claim in the newspaper (2 min, easy)
#
# "We looked at the attention weights. The program looks at the word *actress*. So it judges films
# by gender." Which test would tell best whether that is true? Write `"a"`, `"b"` or `"c"`.
#
# * (a) Look at the weights of the same attention head in ten more reviews.
# * (b) Put *actor* in place of *actress*, and the reverse, in hundreds of reviews; compare the
#   answers.
# * (c) Train a probe that reads the gender from the vectors of layer 3.

# %% tags=["student"] slideshow={"slide_type": "skip"}
test_of_claim = ...

# %% tags=["solution"]
test_of_claim = "b"

# %%
course_utils.check("8.1", test_of_claim=test_of_claim)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. Why did it say that?
#
# One text, one answer. Which words does the answer hang on?
#
# The *lead* of an answer is its logit minus the logit of the other label. Put [MASK] in place of
# one word (BERT's token for "some word stood here"), and see how far the lead falls. Then the next
# word. This is called **occlusion**.

# %% tags=["nbval-ignore-output"]
text = "I had an awesome day!"
occluded = course_utils.occlusion(model, tokenizer, text)
occluded

# %%
awesome, others = occluded.scores[3], np.delete(occluded.scores, 3)
course_utils.expect("lead lost without 'awesome'", awesome)
course_utils.expect("more than without any other word", awesome - others.max())

# %% [markdown]
# Without *awesome*, the lead falls most. (Any word costs a little. Look at what stands out.) Now a
# sentence with two sides, and a second method.

# %% [markdown]
# **Integrated gradients** starts from a text of [MASK] only. In 50 small steps, their vectors
# change into those of the real words. At each step it measures how much each word moves the lead.
# (The library captum does the sums.)
#
# **Predict:** "A warm, funny and generous film, even if the ending doesn't quite work." The model
# says positive. Does *doesn't* speak against it?

# %% tags=["nbval-ignore-output"]
mixed = "A warm, funny and generous film, even if the ending doesn't quite work."
hidden = course_utils.occlusion(model, tokenizer, mixed)
walked = course_utils.integrated_gradients(model, tokenizer, mixed)
course_utils.show_words(hidden, walked)

# %% [markdown]
# The scores of the second row must add up to the lead of the real text, minus the lead of the
# masked one. We can check that:

# %%
print(f"sum of the scores: {walked.scores.sum():7.3f}")
print(f"real minus masked: {walked.total:7.3f}")
course_utils.expect("distance of the two sums", abs(walked.scores.sum() - walked.total))

# %% [markdown]
# Do the two agree about *doesn't*? In our run they did not. Hide it alone, and hardly anything
# changes. Start from [MASK] everywhere, and it is the strongest word against. They answer different
# questions.

# %% [markdown]
# Look at *if*, too. It praises nothing. But hide it, and in our run most of the lead was gone. A
# guess: it tells the model that the blame behind it does not count. How would you test that?

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 8.2: occlusion by hand (10 min, medium)
#
# Write `importance`. It returns one number for each word of `text.split()`: the probability of
# *positive* of the whole text, minus that of the text with `[MASK]` in place of this word. You may
# use `course_utils.predict(model, tokenizer, texts, quiet=True)`, of shape (texts, classes).


# %% tags=["student"] slideshow={"slide_type": "skip"}
def importance(model, tokenizer, text):
    words = text.split()
    return ...


# %% tags=["solution"]
def importance(model, tokenizer, text):
    words = text.split()
    texts = [text]
    for place in range(len(words)):
        hidden = list(words)
        hidden[place] = "[MASK]"
        texts.append(" ".join(hidden))
    positive = course_utils.predict(model, tokenizer, texts, quiet=True)[:, 1]  # (1 + words,)
    return positive[0] - positive[1:]


# %%
course_utils.check("8.2", importance=importance, model=model, tokenizer=tokenizer)

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### When the answer is wrong
#
# Explanations help here, too. We take 200 test reviews, and of the mistakes the two of which your
# model was most sure. The answer is wrong here, so the *blue* words are those that misled it.
#
# **Investigate:** which word did most? Would you have guessed?

# %% tags=["nbval-ignore-output"]
some = course_utils.evaluate(model, tokenizer, test.sample(200))
wrong = some.largest_errors(2)["text"]
course_utils.show_words(
    *(course_utils.integrated_gradients(model, tokenizer, text) for text in wrong)
)

# %%
course_utils.expect("accuracy on 200 test reviews", some.accuracy)

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Change one word
#
# The simplest question of all: what if another word stood there? That is a **counterfactual**.
#
# **Predict:** "The film was not bad." What does the model say? And with *good* in place of *bad*?

# %%
not_bad = course_utils.counterfactual(model, tokenizer, "The film was not bad.", "bad", ["good"])
actor = "The actor was wonderful and the story moved me."
he_or_she = course_utils.counterfactual(model, tokenizer, actor, "actor", ["actress"])
for row in (*not_bad.itertuples(), *he_or_she.itertuples()):
    print(f"positive {row.positive:.3f}  {row.text}")
course_utils.expect("not bad", not_bad["positive"].iloc[0])
course_utils.expect("actress minus actor", he_or_she["positive"].diff().iloc[1])

# %% [markdown]
# *not bad* and *not good* get about the same answer, as in 06: *not* counts as blame, and the model
# does not turn the next word around. *actor* and *actress* get nearly the same answer, and here we
# are glad. But that is one pair. To say that a model treats two groups alike takes hundreds.
#
# **Modify:** change the sentences and words above.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 8.3: turn the answer (5 min, easy)
#
# Write a sentence, and the same sentence with *one* word changed, so that your model gives two
# different answers.

# %% tags=["student"] slideshow={"slide_type": "skip"}
first = ...
second = ...

# %% tags=["solution"]
first = "I loved every minute of it."
second = "I hated every minute of it."

# %%
course_utils.check("8.3", first=first, second=second, model=model, tokenizer=tokenizer)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. Test the explanation
#
# Coloured words always look convincing. So ask: *would they look the same if the model knew
# nothing?* We test occlusion, on 12 reviews.

# %% [markdown]
# We need a number for "the same". Give each word a rank by the size of its score, for or against.
# (`argsort` twice does that.) Then compare the ranks of two explanations: 1 is the same order, 0 is
# what chance gives.


# %%
def agreement(one, other):
    ranks = [np.abs(scores).argsort().argsort() for scores in (one, other)]
    return np.corrcoef(ranks)[0, 1]


reviews = [review for review in test.texts if 10 <= len(review.split()) <= 20][:12]
explained = [course_utils.occlusion(model, tokenizer, review).scores for review in reviews]

# %% [markdown]
# **Predict:** we put random weights in place of the trained ones, block after block, from the head
# down to the embeddings. How well does occlusion then agree with its first answer?
#
# (a) it falls to about 0, but a random head alone is not enough · (b) it stays near 1 · (c) a
# random head alone brings it to 0

# %% slideshow={"slide_type": "subslide"}
untrained, changed = course_utils.load_scratch_twin(seed=0), model
for block in reversed(list(course_utils.blocks(model))):
    changed = course_utils.with_block_reset(changed, untrained, block)
    again = [course_utils.occlusion(changed, tokenizer, review).scores for review in reviews]
    mean = np.mean([agreement(*pair) for pair in zip(explained, again, strict=True)])
    print(f"random from the head down to: {block:10} agreement {mean:6.2f}")
course_utils.expect("agreement with random weights", mean)

# %% [markdown]
# (a). With a random head, a good part of the order stays. With a random pooler, too, hardly
# anything is left, although all six layers are still trained. After that it stays low, and goes up
# and down by chance: these are 12 reviews, and one draw of random weights.

# %% [markdown]
# So this explanation needs what the model has learned. That is the least that one may ask, and some
# well-known methods fail it ([Adebayo et al., 2018](https://arxiv.org/abs/1810.03292)). It is no
# proof that an explanation is right.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Does the attention agree?
#
# Occlusion and integrated gradients ask in different ways. **Predict:** which two orders agree
# better: (a) occlusion and integrated gradients · (b) occlusion and the attention weights?

# %%
gradients, weights = [], []
for review, scores in zip(reviews, explained, strict=True):
    walked = course_utils.integrated_gradients(model, tokenizer, review, steps=20)
    looked = course_utils.attention_to_words(model, tokenizer, review)
    gradients.append(agreement(scores, walked.scores))
    weights.append(agreement(scores, looked))
for name, each in (("integrated gradients", gradients), ("attention weights", weights)):
    half = 1.96 * np.std(each) / len(each) ** 0.5
    print(f"occlusion and {name:20} {np.mean(each):6.2f} ± {half:.2f}")
course_utils.expect("agreement, gradients minus attention", np.mean(gradients) - np.mean(weights))

# %% [markdown]
# (a), for these reviews, and even that is far from 1. The weights are those *from* [CLS] in the
# last layer: its vector goes to the head. They agree with occlusion less, but more than chance
# would. That says who agrees with whom, not who is right. Whether attention can explain is still
# debated ([Wiegreffe and Pinter, 2019](https://arxiv.org/abs/1908.04626)).

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What each tool may claim
#
# | tool | says | does not say |
# |---|---|---|
# | attention weights | at which positions a head collects | what the answer hangs on |
# | probe | what a layer holds, easy to read | what the model uses |
# | map | what lies near what, roughly | anything about a single answer |
# | occlusion | what this answer loses without this word | what two words do together |
# | integrated gradients | how the lead adds up, word by word | what another start would give |
# | counterfactual | what happens if it is changed | why |

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Check yourself (2 min)
#
# Three questions. Each choice gets a reply at once. (Keys: Tab goes to the next choice, Space takes
# it.)

# %% slideshow={"slide_type": "skip"}
course_utils.quiz("08")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# * read a picture of attention, and say what it does not prove,
# * measure with a probe and its control what each layer holds, before and after fine-tuning,
# * explain one answer by occlusion, by integrated gradients, and by changing a word,
# * test an explanation before you show it to anybody.

# %% [markdown]
# You have now seen the model from outside, in [06](06_evaluation.ipynb), and from inside. When the
# two disagree, believe the outside: what a model *does* on texts that it has not seen is what its
# users get.
