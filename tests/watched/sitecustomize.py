"""Python imports this by itself where its folder stands in PYTHONPATH, as in kernels under test.

Whoever asks for a name or a computer outside is written down, one line each, into the file
WATCHED_BY. The proxies of the tests lie on this computer and lead nowhere (`conftest.py`): a
request to them, too, was meant for outside.
"""

import os
import platform
import sys

OWN_NAME = platform.node()  # torchrun asks for the address of this computer
HOME = ("127.", "::1", "0.0.0.0", "::ffff:127.")
NAMES = {None, "", "localhost", OWN_NAME}
ASKS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
SENDS = ("socket.connect", "socket.sendto", "socket.sendmsg")
DEAD_PORT = 9


def leads_outside(event: str, arguments: tuple) -> bool:
    """Whether an audit event of Python is a look-up or a connection beyond loopback."""
    if event in ASKS:
        host, *rest = arguments
        host = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        at_home = host in NAMES or str(host).startswith(HOME)
        return not at_home or DEAD_PORT in rest[:1]
    if event in SENDS:
        address = arguments[1]
        if not isinstance(address, tuple):  # a file of this computer, or one connected before
            return False
        at_home = address[0] in NAMES or str(address[0]).startswith(HOME)
        return not at_home or address[1] == DEAD_PORT
    return False


def watch(event: str, arguments: tuple) -> None:
    if event.startswith("socket.") and leads_outside(event, arguments):
        with open(os.environ["WATCHED_BY"], "a", encoding="utf-8") as file:
            file.write(f"{event} {arguments[-1 if event in SENDS else 0]!r}\n")


if os.environ.get("WATCHED_BY"):
    sys.addaudithook(watch)
