"""The order of the stages, for recorded and live alike.

    frame -> landmarker -> contour + features            `Perception.observe`, knows no person
          -> calibration, tilt, stance, quality
          -> exercise                                    `Interpreter.interpret`, knows one session

``Pipeline.process(frame)`` is the one after the other. A recording runs the first half over the
whole file, takes neutral from it, and then runs the second: every frame passes each stage once.
Neither half knows a clock or a source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import cos, hypot, inf, isnan, nan, radians, sin
from operator import attrgetter
from typing import Any, Protocol

import numpy as np

from posture.contour import trace_contour, trace_lying_contour
from posture.datatypes import (
    Event,
    Facing,
    Frame,
    Pose,
    Position,
    PostureSample,
    Quality,
    View,
)
from posture.exercises.exercise import Exercise
from posture.features import (
    Measures,
    Observation,
    facing_of,
    legs_crossed,
    measure,
    position_of,
    trunk_yaw_deg,
    turn_since_deg,
    view_of,
)
from posture.judgement import Judgement, judge
from posture.landmarks import seen
from posture.pelvis.calibration import Calibration, NeutralSettings
from posture.pelvis.quality import QualitySettings
from posture.pelvis.rotation import TurnEstimator
from posture.pelvis.stance import StanceSettings, StanceTracker
from posture.pelvis.tilt import ContourTilt, TiltEstimator
from posture.smoothing import OneEuro, OneEuroSettings
from posture.surface import Optics, SurfaceShift


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """Every stage's settings in one place.

    Attributes:
        quality: The gate.
        neutral: What a natural, still stance is.
        stance: Hysteresis and dwell.
        scale_smoothing: Of the body's size in the picture, pixels.
        yaw_smoothing: Of the trunk's direction, per component.
        tilt_smoothing: Of the tilt, degrees.
        angle_smoothing: Of every other angle, degrees.
        length_smoothing: Of lengths in body-scale units.
        facing_dwell_s: How long the person must look the other way before it is believed.
        view_settles_s: A view must have been seen for so long before it stays past its limits.
            Otherwise somebody at a limit keeps the view of the first picture (rendered people
            fitted on: right view from the side .960 -> .968, at three quarters .985 -> .995).
        fair_from_sd_deg: A tilt less certain than this is only a fair reading.
    """

    quality: QualitySettings = QualitySettings()
    neutral: NeutralSettings = NeutralSettings()
    stance: StanceSettings = StanceSettings()
    scale_smoothing: OneEuroSettings = OneEuroSettings(min_cutoff_hz=0.5, beta=0.002)
    yaw_smoothing: OneEuroSettings = OneEuroSettings(min_cutoff_hz=0.8, beta=0.5)
    tilt_smoothing: OneEuroSettings = OneEuroSettings(min_cutoff_hz=0.7, beta=0.12)
    angle_smoothing: OneEuroSettings = OneEuroSettings(min_cutoff_hz=1.5, beta=0.1)
    length_smoothing: OneEuroSettings = OneEuroSettings(min_cutoff_hz=1.5, beta=6.0)
    facing_dwell_s: float = 0.4
    view_settles_s: float = 1.0
    fair_from_sd_deg: float = 5.0


# The pose model puts the hips of somebody lying this much too near the line from shoulder to knee,
# body-scale units (rendered people of the split "train", at rest and lifted).
HIP_SEEN_HIGH = 0.025

DEFAULT_SETTINGS = PipelineSettings()
_QUANTITIES = tuple(field.name for field in fields(PostureSample))


class Landmarker(Protocol):
    """Anything that finds one person's pose, frame after frame."""

    def detect(self, frame: Frame) -> Pose | None:
        """The person in the next frame, or ``None``."""


@dataclass(frozen=True, slots=True)
class Result:
    """What ``process`` says about one frame.

    Attributes:
        observation: What was seen.
        sample: What it means.
        events: What the exercise made of it.
        phase: The exercise's phase after this frame.
        rep: Repetitions finished so far.
    """

    observation: Observation
    sample: PostureSample
    events: tuple[Event, ...]
    phase: str
    rep: int


