"""A headless Chromium in which every request that leaves this machine is noted."""

import contextlib
import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

SCREENSHOTS = Path(__file__).resolve().parent.parent.parent / "build" / "screenshots"
HERE = {"127.0.0.1", "localhost"}
CHROMIUM_FLAGS = [
    "--no-sandbox",  # there is none inside a container
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find_chromium():
    """Chromium of the system, or None for the one that playwright has installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@contextlib.contextmanager
def open_page(width: int = 1280, height: int = 720, **options):
    """Open an empty page; `options` are those of playwright's `new_context`.

    Gives:
        The page, and a set in which the addresses gather that it, or another page of its context,
        asked for on other machines.
    """
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    outside = set()

    def note(request):
        url = urlsplit(request.url)
        if url.scheme not in ("data", "blob", "file", "about") and url.hostname not in HERE:
            outside.add(request.url)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        try:
            view = {"width": width, "height": height}
            context = browser.new_context(viewport=view, **options)
            context.on("request", note)
            context.on("page", lambda page: page.on("websocket", note))
            yield context.new_page(), outside
        finally:
            browser.close()
