"""A recorded video from end to end: read, see, take neutral, interpret, summarise."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np

from posture.adapters.landmarker import MediaPipeLandmarker
from posture.adapters.memory import large_blocks_apart
from posture.adapters.model_store import ModelStore
from posture.adapters.surface import DenseFlow
from posture.adapters.video_reader import VideoInfo, open_video, read_ahead
from posture.adapters.weights import learned_tilt, learned_turn
from posture.corrections import ORIGINAL, Corrections, hidden, recount, shown_again
from posture.datatypes import (
    Event,
    Frame,
    Quality,
    Rep,
    TimeWindow,
)
from posture.errors import NobodyError, UsageError
from posture.exercises import get_exercise
from posture.exercises.exercise import Exercise
from posture.features import Observation
from posture.judgement import Recording
from posture.pelvis.calibration import Calibration, calibrate, find_neutral
from posture.pelvis.learned_tilt import LearnedTilt
from posture.pelvis.rotation import LearnedTurn
from posture.pipeline import (
    DEFAULT_SETTINGS,
    Interpreter,
    Perception,
    PipelineSettings,
    Result,
)
from posture.summary import summarise

logger = logging.getLogger(__name__)

# More cores than this quicken one picture hardly any further.
MOST_THREADS = 4


@dataclass(frozen=True, slots=True)
class Request:
    """What to analyse a video for.

    Attributes:
        exercise: Exercise id.
        neutral: Where the person stands in neutral; ``None`` to find it.
        forward: Where the person is as far forward as is comfortable, if known.
        backward: The same backward.
        model: ``lite``, ``full`` or ``heavy``.
    """

    exercise: str = "standing-tilt"
    neutral: TimeWindow | None = None
    forward: TimeWindow | None = None
    backward: TimeWindow | None = None
    model: str = "full"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an analysis is.

    Attributes:
        done_s: Video time analysed.
        total_s: The video's length; NaN when unknown.
        frames: Frames analysed.
    """

    done_s: float
    total_s: float
    frames: int


OnProgress = Callable[[Progress], None]
Estimators = tuple[LearnedTilt, LearnedTurn]


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything known about one recording.

    Attributes:
        path: The video.
        info: Its properties.
        request: What was asked.
        results: One for each decoded frame.
        reps: Finished repetitions.
        events: Everything the exercise said.
        calibration: The neutral used; ``None`` when none could be taken.
        neutral_found: Whether neutral was found rather than given.
        people_at_once: Most people seen together when tracking began.
        damage: A sentence about the part that could not be read, or ``None``.
        model_sha256: The pose model's hash.
        estimator: Name of the tilt estimator.
        corrections: What the person put right; empty for the original.
    """

    path: Path
    info: VideoInfo
    request: Request
    results: tuple[Result, ...]
    reps: tuple[Rep, ...]
    events: tuple[Event, ...]
    calibration: Calibration | None
    neutral_found: bool
    people_at_once: int
    damage: str | None
    model_sha256: str
    estimator: str
    corrections: Corrections = ORIGINAL

    @property
    def judged(self) -> bool:
        """Whether any frame has a reading."""
        return any(r.sample.quality is not Quality.NONE for r in self.results)

    def having_seen(self, observations: Iterable[Observation]) -> Analysis:
        """The same with these observations, one for each result.

        Raises:
            ValueError: There are more or fewer of them.
        """
        pairs = zip(observations, self.results, strict=True)
        results = [Result(seen, r.sample, r.events, r.phase, r.rep) for seen, r in pairs]
        return replace(self, results=tuple(results))

    def summary(self) -> dict[str, Any]:
        """The contents of ``summary.json``."""
        return summarise(self)


def analyze_video(
    path: Path,
    request: Request,
    *,
    store: ModelStore | None = None,
    settings: PipelineSettings = DEFAULT_SETTINGS,
    threads: int | None = None,
    on_progress: OnProgress | None = None,
) -> Analysis:
    """Analyse one recorded video.

    Args:
        path: A video file.
        request: Exercise, calibration windows, pose model.
        store: Where pose models are.
        settings: Every stage's settings.
        threads: So many cores for the pose network; by default all that there are. The result is
            the same with any number.
        on_progress: Called after each frame.

    Returns:
        The analysis; it may hold no reading at all (see ``judged``).

    Raises:
        UsageError: Unknown exercise, or a window outside the video.
        InputError: The file cannot be read as a video.
        ModelError: The pose model is missing or damaged.
        NobodyError: Nobody can be judged in a window that was given.
    """
    get_exercise(request.exercise)
    models = store or ModelStore()
    bundle = models.path(request.model)
    with (
        large_blocks_apart(),
        open_video(path) as reader,
        MediaPipeLandmarker(bundle, threads or _all_cores()) as landmarker,
        closing(read_ahead(reader)) as frames,
    ):
        _refuse_outside(request, reader.info.duration_s)
        observations = _observe(
            Perception(landmarker, settings, DenseFlow()),
            landmarker.looking_ahead(frames),
            reader.info.duration_s,
            on_progress,
        )
        damage, info, people = reader.damage, reader.info, landmarker.people_at_once
    seen = Analysis(
        path=path,
        info=info,
        request=request,
        results=(),
        reps=(),
        events=(),
        calibration=None,
        neutral_found=False,
        people_at_once=people,
        damage=damage,
        model_sha256=models.sha256(request.model),
        estimator="",
    )
    recording = Recording(observations, settings.quality)
    return _interpreted(seen, recording, settings, _estimators())


def _all_cores() -> int:
    """Cores that this process may use, and a picture makes use of."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(cores, MOST_THREADS)


