"""The real page, served by the real server, in a real browser."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.serving import Server, served
from tests.browser.visiting import Visits, start, wait_for_result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

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


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page, for all tests together."""
    with served(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of this computer; none is ever downloaded."""
    found = filter(None, map(shutil.which, BROWSER_NAMES))
    path = os.environ.get(BROWSER_VARIABLE) or next(found, None)
    if path is None:
        pytest.fail(
            f"no Chromium found; install it (apt-get install chromium), or name one in "
            f"{BROWSER_VARIABLE}"
        )
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(BROWSER_FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def visits(browser: Browser, server: Server) -> Iterator[Visits]:
    """Windows on the page; no request may ever have gone elsewhere, no script may have failed."""
    opened = Visits(browser, server.url)
    yield opened
    opened.close()
    assert opened.strangers() == []
    assert opened.complaints == []


@pytest.fixture(scope="session")
def result_address(browser: Browser, server: Server) -> str:
    """The address, after the server's own, of the sample's result; analysed once for all tests."""
    visit = Visits(browser, server.url)
    page = visit.open()
    start(page)
    wait_for_result(page)
    address = page.url.removeprefix(server.url)
    visit.close()
    assert visit.strangers() == []
    assert address.startswith("?job=")
    return address
