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
# # 03 · Meet BERT
#
# **Time:** 20 minutes, and 13 more for the exercises (an estimate) ·
# **Computer time:** about 10 s ·
# not on the core path
#
# You will
#
# * see that the words *after* a word change what BERT says about it,
# * compute attention by hand, with a model's own weights,
# * test whether one word gets two meanings,
# * fill gaps, as BERT did when it was trained.

# %% [markdown] tags=["speaker-notes"]
# **Aim:** a vector of a word is a vector of this word *in this sentence*.
#
# Three votes are enough: which line stays at 1, where does "bank" look, three gaps. Part 6 is for
# home.

# %% [markdown] slideshow={"claim": "Four letters, four experiments", "plan": "3hours", "slide_type": "slide"}
# ## 1. Four letters
#
# | | | |
# |---|---|---|
# | **B** | **Bidirectional** | looks at the words before *and* after |
# | **E** | **Encoder** | turns a text into numbers; it does not write text |
# | **R** | **Representations** | those numbers: a list for each word, its **vector** |
# | **T** | **Transformers** | the kind of layer: each word looks at all words |

# %% [markdown] tags=["speaker-notes"]
# Only the names. Each letter gets its experiment.

# %% [markdown]
# `load_encoder` loads `minilm`: built like BERT, only smaller, and trained in another way (part 5).
# The tokenizer turns words into numbers for it (see 04).

# %%
import course_utils

encoder = course_utils.load_encoder()
tokenizer = course_utils.load_tokenizer()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. Bidirectional: the end changes the beginning
#
# *We walked to the bank ...*
#
# Which bank do you see? Now read the two endings.

# %% slideshow={"claim": "Which bank?", "plan": "3hours"}
swim = "We walked to the bank to swim in the river."
borrow = "We walked to the bank to borrow some money."

# %% [markdown] tags=["speaker-notes"]
# Read "We walked to the bank ..." aloud, stop, and ask which bank. Then read the two endings.

# %% [markdown] slideshow={"claim": "Who notices the ending?", "plan": "3hours"}
# "bank" has a vector before the first layer, the **embedding**, and one after each layer. We
# compare the two "banks" by **cosine similarity**: 1 for the same direction, 0 for nothing in
# common. We can also forbid our encoder to look ahead. Then it reads from left to right.
#
# **Predict:** for which reader do the two "banks" stay exactly alike? (a) both · (b) the one from
# left to right · (c) neither

# %% [markdown] tags=["speaker-notes"]
# **Vote:** for which reader the two "banks" stay alike **Answer:** (b): for the one from left to
# right; what comes later changes nothing


# %% slideshow={"claim": "The words after “bank” change its vector", "plan": "3hours"}
def two_banks(left_to_right):
    """The similarity of the two vectors of "bank", layer by layer: (layers + 1,)."""
    first, second = (
        course_utils.context_vectors(encoder, tokenizer, text, "bank", left_to_right)
        for text in (swim, borrow)
    )
    return course_utils.similarity(first, second)


lines = {"both directions": two_banks(False), "left to right": two_banks(True)}
course_utils.plot_by_layer(lines, "similarity of the two banks")

# %% [markdown] tags=["speaker-notes"]
# Both start at 1: the same word in the same place. Only words after it can have made the
# difference.

# %% tags=["proof"]
both_ways, one_way = lines.values()
assert both_ways[0] > 0.9999 and abs(one_way - 1).max() < 0.0001
course_utils.expect("one bank, two endings, most alike layer", both_ways[1:].max())
course_utils.expect("one bank, two endings", both_ways[-1])

# %% [markdown]
# (b). The embedding knows only the word and its place: both lines start at 1. Then the two "banks"
# differ, and only the words *after* them can have done that. (0.90 is still very similar.) From
# left to right nothing changes. Models that *write*, such as GPT, read like that.

# %% [markdown]
# **Modify:** change the *beginning*. Take `"The river bank was closed."` and `"The savings bank
# was closed."` as `swim` and `borrow`. Does the reader from left to right notice that?

# %% [markdown] tags=["solution"]
# **Answer.** Yes: its line falls below 1, too. "river" and "savings" stand before "bank", so both
# readers see them. One direction is not blind, it is blind to what comes later.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. Attention, by hand
#
# How do other words get into "bank"? In each layer, every word looks at all words, itself too:
# **attention**. We do it once by hand, with three words.

# %% slideshow={"claim": "Three words, three vectors", "plan": "3hours", "lines": [5, 9]}
import math

