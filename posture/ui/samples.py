"""Our own videos: which exercise each shows, its name, and which comes first.

A sample's file is named after its exercise, and after what tells it from the others:
``standing_tilt_left.mp4``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from posture.exercises import exercise_ids
from posture.locales import has_text, text
from posture.resources import sample_videos
from posture.ui.wording import exercise_name


def exercise_of(video: Path) -> str:
    """Return the exercise that a sample shows; the first one if its name says none."""
    return _named(video) or exercise_ids()[0]


def in_order(videos: Iterable[Path]) -> list[Path]:
    """Return samples in the order of their exercises, then by name; those of none come last."""
    order = (*exercise_ids(), None)
    return sorted(videos, key=lambda video: (order.index(_named(video)), video.stem))


def sample_label(video: Path, lang: str) -> str:
    """Return what a sample is called on the page."""
    exercise = _named(video)
    rest = video.stem.removeprefix(_stem(exercise or "")).strip("_")
    key = f"page.sample.{rest}"
    words = text(key, lang) if has_text(key, lang) else rest.replace("_", " ")
    if exercise is None:
        return words
    return ", ".join(filter(None, (exercise_name(exercise, lang), words)))


def shown_title(name: str, lang: str) -> str:
    """Return what a video is called on the page: our own by what they show, others by their file.

    Args:
        name: The file's name.
        lang: Language of the page.
    """
    ours = {video.name: video for video in sample_videos()}
    return sample_label(ours[name], lang) if name in ours else name


def _named(video: Path) -> str | None:
    fitting = [e for e in exercise_ids() if video.stem.startswith(_stem(e))]
    return max(fitting, key=len, default=None)


def _stem(exercise: str) -> str:
    return exercise.replace("-", "_")
