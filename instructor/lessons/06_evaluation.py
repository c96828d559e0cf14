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
# **Time:** 23 minutes, and 18 more for the exercises (an estimate) ·
# **Computer time:** about 40 s ·
# **Core path** (00, 01, 04, 05, 06)
#
# You will
#
# * say what logits, softmax and argmax do,
# * report an accuracy with its interval, beside a baseline, and tell two kinds of chance apart,
# * find out *where* the model is wrong, and whether its confidence can be believed,
# * write a model card.

# %% [markdown] tags=["speaker-notes"]
# **Aim:** report a number with its interval, its baseline and its weak spots.
#
# Everybody runs the first cell at once: it loads the model of 05; who has none trains one now, with
# the same recipe. Votes for a short class: the awesome day, four of four, the four words.
# Calibration and threshold are for home.

# %% slideshow={"slide_type": "skip"}
import course_utils
import numpy as np
import torch

# the model that you saved in 05; if there is none, this trains one with the same recipe
model, tokenizer = course_utils.load_or_train("reviews")
train, validation, test = course_utils.load_reviews()

# %% [markdown] slideshow={"claim": "“I had an awesome day!”: still a coin?", "plan": "90min", "slide_type": "slide"}
# ## The slide's last program, repaired
#
# The sentence of notebook 00 again. There the answer was the toss of a coin. Now the model is
# *trained*, in `eval()` mode, and `argmax` has its `dim`.
#
# **Predict:** what does your model say now? (a) negative (b) positive, not sure at all (c)
# positive, quite sure

# %% [markdown] tags=["speaker-notes"]
# The sentence of 00, where the answer was a coin. Now the model is *trained*, in `eval()` mode, and
# `argmax` has its `dim`.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** "I had an awesome day!" now **Answer:** (c): positive, quite sure, if the probability is
# well above 0.5

# %% slideshow={"claim": "A trained model is quite sure: positive", "plan": "90min", "lines": [7, 8]}
text = "I had an awesome day!"
input_eval = tokenizer(text, return_tensors="pt", truncation=True, padding=True, max_length=128)

model.eval()
with torch.no_grad():
    logits = model(**input_eval.to(model.device)).logits.cpu()  # (texts, classes) = (1, 2)
probabilities = torch.softmax(logits, dim=-1)  # (texts, classes)
label = torch.argmax(probabilities, dim=-1).item()
print(f"logits:         negative {logits[0, 0]:6.3f}   positive {logits[0, 1]:6.3f}")
print(f"probabilities:  negative {probabilities[0, 0]:6.3f}   positive {probabilities[0, 1]:6.3f}")
print("argmax:         position", label, "=", ("negative", "positive")[label])

# %% [markdown] tags=["speaker-notes"]
# Three steps: **logits**, any two numbers; **softmax** makes probabilities of them; **argmax**
# takes the place of the larger one.

# %% tags=["proof"]
course_utils.expect("awesome day", probabilities[0, 1].item())

# %% [markdown] slideshow={"slide_type": "subslide"}
# * A **logit** is a score, any number: one for each class.
# * **softmax** turns the scores of one text into **probabilities**: from 0 to 1, and together 1.
# * **argmax** is the *position* of the largest number.
#
# So it is (c), if your probability of positive is well above 0.5.
#
# **Investigate:** what if you add 10 to *both* logits? Say what you expect, then run.

# %% slideshow={"claim": "Add 10 to both logits, and nothing changes", "plan": "2days"}
print("before:", torch.softmax(logits, dim=-1))
print("after: ", torch.softmax(logits + 10, dim=-1))

# %% [markdown] tags=["speaker-notes"]
# Let them say what they expect. Then run: only the gap between the logits counts.

# %% [markdown] tags=["solution"]
# **Answer.** Nothing changes. softmax looks at the *gap* between the logits alone. A logit by
# itself says nothing.

# %% [markdown] slideshow={"claim": "All four are right: how good is the model?", "plan": "90min", "slide_type": "slide"}
# ## Four right out of four
#
# You try four sentences, and all four answers are right: 100 %. Is the model perfect?
#
# **Predict:** nobody can test *all* such sentences. What may the accuracy on them be, after "4 of 4
# right"? (a) only 100 % (b) 90 to 100 % (c) about 40 to 100 %

