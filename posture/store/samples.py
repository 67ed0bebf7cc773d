"""A whole analysis in one Parquet file, and back again without a difference.

The file's columns are those of :mod:`posture.adapters.export_parquet`, for anybody to read, and
after them what was seen (landmarks, outline, measures), so that a stored session can be shown,
corrected and analysed anew without its video. What belongs to the session as a whole (neutral,
repetitions, events, the video's properties) stands as JSON in the file's metadata.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from itertools import repeat
from math import isnan, nan
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from posture.adapters.export_parquet import COLUMNS, samples_table, write_table
from posture.adapters.video_reader import VideoInfo
from posture.analysis import Analysis, Request
from posture.bodies import PLACE, Bodies
from posture.contour import LINE_COUNT, LINE_HEIGHTS, edges_px
from posture.corrections import ORIGINAL, Corrections
from posture.datatypes import (
    Contour,
    Event,
    EventKind,
    Facing,
    FloatArray,
    Position,
    PostureSample,
    Quality,
    Reason,
    Rep,
    RepKind,
    Stance,
    TimeWindow,
    Verdict,
    View,
)
from posture.errors import InputError
from posture.features import Measures, Observation
from posture.landmarks import POINT_COUNT
from posture.pelvis.calibration import Calibration
from posture.pipeline import Result
from posture.surface import PLACE_COUNT

SAMPLES_VERSION = 1
_KEY = b"posture"
_MEASURE = "measure."
_OBSERVED = "observed."
_SAMPLE_NAMES = tuple(f.name for f in fields(PostureSample))
_MEASURE_NAMES = tuple(f.name for f in fields(Measures))
_WORDS: Mapping[str, type[Any]] = {
    "quality": Quality,
    "reason": Reason,
    "facing": Facing,
    "view": View,
    "position": Position,
    "stance": Stance,
}
T = TypeVar("T")


class _Rows(NamedTuple):
    """A column of which each row holds several numbers."""

    name: str
    length: int
    kind: Any
    value: Callable[[Any], Any]


_LANDMARK_ROWS = (
    _Rows("landmarks_px", 66, np.float32, lambda o: o.landmarks_px),
    _Rows("world_m", 99, np.float32, lambda o: o.world_m),
    _Rows("seen", 33, np.bool_, lambda o: o.seen),
)
_SURFACE_ROWS = (_Rows("surface_shift", PLACE_COUNT, np.float32, lambda o: o.surface_shift),)
_CONTOUR_ROWS = (
    _Rows("contour.back", LINE_COUNT, np.float32, lambda c: c.back),
    _Rows("contour.front", LINE_COUNT, np.float32, lambda c: c.front),
    _Rows("contour.sharpness", LINE_COUNT, np.float32, lambda c: c.sharpness),
    _Rows("contour.origin_px", 2, np.float64, lambda c: c.origin_px),
    _Rows("contour.scale_px", 1, np.float64, lambda c: c.scale_px),
    _Rows("contour.forward_sign", 1, np.int8, lambda c: c.forward_sign),
    _Rows("contour.turned", 1, np.int8, lambda c: c.turned),
)


def write_samples(analysis: Analysis, path: Path, *, seen: bool = True) -> None:
    """Write an analysis; without what was seen it is for :func:`read_numbers` alone.

    Raises:
        OutputError: The file cannot be written.
    """
    table = samples_table(analysis.results)
    if seen:
        for name, array in _observed([r.observation for r in analysis.results]).items():
            table = table.append_column(name, array)
    about = json.dumps(_whole(analysis), ensure_ascii=False)
    write_table(table.replace_schema_metadata({_KEY: about.encode()}), path)


def read_samples(path: Path, video: Path | None = None) -> Analysis:
    """Read an analysis.

    Args:
        path: The file.
        video: Where the video lies now; by default where it was when it was analysed.

    Raises:
        InputError: The file is gone, damaged, or was written by a newer version.
    """
    return read_seen(read_numbers(path, video), path)


def read_numbers(path: Path, video: Path | None = None) -> Analysis:
    """Read an analysis without what was seen, in a third of the time.

    Its observations know no more than which picture and when; :func:`read_seen` fills in the rest.

    Raises:
        InputError: As :func:`read_samples`.
    """
    with _told(path), pq.ParquetFile(path) as file:
        about = json.loads((file.schema_arrow.metadata or {})[_KEY])
        there = set(file.schema_arrow.names)
        table = file.read([column.name for column in COLUMNS if column.name in there])
    if about["samples_version"] > SAMPLES_VERSION:
        raise InputError("error.session.newer")
    with _damage_told(path):
        return _analysis(table, about, video)


def read_seen(analysis: Analysis, path: Path) -> Analysis:
    """Return an analysis of :func:`read_numbers` with everything that was seen.

    Raises:
        InputError: As :func:`read_samples`.
    """
    known = {column.name for column in COLUMNS} - {"frame", "time_s"}
    with _told(path), pq.ParquetFile(path) as file:
        table = file.read([name for name in file.schema_arrow.names if name not in known])
    with _damage_told(path):
        return analysis.having_seen(_observations(table))


def read_bodies(path: Path) -> Bodies:
    """Read only what is drawn of the body.

    Raises:
        InputError: As :func:`read_samples`.
    """
    kept = {rows.name: rows for rows in (*_LANDMARK_ROWS, *_CONTOUR_ROWS)}
    del kept["world_m"], kept["contour.sharpness"]
    flags, sizes = ["observed", "outlined"], ["width_px", "height_px"]
    with _told(path):
        table = pq.read_table(path, columns=[*flags, *sizes, *kept])
    with _damage_told(path):
        rows = {name: _stacked(table, name, of.length) for name, of in kept.items()}
        observed, outlined = (np.array(table.column(name), bool)[:, None] for name in flags)
        points = rows["landmarks_px"].reshape(-1, POINT_COUNT, 2).astype(np.float64)
        points[~(rows["seen"] & observed)] = np.nan
        place = [rows["contour.origin_px"]]
        place += [rows[f"contour.{name}"][:, 0] for name in PLACE[1:]]
        edges = edges_px(-rows["contour.back"], *place), edges_px(rows["contour.front"], *place)
        back, front = (np.where(outlined[..., None], edge, np.nan) for edge in edges)
        width, height = (table.column(name)[0].as_py() if len(table) else 1 for name in sizes)
        return Bodies((width, height), points, back, front)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in one sentence that a file cannot be read."""
    try:
        yield
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise InputError("error.session.samples_gone", name=path.name) from error


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    """Say in one sentence that there is something else in a file than there should be."""
    try:
        yield
    except (KeyError, ValueError, TypeError, IndexError, pa.ArrowException) as error:
        raise InputError("error.session.samples_damaged", name=path.name) from error


