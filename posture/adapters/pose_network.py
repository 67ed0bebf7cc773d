"""The pose network on one square region of a picture: 33 points, a mask, and where to look next.

MediaPipe's own runtime spends as long again around this network as in it. LiteRT runs the same
network, byte for byte, in half the time. What is done before and after it follows the network's
model card and MediaPipe's pose landmarker (Apache-2.0): the region turned upright and scaled to
256 x 256, points drawn towards their heat map's centre of mass, everything turned back.
"""

from __future__ import annotations

import logging
import zipfile
from dataclasses import dataclass
from math import atan2, cos, hypot, pi, sin
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from posture.adapters.pose_bundle import LANDMARKER_MEMBER
from posture.datatypes import Float32Array, FloatArray, ImageArray, Pose
from posture.errors import ModelError
from posture.landmarks import POINT_COUNT

logger = logging.getLogger(__name__)

SIDE_CELLS = 256
# Of its 39 points the last six serve the network alone: the first two of those say where the body's
# circle is, its centre between the hips and a point on it straight above.
CIRCLE = slice(33, 35)
# The region's side in diameters of that circle.
ROOM = 1.25
# A point moves to the centre of mass of this many cells of its heat map, if one of them is sure.
HEAT_REACH = 3
SURE_ENOUGH = 0.5
_AROUND = np.arange(-HEAT_REACH, HEAT_REACH + 1)


