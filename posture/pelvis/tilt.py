"""Pelvic tilt from the outline, relative to the person's own neutral.

An estimator is anything with the shape of :class:`TiltEstimator`; the pipeline knows no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import degrees, nan
from typing import Protocol

import numpy as np

from posture.contour import LINE_COUNT, LINE_HEIGHTS
from posture.datatypes import FloatArray, Position, Reason, TiltEstimate
from posture.features import Observation, ankles_seen
from posture.landmarks import BoolArray
from posture.pelvis.arms import covered_by_arm

POSE_FEATURES = (
    "trunk_lean_deg",
    "thigh_lean_deg",
    "shank_lean_deg",
    "knee_flexion_deg",
    "shoulder_hip_knee_deg",
    "hip_shift",
    "hip_height",
    "elbow_back",
    "hip_width",
    "shoulder_width",
)
ANKLE_FEATURES = ("shank_lean_deg", "knee_flexion_deg", "hip_shift", "hip_height")
BACK = slice(0, LINE_COUNT)
FRONT = slice(LINE_COUNT, 2 * LINE_COUNT)
JOINTS = slice(2 * LINE_COUNT, 2 * LINE_COUNT + len(POSE_FEATURES))
COVERED = slice(JOINTS.stop, JOINTS.stop + LINE_COUNT)
FEATURE_COUNT = COVERED.stop


def tilt_features(observation: Observation, covered: BoolArray | None = None) -> FloatArray:
    """The numbers that tilt is read from.

    Args:
        observation: A frame with a contour.
        covered: Lines that may end at an arm, where that is known already.

    Returns:
        Shape (FEATURE_COUNT,): back edge, front edge (body-scale units, NaN where there is no
        edge), ``POSE_FEATURES`` (NaN where they need ankles that are out of the picture), and 1
        for lines whose back edge may be an arm's, else 0. All NaN without a contour.
    """
    contour = observation.contour
    if contour is None:
        return np.full(FEATURE_COUNT, np.nan)
    pose = [getattr(observation.measures, name) for name in POSE_FEATURES]
    if not ankles_seen(observation):
        for name in ANKLE_FEATURES:
            pose[POSE_FEATURES.index(name)] = np.nan
    covered = covered_by_arm(observation) if covered is None else covered
    return np.concatenate([contour.back, contour.front, pose, covered])


class TiltEstimator(Protocol):
    """Turns features into a tilt. Stateless; smoothing comes after it."""

    @property
    def name(self) -> str:
        """Short name and version, for summaries."""

    def estimate(
        self, features: FloatArray, neutral: FloatArray, position: Position
    ) -> TiltEstimate:
        """Tilt of one frame relative to neutral.

        Args:
            features: Shape (FEATURE_COUNT,), from :func:`tilt_features`.
            neutral: The same at the person's neutral.
            position: What the body does, now and in neutral.
        """


@dataclass(frozen=True, slots=True)
class ContourTiltSettings:
    """The back-contour formula.

    Attributes:
        band: Lines just above the hip, body-scale units, over which the back's slope is taken.
        gain: Degrees of pelvis per degree of slope; the outline follows the bone by two thirds
            (rendered bodies of known tilt).
        lean_share: How much of a change of trunk lean shows in the slope without any tilt.
        sd_deg: Uncertainty at neutral.
        sd_per_deg: How it grows with the tilt.
        furthest_deg: Larger changes are not a pelvis any more.
    """

    band: tuple[float, float] = (0.02, 0.24)
    gain: float = 1.5
    lean_share: float = 0.5
    sd_deg: float = 2.5
    sd_per_deg: float = 0.25
    furthest_deg: float = 35.0


class ContourTilt:
    """Slope of the back's outline just above the hip, minus its slope at neutral.

    Anterior tilt pushes the buttocks back and draws the hollow of the back forward, so the back
    edge above the hip runs forward more steeply. Not valid for a covered back or a view that is
    not side-on; the quality gate keeps those away.
    """

    name = "back-contour/1"

    def __init__(self, settings: ContourTiltSettings | None = None) -> None:
        self._settings = settings or ContourTiltSettings()
        low, high = self._settings.band
        self._band = np.flatnonzero((low <= LINE_HEIGHTS) & (high >= LINE_HEIGHTS))
        self._lean = JOINTS.start + POSE_FEATURES.index("trunk_lean_deg")

    def estimate(
        self,
        features: FloatArray,
        neutral: FloatArray,
        position: Position,  # noqa: ARG002  one formula for all
    ) -> TiltEstimate:
        """See :meth:`TiltEstimator.estimate`."""
        settings = self._settings
        slope_deg = self._slope_deg(features) - self._slope_deg(neutral)
        lean_deg = features[self._lean] - neutral[self._lean]
        tilt_deg = settings.gain * float(slope_deg - settings.lean_share * lean_deg)
        if np.isnan(tilt_deg):
            return TiltEstimate(nan, nan, Reason.OUTLINE_UNCLEAR)
        if abs(tilt_deg) > settings.furthest_deg:
            return TiltEstimate(nan, nan, Reason.UNFAMILIAR_POSTURE)
        return TiltEstimate(tilt_deg, settings.sd_deg + settings.sd_per_deg * abs(tilt_deg))

    def _slope_deg(self, features: FloatArray) -> float:
        """Forward slope of the back edge over the band against the vertical, degrees."""
        back = features[BACK][self._band]
        there = ~np.isnan(back)
        if there.sum() < len(back) // 2 + 1:
            return nan
        height = LINE_HEIGHTS[self._band][there]
        centred = height - height.mean()
        slope = float(centred @ (back[there] - back[there].mean()) / (centred @ centred))
        return degrees(np.arctan(-slope))
