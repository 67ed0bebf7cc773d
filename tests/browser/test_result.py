"""The sample, from the button to the last download."""

import csv
import io
import json
import re
from itertools import groupby

import pytest
from playwright.sync_api import expect

from posture.locales import text
from posture.recording import ANNOTATED
from posture.resources import sample_videos
from tests.browser.visiting import LONG_MS, Visits, wait_for_result

pytestmark = pytest.mark.browser


def sample():
    return next(path for path in sample_videos() if path.stem == "standing_tilt_left")


def true_repetitions():
    """How often the figure leaves neutral, forward or backward."""
    with sample().with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        phases = [phase for phase, _ in groupby(row["phase"] for row in csv.DictReader(file))]
    return sum(phase in {"forward", "backward"} for phase in phases)


@pytest.fixture(scope="module")
def result(browser, server, result_address):
    """The sample's result in English, in one window for all tests that only look and click."""
    visit = Visits(browser, server.url)
    page = visit.open(result_address)
    wait_for_result(page)
    yield page
    visit.close()
    assert visit.strangers() == []
    assert visit.complaints == []


def test_the_repetitions_are_those_of_the_figure(result):
    count = true_repetitions()
    rows = result.locator("table.reps tbody tr")
    expect(rows).to_have_count(count)
    kinds = [rows.nth(i).locator("td").nth(1).inner_text() for i in range(count)]
    assert kinds == ["forward", "backward"] * (count // 2)
    expect(result.locator(".said").first).to_contain_text(f"{count} repetitions")
    expect(result.locator(".said").first).to_contain_text("±")


def test_a_repetitions_time_takes_the_video_there(result):
    button = result.locator("table.reps [data-seek]").nth(2)
    button.click()
    time_s = float(button.get_attribute("data-seek"))
    assert time_s > 5
    expect(result.locator(".playhead").first).to_have_attribute(
        "data-time", re.compile(rf"^{int(time_s)}\.")
    )


def test_everything_can_be_kept(result):
    def saved(name):
        with result.expect_download(timeout=LONG_MS) as download:
            result.locator(f".st-key-download-{name} button").click()
        return download.value.path().read_bytes(), download.value.suggested_filename

    rows, name = saved("timeline")
    assert name == "standing_tilt_left-timeline.csv"
    timeline = list(csv.DictReader(io.StringIO(rows.decode())))
    assert len(timeline) == 720
    assert {row["stance"] for row in timeline} == {"forward", "neutral", "backward"}
    assert len(json.loads(saved("reps")[0])) == true_repetitions()
    assert json.loads(saved("summary")[0])["exercise"] == "standing-tilt"
    assert saved("report_pdf")[0].startswith(b"%PDF")
    assert b"<html" in saved("report")[0]
    video, name = saved("annotated")
    assert name == f"standing_tilt_left-{ANNOTATED}"
    assert video[4:8] == b"ftyp"


def test_the_same_result_in_dutch(visits, result_address):
    page = visits.open(result_address + "&lang=nl", lang="en-GB")
    expect(page.get_by_role("heading", level=1)).to_have_text(text("page.result.heading", "nl"))
    expect(page.locator(".said").first).to_contain_text(f"{true_repetitions()} herhalingen")
    expect(page.locator("table.reps")).to_contain_text("voorover")
    wait_for_result(page)
    expect(page.locator("[data-rep]").first).to_have_attribute(
        "aria-label", re.compile("Herhaling 1: voorover")
    )


def test_a_result_that_is_gone_is_said_to_be_gone(visits):
    page = visits.open("?job=no-such-job")
    expect(page.get_by_text(text("page.result.gone", "en"))).to_be_visible()
    expect(page.locator(".st-key-start button")).to_be_visible()
    expect(page).not_to_have_url(re.compile("job="))
