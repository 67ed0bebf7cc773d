"""``posture analyze``: videos in, one folder of results for each out."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from posture.adapters.export import write_table_csv
from posture.cli_batch import (
    INTERRUPTED,
    Job,
    Outcome,
    run_in_turn,
    run_on_cluster,
    run_side_by_side,
)
from posture.cli_models import ensure_model
from posture.datatypes import TimeWindow
from posture.errors import NobodyError, UsageError
from posture.locales import LANGUAGES, text

MODELS = ("lite", "full", "heavy")
EXPORTS = ("parquet", "opensim")
TABLE = "summary.csv"
VIDEO_ENDINGS = {
    *(".3gp", ".avi", ".flv", ".gif", ".m2ts", ".m4v", ".mkv", ".mov"),
    *(".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".webm", ".wmv"),
}
TABLE_HEADER = (
    "video",
    "status",
    "exercise",
    "duration_s",
    "reading_share",
    "repetitions",
    "good",
    "improve",
    "cannot_judge",
    "tilt_forward_deg",
    "tilt_backward_deg",
    "tilt_sd_deg",
    "minimal_detectable_change_deg",
    "main_reason_without_reading",
    "message",
)


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
@click.option("--report", is_flag=True, help="Also write a report to read, as HTML and PDF.")
@click.option(
    "--export",
    "exports",
    type=click.Choice(EXPORTS),
    multiple=True,
    help="Also write the numbers for other programs; may be given more than once.",
)
@click.option("--model", type=click.Choice(MODELS), default="full", show_default=True)
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="So many videos at once, a core each; without it one after the other, with all cores.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Let the workers of a Dask scheduler do it.")
def analyze(
    videos: tuple[Path, ...],
    exercise: str,
    neutral: TimeWindow | None,
    forward: TimeWindow | None,
    backward: TimeWindow | None,
    out: Path,
    annotate: bool,
    report: bool,
    exports: tuple[str, ...],
    model: str,
    lang: str,
    jobs: int | None,
    scheduler: str | None,
) -> None:
    """Turn practice videos, or folders of them, into tilt, stance and repetitions.

    Writes timeline.csv, reps.json and summary.json into OUT/<video name>/, and for several videos
    OUT/summary.csv. What an earlier run finished with the same settings is not done again.
    """
    _refuse_unknown_exercise(exercise)
    found = _found(videos, out)
    _refuse_one_name_twice(found)
    where = Path.absolute if scheduler else Path  # other processes have another current folder
    threads = None if jobs is None and scheduler is None else 1
    work = [
        Job(
            where(video), where(folder), exercise, neutral, forward, backward, model, annotate,
            report, tuple(sorted(set(exports))), lang, threads,
        )
        for video, folder in found
    ]  # fmt: skip
    if scheduler is None:
        ensure_model(model, lang)
    outcomes = _run(work, jobs, scheduler)
    finished = [outcome for outcome in outcomes if outcome.exit_code != INTERRUPTED]
    if finished and (len(work) > 1 or any(video.is_dir() for video in videos)):
        finished.sort(key=lambda outcome: work.index(outcome.job))
        write_table_csv(TABLE_HEADER, [_table_row(outcome) for outcome in finished], out / TABLE)
    sys.exit(max((outcome.exit_code for outcome in outcomes), default=0))


def _found(named: Sequence[Path], out: Path) -> list[tuple[Path, Path]]:
    """Every video with the folder for its results; in a folder all videos at any depth.

    Raises:
        UsageError: A folder holds no video.
    """
    found: list[tuple[Path, Path]] = []
    for path in named:
        if not path.is_dir():
            found.append((path, out / path.stem))
            continue
        inside = [video for video in sorted(path.rglob("*")) if _is_video(video, path, out)]
        if not inside:
            raise UsageError("error.video.none_in_folder", folder=path)
        found += [(video, out / video.relative_to(path).with_suffix("")) for video in inside]
    return list(dict.fromkeys(found))


def _is_video(path: Path, folder: Path, out: Path) -> bool:
    """Whether it is one of the user's own videos: not hidden, and not one of our results."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    ours = path.absolute().is_relative_to(out.absolute()) or (path.parent / "run.json").exists()
    return path.suffix.lower() in VIDEO_ENDINGS and path.is_file() and not hidden and not ours


def _refuse_one_name_twice(found: Sequence[tuple[Path, Path]]) -> None:
    for folder, count in Counter(folder for _, folder in found).items():
        if count > 1:
            raise UsageError("error.video.same_name", count=count, name=folder.name)


def _refuse_unknown_exercise(exercise: str) -> None:
    from posture.exercises import get_exercise  # noqa: PLC0415 - keeps --help quick

    get_exercise(exercise)


class _Bars:
    """Shows how far the work is, and says what became of each video."""

    def __init__(self, bars: Progress, tasks: Sequence[TaskID]) -> None:
        self._bars, self._tasks = bars, tasks

    def share(self, index: int, share: float) -> None:
        self._bars.update(self._tasks[index], completed=share)

    def finished(self, outcome: Outcome) -> None:
        sentence = outcome.sentence
        if outcome.done_before:
            sentence = text("cli.done_before", outcome.job.lang, sentence=sentence)
        if outcome.exit_code == 0:
            click.echo(sentence)
        else:
            click.echo(f"posture: {sentence}", err=True)


def _run(work: Sequence[Job], jobs: int | None, scheduler: str | None) -> list[Outcome]:
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal or scheduler is not None,
    ) as bars:
        watch = _Bars(bars, [bars.add_task(job.video.name, total=1.0) for job in work])
        if scheduler is not None:
            return run_on_cluster(work, scheduler, watch)
        at_once = min(jobs or 1, len(work))
        if at_once > 1:
            return run_side_by_side(work, at_once, watch)
        return run_in_turn(work, watch)


def _table_row(outcome: Outcome) -> tuple[object, ...]:
    job, message = outcome.job, outcome.sentence.replace("\n", " ")
    if outcome.exit_code not in {0, NobodyError.exit_code}:
        return (job.video, "failed", job.exercise, *[""] * (len(TABLE_HEADER) - 4), message)
    summary = json.loads((job.folder / "summary.json").read_text(encoding="utf-8"))
    reps, tilt = summary["repetitions"], summary["pelvic_tilt"] or {}
    values = (
        job.video,
        "nobody" if outcome.exit_code else "done",
        job.exercise,
        summary["video"]["duration_s"],
        summary["coverage"]["reading_share"],
        reps["count"],
        *(reps["by_verdict"][verdict] for verdict in ("good", "improve", "cannot_judge")),
        tilt.get("forward_deg"),
        tilt.get("backward_deg"),
        tilt.get("sd_deg"),
        tilt.get("minimal_detectable_change_deg"),
        next(iter(summary["no_reading_seconds"]), None),
        message,
    )
    return tuple("" if value is None else value for value in values)
