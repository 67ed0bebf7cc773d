"""Every real file of the shared test data is read as a player would show it, or refused."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from posture.adapters.video_reader import VideoInfo, VideoReader, open_video
from posture.adapters.video_writer import write_annotated
from posture.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


class Known(NamedTuple):
    """What is known about a file from its own description or from counting by hand."""

    file: str
    frames: int
    last_s: float
    shown: tuple[int, int]
    codec: str
    rotation_deg: int = 0
    sound: bool = False
    damaged: bool = False


READABLE = [
    Known("containers/decord_corrupted.mp4", 49, 4.9, (1280, 720), "h264", damaged=True),
    Known("containers/decord_video_180.mov", 3, 2 / 30, (568, 320), "h264", 180),
    Known("containers/decord_video_90.mov", 3, 2 / 30, (320, 568), "h264", 90),
    Known("containers/mediapipe_MKV_VP8_VORBIS.video", 180, 5.967, (640, 320), "vp8", sound=True),
    Known("containers/mp4p_no_timescale.mp4", 170, 6.0092, (320, 240), "h264", damaged=True),
    Known("containers/tc_animated.gif", 4, 0.3, (64, 48), "gif"),
    Known("containers/tc_av1_video.mkv", 125, 4.96, (640, 360), "av1"),
    Known("containers/tc_bt709_full_range.mp4", 30, 29 / 30, (1280, 720), "h264"),
    Known("containers/tc_h265_10bits.mp4", 30, 29 / 30, (200, 200), "hevc"),
    Known("containers/tc_nasa_13013_rotated.mp4", 17, 16 * 1001 / 30000, (270, 480), "h264", 270),
    Known("containers/tc_test_non_zero_start.mp4", 12, 11 / 30, (199, 112), "h264"),
    Known("containers/tc_testsrc2_mpeg4.avi", 30, 29 / 30, (1280, 720), "mpeg4"),
    Known("containers/tc_testsrc2_odd_width_vp9.mp4", 25, 0.96, (321, 240), "vp9"),
    Known("mocap/squat/video.mp4", 807, 806 / 60, (720, 1280), "h264"),
    Known("mocap/walk/video.mp4", 75, 74 / 60, (720, 1280), "h264"),
    Known("mocap/walk_ts/video.mp4", 89, 88 / 60, (720, 1280), "h264"),
    Known("people/kitchen_upper_body.mkv", 310, 10.3, (426, 240), "h264", sound=True),
    Known("people/one_by_one.mp4", 1394, 139.3, (768, 432), "h264"),
    Known("people/pose_1.mp4", 120, 119 / 30, (576, 576), "h264"),
    Known("people/pose_squats.mp4", 65, 12.8, (720, 1280), "h264"),
    Known("people/walker_side.mp4", 230, 229 / 30, (1768, 994), "vp9", sound=True),
]

REFUSED = [
    "containers/mp4p_chunk_out_of_range.mp4",
    "people/pose.jpg",
    "people/pose_1.json",
    "people/pose_squats.full.json",
    "photos/Butt_Lift_Bridge_0.jpg",
]


class Read(NamedTuple):
    info: VideoInfo
    times_s: list[float]
    shapes: set[tuple[int, ...]]
    mean_rgb: np.ndarray
    damage: str | None


def read_all(reader: VideoReader) -> Read:
    """Read to the end, holding on to no picture."""
    times_s, shapes, total = [], set(), np.zeros(3)
    for frame in reader:
        times_s.append(frame.time_s)
        shapes.add(frame.image_rgb.shape)
        total += frame.image_rgb[::8, ::8].mean(axis=(0, 1))
    return Read(reader.info, times_s, shapes, total / len(times_s), reader.damage)


@pytest.mark.parametrize("known", READABLE, ids=lambda known: known.file)
def test_a_readable_file_is_read_whole(shared_testdata: Path, known: Known) -> None:
    with open_video(shared_testdata / known.file) as reader:
        read = read_all(reader)
    info = read.info
    assert len(read.times_s) == known.frames
    assert read.times_s[0] == 0.0
    assert read.times_s[-1] == pytest.approx(known.last_s, abs=5e-4)
    assert all(b - a >= 0.001 - 1e-9 for a, b in pairwise(read.times_s))
    assert (info.width_px, info.height_px) == known.shown
    assert read.shapes == {(info.analysed_height_px, info.analysed_width_px, 3)}
    assert max(info.analysed_height_px, info.analysed_width_px) <= 960
    assert (info.codec, info.rotation_deg, info.has_audio) == (
        known.codec,
        known.rotation_deg,
        known.sound,
    )
    assert (read.damage is not None) == known.damaged
    if info.frame_count_estimate is not None:
        assert info.frame_count_estimate == pytest.approx(known.frames, rel=0.08)


@pytest.mark.parametrize("file", REFUSED)
def test_any_other_file_is_refused_with_one_sentence(shared_testdata: Path, file: str) -> None:
    path = shared_testdata / file
    with pytest.raises(InputError) as caught:
        open_video(path)
    sentence = str(caught.value)
    assert path.name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_no_shared_container_is_left_out(shared_testdata: Path) -> None:
    named = {known.file for known in READABLE} | set(REFUSED)
    for folder in ("containers", "people"):
        present = {f"{folder}/{path.name}" for path in (shared_testdata / folder).iterdir()}
        assert present <= named


@pytest.mark.parametrize("clip", ["walk", "walk_ts", "squat"])
def test_only_what_the_edit_list_shows_is_read(shared_testdata: Path, clip: str) -> None:
    path = shared_testdata / "mocap" / clip / "video.mp4"
    edit_start, composition_times, ticks_per_s = edit_list_facts(path.read_bytes())
    shown = [time for time in composition_times if time >= edit_start]
    assert len(shown) < len(composition_times), "the header promises more than is shown"
    with open_video(path) as reader:
        times_s = [frame.time_s for frame in reader]
    assert times_s == pytest.approx([(time - shown[0]) / ticks_per_s for time in shown])


def test_full_range_colours_are_as_bright_as_they_were(shared_testdata: Path) -> None:
    with open_video(shared_testdata / "containers/tc_bt709_full_range.mp4") as reader:
        image = next(iter(reader)).image_rgb
    assert image.min() <= 12
    assert image.max() >= 243


@pytest.mark.parametrize(
    "file",
    [
        "people/kitchen_upper_body.mkv",
        "containers/mediapipe_MKV_VP8_VORBIS.video",
        "containers/tc_test_non_zero_start.mp4",
        "containers/decord_video_90.mov",
    ],
)
def test_a_written_video_has_the_times_size_and_sound_of_its_source(
    shared_testdata: Path, tmp_path: Path, file: str
) -> None:
    target = tmp_path / "out.mp4"
    write_annotated(shared_testdata / file, target, lambda image_rgb, _: image_rgb)
    with open_video(shared_testdata / file) as reader:
        source = read_all(reader)
    with open_video(target) as reader:
        written = read_all(reader)
    assert written.times_s == pytest.approx(source.times_s, abs=2e-5)
    assert written.damage is None
    assert written.info.has_audio == source.info.has_audio
    assert written.info.rotation_deg == 0
    assert abs(written.info.width_px - source.info.width_px) <= 1
    assert abs(written.info.height_px - source.info.height_px) <= 1
    assert np.abs(written.mean_rgb - source.mean_rgb).max() < 3


def edit_list_facts(data: bytes) -> tuple[int, list[int], int]:
    """Edit start, sorted composition times (both in ticks) and ticks per second of an MP4.

    Reads the boxes themselves, so that it shares nothing with the reader under test.
    """

    def runs(box: bytes, pattern: str) -> list[tuple[int, int]]:
        at = data.index(box) + 8
        (count,) = struct.unpack_from(">I", data, at)
        return list(struct.iter_unpack(pattern, data[at + 4 : at + 4 + 8 * count]))  # type: ignore[arg-type]

    (ticks_per_s,) = struct.unpack_from(">I", data, data.index(b"mdhd") + 16)
    (edit_start,) = struct.unpack_from(">i", data, data.index(b"elst") + 16)
    durations = [ticks for count, ticks in runs(b"stts", ">II") for _ in range(count)]
    offsets = [ticks for count, ticks in runs(b"ctts", ">Ii") for _ in range(count)]
    starts = np.concatenate([[0], np.cumsum(durations)[:-1]])
    return edit_start, sorted(int(t) for t in starts + offsets), ticks_per_s
