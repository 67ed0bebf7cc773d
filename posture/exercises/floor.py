"""What the pelvic-floor exercises share.

No camera sees a pelvic floor. These exercises are guided by the breath pacer: a repetition is one
exhale that was spent in good posture. Its verdict speaks of the posture alone, and the texts say
so.
"""

from collections.abc import Callable

from posture.datatypes import Position, PostureSample, RepKind, View
from posture.exercises.exercise import Exercise, anywhere, no_measures, sides
from posture.exercises.faults import Fault, Stray
from posture.exercises.place import Watch
from posture.exercises.swing import Excursion, Swing, Threshold
from posture.pelvis.quality import Reading

OURS = "chosen by us; evidence: tests/scenario/test_floor.py"
EXHALE = Threshold(0.5, 0.0, 0.1, "exhale", "1 in the exhale, 0 otherwise; " + OURS)
TRUNK = Threshold(8.0, 5.0, 0.5, "deg", OURS)
HEAD = Threshold(15.0, 10.0, 0.5, "deg", OURS)
HIPS = Threshold(0.03, 0.02, 0.3, "body-scale units", OURS)
LEGS = Threshold(8.0, 5.0, 0.4, "deg", OURS)

SEATED_WATCHES = (
    Watch("trunk_lean_deg", steady=6.0, beyond=35.0),
    Watch("head_pitch_deg", steady=15.0),
    Watch("hip_height", steady=0.05),
    Watch("knee_flexion_deg", steady=12.0, beyond=35.0),
    Watch("pelvic_tilt_deg", steady=8.0),
)
SEATED_FAULTS: tuple[Fault, ...] = (
    Stray("slumping", "trunk_lean_deg", TRUNK),
    Stray("head_dropping", "head_pitch_deg", HEAD, sign=1),
    Stray("hips_lifting", "hip_height", HIPS, sign=1),
    Stray("legs_moving", "knee_flexion_deg", LEGS),
)


def no_signal(sample: PostureSample) -> float:
    """See nothing to count without a breath pacer."""
    del sample
    return 0.0


def guided(
    exercise_id: str,
    number: int,
    *,
    position: Position,
    views: tuple[View, ...],
    watches: tuple[Watch, ...],
    faults: tuple[Fault, ...],
    reading: Reading = Reading.POSTURE,
    is_start: Callable[[PostureSample], bool] = anywhere,
    signal: Callable[[PostureSample], float] = no_signal,
    measures: Callable[[Excursion], tuple[tuple[str, float], ...]] = no_measures,
) -> Exercise:
    """Return an exercise that the breath pacer leads; see :class:`Exercise` for the arguments."""
    return Exercise(
        id=exercise_id,
        number=number,
        position=position,
        views=views,
        calibration=("in_picture", "neutral"),
        reading=reading,
        needs_reading=False,
        is_start=is_start,
        paced=True,
        signal=signal,
        unit="s",
        recentre=0.0,
        swing=Swing(EXHALE, sides=(1,)),
        kinds={1: RepKind.HOLD},
        phase_of=sides("release", "effort"),
        settle_s=1.5,
        watches=watches,
        faults=faults,
        measures=measures,
    )
