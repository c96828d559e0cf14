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
# **Time:** 35 minutes, and 11 more for the exercises · **Computer time:** about 20 s ·
# not on the core path
#
# You will
#
# * read the name BERT, letter by letter,
# * see that the words *after* a word change what BERT says about it,
# * measure how one word gets two meanings, layer by layer,
# * fill gaps with a model, as BERT did when it was trained, and ask who trained which model.
#
# Here you see words only. How BERT cuts and numbers them comes in 04.

# %% [markdown] tags=["speaker-notes"]
# Plan: the name 2 minutes, both directions 5, two meanings 6, layers 2, gaps 10. In 18 to 20
# minutes: leave "Guess by counting" and "What is the right side worth?" for home. The section on
# large texts can be read at home, too, and so can both exercises. Four votes are enough: two
# endings, which word works worst, random weights, three gaps.
#
# The sentence to remember: a vector of a word is a vector of this word *in this sentence*.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. Four letters
#
# | | | |
# |---|---|---|
# | **B** | **Bidirectional** | looks at the words before *and* after |
# | **E** | **Encoder** | turns a text into numbers (it does not write text) |
# | **R** | **Representations** | those numbers: one list for each word |
# | **T** | **Transformers** | the kind of layer: each word looks at all the others |

# %% [markdown]
# A list of numbers that stands for a word is called its **vector**. We load the encoder, and the
# tokenizer that hands the words to it. Then we can ask for vectors.

# %%
import course_utils

encoder = course_utils.load_encoder()
tokenizer = course_utils.load_tokenizer()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. Bidirectional: the end changes the beginning
#
# *We walked to the bank ...*
#
# Which bank do you see? Stop for a second. Then read the two endings.

# %%
swim = "We walked to the bank to swim in the river."
borrow = "We walked to the bank to borrow some money."

# %% [markdown]
# Up to the word "bank", both are the same. Only what comes *after* it tells you what it means.
#
# Now BERT. `context_vectors` gives the vectors of one word of a sentence: one before the first
# layer (the **embedding**), and one after each layer.

# %%
bank_swim = course_utils.context_vectors(encoder, tokenizer, swim, "bank")
bank_borrow = course_utils.context_vectors(encoder, tokenizer, borrow, "bank")
bank_swim.shape  # (layers + 1, numbers in a vector)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Each row is a vector. How alike are two vectors? We take the **cosine similarity**: 1 if they
# point in the same direction, 0 if they have nothing in common.
#
# **Predict:** "bank" in the one sentence and "bank" in the other. The similarity is
# (a) always 1: it is the same word · (b) below 1 everywhere · (c) 1 at first, then below

# %%
both_ways = course_utils.similarity(bank_swim, bank_borrow)
for layer, value in enumerate(both_ways):
    print(f"{'embedding' if layer == 0 else f'layer {layer}':10} {value:.3f}")

# %%
assert both_ways[0] > 0.9999
course_utils.expect("one bank, two endings, most alike layer", both_ways[1:].max())
course_utils.expect("one bank, two endings", both_ways[-1])

# %% [markdown]
# (c). The embedding belongs to the word and its place in the sentence: both are the same here. From
# the first layer on, the vectors differ. Only the words *after* "bank" can have done that. (They do
# not move apart in every layer. More layers do not simply mean more difference.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### And if it could not look ahead?
#
# In BERT, each word looks at all words. We can forbid the look ahead: then "bank" sees only itself
# and what stands before it.

# %%
course_utils.plot_readers(borrow, "bank")

# %% [markdown]
# Models that *write* text, such as GPT, read from left to right: while they write, there is nothing
# yet on the right.
#
# **Predict:** with `left_to_right=True`, how similar are our two vectors of "bank"?
# (a) as before · (b) exactly 1 in every layer · (c) 0


# %%
def bank_left_to_right(text):
    return course_utils.context_vectors(encoder, tokenizer, text, "bank", left_to_right=True)


one_way = course_utils.similarity(bank_left_to_right(swim), bank_left_to_right(borrow))
course_utils.plot_by_layer({"both directions": both_ways, "left to right": one_way}, "similarity")

