"""`predict --engine ray`: every row once, whatever is killed; and one sentence after a slip."""

import importlib.util
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from test_command import ODD, call, command, environment, in_a_shell, make_classifier, many

from course_utils import settings
from course_utils.command import parquet_parts as parts
from course_utils.command import ray_engine
from course_utils.command.arguments import parser
from course_utils.errors import CourseError, DataError

ROOT = Path(__file__).resolve().parent.parent
ROWS = 20_000
HAS_RAY = importlib.util.find_spec("ray") is not None
needs_ray = pytest.mark.skipif(
    not HAS_RAY, reason='Ray is 240 MB: pip install "bert-transfer-course[ray]"'
)
PATIENCE = 300  # seconds: Ray starts a dozen processes, and each of them loads torch


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return make_classifier(tmp_path_factory.mktemp("models") / "tickets")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Short texts in four small files, which Ray would read as one block; and some odd ones."""
    place = tmp_path_factory.mktemp("large")
    frame = pd.read_csv(many(place / "in.csv", ROWS), na_filter=False, dtype={"text": str})
    frame.loc[: len(ODD) - 1, "text"] = ODD
    frame.loc[50, "text"] = None
    (place / "in").mkdir()
    for number, rows in enumerate(np.array_split(np.arange(ROWS), 4)):
        frame.iloc[rows].to_parquet(place / "in" / f"{number}.parquet", index=False)
    return place / "in"


@pytest.fixture(scope="module")
def expected(model, folder):
    """What the plain command writes, in the order of the column `id`."""
    frame = pq.read_table(folder).to_pandas().sort_values("id", ignore_index=True)
    frame.to_parquet(folder.parent / "all.parquet", index=False)
    out = folder.parent / "plain.parquet"
    words = ["predict", model, folder.parent / "all.parquet", out, "--max-length", 512]
    assert call(*words) == 0
    return pd.read_parquet(out)


def check_whole(out: Path, expected) -> None:
    """Every row is there once, with the answers of the plain command; and nothing lies beside."""
    frame = pd.read_parquet(out).sort_values("id", ignore_index=True)
    assert list(frame.columns) == ["id", "text", "row_hash", "label", "probability", "unsure"]
    assert list(frame["id"]) == list(range(ROWS)) and frame["row_hash"].is_unique
    assert frame["label"].fillna("").tolist() == expected["label"].fillna("").tolist()
    np.testing.assert_allclose(frame["probability"], expected["probability"], atol=1e-5, rtol=0)
    assert frame["unsure"].tolist() == expected["unsure"].tolist()
    assert len(list(out.glob("*.parquet"))) >= ROWS / 2_048  # not one block
    assert not list(out.parent.glob(f"{out.name}.*"))


def words_of(model, folder, out, *more) -> list:
    """One text at a time, so that there is time for a kill."""
    return [
        *("predict", model, folder, out, "--max-length", 512, "--batch-size", 1),
        *("--engine", "ray", *more),
    ]


def started(*words) -> subprocess.Popen:
    """The command as a terminal starts it: Ctrl-C reaches all that it starts."""
    return subprocess.Popen(
        command(*words),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_rows(program, out: Path, rows: int) -> None:
    """Wait until more than so many rows are written for good."""
    part, end = out.with_name(out.name + ".part"), time.monotonic() + PATIENCE
    while not part.is_dir() or parts.done(part) <= rows:
        if program.poll() is not None or time.monotonic() > end:
            program.kill()
            raise AssertionError(program.communicate())
        time.sleep(0.05)


def below(program_id: int) -> list:
    """The processes that a process has started, and those that these have started."""
    return psutil.Process(program_id).children(recursive=True)


def workers_below(program_id: int) -> list:
    """Those of them that hold a model: Ray names a process after what it does."""
    return [one for one in below(program_id) if "(Worker)" in one.name() + str(one.cmdline())]


def ended(program) -> tuple:
    said, error = program.communicate(timeout=PATIENCE)
    return program.returncode, said, error


def finished(*words) -> str:
    code, said, error = ended(started(*words))
    assert code == 0 and not error.strip(), (said, error)
    return said


@needs_ray
@pytest.mark.slow
def test_a_worker_that_is_killed(model, folder, expected, tmp_path):
    """And meanwhile, Ray listens to this computer only."""
    out = tmp_path / "out"
    program = started(*words_of(model, folder, out))
    wait_for_rows(program, out, 0)
    listening = [
        one.laddr.ip
        for process in [psutil.Process(program.pid), *below(program.pid)]
        for one in process.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN
    ]
    assert listening and {ip.removeprefix("::ffff:") for ip in listening} <= {"127.0.0.1", "::1"}
    (worker,) = workers_below(program.pid)
    worker.kill()
    code, said, error = ended(program)
    assert code == 0 and not error.strip(), (said, error)
    assert "Done before: 0." in said and f"out: {ROWS:,} rows, with the columns label" in said
    assert f"Without a text, so without an answer: {expected['label'].isna().sum()}." in said
    check_whole(out, expected)


@needs_ray
@pytest.mark.slow
def test_a_driver_that_is_killed_and_ctrl_c(model, folder, expected, tmp_path, capsys):
    out = tmp_path / "out"
    words = words_of(model, folder, out)
    program = started(*words)
    wait_for_rows(program, out, 0)
    program.kill()
    program.communicate(timeout=PATIENCE)
    before = parts.done(tmp_path / "out.part")
    assert 0 < before < ROWS and not out.exists()

    assert call(*words, "--unsure", 0.5) == 1  # before Ray is started
    assert "now differs: --unsure. To go on with it, give" in capsys.readouterr().err

    program = started(*words)
    wait_for_rows(program, out, before)
    os.killpg(program.pid, signal.SIGINT)
    code, said, error = ended(program)
    done = parts.done(tmp_path / "out.part")
    assert code == 130 and f"Done before: {before:,}." in said
    assert error.strip() == f"Stopped after {done:,} of {ROWS:,} rows: the same line goes on."
    assert before < done < ROWS and not out.exists()

    assert f"Done before: {done:,}." in finished(*words)
    check_whole(out, expected)


@needs_ray
@pytest.mark.slow
def test_a_kill_before_out_has_its_name_and_no_network(model, folder, expected, tmp_path):
    """All rows are done, and the program dies; then the same line, with nothing but loopback."""
    out = tmp_path / "out"
    words = [*words_of(model, folder, out), "--batch-size", "32"]
    program = (
        "import os, sys; from course_utils.command import parquet_parts, program\n"
        "parquet_parts.finish = lambda *_: os.kill(os.getpid(), 9)\n"
        "program.main(sys.argv[1:])"
    )
    line = [sys.executable, "-c", program, *map(str, words)]
    died = subprocess.run(line, env=environment(), capture_output=True, timeout=PATIENCE)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert parts.done(tmp_path / "out.part") == ROWS and not out.exists()

    alone = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c"]
    if shutil.which("unshare") and not subprocess.run([*alone, "ip link set lo up"]).returncode:
        line = [*alone, 'ip link set lo up && exec "$@"', "sh", *command(*words)]
    else:
        line = command(*words)
    done = subprocess.run(line, env=environment(), capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0 and f"Done before: {ROWS:,}." in done.stdout, done.stderr
    check_whole(out, expected)


@needs_ray
@pytest.mark.slow
def test_a_cluster_of_two_nodes(model, folder, expected, tmp_path):
    """Two nodes as two processes of this computer: too few processors are told; then both work."""
    from ray.cluster_utils import Cluster

    out, part = tmp_path / "out", tmp_path / "out.part"
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 3})
    try:
        words = words_of(model, folder, out, "--address", cluster.address)
        few = in_a_shell(*words)
        assert few.returncode == 1
        assert b"has 3 processors, and 3 read and write beside those that compute" in few.stderr
        second = cluster.add_node(num_cpus=3)
        cluster.wait_for_nodes()
        program = started(*words)
        wait_for_rows(program, out, 0)
        for node in (cluster.head_node, second):
            (raylet,) = node.all_processes["raylet"]
            assert workers_below(raylet.process.pid)
        code, said, error = ended(program)
        assert code == 0 and not error.strip(), (said, error)
    finally:
        cluster.shutdown()
    check_whole(out, expected)
    assert not part.exists()


# Slips, told before Ray is started


@pytest.mark.skipif(HAS_RAY, reason="Ray is installed here")
def test_without_ray(model, folder, tmp_path, capsys):
    assert call(*words_of(model, folder, tmp_path / "out")) == 1
    said = capsys.readouterr().err
    assert 'needs the package Ray: run `pip install "bert-transfer-course[ray]"`.' in said


def test_an_address_is_one_of_ray(model, folder, tmp_path, capsys):
    words = ["predict", model, folder.parent / "in.csv", tmp_path / "out.csv"]
    assert call(*words, "--address", "auto") == 1
    assert "add --engine ray, or leave it out." in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


@pytest.fixture
def closed_port():
    """One of this computer at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize("address", ["127.0.0.1:{}", "ray://127.0.0.1:{}", "127.0.0.1", "a:b"])
