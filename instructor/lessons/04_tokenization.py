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
# # 04 · Tokenization
#
# **Time:** 20 minutes, and 9 more for the exercises (an estimate) ·
# **Computer time:** about 10 s · **Core path** (00, 01, 04, 05, 06)
#
# You will
#
# * turn sentences into **tokens**, and tokens into numbers,
# * build a **batch** with padding and an attention mask,
# * measure what padding costs, and what happens without the mask,
# * find out what a tokenizer loses on the way.

# %% [markdown] tags=["speaker-notes"]
# **Aim:** turn text into a batch that BERT can read, and prove that padding does not count.
#
# Votes for a short class: a word that is not in the list, the missing mask, the five pairs.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Four sentences and a tokenizer
#
# A neural network needs numbers, not words. The **tokenizer** makes the numbers.
#
# Here are the slide's sentences. The **checkpoint** is a folder with the files of a trained model
# and its tokenizer. Ours is on your computer already.

# %% [markdown] tags=["speaker-notes"]
# The four sentences of 00 again. What can a network not read?

# %%
import course_utils
import torch
from transformers import BertTokenizer

checkpoint = course_utils.checkpoint_folder()
tokenizer = BertTokenizer.from_pretrained(checkpoint)
texts = ["I love this!", "This is terrible.", "Amazing experience!", "Not my cup of tea."]
labels = [1, 0, 1, 0]  # 1 means positive, 0 negative

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. From words to tokens
#
# The tokenizer cuts a text into pieces. One piece is a **token**. The tokens come from a fixed
# list, the **vocabulary**.

# %% slideshow={"claim": "A sentence becomes tokens of a fixed list", "plan": "2days"}
print(f"{len(tokenizer):,} tokens in the vocabulary")
tokenizer.tokenize(texts[0])

# %% [markdown] tags=["speaker-notes"]
# Our `I` is an `i` now: no capitals.

# %% [markdown] slideshow={"claim": "30,522 tokens: what about all other words?", "plan": "90min", "slide_type": "subslide"}
# The `!` is a token of its own, and `I` became `i`: our tokenizer knows no capitals.
#
# English has more words than this list.
#
# **Predict:** what does the tokenizer do with a word that is not in it?
# (a) It stops with an error. (b) It leaves the word out. (c) It cuts the word into smaller pieces.

# %% [markdown] tags=["speaker-notes"]
# A network reads numbers, not words. The tokenizer cuts text into tokens, from a fixed list of
# 30,522: its vocabulary. English has more words.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** a word that is not in the list **Answer:** (c): it is cut into smaller pieces

# %% slideshow={"claim": "A rare word is cut into pieces", "plan": "90min"}
for word in ["movie", "watch", "watchable", "unwatchable", "unforgettable", "ChatGPT"]:
    print(f"{word:14} {tokenizer.tokenize(word)}")

# %% [markdown] tags=["speaker-notes"]
# `##` means: it belongs to the piece before. Ask for the record in the room: first names, words of
# other languages. Everybody types into the next cell. More pieces cost more time: that is unfair.

# %% [markdown]
# (c), by **WordPiece**: from the left, take the longest piece that is in the list; go on with the
# rest. `##` means: this belongs to the piece before. Pieces need no meaning: `##table` is no table,
# and another entry than `table`.
#
# **Modify:** type your name, your city, a word of your own language. Which needs the most tokens,
# and why? (Numbers, `[CLS]`, `[SEP]`: see part 2; `[UNK]`: part 6.)

# %%
course_utils.live_tokens(tokenizer, "Unforgettable pizza in Barcelona. Buongiorno!")

# %% [markdown] tags=["solution"]
# **Answer.** The list was made from English texts. So frequent English words need one token. Rare
# words and words of other languages need more: "buongiorno" needs four. More tokens for the same
# thing cost more time, and reach the limit of a model sooner.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. From tokens to ids
#
# Each token has a number, its **id**: its place in the list. The model keeps a row of weights for
# each token, and the id says which row to take. `I love this!` has four tokens. How many ids?
# Which are new?

