"""What `python -m course_utils` understands."""

import argparse
import os
import re
import shlex
import shutil
import sys
from pathlib import Path

from course_utils.command.explained import ABOUT, EVALUATE, EXPORT, PREDICT, TRAIN
from course_utils.errors import did_you_mean

PROGRAM = "python -m course_utils"
"""The program's name; `typed` makes of it what one types here."""

UNSURE = 0.8
"""Below this probability an answer is unsure, if nobody says another one."""

STOPPED = 130
"""What a program returns that Ctrl-C has stopped: 128, and 2 for the signal."""


def quoted(name: str) -> str:
    """A name as one types it in a terminal: between quotes if it holds more than letters."""
    if re.fullmatch(r"[\w./~:\\-]+", name):
        return name
    return f'"{name}"' if os.name == "nt" else shlex.quote(name)


def typed(text: str) -> str:
    """A text with lines to type: each names the Python that runs, unless `python` is that one.

    Another Python may not have the course. One below the current folder has its path from there.
    """
    found, here = shutil.which("python"), Path(sys.executable)
    # A link from an environment to the system's Python is the same file, in another folder.
    same = found and all(map(os.path.samefile, (found, Path(found).parent), (here, here.parent)))
    if same:
        return text
    if here.is_relative_to(Path.cwd()) and here.parent != Path.cwd():
        here = here.relative_to(Path.cwd())
    return text.replace(PROGRAM, PROGRAM.replace("python", quoted(str(here)), 1))


class Parser(argparse.ArgumentParser):
    """As argparse has it, but a mistake is answered with one sentence."""

    def __init__(self, description, **options):
        shape = argparse.RawDescriptionHelpFormatter
        options |= {"formatter_class": shape, "allow_abbrev": False}
        super().__init__(description=typed(description), **options)

    def error(self, message, near=""):
        line = typed(f"{self.prog} --help")
        self.exit(2, f"{self.prog}: {message}.{near} ({line} explains it.)\n")

    def refuse(self, words: list):
        """Stop because of words that nobody expected; the error names what may be meant."""
        first, known = words[0].partition("=")[0], self._option_string_actions
        message = f"unrecognized arguments: {' '.join(words)}"
        if not first.startswith("-"):
            message += ', or is it a name with blanks? Put it between double quotes: "my file.csv"'
        self.error(message, did_you_mean(first, known))


def understood(words: list) -> argparse.Namespace:
    """The options that some words mean; a mistake is told by the command that it belongs to."""
    options, unknown = parser().parse_known_args(words)
    if unknown:
        options.parser.refuse(unknown)
    return options


def parser() -> Parser:
    """The parser of all four commands."""
    whole = Parser(prog=PROGRAM, description=ABOUT)
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _train(commands.add_parser("train", help="learn from labelled texts", description=TRAIN))
    _evaluate(commands.add_parser("evaluate", help="test a model", description=EVALUATE))
    _predict(commands.add_parser("predict", help="label a file", description=PREDICT))
    _export(commands.add_parser("export", help="one file without torch", description=EXPORT))
    for command in commands.choices.values():
        command.set_defaults(parser=command)
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
    add(
        "--language",
        type=_code,
        metavar="CODE",
        help="of the texts, for the page of the model: en, de, ...",
    )
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
        default=UNSURE,
        metavar="P",
        help="below this probability an answer is unsure (default: 0.8)",
    )
    _batches(command)
    add(
        "--overwrite",
        action="store_true",
        help="replace OUT if it is there (not with --engine ray), and rows of a stopped run that "
        "differs",
    )
    add("--engine", choices=["ray"], help="many computers share the work: see the page Many rows")
    add("--address", metavar="ADDRESS", help="of a running Ray cluster (default: this computer)")


def _export(command) -> None:
    add = command.add_argument
    _model(command)
    add("out", metavar="OUT", help="the file to write, whose name ends with .onnx")
    add("--int8", action="store_true", help="a quarter of the size, and now and then another label")
    add("--texts", metavar="FILE", help="compare on these texts (default: 500 film reviews)")
    add("--text", metavar="COLUMN", help="their column (default: text)")
    add("--overwrite", action="store_true", help="replace OUT if it is there")


def _columns(command, label: bool) -> None:
    add = command.add_argument
    add(
        "--text",
        default="text",
        metavar="COLUMN",
        help="the column with the texts; of a long name 20 letters will do (default: text)",
    )
    add(
        "--encoding",
        metavar="NAME",
        help="of a CSV or text file, such as cp1252 or gbk (default: it is recognised, and told)",
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


def _code(text: str) -> str:
    """De is de; what is no code is told as it was written."""
    return text.lower() if len(text) <= 3 else text


def _rate(text: str) -> float:
    return _number(text, float, lambda x: 0 < x < 1, "a number between 0 and 1, such as 1e-4")