def _observed(observations: Sequence[Observation]) -> dict[str, pa.Array]:
    contours = [o.contour for o in observations]
    columns: dict[str, pa.Array] = {
        "observed": pa.array([o.landmarks_px is not None for o in observations]),
        "outlined": pa.array([c is not None for c in contours]),
        "width_px": pa.array([o.image_size_px[0] for o in observations], pa.int32()),
        "height_px": pa.array([o.image_size_px[1] for o in observations], pa.int32()),
        "brightness": pa.array([o.brightness for o in observations], pa.float64()),
    }
    for word in ("facing", "view", "position"):
        words = [str(getattr(o, word)) for o in observations]
        columns[_OBSERVED + word] = pa.array(words).dictionary_encode()
    columns[_OBSERVED + "legs_crossed"] = pa.array(
        [o.legs_crossed for o in observations], pa.bool_()
    )
    for name in _MEASURE_NAMES:
        values = [float(getattr(o.measures, name)) for o in observations]
        columns[_MEASURE + name] = pa.array(values, pa.float64())
    for name, length, kind, value in _LANDMARK_ROWS:
        rows = [None if o.landmarks_px is None else value(o) for o in observations]
        columns[name] = _rows(rows, length, kind)
    columns["surface_key"] = pa.array([o.surface_key for o in observations], pa.int32())
    for name, length, kind, value in _SURFACE_ROWS:
        columns[name] = _rows(map(value, observations), length, kind)
    for name, length, kind, value in _CONTOUR_ROWS:
        columns[name] = _rows([None if c is None else value(c) for c in contours], length, kind)
    return columns


