"""The person's own neutral: everything shown is relative to it.

A calibration from another day is worth little (4.7 degrees of error against 1.7), so each
session finds its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from math import degrees, inf, nan, radians
from typing import TypeVar

import numpy as np

from posture.contour import LINE_HEIGHTS
from posture.datatypes import Facing, FloatArray, Position, TimeWindow, View
from posture.errors import NobodyError, UsageError
from posture.features import Measures, Observation, ankles_seen
from posture.landmarks import HIPS, middle
from posture.pelvis.arms import covered_by_arms
from posture.pelvis.quality import QualitySettings, Reading, why_not
from posture.pelvis.rotation import turn_features, with_one_key
from posture.pelvis.tilt import tilt_features

T = TypeVar("T")

FEWEST_FRAMES = 8
# Lines between which the back's slope is taken, body-scale units, and its place among the signals.
LOW_BAND, HIGH_BAND = (-0.05, 0.08), (0.15, 0.28)
SLOPE = 5
LONGEST_GAP_S = 0.25
ANGLES_ALL_ROUND = ("trunk_yaw_deg", "pelvis_yaw_deg", "thorax_yaw_deg", "head_yaw_deg")


@dataclass(frozen=True, slots=True)
class Calibration:
    """A person's neutral in one session.

    Attributes:
        window: When it was taken.
        frames: How many frames went into it.
        facing: Where the person looked.
        view: How the camera saw the trunk.
        position: Standing, sitting or lying.
        measures: Median of each measure; circular mean of angles that go all round.
        features: Median tilt features, NaN where most frames had no edge.
        turn_features: Median turn features, likewise.
        forward_deg: The person's own forward reach; NaN until it is calibrated.
        backward_deg: The person's own backward reach (negative); NaN until it is calibrated.
    """

    window: TimeWindow
    frames: int
    facing: Facing
    view: View
    position: Position
    measures: Measures
    features: FloatArray
    turn_features: FloatArray
    forward_deg: float = nan
    backward_deg: float = nan

    def with_range(self, forward_deg: float, backward_deg: float) -> Calibration:
        """The same neutral with the person's own reach, degrees."""
        return replace(self, forward_deg=forward_deg, backward_deg=backward_deg)


@dataclass(frozen=True, slots=True)
class NeutralSettings:
    """What a natural, still stance is. All chosen by us on the sample videos.

    Attributes:
        search_s: "Near the start": how long after the first usable frame to look.
        soon_s: A stretch within this of the first usable frame goes before any later one, even a
            less still one: people begin in their natural stance and hold their tilts afterwards
            (rendered people: wrong neutrals 19 -> 9 of 215).
        min_s: Shortest stretch that will do, half a ``settle_s`` within the stillness at each end.
        enough_s: Length after which a stretch gains nothing; the earliest such one wins, so a
            long hold at the end of a tilt does not outbid the quiet stance before it.
        longest_s: Longer stretches are cut to this; where a turn is read, to ``enough_s``.
        max_drift: Hips stay within this, body-scale units, for ``settle_s``.
        max_step: And the feet within this; under cloth they are found less surely.
        max_lean_deg: And the trunk's lean within this.
        max_slope: And the back edge near the pelvis within this, body-scale units, and
        max_slope_px: this many pixels more, the edge's own unrest in a small picture.
        arms_free: Both times this where no tilt is read: there the edge may be a hanging arm. Where
            a turn is read the edge is not asked at all. Neither it nor the joints tell a turn, so
            only the first moments count: in 32 of 53 neutrals of rendered people fitted on, the
            person had already begun to turn, since then in none.
        torn_slope: An edge that changes by more than this, body-scale units, shows no pelvis but
            what is mistaken for the person now and then. Where nothing is ever still, such an edge
            is not asked in the first moments, nor one that ends at an arm: the tilt in the
            neutrals of four such rendered people was .4 degrees at most.
        patience: Where nothing is still, all these limits are widened by the next factor: cloth,
            dim light and cropped feet make an outline restless around a person at rest.
        settle_s: Length of the window around each frame that must be still.
        upright_lean_deg: Standing and sitting: the trunk's greatest lean.
        soft_knee_deg: Standing: the knee's greatest bend.
        max_lift: Where a lift is read: hips no higher than this above where they lie otherwise,
            body-scale units; a bridge is held still too.
        min_frames: Fewest frames in a neutral.
        middle_s: Who is still only later, but stays in place and can be judged for this long, has
            the middle of it all for neutral: tilts go both ways and return, and later stillness is
            a tilt that is held. Of 17 such neutrals of rendered people fitted on 16 were wrong, by
            2.5 to 12 degrees; of the 10 middles instead of them 2 are, by 2 and 5.
        max_travel: In place are those whose hips mostly stay within this, body-scale units.
    """

    search_s: float = 30.0
    soon_s: float = 4.0
    min_s: float = 0.6
    enough_s: float = 1.5
    longest_s: float = 4.0
    max_drift: float = 0.025
    max_step: float = 0.06
    max_lean_deg: float = 3.0
    max_slope: float = 0.01
    max_slope_px: float = 1.0
    patience: tuple[float, ...] = (1.0, 1.6)
    arms_free: float = 2.5
    torn_slope: float = 0.055
    settle_s: float = 1.0
    upright_lean_deg: float = 25.0
    soft_knee_deg: float = 45.0
    max_lift: float = 0.04
    min_frames: int = FEWEST_FRAMES
    middle_s: float = 4.0
    max_travel: float = 0.2


