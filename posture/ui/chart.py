"""The curve of a recording: movement with its uncertainty, stances, repetitions, lost stretches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from posture.analysis import Analysis
from posture.datatypes import RepKind, Stance, Verdict
from posture.exercises import get_exercise
from posture.locales import text
from posture.pelvis.stance import StanceSettings
from posture.ui.series import (
    Curve,
    curve_of,
    end_s,
    lost_stretches,
    merged,
    stance_stretches,
)
from posture.ui.wording import clock, kind_name, rep_lines, size, span

HEIGHT_PX = 360
BLOCK_PX = 24
RIBBON_PX = 9

# An axis never shows less than this, so that a person at rest looks at rest.
LEAST_REACH = {"deg": 12.0, "fraction": 100.0, "s": 5.0}

# A stretch without a reading is named on the curve where it is wide enough for the words.
LABELLED_SHARE = 0.16

SIGNS = {Verdict.GOOD: "✓", Verdict.IMPROVE: "!", Verdict.CANNOT_JUDGE: "?"}


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours for one theme; forward and backward differ for colour-blind eyes too."""

    forward: str
    backward: str
    neutral: str
    line: str
    lost: str
    ink: str


LIGHT = Palette("#b45309", "#1d64b5", "#5f6b70", "#1d2a2e", "#7b8489", "#ffffff")
DARK = Palette("#f2a65a", "#7fb4f5", "#94a2a7", "#e7eded", "#97a3a8", "#11181b")

_TILTS = {RepKind.FORWARD, RepKind.BACKWARD}
_MINUTES = (
    "floor(round(datum.value)/60) + ':' + (round(datum.value)%60 < 10 ? '0' : '') + "
    "round(datum.value)%60"
)
_UNIT_SIGN = {"deg": "°", "fraction": " %", "s": " s"}


def curve_chart(analysis: Analysis, lang: str, palette: Palette) -> alt.LayerChart:
    """Draw a recording.

    Args:
        analysis: A recording; it may hold no reading at all.
        lang: Language of the words in it.
        palette: Colours of the page's theme.
    """
    curve = curve_of(analysis)
    low, high = _reach(curve, signed=_signed(analysis))
    last_s = max(end_s(analysis.results), 0.1)
    x = alt.X(
        "time_s:Q",
        scale=alt.Scale(domain=[0, last_s], nice=False),
        axis=alt.Axis(
            title=text("page.chart.time", lang), labelExpr=_MINUTES, tickMinStep=1, grid=False
        ),
    )
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domain=[low, high], nice=False, zero=False),
        axis=alt.Axis(
            title=None,
            labelExpr=f"format(abs(datum.value), 'd') + '{_UNIT_SIGN[curve.unit]}'",
            tickCount=6,
            gridOpacity=0.5,
        ),
    )
    layers: list[alt.Chart] = []
    if set(get_exercise(analysis.request.exercise).kinds.values()) == _TILTS:
        layers += _zones(x, y, (low, high), last_s, lang, palette)
    layers += _lost(x, analysis, last_s, lang, palette)
    layers += _curve(x, y, curve, lang, palette)
    layers += _ribbon(x, analysis, lang, palette)
    layers += _blocks(x, analysis, lang, palette)
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .properties(height=HEIGHT_PX, padding={"left": 4, "right": 12, "top": 4, "bottom": 4})
        .configure_view(strokeOpacity=0)
    )
    return chart


