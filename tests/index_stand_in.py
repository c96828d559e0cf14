"""Small wheels, and a package index on this computer that offers them."""

import functools
import http.server
import re
import ssl
import subprocess
import threading
import zipfile
from contextlib import contextmanager
from pathlib import Path


def make_wheel(folder, name, version="1.0", requires=(), tag="py3-none-any") -> Path:
    """Write a wheel with one module, which says its name."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    about = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {text}\n" for text in requires)
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", f"name = {name!r}\n")
        wheel.writestr(
            f"{about}/METADATA",
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        )
        wheel.writestr(f"{about}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        wheel.writestr(
            f"{about}/RECORD",
            "".join(f"{file},,\n" for file in wheel.namelist()) + f"{about}/RECORD,,\n",
        )
    return path


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Notes what it was asked for, and says nothing."""

    def log_message(self, *_) -> None:
        self.server.asked.append(self.path)


@contextmanager
def index(wheels, simple, certificate=None):
    """Serve the wheels of a folder as a package index.

    Args:
        wheels: folder with .whl files.
        simple: an empty folder for the pages of the index.
        certificate: a file with certificate and key, for https.

    Yields:
        The server: `.url` is the index's address, `.asked` the paths asked for so far.
    """
    for wheel in wheels.glob("*.whl"):
        page = simple / re.sub(r"[-_.]+", "-", wheel.name.partition("-")[0]).lower()
        page.mkdir(parents=True, exist_ok=True)
        (page / wheel.name).write_bytes(wheel.read_bytes())
    simple.mkdir(exist_ok=True)
    handler = functools.partial(Quiet, directory=simple)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.asked, scheme = [], "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    server.url = f"{scheme}://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def self_signed(folder) -> Path:
    """Make a certificate for 127.0.0.1 that nobody but its owner has signed; with its key."""
    path = folder / "own.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes((folder / "certificate.pem").read_bytes() + (folder / "key.pem").read_bytes())
    return path
