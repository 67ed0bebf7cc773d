"""One recording under review: the original, what was put right in it, and what follows."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from posture.analysis import Analysis, Corrector
from posture.annotate import write_annotated_video
from posture.bodies import bodies_of
from posture.corrections import ORIGINAL, Corrections
from posture.errors import InputError, PostureError
from posture.guess import Guess
from posture.locales import text
from posture.recording import ANNOTATED, REPORT, REPORT_PDF, write_results
from posture.report import report_of, write_html, write_pdf
from posture.store import Store
from posture.store.corrected import keep_corrected, read_corrected
from posture.store.records import Source, record_of
from posture.store.samples import read_bodies, read_seen, write_samples
from posture.store.store import SAMPLES
from posture.ui.player.track import body_bytes, curve_bytes, seen_again

FILM = "film.mp4"
KEPT_FILM = "video.mp4"
# By then the page has been drawn, and is not waited for.
PREPARE_AFTER_S = 2.0


@dataclass(frozen=True, slots=True)
class _Now:
    """What is shown, and its packed curve."""

    analysis: Analysis
    curve: bytes


class Review:
    """A recording and what the person makes of it. Threads may share it.

    Args:
        original: The analysis as it came out.
        film: A video that browsers can play, with the original's own times; ``None`` without one.
        name: What the video is called; by default as its file.
        practised: The day it was practised; ``None`` when unknown.
        film_error: Why there is no film.
        corrections: What was put right earlier.
        corrected: The analysis with that in it, where it was kept.
        session_id: Where it is kept in the history; empty when it is not.
        samples: Where what was seen is kept, when ``original`` comes without it: it is read once
            the page has been drawn, or as soon as it is needed.
        guess: Which exercise it seems to show, where nobody has said; ``None`` when that is known.
        on_corrected: Called with the new corrections and analysis, to keep them.
        on_settled: Called with the exercise that a guess was answered with.
        on_kept: Called when it has come into the history.

    Raises:
        UsageError, NobodyError: The earlier corrections do not fit.
    """

    def __init__(
        self,
        original: Analysis,
        film: Path | None = None,
        *,
        name: str = "",
        practised: date | None = None,
        film_error: PostureError | None = None,
        corrections: Corrections = ORIGINAL,
        corrected: Analysis | None = None,
        session_id: str = "",
        samples: Path | None = None,
        guess: Guess | None = None,
        on_corrected: Callable[[Corrections, Analysis], None] | None = None,
        on_settled: Callable[[str], None] | None = None,
        on_kept: Callable[[], None] | None = None,
    ) -> None:
        self.film = film
        self.name = name or original.path.name
        self.practised = practised
        self.film_error = film_error
        self.session_id = session_id
        self.correctable = samples is not None or seen_again(original)
        self.body = _body(original) if samples is None else partial(_body_kept, samples)
        self.guess = guess
        self._on_corrected = on_corrected
        self._on_settled = on_settled
        self._on_kept = on_kept
        self._corrector = Corrector(original)
        self._samples = samples
        self._lock = threading.Lock()
        self._now = _Now(original, curve_bytes(original))
        if corrections:
            if corrected is None:
                self._complete()
                corrected = self._corrector.correct(corrections)
            self._now = _Now(corrected, curve_bytes(corrected))
        prepare = threading.Timer(PREPARE_AFTER_S, self._prepare)
        prepare.name, prepare.daemon = "posture-prepare", True
        prepare.start()

    def _prepare(self) -> None:
        """Work out what a correction needs while the recording is looked at."""
        with self._lock, suppress(InputError):  # whoever needs it is told
            self._complete()
            self._corrector.prepare()

    def _complete(self) -> None:
        """Read what was seen, where nobody did yet; the lock is held."""
        if self._samples is None:
            return
        whole = read_seen(self.original, self._samples)
        self._corrector, self._samples = Corrector(whole), None
        now = whole
        if self._now.analysis.corrections:
            now = self._now.analysis.having_seen(result.observation for result in whole.results)
        self._now = replace(self._now, analysis=now)

    def _whole(self) -> Analysis:
        """The analysis with what was put right and with everything that was seen."""
        with self._lock:
            self._complete()
            return self._now.analysis

    @property
    def original(self) -> Analysis:
        """The analysis as it came out."""
        return self._corrector.original

    @property
    def analysis(self) -> Analysis:
        """The analysis with what was put right."""
        return self._now.analysis

    @property
    def curve(self) -> bytes:
        """The curve of that, packed for the player."""
        return self._now.curve

    @property
    def corrections(self) -> Corrections:
        """What was put right."""
        return self._now.analysis.corrections

    def correct(self, corrections: Corrections) -> None:
        """Put the recording right; when that is refused all stays as it was.

        Args:
            corrections: All of them, counted from the original.

        Raises:
            PostureError: They do not fit, or cannot be kept.
        """
        with self._lock:
            self._complete()
            analysis = self._corrector.correct(corrections)
            if self._on_corrected is not None:
                try:
                    self._on_corrected(corrections, analysis)
                except InputError:  # it was deleted from the history meanwhile
                    self.session_id, self._on_corrected = "", None
            self._now = _Now(analysis, curve_bytes(analysis))

    def settle(self, exercise: str) -> None:
        """Take an exercise as the one that was asked for from the start; that answers the guess.

        What was put right before is given up.

        Raises:
            UsageError: There is no such exercise.
        """
        with self._lock:
            self._complete()
            self._corrector.settle(exercise)
            analysis = self.original
            self._now = _Now(analysis, curve_bytes(analysis))
            self.guess = None
            if self._on_settled is not None:
                self._on_settled(exercise)

    def file(self, name: str) -> bytes:
        """Return one of the result's files, as :mod:`posture.recording` names them.

        Raises:
            OutputError: There is no room to write it first.
        """
        with tempfile.TemporaryDirectory(prefix="posture-file-") as folder:
            write_results(self._whole(), Path(folder))
            return (Path(folder) / name).read_bytes()

    def annotated(self, lang: str) -> bytes:
        """Return the video with everything drawn into it; takes its time.

        Raises:
            PostureError: It cannot be read or written.
        """
        source = self.film if self.film is not None else self.original.path
        with tempfile.TemporaryDirectory(prefix="posture-file-") as folder:
            target = Path(folder) / ANNOTATED
            write_annotated_video(replace(self._whole(), path=source), target, lang)
            return target.read_bytes()

    def report(self, name: str, lang: str) -> bytes:
        """Return the report for the teacher, as HTML or as PDF.

        Args:
            name: ``report.html`` or ``report.pdf``.
            lang: Language of the report.

        Raises:
            OutputError: There is no room to write it first.
        """
        analysis = self._whole()
        if self.film is not None:
            analysis = replace(analysis, path=self.film)
        said = report_of(analysis, lang, practised=self.practised)
        label = text("report.video", lang)
        facts = tuple((name, self.name if name == label else fact) for name, fact in said.facts)
        said = replace(said, facts=facts)
        with tempfile.TemporaryDirectory(prefix="posture-file-") as folder:
            target = Path(folder) / name
            {REPORT: write_html, REPORT_PDF: write_pdf}[name](said, target)
            return target.read_bytes()

    def keep(self, store: Store, *, with_video: bool) -> str:
        """Put it into the history, where later corrections go too; return its id there.

        Args:
            store: The history.
            with_video: Whether the video is kept too.

        Raises:
            OutputError: There is no room, or the history is locked.
        """
        self._whole()
        film = self.film if with_video else None
        record = replace(record_of(self.original), video_name=self.name)
        if film is not None:
            record = replace(record, video_file=KEPT_FILM)

        def place(folder: Path) -> None:
            write_samples(self.original, folder / SAMPLES)
            if film is not None:
                shutil.copyfile(film, folder / KEPT_FILM)

        with self._lock:
            store.add_all([(record, place)])
            self.session_id = record.id
            self._on_corrected = keeper(store, record.id)
            if self.corrections:
                self._on_corrected(self.corrections, self.analysis)
            if self._on_kept is not None:
                self._on_kept()
        return record.id


def keeper(store: Store, session_id: str) -> Callable[[Corrections, Analysis], None]:
    """Return what keeps corrections of a session in the history."""

    def keep(corrections: Corrections, analysis: Analysis) -> None:
        record = json.loads(corrections.to_json()) if corrections else None
        store.correct(session_id, record, analysis)

    return keep


def review_of_session(store: Store, session_id: str) -> Review:
    """Open a session of the history.

    Raises:
        InputError: It is gone or damaged, or only its numbers were kept.
    """
    record = store.get(session_id)
    film, folder = store.video(record), store.session_folder(session_id)
    corrections, corrected = ORIGINAL, None
    if record.corrections is not None:
        corrections = Corrections.from_json(json.dumps(record.corrections))
        corrected = read_corrected(folder, corrections, film)
    seen = record.source is not Source.LIVE  # of live practice only the numbers are kept
    review = Review(
        store.analysis(session_id, seen=False),
        film,
        name=record.video_name,
        practised=record.started_at.astimezone().date(),
        corrections=corrections,
        corrected=corrected,
        session_id=session_id,
        samples=folder / SAMPLES if seen else None,
        on_corrected=keeper(store, session_id),
    )
    if corrected is None and corrections:
        keep_corrected(folder, review.analysis)
    return review


def _body(analysis: Analysis) -> bytes:
    return body_bytes(bodies_of([result.observation for result in analysis.results]))


def _body_kept(samples: Path) -> bytes:
    return body_bytes(read_bodies(samples))
