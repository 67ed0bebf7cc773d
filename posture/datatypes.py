"""The types that flow from stage to stage.

Conventions, which hold everywhere:

* Image coordinates are pixels, x to the right and y **down**, suffix ``_px``.
* Angles are degrees, suffix ``_deg``. Times are seconds from the first frame, suffix ``_s``.
* Anterior (forward) pelvic tilt is positive and is relative to the session's own neutral.
* Yaw is positive when the body part turns to the person's own left.
* A missing number is NaN, nobody is ``None``, and "cannot judge" is a :class:`Reason`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import nan

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]
ImageArray = npt.NDArray[np.uint8]
MaskArray = npt.NDArray[np.float32]


class Facing(StrEnum):
    """Where the person looks, as seen in the picture."""

    LEFT = "left"
    RIGHT = "right"
    CAMERA = "camera"
    AWAY = "away"
    UNKNOWN = "unknown"


class View(StrEnum):
    """How the camera sees the trunk."""

    SIDE = "side"
    THREE_QUARTER = "three_quarter"
    FRONT = "front"
    UNKNOWN = "unknown"


class Position(StrEnum):
    """What the body as a whole does."""

    STANDING = "standing"
    SITTING = "sitting"
    LYING = "lying"
    UNKNOWN = "unknown"


class Stance(StrEnum):
    """The pelvis relative to the person's own neutral."""

    NEUTRAL = "neutral"
    FORWARD = "forward"
    BACKWARD = "backward"


class Quality(StrEnum):
    """How far the pelvis reading can be trusted."""

    GOOD = "good"
    FAIR = "fair"
    NONE = "none"


