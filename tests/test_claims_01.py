"""What notebook 01 says about results is what the records say.

Its sentences were written after the measurements. Whoever measures again, and finds something
else, finds here which sentence to rewrite.
"""

import pytest

import course_utils
from course_utils.judge.curves import (
    best_rates,
    gain_over_draws,
    labels_saved,
    mean_curve,
    seconds_to,
)
from course_utils.lessons.ranges import known_ranges

pytestmark = pytest.mark.lint

DRAWS = 20


@pytest.fixture(scope="module")
def labels():
    return course_utils.load_record("label_efficiency")


@pytest.fixture(scope="module")
def headlines(labels):
    return labels[labels["subject"] == "headlines"]


@pytest.fixture(scope="module")
def reviews(labels):
    return labels[labels["subject"] == "reviews"]


@pytest.fixture(scope="module")
def articles():
    return course_utils.load_record("articles")


@pytest.fixture(scope="module")
def timed():
    return course_utils.load_record("time_to_accuracy")


def means(rows, method):
    return mean_curve(rows[rows["method"] == method])["mean"]


# --- the records are whole ---


def test_every_curve_has_all_its_draws(headlines, reviews):
    sizes = [1, 2, 4, 8, 16, 32, 64, 128, 240]
    for rows in (headlines, reviews):
        for method in ("tfidf", "words", "frozen"):
            curve = mean_curve(rows[rows["method"] == method])
            assert curve.index.tolist() == sizes and set(curve["draws"]) == {DRAWS}, method
    tuned = mean_curve(headlines[headlines["method"] == "fine-tuned"])
    assert tuned.index.tolist() == [1, 4, 16, 64] and set(tuned["draws"]) == {DRAWS}


# --- promise 1: less data ---


def test_the_frozen_encoder_leads_tfidf_at_every_number_of_labels(headlines):
    for size in headlines["labels"].unique():
        assert gain_over_draws(headlines, "frozen", "tfidf", size).low > 0, size


def test_the_factor_is_about_twenty(headlines):
    """The lesson says so when it comes to the articles."""
    saved = labels_saved(headlines, "frozen", "tfidf", labels=4)
    assert 17 <= saved.low and saved.high <= 23 and round(saved.factor) == 20


def test_single_words_are_the_larger_part_of_the_factor(headlines):
    to_tfidf = labels_saved(headlines, "frozen", "tfidf", labels=4).factor
    to_words = labels_saved(headlines, "frozen", "words", labels=4).factor
    assert to_tfidf / to_words > to_words > 1  # more than half of the way, as they multiply


def test_luck_is_greatest_with_few_labels(headlines):
    curve = mean_curve(headlines[headlines["method"] == "frozen"])
    width = curve["high"] - curve["low"]
    assert width[[1, 2]].min() > width[4] > width[16]


def test_draw_0_is_lucky_for_all_three(headlines):
    eight = headlines[headlines["labels"] == 8]
    for method in ("tfidf", "words", "frozen"):
        draws = eight[eight["method"] == method].set_index("draw")["accuracy"]
        assert draws[0] > draws.mean() + draws.std(), method


def test_the_curves_come_together(headlines):
    lead = means(headlines, "frozen") - means(headlines, "tfidf")
    assert lead[8] > lead[64] > lead[128] > lead[240] > 0


def test_fine_tuning_helps_most_at_four_labels_and_spoils_with_one(headlines):
    one, four, sixteen, many = (
        gain_over_draws(headlines, "fine-tuned", "frozen", size) for size in (1, 4, 16, 64)
    )
    assert four.low > sixteen.high and sixteen.low > 0
    assert many.low < 0 < many.high
    assert one.high < 0


# --- promise 2: time ---


def test_tfidf_is_first_and_the_pre_trained_one_needs_one_epoch(timed):
    reached = seconds_to(timed, 0.70)
    assert reached["TF-IDF"] < 10 < reached["pre-trained"] < reached["from scratch"]
    first = timed[(timed["method"] == "pre-trained") & (timed["epoch"] == 1)]
    assert first["validation_accuracy"].min() > 0.70


