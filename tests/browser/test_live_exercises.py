"""Other ways of moving, practised with the product's own samples: counted as they were made."""

from __future__ import annotations

import pytest

from posture.locales import text
from tests.browser.live_traffic import Traffic
from tests.browser.visiting import LONG_MS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("exercise", "lang", "width", "made"),
    [
        ("monkey", "nl", 1280, {"left": 3, "right": 3}),
        ("bridge", "en", 390, {"lift": 3}),
    ],
)
def test_what_is_counted_is_what_was_done(visits, exercise, lang, width, made):
    page = visits.open("?view=live", lang=f"{lang}-GB" if lang == "en" else "nl-NL", width=width)
    traffic = Traffic()
    page.on("websocket", traffic.listen)
    name = text(f"exercise.{exercise}.name", lang)
    page.locator(".st-key-live-exercise").get_by_role("combobox").click()
    page.get_by_role("option", name=name, exact=True).click()
    page.get_by_text(text(f"exercise.{exercise}.short", lang)).wait_for()
    page.get_by_role("button", name=text("live.door.sample", lang)).click()
    page.locator(".end").wait_for(timeout=LONG_MS)
    (summary,) = traffic.summaries
    assert summary["exercise"] == exercise
    assert summary["numbers"]["by_kind"] == made
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
