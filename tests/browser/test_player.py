"""The video and its curve move together, and what is put right on the curve follows through."""

import itertools

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from posture.adapters.video_reader import open_video
from posture.locales import text
from posture.resources import sample_videos
from tests.browser.visiting import LONG_MS, Visits, unfold, wait_for_result

pytestmark = pytest.mark.browser

SAMPLE = next(path for path in sample_videos() if path.stem == "standing_tilt_left")
# Edges of the curve inside its canvas, pixels, as in curve.js.
LEFT, RIGHT = 46, 18
VIDEO = "[data-part=video]"
# The packed curve of the sample is smaller than this, its body larger.
OCTETS, CURVE_BYTES = "application/octet-stream", 50_000
SHOWN = """video => new Promise(done => {
  video.requestVideoFrameCallback((_, picture) => done(picture.mediaTime));
})"""
DRIFT = """(video, head) => new Promise(done => {
  const apart = [];
  const look = () => {
    if (video.currentTime > 0.5) apart.push(Math.abs(video.currentTime - head.dataset.time));
    if (video.currentTime > 5 || video.ended) done(apart.sort((a, b) => a - b));
    else video.requestVideoFrameCallback(look);
  };
  look();
})"""


@pytest.fixture(scope="module")
def times_s():
    """When each frame of the sample is shown."""
    with open_video(SAMPLE) as video:
        return [frame.time_s for frame in video]


@pytest.fixture
def opened(browser, server, result_address):
    """The sample's result, as nobody has touched it."""
    visit = Visits(browser, server.url)
    page = visit.open(result_address)
    wait_for_result(page)
    video = page.locator(VIDEO).first
    video.evaluate(
        "v => v.readyState >= 2 || new Promise(done => v.addEventListener('loadeddata', done))"
    )
    yield page
    original = page.locator(".st-key-original button")
    if original.count():
        original.click()
        expect(page.locator(".st-key-corrections")).to_have_count(0)
    visit.close()
    assert visit.strangers() == []
    assert visit.complaints == []


def head_s(page):
    return float(page.locator(".playhead").first.get_attribute("data-time"))


def place(page, share):
    """Where on the screen a share of the recording lies on the curve."""
    box = page.locator("[data-part=curve]").first.bounding_box()
    return box["x"] + LEFT + share * (box["width"] - LEFT - RIGHT), box["y"] + box["height"] / 2


def settled(page):
    """Wait until the video has come to where it was sent."""
    page.locator(VIDEO).first.evaluate(
        """video => new Promise(done => {
          const look = () => (video.seeking ? requestAnimationFrame(look) : done());
          requestAnimationFrame(() => requestAnimationFrame(look));
        })"""
    )


def ready(page):
    return page.locator(".st-key-player section").get_attribute("data-ready")


def test_a_click_on_the_curve_shows_the_very_frame(opened, times_s):
    frame_s = times_s[1] - times_s[0]
    video = opened.locator(VIDEO).first
    for share in (0.9, 0.33, 0.5):
        x, y = place(opened, share)
        shown = video.evaluate_handle(f"v => ({{picture: ({SHOWN})(v)}})")
        opened.mouse.click(x, y)
        media_s = shown.evaluate("held => held.picture")
        assert media_s == pytest.approx(share * (times_s[-1] + frame_s), abs=frame_s)
        assert head_s(opened) == pytest.approx(media_s, abs=0.002)


def test_dragging_along_the_curve_takes_the_video_along(opened):
    start, end = place(opened, 0.2), place(opened, 0.8)
    opened.mouse.move(*start)
    opened.mouse.down()
    opened.mouse.move(*end, steps=8)
    opened.mouse.up()
    settled(opened)
    assert head_s(opened) == pytest.approx(0.8 * 24, abs=0.2)
    video = opened.locator(VIDEO).first
    assert video.evaluate("v => v.currentTime") == pytest.approx(head_s(opened), abs=0.05)


def test_frames_are_stepped_one_by_one_with_the_keyboard(opened, times_s):
    opened.mouse.click(*place(opened, 0.5))
    settled(opened)
    before = times_s.index(pytest.approx(head_s(opened), abs=0.002))
    for key, frame in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), (",", 0)):
        opened.keyboard.press(key)
        settled(opened)
        assert head_s(opened) == pytest.approx(times_s[before + frame], abs=0.002)
    opened.keyboard.press("Home")
    assert head_s(opened) == 0.0
    slider = opened.locator("[data-part=curve]").first
    expect(slider).to_be_focused()
    expect(slider).to_have_attribute("aria-valuetext", "0:00.0, neutral, 0° ± 1°")


