"""What one frame says about the body, before anything is known about the person.

``observe_body`` turns a pose and its contour into an :class:`Observation`: named measures for
people and exercises, and the contour for the tilt estimator. Head landmarks never
enter the tilt features, because a nod would then look like a tilt.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, nan, radians, sin

import numpy as np

from posture.contour import body_scale_px
from posture.datatypes import (
    Contour,
    Facing,
    Float32Array,
    FloatArray,
    Pose,
    Position,
    View,
)
from posture.geometry import angle_at_deg, lean_deg, wrap_deg, yaw_deg
from posture.landmarks import (
    ANKLES,
    EARS,
    ELBOWS,
    HEELS,
    HIPS,
    KNEES,
    SHOULDERS,
    TOES,
    WRISTS,
    BoolArray,
    Landmark,
    middle,
)

# A trunk turned less than this from straight-on counts as a front view, up to SIDE_FROM_DEG as
# three-quarter. A view is left only this much later than it is entered. Chosen by us: the model's
# own yaw wanders by about 15 degrees and is 5 too small.
THREE_QUARTER_FROM_DEG = 22.0
SIDE_FROM_DEG = 60.0
VIEW_STAYS_DEG = 6.0

# A nose higher up than this share of the picture may be a guess: a head that is out of the picture
# is pushed down to its border by the model.
HEAD_BELOW = 0.1

# Trunk below this elevation is lying; a thigh lifted beyond this while the trunk is up is sitting.
LYING_BELOW_DEG = 35.0
SITTING_THIGH_DEG = 50.0


@dataclass(frozen=True, slots=True)
class Measures:
    """Named quantities of one frame, absolute (not yet relative to neutral). NaN when unseen.

    Attributes:
        trunk_lean_deg: Hip-to-shoulder line against the vertical, forward positive.
        trunk_pitch_deg: The same in space, so that it is seen from the front too.
        thigh_lean_deg: Knee-to-hip line against the vertical, forward positive.
        shank_lean_deg: Ankle-to-knee line against the vertical, forward positive.
        knee_flexion_deg: Near knee in the picture, 0 is straight; means nothing from the front.
        knee_flexion_world_deg: Mean of both knees in space; for views from the front.
        shoulder_hip_knee_deg: Inner angle at the hip, near side.
        trunk_yaw_deg: Where the trunk faces: 0 the camera, +90 the picture's right.
        pelvis_yaw_deg: The model's hip line, same convention (follows the trunk: see its use).
        thorax_yaw_deg: The model's shoulder line, same convention.
        head_yaw_deg: The ears' line, same convention.
        head_pitch_deg: Ear-to-nose line below the horizontal.
        hip_height: Hip above the ankles, body-scale units.
        hip_shift: Hip ahead of the ankles (side view), or to the picture's right, body-scale units.
        ankle_x_px: Ankles' middle in the picture.
        ankle_y_px: The same, downwards.
        ankle_gap: Distance between the ankles, body-scale units.
        knee_gap: Distance between the knees, body-scale units.
        pelvis_list_deg: Slope of the hip line, person's left side up positive.
        hip_drop: Hip below the line from shoulder to knee, body-scale units (lying).
        shoulder_width: Width between the shoulders over the trunk's length, in the picture.
        hip_width: The same for the hips.
        elbow_back: The arms' furthest reach behind the hip-shoulder line, body-scale units.
        scale_px: Pixels per body-scale unit.
    """

    trunk_lean_deg: float = nan
    trunk_pitch_deg: float = nan
    thigh_lean_deg: float = nan
    shank_lean_deg: float = nan
    knee_flexion_deg: float = nan
    knee_flexion_world_deg: float = nan
    shoulder_hip_knee_deg: float = nan
    trunk_yaw_deg: float = nan
    pelvis_yaw_deg: float = nan
    thorax_yaw_deg: float = nan
    head_yaw_deg: float = nan
    head_pitch_deg: float = nan
    hip_height: float = nan
    hip_shift: float = nan
    ankle_x_px: float = nan
    ankle_y_px: float = nan
    ankle_gap: float = nan
    knee_gap: float = nan
    pelvis_list_deg: float = nan
    hip_drop: float = nan
    shoulder_width: float = nan
    hip_width: float = nan
    elbow_back: float = nan
    scale_px: float = nan


@dataclass(frozen=True, slots=True)
class Observation:
    """What is kept of a frame: small, without its picture and its mask.

    Attributes:
        index: The frame's index.
        time_s: The frame's time.
        image_size_px: Width and height of the analysed picture.
        brightness: Mean of the picture, 0 to 1.
        landmarks_px: Shape (33, 2), float32, or ``None`` when nobody was found.
        world_m: Shape (33, 3), float32, or ``None``.
        seen: Shape (33,), which landmarks lie on the body, or ``None``.
        contour: The outline near the pelvis; ``None`` without a person and in front views.
        measures: Named quantities.
        facing: Where the person looks.
        view: How the camera sees the body.
        position: Standing, sitting or lying.
        legs_crossed: Whether the ankles stand in the other order than the hips.
        surface_shift: Three-quarter view: how far the body's surface has gone since the key
            picture, shape (PLACE_COUNT,) of :mod:`posture.surface`, float32, or ``None``.
        surface_key: The key picture's index; -1 without one. Shifts since different keys have
            nothing to do with each other.
    """

    index: int
    time_s: float
    image_size_px: tuple[int, int]
    brightness: float
    landmarks_px: np.ndarray | None = None
    world_m: np.ndarray | None = None
    seen: BoolArray | None = None
    contour: Contour | None = None
    measures: Measures = Measures()
    facing: Facing = Facing.UNKNOWN
    view: View = View.UNKNOWN
    position: Position = Position.UNKNOWN
    legs_crossed: bool = False
    surface_shift: Float32Array | None = None
    surface_key: int = -1


def ankles_seen(observation: Observation) -> bool:
    """Whether a whole foot is in the picture; otherwise ankle and shank are a guess.

    Where the picture ends at the shin the model pushes the foot up to its border.
    """
    seen, points = observation.seen, observation.landmarks_px
    if seen is None or points is None:
        return False
    lowest_y = 0.97 * observation.image_size_px[1]
    return any(
        bool(seen[foot[0]]) and bool((points[list(foot), 1] < lowest_y).all())
        for foot in zip(ANKLES, HEELS, TOES, strict=True)
    )


def trunk_yaw_deg(pose: Pose) -> float:
    """Where the trunk faces: 0 the camera, +90 the picture's right, -90 its left, 180 away.

    The lines of shoulders, hips and knees in world coordinates, added as vectors. Of a head at the
    picture's upper border the model sees too little to place the shoulders: there the ankles' line
    stands in for theirs. Rendered people fitted on, seen from the side: with shoulders and hips
    alone the view is right in .992 of the frames (head out of the picture .81), so in .998 (.89).
    """
    height = pose.mask.shape[0]
    head_whole = pose.landmarks_px[Landmark.NOSE][1] > HEAD_BELOW * height
    lines = (SHOULDERS, HIPS, KNEES) if head_whole else (HIPS, KNEES, ANKLES)
    left, right = (pose.world_m[[line[side] for line in lines]].sum(axis=0) for side in (0, 1))
    return yaw_deg(left, right)


def view_of(yaw: float, before: View | None = None) -> View:
    """The camera's view of a body that faces ``yaw`` degrees.

    Args:
        yaw: Where the body faces, degrees.
        before: The view so far; it stays for a few degrees past its limits.
    """
    off_front = min(abs(yaw), 180.0 - abs(yaw))

    def beyond(limit_deg: float, *, was_beyond: bool) -> bool:
        if before is None:
            return off_front >= limit_deg
        return off_front >= limit_deg + (-VIEW_STAYS_DEG if was_beyond else VIEW_STAYS_DEG)

    if beyond(SIDE_FROM_DEG, was_beyond=before is View.SIDE):
        return View.SIDE
    off = beyond(THREE_QUARTER_FROM_DEG, was_beyond=before is not View.FRONT)
    return View.THREE_QUARTER if off else View.FRONT


def facing_of(pose: Pose, yaw: float) -> Facing:
    """Left or right from feet, nose and trunk together; camera or away in front views.

    In a side view the sign of the model's depth sometimes flips for a frame; the feet and the
    nose do not, so three witnesses vote, weighted by how far each points.
    """
    if view_of(yaw) is View.FRONT:
        return Facing.CAMERA if abs(yaw) < 90.0 else Facing.AWAY
    points = pose.landmarks_px
    scale = body_scale_px(points)
    feet = float(middle(points, TOES)[0] - middle(points, HEELS)[0]) / scale
    nose = float(points[Landmark.NOSE][0] - middle(points, EARS)[0]) / scale
    trunk = 0.12 * (1.0 if yaw > 0 else -1.0)
    return Facing.RIGHT if feet + nose + trunk > 0 else Facing.LEFT


def position_of(measures: Measures) -> Position:
    """Standing, sitting or lying, from the trunk and the thigh against the vertical."""
    if abs(measures.trunk_lean_deg) > 90.0 - LYING_BELOW_DEG:
        return Position.LYING
    if abs(measures.thigh_lean_deg) > SITTING_THIGH_DEG and measures.knee_flexion_deg > (
        SITTING_THIGH_DEG
    ):
        return Position.SITTING
    return Position.STANDING


def measure(pose: Pose, forward_sign: int) -> Measures:
    """All named quantities of a pose.

    Args:
        pose: One person.
        forward_sign: +1 when forward is the picture's right, -1 when it is its left.
    """
    points, world = pose.landmarks_px, pose.world_m
    shoulder, hip, knee, ankle = (middle(points, p) for p in (SHOULDERS, HIPS, KNEES, ANKLES))
    scale, faces_deg = body_scale_px(points), trunk_yaw_deg(pose)
    trunk_px = hypot(*(shoulder - hip))
    near = 0 if pose.depth_px[KNEES[0]] < pose.depth_px[KNEES[1]] else 1
    near_shoulder, near_hip, near_knee, near_ankle = (
        points[pair[near]] for pair in (SHOULDERS, HIPS, KNEES, ANKLES)
    )
    head = world[Landmark.NOSE] - middle(world, EARS)
    left_over_right = points[Landmark.LEFT_HIP] - points[Landmark.RIGHT_HIP]
    across = hypot(*left_over_right)
    return Measures(
        trunk_lean_deg=lean_deg(hip, shoulder, forward_sign),
        trunk_pitch_deg=_trunk_pitch_deg(world, faces_deg),
        thigh_lean_deg=lean_deg(knee, hip, forward_sign),
        shank_lean_deg=lean_deg(ankle, knee, forward_sign),
        knee_flexion_deg=180.0 - angle_at_deg(near_hip, near_knee, near_ankle),
        knee_flexion_world_deg=_knee_flexion_world_deg(world),
        shoulder_hip_knee_deg=angle_at_deg(near_shoulder, near_hip, near_knee),
        trunk_yaw_deg=faces_deg,
        pelvis_yaw_deg=yaw_deg(world[Landmark.LEFT_HIP], world[Landmark.RIGHT_HIP]),
        thorax_yaw_deg=yaw_deg(world[Landmark.LEFT_SHOULDER], world[Landmark.RIGHT_SHOULDER]),
        head_yaw_deg=yaw_deg(world[Landmark.LEFT_EAR], world[Landmark.RIGHT_EAR]),
        head_pitch_deg=float(np.degrees(np.arctan2(head[1], hypot(head[0], head[2])))),
        hip_height=float(ankle[1] - hip[1]) / scale,
        hip_shift=float(hip[0] - ankle[0]) * forward_sign / scale,
        ankle_x_px=float(ankle[0]),
        ankle_y_px=float(ankle[1]),
        ankle_gap=hypot(*(points[ANKLES[0]] - points[ANKLES[1]])) / scale,
        knee_gap=hypot(*(points[KNEES[0]] - points[KNEES[1]])) / scale,
        pelvis_list_deg=(
            float(np.degrees(np.arcsin(-left_over_right[1] / across))) if across > 0 else nan
        ),
        hip_drop=_below_line(shoulder, knee, hip) / scale,
        shoulder_width=hypot(*(points[SHOULDERS[0]] - points[SHOULDERS[1]])) / trunk_px,
        hip_width=across / trunk_px,
        elbow_back=_arm_reach_back(points, forward_sign, scale),
        scale_px=scale,
    )


def _knee_flexion_world_deg(world: FloatArray) -> float:
    legs = zip(HIPS, KNEES, ANKLES, strict=True)
    bends = [180.0 - angle_at_deg(*(world[joint] for joint in leg)) for leg in legs]
    return sum(bends) / len(bends)


def _trunk_pitch_deg(world: FloatArray, yaw: float) -> float:
    up = middle(world, SHOULDERS) - middle(world, HIPS)
    forward = up[0] * sin(radians(yaw)) - up[2] * cos(radians(yaw))
    return degrees(atan2(forward, -up[1]))


def _below_line(a: FloatArray, b: FloatArray, point: FloatArray) -> float:
    """How far ``point`` lies below the line through ``a`` and ``b``, pixels; NaN if vertical."""
    along, aside = (b - a, point - a) if b[0] > a[0] else (a - b, point - b)
    if along[0] == 0.0:
        return nan
    return float(along[0] * aside[1] - along[1] * aside[0]) / hypot(*along)


def _arm_reach_back(points: FloatArray, forward_sign: int, scale: float) -> float:
    """Furthest elbow or wrist behind the hip-shoulder line, body-scale units, backwards > 0."""
    shoulder, hip = middle(points, SHOULDERS), middle(points, HIPS)
    arms = points[[*ELBOWS, *WRISTS]]
    rise = float(hip[1] - shoulder[1])
    share = (hip[1] - arms[:, 1]) / rise if rise != 0.0 else np.zeros(len(arms))
    line_x = hip[0] + (shoulder[0] - hip[0]) * share
    return float(np.max((line_x - arms[:, 0]) * forward_sign)) / scale


def legs_crossed(pose: Pose) -> bool:
    """Whether the ankles stand in the other order than the hips, seen from front or behind."""
    points = pose.landmarks_px
    hips = points[HIPS[0]][0] - points[HIPS[1]][0]
    ankles = points[ANKLES[0]][0] - points[ANKLES[1]][0]
    return bool(hips * ankles < 0)


def turn_since_deg(now_deg: float, neutral_deg: float) -> float:
    """Turn since neutral, to the person's own left positive.

    ``yaw_deg`` grows when the person turns to their own left, whatever way they face.
    """
    return wrap_deg(now_deg - neutral_deg)