def calibrate(
    observations: Sequence[Observation],
    window: TimeWindow,
    reading: Reading,
    quality: QualitySettings,
    *,
    min_frames: int = FEWEST_FRAMES,
) -> Calibration:
    """Take neutral from a stretch of frames.

    Args:
        observations: The session so far, times rising.
        window: When the person stood in neutral.
        reading: What is going to be read.
        quality: Limits of the gate.
        min_frames: Fewest frames that will do.

    Raises:
        UsageError: No frame lies in the window.
        NobodyError: Too few frames in it can be judged.
    """
    inside = [o for o in observations if o.time_s in window]
    if not inside:
        raise UsageError(
            "error.window.neutral_outside",
            start_s=window.start_s,
            end_s=window.end_s,
            last_s=observations[-1].time_s if observations else 0.0,
        )
    usable = [o for o in inside if why_not(o, reading, quality) is None]
    if len(usable) < min_frames:
        raise NobodyError(
            "error.window.no_neutral",
            start_s=window.start_s,
            end_s=window.end_s,
            frames=len(usable),
        )
    return Calibration(
        window=window,
        frames=len(usable),
        facing=_most_common([o.facing for o in usable]),
        view=_most_common([o.view for o in usable]),
        position=_most_common([o.position for o in usable]),
        measures=_middle_measures([o.measures for o in usable]),
        features=_middle_features(np.stack([tilt_features(o) for o in usable])),
        turn_features=_middle_features(with_one_key(np.stack([turn_features(o) for o in usable]))),
    )


def find_neutral(
    observations: Sequence[Observation],
    reading: Reading,
    position: Position,
    quality: QualitySettings,
    settings: NeutralSettings,
) -> TimeWindow | None:
    """The longest still stretch in the right position near the start, or the middle of a movement.

    Args:
        observations: The session, times rising.
        reading: What is going to be read.
        position: Position the exercise starts in.
        quality: Limits of the gate.
        settings: What still and upright mean.

    Returns:
        The window, or ``None`` when the person is never still long enough.
    """
    ready = _ready(observations, reading, position, quality, settings)
    if not ready:
        return None
    edge = {Reading.TILT: 1.0, Reading.YAW: inf}.get(reading, settings.arms_free)
    longest_s = settings.enough_s if reading is Reading.YAW else settings.longest_s
    soon_s = ready[0].time_s + settings.soon_s
    early = [o for o in ready if o.time_s <= soon_s]
    lifted_px = _lifted_px(ready, settings) if reading is Reading.LIFT else -inf

    def first_still(part: Sequence[Observation], *, whole_edges: bool = False) -> TimeWindow | None:
        for patience in settings.patience:
            stretches = _still_stretches(part, settings, edge, patience, whole_edges=whole_edges)
            low = [stretch for stretch in stretches if _hip_y_px(stretch) > lifted_px]
            if window := _best_stretch(low, settings, longest_s):
                return window
        return None

    if window := first_still(early):
        return window
    held = first_still(ready)
    if held is None:
        return first_still(early, whole_edges=True)
    if reading is Reading.TILT and _in_place_for_s(ready, settings) >= settings.middle_s:
        return TimeWindow(ready[0].time_s, ready[-1].time_s)
    return held


