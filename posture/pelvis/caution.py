"""How much of a read change is told, and how sure that is.

Most of the time people are where they were at neutral, which the networks do not know. So a change
that its own uncertainty could explain is told smaller, and the more so the more of the body moved:
a bending knee or a leaning trunk looks a little like a tilt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from posture.datatypes import FloatArray
from posture.pelvis.network import DECIMALS

# Keep logarithms finite where nothing changed: in deviations, degrees and usual changes.
_LEAST_DEVIATIONS, _LEAST_DEG, _LEAST_MOVED = 0.05, 0.1, 0.05


def moved(changes: FloatArray, spread: FloatArray) -> FloatArray:
    """How much outline and joints have changed together since neutral; about 1 is usual.

    Args:
        changes: Shape (..., n).
        spread: How far each usually changes, shape (n,).

    Returns:
        Root mean square in these units, shape (...).
    """
    return np.asarray(np.sqrt(np.mean((changes / spread) ** 2, axis=-1)).round(DECIMALS))


def grounds(change_deg: FloatArray, sd_deg: FloatArray, moved_by: FloatArray) -> FloatArray:
    """What speaks for telling a change: shape (..., 4), in the order of :class:`Caution`."""
    size_deg = np.abs(change_deg)
    return np.stack(
        [
            np.ones_like(size_deg),
            np.log(size_deg / sd_deg + _LEAST_DEVIATIONS),
            np.log(size_deg + _LEAST_DEG),
            np.log(moved_by + _LEAST_MOVED),
        ],
        axis=-1,
    )


@dataclass(frozen=True, slots=True)
class Caution:
    """Fitted on people kept out, some of whom only move something else.

    Attributes:
        weights: Shape (4,): a constant, and what a change's size in its own deviations,
            its size in degrees and how much has moved count, all as logarithms. ``None``: all is
            told.
        sd_scales: Shape (2,): what a deviation is multiplied by where nothing and where all is
            told.
    """

    weights: FloatArray | None
    sd_scales: FloatArray

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], prefix: str) -> Caution:
        """Take it out of named arrays, as the fitting wrote them."""
        weights = arrays.get(prefix + "caution")
        return cls(
            None if weights is None else np.asarray(weights, dtype=np.float64),
            np.asarray(arrays[prefix + "told_sd"], dtype=np.float64),
        )

    def share(self, change_deg: FloatArray, sd_deg: FloatArray, moved_by: FloatArray) -> FloatArray:
        """Which share of a change is told.

        Args:
            change_deg: Any shape.
            sd_deg: Its standard uncertainty by the networks, same shape.
            moved_by: From :func:`moved`, same shape.

        Returns:
            Same shape, 0 to 1.
        """
        if self.weights is None:
            return np.ones_like(change_deg)
        speaks = (grounds(change_deg, sd_deg, moved_by) * self.weights).sum(axis=-1)
        told: FloatArray = (1.0 / (1.0 + np.exp(-speaks))).round(DECIMALS)
        return told

    def sd_deg(self, share: FloatArray, sd_deg: FloatArray) -> FloatArray:
        """The uncertainty of what is told: small where nothing seems to have changed.

        Args:
            share: Which share of a change is told, any shape.
            sd_deg: The change's uncertainty by the networks, same shape.

        Returns:
            Same shape.
        """
        still, full = self.sd_scales
        told: FloatArray = sd_deg * (still + (full - still) * share)
        return told
