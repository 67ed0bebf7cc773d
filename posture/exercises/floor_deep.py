"""Deep layer of the pelvic floor, sitting: crown up, tail bone down and forward.

*Start*: sitting upright with a light hollow, seen from the side. *Movement*: on the exhale the
crown grows up and the tail bone scoops down and forward, so that the hollow disappears; let go on
the inhale. *Seen*: the small backward tilt in time with the exhale, where the tilt can be read in
sitting; the upper back and the trunk. *Told*: the contraction itself, and growing taller.
"""

from math import isfinite

from posture.datatypes import Position, PostureSample, View
from posture.exercises import floor
from posture.exercises.faults import RepFault, Stray
from posture.exercises.swing import Excursion, Threshold
from posture.pelvis.quality import Reading

LEAN_BACK = Threshold(6.0, 4.0, 0.4, "deg", floor.OURS)
LEAST_SCOOP_DEG = 2.0  # a smaller backward tilt is no scoop
KEPT = 0.2  # the scoop is the tilt that so much of the exhale kept: a single reading trembles


def scoops(sample: PostureSample) -> float:
    """Return 0 at rest and a half at the least scoop, rising on; NaN where no tilt is read."""
    scooped = -sample.pelvic_tilt_deg / LEAST_SCOOP_DEG - 0.5
    return 0.0 if scooped < 0 else scooped


def scoop_deg(excursion: Excursion) -> float | None:
    """Return how far back the pelvis was kept in the exhale, degrees; ``None`` if unread."""
    tilts = sorted(tilt for tilt in excursion.column("pelvic_tilt_deg") if isfinite(tilt))
    if len(tilts) * 2 <= len(excursion.trace):
        return None
    return max(0.0, -tilts[int(KEPT * len(tilts))])


def has_no_scoop(excursion: Excursion) -> bool:
    """Say whether the tilt was read, and stayed where it was."""
    scoop = scoop_deg(excursion)
    return scoop is not None and scoop < LEAST_SCOOP_DEG


def scoop(excursion: Excursion) -> tuple[tuple[str, float], ...]:
    """Measure the scoop, where the tilt was read."""
    size_deg = scoop_deg(excursion)
    return () if size_deg is None else (("scoop_deg", size_deg),)


EXERCISE = floor.guided(
    "floor-deep",
    10,
    position=Position.SITTING,
    views=(View.SIDE,),
    reading=Reading.TILT,
    watches=floor.SEATED_WATCHES,
    signal=scoops,
    measures=scoop,
    faults=(
        Stray("rounding", "head_pitch_deg", floor.HEAD, sign=1),
        Stray("leaning_back", "trunk_lean_deg", LEAN_BACK, sign=-1),
        Stray("slumping", "trunk_lean_deg", floor.TRUNK, sign=1),
        Stray("hips_lifting", "hip_height", floor.HIPS, sign=1),
        RepFault("no_scoop", has_no_scoop, floor.OURS),
    ),
)
