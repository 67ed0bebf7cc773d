"""A small language for scripted samples: each line moves channels and lasts some seconds.

    Timeline(pelvic_tilt_deg=0.0).hold(2).to(2, pelvic_tilt_deg=10).hold(1).to(2, pelvic_tilt_deg=0)

``hold`` keeps everything, ``to`` glides (cosine, as people move), ``set`` jumps, ``lose`` shows
unusable samples, ``skip`` lets time pass without samples, ``shake`` adds seeded noise from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, isfinite, pi
from random import Random
from typing import TYPE_CHECKING, Any

from posture.datatypes import (
    Event,
    EventKind,
    Facing,
    Position,
    PostureSample,
    Quality,
    Reason,
    Rep,
    View,
)

if TYPE_CHECKING:
    from posture.exercises import Exercise, ExerciseState


@dataclass(frozen=True)
class Told:
    """What an exercise made of a timeline."""

    state: ExerciseState
    events: tuple[Event, ...]

    @property
    def reps(self) -> tuple[Rep, ...]:
        return self.state.reps

    @property
    def kinds(self) -> list[str]:
        return [rep.kind.value for rep in self.reps]

    @property
    def verdicts(self) -> list[str]:
        return [rep.verdict.value for rep in self.reps]

    @property
    def faults(self) -> list[str]:
        return [event.id for event in self.events if event.kind is EventKind.FAULT]

    def of(self, kind: EventKind) -> list[str]:
        return [event.id for event in self.events if event.kind is kind]


class Timeline:
    """Samples in the making; every line returns the timeline itself."""

    def __init__(self, *, fps: float = 30.0, **channels: Any) -> None:
        self.fps = fps
        self.samples: list[PostureSample] = []
        self._time_s = 0.0
        self._noise: dict[str, float] = {}
        self._random = Random(7)  # noqa: S311 - a script, not a secret
        self._now = PostureSample(
            **{"time_s": 0.0, "quality": Quality.GOOD, "reason": None, "person": True, **channels}
        )

    @property
    def now(self) -> PostureSample:
        return self._now

    def hold(self, seconds: float) -> Timeline:
        return self.to(seconds)

    def set(self, **channels: Any) -> Timeline:
        self._now = replace(self._now, **channels)
        return self

    def shake(self, **sizes: float) -> Timeline:
        self._noise = sizes
        return self

    def to(self, seconds: float, **channels: float) -> Timeline:
        start = {name: getattr(self._now, name) for name in channels}
        for step in range(1, round(seconds * self.fps) + 1):
            part = 0.5 - 0.5 * cos(pi * step / round(seconds * self.fps))
            moved = {
                name: start[name] + part * (end - start[name]) for name, end in channels.items()
            }
            self._now = replace(self._now, **moved)
            self._show(self._now)
        return self.set(**channels)

    def lose(self, seconds: float, reason: Reason = Reason.NOBODY) -> Timeline:
        nothing = PostureSample(time_s=0.0, reason=reason, person=reason is not Reason.NOBODY)
        for _ in range(round(seconds * self.fps)):
            self._show(nothing)
        return self

    def skip(self, seconds: float) -> Timeline:
        self._time_s += seconds
        return self

    def _show(self, sample: PostureSample) -> None:
        self._time_s += 1.0 / self.fps
        noisy = {
            name: getattr(sample, name) + self._random.uniform(-size, size)
            for name, size in self._noise.items()
            if isfinite(getattr(sample, name))
        }
        self.samples.append(replace(sample, time_s=self._time_s, **noisy))

    def tell(self, exercise: Exercise, state: ExerciseState | None = None) -> Told:
        """Let an exercise see it all, led by its usual breath where a breath leads it."""
        if state is None:
            state = exercise.initial_state(exercise.pace if exercise.paced else None)
        events: list[Event] = []
        for sample in self.samples:
            state, happened = exercise.step(state, sample)
            events += happened
        state, happened = exercise.finish(state)
        return Told(state, (*events, *happened))


def standing_side(**channels: Any) -> Timeline:
    """Somebody in the base stance, seen from the side, calibrated, at rest."""
    rest: dict[str, Any] = {
        "facing": Facing.RIGHT,
        "view": View.SIDE,
        "position": Position.STANDING,
        "pelvic_tilt_deg": 0.0,
        "pelvic_tilt_sd_deg": 2.0,
        "trunk_lean_deg": 2.0,
        "knee_flexion_deg": 8.0,
        "hip_shift": 0.0,
        "hip_height": 0.0,
        "ankle_shift": 0.0,
        "head_pitch_deg": 0.0,
    }
    return Timeline(**{**rest, **channels})


def standing_three_quarter(**channels: Any) -> Timeline:
    """Somebody in the base stance, knees a bit more bent, seen half from the front."""
    rest: dict[str, Any] = {
        "facing": Facing.RIGHT,
        "view": View.THREE_QUARTER,
        "position": Position.STANDING,
        "pelvis_yaw_deg": 0.0,
        "pelvis_yaw_sd_deg": 3.0,
        "thorax_yaw_deg": 0.0,
        "head_yaw_deg": 0.0,
        "trunk_lean_deg": 3.0,
        "trunk_pitch_deg": 3.0,
        "knee_flexion_deg": 25.0,
        "hip_shift": 0.0,
        "ankle_shift": 0.0,
        "pelvis_list_deg": 0.0,
        "knee_spread": 0.9,
    }
    return Timeline(**{**rest, **channels})


def standing_front(**channels: Any) -> Timeline:
    """Somebody standing, seen from the front."""
    return standing_three_quarter(
        **{"view": View.FRONT, "facing": Facing.CAMERA, "knee_flexion_deg": 5.0, **channels}
    )


def lying(**channels: Any) -> Timeline:
    """Somebody on the back, knees bent, seen from the side."""
    rest: dict[str, Any] = {
        "facing": Facing.RIGHT,
        "view": View.SIDE,
        "position": Position.LYING,
        "lift_fraction": 0.0,
        "pelvic_tilt_deg": 0.0,
        "pelvic_tilt_sd_deg": 2.0,
        "shoulder_hip_knee_deg": 130.0,
        "knee_flexion_deg": 95.0,
        "ankle_shift": 0.0,
        "trunk_lean_deg": -88.0,
    }
    return Timeline(**{**rest, **channels})


def sitting(**channels: Any) -> Timeline:
    """Somebody on the front of a chair, back long, seen from the side."""
    rest: dict[str, Any] = {
        "facing": Facing.LEFT,
        "view": View.SIDE,
        "position": Position.SITTING,
        "pelvic_tilt_deg": 0.0,
        "pelvic_tilt_sd_deg": 2.0,
        "trunk_lean_deg": 1.0,
        "knee_flexion_deg": 90.0,
        "head_pitch_deg": 0.0,
        "hip_height": 0.0,
        "hip_shift": 0.0,
        "ankle_shift": 0.0,
    }
    return Timeline(**{**rest, **channels})