# %%
difference = abs(bank_left_to_right(swim) - bank_left_to_right(borrow)).max()
assert difference < 0.0001
print(f"left to right, the largest difference between the two vectors: {difference:.6f}")

# %% [markdown]
# (b). What comes later changes nothing (up to rounding). At the word "bank", such a reader cannot
# know which bank it is.
#
# Be fair, though: it learns the ending too, at the *later* words. And our encoder was never trained
# to read in one direction. So this shows what a reader *could* know at this word, not how good it
# would be.

# %% [markdown]
# **Modify:** change the *beginning* now. Put in `"The river bank was closed."` and `"The savings
# bank was closed."`. Does the reader from left to right notice that? (1.000 means no, less means
# yes.)

# %%
first, second = swim, borrow  # put your two sentences here
alike = course_utils.similarity(bank_left_to_right(first), bank_left_to_right(second))
print(f"left to right, last layer: {alike[-1]:.3f}")

# %% [markdown] tags=["speaker-notes"]
# It does: river and savings stand before bank, so both readers see them. One direction is not
# blind, it is blind to what comes later.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. Representations: a vector for a word in its sentence
#
# So "bank" has two vectors. But is *different* already *meaningful*? Look at the other words of the
# common beginning, after the last layer. And for comparison, at two words that differ: "bank" and
# "money".


# %%
def last(text, word):
    return course_utils.context_vectors(encoder, tokenizer, text, word)[-1]


for word in ("We", "walked", "the", "bank"):
    alike = course_utils.similarity(last(swim, word), last(borrow, word))
    print(f"{word:6} and {word:6} {alike:.3f}")
alike = course_utils.similarity(last(borrow, "bank"), last(borrow, "money"))
print(f"bank   and money  {alike:.3f}")

# %% [markdown]
# All four have changed (none is at 1), because every word looks at the ending. "bank" is still far
# more like "bank" than like "money". And "the" has changed more than "bank": so a change alone
# tells nothing about meaning.

# %%
the = course_utils.similarity(last(swim, "the"), last(borrow, "the"))
course_utils.expect("one the, two endings", the)
course_utils.expect("bank and money", alike)

# %% [markdown] slideshow={"slide_type": "subslide"}
# A better question: are two "banks" of the *same* sense more alike than two of *different* senses?
#
# One pair proves nothing. We wrote ten sentences, five for each sense, before we measured anything
# with them.

# %%
for sense, sentences in course_utils.SENSES["bank"].items():
    print(f"{sense}:", *sentences, sep="\n    ")

# %% [markdown]
# Ten sentences make 45 pairs: 20 with the same sense, 25 with different senses.
#
# **Predict:** at the embedding, before any layer, which pairs are more alike?
# (a) same sense · (b) different senses · (c) no real difference

# %%
bank = course_utils.sense_vectors(encoder, tokenizer, "bank")
course_utils.plot_senses("bank", bank)

# %%
same, different = course_utils.sense_pairs(bank)  # (pairs, layers + 1)
middle = encoder.config.num_hidden_layers // 2
gap = same.mean(axis=0) - different.mean(axis=0)
course_utils.expect("bank: same sense minus different, embedding", gap[0])
course_utils.expect("bank: same sense minus different, middle layer", gap[middle])

# %% [markdown]
# (c). The embedding knows nothing of the sentence but the *place* of the word in it; so it is not
# exactly 1. The layers pull the two senses apart: on average, pairs with the same sense are more
# alike. But look at the pale dots. They overlap: a single pair can mislead you.

# %% [markdown]
# Such a vector, of a word in its sentence, is called a **context vector**.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Not only "bank"
#
# We did the same for 18 words, ten sentences each, and left none out. The measure: take one pair
# with the same sense and one pair with different senses. How often is the first pair more alike?
# Chance is 50 %.
#
# **Predict:** which word works worst: *cold*, *mouse* or *book*? Their senses are in the next cell.

# %%
for word in ("cold", "mouse", "book"):
    print(f"{word:6}", " or ".join(course_utils.SENSES[word]))

# %% [markdown]
# Next, all 18, at the middle layer (so that nobody picks the nicest one). Each grey bar shows what
# comes out if the same ten sentences are grouped *without* looking at the sense. A dot in the grey
# could be chance.

