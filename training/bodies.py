"""Bodies from the `anny` package, reduced to what the renderer needs.

`anny` (Apache-2.0, CC0 MakeHuman assets) is asked once per person for the rest vertices and
joint positions; all posing afterwards is plain numpy. The optional non-commercial topologies
that anny can download are never requested.

Axes everywhere in this package: X to the person's own left, Y up, Z forward; metres.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.body import BONES, Body, Template

DATA = Path(__file__).resolve().parent / "data"
CACHE = DATA / "template.npz"

_GROUPS = ("body", "eyes", "tights", "skirt", "hair")
_SIDES = {"L": ".L", "R": ".R"}


def bone_of(label: str) -> str:
    """Name of our merged bone for one bone label of anny's full rig."""
    side = label[-2:] if label[-2:] in (".L", ".R") else ""
    stem = label.removesuffix(side) if side else label
    if stem in ("root", "pelvis", "spine05"):
        return "pelvis"
    if stem in ("spine04", "spine03", "spine02", "spine01"):
        return stem
    if stem == "breast":
        return "spine02"
    for prefix, name in (
        ("clavicle", "clavicle"),
        ("shoulder", "shoulder"),
        ("upperarm", "upperarm"),
        ("lowerarm", "lowerarm"),
        ("wrist", "hand"),
        ("finger", "hand"),
        ("metacarpal", "hand"),
        ("upperleg", "thigh"),
        ("lowerleg", "shin"),
        ("foot", "foot"),
        ("toe", "foot"),
    ):
        if stem.startswith(prefix):
            return name + side
    return "neck" if stem in ("neck01", "neck02") else "head"


_HEAD_OF = {
    "pelvis": "root",
    "spine04": "spine04",
    "spine03": "spine03",
    "spine02": "spine02",
    "spine01": "spine01",
    "neck": "neck01",
    "head": "neck03",
    "clavicle": "clavicle",
    "shoulder": "shoulder01",
    "upperarm": "upperarm01",
    "lowerarm": "lowerarm01",
    "hand": "wrist",
    "thigh": "upperleg01",
    "shin": "lowerleg01",
    "foot": "foot",
}


def _to_ours(points: np.ndarray) -> np.ndarray:
    """Turn anny's axes (X left, Y back, Z up) to ours."""
    out = np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)
    return np.ascontiguousarray(out, dtype=np.float32)


@dataclass(frozen=True)
class BodySpec:
    """Shape of one person; all values are anny's unit-interval sliders unless said otherwise."""

    gender: float
    age: float
    muscle: float
    weight: float
    height: float
    proportions: float
    african: float
    asian: float
    caucasian: float
    stature_m: float
    local: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for the clip's parameter file."""
        return dict(self.__dict__)


def draw_body(rng: np.random.Generator) -> BodySpec:
    """An adult of any age between about 18 and 85, very slim to very heavy."""
    heavy = rng.random() < 0.3
    weight = float(rng.uniform(0.65, 1.0) if heavy else np.clip(rng.normal(0.45, 0.2), 0.02, 1))
    race = rng.dirichlet([0.6, 0.6, 0.6])
    local = {
        "buttocks-volume-incr": float(np.clip(rng.normal(0, 0.45), -1, 1)),
        "stomach-tone-incr": float(np.clip(rng.normal(0, 0.4), -1, 1)),
        "hip-scale-depth-incr": float(np.clip(rng.normal(0, 0.3), -0.8, 0.8)),
        "hip-scale-horiz-incr": float(np.clip(rng.normal(0, 0.3), -0.8, 0.8)),
        "measure-waist-circ-incr": float(np.clip(rng.normal(0, 0.3), -0.8, 0.8)),
        "measure-hips-circ-incr": float(np.clip(rng.normal(0, 0.3), -0.8, 0.8)),
        "torso-scale-depth-incr": float(np.clip(rng.normal(0, 0.25), -0.7, 0.7)),
        "torso-vshape-incr": float(np.clip(rng.normal(0, 0.3), -0.8, 0.8)),
        "pelvis-tone-incr": float(np.clip(rng.normal(0, 0.4), -1, 1)),
        "measure-napetowaist-dist-incr": float(np.clip(rng.normal(0, 0.25), -0.6, 0.6)),
    }
    if weight > 0.55 and rng.random() < 0.25:
        local["stomach-pregnant-incr"] = float(rng.uniform(0.1, 0.6))
    female = float(rng.choice([0.08, 0.92]))
    stature = 1.76 - 0.13 * female + rng.normal(0, 0.075)
    return BodySpec(
        gender=float(np.clip(female + rng.normal(0, 0.08), 0, 1)),
        stature_m=float(np.clip(stature, 1.45, 2.0)),
        age=float(rng.uniform(0.62, 0.98)),
        muscle=float(np.clip(rng.normal(0.5, 0.2), 0.05, 0.95)),
        weight=weight,
        height=float(np.clip(rng.normal(0.5, 0.18), 0.1, 0.95)),
        proportions=float(np.clip(rng.normal(0.55, 0.2), 0.05, 0.95)),
        african=float(race[0]),
        asian=float(race[1]),
        caucasian=float(race[2]),
        local=local,
    )


