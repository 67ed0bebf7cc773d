"""Results of one recording in its folder, ``DIR/<video stem>/``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from posture.adapters.export import (
    make_directory,
    write_json,
    write_reps,
    write_timeline,
)
from posture.adapters.export_opensim import write_mot, write_trc
from posture.adapters.export_parquet import write_parquet
from posture.analysis import Analysis
from posture.errors import OutputError

TIMELINE = "timeline.csv"
REPS = "reps.json"
SUMMARY = "summary.json"
ANNOTATED = "annotated.mp4"
REPORT = "report.html"
REPORT_PDF = "report.pdf"
PARQUET = "samples.parquet"
MOT = "angles.mot"
TRC = "landmarks.trc"
EXPORTS = {"parquet": (PARQUET,), "opensim": (MOT, TRC)}
ALL = (TIMELINE, REPS, SUMMARY, ANNOTATED, REPORT, REPORT_PDF, PARQUET, MOT, TRC)


def remove_results(folder: Path) -> None:
    """Remove an earlier run's results, so that none of them stands beside new numbers.

    Raises:
        OutputError: One of them cannot be removed.
    """
    for name in ALL:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise OutputError("error.result.in_use", path=folder / name, why=why) from error


def write_results(analysis: Analysis, folder: Path) -> None:
    """Write timeline, repetitions and summary.

    The summary comes last: where it stands, the folder is whole.

    Raises:
        OutputError: The folder cannot be written to.
    """
    make_directory(folder)
    write_timeline(analysis.results, folder / TIMELINE)
    write_reps(analysis.reps, folder / REPS)
    write_json(analysis.summary(), folder / SUMMARY)


def write_exports(analysis: Analysis, folder: Path, kinds: Iterable[str]) -> None:
    """Write the numbers for other programs into a folder that is there.

    Args:
        analysis: A recording.
        folder: Where to.
        kinds: Any of :data:`EXPORTS`.

    Raises:
        OutputError: The folder cannot be written to.
    """
    for kind in kinds:
        if kind == "parquet":
            write_parquet(analysis.results, folder / PARQUET)
        elif kind == "opensim":
            write_mot(analysis.results, folder / MOT)
            write_trc(analysis.results, folder / TRC)
