"""How unlike everything that the weights were fitted on a posture is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from posture.datatypes import FloatArray

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Novelty:
    """Distance from the cloud of known inputs.

    Attributes:
        centre: Shape (n,), the cloud's middle.
        whiten: Shape (n, n); ``(x - centre) @ whiten`` has unit deviation in every direction.
        limit: Distances beyond this count as never seen (1 is the cloud's usual distance).
    """

    centre: FloatArray
    whiten: FloatArray
    limit: float

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], prefix: str) -> Novelty:
        """Take it out of named arrays, as the fitting wrote them."""
        return cls(
            np.asarray(arrays[prefix + "centre"], dtype=np.float64),
            np.asarray(arrays[prefix + "whiten"], dtype=np.float64),
            float(arrays[prefix + "limit"]),
        )

    def distance(self, inputs: FloatArray) -> FloatArray:
        """Root mean square of the whitened input, shape (..., n) to (...); about 1 inside."""
        white = (inputs - self.centre) @ self.whiten
        return np.asarray(np.sqrt(np.mean(white * white, axis=-1)))

    def is_new(self, inputs: FloatArray) -> BoolArray:
        """Whether an input lies outside what is known, shape (..., n) to (...)."""
        return np.asarray(self.distance(inputs) > self.limit)
