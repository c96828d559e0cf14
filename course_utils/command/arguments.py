"""What `python -m course_utils` understands, and what its --help says."""

import argparse
import re

PROGRAM = "python -m course_utils"

STOPPED = 130
"""What a program returns that Ctrl-C has stopped: 128, and 2 for the signal."""

ABOUT = """\
A model that sorts texts into classes: trained on your file, used on the next file.

  python -m course_utils train tickets.csv --text message --label topic
  python -m course_utils predict tickets-model new.csv answers.csv --text message

The first line learns from a file in which each text has a label, and saves a model in
the folder tickets-model. The second line adds a label to each text of another file.

A file may be CSV, TSV, Excel (.xlsx), JSON Lines, JSON or Parquet, also packed (.gz or
.zip with one file). For Excel and Parquet: pip install "bert-transfer-course[tables]"
"""

TRAIN = """\
Learn from the labelled texts in DATA, and save a model.

What happens: the file is read, and what was repaired or left out is told. The texts are
split: about 75 % to learn from, 10 % to choose with, 15 % for the test. The model is tested
beside two cheap methods (always the most frequent label; counting words). Then it is
saved in a folder with a page about it, README.md.

  python -m course_utils train tickets.csv
  python -m course_utils train tickets.xlsx --text message --label topic --out my-model

Ctrl-C stops the training and keeps what was learned: the same line with --resume goes on.
"""

EVALUATE = """\
How often is a model right on texts that it has not seen, and whose labels are known?

  python -m course_utils evaluate tickets-model june.csv --text message --label topic

The answer is for these texts. If several texts are of one customer, say in which column that
stands, with --group: customers are counted then. If the model was trained on the texts, the answer
says nothing: a model that train has made notices that, and says so.
"""

PREDICT = """\
Add a label to each text of the file IN, and write the file OUT.

  python -m course_utils predict tickets-model new.csv answers.csv
  python -m course_utils predict tickets-model new.xlsx answers.xlsx --text message
  python -m course_utils predict tickets-model lines.txt answers.jsonl

OUT has the columns of IN, and three more:

  label         the answer of the model
  probability   how sure it is, from 0 to 1 (0,9 in a file with semicolons, for Excel)
  unsure        True if that is below --unsure: let a person look at these rows

If IN has a column of such a name already, the new one is called predicted_label,
predicted_probability or predicted_unsure. A row without a text is kept, without an answer.
All other cells are written as they were read, as text.

The end of its name says what OUT is: .csv, .tsv, .jsonl, .parquet or .xlsx. A CSV file is
saved so that a spreadsheet shows all letters (UTF-8 with a mark at the beginning), with
commas between its cells, or semicolons if IN is such a file.

If the computer stops in the middle, give the same line again: it goes on where it was.
Until all rows are done, they lie beside OUT in a file that ends with .part. If another IN,
MODEL or option is given meanwhile, the command asks first: --overwrite begins anew.

For many computers: --engine ray reads Parquet (a file, or a folder of files) and writes a
folder of Parquet. On one computer, leave it out: it is not faster, and takes more memory.
"""

EXPORT = """\
Write a model, its tokenizer and its labels into one file that runs without torch.

  python -m course_utils export tickets-model tickets.onnx
  python -m course_utils export tickets-model small.onnx --int8 --texts june.csv

The file is compared with the model on 500 texts before it is written. It needs the packages
onnxruntime and tokenizers and a dozen lines: see the page "Use your model".
To export: pip install "bert-transfer-course[scale]"
"""


def quoted(name: str) -> str:
    """A name as one types it: between double quotes if it holds more than letters and the like."""
    return name if re.fullmatch(r"[\w./~:\\-]+", name) else f'"{name}"'


class Parser(argparse.ArgumentParser):
    """As argparse has it, but a mistake is answered with one sentence."""

    def __init__(self, **options):
        shape = argparse.RawDescriptionHelpFormatter
        super().__init__(formatter_class=shape, allow_abbrev=False, **options)

    def error(self, message):
        if message.startswith("unrecognized arguments: ") and "arguments: -" not in message:
            message += ', or is it a name with blanks? Put it between double quotes: "my file.csv"'
        self.exit(2, f"{self.prog}: {message}. ({self.prog} --help explains it.)\n")


def parser() -> Parser:
    """The parser of all four commands."""
    whole = Parser(prog=PROGRAM, description=ABOUT)
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _train(commands.add_parser("train", help="learn from labelled texts", description=TRAIN))
    _evaluate(commands.add_parser("evaluate", help="test a model", description=EVALUATE))
    _predict(commands.add_parser("predict", help="label a file", description=PREDICT))
    _export(commands.add_parser("export", help="one file without torch", description=EXPORT))
    for command in commands.choices.values():
        command.add_argument(
            "--traceback", action="store_true", help="after an error, show where it happened"
        )
    return whole


