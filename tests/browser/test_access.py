"""The page on a phone, with a keyboard, and for people who do not see it."""

import pytest
from playwright.sync_api import expect

from posture.locales import text
from tests.browser.visiting import LONG_MS, serious_findings, wait_for_result

pytestmark = pytest.mark.browser

OVERFLOW = """() => [...document.querySelectorAll('[data-testid=stMain], html, body')]
    .map(element => element.scrollWidth - element.clientWidth)"""


FOCUSED = "document.activeElement.matches('main') ? '' : document.activeElement.innerText ?? ''"

# What the keyboard is at in the live part of the page, where it lies, and whether that shows.
AT = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const { top, left } = at.getBoundingClientRect();
  const shows = getComputedStyle(at).outlineStyle === 'solid';
  const { do: action, part } = at.dataset;
  return { name: action ?? part ?? at.tagName, place: [Math.round(top), left], shows };
}"""
# A camera in a dark room.
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const picture = document.createElement('canvas');
  Object.assign(picture, { width: 640, height: 480 });
  const brush = picture.getContext('2d');
  setInterval(() => brush.fillRect(0, 0, 640, 480), 200);
  return picture.captureStream(5);
};
"""
TOOLS = ["mute", "calibrate", "fullscreen", "SUMMARY", "stop"]
COURSE = ["pause", "repeat", "skip"]


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
        assert serious_findings(page) == []


@pytest.mark.parametrize(
    ("lang", "width", "scheme"), [("nl-NL", 390, "dark"), ("en-GB", 1280, "light")]
)
def test_a_routine_is_led_by_the_keyboard_alone(visits, lang, width, scheme):
    words = lang[:2]
    page = visits.open("?view=live", lang=lang, width=width, scheme=scheme)
    page.add_init_script(CAMERA)
    page.reload()
    page.get_by_text(text("live.choose.routine", words), exact=True).click()
    expect(page.get_by_text(text("live.choose.parts", words))).to_be_visible()
    page.get_by_role("button", name=text("live.door.camera", words)).click()
    stage = page.locator("[data-part=stage]")
    expect(stage).to_have_attribute("data-stage", "explain", timeout=LONG_MS)
    assert serious_findings(page) == []

    tools = [tool for tool in TOOLS if width > 500 or tool != "fullscreen"]
    reached = []
    for _ in (*tools, *COURSE, "card"):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(AT))
    assert [each["name"] for each in reached] == [*tools, *COURSE, "card"]
    assert all(each["shows"] for each in reached)
    places = [each["place"] for each in reached]
    assert places == sorted(places)

    course = page.get_by_role("group", name=text("live.course.tools", words))
    for name in ("pause", "repeat", "skip"):
        expect(course.get_by_role("button", name=text(f"programme.{name}", words))).to_be_visible()
    for _ in range(3):  # back to the first of them
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(stage).to_have_attribute("data-stage", "paused")
    expect(page.get_by_role("status")).to_have_text([text("programme.paused", words)])
    expect(course.get_by_role("button", name=text("programme.resume", words))).to_be_focused()
    assert serious_findings(page) == []
    page.keyboard.press("Enter")
    expect(stage).to_have_attribute("data-stage", "explain")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skips the explanation
    expect(stage).to_have_attribute("data-stage", "place")
    where, left = page.locator("[data-part=where]"), text("live.course.left", words, time="2:00")
    expect(where).to_contain_text(left)
    page.keyboard.press("Enter")  # skips the exercise: it rests
    expect(stage).to_have_attribute("data-stage", "rest")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")  # once more
    expect(stage).to_have_attribute("data-stage", "place")
    expect(where).to_contain_text(left)
    page.keyboard.press("q")
    expect(page.locator(".end")).to_be_visible()
    assert serious_findings(page) == []
