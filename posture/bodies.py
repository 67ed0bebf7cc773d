"""What is drawn of a body: its joints and outline in every picture of a recording, in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from posture.contour import LINE_COUNT, edges_px
from posture.datatypes import FloatArray
from posture.features import Observation
from posture.landmarks import POINT_COUNT

# Where a contour lies in the picture, in the order of :func:`posture.contour.edges_px`.
PLACE = ("origin_px", "scale_px", "forward_sign", "turned")


@dataclass(frozen=True, slots=True)
class Bodies:
    """A body, picture after picture. All points are image pixels, NaN where there is none.

    Attributes:
        size_px: Width and height of the pictures.
        points_px: Shape (n, POINT_COUNT, 2), the landmarks that lie on the body.
        back_px: Shape (n, LINE_COUNT, 2), the back edge.
        front_px: The same for the front edge.
    """

    size_px: tuple[int, int]
    points_px: FloatArray
    back_px: FloatArray
    front_px: FloatArray


def bodies_of(observations: Sequence[Observation]) -> Bodies:
    """Return what is drawn of the body that was seen."""
    count = len(observations)
    points = np.full((count, POINT_COUNT, 2), np.nan)
    back, front = np.full((2, count, LINE_COUNT, 2), np.nan)
    for index, one in enumerate(observations):
        if one.landmarks_px is not None and one.seen is not None:
            points[index, one.seen] = one.landmarks_px[one.seen]
    outlined = [i for i, one in enumerate(observations) if one.contour is not None]
    contours = [one.contour for one in observations if one.contour is not None]
    if contours:
        place = [np.array([getattr(one, name) for one in contours]) for name in PLACE]
        back[outlined] = edges_px(-np.stack([one.back for one in contours]), *place)
        front[outlined] = edges_px(np.stack([one.front for one in contours]), *place)
    size = observations[0].image_size_px if observations else (1, 1)
    return Bodies(size, points, back, front)
