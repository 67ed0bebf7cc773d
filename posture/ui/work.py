"""What a job of the page does: fetch the pose model, analyse a video, make it playable."""

from __future__ import annotations

import logging
from math import nan
from pathlib import Path

from posture.adapters.model_store import FetchProgress, ModelState, ModelStore
from posture.adapters.video_writer import write_annotated
from posture.analysis import Progress, Request, analyze_video
from posture.datatypes import ImageArray
from posture.errors import PostureError
from posture.ui.jobs import Report, Stage, Work
from posture.ui.review import FILM, Review

logger = logging.getLogger(__name__)

# Looking takes most of the time; measured on the sample video.
LOOKING_SHARE = 0.85


def analysis_of(video: Path, name: str, request: Request, folder: Path) -> Work[Review]:
    """Return the work on one video.

    Args:
        video: The file.
        name: What the user calls it.
        request: What to analyse it for.
        folder: Where results go.
    """

    def work(report: Report) -> Review:
        def looked(progress: Progress) -> None:
            report(Stage.LOOKING, LOOKING_SHARE * _done(progress))

        def written(share: float) -> None:
            report(Stage.WRITING, LOOKING_SHARE + (1.0 - LOOKING_SHARE) * share)

        _ensure_model(request.model, report)
        analysis = analyze_video(video, request, on_progress=looked)
        film = folder / FILM
        try:
            write_annotated(video, film, _untouched, on_progress=written)
        except PostureError as error:
            logger.info("No playable video of %s", video.name, exc_info=True)
            return Review(analysis, name=name, film_error=error)
        return Review(analysis, film, name=name)

    return work


def _ensure_model(name: str, report: Report) -> None:
    """Fetch a pose model that is not on this computer yet."""

    def fetched(progress: FetchProgress) -> None:
        del progress
        report(Stage.FETCHING, nan)

    store = ModelStore()
    if store.status(name).state is ModelState.MISSING:
        report(Stage.FETCHING, nan)
        store.fetch(name, progress=fetched)


def _untouched(image_rgb: ImageArray, index: int) -> ImageArray:
    del index
    return image_rgb


def _done(progress: Progress) -> float:
    """How much of a video has been looked at; 0 where its length is unknown."""
    return min(progress.done_s / progress.total_s, 1.0) if progress.total_s > 0 else 0.0
