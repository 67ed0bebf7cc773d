"""Draws on a picture what was seen in it: the body's lines, the bowl of water, the words.

The bowl is the pelvis of the hand-out: filled with water, tipping forward or backward. Colours
stay apart for colour-blind eyes too (Okabe and Ito): orange forward, blue backward, white neutral;
the side to which the bowl tips and the word say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import cos, isfinite, nan, radians, sin
from typing import TYPE_CHECKING, NamedTuple, cast

import cv2
import numpy as np

from posture.adapters.lettering import BOLD, REGULAR, Stencil, line_height_px, stencil, wrapped
from posture.datatypes import FloatArray, ImageArray, MaskArray, Stance
from posture.landmarks import Landmark
from posture.rounding import shown_sd

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Colour = tuple[int, int, int]

FORWARD: Colour = (240, 150, 30)
BACKWARD: Colour = (86, 180, 233)
NEUTRAL: Colour = (244, 244, 240)
QUIET: Colour = (176, 182, 188)
INK: Colour = (18, 22, 28)
WATER: Colour = (150, 196, 214)

_STANCE_COLOURS = {
    Stance.FORWARD: FORWARD,
    Stance.BACKWARD: BACKWARD,
    Stance.NEUTRAL: NEUTRAL,
    None: QUIET,
}
_L = Landmark
_STRONG_LIMBS = (
    (_L.LEFT_SHOULDER, _L.LEFT_HIP),
    (_L.RIGHT_SHOULDER, _L.RIGHT_HIP),
    (_L.LEFT_SHOULDER, _L.RIGHT_SHOULDER),
    (_L.LEFT_HIP, _L.RIGHT_HIP),
    (_L.LEFT_HIP, _L.LEFT_KNEE),
    (_L.RIGHT_HIP, _L.RIGHT_KNEE),
    (_L.LEFT_KNEE, _L.LEFT_ANKLE),
    (_L.RIGHT_KNEE, _L.RIGHT_ANKLE),
    (_L.LEFT_ANKLE, _L.LEFT_FOOT_INDEX),
    (_L.RIGHT_ANKLE, _L.RIGHT_FOOT_INDEX),
)
_THIN_LIMBS = (
    (_L.LEFT_SHOULDER, _L.LEFT_ELBOW),
    (_L.RIGHT_SHOULDER, _L.RIGHT_ELBOW),
    (_L.LEFT_ELBOW, _L.LEFT_WRIST),
    (_L.RIGHT_ELBOW, _L.RIGHT_WRIST),
)
_JOINTS = (_L.LEFT_HIP, _L.RIGHT_HIP, _L.LEFT_KNEE, _L.RIGHT_KNEE, _L.LEFT_ANKLE, _L.RIGHT_ANKLE)

_MOST_SHOWN_DEG = 35.0
_SHOWN_PER_TILT = 1.6  # the bowl tips further than the pelvis, so that 3 degrees can be seen
_FINE = 4  # bits of sub-pixel precision
_PANEL_OPACITY = 0.62
_NUMBER_SIZE = 1.75  # of the small text
_WIDEST_NUMBER = "\N{MINUS SIGN}88° ± 8°"
_LIKELY_LINES = 4  # of small text below headline and number
_AROUND_POINTS = 0.06  # of the shorter side: hair above the eyes, fingers beyond the wrist


class Corner(NamedTuple):
    """A corner of the picture."""

    right: bool
    low: bool


TOP_LEFT, TOP_RIGHT = Corner(right=False, low=False), Corner(right=True, low=False)
_CORNERS = (TOP_LEFT, TOP_RIGHT, Corner(right=False, low=True), Corner(right=True, low=True))


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """What is to be drawn on one picture.

    Attributes:
        landmarks_px: Shape (33, 2), pixels of the picture; ``None`` when nobody was found.
        back_px: Points of the back line from top to bottom, shape (n, 2); NaN rows are gaps.
        front_px: The same of the front line.
        stance: Colours the gauge and the back line; ``None`` without a reading.
        tilt_deg: Pelvic tilt relative to neutral, forward positive; NaN without a reading.
        tilt_sd_deg: Its standard uncertainty.
        forward_sign: +1 when the person faces the picture's right, -1 for left.
        headline: The stance in the user's words, or "no reading".
        detail: The phase, or why there is no reading; is broken into lines.
        rep_text: The repetitions so far; empty for none.
        gauge_at: The corner of the gauge and its words.
        reps_at: The corner of the repetitions, another one.
    """

    landmarks_px: FloatArray | None = None
    back_px: FloatArray | None = None
    front_px: FloatArray | None = None
    stance: Stance | None = None
    tilt_deg: float = nan
    tilt_sd_deg: float = nan
    forward_sign: int = 1
    headline: str = ""
    detail: str = ""
    rep_text: str = ""
    gauge_at: Corner = TOP_LEFT
    reps_at: Corner = TOP_RIGHT

    def scaled(self, factor: float) -> Overlay:
        """The same for a picture whose sides are ``factor`` times as long."""
        return replace(
            self,
            landmarks_px=None if self.landmarks_px is None else self.landmarks_px * factor,
            back_px=None if self.back_px is None else self.back_px * factor,
            front_px=None if self.front_px is None else self.front_px * factor,
        )


def draw_overlay(image_rgb: ImageArray, overlay: Overlay) -> ImageArray:
    """Draw everything on a copy of a picture.

    Args:
        image_rgb: Shape (height, width, 3), uint8 RGB.
        overlay: What to draw, in this picture's pixels.

    Returns:
        A new picture of the same shape.
    """
    image = image_rgb.copy()
    if overlay.landmarks_px is not None:
        _draw_body(image, overlay)
    _draw_panels(image, overlay)
    return image


def free_corners(points_px: FloatArray, size_px: tuple[int, int]) -> tuple[Corner, Corner]:
    """Return where the gauge and the repetitions cover the least of a person.

    Args:
        points_px: Landmarks of all pictures that are drawn alike, shape (n, 2); NaN is nowhere. A
            third of the landmarks are the head's.
        size_px: Width and height of the pictures.
    """
    width, height = size_px
    layout = _Layout.of(width, height)

    def covered(corner: Corner, panel: tuple[int, int]) -> int:
        """How many points lie under a panel in that corner."""
        spare = layout.margin + _AROUND_POINTS * min(size_px)
        x = width - points_px[:, 0] if corner.right else points_px[:, 0]
        y = height - points_px[:, 1] if corner.low else points_px[:, 1]
        inside = (x >= 0) & (x < panel[0] + spare) & (y >= 0) & (y < panel[1] + spare)
        return int(np.count_nonzero(inside))

    gauge_size, reps_size = layout.likely_sizes
    gauge = min(_CORNERS, key=lambda corner: covered(corner, gauge_size))
    others = [Corner(not gauge.right, gauge.low), Corner(gauge.right, not gauge.low)]
    if gauge_size[0] + reps_size[0] + 3 * layout.margin > width:
        others = others[1:]
    return gauge, min(others, key=lambda corner: covered(corner, reps_size))


def tilt_text(tilt_deg: float, sd_deg: float) -> str:
    """The tilt in whole degrees with its sign and uncertainty; empty when there is none."""
    if not isfinite(tilt_deg):
        return ""
    whole = round(tilt_deg)
    sign = "+" if whole > 0 else "\N{MINUS SIGN}" if whole < 0 else ""
    number = f"{sign}{abs(whole)}°"
    return f"{number} ± {shown_sd(sd_deg)}°" if isfinite(sd_deg) else number


def _draw_body(image: ImageArray, overlay: Overlay) -> None:
    points = cast("FloatArray", overlay.landmarks_px)
    unit = _line_unit(image, points)
    reading = overlay.stance is not None
    limbs: Colour = NEUTRAL if reading else QUIET
    thick, thin = max(2, round(unit * 2.4)), max(1, round(unit * 1.2))
    strong = [points[list(limb)] for limb in _STRONG_LIMBS]
    arms = [points[list(limb)] for limb in _THIN_LIMBS]
    _draw_lines(image, arms, limbs, thin, halo=1)
    _draw_lines(image, strong, limbs, thick, halo=max(1, round(unit)))
    for joint in _JOINTS:
        _draw_dot(image, points[joint], unit * 4.0, limbs)
    if overlay.front_px is not None:
        _draw_lines(image, _stretches(overlay.front_px), QUIET, thin, halo=1)
    if overlay.back_px is not None:
        colour = _STANCE_COLOURS[overlay.stance]
        width = max(3, round(unit * 3.6))
        _draw_lines(image, _stretches(overlay.back_px), colour, width, halo=max(1, round(unit)))


def _line_unit(image: ImageArray, points: FloatArray) -> float:
    """Line widths are multiples of this: about 1 for a person who fills a 640 x 480 picture."""
    shoulders = points[[_L.LEFT_SHOULDER, _L.RIGHT_SHOULDER]].mean(axis=0)
    hips = points[[_L.LEFT_HIP, _L.RIGHT_HIP]].mean(axis=0)
    trunk_px = float(np.hypot(*(shoulders - hips)))
    unit: float = min(image.shape[:2]) / 480
    return max(0.5, min(unit, trunk_px / 130) if isfinite(trunk_px) else unit)


def _stretches(points: FloatArray) -> Iterator[FloatArray]:
    """The pieces of a line between its gaps, each with two points or more."""
    gaps = np.flatnonzero(~np.isfinite(points).all(axis=1))
    for piece in np.split(points, gaps):
        whole = piece[np.isfinite(piece).all(axis=1)]
        if len(whole) >= 2:
            yield whole


def _drawable(image: ImageArray, points: FloatArray) -> bool:
    """Whether all points are finite and not absurdly far outside the picture."""
    return bool((np.abs(points) < 8 * max(image.shape)).all())


def _draw_lines(
    image: ImageArray,
    lines: Sequence[FloatArray] | Iterator[FloatArray],
    colour: Colour,
    width_px: int,
    *,
    halo: int,
) -> None:
    """Lines with a dark rim, which keeps them legible on any background."""
    fine = [
        np.rint(line * (1 << _FINE)).astype(np.int32) for line in lines if _drawable(image, line)
    ]
    for tint, width in ((INK, width_px + 2 * halo), (colour, width_px)):
        cv2.polylines(image, fine, False, tint, width, cv2.LINE_AA, _FINE)


def _draw_dot(image: ImageArray, point: FloatArray, radius_px: float, colour: Colour) -> None:
    if not _drawable(image, point):
        return
    x, y = (round(float(v) * (1 << _FINE)) for v in point)
    for tint, radius in ((INK, radius_px * 1.35), (colour, radius_px)):
        fine_radius = round(radius * (1 << _FINE))
        cv2.circle(image, (x, y), fine_radius, tint, -1, cv2.LINE_AA, _FINE)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Distances of the panels, pixels, for one size of picture."""

    margin: int
    pad: int
    bowl: int
    small_text: int

    @property
    def number_width(self) -> int:
        """Room for the widest number, kept free so that the panel stays calm."""
        return stencil(_WIDEST_NUMBER, round(_NUMBER_SIZE * self.small_text), BOLD).width_px

    @property
    def likely_sizes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """About how wide and high the gauge and the repetitions are, whatever they say."""
        lines = 1.45 + _NUMBER_SIZE + _LIKELY_LINES
        height = line_height_px(round(lines * self.small_text)) + 2 * self.pad
        gauge = (self.bowl + 3 * self.pad + self.number_width, height)
        return gauge, (3 * self.small_text + self.pad, 2 * self.small_text + self.pad)

    def place(self, corner: Corner, size: tuple[int, int], image: ImageArray) -> tuple[int, int]:
        """Left and top of a panel of a size in a corner."""
        (height, width), margin = image.shape[:2], self.margin
        x = max(margin, width - margin - size[0]) if corner.right else margin
        y = max(margin, height - margin - size[1]) if corner.low else margin
        return x, y

    @classmethod
    def of(cls, width: int, height: int) -> _Layout:
        short = min(width, height)
        return cls(
            margin=round(0.025 * short),
            pad=round(0.028 * short),
            bowl=round(0.19 * short),
            small_text=max(13, round(0.037 * short)),
        )


