"""Lift bridge: lift the pelvis on the exhale, let it sink on the inhale.

*Start*: on the back, knees bent, feet flat, arms beside the body, seen from the side by a low
camera. *Movement*: lift until shoulder, hip and knee are in line; lower. *Seen*: the height, the
line, the hold, tempo and evenness. *Told*: drawing in on the lift, letting go at the bottom.
"""

from operator import attrgetter

from posture.datatypes import Position, RepKind, View
from posture.exercises.exercise import Exercise
from posture.exercises.faults import (
    RepFault,
    Stray,
    falls_faster_than,
    jerky,
    smaller_than,
)
from posture.exercises.place import Watch
from posture.exercises.swing import Excursion, Swing, SwingState, Threshold
from posture.pelvis.quality import Reading

OURS = "chosen by us; evidence: tests/scenario/test_bridge.py"
LIFT = Threshold(0.25, 0.12, 0.1, "fraction", "six times the error of the lift, 3.9 %; " + OURS)
# A straight line is read as 1.05 to 1.26 on rendered bodies.
OVER = Threshold(1.4, 1.32, 0.4, "fraction", OURS)
FEET = Threshold(0.08, 0.05, 0.3, "body-scale units", OURS)
HALF = 0.75  # a lift that stays below this part of the full line is half a lift
SAG = 0.12  # a drop of this part of the line, after which the hips stay up, is sagging
SAG_S = 0.6  # for so long
LOOK_BACK_S = 0.25
STILL = 0.04  # less change than this within LOOK_BACK_S is a hold


def phase_of(state: SwingState) -> str:
    """Name the phase: down, lifting, up (held) or lowering."""
    if not state.confirmed:
        return "down"
    now = state.trace[-1]
    before = now
    for row in reversed(state.trace):
        before = row
        if now.time_s - row.time_s >= LOOK_BACK_S:
            break
    change = now.value - before.value
    if abs(change) < STILL:
        return "up"
    return "lifting" if change > 0 else "lowering"


def is_sagging(excursion: Excursion) -> bool:
    """Say whether the hips sank from the top and stayed there before they came down."""
    amplitude = excursion.amplitude
    peak_s = excursion.peak.time_s
    rested = excursion.trace[0]  # where the value last came to rest
    for row in excursion.trace:
        sunk = row.time_s > peak_s and 0.4 * amplitude < row.value < amplitude - SAG
        if not sunk or abs(row.value - rested.value) > SAG / 2:
            rested = row
        elif row.time_s - rested.time_s >= SAG_S:
            return True
    return False


EXERCISE = Exercise(
    id="bridge",
    number=3,
    position=Position.LYING,
    views=(View.SIDE,),
    calibration=("in_picture", "neutral"),
    reading=Reading.LIFT,
    signal=attrgetter("lift_fraction"),
    unit="fraction",
    recentre=0.1,
    swing=Swing(LIFT, sides=(1,), back_part=0.25),
    kinds={1: RepKind.LIFT},
    phase_of=phase_of,
    effort=(RepKind.LIFT,),
    watches=(
        Watch("lift_fraction"),
        Watch("ankle_shift", steady=0.1, beyond=0.4),
        Watch("knee_flexion_deg", steady=15.0, beyond=70.0),
    ),
    faults=(
        RepFault("half_lift", smaller_than(HALF), OURS),
        Stray("over_arching", "lift_fraction", OVER, sign=1),
        RepFault("sagging", is_sagging, OURS),
        RepFault("dropping_fast", falls_faster_than(1.8), OURS),
        Stray("feet_sliding", "ankle_shift", FEET),
        RepFault("jerky", jerky(size=0.1), OURS),
    ),
)
