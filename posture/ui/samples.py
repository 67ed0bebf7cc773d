"""Our own videos: which exercise each shows, its name, and which comes first.

A sample's file is named after its exercise, and after what tells it from the others:
``standing_tilt_left.mp4``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from posture.exercises import exercise_ids
from posture.locales import has_text, text
from posture.ui.wording import exercise_name


def exercise_of(video: Path) -> str:
    """Return the exercise that a sample shows; the first one if its name says none."""
    fitting = [e for e in exercise_ids() if video.stem.startswith(_stem(e))]
    return max(fitting, key=len, default=exercise_ids()[0])


def in_order(videos: Iterable[Path]) -> list[Path]:
    """Return samples in the order of their exercises, then by name."""
    order = exercise_ids()
    return sorted(videos, key=lambda video: (order.index(exercise_of(video)), video.stem))


def sample_label(video: Path, lang: str) -> str:
    """Return what a sample is called on the page."""
    exercise = exercise_of(video)
    name = exercise_name(exercise, lang)
    rest = video.stem.removeprefix(_stem(exercise)).strip("_")
    if not rest:
        return name
    key = f"page.sample.{rest}"
    return f"{name}, {text(key, lang) if has_text(key, lang) else rest.replace('_', ' ')}"


def _stem(exercise: str) -> str:
    return exercise.replace("-", "_")