def _train(command) -> None:
    add = command.add_argument
    add("data", metavar="DATA", help="a file with one text and one label in each row")
    _columns(command, label=True)
    _group(command, "keep rows with the same value here on one side, such as customer")
    add("--time", metavar="COLUMN", help="test on the latest rows; a column with dates")
    add("--out", metavar="FOLDER", help="where to save (default: DATA's name and -model)")
    add("--overwrite", action="store_true", help="replace a model that is saved there")
    add("--resume", action="store_true", help="go on with a training that was stopped")
    add(
        "--epochs",
        type=_whole,
        metavar="N",
        help="how often all texts are read (default: 1; below 2,000 texts 2, below 170 more)",
    )
    add(
        "--learning-rate",
        type=_rate,
        metavar="X",
        help="the size of the steps (default: what suits the checkpoint, 1e-4 for minilm)",
    )
    add(
        "--batch-size",
        type=_whole,
        metavar="N",
        help="texts per step (default: 32; 8 below 2,000 texts)",
    )
    _length(command, "64")
    add(
        "--checkpoint",
        metavar="NAME",
        help="the pre-trained model to begin with (default: minilm, for English)",
    )
    add(
        "--seed",
        type=_seed,
        metavar="N",
        help="another number, another run (default: 0)",
    )
    add("--class-weights", choices=["balanced"], help="rare labels count more: balanced")
    add("--patience", type=_whole, metavar="N", help="stop after N epochs that bring nothing new")
    add("--strict", action="store_true", help="leave no row out: stop if one cannot be used")
    _device(command)


def _evaluate(command) -> None:
    _model(command)
    command.add_argument("data", metavar="DATA", help="a file with texts and their labels")
    _columns(command, label=True)
    _group(command, "rows with the same value here belong together: the interval counts these")
    _batches(command)
    command.add_argument(
        "--label-names",
        nargs="+",
        metavar="NAME",
        help="of a model whose labels have only numbers: their names, in that order",
    )
    command.add_argument(
        "--skip-unknown",
        action="store_true",
        help="leave out, and count, rows with a label that the model does not know",
    )
    command.add_argument("--strict", action="store_true", help="stop if a row cannot be used")


def _predict(command) -> None:
    add = command.add_argument
    _model(command)
    add(
        "source",
        metavar="IN",
        help="a file with texts; .txt: a text in each line; -: lines from a pipe",
    )
    add("out", metavar="OUT", help="the file to write: .csv, .tsv, .jsonl, .parquet or .xlsx")
    _columns(command, label=False)
    add(
        "--unsure",
        type=_share,
        default=0.8,
        metavar="P",
        help="below this probability an answer is unsure (default: 0.8)",
    )
    _batches(command)
    add(
        "--overwrite",
        action="store_true",
        help="replace OUT if it is there, and rows of a stopped run that differs",
    )
    add("--engine", choices=["ray"], help="many computers share the work: see the page Many rows")
    add("--address", metavar="ADDRESS", help="of a running Ray cluster (default: this computer)")


def _export(command) -> None:
    add = command.add_argument
    _model(command)
    add("out", metavar="OUT", help="the file to write, whose name ends with .onnx")
    add("--int8", action="store_true", help="a quarter of the size, and now and then another label")
    add("--texts", metavar="FILE", help="compare on these texts (default: 500 film reviews)")
    add("--text", default="text", metavar="COLUMN", help="their column (default: text)")
    add("--overwrite", action="store_true", help="replace OUT if it is there")


def _columns(command, label: bool) -> None:
    add = command.add_argument
    add(
        "--text", default="text", metavar="COLUMN", help="the column with the texts (default: text)"
    )
    if label:
        add(
            "--label",
            default="label",
            metavar="COLUMN",
            help="the column with the labels (default: label)",
        )
        add("--numbers", action="store_true", help="the texts may all be numbers")


def _group(command, what: str) -> None:
    command.add_argument("--group", metavar="COLUMN", help=what)


def _model(command) -> None:
    command.add_argument(
        "model",
        metavar="MODEL",
        help="the folder of a model, or the name under which a notebook saved one",
    )


def _batches(command) -> None:
    command.add_argument(
        "--batch-size",
        type=_whole,
        default=32,
        metavar="N",
        help="texts that are computed together (default: 32)",
    )
    _length(command, "as in training")
    _device(command)


def _length(command, default: str) -> None:
    command.add_argument(
        "--max-length",
        type=_whole,
        metavar="N",
        help=f"how many tokens of a text are read (default: {default}; at most 512)",
    )


def _device(command) -> None:
    command.add_argument(
        "--device", metavar="NAME", help="auto, cpu, cuda or mps (default: auto, the best there is)"
    )


def _number(text: str, kind, fits, expected: str):
    try:
        number = kind(text)
    except ValueError:
        number = None
    if number is None or not fits(number):
        raise argparse.ArgumentTypeError(f"{text!r} is not {expected}")
    return number


def _whole(text: str) -> int:
    return _number(text, int, lambda number: number >= 1, "a whole number from 1 on")


def _seed(text: str) -> int:
    return _number(text, int, lambda number: number >= 0, "a whole number from 0 on")


def _share(text: str) -> float:
    return _number(text, float, lambda x: 0 <= x <= 1, "a number from 0 to 1, such as 0.8")


def _rate(text: str) -> float:
    return _number(text, float, lambda x: 0 < x < 1, "a number between 0 and 1, such as 1e-4")
