"""A model as one ONNX file: it runs with onnxruntime alone, without torch and transformers."""

import contextlib
import io
import json
import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.data.reading import reading_length
from course_utils.data.texts import check_texts
from course_utils.errors import CourseError, DataError, MissingPackage
from course_utils.model.batches import Batches
from course_utils.model.layers import check_choice, check_tokens
from course_utils.model.mirror import at_rest
from course_utils.model.prediction import answers, label_names
from course_utils.model.speed import first_position_only
from course_utils.progress import progress_bar

EXACT = 1e-4
"""How far a probability of the file may be from the model's: a rounding error of float32."""
INSTALL = 'pip install "bert-transfer-course[scale]"'
MOST_CHANGED = 0.05
"""The share of answers that smaller numbers (int8) may change; a file with more is not written."""


class TooManyChanged(CourseError):
    """In 8 bits the model answers otherwise too often, on the texts that were given."""


@dataclass
class Exported:
    """What was written, and how its answers compare with those of the model."""

    path: Path
    megabytes: float
    texts: int
    """How many texts both were asked about."""
    changed: int
    """For how many of them the file gives another label."""
    farthest: float
    """The largest difference between two probabilities of the same class."""

    def __str__(self):
        same = (
            f"another label {self.changed:,} times" if self.changed else "the same label each time"
        )
        return (
            f"{self.path.name}: {self.megabytes:.0f} MB. Asked about {self.texts:,} texts, it "
            f"gives {same}; no probability is off by more than {self.farthest:.2g}."
        )


def export_onnx(model, tokenizer, path, texts, *, int8: bool = False) -> Exported:
    """Write a classifier, its tokenizer and the names of its labels into one ONNX file.

    The file is compared with the model before it is written. Its metadata hold `labels` (a JSON
    list) and `tokenizer` (the text of a tokenizer.json that cuts and pads as the model was
    trained), so that a program with onnxruntime and tokenizers needs nothing else.

    Args:
        model: a classifier of transformers; it stays as it is.
        tokenizer: the fast tokenizer of the same checkpoint.
        path: of the file to write; its folder must exist. A file of that name is replaced.
        texts: some of the kind that the file will read, 500 or so, to compare on.
        int8: store the weights in 8 bits instead of 32, each row with a scale of its own: about a
            quarter of the size, faster, and now and then another answer.

    Returns:
        The size of the file and how it compares.

    Raises:
        MissingPackage: without the packages for ONNX.
        DataError: if the model is no classifier, or `texts` is no list of texts.
        CourseError: if the file answers otherwise than the model; nothing is written then.
    """
    _check_head(model)
    check_tokens(model, tokenizer)
    texts, length = check_texts(texts), reading_length(tokenizer, None, model)
    path = Path(path)
    with at_rest(model) as still, first_position_only(still):
        two = Batches(tokenizer, (texts * 2)[:2], max_length=length)  # also of a single text
        program = _program(still, two, int8)
    _add_metadata(program, model, tokenizer, length)
    # A folder that nobody else has, beside the file: no file of yours is touched before the end.
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        partial = Path(folder) / path.name
        _write(program, partial)
        found = _compare(model, tokenizer, texts, partial)
        made = Exported(path, partial.stat().st_size / 1e6, len(texts), *found)
        _check_answers(made, int8)
        os.replace(partial, path)
    return made