def _ready(
    observations: Sequence[Observation],
    reading: Reading,
    position: Position,
    quality: QualitySettings,
    settings: NeutralSettings,
) -> list[Observation]:
    """Those near the start that can be judged, in the right position."""
    ready: list[Observation] = []
    for o in observations:
        if ready and o.time_s > ready[0].time_s + settings.search_s:
            break
        if why_not(o, reading, quality) is None and _in_position(o, position, settings):
            ready.append(o)
    return ready


def _in_place_for_s(ready: Sequence[Observation], settings: NeutralSettings) -> float:
    """How long somebody who stays in place is seen, gaps left out; 0 for somebody who does not."""
    hips = [middle(o.landmarks_px, HIPS) for o in ready if o.landmarks_px is not None]
    travel = np.ptp(np.percentile(hips, (5, 95), axis=0), axis=0) / _scale_px(ready)
    if (travel > settings.max_travel).any():
        return 0.0
    steps = np.diff([o.time_s for o in ready])
    return float(steps[steps <= LONGEST_GAP_S].sum())


def _lifted_px(ready: Sequence[Observation], settings: NeutralSettings) -> float:
    """The row of the picture above which the hips of somebody lying are lifted."""
    lowest_px = float(np.percentile([_hip_y_px([o]) for o in ready], 90))
    return lowest_px - settings.max_lift * _scale_px(ready)


def _scale_px(ready: Sequence[Observation]) -> float:
    """The body-scale unit of a stretch, pixels."""
    return float(np.median([o.measures.scale_px for o in ready]))


def _hip_y_px(stretch: Sequence[Observation]) -> float:
    """Row of the middle between the hips; the first row where nobody is."""
    rows = [0.0 if o.landmarks_px is None else middle(o.landmarks_px, HIPS)[1] for o in stretch]
    return float(np.median(rows))


def _best_stretch(
    stretches: Sequence[Sequence[Observation]], settings: NeutralSettings, longest_s: float
) -> TimeWindow | None:
    best: TimeWindow | None = None
    for stretch in stretches:
        start_s, end_s = stretch[0].time_s, stretch[-1].time_s
        if end_s - start_s < settings.min_s or len(stretch) < settings.min_frames:
            continue
        counted = min(end_s - start_s, settings.enough_s)
        if best is None or counted > min(best.end_s - best.start_s, settings.enough_s):
            best = TimeWindow(start_s, min(end_s, start_s + longest_s))
    return best


def _in_position(observation: Observation, position: Position, settings: NeutralSettings) -> bool:
    if observation.position is not position:
        return False
    if position is Position.LYING:
        return True
    measures = observation.measures
    if abs(measures.trunk_lean_deg) > settings.upright_lean_deg:
        return False
    knee_known = position is Position.STANDING and ankles_seen(observation)
    return not (knee_known and measures.knee_flexion_deg > settings.soft_knee_deg)