# %%
words = {word: course_utils.sense_vectors(encoder, tokenizer, word) for word in course_utils.SENSES}
course_utils.plot_separation(words, layer=middle)

# %%
separations = {word: course_utils.sense_separation(vectors) for word, vectors in words.items()}
mean_of_words = sum(separations.values()) / len(separations)  # (layers + 1,)
course_utils.expect("two senses, mean of all words", mean_of_words[middle])
course_utils.expect("two senses of book", separations["book"][middle])

# %% [markdown]
# *book*, of these three. For most words it works, for some very well. But *book* (the thing or its
# story) and *chicken* (the bird or the meat) lie in the grey or at its edge, and *mouse* is weak.
# These are our sentences and our 18 words. Yours may do better or worse.
#
# **Modify:** take `layer=0` in the figure. Where are the dots now, and why?

# %% [markdown] tags=["speaker-notes"]
# At layer 0 the dots lie in or near the grey: the embedding knows the word and its place only.
# Why is mouse weak? An honest answer: we do not know. Both mice are small and move over a surface,
# and short sentences give little context. Do not tell it as a fact.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Is it the word, or the whole sentence?
#
# Our five sentences about money are alike as a whole. Does the *word* know its sense, or does every
# position simply know the topic? We ask a witness without a meaning of its own: the full stop (or
# question mark) at the end of the same sentences.
#
# **Predict:** can it tell the two senses apart? (a) not at all · (b) as well as the word ·
# (c) a little, and most in the last layer


# %%
def separation_by_sign(word):
    vectors = course_utils.sense_vectors(encoder, tokenizer, word, last_sign=True)
    return course_utils.sense_separation(vectors)


mean_of_signs = sum(map(separation_by_sign, words)) / len(words)  # (layers + 1,)
lines = {"the word": mean_of_words, "the sign at the end": mean_of_signs}
course_utils.plot_by_layer(lines, "how often the same sense wins", chance=0.5)

# %%
course_utils.expect("two senses, signs, middle layer", mean_of_signs[middle])
course_utils.expect("two senses, signs, last layer", mean_of_signs[-1])

# %% [markdown]
# (c). At the middle layer the word knows far more than the full stop: so it *is* about the word. In
# the last layer, the full stop knows more than before, and the word less than before. But the word
# is still ahead. That fits this checkpoint: it was trained to compare whole sentences.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 3.1: which cold? (7 min, medium)
#
# Write `sense_of`. It takes a sentence with the word "cold", and returns `"temperature"` or
# `"illness"`: the sense whose examples are more similar. `examples` holds their vectors.
#
# Choose a layer, for instance 3: it is `vectors[3]` here, and `[:, 3]` in the examples of a sense.
# Help: `course_utils.show_hint("3.1")`

# %% slideshow={"slide_type": "skip"}
examples = course_utils.sense_vectors(encoder, tokenizer, "cold")
for sense, vectors in examples.items():
    print(f"{sense:12} {vectors.shape}")  # (sentences, layers + 1, numbers)


# %% tags=["student"] slideshow={"slide_type": "skip"}
def sense_of(text):
    vectors = course_utils.context_vectors(encoder, tokenizer, text, "cold")
    # compare one row of `vectors` with the same row of the examples
    return ...


# %% tags=["solution"]
def sense_of(text):
    vectors = course_utils.context_vectors(encoder, tokenizer, text, "cold")
    layer = 3
    alike = {
        sense: course_utils.similarity(vectors[layer], known[:, layer]).mean()
        for sense, known in examples.items()
    }
    return max(alike, key=alike.get)


# %% slideshow={"slide_type": "skip"}
course_utils.check("3.1", sense_of=sense_of)

# %% [markdown]
# **Investigate:** try to fool it. Which sense does it find in `"The doctor has cold hands."`, and
# in `"He caught a cold in January because his coat was thin."`?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. Multiple layers of transformers
#
# The vectors came from layer after layer. Here is the whole encoder, drawn from its own
# configuration. In each blue block, every word looks at every other word (that is called
# **attention**) and gets a new vector.

