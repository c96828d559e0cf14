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
# # 06 · Evaluation: can I trust the number?
#
# **Time:** 30 minutes, and 18 more for the exercises · **Computer time:** about 80 s ·
# **Core path** (00, 01, 04, 05, 06)
#
# You will
#
# * let your model judge a new sentence, and say what logits, softmax and argmax do,
# * report an accuracy with its interval, beside a baseline,
# * find out *where* the model is wrong, and whether its confidence can be believed,
# * write a model card: what the model is for, and what it must not be used for.

# %% [markdown] tags=["speaker-notes"]
# Plan: the repaired program 2 minutes, four of four 3, test and baseline 4, two kinds of chance 2,
# mistakes 2, "not" 2, elsewhere 2, card 1: 18. The threshold and the
# calibration are for home.
#
# In class, do at most three of the Predict cells with a show of hands and leave the exercises for
# home. If time is still short, skip "Is the gain real?". Do not skip the section on "not": it is
# the one that students remember.

# %% [markdown] slideshow={"slide_type": "skip"}
# You need the model that you saved in notebook 05. If you have none, the next cell trains one with
# the same recipe, in about a minute; its bar says how long.

# %% slideshow={"slide_type": "skip"}
import course_utils
import numpy as np
import torch

model, tokenizer = course_utils.load_or_train("reviews")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The slide's last program, repaired
#
# The same sentence as in notebook 00, but now a *trained* model. The lines have the repairs from
# 05:
# `model.eval()` switches dropout off, `argmax` gets its `dim`. And `torch.no_grad()` saves memory.

# %% [markdown]
# In 00 the answer was the toss of a coin. **Predict:** what does your model say now?
#
# (a) negative · (b) positive, not sure at all · (c) positive, quite sure

# %%
text = "I had an awesome day!"
input_eval = tokenizer(text, return_tensors="pt", truncation=True, padding=True, max_length=128)

model.eval()
with torch.no_grad():
    outputs_eval = model(**input_eval.to(model.device))
