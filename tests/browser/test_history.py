"""What is kept can be found again, opened, put into words and deleted for good."""

import pytest
from playwright.sync_api import expect

from posture.locales import text
from tests.browser.visiting import unfold, wait_for_result

pytestmark = pytest.mark.browser


def test_from_the_result_to_the_history_and_out_of_it_again(visits, result_address, server):
    page = visits.open(result_address)
    wait_for_result(page)
    page.get_by_text(text("page.result.keep_video", "en")).click()
    page.locator(".st-key-keep button").click()
    expect(page.get_by_text(text("page.result.kept", "en"))).to_be_visible()

    page = visits.open("?view=history")
    rows = page.locator(".st-key-sessions [class*=st-key-open-]")
    expect(rows).to_have_count(1)
    rows.first.locator("button").click()
    wait_for_result(page)
    page.locator(".st-key-player section[data-body]").wait_for()
    expect(page.locator("table.reps tbody tr")).to_have_count(6)
    assert page.locator("[data-part=video]").first.evaluate("v => v.error") is None

    page.get_by_label(text("page.history.notes", "en")).fill("calm evening")
    page.get_by_label(text("page.history.tags", "en")).fill("home, slow")
    page.get_by_role("button", name=text("page.history.save", "en")).click()
    expect(page.get_by_text(text("page.history.saved", "en"))).to_be_visible()

    page = visits.open("?view=history", lang="nl-NL")
    page.locator(".st-key-history-search input").fill("evening")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-sessions")).to_contain_text("#slow")
    page.locator(".st-key-history-search input").fill("no such words")
    page.keyboard.press("Enter")
    expect(page.get_by_text(text("page.history.none_found", "nl"))).to_be_visible()
    page.locator(".st-key-history-search input").fill("")
    page.keyboard.press("Enter")
    rows = page.locator(".st-key-sessions [class*=st-key-open-] button")
    rows.first.click()
    unfold(page, text("page.history.delete", "nl"))
    page.locator(".st-key-delete-session button").click()
    expect(page.get_by_text(text("page.history.empty", "nl"))).to_be_visible()
    sessions = server.temporary.parent / "data" / "history" / "sessions"
    assert list(sessions.iterdir()) == []


def test_an_address_of_a_session_that_is_gone_is_refused_in_a_sentence(visits):
    page = visits.open(f"?view=history&session={'0' * 32}")
    expect(page.get_by_text("no such session")).to_be_visible()
