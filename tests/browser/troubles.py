"""What happens to a browser in class, with notebook 05 in a real JupyterLab, while it trains.

    .venv/bin/python tests/browser/troubles.py

The connection is lost and comes back: the cells run on, and their outputs arrive. The page is
loaded anew: the kernel trains on. The notebook is open in two tabs: both work, in one kernel.
"""

import socket
import sys
import threading
from collections import Counter
from urllib.parse import urlsplit

from _lab import (
    STATE,
    BrowserError,
    in_jupyterlab,
    notebooks,
    open_notebook,
    refuse_errors,
    run_all,
    screenshot,
    use_widget,
)
from nbformat import read

from tools.my_notebooks import NOTEBOOKS

AWAY = 10_000  # milliseconds without a connection
TRAINS = "history = course_utils.fine_tune("
RUNNING = """text => [...window.jupyterapp.shell.currentWidget.content.model.cells].some(
  cell => cell.type === 'code' && cell.sharedModel.source.includes(text)
    && cell.executionState === 'running')"""
OPEN = """name => {
  const panel = window.jupyterapp?.shell.currentWidget;
  return panel?.context?.path === name && panel.sessionContext.isReady
    && panel.sessionContext.session?.kernel?.connectionStatus === 'connected';
}"""
RUN = """async text => {
  const panel = window.jupyterapp.shell.currentWidget;
  panel.content.activeCellIndex = [...panel.content.model.cells].findIndex(
    cell => cell.type === 'code' && cell.sharedModel.source.includes(text));
  window.jupyterapp.commands.execute('notebook:run-cell');
}"""
IDLE = """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status
  === 'idle'"""
# What the kernel prints, once it has done all that was asked of it before.
ASK = """async code => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const future = kernel.requestExecute({code, store_history: false});
  let told = '';
  future.onIOPub = message => { told += message.content.text ?? message.content.evalue ?? ''; };
  await future.done;
  return told.trim();
}"""


class Line:
    """A way from the browser to a server that can be cut: it listens at a port and hands bytes on.

    Args:
        port: of the server, on this machine.
    """

    def __init__(self, port: int):
        self.server, self.whole, self.ends = port, True, []
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        """Break all connections, and take no new one."""
        self.whole = False
        for end in self.ends:
            _close(end)
        self.ends = []

    def mend(self) -> None:
        self.whole = True

    def _serve(self) -> None:
        while True:
            end, _ = self.door.accept()
            if not self.whole:
                end.close()
                continue
            other = socket.create_connection(("127.0.0.1", self.server))
            self.ends += [end, other]
            if not self.whole:  # cut just now
                self.cut()
            for pair in ((end, other), (other, end)):
                threading.Thread(target=_hand_on, args=pair, daemon=True).start()


def _hand_on(source, target) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(data)
    except OSError:  # the line was cut, or the other side has closed
        pass
    _close(source), _close(target)


def _close(end) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:  # closed already
        pass
    end.close()


def lose_the_connection(page, line, name) -> None:
    """While Run All Cells trains; then all goes on, and each cell shows what it should."""
    page.get_by_role("menubar").get_by_text("Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(RUNNING, arg=TRAINS, timeout=300_000)
    page.wait_for_timeout(2_000)
    line.cut()
    page.wait_for_timeout(AWAY)
    screenshot(page, "05_no_connection")
    if not page.evaluate(RUNNING, TRAINS):  # its end has not come through
        raise BrowserError(f"{name}: the training was over before the connection was lost")
    line.mend()
    page.locator(".jp-Dialog").get_by_text("Close", exact=True).click()
    page.wait_for_function(f"({STATE})().done === ({STATE})().total", timeout=300_000)
    state = page.evaluate(STATE)
    refuse_errors(page, name, state)
    stored = [cell for cell in read(NOTEBOOKS / name, 4).cells if cell.cell_type == "code"]
    for cell, shown in zip(stored, state["outputs"], strict=True):
        if missing := kinds(cell.outputs) - kinds(shown):
            raise BrowserError(f"{name}: {cell.source!r} has lost {missing}")
    screenshot(page, "05_connected_again")
    print(f"{name}: {AWAY // 1000} s without a connection, and all cells came to their end")


def kinds(outputs) -> Counter:
    """How many lines, figures, views a cell shows, stderr (bars) left out."""
    found = Counter()
    for output in outputs:
        if output.get("name") != "stderr":
            found.update(list(output.get("data", ())))
            found["lines"] += "".join(output.get("text", "")).count("\n")
    return found


def load_anew(page, name) -> None:
    """While the cell trains: the kernel stays, trains on, and answers."""
    page.evaluate(ASK, "first_losses, history = history.losses, None")
    page.evaluate(RUN, TRAINS)
    page.wait_for_function(RUNNING, arg=TRAINS)
    page.wait_for_timeout(2_000)
    page.reload()
    page.wait_for_function(OPEN, arg=name)
    if page.evaluate(IDLE):
        raise BrowserError(f"{name}: the training was over before the page was there again")
    told = page.evaluate(ASK, "print(history.losses == first_losses)")
    if told != "True":
        raise BrowserError(f"{name}: after the page was loaded anew, the kernel said {told!r}")
    run_all(page, name)
    print(f"{name}: loaded anew while it trained, and the kernel trained on")


def open_twice(page, lab, name) -> None:
    """A second tab has the same kernel; both work, one after the other."""
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.evaluate(ASK, "first_tab = 1")
    second = page.context.new_page()
    open_notebook(second, lab, name)
    if second.evaluate(ASK, "print(first_tab)") != "1":
        raise BrowserError(f"{name}: the second tab has another kernel")
    use_widget(second, name)
    run_all(second, name)
    second.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    second.wait_for_timeout(1_000)
    second.close()
    page.evaluate(RUN, "course_utils.live_prediction(")
    page.evaluate(ASK, "")
    use_widget(page, name)
    refuse_errors(page, name, page.evaluate(STATE))
    print(f"{name}: open in two tabs, and both work")


def troubles(page, lab) -> None:
    line = Line(urlsplit(lab).port)
    lab = lab.replace(f":{line.server}/", f":{line.port}/")
    name = notebooks()["05"]
    open_notebook(page, lab, name)
    lose_the_connection(page, line, name)
    load_anew(page, name)
    open_twice(page, lab, name)


if __name__ == "__main__":
    try:
        in_jupyterlab(troubles)
    except BrowserError as error:
        print(f"Troubles in the browser: {error}", file=sys.stderr)
        sys.exit(1)
    print("Troubles: a lost connection, a page loaded anew, two tabs, no outside request.")