def _still_stretches(
    ready: Sequence[Observation],
    settings: NeutralSettings,
    edge: float,
    patience: float,
    *,
    whole_edges: bool,
) -> list[Sequence[Observation]]:
    """Runs of frames around each of which ``settle_s`` are still.

    All limits are widened by ``patience``, the edge's by ``edge`` too; with ``whole_edges`` neither
    torn edges nor those at an arm are asked.
    """
    time_s = np.array([o.time_s for o in ready])
    scale_px = _scale_px(ready)
    signals = np.array([_stillness_signals(o, scale_px) for o in ready])
    if whole_edges:
        near_pelvis = (LOW_BAND[0] < LINE_HEIGHTS) & (HIGH_BAND[1] > LINE_HEIGHTS)
        signals[covered_by_arms(ready)[:, near_pelvis].any(axis=1), SLOPE] = nan
    slope = edge * (settings.max_slope + settings.max_slope_px / scale_px)
    feet, hips = [settings.max_step] * 2, [settings.max_drift] * 2
    limits = np.array([*feet, *hips, settings.max_lean_deg, slope]) * patience
    still = np.zeros(len(ready), dtype=bool)
    for centre in range(len(ready)):
        first = int(np.searchsorted(time_s, time_s[centre] - settings.settle_s / 2))
        last = int(np.searchsorted(time_s, time_s[centre] + settings.settle_s / 2, side="right"))
        around = time_s[first:last]
        if len(around) < FEWEST_FRAMES or np.diff(around).max() > LONGEST_GAP_S:
            continue
        moved = np.ptp(_without_spikes(signals[first:last]), axis=0)
        if whole_edges and moved[SLOPE] > settings.torn_slope:
            moved[SLOPE] = nan
        still[centre] = (np.nan_to_num(moved) <= limits).all()
    stretches: list[Sequence[Observation]] = []
    start: int | None = None
    for index in range(len(ready) + 1):
        go_on = index < len(ready) and still[index]
        broken = go_on and start is not None and time_s[index] - time_s[index - 1] > LONGEST_GAP_S
        if start is not None and (not go_on or broken):
            stretches.append(ready[start:index])
            start = None
        if go_on and start is None:
            start = index
    return stretches


def _without_spikes(signals: FloatArray) -> FloatArray:
    """Mean of three neighbours in time, so that one misread frame is not a movement."""
    smooth: FloatArray = (signals[:-2] + signals[1:-1] + signals[2:]) / 3.0
    return smooth


def _stillness_signals(observation: Observation, scale_px: float) -> list[float]:
    measures, contour = observation.measures, observation.contour
    slope = nan
    if contour is not None:
        low = (contour.height > LOW_BAND[0]) & (contour.height < LOW_BAND[1])
        high = (contour.height > HIGH_BAND[0]) & (contour.height < HIGH_BAND[1])
        slope = float(contour.back[low].mean() - contour.back[high].mean())
    ankle = (measures.ankle_x_px, measures.ankle_y_px)
    hip = (nan, nan)
    if observation.landmarks_px is not None:
        hip = tuple(middle(observation.landmarks_px, HIPS))
    if not ankles_seen(observation):
        ankle = (nan, nan)  # feet out of the picture are guessed anew in every frame
    return [
        *(place / scale_px for place in (*ankle, *hip)),
        measures.trunk_lean_deg,
        slope,
    ]


def _most_common(values: Sequence[T]) -> T:
    return max(dict.fromkeys(values), key=values.count)


def _middle_measures(all_measures: Sequence[Measures]) -> Measures:
    middle: dict[str, float] = {}
    for item in fields(Measures):
        values = np.array([getattr(m, item.name) for m in all_measures])
        values = values[~np.isnan(values)]
        if len(values) == 0:
            middle[item.name] = nan
        elif item.name in ANGLES_ALL_ROUND:
            turned = [(np.cos(radians(v)), np.sin(radians(v))) for v in values]
            x, y = np.mean(turned, axis=0)
            middle[item.name] = degrees(np.arctan2(y, x))
        else:
            middle[item.name] = float(np.median(values))
    return Measures(**middle)


def _middle_features(features: FloatArray) -> FloatArray:
    """Median over frames; NaN where fewer than half of them have a value."""
    there = ~np.isnan(features)
    middle = np.full(features.shape[1], np.nan)
    common = there.mean(axis=0) >= 0.5
    middle[common] = np.nanmedian(features[:, common], axis=0)
    return middle
