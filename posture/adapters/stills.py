"""Single pictures of a video, and pictures as JPEG."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from posture.adapters.video_reader import open_video
from posture.datatypes import ImageArray

_JPEG_QUALITY = 82


def read_stills(path: Path, indices: Iterable[int]) -> dict[int, ImageArray]:
    """Return pictures of a video by their count; those past its end are left out.

    Args:
        path: A video.
        indices: Counts of decoded pictures, from 0.

    Raises:
        InputError: The video cannot be read.
    """
    wanted = set(indices)
    found: dict[int, ImageArray] = {}
    if not wanted:
        return found
    last = max(wanted)
    with open_video(path) as reader:
        for frame in reader:
            if frame.index in wanted:
                found[frame.index] = frame.image_rgb.copy()
            if frame.index >= last:
                break
    return found


def jpeg(image_rgb: ImageArray, width_px: int) -> bytes:
    """Return a picture as JPEG, no wider than asked.

    Args:
        image_rgb: Shape (height, width, 3), RGB.
        width_px: Greatest width.
    """
    height, width = image_rgb.shape[:2]
    if width > width_px:
        size = (width_px, max(1, round(height * width_px / width)))
        image_rgb = np.asarray(cv2.resize(image_rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    bgr = cv2.cvtColor(image_rgb, cv2.COLOR_RGB2BGR)
    _, coded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return bytes(coded)