def test_while_it_plays_the_line_stays_with_the_picture(opened, times_s):
    opened.locator('[data-do="play"]').first.click()
    video, head = opened.locator(VIDEO).first, opened.locator(".playhead").first
    apart_s = video.evaluate(DRIFT, head.element_handle())
    assert len(apart_s) > 20
    # A busy computer shows single pictures late; the line never falls behind for good.
    assert apart_s[len(apart_s) // 2] < 2 * (times_s[1] - times_s[0])
    assert video.evaluate("v => v.paused") is False


def test_a_repetition_is_played_over_and_over_slowly(opened):
    opened.locator("[data-rep='2']").click()
    start_s = head_s(opened)
    opened.locator('[data-do="loop"]').click()
    opened.keyboard.press("1")
    video = opened.locator(VIDEO).first
    assert video.evaluate("v => v.playbackRate") == 0.25
    video.evaluate("v => { v.playbackRate = 2 }")
    opened.locator('[data-do="play"]').first.click()
    back = """video => new Promise(done => {
      let furthest = 0;
      const look = (_, picture) => {
        if (picture.mediaTime < furthest - 0.5) return done([furthest, picture.mediaTime]);
        furthest = Math.max(furthest, picture.mediaTime);
        video.requestVideoFrameCallback(look);
      };
      video.requestVideoFrameCallback(look);
    })"""
    furthest_s, again_s = video.evaluate(back)
    assert again_s == pytest.approx(start_s, abs=0.5)
    assert furthest_s < start_s + 4


def test_zooming_in_and_playing_on_the_curve_moves_under_the_line(opened):
    for _ in range(3):
        opened.locator('[data-do="in"]').click()
    expect(opened.locator("[data-part=overview]")).to_be_visible()
    opened.keyboard.press("End")
    opened.locator('[data-do="out"]').focus()
    for _ in range(3):
        opened.keyboard.press("-")
    expect(opened.locator("[data-part=overview]")).to_be_hidden()


def mark(page, first, last, what):
    """Say on the curve what a stretch is."""
    page.locator('[data-do="mark"]').click()
    page.mouse.move(*place(page, first))
    page.mouse.down()
    page.mouse.move(*place(page, last), steps=4)
    page.mouse.up()
    page.locator(f'[data-say="{what}"]').click()


def test_another_neutral_changes_curve_summary_and_page_and_can_be_undone(opened):
    said = opened.locator(".said").first.inner_text()
    before = ready(opened)
    mark(opened, 0.2, 0.24, "neutral")  # the height of the first tilt forward
    expect(opened.locator(".st-key-corrections")).to_contain_text("Neutral taken from 4.8")
    expect(opened.locator(".said").first).not_to_have_text(said)
    expect(opened.locator(".st-key-player section")).not_to_have_attribute("data-ready", before)
    opened.reload()
    expect(opened.locator(".st-key-corrections")).to_contain_text("Neutral taken from 4.8")
    opened.locator(".st-key-original button").click()
    expect(opened.locator(".said").first).to_have_text(said)


def test_the_ends_of_neutral_are_drawn_along_the_curve(opened):
    handle = opened.locator('.handle[data-edge="1"]')
    box = handle.bounding_box()
    opened.mouse.move(box["x"] + 12, box["y"] + 10)
    opened.mouse.down()
    opened.mouse.move(box["x"] - 30, box["y"] + 10, steps=4)
    opened.mouse.up()
    expect(opened.locator(".st-key-corrections")).to_contain_text("Neutral taken from")


def test_a_marked_stretch_is_left_out(opened):
    mark(opened, 0.69, 0.98, "excluded")
    expect(opened.locator(".st-key-losses")).to_contain_text(text("reason.excluded", "en"))
    expect(opened.locator("table.reps tbody tr")).to_have_count(4)


def test_a_repetition_that_is_none_is_not_counted(opened):
    unfold(opened, text("page.right.heading", "en"))
    opened.locator(".st-key-right-delete button").click()
    expect(opened.locator("table.reps tbody tr")).to_have_count(5)
    expect(opened.locator("[data-rep]")).to_have_count(5)


def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_changes(opened):
    unfold(opened, text("page.right.heading", "en"))
    opened.locator(".st-key-right-from input").fill("0")
    opened.locator(".st-key-right-to input").fill("0.1")
    opened.keyboard.press("Enter")
    opened.locator(".st-key-right-apply button").click()
    expect(opened.get_by_text("Neutral cannot be taken")).to_be_visible()
    expect(opened.locator(".st-key-corrections")).to_have_count(0)


def test_two_repetitions_stand_at_their_peaks(opened):
    section = opened.locator(".st-key-compare section")
    section.scroll_into_view_if_needed()
    opened.locator(".st-key-compare section[data-ready]").wait_for(timeout=LONG_MS)
    peaks = opened.locator(".st-key-compare [data-part=when]")
    expect(peaks).to_have_text("0.0 s")
    opened.locator(".st-key-compare [data-part=curve]").focus()
    for _ in range(30):
        opened.keyboard.press("ArrowRight")
    expect(peaks).to_have_text("+1.0 s")
    times = [
        opened.locator(f"[data-part=video{side}]").evaluate(
            "v => new Promise(done => v.seeking ? v.addEventListener('seeked', () =>"
            " done(v.currentTime), { once: true }) : done(v.currentTime))"
        )
        for side in (0, 1)
    ]
    assert times[0] != times[1]


def test_without_a_body_the_curve_and_the_video_are_still_there(visits, result_address):
    def without_bodies(route):
        answer = route.fetch()
        body = answer.headers["content-type"] == OCTETS and len(answer.body()) > CURVE_BYTES
        route.fulfill(response=answer, status=404 if body else answer.status)

    page = visits.open()
    page.route("**/player/things/*", without_bodies)
    with page.expect_response(lambda answer: answer.status == 404):
        page.goto(page.url + result_address)
    wait_for_result(page)
    page.locator(".st-key-compare section").scroll_into_view_if_needed()
    page.locator(".st-key-compare section[data-ready]").wait_for(timeout=LONG_MS)
    expect(page.locator("[data-rep]")).to_have_count(6)


@pytest.mark.parametrize(
    ("lang", "width", "scheme"),
    list(itertools.product(("en-GB", "nl-NL"), (1280, 390), ("light", "dark")))[::3],
)
def test_the_result_can_be_read_by_everybody(visits, result_address, lang, width, scheme):
    page = visits.open(result_address, lang=lang, width=width, scheme=scheme)
    wait_for_result(page)
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
