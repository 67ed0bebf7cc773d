"""Visitors of the page, and what they do on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Error

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

LONG_MS = 300_000


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


def wait_for_result(page: Page) -> None:
    """Wait until the curve is drawn."""
    page.locator(".st-key-curve svg.marks .role-frame").first.wait_for(timeout=LONG_MS)
