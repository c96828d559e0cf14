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
# **Time:** 20 minutes, and 12 more for the exercises (an estimate) ·
# **Computer time:** about 80 s ·
# optional
#
# You will
#
# * see where each token looks, and why that is not yet an explanation,
# * ask from which layer one can read a topic, or a verdict: positive or negative,
# * explain single answers in three ways, and test the explanation itself.

# %% [markdown] tags=["speaker-notes"]
# **Aim:** an explanation is a claim, and a claim can be tested.
#
# Start 1 minute, attention 6, probes 6, the map 2, single answers 8, testing 5, the table of claims
# 2. Run the first cell before the class: it may train a model.

# %% [markdown] slideshow={"slide_type": "slide"}
# `model` is your fine-tuned classifier from 05. If you have none, the next cell trains one, in
# about a minute. `encoder` is `minilm` as it comes.

# %% [markdown] tags=["speaker-notes"]
# Two models today: yours, and the encoder that it came from. Every picture compares, or should.

# %% slideshow={"slide_type": "skip"}
import course_utils

model, tokenizer = course_utils.load_or_train("reviews")
encoder = course_utils.load_encoder()
_, validation, test = course_utils.load_reviews(quiet=True)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. Where does a token look?
#
# In 03 you computed attention by hand: queries meet keys, softmax makes shares, and values are
# averaged by them. These shares are the **attention weights**. Here are those of one attention
# head of 72. Each row is a token; the names at the bottom say where it looks.

# %%
text = "We walked to the bank to swim in the river."
attention = course_utils.attention_weights(encoder, tokenizer, text)
course_utils.plot_attention(attention, layer=1, head=3)

# %% [markdown] tags=["speaker-notes"]
# Read one row aloud. Queries and keys were computed by hand in 03. Two uses of the word *head*: say
# it before they ask. The chooser is for home.

# %% [markdown]
# Every token but the first looks at the one before it. Nobody told this head to do so.
#
# **Investigate:** look at ten more heads, with the mouse, or with Tab and the arrow keys. How many
# can you describe in five words?

# %% slideshow={"slide_type": "skip"}
course_utils.attention_chooser(attention)

# %% [markdown] tags=["solution"]
# **Answer.** A few: some look at [CLS], at the full stop, at the token itself or at the same word.
# Most have no short name, and that is the answer.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Attention is not yet an explanation
#
# It is tempting to say: "it looked at *awesome*, so that is why".
#
# **Predict:** in `encoder`, of about 20 tokens, how much of all attention goes to [CLS] alone?
# (a) about 5 %, its fair share · (b) about 15 % · (c) about 40 %

# %% [markdown] tags=["speaker-notes"]
# **Vote:** attention to [CLS] **Answer:** (c): about 40 % as a mean over the layers; least in layer
# 1

# %%
attentions = [course_utils.attention_weights(encoder, tokenizer, one) for one in test.texts[:30]]
shares = sum(course_utils.attention_shares(one) for one in attentions) / len(attentions)
(100 * shares).round(1)

# %% [markdown] tags=["speaker-notes"]
# The vote first, then the column of [CLS].

# %% [markdown]
# (c), as a mean over the layers. [CLS] stands in every text: a large weight on it names no word as
# a reason. Nor does a weight tell what the *answer* depends on ([Jain and Wallace,
# 2019](https://arxiv.org/abs/1902.10186)). To find that out, change the text: part 4.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. From which layer can one read a topic?
#
# On the vectors of *one* layer we train a simple model: a **probe**. If it finds the topic of
# headlines, this layer holds it, easy to read.
#
# **Predict:** your model was fine-tuned on verdicts. In its last layer, is a headline's *topic*
# (a) easier to read than before · (b) as easy · (c) harder?

# %% [markdown] tags=["speaker-notes"]
# **Vote:** the topic, after fine-tuning for verdicts **Answer:** (c) in our run: 7.9 points less
# (4.0 to 11.8); if your interval holds zero, say "cannot tell"

