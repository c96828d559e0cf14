"""Checks of notebook 04: tokenization."""

from course_utils.lessons.exercises import Wrong, exercise, shortened
from course_utils.model.checkpoints import load_tokenizer


@exercise(
    "4.1",
    "three",
    "input_ids",
    "attention_mask",
    hints=(
        "A row that is too short lacks `longest - len(row)` numbers. In Python, `[0] * 3` is "
        "`[0, 0, 0]`, and `+` joins two lists.",
        "For one row: `row + [tokenizer.pad_token_id] * (longest - len(row))`. The mask of the "
        "same row: `[1] * len(row) + [0] * (longest - len(row))`.",
    ),
)
def batch_by_hand(three, input_ids, attention_mask):
    """The texts as one rectangle of ids, and the mask that belongs to it."""
    tokenizer = load_tokenizer()
    rows, pad = tokenizer(list(three))["input_ids"], tokenizer.pad_token_id
    longest = max(len(row) for row in rows)
    ids = _rectangle("input_ids", input_ids, len(rows), longest)
    for number, (row, found) in enumerate(zip(rows, ids, strict=True)):
        _judge_row(number, row, found, pad)
    mask = _rectangle("attention_mask", attention_mask, len(rows), longest)
    _judge_mask(mask, [[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    tokens = sum(len(row) for row in rows)
    return (
        f"{tokens} tokens, {len(rows) * longest - tokens} positions of padding, and the mask knows "
        "which is which. `padding=True` does the same."
    )


def _rectangle(name, value, height, width):
    """The value as a list of lists of that shape; a tensor or an array will do as well."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(value, (list, tuple)) or not all(isinstance(r, (list, tuple)) for r in value):
        raise Wrong(f"`{name}` is {shortened(value)}, expected a list of {height} lists.")
    lengths = [len(row) for row in value]
    if len(value) == height and len(set(lengths)) > 1:
        raise Wrong(
            f"The rows of `{name}` have the lengths {', '.join(map(str, lengths))}, expected "
            f"{width} for each: the length of the longest text."
        )
    shape = (len(value), *set(lengths))
    if shape != (height, width):
        raise Wrong(
            f"`{name}` has shape {shape}, expected {(height, width)}: one row for each text, as "
            "long as the longest of them, and no longer."
        )
    return [list(row) for row in value]


def _judge_row(number, row, found, pad):
    """One row of ids: first its tokens, then padding."""
    gap = len(found) - len(row)
    if found[: len(row)] != row:
        if gap and found[gap:] == row:
            raise Wrong(
                f"Row {number} of `input_ids` begins with its padding, expected the tokens first "
                "and the padding after them: BERT was trained that way."
            )
        raise Wrong(
            f"Row {number} of `input_ids` is {found}, expected to begin with the ids of its "
            f"text, {row}."
        )
    wrong = set(found[len(row) :]) - {pad}
    if wrong:
        raise Wrong(
            f"Row {number} of `input_ids` is filled up with {wrong.pop()}, expected {pad}, the id "
            "of [PAD]."
        )


def _judge_mask(found, expected):
    if found == expected:
        return
    if found == [[1 - place for place in row] for row in expected]:
        raise Wrong(
            "`attention_mask` is the wrong way round: expected 1 for a token, 0 for padding."
        )
    if all(place == 1 for row in found for place in row):
        raise Wrong(
            "`attention_mask` is 1 everywhere, expected 0 where there is padding: like this, the "
            "padding would count as text. (Did your loop fill up `rows` itself? Then run the cell "
            "`rows = ...` again, and make new lists: `row + [...]`.)"
        )
    for number, (row, right) in enumerate(zip(found, expected, strict=True)):
        if row != right:
            raise Wrong(
                f"Row {number} of `attention_mask` is {row}, expected {right}: 1 for every token "
                "([CLS] and [SEP] are tokens too), 0 for padding."
            )


@exercise(
    "4.2",
    "logits_alone",
    "logits_with_mask",
    "logits_without_mask",
    hints=(
        "Tokenise twice: `pair[:1]` for the text alone, and `pair` with padding=True. Always say "
        'return_tensors="pt". Then call `logits_of`, as in the cells before.',
        'For the batch: `logits_of(input_ids=both["input_ids"], '
        'attention_mask=both["attention_mask"])[0]`. Without the mask: leave attention_mask out. '
        "`[0]` takes the first row.",
    ),
)
def mask_matters(logits_alone, logits_with_mask, logits_without_mask):
    """A neighbour must not change the logits of a text, and without a mask it does."""
    alone = _two_logits("logits_alone", logits_alone)
    with_mask = _two_logits("logits_with_mask", logits_with_mask)
    without_mask = _two_logits("logits_without_mask", logits_without_mask)
    masked, bare = _distance(alone, with_mask), _distance(alone, without_mask)
    if masked < 1e-4 and bare < 1e-4:
        raise Wrong(
            "`logits_without_mask` agrees with `logits_alone`, expected a difference: give the "
            "model the whole batch, input_ids only, and no attention_mask."
        )
    if bare < 1e-4:
        raise Wrong(
            "Only `logits_without_mask` agrees with `logits_alone`, expected the opposite: are the "
            "two exchanged?"
        )
    if masked >= 1e-4:
        raise Wrong(
            f"`logits_alone` and `logits_with_mask` differ by {masked:.4f}, expected less than "
            "0.0001. Did the batch get its attention_mask? Is it the row of the first text? "
            "Is the model in eval() mode?"
        )
    return (
        f"With the mask, the difference is {masked:.6f}: the neighbour does not count. "
        f'Without it: {bare:.6f}. Is that more than "I love this!" in the table above? Then more '
        "padding meant more mistake here. (Two texts are no rule.)"
    )


def _two_logits(name, value):
    """The value as two plain numbers."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, list) and value and isinstance(value[0], list):
        raise Wrong(
            f"`{name}` has shape {(len(value), len(value[0]))}, expected (2,): take the row of the "
            "first text with [0]."
        )
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise Wrong(f"`{name}` is {shortened(value)}, expected the two logits of the first text.")
    if not all(isinstance(number, (int, float)) for number in value):
        raise Wrong(f"`{name}` is {shortened(value)}, expected two numbers: the logits.")
    if min(value) >= 0 and abs(sum(value) - 1) < 1e-5:
        raise Wrong(f"`{name}` sums to 1: these are probabilities, expected the logits themselves.")
    return value


def _distance(one, other):
    return max(abs(a - b) for a, b in zip(one, other, strict=True))
