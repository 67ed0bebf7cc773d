"""Bad input gets a card with a sentence, never a stack trace."""

import shutil

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from posture.locales import text
from posture.resources import sample_videos
from tests.browser.visiting import LONG_MS, start, unfold

pytestmark = pytest.mark.browser


@pytest.fixture
def broken(tmp_path):
    path = tmp_path / "holiday <b>2024.mp4"
    path.write_bytes(b"this is no video" * 100)
    return path


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    cv2.imwrite(str(path), np.full((240, 320, 3), 90, np.uint8))
    return path.rename(tmp_path / "picture.mp4")


@pytest.fixture
def empty_room(make_video):
    return make_video("room.mp4", 20)


def refuse(page, files, lang="en"):
    page.get_by_text(text("page.choose.own", lang)).click()
    page.locator("input[type=file]").set_input_files(files)
    expect(page.locator(".st-key-start button")).to_be_enabled()
    start(page)
    card = page.locator(".st-key-refusal")
    card.wait_for(timeout=LONG_MS)
    for trace in ("Traceback", "Error:", ".py", "posture-page-"):
        expect(page.get_by_text(trace)).to_have_count(0)
    return card


def test_a_broken_file(visits, broken):
    card = refuse(visits.open(), [broken])
    expect(card).to_contain_text(text("page.refusal.InputError", "en"))
    expect(card).to_contain_text("holiday <b>2024.mp4 is not a video that can be read")


def test_a_picture_that_calls_itself_a_video_in_dutch(visits, picture):
    card = refuse(visits.open(lang="nl-NL"), [picture], "nl")
    expect(card).to_contain_text(text("page.refusal.InputError", "nl"))
    expect(card).to_contain_text(text("error.video.still", "nl", name="picture.mp4"))


def test_one_refusal_among_several_leaves_the_others(visits, broken, empty_room):
    page = visits.open()
    card = refuse(page, [broken, empty_room])
    expect(card).to_contain_text("holiday")
    page.get_by_text(empty_room.name).click()
    expect(page.get_by_text(text("page.summary.nothing", "en"))).to_be_visible()
    expect(page.locator(".st-key-losses")).to_contain_text(text("reason.nobody", "en"))


def test_a_neutral_outside_the_video(visits, make_video):
    page = visits.open()
    page.get_by_text(text("page.choose.own", "en")).click()
    unfold(page, text("page.choose.more", "en"))
    page.get_by_text(text("page.choose.neutral_choose", "en")).click()
    for name, seconds in (("to", "90"), ("from", "80")):
        field = page.get_by_label(text(f"page.choose.neutral_{name}", "en"))
        field.fill(seconds)
        field.press("Enter")
    card = refuse(page, [make_video("short.mp4", 20)])
    expect(card).to_contain_text(text("page.refusal.UsageError", "en"))
    expect(card).to_contain_text("80-90 s lies outside the video")


def test_another_video_can_be_chosen_after_a_refusal(visits, broken):
    page = visits.open()
    refuse(page, [broken])
    page.get_by_role("button", name=text("page.result.again", "en")).click()
    expect(page.locator(".st-key-start button")).to_be_visible()


def test_a_strange_name_stays_in_its_folder(visits, tmp_path):
    odd = tmp_path / ("..%2f..%2f" + "ü" * 60 + " $x$ `y`.mp4")
    shutil.copy(sample_videos()[0], odd)
    odd.write_bytes(odd.read_bytes()[:2000])
    card = refuse(visits.open(), [odd])
    expect(card).to_contain_text(text("page.refusal.InputError", "en"))