def _table(rows: list[dict[str, object]]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _signed(analysis: Analysis) -> bool:
    return len(get_exercise(analysis.request.exercise).kinds) > 1


def _reach(curve: Curve, *, signed: bool) -> tuple[float, float]:
    """Ends of the value axis, with room for the blocks above and the ribbon below."""
    factor = 100.0 if curve.unit == "fraction" else 1.0
    sd = np.nan_to_num(curve.sd)
    least = LEAST_REACH[curve.unit]
    highest = float(np.max((curve.value + sd) * factor, initial=-np.inf))
    lowest = float(np.min((curve.value - sd) * factor, initial=np.inf))
    if signed:
        low, high = min(lowest, -least), max(highest, least)
    elif curve.unit == "deg" and len(curve.value):  # an angle of the body: zero means nothing
        low, high = lowest, max(highest, lowest + least)
    else:
        low, high = min(lowest, 0.0), max(highest, least)
    span = high - low
    return low - 0.10 * span, high + 0.14 * span


def _zones(
    x: alt.X, y: alt.Y, reach: tuple[float, float], last_s: float, lang: str, palette: Palette
) -> list[alt.Chart]:
    """The three stances as broad bands, named at their left end."""
    low, high = reach
    edge = StanceSettings().enter_deg
    rows = [
        (Stance.FORWARD, edge, high, palette.forward, 0.10),
        (Stance.NEUTRAL, -edge, edge, palette.neutral, 0.05),
        (Stance.BACKWARD, low, -edge, palette.backward, 0.10),
    ]
    table = _table(
        [
            {
                "time_s": 0.0,
                "until_s": last_s,
                "value": bottom,
                "top": top,
                "colour": colour,
                "opacity": opacity,
                "name": text(f"stance.{stance}", lang),
            }
            for stance, bottom, top, colour, opacity in rows
        ]
    )
    base = alt.Chart(table)
    colour = alt.Color("colour:N", scale=None, legend=None)
    style: dict[str, Any] = {"align": "left", "dx": 8, "fontSize": 13, "fontWeight": "bold"}
    return [
        base.mark_rect().encode(
            x=x,
            x2="until_s:Q",
            y=y,
            y2="top:Q",
            color=colour,
            opacity=alt.Opacity("opacity:Q", scale=None, legend=None),
        ),
        _named(base, Stance.FORWARD, lang)
        .mark_text(baseline="bottom", dy=-5, **style)
        .encode(x=x, y=y, text="name:N", color=colour),
        *(
            _named(base, stance, lang)
            .mark_text(baseline="top", dy=6, **style)
            .encode(x=x, y=alt.Y("top:Q"), text="name:N", color=colour)
            for stance in (Stance.NEUTRAL, Stance.BACKWARD)
        ),
        alt.Chart(_table([{"value": 0.0}]))
        .mark_rule(strokeDash=[4, 4], opacity=0.6)
        .encode(y=y, color=alt.value(palette.neutral)),
    ]


def _named(base: alt.Chart, stance: Stance, lang: str) -> alt.Chart:
    return base.transform_filter(alt.datum.name == text(f"stance.{stance}", lang))


def _lost(
    x: alt.X, analysis: Analysis, last_s: float, lang: str, palette: Palette
) -> list[alt.Chart]:
    """Stretches without a reading, shaded, with their reason."""
    stretches = lost_stretches(analysis.results)
    if not stretches:
        return []
    table = _table(
        [
            {
                "time_s": s.start_s,
                "until_s": s.end_s,
                "when": span(s.start_s, s.end_s),
                "why": text(f"reason.{s.reason}", lang),
            }
            for s in stretches
        ]
    )
    labels = _table(
        [
            {"time_s": (s.start_s + s.end_s) / 2, "label": text("page.chart.no_reading", lang)}
            for s in merged(stretches, 0.0)
            if s.length_s > LABELLED_SHARE * last_s
        ]
    )
    base = alt.Chart(table)
    return [
        base.mark_rect(opacity=0.28).encode(
            x=x,
            x2="until_s:Q",
            color=alt.value(palette.lost),
            tooltip=[
                alt.Tooltip("why:N", title=text("page.chart.no_reading", lang)),
                alt.Tooltip("when:N", title=text("page.chart.time", lang)),
            ],
        ),
        alt.Chart(labels)
        .mark_text(fontSize=13, fontStyle="italic")
        .encode(
            x=alt.X("time_s:Q"),
            y=alt.value(alt.ExprRef("height / 2")),
            text="label:N",
            color=alt.value(palette.line),
        ),
    ]


def _curve(x: alt.X, y: alt.Y, curve: Curve, lang: str, palette: Palette) -> list[alt.Chart]:
    """The movement, its uncertainty, and a reading under the pointer."""
    factor = 100.0 if curve.unit == "fraction" else 1.0
    sd = np.nan_to_num(curve.sd)
    low, high = curve.value - sd, curve.value + sd
    table = _table(
        [
            {
                "time_s": round(time_s, 3),
                "value": round(value * factor, 2),
                "low": round(low[i] * factor, 2),
                "high": round(high[i] * factor, 2),
                "piece": int(curve.piece[i]),
                "when": clock(time_s),
                "reading": size(value, curve.unit, lang, curve.sd[i]),
            }
            for i, (time_s, value) in enumerate(
                zip(curve.time_s.tolist(), curve.value.tolist(), strict=True)
            )
        ]
    )
    base = alt.Chart(table)
    near = alt.selection_point(
        nearest=True, on="pointermove", clear="pointerout", fields=["time_s"], empty=False
    )
    colour = alt.value(palette.line)
    return [
        base.mark_area(opacity=0.22).encode(
            x=x, y=alt.Y("low:Q"), y2="high:Q", detail="piece:N", color=colour
        ),
        base.mark_line(strokeWidth=2.25, strokeJoin="round").encode(
            x=x, y=y, detail="piece:N", color=colour
        ),
        base.mark_point(size=70, filled=True)
        .encode(
            x=x,
            y=y,
            color=colour,
            opacity=alt.condition(near, alt.value(1.0), alt.value(0.0)),
            tooltip=[
                alt.Tooltip("reading:N", title=text("page.chart.reading", lang)),
                alt.Tooltip("when:N", title=text("page.chart.time", lang)),
            ],
        )
        .add_params(near),
    ]


def _ribbon(x: alt.X, analysis: Analysis, lang: str, palette: Palette) -> list[alt.Chart]:
    """The stance at every moment, along the bottom."""
    colours = {
        Stance.FORWARD: palette.forward,
        Stance.NEUTRAL: palette.neutral,
        Stance.BACKWARD: palette.backward,
    }
    stretches = stance_stretches(analysis.results)
    if not stretches:
        return []
    table = _table(
        [
            {
                "time_s": s.start_s,
                "until_s": s.end_s,
                "colour": colours[s.stance],
                "name": text(f"stance.{s.stance}", lang),
                "when": span(s.start_s, s.end_s),
            }
            for s in stretches
        ]
    )
    return [
        alt.Chart(table)
        .mark_rect()
        .encode(
            x=x,
            x2="until_s:Q",
            y=alt.value(alt.ExprRef(f"height - {RIBBON_PX}")),
            y2=alt.value(alt.ExprRef("height")),
            color=alt.Color("colour:N", scale=None, legend=None),
            tooltip=[
                alt.Tooltip("name:N", title=text("page.chart.stance", lang)),
                alt.Tooltip("when:N", title=text("page.chart.time", lang)),
            ],
        )
    ]


def _blocks(x: alt.X, analysis: Analysis, lang: str, palette: Palette) -> list[alt.Chart]:
    """Repetitions as numbered blocks along the top."""
    if not analysis.reps:
        return []
    sides = get_exercise(analysis.request.exercise).kinds
    colours: dict[RepKind, str] = {
        kind: palette.forward if side > 0 else palette.backward for side, kind in sides.items()
    }
    table = _table(
        [
            {
                "time_s": rep.start_s,
                "until_s": rep.end_s,
                "middle_s": (rep.start_s + rep.end_s) / 2,
                "colour": colours.get(rep.kind, palette.neutral),
                "label": f"{rep.index} {SIGNS[rep.verdict]}",
                "kind": f"{line.number}: {kind_name(rep.kind, lang)}",
                "size": line.size,
                "verdict": line.verdict_words,
                "remarks": " ".join(line.remarks) or "–",
            }
            for rep, line in zip(analysis.reps, rep_lines(analysis, lang), strict=True)
        ]
    )
    base = alt.Chart(table)
    return [
        base.mark_rect(cornerRadius=6).encode(
            x=x,
            x2="until_s:Q",
            y=alt.value(2),
            y2=alt.value(2 + BLOCK_PX),
            color=alt.Color("colour:N", scale=None, legend=None),
            tooltip=[
                alt.Tooltip("kind:N", title=text("page.table.number", lang)),
                alt.Tooltip("size:N", title=text("page.table.size", lang)),
                alt.Tooltip("verdict:N", title=text("page.table.verdict", lang)),
                alt.Tooltip("remarks:N", title=text("page.table.remarks", lang)),
            ],
        ),
        base.mark_text(fontSize=13, fontWeight="bold").encode(
            x=alt.X("middle_s:Q"),
            y=alt.value(2 + BLOCK_PX / 2),
            text="label:N",
            color=alt.value(palette.ink),
        ),
    ]
