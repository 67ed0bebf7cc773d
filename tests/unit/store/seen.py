"""An analysis with everything in it that can be stored."""

from __future__ import annotations

from dataclasses import replace
from math import nan
from pathlib import Path

import numpy as np

from posture.contour import LINE_COUNT, LINE_HEIGHTS
from posture.datatypes import (
    Contour,
    Event,
    EventKind,
    Facing,
    Position,
    Reason,
    RepKind,
    TimeWindow,
    View,
)
from posture.features import Measures, Observation
from posture.pelvis.calibration import Calibration
from posture.surface import PLACE_COUNT
from tests.unit.ui.recordings import recording, rep, result, wave


def full_analysis(path=Path("video.mp4"), seconds=8, *, amplitude=10.0, exercise="standing-tilt"):
    """A person who tilts forward and backward, with landmarks, outline, events and a gap."""
    chance = np.random.default_rng(7)
    reps = (
        rep(1, RepKind.FORWARD, 1.0, amplitude),
        rep(2, RepKind.BACKWARD, 3.0, amplitude, faults=("trunk_leaning",)),
    )
    results = [_seen(one, chance) for one in wave(10 * seconds, reach_deg=amplitude)]
    results[5] = result(5, reason=Reason.NOBODY)
    results[6] = result(6, reason=Reason.BACK_COVERED)
    done = Event(2.0, EventKind.REP, "forward", reps[0])
    results[20] = replace(results[20], events=(done,), phase="forward", rep=1)
    last = Event(4.0, EventKind.REP, "backward", reps[1])
    analysis = recording(results, reps, exercise=exercise, events=(done, last))
    return replace(analysis, path=path, info=replace(analysis.info, path=path), calibration=_own())


def _seen(one, chance):
    old = one.observation
    landmarks = chance.normal(300, 90, (33, 2)).astype(np.float32)
    back = chance.normal(-0.1, 0.01, LINE_COUNT).astype(np.float32)
    back[3] = nan
    contour = Contour(
        height=LINE_HEIGHTS,
        back=back,
        front=-back,
        sharpness=np.abs(back),
        scale_px=211.123456789,
        origin_px=np.array([301.5, 233.25]),
        forward_sign=-1,
        turned=0,
    )
    observation = Observation(
        old.index, old.time_s, old.image_size_px, 0.4321,
        landmarks_px=landmarks,
        world_m=chance.normal(0, 0.4, (33, 3)).astype(np.float32),
        seen=chance.random(33) > 0.1,
        contour=contour,
        measures=Measures(trunk_lean_deg=1 / 3, scale_px=211.0),
        facing=Facing.LEFT,
        view=View.SIDE,
        position=Position.STANDING,
        legs_crossed=old.index % 2 == 1,
        surface_shift=chance.normal(0, 0.01, PLACE_COUNT).astype(np.float32),
        surface_key=3,
    )  # fmt: skip
    sample = replace(one.sample, view=View.SIDE, position=Position.STANDING, lift_fraction=0.1)
    return replace(one, observation=observation, sample=sample)


def _own():
    return Calibration(
        TimeWindow(0.5, 2.5), frames=20, facing=Facing.LEFT, view=View.SIDE,
        position=Position.STANDING, measures=Measures(trunk_lean_deg=2.5),
        features=np.array([0.1, nan, 0.3]), turn_features=np.array([nan]), forward_deg=9.5,
    )  # fmt: skip
