"""Speed: one epoch and prediction, ours against the slide's code and against transformers itself.

Takes about thirty minutes on two cores. The contenders take turns, round by round, on the same
texts, so that a busy moment of the computer meets all of them; what counts is the ratio within a
round. Prints one line per figure, ends with status 1 if one of them misses its bar, and writes
every round to benchmarks/results/, with the load of the computer before and after: a ratio of
programs that share it with others is another one. A program that was stopped goes on where it was.
"""

import contextlib
import json
import multiprocessing
import os
import statistics
import sys
import time
from pathlib import Path

os.environ["TQDM_DISABLE"] = "1"

# Before course_utils, which tells torch's threads to wait quietly: that would slow the others.
import torch  # isort: skip

import _contenders as contenders
import _group as group
import _neighbour as neighbour
import full_epoch
from _recording import machine
from torch.utils.flop_counter import FlopCounterMode
from transformers import pipeline

import course_utils
from course_utils.model.batches import Batches
from course_utils.model.known import checkpoint_slug
from course_utils.model.precision import has_bf16, pick_precision

RESULTS = Path(__file__).resolve().parent / "results"
UNFINISHED = RESULTS / "unfinished.json"
ROUNDS = {"reviews": 5, "imdb": 2, "prediction": 5, "neighbour": 3, "group": 3}
TEXTS = {"reviews": 1_000, "imdb": 100, "prediction": 1_000, "neighbour": 500, "group": 512}
TOKENS = {"reviews": 64, "imdb": 256, "prediction": 64}
BARS = {
    # figure: (its bar, what it must be)
    "same_recipe vs trainer_default": (1.5, "at least"),
    "same_recipe vs trainer_grouped": (1.0, "at least"),
    "best_recipe vs trainer_default": (1.8, "at least"),
    "best_recipe vs trainer_grouped": (1.2, "at least"),
    "best_recipe vs slide_scaled_up": (3.0, "at least"),
    "predict vs pipeline": (3.5, "at least"),
    "predict vs pipeline_batched": (1.4, "at least"),
    "predict_bf16 vs pipeline": (4.5, "at least"),
    "predict_bf16 vs pipeline_batched": (3.0, "at least"),
    "alone vs alone_spinning": (0.9, "at least"),
    "two_at_once vs two_spinning": (1.0, "at least"),
    "two_at_once vs alone": (0.8, "at least"),
    "two_processes vs one_process": (2 * 0.85, "at least"),  # each does 0.85 of what one does alone
    "two_processes vs one_process_two_threads": (1.0, "at least"),
    "flops_vs_matmul_peak": (0.45, "at least"),
    "peak_rss_mb": (1_500, "at most"),
    "accuracy_difference_lower_bound": (-0.01, "more than"),
}
"""The figures in the order in which they are printed; those in bf16 only where there is such."""
QUIET = 0.5
"""Programs at work, on the average of the last minute, up to which a computer counts as quiet."""


def texts_of(kind: str) -> tuple:
    """The texts to learn from, and those to be judged on; the same ones in every round."""
    course_utils.use(size="full")
    if kind == "imdb":
        return course_utils.load_imdb(quiet=True).sample(TEXTS[kind]), None
    train, _, test = course_utils.load_reviews(quiet=True)
    return train.sample(TEXTS[kind]), test


def train_once(name: str, kind: str, seed: int) -> dict:
    """One epoch of one contender: texts per second, and its accuracy on the test split."""
    train, test = texts_of(kind)
    tokenizer = course_utils.load_tokenizer()
    model = course_utils.load_classifier(seed=seed, quiet=True)
    start = time.perf_counter()
    contenders.TRAINING[name](model, tokenizer, train, TOKENS[kind], seed)
    wait_for(model.device)
    speed = len(train) / (time.perf_counter() - start)
    accuracy = course_utils.evaluate(model, tokenizer, test).accuracy if test else None
    return {"texts_per_second": speed, "accuracy": accuracy}


def predict_once(name: str, model, tokenizer, texts: list) -> dict:
    """Texts per second of one way to predict."""
    device = course_utils.pick_device(quiet=True)  # the pipeline moves the model there
    pipe = pipeline("text-classification", model=model, tokenizer=tokenizer, device=device)
    cut = {"truncation": True, "max_length": TOKENS["prediction"]}
    course_utils.use(precision="bf16" if name == "predict_bf16" else "auto")
    start = time.perf_counter()
    if name.startswith("predict"):
        course_utils.predict(model, tokenizer, texts, max_length=TOKENS["prediction"])
    elif name == "pipeline":
        pipe(texts, **cut)
    else:
        pipe(texts, batch_size=32, **cut)
    seconds = time.perf_counter() - start
    course_utils.use(precision="auto")
    return {"texts_per_second": len(texts) / seconds}


