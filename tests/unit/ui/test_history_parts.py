"""What the history says: days, weeks in a row, and changes that are more than chance."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import nan

import pytest

from posture.datatypes import RepKind
from posture.locales import LANGUAGES, lines, text
from posture.store.progress import Change, PracticeDay, Trend, TrendPoint, trend_of
from posture.ui.calendar import calendar_html, streak_words
from posture.ui.history import Opened
from posture.ui.palette import LIGHT
from posture.ui.trend import trend_chart, trend_words
from posture.ui.wording import size

MONDAY = date(2026, 3, 2)


def day(after, seconds=300.0):
    return PracticeDay(MONDAY + timedelta(days=after), 1, seconds, 6, ("bridge",))


def points(*amplitudes, sd=0.5):
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        TrendPoint(str(i), begin + timedelta(days=i), 6, 5, amplitude, sd)
        for i, amplitude in enumerate(amplitudes)
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_calendar_has_a_mark_for_each_day_with_practice_and_names_it(lang):
    html = calendar_html([day(0), day(9)], MONDAY, MONDAY + timedelta(days=10), lang)
    assert html.count('class="done"') == 2
    assert html.count("<span") == 11
    assert lines("page.history.weekdays", lang)[6] in html
    assert "2" in html
    assert lines("report.months", lang)[2] in html


def test_longer_practice_is_a_darker_mark():
    short = calendar_html([day(0, 60.0)], MONDAY, MONDAY, "en")
    long = calendar_html([day(0, 3600.0)], MONDAY, MONDAY, "en")
    assert "--share:0.39" in short
    assert "--share:1.00" in long


def test_weeks_in_a_row_are_told_and_nothing_that_was_missed():
    today = MONDAY + timedelta(days=8)
    assert streak_words([day(0), day(8)], today, "en").startswith("2 weeks in a row")
    assert streak_words([day(8)], today, "en") == text("page.history.days", "en", days=1)
    assert streak_words([], today, "en") == text("page.history.days_none", "en")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("amplitudes", "sd", "verdict"),
    [
        ((5, 5, 5, 11, 11, 11), 0.5, Change.MORE),
        ((11, 11, 11, 5, 5, 5), 0.5, Change.LESS),
        ((9, 9, 9, 10, 9, 9), 2.0, Change.UNCLEAR),
    ],
)
def test_only_a_change_that_is_more_than_chance_is_called_one(amplitudes, sd, verdict, lang):
    trend = trend_of("bridge", RepKind.FORWARD, "deg", points(*amplitudes, sd=sd))
    assert trend.verdict is verdict
    words = trend_words(trend, lang)
    assert words.startswith(f"**{text('page.kind.forward', lang)}**")
    assert ("6°" in words) == (verdict is not Change.UNCLEAR)


def test_chance_is_never_told_as_nothing():
    alike = trend_of("bridge", RepKind.LIFT, "fraction", points(1.0, 1.0, sd=0.0))
    words = trend_words(alike, "en")
    assert words == text(
        "page.history.change.unclear", "en", kind="lift", least=size(0.01, "fraction", "en")
    )


def test_one_session_tells_no_change():
    trend = Trend("bridge", RepKind.LIFT, "fraction", tuple(points(0.9)), nan, nan, Change.UNCLEAR)
    assert trend_words(trend, "en") == text("page.history.change.unknown", "en", kind="lift")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", [RepKind.HOLD, RepKind.WAVE])
def test_where_no_size_tells_progress_the_good_ones_are_counted(kind, lang):
    first, last = points(4.0, 4.1)
    trend = trend_of("floor-deep", kind, "s", [replace(first, reps=8, good=2), last])
    words = trend_words(trend, lang)
    for count in (2, 8, 5, 6):
        assert f" {count} " in words or words.endswith(f" {count}.")
    (rows,) = trend_chart(trend, lang, LIGHT).to_dict()["datasets"].values()
    assert [(row["low"], row["value"], row["high"]) for row in rows] == [(0, 2, 8), (0, 5, 6)]


@pytest.mark.parametrize(("count", "ticks"), [(2, 1), (4, 3), (60, 10)])
def test_no_day_stands_twice_under_a_chart(count, ticks):
    trend = trend_of("bridge", RepKind.LIFT, "fraction", points(*[0.9] * count))
    chart = trend_chart(trend, "en", LIGHT).to_dict()
    assert {layer["encoding"]["x"]["axis"]["tickCount"] for layer in chart["layer"]} == {ticks}


def test_a_lift_is_drawn_as_far_as_it_is_told():
    trend = trend_of("bridge", RepKind.LIFT, "fraction", points(0.9, 1.1, sd=0.05))
    (rows,) = trend_chart(trend, "en", LIGHT).to_dict()["datasets"].values()
    assert rows[1]["value"] == rows[1]["high"] == 100


def test_the_points_stand_with_their_uncertainty():
    trend = trend_of("bridge", RepKind.LIFT, "fraction", points(0.8, 0.9, sd=0.05))
    (rows,) = trend_chart(trend, "en", LIGHT).to_dict()["datasets"].values()
    assert [(row["low"], row["value"], row["high"]) for row in rows] == [(75, 80, 85), (85, 90, 95)]


def test_the_sessions_opened_last_stay_open(monkeypatch):
    asked = []

    def review_of_session(_store, session_id):
        asked.append(session_id)
        return object()

    monkeypatch.setattr("posture.ui.history.review_of_session", review_of_session)
    opened = Opened(most=2)
    first = opened.get(None, "a")
    assert opened.get(None, "a") is first
    opened.get(None, "b")
    opened.get(None, "c")
    opened.get(None, "a")
    opened.forget("a")
    opened.get(None, "a")
    assert asked == ["a", "b", "c", "a", "a"]