@dataclass(frozen=True, slots=True)
class Region:
    """A square of a picture that may be turned.

    Attributes:
        x_px, y_px: Its centre.
        side_px: Its side.
        turn_rad: How far it is turned, clockwise in the picture.
    """

    x_px: float
    y_px: float
    side_px: float
    turn_rad: float

    @classmethod
    def of_circle(cls, centre_px: FloatArray, top_px: FloatArray) -> Region:
        """The region of a body's circle: ``top_px`` lies on it, straight above in the body."""
        right, down = (float(value) for value in top_px - centre_px)
        turn = atan2(down, right) + pi / 2.0
        side = 2.0 * ROOM * hypot(right, down)
        return cls(float(centre_px[0]), float(centre_px[1]), side, turn)

    def turned(self, vectors: FloatArray) -> FloatArray:
        """Vectors of the region, shape (n, 2), as vectors of the picture."""
        c, s = cos(self.turn_rad), sin(self.turn_rad)
        turned: FloatArray = vectors @ np.array([[c, s], [-s, c]])
        return turned

    def matrix(self) -> FloatArray:
        """From the network's cells to the picture's pixels, shape (2, 3)."""
        scale = self.side_px / SIDE_CELLS
        c, s = scale * cos(self.turn_rad), scale * sin(self.turn_rad)
        half = SIDE_CELLS / 2.0
        return np.array(
            [[c, -s, self.x_px - (c - s) * half], [s, c, self.y_px - (s + c) * half]], np.float64
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network saw in a region.

    Attributes:
        pose: The body, not smoothed.
        presence: How sure it is that there is one, 0 to 1.
        next_region: Where to look in the next picture.
    """

    pose: Pose
    presence: float
    next_region: Region


class PoseNetwork:
    """The network of a pose bundle.

    Args:
        bundle: Path of a ``.task`` file.
        threads: So many cores work on a picture; the numbers are the same with any number.

    Raises:
        ModelError: The bundle cannot be loaded.
    """

    def __init__(self, bundle: Path, threads: int = 1) -> None:
        try:
            with zipfile.ZipFile(bundle) as members:
                network = members.read(LANDMARKER_MEMBER)
            self._network = Interpreter(model_content=network, num_threads=threads)
            self._network.allocate_tensors()
        except (OSError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
            logger.debug("pose network refused", exc_info=error)
            raise not_loaded(bundle) from error
        self._input = self._network.tensor(self._network.get_input_details()[0]["index"])
        self._outputs = [
            self._network.tensor(output["index"]) for output in self._network.get_output_details()
        ]
        # LiteRT refuses to run while anybody holds a tensor, and a debugger or profiler holds the
        # local names of functions that have long ended: none may ever be a tensor itself.
        self._seen = [output().copy() for output in self._outputs]

    def read(self, image: ImageArray, region: Region) -> Reading:
        """Look at one region of an RGB picture."""
        matrix = region.matrix()
        cells = cv2.warpAffine(
            image,
            matrix,
            (SIDE_CELLS, SIDE_CELLS),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        np.multiply(cells, np.float32(1 / 255), out=self._input()[0], dtype=np.float32)
        self._network.invoke()
        for seen, output in zip(self._seen, self._outputs, strict=True):
            seen[...] = output()
        points, presence, mask, heat, world = (seen[0] for seen in self._seen)
        points = points.reshape(-1, 5)
        places = _warmest(points[:, :2] / SIDE_CELLS, heat) - 0.5
        places_px = region.turned(places * region.side_px) + np.array([region.x_px, region.y_px])
        world_m = world.reshape(-1, 3)[:POINT_COUNT].astype(np.float64)
        world_m[:, :2] = region.turned(world_m[:, :2])
        pose = Pose(
            landmarks_px=places_px[:POINT_COUNT],
            depth_px=points[:POINT_COUNT, 2] * (region.side_px / SIDE_CELLS),
            visibility=_sigmoid(points[:POINT_COUNT, 3]).astype(np.float64),
            world_m=world_m,
            mask=_in_picture(_sigmoid(mask[..., 0]), matrix, image),
        )
        return Reading(pose, float(presence[0]), Region.of_circle(*places_px[CIRCLE]))


def not_loaded(bundle: Path) -> ModelError:
    """What is said of a bundle that cannot be loaded."""
    name = bundle.stem.rpartition("_")[2]
    return ModelError("error.model.not_loaded", file=bundle.name, name=name)


def _warmest(places: FloatArray, heat: Float32Array) -> FloatArray:
    """Places, shape (n, 2) in sides of the region, drawn to where their heat maps are warm."""
    side = len(heat)
    middle = (places * side).astype(int)
    columns, rows = (middle[:, axis, None] + _AROUND for axis in (0, 1))
    known = _within(rows, side)[:, :, None] & _within(columns, side)[:, None, :]
    columns, rows = columns.clip(0, side - 1)[:, None, :], rows.clip(0, side - 1)[:, :, None]
    maps = np.arange(len(places))[:, None, None]
    warmth = _sigmoid(heat[rows, columns, maps]).astype(np.float64) * known
    whole = np.maximum(warmth.sum(axis=(1, 2)), 1e-9)
    centre = np.stack([(warmth * where).sum(axis=(1, 2)) / whole for where in (columns, rows)], 1)
    moved = _within(middle, side).all(axis=1) & (warmth.max(axis=(1, 2)) >= SURE_ENOUGH)
    return np.where(moved[:, None], centre / side, places)


def _within(cells: npt.NDArray[np.int_], side: int) -> npt.NDArray[np.bool_]:
    return (cells >= 0) & (cells < side)


def _in_picture(mask: Float32Array, matrix: FloatArray, image: ImageArray) -> Float32Array:
    """A region's mask as one of the whole picture, which is empty elsewhere."""
    size = image.shape[1::-1]
    whole = np.zeros(size[::-1], np.float32)
    corners = matrix @ np.array(
        [[0, SIDE_CELLS, 0, SIDE_CELLS], [0, 0, SIDE_CELLS, SIDE_CELLS], [1] * 4]
    )
    left, top = np.clip(np.floor(corners.min(axis=1)), 0, size).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=1)) + 1, 0, size).astype(int)
    part = whole[top:bottom, left:right]
    if part.size:
        shifted = matrix - [[0, 0, left], [0, 0, top]]
        cv2.warpAffine(mask, shifted, part.shape[::-1], dst=part, flags=cv2.INTER_LINEAR)
    return whole


def _sigmoid(values: Float32Array) -> Float32Array:
    # As a hyperbolic tangent it overflows nowhere.
    share: Float32Array = values * np.float32(0.5)
    np.tanh(share, out=share)
    share *= np.float32(0.5)
    share += np.float32(0.5)
    return share
