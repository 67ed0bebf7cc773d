"""The page's colours, for each theme."""

from __future__ import annotations

from dataclasses import dataclass

from posture.datatypes import Verdict

SIGNS = {Verdict.GOOD: "✓", Verdict.IMPROVE: "!", Verdict.CANNOT_JUDGE: "?"}


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours for one theme; forward and backward differ for colour-blind eyes too.

    Attributes:
        forward: The pelvis tips forward.
        backward: It tips backward.
        neutral: It does neither.
        line: The curve, and words.
        lost: Where there is no reading.
        ink: Words on any of these.
        good: A good repetition.
        edge: Lines between things.
        card: Ground of what stands out from the page.
    """

    forward: str
    backward: str
    neutral: str
    line: str
    lost: str
    ink: str
    good: str
    edge: str
    card: str


LIGHT = Palette(
    forward="#b45309",
    backward="#1d64b5",
    neutral="#5f6b70",
    line="#1d2a2e",
    lost="#7b8489",
    ink="#ffffff",
    good="#256b4c",
    edge="#dcd9cd",
    card="#ffffff",
)
DARK = Palette(
    forward="#f2a65a",
    backward="#7fb4f5",
    neutral="#94a2a7",
    line="#e7eded",
    lost="#97a3a8",
    ink="#11181b",
    good="#6cc3a0",
    edge="#324046",
    card="#182125",
)