def test_nobody_answers_at_an_address(address, closed_port):
    address = address.format(closed_port)
    sentence = f"No Ray cluster answers at '{address}': start one (ray start --head), or leave "
    with pytest.raises(CourseError, match=re.escape(sentence + "--address out.")):
        ray_engine._check_address(address)


def test_somebody_answers_at_an_address():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for address in (f"127.0.0.1:{port}", f"ray://localhost:{port}", "auto", None):
            ray_engine._check_address(address)


@needs_ray
@pytest.mark.parametrize("address", ["127.0.0.1:{}", "auto"])
def test_a_run_without_its_cluster_leaves_nothing(
    address, closed_port, model, folder, tmp_path, monkeypatch
):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    words = words_of(model, folder, tmp_path / "out", "--address", address.format(closed_port))
    ended = in_a_shell(*words)
    assert ended.returncode == 1 and b"No Ray cluster answers at" in ended.stderr
    assert not list(tmp_path.iterdir())


@needs_ray
def test_a_connection_that_breaks_later_is_no_wrong_address(monkeypatch):
    import ray

    monkeypatch.setattr(ray, "init", lambda *_, **__: None)
    with pytest.raises(ConnectionResetError), ray_engine._ray("auto"):
        raise ConnectionResetError


def test_a_folder_in_which_nothing_was_begun_goes(tmp_path):
    for kept in (False, True):
        part = parts.begin(tmp_path / "out", {}, overwrite=False)
        if kept:
            (part / "rows").mkdir()
        parts.remove_empty(part)
        assert bool(list(tmp_path.iterdir())) == kept