def test_the_twin_stays_behind_though_it_worked_longer_and_it_was_still_rising(timed):
    rows = best_rates(timed)
    twin = rows[rows["method"] == "from scratch"]
    last = twin[twin["epoch"] == twin["epoch"].max()]
    first = rows[(rows["method"] == "pre-trained") & (rows["epoch"] == 1)]
    assert first["validation_accuracy"].min() > last["validation_accuracy"].max()
    assert first["seconds"].max() < last["seconds"].min()
    (tfidf,) = rows[rows["method"] == "TF-IDF"]["validation_accuracy"]
    assert tfidf > last["validation_accuracy"].max()
    assert twin.groupby("epoch")["validation_accuracy"].mean().is_monotonic_increasing
    assert twin["epoch"].max() == 3


def test_the_bill_is_some_months_of_one_core(timed):
    """The answer (b) of the lesson: some months."""
    first = timed[(timed["method"] == "pre-trained") & (timed["epoch"] == 1)]
    days = 2 * 100_000 * 1_024 * first["seconds"].mean() / timed.attrs["texts"] / 86_400
    assert 60 < days < 150


# --- promise 3: expertise ---


def test_the_encoder_leads_on_reviews_too_but_by_less(headlines, reviews):
    for size in (8, 16, 32, 64, 128, 240):
        assert gain_over_draws(reviews, "frozen", "tfidf", size).low > 0, size
    for method in ("words", "tfidf"):
        assert (means(reviews, "frozen") > means(reviews, method)).all()
    lead = [gain_over_draws(rows, "frozen", "tfidf", 64) for rows in (headlines, reviews)]
    assert lead[0].low > lead[1].high


def test_with_eight_reviews_per_class_no_method_reaches_60_percent(reviews):
    for method in ("tfidf", "words", "frozen"):
        assert means(reviews, method)[8] < 0.60


def test_the_way_from_guessing_is_longer_for_sentiment(headlines, reviews):
    topics, sentiment = (means(rows, "frozen")[64] for rows in (headlines, reviews))
    assert (topics - 1 / 5) / (4 / 5) > 2 * (sentiment - 1 / 2) / (1 / 2)


# --- where it does not pay ---


def against(articles, tokens):
    """The frozen encoder with 256 tokens, and TF-IDF with that many (0: all)."""
    drawn = articles[articles["labels"] > 0]
    frozen = (drawn["method"] == "frozen") & (drawn["tokens"] == 256)
    return drawn[frozen | ((drawn["method"] == "tfidf") & (drawn["tokens"] == tokens))]


@pytest.mark.parametrize(("tokens", "most"), [(256, 4), (0, 2.5)])
def test_hardly_any_label_is_saved_on_articles(articles, tokens, most):
    saved = labels_saved(against(articles, tokens), "frozen", "tfidf", labels=4)
    assert 1 < saved.low < saved.high < most


def test_with_all_labels_the_two_best_cannot_be_told_apart(articles):
    everything = articles[articles["labels"] == 0].groupby(["method", "tokens"])["accuracy"].mean()
    frozen, tfidf = everything["frozen", 256], everything["tfidf", 0]
    texts = articles.attrs["test_texts"]
    of_frozen, of_tfidf = (
        course_utils.accuracy_interval(round(accuracy * texts), texts)
        for accuracy in (frozen, tfidf)
    )
    assert of_frozen[0] < of_tfidf[0] < of_frozen[1] < of_tfidf[1]  # they overlap


# --- ranges ---


def test_the_expected_ranges_hold_every_recorded_draw(headlines, reviews):
    expected = known_ranges("minilm")
    eight = headlines[headlines["labels"] == 8]
    for name, method, rows in (
        ("eight labels, TF-IDF", "tfidf", eight),
        ("eight labels, words", "words", eight),
        ("eight labels, frozen", "frozen", eight),
        ("64 labels, frozen, reviews", "frozen", reviews[reviews["labels"] == 64]),
    ):
        low, high = expected[name]
        found = rows[rows["method"] == method]["accuracy"]
        assert low < found.min() and found.max() < high, name
