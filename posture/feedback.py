"""From events to cues: what the coach says, and above all when it says nothing.

One policy, pure like the exercises. At most one cue at a time; the most important first; a cue is
not repeated before its cool-down; praise is rare and must be earned; and when all goes well there
is silence. What is no longer true by the time the coach is free to speak is left unsaid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from math import inf
from typing import TYPE_CHECKING

from posture.datatypes import EventKind, Verdict
from posture.locales import has_text, lines, text

if TYPE_CHECKING:
    from posture.datatypes import Event
    from posture.exercises import Exercise


class Weight(IntEnum):
    """How important a cue is; the smaller, the more."""

    LOST = 0
    FOUND = 1
    FAULT = 2
    MENDED = 3
    PRAISE = 4


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing the coach says.

    Attributes:
        time_s: When it begins.
        id: What it is about: a fault's id, a reason, ``resumed``, ``mended`` or ``praise``.
        weight: How important it is; also which sound stands in where there is no voice.
        text_key: Key of the text to show.
        say_key: Key of the text to speak.
        variant: Which of several wordings, where the text is a list.
        silent: Whether it is shown and not said.
    """

    time_s: float
    id: str
    weight: Weight
    text_key: str
    say_key: str
    variant: int = 0
    silent: bool = False

    def text(self, lang: str) -> str:
        """Return the words to show."""
        return _worded(self.text_key, lang, self.variant)

    def say(self, lang: str) -> str:
        """Return the words to speak; none when it is only shown."""
        return "" if self.silent else _worded(self.say_key, lang, self.variant)


@dataclass(frozen=True, slots=True)
class FeedbackSettings:
    """When the coach speaks. Chosen by us; evidence: tests/unit/test_feedback.py.

    Attributes:
        speech_s: Time a spoken cue takes, and a breath after it.
        quiet_s: Least time from the start of one cue to the start of the next.
        repeat_s: The same cue is not repeated within this time.
        stale_s: A cue that could not be said for so long is left unsaid.
        lost_after_s: A pause must last this long before it is spoken of.
        praise_every_s: Least time between two praises.
        praise_after: So many good repetitions in a row earn one.
        mended_after: So many repetitions without a fault that was named earn a word.
    """

    speech_s: float = 3.0
    quiet_s: float = 6.0
    repeat_s: float = 20.0
    stale_s: float = 3.0
    lost_after_s: float = 1.0
    praise_every_s: float = 60.0
    praise_after: int = 4
    mended_after: int = 2