# %% slideshow={"claim": "Four tokens have six ids: two are special", "plan": "90min"}
ids = tokenizer(texts[0])["input_ids"]
for number in ids:
    print(f"{number:6}  {tokenizer.convert_ids_to_tokens(number)}")

# %% [markdown] tags=["speaker-notes"]
# The number is the **id**, a token's place in the list. `[CLS]` opens, `[SEP]` closes. At `[CLS]`
# the classifier reads its answer. Our checkpoint was trained with the mean of all vectors, so this
# place still has to learn its job.

# %% [markdown]
# Six: the tokenizer added two **special tokens**. `[SEP]`, *separator*, closes the text. `[CLS]`,
# *classification*, opens it. The model makes a list of numbers, a vector, for each token. It will
# take its answer from the vector of `[CLS]`. When ours was trained, it took the mean of all
# vectors: `[CLS]` learns this job in 05.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. A batch: one tensor for four sentences
#
# A model reads several texts at once, a **batch**. All rows of a tensor are equally long. So short
# texts are filled up with `[PAD]`: **padding**.
#
# Here is the slide's line. `padding=True` fills up to the longest text. `truncation=True` would cut
# off what is longer than `max_length`.

# %% slideshow={"claim": "One line makes one tensor of four sentences", "plan": "90min", "lines": [1, 4]}
inputs = tokenizer(texts, padding=True, truncation=True, return_tensors="pt", max_length=32)
inputs["labels"] = torch.tensor(labels)  # 05 needs them
for name, tensor in inputs.items():
    print(f"{name:15} {tuple(tensor.shape)}")

# %% [markdown] tags=["speaker-notes"]
# The slide's line. Four rows, eight positions: why eight? The longest sentence has eight tokens,
# and the others are filled up. `token_type_ids` tell a first text from a second; here all are 0.

# %% [markdown] slideshow={"claim": "How much of this tensor is filling?", "plan": "3hours", "slide_type": "subslide"}
# Four rows with eight positions each.
#
# **Predict:** of these 32 positions, how many hold padding? (a) 7 (b) 12 (c) 16

# %% [markdown] tags=["speaker-notes"]
# **Vote:** padding in 32 positions **Answer:** (a): 7

# %% slideshow={"claim": "Seven of 32 positions hold padding", "plan": "2days"}
padding = inputs["input_ids"] == tokenizer.pad_token_id  # (batch, sequence), True or False
print(f"{padding.sum().item()} of {padding.numel()} positions hold padding")
inputs["input_ids"]  # (batch, sequence)

# %% [markdown] tags=["speaker-notes"]
# The id of `[PAD]` is 0: count the zeros together.

# %% [markdown] slideshow={"slide_type": "subslide"}
# (a). The id of `[PAD]` is 0. The picture shows the tokens in place of the ids, and below them the
# **attention mask**: 1 for a token, 0 for padding. It tells the model where *not* to look.

# %% slideshow={"claim": "The mask is 0 exactly where padding is", "plan": "90min"}
course_utils.plot_batch(tokenizer, inputs)

# %% [markdown] tags=["speaker-notes"]
# Point at the two maps. The mask is 0 exactly under `[PAD]`. In 90 minutes, one sentence on the
# price: sorted by length, hardly any work is wasted.

# %% tags=["proof"]
assert torch.equal(inputs["attention_mask"] == 0, padding)

# %% [markdown]
# `token_type_ids` tell a first text from a second. We have one text in each row, so all are 0. A
# question and its answer in one row would have both:

# %%
print(inputs["token_type_ids"])
tokenizer("Any good?", "Very good.")["token_type_ids"]

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 4.1: a batch by hand (4 min, easy)
#
# In plain Python: make `input_ids`, a list of three lists. They are the rows below, filled up with
# `tokenizer.pad_token_id` to the length of the longest. Make `attention_mask`, of the same shape: 1
# for a token, 0 for padding.
#
# Help: `course_utils.show_hint("4.1")`

# %%
three = ["Great!", "I left before the end.", "Too long for me."]
rows = tokenizer(three)["input_ids"]
for row in rows:
    print(len(row), row)