def _rows(values: Iterable[Any], length: int, kind: Any) -> pa.Array:  # noqa: ANN401 - a dtype
    """Rows of equal length; a missing one is zeros."""
    empty = np.zeros(length, kind)
    rows = [empty if v is None else np.asarray(v, kind).reshape(length) for v in values]
    flat = np.concatenate(rows) if rows else np.empty(0, kind)
    return pa.FixedSizeListArray.from_arrays(pa.array(flat), length)


def _whole(analysis: Analysis) -> dict[str, Any]:
    info, request, neutral = analysis.info, analysis.request, analysis.calibration
    return {
        "samples_version": SAMPLES_VERSION,
        "path": str(analysis.path),
        "info": {f.name: _plain(getattr(info, f.name)) for f in fields(info) if f.name != "path"},
        "request": {
            "exercise": request.exercise,
            "neutral": _window(request.neutral),
            "forward": _window(request.forward),
            "backward": _window(request.backward),
            "model": request.model,
        },
        "calibration": None if neutral is None else _neutral(neutral),
        "reps": [rep_json(rep) for rep in analysis.reps],
        "events": [_event(event) for event in analysis.events],
        # How many of the events belong to each picture; the rest came at the end.
        "events_in_frames": {
            str(i): len(r.events) for i, r in enumerate(analysis.results) if r.events
        },
        "neutral_found": analysis.neutral_found,
        "people_at_once": analysis.people_at_once,
        "damage": analysis.damage,
        "model_sha256": analysis.model_sha256,
        "estimator": analysis.estimator,
        "corrections": analysis.corrections.to_json() if analysis.corrections else None,
    }


def _neutral(neutral: Calibration) -> dict[str, Any]:
    return {
        "window": _window(neutral.window),
        "frames": neutral.frames,
        "facing": neutral.facing,
        "view": neutral.view,
        "position": neutral.position,
        "measures": {name: _plain(getattr(neutral.measures, name)) for name in _MEASURE_NAMES},
        "features": [_plain(v) for v in neutral.features.tolist()],
        "turn_features": [_plain(v) for v in neutral.turn_features.tolist()],
        "forward_deg": _plain(neutral.forward_deg),
        "backward_deg": _plain(neutral.backward_deg),
    }


def rep_json(rep: Rep) -> dict[str, Any]:
    """Return a repetition with every digit, ready for JSON."""
    return {f.name: getattr(rep, f.name) for f in fields(rep)}


def rep_of(given: Mapping[str, Any]) -> Rep:
    """Return the repetition of :func:`rep_json`.

    Raises:
        KeyError, ValueError, TypeError: It is none.
    """
    return Rep(
        index=int(given["index"]),
        kind=RepKind(given["kind"]),
        start_s=float(given["start_s"]),
        peak_s=float(given["peak_s"]),
        end_s=float(given["end_s"]),
        amplitude=float(given["amplitude"]),
        unit=str(given["unit"]),
        verdict=Verdict(given["verdict"]),
        faults=tuple(str(fault) for fault in given["faults"]),
        hold_s=float(given["hold_s"]),
        measures=tuple((str(name), float(value)) for name, value in given["measures"]),
    )


def _event(event: Event) -> dict[str, Any]:
    rep = None if event.rep is None else rep_json(event.rep)
    return {"time_s": event.time_s, "kind": event.kind, "id": event.id, "rep": rep}