# %%
course_utils.plot_layers(encoder)

# %% [markdown]
# The embeddings are a table: one row for each entry of the vocabulary.
#
# **Predict:** here the embeddings hold more **weights** (the numbers that training sets) than all
# layers together. `bert-base-uncased` has the same vocabulary, 12 layers in place of 6, and vectors
# twice as long. Is it still so? (a) yes · (b) no

# %%
course_utils.parameter_table(encoder)[["weights"]]

# %% [markdown]
# (b). In our table, all layers have equally many weights. In `bert-base-uncased`, each has about
# four times as many, and there are 12: about 85 million, against 24 million in the embeddings.
#
# (The **pooler** turns the vector of the first position into one for the whole text, and a head
# reads that. In `minilm` it looks untrained: notebook 02.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. Trained for language modelling
#
# Do the layers know the two senses because they are layers, or because they were trained? We ask
# the same network with random weights about the same 18 words.
#
# **Predict:** at the middle layer, how often does the same sense win?
# (a) as often as with the trained weights · (b) about half of the time · (c) in between

# %%
untrained = course_utils.load_scratch_twin().base_model
random_weights = [
    course_utils.sense_separation(course_utils.sense_vectors(untrained, tokenizer, word))[middle]
    for word in course_utils.SENSES
]
mean_of_random = sum(random_weights) / len(random_weights)
print(f"trained weights {mean_of_words[middle]:.2f}, random weights {mean_of_random:.2f}")
course_utils.expect("two senses, random weights", mean_of_random)

# %% [markdown]
# (b): that is chance. Without training, the layers know nothing of the senses. So how does one
# train them, if nobody labels any sense? With a game that you know from school. Write down one
# word for the gap:
#
# *The movie was ______*

# %% [markdown] slideshow={"slide_type": "subslide"}
# And now?
#
# * *The movie was ______ , I loved every minute.*
# * *The movie was ______ , so we left after ten minutes.*
#
# Did you change your word? The words after the gap decide.

# %% [markdown]
# Guessing words from their neighbours is called **language modelling**. BERT's version: hide some
# words of a text behind the sign `[MASK]`, and let the model guess them from *both* sides. It is
# called **masked language modelling**.
#
# To guess well, one needs some grammar, some meaning, and some knowledge of the world. That is why
# such a simple game can teach so much.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 3.2: make a question (4 min, easy)
#
# Who writes the questions, and who knows the answers? Nobody has to: the text is question and
# answer at once. Write `hide_word`. It takes a list of words and a place. It returns two things: a
# *new* list with `"[MASK]"` at this place, and the word that stood there.


# %% tags=["student"] slideshow={"slide_type": "skip"}
def hide_word(words, place):
    # make the new list here; leave `words` as it is
    return ...


# %% tags=["solution"]
def hide_word(words, place):
    question = list(words)
    question[place] = "[MASK]"
    return question, words[place]


# %% slideshow={"slide_type": "skip"}
course_utils.check("3.2", hide_word=hide_word)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Guess by counting
#
# Before any network plays this game, let us count. That is the oldest language model of all:
# remember what stood between which neighbours. The film reviews can teach us that.

# %%
import re
from collections import Counter, defaultdict

train, validation, _ = course_utils.load_reviews()


def words_of(text):
    return re.findall(r"[a-z']+|[.,!?;:]", text.lower())


total = sum(len(words_of(text)) for text in train.texts)
print(f"{total:,} words and signs to hide, and nobody had to label one of them")

# %% [markdown]
# `count` makes a table: for each set of neighbours, which words stood there, and how often. The
# neighbours are steps from the gap: `(-1,)` is the word before it, `(-1, +1)` are the two words
# around it.


# %%
def count(texts, steps):
    table = defaultdict(Counter)
    for words in map(words_of, texts):
        for place in range(2, len(words) - 1):  # where two stand before, and one after
            neighbours = tuple(words[place + step] for step in steps)
            table[neighbours][words[place]] += 1
    return table


print("the ___   ", count(train.texts, (-1,))[("the",)].most_common(6))
print("the ___ is", count(train.texts, (-1, +1))[("the", "is")].most_common(6))

