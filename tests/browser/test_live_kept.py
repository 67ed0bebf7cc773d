"""What a practice leaves: its video where it was asked for; and what was heard meanwhile."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from posture.locales import text
from tests.browser.live_traffic import Traffic
from tests.browser.visiting import LONG_MS, unfold, wait_for_result

pytestmark = pytest.mark.browser

# How long each recording is that is played, in seconds.
HEARD = """
window.heard = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...when) {
  window.heard.push(this.buffer.duration);
  start.apply(this, when);
};
"""


def test_a_practice_without_a_voice_is_heard_and_its_video_is_kept_when_asked(visits, server):
    page = visits.open("?view=live")
    page.add_init_script(HEARD)
    page.reload()
    traffic = Traffic()
    page.on("websocket", traffic.listen)
    page.get_by_role("checkbox", name=text("live.door.film", "en")).check()
    page.get_by_role("button", name=text("live.door.sample", "en")).click()
    expect(page.locator("[data-part=filming]")).to_be_visible(timeout=LONG_MS)
    expect(page.locator("[data-part=reps]")).to_have_text("2", timeout=LONG_MS)
    page.wait_for_function("window.heard.length >= 2")  # the coach, and the count
    page.keyboard.press("q")
    expect(page.get_by_text(text("live.summary.film_kept", "en"))).to_be_visible()
    practised = [moment for moment in traffic.moments if moment.get("film") == "on"]

    page = visits.open("?view=history")
    page.locator(".st-key-sessions [class*=st-key-open-] button").first.click()
    wait_for_result(page)
    video = page.locator("[data-part=video]").first
    page.wait_for_function("v => v.duration > 0", arg=video.element_handle())
    taken = [traffic.taken_ms[moment["seq"]] / 1000 for moment in practised]
    assert video.evaluate("v => v.error") is None
    shown_s = video.evaluate("v => v.duration")
    assert shown_s == pytest.approx(taken[-1] - taken[0], abs=0.5)

    sessions = server.temporary.parent / "data" / "history" / "sessions"
    kept = set(sessions.glob("*/video.mp4"))
    assert kept
    unfold(page, text("page.history.delete", "en"))
    page.locator(".st-key-delete-session button").click()
    expect(page).not_to_have_url(page.url)
    assert len(set(sessions.glob("*/video.mp4"))) == len(kept) - 1


def test_a_video_is_kept_only_when_asked(visits, server):
    page = visits.open("?view=live", lang="nl-NL")
    box = page.get_by_role("checkbox", name=text("live.door.film", "nl"))
    expect(box).not_to_be_checked()
    page.get_by_role("button", name=text("live.door.sample", "nl")).click()
    stage = page.locator("[data-part=stage]")
    expect(stage).to_have_attribute("data-stage", "practice", timeout=LONG_MS)
    expect(page.locator("[data-part=filming]")).to_be_hidden()
    page.keyboard.press("q")
    page.locator(".end").wait_for(timeout=LONG_MS)
    assert list((server.temporary.parent / "data" / "live").glob("*.mp4")) == []
