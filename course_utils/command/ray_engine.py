"""`predict --engine ray`: processes on one computer, or on many, label Parquet files.

Ray Data reads, shares out and writes. Its checkpoint keeps which rows are written: each once.
"""

import os
import socket
import sys
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from course_utils.command import parquet_parts as parts
from course_utils.command.arguments import STOPPED
from course_utils.command.journal import only_one
from course_utils.command.predict import Judge, tell_end
from course_utils.command.sheets import answer_names
from course_utils.data.formats import as_cell
from course_utils.data.names import taken_for
from course_utils.errors import CourseError, MissingPackage
from course_utils.progress import only_python_speaks, progress_bar

BLOCK = 2_048
"""Rows of a file of OUT. After a kill, each worker computes at most one or two of them again."""

BESIDE = 3
"""Processors, as Ray counts them, that read, leave out what is done, and write. With fewer of them,
a run that goes on waits for ever, and says nothing."""

# Ray reads these while it loads: nothing goes to its makers, and its log is not on the screen.
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DATA_LOG_LEVEL": "CRITICAL"}
ALONE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}  # under Linux, too: no other computer gets in


def run(options) -> int:
    """Label Parquet files as the options say; see `--help`."""
    if options.encoding:
        raise CourseError(
            "--encoding is for CSV and text files, and Parquet is neither: leave it out."
        )
    if find_spec("ray") is None:
        line = 'pip install "bert-transfer-course[ray]"'
        raise MissingPackage(f"--engine ray needs the package Ray: run `{line}`.")
    files, out = parts.files_of(options.source), parts.free(options.out)
    _check_address(options.address)
    with only_one(out):
        columns, text, rows = parts.look_through(files, options.text)
        if said := taken_for(options.text, text):
            print(said)
        names = answer_names(columns)
        worker, job = _prepare(options, files, text, names)
        part = parts.begin(out, job, options.overwrite)
        print(f"Rows: {rows:,}. Done before: {parts.done(part):,}.", flush=True)
        try:
            with only_python_speaks(), _ray(options.address):
                _label(files, part, worker, options.device)
        except KeyboardInterrupt:
            done = f"{parts.done(part):,} of {rows:,} rows"
            print(f"\nStopped after {done}: the same line goes on.", file=sys.stderr)
            return STOPPED
        finally:
            parts.remove_empty(part)
        tally = parts.finish(part, out, files, job, rows, names)
    tell_end(out.name, rows, tally, names, options.unsure)
    return 0


def _prepare(options, files: list, text: str, names: list) -> tuple:
    """What a worker is made with, and what the answers depend on. The model is checked here."""
    from course_utils.command import models
    from course_utils.data.reading import reading_length
    from course_utils.model.device import pick_device
    from course_utils.model.precision import pick_precision

    # Of a cluster nobody knows here what it has: its workers choose, each for itself.
    device = pick_device("cpu" if options.address else options.device, quiet=True)
    folder = models.folder_of(options.model)
    model, tokenizer = models.load_any(folder, "cpu")
    length = reading_length(tokenizer, options.max_length, model)
    judging = (options.unsure, options.batch_size, length, pick_precision(device))
    job = {
        "the files": parts.marks(files),
        "the model": models.fingerprint(folder),
        "--text": text,
        "--unsure": options.unsure,
        "--batch-size": options.batch_size,
        "--max-length": length,
        "--device": options.device or "auto",
        "COURSE_PRECISION": judging[-1],
        "Ray": version("ray"),  # another one may make other row_hashes
    }
    return (str(folder), options.device, text, names, judging), job


@contextmanager
def _ray(address: str | None):
    """Within the block Ray runs, quietly: that of a cluster, or one for this computer alone."""
    os.environ.update(QUIET if address else QUIET | ALONE)
    import ray
    import torch

    here = {"num_cpus": torch.get_num_threads() + BESIDE, "include_dashboard": False}
    quiet = {"logging_level": "CRITICAL", "log_to_driver": False}
    try:
        try:
            ray.init(address or "local", **quiet, **({} if address else here))
        except ConnectionError:
            raise _nobody_at(address) from None
        yield
    finally:
        ray.shutdown()


def _check_address(address: str | None) -> None:
    """Raise a CourseError if nobody answers at HOST:PORT or ray://HOST:PORT within 5 seconds.

    (Ray itself tries for minutes, and says nothing.)
    """
    if address in (None, "auto", "local"):
        return
    try:
        found = urlsplit(address if "://" in address else f"//{address}")
        if found.hostname is None or found.port is None:
            raise ValueError
        socket.create_connection((found.hostname, found.port), timeout=5).close()
    except (OSError, ValueError):
        raise _nobody_at(address) from None


def _nobody_at(address: str) -> CourseError:
    return CourseError(
        f"No Ray cluster answers at '{address}': start one (ray start --head), or leave --address "
        "out."
    )


def _label(files: list, part: Path, worker: tuple, device: str | None) -> None:
    """Write the rows that are not written yet, with their answers."""
    import ray
    from ray.data.checkpoint import CheckpointConfig

    there = ray.cluster_resources()
    cpus, gpus = int(there.get("CPU", 0)), int(there.get("GPU", 0)) * (device != "cpu")
    workers = min(cpus - BESIDE, gpus or cpus)
    if workers < 1:
        raise CourseError(
            f"This Ray cluster has {cpus} processors, and {BESIDE} read and write beside those "
            f"that compute: give it {BESIDE + 1} or more."
        )
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = sys.stderr.isatty()
    # If Ray deleted its list of what is done, a kill before OUT has its name would double all rows.
    done = CheckpointConfig(parts.ID, str(part / "done"), delete_checkpoint_on_success=False)
    done.checkpoint_actor_memory_bytes = 0  # where the usual 1 GB is not free, it waits for ever
    context.checkpoint_config = done
    names = [str(file) for file in files]
    rows = ray.data.read_parquet(names, include_row_hash=True, partitioning=None)
    rows = rows.repartition(target_num_rows_per_block=BLOCK)  # or small files are one block
    pool = ray.data.ActorPoolStrategy(size=workers)
    each = {"num_cpus": 1, "num_gpus": 1 if gpus else None}
    whole = {"batch_size": None, "batch_format": "pyarrow"}
    rows = rows.map_batches(Worker, fn_constructor_args=worker, compute=pool, **each, **whole)
    rows.write_parquet(str(part / "rows"))


class Worker:
    """A process with the model. (`text`: a column; `judging`: the last arguments of a `Judge`.)"""

    def __init__(self, folder: str, device: str | None, text: str, names: list, judging: tuple):
        from course_utils.command import models

        model, tokenizer = models.load_any(Path(folder), device)
        self.judge, self.text, self.names = Judge(model, tokenizer, 0, *judging), text, names

    def __call__(self, table):
        """The table (of pyarrow) with the three columns behind the others."""
        import pyarrow as pa

        cells = [[as_cell(value)] for value in table[self.text].to_pylist()]
        rows, _ = self.judge.answer(cells, progress_bar(len(cells), "rows", quiet=True))
        kinds = (pa.string(), pa.float64(), pa.bool_())
        for place, (name, kind) in enumerate(zip(self.names, kinds, strict=True), 1):
            table = table.append_column(name, pa.array([row[place] for row in rows], kind))
        return table