# %% tags=["student"]
longest = max(len(row) for row in rows)
input_ids = ...
attention_mask = ...

# %% tags=["solution"]
longest = max(len(row) for row in rows)
input_ids = [row + [tokenizer.pad_token_id] * (longest - len(row)) for row in rows]
attention_mask = [[1] * len(row) + [0] * (longest - len(row)) for row in rows]

# %%
course_utils.check("4.1", three=three, input_ids=input_ids, attention_mask=attention_mask)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. Padding has a price
#
# The model computes every position, padding included. What does that cost with real data? We take
# film reviews, one sentence each.

# %% [markdown] tags=["speaker-notes"]
# Now 2,000 reviews, in place of four sentences.

# %%
train, validation, test = course_utils.load_reviews()
encoded = tokenizer(list(train.texts))["input_ids"]
lengths = [len(ids) for ids in encoded]
print(f"\n{sum(lengths):,} tokens in train, at most {max(lengths)} in one review")

# %% [markdown] slideshow={"claim": "What does one tensor for 2,000 reviews cost?", "plan": "3hours", "slide_type": "subslide"}
# Three ways to make batches: one tensor for all; 32 reviews at a time, in the given order; 32 at a
# time, sorted by length first. Each batch is padded to *its own* longest review.
#
# **Predict:** with one tensor for all, how many positions does the model compute for each real
# token?
# (a) 1.1 (b) 1.6 (c) more than 2.5


# %% [markdown] tags=["speaker-notes"]
# Every position is computed, padding included. A batch is padded to *its own* longest review; here
# all 2,000 are one batch.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** one tensor for all: positions per token **Answer:** (c): everything is padded to the
# longest review


# %% slideshow={"claim": "Sorted by length, hardly any work is for padding", "plan": "3hours", "lines": [12, 14]}
def cut_into_batches(rows):  # a batch is a list of row numbers
    return [rows[start : start + 32] for start in range(0, len(rows), 32)]


given = list(range(len(train)))
by_length = sorted(given, key=lambda row: lengths[row])
ways = {
    "one tensor": [given],
    "given order": cut_into_batches(given),
    "by length": cut_into_batches(by_length),
}
for name, batches in ways.items():
    positions = sum(len(rows) * max(lengths[row] for row in rows) for rows in batches)
    print(f"{name:16} {positions:8,} positions computed, {positions / sum(lengths):4.2f} per token")

# %% [markdown] tags=["speaker-notes"]
# With one tensor, more than half of the work is for padding. Below: 32 at a time, as they come,
# then sorted by length. The tokens are the same.

# %% [markdown] slideshow={"slide_type": "subslide"}
# (c). More than half of the work is for padding. Sorted by length, there is almost none. The course
# trains this way, with the batches in random order.
#
# The picture: one batch, number 31 of 63, of the last two ways. Grey is padding.

# %% slideshow={"claim": "Sorting by length takes the waste away", "plan": "2days"}
one = {name: ways[name][30] for name in ("given order", "by length")}
course_utils.plot_padding(lengths, one)

# %% [markdown] tags=["speaker-notes"]
# The same scale in both halves: only the waste is gone.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Modify** (*at home*): find a setting with fewer than 54,500 positions in which at most 1 % of
# the texts lose their end. Which helps more, the limit or the order?

# %% slideshow={"slide_type": "skip"}
course_utils.batch_builder(tokenizer, train.texts, max_length=64)

# %% [markdown] tags=["solution"]
# **Answer.** Tick the box, and choose 56: the model reads 54,432 positions, and 0.7 % of the texts
# are cut. The order helps more. Without the box, 24 is the highest step of the slider below 54,500,
# and it cuts more than half of the texts.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. What a missing mask does
#
# In BERT, every token looks at every other token. Only the mask keeps it from looking at padding.
#
# We ask a model for its **logits**: two raw numbers for each text, one for each label. Its last
# layer is new and random, so they mean nothing yet. But the logits of a text must depend on this
# text alone.

# %% [markdown] tags=["speaker-notes"]
# Ask first: would the model not simply learn to ignore padding?

