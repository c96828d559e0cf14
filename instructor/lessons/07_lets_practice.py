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
# # 07 · Let's practice!
#
# **Time:** 45 minutes, and 5 more for Exercise 7.3 · **Computer time:** about 60 s ·
# after the core path
#
# You will
#
# * write the slide's program from memory, without its faults,
# * see what has changed since your first eight answers,
# * do a whole project: five topics of news, from the first look to the report,
# * repeat it with **your own CSV file**, and fill in a model card.

# %% [markdown] tags=["speaker-notes"]
# Plan: Exercise 7.1 takes 12 minutes, 7.2 6, the questions 4, the news 12 (7.3 at home), the own
# file 6, the card 5. In class, pairs work well: one types, one reads the sentences of the checks
# aloud. Ask a week before for files of the students' own: 100 texts with two or three labels are
# enough. Parts 3 and 4 need nothing from parts 1 and 2, so slow pairs may jump.

# %%
import course_utils
import torch
from transformers import BertForSequenceClassification, BertTokenizer

checkpoint = course_utils.checkpoint_folder()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Part 1: the slide from memory
#
# The slide ends with "Let's practice!" So here are its two exercises: *load and train*, then
# *evaluate*. In place of its four sentences we take 32 real film reviews. And as in most tables,
# the labels are **words**.

