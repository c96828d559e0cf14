"""A real JupyterLab on a fresh copy of the notebooks, and what one does there with a browser."""

import contextlib
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _chromium import SCREENSHOTS, open_page
from playwright.sync_api import Error as PlaywrightError

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

import course  # noqa: E402
from tools import lab, my_notebooks  # noqa: E402

NOWHERE = "http://127.0.0.1:9"  # nothing listens there: what asks for the network fails at once
PLACEHOLDER = "Type a sentence"
MINUTES = 10  # for one notebook; a quiet machine needs about two
# What JupyterLab knows about the notebook in front; its page may show only a part of it. Whether
# the kernel is idle is no answer: while a cell runs, a widget makes it "idle" now and then.
STATE = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  const cells = [...panel.content.model.cells].filter(
    cell => cell.type === 'code' && cell.sharedModel.source.trim());
  return {
    total: cells.length,
    done: cells.filter(cell => cell.executionCount !== null && cell.executionState !== 'running')
      .length,
    outputs: cells.map(cell => cell.outputs.toJSON()),
  };
}"""

READY = """name => {
  const panel = window.jupyterapp?.shell.currentWidget;
  return panel?.context?.path === name && panel.sessionContext.isReady
    && panel.sessionContext.session?.kernel?.status === 'idle';
}"""

# Bars may come and go between two looks, so the page itself takes note of them.
WATCH_BARS = """() => {
  window.barsSeen = 0;
  const look = () => { window.barsSeen += document.querySelectorAll('.widget-hprogress').length; };
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
}"""


class BrowserError(Exception):
    """The course does not behave in the browser; the message says where."""


@contextlib.contextmanager
def jupyterlab(folder):
    """Start JupyterLab on a copy of the notebooks in `folder`; gives its address."""
    notebooks = folder / "my_notebooks"
    my_notebooks.copy_notebooks(my_notebooks.NOTEBOOKS, notebooks)
    options = ("--no-browser", "--ServerApp.port=0", "--LabApp.expose_app_in_browser=True")
    with served([*lab.lab_arguments(notebooks), *options], folder) as begin:
        yield begin


@contextlib.contextmanager
def served(arguments, folder):
    """Start a server of Jupyter in `folder`; gives its address."""
    log = folder / "jupyter.log"
    with open(log, "w", encoding="utf-8") as stream:
        server = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env=variables(folder),
            stdout=stream,
            stderr=stream,
        )
    try:
        yield address(server, log)
    finally:
        server.terminate()
        server.wait(30)


def variables(folder):
    """A computer on which nobody has used Jupyter or the course, and which has no network."""
    variables = course.environment()
    for name in list(variables):  # TQDM_DISABLE: a student sees progress bars
        if name.startswith("COURSE_") or name == "TQDM_DISABLE":
            del variables[name]
    extra = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    extra["COURSE_MODELS"] = str(folder / "models")
    extra["COURSE_DEVICE"] = "cpu"
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        extra[name] = NOWHERE
    extra.update(no_proxy="127.0.0.1,localhost", NO_PROXY="127.0.0.1,localhost")
    return {**variables, **extra}


def address(server, log):
    """Wait for the address of a server, the one with the token."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        found = re.search(
            r"http://127\.0\.0\.1:\d+/(?:lab|tree)\S*token=\w+", log.read_text("utf-8")
        )
        if found:
            return found.group()
        time.sleep(0.2)
    raise BrowserError(f"Jupyter did not start:\n{log.read_text('utf-8')}")


def open_notebook(page, lab, name):
    """Open a notebook and wait until its kernel is ready."""
    page.goto(lab.replace("00_start_here.ipynb", name))
    page.wait_for_function(READY, arg=name)
    page.wait_for_timeout(1500)  # what JupyterLab might want to ask, it asks now
    for what in (".jp-Dialog", ".Toastify__toast"):
        if page.locator(what).count():
            raise BrowserError(f"{name}: JupyterLab says {page.locator(what).first.inner_text()!r}")
    screenshot(page, f"{name[:2]}_opened")


def run_all(page, name):
    """Run > Run All Cells, then wait for the end; an error output is an error."""
    page.evaluate("window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.evaluate(WATCH_BARS)
    page.get_by_role("menubar").get_by_text("Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    begin = time.monotonic()
    while time.monotonic() - begin < 60 * MINUTES:
        page.wait_for_timeout(500)
        state = page.evaluate(STATE)
        refuse_errors(page, name, state)
        if state["done"] == state["total"]:
            print(f"{name}: {state['total']} cells in {time.monotonic() - begin:.0f} s", flush=True)
            screenshot(page, f"{name[:2]}_run")
            return
    screenshot(page, f"{name[:2]}_too_slow")
    raise BrowserError(f"{name}: {state['done']} of {state['total']} cells in {MINUTES} minutes")


def refuse_errors(page, name, state):
    """An error output of any cell is one too many."""
    for output in sum(state["outputs"], []):
        if output["output_type"] == "error":
            screenshot(page, f"{name[:2]}_error")
            raise BrowserError(f"{name}: {output['ename']}: {output['evalue']}")


def use_widget(page, name):
    """Type two sentences into the widget: the probability it shows must follow."""
    box = page.get_by_placeholder(PLACEHOLDER).first
    box.scroll_into_view_if_needed()
    view = page.locator(".jp-OutputArea-output", has=page.get_by_placeholder(PLACEHOLDER)).first
    shown = []
    for sentence in ("I had an awesome day!", "This is terrible."):
        box.fill("")
        box.press_sequentially(sentence, delay=20)
        box.press("Enter")
        shown.append(settled(page, view))
        screenshot(page, f"{name[:2]}_widget_{len(shown)}")
    first, second = shown
    if not first or not second or first == second:
        raise BrowserError(f"{name}: the widget showed {first}, then {second}")
    print(f"{name}: the widget showed {first}, then {second}")


def settled(page, view):
    """The numbers of a view, once they have stayed the same for a second."""
    before, deadline = [], time.monotonic() + 30
    while time.monotonic() < deadline:
        page.wait_for_timeout(1000)
        now = numbers(view)
        if now and now == before:
            return now
        before = now
    return []


def numbers(view):
    """The decimals and percentages that a view shows."""
    return re.findall(r"\d+\.\d+|\d+(?=\s*%)", view.inner_text())


def screenshot(page, name):
    """Keep what the student would see."""
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def notebooks() -> dict:
    """Number -> file name of each notebook."""
    return {path.name[:2]: path.name for path in sorted(my_notebooks.NOTEBOOKS.glob("*.ipynb"))}


def in_jupyterlab(visit) -> None:
    """Start JupyterLab and a browser, and call `visit(page, lab)`.

    Raises:
        BrowserError: if the visit fails, or the page asked for anything on another machine.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="course-browser-")))
        lab = stack.enter_context(jupyterlab(folder))
        page, outside = stack.enter_context(open_page())
        page.set_default_timeout(60_000)
        try:
            visit(page, lab)
        except PlaywrightError as error:
            screenshot(page, "failed")
            raise BrowserError(f"{error} (see {SCREENSHOTS / 'failed.png'})") from error
        refuse_outside(outside)


def refuse_outside(outside: set) -> None:
    if outside:
        raise BrowserError(f"the page asked other hosts: {', '.join(sorted(outside))}")