# %% [markdown]
# Two **controls**. With *shuffled labels* there is nothing to read: the probe must stay near
# chance, one in five for topics. With *random weights*, nothing that it reads was learned.

# %% [markdown] tags=["speaker-notes"]
# A probe is a question to a layer. Say the two controls before you show the figure: "which line
# must be flat, and what may the network without training know?"

# %%
headlines, _, test_headlines = course_utils.load_headlines(quiet=True)
tasks = {
    "topic": (headlines.sample(400), test_headlines),
    "verdict": (validation.sample(400), test.sample(300)),
}
untrained = course_utils.load_scratch_twin(seed=0)  # the same shape, random weights
networks = {"before": encoder, "after": model, "random weights": untrained}

# %% [markdown]
# We average a layer's vectors over each text. A probe learns from 400 texts, and is judged on
# others.

# %% slideshow={"slide_type": "subslide"}
tables, last_layer = {"topic": {}, "verdict": {}}, {}
for task, (learn, judge) in tasks.items():
    for name, network in networks.items():
        learned, judged = (  # each (layers + 1, texts, hidden)
            course_utils.layer_vectors(network, tokenizer, part.texts) for part in (learn, judge)
        )
        tables[task][name] = course_utils.probe(learned, learn.labels, judged, judge.labels)
        last_layer[task, name] = judged[-1]  # for the map in part 3
course_utils.plot_probes(tables)

# %% [markdown] tags=["speaker-notes"]
# Point at the two controls first. Then read the lower row: it is the answer.

# %% tags=["proof"]
gains = {
    task: course_utils.probe_gain(models["before"], models["after"])["gain"].iloc[-1]
    for task, models in tables.items()
}
course_utils.expect("topic in the last layer, after minus before", gains["topic"])
course_utils.expect("verdict in the last layer, after minus before", gains["verdict"])

# %% [markdown]
# Trained embeddings, at the left, already give much. The lower row is after minus before, as in 06.
# Where an interval holds zero, your run cannot tell. In ours, the last layer says (c) for the
# topic. For the verdict the interval holds zero: 69 % were there before. Random weights give 42 %
# of the topics: each word still has its own vector.

# %% [markdown]
# A probe says what a layer *holds*, not that the model *uses* it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. The map
#
# The last layer has 384 numbers for each review. A map has two: **PCA** picks the two directions in
# which the texts differ most (the axes say how much). After fine-tuning, *one* direction holds
# most: from blame to praise. PCA often bends such a line into an arch.

# %%
reviews = tasks["verdict"][1]
before, after = last_layer["verdict", "before"], last_layer["verdict", "after"]
course_utils.plot_sentence_map(before, after, reviews.labels, reviews.label_names)

# %% [markdown] tags=["speaker-notes"]
# Explain the arch first. Then the number above each map, then the map.

# %% tags=["proof"]
closer = course_utils.same_label_neighbours(after, reviews.labels)
closer -= course_utils.same_label_neighbours(before, reviews.labels)
course_utils.expect("same verdict nearest, after minus before", closer)

# %% [markdown]
# Before, the colours are mixed: the verdict is one small difference of many. After, it is the
# largest: hardly easier for a probe, but larger. The percentages above the maps use all 384
# numbers; by chance, about half.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 8.1: a claim in the newspaper (2 min, easy)
#
# "The program looks at the word *actress*. So it judges films by gender." What would test that
# best: `"a"`, `"b"` or `"c"`? (a) the weights of the same head in ten more reviews · (b)
# *actor* in place of *actress*, and the reverse, in hundreds of reviews · (c) a probe for gender in
# layer 3.

# %% tags=["student"] slideshow={"slide_type": "skip"}
test_of_claim = ...

# %% tags=["solution"]
test_of_claim = "b"

# %%
course_utils.check("8.1", test_of_claim=test_of_claim)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. Why did it say that?
#
# The **lead** of an answer is its logit minus the logit of the other label.
#
# * **Occlusion** puts [MASK] in place of one word. How far does the lead fall? Then the next word.
# * **Integrated gradients** starts with the vector of [MASK] at each place, and moves in 50 steps
#   to the vectors of the words. At each step, the gradient says how much a word moves the lead. The
#   word's score is the sum over the steps.

