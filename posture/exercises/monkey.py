"""The Monkey: the pelvis turns left and right in turn, head and upper body stay quiet.

*Start*: the base stance, knees a bit more bent, seen half from the front. *Movement*: the pelvis
turns in the horizontal plane, to the left, through the middle, to the right, and on. *Seen*: the
turn each way, its symmetry, whether shoulders and head stay, whether the hips stay over the feet.
*Told*: equal pressure in both feet; of that only a sway of the hips can be seen.
"""

from math import isfinite
from operator import attrgetter

from posture.datatypes import Position, RepKind, View
from posture.exercises.exercise import Exercise, sides
from posture.exercises.faults import (
    RepFault,
    SeriesFault,
    Stray,
    one_side_smaller,
    only_one_side,
    quicker_than,
)
from posture.exercises.place import Watch
from posture.exercises.swing import Excursion, Swing, Threshold
from posture.pelvis.quality import Reading

OURS = "chosen by us; evidence: tests/scenario/test_monkey.py"
TURN = Threshold(
    8.0, 5.0, 0.1, "deg", "the side of a turn is certain above 8 deg in the three-quarter view"
)
SHOULDERS = Threshold(10.0, 6.0, 0.2, "deg", OURS)
HEAD = Threshold(15.0, 10.0, 0.3, "deg", OURS)
HIPS = Threshold(0.07, 0.045, 0.25, "body-scale units", OURS)
KNEES = Threshold(12.0, 8.0, 0.3, "deg", OURS)
WHOLE_TURN_DEG = 60.0  # no pelvis turns this far on standing feet
STEP = 0.15  # feet that move so far took a step, body-scale units


def is_other_movement(excursion: Excursion) -> bool:
    """Say whether the person turned round on their feet instead."""
    return excursion.amplitude > WHOLE_TURN_DEG or abs(excursion.stray("ankle_shift")) > STEP


def isolation(excursion: Excursion) -> tuple[tuple[str, float], ...]:
    """Measure how far the pelvis turns alone: 1 alone, 0 when shoulders or head turn as far."""
    peak = excursion.peak
    names = ("thorax_yaw_deg", "head_yaw_deg")
    turns = [peak.strays[excursion.channels.index(name)] * excursion.side for name in names]
    seen = [turn for turn in turns if isfinite(turn)]
    if not seen or excursion.amplitude <= 0:
        return ()
    along = max(0.0, *seen) / excursion.amplitude
    return (("isolation", max(0.0, 1.0 - along)),)


EXERCISE = Exercise(
    id="monkey",
    number=2,
    position=Position.STANDING,
    views=(View.THREE_QUARTER,),
    calibration=("in_picture", "neutral"),
    reading=Reading.YAW,
    signal=attrgetter("pelvis_yaw_deg"),
    signal_sd=attrgetter("pelvis_yaw_sd_deg"),
    unit="deg",
    recentre=4.0,
    swing=Swing(TURN),
    kinds={1: RepKind.LEFT, -1: RepKind.RIGHT},
    phase_of=sides("middle", "left", "right"),
    watches=(
        Watch("thorax_yaw_deg", steady=10.0),
        Watch("head_yaw_deg", steady=15.0),
        Watch("hip_shift", steady=0.08),
        Watch("knee_flexion_deg", steady=12.0, beyond=45.0),
        Watch("trunk_lean_deg", steady=6.0, beyond=30.0),
        Watch("ankle_shift", steady=0.1, beyond=0.3),
    ),
    is_other_movement=is_other_movement,
    measures=isolation,
    faults=(
        Stray("shoulders_turning", "thorax_yaw_deg", SHOULDERS, share=0.5),
        Stray("head_turning", "head_yaw_deg", HEAD, share=0.5),
        Stray("hips_shifting", "hip_shift", HIPS),
        Stray("knees_straightening", "knee_flexion_deg", KNEES, sign=-1),
        SeriesFault("one_side_smaller", one_side_smaller(0.6, 2), marks_rep=True, source=OURS),
        RepFault("too_quick", quicker_than(0.7), OURS),
        SeriesFault("one_side_missing", only_one_side(3), marks_rep=False, source=OURS),
    ),
)
