"""What somebody sees who opens the page for the first time."""

import re

import pytest
from playwright.sync_api import expect

from posture.locales import text
from tests.browser.visiting import cut_sample, unfold

pytestmark = pytest.mark.browser

PLAYS = "video => video.videoWidth > 0 && video.error === null"


@pytest.mark.parametrize(
    ("browser_language", "lang"), [("en-GB", "en"), ("nl-NL", "nl"), ("nl-BE", "nl"), ("fr", "en")]
)
def test_the_page_speaks_the_browsers_language(visits, browser_language, lang):
    page = visits.open(lang=browser_language)
    expect(page.get_by_role("heading", level=1)).to_have_text(text("page.choose.heading", lang))
    expect(page.locator(".st-key-start button")).to_contain_text(
        text("page.choose.start_sample", lang)
    )
    expect(page.locator("html")).to_have_attribute("lang", lang)
    expect(page.get_by_text(text("page.footer.medical", lang))).to_be_visible()
    expect(page.get_by_text(text("page.footer.private", lang))).to_be_visible()


def test_the_sample_is_chosen_and_plays(visits):
    page = visits.open()
    expect(page.locator(".st-key-start button")).to_be_enabled()
    video = page.locator("video")
    expect(video).to_be_visible()
    page.wait_for_function(f"({PLAYS})(document.querySelector('video'))")
    page.wait_for_function("document.querySelector('video').currentTime > 0.1")


def test_the_language_can_be_changed_and_stays_in_the_address(visits):
    page = visits.open(lang="en-GB")
    page.get_by_text("Nederlands").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(text("page.choose.heading", "nl"))
    expect(page).to_have_url(re.compile("lang=nl"))
    page.reload()
    expect(heading).to_have_text(text("page.choose.heading", "nl"))
    expect(page).to_have_title(text("page.title", "nl"))


def test_the_address_outranks_the_browser(visits):
    page = visits.open("?lang=en", lang="nl-NL")
    expect(page.get_by_role("heading", level=1)).to_have_text(text("page.choose.heading", "en"))


def test_every_exercise_can_be_chosen_by_its_name(visits):
    page = visits.open()
    page.get_by_text(text("page.choose.own", "en")).click()
    page.locator(".st-key-exercise").get_by_role("combobox").click()
    for exercise in ("standing-tilt", "monkey", "bridge"):
        expect(
            page.get_by_role("option", name=text(f"exercise.{exercise}.name", "en"), exact=True)
        ).to_be_visible()


def test_own_video_shows_how_to_film_and_waits_for_a_file(visits):
    page = visits.open(lang="nl-NL")
    page.get_by_text(text("page.choose.own", "nl")).click()
    expect(page.get_by_text(text("page.choose.tips_heading", "nl"))).to_be_visible()
    expect(page.get_by_text(text("page.choose.guess_note", "nl"))).to_be_visible()
    expect(page.locator(".st-key-start button")).to_be_disabled()
    page.wait_for_function(  # the hint is drawn by the style sheet, a moment after the field
        """hint => {
            const field = document.querySelector(
                '[data-testid=stFileUploaderDropzoneInstructions]');
            return field && getComputedStyle(field, '::after').content.includes(hint);
        }""",
        arg=text("page.choose.upload_hint", "nl"),
    )


def test_neutral_by_hand_must_make_sense(visits, tmp_path):
    page = visits.open()
    page.get_by_text(text("page.choose.own", "en")).click()
    page.locator("input[type=file]").set_input_files(cut_sample(tmp_path / "clip.mp4", 10))
    expect(page.locator(".st-key-start button")).to_be_enabled()
    unfold(page, text("page.choose.more", "en"))
    page.get_by_text(text("page.choose.neutral_choose", "en")).click()
    expect(page.locator(".st-key-start button")).to_be_enabled()
    page.get_by_label(text("page.choose.neutral_from", "en")).fill("5")
    page.get_by_label(text("page.choose.neutral_from", "en")).press("Enter")
    expect(page.get_by_text(text("page.choose.neutral_wrong", "en"))).to_be_visible()
    expect(page.locator(".st-key-start button")).to_be_disabled()


def test_nothing_of_the_workshop_is_left_on_the_page(visits):
    page = visits.open()
    expect(page.locator(".st-key-start button")).to_be_visible()
    for clutter in ("Deploy", "Rerun", "Settings", "Made with Streamlit"):
        expect(page.get_by_text(clutter)).to_have_count(0)
    expect(page.locator('[data-testid="stToolbar"]:visible')).to_have_count(0)