# %% [markdown] tags=["speaker-notes"]
# **Vote:** true accuracies that fit 4 of 4 **Answer:** (c): about 40 to 100 %; a coin does it once
# in 16 tries, too often to rule it out

# %% slideshow={"claim": "Four of four fits 40 %, too", "plan": "90min", "lines": [1, 3]}
for right, total in ((4, 4), (3, 4), (30, 40), (300, 400), (3000, 4000)):
    low, high = course_utils.accuracy_interval(right, total, exact=True)
    share = 100 * right / total
    print(f"{right:5} of {total:5}: {share:5.1f} %, interval {100 * low:5.1f} to {100 * high:5.1f}")

# %% [markdown] tags=["speaker-notes"]
# An interval holds the true accuracies that fit what we saw. From the second line, read downwards:
# the same 75 %, and the interval shrinks. A hundred times the texts, about a tenth of the width.

# %% [markdown] slideshow={"slide_type": "subslide"}
# (c). A coin is right four times out of four once in 16 tries: that happens.
#
# The **true accuracy** would be the accuracy on *all* texts of this kind. Nobody knows it. The
# **interval** holds the values that fit what we saw. This is the careful, "exact" formula. From now
# on we use a simpler one, Wilson's: from 40 texts on they nearly agree.

# %% [markdown] tags=["speaker-notes"]
# Who has a coin? Toss it four times.

# %% [markdown] slideshow={"slide_type": "subslide"}
# It is called a **95 % interval**. That is a promise. Imagine a model with a true accuracy of 75 %,
# and 1,000 tests of 100 texts. How many of the 1,000 intervals hold the 75 %?

# %% slideshow={"claim": "A 95 % interval keeps its promise", "plan": "2days"}
truth = 0.75
# how many of 100 texts are right, in each of 1,000 tests
rights = np.random.default_rng(seed=0).binomial(n=100, p=truth, size=1000)
intervals = [course_utils.accuracy_interval(int(right), 100) for right in rights]
held = np.mean([low <= truth <= high for low, high in intervals])
print(f"{100 * held:.1f} % of the intervals hold the true accuracy")

# %% [markdown] tags=["speaker-notes"]
# About one interval in twenty misses, and nobody tells you which one.

# %% tags=["proof"]
assert 0.93 < held < 0.97

# %% [markdown]
# The promise is kept. And about one interval in twenty misses. Nobody tells you which one.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 6.1: repair the accuracy (7 min, medium)
#
# A classmate wrote this function. It prints a number, but not the accuracy of your model:


# %% slideshow={"slide_type": "skip"}
def classmates_accuracy(model, tokenizer, data):
    model.train()
    accuracies = []
    for start in range(0, len(data), 8):
        texts, labels = data.texts[start : start + 8], data.labels[start : start + 8]
        batch = tokenizer(
            texts, padding=True, truncation=True, max_length=64, return_tensors="pt"
        ).to(model.device)
        logits = model(**batch).logits.cpu()  # (batch, classes)
        predicted = torch.argmax(logits)
        accuracies.append((predicted == torch.tensor(labels)).float().mean().item())
    return sum(accuracies) / len(accuracies)


few = validation.sample(18)
print(f"accuracy: {classmates_accuracy(model, tokenizer, few):.3f}")

# %% [markdown] slideshow={"slide_type": "skip"}
# Three faults change the number. You know two from 05. (Dropout is 0 only inside `fine_tune`;
# `model.train()` switches it on.) The third: the last batch, two reviews, counts as much as a full
# one. Copy the lines into `accuracy_of`, and repair them.


# %% tags=["student"] slideshow={"slide_type": "skip"}
def accuracy_of(model, tokenizer, data):
    # the repaired lines come here
    return ...


# %% tags=["solution"]
def accuracy_of(model, tokenizer, data):
    model.eval()
    right = 0
    for start in range(0, len(data), 8):
        texts, labels = data.texts[start : start + 8], data.labels[start : start + 8]
        batch = tokenizer(
            texts, padding=True, truncation=True, max_length=64, return_tensors="pt"
        ).to(model.device)
        with torch.no_grad():
            logits = model(**batch).logits.cpu()  # (batch, classes)
        predicted = torch.argmax(logits, dim=-1)  # (batch,)
        right += (predicted == torch.tensor(labels)).sum().item()
    return right / len(data)


# %% slideshow={"slide_type": "skip"}
course_utils.check("6.1", accuracy_of=accuracy_of)