# %%
model = course_utils.load_classifier(quiet=True)
model.eval()


def logits_of(**batch):
    with torch.inference_mode():  # we only read: no gradients
        return model(**batch).logits  # (batch, 2)


# %% [markdown] slideshow={"claim": "What does a forgotten mask change?", "plan": "90min", "slide_type": "subslide"}
# Why `eval()`? In training, **dropout** switches off some neurons by chance. `eval()` stops that.
#
# Now each sentence alone, then all four in one batch, with the mask and without it.
#
# **Predict:** without the mask, which sentences get other logits?
# (a) none (b) those with padding (c) all four

# %% [markdown] tags=["speaker-notes"]
# We compare **logits**, two raw numbers for each text: each sentence alone, then all four in one
# batch, with the mask and without. Vote; only then the reason: every token looks at every other,
# and only the mask keeps it from padding.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** other logits without the mask **Answer:** (b): those with padding; the longest sentence
# has none

# %% slideshow={"claim": "Without the mask, padding counts as text", "plan": "90min", "lines": [1, 3]}
alone = torch.cat([logits_of(**tokenizer(text, return_tensors="pt")) for text in texts])
# no token_type_ids: then the model takes zeros, as they are
with_mask = logits_of(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
without = logits_of(input_ids=inputs["input_ids"])


def difference(first, second):
    return (first - second).abs().max(dim=-1).values  # (batch,)


masked, unmasked = difference(alone, with_mask), difference(alone, without)
print("difference from alone:  with mask    without")
for row, text in enumerate(texts):
    print(f"{text:23} {masked[row]:.6f}   {unmasked[row]:.6f}")

between = difference(alone[0], alone[1])
print(f"\nFor comparison, the first two sentences, alone, differ by {between:.6f}")

# %% [markdown] tags=["speaker-notes"]
# No error, right shapes, wrong numbers: a *silent* fault. The last line says how large it is: two
# different sentences are hardly farther apart.

# %% tags=["proof"]
assert masked.max() < 0.0001
assert unmasked[3] < 0.0001
course_utils.expect("no mask, smallest difference", unmasked[:3].min().item())

# %% [markdown]
# (b). Without the mask, padding counts as text. Only the longest sentence has none.
#
# Is that small? "I love this!" moves by 0.007; "This is terrible." is only 0.009 away. Python did
# not complain: a forgotten mask is a **silent** fault.
#
# **Investigate** (*at home*): write `model.train()` for `model.eval()`, and run again from there.
# What happens to the column "with mask"? (Put `eval()` back afterwards.)

# %% [markdown] tags=["solution"]
# **Answer.** The column is no longer zero, and it changes with every run: dropout is on, so even
# the same sentence gets other logits each time. The program of the slide has this fault. Notebook
# 05 comes back to it.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 4.2: a long neighbour (5 min, medium, *at home*)
#
# Compute the logits of the **short** text of `pair` three times: alone, in the batch with the mask,
# in the batch without it. Each answer has shape `(2,)`: it is one row.
#
# Then run `difference(logits_alone, logits_without_mask)` in a new cell. Compare it with the first
# row above: more padding, more mistake?

# %% tags=["student"] slideshow={"slide_type": "skip"}
pair = ["I love this!", "I waited for two long hours, and nothing at all happened in this film."]
logits_alone = ...
logits_with_mask = ...
logits_without_mask = ...

# %% tags=["solution"] slideshow={"slide_type": "skip"}
pair = ["I love this!", "I waited for two long hours, and nothing at all happened in this film."]
single = tokenizer(pair[:1], return_tensors="pt")
both = tokenizer(pair, padding=True, truncation=True, max_length=32, return_tensors="pt")
logits_alone = logits_of(**single)[0]
logits_with_mask = logits_of(**both)[0]
logits_without_mask = logits_of(input_ids=both["input_ids"])[0]

# %% slideshow={"slide_type": "skip"}
course_utils.check(
    "4.2",
    logits_alone=logits_alone,
    logits_with_mask=logits_with_mask,
    logits_without_mask=logits_without_mask,
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 6. What gets lost
#
# The model sees nothing but the ids. Can two different texts have the same ids?
#
# **Predict:** five pairs stand in the next cell. In how many are both texts the same for the model?

# %% slideshow={"claim": "In how many pairs are both the same for the model?", "plan": "90min", "lines": [2, 6]}
pairs = [
    ("The film was 😍", "The film was 👎"),
    ("A GREAT film", "a great film"),
    ("schön", "schon"),  # German: "beautiful" and "already"
    ("电影很好看", "电影很难看"),  # Chinese: "the film is good" and "the film is bad"
    ("not good", "good"),
]
for first, second in pairs:
    same = tokenizer(first)["input_ids"] == tokenizer(second)["input_ids"]
    tokens = f"{tokenizer.tokenize(first)} {tokenizer.tokenize(second)}"
    print("the same: " if same else "different:", tokens)

# %% [markdown] tags=["speaker-notes"]
# Hands up for a number, then the output. `[UNK]` means unknown: what has become that, no training
# can repair.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** pairs that are the same for the model **Answer:** four: only "not good" and "good"
# differ

# %% [markdown]
# In four. An emoji is not in the list, and has no smaller pieces. It becomes `[UNK]`, *unknown*,
# like these Chinese characters. Good and bad are equal then, and no training can repair that.
# Capital letters and accents are gone too.
#
# First: do our reviews hold `[UNK]`? Second: we make ids of another text, and `decode` turns them
# back into text. What is missing?

# %% slideshow={"claim": "Our reviews lose nothing, another text loses much", "plan": "2days"}
unknown = sum(ids.count(tokenizer.unk_token_id) for ids in encoded)
print(f"{unknown} of {sum(lengths):,} tokens in our reviews are unknown\n")
text = "Café  LATTE,\n5 €! I loved it 😍"
print(tokenizer.decode(tokenizer(text)["input_ids"]))

# %% [markdown] tags=["speaker-notes"]
# What is missing? Let them count: five things.

# %% [markdown] slideshow={"slide_type": "slide"}
# Our reviews hold no `[UNK]`. Of the other text, the accent, the capital letters, the second space,
# the new line and the emoji are gone.
#
# ### The end is cut off
#
# And we throw text away ourselves: `max_length=16` keeps 16 tokens, `[CLS]` and `[SEP]` among
# them. Read the review. Will the kept part sound positive or negative?

# %% slideshow={"claim": "Cut off at 16 tokens, praise becomes blame", "plan": "90min"}
review = "A slow start, weak jokes, loud music, a silly plot. And yet I loved every minute."
kept = tokenizer(review, truncation=True, max_length=16)["input_ids"]
print(tokenizer.decode(kept, skip_special_tokens=True))

# %% [markdown] tags=["speaker-notes"]
# Read the whole review aloud, then the part that is kept. Its label says praise: the model would
# learn nonsense. So look at the lengths *before* you choose `max_length`.

# %% [markdown]
# Negative. The whole review is "positive", so the model would learn nonsense. So look at the
# lengths *before* you choose `max_length`:

# %% slideshow={"claim": "At 64 tokens, hardly any review is cut", "plan": "3hours"}
course_utils.plot_token_lengths(lengths, limits=(32, 64))

# %% [markdown] tags=["speaker-notes"]
# At 32 tokens, three in ten reviews would lose their end; at 64, almost none.

# %% [markdown]
# At 32 we would cut three in ten reviews, at 64 almost none. So the course uses 64. BERT's own
# limit is 512 tokens.
#
# **Investigate** (*at home*): which share of long reviews would 64 and 512 cut? Take
# `course_utils.load_imdb(quiet=True).sample(200).texts`, and count their tokens as in part 4.

# %% [markdown] tags=["solution"]
# **Answer.** Of these 200 reviews, 64 tokens cut 98.5 %, and 512 tokens cut 19 %. The longest has
# 1,440 tokens. For such texts a short limit reads little more than the beginning.

# %% tags=["proof"]
long_texts = course_utils.load_imdb(quiet=True).sample(200).texts
long_lengths = [len(ids) for ids in tokenizer(list(long_texts))["input_ids"]]
cut = {limit: sum(length > limit for length in long_lengths) for limit in (64, 512)}
print("of 200 reviews cut:", cut, "longest:", max(long_lengths))

# %% [markdown] slideshow={"slide_type": "skip"}
# ## 7. Where does the vocabulary come from? (*at home*, 5 minutes)
#
# The tokenizer takes the longest piece *of the list*. Who made the list? A program that counts. It
# starts with single letters. Two neighbours that stand together most often become one new piece.
# Then it counts again, until the list is long enough.
#
# We let it read our reviews, for 500 pieces and for 5,000.

# %% slideshow={"slide_type": "skip"}
small = course_utils.learn_vocabulary(train.texts, 500)
large = course_utils.learn_vocabulary(train.texts, 5_000)

pieces = small.convert_ids_to_tokens(range(500))  # in the order in which they were made
joined = [piece for piece in pieces[1:] if len(piece.lstrip("#")) > 1]  # no single letters
print("made first:", joined[:10], "\nmade last: ", joined[-7:], "\n")
for word in ["movie", "beautiful", "unwatchable"]:
    for name, cutter in (("500", small), ("5,000", large), ("BERT", tokenizer)):
        print(f"{word:12} {name:>6} {cutter.tokenize(word)}")

# %% [markdown] slideshow={"slide_type": "skip"}
# First come frequent groups of letters, at the end also words of film reviews. With a longer list,
# words need fewer pieces, or as many. So why not a million? Each needs a row of weights.
#
# **Modify:** put a few pages of another language into `pages = """..."""`, and let
# `course_utils.learn_vocabulary([pages], 500)` read them.

# %% [markdown] tags=["solution"]
# **Answer.** Any text will do: `other = course_utils.learn_vocabulary([pages], 500)`. Its first
# pieces are the frequent pairs of letters of that language. Compare `other.tokenize(word)` with
# `tokenizer.tokenize(word)` for a few words of the text.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Check yourself (2 min)
#
# Three questions.

# %% slideshow={"slide_type": "skip"}
course_utils.quiz("04")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# * Turn texts into a batch: tokens, ids, special tokens, padding, attention mask, labels.
# * Make padding cheap.
# * Prove that a mask is right: alone and in the batch, the logits agree.
# * Check what is lost.
#
# In notebook [05](05_fine_tuning.ipynb), the model learns from such batches.

# %% [markdown] tags=["speaker-notes"]
# **What goes wrong**
#
# * In 4.1: padding up to 32 instead of the longest; zeros in the mask for `[CLS]` and `[SEP]`; the
#   mask the wrong way round. The check names each of them.
# * "Pieces are syllables", or "pieces have a meaning". No: the longest piece in the list, from the
#   left.
# * "So WordPiece joins neighbours?" The *list* is made by joining neighbours. A word is *cut* from
#   the left. (The trainer of `tokenizers` joins the most frequent pair, as byte-pair encoding does.
#   Google's own program scored pairs a little differently and was never published.)
# * "The mask marks important words." It marks what is real. (Question 4 of the eight.)
# * "The model learns to ignore padding, so no mask is needed." Compare the two columns of the
#   table.
#
# All answers stand in the solved notebook. **Modify** (your words): rare words and other languages
# need most tokens: the list comes from English texts. **Modify** (a setting): similar lengths
# together, and a limit of 56; the order helps more than the limit. **Investigate**
# (`model.train()`): dropout makes even the column "with mask" differ. That is fault 2 of 05. Put
# `eval()` back. **Investigate** (IMDb): 64 tokens cut nearly all long reviews, 512 about a fifth.
# **Modify** (another language): any text will do; a few pages are enough.
#
# **Exercises:** 4.1 in class if you have 16 minutes: add the id of `[PAD]` up to the longest row; 1
# for a token, 0 for padding. 4.2 and section 7 at home. In 4.2, alone and with mask agree, without
# mask they do not. Whether more padding means more mistake, the two tables show. **Late?** Skip
# 4.1, `decode`, and the figure of lengths.
