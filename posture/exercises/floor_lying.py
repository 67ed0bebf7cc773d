"""Lying squeeze: on the back, one leg over the other.

*Start*: on the back, one leg over the other, seen from the side by a low camera. *Movement*:
contract on the exhale, let the whole body go on the inhale. *Seen*: lying still, hips and legs
down. *Told*: the contraction itself, and loose shoulders.
"""

from posture.datatypes import Position, View
from posture.exercises import floor
from posture.exercises.faults import Stray
from posture.exercises.place import Watch
from posture.exercises.swing import Threshold

HIPS = Threshold(5.0, 3.0, 0.3, "deg", floor.OURS)

EXERCISE = floor.guided(
    "floor-lying",
    12,
    position=Position.LYING,
    views=(View.SIDE,),
    watches=(
        Watch("shoulder_hip_knee_deg", steady=6.0, beyond=40.0),
        Watch("knee_flexion_deg", steady=10.0, beyond=50.0),
        Watch("ankle_shift", steady=0.1, beyond=0.4),
    ),
    faults=(
        Stray("hips_lifting", "shoulder_hip_knee_deg", HIPS),
        Stray("legs_moving", "knee_flexion_deg", floor.LEGS),
    ),
)
