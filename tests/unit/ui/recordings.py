"""Recordings made of numbers, for the tests of the page."""

from math import nan, pi, sin
from pathlib import Path

import numpy as np

from posture.adapters.video_reader import VideoInfo
from posture.analysis import Analysis, Request
from posture.datatypes import (
    Facing,
    Position,
    PostureSample,
    Quality,
    Reason,
    Rep,
    RepKind,
    Stance,
    TimeWindow,
    Verdict,
    View,
)
from posture.features import Measures, Observation
from posture.pelvis.calibration import Calibration
from posture.pipeline import Result

RATE_HZ = 10.0


def result(index, tilt_deg=nan, reason=None, sd_deg=2.0):
    """One frame: a reading, or the reason why there is none."""
    time_s = index / RATE_HZ
    if reason is not None:
        sample = PostureSample(time_s, reason=reason, person=reason is not Reason.NOBODY)
    else:
        stance = Stance.NEUTRAL
        if abs(tilt_deg) > 5:
            stance = Stance.FORWARD if tilt_deg > 0 else Stance.BACKWARD
        sample = PostureSample(
            time_s,
            quality=Quality.GOOD,
            reason=None,
            person=True,
            facing=Facing.LEFT,
            stance=stance,
            pelvic_tilt_deg=tilt_deg,
            pelvic_tilt_sd_deg=sd_deg,
        )
    return Result(Observation(index, time_s, (640, 480), 0.5), sample, (), "neutral", 0)


def wave(count, reach_deg=10.0, period_s=4.0):
    """A person who tilts forward and backward, frame by frame."""
    return [
        result(index, reach_deg * sin(2 * pi * index / RATE_HZ / period_s))
        for index in range(count)
    ]


def rep(index, kind=RepKind.FORWARD, peak_s=1.0, amplitude=10.0, unit="deg", faults=()):
    """A repetition of two seconds."""
    verdict = Verdict.IMPROVE if faults else Verdict.GOOD
    return Rep(
        index, kind, peak_s - 1.0, peak_s, peak_s + 1.0, amplitude, unit, verdict, tuple(faults)
    )


def recording(results, reps=(), *, exercise="standing-tilt", neutral="found", **more):
    """An analysis of frames."""
    calibration = None
    if neutral:
        calibration = Calibration(
            TimeWindow(0.5, 2.5),
            frames=20,
            facing=Facing.LEFT,
            view=View.SIDE,
            position=Position.STANDING,
            measures=Measures(),
            features=np.empty(0),
            turn_features=np.empty(0),
        )
    path = Path("video.mp4")
    info = VideoInfo(
        path, 640, 480, 640, 480, RATE_HZ, 4.0, 0.0, None,
        has_audio=False, codec="h264", rotation_deg=0, mirrored=False,
    )  # fmt: skip
    given = {"people_at_once": 1, "damage": None, "events": ()} | more
    return Analysis(
        path=path,
        info=info,
        request=Request(exercise=exercise),
        results=tuple(results),
        reps=tuple(reps),
        calibration=calibration,
        neutral_found=neutral == "found",
        model_sha256="0" * 64,
        estimator="test",
        **given,
    )
