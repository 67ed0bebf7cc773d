"""Work in progress: it can be watched, left, come back to, and stopped."""

import re
import subprocess

import pytest
from playwright.sync_api import expect

from posture.locales import text
from tests.browser.serving import served
from tests.browser.visiting import start, wait_for_result

pytestmark = pytest.mark.browser


def test_progress_survives_a_reload_and_leads_to_the_result(visits, cut):
    long, short = cut("tilting.mp4", 300), cut("standing still.mp4", 45)
    page = visits.open(lang="nl-NL")
    page.get_by_text(text("page.choose.own", "nl")).click()
    page.locator("input[type=file]").set_input_files([long, short])
    expect(page.locator(".st-key-start button")).to_contain_text(
        text("page.choose.start_several", "nl", count=2)
    )
    start(page)
    expect(page.get_by_text(text("page.progress.heading_several", "nl"))).to_be_visible()
    address = page.url
    page.reload()
    expect(page.locator(".st-key-progress")).to_contain_text(short.name)
    expect(page.get_by_text(text("page.progress.looking", "nl"))).to_be_visible()
    expect(page.get_by_text(text("page.progress.waiting", "nl"))).to_be_visible()
    page.context.close()

    later = visits.open("?" + address.partition("?")[2], lang="nl-NL")
    wait_for_result(later)
    later.get_by_text(short.name).click()
    expect(later.locator(".said").first).to_contain_text(text("cue.no_real_change", "nl"))
    expect(later.get_by_text(text("page.result.none", "nl"))).to_be_visible()


def test_stopping_goes_back_to_the_choice(visits):
    page = visits.open()
    start(page)
    page.locator(".st-key-stop button").click()
    expect(page.get_by_text(text("page.refusal.cancelled", "en"))).to_be_visible()
    expect(page.locator(".st-key-start button")).to_be_visible()
    expect(page).not_to_have_url(re.compile("job="))


def test_one_of_several_is_stopped_and_the_others_go_on(visits, cut):
    unwanted, wanted = cut("unwanted.mp4", 300), cut("wanted.mp4", 45)
    page = visits.open()
    page.get_by_text(text("page.choose.own", "en")).click()
    page.locator("input[type=file]").set_input_files([unwanted, wanted])
    start(page)
    stop = page.get_by_role("button", name=text("page.progress.cancel_one", "en"))
    expect(stop).to_have_count(2)
    stop.first.click()
    expect(page.locator(".st-key-progress")).not_to_contain_text(unwanted.name)
    wait_for_result(page)
    expect(page.get_by_text(wanted.name).first).to_be_visible()
    expect(page.get_by_text(unwanted.name)).to_have_count(0)


def test_after_a_kill_the_work_is_offered_again_and_the_exercise_is_guessed(browser, tmp_path, cut):
    video = cut("my practice.mp4", 500)
    with served(tmp_path) as server:
        context = browser.new_context()
        page = context.new_page()
        page.goto(server.url)
        page.get_by_text(text("page.choose.own", "en")).click()
        page.locator("input[type=file]").set_input_files([video])
        start(page)
        expect(page.locator(".st-key-progress")).to_contain_text(video.name)
        address = page.url.partition("?")[2]
        server.process.kill()
        server.process.wait()
        context.close()
    with served(tmp_path) as server:
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        page.goto(f"{server.url}?{address}")
        expect(page.locator(".st-key-left")).to_contain_text(video.name)
        page.locator(".st-key-go-on button").click()
        wait_for_result(page)
        expect(page.locator(".st-key-guess")).to_contain_text(
            text("exercise.standing-tilt.name", "en")
        )
        page.get_by_role("button", name=text("page.guess.same_accept", "en")).click()
        expect(page.locator(".st-key-guess")).to_have_count(0)
        context.close()
        server.process.kill()
        server.process.wait()
    with served(tmp_path) as server:
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        page.goto(server.url)
        page.locator(".st-key-go-on button").click()
        wait_for_result(page)
        expect(page.locator(".st-key-guess")).to_have_count(0)
        expect(page.locator(".said").first).to_contain_text("repetition")
        assert len(list(server.temporary.glob("posture-page-*"))) == 1
        context.close()


def test_when_the_server_ends_it_stops_working_and_leaves_nothing(browser, tmp_path):
    with served(tmp_path) as server:
        context = browser.new_context()
        page = context.new_page()
        page.goto(server.url)
        start(page)
        expect(page.locator(".st-key-progress")).to_be_visible()
        folders = list(server.temporary.glob("posture-page-*"))
        assert len(folders) == 1
        assert folders[0].stat().st_mode & 0o077 == 0
        context.close()
        try:
            server.stop()
        except subprocess.TimeoutExpired:
            pytest.fail("the server goes on working after it was told to end")
        assert list(server.temporary.glob("posture-page-*")) == []
        assert "Traceback" not in server.log.read_text(encoding="utf-8")