def wait_for(device) -> None:
    """Let a GPU end what it was told to do: calls return before, and the clock would stop early."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def matmul_peak() -> float:
    """The fastest plain matrix product of a few, in operations per second, as precise as training:
    fp32 or, on most NVIDIA GPUs, bf16."""
    size, repeats = 2_048, 8
    device = course_utils.pick_device(quiet=True)
    training = pick_precision(device, training=True)
    kind = torch.bfloat16 if training == "bf16" else torch.float32
    one, other = (torch.randn(size, size).to(device, kind) for _ in range(2))
    seconds = []
    for _ in range(repeats):
        wait_for(device)
        start = time.perf_counter()
        one @ other
        wait_for(device)
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds)


def operations_per_text() -> float:
    """Floating-point operations of the best recipe for one review, counted on some batches."""
    train, _ = texts_of("reviews")
    tokenizer = course_utils.load_tokenizer()
    model = course_utils.load_classifier(quiet=True)
    course_utils.freeze_word_embeddings(model)
    batches = Batches(tokenizer, train.texts, train.labels, max_length=TOKENS["reviews"], seed=0)
    some = batches.order()[:8]  # shuffled, so of every length
    with FlopCounterMode(display=False) as counter, course_utils.first_position_only(model):
        for rows in some:
            model(**batches.batch(rows)).loss.backward()
    return counter.get_total_flops() / sum(len(rows) for rows in some)


def peak_memory() -> float:
    """Most memory (MB) that a process holds which does nothing but the best recipe and predict."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(memory_of_one_run)


def memory_of_one_run() -> float:
    """To be called in a process of its own."""
    with contextlib.redirect_stdout(sys.stderr):
        train_once("best_recipe", "reviews", seed=0)
    return contenders.peak_rss_mb()


def todo() -> list:
    """What is measured, in this order: (kind, round, contender). The contenders take turns."""
    ways = {kind: list(contenders.TRAINING) for kind in ("imdb", "reviews")}
    ways["reviews"] = ["peak", *ways["reviews"]]
    ways["prediction"] = ["predict", "pipeline", "pipeline_batched"]
    if has_bf16(course_utils.pick_device(quiet=True)):
        ways["prediction"].append("predict_bf16")
    ways["neighbour"] = list(neighbour.WAYS)
    ways["group"] = list(group.WAYS)
    return [
        (kind, number, name)
        for kind, names in ways.items()
        for number in range(ROUNDS[kind])
        for name in names
    ]


def undated(about: dict) -> dict:
    """What a run is about, but for its date and load: it may be stopped, and go on tomorrow."""
    return {name: value for name, value in about.items() if name not in ("date", "load")}


