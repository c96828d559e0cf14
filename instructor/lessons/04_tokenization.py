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
# **Time:** 18 minutes with Exercise 4.1 (parts marked *at home*: 15 more) ·
# **Computer time:** about 20 s · **Core path** (00, 01, 04, 05, 06)
#
# You will
#
# * turn sentences into **tokens**, and tokens into numbers,
# * build a **batch** with padding and an attention mask,
# * measure what padding costs, and what happens without the mask,
# * find out what a tokenizer loses on the way.
#
# You need Python and the tensors of PyTorch. You need no knowledge of language processing.

# %% [markdown] tags=["speaker-notes"]
# Plan: tokens and ids 4 minutes, the batch 2, Exercise 4.1 4, cost of padding 2, mask 3, losses 3.
# Exercise 4.2 and section 7 are for home, or for those who finish early. Each Predict cell: hands
# up for (a), (b), (c) first, then run. In 14 of the 90 minutes: Exercise 4.1 at home, too.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Four sentences and a tokenizer
#
# A neural network calculates. So it needs numbers, not words. The **tokenizer** makes the numbers.
#
# Here are the slide's sentences and its tokenizer. The **checkpoint** is a folder with the files of
# a trained model. The slide writes `'bert-base-uncased'` there; ours is on your computer already.

# %%
import course_utils
import torch
from transformers import BertTokenizer

checkpoint = course_utils.checkpoint_folder()
tokenizer = BertTokenizer.from_pretrained(checkpoint)

# %%
texts = ["I love this!", "This is terrible.", "Amazing experience!", "Not my cup of tea."]
labels = [1, 0, 1, 0]  # 1 means positive, 0 negative

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. From words to tokens
#
# The tokenizer cuts a text into pieces. One piece is a **token**.
#
# **Predict:** how many tokens is `I love this!`
# (a) 3 (b) 4 (c) 12

# %%
tokenizer.tokenize(texts[0])

# %% [markdown]
# (b). Three words, and the `!` is a token of its own. Look at the `I`: it became `i`. Our tokenizer
# writes everything in lower case.
#
# The tokens come from a fixed list, the **vocabulary**. How long is that list?

# %%
print(f"{len(tokenizer):,} tokens")

# %% [markdown] slideshow={"slide_type": "subslide"}
# English has many more words than that, and new ones appear every day.
#
# **Predict:** what does the tokenizer do with a word that is not in its list?
# (a) It stops with an error. (b) It leaves the word out. (c) It cuts the word into smaller pieces.

# %%
for word in ["movie", "watch", "watchable", "unwatchable", "unforgettable", "ChatGPT"]:
    print(f"{word:14} {tokenizer.tokenize(word)}")

# %% [markdown]
# (c). The method is called **WordPiece**. It takes the longest piece that is in the vocabulary,
# from the left; then it goes on with the rest. `##` means: this piece belongs to the one before.
#
# Pieces need no meaning: there is no *table* in "unforgettable". And the list was made in 2018, so
# it cannot know "ChatGPT".

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Modify:** put in your first name, your city, and a word of your own language. Which word needs
# the most tokens, and why?

# %%
my_words = ["pizza", "Barcelona", "buongiorno"]
for word in my_words:
    print(f"{word:14} {tokenizer.tokenize(word)}")

# %% [markdown]
# The vocabulary was made from English texts. So frequent English words need one token, rare words
# and words of other languages need more.

# %% [markdown] slideshow={"slide_type": "skip"}
# Type on: the tokens follow, and below them their numbers, which come next.

# %% slideshow={"slide_type": "skip"}
course_utils.live_tokens(tokenizer)

# %% [markdown] tags=["speaker-notes"]
# Ask for the record in the room. More tokens for the same sentence cost more time, and reach
# max_length sooner: that is unfair to other languages.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. From tokens to ids
#
# Each token has a number, its **id**: its place in the vocabulary. The model keeps one row of
# weights per token, and the id says which row to take.
#
# **Predict:** `I love this!` has four tokens. How many ids will it have?
# (a) 4 (b) 5 (c) 6