# %% [markdown]
# `minilm` never filled gaps: to your model, [MASK] is just an odd token. Another one would give
# other scores.
#
# **Predict:** "A warm, funny and generous film, even if the ending doesn't quite work." The model
# says positive. Does *doesn't* speak against it?

# %% [markdown] tags=["speaker-notes"]
# **Vote:** *doesn't* in the sentence with two sides **Answer:** it depends on how one asks: hardly,
# if it is hidden alone; yes, in the sum

# %% tags=["nbval-ignore-output"]
mixed = "A warm, funny and generous film, even if the ending doesn't quite work."
hidden = course_utils.occlusion(model, tokenizer, mixed)
walked = course_utils.integrated_gradients(model, tokenizer, mixed)
course_utils.show_words(hidden, walked)

# %% [markdown] tags=["speaker-notes"]
# Let them say which word matters before you run the cell. Write the two questions on the board:
# *would it change without this word?* and *how do all words make the lead?*

# %% tags=["proof"]
assert abs(walked.scores.sum() - walked.total) < 0.02
course_utils.expect("distance of the two sums", abs(walked.scores.sum() - walked.total))

# %% [markdown]
# In our run occlusion said no, integrated gradients yes. They ask different questions.
#
# * Occlusion: *would the answer change without this word?* If two words say the same, each looks
#   unimportant. All words blue, as here? [MASK] itself lowers the lead, whatever it hides:
#   *doesn't* counts as little as *the*.
# * Integrated gradients: *how much of the lead does each word bring?* But its steps are mixtures,
#   no texts.

# %% [markdown]
# In doubt, change the text: a **counterfactual** needs no [MASK].
#
# **Investigate:** does the answer depend on *doesn't*? And why was *if* the bluest word: does *even
# if* say that the blame behind it does not count?

# %%
pairs = [
    course_utils.counterfactual(model, tokenizer, mixed, "doesn't quite work", ["works well"]),
    course_utils.counterfactual(model, tokenizer, mixed, "even if", ["although", "and"]),
    course_utils.counterfactual(model, tokenizer, "The film was not bad.", "bad", ["good"]),
]
for text in ("The actor was wonderful and the story moved me.", "The actor moved me."):
    pairs.append(course_utils.counterfactual(model, tokenizer, text, "actor", ["actress"]))
for row in (row for table in pairs for row in table.itertuples()):
    print(f"positive {row.positive:.3f}  {row.text}")

# %% tags=["proof"]
works_well, _, not_bad, he_or_she, _ = pairs
course_utils.expect("works well minus doesn't quite work", works_well["positive"].diff().iloc[1])
course_utils.expect("not bad", not_bad["positive"].iloc[0])
course_utils.expect("actress minus actor", he_or_she["positive"].diff().iloc[1])

# %% [markdown] tags=["solution"]
# **Answer.** It does not depend on *doesn't*: with *works well* positive is 0.92, as before. And it
# looks as if *even if* took the blame away: *although* keeps positive, 0.78, and with *and* the
# answer turns to negative. But this is one sentence.

# %% [markdown]
# *works well* hardly moves positive: the answer does not depend on *doesn't*. The -2.32 came from
# mixtures, not from texts. With *and* for *even if*, the answer turns.
#
# *not bad* and *not good* get about the same answer: as in 06, *not* counts as blame. *actress* for
# *actor* moves positive by 0.01 in one sentence, by 0.13 in the other: it takes hundreds of pairs.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### When the answer is wrong
#
# Of your model's mistakes in 200 reviews, these are the two that it was most sure of. The *bluest*
# words are suspects. **Investigate:** would you have guessed these words?

# %% tags=["nbval-ignore-output"]
some = course_utils.evaluate(model, tokenizer, test.sample(200))
wrong = some.largest_errors(2)["text"]
course_utils.show_words(*(course_utils.occlusion(model, tokenizer, one) for one in wrong))

