"""Results of one recording in its folder, ``DIR/<video stem>/``."""

from __future__ import annotations

from pathlib import Path

from posture.adapters.export import (
    make_directory,
    write_json,
    write_reps,
    write_timeline,
)
from posture.analysis import Analysis

TIMELINE = "timeline.csv"
REPS = "reps.json"
SUMMARY = "summary.json"
ANNOTATED = "annotated.mp4"


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