# %%
ids = tokenizer(texts[0])["input_ids"]
for number in ids:
    print(f"{number:6}  {tokenizer.convert_ids_to_tokens(number)}")

# %% [markdown]
# (c). The tokenizer added two **special tokens**. `[CLS]` (for *classification*) opens every text:
# at its place the model collects what it needs to choose a label. `[SEP]` (for *separator*) closes
# the text.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. A batch: one tensor for four sentences
#
# A model reads several texts at once, a **batch**. But our sentences have different lengths, and
# all rows of a tensor are equally long. So short rows are filled up with `[PAD]`: **padding**.
#
# Here is the slide's line. `padding=True` fills up to the longest text. `truncation=True` would cut
# off what is longer than `max_length`.

# %%
inputs = tokenizer(texts, padding=True, truncation=True, return_tensors="pt", max_length=32)
inputs["labels"] = torch.tensor(labels)
for name, tensor in inputs.items():
    print(f"{name:15} {tuple(tensor.shape)}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Four rows with eight positions each, and four labels.
#
# **Predict:** of these 32 positions, how many hold padding? (`[CLS]` and `[SEP]` are tokens.)
# (a) 7 (b) 12 (c) 16

# %%
padding = inputs["input_ids"] == tokenizer.pad_token_id  # (batch, sequence), True or False
print(f"{padding.sum().item()} of {padding.numel()} positions hold padding")
inputs["input_ids"]  # (batch, sequence)

# %% [markdown] slideshow={"slide_type": "subslide"}
# (a). The id of `[PAD]` is 0. Where are the seven? The picture shows the tokens in place of the
# ids, and below them another tensor of the batch.

# %%
course_utils.plot_batch(tokenizer, inputs)

# %% [markdown]
# The lower map is the **attention mask**: 1 for a token, 0 for padding. It tells the model where
# *not* to look.
#
# `token_type_ids` tell a first text from a second (a question and its answer, for example); we have
# one text per row, so they are all 0.
#
# Is the mask 0 exactly where the padding is? `assert` says nothing if so, and stops if not.

# %%
assert torch.equal(inputs["attention_mask"] == 0, padding)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Exercise 4.1: a batch by hand (4 min, easy)
#
# Do it once yourself, in plain Python. Here are three texts, and three rows of different length.

# %%
three = ["Great!", "I left before the end.", "Too long for me."]
rows = tokenizer(three)["input_ids"]
for row in rows:
    print(len(row), row)

# %% [markdown]
# Make `input_ids`, a list of three lists: the rows, filled up with `tokenizer.pad_token_id` to the
# length of the longest. Make `attention_mask`, of the same shape: 1 for a token, 0 for padding.
#
# Replace the `...`, then run both cells. Need help? `course_utils.show_hint("4.1")`

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

# %% [markdown] tags=["speaker-notes"]
# Typical mistakes: padding up to 32 instead of the longest; zeros in the mask for [CLS] and [SEP];
# the mask the wrong way round. The check names each of them.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. Padding has a price
#
# The model computes every position of the tensor, padding included. In our small batch nobody
# notices. But what about real data? We take film reviews, one sentence each.

# %%
train, validation, test = course_utils.load_reviews()
encoded = tokenizer(list(train.texts))["input_ids"]
lengths = [len(ids) for ids in encoded]
print(f"\n{sum(lengths):,} tokens in train, at most {max(lengths)} in one review")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Three ways to make batches from the training reviews:
#
# 1. one tensor for all, padded to the longest review;
# 2. batches of 32 in the given order, each padded to *its own* longest review;
# 3. batches of 32 reviews of similar length.
#
# Here, a batch is a list of row numbers.

# %%
from course_utils.model.batches import Batches

everyone = list(range(len(train)))
in_order = [everyone[start : start + 32] for start in range(0, len(train), 32)]
similar = Batches(tokenizer, train.texts, batch_size=32, max_length=128, seed=0)
alike = similar.order()  # the rows of each batch, similar lengths together

# %% [markdown]
# We count positions: rows times the longest length in the batch.
#
# **Predict:** with one tensor for all, how many positions are there for each token?
# (a) 1.1 (b) 1.6 (c) more than 2.5


# %%
def count_positions(batches):
    return sum(len(rows) * max(lengths[row] for row in rows) for rows in batches)


ways = {"one tensor": [everyone], "32, given order": in_order, "32, similar length": alike}
for name, batches in ways.items():
    positions = count_positions(batches)
    print(f"{name:20} {positions:8,} positions, {positions / sum(lengths):4.2f} for each token")

# %% [markdown]
# (c). With one tensor for all, more than half of the work is for padding. With similar lengths
# together, hardly any. The tokens are the same; only the waste is gone. `fine_tune` in notebook 05
# works this way.
#
# Now see the waste, in grey. First a batch in the given order:

# %%
course_utils.plot_batch(tokenizer, similar.batch(in_order[0]))

# %% [markdown]
# And a batch of similar lengths:

# %%
course_utils.plot_batch(tokenizer, similar.batch(alike[0]))

# %% [markdown] slideshow={"slide_type": "skip"}
# And if long reviews are cut off, too? Move `max_length`, and tick the box. Find a setting that
# cuts few reviews, and reads little padding.

# %% slideshow={"slide_type": "skip"}
course_utils.batch_builder(tokenizer, train.texts, max_length=64)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. What a missing mask does
#
# In BERT, every token looks at every other token. Only the mask keeps it from looking at padding.
#
# We ask a model for its **logits**: two raw numbers per text, one for each label. Its last layer is
# new and random, so the numbers mean nothing yet. But each pair should depend on *one* text only.

# %%
model = course_utils.load_classifier(quiet=True)
model.eval()


def logits_of(**batch):
    with torch.inference_mode():  # we only read: no gradients
        return model(**batch).logits  # (batch, 2)


# %% [markdown]
# Why `eval()`? In training, **dropout** switches off some neurons by chance. Then the same sentence
# gives other logits each time, and we could compare nothing. `eval()` stops dropout.
#
# Now each sentence alone, then all four in one batch: with the mask, and without it. (`**` hands
# over each tensor under its name.)

# %%
alone = torch.cat([logits_of(**tokenizer(text, return_tensors="pt")) for text in texts])
with_mask = logits_of(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
without = logits_of(input_ids=inputs["input_ids"])
alone.shape, with_mask.shape, without.shape  # (batch, 2)

# %% [markdown] slideshow={"slide_type": "subslide"}
# No error, and all shapes are right. Next, for each sentence: how much do its logits in the batch
# differ from its logits alone?
#
# **Predict:** without the mask, which sentences get other logits?
# (a) none (b) those with padding (c) all four


# %%
def difference(first, second):
    return (first - second).abs().max(dim=-1).values  # (batch,)


masked, unmasked = difference(alone, with_mask), difference(alone, without)
print("difference from alone:  with mask    without")
for row, text in enumerate(texts):
    print(f"{text:23} {masked[row]:.6f}   {unmasked[row]:.6f}")

between = difference(alone[0], alone[1])
print(f"\nFor comparison, the first two sentences, alone, differ by {between:.6f}")

# %% [markdown]
# (b). With the mask, each sentence gets the numbers that it gets alone. Without it, padding counts
# as text. Only the longest sentence has no padding, so nothing happens to it. The next cell makes
# sure:

# %%
assert masked.max() < 0.0001
assert unmasked[3] < 0.0001
course_utils.expect("no mask, smallest difference", unmasked[:3].min().item())

# %% [markdown]
# Is the mistake small? Compare the first row with the last line: how far "I love this!" moves, and
# how far away "This is terrible." is. And Python did not complain. A forgotten mask is a **silent**
# fault.
#
# **Investigate** (*at home*): write `model.train()` for `model.eval()`, and run again from there.
# What happens to the column "with mask"?
# (The cell with `assert` will stop then: that is its job. Put `eval()` back before you go on.)

# %% [markdown] tags=["speaker-notes"]
# With train(), dropout makes even the column "with mask" differ, and the assert stops. That is the
# same fault as in the slide's program; notebook 05 comes back to it.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 4.2: a long neighbour (5 min, medium, *at home*)
#
# `pair` holds a short and a long text. Compute the logits of the **short** one three times: alone,
# in the batch with the mask, in the batch without it. Each answer has shape `(2,)`: it is one row.
#
# Replace the `...`. Then run `difference(logits_alone, logits_without_mask)` in a new cell, and
# compare it with "I love this!" in the table above: more padding, more mistake?

# %% slideshow={"slide_type": "skip"}
pair = ["I love this!", "I waited for two long hours, and nothing at all happened in this film."]

# %% tags=["student"] slideshow={"slide_type": "skip"}
logits_alone = ...
logits_with_mask = ...
logits_without_mask = ...

# %% tags=["solution"] slideshow={"slide_type": "skip"}
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

# %%
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

# %% [markdown]
# The answer is four. An emoji is not in the vocabulary, and it has no smaller pieces. It becomes
# `[UNK]`, *unknown*. The same happens to most Chinese characters. Good and bad are equal then, and
# no training can repair that. Capital letters and accents (`ö`) are gone too.
#
# Is that a problem for our reviews? Count.

# %%
unknown = sum(ids.count(tokenizer.unk_token_id) for ids in encoded)
print(f"{unknown} of {sum(lengths):,} tokens are unknown")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Not for these reviews: they are English, and from a time when few people wrote emoji. For other
# texts, count first.
#
# `decode` goes back from ids to text. **Predict:** what will be missing?

# %%
text = "Café  LATTE,\n5 €! I loved it 😍"
print(tokenizer.decode(tokenizer(text)["input_ids"]))

# %% [markdown]
# Missing: the accent, the capital letters, the second space, the new line, the emoji. The model
# never learns that they were there.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### The end is cut off
#
# Here we throw text away ourselves. `truncation=True, max_length=16` keeps 16 tokens, `[CLS]` and
# `[SEP]`
# included.
#
# **Predict:** read the review in the next cell. Will the part that is kept sound positive or
# negative?

# %%
review = "A slow start, weak jokes, loud music, a silly plot. And yet I loved every minute."
kept = tokenizer(review, truncation=True, max_length=16)["input_ids"]
print(tokenizer.decode(kept, skip_special_tokens=True))

# %% [markdown]
# Negative: the end is gone. The label is still "positive", and the model would learn nonsense. So
# look at the lengths *before* you choose `max_length`:

# %%
course_utils.plot_token_lengths(lengths, limits=(32, 64))

# %% [markdown]
# At 32 we would cut about three in ten reviews; at 64 almost none. So the course uses 64. The
# higher limit is cheap, because each batch is padded only to its own longest text.
#
# BERT has a limit of its own: it cannot read more than 512 tokens.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Investigate** (*at home*): the same for long reviews from IMDb. Which share would you cut off at
# 64 tokens? And at 512?

# %% slideshow={"slide_type": "skip"}
long_texts = course_utils.load_imdb(quiet=True).sample(200).texts
long_lengths = [len(ids) for ids in tokenizer(list(long_texts))["input_ids"]]
course_utils.plot_token_lengths(long_lengths, limits=(64, 512))

# %% [markdown] slideshow={"slide_type": "skip"}
# ## 7. Where does the vocabulary come from? (*at home*, 10 minutes)
#
# It is learned, by counting. Start with single letters. Look for the two neighbours that stand
# together most often, and make them one new token. Repeat, until the list is as long as you want.
#
# We do it with our reviews, and with the library `tokenizers`. It takes a few seconds.


# %% slideshow={"slide_type": "skip"}
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers


def learn_vocabulary(texts, size):
    """A small WordPiece tokenizer whose vocabulary comes from these texts."""
    tiny = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tiny.normalizer = normalizers.BertNormalizer()  # lower case, no accents
    tiny.pre_tokenizer = pre_tokenizers.BertPreTokenizer()  # splits into words and signs
    letters = set(filter(str.isalnum, tiny.normalizer.normalize_str("".join(texts))))
    # The first entries in a fixed order, so that the result is the same in every run.
    start = ["[UNK]"] + ["##" + letter for letter in sorted(letters)]
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=start, show_progress=False)
    tiny.train_from_iterator(texts, trainer)
    return tiny


# %% [markdown] slideshow={"slide_type": "skip"}
# Two vocabularies: a short one with 500 entries, and one with 5,000. What did the short one learn
# first, and what last?

# %% slideshow={"slide_type": "skip"}
small = learn_vocabulary(train.texts, 500)
large = learn_vocabulary(train.texts, 5_000)

vocabulary = small.get_vocab()  # token -> id
learned = [token for token in sorted(vocabulary, key=vocabulary.get) if len(token.strip("#")) > 1]
print("The first pieces learned:", *learned[1:16])
print("The last ones of 500:    ", *learned[-8:])

# %% [markdown] slideshow={"slide_type": "skip"}
# First come frequent pairs of letters and short words; at the end, whole words that are frequent in
# film reviews, and pieces of them.
#
# **Predict:** how many tokens will "beautiful" need with 500 entries, with 5,000, and with BERT's
# vocabulary?
# (a) 5, 1, 1 (b) 5, 3, 1 (c) 1, 1, 1

# %% slideshow={"slide_type": "skip"}
for word in ["movie", "beautiful", "unwatchable", "tokenization"]:
    print(word)
    print("     500:", *small.encode(word).tokens)
    print("   5,000:", *large.encode(word).tokens)
    print("    BERT:", *tokenizer.tokenize(word))

# %% [markdown] slideshow={"slide_type": "skip"}
# (a). The more entries, the fewer pieces. So why not a million entries? Because each entry needs
# its own row of weights in the model. We count both: tokens per word, and weights.

# %% slideshow={"slide_type": "skip"}
words = sum(len(text.split()) for text in train.texts)
width = model.config.hidden_size
pieces = {
    "500": sum(len(one.ids) for one in small.encode_batch(list(train.texts))),
    "5,000": sum(len(one.ids) for one in large.encode_batch(list(train.texts))),
    f"{len(tokenizer):,}": sum(lengths) - 2 * len(lengths),  # without [CLS] and [SEP]
}
for entries, tokens in pieces.items():
    weights = int(entries.replace(",", "")) * width
    print(f"{entries:>7} entries: {tokens / words:.2f} tokens per word, {weights:11,} weights")

# %% [markdown] slideshow={"slide_type": "skip"}
# A vocabulary is a compromise: fewer tokens to read, or fewer weights to keep. BERT's was made from
# other texts. Still it cuts our reviews into the fewest pieces, because it is so long.
#
# **Modify:** teach `learn_vocabulary` another language. A few pages of text in a list are enough.

# %% [markdown] tags=["speaker-notes"]
# For those who ask: the trainer of `tokenizers` joins the most frequent pair (as byte-pair encoding
# does). Google's own program scored pairs a little differently and was never published.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Check yourself (2 min)
#
# Three questions. Each choice gets a reply at once. (Keys: Tab goes to the next choice, Space takes
# it.)

# %% slideshow={"slide_type": "skip"}
course_utils.quiz("04")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# * Turn texts into a batch: tokens, ids, special tokens, padding, attention mask, labels.
# * Say what padding costs, and make it cheap.
# * Prove that a mask is right: alone and in the batch, the logits agree.
# * Check what is lost: unknown signs, capital letters, accents, cut ends.
#
# In notebook [05](05_fine_tuning.ipynb), the model learns from such batches.
