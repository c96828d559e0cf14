"""One training in two processes of one thread each, against one process of one and of two threads.

As a program (torchrun starts it, too) it prints how many texts per second it trained.
"""

import os
import subprocess
import sys
import time

import course_utils

BATCH = 64
TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
WAYS = {
    # name: (the threads of each process, what starts them)
    "one_process": (1, []),
    "one_process_two_threads": (2, []),
    "two_processes": (1, TORCHRUN),
}


def trained_by(name: str, texts: int, batch: int = BATCH) -> float:
    """Texts per second of a training in as many processes as the name says."""
    threads, start = WAYS[name]
    done = subprocess.run(
        [sys.executable, *start, __file__, str(texts), str(batch)],
        env=os.environ | {"OMP_NUM_THREADS": str(threads)}, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"A training of benchmarks/_group.py failed: {done.stderr[-2_000:]}")
    return float(done.stdout.split()[-1])


def main(texts: int, batch: int) -> None:
    train = course_utils.load_reviews(quiet=True)[0].sample(texts)
    tokenizer, model = course_utils.load_tokenizer(), course_utils.load_classifier(quiet=True)
    course_utils.freeze_word_embeddings(model)
    recipe = {"batch_size": batch, "device": "cpu"}
    course_utils.fine_tune(model, tokenizer, train.take(range(2 * batch)), **recipe)  # it warms up
    start = time.perf_counter()
    course_utils.fine_tune(model, tokenizer, train, **recipe)
    if os.environ.get("RANK", "0") == "0":
        print(texts / (time.perf_counter() - start))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