class Perception:
    """From a picture to an observation. Keeps what steadies it, and a key picture.

    Args:
        landmarker: Finds the pose.
        settings: Every stage's settings.
        optics: Compares pictures with the key; without them no surface shift is read.
    """

    def __init__(
        self,
        landmarker: Landmarker,
        settings: PipelineSettings = DEFAULT_SETTINGS,
        optics: Optics | None = None,
    ) -> None:
        self._landmarker = landmarker
        self._settings = settings
        self._surface = None if optics is None else SurfaceShift(optics)
        self._scale = OneEuro(settings.scale_smoothing)
        self._yaw = (OneEuro(settings.yaw_smoothing), OneEuro(settings.yaw_smoothing))
        self._view: View | None = None
        self._view_since_s = inf
        self._facing = Facing.UNKNOWN
        self._other_facing_since_s = nan

    def observe(self, frame: Frame) -> Observation:
        """See the person in a frame.

        Args:
            frame: The next frame; times must rise.
        """
        height, width = frame.image_rgb.shape[:2]
        brightness = float(frame.image_rgb[::16, ::16].mean()) / 255.0
        pose = self._landmarker.detect(frame)
        if pose is None or not np.isfinite(pose.landmarks_px).all():
            return Observation(frame.index, frame.time_s, (width, height), brightness)
        yaw = self._steady_yaw_deg(trunk_yaw_deg(pose), frame.time_s)
        self._view = self._steady_view(yaw, frame.time_s)
        facing = self._steady_facing(facing_of(pose, yaw), frame.time_s)
        sign = -1 if facing is Facing.LEFT else 1
        measures = measure(pose, sign)
        scale_px = self._scale(measures.scale_px, frame.time_s)
        position = position_of(measures)
        on_body = seen(pose)
        contour = None
        if scale_px >= 1.0 and position is Position.LYING:
            contour = trace_lying_contour(pose, scale_px)
        elif scale_px >= 1.0 and self._view is not View.FRONT:
            contour = trace_contour(pose, scale_px, sign)
        shift, key = None, -1
        if self._surface is not None and contour is not None and self._view is View.THREE_QUARTER:
            shift, key = self._surface.read(frame, pose, contour, facing)
        return Observation(
            index=frame.index,
            time_s=frame.time_s,
            image_size_px=(width, height),
            brightness=brightness,
            landmarks_px=pose.landmarks_px.astype(np.float32),
            world_m=pose.world_m.astype(np.float32),
            seen=on_body,
            contour=contour,
            measures=measures,
            facing=facing,
            view=self._view,
            position=position,
            legs_crossed=legs_crossed(pose),
            surface_shift=shift,
            surface_key=key,
        )

    def _steady_yaw_deg(self, yaw: float, time_s: float) -> float:
        x = self._yaw[0](cos(radians(yaw)), time_s)
        y = self._yaw[1](sin(radians(yaw)), time_s)
        return float(np.degrees(np.arctan2(y, x)))

    def _steady_view(self, yaw: float, time_s: float) -> View:
        settled = time_s - self._view_since_s >= self._settings.view_settles_s
        view = view_of(yaw, self._view if settled else None)
        if view is not self._view:
            self._view_since_s = time_s
        return view

    def _steady_facing(self, facing: Facing, time_s: float) -> Facing:
        if facing is self._facing or self._facing is Facing.UNKNOWN:
            self._facing, self._other_facing_since_s = facing, nan
        elif isnan(self._other_facing_since_s):
            self._other_facing_since_s = time_s
        elif time_s - self._other_facing_since_s >= self._settings.facing_dwell_s:
            self._facing, self._other_facing_since_s = facing, nan
        return self._facing