# %% [markdown] slideshow={"claim": "Three sets, three jobs", "plan": "3hours", "slide_type": "slide"}
# ## Now open the test set
#
# **train** to learn from, **validation** to make choices, **test** to report. Whoever makes choices
# on test picks what was lucky there. *Choose on validation. Report test once.*

# %% [markdown] tags=["speaker-notes"]
# On which of the three did both methods of 05 get their settings? On validation.

# %% slideshow={"claim": "The test set is opened once: 76.8 %, 74.4 to 79.0", "plan": "90min"}
on_test = course_utils.evaluate(model, tokenizer, test)
on_validation = course_utils.evaluate(model, tokenizer, validation)
print("test:       ", on_test)
print("validation: ", on_validation)

# %% [markdown] tags=["speaker-notes"]
# Write it on the board: *Choose on validation. Report test once.* Then read the number aloud as one
# reports it: accuracy, number of texts, interval.

# %% tags=["proof"]
course_utils.expect("accuracy", on_test.accuracy)
course_utils.expect("validation accuracy", on_validation.accuracy)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The intervals reach two to three **points** to each side (a point is one percent of all reviews).
# A second decimal says nothing.
#
# ### Why another number than in 05?
#
# Seat 0 has 79.2 % on validation, 76.8 on test; yours stand in the output above. Has the model
# become worse? No: same weights, other reviews. Here are ten recorded seeds.

# %% slideshow={"claim": "The best on validation is not the best on test", "plan": "90min"}
fine_tuning = course_utils.load_record("fine_tuning")
course_utils.plot_two_parts(fine_tuning, live=(on_validation.accuracy, on_test.accuracy))

# %% [markdown] tags=["speaker-notes"]
# Ask before they do: has the model become worse? Same weights, other reviews. On average the ten
# lose half a point; the best two were lucky on validation, and luck does not come back.

# %% [markdown] slideshow={"claim": "Which chance is larger: the reviews or the seed?", "plan": "2days", "slide_type": "subslide"}
# The lines cross. The best on validation were lucky *there*, and luck does not come back on other
# reviews. So one chooses on one set and reports on another.
#
# ### Two kinds of chance
#
# **Predict:** other test reviews, or another seed: what moves the accuracy more? (a) the reviews,
# by far (b) the seed, by far (c) both about alike
#
# We have no other test reviews, so we draw from ours, as in 01; ten such draws are grey dots. Blue
# dots are ten recorded seeds (two are equal). **Standard deviation**: how far a number typically
# lies from the mean. A pale bar reaches two standard deviations to each side.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** other reviews or another seed: what moves it more? **Answer:** (c): both about alike;
# ten seeds cannot tell which is larger

# %% slideshow={"claim": "Other reviews and other seeds move it about alike", "plan": "3hours"}
course_utils.plot_two_chances(on_test, fine_tuning)

# %% [markdown] tags=["speaker-notes"]
# Grey: test reviews, drawn again from ours. Blue: ten seeds. One model is reported with its
# interval, a method with several seeds; neither replaces the other.

# %% [markdown] slideshow={"slide_type": "slide"}
# (c): the interval of the seeds, 0.6 to 1.6, holds 1.2. For *one model*, report its interval; for a
# *method*, several seeds.
#
# ## Good, compared to what?
#
# An accuracy alone is neither good nor bad. Two simple methods answer these reviews: the
# **majority label**, which reads nothing (a tie in train: *negative*), and TF-IDF.

# %% slideshow={"claim": "Counting words alone reaches 71.7 %", "plan": "90min"}
majority = course_utils.majority_baseline(train, test)
tfidf = course_utils.tfidf_baseline(train, validation, test)
course_utils.plot_accuracies([majority, tfidf, on_test])

# %% [markdown] tags=["speaker-notes"]
# Always the same label, counted words, BERT: one axis. Point at the gaps.

# %% tags=["proof"]
course_utils.expect("tfidf accuracy", tfidf.accuracy)

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Is the gain real?
#
# BERT and TF-IDF read *the same* reviews, so we compare review by review. In 01 you wrote a
# bootstrap by hand. The **paired bootstrap** draws reviews in the same way, 10,000 times, and
# computes the *gain* each time. 95 % of these gains lie in its interval.

