"""``posture analyze``: videos in, one folder of results for each out."""

from __future__ import annotations

import re
import signal
import sys
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from math import isnan
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from posture.adapters.export import make_directory
from posture.datatypes import TimeWindow
from posture.errors import NobodyError, PostureError, UsageError
from posture.locales import LANGUAGES, text

if TYPE_CHECKING:
    from posture.analysis import Analysis

MODELS = ("lite", "full", "heavy")
INTERRUPTED = 130
# Of the work on one video, when it is also drawn.
DRAWING_SHARE = 0.4


class _Window(click.ParamType[TimeWindow]):
    """A stretch of time, ``A-B`` in seconds."""

    name = "A-B"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's own signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> TimeWindow:
        if isinstance(value, TimeWindow):
            return value
        match = re.fullmatch(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)", str(value).strip())
        if match is None:
            self.fail(
                f"{value!r} is not a stretch of time; write its seconds as A-B, for example 0.5-3.",
                param,
                ctx,
            )
        start_s, end_s = (float(part) for part in match.groups())
        if start_s >= end_s:
            self.fail(f"{value!r} ends before it starts; write the earlier second first.")
        return TimeWindow(start_s, end_s)


@dataclass(frozen=True, slots=True)
class _Job:
    """One video's work, small enough to travel to another process."""

    video: Path
    folder: Path
    exercise: str
    neutral: TimeWindow | None
    forward: TimeWindow | None
    backward: TimeWindow | None
    model: str
    annotate: bool
    lang: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one video: a sentence, and 0 or the exit code it calls for."""

    sentence: str
    exit_code: int = 0


class _Tell(Protocol):
    def __call__(self, share: float) -> None: ...


@click.command()
@click.argument("videos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--exercise", default="standing-tilt", show_default=True, help="Exercise id.")
@click.option("--neutral", type=_Window(), help="Seconds of natural, still stance.")
@click.option("--forward", type=_Window(), help="Seconds as far forward as is comfortable.")
@click.option("--backward", type=_Window(), help="Seconds as far backward as is comfortable.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("posture-results"),
    show_default=True,
    help="Folder for the results; each video gets its own inside.",
)
@click.option("--annotate", is_flag=True, help="Also draw what was seen into a video.")
@click.option("--model", type=click.Choice(MODELS), default="full", show_default=True)
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="At once.")
def analyze(
    videos: tuple[Path, ...],
    exercise: str,
    neutral: TimeWindow | None,
    forward: TimeWindow | None,
    backward: TimeWindow | None,
    out: Path,
    annotate: bool,
    model: str,
    lang: str,
    jobs: int,
) -> None:
    """Turn practice videos into tilt, stance and repetitions.

    Writes timeline.csv, reps.json and summary.json into OUT/<video name>/.
    """
    _refuse_one_name_twice(videos)
    _refuse_unknown_exercise(exercise)
    work = [
        _Job(video, out / video.stem, exercise, neutral, forward, backward, model, annotate, lang)
        for video in videos
    ]
    outcomes = _run(work, jobs)
    sys.exit(max((outcome.exit_code for outcome in outcomes), default=0))


def _refuse_one_name_twice(videos: tuple[Path, ...]) -> None:
    for stem, count in Counter(video.stem for video in videos).items():
        if count > 1:
            raise UsageError(
                f"{count} videos are named {stem!r}, and their results would overwrite each "
                "other; rename one or analyse them with different --out folders."
            )


def _refuse_unknown_exercise(exercise: str) -> None:
    from posture.exercises import get_exercise  # noqa: PLC0415 - keeps --help quick

    get_exercise(exercise)


def _run(work: list[_Job], jobs: int) -> list[_Outcome]:
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as bars:
        tasks = [bars.add_task(job.video.name, total=1.0) for job in work]
        if jobs == 1 or len(work) == 1:
            return _one_by_one(work, bars, tasks)
        return _side_by_side(work, min(jobs, len(work)), bars, tasks)


def _one_by_one(work: list[_Job], bars: Progress, tasks: list[TaskID]) -> list[_Outcome]:
    outcomes: list[_Outcome] = []
    for job, task in zip(work, tasks, strict=True):
        try:
            outcome = _analyze_one(job, lambda share, task=task: bars.update(task, completed=share))
        except KeyboardInterrupt:
            outcomes.append(_interrupted(len(work) - len(outcomes), job.lang))
            break
        outcomes.append(outcome)
        _report(outcome)
    return outcomes


def _side_by_side(
    work: list[_Job], jobs: int, bars: Progress, tasks: list[TaskID]
) -> list[_Outcome]:
    """Several videos at once, each in a process of its own: a crash costs one video."""
    context = get_context("spawn")
    outcomes: list[_Outcome] = []
    with (
        context.Manager() as manager,
        ProcessPoolExecutor(jobs, mp_context=context, initializer=_ignore_interrupt) as pool,
    ):
        shares = manager.dict()
        waiting: dict[Future[_Outcome], int] = {
            pool.submit(_analyze_apart, job, shares, index): index for index, job in enumerate(work)
        }
        try:
            while waiting:
                done, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
                for index, share in shares.items():
                    bars.update(tasks[index], completed=share)
                for future in done:
                    job = work[waiting.pop(future)]
                    outcomes.append(_result_of(future, job))
                    _report(outcomes[-1])
        except KeyboardInterrupt:
            for future in waiting:
                future.cancel()
            for process in list(pool._processes.values()):  # noqa: SLF001 - no public way
                process.terminate()
            outcomes.append(_interrupted(len(waiting), work[0].lang))
    return outcomes


def _result_of(future: Future[_Outcome], job: _Job) -> _Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        return _Outcome(f"{job.video}: the analysis was ended from outside; run it again.", 3)


def _ignore_interrupt() -> None:
    """Ctrl-C reaches every process of the terminal; only the first one answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _analyze_apart(job: _Job, shares: Any, index: int) -> _Outcome:  # noqa: ANN401 - a proxy
    last = -1.0

    def tell(share: float) -> None:
        nonlocal last
        if share - last >= 0.01:  # a message a frame would cost more than the frame
            last = share
            shares[index] = share

    return _analyze_one(job, tell)


