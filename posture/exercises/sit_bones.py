"""Sit bones, standing: bend the legs in a wide stance, and straighten them.

*Start*: a wide stance, back long, seen from the front or half from the front. *Movement*: bend the
legs, the sit bones move apart; straighten, they come together. *Seen*: the depth of the bend, the
trunk, the knees over the feet, both sides level, the tempo. *Told*: the sit bones themselves.
"""

from operator import attrgetter

from posture.datatypes import Position, RepKind, View
from posture.exercises.exercise import Exercise, sides
from posture.exercises.faults import RepFault, Stray, quicker_than
from posture.exercises.place import Watch
from posture.exercises.swing import Swing, Threshold
from posture.pelvis.quality import Reading

OURS = "chosen by us; evidence: tests/scenario/test_sit_bones.py"
BEND = Threshold(15.0, 8.0, 0.15, "deg", OURS)
TRUNK = Threshold(12.0, 8.0, 0.3, "deg", OURS)
KNEES = Threshold(0.12, 0.08, 0.3, "ankle distances", OURS)
LEVEL = Threshold(9.0, 6.0, 0.3, "deg", OURS)

EXERCISE = Exercise(
    id="sit-bones",
    number=5,
    position=Position.STANDING,
    views=(View.FRONT, View.THREE_QUARTER),
    calibration=("in_picture", "neutral"),
    reading=Reading.POSTURE,
    needs_reading=False,
    passes_through=(Position.SITTING,),  # a deep bend looks like sitting
    signal=attrgetter("knee_flexion_deg"),
    unit="deg",
    recentre=30.0,
    swing=Swing(BEND, sides=(1,)),
    kinds={1: RepKind.BEND},
    phase_of=sides("straight", "bend"),
    watches=(
        Watch("trunk_pitch_deg", steady=6.0, beyond=45.0),
        Watch("knee_spread", steady=0.15),
        Watch("pelvis_list_deg", steady=5.0),
        Watch("ankle_shift", steady=0.1, beyond=0.3),
    ),
    faults=(
        Stray("knees_falling_in", "knee_spread", KNEES, sign=-1),
        Stray("trunk_tipping", "trunk_pitch_deg", TRUNK),
        Stray("one_side_lower", "pelvis_list_deg", LEVEL),
        RepFault("too_quick", quicker_than(1.2), OURS),
    ),
)
