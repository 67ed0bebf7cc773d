"""Text as soft-edged stencils, in a real typeface with every letter of Dutch and English.

The typeface (Rubik) is part of OpenCV 5, so that no font file is needed on any system.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import cv2
import numpy as np

from posture.datatypes import MaskArray

REGULAR = 400
BOLD = 650

_LINE_HEIGHT = 1.3
_BASELINE = 1.02
_drawing = Lock()  # one face keeps state while it draws
_face: list[cv2.FontFace] = []


@dataclass(frozen=True, slots=True, eq=False)
class Stencil:
    """One line of text.

    Attributes:
        opacity: Shape (height, width), 0 to 1; the baseline lies at the same height in every
            stencil of one size.
        width_px: Width of the text.
    """

    opacity: MaskArray
    width_px: int


def line_height_px(size_px: int) -> int:
    """Height of a stencil, which is also a good distance between two lines."""
    return round(_LINE_HEIGHT * size_px)


@lru_cache(maxsize=512)
def stencil(text: str, size_px: int, weight: int = REGULAR) -> Stencil:
    """Return a line of text as a stencil; the last few hundred are kept.

    Args:
        text: Without line breaks.
        size_px: Type size; capitals are about 0.7 of it high.
        weight: 300 (light) to 900 (black).
    """
    canvas = np.zeros((line_height_px(size_px), (len(text) + 2) * size_px), np.uint8)
    with _drawing:
        if not _face:
            _face.append(cv2.FontFace("sans"))
        end, _ = cv2.putText(
            canvas, text, (0, round(_BASELINE * size_px)), (255,), _face[0], size_px, weight
        )
    width_px = max(1, min(int(end[0]), canvas.shape[1]))
    opacity = np.divide(canvas[:, :width_px], 255, dtype=np.float32)
    return Stencil(opacity, width_px)


@lru_cache(maxsize=128)
def wrapped(text: str, size_px: int, weight: int, max_width_px: int) -> tuple[Stencil, ...]:
    """Break a text into lines no wider than ``max_width_px``; one word is never broken."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and stencil(longer, size_px, weight).width_px <= max_width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(stencil(line, size_px, weight) for line in lines)
