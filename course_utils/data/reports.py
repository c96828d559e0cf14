"""What to look at before training."""

from collections import Counter
from html import escape

import numpy as np
import pandas as pd

from course_utils.data.copies import plain, words_only
from course_utils.data.display import keep_dollars, no_formula, table_html
from course_utils.data.findings import shown
from course_utils.data.reading import longest, reading_length
from course_utils.data.texts import LabeledTexts, check_labeled
from course_utils.errors import DataError

PIECE = 1_000
"""Texts that are tokenised at a time: memory stays flat."""

BATCH = 32
"""Texts in a batch, where the time of another length is estimated."""

MOST_LABELS = 6
"""That many labels are counted one by one; of more, the rarest and the most frequent are named."""

ENOUGH_TEXTS = 30
"""Of a label, to learn it halfway reliably: a rule of thumb."""

TOO_MANY_UNKNOWN, TOO_MANY_CUT = 10, 5  # percent


class DataReport(pd.DataFrame):
    """A DataFrame with one row for each part. It is shown with one column for each part.

    `notes` holds sentences about what should be looked at.
    """

    _metadata = ["notes"]

    def turned(self) -> pd.DataFrame:
        """The same with one row for each fact: it fits on a screen."""
        return pd.DataFrame(self).astype(object).T

    def __repr__(self):
        return "\n".join([self.turned().to_string(), *self.notes])

    def _repr_html_(self):
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return table_html(self.turned()) + no_formula(notes)


def data_report(*parts: LabeledTexts, tokenizer, max_length: int = None) -> DataReport:
    """What to look at before training: counts, lengths, what is cut off, unknown signs, copies.

    Args:
        parts: train, validation and test, or just one.
        tokenizer: counts the tokens, [CLS] and [SEP] included.
        max_length: the length at which texts will be cut off, in tokens; by default
            `tokenizer.model_max_length`, as in training.

    Returns:
        A DataFrame with one row per part (a notebook shows one column per part), and in `.notes`
        sentences about what should be mended. How many texts, how many of each label (of more than
        6 labels: the rarest and the most frequent one), and tokens per text. `% [UNK]` are the
        tokens that stand for something unknown. `copies` counts texts that stood in this part
        before, `near-copies` those that did but for digits, case and punctuation. `in earlier
        parts` and `nearly in earlier parts` are the same for the parts above: such a test is not
        honest. `contradictions` are texts that stand in this part or above with another label, too.
    """
    if not parts:
        raise DataError("data_report needs at least one part, for instance train.")
    max_length = reading_length(tokenizer, max_length)
    for part in parts:
        check_labeled("each part", part)
    counted = [_count_tokens(part.texts, tokenizer) for part in parts]
    rows, above = [], _Above()
    for part, (lengths, unknown) in zip(parts, counted, strict=True):
        facts = {
            "median tokens": round(float(np.median(lengths))),
            "longest": int(lengths.max()),
            f"% cut at {max_length}": _percent((lengths > max_length).mean()),
            f"% {tokenizer.unk_token or '[UNK]'}": _percent(unknown),
        } | above.compare(part)
        rows.append({"texts": len(part)} | _labels(part, {"texts", *facts}) | facts)
    report = DataReport(rows, index=[part.name for part in parts])
    keep_dollars(*report.index, *report.columns, *report.to_numpy(str).flat)
    report.notes = [
        *_about_unknown(parts, [unknown for _, unknown in counted], tokenizer),
        *_about_rare_labels(parts[0]),
        *_about_length(parts[0], counted[0][0], max_length),
        *_about_copies(report),
    ]
    return report


def _percent(share: float) -> float:
    return round(100 * float(share), 1)


def _count_tokens(texts, tokenizer) -> tuple:
    """Tokens of each text, [CLS] and [SEP] included, and which share of the others is unknown."""
    lengths, unknown = [], 0
    for start in range(0, len(texts), PIECE):
        for ids in tokenizer(list(texts[start : start + PIECE]))["input_ids"]:
            lengths.append(len(ids))
            unknown += ids.count(tokenizer.unk_token_id)
    of_texts = sum(lengths) - len(lengths) * tokenizer.num_special_tokens_to_add()
    return np.array(lengths), unknown / max(1, of_texts)


def _labels(part: LabeledTexts, taken) -> dict:
    """How many texts each label has; of many labels, only the extremes.

    Args:
        taken: names of other columns, for a label may be called like one.
    """
    counts = part.counts()
    if len(counts) > MOST_LABELS:
        ends = {"rarest": min(counts, key=counts.get), "most frequent": max(counts, key=counts.get)}
        return {"labels": len(counts)} | {
            end: f"{shown(name, 30)} ({counts[name]:,})" for end, name in ends.items()
        }
    columns = {}
    for name, count in counts.items():
        column = name
        while column in taken or column in columns or (column != name and column in counts):
            column = f"label {column}"
        columns[column] = count
    return columns


