"""Surface layer of the pelvic floor, sitting.

*Start*: sitting upright, seen from the side. *Movement*: draw in the closing muscles on the
exhale, let go on the inhale. *Seen*: upright sitting, and that hips, trunk and thighs stay still.
*Told*: the contraction itself, and the breath.
"""

from posture.datatypes import Position, View
from posture.exercises.floor import SEATED_FAULTS, SEATED_WATCHES, guided

EXERCISE = guided(
    "floor-surface",
    8,
    position=Position.SITTING,
    views=(View.SIDE,),
    watches=SEATED_WATCHES,
    faults=SEATED_FAULTS,
)