# %%
reviews = course_utils.load_reviews(quiet=True)[0].sample(32, seed=4)
texts, words = list(reviews.texts), list(reviews.to_frame()["label"])
for word, text in zip(words[:3], texts[:3], strict=True):
    print(f"{word}: {text}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Exercise 7.1: load, tokenise, train (12 min, medium)
#
# First the parts. Make `tokenizer` and `model` from `checkpoint`, with `BertTokenizer` and
# `BertForSequenceClassification`; the head needs two labels. Then make `inputs`, one batch for
# `texts`, with padding and a mask. A model cannot calculate with words: `inputs["labels"]` needs
# numbers, 0 for negative and 1 for positive.

# %% tags=["student"]
tokenizer = ...
model = ...
inputs = ...
# and the labels, as a tensor of numbers

# %% tags=["solution"]
torch.manual_seed(0)
tokenizer = BertTokenizer.from_pretrained(checkpoint)
model = BertForSequenceClassification.from_pretrained(checkpoint, num_labels=2)
inputs = tokenizer(texts, padding=True, truncation=True, max_length=64, return_tensors="pt")
inputs["labels"] = torch.tensor([reviews.label_names.index(word) for word in words])

# %% [markdown]
# Then the loop. `train` makes `epochs` steps with the whole batch, with dropout, as on the slide.
# It returns **the loss after the last step**, of the model at rest: dropout off. (The slide printed
# an older one. That was its first fault.)


# %% tags=["student"]
def train(model, inputs, epochs):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    for _epoch in range(epochs):
        pass  # forward, backward, step, zero_grad. And in which mode?
    # the loss once more
    return ...


# %% tags=["solution"]
def train(model, inputs, epochs):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    model.train()
    for _epoch in range(epochs):
        loss = model(**inputs).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()
    with torch.no_grad():
        return model(**inputs).loss.item()


# %% [markdown]
# The check looks at what your lines *do*. It lets `train` work on sentences of its own, so your
# model stays as it is. Stuck? `course_utils.show_hint("7.1")`

# %%
course_utils.check(
    "7.1", reviews=reviews, tokenizer=tokenizer, model=model, inputs=inputs, train=train
)

# %% [markdown]
# **Modify:** when you see ✔, train your own model in a new cell: `train(model, inputs, epochs=10)`.
# It takes some seconds. Compare the loss with that of a guess, 0.693. Does a low loss on these 32
# reviews say anything about others?

# %% [markdown] tags=["speaker-notes"]
# It does not: 32 reviews can be learned by heart. That is why part 3 begins with three parts of
# the data, and with baselines.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Exercise 7.2: evaluate (6 min, medium)
#
# Complete `judge`. It takes a list of sentences and returns two lists: the *name* of the label of
# each sentence, and the probability of that label. Same answer every time, no gradients, right for
# one sentence and for many, and for any labels: `model.config.id2label` gives the name to a
# position. The check brings a model with three labels of its own.


# %% tags=["student"]
def judge(model, tokenizer, sentences):
    # the mode, the batch, the logits, softmax and argmax
    return ..., ...


# %% tags=["solution"]
def judge(model, tokenizer, sentences):
    model.eval()
    batch = tokenizer(sentences, padding=True, truncation=True, max_length=64, return_tensors="pt")
    with torch.no_grad():
        logits = model(**batch.to(model.device)).logits  # (batch, classes)
    best = torch.softmax(logits, dim=-1).max(dim=-1)  # values and positions, both (batch,)
    labels = [model.config.id2label[position] for position in best.indices.tolist()]
    return labels, best.values.tolist()


# %%
course_utils.check("7.2", judge=judge)

# %% [markdown]
# **Modify:** let it judge sentences of your own, in a new cell. If you saved a model in 05, load it
# with `mine, its_tokenizer = course_utils.load("reviews")`, then call
# `judge(mine, its_tokenizer, ["I had an awesome day!"])`.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Part 2: the eight questions again
#
# You answered them in notebook 00. Answer again *without* looking back: `"a"`, `"b"`, `"c"`, or
# `"?"`.
#
# 1. Transfer learning: (a) data moves to a GPU (b) one task helps another (c) two models at once
# 2. BERT reads (a) left to right (b) right to left (c) all words together
# 3. A tokenizer (a) makes numbers of a fixed vocabulary (b) translates (c) corrects spelling
# 4. The attention mask tells (a) important words (b) real positions from padding (c) secret words

# %% [markdown]
# 5. A new head starts with (a) zeros (b) the checkpoint's weights (c) random weights
# 6. `model.eval()` (a) computes the accuracy (b) stops gradients (c) switches dropout off
# 7. 80 of 100 are right. On all such texts: (a) exactly 80 % (b) probably 71 to 87 % (c) unknown
# 8. The test set is for (a) choosing the learning rate (b) judging once, at the end (c) training
#    when data is short

# %% tags=["student"]
answers = {1: "?", 2: "?", 3: "?", 4: "?", 5: "?", 6: "?", 7: "?", 8: "?"}

# %% tags=["solution"]
answers = {1: "b", 2: "c", 3: "a", 4: "b", 5: "c", 6: "c", 7: "b", 8: "b"}

# %%
course_utils.compare_answers("eight questions", answers)

# %% [markdown]
# The first answers come from notebook 00, if you ran it on this computer. Where you read *no* or
# *open*, the number says in which notebook to look.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Part 3: a project, five topics
#
# Now a task that is new to you: **which topic does a headline belong to?** Five answers, not two.
# The steps are those of every project:
#
# look at the data → baseline → model → choose on validation → report on test → read the mistakes
# → model card

# %% [markdown]
# **1. Look.** Headlines of the BBC, from 2004 and 2005, in three parts.

# %%
train_news, validation_news, test_news = course_utils.load_headlines()

# %% [markdown]
# **Predict:** can you tell the topic from the headline alone, in all ten cases? If you cannot, then
# do not expect it from a model.

# %%
some = train_news.sample(10, seed=3)
for text in some.texts:
    print(text)

# %%
for text, label in zip(some.texts, some.labels, strict=True):
    print(f"{some.label_names[label]:14} {text}")

# %% [markdown]
# Before any training, one table. It shows what goes wrong most often: rare labels, texts that will
# be cut off, and copies.

# %%
tokenizer = course_utils.load_tokenizer()
course_utils.data_report(train_news, validation_news, test_news, tokenizer=tokenizer)

# %% [markdown]
# Headlines are short, so nothing is cut off at 64 tokens. No text of the test stands in train: that
# would be a test with known answers. The topics are not equally frequent. Keep that in mind.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **2. Baselines.** First the two cheap methods from notebook 06. (They are judged on test at once,
# because we choose nothing by these numbers. *Your* model stays away from test until step 5.)
#
# **Predict:** always the most frequent topic. How often is that right, with five topics?
# (a) in 50 % (b) in a bit more than 20 % (c) in 5 %

# %%
majority = course_utils.majority_baseline(train_news, test_news)
tfidf = course_utils.tfidf_baseline(train_news, validation_news, test_news)
print(majority)
print(tfidf)

# %%
course_utils.expect("topics tfidf accuracy", tfidf.accuracy)

# %% [markdown]
# (b). And counting words is strong here: *film* or *minister* gives a topic away. TF-IDF is the
# number to beat.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **3. The model.** The encoder is the one that you know. The head is new: it needs one output for
# each topic. `label_names` gives their number, and their names.

# %%
model = course_utils.load_classifier(label_names=train_news.label_names)
print(model.classifier)
print(model.config.id2label)

# %% [markdown]
# `id2label` is stored with the model. So whoever loads it knows that position 3 means sports.
# Without names, a model answers "3", and somebody has to guess.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **4. Choose on validation.** How many epochs, which learning rate? We tried it, and recorded the
# accuracy on the *validation* headlines over several seeds. The last line says how exact one such
# number can be.

# %%
record = course_utils.load_record("topics")
for (rate, epochs), runs in record.groupby(["learning_rate", "epochs"]):
    accuracy = 100 * runs["validation_accuracy"].mean()
    print(f"rate {rate:.0e}, epochs {epochs}, {len(runs)} seeds: {accuracy:.1f} % on average")
if len(record):
    right = round(record["validation_accuracy"].max() * len(validation_news))
    low, high = course_utils.accuracy_interval(right, len(validation_news))
    print(f"the best run, 95 % interval: {100 * low:.1f} to {100 * high:.1f} %")

# %% [markdown]
# The means of the highest three lie within two points. Single seeds of one recipe (not printed
# here) lie more than three apart. So these few seeds on 202 headlines cannot say which of them is
# best. We take **3e-4, two epochs**: a third takes half as long again, for a gain of which we
# cannot be sure.
#
# The next cell trains. **Predict:** five answers, nothing learned yet.
# The first losses will be about (a) 0.69 (b) 1.61 (c) 5.0

# %%
rate = 3e-4 if len(record) else None  # None: what suits another checkpoint
history = course_utils.fine_tune(model, tokenizer, train_news, epochs=2, learning_rate=rate)
history

# %%
course_utils.expect("topics first loss", sum(history.losses[:10]) / 10)
course_utils.expect("topics last loss", sum(history.losses[-10:]) / 10)

# %% [markdown]
# The first losses: (b). A guess among five costs ln 5, about 1.61, and the mean of the first ten
# steps is near it. At the end the model no longer guesses, at least on headlines that it has read.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **5. Report on test.** Once.

# %%
on_test = course_utils.evaluate(model, tokenizer, test_news)
course_utils.plot_accuracies([majority, tfidf, on_test])

# %%
gain = course_utils.paired_bootstrap(on_test, tfidf)
print("BERT minus TF-IDF:", gain)
course_utils.expect("topics accuracy", on_test.accuracy)
course_utils.expect("topics gain over TF-IDF", gain.value)

# %% [markdown]
# Does the interval of the gain lie above zero? Then the choice of these 302 headlines does not
# explain it. And over the recorded seeds?

# %%
runs = record[(record["learning_rate"] == 3e-4) & (record["epochs"] == 2)]
if len(runs):
    gains, above = 100 * runs["difference"], (runs["difference_low"] > 0).sum()
    print(f"gain by seed: {gains.min():+.1f} to {gains.max():+.1f} points")
    print(f"interval above zero: {above} of {len(runs)} seeds")

# %% [markdown] slideshow={"slide_type": "slide"}
# ### One number for five topics
#
# Accuracy counts *texts*. A frequent topic weighs more, and a rare one can be forgotten without
# harm. **F1** is one number for each topic. It is high only if the answers are right (precision)
# *and* the texts are found (recall). **Macro F1** is the plain mean: every topic counts the same.

# %%
for result in (majority, tfidf, on_test):
    percent = 100 * result.accuracy
    print(f"{result.name:30} accuracy {percent:5.1f} %   macro F1 {result.macro_f1:.3f}")
course_utils.expect("topics macro F1", on_test.macro_f1)

# %% [markdown]
# Look at the first line. Always the same topic: that is right now and then, but four of five topics
# have an F1 of zero. Accuracy hides it, macro F1 does not. In the last line both numbers nearly
# agree, because no topic is rare here. In your own data, one may be.

# %%
on_test.per_class()

# %% [markdown]
# **Investigate:** which topic has the lowest F1? Is it because the model misses its headlines (low
# recall), or because it gives that answer too often (low precision)?

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 7.3: macro F1 by hand (5 min, medium)
#
# `counts` has one row per true topic and one column per answer. Compute for each topic
#
# * precision: of all answers with this topic, how many are right?
# * recall: of all headlines with this topic, how many were found?
# * F1: 2 · precision · recall / (precision + recall)
#
# and `macro`, the mean of the F1 of all topics.

# %% tags=["student"] slideshow={"slide_type": "skip"}
counts = on_test.confusion()
precision, recall, f1 = {}, {}, {}
for topic in counts.index:
    right = counts.loc[topic, topic]
    precision[topic] = ...
    recall[topic] = ...
    f1[topic] = ...
macro = ...

# %% tags=["solution"]
counts = on_test.confusion()
precision, recall, f1 = {}, {}, {}
for topic in counts.index:
    right = counts.loc[topic, topic]
    p = right / counts[topic].sum()  # its column: all answers with this topic
    r = right / counts.loc[topic].sum()  # its row: all headlines with this topic
    precision[topic], recall[topic], f1[topic] = p, r, 2 * p * r / (p + r)
macro = sum(f1.values()) / len(f1)

# %% slideshow={"slide_type": "skip"}
course_utils.check("7.3", result=on_test, precision=precision, recall=recall, f1=f1, macro=macro)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **6. Read the mistakes.** With five topics there are twenty kinds of mistake. Which ones happen?
# Look for the darkest cells off the diagonal.

# %%
course_utils.plot_confusion(on_test)

# %% [markdown]
# With so few mistakes per cell, chance decides which cell is the darkest. So we ask for a larger
# part: which share of the mistakes stays *among* business, politics and sports? These are six of
# the twenty kinds, or 30 %.
#
# **Predict:** it is (a) less than 30 % (b) about 30 % (c) more than 30 %

# %%
import numpy as np

topics = np.array(test_news.label_names)
true, answered = topics[list(test_news.labels)], topics[on_test.predicted]
among = np.isin([true, answered], ["business", "politics", "sports"]).all(axis=0)
share = among[~on_test.correct].mean()
print(f"{100 * share:.1f} % of the mistakes are among these three")
course_utils.expect("topics mistakes among three", share)

# %% [markdown]
# (c), in this run. Is any topic answered too often? Then its column has many dark cells off the
# diagonal. Now read some mistakes.

# %% tags=["nbval-ignore-output"]
mistakes = on_test.largest_errors(6)
for row in mistakes.itertuples():
    print(f"{row.text}\n    is {row.true}, model says {row.predicted} ({row.confidence:.2f} sure)")
assert (mistakes["true"] != mistakes["predicted"]).all()

# %% [markdown]
# **Investigate:** which answer comes up again and again? And for each one, would *you* have known?
# Some need the whole article: the headline does not say it. Some need a name from 2004 that a
# larger model might know. Some fit two topics.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Part 4: your own texts
#
# Everything so far works with any texts. You need a CSV file (every spreadsheet can save one) with
# two columns: `text` and `label`. One text per row, at least 30 texts for each label.
#
# Ours holds 120 messages to a library, which we wrote for this course.

# %%
my_file = course_utils.example_csv()  # or "my_texts.csv", in the folder of this notebook
my_texts = course_utils.from_csv(my_file)  # other columns? from_csv(my_file, text="...")
my_texts

# %%
for text, label in zip(my_texts.texts[:6], my_texts.labels[:6], strict=True):
    print(f"{my_texts.label_names[label]:10} {text}")

# %% [markdown]
# **Predict:** for which of the three labels could a machine look for one sign, the question mark?
# And for the other two? (In these six, only the questions have one. To tell complaints from praise,
# it must read words.)

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### When the file has a fault
#
# Most files have one at first. So we break a copy of ours in four ways, and read what `from_csv`
# says.

# %%
import tempfile
from pathlib import Path

good = course_utils.example_csv().read_text(encoding="utf-8")
faults = {
    "a label with a slip": good.replace(",praise", ",prase", 1).encode(),
    "a text without a label": good.replace(",question", ",", 1).encode(),
    "no names of columns": good.partition("\n")[2].encode(),
    "saved in an old encoding": good.encode("latin-1"),
}
with tempfile.TemporaryDirectory() as folder:
    for fault, content in faults.items():
        broken = Path(folder, "broken.csv")
        broken.write_bytes(content)
        try:
            course_utils.from_csv(broken)
        except course_utils.CourseError as problem:
            print(f"{fault}:\n   {problem}\n")

# %% [markdown]
# File, row, column, and what to do. The row is the one that your spreadsheet shows: the names of
# the columns are row 1.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### The same steps again
#
# Split and look. The split asks each text itself where it belongs, so it is the same tomorrow, and
# on your friend's computer.

# %%
my_train, my_validation, my_test = course_utils.split(my_texts)
course_utils.data_report(my_train, my_validation, my_test, tokenizer=tokenizer)

# %% [markdown]
# **Predict:** the test has 18 messages. How wide will the interval of the accuracy be?
# (a) 2 points (b) 8 points (c) 15 points or more
#
# Few texts make few steps, so we take small batches and more epochs.

# %%
epochs = max(1, 500 // len(my_train))  # few texts: read them several times
my_model = course_utils.load_classifier(label_names=my_texts.label_names, quiet=True)
my_history = course_utils.fine_tune(my_model, tokenizer, my_train, epochs=epochs, batch_size=8)
print(epochs, "epochs:", my_history)

# %%
my_majority = course_utils.majority_baseline(my_train, my_test)
my_tfidf = course_utils.tfidf_baseline(my_train, my_validation, my_test)
my_result = course_utils.evaluate(my_model, tokenizer, my_test)
course_utils.plot_accuracies([my_majority, my_tfidf, my_result])

# %%
low, high = my_result.interval
print(f"from {100 * low:.1f} to {100 * high:.1f} %: {100 * (high - low):.1f} points wide")
print("BERT minus TF-IDF:", course_utils.paired_bootstrap(my_result, my_tfidf))
if my_file == course_utils.example_csv():
    course_utils.expect("library accuracy", my_result.accuracy)
    course_utils.expect("library gain over TF-IDF", my_result.accuracy - my_tfidf.accuracy)

# %% [markdown]
# (c). With 18 messages we hardly know more than "much better than a guess". A small gain would be
# invisible here: bring more texts. (And *majority*? The most frequent label of train is not that of
# these 18. Small parts differ by chance.)
#
# And yet one thing stands out, on *our* file: 88 messages are too few to learn words from, so
# counting words does poorly. BERT had met most words before. Few labels: this is what transfer
# learning is for.

# %%
course_utils.live_prediction(
    my_model, tokenizer, ["When do you open?", "The door is stuck again.", "You are the best!"]
)

# %% [markdown]
# **Modify:** put your own file into `my_file`, and run part 4 again from there. No file at hand?
# Type 60 messages of two kinds into a spreadsheet. It takes half an hour, and you learn how hard it
# is to decide on a label.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Part 5: the model card
#
# **7. The card.** The last step of a project is one page for those who will use the model and did
# not sit beside you. The numbers come from the evaluation. The words come from you.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Exercise 7.4: fill in the card (5 min, easy)
#
# Write one or two sentences in place of each `...`. In `result`, say on how many headlines the
# model was tested, how accurate it was, and from where to where the interval goes. (A card for your
# own file? Then take `my_result`, `my_tfidf` and `my_majority`, also in the two cells below.)

# %% tags=["student"]
fields = {
    "name": "Topics of news headlines",
    "purpose": ...,
    "not_for": ...,
    "data": ...,
    "result": ...,
    "weak_spots": ...,
}

# %% tags=["solution"]
low, high = (100 * bound for bound in on_test.interval)
fields = {
    "name": "Topics of news headlines",
    "purpose": "Sorting English news headlines into five topics, as a first guess for an editor.",
    "not_for": "Other languages, other topics, whole articles, or deciding what people may read.",
    "data": f"{len(train_news):,} headlines of the BBC from 2004 and 2005, one source, two years.",
    "result": f"Of {len(test_news)} headlines that it had not seen, {100 * on_test.accuracy:.1f} % "
    f"are right (95 % interval {low:.1f} to {high:.1f}).",
    "weak_spots": "Headlines that fit two topics, such as business and politics. Names that became "
    "known after 2005. It has no answer for a sixth topic.",
}

# %%
card = course_utils.model_card(fields, on_test, tfidf, majority)
card

# %%
course_utils.check("7.4", card=card, result=on_test)

# %% [markdown]
# **Modify:** `card.save("model_card.md")`, in a new cell, writes it to a file beside this notebook.
# Then give it to somebody who was not here. What do they ask? That belongs on the card, too.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Check yourself (2 min)
#
# Three questions. Each choice gets a reply at once. (Keys: Tab goes to the next choice, Space takes
# it.)

# %% slideshow={"slide_type": "skip"}
course_utils.quiz("07")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# * write the fine-tuning loop and the evaluation from memory,
# * give a BERT any set of labels, and judge it by accuracy, macro F1 and its mistakes,
# * bring your own texts, and understand what a faulty file wants to tell you,
# * write down what a model is for, what it is not for, and how sure you are.

# %% [markdown]
# This is the end of the main path. You started with a program that tossed a coin. Now you have the
# steps, the tools and the doubts to build one that deserves some trust. The next project is yours:
# your texts, your labels, your model card.

# %% [markdown]
# Notebook [06](06_evaluation.ipynb) is a good list of questions to ask of it. And if you want to
# know *why* a model answers as it does, go on with [08](08_looking_inside.ipynb).