class _Above:
    """The texts of the parts above, to compare the next part with."""

    def __init__(self):
        self.texts, self.words, self.labels = set(), set(), {}

    def compare(self, part: LabeledTexts) -> dict:
        """Counts of copies, near-copies and contradictions; afterwards, this part is one above."""
        texts = [plain(text) for text in part.texts]
        words = [words_only(text) for text in part.texts]
        for text, label in zip(texts, part.labels, strict=True):
            self.labels.setdefault(text, set()).add(part.label_names[label])
        before = [text in self.texts for text in texts]
        nearly = [word in self.words for word in words]
        facts = {
            "contradictions": sum(len(self.labels[text]) > 1 for text in texts),
            "copies": len(texts) - len(set(texts)),
            "near-copies": len(set(texts)) - len(set(words)),
            "in earlier parts": sum(before),
            "nearly in earlier parts": sum(nearly) - sum(before),
        }
        self.texts.update(texts)
        self.words.update(words)
        return facts


# --- sentences ---


def _about_unknown(parts, shares, tokenizer) -> list:
    share, name = max((share, part.name) for share, part in zip(shares, parts, strict=True))
    if 100 * share <= TOO_MANY_UNKNOWN:
        return []
    return [
        f"{100 * share:.0f} % of the tokens of {name} are {tokenizer.unk_token}: this checkpoint "
        "cannot read your language or signs. Take a multilingual one, such as "
        "bert-base-multilingual-cased, or one that was made for your language."
    ]


def _about_rare_labels(train: LabeledTexts) -> list:
    counts = Counter(train.counts())
    rare = [x for x in reversed(counts.most_common()) if x[1] < ENOUGH_TEXTS]
    if not rare:
        return []
    said = ", ".join(f"{shown(name, 30)} ({count})" for name, count in rare[:5])
    more = f" and {len(rare) - 5} more" if len(rare) > 5 else ""
    labels = "1 label has" if len(rare) == 1 else f"{len(rare)} labels have"
    return [
        f"{labels} fewer than {ENOUGH_TEXTS} texts in {train.name}: {said}{more}. That is little "
        "to learn from: bring more, or join labels."
    ]


def _about_length(train: LabeledTexts, lengths, max_length: int) -> list:
    """What is cut off, and what it would cost to read more."""
    cut = 100 * (lengths > max_length).mean()
    if cut <= TOO_MANY_CUT:
        return []
    most, now = longest(), padded_tokens(lengths, max_length)
    nearly_all = int(np.quantile(lengths, 1 - TOO_MANY_CUT / 100, method="inverted_cdf"))
    offers = []
    for length in sorted({min(nearly_all, most), min(int(lengths.max()), most)} - {max_length}):
        whole = 100 * (lengths <= length).mean()
        times = padded_tokens(lengths, length) / now
        offers.append(
            f"max_length={length} would read {whole:.0f} % of them whole, with {times:.1f} times "
            "the tokens"
        )
    said = f"{cut:.0f} % of the texts of {train.name} are cut at {max_length} tokens."
    if not offers:
        return [f"{said} That is the most that a BERT can read."]
    return [f"{said} {'; '.join(offers)}. The training time grows as much, or somewhat more."]


def padded_tokens(lengths, max_length: int, batch: int = BATCH) -> int:
    """The tokens that a model computes for these texts, padding included.

    They are cut at `max_length` and stand in batches of similar length, as in training. (Attention
    compares each token with each, so long texts cost somewhat more than this count says.)
    """
    ordered = np.sort(np.minimum(lengths, max_length))
    batches = [ordered[start : start + batch] for start in range(0, len(ordered), batch)]
    return int(sum(texts[-1] * len(texts) for texts in batches))


def _about_copies(report: DataReport) -> list:
    notes = []
    for name, part in zip(report.index, report.to_dict("records"), strict=True):
        copies, near = part["in earlier parts"], part["nearly in earlier parts"]
        said = []
        if copies:
            said.append(f"{copies:,} texts of {name} stand in an earlier part, too")
        if copies or 100 * near > part["texts"]:  # one or two near-copies prove nothing
            said.append(f"{near:,} of {name} differ from one there only in digits or punctuation")
        if said:
            notes.append(f"{', and '.join(said)}: a test on what was learned is not honest.")
    contradictions = int(report["contradictions"].sum())
    if contradictions:
        notes.append(
            f"{contradictions:,} texts stand there with another label, too: no model can be right "
            "about both. Look at them, and decide."
        )
    return notes