# %% slideshow={"claim": "The gain over counting words is more than luck", "plan": "90min", "lines": [6, 7]}
bert, words = on_test.correct, tfidf.correct  # one True or False per review; & is and, ~ is not
print(f"both right       {100 * (bert & words).mean():5.1f} %")
print(f"only BERT right  {100 * (bert & ~words).mean():5.1f} %")
print(f"only TF-IDF right{100 * (~bert & words).mean():5.1f} %")
print(f"both wrong       {100 * (~bert & ~words).mean():5.1f} %")
gain = course_utils.paired_bootstrap(on_test, tfidf)
print("BERT minus TF-IDF:", gain)

# %% [markdown] tags=["speaker-notes"]
# The gain is "only BERT right" minus "only TF-IDF right". The other reviews cannot tell the two
# apart. With seat 0, zero lies outside the interval: more than luck.

# %% tags=["proof"]
course_utils.expect("gain over TF-IDF", gain.value)  # as a fraction: 0.01 is one point

# %% [markdown]
# The gain is the second line minus the third. If zero lies between the bounds, it may be luck. With
# seat 0 it does not: +2.2 to +8.0 points.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 6.2: read it right (2 min, easy)
#
# Which sentence follows?
#
# * (a) On all reviews of this kind, the gain of *this model* may be any value between the bounds.
# * (b) With another seed, the gain lies between the bounds in 95 of 100 cases.
# * (c) On hotel reviews, the gain lies between the bounds, too.

# %% tags=["student"] slideshow={"slide_type": "skip"}
reading = ...  # "a", "b" or "c"

# %% tags=["solution"]
reading = "a"

# %% slideshow={"slide_type": "skip"}
course_utils.check("6.2", reading=reading)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where is it wrong?
#
# The **confusion matrix** shows the kinds of mistakes: one row per true label, one column per
# answer. Each row adds up to 100 %. Right answers are on the diagonal.

# %% slideshow={"claim": "It misses praise more often than blame", "plan": "90min"}
course_utils.plot_confusion(on_test)

# %% [markdown] tags=["speaker-notes"]
# Read along a row: each adds up to 100 %. In our run praise is missed twice as often as blame; in
# theirs perhaps hardly more.

# %% tags=["proof"]
labels = np.array(test.labels)
missed = [1 - on_test.correct[labels == label].mean() for label in (0, 1)]
course_utils.expect("missed praise minus missed blame", missed[1] - missed[0])

# %% [markdown] slideshow={"claim": "Its surest mistakes: which word fits each?", "plan": "90min", "slide_type": "subslide"}
# Is praise missed more often, or blame (a negative review)? Read the five mistakes of which the
# model was most sure: they need not be the typical ones.
#
# **Investigate:** find one word for each: *irony*, it means the opposite; *mixed*, praise and
# blame; *knowledge*, one must know something that is not in the text; or *label*, you think it is
# wrong.

# %% [markdown] tags=["speaker-notes"]
# Everybody runs the next cell; two keys down are the five. In our run: blame taken for praise,
# though missed praise is more frequent. The surest mistakes are not the typical ones. Each pair
# takes one of the five *on the screen* (theirs may be others): do you agree on the label? Possible
# words for these: mixed, label, knowledge, mixed, label. Another is right if a partner agrees.

# %% tags=["nbval-ignore-output"]
import textwrap

mistakes = on_test.largest_errors(5)
for row in mistakes.itertuples():
    print(f"label {row.true}, model {row.predicted} ({row.confidence:.2f} sure):")
    print(textwrap.fill(row.text, width=80), "\n")

# %% tags=["proof"]
assert (mistakes["true"] != mistakes["predicted"]).all()
assert mistakes["confidence"].between(0.5, 1).all()

# %% [markdown] tags=["solution"]
# **Answer.** These are the five of seat 0 on our computer; yours may differ. "Best thing ... a few
# cute moments": irony, or faint praise. "Not the great american comedy": mixed, or label. "Once
# again strands his superb performers": mixed. "A bold (and lovely) experiment that will ... bore":
# mixed. "At least it's a fairly impressive debut": label. All are blame taken for praise, although
# missed praise is the more frequent mistake: the *surest* mistakes are not the typical ones.