SETTINGS = FeedbackSettings()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A cue that may be said from ``from_s`` on, until ``until_s``."""

    cue: Cue
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class FeedbackState:
    """What the coach remembers. ``FeedbackState()`` is a fresh one.

    Attributes:
        spoken: When each cue was last said, by its id.
        spoke_s: When anything was last said.
        waiting: What would be said next.
        lost_spoken: Whether the pause that is on was spoken of.
        good_reps: Good repetitions in a row.
        corrected: The fault that was named last, until it is mended.
        clean_reps: Repetitions without it since.
        praised_s: When a kind word was last given.
        praises: How often.
    """

    spoken: tuple[tuple[str, float], ...] = ()
    spoke_s: float = -inf
    waiting: Waiting | None = None
    lost_spoken: bool = False
    good_reps: int = 0
    corrected: str = ""
    clean_reps: int = 0
    praised_s: float = -inf
    praises: int = 0

    def last_s(self, cue_id: str) -> float:
        """Return when a cue was last said; minus infinity if never."""
        return next((time_s for known, time_s in self.spoken if known == cue_id), -inf)


def step(
    exercise: Exercise,
    state: FeedbackState,
    time_s: float,
    events: tuple[Event, ...],
    settings: FeedbackSettings = SETTINGS,
) -> tuple[FeedbackState, Cue | None]:
    """Take what just happened; return the new state and the cue to begin now, if any.

    Args:
        exercise: What is being practised.
        state: What the coach remembers.
        time_s: The time now, on the clock of the samples; call it for each sample.
        events: What the exercise made of that sample; often nothing.
        settings: When the coach speaks.
    """
    for event in events:
        state = _hear(exercise, state, event, settings)
    waiting = state.waiting
    if waiting is None or time_s < waiting.from_s:
        return state, None
    if time_s > waiting.until_s:
        return replace(state, waiting=None), None
    pause_s = settings.speech_s if waiting.cue.weight <= Weight.FOUND else settings.quiet_s
    if time_s - state.spoke_s < pause_s:
        return state, None
    return _speak(state, replace(waiting.cue, time_s=time_s))


def phase_words(exercise: Exercise, phase: str, lang: str) -> str:
    """Return a phase in words.

    Raises:
        KeyError: The exercise has no such phase.
    """
    own = f"exercise.{exercise.id}.phase.{phase}"
    return text(own if has_text(own, lang) else f"cue.phase.{phase}", lang)


def _hear(
    exercise: Exercise, state: FeedbackState, event: Event, settings: FeedbackSettings
) -> FeedbackState:
    match event.kind:
        case EventKind.PAUSED:
            key = f"reason.{event.id}"
            cue = Cue(event.time_s, event.id, Weight.LOST, key, key)
            state = replace(state, lost_spoken=False, good_reps=0, waiting=None)
            return _offer(state, cue, settings, delay_s=settings.lost_after_s, keep=True)
        case EventKind.RESUMED:
            was_spoken = state.lost_spoken
            state = replace(state, waiting=None, lost_spoken=False)
            if not was_spoken:
                return state
            cue = Cue(event.time_s, "resumed", Weight.FOUND, "cue.resumed", "cue.resumed")
            return _offer(state, cue, settings)
        case EventKind.FAULT:
            # Some faults are no single repetition's; the one that comes with it earns nothing.
            clean = -1 if event.id == state.corrected else state.clean_reps
            state = replace(state, good_reps=-1, clean_reps=clean)
            prefix = f"exercise.{exercise.id}"
            cue = Cue(
                event.time_s,
                event.id,
                Weight.FAULT,
                f"{prefix}.fault.{event.id}",
                f"{prefix}.say.{event.id}",
            )
            return _offer(state, cue, settings, rank=exercise.fault_ids)
        case EventKind.REP if event.rep is not None:
            return _after_rep(state, event, settings)
        case _:
            return state


def _after_rep(state: FeedbackState, event: Event, settings: FeedbackSettings) -> FeedbackState:
    rep = event.rep
    if rep is None or rep.verdict is Verdict.CANNOT_JUDGE:
        return state
    good = state.good_reps + 1 if rep.verdict is Verdict.GOOD else 0
    clean = 0 if state.corrected in rep.faults else state.clean_reps + 1
    state = replace(state, good_reps=good, clean_reps=clean)
    if state.corrected and good and clean >= settings.mended_after:
        state = replace(state, corrected="", clean_reps=0)
        cue = Cue(event.time_s, "mended", Weight.MENDED, "cue.mended", "cue.mended")
        return _offer(state, cue, settings)
    rested = event.time_s - state.praised_s >= settings.praise_every_s
    if good < settings.praise_after or not rested:
        return state
    cue = Cue(event.time_s, "praise", Weight.PRAISE, "cue.praise", "cue.praise", state.praises)
    return _offer(state, cue, settings)


def _offer(
    state: FeedbackState,
    cue: Cue,
    settings: FeedbackSettings,
    *,
    delay_s: float = 0.0,
    keep: bool = False,
    rank: tuple[str, ...] = (),
) -> FeedbackState:
    """Let a cue wait for its turn, unless it was said lately or something weightier waits."""
    if cue.time_s - state.last_s(cue.id) < settings.repeat_s and cue.weight is not Weight.FOUND:
        return state
    waiting = state.waiting
    if waiting is not None and cue.time_s <= waiting.until_s:
        other = waiting.cue
        if other.weight < cue.weight:
            return state
        if other.weight is cue.weight is Weight.FAULT and rank.index(other.id) < rank.index(cue.id):
            return state
    until_s = inf if keep else cue.time_s + settings.stale_s
    return replace(state, waiting=Waiting(cue, cue.time_s + delay_s, until_s))


def _speak(state: FeedbackState, cue: Cue) -> tuple[FeedbackState, Cue]:
    others = tuple(item for item in state.spoken if item[0] != cue.id)
    state = replace(state, spoken=(*others, (cue.id, cue.time_s)), spoke_s=cue.time_s, waiting=None)
    if cue.weight is Weight.LOST:
        state = replace(state, lost_spoken=True)
    elif cue.weight is Weight.FAULT:
        state = replace(state, corrected=cue.id, clean_reps=0, good_reps=0)
    elif cue.weight is Weight.MENDED:
        state = replace(state, praised_s=cue.time_s, good_reps=0)
    elif cue.weight is Weight.PRAISE:
        state = replace(state, praised_s=cue.time_s, praises=state.praises + 1, good_reps=0)
    return state, cue


def _worded(key: str, lang: str, variant: int) -> str:
    try:
        return text(key, lang)
    except KeyError:
        wordings = lines(key, lang)
        return wordings[variant % len(wordings)]