# %% [markdown] tags=["speaker-notes"]
# One mistake is enough. Yours are others than theirs.

# %% tags=["proof"]
course_utils.expect("accuracy on 200 test reviews", some.accuracy)

# %% [markdown] tags=["solution"]
# **Answer.** Often a word that is praise or blame elsewhere, such as *cute* or *great* in ours. Now
# test it: put another word there.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 8.2: occlusion by hand (10 min, medium)
#
# Write `importance`. For each word of `text.split()` it returns a number: the probability of
# *positive* of the text, minus that with `[MASK]` in place of the word. Use
# `course_utils.predict(model, tokenizer, texts, quiet=True)`: probabilities, (texts, classes).
# Column 1 is *positive*.


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

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. Test the explanation
#
# Would the words look the same if the model knew nothing?
#
# Order the words of a text by the size of their scores, without the sign. The correlation of two
# such orders is 1 if they are the same, and about 0 by chance.

# %%
from scipy.stats import spearmanr

texts = [one for one in test.texts if 10 <= len(one.split()) <= 20][:10]


def explain(some_model):
    return [course_utils.occlusion(some_model, tokenizer, one).scores for one in texts]


def agreement(one, other):
    pairs = zip(one, other, strict=True)
    return [spearmanr(abs(a), abs(b)).statistic for a, b in pairs]  # one number for each text


encoder = networks = None  # no longer needed: frees memory
first = explain(model)

# %% [markdown] tags=["speaker-notes"]
# The sentence to remember: an explanation is a claim, and a claim can be tested.

# %% [markdown]
# **Predict:** we put random weights into the classifier head on top, in four draws, then into the
# whole model. How well does occlusion agree with its first answer? With a random head,
# (a) about 0 each time · (b) differently each time · (c) near 1 each time

# %% [markdown] tags=["speaker-notes"]
# **Vote:** occlusion with a random head, four draws **Answer:** (b): one draw of ours agrees well,
# another hardly; one draw would tell either story


# %%
def with_random_head(seed):
    start = course_utils.load_scratch_twin(seed=seed)  # the same shape, all weights random
    return course_utils.with_block_reset(model, start, "head")  # the head from start


found = {}
for seed in range(4):
    found[f"random head, draw {seed}"] = agreement(first, explain(with_random_head(seed)))
found["all weights random"] = agreement(first, explain(untrained))

# %% [markdown]
# For comparison: integrated gradients, the attention from [CLS] in the last layer, and how *far*
# the vector that the head reads moves when a word is masked.

# %% slideshow={"slide_type": "subslide"}
others = {
    "integrated gradients": lambda one: (
        course_utils.integrated_gradients(model, tokenizer, one, steps=20).scores
    ),
    "attention weights": lambda one: course_utils.attention_to_words(model, tokenizer, one),
    "how far the vector moves": lambda one: course_utils.vector_shifts(model, tokenizer, one),
}
for name, method in others.items():
    found[name] = agreement(first, map(method, texts))
course_utils.plot_agreements(found)

# %% [markdown] tags=["speaker-notes"]
# Cover the figure but for draw 0: what would you conclude? Then show the other draws, and the last
# row.

# %% tags=["proof"]
mean = {name: sum(each) / len(each) for name, each in found.items()}
heads = [value for name, value in mean.items() if name.startswith("random head")]
course_utils.expect("agreement with random heads, best minus worst", max(heads) - min(heads))
course_utils.expect("agreement with random weights", mean["all weights random"])
course_utils.expect("agreement with how far the vector moves", mean["how far the vector moves"])
closer = mean["integrated gradients"] - mean["attention weights"]
course_utils.expect("agreement, gradients minus attention", closer)

# %% [markdown]
# (b). Our four draws lie between 0.06 and 0.65. A classifier head measures the vector along *one*
# direction. Training made words move it along that of your head: what moves it far has a large
# score (0.93). A random head has a random one. If the moves show there, the order is kept (draw 0),
# else lost (draw 3).

