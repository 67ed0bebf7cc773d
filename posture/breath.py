"""The breath pacer: when to breathe in, when to breathe out, when to rest.

Every effort goes with the exhale, every release with the inhale, and the effort lasts as long as
the release. The emphasis changes the pace, never that balance: *let go* adds a rest after each
breath, *contract* makes both halves longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import floor, isfinite, nan

from posture.errors import UsageError


class Breath(StrEnum):
    """What the breath does."""

    INHALE = "inhale"
    EXHALE = "exhale"
    REST = "rest"


class Emphasis(StrEnum):
    """What the user wants to practise most."""

    EVEN = "even"
    LET_GO = "let_go"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Moment:
    """Where in the breath we are.

    Attributes:
        breath: Inhale, exhale or rest.
        progress: How much of it has passed, 0 to 1.
        remaining_s: Seconds until the next change.
        round: Count of breaths, from 1.
    """

    breath: Breath
    progress: float
    remaining_s: float
    round: int


@dataclass(frozen=True, slots=True)
class Pace:
    """A breath that repeats: in, out, rest. The effort is on the exhale.

    Attributes:
        half_s: Length of the inhale and, equally, of the exhale.
        rest_s: Rest after the exhale; 0 for none.

    Raises:
        UsageError: A length outside what people can follow.
    """

    half_s: float = 4.0
    rest_s: float = 0.0

    def __post_init__(self) -> None:
        if not (isfinite(self.half_s) and 1.5 <= self.half_s <= 15):
            raise UsageError("error.breath.half", seconds=self.half_s)
        if not (isfinite(self.rest_s) and 0 <= self.rest_s <= 30):
            raise UsageError("error.breath.rest", seconds=self.rest_s)

    @property
    def round_s(self) -> float:
        """Length of one whole breath, seconds."""
        return 2 * self.half_s + self.rest_s

    def breath(self, elapsed_s: float) -> Breath:
        """Return what the breath does, ``elapsed_s`` seconds after the pacer started."""
        into_s = max(elapsed_s, 0.0) % self.round_s
        if into_s < self.half_s:
            return Breath.INHALE
        return Breath.EXHALE if into_s < 2 * self.half_s else Breath.REST

    def moment(self, elapsed_s: float) -> Moment:
        """Return where the breath is, ``elapsed_s`` seconds after the pacer started.

        Before the start (negative times) it is the start of the first inhale.
        """
        elapsed_s = max(elapsed_s, 0.0)
        into_s = elapsed_s % self.round_s
        breath = self.breath(elapsed_s)
        start_s = {Breath.INHALE: 0.0, Breath.EXHALE: self.half_s, Breath.REST: 2 * self.half_s}
        length_s = self.rest_s if breath is Breath.REST else self.half_s
        progress = (into_s - start_s[breath]) / length_s
        number = floor(elapsed_s / self.round_s) + 1
        return Moment(breath, min(progress, 1.0), length_s * max(1.0 - progress, 0.0), number)

    def exhale_share(self, start_s: float, end_s: float) -> float:
        """Return which part of a stretch fell into exhales, 0 to 1.

        Args:
            start_s: Start of the effort, seconds after the pacer started.
            end_s: Its end, later than ``start_s``.
        """
        if end_s <= start_s:
            return 1.0 if self.moment(start_s).breath is Breath.EXHALE else 0.0
        first = floor(start_s / self.round_s)
        last = floor(end_s / self.round_s)
        inside_s = 0.0
        for number in range(first, last + 1):
            exhale_s = number * self.round_s + self.half_s
            inside_s += max(0.0, min(end_s, exhale_s + self.half_s) - max(start_s, exhale_s))
        return inside_s / (end_s - start_s)


def own_pace(usual: Pace, emphasis: Emphasis, half_s: float = nan) -> Pace:
    """Return the breath that somebody follows.

    Args:
        usual: The exercise's usual breath.
        emphasis: What it is to make room for.
        half_s: How long one breathes in, and as long out, before the emphasis; NaN: as usual.

    Raises:
        UsageError: A length outside what people can follow.
    """
    return with_emphasis(Pace(half_s, usual.rest_s) if isfinite(half_s) else usual, emphasis)


def with_emphasis(pace: Pace, emphasis: Emphasis) -> Pace:
    """Return the pace for an emphasis; effort and release stay equally long."""
    match emphasis:
        case Emphasis.LET_GO:
            return Pace(pace.half_s, max(pace.rest_s, pace.half_s))
        case Emphasis.CONTRACT:
            return Pace(min(pace.half_s * 1.5, 15.0), pace.rest_s)
        case Emphasis.EVEN:
            return pace
