"""The page on a phone, with a keyboard, and for people who do not see it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from posture.locales import text
from tests.browser.visiting import wait_for_result

pytestmark = pytest.mark.browser

OVERFLOW = """() => [...document.querySelectorAll('[data-testid=stMain], html, body')]
    .map(element => element.scrollWidth - element.clientWidth)"""


FOCUSED = "document.activeElement.matches('main') ? '' : document.activeElement.innerText ?? ''"


def views(visits, result_address, **wishes):
    """The first view, the one for an own video, and a result."""
    page = visits.open(**wishes)
    expect(page.locator(".st-key-start button")).to_be_enabled()
    yield page
    page.get_by_text(text("page.choose.own", "en")).click()
    expect(page.get_by_text(text("page.choose.tips_heading", "en"))).to_be_visible()
    yield page
    page = visits.open(result_address, **wishes)
    wait_for_result(page)
    yield page


def test_a_phone_never_scrolls_sideways(visits, result_address):
    for page in views(visits, result_address, width=390):
        assert max(page.evaluate(OVERFLOW)) <= 0


def test_the_keyboard_reaches_and_presses_everything(visits):
    page = visits.open()
    expect(page.locator(".st-key-start button")).to_be_enabled()
    expect(page.get_by_text("English", exact=True).first).to_be_visible()
    wanted = {"English", text("page.choose.sample", "en"), text("page.choose.start_sample", "en")}
    reached = set()
    for _ in range(60):  # once round the page, wherever the focus was at first
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED).strip()
        reached |= {words for words in wanted if words in focused}
        if reached == wanted and text("page.choose.start_sample", "en") in focused:
            break
    assert reached == wanted
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.locator(".st-key-stop button").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_findings(visits, result_address, scheme):
    for page in views(visits, result_address, scheme=scheme):
        found = Axe().run(page, options={"resultTypes": ["violations"]})
        serious = [
            (finding["id"], [node["html"][:200] for node in finding["nodes"]])
            for finding in found.response["violations"]
            if finding["impact"] in {"serious", "critical"}
        ]
        assert serious == []