def _window(window: TimeWindow | None) -> list[float] | None:
    return None if window is None else [window.start_s, window.end_s]


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """NaN has no place in JSON."""
    return None if isinstance(value, float) and isnan(value) else value


def _float(value: float | None) -> float:
    return nan if value is None else float(value)


def _analysis(table: pa.Table, about: Mapping[str, Any], video: Path | None) -> Analysis:
    path = video or Path(about["path"])
    rate, length = _float(about["info"]["frame_rate"]), _float(about["info"]["duration_s"])
    info = VideoInfo(**{**about["info"], "path": path, "frame_rate": rate, "duration_s": length})
    asked = about["request"]
    request = Request(
        exercise=asked["exercise"],
        neutral=_window_of(asked["neutral"]),
        forward=_window_of(asked["forward"]),
        backward=_window_of(asked["backward"]),
        model=asked["model"],
    )
    events = tuple(_event_of(given) for given in about["events"])
    corrected = about["corrections"]
    return Analysis(
        path=path,
        info=info,
        request=request,
        results=_results(table, events, about["events_in_frames"]),
        reps=tuple(rep_of(given) for given in about["reps"]),
        events=events,
        calibration=_neutral_of(about["calibration"]),
        neutral_found=about["neutral_found"],
        people_at_once=about["people_at_once"],
        damage=about["damage"],
        model_sha256=about["model_sha256"],
        estimator=about["estimator"],
        corrections=Corrections.from_json(corrected) if corrected else ORIGINAL,
    )


def _window_of(given: Sequence[float] | None) -> TimeWindow | None:
    return None if given is None else TimeWindow(float(given[0]), float(given[1]))


def _event_of(given: Mapping[str, Any]) -> Event:
    rep = None if given["rep"] is None else rep_of(given["rep"])
    return Event(given["time_s"], EventKind(given["kind"]), given["id"], rep)


def _neutral_of(given: Mapping[str, Any] | None) -> Calibration | None:
    if given is None:
        return None
    start_s, end_s = given["window"]
    return Calibration(
        window=TimeWindow(start_s, end_s),
        frames=given["frames"],
        facing=Facing(given["facing"]),
        view=View(given["view"]),
        position=Position(given["position"]),
        measures=Measures(**{name: _float(value) for name, value in given["measures"].items()}),
        features=_array(given["features"]),
        turn_features=_array(given["turn_features"]),
        forward_deg=_float(given["forward_deg"]),
        backward_deg=_float(given["backward_deg"]),
    )


def _array(values: Sequence[float | None]) -> FloatArray:
    return np.array([_float(value) for value in values], dtype=np.float64)


def _results(
    table: pa.Table, events: Sequence[Event], events_in_frames: Mapping[str, int]
) -> tuple[Result, ...]:
    names = [column.name for column in COLUMNS if column.name in table.column_names]
    plain = {name: _column(table, name) for name in names}
    samples = _made(PostureSample, {n: plain[n] for n in _SAMPLE_NAMES if n in plain})
    unseen = map(Observation, plain["frame"], plain["time_s"], repeat((0, 0)), repeat(nan))
    said: list[tuple[Event, ...]] = [()] * len(samples)
    told = 0
    for index, count in sorted((int(i), count) for i, count in events_in_frames.items()):
        said[index] = tuple(events[told : told + count])
        told += count
    return tuple(map(Result, unseen, samples, said, plain["phase"], plain["rep"]))


def _column(table: pa.Table, name: str) -> list[Any]:
    """One column's values as the samples have them: numbers with NaN, words with their type."""
    column = table.column(name)
    if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type):
        return _words(column, _WORDS.get(name.removeprefix(_OBSERVED), str))
    if pa.types.is_floating(column.type) or not column.null_count:
        return _numbers(column.combine_chunks()).tolist()  # type: ignore[no-any-return]
    return column.to_pylist()  # type: ignore[no-any-return]


