"""The pose network on one square region of a picture: 33 points, a mask, and where to look next.

MediaPipe's own runtime spends as long again around this network as in it. LiteRT runs it, with the
same weights, in half the time, and draws the mask only where the body is. What is done before and
after follows the network's model card and MediaPipe's pose landmarker (Apache-2.0): the region
turned upright and scaled to 256 x 256, points drawn towards their heat map's centre of mass,
everything turned back.
"""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import atan2, ceil, cos, hypot, pi, sin
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from posture.adapters.network_parts import MASK_SIDE, SMALL_SIDE, Parts, take_apart
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
# The mask is drawn in the columns of the region in which points lie, and as far beyond them as
# flesh and clothes reach, in sides of the region. Rendered and filmed people have 5 to 15 cells
# there, wide clothes up to 50: who would be cut off is drawn once more, in all columns.
FLESH_REACH = 20 / MASK_SIDE
# As many cells beside a column that was left out are not as in the whole mask.
BLURRED_CELLS = 10
# Columns of the smallest map that may be drawn; the first that is enough. Most people standing
# need no more than the first.
WIDTHS = (24, 32, 44, SMALL_SIDE)
CELLS = MASK_SIDE // SMALL_SIDE


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
            parts = _parts(bundle, bundle.stat().st_mtime_ns)
            # The maps, its last two outputs, go straight to where the mask is drawn from them.
            self._finding = _Part(parts.points, threads, copied=4)
        except (OSError, KeyError, ModelError, RuntimeError, zipfile.BadZipFile) as error:
            logger.debug("pose network refused", exc_info=error)
            raise not_loaded(bundle) from error
        self._parts, self._threads = parts, threads
        self._drawing: dict[int, _Part] = {}  # by their columns; made when first needed

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
        np.multiply(cells, np.float32(1 / 255), out=self._finding.inputs[0]()[0], dtype=np.float32)
        points, presence, heat, world = (found[0] for found in self._finding.run())
        points = points.reshape(-1, 5)
        places = _warmest(points[:, :2] / SIDE_CELLS, heat)
        mask, left = self._mask(places[:POINT_COUNT, 0])
        places_px = region.turned((places - 0.5) * region.side_px) + np.array(
            [region.x_px, region.y_px]
        )
        world_m = world.reshape(-1, 3)[:POINT_COUNT].astype(np.float64)
        world_m[:, :2] = region.turned(world_m[:, :2])
        pose = Pose(
            landmarks_px=places_px[:POINT_COUNT],
            depth_px=points[:POINT_COUNT, 2] * (region.side_px / SIDE_CELLS),
            visibility=_sigmoid(points[:POINT_COUNT, 3]).astype(np.float64),
            world_m=world_m,
            mask=_in_picture(_sigmoid(mask), left, matrix, image),
        )
        return Reading(pose, float(presence[0]), Region.of_circle(*places_px[CIRCLE]))

    def _mask(self, across: FloatArray) -> tuple[Float32Array, int]:
        """What the network makes of each cell, above 0 for the body, and the first one's column.

        Args:
            across: The points' places across the region, in its sides.
        """
        first, width = _columns(across)
        mask = self._draw(first, width)
        beside = [mask[:, 0]] * (first > 0) + [mask[:, -1]] * (first + width < SMALL_SIDE)
        if any((column > 0).any() for column in beside):
            first, width = 0, SMALL_SIDE
            mask = self._draw(first, width)
        return mask, first * CELLS + BLURRED_CELLS * (first > 0)

    def _draw(self, first: int, width: int) -> Float32Array:
        """The mask in some columns of the smallest map, less the cells that are blurred."""
        if width not in self._drawing:
            self._drawing[width] = _Part(self._parts.drawing_of(width), self._threads, copied=1)
        part = self._drawing[width]
        for finding, drawing in zip(self._finding.outputs[4:], part.inputs, strict=True):
            _copy_columns(finding, drawing, first / SMALL_SIDE)
        (mask,) = part.run()
        left = BLURRED_CELLS * (first > 0)
        right = BLURRED_CELLS * (first + width < SMALL_SIDE)
        return mask[0, :, left : width * CELLS - right, 0]


@lru_cache(maxsize=1)
def _parts(bundle: Path, _changed_ns: int) -> Parts:
    """The parts of a bundle's network; one practice after the other, or beside it, has the same."""
    with zipfile.ZipFile(bundle) as members:
        return take_apart(members.read(LANDMARKER_MEMBER))


class _Part:
    """A network that LiteRT runs.

    Args:
        model: A TFLite model.
        threads: So many cores work on it.
        copied: So many outputs are what :meth:`run` returns.

    Attributes:
        inputs, outputs: Give a view of each tensor. LiteRT refuses to run while anybody holds one,
            and a debugger or profiler holds the local names of functions that have long ended: no
            name may ever stand for such a view.
    """

    def __init__(self, model: bytes, threads: int, copied: int) -> None:
        self._network = Interpreter(model_content=model, num_threads=threads)
        self._network.allocate_tensors()
        self.inputs, self.outputs = (
            [self._network.tensor(each["index"]) for each in details]
            for details in (self._network.get_input_details(), self._network.get_output_details())
        )
        self._copies = [output().copy() for output in self.outputs[:copied]]

    def run(self) -> list[Float32Array]:
        """Compute; the first outputs, which stay as they are until the next time."""
        self._network.invoke()
        for copy, output in zip(self._copies, self.outputs, strict=False):
            copy[...] = output()
        return self._copies


def _copy_columns(
    source: Callable[[], Float32Array], target: Callable[[], Float32Array], first: float
) -> None:
    """Fill a map of some columns from the whole map, from a share of its width on."""
    begin = round(first * source().shape[2])
    target()[...] = source()[:, :, begin : begin + target().shape[2]]


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


def _columns(across: FloatArray) -> tuple[int, int]:
    """The first column of the smallest map in which to draw the mask, and how many.

    Args:
        across: The points' places across the region, in its sides.
    """
    reach = FLESH_REACH + BLURRED_CELLS / MASK_SIDE
    left, right = float(across.min()) - reach, float(across.max()) + reach
    wanted = ceil((right - left) * SMALL_SIDE) + 1
    width = next((each for each in WIDTHS if each >= wanted), SMALL_SIDE)
    first = round((left + right) * SMALL_SIDE / 2 - width / 2)
    return min(max(first, 0), SMALL_SIDE - width), width


def _in_picture(
    mask: Float32Array, left: int, matrix: FloatArray, image: ImageArray
) -> Float32Array:
    """A region's mask, from column ``left`` on, as one of the picture, which is empty elsewhere."""
    size = image.shape[1::-1]
    whole = np.zeros(size[::-1], np.float32)
    matrix = matrix + left * np.column_stack([np.zeros((2, 2)), matrix[:, 0]])
    height, width = mask.shape
    corners = matrix @ np.array([[0, width, 0, width], [0, 0, height, height], [1] * 4])
    x, y = np.clip(np.floor(corners.min(axis=1)), 0, size).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=1)) + 1, 0, size).astype(int)
    part = whole[y:bottom, x:right]
    if part.size:
        shifted = matrix - [[0, 0, x], [0, 0, y]]
        cv2.warpAffine(mask, shifted, part.shape[::-1], dst=part, flags=cv2.INTER_LINEAR)
    return whole


def _sigmoid(values: Float32Array) -> Float32Array:
    # As a hyperbolic tangent it overflows nowhere.
    share: Float32Array = values * np.float32(0.5)
    np.tanh(share, out=share)
    share *= np.float32(0.5)
    share += np.float32(0.5)
    return share