import torch

ids = tokenizer("the river bank", add_special_tokens=False, return_tensors="pt")["input_ids"]
words = tokenizer.convert_ids_to_tokens(ids[0])
with torch.no_grad():  # we only read
    x = encoder.embeddings(ids)[0]
x.shape  # (words, numbers in a vector)

# %% [markdown] tags=["speaker-notes"]
# The heart of the notebook. Write on the board: query meets keys, scores, softmax, mean of the
# values.

# %% [markdown] slideshow={"claim": "Each word asks, is found, and gives", "plan": "3hours", "slide_type": "subslide"}
# Three tables of **weights** in the first layer turn each word's vector into three short ones:
#
# * the **query**: what does this word look for?
# * the **key**: by what is it found?
# * the **value**: what does it give?
#
# A layer does this twelve times, each time with its own rows of the tables: twelve **attention
# heads**. We looked for a clear one, and take the sixth.

# %% [markdown] tags=["speaker-notes"]
# Say each word again at its cell.

# %% slideshow={"claim": "Three tables make query, key and value", "plan": "2days", "lines": [8, 12]}
first = encoder.encoder.layer[0].attention.self
heads = encoder.config.num_attention_heads
size = encoder.config.hidden_size // heads  # 384 / 12 = 32 numbers for each head
head = min(6, heads)  # counted from 1
rows = slice((head - 1) * size, head * size)  # its rows in each table


def of_this_head(table):
    return (x @ table.weight[rows].T + table.bias[rows]).detach()  # (words, size)


queries, keys, values = (of_this_head(t) for t in (first.query, first.key, first.value))

# %% [markdown] tags=["speaker-notes"]
# One head of twelve: a slice of each table.

# %% [markdown] slideshow={"claim": "Where does “bank” look?", "plan": "3hours", "slide_type": "subslide"}
# The query of "bank" meets the key of each word: a dot product, divided by the root of `size`.
# **softmax** makes shares of these scores: positive, and together 1.
#
# **Predict:** at which word does "bank" look most, with this head?

# %% [markdown] tags=["speaker-notes"]
# **Vote:** where "bank" looks most, sixth head **Answer:** at "river": 61 %

# %% slideshow={"claim": "“bank” looks at “river”", "plan": "3hours", "lines": [1, 4]}
scores = queries @ keys.T / math.sqrt(size)  # (words, words)
shares = scores.softmax(dim=-1)
for word, score, share in zip(words, scores[-1], shares[-1], strict=True):
    print(f"bank looks at {word:6} score {score:6.2f}   share {share:.2f}")

# %% [markdown] tags=["speaker-notes"]
# A dot product, the root, softmax. Nobody wrote a rule for rivers.

# %% [markdown]
# At "river". Nobody wrote that in: training made the tables. Now "bank" takes a mean of all
# values, weighted by the shares.

# %% slideshow={"claim": "The new “bank” is mostly “river”", "plan": "3hours"}
mean = shares @ values  # (words, size)
course_utils.plot_weighted_mean(words, shares[-1], values)

# %% [markdown] tags=["speaker-notes"]
# The new "bank" is a mean, and mostly river.

# %% [markdown]
# Does the model's own layer say the same?

# %% slideshow={"claim": "We computed what the model computes", "plan": "3hours"}
with torch.no_grad():
    by_the_model = first(x[None])[0][0, :, rows]  # our one text, this head: (words, size)
print("the same as the model's:", torch.allclose(mean, by_the_model, atol=1e-5))

# %% [markdown] tags=["speaker-notes"]
# When `True` appears, stop: they have computed what the model computes.

# %% tags=["proof"]
assert torch.allclose(mean, by_the_model, atol=1e-5)
assert torch.allclose(shares.sum(dim=-1), torch.ones(len(words)))
course_utils.expect("share of river, head 6", shares[2, 1].item())

# %% [markdown]
# Equal, up to rounding.
#
# **Modify:** write "savings" in place of "river", and run this part again. Which share does it get?
# And where does "bank" look with `head = 3`?

# %% [markdown] tags=["solution"]
# **Answer.** With "savings" its share is even larger, 0.84. Other heads do other things: the third
# one gives nearly everything to the word before.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 3.1: a reader who cannot look ahead (6 min, medium)
#
# Write `look_back`. It makes shares of `scores`, but each word sees only itself and the words
# before it. Each row must still add up to 1. `ahead` is true where a word would look ahead.


