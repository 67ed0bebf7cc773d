"""What an exercise is: one value that says what is watched, counted and named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite, nan
from operator import attrgetter

from posture.breath import Pace
from posture.datatypes import Event, Position, PostureSample, RepKind, View
from posture.exercises import engine
from posture.exercises.faults import Fault, Instead, RepFault, SeriesFault, Stray
from posture.exercises.place import Watch
from posture.exercises.state import ExerciseState
from posture.exercises.swing import Excursion, Swing, SwingState
from posture.pelvis.quality import Reading


def no_measures(excursion: Excursion) -> tuple[tuple[str, float], ...]:
    """Measure nothing beyond the usual."""
    del excursion
    return ()


def never(excursion: Excursion) -> bool:
    """Accept every movement as this exercise."""
    del excursion
    return False


def anywhere(sample: PostureSample) -> bool:
    """Accept every still position as the start."""
    del sample
    return True


def unknown_sd(sample: PostureSample) -> float:
    """Know no uncertainty."""
    del sample
    return nan


def sides(rest: str, plus: str, minus: str = "") -> Callable[[SwingState], str]:
    """Return a ``phase_of`` that names rest and the two sides of the movement."""

    def phase_of(state: SwingState) -> str:
        if not state.confirmed:
            return rest
        return plus if state.side > 0 else minus

    return phase_of


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise of the hand-out.

    Attributes:
        id: Its name in files and on the command line.
        number: Its place in the list.
        position: How the person starts.
        views: How the camera may see the person.
        calibration: Steps of :mod:`posture.guide` before it starts.
        signal: The movement; NaN where it is not measured. Not used while a breath pacer leads.
        unit: Unit of the amplitude.
        recentre: How far from zero the resting value of the signal may lie; what lies further
            off is no rest.
        swing: What counts as a movement.
        rest_is_lowest: Whether the signal counts from its lowest recent value: for a movement
            that sinks below the starting position before it rises.
        kinds: Kind of repetition on each side of the swing.
        phase_of: Name of the phase while the person is in place.
        watches: Channels watched beside the signal.
        faults: Faults, most important first.
        reading: The pelvis quantity it lives by.
        passes_through: Other positions that the movement itself may look like.
        needs_reading: Whether it must pause without that (``sample.quality``).
        is_start: Whether the person is in the starting position; movements count from there.
        signal_sd: Standard uncertainty of the signal.
        settle_s: How long the person must be still before movements count.
        is_other_movement: Whether a movement that was found is none of this exercise.
        measures: Further numbers of a repetition.
        pace: Usual breath.
        paced: A breath pacer leads: a repetition is one of its exhales in a good posture. Without
            one (a recording) the signal counts.
        effort: Kinds of repetitions that are the effort and belong to the exhale.

    Raises:
        ValueError: The exercise contradicts itself; the message says how.
    """

    id: str
    number: int
    position: Position
    views: tuple[View, ...]
    calibration: tuple[str, ...]
    signal: Callable[[PostureSample], float]
    unit: str
    recentre: float
    swing: Swing
    kinds: Mapping[int, RepKind]
    phase_of: Callable[[SwingState], str]
    watches: tuple[Watch, ...]
    faults: tuple[Fault, ...]
    reading: Reading
    rest_is_lowest: bool = False
    passes_through: tuple[Position, ...] = ()
    needs_reading: bool = True
    is_start: Callable[[PostureSample], bool] = anywhere
    signal_sd: Callable[[PostureSample], float] = unknown_sd
    settle_s: float = 0.5
    is_other_movement: Callable[[Excursion], bool] = never
    measures: Callable[[Excursion], tuple[tuple[str, float], ...]] = no_measures
    pace: Pace = field(default_factory=Pace)
    paced: bool = False
    effort: tuple[RepKind, ...] = ()

    # Derived once, so that a step costs little.
    channels: tuple[str, ...] = field(init=False)
    getters: tuple[Callable[[PostureSample], float], ...] = field(init=False)
    steady: tuple[float, ...] = field(init=False)
    beyond: tuple[float, ...] = field(init=False)
    strays: tuple[tuple[Stray, int], ...] = field(init=False)
    instead: tuple[tuple[Instead, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        channels = tuple(watch.channel for watch in self.watches)
        self._check(channels)
        strays = (fault for fault in self.faults if isinstance(fault, Stray))
        instead = (fault for fault in self.faults if isinstance(fault, Instead))
        derived = {
            "channels": channels,
            "getters": tuple(attrgetter(channel) for channel in channels),
            "steady": (2 * self.swing.threshold.leave, *(watch.steady for watch in self.watches)),
            "beyond": tuple(watch.beyond for watch in self.watches),
            "strays": tuple((stray, channels.index(stray.channel)) for stray in strays),
            "instead": tuple((other, channels.index(other.channel)) for other in instead),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def _check(self, channels: tuple[str, ...]) -> None:
        for channel in channels:
            if channel not in PostureSample.__dataclass_fields__:
                raise ValueError(f"{self.id} watches {channel!r}, which no sample has")
        for fault in self.faults:
            if isinstance(fault, Stray | Instead) and fault.channel not in channels:
                raise ValueError(f"{self.id} names {fault.id!r} without watching {fault.channel!r}")
        kinds_and_ids = [(type(fault), fault.id) for fault in self.faults]
        if len(set(kinds_and_ids)) < len(kinds_and_ids):
            raise ValueError(f"{self.id} lists a fault twice")
        if set(self.kinds) != set(self.swing.sides):
            raise ValueError(f"{self.id} needs a kind of repetition for each side of its movement")
        if not self.views:
            raise ValueError(f"{self.id} names no view")
        if not (isfinite(self.settle_s) and self.settle_s > 0):
            raise ValueError(f"{self.id} needs a time to settle")

    @property
    def fault_ids(self) -> tuple[str, ...]:
        """Ids of all faults it can name, most important first."""
        breath = (engine.OFF_BREATH,) if self.effort and not self.paced else ()
        return tuple(dict.fromkeys((*(fault.id for fault in self.faults), *breath)))

    @property
    def rep_fault_ids(self) -> tuple[str, ...]:
        """Ids of the faults a single repetition can have, most important first."""
        others = {
            fault.id
            for fault in self.faults
            if isinstance(fault, Instead)
            or (isinstance(fault, RepFault) and not fault.counts)
            or (isinstance(fault, SeriesFault) and not fault.marks_rep)
        }
        return tuple(fault_id for fault_id in self.fault_ids if fault_id not in others)

    def initial_state(self, pace: Pace | None = None) -> ExerciseState:
        """Return the state before the first sample.

        Args:
            pace: The breath pacer the user follows. Without one nothing is said about the breath;
                a paced exercise then counts only what its signal shows.
        """
        return ExerciseState(pace=pace)

    def step(
        self, state: ExerciseState, sample: PostureSample
    ) -> tuple[ExerciseState, tuple[Event, ...]]:
        """Take one sample; return the new state and what happened.

        A sample that is not later than the one before it is left out.
        """
        return engine.step(self, state, sample)

    def finish(self, state: ExerciseState) -> tuple[ExerciseState, tuple[Event, ...]]:
        """End the exercise: a movement that was on its way back is counted."""
        return engine.finish(self, state)
