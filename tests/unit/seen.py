"""A recording of a made-up person, seen and interpreted as a video would be."""

from dataclasses import replace

from posture.analysis import _estimators, _interpreted
from posture.judgement import Recording
from posture.pipeline import DEFAULT_SETTINGS
from tests.unit.people import standing
from tests.unit.test_pipeline import observations
from tests.unit.ui.recordings import recording


def swing(reach_deg, steps=12, held=12):
    """Out to a tilt, held, and back, frame by frame."""
    way = [reach_deg * (step + 1) / steps for step in range(steps)]
    return [*way, *[reach_deg] * held, *way[::-1]]


def tilting(reach_deg=9.0, turns=2, estimators=None):
    """Three still seconds, then forward and backward by turns, with rest between."""
    tilts = [0.0] * 45
    for _ in range(turns):
        for side in (1, -1):
            tilts += swing(side * reach_deg) + [0.0] * 25
    observed = observations([standing(tilt_deg=tilt) for tilt in tilts])
    empty = replace(recording([], neutral=None), neutral_found=False)
    frames = Recording(observed, DEFAULT_SETTINGS.quality)
    return _interpreted(empty, frames, DEFAULT_SETTINGS, estimators or _estimators())
