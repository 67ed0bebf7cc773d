"""A dressed person: joins layers, poses them per frame and hands triangles to the renderer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from training.anatomy import Pose
from training.body import INDEX, Body, Normals, skin_dual_quaternion, skin_linear
from training.cloth import Drape, Membrane
from training.layers import Layer
from training.render import Surface

Skinning = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
SKINNINGS: dict[str, Skinning] = {"linear": skin_linear, "dual": skin_dual_quaternion}


@dataclass
class Flesh:
    """How soft tissue differs from rigid skinning.

    `squeeze` is metres per degree of tilt that the buttocks move outwards, `belly` likewise for the
    lower belly; `lag` 0-1 the share of the last frame's buttock position that stays.
    """

    squeeze: float = 0.0
    belly: float = 0.0
    lag: float = 0.0


def spread_lumbar(body: Body, blur: float) -> np.ndarray:
    """Skin weights whose lumbar part is derived anew from height alone (held-back variant).

    `blur` widens the transition from bone to bone, 1 = one bone length.
    """
    names = ("pelvis", "spine04", "spine03", "spine02")
    ids = [INDEX[n] for n in names]
    weights = body.template.weights.copy()
    total = weights[:, ids].sum(axis=1)
    joint = np.array([body.head(n)[1] for n in ("spine04", "spine03", "spine02")])
    gap = float(np.diff(joint).mean()) * blur
    y = body.vertices[:, 1]
    steps = [1 / (1 + np.exp(-(y - at) / (0.28 * gap))) for at in joint - 0.1 * gap]
    share = np.stack([1 - steps[0], steps[0] - steps[1], steps[1] - steps[2], steps[2]], axis=1)
    share = np.clip(share, 0, None)
    share /= share.sum(axis=1, keepdims=True)
    weights[:, ids] = share * total[:, None]
    return np.asarray(weights, dtype=np.float32)


@dataclass
class Outfit:
    """Layers (0 skin, 1 eyes, 2 trousers, then the rest) and the moving cloth among them."""

    layers: list[Layer]
    drapes: dict[int, Drape] = field(default_factory=dict)
    membranes: dict[int, tuple[int, float]] = field(default_factory=dict)
    garments: list[dict[str, object]] = field(default_factory=list)


class Person:
    """Layers joined into one mesh."""

    def __init__(
        self, body: Body, outfit: Outfit, skinning: str = "linear", flesh: Flesh | None = None
    ) -> None:
        self.body, self.outfit = body, outfit
        self._skin = SKINNINGS[skinning]
        layers = outfit.layers
        fixed = [i for i in range(len(layers)) if i not in outfit.drapes]
        order = fixed + sorted(outfit.drapes)
        starts = np.cumsum([0] + [len(layers[i].rest) for i in order])
        self.slices = {
            i: slice(int(a), int(b)) for i, a, b in zip(order, starts, starts[1:], strict=False)
        }
        self._skinned = int(starts[len(fixed)])
        rest = np.concatenate([layers[i].rest for i in order]).astype(np.float32)
        self._rest = rest[: self._skinned]
        self._weights = np.concatenate([layers[i].weights for i in fixed]).astype(np.float32)
        self.surface = Surface(
            faces=np.concatenate([layers[i].faces + self.slices[i].start for i in order]).astype(
                np.int32
            ),
            color=np.concatenate([layers[i].color for i in order]),
            pattern=rest,
            kind=np.concatenate([np.full(len(layers[i].rest), layers[i].kind) for i in order]),
            cut=np.concatenate([layers[i].cut for i in order]),
        )
        self._count = len(rest)
        self._normals = Normals(self.surface.faces, self._count)
        self._flesh = flesh or Flesh()
        self._push: list[tuple[slice, np.ndarray, np.ndarray]] = []
        self._late: np.ndarray | None = None
        self._prepare_flesh()
        self._membranes = {
            i: Membrane(layers[i].faces, len(layers[i].rest), *setting)
            for i, setting in outfit.membranes.items()
        }

    @property
    def count(self) -> int:
        """Number of vertices."""
        return self._count

    def _prepare_flesh(self) -> None:
        """Rest-pose weights of buttocks and belly for all skinned vertices."""
        v = self._rest
        hip = self.body.head("thigh.L")
        torso = 1 - self._weights[
            :, [INDEX[f"{n}.{s}"] for s in "LR" for n in ("upperarm", "lowerarm", "hand")]
        ].sum(axis=1)
        back = (
            np.exp(-(((v[:, 1] - hip[1] + 0.02) / 0.085) ** 2))
            * np.clip((hip[2] - 0.03 - v[:, 2]) / 0.05, 0, 1)
            * torso
        )
        front = (
            np.exp(-(((v[:, 1] - hip[1] - 0.13) / 0.09) ** 2))
            * np.clip((v[:, 2] - hip[2]) / 0.06, 0, 1)
            * torso
        )
        self._buttock, self._belly = back.astype(np.float32), front.astype(np.float32)

    def posed(
        self, pose: Pose, tilt: float = 0.0, share: float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Positions and normals of all vertices; `tilt` degrees drives the soft tissue."""
        f = self._flesh
        rest = self._rest
        if f.squeeze or f.belly:
            push = f.squeeze * tilt * self._buttock
            ahead = f.belly * tilt * self._belly
            rest = rest.copy()
            rest[:, 2] += ahead - push
        skinned = self._skin(rest, self._weights, pose.matrices)
        if f.lag:
            if self._late is not None:
                move = (self._late - skinned) * (f.lag * self._buttock)[:, None]
                skinned = skinned + np.clip(move, -0.02, 0.02)
            self._late = skinned
        out = np.empty((self._count, 3), np.float32)
        out[: self._skinned] = skinned
        body, under = skinned[self.slices[0]], skinned[self.slices[2]]
        for i, drape in self.outfit.drapes.items():
            out[self.slices[i]] = drape.update(body, under, pose, share)
        normals = self._normals(out)
        for i, membrane in self._membranes.items():
            part = self.slices[i]
            out[part] = membrane.update(out[part], normals[part])
        return out, normals