def load():
    """How many programs were at work here, on the average of the last minute; None on Windows."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def told_of_load(before) -> str:
    """A sentence if the computer was not quiet before a run began; else an empty text."""
    if before is None or before <= QUIET:
        return ""
    return f"Not a quiet computer: {before:.1f} other programs were at work as this began."


def measure(about: dict) -> list:
    """All rounds, one dictionary for each measurement. After a stop, it goes on where it was."""
    stored = {"about": {}, "rows": []}
    if UNFINISHED.exists():
        stored = json.loads(UNFINISHED.read_text())
    rows = stored["rows"] if undated(stored["about"]) == undated(about) else []
    if rows:  # its first part counts, too
        loads = (about.get("load"), stored["about"].get("load"))
        about["load"] = max((one for one in loads if one is not None), default=None)
    done = {(row["kind"], row["round"], row["contender"]) for row in rows}
    tokenizer = course_utils.load_tokenizer()
    model = course_utils.load_classifier(quiet=True).eval()
    texts = list(texts_of("prediction")[1].texts[: TEXTS["prediction"]])
    for kind, number, name in todo():
        if (kind, number, name) in done:
            continue
        if name == "peak":
            row = {"operations_per_second": matmul_peak()}
        elif kind == "neighbour":
            row = {"texts_per_second": neighbour.trained_at_once(name, TEXTS[kind])}
        elif kind == "prediction":
            row = predict_once(name, model, tokenizer, texts)
        elif kind == "group":
            row = {"texts_per_second": group.trained_by(name, TEXTS[kind])}
        else:
            row = train_once(name, kind, seed=number)
        rows.append({"kind": kind, "round": number, "contender": name, **row})
        print("  ".join(f"{key}={value}" for key, value in rows[-1].items()), file=sys.stderr)
        RESULTS.mkdir(exist_ok=True)
        UNFINISHED.write_text(json.dumps({"about": about, "rows": rows}), encoding="utf-8")
    return rows


def ratio(rows: list, first: str, second: str) -> float:
    """How many times faster `first` was than `second`: the median over rounds."""
    kind = "prediction" if first.startswith("predict") else "reviews"
    kind = "neighbour" if first in neighbour.WAYS else kind
    kind = "group" if first in group.WAYS else kind
    speed = {
        (row["contender"], row["round"]): row["texts_per_second"]
        for row in rows
        if row["kind"] == kind and row["contender"] != "peak"
    }
    return statistics.median(speed[first, n] / speed[second, n] for n in range(ROUNDS[kind]))


def share_of_peak(rows: list, operations: float) -> float:
    """What the best recipe made of the fastest matrix product: the median over rounds."""
    peak = {r["round"]: r["operations_per_second"] for r in rows if r["contender"] == "peak"}
    return statistics.median(
        row["texts_per_second"] * operations / peak[row["round"]]
        for row in rows
        if (row["kind"], row["contender"]) == ("reviews", "best_recipe")
    )


def recorded_bound() -> float:
    """Best recipe minus Trainer on the test split, full epoch, all seeds: the lower bound."""
    _, low, _ = full_epoch.difference(course_utils.load_record("full_epoch"))
    return low


def figures(rows: list, operations: float, memory: float) -> dict:
    """The value of each figure of `BARS`."""
    found = {
        "flops_vs_matmul_peak": share_of_peak(rows, operations),
        "peak_rss_mb": memory,
        "accuracy_difference_lower_bound": recorded_bound(),
    }
    measured = {row["contender"] for row in rows}
    for name in BARS:
        first, _, second = name.partition(" vs ")
        if {first, second} <= measured:
            found[name] = ratio(rows, first, second)
    return {name: found[name] for name in BARS if name in found}


def missed(found: dict) -> list:
    """One sentence for each figure that misses its bar."""
    holds = {
        "at least": lambda value, bar: value >= bar,
        "at most": lambda value, bar: value <= bar,
        "more than": lambda value, bar: value > bar,
    }
    return [
        f"{name} is {found[name]:.3f}, and should be {how} {bar}."
        for name, (bar, how) in BARS.items()
        if name in found and not holds[how](found[name], bar)
    ]


def table(rows: list) -> str:
    """Medians and spread of all contenders, for people."""
    import pandas as pd

    speeds = pd.DataFrame([row for row in rows if row["contender"] != "peak"])
    grouped = speeds.groupby(["kind", "contender"], sort=False)
    speed = grouped["texts_per_second"].agg(["median", "min", "max"]).round(1)
    return speed.join(grouped["accuracy"].mean().round(3)).to_string()


def main() -> int:
    about = {"checkpoint": course_utils.current().checkpoint, **machine()}
    about |= {"rounds": ROUNDS, "texts": TEXTS, "tokens": TOKENS, "load": load()}
    with contextlib.redirect_stdout(sys.stderr):  # stdout holds the figures alone
        course_utils.pick_device()
        memory = peak_memory()
        rows = measure(about)
        operations = operations_per_text()
        found = figures(rows, operations, memory)
        print(table(rows))
    device = "cpu" if course_utils.pick_device(quiet=True).type == "cpu" else "gpu"
    about["load"] = {"before": about["load"], "after": load()}
    about |= {"operations_per_text": operations, "figures": found, "rows": rows}
    name = "" if about["checkpoint"] == "minilm" else f"-{checkpoint_slug(about['checkpoint'])}"
    path = RESULTS / f"{about['date']}-{device}{name}.json"
    path.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    UNFINISHED.unlink(missing_ok=True)
    for name, value in found.items():
        print(f"{name}: {value:.3f}")
    for sentence in (told_of_load(about["load"]["before"]), *missed(found)):
        print(sentence, end="\n" if sentence else "", file=sys.stderr)
    return 1 if missed(found) else 0


if __name__ == "__main__":
    sys.exit(main())
