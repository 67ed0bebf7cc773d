"""Rendered clips as the fitting and the benchmark see them: observations beside their truth."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from posture.features import Observation
from training.observations import observations_of

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True)
class Clip:
    """One rendered clip.

    Attributes:
        name: Its file's stem.
        parameters: How it was made: class, split, clothes, camera.
        observations: What the product's ``Perception`` saw, one per frame.
        truth: Columns of the truth table, one value per frame; angles in degrees.
    """

    name: str
    parameters: dict[str, Any]
    observations: list[Observation]
    truth: dict[str, np.ndarray]

    @property
    def kind(self) -> str:
        """Standing, distractor, yaw, sitting or supine."""
        return str(self.parameters["class"])

    @property
    def split(self) -> str:
        """Train, unseen (new bodies) or heldout (new bodies, the other deformation)."""
        return str(self.parameters["split"])


def load_clips(
    data: Path = DATA, *, splits: set[str] | None = None, kinds: set[str] | None = None
) -> Iterator[Clip]:
    """Every clip of the wanted splits and kinds whose extraction is up to date, by name."""
    for poses in sorted((data / "poses").glob("*.npz")):
        if poses.name.endswith(".part.npz"):
            continue
        about = data / "clips" / f"{poses.stem}.json"
        video = about.with_suffix(".mp4")
        if not video.exists() or poses.stat().st_mtime < video.stat().st_mtime:
            continue  # rendered anew since; the next extraction brings it back
        parameters = json.loads(about.read_text(encoding="utf-8"))
        if splits is not None and parameters["split"] not in splits:
            continue
        if kinds is not None and parameters["class"] not in kinds:
            continue
        observations = observations_of(
            poses, data / "observations" / poses.name, pictures_of(video)
        )
        truth = read_truth(about.with_suffix(".csv"))
        rows = [o.index for o in observations]
        columns = {name: values[rows] for name, values in truth.items()}
        yield Clip(poses.stem, parameters, observations, columns)


def pictures_of(video: Path) -> Path | None:
    """The clip itself where turns are learned from it; looking at every picture takes its time."""
    about = video.with_suffix(".json")
    is_yaw = about.exists() and json.loads(about.read_text(encoding="utf-8"))["class"] == "yaw"
    return video if is_yaw else None


def read_truth(path: Path) -> dict[str, np.ndarray]:
    """A truth table's numeric columns."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {
        name: np.array([float(row[name]) for row in rows])
        for name in rows[0]
        if name not in {"facing", "phase"}
    }
