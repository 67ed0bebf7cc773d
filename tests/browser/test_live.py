"""Live practice from the first click to the summary, in a real browser with a made-up camera."""

from __future__ import annotations

import csv

import cv2
import pytest
from playwright.sync_api import expect

from posture.adapters.video_reader import open_video
from posture.locales import text
from posture.resources import sample_videos
from tests.browser.live_traffic import Traffic
from tests.browser.visiting import BROWSER_FLAGS, LONG_MS, Visits, browser_path, serious_findings

pytestmark = pytest.mark.browser

SAMPLE = next(video for video in sample_videos() if video.stem == "standing_tilt_left")
LIVE = "?view=live"
# Keeps hold of every socket, so that a test can cut one.
HOLD = """
window.sockets = [];
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...wishes) { super(...wishes); window.sockets.push(this); }
};
"""
CUT = "window.sockets.filter((s) => s.url.includes('/live/')).at(-1).close(3000)"

CUT_IDLE = CUT.replace("3000", "4408, 'idle'")
SLEEP = "(() => { const now = Date.now; Date.now = () => now() + 120_000; })()"

# Nothing reaches the server, which therefore answers nothing that could be drawn.
SILENCE = "window.send = WebSocket.prototype.send; WebSocket.prototype.send = () => {}; 0"
SPEAK = "WebSocket.prototype.send = window.send; 0"
# How far the picture's middle lies from that of its room, in pixels.
ASIDE = """canvas => {
  const { objectFit, objectPosition } = getComputedStyle(canvas);
  if (objectFit === "contain") return 0;
  const [left, top] = objectPosition.split(" ").map(parseFloat);
  const across = canvas.clientWidth / 2 - left - canvas.width / 2;
  return Math.hypot(across, canvas.clientHeight / 2 - top - canvas.height / 2);
}"""

FOCUSED = "document.activeElement.dataset.testid ?? document.activeElement.tagName"
UNPLUG = """video => {
  video.srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'));
}"""
# Without what only Chromium has: the camera is then seen through a video.
OTHER_BROWSER = "delete window.MediaStreamTrackProcessor"
REFUSE = """name => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', name));
}"""


@pytest.fixture(scope="session")
def camera_browser(browser, tmp_path_factory):
    """A browser whose camera shows the sample, over and over, and may always be used."""
    film = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
    with open_video(SAMPLE) as video, film.open("wb") as out:
        for frame in video:
            picture = cv2.cvtColor(frame.image_rgb, cv2.COLOR_RGB2BGR)
            out.write(cv2.imencode(".jpg", picture)[1].tobytes())
    camera = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    launched = browser.browser_type.launch(
        executable_path=browser_path(),
        args=[*BROWSER_FLAGS, *camera],
    )
    yield launched
    launched.close()


@pytest.fixture
def camera_visits(camera_browser, server):
    opened = Visits(camera_browser, server.url)
    yield opened
    opened.close()
    assert opened.strangers() == []
    assert opened.complaints == []


def stage_of(page):
    return page.locator("[data-part=stage]")


def repetitions(page):
    return page.locator("[data-part=reps]")


def truth():
    """Time and tilt of the sample, as it was made."""
    with SAMPLE.with_suffix(".csv").open(encoding="utf-8") as file:
        return [(float(r["time_s"]), float(r["pelvic_tilt_deg"])) for r in csv.DictReader(file)]


def agreement(traffic):
    """Share of the pictures with a clear tilt in which the stance was right."""
    known = truth()
    begun_ms = min(traffic.taken_ms.values())
    right = []
    for moment in traffic.moments:
        # On a busy computer the sample began again, whole minutes later.
        at = round((traffic.taken_ms[moment["seq"]] - begun_ms) / 1000 % 60 * 30)
        if moment["stance"] is None or not 0 <= at < len(known):
            continue
        tilt_deg = known[at][1]
        if abs(tilt_deg) < 1.0:
            right.append(moment["stance"] == "neutral")
        elif abs(tilt_deg) > 8.0:
            right.append(moment["stance"] == ("forward" if tilt_deg > 0 else "backward"))
    assert len(right) > 50
    return sum(right) / len(right)


