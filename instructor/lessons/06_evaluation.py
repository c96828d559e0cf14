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
# **Time:** 20 minutes, and 15 more for the exercises · **Core path** (00, 04, 05, 06)
#
# You will
#
# * let your model judge a new sentence, and say what logits, softmax and argmax do,
# * report an accuracy with its interval, beside a baseline,
# * find out *where* the model is wrong, and whether its confidence can be believed,
# * write a model card: what the model is for, and what it must not be used for.

# %% [markdown] tags=["speaker-notes"]
# In class, do the Predict cells with a show of hands and leave the exercises for home. If time is
# short, skip calibration and the threshold. Do not skip the section on "not": it is the one that
# students remember.

# %% [markdown]
# You need the model that you saved in notebook 05. If you have none, the next cell trains one with
# the same recipe. That takes **about a minute** on a laptop.

# %%
import course_utils
import numpy as np
import torch

model, tokenizer = course_utils.load_or_train("reviews")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The slide's last program, repaired
#
# The same sentence as in notebook 00, the same lines, and three repairs: `model.eval()` switches
# dropout off, `torch.no_grad()` saves the work for gradients, and `argmax` gets its `dim`.
#
# In 00 the answer was the toss of a coin. **Predict:** what does your model say now?
# (a) negative (b) positive, not sure at all (c) positive, quite sure

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
# (a) is out. To choose between (b) and (c), look at the numbers behind the word. There are two
# steps, and each has its own line below.

# %%
logits = outputs_eval.logits.cpu()  # (texts, classes) = (1, 2)
probabilities = torch.softmax(logits, dim=-1)  # (1, 2)
print(f"logits:         negative {logits[0, 0]:6.3f}   positive {logits[0, 1]:6.3f}")
print(f"probabilities:  negative {probabilities[0, 0]:6.3f}   positive {probabilities[0, 1]:6.3f}")
print("argmax:        ", torch.argmax(probabilities, dim=-1))  # (texts,)

# %% [markdown]
# * A **logit** is a score. It can be any number. The head gives one for each class.
# * **softmax** turns the scores of one text into **probabilities**: between 0 and 1, and together 1.
# * **argmax** is the *position* of the largest number. Position 1 is "positive".
#
# So it is (c) if your probability of positive is well above 0.5. We know what to expect:

# %%
course_utils.expect("awesome day", probabilities[0, 1].item())

# %% [markdown]
# **Investigate:** what if you add 10 to *both* logits? Say what you expect, then run the cell.

# %%
print("before:", torch.softmax(logits, dim=-1))
print("after: ", torch.softmax(logits + 10, dim=-1))

# %% [markdown]
# Nothing changes. Only the *gap* between the logits counts. A logit alone says nothing.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 6.1: repair the accuracy (7 min, medium)
#
# **Accuracy** is the share of texts with a right answer. A classmate wrote this function. It runs,
# and it is wrong.


# %%
def classmates_accuracy(model, tokenizer, data):
    model.train()
    accuracies = []
    for start in range(0, len(data), 32):
        part = data.take(range(start, min(start + 32, len(data))))
        batch = tokenizer(list(part.texts), padding=True, truncation=True, max_length=64,
                          return_tensors="pt").to(model.device)
        logits = model(**batch).logits.cpu()  # (batch, classes)
        predicted = torch.argmax(logits)
        right = predicted == torch.tensor(part.labels)
        accuracies.append(right.float().mean().item())
    return sum(accuracies) / len(accuracies)


# %% [markdown] slideshow={"slide_type": "skip"}
# Three faults make the number wrong; you know two of them from 05. The third: the last batch may
# hold a single text, and yet it counts as much as a full batch. A fourth fault only wastes memory.
#
# Copy the lines from above into `accuracy_of`, and repair them.


# %% tags=["student"] slideshow={"slide_type": "skip"}
def accuracy_of(model, tokenizer, data):
    # the repaired lines come here
    return ...


