"""From a decoded picture to what a screen would show: upright, square pixels, full-range RGB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter

if TYPE_CHECKING:
    from fractions import Fraction

    from av.video.frame import VideoFrame

    from posture.datatypes import ImageArray

_UNSPECIFIED_COLORSPACE = 2
_HIGH_DEFINITION_PX = 720
_STRONG_SHRINKING = 1.75
_FLIP_CODES = {(True, False): 1, (False, True): 0, (True, True): -1}

Size = tuple[int, int]
"""Width and height, pixels."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """How a decoded picture is put upright: first transposed, then flipped."""

    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False

    @classmethod
    def from_display_matrix(cls, matrix: bytes) -> Orientation:
        """Read a display matrix: nine 32-bit integers, row by row, native byte order.

        The nearest multiple of 90 degrees is taken; a degenerate matrix asks for nothing.
        """
        if len(matrix) < 36:
            return cls()
        a, b, _, c, d = (float(v) for v in np.frombuffer(matrix, np.int32, 5))
        if a * d == b * c:
            return cls()
        if abs(a) + abs(d) >= abs(b) + abs(c):
            return cls(flip_x=a < 0, flip_y=d < 0)
        return cls(transpose=True, flip_x=c < 0, flip_y=b < 0)

    @property
    def mirrored(self) -> bool:
        """Whether left and right swap, apart from any turn."""
        return (self.transpose + self.flip_x + self.flip_y) % 2 == 1

    @property
    def clockwise_deg(self) -> int:
        """The turn: 0, 90, 180 or 270. A mirrored picture is mirrored left-right after it."""
        if self.transpose:
            return 270 if self.flip_y else 90
        return 180 if self.flip_y else 0

    def apply(self, image_rgb: ImageArray) -> ImageArray:
        """Put a picture of shape (height, width, 3) upright; returned unchanged if it is."""
        turned = cv2.transpose(image_rgb) if self.transpose else image_rgb
        if self.flip_x or self.flip_y:
            turned = cv2.flip(turned, _FLIP_CODES[self.flip_x, self.flip_y])
        return cast("ImageArray", turned)

    def upright(self, size: Size) -> Size:
        """The size that a picture of ``size`` has when upright."""
        return (size[1], size[0]) if self.transpose else size


class PictureConverter:
    """Converts the decoded pictures of one video; all come out in one size.

    Args:
        first: The video's first picture; later ones of another size are fitted into its frame.
        pixel_aspect: Width of a pixel over its height; ``None`` for square.
        max_side_px: Longest side of the result; larger pictures are scaled down.

    Attributes:
        orientation: How the pictures are put upright.
        displayed_px: Upright size with square pixels before scaling down.
        result_px: Upright size of the results.
    """

    def __init__(self, first: VideoFrame, pixel_aspect: Fraction | None, max_side_px: int) -> None:
        matrix = first.side_data.get("DISPLAYMATRIX")
        self.orientation = (
            Orientation()
            if matrix is None
            else Orientation.from_display_matrix(bytes(cast("bytes", matrix)))
        )
        self._pixel_aspect = pixel_aspect
        self._coded: Size = (first.width, first.height)
        square = square_pixels(self._coded, pixel_aspect)
        self._target = fit_side(square, max_side_px)
        self.displayed_px = self.orientation.upright(square)
        self.result_px = self.orientation.upright(self._target)
        self._reformatter = VideoReformatter()  # keeps its tables from picture to picture

    def to_rgb(self, frame: VideoFrame) -> ImageArray:
        """Shape (height, width, 3) as ``result_px`` says, uint8 RGB, C-contiguous.

        Raises:
            av.error.FFmpegError: The pixel format cannot be converted.
        """
        size = self._target
        if (frame.width, frame.height) != self._coded:
            shown = square_pixels((frame.width, frame.height), self._pixel_aspect)
            size = fit_box(shown, self._target)
        image_rgb = self._convert(frame, size)
        if size != self._target:
            image_rgb = _on_black(image_rgb, self._target)
        return np.ascontiguousarray(self.orientation.apply(image_rgb))

    def _convert(self, frame: VideoFrame, size: Size) -> ImageArray:
        unlabelled = frame.colorspace == _UNSPECIFIED_COLORSPACE and not frame.format.is_rgb
        # Players take unlabelled high-definition pictures for BT.709, smaller ones for BT.601.
        high = max(self._coded) >= _HIGH_DEFINITION_PX and min(self._coded) >= 576
        shrinks = max(frame.width / size[0], frame.height / size[1])
        rgb = self._reformatter.reformat(
            frame,
            size[0],
            size[1],
            "rgb24",
            src_colorspace=Colorspace.ITU709 if unlabelled and high else None,
            # Fast interpolation skips pixels when it shrinks much, which makes edges jump.
            interpolation=Interpolation.AREA
            if shrinks > _STRONG_SHRINKING
            else Interpolation.FAST_BILINEAR,
            dst_color_range=ColorRange.JPEG,
        ).to_ndarray()
        if frame.color_trc == ColorTrc.SMPTE2084:
            rgb = cast("ImageArray", cv2.LUT(rgb, _PQ_TO_SCREEN))
        return cast("ImageArray", rgb)


def square_pixels(size: Size, pixel_aspect: Fraction | None) -> Size:
    """Size with square pixels; an absurd or missing pixel shape counts as square."""
    aspect = float(pixel_aspect) if pixel_aspect else 1.0
    return (max(1, round(size[0] * aspect)), size[1]) if 0.1 <= aspect <= 10 else size


def fit_side(size: Size, max_side_px: int) -> Size:
    """Scale a size down, keeping its shape, until its longer side is at most ``max_side_px``."""
    scale = min(1.0, max_side_px / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def fit_box(size: Size, box: Size) -> Size:
    """Largest size of the same shape inside a box; the box itself when the shapes agree."""
    scale = min(box[0] / size[0], box[1] / size[1])
    fitted = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    agrees = all(abs(side - limit) <= 2 for side, limit in zip(fitted, box, strict=True))
    return box if agrees else fitted


def _on_black(image_rgb: ImageArray, box: Size) -> ImageArray:
    """Centre a picture on a black one of size ``box``."""
    height_px, width_px = image_rgb.shape[:2]
    left, top = (box[0] - width_px) // 2, (box[1] - height_px) // 2
    canvas = np.zeros((box[1], box[0], 3), np.uint8)
    canvas[top : top + height_px, left : left + width_px] = image_rgb
    return canvas


def _pq_to_screen() -> ImageArray:
    """Shape (256,): HDR10 (PQ) code values as sRGB ones, reference white at 203 cd/m2.

    The transfer function is SMPTE ST 2084's; highlights up to 1000 cd/m2 are rolled off. HLG
    needs no such table: it is made to look right on ordinary screens.
    """
    root = np.linspace(0.0, 1.0, 256) ** (1 / 78.84375)
    linear = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    luminance = 10_000 * linear ** (1 / 0.1593017578125) / 203
    mapped = np.minimum(luminance * (1 + luminance / (1000 / 203) ** 2) / (1 + luminance), 1.0)
    srgb = np.where(mapped <= 0.0031308, 12.92 * mapped, 1.055 * mapped ** (1 / 2.4) - 0.055)
    return cast("ImageArray", np.rint(255 * srgb).astype(np.uint8))


_PQ_TO_SCREEN = _pq_to_screen()
