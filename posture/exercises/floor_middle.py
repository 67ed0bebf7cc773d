"""Middle layer of the pelvic floor, sitting, with the surface layer on.

*Start*: sitting upright, seen from the side. *Movement*: on the exhale, as if an elastic drew the
sit bones together; let go on the inhale. *Seen*: upright sitting, and that hips, trunk and thighs
stay still. *Told*: the contraction itself, and the breath.
"""

from posture.datatypes import Position, View
from posture.exercises.floor import SEATED_FAULTS, SEATED_WATCHES, guided

EXERCISE = guided(
    "floor-middle",
    9,
    position=Position.SITTING,
    views=(View.SIDE,),
    watches=SEATED_WATCHES,
    faults=SEATED_FAULTS,
)