class Interpreter:
    """From observations to samples, stances and repetitions, for one person and one session.

    Args:
        exercise: What is being practised.
        calibration: The person's neutral; without it no tilt is given.
        estimator: Where the tilt comes from.
        settings: Every stage's settings.
        turn_estimator: Where the pelvis's turn comes from; without one no turn is given.
    """

    def __init__(
        self,
        exercise: Exercise,
        calibration: Calibration | None = None,
        estimator: TiltEstimator | None = None,
        settings: PipelineSettings = DEFAULT_SETTINGS,
        turn_estimator: TurnEstimator | None = None,
    ) -> None:
        self._exercise = exercise
        self._estimator = estimator or ContourTilt()
        self._turn_estimator = turn_estimator
        self._settings = settings
        self.calibrate(calibration)

    def calibrate(self, calibration: Calibration | None) -> None:
        """Start afresh from a neutral: equal to a new interpreter."""
        self.calibration = calibration
        self.state = self._exercise.initial_state()
        self._tilt = OneEuro(self._settings.tilt_smoothing)
        self._stance = StanceTracker(self._settings.stance)
        self._smooth: dict[str, OneEuro] = {}

    def interpret(self, observation: Observation) -> Result:
        """Say what an observation means, and let the exercise take its step.

        Args:
            observation: The next one; times must rise.
        """
        judgement = judge(
            observation,
            self._exercise.reading,
            self.calibration,
            self._settings.quality,
            self._estimator,
            self._turn_estimator,
        )
        return self.interpret_all((observation,), (judgement,))[0]

    def interpret_all(
        self, observations: Sequence[Observation], judged: Sequence[Judgement]
    ) -> tuple[Result, ...]:
        """The same for many in turn, which takes less time together.

        Args:
            observations: The next ones; times must rise.
            judged: What each says by itself.
        """
        results = []
        samples = self._samples(observations, judged)
        for observation, sample in zip(observations, samples, strict=True):
            self.state, events = self._exercise.step(self.state, sample)
            phase, reps = self.state.phase, len(self.state.reps)
            results.append(Result(observation, sample, events, phase, reps))
        return tuple(results)

    def finish(self) -> tuple[Event, ...]:
        """The input has ended: let the exercise close what is open."""
        self.state, events = self._exercise.finish(self.state)
        return events

    def _samples(
        self, observations: Sequence[Observation], judged: Sequence[Judgement]
    ) -> list[PostureSample]:
        """What they mean apart from the exercise, one quantity after the other."""
        times_s = [seen.time_s for seen in observations]
        tilts_deg = self._tilt.series([now.tilt.tilt_deg for now in judged], times_s)
        columns: dict[str, list[Any]] = {
            "time_s": times_s,
            "quality": list(map(self._quality, judged, tilts_deg)),
            "reason": [now.reason for now in judged],
            "person": [seen.landmarks_px is not None for seen in observations],
            "facing": [seen.facing for seen in observations],
            "view": [seen.view for seen in observations],
            "position": [seen.position for seen in observations],
            "stance": list(map(self._stance, tilts_deg, times_s)),
            "pelvic_tilt_deg": tilts_deg,
            "pelvic_tilt_sd_deg": [now.tilt.sd_deg for now in judged],
            "pelvis_yaw_sd_deg": [now.turn.pelvis_sd_deg for now in judged],
            "legs_crossed": [seen.legs_crossed for seen in observations],
            "trunk_yaw_deg": [seen.measures.trunk_yaw_deg for seen in observations],
        }
        for name, values in self._relative(observations, judged).items():
            columns[name] = self._smoothed(name, values, times_s)
        unknown = [nan] * len(times_s)
        return list(map(PostureSample, *(columns.get(name, unknown) for name in _QUANTITIES)))

    def _quality(self, now: Judgement, tilt_deg: float) -> Quality:
        if now.reason is not None:
            return Quality.NONE
        fair = not isnan(tilt_deg) and now.tilt.sd_deg > self._settings.fair_from_sd_deg
        return Quality.FAIR if fair else Quality.GOOD

    def _relative(
        self, observations: Sequence[Observation], judged: Sequence[Judgement]
    ) -> dict[str, list[float]]:
        """The samples' other quantities; NaN, or left out, where neutral is needed and missing."""
        measures = [seen.measures for seen in observations]
        from_side, neutral = View.SIDE in self._exercise.views, self.calibration
        knee = "knee_flexion_deg" if from_side else "knee_flexion_world_deg"
        raw = {
            "trunk_lean_deg": [m.trunk_lean_deg for m in measures],
            "trunk_pitch_deg": [m.trunk_pitch_deg for m in measures],
            "knee_flexion_deg": list(map(attrgetter(knee), measures)),
            "shoulder_hip_knee_deg": [m.shoulder_hip_knee_deg for m in measures],
            "pelvis_list_deg": [m.pelvis_list_deg for m in measures],
            "knee_spread": [m.knee_gap / m.ankle_gap if m.ankle_gap > 0 else nan for m in measures],
            "pelvis_yaw_deg": [now.turn.pelvis_deg for now in judged],
            "thorax_yaw_deg": [now.turn.thorax_deg for now in judged],
        }
        if neutral is None:
            return raw
        since = _since_neutral(measures, neutral.measures)
        pairs = zip(raw["thorax_yaw_deg"], since["thorax_yaw_deg"], strict=True)
        since["thorax_yaw_deg"] = [seen if isnan(read) else read for read, seen in pairs]
        if neutral.position is Position.LYING and neutral.measures.hip_drop > 0:
            rest = neutral.measures.hip_drop
            since["lift_fraction"] = [
                (rest - m.hip_drop) / (rest + HIP_SEEN_HIGH) for m in measures
            ]
        return raw | since

    def _smoothed(self, name: str, values: list[float], times_s: list[float]) -> list[float]:
        if name not in self._smooth:
            settings = self._settings
            self._smooth[name] = OneEuro(
                settings.angle_smoothing if name.endswith("_deg") else settings.length_smoothing
            )
        return self._smooth[name].series(values, times_s)


class Pipeline:
    """Perception and interpretation, one frame at a time."""

    def __init__(self, perception: Perception, interpreter: Interpreter) -> None:
        self.perception = perception
        self.interpreter = interpreter

    def process(self, frame: Frame) -> Result:
        """What a frame shows and means.

        Args:
            frame: The next frame; times must rise.
        """
        return self.interpreter.interpret(self.perception.observe(frame))


def _since_neutral(measures: Sequence[Measures], neutral: Measures) -> dict[str, list[float]]:
    """Changes since neutral, under the sample's names; lengths in neutral's body-scale units."""
    grown = [m.scale_px / neutral.scale_px for m in measures]
    sized = list(zip(measures, grown, strict=True))
    return {
        "thorax_yaw_deg": [
            turn_since_deg(m.thorax_yaw_deg, neutral.thorax_yaw_deg) for m in measures
        ],
        "head_yaw_deg": [turn_since_deg(m.head_yaw_deg, neutral.head_yaw_deg) for m in measures],
        "head_pitch_deg": [m.head_pitch_deg - neutral.head_pitch_deg for m in measures],
        "hip_height": [m.hip_height * size - neutral.hip_height for m, size in sized],
        "hip_shift": [m.hip_shift * size - neutral.hip_shift for m, size in sized],
        "ankle_shift": [
            hypot(m.ankle_x_px - neutral.ankle_x_px, m.ankle_y_px - neutral.ankle_y_px)
            / neutral.scale_px
            for m in measures
        ],
    }
