"""A student of a class server as a program: what a browser does, without the browser.

It logs in with the form, starts a server, gets the notebooks by the class's link, and runs cells
over the server's websocket.
"""

import json
import time
import uuid
from urllib.parse import urlencode, urlparse

import requests
import websocket

PATIENCE = 300  # seconds until something counts as lost


class Student:
    """One person at one hub.

    Args:
        hub: address of the hub, such as "http://127.0.0.1:8000".
        name: what the person logs in as.
        password: the person's.
    """

    def __init__(self, hub: str, name: str, password: str):
        self.hub, self.name, self.password = hub.rstrip("/"), name, password
        self.home = f"{self.hub}/user/{name}"
        self.web = requests.Session()
        self.web.trust_env = False  # a proxy of this computer has no business here

    def log_in(self) -> None:
        """Fill in the form, as it stands on the page.

        Raises:
            RuntimeError: if the hub does not let the person in.
        """
        self.web.get(f"{self.hub}/hub/login", timeout=PATIENCE).raise_for_status()
        form = {"username": self.name, "password": self.password, "_xsrf": self.token("/hub/")}
        answer = self.web.post(f"{self.hub}/hub/login?next=/hub/home", data=form, timeout=PATIENCE)
        if answer.status_code != 200 or "/hub/login" in answer.url:
            raise RuntimeError(f"{self.name} was not let in: status {answer.status_code}.")

    def start_server(self) -> None:
        """Start the person's server, and wait until JupyterLab's page comes.

        Raises:
            RuntimeError: if it does not come in time.
        """
        self.web.get(f"{self.hub}/hub/spawn/{self.name}", timeout=PATIENCE)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            page = self.web.get(f"{self.home}/lab", timeout=PATIENCE)
            if page.status_code == 200 and page.url.startswith(f"{self.home}/lab"):
                return
            if page.status_code == 500:  # the hub has tried, and given up
                break
            time.sleep(0.5)
        raise RuntimeError(
            f"{self.name} got no server: status {page.status_code}; the hub's log says why."
        )

    def token(self, path: str) -> str:
        """The cookie against forged requests, which a form or a request has to repeat."""
        found = [c.value for c in self.web.cookies if c.name == "_xsrf" and c.path == path]
        return found[0] if found else ""

    def ask(self, method: str, path: str, **options) -> requests.Response:
        """A request to the person's own server, as JupyterLab makes it."""
        return self.ask_of(self.name, method, path, **options)

    def ask_of(self, owner: str, method: str, path: str, **options) -> requests.Response:
        """The same, to somebody's server."""
        headers = {"X-XSRFToken": self.token(f"/user/{owner}/")}
        url = f"{self.hub}/user/{owner}/{path}"
        return self.web.request(method, url, headers=headers, timeout=PATIENCE, **options)

    def get_notebooks(self, repository: str) -> None:
        """Follow the class's link: nbgitpuller brings the notebooks into the folder `notebooks`.

        Raises:
            RuntimeError: if it could not.
        """
        asked = {"repo": repository, "branch": "main", "targetpath": "notebooks"}
        answer = self.ask("GET", f"git-pull/api?{urlencode(asked)}")
        if '"finished"' not in answer.text:
            raise RuntimeError(f"{self.name} got no notebooks: {answer.text[-300:]}")

    def cells(self, name: str) -> list[str]:
        """The code cells of the person's own copy of a notebook."""
        content = self.ask("GET", f"api/contents/notebooks/{name}").json()["content"]
        return [cell["source"] for cell in content["cells"] if cell["cell_type"] == "code"]

    def start_kernel(self) -> "Kernel":
        """A kernel that works where the notebooks are."""
        answer = self.ask("POST", "api/kernels", json={"name": "python3", "path": "notebooks"})
        answer.raise_for_status()
        return Kernel(self, answer.json()["id"])


class Kernel:
    """A kernel of one person, over its websocket; `run` waits for a cell's end."""

    def __init__(self, student: Student, name: str):
        self.student, self.name = student, name
        self.connect()

    def connect(self) -> None:
        """Open the websocket, again if it was lost; what is under way there is left behind."""
        self.session = uuid.uuid4().hex  # for an old one, the server would send what came meanwhile
        place = urlparse(self.student.home)
        address = f"ws://{place.netloc}{place.path}/api/kernels/{self.name}/channels"
        cookies = [
            f"{cookie.name}={cookie.value}"
            for cookie in self.student.web.cookies
            if f"{place.path}/".startswith(cookie.path)
        ]
        self.socket = websocket.create_connection(
            f"{address}?session_id={self.session}",
            cookie="; ".join(cookies),
            timeout=PATIENCE,
            origin=self.student.hub,
            http_no_proxy=["127.0.0.1", "localhost"],
        )

    def run(self, code: str, patience: float = PATIENCE) -> dict:
        """Run a cell: how it ended ("ok", "error", "died"), its text, its errors, its seconds."""
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": "execute_request", "session": self.session}
        header |= {"username": "", "version": "5.3"}
        content = {"code": code, "silent": False, "allow_stdin": False, "store_history": True}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        start, text, errors, status = time.monotonic(), [], [], None
        self.socket.send(json.dumps({**message, "channel": "shell"}))
        self.socket.settimeout(patience)
        idle = False
        while status is None or not idle:
            answer = json.loads(self.socket.recv())
            kind, said = answer["msg_type"], answer["content"]
            if kind == "status" and said["execution_state"] in ("restarting", "dead"):
                status, idle = "died", True
            if answer["parent_header"].get("msg_id") != number:
                continue
            if kind == "stream":
                text.append(said["text"])
            elif kind == "error":
                errors.append("\n".join(said["traceback"]))
            elif kind == "execute_reply":
                status = said["status"]
            elif kind == "status" and said["execution_state"] == "idle":
                idle = True
        seconds = time.monotonic() - start
        return {"status": status, "text": "".join(text), "errors": errors, "seconds": seconds}

    def stop(self) -> None:
        """Shut the kernel down, as menu File, Close and Shut Down Notebook does."""
        self.socket.close()
        self.student.ask("DELETE", f"api/kernels/{self.name}")