class Reason(StrEnum):
    """Why there is no reading (or only a fair one). Each has a sentence in every language."""

    NOBODY = "nobody"
    TOO_SMALL = "too_small"
    HIPS_NOT_VISIBLE = "hips_not_visible"
    KNEES_NOT_VISIBLE = "knees_not_visible"
    SHOULDERS_NOT_VISIBLE = "shoulders_not_visible"
    NOT_SIDE_ON = "not_side_on"
    NOT_THREE_QUARTER = "not_three_quarter"
    BACK_COVERED = "back_covered"
    OUTLINE_UNCLEAR = "outline_unclear"
    UNFAMILIAR_POSTURE = "unfamiliar_posture"
    WRONG_POSITION = "wrong_position"
    TURNED_ROUND = "turned_round"
    NOT_CALIBRATED = "not_calibrated"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture from a file or a camera.

    Attributes:
        index: Count of decoded frames, from 0.
        time_s: Capture time, seconds from the first frame; strictly rising.
        image_rgb: Picture, shape (height, width, 3), uint8, RGB, C-contiguous.
    """

    index: int
    time_s: float
    image_rgb: ImageArray


@dataclass(frozen=True, slots=True)
class Pose:
    """What the pose model says about one person.

    Attributes:
        landmarks_px: Shape (33, 2), image pixels; may lie outside the picture.
        depth_px: Shape (33,), pixels, smaller is nearer to the camera, relative to the hips.
        visibility: Shape (33,), 0 to 1. Never trust it alone: it is high for hidden hips too.
        world_m: Shape (33, 3), metres, origin between the hips, x right, y down, z away.
        mask: Person confidence 0 to 1 per pixel, shape (height, width).
    """

    landmarks_px: FloatArray
    depth_px: FloatArray
    visibility: FloatArray
    world_m: FloatArray
    mask: MaskArray


@dataclass(frozen=True, slots=True)
class Contour:
    """Front and back edge of the body along horizontal lines from shoulder to knee.

    The lines lie at fixed fractions of ``scale_px`` above and below the near hip, so row *i*
    means the same place on every body. For a lying person all of it is turned a quarter: the
    lines are vertical, "above the hip" is towards the head, the back is below and the front above.

    Attributes:
        height: Shape (n,), body-scale units above the hip (positive is up).
        back: Shape (n,), float32 (kept for every frame), horizontal distance hip to back edge,
            body-scale units, positive backwards; NaN where the line leaves the body or the picture.
        front: Shape (n,), the same to the front edge, positive forwards.
        sharpness: Shape (n,), float32, mask slope at the back edge, per pixel.
        scale_px: Pixels per body-scale unit.
        origin_px: The hip's image position (x, y).
        forward_sign: +1 when the person faces the picture's right, -1 for left.
        turned: 0 upright; lying, +1 with the head at the picture's right and -1 at its left.
    """

    height: FloatArray
    back: Float32Array
    front: Float32Array
    sharpness: Float32Array
    scale_px: float
    origin_px: FloatArray
    forward_sign: int
    turned: int = 0


@dataclass(frozen=True, slots=True)
class PostureSample:
    """Everything the exercises may know about one moment. NaN where it is not measured.

    Attributes:
        time_s: Seconds from the first frame.
        quality: Trust in the pelvis reading (tilt, yaw or lift, whichever the position calls for).
        reason: Why ``quality`` is not good; ``None`` when it is.
        person: Whether anybody was found at all.
        facing: Where the person looks.
        view: How the camera sees the trunk.
        position: Standing, sitting or lying.
        stance: Stance after hysteresis and dwell; ``None`` without a tilt reading.
        pelvic_tilt_deg: Pelvic tilt relative to neutral, anterior positive.
        pelvic_tilt_sd_deg: Standard uncertainty of the tilt.
        trunk_lean_deg: Hip-to-shoulder line against the vertical in the picture: forward lean
            positive in a side view, sideways in a front view.
        trunk_pitch_deg: The trunk's forward lean in space, forward positive; for front views.
        knee_flexion_deg: 0 is a straight near knee.
        pelvis_yaw_deg: Turn of the pelvis relative to neutral, to the person's left positive.
        pelvis_yaw_sd_deg: Its standard uncertainty.
        thorax_yaw_deg: Turn of the shoulders relative to neutral, to the person's left positive.
        head_yaw_deg: Turn of the head relative to neutral, to the person's left positive.
        head_pitch_deg: Nod of the head relative to neutral, looking down positive.
        shoulder_hip_knee_deg: 2D angle at the near hip; 180 is a straight line.
        lift_fraction: Lying: hip height above rest as a part of the height at which shoulder,
            hip and knee are in line; 0 resting, 1 in line.
        hip_height: Hip above the ankles relative to neutral, body-scale units, up positive.
        hip_shift: Hip over the ankles relative to neutral, body-scale units, forward positive in
            a side view, to the person's left positive otherwise.
        ankle_shift: How far the feet moved from where they were in neutral, body-scale units.
        pelvis_list_deg: Front views: slope of the hip line, person's left side up positive.
        knee_spread: Front views: distance between the knees over distance between the ankles.
        legs_crossed: Whether the ankles (or knees) are crossed.
        trunk_yaw_deg: Where the trunk faces: 0 the camera, +90 the picture's right, -90 its left.
    """

    time_s: float
    quality: Quality = Quality.NONE
    reason: Reason | None = Reason.NOBODY
    person: bool = False
    facing: Facing = Facing.UNKNOWN
    view: View = View.UNKNOWN
    position: Position = Position.UNKNOWN
    stance: Stance | None = None
    pelvic_tilt_deg: float = nan
    pelvic_tilt_sd_deg: float = nan
    trunk_lean_deg: float = nan
    trunk_pitch_deg: float = nan
    knee_flexion_deg: float = nan
    pelvis_yaw_deg: float = nan
    pelvis_yaw_sd_deg: float = nan
    thorax_yaw_deg: float = nan
    head_yaw_deg: float = nan
    head_pitch_deg: float = nan
    shoulder_hip_knee_deg: float = nan
    lift_fraction: float = nan
    hip_height: float = nan
    hip_shift: float = nan
    ankle_shift: float = nan
    pelvis_list_deg: float = nan
    knee_spread: float = nan
    legs_crossed: bool = False
    trunk_yaw_deg: float = nan


class Verdict(StrEnum):
    """What the coach says about one repetition."""

    GOOD = "good"
    IMPROVE = "improve"
    CANNOT_JUDGE = "cannot_judge"


class RepKind(StrEnum):
    """What a repetition is of."""

    FORWARD = "forward"
    BACKWARD = "backward"
    LEFT = "left"
    RIGHT = "right"
    LIFT = "lift"
    BEND = "bend"
    PRESS = "press"
    WAVE = "wave"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Rep:
    """One repetition, complete.

    Attributes:
        index: Count within the session, from 1.
        kind: What moved and to which side.
        start_s: When the movement left rest.
        peak_s: When it was furthest.
        end_s: When it was back.
        amplitude: Size at the peak, in ``unit``.
        unit: ``deg`` or ``fraction`` or ``s``.
        verdict: Good, improve, or cannot judge.
        faults: Ids of the faults seen in it, most important first.
        hold_s: Time spent near the peak.
        measures: Further numbers with their names, for example ``("isolation", 0.8)``; all finite.
    """

    index: int
    kind: RepKind
    start_s: float
    peak_s: float
    end_s: float
    amplitude: float
    unit: str
    verdict: Verdict
    faults: tuple[str, ...] = ()
    hold_s: float = 0.0
    measures: tuple[tuple[str, float], ...] = ()


class EventKind(StrEnum):
    """What happened."""

    PHASE = "phase"
    REP = "rep"
    FAULT = "fault"
    PAUSED = "paused"
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True)
class Event:
    """Something the coach may speak of.

    Attributes:
        time_s: When.
        kind: What kind of thing.
        id: Which: a phase's name, a fault's id, a reason, a repetition's kind.
        rep: The finished repetition, for ``EventKind.REP``.
    """

    time_s: float
    kind: EventKind
    id: str
    rep: Rep | None = None


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A stretch of time, both ends included."""

    start_s: float
    end_s: float

    def __contains__(self, time_s: float) -> bool:
        return self.start_s <= time_s <= self.end_s


@dataclass(frozen=True, slots=True)
class TiltEstimate:
    """An estimator's answer for one frame.

    Attributes:
        tilt_deg: Pelvic tilt relative to neutral, anterior positive; NaN when refused.
        sd_deg: Its standard uncertainty.
        reason: Why it was refused; ``None`` when it was not.
    """

    tilt_deg: float
    sd_deg: float
    reason: Reason | None = field(default=None)