class Corrector:
    """Puts a recording right as often as is wanted, and keeps what does not change with it.

    Args:
        original: The analysis as it came out; it holds every observation.
        settings: Every stage's settings.
        estimators: Where tilt and turn come from; left out, the weights that come with us.
    """

    def __init__(
        self,
        original: Analysis,
        settings: PipelineSettings = DEFAULT_SETTINGS,
        estimators: Estimators | None = None,
    ) -> None:
        self.original = original
        self._settings = settings
        self._given = estimators
        self._observations = [result.observation for result in original.results]
        self._recording = Recording(self._observations, settings.quality)
        self._read = original

    def prepare(self) -> None:
        """Work out now what every correction needs, so that the first one is as quick."""
        self._recording.prepare(get_exercise(self.original.request.exercise).reading)

    def correct(self, corrections: Corrections) -> Analysis:
        """Interpret the recording anew; no picture is looked at again.

        Args:
            corrections: All of them, counted from the original; empty ones restore it.

        Raises:
            UsageError: Unknown exercise, a window outside the video, or a repetition is to be
                added where nothing can be read.
            NobodyError: Nobody can be judged in the neutral that was chosen.
        """
        if not corrections:
            return self.original
        original = self.original
        plain = replace(corrections, deleted=(), added=())
        if plain != self._read.corrections:
            request = original.request
            request = replace(
                request,
                exercise=corrections.exercise or request.exercise,
                neutral=corrections.neutral or request.neutral,
            )
            base = replace(original, request=request, corrections=plain)
            recording = self._without(plain.excluded)
            self._read = _interpreted(base, recording, self._settings, self._estimators)
            if plain.excluded:
                last = _last_events(self._read)
                results = shown_again(self._read.results, self._observations, plain.excluded)
                self._read = replace(self._read, results=results, events=_events(results, last))
        read = self._read
        if not corrections.of_repetitions:
            return read
        results, reps, last = recount(
            read.results,
            read.reps,
            _last_events(read),
            get_exercise(read.request.exercise),
            corrections,
        )
        events = _events(results, last)
        return replace(read, results=results, reps=reps, events=events, corrections=corrections)

    def settle(self, exercise: str) -> None:
        """Make an exercise the one that was asked for from the start.

        Raises:
            UsageError: There is no such exercise.
        """
        if exercise != self.original.request.exercise:
            settled = self.correct(Corrections(exercise=exercise))
            self.original = self._read = replace(settled, corrections=ORIGINAL)

    @cached_property
    def _estimators(self) -> Estimators:
        return self._given or _estimators()

    def _without(self, excluded: tuple[TimeWindow, ...]) -> Recording:
        if not excluded:
            return self._recording
        return self._recording.hiding(hidden(self._observations, excluded))


