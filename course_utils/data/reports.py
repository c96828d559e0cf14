"""What to look at before training."""

from course_utils.data.reading import reading_length
from course_utils.data.splits import plain
from course_utils.data.texts import LabeledTexts, check_labeled
from course_utils.errors import DataError


def data_report(*parts: LabeledTexts, tokenizer, max_length: int = None):
    """What to look at before training: counts, lengths, what is cut off, and copies.

    Args:
        parts: train, validation and test, or just one.
        tokenizer: counts the tokens, [CLS] and [SEP] included.
        max_length: the length at which texts will be cut off, in tokens; by default
            `tokenizer.model_max_length`, as in training.

    Returns:
        A DataFrame with one row per part: how many texts, how many of each label, tokens per text.
        `copies` counts texts that stood in this part before, `in earlier parts` those that stand
        in a part above: such a test is not honest.
    """
    import pandas as pd

    if not parts:
        raise DataError("data_report needs at least one part, for instance train.")
    max_length, rows, earlier = reading_length(tokenizer, max_length), [], set()
    for part in parts:
        check_labeled("each part", part)
        lengths = pd.Series([len(ids) for ids in tokenizer(list(part.texts))["input_ids"]])
        words = [plain(text) for text in part.texts]
        rows.append(
            {"texts": len(part)}
            | {_column(name): count for name, count in part.counts().items()}
            | {
                "median tokens": round(lengths.median()),
                "longest": lengths.max(),
                f"% cut at {max_length}": round(100 * (lengths > max_length).mean(), 1),
                "copies": len(words) - len(set(words)),
                "in earlier parts": sum(text in earlier for text in words),
            }
        )
        earlier.update(words)
    return pd.DataFrame(rows, index=[part.name for part in parts])


def _column(label_name: str) -> str:
    """A label may be called like a column of the report."""
    taken = {"texts", "median tokens", "longest", "copies", "in earlier parts"}
    return f"label {label_name}" if label_name in taken else label_name
