"""What one training costs another on the same computer, by how their threads wait.

Each training is a process of its own, because OpenMP reads its rule once, while torch loads. One
that imports torch before course_utils has torch's own rule: a thread that waits keeps its core
busy. With the rule of course_utils it sleeps.
"""

import os
import subprocess
import sys
import time

TRAINING = """
import sys
{imports}
train = course_utils.load_reviews(quiet=True)[0].sample({texts})
tokenizer, model = course_utils.load_tokenizer(), course_utils.load_classifier(quiet=True)
course_utils.fine_tune(model, tokenizer, train.take(range(32)), device="cpu")
print("ready", flush=True)
sys.stdin.readline()
course_utils.fine_tune(model, tokenizer, train, device="cpu")
print("done", flush=True)
"""

WAYS = {
    # name: (trainings at once, what they import)
    "alone": (1, "import course_utils"),
    "alone_spinning": (1, "import torch, course_utils"),
    "two_at_once": (2, "import course_utils"),
    "two_spinning": (2, "import torch, course_utils"),
}


def trained_at_once(name: str, texts: int) -> float:
    """Texts per second of all trainings of a way together, from their start to the last one's end.

    Args:
        texts: how many each of them learns from.
    """
    number, imports = WAYS[name]
    program = [sys.executable, "-c", TRAINING.format(imports=imports, texts=texts)]
    variables = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(program, env=variables, **pipes) for _ in range(number)]
    for one in running:
        _wait_for("ready", one)
    start = time.perf_counter()
    for one in running:
        one.stdin.write("\n")
        one.stdin.flush()
    for one in running:
        _wait_for("done", one)
    seconds = time.perf_counter() - start
    for one in running:
        one.communicate()
    return number * texts / seconds


def _wait_for(word: str, program) -> None:
    for line in program.stdout:
        if line.strip() == word:
            return
    raise SystemExit(f"A training of benchmarks/_neighbour.py ended before it was {word}.")
