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


def own_authority(folder) -> Path:
    """Make an authority that nobody knows, as a proxy that opens TLS has one.

    Returns:
        A file with certificate and key for 127.0.0.1. The authority's own certificate is
        `authority.pem` beside it.
    """

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    new_key = ("-newkey", "rsa:2048", "-nodes")
    openssl(
        "req", "-x509", *new_key, "-days", "2", "-subj", "/CN=own authority",
        "-keyout", "authority.key", "-out", "authority.pem",
    )  # fmt: skip
    openssl("req", *new_key, "-subj", "/CN=127.0.0.1", "-keyout", "key.pem", "-out", "wish.pem")
    (folder / "more.txt").write_text("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    openssl(
        "x509", "-req", "-in", "wish.pem", "-CA", "authority.pem", "-CAkey", "authority.key",
        "-CAcreateserial", "-days", "2", "-extfile", "more.txt", "-out", "certificate.pem",
    )  # fmt: skip
    parts = [(folder / name).read_bytes() for name in ("certificate.pem", "key.pem")]
    (folder / "server.pem").write_bytes(b"".join(parts))
    return folder / "server.pem"
