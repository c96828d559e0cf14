"""Exercises 7.4 and 7.6: when a person is asked, and the model without this course."""

import numpy as np

from course_utils.lessons.exercises import Wrong, exercise, one_number

NEAR = 1e-3


@exercise(
    "7.4",
    "result",
    "answered",
    "right",
    hints=(
        "`sure` is True for the texts that get an answer, and True counts as 1: what is the mean "
        "of `sure`?",
        "on_validation.correct is True where the model is right; on_validation.correct[sure] holds "
        "those of the texts that get an answer. Take its mean, too.",
    ),
)
def _ask_a_person(result, answered, right):
    confidence = result.probabilities.max(axis=1)  # (texts,)
    answered, right = _by_threshold("answered", answered), _by_threshold("right", right)
    if set(answered) != set(right):
        raise Wrong("Expected `answered` and `right` for the same thresholds.")
    for threshold in sorted(answered):
        sure = confidence >= threshold
        hits, where = result.correct[sure], f"for the threshold {threshold:g}"
        _judge_answered(answered[threshold], sure, where)
        _judge_right(right[threshold], hits, result.correct, where)
    most = max(answered)
    return (
        f"At {most:g}, {100 * answered[most]:.1f} % get an answer, and {100 * right[most]:.1f} % "
        "of these are right: a trade."
    )


def _judge_answered(found: float, sure, where: str) -> None:
    if abs(found - sure.mean()) < NEAR:
        return
    for other, what in (
        ((~sure).mean(), "the share that goes to a person"),
        (sure.sum(), "a number of texts"),
        (100 * sure.mean(), "a percentage"),
    ):
        if abs(found - other) < NEAR:
            raise Wrong(f"Expected `answered` as the share that gets an answer, found {what}.")
    raise Wrong(f"Expected {sure.mean():.3f} as `answered` {where}, found {found:.3f}.")


def _judge_right(found: float, hits, correct, where: str) -> None:
    if not len(hits) or abs(found - hits.mean()) < NEAR:  # of no texts, no share is right
        return
    if abs(found - hits.sum() / len(correct)) < NEAR:
        raise Wrong(
            f"Expected `right` {where} as a share of the texts that get an answer, found the share "
            "of all texts: take correct[sure] first."
        )
    if abs(found - correct.mean()) < NEAR:
        raise Wrong(
            f"Expected `right` {where} among the texts that get an answer, found that of all texts."
        )
    raise Wrong(f"Expected {hits.mean():.3f} as `right` {where}, found {found:.3f}.")


def _by_threshold(name: str, table) -> dict:
    """Threshold -> share, all of them plain numbers."""
    if not isinstance(table, dict) or not table:
        raise Wrong(f"Expected `{name}` as a dict with one number for each threshold.")
    return {
        one_number("threshold", threshold): one_number(f"{name}[{threshold}]", value)
        for threshold, value in table.items()
    }


@exercise(
    "7.6",
    "proposals",
    "model",
    "tokenizer",
    "texts",
    hints=(
        'classify = pipeline("text-classification", model=..., truncation=True): the folder that '
        "you saved stands in place of `...`.",
        "`classify` takes a list of texts and returns a list of dicts: proposals = "
        "classify(list(new)). No loop is needed.",
    ),
)
def _without_the_course(proposals, model, tokenizer, texts):
    from course_utils.model.prediction import predict

    if not isinstance(proposals, list) or not all(isinstance(answer, dict) for answer in proposals):
        raise Wrong(
            f"Expected a list of dicts, found {proposals!r:.60}: what `classify(list(new))` "
            "returns."
        )
    if len(proposals) != len(texts):
        raise Wrong(f"Expected one answer for each of {len(texts)} texts, found {len(proposals)}.")
    if not all({"label", "score"} <= set(answer) for answer in proposals):
        raise Wrong("Expected the keys `label` and `score` in each answer.")
    probabilities = predict(model, tokenizer, list(texts), quiet=True)  # (texts, classes)
    names = [model.config.id2label[best] for best in probabilities.argmax(axis=1).tolist()]
    unknown = {answer["label"] for answer in proposals} - set(model.config.id2label.values())
    if unknown:
        raise Wrong(
            f"Expected the names of your topics, found {sorted(unknown)[0]!r}: is it the folder "
            "that you saved?"
        )
    same = np.mean([answer["label"] == name for answer, name in zip(proposals, names, strict=True)])
    far = max(
        abs(one_number("score", answer["score"]) - best)
        for answer, best in zip(proposals, probabilities.max(axis=1), strict=True)
    )
    if far > NEAR:
        raise Wrong(
            f"Expected the answers of your model, found {100 * same:.1f} % of the labels the same, "
            f"and scores that differ by up to {far:.3f}. Trained again? Then save again. Are the "
            "texts in their order, and cut off by the tokenizer alone?"
        )
    if same < 1 - NEAR:
        raise Wrong(f"Expected the labels of your model, found {100 * same:.1f} % of them.")
    return f"{len(proposals)} answers without this course, the same to three decimals."
