"""The real page, served by the real server, in a real browser."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error, expect, sync_playwright

from tests.browser.serving import Server, served
from tests.browser.visiting import (
    BROWSER_FLAGS,
    Visits,
    browser_path,
    cut_sample,
    start,
    wait_for_result,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from playwright.sync_api import Browser


# A busy computer draws late; what never comes still fails.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Give a test one more try, counted in the end as "rerun".

    A click that a busy browser loses is nobody's fault; what is broken fails twice.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Tell what stood on the pages when a test failed."""
    report = yield
    launched = getattr(item, "funcargs", {}).get("browser")
    if report.failed and launched is not None:
        for page in (page for context in launched.contexts for page in context.pages):
            with suppress(Error):
                report.sections.append((page.url, page.inner_text("body", timeout=5_000)))
    return report


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page, for all tests together."""
    with served(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of this computer; none is ever downloaded."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=browser_path(), args=list(BROWSER_FLAGS)
        )
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


@pytest.fixture
def cut(tmp_path: Path) -> Callable[[str, int], Path]:
    """A function that writes the first frames of the sample as a video of their own."""
    return lambda name, frames: cut_sample(tmp_path / name, frames)
