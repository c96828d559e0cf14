"""Use the web form of "Use your model" in a real browser, as a student does.

    python course.py test --all      runs this, too
    .venv/bin/python tests/browser/form.py

It is an error if the form answers otherwise than `predict`, keeps a text anywhere, is reached from
elsewhere than this computer, logs an error, or if it or its page wants anything from the network.
The form's own requests go through a proxy that is a stand-in here, and notes each one.
"""

import contextlib
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from _chromium import SCREENSHOTS, open_page
from playwright.sync_api import Error as PlaywrightError

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

import course_utils  # noqa: E402

FORM = ROOT / "notebooks" / "web_form.py"
NAMES = ("<img src=x onerror=f()>", "$5", "中文")  # shown as they are: a tag would ask for x
TEXT = "The parcel of Ada Lovelace never came."


class FormError(Exception):
    """The form is not fit to be used; the message says why."""


class Proxy(ThreadingHTTPServer):
    """Refuses every request, and notes it."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Refuse)
        self.asked = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Refuse(BaseHTTPRequestHandler):
    def refuse(self):
        self.server.asked.append(self.path)
        self.send_error(403)

    do_GET = do_POST = do_HEAD = do_CONNECT = refuse

    def log_message(self, *_):
        pass


def new_model(folder: Path):
    """A small model with odd names of labels, saved; returns it with its tokenizer."""
    tokenizer = course_utils.load_tokenizer("minilm")
    model = course_utils.load_classifier("minilm", label_names=NAMES, quiet=True)
    texts = course_utils.LabeledTexts(
        ["It never came.", "It is cheap.", "中文"] * 4, [0, 1, 2] * 4, NAMES
    )
    course_utils.fine_tune(model, tokenizer, texts, batch_size=4, epochs=2, device="cpu")
    course_utils.save(str(folder), model, tokenizer)
    return model, tokenizer


@contextlib.contextmanager
def running(folder: Path, proxy: Proxy):
    """The form, as the page tells to start it. Gives its address."""
    address = f"http://127.0.0.1:{proxy.server_port}"
    names = ("http_proxy", "https_proxy", "all_proxy")
    env = os.environ | {"PYTHONUNBUFFERED": "1", "no_proxy": "127.0.0.1,localhost"}
    env |= {key: address for name in names for key in (name, name.upper())}
    env.pop("NO_PROXY", None)
    program = subprocess.Popen(
        [sys.executable, FORM, "./model"], cwd=folder, env=env,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said = []
    try:
        for line in program.stdout:
            said.append(line)
            found = re.search(r"http://[\w.]+:(\d+)", line)
            if found:
                break
        else:
            raise FormError(f"it does not start: {''.join(said)[-500:]}")
        yield f"http://127.0.0.1:{found[1]}"
    finally:
        program.terminate()
        program.communicate(timeout=30)


def ask(page, text: str) -> str:
    """What the form answers, as a reader sees it."""
    page.get_by_label("Your text").fill(text)
    page.get_by_role("button", name="Submit").click()
    page.get_by_text("%").first.wait_for()
    time.sleep(1)  # the answer before it goes
    return page.locator("body").inner_text()


def check_answer(page, model, tokenizer) -> None:
    """The labels and percentages of `predict`, also for a text that is longer than a BERT reads."""
    for number, text in enumerate((TEXT, "It is cheap. " * 400)):
        said = ask(page, text)
        (row,) = course_utils.predict(model, tokenizer, [text], quiet=True)
        told = [float(found) for found in re.findall(r"(\d+)%", said)]
        expected = sorted((100 * float(share) for share in row), reverse=True)
        if len(told) != 3 or any(abs(a - b) > 0.51 for a, b in zip(told, expected, strict=True)):
            raise FormError(f"it says {told}, predict says {expected}")
        if not all(name in said for name in NAMES) or NAMES[row.argmax()] not in said:
            raise FormError(f"names of labels are missing: {said}")
        page.screenshot(path=SCREENSHOTS / f"form_{number}.png")


def check_nothing_is_kept(page, folder: Path, before: set) -> None:
    """No text in a file beside the form, none in what the browser stores, no list of runs.

    Nor is there a button that would write the text to a file.
    """
    if page.get_by_role("button", name="Flag").count():
        raise FormError("it has a button that keeps a text in a file")
    if {path for path in folder.rglob("*")} != before:
        raise FormError("it leaves files beside itself")
    stored = page.evaluate(
        "JSON.stringify({...localStorage}) + JSON.stringify({...sessionStorage})"
    )
    bases = page.evaluate("indexedDB.databases().then(found => found.map(one => one.name))")
    runs = page.get_by_text("Runs", exact=True).locator("visible=true").count()
    if TEXT in stored or bases or runs:
        raise FormError(f"the browser keeps what was typed: {stored[:200]} {bases}, {runs} links")


def check_only_here(address: str) -> None:
    """It listens on this one address. (What listens on all of them answers at 127.0.0.2, too.)"""
    port = int(address.rpartition(":")[2])
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.2", port), timeout=2).close()
        raise FormError("others reach it: it listens on every address of this computer")


def main() -> int:
    """Start the form, use it, and look what it leaves; return the exit status."""
    if importlib.util.find_spec("gradio") is None:
        raise FormError('gradio is not installed: python -m pip install -e ".[app]"')
    begin, proxy = time.monotonic(), Proxy()
    folder = Path(tempfile.mkdtemp(prefix="form-"))
    try:
        model, tokenizer = new_model(folder / "model")
        before = {path for path in folder.rglob("*")}
        with running(folder, proxy) as address, open_page() as (page, outside):
            errors = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda line: line.type == "error" and errors.append(line.text))
            page.set_default_timeout(15_000)
            page.goto(address)
            check_answer(page, model, tokenizer)
            check_nothing_is_kept(page, folder, before)
            check_only_here(address)
            if outside or proxy.asked:
                raise FormError(f"it asked other hosts: {sorted(outside)} {proxy.asked}")
            if errors:
                raise FormError(f"the page logs an error: {errors[0]}")
    except PlaywrightError as error:
        raise FormError(str(error)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(
        f"Form: answers as predict, keeps nothing, asks nobody; {time.monotonic() - begin:.0f} s."
    )
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FormError as error:
        print(f"Browser test of the form failed: {error}", file=sys.stderr)
        sys.exit(1)
