"""Pelvis up and down: the body moves like an upright oval.

*Start*: the base stance, seen from the side. *Movement*: push the feet down and a wave of work
goes up through legs, trunk (the pelvis slightly forward) and head; let go from the head down, and
the pelvis drops slightly back. *Seen*: the hip's height, the tilt, and the loop of the one against
the other: rising with the pelvis forward, sinking with it backward. *Told*: the wave felt inside.

The hip rises by two or three centimetres, which a camera hardly sees; the knee's bend that makes it
rise changes by twenty degrees. So the height is computed from the bend.
"""

from math import cos, isfinite, nan, pi, radians

from posture.datatypes import Position, PostureSample, RepKind, View
from posture.exercises.exercise import Exercise, sides
from posture.exercises.faults import Instead, RepFault, Stray, jerky, quicker_than
from posture.exercises.place import Watch
from posture.exercises.swing import Excursion, Swing, Threshold
from posture.pelvis.quality import Reading

OURS = "chosen by us; evidence: tests/scenario/test_pelvis_wave.py"
RISE = Threshold(0.012, 0.006, 0.1, "body-scale units", "a bend of 30 deg stretched by 7; " + OURS)
TILT = Threshold(5.0, 3.0, 0.1, "deg", "as the standing tilt; " + OURS)
TRUNK = Threshold(10.0, 6.0, 0.3, "deg", OURS)
LEAST_TILT_DEG = 4.0  # what tilts less goes straight up and down: a knee bend, and no wave
LEAST_ROUNDNESS = 0.15  # a flatter loop has no direction
LEG = 0.92  # hip to ankle of a straight leg, body-scale units (Drillis and Contini 1966)


def hip_height(sample: PostureSample) -> float:
    """Hip above the ankle, body-scale units, of a leg of two equal parts bent at the knee."""
    flexion_deg = sample.knee_flexion_deg
    return LEG * cos(radians(0.5 * flexion_deg)) if isfinite(flexion_deg) else nan


def loop(excursion: Excursion) -> tuple[float, float]:
    """Return the loop's width and its signed roundness.

    Returns:
        The range of the tilt, degrees; and the loop's area over that of the ellipse in the same
        box: 1 is a full oval, 0 a line, positive when the rise is on the forward side.
    """
    tilts = excursion.column("pelvic_tilt_deg")
    points = [
        (tilt, row.value)
        for tilt, row in zip(tilts, excursion.trace, strict=True)
        if isfinite(tilt)
    ]
    if len(points) < 3:
        return 0.0, 0.0
    xs, ys = zip(*points, strict=True)
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    if width <= 0 or height <= 0:
        return width, 0.0
    following = (*points[1:], points[0])
    twice = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(points, following, strict=True))
    return width, 0.5 * twice / (0.25 * pi * width * height)


def is_straight(excursion: Excursion) -> bool:
    """Say whether the body went up and down without the pelvis tilting."""
    return loop(excursion)[0] < LEAST_TILT_DEG


def is_backwards(excursion: Excursion) -> bool:
    """Say whether the loop turned the wrong way round."""
    return not is_straight(excursion) and loop(excursion)[1] < -LEAST_ROUNDNESS


def is_bow(excursion: Excursion) -> bool:
    """Say whether this was a bow that drags the tilt along."""
    lean = abs(excursion.stray("trunk_lean_deg"))
    return lean > max(TRUNK.enter, 1.5 * loop(excursion)[0])


def oval(excursion: Excursion) -> tuple[tuple[str, float], ...]:
    """Measure the oval: the tilt's range, and its roundness (negative the wrong way round)."""
    width, roundness = loop(excursion)
    return (("tilt_range_deg", width), ("roundness", max(-1.0, min(1.0, roundness))))


EXERCISE = Exercise(
    id="pelvis-wave",
    number=7,
    position=Position.STANDING,
    views=(View.SIDE,),
    calibration=("in_picture", "neutral"),
    reading=Reading.TILT,
    signal=hip_height,
    unit="fraction",
    recentre=1.0,
    swing=Swing(RISE, sides=(1,), rested_s=1.0),
    rest_is_lowest=True,
    kinds={1: RepKind.WAVE},
    phase_of=sides("low", "rising"),
    effort=(RepKind.WAVE,),
    watches=(
        Watch("pelvic_tilt_deg", steady=6.0),
        Watch("trunk_lean_deg", steady=6.0, beyond=30.0),
        Watch("knee_flexion_deg", steady=12.0, beyond=35.0),
        Watch("ankle_shift", steady=0.1, beyond=0.3),
    ),
    is_other_movement=is_bow,
    measures=oval,
    faults=(
        RepFault("straight_up_down", is_straight, OURS, counts=False),
        RepFault("wrong_way_round", is_backwards, OURS),
        Instead("tilt_only", "pelvic_tilt_deg", Swing(TILT)),
        Stray("trunk_leaning", "trunk_lean_deg", TRUNK),
        RepFault("jerky", jerky(size=0.008), OURS),
        RepFault("too_quick", quicker_than(1.2), OURS),
    ),
)
