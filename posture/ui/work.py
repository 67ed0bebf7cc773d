"""What a job of the page does: analyse a video, write the results, draw what was seen."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from posture.analysis import Analysis, Progress, Request, analyze_video
from posture.annotate import write_annotated_video
from posture.errors import PostureError
from posture.recording import ANNOTATED, write_results
from posture.ui.jobs import Report, Stage, Work

logger = logging.getLogger(__name__)

# Looking takes most of the time; measured on the sample video.
LOOKING_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job gives back.

    Attributes:
        analysis: Everything known about the video.
        folder: Where the results are, under the names of :mod:`posture.recording`.
        annotated: The annotated video; ``None`` when it could not be made.
        annotated_error: Why not.
    """

    analysis: Analysis
    folder: Path
    annotated: Path | None
    annotated_error: PostureError | None = None


def analysis_of(video: Path, request: Request, folder: Path, lang: str) -> Work[Outcome]:
    """Return the work on one video.

    Args:
        video: The file.
        request: What to analyse it for.
        folder: Where results go.
        lang: Language of what is drawn into the video.
    """

    def work(report: Report) -> Outcome:
        def looked(progress: Progress) -> None:
            report(Stage.LOOKING, LOOKING_SHARE * _done(progress))

        def drawn(share: float) -> None:
            report(Stage.DRAWING, LOOKING_SHARE + (1.0 - LOOKING_SHARE) * share)

        analysis = analyze_video(video, request, on_progress=looked)
        write_results(analysis, folder)
        target = folder / ANNOTATED
        try:
            write_annotated_video(analysis, target, lang, on_progress=drawn)
        except PostureError as error:
            logger.info("No annotated video of %s", video.name, exc_info=True)
            return Outcome(analysis, folder, None, error)
        return Outcome(analysis, folder, target)

    return work


def _done(progress: Progress) -> float:
    """How much of a video has been looked at; 0 where its length is unknown."""
    return min(progress.done_s / progress.total_s, 1.0) if progress.total_s > 0 else 0.0
