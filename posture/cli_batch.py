"""The work of ``posture analyze``: one video, several in turn, side by side, or on other machines.

A video whose folder holds a ``run.json`` that says the same settings is finished and is left
alone, so that a batch that was interrupted goes on where it stopped. ``run.json`` comes last: where
it stands, everything else does too.
"""

from __future__ import annotations

import json
import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from math import isnan
from multiprocessing import get_context
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, Protocol, Self

from posture import __version__
from posture.adapters.export import make_directory, write_json
from posture.datatypes import TimeWindow
from posture.errors import InputError, NobodyError, PostureError, UsageError
from posture.locales import text

if TYPE_CHECKING:
    from posture.analysis import Analysis

logger = logging.getLogger(__name__)

RUN = "run.json"
INTERRUPTED = 130
# Of the work on one video, when it is also drawn.
DRAWING_SHARE = 0.4
SCHEDULER_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Job:
    """One video's work, small enough to travel to another process or machine.

    Attributes:
        video: The video.
        folder: Where its results go.
        exercise: Exercise id.
        neutral: Where the person stands in neutral; ``None`` to find it.
        forward: Where the person is as far forward as is comfortable, if known.
        backward: The same backward.
        model: Name of the pose model.
        annotate: Whether the video is drawn.
        report: Whether the report is written.
        exports: Further files: ``parquet``, ``opensim``.
        lang: Language of everything that is said.
        threads: So many cores work on it; ``None`` for all. The results do not depend on it.
    """

    video: Path
    folder: Path
    exercise: str
    neutral: TimeWindow | None
    forward: TimeWindow | None
    backward: TimeWindow | None
    model: str
    annotate: bool
    report: bool
    exports: tuple[str, ...]
    lang: str
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one video.

    Attributes:
        job: Which work.
        sentence: What to tell.
        exit_code: 0, or the exit code it calls for.
        done_before: Whether it was finished by an earlier run.
    """

    job: Job
    sentence: str
    exit_code: int = 0
    done_before: bool = False


class Watch(Protocol):
    """Whoever shows how far the work is."""

    def share(self, index: int, share: float) -> None:
        """So much of a job is done, 0 to 1."""

    def finished(self, outcome: Outcome) -> None:
        """A job has come to its end."""


def run_in_turn(work: Sequence[Job], watch: Watch) -> list[Outcome]:
    """One video after the other; Ctrl-C keeps what is finished."""
    outcomes: list[Outcome] = []
    with _Heeded(signal.SIGINT) as ctrl_c:

        def share(index: int, share: float) -> None:
            ctrl_c.insist()
            watch.share(index, share)

        try:
            for index, job in enumerate(work):
                outcomes.append(run_job(job, partial(share, index)))
                watch.finished(outcomes[-1])
        except KeyboardInterrupt:
            outcomes += _interrupted(work, outcomes, watch)
    return outcomes


class _Heeded:
    """Heeds the first signal of a kind, and none that comes while things are put away.

    It is remembered: native code that calls back into Python may swallow the exception.
    """

    def __init__(self, kind: signal.Signals) -> None:
        self._kind = kind
        self._came = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if current_thread() is main_thread():
            self._before = signal.signal(self._kind, self._heed)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            # Having come, it ends the program; once more must not change how.
            signal.signal(self._kind, signal.SIG_IGN if self._came else self._before)

    def insist(self) -> None:
        """Raise again what was swallowed."""
        if self._came:
            raise KeyboardInterrupt

    def _heed(self, *_: object) -> None:
        if not self._came:
            self._came = True
            raise KeyboardInterrupt


def run_side_by_side(work: Sequence[Job], at_once: int, watch: Watch) -> list[Outcome]:
    """Several videos at once, each in a process of its own: a crash costs those at work."""
    context = get_context("spawn")
    outcomes: list[Outcome] = []
    with _Heeded(signal.SIGINT) as ctrl_c:
        try:
            with (
                context.Manager() as manager,
                ProcessPoolExecutor(
                    at_once, mp_context=context, initializer=_ignore_interrupt
                ) as pool,
                _ended_at_once(pool),
            ):
                shares = manager.dict()
                waiting = {
                    pool.submit(_run_apart, job, shares, index): index
                    for index, job in enumerate(work)
                }
                while waiting:
                    done, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
                    ctrl_c.insist()
                    for index, share in shares.items():
                        watch.share(index, share)
                    for future in done:
                        outcomes.append(_result_of(future, work[waiting.pop(future)]))
                        watch.finished(outcomes[-1])
        except KeyboardInterrupt:
            outcomes += _interrupted(work, outcomes, watch)
    return outcomes


@contextmanager
def _ended_at_once(pool: ProcessPoolExecutor) -> Iterator[None]:
    """At Ctrl-C end the pool's processes, which remove what they had half written."""
    try:
        yield
    except KeyboardInterrupt:
        for process in list(pool._processes.values()):  # noqa: SLF001 - no public way
            process.terminate()
        raise


