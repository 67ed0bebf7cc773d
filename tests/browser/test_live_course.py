"""A routine of one's own, from its file to the end, and a breath that is led."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from posture.locales import text
from tests.browser.live_traffic import Traffic
from tests.browser.visiting import LONG_MS

pytestmark = pytest.mark.browser

LIVE = "?view=live"
OWN = """
title = "Mijn ochtend"
emphasis = "let_go"

[[part]]
exercise = "standing-tilt"
minutes = 3
explain_s = 4
rest_s = 60

[[part]]
exercise = "pelvis-wave"
minutes = 1
explain_s = 60
"""
# A camera that shows one of the product's own videos, over and over.
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const film = document.createElement('video');
  Object.assign(film, { src: '/live/samples/standing_tilt_left.mp4', loop: true, muted: true });
  await film.play();
  return film.captureStream();
};
"""


def file_of(content):
    return {"name": "ochtend.toml", "mimeType": "application/toml", "buffer": content.encode()}


def test_a_routine_of_ones_own_is_explained_practised_and_told(visits):
    page = visits.open(LIVE, lang="nl-NL")
    traffic = Traffic()
    page.on("websocket", traffic.listen)
    page.add_init_script(CAMERA)
    page.reload()
    page.get_by_text(text("live.choose.routine", "nl"), exact=True).click()
    page.get_by_role("combobox", name=text("programme.choose", "nl")).click()
    page.get_by_role("option", name=text("programme.own", "nl")).click()
    upload = page.locator("[data-testid=stFileUploaderDropzoneInput]")
    upload.set_input_files(file_of(OWN.replace("minutes = 1", "minutes = 0")))
    expect(page.get_by_role("alert")).to_contain_text("minutes")
    upload.set_input_files(file_of(OWN))
    expect(page.get_by_text(text("exercise.pelvis-wave.short", "nl"))).to_be_visible()
    expect(page.get_by_role("button", name=text("live.door.sample", "nl"))).to_have_count(0)
    page.get_by_role("button", name=text("live.door.camera", "nl")).click()

    card, stage = page.locator("[data-part=card]"), page.locator("[data-part=stage]")
    expect(card).to_contain_text(text("exercise.standing-tilt.start", "nl"), timeout=LONG_MS)
    expect(stage).to_have_attribute("data-stage", "practice", timeout=LONG_MS)
    expect(card).to_be_hidden()
    page.keyboard.press("p")
    expect(page.locator("[data-part=words]")).to_have_text(text("programme.paused", "nl"))
    page.keyboard.press("p")
    expect(stage).to_have_attribute("data-stage", "practice")
    expect(page.locator("[data-part=reps]")).not_to_have_text("0", timeout=LONG_MS)
    expect(page.locator("[data-part=pacer]")).to_be_visible(timeout=LONG_MS)

    page.keyboard.press("k")
    expect(stage).to_have_attribute("data-stage", "rest")
    expect(page.locator("[data-part=words]")).to_contain_text(
        text("exercise.pelvis-wave.name", "nl")
    )
    for _ in range(2):  # the rest, the explanation
        page.keyboard.press("k")
    expect(page.locator("[data-part=exercise]")).to_have_text(
        text("exercise.pelvis-wave.name", "nl")
    )
    expect(stage).to_have_attribute("data-stage", "practice", timeout=LONG_MS)
    expect(page.locator("[data-part=where]")).not_to_contain_text("1:00")
    page.keyboard.press("k")  # nothing is left: it ends by itself
    page.locator(".end").wait_for(timeout=LONG_MS)
    expect(page.get_by_text(text("programme.done", "nl"))).to_be_visible()
    (summary,) = traffic.summaries
    tilts, waves = summary["numbers"]["parts"]
    assert (tilts["exercise"], waves["exercise"]) == ("standing-tilt", "pelvis-wave")
    assert tilts["repetitions"] >= 1
    assert {moment["course"]["stage"] for moment in traffic.moments} == {
        "explain",
        "exercise",
        "rest",
        "done",
    }
