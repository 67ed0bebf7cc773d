"""Drawings for exercises in which a film would show nothing: what is felt, seen from below."""

from __future__ import annotations

from html import escape

from posture.locales import text

# Sitting upright, from the side; a thread draws the crown up.
_SITTER = """
<g class="seat"><rect x="146" y="246" width="104" height="16" rx="4"/>
<path d="M158 262V352M238 262V352"/></g>
<g class="limbs">
<path class="leg" d="M196 228 L92 238"/><path class="shin" d="M92 238 L98 338"/>
<path class="foot" d="M98 342 L70 346"/>
<path class="trunk" d="M199 132 Q214 180 200 220"/>
<path class="arm" d="M196 130 Q204 176 176 192 L120 216"/>
<path class="neck" d="M197 112 V84"/><circle class="head" cx="192" cy="70" r="27"/></g>
<path class="thread" d="M196 34V6"/><path class="tip" d="M189 12 196 2 203 12"/>
<path class="leader" d="M206 236 Q300 250 352 206"/><circle class="spot" cx="206" cy="236" r="7"/>
"""
# The pelvis from below, front at the top: pubic bone, tail bone, sit bones.
_BELOW = """
<circle class="lens" cx="476" cy="186" r="126"/>
<path class="bone" d="M446 96 Q476 80 506 96"/><path class="bone" d="M476 278V262"/>
<g class="sit left"><ellipse class="bone" cx="404" cy="196" rx="13" ry="22"/></g>
<g class="sit right"><ellipse class="bone" cx="548" cy="196" rx="13" ry="22"/></g>
"""
_LAYERS = {
    "floor-surface": """<path class="loop" d="M476 182 C424 152 440 108 476 108 C512 108 528 152
        476 182 C424 212 440 256 476 256 C512 256 528 212 476 182Z"/>""",
    "floor-middle": """<path class="band" d="M417 196q10-16 20 0t20 0 20 0 20 0 20 0 18 0"/>
        <path class="tip in" d="M400 152H438M426 140 438 152 426 164
        M552 152H514M526 140 514 152 526 164"/>
        <text x="420" y="246" class="small">{bone}</text>
        <text x="532" y="246" class="small">{bone}</text>""",
}


def drawing(exercise: str, lang: str) -> str:
    """Return an exercise's drawing as a figure for the page; empty where there is none."""
    layer = _LAYERS.get(exercise)
    if layer is None:
        return ""
    said, below, front, back, bone = (
        escape(text(key, lang))
        for key in (
            f"exercise.{exercise}.drawing",
            "live.drawing.below",
            "live.drawing.front",
            "live.drawing.back",
            "live.drawing.bone",
        )
    )
    drawn = f"{_SITTER}{_BELOW}{layer.replace('{bone}', bone)}"
    return (
        f'<figure class="drawing {exercise}"><svg viewBox="40 0 580 360" aria-hidden="true">'
        f"{' '.join(drawn.split())}"  # in one line, for a page that reads Markdown
        f'<text x="476" y="20" class="small">{below}</text>'
        f'<text x="476" y="50">{front}</text><text x="476" y="338">{back}</text>'
        f"</svg><figcaption>{said}</figcaption></figure>"
    )