def test_a_visitor_without_a_camera_practises_with_the_sample_by_keyboard(visits):
    page = visits.open(LIVE)
    traffic = Traffic()
    page.on("websocket", traffic.listen)
    sample = page.get_by_role("button", name=text("live.door.sample", "en"))
    sample.wait_for()
    assert serious_findings(page) == []
    sample.focus()
    page.keyboard.press("Enter")
    stance = page.locator("[data-part=stance]")
    expect(stance).to_have_text(text("live.stage.still", "en"), timeout=LONG_MS)
    before = stance.bounding_box()["y"]
    expect(stage_of(page)).to_have_attribute("data-stage", "practice", timeout=LONG_MS)
    expect(page.locator("[data-part=tilt]")).to_contain_text("of your own range")
    assert stance.bounding_box()["y"] == before
    assert serious_findings(page) == []
    for _ in range(12):  # nothing of the page behind is in the way, but its scroller
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED) in {"BODY", "stMain", "stBidiComponentIsolated"}
    page.keyboard.press("o")
    expect(page.locator("[data-part=volume]")).to_be_visible()
    assert serious_findings(page) == []
    page.keyboard.press("t")
    breath = page.get_by_role("button", name=text("live.button.breath", "en"))
    expect(breath).to_be_hidden()  # nobody leads it
    tone = page.get_by_role("button", name=text("live.button.tone", "en"))
    expect(tone).to_have_attribute("aria-pressed", "true")
    for key, kept in (("l", "large"), ("s", "swapped")):
        page.keyboard.press(key)
        expect(page.locator(f".live.{kept}")).to_have_count(1)
    page.keyboard.press("o")
    page.keyboard.press("m")
    mute = page.get_by_role("button", name=text("live.button.mute", "en"))
    expect(mute).to_have_attribute("aria-pressed", "true")

    page.locator(".end").wait_for(timeout=LONG_MS)
    assert serious_findings(page) == []
    (summary,) = traffic.summaries
    # Of the three rounds the first shows the reach that is asked for.
    assert summary["numbers"]["by_kind"] == {"forward": 2, "backward": 2}
    assert summary["numbers"]["reading_share"] > 0.95
    expect(page.get_by_text(summary["said"][0])).to_be_visible()
    assert agreement(traffic) >= 0.95

    page.get_by_role("button", name=text("live.button.back", "en")).click()
    expect(page.get_by_role("heading", name=text("live.choose.heading", "en"))).to_be_visible()
    page.reload()  # what was chosen is still there the next time
    expect(page.locator(".live.large.swapped")).to_be_visible()


def test_two_people_practise_at_once_and_a_cut_loses_no_count(camera_visits):
    pages = [
        camera_visits.open(LIVE, lang="nl-NL", width=390, scheme="dark"),
        camera_visits.open(LIVE, lang="en-GB"),
    ]
    traffics = [Traffic(), Traffic()]
    for page, traffic, lang in zip(pages, traffics, ("nl", "en"), strict=True):
        page.on("websocket", traffic.listen)
        page.add_init_script(HOLD)
        if lang == "nl":
            page.add_init_script(OTHER_BROWSER)
        page.reload()
        page.get_by_role("button", name=text("live.door.camera", lang)).click()
    for page in pages:
        expect(repetitions(page)).not_to_have_text("0", timeout=LONG_MS)
    phone, desk = pages
    before = int(repetitions(phone).inner_text())
    phone.evaluate(CUT)
    expect(phone.locator("[data-part=spoken]")).to_have_text(text("live.notice.restored", "nl"))
    assert traffics[0].sockets == 2
    assert desk.locator(".live").get_attribute("data-view") == "stage"
    assert traffics[1].sockets == 1
    expect(repetitions(phone)).to_have_text(str(before + 1), timeout=LONG_MS)
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    for page in pages:
        page.keyboard.press("q")
        page.locator(".end").wait_for(timeout=LONG_MS)
    assert traffics[0].summaries[0]["numbers"]["repetitions"] > before


