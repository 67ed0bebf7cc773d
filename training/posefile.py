"""What the pose model said about a whole clip, kept in one file.

The model's run is the slow part. With its answers kept, every later change of the stages after it
costs seconds instead of hours: ``ReplayLandmarker`` hands them to the product's own ``Perception``
as if the model were running.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from posture.datatypes import FloatArray, Frame, MaskArray, Pose

# Confidence below the first and above the second becomes 0 and 1: the edge lies at one half, and
# flat areas are small in a PNG.
FLAT = (10, 245)


@dataclass(frozen=True, slots=True)
class Seen:
    """One frame of a clip: its time, picture size, brightness and the pose found in it."""

    index: int
    time_s: float
    size_px: tuple[int, int]
    brightness: float
    pose: Pose | None


def save_poses(path: Path, frames: Sequence[Seen]) -> None:
    """Write a clip's poses, whole or not at all.

    Args:
        path: The ``.npz`` file.
        frames: The clip, times rising.
    """
    found = [f.pose for f in frames if f.pose is not None]
    masks = [_packed(pose.mask) for pose in found]
    part = path.with_suffix(".part.npz")
    np.savez(
        part,
        index=[f.index for f in frames],
        time_s=[f.time_s for f in frames],
        size_px=[f.size_px for f in frames],
        brightness=[f.brightness for f in frames],
        present=[f.pose is not None for f in frames],
        landmarks_px=np.array([p.landmarks_px for p in found]).reshape(-1, 33, 2),
        depth_px=np.array([p.depth_px for p in found]).reshape(-1, 33),
        visibility=np.array([p.visibility for p in found]).reshape(-1, 33),
        world_m=np.array([p.world_m for p in found]).reshape(-1, 33, 3),
        masks=np.frombuffer(b"".join(masks), np.uint8),
        ends=np.cumsum([len(m) for m in masks], dtype=np.int64),
    )
    part.replace(path)


def load_poses(path: Path) -> Iterator[Seen]:
    """The frames of a file that :func:`save_poses` wrote."""
    with np.load(path) as data:
        clip = dict(data)
    row = 0
    for i, present in enumerate(clip["present"]):
        pose = None
        if present:
            start = clip["ends"][row - 1] if row else 0
            pose = Pose(
                landmarks_px=clip["landmarks_px"][row],
                depth_px=clip["depth_px"][row],
                visibility=clip["visibility"][row],
                world_m=clip["world_m"][row],
                mask=_unpacked(clip["masks"][start : clip["ends"][row]]),
            )
            row += 1
        width, height = (int(v) for v in clip["size_px"][i])
        yield Seen(
            int(clip["index"][i]),
            float(clip["time_s"][i]),
            (width, height),
            float(clip["brightness"][i]),
            pose,
        )


class ReplayLandmarker:
    """Answers with kept poses, frame after frame."""

    def __init__(self) -> None:
        self.pose: Pose | None = None

    def detect(self, frame: Frame) -> Pose | None:  # noqa: ARG002  the seam's signature
        """The pose that was put in."""
        return self.pose


def blank_frame(seen: Seen) -> Frame:
    """A frame of the right size and brightness; its picture holds nothing else."""
    width, height = seen.size_px
    level = np.array(round(seen.brightness * 255), np.uint8)
    return Frame(seen.index, seen.time_s, np.broadcast_to(level, (height, width, 3)))


def _packed(mask: MaskArray) -> bytes:
    grey = np.rint(mask * 255.0).astype(np.uint8)
    grey[grey < FLAT[0]] = 0
    grey[grey > FLAT[1]] = 255
    done, png = cv2.imencode(".png", grey, [cv2.IMWRITE_PNG_COMPRESSION, 2])
    assert done  # noqa: S101  cv2 answers so only for a picture without a size
    return bytes(png)


def _unpacked(png: np.ndarray) -> MaskArray:
    grey = cv2.imdecode(png, cv2.IMREAD_GRAYSCALE)
    scaled: FloatArray = grey / np.float32(255.0)
    return scaled.astype(np.float32)
