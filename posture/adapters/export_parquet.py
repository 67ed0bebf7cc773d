"""Samples as Parquet: one row for each picture, every column with its unit and meaning.

:data:`COLUMNS` is the documentation; the same words stand in the file, as metadata of each field
(``unit``, ``meaning``). A number that was not measured is null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from posture.errors import OutputError
from posture.pipeline import Result

_TEXT = pa.dictionary(pa.int8(), pa.string())


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file.

    Attributes:
        name: Its name.
        unit: Its unit; empty where it has none.
        meaning: What it says.
        type: How it is stored.
        value: Where it comes from.
    """

    name: str
    unit: str
    meaning: str
    type: pa.DataType
    value: Callable[[Result], Any]


def _sampled(name: str) -> Callable[[Result], Any]:
    return lambda result: getattr(result.sample, name)


def _number(name: str, unit: str, meaning: str) -> Column:
    return Column(name, unit, meaning, pa.float64(), _sampled(name))


def _word(name: str, meaning: str) -> Column:
    def value(result: Result) -> str | None:
        word = getattr(result.sample, name)
        return None if word is None else str(word)

    return Column(name, "", meaning, _TEXT, value)


COLUMNS: tuple[Column, ...] = (
    Column("frame", "", "count from 0", pa.int32(), lambda r: r.observation.index),
    _number("time_s", "s", "time from the first picture"),
    _word("quality", "good, fair or none"),
    _word("reason", "why there is no reading, or only a fair one"),
    Column("person", "", "whether anybody was found", pa.bool_(), _sampled("person")),
    _word("facing", "where the person looks in the picture"),
    _word("view", "how the camera sees the trunk"),
    _word("position", "standing, sitting or lying"),
    _word("stance", "neutral, forward or backward"),
    _number("pelvic_tilt_deg", "deg", "from the own neutral, forward positive"),
    _number("pelvic_tilt_sd_deg", "deg", "standard uncertainty of the tilt"),
    _number("trunk_lean_deg", "deg", "trunk against the vertical, forward positive"),
    _number("knee_flexion_deg", "deg", "0 is a straight knee"),
    _number("pelvis_yaw_deg", "deg", "turn since neutral, to the own left positive"),
    _number("pelvis_yaw_sd_deg", "deg", "standard uncertainty of the turn"),
    _number("thorax_yaw_deg", "deg", "turn of the shoulders, to the own left positive"),
    _number("head_yaw_deg", "deg", "turn of the head, to the own left positive"),
    _number("head_pitch_deg", "deg", "nod of the head since neutral, down positive"),
    _number("shoulder_hip_knee_deg", "deg", "180 is a straight line"),
    _number("lift_fraction", "", "lying: 0 resting, 1 hips in line with shoulders and knees"),
    _number("hip_height", "body scale", "hip above the ankles since neutral, up positive"),
    _number("hip_shift", "body scale", "hip over the ankles since neutral, forward positive"),
    _number("ankle_shift", "body scale", "how far the feet moved since neutral"),
    _number("pelvis_list_deg", "deg", "front views: own left side up positive"),
    _number("knee_spread", "", "front views: gap of the knees over gap of the ankles"),
    Column(
        "legs_crossed", "", "whether the legs are crossed", pa.bool_(), _sampled("legs_crossed")
    ),
    _number("trunk_pitch_deg", "deg", "trunk in space, from the front too, forward positive"),
    _number("trunk_yaw_deg", "deg", "where the trunk faces: 0 the camera, +90 the picture's right"),
    Column("phase", "", "of the exercise", _TEXT, lambda r: r.phase),
    Column("rep", "", "repetitions finished so far", pa.int32(), lambda r: r.rep),
)


def samples_table(results: Sequence[Result]) -> pa.Table:
    """Return the samples as a table with :data:`COLUMNS`, one row for each picture."""
    fields, arrays = [], []
    for column in COLUMNS:
        about = {"unit": column.unit, "meaning": column.meaning}
        fields.append(pa.field(column.name, column.type, metadata=about))
        values = [column.value(result) for result in results]
        # from_pandas: NaN is null.
        arrays.append(pa.array(values, type=column.type, from_pandas=True))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def write_parquet(results: Sequence[Result], path: Path) -> None:
    """Write ``samples.parquet``.

    Raises:
        OutputError: The file cannot be written.
    """
    write_table(samples_table(results), path)


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table as Parquet, whole or not at all.

    Raises:
        OutputError: The file cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        pq.write_table(table, part, compression="zstd")
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        why = (error.strerror or str(error)).lower()
        raise OutputError("error.result.table_not_written", path=path, why=why) from error
