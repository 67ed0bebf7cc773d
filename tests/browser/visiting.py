"""Visitors of the page, and what they do on it."""

from __future__ import annotations

import os
import shutil
from itertools import islice
from typing import TYPE_CHECKING

import av
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error

from posture.resources import sample_videos

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

BROWSER_VARIABLE = "POSTURE_BROWSER"
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

# The browser's own errands stay at home, and every name but ours leads nowhere.
BROWSER_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost",
)

LONG_MS = 300_000


def browser_path() -> str:
    """The browser of this computer; none is ever downloaded."""
    found = filter(None, map(shutil.which, BROWSER_NAMES))
    path = os.environ.get(BROWSER_VARIABLE) or next(found, None)
    if path is None:
        pytest.fail(
            "no Chromium found; install it (apt-get install chromium), or name one in "
            f"{BROWSER_VARIABLE}"
        )
    return path


def cut_sample(path: Path, frames: int) -> Path:
    """Write the first frames of the sample as a video of their own."""
    sample = next(video for video in sample_videos() if video.stem == "standing_tilt_left")
    with av.open(str(sample)) as source, av.open(str(path), "w") as target:
        seen = source.streams.video[0]
        stream = target.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = seen.width, seen.height, "yuv420p"
        for frame in islice(source.decode(seen), frames):
            target.mux(stream.encode(frame.reformat(format="yuv420p")))
        target.mux(stream.encode(None))
    return path


class Visits:
    """Opens pages as one visitor or another, and watches all that they ask for."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._contexts: list[BrowserContext] = []
        self.requests: list[str] = []
        self.complaints: list[str] = []

    def open(
        self, path: str = "", *, lang: str = "en-GB", width: int = 1280, scheme: str = "light"
    ) -> Page:
        """Open the page as a new visitor."""
        context = self._browser.new_context(
            locale=lang, viewport={"width": width, "height": 900}, color_scheme=scheme
        )
        context.set_default_timeout(30_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self._url + path)
        return page

    def strangers(self) -> list[str]:
        """Everything asked for from anywhere but the page's own server."""
        own = (self._url, self._url.replace("http", "ws", 1), "data:", f"blob:{self._url}")
        return [url for url in self.requests if not url.startswith(own)]

    def close(self) -> None:
        """Close all windows."""
        for context in self._contexts:
            try:
                context.close()
            except Error:
                continue


def start(page: Page) -> None:
    """Press the button that starts the analysis, in either language."""
    page.locator(".st-key-start button").click()


def unfold(page: Page, words: str) -> None:
    """Open a folded part of the page, and wait until it has grown: until then a click may miss."""
    folded = page.locator("details").filter(has_text=words).first
    folded.locator("summary").click()
    folded.evaluate(
        """details => new Promise(done => {
          const grown = () => details.open && !details.style.overflow;
          const look = () => (grown() ? done() : setTimeout(look, 20));
          look();
        })"""
    )


def wait_for_result(page: Page) -> None:
    """Wait until the player shows curve and body, and the page has been drawn to its end."""
    page.locator(".st-key-player section[data-ready][data-body]").wait_for(timeout=LONG_MS)
    page.locator("[data-test-script-state=notRunning]").wait_for(timeout=LONG_MS)
    if page.locator(".st-key-compare").count():  # it comes last, and then has its words set
        page.locator(".st-key-compare [data-part=curve][aria-label]").wait_for(timeout=LONG_MS)


def serious_findings(page: Page) -> list[tuple[str, list[str]]]:
    """What a check of accessibility finds serious: its rule and the elements."""
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        (finding["id"], [node["html"][:200] for node in finding["nodes"]])
        for finding in found.response["violations"]
        if finding["impact"] in {"serious", "critical"}
    ]