def _estimators() -> Estimators:
    return learned_tilt(), learned_turn()


def _interpreted(
    seen: Analysis, recording: Recording, settings: PipelineSettings, estimators: Estimators
) -> Analysis:
    """Fill in everything that follows from the observations and the request."""
    request = seen.request
    exercise = get_exercise(request.exercise)
    calibration = _calibration(recording.observations, exercise, request, settings)
    estimator, turn_estimator = estimators
    interpreter = Interpreter(exercise, calibration, estimator, settings, turn_estimator)
    judged = recording.judge(exercise.reading, calibration, estimator, turn_estimator)
    results = interpreter.interpret_all(recording.observations, judged)
    events = _events(results, interpreter.finish())
    if calibration is not None:
        calibration = calibration.with_range(
            _reach_deg(results, request.forward), _reach_deg(results, request.backward)
        )
    return replace(
        seen,
        results=results,
        reps=interpreter.state.reps,
        events=events,
        calibration=calibration,
        neutral_found=request.neutral is None and calibration is not None,
        estimator=estimator.name,
    )


def _events(results: Sequence[Result], last: Iterable[Event]) -> tuple[Event, ...]:
    """Everything that was said: frame by frame, and after the last frame."""
    return (*(event for result in results for event in result.events), *last)


def _last_events(analysis: Analysis) -> tuple[Event, ...]:
    return analysis.events[sum(len(result.events) for result in analysis.results) :]


def _observe(
    perception: Perception,
    frames: Iterable[Frame],
    total_s: float,
    on_progress: OnProgress | None,
) -> list[Observation]:
    observations: list[Observation] = []
    for frame in frames:
        observations.append(perception.observe(frame))
        if on_progress is not None:
            on_progress(Progress(frame.time_s, total_s, len(observations)))
    return observations


def _refuse_outside(request: Request, duration_s: float) -> None:
    """Refuse a window that starts after the end before any work is done; NaN refuses nothing."""
    for window in (request.neutral, request.forward, request.backward):
        if window is not None and window.start_s > duration_s:
            raise UsageError(
                "error.window.outside",
                start_s=window.start_s,
                end_s=window.end_s,
                last_s=duration_s,
            )


def _calibration(
    observations: Sequence[Observation],
    exercise: Exercise,
    request: Request,
    settings: PipelineSettings,
) -> Calibration | None:
    reading = exercise.reading
    window = request.neutral
    if window is None:
        window = find_neutral(
            observations, reading, exercise.position, settings.quality, settings.neutral
        )
        if window is None:
            return None
    return calibrate(observations, window, reading, settings.quality)


def _reach_deg(results: Sequence[Result], window: TimeWindow | None) -> float:
    """Median tilt in a window that shows the person's own reach; NaN without a window."""
    if window is None:
        return nan
    tilts = [r.sample.pelvic_tilt_deg for r in results if r.sample.time_s in window]
    if not tilts:
        raise UsageError(
            "error.window.outside",
            start_s=window.start_s,
            end_s=window.end_s,
            last_s=results[-1].sample.time_s if results else 0.0,
        )
    known = [tilt for tilt in tilts if not isnan(tilt)]
    if not known:
        raise NobodyError("error.window.no_tilt", start_s=window.start_s, end_s=window.end_s)
    return float(np.median(known))
