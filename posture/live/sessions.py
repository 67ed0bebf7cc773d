"""Who may practise: one-time tokens, the cap on simultaneous practices, and their ends.

A *pass* (a token that holds once and not for long) is made for a visitor's page, and turned in
over the socket for a :class:`LiveSession`. A session whose socket is cut gives its pose model
back at once and keeps what was counted for a while; the pass that it was given for that brings
the visitor back to it.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path
from time import monotonic
from typing import Protocol

import cv2
import numpy as np

from posture.adapters.live_film import ENDING as FILM_ENDING
from posture.adapters.live_film import Film
from posture.adapters.memory import giving_back, large_blocks_apart
from posture.adapters.surface import DenseFlow
from posture.adapters.weights import learned_tilt, learned_turn
from posture.breath import Emphasis, own_pace
from posture.datatypes import Frame, Pose
from posture.exercises import get_exercise
from posture.live.choice import ModelChoice
from posture.live.coach import Coach, Moment, Stage
from posture.live.course import Course
from posture.live.journal import Journal, Why
from posture.live.protocol import LATEST_MS, BadMessageError, Command, Picture
from posture.live.tally import numbers_of
from posture.pipeline import DEFAULT_SETTINGS, Perception, PipelineSettings
from posture.programmes import Routine

logger = logging.getLogger(__name__)

Clock = Callable[[], float]


class ClosingLandmarker(Protocol):
    """A pose model that gives its memory and threads back."""

    def detect(self, frame: Frame) -> Pose | None:
        """The person in the next frame, or ``None``."""

    def close(self) -> None:
        """Free everything."""


OpenLandmarker = Callable[[str], ClosingLandmarker]
"""Opens the pose model of a name."""


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """Limits. All chosen by us.

    Attributes:
        most_sessions: Practices at the same time; a model takes half a core and 150 MB.
        pass_s: How long a page's pass holds.
        keep_s: How long a practice without a socket is kept, and its pass holds: a computer
            that was asleep for lunch goes on where it was.
        most_passes: Unused passes that may be open at the same time; the oldest give way.
        most_kept: Practices without a socket that are kept; the oldest give way.
    """

    most_sessions: int = 4
    pass_s: float = 60.0
    keep_s: float = 2 * 3600.0
    most_passes: int = 64
    most_kept: int = 16


class FullError(Exception):
    """As many practices as allowed are going on."""


class BadPassError(Exception):
    """The pass is unknown, was turned in before, or has run out."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor is going to practise.

    Attributes:
        owner: The visitor's page.
        exercise: Exercise id.
        lang: Language of what is said.
        emphasis: What the breath pacer makes room for.
        led: Whether a breath pacer leads; exercises that cannot do without one have it anyway.
        half_s: How long one breathes in, before the emphasis; NaN: as the exercise usually has it.
        routine: The routine that is gone through; ``exercise`` is then its first.
    """

    owner: str
    exercise: str
    lang: str
    emphasis: Emphasis = Emphasis.EVEN
    led: bool = False
    half_s: float = nan
    routine: Routine | None = None


@dataclass(frozen=True, slots=True)
class _Pass:
    wish: Wish
    until_s: float
    session: LiveSession | None = None


class LiveSession:
    """One practice: a coach that stays, and a pose model in a thread while a socket is open.

    Args:
        wish: Who practises what.
        open_landmarker: Opens a pose model.
        models: Names of those that may be taken, the best first.
        settings: Every stage's settings.
        journals: Folder in which the practice is kept; without one it is not.
    """

    def __init__(
        self,
        wish: Wish,
        open_landmarker: OpenLandmarker,
        models: Sequence[str] = ("full",),
        settings: PipelineSettings = DEFAULT_SETTINGS,
        journals: Path | None = None,
    ) -> None:
        self.wish = wish
        self._settings = settings
        self._choice = ModelChoice(models)
        self.journal: Journal | None = None
        self._journals = journals
        self.wants_film = False
        self.film: Film | None = None
        routine = wish.routine
        self.course = None if routine is None else Course(routine, self._make_coach)
        self.coach = self.course.coach if self.course else self._make_coach(wish.exercise)
        self._open_landmarker = open_landmarker
        self._first_ms: float | None = None
        self._last_ms = -1.0
        self._index = 0
        self._landmarker: ClosingLandmarker | None = None
        self._perception: Perception | None = None
        self.worker: ThreadPoolExecutor | None = None
        self._kept: dict[Coach, str] = {}

    @property
    def model(self) -> str:
        """Name of the pose model in use."""
        return self._choice.model

    @property
    def leader(self) -> Coach | Course:
        """Who takes the pictures."""
        return self.course or self.coach

    @property
    def is_over(self) -> bool:
        """Whether the routine has come to its own end."""
        return self.course is not None and self.course.is_over

    def kept(self, coach: Coach) -> str:
        """Return which text tells what is kept of a practice; empty where it needs no word."""
        if coach in self._kept or coach is not self.coach:
            return self._kept.get(coach, "")
        if self.journal is not None and self.journal.trouble:
            return "live.summary.not_kept"
        if self.film is not None:
            return f"live.summary.{'film_ended' if self.film.trouble else 'film_kept'}"
        return ""

    def begin(self) -> ThreadPoolExecutor:
        """Return the thread in which everything of this session happens, until :meth:`rest`."""
        self.worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="posture-live")
        return self.worker

    def load(self) -> None:
        """Open the pose model; in the worker.

        Raises:
            ModelError: It is missing or damaged.
        """
        with large_blocks_apart():  # what a model holds, as well
            self._landmarker = self._open_landmarker(self.model)
        self._perception = Perception(self._landmarker, self._settings, DenseFlow())

    def look(self, picture: Picture) -> Moment | None:
        """See and judge one picture; in the worker.

        Returns:
            What it came to; ``None`` for a picture that is not later than the one before it.

        Raises:
            BadMessageError: It cannot be decoded, or its time is out of all limits.
        """
        if self._perception is None:
            raise RuntimeError("the pose model is not loaded")
        if picture.capture_ms <= self._last_ms:
            return None
        first_ms = picture.capture_ms if self._first_ms is None else self._first_ms
        if picture.capture_ms - first_ms > LATEST_MS:
            raise BadMessageError("a practice of more than a day")
        image = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
        if image is None:
            raise BadMessageError("a JPEG that cannot be decoded")
        self._first_ms, self._last_ms = first_ms, picture.capture_ms
        frame = Frame(
            index=self._index,
            time_s=(picture.capture_ms - first_ms) / 1000.0,
            image_rgb=np.asarray(image, dtype=np.uint8),
        )
        self._index += 1
        counted = self.leader.is_counting
        begun_s = monotonic()
        moment = self.leader.follow(self._perception.observe(frame))
        if self.coach.calibration is None and moment.sample.person:
            self._suit_the_computer(1000.0 * (monotonic() - begun_s))
        if counted and self._journals is not None:
            if self.journal is None:
                self.journal = Journal(
                    self._journals, self.coach.exercise.id, self.wish.lang, self.model
                )
                if self.wants_film:
                    self.film = Film(self._journals / f"{self.journal.name}{FILM_ENDING}")
            self.journal.add(moment.sample, moment.phase, moment.reps)
            if self.film is not None:
                self.film.add(frame.image_rgb, frame.time_s)
        self._keep_up()
        return moment

    def obey(self, command: Command) -> None:
        """Do what the person asks for; in the worker. Without a routine there is less to ask."""
        if command is Command.CALIBRATE:
            self.leader.calibrate_again()
            self._choice.look_again()
        if self.course is None:
            return
        match command:
            case Command.SKIP:
                self.course.skip()
            case Command.PAUSE:
                self.course.pause()
                if self.journal is not None:
                    self.journal.pause()
            case Command.RESUME:
                self.course.resume()
            case Command.REPEAT:
                self.course.repeat()
            case _:
                pass
        self._keep_up()

    def _keep_up(self) -> None:
        """Close what is kept of an exercise that is over, and turn to the next one's coach."""
        if self.course is None:
            return
        if self.journal is not None and self.coach.stage is Stage.DONE:
            self._close_journal(Why.STOPPED)
            self._kept[self.coach] = self.kept(self.coach)
            self.journal, self.film = None, None
        if self.coach is not self.course.coach:
            self.coach = self.course.coach
            self._choice.look_again()

    def _make_coach(self, exercise_id: str) -> Coach:
        exercise, wish = get_exercise(exercise_id), self.wish
        led = wish.led or exercise.paced
        pace = own_pace(exercise.pace, wish.emphasis, wish.half_s) if led else None
        return Coach(exercise, pace, learned_tilt(), self._settings, learned_turn())

    def _suit_the_computer(self, took_ms: float) -> None:
        """Take another model when this one does not suit; before neutral is taken with it."""
        if not self._choice.add(took_ms):
            return
        logger.info("The pose model %r suits this computer now", self.model)
        if self._landmarker is not None:
            self._landmarker.close()
        self.load()
        self.coach.see_anew()

    def finish(self) -> None:
        """End the practice as it was asked for; in the worker."""
        self.leader.finish()
        self._close_journal(Why.STOPPED)

    def rest(self) -> None:
        """Give the pose model back as soon as the picture in work is done. Does not wait."""
        worker, self.worker = self.worker, None
        if worker is None:
            return
        worker.submit(self._unload)
        worker.shutdown(wait=False)

    def end(self) -> None:
        """Nobody comes back to it: rest, and close what is kept of it."""
        worker = self.worker
        if worker is None:
            self._close_journal(Why.LEFT)
        else:
            worker.submit(self._close_journal, Why.LEFT)
            self.rest()

    def _close_journal(self, why: Why) -> None:
        if self.film is not None:  # first: whoever finds the journal's end takes the film as well
            self.film.close()
        if self.journal is not None:
            numbers = numbers_of(self.coach.tally, self.coach.reps)
            self.journal.close(why, self.coach.reps, numbers)

    def _unload(self) -> None:
        landmarker, self._landmarker, self._perception = self._landmarker, None, None
        self.leader.interrupt()
        if self.journal is not None:
            self.journal.pause()
            self.journal.keep()
        if landmarker is not None:
            with giving_back():
                landmarker.close()
                del landmarker