# %% tags=["student"] slideshow={"slide_type": "skip"}
def look_back(scores):
    ahead = torch.ones_like(scores).triu(diagonal=1).bool()
    return ...


# %% tags=["solution"]
def look_back(scores):
    ahead = torch.ones_like(scores).triu(diagonal=1).bool()
    return scores.masked_fill(ahead, -math.inf).softmax(dim=-1)


# %% slideshow={"slide_type": "skip"}
course_utils.check("3.1", look_back=look_back)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### From one head to the whole model
#
# A layer joins what its heads collected, adds the old vector, and sends each word through a small
# network.

# %% slideshow={"claim": "Six such layers, and a head for each task", "plan": "3hours"}
course_utils.plot_layers(encoder)

# %% [markdown] tags=["speaker-notes"]
# One look. Point at the dashed head: another one for each task. Two uses of the word *head*: say it
# before they ask.

# %% [markdown]
# What comes out, a vector of a word *in its sentence*, is called a **context vector**. The head at
# the end is no attention head. It makes an answer: a label for the text or, in part 5, a word for a
# gap.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. Representations: one word, two meanings?
#
# The two "banks" of part 2 differ. Does that *mean* something? For 18 words with two senses we
# wrote ten sentences each, five for each sense, before we measured anything: ten vectors for each
# word, here from the middle layer. Take a pair of sentences with the same sense, and a pair with
# different senses: how often is the first pair more alike? By chance, 50 %: the dashed line.
#
# Grey: we split the ten sentences at random, many times; 90 % of these splits lie there.

# %% slideshow={"claim": "Most words get two meanings, not all", "plan": "3hours"}
for sense, sentences in course_utils.SENSES["cold"].items():
    print(f"{sense}: {sentences[0]} {sentences[1]} ...")
senses = {
    word: course_utils.sense_vectors(encoder, tokenizer, word) for word in course_utils.SENSES
}
middle = encoder.config.num_hidden_layers // 2
course_utils.plot_separation(senses, layer=middle)

# %% [markdown] tags=["speaker-notes"]
# *Different* is not yet *meaningful*. 18 words, none left out.

# %% [markdown]
# For 16 of 18 words, the vector tells more about the sense than chance does. For *chicken* and
# *book*, it could be chance. By luck alone, about one of 18 would lie to the right of the grey,
# and one to the left. For some, grammar may help: *cold* and *light* are nouns in one sense only.

# %% [markdown] slideshow={"claim": "Does the word know? Ask two witnesses", "plan": "3hours", "slide_type": "slide"}
# ### Does knowing come from training, or from layers alone?
#
# Two tests. First the same network, with *random weights*. Then the trained one, at another place:
# attention carries words everywhere. Does the last sign, nearly always a *full stop*, know the
# sense? Each line is the mean of our 18 words, its band a 95 % interval.
#
# **Predict:** the word with random weights, the full stop with trained ones: which can tell the
# senses apart?
# (a) both, as often as the trained word · (b) only the full stop, less often than the word ·
# (c) neither

# %% [markdown] tags=["speaker-notes"]
# **Vote:** full stop and random weights **Answer:** (b): the full stop a little, most in the last
# layer; random weights stay at chance

# %% slideshow={"claim": "The word knows, and training made it know", "plan": "3hours"}
random_weights = course_utils.load_scratch_twin().base_model
lines = {
    "the word": course_utils.sense_separations(encoder, tokenizer),
    "the full stop": course_utils.sense_separations(encoder, tokenizer, last_sign=True),
    "the word, random weights": course_utils.sense_separations(random_weights, tokenizer),
}
course_utils.plot_by_layer(lines, "how often the same sense wins", chance=0.5)

# %% [markdown] tags=["speaker-notes"]
# One picture, three lines: the word, a sign without a meaning, a network that was never trained.
# Good science, say so.

# %% tags=["proof"]
word, sign, untrained = (each.mean(axis=0) for each in lines.values())
course_utils.expect("two senses, mean of all words", word[middle])
course_utils.expect("two senses, signs, middle layer", sign[middle])
course_utils.expect("two senses, signs, last layer", sign[-1])
course_utils.expect("two senses, random weights", untrained[middle])

# %% [markdown]
# (b). With random weights, the word stays at chance: knowing comes from training. In the middle
# layers, the word knows far more than the full stop; in the last they come nearer.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 3.2: which cold? (7 min, medium)
#
# Write `sense_of`. For a sentence with "cold", it returns `"temperature"` or `"illness"`: the sense
# whose examples are more similar on average. Layer 3 is `vectors[3]`, and `examples[sense][:, 3]`;
# `course_utils.similarity` compares one vector with several.