def run_on_cluster(work: Sequence[Job], address: str, watch: Watch) -> list[Outcome]:
    """On the workers of a Dask scheduler, which see the same folders and have posture installed.

    What a worker was doing when it was lost is done again by another one.

    Raises:
        UsageError: Dask is not installed.
        InputError: There is no scheduler at the address.
    """
    try:
        dask: Any = import_module("distributed")
    except ModuleNotFoundError as error:
        raise UsageError("error.batch.no_package") from error
    try:
        client = dask.Client(address, timeout=SCHEDULER_WAIT_S)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError("error.batch.no_scheduler", address=address) from error
    outcomes: list[Outcome] = []
    with _Heeded(signal.SIGINT), client:
        futures = {
            client.submit(run_job, job, key=f"posture-{index}-{job.video.name}", pure=False): job
            for index, job in enumerate(work)
        }
        try:
            for future in dask.as_completed(list(futures)):
                outcomes.append(_result_of(future, futures[future]))
                watch.finished(outcomes[-1])
        except KeyboardInterrupt:
            client.cancel(list(futures))
            outcomes += _interrupted(work, outcomes, watch)
    return outcomes


def _result_of(future: Any, job: Job) -> Outcome:  # noqa: ANN401 - of either kind
    """The outcome; a worker that was lost is one too."""
    try:
        outcome: Outcome = future.result()
    except BrokenProcessPool:
        sentence = text("error.batch.ended", job.lang, video=job.video)
        return Outcome(job, sentence, PostureError.exit_code)
    except Exception as error:  # whatever a lost worker leaves behind
        logger.debug("The work on %s was lost", job.video, exc_info=True)
        why = type(error).__name__
        sentence = text("error.batch.lost", job.lang, video=job.video, why=why)
        return Outcome(job, sentence, PostureError.exit_code)
    return outcome