def _numbers(values: pa.Array, missing: float = nan) -> npt.NDArray[Any]:
    """Numbers or truths, ``missing`` for null; pyarrow's own ways load pandas, half a second."""
    if pa.types.is_boolean(values.type):
        return _numbers(values.cast(pa.uint8())).astype(bool)
    if not len(values):
        return np.empty(0)
    kind = values.type.to_pandas_dtype()
    numbers = np.frombuffer(values.buffers()[1], kind)[values.offset : values.offset + len(values)]
    if not values.null_count:
        return numbers
    return np.where(_numbers(values.is_valid()), numbers, kind(missing))


def _words(column: pa.ChunkedArray, word: Callable[[str], Any]) -> list[Any]:
    """Words, each made once; ``None`` where there is none."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    encoded = column.combine_chunks()
    known = [*map(word, encoded.dictionary.to_pylist()), None]
    return [known[code] for code in _numbers(encoded.indices, -1).tolist()]


def _made(kind: Callable[..., T], columns: Mapping[str, list[Any]]) -> list[T]:
    """One value for each row; a field that the file does not have, being older, is unknown."""
    if tuple(columns) == tuple(field.name for field in fields(kind)):  # type: ignore[arg-type]
        return list(map(kind, *columns.values()))
    rows = zip(*columns.values(), strict=True)
    return [kind(**dict(zip(columns, row, strict=True))) for row in rows]


def _observations(table: pa.Table) -> list[Observation]:
    names = [n for n in _MEASURE_NAMES if _MEASURE + n in table.column_names]
    measures = _made(Measures, {n: _column(table, _MEASURE + n) for n in names})
    observed, outlined = _column(table, "observed"), _column(table, "outlined")
    sizes = zip(_column(table, "width_px"), _column(table, "height_px"), strict=True)
    words = [_column(table, _OBSERVED + name) for name in ("facing", "view", "position")]
    rows = {
        name: _stacked(table, name, length)
        for name, length, *_ in (*_LANDMARK_ROWS, *_CONTOUR_ROWS)
    }
    count = len(observed)
    found = [
        (landmarks, world, on_body) if person else (None, None, None)
        for landmarks, world, on_body, person in zip(
            rows["landmarks_px"].reshape(count, 33, 2),
            rows["world_m"].reshape(count, 33, 3),
            rows["seen"],
            observed,
            strict=True,
        )
    ]
    edges = (rows[f"contour.{name}"] for name in ("back", "front", "sharpness"))
    scales, signs, turns = (
        rows[f"contour.{name}"][:, 0].tolist() for name in ("scale_px", "forward_sign", "turned")
    )
    outlines = zip(*edges, scales, rows["contour.origin_px"], signs, turns, strict=True)
    contours = [
        Contour(LINE_HEIGHTS, *outline) if there else None
        for there, outline in zip(outlined, outlines, strict=True)
    ]
    return list(
        map(
            Observation,
            _column(table, "frame"),
            _column(table, "time_s"),
            sizes,
            _column(table, "brightness"),
            *(zip(*found, strict=True) if found else ((), (), ())),
            contours,
            measures,
            *words,
            _column(table, _OBSERVED + "legs_crossed"),
            *_surface(table),
        )
    )


def _surface(table: pa.Table) -> tuple[list[np.ndarray | None], list[int]]:
    """Surface shifts and their keys; without either in a file from before there were any."""
    if "surface_key" not in table.column_names:
        return [None] * table.num_rows, [-1] * table.num_rows
    keys = _column(table, "surface_key")
    shifts = _stacked(table, "surface_shift", PLACE_COUNT)
    return [shift if key >= 0 else None for shift, key in zip(shifts, keys, strict=True)], keys


def _stacked(table: pa.Table, name: str, length: int) -> np.ndarray:
    values = table.column(name).combine_chunks().flatten()
    return _numbers(values).copy().reshape(-1, length)