# %% [markdown] slideshow={"claim": "What does one small word do?", "plan": "90min", "slide_type": "slide"}
# ## One small word
#
# You may *read* the test reviews. You may not change the model because of them, and then test on
# them again. But you may ask: does the model understand **"not"**?
#
# **Predict:** in which order will the *model* put these, from the most negative to the most
# positive: *good*, *not good*, *bad*, *not bad*?

# %% [markdown] tags=["speaker-notes"]
# Everybody writes down an order before you run.

# %% [markdown] tags=["speaker-notes"]
# **Vote:** order of good, not good, bad, not bad **Answer:** bad, not good, not bad, good: perhaps
# yours, too; but look at the distances: only *good* stands apart

# %% slideshow={"claim": "“Not bad” is blame to the model", "plan": "90min", "lines": [1, 4]}
food = [f"The food was {word}." for word in ("good", "not good", "bad", "not bad")]
answers = course_utils.predict(model, tokenizer, food)[:, 1]  # (texts,)
for text, positive in zip(food, answers, strict=True):
    print(f"positive {positive:.3f}  {text}")

negations = {"not", "no", "never", "nothing", "nor", "neither"}
negated = np.array([bool(negations & set(text.split())) or "n't" in text for text in test.texts])
print(f"\n{negated.sum()} of {len(test):,} test reviews have a negation")

# %% [markdown] tags=["speaker-notes"]
# Never skip it. Ask: how would you have found this without looking for it? (Read the mistakes, and
# count the words that come back in them.)

# %% tags=["proof"]
course_utils.expect("not bad", float(answers[3]))

# %% [markdown]
# Even if you guessed the order, look at the distances: only *good* is far from the others. For the
# model, "not bad" is blame. But four sentences prove nothing. So take all test reviews with a
# negation.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 6.3: accuracy of a part (5 min, medium)
#
# `on_test.correct` and `negated` hold one True or False per review. On how many with a negation is
# the model right? Give the accuracy as a fraction, and its `accuracy_interval`.

# %% tags=["student"] slideshow={"slide_type": "skip"}
right = ...
accuracy = ...
interval = ...

# %% tags=["solution"]
right = int(on_test.correct[negated].sum())
accuracy = right / int(negated.sum())
interval = course_utils.accuracy_interval(right, int(negated.sum()))

# %% slideshow={"slide_type": "skip"}
course_utils.check(
    "6.3", result=on_test, part=negated, right=right, accuracy=accuracy, interval=interval
)


# %% slideshow={"claim": "With a negation, too few are called positive", "plan": "90min", "lines": [10, 12], "slide_type": "subslide"}
# Is it wrong more often with a negation, and which way?
def compare(name, values):
    print(name)
    for part, where in ((negated, "with a negation"), (~negated, "without")):
        low, high = course_utils.accuracy_interval(int(values[part].sum()), int(part.sum()))
        share = 100 * values[part].mean()
        print(f"  {where:16}{share:5.1f} %, interval {100 * low:.1f} to {100 * high:.1f}")


compare("right", on_test.correct)
compare("truly positive", np.array(test.labels))
compare("called positive", on_test.predicted)

# %% [markdown] tags=["speaker-notes"]
# Four sentences prove nothing, 258 reviews do. Compare the last two blocks: truly positive, called
# positive. As if "not" meant "bad": such a rule is a **shortcut**.

# %% tags=["proof"]
course_utils.expect("called positive with a negation", on_test.predicted[negated].mean())

# %% [markdown]
# Do the two intervals of "right" hardly overlap? Then the drop is more than luck. With a negation,
# too few are called positive, as if the model had learned "not means bad". Of these reviews 58 %
# (100 - 42) are negative: the rule is right often enough to be learned, and wrong often enough to
# hurt. It is a **shortcut**, and may explain some missed praise.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## When it says 80 %, is it right in 80 %?
#
# The probability of the answer is the model's **confidence**. A **calibrated** model is right as
# often as it says. Five groups of reviews, by confidence; each is a dot: to the right, how sure;
# upwards, how often right, with its interval. *Below* the dashed line: too sure. *Above*: too
# modest.

# %%
course_utils.plot_calibration([on_test, tfidf])

# %% tags=["proof"]
course_utils.expect("calibration error", on_test.calibration_error)

