"""Cuts the body out of a picture and compares two such cut-outs, with OpenCV."""

from __future__ import annotations

import cv2
import numpy as np

from posture.datatypes import Float32Array, Frame, ImageArray, MaskArray, Pose
from posture.landmarks import HIPS, middle
from posture.surface import ABOVE, ASIDE, HEIGHT_PX, UNIT_PX, WIDTH_PX, CutOut

# The cut-out is first taken so many times larger, so that fine patterns do not flicker.
FINER = 2
SURROUNDINGS_PX = (19, 19)
MIDDLE_GREY, CONTRAST = 128.0, 40.0
LEAST_DEVIATION = 3.0


class DenseFlow:
    """Dense inverse search (Kroeger et al. 2016) from a key picture to another.

    Without its last smoothing, which takes half of the time and made nothing better.
    """

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._flow.setFinestScale(1)
        self._flow.setVariationalRefinementIterations(0)

    def cut_out(self, frame: Frame, pose: Pose, scale_px: float, forward_sign: int) -> CutOut:
        """See :meth:`posture.surface.Optics.cut_out`."""
        hip = middle(pose.landmarks_px, HIPS)
        grey: ImageArray = np.asarray(cv2.cvtColor(frame.image_rgb, cv2.COLOR_RGB2GRAY), np.uint8)
        picture = _cut(grey, hip, scale_px, forward_sign)
        mask = _cut(pose.mask, hip, scale_px, forward_sign)
        even = _even_contrast(picture)
        return CutOut(grey=(even * mask).astype(np.uint8), body=mask > 0.5)

    def shift_px(self, key: CutOut, now: CutOut) -> Float32Array:
        """See :meth:`posture.surface.Optics.shift_px`."""
        flow = self._flow.calc(key.grey, now.grey, None)  # type: ignore[call-overload]
        return np.asarray(flow[..., 0], dtype=np.float32)


def _cut(
    picture: ImageArray | MaskArray, hip_px: np.ndarray, scale_px: float, forward_sign: int
) -> np.ndarray:
    """The picture around the hips, facing right; its border goes on beyond it."""
    size = FINER * UNIT_PX / scale_px
    along = size * forward_sign
    centre_x, centre_y = FINER * ASIDE * UNIT_PX, FINER * ABOVE * UNIT_PX
    # Pixels' middles, not their corners, lie at whole numbers; halving moves them by half a pixel.
    half = (FINER - 1) / 2
    place = np.array(
        [
            [along, 0.0, centre_x + half - along * hip_px[0]],
            [0.0, size, centre_y + half - size * hip_px[1]],
        ]
    )
    finer = cv2.warpAffine(
        picture,
        place,
        (FINER * WIDTH_PX, FINER * HEIGHT_PX),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return cv2.resize(finer, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)


def _even_contrast(grey: np.ndarray) -> Float32Array:
    """Grey against its surroundings, so that a lamp or a cloud changes little."""
    values = grey.astype(np.float32)
    off = values - cv2.blur(values, SURROUNDINGS_PX)
    variance = np.maximum(cv2.blur(off * off, SURROUNDINGS_PX), 0.0)  # rounding may go below
    deviation = np.sqrt(variance) + LEAST_DEVIATION
    even: Float32Array = np.clip(MIDDLE_GREY + CONTRAST * off / deviation, 0.0, 255.0)
    return even
