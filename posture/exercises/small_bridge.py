"""Small bridge: press the lower back flat on the exhale, let it hollow on the inhale.

*Start*: as the lift bridge. *Movement*: inhale, a slight hollow under the lower back; exhale, the
lower back presses into the floor, the crown grows long. *Seen*: the pelvis tips back by a few
degrees; the hips stay down; the legs stay still. *Told*: the press into the floor and loose
shoulders, which cannot be seen from the side.
"""

from operator import attrgetter

from posture.datatypes import Position, PostureSample, RepKind, View
from posture.exercises.exercise import Exercise, sides
from posture.exercises.faults import RepFault, Stray, quicker_than
from posture.exercises.place import Watch
from posture.exercises.swing import Excursion, Swing, Threshold
from posture.pelvis.quality import Reading

OURS = "chosen by us; evidence: tests/scenario/test_small_bridge.py"
PRESS = Threshold(4.0, 2.5, 0.15, "deg", "four times the tremble of the supine tilt; " + OURS)
HIPS = Threshold(0.12, 0.08, 0.3, "fraction", OURS)
FEET = Threshold(6.0, 4.0, 0.3, "deg", OURS)
LIFTED = 0.25  # a lift of this part of the full line is a bridge, and no press
PRESS_DEG = 25.0  # no press tips the pelvis further than this


def backward_tilt_deg(sample: PostureSample) -> float:
    """Pelvic tilt, backward positive."""
    return -sample.pelvic_tilt_deg


def is_other_movement(excursion: Excursion) -> bool:
    """Say whether the hips were lifted or the legs moved, rather than the back pressed down."""
    lifted = excursion.stray("lift_fraction") > LIFTED
    return lifted or excursion.amplitude > PRESS_DEG


EXERCISE = Exercise(
    id="small-bridge",
    number=4,
    position=Position.LYING,
    views=(View.SIDE,),
    calibration=("in_picture", "neutral"),
    reading=Reading.TILT,
    signal=backward_tilt_deg,
    signal_sd=attrgetter("pelvic_tilt_sd_deg"),
    unit="deg",
    recentre=3.0,
    swing=Swing(PRESS, sides=(1,), rested_s=4.0),
    kinds={1: RepKind.PRESS},
    phase_of=sides("release", "press"),
    effort=(RepKind.PRESS,),
    settle_s=1.0,
    watches=(
        Watch("lift_fraction", steady=0.1, beyond=0.6),
        Watch("knee_flexion_deg", steady=6.0, beyond=30.0),
        Watch("ankle_shift", steady=0.1, beyond=0.3),
    ),
    is_other_movement=is_other_movement,
    faults=(
        Stray("lifting_hips", "lift_fraction", HIPS, sign=1),
        Stray("pushing_feet", "knee_flexion_deg", FEET),
        RepFault("too_quick", quicker_than(1.2), OURS),
    ),
)