# %% [markdown] slideshow={"slide_type": "skip"}
# If the bar of a dot touches the line, chance may explain the gap. With seat 0, three of five touch
# (one barely): where it says 83 %, 81 % are right. But at 59 only 48 are right: too sure. At 91
# even 96: too modest. The mean gap is the **calibration error**; the model card has it from ten
# groups.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Exercise 6.4: choose, then report (4 min, easy)
#
# A cinema's poster shall show the reviews whose probability of positive reaches a **threshold**.
# **Precision**: how many of those shown are positive. **Recall**: how many of the positive ones are
# shown. Choose the *smallest* threshold with at least 85 % precision on *validation*; if there is
# none, 0.9. Report its precision on *test*. (`poster` computes both, in %.)

# %% slideshow={"slide_type": "skip"}
thresholds = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9]


def poster(result, threshold):
    printed = result.probabilities[:, 1] >= threshold
    positive = np.array(result.data.labels) == 1
    return 100 * positive[printed].mean(), 100 * printed[positive].mean()


course_utils.threshold_slider(on_validation)

# %% tags=["student"] slideshow={"slide_type": "skip"}
chosen = ...
reported = ...

# %% tags=["solution"]
chosen = next((t for t in thresholds if poster(on_validation, t)[0] >= 85), thresholds[-1])
reported = poster(on_test, chosen)[0]

# %% slideshow={"slide_type": "skip"}
course_utils.check("6.4", validation=on_validation, test=on_test, chosen=chosen, reported=reported)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Elsewhere
#
# Here are four sentences unlike those of its training. What would *you* answer?
#
# **Predict:** of which will the model be least sure?

# %% [markdown] tags=["speaker-notes"]
# **Vote:** least sure of which sentence **Answer:** the ironic one, with our seat 0: "great"
# against "late again"; yours may differ

# %% slideshow={"claim": "Of which sentence is the model least sure?", "plan": "2days", "lines": [1, 6]}
strangers = [
    "My dentist was gentle and quick.",
    "Great, my train is late again.",
    "The train leaves at nine.",
    "Der Film war furchtbar langweilig.",  # German: the film was terribly boring
]
answers = course_utils.predict(model, tokenizer, strangers)[:, 1]  # (texts,)
for text, positive in zip(strangers, answers, strict=True):
    print(f"positive {positive:.3f}  {text}")

# %% [markdown] tags=["speaker-notes"]
# Four sentences that are no reviews. Hands up for each, then the output. The model answers all the
# same.

# %% tags=["proof"]
course_utils.expect("gentle dentist", float(answers[0]))
assert abs(float(answers[1]) - 0.5) < 0.4

# %% [markdown] slideshow={"slide_type": "subslide"}
# With seat 0 it is the second. You see the irony; the model weighs "great" against "late again".
# The third has no opinion, the fourth is not English. The model still answers: it has no class for
# "neither" or "I cannot read this".
#
# **Modify:** put in sentences of your own, also in your own language. Which answer is the worst?

# %% [markdown] tags=["speaker-notes"]
# Collect the worst answers: sure and wrong.

# %% [markdown] tags=["solution"]
# **Answer.** Look for sentences with a *sure* answer that is wrong, or that should have none: facts
# ("Water boils at 100 degrees."), a friendly refusal, irony without a word of blame, another
# language. A wrong answer near 0.5 does less harm: it can be sent to a person.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Is that your model alone?
#
# Five recorded seeds:
#
# * *Lost on IMDb*: accuracy on our test, minus that on 200 long reviews.
# * *Missed praise minus missed blame*: % of the positive reviews that it misses, minus % of the
#   negative ones.
# * *Called positive*: % of those with a negation. (42.2 % are positive.)

# %% slideshow={"claim": "All five seeds have the same weak spots", "plan": "2days", "lines": [2, 4]}
weak = course_utils.load_record("weak_spots")
names = ["accuracy lost on IMDb", "missed praise minus missed blame"]
names.append("called positive with a negation")
(100 * weak[names]).agg(["mean", "min", "max"]).T.round(1)

# %% [markdown] tags=["speaker-notes"]
# Read the column *min*: in one of the five, hardly. The smallest loss on IMDb may be luck.

# %% [markdown] slideshow={"claim": "A model travels with a page: what is it not for?", "plan": "90min", "slide_type": "slide"}
# All five miss praise more often than blame (one hardly), and call too few positive with a
# negation. All do worse on IMDb, by 5 points on average. But all read the *same* 200 reviews: if
# these are hard by chance, all five lose. For other texts, measure again.
#
# ## A model card
#
# A **model card** travels with a model. The numbers come from here, the words from you. (Macro F1:
# see 07.)
#
# **Make:** fill in the two open fields. Who could be harmed when the model is wrong?