def _ignore_interrupt() -> None:
    """Ctrl-C reaches every process of the terminal; only the first one answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run_apart(job: Job, shares: Any, index: int) -> Outcome:  # noqa: ANN401 - a proxy
    last = -1.0
    with _Heeded(signal.SIGTERM) as end:

        def tell(share: float) -> None:
            nonlocal last
            end.insist()
            if share - last >= 0.01:  # a message a frame would cost more than the frame
                last = share
                shares[index] = share

        try:
            return run_job(job, tell)
        except KeyboardInterrupt:
            os._exit(INTERRUPTED)  # or the pool would give this process the next video


def _interrupted(work: Sequence[Job], done: Sequence[Outcome], watch: Watch) -> list[Outcome]:
    """What Ctrl-C leaves to tell; nothing, where all was done just then."""
    finished = {outcome.job for outcome in done}
    left = [job for job in work if job not in finished]
    if not left:
        return []
    key = "cli.interrupted_one" if len(left) == 1 else "cli.interrupted"
    outcome = Outcome(left[0], text(key, left[0].lang, count=len(left)), INTERRUPTED)
    watch.finished(outcome)
    return [outcome]


# --- one video --------------------------------------------------------------------------------


def _silent(share: float) -> None:
    del share


def run_job(job: Job, tell: Callable[[float], None] = _silent) -> Outcome:
    """Analyse one video, unless that was done already; its errors become its outcome."""
    try:
        settings = _settings(job)
        done = _done_before(job, settings)
        if done is not None:
            tell(1.0)
            return done
        outcome = _analyze(job, tell)
        record = {
            "settings": settings,
            "sentence": outcome.sentence,
            "exit_code": outcome.exit_code,
        }
        write_json(record, job.folder / RUN)
    except PostureError as error:
        said = error.said(job.lang)
        named = said if job.video.name in said else f"{job.video}: {said}"
        return Outcome(job, named, error.exit_code)
    tell(1.0)
    return outcome


def _settings(job: Job) -> dict[str, Any]:
    """Everything that the results depend on, as it stands in ``run.json``.

    Raises:
        InputError: The video is gone.
        ModelError: There is no such pose model.
    """
    from posture.adapters.model_store import ModelStore  # noqa: PLC0415 - keeps --help quick
    from posture.adapters.weights import learned_tilt, learned_turn  # noqa: PLC0415

    try:
        about = job.video.stat()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError("error.video.not_read", path=job.video, why=why) from error
    settings = asdict(job)
    for name in ("video", "folder", "threads"):
        del settings[name]
    settings |= {
        "video_bytes": about.st_size,
        "video_changed_ns": about.st_mtime_ns,
        "posture": __version__,
        "model_sha256": ModelStore().sha256(job.model),
        "tilt_estimator": learned_tilt().name,
        "turn_estimator": learned_turn().name,
    }
    plain: dict[str, Any] = json.loads(json.dumps(settings))
    return plain


def _done_before(job: Job, settings: dict[str, Any]) -> Outcome | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        record = json.loads((job.folder / RUN).read_text(encoding="utf-8"))
        if record["settings"] == settings and all(map(Path.is_file, _files(job))):
            return Outcome(job, record["sentence"], int(record["exit_code"]), done_before=True)
    return None


def _files(job: Job) -> list[Path]:
    """All that the work on a video leaves behind."""
    from posture.recording import (  # noqa: PLC0415
        ANNOTATED,
        EXPORTS,
        REPORT,
        REPORT_PDF,
        REPS,
        SUMMARY,
        TIMELINE,
    )

    names = [TIMELINE, REPS, SUMMARY]
    names += [ANNOTATED] if job.annotate else []
    names += [REPORT, REPORT_PDF] if job.report else []
    names += [name for export in job.exports for name in EXPORTS[export]]
    return [job.folder / name for name in names]


def _analyze(job: Job, tell: Callable[[float], None]) -> Outcome:
    from posture.analysis import Progress as Done  # noqa: PLC0415 - keeps --help quick
    from posture.analysis import Request, analyze_video  # noqa: PLC0415
    from posture.annotate import write_annotated_video  # noqa: PLC0415
    from posture.recording import (  # noqa: PLC0415
        ANNOTATED,
        remove_results,
        write_exports,
        write_results,
    )

    seeing_share = 1.0 - DRAWING_SHARE if job.annotate else 1.0

    def seen(done: Done) -> None:
        if not isnan(done.total_s) and done.total_s > 0:
            tell(min(done.done_s / done.total_s, 1.0) * seeing_share)

    def drawn(share: float) -> None:
        tell(seeing_share + share * DRAWING_SHARE)

    request = Request(job.exercise, job.neutral, job.forward, job.backward, job.model)
    make_directory(job.folder.parent)
    analysis = analyze_video(job.video, request, threads=job.threads, on_progress=seen)
    (job.folder / RUN).unlink(missing_ok=True)
    remove_results(job.folder)
    write_results(analysis, job.folder)
    write_exports(analysis, job.folder, job.exports)
    if job.report:
        _write_report(analysis, job)
    if job.annotate:
        write_annotated_video(analysis, job.folder / ANNOTATED, job.lang, on_progress=drawn)
    if not analysis.judged:
        return Outcome(job, _nobody(analysis, job.lang), NobodyError.exit_code)
    return Outcome(job, _said(analysis, job))


def _write_report(analysis: Analysis, job: Job) -> None:
    from posture.recording import REPORT, REPORT_PDF  # noqa: PLC0415
    from posture.report import report_of, write_html, write_pdf  # noqa: PLC0415

    written = datetime.fromtimestamp(job.video.stat().st_mtime, UTC).astimezone()
    report = report_of(analysis, job.lang, practised=written.date())
    write_html(report, job.folder / REPORT)
    write_pdf(report, job.folder / REPORT_PDF)


def _said(analysis: Analysis, job: Job) -> str:
    summary = analysis.summary()
    sentences = [
        text(
            "cli.done",
            job.lang,
            video=job.video.name,
            reps=len(analysis.reps),
            share=round(100 * (summary["coverage"]["reading_share"] or 0)),
            folder=job.folder,
        )
    ]
    if analysis.people_at_once > 1:
        sentences.append(
            text("cli.followed", job.lang, video=job.video.name, count=analysis.people_at_once)
        )
    return "\n".join(sentences)


def _nobody(analysis: Analysis, lang: str) -> str:
    """Why not: the reason that cost the most time."""
    if not any(result.sample.person for result in analysis.results):
        why = text("cli.empty", lang)
    elif analysis.calibration is None:
        why = text("cli.no_neutral", lang)
    else:
        worst = max(analysis.summary()["no_reading_seconds"].items(), key=lambda item: item[1])
        why = text(f"reason.{worst[0]}", lang).rstrip(".")
    return text("cli.nobody", lang, video=analysis.path.name, reason=why)