# %% [markdown]
# "most" and "same" are good guesses after "the". Before "is", they are not: one word on the right
# tells that a noun stands there.
#
# **Modify:** try other neighbours: `("very",)` with steps `(-1,)` (mind the commas), or
# `("a", "film")` with `(-1, +1)`.

# %% [markdown] slideshow={"slide_type": "subslide"}
# Now a fair contest. (The idea counts here. You may skip the code.)
#
# Both guessers see *two* words: the two before the gap, or one on each side. They guess what stood
# there most often in train. If these two words never came together in train, the word before the
# gap must do, or else they guess the most frequent word of all.


# %%
def learn(steps):
    return {
        neighbours: candidates.most_common(1)[0][0]
        for neighbours, candidates in count(train.texts, steps).items()
    }


before = {steps: learn(steps) for steps in [(-2, -1), (-1,), ()]}
around = {steps: learn(steps) for steps in [(-1, +1), (-1,), ()]}


def guess(words, place, tables):
    for steps, table in tables.items():
        neighbours = tuple(words[place + step] for step in steps)
        if neighbours in table:
            return table[neighbours]


# %% [markdown]
# We hide the words and signs of the validation reviews, one after the other (not the first two and
# the last: they lack neighbours).
#
# The interval holds the true values that fit what we saw (06 has more on it).
#
# **Predict:** who is right more often? (a) two before · (b) one on each side · (c) no difference


# %%
def share_right(tables):
    hits = [
        guess(words, place, tables) == words[place]
        for words in map(words_of, validation.texts)
        for place in range(2, len(words) - 1)
    ]
    low, high = course_utils.accuracy_interval(sum(hits), len(hits))
    share = sum(hits) / len(hits)
    print(f"{share:.1%} of {len(hits):,} words, interval {low:.1%} to {high:.1%}")
    return share


two_before, one_each_side = share_right(before), share_right(around)
course_utils.expect("one on each side minus two before", one_each_side - two_before)

# %% [markdown]
# (b), by a little: with the same number of words to look at, two sides beat one. BERT does not
# count, and it looks at all words of the text, not at two. But the reason for its B is the same.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Guess with a network
#
# BERT's own training hid 15 % of the tokens (words and pieces of words: notebook 04), in most cases
# behind `[MASK]` (Devlin et al., 2019). It also had to say whether two pieces of text belong
# together.

# %% [markdown]
# And `minilm`, our encoder? It never played this game itself. It learned to *imitate* a larger
# model that had been trained on large texts. That is called **distillation**.

# %% [markdown]
# So, for this notebook, we let `minilm` play. It read 5 million tokens of long film reviews, with
# words hidden; its old weights were the start. That is **continued pre-training**. All its layers
# have changed, and it has a new head, for words. So `reader` is *another model* than `encoder`
# above, and than the one that you fine-tune in 05.

# %%
tokenizer, reader = course_utils.load_masked_lm()

# %% [markdown]
# **Predict:** only the words *after* the gap differ. What comes first in each of these three gaps?
# Write down three words.

# %%
plain = "The movie was [MASK]."
loved = "The movie was [MASK], I loved every minute of it."
hated = "The movie was [MASK], I hated every minute of it."
blanks = [course_utils.fill_blank(reader, tokenizer, text) for text in (plain, loved, hated)]
course_utils.plot_blanks(*blanks)

# %%
lead = {}
for text in (plain, loved, hated):
    p = course_utils.word_probabilities(reader, tokenizer, text, ["good", "terrible"])
    lead[text] = p["good"] - p["terrible"]
    print(f"good {p['good']:.3f}   terrible {p['terrible']:.3f}   {text}")
course_utils.expect("good minus terrible, loved", lead[loved])
course_utils.expect("good minus terrible, hated", lead[hated])

# %% [markdown]
# Before the gap, all three are the same: a reader from left to right has to give one answer to all.
# This model puts "good" first before *loved*, and "terrible" before *hated*.
#
# But it is far from sure: next to the plain sentence, even the hated ending makes "good" a little
# more likely. It is small, and it has not played for long.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Modify:** write a sentence of your own, with one `[MASK]`. The words follow while you type.