def test_who_was_away_is_not_filmed_again_before_a_click(camera_visits):
    page = camera_visits.open(LIVE)
    traffic = Traffic()
    page.on("websocket", traffic.listen)
    page.add_init_script(HOLD)
    page.reload()
    page.get_by_role("button", name=text("live.door.camera", "en")).click()
    alert = page.locator(".trouble").get_by_role("alert")
    again = page.locator(".trouble").get_by_role("button", name=text("live.button.again", "en"))
    expect(repetitions(page)).not_to_have_text("0", timeout=LONG_MS)
    before = int(repetitions(page).inner_text())
    # Cut by the server, and cut by a sleep that stopped everything but the clock on the wall.
    for number, cut in enumerate((CUT_IDLE, f"{SLEEP}; {CUT}"), start=1):
        page.evaluate(cut)
        expect(alert).to_have_text(text("live.trouble.idle", "en"))
        assert page.locator("[data-part=video]").evaluate("video => video.srcObject") is None
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        assert traffic.sockets == number
        again.click()
        expect(page.locator(".live")).to_have_attribute("data-view", "stage")
        spoken = page.locator("[data-part=spoken]")
        expect(spoken).to_have_text(text("live.notice.restored", "en"))
        expect(stage_of(page)).to_have_attribute("data-stage", "practice")
        assert int(repetitions(page).inner_text()) >= before
    page.keyboard.press("q")
    page.locator(".end").wait_for(timeout=LONG_MS)
    assert traffic.summaries[0]["numbers"]["repetitions"] >= before


def test_a_countdown_gives_time_to_walk(camera_visits):
    page = camera_visits.open(LIVE)
    traffic = Traffic()
    page.on("websocket", traffic.listen)
    page.get_by_label(text("live.door.delay", "en")).select_option("5")
    page.get_by_role("button", name=text("live.door.camera", "en")).click()
    countdown = page.locator("[data-part=countdown]")
    expect(countdown).to_have_text("2")
    assert traffic.taken_ms == {}
    expect(countdown).to_be_hidden()
    expect(stage_of(page)).not_to_have_attribute("data-stage", "place")
    assert traffic.taken_ms != {}


def test_without_a_camera_there_is_a_way_on_and_an_early_stop_is_no_failure(visits):
    page = visits.open(LIVE, lang="nl-NL")
    page.get_by_role("button", name=text("live.door.camera", "nl")).click()
    expect(
        page.get_by_role("alert").filter(has_text=text("live.trouble.none", "nl"))
    ).to_be_visible()
    page.locator(".trouble").get_by_role("button", name=text("live.door.sample", "nl")).click()
    picture = page.locator("[data-part=picture]")
    expect(picture).to_have_css("object-fit", "none")
    page.evaluate(SILENCE)
    page.wait_for_timeout(2_000)
    page.set_viewport_size({"width": 1000, "height": 700})
    page.wait_for_timeout(500)
    assert picture.evaluate(ASIDE) < 2
    page.evaluate(SPEAK)
    page.keyboard.press("q")
    page.locator(".end").wait_for()
    expect(page.get_by_text(text("live.summary.never_began", "nl"))).to_be_visible()


def test_each_trouble_with_the_camera_has_its_own_sentence(camera_visits):
    page = camera_visits.open(LIVE)
    camera = page.get_by_role("button", name=text("live.door.camera", "en"))
    alert = page.locator(".trouble").get_by_role("alert")
    again = page.locator(".trouble").get_by_role("button", name=text("live.button.again", "en"))
    camera.click()
    expect(stage_of(page)).to_be_visible()
    page.locator("[data-part=video]").evaluate(UNPLUG)
    expect(alert).to_have_text(text("live.trouble.unplugged", "en"))
    for error, trouble in (
        ("NotAllowedError", "denied"),
        ("NotReadableError", "busy"),
        ("NotFoundError", "none"),
    ):
        page.evaluate(REFUSE, error)
        again.click()
        expect(alert).to_have_text(text(f"live.trouble.{trouble}", "en"))
    page.evaluate("delete navigator.mediaDevices.getUserMedia")
    again.click()
    expect(stage_of(page)).to_be_visible()
