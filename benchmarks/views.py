"""How long each interactive view takes to answer a change, in the kernel.

Takes about a minute. Prints the median and the longest change of each view, in milliseconds; the
way through the browser comes on top. Texts are typed up to the longest that gets colours. Status 1
if a median is above the 300 ms that we promise.
"""

import statistics
import sys
import time

import course_utils

PROMISED = 300
CHANGES = 20
TEXT = "A warm, funny and generous film, even if the ending doesn't quite work, and one to keep."


def typed(text: str):
    """What stands in a box while somebody types, letter by letter, for the last letters."""
    return [text[:end] for end in range(len(text) - CHANGES + 1, len(text) + 1)]


def views() -> dict:
    """Name -> the changes: an input, and the value that it gets."""
    tokenizer = course_utils.load_tokenizer()
    model = course_utils.load_classifier(quiet=True).eval()
    _, reader = course_utils.load_masked_lm()
    train, validation, _ = course_utils.load_reviews(quiet=True)
    attention = course_utils.attention_weights(model, tokenizer, "I had an awesome day!")
    judged = course_utils.evaluate(model, tokenizer, validation.sample(200))
    runs = course_utils.load_record("fine_tuning")
    chooser = course_utils.attention_chooser(attention)
    found = {
        "live_tokens": (course_utils.live_tokens(tokenizer), typed(TEXT)),
        "live_blank": (
            course_utils.live_blank(reader, tokenizer),
            typed("The movie was [MASK], and I loved every minute of it."),
        ),
        "batch_builder": (
            course_utils.batch_builder(tokenizer, train.texts),
            [8 * (1 + n % 16) for n in range(CHANGES)],
        ),
        "threshold_slider": (
            course_utils.threshold_slider(judged),
            [0.05 * (1 + n % 19) for n in range(CHANGES)],
        ),
        "live_prediction": (course_utils.live_prediction(model, tokenizer), typed(TEXT)),
        "live_prediction, words": (
            course_utils.live_prediction(model, tokenizer, words=True),
            typed(TEXT),
        ),
        "class_results": (
            course_utils.class_results(runs),
            [f"11 0.77\n12 0.{70 + n}" for n in range(CHANGES)],
        ),
    }
    inputs = {
        name: [(view.children[0], value) for value in values]
        for name, (view, values) in found.items()
    }
    inputs["attention_chooser"] = [(chooser.children[1], n) for n in range(2, 13)]
    return inputs


def main() -> int:
    late = []
    for name, changes in views().items():
        times = []
        for field, value in changes:
            start = time.perf_counter()
            field.value = value
            times.append(1000 * (time.perf_counter() - start))
        median = statistics.median(times)
        print(f"{name:24} median {median:6.1f} ms, longest {max(times):6.1f} ms")
        if median > PROMISED:
            late.append(name)
    if late:
        print(f"More than {PROMISED} ms: {', '.join(late)}.")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
