"""A handful of small networks that answer together, in plain numpy.

Each was fitted without a different part of the people. Where they agree the answer is known; where
they scatter, nobody like this was among those people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from posture.datatypes import Float32Array, FloatArray

# A frame must be answered alone as it is among others, but products of one row and of many differ
# in their last bits. So float32 rows are multiplied by eights, the last filled up with zeros, and
# what is worked out of them in float64 is rounded.
BLOCK = 8
DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Answer:
    """What an ensemble says about one input.

    Attributes:
        mean: Shape (targets,), in the targets' unit.
        sd: Shape (targets,), standard uncertainty: the members' own and their scatter.
    """

    mean: FloatArray
    sd: FloatArray


@dataclass(frozen=True, slots=True)
class Ensemble:
    """A straight line and what two hidden layers add to it; per target a mean and a deviation.

    Attributes:
        centre: Shape (inputs,), subtracted from every input.
        spread: Shape (inputs,), every input is divided by it.
        direct: Shape (members, inputs, targets), the line.
        weights: Three arrays of shape (members, in, out), float32: the numbers come from pictures,
            and tanh takes a fifth of the time.
        biases: Three arrays of shape (members, 1, out), float32; the last out is the targets'
            means, then the logarithms of their deviations.
        sd_scale: Shape (targets,), what the deviations must be multiplied by to be true.
    """

    centre: FloatArray
    spread: FloatArray
    direct: FloatArray
    weights: tuple[Float32Array, ...]
    biases: tuple[Float32Array, ...]
    sd_scale: FloatArray

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], prefix: str = "") -> Ensemble:
        """Take an ensemble out of named arrays, as the fitting wrote them."""

        def array(name: str) -> FloatArray:
            return np.asarray(arrays[prefix + name], dtype=np.float64)

        return cls(
            centre=array("centre"),
            spread=array("spread"),
            direct=array("direct"),
            weights=tuple(array(f"w{layer}").astype(np.float32) for layer in range(3)),
            biases=tuple(array(f"b{layer}").astype(np.float32)[:, None] for layer in range(3)),
            sd_scale=array("sd_scale"),
        )

    def __call__(self, inputs: FloatArray, at_neutral: FloatArray) -> Answer:
        """Answer for one input, as the difference from the answer at the person's neutral.

        Args:
            inputs: Shape (inputs,); NaN is read as the middle of what is known.
            at_neutral: The inputs of neutral itself; their answer is zero by construction.
        """
        answer = self.many(inputs[None], at_neutral)
        return Answer(answer.mean[0], answer.sd[0])

    def many(self, inputs: FloatArray, at_neutral: FloatArray) -> Answer:
        """Answer for many inputs of one session.

        Args:
            inputs: Shape (n, inputs).
            at_neutral: Shape (inputs,).

        Returns:
            Mean and deviation of shape (n, targets).
        """
        rows = np.nan_to_num((np.vstack([inputs, at_neutral]) - self.centre) / self.spread)
        filled = np.pad(rows.astype(np.float32), ((0, -len(rows) % BLOCK), (0, 0)))
        hidden = filled.reshape(-1, 1, BLOCK, len(self.centre))
        last = len(self.weights) - 1
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            hidden = hidden @ weight
            hidden += bias
            if layer < last:
                np.tanh(hidden, out=hidden)
        answers = hidden.swapaxes(0, 1).reshape(len(self.direct), len(filled), -1)[:, : len(rows)]
        answers = answers.astype(np.float64)
        targets = answers.shape[2] // 2
        means = answers[:, :-1, :targets] - answers[:, -1:, :targets]
        means = means + (rows[:-1] - rows[-1]) @ self.direct
        variance = np.exp(2.0 * answers[:, :-1, targets:]).mean(axis=0) + means.var(axis=0)
        sd = np.sqrt(variance) * self.sd_scale
        return Answer(means.mean(axis=0).round(DECIMALS), sd.round(DECIMALS))