# %% tags=["student"] slideshow={"slide_type": "skip"}
examples = senses["cold"]  # sense -> (sentences, layers + 1, numbers)


def sense_of(text):
    vectors = course_utils.context_vectors(encoder, tokenizer, text, "cold")
    return ...


# %% tags=["solution"]
examples = senses["cold"]  # sense -> (sentences, layers + 1, numbers)


def sense_of(text):
    vectors = course_utils.context_vectors(encoder, tokenizer, text, "cold")
    alike = {
        sense: course_utils.similarity(vectors[3], known[:, 3]).mean()
        for sense, known in examples.items()
    }
    return max(alike, key=alike.get)


# %% slideshow={"slide_type": "skip"}
course_utils.check("3.2", sense_of=sense_of)

# %% [markdown] slideshow={"claim": "A game trains it: guess the hidden word", "plan": "2days", "slide_type": "slide"}
# ## 5. Trained for language modelling
#
# So how does one train layers, if nobody labels any sense? With a game from school. Write down one
# word for the gap: *The movie was ______* And now? *The movie was ______ , so we left after ten
# minutes.*

# %% [markdown] tags=["speaker-notes"]
# Play the game aloud, before and after the comma.

# %% [markdown]
# Guessing words from their neighbours is **language modelling**. BERT's version hides words behind
# `[MASK]`, and guesses them from *both* sides: **masked language modelling**. Nobody labels: the
# hidden word is the answer.

# %% [markdown] slideshow={"claim": "Your word for each gap?", "plan": "3hours", "slide_type": "subslide"}
# `minilm` never played it. Its layers learned to imitate a larger model that did (**distillation**,
# Wang et al., 2020), then to compare texts. We let it play on 5 million tokens of reviews
# (**continued pre-training**): that is `reader`, *another model*.
#
# **Predict:** your word for each gap? *I would ____ it to anyone who likes comedies.* / *I would
# ____ it again and again.* / *I would ____ it a 10.*

# %% [markdown] tags=["speaker-notes"]
# **Vote:** a word for each of three gaps **Answer:** ours: recommend, see, give

# %% slideshow={"claim": "The words after the gap decide", "plan": "3hours"}
tokenizer, reader = course_utils.load_masked_lm()
endings = ("to anyone who likes comedies.", "again and again.", "a 10.")
gaps = [course_utils.fill_blank(reader, tokenizer, f"I would [MASK] it {end}") for end in endings]
course_utils.plot_blanks(*gaps)

# %% [markdown] tags=["speaker-notes"]
# Before the gap all three are the same. `reader` is another model than everywhere else in the
# course: say so.

# %% tags=["proof"]
course_utils.expect("recommend, to anyone", gaps[0]["probability"][0])
course_utils.expect("give, a 10", gaps[2]["probability"][0])

# %% [markdown]
# Before the gap, all three are the same. A model that reads from left to right sees nothing else:
# it must give one answer to all. But `reader` is small, and uses the ending less than you do.
#
# **Modify:** look at the second guess below: the ending should forbid it. Then write your own gap.

# %% slideshow={"slide_type": "skip"}
course_utils.live_blank(reader, tokenizer, "The movie was [MASK], I loved every minute of it.")

# %% [markdown] tags=["solution"]
# **Answer.** Yours is free. Ours shows a limit: with "I loved every minute of it", *good* comes
# first, but *terrible* is second, with 9 %. This model uses the ending far less than you do.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Transfer, seen in language modelling
#
# How good is it on unseen reviews, and what did the old weights bring? We trained twice on the same
# reviews. Blue started with the layers of `minilm`, orange with random layers; both keep the word
# embeddings of `minilm`, and get a new head. To save time, orange ends at 800,000 tokens.

# %% slideshow={"claim": "Old weights help at a game they never played", "plan": "3hours"}
course_utils.plot_language_learning(course_utils.load_record("masked_lm"))

# %% [markdown] tags=["speaker-notes"]
# Both read the same text; only the start differs.

# %% [markdown]
# Who answers a full stop to every gap has 5 % right. At the first point both have 4 %. At the end
# of blue, `reader` guesses 29 % of the hidden words. After 800,000 tokens, the **pre-trained**
# start has 23 %, the random one 5 %, give or take a point. What helped is what the *old* training
# had taught the layers: transfer, in one run each.