def _draw_panels(image: ImageArray, overlay: Overlay) -> None:
    """The gauge with its words in one corner, the repetitions in another."""
    layout = _Layout.of(image.shape[1], image.shape[0])
    words = _words(overlay, layout)
    if words:
        _draw_gauge(image, overlay, layout, words)
    if not overlay.rep_text:
        return
    line = stencil(overlay.rep_text, round(1.2 * layout.small_text), BOLD)
    width, height = line.width_px + 2 * layout.pad, line.opacity.shape[0] + layout.pad
    x, y = layout.place(overlay.reps_at, (width, height), image)
    _blend(image, _panel_opacity(width, height, layout.pad), x, y, INK)
    _blend(image, line.opacity, x + layout.pad, y + layout.pad // 2, NEUTRAL)


def _draw_gauge(
    image: ImageArray, overlay: Overlay, layout: _Layout, words: list[tuple[Stencil, Colour]]
) -> None:
    pad, bowl = layout.pad, layout.bowl
    text_height = sum(line.opacity.shape[0] for line, _ in words)
    text_width = max(layout.number_width, *(line.width_px for line, _ in words))
    width = bowl + 3 * pad + text_width
    height = max(round(0.82 * bowl), text_height) + 2 * pad
    left, top = layout.place(overlay.gauge_at, (width, height), image)
    _blend(image, _panel_opacity(width, height, pad), left, top, INK)
    centre = (left + pad + bowl / 2, top + height / 2 - 0.12 * bowl)
    _draw_bowl(image, centre, 0.41 * bowl, overlay)
    y = top + (height - text_height) // 2
    for line, colour in words:
        _blend(image, line.opacity, left + 2 * pad + bowl, y, colour)
        y += line.opacity.shape[0]


def _words(overlay: Overlay, layout: _Layout) -> list[tuple[Stencil, Colour]]:
    """The gauge's lines of text from top to bottom, each with its colour."""
    small = layout.small_text
    words: list[tuple[Stencil, Colour]] = []
    if overlay.headline:
        line = stencil(overlay.headline, round(1.45 * small), BOLD)
        words.append((line, _STANCE_COLOURS[overlay.stance]))
    number = tilt_text(overlay.tilt_deg, overlay.tilt_sd_deg)
    if number:
        words.append((stencil(number, round(_NUMBER_SIZE * small), BOLD), NEUTRAL))
    if overlay.detail:  # broken into short lines: a narrow panel finds room beside a person
        lines = wrapped(overlay.detail, small, REGULAR, layout.number_width)
        words.extend((line, NEUTRAL) for line in lines)
    return words


def _draw_bowl(
    image: ImageArray, centre: tuple[float, float], radius_px: float, overlay: Overlay
) -> None:
    """A bowl seen from the side, its water level; it turns with the pelvis."""
    reading = isfinite(overlay.tilt_deg)
    shown = _SHOWN_PER_TILT * overlay.tilt_deg if reading else 0.0
    shown = max(-_MOST_SHOWN_DEG, min(_MOST_SHOWN_DEG, shown)) * overlay.forward_sign
    colour = _STANCE_COLOURS[overlay.stance]
    outline, water, drops = _bowl_shape(round(shown * 4) / 4)
    place = np.array(centre)

    def put(shape: FloatArray) -> FloatArray:
        return cast("FloatArray", shape * radius_px + place)

    def fine(shape: FloatArray) -> cv2.typing.MatLike:
        return np.rint(put(shape) * (1 << _FINE)).astype(np.int32)

    if reading:
        cv2.fillPoly(image, [fine(water)], WATER, cv2.LINE_AA, _FINE)
        if overlay.stance in {Stance.FORWARD, Stance.BACKWARD}:
            for drop in drops:
                cv2.fillPoly(image, [fine(drop)], WATER, cv2.LINE_AA, _FINE)
    width = max(2, round(radius_px * 0.1))
    cv2.polylines(image, [fine(outline)], False, colour, width, cv2.LINE_AA, _FINE)


@lru_cache(maxsize=512)
def _bowl_shape(turn_deg: float) -> tuple[FloatArray, FloatArray, tuple[FloatArray, ...]]:
    """Outline, water and falling drops of a bowl of radius 1 around (0, 0), y down.

    Args:
        turn_deg: Clockwise turn; positive lowers the right rim.
    """
    angles = np.radians(np.linspace(0.0, 180.0, 49))
    bowl = np.column_stack([np.cos(angles), 0.82 * np.sin(angles)])
    c, s = cos(radians(turn_deg)), sin(radians(turn_deg))
    outline = bowl @ np.array([[c, s], [-s, c]])
    rim = outline[[0, -1]]
    lowest_rim = rim[rim[:, 1].argmax()]
    level = max(0.16, float(lowest_rim[1]) + 0.02)  # the water stays level and spills at the rim
    inside = 0.9 * outline
    water = inside[inside[:, 1] >= level]
    water = np.vstack([_at_level(inside, level, first=True), water, _at_level(inside, level)])
    side = 1.0 if turn_deg > 0 else -1.0
    drops = tuple(
        _drop(float(lowest_rim[0]) + side * 0.1, float(lowest_rim[1]) + fall, size)
        for fall, size in ((0.26, 0.09), (0.54, 0.07))
    )
    return outline, cast("FloatArray", water), drops


def _at_level(shape: FloatArray, level: float, *, first: bool = False) -> FloatArray:
    """Where an open curve crosses a height for the first or last time, shape (1, 2)."""
    below = np.flatnonzero(shape[:, 1] >= level)
    i = below[0] if first else below[-1]
    j = max(i - 1, 0) if first else min(i + 1, len(shape) - 1)
    if i == j:
        return shape[i : i + 1]
    share = (level - shape[j, 1]) / (shape[i, 1] - shape[j, 1])
    return cast("FloatArray", (shape[j] + share * (shape[i] - shape[j]))[None, :])


def _drop(x: float, y: float, radius: float) -> FloatArray:
    """A falling drop: round below, pointed above."""
    angles = np.radians(np.linspace(-40.0, 220.0, 25))
    ball = np.column_stack([np.cos(angles), np.sin(angles)]) * radius
    return cast("FloatArray", np.vstack([ball, [[0.0, -2.0 * radius]]]) + np.array([x, y]))


def _blend(image: ImageArray, opacity: MaskArray, x: int, y: int, colour: Colour) -> None:
    """Cover a part of the picture with a colour; what lies outside the picture is cut off."""
    part = image[max(y, 0) : y + opacity.shape[0], max(x, 0) : x + opacity.shape[1]]
    if part.size == 0:
        return
    top, left = max(-y, 0), max(-x, 0)
    cover = opacity[top : top + part.shape[0], left : left + part.shape[1]]
    tint = _tint(part.shape[0], part.shape[1], colour)
    part[:] = cv2.blendLinear(part, tint, 1 - cover, np.ascontiguousarray(cover))


@lru_cache(maxsize=64)
def _tint(height: int, width: int, colour: Colour) -> ImageArray:
    return np.full((height, width, 3), colour, np.uint8)


@lru_cache(maxsize=64)
def _panel_opacity(width: int, height: int, radius: int) -> MaskArray:
    """Shape (height, width): constant, with soft round corners."""
    fine = 4
    large = np.zeros((height * fine, width * fine), np.uint8)
    r, right, low = radius * fine, width * fine - 1, height * fine - 1
    cv2.rectangle(large, (r, 0), (right - r, low), 255, -1)
    cv2.rectangle(large, (0, r), (right, low - r), 255, -1)
    for corner in ((r, r), (right - r, r), (r, low - r), (right - r, low - r)):
        cv2.circle(large, corner, r, 255, -1)
    soft = cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)
    return cast("MaskArray", soft.astype(np.float32) * (_PANEL_OPACITY / 255))
