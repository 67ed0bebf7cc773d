"""When a reading may be given, and the reason when it may not.

The gate looks at where landmarks lie, never at the model's own 'visibility' alone: that is .9
for hips behind a desk.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from posture.datatypes import Facing, Position, Reason, View
from posture.features import Observation
from posture.landmarks import HIPS, KNEES, SHOULDERS, BoolArray, Landmark, thigh_trunks
from posture.pelvis.arms import covered_by_arm


class Reading(StrEnum):
    """Which quantity an exercise lives by."""

    TILT = "tilt"
    YAW = "yaw"
    LIFT = "lift"
    POSTURE = "posture"


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """Limits of the gate.

    Attributes:
        min_scale_px: Smallest trunk-plus-thigh length. Below it one mask pixel is more than
            a degree of tilt (chosen by us).
        min_contour_share: Share of the lines near the pelvis that must have a back edge.
        max_arm_share: Share of the lines near the pelvis that may end at an arm. A hand on the
            sacrum covers a quarter to four in ten and moves with it.
        pelvis_band: Lowest and highest line, body-scale units, that the tilt is read from.
        min_sharpness: Median mask slope per pixel times the scale; softer is no edge.
    """

    min_scale_px: float = 90.0
    min_contour_share: float = 0.85
    max_arm_share: float = 0.6
    pelvis_band: tuple[float, float] = (-0.12, 0.28)
    min_sharpness: float = 4.0


def why_not(
    observation: Observation,
    reading: Reading,
    settings: QualitySettings,
    covered: BoolArray | None = None,
) -> Reason | None:
    """The first reason why this frame cannot give a reading, or ``None``.

    Args:
        observation: One frame's observation.
        reading: The quantity wanted.
        settings: Limits.
        covered: Lines that may end at an arm, where that is known already.
    """
    reason = _body_in_picture(observation, settings)
    if reason is not None:
        return reason
    if reading is Reading.YAW:
        return None if observation.view is View.THREE_QUARTER else Reason.NOT_THREE_QUARTER
    if reading is Reading.POSTURE:
        return None
    if observation.view is not View.SIDE and observation.position is not Position.LYING:
        return Reason.NOT_SIDE_ON
    if reading is Reading.LIFT:
        return None if observation.position is Position.LYING else Reason.WRONG_POSITION
    return _outline(observation, settings, covered)


def _body_in_picture(observation: Observation, settings: QualitySettings) -> Reason | None:
    seen = observation.seen
    if seen is None or observation.landmarks_px is None:
        return Reason.NOBODY

    def missing(pair: tuple[Landmark, Landmark]) -> bool:
        return not (seen[pair[0]] or seen[pair[1]])

    if missing(HIPS):
        return Reason.HIPS_NOT_VISIBLE
    if missing(SHOULDERS):
        return Reason.SHOULDERS_NOT_VISIBLE
    if missing(KNEES):
        return Reason.KNEES_NOT_VISIBLE
    if not _plausible(observation):
        return Reason.HIPS_NOT_VISIBLE
    if observation.measures.scale_px < settings.min_scale_px:
        return Reason.TOO_SMALL
    return None


def _plausible(observation: Observation) -> bool:
    """Whether trunk and thigh have a body's proportions; widely, for a joint centre is a guess."""
    world = observation.world_m
    return world is not None and 0.45 <= thigh_trunks(world) <= 1.6


def _outline(
    observation: Observation, settings: QualitySettings, covered: BoolArray | None
) -> Reason | None:
    contour = observation.contour
    if contour is None:
        return Reason.OUTLINE_UNCLEAR
    low, high = settings.pelvis_band
    band = (contour.height >= low) & (contour.height <= high)
    lines, edgeless = (np.count_nonzero(which) for which in (band, np.isnan(contour.back[band])))
    if (lines - edgeless) / lines < settings.min_contour_share:
        return Reason.OUTLINE_UNCLEAR
    # The median; numpy's own takes longer than all the rest of the gate.
    ordered = np.sort(contour.sharpness[band])
    sharpness = (ordered[(lines - 1) // 2] + ordered[lines // 2]) / 2 * contour.scale_px
    if sharpness < settings.min_sharpness:
        return Reason.OUTLINE_UNCLEAR
    if observation.position is Position.LYING:
        return None
    covered = covered_by_arm(observation) if covered is None else covered
    if np.count_nonzero(covered[band]) / lines > settings.max_arm_share:
        return Reason.BACK_COVERED
    return None


def facing_changed(observation: Observation, neutral_facing: Facing) -> bool:
    """Whether the person turned round since neutral, so that neutral no longer fits."""
    sides = {Facing.LEFT, Facing.RIGHT}
    return (
        observation.facing in sides
        and neutral_facing in sides
        and (observation.facing is not neutral_facing)
    )
