"""``posture app`` from any folder gives the same private, quiet page as the checkout does."""

import sys

import pytest
from playwright.sync_api import expect

from posture.locales import text
from tests.browser.serving import served

pytestmark = pytest.mark.browser


def command(port):
    return [sys.executable, "-m", "posture.cli", "app", "--no-browser", f"--port={port}"]


def test_settings_hold_wherever_it_is_started(browser, tmp_path):
    with served(tmp_path, command) as server:
        assert server.listens_at() == {"127.0.0.1"}
        page = browser.new_page(color_scheme="light")
        page.goto(server.url)
        expect(page.get_by_role("heading", level=1)).to_have_text(text("page.choose.heading", "en"))
        ground = page.locator('[data-testid="stApp"]').evaluate(
            "element => getComputedStyle(element).backgroundColor"
        )
        assert ground == "rgb(251, 250, 246)"
        expect(page.locator('[data-testid="stToolbar"]:visible')).to_have_count(0)
        page.context.close()


def test_ending_the_command_ends_the_page_and_leaves_nothing(tmp_path):
    with served(tmp_path, command) as server:
        assert list(server.temporary.glob("posture-page-*")) != []
    assert list(server.temporary.glob("posture-page-*")) == []