def _analyze_one(job: _Job, tell: _Tell) -> _Outcome:
    """Analyse one video; its errors become its outcome, so that the others go on."""
    from posture.analysis import Progress as Done  # noqa: PLC0415 - keeps --help quick
    from posture.analysis import Request, analyze_video  # noqa: PLC0415
    from posture.annotate import write_annotated_video  # noqa: PLC0415
    from posture.recording import ANNOTATED, write_results  # noqa: PLC0415

    seeing_share = 1.0 - DRAWING_SHARE if job.annotate else 1.0

    def seen(done: Done) -> None:
        if not isnan(done.total_s) and done.total_s > 0:
            tell(min(done.done_s / done.total_s, 1.0) * seeing_share)

    def drawn(share: float) -> None:
        tell(seeing_share + share * DRAWING_SHARE)

    request = Request(job.exercise, job.neutral, job.forward, job.backward, job.model)
    try:
        make_directory(job.folder.parent)
        analysis = analyze_video(job.video, request, on_progress=seen)
        write_results(analysis, job.folder)
        if job.annotate:
            write_annotated_video(analysis, job.folder / ANNOTATED, job.lang, on_progress=drawn)
    except PostureError as error:
        named = str(error) if job.video.name in str(error) else f"{job.video}: {error}"
        return _Outcome(named, error.exit_code)
    tell(1.0)
    if not analysis.judged:
        return _Outcome(_nobody(analysis, job.lang), NobodyError.exit_code)
    return _Outcome(_said(analysis, job))


def _said(analysis: Analysis, job: _Job) -> str:
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


def _report(outcome: _Outcome) -> None:
    if outcome.exit_code == 0:
        click.echo(outcome.sentence)
    else:
        click.echo(f"posture: {outcome.sentence}", err=True)


def _interrupted(left: int, lang: str) -> _Outcome:
    key = "cli.interrupted_one" if left == 1 else "cli.interrupted"
    outcome = _Outcome(text(key, lang, count=left), INTERRUPTED)
    _report(outcome)
    return outcome