def run_onnx(path, texts, batch_size: int = 32):
    """The probability of each class for each text, by an exported file.

    Args:
        path: of a file that `export_onnx` has written.
        texts: a list of strings.
        batch_size: texts per batch.

    Returns:
        A numpy array of shape (texts, classes), in the order of `texts`.

    Raises:
        MissingPackage: without onnxruntime.
    """
    with _told_if_missing():
        import onnxruntime
    from tokenizers import Tokenizer

    session = onnxruntime.InferenceSession(os.fspath(path))
    about = session.get_modelmeta().custom_metadata_map
    tokenizer = Tokenizer.from_str(about["tokenizer"])
    found = []
    for start in range(0, len(texts), batch_size):
        rows = tokenizer.encode_batch(list(texts[start : start + batch_size]))
        parts = {
            "input_ids": [row.ids for row in rows],
            "attention_mask": [row.attention_mask for row in rows],
            "token_type_ids": [row.type_ids for row in rows],
        }
        wanted = {field.name: np.array(parts[field.name]) for field in session.get_inputs()}
        (logits,) = session.run(None, wanted)  # (batch, classes)
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        found.append(powers / powers.sum(axis=-1, keepdims=True))
    return np.concatenate(found)


@contextlib.contextmanager
def _told_if_missing():
    """Say in one sentence how to get what is needed, if it is not there."""
    try:
        yield
    except ImportError as problem:
        raise MissingPackage(
            f"ONNX files need the package {problem.name or 'onnxruntime'}: run `{INSTALL}`."
        ) from None


def _check_head(model) -> None:
    """Raise a DataError unless the model, of any kind, sorts texts into classes."""
    if not type(model).__name__.endswith("ForSequenceClassification"):
        raise DataError(
            f"Expected a model that classifies texts, found a {type(model).__name__}: load one "
            "with load_classifier() or load_or_train()."
        )
    check_choice(model)


def _program(model, batches: Batches, int8: bool):
    """The model as a graph of ONNX, for any number of texts of any length."""
    with _told_if_missing():
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    from transformers.exporters import (
        OnnxConfig,
        OnnxRuntimeDynamicConfig,
        OnnxRuntimeQuantizer,
    )
    from transformers.exporters.exporter_onnx import OnnxExporter

    quantizer = OnnxRuntimeQuantizer(OnnxRuntimeDynamicConfig(per_channel=True)) if int8 else None
    inputs = dict(batches.batch([0, 1]).to("cpu"))
    inputs.pop("labels", None)
    with _quiet():
        exported = OnnxExporter().export(
            model, inputs, OnnxConfig(dynamic=True, quantizer=quantizer)
        )
    return exported.program


@contextlib.contextmanager
def _quiet():
    """Within the block, the exporter's many steps are not told."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)


def _add_metadata(program, model, tokenizer, length: int) -> None:
    """Let labels, length and tokenizer travel in the file."""
    from tokenizers import Tokenizer

    travelling = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    travelling.enable_truncation(length)
    travelling.enable_padding(pad_id=tokenizer.pad_token_id, pad_token=tokenizer.pad_token)
    program.metadata_props["labels"] = json.dumps(label_names(model), ensure_ascii=False)
    program.metadata_props["tokenizer"] = travelling.to_str()


def _write(program, path: Path) -> None:
    """One file, the weights inside."""
    import onnx
    import onnx_ir

    onnx.save(onnx_ir.to_proto(program), path)


def _compare(model, tokenizer, texts, path: Path) -> tuple:
    """For how many texts the file gives another label, and the largest difference."""
    with progress_bar(len(texts), "texts", "Comparing") as bar:
        ours = answers(model, tokenizer, texts, 32, reading_length(tokenizer, None, model), bar)
    theirs = run_onnx(path, texts)
    changed = int((ours.argmax(axis=1) != theirs.argmax(axis=1)).sum())
    return changed, float(np.abs(ours - theirs).max())


def _check_answers(made: Exported, int8: bool) -> None:
    """Raise a CourseError if the file does not answer as the model does."""
    if int8 and made.changed > MOST_CHANGED * made.texts:
        raise TooManyChanged(
            f"In 8 bits the model gives another label for {made.changed} of {made.texts} texts: "
            "that is too many, and nothing was written. Export it without int8."
        )
    if not int8 and made.farthest > EXACT:
        raise CourseError(
            f"The exported file is off by {made.farthest:.2g} in a probability, where a rounding "
            f"error is below {EXACT:g}: nothing was written. This kind of model cannot be exported."
        )
