"""What a job of the page does: fetch the pose model, analyse a video, make it playable.

What is finished of it stands in the job's folder, so that after a kill only the rest is done again:
the samples when all pictures are looked at, the film when it is whole, and what was put right.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path

from posture.adapters.export import write_text
from posture.adapters.model_store import FetchProgress, ModelState, ModelStore
from posture.adapters.video_writer import write_annotated
from posture.analysis import Analysis, Corrector, Progress, Request, analyze_video
from posture.corrections import ORIGINAL, Corrections
from posture.datatypes import ImageArray, TimeWindow
from posture.errors import InputError, OutputError, PostureError
from posture.exercises import exercise_ids
from posture.guess import guess
from posture.store.samples import read_samples, write_samples
from posture.store.store import SAMPLES
from posture.ui.jobs import ORDER, Report, Stage, Work
from posture.ui.review import FILM, Review

logger = logging.getLogger(__name__)

CORRECTIONS = "corrections.json"
# Looking takes most of the time; measured on the sample video.
LOOKING_SHARE = 0.85


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted of one video.

    Attributes:
        video: The file; within the job's folder without the folder's name.
        name: What the user calls it.
        exercise: Exercise id; ``None`` to have it guessed.
        neutral: Where the person stands in neutral; ``None`` to find it.
    """

    video: Path
    name: str
    exercise: str | None = None
    neutral: TimeWindow | None = None

    def to_json(self) -> str:
        """Return it as one line of JSON."""
        neutral = self.neutral and [self.neutral.start_s, self.neutral.end_s]
        return json.dumps([str(self.video), self.name, self.exercise, neutral])

    @classmethod
    def from_json(cls, line: str) -> Order:
        """Read what :meth:`to_json` wrote.

        Raises:
            InputError: It is none of ours.
        """
        try:
            video, name, exercise, neutral = json.loads(line)
            window = None if neutral is None else TimeWindow(*map(float, neutral))
            return cls(Path(video), str(name), exercise, window)
        except (TypeError, ValueError) as error:
            raise InputError("error.result.left_unreadable") from error


def work_on(order: Order, folder: Path) -> Work[Review]:
    """Return the work on one video.

    Args:
        order: What is wanted.
        folder: Where results go, and where those of an earlier, interrupted try are.
    """
    video = folder / order.video
    request = Request(exercise=order.exercise or exercise_ids()[0], neutral=order.neutral)

    def work(report: Report) -> Review:
        def looked(progress: Progress) -> None:
            report(Stage.LOOKING, LOOKING_SHARE * _done(progress))

        def written(share: float) -> None:
            report(Stage.WRITING, LOOKING_SHARE + (1.0 - LOOKING_SHARE) * share)

        analysis = _finished(folder, video, request.exercise)
        if analysis is None:
            _ensure_model(request.model, report)
            analysis = analyze_video(video, request, on_progress=looked)
            with suppress(OutputError):  # only a kill would miss it
                write_samples(analysis, folder / SAMPLES)
        film, film_error = folder / FILM, None
        if not film.is_file():
            try:
                write_annotated(video, film, _untouched, on_progress=written)
            except PostureError as error:
                logger.info("No playable video of %s", video.name, exc_info=True)
                film_error = error
        return Review(
            analysis,
            None if film_error else film,
            name=order.name,
            film_error=film_error,
            corrections=_corrections(folder),
            guess=guess(analysis) if order.exercise is None else None,
            on_corrected=_remembering(folder),
            on_settled=_settling(order, folder),
            on_kept=lambda: (folder / ORDER).unlink(missing_ok=True),
        )

    return work


def _finished(folder: Path, video: Path, exercise: str) -> Analysis | None:
    """What an earlier try saw, if it saw everything."""
    if not (folder / SAMPLES).is_file():
        return None
    try:
        corrector = Corrector(read_samples(folder / SAMPLES, video))
    except InputError:
        logger.info("%s is looked at anew", video.name, exc_info=True)
        return None
    corrector.settle(exercise)
    return corrector.original


def _remembering(folder: Path) -> Callable[[Corrections, Analysis], None]:
    def remember(corrections: Corrections, analysis: Analysis) -> None:
        del analysis
        with suppress(OutputError):  # only a kill would miss it
            write_text(corrections.to_json(), folder / CORRECTIONS)

    return remember


def _corrections(folder: Path) -> Corrections:
    try:
        return Corrections.from_json((folder / CORRECTIONS).read_text(encoding="utf-8"))
    except (OSError, InputError):
        return ORIGINAL


def _settling(order: Order, folder: Path) -> Callable[[str], None]:
    def settle(exercise: str) -> None:
        with suppress(OutputError):
            write_text(replace(order, exercise=exercise).to_json(), folder / ORDER)

    return settle


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
