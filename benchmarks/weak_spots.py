"""Where the fine-tuned model is weak: the numbers of notebook 06, over five seeds.

Takes about six minutes. Writes data/recorded/weak_spots.csv. The ranges that notebook 06 expects
(`course_utils.CHECKPOINTS`) hold all of these runs.
"""

import numpy as np
from _recording import Record

import course_utils

SEEDS = range(5)
NEGATIONS = {"not", "no", "never", "nothing", "nor", "neither"}
SENTENCES = ("I had an awesome day!", "The food was not bad.", "My dentist was gentle and quick.")


def run(checkpoint: str, seed: int) -> dict:
    """Fine-tune once with the default recipe, and measure what notebook 06 measures."""
    course_utils.use(checkpoint=checkpoint, size="default")
    return measure(*train(seed))


def train(seed: int) -> tuple:
    """The model of notebook 05 with this seed, its tokenizer, and its answers to the test split."""
    train, _, test = course_utils.load_reviews(quiet=True)
    tokenizer = course_utils.load_tokenizer()
    model = course_utils.load_classifier(seed=seed, quiet=True)
    course_utils.freeze_word_embeddings(model)
    course_utils.fine_tune(model, tokenizer, train, seed=seed)
    return model, tokenizer, course_utils.evaluate(model, tokenizer, test)


def measure(model, tokenizer, on_test) -> dict:
    """The weak spots of one model."""
    imdb = course_utils.load_imdb(quiet=True).sample(200)
    on_imdb = course_utils.evaluate(model, tokenizer, imdb, max_length=128)
    texts, true = on_test.data.texts, np.array(on_test.data.labels)
    negated = np.array([bool(NEGATIONS & set(t.split())) or "n't" in t for t in texts])
    answers = course_utils.predict(model, tokenizer, SENTENCES)[:, 1]
    return {
        "awesome day": answers[0],
        "missed praise minus missed blame": (on_test.predicted[true == 1] == 0).mean()
        - (on_test.predicted[true == 0] == 1).mean(),
        "not bad": answers[1],
        "called positive with a negation": on_test.predicted[negated].mean(),
        "calibration error": on_test.calibration_error,
        "accuracy lost on IMDb": on_test.accuracy - on_imdb.accuracy,
        "gentle dentist": answers[2],
    }


def main():
    checkpoint = course_utils.current().checkpoint
    record = Record(__file__, ["checkpoint", "seed"], seeds=len(SEEDS), imdb_texts=200)
    record.fill([{"checkpoint": checkpoint, "seed": seed} for seed in SEEDS], run)


if __name__ == "__main__":
    main()
