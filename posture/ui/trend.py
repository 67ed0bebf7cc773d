"""How one kind of repetition developed: in a sentence, and as points with their uncertainty."""

from __future__ import annotations

from math import isnan

import altair as alt
from altair.utils.schemapi import debug_mode

from posture.locales import text
from posture.store.progress import Change, Trend
from posture.ui.palette import Palette
from posture.ui.wording import day_words, kind_name, size

HEIGHT_PX = 190
MOST_POINTS = 400


def trend_words(trend: Trend, lang: str) -> str:
    """Say what became of the size; a change that may be chance is not called one."""
    kind = kind_name(trend.kind, lang)
    if trend.verdict is Change.UNCLEAR or isnan(trend.change):
        if isnan(trend.minimal_detectable_change):
            return text("page.history.change.unknown", lang, kind=kind)
        least = size(trend.minimal_detectable_change, trend.unit, lang)
        return text("page.history.change.unclear", lang, kind=kind, least=least)
    amount = size(abs(trend.change), trend.unit, lang)
    least = size(trend.minimal_detectable_change, trend.unit, lang)
    return text(f"page.history.change.{trend.verdict}", lang, kind=kind, size=amount, least=least)


def trend_chart(trend: Trend, lang: str, palette: Palette) -> alt.LayerChart:
    """Draw each session's mean size with its uncertainty.

    Args:
        trend: At least one point.
        lang: Language of the words in it.
        palette: Colours of the page's theme.
    """
    factor = 100.0 if trend.unit == "fraction" else 1.0
    # Of very many sessions the latest ones are drawn.
    rows = [
        {
            "when": point.started_at.isoformat(),
            "value": round(point.amplitude * factor, 2),
            "low": round((point.amplitude - _known(point.sd)) * factor, 2),
            "high": round((point.amplitude + _known(point.sd)) * factor, 2),
            "day": day_words(point.started_at.astimezone().date(), lang),
            "size": size(point.amplitude, trend.unit, lang, point.sd),
        }
        for point in trend.points[-MOST_POINTS:]
    ]
    with debug_mode(False):  # checking two hundred points takes longer than all else of the page
        base = alt.Chart(alt.InlineData(values=rows))
    x = alt.X("when:T", axis=alt.Axis(title=None, format="%d-%m", grid=False, labelOverlap=True))
    y = alt.Y("value:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=None, tickCount=4))
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
                alt.Tooltip("size:N", title=text("page.table.size", lang)),
            ],
        ),
    )
    chart: alt.LayerChart = layers.properties(height=HEIGHT_PX).configure_view(strokeOpacity=0)
    return chart


def _known(sd: float) -> float:
    return 0.0 if isnan(sd) else sd
