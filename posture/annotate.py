"""The annotated video: what was seen, drawn on the very frames it was seen in."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from pathlib import Path

import numpy as np

from posture.adapters.drawing import Corner, Overlay, draw_overlay, free_corners
from posture.adapters.video_writer import write_annotated
from posture.analysis import Analysis
from posture.contour import edge_points_px
from posture.datatypes import Facing, FloatArray, ImageArray
from posture.locales import has_text, text
from posture.pipeline import Result

# Often enough to know where a person is.
_EVERY = 5


def write_annotated_video(
    analysis: Analysis,
    target: Path,
    lang: str,
    on_progress: Callable[[float], None] | None = None,
) -> None:
    """Write the analysed video again with skeleton, outline, gauge and words.

    Args:
        analysis: The analysis of a recording that still lies where it lay.
        target: The MP4 to write.
        lang: Language of the words.
        on_progress: Called with the share that is done, 0 to 1.

    Raises:
        InputError: The recording is gone or changed.
        OutputError: The video cannot be written.
    """
    corners = calm_corners(analysis)

    def draw(image_rgb: ImageArray, index: int) -> ImageArray:
        if index >= len(analysis.results):
            return image_rgb
        result = analysis.results[index]
        return draw_overlay(image_rgb, overlay(result, image_rgb.shape[1], lang, corners))

    write_annotated(analysis.path, target, draw, on_progress=on_progress)


def calm_corners(analysis: Analysis) -> tuple[Corner, Corner]:
    """Where gauge and repetitions lie in every picture of a recording, beside the person."""
    observations = [result.observation for result in analysis.results[::_EVERY]]
    found = [one.landmarks_px for one in observations if one.landmarks_px is not None]
    points = np.concatenate(found) if found else np.empty((0, 2))
    return free_corners(points.astype(np.float64), observations[0].image_size_px)


def overlay(result: Result, width_px: int, lang: str, corners: tuple[Corner, Corner]) -> Overlay:
    """What is drawn on one frame.

    Args:
        result: The frame's result.
        width_px: Width of the picture that is drawn on; landmarks are scaled to it.
        lang: Language of the words.
        corners: Those of the gauge and of the repetitions.
    """
    observation, sample = result.observation, result.sample
    back: FloatArray | None = None
    front: FloatArray | None = None
    if observation.contour is not None:
        back, front = edge_points_px(observation.contour)
    landmarks = observation.landmarks_px
    headline, detail = _words(result, lang)
    marks = Overlay(
        landmarks_px=None if landmarks is None else landmarks.astype(np.float64),
        back_px=back,
        front_px=front,
        stance=sample.stance,
        tilt_deg=sample.pelvic_tilt_deg,
        tilt_sd_deg=sample.pelvic_tilt_sd_deg,
        forward_sign=-1 if sample.facing is Facing.LEFT else 1,
        headline=headline,
        detail=detail,
        rep_text=str(result.rep),
        gauge_at=corners[0],
        reps_at=corners[1],
    )
    if landmarks is None:  # nobody, or only numbers were kept: nothing lies anywhere
        return marks
    return marks.scaled(width_px / observation.image_size_px[0])


def _words(result: Result, lang: str) -> tuple[str, str]:
    """The large word and the small one: stance and phase, or "no reading" and its reason."""
    sample = result.sample
    if sample.reason is not None:
        return text("overlay.no_reading", lang), text(f"reason.{sample.reason}", lang)
    headline = ""
    if sample.stance is not None and not isnan(sample.pelvic_tilt_deg):
        headline = text(f"stance.{sample.stance}", lang)
    key = f"phase.{result.phase}"
    return headline, text(key, lang) if has_text(key, lang) else ""