def plain_body(gender: float = 0.1, age: float = 0.68, weight: float = 0.42) -> BodySpec:
    """A fit, unremarkable adult for the demonstration clips."""
    stature = 1.78 - 0.12 * gender
    return BodySpec(gender, age, 0.55, weight, 0.5, 0.75, 0.2, 0.2, 0.6, stature, {})


class BodyFactory:
    """Holds anny's model; `make` returns one person ready for posing."""

    def __init__(self) -> None:
        os.environ.setdefault("ANNY_CACHE_DIR", str(DATA / ".anny"))
        import anny  # noqa: PLC0415  heavy: loads torch and warp
        import torch  # noqa: PLC0415  the same

        torch.set_num_threads(1)
        self._torch = torch
        self._model = anny.Anny(
            rig="makehuman", topology="makehuman", local_changes="default", phenotypes="all"
        ).to(dtype=torch.float32)
        self.template, self._keep = self._load_template(Path(anny.__file__).parent)

    def _load_template(self, package: Path) -> tuple[Template, np.ndarray]:
        assets = package / "data" / "mpfb2"
        named = json.loads((assets / "mesh_metadata" / "basemesh_vertex_groups.json").read_text())

        def ids(*names: str) -> np.ndarray:
            spans = [np.arange(a, b + 1) for n in names for a, b in named[n]]
            return np.concatenate(spans)

        parts = {
            "body": ids("body"),
            "eyes": ids("helper-l-eye", "helper-r-eye"),
            "tights": ids("helper-tights"),
            "skirt": ids("helper-skirt"),
            "hair": ids("helper-hair"),
        }
        keep = np.concatenate([parts[g] for g in _GROUPS])
        new_id = np.full(19158, -1)
        new_id[keep] = np.arange(len(keep))
        faces: dict[str, list[list[int]]] = {g: [] for g in _GROUPS}
        owner = np.full(19158, -1)
        for number, g in enumerate(_GROUPS):
            owner[parts[g]] = number
        with (assets / "3dobjs" / "base.obj").open() as stream:
            for line in stream:
                if not line.startswith("f "):
                    continue
                corner = [int(c.split("/")[0]) - 1 for c in line.split()[1:]]
                kinds = {int(owner[c]) for c in corner}
                if len(kinds) == 1 and -1 not in kinds:
                    tri = faces[_GROUPS[kinds.pop()]]
                    for k in range(1, len(corner) - 1):
                        tri.append([int(new_id[c]) for c in (corner[0], corner[k], corner[k + 1])])
        model = self._model
        order = {name: i for i, name in enumerate(BONES)}
        merged = np.array([order[bone_of(b)] for b in model.bone_labels])
        weights = np.zeros((len(keep), len(BONES)), np.float32)
        rows = np.arange(len(keep))[:, None]
        index = model.vertex_bone_indices.numpy()[keep]
        np.add.at(weights, (rows, merged[index]), model.vertex_bone_weights.numpy()[keep])
        weights /= weights.sum(axis=1, keepdims=True)
        masks = self._masks(assets, keep)
        self._cluster, self._size = self._simplify(weights[: len(parts["body"])], keep)
        weights = self._merge(weights)
        masks = {k: self._merge(m[:, None])[:, 0] for k, m in masks.items()}
        groups, start = {}, 0
        for g in _GROUPS:
            size = len(parts[g]) if g != "body" else int(self._cluster[: len(parts[g])].max()) + 1
            groups[g] = slice(start, start + size)
            start += size
        tris = {}
        for g in _GROUPS:
            t = self._cluster[np.asarray(faces[g], np.int64)]
            whole = (t[:, 0] != t[:, 1]) & (t[:, 1] != t[:, 2]) & (t[:, 0] != t[:, 2])
            tris[g] = t[whole].astype(np.int32)
        return Template(groups=groups, faces=tris, weights=weights, masks=masks), keep

    def _simplify(self, weights: np.ndarray, keep: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Merge head, hand and foot vertices that lie within millimetres of each other.

        Half of all triangles are spent there and a webcam picture cannot show them.
        """
        with self._torch.no_grad():
            out = self._model(phenotype_kwargs={})
        v = _to_ours(out["rest_vertices"][0].numpy())[keep]
        count = len(weights)
        owner = np.array(BONES)[weights.argmax(axis=1)]
        cell = np.where(owner == "head", 0.006, 0.0)
        cell = np.where(np.char.startswith(owner, "hand"), 0.009, cell)
        cell = np.where(np.char.startswith(owner, "foot"), 0.012, cell)
        fine = cell > 0
        key = np.full((count, 4), -1, np.int64)
        key[fine, :3] = np.floor(v[:count][fine] / cell[fine, None])
        key[~fine, 3] = np.flatnonzero(~fine)
        _, merged = np.unique(key, axis=0, return_inverse=True)
        merged = merged.ravel()
        rest = merged.max() + 1 + np.arange(len(keep) - count)
        cluster = np.concatenate([merged, rest])
        return cluster, np.bincount(cluster).astype(np.float32)

    def _merge(self, values: np.ndarray) -> np.ndarray:
        """Mean of per-vertex rows over the merged vertices."""
        out = np.zeros((len(self._size), values.shape[1]), np.float32)
        np.add.at(out, self._cluster, values)
        return np.asarray(out / self._size[:, None], dtype=np.float32)

    def _masks(self, assets: Path, keep: np.ndarray) -> dict[str, np.ndarray]:
        """Per-vertex 0-1 masks (lips, eyelids ...) read from the CC0 texture masks."""
        from PIL import Image  # noqa: PLC0415  only while the template is made

        model = self._model
        quads = model.faces.numpy()
        uv_id = model.face_texture_coordinate_indices.numpy()
        uv = np.zeros((19158, 2))
        uv[quads.ravel()] = model.texture_coordinates.numpy()[uv_id.ravel()]
        out = {}
        for name in ("lips", "eyelids", "ears", "fingernails", "aureolae"):
            image = np.asarray(Image.open(assets / "textures" / f"mpfb_{name}.jpg").convert("L"))
            col = np.clip((uv[:, 0] * image.shape[1]).astype(int), 0, image.shape[1] - 1)
            row = np.clip(((1 - uv[:, 1]) * image.shape[0]).astype(int), 0, image.shape[0] - 1)
            out[name] = (image[row, col].astype(np.float32) / 255.0)[keep]
        return out

    def make(self, spec: BodySpec) -> Body:
        """Rest vertices and joints of one person, feet on Y = 0."""
        torch = self._torch
        names = (
            "gender",
            "age",
            "muscle",
            "weight",
            "height",
            "proportions",
            "african",
            "asian",
            "caucasian",
        )
        known = set(self._model.phenotype_labels)
        kwargs = {k: torch.tensor([float(getattr(spec, k))]) for k in names if k in known}
        changes = {k: torch.tensor([v]) for k, v in spec.local.items()}
        with torch.no_grad():
            out = self._model(phenotype_kwargs=kwargs, local_changes_kwargs=changes)
        vertices = self._merge(_to_ours(out["rest_vertices"][0].numpy())[self._keep])
        heads_all = _to_ours(out["rest_bone_heads"][0].numpy())
        label = {b: i for i, b in enumerate(self._model.bone_labels)}
        heads = np.zeros((len(BONES), 3), np.float32)
        for i, bone in enumerate(BONES):
            stem, _, side = bone.partition(".")
            name = _HEAD_OF[stem] + (f".{side}" if side else "")
            heads[i] = heads_all[label[name]]
        extra = {
            f"{key}.{s}": heads_all[label[f"{bone}.{s}"]]
            for s in "LR"
            for key, bone in (
                ("index", "finger2-1"),
                ("little", "finger5-1"),
                ("middle", "finger3-1"),
                ("tip", "finger3-3"),
            )
        }
        ground = float(vertices[self.template.groups["body"], 1].min())
        shift = np.array([0, -ground, 0], np.float32)
        top = float(vertices[self.template.groups["body"], 1].max())
        scale = np.float32(spec.stature_m / (top - ground))
        extra = {k: ((v + shift) * scale).astype(np.float32) for k, v in extra.items()}
        return Body(self.template, (vertices + shift) * scale, (heads + shift) * scale, extra)