def test_an_encoding_is_refused(model, folder, tmp_path, capsys):
    assert call(*words_of(model, folder, tmp_path / "out", "--encoding", "cp1252")) == 1
    assert "--encoding is for CSV and text files" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_precision_reaches_the_worker_and_the_note(model, folder, tmp_path, monkeypatch):
    """And so do the size of a batch and the device, as without the engine."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    monkeypatch.setattr(ray_engine, "version", lambda _: "1")  # also where Ray is not installed
    files, found = parts.files_of(folder), {}
    options = parser().parse_args([str(x) for x in words_of(model, folder, tmp_path / "out")])
    for precision in ("auto", "bf16"):
        chosen = settings.Settings("minilm", "default", "cpu", precision)
        monkeypatch.setattr(settings, "_settings", chosen)
        worker, job = ray_engine._prepare(options, files, "text", ["label", "p", "unsure"])
        assert (job["--batch-size"], job["--device"]) == (1, "auto")
        answered = ray_engine.Worker(*worker)(pq.read_table(files[0]).slice(100, 20))
        found[job["COURSE_PRECISION"]] = np.array(answered["p"])
    assert 1e-6 < np.abs(found["fp32"] - found["bf16"]).max() < 0.05


@pytest.mark.parametrize("kind", ["csv", "no file", "no folder with some", "pipe"])
def test_what_is_no_parquet(kind, folder, tmp_path):
    sources = {"csv": folder.parent / "in.csv", "no file": tmp_path / "in.parquet"}
    with pytest.raises(DataError, match="is no .parquet file, and no folder with such files; "):
        parts.files_of(str(sources.get(kind, "-" if kind == "pipe" else tmp_path)))


def test_one_file_or_those_of_a_folder(folder):
    files = [folder / f"{number}.parquet" for number in range(4)]
    assert parts.files_of(str(folder)) == files
    assert parts.files_of(str(files[2])) == [files[2]]
    assert parts.look_through(files, "TEXT ") == (["id", "text"], "text", ROWS)


def test_a_folder_is_written_and_none_is_replaced(tmp_path):
    (tmp_path / "mine").mkdir()
    for name, sentence in [
        ("out.csv", "a folder of Parquet files: give OUT a name without .csv"),
        ("out.parquet", "give OUT a name without .parquet"),
        ("mine", "'mine' is there already. If a run made it, all rows are in it. To label"),
        ("not there/out", "There is no folder '.*not there': make it first."),
    ]:
        with pytest.raises(CourseError, match=sentence):
            parts.free(str(tmp_path / name))
    assert parts.free(str(tmp_path / "out")) == tmp_path / "out"


def test_files_that_do_not_fit(tmp_path):
    def write(name, **columns):
        pq.write_table(pa.table(columns), tmp_path / name)
        return tmp_path / name

    plain, other = write("a.parquet", text=["a"]), write("b.parquet", text=["a"], more=[1])
    hashed, empty = write("c.parquet", text=["a"], row_hash=[1]), write("d.parquet", text=[])
    for files, sentence in [
        ([plain, other], "b.parquet has other columns than a.parquet"),
        ([hashed], "There is a column 'row_hash', and Ray makes one"),
        ([empty], "d.parquet has no row below"),
    ]:
        with pytest.raises(DataError, match=sentence):
            parts.look_through(files, "text")
    with pytest.raises(DataError, match="has no column 'message'; its columns are 'text'"):
        parts.look_through([plain], "message")
    (tmp_path / "e.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match="e.parquet cannot be read as a Parquet file"):
        parts.look_through([plain, tmp_path / "e.parquet"], "text")


def test_a_run_begins_goes_on_and_begins_anew(tmp_path):
    out, job = tmp_path / "out", {"the model": "abc", "--unsure": 0.8}
    part = parts.begin(out, job, overwrite=False)
    (part / "kept").touch()
    assert parts.begin(out, job, overwrite=True) == part and (part / "kept").exists()
    other = job | {"--unsure": 0.5}
    with pytest.raises(CourseError, match="and now differs: --unsure. To go on with it"):
        parts.begin(out, other, overwrite=False)
    assert (part / "kept").exists()
    assert parts.begin(out, other, overwrite=True) == part and not (part / "kept").exists()
    (tmp_path / "out.part.json").unlink()
    with pytest.raises(CourseError, match="without a note that it is ours: move it away"):
        parts.begin(out, other, overwrite=True)


def test_what_is_written_for_good(tmp_path):
    """A list of rows that is not valid yet has a name of its own."""
    assert parts.done(tmp_path) == 0
    (tmp_path / "done").mkdir()
    for name, rows in [("a.parquet", 2), ("b.parquet", 3), ("c.pending.parquet", 4)]:
        pq.write_table(pa.table({"row_hash": list(range(rows))}), tmp_path / "done" / name)
    assert parts.done(tmp_path) == 5


def test_rows_that_are_lost_or_doubled_are_told(tmp_path):
    """If anything goes wrong that nobody foresaw, OUT does not appear."""
    file, names = tmp_path / "in.parquet", ["label", "probability", "unsure"]
    pq.write_table(pa.table({"text": ["a", "b"]}), file)
    job = {"the files": parts.marks([file])}
    part = parts.begin(tmp_path / "out", job, overwrite=False)
    (part / "rows").mkdir()
    one = {"text": ["a"], "label": ["x"], "probability": [0.5], "unsure": [True]}
    for rows in (1, 3):
        pq.write_table(pa.table({k: v * rows for k, v in one.items()}), part / "rows" / "0.parquet")
        with pytest.raises(CourseError, match=f"'out.part' holds {rows} rows of 2, or the files"):
            parts.finish(part, tmp_path / "out", [file], job, 2, names)
    pq.write_table(pa.table({k: v * 2 for k, v in one.items()}), part / "rows" / "0.parquet")
    os.utime(file, ns=(1, 1))
    with pytest.raises(CourseError, match="the files were changed meanwhile"):
        parts.finish(part, tmp_path / "out", [file], job, 2, names)
    job = {"the files": parts.marks([file])}
    tally = parts.finish(part, tmp_path / "out", [file], job, 2, names)
    assert tally == {"no text": 0, "unsure": 2, "labels": {"x": 2}}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.parquet", "out"]


# The page

PAGE = (ROOT / "notebooks" / "many_rows.md").read_text(encoding="utf-8")
LINES = [
    line
    for block in re.findall(r"^```\n(.*?)^```", PAGE, re.S | re.M)
    for line in block.splitlines()
]


def test_the_lines_of_the_page_are_understood():
    ours = [line.partition("python -m course_utils ")[2] for line in LINES]
    asked = [parser().parse_args(shlex.split(line)) for line in ours if line]
    assert [(one.command, one.engine, one.address) for one in asked] == [
        *[("predict", None, None), ("predict", "ray", None)],
        *[("predict", "ray", "auto")] * 2,
    ]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f'python -m pip install "{extras["name"]}[ray]"' in LINES
    assert "The columns of `new.parquet` keep their kinds." in " ".join(PAGE.split())
    assert len(PAGE.split()) <= 400 and "**None of this was tried on a real cluster**" in PAGE


@needs_ray
def test_the_lines_of_the_page_for_ray_are_those_of_ray():
    for words, options in [
        (["start"], ["--head", "--port", "--address", "--disable-usage-stats"]),
        (["symmetric-run"], ["--address", "--min-nodes"]),
    ]:
        line = [sys.executable, "-m", "ray.scripts.scripts", *words, "--help"]
        said = subprocess.run(line, capture_output=True, text=True, check=True).stdout
        assert all(option in said and option in PAGE for option in options)
