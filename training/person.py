"""A dressed person: joins skinned layers, skins them per frame and hands triangles to the renderer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from training.body import Body, Normals, skin_dual_quaternion, skin_linear
from training.layers import Layer
from training.render import Surface

Skinning = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
SKINNINGS: dict[str, Skinning] = {"linear": skin_linear, "dual": skin_dual_quaternion}


class Person:
    """Skinned layers joined into one mesh."""

    def __init__(self, body: Body, layers: list[Layer], skinning: str = "linear") -> None:
        self.body = body
        self._skin = SKINNINGS[skinning]
        starts = np.cumsum([0] + [len(layer.rest) for layer in layers])
        self.slices = [slice(a, b) for a, b in zip(starts, starts[1:], strict=False)]
        self._rest = np.concatenate([layer.rest for layer in layers]).astype(np.float32)
        self._weights = np.concatenate([layer.weights for layer in layers]).astype(np.float32)
        faces = [layer.faces + s for layer, s in zip(layers, starts, strict=False)]
        kinds = [np.full(len(layer.rest), layer.kind) for layer in layers]
        self.surface = Surface(
            faces=np.concatenate(faces).astype(np.int32),
            color=np.concatenate([layer.color for layer in layers]),
            pattern=self._rest, kind=np.concatenate(kinds),
            cut=np.concatenate([layer.cut for layer in layers]),
        )
        self._normals = Normals(self.surface.faces, len(self._rest))

    @property
    def count(self) -> int:
        return len(self._rest)

    def posed(self, matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positions and normals of all vertices under bone transforms."""
        positions = self._skin(self._rest, self._weights, matrices)
        return positions, self._normals(positions)