class Sessions:
    """All practices of this process. May be used from any thread.

    Args:
        open_landmarker: Opens a pose model.
        settings: Limits.
        models: Names of the pose models that may be taken, the best first.
        pipeline: Every stage's settings.
        journals: Folder in which practices are kept; without one they are not.
        clock: Seconds, rising.
    """

    def __init__(
        self,
        open_landmarker: OpenLandmarker,
        settings: SessionSettings | None = None,
        *,
        models: Sequence[str] = ("full",),
        pipeline: PipelineSettings = DEFAULT_SETTINGS,
        journals: Path | None = None,
        clock: Clock = monotonic,
    ) -> None:
        self.settings = settings or SessionSettings()
        self._open_landmarker = open_landmarker
        self._models = models
        self._pipeline = pipeline
        self._journals = journals
        self._clock = clock
        self._lock = threading.Lock()
        self._passes: dict[str, _Pass] = {}
        self._active: set[LiveSession] = set()
        self._closed = False

    @property
    def active(self) -> int:
        """How many practices have a socket."""
        with self._lock:
            return len(self._active)

    def make_pass(self, wish: Wish) -> str:
        """Return a one-time token for a visitor; it replaces the one that was not used.

        Args:
            wish: Who is going to practise what.
        """
        with self._lock:
            self._forget_old()
            unused = [t for t, p in self._passes.items() if p.session is None]
            mine = [t for t in unused if self._passes[t].wish.owner == wish.owner]
            oldest = unused[: max(0, len(unused) - self.settings.most_passes + 1)]
            for token in {*mine, *oldest}:
                del self._passes[token]
            return self._new_pass(_Pass(wish, self._clock() + self.settings.pass_s))

    def enter(self, token: str) -> tuple[LiveSession, str]:
        """Turn in a pass.

        Returns:
            The practice, new or resumed, and the pass with which to come back to it.

        Raises:
            BadPassError: The pass does not hold.
            FullError: Too many practices are going on; the pass stays good.
        """
        with self._lock:
            self._forget_old()
            found = self._passes.get(token)
            if found is None or self._closed:
                raise BadPassError
            if len(self._active) >= self.settings.most_sessions:
                raise FullError
            del self._passes[token]
            session = found.session
            if session is None or session in self._active:
                session = LiveSession(
                    found.wish,
                    self._open_landmarker,
                    self._models,
                    self._pipeline,
                    self._journals,
                )
            self._active.add(session)
            far = self._clock() + 24 * 3600.0
            return session, self._new_pass(_Pass(found.wish, far, session))

    def leave(self, session: LiveSession, *, forget: bool) -> None:
        """The socket is gone: free the pose model, and keep the counts unless ``forget``."""
        with self._lock:
            self._active.discard(session)
            until_s = self._clock() + self.settings.keep_s
            mine = [t for t, p in self._passes.items() if p.session is session]
            for token in mine:
                self._passes[token] = replace(self._passes[token], until_s=until_s)
            kept = [(p.until_s, t) for t, p in self._passes.items() if self._is_kept(p)]
            old = [t for _, t in sorted(kept)[: max(0, len(kept) - self.settings.most_kept)]]
            self._forget([*old, *mine] if forget else old)
        if mine and not forget:
            session.rest()
        else:
            session.end()

    def close(self) -> None:
        """End everything. No pass is good any more."""
        with self._lock:
            self._closed = True
            active, self._active = self._active, set()
            self._forget(list(self._passes))
        for session in active:
            session.end()

    def _forget(self, tokens: list[str]) -> None:
        """Passes hold no more; a practice that nobody can come back to is closed."""
        for token in dict.fromkeys(tokens):
            held = self._passes.pop(token)
            if held.session is not None and held.session not in self._active:
                held.session.end()

    def _is_kept(self, held: _Pass) -> bool:
        return held.session is not None and held.session not in self._active

    def _new_pass(self, new: _Pass) -> str:
        token = secrets.token_urlsafe(24)
        self._passes[token] = new
        return token

    def _forget_old(self) -> None:
        now_s = self._clock()
        self._forget([t for t, p in self._passes.items() if p.until_s <= now_s])