# %% slideshow={"slide_type": "skip"}
course_utils.live_blank(reader, tokenizer, "I [MASK] this film, it was wonderful.")

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### What is the right side worth?
#
# Three nice sentences prove little. So we hide one word or sign in the second half of each of 400
# validation reviews. The model gets the words before the gap, those after it, or both. (The idea
# counts here, too.)
#
# **Predict:** the words before the gap alone are worth
# (a) as much as both sides · (b) about half · (c) much less than half

# %%
import random

draw = random.Random(0)
hidden = []  # (words before the gap, the word, words after it)
for words in map(words_of, validation.texts[:400]):
    place = draw.randrange(len(words) // 2, len(words))
    hidden.append((words[:place], words[place], [*words[place + 1 :], "."]))

# %% [markdown]
# Each text ends with a full stop, also when the words after the gap are taken away.

# %%
questions = {
    "before": [[*before, "[MASK]", "."] for before, _, _ in hidden],
    "after": [["[MASK]", *after] for _, _, after in hidden],
    "both": [[*before, "[MASK]", *after] for before, _, after in hidden],
}
shares = {}
for side, texts in questions.items():
    guesses = course_utils.guess_words(reader, tokenizer, [" ".join(text) for text in texts])
    hits = sum(guess == word for guess, (_, word, _) in zip(guesses, hidden, strict=True))
    low, high = course_utils.accuracy_interval(hits, len(hidden))
    shares[side] = hits / len(hidden)
    print(f"{side:7} {100 * shares[side]:5.1f} %, interval {100 * low:4.1f} to {100 * high:4.1f}")

# %%
course_utils.expect("hidden words, words before", shares["before"])
course_utils.expect("hidden words, both sides", shares["both"])

# %% [markdown]
# (c). With this model, the words before alone bring about a quarter of what both sides bring, and
# those after it nearly three quarters. Be fair again: our full stop makes the gap look like the
# last word, which may cost some hits. And the model learned to use both sides: one that was trained
# to read from left to right should make more of the left one.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Transfer, seen in language modelling
#
# We trained twice: the same reviews in the same order, the same embeddings at the start. Once the
# six layers started as `minilm`'s, once with random weights. No label was read.
#
# **Predict:** after 800,000 tokens, the random start guesses
# (a) as many as the other · (b) some fewer · (c) less than half as many

# %%
record = course_utils.load_record("masked_lm")
course_utils.plot_language_learning(record)

# %% [markdown]
# What did the two put into the first gap, *The movie was ____ .*, on the way? Each cell shows the
# three likeliest; `budget` is how many tokens were read.

# %%
record.pivot(index="budget", columns="start", values="plain").dropna()

# %% [markdown]
# (c). The random start mostly offers frequent signs and words, such as "." and "the". (At 100,000
# tokens it offers nonsense; 04 explains `[CLS]` and `##`.) The other one soon puts in judgements.
# It had never filled a gap before, either: what it brought along is what its *old* training taught
# its layers. That is transfer.

# %% [markdown]
# Do not read too much into it: one run each, with one recipe. (The shares are on pieces of long
# reviews; the 400 above are short.) With far more text a random start can learn, too. BERT itself
# began with random weights.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Does the gap game help with verdicts? (*at home*)
#
# The model of the gap game has read five million tokens of film reviews more than `minilm`. So it
# should judge film reviews better, should it not? We took both encoders, put a new head on each,
# and fine-tuned them on 64, 512 and all 6,376 labelled reviews (here we load 2,000 of them), each
# with a learning rate chosen on validation, and with ten seeds. The table shows the accuracy on
# test, in per cent.
#
# **Predict:** the one that went on learning is (a) better · (b) as good · (c) worse

# %% slideshow={"slide_type": "skip"}
runs = course_utils.load_record("continued_pretraining").query("part == 'test'")
if len(runs):
    pairs = 100 * runs.pivot(index=["labels", "seed"], columns="encoder", values="accuracy")
    pairs["difference"] = pairs["continued"] - pairs["minilm"]
    print(pairs.groupby("labels").agg(["mean", "min", "max"]).round(1).T.to_string())

# %% [markdown] slideshow={"slide_type": "skip"}
# (c). (`difference` is continued minus minilm. If its `max` is below zero, it was worse in every
# seed.) With 64 labels, the seeds differ more than the encoders. With 512, it is worse in *every*
# seed, on average by four points. With all labels, too: by four to ten points in nine seeds, and by
# sixteen in one.

# %% [markdown] slideshow={"slide_type": "skip"}
# Do not trust the size of it. Two seeds alone chose the learning rates, and that of the loser may
# be too high for some of the ten. And all runs share *one* continued encoder, trained once.

# %% [markdown] slideshow={"slide_type": "skip"}
# Why? We did not measure it. It read long reviews by users; these are single sentences by critics.
# And the gap game asks which word fits, not what the whole text says. More training is not always
# better. So measure.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### What else did it learn?
#
# Nobody gave this model a rule about nurses or doctors. It started as `minilm`, and then filled
# gaps in film reviews. How likely are *he* and *she* here?
#
# **Predict:** for how many of these six jobs is *she* more likely than *he*?

# %%
for job in ("nurse", "doctor", "teacher", "engineer", "secretary", "director"):
    text = f"The {job} said that [MASK] was tired."
    p = course_utils.word_probabilities(reader, tokenizer, text, ["he", "she"])
    print(f"{job:10} he {p['he']:.2f}   she {p['she']:.2f}   {'she' * (p['she'] > p['he'])}")

# %% [markdown]
# For one. This is what *this* head says about *this* sentence; another sentence may say something
# else. But the direction comes from texts that people wrote, and nobody decided it. A classifier
# that starts from such weights may bring it along. Notebook 06 looks for weak spots.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 6. Pre-trained on large texts
#
# BERT was trained on 3.3 billion words: books, and the English Wikipedia (Devlin et al., 2019).
#
# **Predict:** you read 200 words in a minute, eight hours a day, every day. How many years do you
# need for that? (a) 1 · (b) 10 · (c) about 100

# %%
bert_read = 3_300_000_000
words_a_year = 200 * 60 * 8 * 365
print(f"{bert_read / words_a_year:.0f} years of reading")
print(f"{bert_read // total:,} times the words and signs in our training reviews")

# %% [markdown] slideshow={"slide_type": "subslide"}
# (c). Whoever takes over BERT's weights takes over this work. Who made the checkpoints that we
# name?
#
# | checkpoint | made by | how |
# |---|---|---|
# | `bert-base-uncased` | Google (Devlin et al., 2019) | fills masked words, 3.3 billion words |
# | MiniLM | Microsoft (Wang et al., 2020) | imitates the attention of a larger model |
# | `all-MiniLM-L6-v2` | Sentence Transformers | a small MiniLM, then 1 billion sentence pairs |

# %% [markdown]
# The last one is our `minilm`; its description on the Hugging Face Hub tells how it was trained.
# Parts 2 to 4 show *that* training, and the gaps of part 5 ours on top of it. With
# `bert-base-uncased`, expect other results: we have not measured them.

# %%
course_utils.describe_checkpoint("minilm")
course_utils.describe_checkpoint("bert-base-uncased")

# %% [markdown]
# **Investigate:** nobody checked each of these sentences. What can a model learn from books and web
# pages that you would *not* want in your classifier? Keep your answer for the model card in
# notebook 06.

# %% [markdown] tags=["speaker-notes"]
# Typical answers: prejudice about people and jobs, the view of one time and one language, mistakes,
# private data. English only: a good moment to ask who in the room writes reviews in English.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Check yourself (2 min)
#
# Three questions. Each choice gets a reply at once. (Keys: Tab goes to the next choice, Space takes
# it.)

# %% slideshow={"slide_type": "skip"}
course_utils.quiz("03")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# * Say what each letter of BERT stands for, and what "bidirectional" changes.
# * Get the vector of a word in its sentence, and compare it layer by layer.
# * Doubt a nice example: many pairs, a chance level, and a witness such as the full stop.
# * Explain how a text without labels can train a model, and who trained ours.
#
# In [notebook 04](04_tokenization.ipynb) you see what BERT reads in place of words.