# %% [markdown] tags=["speaker-notes"]
# The two fields: what it is not for, and its weak spots. Today aloud, one sentence each; typed at
# home. What it must not be used for is the most important line: no decisions about a person, for
# instance. And "not bad" is called blame, so a film that was praised is harmed.

# %% tags=["student"]
fields = {
    "name": "Sentiment of film reviews",
    "purpose": "Sorting English film reviews of one sentence into negative and positive.",
    "not_for": ...,
    "data": f"{len(train):,} reviews; the encoder is {course_utils.current().checkpoint}.",
    "result": f"{100 * on_test.calibration_error:.1f} points too sure or too modest, on average.",
    "weak_spots": ...,
}
course_utils.model_card(fields, on_test, tfidf, majority)

# %% tags=["solution"]
fields = {
    "name": "Sentiment of film reviews",
    "purpose": "Sorting English film reviews of one sentence into negative and positive.",
    "not_for": "Decisions about a person, other languages, other topics, texts without an opinion.",
    "data": f"{len(train):,} reviews; the encoder is {course_utils.current().checkpoint}.",
    "result": f"{100 * on_test.calibration_error:.1f} points too sure or too modest, on average.",
    "weak_spots": "Negations: 'not bad' is blame to it. Irony. Longer reviews.",
}
course_utils.model_card(fields, on_test, tfidf, majority)

# %% [markdown] tags=["solution"]
# **Answer.** One of many. Who could be harmed? A film whose praise is missed, because it says "not
# bad"; people whose texts are judged by it although they are no film reviews. Somebody should label
# a few new reviews by hand from time to time, or nobody will notice.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Check yourself (2 min)
#
# Three questions. Each choice gets a reply at once.

# %% slideshow={"slide_type": "skip"}
course_utils.quiz("06")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# * turn logits into probabilities and a label,
# * report an accuracy with its interval and its baseline, and doubt one seed,
# * find weak spots: confusion, mistakes, shortcuts, calibration,
# * write down what a model must not be used for.
#
# In [notebook 07](07_lets_practice.ipynb) you go the whole path on your own. It starts with a messy
# file.

# %% [markdown] tags=["speaker-notes"]
# **What goes wrong**
#
# * "95 % of the answers lie in the interval." No: it is about the accuracy on all texts of this
#   kind.
# * "The interval covers another training." No: that is the spread over seeds.
# * "The interval covers hotel reviews." No: measure again. (Exercise 6.2 asks all three.)
# * "Test is worse than validation, so it overfits." No: the ten seeds have nearly the same mean on
#   both. The best of ten on validation was lucky there.
# * "I chose a better threshold on test." Then test is no longer new.
# * "It understands *not*, because *not good* was right." Test both directions.
#
# **What they ask**
#
# * "Which way is *not* wrong?" With seat 0, 42 % of the reviews with a negation are praise, and the
#   model calls 24 % praise: it takes praise for blame.
# * "But 01 and 05 showed accuracies on test." Those were our records, and nothing was chosen by
#   them. *Your* model meets test now.
# * "What are the points *too sure* on the card?" The mean gap of the calibration plot, with ten
#   groups in place of five.
#
# **Investigate** (add 10 to both logits): nothing changes; only the gap counts. **Investigate**
# (one word for each mistake): yours may be others than your neighbour's; a word is right if a
# partner agrees. **Modify** (own sentences): the worst answers are sure and wrong. **Make** (two
# fields of the card): for instance, not for decisions about a person; a film whose praise is missed
# because it says "not bad" is harmed, and nobody notices unless somebody labels a few new reviews
# from time to time.
#
# **Exercises**, at home: 6.1 (7): `eval()`, `argmax(dim=-1)`, the number of right answers divided
# by the length of the data, instead of a mean over batches; `no_grad` saves memory. 6.2 (2): (a).
# 6.3 (5): count the right ones in `on_test.correct[negated]`, divide by `negated.sum()`, and call
# `accuracy_interval`. 6.4 (4): the smallest threshold that reaches 85 % on *validation*; its
# precision on *test* is reported. **Late?** Skip **Is the gain real?**, but never **One small
# word**.
