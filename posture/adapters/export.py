"""Results as files: ``timeline.csv``, ``reps.json``, ``summary.json``.

Each file is written beside its place and moved there whole, so that an interruption, a full disk
or a second run never leaves half a file.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from io import StringIO
from math import isnan
from pathlib import Path
from typing import Any

from posture.datatypes import Rep
from posture.errors import OutputError
from posture.pipeline import Result

# Column, attribute of the sample, decimals.
SAMPLE_COLUMNS: tuple[tuple[str, int], ...] = (
    ("pelvic_tilt_deg", 2),
    ("pelvic_tilt_sd_deg", 2),
    ("trunk_lean_deg", 2),
    ("knee_flexion_deg", 2),
    ("pelvis_yaw_deg", 2),
    ("thorax_yaw_deg", 2),
    ("shoulder_hip_knee_deg", 2),
    ("lift_fraction", 3),
)
TIMELINE_HEADER = (
    "frame",
    "time_s",
    "quality",
    "reason",
    "facing",
    "stance",
    *(name for name, _ in SAMPLE_COLUMNS),
    "phase",
    "rep",
)


def timeline_rows(results: Iterable[Result]) -> Iterable[tuple[str, ...]]:
    """One row of text for each frame; an empty cell means "no reading"."""
    for result in results:
        sample = result.sample
        yield (
            str(result.observation.index),
            f"{sample.time_s:.6f}",
            sample.quality,
            sample.reason or "",
            sample.facing if sample.person else "",
            sample.stance or "",
            *(_number(getattr(sample, name), decimals) for name, decimals in SAMPLE_COLUMNS),
            result.phase,
            str(result.rep),
        )


def write_timeline(results: Iterable[Result], path: Path) -> None:
    """Write ``timeline.csv``.

    Raises:
        OutputError: The file cannot be written.
    """
    write_table_csv(TIMELINE_HEADER, timeline_rows(results), path)


def write_table_csv(header: Sequence[str], rows: Iterable[Sequence[object]], path: Path) -> None:
    """Write a table as CSV.

    Raises:
        OutputError: The file cannot be written.
    """
    content = StringIO()
    table = csv.writer(content, lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)
    write_text(content.getvalue(), path)


def write_reps(reps: Iterable[Rep], path: Path) -> None:
    """Write ``reps.json``.

    Raises:
        OutputError: The file cannot be written.
    """
    write_json([rep_record(rep) for rep in reps], path)


def rep_record(rep: Rep) -> dict[str, Any]:
    """A repetition as it stands in ``reps.json``."""
    return {
        "index": rep.index,
        "kind": rep.kind,
        "start_s": round(rep.start_s, 3),
        "peak_s": round(rep.peak_s, 3),
        "end_s": round(rep.end_s, 3),
        "amplitude": round(rep.amplitude, 3),
        "unit": rep.unit,
        "verdict": rep.verdict,
        "faults": list(rep.faults),
    }


def write_json(value: list[Any] | Mapping[str, Any], path: Path) -> None:
    """Write any JSON value, NaN refused.

    Raises:
        OutputError: The file cannot be written.
    """
    write_text(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n", path)


def write_text(content: str, path: Path) -> None:
    """Write a text file.

    Raises:
        OutputError: The file cannot be written.
    """
    write_whole(path, content.encode())


def make_directory(path: Path) -> None:
    """Make a folder for results and check that it can be written to.

    Raises:
        OutputError: It cannot.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".posture-write-test"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputError("error.result.no_folder", path=path, why=_why(error)) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all.

    Raises:
        OutputError: The file cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise OutputError("error.result.not_written", path=path, why=_why(error)) from error
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _number(value: float, decimals: int) -> str:
    if isnan(value):
        return ""
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0.0 else text