# %% [markdown] slideshow={"claim": "How long would you read BERT's texts?", "plan": "2days", "slide_type": "slide"}
# ## 6. Pre-trained on large texts
#
# BERT was trained on 3.3 billion words: books, and the English Wikipedia (Devlin et al., 2019).
#
# **Predict:** at 200 words a minute, eight hours a day, how many years do you need?
# (a) 1 · (b) 10 · (c) about 100

# %% [markdown] tags=["speaker-notes"]
# **Vote:** years to read BERT's texts **Answer:** (c): about 100

# %% slideshow={"claim": "A hundred years of reading", "plan": "2days"}
words_a_year = 200 * 60 * 8 * 365
print(f"{3_300_000_000 / words_a_year:.0f} years of reading")

# %% [markdown] tags=["speaker-notes"]
# Ask who paid for these years: Google for BERT, Microsoft for the model that `minilm` began as.

# %% [markdown]
# (c). Use the weights, and this work is done. But you get the faults of unchecked texts, too.
#
# **Investigate:** what may a model learn from texts that you do *not* want in a classifier? Ask
# `reader` who was tired.

# %% slideshow={"claim": "It also learned what we do not want", "plan": "2days", "lines": [2, 6]}
for job in ("nurse", "doctor", "engineer"):
    text = f"The {job} said that [MASK] was tired."
    p = course_utils.word_probabilities(reader, tokenizer, text, ["he", "she"])
    print(
        f"{job:8} he {p['he']:.2f}   she {p['she']:.2f}   {'she' if p['she'] > p['he'] else 'he'}"
    )

# %% [markdown] tags=["speaker-notes"]
# Nobody checked these texts. One sentence and one small model prove little; keep it for the card.

# %% [markdown] tags=["solution"]
# **Answer.** Prejudice about people and jobs, the view of one time and one language, mistakes,
# private data. (*He* and *she* need not sum to 1: other words fit the gap, too.) One sentence and
# one small model prove little, but the direction comes from texts that people wrote. Keep your
# answer for the model card in 06.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Check yourself (2 min)

# %% slideshow={"slide_type": "skip"}
course_utils.quiz("03")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# * Say what "bidirectional" changes.
# * Compute attention: queries, keys, scores, softmax, a weighted mean.
# * Doubt a nice example: many words, a chance level, a comparison.
# * Explain how a text without labels can train a model.
#
# [Notebook 04](04_tokenization.ipynb): what BERT reads in place of words.

# %% [markdown] tags=["speaker-notes"]
# The sentence to remember: a vector of a word is a vector of this word *in this sentence*.

# %% [markdown] tags=["speaker-notes"]
# **What goes wrong**
#
# * "More layers, more difference." Not in every layer. Look at the curve.
# * "GPT is blind, then." It learns the ending at the *later* words. Here a reader was only
#   forbidden to look.
# * "61 %, so *river* is why." It is one head of twelve, in one layer of six. 08 asks what a share
#   explains.
# * "Our encoder filled in masks." It never did: it learned to imitate a larger model, then to
#   compare sentences.
#
# **What they ask**
#
# * "What happens to [CLS] and [SEP]?" We left them out, so that the table has three rows. With them
#   the same sums hold, and both get shares, too.
# * "Why divide by the root of the size?" Long vectors have large dot products, and softmax of large
#   numbers gives everything to one word.
# * "Why is *mouse* weak?" We do not know. Do not invent a reason.
# * "So `reader` judges reviews better?" Almost everybody says yes. We measured it (record
#   `continued_pretraining`, ten seeds): with 64 labels there is no difference to see, with 512 it
#   is four points worse, and in every seed; with all labels four to ten points, and once sixteen.
#   More training is not always better. So measure.
# * "And `bert-base-uncased`?" How it fills these gaps was not measured here.
#
# **Modify** (river bank, savings bank): yes, both readers see what stands *before*. **Modify**
# (savings, and the third head): 84 %; the third head looks at the word before. **Modify** (a gap of
# their own): free; with "I loved every minute of it", *good* comes first and *terrible* second.
# **Investigate** (what may it have learned?): prejudice about people and jobs, the view of one time
# and one language, mistakes, private data. Keep it for the card.
#
# **Exercises**, at home: 3.1: minus infinity in place of the scores ahead, *before* softmax; a 0 is
# a score like any other. 3.2: compare one row with the same row of all examples, take the mean per
# sense, and the larger one; to us, cold hands are a temperature, and a cold that one catches is an
# illness. **Late?** Skip **Does knowing come from training, or from layers alone?**, and say its
# result in one sentence.
