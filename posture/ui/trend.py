"""How one kind of repetition developed: in a sentence, and as points with their uncertainty."""

from __future__ import annotations

from math import inf, isnan
from typing import Any

import altair as alt
from altair.utils.schemapi import debug_mode

from posture.datatypes import RepKind
from posture.locales import text
from posture.store.progress import Change, Trend, TrendPoint
from posture.ui.palette import Palette
from posture.ui.wording import day_words, kind_name, size, size_name

HEIGHT_PX = 190
MOST_POINTS = 400
MOST_TICKS = 10


def is_counted(trend: Trend) -> bool:
    """Whether no size tells progress: a breath is as long as it was led, a wave has no number."""
    return trend.kind in {RepKind.HOLD, RepKind.WAVE}


def trend_words(trend: Trend, lang: str) -> str:
    """Say what became of the size; a change that may be chance is not called one.

    Where no size tells progress, say how many repetitions were good.
    """
    if is_counted(trend):
        first, last = trend.points[0], trend.points[-1]
        return text(
            f"page.history.change.counted_{trend.kind}",
            lang,
            good=last.good,
            count=last.reps,
            first_good=first.good,
            first_count=first.reps,
        )
    kind = kind_name(trend.kind, lang)
    # Where sessions are all alike chance seems to be nothing; no number here is finer than one.
    one = 0.01 if trend.unit == "fraction" else 1.0
    least = size(max(trend.minimal_detectable_change, one), trend.unit, lang)
    if trend.verdict is Change.UNCLEAR or isnan(trend.change):
        if isnan(trend.minimal_detectable_change):
            return text("page.history.change.unknown", lang, kind=kind)
        return text("page.history.change.unclear", lang, kind=kind, least=least)
    amount = size(abs(trend.change), trend.unit, lang)
    return text(f"page.history.change.{trend.verdict}", lang, kind=kind, size=amount, least=least)


def trend_chart(trend: Trend, lang: str, palette: Palette) -> alt.LayerChart:
    """Draw each session's mean size with its uncertainty, or how many repetitions were good.

    Args:
        trend: At least one point.
        lang: Language of the words in it.
        palette: Colours of the page's theme.
    """
    # Of very many sessions the latest ones are drawn.
    points = trend.points[-MOST_POINTS:]
    rows = [
        {
            "when": point.started_at.isoformat(),
            "day": day_words(point.started_at.astimezone().date(), lang),
        }
        | (_count(point, lang) if is_counted(trend) else _size(point, trend.unit, lang))
        for point in points
    ]
    with debug_mode(False):  # checking two hundred points takes longer than all else of the page
        base = alt.Chart(alt.InlineData(values=rows))
    # No day stands twice under the chart.
    days = max(1, (points[-1].started_at - points[0].started_at).days)
    axis = alt.Axis(
        title=None, format="%d-%m", grid=False, labelOverlap=True, tickCount=min(MOST_TICKS, days)
    )
    x = alt.X("when:T", axis=axis)
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(zero=is_counted(trend)),
        axis=alt.Axis(title=None, tickCount=4, tickMinStep=1),
    )
    colour = alt.value(palette.line)
    layers = alt.layer(
        base.mark_rule(opacity=0.45, strokeWidth=2).encode(
            x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour
        ),
        base.mark_point(filled=True, size=60).encode(
            x=x,
            y=y,
            color=colour,
            tooltip=[
                alt.Tooltip("day:N", title=text("page.table.when", lang)),
                alt.Tooltip("size:N", title=_heading(trend, lang)),
            ],
        ),
    )
    chart: alt.LayerChart = layers.properties(height=HEIGHT_PX).configure_view(strokeOpacity=0)
    return chart


def _heading(trend: Trend, lang: str) -> str:
    key = "history.trend_good" if is_counted(trend) else f"size.{size_name(trend.kind)}"
    return text(f"page.{key}", lang)


def _size(point: TrendPoint, unit: str, lang: str) -> dict[str, Any]:
    """A mean size and what it may be as well; a lift is drawn as far as it is told."""
    factor, most = (100.0, 1.0) if unit == "fraction" else (1.0, inf)
    sd = 0.0 if isnan(point.sd) else point.sd
    value, low, high = (
        round(min(amount, most) * factor, 2)
        for amount in (point.amplitude, point.amplitude - sd, point.amplitude + sd)
    )
    words = size(point.amplitude, unit, lang, point.sd)
    return {"value": value, "low": low, "high": high, "size": words}


def _count(point: TrendPoint, lang: str) -> dict[str, Any]:
    words = text("page.history.trend_counted", lang, good=point.good, count=point.reps)
    return {"value": point.good, "low": 0, "high": point.reps, "size": words}