# %% tags=["solution"]
def accuracy_of(model, tokenizer, data):
    model.eval()
    right = 0
    for start in range(0, len(data), 32):
        part = data.take(range(start, min(start + 32, len(data))))
        batch = tokenizer(list(part.texts), padding=True, truncation=True, max_length=64,
                          return_tensors="pt").to(model.device)
        with torch.no_grad():
            logits = model(**batch).logits.cpu()  # (batch, classes)
        predicted = torch.argmax(logits, dim=-1)  # (batch,)
        right += (predicted == torch.tensor(part.labels)).sum().item()
    return right / len(data)


# %%
course_utils.check("6.1", accuracy_of=accuracy_of)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Four right out of four
#
# You try four sentences, and all four answers are right. That makes 100 %. Is the model perfect?
#
# **Predict:** which true accuracies fit "4 of 4 right"? (a) only 100 % (b) 90 to 100 %
# (c) about 50 to 100 %

# %%
for right, total in ((4, 4), (3, 4), (30, 40), (300, 400), (3000, 4000)):
    low, high = course_utils.accuracy_interval(right, total)
    share = 100 * right / total
    print(f"{right:5} of {total:5}: {share:5.1f} %, interval {100 * low:5.1f} to {100 * high:5.1f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# (c). Even a coin is right four times out of four now and then.
#
# The **interval** holds the true accuracies that fit what we saw. More texts make it narrower:
# for one tenth of the width you need a hundred times as many texts.

# %% [markdown]
# "95 % interval" is a promise about the method. Let us test the promise. We play 1,000 tests of a
# model whose true accuracy we know, because we made it up: 75 %. Each test has 100 texts.
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
# About 95 in 100. So about one interval in twenty is wrong, and nobody tells you which one.

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

# %% [markdown]
# **Predict:** the test set has about 1,300 reviews. How wide is the interval on each side?
# (a) 0.2 points (b) 2 points (c) 10 points

# %%
on_test = course_utils.evaluate(model, tokenizer, test)
print(on_test)
course_utils.expect("accuracy", on_test.accuracy)

# %% [markdown]
# (b). A **point** is one percent of all texts. With this test set, a model that is half a point
# better cannot be told from one that is half a point worse.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Good, compared to what?
#
# An accuracy alone is neither good nor bad. Two simple methods answer the same reviews:
#
# * **majority label**: always the label that is most frequent in train; reads nothing;
# * **TF-IDF**, from 05: counts words, and does not know their order. Tuned on validation.
#
# **Predict:** how good is counting words? (a) about 50 % (b) about 60 % (c) above 70 %

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
# How much of it is chance? The **paired bootstrap** draws 1,290 reviews from our 1,290, with
# repetition, and computes the gain again. It does so 10,000 times. 95 % of these gains lie in the
# interval that it reports.

# %%
gain = course_utils.paired_bootstrap(on_test, tfidf)
print("BERT minus TF-IDF:", gain)
course_utils.expect("difference", gain.value)

# %% [markdown]
# Is zero inside the interval? Then the gain may be luck in the choice of reviews. Is the whole
# interval above zero? Then that kind of luck does not explain it.
#
# But there is another kind of luck.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Two kinds of chance
#
# | question | answered by |
# |---|---|
# | What if we had *other test reviews*? | the interval |
# | What if we *trained again*, with another seed? | the spread over seeds |
#
# The second one needs several trainings. We recorded some. All are judged on these test reviews.

# %%
record = course_utils.load_record("fine_tuning")
runs = record[(record["size"] == "default") & (record["learning_rate"] == 1e-4)]
low, high = on_test.interval
print(f"other reviews, one model:   {100 * low:.1f} to {100 * high:.1f} %")
if len(runs):
    worst, best = 100 * runs["accuracy"].min(), 100 * runs["accuracy"].max()
    print(f"other seeds, one test set:  {worst:.1f} to {best:.1f} %  ({len(runs)} seeds)")
    print(f"gain over TF-IDF, by seed:  {100 * runs['difference'].min():+.1f} to "
          f"{100 * runs['difference'].max():+.1f} points")

# %% [markdown]
# Neither line contains the other. A careful report gives both. If the gain keeps its sign with
# every seed, you may say "the method is better", and not only "this model was".

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 6.2: read it right (2 min, easy)
#
# Which sentence follows from the interval of "BERT minus TF-IDF"? Write `"a"`, `"b"` or `"c"`.
#
# (a) On new reviews *of this kind*, the gain of *this model* probably lies between the two bounds.
# (b) If I train with another seed, the gain lies between the bounds in 95 of 100 cases.
# (c) On hotel reviews the gain probably lies between the two bounds.

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
# per true label, one column per answer. Right answers are on the diagonal.
#
# **Predict:** which mistake is more frequent? (a) a negative review called positive
# (b) a positive review called negative (c) both about the same

# %%
course_utils.plot_confusion(on_test)

# %% [markdown]
# Compare the two cells off the diagonal. Seeds differ here, so look at *your* picture. Two models
# with the same accuracy can make very different mistakes.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Mistakes have a price
#
# A cinema wants to print positive reviews on a poster. A negative one on the poster is bad. A
# positive one that is missed costs nothing. So call a review positive only when the model is
# surer. Its **threshold** is now 0.5.
#
# **Predict:** a higher threshold gives (a) more, (b) fewer negative reviews on the poster?


# %%
def poster(result, threshold):
    printed = result.probabilities[:, 1] >= threshold
    positive = np.array(result.data.labels) == 1
    return 100 * positive[printed].mean(), 100 * printed[positive].mean()


on_validation = course_utils.evaluate(model, tokenizer, validation)
for threshold in (0.5, 0.6, 0.7, 0.8):
    precision, recall = poster(on_validation, threshold)
    print(f"threshold {threshold}: of the printed ones {precision:5.1f} % are positive; "
          f"of the positive ones {recall:5.1f} % are printed")

# %% [markdown]
# (b), and you pay with fewer printed reviews. The first share is called **precision**, the second
# **recall**.
#
# A threshold is a choice. So we looked at *validation*. Make your choice in the next cell
# (**Modify**), and report it on test, once.

# %%
my_threshold = 0.7
precision, recall = poster(on_test, my_threshold)
print(f"on test: precision {precision:.1f} %, recall {recall:.1f} %")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Read the mistakes
#
# Here are the five mistakes of which the model was most sure. On another computer they may be
# others.
#
# **Investigate:** write one word beside each: *sarcasm*, *mixed* (praise and blame), *knowledge*
# (one must know something else), or *label* (you disagree with the label).

# %% tags=["nbval-ignore-output"]
mistakes = on_test.largest_errors(5)
for row in mistakes.itertuples():
    print(f"{row.confidence:.2f} sure it is {row.predicted}, labelled {row.true}:\n  {row.text}\n")
assert (mistakes["true"] != mistakes["predicted"]).all()

# %% [markdown]
# Reading mistakes costs nothing and teaches most. You may find labels that you would not sign: so
# even a perfect reader does not reach 100 % here. But do not *change* your model because of them
# and then test on them again. The rule holds for people, too.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One small word
#
# A suspicion: what does the model do with **"not"**? We pick all test reviews with a negation.

# %%
negations = {"not", "no", "never", "nothing", "nor", "neither"}
negated = [
    row
    for row, text in enumerate(test.texts)
    if negations & set(text.split()) or "n't" in text
]
print(f"{len(negated)} of {len(test):,} reviews; the first: {test.texts[negated[0]]}")

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 6.3: accuracy of a part (5 min, medium)
#
# `on_test.correct` holds one True or False per review, `negated` holds row numbers. Compute on the
# reviews with a negation: how many are right (`right`), the `accuracy` as a fraction, and its
# `interval`.

# %% tags=["student"] slideshow={"slide_type": "skip"}
right = ...
accuracy = ...
interval = ...

# %% tags=["solution"]
right = int(on_test.correct[negated].sum())
accuracy = right / len(negated)
interval = course_utils.accuracy_interval(right, len(negated))

# %%
course_utils.check(
    "6.3", result=on_test, rows=negated, right=right, accuracy=accuracy, interval=interval
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Predict:** of the reviews with a negation, does the model call (a) too many, (b) too few,
# (c) the right number positive?

# %%
with_negation = on_test.correct[negated].mean()
without_negation = np.delete(on_test.correct, negated).mean()
truly_positive = np.array(test.labels)[negated].mean()
called_positive = on_test.predicted[negated].mean()
print(f"accuracy with a negation {100 * with_negation:5.1f} %, without {100 * without_negation:5.1f} %")
print(f"truly positive  {100 * truly_positive:5.1f} %")
print(f"called positive {100 * called_positive:5.1f} %")
course_utils.expect("called positive with negation", called_positive)

# %% [markdown]
# (b). The model has learned "not means bad". That is often true, so the accuracy hides it. Such a
# rule is called a **shortcut**. Only looking at a part of the data makes it visible.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it says 80 %, is it right in 80 %?
#
# The highest probability is the model's **confidence**. A model is **calibrated** if it is right
# as often as it says. We sort the reviews by confidence and cut them into five groups.
#
# *Below* the dashed line: surer than it should be. *Above*: more modest than it need be. If the bar
# of a dot touches the line, chance may explain the gap.

# %%
course_utils.plot_calibration([tfidf, on_test])

# %%
course_utils.expect("calibration error", on_test.calibration_error)

# %% [markdown]
# The **calibration error** is the mean gap between confidence and accuracy, here over ten groups.
# If it is small, confidence is useful: let the machine decide the sure cases, and people the
# others.
#
# But it was measured on film reviews of one sentence. Elsewhere it promises nothing.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Elsewhere
#
# IMDb: also film reviews, also in English, but much longer. We take 200 of them. The model reads
# only the first 128 tokens of each (notebook 04).
#
# **Predict:** compared with the test reviews, it is (a) better (b) about as good or worse

# %%
imdb = course_utils.load_imdb(quiet=True).sample(200)
on_imdb = course_utils.evaluate(model, tokenizer, imdb, name="BERT on IMDb", max_length=128)
course_utils.plot_accuracies([on_imdb, on_test])

# %%
course_utils.expect("accuracy on IMDb", on_imdb.accuracy)

# %% [markdown]
# Look at both intervals. With 200 texts, the upper one... is wide.

# %% [markdown] slideshow={"slide_type": "subslide"}
# And four sentences that are no film reviews at all. What would *you* answer? Then run.

# %%
strangers = [
    "The food was not bad at all.",
    "Great, my train is late again.",
    "The train leaves at nine.",
    "Der Film war furchtbar langweilig.",  # German: the film was terribly boring
]
answers = course_utils.predict(model, tokenizer, strangers)[:, 1]  # (texts,)
for text, positive in zip(strangers, answers, strict=True):
    print(f"positive {positive:.3f}  {text}")
course_utils.expect("not bad", float(answers[0]))

# %% [markdown]
# The model always answers. It has no class for "neither", and none for "I cannot read this". The
# first sentence is praise, and the shortcut makes it blame.
#
# **Modify:** put your own sentences in, in your own language. Which answer is the most wrong?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A model card
#
# A **model card** is the note that travels with a model. It says what was measured, on what, and
# what the model must not be used for. All numbers come from this notebook.

# %%
from IPython.display import Markdown


def percent(result):
    low, high = result.interval
    return (f"{100 * result.accuracy:.1f} % of {len(result.data):,} "
            f"(95 % interval {100 * low:.1f} to {100 * high:.1f})")


Markdown(f"""**Model card: sentiment of film reviews**

* **Made from** {course_utils.current().checkpoint}, fine-tuned on {len(train):,} reviews of one sentence.
* **For** sorting English film reviews of one sentence into negative and positive.
* **Test reviews:** right on {percent(on_test)}. TF-IDF: {percent(tfidf)}.
* **Confidence:** off by {100 * on_test.calibration_error:.1f} points on average.
* **Weak spots:** reviews with a negation, {100 * with_negation:.1f} %; IMDb: {percent(on_imdb)}.
* **Not for** other languages, texts without an opinion, sarcasm, or any decision about a person.
""")

# %% [markdown]
# **Make:** add one line: who could be harmed if your model were wrong, and who would notice?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# * turn logits into probabilities and a label, for one text and for many,
# * report an accuracy with its interval, its baseline and its spread over seeds,
# * find weak spots: confusion, mistakes, parts of the data, calibration, other domains,
# * write down what a model must not be used for.
#
# You have been through the whole path once: from a sentence, over tokens and training, to a number
# that you can defend. Now choose texts of your own, and go again.