predictions = torch.nn.functional.softmax(outputs_eval.logits, dim=-1)  # (texts, classes)
predicted_label = "positive" if torch.argmax(predictions, dim=-1).item() > 0 else "negative"
print(f"Text: {text}\nSentiment: {predicted_label}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# It is not (a). To choose between (b) and (c), look at the numbers behind the word. The program
# makes
# three steps: logits, probabilities, label. Here is one line for each.

# %%
logits = outputs_eval.logits.cpu()  # (texts, classes) = (1, 2)
probabilities = torch.softmax(logits, dim=-1)  # (1, 2)
print(f"logits:         negative {logits[0, 0]:6.3f}   positive {logits[0, 1]:6.3f}")
print(f"probabilities:  negative {probabilities[0, 0]:6.3f}   positive {probabilities[0, 1]:6.3f}")
print("argmax:         position", torch.argmax(probabilities, dim=-1).item())

# %% [markdown]
# * A **logit** is a score. It can be any number. The head gives one for each class.
# * **softmax** turns the scores of one text into **probabilities**: from 0 to 1, and together 1.
# * **argmax** is the *position* of the largest number. Position 1 is "positive".
#
# So it is (c) if your probability of positive is well above 0.5. Is yours what we saw?

# %%
course_utils.expect("awesome day", probabilities[0, 1].item())

# %% [markdown]
# **Investigate:** what if you add 10 to *both* logits? Say what you expect, then run the cell.

# %%
print("before:", torch.softmax(logits, dim=-1))
print("after: ", torch.softmax(logits + 10, dim=-1))

# %% [markdown]
# Nothing changes. Only the *gap* between the logits counts. A logit alone says nothing.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Four right out of four
#
# You try four sentences, and all four answers are right. That makes 100 %. Is the model perfect?
#
# **Predict:** which true accuracies fit "4 of 4 right"?
#
# (a) only 100 % · (b) 90 to 100 % · (c) about 40 to 100 %

# %%
for right, total in ((4, 4), (3, 4), (30, 40), (300, 400), (3000, 4000)):
    low, high = course_utils.accuracy_interval(right, total, exact=True)
    share = 100 * right / total
    print(f"{right:5} of {total:5}: {share:5.1f} %, interval {100 * low:5.1f} to {100 * high:5.1f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# (c). A coin is right four times out of four once in 16 tries. That is not rare enough to rule out
# a coin. So the interval begins below 50 %.

# %% [markdown]
# The **true accuracy** is the one on all texts of this kind that there could be. Nobody knows it.
# The **interval** holds the values of it that fit what we saw. More texts make the interval
# narrower: for one tenth of the width you need a hundred times as many. `exact=True` is for small
# tests; from 40 texts on, the usual one hardly differs.

# %% [markdown]
# It is called a **95 % interval**. That is a promise, so let us test it. We invent a model with a
# true accuracy of 75 %, and let the computer play 1,000 tests of it, each with 100 texts.
#
# **Predict:** in how many of the 1,000 tests does the interval hold the 75 %?

# %%
truth = 0.75
rights = np.random.default_rng(seed=0).binomial(n=100, p=truth, size=1000)
intervals = [course_utils.accuracy_interval(int(right), 100) for right in rights]
held = np.mean([low <= truth <= high for low, high in intervals])
print(f"{100 * held:.1f} % of the intervals hold the true accuracy")
assert 0.93 < held < 0.97

# %% [markdown]
# About 95 of 100: the promise is kept. And about one interval in twenty misses the true accuracy.
# Nobody tells you which one.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Now open the test set
#
# Three parts, three jobs: **train** to learn from, **validation** to make choices, **test** to
# report. Whoever makes choices on the test set picks what was lucky there. So the rule is:
#
# *Choose on validation. Report test once.*
#
# In 05 all choices were made on validation. These test reviews are new to the model.

# %%
train, validation, test = course_utils.load_reviews()

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 6.1: repair the accuracy (7 min, medium)
#
# A classmate wrote this function to compute the accuracy of a model.


# %%
def classmates_accuracy(model, tokenizer, data):
    model.train()
    accuracies = []
    for start in range(0, len(data), 8):
        part = data.take(range(start, min(start + 8, len(data))))
        batch = tokenizer(
            list(part.texts), padding=True, truncation=True, max_length=64, return_tensors="pt"
        ).to(model.device)
        logits = model(**batch).logits.cpu()  # (batch, classes)
        predicted = torch.argmax(logits)
        right = predicted == torch.tensor(part.labels)
        accuracies.append(right.float().mean().item())
    return sum(accuracies) / len(accuracies)


few = validation.take(range(34, 51))
print(f"accuracy: {classmates_accuracy(model, tokenizer, few):.3f}")

# %% [markdown] slideshow={"slide_type": "skip"}
# It runs, and it prints a number, but not the accuracy of your model. Three faults make it wrong;
# you
# know two of them from 05. The third: the last batch holds a single review, and it counts as much
# as a
# full batch. A fourth fault only wastes memory.
#
# Copy the lines into `accuracy_of`, and repair them.


# %% tags=["student"] slideshow={"slide_type": "skip"}
def accuracy_of(model, tokenizer, data):
    # the repaired lines come here
    return ...


# %% tags=["solution"]
def accuracy_of(model, tokenizer, data):
    model.eval()
    right = 0
    for start in range(0, len(data), 8):
        part = data.take(range(start, min(start + 8, len(data))))
        batch = tokenizer(
            list(part.texts), padding=True, truncation=True, max_length=64, return_tensors="pt"
        ).to(model.device)
        with torch.no_grad():
            logits = model(**batch).logits.cpu()  # (batch, classes)
        predicted = torch.argmax(logits, dim=-1)  # (batch,)
        right += (predicted == torch.tensor(part.labels)).sum().item()
    return right / len(data)


# %%
course_utils.check("6.1", accuracy_of=accuracy_of)

# %% [markdown] slideshow={"slide_type": "subslide"}
# From here on, `course_utils.evaluate` does this work, for all batches and without your classmate's
# faults. Its probabilities come from `course_utils.predict`; with `??` behind the name, in a new
# cell, you can read it.
#
# **Predict:** the test set has about 1,300 reviews. How far does the interval reach on each side
# of the accuracy? (A **point** is one percent of all reviews.)
#
# (a) 0.2 points · (b) 2 points · (c) 10 points

# %%
on_test = course_utils.evaluate(model, tokenizer, test)
print(on_test)
low, high = on_test.interval
print(f"on each side about {100 * (high - low) / 2:.1f} points")
course_utils.expect("accuracy", on_test.accuracy)

# %% [markdown]
# (b). Chance in the choice of the reviews moves the accuracy by about two points. So one digit
# after the decimal point is more than enough, and a report without an interval promises too much.

# %% [markdown] tags=["speaker-notes"]
# What students get wrong about the interval: it is no range for single answers, and it says
# nothing about other texts or other trainings. Come back to this at "Two kinds of chance".

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Good, compared to what?
#
# An accuracy alone is neither good nor bad. Two simple methods answer the same reviews:
#
# * **majority label**: always the label that is most frequent in train; reads nothing;
# * **TF-IDF**, from 05: counts words, and does not know their order. Tuned on validation.

# %% [markdown]
# **Predict:** how good is counting words? (a) about 50 % · (b) about 60 % · (c) above 70 %

# %%
majority = course_utils.majority_baseline(train, test)
tfidf = course_utils.tfidf_baseline(train, validation, test)
course_utils.plot_accuracies([majority, tfidf, on_test])

# %%
course_utils.expect("tfidf accuracy", tfidf.accuracy)

# %% [markdown]
# (c). So only the part *above* TF-IDF is what BERT adds. A report that leaves the baseline out
# makes a model look better than it is.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Is the gain real?
#
# Both methods read *the same* reviews. So we can compare them review by review:

# %%
bert, words = on_test.correct, tfidf.correct  # one True or False per review
print(f"both right       {100 * (bert & words).mean():5.1f} %")
print(f"only BERT right  {100 * (bert & ~words).mean():5.1f} %")
print(f"only TF-IDF right{100 * (~bert & words).mean():5.1f} %")
print(f"both wrong       {100 * (~bert & ~words).mean():5.1f} %")

# %% [markdown]
# The gain is the second line minus the third. The other reviews cannot tell the two methods apart.
#
# Would other reviews show the same gain? The **paired bootstrap** plays that: it draws 1,290
# reviews from our 1,290, with repetition, and computes the gain again. It does so 10,000 times.
# 95 % of these gains lie in the interval that it reports. (It adds two invented reviews, one won by
# each method: no test is so small that it leaves no doubt.)

# %%
gain = course_utils.paired_bootstrap(on_test, tfidf)
print("BERT minus TF-IDF:", gain)
course_utils.expect("gain over TF-IDF", gain.value)  # as a fraction: 0.01 is one point

# %% [markdown]
# Look at the two bounds. Is zero between them? Then the gain may be luck in the choice of the
# reviews. Are both above zero? Then that kind of luck does not explain it.
#
# But there is a second kind of luck.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Two kinds of chance
#
# | question | answered by |
# |---|---|
# | How far may the *choice of test reviews* have moved our number? | the interval |
# | What if we *trained again*, with another seed? | the spread over seeds |

# %% [markdown]
# For the second one you have to train several times. We did, with the same recipe, and recorded
# each run. All runs are judged on these test reviews.
#
# **Predict:** which of the two moves the accuracy more?

# %%
record = course_utils.load_record("fine_tuning")
runs = record[(record["size"] == "default") & (record["learning_rate"] == 1e-4)]
low, high = on_test.interval
print(f"other reviews, your model:  {100 * low:.1f} to {100 * high:.1f} %")
if len(runs):
    accuracies, gains = 100 * runs["accuracy"], 100 * runs["difference"]
    print(f"other seeds, same reviews:  {accuracies.min():.1f} to {accuracies.max():.1f} %")
    print(f"gain over TF-IDF, by seed:  {gains.min():+.1f} to {gains.max():+.1f} points")
    above = (runs["difference_low"] > 0).sum()
    print(f"interval of the gain above zero: {above} of {len(runs)} seeds")

# %% [markdown]
# The choice of reviews, here, but the seeds are not far behind. Both matter, and one does not
# replace the other. Look at the gain: a lucky seed and an unlucky one are several points apart,
# with the same recipe. So a report on *one model* gives the interval, and a report on a *method*
# gives several seeds, too.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 6.2: read it right (2 min, easy)
#
# Which sentence follows from the interval of "BERT minus TF-IDF"? Write `"a"`, `"b"` or `"c"`.
#
# * (a) On *all* reviews of this kind, the true gain of *this model* probably lies between the
#   bounds.
# * (b) If I train with another seed, the gain lies between the bounds in 95 of 100 cases.
# * (c) On hotel reviews, the gain probably lies between the bounds.

# %% tags=["student"] slideshow={"slide_type": "skip"}
reading = ...

# %% tags=["solution"]
reading = "a"

# %%
course_utils.check("6.2", reading=reading)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where is it wrong?
#
# One number hides what kind of mistakes there are. The **confusion matrix** shows them: one row
# per true label, one column per answer. Each row adds up to 100 %. Right answers are on the
# diagonal, from top left to bottom right.

# %% [markdown]
# **Predict:** which mistake is more frequent?
#
# (a) a negative review called positive · (b) a positive one called negative · (c) about the same

# %%
course_utils.plot_confusion(on_test)

# %%
labels = np.array(test.labels)
missed_praise = 1 - on_test.correct[labels == 1].mean()  # positive, called negative
missed_blame = 1 - on_test.correct[labels == 0].mean()  # negative, called positive
course_utils.expect("missed praise minus missed blame", missed_praise - missed_blame)

# %% [markdown]
# Compare the two cells off the diagonal. In the five runs that we recorded, it was (b): praise is
# missed more often than blame. Why? Keep the question in mind; you will find one reason below.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Mistakes have a price
#
# A cinema prints positive reviews on a poster. A negative one there is a disaster. A positive one
# that is missed does no harm. So we print a review only if its probability of positive reaches a
# **threshold**. So far the threshold was 0.5.
#
# **Predict:** what does a higher threshold put on the poster? (a) more negative reviews
# (b) fewer negative reviews


# %%
def poster(result, threshold):
    printed = result.probabilities[:, 1] >= threshold
    positive = np.array(result.data.labels) == 1
    return 100 * positive[printed].mean(), 100 * printed[positive].mean()


on_validation = course_utils.evaluate(model, tokenizer, validation)
for threshold in (0.5, 0.6, 0.7, 0.8):
    precision, recall = poster(on_validation, threshold)
    print(
        f"threshold {threshold}: of the printed ones {precision:5.1f} % are positive; "
        f"of the positive ones {recall:5.1f} % are printed"
    )

# %% [markdown]
# (b), and the price is that fewer positive ones are printed. The first number of a line is called
# **precision**, the second **recall**.

# %% [markdown] slideshow={"slide_type": "skip"}
# Move the slider, and see where the reviews go:

# %% slideshow={"slide_type": "skip"}
course_utils.threshold_slider(on_validation)

# %% [markdown]
# A threshold is a choice, so all this is from *validation*. **Modify** the next cell: choose your
# threshold from the lines above *first*, put it in, and report it on test, once. (Exercise 6.4 asks
# again, for practice. In real work, the first report counts.)

# %%
my_threshold = 0.7
precision, recall = poster(on_test, my_threshold)
print(f"on test: precision {precision:.1f} %, recall {recall:.1f} %")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Read the mistakes
#
# Here are the five mistakes of which the model was most sure. Your five may be others than your
# neighbour's.
#
# **Investigate:** find one word for each. *Irony* (it means the opposite), *mixed* (praise and
# blame), *knowledge* (one must know something that is not in the text), or *label* (you think that
# the label is wrong).

# %% tags=["nbval-ignore-output"]
import textwrap

mistakes = on_test.largest_errors(5)
for row in mistakes.itertuples():
    print(f"label {row.true}, model {row.predicted} ({row.confidence:.2f} sure):")
    print(textwrap.fill(row.text, width=80), "\n")
assert (mistakes["true"] != mistakes["predicted"]).all()

# %% [markdown]
# Reading mistakes teaches most. If you and a friend do not agree on a label, then no model can
# reach 100 % here.
#
# You may read the test reviews. You may not *change* the model because of them and then test on
# them again: then they are no longer new.

# %% [markdown] tags=["speaker-notes"]
# Let the class write down the order of the four phrases before you run. Almost everybody expects
# "not bad" above "bad". Then ask: how would you have found this without looking for it?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One small word
#
# Does the model understand **"not"**? We change one word at a time, and watch the answer.
#
# **Predict:** put these in order, from the most negative to the most positive: *good*, *not good*,
# *bad*, *not bad*. Which order will the model give?

# %%
food = [f"The food was {word}." for word in ("good", "not good", "bad", "not bad")]
answers = course_utils.predict(model, tokenizer, food)[:, 1]  # (texts,)
for text, positive in zip(food, answers, strict=True):
    print(f"positive {positive:.3f}  {text}")
course_utils.expect("not bad", float(answers[3]))

# %% [markdown]
# Only *good* is far from the others. "Not" before "good" pulls the answer down, and rightly. "Not"
# before "bad" should push it up. It does not: for the model, "not bad" is blame.
#
# Four sentences prove nothing (4 of 4!). So pick all test reviews with a negation.

# %%
negations = {"not", "no", "never", "nothing", "nor", "neither"}
negated = np.array([bool(negations & set(text.split())) or "n't" in text for text in test.texts])
print(f"{negated.sum()} of {len(test):,} reviews have a negation")  # one True or False per review

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 6.3: accuracy of a part (5 min, medium)
#
# `on_test.correct` holds one True or False per review, and so does `negated`. Compute for the
# reviews with a negation: on how many the model is right (`right`), the `accuracy` as a fraction,
# and its `interval`.

# %% tags=["student"] slideshow={"slide_type": "skip"}
right = ...
accuracy = ...
interval = ...

# %% tags=["solution"]
right = int(on_test.correct[negated].sum())
accuracy = right / int(negated.sum())
interval = course_utils.accuracy_interval(right, int(negated.sum()))

# %%
course_utils.check(
    "6.3", result=on_test, part=negated, right=right, accuracy=accuracy, interval=interval
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Predict:** of the reviews with a negation, how many does the model call positive?
#
# (a) too many · (b) too few · (c) about the right number


# %%
def compare(name, values):
    with_it, without = 100 * values[negated].mean(), 100 * values[~negated].mean()
    print(f"{name:16} {with_it:5.1f} % with a negation, {without:5.1f} % without")


compare("model is right", on_test.correct)
compare("truly positive", labels)
compare("called positive", on_test.predicted)
course_utils.expect("called positive with a negation", on_test.predicted[negated].mean())

# %% [markdown]
# (b), by far. Without a negation the numbers agree much better. It looks as if the model had
# learned
# "not means bad". That is true often enough to be useful, and wrong often enough to hurt. Such a
# rule is called a **shortcut**. It would also explain some of the missed praise.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it says 80 %, is it right in 80 %?
#
# The probability of the answer is the model's **confidence**. A model is **calibrated** if it is
# right as often as it says. We sort the reviews by confidence and cut them into five groups.

# %% [markdown]
# Each dot is one group: to the right, how sure; upwards, how often right. *Below* the dashed line:
# too sure. *Above* it: too modest. If the bar of a dot (its interval) touches the line, chance may
# explain the gap. **Predict:** will the dots of your model (round) lie below, on or above it?

# %%
course_utils.plot_calibration([on_test, tfidf])

# %%
course_utils.expect("calibration error", on_test.calibration_error)

# %% [markdown]
# Is the leftmost dot below the line, and the rightmost above it? Then the model is too sure of its
# unsure answers, and too modest about the sure ones.
#
# The **calibration error** is the mean gap between confidence and accuracy, over ten groups (finer
# than the five of the figure). By chance alone it is never zero, even for a perfect model. If it is
# small, the confidence is useful: the machine answers where it is sure, and people look at the
# rest.

# %% [markdown]
# But we measured it on film reviews of one sentence. Is it true elsewhere?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Elsewhere
#
# IMDb: also film reviews, also in English, but much longer. We take 200 of them. The model reads
# only the first 128 tokens of each (notebook 04).
#
# **Predict:** compared with the test reviews, is the model (a) better · (b) as good · (c) worse?

# %%
imdb = course_utils.load_imdb(quiet=True).sample(200)
on_imdb = course_utils.evaluate(model, tokenizer, imdb, name="BERT on IMDb", max_length=128)
course_utils.plot_accuracies([on_imdb, on_test])

# %%
course_utils.expect("accuracy lost on IMDb", on_test.accuracy - on_imdb.accuracy)

# %% [markdown]
# In the five runs that we recorded, it was (c), by a few points. But the two intervals may overlap:
# 200 texts cannot say *how much* worse.

# %% [markdown]
# Two things changed at once: the kind of text, and the end that we cut off. This test cannot tell
# them apart. The accuracy on the test reviews holds for reviews like these. For other texts you
# have to measure again.

# %% [markdown] slideshow={"slide_type": "subslide"}
# And now four sentences that are no film reviews at all. What would *you* answer? Then run.

# %%
strangers = [
    "My dentist was gentle and quick.",
    "Great, my train is late again.",
    "The train leaves at nine.",
    "Der Film war furchtbar langweilig.",  # German: the film was terribly boring
]
answers = course_utils.predict(model, tokenizer, strangers)[:, 1]  # (texts,)
for text, positive in zip(strangers, answers, strict=True):
    print(f"positive {positive:.3f}  {text}")
course_utils.expect("gentle dentist", float(answers[0]))

# %% [markdown]
# The dentist is praised, and the model sees it: something carries over. But the third sentence
# praises and blames nobody, and the fourth is not English. The model answers all the same. It has
# no class for "neither", and none for "I cannot read this".
#
# **Modify:** put in sentences of your own, also in your own language. Which answer is the worst?

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 6.4: choose, then report (4 min, easy)
#
# Back to the poster. The cinema wants that at least 85 % of the printed reviews are positive, and
# as many printed as possible. So take the *smallest* of these thresholds that keeps the promise.
# Which one is it (`chosen`)? And what do you report: the precision on which reviews (`reported`, in
# per cent, as `poster` gives it)? If none keeps the promise, take the last one.

# %% slideshow={"slide_type": "skip"}
thresholds = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9]

# %% tags=["student"] slideshow={"slide_type": "skip"}
chosen = ...
reported = ...

# %% tags=["solution"]
chosen = next((t for t in thresholds if poster(on_validation, t)[0] >= 85), thresholds[-1])
reported = poster(on_test, chosen)[0]

# %%
course_utils.check("6.4", validation=on_validation, test=on_test, chosen=chosen, reported=reported)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A model card
#
# A **model card** is the note that travels with a model. It says what was measured, on what, and
# what the model must not be used for. All numbers come from this notebook.

# %%
from IPython.display import Markdown

right = int(on_test.correct[negated].sum())
low, high = course_utils.accuracy_interval(right, int(negated.sum()))

Markdown(f"""**Model card: sentiment of film reviews**

* **Made from** {course_utils.current().checkpoint}, fine-tuned on {len(train):,} film reviews.
* **For** sorting English film reviews of one sentence into negative and positive.
* **Test reviews:** {on_test}.
* **For comparison:** {tfidf}; {majority}.
* **Confidence:** {100 * on_test.calibration_error:.1f} points off on average.
* **Weak spots:** {on_imdb}. Reviews with a negation: {100 * low:.1f} to {100 * high:.1f} %.
* **Not tested, so not for:** other languages, other topics, irony, texts without an opinion.
* **Never for** decisions about a person.
""")

# %% [markdown]
# **Make:** add two lines to the card, in the code cell above, before the closing `"""`, each
# beginning with `* `. Who could be harmed when the model is wrong? How would anybody notice?

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Check yourself (2 min)
#
# Three questions. Each choice gets a reply at once. (Keys: Tab goes to the next choice, Space takes
# it.)

# %% slideshow={"slide_type": "skip"}
course_utils.quiz("06")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# * turn logits into probabilities and a label, for one text and for many,
# * report an accuracy with its interval, its baseline and its spread over seeds,
# * find weak spots: confusion, mistakes, shortcuts, calibration, other kinds of text,
# * write down what a model must not be used for.

# %% [markdown]
# In [notebook 07](07_lets_practice.ipynb) you go the whole path once more, on your own: from a
# messy file to a model that works elsewhere. And the eight questions come back.
