"""Active sitting: roll very slowly over the sit bones, back until the low back opens, and forward.

*Start*: on the front of a flat chair, back long, seen from the side. *Movement*: roll backward,
return to the highest point, roll forward until the chest opens, return. *Seen*: the tilt each way,
its slowness, head and chest. *Told*: the contact with the sit bones.
"""

from math import isfinite
from operator import attrgetter

from posture.datatypes import Position, RepKind, View
from posture.exercises.exercise import Exercise, sides
from posture.exercises.faults import (
    Instead,
    RepFault,
    SeriesFault,
    Stray,
    only_one_side,
    quicker_than,
)
from posture.exercises.place import Watch
from posture.exercises.swing import Excursion, Swing, Threshold
from posture.pelvis.quality import Reading

OURS = "chosen by us; evidence: tests/scenario/test_active_sitting.py"
ROLL = Threshold(5.0, 3.0, 0.15, "deg", "as the standing tilt; " + OURS)
CHEST = Threshold(8.0, 5.0, 0.3, "deg", OURS)
HINGE = Threshold(12.0, 7.0, 0.3, "deg", OURS)
HEAD_FIRST_DEG = 8.0  # the head has nodded so far before the pelvis leaves rest


def is_head_first(excursion: Excursion) -> bool:
    """Say whether the head had moved when the pelvis started."""
    nod = excursion.column("head_pitch_deg")[0]
    return isfinite(nod) and abs(nod) > HEAD_FIRST_DEG


EXERCISE = Exercise(
    id="active-sitting",
    number=6,
    position=Position.SITTING,
    views=(View.SIDE,),
    calibration=("in_picture", "neutral"),
    reading=Reading.TILT,
    signal=attrgetter("pelvic_tilt_deg"),
    signal_sd=attrgetter("pelvic_tilt_sd_deg"),
    unit="deg",
    recentre=3.0,
    swing=Swing(ROLL, approach_s=5.0, rested_s=4.0),
    kinds={1: RepKind.FORWARD, -1: RepKind.BACKWARD},
    phase_of=sides("upright", "forward", "backward"),
    watches=(
        Watch("trunk_lean_deg", steady=6.0, beyond=45.0),
        Watch("head_pitch_deg", steady=15.0),
        Watch("knee_flexion_deg", steady=12.0, beyond=40.0),
        Watch("ankle_shift", steady=0.1, beyond=0.4),
    ),
    faults=(
        RepFault("too_quick", quicker_than(2.5), OURS),
        RepFault("head_first", is_head_first, OURS),
        Stray("chest_collapsing", "trunk_lean_deg", CHEST, sign=1, sides=(-1,)),
        Stray("hinging", "trunk_lean_deg", HINGE, share=1.2),
        Instead("leaning_only", "trunk_lean_deg", Swing(HINGE)),
        SeriesFault("one_direction_missing", only_one_side(3), marks_rep=False, source=OURS),
    ),
)
