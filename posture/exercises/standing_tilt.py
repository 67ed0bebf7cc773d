"""Pelvic tilt, standing: tip the bowl forward, scoop it backward.

*Start*: the base stance, seen from the side. *Movement*: softly forward, through neutral, softly
backward, and on. *Seen*: the tilt each way, its tempo and smoothness; whoever leans, bends the
knees or pushes the hips instead is told so. *Told*: the pelvic floor works on the scoop. The scoop
(backward) is the effort and belongs to the exhale.
"""

from operator import attrgetter

from posture.datatypes import Position, RepKind, View
from posture.exercises.exercise import Exercise, sides
from posture.exercises.faults import (
    Instead,
    RepFault,
    SeriesFault,
    Stray,
    jerky,
    only_one_side,
    quicker_than,
)
from posture.exercises.place import Watch
from posture.exercises.swing import Excursion, Swing, Threshold
from posture.pelvis.quality import Reading

OURS = "chosen by us; evidence: tests/scenario/test_standing_tilt.py"
# People tilt about 11 deg forward and 9 backward when asked (PubMed 8866271).
TILT = Threshold(5.0, 3.0, 0.1, "deg", "half of the usual active tilt, PubMed 8866271")
TRUNK = Threshold(8.0, 5.0, 0.25, "deg", OURS)
KNEES = Threshold(12.0, 8.0, 0.25, "deg", OURS)
MOST_DEG = 30.0  # no pelvis tips further from its neutral in standing
LEAST_S = 0.4  # none tips and returns sooner; the quickest of 447 tilts of rendered people took .4
HIPS = Threshold(0.07, 0.045, 0.25, "body-scale units", OURS)


def is_other_movement(excursion: Excursion) -> bool:
    """Say whether this was a bow or a knee bend that drags the tilt along, or a misread outline."""
    lean = abs(excursion.stray("trunk_lean_deg"))
    knees = abs(excursion.stray("knee_flexion_deg"))
    bow = lean > max(TRUNK.enter, 1.5 * excursion.amplitude)
    squat = knees > max(KNEES.enter, 2.0 * excursion.amplitude)
    misread = excursion.amplitude > MOST_DEG or excursion.duration_s < LEAST_S
    return bow or squat or misread


EXERCISE = Exercise(
    id="standing-tilt",
    number=1,
    position=Position.STANDING,
    views=(View.SIDE,),
    calibration=("in_picture", "neutral", "forward", "backward"),
    reading=Reading.TILT,
    signal=attrgetter("pelvic_tilt_deg"),
    signal_sd=attrgetter("pelvic_tilt_sd_deg"),
    unit="deg",
    recentre=3.0,
    swing=Swing(TILT, rested_s=2.0),
    kinds={1: RepKind.FORWARD, -1: RepKind.BACKWARD},
    phase_of=sides("neutral", "forward", "backward"),
    effort=(RepKind.BACKWARD,),
    watches=(
        Watch("trunk_lean_deg", steady=6.0, beyond=30.0),
        Watch("knee_flexion_deg", steady=12.0, beyond=40.0),
        Watch("hip_shift", steady=0.08),
        Watch("ankle_shift", steady=0.1, beyond=0.3),
    ),
    is_other_movement=is_other_movement,
    faults=(
        Stray("trunk_leaning", "trunk_lean_deg", TRUNK),
        Stray("knees_bending", "knee_flexion_deg", KNEES),
        Stray("hips_pushed", "hip_shift", HIPS),
        Instead("trunk_leaning", "trunk_lean_deg", Swing(TRUNK)),
        Instead("knees_bending", "knee_flexion_deg", Swing(KNEES)),
        Instead("hips_pushed", "hip_shift", Swing(HIPS)),
        RepFault("too_quick", quicker_than(0.9), OURS),
        RepFault("jerky", jerky(size=2.0), OURS),
        SeriesFault("one_direction_missing", only_one_side(3), marks_rep=False, source=OURS),
    ),
)
