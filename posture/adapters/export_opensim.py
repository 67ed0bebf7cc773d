"""Files for OpenSim: angles as ``.mot``, landmarks as ``.trc``.

Axes are OpenSim's: X ahead, Y up, Z to the person's right. What a single camera knows is less
than what OpenSim expects, so it is said here what the files hold:

* ``.mot``: ``pelvis_tilt`` counts from the person's own neutral, and **backward is positive**, as
  in OpenSim's models; ``pelvis_rotation`` to the own left positive; ``knee_angle_r`` or ``_l`` is
  the knee nearer to the camera, bending positive. Columns nobody measured are left out, and so are
  moments at which one of the others is unknown.
* ``.trc``: landmarks of the pose model in metres. Their origin lies between the hips in every
  picture, so that walking about does not show. A moment without a person has empty cells.

Times are the video's own, and their steps need not be equal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isnan
from pathlib import Path

import numpy as np

from posture.adapters.export import write_text
from posture.datatypes import Facing, FloatArray
from posture.landmarks import Landmark
from posture.pipeline import Result

_USUAL_RATE_HZ = 30.0


def write_mot(results: Sequence[Result], path: Path) -> None:
    """Write angles as OpenSim's motion file.

    Raises:
        OutputError: The file cannot be written.
    """
    samples = [result.sample for result in results]
    near = "l" if _faces_left(results) else "r"
    columns = {
        "pelvis_tilt": [-sample.pelvic_tilt_deg for sample in samples],
        "pelvis_rotation": [sample.pelvis_yaw_deg for sample in samples],
        f"knee_angle_{near}": [sample.knee_flexion_deg for sample in samples],
    }
    known = {name: v for name, v in columns.items() if not all(isnan(one) for one in v)}
    rows = [
        (sample.time_s, *values)
        for sample, *values in zip(samples, *known.values(), strict=True)
        if known and not any(isnan(value) for value in values)
    ]
    header = (
        path.stem,
        "version=1",
        f"nRows={len(rows)}",
        f"nColumns={1 + len(known)}",
        "inDegrees=yes",
        "endheader",
    )
    table = ["\t".join(("time", *known))]
    table += ["\t".join((f"{time_s:.6f}", *map(_number, values))) for time_s, *values in rows]
    write_text("\n".join((*header, *table)) + "\n", path)


def write_trc(results: Sequence[Result], path: Path) -> None:
    """Write landmarks as OpenSim's marker file.

    Raises:
        OutputError: The file cannot be written.
    """
    names = [landmark.name.lower() for landmark in Landmark]
    rate = f"{_rate_hz(results):.6g}"
    count = str(len(results))
    header = (
        ("PathFileType", "4", "(X/Y/Z)", path.name),
        (
            *("DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units"),
            *("OrigDataRate", "OrigDataStartFrame", "OrigNumFrames"),
        ),
        (rate, rate, count, str(len(names)), "m", rate, "1", count),
        ("Frame#", "Time", *"\t\t\t".join(names).split("\t"), "", ""),
        ("", "", *(f"{axis}{n}" for n in range(1, len(names) + 1) for axis in "XYZ")),
        ("",),
    )
    left = _faces_left(results)
    rows = [
        (
            str(number),
            f"{result.sample.time_s:.6f}",
            *_cells(result.observation.world_m, len(names), left=left),
        )
        for number, result in enumerate(results, start=1)
    ]
    write_text("\n".join("\t".join(row) for row in (*header, *rows)) + "\n", path)


def _cells(world_m: FloatArray | None, count: int, *, left: bool) -> list[str]:
    """From x right, y down, z away to X ahead, Y up, Z to the person's right."""
    if world_m is None:
        return [""] * (3 * count)
    turned = world_m * ((-1.0, -1.0, 1.0) if left else (1.0, -1.0, -1.0))
    return [_number(value) for value in turned.ravel()]


def _faces_left(results: Sequence[Result]) -> bool:
    facing = Counter(r.sample.facing for r in results if r.sample.person)
    return facing[Facing.LEFT] > facing[Facing.RIGHT]


def _rate_hz(results: Sequence[Result]) -> float:
    steps = np.diff([result.sample.time_s for result in results])
    return 1.0 / float(np.median(steps)) if len(steps) else _USUAL_RATE_HZ


def _number(value: float) -> str:
    return f"{value + 0.0:.5f}"
