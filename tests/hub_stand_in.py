"""A stand-in for the Hugging Face Hub on the loopback address, so that tests need no network.

It answers the four questions that huggingface_hub asks while it fetches a model: what is its newest
version, which files does that have, how large is this file (HEAD), and the file itself (GET).
"""

import hashlib
import json
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

COMMIT = "c0ffee" * 6 + "cafe"
ALIASES = {"bert-base-uncased": "google-bert/bert-base-uncased"}
"""Old names of models, from which the Hub redirects to new ones."""


class HubStandIn(ThreadingHTTPServer):
    """A Hub with a few models; use it in a `with` statement.

    Args:
        models: for each name, a dict of file names and contents.
        breaks_off: the name of a file that stops half way, and is out of reach until it is mended
            (`hub.breaks_off = None`).
        answer: "well", "never" (it accepts a connection and stays silent), "nonsense", or the
            number of an HTTP status, such as 429.
        refuses: the status with which it answers to requests for the files themselves.
    """

    daemon_threads = True

    def __init__(self, models=None, breaks_off=None, answer="well", refuses=None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.models, self.breaks_off, self.answer = models or {}, breaks_off, answer
        self.refuses = refuses
        self.endpoint = f"http://127.0.0.1:{self.server_port}"
        self.closing = threading.Event()
        self.requests = []

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        hub, path = self.server, urlsplit(self.path).path
        hub.requests.append(f"{self.command} {path}")
        if hub.answer == "never":
            hub.closing.wait(60)
        elif hub.answer == "nonsense":
            self.wfile.write(b"Welcome to the guest network of the Grand Hotel!\r\n")
        elif isinstance(hub.answer, int):
            self.reply(hub.answer)
        elif hub.refuses and "/resolve/" in path:
            self.reply(hub.refuses)
        else:
            self.route(path.removeprefix("/api/models").strip("/"), path.startswith("/api/models/"))

    do_HEAD = do_GET

    def route(self, path, is_question):
        for old, new in ALIASES.items():
            if f"{path}/".startswith(f"{old}/"):
                return self.reply(307, Location=self.path.replace(old, new, 1))
        for name, files in self.server.models.items():
            if f"{path}/".startswith(f"{name}/"):
                rest = path.removeprefix(name).strip("/")
                return self.answer(name, files, rest) if is_question else self.file(files, rest)
        self.reply(401)  # the real Hub does not tell strangers what there is not

    def answer(self, name, files, question):
        if question.startswith("tree/"):
            answer = [
                {"type": "file", "path": file, "size": len(content), "oid": etag(content)}
                for file, content in files.items()
            ]
        else:
            answer = {"id": name, "modelId": name, "sha": COMMIT, "private": False, "tags": []}
        self.reply(200, json.dumps(answer).encode())

    def file(self, files, path):
        name = path.removeprefix(f"resolve/{COMMIT}/")
        if name not in files:
            return self.reply(404)
        start = int(self.headers.get("Range", "bytes=0-")[len("bytes=") : -1])
        content = files[name][start:]
        shown = content
        if name == self.server.breaks_off and self.command == "GET":
            if start:
                return self.reply(503)
            shown = content[: len(content) // 2]
        headers = {"ETag": f'"{etag(files[name])}"', "X-Repo-Commit": COMMIT}
        if start:
            end = len(files[name])
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{end}"
        self.reply(206 if start else 200, shown, len(content), **headers)

    def reply(self, status, body=b"", length=None, **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_):
        """Stay silent: the tests read `requests` instead."""


@cache
def etag(content):
    return hashlib.sha256(content).hexdigest()
