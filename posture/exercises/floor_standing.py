"""Standing squeeze: inner thighs and pelvic floor draw together, legs crossed.

*Start*: standing with the legs crossed, seen from the front. *Movement*: squeeze on the exhale, let
go on the inhale. *Seen*: crossed legs, an upright and quiet stance. *Told*: the squeeze itself.
"""

from operator import attrgetter

from posture.datatypes import Position, View
from posture.exercises import floor
from posture.exercises.faults import Stray
from posture.exercises.place import Watch
from posture.exercises.swing import Threshold

UNCROSSED = Threshold(0.5, 0.25, 0.5, "crossed", "1 crossed, 0 not; " + floor.OURS)
SWAY = Threshold(0.05, 0.03, 0.3, "body-scale units", floor.OURS)

EXERCISE = floor.guided(
    "floor-standing",
    11,
    position=Position.STANDING,
    views=(View.FRONT, View.THREE_QUARTER),
    is_start=attrgetter("legs_crossed"),
    watches=(
        Watch("legs_crossed"),
        Watch("hip_shift", steady=0.06),
        Watch("trunk_lean_deg", steady=6.0, beyond=30.0),
        Watch("ankle_shift", steady=0.1, beyond=0.3),
    ),
    faults=(
        Stray("legs_uncrossed", "legs_crossed", UNCROSSED, sign=-1),
        Stray("leaning", "trunk_lean_deg", floor.TRUNK),
        Stray("swaying", "hip_shift", SWAY),
    ),
)
