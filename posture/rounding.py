"""How numbers are rounded for people: one rule, wherever they are shown."""

from __future__ import annotations

from math import ceil


def shown_sd(sd: float) -> int:
    """Return a known standard uncertainty as a whole number: never less than it is, nor zero."""
    return max(1, ceil(sd))