# %% [markdown]
# Did occlusion pass? Half. With all weights random, little is left (one draw): good. But a model
# with a random head answers by chance, and may get the same colours: they come from its layers.
# Some methods keep them even with all weights random ([Adebayo et al.,
# 2018](https://arxiv.org/abs/1810.03292)).

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What each tool may claim
#
# | tool | says | does not say |
# |---|---|---|
# | attention weights | at which positions a head collects | what the answer depends on |
# | probe | what a layer holds, easy to read | what the model uses |
# | map | what lies near what, roughly | anything about a single answer |
# | occlusion | what this answer loses without this word | what two words do together |
# | integrated gradients | how the lead adds up, word by word | what another start would give |
# | counterfactual | what happens if a word is changed | why |

# %% [markdown] tags=["speaker-notes"]
# Let them cover the right column and say it.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Check yourself (2 min)
#
# Three questions.

# %% slideshow={"slide_type": "skip"}
course_utils.quiz("08")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# * read a picture of attention, and say what it does not prove,
# * measure with a probe what a layer holds,
# * explain one answer in three ways,
# * test an explanation before you show it.

# %% [markdown]
# When outside ([06](06_evaluation.ipynb)) and inside disagree, believe the outside: what a model
# *does* on new texts is what its users get.

# %% [markdown] tags=["speaker-notes"]
# Ask: which of these tools would you show a customer, and with which sentence beside it?

# %% [markdown] tags=["speaker-notes"]
# **What goes wrong**
#
# * "It looked at *awesome*, so that is why." This is the mistake that the notebook is about.
# * "The probe reads the topic, so the model uses it." We have not tested that. Change the topic,
#   and look.
# * "The colours agree with me, so they are right." Random weights give colours, too.
# * Attention *to* [CLS] (part 1) is not attention *from* [CLS] (part 5).
# * The intervals below the probes are for other test texts. They say nothing about other trainings.
# * Other seeds, other words: what *doesn't* and *if* do may differ from ours.
#
# **What they ask**
#
# * "Which method do I use?" To see what one answer depends on: occlusion, and then change the word.
#   To share out the whole: integrated gradients. Attention weights give guesses; test them on
#   answers.
# * "Our model never filled gaps. What is [MASK] to it?" An odd token that says nothing. Another one
#   gives other scores. A counterfactual needs none.
# * "Why does one random head agree, and another not?" Below it, the trained layers decide how far
#   each word moves the vector. With occlusion, this agrees best of all. A head measures the move
#   along one direction. A random one may show it, or not.
# * "Why does a network without training read more topics than chance?" Its embeddings are random,
#   but each word has its own. So a probe learns from them which words stand in a text, a little
#   like TF-IDF.
# * "Why is the shuffled line below the dotted one?" The dotted line always says the most frequent
#   topic, 23 %. A probe with shuffled labels spreads over five topics: about 20 %.
# * "Is layer 5 better than layer 6 for the verdict?" Not on 300 texts. And the probe reads the mean
#   of all positions, the head reads [CLS].
# * "Which method is right about *doesn't*?" Each answers its own question.
#
# **Investigate** (ten heads in five words): some look at [CLS], at the full stop, at the token
# itself or at the same word; most have no short name, and that is the answer. **Investigate**
# (*even if*): in our run *although* keeps positive, 0.78 in place of 0.92, and with *and* the
# answer turns. It looks as if the blame behind it does not count; but this is one sentence.
# *actress* for *actor*: no change in one sentence, 13 points in the other, so one pair proves
# nothing. **Investigate** (which word misled it): often a word that is praise or blame elsewhere,
# or a name.
#
# **Exercises**, at home: 8.1: (b): only the answers can show what they depend on. 8.2: the
# mistakes are a list that is never put back, and `replace`, which changes all copies. **Late?**
# Skip **2. From which layer can one read a topic?** and **3. The map**, which needs part 2.
